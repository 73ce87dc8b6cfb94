//! Queues of every type, as they are declared, used and limited: rules Q1–Q13, Q20–Q29 and W1.
#![allow(clippy::type_complexity)] // tables of cases

use leveret::broker::{
    Cancellation, DeathReason, Departure, Event, Fate, Hangup, Limit, Method, Micros, Outgoing,
    Profile, Properties, QueueSpec, Reply, Table, Value,
};

use crate::lab::{Closed, Lab, consume, table};
use crate::lab_queues::*;

const CHANNEL: Closed = Closed::Channel;
const CONNECTION: Closed = Closed::Connection;

fn millis(millis: u64) -> Micros {
    Micros::from_millis(millis)
}

/// Durable, exclusive, auto-delete.
fn flags(name: &str, durable: bool, exclusive: bool, auto_delete: bool) -> QueueSpec {
    QueueSpec {
        durable,
        exclusive,
        auto_delete,
        ..QueueSpec::new(name)
    }
}

fn deletions(lab: &Lab) -> Vec<Departure> {
    lab.told(|event| match event {
        Event::QueueDeleted { why, .. } => Some(*why),
        _ => None,
    })
}

// Declaring.

// Q1
#[test]
fn the_server_names_classic_queues_only() {
    let mut lab = Lab::new();
    let channel = lab.open();
    let names: Vec<String> = (0..2)
        .map(|_| match lab.ok(channel, declare(QueueSpec::new(""))) {
            Reply::Queue { name, .. } => name.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(names.iter().all(|name| name.starts_with("amq.gen-")));
    assert_ne!(names[0], names[1]);
    lab.publish(channel, "", &names[1], "1");
    assert_eq!(lab.ready(&names[1]), ["1"]);
    for spec in [quorum(""), stream("")] {
        let channel = lab.open();
        assert_eq!(lab.refused(channel, declare(spec)), (406, CHANNEL));
    }
    assert_eq!(lab.broker.queues().len(), 2);
}

// Q1
#[test]
fn reserved_names_are_refused_even_if_they_exist_but_may_be_asked_for() {
    let mut lab = Lab::new();
    let channel = lab.open();
    let Reply::Queue { name, .. } = lab.ok(channel, declare(QueueSpec::new(""))) else {
        panic!("no queue");
    };
    assert_eq!(lab.counts(channel, &name), (0, 0));
    for name in [name.as_str(), "amq.mine"] {
        let channel = lab.open();
        let method = declare(QueueSpec::new(name));
        assert_eq!(lab.refused(channel, method), (403, CHANNEL), "{name}");
    }
    let channel = lab.open();
    assert_eq!(lab.refused(channel, passive("amq.mine")), (404, CHANNEL));
    assert_eq!(lab.broker.queues().len(), 1);
}

// Q2
#[test]
fn declare_ok_counts_ready_messages_and_consumers() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.publish_numbers(channel, "q", 1, 3);
    assert_eq!(lab.counts(channel, "q"), (3, 0));
    lab.ok(channel, qos(2));
    lab.consume(channel, "q", "c");
    assert_eq!(
        lab.counts(channel, "q"),
        (1, 1),
        "unacked ones are left out"
    );
    assert_eq!(lab.queue_named("q").unacked(), 2);
}

// Q3
#[test]
fn redeclaring_looks_at_ownership_first_and_then_at_properties_and_arguments() {
    let shared = || flags("q", true, false, false).with("x-max-length", 5);
    let mine = || flags("q", false, true, false).with("x-max-length", 5);
    // What there is, whether its own connection asks, what is asked for, the code.
    let cases = [
        (shared(), true, shared(), None),
        (shared(), false, shared(), None),
        (mine(), true, mine(), None),
        (mine(), false, mine(), Some(405)),
        (mine(), true, shared(), Some(405)),
        (shared(), true, mine(), Some(405)),
        // All is wrong: 405 comes first.
        (mine(), false, flags("q", true, false, true), Some(405)),
        (shared(), true, flags("q", false, false, false), Some(406)),
        (shared(), true, flags("q", true, false, true), Some(406)),
        (shared(), true, QueueSpec::new("q"), Some(406)),
        (
            shared(),
            true,
            QueueSpec::new("q").with("x-max-length", 6),
            Some(406),
        ),
        (shared(), true, shared().with("x-expires", 9), Some(406)),
        (shared(), true, shared().with("x-unknown", 9), None),
    ];
    for (present, own, asked, code) in cases {
        let mut lab = Lab::new();
        let owner = lab.open();
        lab.declare(owner, present.clone());
        let connection = lab.connection_of(owner);
        let asker = if own {
            lab.channel(connection)
        } else {
            lab.open()
        };
        let what = format!("{present:?}\n{asked:?}");
        match code {
            None => drop(lab.ok(asker, declare(asked))),
            Some(code) => assert_eq!(
                lab.refused(asker, declare(asked)),
                (code, CHANNEL),
                "{what}"
            ),
        }
        let there = lab.broker.definitions().queue(lab.queue_id("q")).unwrap();
        assert_eq!(there.arguments, present.arguments, "{what}");
        assert_eq!(lab.broker.queues().len(), 1, "{what}");
    }
}

// Q3
#[test]
fn what_differs_is_said_in_order() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    for (asked, what) in [
        (
            flags("q", false, false, true).with("x-expires", 9),
            "'durable'",
        ),
        (
            flags("q", true, false, true).with("x-expires", 9),
            "'auto_delete'",
        ),
        (QueueSpec::new("q").with("x-expires", 9), "'x-expires'"),
    ] {
        let channel = lab.open();
        let refusal = lab.call(channel, declare(asked)).unwrap_err();
        assert!(refusal.text.contains(what), "{refusal}");
    }
}

