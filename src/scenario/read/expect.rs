//! Expectations.

use std::collections::BTreeSet;

use super::message::publication;
use super::names::Names;
use crate::broker::{Micros, Name};
use crate::scenario::expect::{Claim, Expectation};
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::source::Span;
use crate::scenario::syntax::Node;
use crate::t;

pub(super) fn expectations(
    node: &Node,
    names: &Names,
    until: Micros,
    reader: &mut Reader<'_>,
) -> Vec<Expectation> {
    let items = reader.list(node, || t!("file-wanted-expectations")).iter();
    items
        .filter_map(|item| {
            let place = reader.source().place(item.span.start);
            let claim = claim(item, names, until, reader)?;
            Some(Expectation { place, claim })
        })
        .collect()
}

fn claim(node: &Node, names: &Names, until: Micros, reader: &mut Reader<'_>) -> Option<Claim> {
    let span = Span {
        end: node.span.start + 1,
        ..node.span
    };
    let mut fields = reader.fields(node, || t!("file-owner-expectation"), span)?;
    let publish = fields.get("publish");
    let queue = fields.get("queue");
    let consumer = fields.get("consumer");
    let publisher = fields.get("publisher");
    let unroutable = fields.get("unroutable");
    let subjects = [publish, queue, consumer, publisher, unroutable];
    if subjects.iter().flatten().count() != 1 {
        reader.report(span, t!("file-subject"), t!("file-subject-hint"));
        return None;
    }
    let claim = if let Some(node) = publish {
        reaches(node, &mut fields, names, reader)
    } else {
        let at = moment(&mut fields, until, reader);
        if let Some(node) = queue {
            of_queue(node, &mut fields, at, names, reader)
        } else if let Some(node) = consumer {
            of_consumer(node, &mut fields, at, names, reader)
        } else if let Some(node) = publisher {
            of_publisher(node, &mut fields, at, names, reader)
        } else {
            let count = unroutable.and_then(|node| reader.whole(node, 0..=u64::MAX));
            count.map(|count| Claim::Unroutable { at, count })
        }
    };
    reader.finish(fields);
    claim
}

/// `at`, by default the end of the run, and never after it.
fn moment(fields: &mut Fields<'_>, until: Micros, reader: &mut Reader<'_>) -> Micros {
    let Some(node) = fields.get("at") else {
        return until;
    };
    let at = reader.duration(node).unwrap_or(until);
    if at > until {
        let what = t!("file-after-end", until = until.to_string());
        reader.report(node.span, what, t!("file-after-end-hint"));
    }
    at
}

fn reaches(
    node: &Node,
    fields: &mut Fields<'_>,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<Claim> {
    let publication = publication(node, names, reader);
    let listed = reader.required(fields, "reaches", "[\"errors\"]")?;
    let mut queues = BTreeSet::new();
    for node in reader.list(listed, || t!("file-wanted-reached")) {
        let Some(name) = names.queue(node, reader) else {
            continue;
        };
        if !queues.insert(name.clone()) {
            let what = t!("file-twice", name = name.as_str());
            reader.report(node.span, what, t!("file-reached-twice-hint"));
        }
    }
    Some(Claim::Reaches {
        publication: publication?,
        queues,
    })
}

fn of_queue(
    node: &Node,
    fields: &mut Fields<'_>,
    at: Micros,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<Claim> {
    let queue = names.queue(node, reader);
    let [ready, unacked] = numbers(fields, ["ready", "unacked"], reader);
    Some(Claim::Queue {
        at,
        queue: queue?,
        ready,
        unacked,
    })
}

fn of_consumer(
    node: &Node,
    fields: &mut Fields<'_>,
    at: Micros,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<Claim> {
    let consumer: Option<Name> = names.consumer(node, reader);
    let [delivered, acked, unacked] = numbers(fields, ["delivered", "acked", "unacked"], reader);
    Some(Claim::Consumer {
        at,
        consumer: consumer?,
        delivered,
        acked,
        unacked,
    })
}

fn of_publisher(
    node: &Node,
    fields: &mut Fields<'_>,
    at: Micros,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<Claim> {
    let publisher = names.publisher(node, reader);
    let [published] = numbers(fields, ["published"], reader);
    Some(Claim::Publisher {
        at,
        publisher: publisher?,
        published: published?,
    })
}

/// The numbers that are written, of which there must be at least one.
fn numbers<const N: usize>(
    fields: &mut Fields<'_>,
    which: [&'static str; N],
    reader: &mut Reader<'_>,
) -> [Option<u64>; N] {
    let nodes = which.map(|name| fields.get(name));
    if nodes.iter().all(Option::is_none) {
        let known = which.map(|name| format!("`{name}`")).join(", ");
        let hint = t!("file-expects-nothing-hint", fields = known);
        reader.report(fields.span, t!("file-expects-nothing"), hint);
    }
    nodes.map(|node| node.and_then(|node| reader.whole(node, 0..=u64::MAX)))
}
