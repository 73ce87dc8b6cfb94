//! Users and services on the stage: what sets out with each event between them, and what each shows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::broker::{EventId, Micros, Name};
use crate::history::History;
use crate::topology::{EdgeKey, NodeKey};
use crate::world::http::{
    Caller, Change, Condition, Event as HttpEvent, Of, OrderId, Outcome, RequestId, ServiceId,
};
use crate::world::{Event, World};

use super::schedule::{ENDING, Landing, visible};
use super::{Cue, Director, Leg, Stage};

/// A request or an answer on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchanged {
    /// The request.
    pub request: RequestId,
    /// The order it is about.
    pub order: OrderId,
    /// The event it set out with.
    pub event: EventId,
    /// What is answered; nothing of a request, which travels forwards.
    pub outcome: Option<Outcome>,
    /// Which try it is, from 1.
    pub number: u32,
    /// Its way; an answer takes it backwards.
    pub leg: Leg,
}

impl Exchanged {
    /// How much of its way is done at `at`, from 0 to 1.
    pub fn done(&self, at: Micros) -> f32 {
        let whole = self.leg.until.since(self.leg.from).0.max(1);
        (at.since(self.leg.from).0 as f64 / whole as f64).min(1.0) as f32
    }
}

/// What the users show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UsersStage {
    /// Who waits for an answer, and since when in the run.
    pub waiting: BTreeMap<OrderId, Micros>,
    /// How many orders came.
    pub ordered: u64,
    /// How many users were told that all is well.
    pub answered: u64,
    /// How many were told that it is not, or gave up.
    pub failed: u64,
    /// The last that was told something: the order, what, and how long the user waited in the run.
    pub told: Option<(OrderId, Outcome, Micros)>,
    /// The circuit breakers that are open.
    pub broken: BTreeSet<ServiceId>,
}

/// What a service shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceStage {
    /// What is the matter with it.
    pub condition: Condition,
    /// Since when in the run.
    pub since: Micros,
    /// Its workers, each with what holds it.
    pub workers: Vec<Option<Held>>,
    /// What holds a worker that is not seen to be free yet.
    pub starting: VecDeque<Held>,
    /// Requests that wait for a worker, the first first.
    pub waiting: VecDeque<(RequestId, OrderId)>,
    /// How many of its own requests wait for a connection.
    pub pooled: BTreeSet<RequestId>,
    /// Those it calls no more for a while: its circuit breakers are open.
    pub broken: BTreeSet<ServiceId>,
    /// How many orders it did its work for.
    pub worked: u64,
    /// How many requests it answered well.
    pub answered: u64,
    /// How many it answered with an error, or lost.
    pub failed: u64,
}

impl ServiceStage {
    /// How many of its workers are held.
    pub fn held(&self) -> usize {
        self.workers.iter().flatten().count()
    }
}

/// What holds a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The request.
    pub request: RequestId,
    /// The order.
    pub order: OrderId,
    /// When it is shown to begin.
    pub since: Micros,
    /// Until when the service's own work takes; it waits for others after that.
    pub until: Micros,
}

/// A request whose caller waits, and which nobody will answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vain {
    /// The order.
    pub order: OrderId,
    /// The way it went.
    pub edge: EdgeKey,
    /// Which try it is, from 1.
    pub number: u32,
}

/// Something that ended between services just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faded {
    /// The order.
    pub order: OrderId,
    /// The event.
    pub event: EventId,
    /// The service it ended at.
    pub service: ServiceId,
    /// How.
    pub what: Fading,
    /// When.
    pub from: Micros,
    /// How long it is seen.
    pub until: Micros,
}

/// How something ended between services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fading {
    /// It was lost with its service.
    Dropped,
    /// The answer was lost.
    AnswerLost,
    /// Nobody waited for it any more.
    Late,
    /// Its caller gave up.
    TimedOut,
}

/// Where somebody who calls stands.
fn caller(from: Caller, history: &History) -> Option<ServiceId> {
    match from {
        Caller::User(_) => None,
        Caller::Service { request, .. } => history.request(request).map(|(of, _)| of.service),
    }
}

/// The way of a request.
fn way(of: Of, history: &History) -> EdgeKey {
    let from = history.request(of.request).map(|(_, from)| from);
    EdgeKey::Call {
        from: from.and_then(|from| caller(from, history)),
        to: of.service,
    }
}

