//! The room as a whole: good files, bad files, and any bytes at all.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::broker::{ExchangeKind, Value};
use crate::world::{DestinationSetup, Pace, Service};

/// A good scenario that uses most of the format.
const EVERYTHING: &str = r#"
(
    title: {"en": "All", "it": "Tutto"}, teaches: "much", seed: 9, until: "5s",
    latency: (publish: "100ms", ack: "1us"),
    exchanges: {"logs": topic, "docs": (type: headers), "errors": fanout},
    queues: ["errors", "kernel"],
    bindings: [
        (from: "logs", to_exchange: "errors", key: "*.error", latency: "5ms"),
        (from: "errors", to_queue: "errors"),
        (from: "amq.topic", to: "kernel", key: ""),
        (from: "docs", to: "kernel", match: any, headers: {"a": 1, "b": 1.5, "c": (), "d": [true, {"e": "f"}]}),
        (from: "docs", to: "kernel", arguments: {"x-match": "all-with-x"}),
    ],
    publishers: {
        "steady": (to: "logs", every: "400ms", start: "1s", count: 3, keys: ["kern.error", "x"]),
        "chance": (to: "logs", every: random("2s"), latency: "0s", messages: ["a", (key: "b", to: "docs")]),
        "bursts": (key_is_queue: (), every: burst(size: 5, gap: "50ms", every: "4s"), keys: ["kernel"]),
        "script": (messages: [(at: "1.2s", key: "kernel", body: "\"è\"\n\\", headers: {"k": "v"},
            persistent: true, priority: 9, timestamp: 1, type: "t", expiration: "10", app_id: "me")]),
    },
    consumers: {
        "pager": (queue: "errors", takes: between("500ms", "2s"), prefetch: 3, fails: 0.1, on_failure: reject),
        "disk": (queue: "kernel", takes: random("1s"), ack: auto, start: "1s", latency: "2ms"),
    },
    expect: [
        (publish: (to: "logs", key: "kern.error", headers: {"a": 1}), reaches: ["errors"]),
        (publish: (key: "nobody"), reaches: []),
        (at: "5s", queue: "errors", ready: 3, unacked: 1),
        (at: "1s", consumer: "pager", acked: 4, delivered: 5, unacked: 1),
        (publisher: "steady", published: 12),
        (unroutable: 2),
    ],
)
"#;

fn everything() -> String {
    EVERYTHING.replace("key_is_queue: (), ", "")
}

