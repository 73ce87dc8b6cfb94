//! What strangers found wrong, and live brokers showed: the smallest program for each, with the right value.

use leveret::broker::{
    DeathReason, Event, Hangup, Method, Micros, Profile, Properties, QueueSpec, Reply, ReplyCode,
    Table, Value,
};

use crate::lab::{Lab, ack, bind, declare, nack, qos, table, unbind};
use crate::lab_queues::{
    cancel, consume_with, delete, expiring, get, kill, passive, policy, prioritized, quorum,
    reject, stream,
};

const BOTH: [Profile; 2] = [Profile::V4_2, Profile::V4_3];

fn numbers(lab: &mut Lab, channel: leveret::broker::ChannelId, queue: &str, range: [u64; 2]) {
    lab.publish_numbers(channel, queue, range[0], range[1]);
}

/// What was delivered since, as consumers and bodies.
fn handed(lab: &mut Lab) -> String {
    let rows = lab.delivered().into_iter();
    let rows: Vec<_> = rows.map(|(to, body)| format!("{to} {body}")).collect();
    rows.join(", ")
}

fn recover() -> Method {
    Method::Recover { requeue: true }
}

// S9
#[test]
fn a_full_consumer_keeps_its_turn_until_it_is_asked_in_vain() {
    for profile in BOTH {
        let mut lab = Lab::with(profile);
        let [one, two] = [(); 2].map(|()| lab.open());
        lab.queue(one, "q");
        lab.ok(one, qos(1, false));
        lab.ok(two, qos(1, false));
        lab.consume(one, "q", "t2");
        lab.consume(two, "q", "t1");
        numbers(&mut lab, one, "q", [1, 1]);
        assert_eq!(handed(&mut lab), "t2 1");
        lab.ok(one, ack(1, false));
        // t1 is first in the round now, and t2 behind it.
        numbers(&mut lab, one, "q", [2, 2]);
        assert_eq!(handed(&mut lab), "t1 2");
        // Both are there still, though t1 is full: it is asked when its turn comes.
        numbers(&mut lab, one, "q", [3, 3]);
        assert_eq!(handed(&mut lab), "t2 3");
        lab.ok(one, ack(2, false));
        numbers(&mut lab, one, "q", [4, 4]);
        // t1 was asked in vain by now and has left the round.
        assert_eq!(handed(&mut lab), "t2 4", "{profile}");
    }
}

// S9
#[test]
fn an_alone_consumer_on_a_channel_is_not_overtaken_while_it_is_merely_full() {
    for profile in BOTH {
        let mut lab = Lab::with(profile);
        let [one, two] = [(); 2].map(|()| lab.open());
        lab.queue(one, "q");
        lab.ok(one, qos(1, false));
        lab.consume(one, "q", "t2");
        numbers(&mut lab, one, "q", [1, 1]);
        assert_eq!(handed(&mut lab), "t2 1");
        lab.ok(two, qos(1, false));
        lab.consume(two, "q", "t1");
        lab.ok(one, ack(1, false));
        numbers(&mut lab, one, "q", [2, 2]);
        assert_eq!(handed(&mut lab), "t2 2", "{profile}");
    }
}

/// Two consumers on one channel that hold m0 to m3 of a queue, each two of them.
fn two_hold_four(profile: Profile, spec: QueueSpec) -> (Lab, leveret::broker::ChannelId) {
    let mut lab = Lab::with(profile);
    let channel = lab.open();
    lab.declare(channel, spec);
    lab.consume(channel, "q", "t0");
    lab.consume(channel, "q", "t1");
    numbers(&mut lab, channel, "q", [0, 3]);
    assert_eq!(handed(&mut lab), "t0 0, t1 1, t0 2, t1 3");
    (lab, channel)
}

// D5, S10, S11
#[test]
fn what_one_method_gives_back_is_given_back_consumer_by_consumer() {
    for profile in BOTH {
        for how in [nack(4, true, true), recover()] {
            for spec in [QueueSpec::new("q"), quorum("q")] {
                let (mut lab, channel) = two_hold_four(profile, spec);
                lab.ok(channel, how.clone());
                let bodies: Vec<_> = lab.delivered().into_iter().map(|it| it.1).collect();
                assert_eq!(bodies, ["0", "2", "1", "3"], "{profile} {how:?}");
            }
        }
    }
}

