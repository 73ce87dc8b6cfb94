//! Each mistake is told once, with what to do about it.

use crate::scenario::{Place, load_str};

/// The problems of a bad file, as `line:column: what | hint`.
pub(super) fn problems(text: &str) -> Vec<String> {
    let error = load_str("bad.ron", text).unwrap_err();
    let problems = error.problems().iter();
    problems
        .map(|problem| {
            let Place { line, column } = problem.place;
            let hint = problem.hint.as_deref().unwrap_or_default();
            format!("{line}:{column}: {} | {hint}", problem.what)
        })
        .collect()
}

/// Each case is what to put into the file, a part of what is told, and a part of the hint.
pub(super) fn told(file: impl Fn(&str) -> String, cases: &[(&str, &str, &str)]) {
    for (part, what, hint) in cases {
        let text = file(part);
        let found = problems(&text);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        let (told, advice) = found[0].split_once(" | ").unwrap();
        assert!(told.contains(what), "{text}: {told}");
        assert!(advice.contains(hint), "{text}: {advice}");
    }
}

#[test]
fn in_the_file() {
    let cases = [
        ("", "the file is empty", "queues"),
        ("[]", "expected a scenario", ""),
        ("(version: 2)", "newer Leveret", "version 1"),
        ("(version: 9, new_thing: 1)", "newer Leveret", "version 1"),
        ("(version: 0)", "at least 1", ""),
        ("(until: \"0s\")", "zero", "1us"),
        ("(until: 30)", "no unit", "\"30s\""),
        ("(until: \"4 sec\")", "unknown unit", "\"4s\""),
        ("(until: \"4 lustres\")", "unknown unit", "ms, s"),
        ("(title: Hello)", "expected a text", "\"Hello\""),
        ("(title: {\"e n\": \"\"})", "no language", "pt-BR"),
        (
            "(latency: (delivery: \"1s\"))",
            "no field `delivery`",
            "`deliver`",
        ),
        ("(seed: 1, seed: 2)", "`seed` stands here twice", "line 1"),
        ("(sed: 1)", "no field `sed`", "`seed`"),
        ("(seed: -1)", "whole number", ""),
        ("() ()", "already ended", "bracket"),
        ("(title: 'a')", "unexpected '\\''", "double quotes"),
        ("(title: \"C:\\dir\")", "escape", "backslash"),
    ];
    told(str::to_owned, &cases);
}

#[test]
fn in_exchanges_and_queues() {
    let cases = [
        (
            "exchanges: {\"\": direct}",
            "default exchange cannot be declared",
            "leave",
        ),
        (
            "exchanges: {\"amq.mine\": direct}",
            "broker's own",
            "another name",
        ),
        (
            "exchanges: {\"amq.topic\": direct}",
            "its type is topic",
            "leave",
        ),
        (
            "exchanges: {\"a\": direct, \"a\": topic}",
            "`a` stands here twice",
            "line 1",
        ),
        (
            "exchanges: {\"a\": (typ: topic, type: topic)}",
            "no field `typ`",
            "`type`",
        ),
        (
            "exchanges: [\"a\"]",
            "expected exchanges and their types",
            "",
        ),
        ("queues: [\"amq.q\"]", "broker's own", "another name"),
        ("queues: [\"\"]", "name is empty", ""),
        ("queues: [\"a\\nb\"]", "line break", ""),
        (
            "queues: {\"a\": (durabel: true)}",
            "no field `durabel`",
            "`durable`",
        ),
        ("queues: {\"a\": quorun}", "no queue type", "`quorum`"),
        (
            "queues: {\"a\": (ttl: \"1.5ms\")}",
            "finer than a millisecond",
            "whole milliseconds",
        ),
        (
            "queues: {\"a\": (max_age: \"1.5s\")}",
            "finer than a second",
            "whole seconds",
        ),
        (
            "queues: {\"a\": (overflow: reject)}",
            "`reject` is none",
            "`reject_publish`",
        ),
        (
            "queues: {\"a\": (ttl: \"1s\", arguments: {\"x-message-ttl\": 5})}",
            "given twice",
            "remove one",
        ),
        (
            "queues: {\"a\": (dead_letter: \"dlx\")}",
            "no exchange is named `dlx`",
            "",
        ),
        (
            "queues: {\"a\": (exclusive: true)}",
            "which one declares it",
            "by:",
        ),
        (
            "queues: {\"a\": (by: \"app\")}",
            "no connection is named `app`",
            "connect",
        ),
        (
            "exchanges: {\"a\": (type: fanout, alternate: \"b\")}",
            "no exchange is named `b`",
            "",
        ),
        (
            "exchanges: {\"amq.topic\": (type: topic, durable: false)}",
            "it is durable",
            "leave",
        ),
        ("queues: \"a\"", "a list of queues", ""),
    ];
    told(|part| format!("({part})"), &cases);
    told(
        |part| format!("(queues: [\"{}\"])", part.repeat(256)),
        &[("q", "256 octets", "255")],
    );
}

