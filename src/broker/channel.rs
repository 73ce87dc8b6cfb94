//! Channels, and what is delivered on them and not yet settled.

use std::collections::VecDeque;

use super::queue::Entry;
use super::{ChannelId, ConsumerId, Name, QueueId, Refusal, ReplyCode};

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
    /// The most deliveries it may hold unacked; 0 is no limit (S7).
    pub prefetch: u16,
    /// How many it holds.
    pub unacked: usize,
    /// Whether it is still there.
    pub active: bool,
}

impl Consumer {
    /// Whether another delivery may be sent to it; `no_ack` consumers know no limit (S7).
    pub fn has_capacity(&self) -> bool {
        self.active && (self.no_ack || self.prefetch == 0 || self.unacked < self.prefetch.into())
    }
}

/// A delivery that waits for its acknowledgement.
#[derive(Clone, Debug)]
pub(super) struct Unacked {
    pub(super) consumer: ConsumerId,
    pub(super) queue: QueueId,
    pub(super) entry: Entry,
}

/// A channel.
#[derive(Clone, Debug, Default)]
pub(super) struct Channel {
    pub(super) closed: bool,
    /// For consumers started from now on (S8).
    pub(super) prefetch: u16,
    /// The tag of the first row of `unacked`, less one.
    settled_to: u64,
    /// One row a tag since, empty once settled. Tags mostly settle in order, so this stays short.
    unacked: VecDeque<Option<Unacked>>,
}

impl Channel {
    /// Spends the next delivery tag (S5); a `no_ack` delivery leaves nothing to settle.
    pub(super) fn deliver(&mut self, unacked: Option<Unacked>) -> u64 {
        self.unacked.push_back(unacked);
        let tag = self.settled_to + self.unacked.len() as u64;
        self.forget_settled();
        tag
    }

    pub(super) fn unacked(&self) -> impl Iterator<Item = &Unacked> {
        self.unacked.iter().flatten()
    }

    /// Takes one delivery out, by its tag.
    ///
    /// # Errors
    /// 406 when the tag is unknown or settled (S6); nothing is taken then.
    pub(super) fn settle_one(&mut self, tag: u64) -> Result<Unacked, Refusal> {
        let row = tag.checked_sub(self.settled_to + 1);
        let unacked = row
            .and_then(|row| self.unacked.get_mut(usize::try_from(row).ok()?))
            .and_then(Option::take)
            .ok_or_else(|| unknown_tag(tag))?;
        self.forget_settled();
        Ok(unacked)
    }

    /// Takes all deliveries up to a tag out, in order; tag 0 means all there are.
    ///
    /// # Errors
    /// 406 when that tag itself is not outstanding (S6); nothing is taken then.
    pub(super) fn settle_up_to(&mut self, tag: u64) -> Result<Vec<Unacked>, Refusal> {
        let rows = if tag == 0 {
            self.unacked.len()
        } else {
            let row = tag
                .checked_sub(self.settled_to + 1)
                .and_then(|row| usize::try_from(row).ok())
                .filter(|&row| matches!(self.unacked.get(row), Some(Some(_))))
                .ok_or_else(|| unknown_tag(tag))?;
            row + 1
        };
        let taken = self.unacked.drain(..rows).flatten().collect();
        self.settled_to += rows as u64;
        self.forget_settled();
        Ok(taken)
    }

    fn forget_settled(&mut self) {
        while let Some(None) = self.unacked.front() {
            self.unacked.pop_front();
            self.settled_to += 1;
        }
    }
}

fn unknown_tag(tag: u64) -> Refusal {
    Refusal::new(
        ReplyCode::PreconditionFailed,
        "S6",
        format!("unknown delivery tag {tag}"),
    )
}
