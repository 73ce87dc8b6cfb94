//! A broker on the bench: clients that call methods, time that goes on, and everything the broker says kept.

use std::sync::Arc;

use leveret::broker::{
    Broker, Capabilities, ChannelId, Command, Configuration, ConnectionId, Delivery, Event,
    EventId, Hangup, Method, Micros, Name, Operation, Outgoing, Outlet, PermissionsSpec, Profile,
    Properties, Publication, QueueSpec, Refusal, Reply, Table, UserSpec, Value,
};

/// What a broker said and sent.
#[derive(Default)]
pub struct Tape {
    /// The events, each with its cause.
    pub events: Vec<(EventId, Event)>,
    /// What was sent.
    pub sent: Vec<Outgoing>,
}

impl Outlet for Tape {
    fn event(&mut self, cause: EventId, event: impl FnOnce() -> Event) -> EventId {
        self.events.push((cause, event()));
        EventId(self.events.len() as u64)
    }

    fn send(&mut self, outgoing: Outgoing) {
        self.sent.push(outgoing);
    }
}

/// A broker, its time and its tape. The broker's promises are checked after everything that is done to it.
pub struct Lab {
    pub broker: Broker,
    pub tape: Tape,
    now: Micros,
    read: usize,
}

impl Lab {
    /// A broker of the default profile.
    pub fn new() -> Self {
        Self::with(Profile::default())
    }

    pub fn with(profile: Profile) -> Self {
        Self::configured(Configuration {
            profile,
            ..Configuration::default()
        })
    }

    pub fn configured(configuration: Configuration) -> Self {
        Self {
            broker: Broker::new(configuration),
            tape: Tape::default(),
            now: Micros::ZERO,
            read: 0,
        }
    }

    /// Another one whose broker is where this one's is, and whose tape is empty.
    pub fn fork(&self) -> Self {
        Self {
            broker: self.broker.clone(),
            tape: Tape::default(),
            now: self.now,
            read: 0,
        }
    }

    fn audit(&self) {
        if let Err(broken) = self.broker.audit() {
            panic!("{broken}; the tape: {:#?}", self.tape.events);
        }
    }

    /// Lets the broker do something, as an operator or the network would.
    pub fn tell(&mut self, command: Command) -> Result<Reply, Refusal> {
        let cause = EventId(0);
        let reply = self.broker.handle(self.now, command, cause, &mut self.tape);
        self.audit();
        reply
    }

    pub fn operate(&mut self, operation: Operation) -> Result<Reply, Refusal> {
        self.tell(Command::Operate(operation))
    }

    /// A new connection of `guest`.
    pub fn connect(&mut self) -> ConnectionId {
        self.connect_as("guest").expect("guest may connect")
    }

    pub fn connect_as(&mut self, user: &str) -> Result<ConnectionId, Refusal> {
        self.connect_with(user, Capabilities::default())
    }

    pub fn connect_with(
        &mut self,
        user: &str,
        capabilities: Capabilities,
    ) -> Result<ConnectionId, Refusal> {
        let command = Command::OpenConnection {
            name: "client".into(),
            user: user.into(),
            capabilities,
        };
        self.tell(command).map(|reply| match reply {
            Reply::Connection(id) => id,
            other => panic!("{other:?}"),
        })
    }

    /// A client logs in; a refusal closes its connection.
    pub fn log_in(&mut self, user: &str) -> Result<Reply, Refusal> {
        let (cause, capabilities) = (EventId(0), Capabilities::default());
        let (name, user) = ("client".into(), user.into());
        let reply =
            self.broker
                .serve_login(self.now, name, user, capabilities, cause, &mut self.tape);
        self.audit();
        reply
    }

    /// A new channel on a connection.
    pub fn channel(&mut self, connection: ConnectionId) -> ChannelId {
        let number = None;
        match self.tell(Command::OpenChannel { connection, number }) {
            Ok(Reply::Channel(id)) => id,
            other => panic!("{other:?}"),
        }
    }

