//! What is the matter with a service, and how that changes.

use crate::broker::{EventId, Hangup, Name};
use crate::world::{Event as Happened, EventKind, Hindrance, World};

use super::{Due, Event, Outcome, ServiceId};

/// What is the matter with a service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    /// Whether it can be reached.
    pub reach: Reach,
    /// So many times as long its work takes.
    pub slow: f64,
    /// How often its work fails besides, from 0 to 1.
    pub failing: f64,
    /// How often its answers are lost, from 0 to 1.
    pub losing: f64,
}

impl Default for Condition {
    /// All is well.
    fn default() -> Self {
        Self {
            reach: Reach::Up,
            slow: 1.0,
            failing: 0.0,
            losing: 0.0,
        }
    }
}

/// Whether a service can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// It can.
    Up,
    /// Nothing answers: its machine, or the way there, is gone.
    Silent,
    /// Its machine answers that nobody listens: the process ended.
    Refusing,
}

/// Something changes for a service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// It can be reached, or not. What it was doing when it ended is not done.
    Reach(Reach),
    /// Its work takes so many times as long; 1 is as usual. What it works on already is not slower.
    Slow(f64),
    /// Its work fails so often besides, from 0 to 1.
    Failing(f64),
    /// What it does is done, but so often nobody hears of it, from 0 to 1.
    Losing(f64),
}

impl Condition {
    /// Takes a change in.
    pub fn set(&mut self, change: Change) {
        match change {
            Change::Reach(reach) => self.reach = reach,
            Change::Slow(factor) => self.slow = factor,
            Change::Failing(rate) => self.failing = rate,
            Change::Losing(rate) => self.losing = rate,
        }
    }
}

impl World {
    /// Changes something for a service, and for the consumer of that name.
    ///
    /// # Errors
    /// When nothing has that name.
    pub(in crate::world) fn change(
        &mut self,
        name: &Name,
        change: Change,
        cause: EventId,
        events: &mut Vec<Happened>,
    ) -> Result<(), Hindrance> {
        let service = self.http.named(name);
        let worker = self
            .workers
            .iter()
            .position(|worker| worker.setup.name == *name);
        if service.is_none() && worker.is_none() {
            return Err(Hindrance::NoService);
        }
        let kind = EventKind::Changed {
            service: name.clone(),
            change,
        };
        let cause = self.log(cause, kind, events);
        if let Some(service) = service.and_then(|id| self.http.service_mut(id)) {
            service.condition.set(change);
        }
        if let Some(worker) = worker.and_then(|place| self.workers.get_mut(place)) {
            worker.condition.set(change);
        }
        let Change::Reach(reach) = change else {
            return Ok(());
        };
        if reach != Reach::Up
            && let Some(id) = service
        {
            self.end_service(id, reach, cause, events);
        }
        if let Some(link) = self.link_named(name) {
            let is_down = reach != Reach::Up;
            let was_down = match self.links.get_mut(link.0 as usize) {
                Some(link) => std::mem::replace(&mut link.down, is_down),
                None => false,
            };
            match (was_down, is_down) {
                (false, true) => self.hang_up(link, Hangup::Lost, cause, events),
                (true, false) => self.open_now(link, cause),
                _ => {}
            }
        }
        Ok(())
    }

    /// A service ends, with all it was doing and keeping.
    fn end_service(
        &mut self,
        id: ServiceId,
        reach: Reach,
        cause: EventId,
        events: &mut Vec<Happened>,
    ) {
        let Some(service) = self.http.service_mut(id) else {
            return;
        };
        service.busy = 0;
        let held = service.workers.iter_mut().filter_map(Option::take);
        let held: Vec<_> = held.chain(service.waiting.drain(..)).collect();
        self.disconnect(id);
        self.http
            .handed_over
            .retain(|_, request| !held.contains(request));
        for request in held {
            let (Some(of), Some(it)) = (self.of(request), self.http.request(request)) else {
                continue;
            };
            let held = it.phase.holds_worker();
            self.forsake(request);
            self.fade(request, Event::Dropped { of, held }, cause, events);
            if reach == Reach::Refusing && self.http.request(request).is_some() {
                // Its machine closes the connections that the process left.
                let outcome = Outcome::Reset;
                let due = Due::ReachCaller { request, outcome };
                self.appoint(self.now + self.latency.http, cause, due);
            }
        }
    }
}
