//! A run and its picture, together.

use std::collections::BTreeSet;

use crate::broker::{MessageId, Micros};
use crate::director::{Director, MAX_LAG, Moment, Stage};
use crate::history::History;
use crate::topology::NodeKey;
use crate::words::{describe, foretold};
use crate::world::{Input, PATIENCE, Setup, SetupError, Standstill, Stop, World};

use super::build::token_of;
use super::kept::Kept;
use super::{Picture, Plan, Target, Token, View, build};

/// The most events of a run that are kept to go back to; they take about a kilobyte each.
pub const MAX_EVENTS: usize = 1_000_000;
/// The same of a run that has no end, while nobody looks back.
pub const MAX_KEPT: usize = 400_000;
/// The most octets of messages that are kept of a run that has no end, while nobody looks back. What is still in a queue or
/// with a consumer is kept besides.
pub const MAX_OCTETS: u64 = 128 * 1024 * 1024;
/// The same on the way to a moment that alone is to be drawn.
const KEPT_ON_THE_WAY: usize = 50_000;
/// Steps between two pictures at the most, so that a leap over a long run does not hold the window up.
pub const STEPS_AT_ONCE: usize = 4_000;

/// So many steps of a run at most are looked ahead for one that brings something: who tries in vain may do so for ever.
const LOOKED_AHEAD: usize = 50_000;

/// Something that will happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// When.
    pub at: Micros,
    /// What, in a line.
    pub text: String,
}

/// A run of a setup, its director and its plan, kept in step with each other.
#[derive(Clone, Debug)]
pub struct Show {
    history: History,
    director: Director,
    /// What came from outside.
    kept: Kept,
    /// What stands where.
    pub plan: Plan,
}

impl Show {
    /// A run of which nothing has happened yet.
    ///
    /// # Errors
    /// When no broker would accept the setup.
    pub fn new(setup: &Setup) -> Result<Self, SetupError> {
        let history = History::new(setup)?;
        Ok(Self {
            director: Director::new(&history),
            kept: Kept::default(),
            plan: Plan::new(history.head()),
            history,
        })
    }

    /// The run.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// When each event is shown.
    #[must_use]
    pub fn director(&self) -> &Director {
        &self.director
    }

    /// Lets the run go on to `at`, if it is not there yet.
    pub fn run_to(&mut self, at: Micros) {
        self.history.run_until(at);
        self.read();
    }

    /// Lets the run go on to `at` for a picture of that moment alone: what was shown long before is forgotten on the way.
    ///
    /// # Errors
    /// When it does not get there, in as many steps as anybody waits for.
    pub fn skip_to(&mut self, at: Micros) -> Result<(), Stop> {
        self.skip_within(at, (PATIENCE, STEPS_AT_ONCE), KEPT_ON_THE_WAY)
    }

    /// The same in no more than so many steps, so many of them at once, with the last so many events kept at least.
    ///
    /// # Errors
    /// When it does not get there in these steps.
    pub fn skip_within(
        &mut self,
        at: Micros,
        (most, at_once): (u64, usize),
        keep: usize,
    ) -> Result<(), Stop> {
        while !self.history.run_toward(at, at_once) {
            self.read();
            self.hold_to(at, most)?;
            if self.director.cues().len() > 2 * keep {
                let (oldest, needed) = self.director.forget(keep);
                self.history.forget_before(oldest, &needed);
            }
        }
        self.read();
        self.standing()
    }

    /// Lets the run go on to `at` and keeps all of it, if it is not longer than what is kept of a run.
    ///
    /// # Errors
    /// When it is longer, or does not get there.
    pub fn run_through(&mut self, at: Micros) -> Result<(), Stop> {
        while !self.run_toward(at) {}
        match self.is_full() {
            true => self.hold_to(at, 0),
            false => self.standing(),
        }
    }

    /// Whether a run on its way to `at` has taken no more than so many steps.
    fn hold_to(&self, to: Micros, most: u64) -> Result<(), Stop> {
        let (at, steps) = (self.history.head().now(), self.history.steps_taken() as u64);
        match steps > most {
            true => Err(Stop::TooLong { at, steps, to }),
            false => Ok(()),
        }
    }

