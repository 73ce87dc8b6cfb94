//! What goes when something goes: bindings with their ends, auto-delete exchanges with their last binding.

use std::collections::BTreeMap;

use super::bindings::index_again;
use super::{Definitions, Destination};
use crate::broker::exchange::weight;
use crate::broker::few::remove_all;
use crate::broker::router::{Matcher, Terms};
use crate::broker::{BindingId, ExchangeId, Profile, QueueId};

/// What went, each in the order it went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Bindings.
    pub bindings: Vec<BindingId>,
    /// Exchanges: the one that was deleted, and those that went by themselves (E9).
    pub exchanges: Vec<ExchangeId>,
}

impl Removed {
    /// Whether nothing went.
    pub fn is_empty(&self) -> bool {
        self.bindings.is_empty() && self.exchanges.is_empty()
    }
}

impl Definitions {
    /// A restart of the broker: the queues that do not survive it go, transient exchanges too where they are not kept,
    /// and the bindings that lose an end (R4). No exchange goes because a binding does.
    pub fn survive_restart(
        &mut self,
        keeps_transient_exchanges: bool,
        gone_queues: &[QueueId],
    ) -> Removed {
        let mut removed = Removed::default();
        let mut bindings = Vec::new();
        for &id in gone_queues {
            if let Some(queue) = self.queues.get_mut(id.index())
                && !queue.deleted
            {
                queue.deleted = true;
                self.memory.queue_went(id);
                self.queue_names.remove(&queue.name);
                bindings.extend_from_slice(queue.incoming.as_slice());
            }
        }
        if !keeps_transient_exchanges {
            for exchange in &mut self.exchanges {
                if !exchange.durable && !exchange.deleted {
                    exchange.deleted = true;
                    self.memory.exchange_went(exchange.id);
                    self.exchange_names.remove(&exchange.name);
                    bindings.extend_from_slice(&exchange.bindings);
                    bindings.extend_from_slice(exchange.incoming.as_slice());
                    removed.exchanges.push(exchange.id);
                }
            }
        }
        bindings.sort_unstable();
        bindings.dedup();
        let changed = !gone_queues.is_empty() || !removed.exchanges.is_empty();
        self.drop_bindings(bindings, &mut removed);
        if changed {
            self.changed();
        }
        removed
    }

    /// The rings of `x-consistent-hash` exchanges begin anew, with their bindings in the order in which a restart finds them:
    /// by key, then exchanges before queues, each by name (E42).
    pub fn make_rings_anew(&mut self) {
        for at in 0..self.exchanges.len() {
            if !matches!(self.exchanges[at].matcher, Matcher::Ring(_)) {
                continue;
            }
            let mut bindings = self.exchanges[at].bindings.clone();
            bindings.sort_by_key(|id| {
                let binding = &self.bindings[id.index()];
                let to = binding.destination;
                let is_queue = matches!(to, Destination::Queue(_));
                let name = self.destination_name(to).to_owned();
                (binding.key.clone(), is_queue, name, *id)
            });
            let exchange = &mut self.exchanges[at];
            exchange.matcher = Matcher::new(exchange.rule, &exchange.arguments);
            for id in bindings {
                let binding = &self.bindings[id.index()];
                if let Ok(weight) = weight(&binding.key, Profile::V3_13.switches()) {
                    let terms = Terms::Weight(weight);
                    let (to, key) = (binding.destination, &binding.key);
                    exchange.matcher.add(id, to, key, terms);
                }
            }
        }
        self.changed();
    }

    /// Removes a queue and the bindings to it.
    pub(super) fn drop_queue(&mut self, id: QueueId, removed: &mut Removed) {
        let queue = &mut self.queues[id.index()];
        queue.deleted = true;
        self.memory.queue_went(id);
        let incoming = std::mem::take(&mut queue.incoming);
        self.queue_names.remove(&queue.name);
        self.drop_bindings(incoming.as_slice().to_vec(), removed);
    }

    /// Removes an exchange and the bindings from and to it.
    pub(super) fn drop_exchange(&mut self, id: ExchangeId, removed: &mut Removed) {
        let exchange = &mut self.exchanges[id.index()];
        exchange.deleted = true;
        self.memory.exchange_went(id);
        exchange.matcher = Matcher::new(exchange.rule, &exchange.arguments);
        let mut bindings = std::mem::take(&mut exchange.bindings);
        let incoming = std::mem::take(&mut exchange.incoming);
        self.exchange_names.remove(&exchange.name);
        removed.exchanges.push(id);
        // A binding to itself is among both.
        let incoming = incoming.as_slice().iter().copied();
        bindings.extend(incoming.filter(|&binding| self.bindings[binding.index()].source != id));
        self.drop_bindings(bindings, removed);
    }

    /// Takes bindings out of all that finds them, many as fast as few.
    pub(super) fn drop_bindings(&mut self, gone: Vec<BindingId>, removed: &mut Removed) {
        let mut sources: BTreeMap<ExchangeId, Vec<BindingId>> = BTreeMap::new();
        let mut destinations: BTreeMap<Destination, Vec<BindingId>> = BTreeMap::new();
        for &id in &gone {
            let binding = &mut self.bindings[id.index()];
            binding.deleted = true;
            self.memory.binding_went(id);
            sources.entry(binding.source).or_default().push(id);
            destinations
                .entry(binding.destination)
                .or_default()
                .push(id);
            self.identities.remove(binding);
        }
        for (destination, mut gone) in destinations {
            gone.sort_unstable();
            if let Some(incoming) = self.incoming(destination) {
                incoming.remove_all(&gone);
            }
        }
        for (source, mut gone) in sources {
            gone.sort_unstable();
            let exchange = &mut self.exchanges[source.index()];
            remove_all(&mut exchange.bindings, &gone);
            // Taking many out of a long list one by one would take longer than making it anew.
            let many = gone.len() > 1 && gone.len() * 16 > exchange.bindings.len();
            if many && !matches!(exchange.matcher, Matcher::Ring(_)) {
                index_again(exchange, &self.bindings);
            } else {
                for id in gone {
                    exchange.matcher.remove(id, &self.bindings[id.index()].key);
                }
            }
        }
        removed.bindings.extend(gone);
    }

    /// Deletes the auto-delete exchanges whose last outgoing binding went, and so on upstream (E9).
    pub(super) fn cascade(&mut self, removed: &mut Removed) {
        let mut looked_at = 0;
        while let Some(&id) = removed.bindings.get(looked_at) {
            looked_at += 1;
            let source = self.bindings[id.index()].source;
            let exchange = &self.exchanges[source.index()];
            if exchange.auto_delete && !exchange.deleted && exchange.bindings.is_empty() {
                self.drop_exchange(source, removed);
            }
        }
    }
}
