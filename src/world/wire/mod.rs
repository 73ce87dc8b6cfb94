//! Clients outside the world: what they say comes in as inputs, and what the broker sends them goes out.

mod cast;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::broker::{
    Capabilities, ChannelId, Command, ConnectionId, EventId, Hangup, MessageId, Method, Micros,
    Name, Outgoing, Publication, Refusal, Reply, Violation,
};

use super::{Event, EventKind, Input, World};

/// What a client outside says, or what its connection does.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// It logged in, and opens its connection (C7).
    Connect {
        /// What it is called.
        name: Name,
        /// Whom it logged in as.
        user: Name,
        /// What it says it understands (C8).
        capabilities: Capabilities,
    },
    /// `channel.open`
    OpenChannel {
        /// On which connection.
        connection: ConnectionId,
        /// The channel's number there.
        number: u16,
    },
    /// `basic.publish`
    Publish {
        /// The channel.
        channel: ChannelId,
        /// The message.
        publication: Arc<Publication>,
        /// Whether it comes back if no queue takes it (P2).
        mandatory: bool,
        /// Not implemented (P2).
        immediate: bool,
    },
    /// Any other method on a channel.
    Call {
        /// The channel.
        channel: ChannelId,
        /// The method.
        method: Box<Method>,
    },
    /// It broke the protocol.
    Violate(Box<Violation>),
    /// It has taken all that it was sent.
    Taken(ConnectionId),
    /// Its connection ends.
    Hangup {
        /// The connection.
        connection: ConnectionId,
        /// How.
        how: Hangup,
    },
}

impl Said {
    /// Roughly how much memory it takes, in octets.
    #[must_use]
    pub fn memory(&self) -> u64 {
        let own = size_of::<Self>() as u64;
        match self {
            Self::Publish { publication, .. } => own + publication.memory(),
            Self::Call { method, .. } => own + method.memory(),
            _ => own,
        }
    }

    /// A copy for who keeps it apart from the broker: the memory it takes is not counted as the broker's.
    #[must_use]
    pub fn uncounted(&self) -> Self {
        let mut copy = self.clone();
        if let Self::Publish { publication, .. } = &mut copy {
            *publication = Arc::new(publication.uncounted());
        }
        copy
    }
}

/// The clients outside.
#[derive(Clone, Debug, Default)]
pub(super) struct Wire {
    connections: BTreeSet<ConnectionId>,
    /// Whether there may be any.
    pub(super) is_live: bool,
    /// What each connection published that the broker does not read yet (F3).
    waiting: BTreeMap<ConnectionId, (ChannelId, Method, EventId)>,
    /// What the broker sent them and nobody has taken yet.
    pub(super) sent: Vec<Outgoing>,
    /// What was recorded, and how much of it has come in.
    recorded: Arc<Vec<(Micros, Input)>>,
    replayed: usize,
    /// How much they said.
    pub(super) heard: u64,
    /// How long deliveries are on their way to them.
    pub(super) delay: Micros,
    /// Deliveries on their way, in order, each with when it is there.
    late: VecDeque<(Micros, Outgoing)>,
    pub(super) cast: cast::Cast,
}

impl Wire {
    /// No clients yet; what was recorded will come in at its time.
    pub(super) fn new(is_live: bool, recorded: Arc<Vec<(Micros, Input)>>) -> Self {
        Self {
            is_live,
            recorded,
            ..Self::default()
        }
    }

    /// What was published and is not read yet, each with what led to it.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (Option<MessageId>, EventId)> + '_ {
        self.waiting.values().map(|(_, method, cause)| {
            let message = match method {
                Method::Publish { message, .. } => Some(message.id),
                _ => None,
            };
            (message, *cause)
        })
    }

    /// What is on its way to clients outside.
    pub(super) fn late(&self) -> impl Iterator<Item = &Outgoing> {
        self.late.iter().map(|(_, outgoing)| outgoing)
    }

    /// When something recorded comes in next, or a delivery is there.
    pub(super) fn next_at(&self) -> Option<Micros> {
        let recorded = self.recorded.get(self.replayed).map(|&(at, _)| at);
        let late = self.late.front().map(|&(at, _)| at);
        recorded.into_iter().chain(late).min()
    }
}

