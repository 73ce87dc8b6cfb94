//! Holds a scenario's expectations against its run.

use std::collections::BTreeSet;

use crate::broker::{
    Body, DeathReason, Keys, Micros, Name, Passing, Publication, Queue, Throttle, delayed,
};
use crate::world::{PATIENCE, PublisherId, Stop, Worker, World};
use crate::{t, words};

use super::compared;
use super::expect::{Claim, Line, Signs};
use super::read::{DEATH_REASONS, STATES};
use super::record::Record;
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
    verify_within(scenario, PATIENCE)
}

/// The same in no more than so many steps.
pub(super) fn verify_within(scenario: &Scenario, most: u64) -> Vec<Failure> {
    let mut run = match World::new(&scenario.setup) {
        Ok(world) => Run::new(world, most),
        Err(error) => {
            return vec![Failure {
                place: Place { line: 1, column: 1 },
                what: t!("file-refused", error = words::refused(&error)),
            }];
        }
    };
    // The run goes forward once, so what is asked first in it is answered first.
    let of_sides = |it: &&Expectation| matches!(it.claim, Claim::Side { .. });
    let of_this_run = scenario.expect.iter().filter(|it| !of_sides(it));
    let mut in_time: Vec<&Expectation> = of_this_run.collect();
    in_time.sort_by_key(|expectation| expectation.claim.at());
    let comparison = scenario.comparison.as_ref();
    let mut failures = comparison.map_or_else(Vec::new, |comparison| {
        compared::verify(comparison, &scenario.expect, most)
    });
    let signs = in_time.iter().map(|it| match &it.claim {
        Claim::Order { first, .. } => first.len(),
        _ => 0,
    });
    run.record.signs = signs.max().unwrap_or(0);
    for expectation in in_time {
        let at = expectation.claim.at().unwrap_or_default();
        let difference = match run.go_on_until(at) {
            Ok(()) => run.differences(&expectation.claim),
            Err(stop) => Some(not_reached(&stop, &run.world)),
        };
        failures.extend(difference.map(|what| Failure {
            place: expectation.place,
            what,
        }));
    }
    failures.extend(run.look_on(scenario.until));
    failures.sort_by_key(|failure| failure.place);
    failures
}

/// A run, and what happened in it.
struct Run {
    world: World,
    record: Record,
    steps: u64,
    most: u64,
}

/// Behind what is expected, nobody waits for more than to see whether time goes on.
const LOOK: u64 = 200_000;

/// What is said of an expectation whose moment does not come.
pub(super) fn not_reached(stop: &Stop, world: &World) -> String {
    t!("claim-not-reached", why = words::stopped(stop, world))
}

impl Run {
    fn new(world: World, most: u64) -> Self {
        Self {
            world,
            record: Record::default(),
            steps: 0,
            most,
        }
    }

    fn go_on_until(&mut self, at: Micros) -> Result<(), Stop> {
        let Self {
            world,
            record,
            steps,
            most,
        } = self;
        world.run_to(at, (steps, *most), |event, world| {
            record.note(event.kind, world);
        })
    }

    /// Whether time stands still some time after the last expectation's moment, which no file is meant to say.
    fn look_on(&mut self, until: Micros) -> Option<Failure> {
        if self.world.standstill().is_some() {
            return None; // that was told
        }
        let ended = self.world.run_to(until, (&mut 0, LOOK), |_, _| {});
        let standstill = ended
            .err()
            .filter(|stop| matches!(stop, Stop::Standstill(_)))?;
        Some(Failure {
            place: Place { line: 1, column: 1 },
            what: words::stopped(&standstill, &self.world),
        })
    }

    /// How the world now differs from what is claimed, if it does.
    fn differences(&self, claim: &Claim) -> Option<String> {
        match claim {
            Claim::Reaches {
                publication,
                queues,
            } => self.differs_in_reach(publication, queues),
            // That is for the sides' own runs.
            Claim::Side { .. } => None,
            Claim::Exists { at, name, exists } => self.differs_in_existence(*at, name, *exists),
            Claim::Order { at, line, first } => self.differs_in_order(*at, line, first),
            Claim::Queue { at, queue, .. } => {
                let subject = t!("claim-queue", at = at.to_string(), name = queue.as_str());
                self.differs_in_numbers(subject, self.queue_numbers(claim, queue))
            }
            Claim::Consumer { at, consumer, .. } => {
                let subject = t!(
                    "claim-consumer",
                    at = at.to_string(),
                    name = consumer.as_str()
                );
                self.differs_in_numbers(subject, self.consumer_numbers(claim, consumer))
            }
            Claim::Publisher { at, publisher, .. } => {
                let subject = t!(
                    "claim-publisher",
                    at = at.to_string(),
                    name = publisher.as_str()
                );
                self.differs_in_numbers(subject, self.publisher_numbers(claim, publisher))
            }
            Claim::Connection {
                at,
                connection,
                state,
            } => self.differs_in_state(*at, connection, *state),
            Claim::Broker {
                at,
                unroutable,
                returned,
                confirmed,
                nacked,
            } => {
                let subject = t!("claim-broker", at = at.to_string());
                let totals = &self.record.totals;
                let numbers = vec![
                    ("unroutable", totals.unroutable, *unroutable),
                    ("returned", totals.returned, *returned),
                    ("confirmed", totals.confirmed, *confirmed),
                    ("nacked", totals.nacked, *nacked),
                ];
                self.differs_in_numbers(subject, Some(numbers))
            }
            Claim::Died {
                at,
                queue,
                reason,
                count,
            } => {
                let subject = t!("claim-queue", at = at.to_string(), name = queue.as_str());
                let found = self.record.died(queue, *reason);
                let what = reason.map_or("died", died_of);
                self.differs_in_numbers(subject, Some(vec![(what, found, Some(*count))]))
            }
            Claim::Refused { at, code, count } => {
                let subject = t!("claim-broker", at = at.to_string());
                let found = self.record.refused.get(code).copied().unwrap_or(0);
                let what = t!("claim-refused", code = code.to_string());
                self.differs_in_numbers(subject, Some(vec![(&what, found, Some(*count))]))
            }
        }
    }

