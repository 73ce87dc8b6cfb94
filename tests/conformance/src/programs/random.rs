//! Numbers from a seed: the same ones each time, whatever else is built along.

/// A source of numbers (SplitMix64).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A source that begins with a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number that is less than this.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() % end.max(1) as u64) as usize
    }

    /// Whether something is so that is so in this many of a hundred cases.
    pub fn chance(&mut self, of_a_hundred: usize) -> bool {
        self.below(100) < of_a_hundred
    }

    /// One of some.
    pub fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    /// One of some, each as often as its weight says.
    pub fn weighed<T: Copy>(&mut self, all: &[(usize, T)]) -> T {
        let sum = all.iter().map(|it| it.0).sum();
        let mut at = self.below(sum);
        for (weight, it) in all {
            if at < *weight {
                return *it;
            }
            at -= weight;
        }
        all[all.len() - 1].1
    }
}
