//! A publisher: what it sends next, and when.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::broker::{Micros, Name, Publication};

use super::random::Dice;
use super::{LinkId, MessageSetup, Pace, PublisherSetup};

/// A publisher at work.
#[derive(Clone, Debug)]
pub struct Publisher {
    /// Its name.
    pub name: Name,
    /// The exchange it publishes to where a message does not say otherwise.
    pub exchange: Name,
    /// When it publishes.
    pub pace: Pace,
    /// The connection it publishes on.
    pub link: LinkId,
    /// How long its messages are on their way.
    pub latency: Micros,
    /// Whether it asks for confirms (P6).
    pub confirms: bool,
    /// Whether its messages are mandatory (P2).
    pub mandatory: bool,
    /// How many messages are a transaction of its; 0 is none (P10).
    pub transaction: u32,
    /// Whether it publishes again what was nacked.
    pub republish: bool,
    /// How many it sent.
    pub published: u64,
    /// Where it was seen to publish, if it is a client outside: nobody knows beforehand.
    pub aims: Option<Aims>,
    /// What it sends, in turn; made once, since all copies share it.
    publications: Vec<Arc<Publication>>,
    /// When each is sent, with [`Pace::Script`].
    times: Vec<Micros>,
    /// How many of those it sent.
    turn: u64,
    /// How many times the pace called it.
    calls: u64,
    /// How many it sent in the transaction that is open.
    uncommitted: u32,
    dice: Dice,
}

/// Where a client outside was seen to publish.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aims {
    /// The exchanges.
    pub exchanges: BTreeSet<Name>,
    /// The queues it named to the default exchange (E2).
    pub queues: BTreeSet<Name>,
}

impl Publisher {
    pub(super) fn new(setup: &PublisherSetup, link: LinkId, latency: Micros, dice: Dice) -> Self {
        let mut messages: Vec<&MessageSetup> = setup.messages.iter().collect();
        if setup.pace == Pace::Script {
            messages.sort_by_key(|message| message.at);
        }
        Self {
            name: setup.name.clone(),
            exchange: setup.exchange.clone(),
            pace: setup.pace.clone(),
            link,
            latency: setup.latency.unwrap_or(latency),
            confirms: setup.confirms,
            mandatory: setup.mandatory,
            transaction: setup.transaction,
            republish: setup.republish,
            published: 0,
            aims: None,
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
            turn: 0,
            calls: 0,
            uncommitted: 0,
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
            _ => self.turn.checked_rem(count)?,
        };
        self.publications.get(usize::try_from(index).ok()?)
    }

    /// What it sends now, of what it has to send.
    pub(super) fn take_turn(&mut self) -> Option<Arc<Publication>> {
        let publication = self.next()?.clone();
        self.turn += 1;
        Some(publication)
    }

    /// Counts a message it sends; whether a transaction is full with it.
    pub(super) fn sends(&mut self) -> bool {
        self.published += 1;
        if self.transaction == 0 {
            return false;
        }
        self.uncommitted = (self.uncommitted + 1) % self.transaction;
        self.uncommitted == 0
    }

    /// Begins on a new channel: nothing of a transaction is left.
    pub(super) fn begin(&mut self) {
        self.uncommitted = 0;
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