    fn queue(&self, name: &Name) -> Option<&Queue> {
        let id = self.world.definitions().queue_named(name)?;
        self.world.broker().queue(id)
    }

    fn worker(&self, name: &Name) -> Option<&Worker> {
        let mut workers = self.world.workers().iter();
        workers.find(|worker| worker.name() == name)
    }

    fn queue_numbers(&self, claim: &Claim, name: &Name) -> Option<Vec<Number<'static>>> {
        let Claim::Queue {
            ready,
            unacked,
            turned_away,
            consumers,
            ..
        } = claim
        else {
            return None;
        };
        let queue = self.queue(name)?;
        let away = self.record.turned_away.get(name).copied().unwrap_or(0);
        Some(vec![
            ("ready", queue.ready_len() as u64, *ready),
            ("unacked", queue.unacked() as u64, *unacked),
            ("turned_away", away, *turned_away),
            ("consumers", queue.consumers().len() as u64, *consumers),
        ])
    }

    fn consumer_numbers(&self, claim: &Claim, name: &Name) -> Option<Vec<Number<'static>>> {
        let Claim::Consumer {
            delivered,
            redelivered,
            acked,
            unacked,
            ..
        } = claim
        else {
            return None;
        };
        let worker = self.worker(name)?;
        let done = self.record.worker(worker.id);
        Some(vec![
            ("delivered", done.delivered, *delivered),
            ("redelivered", done.redelivered, *redelivered),
            ("acked", done.acked, *acked),
            ("unacked", self.record.held_by(worker.id), *unacked),
        ])
    }

    fn publisher_numbers(&self, claim: &Claim, name: &Name) -> Option<Vec<Number<'static>>> {
        let Claim::Publisher {
            published,
            confirmed,
            nacked,
            returned,
            ..
        } = claim
        else {
            return None;
        };
        let mut publishers = (0..).zip(self.world.publishers());
        let (index, publisher) = publishers.find(|(_, publisher)| publisher.name == *name)?;
        let learnt = self.record.publisher(PublisherId(index));
        Some(vec![
            ("published", publisher.published, *published),
            ("confirmed", learnt.confirmed, *confirmed),
            ("nacked", learnt.nacked, *nacked),
            ("returned", learnt.returned, *returned),
        ])
    }

    /// `found` is none if there is no such thing.
    fn differs_in_numbers(
        &self,
        subject: String,
        found: Option<Vec<Number<'_>>>,
    ) -> Option<String> {
        let Some(numbers) = found else {
            return Some(t!("claim-missing", subject = subject));
        };
        let claimed = numbers
            .iter()
            .filter_map(|&(what, found, claimed)| Some((what, found, claimed?)));
        let claimed: Vec<(&str, u64, u64)> = claimed.collect();
        if claimed.iter().all(|(_, found, claimed)| found == claimed) {
            return None;
        }
        let number =
            |count: u64, what: &str| t!("claim-number", count = count.to_string(), what = what);
        let found: Vec<String> = claimed
            .iter()
            .map(|&(what, found, _)| number(found, what))
            .collect();
        let wanted: Vec<String> = claimed
            .iter()
            .map(|&(what, _, wanted)| number(wanted, what))
            .collect();
        Some(t!(
            "claim-differs",
            subject = subject,
            found = found.join(", "),
            expected = wanted.join(", ")
        ))
    }

    fn differs_in_state(&self, at: Micros, name: &Name, state: Option<Throttle>) -> Option<String> {
        let mut links = self.world.links().iter();
        let link = links.find(|link| link.name == *name);
        let connection = link.and_then(|link| self.world.broker().connection(link.connection?));
        let open = connection.filter(|connection| !connection.closed);
        let found = open.map(|connection| connection.throttle);
        (found != state).then(|| {
            t!(
                "claim-state",
                at = at.to_string(),
                name = name.as_str(),
                found = state_word(found),
                expected = state_word(state)
            )
        })
    }

    fn differs_in_existence(&self, at: Micros, name: &Name, exists: bool) -> Option<String> {
        let definitions = self.world.definitions();
        let found =
            definitions.queue_named(name).is_some() || definitions.exchange_named(name).is_some();
        let (at, name) = (at.to_string(), name.as_str());
        match (found, exists) {
            (true, false) => Some(t!("claim-still-there", at = at, name = name)),
            (false, true) => Some(t!("claim-not-there", at = at, name = name)),
            _ => None,
        }
    }

    fn differs_in_order(&self, at: Micros, line: &Line, first: &Signs) -> Option<String> {
        let at = at.to_string();
        let (subject, messages) = match line {
            Line::Queue(name) => {
                let subject = t!("claim-queue", at = at, name = name.as_str());
                let messages = self.queue(name).map(|queue| {
                    let ready = queue.ready().map(|entry| entry.message.id);
                    ready.collect::<Vec<_>>()
                });
                (subject, messages)
            }
            Line::Consumer(name) => {
                let subject = t!("claim-consumer", at = at, name = name.as_str());
                let worker = self.worker(name);
                (
                    subject,
                    worker.map(|worker| self.record.worker(worker.id).received.clone()),
                )
            }
        };
        let Some(messages) = messages else {
            return Some(t!("claim-missing", subject = subject));
        };
        let publications = messages
            .iter()
            .filter_map(|message| self.record.published.get(message));
        let (found, wanted): (Vec<String>, Vec<String>) = match first {
            Signs::Keys(keys) => (
                publications
                    .map(|publication| publication.routing_key.to_string())
                    .collect(),
                keys.iter().map(Name::to_string).collect(),
            ),
            Signs::Bodies(bodies) => (
                publications
                    .map(|publication| publication.body.to_string())
                    .collect(),
                bodies.iter().map(Body::to_string).collect(),
            ),
        };
        // A few more than were asked for tell enough.
        let shown: Vec<String> = found.into_iter().take(wanted.len()).collect();
        (shown != wanted).then(|| {
            t!(
                "claim-order",
                subject = subject,
                found = in_order(&shown),
                expected = in_order(&wanted)
            )
        })
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

        let key = Keys::only(routing_key);
        let now = definitions.explain(source.id, key, &*publication.properties, 0);
        // What an exchange keeps for a while is reached all the same (E45).
        let later = now.visits.iter().filter_map(|visit| match visit.passing {
            Some(Passing::Delays(at, _)) => {
                let kept = delayed(publication);
                Some(definitions.explain(at, key, &*kept.properties, 0).queues)
            }
            _ => None,
        });
        let later: Vec<_> = later.flatten().collect();
        let reached: BTreeSet<Name> = now
            .queues
            .into_iter()
            .chain(later)
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

/// What is counted, how many there are, and how many are expected, if any number is.
type Number<'n> = (&'n str, u64, Option<u64>);

