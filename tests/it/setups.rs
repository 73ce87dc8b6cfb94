//! Random setups, so small that things meet, and what of a world can be compared.

use leveret::broker::{ExchangeKind, ExchangeSpec, Micros, Name, Target};
use leveret::world::{
    BindingSetup, ConsumerSetup, Latency, MessageSetup, OnFailure, Pace, PublisherSetup,
    QueueSetup, ServiceTime, Setup, World,
};
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::{render, table};

/// Nothing is on its way for any time.
pub const AT_ONCE: Latency = Latency {
    publish: Micros::ZERO,
    route: Micros::ZERO,
    deliver: Micros::ZERO,
    ack: Micros::ZERO,
    confirm: Micros::ZERO,
    dead_letter: Micros::ZERO,
    write: Micros::ZERO,
    // Nobody calls anybody: as it is where nothing is said.
    http: Micros::from_millis(400),
};

/// Times of very different size, the empty span among them.
fn span() -> impl Strategy<Value = Micros> {
    prop_oneof![
        3 => Just(Micros::ZERO),
        1 => Just(Micros(1)),
        2 => (1..30_u64).prop_map(Micros::from_millis),
        1 => (100..500_u64).prop_map(Micros::from_millis),
    ]
}

fn every() -> impl Strategy<Value = Micros> {
    (8..200_u64).prop_map(Micros::from_millis)
}

/// `most` messages at most, or without an end.
fn count(most: Option<u64>) -> BoxedStrategy<Option<u64>> {
    match most {
        Some(most) => (0..=most).prop_map(Some).boxed(),
        None => prop::option::of(0..20_u64).boxed(),
    }
}

fn pace(most: Option<u64>) -> impl Strategy<Value = Pace> {
    prop_oneof![
        3 => (every(), span(), count(most)).prop_map(|(every, start, count)| Pace::Even { every, start, count }),
        3 => (every(), span(), count(most)).prop_map(|(every, start, count)| Pace::Random { every, start, count }),
        // A burst may last longer than the time to the next.
        2 => (every(), 1..5_u64, span(), span(), count(most.map(|most| most / 4)))
            .prop_map(|(every, size, gap, start, count)| Pace::Burst { every, size, gap, start, count }),
        1 => Just(Pace::Script),
    ]
}

fn latency() -> impl Strategy<Value = Latency> {
    (span(), span(), span(), span()).prop_map(|(publish, route, deliver, ack)| Latency {
        publish,
        route,
        deliver,
        ack,
        ..Latency::default()
    })
}

fn key() -> impl Strategy<Value = &'static str> {
    select(vec!["q0", "q1", "a.b", "#", "*", ""])
}

fn binding(exchanges: usize, queues: usize) -> impl Strategy<Value = BindingSetup> {
    (
        0..exchanges,
        0..queues * 2 + exchanges,
        key(),
        prop::option::of(span()),
    )
        .prop_map(move |(source, destination, key, latency)| BindingSetup {
            source: format!("e{source}").into(),
            // To a queue more often than to an exchange.
            destination: match destination.checked_sub(queues * 2) {
                Some(exchange) => Target::Exchange(format!("e{exchange}").into()),
                None => Target::Queue(format!("q{}", destination % queues).into()),
            },
            key: key.into(),
            arguments: table([]),
            latency,
        })
}

fn publisher(exchanges: usize, most: Option<u64>) -> impl Strategy<Value = PublisherSetup> {
    let exchange = move || {
        (0..=exchanges).prop_map(move |index| {
            Name::from(if index == exchanges {
                String::new()
            } else {
                format!("e{index}")
            })
        })
    };
    let message =
        (span(), prop::option::weighted(0.2, exchange()), key()).prop_map(|(at, exchange, key)| {
            MessageSetup {
                at,
                exchange,
                key: key.into(),
                ..MessageSetup::default()
            }
        });
    let messages = prop::collection::vec(message, 0..5);
    (exchange(), pace(most), messages, prop::option::of(span())).prop_map(
        |(exchange, pace, messages, latency)| PublisherSetup {
            name: "p".into(),
            exchange,
            pace,
            messages,
            latency,
            ..PublisherSetup::default()
        },
    )
}

fn service() -> impl Strategy<Value = ServiceTime> {
    prop_oneof![
        span().prop_map(ServiceTime::Fixed),
        (span(), span())
            .prop_map(|(one, other)| ServiceTime::Between(one.min(other), one.max(other))),
        span().prop_map(ServiceTime::Random),
    ]
}