// D5
#[test]
fn what_one_method_turns_away_dies_consumer_by_consumer() {
    for profile in BOTH {
        for spec in [QueueSpec::new("q"), quorum("q")] {
            let spec = spec
                .with("x-dead-letter-exchange", "")
                .with("x-dead-letter-routing-key", "dead");
            let (mut lab, channel) = two_hold_four(profile, spec);
            lab.queue(channel, "dead");
            lab.ok(channel, nack(4, true, false));
            assert_eq!(lab.ready("dead"), ["0", "2", "1", "3"], "{profile}");
        }
    }
}

// C12, S10
#[test]
fn a_quorum_queue_takes_back_consumer_by_consumer_when_the_channel_closes() {
    for profile in BOTH {
        let (mut lab, channel) = two_hold_four(profile, quorum("q"));
        lab.ok(channel, Method::Close);
        assert_eq!(lab.ready("q"), ["0", "2", "1", "3"], "{profile}");
        let (mut lab, channel) = two_hold_four(profile, QueueSpec::new("q"));
        lab.ok(channel, Method::Close);
        assert_eq!(lab.ready("q"), ["0", "1", "2", "3"], "{profile}");
    }
}

// S9
#[test]
fn a_quorum_queue_sends_each_consumer_together_what_it_hands_out_at_once() {
    let mut lab = Lab::new();
    let [one, two] = [(); 2].map(|()| lab.open());
    lab.declare(one, quorum("q"));
    numbers(&mut lab, one, "q", [1, 3]);
    lab.consume(two, "q", "holds");
    lab.consume(one, "q", "c0");
    lab.consume(one, "q", "c2");
    handed(&mut lab);
    lab.ok(two, Method::Close);
    assert_eq!(handed(&mut lab), "c0 1, c0 3, c2 2");
}

// S8
#[test]
fn a_prefetch_of_the_channel_does_not_count_for_quorum_queues_and_streams() {
    for spec in [quorum("q"), stream("q")] {
        let mut lab = Lab::with(Profile::V4_2);
        let channel = lab.open();
        lab.declare(channel, spec);
        lab.ok(channel, qos(10, false));
        lab.consume(channel, "q", "c");
        lab.ok(channel, qos(1, true));
        numbers(&mut lab, channel, "q", [1, 3]);
        assert_eq!(handed(&mut lab), "c 1, c 2, c 3");
    }
}

// S8, P10
#[test]
fn what_a_transaction_has_acknowledged_does_not_count_for_the_channel() {
    let mut lab = Lab::with(Profile::V4_2);
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.consume(channel, "q", "c");
    numbers(&mut lab, channel, "q", [1, 1]);
    lab.ok(channel, Method::TxSelect);
    lab.ok(channel, reject(1));
    lab.ok(channel, qos(1, true));
    handed(&mut lab);
    let other = lab.open();
    numbers(&mut lab, other, "q", [2, 2]);
    assert_eq!(handed(&mut lab), "c 2");
}

// S8: what a channel holds counts until all that one method gives back is back.
#[test]
fn what_comes_back_goes_to_other_channels_before_the_one_that_is_full() {
    let mut lab = Lab::with(Profile::V4_2);
    let [one, two] = [(); 2].map(|()| lab.open());
    lab.queue(one, "q");
    lab.ok(one, qos(1, true));
    lab.consume(one, "q", "full");
    numbers(&mut lab, one, "q", [1, 1]);
    lab.consume(two, "q", "free");
    assert_eq!(handed(&mut lab), "full 1");
    lab.ok(one, nack(1, false, true));
    assert_eq!(handed(&mut lab), "free 1");
}

fn offset(value: impl Into<Value>) -> Table {
    table("x-stream-offset", value)
}

// Q47
#[test]
fn a_stream_s_reader_may_wait_for_an_offset_that_is_still_to_come() {
    for (from, expected) in [(3, "c 3"), (-1, "c 0, c 1, c 2, c 3"), (1, "c 1, c 2, c 3")] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.declare(channel, stream("s"));
        numbers(&mut lab, channel, "s", [0, 0]);
        lab.ok(channel, qos(10, false));
        lab.ok(channel, consume_with("s", "c", offset(from)));
        numbers(&mut lab, channel, "s", [1, 3]);
        assert_eq!(handed(&mut lab), expected, "{from}");
    }
}

