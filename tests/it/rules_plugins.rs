//! Exchanges of plugins: `x-consistent-hash`, `x-random`, `x-recent-history`, `x-delayed-message`, and those of types that
//! are not known. What each does was seen on a live 4.3.6, with the plugin enabled.

use leveret::broker::{
    ChannelId, Event, ExchangeKind, ExchangeSpec, Method, Micros, Name, Operation, Profile,
    Properties, QueueSpec, Refusal, Table, Target, Value, Width,
};

use crate::lab::{Closed, Lab, bind, table, unbind};

const CONNECTION: Closed = Closed::Connection;

fn text(text: &str) -> Value {
    Value::from(text)
}

fn spec(name: &str, kind: ExchangeKind, arguments: &[(&str, Value)]) -> ExchangeSpec {
    let arguments = arguments.iter();
    let arguments = arguments.map(|(name, value)| (Name::from(*name), value.clone()));
    ExchangeSpec {
        arguments: arguments.collect(),
        ..ExchangeSpec::new(name, kind)
    }
}

fn declare(name: &str, kind: ExchangeKind, arguments: &[(&str, Value)]) -> Method {
    Method::DeclareExchange {
        spec: spec(name, kind, arguments),
        passive: false,
    }
}

/// What the broker says of an exchange that is declared so.
fn declared(kind: ExchangeKind, arguments: &[(&str, Value)]) -> Result<(), Refusal> {
    let mut lab = Lab::with(Profile::V4_3);
    let operation = Operation::DeclareExchange(spec("x", kind, arguments));
    lab.operate(operation).map(|_| ())
}

fn refused(kind: ExchangeKind, arguments: &[(&str, Value)]) -> (u16, String) {
    let refusal = declared(kind, arguments).expect_err("it is refused");
    (refusal.code.number(), refusal.text)
}

fn headed(name: &str, value: impl Into<Value>) -> Properties {
    Properties {
        headers: table(name, value),
        ..Properties::default()
    }
}

/// A broker with an exchange and so many queues `c0`, `c1` and so on, bound with these weights.
fn hashing(arguments: &[(&str, Value)], weights: &[(&str, &str)]) -> (Lab, ChannelId) {
    let mut lab = Lab::with(Profile::V4_3);
    let channel = lab.open();
    lab.ok(
        channel,
        declare("x", ExchangeKind::ConsistentHash, arguments),
    );
    for queue in ["c0", "c1", "c2", "c3", "c4"] {
        lab.queue(channel, queue);
    }
    for (queue, weight) in weights {
        lab.ok(channel, bind(queue, "x", weight));
    }
    (lab, channel)
}

const WEIGHTS: [(&str, &str); 4] = [("c0", "1"), ("c1", "2"), ("c2", "3"), ("c3", "10")];

/// The queue in which a body is, by its number.
fn holder(lab: &Lab, body: &str) -> Option<char> {
    let mut queues = "01234".chars();
    queues.find(|queue| {
        let name = format!("c{queue}");
        lab.exists(&name) && lab.ready(&name).iter().any(|it| it == body)
    })
}

// E40
#[test]
fn a_consistent_hash_exchange_hashes_one_thing_that_it_knows() {
    use ExchangeKind::ConsistentHash as Kind;
    for good in [
        &[][..],
        &[("hash-header", text("h"))],
        &[("hash-header", text(""))],
        &[("hash-property", text("message_id"))],
        &[("hash-property", text("correlation_id"))],
        &[("hash-property", text("timestamp"))],
    ] {
        assert_eq!(declared(Kind, good), Ok(()), "{good:?}");
    }
    let unsupported = refused(Kind, &[("hash-property", text("foo"))]);
    assert_eq!(unsupported, (406, "Unsupported property: foo".to_owned()));
    let both = [
        ("hash-header", text("h")),
        ("hash-property", text("message_id")),
    ];
    let told = "hash-header and hash-property are mutually exclusive".to_owned();
    assert_eq!(refused(Kind, &both), (406, told));
    for odd in [Value::Int(5), Value::Bool(true), Value::Void] {
        for argument in ["hash-header", "hash-property"] {
            let arguments = [(argument, odd.clone())];
            assert_eq!(refused(Kind, &arguments), (541, String::new()), "{odd:?}");
        }
    }
    let mut lab = Lab::new();
    let channel = lab.open();
    let method = declare("x", Kind, &[("hash-header", Value::Int(5))]);
    assert_eq!(lab.refused(channel, method), (541, CONNECTION));
}

