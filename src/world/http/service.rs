//! One service's own state.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::broker::{Micros, Name};
use crate::world::PublisherId;

use super::{Breaker, Condition, Luck, RateLimit, RequestId, Seen, ServiceId, ServiceSetup};

/// A service.
#[derive(Clone, Debug)]
pub struct Service {
    /// How it was set up.
    pub setup: Arc<ServiceSetup>,
    /// What is the matter with it.
    pub condition: Condition,
    /// Its workers, each with the request it is held by.
    pub workers: Vec<Option<RequestId>>,
    /// Requests that wait for a worker, the first first.
    pub waiting: VecDeque<RequestId>,
    /// Those it calls, in the order of its setup.
    pub dependencies: Vec<Dependency>,
    /// The publisher by which it hands orders over.
    pub publisher: Option<PublisherId>,
    pub(super) busy: u32,
    pub(super) luck: Luck,
    pub(super) done: Seen,
    /// Until when its limit is used up.
    used_until: Micros,
}

/// How one's calls of a service stand.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// Whom it calls.
    pub service: ServiceId,
    /// How many requests are under way.
    pub in_use: u32,
    /// Requests that wait for a connection, the first first.
    pub pooled: VecDeque<RequestId>,
    /// The circuit breaker.
    pub breaker: Breaker,
}

impl Dependency {
    pub(super) fn on(service: ServiceId) -> Self {
        Self {
            service,
            in_use: 0,
            pooled: VecDeque::new(),
            breaker: Breaker::default(),
        }
    }
}

impl Service {
    pub(super) fn new(
        setup: &ServiceSetup,
        dependencies: Vec<Dependency>,
        publisher: Option<PublisherId>,
        luck: Luck,
    ) -> Self {
        Self {
            workers: vec![None; setup.workers as usize],
            setup: Arc::new(setup.clone()),
            condition: Condition::default(),
            waiting: VecDeque::new(),
            dependencies,
            publisher,
            busy: 0,
            luck,
            done: Seen::default(),
            used_until: Micros::ZERO,
        }
    }

    /// Its name.
    pub fn name(&self) -> &Name {
        &self.setup.name
    }

    /// How many of its workers are held.
    pub fn held(&self) -> u32 {
        self.busy
    }

    /// Gives a request a worker, if one is free.
    pub(super) fn hold(&mut self, request: RequestId) -> bool {
        if self.busy as usize >= self.workers.len() {
            return false;
        }
        let free = self.workers.iter_mut().find(|worker| worker.is_none());
        if let Some(worker) = free {
            *worker = Some(request);
            self.busy += 1;
        }
        true
    }

    /// Frees the worker that a request holds.
    pub(super) fn free(&mut self, request: RequestId) {
        let mut workers = self.workers.iter_mut();
        if let Some(worker) = workers.find(|worker| **worker == Some(request)) {
            *worker = None;
            self.busy -= 1;
        }
    }

    /// Whether there is room for one more to wait.
    pub(super) fn has_room(&self) -> bool {
        let most = self.setup.backlog;
        most.is_none_or(|most| self.waiting.len() < most as usize)
    }

    /// Counts a request; whether the limit allows it. A leaky bucket, as a meter (GCRA).
    pub(super) fn admits(&mut self, now: Micros) -> bool {
        let Some(RateLimit { rate, burst }) = self.setup.limit else {
            return true;
        };
        let apart = Micros((1e6 / rate) as u64);
        let ahead = Micros(apart.0.saturating_mul(u64::from(burst.saturating_sub(1))));
        let used = self.used_until.max(now);
        let allowed = used <= now + ahead;
        if allowed {
            self.used_until = used + apart;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_takes_a_burst_and_then_so_many_a_second() {
        let setup = ServiceSetup {
            limit: Some(RateLimit {
                rate: 10.0,
                burst: 3,
            }),
            ..ServiceSetup::default()
        };
        let mut service = Service::new(&setup, Vec::new(), None, Luck::new(0, 0));
        let mut admitted = |millis| service.admits(Micros::from_millis(millis));
        let at_once: Vec<_> = (0..5).map(|_| admitted(1_000)).collect();
        assert_eq!(at_once, [true, true, true, false, false]);
        assert!(!admitted(1_099));
        assert!(admitted(1_100));
        assert!(!admitted(1_101));
        assert!(admitted(1_200));
    }
}