// Q3
#[test]
fn a_passive_declaration_looks_at_existence_and_owner_only() {
    let mut lab = Lab::new();
    let owner = lab.open();
    lab.declare(owner, quorum("q"));
    lab.declare(owner, flags("mine", false, true, false));
    assert_eq!(lab.counts(owner, "q"), (0, 0)); // asked for as a classic one
    assert_eq!(lab.counts(owner, "mine"), (0, 0));
    for (name, code) in [("mine", 405), ("missing", 404)] {
        let other = lab.open();
        assert_eq!(lab.refused(other, passive(name)), (code, CHANNEL));
    }
    assert!(!lab.exists("missing"));
}

// Q4
#[test]
fn types_are_compared_and_unknown_arguments_are_accepted() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    let classic = QueueSpec::new("q").with("x-queue-type", "classic");
    lab.ok(channel, declare(classic));
    lab.ok(
        channel,
        declare(QueueSpec::new("free").with("x-whatever", "anything")),
    );
    let channel = lab.open();
    assert_eq!(lab.refused(channel, declare(quorum("q"))), (406, CHANNEL));
    let channel = lab.open();
    let unknown = QueueSpec::new("r").with("x-queue-type", "heap");
    assert_eq!(lab.refused(channel, declare(unknown)), (406, CHANNEL));
    assert!(!lab.exists("r"));
}

// Q4, W1
#[test]
fn an_argument_of_another_type_of_queue_is_refused() {
    for (spec, argument, value) in [
        (quorum("q"), "x-max-priority", Value::Int(5)), // W1
        (stream("q"), "x-max-priority", Value::Int(5)),
        (stream("q"), "x-message-ttl", Value::Int(5)),
        (stream("q"), "x-expires", Value::Int(5)),
        (stream("q"), "x-dead-letter-exchange", "d".into()),
        (stream("q"), "x-max-length", Value::Int(5)),
        (QueueSpec::new("q"), "x-delivery-limit", Value::Int(5)),
        (QueueSpec::new("q"), "x-max-age", "1h".into()),
        (
            QueueSpec::new("q"),
            "x-dead-letter-strategy",
            "at-least-once".into(),
        ),
    ] {
        let mut lab = Lab::new();
        let channel = lab.open();
        let kind = spec.arguments.get("x-queue-type").cloned();
        let refusal = lab
            .call(channel, declare(spec.with(argument, value)))
            .unwrap_err();
        let kind = match kind {
            Some(Value::Text(kind)) => kind.to_string(),
            _ => "classic".to_owned(),
        };
        assert_eq!(
            refusal.to_string(),
            format!(
                "406 PRECONDITION_FAILED - invalid arg '{argument}' for queue 'q' in vhost '/' of queue type rabbit_{kind}_queue"
            )
        );
        assert!(!lab.exists("q"));
    }
}

// Q5
#[test]
fn an_exclusive_queue_is_one_connections_and_goes_with_it() {
    for how in [Hangup::ByClient, Hangup::Lost, Hangup::ByOperator] {
        let mut lab = Lab::new();
        let owner = lab.open();
        lab.declare(owner, flags("q", false, true, false));
        lab.publish_numbers(owner, "q", 1, 2);
        for method in [
            get("q"),
            consume("q", "c"),
            purge("q"),
            delete("q", false, false),
            Method::BindQueue {
                queue: "q".into(),
                source: "amq.fanout".into(),
                key: "".into(),
                arguments: Table::new(),
            },
        ] {
            let other = lab.open();
            let name = method.name();
            assert_eq!(lab.refused(other, method), (405, CHANNEL), "{name}");
        }
        // Publishing is not an operation on a queue.
        let other = lab.open();
        lab.publish(other, "", "q", "3");
        assert_eq!(lab.ready("q"), ["1", "2", "3"]);
        // Another channel of the same connection may.
        let connection = lab.connection_of(owner);
        let second = lab.channel(connection);
        assert_eq!(lab.drain(second, "q"), ["1", "2", "3"]);
        lab.ok(owner, Method::Close);
        assert!(lab.exists("q"), "it is the connection's, not the channel's");
        lab.hang_up(second, how);
        assert!(!lab.exists("q"));
        assert_eq!(deletions(&lab), [Departure::ConnectionEnded]);
    }
}

