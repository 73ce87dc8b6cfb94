//! Real time, as the server counts it.

use std::time::{Instant, SystemTime};

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

/// The present time in seconds since 1970, for a server that begins now.
pub fn began() -> u64 {
    let since = SystemTime::UNIX_EPOCH.elapsed();
    since.map_or(0, |since| since.as_secs()) // A clock that stands before 1970 tells nothing.
}
