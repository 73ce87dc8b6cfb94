//! Publishing: rules P1–P11, and what of routing shows only through a channel: E14, E16, E17.

use std::sync::Arc;

use leveret::broker::{
    ChannelId, Configuration, Event, ExchangeKind, ExchangeSpec, InnerTable, Method, Micros, Name,
    Operation, Outgoing, Profile, Properties, Publication, QueueSpec, Reply, Table, UserSpec,
    Value,
};

use crate::lab::{Closed, Lab, ack, asks, bind, body, consume, declare, get, nack, table, unbind};

const CHANNEL: Closed = Closed::Channel;
const CONNECTION: Closed = Closed::Connection;
const ACK: bool = true;
const NACK: bool = false;

fn millis(millis: u64) -> Micros {
    Micros::from_millis(millis)
}

fn persistent() -> Properties {
    Properties {
        delivery_mode: Some(2),
        ..Properties::default()
    }
}

fn transient(name: &str) -> QueueSpec {
    let mut spec = QueueSpec::new(name);
    spec.durable = false;
    spec
}

fn rejecting(name: &str) -> QueueSpec {
    QueueSpec::new(name)
        .with("x-max-length", 1)
        .with("x-overflow", "reject-publish")
}

/// A broker that writes in five milliseconds.
fn slow() -> Lab {
    Lab::configured(Configuration {
        write_delay: millis(5),
        ..Configuration::default()
    })
}

fn publish(lab: &mut Lab, exchange: &str, key: &str, mandatory: bool) -> Method {
    lab.publishing(exchange, key, "x", Properties::default(), mandatory)
}

/// What became of publications: routed to so many queues, unroutable, returned, refused.
fn fates(lab: &Lab) -> Vec<String> {
    lab.told(|event| {
        Some(match event {
            Event::Routed { copies, .. } => format!("routed to {}", copies.len()),
            Event::Unroutable { .. } => "unroutable".to_owned(),
            Event::Returned { .. } => "returned".to_owned(),
            Event::Refused { .. } => "refused".to_owned(),
            _ => return None,
        })
    })
}

// P1, E8
#[test]
fn a_missing_or_internal_exchange_is_refused_and_nothing_is_owed() {
    for (exchange, code) in [("missing", 404), ("amq.rabbitmq.trace", 403)] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.ok(channel, Method::ConfirmSelect);
        let method = publish(&mut lab, exchange, "k", true);
        let command = leveret::broker::Command::Call {
            channel,
            method: method.clone(),
        };
        let before = lab.state();
        lab.tell(command).expect_err(exchange);
        assert_eq!(lab.state(), before);
        assert_eq!(lab.refused(channel, method), (code, CHANNEL));
        assert_eq!(fates(&lab), ["refused"]);
        assert_eq!((lab.confirms(), lab.returned()), (vec![], vec![]));
    }
}

// P2
#[test]
fn an_unroutable_message_comes_back_only_if_it_is_mandatory() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    for (key, mandatory) in [("q", true), ("q", false), ("none", false)] {
        let method = publish(&mut lab, "", key, mandatory);
        lab.ok(channel, method);
    }
    assert_eq!(lab.returned(), Vec::<String>::new());
    let properties = Properties {
        headers: table("h", 1),
        ..Properties::default()
    };
    let method = lab.publishing("amq.direct", "none", "back", properties, true);
    lab.ok(channel, method);
    assert_eq!(
        fates(&lab),
        [
            "routed to 1",
            "routed to 1",
            "unroutable",
            "unroutable",
            "returned"
        ]
    );
    let returned = lab.sent(|sent| match sent {
        Outgoing::Return {
            channel, message, ..
        } => Some((*channel, message.publication.clone())),
        _ => None,
    });
    let [(to, publication)] = returned.as_slice() else {
        panic!("{returned:?}");
    };
    assert_eq!(*to, channel);
    assert_eq!(publication.exchange, "amq.direct");
    assert_eq!(publication.routing_key, "none");
    assert_eq!(publication.properties.headers, table("h", 1));
    assert_eq!(publication.body.to_string(), "back");
    let cause = lab.cause_of(|event| matches!(event, Event::Returned { .. }));
    assert!(matches!(cause, Some(Event::Unroutable { .. })), "{cause:?}");
}

// P2, E13
#[test]
fn a_message_its_alternate_exchange_took_does_not_come_back() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.ok(channel, bind("q", "amq.fanout", ""));
    let mut spec = ExchangeSpec::new("x", ExchangeKind::Direct);
    spec.arguments = table("alternate-exchange", "amq.fanout");
    let passive = false;
    lab.ok(channel, Method::DeclareExchange { spec, passive });
    let method = publish(&mut lab, "x", "none", true);
    lab.ok(channel, method);
    assert_eq!(lab.returned(), Vec::<String>::new());
    assert_eq!(lab.ready("q").len(), 1);
}

