//! What the tests share: a broker with a record, and short ways to command it.

use std::sync::Arc;

use leveret::broker::{
    Broker, Capabilities, ChannelId, Command, Event, EventId, ExchangeKind, ExchangeSpec, Keys,
    Method, Micros, Operation, Outgoing, Outlet, Properties, Publication, QueueSpec, Refusal,
    Reply, ReplyCode, Table, Target, Value,
};
use proptest::test_runner::Config as ProptestConfig;

/// A proptest run of so many cases; as many times more as `LEVERET_STEPS` is more than 100,000, the number of commands
/// that the broker is given ordinarily.
pub fn cases(ordinarily: u32) -> ProptestConfig {
    let steps = std::env::var("LEVERET_STEPS").ok();
    let steps = steps
        .and_then(|steps| steps.parse().ok())
        .unwrap_or(100_000);
    let cases = u64::from(ordinarily) * steps / 100_000;
    ProptestConfig {
        cases: u32::try_from(cases).unwrap_or(u32::MAX).max(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// An outlet that keeps all it is told.
#[derive(Debug, Default)]
pub struct Record {
    pub events: Vec<(EventId, Event)>,
    pub sent: Vec<Outgoing>,
}

impl Outlet for Record {
    fn event(&mut self, cause: EventId, event: impl FnOnce() -> Event) -> EventId {
        let id = EventId(self.events.len() as u64 + 1);
        assert!(cause < id, "an event comes after its cause");
        self.events.push((cause, event()));
        id
    }

    fn send(&mut self, outgoing: Outgoing) {
        self.sent.push(outgoing);
    }
}

/// A broker, audited after every command, and all it told.
#[derive(Debug, Default)]
pub struct Lab {
    pub broker: Broker,
    pub record: Record,
}

/// A field table.
pub fn table<const N: usize>(entries: [(&str, Value); N]) -> Table {
    entries
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect()
}

/// A publication without a body.
pub fn publication(exchange: &str, key: &str, headers: Table) -> Arc<Publication> {
    Arc::new(Publication {
        exchange: exchange.into(),
        routing_key: key.into(),
        properties: Arc::new(Properties {
            headers,
            ..Properties::default()
        }),
        ..Publication::default()
    })
}

/// All of a broker's state that can be seen, as text.
pub fn render(broker: &Broker) -> String {
    let definitions = broker.definitions();
    let exchanges: Vec<_> = definitions
        .exchanges()
        .iter()
        .map(|exchange| {
            (
                exchange.id,
                &exchange.name,
                exchange.kind,
                &exchange.bindings,
                exchange.deleted,
            )
        })
        .collect();
    format!(
        "{exchanges:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
        definitions.queues(),
        definitions.bindings(),
        broker.queues(),
        broker.consumers(),
        broker.on_the_way().collect::<Vec<_>>(),
        broker.unacked().collect::<Vec<_>>(),
        broker.totals(),
    )
}

impl Lab {
    /// Carries a command out. Whatever comes of it, the broker keeps its promises; if it refuses, it is as before.
    pub fn handle(&mut self, command: Command) -> Result<Reply, Refusal> {
        let before = render(&self.broker);
        let (events, sent) = (self.record.events.len(), self.record.sent.len());
        let shown = format!("{command:?}");
        let reply = self
            .broker
            .handle(Micros::ZERO, command, EventId(0), &mut self.record);
        assert_eq!(self.broker.audit(), Ok(()), "after {shown}");
        if reply.is_err() {
            assert_eq!(render(&self.broker), before, "{shown} was refused");
            assert_eq!(self.record.events.len(), events, "{shown} was refused");
            assert_eq!(self.record.sent.len(), sent, "{shown} was refused");
        }
        reply
    }

    /// Carries a command out that is not refused.
    pub fn does(&mut self, command: Command) -> Reply {
        let shown = format!("{command:?}");
        self.handle(command)
            .unwrap_or_else(|refusal| panic!("{shown}: {refusal}"))
    }

    /// The code with which a command is refused.
    pub fn refuses(&mut self, command: Command) -> ReplyCode {
        let shown = format!("{command:?}");
        match self.handle(command) {
            Ok(reply) => panic!("{shown}: {reply:?}"),
            Err(refusal) => refusal.code,
        }
    }

    pub fn exchange(&mut self, name: &str, kind: ExchangeKind) {
        self.does(declare_exchange(name, kind));
    }

    pub fn queue(&mut self, name: &str) {
        self.does(declare_queue(name));
    }

    pub fn bind(&mut self, source: &str, queue: &str, key: &str) {
        self.does(bind_queue(source, queue, key, Table::new()));
    }

    pub fn bind_exchange(&mut self, source: &str, destination: &str, key: &str) {
        self.does(bind_exchange(source, destination, key));
    }

    /// The channel all publishes go out on.
    fn channel(&mut self) -> ChannelId {
        if let Some(channel) = self.broker.channels().get(0) {
            return channel.id;
        }
        let connection = match self.does(Command::OpenConnection {
            name: "client".into(),
            user: "guest".into(),
            capabilities: Capabilities::default(),
        }) {
            Reply::Connection(connection) => connection,
            reply => panic!("{reply:?}"),
        };
        let number = None;
        match self.does(Command::OpenChannel { connection, number }) {
            Reply::Channel(channel) => channel,
            reply => panic!("{reply:?}"),
        }
    }

    /// Publishes, and gives the names of the queues that got a copy, in order, with a space between.
    ///
    /// The explanation must say the same as what happened.
    pub fn publish_with(&mut self, exchange: &str, key: &str, headers: Table) -> String {
        let channel = self.channel();
        let first = self.record.events.len();
        let publication = publication(exchange, key, headers);
        let message = self.broker.take(publication.clone());
        let number = message.id.0;
        let method = Method::Publish {
            message,
            mandatory: false,
            immediate: false,
        };
        self.does(Command::Call { channel, method });

        let definitions = self.broker.definitions();
        let source = definitions.exchange_named(exchange).unwrap().id;
        let headers = &publication.properties.headers;
        let key = &publication.routing_key;
        let told = definitions.explain(source, Keys::only(key), headers, number);
        let (matched, queues) = match &self.record.events[first].1 {
            Event::Routed {
                matched, copies, ..
            } => (matched, copies.iter().map(|copy| copy.queue).collect()),
            Event::Unroutable { matched, .. } => (matched, Vec::new()),
            event => panic!("{event:?}"),
        };
        assert_eq!(told.queues, queues, "{exchange} {key}");
        let told_matched: Vec<_> = told.matched().collect();
        assert_eq!(told_matched, matched.to_vec(), "{exchange} {key}");
        let names: Vec<_> = queues
            .iter()
            .map(|&queue| definitions.queue_name(queue))
            .collect();
        names.join(" ")
    }

    /// As [`publish_with`](Self::publish_with), without headers.
    pub fn publish(&mut self, exchange: &str, key: &str) -> String {
        self.publish_with(exchange, key, Table::new())
    }

    /// The numbers of the messages ready in a queue, the head first.
    pub fn ready(&self, queue: &str) -> Vec<u64> {
        let id = self.broker.definitions().queue_named(queue).unwrap();
        let queue = self.broker.queue(id).unwrap();
        queue.ready().map(|entry| entry.message.id.0).collect()
    }
}

pub fn declare_exchange(name: &str, kind: ExchangeKind) -> Command {
    Command::Operate(Operation::DeclareExchange(ExchangeSpec::new(name, kind)))
}

pub fn declare_queue(name: &str) -> Command {
    Command::Operate(Operation::DeclareQueue(QueueSpec::new(name)))
}

pub fn bind_queue(source: &str, queue: &str, key: &str, arguments: Table) -> Command {
    Command::Operate(Operation::Bind {
        source: source.into(),
        destination: Target::Queue(queue.into()),
        key: key.into(),
        arguments,
    })
}

pub fn bind_exchange(source: &str, destination: &str, key: &str) -> Command {
    Command::Operate(Operation::Bind {
        source: source.into(),
        destination: Target::Exchange(destination.into()),
        key: key.into(),
        arguments: Table::new(),
    })
}
