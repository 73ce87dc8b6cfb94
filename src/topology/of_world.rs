//! The graph of a world.

use std::collections::{BTreeMap, BTreeSet};

use crate::broker::{
    BindingId, Definitions, Destination, ExchangeId, Name, PREDECLARED, QueueId, QueueKind,
};
use crate::world::http::ServiceId;
use crate::world::{Author, Onward, PublisherId, Worker, World};

use super::{Edge, EdgeKey, Node, NodeKey, Topology, Ways};

impl Topology {
    /// The graph of all that was ever declared, and of who takes part. Predeclared exchanges (E1) that nobody uses are
    /// left out, and so are those of the default exchange's implicit bindings that nobody uses.
    #[must_use]
    pub fn of(world: &World) -> Self {
        Self::with(world, &Ways::default())
    }

    /// The same, with ways that the dead and the unroutable were to take before now.
    #[must_use]
    pub fn with(world: &World, ways: &Ways) -> Self {
        let mut topology = Self::new();
        let paths = Paths::of(world, ways);
        topology.add_things(world, &paths);
        for &(author, exchange) in &paths.publishing {
            topology.join(
                EdgeKey::publishing(author, exchange),
                author.into(),
                NodeKey::Exchange(exchange),
                Name::default(),
            );
        }
        // E2
        for queue in world.definitions().queues() {
            if paths.default_leads_to(&queue.name, queue.kind) {
                topology.join(
                    EdgeKey::Implicit(queue.id),
                    NodeKey::Exchange(Definitions::DEFAULT_EXCHANGE),
                    NodeKey::Queue(queue.id),
                    queue.name.clone(),
                );
            }
        }
        topology.add_bindings(world.definitions());
        for &(from, to) in &paths.alternates {
            topology.join(
                EdgeKey::Alternate(from),
                NodeKey::Exchange(from),
                NodeKey::Exchange(to),
                Name::default(),
            );
        }
        for (queue, exchange, key) in &paths.letters {
            topology.add_letter(*queue, *exchange, key.clone());
        }
        for worker in world.workers() {
            if let Some(queue) = queue_of(world, worker) {
                topology.join(
                    EdgeKey::Consume(worker.id),
                    NodeKey::Queue(queue),
                    NodeKey::Consumer(worker.id),
                    Name::default(),
                );
            }
        }
        topology.add_calls(world);
        topology
    }

    fn add_calls(&mut self, world: &World) {
        let http = world.http();
        if let Some(users) = &http.users {
            let call = EdgeKey::Call {
                from: None,
                to: users.dependency.service,
            };
            let to = NodeKey::Service(users.dependency.service);
            self.join(call, NodeKey::Users, to, Name::default());
        }
        for (service, id) in http.services.iter().zip((0..).map(ServiceId)) {
            for dependency in &service.dependencies {
                let call = EdgeKey::Call {
                    from: Some(id),
                    to: dependency.service,
                };
                let to = NodeKey::Service(dependency.service);
                self.join(call, NodeKey::Service(id), to, Name::default());
            }
        }
    }

    /// Adds the way from a queue to an exchange that dead messages took, unless it is there.
    pub fn add_letter(&mut self, queue: QueueId, exchange: ExchangeId, key: Name) {
        self.join(
            EdgeKey::DeadLetter { queue, exchange },
            NodeKey::Queue(queue),
            NodeKey::Exchange(exchange),
            key,
        );
    }

    /// Adds the way from an author to an exchange that its messages took, unless it is there; whether it is new.
    pub fn add_publishing(&mut self, author: Author, exchange: ExchangeId) -> bool {
        let new = !self.is_publishing(author, exchange);
        self.join(
            EdgeKey::publishing(author, exchange),
            author.into(),
            NodeKey::Exchange(exchange),
            Name::default(),
        );
        new
    }

    /// Whether there is a way from an author to an exchange.
    #[must_use]
    pub fn is_publishing(&self, author: Author, exchange: ExchangeId) -> bool {
        let key = self.drawn_edge(EdgeKey::publishing(author, exchange));
        self.joined.contains(&key)
    }

