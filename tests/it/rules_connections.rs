//! Connections and channels: rules C1, C2, C6, C7, C10–C18.
//!
//! C3–C5, C8 and C9 are about frames, and C15's `nowait` about which of them are left out.

use leveret::broker::{
    Capabilities, ChannelId, Closing, Command, Configuration, ConnectionId, Event, ExchangeKind,
    ExchangeSpec, Hangup, Method, Operation, Outgoing, Permission, Profile, Properties, QueueSpec,
    Refusal, Reply, ReplyCode, Scope, Table, TopicPermissionSpec, UserSpec, Value,
};

use crate::lab::{Closed, Lab, ack, asks, bind, consume, declare, get, nack, qos, table, unbind};

const CHANNEL: Closed = Closed::Channel;
const CONNECTION: Closed = Closed::Connection;

fn exchange(name: &str, kind: ExchangeKind) -> Method {
    Method::DeclareExchange {
        spec: ExchangeSpec::new(name, kind),
        passive: false,
    }
}

fn purge(queue: &str) -> Method {
    let queue = queue.into();
    Method::PurgeQueue { queue }
}

fn delete(queue: &str) -> Method {
    Method::DeleteQueue {
        queue: queue.into(),
        if_unused: false,
        if_empty: false,
    }
}

fn exclusive(name: &str) -> QueueSpec {
    let mut spec = QueueSpec::new(name);
    spec.exclusive = true;
    spec
}

fn publish(lab: &mut Lab, exchange: &str, key: &str) -> Method {
    lab.publishing(exchange, key, "x", Properties::default(), false)
}

/// A message for the exchange `t` with a key besides its own.
fn publish_also(lab: &mut Lab, header: &str, key: &str) -> Method {
    let properties = Properties {
        headers: [(header.into(), Value::Array(vec![key.into()]))].into(),
        ..Properties::default()
    };
    lab.publishing("t", "w.1", "x", properties, false)
}

fn refusal(lab: &mut Lab, channel: ChannelId, method: Method) -> Refusal {
    lab.call(channel, method).expect_err("is refused")
}

// C1
#[test]
fn each_reply_code_closes_its_channel_or_its_connection() {
    let codes: Vec<_> = ReplyCode::ALL
        .into_iter()
        .map(|code| (code.number(), code.name(), code.scope()))
        .collect();
    let (channel, connection) = (Scope::Channel, Scope::Connection);
    assert_eq!(
        codes,
        [
            (311, "CONTENT_TOO_LARGE", channel),
            (312, "NO_ROUTE", channel),
            (313, "NO_CONSUMERS", channel),
            (320, "CONNECTION_FORCED", connection),
            (402, "INVALID_PATH", connection),
            (403, "ACCESS_REFUSED", channel),
            (404, "NOT_FOUND", channel),
            (405, "RESOURCE_LOCKED", channel),
            (406, "PRECONDITION_FAILED", channel),
            (501, "FRAME_ERROR", connection),
            (502, "SYNTAX_ERROR", connection),
            (503, "COMMAND_INVALID", connection),
            (504, "CHANNEL_ERROR", connection),
            (505, "UNEXPECTED_FRAME", connection),
            (506, "RESOURCE_ERROR", connection),
            (530, "NOT_ALLOWED", connection),
            (540, "NOT_IMPLEMENTED", connection),
            (541, "INTERNAL_ERROR", connection),
        ]
    );
}

// C1
#[test]
fn a_channel_error_leaves_the_connections_other_channels_open_and_a_connection_error_does_not() {
    let mut lab = Lab::new();
    let connection = lab.connect();
    let [one, two, three] = [(); 3].map(|()| lab.channel(connection));
    assert_eq!(lab.refused(one, get("none", true)), (404, CHANNEL));
    assert_eq!(lab.closed(two), (false, false));
    let flow = Method::Flow { active: false };
    assert_eq!(lab.refused(two, flow), (540, CONNECTION));
    assert_eq!(lab.closed(three), (true, true));
    let closed = lab.sent(|sent| match sent {
        Outgoing::CloseChannel {
            channel, refusal, ..
        } => Some((Ok(*channel), refusal.code.number())),
        Outgoing::CloseConnection {
            connection,
            refusal: Some(refusal),
            ..
        } => Some((Err(*connection), refusal.code.number())),
        _ => None,
    });
    assert_eq!(closed, [(Ok(one), 404), (Err(connection), 540)]);
}

// E10
#[test]
fn where_both_ends_of_a_binding_are_missing_the_source_is_named() {
    let mut lab = Lab::new();
    let to_exchange = Method::BindExchange {
        source: "from".into(),
        destination: "to".into(),
        key: "k".into(),
        arguments: Table::new(),
    };
    for method in [bind("to", "from", "k"), to_exchange] {
        let channel = lab.open();
        assert_eq!(
            refusal(&mut lab, channel, method).reply_text(),
            "NOT_FOUND - no exchange 'from' in vhost '/'"
        );
    }
}