    /// A new channel with a number of the client's choice; a refusal closes the connection.
    pub fn open_numbered(
        &mut self,
        connection: ConnectionId,
        number: u16,
    ) -> Result<Reply, Refusal> {
        let (cause, number) = (EventId(0), Some(number));
        let reply = self
            .broker
            .serve_open(self.now, connection, number, cause, &mut self.tape);
        self.audit();
        reply
    }

    /// All copies on their way come to their queues, in order.
    pub fn arrive_all(&mut self) {
        let going: Vec<_> = self.broker.on_the_way().collect();
        for (copy, _) in going {
            self.tell(Command::Arrive { copy }).expect("it arrives");
        }
    }

    /// A new channel on a connection of its own.
    pub fn open(&mut self) -> ChannelId {
        let connection = self.connect();
        self.channel(connection)
    }

    pub fn connection_of(&self, channel: ChannelId) -> ConnectionId {
        self.broker.channel(channel).expect("a channel").connection
    }

    pub fn hang_up(&mut self, channel: ChannelId, how: Hangup) {
        let connection = self.connection_of(channel);
        self.tell(Command::CloseConnection { connection, how })
            .expect("an open connection");
    }

    /// Calls a method as a client; a refusal closes what it closes.
    pub fn call(&mut self, channel: ChannelId, method: Method) -> Result<Reply, Refusal> {
        let cause = EventId(0);
        let reply = self
            .broker
            .serve(self.now, channel, method, cause, &mut self.tape);
        self.audit();
        reply
    }

    /// Calls a method that must not be refused.
    pub fn ok(&mut self, channel: ChannelId, method: Method) -> Reply {
        let name = method.name();
        self.call(channel, method)
            .unwrap_or_else(|refusal| panic!("{name}: {refusal}"))
    }

    /// Calls a method that must be refused; the reply code's number and whether only the channel was closed for it. The
    /// client opens another channel then.
    pub fn refused(&mut self, channel: ChannelId, method: Method) -> (u16, Closed) {
        let name = method.name();
        match self.call(channel, method) {
            Ok(reply) => panic!("{name} was not refused: {reply:?}"),
            Err(refusal) => {
                let connection = self.connection_of(channel);
                let gone = self.broker.connection(connection).expect("known").closed;
                assert!(self.broker.channel(channel).expect("known").closed);
                let closed = if gone {
                    Closed::Connection
                } else {
                    Closed::Channel
                };
                (refusal.code.number(), closed)
            }
        }
    }

    /// A durable classic queue.
    pub fn queue(&mut self, channel: ChannelId, name: &str) {
        self.declare(channel, QueueSpec::new(name));
    }

    pub fn declare(&mut self, channel: ChannelId, spec: QueueSpec) {
        let passive = false;
        self.ok(channel, Method::DeclareQueue { spec, passive });
    }

    /// A publish that says no more than a body.
    pub fn publish(&mut self, channel: ChannelId, exchange: &str, key: &str, body: &str) {
        self.publish_with(channel, exchange, key, body, Properties::default());
    }

    pub fn publish_with(
        &mut self,
        channel: ChannelId,
        exchange: &str,
        key: &str,
        body: &str,
        properties: Properties,
    ) {
        let method = self.publishing(exchange, key, body, properties, false);
        self.ok(channel, method);
    }

    /// A publish, to be called.
    pub fn publishing(
        &mut self,
        exchange: &str,
        key: &str,
        body: &str,
        properties: Properties,
        mandatory: bool,
    ) -> Method {
        let message = self.broker.take(Arc::new(Publication {
            exchange: exchange.into(),
            routing_key: key.into(),
            properties: Arc::new(properties),
            body: body.into(),
            ..Publication::default()
        }));
        Method::Publish {
            message,
            mandatory,
            immediate: false,
        }
    }

    /// A consumer that acknowledges.
    pub fn consume(&mut self, channel: ChannelId, queue: &str, tag: &str) {
        self.ok(channel, consume(queue, tag));
    }

