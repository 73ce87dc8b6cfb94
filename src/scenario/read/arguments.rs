//! Arguments of declarations: as AMQP has them, and by their short names.

use super::names::Names;
use crate::broker::{Table, Value};
use crate::scenario::arguments::{Form, OF_DEAD_LETTERS, OFFSETS, Short, age};
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::source::Span;
use crate::scenario::syntax::{Node, NodeKind};
use crate::t;

/// `arguments`, and those of `shorts` that are written.
pub(super) fn arguments(
    fields: &mut Fields<'_>,
    shorts: &'static [Short],
    names: &Names,
    reader: &mut Reader<'_>,
) -> Table {
    let raw = fields.get("arguments");
    let mut table = raw.and_then(|node| reader.table(node)).unwrap_or_default();
    add_shorts(fields, shorts, &mut table, names, reader);
    table
}

/// `dead_letter: "dlx"` or `dead_letter: (exchange: "dlx", key: "failed")`.
pub(super) fn dead_letter(
    fields: &mut Fields<'_>,
    table: &mut Table,
    names: &Names,
    reader: &mut Reader<'_>,
) {
    let Some(entry) = fields.entry("dead_letter") else {
        return;
    };
    let node = &entry.value;
    if matches!(node.kind, NodeKind::Text(_)) {
        if let [exchange, ..] = OF_DEAD_LETTERS {
            add(exchange, node, entry.name_span, table, names, reader);
        }
        return;
    }
    let Some(mut inner) = reader.fields(node, || t!("file-owner-dead-letter"), entry.name_span)
    else {
        return;
    };
    reader.required(&mut inner, "exchange", "\"dlx\"");
    add_shorts(&mut inner, OF_DEAD_LETTERS, table, names, reader);
    reader.finish(inner);
}

fn add_shorts(
    fields: &mut Fields<'_>,
    shorts: &'static [Short],
    table: &mut Table,
    names: &Names,
    reader: &mut Reader<'_>,
) {
    for short in shorts {
        if let Some(entry) = fields.entry(short.name) {
            add(short, &entry.value, entry.name_span, table, names, reader);
        }
    }
}

fn add(
    short: &Short,
    node: &Node,
    name: Span,
    table: &mut Table,
    names: &Names,
    reader: &mut Reader<'_>,
) {
    let Some(value) = value(short.form, node, names, reader) else {
        return;
    };
    if table.insert(short.argument.into(), value).is_some() {
        let what = t!("file-argument-twice", name = short.argument);
        reader.report(name, what, t!("file-argument-twice-hint"));
    }
}

fn value(form: Form, node: &Node, names: &Names, reader: &mut Reader<'_>) -> Option<Value> {
    match form {
        Form::Whole => reader.signed(node).map(Value::Int),
        Form::Flag => reader.flag(node).map(Value::Bool),
        Form::Word(words) => {
            let chosen = reader.choice(node, words, |found| t!("file-no-choice", found = found))?;
            Some(chosen.into())
        }
        Form::Millis => millis(node, reader).map(Value::Int),
        Form::Age => seconds(node, reader),
        Form::Offset => offset(node, reader),
        Form::Exchange => names.exchange(node, reader).map(Value::Text),
        Form::Text => {
            let text = reader.name(node, || t!("file-wanted-text"))?;
            Some(Value::Text(text))
        }
    }
}

/// A duration in milliseconds, which is all that AMQP can say here.
fn millis(node: &Node, reader: &mut Reader<'_>) -> Option<i64> {
    let span = reader.duration(node)?;
    if span.0 % 1_000 != 0 {
        let what = t!("file-finer-than-milliseconds", span = span.to_string());
        reader.report(node.span, what, t!("file-finer-than-milliseconds-hint"));
        return None;
    }
    i64::try_from(span.0 / 1_000).ok()
}

/// A duration in whole seconds, as a text.
fn seconds(node: &Node, reader: &mut Reader<'_>) -> Option<Value> {
    let span = reader.duration(node)?;
    let text = age(span);
    if text.is_none() {
        let what = t!("file-finer-than-seconds", span = span.to_string());
        reader.report(node.span, what, t!("file-finer-than-seconds-hint"));
    }
    text.map(|text| Value::Text(text.into()))
}

/// Where to begin in a stream (Q47).
fn offset(node: &Node, reader: &mut Reader<'_>) -> Option<Value> {
    match &node.kind {
        NodeKind::Number(number) if number.bytes().all(|sign| sign.is_ascii_digit()) => {
            reader.signed(node).map(Value::Int)
        }
        NodeKind::Number(text) | NodeKind::Text(text)
            if text.starts_with(|sign: char| sign.is_ascii_digit()) =>
        {
            seconds(node, reader)
        }
        _ => {
            let words = OFFSETS.map(|word| (word, word));
            let chosen =
                reader.choice(node, &words, |found| t!("file-no-offset", found = found))?;
            Some(chosen.into())
        }
    }
}
