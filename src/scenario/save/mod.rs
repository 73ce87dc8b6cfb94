//! From a scenario to a file that a person can read and go on writing.
//!
//! What has its default value is left out. Comments of the file it came from are lost.

mod actors;
mod compare;
mod script;
mod text;
mod topology;

pub(super) use text::quoted;

use self::actors::{consumer, content, publisher};
use self::script::{act, policy, user};
use self::text::{Fields, Section, duration, words};
use self::topology::{Known, mover};
use super::expect::{Claim, Line, Signs};
use super::measured::{Unit, unit};
use super::read::{DEATH_REASONS, DEFAULT_UNTIL, SIDES, STATES};
use super::{Scenario, VERSION};
use crate::broker::{Micros, Name, Profile};
use crate::compare::Comparison;
use crate::world::{Latency, Setup};

impl Scenario {
    /// The scenario as a file.
    pub fn to_ron(&self) -> String {
        let mut file = Section::default();
        file.line("version", VERSION);
        for (name, text) in [
            ("title", &self.title),
            ("teaches", &self.teaches),
            ("about", &self.about),
        ] {
            // Without a title there would be the file's name.
            if !text.is_empty() || name == "title" {
                file.line(name, words(text));
            }
        }
        if self.setup.profile != Profile::default() {
            file.line("profile", quoted(self.setup.profile.as_str()));
        }
        if self.setup.vhost != Setup::default().vhost {
            file.line("vhost", quoted(&self.setup.vhost));
        }
        if self.setup.seed != 0 {
            file.line("seed", self.setup.seed);
        }
        let workload = self.comparison.as_ref().map(|it| &it.workload);
        let usual = workload.map_or(DEFAULT_UNTIL, Comparison::usual_until);
        // Of what nobody acts in, only the end that is given is one.
        let is_idle = workload.is_none() && !self.setup.acts_by_itself();
        if !self.open && (is_idle || self.until != usual) {
            file.line("until", duration(self.until));
        }
        match &self.comparison {
            Some(comparison) => {
                compare::lesson(&self.lesson, &mut file);
                compare::comparison(comparison, &mut file);
            }
            None => self.setup.write(&mut file),
        }
        let expect = self.expect.iter();
        file.block(
            "expect",
            '[',
            expect.map(|expectation| claim(&expectation.claim, self.until)),
        );
        format!("(\n{})\n", file.lines())
    }
}

impl Setup {
    fn write(&self, file: &mut Section) {
        if self.latency != Latency::default() {
            file.line("latency", latency(self.latency));
        }
        let known = Known::of(self);
        known.exchanges_in(&self.exchanges, file);
        known.queues_in(&self.queues, file);
        known.bindings_in(&self.bindings, file);
        for (name, operator) in [("policies", false), ("operator_policies", true)] {
            let policies = self.policies.iter();
            let policies = policies.filter(|policy| policy.operator == operator);
            file.block(name, '{', policies.map(policy));
        }
        file.block("movers", '[', self.movers.iter().map(mover));
        file.block("users", '{', self.users.iter().map(user));
        file.block("publishers", '{', self.publishers.iter().map(publisher));
        let consumers = self.consumers.iter();
        file.block(
            "consumers",
            '{',
            consumers.map(|each| consumer(each, &known)),
        );
        let script = self.script.iter();
        file.block("script", '[', script.map(|each| act(each, &known)));
    }
}

fn latency(latency: Latency) -> String {
    let mut fields = Fields::default();
    let Latency {
        publish,
        route,
        deliver,
        ack,
        confirm,
        dead_letter,
        write,
        http: _, // nobody calls in such a file
    } = latency;
    fields.add("publish", duration(publish));
    fields.add("route", duration(route));
    fields.add("deliver", duration(deliver));
    fields.add("ack", duration(ack));
    fields.add("confirm", duration(confirm));
    fields.add("dead_letter", duration(dead_letter));
    fields.add("write", duration(write));
    fields.in_brackets()
}

