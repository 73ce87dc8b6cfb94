//! Who a client outside is in the picture: a connection, a publisher for each channel that publishes, a consumer for each
//! that it begins; and what they are seen to do.
//!
//! Of a program nobody knows what it does with a delivery. It is taken to work on the oldest that it holds, until it answers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::broker::{
    ChannelId, ConnectionId, Consumer, ConsumerId, Delivery, EventId, MessageId, Method, Micros,
    Name, Outgoing, Publication, QueueId, Queued,
};

use super::super::link::Link;
use super::super::publisher::{Aims, Publisher};
use super::super::random::Dice;
use super::super::settled::take_settled;
use super::super::{
    Answer, Author, ConsumerSetup, Event, EventKind, LinkId, PublisherId, PublisherSetup, Worker,
    WorkerId, World,
};

/// The clients outside, as the picture knows them.
#[derive(Clone, Debug, Default)]
pub(in crate::world) struct Cast {
    /// Connections by what they are called: one that comes again under its name is the same.
    links: BTreeMap<Name, LinkId>,
    channels: BTreeMap<ChannelId, Channel>,
    /// What each consumer holds, the oldest first; that one it works on.
    held: BTreeMap<WorkerId, VecDeque<(u64, Queued)>>,
}

/// A channel that is open.
#[derive(Clone, Debug, Default)]
struct Channel {
    publisher: Option<PublisherId>,
    /// How many messages were published on it in confirm mode (P6).
    sequence: u64,
    unconfirmed: BTreeMap<u64, MessageId>,
    /// Who holds each delivery, by its tag.
    holders: BTreeMap<u64, WorkerId>,
    /// Who asks each queue for messages (S3).
    askers: BTreeMap<QueueId, WorkerId>,
}

impl Cast {
    /// What consumers hold.
    pub(in crate::world) fn held(&self) -> impl Iterator<Item = Queued> + '_ {
        self.held.values().flatten().map(|&(_, queued)| queued)
    }

    /// What was published and is not confirmed.
    pub(in crate::world) fn unconfirmed(&self) -> impl Iterator<Item = MessageId> + '_ {
        let channels = self.channels.values();
        channels.flat_map(|channel| channel.unconfirmed.values().copied())
    }
}

impl World {
    /// A client's connection is open.
    pub(super) fn meet(&mut self, connection: ConnectionId) {
        let Some(there) = self.broker.connection(connection) else {
            return;
        };
        let (name, user) = (there.name.clone(), there.user.clone());
        let known = self.wire.cast.links.get(&name).copied();
        let free = |id: &LinkId| self.link(*id).is_some_and(|link| link.connection.is_none());
        let id = known.filter(free).unwrap_or_else(|| {
            let id = LinkId(self.links.len() as u32);
            self.links.push(Link::new(name.clone()));
            id
        });
        self.wire.cast.links.insert(name, id);
        self.connections.set(connection.index(), id);
        if let Some(link) = self.links.get_mut(id.0 as usize) {
            link.user = user;
            link.outside = true;
            link.connection = Some(connection);
        }
    }

    /// A client's channel is open.
    pub(super) fn meet_channel(&mut self, channel: ChannelId) {
        let connection = self.broker.channel(channel).map(|it| it.connection);
        let Some(id) = connection.and_then(|it| self.link_of_connection(it)) else {
            return;
        };
        self.channels.set(channel.index(), id);
        self.wire.cast.channels.insert(channel, Channel::default());
        if let Some(link) = self.links.get_mut(id.0 as usize) {
            link.channel = Some(channel);
        }
    }

    /// Who publishes on a channel: one who did so before on this connection, or somebody new.
    fn author(&mut self, channel: ChannelId) -> Option<PublisherId> {
        let known = self.wire.cast.channels.get(&channel)?.publisher;
        if known.is_some() {
            return known;
        }
        let link_id = self.link_of_channel(channel)?;
        let link = self.link(link_id)?;
        let channels = self.wire.cast.channels.values();
        let busy: BTreeSet<_> = channels.filter_map(|channel| channel.publisher).collect();
        let idle = link
            .publishers
            .iter()
            .find(|id| !busy.contains(id))
            .copied();
        let id = match idle {
            Some(id) => id,
            None => {
                let name = numbered(&link.name, link.publishers.len());
                self.hire_publisher(link_id, name)
            }
        };
        self.wire.cast.channels.get_mut(&channel)?.publisher = Some(id);
        Some(id)
    }

