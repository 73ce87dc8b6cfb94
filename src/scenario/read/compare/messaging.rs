//! What is messaging's own.

use super::http::{NEVER, changes, entrance};
use super::{field, positive_span, span_or};
use crate::broker::{Name, QueueKind};
use crate::compare::{Comparison, MessagingSide, ServiceChange, Side};
use crate::scenario::read::names::Names;
use crate::scenario::read::{binding, exchange, policy, queue};
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::syntax::{Entry, Node, NodeKind};
use crate::t;

/// The word for trying again at once.
pub(in crate::scenario) const AT_ONCE: &str = "at_once";

/// The types a queue may have here: a stream keeps what was consumed.
pub(in crate::scenario) const QUEUE_KINDS: [(&str, QueueKind); 2] = [
    ("classic", QueueKind::Classic),
    ("quorum", QueueKind::Quorum),
];

/// At a queue's limit.
const OVERFLOWS: [(&str, bool); 2] = [("drop_head", false), ("reject_publish", true)];

/// Reads the side into the comparison; what comes back are the names of all there is on it.
pub(super) fn side(
    entry: Option<&Entry>,
    comparison: &mut Comparison,
    reader: &mut Reader<'_>,
) -> Names {
    let owner = || t!("file-owner-messaging");
    let fields = entry.and_then(|entry| reader.fields(&entry.value, owner, entry.name_span));
    let Some(mut fields) = fields else {
        let mut names = Names::predeclared();
        names.add(&comparison.setup(Side::Messaging));
        return names;
    };
    let first = comparison.services.first();
    let first = first
        .map(|service| service.name.clone())
        .unwrap_or_default();
    comparison.messaging = own(&mut fields, comparison, &first, reader);
    let mut names = Names::predeclared();
    names.declare(&mut fields);
    names.add(&comparison.setup(Side::Messaging));
    let side = &mut comparison.messaging;
    if let Some(node) = fields.get("exchanges") {
        side.exchanges = exchange::exchanges(node, &mut names, reader);
    }
    if let Some(node) = fields.get("queues") {
        side.own_queues = queue::queues(node, &mut names, reader);
    }
    if let Some(node) = fields.get("bindings") {
        side.bindings = binding::bindings(node, &mut names, reader);
    }
    for (field, operator) in [("policies", false), ("operator_policies", true)] {
        if let Some(node) = fields.get(field) {
            let policies = policy::policies(node, operator, &mut names, reader);
            side.policies.extend(policies);
        }
    }
    reader.finish(fields);
    names
}

fn own(
    fields: &mut Fields<'_>,
    comparison: &Comparison,
    first: &Name,
    reader: &mut Reader<'_>,
) -> MessagingSide {
    let mut side = MessagingSide {
        prefetch: field(fields, "prefetch", reader, prefetch),
        ..MessagingSide::default()
    };
    let flag = |node: &Node, reader: &mut Reader<'_>| reader.flag(node);
    if let Some(confirms) = field(fields, "confirms", reader, flag) {
        side.confirms = confirms;
    }
    if let Some(timeout) = field(fields, "confirm_timeout", reader, span_or(NEVER)) {
        side.confirm_timeout = timeout;
    }
    if let Some(persistent) = field(fields, "persistent", reader, flag) {
        side.persistent = persistent;
    }
    let kind = field(fields, "queue_type", reader, |node, reader| {
        let unknown = |found: &str| t!("file-no-queue-type", found = found);
        reader.choice(node, &QUEUE_KINDS, unknown)
    });
    side.queues = kind.unwrap_or(QueueKind::Classic);
    if let Some(after) = field(fields, "retry_after", reader, retry_after) {
        side.retry_after = after;
    }
    side.max_length = field(fields, "max_length", reader, |node, reader| {
        reader.whole(node, 0..=i64::MAX as u64)
    });
    overflow(fields, &mut side, reader);
    side.max_priority = max_priority(fields, side.queues, reader);
    side.changes = changes(
        fields,
        &comparison.services,
        reader,
        |fields, name, reader| match name == first {
            // It is called; the others consume.
            true => entrance(fields, reader),
            false => ServiceChange {
                prefetch: field(fields, "prefetch", reader, prefetch),
                retry_after: field(fields, "retry_after", reader, retry_after),
                ..ServiceChange::default()
            },
        },
    );
    side
}

fn prefetch(node: &Node, reader: &mut Reader<'_>) -> Option<u16> {
    let most = reader.whole(node, 0..=u16::MAX.into())?;
    u16::try_from(most).ok()
}

/// A time in whole milliseconds, which is all that a queue can count (Q19), or at once.
fn retry_after(node: &Node, reader: &mut Reader<'_>) -> Option<Option<crate::broker::Micros>> {
    if matches!(node.kind, NodeKind::Word(_)) {
        return span_or(AT_ONCE)(node, reader);
    }
    let span = positive_span(node, reader)?;
    if span.0 % 1_000 != 0 {
        let what = t!("file-finer-than-milliseconds", span = span.to_string());
        reader.report(node.span, what, t!("file-finer-than-milliseconds-hint"));
        return None;
    }
    Some(Some(span))
}

fn max_priority(fields: &mut Fields<'_>, queues: QueueKind, reader: &mut Reader<'_>) -> Option<u8> {
    let entry = fields.entry("max_priority")?;
    let most = reader.whole(&entry.value, 1..=u8::MAX.into());
    if queues == QueueKind::Quorum {
        let hint = t!("file-quorum-priority-hint");
        reader.report(entry.name_span, t!("file-quorum-priority"), hint);
    }
    u8::try_from(most?).ok()
}

fn overflow(fields: &mut Fields<'_>, side: &mut MessagingSide, reader: &mut Reader<'_>) {
    let Some(entry) = fields.entry("overflow") else {
        return;
    };
    if side.max_length.is_none() {
        let hint = t!("file-overflow-hint");
        reader.report(entry.name_span, t!("file-overflow"), hint);
    }
    let unknown = |found: &str| t!("file-no-choice", found = found);
    let found = reader.choice(&entry.value, &OVERFLOWS, unknown);
    side.reject_publish = found.unwrap_or_default();
}