    /// What was delivered since this was last asked: whose tag, delivery tag, body, redelivered.
    pub fn deliveries(&mut self) -> Vec<(String, u64, String, bool)> {
        let news = self.tape.sent[self.read..].iter();
        let deliveries = news
            .filter_map(|sent| match sent {
                Outgoing::Delivery(delivery) => Some(delivery),
                _ => None,
            })
            .map(|delivery| {
                let consumer = delivery.consumer.expect("a consumer's delivery");
                let tag = &self.broker.consumer(consumer).expect("known").tag;
                (
                    tag.to_string(),
                    delivery.tag,
                    body(delivery),
                    delivery.redelivered,
                )
            })
            .collect();
        self.read = self.tape.sent.len();
        deliveries
    }

    /// Whose consumer tag was delivered which body, since this was last asked.
    pub fn delivered(&mut self) -> Vec<(String, String)> {
        let deliveries = self.deliveries().into_iter();
        deliveries.map(|(tag, _, body, _)| (tag, body)).collect()
    }

    /// The bodies that are ready in a queue, in the order they would be served.
    pub fn ready(&self, queue: &str) -> Vec<String> {
        let id = self
            .broker
            .definitions()
            .queue_named(queue)
            .expect("a queue");
        let queue = self.broker.queue(id).expect("a queue");
        let bodies = queue
            .ready()
            .map(|entry| entry.message.publication.body.to_string());
        bodies.collect()
    }

    /// `basic.get` without acknowledgement: the body, or nothing.
    pub fn get(&mut self, channel: ChannelId, queue: &str) -> Option<Delivery> {
        let no_ack = true;
        let queue = queue.into();
        match self.ok(channel, Method::Get { queue, no_ack }) {
            Reply::Got { delivery, .. } => Some(*delivery),
            Reply::Empty => None,
            other => panic!("{other:?}"),
        }
    }

    /// A user who may configure, write and read what those patterns match; a channel of its own.
    pub fn open_as(&mut self, user: &str, [configure, write, read]: [&str; 3]) -> ChannelId {
        let mut spec = UserSpec::new(user);
        spec.permissions = Some(PermissionsSpec {
            configure: configure.into(),
            write: write.into(),
            read: read.into(),
        });
        self.operate(Operation::SetUser(spec)).expect("a user");
        let connection = self.connect_as(user).expect("a user who may enter");
        self.channel(connection)
    }

    /// How many copies of a queue are unacked.
    pub fn unacked(&self, queue: &str) -> usize {
        let id = self.broker.definitions().queue_named(queue);
        let queue = id.and_then(|id| self.broker.queue(id)).expect("a queue");
        queue.unacked()
    }

    /// How many consumers a queue has.
    pub fn consumers(&self, queue: &str) -> usize {
        let id = self.broker.definitions().queue_named(queue);
        let queue = id.and_then(|id| self.broker.queue(id)).expect("a queue");
        queue.consumers().len()
    }

    /// Which of a queue's ready messages count as redelivered, in order.
    pub fn redelivered(&self, queue: &str) -> Vec<bool> {
        let id = self.broker.definitions().queue_named(queue);
        let queue = id.and_then(|id| self.broker.queue(id)).expect("a queue");
        queue.ready().map(|entry| entry.redelivered).collect()
    }

    /// Whether a channel, and whether its connection, is closed.
    pub fn closed(&self, channel: ChannelId) -> (bool, bool) {
        let connection = self.broker.connection(self.connection_of(channel));
        let channel = self.broker.channel(channel).expect("known");
        (channel.closed, connection.expect("known").closed)
    }

    /// What was sent of one kind, told by `pick`.
    pub fn sent<T>(&self, pick: impl Fn(&Outgoing) -> Option<T>) -> Vec<T> {
        self.tape.sent.iter().filter_map(pick).collect()
    }

    /// What publishers were told: sequence number, multiple, ack rather than nack.
    pub fn confirms(&self) -> Vec<(u64, bool, bool)> {
        self.sent(|sent| match *sent {
            Outgoing::Confirm {
                sequence,
                multiple,
                ack,
                ..
            } => Some((sequence, multiple, ack)),
            _ => None,
        })
    }

