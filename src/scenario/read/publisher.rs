//! Publishers and when they publish.

use super::message::{message, messages_of_keys};
use super::names::Names;
use crate::broker::{Micros, Name};
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::source::Span;
use crate::scenario::syntax::{Entry, Node, NodeKind};
use crate::t;
use crate::world::{MessageSetup, Pace, PublisherSetup};

/// All of a burst's messages are set up at once, so there is a limit to them.
const LARGEST_BURST: u64 = 10_000;

pub(super) fn publisher(
    name: Name,
    entry: &Entry,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<PublisherSetup> {
    let mut fields = reader.fields(&entry.value, || t!("file-owner-publisher"), entry.name_span)?;
    let exchange = match fields.get("to") {
        Some(node) => names.open_exchange(node, reader).unwrap_or_default(),
        // The default exchange.
        None => Name::default(),
    };
    let pace = pace(&mut fields, reader);
    let scripted = pace == Pace::Script;
    let messages = messages(&mut fields, scripted, names, reader);
    let latency = fields.get("latency").and_then(|node| reader.duration(node));
    let connection = fields.get("connection");
    let connection = connection.and_then(|node| connection_name(node, reader));
    let user = fields.get("user").and_then(|node| names.user(node, reader));
    let mandatory = reader.flag_in(&mut fields, "mandatory");
    let (confirms, transaction, republish) = promises(&mut fields, reader);
    reader.finish(fields);
    Some(PublisherSetup {
        name,
        exchange,
        pace,
        messages,
        latency,
        connection,
        user,
        confirms,
        mandatory,
        transaction,
        republish,
    })
}

/// The connection that an actor shares with others.
pub(super) fn connection_name(node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
    let text = reader.text(node, || t!("file-wanted-connection-name"))?;
    reader.declared(text, node.span)
}

/// `confirms`, `transaction` and `republish`, of which not all go together (P6, P9).
fn promises(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> (bool, u32, bool) {
    let confirms = reader.flag_in(fields, "confirms");
    let republish = fields.entry("republish");
    if let (false, Some(entry)) = (confirms, republish) {
        reader.report(
            entry.name_span,
            t!("file-republish"),
            t!("file-republish-hint"),
        );
    }
    let republish = republish.and_then(|entry| reader.flag(&entry.value));
    let transaction = fields.entry("transaction");
    if let (true, Some(entry)) = (confirms, transaction) {
        reader.report(
            entry.name_span,
            t!("file-transaction"),
            t!("file-transaction-hint"),
        );
    }
    let transaction = transaction.and_then(|entry| reader.whole(&entry.value, 1..=u32::MAX.into()));
    let transaction = transaction.and_then(|size| u32::try_from(size).ok());
    (
        confirms,
        transaction.unwrap_or_default(),
        republish.unwrap_or_default(),
    )
}

/// From `every`, `start` and `count`; without `every` it is a script.
fn pace(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> Pace {
    let (every, start, count) = (
        fields.get("every"),
        fields.entry("start"),
        fields.entry("count"),
    );
    let Some(every) = every else {
        for entry in [start, count].into_iter().flatten() {
            let what = t!("file-without-every", field = entry.name.as_str());
            reader.report(entry.name_span, what, t!("file-without-every-hint"));
        }
        return Pace::Script;
    };
    let start = start
        .and_then(|entry| reader.duration(&entry.value))
        .unwrap_or_default();
    let count = count.and_then(|entry| reader.whole(&entry.value, 0..=u64::MAX));
    // In place of a duration that is wrong; the scenario will not be used then.
    let any = Micros::from_secs(1);
    match &every.kind {
        NodeKind::Call(word, inner) if word == "burst" => {
            burst(every.span, inner, start, count, reader).unwrap_or(Pace::Even {
                every: any,
                start,
                count,
            })
        }
        NodeKind::Call(word, inner) if word == "random" => {
            let mean = single(inner, reader).and_then(|node| reader.positive_duration(node));
            let every = mean.unwrap_or(any);
            Pace::Random {
                every,
                start,
                count,
            }
        }
        NodeKind::Call(..) => {
            reader.wrong_type(every, || t!("file-wanted-every"));
            Pace::Even {
                every: any,
                start,
                count,
            }
        }
        _ => {
            let every = reader.positive_duration(every).unwrap_or(any);
            Pace::Even {
                every,
                start,
                count,
            }
        }
    }
}

fn burst(
    span: Span,
    inner: &Node,
    start: Micros,
    count: Option<u64>,
    reader: &mut Reader<'_>,
) -> Option<Pace> {
    let mut fields = reader.fields(inner, || t!("file-owner-burst"), span)?;
    let size = reader.required(&mut fields, "size", "5");
    let size = size.and_then(|node| reader.whole(node, 1..=LARGEST_BURST));
    let gap = fields
        .get("gap")
        .map_or(Some(Micros::ZERO), |node| reader.duration(node));
    let every = reader.required(&mut fields, "every", "\"4s\"");
    let every = every.and_then(|node| reader.positive_duration(node));
    reader.finish(fields);
    let (size, gap, every) = (size?, gap?, every?);
    if Micros(gap.0.saturating_mul(size - 1)) >= every {
        reader.report(
            span,
            t!("file-long-burst", size = size, gap = gap.to_string()),
            t!("file-long-burst-hint"),
        );
    }
    Some(Pace::Burst {
        every,
        size,
        gap,
        start,
        count,
    })
}

/// The one value inside `random(…)`.
pub(super) fn single<'t>(inner: &'t Node, reader: &mut Reader<'_>) -> Option<&'t Node> {
    match &inner.kind {
        NodeKind::Group(items) => match items.as_slice() {
            [only] => Some(only),
            _ => {
                reader.report(
                    inner.span,
                    t!("file-one-duration"),
                    t!("file-one-duration-hint"),
                );
                None
            }
        },
        _ => {
            reader.wrong_type(inner, || t!("file-wanted-one-duration"));
            None
        }
    }
}

fn messages(
    fields: &mut Fields<'_>,
    scripted: bool,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Vec<MessageSetup> {
    let (listed, keys) = (fields.entry("messages"), fields.entry("keys"));
    let nodes = match (listed, keys) {
        (Some(_), Some(keys)) => {
            let what = t!("file-keys-and-messages");
            reader.report(keys.name_span, what, t!("file-keys-and-messages-hint"));
            return Vec::new();
        }
        (None, Some(keys)) => return messages_of_keys(&keys.value, scripted, fields.span, reader),
        (Some(listed), None) => reader.list(&listed.value, || t!("file-wanted-messages")),
        (None, None) => &[],
    };
    if nodes.is_empty() {
        reader.report(
            fields.span,
            t!("file-no-messages"),
            t!("file-no-messages-hint"),
        );
    }
    nodes
        .iter()
        .filter_map(|node| message(node, scripted, names, reader))
        .collect()
}
