//! From the tree to the scenario.

mod binding;
mod consumer;
mod expect;
mod message;
mod names;
mod publisher;
mod scalar;
mod topology;

pub(super) use consumer::DEFAULT_SERVICE;

use self::names::Names;
use super::reader::{Fields, Reader};
use super::source::Span;
use super::syntax::{Node, NodeKind};
use super::words::Words;
use super::{Scenario, VERSION};
use crate::broker::Micros;
use crate::t;
use crate::world::{Latency, Setup};

/// How long a scenario runs that does not say.
pub(super) const DEFAULT_UNTIL: Micros = Micros::from_secs(60);

/// Reads a whole scenario. What comes back is only of use if the reader has noted no problem.
pub(super) fn scenario(root: &Node, title: &str, reader: &mut Reader<'_>) -> Option<Scenario> {
    // `Scenario( … )` is fine too.
    let root = match &root.kind {
        NodeKind::Call(_, inner) => inner,
        _ => root,
    };
    let start = Span {
        end: root.span.start + 1,
        ..root.span
    };
    let mut fields = reader.fields(root, || t!("file-owner-scenario"), start)?;
    let version = version(&mut fields, reader)?;
    let mut words = |name| fields.get(name).and_then(|node| reader.words(node));
    let title = words("title").unwrap_or_else(|| Words::from(title));
    let (teaches, about) = (words("teaches"), words("about"));
    let until = fields
        .get("until")
        .and_then(|node| reader.positive_duration(node));
    let until = until.unwrap_or(DEFAULT_UNTIL);

    let mut names = Names::new();
    let setup = setup(&mut fields, &mut names, reader);
    let expect = fields
        .get("expect")
        .map(|node| expect::expectations(node, &names, until, reader));
    reader.finish(fields);
    Some(Scenario {
        version,
        title,
        teaches: teaches.unwrap_or_default(),
        about: about.unwrap_or_default(),
        until,
        setup,
        expect: expect.unwrap_or_default(),
        definitions: None,
        notices: Vec::new(),
    })
}

/// None if the file is of a newer version: then nothing else in it can be judged.
fn version(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> Option<u32> {
    let Some(node) = fields.get("version") else {
        return Some(VERSION);
    };
    let Some(number) = reader.whole(node, 1..=u64::MAX) else {
        return Some(VERSION);
    };
    match u32::try_from(number) {
        Ok(version) if version <= VERSION => Some(version),
        _ => {
            let what = t!("file-newer", version = number.to_string());
            let hint = t!("file-newer-hint", version = VERSION);
            reader.report(node.span, what, hint);
            None
        }
    }
}

/// Names are declared before anything refers to them, in whatever order the file has them.
fn setup(fields: &mut Fields<'_>, names: &mut Names, reader: &mut Reader<'_>) -> Setup {
    let seed = fields
        .get("seed")
        .and_then(|node| reader.whole(node, 0..=u64::MAX));
    let latency = fields.get("latency").and_then(|node| latency(node, reader));
    let exchanges = fields
        .get("exchanges")
        .map(|node| topology::exchanges(node, names, reader));
    let queues = fields
        .get("queues")
        .map(|node| topology::queues(node, names, reader));
    let bindings = fields
        .get("bindings")
        .map(|node| binding::bindings(node, names, reader));
    let publishers = fields.get("publishers").map(|node| {
        let declared = reader.declarations(node, || t!("file-wanted-publishers"));
        let declared = declared.into_iter();
        let publishers = declared.filter_map(|(name, entry)| {
            names.publishers.insert(name.clone(), entry.name_span);
            publisher::publisher(name, entry, names, reader)
        });
        publishers.collect()
    });
    let consumers = fields.get("consumers").map(|node| {
        let declared = reader.declarations(node, || t!("file-wanted-consumers"));
        let declared = declared.into_iter();
        let consumers = declared.filter_map(|(name, entry)| {
            names.consumers.insert(name.clone(), entry.name_span);
            consumer::consumer(name, entry, names, reader)
        });
        consumers.collect()
    });
    Setup {
        seed: seed.unwrap_or_default(),
        latency: latency.unwrap_or_default(),
        exchanges: exchanges.unwrap_or_default(),
        queues: queues.unwrap_or_default(),
        bindings: bindings.unwrap_or_default(),
        publishers: publishers.unwrap_or_default(),
        consumers: consumers.unwrap_or_default(),
    }
}

/// One duration for every hop, or some of them by name.
fn latency(node: &Node, reader: &mut Reader<'_>) -> Option<Latency> {
    if !matches!(node.kind, NodeKind::Map(_)) {
        let hop = reader.duration(node)?;
        return Some(Latency {
            publish: hop,
            route: hop,
            deliver: hop,
            ack: hop,
        });
    }
    let mut fields = reader.fields(node, || t!("file-owner-latency"), node.span)?;
    let mut latency = Latency::default();
    for (name, hop) in [
        ("publish", &mut latency.publish),
        ("route", &mut latency.route),
        ("deliver", &mut latency.deliver),
        ("ack", &mut latency.ack),
    ] {
        if let Some(duration) = fields.get(name).and_then(|node| reader.duration(node)) {
            *hop = duration;
        }
    }
    reader.finish(fields);
    Some(latency)
}
