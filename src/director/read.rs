//! What each event waits for, and what sets out with it.

use std::collections::{BTreeMap, VecDeque};

use crate::broker::{
    self, Definitions, Destination, ExchangeId, Fate, MessageId, Micros, Queued, Return,
    RoutedCopy, Via,
};
use crate::history::History;
use crate::topology::{EdgeKey, NodeKey};
use crate::world::{Answer, Author, Event, EventKind, LinkId, World};

use super::schedule::{Landing, REFUSED, visible};
use super::{Cue, Decision, Director, EndingPlace, Flight, FlightKind, Leg, MIN_HOP, Refused};

impl Director {
    /// When an event is shown, and what sets out with it.
    pub(super) fn schedule(&mut self, event: &Event, history: &History) -> Cue {
        let mut cue = Cue {
            at: event
                .at
                .max(self.shown_at(event.cause).unwrap_or(Micros::ZERO)),
            event: event.id,
            flights: Vec::new(),
            decisions: Vec::new(),
            endings: Vec::new(),
            refused: None,
            worker: None,
            link: None,
            author: None,
        };
        match &event.kind {
            EventKind::Broker(what) => self.read_broker(&mut cue, event, what, history),
            _ => self.read_actor(&mut cue, event, history.head()),
        }
        self.note(&cue);
        cue
    }

    /// What happens outside the broker.
    fn read_actor(&mut self, cue: &mut Cue, event: &Event, world: &World) {
        match &event.kind {
            EventKind::Published {
                by,
                message,
                publication,
            } => {
                self.by(cue, *by, world);
                self.meet(cue, (*by).into());
                let exchange = self.exchanges.get(&publication.exchange).copied();
                let edge = exchange.map(|exchange| EdgeKey::publishing(*by, exchange));
                let latency = match by {
                    Author::Publisher(id) => world.publisher(*id).map(|it| it.latency),
                    Author::Consumer(id) => world.worker(*id).map(|it| it.latency_publish),
                };
                let landing = fly(
                    cue,
                    event,
                    *message,
                    FlightKind::Message,
                    edge,
                    latency.unwrap_or_default(),
                );
                self.landings.sent.insert(*message, landing);
                let index = (message.0.max(1) - 1) as usize;
                if self.published.len() <= index {
                    self.published.resize(index + 1, None);
                }
                self.published[index] = Some((*by, exchange));
            }
            EventKind::Waiting { link, message } => {
                cue.link = Some(*link);
                self.use_link(cue);
                let landing = self.landings.sent.remove(message);
                self.land(cue, event, landing);
            }
            EventKind::Unsent { link, message } => {
                self.by_message(cue, *message, world);
                cue.link = Some(*link);
                self.use_link(cue);
                let landing = self.landings.sent.remove(message);
                self.cut(cue, event, landing);
                if let Some(author) = cue.author {
                    let from = cue.at;
                    self.end(cue, *message, EndingPlace::Unsent(author.into()), from);
                }
            }
            EventKind::Confirmed { publisher, .. } => {
                self.by(cue, Author::Publisher(*publisher), world);
                let landing = self.landings.back.get(&event.cause).copied();
                self.land(cue, event, landing);
                self.meet(cue, NodeKey::Publisher(publisher.0));
            }
            EventKind::Returned { publisher, message } => {
                self.by(cue, Author::Publisher(*publisher), world);
                let landing = self.landings.back.remove(&event.cause);
                self.land(cue, event, landing);
                self.meet(cue, NodeKey::Publisher(publisher.0));
                let from = cue.at;
                self.end(cue, *message, EndingPlace::Returned(*publisher), from);
            }
            EventKind::Received { worker, queued } => {
                self.by(cue, Author::Consumer(*worker), world);
                let landing = self.landings.deliveries.remove(&(*worker, queued.copy));
                self.land(cue, event, landing);
                self.meet(cue, NodeKey::Consumer(*worker));
            }
            EventKind::Asked { worker }
            | EventKind::Started { worker, .. }
            | EventKind::Dismissed { worker } => {
                self.by(cue, Author::Consumer(*worker), world);
                self.meet(cue, NodeKey::Consumer(*worker));
            }
            EventKind::Finished {
                worker,
                queued,
                answer,
            } => {
                self.by(cue, Author::Consumer(*worker), world);
                self.meet(cue, NodeKey::Consumer(*worker));
                self.finish(cue, event, *queued, *answer, world);
            }
            EventKind::Disconnected { link } => {
                cue.link = Some(*link);
                self.use_link(cue);
                self.meet_link(cue);
            }
            EventKind::Broker(_) => {}
        }
    }

