//! Acknowledging, rejecting, requeueing (S6, S10–S14, Q44).

use std::collections::BTreeMap;

use crate::broker::channel::Unacked;
use crate::broker::queue::Entry;
use crate::broker::settings::RetryKind;
use crate::broker::transaction::Settle;
use crate::broker::{
    ChannelId, ConsumerId, DeathReason, Event, EventId, FailuresTold, Name, Outlet, Place, QueueId,
    QueueKind, Queued, Refusal, Reply, ReplyCode, Return,
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
            Self::Ack | Self::Nack | Self::RejectAway | Self::NackAway => Return::Nacked,
        }
    }

    /// Whether it counts as a failed delivery rather than a delivery given back (Q44, Q46).
    fn failed(self) -> bool {
        matches!(
            self,
            Self::RejectBack | Self::RejectAway | Self::ChannelEnded | Self::Restart
        )
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
            let delivered = usize::from(unacked.consumer.is_some());
            let event = self.settle_entry(unacked, how, cause, out);
            self.after_settling(queue, event, out);
            self.make_room(id, delivered, queue, event, out);
            return Ok(Reply::Done);
        }
        let settled = if multiple {
            channel.settle_up_to(tag)?
        } else {
            vec![channel.settle_one(tag)?]
        };
        match &mut channel.transaction {
            Some(transaction) => transaction.settle(how, settled), // P10
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
        let unacked = self.open(id)?.take_where(|_| true);
        self.settle_all(id, unacked, Settle::Recover, cause, out);
        Ok(Reply::Done)
    }

    /// Settles what one method settles: queue by queue, by name, and within a queue consumer by consumer, by tag. What one
    /// group gave back is handed out again before the next is dealt with (D5, S11).
    pub(super) fn settle_all(
        &mut self,
        channel: ChannelId,
        mut unacked: Vec<Unacked>,
        how: Settle,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let delivered = unacked.iter().filter(|it| it.consumer.is_some()).count();
        unacked.sort_by(|a, b| self.group_of(a).cmp(&self.group_of(b)));
        let mut last = (None, cause);
        let mut unacked = unacked.into_iter().peekable();
        while let Some(one) = unacked.next() {
            let (queue, consumer) = (one.queue, one.consumer);
            let event = self.settle_entry(one, how, cause, out);
            let same = |next: &Unacked| {
                next.queue == queue && next.consumer == consumer && consumer.is_some()
            };
            if !unacked.peek().is_some_and(same) {
                self.after_settling(queue, event, out);
            }
            last = (Some(queue), event);
        }
        if let (Some(queue), event) = last {
            self.make_room(channel, delivered, queue, event, out);
        }
    }

    /// What is dealt with together: the deliveries from a queue to a consumer; each that was asked for is by itself, and
    /// comes before those.
    fn group_of<'a>(&'a self, unacked: &Unacked) -> (&'a Name, Option<&'a Name>) {
        let consumer = unacked.consumer.map(|id| &self.consumers[id.index()].tag);
        (&self.queues[unacked.queue.index()].name, consumer)
    }

    /// Gives back all that a channel held that has ended, before anything is handed out again. A quorum queue takes it back
    /// consumer by consumer, the first that came first, and then what was asked for; a classic one puts everything in its
    /// place.
    pub(super) fn give_back(
        &mut self,
        mut unacked: Vec<Unacked>,
        how: Settle,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        unacked.sort_by_key(|it| (it.queue, it.consumer.is_none(), it.consumer));
        let mut queues: BTreeMap<QueueId, EventId> = BTreeMap::new();
        for unacked in unacked {
            let queue = unacked.queue;
            let event = self.settle_entry(unacked, how, cause, out);
            queues.insert(queue, event);
        }
        for (queue, event) in queues {
            self.after_settling(queue, event, out);
        }
    }

    /// Counts deliveries to a channel's consumers as settled against its prefetch as a whole, and serves those that waited
    /// for that (S8).
    fn make_room(
        &mut self,
        id: ChannelId,
        delivered: usize,
        last: QueueId,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        self.channels[id.index()].limiter.settled(delivered);
        self.serve_waiting(id, Some(last), cause, out);
    }

    /// Serves the queues that a channel kept waiting, if it has room again (S8). They take turns: the one that had the room
    /// before comes last.
    pub(super) fn serve_waiting(
        &mut self,
        id: ChannelId,
        had_it: Option<QueueId>,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let waiting = self.channels[id.index()].limiter.release();
        let is_later = |queue: &QueueId| had_it.is_some_and(|had_it| *queue > had_it);
        let (later, earlier): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_later);
        for queue in later.into_iter().chain(earlier) {
            self.unblock(queue, id);
            self.dispatch(queue, cause, out);
        }
    }

    fn after_settling(&mut self, id: QueueId, cause: EventId, out: &mut impl Outlet) {
        let queue = &mut self.queues[id.index()];
        if queue.deleted {
            return;
        }
        let came_back = queue.lanes.settle_back();
        if self.going_down {
            return; // What is due is done when it comes up.
        }
        if queue.kind == QueueKind::Classic {
            // What comes back meets the limit before it meets a consumer (Q26), and has to have time left.
            self.enforce_limits(id, cause, out);
            if came_back {
                self.look_for_expired(id, cause, out);
            }
        }
        if self.queues[id.index()].settings.single_active {
            self.activate(id, cause, out);
        }
        self.hand_out(id, None, cause, out);
        if self.queues[id.index()].kind == QueueKind::Quorum {
            self.expire_then_limit(id, cause, out);
        } else {
            self.enforce_limits(id, cause, out);
        }
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
        let now = self.now;
        let queue = &mut self.queues[id.index()];
        queue.unacked -= 1;
        if queue.kind == QueueKind::Quorum && queue.unacked == 0 {
            queue.used = now; // Q24
        }
        match how {
            Settle::Ack => {
                self.totals.acked += 1;
                let event = out.event(cause, || Event::Acked { queued, consumer });
                self.write_is_done(queued.copy, event);
                event
            }
            Settle::RejectAway | Settle::NackAway => {
                let mut entry = entry;
                entry.returns += u32::from(how.failed());
                self.note_failure(queued.queue, &mut entry);
                let reason = DeathReason::Rejected;
                self.die(queued, entry, reason, None, consumer, cause, out)
            }
            _ => self.requeue(queued, entry, consumer, how, cause, out),
        }
    }

    /// Counts a delivery of a consumer's as settled, and lets it be served again (S9). Nothing is handed out yet.
    fn let_go(&mut self, id: ConsumerId) {
        let consumer = &mut self.consumers[id.index()];
        let was_full = !consumer.has_room();
        consumer.unacked -= 1;
        let (queue, channel) = (consumer.queue, consumer.channel);
        if was_full {
            self.unblock(queue, channel);
            self.join_ring(id);
        }
    }

    /// Puts the consumers of a channel back into a classic queue's ring that were asked in vain, and have room by their own
    /// prefetch; the channel's is asked when it is their turn (S9).
    pub(super) fn unblock(&mut self, queue: QueueId, channel: ChannelId) {
        let consumers = &self.consumers;
        let may = |id: ConsumerId| {
            let consumer = &consumers[id.index()];
            consumer.channel == channel && consumer.has_room()
        };
        for (_, id) in self.queues[queue.index()].blocked.take_where(may) {
            self.join_ring(id);
        }
    }

    /// Puts a consumer at the end of its queue's ring, if it belongs there and is not there. One of a classic queue stays
    /// there while it is full; a quorum queue's comes back when it has room.
    pub(super) fn join_ring(&mut self, id: ConsumerId) {
        let consumer = &self.consumers[id.index()];
        let queue = &self.queues[consumer.queue.index()];
        if consumer.in_ring || !consumer.present || queue.deleted {
            return;
        }
        let waits = queue.settings.single_active && (queue.active != Some(id) || queue.gives_way);
        let belongs = match queue.kind {
            QueueKind::Classic => !queue.blocked.contains(id),
            QueueKind::Quorum | QueueKind::ReplyTo => self.has_capacity(consumer),
            QueueKind::Stream => false,
        };
        if waits || !belongs {
            return;
        }
        let (queue, priority) = (consumer.queue, consumer.priority);
        self.consumers[id.index()].in_ring = true;
        self.queues[queue.index()].ring.join(priority, id);
    }

    /// Counts a failed delivery of a quorum queue, where the release passes those on apart from the deliveries that were given
    /// back (D4).
    fn note_failure(&self, queue: QueueId, entry: &mut Entry) {
        let counts = self.switches().failures_told == FailuresTold::OfQuorumQueues;
        if counts && self.queues[queue.index()].kind == QueueKind::Quorum {
            entry.message.failures += 1;
        }
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
        let mut place = Place::Original;
        let mut returns = 0;
        // A classic queue counts too, but only for those it goes to when it dies (D4).
        entry.returns += u32::from(counts);
        if matches!(how, Settle::ChannelEnded | Settle::Restart) {
            self.note_failure(queued.queue, &mut entry);
        }
        let queue = &mut self.queues[queued.queue.index()];
        if queue.kind == QueueKind::Quorum {
            returns = entry.returns;
            entry.acquired += u32::from(counts_acquired); // Q45
            let limit = queue.settings.delivery_limit;
            let exhausted = limit.is_some_and(|limit| entry.returns > limit);
            // A broker that goes down sends nothing any more; it ends this when it comes up.
            if exhausted && !self.going_down {
                let reason = DeathReason::DeliveryLimit;
                return self.die(queued, entry, reason, None, consumer, cause, out);
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
