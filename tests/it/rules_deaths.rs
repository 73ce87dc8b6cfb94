//! Dead-lettering, through the broker: rules D1–D11.
#![allow(clippy::type_complexity)] // tables of cases

use leveret::broker::{
    ApplyTo, Configuration, DeathReason, DeathRecord, Delivery, Event, ExchangeKind, ExchangeSpec,
    Fate, Hangup, InnerTable, Limit, Method, Micros, Name, Operation, PolicySpec, Profile,
    Properties, QueueSpec, Standing, Table, Value, Width, deaths,
};

use crate::lab::{Lab, body, table};
use crate::lab_queues::*;

fn millis(millis: u64) -> Micros {
    Micros::from_millis(millis)
}

/// The queue with `dead` as what its dead messages go to, through the default exchange.
fn to_dead(spec: QueueSpec) -> QueueSpec {
    spec.with("x-dead-letter-exchange", "")
        .with("x-dead-letter-routing-key", "dead")
}

fn exchange(name: &str, kind: ExchangeKind) -> Method {
    Method::DeclareExchange {
        spec: ExchangeSpec::new(name, kind),
        passive: false,
    }
}

fn bind(queue: &str, source: &str, key: &str) -> Method {
    Method::BindQueue {
        queue: queue.into(),
        source: source.into(),
        key: key.into(),
        arguments: Table::new(),
    }
}

fn array(texts: &[&str]) -> Value {
    Value::Array(texts.iter().map(|text| Value::from(*text)).collect())
}

fn records(delivery: &Delivery) -> Vec<DeathRecord> {
    deaths(&delivery.message.publication)
}

fn text<'a>(headers: &'a Table, name: &str) -> Option<&'a str> {
    match headers.get(name) {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    }
}

/// Queues in which a message would have come round for ever, by name.
fn cycles(lab: &Lab) -> Vec<String> {
    lab.told(|event| match event {
        Event::Routed { cycles, .. } | Event::Unroutable { cycles, .. } => Some(cycles.clone()),
        _ => None,
    })
    .into_iter()
    .flatten()
    .map(|queue| lab.broker.definitions().queue_name(queue).to_owned())
    .collect()
}

fn kept(lab: &Lab) -> Vec<(u64, Micros)> {
    lab.told(|event| match event {
        Event::Kept { queued, until } => Some((queued.message.0, *until)),
        _ => None,
    })
}

// D1
#[test]
fn there_are_four_ways_to_die_and_an_ack_or_a_requeue_is_none() {
    type Do = fn(&mut Lab, leveret::broker::ChannelId);
    let cases: [(QueueSpec, Do, Option<(DeathReason, Option<Limit>)>); 8] = [
        (
            QueueSpec::new("q"),
            |lab, channel| {
                lab.ok(channel, get("q"));
                lab.ok(channel, kill(1));
            },
            Some((DeathReason::Rejected, None)),
        ),
        (
            QueueSpec::new("q"),
            |lab, channel| {
                lab.ok(channel, get("q"));
                lab.ok(
                    channel,
                    Method::Nack {
                        tag: 1,
                        multiple: false,
                        requeue: false,
                    },
                );
            },
            Some((DeathReason::Rejected, None)),
        ),
        (
            QueueSpec::new("q").with("x-message-ttl", 5),
            |lab, _| lab.at(millis(5)),
            Some((DeathReason::Expired, None)),
        ),
        (
            QueueSpec::new("q").with("x-max-length", 1),
            |lab, channel| lab.publish(channel, "", "q", "2"),
            Some((DeathReason::MaxLen, Some(Limit::Messages(1)))),
        ),
        (
            QueueSpec::new("q").with("x-max-length-bytes", 1),
            |lab, channel| lab.publish(channel, "", "q", "2"),
            Some((DeathReason::MaxLen, Some(Limit::Bytes(1)))),
        ),
        (
            quorum("q").with("x-delivery-limit", 0),
            |lab, channel| {
                lab.ok(channel, get("q"));
                lab.ok(channel, reject(1));
            },
            Some((DeathReason::DeliveryLimit, None)),
        ),
        (
            QueueSpec::new("q"),
            |lab, channel| {
                lab.ok(channel, get("q"));
                lab.ok(channel, nack(1));
            },
            None,
        ),
        (
            QueueSpec::new("q"),
            |lab, channel| {
                lab.ok(channel, get("q"));
                lab.ok(channel, ack(1));
            },
            None,
        ),
    ];
    for (spec, act, expected) in cases {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.queue(channel, "dead");
        lab.declare(channel, to_dead(spec));
        lab.publish(channel, "", "q", "1");
        act(&mut lab, channel);
        let default = lab.broker.definitions().exchange_named("").unwrap().id;
        let fate = Fate::DeadLettered(default);
        let died: Vec<_> = expected
            .map(|(reason, limit)| (1, reason, limit, fate))
            .into_iter()
            .collect();
        assert_eq!(lab.died(), died);
        let dead = lab.drain(channel, "dead");
        assert_eq!(dead.len(), died.len());
        assert_eq!(lab.broker.totals().dead_lettered, died.len() as u64);
    }
}

