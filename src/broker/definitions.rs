//! What is declared: exchanges, queues' names, bindings. It changes seldom and is read for every message.

use std::collections::{BTreeMap, HashMap};

use super::exchange::INTERNAL;
use super::headers::HeadersMatch;
use super::router::Matcher;
use super::{
    BindingId, ExchangeId, ExchangeKind, Name, PREDECLARED, QueueId, Refusal, ReplyCode, Table,
};

/// Where a binding leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Destination {
    /// A queue.
    Queue(QueueId),
    /// Another exchange (exchange-to-exchange).
    Exchange(ExchangeId),
}

/// A binding, from source to destination.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// Its number.
    pub id: BindingId,
    /// The exchange it is bound to.
    pub source: ExchangeId,
    /// Where it leads.
    pub destination: Destination,
    /// The binding key.
    pub key: Name,
    /// The arguments; only a headers exchange compares them.
    pub arguments: Table,
}

/// An exchange.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Its number.
    pub id: ExchangeId,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub kind: ExchangeKind,
    /// The bindings it is the source of, in the order they were made.
    pub bindings: Vec<BindingId>,
    pub(super) matcher: Matcher,
}

/// Exchanges, bindings and the names of queues.
#[derive(Clone, Debug)]
pub struct Definitions {
    exchanges: Vec<Exchange>,
    exchange_names: BTreeMap<Name, ExchangeId>,
    queues: Vec<Name>,
    queue_names: HashMap<Name, QueueId>,
    bindings: Vec<Binding>,
}

impl Definitions {
    /// The default exchange's number (E2).
    pub const DEFAULT_EXCHANGE: ExchangeId = ExchangeId(0);

    pub(super) fn new() -> Self {
        let mut definitions = Self {
            exchanges: Vec::new(),
            exchange_names: BTreeMap::new(),
            queues: Vec::new(),
            queue_names: HashMap::new(),
            bindings: Vec::new(),
        };
        // E1
        for (name, kind) in PREDECLARED {
            definitions.add_exchange(name.into(), kind);
        }
        definitions
    }

    /// All exchanges, the predeclared first, in the order of their declaration.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// The exchange with that number, if there ever was one.
    pub fn exchange(&self, id: ExchangeId) -> Option<&Exchange> {
        self.exchanges.get(id.index())
    }

    /// The exchange of that name.
    pub fn exchange_named(&self, name: &str) -> Option<&Exchange> {
        self.exchange_names
            .get(name)
            .and_then(|&id| self.exchange(id))
    }

    /// The names of all queues, in the order of their declaration; a queue's number is its place.
    pub fn queues(&self) -> &[Name] {
        &self.queues
    }

    /// The queue of that name.
    pub fn queue_named(&self, name: &str) -> Option<QueueId> {
        self.queue_names.get(name).copied()
    }

    /// The exchange a command names.
    ///
    /// # Errors
    /// 404 when there is none (P1, E10).
    pub fn require_exchange(&self, name: &str) -> Result<ExchangeId, Refusal> {
        self.exchange_named(name)
            .map(|exchange| exchange.id)
            .ok_or_else(|| no_exchange(name))
    }

    /// The exchange a publication names.
    ///
    /// # Errors
    /// 404 when there is none, 403 when it is internal (P1, E8).
    pub fn require_published_to(&self, name: &str) -> Result<ExchangeId, Refusal> {
        let exchange = self.require_exchange(name)?;
        if name == INTERNAL {
            return Err(Refusal::new(
                ReplyCode::AccessRefused,
                "E8",
                format!("cannot publish to internal exchange '{name}' in vhost '/'"),
            ));
        }
        Ok(exchange)
    }

    /// The queue a command names.
    ///
    /// # Errors
    /// 404 when there is none (S1, E10).
    pub fn require_queue(&self, name: &str) -> Result<QueueId, Refusal> {
        self.queue_named(name).ok_or_else(|| no_queue(name))
    }

    /// The name of a queue.
    pub fn queue_name(&self, id: QueueId) -> &str {
        self.queues.get(id.index()).map_or("", Name::as_str)
    }

    /// The name of an exchange.
    pub fn exchange_name(&self, id: ExchangeId) -> &str {
        self.exchange(id)
            .map_or("", |exchange| exchange.name.as_str())
    }