// C2
#[test]
fn a_reply_text_is_the_codes_name_and_an_explanation() {
    let mut lab = Lab::new();
    let channel = lab.open();
    let refusal = refusal(&mut lab, channel, get("none", true));
    assert_eq!(
        refusal.reply_text(),
        "NOT_FOUND - no queue 'none' in vhost '/'"
    );
}

// C2
#[test]
fn a_reply_text_has_at_most_255_octets() {
    let refusal = |text: String| Refusal {
        code: ReplyCode::NotFound,
        rule: "S1",
        text,
    };
    let head = "NOT_FOUND - ";
    let fits = refusal("a".repeat(255 - head.len()));
    assert_eq!(fits.reply_text(), format!("{head}{}", fits.text));
    let long = refusal("a".repeat(256 - head.len())).reply_text();
    assert_eq!(long, format!("{head}{}...", "a".repeat(252 - head.len())));
    // No character is cut in two: of two octets each, 120 fit before the dots.
    let wide = refusal("ä".repeat(200)).reply_text();
    assert_eq!(wide, format!("{head}{}...", "ä".repeat(120)));
    assert_eq!(wide.len(), 255);
    let odd = refusal(format!("a{}", "ä".repeat(200))).reply_text();
    assert_eq!(odd.len(), 254);
    assert!(odd.ends_with("ä..."), "{odd}");
}

// C2
#[test]
fn a_refusal_is_told_with_its_method_and_causes_the_close() {
    let mut lab = Lab::new();
    let channel = lab.open();
    let expected = refusal(&mut lab, channel, nack(7, false, true));
    let connection = lab.connection_of(channel);
    let why = lab.cause_of(|event| matches!(event, Event::ChannelClosed { .. }));
    assert_eq!(
        why,
        Some(&Event::Refused {
            connection,
            channel: Some(channel),
            method: Some("basic.nack"),
            message: None,
            refusal: Box::new(expected),
        })
    );
}

// C2, C10: what is wrong with a channel that is not open is said of the connection.
#[test]
fn a_channel_that_cannot_be_opened_closes_its_connection() {
    for (number, code) in [(1, 504), (0, 530)] {
        let mut lab = Lab::new();
        let connection = lab.connect();
        let open = lab.channel(connection);
        let before = lab.state();
        let command = Command::OpenChannel {
            connection,
            number: Some(number),
        };
        let refusal = lab.tell(command).expect_err("is refused");
        assert_eq!((refusal.code.number(), refusal.rule), (code, "C10"));
        assert_eq!(lab.state(), before);
        lab.open_numbered(connection, number)
            .expect_err("is refused");
        assert_eq!(lab.closed(open), (true, true), "{code}");
        let cause = lab.cause_of(|event| matches!(event, Event::ConnectionClosed { .. }));
        let told = matches!(
            cause,
            Some(Event::Refused {
                channel: None,
                method: Some("channel.open"),
                ..
            })
        );
        assert!(told, "{cause:?}");
    }
}

// C6
#[test]
fn an_unknown_user_is_refused() {
    let mut lab = Lab::new();
    let before = lab.state();
    let refusal = lab.connect_as("nobody").expect_err("is refused");
    assert_eq!((refusal.code.number(), refusal.rule), (403, "C6"));
    assert_eq!(lab.state(), before);
    assert!(lab.tape.events.is_empty());
}

// C7
#[test]
fn a_user_without_access_to_the_virtual_host_is_refused() {
    let mut lab = Lab::new();
    let mut spec = UserSpec::new("ann");
    spec.permissions = None;
    lab.operate(Operation::SetUser(spec.clone()))
        .expect("a user");
    let before = lab.state();
    let refusal = lab.connect_as("ann").expect_err("is refused");
    assert_eq!((refusal.code.number(), refusal.rule), (530, "C7"));
    assert_eq!(refusal.text, "access to vhost '/' refused for user 'ann'");
    assert_eq!(lab.state(), before);
    spec.permissions = UserSpec::new("ann").permissions;
    lab.operate(Operation::SetUser(spec)).expect("a user");
    lab.connect_as("ann").expect("may enter now");
}

