//! Regular expressions as policies and permissions use them: not anchored, and with the look-around that RabbitMQ's
//! users know, such as `^(?!amq\.)`.

use std::error::Error as _;

use fancy_regex::{CompileError, Error, Regex, RegexBuilder};

/// Steps after which a pattern that backtracks is taken not to match, as RabbitMQ takes it to when PCRE gives up. That is
/// a tenth of a millisecond or two; what people write needs some hundreds of steps for the longest name there can be.
const BACKTRACKS: usize = 5_000;

/// What a part of a pattern without look-around may take of memory, in octets.
const LARGEST: usize = 10 << 20;

/// PCRE takes no longer ones either.
const LONGEST: usize = 65_535;

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
        if text.len() > LONGEST {
            return Err(TOO_LARGE.to_owned());
        }
        let built = RegexBuilder::new(text)
            .backtrack_limit(BACKTRACKS)
            .delegate_size_limit(LARGEST)
            .build();
        match built {
            Ok(regex) => Ok(Self { regex: Some(regex) }),
            Err(error) => Err(wrong(text, &error)),
        }
    }

    /// Whether it matches somewhere in `text`. One that was given up does not.
    pub fn matches(&self, text: &str) -> bool {
        self.regex
            .as_ref()
            .is_none_or(|regex| regex.is_match(text).unwrap_or(false))
    }

    /// Whether it is given up on `text`, since it goes back and forth in it too often.
    pub fn is_given_up(&self, text: &str) -> bool {
        self.regex
            .as_ref()
            .is_some_and(|regex| regex.is_match(text).is_err())
    }

    /// Whether it matches whatever the text is.
    pub fn is_all(&self) -> bool {
        self.regex.is_none()
    }
}

const TOO_LARGE: &str = "It is too large; repetitions within repetitions multiply";

fn wrong(text: &str, error: &Error) -> String {
    match error {
        Error::ParseError(at, what) => match text.get(..*at) {
            Some(before) if before.len() < text.len() => {
                format!("{what} at character {}", before.chars().count() + 1)
            }
            _ => format!("{what} at the end"),
        },
        Error::CompileError(cause) => match &**cause {
            CompileError::InnerError(inner) if inner.size_limit().is_some() => TOO_LARGE.to_owned(),
            CompileError::PatternTooComplex => TOO_LARGE.to_owned(),
            CompileError::InnerError(inner) => inner.source().map_or_else(
                || inner.to_string(),
                |syntax| plain(text, &syntax.to_string()),
            ),
            CompileError::VariableLookBehindRequiresFeature => {
                "Look-behind whose length is not fixed".to_owned()
            }
            other => other.to_string(),
        },
        other => other.to_string(),
    }
}

/// What the reader of parts without look-around says, which takes some lines: the pattern, carets below the place, and
/// the cause last.
fn plain(text: &str, drawn: &str) -> String {
    let lines: Vec<&str> = drawn.lines().collect();
    let cause = lines.last().copied().unwrap_or_default();
    let cause = cause.strip_prefix("error: ").unwrap_or(cause);
    // Of a part only, the place in it says nothing of the place in the whole.
    let place = lines.windows(2).find_map(|pair| {
        let indent = pair[0].strip_suffix(text)?.chars().count();
        pair[1]
            .chars()
            .position(|sign| sign == '^')?
            .checked_sub(indent)
    });
    match place {
        Some(at) => format!("{cause} at character {}", at + 1),
        None => cause.to_owned(),
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
        for (pattern, expected) in [
            (
                "(a",
                "Opening parenthesis without closing parenthesis at the end",
            ),
            ("é**", "Target of repeat operator is invalid at character 3"),
            (
                "a)b",
                "General parsing error: end of string not reached at character 2",
            ),
            ("[a", "Invalid character class at the end"),
            ("a|*", "Target of repeat operator is invalid at character 3"),
            (
                r"a\",
                "Backslash without following character at character 2",
            ),
            (
                "é[z-a]",
                "invalid character class range, the start must be <= the end at character 3",
            ),
            (
                "[z-a](?!b)",
                "invalid character class range, the start must be <= the end",
            ),
            ("(?<=a+)b", "Look-behind whose length is not fixed"),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap_err(), expected, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_backtracks_without_end_is_given_up() {
        // O1
        for pattern in [
            r"^(a|a)*(?=b)\1$",
            r"^((?!b)a+)+$(?<!a)",
            r"^((?!x)a+)+(?=[bc])",
        ] {
            let pattern = Pattern::new(pattern).unwrap();
            let name = "a".repeat(200);
            assert!(pattern.is_given_up(&name) && !pattern.matches(&name));
            assert!(!pattern.is_given_up("b"));
        }
        // Without look-around and the like nothing goes back.
        let pattern = Pattern::new("(a+)+$").unwrap();
        assert!(pattern.matches(&"a".repeat(200)) && !pattern.is_given_up(&"a".repeat(200)));
    }

    #[test]
    fn a_pattern_that_grows_beyond_all_bounds_is_refused() {
        for pattern in [
            "(((a{1000}){1000}){1000})",
            "(?=b)(((a{1000}){1000}){1000})",
            &"a".repeat(70_000),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap_err(), TOO_LARGE, "{pattern}");
        }
        for deep in [
            "(".repeat(100_000),
            "(?=".repeat(100_000),
            "((?!a)".repeat(100_000),
        ] {
            Pattern::new(&deep).unwrap_err();
        }
        assert!(Pattern::new(r"^[a-z]{1,50}(\.[a-z0-9-]{1,50}){0,5}$").is_ok());
    }

    #[test]
    fn what_people_write_is_not_given_up_on_any_name() {
        let longest = "a-b.".repeat(63);
        for pattern in [
            r"^(?!amq\.).*",
            r"^(?!.*(dead|retry)).*$",
            r"(?<!old)-orders$",
            r"^(?=.*-b)(?!.*-c).*\.$",
            r"^(\w)-.*\.(?!\1)",
        ] {
            assert!(
                !Pattern::new(pattern).unwrap().is_given_up(&longest),
                "{pattern}"
            );
        }
    }
}
