//! What is on the stage at one moment.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::broker::{
    CopyId, EventId, ExchangeId, MessageId, Micros, Name, QueueId, QueueKind, Settings,
};
use crate::topology::{EdgeKey, NodeKey, Topology};
use crate::world::http::{Reach, RequestId};
use crate::world::{LinkId, PublisherId, Tally, WorkerId, World};

use super::flight::is_short;
use super::line::Line;
use super::meter::Meter;
use super::{
    BrokerStage, ConsumerStage, Cue, Decision, Echo, Ending, ExchangeStage, Exchanged, Faded,
    Flight, LinkStage, Presence, PublisherStage, QueueStage, Refused, ServiceStage, ServiceWorker,
    Spot, UsersStage, Vain,
};

/// All that is shown, but for the time that moves tokens along.
///
/// Exchanges, queues and bindings are listed by the broker's numbers; of one that is not listed nothing was told yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// The broker as a whole.
    pub broker: BrokerStage,
    /// The publishers, by their place in the setup.
    pub publishers: Vec<PublisherStage>,
    /// The consumers, by their place in the setup.
    pub consumers: Vec<ConsumerStage>,
    /// The actors' connections, by their place.
    pub links: Vec<LinkStage>,
    /// The exchanges.
    pub exchanges: Vec<ExchangeStage>,
    /// The queues.
    pub queues: Vec<QueueStage>,
    /// Which bindings are there.
    pub bindings: Vec<Presence>,
    /// Messages between an author and their exchange.
    pub sent: BTreeMap<MessageId, Flight>,
    /// Copies between an exchange and a queue.
    pub copies: BTreeMap<CopyId, Flight>,
    /// Dead messages between their queue and the dead-letter exchange, by the copy that died.
    pub letters: BTreeMap<CopyId, Flight>,
    /// Copies between a queue and a consumer.
    pub deliveries: BTreeMap<(WorkerId, CopyId), Flight>,
    /// Answers on their way from a consumer to its queue.
    pub answers: BTreeMap<(WorkerId, CopyId), Flight>,
    /// The users of services.
    pub users: UsersStage,
    /// The services, by their place in the setup.
    pub services: Vec<ServiceStage>,
    /// Requests on their way.
    pub requests: BTreeMap<RequestId, Exchanged>,
    /// Answers on their way.
    pub responses: BTreeMap<RequestId, Exchanged>,
    /// Requests whose callers wait in vain.
    pub vain: BTreeMap<RequestId, Vain>,
    /// What ended between services just now and is seen to.
    pub faded: Vec<Faded>,
    /// What nothing in the broker waits for: confirms and returns, and what was on its way when its connection ended.
    pub loose: VecDeque<Flight>,
    /// Of what is compared: all that set out just now on ways too short to be seen, whether it is still on its way or
    /// not. Of what is not, such ways are drawn out, and there is nothing here.
    pub echoes: Option<Vec<Echo>>,
    /// Exchanges that are deciding, or decided just now.
    pub decisions: Vec<Decision>,
    /// Messages that ended just now and are seen to.
    pub endings: Vec<Ending>,
    /// What the broker refused just now.
    pub refused: Vec<Refused>,
    /// How many tokens set out on each edge lately: forwards, and backwards.
    rates: BTreeMap<(EdgeKey, bool), Meter>,
    /// When what is over was last taken away.
    tidied: Micros,
    /// And how much was left of what is seen for a moment.
    left: usize,
    /// What tells that a message goes on which was routed before, until it is told where to (E44, E45).
    pub(super) again: BTreeSet<EventId>,
    /// What became of the deliveries to each consumer.
    pub tally: Tally,
}

