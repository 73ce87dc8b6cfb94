//! Random programs for a broker: what is declared first, and what clients, operators and time do then.

use std::collections::BTreeMap;
use std::sync::Arc;

use leveret::broker::{
    Alarm, ApplyTo, Broker, ChannelId, Command, Configuration, ConnectionId, CopyId, Event,
    EventId, ExchangeKind, ExchangeSpec, Hangup, Message, MessageId, Method, Micros, Name,
    Operation, Outgoing, Outlet, PolicySpec, Profile, Properties, Publication, QueueKind,
    QueueSpec, Refusal, Reply, Table, Target, Value,
};
use proptest::prelude::*;

/// How many clients there are, each with one connection and one channel at a time.
pub const CLIENTS: usize = 4;

const QUEUES: [&str; 6] = ["q0", "q1", "q2", "q3", "q4", "q5"];
const EXCHANGES: [&str; 5] = ["x0", "x1", "x2", "x3", ""];
const TAGS: [&str; 4] = ["a", "b", "", ""];
const KEYS: [&str; 10] = ["q0", "q1", "q2", "q3", "q4", "q5", "a", "a.b", "a.b.c", ""];
const PATTERNS: [&str; 6] = ["a", "a.*", "a.#", "#", "q0", ""];
const POLICIES: [&str; 2] = ["p0", "p1"];

/// A whole program.
#[derive(Clone, Debug)]
pub struct Program {
    pub profile: Profile,
    /// Whether copies and dead messages are on their way until a deed lets them arrive.
    pub on_the_way: bool,
    pub write_delay: Micros,
    pub exchanges: Vec<ExchangeSpec>,
    pub queues: Vec<QueueSpec>,
    pub bindings: Vec<Method>,
    pub deeds: Vec<Deed>,
}

/// Something that is done. Names and tags are told by number, so that a shorter program is a program too.
#[derive(Clone, Debug)]
pub enum Deed {
    /// A client calls a method. A careful one sees to it that it makes sense, as far as it can.
    Call {
        client: usize,
        say: Say,
        careful: bool,
    },
    /// A client's connection ends.
    HangUp(usize, Hangup),
    /// An operator does something.
    Operate(Operation),
    /// The broker goes down and comes up so much later.
    Restart { clean: bool, after: Micros },
    /// Time goes on.
    Pass(Micros),
    /// One of the copies that are on their way arrives.
    Arrive(usize),
    /// One of the dead messages that are on their way arrives.
    DeadLetter(usize),
}

/// What a client says.
#[derive(Clone, Debug)]
pub enum Say {
    /// As it is.
    Method(Method),
    /// The queue of that number is declared as the program has it.
    Declare(usize),
    Publish {
        publication: Publication,
        mandatory: bool,
    },
    /// An answer to one of the deliveries that the client holds, or to none.
    Settle {
        which: Which,
        multiple: bool,
        how: How,
    },
}

/// A delivery tag.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    Held(usize),
    Tag(u64),
}

#[derive(Clone, Copy, Debug)]
pub enum How {
    Ack,
    Nack { requeue: bool },
    Reject { requeue: bool },
}

fn name(names: &'static [&'static str]) -> impl Strategy<Value = Name> {
    prop::sample::select(names).prop_map(Name::from)
}

fn some(
    argument: &'static str,
    value: impl Strategy<Value = Value> + 'static,
    often: u32,
) -> impl Strategy<Value = Table> {
    prop_oneof![
        10 - often => Just(Table::new()),
        often => value.prop_map(move |value| Table::from([(argument.into(), value)])),
    ]
}

fn number(range: std::ops::Range<i64>) -> impl Strategy<Value = Value> {
    range.prop_map(Value::Int)
}

fn text(values: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop::sample::select(values).prop_map(Value::from)
}

fn merged(tables: Vec<Table>) -> Table {
    tables.into_iter().flatten().collect()
}

