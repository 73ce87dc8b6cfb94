//! Consuming: rules S1–S9, S12–S16. What of S10 and S11 belongs to queues is shown with them.

use leveret::broker::{
    Cancellation, Capabilities, ChannelId, Command, Deprecation, Event, Hangup, Method, Micros,
    Name, Operation, Outgoing, Profile, Properties, QueueSpec, Reply, Return, Table, Value,
};

use crate::lab::{Closed, Lab, ack, asks, body, consume, declare, get, nack, qos, table};

const CHANNEL: Closed = Closed::Channel;
const CONNECTION: Closed = Closed::Connection;
const REPLY_TO: &str = "amq.rabbitmq.reply-to";

fn exclusive(queue: &str, tag: &str) -> Method {
    let mut method = consume(queue, tag);
    if let Method::Consume { exclusive, .. } = &mut method {
        *exclusive = true;
    }
    method
}

fn no_ack(queue: &str, tag: &str) -> Method {
    let mut method = consume(queue, tag);
    if let Method::Consume { no_ack, .. } = &mut method {
        *no_ack = true;
    }
    method
}

fn with(queue: &str, tag: &str, arguments: Table) -> Method {
    let mut method = consume(queue, tag);
    if let Method::Consume {
        arguments: given, ..
    } = &mut method
    {
        *given = arguments;
    }
    method
}

fn cancel(tag: &str) -> Method {
    let tag = tag.into();
    Method::Cancel { tag }
}

fn typed(name: &str, kind: &str) -> QueueSpec {
    QueueSpec::new(name).with("x-queue-type", kind)
}

fn delete(queue: &str) -> Method {
    Method::DeleteQueue {
        queue: queue.into(),
        if_unused: false,
        if_empty: false,
    }
}

fn fill(lab: &mut Lab, channel: ChannelId, queue: &str, count: usize) {
    for number in 1..=count {
        lab.publish(channel, "", queue, &number.to_string());
    }
}

/// Consumer tags and bodies, as [`Lab::delivered`] tells them.
fn rows(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = rows.iter();
    owned
        .map(|&(tag, body)| (tag.to_owned(), body.to_owned()))
        .collect()
}

/// How many deliveries each tag got.
fn counts(lab: &mut Lab, tags: &[&str]) -> Vec<usize> {
    let delivered = lab.delivered();
    let count = |tag: &&str| delivered.iter().filter(|(to, _)| to == tag).count();
    tags.iter().map(count).collect()
}

/// Calls a method that must be refused and change nothing by itself.
fn refused(lab: &mut Lab, channel: ChannelId, method: Method) -> (u16, Closed) {
    let before = lab.state();
    let command = Command::Call {
        channel,
        method: method.clone(),
    };
    lab.tell(command).expect_err("is refused");
    assert_eq!(lab.state(), before);
    lab.refused(channel, method)
}

// S1, Q5
#[test]
fn a_missing_queue_and_anothers_exclusive_queue_are_refused() {
    let mut lab = Lab::new();
    let owner = lab.open();
    let mut spec = QueueSpec::new("mine");
    spec.exclusive = true;
    lab.declare(owner, spec);
    for (queue, code) in [("missing", 404), ("mine", 405)] {
        for method in [consume(queue, "c"), get(queue, true)] {
            let channel = lab.open();
            assert_eq!(
                refused(&mut lab, channel, method),
                (code, CHANNEL),
                "{queue}"
            );
        }
    }
    let connection = lab.connection_of(owner);
    let sibling = lab.channel(connection);
    lab.consume(sibling, "mine", "c");
}

// S1
#[test]
fn an_exclusive_consumer_is_alone() {
    let mut lab = Lab::new();
    let (one, two) = (lab.open(), lab.open());
    lab.queue(one, "q");
    lab.consume(one, "q", "a");
    // Not while there is any consumer, even one of its own.
    let connection = lab.connection_of(one);
    for channel in [two, lab.channel(connection)] {
        let method = exclusive("q", "b");
        assert_eq!(refused(&mut lab, channel, method), (403, CHANNEL));
    }
    lab.ok(one, cancel("a"));
    lab.ok(one, exclusive("q", "b"));
    for method in [consume("q", "c"), exclusive("q", "c")] {
        let channel = lab.open();
        assert_eq!(refused(&mut lab, channel, method), (403, CHANNEL));
    }
    // Getting is not consuming, and what was exclusive ends with its consumer.
    let three = lab.open();
    lab.ok(three, get("q", true));
    lab.ok(one, Method::Close);
    lab.consume(three, "q", "c");
    assert_eq!(lab.consumers("q"), 1);
}

// S1: only classic queues know exclusive consumers.
#[test]
fn quorum_queues_and_streams_have_no_exclusive_consumers() {
    for kind in ["quorum", "stream"] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.declare(channel, typed("q", kind));
        lab.ok(channel, qos(1, false));
        lab.consume(channel, "q", "a");
        lab.ok(channel, exclusive("q", "b"));
        lab.consume(channel, "q", "c");
        assert_eq!(lab.consumers("q"), 3, "{kind}");
    }
}

// S2
#[test]
fn a_consumer_tag_is_used_once_at_a_time_on_a_channel() {
    let mut lab = Lab::new();
    let connection = lab.connect();
    let (one, two) = (lab.channel(connection), lab.channel(connection));
    lab.queue(one, "q");
    lab.consume(one, "q", "c");
    lab.consume(two, "q", "c");
    lab.ok(one, cancel("c"));
    lab.consume(one, "q", "c");
    // Before it is asked whether there is such a queue.
    let method = consume("missing", "c");
    assert_eq!(refused(&mut lab, one, method), (530, CONNECTION));
    assert_eq!(lab.closed(two), (true, true));
}