// S14, Q47
#[test]
fn a_stream_s_reader_gets_its_credit_back_by_recovering() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, stream("s"));
    lab.ok(channel, qos(1, false));
    lab.ok(channel, consume_with("s", "c", offset("first")));
    numbers(&mut lab, channel, "s", [1, 2]);
    assert_eq!(handed(&mut lab), "c 1");
    lab.ok(channel, recover());
    assert_eq!(handed(&mut lab), "c 2");
}

// Q47
#[test]
fn a_stream_says_of_each_message_whether_it_is_persistent() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, stream("s"));
    lab.ok(channel, qos(5, false));
    lab.consume(channel, "s", "c");
    for mode in [None, Some(1), Some(2)] {
        let properties = Properties {
            delivery_mode: mode,
            ..Properties::default()
        };
        lab.publish_with(channel, "", "s", "m", properties);
    }
    let modes = lab.sent(|sent| match sent {
        leveret::broker::Outgoing::Delivery(it) => {
            Some(it.message.publication.properties.delivery_mode)
        }
        _ => None,
    });
    assert_eq!(modes, [Some(1), Some(1), Some(2)]);
}

// Q43
#[test]
fn an_active_consumer_that_was_to_give_way_gets_nothing_until_it_holds_nothing() {
    let mut lab = Lab::new();
    let [two, three] = [(); 2].map(|()| lab.open());
    lab.declare(two, quorum("q").with("x-single-active-consumer", true));
    lab.consume(two, "q", "t2");
    numbers(&mut lab, two, "q", [1, 1]);
    lab.ok(three, consume_with("q", "t3", table("x-priority", 5)));
    lab.ok(three, cancel("t3"));
    numbers(&mut lab, two, "q", [2, 2]);
    assert_eq!(handed(&mut lab), "t2 1");
    lab.ok(two, ack(1, false));
    assert_eq!(handed(&mut lab), "t2 2");
}

// Q26
#[test]
fn what_a_quorum_queue_drops_at_once_dies_newest_first_until_4_3() {
    for (profile, expected) in [
        (Profile::V4_2, ["3", "2", "1"]),
        (Profile::V4_3, ["1", "2", "3"]),
    ] {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        let spec = quorum("q")
            .with("x-dead-letter-exchange", "")
            .with("x-dead-letter-routing-key", "dead");
        lab.declare(channel, spec);
        lab.queue(channel, "dead");
        numbers(&mut lab, channel, "q", [1, 4]);
        let mut limit = policy("short", table("max-length", 1));
        if let leveret::broker::Operation::SetPolicy(spec) = &mut limit {
            spec.pattern = "^q$".into();
        }
        lab.operate(limit).unwrap();
        assert_eq!(lab.ready("dead"), expected, "{profile}");
    }
}

// Q21, Q23, Q26
#[test]
fn what_comes_back_too_late_has_expired_in_a_quorum_queue_and_is_over_the_limit_in_a_classic_one() {
    use DeathReason::{Expired, MaxLen};
    for (profile, spec, expected) in [
        (Profile::V4_2, quorum("q"), [MaxLen, Expired]),
        (Profile::V4_2, QueueSpec::new("q"), [MaxLen, MaxLen]),
        (Profile::V4_3, quorum("q"), [Expired, MaxLen]),
        (Profile::V4_3, QueueSpec::new("q"), [MaxLen, MaxLen]),
    ] {
        let mut lab = Lab::with(profile);
        let [channel, other] = [(); 2].map(|()| lab.open());
        lab.declare(channel, spec.with("x-max-length", 1));
        lab.consume(other, "q", "c");
        for ttl in ["10", "60000", "60000"] {
            let properties = Properties {
                expiration: Some(ttl.into()),
                ..Properties::default()
            };
            lab.publish_with(channel, "", "q", "m", properties);
        }
        lab.at(Micros::from_millis(20));
        lab.ok(other, Method::Close);
        let died = |event: &Event| match event {
            Event::Died { reason, .. } => Some(*reason),
            _ => None,
        };
        assert_eq!(lab.told(died), expected, "{profile}");
    }
}