    fn hire_publisher(&mut self, link: LinkId, name: Name) -> PublisherId {
        let id = PublisherId(self.publishers.len() as u32);
        let setup = PublisherSetup {
            name,
            ..PublisherSetup::default()
        };
        let mut publisher = Publisher::new(&setup, link, Micros::ZERO, Dice::new(0, 0));
        publisher.aims = Some(Aims::default());
        self.publishers.push(publisher);
        if let Some(link) = self.links.get_mut(link.0 as usize) {
            link.publishers.push(id);
        }
        id
    }

    /// A client publishes a message.
    pub(super) fn published_outside(
        &mut self,
        channel: ChannelId,
        message: MessageId,
        publication: &std::sync::Arc<Publication>,
        events: &mut Vec<Event>,
    ) -> EventId {
        if self.quiet {
            return EventId(0);
        }
        let Some(id) = self.author(channel) else {
            return EventId(0);
        };
        let confirms = self.broker.channel(channel).is_some_and(|it| it.confirms());
        let to_default = publication.exchange.is_empty();
        let is_queue = to_default
            && self
                .definitions()
                .queue_named(&publication.routing_key)
                .is_some();
        if let Some(publisher) = self.publishers.get_mut(id.0 as usize) {
            publisher.published += 1;
            publisher.confirms = confirms;
            publisher.exchange = publication.exchange.clone();
            if let Some(aims) = &mut publisher.aims {
                aims.exchanges.insert(publication.exchange.clone());
                if is_queue {
                    aims.queues.insert(publication.routing_key.clone());
                }
            }
        }
        if confirms && let Some(channel) = self.wire.cast.channels.get_mut(&channel) {
            channel.sequence += 1;
            channel.unconfirmed.insert(channel.sequence, message);
        }
        let kind = EventKind::Published {
            by: Author::Publisher(id),
            message,
            publication: publication.clone(),
        };
        self.log(EventId(0), kind, events)
    }

    /// A client's consumer was added.
    pub(super) fn meet_consumer(&mut self, consumer: ConsumerId) {
        if self.quiet {
            return;
        }
        let Some(consumer) = self.broker.consumer(consumer).cloned() else {
            return;
        };
        let Some(link_id) = self.link_of_channel(consumer.channel) else {
            return;
        };
        let queue = self.queue_name(consumer.queue);
        if let Some(id) = self.employ(link_id, queue, Some(&consumer)) {
            self.consumers.set(consumer.id.index(), id);
            if let Some(worker) = self.workers.get_mut(id.0 as usize) {
                worker.consumer = Some(consumer.id);
            }
        }
    }

    fn queue_name(&self, queue: QueueId) -> Name {
        let queue = self.broker.queue(queue);
        queue.map(|queue| queue.name.clone()).unwrap_or_default()
    }