// P2
#[test]
fn immediate_is_not_implemented() {
    let mut lab = Lab::new();
    let channel = lab.open();
    let mut method = publish(&mut lab, "missing", "q", false);
    if let Method::Publish { immediate, .. } = &mut method {
        *immediate = true;
    }
    assert_eq!(lab.refused(channel, method), (540, CONNECTION));
}

// P3
#[test]
fn an_unroutable_message_is_acked_after_it_came_back() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.ok(channel, Method::ConfirmSelect);
    for mandatory in [true, false] {
        let method = publish(&mut lab, "", "none", mandatory);
        lab.ok(channel, method);
    }
    let sent = lab.sent(|sent| match sent {
        Outgoing::Return { .. } => Some("return"),
        Outgoing::Confirm { ack: true, .. } => Some("ack"),
        Outgoing::Confirm { ack: false, .. } => Some("nack"),
        _ => None,
    });
    assert_eq!(sent, ["return", "ack", "ack"]);
    assert_eq!(lab.confirms(), [(1, false, ACK), (2, false, ACK)]);
}

// P4
#[test]
fn a_user_id_is_the_publishers_own_unless_it_impersonates() {
    let mut lab = Lab::new();
    for (user, tags) in [("ann", vec![]), ("bot", vec![Name::from("impersonator")])] {
        let mut spec = UserSpec::new(user);
        spec.tags = tags;
        lab.operate(Operation::SetUser(spec)).expect("a user");
    }
    for (user, claimed, allowed) in [
        ("ann", "ann", true),
        ("ann", "guest", false),
        ("guest", "ann", false), // an administrator, which is another tag
        ("bot", "ann", true),
        ("bot", "bot", true),
    ] {
        let connection = lab.connect_as(user).expect("may enter");
        let channel = lab.channel(connection);
        lab.queue(channel, "q");
        let properties = Properties {
            user_id: Some(claimed.into()),
            ..Properties::default()
        };
        let method = lab.publishing("", "q", "x", properties, false);
        let before = lab.ready("q").len();
        if allowed {
            lab.ok(channel, method);
        } else {
            assert_eq!(lab.refused(channel, method), (406, CHANNEL));
        }
        let taken = lab.ready("q").len() - before;
        assert_eq!(taken, usize::from(allowed), "{user} says it is {claimed}");
    }
}

// P5
#[test]
fn a_body_has_a_largest_size() {
    let mib = 1024 * 1024;
    for (profile, largest) in [
        (Profile::V3_13, 128 * mib),
        (Profile::V4_2, 16 * mib),
        (Profile::V4_3, 16 * mib),
    ] {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        lab.queue(channel, "q");
        for (size, allowed) in [(largest, true), (largest + 1, false)] {
            let method = lab.publishing("", "q", &"x".repeat(size), Properties::default(), false);
            if allowed {
                lab.ok(channel, method);
                lab.ok(channel, get("q", true));
            } else {
                assert_eq!(lab.refused(channel, method), (406, CHANNEL), "{profile}");
            }
        }
    }
}

// P6
#[test]
fn sequence_numbers_count_from_the_first_publish_in_confirm_mode() {
    let mut lab = Lab::new();
    let connection = lab.connect();
    let (one, two) = (lab.channel(connection), lab.channel(connection));
    lab.queue(one, "q");
    lab.publish(one, "", "q", "not counted");
    lab.ok(one, Method::ConfirmSelect);
    lab.publish(one, "", "q", "1");
    lab.ok(one, Method::ConfirmSelect);
    lab.publish(one, "", "q", "2");
    assert_eq!(lab.confirms(), [(1, false, ACK), (2, false, ACK)]);
    lab.ok(two, Method::ConfirmSelect);
    lab.publish(two, "", "q", "1");
    assert_eq!(
        lab.confirms()[2..],
        [(1, false, ACK)],
        "each channel counts"
    );
    assert_eq!(lab.broker.totals().confirmed, 3);
}

// P6
#[test]
fn a_channel_confirms_or_transacts_but_not_both() {
    for (first, second) in [
        (Method::ConfirmSelect, Method::TxSelect),
        (Method::TxSelect, Method::ConfirmSelect),
    ] {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.ok(channel, first.clone());
        lab.ok(channel, first);
        assert_eq!(lab.refused(channel, second), (406, CHANNEL));
    }
}

