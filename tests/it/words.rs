//! What the words say: events, what comes next, and why a binding matched or did not.

use leveret::broker::{CopyId, Event, Micros, Name, Table, Value};
use leveret::history::History;
use leveret::scenario::load_str;
use leveret::words::{coming, copy_name, describe, why};
use leveret::world::{EventKind, Setup, World};

fn setup(text: &str) -> Setup {
    load_str("sample", text)
        .unwrap_or_else(|error| panic!("{error}"))
        .setup
}

fn run(text: &str, until: Micros) -> History {
    let mut history = History::new(&setup(text)).unwrap();
    history.run_until(until);
    history
}

/// A run's events as the event list shows them.
fn told(history: &History) -> String {
    history
        .events()
        .iter()
        .map(|event| {
            let line = describe(event, history.head(), history);
            format!("{:10} {}\n", line.verb, line.text)
        })
        .collect()
}

const LOGS: &str = r#"(
    exchanges: { "logs": topic, "archive": fanout },
    queues: ["errors", "kernel", "all"],
    bindings: [
        (from: "logs", to: "errors", key: "*.error"),
        (from: "logs", to: "kernel", key: "kern.*"),
        (from: "logs", to: "archive", key: "kern.#"),
        (from: "logs", to: "archive", key: "old.#"),
        (from: "archive", to: "all"),
    ],
    publishers: {
        "web": (to: "logs", messages: [
            (at: "0s", key: "kern.error"),
            (at: "1s", key: "auth.error"),
            (at: "2s", key: "cron"),
        ]),
        "hand": (messages: [(at: "3s", key: "all"), (at: "4s", key: "al"), (at: "5s", key: "")]),
    },
    consumers: {
        "pager": (queue: "errors", takes: "500ms", prefetch: 1),
        "screen": (queue: "all", takes: "500ms", ack: auto),
    },
)"#;