impl Director {
    /// When an event between services is shown, and what sets out with it.
    pub(super) fn read_http(
        &mut self,
        cue: &mut Cue,
        event: &Event,
        what: &HttpEvent,
        history: &History,
    ) {
        let latency = history.head().latency().http;
        match what {
            HttpEvent::Requested { of, number, .. } => {
                self.meet_request(cue, *of);
                let edge = way(*of, history);
                let landing = exchange(cue, event, *of, (None, *number), edge, latency);
                self.landings.requests.insert(of.request, landing);
            }
            HttpEvent::Pooled { of, from } => {
                cue.caller = caller(*from, history);
                self.meet_request(cue, *of);
            }
            HttpEvent::Queued { of }
            | HttpEvent::Unanswered { of }
            | HttpEvent::Started { of, .. } => {
                let landing = self.landings.requests.remove(&of.request);
                self.land(cue, event, landing);
                self.meet_request(cue, *of);
            }
            HttpEvent::Responded { of, outcome, .. } => {
                let landing = self.landings.requests.remove(&of.request);
                self.land(cue, event, landing);
                self.meet_request(cue, *of);
                let edge = way(*of, history);
                let landing = exchange(cue, event, *of, (Some(*outcome), 1), edge, latency);
                self.landings.responses.insert(of.request, landing);
            }
            HttpEvent::Answered { of, .. } => {
                let landing = self.landings.responses.remove(&of.request);
                self.land(cue, event, landing);
                self.meet_request(cue, *of);
            }
            HttpEvent::Worked { of }
            | HttpEvent::Recognised { of }
            | HttpEvent::AnswerLost { of }
            | HttpEvent::Dropped { of, .. }
            | HttpEvent::TimedOut { of } => self.meet_request(cue, *of),
            // Each order goes its own way: what one waits for is told by causes.
            HttpEvent::Ordered { .. }
            | HttpEvent::Settled { .. }
            | HttpEvent::BackedOff { .. }
            | HttpEvent::ShortCircuited { .. }
            | HttpEvent::Breaker { .. } => {}
        }
    }

    /// Lets a cue wait for what is shown of a request before it.
    fn meet_request(&mut self, cue: &mut Cue, of: Of) {
        let clock = self.landings.shown.entry(of.request).or_default();
        cue.at = cue.at.max(*clock);
        *clock = cue.at;
    }

    /// Something changes for a consumer.
    pub(super) fn change(&mut self, cue: &mut Cue, name: &Name, world: &World) {
        let worker = world.workers().iter().find(|it| it.setup.name == *name);
        if let Some(worker) = worker {
            self.meet(cue, NodeKey::Consumer(worker.id));
        }
    }
}

/// Sends a request, or its answer, on its way; when it lands.
fn exchange(
    cue: &mut Cue,
    event: &Event,
    of: Of,
    (outcome, number): (Option<Outcome>, u32),
    edge: EdgeKey,
    latency: Micros,
) -> Landing {
    let from = cue.at;
    let until = from + visible(latency, from.since(event.at));
    cue.exchanged = Some(Box::new(Exchanged {
        request: of.request,
        order: of.order,
        event: event.id,
        outcome,
        number,
        leg: Leg { edge, from, until },
    }));
    Landing {
        since: from,
        due: event.at + latency,
        shown: until,
    }
}

impl Stage {
    fn service(&mut self, id: ServiceId) -> Option<&mut ServiceStage> {
        self.services.get_mut(id.0 as usize)
    }

    /// Frees the worker a request holds.
    fn free(&mut self, of: Of) {
        if let Some(service) = self.service(of.service) {
            let mut workers = service.workers.iter_mut();
            let held = workers.find(|worker| worker.is_some_and(|it| it.request == of.request));
            if let Some(worker) = held {
                *worker = service.starting.pop_front();
            }
            service.starting.retain(|it| it.request != of.request);
            service
                .waiting
                .retain(|&(request, _)| request != of.request);
        }
    }

    fn fade(&mut self, of: Of, what: Fading, cue: &Cue) {
        self.faded.push(Faded {
            order: of.order,
            event: cue.event,
            service: of.service,
            what,
            from: cue.at,
            until: cue.at + ENDING,
        });
    }

