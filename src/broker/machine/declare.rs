//! Declaring and binding (E3–E11, Q1–Q8).

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::broker::channel::Channel;
use crate::broker::declaration::{check_dead_letter_exchange, inequivalence, kind_of, validate};
use crate::broker::definitions::{BindingPlace, not_default};
use crate::broker::name::clean_name;
use crate::broker::queue::Queue;
use crate::broker::{
    BindingId, ChannelId, ConnectionId, ConsumerId, Definitions, Deprecation, Destination, Event,
    EventId, ExchangeId, ExchangeKind, ExchangeSpec, Name, Outlet, Permission, QueueId, QueueKind,
    QueueSpec, Refusal, Removed, Reply, ReplyCode, Resource, Settings, Table, Value,
};

use super::Broker;

/// What a direct reply-to address is asked for by, and what each begins with (S16).
pub(super) const REPLY_TO: &str = "amq.rabbitmq.reply-to";

fn text<'a>(arguments: &'a Table, name: &str) -> Option<&'a Name> {
    match arguments.get(name) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// Q1, even if it exists.
fn not_reserved(name: &Name) -> Result<(), Refusal> {
    if name.starts_with("amq.") {
        return Err(Refusal::new(
            ReplyCode::AccessRefused,
            "Q1",
            format!("queue name '{name}' contains reserved prefix 'amq.*'"),
        ));
    }
    Ok(())
}

impl Broker {
    pub(super) fn definitions_mut(&mut self) -> &mut Definitions {
        Arc::make_mut(&mut self.definitions)
    }

    pub(super) fn declare_exchange(
        &mut self,
        channel: ChannelId,
        spec: &ExchangeSpec,
        passive: bool,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let name = clean_name(&spec.name)?;
        let exchange = Resource::Exchange(&name);
        if passive {
            // E4
            not_default(&name)?;
            if self.switches().checks_passive {
                self.permit_any(channel, exchange)?;
            }
            return self
                .definitions
                .require_exchange(&name)
                .map(Reply::Exchange);
        }
        spec.kind.require(self.switches())?;
        not_default(&name)?;
        self.permit(channel, Permission::Configure, exchange)?;
        if let Some(alternate) = text(&spec.arguments, "alternate-exchange")
            && self.definitions.exchange_named(&name).is_none()
        {
            self.permit(channel, Permission::Read, exchange)?;
            self.permit(channel, Permission::Write, Resource::Exchange(alternate))?;
        }
        self.make_exchange(spec, cause, out).map(Reply::Exchange)
    }

    /// Any of the three permissions will do (C18, ≥4.3).
    fn permit_any(&self, channel: ChannelId, thing: Resource<'_>) -> Result<(), Refusal> {
        self.permit(channel, Permission::Read, thing)
            .or_else(|_| self.permit(channel, Permission::Write, thing))
            .or_else(|_| self.permit(channel, Permission::Configure, thing))
    }

