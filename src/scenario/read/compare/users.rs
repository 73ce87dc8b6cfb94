//! The users: what they ask, and when they come.

use super::super::exchange::RESERVED;
use super::http::{NEVER, retries};
use super::{LONGEST, field, positive_span, span, span_or};
use crate::broker::{Micros, Name};
use crate::compare::{Comparison, Fault};
use crate::scenario::reader::Reader;
use crate::scenario::source::Span;
use crate::scenario::syntax::Node;
use crate::t;
use crate::world::http::{Arrival, Wave};

/// Orders a second.
const MOST_A_SECOND: f64 = 1_000_000.0;
const LEAST_A_SECOND: f64 = 0.001;
/// In all.
const MOST_ORDERS: u64 = 10_000_000;
/// A wave is followed in steps, which must not become too many.
const SHORTEST_WAVE: Micros = Micros::from_secs(1);
/// How long orders come where nothing is said.
pub(in crate::scenario) const DEFAULT_DURING: Micros = Micros::from_secs(30);

/// The words for how orders come.
pub(in crate::scenario) const ARRIVALS: [(&str, Arrival); 2] =
    [("steady", Arrival::Even), ("random", Arrival::Random)];

/// `(ask: "POST /orders", rate: 10, arrivals: random, during: "60s")`.
/// Where it says what they ask is returned.
pub(super) fn users(node: &Node, comparison: &mut Comparison, reader: &mut Reader<'_>) -> Span {
    let Some(mut fields) = reader.fields(node, || t!("file-owner-users"), node.span) else {
        return node.span;
    };
    let name = fields.get("name");
    let declared = name.and_then(|node| {
        let text = reader.text(node, || t!("file-wanted-text"))?;
        reader.declared(text, node.span)
    });
    comparison.users = declared.unwrap_or(comparison.users.clone());
    let users = &comparison.users;
    if comparison.service(users).is_some() {
        let what = t!("file-users-are-service", name = users.as_str());
        let place = name.map_or(node.span, |node| node.span);
        reader.report(place, what, t!("file-users-are-service-hint"));
    }
    let ask = fields.get("ask");
    if let Some(request) = ask.and_then(|node| request(node, reader)) {
        comparison.request = request;
    }
    let workload = &mut comparison.workload;
    let rate = reader.required(&mut fields, "rate", "10");
    let range = LEAST_A_SECOND..=MOST_A_SECOND;
    if let Some(rate) = rate.and_then(|node| {
        let hint = || t!("file-rate-hint");
        reader.hinting(hint, |reader| reader.quantity(node, range))
    }) {
        workload.rate = rate;
    }
    let arrivals = field(&mut fields, "arrivals", reader, |node, reader| {
        reader.choice(node, &ARRIVALS, |found| t!("file-no-choice", found = found))
    });
    workload.arrival = arrivals.unwrap_or(Arrival::Even);
    workload.start = field(&mut fields, "start", reader, span).unwrap_or_default();
    let during = field(&mut fields, "during", reader, positive_span);
    workload.until = workload.start + during.unwrap_or(DEFAULT_DURING);
    workload.count = field(&mut fields, "count", reader, |node, reader| {
        reader.whole(node, 1..=MOST_ORDERS)
    });
    workload.wave = field(&mut fields, "wave", reader, wave);
    let urgent = field(&mut fields, "urgent", reader, |node, reader| {
        reader.share(node)
    });
    workload.urgent = urgent.unwrap_or_default();
    if let Some(timeout) = field(&mut fields, "timeout", reader, span_or(NEVER)) {
        comparison.user_timeout = timeout;
    }
    if let Some(most) = field(&mut fields, "retries", reader, retries) {
        comparison.user_retries = most;
    }
    comparison.deadline = field(&mut fields, "deadline", reader, positive_span);
    reader.finish(fields);
    ask.map_or(node.span, |node| node.span)
}

/// A method and a path, as a request line begins.
fn request(node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
    let request = reader.name(node, || t!("file-wanted-text"))?;
    let is_one = request.split_once(' ').is_some_and(|(method, path)| {
        let is_method = !method.is_empty() && method.bytes().all(|c| c.is_ascii_uppercase());
        is_method && path.starts_with('/') && !path.contains(char::is_whitespace)
    });
    if !is_one {
        let what = t!("file-no-request", found = request.as_str());
        reader.report(node.span, what, t!("file-no-request-hint"));
    }
    is_one.then_some(request)
}

/// `(every: "1min", swing: 0.5)`.
fn wave(node: &Node, reader: &mut Reader<'_>) -> Option<Wave> {
    let mut fields = reader.fields(node, || t!("file-owner-wave"), node.span)?;
    let every = reader.required(&mut fields, "every", "\"1min\"");
    let period = every.and_then(|node| {
        let period = positive_span(node, reader)?;
        if period < SHORTEST_WAVE {
            let what = t!("file-short-wave", span = period.to_string());
            reader.report(node.span, what, t!("file-short-wave-hint"));
        }
        Some(period)
    });
    let swing = reader.required(&mut fields, "swing", "0.5");
    let swing = swing.and_then(|node| reader.quantity(node, 0.0..=1.0));
    reader.finish(fields);
    Some(Wave {
        period: period?,
        swing: swing?,
    })
}

/// Notes that an exchange is to be called by what users ask, and cannot be.
pub(super) fn check_exchange(ask: Span, comparison: &Comparison, reader: &mut Reader<'_>) {
    let Some((entry, others)) = comparison.services.split_first() else {
        return;
    };
    let exchange = comparison.exchange_of(entry);
    if exchange.starts_with(RESERVED) {
        let what = t!("file-reserved", name = exchange.as_str(), prefix = RESERVED);
        reader.report(ask, what, t!("file-ask-exchange-hint"));
    }
    let mut others = others.iter().filter(|service| !service.calls.is_empty());
    if let Some(other) = others.find(|service| comparison.exchange_of(service) == exchange) {
        let (name, other) = (exchange.as_str(), other.name.as_str());
        let what = t!("file-ask-exchange", name = name, service = other);
        reader.report(ask, what, t!("file-ask-exchange-hint"));
    }
}

/// Notes that there are more orders than can be worked through; else how many there are.
pub(super) fn check_number(
    users: Option<&Node>,
    comparison: &Comparison,
    reader: &mut Reader<'_>,
) -> Option<u64> {
    let node = users.filter(|_| reader.is_clean())?;
    let mut workload = comparison.workload.clone();
    let surges = comparison.faults.iter().filter_map(Fault::surge);
    workload.surges.extend(surges);
    let (mut at, mut orders) = (workload.start, 0.0);
    while at < workload.until.min(LONGEST + LONGEST) {
        let (rate, end) = workload.rate_at(at);
        orders += rate * end.min(workload.until).since(at).as_secs_f64();
        at = end;
    }
    let most = workload.count.unwrap_or(u64::MAX);
    if (orders as u64).min(most) > MOST_ORDERS {
        let what = t!("file-many-orders", count = (orders as u64).to_string());
        let hint = t!("file-many-orders-hint", most = MOST_ORDERS.to_string());
        reader.report(node.span, what, hint);
        return None;
    }
    Some((orders as u64).min(most))
}