    /// Somebody of a connection who takes from a queue: one who did so before and does not now, or somebody new.
    fn employ(
        &mut self,
        link_id: LinkId,
        queue: Name,
        consumer: Option<&Consumer>,
    ) -> Option<WorkerId> {
        let link = self.link(link_id)?;
        let name = match consumer {
            Some(consumer) if is_chosen(&consumer.tag) => consumer.tag.clone(),
            _ => link.name.clone(),
        };
        let setup = ConsumerSetup {
            queue,
            ack: consumer.is_none_or(|it| !it.no_ack),
            prefetch: consumer.map_or(0, |it| u16::try_from(it.prefetch).unwrap_or(u16::MAX)),
            exclusive: consumer.is_some_and(|it| it.exclusive),
            ..ConsumerSetup::default()
        };
        let asks = |id: &WorkerId| {
            let mut channels = self.wire.cast.channels.values();
            channels.any(|channel| channel.askers.values().any(|its| its == id))
        };
        let idle = link.workers.iter().copied().filter(|id| {
            let worker = self.worker(*id);
            worker.is_some_and(|it| it.consumer.is_none()) && !asks(id)
        });
        let idle: Vec<_> = idle.collect();
        let same = |id: &&WorkerId| {
            let worker = self.worker(**id);
            worker.is_some_and(|it| it.setup.queue == setup.queue)
        };
        if let Some(&id) = idle.iter().find(same).or_else(|| idle.first()) {
            let worker = self.workers.get_mut(id.0 as usize)?;
            let name = worker.setup.name.clone(); // by which it is known
            worker.setup = ConsumerSetup { name, ..setup };
            return Some(id);
        }
        let taken = |name: &Name| self.workers.iter().any(|it| it.setup.name == *name);
        let mut names = (0..).map(|before| numbered(&name, before));
        let name = names.find(|name| !taken(name)).unwrap_or(name.clone());
        let setup = ConsumerSetup { name, ..setup };
        let id = WorkerId(self.workers.len() as u32);
        let (latency, dice) = (super::super::Latency::NONE, Dice::new(0, 0));
        let mut worker = Worker::new(id, &setup, link_id, &latency, 0, dice);
        worker.latency_deliver = self.wire.delay;
        self.workers.push(worker);
        self.links.get_mut(link_id.0 as usize)?.workers.push(id);
        Some(id)
    }

    /// What a client is seen to do before the broker hears its method; what follows from that.
    pub(super) fn seen(
        &mut self,
        channel: ChannelId,
        method: &Method,
        events: &mut Vec<Event>,
    ) -> EventId {
        if self.quiet {
            return EventId(0);
        }
        let (tag, multiple, answer) = match *method {
            Method::Ack { tag, multiple } => (tag, multiple, Answer::Ack),
            Method::Nack {
                tag,
                multiple,
                requeue,
            } => {
                let answer = if requeue {
                    Answer::Requeue
                } else {
                    Answer::Reject
                };
                (tag, multiple, answer)
            }
            Method::Reject { tag, requeue } => {
                let answer = if requeue {
                    Answer::RejectBack
                } else {
                    Answer::Reject
                };
                (tag, false, answer)
            }
            Method::Get { ref queue, .. } => return self.asks(channel, queue, events),
            _ => return EventId(0),
        };
        let Some(there) = self.wire.cast.channels.get_mut(&channel) else {
            return EventId(0);
        };
        // The broker refuses what names no delivery (S6).
        let settled = match (multiple, tag) {
            (true, 0) => std::mem::take(&mut there.holders),
            _ if there.holders.contains_key(&tag) => {
                take_settled(&mut there.holders, tag, multiple)
            }
            _ => BTreeMap::new(),
        };
        let mut last = EventId(0);
        for (tag, worker) in settled {
            last = self.lets_go(worker, tag, answer, events).unwrap_or(last);
        }
        last
    }

    /// A client asks a queue for a message (S3).
    fn asks(&mut self, channel: ChannelId, queue: &Name, events: &mut Vec<Event>) -> EventId {
        let last = self
            .broker
            .channel(channel)
            .and_then(|it| it.last_queue.clone());
        let name = match queue.is_empty() {
            true => last.unwrap_or_default(),
            false => queue.clone(),
        };
        let Some(id) = self.definitions().queue_named(&name) else {
            return EventId(0);
        };
        let there = self.wire.cast.channels.get(&channel);
        let known = there.and_then(|it| it.askers.get(&id).copied());
        let link = self.link_of_channel(channel);
        let worker = known.or_else(|| self.employ(link?, name, None));
        let Some(worker) = worker else {
            return EventId(0);
        };
        if let Some(there) = self.wire.cast.channels.get_mut(&channel) {
            there.askers.insert(id, worker);
        }
        self.log(EventId(0), EventKind::Asked { worker }, events)
    }

