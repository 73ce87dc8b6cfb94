//! Queues, channels and acknowledgements: rules P1, Q1, S2, S4–S12, C10, C12.

use leveret::broker::{ChannelId, Command, Event, Reply, ReplyCode, Table};

use crate::support::{Lab, ack, consume, declare_queue, nack, publication};

/// A lab with a queue `q` and that many messages ready in it.
fn lab(messages: usize) -> Lab {
    let mut lab = Lab::default();
    lab.queue("q");
    for _ in 0..messages {
        lab.publish("", "q");
    }
    lab
}

fn unacked(lab: &Lab) -> Vec<(u64, u32)> {
    lab.broker
        .unacked()
        .map(|(copy, _, consumer)| (copy.0, consumer.0))
        .collect()
}

// P1
#[test]
fn publishing_to_a_missing_exchange_is_refused() {
    let mut lab = lab(0);
    let message = lab.broker.take(publication("missing", "q", Table::new()));
    let route = Command::Route {
        message: message.clone(),
    };
    assert_eq!(lab.refuses(route), ReplyCode::NotFound);
    assert_eq!(
        lab.refuses(Command::Publish { message }),
        ReplyCode::NotFound
    );
}

// E1, E8, P1
#[test]
fn publishing_to_an_internal_exchange_is_refused() {
    let mut lab = lab(0);
    lab.bind("amq.rabbitmq.trace", "q", "#");
    let publication = publication("amq.rabbitmq.trace", "q", Table::new());
    let message = lab.broker.take(publication);
    assert_eq!(
        lab.refuses(Command::Publish { message }),
        ReplyCode::AccessRefused
    );
    // Another exchange may lead to it.
    lab.bind_exchange("amq.fanout", "amq.rabbitmq.trace", "");
    assert_eq!(lab.publish("amq.fanout", "k"), "q");
}

// Q1
#[test]
fn a_queue_without_a_name_gets_one_and_amq_names_are_refused() {
    let mut lab = Lab::default();
    for _ in 0..2 {
        lab.queue("");
    }
    let names: Vec<String> = lab
        .broker
        .queues()
        .iter()
        .map(|queue| queue.name.to_string())
        .collect();
    assert!(
        names.iter().all(|name| name.starts_with("amq.gen-")),
        "{names:?}"
    );
    assert_ne!(names[0], names[1]);
    assert_eq!(
        lab.refuses(declare_queue("amq.mine")),
        ReplyCode::AccessRefused
    );
    assert_eq!(
        lab.refuses(declare_queue(&names[0])),
        ReplyCode::AccessRefused,
        "even if it exists"
    );
    assert_eq!(lab.publish("", &names[1]), names[1]);
}

// S1
#[test]
fn consuming_from_a_missing_queue_is_refused() {
    let mut lab = lab(0);
    let channel = lab.channel();
    assert_eq!(
        lab.refuses(consume(channel, "missing", "c", false)),
        ReplyCode::NotFound
    );
}

// S2
#[test]
fn a_consumer_tag_is_used_once_on_a_channel() {
    let mut lab = lab(0);
    let (one, two) = (lab.channel(), lab.channel());
    lab.consume(one, "q", "c");
    assert_eq!(
        lab.refuses(consume(one, "q", "c", false)),
        ReplyCode::NotAllowed
    );
    lab.consume(two, "q", "c");
    lab.does(Command::Cancel {
        channel: one,
        tag: "c".into(),
    });
    lab.consume(one, "q", "c");
}

// S2
#[test]
fn a_consumer_without_a_tag_gets_one_that_is_free() {
    let mut lab = lab(0);
    let channel = lab.channel();
    // Whatever tags clients took before.
    for number in 4..8 {
        lab.consume(channel, "q", &format!("amq.ctag-{number}"));
    }
    for _ in 0..3 {
        let id = lab.consume(channel, "q", "");
        let tag = &lab.broker.consumer(id).unwrap().tag;
        assert!(tag.starts_with("amq.ctag-"), "{tag}");
    }
}

