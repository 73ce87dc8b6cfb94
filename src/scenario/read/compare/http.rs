//! What is HTTP's own, and what is different for some services on either side.

use std::collections::BTreeMap;

use super::service::workers;
use super::{field, listed, positive_span, service_name, span, span_or, whole};
use crate::broker::Name;
use crate::compare::{HttpSide, ServiceChange, ServiceSpec};
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::source::Span;
use crate::scenario::syntax::{Entry, Node, NodeKind};
use crate::t;
use crate::world::http::{BackOff, BreakerSetup, RateLimit, WhenFull};

/// Tries multiply from one service to the next.
const MOST_RETRIES: u32 = 20;
/// Of whatever is counted.
const MOST: u32 = 1_000_000;

/// What becomes of those for whom there is no room, as it is written.
pub(in crate::scenario) const WHEN_FULL: [(&str, WhenFull); 3] = [
    ("503", WhenFull::Unavailable),
    ("429", WhenFull::TooMany),
    ("silent", WhenFull::Silent),
];

/// The words for what is not there.
pub(in crate::scenario) const NEVER: &str = "never";
pub(in crate::scenario) const UNLIMITED: &str = "unlimited";

pub(super) fn side(entry: &Entry, services: &[ServiceSpec], reader: &mut Reader<'_>) -> HttpSide {
    let mut side = HttpSide::default();
    let owner = || t!("file-owner-http");
    let Some(mut fields) = reader.fields(&entry.value, owner, entry.name_span) else {
        return side;
    };
    if let Some(timeout) = field(&mut fields, "timeout", reader, span_or(NEVER)) {
        side.timeout = timeout;
    }
    if let Some(most) = field(&mut fields, "retries", reader, retries) {
        side.retries = most;
    }
    if let Some(pause) = field(&mut fields, "back_off", reader, back_off) {
        side.back_off = pause;
    }
    side.connections = field(&mut fields, "connections", reader, whole(1, MOST));
    side.breaker = field(&mut fields, "breaker", reader, breaker);
    if let Some(backlog) = field(&mut fields, "backlog", reader, backlog) {
        side.backlog = backlog;
    }
    if let Some(when_full) = field(&mut fields, "when_full", reader, when_full) {
        side.when_full = when_full;
    }
    side.parallel = reader.flag_in(&mut fields, "parallel");
    side.changes = changes(&mut fields, services, reader, |fields, _, reader| {
        let mut change = entrance(fields, reader);
        change.timeout = field(fields, "timeout", reader, span_or(NEVER));
        change.retries = field(fields, "retries", reader, retries);
        change.parallel = field(fields, "parallel", reader, |node, reader| reader.flag(node));
        change
    });
    reader.finish(fields);
    side
}