    /// A delivery reaches a client's consumer.
    pub(super) fn received_outside(
        &mut self,
        delivery: &Delivery,
        settled: bool,
        events: &mut Vec<Event>,
    ) {
        let queue = delivery.queued.queue;
        let worker = match delivery.consumer {
            Some(consumer) => self.worker_of(consumer),
            None => {
                let channel = self.wire.cast.channels.get(&delivery.channel);
                channel.and_then(|it| it.askers.get(&queue).copied())
            }
        };
        let Some(worker) = worker.filter(|_| !self.quiet) else {
            return;
        };
        let queued = delivery.queued;
        let cause = self.log(
            delivery.event,
            EventKind::Received { worker, queued },
            events,
        );
        let held = self.wire.cast.held.entry(worker).or_default();
        held.push_back((delivery.tag, queued));
        if held.len() == 1 {
            self.starts(worker, queued, cause, events);
        }
        if settled {
            self.lets_go(worker, delivery.tag, Answer::Silent, events);
        } else if let Some(channel) = self.wire.cast.channels.get_mut(&delivery.channel) {
            channel.holders.insert(delivery.tag, worker);
        }
    }

    fn starts(
        &mut self,
        worker: WorkerId,
        queued: Queued,
        cause: EventId,
        events: &mut Vec<Event>,
    ) {
        let kind = EventKind::Started {
            worker,
            queued,
            until: Micros::MAX, // Only the program knows.
        };
        self.log(cause, kind, events);
    }

    /// A client's consumer has done with a delivery, and goes on to the next.
    fn lets_go(
        &mut self,
        worker: WorkerId,
        tag: u64,
        answer: Answer,
        events: &mut Vec<Event>,
    ) -> Option<EventId> {
        let held = self.wire.cast.held.get_mut(&worker)?;
        let place = held.iter().position(|&(its, _)| its == tag)?;
        let (_, queued) = held.remove(place)?;
        let next = held
            .front()
            .filter(|_| place == 0)
            .map(|&(_, queued)| queued);
        if place > 0 {
            self.starts(worker, queued, EventId(0), events);
        }
        let kind = EventKind::Finished {
            worker,
            queued,
            answer,
        };
        let finished = self.log(EventId(0), kind, events);
        if let Some(next) = next {
            self.starts(worker, next, EventId(0), events);
        }
        Some(finished)
    }

    /// What a client is seen to learn from what the broker sends it.
    pub(super) fn learns(&mut self, outgoing: &Outgoing, events: &mut Vec<Event>) {
        if self.quiet {
            return;
        }
        match outgoing {
            Outgoing::Delivery(delivery) => {
                let consumer = delivery.consumer.and_then(|it| self.broker.consumer(it));
                let settled = consumer.is_some_and(|it| it.no_ack);
                self.received_outside(delivery, settled, events);
            }
            Outgoing::Confirm {
                channel,
                sequence,
                multiple,
                ack,
                event,
            } => self.confirmed_outside(*channel, (*sequence, *multiple, *ack), *event, events),
            Outgoing::Return {
                channel,
                message,
                event,
            } => {
                let there = self.wire.cast.channels.get(channel);
                if let Some(publisher) = there.and_then(|it| it.publisher) {
                    let message = message.id;
                    let kind = EventKind::Returned { publisher, message };
                    self.log(*event, kind, events);
                }
            }
            Outgoing::Cancel { consumer, event } => {
                if let Some(worker) = self.worker_of(*consumer) {
                    self.log(*event, EventKind::Dismissed { worker }, events);
                }
                self.retire(*consumer);
            }
            Outgoing::CloseChannel { channel, event, .. } => {
                self.forget_channel(*channel);
                if let Some(link) = self.link_of_channel(*channel) {
                    self.log(*event, EventKind::Disconnected { link }, events);
                }
            }
            Outgoing::CloseConnection {
                connection, event, ..
            } => self.part(*connection, *event, events),
            Outgoing::Blocked { .. }
            | Outgoing::Readable { .. }
            | Outgoing::Transit(_)
            | Outgoing::Letter(_) => {}
        }
    }

