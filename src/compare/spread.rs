//! How long something takes: the mean, and the times that so many do not exceed.

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::broker::Micros;

/// Percentiles are right to three digits.
const DIGITS: u8 = 3;

/// Spans of time in microseconds. Without any, all are zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// How many there were.
    pub count: u64,
    /// Their mean, exactly but for the last microsecond.
    pub mean: Micros,
    /// Half of them are no longer, to three digits.
    pub p50: Micros,
    /// 95 of a hundred are no longer, to three digits.
    pub p95: Micros,
    /// 99 of a hundred are no longer, to three digits.
    pub p99: Micros,
    /// The longest, exactly.
    pub max: Micros,
}

impl Spread {
    /// Of all these, each number exactly. They are put into another order.
    pub(super) fn of(spans: &mut [Micros]) -> Self {
        let count = spans.len();
        if count == 0 {
            return Self::default();
        }
        let mut at = |percent: usize| {
            let rank = (count * percent).div_ceil(100).max(1);
            *spans.select_nth_unstable(rank - 1).1
        };
        let (p50, p95, p99, max) = (at(50), at(95), at(99), at(100));
        let sum: u128 = spans.iter().map(|span| u128::from(span.0)).sum();
        Self {
            count: count as u64,
            mean: Micros(u64::try_from(sum / count as u128).unwrap_or(u64::MAX)),
            p50,
            p95,
            p99,
            max,
        }
    }
}

/// Spans as they come. It takes as much memory for a million as for one.
#[derive(Clone, Debug)]
pub(super) struct Spans {
    /// There is one, unless three digits were too many for the crate.
    histogram: Option<Histogram<u32>>,
    count: u64,
    sum: u128,
    max: u64,
}

impl Spans {
    pub(super) fn new() -> Self {
        Self {
            histogram: Histogram::new(DIGITS).ok(),
            count: 0,
            sum: 0,
            max: 0,
        }
    }

    pub(super) fn add(&mut self, span: Micros) {
        self.count += 1;
        self.sum += u128::from(span.0);
        self.max = self.max.max(span.0);
        if let Some(histogram) = &mut self.histogram {
            // It grows as it has to; what no histogram can hold is in mean and maximum only.
            let _ = histogram.record(span.0);
        }
    }

    pub(super) fn spread(&self) -> Spread {
        let at = |quantile: f64| {
            let value = |it: &Histogram<u32>| it.value_at_quantile(quantile).min(self.max);
            Micros(self.histogram.as_ref().map_or(0, value))
        };
        if self.count == 0 {
            return Spread::default();
        }
        Spread {
            count: self.count,
            mean: Micros(u64::try_from(self.sum / u128::from(self.count)).unwrap_or(u64::MAX)),
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            max: Micros(self.max),
        }
    }

    /// Roughly how much there is to copy in a clone, in entries.
    pub(super) fn weight(&self) -> usize {
        /// So many counts are as much as an entry elsewhere.
        const COUNTS: usize = 32;
        let counts = self
            .histogram
            .as_ref()
            .map_or(0, Histogram::distinct_values);
        counts / COUNTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_exact_in_its_mean_and_maximum_and_right_to_three_digits_between() {
        let mut spans = Spans::new();
        for span in 1..=100_000 {
            spans.add(Micros(span));
        }
        let spread = spans.spread();
        assert_eq!(
            (spread.count, spread.mean, spread.max),
            (100_000, Micros(50_000), Micros(100_000))
        );
        for (found, right) in [
            (spread.p50, 50_000),
            (spread.p95, 95_000),
            (spread.p99, 99_000),
        ] {
            assert!(found.0.abs_diff(right) <= right / 1_000, "{found:?}");
        }
    }

    #[test]
    fn of_one_span_all_are_that_and_of_none_zero() {
        let mut spans = Spans::new();
        assert_eq!(spans.spread(), Spread::default());
        spans.add(Micros(123_457));
        let spread = spans.spread();
        for found in [spread.mean, spread.p50, spread.p99, spread.max] {
            assert_eq!(found, Micros(123_457));
        }
    }

    #[test]
    fn of_a_few_spans_each_number_is_one_of_them() {
        let mut spans: Vec<_> = [7, 1, 9, 3].map(Micros).into();
        let spread = Spread::of(&mut spans);
        assert_eq!((spread.count, spread.mean), (4, Micros(5)));
        assert_eq!(
            (spread.p50, spread.p95, spread.max),
            (Micros(3), Micros(9), Micros(9))
        );
        assert_eq!(Spread::of(&mut []), Spread::default());
    }
}