fn consumer(queues: usize) -> impl Strategy<Value = ConsumerSetup> {
    (
        (0..queues, 0..4_u16, prop::bool::weighted(0.75), service()),
        (
            select(vec![0.0, 0.3, 0.6]),
            select(vec![OnFailure::Requeue, OnFailure::Reject]),
            prop::option::of(span()),
            span(),
        ),
    )
        .prop_map(
            |((queue, prefetch, ack, service), (failure_rate, on_failure, latency, start))| {
                ConsumerSetup {
                    name: "c".into(),
                    queue: format!("q{queue}").into(),
                    prefetch,
                    ack,
                    service,
                    failure_rate,
                    on_failure,
                    latency,
                    start,
                    ..ConsumerSetup::default()
                }
            },
        )
}

/// Setups with every pace, service, failure and latency. With `most`, no publisher is called more often.
pub fn setup(most: Option<u64>) -> impl Strategy<Value = Setup> {
    let kinds = prop::collection::vec(select(ExchangeKind::ALL[..4].to_vec()), 1..5);
    (kinds, 1..4_usize).prop_flat_map(move |(kinds, queues)| {
        let exchanges = kinds.len();
        (
            any::<u64>(),
            latency(),
            prop::collection::vec(binding(exchanges, queues), 0..10),
            prop::collection::vec(publisher(exchanges, most), 1..4),
            prop::collection::vec(consumer(queues), 0..4),
        )
            .prop_map(
                move |(seed, latency, bindings, publishers, consumers)| Setup {
                    seed,
                    latency,
                    exchanges: (0..)
                        .zip(&kinds)
                        .map(|(index, &kind)| ExchangeSpec::new(format!("e{index}"), kind))
                        .collect(),
                    queues: (0..queues)
                        .map(|index| QueueSetup::new(format!("q{index}")))
                        .collect(),
                    bindings,
                    publishers,
                    consumers,
                    ..Setup::default()
                },
            )
    })
}

/// The same with as many exchanges in a row before its first queue, and all publish to the first of them.
pub fn chain(mut setup: Setup, exchanges: usize) -> Setup {
    let name = |index: usize| Name::from(format!("chain{index}"));
    for index in 0..exchanges {
        setup
            .exchanges
            .push(ExchangeSpec::new(name(index), ExchangeKind::Fanout));
        if index > 0 {
            setup.bindings.push(BindingSetup {
                source: name(index - 1),
                destination: Target::Exchange(name(index)),
                key: "".into(),
                arguments: table([]),
                latency: None,
            });
        }
    }
    setup.bindings.push(BindingSetup {
        source: name(exchanges - 1),
        destination: Target::Queue("q0".into()),
        key: "".into(),
        arguments: table([]),
        latency: None,
    });
    for publisher in &mut setup.publishers {
        publisher.exchange = name(0);
    }
    setup
}

/// A setup whose queue grows and shrinks, for long enough to need many snapshots.
pub fn busy() -> Setup {
    let every = Micros::from_millis(3);
    Setup {
        seed: 7,
        latency: Latency {
            publish: Micros::from_millis(2),
            route: Micros::ZERO,
            deliver: Micros::from_millis(1),
            ack: Micros::ZERO,
            ..Latency::default()
        },
        exchanges: vec![ExchangeSpec::new("x", ExchangeKind::Fanout)],
        queues: ["q", "r"].map(QueueSetup::new).into(),
        bindings: ["q", "r"]
            .map(|queue| BindingSetup {
                source: "x".into(),
                destination: Target::Queue(queue.into()),
                key: "".into(),
                arguments: Default::default(),
                latency: None,
            })
            .into(),
        publishers: vec![PublisherSetup {
            name: "p".into(),
            exchange: "x".into(),
            pace: Pace::Random {
                every,
                start: Micros::ZERO,
                count: Some(900),
            },
            messages: vec![MessageSetup::default()],
            ..PublisherSetup::default()
        }],
        consumers: ["q", "r"]
            .map(|queue| ConsumerSetup {
                name: "c".into(),
                queue: queue.into(),
                prefetch: 2,
                ack: true,
                service: ServiceTime::Random(Micros::from_millis(4)),
                failure_rate: 0.2,
                start: Micros::from_millis(40),
                ..ConsumerSetup::default()
            })
            .into(),
        ..Setup::default()
    }
}

/// All of a world that can be seen, as text: two worlds with the same text go on alike.
pub fn digest(world: &World) -> String {
    format!(
        "{}\n{}\n{:?}\n{:?}\n{:?}\n{:?}",
        world.now(),
        render(world.broker()),
        world.publishers(),
        world.workers(),
        world.links(),
        world.upcoming(),
    )
}