// C6, C7, C2: the client that is refused had a connection, which is closed.
#[test]
fn a_refused_login_is_told_and_its_connection_is_closed() {
    let mut lab = Lab::new();
    let mut spec = UserSpec::new("ann");
    spec.permissions = None;
    lab.operate(Operation::SetUser(spec)).expect("a user");
    let logins = [
        ("nobody", "connection.start-ok", 403),
        ("ann", "connection.open", 530),
    ];
    for (place, (user, asked, code)) in logins.into_iter().enumerate() {
        let (told, sent) = (lab.tape.events.len(), lab.tape.sent.len());
        let refusal = lab.log_in(user).expect_err("is refused");
        assert_eq!(refusal.code.number(), code);
        let connection = &lab.broker.connections()[place];
        assert_eq!((connection.closed, connection.user.as_str()), (true, user));
        let id = connection.id;
        let [(_, refused), (cause, closed)] = &lab.tape.events[told..] else {
            panic!("{:?}", lab.tape.events);
        };
        assert!(
            matches!(refused, Event::Refused { connection, channel: None, method, .. }
                if *connection == id && *method == Some(asked))
        );
        assert!(
            matches!(closed, Event::ConnectionClosed { connection, why: Closing::Refused(why) }
                if *connection == id && **why == refusal)
        );
        assert_eq!(cause.0 as usize, told + 1);
        assert!(
            matches!(lab.tape.sent[sent..], [Outgoing::CloseConnection { connection, .. }] if connection == id)
        );
    }
    lab.log_in("guest").expect("others may");
    // Whom nobody hears, nobody refuses (R8).
    lab.operate(Operation::Stop { clean: true }).expect("stops");
    let told = lab.tape.events.len();
    assert_eq!(lab.log_in("nobody").expect_err("is down").rule, "R8");
    assert_eq!(lab.tape.events.len(), told);
    assert_eq!(lab.broker.connections().given(), 3);
}

// C10
#[test]
fn a_method_on_a_channel_the_client_closed_or_never_opened_is_a_channel_error() {
    let mut lab = Lab::new();
    let connection = lab.connect();
    let (closed, other) = (lab.channel(connection), lab.channel(connection));
    lab.ok(closed, Method::Close);
    let before = lab.state();
    for channel in [closed, ChannelId(7)] {
        for method in every_method(&mut lab) {
            let name = method.name();
            let refusal = lab.tell(Command::Call { channel, method });
            let refusal = refusal.expect_err(name);
            assert_eq!(
                (refusal.code.number(), refusal.rule),
                (504, "C10"),
                "{name}"
            );
        }
    }
    let messages = lab.broker.totals().messages;
    assert!(messages > 0, "numbers are given before a publish is served");
    assert_eq!(
        lab.state(),
        before.replacen("messages: 0", &format!("messages: {messages}"), 1)
    );
    assert_eq!(lab.refused(closed, qos(1, false)), (504, CONNECTION));
    assert_eq!(lab.closed(other), (true, true));
}

/// One of each method.
fn every_method(lab: &mut Lab) -> Vec<Method> {
    let bind_exchange = Method::BindExchange {
        destination: "amq.fanout".into(),
        source: "amq.direct".into(),
        key: "k".into(),
        arguments: Table::new(),
    };
    let unbind_exchange = Method::UnbindExchange {
        destination: "amq.fanout".into(),
        source: "amq.direct".into(),
        key: "k".into(),
        arguments: Table::new(),
    };
    vec![
        Method::Close,
        Method::Flow { active: true },
        exchange("x", ExchangeKind::Direct),
        Method::DeleteExchange {
            exchange: "x".into(),
            if_unused: false,
        },
        bind_exchange,
        unbind_exchange,
        declare(QueueSpec::new("q")),
        bind("q", "amq.direct", "k"),
        unbind("q", "amq.direct", "k"),
        purge("q"),
        delete("q"),
        qos(1, false),
        consume("q", "c"),
        Method::Cancel { tag: "c".into() },
        publish(lab, "", "q"),
        get("q", false),
        ack(0, true),
        Method::Reject {
            tag: 1,
            requeue: true,
        },
        nack(0, true, true),
        Method::Recover { requeue: true },
        Method::ConfirmSelect,
        Method::TxSelect,
        Method::TxCommit,
        Method::TxRollback,
    ]
}

// C10
#[test]
fn a_connection_has_2047_channels_each_number_once() {
    let mut lab = Lab::new();
    let (one, two) = (lab.connect(), lab.connect());
    for number in 1..=2047 {
        let command = Command::OpenChannel {
            connection: one,
            number: None,
        };
        let cause = leveret::broker::EventId(0);
        let now = lab.broker.now();
        let reply = lab.broker.handle(now, command, cause, &mut lab.tape);
        let Ok(Reply::Channel(channel)) = reply else {
            panic!("{reply:?}");
        };
        assert_eq!(lab.broker.channel(channel).expect("open").number, number);
    }
    let refusal = lab.open_numbered(one, 2048).expect_err("is too many");
    assert_eq!(refusal.code.number(), 530);
    // Another connection counts for itself.
    lab.open_numbered(two, 2047).expect("the last number");
    assert_eq!(
        lab.open_numbered(two, 2047)
            .expect_err("a second channel.open")
            .text,
        "second 'channel.open' seen"
    );
}