// S4
#[test]
fn cancelling_leaves_deliveries_unacked_and_an_unknown_tag_is_fine() {
    let mut lab = lab(2);
    let channel = lab.channel();
    lab.consume(channel, "q", "c");
    lab.does(Command::Cancel {
        channel,
        tag: "c".into(),
    });
    assert_eq!(unacked(&lab), [(1, 0), (2, 0)]);
    lab.publish("", "q");
    assert_eq!(lab.ready("q"), [3], "it is not a consumer any more");
    lab.does(ack(channel, 1, false));
    lab.does(nack(channel, 2, false, true));
    assert_eq!(lab.ready("q"), [2, 3]);
    lab.does(Command::Cancel {
        channel,
        tag: "unknown".into(),
    });
}

// S5
#[test]
fn delivery_tags_count_per_channel_and_no_ack_spends_them() {
    let mut lab = Lab::default();
    lab.queue("q");
    lab.queue("r");
    let (one, two) = (lab.channel(), lab.channel());
    lab.consume(one, "q", "a");
    lab.consume_no_ack(one, "r", "b");
    for queue in ["q", "r", "r", "q"] {
        lab.publish("", queue);
    }
    let tags = |lab: &mut Lab| lab.delivered().iter().map(|row| row.2).collect::<Vec<_>>();
    assert_eq!(tags(&mut lab), [1, 2, 3, 4]);
    lab.does(ack(one, 4, true));
    lab.publish("", "q");
    assert_eq!(tags(&mut lab), [5], "a tag is never given again");
    lab.does(Command::CloseChannel { channel: one });
    lab.consume(two, "q", "c");
    assert_eq!(tags(&mut lab), [1], "another channel counts for itself");
}

// S6
#[test]
fn a_tag_that_is_not_outstanding_is_refused_and_nothing_changes() {
    let mut lab = lab(4);
    let (one, two) = (lab.channel(), lab.channel());
    lab.consume(one, "q", "a");
    lab.does(ack(one, 2, false));
    let refused = ReplyCode::PreconditionFailed;
    for tag in [2, 5, u64::MAX] {
        for multiple in [false, true] {
            assert_eq!(lab.refuses(ack(one, tag, multiple)), refused, "{tag}");
            assert_eq!(
                lab.refuses(nack(one, tag, multiple, true)),
                refused,
                "{tag}"
            );
            assert_eq!(
                lab.refuses(nack(one, tag, multiple, false)),
                refused,
                "{tag}"
            );
        }
    }
    assert_eq!(
        lab.refuses(ack(one, 0, false)),
        refused,
        "0 alone means nothing"
    );
    assert_eq!(
        lab.refuses(ack(two, 1, false)),
        refused,
        "another channel's"
    );
    assert_eq!(unacked(&lab), [(1, 0), (3, 0), (4, 0)]);
}

// S6
#[test]
fn multiple_settles_all_up_to_the_tag_and_zero_means_all() {
    let mut lab = lab(6);
    let channel = lab.channel();
    lab.consume(channel, "q", "a");
    lab.does(ack(channel, 2, false));
    lab.does(ack(channel, 3, true));
    assert_eq!(unacked(&lab), [(4, 0), (5, 0), (6, 0)]);
    lab.does(nack(channel, 4, true, false));
    assert_eq!(unacked(&lab), [(5, 0), (6, 0)]);
    lab.does(ack(channel, 0, true));
    assert_eq!(unacked(&lab), []);
    lab.does(ack(channel, 0, true)); // fine though there is none
    assert_eq!(lab.broker.totals().acked, 5);
    assert_eq!(lab.broker.totals().rejected, 1);
}

// S6
#[test]
fn a_no_ack_delivery_has_nothing_to_acknowledge() {
    let mut lab = lab(2);
    let channel = lab.channel();
    lab.consume_no_ack(channel, "q", "a");
    for multiple in [false, true] {
        assert_eq!(
            lab.refuses(ack(channel, 1, multiple)),
            ReplyCode::PreconditionFailed
        );
    }
    assert_eq!(lab.broker.totals().acked, 2);
}

