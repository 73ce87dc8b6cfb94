//! Consuming and getting (S1–S9, S13, S16, Q43).

use crate::broker::channel::Unacked;
use crate::broker::consumer::Consumer;
use crate::broker::mix::{made_up, mix};
use crate::broker::{
    Cancellation, ChannelId, ConsumerId, Delivery, Departure, Deprecation, Event, EventId, Micros,
    Name, Outgoing, Outlet, Permission, Queue, QueueId, QueueKind, QueueSpec, Queued, Refusal,
    Reply, ReplyCode, Resource, Switches, Table, Value,
};

use super::Broker;
use super::declare::REPLY_TO;

fn refuse<T>(code: ReplyCode, rule: &'static str, text: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(code, rule, text))
}

impl Broker {
    pub(super) fn qos(
        &mut self,
        id: ChannelId,
        prefetch_size: u32,
        prefetch: u16,
        global: bool,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        if prefetch_size != 0 {
            return refuse(
                ReplyCode::NotImplemented,
                "S7",
                format!("prefetch_size!=0 ({prefetch_size})"),
            );
        }
        let by_channel = global && self.switches().global_prefetch;
        let channel = self.open(id)?;
        if by_channel {
            // In a transaction, what is acknowledged is so at once for this.
            let unacked = channel.unanswered().count();
            channel.limiter.limit(prefetch, unacked);
            out.event(cause, || Event::Deprecated {
                feature: Deprecation::GlobalPrefetch,
            });
        } else {
            channel.prefetch = prefetch; // S8
            // What was said of the channel as a whole holds no longer.
            channel.limiter.limit(0, 0);
        }
        // There may be more room now than there was.
        self.serve_waiting(id, None, cause, out);
        Ok(Reply::Done)
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn consume(
        &mut self,
        channel: ChannelId,
        queue: &Name,
        tag: Name,
        no_ack: bool,
        exclusive: bool,
        arguments: &Table,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let name = self.queue_meant(channel, queue)?;
        let id = ConsumerId(self.consumers.given() as u32);
        let tag = self.free_tag(channel, tag, id)?;
        let (queue, asked) = if name == REPLY_TO {
            self.check_reply_consumer(channel, no_ack)?;
            (self.add_reply_queue(channel, cause, out), Asked::default())
        } else {
            self.permit(channel, Permission::Read, Resource::Queue(&name))?;
            let queue = self.usable_queue(channel, &name)?; // S1
            let asked = self.asked(queue, arguments)?;
            self.check_consume(channel, queue, no_ack, exclusive)?;
            let stream = self.queues[queue.index()].kind == QueueKind::Stream;
            if stream && arguments.get("x-stream-offset").is_some_and(is_no_offset) {
                return refuse(ReplyCode::InternalError, "Q47", "");
            }
            (queue, asked)
        };
        let there = &self.queues[queue.index()];
        let quorum = there.kind == QueueKind::Quorum;
        let exclusive = exclusive && there.kind == QueueKind::Classic; // S1
        let prefetch = match self.channels[channel.index()].prefetch {
            0 if quorum => Switches::QUORUM_PREFETCH, // S7
            prefetch => u32::from(prefetch),
        };
        self.consumers.push(Consumer {
            id,
            tag: tag.clone(),
            channel,
            queue,
            no_ack,
            exclusive,
            priority: asked.priority,
            prefetch,
            ack_timeout: asked.timeout,
            unacked: 0,
            position: asked.position,
            present: true,
            in_ring: false,
        });
        let by_tag = &mut self.channels[channel.index()].consumers;
        by_tag.insert(tag.clone(), id);
        let there = &mut self.queues[queue.index()];
        there.consumers.push(id);
        there.had_consumer = true;
        there.exclusive_consumer |= exclusive;
        let event = out.event(cause, || Event::Consuming {
            consumer: id,
            queue,
        });
        if self.queues[queue.index()].settings.single_active {
            self.activate(queue, event, out);
        }
        self.join_ring(id);
        self.dispatch(queue, event, out);
        Ok(Reply::Consumer { consumer: id, tag })
    }

    /// The tag a client chose, or one that no client took (S2).
    fn free_tag(&self, channel: ChannelId, tag: Name, id: ConsumerId) -> Result<Name, Refusal> {
        let taken = &self.channels[channel.index()].consumers;
        if tag.is_empty() {
            return Ok((u64::from(id.0)..)
                .map(|number| made_up("amq.ctag-", self.configuration.began, number))
                .find(|tag| !taken.contains_key(tag))
                .unwrap_or_default());
        }
        if taken.contains_key(&tag) {
            return refuse(
                ReplyCode::NotAllowed,
                "S2",
                format!("attempt to reuse consumer tag '{tag}'"),
            );
        }
        Ok(tag)
    }

    /// Where a reader of a stream begins (Q47); elsewhere there is nothing to say.
    fn first_offset(&self, queue: QueueId, arguments: &Table) -> Result<u64, Refusal> {
        let queue = &self.queues[queue.index()];
        if queue.kind != QueueKind::Stream {
            return Ok(0);
        }
        let offset = arguments.get("x-stream-offset");
        match queue.log.start(offset, self.now) {
            _ if offset.is_some_and(is_no_offset) => Ok(0), // It is refused later.
            Some(position) => Ok(position),
            None => {
                let offset = offset.map_or_else(String::new, Value::in_erlang);
                let wrong = format!("{{invalid_stream_offset_arg,{offset}}}");
                self.invalid_argument("Q47", "x-stream-offset", queue, &wrong)
            }
        }
    }

    fn invalid_argument<T>(
        &self,
        rule: &'static str,
        name: &str,
        queue: &Queue,
        wrong: &str,
    ) -> Result<T, Refusal> {
        let (queue, vhost) = (&queue.name, self.definitions.vhost());
        refuse(
            ReplyCode::PreconditionFailed,
            rule,
            format!("invalid arg '{name}' for queue '{queue}' in vhost '{vhost}': {wrong}"),
        )
    }

    /// What a consumer asks for: its priority (S9), how long it may take to acknowledge (S15), and where in a stream it
    /// begins (Q47). Values are looked at first, then what is for queues of other types.
    fn asked(&self, queue: QueueId, arguments: &Table) -> Result<Asked, Refusal> {
        let mut asked = Asked::default();
        let queue = &self.queues[queue.index()];
        let timeouts = self.switches().consumer_timeouts;
        let takes = |name: &str| match queue.kind {
            QueueKind::Classic => name == "x-priority",
            QueueKind::Quorum => name == "x-priority" || (timeouts && name == "x-consumer-timeout"),
            QueueKind::Stream => STREAM_ARGUMENTS.contains(&name),
            QueueKind::ReplyTo => true,
        };
        let number = |name: &'static str, rule| match arguments.get(name).filter(|_| takes(name)) {
            None => Ok(None),
            Some(Value::Int(number) | Value::Sized(_, number)) => Ok(Some(*number)),
            Some(other) => {
                let wrong = format!("\"expected integer, got {}\"", other.type_name());
                self.invalid_argument(rule, name, queue, &wrong)
            }
        };
        if let Some(priority) = number("x-priority", "S9")? {
            asked.priority = priority.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
        }
        if let Some(millis) = number("x-consumer-timeout", "S15")? {
            let Ok(millis) = u64::try_from(millis) else {
                let wrong = format!("{{value_negative,{millis}}}");
                return self.invalid_argument("S15", "x-consumer-timeout", queue, &wrong);
            };
            asked.timeout = Some(Micros::from_millis(millis));
        }
        asked.position = self.first_offset(queue.id, arguments)?;
        let is_known = |name: &str| {
            name == "x-priority"
                || STREAM_ARGUMENTS.contains(&name)
                || (timeouts && name == "x-consumer-timeout")
        };
        let foreign = |name: &&Name| is_known(name) && !takes(name);
        if let Some(foreign) = arguments.keys().find(foreign) {
            let (name, kind, vhost) = (&queue.name, queue.kind, self.definitions.vhost());
            return refuse(
                ReplyCode::PreconditionFailed,
                "Q4",
                format!(
                    "invalid arg '{foreign}' for queue '{name}' in vhost '{vhost}' of queue type rabbit_{kind}_queue"
                ),
            );
        }
        Ok(asked)
    }

