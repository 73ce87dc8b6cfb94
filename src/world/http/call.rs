//! At the caller: sending, waiting, giving up, trying again.

use crate::broker::{EventId, Micros};
use crate::world::agenda::Due as Agenda;
use crate::world::{Event as Happened, EventKind, World};

use super::{
    Breaker, BreakerSetup, Call, Caller, Due, Event, Of, OpenOrder, OrderId, Outcome, Phase,
    Request, RequestId, ServiceId, Status, Try,
};

/// What a caller is about to do.
struct Calling {
    order: OrderId,
    service: ServiceId,
    timeout: Option<Micros>,
    connections: Option<u32>,
    breaker: Option<BreakerSetup>,
}

/// Who calls.
impl World {
    pub(in crate::world) fn note(
        &mut self,
        cause: EventId,
        event: Event,
        events: &mut Vec<Happened>,
    ) -> EventId {
        self.log(cause, EventKind::Http(event), events)
    }

    pub(super) fn appoint(&mut self, at: Micros, cause: EventId, due: Due) {
        self.agenda.add(at, cause, Agenda::Http(due));
    }

    /// A user comes, and the next one is on the way.
    pub(super) fn order_comes(&mut self, events: &mut Vec<Happened>) {
        let Some(users) = &mut self.http.users else {
            return;
        };
        users.orders += 1;
        let order = OrderId(users.orders);
        let step = self.note(EventId(0), Event::Ordered { order }, events);
        if let Some(users) = &mut self.http.users {
            let (since, call) = (self.now, Try::default());
            users.open.insert(order, OpenOrder { since, call });
        }
        self.call(Caller::User(order), step, events);
        self.await_order();
    }

    /// Puts the next user's coming on the agenda.
    pub(in crate::world) fn await_order(&mut self) {
        let users = self.http.users.as_mut();
        if let Some(at) = users.and_then(|users| users.arrivals.next()) {
            self.appoint(at.max(self.now), EventId(0), Due::Order);
        }
    }

    /// How a caller calls.
    fn terms(&self, caller: Caller) -> Option<&Call> {
        match caller {
            Caller::User(_) => Some(&self.http.users.as_ref()?.setup.call),
            Caller::Service { request, call } => {
                let service = self.http.request(request)?.to;
                let setup = &self.http.service(service)?.setup;
                setup.calls.get(call as usize)
            }
        }
    }

    fn calling(&mut self, caller: Caller) -> Option<Calling> {
        let terms = self.terms(caller)?;
        let (timeout, connections, breaker) = (terms.timeout, terms.connections, terms.breaker);
        let order = match caller {
            Caller::User(order) => order,
            Caller::Service { request, .. } => self.http.request(request)?.order,
        };
        Some(Calling {
            order,
            service: self.http.dependency_mut(caller)?.service,
            timeout,
            connections,
            breaker,
        })
    }

    /// Calls once, or finds that it may not.
    pub(super) fn call(&mut self, caller: Caller, cause: EventId, events: &mut Vec<Happened>) {
        let now = self.now;
        let Some(calling) = self.calling(caller) else {
            return;
        };
        let Calling { order, service, .. } = calling;
        let Some(dependency) = self.http.dependency_mut(caller) else {
            return;
        };
        if calling.breaker.is_some() && !dependency.breaker.admits(now) {
            let event = Event::ShortCircuited {
                from: caller,
                order,
                service,
            };
            let cause = self.note(cause, event, events);
            self.conclude(caller, Outcome::NotTried, cause, events);
            return;
        }
        let most = calling.connections;
        let is_pooled = most.is_some_and(|most| dependency.in_use >= most);
        self.http.last_request += 1;
        let id = RequestId(self.http.last_request);
        if let Some(call) = self.http.try_mut(caller) {
            call.made += 1;
            call.pending = Some(id);
        }
        let request = Request {
            order,
            from: caller,
            to: service,
            since: now,
            phase: Phase::Pooled,
            awaited: true,
            calls: Vec::new(),
            step: cause,
        };
        self.http.requests.insert(id, request);
        if let Some(timeout) = calling.timeout {
            self.appoint(self.now + timeout, cause, Due::TimeOut(id));
        }
        if !is_pooled {
            self.send_request(id, cause, events);
            return;
        }
        let of = Of {
            request: id,
            order,
            service,
        };
        let cause = self.note(cause, Event::Pooled { of, from: caller }, events);
        if let Some(request) = self.http.requests.get_mut(&id) {
            request.step = cause;
        }
        if let Some(dependency) = self.http.dependency_mut(caller) {
            dependency.pooled.push_back(id);
        }
    }

