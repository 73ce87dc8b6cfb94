//! A classic queue: who waits, what waits.

use std::collections::VecDeque;

use super::{ConsumerId, CopyId, Message, Name, QueueId};

/// A copy in a queue, or delivered from it and not yet settled.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The copy.
    pub copy: CopyId,
    /// Its message.
    pub message: Message,
    /// Its place in the queue, counted from the queue's first message; a requeue returns to it (S10).
    pub place: u64,
    /// Whether it was requeued before (S12).
    pub redelivered: bool,
}

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its number.
    pub id: QueueId,
    /// Its name.
    pub name: Name,
    /// What is ready, the head first, ordered by place.
    pub(super) ready: VecDeque<Entry>,
    pub(super) unacked: usize,
    pub(super) next_place: u64,
    /// Consumers with capacity, the next to be served first (S9).
    pub(super) ring: VecDeque<ConsumerId>,
    pub(super) consumers: Vec<ConsumerId>,
}

impl Queue {
    pub(super) fn new(id: QueueId, name: Name) -> Self {
        Self {
            id,
            name,
            ready: VecDeque::new(),
            unacked: 0,
            next_place: 0,
            ring: VecDeque::new(),
            consumers: Vec::new(),
        }
    }

    /// What is ready, the head first.
    pub fn ready(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.ready.iter()
    }

    /// How many copies are delivered and not yet settled.
    pub fn unacked(&self) -> usize {
        self.unacked
    }

    /// Its consumers, in the order they came.
    pub fn consumers(&self) -> &[ConsumerId] {
        &self.consumers
    }

    pub(super) fn push(&mut self, copy: CopyId, message: Message) {
        let place = self.next_place;
        self.next_place += 1;
        self.ready.push_back(Entry {
            copy,
            message,
            place,
            redelivered: false,
        });
    }

    /// Puts a delivery back where it was (S10).
    pub(super) fn requeue(&mut self, mut entry: Entry) {
        entry.redelivered = true; // S12
        let at = self
            .ready
            .partition_point(|other| other.place < entry.place);
        self.ready.insert(at, entry);
        self.unacked -= 1;
    }
}