// S2
#[test]
fn a_consumer_without_a_tag_gets_one_that_is_free() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    for number in 1..4 {
        lab.consume(channel, "q", &format!("amq.ctag-{number}"));
    }
    let mut tags = Vec::new();
    for _ in 0..3 {
        let Reply::Consumer { tag, .. } = lab.ok(channel, consume("q", "")) else {
            panic!("no consume-ok");
        };
        assert!(tag.starts_with("amq.ctag-"), "{tag}");
        tags.push(tag);
    }
    assert_eq!(
        lab.broker.channel(channel).expect("open").consumers.len(),
        6
    );
    for tag in &tags {
        lab.ok(channel, cancel(tag));
    }
    assert_eq!(lab.consumers("q"), 3);
}

// S3
#[test]
fn getting_says_how_many_remain_and_ignores_prefetch() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    fill(&mut lab, channel, "q", 3);
    lab.ok(channel, qos(1, false));
    let global = true;
    lab.ok(channel, qos(1, global));
    let mut seen = Vec::new();
    for no_ack in [false, true, false, false, true] {
        seen.push(match lab.ok(channel, get("q", no_ack)) {
            Reply::Got {
                delivery,
                remaining,
            } => Some((
                delivery.tag,
                body(&delivery),
                remaining,
                delivery.redelivered,
            )),
            Reply::Empty => None,
            other => panic!("{other:?}"),
        });
    }
    let one = |tag, body: &str, remaining| Some((tag, body.to_owned(), remaining, false));
    assert_eq!(
        seen,
        [one(1, "1", 2), one(2, "2", 1), one(3, "3", 0), None, None]
    );
    assert_eq!(lab.unacked("q"), 2);
    // Nor does what was got count against the channel's prefetch.
    fill(&mut lab, channel, "q", 2);
    lab.consume(channel, "q", "c");
    assert_eq!(lab.delivered(), rows(&[("c", "1")]));
}

// S4
#[test]
fn cancelling_leaves_what_was_delivered_unacked() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.ok(channel, qos(2, false));
    lab.consume(channel, "q", "c");
    fill(&mut lab, channel, "q", 3);
    let sent = lab.tape.sent.len();
    lab.ok(channel, cancel("c"));
    assert_eq!(
        lab.tape.sent.len(),
        sent,
        "all it gets it had before cancel-ok"
    );
    assert_eq!(lab.delivered(), rows(&[("c", "1"), ("c", "2")]));
    assert_eq!((lab.consumers("q"), lab.unacked("q")), (0, 2));
    assert_eq!(lab.ready("q"), ["3"]);
    lab.ok(channel, ack(1, false));
    lab.ok(channel, nack(2, false, true));
    assert_eq!(
        (lab.unacked("q"), lab.ready("q")),
        (0, vec!["2".into(), "3".into()])
    );
    let why = lab.told(|event| match event {
        Event::Cancelled { why, .. } => Some(*why),
        _ => None,
    });
    assert_eq!(why, [Cancellation::ByClient]);
}

// S4
#[test]
fn cancelling_an_unknown_tag_is_fine() {
    let mut lab = Lab::new();
    let (one, two) = (lab.open(), lab.open());
    lab.queue(one, "q");
    lab.consume(one, "q", "c");
    let before = lab.state();
    for tag in ["unknown", "c", ""] {
        let reply = lab.ok(two, cancel(tag));
        assert!(matches!(reply, Reply::Done));
    }
    assert_eq!(lab.state(), before, "another channel's consumer stays");
}

// S5
#[test]
fn delivery_tags_count_per_channel_whatever_is_delivered() {
    let mut lab = Lab::new();
    let connection = lab.connect();
    let (one, two) = (lab.channel(connection), lab.channel(connection));
    for queue in ["q", "r", "s"] {
        lab.queue(one, queue);
    }
    lab.consume(one, "q", "a");
    lab.ok(one, no_ack("r", "b"));
    fill(&mut lab, one, "s", 2);
    lab.publish(one, "", "q", "x");
    lab.ok(one, get("s", true));
    lab.publish(one, "", "r", "x");
    let Reply::Got { delivery, .. } = lab.ok(one, get("s", false)) else {
        panic!("nothing got");
    };
    assert_eq!(delivery.tag, 4);
    let tags = |lab: &mut Lab| lab.deliveries().iter().map(|row| row.1).collect::<Vec<_>>();
    assert_eq!(tags(&mut lab), [1, 3]);
    lab.ok(one, ack(4, true));
    lab.publish(one, "", "q", "x");
    assert_eq!(tags(&mut lab), [5], "a tag is not given again");
    lab.consume(two, "s", "c");
    lab.publish(one, "", "s", "x");
    assert_eq!(tags(&mut lab), [1], "the other channel counts for itself");
}

/// A channel with tags 1 to 4, of which 2 is acked and 3 was delivered to a `no_ack` consumer; another connection's
/// channel holds its own tag 1.
fn tagged() -> (Lab, ChannelId) {
    let mut lab = Lab::new();
    let (channel, other) = (lab.open(), lab.open());
    for queue in ["q", "r"] {
        lab.queue(channel, queue);
    }
    fill(&mut lab, channel, "q", 4);
    lab.publish(channel, "", "r", "x");
    for _ in 0..2 {
        lab.ok(channel, get("q", false));
    }
    lab.ok(channel, no_ack("r", "c"));
    lab.ok(channel, get("q", false));
    lab.ok(channel, ack(2, false));
    lab.ok(other, get("q", false));
    (lab, channel)
}

