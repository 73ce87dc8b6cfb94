//! Methods that a client calls in a script.

use super::arguments::arguments;
use super::binding::{Ends, Side, ends, is_empty};
use super::names::Names;
use super::script::{declared_exchange, declared_queue, nothing};
use crate::broker::{Method, Name, Target};
use crate::scenario::arguments::OF_CONSUMERS;
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::syntax::{Entry, Node, NodeKind};
use crate::t;

/// What only a client does.
pub(super) const CALLS: [&str; 12] = [
    "qos",
    "consume",
    "cancel",
    "get",
    "ack",
    "nack",
    "reject",
    "recover",
    "confirm",
    "tx",
    "flow",
    "close_channel",
];

/// The method that an act of the script calls.
pub(super) fn method(entry: &Entry, names: &Names, reader: &mut Reader<'_>) -> Option<Method> {
    let node = &entry.value;
    match entry.name.as_str() {
        "declare_exchange" => {
            let (spec, passive) = declared_exchange(entry, Side::Client, names, reader)?;
            Some(Method::DeclareExchange { spec, passive })
        }
        "declare_queue" => {
            let (spec, passive) = declared_queue(entry, Side::Client, names, reader)?;
            Some(Method::DeclareQueue { spec, passive })
        }
        "delete_exchange" => delete_exchange(entry, names, reader),
        "delete_queue" => delete_queue(entry, names, reader),
        "purge" => queue(node, names, reader).map(|queue| Method::PurgeQueue { queue }),
        "bind" | "unbind" => binding(entry, names, reader),
        "qos" => qos(entry, reader),
        "consume" => consume(entry, names, reader),
        "cancel" => {
            let tag = reader.name(node, || t!("file-wanted-consumer-name"))?;
            Some(Method::Cancel { tag })
        }
        "get" => get(entry, names, reader),
        "ack" | "nack" | "reject" => settlement(entry, reader),
        "recover" => recover(entry, reader),
        "confirm" => choice(node, &[("select", Method::ConfirmSelect)], reader),
        "tx" => choice(
            node,
            &[
                ("select", Method::TxSelect),
                ("commit", Method::TxCommit),
                ("rollback", Method::TxRollback),
            ],
            reader,
        ),
        "flow" => reader.flag(node).map(|active| Method::Flow { active }),
        _ => {
            nothing(node, reader);
            Some(Method::Close)
        }
    }
}

fn choice(node: &Node, methods: &[(&str, Method)], reader: &mut Reader<'_>) -> Option<Method> {
    let words: Vec<(&str, usize)> = methods.iter().map(|(word, _)| *word).zip(0..).collect();
    let chosen = reader.choice(node, &words, |found| t!("file-no-choice", found = found))?;
    methods.get(chosen).map(|(_, method)| method.clone())
}

/// A queue, or `""` for the last one declared on the channel (C16).
fn queue(node: &Node, names: &Names, reader: &mut Reader<'_>) -> Option<Name> {
    if is_empty(node) {
        return Some(Name::default());
    }
    names.consumed(node, reader)
}

/// Whether what is given is all in one value rather than in fields.
fn is_short(node: &Node) -> bool {
    !matches!(&node.kind, NodeKind::Map(_) | NodeKind::Group(_))
}

fn delete_exchange(entry: &Entry, names: &Names, reader: &mut Reader<'_>) -> Option<Method> {
    let node = &entry.value;
    if is_short(node) {
        let exchange = names.exchange(node, reader)?;
        return Some(Method::DeleteExchange {
            exchange,
            if_unused: false,
        });
    }
    let mut fields = reader.fields(node, || t!("file-owner-deletion"), entry.name_span)?;
    let name = reader.required(&mut fields, "name", "\"logs\"");
    let exchange = name.and_then(|node| names.exchange(node, reader));
    let if_unused = reader.flag_in(&mut fields, "if_unused");
    reader.finish(fields);
    Some(Method::DeleteExchange {
        exchange: exchange?,
        if_unused,
    })
}

fn delete_queue(entry: &Entry, names: &Names, reader: &mut Reader<'_>) -> Option<Method> {
    let node = &entry.value;
    if is_short(node) {
        let queue = queue(node, names, reader)?;
        return Some(Method::DeleteQueue {
            queue,
            if_unused: false,
            if_empty: false,
        });
    }
    let mut fields = reader.fields(node, || t!("file-owner-deletion"), entry.name_span)?;
    let name = reader.required(&mut fields, "name", "\"work\"");
    let queue = name.and_then(|node| queue(node, names, reader));
    let if_unused = reader.flag_in(&mut fields, "if_unused");
    let if_empty = reader.flag_in(&mut fields, "if_empty");
    reader.finish(fields);
    Some(Method::DeleteQueue {
        queue: queue?,
        if_unused,
        if_empty,
    })
}

fn binding(entry: &Entry, names: &Names, reader: &mut Reader<'_>) -> Option<Method> {
    let mut fields = reader.fields(&entry.value, || t!("file-owner-binding"), entry.name_span)?;
    let ends = ends(&mut fields, Side::Client, names, reader);
    reader.finish(fields);
    let Ends {
        source,
        destination,
        key,
        arguments,
    } = ends?;
    Some(match (entry.name.as_str(), destination) {
        ("bind", Target::Queue(queue)) => Method::BindQueue {
            queue,
            source,
            key,
            arguments,
        },
        ("bind", Target::Exchange(destination)) => Method::BindExchange {
            destination,
            source,
            key,
            arguments,
        },
        (_, Target::Queue(queue)) => Method::UnbindQueue {
            queue,
            source,
            key,
            arguments,
        },
        (_, Target::Exchange(destination)) => Method::UnbindExchange {
            destination,
            source,
            key,
            arguments,
        },
    })
}