    fn add_things(&mut self, world: &World, paths: &Paths) {
        let definitions = world.definitions();
        let http = world.http();
        if let Some(users) = &http.users {
            self.add_node(Node::caller(NodeKey::Users, users.setup.name.clone()));
        }
        for (service, id) in http.services.iter().zip((0..).map(ServiceId)) {
            let key = NodeKey::Service(id);
            self.add_node(Node::caller(key, service.name().clone()));
            if let Some(publisher) = service.publisher {
                // What it publishes leaves from itself.
                self.again.insert(NodeKey::Publisher(publisher.0), key);
            }
        }
        for (publisher, index) in world.publishers().iter().zip(0..) {
            if self.drawn(NodeKey::Publisher(index)) == NodeKey::Publisher(index) {
                self.add_node(Node::publisher(index, publisher.name.clone()));
            }
        }
        let mut first = BTreeMap::new();
        for exchange in definitions.exchanges() {
            if exchange.id.index() >= PREDECLARED.len() || paths.used.contains(&exchange.id) {
                let node = Node::exchange(exchange.id, exchange.name.clone(), exchange.kind);
                let same = (exchange.name.clone(), exchange.kind);
                self.add_life(node, &mut first, same);
            }
        }
        let mut first = BTreeMap::new();
        for queue in definitions.queues() {
            let node = Node::queue(queue.id, queue.name.clone(), queue.kind);
            self.add_life(node, &mut first, (queue.name.clone(), queue.kind));
        }
        for worker in world.workers() {
            self.add_node(Node::consumer(worker.id, worker.name().clone()));
        }
    }

    /// Adds a node, unless there was the same thing before under another number: then it is that one again.
    fn add_life<Same: Ord>(&mut self, node: Node, first: &mut BTreeMap<Same, NodeKey>, same: Same) {
        let before = *first.entry(same).or_insert(node.key);
        if before == node.key {
            self.add_node(node);
        } else {
            self.again.insert(node.key, before);
            let lives = self.lives.entry(before).or_insert_with(|| vec![before]);
            lives.push(node.key);
        }
    }

    fn add_bindings(&mut self, definitions: &Definitions) {
        let mut known: BTreeMap<(NodeKey, NodeKey, &Name), Vec<BindingId>> = BTreeMap::new();
        for binding in definitions.bindings() {
            let from = self.drawn(NodeKey::Exchange(binding.source));
            let to = self.drawn(match binding.destination {
                Destination::Queue(queue) => NodeKey::Queue(queue),
                Destination::Exchange(exchange) => NodeKey::Exchange(exchange),
            });
            let alike = known.entry((from, to, &binding.key)).or_default();
            // E11
            let same = |&&id: &&BindingId| {
                let other = definitions.binding(id);
                other.is_some_and(|other| other.arguments == binding.arguments)
            };
            if let Some(&before) = alike.iter().find(same) {
                self.bound_again.insert(binding.id, before);
                continue;
            }
            alike.push(binding.id);
            self.add_edge(Edge {
                key: EdgeKey::Binding(binding.id),
                from,
                to,
                label: binding.key.clone(),
            });
        }
    }

    /// Adds an edge between the nodes things have, once.
    fn join(&mut self, key: EdgeKey, from: NodeKey, to: NodeKey, label: Name) {
        let key = self.drawn_edge(key);
        if self.joined.insert(key) {
            self.add_edge(Edge {
                key,
                from: self.drawn(from),
                to: self.drawn(to),
                label,
            });
        }
    }
}

/// The queue a consumer consumes from: the one it last did, else the one it will.
fn queue_of(world: &World, worker: &Worker) -> Option<QueueId> {
    let consumers = world.broker().consumers().iter().rev();
    let mut its_own = consumers.filter(|consumer| world.worker_of(consumer.id) == Some(worker.id));
    let last = its_own.next().map(|consumer| consumer.queue);
    last.or_else(|| queue_called(world.definitions(), &worker.setup.queue))
}

/// The exchange of that name, or the last there was.
fn exchange_called(definitions: &Definitions, name: &str) -> Option<ExchangeId> {
    let there = definitions.exchange_named(name);
    let mut before = definitions.exchanges().iter().rev();
    there
        .or_else(|| before.find(|exchange| exchange.name == *name))
        .map(|exchange| exchange.id)
}

/// The queue of that name, or the last there was.
fn queue_called(definitions: &Definitions, name: &str) -> Option<QueueId> {
    definitions.queue_named(name).or_else(|| {
        let mut before = definitions.queues().iter().rev();
        let last = before.find(|queue| queue.name == *name)?;
        Some(last.id)
    })
}

/// The ways messages may take besides bindings.
#[derive(Default)]
struct Paths {
    /// Who publishes where, each pair once, in order.
    publishing: Vec<(Author, ExchangeId)>,
    /// From a queue to its dead-letter exchange, with the routing key it gives.
    letters: Vec<(QueueId, ExchangeId, Name)>,
    /// From an exchange to its alternate exchange.
    alternates: Vec<(ExchangeId, ExchangeId)>,
    /// Exchanges that one of these leaves or reaches, or a binding.
    used: BTreeSet<ExchangeId>,
    /// Whether the default exchange may be asked for any queue.
    default_to_all: bool,
    /// The queues it is asked for besides.
    default_to: BTreeSet<Name>,
    /// Whether it is asked for reply-to addresses (S16).
    default_to_replies: bool,
}

