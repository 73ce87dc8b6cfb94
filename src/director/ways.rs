//! What sets out with an event, where it goes and what it waits for on its way.

use std::collections::{BTreeMap, VecDeque};

use crate::broker::{
    self, Definitions, Destination, ExchangeId, Fate, MessageId, Micros, Queued, RoutedCopy, Via,
};
use crate::history::History;
use crate::topology::{EdgeKey, NodeKey};
use crate::world::{Author, Event, EventKind, LinkId, World};

use super::schedule::{Landing, REFUSED};
use super::{Cue, Decision, Director, EndingPlace, Flight, FlightKind, Leg, MIN_HOP, Refused};

impl Director {
    /// Notes who acts, and waits for its connection.
    pub(super) fn by(&mut self, cue: &mut Cue, author: Author, world: &World) {
        cue.author = Some(author);
        cue.link = match author {
            Author::Publisher(id) => world.publisher(id).map(|it| it.link),
            Author::Consumer(id) => {
                cue.worker = Some(id);
                world.worker(id).map(|it| it.link)
            }
        };
        self.use_link(cue);
    }

    /// Notes who published a message.
    pub(super) fn by_message(&mut self, cue: &mut Cue, message: MessageId, world: &World) {
        let Some((author, _)) = self.published(message) else {
            return;
        };
        cue.author = Some(author);
        cue.link = match author {
            Author::Publisher(id) => world.publisher(id).map(|it| it.link),
            Author::Consumer(id) => world.worker(id).map(|it| it.link),
        };
    }

    pub(super) fn link_of(&self, cue: &Cue, world: &World) -> Option<LinkId> {
        world.worker(cue.worker?).map(|worker| worker.link)
    }

    pub(super) fn publishing_edge(&self, message: MessageId) -> Option<EdgeKey> {
        let (author, exchange) = self.published(message)?;
        Some(EdgeKey::publishing(author, exchange?))
    }

    /// A message comes to an exchange: from its author, or as a letter from the queue it died in.
    pub(super) fn reach(
        &mut self,
        cue: &mut Cue,
        event: &Event,
        message: MessageId,
        letter: Option<broker::CopyId>,
        exchange: ExchangeId,
        world: &World,
    ) {
        let landing = match letter {
            Some(copy) => self.landings.letters.remove(&copy),
            None => {
                self.by_message(cue, message, world);
                self.landings.sent.remove(&message)
            }
        };
        self.use_link(cue);
        self.land(cue, event, landing);
        self.meet(cue, NodeKey::Exchange(exchange));
    }

    /// The broker answers publishers: along each edge that the messages came by one token goes back.
    pub(super) fn confirm(
        &mut self,
        cue: &mut Cue,
        event: &Event,
        messages: &[MessageId],
        ack: bool,
        world: &World,
    ) {
        let mut edges: BTreeMap<EdgeKey, (MessageId, usize)> = BTreeMap::new();
        for &message in messages {
            if let Some(edge) = self.publishing_edge(message) {
                let (last, count) = edges.entry(edge).or_insert((message, 0));
                *last = message;
                *count += 1;
            }
        }
        let mut landing = Landing::default();
        for (edge, (message, count)) in edges {
            let kind = FlightKind::Confirm { ack, count };
            let latency = world.latency().confirm;
            landing = self.fly(cue, event, message, kind, Some(edge), latency);
        }
        if !cue.flights.is_empty() {
            self.landings.back.insert(event.id, landing);
        }
    }