    /// A consumer answers, or does not.
    fn finish(
        &mut self,
        cue: &mut Cue,
        event: &Event,
        queued: Queued,
        answer: Answer,
        world: &World,
    ) {
        let Some(worker) = cue.worker else { return };
        let kind = match answer {
            Answer::Ack => FlightKind::Ack,
            Answer::Requeue => FlightKind::Requeue,
            Answer::Reject => FlightKind::Reject,
            Answer::Silent | Answer::Crash => return,
            Answer::Lost => {
                let from = cue.at;
                self.end(cue, queued.message, EndingPlace::LostBy(worker), from);
                return;
            }
        };
        let latency = world.worker(worker).map(|worker| worker.latency_ack);
        let edge = Some(EdgeKey::Consume(worker));
        let landing = fly(
            cue,
            event,
            queued.message,
            kind,
            edge,
            latency.unwrap_or_default(),
        );
        self.carry(cue, queued);
        self.landings.answers.insert((worker, queued.copy), landing);
    }

    /// What happens in the broker.
    fn read_broker(
        &mut self,
        cue: &mut Cue,
        event: &Event,
        what: &broker::Event,
        history: &History,
    ) {
        use broker::Event as E;
        let world = history.head();
        match what {
            E::Routed {
                message,
                letter,
                exchange,
                matched,
                copies,
                cycles,
            } => {
                self.reach(cue, event, *message, *letter, *exchange, world);
                self.decide(cue, event, *message, *exchange, matched, copies, world);
                self.spread(cue, event, *message, copies, world);
                let from = cue.at;
                for queue in cycles {
                    self.end(cue, *message, EndingPlace::Cycle(*queue), from);
                }
            }
            E::Unroutable {
                message,
                letter,
                exchange,
                matched,
                cycles,
            } => {
                self.reach(cue, event, *message, *letter, *exchange, world);
                self.decide(cue, event, *message, *exchange, matched, &[], world);
                let from = cue.at;
                for queue in cycles {
                    self.end(cue, *message, EndingPlace::Cycle(*queue), from);
                }
                if cycles.is_empty() {
                    // It ends where it got to last.
                    let last = cue.decisions.last();
                    let place = last.map_or(*exchange, |decision| decision.exchange);
                    let from = last.map_or(cue.at, |decision| decision.from);
                    self.end(cue, *message, EndingPlace::Unroutable(place), from);
                }
            }
            E::Returned { message, .. } => {
                self.by_message(cue, *message, world);
                self.use_link(cue);
                let latency = world.latency().confirm;
                let edge = self.publishing_edge(*message);
                let landing = fly(cue, event, *message, FlightKind::Return, edge, latency);
                self.landings.back.insert(event.id, landing);
            }
            E::Confirmed {
                channel,
                ack,
                messages,
                ..
            } => {
                cue.link = world.link_of_channel(*channel);
                self.use_link(cue);
                self.confirm(cue, event, messages, *ack, world);
            }
            E::Held { message, channel } => {
                self.by_message(cue, *message, world);
                cue.link = world.link_of_channel(*channel).or(cue.link);
                self.use_link(cue);
                let landing = self.landings.sent.remove(message);
                self.land(cue, event, landing);
            }
            E::RolledBack {
                channel, messages, ..
            } => {
                if let Some(&message) = messages.first() {
                    self.by_message(cue, message, world);
                }
                cue.link = world.link_of_channel(*channel);
                self.use_link(cue);
                if let (Some(link), [first, others @ ..]) = (cue.link, &messages[..]) {
                    let from = cue.at;
                    self.end(cue, *first, EndingPlace::RolledBack(link), from);
                    if let Some(ending) = cue.endings.last_mut() {
                        ending.others = others.len();
                    }
                }
            }
            E::Committed { channel, .. } => {
                cue.link = world.link_of_channel(*channel);
                self.use_link(cue);
            }
            E::Refused {
                connection,
                channel,
                message,
                method,
                ..
            } => {
                let link = world.link_of_connection(*connection);
                let link = link.or_else(|| world.link_of_channel((*channel)?));
                self.refuse(cue, event, link, *message, method, world);
            }
            E::ConnectionOpened { connection }
            | E::ConnectionClosed { connection, .. }
            | E::Throttled { connection, .. } => {
                cue.link = world.link_of_connection(*connection);
                self.use_link(cue);
                self.meet_link(cue);
            }
            E::ChannelOpened { channel } | E::ChannelClosed { channel, .. } => {
                cue.link = world.link_of_channel(*channel);
                self.use_link(cue);
                self.meet_link(cue);
            }
            E::AlarmRaised { .. }
            | E::AlarmCleared { .. }
            | E::Stopped { .. }
            | E::Started { .. } => self.meet_all(cue),
            E::ExchangeDeclared { exchange } => {
                self.use_link(cue);
                self.meet(cue, NodeKey::Exchange(*exchange));
                if let Some(exchange) = world.definitions().exchange(*exchange) {
                    self.exchanges.insert(exchange.name.clone(), exchange.id);
                }
            }
            E::ExchangeDeleted { exchange, .. } => {
                self.use_link(cue);
                self.meet(cue, NodeKey::Exchange(*exchange));
                if let Some(exchange) = world.definitions().exchange(*exchange) {
                    self.exchanges.remove(&exchange.name);
                }
            }
            E::Bound { binding } | E::Unbound { binding, .. } => {
                self.use_link(cue);
                if let Some(binding) = world.definitions().binding(*binding) {
                    self.meet(cue, NodeKey::Exchange(binding.source));
                }
            }
            E::QueueDeclared { queue } => {
                self.use_link(cue);
                self.meet(cue, NodeKey::Queue(*queue));
            }
            E::PolicySet { .. } | E::PolicyCleared { .. } | E::Deprecated { .. } => {
                self.use_link(cue);
            }
            _ => self.read_queue(cue, event, what, history),
        }
    }

