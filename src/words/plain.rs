//! Names and texts of others in sentences: what a client sends is shown, and does nothing to what shows it.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::broker::octets;

/// A text as it stands in a sentence: no character in it ends a line, moves a cursor or turns the writing round. An octet
/// that is no text is shown by its number.
pub fn plain(text: &str) -> Cow<'_, str> {
    let is_plain = |letter: char| !acts(letter) && octets::octet(letter).is_none();
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        // A `String` takes everything that is written to it.
        let _ = match (letter, octets::octet(letter)) {
            ('\n', _) => shown.write_str("\\n"),
            ('\r', _) => shown.write_str("\\r"),
            ('\t', _) => shown.write_str("\\t"),
            (_, Some(octet)) => write!(shown, "\\x{octet:02x}"),
            (letter, None) if acts(letter) => write!(shown, "\\u{:04x}", u32::from(letter)),
            (letter, None) => shown.write_char(letter),
        };
    }
    Cow::Owned(shown)
}

/// Whether a character does something rather than show something: control characters, ends of lines, and what turns the
/// direction of writing round.
pub fn acts(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_act_is_shown_and_all_else_is_itself() {
        for text in ["", "kern.error", "caffè ☕ \u{1F980}", "a\\b", "שלום"] {
            assert!(matches!(plain(text), Cow::Borrowed(_)), "{text}");
        }
        assert_eq!(plain("a\nb\r\tc\0"), r"a\nb\r\tc\u0000");
        assert_eq!(plain("\u{1b}[2J\u{7f}\u{9b}"), r"\u001b[2J\u007f\u009b");
        assert_eq!(plain("ab\u{202e}gpj.exe\u{2066}"), r"ab\u202egpj.exe\u2066");
        assert_eq!(plain(&octets::read(b"a\xFFb")), r"a\xffb");
    }
}