// D1, D7
#[test]
fn the_reasons_are_written_as_rabbitmq_writes_them() {
    let names = DeathReason::ALL.map(DeathReason::as_str);
    assert_eq!(names, ["rejected", "expired", "maxlen", "delivery_limit"]);
}

// D2
#[test]
fn the_exchange_is_looked_up_when_a_message_dies() {
    let mut lab = Lab::new();
    let channel = lab.open();
    let spec = QueueSpec::new("q")
        .with("x-dead-letter-exchange", "later")
        .with("x-message-ttl", 10);
    lab.declare(channel, spec);
    lab.publish(channel, "", "q", "1");
    lab.at(millis(10));
    let missing = Fate::NoExchange("later".into());
    assert_eq!(lab.died(), [(1, DeathReason::Expired, None, missing)]);
    lab.publish(channel, "", "q", "2");
    lab.queue(channel, "dead");
    lab.ok(channel, exchange("later", ExchangeKind::Fanout));
    lab.ok(channel, bind("dead", "later", ""));
    lab.at(millis(20));
    assert_eq!(lab.ready("dead"), ["2"], "the first was dropped");
}

// D2, O2
#[test]
fn a_policy_set_later_applies_to_messages_that_wait() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.queue(channel, "dead");
    lab.publish_numbers(channel, "q", 1, 3);
    lab.ok(channel, get("q"));
    lab.ok(channel, kill(1));
    let set = |key: &str| {
        let mut definition = table("dead-letter-exchange", "");
        definition.insert("dead-letter-routing-key".into(), key.into());
        Operation::SetPolicy(PolicySpec {
            name: "dlx".into(),
            pattern: "^q$".into(),
            apply_to: ApplyTo::Queues,
            priority: 0,
            definition,
            operator: false,
        })
    };
    lab.operate(set("dead")).unwrap();
    lab.ok(channel, get("q"));
    lab.ok(channel, kill(2));
    let clear = Operation::ClearPolicy {
        name: "dlx".into(),
        operator: false,
    };
    lab.operate(clear).unwrap();
    lab.ok(channel, get("q"));
    lab.ok(channel, kill(3));
    let default = lab.broker.definitions().exchange_named("").unwrap().id;
    let fates: Vec<_> = lab.died().into_iter().map(|died| died.3).collect();
    let expected = [Fate::Dropped, Fate::DeadLettered(default), Fate::Dropped];
    assert_eq!(fates, expected);
    assert_eq!(lab.ready("dead"), ["2"]);
}

// D2
#[test]
fn a_dead_message_on_its_way_is_lost_if_its_exchange_goes() {
    let mut lab = Lab::configured(Configuration {
        on_the_way: true,
        ..Configuration::default()
    });
    let channel = lab.open();
    lab.ok(channel, exchange("dlx", ExchangeKind::Fanout));
    let spec = QueueSpec::new("q").with("x-dead-letter-exchange", "dlx");
    lab.declare(channel, spec);
    lab.publish(channel, "", "q", "1");
    let (copy, _) = lab.broker.on_the_way().next().unwrap();
    lab.tell(leveret::broker::Command::Arrive { copy }).unwrap();
    lab.ok(channel, get("q"));
    lab.ok(channel, kill(1));
    assert_eq!(lab.broker.standing(copy), Some(Standing::DeadLetter));
    lab.ok(
        channel,
        Method::DeleteExchange {
            exchange: "dlx".into(),
            if_unused: false,
        },
    );
    for _ in 0..2 {
        lab.tell(leveret::broker::Command::DeadLetter { copy })
            .unwrap();
    }
    let lost = lab.told(|event| match event {
        Event::Lost { why, .. } => Some(*why),
        _ => None,
    });
    assert_eq!(lost, [leveret::broker::Loss::ExchangeDeleted]);
    assert_eq!(lab.broker.standing(copy), None);
}