    /// What happens in a queue, and between a queue and its consumers.
    fn read_queue(
        &mut self,
        cue: &mut Cue,
        event: &Event,
        what: &broker::Event,
        history: &History,
    ) {
        use broker::Event as E;
        let world = history.head();
        match what {
            E::Ready { queued, .. } | E::TurnedAway { queued, .. } => {
                self.use_link(cue);
                let landing = self.landings.copies.remove(&queued.copy);
                self.land(cue, event, landing);
                self.meet(cue, NodeKey::Queue(queued.queue));
                if matches!(what, E::TurnedAway { .. }) {
                    let from = cue.at;
                    let place = EndingPlace::TurnedAway(queued.queue);
                    self.end(cue, queued.message, place, from);
                }
            }
            E::Delivered {
                queued, consumer, ..
            }
            | E::Read {
                queued, consumer, ..
            } => {
                cue.worker = self.worker(world, Some(*consumer));
                self.hand_over(cue, event, *queued, world);
            }
            E::Got { queued, .. } => {
                let asked = history.event(event.cause).map(|cause| &cause.kind);
                if let Some(EventKind::Asked { worker }) = asked {
                    cue.worker = Some(*worker);
                    self.asked.insert(queued.copy, *worker);
                }
                self.hand_over(cue, event, *queued, world);
            }
            E::Acked { queued, consumer } => {
                self.take_back(cue, event, *queued, *consumer, true, world);
            }
            E::Credited { queued, consumer } => {
                self.take_back(cue, event, *queued, Some(*consumer), true, world);
            }
            E::Requeued {
                queued,
                consumer,
                why,
                ..
            } => {
                let answered = matches!(why, Return::Nacked | Return::Rejected);
                self.take_back(cue, event, *queued, *consumer, answered, world);
            }
            E::Delayed {
                queued, consumer, ..
            } => self.take_back(cue, event, *queued, *consumer, true, world),
            E::Died {
                queued,
                reason,
                consumer,
                fate,
                ..
            } => {
                let landing = self.landings.copies.remove(&queued.copy);
                self.land(cue, event, landing);
                self.take_back(cue, event, *queued, *consumer, true, world);
                self.bury(cue, event, *queued, *reason, fate, world);
            }
            E::Kept { queued, .. } => {
                self.use_link(cue);
                self.meet(cue, NodeKey::Queue(queued.queue));
            }
            E::Resent { queued, exchange } => {
                self.use_link(cue);
                self.meet(cue, NodeKey::Queue(queued.queue));
                self.post(cue, event, *queued, *exchange, world);
            }
            E::Lost { queued, why } => {
                self.use_link(cue);
                for landing in [
                    self.landings.copies.remove(&queued.copy),
                    self.landings.letters.remove(&queued.copy),
                ] {
                    self.cut(cue, event, landing);
                }
                self.meet(cue, NodeKey::Queue(queued.queue));
                let from = cue.at;
                let (queue, why) = (queued.queue, *why);
                self.end(cue, queued.message, EndingPlace::Lost { queue, why }, from);
            }
            E::Purged { queue, copies } => {
                self.use_link(cue);
                self.meet(cue, NodeKey::Queue(*queue));
                self.end_all(cue, copies, EndingPlace::Purged(*queue), history);
            }
            E::Truncated { queue, copies } => {
                self.use_link(cue);
                self.meet(cue, NodeKey::Queue(*queue));
                self.end_all(cue, copies, EndingPlace::Truncated(*queue), history);
            }
            E::QueueDeleted { queue, copies, .. } => {
                self.use_link(cue);
                self.meet(cue, NodeKey::Queue(*queue));
                self.end_all(cue, copies, EndingPlace::QueueDeleted(*queue), history);
            }
            E::Consuming { consumer, queue }
            | E::Cancelled {
                consumer, queue, ..
            }
            | E::Activated { consumer, queue } => {
                cue.worker = self.worker(world, Some(*consumer));
                cue.link = self.link_of(cue, world);
                self.use_link(cue);
                self.meet(cue, NodeKey::Queue(*queue));
            }
            _ => self.use_link(cue),
        }
    }