fn claim(claim: &Claim, until: Micros) -> String {
    let mut fields = Fields::default();
    fields.add_some("at", claim.at().filter(|at| *at != until).map(duration));
    match claim {
        Claim::Reaches {
            publication,
            queues,
        } => {
            let mut publish = Fields::default();
            publish.add("to", quoted(&publication.exchange));
            publish.add("key", quoted(&publication.routing_key));
            content(&publication.body, &publication.properties, &mut publish);
            fields.add("publish", publish.in_brackets());
            fields.add("reaches", list(queues));
        }
        Claim::Queue {
            queue,
            ready,
            unacked,
            turned_away,
            consumers,
            ..
        } => {
            fields.add("queue", quoted(queue));
            fields.add_some("ready", *ready);
            fields.add_some("unacked", *unacked);
            fields.add_some("turned_away", *turned_away);
            fields.add_some("consumers", *consumers);
        }
        Claim::Consumer {
            consumer,
            delivered,
            redelivered,
            acked,
            unacked,
            ..
        } => {
            fields.add("consumer", quoted(consumer));
            fields.add_some("delivered", *delivered);
            fields.add_some("redelivered", *redelivered);
            fields.add_some("acked", *acked);
            fields.add_some("unacked", *unacked);
        }
        Claim::Publisher {
            publisher,
            published,
            confirmed,
            nacked,
            returned,
            ..
        } => {
            fields.add("publisher", quoted(publisher));
            fields.add_some("published", *published);
            fields.add_some("confirmed", *confirmed);
            fields.add_some("nacked", *nacked);
            fields.add_some("returned", *returned);
        }
        Claim::Connection {
            connection, state, ..
        } => {
            fields.add("connection", quoted(connection));
            let word = STATES.iter().find(|(_, one)| one == state);
            fields.add_some("state", word.map(|(word, _)| *word));
        }
        Claim::Broker {
            unroutable,
            returned,
            confirmed,
            nacked,
            ..
        } => {
            fields.add_some("unroutable", *unroutable);
            fields.add_some("returned", *returned);
            fields.add_some("confirmed", *confirmed);
            fields.add_some("nacked", *nacked);
        }
        Claim::Died {
            queue,
            reason,
            count,
            ..
        } => {
            let mut died = Fields::default();
            died.add("queue", quoted(queue));
            let word = reason.and_then(|reason| {
                let mut words = DEATH_REASONS.iter();
                words.find(|(_, one)| *one == reason)
            });
            died.add_some("reason", word.map(|(word, _)| *word));
            died.add("count", count);
            fields.add("died", died.in_brackets());
        }
        Claim::Order { line, first, .. } => {
            let mut order = Fields::default();
            match line {
                Line::Queue(name) => order.add("queue", quoted(name)),
                Line::Consumer(name) => order.add("consumer", quoted(name)),
            }
            match first {
                Signs::Keys(keys) => order.add("keys", list(keys)),
                Signs::Bodies(bodies) => {
                    let bodies = bodies.iter().map(|body| Name::from(body.to_string()));
                    order.add("bodies", list(&bodies.collect::<Vec<_>>()));
                }
            }
            fields.add("order", order.in_brackets());
        }
        Claim::Refused { code, count, .. } => {
            let mut refused = Fields::default();
            refused.add("code", code.number());
            refused.add("count", count);
            fields.add("refused", refused.in_brackets());
        }
        Claim::Side {
            side,
            service,
            numbers,
            ..
        } => {
            let word = SIDES.iter().find(|(_, one)| one == side);
            fields.add_some("side", word.map(|(word, _)| *word));
            fields.add_some("service", service.as_ref().map(|name| quoted(name)));
            for bounds in numbers {
                let unit = unit(bounds.name, service.is_some());
                let number = |number: u64| match unit {
                    Unit::Time => duration(Micros(number)),
                    Unit::Count | Unit::Mean => unit.write(number),
                };
                let (least, most) = (number(bounds.least), number(bounds.most));
                match bounds.least == bounds.most {
                    true => fields.add(bounds.name, least),
                    false => fields.add(bounds.name, format_args!("({least}, {most})")),
                }
            }
        }
        Claim::Exists { name, exists, .. } => {
            fields.add(if *exists { "exists" } else { "gone" }, quoted(name));
        }
    }
    fields.in_brackets()
}

fn list<'n>(names: impl IntoIterator<Item = &'n Name>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| quoted(name)).collect();
    format!("[{}]", names.join(", "))
}