/// What all but streams take (Q12).
fn limits() -> impl Strategy<Value = Table> {
    let overflow = text(&["drop-head", "reject-publish"]);
    let dlx = text(&["", "x0", "x1", "none"]);
    (
        some("x-message-ttl", number(0..60), 2),
        some("x-expires", number(30..400), 1),
        some("x-max-length", number(0..4), 3),
        some("x-max-length-bytes", number(0..9), 1),
        some("x-overflow", overflow, 3),
        some("x-dead-letter-exchange", dlx, 5),
        some(
            "x-dead-letter-routing-key",
            text(&["q0", "q1", "q4", "a"]),
            4,
        ),
        some(
            "x-single-active-consumer",
            any::<bool>().prop_map(Value::Bool),
            2,
        ),
    )
        .prop_map(
            |(ttl, expires, length, bytes, overflow, dlx, key, single)| {
                let key = if dlx.is_empty() { Table::new() } else { key };
                merged(vec![
                    ttl, expires, length, bytes, overflow, dlx, key, single,
                ])
            },
        )
}

fn classic() -> impl Strategy<Value = QueueSpec> {
    let overflow = text(&["reject-publish-dlx"]);
    let own = (
        some("x-max-priority", number(0..4), 2),
        some("x-overflow", overflow, 1),
    );
    let flags = (
        any::<bool>(),
        prop::bool::weighted(0.15),
        prop::bool::weighted(0.15),
    );
    (limits(), own, flags).prop_map(|(limits, (priority, overflow), flags)| {
        let (durable, exclusive, auto_delete) = flags;
        QueueSpec {
            durable,
            exclusive,
            auto_delete,
            arguments: merged(vec![limits, priority, overflow]),
            ..QueueSpec::new("")
        }
    })
}

fn quorum() -> impl Strategy<Value = QueueSpec> {
    (
        limits(),
        some("x-delivery-limit", number(-1..3), 6),
        some("x-dead-letter-strategy", text(&["at-least-once"]), 3),
        some(
            "x-delayed-retry-type",
            text(&["all", "failed", "returned"]),
            3,
        ),
        some("x-delayed-retry-min", number(1..40), 8),
    )
        .prop_map(|(limits, limit, strategy, retry, min)| {
            let arguments = merged(vec![limits, limit, strategy, retry, min]);
            QueueSpec {
                arguments,
                ..QueueSpec::new("")
            }
            .with("x-queue-type", "quorum")
        })
}

fn stream() -> impl Strategy<Value = QueueSpec> {
    (
        some("x-max-length-bytes", number(0..20), 5),
        some("x-stream-max-segment-size-bytes", number(1..6), 8),
    )
        .prop_map(|(bytes, segment)| {
            let arguments = merged(vec![bytes, segment]);
            QueueSpec {
                arguments,
                ..QueueSpec::new("")
            }
            .with("x-queue-type", "stream")
        })
}

fn queue() -> impl Strategy<Value = QueueSpec> {
    prop_oneof![6 => classic(), 3 => quorum(), 1 => stream()]
}

/// Of all types but the one that takes a binding by chance.
fn exchange() -> impl Strategy<Value = ExchangeSpec> {
    let kinds = [
        ExchangeKind::Direct,
        ExchangeKind::Fanout,
        ExchangeKind::Topic,
        ExchangeKind::Headers,
    ];
    let flags = (
        any::<bool>(),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.1),
    );
    let alternate = some("alternate-exchange", text(&["x0", "x1", "x2", "none"]), 3);
    (prop::sample::select(kinds.to_vec()), flags, alternate).prop_map(|(kind, flags, arguments)| {
        let (durable, auto_delete, internal) = flags;
        ExchangeSpec {
            durable,
            auto_delete,
            internal,
            arguments,
            ..ExchangeSpec::new("", kind)
        }
    })
}

fn headers() -> impl Strategy<Value = Table> {
    some("h", number(0..2), 3)
}

fn keys() -> impl Strategy<Value = Value> {
    let keys = prop::collection::vec(name(&KEYS).prop_map(Value::Text), 1..3);
    keys.prop_map(Value::Array)
}

fn publication() -> impl Strategy<Value = Publication> {
    let expiration = prop::option::weighted(0.2, (0..60u32).prop_map(|ms| ms.to_string().into()));
    let properties = (
        any::<bool>(),
        prop::option::weighted(0.3, 0..9u8),
        expiration,
        (headers(), some("CC", keys(), 1), some("BCC", keys(), 1)),
    );
    let address = prop_oneof![
        name(&QUEUES).prop_map(|key| (Name::default(), key)),
        (name(&EXCHANGES), name(&KEYS)),
    ];
    let body = prop::sample::select(&["", "b", "body"][..]);
    (address, properties, body).prop_map(|((exchange, key), properties, body)| {
        let (persistent, priority, expiration, (headers, cc, bcc)) = properties;
        Publication {
            exchange,
            routing_key: key,
            properties: Arc::new(Properties {
                delivery_mode: persistent.then_some(2),
                priority,
                expiration,
                headers: merged(vec![headers, cc, bcc]),
                ..Properties::default()
            }),
            body: body.into(),
            ..Publication::default()
        }
    })
}