// P7
#[test]
fn a_confirm_comes_when_the_queue_has_taken_the_message_for_good() {
    let stream = QueueSpec::new("q").with("x-queue-type", "stream");
    let quorum = QueueSpec::new("q").with("x-queue-type", "quorum");
    for (spec, properties, at_once) in [
        (QueueSpec::new("q"), Properties::default(), true),
        (QueueSpec::new("q"), persistent(), false),
        (transient("q"), Properties::default(), true),
        (transient("q"), persistent(), true),
        (quorum.clone(), Properties::default(), false),
        (quorum, persistent(), false),
        (stream.clone(), Properties::default(), false),
        (stream, persistent(), false),
    ] {
        let shown = format!("{spec:?}, persistent: {}", properties.is_persistent());
        let mut lab = slow();
        let channel = lab.open();
        lab.declare(channel, spec);
        lab.ok(channel, Method::ConfirmSelect);
        lab.at(millis(10));
        lab.publish_with(channel, "", "q", "x", properties);
        let acked = vec![(1, false, ACK)];
        let nothing = Vec::new();
        lab.at(Micros(14_999));
        let expected = if at_once { &acked } else { &nothing };
        assert_eq!(lab.confirms(), *expected, "{shown}");
        lab.at(millis(15));
        assert_eq!(lab.confirms(), acked, "{shown}");
        lab.at(millis(100));
        assert_eq!(lab.confirms(), acked, "once: {shown}");
    }
}