// C11
#[test]
fn what_comes_on_a_channel_the_broker_closed_is_ignored() {
    let mut lab = Lab::new();
    let connection = lab.connect();
    let (channel, other) = (lab.channel(connection), lab.channel(connection));
    lab.queue(other, "q");
    lab.publish(other, "", "q", "1");
    lab.refused(channel, ack(1, false));
    let methods = every_method(&mut lab);
    let (before, told) = (lab.state(), lab.tape.events.len());
    for method in methods {
        let name = method.name();
        let closes = method == Method::Close;
        let reply = lab.ok(channel, method);
        let ignored = matches!(reply, Reply::Ignored);
        let answered = matches!(reply, Reply::Done);
        // A client's own channel.close that crosses the broker's is answered.
        assert!(if closes { answered } else { ignored }, "{name}: {reply:?}");
    }
    assert_eq!(lab.state(), before);
    assert_eq!(lab.tape.events.len(), told);
    assert_eq!(lab.closed(other), (false, false));
}

// C11, S5, P6
#[test]
fn a_reopened_channel_begins_anew() {
    let mut lab = Lab::new();
    let connection = lab.connect();
    let channel = lab.channel(connection);
    lab.queue(channel, "q");
    lab.ok(channel, Method::ConfirmSelect);
    lab.ok(channel, qos(1, false));
    for body in ["1", "2"] {
        lab.publish(channel, "", "q", body);
    }
    assert_eq!(got(&mut lab, channel), (1, false));
    assert_eq!(lab.refused(channel, ack(9, false)), (406, CHANNEL));
    let again = lab.channel(connection);
    let there = lab.broker.channel(again).expect("open");
    assert_eq!((there.number, there.prefetch), (1, 0));
    assert!(!there.confirms() && there.last_queue.is_none());
    assert_eq!(
        got(&mut lab, again),
        (1, true),
        "the first tag, redelivered"
    );
    lab.ok(again, Method::ConfirmSelect);
    lab.publish(again, "", "q", "3");
    assert_eq!(lab.confirms().last(), Some(&(1, false, true)));
}

/// The delivery tag of what `basic.get` gets from `q`, and whether it was delivered before.
fn got(lab: &mut Lab, channel: ChannelId) -> (u64, bool) {
    match lab.ok(channel, get("q", false)) {
        Reply::Got { delivery, .. } => (delivery.tag, delivery.redelivered),
        other => panic!("{other:?}"),
    }
}

