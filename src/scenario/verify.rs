//! Holds a scenario's expectations against its run.

use std::collections::BTreeSet;

use crate::broker::{Keys, Micros, Name, Publication};
use crate::world::{Tally, World};
use crate::{t, words};

use super::expect::Claim;
use super::source::Place;
use super::{Expectation, Scenario};

/// An expectation that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where it stands in the scenario's file.
    pub place: Place,
    /// What was found and what was expected.
    pub what: String,
}

/// The expectations that do not hold, in the file's order. Numbers are those after all that happens at their moment.
pub fn verify(scenario: &Scenario) -> Vec<Failure> {
    let mut run = match World::new(&scenario.setup) {
        Ok(world) => Run::new(world),
        Err(error) => {
            return vec![Failure {
                place: Place { line: 1, column: 1 },
                what: t!("file-refused", error = words::refused(&error)),
            }];
        }
    };
    // The run goes forward once, so what is asked first in it is answered first.
    let mut in_time: Vec<&Expectation> = scenario.expect.iter().collect();
    in_time.sort_by_key(|expectation| moment(&expectation.claim));
    let mut failures = Vec::new();
    for expectation in in_time {
        if let Some(at) = moment(&expectation.claim) {
            run.go_on_until(at);
        }
        failures.extend(run.differences(&expectation.claim).map(|what| Failure {
            place: expectation.place,
            what,
        }));
    }
    failures.sort_by_key(|failure| failure.place);
    failures
}

fn moment(claim: &Claim) -> Option<Micros> {
    match claim {
        Claim::Reaches { .. } => None,
        Claim::Queue { at, .. }
        | Claim::Consumer { at, .. }
        | Claim::Publisher { at, .. }
        | Claim::Unroutable { at, .. } => Some(*at),
    }
}

/// A run, and what each consumer did in it.
struct Run {
    world: World,
    tally: Tally,
}

impl Run {
    fn new(world: World) -> Self {
        Self {
            world,
            tally: Tally::default(),
        }
    }

    fn go_on_until(&mut self, at: Micros) {
        let mut events = Vec::new();
        while self.world.next_at().is_some_and(|next| next <= at) {
            self.world.step(&mut events);
            for event in events.drain(..) {
                self.tally.count(&event);
            }
        }
    }

    /// How the world now differs from what is claimed, if it does.
    fn differences(&self, claim: &Claim) -> Option<String> {
        let compared = match claim {
            Claim::Reaches {
                publication,
                queues,
            } => return self.differs_in_reach(publication, queues),
            Claim::Queue {
                at,
                queue: name,
                ready,
                unacked,
            } => {
                let subject = t!("claim-queue", at = at.to_string(), name = name.as_str());
                let mut queues = self.world.broker().queues().iter();
                let Some(queue) = queues.find(|queue| queue.name == *name) else {
                    return Some(t!("claim-missing", subject = subject));
                };
                let mut compared = Comparison::of(subject);
                compared.number("ready", queue.ready().len() as u64, *ready);
                compared.number("unacked", queue.unacked() as u64, *unacked);
                compared
            }
            Claim::Consumer {
                at,
                consumer: name,
                delivered,
                acked,
                unacked,
            } => {
                let subject = t!("claim-consumer", at = at.to_string(), name = name.as_str());
                let mut workers = self.world.workers().iter();
                let Some(worker) = workers.find(|worker| worker.name() == name) else {
                    return Some(t!("claim-missing", subject = subject));
                };
                // Before it begins to consume the broker does not know it.
                let held = self.world.broker().consumer(worker.id);
                let held = held.map_or(0, |consumer| consumer.unacked as u64);
                let mut compared = Comparison::of(subject);
                compared.number("delivered", self.tally.delivered(worker.id), *delivered);
                compared.number("acked", self.tally.acked(worker.id), *acked);
                compared.number("unacked", held, *unacked);
                compared
            }
            Claim::Publisher {
                at,
                publisher: name,
                published,
            } => {
                let subject = t!("claim-publisher", at = at.to_string(), name = name.as_str());
                let mut publishers = self.world.publishers().iter();
                let Some(publisher) = publishers.find(|publisher| publisher.name == *name) else {
                    return Some(t!("claim-missing", subject = subject));
                };
                let mut compared = Comparison::of(subject);
                compared.number("published", publisher.published, Some(*published));
                compared
            }
            Claim::Unroutable { at, count } => {
                let mut compared = Comparison::of(t!("claim-broker", at = at.to_string()));
                let unroutable = self.world.broker().totals().unroutable;
                compared.number("unroutable", unroutable, Some(*count));
                compared
            }
        };
        compared.difference()
    }

