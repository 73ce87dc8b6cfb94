//! Why a message is where it is: in particular, why one that is ready is not delivered.

use super::{Broker, ChannelId, ConsumerId, CopyId, Micros, Queue, QueueId, QueueKind};

/// Where a copy is, and what it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// On its way to its queue.
    OnTheWay {
        /// The queue.
        queue: QueueId,
    },
    /// Dead, and on its way to the dead-letter exchange.
    DeadLetter,
    /// Dead, and kept by its queue until every queue it is to go to has taken it (D6).
    Kept {
        /// The queue it died in.
        queue: QueueId,
        /// When it is tried again; without, it has not been answered for yet.
        until: Option<Micros>,
    },
    /// Delivered, and not settled.
    Unacked {
        /// Who holds it; none if a channel asked for it (S3).
        consumer: Option<ConsumerId>,
        /// On which channel.
        channel: ChannelId,
    },
    /// An entry of a stream, there for all readers (Q47).
    InStream,
    /// Returned, and waiting for its retry (Q46).
    Delayed {
        /// Until when.
        until: Micros,
    },
    /// Ready, behind others.
    Behind {
        /// The one that is served first.
        head: CopyId,
        /// How many are before it.
        ahead: usize,
        /// Why the first is not delivered.
        head_waits: Box<Standing>,
    },
    /// Ready and first, but the queue has no consumer.
    NoConsumer,
    /// Ready and first, but every consumer holds as much as its prefetch, or its channel's, allows (S7, S8).
    PrefetchFull {
        /// The consumers.
        consumers: Vec<ConsumerId>,
    },
    /// Ready and first, but the single active consumer holds as much as it may, and no other is served (Q43).
    ActiveFull {
        /// The one that is served.
        active: ConsumerId,
        /// Those that wait for their time.
        others: Vec<ConsumerId>,
    },
    /// Ready and first, but the active consumer is to give way to another, and still holds something (Q43).
    GivingWay {
        /// The one that gives way.
        active: ConsumerId,
    },
    /// Ready, while the broker is down.
    BrokerDown,
}

impl Broker {
    /// Where a copy is and what it waits for; nothing if it has ended.
    pub fn standing(&self, copy: CopyId) -> Option<Standing> {
        if let Some((_, queue)) = self.on_the_way().find(|&(going, _)| going == copy) {
            return Some(Standing::OnTheWay { queue });
        }
        if self.letters().any(|(letter, ..)| letter == copy) {
            return Some(Standing::DeadLetter);
        }
        if let Some((_, queue, until)) = self.kept().find(|&(kept, ..)| kept == copy) {
            return Some(Standing::Kept { queue, until });
        }
        for channel in self.channels().iter() {
            let held = channel
                .unacked()
                .find(|unacked| unacked.entry.copy == copy && !unacked.stays);
            if let Some(unacked) = held {
                return Some(Standing::Unacked {
                    consumer: unacked.consumer,
                    channel: channel.id,
                });
            }
        }
        self.queues()
            .iter()
            .filter(|queue| !queue.deleted)
            .find_map(|queue| self.standing_in(queue, copy))
    }

    fn standing_in(&self, queue: &Queue, copy: CopyId) -> Option<Standing> {
        if queue.kind == QueueKind::Stream {
            let mut entries = queue.log().entries();
            return entries
                .any(|entry| entry.copy == copy)
                .then_some(Standing::InStream);
        }
        let delayed = queue.delayed().iter();
        if let Some(&(until, _)) = delayed.clone().find(|(_, entry)| entry.copy == copy) {
            return Some(Standing::Delayed { until });
        }
        let ahead = queue.ready().position(|entry| entry.copy == copy)?;
        let head = queue.ready().next()?.copy;
        let head_waits = self.head_waits(queue);
        Some(if ahead == 0 {
            head_waits
        } else {
            Standing::Behind {
                head,
                ahead,
                head_waits: Box::new(head_waits),
            }
        })
    }

    /// Why a queue's first message is not delivered.
    fn head_waits(&self, queue: &Queue) -> Standing {
        if !self.is_up() {
            return Standing::BrokerDown;
        }
        if queue.consumers().is_empty() {
            return Standing::NoConsumer;
        }
        match queue.active {
            Some(active) if queue.gives_way => Standing::GivingWay { active },
            Some(active) if queue.settings.single_active => Standing::ActiveFull {
                active,
                others: queue
                    .consumers()
                    .iter()
                    .copied()
                    .filter(|&other| other != active)
                    .collect(),
            },
            _ => Standing::PrefetchFull {
                consumers: queue.consumers().to_vec(),
            },
        }
    }
}