    pub(super) fn refuse(
        &mut self,
        cue: &mut Cue,
        event: &Event,
        link: Option<LinkId>,
        message: Option<MessageId>,
        method: Option<&str>,
        world: &World,
    ) {
        if let Some(message) = message {
            self.by_message(cue, message, world);
            let landing = self.landings.sent.remove(&message);
            self.land(cue, event, landing);
        }
        cue.link = link.or(cue.link);
        self.use_link(cue);
        let mut node = cue.author.map(NodeKey::from);
        let there = cue.link.and_then(|link| world.links().get(link.0 as usize));
        if let (None, Some(link)) = (node, there) {
            node = match (&link.publishers[..], &link.workers[..], method) {
                (&[publisher], [], _) => Some(NodeKey::Publisher(publisher.0)),
                // Of those who share it only who consumes can be late.
                ([], &[worker], _) | (_, &[worker], None) => Some(NodeKey::Consumer(worker)),
                // Of a publisher and a consumer that share it, what is said tells who did.
                (_, &[worker], Some(method)) if CONSUMERS.contains(&method) => {
                    Some(NodeKey::Consumer(worker))
                }
                (&[publisher], _, Some(method)) if PUBLISHERS.contains(&method) => {
                    Some(NodeKey::Publisher(publisher.0))
                }
                _ => None,
            };
        }
        if let (Some(message), Some(node)) = (message, node) {
            let from = cue.at;
            self.end(cue, message, EndingPlace::Refused(node), from);
        }
        cue.refused = Some(Refused {
            node,
            link: cue.link,
            event: event.id,
            from: cue.at,
            until: cue.at + REFUSED,
        });
    }

    /// A queue gives a copy to a consumer.
    pub(super) fn hand_over(
        &mut self,
        cue: &mut Cue,
        event: &Event,
        queued: Queued,
        world: &World,
    ) {
        cue.link = self.link_of(cue, world);
        self.use_link(cue);
        self.meet(cue, NodeKey::Queue(queued.queue));
        let Some(worker) = cue.worker else { return };
        let latency = world.worker(worker).map(|worker| worker.latency_deliver);
        let landing = self.fly(
            cue,
            event,
            queued.message,
            FlightKind::Message,
            Some(EdgeKey::Consume(worker)),
            latency.unwrap_or_default(),
        );
        self.carry(cue, queued);
        self.landings.deliveries.insert(event.id, landing);
    }

    /// Something becomes of a copy that a consumer held, by its answer or without it.
    pub(super) fn take_back(
        &mut self,
        cue: &mut Cue,
        event: &Event,
        queued: Queued,
        consumer: Option<broker::ConsumerId>,
        is_answer: bool,
        world: &World,
    ) {
        let asked = self.asked.remove(&queued.copy);
        cue.worker = self.worker(world, consumer).or(asked);
        cue.link = self.link_of(cue, world);
        self.use_link(cue);
        if let Some(worker) = cue.worker {
            let landing = self.landings.answers.remove(&(worker, queued.copy));
            if is_answer {
                self.land(cue, event, landing);
            } else {
                self.cut(cue, event, landing);
            }
        }
        self.meet(cue, NodeKey::Queue(queued.queue));
    }

    /// A copy died: it goes on to a dead-letter exchange, or ends.
    pub(super) fn bury(
        &mut self,
        cue: &mut Cue,
        event: &Event,
        queued: Queued,
        reason: broker::DeathReason,
        fate: &Fate,
        world: &World,
    ) {
        let queue = queued.queue;
        if let Fate::DeadLettered(exchange) = *fate {
            self.post(cue, event, queued, exchange, world);
            return;
        }
        if matches!(fate, Fate::Kept(_)) {
            return; // It stays, and is tried again.
        }
        let no_exchange = matches!(fate, Fate::NoExchange(_));
        let place = EndingPlace::Died {
            queue,
            reason,
            no_exchange,
        };
        let from = cue.at;
        self.end(cue, queued.message, place, from);
    }

    /// A dead message flies from its queue to the dead-letter exchange.
    pub(super) fn post(
        &mut self,
        cue: &mut Cue,
        event: &Event,
        queued: Queued,
        exchange: ExchangeId,
        world: &World,
    ) {
        let queue = queued.queue;
        let edge = EdgeKey::DeadLetter { queue, exchange };
        let latency = world.latency().dead_letter;
        let kind = FlightKind::Message;
        let landing = self.fly(cue, event, queued.message, kind, Some(edge), latency);
        self.carry(cue, queued);
        self.landings.letters.insert(queued.copy, landing);
        self.took_letter(queue, exchange);
    }

