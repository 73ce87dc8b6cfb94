//! What happens because time goes on (Q20–Q24, Q46, S15).

use crate::broker::channel::{Channel, Unacked};
use crate::broker::transaction::Settle;
use crate::broker::{
    Cancellation, ChannelId, Closing, Consumer, Departure, Event, EventId, Micros, Outlet, Place,
    Queue, QueueId, QueueKind, Queued, Refusal, Register, ReplyCode, Return,
};

use super::{Broker, Due};

impl Broker {
    /// Does what is due by now.
    pub(super) fn tick(&mut self, cause: EventId, out: &mut impl Outlet) {
        let now = self.now;
        while let Some(&(at, due)) = self.due.first()
            && at <= now
        {
            self.due.pop_first();
            match due {
                Due::Kept(copy) => self.try_kept(copy, cause, out),
                Due::Waiting(number) => self.go_on(number, cause, out),
                Due::Queue(id) => self.look_at_clocks(id, cause, out),
                Due::Written(copy) => {
                    if let Some(unwritten) = self.unwritten.remove(&copy) {
                        self.settle_owed(unwritten.owed, true, cause);
                    }
                }
            }
        }
        if self.has_unacked() && self.ack_check.is_some_and(|check| check <= now) {
            self.check_acks(cause, out);
        }
    }

    /// Says when a queue's clocks need looking at, as they are now.
    pub(super) fn arm(&mut self, id: QueueId) {
        let queue = &mut self.queues[id.index()];
        let next = if queue.deleted {
            None
        } else {
            queue.next_due()
        };
        if next == queue.armed {
            return;
        }
        if let Some(at) = std::mem::replace(&mut queue.armed, next) {
            self.due.remove(&(at, Due::Queue(id)));
        }
        if let Some(at) = next {
            self.due.insert((at, Due::Queue(id)));
        }
    }

    fn look_at_clocks(&mut self, id: QueueId, cause: EventId, out: &mut impl Outlet) {
        let now = self.now;
        let queue = &mut self.queues[id.index()];
        queue.armed = None;
        if queue.head_watched.is_some_and(|at| at <= now) {
            self.look_for_expired(id, cause, out);
        }
        let queue = &mut self.queues[id.index()];
        if queue.lease_ends().is_some_and(|ends| ends <= now) {
            self.remove_queue(id, Departure::Expired, cause, out); // Q24
            return;
        }
        let back = queue.delayed.partition_point(|&(until, _)| until <= now);
        let back: Vec<_> = queue.delayed.drain(..back).collect();
        for (_, entry) in back {
            let queued = Queued {
                message: entry.message.id,
                copy: entry.copy,
                queue: id,
            };
            let returns = entry.returns;
            self.queues[id.index()].lanes.put_returned(entry);
            out.event(cause, || Event::Requeued {
                queued,
                consumer: None,
                why: Return::Delayed,
                place: Place::Returned,
                returns,
            });
        }
        self.dispatch(id, cause, out);
        self.enforce_limits(id, cause, out);
        self.arm(id);
    }

    /// Ends what stands at the head and has no time left (Q21, Q23), but for queues that look only now and then (Q40).
    pub(super) fn expire_heads(&mut self, id: QueueId, cause: EventId, out: &mut impl Outlet) {
        if !self.queues[id.index()].looks_seldom() {
            self.look_for_expired(id, cause, out);
        }
    }

    /// Ends what stands at the head and has no time left, and remembers when the next is due.
    pub(super) fn look_for_expired(&mut self, id: QueueId, cause: EventId, out: &mut impl Outlet) {
        let now = self.now;
        while let Some(entry) = self.queues[id.index()].lanes.pop_expired(now) {
            self.expire(id, entry, cause, out);
        }
        let queue = &mut self.queues[id.index()];
        queue.head_watched.take_if(|at| *at <= now);
        queue.watch_head();
    }

    /// Looks for deliveries that have been unacked for too long (S15).
    fn check_acks(&mut self, cause: EventId, out: &mut impl Outlet) {
        let now = self.now;
        self.ack_check = None;
        let only_quorum = self.switches().times_out_consumer;
        let end = |consumers: &Register<Consumer>, queues: &[Queue], unacked: &Unacked| {
            let queue = &queues[unacked.queue.index()];
            let counts = !queue.deleted && (!only_quorum || queue.kind == QueueKind::Quorum);
            counts.then(|| unacked.since + ack_timeout(consumers, queue, unacked))
        };
        let mut late: Vec<(ChannelId, Micros)> = Vec::new();
        for channel in self.channels.iter().filter(|channel| !channel.closed) {
            let first = channel.unanswered().find(|&unacked| {
                end(&self.consumers, &self.queues, unacked).is_some_and(|end| end <= now)
            });
            late.extend(first.map(|unacked| {
                let queue = &self.queues[unacked.queue.index()];
                (channel.id, ack_timeout(&self.consumers, queue, unacked))
            }));
        }
        for (id, timeout) in late {
            self.time_out(id, timeout, cause, out);
        }
        // What was given out again just now is watched already.
        let open = self.channels.iter().filter(|channel| !channel.closed);
        let next = open
            .flat_map(Channel::unanswered)
            .filter_map(|unacked| end(&self.consumers, &self.queues, unacked))
            .min();
        if let Some(end) = next {
            self.watch_ack(end.since(now));
        }
    }

    fn time_out(&mut self, id: ChannelId, timeout: Micros, cause: EventId, out: &mut impl Outlet) {
        let now = self.now;
        let connection = self.channels[id.index()].connection;
        let told = self.connections[connection.index()]
            .capabilities
            .consumer_cancel_notify;
        if self.switches().times_out_consumer && told {
            let (consumers, queues) = (&self.consumers, &self.queues);
            let is_late = |unacked: &Unacked| {
                let queue = &queues[unacked.queue.index()];
                let end = unacked.since + ack_timeout(consumers, queue, unacked);
                queue.kind == QueueKind::Quorum && end <= now
            };
            let late = self.channels[id.index()].take_where(is_late);
            let mut consumers: Vec<_> = late.iter().filter_map(|late| late.consumer).collect();
            consumers.sort_unstable();
            consumers.dedup();
            for consumer in consumers {
                self.remove_consumer(consumer, Cancellation::TimedOut, cause, out);
            }
            self.settle_all(id, late, Settle::TimedOut, cause, out);
            return;
        }
        let refusal = Refusal::new(
            ReplyCode::PreconditionFailed,
            "S15",
            format!(
                "delivery acknowledgement on channel {} timed out. Timeout value used: {} ms. This timeout value can be configured, see consumers doc guide to learn more",
                self.channels[id.index()].number,
                timeout.0 / 1_000
            ),
        );
        self.totals.refused += 1;
        let event = out.event(cause, || Event::Refused {
            connection,
            channel: Some(id),
            method: None,
            message: None,
            refusal: Box::new(refusal.clone()),
        });
        self.end_channel(id, Closing::Refused(Box::new(refusal)), event, out);
    }
}

/// How long a delivery may stay unacknowledged: as its consumer said, or else its queue (S15).
fn ack_timeout(consumers: &Register<Consumer>, queue: &Queue, unacked: &Unacked) -> Micros {
    let consumer = unacked.consumer.map(|id| &consumers[id.index()]);
    let own = consumer.and_then(|consumer| consumer.ack_timeout);
    own.unwrap_or(queue.settings.ack_timeout)
}
