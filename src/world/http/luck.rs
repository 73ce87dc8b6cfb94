//! Chance that belongs to an order, so that the same order has the same luck wherever and whenever it is worked on
//! (common random numbers: what differs between two systems is then due to the systems).

use rustc_hash::FxHashMap;

use crate::broker::{Micros, Publication};
use crate::world::ServiceTime;
use crate::world::random::Dice;

use super::OrderId;

/// Streams of chance that are services'.
const SERVICE_STREAMS: u64 = 3 << 32;

/// What may happen to an order, each by chance of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::world) enum Chance {
    /// The work on it fails.
    Failure,
    /// It is done, and nobody hears of it.
    Loss,
}

/// A service's luck.
#[derive(Clone, Debug)]
pub(in crate::world) struct Luck {
    seed: u64,
    stream: u64,
    /// The orders that either may have happened to already.
    tried: [Seen; 2],
    /// For what happens to an order again.
    later: Dice,
}

impl Luck {
    pub(in crate::world) fn new(seed: u64, stream: u64) -> Self {
        Self {
            seed,
            stream,
            tried: [Seen::default(), Seen::default()],
            later: Dice::new(seed, stream),
        }
    }

    /// That of a service, or of a consumer that does a service's work, by the number of its luck.
    pub(in crate::world) fn of_service(seed: u64, number: u64) -> Self {
        Self::new(seed, SERVICE_STREAMS + number)
    }

    fn of(&self, order: OrderId) -> Dice {
        Dice::new(mix(self.seed ^ mix(order.0)), self.stream)
    }

    /// Chance of its own, apart from orders.
    pub(super) fn later(&mut self) -> &mut Dice {
        &mut self.later
    }

    /// How long the work on an order takes: each time the same.
    pub(in crate::world) fn time(&self, order: OrderId, time: ServiceTime) -> Micros {
        time.roll(&mut self.of(order))
    }

    /// Whether what happens with this probability happens to an order; the first time it is the same for all services
    /// of this luck, later each has its own.
    pub(in crate::world) fn strikes(&mut self, order: OrderId, chance: Chance, rate: f64) -> bool {
        if rate <= 0.0 {
            return false;
        }
        let fraction = match self.tried[chance as usize].insert(order) {
            true => self.fraction(order, chance),
            false => self.later.fraction(),
        };
        fraction < rate
    }

    /// Whether an order is of the share of all that this is.
    pub(super) fn is_of(&self, order: OrderId, share: f64) -> bool {
        self.fraction(order, Chance::Failure) < share
    }

    fn fraction(&self, order: OrderId, chance: Chance) -> f64 {
        let mut dice = self.of(order);
        dice.fraction(); // the first belongs to the time
        let failure = dice.fraction();
        match chance {
            Chance::Failure => failure,
            Chance::Loss => dice.fraction(),
        }
    }
}

/// The order a message is about: its `message_id`, where that is a number.
#[must_use]
pub fn order_of(publication: &Publication) -> Option<OrderId> {
    let id = publication.properties.message_id.as_ref()?;
    id.parse().ok().map(OrderId)
}

/// Spreads numbers that lie near one another (SplitMix64's finaliser, Steele et al. 2014).
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Orders that were seen: a bit for each, in blocks of 64, since they come one after another.
#[derive(Clone, Debug, Default)]
pub struct Seen(FxHashMap<u64, u64>);

impl Seen {
    /// Notes an order; whether it is new.
    pub fn insert(&mut self, order: OrderId) -> bool {
        let (block, bit) = place(order);
        let bits = self.0.entry(block).or_default();
        let is_new = *bits & bit == 0;
        *bits |= bit;
        is_new
    }

    /// Whether an order was noted.
    pub fn contains(&self, order: OrderId) -> bool {
        let (block, bit) = place(order);
        self.0.get(&block).is_some_and(|bits| bits & bit != 0)
    }
}

/// The block an order is in, and its bit there.
fn place(order: OrderId) -> (u64, u64) {
    (order.0 / 64, 1 << (order.0 % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_seen_from_when_it_is_noted_and_no_other_is() {
        let mut seen = Seen::default();
        for order in [0, 1, 63, 64, 1_000, u64::MAX] {
            assert!(!seen.contains(OrderId(order)));
            assert!(seen.insert(OrderId(order)));
            assert!(!seen.insert(OrderId(order)));
            assert!(seen.contains(OrderId(order)));
        }
        assert!(!seen.contains(OrderId(2)) && !seen.contains(OrderId(999)));
    }

    #[test]
    fn what_fails_and_what_is_lost_have_nothing_to_do_with_one_another() {
        let mut luck = Luck::of_service(7, 1);
        let (mut failed, mut lost, mut both) = (0, 0, 0);
        for order in (0..10_000).map(OrderId) {
            let fails = luck.strikes(order, Chance::Failure, 0.3);
            let is_lost = luck.strikes(order, Chance::Loss, 0.3);
            failed += i32::from(fails);
            lost += i32::from(is_lost);
            both += i32::from(fails && is_lost);
        }
        for (count, right) in [(failed, 3_000), (lost, 3_000), (both, 900)] {
            assert!((count - right).abs() < 150, "{count} of {right}");
        }
    }

    #[test]
    fn an_order_has_the_same_luck_first_wherever_it_comes_and_another_when_it_comes_again() {
        let (mut one, mut other) = (Luck::of_service(7, 1), Luck::of_service(7, 1));
        let first = |luck: &mut Luck, order| luck.strikes(OrderId(order), Chance::Failure, 0.5);
        let ones: Vec<_> = (0..200).map(|order| first(&mut one, order)).collect();
        let again: Vec<_> = (0..200).map(|order| first(&mut one, order)).collect();
        let backwards: Vec<_> = (0..200)
            .rev()
            .map(|order| first(&mut other, order))
            .collect();
        assert!(ones.iter().eq(backwards.iter().rev()));
        assert_ne!(ones, again);
    }
}