impl World {
    /// Lets come in what was recorded next, or a delivery arrive.
    pub(super) fn next_outside(&mut self, events: &mut Vec<Event>) {
        let due = self.wire.next_at();
        if let Some((at, outgoing)) = self.wire.late.pop_front_if(|late| Some(late.0) == due) {
            self.now = self.now.max(at);
            self.send_outside(outgoing, events);
            return;
        }
        let recorded = self.wire.recorded.clone();
        if let Some((at, input)) = recorded.get(self.wire.replayed) {
            self.wire.replayed += 1;
            self.apply(*at, input, events);
        }
    }

    /// Hears a client outside. What the broker sends is to be had from [`take_sent`](Self::take_sent) then.
    ///
    /// # Errors
    /// What the broker refuses; what it closes for it, it has closed, and sends word of it.
    pub fn hear_wire(
        &mut self,
        at: Micros,
        said: &Said,
        events: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        self.now = self.now.max(at);
        self.wire.heard += 1;
        let cause = EventId(0);
        match said {
            Said::Connect {
                name,
                user,
                capabilities,
            } => {
                let next = self.broker.connections().given();
                let (answer, sent) = self.ask(events, |broker, now, out| {
                    broker.serve_login(now, name.clone(), user.clone(), *capabilities, cause, out)
                });
                if let Some(connection) = self.broker.connections().get(next) {
                    self.wire.connections.insert(connection.id);
                }
                if let Ok(Reply::Connection(connection)) = answer
                    && !self.quiet
                {
                    self.meet(connection);
                }
                self.carry(sent, events);
                answer
            }
            Said::OpenChannel { connection, number } => {
                let (answer, sent) = self.ask(events, |broker, now, out| {
                    broker.serve_open(now, *connection, Some(*number), cause, out)
                });
                if let Ok(Reply::Channel(channel)) = answer
                    && !self.quiet
                {
                    self.meet_channel(channel);
                }
                self.carry(sent, events);
                answer
            }
            Said::Publish {
                channel,
                publication,
                mandatory,
                immediate,
            } => {
                let message = self.broker.take(publication.clone());
                let cause = self.published_outside(*channel, message.id, publication, events);
                let publish = Method::Publish {
                    message,
                    mandatory: *mandatory,
                    immediate: *immediate,
                };
                self.publish_wire(*channel, publish, cause, events)
            }
            Said::Call { channel, method } => self.call_outside(*channel, method, events),
            Said::Violate(violation) => {
                let ((), sent) = self.bid(events, |broker, now, out| {
                    broker.serve_violation(now, violation, cause, out);
                });
                self.carry(sent, events);
                Ok(Reply::Done)
            }
            Said::Taken(connection) => {
                let connection = *connection;
                self.order(Command::Taken { connection }, cause, events)
            }
            Said::Hangup { connection, how } => {
                let (connection, how) = (*connection, *how);
                let ended = self.order(Command::CloseConnection { connection, how }, cause, events);
                if how == Hangup::ByClient {
                    self.part(connection, cause, events);
                }
                ended
            }
        }
    }

    /// A client calls a method.
    fn call_outside(
        &mut self,
        channel: ChannelId,
        method: &Method,
        events: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let cause = self.seen(channel, method, events);
        let (answer, sent) = self.ask(events, |broker, now, out| {
            broker.serve(now, channel, method.clone(), cause, out)
        });
        match (&answer, method) {
            (Ok(Reply::Consumer { consumer, .. }), _) => self.meet_consumer(*consumer),
            (Ok(Reply::Got { delivery, .. }), Method::Get { no_ack, .. }) => {
                self.received_outside(delivery, *no_ack, events);
            }
            (Ok(Reply::Done), Method::Close) => self.forget_channel(channel),
            _ => {}
        }
        self.carry(sent, events);
        answer
    }

    /// Lets the broker take a message; one that it does not read yet waits for that (F3).
    fn publish_wire(
        &mut self,
        channel: ChannelId,
        publish: Method,
        cause: EventId,
        events: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        // A copy costs no more than a pointer, and is wanted only then.
        let kept = self.broker.alarms().first().map(|_| publish.clone());
        let answer = self.serve(channel, publish, cause, events);
        if let (Ok(Reply::NotRead), Some(publish)) = (&answer, kept)
            && let Some(there) = self.broker.channel(channel)
        {
            let connection = there.connection;
            let link = self.link_of_connection(connection);
            let mut cause = cause;
            if let (Method::Publish { message, .. }, Some(link)) = (&publish, link) {
                let message = message.id;
                cause = self.log(cause, EventKind::Waiting { link, message }, events);
            }
            self.wire
                .waiting
                .insert(connection, (channel, publish, cause));
        }
        answer
    }