    /// Sends a token along one edge; when it lands. A message for an exchange that is not there has no edge to be seen on.
    pub(super) fn fly(
        &self,
        cue: &mut Cue,
        event: &Event,
        message: MessageId,
        kind: FlightKind,
        edge: Option<EdgeKey>,
        latency: Micros,
    ) -> Landing {
        let from = cue.at;
        let until = from + self.visible(latency, from.since(event.at));
        let leg = edge.map(|edge| Leg { edge, from, until });
        let flight = Flight {
            message,
            event: event.id,
            kind,
            legs: leg.into_iter().collect(),
        };
        cue.flights.push((None, flight));
        Landing {
            since: from,
            due: event.at + latency,
            shown: until,
        }
    }

    /// Marks the flight that set out last as a copy's.
    pub(super) fn carry(&self, cue: &mut Cue, queued: Queued) {
        if let Some((copy, _)) = cue.flights.last_mut() {
            *copy = Some(queued.copy);
        }
    }

    /// Sends the copies of a message along their paths.
    pub(super) fn spread(
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
                let until = from + self.visible(latency, from.since(happens));
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
            let landing = Landing {
                since: cue.at,
                due: happens,
                shown: from,
            };
            self.landings.copies.insert(*copy, landing);
            cue.flights.push((Some(*copy), flight));
        }
    }

    /// A message goes on to an exchange that keeps it, or of which nobody knows what it does: by the ways that were told with
    /// the decision that led there. When it is there.
    pub(super) fn pass(
        &mut self,
        cue: &mut Cue,
        event: &Event,
        message: MessageId,
        exchange: ExchangeId,
        history: &History,
    ) -> Micros {
        let world = history.head();
        let decision = history.event(event.cause).map(|cause| &cause.kind);
        let (first, matched) = match decision {
            Some(EventKind::Broker(broker::Event::Routed {
                exchange, matched, ..
            })) => (*exchange, &**matched),
            _ => (exchange, &[][..]),
        };
        self.meet(cue, NodeKey::Exchange(first));
        let (mut from, mut happens) = (cue.at, event.at);
        let mut legs = Vec::new();
        for via in self.way(first, exchange, matched, world.definitions()) {
            let latency = world.route_latency(via);
            let until = from + self.visible(latency, from.since(happens));
            legs.push(Leg {
                edge: via.into(),
                from,
                until,
            });
            (from, happens) = (until, happens + latency);
        }
        if !legs.is_empty() {
            let flight = Flight {
                message,
                event: event.id,
                kind: FlightKind::Message,
                legs,
            };
            cue.flights.push((None, flight));
        }
        from
    }

    /// A message that comes to an exchange at `shown` waits there, and goes on no sooner than it is there.
    pub(super) fn await_going_on(
        &mut self,
        cue: &Cue,
        event: &Event,
        place: (MessageId, ExchangeId),
        shown: Micros,
    ) {
        let landing = Landing {
            since: cue.at,
            due: event.at,
            shown,
        };
        self.landings.waiting.insert(place, landing);
    }

    /// The way from one exchange to another among those that a message took.
    fn way(
        &self,
        from: ExchangeId,
        to: ExchangeId,
        matched: &[Via],
        definitions: &Definitions,
    ) -> Vec<Via> {
        let mut ways = VecDeque::from([(from, Vec::new())]);
        let mut seen = vec![from];
        while let Some((at, way)) = ways.pop_front() {
            if at == to {
                return way;
            }
            for &via in matched
                .iter()
                .filter(|&&via| source(via, definitions) == at)
            {
                let next = match via {
                    Via::Binding(id) => {
                        match definitions.binding(id).map(|binding| binding.destination) {
                            Some(Destination::Exchange(next)) => Some(next),
                            _ => None,
                        }
                    }
                    Via::Alternate(of) => self.alternate(of, &seen, matched, &[], definitions),
                    Via::Implicit(_) => None,
                };
                if let Some(next) = next.filter(|next| !seen.contains(next)) {
                    seen.push(next);
                    let way = way.iter().copied().chain([via]).collect();
                    ways.push_back((next, way));
                }
            }
        }
        Vec::new()
    }

    /// Works out when each exchange on the way decides: the first now, the others when the message gets there.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn decide(
        &self,
        cue: &mut Cue,
        event: &Event,
        message: MessageId,
        exchange: ExchangeId,
        matched: &[Via],
        copies: &[RoutedCopy],
        world: &World,
    ) {
        let definitions = world.definitions();
        let mut waiting = VecDeque::from([(exchange, cue.at, event.at)]);
        let mut seen = vec![exchange];
        while let Some((exchange, from, happens)) = waiting.pop_front() {
            let lag = from.since(happens);
            let mut until = from + self.visible(Micros::ZERO, lag).max(MIN_HOP);
            let (mut here, mut spare) = (Vec::new(), Vec::new());
            for &via in matched {
                if source(via, definitions) != exchange {
                    continue;
                }
                here.push(via);
                if is_spare(via, &seen, copies, definitions) {
                    spare.push(via);
                }
                let latency = world.route_latency(via);
                let arrival = from + self.visible(latency, lag);
                until = until.max(arrival);
                let next = match via {
                    Via::Binding(id) => {
                        let binding = definitions.binding(id);
                        match binding.map(|binding| binding.destination) {
                            Some(Destination::Exchange(next)) => Some(next),
                            _ => None,
                        }
                    }
                    Via::Implicit(_) => None,
                    Via::Alternate(of) => self.alternate(of, &seen, matched, copies, definitions),
                };
                if let Some(next) = next
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
                spare,
                from,
                until,
            });
        }
    }

    /// The alternate exchange that a message went on to. Policies may have changed since, so what the message did says
    /// more than what holds now.
    pub(super) fn alternate(
        &self,
        of: ExchangeId,
        seen: &[ExchangeId],
        matched: &[Via],
        copies: &[RoutedCopy],
        definitions: &Definitions,
    ) -> Option<ExchangeId> {
        let after = |path: &[Via]| {
            let at = path.iter().position(|&via| via == Via::Alternate(of))?;
            path.get(at + 1).map(|&via| source(via, definitions))
        };
        let taken = copies.iter().find_map(|copy| after(&copy.path));
        let led_to = |exchange: ExchangeId| {
            matched.iter().any(|&via| match via {
                Via::Binding(id) => definitions
                    .binding(id)
                    .is_some_and(|binding| binding.destination == Destination::Exchange(exchange)),
                _ => false,
            })
        };
        let unexplained = || {
            let sources = matched.iter().map(|&via| source(via, definitions));
            let mut sources = sources.filter(|&other| !seen.contains(&other) && !led_to(other));
            sources.next()
        };
        let named = || {
            let name = definitions.exchange(of)?.alternate.as_ref()?;
            self.exchanges.get(name).copied()
        };
        taken.or_else(unexplained).or_else(named)
    }
}

