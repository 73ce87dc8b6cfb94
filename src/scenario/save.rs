//! From a scenario to a file that a person can read and go on writing.
//!
//! What has its default value is left out. Comments of the file it came from are lost.

use std::fmt::Write;

use super::expect::Claim;
use super::read::{DEFAULT_SERVICE, DEFAULT_UNTIL};
use super::words::Words;
use super::{Scenario, VERSION};
use crate::broker::{Body, Micros, Properties, Table, Value};
use crate::world::{
    BindingSetup, ConsumerSetup, DestinationSetup, Latency, OnFailure, Pace, PublisherSetup,
    Service, Setup,
};

impl Scenario {
    /// The scenario as a file.
    pub fn to_ron(&self) -> String {
        let mut file = Section::new();
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
        format!("(\n{})\n", file.text)
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

/// The lines inside a bracket.
struct Section {
    text: String,
}

impl Section {
    fn new() -> Self {
        Self {
            text: String::new(),
        }
    }

    fn line(&mut self, name: &str, value: impl std::fmt::Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "    {name}: {value},");
    }

    /// One item a line; nothing if there are none.
    fn block(&mut self, name: &str, open: char, items: impl Iterator<Item = String>) {
        let close = if open == '[' { ']' } else { '}' };
        let lines: String = items.map(|item| format!("        {item},\n")).collect();
        if !lines.is_empty() {
            self.line(name, format_args!("{open}\n{lines}    {close}"));
        }
    }
}

/// `name: value, …` for the inside of a bracket, in the order they are added.
#[derive(Default)]
struct Fields(Vec<String>);

impl Fields {
    fn add(&mut self, name: &str, value: impl std::fmt::Display) {
        self.0.push(format!("{name}: {value}"));
    }

    fn add_some(&mut self, name: &str, value: Option<impl std::fmt::Display>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    fn in_brackets(self) -> String {
        format!("({})", self.0.join(", "))
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

fn publisher(publisher: &PublisherSetup) -> String {
    let mut fields = Fields::default();
    if !publisher.exchange.is_empty() {
        fields.add("to", quoted(&publisher.exchange));
    }
    let scripted = publisher.pace == Pace::Script;
    pace(&publisher.pace, &mut fields);
    fields.add_some("latency", publisher.latency.map(duration));
    let messages = publisher.messages.iter().map(|message| {
        let mut fields = Fields::default();
        if scripted {
            fields.add("at", duration(message.at));
        }
        fields.add_some("to", message.exchange.as_ref().map(|name| quoted(name)));
        fields.add("key", quoted(&message.key));
        content(&message.body, &message.properties, &mut fields);
        format!("            {},\n", fields.in_brackets())
    });
    fields.add(
        "messages",
        format!("[\n{}        ]", messages.collect::<String>()),
    );
    format!("{}: {}", quoted(&publisher.name), fields.in_brackets())
}

fn pace(pace: &Pace, fields: &mut Fields) {
    let (every, start, count) = match *pace {
        Pace::Even {
            every,
            start,
            count,
        } => (duration(every), start, count),
        Pace::Random {
            every,
            start,
            count,
        } => (format!("random({})", duration(every)), start, count),
        Pace::Burst {
            every,
            size,
            gap,
            start,
            count,
        } => {
            let (gap, every) = (duration(gap), duration(every));
            (
                format!("burst(size: {size}, gap: {gap}, every: {every})"),
                start,
                count,
            )
        }
        Pace::Script => return,
    };
    fields.add("every", every);
    if start != Micros::ZERO {
        fields.add("start", duration(start));
    }
    fields.add_some("count", count);
}

fn consumer(consumer: &ConsumerSetup) -> String {
    let mut fields = Fields::default();
    fields.add("queue", quoted(&consumer.queue));
    if consumer.service != DEFAULT_SERVICE {
        fields.add(
            "takes",
            match consumer.service {
                Service::Fixed(time) => duration(time),
                Service::Between(least, most) => {
                    format!("between({}, {})", duration(least), duration(most))
                }
                Service::Random(mean) => format!("random({})", duration(mean)),
            },
        );
    }
    if consumer.prefetch != 0 {
        fields.add("prefetch", consumer.prefetch);
    }
    if !consumer.ack {
        fields.add("ack", "auto");
    }
    if consumer.failure_rate != 0.0 {
        fields.add("fails", consumer.failure_rate);
    }
    if consumer.ack && consumer.on_failure == OnFailure::Reject {
        fields.add("on_failure", "reject");
    }
    fields.add_some("latency", consumer.latency.map(duration));
    if consumer.start != Micros::ZERO {
        fields.add("start", duration(consumer.start));
    }
    format!("{}: {}", quoted(&consumer.name), fields.in_brackets())
}

fn content(body: &Body, properties: &Properties, fields: &mut Fields) {
    if !body.as_bytes().is_empty() {
        fields.add("body", quoted(&body.to_string()));
    }
    if !properties.headers.is_empty() {
        fields.add("headers", table(&properties.headers));
    }
    if properties.persistent {
        fields.add("persistent", true);
    }
    fields.add_some("priority", properties.priority);
    fields.add_some("timestamp", properties.timestamp);
    for (name, value) in [
        ("content_type", &properties.content_type),
        ("content_encoding", &properties.content_encoding),
        ("correlation_id", &properties.correlation_id),
        ("reply_to", &properties.reply_to),
        ("expiration", &properties.expiration),
        ("message_id", &properties.message_id),
        ("type", &properties.kind),
        ("user_id", &properties.user_id),
        ("app_id", &properties.app_id),
    ] {
        fields.add_some(name, value.as_ref().map(|name| quoted(name)));
    }
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

fn words(words: &Words) -> String {
    if let Some(text) = words.alone() {
        return quoted(text);
    }
    let texts = words
        .iter()
        .map(|(tag, text)| format!("{}: {}", quoted(tag), quoted(text)));
    format!("{{{}}}", texts.collect::<Vec<_>>().join(", "))
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

fn duration(duration: Micros) -> String {
    format!("\"{duration}\"")
}

fn table(table: &Table) -> String {
    Value::Table(table.clone()).to_string()
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.extend(c.escape_unicode()),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