// S6
#[test]
fn a_tag_that_is_not_outstanding_is_refused_and_nothing_is_settled() {
    type Make = fn(u64) -> Method;
    let makes: [Make; 7] = [
        |tag| ack(tag, false),
        |tag| ack(tag, true),
        |tag| nack(tag, false, true),
        |tag| nack(tag, true, true),
        |tag| nack(tag, true, false),
        |tag| Method::Reject { tag, requeue: true },
        |tag| Method::Reject {
            tag,
            requeue: false,
        },
    ];
    for transacts in [false, true] {
        // Settled, no_ack, not given yet, the largest there can be.
        for tag in [2, 3, 5, u64::MAX] {
            for make in makes {
                let (mut lab, channel) = tagged();
                if transacts {
                    lab.ok(channel, Method::TxSelect);
                }
                let method = make(tag);
                let before = lab.state();
                let command = Command::Call {
                    channel,
                    method: method.clone(),
                };
                let refusal = lab.tell(command).expect_err("is refused");
                assert_eq!((refusal.code.number(), refusal.rule), (406, "S6"));
                assert_eq!(refusal.text, format!("unknown delivery tag {tag}"));
                assert_eq!(lab.state(), before, "{method:?}");
                assert_eq!(lab.refused(channel, method), (406, CHANNEL));
                assert_eq!(lab.ready("q"), ["1", "3"], "its channel ended");
            }
        }
    }
}

// S6
#[test]
fn tag_0_means_all_with_multiple_and_nothing_without() {
    let (mut lab, channel) = tagged();
    lab.ok(channel, ack(0, true));
    assert_eq!(lab.unacked("q"), 1, "what the other channel holds");
    for method in [ack(0, true), nack(0, true, true), nack(0, true, false)] {
        lab.ok(channel, method); // fine though there is none
    }
    assert_eq!(lab.broker.totals().acked, 4);
    for method in [
        ack(0, false),
        nack(0, false, true),
        Method::Reject {
            tag: 0,
            requeue: true,
        },
    ] {
        let (mut lab, channel) = tagged();
        assert_eq!(refused(&mut lab, channel, method), (406, CHANNEL));
    }
}

// S6
#[test]
fn multiple_settles_all_up_to_the_tag_and_no_more() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    fill(&mut lab, channel, "q", 6);
    lab.consume(channel, "q", "c");
    lab.ok(channel, ack(5, false));
    lab.ok(channel, ack(2, true));
    assert_eq!((lab.unacked("q"), lab.broker.totals().acked), (3, 3));
    lab.ok(channel, nack(4, true, false));
    assert_eq!((lab.unacked("q"), lab.broker.totals().rejected), (1, 2));
    lab.ok(channel, ack(6, true));
    assert_eq!((lab.unacked("q"), lab.broker.totals().acked), (0, 4));
}

// S6, Q10
#[test]
fn tags_of_a_deleted_queue_are_still_good() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    fill(&mut lab, channel, "q", 3);
    lab.consume(channel, "q", "c");
    lab.ok(channel, delete("q"));
    lab.ok(channel, ack(1, false));
    lab.ok(channel, nack(3, true, true));
    let refused = lab.refused(channel, ack(3, false));
    assert_eq!(refused, (406, CHANNEL), "once");
    assert_eq!(lab.broker.totals().requeued, 0);
}

// S7
#[test]
fn prefetch_size_is_not_implemented() {
    for global in [false, true] {
        let mut lab = Lab::new();
        let channel = lab.open();
        let method = Method::Qos {
            prefetch_size: 1,
            prefetch: 1,
            global,
        };
        assert_eq!(refused(&mut lab, channel, method), (540, CONNECTION));
    }
}

// S7
#[test]
fn prefetch_limits_what_a_consumer_holds_zero_is_no_limit_and_no_ack_knows_none() {
    for (kind, prefetch, acks, expected) in [
        ("classic", 1, true, 1),
        ("classic", 3, true, 3),
        ("classic", 0, true, 2100),
        ("classic", 1, false, 2100),
        ("quorum", 3, true, 3),
        ("quorum", 0, true, 2000),
        ("quorum", 1, false, 2100),
    ] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.declare(channel, typed("q", kind));
        let cause = leveret::broker::EventId(0);
        for _ in 0..2100 {
            let method = lab.publishing("", "q", "x", Properties::default(), false);
            let command = Command::Call { channel, method };
            let now = lab.broker.now();
            lab.broker
                .handle(now, command, cause, &mut lab.tape)
                .expect("is routed");
        }
        lab.ok(channel, qos(prefetch, false));
        let method = if acks {
            consume("q", "c")
        } else {
            no_ack("q", "c")
        };
        lab.ok(channel, method);
        let delivered = lab.delivered().len();
        assert_eq!(delivered, expected, "{kind}, {prefetch}, acks: {acks}");
        if acks && expected < 2100 {
            lab.ok(channel, ack(1, false));
            assert_eq!(lab.delivered().len(), 1, "one acked, one more");
        }
    }
}

// S8
#[test]
fn qos_holds_for_each_consumer_started_afterwards() {
    for profile in Profile::ALL {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        for queue in ["p", "q", "r"] {
            lab.queue(channel, queue);
        }
        lab.consume(channel, "p", "before");
        lab.ok(channel, qos(1, false));
        lab.consume(channel, "q", "first");
        lab.ok(channel, qos(2, false));
        lab.consume(channel, "r", "second");
        for queue in ["p", "q", "r"] {
            fill(&mut lab, channel, queue, 4);
        }
        let delivered = counts(&mut lab, &["before", "first", "second"]);
        assert_eq!(delivered, [4, 1, 2], "{profile}: each by itself");
    }
}

