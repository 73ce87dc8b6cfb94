//! Worlds in which much goes wrong: crashes, closed and blocked connections, restarts, deletions, refusals. Whatever
//! happens, the broker keeps its promises, time goes on, and a run can be gone back in.

use std::collections::BTreeMap;
use std::sync::Arc;

use leveret::broker::{
    Alarm, Body, Event as E, Hangup, MessageId, Method, Micros, Name, Operation, Properties,
    QueueKind, QueueSpec, Table,
};
use leveret::director::Director;
use leveret::history::History;
use leveret::world::{
    Act, ConsumerSetup, Deed, Due, EventKind, OnFailure, Onward, PublisherSetup, QueueSetup,
    ServiceTime, Setup, Tally, World,
};
use proptest::prelude::*;
use proptest::sample::select;

use crate::setups::{digest, setup};
use crate::support::cases;

const END: Micros = Micros::from_millis(600);

/// What one actor is besides: numbers that mean something else for a publisher than for a consumer.
type Traits = (u8, u8, bool, bool, Option<u64>);

fn traits() -> impl Strategy<Value = Traits> {
    (
        0..12_u8,
        0..6_u8,
        any::<bool>(),
        any::<bool>(),
        prop::option::weighted(0.7, 0..80_u64),
    )
}

fn connection(choice: u8) -> Option<Name> {
    (choice == 0).then(|| "shared".into())
}

fn change_publisher(publisher: &mut PublisherSetup, place: usize, traits: Traits) {
    let (kind, link, republish, mandatory, _) = traits;
    publisher.name = format!("p{place}").into();
    publisher.connection = connection(link);
    publisher.confirms = kind % 2 == 0;
    publisher.republish = republish;
    publisher.mandatory = mandatory;
    if kind == 1 && publisher.connection.is_none() {
        publisher.transaction = 3;
    }
    if kind == 2 {
        let properties = Properties {
            delivery_mode: Some(2),
            reply_to: Some("q0".into()),
            ..Properties::default()
        };
        for message in &mut publisher.messages {
            message.properties = Arc::new(properties.clone());
        }
    }
}

fn change_consumer(consumer: &mut ConsumerSetup, place: usize, traits: Traits) {
    let (kind, link, crash, fails, reconnect) = traits;
    consumer.name = format!("c{place}").into();
    consumer.connection = connection(link);
    consumer.reconnect = reconnect.map(Micros::from_millis);
    // What goes round for ever goes round no faster than this.
    consumer.service = ServiceTime::Between(Micros::from_millis(1), Micros::from_millis(9));
    if crash {
        consumer.on_failure = OnFailure::Crash;
    }
    if fails {
        consumer.fails_on = Some("q0".into());
    }
    match kind {
        0 => consumer.polls = Some(Micros::from_millis(20)),
        1 => {
            consumer.publishes = Some(Onward::To {
                exchange: "".into(),
                key: Some("q0".into()),
            });
        }
        2 => {
            consumer.publishes = Some(Onward::Reply {
                body: Body::from("yes"),
            });
        }
        3 => consumer.exclusive = true,
        4 => consumer.global_prefetch = true,
        5 => consumer.queue = "own".into(),
        _ => {}
    }
}

fn change_queue(queue: &mut QueueSetup, kind: u8, limit: i64) {
    let spec = &mut queue.spec;
    let mut set = |name: &str, value: leveret::broker::Value| {
        spec.arguments.insert(name.into(), value);
    };
    match kind {
        0 => set("x-queue-type", QueueKind::Quorum.as_str().into()),
        1 => {
            set("x-max-length", limit.into());
            set("x-overflow", "reject-publish".into());
        }
        2 => {
            set("x-message-ttl", (limit * 20).into());
            set("x-dead-letter-exchange", "".into());
            set("x-dead-letter-routing-key", "q0".into());
        }
        3 => set("x-max-priority", 3.into()),
        4 => set("x-expires", (limit * 40 + 1).into()),
        5 => set(
            "x-single-active-consumer",
            leveret::broker::Value::Bool(true),
        ),
        _ => {}
    }
}

fn deed() -> impl Strategy<Value = Deed> {
    let name = || select(vec!["p0", "p1", "c0", "c1", "shared", "free"]).prop_map(Name::from);
    let queue = || select(vec!["q0", "q1", "own", "new"]).prop_map(Name::from);
    let method = prop_oneof![
        Just(Method::Close),
        Just(Method::ConfirmSelect),
        Just(Method::TxRollback),
        Just(Method::Flow { active: false }),
        Just(Method::Recover { requeue: true }),
        queue().prop_map(|queue| Method::PurgeQueue { queue }),
        queue().prop_map(|queue| Method::Get {
            queue,
            no_ack: false
        }),
        queue().prop_map(|queue| Method::DeleteQueue {
            queue,
            if_unused: false,
            if_empty: false
        }),
        queue().prop_map(|queue| Method::DeclareQueue {
            spec: QueueSpec::new(queue),
            passive: false
        }),
        (queue(), select(vec!["c0", "t"])).prop_map(|(queue, tag)| Method::Consume {
            queue,
            tag: tag.into(),
            no_ack: false,
            exclusive: false,
            arguments: Table::new()
        }),
        Just(Method::Cancel { tag: "c0".into() }),
    ];
    let operation = prop_oneof![
        3 => Just(Operation::Start),
        1 => any::<bool>().prop_map(|clean| Operation::Stop { clean }),
        1 => Just(Operation::RaiseAlarm(Alarm::Memory)),
        2 => Just(Operation::ClearAlarm(Alarm::Memory)),
        1 => queue().prop_map(Operation::DeleteQueue),
        1 => queue().prop_map(|queue| Operation::DeclareQueue(QueueSpec::new(queue))),
        1 => Just(Operation::DeleteExchange("e0".into())),
    ];
    let hangup = select(vec![Hangup::ByClient, Hangup::Lost, Hangup::ByOperator]);
    prop_oneof![
        2 => operation.prop_map(Deed::Operate),
        2 => (name(), method).prop_map(|(connection, method)| Deed::Call { connection, method }),
        1 => (name(), hangup).prop_map(|(connection, how)| Deed::Disconnect { connection, how }),
        1 => (name(), proptest::option::of(name())).prop_map(|(connection, user)| Deed::Connect { connection, user }),
    ]
}