    fn differs_in_reach(
        &self,
        publication: &Publication,
        expected: &BTreeSet<Name>,
    ) -> Option<String> {
        let definitions = self.world.definitions();
        let Publication {
            exchange,
            routing_key,
            ..
        } = publication;
        let Some(source) = definitions.exchange_named(exchange) else {
            return Some(t!("claim-no-exchange", name = exchange.as_str()));
        };

        let headers = &publication.properties.headers;
        let reached: BTreeSet<Name> = definitions
            .explain(source.id, Keys::only(routing_key), headers, 0)
            .queues
            .into_iter()
            .map(|queue| definitions.queue_name(queue).into())
            .collect();
        (reached != *expected).then(|| {
            t!(
                "claim-reaches",
                exchange = exchange.as_str(),
                key = routing_key.as_str(),
                found = queues(&reached),
                expected = queues(expected)
            )
        })
    }
}

fn queues(names: &BTreeSet<Name>) -> String {
    if names.is_empty() {
        return t!("claim-no-queue");
    }
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Numbers of one thing, found and expected.
struct Comparison {
    subject: String,
    different: bool,
    found: Vec<String>,
    expected: Vec<String>,
}

impl Comparison {
    fn of(subject: String) -> Self {
        Self {
            subject,
            different: false,
            found: Vec::new(),
            expected: Vec::new(),
        }
    }

    fn number(&mut self, what: &str, found: u64, expected: Option<u64>) {
        if let Some(expected) = expected {
            self.different |= found != expected;
            let number = |count: u64| t!("claim-number", count = count.to_string(), what = what);
            self.found.push(number(found));
            self.expected.push(number(expected));
        }
    }

    fn difference(self) -> Option<String> {
        self.different.then(|| {
            t!(
                "claim-differs",
                subject = self.subject,
                found = self.found.join(", "),
                expected = self.expected.join(", ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load_str;

    fn failures(expect: &str) -> Vec<String> {
        let text = format!(
            r#"(
                until: "10s",
                exchanges: {{ "logs": topic }},
                queues: ["errors", "idle"],
                bindings: [(from: "logs", to: "errors", key: "*.error")],
                publishers: {{
                    "web": (to: "logs", every: "1s", messages: [(key: "a.error"), (key: "b.info")]),
                }},
                consumers: {{ "pager": (queue: "errors", takes: "1s", prefetch: 1) }},
                expect: [{expect}],
            )"#
        );
        let scenario = load_str("test", &text).unwrap_or_else(|error| panic!("{error}"));
        verify(&scenario)
            .into_iter()
            .map(|failure| failure.what)
            .collect()
    }

    #[test]
    fn what_holds_is_not_reported() {
        let none: [&str; 0] = [];
        let claims = r#"
            (publish: (to: "logs", key: "x.error"), reaches: ["errors"]),
            (publish: (to: "logs", key: "x"), reaches: []),
            (publisher: "web", published: 11),
            (at: "4s", publisher: "web", published: 5),
            (at: "1399ms", unroutable: 0),
            (at: "1400ms", unroutable: 1),
            (at: "799999us", queue: "errors", ready: 0, unacked: 0),
            (at: "800ms", queue: "errors", ready: 0, unacked: 1),
            (at: "800ms", consumer: "pager", delivered: 1, acked: 0, unacked: 1),
            (at: "2500ms", consumer: "pager", acked: 1, unacked: 0),
        "#;
        assert_eq!(failures(claims), none);
    }

    #[test]
    fn what_does_not_hold_says_found_and_expected_in_the_files_order() {
        let claims = r#"
            (publisher: "web", published: 3),
            (at: "800ms", queue: "errors", ready: 2, unacked: 1),
            (at: "800ms", consumer: "pager", acked: 5),
            (at: "1400ms", unroutable: 0),
            (publish: (to: "logs", key: "x.error"), reaches: ["errors", "idle"]),
            (publish: (to: "logs", key: "x"), reaches: ["idle"]),
        "#;
        assert_eq!(
            failures(claims),
            [
                "at 10s publisher `web` has 11 published, expected 3 published",
                "at 800ms queue `errors` has 0 ready, 1 unacked, expected 2 ready, 1 unacked",
                "at 800ms consumer `pager` has 0 acked, expected 5 acked",
                "at 1400ms the broker has 1 unroutable, expected 0 unroutable",
                "a message to \"logs\" with key \"x.error\" reaches `errors`, expected `errors`, `idle`",
                "a message to \"logs\" with key \"x\" reaches no queue, expected `idle`",
            ]
        );
    }
}