    /// Shows an event between services.
    pub(super) fn show_http(&mut self, event: &HttpEvent, happened: Micros, cue: &Cue) {
        let now = cue.at;
        match event {
            HttpEvent::Ordered { order } => {
                self.users.ordered += 1;
                self.users.waiting.insert(*order, happened);
            }
            HttpEvent::Requested { of, .. } => {
                for service in &mut self.services {
                    service.pooled.remove(&of.request);
                }
                if let Some(exchanged) = &cue.exchanged {
                    self.requests.insert(of.request, (**exchanged).clone());
                }
            }
            HttpEvent::Pooled { of, .. } => {
                if let Some(from) = cue.caller
                    && let Some(service) = self.service(from)
                {
                    service.pooled.insert(of.request);
                }
            }
            HttpEvent::Queued { of } => {
                self.requests.remove(&of.request);
                if let Some(service) = self.service(of.service) {
                    service.waiting.push_back((of.request, of.order));
                }
            }
            HttpEvent::Unanswered { of } => {
                if let Some(gone) = self.requests.remove(&of.request) {
                    let vain = Vain {
                        order: of.order,
                        edge: gone.leg.edge,
                        number: gone.number,
                    };
                    self.vain.insert(of.request, vain);
                }
            }
            HttpEvent::Started { of, until } => {
                self.requests.remove(&of.request);
                if let Some(service) = self.service(of.service) {
                    service
                        .waiting
                        .retain(|&(request, _)| request != of.request);
                    let held = Held {
                        request: of.request,
                        order: of.order,
                        since: now,
                        until: (*until).max(now),
                    };
                    let mut workers = service.workers.iter_mut();
                    match workers.find(|worker| worker.is_none()) {
                        Some(worker) => *worker = Some(held),
                        None => service.starting.push_back(held),
                    }
                }
            }
            HttpEvent::Worked { of } => {
                if let Some(service) = self.service(of.service) {
                    service.worked += 1;
                }
            }
            HttpEvent::Recognised { .. } | HttpEvent::BackedOff { .. } => {}
            HttpEvent::ShortCircuited { .. } => {}
            HttpEvent::Responded { of, outcome, .. } => {
                self.requests.remove(&of.request);
                self.free(*of);
                if let Some(service) = self.service(of.service) {
                    match outcome.is_success() {
                        true => service.answered += 1,
                        false => service.failed += 1,
                    }
                }
                if let Some(exchanged) = &cue.exchanged {
                    self.responses.insert(of.request, (**exchanged).clone());
                }
            }
            HttpEvent::AnswerLost { of } => {
                self.responses.remove(&of.request);
                self.fade(*of, Fading::AnswerLost, cue);
            }
            HttpEvent::Dropped { of, .. } => {
                self.free(*of);
                if let Some(service) = self.service(of.service) {
                    service.failed += 1;
                }
                self.fade(*of, Fading::Dropped, cue);
            }
            HttpEvent::Answered { of, late, .. } => {
                self.responses.remove(&of.request);
                if *late {
                    self.fade(*of, Fading::Late, cue);
                }
            }
            HttpEvent::TimedOut { of } => {
                self.vain.remove(&of.request);
                for service in &mut self.services {
                    service.pooled.remove(&of.request);
                }
                self.fade(*of, Fading::TimedOut, cue);
            }
            HttpEvent::Breaker { of, service, open } => {
                let broken = match of {
                    None => Some(&mut self.users.broken),
                    Some(of) => self.service(*of).map(|it| &mut it.broken),
                };
                if let Some(broken) = broken {
                    match open {
                        true => broken.insert(*service),
                        false => broken.remove(service),
                    };
                }
            }
            HttpEvent::Settled { order, outcome } => {
                let since = self.users.waiting.remove(order).unwrap_or(happened);
                match outcome.is_success() {
                    true => self.users.answered += 1,
                    false => self.users.failed += 1,
                }
                self.users.told = Some((*order, *outcome, happened.since(since)));
            }
        }
    }

    /// Shows that something changed for a service.
    pub(super) fn change(&mut self, name: &Name, change: Change, since: Micros, world: &World) {
        if let Some(service) = world.http().named(name).and_then(|id| self.service(id)) {
            service.condition.set(change);
            service.since = since;
        }
        let worker = world.workers().iter().find(|it| it.setup.name == *name);
        if let Some(consumer) = worker.and_then(|worker| self.consumer(Some(worker.id))) {
            consumer.condition.set(change);
            consumer.changed = since;
        }
    }
}