// D3
#[test]
fn without_a_key_of_the_queue_a_message_goes_by_all_its_keys() {
    for (key, expected) in [
        (None, ["a", "b", "c"].as_slice()),
        (Some("other"), &["other"]),
        (Some(""), &["empty"]),
    ] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.ok(channel, exchange("dlx", ExchangeKind::Direct));
        let mut spec = QueueSpec::new("q").with("x-dead-letter-exchange", "dlx");
        if let Some(key) = key {
            spec = spec.with("x-dead-letter-routing-key", key);
        }
        lab.declare(channel, spec);
        for (queue, key) in [
            ("a", "a"),
            ("b", "b"),
            ("c", "c"),
            ("other", "other"),
            ("empty", ""),
        ] {
            lab.queue(channel, queue);
            lab.ok(channel, bind(queue, "dlx", key));
        }
        lab.ok(channel, bind("q", "amq.direct", "a"));
        let headers = Table::from([("CC".into(), array(&["b"])), ("BCC".into(), array(&["c"]))]);
        let properties = Properties {
            headers,
            ..Properties::default()
        };
        lab.publish_with(channel, "amq.direct", "a", "1", properties);
        lab.ok(channel, get("q"));
        lab.ok(channel, kill(1));
        let got: Vec<_> = ["a", "b", "c", "other", "empty"]
            .into_iter()
            .filter(|queue| !lab.ready(queue).is_empty())
            .collect();
        assert_eq!(got, expected, "{key:?}");
        for queue in got {
            let delivery = lab.get(channel, queue).unwrap();
            let headers = delivery.headers();
            // D10, W3: the header stays; BCC never shows.
            assert_eq!(headers.get("CC"), Some(&array(&["b"])));
            assert!(!headers.contains_key("BCC"));
            // D7
            assert_eq!(records(&delivery)[0].routing_keys, ["a", "b"]);
        }
    }
}

// D4
#[test]
fn the_expiration_goes_and_all_else_stays() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "dead");
    lab.declare(channel, to_dead(QueueSpec::new("q")));
    let published = Properties {
        headers: table("own", 1),
        delivery_mode: Some(2),
        priority: Some(3),
        correlation_id: Some("c".into()),
        message_id: Some("m".into()),
        ..expiring("50")
    };
    lab.publish_with(channel, "", "q", "1", published.clone());
    // Delivered once, so that it would be redelivered.
    lab.ok(channel, get("q"));
    lab.ok(channel, nack(1));
    lab.at(millis(50));
    assert_eq!(lab.broker.next_due(), None, "it does not expire again");
    let delivery = lab.get(channel, "dead").unwrap();
    assert!(!delivery.redelivered, "it is new there");
    assert_eq!(body(&delivery), "1");
    let mut properties = (*delivery.message.publication.properties).clone();
    assert_eq!(properties.expiration, None);
    assert_eq!(properties.headers.get("own"), Some(&Value::Int(1)));
    let record = &records(&delivery)[0];
    assert_eq!(record.original_expiration.as_deref(), Some("50"));
    properties.headers = published.headers.clone();
    properties.expiration = published.expiration.clone();
    assert_eq!(properties, published);
    assert_eq!(delivery.queued.message.0, 1, "it is the same message");
}

