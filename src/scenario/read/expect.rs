//! Expectations.

use std::collections::BTreeSet;

use super::measured;
use super::message::{publication, wanted_key};
use super::names::Names;
use crate::broker::{Body, DeathReason, Micros, Name, ReplyCode, Throttle};
use crate::compare::Comparison;
use crate::scenario::expect::{Claim, Expectation, Line, Signs};
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::source::Span;
use crate::scenario::syntax::{Entry, Node};
use crate::t;

pub(super) fn expectations(
    node: &Node,
    names: &Names,
    until: Micros,
    comparison: Option<&Comparison>,
    reader: &mut Reader<'_>,
) -> Vec<Expectation> {
    let items = reader.list(node, || t!("file-wanted-expectations")).iter();
    items
        .filter_map(|item| {
            let place = reader.source().place(item.span.start);
            let claim = claim(item, names, until, comparison, reader)?;
            Some(Expectation { place, claim })
        })
        .collect()
}

fn claim(
    node: &Node,
    names: &Names,
    until: Micros,
    comparison: Option<&Comparison>,
    reader: &mut Reader<'_>,
) -> Option<Claim> {
    let span = Span {
        end: node.span.start + 1,
        ..node.span
    };
    let mut fields = reader.fields(node, || t!("file-owner-expectation"), span)?;
    if let Some(side) = fields.entry("side") {
        let at = moment(&mut fields, until, reader);
        let claim = measured::claim(side, &mut fields, at, comparison, reader);
        reader.finish(fields);
        return claim;
    }
    let about: Vec<&str> = SUBJECTS
        .into_iter()
        .filter(|name| fields.get(name).is_some())
        .collect();
    // What is counted of all messages stands alone; some of it can be said of a publisher too.
    let counted: Vec<&str> = TOTALS
        .into_iter()
        .filter(|name| fields.get(name).is_some())
        .collect();
    let claim = match (about.as_slice(), counted.as_slice()) {
        ([about], counted)
            if counted.is_empty() || *about == "publisher" && !counted.contains(&"unroutable") =>
        {
            let entry = fields.entry(about)?;
            claim_about(entry, &mut fields, names, until, reader)
        }
        ([], [_, ..]) => totals(&mut fields, until, reader),
        _ => {
            reader.report(span, t!("file-subject"), t!("file-subject-hint"));
            return None;
        }
    };
    reader.finish(fields);
    claim
}

/// What an expectation may be about.
const SUBJECTS: [&str; 10] = [
    "publish",
    "queue",
    "consumer",
    "publisher",
    "connection",
    "died",
    "order",
    "refused",
    "exists",
    "gone",
];

/// What is counted of all messages.
const TOTALS: [&str; 4] = ["unroutable", "returned", "confirmed", "nacked"];

fn claim_about(
    entry: &Entry,
    fields: &mut Fields<'_>,
    names: &Names,
    until: Micros,
    reader: &mut Reader<'_>,
) -> Option<Claim> {
    let node = &entry.value;
    if entry.name == "publish" {
        return reaches(entry, fields, names, reader);
    }
    let at = moment(fields, until, reader);
    match entry.name.as_str() {
        "queue" => of_queue(node, fields, at, names, reader),
        "consumer" => of_consumer(node, fields, at, names, reader),
        "publisher" => of_publisher(node, fields, at, names, reader),
        "connection" => of_connection(node, fields, at, names, reader),
        "died" => died(entry, at, names, reader),
        "order" => order(entry, at, names, reader),
        "refused" => refused(entry, at, reader),
        about => Some(Claim::Exists {
            at,
            name: names.entity(node, reader)?,
            exists: about == "exists",
        }),
    }
}

fn totals(fields: &mut Fields<'_>, until: Micros, reader: &mut Reader<'_>) -> Option<Claim> {
    let at = moment(fields, until, reader);
    let [unroutable, returned, confirmed, nacked] = numbers(fields, TOTALS, reader);
    Some(Claim::Broker {
        at,
        unroutable,
        returned,
        confirmed,
        nacked,
    })
}

/// `died: (queue: "work", reason: expired, count: 3)`.
fn died(entry: &Entry, at: Micros, names: &Names, reader: &mut Reader<'_>) -> Option<Claim> {
    let owner = || t!("file-owner-expectation");
    let mut fields = reader.fields(&entry.value, owner, entry.name_span)?;
    let queue = reader.required(&mut fields, "queue", "\"work\"");
    let queue = queue.and_then(|node| names.queue(node, reader));
    let reasons = DEATH_REASONS;
    let reason = fields
        .get("reason")
        .map(|node| reader.choice(node, &reasons, |found| t!("file-no-reason", found = found)));
    let count = count(&mut fields, reader);
    reader.finish(fields);
    Some(Claim::Died {
        at,
        queue: queue?,
        reason: reason.map_or(Some(None), |found| found.map(Some))?,
        count: count?,
    })
}

