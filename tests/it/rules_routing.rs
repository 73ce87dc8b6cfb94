//! Where messages go: rules E1–E5, E10–E12, E15, E20–E24, E27, E30–E34, by the broker's commands.

use leveret::broker::ExchangeKind::{Direct, Fanout, Headers, Topic};
use leveret::broker::{Command, Effect, InnerTable, Keys, Reply, ReplyCode, Table, Value, Width};

use crate::support::{Lab, bind_exchange, bind_queue, declare_exchange, declare_queue, table};

fn lab(queues: &[&str]) -> Lab {
    let mut lab = Lab::default();
    for queue in queues {
        lab.queue(queue);
    }
    lab
}

// E1
#[test]
fn the_predeclared_exchanges_are_there_and_route_by_their_type() {
    let mut lab = lab(&["q"]);
    lab.bind("amq.direct", "q", "k");
    lab.bind("amq.fanout", "q", "k");
    lab.bind("amq.topic", "q", "k.#");
    for headers in ["amq.headers", "amq.match"] {
        lab.does(bind_queue(headers, "q", "", table([("h", 1.into())])));
    }
    for (exchange, key, expected) in [
        ("amq.direct", "k", "q"),
        ("amq.direct", "k.x", ""),
        ("amq.fanout", "other", "q"),
        ("amq.topic", "k.x", "q"),
        ("amq.topic", "x.k", ""),
        ("amq.headers", "k", ""),
        ("amq.match", "k", ""),
    ] {
        assert_eq!(lab.publish(exchange, key), expected, "{exchange} {key}");
    }
    for exchange in ["amq.headers", "amq.match"] {
        let headers = table([("h", 1.into())]);
        assert_eq!(lab.publish_with(exchange, "", headers), "q", "{exchange}");
    }
    assert!(
        lab.broker
            .definitions()
            .exchange_named("amq.rabbitmq.trace")
            .is_some()
    );
}

// E2
#[test]
fn the_default_exchange_routes_to_the_queue_named_by_the_key() {
    let mut lab = lab(&["q", "r.#", "*"]);
    for (key, expected) in [
        ("q", "q"),
        ("r.#", "r.#"),
        ("*", "*"),
        ("r.x", ""),
        ("Q", ""),
        ("", ""),
    ] {
        assert_eq!(lab.publish("", key), expected, "{key:?}");
    }
    assert!(
        lab.broker.definitions().bindings().is_empty(),
        "never stored"
    );
}

// E2
#[test]
fn nobody_declares_or_binds_the_default_exchange() {
    let mut lab = lab(&["q"]);
    lab.exchange("x", Fanout);
    for command in [
        declare_exchange("", Direct),
        bind_queue("", "q", "k", Table::new()),
        bind_queue("", "missing", "k", Table::new()),
        bind_exchange("", "x", "k"),
        bind_exchange("x", "", "k"),
        bind_exchange("", "missing", "k"),
        bind_exchange("missing", "", "k"),
        bind_exchange("", "", "k"),
    ] {
        assert_eq!(lab.refuses(command), ReplyCode::AccessRefused);
    }
}

// E3, E5
#[test]
fn a_new_amq_exchange_is_refused_and_the_same_again_is_fine() {
    let mut lab = Lab::default();
    assert_eq!(
        lab.refuses(declare_exchange("amq.mine", Direct)),
        ReplyCode::AccessRefused
    );
    assert_eq!(
        lab.refuses(declare_exchange("amq.topic", Direct)),
        ReplyCode::PreconditionFailed
    );
    let number = |reply| match reply {
        Reply::Exchange(id) => id,
        reply => panic!("{reply:?}"),
    };
    let present = lab
        .broker
        .definitions()
        .exchange_named("amq.topic")
        .unwrap()
        .id;
    assert_eq!(
        number(lab.does(declare_exchange("amq.topic", Topic))),
        present
    );
    let mine = number(lab.does(declare_exchange("mine", Headers)));
    assert_eq!(number(lab.does(declare_exchange("mine", Headers))), mine);
    assert_eq!(
        lab.refuses(declare_exchange("mine", Topic)),
        ReplyCode::PreconditionFailed
    );
}

