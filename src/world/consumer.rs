//! A consumer's own side: what it has received, what it works on.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::broker::{
    ConsumerId, Delivery, EventId, Micros, Name, Properties, Publication, Queued, words,
};

use super::http::{Chance, Condition, Luck, Seen, order_of};
use super::link::LEAST_PAUSE;
use super::random::Dice;
use super::{Answer, ConsumerSetup, Latency, LinkId, OnFailure, Onward, WorkerId};

/// A consumer at work. It works on as many messages at once as it has workers, and begins in the order they reach it.
#[derive(Clone, Debug)]
pub struct Worker {
    /// Its number: its place in the setup.
    pub id: WorkerId,
    /// How it was set up.
    pub setup: ConsumerSetup,
    /// The connection it consumes on.
    pub link: LinkId,
    /// The number the broker knows it by while it consumes, as far as it knows.
    pub consumer: Option<ConsumerId>,
    /// What it works on, in the order in which it began.
    pub working: Vec<Job>,
    /// What is the matter with it.
    pub condition: Condition,
    /// How long a delivery is on its way.
    pub latency_deliver: Micros,
    /// How long an acknowledgement is on its way back.
    pub latency_ack: Micros,
    /// How long what it publishes is on its way.
    pub latency_publish: Micros,
    /// How many messages it published.
    pub published: u64,
    inbox: VecDeque<Delivery>,
    /// It asked for a message and has no answer yet.
    asking: bool,
    dice: Dice,
    luck: Option<Luck>,
    /// What it worked on, by `message_id`, if it keeps a record of that (H4): orders, where it has luck with orders.
    done: FxHashSet<Name>,
    done_orders: Seen,
}

/// What a consumer works on.
#[derive(Clone, Debug)]
pub struct Job {
    /// The copy.
    pub queued: Queued,
    /// When it began.
    pub since: Micros,
    /// When it will be done.
    pub until: Micros,
    /// The event that tells of its beginning.
    pub(super) started: EventId,
    pub(super) tag: u64,
    /// It was worked on before.
    is_known: bool,
    publication: Arc<Publication>,
}

impl Worker {
    pub(super) fn new(
        id: WorkerId,
        setup: &ConsumerSetup,
        link: LinkId,
        latency: &Latency,
        seed: u64,
        dice: Dice,
    ) -> Self {
        Self {
            id,
            setup: setup.clone(),
            link,
            consumer: None,
            working: Vec::new(),
            condition: Condition::default(),
            latency_deliver: setup.latency.unwrap_or(latency.deliver),
            latency_ack: setup.latency.unwrap_or(latency.ack),
            latency_publish: latency.publish,
            published: 0,
            inbox: VecDeque::new(),
            asking: false,
            dice,
            luck: setup.luck.map(|luck| Luck::of_service(seed, luck)),
            done: FxHashSet::default(),
            done_orders: Seen::default(),
        }
    }

    /// Its name, also its consumer tag.
    pub fn name(&self) -> &Name {
        &self.setup.name
    }

    /// Deliveries that reached it and wait for it to be free.
    pub fn waiting(&self) -> usize {
        self.inbox.len()
    }

