//! Consuming and getting (S1–S9, S13, S16, Q43).

use crate::broker::channel::Unacked;
use crate::broker::consumer::Consumer;
use crate::broker::mix::{made_up, mix};
use crate::broker::{
    Cancellation, ChannelId, ConsumerId, Delivery, Departure, Deprecation, Event, EventId, Name,
    Outgoing, Outlet, Permission, QueueId, QueueKind, QueueSpec, Queued, Refusal, Reply, ReplyCode,
    Resource, Switches, Table, Value,
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
            channel.global_prefetch = prefetch;
            out.event(cause, || Event::Deprecated {
                feature: Deprecation::GlobalPrefetch,
            });
        } else {
            channel.prefetch = prefetch; // S8
            // What was said of the channel as a whole holds no longer.
            if std::mem::take(&mut channel.global_prefetch) == 0 {
                return Ok(Reply::Done);
            }
        }
        let consumers = self.channels[id.index()].consumers.values();
        let consumers: Vec<_> = consumers.copied().collect();
        // There may be more room now than there was.
        for consumer in consumers {
            self.join_ring(consumer);
        }
        self.serve_channel(id, &[], cause, out);
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
        let id = ConsumerId(self.consumers.len() as u32);
        let tag = self.free_tag(channel, tag, id)?;
        let (queue, priority, position) = if name == REPLY_TO {
            self.check_reply_consumer(channel, no_ack)?;
            (self.add_reply_queue(channel, cause, out), 0, 0)
        } else {
            self.permit(channel, Permission::Read, Resource::Queue(&name))?;
            let queue = self.usable_queue(channel, &name)?; // S1
            let priority = priority(arguments, &name, &self.configuration.vhost)?;
            self.check_consume(channel, queue, no_ack, exclusive)?;
            (queue, priority, self.first_offset(queue, arguments)?)
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
            priority,
            prefetch,
            unacked: 0,
            position,
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
            Some(position) => Ok(position),
            None => refuse(
                ReplyCode::PreconditionFailed,
                "Q47",
                format!(
                    "invalid stream offset {}; expected first, last, next, a number, a timestamp or an interval",
                    offset.unwrap_or(&Value::Void)
                ),
            ),
        }
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
        if queue.kind == QueueKind::Stream && no_ack {
            return refuse(
                ReplyCode::NotImplemented,
                "Q47",
                format!(
                    "automatic acknowledgement not supported by stream queue '{name}' in vhost '{vhost}'"
                ),
            );
        }
        if queue.kind == QueueKind::Stream && channel.prefetch == 0 {
            return refuse(
                ReplyCode::PreconditionFailed,
                "Q47",
                format!(
                    "consumer prefetch count is not set for stream queue '{name}' in vhost '{vhost}'"
                ),
            );
        }
        let replicated = matches!(queue.kind, QueueKind::Quorum | QueueKind::Stream);
        if replicated && channel.global_prefetch > 0 {
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
        out.event(cause, || Event::QueueDeclared { queue: id });
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
        let channel = &mut self.channels[consumer.channel.index()];
        channel.consumers.remove(&consumer.tag);
        let connection = channel.connection;
        let queue = &mut self.queues[consumer.queue.index()];
        queue.consumers.retain(|&other| other != id);
        queue.ring.leave(id);
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
        // The highest priority, then the oldest.
        let best = queue.consumers.iter().copied().max_by_key(|&other| {
            (
                self.consumers[other.index()].priority,
                std::cmp::Reverse(other),
            )
        });
        let Some(best) = best else {
            return;
        };
        if let Some(active) = queue.active {
            let priority = |id: ConsumerId| self.consumers[id.index()].priority;
            let yields = queue.kind == QueueKind::Quorum
                && self.switches().active_gives_way
                && priority(best) > priority(active);
            if !yields {
                // Whom it was to give way to may have gone.
                if std::mem::replace(&mut self.queues[id.index()].gives_way, false) {
                    self.join_ring(active);
                }
                return;
            }
            if self.consumers[active.index()].unacked > 0 {
                let queue = &mut self.queues[id.index()];
                queue.gives_way = true;
                queue.ring.leave(active);
                self.consumers[active.index()].in_ring = false;
                return;
            }
            let queue = &mut self.queues[id.index()];
            queue.ring.leave(active);
            self.consumers[active.index()].in_ring = false;
        }
        let queue = &mut self.queues[id.index()];
        queue.active = Some(best);
        queue.gives_way = false;
        out.event(cause, || Event::Activated {
            consumer: best,
            queue: id,
        });
        self.join_ring(best);
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
        let now = self.now;
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
                    "cannot obtain access to locked queue '{name}' in vhost '{vhost}'. basic.get operations are not supported by quorum queues with single active consumer"
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
        // Q21: what was behind it may have no time left.
        self.expire_heads(id, cause, out);
        let queue = &mut self.queues[id.index()];
        let remaining = queue.lanes.len();
        let queued = Queued {
            message: entry.message.id,
            copy: entry.copy,
            queue: id,
        };
        let (message, redelivered) = (entry.message.clone(), entry.redelivered);
        let (returns, acquired) = (entry.returns, entry.acquired);
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

/// S9
fn priority(arguments: &Table, queue: &Name, vhost: &Name) -> Result<i32, Refusal> {
    match arguments.get("x-priority") {
        None => Ok(0),
        Some(Value::Int(priority)) => {
            Ok((*priority).clamp(i32::MIN.into(), i32::MAX.into()) as i32)
        }
        Some(other) => refuse(
            ReplyCode::PreconditionFailed,
            "S9",
            format!(
                "invalid arg 'x-priority' for queue '{queue}' in vhost '{vhost}': \"expected integer, got {}\"",
                other.type_name()
            ),
        ),
    }
}
