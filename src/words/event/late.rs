//! Why a message expired later than its time to live allows (Q21).

use crate::broker::{Event, Micros, Queued};
use crate::t;
use crate::world::{Event as Told, EventKind};

use super::super::span;
use super::Names;

/// A shorter time is no delay that anybody asks about.
const LEAST: Micros = Micros::from_millis(1);

impl Names<'_> {
    /// How late a copy expired, and what kept it so long; nothing where it expired in time, or where that is forgotten.
    pub(super) fn lateness(&self, death: &Told, dead: Queued) -> Option<String> {
        let events = self.history.told();
        let place = usize::try_from(death.id.0).ok()?.checked_sub(1)?;
        let mut returned = None;
        let mut started = None;
        for event in events.between(0, place).iter().rev() {
            let EventKind::Broker(what) = &event.kind else {
                continue;
            };
            match what {
                Event::Requeued { queued, .. } if queued.copy == dead.copy => {
                    returned = returned.or(Some(event.at));
                }
                Event::Started { .. } => started = started.or(Some(event.at)),
                Event::Ready {
                    queued, expires, ..
                } if queued.copy == dead.copy => {
                    let due = (*expires)?;
                    let late = death.at.since(due);
                    let since = |time: Option<Micros>| time.is_some_and(|time| time >= due);
                    return (late >= LEAST).then(|| {
                        let late = span(late);
                        if since(started) {
                            t!("late-broker", late = late)
                        } else if since(returned) {
                            t!("late-held", late = late)
                        } else {
                            t!("late-behind", late = late)
                        }
                    });
                }
                _ => {}
            }
        }
        None
    }
}