// E10
#[test]
fn binding_what_is_missing_is_refused() {
    let mut lab = lab(&["q"]);
    lab.exchange("x", Direct);
    for command in [
        bind_queue("missing", "q", "k", Table::new()),
        bind_queue("x", "missing", "k", Table::new()),
        bind_exchange("missing", "x", "k"),
        bind_exchange("x", "missing", "k"),
        // An exchange is no queue, a queue no exchange.
        bind_queue("x", "x", "k", Table::new()),
        bind_exchange("x", "q", "k"),
    ] {
        assert_eq!(lab.refuses(command), ReplyCode::NotFound);
    }
}

// E11
#[test]
fn a_binding_is_its_source_destination_key_and_arguments() {
    let mut lab = lab(&["q", "r"]);
    lab.exchange("x", Headers);
    lab.exchange("q", Fanout); // an exchange may bear a queue's name
    let arguments = || table([("a", 1.into()), ("b", 2.into())]);
    let number = |reply| match reply {
        Reply::Binding(id) => id.0,
        reply => panic!("{reply:?}"),
    };
    let mut bind = |command: Command| number(lab.does(command));
    assert_eq!(bind(bind_queue("x", "q", "k", arguments())), 0);
    assert_eq!(
        bind(bind_queue("x", "q", "k", arguments())),
        0,
        "the same again"
    );
    assert_eq!(bind(bind_queue("x", "q", "other", arguments())), 1);
    assert_eq!(bind(bind_queue("x", "q", "k", table([("a", 1.into())]))), 2);
    assert_eq!(bind(bind_queue("x", "r", "k", arguments())), 3);
    assert_eq!(
        bind(bind_exchange("x", "q", "k")),
        4,
        "an exchange of that name"
    );
    assert_eq!(bind(bind_queue("amq.headers", "q", "k", arguments())), 5);
    assert_eq!(lab.publish_with("x", "", table([("a", 1.into())])), "q");
    assert_eq!(lab.publish_with("x", "", arguments()), "q r");
}

// E11, E12
#[test]
fn several_bindings_between_the_same_two_things_make_one_copy() {
    let mut lab = lab(&["q"]);
    lab.exchange("x", Topic);
    for key in ["a.*", "*.b", "#", "a.b", "z"] {
        lab.bind("x", "q", key);
    }
    assert_eq!(lab.publish("x", "a.b"), "q");
    assert_eq!(lab.ready("q"), [1]);
    let definitions = lab.broker.definitions();
    let x = definitions.exchange_named("x").unwrap().id;
    let effects: Vec<_> = definitions
        .explain(x, Keys::only(&"a.b".into()), &Table::new(), 0)
        .visits[0]
        .verdicts
        .iter()
        .map(|verdict| verdict.effect)
        .collect();
    use Effect::{Already, Passed, Refused};
    assert_eq!(effects, [Passed, Already, Already, Already, Refused]);
}

// E12
#[test]
fn a_diamond_of_exchanges_makes_one_copy() {
    let mut lab = lab(&["q"]);
    for name in ["top", "left", "right", "bottom"] {
        lab.exchange(name, Fanout);
    }
    for (source, destination) in [
        ("top", "left"),
        ("top", "right"),
        ("left", "bottom"),
        ("right", "bottom"),
    ] {
        lab.bind_exchange(source, destination, "");
    }
    lab.bind("bottom", "q", "");
    lab.bind("left", "q", "");
    assert_eq!(lab.publish("top", "k"), "q");
    assert_eq!(lab.ready("q"), [1]);
    assert_eq!(lab.broker.totals().copies, 1);
    let definitions = lab.broker.definitions();
    let top = definitions.exchange_named("top").unwrap().id;
    let visits: Vec<_> = definitions
        .explain(top, Keys::only(&"k".into()), &Table::new(), 0)
        .visits
        .iter()
        .map(|visit| definitions.exchange_name(visit.exchange))
        .collect();
    assert_eq!(visits, ["top", "left", "right", "bottom"]);
}

