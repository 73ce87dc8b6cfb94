//! When each event is shown.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use crate::broker::{
    self, CopyId, Definitions, Destination, EventId, ExchangeId, MessageId, Micros, RoutedCopy, Via,
};
use crate::history::{History, Snapshots};
use crate::topology::{EdgeKey, NodeKey};
use crate::world::{Answer, Event, EventKind, World};

use super::stage::EndingPlace;
use super::{Decision, Ending, Flight, FlightKind, Leg, Stage};

/// How long a hop is seen at least, unless the picture is behind.
pub const MIN_HOP: Micros = Micros::from_millis(250);
/// How far the picture is behind the run at most.
pub const MAX_LAG: Micros = Micros::from_millis(1_500);
/// How long the end of a message is seen.
const ENDING: Micros = Micros::from_millis(1_400);

/// An event, when it is shown, and what sets out with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Cue {
    /// When.
    pub at: Micros,
    /// Which event.
    pub event: EventId,
    /// Tokens that set out: copies by their number, or a message or answer.
    pub flights: Vec<(Option<CopyId>, Flight)>,
    /// Exchanges that decide.
    pub decisions: Vec<Decision>,
    /// A message that ends.
    pub ending: Option<Ending>,
}

/// A moment of the picture: a time, and how many events are shown by then. Events shown at one time can be told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The time.
    pub at: Micros,
    /// How many events are shown.
    pub shown: usize,
}

/// Decides when the events of one history are shown, and keeps the stage of every moment.
///
/// Call [`read`](Self::read) whenever the history has grown. Nothing it has decided changes by that.
#[derive(Clone, Debug)]
pub struct Director {
    /// Shown in this order.
    cues: Vec<Cue>,
    /// Shown later than what the history is complete to.
    pending: BinaryHeap<Reverse<Pending>>,
    read: usize,
    shown_at: Vec<Micros>,
    nodes: BTreeMap<NodeKey, Micros>,
    sent: BTreeMap<MessageId, Micros>,
    copies: BTreeMap<CopyId, Micros>,
    head: Stage,
    snapshots: Snapshots<Stage>,
}

#[derive(Clone, Debug)]
struct Pending(Cue);

impl Pending {
    fn rank(&self) -> (Micros, EventId) {
        (self.0.at, self.0.event)
    }
}

impl PartialEq for Pending {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Pending {}

impl PartialOrd for Pending {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pending {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}

/// How long a hop is seen that takes `latency` in the world, when the picture is `lag` behind.
fn visible(latency: Micros, lag: Micros) -> Micros {
    let missing = MIN_HOP.since(latency).0;
    let room = MAX_LAG.since(lag).0;
    Micros(latency.0 + missing * room / MAX_LAG.0)
}

impl Director {
    /// A director for a history of which nothing is read yet.
    pub fn new(history: &History) -> Self {
        let head = Stage::new(history.head());
        Self {
            cues: Vec::new(),
            pending: BinaryHeap::new(),
            read: 0,
            shown_at: Vec::new(),
            nodes: BTreeMap::new(),
            sent: BTreeMap::new(),
            copies: BTreeMap::new(),
            snapshots: Snapshots::new(head.clone(), 128),
            head,
        }
    }

    /// Takes in what has happened since it was last called.
    pub fn read(&mut self, history: &History) {
        let world = history.head();
        for event in &history.events()[self.read..] {
            let cue = self.schedule(event, world);
            self.shown_at.push(cue.at);
            self.pending.push(Reverse(Pending(cue)));
        }
        self.read = history.events().len();
        // Whatever happens later is shown later, so up to here the order is final.
        while let Some(Reverse(Pending(cue))) = self
            .pending
            .peek()
            .filter(|Reverse(Pending(cue))| cue.at <= history.complete_to())
        {
            if let Some(event) = history.event(cue.event) {
                self.head.show(cue, event);
            }
            self.cues
                .extend(self.pending.pop().map(|Reverse(Pending(cue))| cue));
            let (shown, head) = (self.cues.len(), &self.head);
            self.snapshots.offer(shown, head.weight(), || head.clone());
        }
    }