    /// The copies that reached it and wait for it to be free.
    pub(super) fn received(&self) -> impl Iterator<Item = Queued> + '_ {
        self.inbox.iter().map(|delivery| delivery.queued)
    }

    /// How many deliveries it works on.
    pub fn working(&self) -> usize {
        self.working.len()
    }

    /// Whether it would have to wait for nothing before it works on another message.
    fn is_free(&self) -> bool {
        !self.is_busy() && self.inbox.is_empty() && !self.asking
    }

    /// Whether all its workers are at work.
    fn is_busy(&self) -> bool {
        self.working.len() >= self.setup.workers.max(1) as usize
    }

    /// What it began with that event, if it still works on it.
    pub fn job(&self, started: EventId) -> Option<&Job> {
        self.working.iter().find(|job| job.started == started)
    }

    /// What it began on last, it began with that event.
    pub(super) fn started(&mut self, event: EventId) {
        if let Some(job) = self.working.last_mut() {
            job.started = event;
        }
    }

    /// Asks for a message; whether it does.
    pub(super) fn ask(&mut self) -> bool {
        let asks = self.is_free();
        self.asking |= asks;
        asks
    }

    /// Learns that there is no message.
    pub(super) fn empty(&mut self) {
        self.asking = false;
    }

    pub(super) fn receive(&mut self, delivery: Delivery) {
        if delivery.consumer.is_none() {
            self.asking = false;
        }
        self.inbox.push_back(delivery);
    }

    /// Forgets all it had from a channel that is gone: an answer would reach nobody. Returns what is nobody's now, since
    /// the broker waited for no answer either; what it worked on comes last.
    pub(super) fn abandon(&mut self) -> Vec<Queued> {
        self.consumer = None;
        self.asking = false;
        let waiting = self.inbox.drain(..).map(|delivery| delivery.queued);
        let working = self.working.drain(..).map(|job| job.queued);
        let held: Vec<_> = waiting.chain(working).collect();
        if self.setup.ack { Vec::new() } else { held }
    }

    /// Takes the next delivery from its inbox, if it is free and there is one: the copy, and when it will be done.
    pub(super) fn start(&mut self, now: Micros) -> Option<(Queued, Micros)> {
        if self.is_busy() {
            return None;
        }
        let delivery = self.inbox.pop_front()?;
        let publication = delivery.message.publication;
        let is_known = self.knows(&publication);
        let time = self.setup.service.times(self.condition.slow);
        let span = match (&self.luck, order_of(&publication)) {
            _ if is_known => Micros::ZERO,
            (Some(luck), Some(order)) => luck.time(order, time),
            _ => time.roll(&mut self.dice),
        };
        // What is requeued again and again must not stop time.
        let least = match delivery.redelivered {
            true => LEAST_PAUSE,
            false => Micros(1),
        };
        let until = now + span.max(least);
        self.working.push(Job {
            queued: delivery.queued,
            since: now,
            until,
            started: EventId(0),
            tag: delivery.tag,
            is_known,
            publication,
        });
        Some((delivery.queued, until))
    }

    /// Whether it worked on a message before, as far as it keeps a record.
    fn knows(&self, publication: &Publication) -> bool {
        match (&self.luck, order_of(publication)) {
            (Some(_), Some(order)) => self.done_orders.contains(order),
            _ => {
                let id = publication.properties.message_id.as_ref();
                id.is_some_and(|id| self.done.contains(id))
            }
        }
    }

    /// Notes that it worked on a message.
    fn note(&mut self, publication: &Publication) {
        match (&self.luck, order_of(publication)) {
            (Some(_), Some(order)) => {
                self.done_orders.insert(order);
            }
            _ => self.done.extend(publication.properties.message_id.clone()),
        }
    }

    /// Whether what happens with this probability happens to what it worked on.
    fn strikes(&mut self, job: &Job, chance: Chance, rate: f64) -> bool {
        match (&mut self.luck, order_of(&job.publication)) {
            _ if rate <= 0.0 => false,
            (Some(luck), Some(order)) => luck.strikes(order, chance, rate),
            _ => self.dice.fraction() < rate,
        }
    }

    /// Finishes what it works on, if that began with the event `started`; it may have been abandoned since.
    pub(super) fn finish(&mut self, started: EventId) -> Option<(Job, Answer)> {
        let place = self.working.iter().position(|job| job.started == started)?;
        let job = self.working.remove(place);
        if job.is_known {
            let answer = if self.setup.ack {
                Answer::Known
            } else {
                Answer::Silent
            };
            return Some((job, answer));
        }
        let rate = 1.0 - (1.0 - self.setup.failure_rate) * (1.0 - self.condition.failing);
        let unlucky = self.strikes(&job, Chance::Failure, rate);
        let fails_on = self.setup.fails_on.as_ref();
        let failed =
            unlucky || fails_on.is_some_and(|on| topic_matches(on, &job.publication.routing_key));
        if !failed && self.setup.idempotent {
            self.note(&job.publication);
        }
        let answer = match (self.setup.ack, failed, self.setup.on_failure) {
            (_, true, OnFailure::Crash) => Answer::Crash,
            (_, false, _) if self.strikes(&job, Chance::Loss, self.condition.losing) => {
                Answer::Unheard
            }
            (false, false, _) => Answer::Silent,
            (false, true, _) => Answer::Lost,
            (true, false, _) => Answer::Ack,
            (true, true, OnFailure::Requeue) => Answer::Requeue,
            (true, true, OnFailure::RejectBack) => Answer::RejectBack,
            (true, true, OnFailure::Reject) => Answer::Reject,
        };
        Some((job, answer))
    }

    /// What it publishes now that it has worked on a message. There is no reply to a message that asks for none.
    pub(super) fn onward(&self, job: &Job) -> Option<Publication> {
        let received = &*job.publication;
        match self.setup.publishes.as_ref()? {
            Onward::To { exchange, key } => Some(Publication {
                exchange: exchange.clone(),
                routing_key: key.as_ref().unwrap_or(&received.routing_key).clone(),
                properties: received.properties.clone(),
                body: received.body.clone(),
                ..Publication::default()
            }),
            Onward::Reply { body } => Some(Publication {
                exchange: Name::default(),
                routing_key: received.properties.reply_to.clone()?,
                properties: Arc::new(Properties {
                    correlation_id: received.properties.correlation_id.clone(),
                    ..Properties::default()
                }),
                body: body.clone(),
                ..Publication::default()
            }),
        }
    }
}