// D5
#[test]
fn a_multiple_nack_dead_letters_in_the_order_of_the_tags() {
    for spec in [QueueSpec::new("q"), quorum("q")] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.queue(channel, "dead");
        lab.declare(channel, to_dead(spec));
        lab.publish_numbers(channel, "q", 1, 5);
        lab.ok(channel, get("q"));
        lab.ok(channel, get("q"));
        lab.ok(channel, nack(1));
        for _ in 0..3 {
            lab.ok(channel, get("q")); // 1 again, 3, 4
        }
        let multiple = Method::Nack {
            tag: 4,
            multiple: true,
            requeue: false,
        };
        lab.ok(channel, multiple);
        assert_eq!(lab.ready("dead"), ["2", "1", "3"]);
        assert_eq!(lab.queue_named("q").unacked(), 1);
    }
}

// D7
#[test]
fn the_history_is_told_newest_first_and_a_repetition_only_counts() {
    let mut lab = Lab::new();
    let channel = lab.open();
    // A retry loop: rejected in `work`, waits in `wait`, expires back into `work`.
    let work = QueueSpec::new("work")
        .with("x-dead-letter-exchange", "")
        .with("x-dead-letter-routing-key", "wait");
    let wait = QueueSpec::new("wait")
        .with("x-dead-letter-exchange", "")
        .with("x-dead-letter-routing-key", "work")
        .with("x-message-ttl", 10_000);
    lab.declare(channel, work);
    lab.declare(channel, wait);
    lab.at(Micros::from_secs(3));
    lab.ok(channel, bind("work", "amq.topic", "#"));
    lab.publish_with(channel, "amq.topic", "k", "1", expiring("900000"));
    for round in 1..=3_u64 {
        lab.ok(channel, get("work"));
        lab.ok(channel, kill(round));
        lab.at(Micros::from_secs(3 + round * 10));
    }
    let delivery = lab.get(channel, "work").unwrap();
    let record =
        |queue: &str, reason, time, exchange: &str, key: &str, expiration: Option<&str>| {
            DeathRecord {
                queue: queue.into(),
                reason,
                count: 3,
                time,
                exchange: exchange.into(),
                routing_keys: vec![key.into()],
                original_expiration: expiration.map(Into::into),
            }
        };
    assert_eq!(
        records(&delivery),
        [
            record("wait", DeathReason::Expired, 13, "", "wait", None),
            record(
                "work",
                DeathReason::Rejected,
                3,
                "amq.topic",
                "k",
                Some("900000")
            ),
        ]
    );
    // D8
    let headers = delivery.headers();
    for (name, value) in [
        ("x-first-death-reason", "rejected"),
        ("x-first-death-queue", "work"),
        ("x-first-death-exchange", "amq.topic"),
        ("x-last-death-reason", "expired"),
        ("x-last-death-queue", "wait"),
        ("x-last-death-exchange", ""),
    ] {
        assert_eq!(text(&headers, name), Some(value), "{name}");
    }
}

// D9
#[test]
fn a_history_that_a_publisher_wrote_counts_up_to_3_13_only() {
    for (profile, count, known) in [
        (Profile::V3_13, 8, 2),
        (Profile::V4_2, 1, 1),
        (Profile::V4_3, 1, 1),
    ] {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        lab.queue(channel, "dead");
        lab.declare(channel, to_dead(QueueSpec::new("q")));
        let entry = |queue: &str| {
            Value::Table(InnerTable::from([
                ("queue".into(), queue.into()),
                ("reason".into(), "rejected".into()),
                ("count".into(), 7.into()),
                ("exchange".into(), "".into()),
                ("routing-keys".into(), Value::Array(vec![])),
                ("time".into(), Value::Timestamp(1)),
            ]))
        };
        let history = Value::Array(vec![entry("elsewhere"), entry("q")]);
        let properties = Properties {
            headers: table("x-death", history),
            ..Properties::default()
        };
        lab.publish_with(channel, "", "q", "1", properties);
        lab.ok(channel, get("q"));
        lab.ok(channel, kill(1));
        let records = records(&lab.get(channel, "dead").unwrap());
        assert_eq!(
            (records[0].count, records.len()),
            (count, known),
            "{profile}"
        );
        assert_eq!(records[0].queue, "q");
    }
}