// S3, Q21
#[test]
fn getting_counts_what_has_expired_behind_as_each_type_of_queue_does() {
    for (spec, no_ack, remaining) in [
        (QueueSpec::new("q"), false, 3),
        (QueueSpec::new("q"), true, 3),
        (quorum("q"), false, 5),
        (quorum("q"), true, 3),
    ] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.declare(channel, spec);
        for (body, ttl) in [
            ("0", None),
            ("1", Some("10")),
            ("2", Some("10")),
            ("3", None),
            ("4", Some("10")),
            ("5", None),
        ] {
            let properties = ttl.map_or_else(Properties::default, expiring);
            lab.publish_with(channel, "", "q", body, properties);
        }
        lab.at(Micros::from_millis(50));
        match lab.ok(channel, crate::lab::get("q", no_ack)) {
            Reply::Got {
                remaining: told, ..
            } => assert_eq!(told, remaining),
            other => panic!("{other:?}"),
        }
        assert_eq!(lab.ready("q"), ["3", "4", "5"]);
    }
}

// Q2
#[test]
fn a_declaration_is_told_of_the_consumers_that_its_type_of_queue_counts() {
    for (spec, both, active) in [
        (QueueSpec::new("q"), 2, 2),
        (quorum("q"), 2, 1),
        (stream("q"), 0, 0),
    ] {
        for alone in [false, true] {
            if alone && spec.arguments.get("x-queue-type") == Some(&"stream".into()) {
                continue;
            }
            let mut lab = Lab::new();
            let channel = lab.open();
            let spec = match alone {
                true => spec.clone().with("x-single-active-consumer", true),
                false => spec.clone(),
            };
            lab.declare(channel, spec);
            lab.ok(channel, qos(5, false));
            lab.consume(channel, "q", "a");
            lab.consume(channel, "q", "b");
            let expected = if alone { active } else { both };
            assert_eq!(consumers(&mut lab, channel), expected);
        }
    }
    // Whoever holds something of a quorum queue is counted: one that was cancelled, and each `basic.get`.
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, quorum("q"));
    lab.consume(channel, "q", "a");
    numbers(&mut lab, channel, "q", [1, 2]);
    lab.ok(channel, cancel("a"));
    assert_eq!(consumers(&mut lab, channel), 1);
    // Under its tag it is the same one again.
    lab.consume(channel, "q", "a");
    assert_eq!(consumers(&mut lab, channel), 1);
    lab.ok(channel, cancel("a"));
    numbers(&mut lab, channel, "q", [3, 4]);
    lab.ok(channel, get("q"));
    lab.ok(channel, get("q"));
    assert_eq!(consumers(&mut lab, channel), 3);
    lab.ok(channel, ack(2, true));
    assert_eq!(consumers(&mut lab, channel), 2);
    lab.ok(channel, ack(0, true));
    assert_eq!(consumers(&mut lab, channel), 0);
}

fn consumers(lab: &mut Lab, channel: leveret::broker::ChannelId) -> usize {
    match lab.ok(channel, passive("q")) {
        Reply::Queue { consumers, .. } => consumers,
        other => panic!("{other:?}"),
    }
}

// Q9
#[test]
fn a_stream_that_is_deleted_tells_of_no_messages() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, stream("s"));
    numbers(&mut lab, channel, "s", [1, 1]);
    assert_eq!(lab.counted(channel, delete("s", false, false)), 0);
}

// Q9
#[test]
fn of_a_queue_that_is_neither_empty_nor_unused_it_is_told_that_it_is_not_empty() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.ok(channel, qos(1, false));
    lab.consume(channel, "q", "c");
    numbers(&mut lab, channel, "q", [1, 2]);
    let refusal = lab.call(channel, delete("q", true, true)).unwrap_err();
    assert_eq!(refusal.text, "queue 'q' in vhost '/' not empty");
}