    /// Whether time goes on.
    fn standing(&self) -> Result<(), Stop> {
        let standstill = self.history.head().standstill();
        standstill.map_or(Ok(()), |it| Err(Stop::Standstill(it)))
    }

    /// Brings director and plan up to what has happened.
    fn read(&mut self) {
        self.director.read(&self.history);
        self.plan.keep_up(self.history.head(), &self.director);
    }

    /// Lets the run go on towards `at` for as long as a picture may take; whether it got there. It gets no further
    /// than [`MAX_EVENTS`], which is all that is kept of a run.
    pub fn run_toward(&mut self, at: Micros) -> bool {
        let there = !self.is_full() && self.history.run_toward(at, STEPS_AT_ONCE);
        self.read();
        there || self.is_full()
    }

    /// Whether as much has happened as is kept.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.history.events().len() >= MAX_EVENTS
    }

    /// Why the run goes on no more at its furthest point, and by when all that happened is shown, if something goes round
    /// there while no time passes.
    #[must_use]
    pub fn standstill(&self) -> Option<(Standstill, Micros)> {
        let standstill = self.history.head().standstill()?;
        Some((standstill, standstill.at + MAX_LAG))
    }

    /// Lets the run go on until an event after `moment` is known, and gives the moment of that event; nothing if
    /// nothing happens any more, or not before `end`.
    pub fn step_from(&mut self, moment: Moment, end: Micros) -> Option<Moment> {
        for _ in 0..LOOKED_AHEAD {
            if let Some(next) = self.director.next(moment) {
                return (next.at <= end).then_some(next);
            }
            let pending = self.director.next_pending();
            let next = match (self.history.head().next_at(), pending) {
                (Some(happens), Some(shown)) => happens.min(shown),
                (Some(at), None) | (None, Some(at)) => at,
                (None, None) => return None,
            };
            if next > end || self.is_full() {
                return None;
            }
            let to = next.max(self.history.complete_to());
            while !self.run_toward(to) {}
        }
        None
    }

    /// What comes next, as the steps of the run will have it: so many things at most, and none after `until`. `now` is
    /// the world as it is shown, and how many steps led to it.
    pub fn foresee(
        &mut self,
        now: (World, usize),
        moment: Moment,
        until: Micros,
        most: usize,
    ) -> Vec<Foreseen> {
        let (mut world, mut steps) = now;
        let (mut foreseen, mut events) = (Vec::new(), Vec::new());
        for _ in 0..LOOKED_AHEAD {
            if steps >= self.history.steps_made() {
                let next = self.history.head().next_at();
                let is_over = next.is_none_or(|at| at > until) || self.is_full();
                if is_over || !self.history.step() {
                    break;
                }
            }
            let first = self.history.events_of(steps).first();
            if first.is_some_and(|first| first.at > until) || foreseen.len() >= most {
                break;
            }
            // Much of what is due comes to nothing, and is not told.
            if let Some((id, at)) = first.map(|first| (first.id, first.at)) {
                let text = foretold(steps, &world, &self.history);
                foreseen.extend(text.map(|text| (id, Foreseen { at, text })));
            }
            self.history.replay(steps, &mut world, &mut events);
            events.clear();
            steps += 1;
        }
        self.read();
        // It is told when it will be seen.
        let seen = foreseen.into_iter().map(|(id, next)| Foreseen {
            at: self.director.shown_at(id).unwrap_or(next.at),
            ..next
        });
        let mut seen: Vec<_> = seen.filter(|next| next.at <= until).collect();
        seen.sort_by_key(|next| next.at);
        match seen.is_empty() {
            true => self.landing(moment, until, most),
            false => seen,
        }
    }

    /// What has happened and is yet to be seen, since its tokens are on their way.
    fn landing(&self, moment: Moment, until: Micros, most: usize) -> Vec<Foreseen> {
        const LOOKED_AT: usize = 256;
        let told = self.history.told();
        let late = told.from(told.len().saturating_sub(LOOKED_AT)).iter();
        let late = late.filter_map(|event| Some((self.director.shown_at(event.id)?, event)));
        let mut late: Vec<_> = late
            .filter(|&(at, _)| at > moment.at && at <= until)
            .collect();
        late.sort_by_key(|&(at, event)| (at, event.id));
        late.truncate(most);
        let head = self.history.head();
        let told = late.into_iter().map(|(at, event)| Foreseen {
            at,
            text: describe(event, head, &self.history).text,
        });
        told.collect()
    }

    /// Puts something from outside into the run at `at`; what came later is another story then.
    pub fn input(&mut self, at: Micros, input: Input) {
        self.history.input(at, input);
        self.director = Director::new(&self.history);
        self.read();
    }

    /// Takes in what came from outside at the end of a run, all of which up to `until` is known then. Of what is to be
    /// looked at the oldest is forgotten, and half as soon while `looks_back` says that somebody does.
    pub fn hear(
        &mut self,
        inputs: impl IntoIterator<Item = (Micros, Input)>,
        until: Micros,
        looks_back: bool,
    ) {
        let (most, most_octets) = match looks_back {
            true => (2 * MAX_KEPT, 2 * MAX_OCTETS),
            false => (MAX_KEPT, MAX_OCTETS),
        };
        for (at, input) in inputs {
            let shown = self.director.shown().len();
            if self.kept.come(shown, input.memory(), most_octets) {
                self.history.keep_soon();
                self.director.keep_soon();
            }
            self.history.input(at, input);
        }
        self.history.run_until(until);
        self.read();
        let shown = self.director.shown().len();
        let too_many = self.director.cues().len() > most;
        let too_many = too_many.then(|| shown.saturating_sub(most / 4 * 3));
        let too_large = self.kept.too_many(most_octets);
        if let Some(first) = too_many.max(too_large) {
            let (oldest, needed) = self.director.forget(shown - first);
            self.history.forget_before(oldest, &needed);
            self.kept.forget_before(self.director.shown().first());
        }
    }

    /// The earliest moment that is kept.
    #[must_use]
    pub fn start(&self) -> Moment {
        let shown = self.director.shown();
        match shown.first() {
            0 => Moment::default(),
            first => Moment {
                at: shown.get(first).map_or(Micros::ZERO, |cue| cue.at),
                shown: first,
            },
        }
    }

    /// Of a run whose clients come and go: what is not to be drawn at a moment that shows this, if that is not what is left
    /// out already.
    #[must_use]
    pub fn absent(&self, stage: &Stage, at: Micros) -> Option<BTreeSet<NodeKey>> {
        self.plan.absent(self.history.head(), stage, at)
    }

    /// Leaves that out. What was drawn before slides to its new place.
    pub fn leave_out(&mut self, absent: BTreeSet<NodeKey>) {
        self.plan.leave_out(absent, self.history.head());
    }

    /// The same for a picture of that moment alone: everything stands in its place at once.
    pub fn arrange(&mut self, moment: Moment) {
        if let Some(absent) = self.absent(&self.stage(moment), moment.at) {
            self.leave_out(absent);
            self.plan.slide(1.0);
        }
    }

    /// Draws only what is around a node: so many of its neighbours.
    pub fn look_around(&mut self, center: NodeKey, most: usize) {
        self.plan.look_around(center, most, self.history.head());
    }

    /// What is shown at a moment.
    #[must_use]
    pub fn stage(&self, moment: Moment) -> Stage {
        self.director.stage(moment, &self.history)
    }

    /// The same. What was shown when fewer events were, of the same run, shortens the way there.
    #[must_use]
    pub fn stage_on(&self, earlier: Option<(usize, Stage)>, moment: Moment) -> Stage {
        self.director.stage_on(earlier, moment, &self.history)
    }

    /// The token a message is drawn as, and what is selected with it: its order, where users come with orders.
    #[must_use]
    pub fn token_of(&self, message: MessageId) -> (Token, Target) {
        token_of(&self.plan, &self.history, message)
    }

    /// The picture of a moment.
    #[must_use]
    pub fn picture(&self, moment: Moment, view: View) -> Picture {
        let stage = self.stage(moment);
        build(&self.plan, &stage, &self.history, moment, view)
    }
}
