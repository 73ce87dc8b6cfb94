//! What the types of queues do their own way: rules Q40–Q47, S10, S11, W2 and W5; and why what waits waits.
#![allow(clippy::type_complexity)] // tables of cases

use leveret::broker::{
    ConsumerId, DeathReason, Event, Fate, Hangup, Method, Micros, Outgoing, Place, Profile,
    Properties, QueueSpec, Reply, Return, Standing, Table, Value,
};

use crate::lab::{Closed, Lab, body, consume, table};
use crate::lab_queues::*;

const CHANNEL: Closed = Closed::Channel;
const CONNECTION: Closed = Closed::Connection;

fn millis(millis: u64) -> Micros {
    Micros::from_millis(millis)
}

fn places(lab: &Lab) -> Vec<(u64, Return, Place)> {
    lab.told(|event| match event {
        Event::Requeued {
            queued, why, place, ..
        } => Some((queued.message.0, *why, *place)),
        _ => None,
    })
}

fn activated(lab: &Lab) -> Vec<u32> {
    lab.told(|event| match event {
        Event::Activated { consumer, .. } => Some(consumer.0),
        _ => None,
    })
}

// Priority.

fn publish_priorities(lab: &mut Lab, queue: &str, priorities: &[Option<u8>]) {
    let channel = lab.open();
    for priority in priorities {
        let body = priority.map_or("none".to_owned(), |priority| priority.to_string());
        lab.publish_with(channel, "", queue, &body, prioritized(*priority));
    }
}

const ONE_TWO_THREE: [Option<u8>; 9] = [
    Some(1),
    Some(2),
    Some(3),
    Some(1),
    Some(2),
    Some(3),
    Some(1),
    Some(2),
    Some(3),
];

// Q40, Q41, W2
#[test]
fn a_classic_queue_serves_the_highest_priority_first() {
    type Case = (
        i64,
        Option<(&'static str, i64)>,
        Vec<Option<u8>>,
        &'static [&'static str],
    );
    let thrice = ONE_TWO_THREE.to_vec();
    let cases: [Case; 5] = [
        (
            3,
            None,
            thrice.clone(),
            &["3", "3", "3", "2", "2", "2", "1", "1", "1"],
        ),
        (
            5,
            None,
            vec![None, Some(0), Some(5), Some(10), None],
            &["5", "10", "none", "0", "none"],
        ),
        (
            3,
            Some(("drop-head", 4)),
            thrice.clone(),
            &["2", "1", "1", "1"],
        ),
        (
            3,
            Some(("reject-publish", 4)),
            thrice,
            &["3", "2", "1", "1"],
        ),
        (0, None, vec![Some(0), Some(9), None], &["0", "9", "none"]),
    ];
    for (highest, limit, published, expected) in cases {
        let mut lab = Lab::new();
        let channel = lab.open();
        let mut spec = QueueSpec::new("q").with("x-max-priority", highest);
        if let Some((overflow, most)) = limit {
            spec = spec.with("x-overflow", overflow).with("x-max-length", most);
        }
        lab.declare(channel, spec);
        publish_priorities(&mut lab, "q", &published);
        assert_eq!(lab.ready("q"), expected);
        assert_eq!(lab.drain(channel, "q"), expected);
    }
    // Without the argument priorities mean nothing.
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    publish_priorities(&mut lab, "q", &[Some(1), Some(9), Some(5)]);
    assert_eq!(lab.drain(channel, "q"), ["1", "9", "5"]);
}

// W2
#[test]
fn two_thousand_messages_of_two_priorities_are_served_strictly() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, QueueSpec::new("q").with("x-max-priority", 5));
    let mixed: Vec<_> = (0..2000).map(|number| Some(number as u8 % 2 * 5)).collect();
    // Not through the harness: it looks at everything after each step.
    for priority in &mixed {
        let method = lab.publishing("", "q", "x", prioritized(*priority), false);
        let (now, cause) = (Micros::ZERO, leveret::broker::EventId(0));
        let reply = lab.broker.serve(now, channel, method, cause, &mut lab.tape);
        assert!(reply.is_ok());
    }
    let levels: Vec<u8> = lab
        .queue_named("q")
        .ready()
        .map(|entry| entry.level)
        .collect();
    assert!(levels[..1000].iter().all(|&level| level == 5));
    assert!(levels[1000..].iter().all(|&level| level == 0));
}

// Q40, Q41
#[test]
fn a_requeue_returns_to_its_own_level() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, QueueSpec::new("q").with("x-max-priority", 3));
    publish_priorities(&mut lab, "q", &[Some(1), Some(2), Some(3)]);
    for _ in 0..3 {
        lab.ok(channel, get("q"));
    }
    lab.ok(channel, nack_all(3));
    assert_eq!(lab.drain(channel, "q"), ["3", "2", "1"]);
    // Among equals, to where it was.
    let channel = lab.open();
    for body in ["a", "b", "c"] {
        lab.publish_with(channel, "", "q", body, prioritized(2));
    }
    lab.ok(channel, get("q"));
    lab.ok(channel, get("q"));
    lab.ok(channel, nack(2));
    lab.ok(channel, nack(1));
    assert_eq!(lab.ready("q"), ["a", "b", "c"]);
}