// S8
#[test]
fn global_qos_is_shared_by_the_channel_its_old_consumers_included() {
    for profile in Profile::ALL {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        for queue in ["p", "q"] {
            lab.queue(channel, queue);
        }
        lab.consume(channel, "p", "before");
        lab.ok(channel, qos(3, true));
        lab.consume(channel, "q", "after");
        for queue in ["p", "q"] {
            fill(&mut lab, channel, queue, 4);
        }
        let delivered = counts(&mut lab, &["before", "after"]);
        // ≥4.3 takes it for global=false.
        let shared = profile < Profile::V4_3;
        let expected = if shared { [3, 0] } else { [4, 3] };
        assert_eq!(delivered, expected, "{profile}");
        let told = lab.told(|event| match event {
            Event::Deprecated { feature } => Some(*feature),
            _ => None,
        });
        let expected: &[Deprecation] = if shared {
            &[Deprecation::GlobalPrefetch]
        } else {
            &[]
        };
        assert_eq!(told, expected, "{profile}");
        if shared {
            // Room that one consumer makes is for all of them, and it comes last itself.
            for (tag, turn) in [(1, [0, 1]), (2, [0, 1]), (4, [1, 0])] {
                lab.ok(channel, ack(tag, false));
                assert_eq!(counts(&mut lab, &["before", "after"]), turn, "{profile}");
            }
        }
    }
}

// S8
#[test]
fn both_prefetches_apply_at_once() {
    let mut lab = Lab::with(Profile::V4_2);
    let channel = lab.open();
    for queue in ["p", "q", "r"] {
        lab.queue(channel, queue);
        fill(&mut lab, channel, queue, 9);
    }
    lab.ok(channel, qos(2, false));
    lab.ok(channel, qos(5, true));
    for (queue, tag) in [("p", "a"), ("q", "b"), ("r", "c")] {
        lab.consume(channel, queue, tag);
    }
    assert_eq!(counts(&mut lab, &["a", "b", "c"]), [2, 2, 1]);
    // No_ack deliveries do not count, but wait for room as others do (j:QosTests).
    lab.queue(channel, "s");
    lab.ok(channel, no_ack("s", "d"));
    fill(&mut lab, channel, "s", 3);
    lab.ok(channel, ack(1, false));
    assert_eq!(
        counts(&mut lab, &["c", "d"]),
        [1, 0],
        "there was room for one"
    );
    lab.ok(channel, ack(2, false));
    assert_eq!(counts(&mut lab, &["c", "d"]), [0, 3]);
}

// S8
#[test]
fn a_prefetch_for_each_consumer_ends_that_of_the_channel() {
    let mut lab = Lab::with(Profile::V4_2);
    let channel = lab.open();
    lab.queue(channel, "q");
    fill(&mut lab, channel, "q", 5);
    lab.ok(channel, qos(1, true));
    lab.consume(channel, "q", "a");
    assert_eq!(counts(&mut lab, &["a"]), [1]);
    lab.ok(channel, qos(2, false));
    assert_eq!(
        counts(&mut lab, &["a"]),
        [4],
        "it began before there was a 2"
    );
}

// S8
#[test]
fn a_larger_global_prefetch_serves_all_consumers_in_turn() {
    let mut lab = Lab::with(Profile::V4_2);
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.ok(channel, qos(1, true));
    for tag in ["a", "b", "c"] {
        lab.consume(channel, "q", tag);
    }
    fill(&mut lab, channel, "q", 9);
    assert_eq!(lab.delivered(), rows(&[("a", "1")]));
    lab.ok(channel, qos(4, true));
    assert_eq!(counts(&mut lab, &["a", "b", "c"]), [1, 1, 1]);
    lab.ok(channel, qos(0, true));
    let rest = counts(&mut lab, &["a", "b", "c"]);
    assert_eq!(rest.iter().sum::<usize>(), 5, "0 is no limit");
    assert!(rest.iter().all(|&count| count > 0), "{rest:?}");
}

// S8, S10: all that comes back stands in its place before anything is delivered again.
#[test]
fn what_comes_back_together_is_served_in_order_under_a_global_prefetch() {
    let mut lab = Lab::with(Profile::V4_2);
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.ok(channel, qos(2, true));
    for tag in ["a", "b"] {
        lab.consume(channel, "q", tag);
    }
    fill(&mut lab, channel, "q", 4);
    assert_eq!(lab.delivered(), rows(&[("a", "1"), ("b", "2")]));
    lab.ok(channel, nack(2, true, true));
    let bodies: Vec<_> = lab.delivered().into_iter().map(|row| row.1).collect();
    assert_eq!(bodies, ["1", "2"]);
    lab.ok(channel, nack(3, false, true));
    let bodies: Vec<_> = lab.delivered().into_iter().map(|row| row.1).collect();
    assert_eq!(bodies, ["1"]);
}

// S8
#[test]
fn quorum_queues_and_streams_know_no_global_prefetch() {
    for kind in ["quorum", "stream"] {
        for profile in Profile::ALL {
            let mut lab = Lab::with(profile);
            let channel = lab.open();
            lab.declare(channel, typed("q", kind));
            lab.ok(channel, qos(1, false));
            lab.ok(channel, qos(1, true));
            if profile < Profile::V4_3 {
                let method = consume("q", "c");
                let refused = refused(&mut lab, channel, method);
                assert_eq!(refused, (540, CONNECTION), "{kind} {profile}");
            } else {
                lab.consume(channel, "q", "c");
            }
        }
    }
    // Without a limit there is nothing to know.
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, typed("q", "quorum"));
    lab.ok(channel, qos(0, true));
    lab.consume(channel, "q", "c");
}