    /// Makes deliveries so long on their way from now on. None overtakes another.
    pub(super) fn delay_deliveries(&mut self, span: Micros) {
        self.wire.delay = span;
        for worker in &mut self.workers {
            let link = self.links.get(worker.link.0 as usize);
            if link.is_some_and(|link| link.outside) {
                worker.latency_deliver = span;
            }
        }
    }

    /// How long deliveries to clients outside are on their way.
    pub fn delivery_delay(&self) -> Micros {
        self.wire.delay
    }

    /// Carries something to a client outside. A delivery may be on its way for a while.
    pub(super) fn carry_outside(&mut self, outgoing: Outgoing, events: &mut Vec<Event>) {
        match &outgoing {
            Outgoing::Delivery(_) => {
                let last = self.wire.late.back().map(|&(at, _)| at);
                let at = (self.now + self.wire.delay).max(last.unwrap_or_default());
                if at > self.now {
                    self.wire.late.push_back((at, outgoing));
                    return;
                }
            }
            // What comes to an end has had all that was sent before.
            Outgoing::Cancel { .. }
            | Outgoing::CloseChannel { .. }
            | Outgoing::CloseConnection { .. } => {
                let to = self.bound_for(&outgoing);
                let late = std::mem::take(&mut self.wire.late);
                for (at, late) in late {
                    match self.bound_for(&late) == to {
                        true => self.send_outside(late, events),
                        false => self.wire.late.push_back((at, late)),
                    }
                }
            }
            _ => {}
        }
        self.send_outside(outgoing, events);
    }

    fn send_outside(&mut self, outgoing: Outgoing, events: &mut Vec<Event>) {
        let waiting = match &outgoing {
            Outgoing::Readable { connection, .. }
            | Outgoing::CloseConnection { connection, .. } => self.wire.waiting.remove(connection),
            _ => None,
        };
        self.learns(&outgoing, events);
        let reads = matches!(outgoing, Outgoing::Readable { .. });
        self.wire.sent.push(outgoing);
        if let Some((channel, publish, cause)) = waiting
            && reads
        {
            let _ = self.publish_wire(channel, publish, cause, events);
        }
    }

    /// Takes what the broker has sent to clients outside, in order.
    pub fn take_sent(&mut self) -> Vec<Outgoing> {
        std::mem::take(&mut self.wire.sent)
    }

    /// Forgets connections, channels and consumers that have ended. Only who keeps no events may do so.
    pub fn forget_gone(&mut self) {
        if !self.broker.forget_gone() {
            return;
        }
        let broker = &self.broker;
        let known = |id: &ConnectionId| broker.connection(*id).is_some();
        self.wire.connections.retain(known);
    }

    /// Tells nobody any more what happens.
    pub fn keep_quiet(&mut self) {
        self.quiet = true;
    }

    /// Whether something goes to a client outside.
    pub(super) fn is_outside(&self, outgoing: &Outgoing) -> bool {
        if self.wire.connections.is_empty() {
            return false;
        }
        let connection = self.bound_for(outgoing);
        connection.is_some_and(|it| self.wire.connections.contains(&it))
    }

    /// To which connection something goes, if to one.
    fn bound_for(&self, outgoing: &Outgoing) -> Option<ConnectionId> {
        let of_channel = |channel: ChannelId| Some(self.broker.channel(channel)?.connection);
        match outgoing {
            Outgoing::Delivery(delivery) => of_channel(delivery.channel),
            Outgoing::Cancel { consumer, .. } => self
                .broker
                .consumer(*consumer)
                .and_then(|consumer| of_channel(consumer.channel)),
            Outgoing::Return { channel, .. }
            | Outgoing::Confirm { channel, .. }
            | Outgoing::CloseChannel { channel, .. } => of_channel(*channel),
            Outgoing::Blocked { connection, .. }
            | Outgoing::Readable { connection, .. }
            | Outgoing::CloseConnection { connection, .. } => Some(*connection),
            Outgoing::Transit(_) | Outgoing::Letter(_) => None,
        }
    }
}

impl From<Said> for Input {
    fn from(said: Said) -> Self {
        Self::Wire(said)
    }
}