// S7
#[test]
fn prefetch_limits_unacked_zero_does_not_and_no_ack_ignores_it() {
    for (prefetch, no_ack, expected) in [(1, false, 1), (3, false, 3), (0, false, 5), (1, true, 5)]
    {
        let mut lab = lab(5);
        let channel = lab.channel();
        lab.qos(channel, prefetch);
        lab.does(consume(channel, "q", "c", no_ack));
        assert_eq!(
            lab.delivered().len(),
            expected,
            "prefetch {prefetch}, no_ack {no_ack}"
        );
    }
}

// S8
#[test]
fn qos_holds_for_consumers_started_afterwards() {
    let mut lab = Lab::default();
    lab.queue("q");
    lab.queue("r");
    let channel = lab.channel();
    lab.consume(channel, "q", "before");
    lab.qos(channel, 1);
    lab.consume(channel, "r", "after");
    lab.qos(channel, 2);
    for queue in ["q", "q", "q", "r", "r", "r"] {
        lab.publish("", queue);
    }
    assert_eq!(lab.ready("q"), [] as [u64; 0], "the first has no limit");
    assert_eq!(
        lab.ready("r"),
        [5, 6],
        "the second keeps its own of 1, by itself"
    );
}

// S9
#[test]
fn consumers_are_served_in_turn() {
    let mut lab = lab(0);
    for tag in ["a", "b", "c"] {
        let channel = lab.channel();
        lab.consume(channel, "q", tag);
    }
    for _ in 0..5 {
        lab.publish("", "q");
    }
    let consumers: Vec<_> = lab.delivered().iter().map(|row| row.0).collect();
    assert_eq!(consumers, [0, 1, 2, 0, 1]);
}

// S9
#[test]
fn a_consumer_that_was_full_comes_back_at_the_tail() {
    let mut lab = lab(0);
    let channels: Vec<ChannelId> = (0..3).map(|_| lab.channel()).collect();
    lab.qos(channels[0], 1);
    for (channel, tag) in channels.iter().zip(["a", "b", "c"]) {
        lab.consume(*channel, "q", tag);
    }
    for _ in 0..4 {
        lab.publish("", "q");
    }
    let consumers = |lab: &mut Lab| lab.delivered().iter().map(|row| row.0).collect::<Vec<_>>();
    assert_eq!(consumers(&mut lab), [0, 1, 2, 1], "the first is full");
    lab.does(ack(channels[0], 1, false)); // the ring is now c, b, a
    for _ in 0..4 {
        lab.publish("", "q");
    }
    assert_eq!(consumers(&mut lab), [2, 1, 0, 2]);
}

// S10
#[test]
fn a_requeued_message_returns_to_its_place() {
    let mut lab = lab(5);
    let channel = lab.channel();
    lab.qos(channel, 4);
    lab.consume(channel, "q", "c");
    lab.does(Command::Cancel {
        channel,
        tag: "c".into(),
    });
    assert_eq!(lab.ready("q"), [5]);
    lab.does(nack(channel, 3, false, true));
    assert_eq!(lab.ready("q"), [3, 5]);
    lab.does(nack(channel, 1, false, true));
    assert_eq!(lab.ready("q"), [1, 3, 5]);
    lab.does(nack(channel, 4, true, true));
    assert_eq!(lab.ready("q"), [1, 2, 3, 4, 5]);
}

// S11
#[test]
fn two_consumers_alternate_and_closing_one_redelivers_in_order() {
    let mut lab = lab(0);
    let (one, two) = (lab.channel(), lab.channel());
    lab.consume(one, "q", "ch1");
    lab.consume(two, "q", "ch2");
    for _ in 0..4 {
        lab.publish("", "q");
    }
    assert_eq!(
        lab.delivered(),
        [
            (0, 1, 1, false),
            (1, 2, 1, false),
            (0, 3, 2, false),
            (1, 4, 2, false)
        ]
    );
    lab.does(Command::CloseChannel { channel: one });
    assert_eq!(lab.delivered(), [(1, 1, 3, true), (1, 3, 4, true)]);
}

