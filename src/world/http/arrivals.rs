//! When orders come: a rate that changes in time, and a clock that runs as fast as it.
//!
//! An order is due each time the integral of the rate has grown by one, or by an exponential number of mean one if they
//! come by chance. So the same chance serves all rates: who changes the rate sees the same story, faster or slower.

use crate::broker::Micros;
use crate::world::random::Dice;

use super::{Arrival, Wave, Workload};

/// A wave is followed in so many steps.
const STEPS: u64 = 48;
const SECOND: f64 = 1e6;
/// In microseconds: so much less than a whole one is a whole one.
const ROUNDING: f64 = 1e-3;

/// The orders that are still to come.
#[derive(Clone, Debug)]
pub struct Arrivals {
    workload: Workload,
    /// Until when the rate is integrated, and what that comes to: no order before then is to come.
    from: Micros,
    integral: f64,
    /// What the integral comes to when the last one came.
    due: f64,
    made: u64,
    dice: Dice,
}

impl Arrivals {
    pub(in crate::world) fn new(workload: Workload, dice: Dice) -> Self {
        Self {
            from: workload.start,
            integral: 0.0,
            due: 0.0,
            workload,
            made: 0,
            dice,
        }
    }

    /// How orders come.
    pub fn workload(&self) -> &Workload {
        &self.workload
    }

    /// When the next one comes, if one does.
    pub(super) fn next(&mut self) -> Option<Micros> {
        if self.workload.count.is_some_and(|most| self.made >= most) {
            return None;
        }
        self.due = match self.workload.arrival {
            // The first comes at once.
            Arrival::Even => self.made as f64,
            Arrival::Random => self.due + self.dice.exponential_fraction(),
        };
        self.made += 1;
        while self.from < self.workload.until {
            let (rate, end) = self.workload.rate_at(self.from);
            let room = end.since(self.from).0 as f64 * rate / SECOND;
            let missing = self.due - self.integral;
            if rate > 0.0 && missing < room {
                let later = missing * SECOND / rate;
                let at = self.from + Micros((later + ROUNDING) as u64);
                return (at < self.workload.until).then_some(at);
            }
            self.integral += room;
            self.from = end;
        }
        None
    }
}

impl Workload {
    /// The rate at a time in orders a second, and until when it stays so; that is later than `at`.
    pub fn rate_at(&self, at: Micros) -> (f64, Micros) {
        let mut rate = self.rate;
        // One microsecond after the last that counts, so that the end is always reached.
        let mut end = Micros(self.until.0.saturating_add(1)).max(Micros(at.0.saturating_add(1)));
        if let Some(wave) = self.wave {
            let (swing, until) = wave.at(at);
            rate *= swing;
            end = end.min(until);
        }
        for surge in &self.surges {
            if surge.from > at {
                end = end.min(surge.from);
            } else if surge.until.is_none_or(|until| until > at) {
                rate *= surge.factor;
                end = surge.until.map_or(end, |until| end.min(until));
            }
        }
        (rate.max(0.0), end)
    }
}

impl Wave {
    /// By what the rate is multiplied, and until when.
    fn at(self, at: Micros) -> (f64, Micros) {
        let period = self.period.0.max(STEPS);
        let (rounds, within) = (at.0 / period, at.0 % period);
        let step = within * STEPS / period;
        let turn = (step as f64 + 0.5) / STEPS as f64;
        // libm's sine is the same on every platform.
        let swing = 1.0 + self.swing * libm::sin(turn * std::f64::consts::TAU);
        let next = (step + 1) * period;
        let until = rounds * period + next.div_ceil(STEPS);
        (swing, Micros(until.max(at.0.saturating_add(1))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload(arrival: Arrival, rate: f64, until: u64) -> Workload {
        Workload {
            arrival,
            rate,
            start: Micros::ZERO,
            until: Micros::from_secs(until),
            count: None,
            wave: None,
            surges: Vec::new(),
            urgent: 0.0,
        }
    }

    fn all(workload: Workload) -> Vec<Micros> {
        let mut arrivals = Arrivals::new(workload, Dice::new(7, 1));
        std::iter::from_fn(|| arrivals.next()).collect()
    }

    #[test]
    fn even_orders_come_one_after_the_other_from_the_start_until_before_the_end() {
        let times = all(workload(Arrival::Even, 4.0, 1));
        let millis: Vec<_> = times.iter().map(|at| at.0 / 1_000).collect();
        assert_eq!(millis, [0, 250, 500, 750]);
    }

    #[test]
    fn as_many_even_orders_come_as_the_rate_and_the_time_come_to() {
        for (rate, seconds) in [
            (6.0, 45),
            (7.0, 30),
            (12.0, 30),
            (15.0, 20),
            (30.0, 30),
            (60.0, 20),
            (120.0, 30),
            (999.0, 100),
        ] {
            let times = all(workload(Arrival::Even, rate, seconds));
            assert_eq!(times.len() as u64, rate as u64 * seconds, "{rate} a second");
        }
    }

    #[test]
    fn without_any_rate_at_first_the_first_comes_with_the_rate() {
        let mut workload = workload(Arrival::Even, 10.0, 30);
        workload.surges.push(super::super::Surge {
            from: Micros::ZERO,
            until: Some(Micros::from_secs(20)),
            factor: 0.0,
        });
        let times = all(workload);
        assert_eq!((times[0], times.len()), (Micros::from_secs(20), 100));
    }

    #[test]
    fn a_surge_multiplies_the_rate_while_it_lasts() {
        let mut workload = workload(Arrival::Even, 10.0, 30);
        workload.surges.push(super::super::Surge {
            from: Micros::from_secs(10),
            until: Some(Micros::from_secs(20)),
            factor: 5.0,
        });
        let times = all(workload);
        let within = |from: u64, to: u64| {
            let range = Micros::from_secs(from)..Micros::from_secs(to);
            times.iter().filter(|at| range.contains(at)).count()
        };
        assert_eq!(
            (within(0, 10), within(10, 20), within(20, 30)),
            (100, 500, 100)
        );
    }

    #[test]
    fn without_any_rate_nobody_comes_and_nothing_hangs() {
        let mut workload = workload(Arrival::Random, 10.0, 30);
        workload.surges.push(super::super::Surge {
            from: Micros::ZERO,
            until: None,
            factor: 0.0,
        });
        assert!(all(workload.clone()).is_empty());
        workload.arrival = Arrival::Even;
        assert!(all(workload).is_empty());
    }

    #[test]
    fn a_wave_has_its_mean_over_a_whole_period_and_more_in_its_first_half() {
        let mut workload = workload(Arrival::Even, 100.0, 60);
        workload.wave = Some(Wave {
            period: Micros::from_secs(60),
            swing: 0.8,
        });
        let times = all(workload);
        assert!((5_999..=6_001).contains(&times.len()), "{}", times.len());
        let early = times
            .iter()
            .filter(|at| **at < Micros::from_secs(30))
            .count();
        // ∫ over the half period: 3000 · (1 + 0.8 · 2/π)
        assert!((4_520..=4_535).contains(&early), "{early}");
    }

    #[test]
    fn the_same_chance_serves_all_rates() {
        let slow = all(workload(Arrival::Random, 10.0, 100));
        let fast = all(workload(Arrival::Random, 20.0, 50));
        assert_eq!(slow.len(), fast.len());
        for (slow, fast) in slow.iter().zip(&fast) {
            assert!(slow.0.abs_diff(2 * fast.0) <= 2);
        }
    }
}
