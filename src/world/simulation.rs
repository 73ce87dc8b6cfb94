//! The world: a broker, those who talk to it, and time.

use std::sync::Arc;

use thiserror::Error;

use crate::broker::{
    self, BindingId, Broker, Command, ConsumerId, Definitions, Delivery, EventId, Message, Micros,
    Name, Outlet, Refusal, Reply, Transit, Via,
};

use super::agenda::{Agenda, Appointment, Due};
use super::consumer::Worker;
use super::publisher::Publisher;
use super::random::Dice;
use super::{Answer, DestinationSetup, Event, EventKind, PublisherId, Setup};

/// A world at one moment. The same [`Setup`] and the same inputs lead to the same worlds, on every platform.
///
/// Clones are cheap enough to be kept now and then: definitions and messages are shared.
#[derive(Clone, Debug)]
pub struct World {
    now: Micros,
    broker: Broker,
    publishers: Vec<Publisher>,
    workers: Vec<Worker>,
    routes: Arc<[Micros]>,
    default_route: Micros,
    /// The latest that a copy reaches each queue, so that none overtakes another.
    last_arrival: Vec<Micros>,
    agenda: Agenda,
    last_event: EventId,
}

/// Something that comes from outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A hand makes a publisher send its next message now.
    Publish(PublisherId),
}

/// A setup that no broker would accept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what} `{name}`: {refusal}")]
pub struct SetupError {
    /// What kind of thing it is: an exchange, a queue, the exchange of a binding, a publisher or a consumer.
    pub what: &'static str,
    /// Its name.
    pub name: Name,
    /// Why the broker refused it.
    pub refusal: Refusal,
}

/// What came out of one step: the events, numbered on, and the deliveries to carry.
struct Outbox<'a> {
    at: Micros,
    last_event: &'a mut EventId,
    events: &'a mut Vec<Event>,
    deliveries: Vec<Delivery>,
}

impl Outbox<'_> {
    fn push(&mut self, cause: EventId, kind: EventKind) -> EventId {
        self.last_event.0 += 1;
        let id = *self.last_event;
        self.events.push(Event {
            id,
            at: self.at,
            cause,
            kind,
        });
        id
    }
}

impl Outlet for Outbox<'_> {
    fn event(&mut self, cause: EventId, event: impl FnOnce() -> broker::Event) -> EventId {
        self.push(cause, EventKind::Broker(event()))
    }

    fn deliver(&mut self, delivery: Delivery) {
        self.deliveries.push(delivery);
    }
}

const PUBLISHER_STREAMS: u64 = 1 << 32;
const CONSUMER_STREAMS: u64 = 2 << 32;