// Q40
#[test]
fn only_what_would_be_served_next_expires_whatever_its_level() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, QueueSpec::new("q").with("x-max-priority", 3));
    for (body, priority, expiration) in [("1", 3, "1000"), ("2", 3, "10"), ("3", 1, "10")] {
        let properties = Properties {
            priority: Some(priority),
            ..expiring(expiration)
        };
        lab.publish_with(channel, "", "q", body, properties);
    }
    lab.at(millis(10));
    assert_eq!(lab.ready("q"), ["1", "2", "3"], "the first is before all");
    assert_eq!(lab.died(), []);
    lab.get(channel, "q");
    assert_eq!(lab.ready("q"), [""; 0], "nothing is before them any more");
    let expired = |message| (message, DeathReason::Expired, None, Fate::Dropped);
    assert_eq!(lab.died(), [expired(2), expired(3)]);
}

// Q41
#[test]
fn a_highest_priority_out_of_range_is_refused() {
    for highest in [3000, -10] {
        let mut lab = Lab::new();
        let channel = lab.open();
        let spec = QueueSpec::new("q").with("x-max-priority", highest);
        assert_eq!(lab.refused(channel, declare(spec)), (406, CHANNEL));
    }
}

// Q42
#[test]
fn a_quorum_queue_orders_by_priority_as_its_release_does() {
    let published = [
        None,
        Some(0),
        Some(4),
        Some(5),
        Some(9),
        Some(5),
        Some(200),
        Some(7),
    ];
    for (profile, expected) in [
        (
            Profile::V3_13,
            ["none", "0", "4", "5", "9", "5", "200", "7"],
        ),
        // Two high ones, one normal one.
        (Profile::V4_2, ["5", "9", "none", "5", "200", "0", "7", "4"]),
        (Profile::V4_3, ["200", "9", "7", "5", "5", "none", "4", "0"]),
    ] {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        lab.declare(channel, quorum("q"));
        publish_priorities(&mut lab, "q", &published);
        assert_eq!(lab.ready("q"), expected, "{profile}");
        assert_eq!(lab.drain(channel, "q"), expected, "{profile}");
    }
}

// Q42: the turn of a normal one goes to a high one that came before it.
#[test]
fn a_high_message_that_came_before_a_normal_one_goes_before_it() {
    let mut lab = Lab::with(Profile::V4_2);
    let channel = lab.open();
    lab.declare(channel, quorum("q"));
    let priorities: Vec<_> = (5..=9).map(Some).chain([Some(1), Some(2)]).collect();
    publish_priorities(&mut lab, "q", &priorities);
    assert_eq!(lab.drain(channel, "q"), ["5", "6", "7", "8", "9", "1", "2"]);
}

// Q42: many of one level in a row.
#[test]
fn a_thousand_high_messages_in_a_row_are_served() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, quorum("q"));
    for _ in 0..1000 {
        let method = lab.publishing("", "q", "x", prioritized(9), false);
        let (now, cause) = (Micros::ZERO, leveret::broker::EventId(0));
        let reply = lab.broker.serve(now, channel, method, cause, &mut lab.tape);
        assert!(reply.is_ok());
    }
    lab.consume(channel, "q", "c");
    assert_eq!(lab.delivered().len(), 1000);
}

// Q42
#[test]
fn returned_messages_are_served_first_whatever_their_priority() {
    for profile in [Profile::V4_2, Profile::V4_3] {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        lab.declare(channel, quorum("q"));
        publish_priorities(&mut lab, "q", &[Some(0)]);
        lab.ok(channel, get("q"));
        publish_priorities(&mut lab, "q", &[Some(9)]);
        lab.ok(channel, nack(1));
        assert_eq!(lab.drain(channel, "q"), ["0", "9"], "{profile}");
    }
}

// Single active consumer.

fn single(spec: QueueSpec) -> QueueSpec {
    spec.with("x-single-active-consumer", true)
}

