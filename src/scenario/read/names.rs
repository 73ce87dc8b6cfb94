//! What is declared, and references to it.

use std::collections::{BTreeMap, BTreeSet};

use super::exchange::RESERVED;
use crate::broker::{ExchangeKind, Name, PREDECLARED};
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::source::Span;
use crate::scenario::syntax::{Entry, Node, NodeKind};
use crate::t;
use crate::world::{GUEST, Setup};

/// What may be referred to. Things that were declared wrongly are here too: a second error would tell nothing new.
#[derive(Default)]
pub(super) struct Names {
    /// With the type, where that is right; predeclared ones among them.
    pub exchanges: BTreeMap<Name, Option<ExchangeKind>>,
    pub queues: BTreeSet<Name>,
    publishers: BTreeSet<Name>,
    consumers: BTreeSet<Name>,
    /// With `guest`, and those that the script adds.
    users: BTreeSet<Name>,
    /// Those that actors name, actors that have one of their own, and those the script opens.
    connections: BTreeSet<Name>,
    /// Where each thing stands, by what it is and its name.
    places: BTreeMap<(&'static str, Name), Span>,
}

/// The exchange on which the broker itself publishes; others may not (E1, E8).
const INTERNAL: &str = "amq.rabbitmq.trace";

/// What a consumer of replies consumes from (S16). Nobody declares it.
pub(in crate::scenario) const REPLY_TO: &str = "amq.rabbitmq.reply-to";

impl Names {
    /// All names that are declared anywhere in the scenario, for what is written first may refer to what comes later.
    /// What is wrong about them is told when they are read.
    pub fn of(fields: &mut Fields<'_>) -> Self {
        let mut names = Self::predeclared();
        names.declare(fields);
        for entry in entries(fields.get("users")) {
            names.users.insert(entry.name.as_str().into());
        }
        for (field, actors) in [
            ("publishers", &mut names.publishers),
            ("consumers", &mut names.consumers),
        ] {
            for entry in entries(fields.get(field)) {
                actors.insert(entry.name.as_str().into());
                let shared = part(&entry.value, "connection").and_then(text);
                let connection = shared.unwrap_or(&entry.name);
                names.connections.insert(connection.into());
            }
        }
        for act in items(fields.get("script")) {
            names.add_what_it_declares(act);
        }
        names
    }

    /// What is there without being named.
    pub fn predeclared() -> Self {
        let predeclared = PREDECLARED.map(|(name, kind)| (name.into(), Some(kind)));
        Self {
            exchanges: predeclared.into(),
            users: [GUEST.into()].into(),
            ..Self::default()
        }
    }

    /// Adds the exchanges and queues of some fields.
    pub fn declare(&mut self, fields: &mut Fields<'_>) {
        for entry in entries(fields.get("exchanges")) {
            self.exchanges
                .entry(entry.name.as_str().into())
                .or_default();
        }
        let queues = fields.get("queues");
        let listed = items(queues).iter().filter_map(text);
        let queues = entries(queues).iter().map(|entry| entry.name.as_str());
        self.queues.extend(listed.chain(queues).map(Name::from));
        self.queues.remove("");
    }

    /// Adds what a setup has that was made, not read.
    pub fn add(&mut self, setup: &Setup) {
        for spec in &setup.exchanges {
            let kind = self.exchanges.entry(spec.name.clone());
            kind.or_insert(Some(spec.rule()));
        }
        let queues = setup.queues.iter().map(|queue| queue.spec.name.clone());
        self.queues.extend(queues);
        let publishers = setup.publishers.iter().map(|each| each.name.clone());
        self.publishers.extend(publishers);
        let consumers = setup.consumers.iter().map(|each| each.name.clone());
        self.consumers.extend(consumers);
        let actors = self.publishers.iter().chain(&self.consumers);
        self.connections.extend(actors.cloned());
    }

    fn add_what_it_declares(&mut self, act: &Node) {
        let connection = part(act, "connect").and_then(text);
        self.connections.extend(connection.map(Name::from));
        let user = part(act, "set_user").and_then(|node| part(node, "name"));
        self.users.extend(user.and_then(text).map(Name::from));
        // A passive declaration asks only whether it is there.
        let active = |node: &&Node| !part(node, "passive").is_some_and(is_true);
        let named = |node| text(node).or_else(|| part(node, "name").and_then(text));
        let queue = part(act, "declare_queue").filter(active).and_then(named);
        self.queues
            .extend(queue.filter(|name| !name.is_empty()).map(Name::from));
        let exchange = part(act, "declare_exchange").filter(active);
        if let Some(name) = exchange.and_then(named) {
            let kind = exchange
                .and_then(|node| part(node, "type"))
                .and_then(|node| {
                    let (NodeKind::Word(word) | NodeKind::Text(word)) = &node.kind else {
                        return None;
                    };
                    let mut kinds = ExchangeKind::ALL.into_iter();
                    // What it wraps is not looked for.
                    let kind = kinds.find(|kind| kind.as_str() == word);
                    kind.filter(|kind| *kind != ExchangeKind::Delayed)
                });
            self.exchanges.entry(name.into()).or_insert(kind);
        }
    }

