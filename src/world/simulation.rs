//! The world: a broker, those who talk to it, and time.

use std::sync::Arc;

use crate::broker::{
    Broker, ChannelId, Command, ConnectionId, ConsumerId, Definitions, EventId, Micros,
    Publication, Target, Via,
};

use super::agenda::{Agenda, Appointment, Due};
use super::circling::{Circles, Standstill};
use super::consumer::Worker;
use super::http::Http;
use super::link::Link;
use super::publisher::Publisher;
use super::wire::{Said, Wire};
use super::{Deed, Event, Latency, LinkId, MoverSetup, PublisherId, WorkerId};

/// A world at one moment. The same [`Setup`](super::Setup) and the same inputs lead to the same worlds, on every
/// platform.
///
/// Clones are cheap enough to be kept now and then: definitions and messages are shared.
#[derive(Clone, Debug)]
pub struct World {
    pub(super) now: Micros,
    pub(super) broker: Broker,
    pub(super) latency: Latency,
    /// What carries messages away from here.
    pub(super) movers: Arc<[MoverSetup]>,
    pub(super) publishers: Vec<Publisher>,
    pub(super) workers: Vec<Worker>,
    pub(super) links: Vec<Link>,
    pub(super) connections: Owners<LinkId>,
    pub(super) channels: Owners<LinkId>,
    pub(super) consumers: Owners<WorkerId>,
    /// How long each binding is, by number; one that is not listed is as long as any.
    pub(super) routes: Arc<Vec<Micros>>,
    /// The latest that a copy reaches each queue, so that none overtakes another.
    pub(super) arrivals: Vec<Micros>,
    pub(super) agenda: Agenda,
    pub(super) http: Http,
    pub(super) wire: Wire,
    /// Nothing happens after this.
    pub(super) until: Option<Micros>,
    pub(super) last_event: EventId,
    pub(super) circles: Circles,
    /// While it is being built, nobody is told what happens.
    pub(super) quiet: bool,
}

/// Something that comes from outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A hand makes a publisher send its next message now.
    Publish(PublisherId),
    /// A hand makes a publisher send exactly this message now.
    Send {
        /// The publisher.
        publisher: PublisherId,
        /// The message.
        publication: Arc<Publication>,
        /// Whether it comes back if no queue takes it (P2), whatever the publisher's own messages do.
        mandatory: bool,
    },
    /// A hand does what a script could.
    Do(Deed),
    /// A client outside says something.
    Wire(Said),
    /// A hand makes deliveries to clients outside so long on their way from now on.
    Delay(Micros),
}

impl Input {
    /// Roughly how much memory it takes, in octets.
    #[must_use]
    pub fn memory(&self) -> u64 {
        match self {
            Self::Wire(said) => said.memory(),
            Self::Send { publication, .. } => publication.memory(),
            Self::Publish(_) | Self::Do(_) | Self::Delay(_) => size_of::<Self>() as u64,
        }
    }
}

/// Whom each thing there ever was belongs to, by the thing's number.
#[derive(Clone, Debug)]
pub(super) struct Owners<T>(Vec<Option<T>>);

impl<T> Default for Owners<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy> Owners<T> {
    pub(super) fn set(&mut self, index: usize, owner: T) {
        if index >= self.0.len() {
            self.0.resize(index + 1, None);
        }
        self.0[index] = Some(owner);
    }

    fn get(&self, index: usize) -> Option<T> {
        self.0.get(index).copied().flatten()
    }
}

/// What there is.
impl World {
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

    /// How long a hop takes where nothing nearer says otherwise.
    pub fn latency(&self) -> &Latency {
        &self.latency
    }

    /// Shovels and links of federation that read a queue or an exchange here (E48).
    pub fn movers(&self) -> &[MoverSetup] {
        &self.movers
    }

    /// Those that read this one.
    pub fn movers_of<'w>(&'w self, thing: &'w Target) -> impl Iterator<Item = &'w MoverSetup> {
        self.movers
            .iter()
            .filter(move |mover| mover.reads == *thing)
    }

    /// The publishers; a publisher's number is its place.
    pub fn publishers(&self) -> &[Publisher] {
        &self.publishers
    }

    /// The publisher with that number.
    pub fn publisher(&self, id: PublisherId) -> Option<&Publisher> {
        self.publishers.get(id.0 as usize)
    }

