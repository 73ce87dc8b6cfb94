//! What happened in a run, as far as expectations ask for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::broker::{
    self, ChannelId, CopyId, DeathReason, MessageId, Name, Publication, QueueId, ReplyCode,
};
use crate::world::{EventKind, PublisherId, WorkerId, World};

/// Counts of a run so far.
#[derive(Default)]
pub(super) struct Record {
    /// Of the broker as a whole.
    pub totals: Totals,
    /// How many messages are asked for in their order, at the most. Of more nobody needs to know what they were.
    pub signs: usize,
    /// What was published, by whomever, if any order is asked for.
    pub published: BTreeMap<MessageId, Arc<Publication>>,
    /// By queue, those it did not take (Q27).
    pub turned_away: BTreeMap<Name, u64>,
    /// What was refused.
    pub refused: BTreeMap<ReplyCode, u64>,
    died: BTreeMap<(Name, DeathReason), u64>,
    workers: BTreeMap<WorkerId, Done>,
    publishers: BTreeMap<PublisherId, Learnt>,
    /// What is delivered and not settled yet, and to whom.
    held: BTreeMap<CopyId, WorkerId>,
    /// What readers of streams hold; several may hold the same entry (Q47).
    read: BTreeSet<(WorkerId, CopyId)>,
}

/// What became of messages.
#[derive(Clone, Copy, Default)]
pub(super) struct Totals {
    pub unroutable: u64,
    pub returned: u64,
    pub confirmed: u64,
    pub nacked: u64,
}

/// What a consumer did.
#[derive(Default)]
pub(super) struct Done {
    pub delivered: u64,
    pub redelivered: u64,
    pub acked: u64,
    /// The first it received, in order: as many as are asked for.
    pub received: Vec<MessageId>,
}

/// What a publisher was told.
#[derive(Clone, Copy, Default)]
pub(super) struct Learnt {
    pub confirmed: u64,
    pub nacked: u64,
    pub returned: u64,
}

impl Record {
    /// What the consumer did so far.
    pub fn worker(&self, id: WorkerId) -> &Done {
        static NOTHING: Done = Done {
            delivered: 0,
            redelivered: 0,
            acked: 0,
            received: Vec::new(),
        };
        self.workers.get(&id).unwrap_or(&NOTHING)
    }

    /// What the publisher was told so far.
    pub fn publisher(&self, id: PublisherId) -> Learnt {
        self.publishers.get(&id).copied().unwrap_or_default()
    }

    /// Deliveries that the consumer has not settled.
    pub fn held_by(&self, id: WorkerId) -> u64 {
        let held = self.held.values().filter(|worker| **worker == id).count();
        let read = self.read.iter().filter(|(worker, _)| *worker == id);
        (held + read.count()) as u64
    }

    /// Messages that died in a queue, for this reason if one is given.
    pub fn died(&self, queue: &Name, reason: Option<DeathReason>) -> u64 {
        let died = self.died.iter();
        let died =
            died.filter(|((of, why), _)| of == queue && reason.is_none_or(|one| one == *why));
        died.map(|(_, count)| count).sum()
    }

    /// Notes an event; `world` is as it is after it.
    pub fn note(&mut self, event: EventKind, world: &World) {
        match event {
            EventKind::Published {
                message,
                publication,
                ..
            } if self.signs > 0 => _ = self.published.insert(message, publication),
            EventKind::Confirmed {
                publisher,
                messages,
                ack,
            } => {
                let learnt = self.publishers.entry(publisher).or_default();
                let count = if ack {
                    &mut learnt.confirmed
                } else {
                    &mut learnt.nacked
                };
                *count += messages.len() as u64;
            }
            EventKind::Returned { publisher, .. } => {
                self.publishers.entry(publisher).or_default().returned += 1;
            }
            EventKind::Received { worker, queued } => {
                let done = self.workers.entry(worker).or_default();
                if done.received.len() < self.signs {
                    done.received.push(queued.message);
                }
            }
            EventKind::Broker(event) => self.note_in_broker(event, world),
            _ => {}
        }
    }

    fn note_in_broker(&mut self, event: broker::Event, world: &World) {
        use broker::Event as E;
        let name = |queue: QueueId| Name::from(world.definitions().queue_name(queue));
        match event {
            E::Unroutable { letter: None, .. } => self.totals.unroutable += 1,
            E::Returned { .. } => self.totals.returned += 1,
            E::Confirmed { ack, messages, .. } => {
                let count = if ack {
                    &mut self.totals.confirmed
                } else {
                    &mut self.totals.nacked
                };
                *count += messages.len() as u64;
            }
            E::TurnedAway { queued, .. } => {
                *self.turned_away.entry(name(queued.queue)).or_default() += 1;
            }
            E::Died { queued, reason, .. } => {
                self.held.remove(&queued.copy);
                let died = self.died.entry((name(queued.queue), reason));
                *died.or_default() += 1;
            }
            E::Refused { refusal, .. } => *self.refused.entry(refusal.code).or_default() += 1,
            E::Delivered {
                queued,
                consumer,
                redelivered,
                settled,
                ..
            } => {
                let worker = world.worker_of(consumer);
                self.deliver(worker, queued.copy, redelivered, settled);
            }
            E::Got {
                queued,
                channel,
                redelivered,
                settled,
                ..
            } => self.deliver(
                polling_on(channel, world),
                queued.copy,
                redelivered,
                settled,
            ),
            E::Read {
                queued, consumer, ..
            } => {
                if let Some(worker) = world.worker_of(consumer) {
                    self.workers.entry(worker).or_default().delivered += 1;
                    self.read.insert((worker, queued.copy));
                }
            }
            E::Credited { queued, consumer } => {
                if let Some(worker) = world.worker_of(consumer) {
                    self.workers.entry(worker).or_default().acked += 1;
                    self.read.remove(&(worker, queued.copy));
                }
            }
            E::Acked { queued, .. } => {
                if let Some(worker) = self.held.remove(&queued.copy) {
                    self.workers.entry(worker).or_default().acked += 1;
                }
            }
            E::Cancelled { consumer, .. } => {
                // What it had read is forgotten with it; what it holds of a queue is told copy by copy.
                let worker = world.worker_of(consumer);
                self.read.retain(|(reader, _)| Some(*reader) != worker);
            }
            E::Requeued { queued, .. } | E::Delayed { queued, .. } | E::Lost { queued, .. } => {
                self.held.remove(&queued.copy);
            }
            E::QueueDeleted { copies, .. } => {
                for copy in copies {
                    self.held.remove(&copy);
                }
            }
            _ => {}
        }
    }

    fn deliver(
        &mut self,
        worker: Option<WorkerId>,
        copy: CopyId,
        redelivered: bool,
        settled: bool,
    ) {
        // A script's own consumers are nobody's.
        let Some(worker) = worker else { return };
        let done = self.workers.entry(worker).or_default();
        done.delivered += 1;
        done.redelivered += u64::from(redelivered);
        if settled {
            done.acked += 1;
        } else {
            self.held.insert(copy, worker);
        }
    }
}

/// The consumer that asks for single messages on a channel.
fn polling_on(channel: ChannelId, world: &World) -> Option<WorkerId> {
    let link = world.link(world.link_of_channel(channel)?)?;
    let mut workers = link.workers.iter().copied();
    workers.find(|worker| {
        let worker = world.worker(*worker);
        worker.is_some_and(|worker| worker.setup.polls.is_some())
    })
}
