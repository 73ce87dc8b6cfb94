//! What comes next in a run, and why nothing does.

use crate::broker::Micros;
use crate::scene::Foreseen;

use super::{Run, State};

/// How many things are foreseen.
pub const COMING: usize = 4;
/// How far ahead it is looked in a run without an end.
const AHEAD: Micros = Micros::from_secs(24 * 60 * 60);

/// What comes after a moment, kept for as long as no event comes or goes.
#[derive(Clone, Debug, Default)]
pub(super) struct Coming {
    of: Option<(usize, u64, Micros)>,
    foreseen: Vec<Foreseen>,
}

/// Why nothing comes any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standstill {
    /// What programs outside do next, nobody knows.
    Outside,
    /// No more of a run is kept.
    Full,
    /// Something goes round and round while hardly any time passes.
    Circling(crate::world::Standstill),
    /// The run is over.
    End,
    /// The broker is down, and nothing starts it.
    BrokerDown,
    /// No connection is open, and none will be.
    NoConnection,
    /// An alarm is on, and those who publish wait.
    Alarm,
    /// Nobody here does anything unless a hand does.
    Nobody,
    /// Nothing more happens before the run's end.
    Nothing,
}

impl State {
    /// How far ahead it is looked for what comes next.
    pub(super) fn foreseen_to(&self) -> Micros {
        self.limit().min(self.run.moment.at + AHEAD)
    }

    /// What comes next, in order, as it will be; nothing if that is not known, or nothing will.
    pub fn coming(&self) -> &[Foreseen] {
        &self.run.coming.foreseen
    }

    /// Looks ahead, if somebody sees what comes next.
    pub(super) fn foresee(&mut self) {
        if self.going_on().is_some() || !self.inspector_open() {
            self.run.coming = Coming::default();
            return;
        }
        let until = self.foreseen_to();
        let end = self.limit();
        self.run.foresee(until, end);
    }

    /// Why nothing comes after the moment, if nothing does.
    pub fn standstill(&self) -> Standstill {
        let run = &self.run;
        if self.going_on().is_some() {
            return Standstill::Outside;
        } else if let Some((standstill, _)) = run.show.standstill() {
            return Standstill::Circling(standstill);
        } else if run.show.is_full() {
            return Standstill::Full;
        } else if run.moment.at >= self.limit() {
            return Standstill::End;
        }
        let world = run.world();
        let mut links = world.links().iter();
        let connected = links.len() == 0 || links.any(|link| link.connection.is_some());
        if !world.broker().is_up() {
            Standstill::BrokerDown
        } else if !connected {
            Standstill::NoConnection
        } else if !world.broker().alarms().is_empty() {
            Standstill::Alarm
        } else if self.is_open() {
            Standstill::Nobody
        } else {
            Standstill::Nothing
        }
    }

    /// Why the last step led nowhere, for as long as one looks at where it did not lead away from.
    pub fn stands_still(&self) -> Option<Standstill> {
        let (at, why) = self.session.standstill?;
        let stands = !self.is_playing() && at == self.run.moment;
        stands.then_some(why)
    }
}

impl Run {
    /// The latest moment that was looked at, as far as that is still so.
    pub fn reached(&self) -> Micros {
        self.reached
    }

    fn foresee(&mut self, until: Micros, end: Micros) {
        let of = (self.moment.shown, self.inputs, end);
        if self.coming.of != Some(of) {
            let steps = self.steps_shown();
            let world = self.world().clone();
            let foreseen = self
                .show
                .foresee((world, steps), self.moment, until, COMING);
            self.coming = Coming {
                of: Some(of),
                foreseen,
            };
        }
    }
}
