//! How fast the broker is: `cargo bench --no-default-features --bench broker`.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use leveret::broker::{
    Broker, Capabilities, ChannelId, Command, Definitions, Destination, Event, EventId,
    ExchangeKind, ExchangeSpec, Keys, Method, Micros, Name, Operation, Outgoing, Outlet, Profile,
    Publication, QueueId, QueueKind, QueueSpec, Reply, Route, Table, Target,
};
use leveret::world;

/// Keeps nothing but the tag to acknowledge.
#[derive(Default)]
struct Forgetful {
    tag: u64,
}

impl Outlet for Forgetful {
    fn event(&mut self, _: EventId, _: impl FnOnce() -> Event) -> EventId {
        EventId(0)
    }

    fn send(&mut self, outgoing: Outgoing) {
        if let Outgoing::Delivery(delivery) = outgoing {
            self.tag = delivery.tag;
        }
    }
}

/// Keeps every event with its time and its cause, as the history does.
#[derive(Default)]
struct Recording {
    tag: u64,
    events: Vec<world::Event>,
}

impl Outlet for Recording {
    fn event(&mut self, cause: EventId, event: impl FnOnce() -> Event) -> EventId {
        let id = EventId(self.events.len() as u64 + 1);
        self.events.push(world::Event {
            id,
            at: Micros::ZERO,
            cause,
            kind: world::EventKind::Broker(event()),
        });
        id
    }

    fn send(&mut self, outgoing: Outgoing) {
        if let Outgoing::Delivery(delivery) = outgoing {
            self.tag = delivery.tag;
        }
    }
}

trait Tagged: Outlet {
    fn tag(&self) -> u64;
}

impl Tagged for Forgetful {
    fn tag(&self) -> u64 {
        self.tag
    }
}

impl Tagged for Recording {
    fn tag(&self) -> u64 {
        self.tag
    }
}

fn tell(broker: &mut Broker, command: Command) -> Reply {
    match broker.handle(Micros::ZERO, command, EventId(0), &mut Forgetful::default()) {
        Ok(reply) => reply,
        Err(refusal) => panic!("{refusal}"),
    }
}

/// A broker with exchanges, a queue `q` and a binding for each key.
fn broker(kind: ExchangeKind, keys: impl IntoIterator<Item = String>) -> Broker {
    let mut broker = Broker::default();
    let operate = |broker: &mut Broker, operation| tell(broker, Command::Operate(operation));
    let exchange = ExchangeSpec::new("x", kind);
    operate(&mut broker, Operation::DeclareExchange(exchange));
    for (index, key) in keys.into_iter().enumerate() {
        let queue = Name::from(format!("q{index}"));
        let spec = QueueSpec::new(queue.clone());
        operate(&mut broker, Operation::DeclareQueue(spec));
        let bind = Operation::Bind {
            source: "x".into(),
            destination: Target::Queue(queue),
            key: key.into(),
            arguments: Table::new(),
        };
        operate(&mut broker, bind);
    }
    broker
}

/// A channel on a connection of its own.
fn channel(broker: &mut Broker) -> Option<ChannelId> {
    let open = Command::OpenConnection {
        name: "client".into(),
        user: "guest".into(),
        capabilities: Capabilities::default(),
    };
    let Reply::Connection(connection) = tell(broker, open) else {
        return None;
    };
    let number = None;
    match tell(broker, Command::OpenChannel { connection, number }) {
        Reply::Channel(channel) => Some(channel),
        _ => None,
    }
}

const MESSAGES: u64 = 10_000;

/// Each message from its publishing to its acknowledgement.
fn whole_way<O: Tagged>(
    broker: &mut Broker,
    channel: ChannelId,
    publication: &Arc<Publication>,
    mut out: O,
) -> O {
    for _ in 0..MESSAGES {
        let message = broker.take(publication.clone());
        let publish = Method::Publish {
            message,
            mandatory: false,
            immediate: false,
        };
        let (now, cause) = (Micros::ZERO, EventId(0));
        let published = broker.serve(now, channel, publish, cause, &mut out);
        let ack = Method::Ack {
            tag: out.tag(),
            multiple: false,
        };
        let acked = broker.serve(now, channel, ack, cause, &mut out);
        assert!(published.is_ok() && acked.is_ok());
    }
    out
}

