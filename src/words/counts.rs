//! Large numbers of things.

use crate::t;

/// A number with a comma between its thousands.
#[must_use]
pub fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push_str(&t!("count-gap"));
        }
        grouped.push(digit);
    }
    grouped
}

/// So many queues.
#[must_use]
pub fn queues(count: usize) -> String {
    t!("count-queues", count = count, grouped = grouped(count))
}

/// So many exchanges.
#[must_use]
pub fn exchanges(count: usize) -> String {
    t!("count-exchanges", count = count, grouped = grouped(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (40_000, "40,000"),
            (1_234_567, "1,234,567"),
        ];
        for (count, words) in cases {
            assert_eq!(grouped(count), words);
        }
        assert_eq!(queues(1), "1 queue");
        assert_eq!(exchanges(12_345), "12,345 exchanges");
    }
}