fn binding_arguments() -> impl Strategy<Value = Table> {
    let matches = some("x-match", text(&["all", "any"]), 2);
    (headers(), matches).prop_map(|(headers, matches)| merged(vec![headers, matches]))
}

fn consume() -> impl Strategy<Value = Method> {
    let arguments = (
        some("x-priority", number(-1..2), 4),
        some("x-stream-offset", text(&["first", "last", "next"]), 4),
    );
    let flags = (prop::bool::weighted(0.2), prop::bool::weighted(0.1));
    (name(&QUEUES), name(&TAGS), flags, arguments).prop_map(
        |(queue, tag, (no_ack, exclusive), (priority, offset))| Method::Consume {
            queue,
            tag,
            no_ack,
            exclusive,
            arguments: merged(vec![priority, offset]),
        },
    )
}

fn binds() -> impl Strategy<Value = Method> {
    let of_queue = (
        name(&EXCHANGES),
        name(&QUEUES),
        name(&PATTERNS),
        binding_arguments(),
    );
    let of_exchange = (
        name(&EXCHANGES),
        name(&EXCHANGES),
        name(&PATTERNS),
        binding_arguments(),
    );
    prop_oneof![
        4 => (of_queue, prop::bool::weighted(0.8)).prop_map(|((source, queue, key, arguments), on)| {
            if on {
                Method::BindQueue { queue, source, key, arguments }
            } else {
                Method::UnbindQueue { queue, source, key, arguments }
            }
        }),
        2 => (of_exchange, prop::bool::weighted(0.8)).prop_map(
            |((source, destination, key, arguments), on)| {
                if on {
                    Method::BindExchange { destination, source, key, arguments }
                } else {
                    Method::UnbindExchange { destination, source, key, arguments }
                }
            }
        ),
    ]
}

fn method() -> impl Strategy<Value = Method> {
    prop_oneof![
        6 => binds(),
        10 => consume(),
        2 => name(&TAGS).prop_map(|tag| Method::Cancel { tag }),
        5 => (name(&QUEUES), prop::bool::weighted(0.3))
            .prop_map(|(queue, no_ack)| Method::Get { queue, no_ack }),
        5 => (0..4u16, prop::bool::weighted(0.3)).prop_map(|(prefetch, global)| Method::Qos {
            prefetch_size: 0,
            prefetch,
            global,
        }),
        3 => Just(Method::ConfirmSelect),
        3 => prop_oneof![Just(Method::TxCommit), Just(Method::TxRollback)],
        2 => Just(Method::Recover { requeue: true }),
        1 => name(&QUEUES).prop_map(|queue| Method::PurgeQueue { queue }),
        1 => (name(&QUEUES), any::<bool>(), any::<bool>()).prop_map(
            |(queue, if_unused, if_empty)| Method::DeleteQueue { queue, if_unused, if_empty }
        ),
        1 => (name(&EXCHANGES), any::<bool>())
            .prop_map(|(exchange, if_unused)| Method::DeleteExchange { exchange, if_unused }),
        1 => (name(&EXCHANGES), exchange()).prop_map(|(name, spec)| Method::DeclareExchange {
            spec: ExchangeSpec { name, ..spec },
            passive: false,
        }),
        1 => (name(&QUEUES), queue(), any::<bool>()).prop_map(|(name, spec, passive)| {
            Method::DeclareQueue { spec: QueueSpec { name, ..spec }, passive }
        }),
    ]
}

fn settle() -> impl Strategy<Value = Say> {
    let which =
        prop_oneof![9 => (0..8usize).prop_map(Which::Held), 1 => (0..6u64).prop_map(Which::Tag)];
    let how = prop_oneof![
        3 => Just(How::Ack),
        3 => any::<bool>().prop_map(|requeue| How::Nack { requeue }),
        2 => any::<bool>().prop_map(|requeue| How::Reject { requeue }),
    ];
    (which, prop::bool::weighted(0.3), how).prop_map(|(which, multiple, how)| Say::Settle {
        which,
        multiple,
        how,
    })
}