// Q47, Q4
#[test]
fn a_consumer_s_arguments_are_looked_at_in_rabbitmqs_order() {
    let invalid = |offset: &str| {
        format!(
            "invalid arg 'x-stream-offset' for queue 's' in vhost '/': {{invalid_stream_offset_arg,{{longstr,<<\"{offset}\">>}}}}"
        )
    };
    let foreign = |name: &str, kind: &str| {
        format!("invalid arg '{name}' for queue 's' in vhost '/' of queue type rabbit_{kind}_queue")
    };
    let unset = "consumer prefetch count is not set for stream queue 's' in vhost '/'".to_owned();
    let classic = || QueueSpec::new("s");
    for (spec, arguments, no_ack, code, text) in [
        (stream("s"), offset("5"), false, 406, invalid("5")),
        (stream("s"), offset("0h"), false, 406, invalid("0h")),
        (
            stream("s"),
            offset("sometime"),
            false,
            406,
            invalid("sometime"),
        ),
        (stream("s"), offset(3), false, 406, unset.clone()),
        (stream("s"), Table::new(), true, 406, unset),
        (
            classic(),
            offset(3),
            false,
            406,
            foreign("x-stream-offset", "classic"),
        ),
        (
            quorum("s"),
            offset("5"),
            false,
            406,
            foreign("x-stream-offset", "quorum"),
        ),
        (
            stream("s"),
            table("x-priority", 1),
            false,
            406,
            foreign("x-priority", "stream"),
        ),
        (
            classic(),
            table("x-consumer-timeout", -1),
            false,
            406,
            foreign("x-consumer-timeout", "classic"),
        ),
        (
            quorum("s"),
            table("x-consumer-timeout", -1),
            false,
            406,
            "invalid arg 'x-consumer-timeout' for queue 's' in vhost '/': {value_negative,-1}"
                .into(),
        ),
    ] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.declare(channel, spec);
        let asked = Method::Consume {
            queue: "s".into(),
            tag: "c".into(),
            no_ack,
            exclusive: false,
            arguments,
        };
        let refusal = lab.call(channel, asked).unwrap_err();
        assert_eq!((refusal.code.number(), refusal.text), (code, text));
    }
}

// S15
#[test]
fn a_consumer_of_a_quorum_queue_may_say_how_long_it_takes() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, quorum("q"));
    let quick = table("x-consumer-timeout", 60_000);
    lab.ok(channel, consume_with("q", "quick", quick));
    numbers(&mut lab, channel, "q", [1, 1]);
    lab.at(Micros::from_secs(59));
    assert_eq!(lab.ready("q"), [""; 0]);
    lab.at(Micros::from_secs(150));
    assert_eq!(lab.consumers("q"), 0);
    assert_eq!(lab.ready("q"), ["1"]);
}

// Q3
#[test]
fn of_a_queue_that_is_there_only_what_differs_is_told() {
    for (arguments, text) in [
        (
            table("x-expires", -1),
            "inequivalent arg 'x-expires' for queue 'q' in vhost '/': received the value '-1' of type 'signedint' but current is none",
        ),
        (
            table("x-queue-type", "odd"),
            "inequivalent arg 'x-queue-type' for queue 'q' in vhost '/': received 'odd' but current is 'classic'",
        ),
        (
            table("x-queue-type", 1),
            "inequivalent arg 'x-queue-type' for queue 'q' in vhost '/': received '1' but current is 'classic'",
        ),
    ] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.queue(channel, "q");
        let again = QueueSpec {
            arguments,
            ..QueueSpec::new("q")
        };
        assert_eq!(lab.call(channel, declare(again)).unwrap_err().text, text);
    }
    // What is for other types of queue is not even compared.
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.ok(
        channel,
        declare(QueueSpec::new("q").with("x-max-age", "1h")),
    );
    // Whose it is comes first.
    let mine = QueueSpec {
        exclusive: true,
        durable: false,
        ..QueueSpec::new("mine")
    };
    lab.declare(channel, mine);
    let other = lab.open();
    let asked = QueueSpec::new("mine").with("x-expires", -1);
    let refusal = lab.call(other, declare(asked)).unwrap_err();
    assert_eq!(refusal.code, ReplyCode::ResourceLocked);
}