type Ending = (&'static str, fn(&mut Lab, ChannelId));

/// All ways in which a channel ends.
const ENDINGS: [Ending; 6] = [
    ("channel.close", |lab, channel| {
        lab.ok(channel, Method::Close);
    }),
    ("a channel error", |lab, channel| {
        assert_eq!(lab.refused(channel, ack(99, false)), (406, CHANNEL));
    }),
    ("a connection error", |lab, channel| {
        let flow = Method::Flow { active: false };
        assert_eq!(lab.refused(channel, flow), (540, CONNECTION));
    }),
    ("connection.close", |lab, channel| {
        lab.hang_up(channel, Hangup::ByClient);
    }),
    ("a lost connection", |lab, channel| {
        lab.hang_up(channel, Hangup::Lost);
    }),
    ("an operator", |lab, channel| {
        lab.hang_up(channel, Hangup::ByOperator);
    }),
];

// C12
#[test]
fn a_channels_end_requeues_what_it_held_in_place_as_redelivered() {
    for (ending, end) in ENDINGS {
        let mut lab = Lab::new();
        let (channel, other) = (lab.open(), lab.open());
        lab.queue(other, "q");
        for body in ["1", "2", "3", "4"] {
            lab.publish(other, "", "q", body);
        }
        lab.ok(channel, qos(2, false));
        lab.consume(channel, "q", "a");
        lab.ok(channel, get("q", false));
        assert_eq!(lab.ready("q"), ["4"], "{ending}");
        end(&mut lab, channel);
        assert_eq!(lab.ready("q"), ["1", "2", "3", "4"], "{ending}");
        assert_eq!(lab.redelivered("q"), [true, true, true, false], "{ending}");
        assert_eq!((lab.consumers("q"), lab.unacked("q")), (0, 0), "{ending}");
        assert_eq!(
            lab.deliveries().len(),
            2,
            "{ending}: nothing came back to it"
        );
    }
}

// C12, P10
#[test]
fn a_channels_end_discards_its_open_transaction() {
    for (ending, end) in ENDINGS {
        let mut lab = Lab::new();
        let (channel, other) = (lab.open(), lab.open());
        lab.queue(other, "q");
        for body in ["1", "2", "3"] {
            lab.publish(other, "", "q", body);
        }
        lab.ok(channel, Method::TxSelect);
        lab.consume(channel, "q", "a");
        lab.ok(channel, ack(2, true));
        lab.ok(channel, nack(3, false, false));
        lab.publish(channel, "", "q", "held");
        end(&mut lab, channel);
        assert_eq!(lab.ready("q"), ["1", "2", "3"], "{ending}");
        assert_eq!(lab.redelivered("q"), [true; 3], "{ending}");
        assert_eq!(lab.broker.totals().acked, 0, "{ending}");
    }
}

// C12
#[test]
fn a_channels_end_leaves_confirms_untold() {
    for (ending, end) in ENDINGS {
        let mut lab = Lab::configured(Configuration {
            on_the_way: true,
            ..Configuration::default()
        });
        let (channel, other) = (lab.open(), lab.open());
        lab.queue(other, "q");
        lab.ok(channel, Method::ConfirmSelect);
        lab.publish(channel, "", "q", "1");
        end(&mut lab, channel);
        lab.arrive_all();
        assert_eq!(lab.ready("q"), ["1"], "{ending}: it was taken all the same");
        assert_eq!(lab.confirms(), [], "{ending}");
    }
}

// C12, S9
#[test]
fn a_channels_end_hands_what_it_held_to_who_is_still_there() {
    let mut lab = Lab::new();
    let (one, two) = (lab.open(), lab.open());
    lab.queue(one, "q");
    lab.consume(one, "q", "a");
    for body in ["1", "2"] {
        lab.publish(one, "", "q", body);
    }
    lab.consume(two, "q", "b");
    lab.deliveries();
    lab.ok(one, Method::Close);
    let b = |tag, body: &str| ("b".to_owned(), tag, body.to_owned(), true);
    assert_eq!(lab.deliveries(), [b(1, "1"), b(2, "2")]);
}

// C13, Q5
#[test]
fn a_connections_end_ends_its_channels_and_deletes_its_exclusive_queues() {
    for how in [Hangup::ByClient, Hangup::Lost, Hangup::ByOperator] {
        let mut lab = Lab::new();
        let connection = lab.connect();
        let (one, two) = (lab.channel(connection), lab.channel(connection));
        let other = lab.open();
        lab.declare(one, exclusive("mine"));
        lab.queue(one, "shared");
        lab.consume(two, "mine", "a");
        lab.publish(one, "", "mine", "1");
        lab.declare(other, exclusive("yours"));
        lab.hang_up(one, how);
        assert_eq!(
            (lab.closed(one), lab.closed(two)),
            ((true, true), (true, true))
        );
        assert!(!lab.exists("mine"), "before connection.close-ok: {how:?}");
        assert!(lab.exists("shared") && lab.exists("yours"));
        assert_eq!(lab.closed(other), (false, false));
        let cause = lab.cause_of(|event| matches!(event, Event::QueueDeleted { .. }));
        let by_connection = matches!(cause, Some(Event::ConnectionClosed { .. }));
        assert!(by_connection, "{cause:?}");
        let closes = lab.sent(|sent| match sent {
            Outgoing::CloseConnection { refusal, .. } => {
                Some(refusal.as_ref().map(|refusal| refusal.code.number()))
            }
            _ => None,
        });
        let expected: &[Option<u16>] = match how {
            Hangup::ByClient => &[],
            Hangup::Lost => &[None],
            Hangup::ByOperator => &[Some(320)],
        };
        assert_eq!(closes, expected);
    }
}

// C13
#[test]
fn a_shutdown_closes_every_connection_with_320() {
    let mut lab = Lab::new();
    let (one, two) = (lab.open(), lab.open());
    lab.operate(Operation::Stop { clean: true }).expect("stops");
    for channel in [one, two] {
        assert_eq!(lab.closed(channel), (true, true));
    }
    let codes = lab.told(|event| match event {
        Event::ConnectionClosed {
            why: Closing::Refused(refusal),
            ..
        } => Some(refusal.code.number()),
        _ => None,
    });
    assert_eq!(codes, [320, 320]);
}

// C13
#[test]
fn a_connection_ends_once() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.hang_up(channel, Hangup::Lost);
    let before = lab.state();
    for connection in [lab.connection_of(channel), ConnectionId(9)] {
        let how = Hangup::ByClient;
        lab.tell(Command::CloseConnection { connection, how })
            .expect_err("there is none");
        let number = None;
        lab.tell(Command::OpenChannel { connection, number })
            .expect_err("there is none");
    }
    assert_eq!(lab.state(), before);
}

// C14
#[test]
fn a_client_cannot_stop_the_broker_by_channel_flow() {
    let mut lab = Lab::new();
    let channel = lab.open();
    let reply = lab.ok(channel, Method::Flow { active: true });
    assert!(matches!(reply, Reply::Done));
    let flow = Method::Flow { active: false };
    assert_eq!(lab.refused(channel, flow), (540, CONNECTION));
}

/// The methods that take an empty queue name for another.
fn nameless() -> [Method; 6] {
    [
        bind("", "amq.direct", "k"),
        unbind("", "amq.direct", "k"),
        consume("", "c"),
        get("", true),
        purge(""),
        delete(""),
    ]
}