// S11
#[test]
fn a_multiple_nack_redelivers_all_from_the_first() {
    let mut lab = lab(3);
    let channel = lab.channel();
    lab.consume(channel, "q", "c");
    lab.delivered();
    lab.does(nack(channel, 3, true, true));
    assert_eq!(
        lab.delivered(),
        [(0, 1, 4, true), (0, 2, 5, true), (0, 3, 6, true)]
    );
}

// S12
#[test]
fn only_what_was_requeued_is_redelivered() {
    let mut lab = lab(2);
    let channel = lab.channel();
    lab.qos(channel, 1);
    lab.consume(channel, "q", "c");
    lab.does(nack(channel, 1, false, true));
    lab.does(ack(channel, 2, false));
    assert_eq!(
        lab.delivered(),
        [(0, 1, 1, false), (0, 1, 2, true), (0, 2, 3, false)]
    );
}

// C10
#[test]
fn a_channel_never_opened_or_closed_is_refused() {
    let mut lab = lab(1);
    let closed = lab.channel();
    lab.does(Command::CloseChannel { channel: closed });
    for channel in [closed, ChannelId(7)] {
        for command in [
            Command::CloseChannel { channel },
            Command::Qos {
                channel,
                prefetch: 1,
            },
            consume(channel, "q", "c", false),
            Command::Cancel {
                channel,
                tag: "c".into(),
            },
            ack(channel, 0, true),
            nack(channel, 1, false, true),
        ] {
            assert_eq!(lab.refuses(command), ReplyCode::ChannelError);
        }
    }
    match lab.does(Command::OpenChannel) {
        Reply::Channel(channel) => assert_ne!(channel, closed, "a number is given once"),
        reply => panic!("{reply:?}"),
    }
}

// C12
#[test]
fn a_channels_end_takes_its_consumers_and_requeues_what_they_held() {
    let mut lab = Lab::default();
    lab.queue("q");
    lab.queue("r");
    let (one, two) = (lab.channel(), lab.channel());
    lab.qos(two, 1);
    for (channel, queue, tag) in [(one, "q", "a"), (one, "r", "b"), (two, "q", "c")] {
        lab.consume(channel, queue, tag);
    }
    for queue in ["q", "q", "q", "r"] {
        lab.publish("", queue);
    }
    assert_eq!(unacked(&lab), [(1, 0), (3, 0), (4, 1), (2, 2)]);
    lab.delivered();
    lab.does(Command::CloseChannel { channel: one });
    assert_eq!(unacked(&lab), [(2, 2)], "what another channel holds stays");
    assert_eq!(lab.ready("q"), [1, 3]);
    assert_eq!(lab.ready("r"), [4]);
    assert_eq!(
        lab.delivered(),
        [],
        "nothing goes to consumers that are gone"
    );
    let cancelled = lab.record.events.iter();
    let cancelled = cancelled.filter(|(_, event)| matches!(event, Event::Cancelled { .. }));
    assert_eq!(cancelled.count(), 2);
    lab.does(ack(two, 1, false));
    assert_eq!(lab.delivered(), [(2, 1, 2, true)]);
}

// E12, P7: the two halves of a publish.
#[test]
fn a_copy_is_on_its_way_until_it_arrives_once() {
    let mut lab = lab(0);
    lab.queue("r");
    lab.bind("amq.fanout", "q", "");
    lab.bind("amq.fanout", "r", "");
    let message = lab.broker.take(publication("amq.fanout", "", Table::new()));
    let Reply::Routed { copies, .. } = lab.does(Command::Route { message }) else {
        panic!("not routed");
    };
    assert_eq!(lab.broker.on_the_way().len(), 2);
    assert_eq!(lab.ready("q"), [] as [u64; 0]);
    for _ in 0..2 {
        lab.does(Command::Arrive {
            copy: copies[1].copy,
        });
    }
    assert_eq!(lab.broker.on_the_way().len(), 1);
    assert_eq!((lab.ready("q").len(), lab.ready("r").len()), (0, 1));
}