// Q44
#[test]
fn a_delivery_limit_that_is_no_number_is_no_limit() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, quorum("q").with("x-delivery-limit", "abc"));
    assert_eq!(lab.queue_named("q").settings.delivery_limit, None);
}

// Q27
#[test]
fn a_full_quorum_queue_takes_dead_letters_all_the_same() {
    for profile in BOTH {
        for (from, to, kept) in [
            (QueueSpec::new("q"), quorum("dead"), 12),
            (quorum("q"), quorum("dead"), 12),
            (QueueSpec::new("q"), QueueSpec::new("dead"), 3),
            (quorum("q"), QueueSpec::new("dead"), 3),
        ] {
            let mut lab = Lab::with(profile);
            let channel = lab.open();
            let full = to
                .with("x-max-length", 3)
                .with("x-overflow", "reject-publish");
            lab.declare(channel, full);
            let from = from
                .with("x-dead-letter-exchange", "")
                .with("x-dead-letter-routing-key", "dead");
            lab.declare(channel, from);
            lab.consume(channel, "q", "c");
            numbers(&mut lab, channel, "q", [1, 12]);
            lab.ok(channel, nack(12, true, false));
            assert_eq!(lab.ready("dead").len(), kept, "{profile}");
        }
    }
}

// Q40
#[test]
fn a_classic_priority_queue_looks_at_a_later_head_when_the_one_before_is_due() {
    let setup = || {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.declare(channel, QueueSpec::new("q").with("x-max-priority", 30));
        for (body, priority, ttl) in [("L", 10, "1800"), ("H", 20, "300")] {
            let properties = Properties {
                priority: Some(priority),
                ..expiring(ttl)
            };
            lab.publish_with(channel, "", "q", body, properties);
        }
        (lab, channel)
    };
    let (mut lab, _) = setup();
    lab.at(Micros::from_millis(1_799));
    assert_eq!(lab.ready("q"), ["H", "L"]);
    lab.at(Micros::from_millis(1_800));
    assert_eq!(lab.ready("q"), [""; 0]);
    // Until then whoever asks gets it, though its time is up.
    let (mut lab, channel) = setup();
    lab.at(Micros::from_millis(800));
    lab.consume(channel, "q", "c");
    assert_eq!(handed(&mut lab), "c H, c L");
    // One that has no time limit is not looked behind of.
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, QueueSpec::new("q").with("x-max-priority", 30));
    lab.publish_with(channel, "", "q", "L", prioritized(10));
    let late = Properties {
        priority: Some(20),
        ..expiring("300")
    };
    lab.publish_with(channel, "", "q", "H", late);
    lab.at(Micros::from_secs(10));
    assert_eq!(lab.ready("q"), ["H", "L"]);
}

// Q24
#[test]
fn a_quorum_queue_looks_every_five_seconds_whether_it_has_expired() {
    for (spec, declared, gone) in [
        (quorum("q"), 0, 5_000),
        (quorum("q"), 1_000, 6_000),
        (QueueSpec::new("q"), 1_000, 3_000),
    ] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.at(Micros::from_millis(declared));
        lab.declare(channel, spec.with("x-expires", 2_000));
        lab.at(Micros::from_millis(gone - 1));
        assert!(lab.exists("q"));
        lab.at(Micros::from_millis(gone));
        assert!(!lab.exists("q"));
    }
    // While anything of it is held it is in use.
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, quorum("q").with("x-expires", 2_000));
    numbers(&mut lab, channel, "q", [1, 1]);
    lab.ok(channel, get("q"));
    lab.at(Micros::from_secs(30));
    assert!(lab.exists("q"));
    lab.hang_up(channel, Hangup::Lost);
    lab.at(Micros::from_millis(34_999));
    assert!(lab.exists("q"));
    lab.at(Micros::from_secs(35));
    assert!(!lab.exists("q"));
}

// Q7
#[test]
fn transient_shared_queues_are_permitted_in_all_releases() {
    for profile in Profile::ALL {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        let transient = QueueSpec {
            durable: false,
            ..QueueSpec::new("q")
        };
        lab.declare(channel, transient);
        let deprecated = lab.told(|event| match event {
            leveret::broker::Event::Deprecated { feature } => Some(*feature),
            _ => None,
        });
        assert_eq!(deprecated.len(), 1, "{profile}");
    }
}

