//! What each consumer did in a run, counted from its events.

use std::collections::BTreeMap;

use crate::broker::{self, ConsumerId};

use super::{Event, EventKind};

/// Deliveries and acknowledgements by consumer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    delivered: BTreeMap<ConsumerId, u64>,
    acked: BTreeMap<ConsumerId, u64>,
}

impl Tally {
    /// Counts an event in.
    pub fn count(&mut self, event: &Event) {
        match event.kind {
            EventKind::Broker(broker::Event::Delivered {
                consumer, settled, ..
            }) => {
                *self.delivered.entry(consumer).or_default() += 1;
                *self.acked.entry(consumer).or_default() += u64::from(settled);
            }
            EventKind::Broker(broker::Event::Acked { consumer, .. }) => {
                *self.acked.entry(consumer).or_default() += 1;
            }
            _ => {}
        }
    }

    /// Deliveries to a consumer, redeliveries included.
    pub fn delivered(&self, consumer: ConsumerId) -> u64 {
        self.delivered.get(&consumer).copied().unwrap_or(0)
    }

    /// Deliveries a consumer acknowledged; one that needs no acknowledgement counts when it is made.
    pub fn acked(&self, consumer: ConsumerId) -> u64 {
        self.acked.get(&consumer).copied().unwrap_or(0)
    }
}
