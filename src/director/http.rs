//! Users and services on the stage: what sets out with each event between them, and what each shows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::broker::{EventId, Micros, Name};
use crate::history::History;
use crate::topology::{EdgeKey, NodeKey};
use crate::world::http::{
    Caller, Change, Condition, Event as HttpEvent, Of, OrderId, Outcome, RequestId, ServiceId,
};
use crate::world::{Event, World};

use super::schedule::ENDING;
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
    /// Of an answer to a user: since when in the run that user waits.
    pub since: Option<Micros>,
    /// Its way; an answer takes it backwards.
    pub leg: Leg,
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
    /// Its workers.
    pub workers: Vec<ServiceWorker>,
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
        let held = |worker: &&ServiceWorker| worker.held.is_some();
        self.workers.iter().filter(held).count()
    }
}

/// A worker of a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServiceWorker {
    /// What holds it.
    pub held: Option<Held>,
    /// When it was last let go.
    pub let_go: Option<Micros>,
}

/// What holds a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The request.
    pub request: RequestId,
    /// The order.
    pub order: OrderId,
    /// When it began.
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
    /// What sets out with an event between services. Each is shown when it happens.
    pub(super) fn read_http(
        &mut self,
        cue: &mut Cue,
        event: &Event,
        what: &HttpEvent,
        history: &History,
    ) {
        let (of, outcome, number) = match what {
            HttpEvent::Requested { of, number, .. } => (*of, None, *number),
            HttpEvent::Responded { of, outcome, .. } => (*of, Some(*outcome), 1),
            HttpEvent::Pooled { from, .. } => {
                cue.caller = caller(*from, history);
                return;
            }
            _ => return,
        };
        cue.exchanged = Some(Box::new(Exchanged {
            request: of.request,
            order: of.order,
            event: event.id,
            outcome,
            number,
            since: None,
            leg: Leg {
                edge: way(of, history),
                from: cue.at,
                until: cue.at + history.head().latency().http,
            },
        }));
    }

    /// Something changes for a consumer.
    pub(super) fn change(&mut self, cue: &mut Cue, name: &Name, world: &World) {
        let worker = world.workers().iter().find(|it| it.setup.name == *name);
        if let Some(worker) = worker {
            self.meet(cue, NodeKey::Consumer(worker.id));
        }
    }
}

impl Stage {
    fn service(&mut self, id: ServiceId) -> Option<&mut ServiceStage> {
        self.services.get_mut(id.0 as usize)
    }

    /// The request or the answer that sets out with a cue.
    pub(super) fn exchanged(&self, cue: &Cue) -> Option<Exchanged> {
        let exchanged = cue.exchanged.as_deref()?;
        let is_to_user = matches!(exchanged.leg.edge, EdgeKey::Call { from: None, .. });
        let since = self.users.waiting.get(&exchanged.order);
        Some(Exchanged {
            since: since.copied().filter(|_| is_to_user),
            ..exchanged.clone()
        })
    }

    /// Frees the worker a request holds.
    fn free(&mut self, of: Of, now: Micros) {
        if let Some(service) = self.service(of.service) {
            let is_its = |held: &Held| held.request == of.request;
            for worker in &mut service.workers {
                if worker.held.take_if(|held| is_its(held)).is_some() {
                    worker.let_go = Some(now);
                }
            }
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
                if let Some(exchanged) = self.exchanged(cue) {
                    self.requests.insert(of.request, exchanged);
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
                        until: *until,
                    };
                    let mut workers = service.workers.iter_mut();
                    if let Some(worker) = workers.find(|worker| worker.held.is_none()) {
                        worker.held = Some(held);
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
                self.free(*of, now);
                if let Some(service) = self.service(of.service) {
                    match outcome.is_success() {
                        true => service.answered += 1,
                        false => service.failed += 1,
                    }
                }
                if let Some(exchanged) = self.exchanged(cue) {
                    self.responses.insert(of.request, exchanged);
                }
            }
            HttpEvent::AnswerLost { of } => {
                self.responses.remove(&of.request);
                self.fade(*of, Fading::AnswerLost, cue);
            }
            HttpEvent::Dropped { of, .. } => {
                self.free(*of, now);
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
