//! At the service: waiting for a worker, working, answering.

use crate::broker::EventId;
use crate::world::{Event as Happened, World};

use super::{
    Caller, Chance, Due, Event, Outcome, Phase, Reach, RequestId, ServiceId, Status, Try, WhenFull,
};

impl World {
    /// Does what is due between services.
    pub(in crate::world) fn serve_due(
        &mut self,
        due: Due,
        cause: EventId,
        events: &mut Vec<Happened>,
    ) {
        match due {
            Due::Order => self.order_comes(events),
            Due::ReachService(request) => self.reach_service(request, cause, events),
            Due::Worked(request) => self.worked(request, cause, events),
            Due::ReachCaller { request, outcome } => {
                self.reach_caller(request, outcome, cause, events);
            }
            Due::TimeOut(request) => self.time_out(request, events),
            Due::Retry(caller) => self.retry(caller, cause, events),
            Due::ConfirmTimeOut(request) => self.confirm_time_out(request, events),
        }
    }

    fn enter(&mut self, id: RequestId, phase: Phase, step: EventId) {
        if let Some(request) = self.http.requests.get_mut(&id) {
            request.phase = phase;
            request.step = step;
        }
    }

    /// A request comes to its service.
    fn reach_service(&mut self, id: RequestId, cause: EventId, events: &mut Vec<Happened>) {
        let now = self.now;
        let Some(of) = self.of(id) else {
            return;
        };
        let Some(service) = self.http.service_mut(of.service) else {
            return;
        };
        match service.condition.reach {
            Reach::Up => {}
            Reach::Silent => {
                self.fade(id, Event::Unanswered { of }, cause, events);
                return;
            }
            Reach::Refusing => {
                self.respond(id, Outcome::Refused, cause, events);
                return;
            }
        }
        if !service.admits(now) {
            let status = Outcome::Status(Status::TooManyRequests);
            self.respond(id, status, cause, events);
        } else if service.hold(id) {
            self.start(id, cause, events);
        } else if service.has_room() {
            service.waiting.push_back(id);
            let step = self.note(cause, Event::Queued { of }, events);
            self.enter(id, Phase::Waiting, step);
        } else {
            match service.setup.when_full {
                WhenFull::Unavailable => {
                    let status = Outcome::Status(Status::ServiceUnavailable);
                    self.respond(id, status, cause, events);
                }
                WhenFull::TooMany => {
                    let status = Outcome::Status(Status::TooManyRequests);
                    self.respond(id, status, cause, events);
                }
                WhenFull::Silent => self.fade(id, Event::Unanswered { of }, cause, events),
            }
        }
    }

    /// Nobody will answer a request.
    pub(super) fn fade(
        &mut self,
        id: RequestId,
        event: Event,
        cause: EventId,
        events: &mut Vec<Happened>,
    ) {
        let step = self.note(cause, event, events);
        self.enter(id, Phase::Lost, step);
        if self
            .http
            .request(id)
            .is_some_and(|request| !request.awaited)
        {
            self.http.requests.remove(&id);
        }
    }

    /// A worker begins to work on a request that holds it.
    fn start(&mut self, id: RequestId, cause: EventId, events: &mut Vec<Happened>) {
        let now = self.now;
        let Some(of) = self.of(id) else {
            return;
        };
        let Some(service) = self.http.service(of.service) else {
            return;
        };
        let is_known = service.done.contains(of.order);
        let until = match is_known {
            true => now,
            false => {
                let slow = service.condition.slow;
                let span = service.luck.time(of.order, service.setup.time.times(slow));
                now + span
            }
        };
        let step = self.note(cause, Event::Started { of, until }, events);
        self.enter(id, Phase::Working { since: now, until }, step);
        if is_known {
            let cause = self.note(step, Event::Recognised { of }, events);
            self.go_on(id, cause, events);
        } else {
            self.appoint(until, step, Due::Worked(id));
        }
    }

    /// A service's own work on a request is over.
    fn worked(&mut self, id: RequestId, cause: EventId, events: &mut Vec<Happened>) {
        let Some(of) = self.of(id) else {
            return;
        };
        if self.http.request(id).is_none_or(|it| it.step != cause) {
            return; // its service ended meanwhile
        }
        let Some(service) = self.http.service_mut(of.service) else {
            return;
        };
        let (own, fault) = (service.setup.failure_rate, service.condition.failing);
        let rate = 1.0 - (1.0 - own) * (1.0 - fault);
        if service.luck.strikes(of.order, Chance::Failure, rate) {
            let status = Outcome::Status(Status::InternalServerError);
            self.respond(id, status, cause, events);
            return;
        }
        if service.setup.idempotent {
            service.done.insert(of.order);
        }
        let cause = self.note(cause, Event::Worked { of }, events);
        self.go_on(id, cause, events);
    }

    /// What comes after a service's own work.
    fn go_on(&mut self, id: RequestId, cause: EventId, events: &mut Vec<Happened>) {
        let service = self.http.request(id).map(|request| request.to);
        let Some(service) = service.and_then(|id| self.http.service(id)) else {
            return;
        };
        let (calls, parallel) = (service.setup.calls.len(), service.setup.parallel);
        if service.setup.hands_over.is_some() {
            self.hand_over(id, cause, events);
        } else if calls == 0 {
            self.respond(id, Outcome::Status(Status::Ok), cause, events);
        } else {
            self.enter(id, Phase::Calling, cause);
            if let Some(request) = self.http.requests.get_mut(&id) {
                request.calls = vec![Try::default(); calls];
            }
            let at_once = if parallel { calls } else { 1 };
            for call in 0..at_once as u32 {
                self.call(Caller::Service { request: id, call }, cause, events);
            }
        }
    }

    /// A service answers, and its worker is free.
    pub(super) fn respond(
        &mut self,
        id: RequestId,
        outcome: Outcome,
        cause: EventId,
        events: &mut Vec<Happened>,
    ) {
        let (Some(of), Some(request)) = (self.of(id), self.http.request(id)) else {
            return;
        };
        let held = request.phase.holds_worker();
        // What it failed on itself is not lost besides.
        let is_done = held && outcome != Outcome::Status(Status::InternalServerError);
        let cause = {
            let event = Event::Responded { of, outcome, held };
            self.note(cause, event, events)
        };
        let service = self.http.service_mut(of.service);
        let is_lost = is_done
            && service.is_some_and(|service| {
                let rate = service.condition.losing;
                service.luck.strikes(of.order, Chance::Loss, rate)
            });
        if is_lost {
            self.fade(id, Event::AnswerLost { of }, cause, events);
        } else {
            self.enter(id, Phase::Answered, cause);
            let request = id;
            let due = Due::ReachCaller { request, outcome };
            self.appoint(self.now + self.latency.http, cause, due);
        }
        if held {
            self.free_worker(of.service, id, events);
        }
    }

    /// A worker is free: the next request takes it.
    fn free_worker(&mut self, service: ServiceId, request: RequestId, events: &mut Vec<Happened>) {
        let Some(service) = self.http.service_mut(service) else {
            return;
        };
        service.free(request);
        if let Some(next) = service.waiting.pop_front() {
            service.hold(next);
            let step = self.http.request(next).map(|request| request.step);
            self.start(next, step.unwrap_or(EventId(0)), events);
        }
    }
}
