//! Random setups in which much goes wrong, on purpose: limits, deaths, refusals, crashes, restarts.

use leveret::broker::{
    Alarm, ApplyTo, ExchangeKind, ExchangeSpec, Hangup, Method, Micros, Name, Operation,
    PermissionsSpec, PolicySpec, Profile, Properties, QueueSpec, Target, UserSpec, Value,
};
use leveret::world::{
    Act, BindingSetup, ConsumerSetup, Deed, Latency, MessageSetup, OnFailure, Onward, Pace,
    PublisherSetup, QueueSetup, ServiceTime, Setup,
};
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::table;

const QUEUES: u32 = 4;
const EXCHANGES: u32 = 3;

fn millis(most: u64) -> impl Strategy<Value = Micros> {
    prop_oneof![1 => Just(Micros::ZERO), 3 => (0..most).prop_map(Micros::from_millis)]
}

fn queue_name() -> impl Strategy<Value = String> {
    (0..QUEUES).prop_map(|index| format!("q{index}"))
}

/// The default exchange among them.
fn exchange_name() -> impl Strategy<Value = String> {
    (0..=EXCHANGES).prop_map(|index| match index {
        0 => String::new(),
        index => format!("e{}", index - 1),
    })
}

fn queue(index: u32) -> impl Strategy<Value = QueueSetup> {
    let limits = (
        prop::option::weighted(0.4, 1..120_i64),
        prop::option::weighted(0.4, 0..4_i64),
        select(vec!["drop-head", "reject-publish", "reject-publish-dlx"]),
        prop::option::weighted(0.5, (exchange_name(), prop::option::of(queue_name()))),
    );
    let ways = (
        select(vec!["classic", "classic", "classic", "quorum", "stream"]),
        prop::option::weighted(0.3, 1..4_i64),
        prop::bool::weighted(0.25),
        prop::option::weighted(0.2, 40..400_i64),
        prop::option::weighted(0.3, 0..3_i64),
        prop::bool::weighted(0.8),
        prop::bool::weighted(0.15),
    );
    (limits, ways).prop_map(move |((ttl, length, overflow, dead), ways)| {
        let (kind, priorities, single, lease, returns, durable, auto_delete) = ways;
        let mut spec = QueueSpec::new(format!("q{index}")).with("x-queue-type", kind);
        let classic = kind == "classic";
        if classic {
            spec.durable = durable;
            spec.auto_delete = auto_delete;
        }
        if kind == "stream" {
            return QueueSetup { spec, by: None };
        }
        let mut add = |name: &str, value: Option<i64>| {
            if let Some(value) = value {
                spec.arguments.insert(name.into(), Value::Int(value));
            }
        };
        add("x-message-ttl", ttl);
        add("x-max-length", length);
        add("x-expires", lease);
        add("x-max-priority", priorities.filter(|_| classic));
        add("x-delivery-limit", returns.filter(|_| !classic));
        if length.is_some() && (classic || overflow != "reject-publish-dlx") {
            spec = spec.with("x-overflow", overflow);
        }
        if kind == "quorum" && overflow == "reject-publish" {
            spec = spec.with("x-dead-letter-strategy", "at-least-once"); // D6
        }
        if single {
            spec = spec.with("x-single-active-consumer", true);
        }
        if let Some((exchange, key)) = dead {
            spec = spec.with("x-dead-letter-exchange", exchange.as_str());
            if let Some(key) = key {
                spec = spec.with("x-dead-letter-routing-key", key.as_str());
            }
        }
        QueueSetup { spec, by: None }
    })
}

fn exchange(index: u32) -> impl Strategy<Value = ExchangeSpec> {
    let kinds = vec![
        ExchangeKind::Direct,
        ExchangeKind::Direct,
        ExchangeKind::Fanout,
        ExchangeKind::Fanout,
        ExchangeKind::Topic,
        ExchangeKind::Topic,
        ExchangeKind::Random,
        ExchangeKind::RecentHistory,
        ExchangeKind::Delayed,
        ExchangeKind::Unknown,
    ];
    let other = prop::option::weighted(0.4, exchange_name());
    (select(kinds), other).prop_map(move |(kind, other)| {
        let mut spec = ExchangeSpec::new(format!("e{index}"), kind);
        match kind {
            ExchangeKind::Delayed => {
                let wrapped = Value::Text("direct".into());
                spec.arguments.insert("x-delayed-type".into(), wrapped);
            }
            ExchangeKind::Unknown => spec.plugin = Some("x-odd".into()),
            _ => {}
        }
        if let Some(other) = other {
            let other = Value::Text(other.as_str().into());
            spec.arguments.insert("alternate-exchange".into(), other);
        }
        spec
    })
}

