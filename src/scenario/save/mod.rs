//! From a scenario to a file that a person can read and go on writing.
//!
//! What has its default value is left out. Comments of the file it came from are lost.

mod actors;
mod text;

use self::actors::{consumer, content, publisher};
use self::text::{Fields, Section, duration, quoted, table, words};
use super::expect::Claim;
use super::read::DEFAULT_UNTIL;
use super::{Scenario, VERSION};
use crate::broker::Micros;
use crate::world::{BindingSetup, DestinationSetup, Latency, Setup};

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
        if self.setup.seed != 0 {
            file.line("seed", self.setup.seed);
        }
        if self.until != DEFAULT_UNTIL {
            file.line("until", duration(self.until));
        }
        if self.setup.latency != Latency::default() {
            file.line("latency", latency(self.setup.latency));
        }
        self.setup.write(&mut file);
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
        let exchanges = self.exchanges.iter();
        let exchanges =
            exchanges.map(|exchange| format!("{}: {}", quoted(&exchange.name), exchange.kind));
        file.block("exchanges", '{', exchanges);
        let queues = self.queues.iter().map(|queue| quoted(&queue.name));
        file.block("queues", '[', queues);
        file.block(
            "bindings",
            '[',
            self.bindings.iter().map(|each| binding(each, self)),
        );
        file.block("publishers", '{', self.publishers.iter().map(publisher));
        file.block("consumers", '{', self.consumers.iter().map(consumer));
    }
}

fn binding(binding: &BindingSetup, setup: &Setup) -> String {
    let mut fields = Fields::default();
    fields.add("from", quoted(&binding.source));
    let (name, exact) = match &binding.destination {
        DestinationSetup::Queue(name) => (name, "to_queue"),
        DestinationSetup::Exchange(name) => (name, "to_exchange"),
    };
    let is_queue = setup.queues.iter().any(|queue| queue.name == *name);
    let is_exchange = name.starts_with("amq.")
        || setup
            .exchanges
            .iter()
            .any(|exchange| exchange.name == *name);
    fields.add(
        if is_queue && is_exchange { exact } else { "to" },
        quoted(name),
    );
    fields.add("key", quoted(&binding.key));
    if !binding.arguments.is_empty() {
        fields.add("arguments", table(&binding.arguments));
    }
    fields.add_some("latency", binding.latency.map(duration));
    fields.in_brackets()
}

fn latency(latency: Latency) -> String {
    let mut fields = Fields::default();
    let Latency {
        publish,
        route,
        deliver,
        ack,
    } = latency;
    fields.add("publish", duration(publish));
    fields.add("route", duration(route));
    fields.add("deliver", duration(deliver));
    fields.add("ack", duration(ack));
    fields.in_brackets()
}

fn claim(claim: &Claim, until: Micros) -> String {
    let mut fields = Fields::default();
    let moment = |at: Micros| (at != until).then(|| duration(at));
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
            let queues: Vec<String> = queues.iter().map(|name| quoted(name)).collect();
            fields.add("reaches", format_args!("[{}]", queues.join(", ")));
        }
        Claim::Queue {
            at,
            queue,
            ready,
            unacked,
        } => {
            fields.add_some("at", moment(*at));
            fields.add("queue", quoted(queue));
            fields.add_some("ready", *ready);
            fields.add_some("unacked", *unacked);
        }
        Claim::Consumer {
            at,
            consumer,
            delivered,
            acked,
            unacked,
        } => {
            fields.add_some("at", moment(*at));
            fields.add("consumer", quoted(consumer));
            fields.add_some("delivered", *delivered);
            fields.add_some("acked", *acked);
            fields.add_some("unacked", *unacked);
        }
        Claim::Publisher {
            at,
            publisher,
            published,
        } => {
            fields.add_some("at", moment(*at));
            fields.add("publisher", quoted(publisher));
            fields.add("published", published);
        }
        Claim::Unroutable { at, count } => {
            fields.add_some("at", moment(*at));
            fields.add("unroutable", count);
        }
    }
    fields.in_brackets()
}
