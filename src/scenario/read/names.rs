//! What is declared, and references to it.

use std::collections::BTreeMap;

use crate::broker::{ExchangeKind, Name, PREDECLARED};
use crate::scenario::reader::Reader;
use crate::scenario::source::Span;
use crate::scenario::syntax::Node;
use crate::t;

/// What may be referred to. Things that were declared wrongly are here too: a second error would tell nothing new.
#[derive(Default)]
pub(super) struct Names {
    /// With the type, where that is right; predeclared ones among them.
    pub exchanges: BTreeMap<Name, Option<ExchangeKind>>,
    pub queues: BTreeMap<Name, Span>,
    pub publishers: BTreeMap<Name, Span>,
    pub consumers: BTreeMap<Name, Span>,
}

/// The exchange on which the broker itself publishes; others may not (E1, E8).
const INTERNAL: &str = "amq.rabbitmq.trace";

impl Names {
    pub fn new() -> Self {
        let predeclared = PREDECLARED.map(|(name, kind)| (name.into(), Some(kind)));
        Self {
            exchanges: predeclared.into(),
            ..Self::default()
        }
    }

    pub fn queue(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
        let name = reader.name(node, || t!("file-wanted-queue-name"))?;
        if !self.queues.contains_key(&name) {
            let other = self.exchanges.contains_key(&name);
            missing(
                node,
                reader,
                "queue",
                &name,
                self.queues.keys(),
                other.then_some("exchange"),
            );
            return None;
        }
        Some(name)
    }

    pub fn exchange(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
        let name = reader.name(node, || t!("file-wanted-exchange-name"))?;
        if !self.exchanges.contains_key(&name) {
            let other = self.queues.contains_key(&name);
            let declared = self.exchanges.keys();
            missing(
                node,
                reader,
                "exchange",
                &name,
                declared,
                other.then_some("queue"),
            );
            return None;
        }
        Some(name)
    }

    /// An exchange that takes messages from publishers.
    pub fn open_exchange(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
        let name = reader.name(node, || t!("file-wanted-exchange-name"))?;
        if self.queues.contains_key(&name) && !self.exchanges.contains_key(&name) {
            reader.report(
                node.span,
                t!("file-publish-to-queue", name = name.as_str()),
                t!("file-publish-to-queue-hint", name = name.as_str()),
            );
            return None;
        }
        let name = self.exchange(node, reader)?;
        if name == INTERNAL {
            reader.report(
                node.span,
                t!("file-internal", name = INTERNAL),
                t!("file-internal-hint"),
            );
            return None;
        }
        Some(name)
    }

    pub fn publisher(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
        let name = reader.name(node, || t!("file-wanted-publisher-name"))?;
        if !self.publishers.contains_key(&name) {
            missing(
                node,
                reader,
                "publisher",
                &name,
                self.publishers.keys(),
                None,
            );
            return None;
        }
        Some(name)
    }

    pub fn consumer(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
        let name = reader.name(node, || t!("file-wanted-consumer-name"))?;
        if !self.consumers.contains_key(&name) {
            missing(node, reader, "consumer", &name, self.consumers.keys(), None);
            return None;
        }
        Some(name)
    }
}

/// Notes that there is no `kind` of this name; `other` is what there is of this name instead.
fn missing<'n>(
    node: &Node,
    reader: &mut Reader<'_>,
    kind: &str,
    name: &str,
    declared: impl Iterator<Item = &'n Name> + Clone,
    other: Option<&str>,
) {
    let what = match other {
        Some("queue") => t!("file-missing-but-queue", kind = kind, name = name),
        Some(_) => t!("file-missing-but-exchange", kind = kind, name = name),
        None => t!("file-missing", kind = kind, name = name),
    };
    // The default exchange and the predeclared ones are seldom what was meant.
    let declared = declared.map(Name::as_str);
    let own = declared
        .filter(|own| !own.is_empty() && (name.starts_with("amq") || !own.starts_with("amq.")));
    if own.clone().next().is_none() {
        let hint = t!("file-none-yet", kind = kind, field = format!("{kind}s"));
        reader.report(node.span, what, hint);
    } else {
        reader.report_unknown(node.span, what, name, own);
    }
}