fn binding() -> impl Strategy<Value = BindingSetup> {
    (0..EXCHANGES, queue_name(), 0..EXCHANGES + 6, queue_name()).prop_map(
        |(source, queue, to, key)| BindingSetup {
            source: format!("e{source}").into(),
            destination: match to.checked_sub(6) {
                Some(exchange) => Target::Exchange(format!("e{exchange}").into()),
                None => Target::Queue(queue.as_str().into()),
            },
            key: key.as_str().into(),
            arguments: table([]),
            latency: None,
        },
    )
}

fn message() -> impl Strategy<Value = MessageSetup> {
    let apart = prop::option::weighted(0.4, exchange_name());
    let properties = (
        prop::option::weighted(0.3, 0..150_u32),
        prop::option::of(0..7_u8),
        any::<bool>(),
        prop::option::weighted(0.5, 0..150_i64),
    );
    (apart, queue_name(), properties).prop_map(|(exchange, key, properties)| {
        let (expiration, priority, persistent, delay) = properties;
        let delay = delay.map(|delay| ("x-delay".into(), Value::Int(delay)));
        MessageSetup {
            exchange: exchange.map(|name| name.as_str().into()),
            key: key.as_str().into(),
            properties: Properties {
                expiration: expiration.map(|span| span.to_string().as_str().into()),
                priority,
                delivery_mode: persistent.then_some(2),
                headers: delay.into_iter().collect(),
                ..Properties::default()
            }
            .into(),
            ..MessageSetup::default()
        }
    })
}

/// Whom an actor logs in as: mostly one who may do everything.
fn login() -> impl Strategy<Value = Option<Name>> {
    let users = select(vec!["ann", "bob", "nobody"]).prop_map(Name::from);
    prop::option::weighted(0.25, users)
}

/// One who may do some things, or may not enter.
fn user(name: &'static str) -> impl Strategy<Value = UserSpec> {
    let pattern = || select(vec![".*", "0$", "^q", "amq"]).prop_map(Name::from);
    let permissions = (pattern(), pattern(), pattern());
    prop::option::weighted(0.8, permissions).prop_map(move |permissions| {
        let mut user = UserSpec::new(name);
        user.permissions = permissions.map(|(configure, write, read)| PermissionsSpec {
            configure,
            write,
            read,
        });
        user
    })
}

fn publisher(index: usize) -> impl Strategy<Value = PublisherSetup> {
    let ways = (0..4_u32, any::<bool>(), any::<bool>(), 2..4_u32, login());
    let pace = (millis(60), millis(100), 1..14_u64);
    let messages = prop::collection::vec(message(), 1..4);
    (exchange_name(), pace, ways, messages).prop_map(
        move |(
            exchange,
            (every, start, count),
            (mode, mandatory, republish, size, user),
            messages,
        )| {
            PublisherSetup {
                name: format!("p{index}").into(),
                exchange: exchange.as_str().into(),
                pace: Pace::Even {
                    every: every.max(Micros::from_millis(1)),
                    start,
                    count: Some(count),
                },
                messages,
                confirms: mode == 1 || mode == 2,
                mandatory,
                transaction: if mode == 3 { size } else { 0 },
                republish,
                user,
                ..PublisherSetup::default()
            }
        },
    )
}

fn consumer(index: usize) -> impl Strategy<Value = ConsumerSetup> {
    let deeds = (
        select(vec![
            OnFailure::Requeue,
            OnFailure::Reject,
            OnFailure::Crash,
        ]),
        select(vec![0.0, 0.3, 0.6]),
        prop::option::weighted(0.2, Just(())),
        prop::option::weighted(0.2, 5..40_u64),
        prop::option::weighted(0.7, 20..200_u64),
    );
    let ways = (
        queue_name(),
        1..4_u16,
        prop::bool::weighted(0.8),
        millis(40),
        millis(80),
        login(),
    );
    (deeds, ways).prop_map(
        move |(
            (on_failure, failure_rate, onward, polls, reconnect),
            (queue, prefetch, ack, service, start, user),
        )| {
            ConsumerSetup {
                name: format!("c{index}").into(),
                queue: queue.as_str().into(),
                prefetch,
                ack,
                service: ServiceTime::Fixed(service),
                failure_rate,
                on_failure,
                start,
                polls: polls.map(Micros::from_millis),
                publishes: onward.map(|()| Onward::To {
                    exchange: "out".into(),
                    key: None,
                }),
                reconnect: reconnect.map(Micros::from_millis),
                user,
                ..ConsumerSetup::default()
            }
        },
    )
}