// E12
#[test]
fn cycles_of_exchanges_end() {
    let mut lab = lab(&["qa", "qb", "qc"]);
    for name in ["a", "b", "c"] {
        lab.exchange(name, Fanout);
        lab.bind(name, &format!("q{name}"), "");
    }
    for (source, destination) in [("a", "b"), ("b", "c"), ("c", "a"), ("b", "b")] {
        lab.bind_exchange(source, destination, "");
    }
    assert_eq!(lab.publish("a", ""), "qa qb qc");
    assert_eq!(lab.publish("c", ""), "qc qa qb");
}

// E12: each exchange compares with its own bindings, by its own type.
#[test]
fn exchanges_of_every_type_pass_a_message_on() {
    let mut lab = lab(&["q"]);
    lab.exchange("d", Direct);
    lab.exchange("t", Topic);
    lab.exchange("h", Headers);
    lab.exchange("f", Fanout);
    lab.bind_exchange("d", "t", "a.b");
    lab.bind_exchange("t", "h", "*.b");
    lab.bind_exchange("h", "f", "");
    lab.bind("f", "q", "never looked at");
    assert_eq!(lab.publish("d", "a.b"), "q");
    assert_eq!(lab.publish("d", "x.b"), "");
    assert_eq!(lab.publish("t", "x.b"), "q");
    assert_eq!(lab.publish("t", "x.c"), "");
}

// E12: matched by an exchange, but no queue.
#[test]
fn a_message_that_reaches_exchanges_only_is_unroutable() {
    let mut lab = lab(&["q"]);
    lab.exchange("f", Fanout);
    lab.exchange("d", Direct);
    lab.bind_exchange("f", "d", "");
    lab.bind("d", "q", "k");
    assert_eq!(lab.publish("f", "other"), "");
    assert_eq!(lab.broker.totals().unroutable, 1);
    assert_eq!(lab.publish("f", "k"), "q");
}

// E15
#[test]
fn direct_compares_octets_and_fanout_nothing() {
    let mut lab = lab(&["plain", "upper", "accent", "empty", "star"]);
    lab.exchange("d", Direct);
    lab.exchange("f", Fanout);
    for (queue, key) in [
        ("plain", "key"),
        ("upper", "Key"),
        ("accent", "kéy"),
        ("empty", ""),
        ("star", "*"),
    ] {
        lab.bind("d", queue, key);
    }
    lab.bind("f", "plain", "x");
    for (key, expected) in [
        ("key", "plain"),
        ("Key", "upper"),
        ("kéy", "accent"),
        ("ke\u{301}y", ""), // the same letter in other octets
        ("", "empty"),
        ("*", "star"),
        ("key.", ""),
    ] {
        assert_eq!(lab.publish("d", key), expected, "{key:?}");
        assert_eq!(lab.publish("f", key), "plain", "{key:?}");
    }
}

/// Binds a queue for each pattern, named `0`, `1`, …, and compares which patterns match each key.
fn topic_table(patterns: &[&str], keys: &[(&str, &[usize])]) {
    let mut lab = Lab::default();
    lab.exchange("t", Topic);
    for (index, pattern) in patterns.iter().enumerate() {
        lab.queue(&index.to_string());
        lab.bind("t", &index.to_string(), pattern);
    }
    for (key, expected) in keys {
        let expected: Vec<_> = expected.iter().map(usize::to_string).collect();
        assert_eq!(
            lab.publish("t", key),
            expected.join(" "),
            "{key:?} of {patterns:?}"
        );
    }
}