#[test]
fn in_bindings() {
    let file = |part: &str| {
        let exchanges = "{\"h\": headers, \"t\": topic, \"both\": fanout}";
        format!("(exchanges: {exchanges}, queues: [\"q\", \"both\"], bindings: [({part})])")
    };
    let twice = "from: \"t\", to: \"q\", key: \"a\"), (from: \"t\", to: \"q\", key: \"a\"";
    let cases = [
        ("from: \"t\", to: \"q\"", "needs `key`", "key: \"\""),
        (
            "from: \"\", to: \"q\", key: \"k\"",
            "default exchange cannot be bound",
            "already",
        ),
        ("from: \"q\", to: \"q\"", "only a queue of this name", "`h`"),
        ("from: \"h\"", "needs `to`", "to:"),
        ("to: \"q\"", "needs `from`", "from:"),
        ("from: \"h\", to: \"both\"", "also an exchange", "to_queue"),
        (
            "from: \"h\", to: \"q\", to_queue: \"q\"",
            "more than one place",
            "keep one",
        ),
        (
            "from: \"h\", to: \"q\", match: al",
            "no way to match",
            "`all`",
        ),
        (
            "from: \"h\", to: \"q\", arguments: {\"x-match\": \"an\"}",
            "`x-match` cannot be",
            "`any`",
        ),
        (
            "from: \"t\", to: \"q\", key: \"\", match: all",
            "does not look at headers",
            "headers exchange",
        ),
        (
            "from: \"t\", to: \"q\", key: kern",
            "binding key in quotes",
            "\"kern\"",
        ),
        (twice, "this binding stands here twice", "line 1"),
    ];
    told(file, &cases);
}

#[test]
fn in_publishers() {
    let cases = [
        ("", "no messages", "keys"),
        ("every: \"0s\", keys: [\"q\"]", "zero", ""),
        ("every: \"1s\", keys: []", "no messages", ""),
        (
            "to: \"q\", every: \"1s\", keys: [\"q\"]",
            "`q` is a queue",
            "default exchange",
        ),
        (
            "every: \"1s\", keys: [\"q\"], messages: [\"q\"]",
            "both given",
            "keep one",
        ),
        ("keys: [\"q\"]", "when is this message sent", "every"),
        (
            "messages: [(key: \"q\")]",
            "when is this message sent",
            "at",
        ),
        (
            "start: \"1s\", messages: [(key: \"q\", at: \"1s\")]",
            "`start` means nothing",
            "every",
        ),
        (
            "every: \"1s\", messages: [(key: \"q\", at: \"1s\")]",
            "`at` means nothing",
            "either",
        ),
        (
            "to: \"amq.rabbitmq.trace\", every: \"1s\", keys: [\"q\"]",
            "internal",
            "another",
        ),
        ("every: sometimes(\"1s\"), keys: [\"q\"]", "`random(…)`", ""),
        (
            "every: burst(size: 0, every: \"2s\"), keys: [\"q\"]",
            "from 1 to 10000",
            "",
        ),
        (
            "every: burst(size: 5, gap: \"1s\", every: \"2s\"), keys: [\"q\"]",
            "not over",
            "longer",
        ),
        (
            "every: \"1s\", messages: [(expiration: \"5s\")]",
            "expiration",
            "digits",
        ),
        (
            "every: \"1s\", messages: [(headers: {\"n\": 1, \"n\": 2})]",
            "`n` stands here twice",
            "",
        ),
        (
            "every: \"1s\", messages: [(headers: {\"n\": 99999999999999999999})]",
            "too large",
            "",
        ),
        (
            "every: \"1s\", messages: [(headers: {\"n\": 400ms})]",
            "no number",
            "\"400ms\"",
        ),
    ];
    told(
        |part| format!("(queues: [\"q\"], publishers: {{\"p\": ({part})}})"),
        &cases,
    );
}