/// Whether a topic pattern matches a key (E20–E24).
fn topic_matches(pattern: &str, key: &str) -> bool {
    let key: Vec<_> = words(key).collect();
    // For each number of the key's words: whether the pattern so far matches them.
    let mut matched = vec![false; key.len() + 1];
    matched[0] = true;
    for word in words(pattern) {
        if word == "#" {
            let least = matched.iter().position(|&matched| matched);
            matched[least.unwrap_or(key.len() + 1)..].fill(true);
        } else {
            for (at, other) in key.iter().enumerate().rev() {
                matched[at + 1] = matched[at] && (word == "*" || word == *other);
            }
            matched[0] = false;
        }
    }
    matched[key.len()]
}

#[cfg(test)]
mod tests {
    use super::topic_matches;

    #[test]
    fn a_consumer_knows_the_topic_patterns_as_an_exchange_does() {
        // E27's table, and what it derives from E20–E22.
        let patterns = ["foo.*", "foo.#", "foo.bar", "foo.*.baz", "#"];
        let matching = |key: &str| {
            let found = patterns
                .iter()
                .filter(|pattern| topic_matches(pattern, key));
            found.copied().collect::<Vec<_>>()
        };
        assert_eq!(matching("foo.bar"), ["foo.*", "foo.#", "foo.bar", "#"]);
        assert_eq!(matching("foo.bar.baz"), ["foo.#", "foo.*.baz", "#"]);
        assert_eq!(matching("foo.bar.baz.qux"), ["foo.#", "#"]);
        assert_eq!(matching("bar.foo"), ["#"]);
        for (pattern, key, matched) in [
            ("*", "", false),
            ("#", "", true),
            ("*.*", ".", true),
            ("a.*.b", "a..b", true),
            ("a.b", "a..b", false),
            ("a.#", "a", true),
            ("#.a.#", "a", true),
            ("#.b.c", "x.y.b.c", true),
            ("#.*.#", "", false),
        ] {
            assert_eq!(topic_matches(pattern, key), matched, "{pattern} {key}");
        }
    }
}
