//! What became of each consumer's deliveries in a run, counted from its events.

use std::collections::{BTreeMap, BTreeSet};

use crate::broker::{self, ChannelId, ConsumerId, CopyId, DeathReason, Queued, Return};

use super::{Answer, Event, EventKind, LinkId, WorkerId, World};

/// A consumer's deliveries. Each is finished, failed, lost, requeued, or still under way: never two of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// All of them, redeliveries included.
    pub delivered: u64,
    /// Those the broker has an acknowledgement of; one that needs none counts when it is made.
    pub acked: u64,
    /// The work was done, whether or not the broker ever heard of it.
    pub finished: u64,
    /// The consumer could not do the work and said so: `basic.nack` or `basic.reject`.
    pub failed: u64,
    /// Nobody finished the work and the message is gone: it was delivered without acknowledgement, or its queue was
    /// deleted meanwhile.
    pub lost: u64,
    /// The consumer's channel ended before it had answered, so the message stayed with its queue (C12).
    pub requeued: u64,
}

impl Deliveries {
    /// Those on their way to the consumer, waiting there, or worked on.
    #[must_use]
    pub fn under_way(&self) -> u64 {
        let over = self.finished + self.failed + self.lost + self.requeued;
        self.delivered.saturating_sub(over)
    }
}

/// What became of the deliveries to each consumer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    consumers: BTreeMap<WorkerId, Deliveries>,
    /// Deliveries under way. Of a stream's entry there may be several at once.
    open: BTreeMap<CopyId, Vec<Open>>,
    /// Whose clients have no channel, though the broker may not have heard of that.
    away: BTreeSet<LinkId>,
    /// Who got a copy that was asked for, until it is settled.
    got: BTreeMap<CopyId, WorkerId>,
}

/// A delivery that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Open {
    worker: WorkerId,
    /// If this one does not finish, the message is gone.
    last: bool,
    /// The broker has taken the message back, though the client has not heard of it.
    back: bool,
}

impl Tally {
    /// Counts an event of a world in. The world may be further on than the event.
    pub fn count(&mut self, event: &Event, world: &World) {
        match &event.kind {
            EventKind::Broker(event) => self.count_broker(event, world),
            EventKind::Finished {
                worker,
                queued,
                answer,
            } => self.finish(*worker, queued.copy, *answer),
            EventKind::Disconnected { link } => {
                self.away.insert(*link);
                self.end_all(*link, world);
            }
            _ => {}
        }
    }

    fn count_broker(&mut self, event: &broker::Event, world: &World) {
        use broker::Event as E;
        match event {
            E::Delivered {
                queued,
                consumer,
                settled,
                ..
            } => self.deliver(world.worker_of(*consumer), queued.copy, *settled, world),
            E::Read {
                queued, consumer, ..
            } => self.deliver(world.worker_of(*consumer), queued.copy, false, world),
            E::Got {
                queued,
                channel,
                settled,
                ..
            } => {
                let asker = asker(world, *channel, queued);
                self.deliver(asker, queued.copy, *settled, world);
                if let Some(worker) = asker.filter(|_| !settled) {
                    self.got.insert(queued.copy, worker);
                }
            }
            E::Acked { queued, consumer } => {
                let got = self.got.remove(&queued.copy);
                let worker = consumer.map_or(got, |it| world.worker_of(it));
                self.ack(worker);
                self.settle(worker, queued.copy, |it| &mut it.finished);
            }
            E::Credited { consumer, .. } => self.ack(world.worker_of(*consumer)),
            E::Requeued {
                queued,
                consumer,
                why,
                ..
            } if *why != Return::Delayed => self.take_back(queued.copy, *consumer, world),
            E::Delayed {
                queued, consumer, ..
            } => self.take_back(queued.copy, *consumer, world),
            E::Died {
                queued,
                reason,
                consumer,
                ..
            } => {
                if *reason == DeathReason::Rejected {
                    let got = self.got.remove(&queued.copy);
                    let worker = consumer.map_or(got, |it| world.worker_of(it));
                    self.settle(worker, queued.copy, |it| &mut it.failed);
                } else {
                    self.take_back(queued.copy, *consumer, world);
                }
            }
            E::QueueDeleted { copies, .. } => {
                for copy in copies {
                    self.got.remove(copy);
                    for open in self.open.get_mut(copy).into_iter().flatten() {
                        open.last |= !open.back;
                    }
                }
            }
            E::ChannelOpened { channel } => {
                if let Some(link) = world.link_of_channel(*channel) {
                    self.away.remove(&link);
                }
            }
            _ => {}
        }
    }