#[test]
fn in_consumers() {
    let cases = [
        ("", "needs `queue`", "queue:"),
        ("queue: \"p\"", "no queue is named `p`", "`q`"),
        ("queue: \"q\", fails: 10", "from 0 (never) to 1", "0.1"),
        ("queue: \"q\", fails: NaN", "from 0 (never) to 1", ""),
        (
            "queue: \"q\", takes: between(\"2s\", \"1s\")",
            "longer than 1s",
            "shorter",
        ),
        ("queue: \"q\", ack: true", "`manual` or `auto`", ""),
        (
            "queue: \"q\", ack: auto, on_failure: reject",
            "means nothing",
            "by hand",
        ),
        ("queue: \"q\", prefetch: -1", "from 0 to 65535", ""),
    ];
    told(
        |part| format!("(queues: [\"q\"], consumers: {{\"c\": ({part})}})"),
        &cases,
    );
    let cases = [("queue: \"q\"", "no queue is named `q`", "under `queues`")];
    told(|part| format!("(consumers: {{\"c\": ({part})}})"), &cases);
}

#[test]
fn in_expectations() {
    let cases = [
        ("ready: 1", "not clear", "publish"),
        ("queue: \"q\", unroutable: 1", "not clear", "one of"),
        ("queue: \"q\"", "expects nothing", "ready"),
        (
            "queue: \"q\", acked: 1, ready: 1",
            "no field `acked`",
            "`nacked`",
        ),
        ("queue: \"p\", ready: 1", "no queue is named `p`", "`q`"),
        (
            "queue: \"q\", ready: 1, at: \"6s\"",
            "after the end",
            "until",
        ),
        ("publish: (key: \"q\")", "needs `reaches`", "reaches:"),
        (
            "publish: (key: \"q\"), reaches: [\"q\", \"q\"]",
            "twice",
            "one copy",
        ),
        (
            "publisher: \"p\", published: 1",
            "no publisher",
            "under `publishers`",
        ),
    ];
    told(
        |part| format!("(queues: [\"q\"], until: \"5s\", expect: [({part})])"),
        &cases,
    );
}

#[test]
fn in_the_scenario() {
    let cases = [
        ("profile: \"4.1\"", "no release that is modelled", "`4.2`"),
        ("profile: 4.5", "no release that is modelled", "`4.2`"),
        ("policies: {\"p\": (set: {})}", "needs `pattern`", ""),
        ("policies: {\"p\": (pattern: \"\")}", "needs `set`", ""),
        (
            "policies: {\"p\": (pattern: \"\", apply_to: queue, set: {})}",
            "nothing that a policy applies to",
            "`queues`",
        ),
        (
            "users: {\"ann\": (topics: {\"logs\": (write: \"\")})}",
            "no exchange is named `logs`",
            "",
        ),
        (
            "users: {\"ann\": (reed: \".*\")}",
            "no field `reed`",
            "`read`",
        ),
        (
            "latency: (confirms: \"1s\")",
            "no field `confirms`",
            "`confirm`",
        ),
    ];
    told(|part| format!("({part})"), &cases);
}