/// What there is.
impl World {
    /// Builds the world: declares, binds, opens channels, and puts everybody's first deed on the agenda.
    ///
    /// # Errors
    /// The first thing the broker refuses.
    pub fn new(setup: &Setup) -> Result<Self, SetupError> {
        let mut broker = Broker::new();
        let mut quiet = Vec::new();
        let mut last_event = EventId(0);
        let mut tell = |what, name: &Name, command| {
            let mut out = Outbox {
                at: Micros::ZERO,
                last_event: &mut last_event,
                events: &mut quiet,
                deliveries: Vec::new(),
            };
            broker
                .handle(command, EventId(0), &mut out)
                .map_err(|refusal| SetupError {
                    what,
                    name: name.clone(),
                    refusal,
                })
        };
        for exchange in &setup.exchanges {
            let (name, kind) = (exchange.name.clone(), exchange.kind);
            tell(
                "exchange",
                &name,
                Command::DeclareExchange {
                    name: name.clone(),
                    kind,
                },
            )?;
        }
        for queue in &setup.queues {
            let name = queue.name.clone();
            tell("queue", &name, Command::DeclareQueue { name: name.clone() })?;
        }
        let mut routes = Vec::new();
        for binding in &setup.bindings {
            let (source, key) = (binding.source.clone(), binding.key.clone());
            let arguments = binding.arguments.clone();
            let command = match binding.destination.clone() {
                DestinationSetup::Queue(queue) => Command::BindQueue {
                    source,
                    queue,
                    key,
                    arguments,
                },
                DestinationSetup::Exchange(destination) => Command::BindExchange {
                    source,
                    destination,
                    key,
                    arguments,
                },
            };
            if let Reply::Binding(BindingId(id)) = tell("binding", &binding.source, command)? {
                // A binding made twice is one (E11); the first one's latency holds.
                if id as usize == routes.len() {
                    routes.push(binding.latency.unwrap_or(setup.latency.route));
                }
            }
        }
        let mut agenda = Agenda::default();
        let workers = Self::hire(setup, &mut tell, &mut agenda)?;
        Self::check_names(setup, broker.definitions())?;
        let mut publishers: Vec<_> = setup
            .publishers
            .iter()
            .zip(PUBLISHER_STREAMS..)
            .map(|(publisher, stream)| {
                Publisher::new(
                    publisher,
                    setup.latency.publish,
                    Dice::new(setup.seed, stream),
                )
            })
            .collect();
        for (publisher, id) in publishers.iter_mut().zip(0..) {
            if let Some(at) = publisher.next_call(Micros::ZERO) {
                agenda.add(at, EventId(0), Due::Publish(PublisherId(id)));
            }
        }
        Ok(Self {
            now: Micros::ZERO,
            last_arrival: vec![Micros::ZERO; broker.queues().len()],
            broker,
            publishers,
            workers,
            routes: routes.into(),
            default_route: setup.latency.route,
            agenda,
            last_event,
        })
    }

    /// Looks up what the actors name, so that nothing they do will be refused.
    fn check_names(setup: &Setup, definitions: &Definitions) -> Result<(), SetupError> {
        for publisher in &setup.publishers {
            let others = publisher.messages.iter();
            let others = others.filter_map(|message| message.exchange.as_ref());
            for exchange in others.chain([&publisher.exchange]) {
                definitions
                    .require_published_to(exchange)
                    .map_err(|refusal| SetupError {
                        what: "publisher",
                        name: publisher.name.clone(),
                        refusal,
                    })?;
            }
        }
        for consumer in &setup.consumers {
            definitions
                .require_queue(&consumer.queue)
                .map_err(|refusal| SetupError {
                    what: "consumer",
                    name: consumer.name.clone(),
                    refusal,
                })?;
        }
        Ok(())
    }