/// How a delivery ends.
#[derive(Clone, Copy, Debug)]
enum How {
    Nack,
    Reject,
}

// D4, Q45
#[test]
fn a_dead_letter_s_failed_deliveries_are_told_to_its_next_queue() {
    use How::{Nack, Reject};
    // What came before, how it died; and for 4.3 whether it is redelivered and how often it failed.
    for (before, last, failures) in [
        (None, Reject, 1),
        (None, Nack, 0),
        (Some(Reject), Reject, 2),
        (Some(Reject), Nack, 1),
        (Some(Nack), Reject, 1),
        (Some(Nack), Nack, 0),
    ] {
        for profile in BOTH {
            for (from_quorum, to_quorum) in
                [(false, false), (false, true), (true, false), (true, true)]
            {
                let typed = |name: &str, is_quorum: bool| match is_quorum {
                    true => quorum(name),
                    false => QueueSpec::new(name),
                };
                let mut lab = Lab::with(profile);
                let channel = lab.open();
                let from = typed("q", from_quorum)
                    .with("x-dead-letter-exchange", "")
                    .with("x-dead-letter-routing-key", "dead");
                lab.declare(channel, from);
                lab.declare(channel, typed("dead", to_quorum));
                numbers(&mut lab, channel, "q", [1, 1]);
                let mut tag = 0;
                for (how, requeue) in before
                    .map(|how| (how, true))
                    .into_iter()
                    .chain([(last, false)])
                {
                    lab.ok(channel, get("q"));
                    tag += 1;
                    let method = match how {
                        Nack => nack(tag, false, requeue),
                        Reject if requeue => reject(tag),
                        Reject => kill(tag),
                    };
                    lab.ok(channel, method);
                }
                let told = if profile == Profile::V4_3 {
                    failures
                } else {
                    u32::from(from_quorum && to_quorum)
                };
                let dead = lab.get(channel, "dead").unwrap();
                let case = format!("{profile} {before:?} {last:?} {from_quorum} {to_quorum}");
                assert_eq!(dead.redelivered, told > 0, "{case}");
                let counts = if to_quorum { told } else { 0 };
                assert_eq!(dead.returns, counts, "{case}");
                let acquired = if profile == Profile::V4_3 { counts } else { 0 };
                assert_eq!(dead.acquired, acquired, "{case}");
            }
        }
    }
}

// Q43
#[test]
fn getting_from_a_single_active_quorum_queue_is_refused_in_the_release_s_words() {
    for (profile, word) in [(Profile::V4_2, "quorum"), (Profile::V4_3, "<<\"quorum\">>")] {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        lab.declare(channel, quorum("q").with("x-single-active-consumer", true));
        let refusal = lab.call(channel, get("q")).unwrap_err();
        let end = format!("not supported by {word} queues with single active consumer");
        assert!(refusal.text.ends_with(&end), "{refusal}");
    }
}

// E10
#[test]
fn a_binding_that_is_not_there_is_unbound_whoever_s_the_queue_is() {
    let mut lab = Lab::new();
    let [one, two] = [(); 2].map(|()| lab.open());
    let mine = QueueSpec {
        exclusive: true,
        durable: false,
        ..QueueSpec::new("mine")
    };
    lab.declare(one, mine);
    lab.ok(one, bind("mine", "amq.topic", "there"));
    lab.ok(two, unbind("mine", "nowhere", "k"));
    lab.ok(two, unbind("mine", "amq.topic", "k"));
    let refusal = lab.call(two, unbind("mine", "amq.topic", "there"));
    assert_eq!(refusal.unwrap_err().code, ReplyCode::ResourceLocked);
}

