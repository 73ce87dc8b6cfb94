//! Publishers and consumers, and the messages they are about.

use super::text::{Fields, duration, quoted, table};
use super::topology::Known;
use crate::broker::{Body, Micros, Properties};
use crate::scenario::arguments::OF_CONSUMERS;
use crate::scenario::read::DEFAULT_SERVICE;
use crate::world::{ConsumerSetup, OnFailure, Onward, Pace, PublisherSetup, ServiceTime};

pub(super) fn publisher(publisher: &PublisherSetup) -> String {
    let mut fields = Fields::default();
    if !publisher.exchange.is_empty() {
        fields.add("to", quoted(&publisher.exchange));
    }
    let scripted = publisher.pace == Pace::Script;
    pace(&publisher.pace, &mut fields);
    fields.add_some("latency", publisher.latency.map(duration));
    let connection = publisher.connection.as_ref();
    fields.add_some("connection", connection.map(|name| quoted(name)));
    fields.add_some("user", publisher.user.as_ref().map(|name| quoted(name)));
    fields.add_flag("confirms", publisher.confirms);
    // It means nothing without.
    fields.add_flag("republish", publisher.confirms && publisher.republish);
    fields.add_flag("mandatory", publisher.mandatory);
    if publisher.transaction != 0 {
        fields.add("transaction", publisher.transaction);
    }
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

pub(super) fn takes(time: ServiceTime) -> String {
    match time {
        ServiceTime::Fixed(time) => duration(time),
        ServiceTime::Between(least, most) => {
            format!("between({}, {})", duration(least), duration(most))
        }
        ServiceTime::Random(mean) => format!("random({})", duration(mean)),
    }
}

pub(super) fn consumer(consumer: &ConsumerSetup, known: &Known<'_>) -> String {
    let mut fields = Fields::default();
    fields.add("queue", quoted(&consumer.queue));
    if consumer.service != DEFAULT_SERVICE {
        fields.add("takes", takes(consumer.service));
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
    fields.add_some(
        "fails_on",
        consumer.fails_on.as_ref().map(|key| quoted(key)),
    );
    match consumer.on_failure {
        OnFailure::Crash => fields.add("on_failure", "crash"),
        OnFailure::Reject if consumer.ack => fields.add("on_failure", "reject"),
        OnFailure::RejectBack if consumer.ack => fields.add("on_failure", "reject_requeue"),
        OnFailure::Reject | OnFailure::RejectBack | OnFailure::Requeue => {}
    }
    fields.add_some("reconnect", consumer.reconnect.map(duration));
    match &consumer.publishes {
        Some(Onward::To { exchange, key }) => {
            let mut inner = Fields::default();
            inner.add("to", quoted(exchange));
            inner.add_some("key", key.as_ref().map(|key| quoted(key)));
            fields.add("publishes", inner.in_brackets());
        }
        Some(Onward::Reply { body }) => fields.add("replies", quoted(&body.to_string())),
        None => {}
    }
    let connection = consumer.connection.as_ref();
    fields.add_some("connection", connection.map(|name| quoted(name)));
    fields.add_some("user", consumer.user.as_ref().map(|name| quoted(name)));
    fields.add_flag("exclusive", consumer.exclusive);
    fields.add_flag("global_prefetch", consumer.global_prefetch);
    known.arguments(&consumer.arguments, OF_CONSUMERS, &mut fields);
    fields.add_some("polls", consumer.polls.map(duration));
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
    if properties.is_persistent() {
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