fn messages(criterion: &mut Criterion) {
    let mut broker = broker(ExchangeKind::Direct, ["key".to_owned()]);
    let Some(channel) = channel(&mut broker) else {
        return;
    };
    let method = Method::Consume {
        queue: "q0".into(),
        tag: "c".into(),
        no_ack: false,
        exclusive: false,
        arguments: Table::new(),
    };
    tell(&mut broker, Command::Call { channel, method });
    let publication = Arc::new(Publication {
        exchange: "x".into(),
        routing_key: "key".into(),
        ..Publication::default()
    });
    let mut group = criterion.benchmark_group("publish to ack");
    group.throughput(Throughput::Elements(MESSAGES));
    group.bench_function("not recorded", |bencher| {
        bencher.iter(|| whole_way(&mut broker, channel, &publication, Forgetful::default()));
    });
    group.bench_function("recorded", |bencher| {
        // A new record each time, so that its growth counts; dropping it does not.
        bencher.iter_batched(
            Recording::default,
            |record| whole_way(&mut broker, channel, &publication, record),
            BatchSize::PerIteration,
        );
    });
    group.finish();
    assert_eq!(broker.audit(), Ok(()));
}

/// Three bindings that match `eu.it.rome.error` among so many in all, of which most begin alike.
fn patterns(count: usize) -> impl Iterator<Item = String> {
    let others = (3..count).map(|index| match index % 4 {
        0 => format!("eu.it.city{index}.*"),
        1 => format!("eu.country{index}.#"),
        2 => format!("*.it.rome.kind{index}"),
        _ => format!("#.kind{index}"),
    });
    let matching = ["eu.it.#", "*.*.rome.error", "#.error"].map(str::to_owned);
    matching.into_iter().chain(others)
}

fn topics(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("topic routing, 3 matching");
    group.throughput(Throughput::Elements(1));
    for count in [10, 10_000] {
        let broker = broker(ExchangeKind::Topic, patterns(count));
        let definitions = broker.definitions();
        let Some(exchange) = definitions.exchange_named("x").map(|exchange| exchange.id) else {
            return;
        };
        let key = Name::from("eu.it.rome.error");
        let (headers, mut route) = (Table::new(), Route::default());
        group.bench_function(BenchmarkId::new("bindings", count), |bencher| {
            bencher.iter(|| {
                definitions.route(
                    exchange,
                    Keys::only(black_box(&key)),
                    &headers,
                    0,
                    &mut route,
                );
                assert_eq!(route.queues().len(), 3);
            });
        });
    }
    group.finish();
}

const QUEUES: u32 = 100_000;
const BINDINGS_EACH: u32 = 10;

/// Definitions with 100,000 queues and a million bindings to them.
fn load(names: &[Name], keys: &[Name], kind: ExchangeKind) -> Definitions {
    let switches = Profile::default().switches();
    let mut definitions = Definitions::new("/".into(), None);
    let source = Name::from("x");
    let declared = definitions.declare_exchange(&ExchangeSpec::new("x", kind), switches);
    assert!(declared.is_ok());
    for name in names {
        let queue = definitions.add_queue(&QueueSpec::new(name.clone()), QueueKind::Classic);
        for each in 0..BINDINGS_EACH {
            let key = &keys[(queue.0 * BINDINGS_EACH + each) as usize];
            let to = Destination::Queue(queue);
            let bound = definitions.bind(&source, to, key, &Table::new(), switches);
            assert!(bound.is_ok_and(|(_, new)| new));
        }
    }
    definitions
}

fn loading(criterion: &mut Criterion) {
    let names: Vec<Name> = (0..QUEUES).map(|i| format!("queue-{i}").into()).collect();
    let keys = 0..QUEUES * BINDINGS_EACH;
    let keys: Vec<Name> = keys
        .map(|i| format!("a.{}.{i}", i % 1_000).into())
        .collect();
    let mut group = criterion.benchmark_group("100,000 queues and 1,000,000 bindings");
    group.sample_size(10);
    for kind in [
        ExchangeKind::Direct,
        ExchangeKind::Topic,
        ExchangeKind::Fanout,
    ] {
        group.bench_function(BenchmarkId::new("load", kind), |bencher| {
            bencher.iter_with_large_drop(|| load(&names, &keys, kind));
        });
        let loaded = load(&names, &keys, kind);
        group.bench_function(BenchmarkId::new("remove a queue", kind), |bencher| {
            bencher.iter_batched_ref(
                || loaded.clone(),
                |definitions| definitions.remove_queue(QueueId(QUEUES / 2)),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, messages, topics, loading);
criterion_main!(benches);
