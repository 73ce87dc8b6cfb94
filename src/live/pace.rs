//! How often a client is written to, and read.

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

/// The same for reading: who asks for much, little by little, is read less often, and is answered all at once. An answer
/// for each question wakes the client for each, which then asks again: they would hand each other single frames.
pub(super) struct ReadingPace {
    pace: Pace,
    /// How much was asked for by what was read without a pause before.
    usual: u32,
    /// How many times there was a pause since.
    pauses: u32,
}

impl ReadingPace {
    /// What is read at once and is not less than this, in octets, is much already.
    const LITTLE: usize = 4 * 1024;
    /// After so many pauses there is none, to see whether they still gain anything.
    const AGAIN: u32 = 64;

    pub(super) fn new() -> Self {
        Self {
            pace: Pace::new(),
            usual: 1,
            pauses: 0,
        }
    }

    /// Whether there is to be a pause after so many octets, by which so much was asked for.
    pub(super) fn pauses(&mut self, octets: usize, asked: u32) -> bool {
        match self.pauses {
            0 => self.usual = asked.max(1),
            _ => self.pace.paused((asked / self.usual).max(1)),
        }
        let pauses = octets < Self::LITTLE && self.pauses < Self::AGAIN && self.pace.pauses();
        self.pauses = if pauses { self.pauses + 1 } else { 0 };
        pauses
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, ReadingPace};

    /// Of so many times that a client was read, how many pauses there were; by what is read after one, and without one, so
    /// much is asked for.
    fn reading_pauses(pace: &mut ReadingPace, reads: u32, with: u32, without: u32) -> u32 {
        let (mut pauses, mut paused) = (0, false);
        for _ in 0..reads {
            let asked = if paused { with } else { without };
            paused = pace.pauses(21 * asked as usize, asked);
            pauses += u32::from(paused);
        }
        pauses
    }

    #[test]
    fn who_acknowledges_one_by_one_is_read_less_often() {
        let mut pace = ReadingPace::new();
        assert!(reading_pauses(&mut pace, 1_000, 12, 1) > 950);
    }

    #[test]
    fn who_waits_for_an_answer_is_hardly_ever_read_later() {
        for asks in [1, 4, 40] {
            let mut pace = ReadingPace::new();
            assert!(
                reading_pauses(&mut pace, 100_000, asks, asks) <= 200,
                "{asks}"
            );
        }
    }

    #[test]
    fn who_begins_to_wait_for_answers_is_soon_read_at_once() {
        let mut pace = ReadingPace::new();
        reading_pauses(&mut pace, 10_000, 12, 1);
        for asks in [1, 4] {
            assert!(
                reading_pauses(&mut pace, 10_000, asks, asks) <= 200,
                "{asks}"
            );
            assert!(
                reading_pauses(&mut pace, 10_000, 12 * asks, asks) > 5_000,
                "{asks}"
            );
        }
    }

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
