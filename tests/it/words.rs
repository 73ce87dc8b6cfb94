//! What the words say: events, what comes next, and why a binding matched or did not.

use leveret::broker::{CopyId, Event, Keys, Micros, Name, Table, Value};
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
    publish    web published 1 (kern.error) to logs
    route      logs routed 1 (kern.error) → errors, kernel, all; no match: old.#
    ready      1a (kern.error) ready in errors
    deliver    errors delivered 1a (kern.error) to pager
    ready      1b (kern.error) ready in kernel
    publish    web published 2 (auth.error) to logs
    ready      1c (kern.error) ready in all
    deliver    all delivered 1c (kern.error) to screen; no ack asked
    receive    pager received 1a (kern.error)
    start      pager started on 1a (kern.error)
    route      logs routed 2 (auth.error) → errors; no match: kern.*, kern.#, old.#
    receive    screen received 1c (kern.error)
    start      screen started on 1c (kern.error)
    finish     pager finished 1a (kern.error) and sent its ack
    ready      2 (auth.error) ready in errors
    publish    web published 3 (cron) to logs
    ack        pager acknowledged 1a (kern.error)
    deliver    errors delivered 2 (auth.error) to pager
    finish     screen finished 1c (kern.error)
    unroutable no binding of logs matched 3 (cron): the message ends
    receive    pager received 2 (auth.error)
    start      pager started on 2 (auth.error)
    finish     pager finished 2 (auth.error) and sent its ack
    publish    hand published 4 (all) to the default exchange
    ack        pager acknowledged 2 (auth.error)
    route      the default exchange routed 4 (all) → all
    ready      4 (all) ready in all
    deliver    all delivered 4 (all) to screen; no ack asked
    publish    hand published 5 (al) to the default exchange
    receive    screen received 4 (all)
    start      screen started on 4 (all)
    unroutable no queue is called al: 5 (al) ends
    finish     screen finished 4 (all)
    publish    hand published 6 to the default exchange
    unroutable an empty routing key names no queue: 6 ends
    ");
}

#[test]
fn where_headers_are_compared_messages_and_bindings_go_by_them() {
    let text = r#"(
        exchanges: { "documents": headers },
        queues: ["printer", "archive"],
        bindings: [
            (from: "documents", to: "printer", match: all, headers: {"format": "pdf", "pages": 2}),
            (from: "documents", to: "archive", match: any, headers: {"type": "log"}),
            (from: "documents", to: "archive", match: all, headers: {"format": "a text that is rather long"}),
        ],
        publishers: { "desk": (to: "documents", messages: [
            (at: "0s", key: "ignored", headers: {"format": "pdf", "pages": 2}),
            (at: "1s", headers: {"format": "a text that is rather long", "type": "log"}),
            (at: "2s"),
        ]) },
    )"#;
    insta::assert_snapshot!(told(&run(text, Micros::from_secs(3))), @r"
    publish    desk published 1 (format=pdf pages=2) to documents
    route      documents routed 1 (format=pdf pages=2) → printer; no match: any: type=log, all: format=a text that is rather long
    ready      1 (format=pdf pages=2) ready in printer
    publish    desk published 2 (format=a text that is rather long type=…) to documents
    route      documents routed 2 (format=a text that is rather long type=…) → archive; no match: all: format=pdf pages=2
    ready      2 (format=a text that is rather long type=…) ready in archive
    publish    desk published 3 to documents
    unroutable no binding of documents matched 3: the message ends
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
    finish     clerk failed on 1 (jobs) and sent it back
    requeue    1 (jobs) is back in jobs, where it was: clerk nacked it with requeue
    deliver    jobs redelivered 1 (jobs) to clerk
    receive    clerk received 1 (jobs)
    start      clerk started on 1 (jobs)
    ");
    insta::assert_snapshot!(failing("on_failure: reject"), @r"
    finish     clerk failed on 1 (jobs) and rejected it
    reject     clerk rejected 1 (jobs): the message ends
    ");
    insta::assert_snapshot!(failing("ack: auto"), @r"
    finish     clerk failed on 1 (jobs), which is lost
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
    1 (kern.error) reaches logs
    1a (kern.error) reaches errors
    1a (kern.error) reaches pager
    1b (kern.error) reaches kernel
    1c (kern.error) reaches all
    1c (kern.error) reaches screen
    2 (auth.error) reaches logs
    4 (all) reaches the default exchange
    hand publishes a message (al)
    hand publishes a message (all)
    pager begins to consume from errors
    pager finishes 1a (kern.error)
    pager’s ack of 1a (kern.error) reaches errors
    pager’s ack of 2 (auth.error) reaches errors
    screen begins to consume from all
    screen finishes 1c (kern.error)
    web publishes a message (auth.error)
    web publishes a message (cron)
    web publishes a message (kern.error)
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
    assert_eq!(
        found,
        [
            "1a (kern.error) 1b (kern.error) 1c (kern.error)",
            "2 (auth.error)",
            "4 (all)"
        ]
    );
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
    let name = key.into();
    let explanation = definitions.explain(exchange, Keys::only(&name), headers, 0);
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
            "#.kern.* ✓ * takes one word, # any number; here # took no word",
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
            "every ✓ all, and each agrees: format is “pdf”, pages is there; its key “every” is ignored: this type of exchange compares no keys",
            "type ✗ all needs every header: type is missing; its key “type” is ignored: this type of exchange compares no keys",
            "number ✗ all needs every header: pages is “2”, not 2; its key “number” is ignored: this type of exchange compares no keys",
            "one ✓ any needs one: format is “pdf”; its key “one” is ignored: this type of exchange compares no keys",
            "none ✗ any needs one, and none agrees: format is “pdf”, not “text”, lang is missing; its key “none” is ignored: this type of exchange compares no keys",
            "nothing ✓ nothing to compare: all matches; its key “nothing” is ignored: this type of exchange compares no keys",
            "void ✗ nothing to compare: any does not match; its key “void” is ignored: this type of exchange compares no keys",
        ]
    );
}

// P11, Q28, D6
#[test]
fn no_line_takes_back_what_another_said() {
    let text = r#"(
        latency: "1ms",
        exchanges: { "dlx": direct },
        queues: {
            "full": (max_length: 0, overflow: reject_publish),
            "lim": (max_length: 1, overflow: reject_publish_dlx, dead_letter: "dlx"),
            "alo": (type: quorum, overflow: reject_publish, ttl: "1s",
                dead_letter: (exchange: "dlx", key: "nokey", strategy: at_least_once)),
        },
        publishers: {
            "tx": (transaction: 1, messages: [(at: "0s", key: "full")]),
            "p": (messages: [(at: "0s", key: "lim"), (at: "0s", key: "lim"), (at: "0s", key: "alo")]),
        },
    )"#;
    let told = told(&run(text, Micros::from_secs(2)));
    let has = |wanted: &str| assert!(told.contains(wanted), "{wanted:?} in {told}");
    has("tx commits its transaction: 1 publish, 0 deliveries settled");
    has("tx.commit of tx is refused: 406 PRECONDITION_FAILED - partial tx completion");
    has(
        "lim is full (1 message) and did not take 3 (lim): it goes to the dead-letter exchange, dlx",
    );
    has("no binding of dlx matched dead-lettered 4 (alo): its queue keeps it");
    has("no binding of dlx matched dead-lettered 3 (lim): the message ends");
    assert!(!told.contains("over its limit"), "{told}");
}
