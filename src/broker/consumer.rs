//! Consumers.

use super::{ChannelId, ConsumerId, Micros, Name, QueueId};

/// A consumer: one `basic.consume`.
#[derive(Clone, Debug)]
pub struct Consumer {
    /// Its number.
    pub id: ConsumerId,
    /// Its tag.
    pub tag: Name,
    /// The channel it consumes on.
    pub channel: ChannelId,
    /// The queue it consumes from.
    pub queue: QueueId,
    /// Whether its deliveries count as acknowledged when sent.
    pub no_ack: bool,
    /// Whether nobody else may consume from its queue (S1).
    pub exclusive: bool,
    /// The highest is served first (S9).
    pub priority: i32,
    /// The most deliveries it may hold unacked; 0 is no limit (S7).
    pub prefetch: u32,
    /// How long it may take to acknowledge a delivery, if it said so itself (S15).
    pub ack_timeout: Option<Micros>,
    /// How many it holds.
    pub unacked: usize,
    /// The offset of the stream entry it is sent next (Q47).
    pub position: u64,
    /// Whether it is still there.
    pub present: bool,
    /// Whether it stands in its queue's ring; of a classic queue it does unless it was asked in vain (S9).
    pub(super) in_ring: bool,
}

impl Consumer {
    /// Whether its own prefetch allows another delivery; `no_ack` consumers know no limit (S7).
    pub fn has_room(&self) -> bool {
        self.no_ack || self.prefetch == 0 || self.unacked < self.prefetch as usize
    }
}