    fn confirmed_outside(
        &mut self,
        channel: ChannelId,
        (sequence, multiple, ack): (u64, bool, bool),
        cause: EventId,
        events: &mut Vec<Event>,
    ) {
        let Some(there) = self.wire.cast.channels.get_mut(&channel) else {
            return;
        };
        let settled = take_settled(&mut there.unconfirmed, sequence, multiple);
        let messages: Box<[MessageId]> = settled.into_values().collect();
        if let Some(publisher) = there.publisher.filter(|_| !messages.is_empty()) {
            let kind = EventKind::Confirmed {
                publisher,
                messages,
                ack,
            };
            self.log(cause, kind, events);
        }
    }

    /// A consumer of a client's is one no longer.
    pub(super) fn retire(&mut self, consumer: ConsumerId) {
        let worker = self.worker_of(consumer);
        if let Some(worker) = worker.and_then(|id| self.workers.get_mut(id.0 as usize)) {
            worker.consumer = None;
        }
    }

    /// A client's channel is no more.
    pub(super) fn forget_channel(&mut self, channel: ChannelId) {
        let Some(there) = self.wire.cast.channels.remove(&channel) else {
            return;
        };
        for (_, worker) in there.holders {
            self.wire.cast.held.remove(&worker);
        }
        let Some(id) = self.link_of_channel(channel) else {
            return;
        };
        let ended: Vec<_> = match self.link(id) {
            Some(link) => link.workers.clone(),
            None => return,
        };
        for worker in ended {
            let consumer = self.worker(worker).and_then(|it| it.consumer);
            let consumer = consumer.and_then(|it| self.broker.consumer(it));
            if consumer.is_some_and(|it| it.channel == channel || !it.present)
                && let Some(worker) = self.workers.get_mut(worker.0 as usize)
            {
                worker.consumer = None;
            }
        }
        if let Some(link) = self.links.get_mut(id.0 as usize) {
            link.channel = link.channel.filter(|&its| its != channel);
        }
    }

    /// A client's connection is no more.
    pub(super) fn part(
        &mut self,
        connection: ConnectionId,
        cause: EventId,
        events: &mut Vec<Event>,
    ) {
        let Some(id) = self.link_of_connection(connection).filter(|_| !self.quiet) else {
            return;
        };
        let channels = self.wire.cast.channels.keys().copied();
        let of = |channel: &ChannelId| {
            let there = self.broker.channel(*channel);
            there.is_some_and(|it| it.connection == connection)
        };
        let ended: Vec<_> = channels.filter(of).collect();
        for channel in ended {
            self.forget_channel(channel);
        }
        if let Some(link) = self.links.get_mut(id.0 as usize) {
            (link.connection, link.channel) = (None, None);
        }
        self.log(cause, EventKind::Disconnected { link: id }, events);
    }
}

/// A name with a number, unless it is the first.
fn numbered(name: &Name, before: usize) -> Name {
    match before {
        0 => name.clone(),
        _ => format!("{name} {}", before + 1).into(),
    }
}

/// Whether somebody chose a consumer tag, rather than a program or the broker: made-up ones are long, and say so.
fn is_chosen(tag: &str) -> bool {
    let longest = tag
        .split(|it: char| !it.is_ascii_hexdigit())
        .map(str::len)
        .max();
    let made_up = ["amq.ctag-", "ctag", "amqp-"];
    !tag.is_empty()
        && !made_up.iter().any(|start| tag.starts_with(start))
        && longest.unwrap_or_default() < 12
        && !tag.bytes().all(|it| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consumer_has_its_tag_for_a_name_if_somebody_chose_it() {
        for tag in ["billing", "worker-2", "decade"] {
            assert!(is_chosen(tag), "{tag}");
        }
        for tag in [
            "",
            "1",
            "amq.ctag-x5QG",
            "ctag1.d7d64ecd174f436880f20b44ea524680",
            "9f2a0c1de87b4f0d8a0c",
        ] {
            assert!(!is_chosen(tag), "{tag}");
        }
    }
}
