//! What each event says of orders, services and all that is under way.

use rustc_hash::FxHashMap;

use crate::broker::{self, CopyId, Fate, MessageId, Micros};
use crate::world::http::{self, OrderId, Outcome, RequestId, ServiceId, order_of};
use crate::world::{Answer, Event, EventKind, WorkerId, World};

use super::Comparison;
use super::held::Held;
use super::ledger::Ledger;

/// A run so far, read event by event: what is under way, and what was counted.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub ledger: Ledger,
    pub services: Vec<Tallied>,
    /// A service's place in the comparison, by its number in the world.
    of_service: Vec<usize>,
    consumers: Vec<Consumer>,
    /// Requests that wait for a worker, or are worked on.
    stages: FxHashMap<RequestId, Stage>,
    pub requests: u64,
    pub retries: u64,
    pub messages: u64,
    pub deliveries: u64,
}

/// What a service did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tallied {
    pub held: Held,
    /// Requests that wait for one of its workers.
    pub waiting: i64,
    pub worked: u64,
    pub failed: u64,
    pub last_worked: Option<Micros>,
}

/// A consumer of the world's.
#[derive(Clone, Debug)]
struct Consumer {
    place: usize,
    link: crate::world::LinkId,
    /// What it works on; no more than it has workers.
    jobs: Vec<(CopyId, MessageId)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    Working,
}

/// What an event was the end of: each how long after the user came.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ended {
    /// The user's waiting.
    pub waited: Option<(Micros, Outcome)>,
    /// The last work on the order.
    pub done: Option<Micros>,
}

impl Reading {
    pub(super) fn new(comparison: &Comparison, world: &World) -> Self {
        // What is not of the comparison counts for none of its services.
        let nowhere = comparison.services.len();
        let place = |name: &crate::broker::Name| {
            let mut services = comparison.services.iter();
            services.position(|it| it.name == *name).unwrap_or(nowhere)
        };
        let services = world.http().services.iter();
        let consumers = world.workers().iter();
        Self {
            ledger: Ledger::new(&comparison.needed(), comparison.deadline),
            services: vec![Tallied::default(); comparison.services.len()],
            of_service: services.map(|it| place(it.name())).collect(),
            consumers: consumers
                .map(|it| Consumer {
                    place: place(it.name()),
                    link: it.link,
                    jobs: Vec::new(),
                })
                .collect(),
            stages: FxHashMap::default(),
            requests: 0,
            retries: 0,
            messages: 0,
            deliveries: 0,
        }
    }

    /// Reads an event. It is enough that each comes after those that led to it.
    pub(super) fn read(&mut self, event: &Event) -> Ended {
        self.ledger.pass(event.at);
        match &event.kind {
            EventKind::Http(what) => return self.http(event.at, what),
            EventKind::Broker(what) => self.broker(what),
            EventKind::Published {
                message,
                publication,
                ..
            } => {
                self.messages += 1;
                if let Some(order) = order_of(publication) {
                    self.ledger.publish(*message, order);
                }
            }
            EventKind::Unsent { message, .. } => self.ledger.carry(*message, -1),
            EventKind::Started { worker, queued, .. } => {
                self.start(event.at, *worker, (queued.copy, queued.message));
            }
            EventKind::Finished {
                worker,
                queued,
                answer,
            } => {
                let job = (queued.copy, queued.message);
                return self.finish(event.at, *worker, job, *answer);
            }
            EventKind::Disconnected { link } => self.abandon(event.at, *link),
            _ => {}
        }
        Ended::default()
    }

    fn http(&mut self, at: Micros, event: &http::Event) -> Ended {
        let mut ended = Ended::default();
        match *event {
            http::Event::Ordered { order } => self.ledger.come(order, at),
            http::Event::Requested { of, number, .. } => {
                self.requests += 1;
                self.retries += u64::from(number > 1);
                self.ledger.move_on(of.order, 1);
            }
            http::Event::Queued { of } => {
                self.stages.insert(of.request, Stage::Waiting);
                self.at_service(of.service, |it| it.waiting += 1);
            }
            http::Event::Started { of, .. } => {
                let waited = self.stages.insert(of.request, Stage::Working).is_some();
                self.at_service(of.service, |it| {
                    it.waiting -= i64::from(waited);
                    it.held.take(at);
                });
            }
            http::Event::Worked { of } => {
                self.stages.remove(&of.request);
                let place = self.of_service.get(of.service.0 as usize).copied();
                ended.done = place.and_then(|place| self.work(at, place, of.order));
            }
            http::Event::Recognised { of } => {
                self.stages.remove(&of.request);
            }
            http::Event::Responded { of, held, .. } => {
                // An answer before the work is done says that it failed.
                let failed = self.stages.remove(&of.request) == Some(Stage::Working);
                self.at_service(of.service, |it| {
                    it.failed += u64::from(failed);
                    if held {
                        it.held.let_go(at);
                    }
                });
                self.ledger.move_on(of.order, -1);
            }
            http::Event::Dropped { of, held } => {
                let waited = self.stages.remove(&of.request) == Some(Stage::Waiting);
                self.at_service(of.service, |it| {
                    it.waiting -= i64::from(waited);
                    if held {
                        it.held.let_go(at);
                    }
                });
                self.ledger.move_on(of.order, -1);
            }
            http::Event::Unanswered { of } => self.ledger.move_on(of.order, -1),
            http::Event::Settled { order, outcome } => {
                let waited = self.ledger.tell(order, outcome, at);
                ended.waited = waited.map(|waited| (waited, outcome));
            }
            // An answer that is lost was given; the others move nothing.
            http::Event::AnswerLost { .. }
            | http::Event::Answered { .. }
            | http::Event::TimedOut { .. }
            | http::Event::Pooled { .. }
            | http::Event::BackedOff { .. }
            | http::Event::ShortCircuited { .. }
            | http::Event::Breaker { .. } => {}
        }
        ended
    }