    /// The bodies that came back to their publishers.
    pub fn returned(&self) -> Vec<String> {
        self.sent(|sent| match sent {
            Outgoing::Return { message, .. } => Some(message.publication.body.to_string()),
            _ => None,
        })
    }

    /// The event that caused the one event `pick` says yes to.
    pub fn cause_of(&self, pick: impl Fn(&Event) -> bool) -> Option<&Event> {
        let events = &self.tape.events;
        let found: Vec<_> = events.iter().filter(|(_, event)| pick(event)).collect();
        assert_eq!(found.len(), 1, "there is one such event");
        let cause = usize::try_from(found[0].0.0).expect("a small number");
        cause.checked_sub(1).map(|at| &events[at].1)
    }

    /// All of the broker's state, as text: its time apart, which goes on whatever comes of a command.
    pub fn state(&self) -> String {
        let mut text = format!("{:?}", self.broker);
        let now = format!("now: {:?}, ", self.broker.now());
        let at = text.find(&now).expect("the time is part of the state");
        text.replace_range(at..at + now.len(), "");
        text
    }

    pub fn exists(&self, queue: &str) -> bool {
        self.broker.definitions().queue_named(queue).is_some()
    }

    /// Lets time go on to a moment; what is due on the way happens at its time.
    pub fn at(&mut self, moment: Micros) {
        while let Some(due) = self.broker.next_due().filter(|&due| due <= moment) {
            self.now = self.now.max(due);
            self.tell(Command::Tick).expect("a tick is never refused");
        }
        self.now = moment;
    }

    /// The events of one kind, told by `pick`.
    pub fn told<T>(&self, pick: impl Fn(&Event) -> Option<T>) -> Vec<T> {
        let events = self.tape.events.iter();
        events.filter_map(|(_, event)| pick(event)).collect()
    }
}

/// What a refusal closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    Channel,
    Connection,
}

/// A delivery's body as text.
pub fn body(delivery: &Delivery) -> String {
    delivery.message.publication.body.to_string()
}

/// `basic.consume` with acknowledgements.
pub fn consume(queue: &str, tag: &str) -> Method {
    Method::Consume {
        queue: queue.into(),
        tag: tag.into(),
        no_ack: false,
        exclusive: false,
        arguments: Table::new(),
    }
}

/// `basic.ack`
pub fn ack(tag: u64, multiple: bool) -> Method {
    Method::Ack { tag, multiple }
}

/// `basic.nack`
pub fn nack(tag: u64, multiple: bool, requeue: bool) -> Method {
    Method::Nack {
        tag,
        multiple,
        requeue,
    }
}

/// `basic.qos`
pub fn qos(prefetch: u16, global: bool) -> Method {
    Method::Qos {
        prefetch_size: 0,
        prefetch,
        global,
    }
}

/// `basic.get`
pub fn get(queue: &str, no_ack: bool) -> Method {
    let queue = queue.into();
    Method::Get { queue, no_ack }
}

/// `queue.bind` without arguments.
pub fn bind(queue: &str, source: &str, key: &str) -> Method {
    Method::BindQueue {
        queue: queue.into(),
        source: source.into(),
        key: key.into(),
        arguments: Table::new(),
    }
}

/// `queue.unbind` without arguments.
pub fn unbind(queue: &str, source: &str, key: &str) -> Method {
    Method::UnbindQueue {
        queue: queue.into(),
        source: source.into(),
        key: key.into(),
        arguments: Table::new(),
    }
}

/// `queue.declare`
pub fn declare(spec: QueueSpec) -> Method {
    let passive = false;
    Method::DeclareQueue { spec, passive }
}

/// A passive `queue.declare`.
pub fn asks(queue: &str) -> Method {
    Method::DeclareQueue {
        spec: QueueSpec::new(queue),
        passive: true,
    }
}

/// A table of one entry.
pub fn table(name: &str, value: impl Into<Value>) -> Table {
    Table::from([(Name::from(name), value.into())])
}
