//! Exchanges.

use super::arguments::arguments;
use super::names::Names;
use crate::broker::{ExchangeKind, ExchangeSpec, Name, PREDECLARED};
use crate::scenario::arguments::OF_EXCHANGES;
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::source::Span;
use crate::scenario::syntax::{Node, NodeKind};
use crate::t;

/// Names that begin so belong to the broker (E3, Q1).
pub(super) const RESERVED: &str = "amq.";

/// `{"logs": topic}` or `{"logs": (type: topic, durable: false)}`.
pub(super) fn exchanges(
    node: &Node,
    names: &mut Names,
    reader: &mut Reader<'_>,
) -> Vec<ExchangeSpec> {
    let mut exchanges = Vec::new();
    for entry in reader
        .entries(node, || t!("file-wanted-exchanges"))
        .unwrap_or_default()
    {
        let name = Name::from(entry.name.as_str());
        let spec = exchange(name, &entry.value, entry.name_span, names, reader);
        if is_reserved(&entry.name, entry.name_span, spec.as_ref(), reader) {
            continue;
        }
        let Some(name) = reader.declared(&entry.name, entry.name_span) else {
            continue;
        };
        let kind = spec.as_ref().map(ExchangeSpec::rule);
        names.declare_exchange(name, kind, entry.name_span);
        exchanges.extend(spec);
    }
    exchanges
}

fn exchange(
    name: Name,
    node: &Node,
    span: Span,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<ExchangeSpec> {
    if !matches!(node.kind, NodeKind::Map(_)) {
        return kind(node, reader).map(|kind| ExchangeSpec::new(name, kind));
    }
    let mut fields = reader.fields(node, || t!("file-owner-exchange"), span)?;
    let spec = spec(name, &mut fields, names, reader);
    reader.finish(fields);
    spec
}

/// What an exchange is declared with besides its name.
pub(super) fn spec(
    name: Name,
    fields: &mut Fields<'_>,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<ExchangeSpec> {
    let plugin = fields.get("plugin");
    let plugin = plugin.and_then(|node| reader.name(node, || t!("file-wanted-text")));
    let kind = match (&plugin, fields.get("type")) {
        (Some(_), Some(node)) => {
            reader.report(
                node.span,
                t!("file-plugin-type"),
                t!("file-plugin-type-hint"),
            );
            None
        }
        (Some(_), None) => Some(ExchangeKind::Unknown),
        (None, _) => {
            let type_ = reader.required(fields, "type", "topic");
            type_.and_then(|node| kind(node, reader))
        }
    };
    let durable = fields.get("durable").and_then(|node| reader.flag(node));
    let auto_delete = reader.flag_in(fields, "auto_delete");
    let internal = reader.flag_in(fields, "internal");
    let arguments = arguments(fields, OF_EXCHANGES, names, reader);
    Some(ExchangeSpec {
        plugin,
        durable: durable.unwrap_or(true),
        auto_delete,
        internal,
        arguments,
        ..ExchangeSpec::new(name, kind?)
    })
}

fn kind(node: &Node, reader: &mut Reader<'_>) -> Option<ExchangeKind> {
    let kinds = ExchangeKind::ALL.map(|kind| (kind.as_str(), kind));
    reader.choice(node, &kinds, |found| {
        t!("file-no-exchange-type", found = found)
    })
}

/// Notes what is wrong with declaring one of the broker's own: a predeclared exchange may be declared again as it is
/// (E3, E5), the default exchange not at all (E2), and no other may be added. Whether there is nothing to declare.
fn is_reserved(
    name: &str,
    span: Span,
    spec: Option<&ExchangeSpec>,
    reader: &mut Reader<'_>,
) -> bool {
    let Some((_, kind)) = PREDECLARED.iter().find(|(own, _)| *own == name) else {
        if name.starts_with(RESERVED) {
            let what = t!("file-reserved", name = name, prefix = RESERVED);
            reader.report(span, what, t!("file-reserved-exchange-hint"));
        }
        return false;
    };
    if name.is_empty() {
        let hint = t!("file-declared-default-hint");
        reader.report(span, t!("file-declared-default"), hint);
    } else if spec.is_some_and(|spec| *spec != ExchangeSpec::new(name, *kind)) {
        let what = t!("file-predeclared", name = name, kind = kind.as_str());
        reader.report(span, what, t!("file-predeclared-hint"));
    }
    true
}