fn say() -> impl Strategy<Value = Say> {
    prop_oneof![
        12 => method().prop_map(Say::Method),
        2 => (0..QUEUES.len()).prop_map(Say::Declare),
        16 => (publication(), prop::bool::weighted(0.2))
            .prop_map(|(publication, mandatory)| Say::Publish { publication, mandatory }),
        10 => settle(),
    ]
}

fn policy() -> impl Strategy<Value = PolicySpec> {
    let definition = (
        some("message-ttl", number(0..60), 3),
        some("max-length", number(0..3), 3),
        some("expires", number(50..300), 1),
        some("delivery-limit", number(0..2), 2),
        some("overflow", text(&["drop-head", "reject-publish"]), 2),
        some("consumer-timeout", number(60_000..90_000), 2),
    );
    let own = (
        some("dead-letter-exchange", text(&["x0", ""]), 3),
        some("alternate-exchange", text(&["x1", "x2"]), 3),
    );
    let patterns = name(&["q", "q[0-2]", "[qx][24]", ""]);
    (
        name(&POLICIES),
        patterns,
        definition,
        own,
        prop::bool::weighted(0.3),
    )
        .prop_map(
            |(name, pattern, (ttl, length, expires, limit, overflow, timeout), own, operator)| {
                let mut definition = vec![ttl, length, expires, limit, overflow];
                if !operator {
                    definition.extend([timeout, own.0, own.1]);
                }
                PolicySpec {
                    name,
                    pattern,
                    apply_to: ApplyTo::All,
                    priority: 0,
                    definition: merged(definition),
                    operator,
                }
            },
        )
}

fn operation() -> impl Strategy<Value = Operation> {
    let alarm = || prop_oneof![Just(Alarm::Memory), Just(Alarm::Disk)];
    prop_oneof![
        6 => policy().prop_map(Operation::SetPolicy),
        6 => (name(&POLICIES), prop::bool::weighted(0.3))
            .prop_map(|(name, operator)| Operation::ClearPolicy { name, operator }),
        1 => alarm().prop_map(Operation::RaiseAlarm),
        8 => alarm().prop_map(Operation::ClearAlarm),
        1 => name(&QUEUES).prop_map(Operation::DeleteQueue),
        1 => name(&QUEUES).prop_map(Operation::PurgeQueue),
        1 => name(&EXCHANGES).prop_map(Operation::DeleteExchange),
        2 => (name(&EXCHANGES), name(&QUEUES), name(&PATTERNS)).prop_map(|(source, queue, key)| {
            Operation::Bind {
                source,
                destination: Target::Queue(queue),
                key,
                arguments: Table::new(),
            }
        }),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    let millis = |range: std::ops::Range<u64>| range.prop_map(Micros::from_millis);
    let how = prop_oneof![
        Just(Hangup::ByClient),
        Just(Hangup::Lost),
        Just(Hangup::ByOperator)
    ];
    prop_oneof![
        120 => (0..CLIENTS, say(), prop::bool::weighted(0.97))
            .prop_map(|(client, say, careful)| Deed::Call { client, say, careful }),
        40 => (0..20usize).prop_map(Deed::Arrive),
        10 => (0..4usize).prop_map(Deed::DeadLetter),
        6 => millis(1..80).prop_map(Deed::Pass),
        1 => millis(50_000..4_000_000).prop_map(Deed::Pass),
        6 => operation().prop_map(Deed::Operate),
        1 => (0..CLIENTS, how).prop_map(|(client, how)| Deed::HangUp(client, how)),
        1 => (any::<bool>(), millis(0..100))
            .prop_map(|(clean, after)| Deed::Restart { clean, after }),
    ]
}

/// A program of at most so many deeds.
pub fn program(deeds: usize) -> impl Strategy<Value = Program> {
    let named = |names: &'static [&'static str]| names.iter().copied().map(Name::from);
    let queues = prop::collection::vec(queue(), QUEUES.len()).prop_map(move |queues| {
        let queues = queues.into_iter().zip(named(&QUEUES));
        queues
            .map(|(queue, name)| QueueSpec { name, ..queue })
            .collect()
    });
    let exchanges = prop::collection::vec(exchange(), 4).prop_map(move |exchanges| {
        let exchanges = exchanges.into_iter().zip(named(&EXCHANGES));
        exchanges
            .map(|(exchange, name)| ExchangeSpec { name, ..exchange })
            .collect()
    });
    let write_delay = prop_oneof![Just(Micros::ZERO), Just(Micros::from_millis(7))];
    (
        prop::sample::select(&Profile::ALL[..]),
        any::<bool>(),
        write_delay,
        exchanges,
        queues,
        prop::collection::vec(binds(), 0..10),
        prop::collection::vec(deed(), 1..deeds),
    )
        .prop_map(
            |(profile, on_the_way, write_delay, exchanges, queues, bindings, deeds)| Program {
                profile,
                on_the_way,
                write_delay,
                exchanges,
                queues,
                bindings,
                deeds,
            },
        )
}