fn in_order(signs: &[String]) -> String {
    if signs.is_empty() {
        return t!("claim-no-message");
    }
    let signs: Vec<String> = signs.iter().map(|sign| format!("`{sign}`")).collect();
    signs.join(", ")
}

fn state_word(state: Option<Throttle>) -> &'static str {
    let mut words = STATES.into_iter();
    let found = words.find(|(_, one)| *one == state);
    found.map_or("closed", |(word, _)| word)
}

fn died_of(reason: DeathReason) -> &'static str {
    let mut words = DEATH_REASONS.into_iter();
    let found = words.find(|(_, one)| *one == reason);
    found.map_or("died", |(word, _)| word)
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
                users: {{ "ann": () }},
                publishers: {{
                    "web": (to: "logs", every: "1s", messages: [(key: "a.error"), (key: "b.info")]),
                    "flood": (every: burst(size: 500, every: "5s"), start: "4s", count: 1, keys: ["idle"]),
                }},
                consumers: {{
                    "pager": (queue: "errors", takes: "1s", prefetch: 1),
                    "ann": (queue: "idle", user: "ann"),
                }},
                script: [(at: "8s", alarm: disk)],
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
            (connection: "ann", state: closed),
            (at: "4399ms", connection: "flood", state: running),
            (at: "4400ms", connection: "flood", state: flow),
            (at: "4800ms", connection: "flood", state: running),
            (at: "8s", connection: "web", state: blocking),
            (at: "9s", connection: "web", state: blocked),
            (at: "9s", connection: "pager", state: blocking),
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
            (at: "4400ms", connection: "flood", state: running),
            (connection: "ann", state: running),
            (at: "1s", connection: "web", state: closed),
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
                "at 4400ms connection `flood` is flow, expected running",
                "at 10s connection `ann` is closed, expected running",
                "at 1s connection `web` is running, expected closed",
            ]
        );
    }
}
