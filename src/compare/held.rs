//! How many workers are held, and how many were in the mean.

use crate::broker::Micros;

/// The workers of one service that are held. Each time one is taken or let go is counted once, so that it does not
/// matter in which order they are told.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    now: i64,
    /// The times at which one was taken, less those at which one was let go, in microseconds.
    since: i128,
}

impl Held {
    pub(super) fn take(&mut self, at: Micros) {
        self.now += 1;
        self.since += i128::from(at.0);
    }

    pub(super) fn let_go(&mut self, at: Micros) {
        self.now -= 1;
        self.since -= i128::from(at.0);
    }

    /// How many are held.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.now).unwrap_or(0)
    }

    /// For how long workers were held up to a time, all together, in microseconds.
    pub(super) fn sum(&self, until: Micros) -> i128 {
        i128::from(self.now) * i128::from(until.0) - self.since
    }

    /// How many were held in the mean from the start to a time.
    pub(super) fn mean(&self, until: Micros) -> f64 {
        mean(self.sum(until), until)
    }
}

/// A sum of times, for each unit of a span.
pub(super) fn mean(sum: i128, span: Micros) -> f64 {
    match span.0 {
        0 => 0.0,
        span => (sum as f64 / span as f64).max(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_the_time_held_for_each_unit_of_time() {
        let mut held = Held::default();
        held.take(Micros(10));
        held.take(Micros(20));
        held.let_go(Micros(30));
        assert_eq!(held.now(), 1);
        assert_eq!(held.sum(Micros(40)), 20 + 20);
        assert!((held.mean(Micros(40)) - 1.0).abs() < 1e-9);
        assert!(held.mean(Micros::ZERO).abs() < 1e-9);
    }

    #[test]
    fn it_does_not_matter_in_which_order_they_are_told() {
        let mut held = Held::default();
        held.let_go(Micros(30));
        held.take(Micros(10));
        assert_eq!((held.now(), held.sum(Micros(50))), (0, 20));
    }
}
