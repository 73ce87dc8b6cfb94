//! What goes round and round while hardly any time passes. A run that comes to that would not get any further, whatever
//! it is run for, so it stops there and says why.
//!
//! Each message is followed: through its copies, those made of it when it died among them, and what consumers made of
//! it. How many there are at one moment says nothing, since a burst ends by itself.

use std::collections::BTreeMap;

use crate::broker::{self, ConsumerId, CopyId, MessageId, Micros, QueueId};

use super::{Author, Event, EventKind, WorkerId};

/// Why time does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standstill {
    /// When.
    pub at: Micros,
    /// What keeps it.
    pub by: Circling,
}

/// What keeps time from going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Circling {
    /// A message that comes back to a queue each time as soon as it was delivered, be it as another message.
    Message {
        /// Its number when it came by last.
        message: MessageId,
        /// A queue on its way.
        queue: QueueId,
        /// A consumer on its way, if one of the setup's was seen there.
        worker: Option<WorkerId>,
    },
    /// More than anything ever does in so short a time.
    Crowd,
}

/// A way back that takes longer than this lets time go on.
const SHORT: Micros = Micros(10);

/// After so many returns in a row that took no longer than [`SHORT`], there will be no end. A round has up to three: it
/// is delivered, it dies, a consumer publishes it again.
const MOST_RETURNS: u32 = 2_000;

/// Messages are followed only where so much happens in a [`STRETCH`] that one might go round.
const FOLLOWED: u64 = 10_000;
const STRETCH: Micros = Micros::from_millis(10);

/// More steps in a [`STRETCH`] than this are a crowd. A million messages that leave together and go to three queues
/// each are not.
const CROWD: u64 = 20_000_000;

/// How often a message has come back without time passing, and when it last did.
#[derive(Clone, Copy, Debug)]
struct Returns {
    count: u32,
    at: Micros,
}

/// What a world remembers of the last moments to find what goes round.
#[derive(Clone, Debug, Default)]
pub(super) struct Circles {
    /// When the stretch began.
    since: Micros,
    /// How many steps it had so far.
    steps: u64,
    follows: bool,
    copies: BTreeMap<CopyId, Returns>,
    messages: BTreeMap<MessageId, Returns>,
    pub(super) standstill: Option<Standstill>,
}

impl Circles {
    /// Counts a step; whether its events are to be [`follow`](Self::follow)ed.
    pub(super) fn pass(&mut self, now: Micros) -> bool {
        if now.since(self.since) >= STRETCH {
            self.follows = self.steps > FOLLOWED;
            let recent = |its: &mut Returns| now.since(its.at) <= SHORT;
            self.copies.retain(|_, its| recent(its));
            self.messages.retain(|_, its| recent(its));
            (self.since, self.steps) = (now, 0);
        }
        self.steps += 1;
        self.follows |= self.steps > FOLLOWED;
        if self.steps > CROWD {
            let by = Circling::Crowd;
            self.standstill = Some(Standstill { at: now, by });
        }
        self.follows
    }

    /// Follows messages through the events of a step. `worker` says which consumer of the setup's one of the broker's is.
    pub(super) fn follow(
        &mut self,
        events: &[Event],
        worker: impl Fn(ConsumerId) -> Option<WorkerId>,
    ) {
        for event in events {
            match &event.kind {
                EventKind::Published {
                    by: Author::Consumer(by),
                    message,
                    ..
                } => {
                    let cause = events.iter().find(|it| it.id == event.cause);
                    let Some(from) = cause.and_then(|cause| cause.kind.queued()) else {
                        continue;
                    };
                    let returns = self.come_back(self.copies.get(&from.copy), event.at);
                    self.messages.insert(*message, returns);
                    self.judge(returns, (*message, from.queue), Some(*by));
                }
                EventKind::Broker(broker::Event::Routed {
                    message,
                    letter,
                    copies,
                    ..
                }) => {
                    let returns = match letter {
                        Some(dead) => Some(self.come_back(self.copies.get(dead), event.at)),
                        None => self.messages.get(message).copied(),
                    };
                    if let (Some(returns), Some(first)) = (returns, copies.first()) {
                        let made = copies.iter().map(|made| (made.copy, returns));
                        self.copies.extend(made);
                        self.judge(returns, (*message, first.queue), None);
                    }
                }
                EventKind::Broker(broker::Event::Delivered {
                    queued, consumer, ..
                }) => {
                    let returns = self.come_back(self.copies.get(&queued.copy), event.at);
                    self.copies.insert(queued.copy, returns);
                    let place = (queued.message, queued.queue);
                    self.judge(returns, place, worker(*consumer));
                }
                _ => {}
            }
        }
    }

    /// One more return, if it was short; else the first of a row.
    fn come_back(&self, before: Option<&Returns>, at: Micros) -> Returns {
        let short = before.filter(|before| at.since(before.at) <= SHORT);
        let count = short.map_or(0, |before| before.count) + 1;
        Returns { count, at }
    }

    fn judge(
        &mut self,
        returns: Returns,
        (message, queue): (MessageId, QueueId),
        worker: Option<WorkerId>,
    ) {
        if returns.count > MOST_RETURNS {
            let at = returns.at;
            let by = Circling::Message {
                message,
                queue,
                worker,
            };
            self.standstill = self.standstill.or(Some(Standstill { at, by }));
        }
    }

    /// Roughly how much there is to copy in a clone, in entries.
    pub(super) fn weight(&self) -> usize {
        self.copies.len() + self.messages.len()
    }
}