#[test]
fn events_are_told_in_plain_words() {
    insta::assert_snapshot!(told(&run(LOGS, Micros::from_secs(6))), @r"
    consume    pager consumes from errors
    consume    screen consumes from all
    publish    web published kern.error to logs
    route      logs routed kern.error → errors, kernel, all (old.# refused)
    ready      1a ready in errors
    deliver    errors delivered kern.error to pager
    ready      1b ready in kernel
    publish    web published auth.error to logs
    ready      1c ready in all
    deliver    all delivered kern.error to screen (no ack asked)
    receive    pager received 1a
    start      pager started on 1a
    route      logs routed auth.error → errors (kern.*, kern.#, old.# refused)
    receive    screen received 1c
    start      screen started on 1c
    finish     pager finished 1a and sent its ack
    ready      2 ready in errors
    publish    web published cron to logs
    ack        pager acknowledged 1a
    deliver    errors delivered auth.error to pager
    finish     screen finished 1c
    unroutable no binding of logs matched cron: it ends here
    receive    pager received 2
    start      pager started on 2
    finish     pager finished 2 and sent its ack
    publish    hand published all to the default exchange
    ack        pager acknowledged 2
    route      the default exchange routed all → all
    ready      4 ready in all
    deliver    all delivered all to screen (no ack asked)
    publish    hand published al to the default exchange
    receive    screen received 4
    start      screen started on 4
    unroutable no queue is called al: the message ends here
    finish     screen finished 4
    publish    hand published message 6 to the default exchange
    unroutable an empty routing key names no queue: message 6 ends here
    ");
}

#[test]
fn failures_are_told_as_what_becomes_of_the_message() {
    let failing = |ack: &str| {
        let text = format!(
            r#"(
                queues: ["jobs"],
                publishers: {{ "hand": (messages: [(at: "0s", key: "jobs")]) }},
                consumers: {{ "clerk": (queue: "jobs", takes: "1s", fails: 1.0, {ack}) }},
            )"#
        );
        let history = run(&text, Micros::from_millis(3_000));
        let told = told(&history);
        let worked = told.find("finish").unwrap_or(told.len());
        told[worked..].to_owned()
    };
    insta::assert_snapshot!(failing("on_failure: requeue"), @r"
    finish     clerk failed on 1 and sent it back
    requeue    1 is back in jobs, from clerk
    deliver    jobs redelivered jobs to clerk
    receive    clerk received 1
    start      clerk started on 1
    ");
    insta::assert_snapshot!(failing("on_failure: reject"), @r"
    finish     clerk failed on 1 and rejected it
    reject     clerk rejected 1: it ends here
    ");
    insta::assert_snapshot!(failing("ack: auto"), @r"
    finish     clerk failed on 1, which is lost
    ");
}

#[test]
fn what_comes_next_is_told_too() {
    let mut history = History::new(&setup(LOGS)).unwrap();
    let mut told: Vec<_> = {
        let start = history.head();
        let upcoming = start.upcoming().into_iter();
        upcoming
            .filter_map(|next| coming(next, start, &history))
            .collect()
    };
    for at in [0, 100, 500, 900, 1_300, 1_900, 3_000] {
        let at = Micros::from_millis(at);
        history.run_until(at);
        let world = history.seek(at);
        for appointment in world.upcoming() {
            told.extend(coming(appointment, &world, &history));
        }
    }
    told.sort();
    told.dedup();
    insta::assert_snapshot!(told.join("\n"), @r"
    1a reaches errors
    1b reaches kernel
    1c reaches all
    all reaches the default exchange
    auth.error reaches logs
    hand publishes al
    hand publishes all
    kern.error reaches logs
    kern.error reaches pager
    kern.error reaches screen
    pager begins to consume from errors
    pager finishes kern.error
    screen begins to consume from all
    screen finishes kern.error
    the ack of 1a reaches errors
    the ack of 2 reaches errors
    web publishes auth.error
    web publishes cron
    web publishes kern.error
    ");
}

#[test]
fn every_copy_of_a_run_is_called_by_its_message_and_a_letter() {
    let history = run(LOGS, Micros::from_secs(6));
    let mut found = Vec::new();
    for event in history.events() {
        if let EventKind::Broker(Event::Routed { copies, .. }) = &event.kind {
            let names = copies.iter().map(|routed| copy_name(routed.copy, &history));
            found.push(names.collect::<Vec<_>>().join(" "));
        }
    }
    assert_eq!(found, ["1a 1b 1c", "2", "4"]);
    assert_eq!(copy_name(CopyId(99), &history), "?");
}

const EVERY_TYPE: &str = r##"(
    exchanges: { "direct": direct, "fanout": fanout, "topic": topic, "headers": headers },
    queues: ["a", "b"],
    bindings: [
        (from: "direct", to: "a", key: "orange"),
        (from: "direct", to: "b", key: "black"),
        (from: "fanout", to: "a"),
        (from: "fanout", to: "a", key: "again"),
        (from: "fanout", to: "direct"),
        (from: "fanout", to: "direct", key: "again"),
        (from: "topic", to: "a", key: "*.error"),
        (from: "topic", to: "a", key: "kern.error"),
        (from: "topic", to: "b", key: "auth.#"),
        (from: "topic", to: "b", key: "kern.error.*"),
        (from: "topic", to: "b", key: "kern.error.now"),
        (from: "topic", to: "b", key: "kern"),
        (from: "topic", to: "b", key: "#.kern.*"),
        (from: "topic", to: "direct", key: "#"),
        (from: "topic", to: "headers", key: "kern.error"),
        (from: "headers", to: "a", key: "every", match: all, headers: {"format": "pdf", "pages": ()}),
        (from: "headers", to: "a", key: "type", match: all, headers: {"format": "pdf", "type": "log"}),
        (from: "headers", to: "a", key: "number", match: all, headers: {"pages": 2}),
        (from: "headers", to: "b", key: "one", match: any, headers: {"format": "pdf", "type": "log"}),
        (from: "headers", to: "b", key: "none", match: any, headers: {"format": "text", "lang": "it"}),
        (from: "headers", to: "direct", key: "nothing", match: all),
        (from: "headers", to: "b", key: "void", match: any),
    ],
)"##;

/// The reasons of all bindings of an exchange, in their order.
fn reasons(exchange: &str, key: &str, headers: &Table) -> Vec<String> {
    let world = World::new(&setup(EVERY_TYPE)).unwrap();
    let definitions = world.definitions();
    let exchange = definitions.exchange_named(exchange).unwrap().id;
    let explanation = definitions.explain(exchange, key, headers);
    let verdicts = explanation.visits[0].verdicts.iter();
    verdicts
        .map(|verdict| {
            let sign = if verdict.matched() { '✓' } else { '✗' };
            format!("{} {sign} {}", verdict.key, why(verdict, key, definitions))
        })
        .collect()
}

#[test]
fn the_default_exchange_compares_names() {
    assert_eq!(
        reasons("", "a", &Table::new()),
        [
            "a ✓ the key is this queue’s name",
            "b ✗ the key is not this queue’s name"
        ]
    );
}

#[test]
fn a_direct_exchange_compares_keys() {
    assert_eq!(
        reasons("direct", "orange", &Table::new()),
        [
            "orange ✓ the keys are equal",
            "black ✗ “black” is not “orange”"
        ]
    );
}

#[test]
fn a_fanout_exchange_ignores_keys_and_a_queue_gets_one_copy() {
    assert_eq!(
        reasons("fanout", "k", &Table::new()),
        [
            " ✓ a fanout exchange ignores the key",
            "again ✓ matched too, but a has its copy already (one copy for each queue)",
            " ✓ a fanout exchange ignores the key",
            "again ✓ matched too, but direct has the message already (each exchange decides once)",
        ]
    );
}

#[test]
fn a_topic_exchange_names_the_wildcard_or_the_word() {
    assert_eq!(
        reasons("topic", "kern.error", &Table::new()),
        [
            "*.error ✓ * takes one word",
            "kern.error ✓ matched too, but a has its copy already (one copy for each queue)",
            "auth.# ✗ “auth” is not “kern”",
            "kern.error.* ✗ the key has no word left for *",
            "kern.error.now ✗ the key has no word left for “now”",
            "kern ✗ nothing in the pattern for “error”",
            "#.kern.* ✓ * takes one word, # any number",
            "# ✓ # takes any number of words",
            "kern.error ✓ every word is equal",
        ]
    );
}

#[test]
fn a_headers_exchange_names_the_header_that_decides() {
    let headers: Table = [("format", "pdf"), ("pages", "2")]
        .map(|(name, value)| (Name::from(name), Value::from(value)))
        .into();
    assert_eq!(
        reasons("headers", "", &headers),
        [
            "every ✓ all, and each agrees: format is “pdf”, pages is there",
            "type ✗ all needs every header: type is missing",
            "number ✗ all needs every header: pages is “2”, not 2",
            "one ✓ any needs one: format is “pdf”",
            "none ✗ any needs one, and none agrees: format is “pdf”, not “text”, lang is missing",
            "nothing ✓ nothing to compare: all matches",
            "void ✗ nothing to compare: any does not match",
        ]
    );
}