// Q43, W5
#[test]
fn one_consumer_is_active_the_first_registered_and_then_the_next() {
    for spec in [QueueSpec::new("q"), quorum("q")] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.declare(channel, single(spec));
        let readers: Vec<_> = ["a", "b", "c"]
            .map(|tag| {
                let reader = lab.open();
                lab.ok(reader, qos(1));
                lab.consume(reader, "q", tag);
                reader
            })
            .into();
        assert_eq!(activated(&lab), [0]);
        lab.publish_numbers(channel, "q", 1, 3);
        assert_eq!(lab.delivered(), [("a".into(), "1".into())]);
        assert_eq!(
            lab.head_waits("q"),
            Standing::ActiveFull {
                active: ConsumerId(0),
                others: vec![ConsumerId(1), ConsumerId(2)],
            }
        );
        lab.ok(readers[0], ack(1));
        assert_eq!(lab.delivered(), [("a".into(), "2".into())]);
        // Its deliveries stay with it, and the next is served.
        lab.ok(readers[0], cancel("a"));
        assert_eq!(activated(&lab), [0, 1]);
        assert_eq!(lab.delivered(), [("b".into(), "3".into())]);
        lab.ok(readers[1], Method::Close);
        assert_eq!(activated(&lab), [0, 1, 2]);
        assert_eq!(lab.deliveries(), [("c".into(), 1, "3".into(), true)]);
    }
}

// Q43
#[test]
fn the_successor_is_the_one_of_highest_priority_and_then_the_oldest() {
    for spec in [QueueSpec::new("q"), quorum("q")] {
        let mut lab = Lab::with(Profile::V3_13);
        let channel = lab.open();
        lab.declare(channel, single(spec));
        let first = lab.open();
        lab.ok(first, consume_with("q", "first", table("x-priority", 9)));
        for (tag, priority) in [("low", 1), ("older", 5), ("younger", 5)] {
            lab.ok(
                channel,
                consume_with("q", tag, table("x-priority", priority)),
            );
        }
        lab.ok(first, cancel("first"));
        lab.ok(channel, cancel("older"));
        lab.ok(channel, cancel("younger"));
        assert_eq!(activated(&lab), [0, 2, 3, 1]);
    }
}

// Q43
#[test]
fn a_newcomer_of_higher_priority_takes_over_in_quorum_queues_from_4_0_on() {
    for (profile, spec, takes_over) in [
        (Profile::V3_13, quorum("q"), false),
        (Profile::V4_2, quorum("q"), true),
        (Profile::V4_3, quorum("q"), true),
        (Profile::V4_3, QueueSpec::new("q"), false),
    ] {
        let mut lab = Lab::with(profile);
        let (one, two) = (lab.open(), lab.open());
        lab.declare(one, single(spec));
        lab.consume(one, "q", "a");
        lab.publish_numbers(one, "q", 1, 2);
        assert_eq!(lab.delivered().len(), 2);
        lab.ok(two, consume_with("q", "b", table("x-priority", 1)));
        lab.publish(one, "", "q", "3");
        if !takes_over {
            assert_eq!(lab.delivered(), [("a".into(), "3".into())], "{profile}");
            assert_eq!(activated(&lab), [0]);
            continue;
        }
        assert_eq!(lab.delivered(), [], "{profile}");
        let giving_way = Standing::GivingWay {
            active: ConsumerId(0),
        };
        assert_eq!(lab.head_waits("q"), giving_way);
        lab.ok(one, ack(1));
        assert_eq!((lab.delivered(), activated(&lab)), (vec![], vec![0]));
        lab.ok(one, ack(2));
        assert_eq!(activated(&lab), [0, 1]);
        assert_eq!(lab.delivered(), [("b".into(), "3".into())], "{profile}");
    }
}

// Q43
#[test]
fn consuming_alone_and_getting_from_a_queue_with_one_active_consumer() {
    for (spec, classic) in [(QueueSpec::new("q"), true), (quorum("q"), false)] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.declare(channel, single(spec));
        let Method::Consume {
            queue,
            tag,
            no_ack,
            arguments,
            ..
        } = consume("q", "c")
        else {
            unreachable!()
        };
        let exclusive = Method::Consume {
            queue,
            tag,
            no_ack,
            exclusive: true,
            arguments,
        };
        let other = lab.open();
        if classic {
            assert_eq!(lab.refused(other, exclusive), (403, CHANNEL));
            lab.publish(channel, "", "q", "1");
            assert_eq!(lab.drain(channel, "q"), ["1"]);
        } else {
            lab.ok(other, exclusive);
            assert_eq!(lab.queue_named("q").consumers().len(), 1);
            assert_eq!(lab.refused(channel, get("q")), (405, CHANNEL));
        }
    }
}

// Delivery limit.

/// How often a consumer gets a message that it gives back by `how` each time, up to 50.
fn times_delivered(profile: Profile, spec: QueueSpec, how: fn(u64) -> Method) -> (usize, Lab) {
    let mut lab = Lab::with(profile);
    let channel = lab.open();
    lab.declare(channel, spec);
    lab.publish(channel, "", "q", "1");
    lab.ok(channel, qos(1));
    lab.consume(channel, "q", "c");
    for times in 0..50 {
        match lab.deliveries().last() {
            Some((_, tag, ..)) => lab.ok(channel, how(*tag)),
            None => return (times, lab),
        };
    }
    (50, lab)
}