// Q5, P7
#[test]
fn an_exclusive_queue_is_not_durable_even_if_it_says_so() {
    let mut lab = Lab::configured(leveret::broker::Configuration {
        write_delay: millis(10),
        ..Default::default()
    });
    let channel = lab.open();
    lab.declare(channel, flags("q", true, true, false));
    lab.ok(channel, declare(flags("q", false, true, false)));
    lab.ok(channel, Method::ConfirmSelect);
    let persistent = Properties {
        delivery_mode: Some(2),
        ..Properties::default()
    };
    lab.publish_with(channel, "", "q", "1", persistent);
    assert_eq!(lab.confirmed(), [(1, false, true)], "nothing is written");
}

// Q6
#[test]
fn an_auto_delete_queue_goes_with_its_last_consumer() {
    for by_close in [false, true] {
        let mut lab = Lab::new();
        let (one, two) = (lab.open(), lab.open());
        lab.declare(one, flags("q", true, false, true));
        lab.publish(one, "", "q", "1");
        lab.get(one, "q");
        lab.ok(two, Method::Close);
        assert!(lab.exists("q"), "nobody consumed, and a get is no consumer");
        let two = lab.open();
        lab.consume(one, "q", "a");
        lab.consume(two, "q", "b");
        lab.ok(one, cancel("a"));
        assert!(lab.exists("q"));
        let last = if by_close { Method::Close } else { cancel("b") };
        lab.ok(two, last);
        assert!(!lab.exists("q"));
        assert_eq!(deletions(&lab), [Departure::AutoDeleted]);
    }
}

// Q8
#[test]
fn quorum_queues_and_streams_are_durable_shared_and_stay() {
    for kind in ["quorum", "stream"] {
        for (durable, exclusive, auto_delete) in [
            (false, false, false),
            (true, true, false),
            (true, false, true),
        ] {
            let mut lab = Lab::new();
            let channel = lab.open();
            let spec = flags("q", durable, exclusive, auto_delete).with("x-queue-type", kind);
            assert_eq!(lab.refused(channel, declare(spec)), (406, CHANNEL));
            assert!(!lab.exists("q"));
        }
    }
}

// Q9
#[test]
fn deleting_what_is_missing_is_fine_and_flags_look_at_consumers_and_ready_messages() {
    let mut lab = Lab::new();
    let channel = lab.open();
    assert_eq!(lab.counted(channel, delete("missing", true, true)), 0);
    lab.queue(channel, "q");
    lab.publish_numbers(channel, "q", 1, 2);
    let other = lab.open();
    assert_eq!(lab.refused(other, delete("q", false, true)), (406, CHANNEL));
    let reader = lab.open();
    lab.consume(reader, "q", "c");
    let other = lab.open();
    assert_eq!(lab.refused(other, delete("q", true, false)), (406, CHANNEL));
    assert_eq!(lab.queue_named("q").unacked(), 2);
    // Unacked ones do not count, neither for the flag nor in the answer.
    assert_eq!(lab.counted(channel, delete("q", false, true)), 0);
    assert!(!lab.exists("q"));
    lab.queue(channel, "q");
    lab.publish_numbers(channel, "q", 3, 5);
    assert_eq!(lab.counted(channel, delete("q", true, false)), 3);
    assert_eq!(lab.counted(channel, delete("q", false, false)), 0, "twice");
    assert_eq!(deletions(&lab), [Departure::Deleted; 2]);
}

// Q9
#[test]
fn a_quorum_queue_knows_no_flags_and_a_stream_ignores_them() {
    for (if_unused, if_empty) in [(true, false), (false, true)] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.declare(channel, quorum("q"));
        let method = delete("q", if_unused, if_empty);
        assert_eq!(lab.refused(channel, method), (540, CONNECTION));
        assert!(lab.exists("q"));
        let channel = lab.open();
        lab.declare(channel, stream("s"));
        lab.publish_numbers(channel, "s", 1, 2);
        lab.ok(channel, qos(1));
        lab.consume(channel, "s", "c");
        lab.ok(channel, delete("s", if_unused, if_empty));
        assert!(!lab.exists("s"));
    }
}

