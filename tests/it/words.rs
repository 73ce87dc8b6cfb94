//! Every word through one look-up, and what the words say.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use leveret::broker::{CopyId, Event, Micros, Name, Table, Value};
use leveret::history::History;
use leveret::scenario::load_str;
use leveret::words::{coming, copy_name, describe, why};
use leveret::world::{EventKind, Setup, World};

use crate::sources::{Literal, SourceFile, rust_files};

const ENGLISH: &str = include_str!("../../assets/i18n/en.ftl");

/// The keys of a Fluent file.
fn keys(file: &str) -> BTreeSet<&str> {
    file.lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
        .filter_map(|line| Some(line.split_once('=')?.0.trim_end()))
        .collect()
}

/// The values a text of a Fluent file uses, by key.
fn variables(file: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut by_key = BTreeMap::<_, BTreeSet<_>>::new();
    let mut key = "";
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(|first: char| first.is_ascii_lowercase()) {
            key = line.split_once('=').map_or("", |(key, _)| key.trim_end());
        }
        let used = by_key.entry(key).or_default();
        used.extend(line.split('$').skip(1).map(|rest| {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            &rest[..end.unwrap_or(rest.len())]
        }));
    }
    by_key
}

/// A `t!("key", name = …)` in the sources.
struct Call {
    place: String,
    key: String,
    names: BTreeSet<String>,
}

fn calls(file: &SourceFile) -> Vec<Call> {
    file.literals
        .iter()
        .filter(|literal| is_look_up(file, literal))
        .map(|literal| {
            let mut depth = 0;
            let arguments = file.rest_of_call(literal).split(|c| {
                depth += match c {
                    '(' | '[' | '{' => 1,
                    ')' | ']' | '}' => -1,
                    _ => 0,
                };
                c == ',' && depth == 0
            });
            Call {
                place: format!("{}:{}", file.path, literal.line),
                key: literal.text.clone(),
                names: arguments
                    .filter_map(|argument| argument.split_once('='))
                    .map(|(name, _)| name.trim().to_owned())
                    .collect(),
            }
        })
        .collect()
}

fn is_look_up(file: &SourceFile, literal: &Literal) -> bool {
    // Not the end of `assert!(`.
    file.before(literal)
        .strip_suffix("t!(")
        .is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// What is wrong between the sources and a Fluent file.
fn faults(files: &[SourceFile], ftl: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let keys = keys(ftl);
    let variables = variables(ftl);
    for call in files.iter().flat_map(calls) {
        let Call { place, key, names } = call;
        let Some(used) = variables.get(&key[..]).filter(|_| keys.contains(&key[..])) else {
            faults.push(format!("{place}: `{key}` is missing"));
            continue;
        };
        let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        for name in used.symmetric_difference(&names) {
            faults.push(format!(
                "{place}: `{key}` and its call disagree about `{name}`"
            ));
        }
    }
    let literals = || files.iter().flat_map(|file| &file.literals);
    for key in keys {
        if !literals().any(|literal| literal.text == key) {
            faults.push(format!("`{key}` is never used"));
        }
    }
    faults
}

#[test]
fn every_key_is_there_is_used_and_gets_the_values_it_uses() {
    assert_eq!(faults(&rust_files("src"), ENGLISH), [""; 0]);
}

#[test]
fn missing_and_unused_keys_and_values_would_be_found() {
    let sample = SourceFile::read(
        "sample.rs",
        r#"fn f() {
            t!("fine", name = g(1, h("a, b = c")), count = 2);
            assert!("no key" == t!("lost"));
            t!("other", nmae = 1)
        }"#,
    );
    let ftl = "fine = { $name } and { $count ->\n  [one] one\n *[other] { $count }\n }\n\
               other = { $name }\nidle = idle\n";
    assert_eq!(
        faults(&[sample], ftl),
        [
            "sample.rs:3: `lost` is missing",
            "sample.rs:4: `other` and its call disagree about `name`",
            "sample.rs:4: `other` and its call disagree about `nmae`",
            "`idle` is never used",
        ]
    );
}

