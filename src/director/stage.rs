//! What is on the stage at one moment.

use std::collections::{BTreeMap, VecDeque};

use crate::broker::{
    self, ConsumerId, CopyId, EventId, ExchangeId, MessageId, Micros, Queued, Via,
};
use crate::topology::EdgeKey;
use crate::world::{Answer, Event, EventKind, World};

use super::Cue;

/// All that is shown, but for the time that moves tokens along.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// For each publisher, how many messages left it.
    pub published: Vec<u64>,
    /// The queues.
    pub queues: Vec<QueueStage>,
    /// The consumers.
    pub consumers: Vec<ConsumerStage>,
    /// For each exchange, how many messages reached it.
    pub routed: Vec<u64>,
    /// For each exchange, how many messages ended at it because no queue matched.
    pub unroutable: Vec<u64>,
    /// Messages between a publisher and its exchange.
    pub sent: BTreeMap<MessageId, Flight>,
    /// Copies between an exchange and a queue, or a queue and a consumer.
    pub copies: BTreeMap<CopyId, Flight>,
    /// Answers on their way from a consumer to its queue.
    pub answers: BTreeMap<CopyId, Flight>,
    /// Exchanges that are deciding, or decided just now.
    pub decisions: Vec<Decision>,
    /// Messages that ended just now and are seen to.
    pub endings: Vec<Ending>,
}

/// What a queue shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueStage {
    /// Ready messages, the head first.
    pub ready: VecDeque<Bead>,
    /// Delivered and not yet settled, in order of delivery.
    pub unacked: Vec<Bead>,
    /// When the head last left, so that the rest can be seen to close up.
    pub head_left: Option<Micros>,
    next_place: u64,
}

/// A message in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bead {
    /// The message.
    pub message: MessageId,
    /// The copy.
    pub copy: CopyId,
    /// Who holds it, if it is unacked.
    pub holder: Option<ConsumerId>,
    /// Whether it was requeued before.
    pub redelivered: bool,
    place: u64,
}

/// What a consumer shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerStage {
    /// Whether it consumes.
    pub consuming: bool,
    /// How many deliveries it holds unacked, those on their way included.
    pub unacked: usize,
    /// What it works on.
    pub working: Option<Work>,
    /// Deliveries that reached it and wait.
    pub waiting: VecDeque<Queued>,
    /// How many it finished.
    pub finished: u64,
    /// How many of these failed.
    pub failed: u64,
}

/// What a consumer works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// The copy.
    pub queued: Queued,
    /// When it is shown to begin.
    pub since: Micros,
    /// When it is shown to end.
    pub until: Micros,
}

/// A token on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Flight {
    /// The message.
    pub message: MessageId,
    /// The event it set out with.
    pub event: EventId,
    /// What it carries.
    pub kind: FlightKind,
    /// The edges it takes, in order; each is left when the next begins.
    pub legs: Vec<Leg>,
}

/// What is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlightKind {
    /// A message, forwards.
    Message,
    /// An acknowledgement, backwards.
    Ack,
    /// A message coming back to its queue.
    Requeue,
    /// A rejection, backwards.
    Reject,
}

/// One edge of a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// The edge.
    pub edge: EdgeKey,
    /// When the token sets out on it.
    pub from: Micros,
    /// When it reaches the other end.
    pub until: Micros,
}

/// An exchange that decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The exchange.
    pub exchange: ExchangeId,
    /// The message.
    pub message: MessageId,
    /// [`broker::Event::Routed`] or [`broker::Event::Unroutable`].
    pub event: EventId,
    /// Its bindings that matched; all its others did not.
    pub matched: Vec<Via>,
    /// When the message is there.
    pub from: Micros,
    /// How long it is seen.
    pub until: Micros,
}

/// A message that ended without reaching a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The message.
    pub message: MessageId,
    /// The event that ended it.
    pub event: EventId,
    /// Where.
    pub place: EndingPlace,
    /// When it ended.
    pub from: Micros,
    /// How long it is seen.
    pub until: Micros,
}

/// Where a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndingPlace {
    /// At an exchange: no queue matched.
    Unroutable(ExchangeId),
    /// Rejected without requeue.
    Rejected(broker::QueueId),
    /// Lost: its consumer failed, and consumed without acknowledgements.
    Lost(ConsumerId),
}

impl Flight {
    /// Where the token is at `at`: on which edge, and how much of it is done, from 0 to 1. One that has arrived and is
    /// still there waits at the end.
    pub fn place(&self, at: Micros) -> Option<(EdgeKey, f32)> {
        let leg = self
            .legs
            .iter()
            .find(|leg| at < leg.until)
            .or(self.legs.last())?;
        let done = at.since(leg.from).0 as f64 / leg.until.since(leg.from).0.max(1) as f64;
        Some((leg.edge, done.min(1.0) as f32))
    }
}

impl Stage {
    /// The stage of a world in which nothing happened yet.
    pub fn new(world: &World) -> Self {
        Self {
            published: vec![0; world.publishers().len()],
            queues: vec![QueueStage::default(); world.broker().queues().len()],
            consumers: vec![ConsumerStage::default(); world.workers().len()],
            routed: vec![0; world.definitions().exchanges().len()],
            unroutable: vec![0; world.definitions().exchanges().len()],
            sent: BTreeMap::new(),
            copies: BTreeMap::new(),
            answers: BTreeMap::new(),
            decisions: Vec::new(),
            endings: Vec::new(),
        }
    }