    /// The name of where a binding leads.
    pub fn destination_name(&self, destination: Destination) -> &str {
        match destination {
            Destination::Queue(id) => self.queue_name(id),
            Destination::Exchange(id) => self.exchange_name(id),
        }
    }

    /// All bindings made, in order; the default exchange's implicit ones are not among them (E2).
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// The binding with that number.
    pub fn binding(&self, id: BindingId) -> Option<&Binding> {
        self.bindings.get(id.index())
    }

    fn add_exchange(&mut self, name: Name, kind: ExchangeKind) -> ExchangeId {
        let id = ExchangeId(self.exchanges.len() as u32);
        self.exchange_names.insert(name.clone(), id);
        self.exchanges.push(Exchange {
            id,
            name,
            kind,
            bindings: Vec::new(),
            matcher: Matcher::new(kind),
        });
        id
    }

    pub(super) fn declare_exchange(
        &mut self,
        name: &Name,
        kind: ExchangeKind,
    ) -> Result<ExchangeId, Refusal> {
        not_default(name)?;
        if let Some(present) = self.exchange_named(name) {
            // E5
            return if present.kind == kind {
                Ok(present.id)
            } else {
                Err(Refusal::new(
                    ReplyCode::PreconditionFailed,
                    "E5",
                    format!(
                        "inequivalent arg 'type' for exchange '{name}': received '{kind}' but current is '{}'",
                        present.kind
                    ),
                ))
            };
        }
        if name.starts_with("amq.") {
            // E3
            return Err(Refusal::new(
                ReplyCode::AccessRefused,
                "E3",
                format!("exchange name '{name}' contains reserved prefix 'amq.*'"),
            ));
        }
        Ok(self.add_exchange(name.clone(), kind))
    }

    pub(super) fn declare_queue(&mut self, name: &Name) -> Result<QueueId, Refusal> {
        // Q1
        let name = if name.is_empty() {
            Name::from(format!("amq.gen-{}", self.queues.len()))
        } else if name.starts_with("amq.") {
            return Err(Refusal::new(
                ReplyCode::AccessRefused,
                "Q1",
                format!("queue name '{name}' contains reserved prefix 'amq.*'"),
            ));
        } else {
            name.clone()
        };
        if let Some(present) = self.queue_named(&name) {
            return Ok(present);
        }
        let id = QueueId(self.queues.len() as u32);
        self.queue_names.insert(name.clone(), id);
        self.queues.push(name);
        Ok(id)
    }

    pub(super) fn bind(
        &mut self,
        source: &Name,
        destination: Destination,
        key: &Name,
        arguments: &Table,
    ) -> Result<BindingId, Refusal> {
        let Some(exchange) = self.exchange_named(source) else {
            return Err(no_exchange(source)); // E10
        };
        let source = exchange.id;
        // E11: the same again changes nothing.
        let same = exchange.bindings.iter().copied().find(|&id| {
            self.binding(id).is_some_and(|binding| {
                binding.destination == destination
                    && binding.key == *key
                    && binding.arguments == *arguments
            })
        });
        if let Some(id) = same {
            return Ok(id);
        }
        let headers = match exchange.kind {
            ExchangeKind::Headers => Some(HeadersMatch::new(arguments)?),
            _ => None,
        };
        let id = BindingId(self.bindings.len() as u32);
        self.bindings.push(Binding {
            id,
            source,
            destination,
            key: key.clone(),
            arguments: arguments.clone(),
        });
        let exchange = &mut self.exchanges[source.index()];
        exchange.bindings.push(id);
        exchange.matcher.add(id, key, headers);
        Ok(id)
    }
}

/// Refuses the default exchange, to declare or to bind (E2).
pub(super) fn not_default(exchange: &Name) -> Result<(), Refusal> {
    if exchange.is_empty() {
        return Err(Refusal::new(
            ReplyCode::AccessRefused,
            "E2",
            "operation not permitted on the default exchange",
        ));
    }
    Ok(())
}

/// The refusal for a missing exchange (P1, E4, E10).
fn no_exchange(name: &str) -> Refusal {
    Refusal::new(
        ReplyCode::NotFound,
        "E4",
        format!("no exchange '{name}' in vhost '/'"),
    )
}

/// The refusal for a missing queue (S1, E10).
fn no_queue(name: &str) -> Refusal {
    Refusal::new(
        ReplyCode::NotFound,
        "S1",
        format!("no queue '{name}' in vhost '/'"),
    )
}