// P7, Q10
#[test]
fn a_message_that_ended_before_it_was_written_is_confirmed_at_once() {
    type End = (&'static str, fn(&mut Lab, ChannelId));
    let ends: [End; 6] = [
        ("acked", |lab, channel| {
            lab.ok(channel, get("q", false));
            lab.ok(channel, ack(1, false));
        }),
        ("got without ack", |lab, channel| {
            lab.ok(channel, get("q", true));
        }),
        ("consumed without ack", |lab, channel| {
            let mut method = consume("q", "c");
            if let Method::Consume { no_ack, .. } = &mut method {
                *no_ack = true;
            }
            lab.ok(channel, method);
        }),
        ("rejected", |lab, channel| {
            lab.ok(channel, get("q", false));
            lab.ok(channel, nack(1, false, false));
        }),
        ("purged", |lab, channel| {
            let queue = "q".into();
            lab.ok(channel, Method::PurgeQueue { queue });
        }),
        ("deleted with its queue", |lab, channel| {
            let queue = "q".into();
            lab.ok(
                channel,
                Method::DeleteQueue {
                    queue,
                    if_unused: false,
                    if_empty: false,
                },
            );
        }),
    ];
    for (end, ends) in ends {
        let mut lab = slow();
        let channel = lab.open();
        lab.queue(channel, "q");
        lab.ok(channel, Method::ConfirmSelect);
        lab.publish_with(channel, "", "q", "x", persistent());
        assert_eq!(lab.confirms(), [], "{end}");
        ends(&mut lab, channel);
        assert_eq!(lab.confirms(), [(1, false, ACK)], "{end}");
        lab.at(millis(5));
        assert_eq!(lab.confirms().len(), 1, "{end}: once");
    }
}

// P7
#[test]
fn a_message_for_several_queues_is_confirmed_when_the_last_has_it() {
    let mut lab = slow();
    let channel = lab.open();
    for spec in [QueueSpec::new("q"), transient("r")] {
        let name = spec.name.clone();
        lab.declare(channel, spec);
        lab.ok(channel, bind(&name, "amq.fanout", ""));
    }
    lab.ok(channel, Method::ConfirmSelect);
    lab.publish_with(channel, "amq.fanout", "", "x", persistent());
    assert_eq!(lab.ready("r").len(), 1);
    assert_eq!(lab.confirms(), []);
    lab.at(millis(5));
    assert_eq!(lab.confirms(), [(1, false, ACK)]);
}

// P8
#[test]
fn acks_of_all_that_is_outstanding_are_one() {
    let mut lab = slow();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.ok(channel, Method::ConfirmSelect);
    lab.publish_with(channel, "", "q", "1", persistent());
    lab.publish(channel, "", "q", "2");
    assert_eq!(
        lab.confirms(),
        [(2, false, ACK)],
        "the first is outstanding"
    );
    lab.publish_with(channel, "", "q", "3", persistent());
    lab.at(millis(1));
    lab.publish_with(channel, "", "q", "4", persistent());
    lab.at(millis(5));
    assert_eq!(
        lab.confirms()[1..],
        [(3, true, ACK)],
        "1 and 3; 2 is settled"
    );
    lab.at(millis(6));
    assert_eq!(lab.confirms()[2..], [(4, false, ACK)]);
    let messages = lab.told(|event| match event {
        Event::Confirmed { messages, .. } => {
            Some(messages.iter().map(|message| message.0).collect::<Vec<_>>())
        }
        _ => None,
    });
    assert_eq!(messages, [vec![2], vec![1, 3], vec![4]]);
    let there = lab.broker.channel(channel).expect("open");
    assert_eq!((there.unconfirmed(), lab.broker.totals().confirmed), (0, 4));
}

// P8
#[test]
fn acks_with_a_gap_before_them_are_told_one_by_one() {
    let mut lab = Lab::configured(Configuration {
        on_the_way: true,
        write_delay: millis(5),
        ..Configuration::default()
    });
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.ok(channel, Method::ConfirmSelect);
    for body in ["1", "2", "3"] {
        lab.publish_with(channel, "", "q", body, persistent());
    }
    // The last two come to the queue, and are written together; the first is still on its way.
    let going: Vec<_> = lab.broker.on_the_way().map(|(copy, _)| copy).collect();
    for &copy in &going[1..] {
        lab.tell(leveret::broker::Command::Arrive { copy })
            .expect("arrives");
    }
    lab.at(millis(5));
    assert_eq!(lab.confirms(), [(2, false, ACK), (3, false, ACK)]);
    lab.arrive_all();
    lab.at(millis(10));
    assert_eq!(lab.confirms()[2..], [(1, false, ACK)]);
}

// P9
#[test]
fn one_queue_that_turns_a_message_away_makes_a_nack_and_the_others_keep_theirs() {
    let mut lab = Lab::new();
    let channel = lab.open();
    for spec in [QueueSpec::new("a"), rejecting("b"), QueueSpec::new("c")] {
        let name = spec.name.clone();
        lab.declare(channel, spec);
        lab.ok(channel, bind(&name, "amq.fanout", ""));
    }
    lab.ok(channel, Method::ConfirmSelect);
    for body in ["1", "2", "3"] {
        lab.publish(channel, "amq.fanout", "", body);
    }
    assert_eq!(
        lab.confirms(),
        [(1, false, ACK), (2, false, NACK), (3, false, NACK)]
    );
    assert_eq!(lab.ready("a"), ["1", "2", "3"]);
    assert_eq!(lab.ready("b"), ["1"]);
    assert_eq!(lab.ready("c"), ["1", "2", "3"]);
    assert_eq!(
        (lab.broker.totals().confirmed, lab.broker.totals().nacked),
        (1, 2)
    );
    assert_eq!(lab.returned(), Vec::<String>::new());
}

// P9, Q27, Q28
#[test]
fn a_message_turned_away_is_nacked_whatever_the_overflow_does_and_silent_without_confirms() {
    for overflow in ["reject-publish", "reject-publish-dlx"] {
        for confirms in [true, false] {
            let mut lab = Lab::new();
            let channel = lab.open();
            lab.declare(channel, rejecting("q").with("x-overflow", overflow));
            if confirms {
                lab.ok(channel, Method::ConfirmSelect);
            }
            let first = lab.publishing("", "q", "1", Properties::default(), true);
            let second = lab.publishing("", "q", "2", Properties::default(), true);
            lab.ok(channel, first);
            lab.ok(channel, second);
            let expected: &[_] = if confirms {
                &[(1, false, ACK), (2, false, NACK)]
            } else {
                &[]
            };
            assert_eq!(lab.confirms(), expected, "{overflow}");
            assert_eq!(lab.returned(), Vec::<String>::new(), "it was routed");
            assert_eq!(lab.ready("q"), ["1"]);
        }
    }
}

// P9, Q26
#[test]
fn a_message_dropped_from_the_head_is_acked_all_the_same() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.declare(channel, QueueSpec::new("q").with("x-max-length", 0));
    lab.ok(channel, Method::ConfirmSelect);
    lab.publish(channel, "", "q", "1");
    assert_eq!(lab.confirms(), [(1, false, ACK)]);
    assert_eq!(lab.ready("q"), Vec::<String>::new());
}

/// A channel in transaction mode that holds three messages of `q` unacked, with tags 1 to 3.
fn transacting(lab: &mut Lab) -> ChannelId {
    let channel = lab.open();
    lab.queue(channel, "q");
    for body in ["1", "2", "3"] {
        lab.publish(channel, "", "q", body);
    }
    lab.ok(channel, Method::TxSelect);
    lab.ok(channel, Method::TxSelect);
    for _ in 0..3 {
        lab.ok(channel, get("q", false));
    }
    channel
}

// P10
#[test]
fn commit_and_rollback_need_a_transaction() {
    for method in [Method::TxCommit, Method::TxRollback] {
        for confirms in [false, true] {
            let mut lab = Lab::new();
            let channel = lab.open();
            if confirms {
                lab.ok(channel, Method::ConfirmSelect);
            }
            assert_eq!(lab.refused(channel, method.clone()), (406, CHANNEL));
        }
    }
}