    /// Roughly how much there is to copy in a clone, in entries.
    pub(super) fn weight(&self) -> usize {
        let ready: usize = self.queues.iter().map(|queue| queue.ready.len()).sum();
        ready + self.sent.len() + self.copies.len() + self.queues.len() + self.consumers.len()
    }

    /// Shows an event.
    pub(super) fn show(&mut self, cue: &Cue, event: &Event) {
        self.decisions.retain(|decision| decision.until > cue.at);
        self.endings.retain(|ending| ending.until > cue.at);
        match &event.kind {
            EventKind::Published {
                publisher, message, ..
            } => {
                if let Some(count) = self.published.get_mut(publisher.0 as usize) {
                    *count += 1;
                }
                self.sent.extend(
                    cue.flights
                        .iter()
                        .map(|flight| (*message, flight.1.clone())),
                );
            }
            EventKind::Broker(broker) => self.show_broker(cue, broker),
            EventKind::Received { consumer, queued } => {
                self.copies.remove(&queued.copy);
                if let Some(consumer) = self.consumers.get_mut(consumer.index()) {
                    consumer.waiting.push_back(*queued);
                }
            }
            EventKind::Started {
                consumer,
                queued,
                until,
            } => {
                if let Some(consumer) = self.consumers.get_mut(consumer.index()) {
                    consumer
                        .waiting
                        .retain(|waiting| waiting.copy != queued.copy);
                    consumer.working = Some(Work {
                        queued: *queued,
                        since: cue.at,
                        until: (*until).max(cue.at),
                    });
                }
            }
            EventKind::Finished {
                consumer,
                queued,
                answer,
            } => {
                let failed = matches!(answer, Answer::Lost | Answer::Requeue | Answer::Reject);
                if let Some(consumer) = self.consumers.get_mut(consumer.index()) {
                    consumer.working = None;
                    consumer.finished += 1;
                    consumer.failed += u64::from(failed);
                }
                for (_, flight) in &cue.flights {
                    self.answers.insert(queued.copy, flight.clone());
                }
                self.endings.extend(cue.ending);
            }
        }
    }

    fn show_broker(&mut self, cue: &Cue, event: &broker::Event) {
        use broker::Event as E;
        match event {
            E::Routed {
                message, exchange, ..
            }
            | E::Unroutable {
                message, exchange, ..
            } => {
                self.sent.remove(message);
                let lost = u64::from(matches!(event, E::Unroutable { .. }));
                if let Some(count) = self.routed.get_mut(exchange.index()) {
                    *count += 1;
                }
                if let Some(count) = self.unroutable.get_mut(exchange.index()) {
                    *count += lost;
                }
                for (copy, flight) in &cue.flights {
                    self.copies.extend(copy.map(|copy| (copy, flight.clone())));
                }
                self.decisions.extend(cue.decisions.iter().cloned());
                self.endings.extend(cue.ending);
            }
            E::Ready(queued) => {
                self.copies.remove(&queued.copy);
                if let Some(queue) = self.queues.get_mut(queued.queue.index()) {
                    let place = queue.next_place;
                    queue.next_place += 1;
                    queue.ready.push_back(Bead {
                        message: queued.message,
                        copy: queued.copy,
                        holder: None,
                        redelivered: false,
                        place,
                    });
                }
            }
            E::Delivered {
                queued,
                consumer,
                settled,
                ..
            } => {
                for (copy, flight) in &cue.flights {
                    self.copies.extend(copy.map(|copy| (copy, flight.clone())));
                }
                let Some(queue) = self.queues.get_mut(queued.queue.index()) else {
                    return;
                };
                let at = queue.ready.iter().position(|bead| bead.copy == queued.copy);
                let bead = at.and_then(|at| queue.ready.remove(at));
                queue.head_left = Some(cue.at);
                if !settled {
                    queue.unacked.extend(bead.map(|bead| Bead {
                        holder: Some(*consumer),
                        ..bead
                    }));
                    self.count_unacked(*consumer, |unacked| unacked + 1);
                }
            }
            E::Acked { queued, consumer } | E::Rejected { queued, consumer } => {
                self.settle(*queued, *consumer);
                self.endings.extend(cue.ending);
            }
            E::Requeued { queued, consumer } => {
                let bead = self.settle(*queued, *consumer);
                let queue = self.queues.get_mut(queued.queue.index());
                if let (Some(queue), Some(bead)) = (queue, bead) {
                    let at = queue
                        .ready
                        .partition_point(|other| other.place < bead.place);
                    queue.ready.insert(
                        at,
                        Bead {
                            holder: None,
                            redelivered: true,
                            ..bead
                        },
                    );
                }
            }
            E::Consuming { consumer, .. } => self.set_consuming(*consumer, true),
            E::Cancelled { consumer, .. } => self.set_consuming(*consumer, false),
        }
    }

    fn settle(&mut self, queued: Queued, consumer: ConsumerId) -> Option<Bead> {
        self.answers.remove(&queued.copy);
        self.count_unacked(consumer, |unacked| unacked.saturating_sub(1));
        let queue = self.queues.get_mut(queued.queue.index())?;
        let at = queue
            .unacked
            .iter()
            .position(|bead| bead.copy == queued.copy)?;
        Some(queue.unacked.remove(at))
    }

    fn count_unacked(&mut self, consumer: ConsumerId, change: impl FnOnce(usize) -> usize) {
        if let Some(consumer) = self.consumers.get_mut(consumer.index()) {
            consumer.unacked = change(consumer.unacked);
        }
    }

    fn set_consuming(&mut self, consumer: ConsumerId, consuming: bool) {
        if let Some(consumer) = self.consumers.get_mut(consumer.index()) {
            consumer.consuming = consuming;
        }
    }
}