    /// The consumers; a consumer's number is its place.
    pub fn workers(&self) -> &[Worker] {
        &self.workers
    }

    /// The consumer with that number.
    pub fn worker(&self, id: WorkerId) -> Option<&Worker> {
        self.workers.get(id.0 as usize)
    }

    /// Whom the broker knows, or knew, by that number. A script's own consumers are nobody's.
    pub fn worker_of(&self, consumer: ConsumerId) -> Option<WorkerId> {
        self.consumers.get(consumer.index())
    }

    /// The connections; a connection's number is its place.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The connection with that number.
    pub fn link(&self, id: LinkId) -> Option<&Link> {
        self.links.get(id.0 as usize)
    }

    /// Which connection the broker knows, or knew, by that number.
    pub fn link_of_connection(&self, connection: ConnectionId) -> Option<LinkId> {
        self.connections.get(connection.index())
    }

    /// The connection of the channel the broker knows, or knew, by that number.
    pub fn link_of_channel(&self, channel: ChannelId) -> Option<LinkId> {
        self.channels.get(channel.index())
    }

    /// The services, their users, and what is under way between them.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// After when nothing happens any more, if there is an end.
    pub fn until(&self) -> Option<Micros> {
        self.until
    }

    /// How long a copy is on its way along a binding.
    pub fn route_latency(&self, via: Via) -> Micros {
        match via {
            Via::Binding(id) => self.routes.get(id.index()).copied(),
            Via::Implicit(_) | Via::Alternate(_) => None,
        }
        .unwrap_or(self.latency.route)
    }

    /// Why nothing happens any more, if that is because something goes round while no time passes.
    pub fn standstill(&self) -> Option<Standstill> {
        self.circles.standstill
    }

    /// When something happens next, if anything will.
    pub fn next_at(&self) -> Option<Micros> {
        if self.circles.standstill.is_some() {
            return None;
        }
        let agenda = self.agenda.next().map(|next| next.at);
        let times = [self.broker_at(), agenda, self.wire.next_at()];
        let next = times.into_iter().flatten().min()?;
        self.until.is_none_or(|until| next <= until).then_some(next)
    }

    /// What the next step will be, if it is an appointment rather than something due in the broker itself.
    pub fn next_appointment(&self) -> Option<&Appointment> {
        let next = self.agenda.next()?;
        let earlier = |at: Option<Micros>| at.is_some_and(|at| at <= next.at);
        if earlier(self.broker_at()) || self.wire.next_at().is_some_and(|at| at < next.at) {
            return None;
        }
        self.agenda.first(next)
    }

    /// When something is due in the broker itself.
    fn broker_at(&self) -> Option<Micros> {
        self.broker.next_due().map(|due| due.max(self.now))
    }

    /// What is going to happen as things stand, in order. What is due in the broker itself is not listed.
    pub fn upcoming(&self) -> Vec<&Appointment> {
        let mut upcoming = self.agenda.upcoming();
        upcoming.retain(|appointment| self.is_on(appointment));
        upcoming
    }

    /// Whether it will do anything as things stand.
    fn is_on(&self, appointment: &Appointment) -> bool {
        match &appointment.due {
            Due::Finish(id) => self
                .worker(*id)
                .is_some_and(|worker| worker.job(appointment.cause).is_some()),
            Due::Open(id) => self
                .link(*id)
                .and_then(|link| link.opening)
                .is_some_and(|opening| opening.at == appointment.at),
            Due::Consume { worker, channel } | Due::Poll { worker, channel } => {
                self.uses(*worker, *channel)
            }
            Due::ReachConsumer { worker, delivery } => self.uses(*worker, delivery.channel),
            _ => true,
        }
    }

    /// Whether its clients are outside, so that nobody knows beforehand who will come.
    pub fn is_live(&self) -> bool {
        self.wire.is_live
    }

    /// How much clients outside have said so far.
    pub fn heard(&self) -> u64 {
        self.wire.heard
    }