// Q10, S13
#[test]
fn a_queues_end_kills_nothing_cancels_consumers_and_settles_publishers() {
    let mut lab = Lab::configured(leveret::broker::Configuration {
        write_delay: millis(10),
        ..Default::default()
    });
    let channel = lab.open();
    lab.queue(channel, "dead");
    let spec = QueueSpec::new("q")
        .with("x-dead-letter-exchange", "")
        .with("x-dead-letter-routing-key", "dead");
    lab.declare(channel, spec);
    lab.ok(channel, Method::ConfirmSelect);
    let persistent = || Properties {
        delivery_mode: Some(2),
        ..Properties::default()
    };
    let reader = lab.open();
    lab.ok(reader, qos(1));
    lab.consume(reader, "q", "c");
    lab.publish_with(channel, "", "q", "1", persistent());
    lab.publish_with(channel, "", "q", "2", persistent());
    assert_eq!(lab.confirmed(), [], "not written yet");
    assert_eq!(lab.counted(channel, delete("q", false, false)), 1);
    assert_eq!(lab.died(), []);
    assert_eq!(lab.ready("dead"), [] as [&str; 0]);
    assert_eq!(lab.confirmed(), [(2, true, true)]);
    let cancelled = lab.told(|event| match event {
        Event::Cancelled { why, .. } => Some(*why),
        _ => None,
    });
    assert_eq!(cancelled, [Cancellation::QueueDeleted]);
    let sent = lab.tape.sent.iter();
    let cancels = sent.filter(|sent| matches!(sent, Outgoing::Cancel { .. }));
    assert_eq!(cancels.count(), 1);
    let ended = lab.told(|event| match event {
        Event::QueueDeleted { copies, .. } => Some(copies.len()),
        _ => None,
    });
    assert_eq!(ended, [2], "the unacked one as well");
    // A late ack is harmless, once.
    lab.ok(reader, ack(1));
    assert_eq!(lab.refused(reader, ack(1)), (406, CHANNEL));
    assert_eq!(lab.broker.totals().acked, 0);
}

// Q11
#[test]
fn a_purge_drops_what_is_ready_and_nothing_else() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "dead");
    let spec = QueueSpec::new("q")
        .with("x-dead-letter-exchange", "")
        .with("x-dead-letter-routing-key", "dead");
    lab.declare(channel, spec);
    lab.publish_numbers(channel, "q", 1, 4);
    lab.ok(channel, get("q"));
    assert_eq!(lab.counted(channel, purge("q")), 3);
    assert_eq!(lab.counted(channel, purge("q")), 0);
    assert_eq!((lab.died(), lab.queue_named("q").unacked()), (vec![], 1));
    assert_eq!(lab.ready("dead"), [] as [&str; 0]);
    lab.ok(channel, nack(1));
    assert_eq!(lab.ready("q"), ["1"]);
    let purged = lab.told(|event| match event {
        Event::Purged { copies, .. } => Some(copies.len()),
        _ => None,
    });
    assert_eq!(purged, [3], "an empty purge is no event");
    lab.declare(channel, stream("s"));
    lab.publish(channel, "", "s", "1");
    assert_eq!(lab.refused(channel, purge("s")), (540, CONNECTION));
    assert_eq!(lab.queue_named("s").log().len(), 1);
}

// Q12
#[test]
fn arguments_have_their_ranges() {
    let longest = 315_360_000_000_i64;
    let text = Value::from;
    // Argument, good values, bad ones.
    let table: [(&str, &str, Vec<Value>, Vec<Value>); 9] = [
        (
            "classic",
            "x-expires",
            vec![1.into(), longest.into()],
            vec![
                0.into(),
                (-1).into(),
                (longest + 1).into(),
                text("1"),
                Value::Double(1.0),
            ],
        ),
        (
            "classic",
            "x-message-ttl",
            vec![0.into(), longest.into()],
            vec![(-1).into(), (longest + 1).into(), text("1")],
        ),
        (
            "quorum",
            "x-max-length",
            vec![0.into()],
            vec![(-1).into(), text("1")],
        ),
        (
            "classic",
            "x-max-length-bytes",
            vec![0.into()],
            vec![(-1).into()],
        ),
        (
            "classic",
            "x-max-priority",
            vec![0.into(), 255.into()],
            vec![256.into(), 3000.into(), (-10).into(), text("5")],
        ),
        (
            "classic",
            "x-overflow",
            vec![
                text("drop-head"),
                text("reject-publish"),
                text("reject-publish-dlx"),
            ],
            vec![text("drop-tail"), 1.into()],
        ),
        (
            "classic",
            "x-dead-letter-exchange",
            vec![text("")],
            vec![1.into()],
        ),
        (
            "classic",
            "x-single-active-consumer",
            vec![true.into()],
            vec![1.into(), text("true")],
        ),
        (
            "stream",
            "x-max-age",
            ["1Y", "2M", "3D", "4h", "5m", "6s"].map(text).into(),
            ["1", "1d", "", "h", "-1h", "0s"].map(text).into(),
        ),
    ];
    for (kind, argument, good, bad) in table {
        for value in good {
            let mut lab = Lab::new();
            let channel = lab.open();
            let spec = QueueSpec::new("q").with("x-queue-type", kind);
            lab.declare(channel, spec.with(argument, value));
        }
        for value in bad {
            let mut lab = Lab::new();
            let channel = lab.open();
            let spec = QueueSpec::new("q").with("x-queue-type", kind);
            let method = declare(spec.with(argument, value.clone()));
            assert_eq!(
                lab.refused(channel, method),
                (406, CHANNEL),
                "{argument} {value:?}"
            );
            assert!(!lab.exists("q"));
        }
    }
    let mut lab = Lab::new();
    let channel = lab.open();
    let alone = QueueSpec::new("q").with("x-dead-letter-routing-key", "k");
    assert_eq!(lab.refused(channel, declare(alone)), (406, CHANNEL));
}