// Q44
#[test]
fn a_message_dies_when_it_came_back_more_often_than_the_limit() {
    use Profile::{V3_13, V4_2, V4_3};
    let recover: fn(u64) -> Method = |_| Method::Recover { requeue: true };
    let cases: [(Profile, Option<i64>, fn(u64) -> Method, usize); 13] = [
        (V3_13, None, nack, 50),
        (V3_13, Some(3), nack, 4),
        (V4_2, None, nack, 21),
        (V4_2, None, reject, 21),
        (V4_2, Some(3), nack, 4),
        (V4_2, Some(3), recover, 4),
        (V4_2, Some(0), nack, 1),
        (V4_2, Some(-1), reject, 50),
        (V4_3, None, reject, 21),
        (V4_3, Some(3), reject, 4),
        (V4_3, Some(3), nack, 50),
        (V4_3, Some(3), recover, 50),
        (V4_3, Some(-1), reject, 50),
    ];
    for (profile, limit, how, expected) in cases {
        let mut spec = quorum("q");
        if let Some(limit) = limit {
            spec = spec.with("x-delivery-limit", limit);
        }
        let (times, lab) = times_delivered(profile, spec, how);
        assert_eq!(times, expected, "{profile} {limit:?} {}", how(1).name());
        let died = (expected < 50)
            .then_some((1, DeathReason::DeliveryLimit, None, Fate::Dropped))
            .into_iter();
        assert_eq!(lab.died(), died.collect::<Vec<_>>());
    }
    // A classic queue has none.
    assert_eq!(times_delivered(V4_2, QueueSpec::new("q"), nack).0, 50);
}

// Q44
#[test]
fn each_return_is_told_with_how_many_there_were_where_the_queue_counts() {
    let told = |spec: QueueSpec| {
        let (_, lab) = times_delivered(Profile::V4_2, spec, nack);
        lab.told(|event| match event {
            Event::Requeued { returns, .. } => Some(*returns),
            _ => None,
        })
    };
    assert_eq!(told(quorum("q").with("x-delivery-limit", 3)), [1, 2, 3]);
    assert_eq!(told(QueueSpec::new("q"))[..3], [0, 0, 0]);
}

// Q44
#[test]
fn a_lost_holder_counts_in_every_release() {
    for profile in Profile::ALL {
        for by_connection in [false, true] {
            let mut lab = Lab::with(profile);
            let channel = lab.open();
            lab.declare(channel, quorum("q").with("x-delivery-limit", 1));
            lab.publish(channel, "", "q", "1");
            for left in [1, 0] {
                let reader = lab.open();
                lab.consume(reader, "q", "c");
                if by_connection {
                    lab.hang_up(reader, Hangup::Lost);
                } else {
                    lab.ok(reader, Method::Close);
                }
                assert_eq!(lab.ready("q").len(), left, "{profile}");
            }
        }
    }
}

// Q45
#[test]
fn headers_tell_how_often_a_message_came_back() {
    // By nack: counted as a return before 4.3, as an acquisition from 4.3 on.
    for (profile, how, expected) in [
        (
            Profile::V3_13,
            nack as fn(u64) -> Method,
            [None, Some(1), Some(2)],
        ),
        (Profile::V4_2, nack, [None, Some(1), Some(2)]),
        (Profile::V4_3, nack, [None, None, None]),
        (Profile::V4_3, reject, [None, Some(1), Some(2)]),
    ] {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        lab.declare(channel, quorum("q").with("x-delivery-limit", 9));
        lab.publish_with(
            channel,
            "",
            "q",
            "1",
            Properties {
                headers: table("own", 7),
                ..Properties::default()
            },
        );
        for (acquired, returned) in expected.into_iter().enumerate() {
            let Reply::Got { delivery, .. } = lab.ok(channel, get("q")) else {
                panic!("nothing there");
            };
            let headers = delivery.headers();
            let int = |name| match headers.get(name) {
                None => None,
                Some(Value::Int(number)) => Some(*number),
                other => panic!("{other:?}"),
            };
            assert_eq!(int("own"), Some(7));
            assert_eq!(int("x-delivery-count"), returned, "{profile}");
            let acquired = (profile == Profile::V4_3 && acquired > 0).then_some(acquired as i64);
            assert_eq!(int("x-acquired-count"), acquired, "{profile}");
            lab.ok(channel, how(delivery.tag));
        }
    }
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.publish(channel, "", "q", "1");
    lab.ok(channel, get("q"));
    lab.ok(channel, nack(1));
    let delivery = lab.get(channel, "q").unwrap();
    assert!(
        delivery.redelivered && delivery.headers().is_empty(),
        "a classic queue counts nothing"
    );
}

