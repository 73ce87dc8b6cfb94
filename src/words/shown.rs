//! Names, keys and values as they are shown: never as nothing, and never so that two of them look alike.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::broker::octets::octet;
use crate::t;

/// A name, a key or a value that somebody chose, as it is shown. What could not be seen stands in quotes: an empty text, one
/// that begins or ends with a space, letters that leave no mark, and octets that are no text.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    let is_plain = !text.is_empty()
        && !text.starts_with([' ', '"'])
        && !text.ends_with(' ')
        && !text.chars().any(|letter| hides(letter, text));
    if is_plain {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        // Writing to a String cannot fail.
        let _ = match letter {
            '"' | '\\' => write!(out, "\\{letter}"),
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            letter => match octet(letter) {
                Some(number) => write!(out, "\\x{number:02x}"),
                None if hides(letter, text) => write!(out, "\\u{{{:x}}}", u32::from(letter)),
                None => write!(out, "{letter}"),
            },
        };
    }
    out.push('"');
    Cow::Owned(out)
}

/// The same in a sentence that speaks of the text itself: always in quotes.
#[must_use]
pub fn quoted(text: &str) -> String {
    match shown(text) {
        // Between quotes of the sentence's own an empty text can be seen.
        Cow::Owned(shown) if !text.is_empty() => shown,
        _ => t!("quoted", text = text),
    }
}

/// Whether a letter would leave no mark, or no mark of its own. What joins letters or chooses their form does not in a text
/// that can be seen: some scripts cannot be written without it.
fn hides(letter: char, text: &str) -> bool {
    let joins = |letter: char| matches!(letter, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180d}');
    match letter {
        ' ' => false,
        letter if joins(letter) => !text
            .chars()
            .any(|other| !joins(other) && !leaves_no_mark(other)),
        letter => leaves_no_mark(letter) || octet(letter).is_some(),
    }
}

fn leaves_no_mark(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter,
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}' | '\u{1160}'
            | '\u{17b4}' | '\u{17b5}'
            | '\u{180e}' | '\u{180f}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{fffe}' | '\u{ffff}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_seen_is_shown_as_it_is() {
        for plain in [
            "orders",
            "kern.#",
            "two words",
            "a\"b",
            "é 漢 👍",
            "می\u{200c}خواهم",
            "❤\u{fe0f}",
        ] {
            assert_eq!(shown(plain), plain);
        }
    }

    #[test]
    fn what_would_be_blank_stands_in_quotes() {
        assert_eq!(shown(""), r#""""#);
        assert_eq!(shown("  "), r#""  ""#);
        assert_eq!(shown("\t\u{7}"), r#""\t\u{7}""#);
        assert_eq!(shown("\u{200b}"), r#""\u{200b}""#);
        assert_eq!(shown("\u{200d}\u{fe0f}"), r#""\u{200d}\u{fe0f}""#);
        assert_eq!(shown("\u{a0}"), r#""\u{a0}""#);
    }

    #[test]
    fn no_two_texts_look_alike() {
        let texts = [
            "",
            "\"\"",
            " ",
            "\" \"",
            "a",
            "a ",
            " a",
            "\"a \"",
            "a\u{200b}",
            "\"a\\u{200b}\"",
            "a\n",
            "\"a\\n\"",
            "\u{10feff}",
            "\\xff",
            "\"\\xff\"",
        ];
        let seen: std::collections::BTreeSet<_> = texts.iter().map(|text| shown(text)).collect();
        assert_eq!(seen.len(), texts.len(), "{seen:?}");
    }

    #[test]
    fn octets_that_are_no_text_are_shown_as_numbers() {
        assert_eq!(shown("a\u{10feff}"), r#""a\xff""#);
    }
}