// Q13
#[test]
fn the_queue_mode_changes_nothing() {
    for profile in Profile::ALL {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        lab.declare(channel, QueueSpec::new("q").with("x-queue-mode", "lazy"));
        lab.publish_numbers(channel, "q", 1, 3);
        lab.consume(channel, "q", "c");
        let bodies: Vec<_> = lab.delivered().into_iter().map(|(_, body)| body).collect();
        assert_eq!(bodies, ["1", "2", "3"]);
    }
}

// Time.

// Q20
#[test]
fn the_shorter_time_to_live_holds() {
    for (queue_ttl, own, dies) in [
        (Some(100), None, Some(100)),
        (None, Some("70"), Some(70)),
        (Some(100), Some("70"), Some(70)),
        (Some(100), Some("170"), Some(100)),
        (None, None, None),
    ] {
        let mut lab = Lab::new();
        let channel = lab.open();
        let mut spec = QueueSpec::new("q");
        if let Some(ttl) = queue_ttl {
            spec = spec.with("x-message-ttl", ttl);
        }
        lab.declare(channel, spec);
        lab.publish_with(channel, "", "q", "1", own.map(expiring).unwrap_or_default());
        match dies {
            None => assert_eq!(lab.broker.next_due(), None),
            Some(at) => {
                assert_eq!(lab.broker.next_due(), Some(millis(at)));
                lab.at(millis(at - 1));
                assert_eq!(lab.died(), []);
                lab.at(millis(at));
                let expected = [(1, DeathReason::Expired, None, Fate::Dropped)];
                assert_eq!(lab.died(), expected);
            }
        }
    }
}

// Q20
#[test]
fn an_expiration_that_is_no_number_is_refused_at_publish() {
    for text in ["", "1.5", "-1", "5 ", "x", "315360000001"] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.queue(channel, "q");
        // Even where nothing would take it.
        for key in ["q", "nowhere"] {
            let channel = lab.open();
            let method = lab.publishing("", key, "1", expiring(text), false);
            assert_eq!(lab.refused(channel, method), (406, CHANNEL), "{text:?}");
        }
        assert_eq!(lab.ready("q"), [] as [&str; 0]);
        assert_eq!(lab.broker.totals().copies, 0);
    }
}

// Q21
#[test]
fn a_short_lived_message_behind_a_long_lived_one_is_counted_but_never_delivered_late() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.publish_with(channel, "", "q", "1", expiring("1000"));
    lab.publish_with(channel, "", "q", "2", expiring("10"));
    lab.publish(channel, "", "q", "3");
    lab.at(millis(500));
    assert_eq!(lab.counts(channel, "q"), (3, 0));
    assert_eq!(lab.died(), []);
    lab.ok(channel, qos(1));
    lab.consume(channel, "q", "c");
    assert_eq!(lab.delivered(), [("c".into(), "1".into())]);
    let expected = [(2, DeathReason::Expired, None, Fate::Dropped)];
    assert_eq!(lab.died(), expected, "it came to the head");
    lab.ok(channel, ack(1));
    assert_eq!(lab.delivered(), [("c".into(), "3".into())]);
}

// Q21
#[test]
fn with_a_time_to_live_of_the_queue_messages_die_in_their_order() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, QueueSpec::new("q").with("x-message-ttl", 100));
    for number in 1..=3 {
        lab.at(millis(number * 10));
        lab.publish(channel, "", "q", &number.to_string());
    }
    for number in 1..=3 {
        lab.at(millis(number * 10 + 99));
        assert_eq!(lab.died().len() as u64, number - 1);
        lab.at(millis(number * 10 + 100));
        assert_eq!(lab.died().last().unwrap().0, number);
    }
}

// Q22
#[test]
fn a_requeue_does_not_renew_the_time_to_live() {
    for spec in [QueueSpec::new("q"), quorum("q")] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.declare(channel, spec.with("x-message-ttl", 100));
        lab.publish_numbers(channel, "q", 1, 2);
        lab.ok(channel, get("q"));
        lab.ok(channel, get("q"));
        lab.at(millis(60));
        lab.ok(channel, nack(1));
        lab.at(millis(99));
        assert_eq!(lab.ready("q"), ["1"]);
        lab.at(millis(100));
        assert_eq!(lab.ready("q"), [] as [&str; 0]);
        lab.at(millis(500));
        assert_eq!(
            lab.queue_named("q").unacked(),
            1,
            "what is held does not expire"
        );
        lab.consume(channel, "q", "c");
        lab.ok(channel, nack(2));
        let dead: Vec<_> = lab.died().into_iter().map(|died| died.0).collect();
        assert_eq!(dead, [1, 2], "it is never delivered late");
        assert_eq!(lab.delivered(), []);
    }
}

