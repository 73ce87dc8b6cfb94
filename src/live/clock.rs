//! Real time, as the server counts it.

use std::time::Instant;

use crate::broker::Micros;

/// Microseconds since it was started, which never go back.
pub(super) struct Clock(Instant);

impl Clock {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn now(&self) -> Micros {
        Micros(u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX))
    }
}