// D9: 3.13.7 passes over an entry that lacks one of its fields.
#[test]
fn a_history_that_a_publisher_wrote_counts_only_where_it_is_whole() {
    let fields: [(&str, Value); 6] = [
        ("queue", "q".into()),
        ("reason", "rejected".into()),
        ("count", 7.into()),
        ("exchange", "".into()),
        ("routing-keys", Value::Array(vec!["q".into()])),
        ("time", Value::Timestamp(1)),
    ];
    let text = Value::from("text");
    let cases = (0..fields.len())
        .map(|missing| (Some(missing), None))
        .chain([2, 4, 5].map(|wrong| (None, Some(wrong))))
        .chain([(None, None)]);
    for (missing, wrong) in cases {
        let entry = fields.iter().enumerate().filter_map(|(at, (name, value))| {
            let value = if wrong == Some(at) { &text } else { value };
            (missing != Some(at)).then(|| (Name::from(*name), value.clone()))
        });
        let entry = Value::Table(entry.collect());
        let mut lab = Lab::with(Profile::V3_13);
        let channel = lab.open();
        lab.queue(channel, "dead");
        lab.declare(channel, to_dead(QueueSpec::new("q")));
        let properties = Properties {
            headers: table("x-death", Value::Array(vec![entry])),
            ..Properties::default()
        };
        lab.publish_with(channel, "", "q", "1", properties);
        lab.ok(channel, get("q"));
        lab.ok(channel, kill(1));
        let records = records(&lab.get(channel, "dead").unwrap());
        let is_whole = missing.or(wrong).is_none();
        let count = if is_whole { 8 } else { 1 };
        assert_eq!(
            (records[0].count, records.len()),
            (count, 1),
            "without {missing:?}, wrong {wrong:?}"
        );
    }
}

// D9: nor does it make a circle.
#[test]
fn a_history_that_a_publisher_wrote_does_not_stop_a_message() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "dead");
    lab.declare(
        channel,
        to_dead(QueueSpec::new("q").with("x-message-ttl", 5)),
    );
    let entry = InnerTable::from([
        ("queue".into(), "dead".into()),
        ("reason".into(), "expired".into()),
        ("count".into(), Value::Sized(Width::I64, 1)),
    ]);
    let properties = Properties {
        headers: table("x-death", Value::Array(vec![Value::Table(entry)])),
        ..Properties::default()
    };
    lab.publish_with(channel, "", "q", "1", properties);
    lab.at(millis(5));
    assert_eq!(lab.ready("dead"), ["1"]);
}

// D11
#[test]
fn a_circle_that_no_consumer_breaks_ends_where_it_closes() {
    let mut lab = Lab::new();
    let channel = lab.open();
    for (queue, next) in [("a", "b"), ("b", "a")] {
        let spec = QueueSpec::new(queue)
            .with("x-message-ttl", 10)
            .with("x-dead-letter-exchange", "")
            .with("x-dead-letter-routing-key", next);
        lab.declare(channel, spec);
    }
    lab.publish(channel, "", "a", "1");
    lab.at(millis(10));
    assert_eq!((lab.ready("a").len(), lab.ready("b").len()), (0, 1));
    lab.at(millis(1000));
    assert_eq!((lab.ready("a").len(), lab.ready("b").len()), (0, 0));
    assert_eq!(cycles(&lab), ["a"]);
    assert_eq!(lab.died().len(), 2);
    // The same with a queue that leads to itself, for either reason.
    for (limit, reason) in [("x-message-ttl", "expired"), ("x-max-length", "maxlen")] {
        let mut lab = Lab::new();
        let channel = lab.open();
        let spec = QueueSpec::new("a")
            .with(limit, 0)
            .with("x-dead-letter-exchange", "");
        lab.declare(channel, spec);
        lab.publish(channel, "", "a", "1");
        let died: Vec<_> = lab.died().into_iter().map(|died| died.1.as_str()).collect();
        assert_eq!((died, cycles(&lab)), (vec![reason], vec!["a".to_owned()]));
    }
}

// D11
#[test]
fn only_the_queue_that_closes_the_circle_goes_without() {
    let mut lab = Lab::new();
    let channel = lab.open();
    let spec = QueueSpec::new("a")
        .with("x-message-ttl", 10)
        .with("x-dead-letter-exchange", "amq.fanout");
    lab.declare(channel, spec);
    lab.queue(channel, "b");
    lab.ok(channel, bind("a", "amq.fanout", ""));
    lab.ok(channel, bind("b", "amq.fanout", ""));
    lab.publish(channel, "", "a", "1");
    lab.at(millis(10));
    assert_eq!((lab.ready("a").len(), lab.ready("b").len()), (0, 1));
    assert_eq!(cycles(&lab), ["a"]);
}

