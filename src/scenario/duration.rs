//! Durations as people write them.

use std::fmt;

use crate::broker::Micros;
use crate::t;

/// Why a text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DurationError {
    /// It does not begin with a number.
    NotANumber,
    /// A number alone.
    NoUnit,
    /// A number, and after it something else than a unit.
    UnknownUnit,
    /// Time does not run backwards.
    Negative,
    /// Less than a microsecond matters in it.
    TooFine,
    /// More than time has room for.
    TooLong,
}

impl std::error::Error for DurationError {}

/// What a sentence says that begins with the text.
impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::NotANumber => t!("file-duration-not-a-number"),
            Self::NoUnit => t!("file-duration-no-unit"),
            Self::UnknownUnit => t!("file-duration-unknown-unit"),
            Self::Negative => t!("file-duration-negative"),
            Self::TooFine => t!("file-duration-too-fine"),
            Self::TooLong => t!("file-duration-too-long"),
        })
    }
}

impl DurationError {
    /// What to write instead of `text`.
    pub fn hint(self, text: &str) -> String {
        match self {
            Self::NoUnit => t!("file-duration-no-unit-hint", number = text),
            Self::Negative => t!("file-duration-negative-hint"),
            Self::UnknownUnit => match meant_duration(text) {
                Some(meant) => t!("file-write", text = format!("\"{meant}\"")),
                None => t!("file-duration-units"),
            },
            Self::TooFine => t!("file-duration-too-fine-hint"),
            Self::NotANumber | Self::TooLong => t!("file-duration-hint"),
        }
    }
}

/// The duration that is meant by a number with a unit that people write.
pub(super) fn meant_duration(text: &str) -> Option<String> {
    let text = text.trim();
    let number_ends = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(number_ends);
    let unit = match unit.trim().to_lowercase().as_str() {
        "us" | "usec" | "usecs" | "micros" | "microsecond" | "microseconds" => "us",
        "ms" | "msec" | "msecs" | "milli" | "millis" | "millisecond" | "milliseconds" => "ms",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "min",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => {
            let hours = number.parse::<u64>().ok()?.checked_mul(24)?;
            return Some(format!("{hours}h"));
        }
        _ => return None,
    };
    let meant = format!("{number}{unit}");
    parse_duration(&meant).is_ok().then_some(meant)
}

/// Reads `400ms`, `2s`, `1.5s`, `7us`, `2min` or `1h`, exactly: no floating point is in between. A bare `0` is fine too.
pub fn parse_duration(text: &str) -> Result<Micros, DurationError> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix(['-', '−']) {
        let digit = rest.trim_start().starts_with(|c: char| c.is_ascii_digit());
        return Err(match digit {
            true => DurationError::Negative,
            false => DurationError::NotANumber,
        });
    }
    let number_ends = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(number_ends.unwrap_or(text.len()));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || fraction.contains('.') {
        return Err(DurationError::NotANumber);
    }
    let unit: u64 = match unit.trim_start() {
        "us" | "µs" | "μs" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "min" => 60_000_000,
        "h" => 3_600_000_000,
        "" if number == "0" => 1,
        "" => return Err(DurationError::NoUnit),
        _ => return Err(DurationError::UnknownUnit),
    };
    let whole: u64 = whole.parse().map_err(|_| DurationError::TooLong)?;
    let whole = whole.checked_mul(unit).ok_or(DurationError::TooLong)?;
    let micros = whole.checked_add(micros_of(fraction, unit)?);
    micros.map(Micros).ok_or(DurationError::TooLong)
}

/// The microseconds in the digits after the point.
fn micros_of(fraction: &str, unit: u64) -> Result<u64, DurationError> {
    let digits = fraction.trim_end_matches('0');
    let (mut micros, mut place) = (0, unit);
    for digit in digits.bytes() {
        if place % 10 != 0 {
            // What is left is less than ten of them, or an odd part of an hour.
            return Err(DurationError::TooFine);
        }
        place /= 10;
        micros += u64::from(digit - b'0') * place;
    }
    Ok(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_durations_are_exact() {
        for (text, micros) in [
            ("400ms", 400_000),
            ("2s", 2_000_000),
            ("1.5s", 1_500_000),
            ("0.000001s", 1),
            ("1.10s", 1_100_000),
            ("7us", 7),
            ("7 µs", 7),
            ("0", 0),
            ("0s", 0),
            ("2min", 120_000_000),
            ("1.5h", 5_400_000_000),
        ] {
            assert_eq!(parse_duration(text), Ok(Micros(micros)), "{text}");
        }
    }

    #[test]
    fn units_that_people_write_are_known_for_what_they_mean() {
        for (text, meant) in [
            ("10 sec", Some("10s")),
            ("1m", Some("1min")),
            ("1.5 Seconds", Some("1.5s")),
            ("400msec", Some("400ms")),
            ("2 hours", Some("2h")),
            ("7d", Some("168h")),
            ("5 S", Some("5s")),
            ("5 parsecs", None),
            ("1e3s", None),
            ("1.2.3m", None),
        ] {
            assert_eq!(meant_duration(text).as_deref(), meant, "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_says_why() {
        use DurationError::*;
        for (text, why) in [
            ("", NotANumber),
            ("fast", NotANumber),
            (".5s", NotANumber),
            ("1.2.3s", NotANumber),
            ("-", NotANumber),
            ("-5ms", Negative),
            ("400", NoUnit),
            ("4 seconds", UnknownUnit),
            ("1e3s", UnknownUnit),
            ("0.5us", TooFine),
            ("99999999999999999999s", TooLong),
            ("9999999999999999h", TooLong),
        ] {
            assert_eq!(parse_duration(text), Err(why), "{text}");
        }
    }
}