// E27
#[test]
fn topics_match_as_the_tables_of_e27_say() {
    topic_table(
        &["foo.*", "foo.#", "foo.bar", "foo.*.baz", "#"],
        &[
            ("foo.bar", &[0, 1, 2, 4]),
            ("foo.bar.baz", &[1, 3, 4]),
            ("foo.bar.baz.qux", &[1, 4]),
            ("bar.foo", &[4]),
        ],
    );
    topic_table(
        &["#.c", "#.b.c", "a.#.d", "#.*.#"],
        &[
            ("a.b.c", &[0, 1, 3]),
            ("c", &[0, 3]),
            ("x.y.b.c", &[0, 1, 3]),
            ("a.d", &[2, 3]),
            ("a.b.c.d", &[2, 3]),
            ("x", &[3]),
            ("x.c", &[0, 3]),
        ],
    );
    topic_table(
        &[
            "a.b", "a.b.#", "a.b.c", "a.b.*", "a.b.d", "a.*.*", "a.*.#", "*.b.c",
        ],
        &[("a.b.c", &[1, 2, 3, 5, 6, 7]), ("a.b", &[0, 1, 6])],
    );
    topic_table(&[".#", ".*", ".*.a.b.c"], &[(".0.a.b.c", &[0, 2])]);
}

// E20–E22
#[test]
fn topics_count_empty_words() {
    for (pattern, key, matches) in [
        ("*", "", false),
        ("#", "", true),
        ("", "", true),
        ("", ".", false),
        ("*.*", ".", true),
        ("a.*.b", "a..b", true),
        ("a.b", "a..b", false),
        ("*.*", "a.", true),
        ("*.*", ".a", true),
        ("*", "a.", false),
        ("a.#", "a", true),
        ("a.#", "a.", true),
        ("#.a.#", "a", true),
        ("#.#", "", true),
        ("#.*", "", false),
        ("#.*", "a", true),
    ] {
        topic_table(&[pattern], &[(key, if matches { &[0] } else { &[] })]);
    }
}

// E23, E24
#[test]
fn topics_take_wildcards_as_whole_words_of_the_pattern_only() {
    topic_table(
        &["a*", "simply#x", "*", "#", "Kern.Error", "a*.b"],
        &[
            ("a*", &[0, 2, 3]),
            ("ab", &[2, 3]),
            ("simply#x", &[1, 2, 3]),
            ("simplyx", &[2, 3]),
            ("*", &[2, 3]),
            ("#", &[2, 3]),
            ("kern.error", &[3]),
            ("Kern.Error", &[3, 4]),
            ("a*.b", &[3, 5]),
            ("ax.b", &[3]),
        ],
    );
    topic_table(
        &["a.b"],
        &[("a.*", &[]), ("#", &[]), ("*.b", &[]), ("a.b", &[0])],
    );
}

// E30–E34: the data of j:Routing, through the broker.
#[test]
fn headers_match_as_the_table_under_e34_says() {
    let mut lab = lab(&["all", "any", "default"]);
    lab.exchange("h", Headers);
    let filtered = || Value::from("bindings starting with x- get filtered out");
    for queue in ["all", "any", "default"] {
        let mut arguments = table([
            ("h1", 12345.into()),
            ("h2", "bar".into()),
            ("h3", Value::Void),
            ("x-key-1", filtered()),
        ]);
        if queue != "default" {
            arguments.insert("x-match".into(), queue.into());
        }
        lab.does(bind_queue("h", queue, "ignored", arguments));
    }
    for (headers, expected) in [
        (table([]), ""),
        (table([("x-key-1", filtered())]), ""),
        (table([("h1", "zot".into()), ("h2", "quux".into())]), ""),
        (table([("h1", 12345.into())]), "any"),
        (table([("h2", "bar".into())]), "any"),
        (table([("h3", Value::Bool(false))]), "any"),
        (table([("h1", 12345.into()), ("h2", "bar".into())]), "any"),
        (table([("h1", 12345.into()), ("h2", "quux".into())]), "any"),
        (
            table([
                ("h1", "zot".into()),
                ("h2", "quux".into()),
                ("h3", 1.into()),
            ]),
            "any",
        ),
        (
            table([
                ("h1", 12345.into()),
                ("h2", "bar".into()),
                ("h3", "any value".into()),
            ]),
            "all any default",
        ),
        (
            table([
                ("h1", 12345.into()),
                ("h2", "bar".into()),
                ("h3", Value::Void),
                ("extra", 1.into()),
            ]),
            "all any default",
        ),
    ] {
        let shown = format!("{headers:?}");
        assert_eq!(
            lab.publish_with("h", "another key", headers),
            expected,
            "{shown}"
        );
    }
}

