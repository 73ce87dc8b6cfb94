//! Every word of the window stands in the language file, and every word of the language file is used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use leveret::broker::{Refusal, ReplyCode};
use leveret::words::right;

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

/// The rules by which the broker refuses: its sources write them for nothing else.
fn rules(files: &[SourceFile]) -> BTreeSet<&str> {
    let is_rule = |text: &&str| {
        let digits = text.strip_prefix(|c| "CEQDPSRFOW".contains(c));
        digits.is_some_and(|digits| digits.parse::<u32>().is_ok())
    };
    let literals = files.iter().flat_map(|file| &file.literals);
    literals
        .map(|literal| literal.text.as_str())
        .filter(is_rule)
        .collect()
}

/// What would be right, where a rule refused.
fn right_by(rule: &'static str) -> Option<String> {
    right(&Refusal {
        code: ReplyCode::PreconditionFailed,
        rule,
        text: String::new(),
    })
}

#[test]
fn whatever_rule_the_broker_refuses_by_there_are_words_for_what_would_be_right() {
    let files = rust_files("src/broker");
    let rules = rules(&files);
    assert!(
        rules.len() > 30,
        "the rules are where they are sought: {rules:?}"
    );
    let missing: Vec<_> = rules
        .into_iter()
        .filter(|rule| right_by(String::leak((*rule).to_owned())).is_none())
        .collect();
    assert_eq!(missing, [""; 0], "words/refusal.rs and right-… in en.ftl");
}

#[test]
fn a_rule_without_words_would_be_found() {
    let sample = SourceFile::read(
        "sample.rs",
        r#"fn f() { Refusal::new(ReplyCode::NotFound, "E99", format!("no Q1 here")); g("S6", "Q", "amq.gen") }"#,
    );
    let rules = rules(std::slice::from_ref(&sample));
    assert_eq!(rules, BTreeSet::from(["E99", "S6"]));
    assert_eq!(right_by("E99"), None);
    assert!(right_by("S6").is_some_and(|right| right.contains("Acknowledge")));
}

/// What shows the text it is called with.
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

/// What is called with text that nobody sees in the window.
const NOT_SHOWN: [&str; 13] = [
    // Only programmers read it.
    ".expect(",
    "panic!(",
    "unreachable!(",
    "#[expect(",
    "debug_assert!(",
    // It tells one part of the window from another.
    "Panel::top(",
    "Panel::bottom(",
    "Panel::left(",
    "Panel::right(",
    "TextStyle::Name(",
    "Id::new(",
    "id_salt(",
    ".push_id(",
];

/// What a type says that reports a problem. Those of the window itself are read on a terminal, because then there is
/// no window; those of the scenario room are read in it.
const ERROR: &str = "#[error(";

/// Literals that people would read and that no language file holds: all that read like a sentence or a title, and
/// all letters that go straight into something that shows text.
fn bypassing(file: &SourceFile) -> Vec<String> {
    let mut found = Vec::new();
    for literal in &file.literals {
        let before = file.before(literal);
        let stands_in = |calls: &[&str]| calls.iter().any(|call| before.ends_with(call));
        let terminal = stands_in(&[ERROR]) && !file.path.contains("scenario");
        if terminal || stands_in(&NOT_SHOWN) || NAMES.contains(&&literal.text[..]) {
            continue;
        }
        let text = without_placeholders(&literal.text);
        let shown = stands_in(&SHOWS_TEXT) || tells_a_problem(file, literal);
        let has_letters = text.chars().any(char::is_alphabetic);
        if !is_look_up(file, literal) && (reads_like_words(&text) || shown && has_letters) {
            found.push(format!("{}:{}: {}", file.path, literal.line, literal.text));
        }
    }
    found
}

/// Whether a literal, as it is or through `format!`, is an argument of something that tells a problem.
fn tells_a_problem(file: &SourceFile, literal: &Literal) -> bool {
    let before = file.before(literal);
    let before = before.strip_suffix("format!(").unwrap_or(before);
    let mut depth = 0;
    let opened = before.rfind(|c| {
        depth += match c {
            ')' | ']' | '}' => 1,
            '(' | '[' | '{' => -1,
            _ => 0,
        };
        depth < 0
    });
    let call = opened.map_or("", |at| &before[..at]);
    TELLS_PROBLEMS.iter().any(|name| call.ends_with(name))
}

/// What makes a problem of a scenario file of the texts it is called with.
const TELLS_PROBLEMS: [&str; 6] = [
    ".report",
    ".report_unknown",
    ".report_twice",
    ".wrong_type",
    "SyntaxError::new",
    "unreadable",
];

/// Names that are the same in every language.
const NAMES: [&str; 5] = [
    "Leveret",
    "Inter Regular",
    "Inter Medium",
    "Inter SemiBold",
    "JetBrains Mono",
];

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

/// Two words with a space between, if only “a text”, or one that begins like a title.
fn reads_like_words(text: &str) -> bool {
    let is_word = |word: &str| word.contains(char::is_alphabetic);
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
fn no_word_about_a_scenario_file_bypasses_the_language_file() {
    let is_read = |file: &SourceFile| {
        // What is written to a file is its notation; what another library says of one is looked up by its words.
        let aside = ["save", "tests", "definitions/broken.rs"].map(Path::new);
        let mut folders = Path::new(&file.path).ancestors();
        !folders.any(|folder| aside.iter().any(|name| folder.ends_with(name)))
    };
    let files = rust_files("src/scenario");
    let read: Vec<_> = files.iter().filter(|file| is_read(file)).collect();
    assert!(read.len() > 15, "the sources are where they are sought");
    let found: Vec<_> = read.into_iter().flat_map(bypassing).collect();
    assert_eq!(found, [""; 0], "use t!(\"key\") and assets/i18n/en.ftl");
}

#[test]
fn words_about_a_scenario_file_that_bypass_the_language_file_would_be_found() {
    let sample = SourceFile::read(
        "src/scenario/sample.rs",
        r##"
        #[error("is too long")]
        fn f(reader: &mut Reader<'_>) {
            reader.report(span, "this name is empty", t!("fine", name = "queue"));
            let what = format!("no {kind} is named `{name}`");
            reader.wrong_type(node, || "a text".to_owned());
            reader.required(fields, "to", "\"logs\"").or(format!("`{name}`"));
            reader.report(span, format!("expected {wanted}"), "unknown");
        }"##,
    );
    assert_eq!(
        bypassing(&sample),
        [
            "src/scenario/sample.rs:2: is too long",
            "src/scenario/sample.rs:4: this name is empty",
            "src/scenario/sample.rs:5: no {kind} is named `{name}`",
            "src/scenario/sample.rs:6: a text",
            "src/scenario/sample.rs:8: expected {wanted}",
            "src/scenario/sample.rs:8: unknown",
        ]
    );
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
            font("Inter Medium").expect("the fonts are sound");
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
