//! Shovels and upstreams of federation that read a queue or an exchange (E48).

use super::names::Names;
use crate::broker::{Name, Target};
use crate::scenario::reader::Reader;
use crate::scenario::source::Span;
use crate::scenario::syntax::Node;
use crate::t;
use crate::world::{MoverKind, MoverSetup};

/// `[(shovel: "away", queue: "orders", to: "queue orders at amqp://other")]`.
pub(super) fn movers(node: &Node, names: &Names, reader: &mut Reader<'_>) -> Vec<MoverSetup> {
    let items = reader.list(node, || t!("file-wanted-movers"));
    let items = items.iter();
    items
        .filter_map(|item| mover(item, names, reader))
        .collect()
}

fn mover(node: &Node, names: &Names, reader: &mut Reader<'_>) -> Option<MoverSetup> {
    let start = Span {
        end: node.span.start + 1,
        ..node.span
    };
    let mut fields = reader.fields(node, || t!("file-owner-mover"), start)?;
    let (shovel, upstream) = (fields.get("shovel"), fields.get("upstream"));
    let (kind, name) = match (shovel, upstream) {
        (Some(name), None) => (MoverKind::Shovel, Some(name)),
        (None, Some(name)) => (MoverKind::Federation, Some(name)),
        _ => {
            let hint = t!("file-mover-kind-hint");
            reader.report(fields.span, t!("file-mover-kind"), hint);
            (MoverKind::Shovel, None)
        }
    };
    let (queue, exchange) = (fields.get("queue"), fields.get("exchange"));
    let reads = match (queue, exchange) {
        (Some(queue), None) => names.queue(queue, reader).map(Target::Queue),
        (None, Some(exchange)) => names.exchange(exchange, reader).map(Target::Exchange),
        _ => {
            let hint = t!("file-mover-reads-hint");
            reader.report(fields.span, t!("file-mover-reads"), hint);
            None
        }
    };
    let name = name.and_then(|node| reader.name(node, || t!("file-wanted-text")));
    let mut text = |field| {
        let node = fields.get(field)?;
        reader.name(node, || t!("file-wanted-text"))
    };
    let (key, to): (Option<Name>, Option<Name>) = (text("key"), text("to"));
    reader.finish(fields);
    Some(MoverSetup {
        kind,
        name: name?,
        reads: reads?,
        key: key.unwrap_or_default(),
        to: to.unwrap_or_default(),
    })
}
