//! `compare: ( … )`: orders, services and faults, and what is different on either side.

mod calls;
mod fault;
mod http;
mod messaging;
mod service;
mod users;

pub(in crate::scenario) use http::{NEVER, UNLIMITED, WHEN_FULL};
pub(in crate::scenario) use messaging::AT_ONCE;
pub(in crate::scenario) use users::{ARRIVALS, DEFAULT_DURING};

use super::names::Names;
use crate::broker::{Micros, Name, Profile};
use crate::compare::{Comparison, Side};
use crate::scenario::reader::{Fields, Phrase, Reader};
use crate::scenario::source::Span;
use crate::scenario::syntax::{Entry, Node, NodeKind};
use crate::t;

/// A comparison's whole time, and all times in it.
const LONGEST: Micros = Micros::from_secs(24 * 3_600);

/// What the scenario says outside the block.
pub(super) struct Outside<'t> {
    pub profile: Profile,
    pub seed: u64,
    pub until: Option<(Micros, &'t Node)>,
}

/// Reads the block; with it the names of all that is on the messaging side.
pub(super) fn comparison(
    entry: &Entry,
    outside: &Outside<'_>,
    reader: &mut Reader<'_>,
) -> Option<(Comparison, Names)> {
    let owner = || t!("file-owner-comparison");
    let mut fields = reader.fields(&entry.value, owner, entry.name_span)?;
    let services = reader.required(&mut fields, "services", &t!("file-services-example"));
    let services = services.map(|node| service::services(node, reader));
    let users = reader.required(&mut fields, "users", "(rate: 10)");
    let mut comparison = Comparison {
        profile: outside.profile,
        seed: outside.seed,
        ..Comparison::new(1.0, Micros::from_secs(30), Vec::new())
    };
    if let Some((services, listed)) = services {
        comparison.services = services;
        calls::check(&comparison.services, &listed, reader);
    }
    let ask = users.map(|node| users::users(node, &mut comparison, reader));
    if let Some(ask) = ask {
        users::check_exchange(ask, &comparison, reader);
    }
    if let Some(network) = field(&mut fields, "network", reader, span) {
        comparison.network = network;
    }
    if let Some(write) = field(&mut fields, "write", reader, span) {
        comparison.write = write;
    }
    if let Some(node) = fields.get("faults") {
        comparison.faults = fault::faults(node, &comparison.services, reader);
    }
    let orders = users::check_number(users, &comparison, reader);
    comparison.until = match outside.until {
        None => Comparison::usual_until(&comparison.workload),
        Some((until, node)) => {
            not_too_long(until, node, reader);
            until
        }
    };
    if let Some(entry) = fields.entry("http") {
        comparison.http = http::side(entry, &comparison.services, reader);
        calls::check_tries(&comparison, orders, entry, reader);
    }
    let names = messaging::side(fields.entry("messaging"), &mut comparison, reader);
    reader.finish(fields);
    place_services(&comparison, ask, entry, names, reader)
}

/// Whatever a broker still finds to refuse stands somewhere in the block.
fn place_services(
    comparison: &Comparison,
    ask: Option<Span>,
    entry: &Entry,
    mut names: Names,
    reader: &Reader<'_>,
) -> Option<(Comparison, Names)> {
    if reader.is_clean() {
        if let (Some(ask), Some(service)) = (ask, comparison.entry()) {
            names.place("exchange", comparison.exchange_of(service), ask);
        }
        for setup in Side::ALL.map(|side| comparison.setup(side)) {
            for exchange in setup.exchanges {
                names.place("exchange", exchange.name, entry.name_span);
            }
            for queue in setup.queues {
                names.place("queue", queue.spec.name, entry.name_span);
            }
        }
    }
    Some((comparison.clone(), names))
}

/// A field that is read in some way, if it is written and right.
fn field<T>(
    fields: &mut Fields<'_>,
    name: &'static str,
    reader: &mut Reader<'_>,
    read: impl FnOnce(&Node, &mut Reader<'_>) -> Option<T>,
) -> Option<T> {
    let node = fields.get(name)?;
    read(node, reader)
}

/// A duration that is not absurdly long.
fn span(node: &Node, reader: &mut Reader<'_>) -> Option<Micros> {
    let span = reader.duration(node)?;
    not_too_long(span, node, reader).then_some(span)
}

/// The same, and more than nothing.
fn positive_span(node: &Node, reader: &mut Reader<'_>) -> Option<Micros> {
    let span = reader.positive_duration(node)?;
    not_too_long(span, node, reader).then_some(span)
}

fn not_too_long(span: Micros, node: &Node, reader: &mut Reader<'_>) -> bool {
    let fits = span <= LONGEST;
    if !fits {
        let hint = t!("file-compare-long-hint", most = "24h");
        reader.report(
            node.span,
            t!("file-compare-long", span = span.to_string()),
            hint,
        );
    }
    fits
}

/// A time, or a word for there being none.
fn span_or(word: &'static str) -> impl FnOnce(&Node, &mut Reader<'_>) -> Option<Option<Micros>> {
    move |node, reader| match &node.kind {
        NodeKind::Word(found) if found == word => Some(None),
        NodeKind::Word(_) => {
            reader.wrong_type(node, || t!("file-wanted-duration-or", word = word));
            None
        }
        _ => positive_span(node, reader).map(Some),
    }
}

/// A whole number from `least` to `most`.
fn whole(least: u32, most: u32) -> impl FnOnce(&Node, &mut Reader<'_>) -> Option<u32> {
    move |node, reader| {
        let number = reader.whole(node, least.into()..=most.into())?;
        u32::try_from(number).ok()
    }
}

/// A service of the comparison.
pub(super) fn service_name(
    node: &Node,
    services: &[crate::compare::ServiceSpec],
    reader: &mut Reader<'_>,
) -> Option<Name> {
    let name = reader.name(node, || t!("file-wanted-service-name"))?;
    if services.iter().any(|service| service.name == name) {
        return Some(name);
    }
    let known = services.iter().map(|service| service.name.as_str());
    let what = t!("file-no-service", name = name.as_str());
    reader.report_unknown(node.span, what, &name, known);
    None
}

/// The items of a list that are read as fields, each with its opening bracket's place.
fn listed<'t>(
    node: &'t Node,
    owner: Phrase,
    wanted: impl FnOnce() -> String,
    reader: &mut Reader<'_>,
) -> Vec<Fields<'t>> {
    let items = reader.list(node, wanted).iter();
    items
        .filter_map(|item| {
            let start = crate::scenario::source::Span {
                end: item.span.start + 1,
                ..item.span
            };
            reader.fields(item, owner, start)
        })
        .collect()
}