/// Consumers of `q`, each on its own channel, by tag, priority and prefetch.
fn prioritised(lab: &mut Lab, consumers: &[(&str, Option<i64>, u16)]) -> Vec<ChannelId> {
    let channels = consumers.iter().map(|&(tag, priority, prefetch)| {
        let channel = lab.open();
        lab.ok(channel, qos(prefetch, false));
        let arguments = priority.map(|priority| table("x-priority", priority));
        lab.ok(channel, with("q", tag, arguments.unwrap_or_default()));
        channel
    });
    channels.collect()
}

// S9
#[test]
fn equals_are_served_in_turn() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    prioritised(
        &mut lab,
        &[("a", None, 0), ("b", Some(0), 0), ("c", None, 0)],
    );
    fill(&mut lab, channel, "q", 5);
    let expected = rows(&[("a", "1"), ("b", "2"), ("c", "3"), ("a", "4"), ("b", "5")]);
    assert_eq!(lab.delivered(), expected);
}

// S9
#[test]
fn the_highest_priority_with_capacity_is_served_first() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    let channels = prioritised(
        &mut lab,
        &[
            ("low", Some(-1), 0),
            ("none", None, 1),
            ("high", Some(7), 2),
            ("high2", Some(7), 1),
        ],
    );
    fill(&mut lab, channel, "q", 7);
    let expected = rows(&[
        ("high", "1"),
        ("high2", "2"),
        ("high", "3"),
        ("none", "4"),
        ("low", "5"),
        ("low", "6"),
        ("low", "7"),
    ]);
    assert_eq!(lab.delivered(), expected);
    lab.ok(channels[1], ack(1, false));
    lab.ok(channels[3], ack(1, false));
    fill(&mut lab, channel, "q", 3);
    let expected = rows(&[("high2", "1"), ("none", "2"), ("low", "3")]);
    assert_eq!(lab.delivered(), expected);
}

// S9
#[test]
fn a_blocked_consumer_comes_back_at_the_tail() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    let channels = prioritised(&mut lab, &[("a", None, 1), ("b", None, 0), ("c", None, 0)]);
    fill(&mut lab, channel, "q", 4);
    let expected = rows(&[("a", "1"), ("b", "2"), ("c", "3"), ("b", "4")]);
    assert_eq!(lab.delivered(), expected);
    lab.ok(channels[0], ack(1, false)); // c, b, a now
    fill(&mut lab, channel, "q", 4);
    let expected = rows(&[("c", "1"), ("b", "2"), ("a", "3"), ("c", "4")]);
    assert_eq!(lab.delivered(), expected);
}

// S9
#[test]
fn a_priority_is_an_integer() {
    for wrong in [
        Value::from("1"),
        Value::Bool(true),
        Value::Void,
        Value::Double(1.0),
    ] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.queue(channel, "q");
        let method = with("q", "c", table("x-priority", wrong));
        assert_eq!(refused(&mut lab, channel, method), (406, CHANNEL));
        // What is missing is said first.
        let channel = lab.open();
        let method = with("missing", "c", table("x-priority", "1"));
        assert_eq!(refused(&mut lab, channel, method), (404, CHANNEL));
    }
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    for (tag, priority) in [("least", i64::MIN), ("most", i64::MAX)] {
        lab.ok(channel, with("q", tag, table("x-priority", priority)));
    }
    lab.publish(channel, "", "q", "1");
    assert_eq!(lab.delivered(), rows(&[("most", "1")]));
}

// S12
#[test]
fn whatever_returns_is_redelivered_and_nothing_else_is() {
    type Way = (&'static str, fn(&mut Lab, ChannelId), Return);
    let ways: [Way; 6] = [
        (
            "nack",
            |lab, channel| drop(lab.ok(channel, nack(1, false, true))),
            Return::Nacked,
        ),
        (
            "reject",
            |lab, channel| {
                let (tag, requeue) = (1, true);
                lab.ok(channel, Method::Reject { tag, requeue });
            },
            Return::Rejected,
        ),
        (
            "recover",
            |lab, channel| drop(lab.ok(channel, Method::Recover { requeue: true })),
            Return::Recovered,
        ),
        (
            "close",
            |lab, channel| drop(lab.ok(channel, Method::Close)),
            Return::ChannelEnded,
        ),
        (
            "loss",
            |lab, channel| lab.hang_up(channel, Hangup::Lost),
            Return::ChannelEnded,
        ),
        (
            "time-out, by its channel's end",
            |lab, _| lab.at(Micros::from_secs(30 * 60)),
            Return::ChannelEnded,
        ),
    ];
    for kind in ["classic", "quorum"] {
        for (way, returns, why) in ways {
            let mut lab = Lab::with(Profile::V4_2);
            let (channel, other) = (lab.open(), lab.open());
            lab.declare(channel, typed("q", kind));
            fill(&mut lab, channel, "q", 2);
            let Reply::Got { delivery, .. } = lab.ok(channel, get("q", false)) else {
                panic!("nothing got");
            };
            assert!(!delivery.redelivered);
            returns(&mut lab, channel);
            let told = lab.told(|event| match event {
                Event::Requeued { why, .. } => Some(*why),
                _ => None,
            });
            assert_eq!(told, [why], "{way}, {kind}");
            assert_eq!(lab.redelivered("q"), [true, false], "{way}, {kind}");
            let got = lab.get(other, "q").expect("a message");
            assert!(got.redelivered && body(&got) == "1", "{way}, {kind}");
            let got = lab.get(other, "q").expect("a message");
            assert!(!got.redelivered, "{way}, {kind}");
        }
    }
}

// S12, R8
#[test]
fn after_a_restart_all_is_redelivered_if_it_crashed_else_only_what_was_delivered() {
    for (clean, expected) in [(true, [true, false]), (false, [true, true])] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.queue(channel, "q");
        let persistent = Properties {
            delivery_mode: Some(2),
            ..Properties::default()
        };
        for body in ["1", "2"] {
            lab.publish_with(channel, "", "q", body, persistent.clone());
        }
        lab.ok(channel, get("q", false));
        lab.operate(Operation::Stop { clean }).expect("stops");
        lab.operate(Operation::Start).expect("starts");
        assert_eq!(lab.ready("q"), ["1", "2"]);
        assert_eq!(lab.redelivered("q"), expected, "clean: {clean}");
    }
}