    fn broker(&mut self, event: &broker::Event) {
        use broker::Event as E;
        let ledger = &mut self.ledger;
        match event {
            E::Routed {
                message,
                letter,
                copies,
                ..
            } => {
                for routed in copies {
                    ledger.copy(routed.copy, *message);
                }
                match letter {
                    Some(copy) => ledger.end(*copy),
                    None => ledger.carry(*message, -1),
                }
            }
            E::Unroutable {
                letter: Some(copy), ..
            } => ledger.end(*copy),
            E::Unroutable { message, .. }
            | E::Refused {
                message: Some(message),
                ..
            } => ledger.carry(*message, -1),
            E::RolledBack { messages, .. } => {
                for message in messages {
                    ledger.carry(*message, -1);
                }
            }
            E::Delivered { .. } | E::Got { .. } | E::Read { .. } => self.deliveries += 1,
            E::Acked { queued, .. }
            | E::TurnedAway { queued, .. }
            | E::Lost { queued, .. }
            | E::Released { queued } => ledger.end(queued.copy),
            E::Died { queued, fate, .. } => match fate {
                Fate::Dropped | Fate::NoExchange(_) => ledger.end(queued.copy),
                Fate::Kept(_) | Fate::DeadLettered(_) => {}
            },
            // It is in its queue still, whatever became of the copies made of it (D6).
            E::Kept { queued, .. } | E::Resent { queued, .. } => {
                ledger.copy(queued.copy, queued.message);
            }
            E::Purged { copies, .. }
            | E::Truncated { copies, .. }
            | E::QueueDeleted { copies, .. } => {
                for copy in copies {
                    ledger.end(*copy);
                }
            }
            _ => {}
        }
    }

    fn at_service(&mut self, id: ServiceId, change: impl FnOnce(&mut Tallied)) {
        let place = self.of_service.get(id.0 as usize);
        if let Some(tallied) = place.and_then(|&place| self.services.get_mut(place)) {
            change(tallied);
        }
    }

    /// A service has worked on an order; how long after it came it is done, if it is by that.
    fn work(&mut self, at: Micros, place: usize, order: OrderId) -> Option<Micros> {
        if let Some(tallied) = self.services.get_mut(place) {
            tallied.worked += 1;
            tallied.last_worked = tallied.last_worked.max(Some(at));
        }
        self.ledger.work(order, place, at)
    }

    fn start(&mut self, at: Micros, worker: WorkerId, job: (CopyId, MessageId)) {
        let Some(consumer) = self.consumers.get_mut(worker.0 as usize) else {
            return;
        };
        consumer.jobs.push(job);
        let place = consumer.place;
        if let Some(tallied) = self.services.get_mut(place) {
            tallied.held.take(at);
        }
        if let Some(order) = self.ledger.order_of(job.1) {
            self.retries += u64::from(self.ledger.begin_again(order, place));
        }
        self.ledger.carry(job.1, 1);
    }

    fn finish(
        &mut self,
        at: Micros,
        worker: WorkerId,
        job: (CopyId, MessageId),
        answer: Answer,
    ) -> Ended {
        let mut ended = Ended::default();
        let Some(consumer) = self.consumers.get_mut(worker.0 as usize) else {
            return ended;
        };
        let place = consumer.place;
        let found = consumer.jobs.iter().position(|other| *other == job);
        if let Some(found) = found {
            consumer.jobs.swap_remove(found);
            if let Some(tallied) = self.services.get_mut(place) {
                tallied.held.let_go(at);
            }
        }
        match answer {
            Answer::Ack | Answer::Silent | Answer::Unheard => {
                let order = self.ledger.order_of(job.1);
                ended.done = order.and_then(|order| self.work(at, place, order));
            }
            Answer::Requeue
            | Answer::RejectBack
            | Answer::Reject
            | Answer::Crash
            | Answer::Lost => {
                if let Some(tallied) = self.services.get_mut(place) {
                    tallied.failed += 1;
                }
            }
            Answer::Known | Answer::Abandoned => {}
        }
        if matches!(answer, Answer::Silent | Answer::Lost | Answer::Abandoned) {
            // The broker has it no more: it was settled when it was delivered.
            self.ledger.end(job.0);
        }
        if found.is_some() {
            self.ledger.carry(job.1, -1);
        }
        ended
    }

    /// A connection ended: its consumers forget what they work on.
    fn abandon(&mut self, at: Micros, link: crate::world::LinkId) {
        let ledger = &mut self.ledger;
        let consumers = self.consumers.iter_mut();
        for consumer in consumers.filter(|consumer| consumer.link == link) {
            for (_, message) in consumer.jobs.drain(..) {
                if let Some(tallied) = self.services.get_mut(consumer.place) {
                    tallied.held.let_go(at);
                }
                ledger.carry(message, -1);
            }
        }
    }

    /// For how long workers of the first service were held up to a time, all together, in microseconds.
    pub(super) fn held(&self, until: Micros) -> i128 {
        self.services.first().map_or(0, |it| it.held.sum(until))
    }

    /// Roughly how much there is to copy in a clone, in entries.
    pub(super) fn weight(&self) -> usize {
        let jobs: usize = self.consumers.iter().map(|it| it.jobs.len()).sum();
        self.ledger.weight() + self.stages.len() + self.services.len() + jobs
    }
}