    /// The events in the order they are shown, up to what the history is complete to.
    pub fn cues(&self) -> &[Cue] {
        &self.cues
    }

    /// When an event that was read is shown.
    pub fn shown_at(&self, event: EventId) -> Option<Micros> {
        self.shown_at
            .get(usize::try_from(event.0.checked_sub(1)?).ok()?)
            .copied()
    }

    /// The moment at `at` with all that is shown by then.
    pub fn moment(&self, at: Micros) -> Moment {
        Moment {
            at,
            shown: self.cues.partition_point(|cue| cue.at <= at),
        }
    }

    /// The moment just after an event is shown, and nothing after it.
    pub fn moment_of(&self, event: EventId) -> Option<Moment> {
        let at = self.shown_at(event)?;
        let first = self.cues.partition_point(|cue| cue.at < at);
        let index = self.cues[first..]
            .iter()
            .position(|cue| cue.event == event)?;
        Some(Moment {
            at,
            shown: first + index + 1,
        })
    }

    /// The moment one event further, if that event is known.
    pub fn next(&self, moment: Moment) -> Option<Moment> {
        self.cues.get(moment.shown).map(|cue| Moment {
            at: cue.at.max(moment.at),
            shown: moment.shown + 1,
        })
    }

    /// The moment one event back. From between two events, the moment of the earlier one.
    pub fn previous(&self, moment: Moment) -> Option<Moment> {
        let last = self.cues.get(moment.shown.checked_sub(1)?)?;
        if last.at < moment.at {
            return Some(Moment {
                at: last.at,
                shown: moment.shown,
            });
        }
        let shown = moment.shown - 1;
        let at = shown
            .checked_sub(1)
            .and_then(|index| self.cues.get(index))
            .map_or(Micros::ZERO, |cue| cue.at);
        Some(Moment { at, shown })
    }

    /// What is shown at a moment.
    pub fn stage(&self, moment: Moment, history: &History) -> Stage {
        let shown = moment.shown.min(self.cues.len());
        if shown == self.cues.len() {
            return self.head.clone();
        }
        let (kept, mut stage) = self.snapshots.nearest(shown);
        for cue in &self.cues[kept..shown] {
            if let Some(event) = history.event(cue.event) {
                stage.show(cue, event);
            }
        }
        stage
    }

    /// When the next event is shown that has happened, but is to be shown later than what the history is complete to.
    pub fn next_pending(&self) -> Option<Micros> {
        self.pending.peek().map(|Reverse(Pending(cue))| cue.at)
    }