// P10
#[test]
fn publishes_are_enqueued_at_commit_in_order() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.ok(channel, Method::TxSelect);
    for body in ["1", "2"] {
        lab.publish(channel, "", "q", body);
    }
    assert_eq!(lab.ready("q"), Vec::<String>::new());
    assert_eq!(lab.broker.totals().copies, 0);
    lab.ok(channel, Method::TxCommit);
    assert_eq!(lab.ready("q"), ["1", "2"]);
    // The next transaction begins by itself, and empty.
    lab.ok(channel, Method::TxCommit);
    lab.publish(channel, "", "q", "3");
    assert_eq!(lab.ready("q"), ["1", "2"]);
    lab.ok(channel, Method::TxCommit);
    assert_eq!(lab.ready("q"), ["1", "2", "3"]);
    let committed = lab.told(|event| match event {
        Event::Committed {
            publishes,
            settlements,
            ..
        } => Some((*publishes, *settlements)),
        _ => None,
    });
    assert_eq!(committed, [(2, 0), (0, 0), (1, 0)]);
}

// P10
#[test]
fn a_publish_is_routed_when_it_is_published_rather_than_at_commit() {
    let mut lab = Lab::new();
    let channel = lab.open();
    for queue in ["q", "r"] {
        lab.queue(channel, queue);
    }
    lab.ok(channel, bind("q", "amq.direct", "k"));
    lab.ok(channel, Method::TxSelect);
    lab.publish(channel, "amq.direct", "k", "1");
    lab.ok(channel, unbind("q", "amq.direct", "k"));
    lab.ok(channel, bind("r", "amq.direct", "k"));
    lab.ok(channel, Method::TxCommit);
    assert_eq!(lab.ready("q"), ["1"]);
    assert_eq!(lab.ready("r"), Vec::<String>::new());
}

// P10, P2
#[test]
fn a_mandatory_publish_comes_back_at_commit() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.ok(channel, Method::TxSelect);
    let method = publish(&mut lab, "", "none", true);
    lab.ok(channel, method);
    assert_eq!(lab.returned().len(), 0);
    // What it finds by then does not help.
    lab.queue(channel, "none");
    let reply = lab.ok(channel, Method::TxCommit);
    assert!(matches!(reply, Reply::Done));
    assert_eq!(lab.returned().len(), 1, "before commit-ok");
    assert_eq!(lab.ready("none"), Vec::<String>::new());
}

// P10
#[test]
fn acks_nacks_and_rejects_count_at_commit_in_order() {
    let mut lab = Lab::new();
    let channel = transacting(&mut lab);
    lab.ok(channel, ack(2, false));
    let (tag, requeue) = (3, true);
    lab.ok(channel, Method::Reject { tag, requeue });
    lab.ok(channel, nack(1, true, false));
    assert_eq!((lab.unacked("q"), lab.ready("q").len()), (3, 0));
    assert_eq!(lab.broker.totals().acked, 0);
    lab.ok(channel, Method::TxCommit);
    assert_eq!(lab.unacked("q"), 0);
    assert_eq!(lab.ready("q"), ["3"]);
    assert_eq!(
        (lab.broker.totals().acked, lab.broker.totals().rejected),
        (1, 1)
    );
    let settled = lab.told(|event| match event {
        Event::Acked { .. } => Some("acked"),
        Event::Requeued { .. } => Some("requeued"),
        Event::Died { .. } => Some("died"),
        Event::Committed { settlements: 3, .. } => Some("committed"),
        _ => None,
    });
    assert_eq!(settled, ["committed", "acked", "requeued", "died"]);
}

// P10, S7: until the commit, what is acknowledged counts as held.
#[test]
fn an_ack_in_a_transaction_makes_room_only_at_commit() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    for body in ["1", "2"] {
        lab.publish(channel, "", "q", body);
    }
    lab.ok(channel, Method::TxSelect);
    lab.ok(channel, crate::lab::qos(1, false));
    lab.consume(channel, "q", "c");
    lab.ok(channel, ack(1, false));
    assert_eq!(lab.delivered().len(), 1);
    lab.ok(channel, Method::TxCommit);
    assert_eq!(lab.delivered(), [("c".to_owned(), "2".to_owned())]);
}

