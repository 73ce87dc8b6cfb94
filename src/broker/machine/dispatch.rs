//! From the exchange into the queue, and from the queue to the consumers (S9, Q20–Q28).

use crate::broker::channel::Unacked;
use crate::broker::message::expiration;
use crate::broker::queue::Entry;
use crate::broker::settings::Overflow;
use crate::broker::{
    ConsumerId, CopyId, DeathReason, Delivery, Event, EventId, FailuresTold, Limit, Loss, Message,
    Micros, Outgoing, Outlet, QueueId, QueueKind, Queued, Switches,
};

use super::{Broker, Owed};

impl Broker {
    /// A copy comes to its queue.
    pub(super) fn accept(
        &mut self,
        id: QueueId,
        copy: CopyId,
        message: Message,
        owed: Option<Owed>,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let queued = Queued {
            message: message.id,
            copy,
            queue: id,
        };
        let queue = &self.queues[id.index()];
        if queue.deleted {
            self.totals.lost += 1;
            let why = Loss::QueueDeleted;
            let event = out.event(cause, || Event::Lost { queued, why });
            // To a publisher it counts as taken (Q10), to a queue that keeps its dead it does not (D6).
            let taken = !matches!(owed, Some(Owed::Letter(..)));
            self.settle_owed(owed, taken, event);
            return;
        }
        if queue.kind == QueueKind::Stream {
            self.append(id, copy, message, owed, cause, out);
            return;
        }
        // A full quorum queue tells its publishers, and takes what comes all the same: a dead letter that nobody keeps has
        // none who could be told (Q27).
        let letter = owed.is_none() && message.publication.died;
        let takes_all = letter && queue.kind == QueueKind::Quorum;
        if let Some(limit) = self.turns_away(id, &message).filter(|_| !takes_all) {
            self.turn_away(id, copy, message, limit, owed, cause, out);
            return;
        }
        let queue = &self.queues[id.index()];
        let expires = expires_at(self.now, queue.settings.ttl, &message);
        let level = queue.level_of(&message, self.switches());
        // A quorum queue writes everything (P7, R2).
        let persistent = queue.kind == QueueKind::Quorum
            || (queue.durable && message.publication.properties.is_persistent());
        let quorum = queue.kind == QueueKind::Quorum;
        // D4
        let failures = message.failures;
        let (returns, redelivered) = match self.switches().failures_told {
            FailuresTold::Nothing => (0, false),
            FailuresTold::OfQuorumQueues => (0, quorum && failures > 0),
            FailuresTold::All => (failures, failures > 0),
        };
        let failures = if redelivered { failures } else { 0 };
        let beside = match quorum && self.switches().properties_count {
            true => message.publication.properties.octets(),
            false => 0,
        };
        let entry = Entry {
            copy,
            message,
            place: 0,
            beside,
            expires,
            returns,
            acquired: 0,
            level,
            redelivered,
        };
        self.queues[id.index()].lanes.push(entry);
        let event = out.event(cause, || Event::Ready {
            queued,
            level,
            failures,
            expires: (expires != Micros::MAX).then_some(expires),
        });
        if persistent && self.configuration.write_delay > Micros::ZERO {
            self.write_later(copy, owed);
        } else {
            self.settle_owed(owed, true, event); // P7
        }
        self.hand_out(id, Some(copy), event, out);
        let dropped = self.enforce_limits(id, event, out);
        if dropped || self.queues[id.index()].lanes.len() == 1 {
            self.look_for_expired(id, event, out); // Q22
        } else {
            self.expire_heads(id, event, out);
        }
        self.arm(id);
    }

