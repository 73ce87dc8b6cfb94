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
fn told(file: impl Fn(&str) -> String, cases: &[(&str, &str, &str)]) {
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
        ("(until: \"4 sec\")", "unknown unit", "ms, s"),
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
        ("queues: {\"a\": (durable: true)}", "no field `durable`", ""),
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
            "`unacked`",
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
