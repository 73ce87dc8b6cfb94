//! The broker's promises, checked over its whole state.

use std::collections::BTreeSet;

use thiserror::Error;

use super::{Broker, ConsumerId, CopyId, QueueId};

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
        /// What consumers hold of it.
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
        prefetch: u16,
    },
    /// Ready messages are not in order.
    #[error("queue {0} is out of order")]
    OutOfOrder(QueueId),
    /// A message waits although a consumer has capacity.
    #[error("queue {0} holds ready messages although a consumer has capacity")]
    Idle(QueueId),
}

impl Broker {
    /// Checks that every copy is in exactly one place, that counters add up and that nobody exceeds a prefetch.
    ///
    /// # Errors
    /// The first promise found broken.
    pub fn audit(&self) -> Result<(), Broken> {
        let mut places = BTreeSet::new();
        let ready = self
            .queues()
            .iter()
            .flat_map(|queue| queue.ready().map(|entry| entry.copy));
        let copies = ready
            .chain(self.on_the_way().map(|(copy, _)| copy))
            .chain(self.unacked().map(|(copy, ..)| copy));
        for copy in copies {
            if !places.insert(copy) {
                return Err(Broken::TwoPlaces(copy));
            }
        }
        let totals = self.totals();
        let found = places.len() as u64 + totals.acked + totals.rejected;
        if totals.copies != found {
            return Err(Broken::CopiesDoNotAddUp {
                made: totals.copies,
                found,
            });
        }

        let mut by_queue = vec![0; self.queues().len()];
        let mut by_consumer = vec![0; self.consumers().len()];
        for (_, queue, consumer) in self.unacked() {
            by_queue[queue.index()] += 1;
            by_consumer[consumer.index()] += 1;
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
            if limited && held > usize::from(consumer.prefetch) {
                return Err(Broken::PrefetchExceeded {
                    consumer: consumer.id,
                    held,
                    prefetch: consumer.prefetch,
                });
            }
        }
        for queue in self.queues() {
            let held = by_queue[queue.id.index()];
            if queue.unacked() != held {
                return Err(Broken::QueueMiscounts {
                    queue: queue.id,
                    counted: queue.unacked(),
                    held,
                });
            }
            if !queue.ready().is_sorted_by(|a, b| a.place < b.place) {
                return Err(Broken::OutOfOrder(queue.id));
            }
            let can_serve = queue
                .consumers()
                .iter()
                .filter_map(|&id| self.consumer(id))
                .any(|consumer| consumer.has_capacity());
            if can_serve && queue.ready().len() > 0 {
                return Err(Broken::Idle(queue.id));
            }
        }
        Ok(())
    }
}
