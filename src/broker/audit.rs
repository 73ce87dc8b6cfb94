//! The broker's promises, checked over its whole state.

use std::collections::BTreeSet;

use thiserror::Error;

use super::{Broker, ConsumerId, CopyId, QueueId, QueueKind};

/// A promise the broker broke: a defect of Leveret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Broken {
    /// A copy is in two places.
    #[error("copy {0} is in two places")]
    TwoPlaces(CopyId),
    /// Copies made and copies found or ended differ.
    #[error("{made} copies were made, but {found} are there or ended")]
    CopiesDoNotAddUp {
        /// Made by routing.
        made: u64,
        /// On their way, ready, unacked or ended.
        found: u64,
    },
    /// A queue's count of unacked copies is off.
    #[error("queue {queue} counts {counted} unacked, but {held} are held")]
    QueueMiscounts {
        /// Which queue.
        queue: QueueId,
        /// Its own count.
        counted: usize,
        /// What is held of it.
        held: usize,
    },
    /// A consumer's count of unacked copies is off.
    #[error("consumer {consumer} counts {counted} unacked, but holds {held}")]
    ConsumerMiscounts {
        /// Which consumer.
        consumer: ConsumerId,
        /// Its own count.
        counted: usize,
        /// What it holds.
        held: usize,
    },
    /// A consumer holds more than its prefetch.
    #[error("consumer {consumer} holds {held} unacked with a prefetch of {prefetch}")]
    PrefetchExceeded {
        /// Which consumer.
        consumer: ConsumerId,
        /// What it holds.
        held: usize,
        /// What it may hold.
        prefetch: u32,
    },
    /// Ready messages are not in order, or are miscounted.
    #[error("queue {0} is out of order")]
    OutOfOrder(QueueId),
    /// A message waits although a consumer has capacity.
    #[error("queue {0} holds ready messages although a consumer has capacity")]
    Idle(QueueId),
    /// A message is still ready although its time is up.
    #[error("queue {0} holds a message at its head that has expired")]
    Expired(QueueId),
    /// An exclusive thing has two owners, or a single active consumer is not alone.
    #[error("queue {0} is used by more than one who should be alone")]
    NotAlone(QueueId),
    /// Something of a connection or queue that is gone is still there.
    #[error("queue {0} is used by a consumer that is gone, or is itself gone and still used")]
    Ghost(QueueId),
    /// The count of all unacked copies is off.
    #[error("{counted} unacked are counted in all, but {held} are held")]
    UnackedMiscounted {
        /// Counted.
        counted: usize,
        /// Held.
        held: usize,
    },
}

impl Broker {
    /// Checks that every copy is in exactly one place, that counters add up, that nobody exceeds a prefetch, that what is
    /// exclusive has one owner, and that nothing waits that could be delivered.
    ///
    /// # Errors
    /// The first promise found broken.
    pub fn audit(&self) -> Result<(), Broken> {
        self.audit_copies()?;
        self.audit_consumers()?;
        for queue in self.queues() {
            self.audit_queue(queue.id)?;
        }
        Ok(())
    }

    fn audit_copies(&self) -> Result<(), Broken> {
        let mut places = BTreeSet::new();
        let in_queues = self.queues().iter().flat_map(|queue| {
            let ready = queue.ready().map(|entry| entry.copy);
            let delayed = queue.delayed().iter().map(|(_, entry)| entry.copy);
            let log = queue.log().entries().map(|entry| entry.copy);
            ready.chain(delayed).chain(log)
        });
        let copies = in_queues
            .chain(self.on_the_way().map(|(copy, _)| copy))
            .chain(self.unacked().map(|(copy, ..)| copy));
        for copy in copies {
            if !places.insert(copy) {
                return Err(Broken::TwoPlaces(copy));
            }
        }
        let totals = self.totals();
        let found = places.len() as u64 + totals.ended();
        if totals.copies != found {
            return Err(Broken::CopiesDoNotAddUp {
                made: totals.copies,
                found,
            });
        }
        let (counted, held) = (self.unacked_in_all(), self.unacked().count());
        if counted != held {
            return Err(Broken::UnackedMiscounted { counted, held });
        }
        Ok(())
    }

    fn audit_consumers(&self) -> Result<(), Broken> {
        let mut by_consumer = vec![0; self.consumers().len()];
        for unacked in self.channels().iter().flat_map(|channel| channel.unacked()) {
            if let Some(consumer) = unacked.consumer {
                by_consumer[consumer.index()] += 1;
            }
        }
        for consumer in self.consumers() {
            let held = by_consumer[consumer.id.index()];
            if consumer.unacked != held {
                return Err(Broken::ConsumerMiscounts {
                    consumer: consumer.id,
                    counted: consumer.unacked,
                    held,
                });
            }
            let limited = consumer.prefetch > 0 && !consumer.no_ack;
            if limited && held > consumer.prefetch as usize {
                return Err(Broken::PrefetchExceeded {
                    consumer: consumer.id,
                    held,
                    prefetch: consumer.prefetch,
                });
            }
            let channel_gone = self
                .channel(consumer.channel)
                .is_none_or(|channel| channel.closed);
            let queue_gone = self.queue(consumer.queue).is_none_or(|queue| queue.deleted);
            if consumer.present && (channel_gone || queue_gone) {
                return Err(Broken::Ghost(consumer.queue));
            }
        }
        Ok(())
    }

    fn audit_queue(&self, id: QueueId) -> Result<(), Broken> {
        let Some(queue) = self.queue(id) else {
            return Ok(());
        };
        let held = self.unacked().filter(|&(_, of, _)| of == id).count();
        if queue.unacked() != held {
            return Err(Broken::QueueMiscounts {
                queue: id,
                counted: queue.unacked(),
                held,
            });
        }
        if !queue.lanes.is_sound() {
            return Err(Broken::OutOfOrder(id));
        }
        if queue.deleted {
            let used = queue.ready_len() > 0 || !queue.consumers().is_empty();
            return if used { Err(Broken::Ghost(id)) } else { Ok(()) };
        }
        let exclusive = queue
            .consumers()
            .iter()
            .filter_map(|&consumer| self.consumer(consumer))
            .any(|consumer| consumer.exclusive);
        if exclusive && queue.consumers().len() > 1 {
            return Err(Broken::NotAlone(id));
        }
        let owner_gone = queue.owner.is_some_and(|owner| {
            self.connection(owner)
                .is_none_or(|connection| connection.closed)
        });
        if owner_gone {
            return Err(Broken::Ghost(id));
        }
        if !self.is_up() {
            return Ok(());
        }
        if queue.lanes.next_expiry().is_some_and(|at| at <= self.now()) {
            return Err(Broken::Expired(id));
        }
        let can_serve = queue
            .consumers()
            .iter()
            .filter(|&&consumer| {
                !queue.settings.single_active
                    || (queue.active == Some(consumer) && !queue.gives_way)
            })
            .filter_map(|&consumer| self.consumer(consumer))
            .any(|consumer| self.has_capacity(consumer));
        if queue.kind != QueueKind::Stream && can_serve && queue.ready_len() > 0 {
            return Err(Broken::Idle(id));
        }
        Ok(())
    }
}
