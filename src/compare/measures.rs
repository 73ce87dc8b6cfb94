//! A side's numbers, kept while its events are read one by one.

use crate::broker::{Micros, Name};
use crate::world::{Event, World};

use super::order::Standing;
use super::reading::Reading;
use super::spread::Spans;
use super::{Comparison, ServiceSummary, Side, Summary};

/// Knows one side's numbers at any moment. It keeps what is under way, and nothing that is over.
#[derive(Clone, Debug)]
pub struct Measures {
    reading: Reading,
    user_wait: Spans,
    answered_after: Spans,
    done_after: Spans,
    services: Vec<(Name, u32)>,
}

impl Measures {
    /// Of a side of which nothing is read yet, and of its world, at whatever moment.
    #[must_use]
    pub fn new(comparison: &Comparison, side: Side, world: &World) -> Self {
        let services = comparison.services.iter();
        Self {
            reading: Reading::new(comparison, world),
            user_wait: Spans::new(),
            answered_after: Spans::new(),
            done_after: Spans::new(),
            services: services
                .map(|it| (it.name.clone(), workers(&it.name, side, world)))
                .collect(),
        }
    }

    /// Reads an event: each once, and after those that led to it.
    pub fn read(&mut self, event: &Event) {
        let ended = self.reading.read(event);
        if let Some((waited, outcome)) = ended.waited {
            self.user_wait.add(waited);
            if outcome.is_success() {
                self.answered_after.add(waited);
            }
        }
        if let Some(after) = ended.done {
            self.done_after.add(after);
        }
    }

    /// The numbers, at a moment after all that was read.
    #[must_use]
    pub fn summary(&self, now: Micros) -> Summary {
        let ledger = &self.reading.ledger;
        let of = |standing| ledger.standings.of(standing);
        let good = of(Standing::Done);
        let longest = |standing| now.since(ledger.oldest(standing).unwrap_or(now));
        Summary {
            now,
            sent: ledger.sent,
            answered: ledger.answered(),
            failed: ledger.failed(),
            outcomes: ledger.outcomes.clone(),
            waiting: of(Standing::Waiting),
            longest_waiting: longest(Standing::Waiting),
            done: ledger.done,
            done_unheard: ledger.done - good - of(Standing::DoneThoughFailed),
            done_though_failed: of(Standing::DoneThoughFailed),
            to_do: of(Standing::ToDo),
            oldest_to_do: longest(Standing::ToDo),
            lost: of(Standing::Lost),
            partly_done: of(Standing::PartlyDone),
            duplicates: ledger.duplicates,
            in_time: ledger.deadline.and(Some(ledger.in_time)),
            user_wait: self.user_wait.spread(),
            answered_after: self.answered_after.spread(),
            done_after: self.done_after.spread(),
            first_done: ledger.first_done,
            last_done: ledger.last_done,
            goodput: super::a_second(ledger.good(), now),
            requests: self.reading.requests,
            messages: self.reading.messages,
            deliveries: self.reading.deliveries,
            retries: self.reading.retries,
            services: self.services(now),
        }
    }

    fn services(&self, now: Micros) -> Vec<ServiceSummary> {
        let all = self.services.iter().zip(&self.reading.services);
        all.map(|((name, workers), it)| ServiceSummary {
            name: name.clone(),
            workers: *workers,
            held: it.held.now(),
            held_mean: it.held.mean(now),
            waiting: u64::try_from(it.waiting).unwrap_or(0),
            worked: it.worked,
            failed: it.failed,
            last_worked: it.last_worked,
        })
        .collect()
    }

    /// Roughly how much there is to copy in a clone, in entries.
    #[must_use]
    pub fn weight(&self) -> usize {
        let spans = [&self.user_wait, &self.answered_after, &self.done_after];
        self.reading.weight() + spans.map(Spans::weight).iter().sum::<usize>()
    }
}

/// How many workers the service of that name has in a side's world.
fn workers(name: &Name, side: Side, world: &World) -> u32 {
    let http = world.http();
    let called = http.named(name).and_then(|id| http.service(id));
    let consumer = || world.workers().iter().find(|it| it.name() == name);
    match (side, called) {
        (_, Some(service)) => service.setup.workers,
        (Side::Http, None) => 0,
        (Side::Messaging, None) => consumer().map_or(0, |it| it.setup.workers),
    }
}
