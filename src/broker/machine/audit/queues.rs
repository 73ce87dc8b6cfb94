//! Queues and their consumers.

use crate::broker::machine::{Broker, Due};
use crate::broker::queue::Queue;
use crate::broker::{Consumer, ConsumerId, QueueKind};

use super::{Broken, Held};

impl Broker {
    pub(super) fn audit_consumers(&self, held: &Held) -> Result<(), Broken> {
        for consumer in self.consumers.iter() {
            let id = consumer.id;
            let held = held.by_consumer[id.index()];
            if consumer.unacked != held {
                return Err(Broken::ConsumerMiscounts {
                    consumer: id,
                    counted: consumer.unacked,
                    held,
                });
            }
            let limited = consumer.prefetch > 0 && !consumer.no_ack;
            if limited && held > consumer.prefetch as usize {
                return Err(Broken::PrefetchExceeded {
                    consumer: id,
                    held,
                    prefetch: consumer.prefetch,
                });
            }
            // Whoever is gone is nowhere. That those who are there are with their queue is looked at there.
            let channel = &self.channels[consumer.channel.index()];
            let on_channel = channel.consumers.get(&consumer.tag) == Some(&id);
            if on_channel != consumer.present || (consumer.in_ring && !consumer.present) {
                return Err(Broken::ConsumerAstray(id));
            }
            if consumer.present && self.queues[consumer.queue.index()].deleted {
                return Err(Broken::Ghost(consumer.queue));
            }
        }
        let present = self.consumers.iter().filter(|consumer| consumer.present);
        let in_queues: usize = self.queues.iter().map(|queue| queue.consumers.len()).sum();
        let mut listed = vec![false; self.consumers.given()];
        for queue in &self.queues {
            for &id in &queue.consumers {
                let consumer = &self.consumers[id.index()];
                let twice = std::mem::replace(&mut listed[id.index()], true);
                if twice || !consumer.present || consumer.queue != queue.id {
                    return Err(Broken::ConsumerAstray(id));
                }
            }
        }
        if present.count() != in_queues {
            let mut present = self.consumers.iter().filter(|consumer| consumer.present);
            let missing = present.find(|consumer| !listed[consumer.id.index()]);
            return missing.map_or(Ok(()), |missing| Err(Broken::ConsumerAstray(missing.id)));
        }
        Ok(())
    }

    pub(super) fn audit_queue(&self, queue: &Queue, held: &Held) -> Result<(), Broken> {
        let id = queue.id;
        let (counted, held) = (queue.unacked, held.by_queue[id.index()]);
        if counted != held {
            return Err(Broken::QueueMiscounts {
                queue: id,
                counted,
                held,
            });
        }
        if !queue.lanes.is_sound() || !queue.log.is_sound() {
            return Err(Broken::OutOfOrder(id));
        }
        let armed = queue.armed;
        if armed.is_some_and(|at| !self.due.contains(&(at, Due::Queue(id)))) {
            return Err(Broken::Clock(id));
        }
        if queue.deleted {
            let used = queue.ready_len() > 0
                || !queue.delayed.is_empty()
                || !queue.consumers.is_empty()
                || armed.is_some();
            return if used { Err(Broken::Ghost(id)) } else { Ok(()) };
        }
        let owner = queue.owner.map(|owner| &self.connections[owner.index()]);
        if owner.is_some_and(|owner| owner.closed) {
            return Err(Broken::Ghost(id));
        }
        self.audit_alone(queue)?;
        self.audit_turns(queue)?;
        // While it is down nothing happens; what is due then is done when it comes up.
        if !self.up {
            return Ok(());
        }
        if armed != queue.next_due() {
            return Err(Broken::Clock(id));
        }
        if queue.next_expiry().is_some_and(|at| at <= self.now) {
            return Err(Broken::Expired(id));
        }
        if self.exceeded(id).is_some() {
            return Err(Broken::TooLong(id));
        }
        let mut consumers = self.consumers_of(queue);
        let served = consumers.any(|one| belongs(queue, one.id) && self.has_capacity(one));
        if queue.kind != QueueKind::Stream && served && queue.ready_len() > 0 {
            return Err(Broken::Idle(id));
        }
        Ok(())
    }

    fn consumers_of<'a>(&'a self, queue: &'a Queue) -> impl Iterator<Item = &'a Consumer> {
        let consumers = queue.consumers.iter();
        consumers.map(|id| &self.consumers[id.index()])
    }

    /// Who should be alone is (S1, Q43).
    fn audit_alone(&self, queue: &Queue) -> Result<(), Broken> {
        let exclusive = self.consumers_of(queue).any(|one| one.exclusive);
        let wrong = exclusive != queue.exclusive_consumer
            || (exclusive && queue.consumers.len() > 1)
            || match queue.active {
                Some(active) => !queue.settings.single_active || !queue.consumers.contains(&active),
                None => queue.settings.single_active && !queue.consumers.is_empty(),
            };
        if wrong {
            return Err(Broken::NotAlone(queue.id));
        }
        if queue.gives_way {
            // Not for ever.
            let gives_way = queue.active.is_some_and(|active| {
                let active = &self.consumers[active.index()];
                active.unacked > 0 && queue.kind == QueueKind::Quorum
            });
            if !gives_way {
                return Err(Broken::NotAlone(queue.id));
            }
        }
        Ok(())
    }

    /// Whoever can be served has one turn; whoever has a turn is to be served (S9).
    fn audit_turns(&self, queue: &Queue) -> Result<(), Broken> {
        let mut turns = 0;
        let mut last = i32::MAX;
        for (priority, id) in queue.ring.iter() {
            let consumer = &self.consumers[id.index()];
            let right = consumer.in_ring
                && consumer.queue == queue.id
                && consumer.priority == priority
                && priority <= last
                && belongs(queue, id);
            if !right {
                return Err(Broken::OutOfTurn(id));
            }
            last = priority;
            turns += 1;
        }
        let mut in_ring = 0;
        for consumer in self.consumers_of(queue) {
            in_ring += usize::from(consumer.in_ring);
            let can = belongs(queue, consumer.id) && self.has_capacity(consumer);
            if can && !consumer.in_ring && queue.kind != QueueKind::Stream {
                return Err(Broken::OutOfTurn(consumer.id));
            }
        }
        // Each is there once, or somebody is there twice.
        match queue.ring.iter().next() {
            Some((_, first)) if turns != in_ring => Err(Broken::OutOfTurn(first)),
            _ => Ok(()),
        }
    }
}

/// Whether a queue would serve a consumer if that had capacity (Q43).
fn belongs(queue: &Queue, id: ConsumerId) -> bool {
    !queue.settings.single_active || (queue.active == Some(id) && !queue.gives_way)
}
