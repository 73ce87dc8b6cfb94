//! What each consumer did in a run, counted from its events.

use std::collections::BTreeMap;

use crate::broker::{self, ChannelId, ConsumerId, CopyId, Queued};

use super::{Event, EventKind, WorkerId, World};

/// Deliveries and acknowledgements by consumer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    delivered: BTreeMap<WorkerId, u64>,
    acked: BTreeMap<WorkerId, u64>,
    /// Who got a copy that was asked for, until it is settled.
    got: BTreeMap<CopyId, WorkerId>,
}

impl Tally {
    /// Counts an event of a world in. The world may be further on than the event.
    pub fn count(&mut self, event: &Event, world: &World) {
        let EventKind::Broker(event) = &event.kind else {
            return;
        };
        let of = |consumer: ConsumerId| world.worker_of(consumer);
        match event {
            broker::Event::Delivered {
                consumer, settled, ..
            } => self.deliver(of(*consumer), *settled),
            broker::Event::Read { consumer, .. } => self.deliver(of(*consumer), false),
            broker::Event::Got {
                queued,
                channel,
                settled,
                ..
            } => {
                let asker = asker(world, *channel, queued);
                self.deliver(asker, *settled);
                if let Some(worker) = asker.filter(|_| !settled) {
                    self.got.insert(queued.copy, worker);
                }
            }
            broker::Event::Acked { queued, consumer } => {
                let got = self.got.remove(&queued.copy);
                self.ack(consumer.map_or(got, of));
            }
            broker::Event::Credited { consumer, .. } => self.ack(of(*consumer)),
            _ => {}
        }
    }

    fn deliver(&mut self, worker: Option<WorkerId>, settled: bool) {
        if let Some(worker) = worker {
            *self.delivered.entry(worker).or_default() += 1;
            *self.acked.entry(worker).or_default() += u64::from(settled);
        }
    }

    fn ack(&mut self, worker: Option<WorkerId>) {
        if let Some(worker) = worker {
            *self.acked.entry(worker).or_default() += 1;
        }
    }

    /// Deliveries to a consumer, redeliveries included.
    pub fn delivered(&self, worker: WorkerId) -> u64 {
        self.delivered.get(&worker).copied().unwrap_or(0)
    }

    /// Deliveries a consumer acknowledged; one that needs no acknowledgement counts when it is made.
    pub fn acked(&self, worker: WorkerId) -> u64 {
        self.acked.get(&worker).copied().unwrap_or(0)
    }
}

/// Who on a channel asks that queue for messages.
fn asker(world: &World, channel: ChannelId, queued: &Queued) -> Option<WorkerId> {
    let link = world.link(world.link_of_channel(channel)?)?;
    let queue = world.definitions().queue_name(queued.queue);
    link.workers.iter().copied().find(|&id| {
        world
            .worker(id)
            .is_some_and(|worker| worker.setup.polls.is_some() && worker.setup.queue == *queue)
    })
}