#[test]
fn in_what_actors_promise() {
    let cases = [
        (
            "publishers: {\"p\": (every: \"1s\", keys: [\"q\"], republish: true)}",
            "without `confirms: true`",
            "confirm",
        ),
        (
            "publishers: {\"p\": (every: \"1s\", keys: [\"q\"], confirms: true, transaction: 2)}",
            "either transactions or confirms",
            "one channel",
        ),
        (
            "consumers: {\"c\": (queue: \"q\", publishes: (key: \"a\"), replies: \"b\")}",
            "both given",
            "keep one",
        ),
        (
            "consumers: {\"c\": (queue: \"q\", publishes: (to: \"out\"))}",
            "no exchange is named `out`",
            "",
        ),
        (
            "consumers: {\"c\": (queue: \"q\", offset: frist)}",
            "no place in a stream",
            "`first`",
        ),
        (
            "consumers: {\"c\": (queue: \"q\", priority: high)}",
            "expected a whole number",
            "",
        ),
        (
            "consumers: {\"c\": (queue: \"q\", polls: \"0s\")}",
            "zero",
            "1us",
        ),
    ];
    told(|part| format!("(queues: [\"q\"], {part})"), &cases);
}

#[test]
fn in_the_script() {
    let cases = [
        ("stop: crash", "needs `at`", "at:"),
        ("at: \"1s\"", "not clear what is done", "stop"),
        ("at: \"1s\", stpo: crash", "no field `stpo`", "`stop`"),
        (
            "at: \"1s\", stop: clean, start: ()",
            "second thing",
            "its own",
        ),
        ("at: \"1s\", stop: now", "`now` is none", "`clean`"),
        ("at: \"1s\", start: true", "expected `()`", ""),
        (
            "at: \"1s\", lose: \"d\"",
            "no connection is named `d`",
            "`c`",
        ),
        ("at: \"1s\", ack: 1", "only a client", "by:"),
        (
            "at: \"1s\", by: \"c\", stop: crash",
            "no client can do `stop`",
            "leave out",
        ),
        ("at: \"1s\", purge: \"r\"", "no queue is named `r`", "`q`"),
        (
            "at: \"1s\", by: \"c\", tx: comit",
            "`comit` is none",
            "`commit`",
        ),
        (
            "at: \"1s\", by: \"c\", nack: (multiple: true)",
            "needs `tag`",
            "",
        ),
        (
            "at: \"1s\", by: \"c\", ack: (tag: 1, requeue: true)",
            "no field `requeue`",
            "",
        ),
        (
            "at: \"1s\", set_policy: (name: \"p\", set: {})",
            "needs `pattern`",
            "",
        ),
        (
            "at: \"1s\", declare_exchange: (name: \"x\")",
            "needs `type`",
            "",
        ),
        (
            "at: \"1s\", bind: (from: \"amq.topic\", to: \"q\")",
            "needs `key`",
            "",
        ),
        (
            "at: \"1s\", bind: (from: \"amq.fanout\", to_queue: \"\")",
            "no queue is named ``",
            "",
        ),
        (
            "at: \"1s\", bind: (from: \"amq.fanout\", to: \"\")",
            "default exchange cannot be bound",
            "",
        ),
        (
            "at: \"1s\", by: \"c\", publish: (key: \"q\", immediate: true)",
            "the script publishes nothing",
            "give a publisher this message",
        ),
        (
            "at: \"1s\", publish: (key: \"q\")",
            "the script publishes nothing",
            "at: \"3s\"",
        ),
    ];
    told(
        |part| {
            format!("(queues: [\"q\"], consumers: {{\"c\": (queue: \"q\")}}, script: [({part})])")
        },
        &cases,
    );
}