    /// Opens a channel for each consumer. The broker numbers consumers as they come, so they are taken in that order.
    fn hire(
        setup: &Setup,
        tell: &mut impl FnMut(&'static str, &Name, Command) -> Result<Reply, SetupError>,
        agenda: &mut Agenda,
    ) -> Result<Vec<Worker>, SetupError> {
        let mut in_order: Vec<_> = setup.consumers.iter().collect();
        in_order.sort_by_key(|consumer| consumer.start);
        let mut workers = Vec::new();
        for (consumer, id) in in_order.into_iter().zip(0..) {
            let id = ConsumerId(id);
            if let Reply::Channel(channel) = tell("consumer", &consumer.name, Command::OpenChannel)?
            {
                let prefetch = consumer.prefetch;
                tell(
                    "consumer",
                    &consumer.name,
                    Command::Qos { channel, prefetch },
                )?;
                let dice = Dice::new(setup.seed, CONSUMER_STREAMS + u64::from(id.0));
                workers.push(Worker::new(id, consumer, channel, &setup.latency, dice));
                agenda.add(consumer.start, EventId(0), Due::Consume(id));
            }
        }
        Ok(workers)
    }

    /// The time of the last step.
    pub fn now(&self) -> Micros {
        self.now
    }

    /// The broker.
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// What is declared in the broker.
    pub fn definitions(&self) -> &Definitions {
        self.broker.definitions()
    }

    /// The publishers; a publisher's number is its place.
    pub fn publishers(&self) -> &[Publisher] {
        &self.publishers
    }

    /// The publisher with that number.
    pub fn publisher(&self, id: PublisherId) -> Option<&Publisher> {
        self.publishers.get(id.0 as usize)
    }

    /// The consumers, in the order they begin to consume; a consumer's number is its place.
    pub fn workers(&self) -> &[Worker] {
        &self.workers
    }

    /// The consumer with that number.
    pub fn worker(&self, id: ConsumerId) -> Option<&Worker> {
        self.workers.get(id.index())
    }

    /// How long a copy is on its way along a binding.
    pub fn route_latency(&self, via: Via) -> Micros {
        match via {
            Via::Binding(id) => self.routes.get(id.index()).copied(),
            Via::Implicit(_) | Via::Alternate(_) => None,
        }
        .unwrap_or(self.default_route)
    }

    /// When something happens next, if anything will.
    pub fn next_at(&self) -> Option<Micros> {
        self.agenda.next_at()
    }

    /// What is going to happen as things stand, in order.
    pub fn upcoming(&self) -> Vec<&Appointment> {
        self.agenda.upcoming()
    }

    /// Roughly how much there is to copy in a clone, in entries.
    pub fn weight(&self) -> usize {
        let ready: usize = self
            .broker
            .queues()
            .iter()
            .map(|queue| queue.ready().len())
            .sum();
        ready + self.agenda.len() + self.broker.on_the_way().len() + self.broker.consumers().len()
    }
}

/// What happens.
impl World {
    /// Does what is next on the agenda and appends the events; whether there was anything to do.
    pub fn step(&mut self, events: &mut Vec<Event>) -> bool {
        let Some(Appointment { at, cause, due, .. }) = self.agenda.take() else {
            return false;
        };
        self.now = at;
        match due {
            Due::Publish(publisher) => {
                self.publish(publisher, events);
                if let Some(next) = self
                    .publishers
                    .get_mut(publisher.0 as usize)
                    .and_then(|publisher| publisher.next_call(at))
                {
                    self.agenda.add(next, EventId(0), Due::Publish(publisher));
                }
            }
            Due::ReachExchange { message } => self.reach_exchange(message, cause, events),
            Due::ReachQueue { copy, .. } => {
                self.tell(Command::Arrive { copy }, cause, events);
            }
            Due::Consume(id) => self.consume(id, cause, events),
            Due::ReachConsumer(delivery) => self.reach_consumer(delivery, cause, events),
            Due::Finish(id) => self.finish(id, cause, events),
            Due::ReachBroker {
                consumer,
                tag,
                answer,
            } => self.answer(consumer, tag, answer, cause, events),
        }
        true
    }

    /// Takes something from outside, at time `at`, which must not be before [`now`](Self::now).
    pub fn apply(&mut self, at: Micros, input: &Input, events: &mut Vec<Event>) {
        self.now = self.now.max(at);
        match input {
            Input::Publish(publisher) => self.publish(*publisher, events),
        }
    }

    fn log(&mut self, cause: EventId, kind: EventKind, events: &mut Vec<Event>) -> EventId {
        let mut out = Outbox {
            at: self.now,
            last_event: &mut self.last_event,
            events,
            deliveries: Vec::new(),
        };
        out.push(cause, kind)
    }

    /// Tells the broker, and sends its deliveries on their way.
    fn tell(&mut self, command: Command, cause: EventId, events: &mut Vec<Event>) -> Option<Reply> {
        let mut out = Outbox {
            at: self.now,
            last_event: &mut self.last_event,
            events,
            deliveries: Vec::new(),
        };
        let reply = self.broker.handle(command, cause, &mut out);
        for delivery in out.deliveries {
            let latency = self
                .workers
                .get(delivery.consumer.index())
                .map_or(Micros::ZERO, |worker| worker.latency_deliver);
            let cause = delivery.event;
            self.agenda
                .add(self.now + latency, cause, Due::ReachConsumer(delivery));
        }
        // `check_names` saw to it that nothing the actors do is refused.
        reply.ok()
    }