// Q22
#[test]
fn a_time_to_live_of_zero_hands_over_or_expires() {
    for spec in [QueueSpec::new("q"), quorum("q")] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.declare(channel, spec.with("x-message-ttl", 0));
        lab.publish(channel, "", "q", "1");
        assert_eq!(lab.ready("q"), [] as [&str; 0]);
        let expected = vec![(1, DeathReason::Expired, None, Fate::Dropped)];
        assert_eq!(lab.died(), expected);
        lab.ok(channel, qos(1));
        lab.consume(channel, "q", "c");
        lab.publish(channel, "", "q", "2");
        assert_eq!(lab.delivered(), [("c".into(), "2".into())]);
        lab.publish(channel, "", "q", "3");
        assert_eq!(lab.delivered(), [], "nobody has room");
        let dead: Vec<_> = lab.died().into_iter().map(|died| died.0).collect();
        assert_eq!(dead, [1, 3]);
        // Requeued, it has no time to wait for a second delivery.
        lab.ok(channel, nack(1));
        assert_eq!(lab.delivered(), []);
        assert_eq!(lab.died().last().unwrap().0, 2);
    }
}

// Q23
#[test]
fn a_quorum_queue_expires_at_its_head_only_and_from_4_3_on_at_the_head_of_each_priority() {
    for profile in Profile::ALL {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        lab.declare(channel, quorum("q"));
        let send = |lab: &mut Lab, body: &str, priority: u8, expiration: Option<&str>| {
            let properties = Properties {
                priority: Some(priority),
                expiration: expiration.map(Into::into),
                ..Properties::default()
            };
            lab.publish_with(channel, "", "q", body, properties);
        };
        send(&mut lab, "1", 9, Some("1000"));
        send(&mut lab, "2", 9, Some("10")); // behind one of its own priority
        send(&mut lab, "3", 0, Some("10")); // head of the lower
        lab.at(millis(10));
        let dead: Vec<_> = lab.died().into_iter().map(|died| died.0).collect();
        let expected: &[u64] = if profile == Profile::V4_3 { &[3] } else { &[] };
        assert_eq!(dead, expected, "{profile}");
        assert_eq!(lab.queue_named("q").ready_len(), 3 - expected.len());
        lab.at(millis(1000));
        let mut dead: Vec<_> = lab.died().into_iter().map(|died| died.0).collect();
        dead.sort_unstable();
        assert_eq!(dead, [1, 2, 3], "{profile}");
    }
}

// Q23
#[test]
fn a_stream_expires_nothing() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, stream("s"));
    lab.publish_with(channel, "", "s", "1", expiring("10"));
    assert_eq!(lab.broker.next_due(), None);
    lab.at(millis(1000));
    assert_eq!(lab.queue_named("s").log().len(), 1);
    assert_eq!(lab.died(), []);
}

// Q24
#[test]
fn a_lease_is_renewed_by_use() {
    // What is done at 60 of 100, and whether it renews: a classic queue, a quorum queue.
    let uses: [(
        &str,
        fn(&mut Lab, leveret::broker::ChannelId, QueueSpec),
        bool,
        bool,
    ); 6] = [
        ("nothing", |_, _, _| (), false, false),
        (
            "publish",
            |lab, channel, _| lab.publish(channel, "", "q", "1"),
            false,
            false,
        ),
        (
            "declare",
            |lab, channel, spec| lab.declare(channel, spec),
            true,
            false,
        ),
        (
            "passive declare",
            |lab, channel, _| _ = lab.counts(channel, "q"),
            true,
            false,
        ),
        (
            "get, though empty",
            |lab, channel, _| assert!(lab.get(channel, "q").is_none()),
            true,
            true,
        ),
        (
            "consumer that goes",
            |lab, channel, _| {
                lab.consume(channel, "q", "c");
                lab.ok(channel, cancel("c"));
            },
            true,
            true,
        ),
    ];
    for (what, used, classic, replicated) in uses {
        for (spec, renews) in [(QueueSpec::new("q"), classic), (quorum("q"), replicated)] {
            let replicated = spec.arguments.contains_key("x-queue-type");
            // A quorum queue looks every five seconds.
            let unit = if replicated { 50 } else { 1 };
            let spec = spec.with("x-expires", 99 * unit);
            let mut lab = Lab::new();
            let channel = lab.open();
            lab.declare(channel, spec.clone());
            lab.at(millis(60 * unit as u64));
            used(&mut lab, channel, spec.clone());
            let end = match (replicated, renews) {
                (true, true) => 10_000,
                (true, false) => 5_000,
                (false, true) => 159,
                (false, false) => 99,
            };
            lab.at(millis(end - 1));
            assert!(lab.exists("q"), "{what} {spec:?}");
            lab.at(millis(end));
            assert!(!lab.exists("q"), "{what} {spec:?}");
            assert_eq!(deletions(&lab), [Departure::Expired]);
        }
    }
}

