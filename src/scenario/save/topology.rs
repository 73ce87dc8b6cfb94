//! Exchanges, queues and bindings.

use std::collections::BTreeSet;

use super::text::{Fields, Section, duration, quoted, table};
use crate::broker::{ExchangeSpec, Method, Name, Operation, PREDECLARED, QueueSpec, Table, Target};
use crate::scenario::arguments::{
    OF_DEAD_LETTERS, OF_EXCHANGES, OF_QUEUES, QUEUE_TYPE, Short, rest,
};
use crate::world::{BindingSetup, Deed, MoverKind, MoverSetup, QueueSetup, Setup};

/// What there is by which name, at some time or other.
pub(super) struct Known<'s> {
    queues: BTreeSet<&'s Name>,
    exchanges: BTreeSet<&'s str>,
}

impl<'s> Known<'s> {
    pub fn of(setup: &'s Setup) -> Self {
        let mut known = Self {
            queues: setup.queues.iter().map(|queue| &queue.spec.name).collect(),
            exchanges: PREDECLARED.map(|(name, _)| name).into(),
        };
        let exchanges = setup.exchanges.iter();
        known
            .exchanges
            .extend(exchanges.map(|exchange| exchange.name.as_str()));
        for act in &setup.script {
            match &act.deed {
                Deed::Operate(Operation::DeclareQueue(spec))
                | Deed::Call {
                    method:
                        Method::DeclareQueue {
                            spec,
                            passive: false,
                        },
                    ..
                } => {
                    known.queues.insert(&spec.name);
                }
                Deed::Operate(Operation::DeclareExchange(spec))
                | Deed::Call {
                    method:
                        Method::DeclareExchange {
                            spec,
                            passive: false,
                        },
                    ..
                } => {
                    known.exchanges.insert(&spec.name);
                }
                _ => {}
            }
        }
        known
    }

    /// The arguments by their short names where they have one, and the others as AMQP has them.
    pub fn arguments(&self, arguments: &Table, shorts: &[Short], fields: &mut Fields) {
        let mut written = self.shorts(arguments, shorts, fields);
        if shorts.iter().any(|short| short.argument == QUEUE_TYPE) {
            written.extend(self.dead_letter(arguments, fields));
        }
        let rest = rest(arguments, &written);
        if !rest.is_empty() {
            fields.add("arguments", table(&rest));
        }
    }