// E30, E31
#[test]
fn the_with_x_modes_compare_headers_that_start_with_x() {
    let mut lab = lab(&["all", "any", "all-with-x", "any-with-x"]);
    lab.exchange("h", Headers);
    for queue in ["all", "any", "all-with-x", "any-with-x"] {
        let arguments = table([
            ("x-match", queue.into()),
            ("x-kind", "a".into()),
            ("kind", "b".into()),
        ]);
        lab.does(bind_queue("h", queue, "", arguments));
    }
    for (headers, expected) in [
        (table([("kind", "b".into())]), "all any any-with-x"),
        (table([("x-kind", "a".into())]), "any-with-x"),
        (
            table([("x-kind", "a".into()), ("kind", "b".into())]),
            "all any all-with-x any-with-x",
        ),
        (table([("x-match", "all".into())]), ""),
    ] {
        let shown = format!("{headers:?}");
        assert_eq!(lab.publish_with("h", "", headers), expected, "{shown}");
    }
}

// E30
#[test]
fn another_x_match_is_refused_but_only_by_a_headers_exchange() {
    let mut lab = lab(&["q"]);
    lab.exchange("h", Headers);
    for mode in [
        Value::from("some"),
        Value::from("ALL"),
        Value::from(1),
        Value::Void,
    ] {
        let arguments = table([("x-match", mode)]);
        assert_eq!(
            lab.refuses(bind_queue("h", "q", "", arguments.clone())),
            ReplyCode::PreconditionFailed
        );
        lab.does(bind_queue("amq.direct", "q", "", arguments));
    }
}

// E33, E34
#[test]
fn values_are_compared_exactly_and_no_arguments_mean_all_but_not_any() {
    let mut lab = lab(&["one", "text", "none", "none-any"]);
    lab.exchange("h", Headers);
    lab.does(bind_queue("h", "one", "", table([("n", 1.into())])));
    lab.does(bind_queue("h", "text", "", table([("n", "1".into())])));
    lab.does(bind_queue("h", "none", "", table([])));
    lab.does(bind_queue(
        "h",
        "none-any",
        "",
        table([("x-match", "any".into())]),
    ));
    for (headers, expected) in [
        (table([]), "none"),
        (table([("n", 1.into())]), "one none"),
        (table([("n", "1".into())]), "text none"),
        (table([("n", Value::Double(1.0))]), "none"),
        (table([("N", 1.into())]), "none"),
    ] {
        let shown = format!("{headers:?}");
        assert_eq!(lab.publish_with("h", "", headers), expected, "{shown}");
    }
}

