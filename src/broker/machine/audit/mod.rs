//! The broker's promises, checked over its whole state.

mod broken;
mod queues;

use std::collections::BTreeMap;

pub use broken::Broken;

use crate::broker::channel::Channel;
use crate::broker::queue::Queue;
use crate::broker::{ChannelId, CopyId, Throttle};

use super::{Broker, Due, Owed};

/// What is delivered and not settled, counted once over all channels.
struct Held {
    by_queue: Vec<usize>,
    by_consumer: Vec<usize>,
}

impl Broker {
    /// Checks that every copy is in exactly one place, that counters add up, that nobody exceeds a prefetch and no queue
    /// its limit, that what is exclusive has one owner, that whoever can be served has a turn, that nothing waits that
    /// could be delivered, and that everything owed or due will come.
    ///
    /// It takes as long as there are things in the broker, not longer.
    ///
    /// # Errors
    /// The first promise found broken.
    pub fn audit(&self) -> Result<(), Broken> {
        let held = self.count_held();
        self.audit_copies(&held)?;
        self.audit_owed()?;
        self.audit_clients()?;
        self.audit_consumers(&held)?;
        for queue in &self.queues {
            self.audit_queue(queue, &held)?;
        }
        self.audit_clocks()
    }

    fn count_held(&self) -> Held {
        let mut held = Held {
            by_queue: vec![0; self.queues.len()],
            by_consumer: vec![0; self.consumers.given()],
        };
        for channel in self.channels.iter() {
            for unacked in channel.unacked() {
                if !unacked.stays && !self.queues[unacked.queue.index()].deleted {
                    held.by_queue[unacked.queue.index()] += 1;
                }
                if let Some(consumer) = unacked.consumer {
                    held.by_consumer[consumer.index()] += 1;
                }
            }
        }
        held
    }