/// What only consumers say, and only publishers.
const CONSUMERS: [&str; 7] = [
    "basic.consume",
    "basic.get",
    "basic.ack",
    "basic.nack",
    "basic.reject",
    "basic.qos",
    "basic.recover",
];
const PUBLISHERS: [&str; 4] = ["confirm.select", "tx.select", "tx.commit", "tx.rollback"];

/// The exchange a way leads from.
fn source(via: Via, definitions: &Definitions) -> ExchangeId {
    match via {
        Via::Binding(id) => definitions
            .binding(id)
            .map_or(Definitions::DEFAULT_EXCHANGE, |binding| binding.source),
        Via::Implicit(_) => Definitions::DEFAULT_EXCHANGE,
        Via::Alternate(of) => of,
    }
}

/// Whether a binding matched in vain: its exchange was visited before, or its queue gets its copy on another way (E12).
fn is_spare(
    via: Via,
    seen: &[ExchangeId],
    copies: &[RoutedCopy],
    definitions: &Definitions,
) -> bool {
    let Via::Binding(id) = via else { return false };
    match definitions.binding(id).map(|binding| binding.destination) {
        Some(Destination::Exchange(next)) => seen.contains(&next),
        Some(Destination::Queue(queue)) => copies
            .iter()
            .any(|copy| copy.queue == queue && copy.path.last() != Some(&via)),
        None => false,
    }
}
