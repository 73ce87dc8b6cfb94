//! A world that is run for somebody who sees nothing of it until it is there.

use crate::broker::Micros;

use super::{Event, Standstill, World};

/// So many steps somebody waits for who wants to know how a run stands at a moment.
pub const PATIENCE: u64 = 10_000_000;

/// Why a run did not get where it was to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Something goes round while no time passes.
    Standstill(Standstill),
    /// It takes longer than anybody waits.
    TooLong {
        /// How far it got.
        at: Micros,
        /// In how many steps.
        steps: u64,
        /// Where it was to go.
        to: Micros,
    },
}

impl World {
    /// Lets everything happen that happens at or before `to`, in no more than `most` steps less those that were `taken`
    /// before. Each event is told with the world as it is after its step.
    ///
    /// # Errors
    /// When it does not get there.
    pub fn run_to(
        &mut self,
        to: Micros,
        (taken, most): (&mut u64, u64),
        mut tell: impl FnMut(Event, &Self),
    ) -> Result<(), Stop> {
        let mut events = Vec::new();
        while self.next_at().is_some_and(|next| next <= to) {
            if *taken >= most {
                let (at, steps) = (self.now(), *taken);
                return Err(Stop::TooLong { at, steps, to });
            }
            *taken += 1;
            self.step(&mut events);
            for event in events.drain(..) {
                tell(event, self);
            }
        }
        match self.standstill() {
            Some(standstill) => Err(Stop::Standstill(standstill)),
            None => Ok(()),
        }
    }
}
