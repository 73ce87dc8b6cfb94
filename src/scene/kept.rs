//! How many octets are kept of a run that has no end.

use std::collections::VecDeque;

/// What came, by where in the run it is shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    /// How many events were shown before, and how many octets came then; the oldest first.
    came: VecDeque<(usize, u64)>,
    octets: u64,
    /// How many of them came since the run was last asked to be ready to forget.
    since: u64,
}

impl Kept {
    /// So many octets come when so many events were shown. Whether it is time to make a place to which can be forgotten.
    pub(super) fn come(&mut self, shown: usize, octets: u64, most: u64) -> bool {
        if octets == 0 {
            return false;
        }
        match self.came.back_mut() {
            Some((before, there)) if *before == shown => *there += octets,
            _ => self.came.push_back((shown, octets)),
        }
        self.octets += octets;
        self.since += octets;
        let asks = self.since >= most / 8;
        if asks {
            self.since = 0;
        }
        asks
    }

    /// If more than so many octets are kept: how many of the events shown are to be forgotten, so that half as many octets
    /// are left.
    pub(super) fn too_many(&mut self, most: u64) -> Option<usize> {
        if self.octets <= most {
            return None;
        }
        let mut first = None;
        while self.octets > most / 2
            && self.came.len() > 1
            && let Some((_, octets)) = self.came.pop_front()
        {
            self.octets -= octets;
            first = self.came.front().map(|&(shown, _)| shown);
        }
        first
    }

    /// Events before this one are forgotten.
    pub(super) fn forget_before(&mut self, first: usize) {
        while let Some(&(_, octets)) = self.came.front()
            && self.came.get(1).is_some_and(|&(shown, _)| shown <= first)
        {
            self.came.pop_front();
            self.octets -= octets;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_octets_the_later_half_is_kept() {
        let mut kept = Kept::default();
        let asks = (0..10).map(|at| kept.come(at * 5, 10, 100));
        assert_eq!(
            asks.filter(|&asks| asks).count(),
            5,
            "every twelve octets or so"
        );
        assert_eq!(kept.too_many(100), None);
        kept.come(50, 1, 100);
        assert_eq!(kept.too_many(100), Some(30));
        assert_eq!(kept.octets, 41);
        assert_eq!(kept.too_many(100), None);
        kept.forget_before(42);
        assert_eq!(kept.octets, 21, "those at 40, 45 and 50");
        assert!(!kept.come(60, 0, 100));
        kept.come(60, 1_000, 100);
        assert_eq!(kept.too_many(100), Some(60));
        assert_eq!(
            kept.too_many(100),
            None,
            "what came at once is kept at once"
        );
    }
}