/// How a service that is called lets requests in.
pub(super) fn entrance(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> ServiceChange {
    ServiceChange {
        backlog: field(fields, "backlog", reader, backlog),
        when_full: field(fields, "when_full", reader, when_full),
        limit: field(fields, "limit", reader, limit),
        ..ServiceChange::default()
    }
}

/// `services: [(name: "shop", …)]` of a side: what is different for some, each of which `rest` reads on.
pub(super) fn changes(
    fields: &mut Fields<'_>,
    services: &[ServiceSpec],
    reader: &mut Reader<'_>,
    rest: impl Fn(&mut Fields<'_>, &Name, &mut Reader<'_>) -> ServiceChange,
) -> Vec<ServiceChange> {
    let Some(node) = fields.get("services") else {
        return Vec::new();
    };
    let mut seen: BTreeMap<Name, Span> = BTreeMap::new();
    let wanted = || t!("file-wanted-changes");
    let all = listed(node, || t!("file-owner-service"), wanted, reader);
    let changes = all.into_iter().filter_map(|mut fields| {
        let node = reader.required(&mut fields, "name", "\"shop\"");
        let name = node.and_then(|node| service_name(node, services, reader));
        let workers = field(&mut fields, "workers", reader, workers);
        let change = rest(&mut fields, &name.clone().unwrap_or_default(), reader);
        reader.finish(fields);
        let (node, name) = (node?, name?);
        if let Some(first) = seen.insert(name.clone(), node.span) {
            let what = t!("file-twice", name = name.as_str());
            reader.report_twice(node.span, what, first);
        }
        Some(ServiceChange {
            name,
            workers,
            ..change
        })
    });
    changes.collect()
}

/// The first pause, or `(first: "100ms", most: "10s", jitter: false)`.
fn back_off(node: &Node, reader: &mut Reader<'_>) -> Option<BackOff> {
    let usual = BackOff::default();
    if !matches!(node.kind, NodeKind::Map(_)) {
        let first = span(node, reader)?;
        return Some(BackOff {
            first,
            most: usual.most.max(first),
            ..usual
        });
    }
    let mut fields = reader.fields(node, || t!("file-owner-back-off"), node.span)?;
    let first = field(&mut fields, "first", reader, span).unwrap_or(usual.first);
    let most = fields.get("most");
    let longest = most.and_then(|node| span(node, reader));
    if let (Some(node), Some(longest)) = (most, longest)
        && longest < first
    {
        let (from, to) = (first.to_string(), longest.to_string());
        let hint = t!("file-back-off-hint");
        reader.report(node.span, t!("file-between", from = from, to = to), hint);
    }
    let jitter = field(&mut fields, "jitter", reader, |node, reader| {
        reader.flag(node)
    });
    reader.finish(fields);
    Some(BackOff {
        first,
        most: longest.unwrap_or(usual.most.max(first)),
        jitter: jitter.unwrap_or(usual.jitter),
    })
}

/// `(failures: 5, open_for: "10s")`.
fn breaker(node: &Node, reader: &mut Reader<'_>) -> Option<BreakerSetup> {
    let mut fields = reader.fields(node, || t!("file-owner-breaker"), node.span)?;
    let failures = reader.required(&mut fields, "failures", "5");
    let failures = failures.and_then(|node| whole(1, MOST)(node, reader));
    let open_for = reader.required(&mut fields, "open_for", "\"10s\"");
    let open_for = open_for.and_then(|node| positive_span(node, reader));
    reader.finish(fields);
    Some(BreakerSetup {
        failures: failures?,
        open_for: open_for?,
    })
}

/// `(rate: 10, burst: 5)`.
fn limit(node: &Node, reader: &mut Reader<'_>) -> Option<RateLimit> {
    let mut fields = reader.fields(node, || t!("file-owner-limit"), node.span)?;
    let rate = reader.required(&mut fields, "rate", "10");
    let rate = rate.and_then(|node| reader.quantity(node, 0.001..=f64::from(MOST)));
    let burst = field(&mut fields, "burst", reader, whole(1, MOST));
    reader.finish(fields);
    Some(RateLimit {
        rate: rate?,
        burst: burst.unwrap_or(1),
    })
}

/// How often somebody tries again.
pub(super) fn retries(node: &Node, reader: &mut Reader<'_>) -> Option<u32> {
    let hint = || t!("file-retries-hint");
    reader.hinting(hint, |reader| whole(0, MOST_RETRIES)(node, reader))
}

fn backlog(node: &Node, reader: &mut Reader<'_>) -> Option<Option<u32>> {
    match &node.kind {
        NodeKind::Word(word) if word == UNLIMITED => Some(None),
        _ => whole(0, MOST)(node, reader).map(Some),
    }
}

fn when_full(node: &Node, reader: &mut Reader<'_>) -> Option<WhenFull> {
    if let NodeKind::Number(number) = &node.kind {
        let found = WHEN_FULL.iter().find(|(word, _)| word == number);
        if found.is_none() {
            let what = t!("file-no-choice", found = number.as_str());
            let known = WHEN_FULL.iter().map(|(word, _)| *word);
            reader.report_unknown(node.span, what, number, known);
        }
        return found.map(|(_, when_full)| *when_full);
    }
    reader.choice(node, &WHEN_FULL, |found| {
        t!("file-no-choice", found = found)
    })
}