// P11
#[test]
fn a_rollback_discards_publishes_and_gives_acks_back_to_unacked() {
    let mut lab = Lab::new();
    let channel = transacting(&mut lab);
    lab.publish(channel, "", "q", "never");
    lab.ok(channel, ack(2, false));
    lab.ok(channel, nack(3, true, true));
    let before = lab.tape.sent.len();
    lab.ok(channel, Method::TxRollback);
    assert_eq!((lab.unacked("q"), lab.ready("q").len()), (3, 0));
    assert_eq!(lab.tape.sent.len(), before, "nothing is redelivered");
    let told = lab.told(|event| match event {
        Event::RolledBack {
            messages,
            settlements,
            ..
        } => Some((messages.len(), *settlements)),
        _ => None,
    });
    assert_eq!(told, [(1, 3)]);
    // The tags are outstanding again, in their order.
    lab.ok(channel, nack(2, true, true));
    lab.ok(channel, ack(3, false));
    lab.ok(channel, Method::TxCommit);
    assert_eq!(
        (lab.unacked("q"), lab.ready("q")),
        (0, vec!["1".into(), "2".into()])
    );
    lab.ok(channel, Method::TxCommit);
    assert_eq!(lab.ready("q").len(), 2, "the discarded publish is gone");
}

// P11, P1, S6
#[test]
fn errors_in_a_transaction_are_immediate_and_discard_it() {
    type Make = fn(&mut Lab) -> Method;
    let wrong: [(Make, u16); 4] = [
        (|lab| publish(lab, "missing", "k", false), 404),
        (|_| ack(9, false), 406),
        (|_| ack(0, false), 406),
        (|_| nack(1, false, true), 406), // acknowledged in this very transaction
    ];
    for (make, code) in wrong {
        let mut lab = Lab::new();
        let channel = transacting(&mut lab);
        lab.ok(channel, ack(1, false));
        lab.publish(channel, "", "q", "never");
        let method = make(&mut lab);
        let command = leveret::broker::Command::Call {
            channel,
            method: method.clone(),
        };
        let before = lab.state();
        lab.tell(command).expect_err("is refused");
        assert_eq!(lab.state(), before);
        assert_eq!(lab.refused(channel, method), (code, CHANNEL));
        assert_eq!(lab.ready("q"), ["1", "2", "3"]);
        assert_eq!(lab.redelivered("q"), [true; 3]);
    }
}

// P11
#[test]
fn a_commit_a_queue_turns_away_fails_and_the_other_queues_keep_theirs() {
    let mut lab = Lab::new();
    let channel = transacting(&mut lab);
    lab.declare(channel, rejecting("full"));
    lab.ok(channel, ack(1, false));
    for (queue, body) in [("full", "1"), ("full", "2"), ("q", "3")] {
        lab.publish(channel, "", queue, body);
    }
    assert_eq!(lab.refused(channel, Method::TxCommit), (406, CHANNEL));
    let refused = lab.told(|event| match event {
        Event::Refused {
            method, refusal, ..
        } => Some((*method, refusal.text.clone(), refusal.rule)),
        _ => None,
    });
    assert_eq!(
        refused,
        [(Some("tx.commit"), "partial tx completion".to_owned(), "P11")]
    );
    assert_eq!(lab.ready("full"), ["1"], "what it could take, it took");
    assert_eq!(
        lab.ready("q"),
        ["2", "3", "3"],
        "the rest came back with its channel"
    );
    assert_eq!(lab.broker.totals().acked, 1);
}

// P11, Q27: a consumer that waits for the queue makes room before the next is looked at.
#[test]
fn a_commit_fails_only_for_what_is_turned_away_indeed() {
    let mut lab = Lab::new();
    let (channel, other) = (lab.open(), lab.open());
    lab.declare(channel, rejecting("q"));
    lab.consume(other, "q", "c");
    lab.ok(channel, Method::TxSelect);
    for body in ["1", "2", "3"] {
        lab.publish(channel, "", "q", body);
    }
    lab.ok(channel, Method::TxCommit);
    assert_eq!(lab.delivered().len(), 3);
}

// P11
#[test]
fn a_commit_whose_copies_are_on_their_way_fails_when_one_is_turned_away() {
    let mut lab = Lab::configured(Configuration {
        on_the_way: true,
        ..Configuration::default()
    });
    let channel = lab.open();
    lab.declare(channel, rejecting("full"));
    lab.queue(channel, "q");
    lab.ok(channel, Method::TxSelect);
    for (queue, body) in [("full", "1"), ("full", "2"), ("q", "3")] {
        lab.publish(channel, "", queue, body);
    }
    lab.ok(channel, Method::TxCommit);
    assert_eq!(lab.closed(channel), (false, false));
    lab.arrive_all();
    assert_eq!(lab.closed(channel), (true, false));
    let cause = lab.cause_of(|event| matches!(event, Event::Refused { .. }));
    assert!(matches!(cause, Some(Event::TurnedAway { .. })), "{cause:?}");
    assert_eq!(
        (lab.ready("full"), lab.ready("q")),
        (vec!["1".into()], vec!["3".into()])
    );
}

