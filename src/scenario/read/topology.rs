//! Exchanges and queues.

use super::names::Names;
use crate::broker::{ExchangeKind, PREDECLARED};
use crate::scenario::reader::Reader;
use crate::scenario::source::Span;
use crate::scenario::syntax::{Entry, Node, NodeKind};
use crate::world::{ExchangeSetup, QueueSetup};

/// Names that begin so belong to the broker (E3, Q1).
pub(super) const RESERVED: &str = "amq.";

/// `{"logs": topic}` or `{"logs": (type: topic)}`.
pub(super) fn exchanges(
    node: &Node,
    names: &mut Names,
    reader: &mut Reader<'_>,
) -> Vec<ExchangeSetup> {
    let mut exchanges = Vec::new();
    const WANTED: &str = "exchanges and their types: {\"logs\": topic, …}";
    for entry in reader.entries(node, WANTED).unwrap_or_default() {
        let kind = exchange_kind(&entry.value, reader);
        let predeclared = PREDECLARED.iter().find(|(name, _)| *name == entry.name);
        if let Some((_, own)) = predeclared {
            check_redeclared(entry, *own, kind, reader);
            continue;
        }
        let Some(name) = reader.declared(&entry.name, entry.name_span) else {
            continue;
        };
        names.exchanges.insert(name.clone(), kind);
        if name.starts_with(RESERVED) {
            reader.report(
                entry.name_span,
                format!("`{name}`: names that begin with `amq.` are the broker's own"),
                "a new exchange needs another name",
            );
        }
        exchanges.extend(kind.map(|kind| ExchangeSetup { name, kind }));
    }
    exchanges
}

fn exchange_kind(node: &Node, reader: &mut Reader<'_>) -> Option<ExchangeKind> {
    let kinds = ExchangeKind::ALL.map(|kind| (kind.as_str(), kind));
    if !matches!(node.kind, NodeKind::Map(_)) {
        return reader.choice(node, "exchange type", &kinds);
    }
    let mut fields = reader.fields(node, "an exchange", node.span)?;
    let kind = reader.required(&mut fields, "type", "topic");
    let kind = kind.and_then(|kind| reader.choice(kind, "exchange type", &kinds));
    reader.finish(fields);
    kind
}

/// A predeclared exchange may be declared again as it is (E3, E5), the default exchange not at all (E2).
fn check_redeclared(
    entry: &Entry,
    own: ExchangeKind,
    kind: Option<ExchangeKind>,
    reader: &mut Reader<'_>,
) {
    if entry.name.is_empty() {
        reader.report(
            entry.name_span,
            "the default exchange cannot be declared",
            "it is always there; leave this out",
        );
    } else if kind.is_some_and(|kind| kind != own) {
        reader.report(
            entry.value.span,
            format!("`{}` exists already, and its type is {own}", entry.name),
            "predeclared exchanges need not be listed; leave this out",
        );
    }
}

/// `["errors", …]` or `{"errors": ()}`.
pub(super) fn queues(node: &Node, names: &mut Names, reader: &mut Reader<'_>) -> Vec<QueueSetup> {
    let mut queues = Vec::new();
    for (text, span) in queue_names(node, reader) {
        let Some(name) = reader.declared(text, span) else {
            continue;
        };
        if name.starts_with(RESERVED) {
            reader.report(
                span,
                format!("`{name}`: names that begin with `amq.` are the broker's own"),
                "a queue needs another name",
            );
        }
        match names.queues.insert(name.clone(), span) {
            Some(first) => reader.report_twice(span, &format!("`{name}`"), first),
            None => queues.push(QueueSetup { name }),
        }
    }
    queues
}

fn queue_names<'t>(node: &'t Node, reader: &mut Reader<'_>) -> Vec<(&'t str, Span)> {
    if let NodeKind::Map(entries) = &node.kind {
        for entry in entries {
            if let Some(fields) = reader.fields(&entry.value, "a queue", entry.name_span) {
                reader.finish(fields);
            }
        }
        return entries
            .iter()
            .map(|entry| (entry.name.as_str(), entry.name_span))
            .collect();
    }
    let items = reader
        .list(node, "a list of queues: [\"errors\", …]")
        .iter();
    items
        .filter_map(|item| Some((reader.text(item, "a queue's name")?, item.span)))
        .collect()
}
