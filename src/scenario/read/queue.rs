//! Queues.

use std::collections::BTreeMap;

use super::arguments::{arguments, dead_letter};
use super::exchange::RESERVED;
use super::names::Names;
use crate::broker::{Name, QueueSpec};
use crate::scenario::arguments::{OF_QUEUES, QUEUE_TYPE, QUEUE_TYPES};
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::source::Span;
use crate::scenario::syntax::{Node, NodeKind};
use crate::t;
use crate::world::QueueSetup;

/// `["errors", …]`, or `{"errors": quorum, "work": (ttl: "5s"), "rest": ()}`.
pub(super) fn queues(node: &Node, names: &mut Names, reader: &mut Reader<'_>) -> Vec<QueueSetup> {
    let mut queues = Vec::new();
    if matches!(node.kind, NodeKind::Map(_)) {
        let entries = reader.entries(node, || t!("file-wanted-queues"));
        for entry in entries.unwrap_or_default() {
            let declared = declared(&entry.name, entry.name_span, names, reader);
            // What is wrong in it is worth telling even if the name is wrong too.
            let name = declared.clone().unwrap_or_default();
            let setup = queue(name, &entry.value, entry.name_span, names, reader);
            queues.extend(declared.and(setup));
        }
        return queues;
    }
    let mut seen = BTreeMap::new();
    for item in reader.list(node, || t!("file-wanted-queues")) {
        let text = reader.text(item, || t!("file-wanted-queue-name"));
        let Some(name) = text.and_then(|text| declared(text, item.span, names, reader)) else {
            continue;
        };
        match seen.insert(name.clone(), item.span) {
            Some(first) => {
                let what = t!("file-twice", name = name.as_str());
                reader.report_twice(item.span, what, first);
            }
            None => queues.push(QueueSetup::new(name)),
        }
    }
    queues
}

fn declared(text: &str, span: Span, names: &mut Names, reader: &mut Reader<'_>) -> Option<Name> {
    let name = reader.declared(text, span)?;
    if name.starts_with(RESERVED) {
        let what = t!("file-reserved", name = name.as_str(), prefix = RESERVED);
        reader.report(span, what, t!("file-reserved-queue-hint"));
    }
    names.declare_queue(name.clone(), span);
    Some(name)
}

fn queue(
    name: Name,
    node: &Node,
    span: Span,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<QueueSetup> {
    if matches!(node.kind, NodeKind::Word(_) | NodeKind::Text(_)) {
        let kind = reader.choice(node, QUEUE_TYPES, |found| {
            t!("file-no-queue-type", found = found)
        })?;
        return Some(QueueSetup {
            spec: QueueSpec::new(name).with(QUEUE_TYPE, kind),
            by: None,
        });
    }
    let mut fields = reader.fields(node, || t!("file-owner-queue"), span)?;
    let spec = spec(name, &mut fields, names, reader);
    let by = fields.get("by");
    if spec.exclusive && by.is_none() {
        // Q5: it belongs to the connection that declares it.
        reader.report(span, t!("file-exclusive-by"), t!("file-exclusive-by-hint"));
    }
    let by = by.and_then(|node| names.connection(node, reader));
    reader.finish(fields);
    Some(QueueSetup { spec, by })
}

/// What a queue is declared with besides its name.
pub(super) fn spec(
    name: Name,
    fields: &mut Fields<'_>,
    names: &Names,
    reader: &mut Reader<'_>,
) -> QueueSpec {
    let durable = fields.get("durable").and_then(|node| reader.flag(node));
    let exclusive = reader.flag_in(fields, "exclusive");
    let auto_delete = reader.flag_in(fields, "auto_delete");
    let mut arguments = arguments(fields, OF_QUEUES, names, reader);
    dead_letter(fields, &mut arguments, names, reader);
    QueueSpec {
        name,
        durable: durable.unwrap_or(true),
        exclusive,
        auto_delete,
        arguments,
    }
}
