//! The one way to standard output and standard error. Much of what is written there others have chosen, names above all;
//! none of it is to move a cursor, colour a line or set a title.

use std::io::{self, Write};

use crate::words::acts;

/// What is written, with what would act on a terminal spelled out instead, but for ends of lines and tabs: those of
/// others have been spelled out before ([`plain`](crate::words::plain)). It is spelled as JSON does, so that JSON stays
/// what it is.
pub(super) struct Terminal<W> {
    out: W,
    /// The beginning of a character whose end is yet to be written.
    rest: Vec<u8>,
}

impl<W: Write> Terminal<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            out,
            rest: Vec::new(),
        }
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        let is_shown = |letter: char| !acts(letter) || matches!(letter, '\n' | '\t');
        let mut rest = text;
        while let Some(at) = rest.find(|letter| !is_shown(letter)) {
            let (shown, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            self.out.write_all(shown.as_bytes())?;
            let mut letters = from.chars();
            if let Some(letter) = letters.next() {
                write!(self.out, "\\u{:04x}", u32::from(letter))?;
            }
            rest = letters.as_str();
        }
        self.out.write_all(rest.as_bytes())
    }
}

impl<W: Write> Write for Terminal<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let held = std::mem::take(&mut self.rest);
        let all = [&held, octets].concat();
        let mut chunks = all.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.text(chunk.valid())?;
            let invalid = chunk.invalid();
            if invalid.is_empty() {
                continue;
            }
            let may_go_on = std::str::from_utf8(invalid).is_err_and(|it| it.error_len().is_none());
            if chunks.peek().is_none() && may_go_on {
                self.rest = invalid.to_vec();
            } else {
                self.text("\u{FFFD}")?;
            }
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Writes a line to standard error. There is nowhere else to say it, so nothing is said of what fails.
pub(super) fn complain(line: &str) {
    let mut whole = Terminal::new(Vec::new());
    let _ = writeln!(whole, "{line}");
    // At once, so that two threads' lines stay apart.
    let _ = io::stderr().write_all(&whole.out);
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    fn written(pieces: &[&[u8]]) -> String {
        let mut out = Terminal::new(Vec::new());
        for piece in pieces {
            out.write_all(piece).unwrap();
        }
        String::from_utf8(out.out).unwrap()
    }

    #[test]
    fn what_would_act_is_spelled_out_and_text_is_itself() {
        let text = "name\tcaffè ☕\n";
        assert_eq!(written(&[text.as_bytes()]), text);
        assert_eq!(
            written(&[b"\x1b]0;title\x07\r"]),
            r"\u001b]0;title\u0007\u000d"
        );
        assert_eq!(written(&["\u{9b}2J\u{202e}".as_bytes()]), r"\u009b2J\u202e");
        assert_eq!(written(&[b"a\xFFb"]), "a\u{FFFD}b");
    }

    proptest! {
        /// However it is cut into pieces, and whatever is in it.
        #[test]
        fn json_stays_the_same_and_nothing_in_it_acts(text in any::<String>(), cut in any::<prop::sample::Index>()) {
            let json = serde_json::to_string(&text).unwrap();
            let (one, two) = json.as_bytes().split_at(cut.index(json.len()));
            let shown = written(&[one, two]);
            prop_assert!(!shown.contains(acts), "{shown:?}");
            prop_assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
        }
    }
}
