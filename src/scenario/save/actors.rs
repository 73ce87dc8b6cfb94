//! Publishers and consumers, and the messages they are about.

use super::text::{Fields, duration, quoted, table};
use crate::broker::{Body, Micros, Properties};
use crate::scenario::read::DEFAULT_SERVICE;
use crate::world::{ConsumerSetup, OnFailure, Pace, PublisherSetup, Service};

pub(super) fn publisher(publisher: &PublisherSetup) -> String {
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

pub(super) fn consumer(consumer: &ConsumerSetup) -> String {
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

pub(super) fn content(body: &Body, properties: &Properties, fields: &mut Fields) {
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
