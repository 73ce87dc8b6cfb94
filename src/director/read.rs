//! What each event waits for, and what sets out with it.

use crate::broker::{self, Micros, Queued, Return};
use crate::history::History;
use crate::topology::{EdgeKey, NodeKey};
use crate::world::{Answer, Author, Event, EventKind, World};

use super::{Cue, Director, EndingPlace, FlightKind};

impl Director {
    /// When an event is shown, and what sets out with it.
    pub(super) fn schedule(&mut self, event: &Event, history: &History) -> Cue {
        let mut cue = Cue {
            at: event
                .at
                .max(self.shown_at(event.cause).unwrap_or(Micros::ZERO)),
            event: event.id,
            flights: Vec::new(),
            exchanged: None,
            caller: None,
            decisions: Vec::new(),
            endings: Vec::new(),
            refused: None,
            worker: None,
            link: None,
            author: None,
        };
        match &event.kind {
            EventKind::Broker(what) => self.read_broker(&mut cue, event, what, history),
            EventKind::Http(what) => self.read_http(&mut cue, event, what, history),
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
                let landing = self.fly(
                    cue,
                    event,
                    *message,
                    FlightKind::Message,
                    edge,
                    latency.unwrap_or_default(),
                );
                self.landings.sent.insert(*message, landing);
                let index = (message.0.max(1) - 1) as usize;
                let missing = index.saturating_sub(self.published.len());
                self.published.extend((0..missing).map(|_| None));
                self.published.push(Some((*by, exchange)));
                if let Some(exchange) = exchange {
                    self.sent(*by, exchange);
                }
            }
            EventKind::Waiting { link, message } => {
                cue.link = Some(*link);
                self.use_link(cue);
                // What becomes of it may follow at once, and waits for its token as well.
                let landing = self.landings.sent.get(message).copied();
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
            EventKind::Received { worker, .. } => {
                self.by(cue, Author::Consumer(*worker), world);
                let landing = self.landings.deliveries.remove(&event.cause);
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
            EventKind::Changed { service, .. } => self.change(cue, service, world),
            EventKind::Http(_) | EventKind::Broker(_) | EventKind::InVain { .. } => {}
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
            Answer::Ack | Answer::Known => FlightKind::Ack,
            Answer::Requeue | Answer::RejectBack => FlightKind::Requeue,
            Answer::Reject => FlightKind::Reject,
            // What is not acknowledged comes back when its connection ends.
            Answer::Silent | Answer::Unheard => return,
            // What is acknowledged by itself nobody has any more.
            Answer::Crash if world.worker(worker).is_none_or(|worker| worker.setup.ack) => return,
            Answer::Lost | Answer::Crash | Answer::Abandoned => {
                let from = cue.at;
                self.end(cue, queued.message, EndingPlace::LostBy(worker), from);
                return;
            }
        };
        let latency = world.worker(worker).map(|worker| worker.latency_ack);
        let edge = Some(EdgeKey::Consume(worker));
        let landing = self.fly(
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
            E::Postponed {
                message, exchange, ..
            }
            | E::Untold { message, exchange } => {
                self.by_message(cue, *message, world);
                self.use_link(cue);
                let from = self.pass(cue, event, *message, *exchange, history);
                match what {
                    E::Untold { .. } => {
                        self.end(cue, *message, EndingPlace::Untold(*exchange), from);
                    }
                    _ => self.await_going_on(cue, event, (*message, *exchange), from),
                }
            }
            E::Resumed { message, exchange }
            | E::Recalled {
                message, exchange, ..
            } => {
                self.by_message(cue, *message, world);
                self.use_link(cue);
                let landing = self.landings.waiting.remove(&(*message, *exchange));
                self.land(cue, event, landing);
                self.meet(cue, NodeKey::Exchange(*exchange));
            }
            E::Returned { message, .. } => {
                self.by_message(cue, *message, world);
                self.use_link(cue);
                let latency = world.latency().confirm;
                let edge = self.publishing_edge(*message);
                let landing = self.fly(cue, event, *message, FlightKind::Return, edge, latency);
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
                let landing = self.landings.sent.get(message).copied();
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
                self.meet_link(cue);
                for message in messages {
                    self.landings.sent.remove(message);
                }
                if let (Some(link), [first, others @ ..]) = (cue.link, &messages[..]) {
                    let from = cue.at;
                    self.end(cue, *first, EndingPlace::RolledBack(link), from);
                    if let Some(ending) = cue.endings.last_mut() {
                        ending.others = others.len();
                    }
                }
            }
            E::Committed { channel, .. } => {
                // After all that it commits.
                cue.link = world.link_of_channel(*channel);
                self.use_link(cue);
                self.meet_link(cue);
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
                self.refuse(cue, event, link, *message, *method, world);
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
            E::ExchangeDeclared {
                exchange,
                alternate,
            } => {
                self.ways.add_alternate(*exchange, alternate.as_ref());
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
            E::QueueDeclared { queue, settings } => {
                self.ways.add_letters(*queue, settings);
                self.use_link(cue);
                self.meet(cue, NodeKey::Queue(*queue));
            }
            E::PolicySet {
                queues,
                settings,
                exchanges,
                alternates,
                ..
            }
            | E::PolicyCleared {
                queues,
                settings,
                exchanges,
                alternates,
                ..
            } => {
                self.use_link(cue);
                for (&queue, settings) in queues.iter().zip(settings) {
                    self.ways.add_letters(queue, settings);
                }
                for (&exchange, alternate) in exchanges.iter().zip(alternates) {
                    self.ways.add_alternate(exchange, alternate.as_ref());
                }
                // It is not seen to change what is not seen to be there, nor is what comes later seen before it.
                let queues = queues.iter().map(|&queue| NodeKey::Queue(queue));
                let exchanges = exchanges
                    .iter()
                    .map(|&exchange| NodeKey::Exchange(exchange));
                let changed: Vec<_> = queues.chain(exchanges).collect();
                for _ in 0..2 {
                    changed.iter().for_each(|&node| self.meet(cue, node));
                }
            }
            E::UserSet { .. } | E::Deprecated { .. } => {
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
            E::Got {
                queued, settled, ..
            } => {
                let asked = history.event(event.cause).map(|cause| &cause.kind);
                if let Some(EventKind::Asked { worker }) = asked {
                    cue.worker = Some(*worker);
                    if !settled {
                        self.asked.insert(queued.copy, *worker);
                    }
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
            E::Kept { queued, .. } | E::Released { queued } => {
                self.use_link(cue);
                let landing = self.landings.letters.remove(&queued.copy);
                self.land(cue, event, landing);
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
}