// E40, E5
#[test]
fn what_is_hashed_is_not_compared_when_it_is_declared_again() {
    let (mut lab, channel) = hashing(&[("hash-header", text("h"))], &[]);
    let kind = ExchangeKind::ConsistentHash;
    lab.ok(
        channel,
        declare("x", kind, &[("hash-header", text("other"))]),
    );
    lab.ok(channel, declare("x", kind, &[]));
    lab.ok(
        channel,
        declare("x", kind, &[("hash-header", Value::Int(5))]),
    );
}

// E40
#[test]
fn a_binding_key_of_a_consistent_hash_exchange_is_a_weight() {
    for weight in ["1", "+5", "05", "10000"] {
        let (mut lab, channel) = hashing(&[], &[]);
        lab.ok(channel, bind("c0", "x", weight));
    }
    for (weight, told) in [
        ("0", "The binding key must be greater than 0"),
        ("-1", "The binding key must be greater than 0"),
        ("-0", "The binding key must be greater than 0"),
        ("", "The binding key must be an integer: <<>>"),
        ("abc", "The binding key must be an integer: <<\"abc\">>"),
        (" 5", "The binding key must be an integer: <<\" 5\">>"),
        ("5.0", "The binding key must be an integer: <<\"5.0\">>"),
        ("-", "The binding key must be an integer: <<\"-\">>"),
        ("é", "The binding key must be an integer: <<\"é\"/utf8>>"),
        ("10001", "The binding key must not exceed 10000"),
        (
            "99999999999999999999",
            "The binding key must not exceed 10000",
        ),
    ] {
        let (mut lab, channel) = hashing(&[], &[]);
        let refusal = lab
            .call(channel, bind("c0", "x", weight))
            .expect_err(weight);
        assert_eq!((refusal.code.number(), &*refusal.text), (406, told));
    }
    // 3.13 has no highest weight.
    let mut lab = Lab::with(Profile::V3_13);
    let channel = lab.open();
    lab.ok(channel, declare("x", ExchangeKind::ConsistentHash, &[]));
    lab.queue(channel, "c0");
    lab.ok(channel, bind("c0", "x", "10001"));
}

// E41
#[test]
fn the_hash_of_the_routing_key_takes_the_queue_that_rabbitmq_takes() {
    let (mut lab, channel) = hashing(&[], &WEIGHTS);
    for number in 0..40 {
        let key = format!("key{number}");
        lab.publish(channel, "x", &key, &key);
    }
    lab.publish(channel, "x", "", "none");
    let further = headed("CC", Value::Array(vec![text("zzz")]));
    lab.publish_with(channel, "x", "key1", "cc", further);
    let held: String = (0..40)
        .filter_map(|number| holder(&lab, &format!("key{number}")))
        .collect();
    assert_eq!(held, "3232333332230323322331331033233333333331");
    assert_eq!(
        (holder(&lab, "none"), holder(&lab, "cc")),
        (Some('3'), Some('2'))
    );
}

