//! What is seen at the moment, kept from one picture to the next: as long as no event comes or goes, all of it stays as
//! it is, and of a large world it takes a while to make.

use std::cell::OnceCell;

use crate::broker::EventId;
use crate::director::Stage;
use crate::world::World;

use super::Run;

/// The stage and the world of a moment, made when they are first asked for.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    of: Of,
    stage: OnceCell<Stage>,
    world: OnceCell<World>,
}

/// What they are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Of {
    shown: usize,
    cues: usize,
    events: usize,
    inputs: u64,
}

impl Run {
    /// What is on the stage at the moment.
    #[must_use]
    pub fn stage(&self) -> &Stage {
        let seen = &self.seen.stage;
        seen.get_or_init(|| self.show.stage(self.moment))
    }

    /// The world as far as it is shown: what has happened but is not shown yet is still to come for whoever looks.
    #[must_use]
    pub fn world(&self) -> &World {
        self.seen.world.get_or_init(|| {
            let history = self.show.history();
            let last = self.moment.shown.checked_sub(1);
            let last = last.and_then(|index| self.show.director().cues().get(index));
            last.map_or_else(
                || history.seek_before(EventId(1)),
                |cue| history.seek_after(cue.event),
            )
        })
    }

    /// Forgets what is no longer so.
    pub(super) fn look_anew(&mut self) {
        let of = Of {
            shown: self.moment.shown,
            cues: self.show.director().cues().len(),
            events: self.show.history().events().len(),
            inputs: self.inputs,
        };
        if of != self.seen.of {
            self.seen = Seen {
                of,
                ..Seen::default()
            };
        }
    }
}
