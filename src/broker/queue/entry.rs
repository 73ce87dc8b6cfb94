//! A copy in a queue.

use crate::broker::{CopyId, Message, Micros};

/// A copy in a queue, or delivered from it and not yet settled.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The copy.
    pub copy: CopyId,
    /// Its message.
    pub message: Message,
    /// Its place in the queue, counted from the queue's first message; a classic queue's requeue returns to it (S10).
    pub place: u64,
    /// What counts towards its queue's limit in octets beside its body (Q25).
    pub beside: u32,
    /// When it expires: fixed when it came (Q22); [`Micros::MAX`] is never.
    pub expires: Micros,
    /// How often it was returned, as the delivery limit counts (Q44).
    pub returns: u32,
    /// How often it was delivered before, where its queue counts that (Q45).
    pub acquired: u32,
    /// The lane it stands in, where the queue orders by priority (Q40, Q42).
    pub level: u8,
    /// Whether it may have been delivered before (S12).
    pub redelivered: bool,
}

impl Entry {
    /// When it expires, if it does.
    pub fn expiry(&self) -> Option<Micros> {
        (self.expires != Micros::MAX).then_some(self.expires)
    }

    /// Whether its time is up.
    pub fn has_expired(&self, now: Micros) -> bool {
        self.expires <= now
    }

    /// The octets it takes in its queue (Q25).
    pub fn bytes(&self) -> u64 {
        self.message.publication.body.as_bytes().len() as u64 + u64::from(self.beside)
    }
}
