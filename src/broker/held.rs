//! Memory that is in use, counted as it is used: once, whatever shares it, until nobody has it any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many octets are held. All clones of a gauge show the same.
#[derive(Clone, Debug, Default)]
pub struct Gauge(Arc<AtomicU64>);

impl Gauge {
    /// How many octets are held now.
    pub fn octets(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts so many octets until what is given back is dropped.
    #[must_use]
    pub fn hold(&self, octets: u64) -> Held {
        self.0.fetch_add(octets, Ordering::Relaxed);
        Held {
            gauge: Some(self.clone()),
            octets,
        }
    }
}

/// Octets that are counted for as long as this is there. A clone counts as many again, since it is there besides. Where
/// nobody counts, there is no gauge.
#[derive(Debug, Default)]
pub struct Held {
    gauge: Option<Gauge>,
    octets: u64,
}

impl Held {
    /// Counts so many octets more.
    pub fn grow(&mut self, octets: u64) {
        if let Some(gauge) = &self.gauge {
            gauge.0.fetch_add(octets, Ordering::Relaxed);
            self.octets += octets;
        }
    }
}

impl Clone for Held {
    fn clone(&self) -> Self {
        match &self.gauge {
            Some(gauge) => gauge.hold(self.octets),
            None => Self::default(),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(gauge) = &self.gauge {
            gauge.0.fetch_sub(self.octets, Ordering::Relaxed);
        }
    }
}

/// Who counts what is no part of what it is.
impl PartialEq for Held {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_count_for_as_long_as_somebody_has_them() {
        let gauge = Gauge::default();
        let mut held = gauge.hold(10);
        held.grow(5);
        assert_eq!(gauge.octets(), 15);
        let shared = Arc::new(held);
        let same = Arc::clone(&shared);
        assert_eq!(gauge.octets(), 15, "what is shared counts once");
        let copy = Held::clone(&shared);
        assert_eq!(gauge.octets(), 30, "a copy is there besides");
        drop((shared, copy));
        assert_eq!(gauge.octets(), 15);
        drop(same);
        assert_eq!(gauge.octets(), 0);
        let mut nobody = Held::default();
        nobody.grow(1);
        assert_eq!(nobody.octets, 0);
    }
}
