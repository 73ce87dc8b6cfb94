//! What values an argument of a queue, or a key of a policy, may have (Q12, O7).

use super::{Micros, Value};

/// The longest TTL and expiry, in milliseconds (Q12).
pub(super) const LONGEST: i64 = 315_360_000_000;

/// What values something takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Takes {
    /// A span in milliseconds from `0` on, or that at least, up to [`LONGEST`].
    Span(i64),
    /// An integer from this on.
    Count(i64),
    /// An integer of either sign.
    Integer,
    /// An integer from 0 to 255.
    Priority,
    /// `true` or `false`.
    Bool,
    /// Any text.
    Text,
    /// One of these texts; otherwise the error is called so.
    OneOf(&'static [&'static str], &'static str),
    /// A number and a unit of time.
    Age,
    /// Whatever it is.
    Anything,
}

pub(super) const OVERFLOWS: Takes = Takes::OneOf(
    &["drop-head", "reject-publish", "reject-publish-dlx"],
    "invalid_overflow",
);
pub(super) const STRATEGIES: Takes =
    Takes::OneOf(&["at-most-once", "at-least-once"], "invalid_dlx_strategy");
pub(super) const RETRIES: Takes = Takes::OneOf(
    &["disabled", "all", "failed", "returned"],
    "invalid_delayed_retry_type",
);
pub(super) const LOCATORS: Takes = Takes::OneOf(
    &["client-local", "balanced", "random", "least-leaders"],
    "invalid_queue_locator_arg",
);
pub(super) const MODES: Takes = Takes::OneOf(&["default", "lazy"], "unsupported queue mode");

impl Takes {
    /// Why `value` is none of these values, in RabbitMQ's terms.
    pub fn wrong(self, value: &Value) -> Option<String> {
        let of_type = || Some(format!("{{unacceptable_type,{}}}", value.type_name()));
        let whole = value.as_int();
        match (self, value) {
            (Self::Anything, _) | (Self::Bool, Value::Bool(_)) | (Self::Text, Value::Text(_)) => {
                None
            }
            (Self::Span(_) | Self::Count(_) | Self::Priority | Self::Integer, _) => match whole {
                None => Some(format!("\"expected integer, got {}\"", value.type_name())),
                Some(number) => self.out_of_range(number),
            },
            (Self::OneOf(words, error), Value::Text(text)) => {
                let wrong = !words.contains(&text.as_str());
                wrong.then(|| match error.contains(' ') {
                    true => format!("\"{error} '{text}'\""),
                    false => error.to_owned(),
                })
            }
            (Self::Age, Value::Text(text)) => {
                age(text).is_none().then(|| "invalid_max_age".to_owned())
            }
            (Self::Bool | Self::Text | Self::OneOf(..) | Self::Age, _) => of_type(),
        }
    }

    fn out_of_range(self, number: i64) -> Option<String> {
        match self {
            Self::Span(least) => out_of(number, least).or_else(|| too_long(number)),
            Self::Count(least) => out_of(number, least),
            Self::Priority => out_of(number, 0)
                .or_else(|| (number > 255).then(|| format!("{{max_value_exceeded,{number}}}"))),
            _ => None,
        }
    }
}

fn out_of(number: i64, least: i64) -> Option<String> {
    match number {
        ..0 => Some(format!("{{value_negative,{number}}}")),
        0 if least > 0 => Some("{value_zero,0}".to_owned()),
        _ => None,
    }
}

/// Why a span of milliseconds is too long (Q12).
pub(super) fn too_long(millis: i64) -> Option<String> {
    (millis > LONGEST).then(|| format!("{{value_too_large,{millis}}}"))
}

/// The span that `x-max-age` writes: a number from 1 on and one of the units Y, M, D, h, m and s (Q12).
pub(super) fn age(text: &str) -> Option<Micros> {
    let unit = text.char_indices().next_back()?;
    let seconds: u64 = match unit.1 {
        'Y' => 365 * 86_400,
        'M' => 30 * 86_400,
        'D' => 86_400,
        'h' => 3_600,
        'm' => 60,
        's' => 1,
        _ => return None,
    };
    let digits = &text[..unit.0];
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let number = digits.parse::<u64>().unwrap_or(u64::MAX);
    (number > 0).then(|| Micros::from_secs(number.saturating_mul(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_a_number_and_a_unit() {
        // Q12
        for (text, seconds) in [
            ("1s", 1),
            ("2m", 120),
            ("3h", 10_800),
            ("7D", 604_800),
            ("1M", 2_592_000),
            ("1Y", 31_536_000),
            ("05s", 5),
        ] {
            assert_eq!(age(text), Some(Micros::from_secs(seconds)), "{text}");
        }
        for text in [
            "", "s", "7", "0s", "-1s", "1.5h", "1 h", "7d", "7y", "1H", "1S", "1sm", "1hh", "h1",
            "7D ", "١s", "1é",
        ] {
            assert_eq!(age(text), None, "{text}");
        }
        let long = "9".repeat(40) + "Y";
        assert_eq!(age(&long), Some(Micros::MAX));
    }

    #[test]
    fn a_span_has_two_ends() {
        // Q12
        let wrong = |least, millis| Takes::Span(least).wrong(&Value::Int(millis));
        assert_eq!(wrong(0, 0), None);
        assert_eq!(wrong(0, LONGEST), None);
        assert_eq!(wrong(1, 1), None);
        assert_eq!(wrong(1, 0).as_deref(), Some("{value_zero,0}"));
        assert_eq!(wrong(0, -1).as_deref(), Some("{value_negative,-1}"));
        assert_eq!(
            wrong(0, LONGEST + 1).as_deref(),
            Some("{value_too_large,315360000001}")
        );
    }
}
