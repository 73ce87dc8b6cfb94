//! How often something happens.

use crate::broker::Micros;

/// How many slots of time a second has, and how long one is.
const SLOTS: usize = 10;
const SLOT: u64 = 100_000;

/// Counts over the last second or so of shown time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Meter {
    /// What was counted in the newest slot and in those before it, by the slot's number modulo their count.
    counts: [u32; SLOTS + 1],
    newest: u64,
}

impl Meter {
    /// Counts one at `at`.
    pub(super) fn count(&mut self, at: Micros) {
        let slot = at.0 / SLOT;
        if slot > self.newest {
            let gone = (slot - self.newest).min(self.counts.len() as u64);
            for number in 0..gone {
                *self.of(slot - number) = 0;
            }
            self.newest = slot;
        }
        // What set out longer ago than can be counted is of no interest any more.
        if self.newest - slot <= SLOTS as u64 {
            *self.of(slot) += 1;
        }
    }

    fn of(&mut self, slot: u64) -> &mut u32 {
        &mut self.counts[(slot % (SLOTS as u64 + 1)) as usize]
    }

    /// How many there were in the second before the slot that `at` is in.
    pub(super) fn rate(&self, at: Micros) -> u32 {
        let end = at.0 / SLOT;
        let start = end.saturating_sub(SLOTS as u64);
        let known = self.newest.saturating_sub(SLOTS as u64)..=self.newest;
        let slots = (start..end).filter(|slot| known.contains(slot));
        slots
            .map(|slot| self.counts[(slot % (SLOTS as u64 + 1)) as usize])
            .sum()
    }

    /// Whether there is nothing left to be counted at `at`.
    pub(super) fn is_over(&self, at: Micros) -> bool {
        at.0 / SLOT > self.newest + SLOTS as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_what_happened_in_the_last_second() {
        let mut meter = Meter::default();
        for number in 0..300 {
            meter.count(Micros::from_millis(10 * number));
        }
        assert_eq!(meter.rate(Micros::from_secs(3)), 100);
        assert_eq!(meter.rate(Micros::from_millis(3_500)), 50);
        assert_eq!(meter.rate(Micros::from_secs(5)), 0);
        assert!(meter.is_over(Micros::from_secs(5)) && !meter.is_over(Micros::from_secs(3)));
    }

    #[test]
    fn what_sets_out_a_little_later_is_counted_then() {
        let mut meter = Meter::default();
        meter.count(Micros::from_millis(450));
        meter.count(Micros::from_millis(250));
        assert_eq!(meter.rate(Micros::from_millis(400)), 1);
        assert_eq!(meter.rate(Micros::from_millis(500)), 2);
    }
}