#[test]
fn in_what_else_is_expected() {
    let cases = [
        ("died: (queue: \"q\")", "needs `count`", ""),
        (
            "died: (queue: \"q\", reason: expird, count: 1)",
            "no reason",
            "`expired`",
        ),
        ("order: (keys: [])", "whose order", "queue"),
        ("order: (queue: \"q\")", "told from each other", "bodies"),
        ("refused: (code: 407, count: 1)", "no reply code", "406"),
        ("gone: \"r\"", "no queue or exchange is named `r`", "`q`"),
        ("queue: \"q\", returned: 1", "not clear", "publisher"),
    ];
    told(
        |part| format!("(queues: [\"q\"], expect: [({part})])"),
        &cases,
    );
    let cases = [
        ("connection: \"c\"", "needs `state`", "state:"),
        (
            "connection: \"c\", state: runing",
            "no state of a connection",
            "`running`",
        ),
        (
            "connection: \"d\", state: flow",
            "no connection is named `d`",
            "`c`",
        ),
    ];
    let consumers = "consumers: {\"c\": (queue: \"q\")}";
    told(
        |part| format!("(queues: [\"q\"], {consumers}, expect: [({part})])"),
        &cases,
    );
}

#[test]
fn in_whom_actors_log_in_as() {
    let cases = [
        ("user: \"an\"", "no user is named `an`", "`ann`"),
        ("user: ann", "expected a user's name", "\"ann\""),
        (
            "connection: \"c\", user: \"bob\"",
            "2:70: connection `c` cannot log in as `bob`: it logs in as `ann` already",
            "line 3",
        ),
        (
            "connection: \"d\", user: \"bob\"",
            "connection `d` cannot log in as `ann`: it logs in as `bob` already",
            "line 2",
        ),
    ];
    let file = |part: &str| {
        format!(
            "(queues: [\"q\"], users: {{\"ann\": (), \"bob\": ()}},\n \
             publishers: {{\"p\": (every: \"1s\", keys: [\"q\"], {part})}},\n \
             consumers: {{\"c\": (queue: \"q\", user: \"ann\"),\n \
             \"e\": (queue: \"q\", connection: \"d\", user: \"ann\")}})"
        )
    };
    told(file, &cases);
    let nobody = [("user: \"ann\"", "no user is named `ann`", "under `users`")];
    told(
        |part| format!("(queues: [\"q\"], consumers: {{\"c\": (queue: \"q\", {part})}})"),
        &nobody,
    );
    let by_script = [
        (
            "connect: \"web\", user: \"an\"",
            "no user is named `an`",
            "`ann`",
        ),
        ("lose: \"web\", user: \"ann\"", "`user`", ""),
    ];
    told(
        |part| {
            format!(
                "(users: {{\"ann\": ()}}, script: [(at: \"1s\", connect: \"web\"), (at: \"2s\", {part})])"
            )
        },
        &by_script,
    );
}

/// What only the broker can say stands where the thing stands.
#[test]
fn in_what_the_broker_refuses() {
    let cases = [
        (
            "(\n queues: {\"a\": (),\n \"b\": (type: quorum, durable: false)})",
            "3:2: the broker refuses this scenario: queue `b`: 406 PRECONDITION_FAILED",
            "Q8",
        ),
        (
            "(\n queues: {\"b\": (max_priority: 3000)})",
            "2:11: the broker refuses this scenario: queue `b`: 406",
            "Q41",
        ),
        (
            "(\n queues: {\"b\": (arguments: {\"x-queue-master-locator\": \"balanced\"})})",
            "2:11: the broker refuses this scenario: queue `b`: 541",
            "Q12",
        ),
        (
            "(\n policies: {\"p\": (pattern: \"(\", set: {})})",
            "2:13: the broker refuses this scenario: policy `p`",
            "O1",
        ),
    ];
    told(str::to_owned, &cases);
}