    /// Roughly how much there is to copy in a clone, in entries.
    pub fn weight(&self) -> usize {
        let broker = &self.broker;
        let queues: usize = broker
            .queues()
            .iter()
            .map(|queue| 1 + queue.ready_len() + queue.unacked())
            .sum();
        let clients =
            broker.connections().given() + broker.channels().given() + broker.consumers().given();
        let links: usize = self.links.iter().map(Link::weight).sum();
        let under_way = broker.on_the_way().len() + broker.letters().len() + broker.kept().len();
        let (http, circles) = (self.http.weight(), self.circles.weight());
        queues + clients + links + under_way + self.agenda.len() + http + circles
    }
}

/// What happens.
impl World {
    /// Does what is due next and appends the events; whether there was anything to do.
    pub fn step(&mut self, events: &mut Vec<Event>) -> bool {
        let known = events.len();
        let happened = self.circles.standstill.is_none() && self.do_next(events);
        if happened && self.circles.pass(self.now) {
            let consumers = &self.consumers;
            let worker = |consumer: ConsumerId| consumers.get(consumer.index());
            self.circles.follow(&events[known..], worker);
        }
        happened
    }

    fn do_next(&mut self, events: &mut Vec<Event>) -> bool {
        let (next, broker_at) = (self.agenda.next(), self.broker_at());
        let is_over = |at| self.until.is_some_and(|until| at > until);
        if let Some(at) = broker_at
            && next.is_none_or(|next| at <= next.at)
            && self.wire.next_at().is_none_or(|next| at <= next)
        {
            if is_over(at) {
                return false;
            }
            self.now = at;
            self.tell(Command::Tick, EventId(0), events);
            return true;
        }
        if let Some(at) = self.wire.next_at()
            && next.is_none_or(|next| at < next.at)
            && !is_over(at)
        {
            self.next_outside(events);
            return true;
        }
        let next = next.filter(|next| !is_over(next.at));
        let Some(Appointment { at, cause, due, .. }) = next.and_then(|it| self.agenda.take(it))
        else {
            return false;
        };
        self.now = at;
        match due {
            Due::Publish(publisher) => {
                self.publish_next(publisher, events);
                self.pace(publisher);
            }
            Due::ReachBroker {
                link,
                channel,
                sent,
            } => self.reach_broker(link, channel, sent, cause, events),
            Due::ReachQueue { copy, .. } => {
                self.tell(Command::Arrive { copy }, cause, events);
            }
            Due::ReachDeadLetterExchange(letter) => {
                let copy = letter.copy;
                self.tell(Command::DeadLetter { copy }, cause, events);
            }
            Due::ReachConsumer { worker, delivery } => {
                self.reach_consumer(worker, delivery, cause, events);
            }
            Due::ReachClient { link, news } => self.reach_client(link, news, cause, events),
            Due::Read { link, channel } => self.read(link, channel, events),
            Due::Open(link) => self.open_due(link, cause, events),
            Due::Consume { worker, channel } => self.consume(worker, channel, cause, events),
            Due::Poll { worker, channel } => self.poll(worker, channel, events),
            Due::Finish(worker) => self.finish(worker, cause, events),
            Due::Http(due) => self.serve_due(due, cause, events),
            Due::Do(deed) => self.act(&deed, cause, events),
        }
        true
    }

    /// Takes something from outside, at time `at`, which must not be before [`now`](Self::now).
    pub fn apply(&mut self, at: Micros, input: &Input, events: &mut Vec<Event>) {
        self.now = self.now.max(at);
        match input {
            Input::Publish(publisher) => self.publish_next(*publisher, events),
            Input::Send {
                publisher,
                publication,
                mandatory,
            } => {
                let message = (publication.clone(), *mandatory);
                self.publish(*publisher, message, Micros::ZERO, EventId(0), events);
            }
            Input::Do(deed) => self.act(deed, EventId(0), events),
            Input::Delay(span) => self.delay_deliveries(*span),
            // Whoever wants the answer asks by `hear_wire`; what was sent to clients was sent when it happened first.
            Input::Wire(said) => {
                let _ = self.hear_wire(at, said, events);
                self.take_sent();
            }
        }
    }

    /// Puts a publisher's next call on the agenda.
    pub(super) fn pace(&mut self, id: PublisherId) {
        let publisher = self.publishers.get_mut(id.0 as usize);
        if let Some(next) = publisher.and_then(|publisher| publisher.next_call(self.now)) {
            self.agenda.add(next, EventId(0), Due::Publish(id));
        }
    }
}