fn actor() -> impl Strategy<Value = Name> {
    select(vec!["p0", "p1", "c0", "c1", "c2"]).prop_map(Name::from)
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let hangup = select(vec![Hangup::ByClient, Hangup::Lost, Hangup::ByOperator]);
    let call = (
        actor(),
        select(vec![
            Method::Close,
            Method::Recover { requeue: true },
            Method::Cancel { tag: "c0".into() },
            Method::Ack {
                tag: 77,
                multiple: false,
            },
            Method::TxRollback,
        ]),
    );
    let policy = (queue_name(), 10..90_i64, exchange_name());
    let one = |operation| vec![Deed::Operate(operation)];
    prop_oneof![
        3 => (actor(), hangup)
            .prop_map(|(connection, how)| vec![Deed::Disconnect { connection, how }]),
        1 => actor().prop_map(|connection| vec![Deed::Connect { connection, user: None }]),
        3 => call.prop_map(|(connection, method)| vec![Deed::Call { connection, method }]),
        1 => queue_name().prop_map(move |queue| one(Operation::PurgeQueue(queue.as_str().into()))),
        2 => (queue_name(), any::<bool>()).prop_map(|(queue, again)| {
            let delete = Operation::DeleteQueue(queue.as_str().into());
            let declare = again.then(|| Operation::DeclareQueue(QueueSpec::new(queue.as_str())));
            [delete].into_iter().chain(declare).map(Deed::Operate).collect()
        }),
        1 => exchange_name().prop_filter("the default exchange cannot go", |name| !name.is_empty())
            .prop_map(move |name| one(Operation::DeleteExchange(name.as_str().into()))),
        2 => policy.prop_map(move |(pattern, ttl, exchange)| one(Operation::SetPolicy(PolicySpec {
            name: "p".into(),
            pattern: pattern.as_str().into(),
            apply_to: ApplyTo::Queues,
            priority: 0,
            definition: table([
                ("message-ttl", Value::Int(ttl)),
                ("dead-letter-exchange", Value::Text(exchange.as_str().into())),
            ]),
            operator: false,
        }))),
        1 => user("ann").prop_map(move |user| one(Operation::SetUser(user))),
        1 => Just(vec![
            Deed::Operate(Operation::RaiseAlarm(Alarm::Memory)),
            Deed::Operate(Operation::ClearAlarm(Alarm::Memory)),
        ]),
        1 => any::<bool>().prop_map(|clean| vec![
            Deed::Operate(Operation::Stop { clean }),
            Deed::Operate(Operation::Start),
        ]),
    ]
}

/// What is done, and undone a while later.
fn script() -> impl Strategy<Value = Vec<Act>> {
    prop::collection::vec((deeds(), 0..600_u64, 20..200_u64), 0..6).prop_map(|deeds| {
        let acts = deeds.into_iter().flat_map(|(deeds, at, gap)| {
            (0..).zip(deeds).map(move |(turn, deed)| Act {
                at: Micros::from_millis(at + gap * turn),
                deed,
            })
        });
        let mut acts: Vec<_> = acts.collect();
        // A broker that is down is left alone until it is up: two that overlap would be another story.
        acts.sort_by_key(|act| act.at);
        acts
    })
}

fn latency() -> impl Strategy<Value = Latency> {
    (
        millis(60),
        millis(60),
        millis(60),
        millis(60),
        millis(60),
        millis(60),
        millis(20),
    )
        .prop_map(
            |(publish, route, deliver, ack, confirm, dead_letter, write)| Latency {
                publish,
                route,
                deliver,
                ack,
                confirm,
                dead_letter,
                write,
                http: Micros::ZERO,
            },
        )
}

/// Setups of every kind of queue, with scripts. Not all of them are accepted by a broker.
pub fn lively() -> impl Strategy<Value = Setup> {
    let queues: Vec<_> = (0..QUEUES).map(queue).collect();
    let exchanges: Vec<_> = (0..EXCHANGES).map(exchange).collect();
    (
        (any::<u64>(), latency(), script()),
        select(vec![Profile::V3_13, Profile::V4_2, Profile::V4_3]),
        (queues, exchanges, prop::collection::vec(binding(), 2..9)),
        [publisher(0), publisher(1)],
        [consumer(0), consumer(1), consumer(2)],
        [user("ann"), user("bob")],
    )
        .prop_map(|(run, profile, declared, publishers, consumers, users)| {
            let (seed, latency, script) = run;
            let (mut queues, mut exchanges, mut bindings) = declared;
            // Where consumers publish to leads nowhere else.
            exchanges.push(ExchangeSpec::new("out", ExchangeKind::Fanout));
            queues.push(QueueSetup::new("end"));
            bindings.push(BindingSetup {
                source: "out".into(),
                destination: Target::Queue("end".into()),
                key: "".into(),
                arguments: table([]),
                latency: None,
            });
            if profile == Profile::V4_3 {
                // Q7
                for queue in &mut queues {
                    queue.spec.durable = true;
                }
            }
            Setup {
                profile,
                seed,
                latency,
                exchanges,
                queues,
                bindings,
                users: users.into(),
                publishers: publishers.into(),
                consumers: consumers.into(),
                script,
                ..Setup::default()
            }
        })
}
