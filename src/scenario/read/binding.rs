//! Bindings.

use std::collections::BTreeMap;

use super::names::Names;
use crate::broker::{ExchangeKind, Name, Table, Target, Value};
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::source::Span;
use crate::scenario::syntax::{Entry, Node, NodeKind};
use crate::t;
use crate::world::BindingSetup;

/// What a headers binding may ask for (E30).
const X_MATCH: &str = "x-match";
const MATCHES: [(&str, &str); 4] = [
    ("all", "all"),
    ("any", "any"),
    ("all-with-x", "all-with-x"),
    ("any-with-x", "any-with-x"),
];

pub(super) fn bindings(
    node: &Node,
    names: &mut Names,
    reader: &mut Reader<'_>,
) -> Vec<BindingSetup> {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let mut bindings = Vec::new();
    for item in reader.list(node, || t!("file-wanted-bindings")) {
        let Some(binding) = binding(item, names, reader) else {
            continue;
        };
        // The broker would keep only one of two that are the same (E11); in a file that is a slip.
        let BindingSetup {
            source,
            destination,
            key,
            arguments,
            ..
        } = &binding;
        let identity = format!("{source:?} {destination:?} {key:?} {arguments:?}");
        match seen.insert(identity, item.span) {
            Some(first) => reader.report_twice(item.span, t!("file-binding-twice"), first),
            None => {
                names.place("binding", binding.source.clone(), item.span);
                bindings.push(binding);
            }
        }
    }
    bindings
}

fn binding(node: &Node, names: &Names, reader: &mut Reader<'_>) -> Option<BindingSetup> {
    let mut fields = reader.fields(
        node,
        || t!("file-owner-binding"),
        Span {
            end: node.span.start + 1,
            ..node.span
        },
    )?;
    let ends = ends(&mut fields, Side::Operator, names, reader);
    let latency = fields.get("latency").map(|node| reader.duration(node));
    reader.finish(fields);
    let Ends {
        source,
        destination,
        key,
        arguments,
    } = ends?;
    Some(BindingSetup {
        source,
        destination,
        key,
        arguments,
        latency: latency.flatten(),
    })
}

/// What a binding is made of.
pub(super) struct Ends {
    pub source: Name,
    pub destination: Target,
    pub key: Name,
    pub arguments: Table,
}

/// Who makes a binding.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Side {
    /// The broker's own tools.
    Operator,
    /// A client, who may mean the last queue it declared by an empty name (C16).
    Client,
}