    fn of_mut(&mut self, worker: WorkerId) -> &mut Deliveries {
        self.consumers.entry(worker).or_default()
    }

    fn deliver(&mut self, worker: Option<WorkerId>, copy: CopyId, settled: bool, world: &World) {
        let Some(worker) = worker else { return };
        let its = self.of_mut(worker);
        its.delivered += 1;
        its.acked += u64::from(settled);
        let open = Open {
            worker,
            last: settled,
            back: false,
        };
        let link = world.worker(worker).map(|worker| worker.link);
        match link.is_some_and(|link| self.away.contains(&link)) {
            true => self.end(open),
            false => self.open.entry(copy).or_default().push(open),
        }
    }

    fn ack(&mut self, worker: Option<WorkerId>) {
        if let Some(worker) = worker {
            self.of_mut(worker).acked += 1;
        }
    }

    /// A consumer is through with a delivery.
    fn finish(&mut self, worker: WorkerId, copy: CopyId, answer: Answer) {
        let count: fn(&mut Deliveries) -> &mut u64 = match answer {
            Answer::Silent | Answer::Ack | Answer::Known | Answer::Unheard => |it| &mut it.finished,
            Answer::Requeue | Answer::RejectBack | Answer::Reject => |it| &mut it.failed,
            Answer::Lost => |it| &mut it.lost,
            // With the channel all that it held has ended, or ends at once.
            Answer::Crash | Answer::Abandoned => return,
        };
        self.settle(Some(worker), copy, count);
    }

    /// It is known what became of a delivery: from its consumer or, of one that is not seen to finish, from the broker.
    fn settle(
        &mut self,
        worker: Option<WorkerId>,
        copy: CopyId,
        count: fn(&mut Deliveries) -> &mut u64,
    ) {
        let is_its = |open: &Open| Some(open.worker) == worker;
        if let Some(open) = self.take(copy, is_its) {
            *count(self.of_mut(open.worker)) += 1;
        }
    }

    /// The broker has a message again that a consumer, or a channel that had got it, has not answered for.
    fn take_back(&mut self, copy: CopyId, consumer: Option<ConsumerId>, world: &World) {
        let got = self.got.remove(&copy);
        let worker = consumer.map_or(got, |it| world.worker_of(it));
        for open in self.open.get_mut(&copy).into_iter().flatten() {
            open.back |= Some(open.worker) == worker;
        }
    }

    fn take(&mut self, copy: CopyId, is_meant: impl Fn(&Open) -> bool) -> Option<Open> {
        let all = self.open.get_mut(&copy)?;
        let place = all.iter().position(is_meant)?;
        let open = all.remove(place);
        if all.is_empty() {
            self.open.remove(&copy);
        }
        Some(open)
    }

    /// A client has lost its channel: nobody finishes what it held, or what was on its way to it.
    fn end_all(&mut self, link: LinkId, world: &World) {
        let is_its = |open: &mut Open| {
            let worker = world.worker(open.worker);
            worker.is_some_and(|worker| worker.link == link)
        };
        let mut ended = Vec::new();
        self.open.retain(|_, all| {
            ended.extend(all.extract_if(.., is_its));
            !all.is_empty()
        });
        for open in ended {
            self.end(open);
        }
    }

    fn end(&mut self, open: Open) {
        let its = self.of_mut(open.worker);
        match open.last {
            true => its.lost += 1,
            false => its.requeued += 1,
        }
    }

    /// What became of the deliveries to a consumer.
    #[must_use]
    pub fn of(&self, worker: WorkerId) -> Deliveries {
        self.consumers.get(&worker).copied().unwrap_or_default()
    }

    /// Roughly how much there is to copy in a clone, in entries.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.open.len() + self.got.len()
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
