//! Consumers in turn.

use std::collections::VecDeque;

use crate::broker::ConsumerId;

/// Consumers: those of the highest priority first, in turn among equals (S9).
#[derive(Clone, Debug, Default)]
pub struct Ring(VecDeque<(i32, ConsumerId)>);

impl Ring {
    /// Puts a consumer behind its equals.
    pub fn join(&mut self, priority: i32, consumer: ConsumerId) {
        match self.0.back() {
            Some(&(last, _)) if last < priority => {
                let at = self.0.partition_point(|&(other, _)| other >= priority);
                self.0.insert(at, (priority, consumer));
            }
            _ => self.0.push_back((priority, consumer)),
        }
    }

    pub fn leave(&mut self, consumer: ConsumerId) {
        self.0.retain(|&(_, other)| other != consumer);
    }

    /// Takes out those that are wanted, in order.
    pub fn take_where(
        &mut self,
        mut wanted: impl FnMut(ConsumerId) -> bool,
    ) -> Vec<(i32, ConsumerId)> {
        let all = std::mem::take(&mut self.0);
        let (taken, left) = all.into_iter().partition(|&(_, consumer)| wanted(consumer));
        self.0 = left;
        taken.into()
    }

    /// Takes the next to be served.
    pub fn next(&mut self) -> Option<ConsumerId> {
        self.0.pop_front().map(|(_, consumer)| consumer)
    }

    pub fn contains(&self, consumer: ConsumerId) -> bool {
        self.0.iter().any(|&(_, other)| other == consumer)
    }

    /// All of them, the next first.
    pub fn iter(&self) -> impl Iterator<Item = (i32, ConsumerId)> + '_ {
        self.0.iter().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