/// `from`, `to` and what decides between them.
pub(super) fn ends(
    fields: &mut Fields<'_>,
    side: Side,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<Ends> {
    let source = reader.required(fields, "from", "\"logs\"");
    let source = source.and_then(|node| bound_exchange(node, side, names, reader));
    let destination = destination(fields, side, names, reader);
    let kind = source
        .as_ref()
        .and_then(|name| names.exchanges.get(name).copied().flatten());
    let key = match (fields.get("key"), kind) {
        (Some(key), _) => reader.name(key, || t!("file-wanted-binding-key")),
        (None, Some(ExchangeKind::Direct | ExchangeKind::Topic)) if fields.is_meant("key") => None,
        (None, Some(kind @ (ExchangeKind::Direct | ExchangeKind::Topic))) => {
            reader.report(
                fields.span,
                t!("file-binding-key", kind = kind.as_str()),
                t!("file-binding-key-hint"),
            );
            None
        }
        (None, Some(ExchangeKind::ConsistentHash)) => {
            let what = t!("file-binding-weight");
            reader.report(fields.span, what, t!("file-binding-weight-hint"));
            None
        }
        (None, _) => Some(Name::default()),
    };
    let arguments = arguments(fields, kind, reader);
    Some(Ends {
        source: source?,
        destination: destination?,
        key: key?,
        arguments: arguments?,
    })
}

/// An exchange that can be bound, which the default exchange cannot (E2). A client may be shown to try.
fn bound_exchange(node: &Node, side: Side, names: &Names, reader: &mut Reader<'_>) -> Option<Name> {
    let name = names.exchange(node, reader)?;
    if name.is_empty() && side == Side::Operator {
        reader.report(
            node.span,
            t!("file-bound-default"),
            t!("file-bound-default-hint"),
        );
        return None;
    }
    Some(name)
}

/// `to`, which is a queue or an exchange, whichever has that name; or one of the exact forms.
fn destination(
    fields: &mut Fields<'_>,
    side: Side,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<Target> {
    let to = fields.get("to");
    let (queue, exchange) = (fields.get("to_queue"), fields.get("to_exchange"));
    let node = match (to, queue, exchange) {
        // The default exchange, which has no name either, cannot be bound; as `to_exchange` it can be tried.
        (Some(node), None, None) | (None, Some(node), None)
            if side == Side::Client && is_empty(node) =>
        {
            return Some(Target::Queue(Name::default()));
        }
        (Some(node), None, None) => node,
        (None, Some(node), None) => return names.queue(node, reader).map(Target::Queue),
        (None, None, Some(node)) => {
            return bound_exchange(node, side, names, reader).map(Target::Exchange);
        }
        (None, None, None) if fields.is_meant("to") || fields.is_meant("to_queue") => return None,
        (None, None, None) => {
            reader.report(
                fields.span,
                t!("file-needs", owner = t!("file-owner-binding"), field = "to"),
                t!("file-needs-hint", field = "to", example = "\"errors\""),
            );
            return None;
        }
        _ => {
            reader.report(
                fields.span,
                t!("file-two-destinations"),
                t!("file-two-destinations-hint"),
            );
            return None;
        }
    };
    let name = reader.name(node, || t!("file-wanted-destination"))?;
    match (
        names.queues.contains(&name),
        names.exchanges.contains_key(&name),
    ) {
        (true, true) => {
            reader.report(
                node.span,
                t!("file-ambiguous", name = name.as_str()),
                t!("file-ambiguous-hint", name = name.as_str()),
            );
            None
        }
        (true, false) => Some(Target::Queue(name)),
        (false, true) => bound_exchange(node, side, names, reader).map(Target::Exchange),
        (false, false) => {
            names.report_no_entity(node, &name, reader);
            None
        }
    }
}

/// Whether it is `""`.
pub(super) fn is_empty(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Text(text) if text.is_empty())
}

/// The binding's arguments: as they are, and from the short forms `match` and `headers`.
fn arguments(
    fields: &mut Fields<'_>,
    kind: Option<ExchangeKind>,
    reader: &mut Reader<'_>,
) -> Option<Table> {
    let (matching, headers) = (fields.entry("match"), fields.entry("headers"));
    let mut table = match fields.entry("arguments") {
        None => Table::new(),
        Some(raw) => {
            let table = reader.table(&raw.value)?;
            if kind == Some(ExchangeKind::Headers) {
                check_raw_match(raw, &table, reader);
            }
            table
        }
    };
    if let (Some(entry), Some(kind)) = (matching.or(headers), kind)
        && kind != ExchangeKind::Headers
    {
        reader.report(
            entry.name_span,
            t!("file-no-headers", kind = kind.as_str()),
            t!("file-no-headers-hint"),
        );
        return None;
    }
    let mut added = match headers {
        None => Table::new(),
        Some(headers) => reader.table(&headers.value)?,
    };
    if let Some(matching) = matching {
        let value = reader.choice(&matching.value, &MATCHES, |found| {
            t!("file-no-match", found = found)
        })?;
        added.insert(X_MATCH.into(), value.into());
    }
    for (name, value) in added {
        if table.insert(name.clone(), value).is_some() {
            let what = t!("file-argument-twice", name = name.as_str());
            reader.report(fields.span, what, t!("file-argument-twice-hint"));
        }
    }
    Some(table)
}

/// E30, for an `x-match` among raw arguments.
fn check_raw_match(raw: &Entry, table: &Table, reader: &mut Reader<'_>) {
    let Some(value) = table.get(X_MATCH) else {
        return;
    };
    let words = MATCHES.iter().map(|(word, _)| *word);
    let known = words.clone().any(|word| *value == Value::from(word));
    if !known {
        let found = value.to_string();
        let what = t!("file-bad-argument", name = X_MATCH, value = found.as_str());
        reader.report_unknown(raw.name_span, what, found.trim_matches('"'), words);
    }
}