impl Stage {
    /// The stage of a world in which nothing happened yet.
    pub fn new(world: &World) -> Self {
        let mut stage = Self {
            broker: BrokerStage::default(),
            publishers: vec![PublisherStage::default(); world.publishers().len()],
            consumers: vec![ConsumerStage::default(); world.workers().len()],
            links: Vec::new(),
            exchanges: Vec::new(),
            queues: Vec::new(),
            bindings: Vec::new(),
            sent: BTreeMap::new(),
            copies: BTreeMap::new(),
            letters: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            answers: BTreeMap::new(),
            users: UsersStage::default(),
            services: Vec::new(),
            requests: BTreeMap::new(),
            responses: BTreeMap::new(),
            vain: BTreeMap::new(),
            faded: Vec::new(),
            loose: VecDeque::new(),
            echoes: world.http().users.as_ref().map(|_| Vec::new()),
            decisions: Vec::new(),
            endings: Vec::new(),
            refused: Vec::new(),
            rates: BTreeMap::new(),
            tidied: Micros::ZERO,
            left: 0,
            again: BTreeSet::new(),
            tally: Tally::default(),
        };
        for link in world.links() {
            stage.links.push(LinkStage {
                open: link.connection.is_some(),
                channel: link.channel.is_some(),
                ..LinkStage::default()
            });
        }
        for service in &world.http().services {
            stage.services.push(ServiceStage {
                workers: vec![ServiceWorker::default(); service.workers.len()],
                ..ServiceStage::default()
            });
        }
        let definitions = world.definitions();
        for exchange in definitions.exchanges().iter().filter(|it| !it.deleted) {
            let shown = stage.exchange(exchange.id);
            shown.presence = Presence::Here;
            shown.alternate = exchange.alternate.clone();
        }
        for queue in definitions.queues().iter().filter(|queue| !queue.deleted) {
            let settings = world.broker().queue(queue.id).map(|it| it.settings.clone());
            let shown = stage.queue(queue.id, world);
            shown.presence = Presence::Here;
            shown.settings = settings.unwrap_or_default();
        }
        for binding in definitions.bindings().iter().filter(|it| !it.deleted) {
            *stage.binding(binding.id.index()) = Presence::Here;
        }
        stage
    }

    /// Roughly how much there is to copy in a clone, in entries.
    pub(super) fn weight(&self) -> usize {
        let queued = |queue: &QueueStage| queue.ready.len() + queue.unacked.len();
        let flights = [self.copies.len(), self.letters.len(), self.loose.len()];
        self.queues.iter().map(queued).sum::<usize>()
            + self.sent.len()
            + self.deliveries.len()
            + self.answers.len()
            + flights.iter().sum::<usize>()
            + self.queues.len()
            + self.exchanges.len()
            + self.bindings.len()
            + self.consumers.len()
            + self.tally.weight()
            + self.users.waiting.len()
            + self.requests.len()
            + self.responses.len()
            + self.vain.len()
            + self.echoes.as_ref().map_or(0, Vec::len)
            + self
                .services
                .iter()
                .map(|service| service.workers.len() + service.waiting.len())
                .sum::<usize>()
    }

    /// The messages that are somewhere on it, in order.
    pub(super) fn messages(&self) -> BTreeSet<MessageId> {
        let flights = self.flights(Micros::ZERO).map(|flight| flight.message);
        let queued = self.queues.iter().flat_map(|queue| {
            let beads = queue
                .ready
                .iter()
                .chain(&queue.unacked)
                .chain(&queue.delayed);
            let kept = queue.kept.values().map(|&(message, _)| message);
            beads.map(|bead| bead.message).chain(kept)
        });
        let held = self.consumers.iter().flat_map(|consumer| {
            let working = consumer.working.iter().map(|work| work.queued.message);
            working.chain(consumer.waiting.iter().map(|queued| queued.message))
        });
        let exchanges = self.exchanges.iter();
        let delayed = exchanges.flat_map(|it| it.waiting.iter().map(|waits| waits.message));
        let links = self.links.iter().flat_map(|link| {
            let waiting = link.waiting.iter().chain(&link.held);
            waiting.chain(link.unconfirmed.keys()).copied()
        });
        let seen = self.endings.iter().map(|ending| ending.message);
        let seen = seen.chain(self.decisions.iter().map(|decision| decision.message));
        flights
            .chain(queued)
            .chain(held)
            .chain(links)
            .chain(delayed)
            .chain(seen)
            .collect()
    }

    /// All flights that are seen at `at`.
    pub fn flights(&self, at: Micros) -> impl Iterator<Item = &Flight> {
        let to_broker = self.sent.values().chain(self.copies.values());
        let from_queues = self.letters.values().chain(self.deliveries.values());
        let loose = self.loose.iter().filter(move |it| !it.has_landed(at));
        to_broker
            .chain(from_queues)
            .chain(self.answers.values())
            .chain(loose)
    }

    /// How many tokens set out on each edge in a second, forwards or backwards, where some did just now.
    pub fn rates(&self, at: Micros) -> impl Iterator<Item = (EdgeKey, bool, u32)> {
        let rates = self.rates.iter();
        let rates = rates.map(move |(&(edge, backwards), meter)| (edge, backwards, meter.rate(at)));
        rates.filter(|&(.., rate)| rate > 0)
    }