    /// The limit by which a queue does not take a message (Q27); a waiting consumer does not help.
    fn turns_away(&self, id: QueueId, message: &Message) -> Option<Limit> {
        let queue = &self.queues[id.index()];
        let settings = &queue.settings;
        if settings.overflow == Overflow::DropHead {
            return None;
        }
        // A quorum queue notices only that it is too long already.
        let (one, body) = match queue.kind {
            QueueKind::Quorum => (0, 0),
            _ => (1, message.publication.body.as_bytes().len() as u64),
        };
        // What it keeps of its dead takes room as well (D6).
        let (len, bytes) = (
            (queue.ready_len() + queue.kept) as u64,
            queue.ready_bytes() + queue.kept_bytes,
        );
        let too_many = settings
            .max_length
            .filter(|&most| len + one > most)
            .map(Limit::Messages);
        let too_large = settings
            .max_bytes
            .filter(|&most| bytes + body > most)
            .map(Limit::Bytes);
        too_many.or(too_large)
    }

    #[allow(clippy::too_many_arguments)]
    fn turn_away(
        &mut self,
        id: QueueId,
        copy: CopyId,
        message: Message,
        limit: Limit,
        owed: Option<Owed>,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let queued = Queued {
            message: message.id,
            copy,
            queue: id,
        };
        let event = if self.queues[id.index()].settings.overflow == Overflow::RejectPublishDlx {
            // Q28
            let reason = DeathReason::MaxLen;
            self.end(queued, message, reason, Some(limit), None, cause, out)
        } else {
            self.totals.turned_away += 1;
            out.event(cause, || Event::TurnedAway { queued, limit })
        };
        self.settle_owed(owed, false, event); // P9
    }

    /// Serves a queue's consumers, and looks at what stands at its head then.
    pub(super) fn dispatch(&mut self, id: QueueId, cause: EventId, out: &mut impl Outlet) {
        if self.going_down {
            return; // Nobody is served by a broker that goes down.
        }
        self.hand_out(id, None, cause, out);
        self.expire_heads(id, cause, out); // Q21
        self.arm(id);
    }

    /// Hands ready messages to consumers with capacity, in turn (S9). `fresh` came just now, and is handed over even if
    /// its time to live is zero (Q22).
    pub(super) fn hand_out(
        &mut self,
        id: QueueId,
        fresh: Option<CopyId>,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        match self.queues[id.index()].kind {
            QueueKind::Stream => self.dispatch_log(id, cause, out),
            QueueKind::Quorum => self.hand_out_together(id, fresh, cause, out),
            QueueKind::Classic | QueueKind::ReplyTo => {
                while let Some((to, entry)) = self.next_delivery(id, fresh, cause, out) {
                    self.deliver(id, to, entry, cause, out);
                    if self.queues[id.index()].looks_seldom() {
                        self.look_for_expired(id, cause, out);
                    }
                }
            }
        }
    }

    /// A quorum queue hands out all it can, and then sends it, to each consumer what it gets (S9).
    fn hand_out_together(
        &mut self,
        id: QueueId,
        fresh: Option<CopyId>,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let mut deliveries = Vec::new();
        while let Some(delivery) = self.next_delivery(id, fresh, cause, out) {
            deliveries.push(delivery);
        }
        deliveries.sort_by_key(|&(to, _)| to);
        for (to, entry) in deliveries {
            self.deliver(id, to, entry, cause, out);
        }
    }