// Q46, W6
#[test]
fn a_delayed_retry_waits_longer_each_time_up_to_a_limit() {
    let mut lab = Lab::with(Profile::V4_3);
    let channel = lab.open();
    let spec = quorum("q")
        .with("x-delayed-retry-type", "all")
        .with("x-delayed-retry-min", 100)
        .with("x-delayed-retry-max", 250);
    lab.declare(channel, spec);
    lab.publish(channel, "", "q", "1");
    lab.consume(channel, "q", "c");
    let mut now = 0;
    for (turn, wait) in [100, 200, 250, 250].into_iter().enumerate() {
        let deliveries = lab.deliveries();
        assert_eq!(
            deliveries,
            [("c".into(), turn as u64 + 1, "1".into(), turn > 0)]
        );
        lab.ok(channel, reject(turn as u64 + 1));
        let copy = lab.queue_named("q").delayed()[0].1.copy;
        let until = millis(now + wait);
        assert_eq!(lab.broker.standing(copy), Some(Standing::Delayed { until }));
        assert_eq!(lab.counts(channel, "q"), (0, 1), "it is not ready");
        lab.at(millis(now + wait - 1));
        assert_eq!(lab.deliveries(), []);
        now += wait;
        lab.at(until);
    }
}

// Q46
#[test]
fn what_is_delayed_depends_on_the_type_and_the_release() {
    for (profile, kind, nacked, rejected) in [
        (Profile::V4_3, "disabled", false, false),
        (Profile::V4_3, "all", true, true),
        (Profile::V4_3, "failed", false, true),
        (Profile::V4_3, "returned", true, false),
        (Profile::V4_2, "all", false, false), // an unknown argument
    ] {
        for (how, delayed) in [(nack as fn(u64) -> Method, nacked), (reject, rejected)] {
            let mut lab = Lab::with(profile);
            let channel = lab.open();
            let spec = quorum("q")
                .with("x-delayed-retry-type", kind)
                .with("x-delayed-retry-min", 100);
            lab.declare(channel, spec);
            lab.publish(channel, "", "q", "1");
            lab.ok(channel, get("q"));
            lab.ok(channel, how(1));
            let ready = usize::from(!delayed);
            let queue = lab.queue_named("q");
            assert_eq!(
                (queue.ready_len(), queue.delayed().len()),
                (ready, 1 - ready),
                "{kind}"
            );
        }
    }
}

// Q46
#[test]
fn delayed_messages_come_back_when_their_time_comes() {
    let mut lab = Lab::with(Profile::V4_3);
    let channel = lab.open();
    let spec = quorum("q")
        .with("x-delayed-retry-type", "all")
        .with("x-delayed-retry-min", 100);
    lab.declare(channel, spec);
    lab.publish_numbers(channel, "q", 1, 2);
    // The first is at its second return: it waits for 200.
    lab.ok(channel, get("q"));
    lab.ok(channel, reject(1));
    lab.at(millis(100));
    lab.ok(channel, get("q"));
    lab.ok(channel, reject(2));
    lab.ok(channel, get("q"));
    lab.ok(channel, reject(3));
    let until: Vec<_> = lab
        .queue_named("q")
        .delayed()
        .iter()
        .map(|&(at, _)| at)
        .collect();
    assert_eq!(until, [millis(200), millis(300)]);
    lab.at(millis(200));
    assert_eq!(lab.ready("q"), ["2"]);
    lab.at(millis(300));
    assert_eq!(lab.ready("q"), ["2", "1"]);
    let delayed = |number| (number, Return::Delayed, Place::Returned);
    assert_eq!(places(&lab), [delayed(1), delayed(2), delayed(1)]);
}

// Streams.

fn reader(lab: &mut Lab, queue: &str, offset: impl Into<Value>) -> leveret::broker::ChannelId {
    let channel = lab.open();
    lab.ok(channel, qos(100));
    let arguments = table("x-stream-offset", offset);
    lab.ok(channel, consume_with(queue, "r", arguments));
    channel
}

fn read(lab: &mut Lab) -> Vec<String> {
    lab.delivered().into_iter().map(|(_, body)| body).collect()
}

// Q47
#[test]
fn a_stream_wants_a_prefetch_and_acks_and_gives_nothing_on_demand() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, stream("s"));
    lab.publish(channel, "", "s", "1");
    let other = lab.open();
    assert_eq!(lab.refused(other, consume("s", "c")), (406, CHANNEL));
    let other = lab.open();
    lab.ok(other, qos(1));
    let no_ack = Method::Consume {
        queue: "s".into(),
        tag: "c".into(),
        no_ack: true,
        exclusive: false,
        arguments: Table::new(),
    };
    assert_eq!(lab.refused(other, no_ack), (540, CONNECTION));
    let other = lab.open();
    assert_eq!(lab.refused(other, get("s")), (540, CONNECTION));
    assert_eq!(lab.queue_named("s").consumers().len(), 0);
}