fn prefetch(node: &Node, reader: &mut Reader<'_>) -> Option<u16> {
    let number = reader.whole(node, 0..=u16::MAX.into())?;
    u16::try_from(number).ok()
}

/// `qos: 5` or `qos: (prefetch: 5, global: true)`.
fn qos(entry: &Entry, reader: &mut Reader<'_>) -> Option<Method> {
    let node = &entry.value;
    if is_short(node) {
        return Some(Method::Qos {
            prefetch_size: 0,
            prefetch: prefetch(node, reader)?,
            global: false,
        });
    }
    let mut fields = reader.fields(node, || t!("file-owner-qos"), entry.name_span)?;
    let most = reader.required(&mut fields, "prefetch", "5");
    let most = most.and_then(|node| prefetch(node, reader));
    let global = reader.flag_in(&mut fields, "global");
    let size = fields.get("size");
    let size = size.and_then(|node| reader.whole(node, 0..=u32::MAX.into()));
    reader.finish(fields);
    Some(Method::Qos {
        prefetch_size: size
            .and_then(|size| u32::try_from(size).ok())
            .unwrap_or_default(),
        prefetch: most?,
        global,
    })
}

/// `consume: "work"` or `consume: (queue: "work", tag: "me", ack: auto)`.
fn consume(entry: &Entry, names: &Names, reader: &mut Reader<'_>) -> Option<Method> {
    let node = &entry.value;
    if is_short(node) {
        return Some(Method::Consume {
            queue: queue(node, names, reader)?,
            tag: Name::default(),
            no_ack: false,
            exclusive: false,
            arguments: [].into(),
        });
    }
    let mut fields = reader.fields(node, || t!("file-owner-consume"), entry.name_span)?;
    let name = reader.required(&mut fields, "queue", "\"work\"");
    let queue = name.and_then(|node| queue(node, names, reader));
    let tag = fields.get("tag");
    let tag = tag.and_then(|node| reader.name(node, || t!("file-wanted-consumer-name")));
    let no_ack = !by_hand(&mut fields, reader);
    let exclusive = reader.flag_in(&mut fields, "exclusive");
    let arguments = arguments(&mut fields, OF_CONSUMERS, names, reader);
    reader.finish(fields);
    Some(Method::Consume {
        queue: queue?,
        tag: tag.unwrap_or_default(),
        no_ack,
        exclusive,
        arguments,
    })
}

/// `ack: manual`, which is so where nothing is said, or `ack: auto`.
pub(super) fn by_hand(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> bool {
    let ack = fields.get("ack").and_then(|node| {
        reader.choice(node, &[("manual", true), ("auto", false)], |found| {
            t!("file-no-ack", found = found)
        })
    });
    ack.unwrap_or(true)
}

/// `get: "work"` or `get: (queue: "work", ack: auto)`.
fn get(entry: &Entry, names: &Names, reader: &mut Reader<'_>) -> Option<Method> {
    let node = &entry.value;
    if is_short(node) {
        let queue = queue(node, names, reader)?;
        return Some(Method::Get {
            queue,
            no_ack: false,
        });
    }
    let mut fields = reader.fields(node, || t!("file-owner-get"), entry.name_span)?;
    let name = reader.required(&mut fields, "queue", "\"work\"");
    let queue = name.and_then(|node| queue(node, names, reader));
    let no_ack = !by_hand(&mut fields, reader);
    reader.finish(fields);
    Some(Method::Get {
        queue: queue?,
        no_ack,
    })
}

/// `ack: 3` or `nack: (tag: 3, multiple: true, requeue: false)`.
fn settlement(entry: &Entry, reader: &mut Reader<'_>) -> Option<Method> {
    let node = &entry.value;
    let name = entry.name.as_str();
    // As a consumer that fails: what it nacks returns, and what it rejects dies.
    let (mut tag, mut multiple, mut requeue) = (None, false, name == "nack");
    if is_short(node) {
        tag = reader.whole(node, 0..=u64::MAX);
    } else {
        let mut fields = reader.fields(node, || t!("file-owner-settlement"), entry.name_span)?;
        if let Some(node) = reader.required(&mut fields, "tag", "3") {
            tag = reader.whole(node, 0..=u64::MAX);
        }
        if name != "reject" {
            multiple = reader.flag_in(&mut fields, "multiple");
        }
        if name != "ack" {
            let node = fields.get("requeue");
            requeue = node.and_then(|node| reader.flag(node)).unwrap_or(requeue);
        }
        reader.finish(fields);
    }
    let tag = tag?;
    Some(match name {
        "ack" => Method::Ack { tag, multiple },
        "nack" => Method::Nack {
            tag,
            multiple,
            requeue,
        },
        _ => Method::Reject { tag, requeue },
    })
}

/// `recover: ()` or `recover: (requeue: false)`.
fn recover(entry: &Entry, reader: &mut Reader<'_>) -> Option<Method> {
    let owner = || t!("file-owner-recover");
    let mut fields = reader.fields(&entry.value, owner, entry.name_span)?;
    let requeue = fields.get("requeue").and_then(|node| reader.flag(node));
    reader.finish(fields);
    Some(Method::Recover {
        requeue: requeue.unwrap_or(true),
    })
}