// Q24, Q10
#[test]
fn a_queue_with_a_consumer_does_not_expire_and_an_expired_one_kills_nothing() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "dead");
    let spec = QueueSpec::new("q")
        .with("x-expires", 100)
        .with("x-dead-letter-exchange", "")
        .with("x-dead-letter-routing-key", "dead");
    lab.declare(channel, spec);
    lab.consume(channel, "q", "c");
    lab.at(millis(10_000));
    assert!(lab.exists("q"));
    lab.publish_numbers(channel, "q", 1, 2);
    lab.ok(channel, ack(1));
    lab.ok(channel, cancel("c"));
    lab.at(millis(10_099));
    assert!(lab.exists("q"));
    lab.at(millis(10_100));
    assert!(!lab.exists("q"), "what is unacked does not keep it");
    assert_eq!(lab.died(), []);
    assert_eq!(lab.ready("dead"), [] as [&str; 0]);
    lab.ok(channel, nack(2));
}

// Q24, O2
#[test]
fn a_lease_given_by_a_policy_begins_with_it() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.at(millis(500));
    lab.operate(policy("lease", table("expires", 100))).unwrap();
    assert!(lab.exists("q"));
    lab.at(millis(599));
    assert!(lab.exists("q"));
    lab.at(millis(600));
    assert!(!lab.exists("q"));
}

// Length.

// Q25
#[test]
fn limits_count_ready_messages_and_bodies_and_hold_together() {
    for (arguments, sizes, ready, limit) in [
        (vec![("x-max-length", 2)], [1, 1, 1], 2, Limit::Messages(2)),
        (
            vec![("x-max-length-bytes", 5)],
            [2, 3, 1],
            2,
            Limit::Bytes(5),
        ),
        (
            vec![("x-max-length", 5), ("x-max-length-bytes", 4)],
            [2, 2, 1],
            2,
            Limit::Bytes(4),
        ),
        (
            vec![("x-max-length", 2), ("x-max-length-bytes", 99)],
            [2, 2, 1],
            2,
            Limit::Messages(2),
        ),
    ] {
        let mut lab = Lab::new();
        let channel = lab.open();
        let mut spec = QueueSpec::new("q");
        for (name, value) in arguments {
            spec = spec.with(name, value);
        }
        lab.declare(channel, spec);
        for size in sizes {
            lab.publish(channel, "", "q", &"x".repeat(size));
        }
        assert_eq!(lab.ready("q").len(), ready);
        assert_eq!(
            lab.died(),
            [(1, DeathReason::MaxLen, Some(limit), Fate::Dropped)]
        );
    }
    // What is delivered does not count.
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, QueueSpec::new("q").with("x-max-length", 1));
    for number in 1..=3 {
        lab.publish(channel, "", "q", &number.to_string());
        lab.ok(channel, get("q"));
    }
    assert_eq!((lab.queue_named("q").unacked(), lab.died()), (3, vec![]));
}

// Q26, Q29
#[test]
fn drop_head_takes_the_new_message_and_acks_it() {
    for spec in [QueueSpec::new("q"), quorum("q")] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.declare(channel, spec.with("x-max-length", 1));
        lab.ok(channel, Method::ConfirmSelect);
        lab.publish_numbers(channel, "q", 1, 3);
        let limit = Some(Limit::Messages(1));
        let died = |message| (message, DeathReason::MaxLen, limit, Fate::Dropped);
        assert_eq!(lab.died(), [died(1), died(2)]);
        assert_eq!(
            lab.confirmed(),
            [1, 2, 3].map(|number| (number, false, true))
        );
        assert_eq!(lab.drain(channel, "q"), ["3"]);
    }
}

// Q26
#[test]
fn a_limit_of_zero_hands_over_only() {
    for spec in [QueueSpec::new("q"), quorum("q")] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.declare(channel, spec.with("x-max-length", 0));
        lab.publish(channel, "", "q", "1");
        let limit = Some(Limit::Messages(0));
        let died = |message| (message, DeathReason::MaxLen, limit, Fate::Dropped);
        assert_eq!(lab.died(), [died(1)], "the new one itself");
        lab.ok(channel, qos(1));
        lab.consume(channel, "q", "c");
        lab.publish_numbers(channel, "q", 2, 3);
        assert_eq!(lab.delivered(), [("c".into(), "2".into())]);
        assert_eq!(lab.died(), [died(1), died(3)]);
    }
}

// Q26: a requeue meets the limit as well.
#[test]
fn what_comes_back_to_a_full_queue_is_the_oldest() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, QueueSpec::new("q").with("x-max-length", 2));
    lab.publish_numbers(channel, "q", 1, 2);
    lab.ok(channel, get("q"));
    lab.publish(channel, "", "q", "3");
    assert_eq!(lab.died(), []);
    lab.ok(channel, nack(1));
    assert_eq!(lab.ready("q"), ["2", "3"]);
    let limit = Some(Limit::Messages(2));
    assert_eq!(lab.died(), [(1, DeathReason::MaxLen, limit, Fate::Dropped)]);
}