/// What a broker said since it was last asked.
#[derive(Default)]
pub struct Tape {
    pub events: Vec<(EventId, Event)>,
    pub sent: Vec<Outgoing>,
    told: u64,
}

impl Outlet for Tape {
    fn event(&mut self, cause: EventId, event: impl FnOnce() -> Event) -> EventId {
        self.told += 1;
        assert!(cause.0 < self.told, "an event comes after its cause");
        self.events.push((cause, event()));
        EventId(self.told)
    }

    fn send(&mut self, outgoing: Outgoing) {
        self.sent.push(outgoing);
    }
}

/// Something done to the broker, with all names and tags as they turned out to be.
#[derive(Clone, Debug)]
pub enum Done {
    Command(Command),
    /// A client's method, for which it is closed if it is refused.
    Serve(ChannelId, Method),
}

/// What comes of one deed in the broker, one after the other.
pub trait Watch {
    type Error;

    /// Before something is done at a time.
    fn before(&mut self, broker: &Broker, at: Micros, done: &Done) -> Result<(), Self::Error>;

    /// After it.
    fn after(
        &mut self,
        broker: &Broker,
        done: &Done,
        reply: &Result<Reply, Refusal>,
        tape: &mut Tape,
    ) -> Result<(), Self::Error>;
}

/// A broker that is led through a program.
pub struct Run<W> {
    pub broker: Broker,
    pub watch: W,
    pub now: Micros,
    exchanges: Vec<ExchangeSpec>,
    queues: Vec<QueueSpec>,
    tape: Tape,
    clients: Vec<Client>,
}

#[derive(Default)]
struct Client {
    connection: Option<ConnectionId>,
    channel: Option<ChannelId>,
    /// Tags of deliveries that were not answered, for the channel they came on.
    held: Vec<u64>,
}

impl<W: Watch> Run<W> {
    /// Declares what the program begins with; each queue is one client's.
    pub fn new(program: &Program, watch: W) -> Result<Self, W::Error> {
        let mut run = Self {
            broker: Broker::new(Configuration {
                profile: program.profile,
                on_the_way: program.on_the_way,
                write_delay: program.write_delay,
                ..Configuration::default()
            }),
            watch,
            now: Micros::ZERO,
            exchanges: program.exchanges.clone(),
            queues: program.queues.clone(),
            tape: Tape::default(),
            clients: (0..CLIENTS).map(|_| Client::default()).collect(),
        };
        for spec in &program.exchanges {
            run.operate(Operation::DeclareExchange(spec.clone()))?;
        }
        for number in 0..program.queues.len() {
            run.call(number % CLIENTS, &Say::Declare(number), false)?;
        }
        for binding in &program.bindings {
            run.call(0, &Say::Method(binding.clone()), true)?;
        }
        Ok(run)
    }

    pub fn carry_out(&mut self, deed: &Deed) -> Result<(), W::Error> {
        match deed {
            Deed::Call {
                client,
                say,
                careful,
            } => self.call(*client, say, *careful),
            Deed::HangUp(client, how) => {
                let Some(connection) = self.open_connection_of(*client) else {
                    return Ok(());
                };
                let how = *how;
                let close = Command::CloseConnection { connection, how };
                self.command(close).map(|_| ())
            }
            Deed::Operate(operation) => self.operate(operation.clone()),
            Deed::Restart { clean, after } => {
                self.operate(Operation::Stop { clean: *clean })?;
                self.pass(*after)?;
                self.operate(Operation::Start)
            }
            Deed::Pass(span) => self.pass(*span),
            Deed::Arrive(which) => {
                let count = self.broker.on_the_way().len().max(1);
                let copy = self.broker.on_the_way().nth(which % count);
                match copy {
                    Some((copy, _)) => self.command(Command::Arrive { copy }).map(|_| ()),
                    None => Ok(()),
                }
            }
            Deed::DeadLetter(which) => {
                let count = self.broker.letters().len().max(1);
                let copy = self.broker.letters().nth(which % count);
                match copy {
                    Some((copy, ..)) => self.command(Command::DeadLetter { copy }).map(|_| ()),
                    None => Ok(()),
                }
            }
        }
    }