/// Why a message dies, as the `x-death` header has it (D1, D7).
pub(in crate::scenario) const DEATH_REASONS: [(&str, DeathReason); 4] = [
    ("rejected", DeathReason::Rejected),
    ("expired", DeathReason::Expired),
    ("maxlen", DeathReason::MaxLen),
    ("delivery_limit", DeathReason::DeliveryLimit),
];

fn count(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> Option<u64> {
    let node = reader.required(fields, "count", "3")?;
    reader.whole(node, 0..=u64::MAX)
}

/// `order: (consumer: "pager", bodies: ["a", "b"])`.
fn order(entry: &Entry, at: Micros, names: &Names, reader: &mut Reader<'_>) -> Option<Claim> {
    let owner = || t!("file-owner-expectation");
    let mut fields = reader.fields(&entry.value, owner, entry.name_span)?;
    let line = match (fields.get("queue"), fields.get("consumer")) {
        (Some(node), None) => names.queue(node, reader).map(Line::Queue),
        (None, Some(node)) => names.consumer(node, reader).map(Line::Consumer),
        _ => {
            reader.report(entry.name_span, t!("file-order"), t!("file-order-hint"));
            None
        }
    };
    let first = match (fields.get("keys"), fields.get("bodies")) {
        (Some(node), None) => {
            let keys = reader.list(node, || t!("file-wanted-keys")).iter();
            Some(Signs::Keys(
                keys.filter_map(|key| reader.name(key, wanted_key))
                    .collect(),
            ))
        }
        (None, Some(node)) => {
            let bodies = reader.list(node, || t!("file-wanted-bodies")).iter();
            let bodies = bodies.filter_map(|body| reader.text(body, || t!("file-wanted-body")));
            Some(Signs::Bodies(bodies.map(Body::from).collect()))
        }
        _ => {
            let hint = t!("file-signs-hint");
            reader.report(entry.name_span, t!("file-signs"), hint);
            None
        }
    };
    reader.finish(fields);
    Some(Claim::Order {
        at,
        line: line?,
        first: first?,
    })
}

/// `refused: (code: 406, count: 1)`.
fn refused(entry: &Entry, at: Micros, reader: &mut Reader<'_>) -> Option<Claim> {
    let owner = || t!("file-owner-expectation");
    let mut fields = reader.fields(&entry.value, owner, entry.name_span)?;
    let node = reader.required(&mut fields, "code", "406");
    let code = node.and_then(|node| {
        let number = reader.whole(node, 0..=999)?;
        let mut codes = ReplyCode::ALL.into_iter();
        let found = codes.find(|code| u64::from(code.number()) == number);
        if found.is_none() {
            let known = ReplyCode::ALL.map(|code| code.number().to_string());
            let hint = t!("file-no-code-hint", codes = known.join(", "));
            reader.report(
                node.span,
                t!("file-no-code", code = number.to_string()),
                hint,
            );
        }
        found
    });
    let count = count(&mut fields, reader);
    reader.finish(fields);
    Some(Claim::Refused {
        at,
        code: code?,
        count: count?,
    })
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
    entry: &Entry,
    fields: &mut Fields<'_>,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<Claim> {
    let owner = || t!("file-owner-publication");
    let mut inner = reader.fields(&entry.value, owner, entry.name_span)?;
    let publication = publication(&mut inner, names, reader);
    reader.finish(inner);
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
    let which = ["ready", "unacked", "turned_away", "consumers"];
    let [ready, unacked, turned_away, consumers] = numbers(fields, which, reader);
    Some(Claim::Queue {
        at,
        queue: queue?,
        ready,
        unacked,
        turned_away,
        consumers,
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
    let which = ["delivered", "redelivered", "acked", "unacked"];
    let [delivered, redelivered, acked, unacked] = numbers(fields, which, reader);
    Some(Claim::Consumer {
        at,
        consumer: consumer?,
        delivered,
        redelivered,
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
    let which = ["published", "confirmed", "nacked", "returned"];
    let [published, confirmed, nacked, returned] = numbers(fields, which, reader);
    Some(Claim::Publisher {
        at,
        publisher: publisher?,
        published,
        confirmed,
        nacked,
        returned,
    })
}

/// `(connection: "web", state: flow)`.
fn of_connection(
    node: &Node,
    fields: &mut Fields<'_>,
    at: Micros,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<Claim> {
    let connection = names.connection(node, reader);
    let state = reader.required(fields, "state", "running")?;
    let state = reader.choice(state, &STATES, |found| t!("file-no-state", found = found));
    Some(Claim::Connection {
        at,
        connection: connection?,
        state: state?,
    })
}

/// How a connection may stand (F1, F3); closed is none of them.
pub(in crate::scenario) const STATES: [(&str, Option<Throttle>); 5] = [
    ("running", Some(Throttle::Running)),
    ("flow", Some(Throttle::Flow)),
    ("blocking", Some(Throttle::Blocking)),
    ("blocked", Some(Throttle::Blocked)),
    ("closed", None),
];

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