impl Paths {
    fn of(world: &World, ways: &Ways) -> Self {
        let mut paths = Self::default();
        paths.add_publishing(world);
        let definitions = world.definitions();
        // What holds now comes first: a line has one key.
        for queue in world.broker().queues() {
            let settings = &queue.settings;
            if let Some(name) = &settings.dead_letter_exchange {
                let key = settings.dead_letter_key.as_ref();
                paths.add_letters(queue.id, name, key, definitions);
            }
        }
        for (queue, name, key) in ways.letters() {
            paths.add_letters(*queue, name, key.as_ref(), definitions);
        }
        for exchange in definitions.exchanges() {
            let name = exchange.alternate.as_ref();
            let name = name.or_else(|| ways.alternate(exchange.id));
            if let Some(to) = name.and_then(|name| exchange_called(definitions, name)) {
                paths.alternates.push((exchange.id, to));
                paths.default_to_all |= to == Definitions::DEFAULT_EXCHANGE;
            }
        }
        let published = paths.publishing.iter().map(|&(_, exchange)| exchange);
        let letters = paths.letters.iter().map(|&(_, exchange, _)| exchange);
        let alternates = paths.alternates.iter().flat_map(|&(from, to)| [from, to]);
        let bound = definitions.bindings().iter().flat_map(|binding| {
            let to = match binding.destination {
                Destination::Exchange(exchange) => Some(exchange),
                Destination::Queue(_) => None,
            };
            std::iter::once(binding.source).chain(to)
        });
        paths.used = published
            .chain(letters)
            .chain(alternates)
            .chain(bound)
            .collect();
        paths
    }

    fn add_publishing(&mut self, world: &World) {
        let definitions = world.definitions();
        let mut seen = BTreeSet::new();
        let mut add = |paths: &mut Self, author, name: &Name| {
            let exchange = exchange_called(definitions, name);
            if let Some(exchange) = exchange
                && seen.insert((author, exchange))
            {
                paths.publishing.push((author, exchange));
            }
            exchange == Some(Definitions::DEFAULT_EXCHANGE)
        };
        for (publisher, index) in world.publishers().iter().zip(0..) {
            let author = Author::Publisher(PublisherId(index));
            if let Some(aims) = &publisher.aims {
                for exchange in &aims.exchanges {
                    add(self, author, exchange);
                }
                self.default_to.extend(aims.queues.iter().cloned());
                continue;
            }
            let sent = publisher.publications().iter();
            let mut exchanges: Vec<&Name> = sent.map(|it| &it.exchange).collect();
            if exchanges.is_empty() {
                // It has nothing of its own to send, but a hand may make it.
                exchanges.push(&publisher.exchange);
            }
            for exchange in exchanges {
                if add(self, author, exchange) {
                    self.default_to_all = true;
                }
            }
        }
        let replies = || {
            let publications = world.publishers().iter().flat_map(|it| it.publications());
            publications.filter_map(|publication| publication.properties.reply_to.clone())
        };
        for worker in world.workers() {
            let author = Author::Consumer(worker.id);
            match &worker.setup.publishes {
                Some(Onward::To { exchange, key }) => {
                    let to_default = add(self, author, exchange);
                    match key {
                        Some(key) if to_default => _ = self.default_to.insert(key.clone()),
                        None if to_default => self.default_to_all = true,
                        _ => {}
                    }
                }
                Some(Onward::Reply { .. }) => {
                    add(self, author, &Name::default());
                    self.default_to_replies = true;
                    self.default_to.extend(replies());
                }
                None => {}
            }
        }
    }

    fn add_letters(
        &mut self,
        queue: QueueId,
        name: &Name,
        key: Option<&Name>,
        definitions: &Definitions,
    ) {
        let Some(exchange) = exchange_called(definitions, name) else {
            return;
        };
        if exchange == Definitions::DEFAULT_EXCHANGE {
            match key {
                Some(key) => _ = self.default_to.insert(key.clone()),
                None => self.default_to_all = true,
            }
        }
        let key = key.cloned().unwrap_or_default();
        self.letters.push((queue, exchange, key));
    }

    /// Whether the default exchange may be asked for a queue.
    fn default_leads_to(&self, name: &Name, kind: QueueKind) -> bool {
        match kind {
            QueueKind::ReplyTo => self.default_to_replies,
            _ => self.default_to_all || self.default_to.contains(name),
        }
    }
}