    /// Notes who acts, and waits for its connection.
    fn by(&mut self, cue: &mut Cue, author: Author, world: &World) {
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
    fn by_message(&mut self, cue: &mut Cue, message: MessageId, world: &World) {
        let Some((author, _)) = self.published(message) else {
            return;
        };
        cue.author = Some(author);
        cue.link = match author {
            Author::Publisher(id) => world.publisher(id).map(|it| it.link),
            Author::Consumer(id) => world.worker(id).map(|it| it.link),
        };
    }

    fn link_of(&self, cue: &Cue, world: &World) -> Option<LinkId> {
        world.worker(cue.worker?).map(|worker| worker.link)
    }

    fn publishing_edge(&self, message: MessageId) -> Option<EdgeKey> {
        let (author, exchange) = self.published(message)?;
        Some(EdgeKey::publishing(author, exchange?))
    }

    /// A message comes to an exchange: from its author, or as a letter from the queue it died in.
    fn reach(
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
    fn confirm(
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
            landing = fly(cue, event, message, kind, Some(edge), latency);
        }
        if !cue.flights.is_empty() {
            self.landings.back.insert(event.id, landing);
        }
    }

    fn refuse(
        &mut self,
        cue: &mut Cue,
        event: &Event,
        link: Option<LinkId>,
        message: Option<MessageId>,
        method: &str,
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
            node = match (&link.publishers[..], &link.workers[..]) {
                (&[publisher], []) => Some(NodeKey::Publisher(publisher.0)),
                ([], &[worker]) => Some(NodeKey::Consumer(worker)),
                // Of a publisher and a consumer that share it, what is said tells who did.
                (_, &[worker]) if CONSUMERS.contains(&method) => Some(NodeKey::Consumer(worker)),
                (&[publisher], _) if PUBLISHERS.contains(&method) => {
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
    fn hand_over(&mut self, cue: &mut Cue, event: &Event, queued: Queued, world: &World) {
        cue.link = self.link_of(cue, world);
        self.use_link(cue);
        self.meet(cue, NodeKey::Queue(queued.queue));
        let Some(worker) = cue.worker else { return };
        let latency = world.worker(worker).map(|worker| worker.latency_deliver);
        let landing = fly(
            cue,
            event,
            queued.message,
            FlightKind::Message,
            Some(EdgeKey::Consume(worker)),
            latency.unwrap_or_default(),
        );
        self.carry(cue, queued);
        let key = (worker, queued.copy);
        self.landings.deliveries.insert(key, landing);
    }

    /// Something becomes of a copy that a consumer held, by its answer or without it.
    fn take_back(
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
    fn bury(
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
    fn post(
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
        let landing = fly(cue, event, queued.message, kind, Some(edge), latency);
        self.carry(cue, queued);
        self.landings.letters.insert(queued.copy, landing);
        self.took_letter(queue, exchange);
    }

    /// Marks the flight that set out last as a copy's.
    fn carry(&self, cue: &mut Cue, queued: Queued) {
        if let Some((copy, _)) = cue.flights.last_mut() {
            *copy = Some(queued.copy);
        }
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
            let landing = Landing {
                since: cue.at,
                due: happens,
                shown: from,
            };
            self.landings.copies.insert(*copy, landing);
            cue.flights.push((Some(*copy), flight));
        }
    }

    /// Works out when each exchange on the way decides: the first now, the others when the message gets there.
    #[allow(clippy::too_many_arguments)]
    fn decide(
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
            let mut until = from + visible(Micros::ZERO, lag).max(MIN_HOP);
            let mut here = Vec::new();
            for &via in matched {
                if source(via, definitions) != exchange {
                    continue;
                }
                here.push(via);
                let latency = world.route_latency(via);
                let arrival = from + visible(latency, lag);
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
                from,
                until,
            });
        }
    }

    /// The alternate exchange that a message went on to. Policies may have changed since, so what the message did says
    /// more than what holds now.
    fn alternate(
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

/// Sends a token along one edge; when it lands. A message for an exchange that is not there has no edge to be seen on.
fn fly(
    cue: &mut Cue,
    event: &Event,
    message: MessageId,
    kind: FlightKind,
    edge: Option<EdgeKey>,
    latency: Micros,
) -> Landing {
    let from = cue.at;
    let until = from + visible(latency, from.since(event.at));
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