// S13
#[test]
fn a_consumer_is_told_of_its_queues_end_if_it_can_be() {
    type End = (&'static str, fn(&mut Lab, ChannelId));
    let ends: [End; 2] = [
        ("deleted by a client", |lab, channel| {
            drop(lab.ok(channel, delete("q")))
        }),
        ("deleted by an operator", |lab, _| {
            lab.operate(Operation::DeleteQueue("q".into()))
                .expect("is deleted");
        }),
    ];
    for (end, ends) in ends {
        for consumer_cancel_notify in [true, false] {
            let mut lab = Lab::new();
            let capabilities = Capabilities {
                consumer_cancel_notify,
                connection_blocked: true,
            };
            let connection = lab.connect_with("guest", capabilities).expect("guest");
            let (one, owner) = (lab.channel(connection), lab.open());
            lab.queue(owner, "q");
            lab.consume(one, "q", "c");
            lab.publish(owner, "", "q", "1");
            ends(&mut lab, owner);
            let told = lab.sent(|sent| match sent {
                Outgoing::Cancel { consumer, .. } => Some(*consumer),
                _ => None,
            });
            let expected = usize::from(consumer_cancel_notify);
            assert_eq!(told.len(), expected, "{end}, {consumer_cancel_notify}");
            let cause = lab.cause_of(|event| matches!(event, Event::Cancelled { .. }));
            assert!(
                matches!(cause, Some(Event::QueueDeleted { .. })),
                "{cause:?}"
            );
            let there = lab.broker.channel(one).expect("open");
            assert!(there.consumers.is_empty() && !there.closed);
            lab.ok(one, ack(1, false)); // Q10: a late ack is harmless
        }
    }
}

// S13: a cancellation the client asked for, or its channel's end, is not told.
#[test]
fn only_the_brokers_own_cancellations_are_told() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.consume(channel, "q", "a");
    lab.consume(channel, "q", "b");
    lab.ok(channel, cancel("a"));
    lab.ok(channel, Method::Close);
    let cancels = lab.sent(|sent| match sent {
        Outgoing::Cancel { .. } => Some(()),
        _ => None,
    });
    assert_eq!(cancels.len(), 0);
    let told = lab.told(|event| match event {
        Event::Cancelled { why, .. } => Some(*why),
        _ => None,
    });
    assert_eq!(told, [Cancellation::ByClient, Cancellation::ChannelEnded]);
}

// S14
#[test]
fn recover_requeues_all_that_the_channel_holds() {
    let mut lab = Lab::new();
    let (one, two) = (lab.open(), lab.open());
    for queue in ["q", "r"] {
        lab.queue(one, queue);
        fill(&mut lab, one, queue, 3);
    }
    lab.ok(two, get("q", false));
    lab.ok(one, get("r", false));
    lab.consume(one, "q", "c");
    lab.deliveries();
    lab.ok(one, Method::Recover { requeue: true });
    let c = |tag, body: &str| ("c".to_owned(), tag, body.to_owned(), true);
    assert_eq!(
        lab.deliveries(),
        [c(4, "2"), c(5, "3")],
        "to the same consumer too"
    );
    assert_eq!(lab.ready("r"), ["1", "2", "3"]);
    assert_eq!(lab.redelivered("r"), [true, false, false]);
    assert_eq!(lab.unacked("q"), 3, "another channel's stays");
    let (mut fresh, channel) = (Lab::new(), ChannelId(0));
    fresh.open();
    fresh.ok(channel, Method::Recover { requeue: true }); // nothing to do
    let method = Method::Recover { requeue: false };
    assert_eq!(refused(&mut lab, one, method), (540, CONNECTION));
}

const MINUTE: u64 = 60;

fn secs(secs: u64) -> Micros {
    Micros::from_secs(secs)
}