// Q26, O2
#[test]
fn a_policy_that_lowers_the_limit_drops_at_once() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.publish_numbers(channel, "q", 1, 5);
    lab.operate(policy("short", table("max-length", 2)))
        .unwrap();
    assert_eq!(lab.ready("q"), ["4", "5"]);
}

// Q27, Q29, P9
#[test]
fn reject_publish_keeps_what_is_there_and_nacks() {
    for confirms in [true, false] {
        let mut lab = Lab::new();
        let channel = lab.open();
        let spec = QueueSpec::new("q")
            .with("x-max-length", 1)
            .with("x-overflow", "reject-publish");
        lab.declare(channel, spec);
        if confirms {
            lab.ok(channel, Method::ConfirmSelect);
        }
        lab.publish_numbers(channel, "q", 1, 3);
        let limit = Limit::Messages(1);
        assert_eq!(lab.turned_away(), [(2, limit), (3, limit)]);
        assert_eq!(lab.died(), []);
        let expected: &[_] = if confirms {
            &[(1, false, true), (2, false, false), (3, false, false)]
        } else {
            &[]
        };
        assert_eq!(lab.confirmed(), expected);
        assert_eq!(lab.drain(channel, "q"), ["1"]);
    }
}

// Q27
#[test]
fn reject_publish_looks_before_it_enqueues_even_if_a_consumer_waits() {
    let mut lab = Lab::new();
    let channel = lab.open();
    let spec = QueueSpec::new("q")
        .with("x-max-length", 0)
        .with("x-overflow", "reject-publish");
    lab.declare(channel, spec);
    lab.consume(channel, "q", "c");
    lab.publish(channel, "", "q", "1");
    assert_eq!(lab.delivered(), []);
    assert_eq!(lab.turned_away(), [(1, Limit::Messages(0))]);
}

// Q27
#[test]
fn requeues_may_exceed_the_limit_of_a_queue_that_rejects() {
    for overflow in ["reject-publish", "reject-publish-dlx"] {
        let mut lab = Lab::new();
        let channel = lab.open();
        let spec = QueueSpec::new("q")
            .with("x-max-length", 1)
            .with("x-overflow", overflow);
        lab.declare(channel, spec);
        lab.publish(channel, "", "q", "1");
        lab.ok(channel, get("q"));
        lab.publish(channel, "", "q", "2");
        lab.ok(channel, nack(1));
        assert_eq!(lab.ready("q"), ["1", "2"]);
        assert_eq!(lab.died(), []);
        lab.publish(channel, "", "q", "3");
        assert_eq!(lab.ready("q"), ["1", "2"]);
    }
}

// Q27
#[test]
fn a_quorum_queue_overshoots_a_little() {
    let mut lab = Lab::new();
    let channel = lab.open();
    let spec = quorum("q")
        .with("x-max-length", 1)
        .with("x-overflow", "reject-publish");
    lab.declare(channel, spec);
    lab.ok(channel, Method::ConfirmSelect);
    lab.publish_numbers(channel, "q", 1, 3);
    assert_eq!(lab.ready("q"), ["1", "2"]);
    assert_eq!(lab.turned_away(), [(3, Limit::Messages(1))]);
    let acks: Vec<_> = lab
        .confirmed()
        .into_iter()
        .map(|confirm| confirm.2)
        .collect();
    assert_eq!(acks, [true, true, false]);
}

// Q28, D1
#[test]
fn reject_publish_dlx_also_dead_letters() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "dead");
    let full = |spec: QueueSpec| {
        spec.with("x-max-length", 1)
            .with("x-overflow", "reject-publish-dlx")
            .with("x-dead-letter-exchange", "")
            .with("x-dead-letter-routing-key", "dead")
    };
    lab.declare(channel, full(QueueSpec::new("q")));
    lab.ok(channel, Method::ConfirmSelect);
    lab.publish_numbers(channel, "q", 1, 2);
    let default = lab.broker.definitions().exchange_named("").unwrap().id;
    let limit = Some(Limit::Messages(1));
    let fate = Fate::DeadLettered(default);
    assert_eq!(lab.died(), [(2, DeathReason::MaxLen, limit, fate.clone())]);
    assert_eq!(lab.confirmed(), [(1, false, true), (2, false, false)]);
    assert_eq!(
        (lab.ready("q"), lab.ready("dead")),
        (vec!["1".into()], vec!["2".into()])
    );
    // A quorum queue does not do it: it drops its head.
    lab.declare(channel, full(quorum("r")));
    lab.publish_numbers(channel, "r", 3, 4);
    assert_eq!(
        lab.died().last(),
        Some(&(3, DeathReason::MaxLen, limit, fate))
    );
    assert_eq!(
        (lab.ready("r"), lab.ready("dead")),
        (vec!["4".into()], vec!["2".into(), "3".into()])
    );
}