// E41
#[test]
fn the_hash_of_a_header_takes_the_queue_that_rabbitmq_takes() {
    let (mut lab, channel) = hashing(&[("hash-header", text("h"))], &WEIGHTS);
    let width = |value| Value::Sized(Width::I32, value);
    let inner = |name: &str, value: Value| Value::Table([(Name::from(name), value)].into());
    let cases = [
        ("text", text("text"), '3'),
        ("5", width(5), '2'),
        ("-5", width(-5), '1'),
        ("2^40", Value::Sized(Width::I64, 1 << 40), '3'),
        ("true", Value::Bool(true), '0'),
        ("false", Value::Bool(false), '3'),
        ("void", Value::Void, '1'),
        ("[1, 2]", Value::Array(vec![width(1), width(2)]), '3'),
        ("[x]", Value::Array(vec![text("x")]), '3'),
        ("{a: 1}", inner("a", width(1)), '3'),
        ("[]", Value::Array(vec![]), '3'),
        ("{}", Value::Table([].into()), '3'),
        ("2020-01-01", Value::Timestamp(1_577_836_800), '1'),
        ("1.5", Value::Decimal(1, 15), '3'),
        (
            "[[a]]",
            Value::Array(vec![Value::Array(vec![text("a")])]),
            '3',
        ),
        ("[{k: v}]", Value::Array(vec![inner("k", text("v"))]), '1'),
        ("{t: {k: v}}", inner("t", inner("k", text("v"))), '2'),
        ("{t: [1]}", inner("t", Value::Array(vec![width(1)])), '0'),
        ("empty", text(""), '3'),
    ];
    for (body, value, queue) in cases {
        lab.publish_with(channel, "x", "k", body, headed("h", value));
        assert_eq!(holder(&lab, body), Some(queue), "{body}");
    }
    lab.publish(channel, "x", "k", "none");
    assert_eq!(holder(&lab, "none"), Some('1'));
    let held: String = (0..20)
        .filter_map(|number| {
            let body = format!("i{number}");
            lab.publish_with(channel, "x", "k", &body, headed("h", width(number)));
            holder(&lab, &body)
        })
        .collect();
    assert_eq!(held, "32332223133213333110"); // each number is its own hash
}

// E41
#[test]
fn the_hash_of_a_property_takes_the_queue_that_rabbitmq_takes() {
    let told = |property: &str, of: &dyn Fn(u64) -> Properties| -> String {
        let (mut lab, channel) = hashing(&[("hash-property", text(property))], &WEIGHTS);
        let numbers = 0..12;
        let mut held: String = numbers
            .filter_map(|number| {
                let body = number.to_string();
                lab.publish_with(channel, "x", "k", &body, of(number));
                holder(&lab, &body)
            })
            .collect();
        lab.publish(channel, "x", "k", "none");
        held.extend(holder(&lab, "none"));
        held
    };
    let id = |number: u64| Some(Name::from(format!("id{number}")));
    let message_id = |number| Properties {
        message_id: id(number),
        ..Properties::default()
    };
    let correlation_id = |number| Properties {
        correlation_id: id(number),
        ..Properties::default()
    };
    let timestamp = |number| Properties {
        timestamp: Some(1_000_000 + number),
        ..Properties::default()
    };
    assert_eq!(told("message_id", &message_id), "3313003332331");
    assert_eq!(told("correlation_id", &correlation_id), "3313003332331");
    assert_eq!(told("timestamp", &timestamp), "3131233333031");
}

// E42
#[test]
fn a_queue_has_the_buckets_of_its_first_binding_and_loses_them_with_any() {
    let (mut lab, channel) = hashing(&[], &WEIGHTS);
    let mut round = 0;
    let mut keys = |lab: &mut Lab| -> String {
        round += 1;
        let numbers = 0..30;
        numbers
            .map(|number| {
                let body = format!("{round}/{number}");
                lab.publish(channel, "x", &format!("key{number}"), &body);
                holder(lab, &body).unwrap_or('-')
            })
            .collect()
    };
    assert_eq!(keys(&mut lab), "323233333223032332233133103323");
    lab.ok(channel, bind("c0", "x", "7"));
    assert_eq!(keys(&mut lab), "323233333223032332233133103323");
    lab.ok(channel, bind("c4", "x", "5"));
    assert_eq!(keys(&mut lab), "344233434243444332233433104423");
    lab.ok(channel, unbind("c0", "x", "7"));
    assert_eq!(keys(&mut lab), "424233434344444332233234213423");
    lab.ok(channel, bind("c0", "x", "2"));
    assert_eq!(keys(&mut lab), "404033434340444332233034210403");
    lab.ok(channel, unbind("c1", "x", "2"));
    assert_eq!(keys(&mut lab), "430333430344404333334234224433");
    let gone = Method::DeleteQueue {
        queue: "c3".into(),
        if_unused: false,
        if_empty: false,
    };
    lab.ok(channel, gone);
    assert_eq!(keys(&mut lab), "440400240442244404402244222440");
    lab.ok(channel, unbind("c2", "x", "3"));
    assert_eq!(keys(&mut lab), "440444404004444004444444444044");
    lab.ok(channel, unbind("c4", "x", "5"));
    assert_eq!(keys(&mut lab), "0".repeat(30));
    lab.ok(channel, unbind("c0", "x", "1"));
    assert_eq!(keys(&mut lab), "-".repeat(30));
}

