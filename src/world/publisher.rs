//! A publisher: what it sends next, and when.

use std::sync::Arc;

use crate::broker::{Micros, Name, Publication};

use super::random::Dice;
use super::{MessageSetup, Pace, PublisherSetup};

/// A publisher at work.
#[derive(Clone, Debug)]
pub struct Publisher {
    /// Its name.
    pub name: Name,
    /// The exchange it publishes to where a message does not say otherwise.
    pub exchange: Name,
    /// When it publishes.
    pub pace: Pace,
    /// How long its messages are on their way.
    pub latency: Micros,
    /// How many it sent.
    pub published: u64,
    /// What it sends, in turn; made once, since all copies share it.
    publications: Vec<Arc<Publication>>,
    /// When each is sent, with [`Pace::Script`].
    times: Vec<Micros>,
    /// How many times the pace called it.
    calls: u64,
    dice: Dice,
}

impl Publisher {
    pub(super) fn new(setup: &PublisherSetup, latency: Micros, dice: Dice) -> Self {
        let mut messages: Vec<&MessageSetup> = setup.messages.iter().collect();
        if setup.pace == Pace::Script {
            messages.sort_by_key(|message| message.at);
        }
        Self {
            name: setup.name.clone(),
            exchange: setup.exchange.clone(),
            pace: setup.pace.clone(),
            latency: setup.latency.unwrap_or(latency),
            published: 0,
            publications: messages
                .iter()
                .map(|message| {
                    Arc::new(Publication {
                        exchange: message.exchange.as_ref().unwrap_or(&setup.exchange).clone(),
                        routing_key: message.key.clone(),
                        properties: message.properties.clone(),
                        body: message.body.clone(),
                        ..Publication::default()
                    })
                })
                .collect(),
            times: messages.iter().map(|message| message.at).collect(),
            calls: 0,
            dice,
        }
    }

    /// All it may send, in order.
    pub fn publications(&self) -> &[Arc<Publication>] {
        &self.publications
    }

    /// What it will send next, if anything. A script's message belongs to its own time, so a hand that publishes in
    /// between sends it once more rather than instead.
    pub fn next(&self) -> Option<&Arc<Publication>> {
        let count = self.publications.len() as u64;
        let index = match self.pace {
            Pace::Script => self.calls.checked_sub(1)?,
            _ => self.published.checked_rem(count)?,
        };
        self.publications.get(usize::try_from(index).ok()?)
    }

    /// What it sends now.
    pub(super) fn send(&mut self) -> Option<Arc<Publication>> {
        let publication = self.next()?.clone();
        self.published += 1;
        Some(publication)
    }

    /// When its pace calls it next, counted from its last call at `now`.
    pub(super) fn next_call(&mut self, now: Micros) -> Option<Micros> {
        let calls = self.calls;
        self.calls += 1;
        let more = |count: Option<u64>| count.is_none_or(|count| calls < count);
        match self.pace {
            Pace::Even {
                every,
                start,
                count,
            } => more(count).then(|| if calls == 0 { start } else { now + every }),
            Pace::Random {
                every,
                start,
                count,
            } => more(count).then(|| {
                let since = if calls == 0 { start } else { now };
                since + self.dice.exponential(every)
            }),
            Pace::Burst {
                every,
                size,
                gap,
                start,
                count,
            } => {
                let size = size.max(1);
                let (burst, place) = (calls / size, calls % size);
                count.is_none_or(|count| burst < count).then(|| {
                    let at = start
                        + Micros(every.0.saturating_mul(burst))
                        + Micros(gap.0.saturating_mul(place));
                    // A burst may still go on when the next is due.
                    at.max(now)
                })
            }
            Pace::Script => self.times.get(usize::try_from(calls).ok()?).copied(),
        }
    }
}
