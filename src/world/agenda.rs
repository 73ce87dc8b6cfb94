//! What is going to happen, in order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::broker::{ConsumerId, CopyId, Delivery, EventId, Message, Micros, QueueId};

use super::{Answer, PublisherId};

/// Something that is going to happen.
#[derive(Clone, Debug)]
pub enum Due {
    /// A publisher's pace calls it.
    Publish(PublisherId),
    /// A message reaches the broker.
    ReachExchange {
        /// The message.
        message: Message,
    },
    /// A copy reaches its queue.
    ReachQueue {
        /// The copy.
        copy: CopyId,
        /// The queue.
        queue: QueueId,
    },
    /// A consumer begins to consume.
    Consume(ConsumerId),
    /// A delivery reaches its consumer.
    ReachConsumer(Delivery),
    /// A consumer has finished what it works on.
    Finish(ConsumerId),
    /// A consumer's answer reaches the broker.
    ReachBroker {
        /// Who answered.
        consumer: ConsumerId,
        /// The delivery tag.
        tag: u64,
        /// What it answered.
        answer: Answer,
    },
}

/// An entry of the agenda.
#[derive(Clone, Debug)]
pub struct Appointment {
    /// When.
    pub at: Micros,
    /// What leads to it.
    pub cause: EventId,
    /// What.
    pub due: Due,
    order: u64,
}

impl Appointment {
    fn rank(&self) -> (Micros, u64) {
        (self.at, self.order)
    }
}

impl PartialEq for Appointment {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Appointment {}

impl PartialOrd for Appointment {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Appointment {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}

/// Appointments by time; those of one time in the order they were made.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    heap: BinaryHeap<Reverse<Appointment>>,
    made: u64,
}

impl Agenda {
    pub(super) fn add(&mut self, at: Micros, cause: EventId, due: Due) {
        let order = self.made;
        self.made += 1;
        self.heap.push(Reverse(Appointment {
            at,
            cause,
            due,
            order,
        }));
    }

    pub(super) fn next_at(&self) -> Option<Micros> {
        self.heap.peek().map(|Reverse(next)| next.at)
    }

    pub(super) fn take(&mut self) -> Option<Appointment> {
        self.heap.pop().map(|Reverse(next)| next)
    }

    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }

    /// The appointments in order.
    pub(super) fn upcoming(&self) -> Vec<&Appointment> {
        let mut all: Vec<_> = self.heap.iter().map(|Reverse(next)| next).collect();
        all.sort();
        all
    }
}
