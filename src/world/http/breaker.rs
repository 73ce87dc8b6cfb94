//! A circuit breaker: after so many failures in a row, nobody is called for a while.

use crate::broker::Micros;

use super::BreakerSetup;

/// A circuit breaker's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// Calls go through; so many failed in a row.
    Closed(u32),
    /// No call goes through before this time.
    Open(Micros),
    /// One call is under way to see whether it works again.
    HalfOpen,
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed(0)
    }
}

impl Breaker {
    /// Whether a call may be made now. The first after the pause is a probe.
    pub(super) fn admits(&mut self, now: Micros) -> bool {
        match *self {
            Self::Closed(_) => true,
            Self::Open(until) if until <= now => {
                *self = Self::HalfOpen;
                true
            }
            Self::Open(_) | Self::HalfOpen => false,
        }
    }

    /// Learns what came of a call; whether it opened or closed by that.
    pub(super) fn learn(
        &mut self,
        success: bool,
        setup: BreakerSetup,
        now: Micros,
    ) -> Option<bool> {
        match (*self, success) {
            (Self::Closed(_), true) => {
                *self = Self::Closed(0);
                None
            }
            (Self::Closed(failures), false) if failures + 1 < setup.failures => {
                *self = Self::Closed(failures + 1);
                None
            }
            (Self::Closed(_) | Self::HalfOpen, false) => {
                *self = Self::Open(now + setup.open_for);
                Some(true)
            }
            (Self::HalfOpen, true) => {
                *self = Self::Closed(0);
                Some(false)
            }
            // What was sent before it opened.
            (Self::Open(_), _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_closes_when_a_probe_succeeds() {
        let setup = BreakerSetup {
            failures: 2,
            open_for: Micros(10),
        };
        let mut breaker = Breaker::default();
        assert_eq!(breaker.learn(false, setup, Micros(0)), None);
        assert_eq!(breaker.learn(true, setup, Micros(1)), None);
        assert_eq!(breaker.learn(false, setup, Micros(2)), None);
        assert_eq!(breaker.learn(false, setup, Micros(3)), Some(true));
        assert!(!breaker.admits(Micros(12)));
        assert_eq!(
            breaker.learn(true, setup, Micros(12)),
            None,
            "sent before it opened"
        );
        assert!(breaker.admits(Micros(13)));
        assert!(!breaker.admits(Micros(13)), "one probe at a time");
        assert_eq!(breaker.learn(false, setup, Micros(14)), Some(true));
        assert!(breaker.admits(Micros(24)));
        assert_eq!(breaker.learn(true, setup, Micros(25)), Some(false));
        assert!(breaker.admits(Micros(25)));
    }
}
