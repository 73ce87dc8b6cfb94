//! Consumers.

use super::arguments::arguments;
use super::message::wanted_key;
use super::method::by_hand;
use super::names::Names;
use super::publisher::{connection_name, single};
use crate::broker::{Micros, Name};
use crate::scenario::arguments::OF_CONSUMERS;
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::syntax::{Entry, Node, NodeKind};
use crate::t;
use crate::world::{ConsumerSetup, OnFailure, Onward, ServiceTime};

/// How long a consumer works where nothing is said.
pub(in crate::scenario) const DEFAULT_SERVICE: ServiceTime =
    ServiceTime::Fixed(Micros::from_secs(1));

pub(super) fn consumer(
    name: Name,
    entry: &Entry,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<ConsumerSetup> {
    let mut fields = reader.fields(&entry.value, || t!("file-owner-consumer"), entry.name_span)?;
    let queue = reader.required(&mut fields, "queue", "\"errors\"");
    let queue = queue.and_then(|node| names.consumed(node, reader));
    let prefetch = fields
        .get("prefetch")
        .and_then(|node| reader.whole(node, 0..=u16::MAX.into()));
    let ack = by_hand(&mut fields, reader);
    let takes = fields.get("takes");
    let service = takes
        .and_then(|node| service(node, reader))
        .unwrap_or(DEFAULT_SERVICE);
    let failure_rate = fields
        .get("fails")
        .and_then(|node| reader.share(node))
        .unwrap_or(0.0);
    let on_failure = on_failure(&mut fields, ack, reader);
    let latency = fields.get("latency").and_then(|node| reader.duration(node));
    let start = fields
        .get("start")
        .and_then(|node| reader.duration(node))
        .unwrap_or_default();
    let connection = fields.get("connection");
    let connection = connection.and_then(|node| connection_name(node, reader));
    let user = fields.get("user").and_then(|node| names.user(node, reader));
    let fails_on = fields.get("fails_on");
    let fails_on = fails_on.and_then(|node| reader.name(node, || t!("file-wanted-fails-on")));
    let mut span = |name| {
        let node = fields.get(name)?;
        reader.positive_duration(node)
    };
    let (polls, reconnect) = (span("polls"), span("reconnect"));
    let publishes = onward(&mut fields, names, reader);
    let exclusive = reader.flag_in(&mut fields, "exclusive");
    let global_prefetch = reader.flag_in(&mut fields, "global_prefetch");
    let arguments = arguments(&mut fields, OF_CONSUMERS, names, reader);
    reader.finish(fields);
    Some(ConsumerSetup {
        name,
        queue: queue?,
        prefetch: prefetch
            .and_then(|most| u16::try_from(most).ok())
            .unwrap_or_default(),
        ack,
        service,
        failure_rate,
        on_failure,
        latency,
        start,
        connection,
        user,
        exclusive,
        global_prefetch,
        arguments,
        fails_on,
        polls,
        publishes,
        reconnect,
        ..ConsumerSetup::default()
    })
}

/// `publishes: (to: "results", key: "done")` or `replies: "pong"`.
fn onward(fields: &mut Fields<'_>, names: &Names, reader: &mut Reader<'_>) -> Option<Onward> {
    let (publishes, replies) = (fields.entry("publishes"), fields.entry("replies"));
    let Some(publishes) = publishes else {
        let body = reader.text(&replies?.value, || t!("file-wanted-body"))?;
        return Some(Onward::Reply { body: body.into() });
    };
    if let Some(replies) = replies {
        reader.report(
            replies.name_span,
            t!("file-publishes-and-replies"),
            t!("file-publishes-and-replies-hint"),
        );
    }
    let owner = || t!("file-owner-onward");
    let mut inner = reader.fields(&publishes.value, owner, publishes.name_span)?;
    let to = inner.get("to");
    let exchange = to.map(|node| names.open_exchange(node, reader));
    let key = inner.get("key");
    let key = key.map(|node| reader.name(node, wanted_key));
    reader.finish(inner);
    Some(Onward::To {
        exchange: exchange.map_or(Some(Name::default()), |found| found)?,
        key: key.map_or(Some(None), |found| found.map(Some))?,
    })
}

fn on_failure(fields: &mut Fields<'_>, ack: bool, reader: &mut Reader<'_>) -> OnFailure {
    const CHOICES: [(&str, OnFailure); 4] = [
        ("requeue", OnFailure::Requeue),
        ("reject_requeue", OnFailure::RejectBack),
        ("reject", OnFailure::Reject),
        ("crash", OnFailure::Crash),
    ];
    let Some(entry) = fields.entry("on_failure") else {
        return OnFailure::default();
    };
    let chosen = reader.choice(&entry.value, &CHOICES, |found| {
        t!("file-no-on-failure", found = found)
    });
    if !ack && chosen.is_some_and(|chosen| chosen != OnFailure::Crash) {
        reader.report(
            entry.name_span,
            t!("file-on-failure"),
            t!("file-on-failure-hint"),
        );
    }
    chosen.unwrap_or_default()
}

/// `"1s"`, `between("500ms", "2s")` or `random("1s")`.
pub(super) fn service(node: &Node, reader: &mut Reader<'_>) -> Option<ServiceTime> {
    match &node.kind {
        NodeKind::Call(word, inner) if word == "random" => {
            let mean = single(inner, reader)?;
            reader.positive_duration(mean).map(ServiceTime::Random)
        }
        NodeKind::Call(word, inner) if word == "between" => between(inner, reader),
        NodeKind::Call(..) => {
            reader.wrong_type(node, || t!("file-wanted-takes"));
            None
        }
        _ => reader.duration(node).map(ServiceTime::Fixed),
    }
}

fn between(inner: &Node, reader: &mut Reader<'_>) -> Option<ServiceTime> {
    let NodeKind::Group(items) = &inner.kind else {
        reader.wrong_type(inner, || t!("file-wanted-two-durations"));
        return None;
    };
    let [least, most] = items.as_slice() else {
        reader.report(
            inner.span,
            t!("file-two-durations"),
            t!("file-two-durations-hint"),
        );
        return None;
    };
    let (from, to) = (reader.duration(least), reader.duration(most));
    let (from, to) = (from?, to?);
    if from > to {
        reader.report(
            inner.span,
            t!("file-between", from = from.to_string(), to = to.to_string()),
            t!("file-between-hint"),
        );
        return None;
    }
    Some(ServiceTime::Between(from, to))
}
