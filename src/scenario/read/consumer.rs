//! Consumers.

use super::names::Names;
use super::publisher::single;
use crate::broker::{Micros, Name};
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::syntax::{Entry, Node, NodeKind};
use crate::t;
use crate::world::{ConsumerSetup, OnFailure, Service};

/// How long a consumer works where nothing is said.
pub(in crate::scenario) const DEFAULT_SERVICE: Service = Service::Fixed(Micros::from_secs(1));

pub(super) fn consumer(
    name: Name,
    entry: &Entry,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<ConsumerSetup> {
    let mut fields = reader.fields(&entry.value, || t!("file-owner-consumer"), entry.name_span)?;
    let queue = reader.required(&mut fields, "queue", "\"errors\"");
    let queue = queue.and_then(|node| names.queue(node, reader));
    let prefetch = fields
        .get("prefetch")
        .and_then(|node| reader.whole(node, 0..=u16::MAX.into()));
    let ack = fields.get("ack").and_then(|node| {
        reader.choice(node, &[("manual", true), ("auto", false)], |found| {
            t!("file-no-ack", found = found)
        })
    });
    let ack = ack.unwrap_or(true);
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
    })
}

fn on_failure(fields: &mut Fields<'_>, ack: bool, reader: &mut Reader<'_>) -> OnFailure {
    const CHOICES: [(&str, OnFailure); 2] = [
        ("requeue", OnFailure::Requeue),
        ("reject", OnFailure::Reject),
    ];
    let Some(entry) = fields.entry("on_failure") else {
        return OnFailure::default();
    };
    if !ack {
        reader.report(
            entry.name_span,
            t!("file-on-failure"),
            t!("file-on-failure-hint"),
        );
    }
    reader
        .choice(&entry.value, &CHOICES, |found| {
            t!("file-no-on-failure", found = found)
        })
        .unwrap_or_default()
}

/// `"1s"`, `between("500ms", "2s")` or `random("1s")`.
fn service(node: &Node, reader: &mut Reader<'_>) -> Option<Service> {
    match &node.kind {
        NodeKind::Call(word, inner) if word == "random" => {
            let mean = single(inner, reader)?;
            reader.positive_duration(mean).map(Service::Random)
        }
        NodeKind::Call(word, inner) if word == "between" => between(inner, reader),
        NodeKind::Call(..) => {
            reader.wrong_type(node, || t!("file-wanted-takes"));
            None
        }
        _ => reader.duration(node).map(Service::Fixed),
    }
}

fn between(inner: &Node, reader: &mut Reader<'_>) -> Option<Service> {
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
    Some(Service::Between(from, to))
}