    pub fn declare_exchange(&mut self, name: Name, kind: Option<ExchangeKind>, span: Span) {
        self.exchanges.insert(name.clone(), kind);
        self.place("exchange", name, span);
    }

    pub fn declare_queue(&mut self, name: Name, span: Span) {
        self.queues.insert(name.clone());
        self.place("queue", name, span);
    }

    /// Remembers where something stands, so that what the broker says of it can be told there.
    pub fn place(&mut self, what: &'static str, name: Name, span: Span) {
        self.places.entry((what, name)).or_insert(span);
    }

    /// Where something stands.
    pub fn place_of(&self, what: &'static str, name: &Name) -> Option<Span> {
        self.places.get(&(what, name.clone())).copied()
    }

    /// A queue that can be consumed from: one that is declared, or that of direct replies.
    pub fn consumed(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
        match text(node) {
            Some(REPLY_TO) => Some(REPLY_TO.into()),
            _ => self.queue(node, reader),
        }
    }

    pub fn queue(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
        let name = reader.name(node, || t!("file-wanted-queue-name"))?;
        if !self.queues.contains(&name) {
            let other = self.exchanges.contains_key(&name).then_some("exchange");
            missing(node.span, reader, "queue", &name, self.queues.iter(), other);
            return None;
        }
        Some(name)
    }

    pub fn exchange(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
        let name = reader.name(node, || t!("file-wanted-exchange-name"))?;
        self.exchange_named(&name, node.span, reader)
    }

    pub fn exchange_named(&self, name: &str, span: Span, reader: &mut Reader<'_>) -> Option<Name> {
        if !self.exchanges.contains_key(name) {
            let other = self.queues.contains(name).then_some("queue");
            let declared = self.exchanges.keys();
            missing(span, reader, "exchange", name, declared, other);
            return None;
        }
        Some(name.into())
    }

    /// An exchange that takes messages from publishers.
    pub fn open_exchange(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
        let name = reader.name(node, || t!("file-wanted-exchange-name"))?;
        if self.queues.contains(&name) && !self.exchanges.contains_key(&name) {
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
        if !self.publishers.contains(&name) {
            let declared = self.publishers.iter();
            missing(node.span, reader, "publisher", &name, declared, None);
            return None;
        }
        Some(name)
    }

    pub fn consumer(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
        let name = reader.name(node, || t!("file-wanted-consumer-name"))?;
        if !self.consumers.contains(&name) {
            let declared = self.consumers.iter();
            missing(node.span, reader, "consumer", &name, declared, None);
            return None;
        }
        Some(name)
    }

    /// One who can log in, now or when the script has added it.
    pub fn user(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
        let name = reader.name(node, || t!("file-wanted-user-name"))?;
        if !self.users.contains(&name) {
            let own = self.users.iter().filter(|own| **own != *GUEST);
            if own.clone().next().is_none() {
                missing(node.span, reader, "user", &name, own, None);
            } else {
                missing(node.span, reader, "user", &name, self.users.iter(), None);
            }
            return None;
        }
        Some(name)
    }

    pub fn connection(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
        let name = reader.name(node, || t!("file-wanted-connection-name"))?;
        if !self.connections.contains(&name) {
            let what = t!("file-missing", kind = "connection", name = name.as_str());
            if self.connections.is_empty() {
                reader.report(node.span, what, t!("file-no-connection-hint"));
            } else {
                let known = self.connections.iter().map(Name::as_str);
                reader.report_unknown(node.span, what, &name, known);
            }
            return None;
        }
        Some(name)
    }

    /// `exists` and `gone`: a queue or an exchange.
    pub fn entity(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Name> {
        let name = reader.name(node, || t!("file-wanted-destination"))?;
        if !self.queues.contains(&name) && !self.exchanges.contains_key(&name) {
            self.report_no_entity(node, &name, reader);
            return None;
        }
        Some(name)
    }

    /// Notes that no queue and no exchange has this name.
    pub fn report_no_entity(&self, node: &Node, name: &Name, reader: &mut Reader<'_>) {
        let own = self.exchanges.keys();
        let own = own.filter(|own| !own.is_empty() && !own.starts_with(RESERVED));
        let known = self.queues.iter().chain(own).map(Name::as_str);
        let what = t!("file-no-destination", name = name.as_str());
        reader.report_unknown(node.span, what, name, known);
    }
}

fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.kind) {
        Some(NodeKind::List(items)) => items,
        _ => &[],
    }
}

pub(super) fn entries(node: Option<&Node>) -> &[Entry] {
    match node.map(|node| &node.kind) {
        Some(NodeKind::Map(entries)) => entries,
        _ => &[],
    }
}

pub(super) fn part<'t>(node: &'t Node, name: &str) -> Option<&'t Node> {
    let found = entries(Some(node)).iter().find(|entry| entry.name == name);
    found.map(|entry| &entry.value)
}

pub(super) fn text(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Text(text) => Some(text),
        _ => None,
    }
}

fn is_true(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Bool(true))
}

/// Notes that there is no `kind` of this name; `other` is what there is of this name instead.
fn missing<'n>(
    span: Span,
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
        reader.report(span, what, hint);
    } else {
        reader.report_unknown(span, what, name, own);
    }
}