    /// Lets time go on; what is due on the way happens at its time.
    fn pass(&mut self, span: Micros) -> Result<(), W::Error> {
        let until = self.now + span;
        while let Some(due) = self.broker.next_due().filter(|&due| due <= until) {
            self.now = self.now.max(due);
            let _ = self.perform(Done::Command(Command::Tick))?; // never refused
        }
        self.now = until;
        Ok(())
    }

    fn operate(&mut self, operation: Operation) -> Result<(), W::Error> {
        self.command(Command::Operate(operation)).map(|_| ())
    }

    fn command(&mut self, command: Command) -> Result<Result<Reply, Refusal>, W::Error> {
        self.next(Done::Command(command))
    }

    /// Does something, a millisecond after what was done before.
    fn next(&mut self, done: Done) -> Result<Result<Reply, Refusal>, W::Error> {
        self.pass(Micros::from_millis(1))?;
        self.perform(done)
    }

    fn perform(&mut self, mut done: Done) -> Result<Result<Reply, Refusal>, W::Error> {
        if let Done::Serve(_, Method::Publish { message, .. }) = &mut done {
            *message = self.broker.take(message.publication.clone());
        }
        self.watch.before(&self.broker, self.now, &done)?;
        let (broker, tape, cause) = (&mut self.broker, &mut self.tape, EventId(0));
        let reply = match done.clone() {
            Done::Command(command) => broker.handle(self.now, command, cause, tape),
            Done::Serve(channel, method) => broker.serve(self.now, channel, method, cause, tape),
        };
        for sent in &self.tape.sent {
            if let Outgoing::Delivery(delivery) = sent {
                let consumer = delivery.consumer.and_then(|id| self.broker.consumer(id));
                let answered = consumer.is_some_and(|consumer| !consumer.no_ack);
                let mut clients = self.clients.iter_mut();
                let client = clients.find(|client| client.channel == Some(delivery.channel));
                if let Some(client) = client.filter(|_| answered) {
                    client.held.push(delivery.tag);
                }
            }
        }
        self.watch
            .after(&self.broker, &done, &reply, &mut self.tape)?;
        self.tape.events.clear();
        self.tape.sent.clear();
        Ok(reply)
    }

    fn open_connection_of(&self, client: usize) -> Option<ConnectionId> {
        let connection = self.broker.connection(self.clients[client].connection?)?;
        (!connection.closed).then_some(connection.id)
    }

    /// The client's channel, opened if it is not open; none if the broker does not read what the client says.
    fn channel(&mut self, client: usize) -> Result<Option<ChannelId>, W::Error> {
        let known = self.clients[client].channel;
        let open = known.and_then(|id| self.broker.channel(id));
        if let Some(channel) = open.filter(|channel| !channel.closed) {
            return Ok(Some(channel.id));
        }
        let connection = match self.open_connection_of(client) {
            Some(connection) => connection,
            None => {
                let open = Command::OpenConnection {
                    name: format!("c{client}").into(),
                    user: "guest".into(),
                    capabilities: Default::default(),
                };
                let Ok(Reply::Connection(connection)) = self.command(open)? else {
                    return Ok(None);
                };
                self.clients[client].connection = Some(connection);
                connection
            }
        };
        let number = None;
        let open = Command::OpenChannel { connection, number };
        let Ok(Reply::Channel(channel)) = self.command(open)? else {
            return Ok(None);
        };
        self.clients[client].channel = Some(channel);
        self.clients[client].held.clear();
        Ok(Some(channel))
    }

