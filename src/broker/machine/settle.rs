//! Acknowledging, rejecting, requeueing (S6, S10–S14, Q44).

use std::collections::{BTreeMap, BTreeSet};

use crate::broker::channel::Unacked;
use crate::broker::queue::Entry;
use crate::broker::settings::RetryKind;
use crate::broker::transaction::Settle;
use crate::broker::{
    ChannelId, ConsumerId, DeathReason, Event, EventId, Outlet, Place, QueueId, QueueKind, Queued,
    Refusal, Reply, ReplyCode, Return,
};

use super::Broker;

impl Settle {
    fn why(self) -> Return {
        match self {
            Self::RejectBack => Return::Rejected,
            Self::Recover => Return::Recovered,
            Self::ChannelEnded => Return::ChannelEnded,
            Self::TimedOut => Return::TimedOut,
            Self::Restart => Return::Restarted,
            Self::Ack | Self::Nack | Self::Die => Return::Nacked,
        }
    }

    /// Whether it counts as a failed delivery rather than a delivery given back (Q44, Q46).
    fn failed(self) -> bool {
        matches!(self, Self::RejectBack | Self::ChannelEnded | Self::Restart)
    }
}

impl Broker {
    pub(super) fn settle(
        &mut self,
        id: ChannelId,
        tag: u64,
        multiple: bool,
        how: Settle,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let channel = self.open(id)?;
        if !multiple && !channel.transacts() {
            let unacked = channel.settle_one(tag)?;
            let queue = unacked.queue;
            let event = self.settle_entry(unacked, how, cause, out);
            if self.channels[id.index()].global_prefetch > 0 {
                self.serve_channel(id, &[queue], event, out);
            }
            self.after_settling(queue, event, out);
            return Ok(Reply::Done);
        }
        let settled = if multiple {
            channel.settle_up_to(tag)?
        } else {
            vec![channel.settle_one(tag)?]
        };
        match &mut channel.transaction {
            Some(transaction) => transaction.settlements.push((how, settled)), // P10
            None => self.settle_all(id, settled, how, cause, out),
        }
        Ok(Reply::Done)
    }

    pub(super) fn recover(
        &mut self,
        id: ChannelId,
        requeue: bool,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        if !requeue {
            // S14
            return Err(Refusal::new(
                ReplyCode::NotImplemented,
                "S14",
                "requeue=false",
            ));
        }
        let unacked = self.open(id)?.take_where(|unacked| !unacked.stays);
        self.settle_all(id, unacked, Settle::Recover, cause, out);
        Ok(Reply::Done)
    }

    /// Settles all that a channel held before anything is handed out again, so that what is requeued stands in order
    /// first (S10, S11).
    pub(super) fn settle_all(
        &mut self,
        channel: ChannelId,
        unacked: Vec<Unacked>,
        how: Settle,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let mut queues: BTreeMap<QueueId, EventId> = BTreeMap::new();
        let mut last = cause;
        for unacked in unacked {
            let queue = unacked.queue;
            let event = self.settle_entry(unacked, how, cause, out);
            queues.insert(queue, event);
            last = event;
        }
        if self.channels[channel.index()].global_prefetch > 0 {
            let had_it: Vec<_> = queues.keys().copied().collect();
            self.serve_channel(channel, &had_it, last, out);
        }
        for (queue, event) in queues {
            self.after_settling(queue, event, out);
        }
    }

    /// Serves the consumers of a channel whose prefetch as a whole has room again (S8). They take turns: those of the queues
    /// that had the room come last, when these are served.
    pub(super) fn serve_channel(
        &mut self,
        id: ChannelId,
        had_it: &[QueueId],
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let channel = &self.channels[id.index()];
        if channel.closed {
            return;
        }
        let consumers = channel.consumers.values();
        let queues: BTreeSet<QueueId> = consumers
            .map(|consumer| self.consumers[consumer.index()].queue)
            .collect();
        let last = had_it.last().copied();
        let is_later = |queue: &QueueId| last.is_some_and(|last| *queue > last);
        let others = queues.into_iter().filter(|queue| !had_it.contains(queue));
        let (later, earlier): (Vec<_>, Vec<_>) = others.partition(is_later);
        for queue in later.into_iter().chain(earlier) {
            self.dispatch(queue, cause, out);
        }
    }

    fn after_settling(&mut self, id: QueueId, cause: EventId, out: &mut impl Outlet) {
        let queue = &mut self.queues[id.index()];
        if queue.deleted {
            return;
        }
        queue.lanes.settle_back();
        if self.going_down {
            return; // What is due is done when it comes up.
        }
        if queue.kind == QueueKind::Classic {
            // What comes back meets the limit before it meets a consumer (Q26).
            self.enforce_limits(id, cause, out);
        }
        if self.queues[id.index()].settings.single_active {
            self.activate(id, cause, out);
        }
        self.hand_out(id, None, cause, out);
        self.enforce_limits(id, cause, out);
        self.expire_heads(id, cause, out);
        self.arm(id);
    }

