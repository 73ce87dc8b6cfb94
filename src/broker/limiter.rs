//! The prefetch of a channel as a whole (S8).

use std::collections::BTreeSet;

use super::QueueId;

/// Counts what a channel's classic queues have sent it, and knows which of them it kept waiting. Quorum queues and streams
/// do not ask.
#[derive(Clone, Debug, Default)]
pub(super) struct Limiter {
    /// The most; 0 is no limit.
    most: u16,
    /// What counts against it. As in RabbitMQ this is no exact count: acknowledgements of quorum queues' deliveries take
    /// from it too, and a limit that is set late begins with all that the channel holds, whatever that is.
    volume: i64,
    /// Queues that asked in vain.
    waiting: BTreeSet<QueueId>,
}

impl Limiter {
    /// The most; 0 is no limit.
    pub fn most(&self) -> u16 {
        self.most
    }

    /// Whether another delivery may be sent.
    pub fn has_room(&self) -> bool {
        self.most == 0 || self.volume < i64::from(self.most)
    }

    /// Whether a queue asked in vain and was not told since that there is room.
    pub fn keeps_waiting(&self, queue: QueueId) -> bool {
        self.waiting.contains(&queue)
    }

    /// A queue asks whether it may send a delivery. If not, it is among those that [`release`](Self::release) names.
    pub fn ask(&mut self, queue: QueueId) -> bool {
        let room = self.has_room();
        if !room {
            self.waiting.insert(queue);
        }
        room
    }

    /// A delivery was sent that is to be acknowledged.
    pub fn count(&mut self) {
        if self.most > 0 {
            self.volume += 1;
        }
    }

    /// Sets the most, or with 0 ends the limit; `unacked` is what the channel holds unacknowledged.
    pub fn limit(&mut self, most: u16, unacked: usize) {
        match (self.most, most) {
            (_, 0) => self.volume = 0,
            (0, _) => self.volume = unacked as i64,
            _ => {}
        }
        self.most = most;
    }

    /// So many deliveries to consumers were acknowledged or given back.
    pub fn settled(&mut self, count: usize) {
        if self.most > 0 && self.volume != 0 {
            self.volume -= count as i64;
        }
    }

    /// Whether there is room, and queues wait that were not told.
    pub fn withholds(&self) -> bool {
        self.has_room() && !self.waiting.is_empty()
    }

    /// The queues that asked in vain, if there is room now.
    pub fn release(&mut self) -> BTreeSet<QueueId> {
        if self.has_room() {
            std::mem::take(&mut self.waiting)
        } else {
            BTreeSet::new()
        }
    }
}