    /// The flights that are seen at `at`, and where. Echoes are seen so long at least on each edge.
    pub fn seen_flights(&self, at: Micros, least: Micros) -> impl Iterator<Item = (&Flight, Spot)> {
        let has_echo = |flight: &&Flight| self.echoes.is_some() && is_short(&flight.legs);
        let flights = self.flights(at).filter(move |flight| !has_echo(flight));
        let flights = flights.filter_map(move |flight| Some((flight, flight.spot(at)?)));
        let echoes = self.echoes.iter().flatten().filter_map(move |echo| {
            let Echo::Flight(flight) = echo else {
                return None;
            };
            Some((flight, echo.spot(at, least)?))
        });
        flights.chain(echoes)
    }

    /// The requests and answers that are seen at `at`, and where, in the same way.
    pub fn seen_exchanged(
        &self,
        at: Micros,
        least: Micros,
    ) -> impl Iterator<Item = (&Exchanged, Spot)> {
        let long = self.requests.values().chain(self.responses.values());
        let long = long.filter(|it| !is_short(std::slice::from_ref(&it.leg)));
        let long = long.map(move |it| (it, it.leg.spot(at)));
        let echoes = self.echoes.iter().flatten().filter_map(move |echo| {
            let Echo::Exchanged(exchanged) = echo else {
                return None;
            };
            Some((exchanged, echo.spot(at, least)?))
        });
        long.chain(echoes)
    }

    /// Which of the exchanges that share a node is seen there: the one that is there, else the last that was.
    pub fn exchange_at(&self, node: ExchangeId, topology: &Topology) -> ExchangeId {
        let presence = |id: ExchangeId| self.exchanges.get(id.index()).map(|it| it.presence);
        let lives = topology.lives(NodeKey::Exchange(node)).into_iter();
        let lives = lives.filter_map(|key| match key {
            NodeKey::Exchange(id) => Some(id),
            _ => None,
        });
        latest_of(lives, presence).unwrap_or(node)
    }

    /// Which of the queues that share a node is seen there: the one that is there, else the last that was.
    pub fn queue_at(&self, node: QueueId, topology: &Topology) -> QueueId {
        let presence = |id: QueueId| self.queues.get(id.index()).map(|it| it.presence);
        let lives = topology.lives(NodeKey::Queue(node)).into_iter();
        let lives = lives.filter_map(|key| match key {
            NodeKey::Queue(id) => Some(id),
            _ => None,
        });
        latest_of(lives, presence).unwrap_or(node)
    }

    /// Whether an edge's way is there: a binding that is, between things that are.
    pub fn is_open(&self, edge: EdgeKey, topology: &Topology) -> bool {
        let queue = |id| {
            let queue = self.queues.get(self.queue_at(id, topology).index());
            queue.filter(|queue| queue.presence.is_here())
        };
        let exchange = |id| {
            let exchange = self.exchanges.get(self.exchange_at(id, topology).index());
            exchange.filter(|exchange| exchange.presence.is_here())
        };
        let name = |id| topology.node(NodeKey::Exchange(id)).map(|node| &node.name);
        match edge {
            EdgeKey::Binding(id) => topology
                .bindings(id)
                .filter_map(|id| self.bindings.get(id.index()))
                .any(|binding| binding.is_here()),
            EdgeKey::Implicit(id) => queue(id).is_some(),
            EdgeKey::Consume(worker) => self
                .consumers
                .get(worker.0 as usize)
                .is_some_and(|consumer| consumer.consuming),
            // O2: where a policy says where the dead go, they go there for as long as it is there.
            EdgeKey::DeadLetter {
                queue: from,
                exchange: to,
            } => queue(from).is_some_and(|from| {
                exchange(to).is_some() && from.settings.dead_letter_exchange.as_ref() == name(to)
            }),
            EdgeKey::Publish { exchange: to, .. } | EdgeKey::Onward { exchange: to, .. } => {
                exchange(to).is_some()
            }
            EdgeKey::Call { to, .. } => self
                .services
                .get(to.0 as usize)
                .is_some_and(|service| service.condition.reach == Reach::Up),
            EdgeKey::Alternate(from) => exchange(from).is_some_and(|from| {
                let to = topology.edge(edge).map(|edge| edge.to);
                matches!(to, Some(NodeKey::Exchange(to))
                    if exchange(to).is_some() && from.alternate.as_ref() == name(to))
            }),
        }
    }