// E42
#[test]
fn a_ring_survives_a_restart_where_the_metadata_store_keeps_it() {
    let held = |profile| {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        lab.ok(channel, declare("x", ExchangeKind::ConsistentHash, &[]));
        let rounds = ["c0", "c1", "c2", "c3", "c4"];
        for queue in rounds {
            lab.queue(channel, queue);
        }
        for (queue, weight) in [("c3", "2"), ("c1", "1"), ("c2", "3")] {
            lab.ok(channel, bind(queue, "x", weight));
        }
        let told = |lab: &mut Lab, round: &str| -> String {
            let channel = lab.open();
            let numbers = 0..20;
            numbers
                .filter_map(|number| {
                    let body = format!("{round}/{number}");
                    lab.publish(channel, "x", &format!("key{number}"), &body);
                    holder(lab, &body)
                })
                .collect()
        };
        let before = told(&mut lab, "before");
        lab.operate(Operation::Stop { clean: true }).unwrap();
        lab.operate(Operation::Start).unwrap();
        (before, told(&mut lab, "after"))
    };
    let (before, after) = held(Profile::V4_3);
    assert_eq!(before, after);
    // By weight, then by name: c1, c3, c2.
    let (before, after) = held(Profile::V3_13);
    assert_ne!(before, after);
}

// E43
#[test]
fn a_random_exchange_takes_each_binding_about_equally_often() {
    let mut lab = Lab::new();
    let channel = lab.open();
    lab.ok(channel, declare("x", ExchangeKind::Random, &[]));
    for queue in ["a", "b"] {
        lab.queue(channel, queue);
    }
    // Keys are free, and a queue that is bound twice gets twice as much.
    for (queue, key) in [("a", "1"), ("a", "2"), ("b", "1")] {
        lab.ok(channel, bind(queue, "x", key));
    }
    for number in 0..600 {
        lab.publish(channel, "x", "k", &number.to_string());
    }
    let (a, b) = (lab.ready("a").len(), lab.ready("b").len());
    assert_eq!(a + b, 600);
    assert!((350..450).contains(&a), "{a} and {b}");
}

// E44
#[test]
fn a_history_has_a_length_that_is_a_positive_integer() {
    use ExchangeKind::RecentHistory as Kind;
    let told = |value| refused(Kind, &[("x-recent-history-length", value)]);
    for (value, said) in [
        (Value::Int(0), "0"),
        (Value::Int(-1), "-1"),
        (text("5"), "<<\"5\">>"),
        (Value::Bool(true), "true"),
        (Value::Void, "undefined"),
    ] {
        let text = format!(
            "Invalid argument {said}, 'x-recent-history-length' must be a positive integer"
        );
        assert_eq!(told(value), (406, text));
    }
    let much = [("x-recent-history-length", Value::Int(1_000_000_000_000))];
    assert_eq!(declared(Kind, &much), Ok(()));
}