    /// Chooses who gets a queue's next message, and counts it as that consumer's.
    fn next_delivery(
        &mut self,
        id: QueueId,
        fresh: Option<CopyId>,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Option<(ConsumerId, Entry)> {
        loop {
            let queue = &mut self.queues[id.index()];
            if queue.lanes.len() == 0 || queue.ring.is_empty() {
                return None;
            }
            let now = self.now;
            if let Some(head) = queue.lanes.peek().filter(|_| !queue.looks_seldom())
                && head.has_expired(now)
                && Some(head.copy) != fresh
            {
                let entry = queue.lanes.pop()?;
                self.expire(id, entry, cause, out);
                continue;
            }
            let to = queue.ring.next()?;
            self.consumers[to.index()].in_ring = false;
            if !self.takes(to) {
                continue; // It comes back when it does (S9).
            }
            let mut entry = self.queues[id.index()].lanes.pop()?;
            // D4: what a classic queue hands straight on was never in it.
            let handed_on = Some(entry.copy) == fresh;
            entry.redelivered &= !handed_on || self.queues[id.index()].kind == QueueKind::Quorum;
            let consumer = &mut self.consumers[to.index()];
            let channel = &mut self.channels[consumer.channel.index()];
            if !consumer.no_ack {
                consumer.unacked += 1;
                if self.queues[id.index()].kind == QueueKind::Classic {
                    channel.limiter.count();
                }
            }
            self.connections[channel.connection.index()].untaken += entry.message.weight();
            self.join_ring(to);
            return Some((to, entry));
        }
    }

    /// Asks a consumer whose turn it is whether it takes a message. A classic queue asks the channel too, and keeps apart
    /// whoever was asked in vain.
    fn takes(&mut self, id: ConsumerId) -> bool {
        let consumer = &self.consumers[id.index()];
        let queue = &mut self.queues[consumer.queue.index()];
        if queue.kind != QueueKind::Classic {
            return self.has_capacity(&self.consumers[id.index()]);
        }
        let (of, priority) = (queue.id, consumer.priority);
        let limiter = &mut self.channels[consumer.channel.index()].limiter;
        let takes = !limiter.keeps_waiting(of) && consumer.has_room() && limiter.ask(of);
        let channel = &self.channels[consumer.channel.index()];
        if takes && self.keeps_up(channel.connection) {
            return true;
        }
        self.queues[of.index()].blocked.join(priority, id);
        false
    }

    /// Sends a consumer what it was given.
    fn deliver(
        &mut self,
        id: QueueId,
        to: ConsumerId,
        entry: Entry,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let (now, switches) = (self.now, self.switches());
        let queue = &mut self.queues[id.index()];
        let consumer = &self.consumers[to.index()];
        let channel = &mut self.channels[consumer.channel.index()];
        let queued = Queued {
            message: entry.message.id,
            copy: entry.copy,
            queue: id,
        };
        let (message, redelivered) = (entry.message.clone(), entry.redelivered);
        let (returns, acquired) = queue.counts_told(&entry, switches);
        let settled = consumer.no_ack;
        self.totals.delivered += 1;
        let unacked = if settled {
            self.totals.acked += 1;
            None
        } else {
            queue.unacked += 1;
            self.unacked += 1;
            Some(Unacked {
                consumer: Some(to),
                queue: id,
                tag: channel.next_tag(),
                since: now,
                stays: false,
                entry,
            })
        };
        let tag = channel.deliver(unacked);
        let of = consumer.channel;
        let timeout = consumer.ack_timeout.unwrap_or(queue.settings.ack_timeout);
        if !settled {
            self.watch_ack(timeout);
        }
        let event = out.event(cause, || Event::Delivered {
            queued,
            consumer: to,
            tag,
            redelivered,
            settled,
        });
        if settled {
            self.write_is_done(queued.copy, event);
        }
        out.send(Outgoing::Delivery(Delivery {
            consumer: Some(to),
            channel: of,
            tag,
            redelivered,
            returns,
            acquired,
            offset: None,
            queued,
            message,
            event,
        }));
    }

    /// Makes sure that a delivery made now is looked at when it has been unacked for too long (S15).
    pub(super) fn watch_ack(&mut self, timeout: Micros) {
        let at = self.now + timeout;
        // One that is past was not looked at, since nothing was unacked.
        let check = self.ack_check.filter(|&check| check >= self.now);
        if check.is_none_or(|check| at + Switches::ACK_CHECK < check) {
            // Looked at about each minute.
            let minute = Switches::ACK_CHECK.0;
            self.ack_check = Some(Micros(at.0.div_ceil(minute).saturating_mul(minute)));
        }
    }
}

/// When a message that comes now expires (Q20); [`Micros::MAX`] is never.
pub(super) fn expires_at(now: Micros, ttl: Option<Micros>, message: &Message) -> Micros {
    let own = message
        .publication
        .properties
        .expiration
        .as_ref()
        .and_then(|text| expiration(text).ok());
    let span = match (ttl, own) {
        (Some(ttl), Some(own)) => ttl.min(own),
        (Some(span), None) | (None, Some(span)) => span,
        (None, None) => return Micros::MAX,
    };
    now + span
}