    /// Which request it is.
    pub(super) fn of(&self, request: RequestId) -> Option<Of> {
        let it = self.http.request(request)?;
        Some(Of {
            request,
            order: it.order,
            service: it.to,
        })
    }

    /// A request sets out, on a connection that is free.
    fn send_request(&mut self, id: RequestId, cause: EventId, events: &mut Vec<Happened>) {
        let (Some(of), Some(request)) = (self.of(id), self.http.requests.get_mut(&id)) else {
            return;
        };
        request.phase = Phase::Travelling;
        let from = request.from;
        if let Some(dependency) = self.http.dependency_mut(from) {
            dependency.in_use += 1;
        }
        let number = self.http.try_mut(from).map_or(1, |call| call.made);
        let cause = self.note(cause, Event::Requested { of, from, number }, events);
        self.appoint(self.now + self.latency.http, cause, Due::ReachService(id));
    }

    /// A connection of a caller's is free again: the next takes it.
    fn release(&mut self, caller: Caller, events: &mut Vec<Happened>) {
        let Some(dependency) = self.http.dependency_mut(caller) else {
            return;
        };
        dependency.in_use = dependency.in_use.saturating_sub(1);
        if let Some(next) = dependency.pooled.pop_front()
            && let Some(request) = self.http.request(next)
        {
            self.send_request(next, request.step, events);
        }
    }

    /// An answer reaches the caller.
    pub(super) fn reach_caller(
        &mut self,
        id: RequestId,
        outcome: Outcome,
        cause: EventId,
        events: &mut Vec<Happened>,
    ) {
        let (Some(of), Some(request)) = (self.of(id), self.http.requests.remove(&id)) else {
            return;
        };
        let late = !request.awaited;
        let event = Event::Answered { of, outcome, late };
        let cause = self.note(cause, event, events);
        if !late {
            self.release(request.from, events);
            self.learn(request.from, outcome, cause, events);
        }
    }

    /// A caller waits no longer, if it still does.
    pub(super) fn time_out(&mut self, id: RequestId, events: &mut Vec<Happened>) {
        let (Some(of), Some(request)) = (self.of(id), self.http.requests.get_mut(&id)) else {
            return;
        };
        if !request.awaited {
            return;
        }
        request.awaited = false;
        let (from, phase, step) = (request.from, request.phase, request.step);
        let cause = self.note(step, Event::TimedOut { of }, events);
        if matches!(phase, Phase::Pooled | Phase::Lost) {
            self.http.requests.remove(&id);
        }
        if phase == Phase::Pooled {
            if let Some(dependency) = self.http.dependency_mut(from) {
                dependency.pooled.retain(|&pooled| pooled != id);
            }
        } else {
            self.release(from, events);
        }
        self.learn(from, Outcome::TimedOut, cause, events);
    }