// C16
#[test]
fn an_empty_queue_name_means_the_one_declared_last_on_the_channel() {
    let mut lab = Lab::new();
    let (one, two) = (lab.open(), lab.open());
    lab.queue(one, "p");
    lab.queue(one, "q");
    lab.queue(two, "r");
    lab.publish(one, "", "q", "1");
    lab.publish(one, "", "q", "2");
    lab.ok(one, bind("", "amq.direct", "k"));
    lab.publish(one, "amq.direct", "k", "3");
    assert_eq!(lab.ready("q"), ["1", "2", "3"]);
    lab.ok(one, unbind("", "amq.direct", "k"));
    lab.publish(one, "amq.direct", "k", "nowhere");
    assert_eq!(
        lab.get(one, "")
            .map(|got| crate::lab::body(&got))
            .as_deref(),
        Some("1")
    );
    lab.consume(one, "", "c");
    assert_eq!((lab.consumers("q"), lab.unacked("q")), (1, 2));
    lab.ok(one, Method::Recover { requeue: true });
    lab.ok(one, Method::Cancel { tag: "c".into() });
    lab.ok(one, nack(0, true, true));
    assert!(matches!(lab.ok(one, purge("")), Reply::Count(2)));
    assert!(matches!(lab.ok(one, delete("")), Reply::Count(0)));
    assert_eq!(
        (lab.exists("p"), lab.exists("q"), lab.exists("r")),
        (true, false, true)
    );
    // It is still the one meant, though it is gone.
    assert_eq!(
        refusal(&mut lab, one, get("", true)).text,
        "no queue 'q' in vhost '/'"
    );
}

// C16
#[test]
fn without_a_queue_declared_an_empty_name_is_not_found() {
    for method in nameless() {
        let mut lab = Lab::new();
        let (other, channel) = (lab.open(), lab.open());
        lab.queue(other, "q");
        let name = method.name();
        let before = lab.state();
        let refusal = lab
            .tell(Command::Call {
                channel,
                method: method.clone(),
            })
            .expect_err(name);
        assert_eq!(
            (refusal.code.number(), refusal.rule),
            (404, "C16"),
            "{name}"
        );
        assert_eq!(refusal.text, "no previously declared queue");
        assert_eq!(lab.state(), before, "{name}");
        assert_eq!(lab.refused(channel, method), (404, CHANNEL));
    }
}

// C16, Q1
#[test]
fn a_passive_declaration_and_a_server_name_count_as_declared() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.operate(Operation::DeclareQueue(QueueSpec::new("q")))
        .expect("a queue");
    lab.ok(channel, asks("q"));
    lab.consume(channel, "", "a");
    assert_eq!(lab.consumers("q"), 1);
    let Reply::Queue { name, .. } = lab.ok(channel, declare(QueueSpec::new(""))) else {
        panic!("no declare-ok");
    };
    lab.consume(channel, "", "b");
    assert_eq!(lab.consumers(&name), 1);
    // queue.declare itself knows no such short-cut.
    assert_eq!(
        refusal(&mut lab, channel, asks("")).text,
        "no queue '' in vhost '/'"
    );
}

// C16
#[test]
fn only_with_an_empty_queue_name_is_an_empty_key_that_queues_name() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.queue(channel, "q");
    lab.ok(channel, bind("", "amq.direct", ""));
    lab.publish(channel, "amq.direct", "q", "1");
    lab.publish(channel, "amq.direct", "", "nowhere");
    assert_eq!(lab.ready("q"), ["1"]);
    lab.ok(channel, unbind("", "amq.direct", ""));
    lab.publish(channel, "amq.direct", "q", "nowhere");
    lab.ok(channel, bind("q", "amq.direct", ""));
    lab.publish(channel, "amq.direct", "q", "nowhere");
    lab.publish(channel, "amq.direct", "", "2");
    assert_eq!(lab.ready("q"), ["1", "2"]);
}

// C17
#[test]
fn line_breaks_are_stripped_from_names() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.ok(channel, exchange("\rx\n", ExchangeKind::Direct));
    lab.queue(channel, "a\r\nb");
    lab.ok(channel, asks("ab\n"));
    lab.ok(
        channel,
        Method::DeclareExchange {
            spec: ExchangeSpec::new("x\r", ExchangeKind::Direct),
            passive: true,
        },
    );
    lab.ok(channel, bind("a\nb", "x\n", "k"));
    lab.publish(channel, "x", "k", "1");
    assert_eq!(lab.ready("ab"), ["1"]);
    lab.ok(channel, unbind("a\nb", "x\n", "k"));
    lab.publish(channel, "x", "k", "nowhere");
    lab.consume(channel, "ab\r", "c");
    assert_eq!((lab.consumers("ab"), lab.unacked("ab")), (1, 1));
    lab.ok(channel, purge("ab\n"));
    lab.ok(channel, delete("ab\n"));
    assert!(!lab.exists("ab"));
    let delete = Method::DeleteExchange {
        exchange: "x\n".into(),
        if_unused: false,
    };
    lab.ok(channel, delete);
    assert!(lab.broker.definitions().exchange_named("x").is_none());
    // What is left without its line breaks is what counts.
    assert_eq!(
        lab.refused(channel, declare(QueueSpec::new("am\nq.x"))),
        (403, CHANNEL)
    );
}