fn array(keys: &[&str]) -> Value {
    Value::Array(keys.iter().map(|key| Value::from(*key)).collect())
}

fn copied(headers: Table) -> Properties {
    Properties {
        headers,
        ..Properties::default()
    }
}

// E14
#[test]
fn cc_and_bcc_add_keys_and_only_bcc_is_taken_away() {
    for transacts in [false, true] {
        let mut lab = Lab::new();
        let channel = lab.open();
        for queue in ["a", "b", "c"] {
            lab.queue(channel, queue);
        }
        if transacts {
            lab.ok(channel, Method::TxSelect);
        }
        let mut headers = table("CC", array(&["b", "a"]));
        headers.insert("BCC".into(), array(&["c"]));
        lab.publish_with(channel, "", "a", "x", copied(headers));
        if transacts {
            lab.ok(channel, Method::TxCommit);
        }
        for queue in ["a", "b", "c"] {
            let got = lab.get(channel, queue).expect("a copy");
            assert_eq!(got.message.routing_key(), "a", "the original key");
            assert_eq!(
                got.message.publication.properties.headers,
                table("CC", array(&["b", "a"]))
            );
            assert!(lab.get(channel, queue).is_none(), "one copy each: {queue}");
        }
    }
}

// E14, E12: topic and direct exchanges match by any of the keys, each queue once.
#[test]
fn further_keys_match_bindings_as_the_routing_key_does() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    for key in ["a.*", "*.b"] {
        lab.ok(channel, bind("q", "amq.topic", key));
    }
    for (key, further, copies) in [("x.x", "a.b", 1), ("a.b", "a.b", 1), ("x.x", "y.y", 0)] {
        let properties = copied(table("CC", array(&[further])));
        lab.publish_with(channel, "amq.topic", key, "x", properties);
        assert_eq!(lab.ready("q").len(), copies, "{key} and {further}");
        let queue = "q".into();
        lab.ok(channel, Method::PurgeQueue { queue });
    }
}

// E14
#[test]
fn cc_and_bcc_are_arrays_of_which_only_texts_count() {
    for header in ["CC", "BCC"] {
        for wrong in [
            Value::from("b"),
            Value::Int(1),
            Value::Void,
            Value::Table(InnerTable::default()),
        ] {
            let mut lab = Lab::new();
            let channel = lab.open();
            lab.queue(channel, "a");
            let properties = copied(table(header, wrong.clone()));
            let method = lab.publishing("", "a", "x", properties, false);
            assert_eq!(
                lab.refused(channel, method),
                (406, CHANNEL),
                "{header} {wrong}"
            );
            assert_eq!(lab.ready("a").len(), 0);
        }
        let mut lab = Lab::new();
        let channel = lab.open();
        for queue in ["a", "b"] {
            lab.queue(channel, queue);
        }
        let mixed = Value::Array(vec![Value::Int(1), "b".into(), Value::Void]);
        lab.publish_with(channel, "", "a", "x", copied(table(header, mixed)));
        assert_eq!(
            (lab.ready("a").len(), lab.ready("b").len()),
            (1, 1),
            "{header}"
        );
    }
    // Headers are told apart by case.
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "b");
    lab.publish_with(channel, "", "none", "x", copied(table("cc", array(&["b"]))));
    assert_eq!(lab.ready("b").len(), 0);
}

fn declare_exchange(name: &str, kind: ExchangeKind) -> Method {
    Method::DeclareExchange {
        spec: ExchangeSpec::new(name, kind),
        passive: false,
    }
}

// E16
#[test]
fn exchange_types_come_with_their_releases() {
    for (kind, since) in [
        (ExchangeKind::LocalRandom, Profile::V4_2),
        (ExchangeKind::ModulusHash, Profile::V4_3),
    ] {
        for profile in Profile::ALL {
            let mut lab = Lab::with(profile);
            let channel = lab.open();
            let method = declare_exchange("x", kind);
            if profile >= since {
                lab.ok(channel, method);
            } else {
                assert_eq!(lab.refused(channel, method), (406, CHANNEL), "{profile}");
            }
        }
    }
}

// E16
#[test]
fn a_local_random_exchange_takes_classic_queues_bound_without_a_key() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.ok(channel, declare_exchange("x", ExchangeKind::LocalRandom));
    lab.queue(channel, "q");
    lab.declare(channel, QueueSpec::new("n").with("x-queue-type", "quorum"));
    lab.declare(channel, QueueSpec::new("s").with("x-queue-type", "stream"));
    for (queue, key) in [("q", "k"), ("n", ""), ("s", "")] {
        let channel = lab.open();
        assert_eq!(lab.refused(channel, bind(queue, "x", key)), (406, CHANNEL));
    }
    lab.ok(channel, bind("q", "x", ""));
    lab.publish(channel, "x", "", "1");
    assert_eq!(lab.ready("q"), ["1"]);
}