    /// Settles one delivery; what is requeued is in its place after [`after_settling`](Self::after_settling).
    fn settle_entry(
        &mut self,
        unacked: Unacked,
        how: Settle,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> EventId {
        let Unacked {
            consumer,
            queue: id,
            stays,
            entry,
            ..
        } = unacked;
        if let Some(holder) = consumer {
            self.let_go(holder);
        }
        if stays {
            self.reading -= 1;
        }
        let queued = Queued {
            message: entry.message.id,
            copy: entry.copy,
            queue: id,
        };
        if self.queues[id.index()].deleted {
            return cause; // Q10: its copies ended with it.
        }
        if stays {
            return match consumer {
                Some(consumer) => out.event(cause, || Event::Credited { queued, consumer }),
                None => cause,
            };
        }
        self.unacked -= 1;
        self.queues[id.index()].unacked -= 1;
        match how {
            Settle::Ack => {
                self.totals.acked += 1;
                let event = out.event(cause, || Event::Acked { queued, consumer });
                self.write_is_done(queued.copy, event);
                event
            }
            Settle::Die => {
                let (message, reason) = (entry.message, DeathReason::Rejected);
                self.die(queued, message, reason, None, consumer, cause, out)
            }
            _ => self.requeue(queued, entry, consumer, how, cause, out),
        }
    }

    /// Counts a delivery of a consumer's as settled, and lets it and its channel be served again (S9). Nothing is handed
    /// out yet.
    fn let_go(&mut self, id: ConsumerId) {
        let consumer = &mut self.consumers[id.index()];
        consumer.unacked -= 1;
        let channel = &mut self.channels[consumer.channel.index()];
        channel.held = channel.held.saturating_sub(1);
        if channel.global_prefetch > 0 && !channel.closed {
            // All of the channel's consumers may have waited for this, and the others for longer.
            let consumers: Vec<_> = channel.consumers.values().copied().collect();
            for other in consumers.into_iter().filter(|&other| other != id) {
                self.join_ring(other);
            }
        }
        self.join_ring(id);
    }

    /// Puts a consumer into its queue's ring, if it belongs there and is not there.
    pub(super) fn join_ring(&mut self, id: ConsumerId) {
        let consumer = &self.consumers[id.index()];
        if consumer.in_ring || !self.has_capacity(consumer) {
            return;
        }
        let queue = &self.queues[consumer.queue.index()];
        let waits = queue.settings.single_active && (queue.active != Some(id) || queue.gives_way);
        if waits || queue.kind == QueueKind::Stream || queue.deleted {
            return;
        }
        let (queue, priority) = (consumer.queue, consumer.priority);
        self.consumers[id.index()].in_ring = true;
        self.queues[queue.index()].ring.join(priority, id);
    }

    /// Puts a delivery back into its queue (S10), unless it came back too often (Q44).
    fn requeue(
        &mut self,
        queued: Queued,
        mut entry: Entry,
        consumer: Option<ConsumerId>,
        how: Settle,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> EventId {
        entry.redelivered = true; // S12
        let why = how.why();
        let counts = self.switches().every_return_counts || how.failed();
        let counts_acquired = self.switches().delayed_retry;
        let queue = &mut self.queues[queued.queue.index()];
        let mut place = Place::Original;
        let mut returns = 0;
        if queue.kind == QueueKind::Quorum {
            entry.returns += u32::from(counts);
            returns = entry.returns;
            entry.acquired += u32::from(counts_acquired); // Q45
            let limit = queue.settings.delivery_limit;
            let exhausted = limit.is_some_and(|limit| entry.returns > limit);
            // A broker that goes down sends nothing any more; it ends this when it comes up.
            if exhausted && !self.going_down {
                let (message, reason) = (entry.message, DeathReason::DeliveryLimit);
                return self.die(queued, message, reason, None, consumer, cause, out);
            }
            if let Some(retry) = &queue.settings.delayed_retry
                && delays(retry.kind, how)
                && !exhausted
            {
                let until = self.now + retry.delay(entry.returns);
                let at = queue.delayed.partition_point(|&(other, _)| other <= until);
                queue.delayed.insert(at, (until, entry));
                self.totals.requeued += 1;
                return out.event(cause, || Event::Delayed {
                    queued,
                    consumer,
                    until,
                    returns,
                });
            }
            let by_hand = matches!(how, Settle::Nack | Settle::RejectBack | Settle::Recover);
            place = if limit.is_none() && by_hand {
                Place::Tail
            } else {
                Place::Returned
            };
        }
        match place {
            Place::Original => queue.lanes.put_back(entry),
            Place::Returned => queue.lanes.put_returned(entry),
            Place::Tail => queue.lanes.push(entry),
        }
        self.totals.requeued += 1;
        out.event(cause, || Event::Requeued {
            queued,
            consumer,
            why,
            place,
            returns,
        })
    }
}

/// Q46
fn delays(kind: RetryKind, how: Settle) -> bool {
    match kind {
        RetryKind::All => true,
        RetryKind::Failed => how.failed(),
        RetryKind::Returned => !how.failed(),
    }
}