    fn call(&mut self, client: usize, say: &Say, careful: bool) -> Result<(), W::Error> {
        let Some(channel) = self.channel(client)? else {
            return Ok(());
        };
        let method = match say {
            Say::Method(method) => method.clone(),
            Say::Declare(number) => Method::DeclareQueue {
                spec: self.queues[*number].clone(),
                passive: false,
            },
            Say::Publish {
                publication,
                mandatory,
            } => {
                let mut publication = publication.clone();
                if careful && !self.publishes_to(channel, &publication.exchange)? {
                    publication.exchange = Name::default();
                }
                Method::Publish {
                    message: untaken(publication),
                    mandatory: *mandatory,
                    immediate: false,
                }
            }
            Say::Settle {
                which: Which::Held(_),
                ..
            } if self.clients[client].held.is_empty() => return Ok(()),
            Say::Settle {
                which,
                multiple,
                how,
            } => self.settling(client, *which, *multiple, *how),
        };
        let method = if careful {
            match self.sensible(channel, method)? {
                Some(method) => method,
                None => return Ok(()),
            }
        } else {
            method
        };
        if let Method::Recover { .. } = method {
            self.clients[client].held.clear();
        }
        let no_ack = matches!(method, Method::Get { no_ack: true, .. });
        let reply = self.next(Done::Serve(channel, method))?;
        if let Ok(Reply::Got { delivery, .. }) = reply
            && !no_ack
        {
            self.clients[client].held.push(delivery.tag);
        }
        Ok(())
    }

    /// Whether one may publish to an exchange; one of the program's that is gone is declared again.
    fn publishes_to(&mut self, channel: ChannelId, name: &Name) -> Result<bool, W::Error> {
        let known = self.exchanges.iter().find(|spec| spec.name == *name);
        if self.broker.definitions().exchange_named(name).is_none()
            && let Some(spec) = known
        {
            let spec = spec.clone();
            let passive = false;
            let declare = Method::DeclareExchange { spec, passive };
            let _ = self.next(Done::Serve(channel, declare))?;
        }
        let exchange = self.broker.definitions().exchange_named(name);
        Ok(exchange.is_some_and(|exchange| !exchange.internal))
    }