// D11
#[test]
fn a_rejection_breaks_the_circle_and_rejections_go_round_for_ever() {
    let mut lab = Lab::new();
    let channel = lab.open();
    let spec = QueueSpec::new("a").with("x-dead-letter-exchange", "");
    lab.declare(channel, spec);
    lab.publish(channel, "", "a", "1");
    for round in 1..=30 {
        lab.ok(channel, get("a"));
        lab.ok(channel, kill(round));
    }
    assert_eq!(lab.ready("a"), ["1"]);
    let delivery = lab.get(channel, "a").unwrap();
    assert_eq!(records(&delivery)[0].count, 30);
    assert_eq!(cycles(&lab), [] as [&str; 0]);
    // Expired, then rejected: the next expiry may go back to where it expired before. Expired twice may not.
    for (rejected, back) in [(true, 1), (false, 0)] {
        let mut lab = Lab::new();
        let channel = lab.open();
        for (queue, next) in [("a", "b"), ("b", "c"), ("c", "a")] {
            let mut spec = QueueSpec::new(queue)
                .with("x-dead-letter-exchange", "")
                .with("x-dead-letter-routing-key", next);
            if queue != "b" || !rejected {
                spec = spec.with("x-message-ttl", 10);
            }
            lab.declare(channel, spec);
        }
        lab.publish(channel, "", "a", "1");
        lab.at(millis(10));
        if rejected {
            lab.ok(channel, get("b"));
            lab.ok(channel, kill(1));
            lab.at(millis(20));
        } else {
            lab.at(millis(30));
        }
        assert_eq!(lab.ready("a").len(), back, "{rejected}");
        assert_eq!(cycles(&lab).len(), 1 - back, "{rejected}");
    }
}

// D6

fn at_least_once(spec: QueueSpec) -> QueueSpec {
    spec.with("x-dead-letter-strategy", "at-least-once")
        .with("x-overflow", "reject-publish")
}

const RETRY: Micros = leveret::broker::Switches::DEAD_LETTER_RETRY;

/// A queue `q` that keeps its dead and sends them to `dead`, and message 1 in it, just rejected.
fn killed(lab: &mut Lab, spec: QueueSpec) -> (leveret::broker::ChannelId, leveret::broker::CopyId) {
    let channel = lab.open();
    lab.declare(channel, spec);
    lab.publish(channel, "", "q", "1");
    let copy = lab.queue_named("q").ready().next().unwrap().copy;
    lab.ok(channel, get("q"));
    lab.ok(channel, kill(1));
    (channel, copy)
}

// D6
#[test]
fn at_most_once_a_dead_message_that_nothing_takes_is_gone() {
    // At-least-once falls back to that without `reject-publish`.
    let fallback = quorum("q").with("x-dead-letter-strategy", "at-least-once");
    for spec in [quorum("q"), QueueSpec::new("q"), fallback] {
        let mut lab = Lab::new();
        let (channel, copy) = killed(&mut lab, to_dead(spec));
        assert_eq!((kept(&lab), lab.broker.standing(copy)), (vec![], None));
        lab.queue(channel, "dead");
        lab.at(RETRY + RETRY);
        assert_eq!(lab.ready("dead"), [] as [&str; 0]);
    }
}

// D6
#[test]
fn at_least_once_a_dead_message_is_kept_until_a_queue_takes_it() {
    let mut lab = Lab::new();
    let (channel, copy) = killed(&mut lab, at_least_once(to_dead(quorum("q"))));
    assert_eq!(kept(&lab), [(1, RETRY)]);
    let queue = lab.queue_id("q");
    let until = Some(RETRY);
    assert_eq!(
        lab.broker.standing(copy),
        Some(Standing::Kept { queue, until })
    );
    assert_eq!(lab.counts(channel, "q"), (0, 0), "it is not ready");
    assert_eq!(lab.broker.next_due(), Some(RETRY));
    lab.at(RETRY);
    assert_eq!(
        kept(&lab),
        [(1, RETRY), (1, RETRY + RETRY)],
        "still nothing"
    );
    lab.queue(channel, "dead");
    lab.at(RETRY + RETRY);
    assert_eq!(lab.ready("dead"), ["1"]);
    assert_eq!(
        (lab.broker.standing(copy), lab.queue_named("q").kept()),
        (None, 0)
    );
    assert_eq!(lab.broker.next_due(), None);
    let delivery = lab.get(channel, "dead").unwrap();
    assert_eq!(records(&delivery)[0].count, 1, "it died once");
    assert_eq!(records(&delivery)[0].time, 0, "and then");
    assert_eq!(lab.broker.totals().dead_lettered, 1);
}