// D4
#[test]
fn in_4_0_a_classic_queue_passes_on_that_a_message_was_turned_away() {
    let mut lab = Lab::with(Profile::V4_2);
    let channel = lab.open();
    let dying = |spec: QueueSpec, to: &str| {
        spec.with("x-dead-letter-exchange", "")
            .with("x-dead-letter-routing-key", to)
    };
    lab.declare(channel, dying(quorum("q"), "between"));
    let between = QueueSpec::new("between").with("x-message-ttl", 10);
    lab.declare(channel, dying(between, "last"));
    lab.declare(channel, quorum("last"));
    numbers(&mut lab, channel, "q", [1, 1]);
    lab.ok(channel, get("q"));
    lab.ok(channel, nack(1, false, false));
    assert_eq!(lab.redelivered("between"), [false]);
    lab.at(Micros::from_millis(10));
    let dead = lab.get(channel, "last").unwrap();
    assert_eq!((dead.redelivered, dead.returns), (true, 1));
}

// D4
#[test]
fn in_4_0_a_quorum_queue_passes_on_which_deliveries_failed_in_all_quorum_queues() {
    let [turned_away, given_back] = [kill(1), nack(1, false, true)];
    for (how, failures) in [(turned_away, 1), (given_back, 0), (Method::Close, 1)] {
        let mut lab = Lab::with(Profile::V4_2);
        let channel = lab.open();
        let dying = |name: &str, to: &str| {
            quorum(name)
                .with("x-dead-letter-exchange", "")
                .with("x-dead-letter-routing-key", to)
                .with("x-max-length", 1)
        };
        lab.declare(channel, dying("q", "between"));
        lab.declare(channel, dying("between", "last"));
        lab.declare(channel, quorum("last"));
        numbers(&mut lab, channel, "q", [1, 1]);
        let other = lab.open();
        lab.ok(other, get("q"));
        lab.ok(other, how);
        // What is back is dropped for this one.
        numbers(&mut lab, channel, "q", [2, 2]);
        assert_eq!(lab.redelivered("between"), [failures > 0]);
        lab.ok(channel, get("between"));
        lab.ok(channel, kill(1));
        let dead = lab.get(channel, "last").unwrap();
        assert_eq!((dead.redelivered, dead.returns), (true, failures + 1));
    }
}

// D4
#[test]
fn what_a_classic_queue_hands_straight_on_is_not_redelivered_whatever_became_of_it_before() {
    for (to, redelivered) in [(QueueSpec::new("dead"), false), (quorum("dead"), true)] {
        let mut lab = Lab::new();
        let channel = lab.open();
        let from = QueueSpec::new("q")
            .with("x-dead-letter-exchange", "")
            .with("x-dead-letter-routing-key", "dead");
        lab.declare(channel, from);
        lab.declare(channel, to);
        lab.consume(channel, "dead", "c");
        numbers(&mut lab, channel, "q", [1, 1]);
        lab.ok(channel, get("q"));
        lab.ok(channel, kill(1));
        let rows = lab.deliveries();
        assert_eq!(rows.last().map(|row| row.3), Some(redelivered));
    }
}

// Q25
#[test]
fn since_4_3_a_quorum_queue_counts_the_octets_of_properties_too() {
    for (profile, spec, kept) in [
        (Profile::V4_2, quorum("q"), 2),
        (Profile::V4_3, quorum("q"), 1),
        (Profile::V4_3, QueueSpec::new("q"), 2),
    ] {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        lab.declare(channel, spec.with("x-max-length-bytes", 5));
        for body in ["aa", "bb"] {
            lab.publish(channel, "", "q", body);
        }
        assert_eq!(lab.ready("q").len(), kept, "{profile}");
    }
}

// C12
#[test]
fn what_a_closing_channel_had_got_by_asking_comes_back_last() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, quorum("q"));
    lab.ok(channel, qos(1, false));
    lab.ok(channel, qos(0, false));
    numbers(&mut lab, channel, "q", [0, 0]);
    lab.ok(channel, get("q"));
    lab.consume(channel, "q", "c");
    numbers(&mut lab, channel, "q", [1, 2]);
    lab.ok(channel, Method::Close);
    assert_eq!(lab.ready("q"), ["1", "2", "0"]);
}

// Q47
#[test]
fn a_channel_asks_its_readers_of_a_stream_from_the_last_tag_to_the_first() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, stream("s"));
    lab.ok(channel, qos(10, false));
    for tag in ["b", "a", "c"] {
        lab.consume(channel, "s", tag);
    }
    numbers(&mut lab, channel, "s", [1, 1]);
    assert_eq!(handed(&mut lab), "c 1, b 1, a 1");
}