/// A broker whose exchange `h` remembers three, and has seen m0 to m4.
fn remembering() -> (Lab, ChannelId) {
    let mut lab = Lab::new();
    let channel = lab.open();
    let three = [("x-recent-history-length", Value::Int(3))];
    lab.ok(channel, declare("h", ExchangeKind::RecentHistory, &three));
    for number in 0..5 {
        lab.publish(channel, "h", &format!("k{number}"), &format!("m{number}"));
    }
    lab.queue(channel, "q");
    (lab, channel)
}

// E44
#[test]
fn what_is_newly_bound_gets_the_latest_messages_the_oldest_first() {
    let (mut lab, channel) = remembering();
    for (stored, body) in [(Value::Bool(true), "unseen"), (text("true"), "seen")] {
        let properties = headed("x-recent-history-no-store", stored);
        lab.publish_with(channel, "h", "k", body, properties);
    }
    lab.ok(channel, bind("q", "h", "a"));
    assert_eq!(lab.ready("q"), ["m3", "m4", "seen"]);
    lab.ok(channel, bind("q", "h", "a"));
    assert_eq!(lab.ready("q").len(), 3, "it was bound already");
    lab.ok(channel, bind("q", "h", "b"));
    assert_eq!(lab.ready("q").len(), 6, "another binding");
    lab.publish(channel, "h", "z", "once");
    assert_eq!(lab.ready("q").len(), 7, "E12: one copy");
}

// E44
#[test]
fn a_newly_bound_exchange_gets_the_latest_messages_the_newest_first() {
    let (mut lab, channel) = remembering();
    lab.ok(channel, declare("f", ExchangeKind::Fanout, &[]));
    lab.ok(channel, bind("q", "f", ""));
    let method = Method::BindExchange {
        destination: "f".into(),
        source: "h".into(),
        key: "".into(),
        arguments: Table::new(),
    };
    lab.ok(channel, method);
    assert_eq!(lab.ready("q"), ["m4", "m3", "m2"]);
}

// E44
#[test]
fn a_history_is_of_one_exchange_and_what_was_rolled_back_belongs_to_it() {
    let (mut lab, channel) = remembering();
    let gone = Method::DeleteExchange {
        exchange: "h".into(),
        if_unused: false,
    };
    lab.ok(channel, gone);
    lab.ok(channel, declare("h", ExchangeKind::RecentHistory, &[]));
    let other = lab.open();
    lab.ok(other, Method::TxSelect);
    lab.publish(other, "h", "k", "rolled back");
    lab.ok(other, Method::TxRollback);
    lab.ok(channel, bind("q", "h", ""));
    assert_eq!(lab.ready("q"), ["rolled back"]);
}

// E44
#[test]
fn a_history_survives_a_restart_where_the_metadata_store_keeps_it() {
    for (profile, left) in [
        (Profile::V3_13, 0),
        (Profile::V4_2, 20),
        (Profile::V4_3, 20),
    ] {
        let mut lab = Lab::with(profile);
        let channel = lab.open();
        lab.ok(channel, declare("h", ExchangeKind::RecentHistory, &[]));
        for number in 0..25 {
            lab.publish(channel, "h", "", &format!("m{number}"));
        }
        lab.operate(Operation::Stop { clean: true }).unwrap();
        lab.operate(Operation::Start).unwrap();
        let channel = lab.open();
        lab.queue(channel, "q");
        lab.ok(channel, bind("q", "h", ""));
        assert_eq!(lab.ready("q").len(), left, "{profile}");
    }
}

/// A broker whose exchange `d` delays and then routes by key; `q` is bound with `k`.
fn delaying() -> (Lab, ChannelId) {
    let mut lab = Lab::new();
    let channel = lab.open();
    let direct = [("x-delayed-type", text("direct"))];
    lab.ok(channel, declare("d", ExchangeKind::Delayed, &direct));
    lab.queue(channel, "q");
    lab.ok(channel, bind("q", "d", "k"));
    (lab, channel)
}

fn millis(millis: u64) -> Micros {
    Micros::from_millis(millis)
}