    /// A caller learns what came of a try: that is the end, or it tries again.
    fn learn(
        &mut self,
        caller: Caller,
        outcome: Outcome,
        cause: EventId,
        events: &mut Vec<Happened>,
    ) {
        let now = self.now;
        let Some(terms) = self.terms(caller) else {
            return;
        };
        let (retries, back_off, breaker) = (terms.retries, terms.back_off, terms.breaker);
        let Some(dependency) = self.http.dependency_mut(caller) else {
            return;
        };
        let service = dependency.service;
        let learnt =
            breaker.and_then(|setup| dependency.breaker.learn(outcome.is_success(), setup, now));
        if let Some(open) = learnt {
            let of = match caller {
                Caller::User(_) => None,
                Caller::Service { request, .. } => self.http.request(request).map(|it| it.to),
            };
            self.note(cause, Event::Breaker { of, service, open }, events);
        }
        let Some(call) = self.http.try_mut(caller) else {
            return;
        };
        call.pending = None;
        let made = call.made;
        if outcome.is_success() || made > retries {
            self.conclude(caller, outcome, cause, events);
            return;
        }
        let doubled = u32::min(made.saturating_sub(1), 32);
        let longest = Micros(back_off.first.0.saturating_mul(1 << doubled)).min(back_off.most);
        let dice = match caller {
            Caller::User(_) => self.http.users.as_mut().map(|users| &mut users.dice),
            Caller::Service { request, .. } => {
                let service = self.http.request(request).map(|it| it.to);
                let service = service.and_then(|id| self.http.service_mut(id));
                service.map(|service| service.luck.later())
            }
        };
        let pause = match dice {
            Some(dice) if back_off.jitter => dice.between(Micros::ZERO, longest),
            _ => longest,
        };
        // What fails at once must not stop time.
        let until = now + pause.max(Micros(1));
        let order = match caller {
            Caller::User(order) => Some(order),
            Caller::Service { request, .. } => self.http.request(request).map(|it| it.order),
        };
        if let Some(order) = order {
            let event = Event::BackedOff {
                from: caller,
                order,
                service,
                until,
            };
            let cause = self.note(cause, event, events);
            self.appoint(until, cause, Due::Retry(caller));
        }
    }

    /// A caller tries again, if it is still there.
    pub(super) fn retry(&mut self, caller: Caller, cause: EventId, events: &mut Vec<Happened>) {
        let call = self.http.try_mut(caller);
        if call.is_some_and(|call| call.pending.is_none() && call.outcome.is_none()) {
            self.call(caller, cause, events);
        }
    }

    /// A caller has what it wanted, or will not have it.
    fn conclude(
        &mut self,
        caller: Caller,
        outcome: Outcome,
        cause: EventId,
        events: &mut Vec<Happened>,
    ) {
        let (id, place) = match caller {
            Caller::User(order) => {
                self.note(cause, Event::Settled { order, outcome }, events);
                if let Some(users) = &mut self.http.users {
                    users.open.remove(&order);
                }
                return;
            }
            Caller::Service { request, call } => (request, call),
        };
        let Some(request) = self.http.requests.get_mut(&id) else {
            return;
        };
        if let Some(call) = request.calls.get_mut(place as usize) {
            call.outcome = Some(outcome);
        }
        let (calls, service) = (request.calls.clone(), request.to);
        let parallel = self
            .http
            .service(service)
            .is_some_and(|it| it.setup.parallel);
        let failed = calls
            .iter()
            .filter_map(|call| call.outcome)
            .find(|outcome| !outcome.is_success());
        let is_open = calls.iter().position(|call| call.outcome.is_none());
        match (failed, is_open) {
            // Those that were called at once are waited for, all of them.
            (_, Some(_)) if parallel => {}
            (Some(failed), _) => {
                let status = Outcome::Status(failed.passed_on());
                self.respond(id, status, cause, events);
            }
            (None, Some(next)) => {
                let call = next as u32;
                self.call(Caller::Service { request: id, call }, cause, events);
            }
            (None, None) => self.respond(id, Outcome::Status(Status::Ok), cause, events),
        }
    }

    /// A caller is no more: what it waits for is nobody's, and its connections are closed.
    pub(super) fn forsake(&mut self, id: RequestId) {
        let calls = match self.http.requests.get_mut(&id) {
            Some(request) => std::mem::take(&mut request.calls),
            None => return,
        };
        for pending in calls.into_iter().filter_map(|call| call.pending) {
            if let Some(request) = self.http.requests.get_mut(&pending) {
                request.awaited = false;
                if matches!(request.phase, Phase::Pooled | Phase::Lost) {
                    self.http.requests.remove(&pending);
                }
            }
        }
    }

    /// All connections of a service's own calls are closed, and its circuit breakers forget.
    pub(super) fn disconnect(&mut self, id: ServiceId) {
        if let Some(service) = self.http.service_mut(id) {
            for dependency in &mut service.dependencies {
                dependency.in_use = 0;
                dependency.pooled.clear();
                dependency.breaker = Breaker::default();
            }
        }
    }
}
