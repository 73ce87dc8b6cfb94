//! Seeded randomness: PCG-XSH-RR 64/32 (O'Neill 2014), one stream an actor, so that one actor's luck does not change
//! when another is added.

use rand_pcg::Pcg32;
use rand_pcg::rand_core::Rng as _;

use crate::broker::Micros;

#[derive(Clone, Debug)]
pub(super) struct Dice(Pcg32);

impl Dice {
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        Self(Pcg32::new(seed, stream))
    }

    /// Evenly from 0 up to, but not including, 1.
    pub(super) fn fraction(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Exponentially distributed with that mean, at least a microsecond.
    pub(super) fn exponential(&mut self, mean: Micros) -> Micros {
        let span = self.exponential_fraction() * mean.0 as f64;
        Micros((span as u64).max(1))
    }

    /// Exponentially distributed with mean 1.
    pub(super) fn exponential_fraction(&mut self) -> f64 {
        // libm's logarithm is the same on every platform, the system's need not be.
        -libm::log(1.0 - self.fraction())
    }

    /// Evenly from `least` to `most`, both included.
    pub(super) fn between(&mut self, least: Micros, most: Micros) -> Micros {
        let width = most.since(least).0 as f64 + 1.0;
        Micros(least.0 + ((self.fraction() * width) as u64).min(most.since(least).0))
    }
}