    fn shorts(
        &self,
        arguments: &Table,
        shorts: &[Short],
        fields: &mut Fields,
    ) -> Vec<&'static str> {
        let mut written = Vec::new();
        for short in shorts {
            let value = arguments.get(short.argument);
            let value = value.and_then(|value| {
                let is_exchange = |name: &str| self.exchanges.contains(name);
                short.form.write(value, is_exchange)
            });
            if let Some(value) = value {
                fields.add(short.name, value);
                written.push(short.argument);
            }
        }
        written
    }

    fn dead_letter(&self, arguments: &Table, fields: &mut Fields) -> Vec<&'static str> {
        let mut inner = Fields::default();
        let written = self.shorts(arguments, OF_DEAD_LETTERS, &mut inner);
        match (OF_DEAD_LETTERS, written.as_slice()) {
            // Without the exchange the rest has no place.
            ([exchange, ..], [first, ..]) if *first == exchange.argument => {
                fields.add("dead_letter", inner.in_brackets());
                written
            }
            _ => Vec::new(),
        }
    }

    /// What an exchange is declared with besides its name.
    pub fn exchange_fields(&self, spec: &ExchangeSpec, fields: &mut Fields) {
        match &spec.plugin {
            Some(plugin) => fields.add("plugin", quoted(plugin)),
            None => fields.add("type", spec.kind),
        }
        if !spec.durable {
            fields.add("durable", false);
        }
        fields.add_flag("auto_delete", spec.auto_delete);
        fields.add_flag("internal", spec.internal);
        self.arguments(&spec.arguments, OF_EXCHANGES, fields);
    }

    /// The exchanges, as a field.
    pub fn exchanges_in(&self, exchanges: &[ExchangeSpec], file: &mut Section) {
        let exchanges = exchanges.iter().map(|each| self.exchange(each));
        file.block("exchanges", '{', exchanges);
    }

    /// The queues, as a field: a list if there is nothing to be said about them.
    pub fn queues_in(&self, queues: &[QueueSetup], file: &mut Section) {
        let plain = |queue: &QueueSetup| *queue == QueueSetup::new(queue.spec.name.clone());
        if queues.iter().all(plain) {
            let names = queues.iter().map(|queue| quoted(&queue.spec.name));
            file.block("queues", '[', names);
        } else {
            let queues = queues.iter().map(|queue| self.queue(queue));
            file.block("queues", '{', queues);
        }
    }

    /// The bindings, as a field.
    pub fn bindings_in(&self, bindings: &[BindingSetup], file: &mut Section) {
        let bindings = bindings.iter().map(|each| self.binding(each));
        file.block("bindings", '[', bindings);
    }

    pub fn exchange(&self, spec: &ExchangeSpec) -> String {
        let plain = ExchangeSpec::new(spec.name.clone(), spec.kind);
        if *spec == plain && spec.plugin.is_none() {
            return format!("{}: {}", quoted(&spec.name), spec.kind);
        }
        let mut fields = Fields::default();
        self.exchange_fields(spec, &mut fields);
        format!("{}: {}", quoted(&spec.name), fields.in_brackets())
    }

    /// What a queue is declared with besides its name.
    pub fn queue_fields(&self, spec: &QueueSpec, fields: &mut Fields) {
        if !spec.durable {
            fields.add("durable", false);
        }
        fields.add_flag("exclusive", spec.exclusive);
        fields.add_flag("auto_delete", spec.auto_delete);
        self.arguments(&spec.arguments, OF_QUEUES, fields);
    }

    pub fn queue(&self, queue: &QueueSetup) -> String {
        let mut fields = Fields::default();
        self.queue_fields(&queue.spec, &mut fields);
        fields.add_some("by", queue.by.as_ref().map(|name| quoted(name)));
        format!("{}: {}", quoted(&queue.spec.name), fields.in_brackets())
    }

    pub fn binding(&self, binding: &BindingSetup) -> String {
        let mut fields = Fields::default();
        let BindingSetup {
            source,
            destination,
            key,
            arguments,
            latency,
        } = binding;
        self.ends(source, destination, key, arguments, &mut fields);
        fields.add_some("latency", latency.map(duration));
        fields.in_brackets()
    }

    pub fn ends(
        &self,
        source: &Name,
        destination: &Target,
        key: &Name,
        arguments: &Table,
        fields: &mut Fields,
    ) {
        fields.add("from", quoted(source));
        let (name, exact) = match destination {
            Target::Queue(name) => (name, "to_queue"),
            Target::Exchange(name) => (name, "to_exchange"),
        };
        // Without a name a queue is meant, unless it is said otherwise.
        let clear = !name.is_empty()
            && self.queues.contains(name) != self.exchanges.contains(name.as_str());
        fields.add(if clear { "to" } else { exact }, quoted(name));
        fields.add("key", quoted(key));
        if !arguments.is_empty() {
            fields.add("arguments", table(arguments));
        }
    }
}

/// What reads a queue or an exchange.
pub(super) fn mover(mover: &MoverSetup) -> String {
    let mut fields = Fields::default();
    let kind = match mover.kind {
        MoverKind::Shovel => "shovel",
        MoverKind::Federation => "upstream",
    };
    fields.add(kind, quoted(&mover.name));
    match &mover.reads {
        Target::Queue(name) => fields.add("queue", quoted(name)),
        Target::Exchange(name) => fields.add("exchange", quoted(name)),
    }
    for (field, text) in [("key", &mover.key), ("to", &mover.to)] {
        let said = Some(text).filter(|text| !text.is_empty());
        fields.add_some(field, said.map(|text| quoted(text)));
    }
    fields.in_brackets()
}