#[test]
fn the_english_file_is_sound_and_every_text_can_be_written() {
    let resource = FluentResource::try_new(ENGLISH.to_owned())
        .unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
    let mut bundle = FluentBundle::new(vec!["en".parse().unwrap()]);
    bundle
        .add_resource(resource)
        .unwrap_or_else(|errors| panic!("a key stands twice: {errors:?}"));
    let variables = variables(ENGLISH);
    for key in keys(ENGLISH) {
        let message = bundle.get_message(key);
        let pattern = message.and_then(|message| message.value());
        let pattern = pattern.unwrap_or_else(|| panic!("`{key}` has no text"));
        for number in [0, 1, 2] {
            let mut values = FluentArgs::new();
            for name in &variables[key] {
                values.set(*name, number);
            }
            let mut errors = Vec::new();
            let text = bundle.format_pattern(pattern, Some(&values), &mut errors);
            assert!(errors.is_empty(), "{key}: {errors:?}");
            assert!(!text.is_empty(), "{key}");
        }
    }
}

/// Literals that people would read and that no language file holds: all that read like a sentence or a title, and
/// all letters that go straight into something that shows text.
fn bypassing(file: &SourceFile) -> Vec<String> {
    const SHOWS_TEXT: [&str; 18] = [
        ".label(",
        ".heading(",
        ".strong(",
        ".weak(",
        ".small(",
        ".monospace(",
        ".button(",
        ".small_button(",
        ".menu_button(",
        ".selectable_label(",
        ".hyperlink_to(",
        ".on_hover_text(",
        ".on_disabled_hover_text(",
        ".hint_text(",
        "RichText::new(",
        "Button::new(",
        "Label::new(",
        "Text::new(",
    ];
    const ONLY_PROGRAMMERS_READ: [&str; 6] = [
        ".expect(",
        "panic!(",
        "unreachable!(",
        "#[error(",
        "#[expect(",
        "debug_assert!(",
    ];
    let mut found = Vec::new();
    for literal in &file.literals {
        let before = file.before(literal);
        let hidden = |call: &&str| before.ends_with(*call);
        if ONLY_PROGRAMMERS_READ.iter().any(|call| hidden(&call))
            || NAMES.contains(&&literal.text[..])
        {
            continue;
        }
        let text = without_placeholders(&literal.text);
        let shown = SHOWS_TEXT.iter().any(|call| hidden(&call));
        let has_letters = text.chars().any(char::is_alphabetic);
        if !is_look_up(file, literal) && (reads_like_words(&text) || shown && has_letters) {
            found.push(format!("{}:{}: {}", file.path, literal.line, literal.text));
        }
    }
    found
}

/// Names that are the same in every language.
const NAMES: [&str; 3] = ["Leveret", "Inter", "JetBrains Mono"];

/// A format string without what is filled into it, nor escapes.
fn without_placeholders(text: &str) -> String {
    let mut depth = 0;
    let mut escaped = false;
    text.chars()
        .filter(|&c| {
            let skip = std::mem::take(&mut escaped);
            escaped = c == '\\' && !skip;
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => return depth == 0 && !skip && !escaped,
            }
            false
        })
        .collect()
}

/// Two words with a space between, or one that begins like a title.
fn reads_like_words(text: &str) -> bool {
    let is_word = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count() > 1;
    let words = text.split(' ').filter(|word| is_word(word)).count();
    let mut letters = text.chars();
    let title = letters.next().is_some_and(char::is_uppercase)
        && letters.next().is_some_and(char::is_lowercase);
    words > 1 || title
}

#[test]
fn no_word_in_the_window_bypasses_the_language_file() {
    let files = ["src/ui", "src/app", "src/scene"].map(rust_files);
    let found: Vec<_> = files.iter().flatten().flat_map(bypassing).collect();
    assert_eq!(found, [""; 0], "use t!(\"key\") and assets/i18n/en.ftl");
}

#[test]
fn words_that_bypass_the_language_file_would_be_found() {
    let sample = SourceFile::read(
        "sample.rs",
        r#"fn f(ui: &mut Ui) {
            ui.label("ready");
            ui.label(t!("fine"));
            ui.button(format!("{count} messages ready"));
            let title = "Queues";
            let text = format!("{:.2}\n{}", "id-of-it", 'x');
            ui.label(RichText::new("✓"));
            font("Inter").expect("the fonts are sound");
        }"#,
    );
    assert_eq!(
        bypassing(&sample),
        [
            "sample.rs:2: ready",
            "sample.rs:4: {count} messages ready",
            "sample.rs:5: Queues"
        ]
    );
}

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
