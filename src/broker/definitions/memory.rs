//! How much memory definitions take, and what is not kept of those that are gone.

use super::Definitions;
use crate::broker::{BindingId, ExchangeId, Name, QueueId, Table, Value};

/// What an exchange, a queue or a binding takes beside its name and its arguments, roughly, in octets.
const THING: u64 = 600;

/// What is counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    octets: u64,
    /// What went since it was forgotten last.
    exchanges: Vec<ExchangeId>,
    queues: Vec<QueueId>,
    bindings: Vec<BindingId>,
}

impl Memory {
    /// Something is declared, or bound.
    pub(super) fn add(&mut self, name: &Name, arguments: &Table) {
        self.octets += THING + name.memory() + Value::table_memory(arguments.iter());
    }

    pub(super) fn exchange_went(&mut self, id: ExchangeId) {
        self.exchanges.push(id);
    }

    pub(super) fn queue_went(&mut self, id: QueueId) {
        self.queues.push(id);
    }

    pub(super) fn binding_went(&mut self, id: BindingId) {
        self.bindings.push(id);
    }

    /// Takes arguments that are not kept any more.
    fn drop_arguments(&mut self, arguments: &mut Table) {
        self.octets -= Value::table_memory(arguments.iter());
        arguments.clear();
    }
}

impl Definitions {
    /// Roughly how much memory they take, in octets.
    pub fn memory(&self) -> u64 {
        self.memory.octets
    }

    /// Whether anything has gone that is not forgotten.
    pub(in crate::broker) fn has_gone(&self) -> bool {
        let Memory {
            exchanges,
            queues,
            bindings,
            ..
        } = &self.memory;
        !(exchanges.is_empty() && queues.is_empty() && bindings.is_empty())
    }

    /// Forgets the arguments of what is gone, which may be large. Names and numbers stay.
    pub(in crate::broker) fn forget_gone(&mut self) {
        for id in std::mem::take(&mut self.memory.exchanges) {
            if let Some(exchange) = self.exchanges.get_mut(id.index()) {
                self.memory.drop_arguments(&mut exchange.arguments);
            }
        }
        for id in std::mem::take(&mut self.memory.queues) {
            if let Some(queue) = self.queues.get_mut(id.index()) {
                self.memory.drop_arguments(&mut queue.arguments);
            }
        }
        for id in std::mem::take(&mut self.memory.bindings) {
            if let Some(binding) = self.bindings.get_mut(id.index()) {
                self.memory.drop_arguments(&mut binding.arguments);
            }
        }
    }
}