// C17
#[test]
fn a_name_has_at_most_255_octets() {
    let longest = "ä".repeat(127) + "a";
    assert_eq!(longest.len(), 255);
    let too_long = "ä".repeat(128);
    type Make = fn(&str) -> Method;
    let makes: [Make; 2] = [
        |name| declare(QueueSpec::new(name)),
        |name| exchange(name, ExchangeKind::Fanout),
    ];
    for make in makes {
        let mut lab = Lab::new();
        let channel = lab.open();
        lab.ok(channel, make(&longest));
        lab.ok(channel, make(&format!("{}\n", "b".repeat(255))));
        let before = lab.state();
        let method = make(&too_long);
        lab.tell(Command::Call { channel, method })
            .expect_err("is too long");
        assert_eq!(lab.state(), before);
        assert_eq!(lab.refused(channel, make(&too_long)), (502, CONNECTION));
    }
}

/// What a method asks for: permissions, each to a name.
type Needs = &'static [(Permission, &'static str)];

/// A broker whose things have names of one letter: queues `q` and `e`, exchanges `x`, `y`, and the topic exchange `t`.
/// `e` was declared with a dead-letter exchange, `f` with an alternate one.
fn permissive() -> Lab {
    let mut lab = Lab::new();
    for spec in [QueueSpec::new("q"), dead_lettering("e")] {
        lab.operate(Operation::DeclareQueue(spec)).expect("a queue");
    }
    for (name, kind) in [
        ("x", ExchangeKind::Direct),
        ("y", ExchangeKind::Fanout),
        ("t", ExchangeKind::Topic),
    ] {
        let spec = ExchangeSpec::new(name, kind);
        lab.operate(Operation::DeclareExchange(spec))
            .expect("an exchange");
    }
    lab.operate(Operation::DeclareExchange(alternating("f")))
        .expect("an exchange");
    lab
}

fn dead_lettering(name: &str) -> QueueSpec {
    QueueSpec::new(name).with("x-dead-letter-exchange", "d")
}

fn alternating(name: &str) -> ExchangeSpec {
    let mut spec = ExchangeSpec::new(name, ExchangeKind::Direct);
    spec.arguments = table("alternate-exchange", "a");
    spec
}

fn guarded(lab: &mut Lab) -> Vec<(Method, Needs)> {
    use Permission::{Configure, Read, Write};
    let between: fn(bool) -> Method = |binds| {
        let (destination, source) = ("y".into(), "x".into());
        let (key, arguments) = ("k".into(), Table::new());
        if binds {
            Method::BindExchange {
                destination,
                source,
                key,
                arguments,
            }
        } else {
            Method::UnbindExchange {
                destination,
                source,
                key,
                arguments,
            }
        }
    };
    let passive = false;
    let alternate = |name: &str| Method::DeclareExchange {
        spec: alternating(name),
        passive,
    };
    let removal = Method::DeleteExchange {
        exchange: "x".into(),
        if_unused: false,
    };
    vec![
        (exchange("n", ExchangeKind::Direct), &[(Configure, "n")]),
        (removal, &[(Configure, "x")]),
        (
            alternate("n"),
            &[(Configure, "n"), (Read, "n"), (Write, "a")],
        ),
        (alternate("f"), &[(Configure, "f")]), // It is there: nothing new is asked for.
        (declare(QueueSpec::new("n")), &[(Configure, "n")]),
        (declare(QueueSpec::new("")), &[(Configure, "amq.gen-0")]),
        (
            declare(dead_lettering("n")),
            &[(Configure, "n"), (Read, "n"), (Write, "d")],
        ),
        (declare(dead_lettering("e")), &[(Configure, "e")]),
        (delete("q"), &[(Configure, "q")]),
        (bind("q", "x", "k"), &[(Write, "q"), (Read, "x")]),
        (unbind("q", "x", "k"), &[(Write, "q"), (Read, "x")]),
        (between(true), &[(Write, "y"), (Read, "x")]),
        (between(false), &[(Write, "y"), (Read, "x")]),
        (publish(lab, "x", "k"), &[(Write, "x")]),
        (publish(lab, "", "q"), &[(Write, "amq.default")]),
        (consume("q", "c"), &[(Read, "q")]),
        (get("q", true), &[(Read, "q")]),
        (purge("q"), &[(Read, "q")]),
        (qos(1, false), &[]),
        (Method::Cancel { tag: "c".into() }, &[]),
        (ack(0, true), &[]),
        (Method::Recover { requeue: true }, &[]),
        (Method::ConfirmSelect, &[]),
        (Method::TxSelect, &[]),
        (Method::Flow { active: true }, &[]),
        (Method::Close, &[]),
    ]
}

