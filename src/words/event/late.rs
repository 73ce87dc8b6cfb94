//! Why a message expired later than its time to live allows (Q21).

use crate::broker::{Micros, Queued};
use crate::t;
use crate::world::Event as Told;

use super::super::span;
use super::Names;

/// A shorter time is no delay that anybody asks about.
const LEAST: Micros = Micros::from_millis(1);

impl Names<'_> {
    /// How late a copy expired, and what kept it so long; nothing where it expired in time, or where that is forgotten.
    pub(super) fn lateness(&self, death: &Told, dead: Queued) -> Option<String> {
        let stay = self.history.stay(dead.copy, death.id)?;
        let late = death.at.since(stay.due);
        if late < LEAST {
            return None;
        }
        let late = span(late);
        let since = |time: Option<Micros>| time.is_some_and(|time| time >= stay.due);
        Some(if since(stay.started) {
            t!("late-broker", late = late)
        } else if since(stay.returned) {
            t!("late-held", late = late)
        } else {
            t!("late-behind", late = late)
        })
    }
}