// S15
#[test]
fn a_delivery_unacked_for_half_an_hour_closes_its_channel_until_4_3() {
    for profile in Profile::ALL {
        for kind in ["classic", "quorum", "stream"] {
            let mut lab = Lab::with(profile);
            let (channel, other) = (lab.open(), lab.open());
            lab.declare(channel, typed("q", kind));
            lab.ok(channel, qos(10, false));
            lab.consume(channel, "q", "c");
            lab.at(secs(10));
            fill(&mut lab, other, "q", 1);
            assert_eq!(lab.delivered().len(), 1);
            // It is looked at each minute.
            lab.at(secs(31 * MINUTE - 1));
            assert_eq!(lab.closed(channel), (false, false), "{profile} {kind}");
            assert_eq!(lab.consumers("q"), 1, "{profile} {kind}");
            lab.at(secs(31 * MINUTE));
            let by_channel = profile < Profile::V4_3;
            assert_eq!(lab.closed(channel), (by_channel, false), "{profile} {kind}");
            if by_channel {
                let refused = lab.told(|event| match event {
                    Event::Refused {
                        refusal, method, ..
                    } => {
                        // The client said nothing.
                        assert_eq!(*method, None);
                        Some((refusal.code.number(), refusal.rule, refusal.text.clone()))
                    }
                    _ => None,
                });
                let [(406, "S15", text)] = refused.as_slice() else {
                    panic!("{refused:?}");
                };
                assert!(text.contains("Timeout value used: 1800000 ms"), "{text}");
            }
            if by_channel || kind == "quorum" {
                assert_eq!(lab.consumers("q"), 0, "{profile} {kind}");
            } else {
                assert_eq!(lab.consumers("q"), 1, "{profile} {kind}: for ever");
            }
            let cancels = lab.sent(|sent| match sent {
                Outgoing::Cancel { .. } => Some(()),
                _ => None,
            });
            let cancelled = !by_channel && kind == "quorum";
            assert_eq!(cancels.len(), usize::from(cancelled), "{profile} {kind}");
            if cancelled {
                let why = lab.told(|event| match event {
                    Event::Requeued { why, .. } => Some(*why),
                    _ => None,
                });
                assert_eq!(why, [Return::TimedOut]);
                assert_eq!((lab.redelivered("q"), lab.unacked("q")), (vec![true], 0));
            }
        }
    }
}

// S15
#[test]
fn from_4_3_on_a_client_that_cannot_be_told_loses_its_channel() {
    let mut lab = Lab::with(Profile::V4_3);
    let capabilities = Capabilities {
        consumer_cancel_notify: false,
        connection_blocked: true,
    };
    let connection = lab.connect_with("guest", capabilities).expect("guest");
    let channel = lab.channel(connection);
    lab.declare(channel, typed("q", "quorum"));
    lab.consume(channel, "q", "c");
    fill(&mut lab, channel, "q", 1);
    lab.at(secs(30 * MINUTE));
    assert_eq!(lab.closed(channel), (true, false));
    assert_eq!(lab.ready("q"), ["1"]);
}

// S15
#[test]
fn what_is_acked_in_time_is_not_missed_and_each_delivery_has_its_own_time() {
    for profile in [Profile::V4_2, Profile::V4_3] {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        lab.declare(channel, typed("q", "quorum"));
        lab.consume(channel, "q", "c");
        fill(&mut lab, channel, "q", 1);
        lab.at(secs(20 * MINUTE));
        fill(&mut lab, channel, "q", 1);
        lab.ok(channel, ack(1, false));
        lab.at(secs(50 * MINUTE) - Micros(1));
        assert_eq!(
            (lab.closed(channel), lab.consumers("q")),
            ((false, false), 1)
        );
        lab.at(secs(50 * MINUTE));
        assert_eq!(lab.consumers("q"), 0, "{profile}");
        assert_eq!(lab.broker.next_due(), None, "nothing is watched any more");
    }
}

// S15: the consumer is gone, but what else its channel holds is watched on.
#[test]
fn from_4_3_on_the_channels_other_deliveries_stay_watched() {
    let mut lab = Lab::with(Profile::V4_3);
    let channel = lab.open();
    for queue in ["q", "r"] {
        lab.declare(channel, typed(queue, "quorum"));
    }
    lab.consume(channel, "q", "a");
    lab.consume(channel, "r", "b");
    fill(&mut lab, channel, "q", 1);
    lab.at(secs(10 * MINUTE));
    fill(&mut lab, channel, "r", 1);
    lab.at(secs(30 * MINUTE));
    assert_eq!((lab.consumers("q"), lab.consumers("r")), (0, 1));
    lab.at(secs(40 * MINUTE));
    assert_eq!((lab.consumers("q"), lab.consumers("r")), (0, 0));
    assert_eq!(lab.closed(channel), (false, false));
}

/// A requester: its channel and its address.
fn requester(lab: &mut Lab) -> (ChannelId, Name) {
    let channel = lab.open();
    lab.ok(channel, no_ack(REPLY_TO, "replies"));
    let queue = lab.broker.channel(channel).expect("open").reply_to;
    let queue = queue.and_then(|queue| lab.broker.queue(queue));
    let address = queue.expect("an address").name.clone();
    (channel, address)
}

fn asking(lab: &mut Lab) -> Method {
    let properties = Properties {
        reply_to: Some(REPLY_TO.into()),
        correlation_id: Some("7".into()),
        ..Properties::default()
    };
    lab.publishing("", "service", "question", properties, false)
}

// S16
#[test]
fn a_reply_comes_straight_to_its_requester() {
    for profile in Profile::ALL {
        let mut lab = Lab::with(profile);
        let responder = lab.open();
        lab.queue(responder, "service");
        let (one, address) = requester(&mut lab);
        let (_, other) = requester(&mut lab);
        assert_ne!(address, other, "each has its own");
        assert!(address.starts_with("amq.rabbitmq.reply-to."), "{address}");
        let method = asking(&mut lab);
        lab.ok(one, method);
        let question = lab.get(responder, "service").expect("the question");
        let properties = &question.message.publication.properties;
        assert_eq!(properties.reply_to.as_ref(), Some(&address), "{profile}");
        assert_eq!(properties.correlation_id.as_deref(), Some("7"));
        lab.publish(responder, "", &address, "answer");
        assert_eq!(
            lab.deliveries(),
            [("replies".to_owned(), 1, "answer".to_owned(), false)]
        );
        assert_eq!(lab.broker.totals().acked, 2, "the question, and the answer");
    }
}