// E45
#[test]
fn an_exchange_that_delays_wraps_another_type() {
    use ExchangeKind::Delayed as Kind;
    for kind in ExchangeKind::ALL {
        let wrapped = declared(Kind, &[("x-delayed-type", text(kind.as_str()))]);
        assert_eq!(wrapped.is_ok(), kind != Kind, "{kind}");
    }
    let told = |value| refused(Kind, &[("x-delayed-type", value)]);
    let none = "Invalid argument, 'x-delayed-type' must be an existing exchange type";
    assert_eq!(refused(Kind, &[]), (406, none.to_owned()));
    assert_eq!(told(Value::Int(5)), (406, none.to_owned()));
    let itself = "Invalid argument, 'x-delayed-message' can't be used for 'x-delayed-type'";
    assert_eq!(told(text("x-delayed-message")), (406, itself.to_owned()));
    assert_eq!(
        told(text("nope")),
        (406, "unknown exchange type 'nope'".to_owned())
    );
    assert_eq!(told(text("")), (406, "invalid exchange type ''".to_owned()));
    let hash = [
        ("x-delayed-type", text("x-consistent-hash")),
        ("hash-property", text("foo")),
    ];
    assert_eq!(
        refused(Kind, &hash),
        (406, "Unsupported property: foo".to_owned())
    );
}

// E45
#[test]
fn a_message_waits_for_as_long_as_its_header_says_and_is_routed_then() {
    let (mut lab, channel) = delaying();
    for (delay, body) in [(500, "late"), (100, "soon"), (500, "later")] {
        lab.publish_with(channel, "d", "k", body, headed("x-delay", delay));
    }
    lab.publish(channel, "d", "k", "at once");
    assert_eq!(lab.ready("q"), ["at once"]);
    lab.at(millis(99));
    assert_eq!(lab.ready("q").len(), 1);
    lab.at(millis(100));
    assert_eq!(lab.ready("q"), ["at once", "soon"]);
    lab.at(millis(500));
    assert_eq!(lab.ready("q"), ["at once", "soon", "late", "later"]);
    let waited = lab.told(|event| match event {
        Event::Postponed { until, .. } => Some(*until),
        _ => None,
    });
    assert_eq!(waited, [millis(500), millis(100), millis(500)]);
}

// E45
#[test]
fn only_numbers_delay_up_to_a_limit_and_some_values_close_the_connection() {
    let sized = |width, value| Value::Sized(width, value);
    for (value, waits) in [
        (Value::Int(300), true),
        (text("300"), true),
        (text("+300"), true),
        (Value::Octets("300".into()), true),
        (Value::Double(300.9), true),
        (sized(Width::U8, 200), true),
        (sized(Width::I64, 4_294_967_295), true),
        (sized(Width::I64, 4_294_967_296), false),
        (sized(Width::I8, 100), false),
        (Value::Int(0), false),
        (Value::Int(-5), false),
        (Value::Bool(true), false),
        (Value::Array(vec![Value::Int(1)]), false),
        (Value::Timestamp(300), false),
    ] {
        let (mut lab, channel) = delaying();
        lab.publish_with(channel, "d", "k", "m", headed("x-delay", value.clone()));
        assert_eq!(lab.ready("q").is_empty(), waits, "{value:?}");
    }
    for odd in [text("abc"), text("1.5"), Value::Void, Value::Decimal(1, 15)] {
        let (mut lab, channel) = delaying();
        let properties = headed("x-delay", odd.clone());
        let method = lab.publishing("d", "k", "m", properties, false);
        assert_eq!(lab.refused(channel, method), (541, CONNECTION), "{odd:?}");
    }
}