fn rough() -> impl Strategy<Value = Setup> {
    (
        setup(None),
        prop::collection::vec(traits(), 8),
        prop::collection::vec((0..9_u8, 1..4_i64), 4),
        prop::collection::vec((0..600_u64, deed()), 0..12),
    )
        .prop_map(|(mut setup, traits, queues, script)| {
            let mut traits = traits.into_iter();
            for (place, publisher) in setup.publishers.iter_mut().enumerate() {
                change_publisher(publisher, place, traits.next().unwrap());
            }
            for (place, consumer) in setup.consumers.iter_mut().enumerate() {
                change_consumer(consumer, place, traits.next().unwrap());
            }
            for (queue, (kind, limit)) in setup.queues.iter_mut().zip(queues) {
                change_queue(queue, kind, limit);
            }
            setup.queues.push(QueueSetup {
                spec: QueueSpec {
                    exclusive: true,
                    durable: false,
                    ..QueueSpec::new("own")
                },
                by: Some("c0".into()),
            });
            let acts = script.into_iter().map(|(at, deed)| Act {
                at: Micros::from_millis(at),
                deed,
            });
            setup.script = acts.collect();
            setup
        })
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn whatever_goes_wrong_the_broker_keeps_its_promises_and_time_goes_on(setup in rough()) {
        let mut world = World::new(&setup).unwrap();
        let mut events = Vec::new();
        let mut steps = 0;
        while world.next_at().is_some_and(|at| at <= END) {
            world.step(&mut events);
            prop_assert_eq!(world.broker().audit(), Ok(()), "after {:?}", events.last());
            steps += 1;
            prop_assert!(steps < 100_000, "time stands still at {}", world.now());
        }
        // What is published is read, waits, is gone, or is under way: never twice, never after its end.
        let mut ends: BTreeMap<MessageId, u32> = BTreeMap::new();
        // What goes on after it waited, or is remembered, is routed again (E44, E45).
        let again: Vec<_> = events
            .iter()
            .filter(|event| {
                let EventKind::Broker(event) = &event.kind else {
                    return false;
                };
                matches!(event, E::Resumed { .. } | E::Recalled { .. })
            })
            .map(|event| event.id)
            .collect();
        for event in events.iter().filter(|event| !again.contains(&event.cause)) {
            match event.kind {
                EventKind::Unsent { message, .. }
                | EventKind::Broker(
                    E::Routed { message, letter: None, .. }
                    | E::Unroutable { message, letter: None, .. }
                    | E::Refused { message: Some(message), .. },
                ) => *ends.entry(message).or_default() += 1,
                _ => {}
            }
        }
        for link in world.links() {
            for message in link.waiting() {
                *ends.entry(message).or_default() += 1;
            }
        }
        for (message, count) in ends {
            prop_assert_eq!(count, 1, "message {}", message);
        }
        // Nobody works, or consumes, without a channel.
        for worker in world.workers() {
            let connected = world.link(worker.link).is_some_and(|link| link.channel.is_some());
            prop_assert!(connected || (worker.working.is_empty() && worker.consumer.is_none()));
        }
    }

    #[test]
    fn whatever_goes_wrong_can_be_gone_back_to(setup in rough(), at in 0..600_u64) {
        let mut history = History::new(&setup).unwrap();
        history.run_until(END);
        let at = Micros::from_millis(at);
        let mut fresh = History::new(&setup).unwrap();
        fresh.run_until(at);
        prop_assert_eq!(digest(&history.seek(at)), digest(fresh.head()));
        fresh.run_until(END);
        prop_assert_eq!(history.events(), fresh.events());
    }
    #[test]
    fn every_delivery_is_finished_failed_lost_requeued_or_under_way(setup in rough()) {
        let mut history = History::new(&setup).unwrap();
        let mut tally = Tally::default();
        let mut counted = 0;
        while history.head().next_at().is_some_and(|at| at <= END) {
            history.step();
            let world = history.head();
            for event in history.told().from(counted) {
                tally.count(event, world);
            }
            counted = history.told().len();
            if !history.steps().len().is_multiple_of(5) {
                continue;
            }
            let upcoming = world.upcoming();
            for worker in world.workers() {
                let flying = upcoming.iter().filter(|next| {
                    matches!(next.due, Due::ReachConsumer { worker: to, .. } if to == worker.id)
                });
                let there = worker.waiting() + worker.working();
                let told = tally.of(worker.id);
                let over = told.finished + told.failed + told.lost + told.requeued;
                let under_way = (flying.count() + there) as u64;
                prop_assert_eq!(told.delivered, over + under_way, "{}: {:?}", worker.name(), told);
                prop_assert_eq!(told.under_way(), under_way);
            }
        }
        // What the picture shows once all is shown, is the same. A queue that is deleted while a client leaves may be
        // shown before that or after it.
        let mut director = Director::new(&history);
        director.read(&history);
        let stage = director.settled(&history);
        for worker in history.head().workers() {
            let counts = [stage.tally.of(worker.id), tally.of(worker.id)];
            let [shown, told] = counts.map(|it| (it.finished, it.failed, it.lost + it.requeued));
            prop_assert_eq!(shown, told, "{}", worker.name());
        }
    }
}