/// What live ones of 4.0.5 and 4.3.6 matched, of all types bound and sent.
// E33
#[test]
fn a_header_of_each_type_matches_what_is_bound_of_the_same_kind() {
    let whole = |width| Value::Sized(width, 5);
    let values = [
        ("byte", whole(Width::I8)),
        ("unsignedbyte", whole(Width::U8)),
        ("short", whole(Width::I16)),
        ("unsignedshort", whole(Width::U16)),
        ("signedint", whole(Width::I32)),
        ("unsignedint", whole(Width::U32)),
        ("long", whole(Width::I64)),
        ("float", Value::Float(5.0)),
        ("double", Value::Double(5.0)),
        ("decimal", Value::Decimal(0, 5)),
        ("timestamp", Value::Timestamp(5)),
        ("bool", Value::Bool(true)),
        ("longstr", "5".into()),
        ("binary", Value::Octets("5".into())),
        ("array", Value::Array(vec![5.into()])),
        (
            "table",
            Value::Table(InnerTable::from([("a".into(), 5.into())])),
        ),
        ("void", Value::Void),
    ];
    let kind = |name: &str| match name {
        "float" | "double" => "float",
        "longstr" | "binary" => "text",
        "decimal" => "decimal",
        "bool" => "bool",
        "array" => "array",
        "table" => "table",
        _ => "int",
    };
    let matches = |wanted: &Value, sent: &Value| {
        let mut lab = lab(&["q"]);
        lab.exchange("h", Headers);
        lab.does(bind_queue("h", "q", "", table([("h", wanted.clone())])));
        lab.publish_with("h", "", table([("h", sent.clone())])) == "q"
    };
    for (bound, wanted) in &values {
        for (sent, header) in &values {
            // A timestamp is sent as milliseconds, and so it is not even itself.
            let expected = *bound == "void"
                || (*sent != "timestamp" && *sent != "void" && kind(bound) == kind(sent));
            assert_eq!(
                matches(wanted, header),
                expected,
                "{bound} bound, {sent} sent"
            );
        }
    }
    let five = Value::Timestamp(5);
    for (wanted, sent, expected) in [
        (Value::Int(5_000), five.clone(), true),
        (Value::Timestamp(5_000), five.clone(), true),
        (Value::Double(5_000.0), five.clone(), false),
        (Value::Timestamp(0), Value::Timestamp(0), true),
        (
            Value::Timestamp(u64::MAX),
            Value::Timestamp(u64::MAX),
            false,
        ),
        (
            Value::Array(vec![five.clone()]),
            Value::Array(vec![five]),
            true,
        ),
        (
            Value::Array(vec![]),
            Value::Table(InnerTable::default()),
            true,
        ),
    ] {
        assert_eq!(
            matches(&wanted, &sent),
            expected,
            "{wanted:?} bound, {sent:?} sent"
        );
    }
}

// E33: 1 is 1, whatever its width, but not within an array or a table.
#[test]
fn arrays_and_tables_are_compared_with_their_types() {
    let array = |value: Value| table([("a", Value::Array(vec![value]))]);
    let inner =
        |value: Value| table([("a", Value::Table(InnerTable::from([("b".into(), value)])))]);
    let long = || Value::Sized(Width::I64, 1);
    let int = || Value::Sized(Width::I32, 1);
    let mut lab = lab(&["array", "table"]);
    lab.exchange("h", Headers);
    lab.does(bind_queue("h", "array", "", array(1.into())));
    lab.does(bind_queue("h", "table", "", inner(1.into())));
    for (headers, expected) in [
        (array(int()), "array"),
        (array(long()), ""),
        (inner(int()), "table"),
        (inner(long()), ""),
        (table([("a", int())]), ""),
    ] {
        let shown = format!("{headers:?}");
        assert_eq!(lab.publish_with("h", "", headers), expected, "{shown}");
    }
}

// E33: what is within a table is compared as it came.
#[test]
fn tables_within_headers_are_compared_in_their_order() {
    let inner = |names: [&str; 2]| {
        let fields = names.map(|name| (name.into(), Value::from(1)));
        table([("a", Value::Table(InnerTable::from(fields)))])
    };
    let mut lab = lab(&["q"]);
    lab.exchange("h", Headers);
    lab.does(bind_queue("h", "q", "", inner(["y", "x"])));
    assert_eq!(lab.publish_with("h", "", inner(["y", "x"])), "q");
    assert_eq!(lab.publish_with("h", "", inner(["x", "y"])), "");
}

// E10: a queue may be declared again, and keeps its bindings.
#[test]
fn declaring_a_queue_again_changes_nothing() {
    let mut lab = lab(&["q"]);
    lab.bind("amq.direct", "q", "k");
    lab.publish("amq.direct", "k");
    lab.does(declare_queue("q"));
    assert_eq!(lab.publish("amq.direct", "k"), "q");
    assert_eq!(lab.ready("q"), [1, 2]);
}