// E45
#[test]
fn what_was_delayed_says_so_with_a_minus_and_is_not_delayed_again() {
    let (mut lab, channel) = delaying();
    let fanout = [("x-delayed-type", text("fanout"))];
    lab.ok(channel, declare("next", ExchangeKind::Delayed, &fanout));
    lab.queue(channel, "far");
    lab.ok(channel, bind("far", "next", ""));
    let method = Method::BindExchange {
        destination: "next".into(),
        source: "d".into(),
        key: "k".into(),
        arguments: Table::new(),
    };
    lab.ok(channel, method);
    lab.publish_with(channel, "d", "k", "m", headed("x-delay", text("300")));
    lab.at(millis(300));
    for queue in ["q", "far"] {
        let delivery = lab.get(channel, queue).expect("it is there");
        let delay = delivery.headers().get("x-delay").cloned();
        assert_eq!(delay, Some(Value::Sized(Width::I64, -300)), "{queue}");
    }
}

// E45
#[test]
fn bindings_count_as_they_are_when_a_message_goes_on() {
    let (mut lab, channel) = delaying();
    lab.publish_with(channel, "d", "later", "m", headed("x-delay", 300));
    lab.ok(channel, bind("q", "d", "later"));
    lab.at(millis(300));
    assert_eq!(lab.ready("q"), ["m"]);

    let (mut lab, channel) = delaying();
    for (body, delay) in [("lost", 100), ("kept", 300)] {
        lab.publish_with(channel, "d", "k", body, headed("x-delay", delay));
    }
    let gone = Method::DeleteExchange {
        exchange: "d".into(),
        if_unused: false,
    };
    lab.ok(channel, gone);
    lab.at(millis(200));
    // Another one of that name takes over.
    let direct = [("x-delayed-type", text("direct"))];
    lab.ok(channel, declare("d", ExchangeKind::Delayed, &direct));
    lab.ok(channel, bind("q", "d", "k"));
    lab.at(millis(300));
    assert_eq!(lab.ready("q"), ["kept"]);
    assert_eq!(lab.broker.totals().unroutable, 1);
}

// E46
#[test]
fn at_first_no_queue_gets_a_delayed_message_so_it_comes_back_if_it_is_mandatory_and_is_confirmed() {
    let (mut lab, channel) = delaying();
    lab.ok(channel, Method::ConfirmSelect);
    let method = lab.publishing("d", "k", "m", headed("x-delay", 300), true);
    lab.ok(channel, method);
    assert_eq!(lab.returned(), ["m"]);
    assert_eq!(lab.confirms(), [(1, false, true)]);
    lab.at(millis(300));
    assert_eq!(lab.ready("q"), ["m"], "and it is routed all the same");
    assert_eq!(lab.broker.totals().unroutable, 0);
}

// E46, E13
#[test]
fn a_delayed_message_goes_to_the_alternate_exchange_at_once_and_is_routed_later() {
    let mut lab = Lab::new();
    let channel = lab.open();
    let arguments = [
        ("x-delayed-type", text("direct")),
        ("alternate-exchange", text("amq.fanout")),
    ];
    lab.ok(channel, declare("d", ExchangeKind::Delayed, &arguments));
    for (queue, source, key) in [("q", "d", "k"), ("rest", "amq.fanout", "")] {
        lab.queue(channel, queue);
        lab.ok(channel, bind(queue, source, key));
    }
    lab.publish_with(channel, "d", "k", "m", headed("x-delay", 400));
    assert_eq!((lab.ready("q").len(), lab.ready("rest").len()), (0, 1));
    lab.at(millis(400));
    assert_eq!((lab.ready("q").len(), lab.ready("rest").len()), (1, 1));
    lab.publish_with(channel, "d", "none", "m", headed("x-delay", 400));
    lab.at(millis(800));
    assert_eq!(lab.ready("rest").len(), 3, "once at once, and once later");
}

// E46
#[test]
fn a_transaction_neither_holds_a_delay_back_nor_takes_it_back() {
    let (mut lab, channel) = delaying();
    let other = lab.open();
    lab.ok(other, Method::TxSelect);
    lab.publish_with(other, "d", "k", "m", headed("x-delay", 300));
    lab.at(millis(300));
    assert_eq!(lab.ready("q"), ["m"]);
    lab.ok(other, Method::TxRollback);
    lab.publish_with(other, "d", "k", "n", headed("x-delay", 300));
    lab.ok(other, Method::TxCommit);
    lab.at(millis(600));
    assert_eq!(lab.ready("q"), ["m", "n"]);
    let _ = channel;
}

