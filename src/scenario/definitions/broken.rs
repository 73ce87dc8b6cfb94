//! Where a text stops being JSON: what serde_json says of it, in our words and with the place.

use super::fault::Path;
use crate::scenario::error::Problem;
use crate::scenario::remedy::{nothing, truth};
use crate::scenario::source::{Source, Span};
use crate::t;

/// What is wrong where a text stops being JSON.
pub(super) fn broken(text: &str, error: &serde_json::Error, path: Path) -> Problem {
    let source = Source::new(text);
    let offset = offset(text, error.line(), error.column());
    let told = error.to_string();
    let (what, hint) = foreign(text, offset)
        .unwrap_or_else(|| in_words(told.split(" at line ").next().unwrap_or_default()));
    Problem {
        place: source.place(offset),
        what: match path.section {
            "" => what,
            _ => format!("{path}: {what}"),
        },
        hint: Some(hint),
        excerpt: source.excerpt(Span::at(offset)),
    }
}

/// The offset of a place as serde_json tells it: the line from one, then octets.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
    let start = std::iter::once(0).chain(breaks).nth(line.saturating_sub(1));
    let mut offset = start.unwrap_or(text.len()) + column.saturating_sub(1);
    offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// What people write that JSON has not: comments, other quotes, words of other languages, numbers with units.
fn foreign(text: &str, offset: usize) -> Option<(String, String)> {
    let is_of_word = |c: &char| !c.is_whitespace() && !",:[]{}\"".contains(*c);
    let (before, rest) = text.split_at_checked(offset)?;
    let begun = before.chars().rev().take_while(is_of_word);
    let begun: usize = begun.map(char::len_utf8).sum();
    let before = before.get(..before.len() - begun).unwrap_or_default();
    let word = text.get(before.len()..).unwrap_or_default();
    let length = word.find(|c| !is_of_word(&c)).unwrap_or(word.len());
    let word = word.get(..length).unwrap_or_default();
    if ["//", "/*", "#"]
        .iter()
        .any(|comment| rest.starts_with(comment))
    {
        return Some((t!("definitions-comment"), t!("definitions-comment-hint")));
    }
    if rest.starts_with(['\'', '`', '“', '”', '„', '‘', '’']) {
        return Some((t!("definitions-quotes"), t!("definitions-quotes-hint")));
    }
    // What stands before a colon is a name, and told of as that.
    let is_value = before.trim_end().ends_with([':', '[', ',']);
    if !is_value
        || text[before.len() + word.len()..]
            .trim_start()
            .starts_with(':')
    {
        return None;
    }
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        let digits = word.trim_end_matches(|c: char| c.is_alphabetic());
        let is_number = digits.bytes().all(|c| c.is_ascii_digit() || c == b'.');
        let has_unit = digits.len() < word.len() && is_number;
        return has_unit.then(|| {
            let what = t!("definitions-unit", text = word);
            (what, t!("definitions-unit-hint", text = word))
        });
    }
    let meant = match word {
        "true" | "false" | "null" => return None,
        _ if !word.starts_with(char::is_alphabetic) => return None,
        _ => truth(word).or_else(|| nothing(word).then_some("null")),
    };
    let what = t!("definitions-bare-word", word = word);
    Some(match meant {
        Some(meant) => (what, t!("definitions-meant", meant = meant)),
        None => (what, t!("file-text-in-quotes", text = word)),
    })
}

/// What serde_json says, and what to do about it.
fn in_words(error: &str) -> (String, String) {
    if error.starts_with("EOF") {
        return (t!("definitions-cut"), t!("definitions-cut-hint"));
    }
    match error {
        "expected `,` or `}`" | "expected `,` or `]`" => {
            (t!("definitions-no-comma"), t!("definitions-no-comma-hint"))
        }
        "trailing comma" => (
            t!("definitions-last-comma"),
            t!("definitions-last-comma-hint"),
        ),
        "trailing characters" => (t!("definitions-ended"), t!("definitions-ended-hint")),
        "key must be a string" => (t!("definitions-no-key"), t!("definitions-no-key-hint")),
        "expected `:`" => (t!("definitions-no-colon"), t!("definitions-no-colon-hint")),
        "expected value" | "expected ident" => {
            (t!("definitions-no-value"), t!("definitions-no-value-hint"))
        }
        "control character (\\u0000-\\u001F) found while parsing a string" => (
            t!("definitions-open-text"),
            t!("definitions-open-text-hint"),
        ),
        "invalid escape" => (t!("definitions-escape"), t!("definitions-escape-hint")),
        "recursion limit exceeded" => (t!("definitions-deep"), t!("definitions-deep-hint")),
        other => (
            t!("definitions-broken", error = other),
            t!("definitions-broken-hint"),
        ),
    }
}
