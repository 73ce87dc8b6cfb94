//! Exchanges and queues.

use super::names::Names;
use crate::broker::{ExchangeKind, PREDECLARED};
use crate::scenario::reader::Reader;
use crate::scenario::source::Span;
use crate::scenario::syntax::{Entry, Node, NodeKind};
use crate::t;
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
    for entry in reader
        .entries(node, || t!("file-wanted-exchanges"))
        .unwrap_or_default()
    {
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
                t!("file-reserved", name = name.as_str(), prefix = RESERVED),
                t!("file-reserved-exchange-hint"),
            );
        }
        exchanges.extend(kind.map(|kind| ExchangeSetup { name, kind }));
    }
    exchanges
}

fn exchange_kind(node: &Node, reader: &mut Reader<'_>) -> Option<ExchangeKind> {
    let kinds = ExchangeKind::ALL.map(|kind| (kind.as_str(), kind));
    let unknown = |found: &str| t!("file-no-exchange-type", found = found);
    if !matches!(node.kind, NodeKind::Map(_)) {
        return reader.choice(node, &kinds, unknown);
    }
    let mut fields = reader.fields(node, || t!("file-owner-exchange"), node.span)?;
    let kind = reader.required(&mut fields, "type", "topic");
    let kind = kind.and_then(|kind| reader.choice(kind, &kinds, unknown));
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
            t!("file-declared-default"),
            t!("file-declared-default-hint"),
        );
    } else if kind.is_some_and(|kind| kind != own) {
        reader.report(
            entry.value.span,
            t!(
                "file-predeclared",
                name = entry.name.as_str(),
                kind = own.as_str()
            ),
            t!("file-predeclared-hint"),
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
                t!("file-reserved", name = name.as_str(), prefix = RESERVED),
                t!("file-reserved-queue-hint"),
            );
        }
        match names.queues.insert(name.clone(), span) {
            Some(first) => reader.report_twice(span, t!("file-twice", name = text), first),
            None => queues.push(QueueSetup { name }),
        }
    }
    queues
}

fn queue_names<'t>(node: &'t Node, reader: &mut Reader<'_>) -> Vec<(&'t str, Span)> {
    if let NodeKind::Map(entries) = &node.kind {
        for entry in entries {
            if let Some(fields) =
                reader.fields(&entry.value, || t!("file-owner-queue"), entry.name_span)
            {
                reader.finish(fields);
            }
        }
        return entries
            .iter()
            .map(|entry| (entry.name.as_str(), entry.name_span))
            .collect();
    }
    let items = reader.list(node, || t!("file-wanted-queues")).iter();
    items
        .filter_map(|item| {
            Some((
                reader.text(item, || t!("file-wanted-queue-name"))?,
                item.span,
            ))
        })
        .collect()
}