/// Patterns that allow just so much.
fn patterns(needs: &[(Permission, &str)]) -> [String; 3] {
    [Permission::Configure, Permission::Write, Permission::Read].map(|permission| {
        let names = needs.iter().filter(|(needed, _)| *needed == permission);
        let names: Vec<_> = names.map(|(_, name)| name.replace('.', "\\.")).collect();
        if names.is_empty() {
            String::new()
        } else {
            format!("^({})$", names.join("|"))
        }
    })
}

// C18
#[test]
fn each_method_asks_for_just_its_permissions() {
    let count = guarded(&mut permissive()).len();
    for at in 0..count {
        let mut lab = permissive();
        let (method, needs) = guarded(&mut lab).swap_remove(at);
        let shown = format!("{method:?}");
        for missing in 0..needs.len() {
            let mut lacking = needs.to_vec();
            let (permission, name) = lacking.remove(missing);
            let [configure, write, read] = patterns(&lacking);
            let channel = lab.open_as("ann", [&configure, &write, &read]);
            let before = lab.state();
            let command = Command::Call {
                channel,
                method: method.clone(),
            };
            let refusal = lab.tell(command).expect_err(&shown);
            assert_eq!(refusal.rule, "C18", "{shown}");
            let wanted = format!("{} access to ", permission.as_str());
            assert!(refusal.text.starts_with(&wanted), "{}", refusal.text);
            assert!(
                refusal.text.contains(&format!("'{name}'")),
                "{}",
                refusal.text
            );
            assert_eq!(lab.state(), before, "{shown}");
            assert_eq!(lab.refused(channel, method.clone()), (403, CHANNEL));
        }
        let [configure, write, read] = patterns(needs);
        let channel = lab.open_as("ann", [&configure, &write, &read]);
        lab.ok(channel, method);
    }
}

// C18
#[test]
fn a_passive_declaration_asks_for_any_permission_from_4_3_on() {
    for profile in Profile::ALL {
        let checks = profile == Profile::V4_3;
        let methods: [Method; 2] = [
            asks("q"),
            Method::DeclareExchange {
                spec: ExchangeSpec::new("amq.direct", ExchangeKind::Direct),
                passive: true,
            },
        ];
        for method in methods {
            let mut lab = Lab::with(profile);
            let guest = lab.open();
            lab.queue(guest, "q");
            let name = "^(q|amq\\.direct)$";
            for patterns in [[name, "", ""], ["", name, ""], ["", "", name]] {
                let channel = lab.open_as("ann", patterns);
                lab.ok(channel, method.clone());
            }
            let channel = lab.open_as("ann", [""; 3]);
            if checks {
                assert_eq!(lab.refused(channel, method), (403, CHANNEL), "{profile}");
            } else {
                lab.ok(channel, method);
            }
        }
    }
}

// C18
#[test]
fn topic_permissions_are_asked_for_the_key_as_well() {
    let mut lab = permissive();
    let mut spec = UserSpec::new("ann");
    spec.topic_permissions = vec![TopicPermissionSpec {
        exchange: "t".into(),
        write: "^w\\.".into(),
        read: "^r\\.".into(),
    }];
    lab.operate(Operation::SetUser(spec)).expect("a user");
    let rows: Vec<(Method, bool)> = vec![
        (publish(&mut lab, "t", "w.1"), true),
        (publish(&mut lab, "t", "r.1"), false),
        (publish(&mut lab, "x", "r.1"), true), // no topic exchange
        (publish(&mut lab, "amq.topic", "r.1"), true), // not listed
        (publish_also(&mut lab, "CC", "w.2"), true),
        (publish_also(&mut lab, "CC", "r.1"), false), // E14: each key it is routed by
        (publish_also(&mut lab, "BCC", "r.1"), false),
        (bind("q", "t", "r.*"), true),
        (bind("q", "t", "w.*"), false),
        (bind("q", "x", "w.*"), true),
        (unbind("q", "t", "r.*"), true),
        (unbind("q", "t", "w.*"), false),
    ];
    for (method, allowed) in rows {
        let connection = lab.connect_as("ann").expect("may enter");
        let channel = lab.channel(connection);
        let shown = format!("{method:?}");
        if allowed {
            lab.ok(channel, method);
        } else {
            assert_eq!(lab.refused(channel, method), (403, CHANNEL), "{shown}");
        }
    }
}

// C8, S13: what a client says it understands is kept.
#[test]
fn a_connection_keeps_its_capabilities() {
    let mut lab = Lab::new();
    let capabilities = Capabilities {
        consumer_cancel_notify: false,
        connection_blocked: true,
    };
    let connection = lab.connect_with("guest", capabilities).expect("guest");
    let there = lab.broker.connection(connection).expect("open");
    assert_eq!(there.capabilities, capabilities);
}