    pub(super) fn make_exchange(
        &mut self,
        spec: &ExchangeSpec,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<ExchangeId, Refusal> {
        let switches = self.switches();
        // Somebody may hold the definitions as they are: they are copied only for a change.
        if let Some(id) = self.definitions.declared_exchange(spec, switches)? {
            return Ok(id);
        }
        let (id, new) = self.definitions_mut().declare_exchange(spec, switches)?;
        if new {
            self.apply_policy_to_exchange(id);
            out.event(cause, || Event::ExchangeDeclared {
                exchange: id,
                alternate: self.alternate_of(id),
            });
        }
        Ok(id)
    }

    pub(super) fn declare_queue(
        &mut self,
        channel: ChannelId,
        mut spec: QueueSpec,
        passive: bool,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        spec.name = clean_name(&spec.name)?;
        if spec.name.starts_with(REPLY_TO) {
            return self.declare_reply_to(channel, spec.name);
        }
        let connection = self.channels[channel.index()].connection;
        if passive {
            // An empty name means no other here (C16).
            if self.switches().checks_passive {
                self.permit_any(channel, Resource::Queue(&spec.name))?;
            }
            let id = self.usable_queue(channel, &spec.name)?;
            return Ok(self.declared(channel, id));
        }
        let name = if spec.name.is_empty() {
            self.definitions.server_name()
        } else {
            not_reserved(&spec.name)?;
            spec.name.clone()
        };
        self.permit(channel, Permission::Configure, Resource::Queue(&name))?;
        if let Some(exchange) = text(&spec.arguments, "x-dead-letter-exchange")
            && self.definitions.queue_named(&name).is_none()
        {
            self.permit(channel, Permission::Read, Resource::Queue(&name))?;
            self.permit(channel, Permission::Write, Resource::Exchange(exchange))?;
        }
        let id = self.make_queue(spec, Some(connection), cause, out)?;
        Ok(self.declared(channel, id))
    }

    /// Declaring a direct reply-to address makes nothing: it asks whether somebody still waits there (S16). What all ask
    /// for their address by is always there.
    fn declare_reply_to(&mut self, channel: ChannelId, name: Name) -> Result<Reply, Refusal> {
        let there = self.definitions.queue_named(&name);
        let reply = match there {
            Some(queue) => Reply::Queue {
                queue,
                name: name.clone(),
                ready: 0,
                consumers: 1,
            },
            None if name == REPLY_TO => Reply::Done,
            None => {
                self.definitions.require_queue(&name)?;
                Reply::Done
            }
        };
        self.channels[channel.index()].last_queue = Some(name);
        Ok(reply)
    }

    /// `queue.declare-ok` (Q2).
    fn declared(&mut self, channel: ChannelId, id: QueueId) -> Reply {
        let now = self.now;
        let consumers = self.consumers_told(&self.queues[id.index()]);
        let queue = &mut self.queues[id.index()];
        // Q24: a quorum queue's lease is not renewed by declaring it again.
        if queue.kind != QueueKind::Quorum {
            queue.used = now;
        }
        let name = queue.name.clone();
        let ready = queue.ready_len();
        self.arm(id);
        self.channels[channel.index()].last_queue = Some(name.clone());
        Reply::Queue {
            queue: id,
            name,
            ready,
            consumers,
        }
    }

    /// How many consumers a declaration is told of (Q2): a stream's are not counted; of a quorum queue's single active ones
    /// only that one is, and with the others whoever holds something of it still, be it by `basic.get`.
    fn consumers_told(&self, queue: &Queue) -> usize {
        let present = match queue.kind {
            QueueKind::Classic | QueueKind::ReplyTo => return queue.consumers.len(),
            QueueKind::Stream => return 0,
            QueueKind::Quorum if queue.settings.single_active => {
                usize::from(queue.active.is_some())
            }
            QueueKind::Quorum => queue.consumers.len(),
        };
        let held_by = |consumer: &ConsumerId| self.consumers[consumer.index()].unacked;
        if queue.unacked == queue.consumers.iter().map(held_by).sum::<usize>() {
            return present;
        }
        let unacked = self.channels.iter().flat_map(Channel::unacked);
        let holders = unacked
            .filter(|it| it.queue == queue.id)
            .map(|it| it.consumer);
        let (consumed, got): (Vec<_>, Vec<_>) = holders.partition(Option::is_some);
        // One that comes again under the tag that it had is the same one.
        let known_as = |id: &ConsumerId| {
            let consumer = &self.consumers[id.index()];
            (consumer.channel, &consumer.tag)
        };
        let there: BTreeSet<_> = queue.consumers.iter().map(known_as).collect();
        let holding: BTreeSet<_> = consumed.iter().flatten().map(known_as).collect();
        present + got.len() + holding.difference(&there).count()
    }

    /// Declares a queue; one without a connection is an operator's, and exclusive to nobody.
    pub(super) fn make_queue(
        &mut self,
        mut spec: QueueSpec,
        connection: Option<ConnectionId>,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<QueueId, Refusal> {
        let switches = self.switches();
        let default = QueueKind::Classic;
        if !spec.name.is_empty() {
            not_reserved(&spec.name)?;
        }
        if let Some(id) = self.definitions.queue_named(&spec.name) {
            return self.redeclare(id, &spec, default, connection).map(|()| id);
        }
        check_dead_letter_exchange(&spec, self.definitions.vhost())?;
        let by_server = spec.name.is_empty();
        let kind = kind_of(&spec, default, self.definitions.vhost())?;
        if by_server && kind != QueueKind::Classic {
            // Q1
            return Err(Refusal::new(
                ReplyCode::PreconditionFailed,
                "Q1",
                format!("Cannot declare a server-named queue for type rabbit_{kind}_queue"),
            ));
        }
        if by_server {
            spec.name = self.definitions.server_name();
        }
        validate(&spec, kind, switches, self.definitions.vhost())?;
        if by_server {
            spec.name = self.definitions_mut().take_server_name();
        }
        let id = self.add_queue(&spec, kind, connection.filter(|_| spec.exclusive));
        out.event(cause, || self.told_of(id));
        if !spec.durable && !spec.exclusive {
            // Q7
            out.event(cause, || Event::Deprecated {
                feature: Deprecation::TransientQueue,
            });
        }
        Ok(id)
    }

    /// That a queue is there now.
    pub(super) fn told_of(&self, id: QueueId) -> Event {
        Event::QueueDeclared {
            queue: id,
            settings: self.queues[id.index()].settings.clone(),
        }
    }

    pub(super) fn add_queue(
        &mut self,
        spec: &QueueSpec,
        kind: QueueKind,
        owner: Option<ConnectionId>,
    ) -> QueueId {
        let switches = self.switches();
        let (user, operator) = self.policies.for_queue(&spec.name, kind);
        let settings = Settings::effective(kind, &spec.arguments, user, operator, switches);
        let id = self.definitions_mut().add_queue(spec, kind);
        let mut queue = Queue::new(id, spec.name.clone(), kind, settings.into(), switches);
        queue.owner = owner;
        if let Some(owner) = owner {
            self.connections[owner.index()].exclusives.insert(id);
        }
        queue.durable = spec.durable && !spec.exclusive; // Q5
        queue.auto_delete = spec.auto_delete;
        queue.used = self.now;
        queue.began = self.now;
        self.queues.push(queue);
        self.arm(id);
        id
    }

    /// Declares a queue that is there: it must be the same, and in this order it is looked at (Q3).
    fn redeclare(
        &self,
        id: QueueId,
        spec: &QueueSpec,
        default: QueueKind,
        connection: Option<ConnectionId>,
    ) -> Result<(), Refusal> {
        let queue = &self.queues[id.index()];
        let locked = match queue.owner {
            Some(owner) => Some(owner) != connection || !spec.exclusive,
            None => spec.exclusive && connection.is_some(),
        };
        let vhost = self.definitions.vhost();
        if locked {
            return Err(Refusal::new(
                ReplyCode::ResourceLocked,
                "Q3",
                format!(
                    "cannot obtain exclusive access to locked queue '{}' in vhost '{vhost}'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.",
                    queue.name
                ),
            ));
        }
        let Some(present) = self.definitions.queue(id) else {
            return Ok(());
        };
        let present_spec = QueueSpec {
            name: present.name.clone(),
            durable: present.durable,
            exclusive: present.exclusive,
            auto_delete: present.auto_delete,
            arguments: present.arguments.clone(),
        };
        let switches = self.switches();
        match inequivalence(&present_spec, present.kind, spec, default, switches, vhost) {
            Some(refusal) => Err(refusal),
            None => Ok(()),
        }
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn bind_queue(
        &mut self,
        channel: ChannelId,
        queue: &Name,
        source: &Name,
        key: &Name,
        arguments: &Table,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let (queue, source, key) = self.permit_queue_binding(channel, queue, source, key)?;
        self.definitions.require_exchange(&source)?; // E10: where both are missing it is named
        let id = self.usable_queue(channel, &queue)?;
        self.make_binding(&source, Destination::Queue(id), &key, arguments, cause, out)
            .map(Reply::Binding)
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn unbind_queue(
        &mut self,
        channel: ChannelId,
        queue: &Name,
        source: &Name,
        key: &Name,
        arguments: &Table,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let (queue, source, key) = self.permit_queue_binding(channel, queue, source, key)?;
        if let Ok(id) = self.definitions.require_queue(&queue) {
            let to = Destination::Queue(id);
            // E10: where there is no such binding, nobody asks whose the queue is.
            if self
                .definitions
                .bound(&source, to, &key, arguments)?
                .is_some()
            {
                self.check_owner(channel, id)?;
            }
            self.take_binding(&source, Destination::Queue(id), &key, arguments, cause, out)?;
        }
        Ok(Reply::Done)
    }

    /// Whether a client may bind or unbind a queue; and the queue, source and key that are meant.
    fn permit_queue_binding(
        &self,
        channel: ChannelId,
        queue: &Name,
        source: &Name,
        key: &Name,
    ) -> Result<(Name, Name, Name), Refusal> {
        let (queue, key) = self.binding_meant(channel, queue, key)?;
        let source = clean_name(source)?;
        self.definitions.refuse_reply_to(&queue, self.switches())?;
        self.permit(channel, Permission::Write, Resource::Queue(&queue))?;
        not_default(&source)?; // E2, whatever else is missing
        self.permit_source(channel, &source, &key)?;
        Ok((queue, source, key))
    }

    /// The queue and the key that are meant: where both are empty, the key is the queue's name (C16).
    fn binding_meant(
        &self,
        channel: ChannelId,
        queue: &Name,
        key: &Name,
    ) -> Result<(Name, Name), Refusal> {
        let name = self.queue_meant(channel, queue)?;
        let key = if queue.is_empty() && key.is_empty() {
            name.clone()
        } else {
            key.clone()
        };
        Ok((name, key))
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn bind_exchange(
        &mut self,
        channel: ChannelId,
        destination: &Name,
        source: &Name,
        key: &Name,
        arguments: &Table,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let (source, destination) = (&clean_name(source)?, &clean_name(destination)?);
        self.permit(channel, Permission::Write, Resource::Exchange(destination))?;
        not_default(source)?; // E2, whatever else is missing
        not_default(destination)?;
        self.permit_source(channel, source, key)?;
        self.definitions.require_exchange(source)?;
        let to = Destination::Exchange(self.definitions.require_exchange(destination)?);
        self.make_binding(source, to, key, arguments, cause, out)
            .map(Reply::Binding)
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn unbind_exchange(
        &mut self,
        channel: ChannelId,
        destination: &Name,
        source: &Name,
        key: &Name,
        arguments: &Table,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let (source, destination) = (&clean_name(source)?, &clean_name(destination)?);
        self.permit(channel, Permission::Write, Resource::Exchange(destination))?;
        not_default(source)?;
        not_default(destination)?;
        self.permit_source(channel, source, key)?;
        if let Some(exchange) = self.definitions.exchange_named(destination) {
            let to = Destination::Exchange(exchange.id);
            self.take_binding(source, to, key, arguments, cause, out)?;
        }
        Ok(Reply::Done)
    }

    fn permit_source(&self, channel: ChannelId, source: &Name, key: &Name) -> Result<(), Refusal> {
        self.permit(channel, Permission::Read, Resource::Exchange(source))?;
        let topic = self
            .definitions
            .exchange_named(source)
            .is_some_and(|exchange| exchange.kind == ExchangeKind::Topic);
        if topic {
            self.permit_key(channel, Permission::Read, source, key)?;
        }
        Ok(())
    }

    pub(super) fn make_binding(
        &mut self,
        source: &Name,
        destination: Destination,
        key: &Name,
        arguments: &Table,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<BindingId, Refusal> {
        let switches = self.switches();
        let place = self
            .definitions
            .find_place(source, destination, key, arguments, switches)?;
        Ok(match place {
            BindingPlace::Taken(id) => id, // E11
            BindingPlace::Free(place) => {
                let definitions = self.definitions_mut();
                let id = definitions.add_binding(place, key, arguments);
                let event = out.event(cause, || Event::Bound { binding: id });
                self.recall(id, event, out);
                id
            }
        })
    }

    pub(super) fn take_binding(
        &mut self,
        source: &Name,
        destination: Destination,
        key: &Name,
        arguments: &Table,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Removed, Refusal> {
        let bound = self
            .definitions
            .bound(source, destination, key, arguments)?;
        if bound.is_none() {
            return Ok(Removed::default()); // E10
        }
        let definitions = self.definitions_mut();
        let removed = definitions.unbind(source, destination, key, arguments)?;
        self.tell_removed(&removed, crate::broker::Departure::Deleted, cause, out);
        Ok(removed)
    }
}