    fn check_consume(
        &self,
        channel: ChannelId,
        id: QueueId,
        no_ack: bool,
        exclusive: bool,
    ) -> Result<(), Refusal> {
        let queue = &self.queues[id.index()];
        let channel = &self.channels[channel.index()];
        let (name, vhost) = (&queue.name, self.definitions.vhost());
        if queue.kind == QueueKind::Stream && channel.prefetch == 0 {
            return refuse(
                ReplyCode::PreconditionFailed,
                "Q47",
                format!(
                    "consumer prefetch count is not set for stream queue '{name}' in vhost '{vhost}'"
                ),
            );
        }
        if queue.kind == QueueKind::Stream && no_ack {
            return refuse(
                ReplyCode::NotImplemented,
                "Q47",
                format!(
                    "automatic acknowledgement not supported by stream queue '{name}' in vhost '{vhost}'"
                ),
            );
        }
        let replicated = matches!(queue.kind, QueueKind::Quorum | QueueKind::Stream);
        if replicated && channel.global_prefetch() > 0 {
            return refuse(
                ReplyCode::NotImplemented,
                "S8",
                format!("queue '{name}' in vhost '{vhost}' does not support global qos"),
            );
        }
        // S1: the other types let anybody consume.
        let classic = queue.kind == QueueKind::Classic;
        let taken = exclusive && classic && !queue.consumers.is_empty();
        let alone = exclusive && classic && queue.settings.single_active; // Q43
        if queue.exclusive_consumer || taken || alone {
            return refuse(
                ReplyCode::AccessRefused,
                if alone { "Q43" } else { "S1" },
                format!("queue '{name}' in vhost '{vhost}' in exclusive use"),
            );
        }
        Ok(())
    }