// E46
#[test]
fn a_time_to_live_begins_when_the_message_goes_on_and_a_dead_message_can_be_delayed() {
    let (mut lab, channel) = delaying();
    let expiring = Properties {
        expiration: Some("300".into()),
        ..headed("x-delay", 500)
    };
    lab.publish_with(channel, "d", "k", "m", expiring);
    lab.at(millis(500));
    assert_eq!(lab.ready("q"), ["m"]);
    lab.at(millis(800));
    assert_eq!(lab.ready("q").len(), 0);

    let retry = QueueSpec::new("retry")
        .with("x-message-ttl", 100)
        .with("x-dead-letter-exchange", "d")
        .with("x-dead-letter-routing-key", "k");
    lab.declare(channel, retry);
    lab.publish_with(channel, "", "retry", "dead", headed("x-delay", 400));
    lab.at(millis(900));
    assert_eq!(lab.ready("q").len(), 0);
    lab.at(millis(1300));
    assert_eq!(lab.ready("q"), ["dead"]);
}

// E46, R4
#[test]
fn what_waits_survives_a_restart() {
    for clean in [true, false] {
        let (mut lab, channel) = delaying();
        for (delay, body) in [(200, "a"), (900, "b")] {
            lab.publish_with(channel, "d", "k", body, headed("x-delay", delay));
        }
        lab.operate(Operation::Stop { clean }).unwrap();
        lab.at(millis(500));
        lab.operate(Operation::Start).unwrap();
        lab.at(millis(500));
        assert_eq!(lab.ready("q"), ["a"], "clean: {clean}");
        lab.at(millis(900));
        assert_eq!(lab.ready("q"), ["a", "b"]);
    }
}

// E47
#[test]
fn of_a_type_that_is_not_known_nothing_is_told_but_that() {
    let mut lab = Lab::new();
    let odd = ExchangeSpec {
        arguments: table("alternate-exchange", "amq.fanout"),
        ..ExchangeSpec::of_plugin("odd", "x-odd")
    };
    lab.operate(Operation::DeclareExchange(odd)).unwrap();
    let channel = lab.open();
    for (queue, source) in [("q", "odd"), ("rest", "amq.fanout"), ("sure", "amq.direct")] {
        lab.queue(channel, queue);
        lab.ok(channel, bind(queue, source, "k"));
    }
    lab.operate(Operation::Bind {
        source: "amq.direct".into(),
        destination: Target::Exchange("odd".into()),
        key: "k".into(),
        arguments: Table::new(),
    })
    .unwrap();
    lab.ok(channel, Method::ConfirmSelect);
    for exchange in ["odd", "amq.direct"] {
        let method = lab.publishing(exchange, "k", "m", Properties::default(), true);
        lab.ok(channel, method);
    }
    // Neither by its bindings nor to its alternate exchange, and whether it would come back is not known either.
    let ready = ["q", "rest", "sure"].map(|queue| lab.ready(queue).len());
    assert_eq!(ready, [0, 0, 1]);
    assert_eq!(lab.returned(), [""; 0]);
    assert_eq!(lab.confirms().len(), 2);
    assert_eq!(lab.broker.totals().unroutable, 0);
    let untold = lab.told(|event| matches!(event, Event::Untold { .. }).then_some(()));
    assert_eq!(untold.len(), 2);
}

// E47, E6
#[test]
fn no_client_declares_a_type_that_is_not_known() {
    let switches = Profile::V4_3.switches();
    for name in ["x-odd", "unknown"] {
        let refusal = ExchangeKind::from_name(name, switches).expect_err(name);
        let told = format!("unknown exchange type '{name}'");
        assert_eq!((refusal.code.number(), refusal.text), (406, told));
    }
}