/// The messages that their queues were said to keep no longer.
fn released(lab: &Lab) -> Vec<u64> {
    lab.told(|event| match event {
        Event::Released { queued } => Some(queued.message.0),
        _ => None,
    })
}

// D6
#[test]
fn at_least_once_a_missing_exchange_is_waited_for() {
    let mut lab = Lab::new();
    let spec = quorum("q").with("x-dead-letter-exchange", "later");
    let (channel, _) = killed(&mut lab, at_least_once(spec));
    let fate = Fate::Kept("later".into());
    assert_eq!(lab.died(), [(1, DeathReason::Rejected, None, fate)]);
    assert_eq!(kept(&lab), [(1, RETRY)]);
    lab.ok(channel, exchange("later", ExchangeKind::Fanout));
    lab.queue(channel, "dead");
    lab.ok(channel, bind("dead", "later", ""));
    lab.at(RETRY);
    assert_eq!(lab.ready("dead"), ["1"]);
    let resent = lab.told(|event| match event {
        Event::Resent { queued, .. } => Some(queued.message.0),
        _ => None,
    });
    assert_eq!(resent, [1]);
}

// D6
#[test]
fn at_least_once_only_the_queues_that_turned_it_away_get_it_again() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "open");
    let full = QueueSpec::new("full")
        .with("x-max-length", 0)
        .with("x-overflow", "reject-publish");
    lab.declare(channel, full);
    for queue in ["open", "full"] {
        lab.ok(channel, bind(queue, "amq.fanout", ""));
    }
    let spec = at_least_once(quorum("q").with("x-dead-letter-exchange", "amq.fanout"));
    let (_, copy) = killed(&mut lab, spec);
    assert_eq!(lab.ready("open"), ["1"]);
    assert_eq!(lab.turned_away(), [(1, Limit::Messages(0))]);
    lab.at(RETRY);
    assert_eq!(lab.ready("open"), ["1"], "once");
    assert_eq!(lab.turned_away().len(), 2);
    // The one that is left goes: all others have it.
    lab.ok(channel, delete("full", false, false));
    assert!(lab.broker.standing(copy).is_some());
    lab.at(RETRY + RETRY);
    assert_eq!(
        (lab.ready("open").len(), lab.broker.standing(copy)),
        (1, None)
    );
    assert_eq!(released(&lab), [1]);
}

// D6, Q25, Q27
#[test]
fn at_least_once_what_is_kept_takes_room() {
    let mut lab = Lab::new();
    let spec = at_least_once(to_dead(quorum("q"))).with("x-max-length", 1);
    let (channel, _) = killed(&mut lab, spec);
    lab.publish_numbers(channel, "q", 2, 3);
    assert_eq!(lab.ready("q"), ["2"]);
    assert_eq!(lab.turned_away(), [(3, Limit::Messages(1))]);
    assert_eq!(lab.counted(channel, purge("q")), 1, "a purge leaves it");
    lab.queue(channel, "dead");
    lab.at(RETRY);
    assert_eq!(lab.ready("dead"), ["1"]);
}

// D6, R1
#[test]
fn at_least_once_what_is_kept_survives_a_restart() {
    for clean in [true, false] {
        let mut lab = Lab::new();
        let (channel, _) = killed(&mut lab, at_least_once(to_dead(quorum("q"))));
        lab.queue(channel, "dead");
        lab.operate(Operation::Stop { clean }).unwrap();
        lab.operate(Operation::Start).unwrap();
        lab.at(millis(1));
        assert_eq!(lab.ready("dead"), ["1"], "tried again at once");
        assert_eq!(released(&lab), [1], "and kept no longer");
    }
}