// Q47
#[test]
fn a_reader_begins_where_it_says() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, stream("s"));
    for number in 1..=4 {
        lab.at(Micros::from_secs(number * 10));
        lab.publish(channel, "", "s", &number.to_string());
    }
    lab.at(Micros::from_secs(45));
    for (offset, expected) in [
        ("first".into(), &["1", "2", "3", "4"][..]),
        ("last".into(), &["4"]),
        ("next".into(), &[]),
        (Value::Int(0), &["1", "2", "3", "4"]),
        (Value::Int(2), &["3", "4"]),
        (Value::Int(4), &[]),
        (Value::Int(-1), &["1", "2", "3", "4"]),
        (Value::Timestamp(0), &["1", "2", "3", "4"]),
        (Value::Timestamp(20), &["2", "3", "4"]),
        (Value::Timestamp(21), &["3", "4"]),
        (Value::Timestamp(99), &[]),
        ("16s".into(), &["3", "4"]),
        ("1h".into(), &["1", "2", "3", "4"]),
    ] {
        let mut lab = lab.fork();
        reader(&mut lab, "s", offset.clone());
        assert_eq!(read(&mut lab), expected, "{offset:?}");
        // Wherever it began, it gets what comes now.
        let channel = lab.open();
        lab.publish(channel, "", "s", "5");
        assert_eq!(read(&mut lab), ["5"], "{offset:?}");
    }
    // Without a word it is `next`.
    let silent = lab.open();
    lab.ok(silent, qos(1));
    lab.consume(silent, "s", "c");
    assert_eq!(read(&mut lab), [] as [&str; 0]);
    for wrong in ["soon", "5 s", ""] {
        let other = lab.open();
        lab.ok(other, qos(1));
        let method = consume_with("s", "c", table("x-stream-offset", wrong));
        assert_eq!(lab.refused(other, method), (406, CHANNEL));
    }
    // What is neither a text nor a number is no offset; RabbitMQ trips over it.
    let other = lab.open();
    lab.ok(other, qos(1));
    let method = consume_with("s", "c", table("x-stream-offset", true));
    assert_eq!(lab.refused(other, method), (541, CONNECTION));
}

// Q47, Q45
#[test]
fn reading_removes_nothing_and_any_answer_gives_credit() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, stream("s"));
    lab.publish_numbers(channel, "s", 1, 4);
    let reader = lab.open();
    lab.ok(reader, qos(1));
    lab.ok(
        reader,
        consume_with("s", "r", table("x-stream-offset", "first")),
    );
    for (tag, answer) in [(1, ack(1)), (2, nack(2)), (3, kill(3))] {
        assert_eq!(
            lab.deliveries(),
            [("r".into(), tag, tag.to_string(), false)]
        );
        lab.ok(reader, answer);
    }
    assert_eq!(lab.deliveries(), [("r".into(), 4, "4".into(), false)]);
    let offsets: Vec<_> = lab
        .tape
        .sent
        .iter()
        .filter_map(|sent| match sent {
            Outgoing::Delivery(delivery) => {
                assert_eq!(body(delivery), (delivery.offset.unwrap() + 1).to_string());
                delivery.headers().get("x-stream-offset").cloned()
            }
            _ => None,
        })
        .collect();
    assert_eq!(offsets, [0, 1, 2, 3].map(Value::Int));
    let queue = lab.queue_named("s");
    assert_eq!(
        (queue.log().len(), queue.unacked(), queue.ready_len()),
        (4, 0, 4)
    );
    let copy = queue.log().at(0).unwrap().copy;
    assert_eq!(lab.broker.standing(copy), Some(Standing::InStream));
    assert_eq!((lab.died(), places(&lab)), (vec![], vec![]));
    let credited = lab.told(|event| matches!(event, Event::Credited { .. }).then_some(()));
    assert_eq!(credited.len(), 3);
    // Closing returns nothing either.
    lab.ok(reader, Method::Close);
    assert_eq!(lab.queue_named("s").log().len(), 4);
    assert_eq!(places(&lab), []);
}

// Q47
#[test]
fn retention_gives_up_whole_segments() {
    let mut lab = Lab::new();
    let channel = lab.open();
    let spec = stream("s")
        .with("x-max-length-bytes", 6)
        .with("x-stream-max-segment-size-bytes", 4);
    lab.declare(channel, spec);
    let slow = lab.open();
    lab.ok(slow, qos(1));
    lab.ok(
        slow,
        consume_with("s", "slow", table("x-stream-offset", "first")),
    );
    let mut kept = Vec::new();
    for number in 1..=6 {
        lab.publish(channel, "", "s", &format!("{number}{number}"));
        let log = lab.queue_named("s").log();
        kept.push((log.first(), log.next()));
    }
    // Two entries fill a segment; the limits are looked at when the next is begun, at the fifth.
    assert_eq!(kept, [(0, 1), (0, 2), (0, 3), (0, 4), (2, 5), (2, 6)]);
    let truncated = lab.told(|event| match event {
        Event::Truncated { copies, .. } => Some(copies.len()),
        _ => None,
    });
    assert_eq!(truncated, [2]);
    assert_eq!(read(&mut lab), ["11"]);
    // A reader that was behind goes on with what is there.
    lab.ok(slow, ack(1));
    assert_eq!(read(&mut lab), ["33"]);
    // What was read and is gone can still be answered.
    assert_eq!(lab.broker.totals().lost, 2);
}

