//! The services.

use std::collections::BTreeMap;

use super::{field, listed, whole};
use crate::broker::{Micros, Name};
use crate::compare::ServiceSpec;
use crate::scenario::read::consumer;
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::source::Span;
use crate::scenario::syntax::Node;
use crate::t;
use crate::world::ServiceTime;

/// Each worker has a place in the world.
const MOST_WORKERS: u32 = 10_000;
/// What is known of an order has a bit for each.
const MOST_SERVICES: usize = 64;

/// Where a service stands in the file.
pub(super) struct Listed {
    /// Its name, or what stands in its place.
    pub span: Span,
    /// Whom it calls.
    pub calls: Vec<(Name, Span)>,
    /// Whether all of it could be read.
    pub is_whole: bool,
}

/// `[(name: "shop", workers: 6, takes: "5ms", calls: ["stock", "mail"]), …]`, and where each stands.
pub(super) fn services(node: &Node, reader: &mut Reader<'_>) -> (Vec<ServiceSpec>, Vec<Listed>) {
    let mut seen = BTreeMap::new();
    let (mut services, mut places) = (Vec::new(), Vec::new());
    let wanted = || t!("file-wanted-services");
    for mut fields in listed(node, || t!("file-owner-service"), wanted, reader) {
        let (service, place) = service(&mut fields, reader);
        reader.finish(fields);
        let first = match service.name.is_empty() {
            true => None,
            false => seen.insert(service.name.clone(), place.span),
        };
        if let Some(first) = first {
            let what = t!("file-twice", name = service.name.as_str());
            reader.report_twice(place.span, what, first);
            continue;
        }
        services.push(service);
        places.push(place);
    }
    if services.is_empty() && reader.is_clean() {
        reader.report(
            node.span,
            t!("file-no-services"),
            t!("file-no-services-hint"),
        );
    } else if services.len() > MOST_SERVICES {
        let what = t!("file-many-services", count = services.len());
        let hint = t!("file-many-services-hint", most = MOST_SERVICES);
        reader.report(node.span, what, hint);
        services.clear();
        places.clear();
    }
    (services, places)
}

fn service(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> (ServiceSpec, Listed) {
    let node = reader.required(fields, "name", "\"mail\"");
    let span = node.map_or(fields.span, |node| node.span);
    let name = node.and_then(|node| {
        let text = reader.text(node, || t!("file-wanted-service-name"))?;
        reader.declared(text, node.span)
    });
    let mut is_whole = name.is_some();
    let workers = field(fields, "workers", reader, workers);
    let takes = field(fields, "takes", reader, takes);
    let fails = field(fields, "fails", reader, |node, reader| reader.share(node));
    let idempotent = reader.flag_in(fields, "idempotent");
    let mut calls: Vec<(Name, Span)> = Vec::new();
    if let Some(node) = fields.get("calls") {
        for item in reader.list(node, || t!("file-wanted-calls")) {
            let callee = reader.name(item, || t!("file-wanted-service-name"));
            is_whole &= callee.is_some();
            let Some(callee) = callee else { continue };
            if let Some((_, first)) = calls.iter().find(|(name, _)| *name == callee) {
                let (what, first) = (t!("file-twice", name = callee.as_str()), *first);
                reader.report_twice(item.span, what, first);
                continue;
            }
            calls.push((callee, item.span));
        }
    }
    let spec = ServiceSpec {
        name: name.unwrap_or_default(),
        workers: workers.unwrap_or(1),
        time: takes.unwrap_or(ServiceTime::Fixed(Micros::ZERO)),
        failure_rate: fails.unwrap_or_default(),
        idempotent,
        calls: calls.iter().map(|(name, _)| name.clone()).collect(),
    };
    let place = Listed {
        span,
        calls,
        is_whole,
    };
    (spec, place)
}

/// How many orders it works on at once.
pub(super) fn workers(node: &Node, reader: &mut Reader<'_>) -> Option<u32> {
    let hint = || t!("file-workers-hint");
    reader.hinting(hint, |reader| whole(1, MOST_WORKERS)(node, reader))
}

/// As for a consumer, but not longer than a comparison.
fn takes(node: &Node, reader: &mut Reader<'_>) -> Option<ServiceTime> {
    let time = consumer::service(node, reader)?;
    let longest = match time {
        ServiceTime::Fixed(longest) | ServiceTime::Between(_, longest) => longest,
        ServiceTime::Random(mean) => mean,
    };
    super::not_too_long(longest, node, reader).then_some(time)
}