    /// Counts what sets out, and takes away what is over: not at every event, since it may be much, and is not seen any
    /// more in any case. Of what is seen at one place only the latest is told, so of more than a few there the rest goes.
    pub(super) fn tidy(&mut self, cue: &Cue) {
        const EVERY: Micros = Micros::from_millis(50);
        const MOST_AT_A_PLACE: usize = 16;
        /// So much may come on top of that before it is looked at again.
        const MANY: usize = 1_000;
        let now = cue.at;
        for (_, flight) in &cue.flights {
            for leg in &flight.legs {
                let key = (leg.edge, flight.kind.is_backwards());
                self.rates.entry(key).or_default().count(leg.from);
            }
        }
        let seen = self.decisions.len() + self.endings.len();
        if now < self.tidied + EVERY && seen <= 2 * self.left + MANY {
            return;
        }
        self.tidied = now;
        self.refused.retain(|refused| refused.until > now);
        self.loose.retain(|flight| !flight.has_landed(now));
        self.faded.retain(|faded| faded.until > now);
        self.rates.retain(|_, meter| !meter.is_over(now));
        let mut seen = BTreeMap::new();
        self.decisions.retain(|decision| decision.until > now);
        latest(&mut self.decisions, |decision| {
            let count: &mut usize = seen.entry(decision.exchange).or_default();
            *count += 1;
            *count <= MOST_AT_A_PLACE
        });
        let mut seen = BTreeMap::new();
        self.endings.retain(|ending| ending.until > now);
        latest(&mut self.endings, |ending| {
            let count: &mut usize = seen.entry(ending.place).or_default();
            *count += 1;
            *count <= MOST_AT_A_PLACE
        });
        self.left = self.decisions.len() + self.endings.len();
    }

    pub(super) fn exchange(&mut self, id: ExchangeId) -> &mut ExchangeStage {
        at_index(&mut self.exchanges, id.index())
    }

    pub(super) fn binding(&mut self, index: usize) -> &mut Presence {
        at_index(&mut self.bindings, index)
    }

    /// What a policy changed (O2).
    pub(super) fn obey(
        &mut self,
        (queues, settings): (&[QueueId], &[Arc<Settings>]),
        (exchanges, alternates): (&[ExchangeId], &[Option<Name>]),
        world: &World,
    ) {
        for (&queue, settings) in queues.iter().zip(settings) {
            self.queue(queue, world).settings = settings.clone();
        }
        for (&exchange, alternate) in exchanges.iter().zip(alternates) {
            self.exchange(exchange).alternate = alternate.clone();
        }
    }

    pub(super) fn queue(&mut self, id: QueueId, world: &World) -> &mut QueueStage {
        while self.queues.len() <= id.index() {
            let kind = world.broker().queues().get(self.queues.len());
            let quorum = kind.filter(|queue| queue.kind == QueueKind::Quorum);
            let priorities = quorum.map(|_| world.broker().switches().quorum_priorities);
            self.queues.push(QueueStage {
                ready: Line::new(priorities),
                ..QueueStage::default()
            });
        }
        &mut self.queues[id.index()]
    }

    pub(super) fn link(&mut self, id: Option<LinkId>) -> Option<&mut LinkStage> {
        Some(at_index(&mut self.links, id?.0 as usize))
    }

    pub(super) fn consumer(&mut self, id: Option<WorkerId>) -> Option<&mut ConsumerStage> {
        Some(at_index(&mut self.consumers, id?.0 as usize))
    }

    /// A publisher, who may be new.
    pub(super) fn publisher(&mut self, id: PublisherId) -> Option<&mut PublisherStage> {
        Some(at_index(&mut self.publishers, id.0 as usize))
    }
}

/// Keeps what `keep` says, which is asked of the latest first.
fn latest<T>(list: &mut Vec<T>, mut keep: impl FnMut(&T) -> bool) {
    list.reverse();
    list.retain(|it| keep(it));
    list.reverse();
}

/// The entry of a thing that may be new.
pub(super) fn at_index<T: Clone + Default>(list: &mut Vec<T>, index: usize) -> &mut T {
    if list.len() <= index {
        list.resize(index + 1, T::default());
    }
    &mut list[index]
}

fn latest_of<Id: Copy>(
    lives: impl Iterator<Item = Id>,
    presence: impl Fn(Id) -> Option<Presence>,
) -> Option<Id> {
    let told = |id: &Id| presence(*id).is_some_and(|presence| presence != Presence::NotYet);
    let mut seen: Vec<Id> = lives.filter(told).collect();
    let here = seen
        .iter()
        .rposition(|&id| presence(id).is_some_and(Presence::is_here));
    here.map(|at| seen[at]).or_else(|| seen.pop())
}