// Q47
#[test]
fn retention_by_age_looks_at_the_newest_entry_of_a_segment() {
    let mut lab = Lab::new();
    let channel = lab.open();
    let spec = stream("s")
        .with("x-max-age", "10s")
        .with("x-stream-max-segment-size-bytes", 2);
    lab.declare(channel, spec);
    for (second, body) in [(0, "1"), (5, "2"), (14, "3"), (14, "4"), (15, "5")] {
        lab.at(Micros::from_secs(second));
        lab.publish(channel, "", "s", body);
    }
    let entries = |lab: &Lab| -> Vec<String> {
        let log = lab.queue_named("s").log();
        log.entries()
            .map(|entry| entry.message.publication.body.to_string())
            .collect()
    };
    assert_eq!(
        entries(&lab),
        ["3", "4", "5"],
        "the first segment ended at 5 s"
    );
    lab.at(Micros::from_secs(1000));
    assert_eq!(entries(&lab), ["3", "4", "5"], "time alone does nothing");
    lab.operate(policy("age", table("max-age", "1s"))).unwrap();
    assert_eq!(entries(&lab), ["5"], "the last segment stays");
}

// Requeueing.

// S10
#[test]
fn a_classic_requeue_returns_to_its_place() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.publish_numbers(channel, "q", 1, 5);
    for _ in 0..4 {
        lab.ok(channel, get("q"));
    }
    for (method, ready) in [
        (nack(3), &["3", "5"][..]),
        (reject(1), &["1", "3", "5"]),
        (nack_all(4), &["1", "2", "3", "4", "5"]),
    ] {
        lab.ok(channel, method);
        assert_eq!(lab.ready("q"), ready);
    }
    use Place::Original;
    assert_eq!(
        places(&lab),
        [
            (3, Return::Nacked, Original),
            (1, Return::Rejected, Original),
            (2, Return::Nacked, Original),
            (4, Return::Nacked, Original),
        ]
    );
}

// S10
#[test]
fn a_quorum_requeue_is_served_first_or_goes_to_the_tail() {
    for (profile, limit, place, ready) in [
        (Profile::V3_13, None, Place::Tail, ["4", "5", "3", "1", "2"]),
        (
            Profile::V3_13,
            Some(9),
            Place::Returned,
            ["3", "1", "2", "4", "5"],
        ),
        (
            Profile::V4_2,
            None,
            Place::Returned,
            ["3", "1", "2", "4", "5"],
        ),
        (
            Profile::V4_2,
            Some(-1),
            Place::Tail,
            ["4", "5", "3", "1", "2"],
        ),
        (
            Profile::V4_3,
            None,
            Place::Returned,
            ["3", "1", "2", "4", "5"],
        ),
    ] {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        let mut spec = quorum("q");
        if let Some(limit) = limit {
            spec = spec.with("x-delivery-limit", limit);
        }
        lab.declare(channel, spec);
        lab.publish_numbers(channel, "q", 1, 5);
        for _ in 0..3 {
            lab.ok(channel, get("q"));
        }
        lab.ok(channel, nack(3));
        lab.ok(channel, reject(1));
        lab.ok(channel, Method::Recover { requeue: true });
        assert_eq!(lab.ready("q"), ready, "{profile} {limit:?}");
        let places: Vec<_> = places(&lab).into_iter().map(|row| row.2).collect();
        assert_eq!(places, [place; 3], "{profile} {limit:?}");
    }
}

// S11
#[test]
fn two_channels_alternate_and_closing_one_redelivers_in_order() {
    for spec in [QueueSpec::new("q"), quorum("q")] {
        let mut lab = Lab::new();
        let (one, two) = (lab.open(), lab.open());
        lab.declare(one, spec);
        lab.consume(one, "q", "ch1");
        lab.consume(two, "q", "ch2");
        lab.publish_numbers(one, "q", 1, 4);
        let delivery = |who: &str, tag, body: &str, redelivered| {
            (who.to_owned(), tag, body.to_owned(), redelivered)
        };
        assert_eq!(
            lab.deliveries(),
            [
                delivery("ch1", 1, "1", false),
                delivery("ch2", 1, "2", false),
                delivery("ch1", 2, "3", false),
                delivery("ch2", 2, "4", false),
            ]
        );
        lab.ok(one, Method::Close);
        assert_eq!(
            lab.deliveries(),
            [delivery("ch2", 3, "1", true), delivery("ch2", 4, "3", true)]
        );
        lab.ok(two, nack_all(4));
        let bodies: Vec<_> = lab
            .deliveries()
            .into_iter()
            .map(|row| (row.2, row.3))
            .collect();
        // A classic queue's own order; a quorum queue's order of return, which is that of the tags.
        let expected = match lab.queue_named("q").kind {
            leveret::broker::QueueKind::Classic => ["1", "2", "3", "4"],
            _ => ["2", "4", "1", "3"],
        };
        assert_eq!(bodies, expected.map(|body| (body.to_owned(), true)));
    }
}

