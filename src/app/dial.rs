//! What can be changed by a slider while two sides are compared.

use crate::broker::Micros;
use crate::compare::Comparison;

/// A number of a comparison that a hand can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dial {
    /// Orders a second.
    Rate,
    /// The mean time a service's own work takes, in milliseconds.
    Time,
    /// How many orders a service works on at once.
    Workers,
    /// How long services wait for one another over HTTP, in seconds.
    Timeout,
    /// How often services try again over HTTP.
    Retries,
    /// How many deliveries a service may hold.
    Prefetch,
}

impl Dial {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Rate,
        Self::Timeout,
        Self::Retries,
        Self::Prefetch,
        Self::Time,
        Self::Workers,
    ];

    /// Whether it is about one service rather than the whole.
    #[must_use]
    pub fn is_of_service(self) -> bool {
        matches!(self, Self::Time | Self::Workers)
    }

    /// From where to where it goes.
    #[must_use]
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::Rate => (0.5, 50.0),
            Self::Time => (1.0, 2_000.0),
            Self::Workers => (1.0, 16.0),
            Self::Timeout => (0.1, 10.0),
            Self::Retries => (0.0, 6.0),
            Self::Prefetch => (1.0, 50.0),
        }
    }

    /// Whether it knows whole numbers only.
    #[must_use]
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Workers | Self::Retries | Self::Prefetch)
    }

    /// Where it stands; nothing where there is no such thing.
    #[must_use]
    pub fn get(self, comparison: &Comparison, subject: usize) -> Option<f64> {
        let service = comparison.services.get(subject);
        Some(match self {
            Self::Rate => comparison.workload.rate,
            Self::Time => service?.time.mean().0 as f64 / 1e3,
            Self::Workers => f64::from(service?.workers),
            Self::Timeout => comparison.http.timeout?.as_secs_f64(),
            Self::Retries => f64::from(comparison.http.retries),
            Self::Prefetch => {
                let own = service.map_or(1, |service| service.workers);
                comparison
                    .messaging
                    .prefetch
                    .map_or(f64::from(own), f64::from)
            }
        })
    }

    /// Puts it somewhere within its range.
    pub(super) fn set(self, comparison: &mut Comparison, subject: usize, value: f64) {
        let (least, most) = self.range();
        if !value.is_finite() {
            return;
        }
        let value = value.clamp(least, most);
        let service = comparison.services.get_mut(subject);
        match self {
            Self::Rate => comparison.workload.rate = value,
            Self::Timeout => comparison.http.timeout = Some(Micros::from_secs_f64(value)),
            Self::Retries => comparison.http.retries = value as u32,
            Self::Prefetch => comparison.messaging.prefetch = Some(value as u16),
            Self::Time => {
                if let Some(service) = service {
                    service.time = service.time.with_mean(Micros((value * 1e3) as u64));
                }
            }
            Self::Workers => {
                if let Some(service) = service {
                    service.workers = value as u32;
                }
            }
        }
    }
}