    fn check_reply_consumer(&self, channel: ChannelId, no_ack: bool) -> Result<(), Refusal> {
        if !no_ack {
            return refuse(
                ReplyCode::PreconditionFailed,
                "S16",
                "reply consumer cannot acknowledge",
            );
        }
        if self.channels[channel.index()].reply_to.is_some() {
            return refuse(
                ReplyCode::PreconditionFailed,
                "S16",
                "reply consumer already set",
            );
        }
        Ok(())
    }

    /// Gives a channel an address for replies: a queue that is nobody else's, and holds nothing (S16).
    fn add_reply_queue(
        &mut self,
        channel: ChannelId,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> QueueId {
        self.reply_addresses += 1;
        let token = mix(self.configuration.seed ^ mix(self.reply_addresses)) as u32;
        let mut spec = QueueSpec::new(format!("{REPLY_TO}.{token:08x}"));
        spec.durable = false;
        let id = self.add_queue(&spec, QueueKind::ReplyTo, None);
        self.channels[channel.index()].reply_to = Some(id);
        out.event(cause, || self.told_of(id));
        id
    }

    /// Its deliveries stay unacked (S4).
    pub(super) fn cancel(
        &mut self,
        channel: ChannelId,
        tag: &Name,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let Some(&id) = self.open(channel)?.consumers.get(tag) else {
            return Ok(Reply::Done); // S4
        };
        let queue = self.consumers[id.index()].queue;
        self.remove_consumer(id, Cancellation::ByClient, cause, out);
        if self.queues[queue.index()].kind == QueueKind::ReplyTo {
            self.channels[channel.index()].reply_to = None;
            self.remove_queue(queue, Departure::RequesterGone, cause, out);
            return Ok(Reply::Done);
        }
        self.activate(queue, cause, out);
        self.dispatch(queue, cause, out);
        self.auto_delete(queue, cause, out);
        Ok(Reply::Done)
    }

    /// Takes a consumer away from its queue and its channel; who is served in its place is another step.
    pub(super) fn remove_consumer(
        &mut self,
        id: ConsumerId,
        why: Cancellation,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let now = self.now;
        let consumer = &mut self.consumers[id.index()];
        if !std::mem::replace(&mut consumer.present, false) {
            return;
        }
        consumer.in_ring = false;
        self.gone.consumers.push(id);
        let channel = &mut self.channels[consumer.channel.index()];
        channel.consumers.remove(&consumer.tag);
        let connection = channel.connection;
        let queue = &mut self.queues[consumer.queue.index()];
        queue.consumers.retain(|&other| other != id);
        queue.ring.leave(id);
        queue.blocked.leave(id);
        if consumer.exclusive {
            queue.exclusive_consumer = false;
        }
        if queue.active == Some(id) {
            queue.active = None;
            queue.gives_way = false;
        }
        queue.used = now; // Q24
        let queue = queue.id;
        let event = out.event(cause, || Event::Cancelled {
            consumer: id,
            queue,
            why,
        });
        self.arm(queue);
        // S13
        let by_broker = matches!(why, Cancellation::QueueDeleted | Cancellation::TimedOut);
        let connection = &self.connections[connection.index()];
        if by_broker && connection.capabilities.consumer_cancel_notify {
            out.send(Outgoing::Cancel {
                consumer: id,
                event,
            });
        }
    }

    /// Chooses the single active consumer, where a queue has one and needs another (Q43, W5).
    pub(super) fn activate(&mut self, id: QueueId, cause: EventId, out: &mut impl Outlet) {
        let queue = &self.queues[id.index()];
        if !queue.settings.single_active || queue.deleted || self.going_down {
            return;
        }
        if let Some(active) = queue.active {
            if !self.is_to_go(queue, active) {
                return;
            }
            let held = self.consumers[active.index()].unacked;
            let queue = &mut self.queues[id.index()];
            queue.ring.leave(active);
            queue.gives_way = held > 0; // Until it has settled that, whoever comes and goes meanwhile.
            self.consumers[active.index()].in_ring = false;
            if held > 0 {
                return;
            }
        }
        let Some(best) = self.best_consumer(&self.queues[id.index()]) else {
            return;
        };
        let before = self.queues[id.index()].active.replace(best);
        if before != Some(best) {
            out.event(cause, || Event::Activated {
                consumer: best,
                queue: id,
            });
        }
        self.join_ring(best);
    }

    /// Whether a queue's active consumer is to give way: one of higher priority has come (Q43).
    fn is_to_go(&self, queue: &Queue, active: ConsumerId) -> bool {
        let priority = |id: ConsumerId| self.consumers[id.index()].priority;
        let outranked =
            || (queue.consumers.iter()).any(|&other| priority(other) > priority(active));
        queue.gives_way
            || (queue.kind == QueueKind::Quorum && self.switches().active_gives_way && outranked())
    }

    /// Who is to be served alone: the highest priority, then the oldest. A quorum queue prefers who may be sent more.
    fn best_consumer(&self, queue: &Queue) -> Option<ConsumerId> {
        let quorum = queue.kind == QueueKind::Quorum;
        let rank = |&id: &ConsumerId| {
            let consumer = &self.consumers[id.index()];
            let credit = match quorum {
                true => consumer.prefetch.saturating_sub(consumer.unacked as u32),
                false => 0,
            };
            (consumer.priority, credit, std::cmp::Reverse(id))
        };
        queue.consumers.iter().copied().max_by_key(rank)
    }

    /// `basic.get` (S3)
    pub(super) fn get(
        &mut self,
        channel: ChannelId,
        name: &Name,
        no_ack: bool,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let name = self.queue_meant(channel, name)?;
        self.permit(channel, Permission::Read, Resource::Queue(&name))?;
        let id = self.usable_queue(channel, &name)?;
        let (now, switches) = (self.now, self.switches());
        let queue = &mut self.queues[id.index()];
        let vhost = self.definitions.vhost();
        if queue.kind == QueueKind::Stream {
            return refuse(
                ReplyCode::NotImplemented,
                "Q47",
                format!(
                    "basic.get not supported by stream queues queue '{name}' in vhost '{vhost}'"
                ),
            );
        }
        if queue.kind == QueueKind::Quorum && queue.settings.single_active {
            // Q43
            return refuse(
                ReplyCode::ResourceLocked,
                "Q43",
                format!(
                    "cannot obtain access to locked queue '{name}' in vhost '{vhost}'. basic.get operations are not supported by {} queues with single active consumer",
                    switches.quorum_in_text
                ),
            );
        }
        queue.used = now; // Q24
        self.expire_heads(id, cause, out);
        let queue = &mut self.queues[id.index()];
        let Some(entry) = queue.lanes.pop() else {
            self.arm(id);
            return Ok(Reply::Empty);
        };
        // What was behind it may have no time left (Q21). A quorum queue counts it once more, unless nothing is to be
        // acknowledged (S3).
        let counted = self.queues[id.index()].lanes.len();
        self.look_for_expired(id, cause, out);
        let queue = &mut self.queues[id.index()];
        let remaining = match queue.kind {
            QueueKind::Quorum if !no_ack => counted,
            _ => queue.lanes.len(),
        };
        let queued = Queued {
            message: entry.message.id,
            copy: entry.copy,
            queue: id,
        };
        let (message, redelivered) = (entry.message.clone(), entry.redelivered);
        let (returns, acquired) = queue.counts_told(&entry, switches);
        let timeout = queue.settings.ack_timeout;
        let there = &mut self.channels[channel.index()];
        self.totals.delivered += 1;
        let unacked = if no_ack {
            self.totals.acked += 1;
            None
        } else {
            queue.unacked += 1;
            self.unacked += 1;
            Some(Unacked {
                consumer: None,
                queue: id,
                tag: there.next_tag(),
                since: now,
                stays: false,
                entry,
            })
        };
        let tag = there.deliver(unacked);
        if no_ack {
            self.write_is_done(queued.copy, cause);
        } else {
            self.watch_ack(timeout);
        }
        let event = out.event(cause, || Event::Got {
            queued,
            channel,
            tag,
            redelivered,
            settled: no_ack,
        });
        self.expire_heads(id, event, out);
        self.arm(id);
        Ok(Reply::Got {
            delivery: Box::new(Delivery {
                consumer: None,
                channel,
                tag,
                redelivered,
                returns,
                acquired,
                offset: None,
                queued,
                message,
                event,
            }),
            remaining,
        })
    }
}

/// Whether RabbitMQ trips over it as an offset, once all else is found to be right (Q47).
fn is_no_offset(value: &Value) -> bool {
    matches!(
        value,
        Value::Void | Value::Bool(_) | Value::Float(_) | Value::Double(_) | Value::Decimal(..)
    )
}

/// The consumer arguments that streams take (Q47).
const STREAM_ARGUMENTS: [&str; 3] = [
    "x-stream-offset",
    "x-stream-filter",
    "x-stream-match-unfiltered",
];

/// What a consumer asks for by its arguments.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    priority: i32,
    timeout: Option<Micros>,
    position: u64,
}