    fn publish(&mut self, id: PublisherId, events: &mut Vec<Event>) {
        let Some(publisher) = self.publishers.get_mut(id.0 as usize) else {
            return;
        };
        let latency = publisher.latency;
        let Some(publication) = publisher.send() else {
            return;
        };
        let message = self.broker.take(publication.clone());
        let sent = EventKind::Published {
            publisher: id,
            message: message.id,
            publication,
        };
        let cause = self.log(EventId(0), sent, events);
        self.agenda
            .add(self.now + latency, cause, Due::ReachExchange { message });
    }

    fn reach_exchange(&mut self, message: Message, cause: EventId, events: &mut Vec<Event>) {
        let Some(Reply::Routed { copies, event }) =
            self.tell(Command::Route { message }, cause, events)
        else {
            return;
        };
        for Transit { copy, queue, path } in copies {
            let mut at = self.now;
            for &via in &path {
                at += self.route_latency(via);
            }
            let last = &mut self.last_arrival[queue.index()];
            at = at.max(*last);
            *last = at;
            self.agenda.add(at, event, Due::ReachQueue { copy, queue });
        }
    }

    fn consume(&mut self, id: ConsumerId, cause: EventId, events: &mut Vec<Event>) {
        let Some(worker) = self.workers.get(id.index()) else {
            return;
        };
        let command = Command::Consume {
            channel: worker.channel,
            queue: worker.setup.queue.clone(),
            tag: worker.setup.name.clone(),
            no_ack: !worker.setup.ack,
        };
        self.tell(command, cause, events);
    }

    fn reach_consumer(&mut self, delivery: Delivery, cause: EventId, events: &mut Vec<Event>) {
        let (id, queued) = (delivery.consumer, delivery.queued);
        let received = EventKind::Received {
            consumer: id,
            queued,
        };
        let cause = self.log(cause, received, events);
        if let Some(worker) = self.workers.get_mut(id.index()) {
            worker.inbox.push_back(delivery);
        }
        self.start_work(id, cause, events);
    }

    fn start_work(&mut self, id: ConsumerId, cause: EventId, events: &mut Vec<Event>) {
        let now = self.now;
        let started = self
            .workers
            .get_mut(id.index())
            .and_then(|worker| worker.start(now));
        if let Some((delivery, until)) = started {
            let kind = EventKind::Started {
                consumer: id,
                queued: delivery.queued,
                until,
            };
            let cause = self.log(cause, kind, events);
            self.agenda.add(until, cause, Due::Finish(id));
        }
    }

    fn finish(&mut self, id: ConsumerId, cause: EventId, events: &mut Vec<Event>) {
        let Some(worker) = self.workers.get_mut(id.index()) else {
            return;
        };
        let latency = worker.latency_ack;
        let Some((job, answer)) = worker.finish() else {
            return;
        };
        let kind = EventKind::Finished {
            consumer: id,
            queued: job.queued,
            answer,
        };
        let cause = self.log(cause, kind, events);
        if !matches!(answer, Answer::Silent | Answer::Lost) {
            let due = Due::ReachBroker {
                consumer: id,
                tag: job.tag,
                answer,
            };
            self.agenda.add(self.now + latency, cause, due);
        }
        self.start_work(id, cause, events);
    }

    fn answer(
        &mut self,
        consumer: ConsumerId,
        tag: u64,
        answer: Answer,
        cause: EventId,
        events: &mut Vec<Event>,
    ) {
        let Some(channel) = self.worker(consumer).map(|worker| worker.channel) else {
            return;
        };
        let multiple = false;
        let command = match answer {
            Answer::Ack => Command::Ack {
                channel,
                tag,
                multiple,
            },
            Answer::Requeue | Answer::Reject => Command::Nack {
                channel,
                tag,
                multiple,
                requeue: answer == Answer::Requeue,
            },
            Answer::Silent | Answer::Lost => return,
        };
        self.tell(command, cause, events);
    }
}
