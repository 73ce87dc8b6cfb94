//! What the tests share: a broker with a record, and short ways to command it.

use std::sync::Arc;

use leveret::broker::{
    Broker, ChannelId, Command, ConsumerId, Delivery, Event, EventId, ExchangeKind, Keys, Outlet,
    Properties, Publication, Refusal, Reply, ReplyCode, Table, Value,
};
use proptest::test_runner::Config as ProptestConfig;

/// A proptest run of so many cases; as many times more as `LEVERET_STEPS` is more than 30,000, the number of commands
/// that the broker is given ordinarily.
pub fn cases(ordinarily: u32) -> ProptestConfig {
    let steps = std::env::var("LEVERET_STEPS").ok();
    let steps = steps.and_then(|steps| steps.parse().ok()).unwrap_or(30_000);
    let cases = u64::from(ordinarily) * steps / 30_000;
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
    pub deliveries: Vec<Delivery>,
}

impl Outlet for Record {
    fn event(&mut self, cause: EventId, event: impl FnOnce() -> Event) -> EventId {
        let id = EventId(self.events.len() as u64 + 1);
        assert!(cause < id, "an event comes after its cause");
        self.events.push((cause, event()));
        id
    }

    fn deliver(&mut self, delivery: Delivery) {
        self.deliveries.push(delivery);
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
        let (events, deliveries) = (self.record.events.len(), self.record.deliveries.len());
        let shown = format!("{command:?}");
        let reply = self.broker.handle(command, EventId(0), &mut self.record);
        assert_eq!(self.broker.audit(), Ok(()), "after {shown}");
        if reply.is_err() {
            assert_eq!(render(&self.broker), before, "{shown} was refused");
            assert_eq!(self.record.events.len(), events, "{shown} was refused");
            assert_eq!(
                self.record.deliveries.len(),
                deliveries,
                "{shown} was refused"
            );
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

    pub fn channel(&mut self) -> ChannelId {
        match self.does(Command::OpenChannel) {
            Reply::Channel(channel) => channel,
            reply => panic!("{reply:?}"),
        }
    }

    /// A consumer that acknowledges.
    pub fn consume(&mut self, channel: ChannelId, queue: &str, tag: &str) -> ConsumerId {
        self.consumer(consume(channel, queue, tag, false))
    }

    /// A consumer whose deliveries are settled when sent.
    pub fn consume_no_ack(&mut self, channel: ChannelId, queue: &str, tag: &str) -> ConsumerId {
        self.consumer(consume(channel, queue, tag, true))
    }

    fn consumer(&mut self, command: Command) -> ConsumerId {
        match self.does(command) {
            Reply::Consumer(consumer) => consumer,
            reply => panic!("{reply:?}"),
        }
    }

    pub fn qos(&mut self, channel: ChannelId, prefetch: u16) {
        self.does(Command::Qos { channel, prefetch });
    }

    /// Publishes, and gives the names of the queues that got a copy, in order, with a space between.
    ///
    /// The explanation must say the same as what happened.
    pub fn publish_with(&mut self, exchange: &str, key: &str, headers: Table) -> String {
        let first = self.record.events.len();
        let publication = publication(exchange, key, headers);
        let message = self.broker.take(publication.clone());
        let number = message.id.0;
        self.does(Command::Publish { message });

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

    /// The deliveries since last asked: consumer, message, delivery tag, whether redelivered.
    pub fn delivered(&mut self) -> Vec<(u32, u64, u64, bool)> {
        self.record
            .deliveries
            .drain(..)
            .map(|delivery| {
                let message = delivery.message.id.0;
                (
                    delivery.consumer.0,
                    message,
                    delivery.tag,
                    delivery.redelivered,
                )
            })
            .collect()
    }
}

pub fn declare_exchange(name: &str, kind: ExchangeKind) -> Command {
    Command::DeclareExchange {
        name: name.into(),
        kind,
    }
}

pub fn declare_queue(name: &str) -> Command {
    Command::DeclareQueue { name: name.into() }
}

pub fn bind_queue(source: &str, queue: &str, key: &str, arguments: Table) -> Command {
    Command::BindQueue {
        source: source.into(),
        queue: queue.into(),
        key: key.into(),
        arguments,
    }
}

pub fn bind_exchange(source: &str, destination: &str, key: &str) -> Command {
    Command::BindExchange {
        source: source.into(),
        destination: destination.into(),
        key: key.into(),
        arguments: Table::new(),
    }
}

pub fn consume(channel: ChannelId, queue: &str, tag: &str, no_ack: bool) -> Command {
    Command::Consume {
        channel,
        queue: queue.into(),
        tag: tag.into(),
        no_ack,
    }
}

pub fn ack(channel: ChannelId, tag: u64, multiple: bool) -> Command {
    Command::Ack {
        channel,
        tag,
        multiple,
    }
}

pub fn nack(channel: ChannelId, tag: u64, multiple: bool, requeue: bool) -> Command {
    Command::Nack {
        channel,
        tag,
        multiple,
        requeue,
    }
}