    /// The method as somebody says it who knows what there is, and first declares what is gone; none if it makes no
    /// sense as things are.
    fn sensible(
        &mut self,
        channel: ChannelId,
        mut method: Method,
    ) -> Result<Option<Method>, W::Error> {
        let queue = match &method {
            Method::Consume { queue, .. }
            | Method::Get { queue, .. }
            | Method::BindQueue { queue, .. }
            | Method::PurgeQueue { queue } => Some(queue.clone()),
            _ => None,
        };
        let definitions = self.broker.definitions();
        if let Some(queue) = queue
            && definitions.queue_named(&queue).is_none()
            && let Some(spec) = self.queues.iter().find(|spec| spec.name == queue)
        {
            let spec = spec.clone();
            let passive = false;
            let declare = Method::DeclareQueue { spec, passive };
            let _ = self.next(Done::Serve(channel, declare))?;
        }
        match &method {
            Method::BindQueue { source, .. }
                if source.is_empty() || !self.exchange_exists(channel, &source.clone())? =>
            {
                return Ok(None);
            }
            Method::BindExchange {
                source,
                destination,
                ..
            } => {
                let (source, destination) = (source.clone(), destination.clone());
                let default = source.is_empty() || destination.is_empty();
                if default
                    || !self.exchange_exists(channel, &source)?
                    || !self.exchange_exists(channel, &destination)?
                {
                    return Ok(None);
                }
            }
            Method::UnbindQueue { source, .. } if source.is_empty() => return Ok(None),
            Method::UnbindExchange {
                source,
                destination,
                ..
            } if source.is_empty() || destination.is_empty() => {
                return Ok(None);
            }
            _ => {}
        }
        let Some(there) = self.broker.channel(channel).filter(|there| !there.closed) else {
            return Ok(None);
        };
        let (transacts, confirms) = (there.transacts(), there.confirms());
        match &mut method {
            Method::ConfirmSelect if transacts => return Ok(None),
            Method::TxCommit | Method::TxRollback if confirms => return Ok(None),
            Method::TxCommit | Method::TxRollback if !transacts => {
                return Ok(Some(Method::TxSelect));
            }
            Method::DeclareExchange { spec, .. }
                if self
                    .broker
                    .definitions()
                    .exchange_named(&spec.name)
                    .is_some() =>
            {
                return Ok(None);
            }
            Method::DeclareQueue { spec, .. } => {
                let definitions = self.broker.definitions();
                let there = definitions.queue_named(&spec.name).is_some();
                if there && self.queues.iter().all(|known| known != spec) {
                    return Ok(None);
                }
            }
            Method::Consume {
                queue,
                no_ack,
                exclusive,
                ..
            } => {
                let there = self.broker.definitions().queue_named(queue);
                let Some(there) = there.and_then(|id| self.broker.queue(id)) else {
                    return Ok(None);
                };
                *exclusive &= there.consumers().is_empty() && !there.settings.single_active;
                let alone = |id: &leveret::broker::ConsumerId| {
                    self.broker
                        .consumer(*id)
                        .is_some_and(|other| other.exclusive)
                };
                if there.consumers().iter().any(alone) {
                    return Ok(None);
                }
                if there.kind == QueueKind::Stream {
                    (*no_ack, *exclusive) = (false, false);
                    let qos = Method::Qos {
                        prefetch_size: 0,
                        prefetch: 2,
                        global: false,
                    };
                    let _ = self.next(Done::Serve(channel, qos))?;
                }
            }
            Method::Get { queue, .. } | Method::PurgeQueue { queue } => {
                let there = self.broker.definitions().queue_named(queue);
                let there = there.and_then(|id| self.broker.queue(id));
                if there.is_none_or(|there| {
                    there.kind == QueueKind::Stream
                        || (there.kind == QueueKind::Quorum && there.settings.single_active)
                }) {
                    return Ok(None);
                }
            }
            _ => {}
        }
        let names = match &method {
            Method::Consume { queue, .. }
            | Method::Get { queue, .. }
            | Method::BindQueue { queue, .. }
            | Method::UnbindQueue { queue, .. }
            | Method::DeleteQueue { queue, .. }
            | Method::PurgeQueue { queue } => queue,
            Method::DeclareQueue { spec, .. } => &spec.name,
            _ => return Ok(Some(method)),
        };
        let connection = self.broker.channel(channel).map(|there| there.connection);
        let owner = self.broker.definitions().queue_named(names);
        let owner = owner.and_then(|id| self.broker.queue(id)?.owner);
        Ok((owner.is_none() || owner == connection).then_some(method))
    }

    fn exchange_exists(&mut self, channel: ChannelId, name: &Name) -> Result<bool, W::Error> {
        self.publishes_to(channel, name)?;
        Ok(self.broker.definitions().exchange_named(name).is_some())
    }

    fn settling(&mut self, client: usize, which: Which, multiple: bool, how: How) -> Method {
        let held = &mut self.clients[client].held;
        let tag = match which {
            Which::Held(number) if !held.is_empty() => held[number % held.len()],
            Which::Held(number) => number as u64,
            Which::Tag(tag) => tag,
        };
        held.retain(|&other| other != tag && !(multiple && (other < tag || tag == 0)));
        match how {
            How::Ack => Method::Ack { tag, multiple },
            How::Nack { requeue } => Method::Nack {
                tag,
                multiple,
                requeue,
            },
            How::Reject { requeue } => Method::Reject { tag, requeue },
        }
    }
}

/// A message that has no number yet: it gets one when it is published.
fn untaken(publication: Publication) -> Message {
    Message {
        id: MessageId(0),
        publication: Arc::new(publication),
        failures: 0,
    }
}

/// Where a copy is, as events tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    OnTheWay,
    Waiting,
    Unacked,
    Ended,
}

/// All copies that there are in a broker, each with its place.
pub fn places(broker: &Broker) -> BTreeMap<CopyId, Place> {
    let mut places: BTreeMap<CopyId, Place> = BTreeMap::new();
    for queue in broker.queues() {
        let ready = queue.ready().map(|entry| entry.copy);
        let delayed = queue.delayed().iter().map(|(_, entry)| entry.copy);
        let log = queue.log().entries().map(|entry| entry.copy);
        places.extend(
            ready
                .chain(delayed)
                .chain(log)
                .map(|copy| (copy, Place::Waiting)),
        );
    }
    places.extend(broker.on_the_way().map(|(copy, _)| (copy, Place::OnTheWay)));
    places.extend(broker.unacked().map(|(copy, ..)| (copy, Place::Unacked)));
    places
}
