//! What is declared: exchanges, queues' properties, bindings. It changes seldom and is read for every message.
//!
//! Numbers are never given twice, and an event may name a thing that is gone; so what was deleted stays in the tables,
//! with its name and a mark, and is out of all look-ups.

mod bindings;
mod exchanges;
mod memory;
mod queues;
mod removal;

use rustc_hash::FxHashMap;

pub(super) use bindings::BindingPlace;
pub use bindings::{Binding, Destination};
pub use exchanges::Exchange;
pub(super) use exchanges::not_default;
pub use queues::QueueDefinition;
pub use removal::Removed;

use bindings::Identities;

use super::{BindingId, ExchangeId, Name, PREDECLARED, QueueId, QueueKind, Refusal, ReplyCode};

/// Exchanges, bindings and what is declared of queues.
#[derive(Clone, Debug)]
pub struct Definitions {
    vhost: Name,
    generation: u64,
    exchanges: Vec<Exchange>,
    exchange_names: FxHashMap<Name, ExchangeId>,
    queues: Vec<QueueDefinition>,
    queue_names: FxHashMap<Name, QueueId>,
    server_names: u64,
    /// What the names that the broker makes up are made of; without it, they are numbered.
    seed: Option<u64>,
    bindings: Vec<Binding>,
    identities: Identities,
    memory: memory::Memory,
}

impl Definitions {
    /// The default exchange's number (E2).
    pub const DEFAULT_EXCHANGE: ExchangeId = ExchangeId(0);

    /// A virtual host with the predeclared exchanges (E1) and nothing else. With a seed, the names that the broker makes up
    /// look like chance; without one, they are numbered.
    pub fn new(vhost: Name, seed: Option<u64>) -> Self {
        let mut definitions = Self {
            vhost,
            generation: 0,
            exchanges: Vec::new(),
            exchange_names: FxHashMap::default(),
            queues: Vec::new(),
            queue_names: FxHashMap::default(),
            server_names: 0,
            seed,
            bindings: Vec::new(),
            identities: Identities::default(),
            memory: memory::Memory::default(),
        };
        for (name, kind) in PREDECLARED {
            definitions.predeclare(name, kind);
        }
        definitions
    }

    /// The virtual host's name.
    pub fn vhost(&self) -> &Name {
        &self.vhost
    }

    /// A number that grows whenever exchanges, queues or bindings change.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// All exchanges there ever were, the predeclared first, in the order of their declaration; an exchange's number is
    /// its place.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// The exchange with that number, if there ever was one.
    pub fn exchange(&self, id: ExchangeId) -> Option<&Exchange> {
        self.exchanges.get(id.index())
    }

    /// The exchange of that name there is.
    pub fn exchange_named(&self, name: &str) -> Option<&Exchange> {
        self.exchange_names
            .get(name)
            .and_then(|&id| self.exchange(id))
    }

    /// The name of an exchange.
    pub fn exchange_name(&self, id: ExchangeId) -> &str {
        self.exchange(id)
            .map_or("", |exchange| exchange.name.as_str())
    }

    /// All queues there ever were, in the order of their declaration; a queue's number is its place.
    pub fn queues(&self) -> &[QueueDefinition] {
        &self.queues
    }

    /// All bindings there ever were, in the order they were made; a binding's number is its place. The default
    /// exchange's implicit ones are not among them (E2).
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// The binding with that number, if there ever was one.
    pub fn binding(&self, id: BindingId) -> Option<&Binding> {
        self.bindings.get(id.index())
    }

    /// The name of where a binding leads.
    pub fn destination_name(&self, destination: Destination) -> &str {
        match destination {
            Destination::Queue(id) => self.queue_name(id),
            Destination::Exchange(id) => self.exchange_name(id),
        }
    }

    /// The exchange a command names.
    ///
    /// # Errors
    /// 404 when there is none (P1, E4, E10).
    pub fn require_exchange(&self, name: &str) -> Result<ExchangeId, Refusal> {
        self.exchange_named(name)
            .map(|exchange| exchange.id)
            .ok_or_else(|| {
                let text = format!("no {}", self.said("exchange", name));
                Refusal::new(ReplyCode::NotFound, "E4", text)
            })
    }

    /// The exchange a publication names.
    ///
    /// # Errors
    /// 404 when there is none, 403 when it is internal (P1, E8).
    pub fn require_published_to(&self, name: &str) -> Result<ExchangeId, Refusal> {
        match self.exchange_named(name) {
            Some(exchange) if exchange.internal => Err(Refusal::new(
                ReplyCode::AccessRefused,
                "E8",
                format!("cannot publish to internal {}", self.said("exchange", name)),
            )),
            Some(exchange) => Ok(exchange.id),
            None => self.require_exchange(name),
        }
    }

    /// The queue a command names; a direct reply-to address is none (S16).
    ///
    /// # Errors
    /// 404 when there is none (S1, E10).
    pub fn require_queue(&self, name: &str) -> Result<QueueId, Refusal> {
        let there = self.queue_named(name);
        let there = there.filter(|&id| self.queue_kind(id) != QueueKind::ReplyTo);
        there.ok_or_else(|| {
            let text = format!("no {}", self.said("queue", name));
            Refusal::new(ReplyCode::NotFound, "S1", text)
        })
    }

    /// A thing as refusals name it.
    fn said(&self, kind: &str, name: &str) -> String {
        format!("{kind} '{name}' in vhost '{}'", self.vhost)
    }

    fn changed(&mut self) {
        self.generation += 1;
    }
}