// S11
#[test]
fn a_multiple_nack_redelivers_from_the_first() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.publish_numbers(channel, "q", 1, 3);
    lab.consume(channel, "q", "c");
    lab.delivered();
    lab.ok(channel, nack_all(3));
    let rows: Vec<_> = lab
        .deliveries()
        .into_iter()
        .map(|row| (row.1, row.2))
        .collect();
    assert_eq!(rows, [(4, "1".into()), (5, "2".into()), (6, "3".into())]);
}

// S8, S10, S11
#[test]
fn a_shared_prefetch_hands_out_what_came_back_first() {
    let mut lab = Lab::with(Profile::V4_2);
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.ok(
        channel,
        Method::Qos {
            prefetch_size: 0,
            prefetch: 1,
            global: true,
        },
    );
    lab.consume(channel, "q", "a");
    lab.consume(channel, "q", "b");
    lab.publish_numbers(channel, "q", 1, 2);
    assert_eq!(lab.delivered(), [("a".into(), "1".into())]);
    lab.ok(channel, nack(1));
    assert_eq!(
        lab.deliveries(),
        [("b".into(), 2, "1".into(), true)],
        "the other's turn"
    );
}

// C12, S10: as fast for many as for few.
#[test]
fn closing_a_channel_that_holds_every_second_of_many_messages_takes_no_time() {
    let mut lab = Lab::new();
    let (one, two) = (lab.open(), lab.open());
    lab.queue(one, "q");
    lab.consume(one, "q", "a");
    lab.consume(two, "q", "b");
    let many = 100_000;
    let (now, cause) = (Micros::ZERO, leveret::broker::EventId(0));
    for _ in 0..many {
        let method = lab.publishing("", "q", "x", Properties::default(), false);
        assert!(
            lab.broker
                .serve(now, one, method, cause, &mut lab.tape)
                .is_ok()
        );
    }
    lab.broker
        .serve(now, two, cancel("b"), cause, &mut lab.tape)
        .unwrap();
    lab.broker
        .serve(now, one, cancel("a"), cause, &mut lab.tape)
        .unwrap();
    for channel in [one, two] {
        lab.broker
            .serve(now, channel, Method::Close, cause, &mut lab.tape)
            .unwrap();
    }
    let queue = lab.queue_named("q");
    assert_eq!(queue.ready_len(), many);
    let messages = queue.ready().map(|entry| entry.message.id.0);
    assert!(messages.eq(1..=many as u64), "in the order they came");
}

// Standing.

// Q21, S7
#[test]
fn what_waits_says_why() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.publish_numbers(channel, "q", 1, 3);
    assert_eq!(lab.head_waits("q"), Standing::NoConsumer);
    lab.ok(channel, qos(1));
    lab.consume(channel, "q", "c");
    let full = Standing::PrefetchFull {
        consumers: vec![ConsumerId(0)],
    };
    assert_eq!(lab.head_waits("q"), full);
    let copies: Vec<_> = lab
        .queue_named("q")
        .ready()
        .map(|entry| entry.copy)
        .collect();
    assert_eq!(
        lab.broker.standing(copies[1]),
        Some(Standing::Behind {
            head: copies[0],
            ahead: 1,
            head_waits: Box::new(full),
        })
    );
}

// Q21: whatever brings a message to the head, its time is looked at from then on.
#[test]
fn a_message_that_comes_to_the_head_expires_in_time() {
    for by_close in [false, true] {
        let mut lab = Lab::new();
        let (one, two) = (lab.open(), lab.open());
        lab.declare(one, single(QueueSpec::new("q")));
        for (reader, tag) in [(one, "a"), (two, "b")] {
            lab.ok(reader, qos(1));
            lab.consume(reader, "q", tag);
        }
        lab.publish_numbers(two, "q", 1, 2);
        lab.publish_with(two, "", "q", "3", expiring("10"));
        assert_eq!(
            lab.broker.next_due(),
            Some(Micros::from_secs(1800)),
            "acks alone"
        );
        // The second consumer takes 2 (or 1 again), and 3 is left.
        let leave = if by_close { Method::Close } else { cancel("a") };
        lab.ok(one, leave);
        let head = &lab.ready("q")[0];
        assert_eq!(head, if by_close { "2" } else { "3" });
        if by_close {
            lab.ok(two, ack(1));
        }
        assert_eq!(lab.ready("q"), ["3"]);
        lab.at(millis(10));
        assert_eq!(lab.ready("q"), [] as [&str; 0]);
    }
}
