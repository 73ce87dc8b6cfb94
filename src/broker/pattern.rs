//! Regular expressions as policies and permissions use them: not anchored, and with the look-around that RabbitMQ's
//! users know, such as `^(?!amq\.)`.

use fancy_regex::{CompileError, Error, Regex, RegexBuilder};

/// Steps after which a pattern that backtracks is taken not to match, so that no name can stall the broker.
const BACKTRACKS: usize = 100_000;

/// A pattern, ready to be held against names.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// `None` matches everything: most brokers say `.*` nearly everywhere, and need not pay for it.
    regex: Option<Regex>,
}

impl Pattern {
    /// Reads a pattern; the error says what is wrong with it and where.
    pub fn new(text: &str) -> Result<Self, String> {
        if matches!(text, "" | ".*" | "^" | "^.*") {
            return Ok(Self { regex: None });
        }
        match RegexBuilder::new(text).backtrack_limit(BACKTRACKS).build() {
            Ok(regex) => Ok(Self { regex: Some(regex) }),
            Err(error) => Err(wrong(text, &error)),
        }
    }

    /// Whether it matches somewhere in `text`.
    pub fn matches(&self, text: &str) -> bool {
        self.regex
            .as_ref()
            .is_none_or(|regex| regex.is_match(text).unwrap_or(false))
    }

    /// Whether it matches whatever the text is.
    pub fn is_all(&self) -> bool {
        self.regex.is_none()
    }
}

fn wrong(text: &str, error: &Error) -> String {
    match error {
        Error::ParseError(at, what) => {
            let before = text.get(..*at).unwrap_or(text);
            format!("{what} at character {}", before.chars().count() + 1)
        }
        // A part that needs no backtracking is read by another reader, which draws lines of text round the place. Its
        // last line is the cause.
        Error::CompileError(cause) => {
            let cause = match &**cause {
                CompileError::InnerError(inner) => inner.to_string(),
                other => other.to_string(),
            };
            let last = cause.lines().last().unwrap_or_default().trim();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_anywhere_unless_anchored() {
        // O1
        for (pattern, text, expected) in [
            ("tmp", "my.tmp.queue", true),
            ("^tmp", "my.tmp.queue", false),
            (r"^tmp\.", "tmp.a", true),
            (r"^tmp\.", "tmpa", false),
            ("queue$", "my.tmp.queue", true),
            ("", "anything", true),
            (".*", "", true),
            ("^$", "", true),
            ("^$", "a", false),
            ("(a|b)-[0-9]{2}", "b-07", true),
            (r"\d", "seven", false),
            ("Tmp", "tmp", false),
            ("(?i)Tmp", "tmp", true),
            // What RabbitMQ's own guides put in policies.
            (r"^(?!amq\.).*", "amq.gen-1", false),
            (r"^(?!amq\.).*", "orders", true),
            (r"(?<!old)-orders", "old-orders", false),
        ] {
            let matched = Pattern::new(pattern).unwrap().matches(text);
            assert_eq!(matched, expected, "{pattern} against {text}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (pattern, place) in [
            ("(a", true),
            ("a)", true),
            ("[a", false),
            ("*", true),
            ("a**{", false),
            (r"\", true),
        ] {
            let wrong = Pattern::new(pattern).unwrap_err();
            assert!(
                !wrong.is_empty() && !wrong.contains('\n'),
                "{pattern}: {wrong}"
            );
            assert_eq!(
                wrong.contains(" at character "),
                place,
                "{pattern}: {wrong}"
            );
        }
    }

    #[test]
    fn a_pattern_that_backtracks_without_end_is_given_up() {
        let pattern = Pattern::new(r"^(a|a)*(?=b)\1$").unwrap();
        assert!(!pattern.matches(&"a".repeat(200)));
    }
}
