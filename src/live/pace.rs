//! How often a client is written to.

use std::time::Duration;

/// To wake a client costs the machine more than a small message does. So one that gets much, and does not wait for each
/// answer before it says more, is written to less often, and gets what came meanwhile at once.
///
/// Whether that is so shows only by trying: after something was written nothing is for a moment, and what would have been
/// written meanwhile is counted. Where it is little, the next trial comes much later.
pub(super) struct Pace {
    /// So many times it is written without a pause, until the next trial.
    left: u32,
    /// How many times it would be, after one more trial that gained little.
    patience: u32,
}

impl Pace {
    /// How long a pause is, at the least.
    pub(super) const PAUSE: Duration = Duration::from_micros(500);
    /// So many times less to write, by one pause, is much.
    const MUCH: u32 = 4;
    /// So many times it is written between two trials, while they gain little: at first, and in the end.
    const SHORT: u32 = 4;
    const LONG: u32 = 1024;

    pub(super) fn new() -> Self {
        Self {
            left: 0,
            patience: Self::SHORT,
        }
    }

    /// Whether there is to be a pause after what has just been written.
    pub(super) fn pauses(&mut self) -> bool {
        let tries = self.left == 0;
        self.left = self.left.saturating_sub(1);
        tries
    }

    /// Learns from a pause, in which it would have been written so many times.
    pub(super) fn paused(&mut self, would_have_written: u32) {
        if would_have_written >= Self::MUCH {
            self.patience = Self::SHORT;
        } else if would_have_written > 0 {
            self.left = self.patience;
            self.patience = (self.patience * 4).min(Self::LONG);
        } // Who was silent was not kept waiting.
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;

    /// Of so many times that something was written, how many pauses there were.
    fn pauses(pace: &mut Pace, writes: u32, in_a_pause: u32) -> u32 {
        let mut pauses = 0;
        for _ in 0..writes {
            if pace.pauses() {
                pace.paused(in_a_pause);
                pauses += 1;
            }
        }
        pauses
    }

    #[test]
    fn who_waits_for_each_answer_is_hardly_ever_kept_waiting() {
        let mut pace = Pace::new();
        assert!(pauses(&mut pace, 1_000, 1) <= 5);
        assert!(pauses(&mut pace, 100_000, 1) <= 100);
    }

    #[test]
    fn who_gets_much_gets_much_at_once() {
        let mut pace = Pace::new();
        assert_eq!(pauses(&mut pace, 1_000, 10), 1_000);
    }

    #[test]
    fn who_begins_to_get_much_is_noticed_and_who_ceases_to_as_well() {
        let mut pace = Pace::new();
        pauses(&mut pace, 100_000, 1);
        assert!(pauses(&mut pace, 10_000, 10) > 8_900);
        assert!(pauses(&mut pace, 1_000, 1) <= 5);
    }
}