// D6, R6, R7
#[test]
fn at_least_once_nobody_learns_after_a_crash_that_what_was_being_written_was_taken() {
    let mut lab = Lab::configured(Configuration {
        write_delay: millis(7),
        ..Configuration::default()
    });
    let channel = lab.open();
    lab.declare(channel, quorum("dead"));
    let (_, copy) = killed(&mut lab, at_least_once(to_dead(quorum("q"))));
    lab.at(millis(3));
    lab.operate(Operation::Stop { clean: false }).unwrap();
    lab.operate(Operation::Start).unwrap();
    assert!(lab.broker.standing(copy).is_some(), "it is kept");
    lab.at(millis(4));
    assert_eq!(lab.ready("dead"), ["1", "1"], "tried again");
    lab.at(millis(7));
    assert_eq!(
        released(&lab),
        [0; 0],
        "the first is not what is waited for"
    );
    lab.at(millis(20));
    assert_eq!(released(&lab), [1]);
    assert_eq!(lab.ready("dead"), ["1", "1"]);
}

// D6, Q10
#[test]
fn at_least_once_what_a_deleted_queue_keeps_goes_with_it() {
    let mut lab = Lab::new();
    let (channel, copy) = killed(&mut lab, at_least_once(to_dead(quorum("q"))));
    lab.ok(channel, delete("q", false, false));
    let lost = lab.told(|event| match event {
        Event::Lost { queued, why } => Some((queued.copy, *why)),
        _ => None,
    });
    assert_eq!(lost, [(copy, leveret::broker::Loss::QueueDeleted)]);
    assert_eq!(
        (lab.broker.standing(copy), lab.broker.next_due()),
        (None, None)
    );
}

// D6
#[test]
fn at_least_once_a_message_on_its_way_is_kept_until_it_arrives() {
    use leveret::broker::Command;
    let mut lab = Lab::configured(Configuration {
        on_the_way: true,
        ..Configuration::default()
    });
    let channel = lab.open();
    lab.queue(channel, "dead");
    lab.declare(channel, at_least_once(to_dead(quorum("q"))));
    lab.publish(channel, "", "q", "1");
    let (copy, _) = lab.broker.on_the_way().next().unwrap();
    lab.tell(Command::Arrive { copy }).unwrap();
    lab.ok(channel, get("q"));
    lab.ok(channel, kill(1));
    assert_eq!(lab.broker.standing(copy), Some(Standing::DeadLetter));
    lab.tell(Command::DeadLetter { copy }).unwrap();
    let queue = lab.queue_id("q");
    let until = None;
    assert_eq!(
        lab.broker.standing(copy),
        Some(Standing::Kept { queue, until })
    );
    let arrive = |lab: &mut Lab| {
        let (second, _) = lab.broker.on_the_way().next().unwrap();
        lab.tell(Command::Arrive { copy: second }).unwrap();
    };
    // A queue that goes meanwhile has not taken it.
    lab.ok(channel, delete("dead", false, false));
    arrive(&mut lab);
    assert_eq!(kept(&lab), [(1, RETRY)]);
    lab.queue(channel, "dead");
    lab.at(RETRY);
    lab.tell(Command::DeadLetter { copy }).unwrap();
    arrive(&mut lab);
    assert_eq!(lab.broker.standing(copy), None);
    assert_eq!(lab.ready("dead"), ["1"]);
}

// D1, Q44, C12
#[test]
fn a_message_that_was_held_once_too_often_dies_when_its_holder_is_lost() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "dead");
    lab.declare(channel, to_dead(quorum("q").with("x-delivery-limit", 1)));
    lab.publish(channel, "", "q", "1");
    for _ in 0..2 {
        let reader = lab.open();
        lab.consume(reader, "q", "c");
        lab.hang_up(reader, Hangup::Lost);
    }
    let delivery = lab.get(channel, "dead").unwrap();
    let record = &records(&delivery)[0];
    assert_eq!(
        (record.reason, record.count),
        (DeathReason::DeliveryLimit, 1)
    );
    // It had been delivered and returned; the header for that is its old queue's (Q45).
    assert_eq!(delivery.headers().get("x-delivery-count"), None);
}