/// The problems of a bad file, as `line:column: what | hint`.
fn problems(text: &str) -> Vec<String> {
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

fn without_places(mut scenario: Scenario) -> Scenario {
    for expectation in &mut scenario.expect {
        expectation.place = Place::default();
    }
    scenario
}

#[test]
fn every_form_is_read() {
    let scenario = load_str("all.ron", &everything()).unwrap();
    assert_eq!(scenario.title.get("it"), "Tutto");
    assert_eq!(scenario.setup.seed, 9);
    assert_eq!(scenario.setup.latency.publish, Micros::from_millis(100));
    assert_eq!(scenario.setup.latency.ack, Micros(1));
    let [direct, ..] = scenario.setup.exchanges.as_slice() else {
        panic!("no exchanges");
    };
    assert_eq!(direct.kind, ExchangeKind::Topic);
    let bindings = &scenario.setup.bindings;
    assert_eq!(
        bindings[0].destination,
        DestinationSetup::Exchange("errors".into())
    );
    assert_eq!(
        bindings[1].destination,
        DestinationSetup::Queue("errors".into())
    );
    assert_eq!(
        bindings[3].arguments.get("x-match"),
        Some(&Value::from("any"))
    );
    assert_eq!(bindings[3].arguments.get("c"), Some(&Value::Void));
    let paces: Vec<&Pace> = scenario
        .setup
        .publishers
        .iter()
        .map(|each| &each.pace)
        .collect();
    assert!(matches!(paces[0], Pace::Even { count: Some(3), .. }));
    assert!(matches!(paces[1], Pace::Random { .. }));
    assert!(matches!(paces[2], Pace::Burst { size: 5, .. }));
    assert_eq!(*paces[3], Pace::Script);
    assert_eq!(
        scenario.setup.publishers[3].messages[0].at,
        Micros::from_millis(1_200)
    );
    assert!(!scenario.setup.consumers[1].ack);
    assert_eq!(
        scenario.setup.consumers[1].service,
        Service::Random(Micros::from_secs(1))
    );
    assert_eq!(
        scenario.expect[2].place,
        Place {
            line: 29,
            column: 9
        }
    );
    let end = Claim::Unroutable {
        at: Micros::from_secs(5),
        count: 2,
    };
    assert_eq!(scenario.expect[5].claim, end);
}

#[test]
fn a_saved_scenario_means_the_same_and_stays_the_same() {
    let texts = builtin::ALL.iter().map(|builtin| builtin.text.to_owned());
    for text in texts.chain([everything()]) {
        let scenario = load_str("any.ron", &text).unwrap();
        let saved = scenario.to_ron();
        let again =
            load_str("other.ron", &saved).unwrap_or_else(|error| panic!("{error}\n{saved}"));
        assert_eq!(without_places(again.clone()), without_places(scenario));
        assert_eq!(again.to_ron(), saved);
    }
}

#[test]
fn the_built_in_scenarios_have_words_and_expectations() {
    for builtin in builtin::ALL {
        let scenario = open(builtin.name).unwrap_or_else(|error| panic!("{error}"));
        for words in [&scenario.title, &scenario.teaches, &scenario.about] {
            assert!(!words.is_empty(), "{}", builtin.name);
        }
        assert!(!scenario.expect.is_empty(), "{}", builtin.name);
    }
}

#[test]
fn every_example_in_the_reference_loads() {
    let page = include_str!("../../docs/scenarios.md");
    let blocks = page.split("```ron\n").skip(1);
    let blocks: Vec<&str> = blocks
        .filter_map(|block| block.split("```").next())
        .collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        // A part of a scenario is shown without its outer brackets, and may name what the page's whole example has.
        load_str("docs/scenarios.md", block).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn a_scenario_of_nothing_is_one_and_takes_its_files_name() {
    let scenario = load_str("lessons/empty one.ron", "()").unwrap();
    assert_eq!(scenario.title.get("en"), "empty one");
    assert_eq!(scenario.version, VERSION);
    assert!(scenario.setup.publishers.is_empty());
}

#[test]
fn all_problems_are_found_at_once_and_told_in_order() {
    let text = r#"(
    queues: ["errors", "errors"],
    exchanges: { "logs": topik },
    bindings: [(from: "logs", to: "error", key: "*.error")],
    publishers: { "web": (to: "log", every: "-5ms", keys: ["a"]) },
    consumers: { "pager": (queue: "errors", take: "1s", prefetch: 70000) },
)"#;
    assert_eq!(
        problems(text),
        [
            "2:24: `errors` stands here twice | the first is on line 2; remove or rename one",
            "3:26: `topik` is no exchange type | did you mean `topic`?",
            "4:35: no queue or exchange is named `error` | did you mean `errors`?",
            "5:31: no exchange is named `log` | did you mean `logs`?",
            "5:45: `-5ms` is negative | a duration is zero or more",
            "6:45: a consumer has no field `take` | did you mean `takes`?",
            "6:67: expected a whole number from 0 to 65535, found `70000` | ",
        ]
    );
}

#[test]
fn a_problem_is_shown_with_its_line_and_a_caret() {
    let text = "(\n  queues: [\"errors\"],\n  consumers: {\"c\": (queue: \"eror\")},\n)";
    let error = load_str("lesson.ron", text).unwrap_err();
    assert_eq!(
        error.to_string(),
        "lesson.ron:3:28: no queue is named `eror`\n \
         3 |   consumers: {\"c\": (queue: \"eror\")},\n   \
           |                            ^^^^^^\n   \
         did you mean `errors`?"
    );
}

#[test]
fn each_mistake_is_told_with_what_to_do() {
    let queue = |rest: &str| format!("(queues: [\"q\"], {rest})");
    let headers = |rest: &str| {
        queue(&format!(
            "exchanges: {{\"h\": headers, \"t\": topic}}, bindings: [({rest})]"
        ))
    };
    let publisher = |rest: &str| queue(&format!("publishers: {{\"p\": ({rest})}}"));
    let consumer = |rest: &str| queue(&format!("consumers: {{\"c\": (queue: \"q\", {rest})}}"));
    let expect = |rest: &str| queue(&format!("until: \"5s\", expect: [({rest})]"));
    for (text, what, hint) in [
        // The file.
        ("".to_owned(), "the file is empty", "queues"),
        ("[]".to_owned(), "expected a scenario", ""),
        ("(version: 2)".to_owned(), "newer Leveret", "version 1"),
        ("(version: 0)".to_owned(), "from 1", ""),
        ("(version: 9, new_thing: 1)".to_owned(), "newer Leveret", ""),
        ("(until: \"0s\")".to_owned(), "zero", "1us"),
        ("(until: 30)".to_owned(), "no unit", "\"30s\""),
        ("(title: Hello)".to_owned(), "expected a text", "\"Hello\""),
        (
            "(seed: 1, seed: 2)".to_owned(),
            "`seed` stands here twice",
            "line 1",
        ),
        ("(sed: 1)".to_owned(), "no field `sed`", "`seed`"),
        ("(seed: -1)".to_owned(), "whole number", ""),
        ("() ()".to_owned(), "already ended", "bracket"),
        // Topology.
        (
            queue("exchanges: {\"\": direct}"),
            "default exchange cannot be declared",
            "leave",
        ),
        (
            queue("exchanges: {\"amq.mine\": direct}"),
            "broker's own",
            "another name",
        ),
        (
            queue("exchanges: {\"amq.topic\": direct}"),
            "its type is topic",
            "leave",
        ),
        (
            queue("exchanges: {\"a\": direct, \"a\": topic}"),
            "`a` stands here twice",
            "line 1",
        ),
        (
            "(queues: [\"amq.q\"])".to_owned(),
            "broker's own",
            "another name",
        ),
        ("(queues: [\"\"])".to_owned(), "name is empty", ""),
        (
            format!("(queues: [\"{}\"])", "q".repeat(256)),
            "256 octets",
            "255",
        ),
        (
            headers("from: \"t\", to: \"q\""),
            "needs `key`",
            "key: \"\"",
        ),
        (
            headers("from: \"\", to: \"q\", key: \"k\""),
            "default exchange cannot be bound",
            "already",
        ),
        (
            headers("from: \"q\", to: \"q\""),
            "only a queue of this name",
            "`h`, `t`",
        ),
        (headers("from: \"h\""), "needs `to`", "to:"),
        (
            headers("from: \"h\", to: \"q\", match: al"),
            "no way to match",
            "`all`",
        ),
        (
            headers("from: \"h\", to: \"q\", arguments: {\"x-match\": \"some\"}"),
            "`x-match` cannot be",
            "`any`",
        ),
        (
            headers("from: \"t\", to: \"q\", key: \"\", match: all"),
            "does not look at headers",
            "",
        ),
        (
            headers("from: \"t\", to: \"q\", key: \"a\"), (from: \"t\", to: \"q\", key: \"a\""),
            "this binding stands here twice",
            "",
        ),
        (
            headers("from: \"h\", to: \"q\", to_queue: \"q\""),
            "more than one place",
            "keep one",
        ),
        (
            "(queues: [\"x\"], exchanges: {\"x\": fanout}, bindings: [(from: \"x\", to: \"x\")])"
                .to_owned(),
            "also an exchange",
            "to_queue",
        ),
        // Publishers.
        (publisher(""), "no messages", "keys"),
        (publisher("every: \"0s\", keys: [\"q\"]"), "zero", ""),
        (publisher("every: \"1s\", keys: []"), "no messages", ""),
        (
            publisher("keys: [\"q\"]"),
            "when is this message sent",
            "every",
        ),
        (
            publisher("messages: [(key: \"q\")]"),
            "when is this message sent",
            "at",
        ),
        (
            publisher("every: \"1s\", messages: [(key: \"q\", at: \"1s\")]"),
            "`at` means nothing",
            "",
        ),
        (
            publisher("to: \"amq.rabbitmq.trace\", every: \"1s\", keys: [\"q\"]"),
            "internal",
            "",
        ),
        (
            publisher("every: sometimes(\"1s\"), keys: [\"q\"]"),
            "`random(…)`",
            "",
        ),
        (
            publisher("every: burst(size: 5, gap: \"1s\", every: \"2s\"), keys: [\"q\"]"),
            "not over",
            "longer",
        ),
        (
            publisher("every: \"1s\", messages: [(key: \"q\", expiration: \"5s\")]"),
            "expiration",
            "digits",
        ),
        (
            publisher("every: \"1s\", messages: [(key: \"q\", headers: {\"n\": 1, \"n\": 2})]"),
            "`n` stands here twice",
            "",
        ),
        (
            publisher(
                "every: \"1s\", messages: [(key: \"q\", headers: {\"n\": 99999999999999999999})]",
            ),
            "too large",
            "",
        ),
        // Consumers.
        (
            "(consumers: {\"c\": ()})".to_owned(),
            "needs `queue`",
            "queue:",
        ),
        (
            "(consumers: {\"c\": (queue: \"q\")})".to_owned(),
            "no queue is named `q`",
            "under `queues`",
        ),
        (consumer("fails: 10"), "from 0 (never) to 1", "0.1"),
        (consumer("fails: NaN"), "from 0 (never) to 1", ""),
        (
            consumer("takes: between(\"2s\", \"1s\")"),
            "longer than 1s",
            "shorter",
        ),
        (consumer("ack: true"), "`manual` or `auto`", ""),
        (
            consumer("ack: auto, on_failure: reject"),
            "means nothing",
            "by hand",
        ),
        (consumer("prefetch: -1"), "from 0 to 65535", ""),
        // Expectations.
        (expect("ready: 1"), "not clear", "publish"),
        (expect("queue: \"q\""), "expects nothing", "ready"),
        (
            expect("queue: \"p\", ready: 1"),
            "no queue is named `p`",
            "`q`",
        ),
        (
            expect("queue: \"q\", ready: 1, at: \"6s\""),
            "after the end",
            "until",
        ),
        (expect("publish: (key: \"q\")"), "needs `reaches`", ""),
        (
            expect("publish: (key: \"q\"), reaches: [\"q\", \"q\"]"),
            "twice",
            "",
        ),
        (expect("publisher: \"p\", published: 1"), "no publisher", ""),
    ] {
        let found = problems(&text);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        let (told, advice) = found[0].split_once(" | ").unwrap();
        assert!(told.contains(what), "{text}: {told}");
        assert!(advice.contains(hint), "{text}: {advice}");
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let told = |path: &std::path::Path| load_path(path).unwrap_err().to_string();
    assert!(told(folder.path()).contains("this is a folder"));
    assert!(told(&folder.path().join("none.ron")).contains("no such file"));

    let large = folder.path().join("large.ron");
    fs::File::create(&large)
        .unwrap()
        .set_len(50 * 1024 * 1024)
        .unwrap();
    assert!(told(&large).contains("too large: 50 MB"));

    let latin = folder.path().join("latin.ron");
    fs::write(&latin, b"(\n title: \"caff\xe8\")").unwrap();
    assert!(
        told(&latin).contains("latin.ron:2:14: this file is not UTF-8: byte 0xe8 at offset 15")
    );

    let good = folder.path().join("good.ron");
    fs::write(&good, "\u{feff}(\r\n queues: [\"q\"],\r\n)").unwrap();
    assert!(load_path(&good).is_ok());
}

#[test]
fn a_built_in_is_found_by_name_and_a_near_miss_is_guessed() {
    assert!(open("hello").is_ok());
    assert!(
        open("helo")
            .unwrap_err()
            .to_string()
            .contains("did you mean `hello`?")
    );
    assert!(
        open("no-such")
            .unwrap_err()
            .to_string()
            .contains("work-queue")
    );
    assert!(
        open("no/such.ron")
            .unwrap_err()
            .to_string()
            .contains("no such file")
    );
}

#[test]
fn a_flood_of_problems_is_cut_short() {
    let consumers: String = (0..5_000)
        .map(|n| format!("\"c{n}\": (queue: \"q{n}\"),"))
        .collect();
    let queues: String = (0..5_000).map(|n| format!("\"z{n}\",")).collect();
    let text = format!("(queues: [{queues}], consumers: {{{consumers}}})");
    let error = load_str("flood.ron", &text).unwrap_err();
    assert_eq!(error.problems().len(), 100);
    assert!(error.to_string().ends_with("and 4900 more"));
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    let text = everything();
    let text = text.trim_end();
    for (offset, _) in text.char_indices() {
        assert!(load_str("cut.ron", &text[..offset]).is_err(), "at {offset}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = load_bytes("any", &bytes).map_err(|error| error.to_string());
    }

    #[test]
    fn no_signs_make_it_panic(text in "[(){}\\[\\]:,\"\\\\/*a-c0-9.r#è \n-]{0,80}") {
        let _ = load_str("any", &text).map_err(|error| error.to_string());
    }

    /// Pieces of a good file dropped, doubled or put elsewhere: an error has its place, and what loads can be saved.
    #[test]
    fn a_mutilated_file_is_refused_or_saved(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, any::<prop::sample::Index>(), any::<bool>()), 1..4),
    ) {
        let mut signs: Vec<char> = everything().chars().collect();
        for (from, length, to, keep) in cuts {
            let start = from.index(signs.len());
            let end = (start + length).min(signs.len());
            let piece: Vec<char> = signs[start..end].to_vec();
            if !keep {
                signs.drain(start..end);
            }
            let to = to.index(signs.len());
            signs.splice(to..to, piece);
        }
        let text: String = signs.into_iter().collect();
        match load_str("mutilated", &text) {
            Ok(scenario) => {
                let again = load_str("mutilated", &scenario.to_ron()).map_err(|error| error.to_string());
                prop_assert_eq!(again.map(without_places), Ok(without_places(scenario)));
            }
            Err(error) => {
                prop_assert!(!error.problems().is_empty());
                prop_assert!(error.to_string().starts_with("mutilated:"));
            }
        }
    }
}