    fn schedule(&mut self, event: &Event, world: &World) -> Cue {
        use broker::Event as E;
        let mut cue = Cue {
            at: event
                .at
                .max(self.shown_at(event.cause).unwrap_or(Micros::ZERO)),
            event: event.id,
            flights: Vec::new(),
            decisions: Vec::new(),
            ending: None,
        };
        match &event.kind {
            EventKind::Published {
                publisher,
                message,
                publication,
            } => {
                self.meet(&mut cue, NodeKey::Publisher(publisher.0));
                let exchange = world
                    .definitions()
                    .exchange_named(&publication.exchange)
                    .map_or(Definitions::DEFAULT_EXCHANGE, |exchange| exchange.id);
                let edge = EdgeKey::Publish {
                    publisher: publisher.0,
                    exchange,
                };
                let latency = world
                    .publisher(*publisher)
                    .map_or(Micros::ZERO, |publisher| publisher.latency);
                let arrival = self.fly(
                    &mut cue,
                    event,
                    None,
                    *message,
                    FlightKind::Message,
                    edge,
                    latency,
                );
                self.sent.insert(*message, arrival);
            }
            EventKind::Broker(E::Routed {
                message,
                exchange,
                matched,
                copies,
            }) => {
                let arrived = self.sent.remove(message);
                cue.at = cue.at.max(arrived.unwrap_or(Micros::ZERO));
                self.meet(&mut cue, NodeKey::Exchange(*exchange));
                self.decide(&mut cue, event, *message, *exchange, matched, world);
                self.spread(&mut cue, event, *message, copies, world);
            }
            EventKind::Broker(E::Unroutable {
                message,
                exchange,
                matched,
            }) => {
                let arrived = self.sent.remove(message);
                cue.at = cue.at.max(arrived.unwrap_or(Micros::ZERO));
                self.meet(&mut cue, NodeKey::Exchange(*exchange));
                self.decide(&mut cue, event, *message, *exchange, matched, world);
                // It ends where it got to last.
                let last = cue.decisions.last();
                let place = last.map_or(*exchange, |decision| decision.exchange);
                let from = last.map_or(cue.at, |decision| decision.from);
                self.end(&mut cue, *message, EndingPlace::Unroutable(place), from);
            }
            EventKind::Broker(E::Ready(queued)) => {
                let arrived = self.copies.remove(&queued.copy);
                cue.at = cue.at.max(arrived.unwrap_or(Micros::ZERO));
                self.meet(&mut cue, NodeKey::Queue(queued.queue));
            }
            EventKind::Broker(E::Delivered {
                queued, consumer, ..
            }) => {
                self.meet(&mut cue, NodeKey::Queue(queued.queue));
                let latency = world
                    .worker(*consumer)
                    .map_or(Micros::ZERO, |worker| worker.latency_deliver);
                let arrival = self.fly(
                    &mut cue,
                    event,
                    Some(queued.copy),
                    queued.message,
                    FlightKind::Message,
                    EdgeKey::Consume(*consumer),
                    latency,
                );
                self.copies.insert(queued.copy, arrival);
            }
            EventKind::Received { consumer, queued } => {
                let arrived = self.copies.remove(&queued.copy);
                cue.at = cue.at.max(arrived.unwrap_or(Micros::ZERO));
                self.meet(&mut cue, NodeKey::Consumer(*consumer));
            }
            EventKind::Started { consumer, .. } => {
                self.meet(&mut cue, NodeKey::Consumer(*consumer));
            }
            EventKind::Finished {
                consumer,
                queued,
                answer,
            } => {
                self.meet(&mut cue, NodeKey::Consumer(*consumer));
                let kind = match answer {
                    Answer::Ack => Some(FlightKind::Ack),
                    Answer::Requeue => Some(FlightKind::Requeue),
                    Answer::Reject => Some(FlightKind::Reject),
                    Answer::Silent | Answer::Lost => None,
                };
                let latency = world
                    .worker(*consumer)
                    .map_or(Micros::ZERO, |worker| worker.latency_ack);
                if let Some(kind) = kind {
                    let edge = EdgeKey::Consume(*consumer);
                    let copy = Some(queued.copy);
                    let arrival =
                        self.fly(&mut cue, event, copy, queued.message, kind, edge, latency);
                    self.copies.insert(queued.copy, arrival);
                } else if *answer == Answer::Lost {
                    let at = cue.at;
                    self.end(&mut cue, queued.message, EndingPlace::Lost(*consumer), at);
                }
            }
            EventKind::Broker(
                E::Acked { queued, .. } | E::Requeued { queued, .. } | E::Rejected { queued, .. },
            ) => {
                let arrived = self.copies.remove(&queued.copy);
                cue.at = cue.at.max(arrived.unwrap_or(Micros::ZERO));
                self.meet(&mut cue, NodeKey::Queue(queued.queue));
                if matches!(event.kind, EventKind::Broker(E::Rejected { .. })) {
                    let at = cue.at;
                    self.end(
                        &mut cue,
                        queued.message,
                        EndingPlace::Rejected(queued.queue),
                        at,
                    );
                }
            }
            EventKind::Broker(E::Consuming { queue, .. } | E::Cancelled { queue, .. }) => {
                self.meet(&mut cue, NodeKey::Queue(*queue));
            }
        }
        cue
    }

