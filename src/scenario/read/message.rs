//! Messages: what a publisher sends, and what an expectation asks about.

use super::names::Names;
use crate::broker::{Body, Name, Properties, Publication};
use crate::scenario::duration::parse_duration;
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::source::Span;
use crate::scenario::syntax::{Node, NodeKind};
use crate::t;
use crate::world::MessageSetup;

pub(super) fn wanted_key() -> String {
    t!("file-wanted-routing-key")
}

/// A message in a publisher's list: just its key, or `(key: …, body: …, …)`.
pub(super) fn message(
    node: &Node,
    scripted: bool,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<MessageSetup> {
    if !matches!(node.kind, NodeKind::Map(_) | NodeKind::Group(_)) {
        let key = reader.name(node, || t!("file-wanted-message"))?;
        if scripted {
            report_no_time(node.span, reader);
        }
        return Some(MessageSetup {
            key,
            ..MessageSetup::default()
        });
    }
    let span = Span {
        end: node.span.start + 1,
        ..node.span
    };
    let mut fields = reader.fields(node, || t!("file-owner-message"), span)?;
    let at = match (fields.entry("at"), scripted) {
        (Some(at), true) => reader.duration(&at.value),
        (None, true) => {
            report_no_time(span, reader);
            None
        }
        (Some(at), false) => {
            reader.report(
                at.name_span,
                t!("file-at-and-every"),
                t!("file-at-and-every-hint"),
            );
            None
        }
        (None, false) => None,
    };
    let exchange = fields
        .get("to")
        .and_then(|node| names.open_exchange(node, reader));
    let publication = content(&mut fields, reader);
    reader.finish(fields);
    Some(MessageSetup {
        at: at.unwrap_or_default(),
        exchange,
        key: publication.routing_key,
        body: publication.body,
        properties: publication.properties,
    })
}

fn report_no_time(span: Span, reader: &mut Reader<'_>) {
    reader.report(span, t!("file-no-time"), t!("file-no-time-hint"));
}

/// `keys`, the short form of messages that are nothing but their keys.
pub(super) fn messages_of_keys(
    node: &Node,
    scripted: bool,
    publisher: Span,
    reader: &mut Reader<'_>,
) -> Vec<MessageSetup> {
    let keys = reader.list(node, || t!("file-wanted-keys"));
    if keys.is_empty() {
        reader.report(node.span, t!("file-no-messages"), t!("file-no-keys-hint"));
    } else if scripted {
        report_no_time(publisher, reader);
    }
    let keys = keys.iter().filter_map(|key| reader.name(key, wanted_key));
    keys.map(|key| MessageSetup {
        key,
        ..MessageSetup::default()
    })
    .collect()
}

/// What is, or would be, published: `to: "logs", key: "kern.error"`.
pub(super) fn publication(
    fields: &mut Fields<'_>,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<Publication> {
    let exchange = fields
        .get("to")
        .map(|node| names.open_exchange(node, reader));
    let publication = content(fields, reader);
    Some(Publication {
        exchange: exchange.map_or(Some(Name::default()), |found| found)?,
        ..publication
    })
}

/// Key, body and properties.
fn content(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> Publication {
    let key = fields
        .get("key")
        .and_then(|node| reader.name(node, wanted_key));
    let body = fields
        .get("body")
        .and_then(|node| reader.text(node, || t!("file-wanted-body")));
    Publication {
        exchange: Name::default(),
        routing_key: key.unwrap_or_default(),
        properties: properties(fields, reader).into(),
        body: body.map(Body::from).unwrap_or_default(),
        ..Publication::default()
    }
}

fn properties(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> Properties {
    let mut text = |name| {
        fields
            .get(name)
            .and_then(|node| reader.name(node, || t!("file-wanted-text")))
    };
    let mut properties = Properties {
        content_type: text("content_type"),
        content_encoding: text("content_encoding"),
        correlation_id: text("correlation_id"),
        reply_to: text("reply_to"),
        message_id: text("message_id"),
        kind: text("type"),
        user_id: text("user_id"),
        app_id: text("app_id"),
        ..Properties::default()
    };
    if let Some(node) = fields.get("headers") {
        properties.headers = reader.table(node).unwrap_or_default();
    }
    if let Some(node) = fields.get("persistent") {
        properties.delivery_mode = reader.flag(node).unwrap_or_default().then_some(2);
    }
    if let Some(node) = fields.get("priority") {
        let priority = reader.whole(node, 0..=255);
        properties.priority = priority.and_then(|priority| u8::try_from(priority).ok());
    }
    if let Some(node) = fields.get("timestamp") {
        properties.timestamp = reader.whole(node, 0..=u64::MAX);
    }
    if let Some(node) = fields.get("expiration") {
        properties.expiration = expiration(node, reader);
    }
    properties
}

/// Milliseconds as digits in a text (Q20).
fn expiration(node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
    if let NodeKind::Number(number) = &node.kind {
        let millis = match parse_duration(number) {
            Ok(span) => (span.0 / 1_000).to_string(),
            Err(_) => number.clone(),
        };
        let hint = t!("file-write", text = format!("\"{millis}\""));
        reader.wrong(node, || t!("file-wanted-expiration"), hint);
        return None;
    }
    let text = reader.name(node, || t!("file-wanted-expiration"))?;
    if text.is_empty() || !text.bytes().all(|octet| octet.is_ascii_digit()) {
        let what = t!("file-bad-expiration", text = text.as_str());
        reader.report(node.span, what, t!("file-bad-expiration-hint"));
        return None;
    }
    Some(text)
}
