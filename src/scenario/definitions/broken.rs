//! Where a text stops being JSON: what serde_json says of it, in our words and with the place.

use super::fault::Path;
use crate::scenario::error::Problem;
use crate::scenario::source::{Source, Span};
use crate::t;

/// What is wrong where a text stops being JSON.
pub(super) fn broken(text: &str, error: &serde_json::Error, path: Path) -> Problem {
    let source = Source::new(text);
    let offset = offset(text, error.line(), error.column());
    let told = error.to_string();
    let (what, hint) = in_words(told.split(" at line ").next().unwrap_or_default());
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