// S16
#[test]
fn a_reply_consumer_does_not_acknowledge_and_is_one() {
    let mut lab = Lab::new();
    let channel = lab.open();
    let method = consume(REPLY_TO, "c");
    assert_eq!(refused(&mut lab, channel, method), (406, CHANNEL));
    assert!(lab.broker.queues().is_empty());
    let (channel, _) = requester(&mut lab);
    let method = no_ack(REPLY_TO, "second");
    assert_eq!(refused(&mut lab, channel, method), (406, CHANNEL));
    // After it is cancelled there may be another, with another address.
    let (channel, address) = requester(&mut lab);
    lab.ok(channel, cancel("replies"));
    lab.ok(channel, no_ack(REPLY_TO, "again"));
    let queue = lab.broker.channel(channel).expect("open").reply_to;
    let queue = queue.and_then(|queue| lab.broker.queue(queue));
    assert_ne!(queue.expect("an address").name, address);
}

// S16
#[test]
fn a_question_needs_a_reply_consumer_on_its_own_channel() {
    let mut lab = Lab::new();
    let (one, _) = requester(&mut lab);
    let connection = lab.connection_of(one);
    let sibling = lab.channel(connection);
    lab.queue(one, "service");
    let method = asking(&mut lab);
    assert_eq!(refused(&mut lab, sibling, method), (406, CHANNEL));
    assert_eq!(lab.ready("service").len(), 0);
    lab.ok(one, cancel("replies"));
    let method = asking(&mut lab);
    assert_eq!(refused(&mut lab, one, method), (406, CHANNEL));
    // Any other reply_to is the application's own affair.
    let channel = lab.open();
    let properties = Properties {
        reply_to: Some("elsewhere".into()),
        ..Properties::default()
    };
    lab.publish_with(channel, "", "service", "x", properties);
    assert_eq!(lab.ready("service").len(), 1);
}

// S16
#[test]
fn a_reply_to_a_requester_that_is_gone_is_lost_silently() {
    type Leave = (&'static str, fn(&mut Lab, ChannelId));
    let leaves: [Leave; 3] = [
        ("cancel", |lab, channel| {
            drop(lab.ok(channel, cancel("replies")))
        }),
        ("channel.close", |lab, channel| {
            drop(lab.ok(channel, Method::Close))
        }),
        ("loss", |lab, channel| lab.hang_up(channel, Hangup::Lost)),
    ];
    for profile in Profile::ALL {
        for (leave, leaves) in leaves {
            let mut lab = Lab::with(profile);
            let responder = lab.open();
            lab.ok(responder, Method::ConfirmSelect);
            let (one, address) = requester(&mut lab);
            leaves(&mut lab, one);
            lab.publish(responder, "", &address, "answer");
            assert_eq!(lab.deliveries().len(), 0, "{leave}");
            assert_eq!(lab.returned().len(), 0);
            assert_eq!(lab.confirms(), [(1, false, true)]);
            let method = lab.publishing("", &address, "answer", Properties::default(), true);
            lab.ok(responder, method);
            // Mandatory: returned until 4.1.
            let returned = usize::from(profile == Profile::V3_13);
            assert_eq!(lab.returned().len(), returned, "{profile}");
            assert_eq!(lab.closed(responder), (false, false));
        }
    }
}

// S16
#[test]
fn declaring_a_reply_address_tests_whether_its_requester_is_there() {
    let mut lab = Lab::new();
    let (one, address) = requester(&mut lab);
    let responder = lab.open();
    for method in [asks(&address), declare(QueueSpec::new(address.as_str()))] {
        let before = lab.broker.queues().len();
        let Reply::Queue {
            ready, consumers, ..
        } = lab.ok(responder, method)
        else {
            panic!("no declare-ok");
        };
        assert_eq!((ready, consumers), (0, 1));
        assert_eq!(lab.broker.queues().len(), before);
    }
    lab.ok(responder, asks(REPLY_TO)); // what all ask by is always there
    lab.ok(one, Method::Close);
    for method in [asks(&address), declare(QueueSpec::new(address.as_str()))] {
        let channel = lab.open();
        assert_eq!(refused(&mut lab, channel, method), (404, CHANNEL));
    }
}

// S16: the address is no queue that others could use.
#[test]
fn a_reply_address_cannot_be_consumed_got_purged_or_deleted() {
    let mut lab = Lab::new();
    let (_, address) = requester(&mut lab);
    for method in [
        no_ack(&address, "thief"),
        get(&address, true),
        Method::PurgeQueue {
            queue: address.clone(),
        },
    ] {
        let channel = lab.open();
        assert_eq!(refused(&mut lab, channel, method), (404, CHANNEL));
    }
    let channel = lab.open();
    assert!(matches!(lab.ok(channel, delete(&address)), Reply::Count(0)));
    for operation in [
        Operation::DeleteQueue(address.clone()),
        Operation::PurgeQueue(address.clone()),
    ] {
        let refusal = lab.operate(operation).expect_err("there is none");
        assert_eq!(refusal.code.number(), 404);
    }
    lab.publish(channel, "", &address, "answer");
    assert_eq!(lab.delivered(), rows(&[("replies", "answer")]));
}
