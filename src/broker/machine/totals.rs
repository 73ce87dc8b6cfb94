//! What there has been so far.

use crate::broker::DeathReason;

/// How many of each there have been since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Messages that got a number.
    pub messages: u64,
    /// Messages no queue matched, dead-lettered ones included.
    pub unroutable: u64,
    /// Messages that went back to their publisher (P2).
    pub returned: u64,
    /// Copies made by routing.
    pub copies: u64,
    /// Copies handed to consumers and channels, redeliveries included; of streams, what was read.
    pub delivered: u64,
    /// Copies acknowledged, those of `no_ack` consumers included.
    pub acked: u64,
    /// Copies returned to their queue.
    pub requeued: u64,
    /// Copies that died, rejected without requeue (D1).
    pub rejected: u64,
    /// Copies that died, expired (D1).
    pub expired: u64,
    /// Copies that died, dropped for a limit (D1).
    pub dropped: u64,
    /// Copies that died, returned too often (D1).
    pub exhausted: u64,
    /// Copies that a queue at its limit did not take (Q27).
    pub turned_away: u64,
    /// Copies purged (Q11).
    pub purged: u64,
    /// Copies that ended with their queue, in a restart, or with a stream's old segments.
    pub lost: u64,
    /// Dead copies that went to a dead-letter exchange.
    pub dead_lettered: u64,
    /// Publishes confirmed.
    pub confirmed: u64,
    /// Publishes nacked.
    pub nacked: u64,
    /// Methods refused.
    pub refused: u64,
}

impl Totals {
    /// Copies that ended, for whatever reason.
    pub fn ended(&self) -> u64 {
        self.acked
            + self.rejected
            + self.expired
            + self.dropped
            + self.exhausted
            + self.turned_away
            + self.purged
            + self.lost
    }

    pub(super) fn count_death(&mut self, reason: DeathReason) {
        let count = match reason {
            DeathReason::Rejected => &mut self.rejected,
            DeathReason::Expired => &mut self.expired,
            DeathReason::MaxLen => &mut self.dropped,
            DeathReason::DeliveryLimit => &mut self.exhausted,
        };
        *count += 1;
    }
}