    /// Lets a cue wait for what is shown at a node before it, and what comes after wait for it.
    fn meet(&mut self, cue: &mut Cue, node: NodeKey) {
        let clock = self.nodes.entry(node).or_default();
        cue.at = cue.at.max(*clock);
        *clock = cue.at;
    }

    /// Sends a token along one edge; when it arrives.
    #[allow(clippy::too_many_arguments)]
    fn fly(
        &self,
        cue: &mut Cue,
        event: &Event,
        copy: Option<CopyId>,
        message: MessageId,
        kind: FlightKind,
        edge: EdgeKey,
        latency: Micros,
    ) -> Micros {
        let until = cue.at + visible(latency, cue.at.since(event.at));
        let leg = Leg {
            edge,
            from: cue.at,
            until,
        };
        cue.flights.push((
            copy,
            Flight {
                message,
                event: event.id,
                kind,
                legs: vec![leg],
            },
        ));
        until
    }

    /// Sends the copies of a message along their paths.
    fn spread(
        &mut self,
        cue: &mut Cue,
        event: &Event,
        message: MessageId,
        copies: &[RoutedCopy],
        world: &World,
    ) {
        for RoutedCopy { copy, path, .. } in copies {
            let (mut from, mut happens) = (cue.at, event.at);
            let legs = path.iter().map(|&via| {
                let latency = world.route_latency(via);
                let until = from + visible(latency, from.since(happens));
                let leg = Leg {
                    edge: via.into(),
                    from,
                    until,
                };
                (from, happens) = (until, happens + latency);
                leg
            });
            let flight = Flight {
                message,
                event: event.id,
                kind: FlightKind::Message,
                legs: legs.collect(),
            };
            self.copies.insert(*copy, from);
            cue.flights.push((Some(*copy), flight));
        }
    }

    /// Works out when each exchange on the way decides: the first now, the others when the message gets there.
    fn decide(
        &self,
        cue: &mut Cue,
        event: &Event,
        message: MessageId,
        exchange: ExchangeId,
        matched: &[Via],
        world: &World,
    ) {
        let definitions = world.definitions();
        let mut waiting = VecDeque::from([(exchange, cue.at, event.at)]);
        let mut seen = vec![exchange];
        while let Some((exchange, from, happens)) = waiting.pop_front() {
            let lag = from.since(happens);
            let mut until = from + visible(Micros::ZERO, lag).max(MIN_HOP);
            let mut here = Vec::new();
            for &via in matched {
                let (source, next) = match via {
                    Via::Binding(id) => match definitions.binding(id) {
                        Some(binding) => (binding.source, Some(binding.destination)),
                        None => continue,
                    },
                    Via::Implicit(_) => (Definitions::DEFAULT_EXCHANGE, None),
                    Via::Alternate(from) => {
                        let next = definitions.alternate(from);
                        (from, next.map(Destination::Exchange))
                    }
                };
                if source != exchange {
                    continue;
                }
                here.push(via);
                let latency = world.route_latency(via);
                let arrival = from + visible(latency, lag);
                until = until.max(arrival);
                if let Some(Destination::Exchange(next)) = next
                    && !seen.contains(&next)
                {
                    seen.push(next);
                    waiting.push_back((next, arrival, happens + latency));
                }
            }
            cue.decisions.push(Decision {
                exchange,
                message,
                event: event.id,
                matched: here,
                from,
                until,
            });
        }
    }

    fn end(&self, cue: &mut Cue, message: MessageId, place: EndingPlace, from: Micros) {
        cue.ending = Some(Ending {
            message,
            event: cue.event,
            place,
            from,
            until: from + ENDING,
        });
    }
}
