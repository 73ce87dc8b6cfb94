//! Length limits of queues that drop their oldest (Q25, Q26).

use crate::broker::settings::Overflow;
use crate::broker::{DeathReason, EventId, Limit, Outlet, QueueId, QueueKind, Queued};

use super::Broker;

impl Broker {
    /// Drops from the head until the queue is within its limits; whether anything was. Waiting consumers were served before
    /// (Q26).
    pub(super) fn enforce_limits(
        &mut self,
        id: QueueId,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> bool {
        let mut dropped = Vec::new();
        while let Some(limit) = self.exceeded(id) {
            let Some(entry) = self.queues[id.index()].lanes.pop() else {
                break;
            };
            dropped.push((limit, entry));
        }
        let quorum = self.queues[id.index()].kind == QueueKind::Quorum;
        if quorum && self.switches().drops_newest_first {
            dropped.reverse();
        }
        let any = !dropped.is_empty();
        for (limit, entry) in dropped {
            let queued = Queued {
                message: entry.message.id,
                copy: entry.copy,
                queue: id,
            };
            let reason = DeathReason::MaxLen;
            self.die(queued, entry, reason, Some(limit), None, cause, out);
        }
        any
    }

    /// Ends what came back to a quorum queue and has no time left, and then what is over the limit. Until 4.3 what is dropped
    /// reaches the dead-letter exchange before what expired with it (Q26).
    pub(super) fn expire_then_limit(&mut self, id: QueueId, cause: EventId, out: &mut impl Outlet) {
        let now = self.now;
        let lanes = &mut self.queues[id.index()].lanes;
        let late: Vec<_> = std::iter::from_fn(|| lanes.pop_expired(now)).collect();
        let drops_first = self.switches().drops_newest_first;
        if drops_first {
            self.enforce_limits(id, cause, out);
        }
        for entry in late {
            self.expire(id, entry, cause, out);
        }
        if !drops_first {
            self.enforce_limits(id, cause, out);
        }
    }

    pub(super) fn exceeded(&self, id: QueueId) -> Option<Limit> {
        let queue = &self.queues[id.index()];
        let settings = &queue.settings;
        let limited = settings.max_length.is_some() || settings.max_bytes.is_some();
        if !limited || settings.overflow != Overflow::DropHead || queue.kind == QueueKind::Stream {
            return None;
        }
        let many = settings
            .max_length
            .filter(|&most| queue.ready_len() as u64 > most);
        let large = settings
            .max_bytes
            .filter(|&most| queue.ready_bytes() > most);
        many.map(Limit::Messages).or(large.map(Limit::Bytes))
    }
}
