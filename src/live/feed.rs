//! What a server that runs beside a window tells it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::amqp::{Heard, Spoken};
use crate::broker::Micros;
use crate::world::Input;

/// With more inputs than this that nobody has taken, clients wait: a picture that falls behind helps nobody.
const MOST_UNTAKEN: usize = 20_000;
/// The same of the memory that all of it takes, in octets.
const MOST_OCTETS: u64 = 32 * 1024 * 1024;

/// What was heard and not taken yet, between the server's thread and the window's.
#[derive(Clone)]
pub struct Feed {
    heard: Arc<Mutex<Waiting>>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

/// What waits, and how much memory it takes.
#[derive(Default)]
struct Waiting {
    heard: Heard,
    octets: u64,
}

impl Feed {
    /// One that calls `wake` whenever there is something anew.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            heard: Arc::default(),
            wake: Arc::new(wake),
        }
    }

    /// Takes what was heard: so many inputs at the most.
    pub fn take(&self, most: usize) -> Heard {
        let mut waiting = self.lock();
        let Waiting { heard, octets } = &mut *waiting;
        let waiting = heard;
        if waiting.inputs.len() <= most {
            *octets = 0;
            let until = waiting.until;
            let rest = Heard {
                until,
                ..Heard::default()
            };
            return std::mem::replace(waiting, rest);
        }
        let rest = waiting.inputs.split_off(most);
        let inputs = std::mem::replace(&mut waiting.inputs, rest);
        // What came at the same time as the first that is left is not all here.
        *octets = waiting.inputs.iter().map(|(_, it)| it.memory()).sum();
        let next = waiting.inputs.first().map_or(Micros::ZERO, |&(at, _)| at);
        Heard {
            until: Micros(next.0.saturating_sub(1)),
            inputs,
            traffic: std::mem::take(&mut waiting.traffic),
        }
    }

    /// Appends what was heard up to `until`.
    pub(super) fn give(&self, until: Micros, inputs: Vec<(Micros, Input)>, traffic: Vec<Spoken>) {
        let is_news = !inputs.is_empty() || !traffic.is_empty();
        let was_empty = {
            let mut waiting = self.lock();
            let came = inputs.iter().map(|(_, it)| it.memory());
            let said = traffic.iter().map(|it| it.octets.len() as u64);
            waiting.octets += came.sum::<u64>() + said.sum::<u64>();
            let waiting = &mut waiting.heard;
            let was_empty = waiting.inputs.is_empty() && waiting.traffic.is_empty();
            waiting.until = waiting.until.max(until);
            waiting.inputs.extend(inputs);
            waiting.traffic.extend(traffic);
            was_empty
        };
        if is_news && was_empty {
            (self.wake)();
        }
    }

    /// Whether so much waits that nothing more should come.
    pub(super) fn is_full(&self) -> bool {
        let waiting = self.lock();
        waiting.heard.inputs.len() >= MOST_UNTAKEN || waiting.octets >= MOST_OCTETS
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Whoever panicked has left what it had appended by then.
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::{Body, ChannelId, Publication};
    use crate::world::Said;

    fn published(octets: usize) -> (Micros, Input) {
        let publication = Publication {
            body: Body::from(vec![0; octets]),
            ..Publication::default()
        };
        let said = Said::Publish {
            channel: ChannelId(0),
            publication: Arc::new(publication),
            mandatory: false,
            immediate: false,
        };
        (Micros::ZERO, said.into())
    }

    #[test]
    fn a_feed_is_full_by_octets_as_well_as_by_number() {
        for (number, octets) in [(MOST_UNTAKEN, 0), (40, 1_000_000)] {
            let feed = Feed::new(|| {});
            let mut given = 0;
            while !feed.is_full() {
                feed.give(Micros(given as u64), vec![published(octets)], Vec::new());
                given += 1;
            }
            assert!(given <= number && given > number / 2, "{given}");
            feed.take(1);
            feed.take(given / 2);
            assert!(!feed.is_full());
            feed.take(given);
            assert_eq!(feed.lock().octets, 0);
        }
    }
}
