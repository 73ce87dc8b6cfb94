//! The ways that the dead and the unroutable were ever to take. A policy may give them and take them away again (O2), and a
//! picture of the time between shows them.

use std::collections::{BTreeMap, BTreeSet};

use crate::broker::{ExchangeId, Name, QueueId, Settings};
use crate::world::World;

/// The ways from queues to dead-letter exchanges (D1), and from exchanges to alternate ones (E13), by name: what they lead to
/// may be declared later.
#[derive(Clone, Debug, Default)]
pub struct Ways {
    letters: BTreeSet<(QueueId, Name, Option<Name>)>,
    alternates: BTreeMap<ExchangeId, Name>,
}

impl Ways {
    /// Those there are in a world now.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let mut ways = Self::default();
        for queue in world.broker().queues() {
            ways.add_letters(queue.id, &queue.settings);
        }
        for exchange in world.definitions().exchanges() {
            ways.add_alternate(exchange.id, exchange.alternate.as_ref());
        }
        ways
    }

    /// Adds where a queue's dead messages go, if they go anywhere.
    pub fn add_letters(&mut self, queue: QueueId, settings: &Settings) {
        if let Some(to) = &settings.dead_letter_exchange {
            let key = settings.dead_letter_key.clone();
            self.letters.insert((queue, to.clone(), key));
        }
    }

    /// Adds an exchange's alternate, if it has one; of several the last is known.
    pub fn add_alternate(&mut self, exchange: ExchangeId, alternate: Option<&Name>) {
        if let Some(to) = alternate {
            self.alternates.insert(exchange, to.clone());
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.letters.len() + self.alternates.len()
    }

    pub(super) fn letters(&self) -> impl Iterator<Item = &(QueueId, Name, Option<Name>)> {
        self.letters.iter()
    }

    pub(super) fn alternate(&self, exchange: ExchangeId) -> Option<&Name> {
        self.alternates.get(&exchange)
    }
}