// E16
#[test]
fn a_local_random_exchange_chooses_one_queue_by_chance() {
    let chosen = |seed| {
        let mut lab = Lab::configured(Configuration {
            seed,
            ..Configuration::default()
        });
        let channel = lab.open();
        lab.ok(channel, declare_exchange("x", ExchangeKind::LocalRandom));
        for queue in ["a", "b", "c"] {
            lab.queue(channel, queue);
            lab.ok(channel, bind(queue, "x", ""));
        }
        for number in 0..60 {
            lab.publish(channel, "x", "", &number.to_string());
        }
        ["a", "b", "c"].map(|queue| lab.ready(queue))
    };
    let one = chosen(1);
    assert_eq!(one.iter().map(Vec::len).sum::<usize>(), 60);
    assert!(one.iter().all(|bodies| bodies.len() >= 10), "{one:?}");
    assert_eq!(one, chosen(1), "the same seed, the same chance");
    assert_ne!(one, chosen(2));
}

// E16
#[test]
fn a_modulus_hash_exchange_chooses_one_queue_by_the_key() {
    let mut lab = Lab::with(Profile::V4_3);
    let channel = lab.open();
    lab.ok(channel, declare_exchange("x", ExchangeKind::ModulusHash));
    for queue in ["a", "b", "c"] {
        lab.queue(channel, queue);
        lab.ok(channel, bind(queue, "x", "weight"));
    }
    let mut holders = Vec::new();
    for key in 0..30 {
        let key = format!("key-{key}");
        for body in ["1", "2"] {
            lab.publish(channel, "x", &key, body);
        }
        let held = ["a", "b", "c"].map(|queue| lab.ready(queue).len());
        let holder = held.iter().position(|&held| held == 2);
        let holder = holder.expect("both went to the same queue");
        assert_eq!(held.iter().sum::<usize>(), 2);
        holders.push(holder);
        let queue = Name::from(["a", "b", "c"][holder]);
        lab.ok(channel, Method::PurgeQueue { queue });
    }
    for queue in 0..3 {
        assert!(holders.contains(&queue), "{holders:?}");
    }
}

// E17
#[test]
fn a_direct_reply_to_address_is_not_bound() {
    for profile in Profile::ALL {
        let mut lab = Lab::with(profile);
        let requester = lab.open();
        let mut method = consume("amq.rabbitmq.reply-to", "c");
        if let Method::Consume { no_ack, .. } = &mut method {
            *no_ack = true;
        }
        lab.ok(requester, method);
        let address = lab.broker.queues()[0].name.clone();
        lab.ok(requester, asks(&address));
        for name in [
            address.as_str(),
            "amq.rabbitmq.reply-to",
            "amq.rabbitmq.reply-to.no",
        ] {
            // What all ask by is no address, and no queue.
            let refuses = profile == Profile::V4_3 && name != "amq.rabbitmq.reply-to";
            let channel = lab.open();
            let code = if refuses { 403 } else { 404 };
            let method = bind(name, "amq.fanout", "");
            assert_eq!(
                lab.refused(channel, method),
                (code, CHANNEL),
                "{profile} {name}"
            );
            let channel = lab.open();
            let method = unbind(name, "amq.fanout", "");
            if refuses {
                assert_eq!(lab.refused(channel, method), (403, CHANNEL), "{name}");
            } else {
                lab.ok(channel, method); // E10
            }
        }
        assert!(lab.broker.definitions().bindings().is_empty());
    }
}

// A publication is shared by all its copies: what one publisher's broker changes in it, the publisher does not see.
#[test]
fn what_the_publisher_holds_stays_as_it_was() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "a");
    let publication = Arc::new(Publication {
        routing_key: "a".into(),
        properties: Arc::new(copied(table("BCC", array(&["a"])))),
        ..Publication::default()
    });
    let message = lab.broker.take(publication.clone());
    let (mandatory, immediate) = (false, false);
    lab.ok(
        channel,
        Method::Publish {
            message,
            mandatory,
            immediate,
        },
    );
    assert!(publication.properties.headers.contains_key("BCC"));
    let got = lab.get(channel, "a").expect("a copy");
    assert!(got.message.publication.properties.headers.is_empty());
    assert_eq!(body(&got), "");
    lab.ok(channel, declare(QueueSpec::new("a")));
}