    fn audit_copies(&self, held: &Held) -> Result<(), Broken> {
        let in_queues = self.queues.iter().flat_map(|queue| {
            let ready = queue.lanes.iter().map(|entry| entry.copy);
            let delayed = queue.delayed.iter().map(|(_, entry)| entry.copy);
            let log = queue.log.entries().map(|entry| entry.copy);
            ready.chain(delayed).chain(log)
        });
        let unacked = self.unacked().map(|(copy, ..)| copy);
        let mut there: Vec<CopyId> = in_queues.chain(unacked).collect();
        there.sort_unstable();
        for (&copy, unwritten) in &self.unwritten {
            let written = self.due.contains(&(unwritten.at, Due::Written(copy)));
            if there.binary_search(&copy).is_err() || !written {
                return Err(Broken::Unwritten(copy));
            }
        }
        let far = self.on_the_way.keys().chain(self.letters.keys());
        let mut strays = far
            .filter(|_| !self.configuration.on_the_way)
            .chain(self.letters_now.iter().map(|(copy, _)| copy))
            .chain(
                self.letters
                    .keys()
                    .filter(|&copy| there.binary_search(copy).is_ok()),
            );
        if let Some(&copy) = strays.next() {
            return Err(Broken::Stray(copy));
        }
        there.extend(self.on_the_way.keys());
        there.sort_unstable();
        if let Some(twice) = there.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Broken::TwoPlaces(twice[0]));
        }
        let found = there.len() as u64 + self.totals.ended();
        if self.totals.copies != found {
            return Err(Broken::CopiesDoNotAddUp {
                made: self.totals.copies,
                found,
            });
        }
        let (counted, held) = (self.unacked, held.by_queue.iter().sum());
        if counted != held {
            return Err(Broken::UnackedMiscounted { counted, held });
        }
        Ok(())
    }

    /// What publishers wait for is under way, or is being written: nothing else, and nothing less (P7, P8).
    fn audit_owed(&self) -> Result<(), Broken> {
        let far = self.on_the_way.values().filter_map(|going| going.owed);
        let unwritten = self.unwritten.values().filter_map(|copy| copy.owed);
        let mut coming: BTreeMap<(ChannelId, u64), usize> = BTreeMap::new();
        let mut answers: BTreeMap<CopyId, usize> = BTreeMap::new();
        for owed in far.chain(unwritten) {
            match owed {
                // Nobody waits for what was published on a channel that has ended since (C12).
                Owed::Publish(channel, sequence) => {
                    let there = self.channels.get(channel.index());
                    if there.is_some_and(Channel::confirms) {
                        *coming.entry((channel, sequence)).or_default() += 1;
                    }
                }
                Owed::Letter(copy, _) => *answers.entry(copy).or_default() += 1,
                Owed::Commit(_) => {}
            }
        }
        self.audit_kept(answers)?;
        for channel in self.channels.iter() {
            let waited = channel
                .confirms
                .iter()
                .flat_map(|confirms| confirms.waited());
            for (sequence, queues) in waited {
                if coming.remove(&(channel.id, sequence)) != Some(queues) {
                    let channel = channel.id;
                    return Err(Broken::Owed { channel, sequence });
                }
            }
        }
        match coming.pop_first() {
            Some(((channel, sequence), _)) => Err(Broken::Owed { channel, sequence }),
            None => Ok(()),
        }
    }

    /// What a queue keeps is on its way, is waited for, or has its time (D6).
    fn audit_kept(&self, answers: BTreeMap<CopyId, usize>) -> Result<(), Broken> {
        let mut by_queue = vec![0; self.queues.len()];
        for (&copy, kept) in &self.kept {
            by_queue[kept.queue.index()] += 1;
            let waits = answers.get(&copy).copied().unwrap_or(0);
            let due = |at| self.due.contains(&(at, Due::Kept(copy)));
            let right = match kept.again {
                Some(at) => due(at) && waits == 0,
                None => (waits > 0) != self.letters.contains_key(&copy),
            };
            if self.up && (!right || waits != kept.waiting) {
                return Err(Broken::Kept(kept.queue));
            }
        }
        let miscounted = |queue: &&Queue| queue.kept != by_queue[queue.id.index()];
        match self.queues.iter().find(miscounted) {
            Some(queue) => Err(Broken::Kept(queue.id)),
            None => Ok(()),
        }
    }

    fn audit_clients(&self) -> Result<(), Broken> {
        let mut far = vec![0; self.connections.given()];
        for connection in self
            .on_the_way
            .values()
            .filter_map(|going| going.connection)
        {
            far[connection.index()] += 1;
        }
        for connection in self.connections.iter().filter(|there| !there.closed) {
            let alarmed = !self.alarms.is_empty();
            let state = connection.throttle;
            let right = match state {
                Throttle::Running => !alarmed && connection.has_credit(),
                Throttle::Blocking | Throttle::Blocked => alarmed && connection.has_credit(),
                Throttle::Flow => !connection.has_credit(),
            };
            if !right || !connection.has_all_credit_but(far[connection.id.index()]) {
                return Err(Broken::Throttled(connection.id));
            }
        }
        for channel in self.channels.iter() {
            let id = channel.id;
            let connection = &self.connections[channel.connection.index()];
            let known = connection.channels.get(&channel.number) == Some(&id);
            let used = channel.unacked().next().is_some() || !channel.consumers.is_empty();
            if known == channel.closed || (connection.closed && known) || (channel.closed && used) {
                return Err(Broken::ChannelGhost(id));
            }
            if channel.limiter.withholds() {
                return Err(Broken::Withheld(id));
            }
        }
        Ok(())
    }

    /// What is due is due for something, each once.
    fn audit_clocks(&self) -> Result<(), Broken> {
        for &(at, due) in &self.due {
            match due {
                Due::Queue(id) if self.queues[id.index()].armed != Some(at) => {
                    return Err(Broken::Clock(id));
                }
                Due::Written(copy) if self.unwritten_until(copy) != Some(at) => {
                    return Err(Broken::Unwritten(copy));
                }
                Due::Kept(copy)
                    if self
                        .kept
                        .get(&copy)
                        .is_none_or(|kept| kept.again != Some(at)) =>
                {
                    return Err(Broken::Stray(copy));
                }
                Due::Waiting(number)
                    if self.waiting.get(&number).is_none_or(|it| it.until != at) =>
                {
                    return Err(Broken::Waiting(number));
                }
                Due::Queue(_) | Due::Written(_) | Due::Kept(_) | Due::Waiting(_) => {}
            }
        }
        for (&number, waiting) in &self.waiting {
            if !self.due.contains(&(waiting.until, Due::Waiting(number))) {
                return Err(Broken::Waiting(number));
            }
        }
        Ok(())
    }
}
