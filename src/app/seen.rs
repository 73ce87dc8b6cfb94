//! What is seen at the moment, kept from one picture to the next: as long as no event comes or goes, all of it stays as
//! it is; and where time goes on, what was seen before is led on. Of a large world it takes a while to make.

use std::cell::{OnceCell, RefCell};

use crate::broker::EventId;
use crate::director::Stage;
use crate::world::World;

use super::Run;

/// The stage and the world of a moment, made when they are first asked for.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    of: Of,
    stage: Kept<Stage>,
    world: Kept<World>,
}

/// What they are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Of {
    shown: usize,
    cues: usize,
    events: usize,
    inputs: u64,
}

/// A state with its position in the run, and the one before it that it can be led on from.
#[derive(Clone, Debug)]
struct Kept<S> {
    now: OnceCell<(usize, S)>,
    before: RefCell<Option<(usize, S)>>,
}

impl<S> Default for Kept<S> {
    fn default() -> Self {
        Self {
            now: OnceCell::new(),
            before: RefCell::new(None),
        }
    }
}

impl<S> Kept<S> {
    fn get(&self, position: usize, make: impl FnOnce(Option<(usize, S)>) -> S) -> &S {
        let made = || (position, make(self.before.take()));
        &self.now.get_or_init(made).1
    }

    /// Lets what is kept become what was before.
    fn pass(&mut self) {
        if let Some(now) = self.now.take() {
            self.before = RefCell::new(Some(now));
        }
    }
}

impl Run {
    /// What is on the stage at the moment.
    #[must_use]
    pub fn stage(&self) -> &Stage {
        let (show, moment) = (&self.show, self.moment);
        let stage = |before| show.stage_on(before, moment);
        self.seen.stage.get(moment.shown, stage)
    }

    /// The world as far as it is shown: what has happened but is not shown yet is still to come for whoever looks.
    #[must_use]
    pub fn world(&self) -> &World {
        let (history, steps) = (self.show.history(), self.steps_shown());
        let world = |before| history.world_on(before, steps);
        self.seen.world.get(steps, world)
    }

    /// How many steps of the run led to what is shown.
    pub(super) fn steps_shown(&self) -> usize {
        let history = self.show.history();
        let last = self.moment.shown.checked_sub(1);
        let last = last.and_then(|index| self.show.director().shown().get(index));
        last.map_or_else(
            || history.steps_before(EventId(1)),
            |cue| history.steps_to(cue.event),
        )
    }

    /// Draws, of a run whose clients come and go, what there is at the moment.
    pub(super) fn arrange(&mut self) {
        if !self.show.history().head().is_live() {
            return;
        }
        if let Some(absent) = self.show.absent(self.stage(), self.moment.at) {
            self.show.leave_out(absent);
        }
    }

    /// Lets things slide to their places, at so many seconds of the clock; at once, if nothing is to be seen to move.
    pub(super) fn slide(&mut self, now: f64, at_once: bool) {
        const SECONDS: f64 = 0.3;
        let Some(which) = self.show.plan.slides() else {
            self.sliding = None;
            return;
        };
        let since = match self.sliding {
            Some((known, since)) if known == which => since,
            _ => now,
        };
        self.sliding = Some((which, since));
        let done = match at_once {
            true => 1.0,
            false => ((now - since) / SECONDS) as f32,
        };
        self.show.plan.slide(done);
    }

    /// Forgets what is no longer so.
    pub(super) fn look_anew(&mut self) {
        let of = Of {
            shown: self.moment.shown,
            cues: self.show.director().shown().len(),
            events: self.show.history().told().len(),
            inputs: self.inputs,
        };
        if of == self.seen.of {
            return;
        }
        if of.inputs == self.seen.of.inputs {
            self.seen.stage.pass();
            self.seen.world.pass();
            self.seen.of = of;
        } else {
            self.seen = Seen {
                of,
                ..Seen::default()
            };
        }
    }
}
