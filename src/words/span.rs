//! Spans of time as people say them.

use crate::broker::Micros;
use crate::t;

/// A span in seconds, or below one second in milliseconds, with no more decimals than it has: `1.6 s`, `400 ms`.
pub fn span(span: Micros) -> String {
    let trimmed = |value: f64| {
        let text = format!("{value:.2}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    match span.0 {
        0..1_000 => t!("span-micros", number = span.0.to_string()),
        1_000..1_000_000 => t!("span-millis", number = trimmed(span.0 as f64 / 1e3)),
        _ => t!("span-seconds", number = trimmed(span.as_secs_f64())),
    }
}

/// A span that changes while one looks, rounded so that its digits do not dance: `6.0 s`, `12 ms`.
pub fn span_rounded(span: Micros) -> String {
    match span.0 {
        0..1_000 => t!("span-micros", number = span.0.to_string()),
        1_000..1_000_000 => t!("span-millis", number = (span.0 / 1_000).to_string()),
        _ => t!(
            "span-seconds",
            number = format!("{:.1}", span.as_secs_f64())
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_the_unit_people_would_use() {
        for (micros, told) in [
            (0, "0 µs"),
            (400_000, "400 ms"),
            (1_600_000, "1.6 s"),
            (6_000_000, "6 s"),
            (1_250, "1.25 ms"),
            (60_000_000, "60 s"),
        ] {
            assert_eq!(span(Micros(micros)), told);
        }
    }
}
