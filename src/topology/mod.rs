//! The graph of a world: who publishes where, what is bound to what, who consumes from which queue, where the dead and
//! the unroutable go.
//!
//! Whatever there ever was in a run has its node, so that it can be shown before it came and after it went. What is
//! declared again under its old name is another thing to the broker, with another number; here it has the node of the
//! first ([`drawn`](Topology::drawn)), and so have its bindings.
//!
//! Nodes and edges are listed in the order in which they were added, so the same world gives the
//! same list. Edges may be parallel (several bindings between the same two things) and may return
//! to where they began (an exchange bound to itself).

mod left_out;
mod of_world;
mod part;
mod questions;
mod ways;

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use serde::{Deserialize, Serialize};

use crate::broker::{BindingId, ExchangeId, ExchangeKind, Name, QueueId, QueueKind, Via};
use crate::world::http::ServiceId;
use crate::world::{Author, WorkerId};

pub use left_out::{LeftOut, Lines};
pub use part::Part;
pub use ways::Ways;

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NodeKey {
    /// A publisher, by its place in the world's list.
    Publisher(u32),
    /// An exchange.
    Exchange(ExchangeId),
    /// A queue.
    Queue(QueueId),
    /// A consumer, by its place in the setup.
    Consumer(WorkerId),
    /// The users of services.
    Users,
    /// A service that is called.
    Service(ServiceId),
}

impl From<Author> for NodeKey {
    fn from(author: Author) -> Self {
        match author {
            Author::Publisher(publisher) => Self::Publisher(publisher.0),
            Author::Consumer(worker) => Self::Consumer(worker),
        }
    }
}

/// What an edge stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EdgeKey {
    /// A publisher publishes to an exchange.
    Publish {
        /// The publisher, by its place in the world's list.
        publisher: u32,
        /// Where it publishes to.
        exchange: ExchangeId,
    },
    /// A binding, from source to destination.
    Binding(BindingId),
    /// The default exchange's binding to a queue, which nobody made (E2).
    Implicit(QueueId),
    /// A consumer consumes from a queue.
    Consume(WorkerId),
    /// What dies in a queue goes to its dead-letter exchange (D1).
    DeadLetter {
        /// The queue.
        queue: QueueId,
        /// Its dead-letter exchange.
        exchange: ExchangeId,
    },
    /// What no binding of an exchange matches goes to its alternate exchange (E13).
    Alternate(ExchangeId),
    /// A consumer publishes what it makes of a message.
    Onward {
        /// The consumer.
        worker: WorkerId,
        /// Where it publishes to.
        exchange: ExchangeId,
    },
    /// A service, or the users, call a service.
    Call {
        /// Who calls; the users without one.
        from: Option<ServiceId>,
        /// Who is called.
        to: ServiceId,
    },
}

impl EdgeKey {
    /// The edge along which an author publishes to an exchange.
    #[must_use]
    pub fn publishing(author: Author, exchange: ExchangeId) -> Self {
        match author {
            Author::Publisher(publisher) => Self::Publish {
                publisher: publisher.0,
                exchange,
            },
            Author::Consumer(worker) => Self::Onward { worker, exchange },
        }
    }
}

/// The edge a message takes by a binding.
impl From<Via> for EdgeKey {
    fn from(via: Via) -> Self {
        match via {
            Via::Binding(id) => Self::Binding(id),
            Via::Implicit(queue) => Self::Implicit(queue),
            Via::Alternate(exchange) => Self::Alternate(exchange),
        }
    }
}

/// A thing of the world.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub key: NodeKey,
    /// Its name.
    pub name: Name,
    /// An exchange's type; nothing for all others.
    pub kind: Option<ExchangeKind>,
    /// A queue's type; nothing for all others.
    pub queue: Option<QueueKind>,
}

impl Node {
    /// A publisher.
    #[must_use]
    pub fn publisher(index: u32, name: Name) -> Self {
        Self::plain(NodeKey::Publisher(index), name)
    }

    /// An exchange.
    #[must_use]
    pub fn exchange(id: ExchangeId, name: Name, kind: ExchangeKind) -> Self {
        Self {
            key: NodeKey::Exchange(id),
            name,
            kind: Some(kind),
            queue: None,
        }
    }

    /// A queue.
    #[must_use]
    pub fn queue(id: QueueId, name: Name, kind: QueueKind) -> Self {
        Self {
            queue: Some(kind),
            ..Self::plain(NodeKey::Queue(id), name)
        }
    }

    /// A consumer.
    #[must_use]
    pub fn consumer(id: WorkerId, name: Name) -> Self {
        Self::plain(NodeKey::Consumer(id), name)
    }

    /// The users, or a service.
    #[must_use]
    pub fn caller(key: NodeKey, name: Name) -> Self {
        Self::plain(key, name)
    }

    fn plain(key: NodeKey, name: Name) -> Self {
        Self {
            key,
            name,
            kind: None,
            queue: None,
        }
    }
}

/// A way a message may take from one thing to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// What it is.
    pub key: EdgeKey,
    /// Where messages come from.
    pub from: NodeKey,
    /// Where messages go to.
    pub to: NodeKey,
    /// The binding key, or the routing key that dead messages get; empty where there is none.
    pub label: Name,
}

/// The graph of a world.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    graph: DiGraph<Node, Edge>,
    index: BTreeMap<NodeKey, NodeIndex>,
    /// What was declared again, and the node it has.
    again: BTreeMap<NodeKey, NodeKey>,
    /// What was bound again, and the edge it has.
    bound_again: BTreeMap<BindingId, BindingId>,
    /// All that had a node, in order, where that is more than one.
    lives: BTreeMap<NodeKey, Vec<NodeKey>>,
    /// Edges that are added once however often they are found.
    joined: BTreeSet<EdgeKey>,
}

impl Topology {
    /// A graph of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node; one with a key already there takes the old one's place and keeps its edges.
    pub fn add_node(&mut self, node: Node) {
        if let Some(known) = self
            .index
            .get(&node.key)
            .and_then(|&index| self.graph.node_weight_mut(index))
        {
            *known = node;
        } else {
            let key = node.key;
            self.index.insert(key, self.graph.add_node(node));
        }
    }

    /// Adds an edge between two nodes already there; says whether they were.
    pub fn add_edge(&mut self, edge: Edge) -> bool {
        let ends = (self.index.get(&edge.from), self.index.get(&edge.to));
        let (Some(&from), Some(&to)) = ends else {
            return false;
        };
        self.graph.add_edge(from, to, edge);
        true
    }

    /// The key of the node a thing has: its own, unless it was there before under another number.
    #[must_use]
    pub fn drawn(&self, key: NodeKey) -> NodeKey {
        self.again.get(&key).copied().unwrap_or(key)
    }

    /// The key of the edge that stands for one between things as the broker numbers them.
    #[must_use]
    pub fn drawn_edge(&self, key: EdgeKey) -> EdgeKey {
        let exchange = |id| match self.drawn(NodeKey::Exchange(id)) {
            NodeKey::Exchange(id) => id,
            _ => id,
        };
        let queue = |id| match self.drawn(NodeKey::Queue(id)) {
            NodeKey::Queue(id) => id,
            _ => id,
        };
        match key {
            EdgeKey::Publish {
                publisher,
                exchange: to,
            } => EdgeKey::Publish {
                publisher,
                exchange: exchange(to),
            },
            EdgeKey::Binding(id) => {
                EdgeKey::Binding(self.bound_again.get(&id).copied().unwrap_or(id))
            }
            EdgeKey::Implicit(id) => EdgeKey::Implicit(queue(id)),
            EdgeKey::Consume(_) | EdgeKey::Call { .. } => key,
            EdgeKey::DeadLetter {
                queue: from,
                exchange: to,
            } => EdgeKey::DeadLetter {
                queue: queue(from),
                exchange: exchange(to),
            },
            EdgeKey::Alternate(id) => EdgeKey::Alternate(exchange(id)),
            EdgeKey::Onward {
                worker,
                exchange: to,
            } => EdgeKey::Onward {
                worker,
                exchange: exchange(to),
            },
        }
    }

    /// All that ever had a node, the first first, itself among them: one thing, unless it was declared again.
    #[must_use]
    pub fn lives(&self, key: NodeKey) -> Vec<NodeKey> {
        let several = self.lives.get(&key).cloned();
        several.unwrap_or_else(|| vec![key])
    }

    /// The bindings an edge stands for, the first first.
    pub fn bindings(&self, id: BindingId) -> impl Iterator<Item = BindingId> + '_ {
        let again = self.bound_again.iter();
        std::iter::once(id).chain(
            again
                .filter(move |&(_, &first)| first == id)
                .map(|(&later, _)| later),
        )
    }

    /// The edge with this key.
    #[must_use]
    pub fn edge(&self, key: EdgeKey) -> Option<&Edge> {
        self.edges().find(|edge| edge.key == key)
    }

    /// The node with this key.
    #[must_use]
    pub fn node(&self, key: NodeKey) -> Option<&Node> {
        let index = self.index.get(&key)?;
        self.graph.node_weight(*index)
    }

    /// All nodes, in the order they were added.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.graph.node_weights()
    }

    /// All edges, in the order they were added.
    pub fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.graph.edge_weights()
    }

    /// The edges that leave a node, in the order they were added.
    #[must_use]
    pub fn outgoing(&self, key: NodeKey) -> Vec<&Edge> {
        self.touching(key, Direction::Outgoing)
    }

    /// The edges that arrive at a node, in the order they were added.
    #[must_use]
    pub fn incoming(&self, key: NodeKey) -> Vec<&Edge> {
        self.touching(key, Direction::Incoming)
    }

    fn touching(&self, key: NodeKey, direction: Direction) -> Vec<&Edge> {
        let Some(&index) = self.index.get(&key) else {
            return Vec::new();
        };
        // petgraph lists a node's edges newest first.
        let mut found: Vec<_> = self
            .graph
            .edges_directed(index, direction)
            .map(|edge| (edge.id(), edge.weight()))
            .collect();
        found.sort_by_key(|(id, _)| *id);
        found.into_iter().map(|(_, edge)| edge).collect()
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    pub(crate) const fn x(id: u32) -> NodeKey {
        NodeKey::Exchange(ExchangeId(id))
    }

    pub(crate) const fn q(id: u32) -> NodeKey {
        NodeKey::Queue(QueueId(id))
    }

    /// A publisher, a topic exchange and two queues, the first with two bindings and a consumer.
    pub(crate) fn logs() -> Topology {
        let mut topology = Topology::new();
        topology.add_node(Node::publisher(0, "web".into()));
        topology.add_node(Node::exchange(
            ExchangeId(7),
            "logs".into(),
            ExchangeKind::Topic,
        ));
        topology.add_node(Node::queue(QueueId(0), "errors".into(), QueueKind::Classic));
        topology.add_node(Node::queue(QueueId(1), "all".into(), QueueKind::Classic));
        topology.add_node(Node::consumer(WorkerId(0), "pager".into()));
        let logs = NodeKey::Exchange(ExchangeId(7));
        let errors = NodeKey::Queue(QueueId(0));
        publish(&mut topology, 0, 7);
        bind(&mut topology, 0, logs, errors, "*.error");
        bind(&mut topology, 1, logs, errors, "kern.\"x\"");
        bind(&mut topology, 2, logs, NodeKey::Queue(QueueId(1)), "#");
        topology.add_edge(Edge {
            key: EdgeKey::Consume(WorkerId(0)),
            from: errors,
            to: NodeKey::Consumer(WorkerId(0)),
            label: Name::default(),
        });
        topology
    }

    pub(crate) fn publish(topology: &mut Topology, publisher: u32, exchange: u32) {
        let exchange = ExchangeId(exchange);
        assert!(topology.add_edge(Edge {
            key: EdgeKey::Publish {
                publisher,
                exchange
            },
            from: NodeKey::Publisher(publisher),
            to: NodeKey::Exchange(exchange),
            label: Name::default(),
        }));
    }

    pub(crate) fn bind(topology: &mut Topology, id: u32, from: NodeKey, to: NodeKey, key: &str) {
        assert!(topology.add_edge(Edge {
            key: EdgeKey::Binding(BindingId(id)),
            from,
            to,
            label: key.into(),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_of_a_node_keep_the_order_they_were_added_in() {
        let topology = samples::logs();
        let labels: Vec<_> = topology
            .outgoing(NodeKey::Exchange(ExchangeId(7)))
            .iter()
            .map(|edge| edge.label.to_string())
            .collect();
        assert_eq!(labels, ["*.error", "kern.\"x\"", "#"]);
        assert_eq!(topology.incoming(NodeKey::Queue(QueueId(0))).len(), 2);
    }

    #[test]
    fn an_edge_to_nowhere_is_not_added() {
        let mut topology = samples::logs();
        let before = topology.edges().count();
        assert!(!topology.add_edge(Edge {
            key: EdgeKey::Implicit(QueueId(9)),
            from: NodeKey::Exchange(ExchangeId(7)),
            to: NodeKey::Queue(QueueId(9)),
            label: Name::default(),
        }));
        assert_eq!(topology.edges().count(), before);
    }

    #[test]
    fn a_node_added_again_takes_the_old_ones_place() {
        let mut topology = samples::logs();
        topology.add_node(Node::queue(QueueId(0), "faults".into(), QueueKind::Classic));
        assert_eq!(topology.nodes().count(), 5);
        let queue = topology.node(NodeKey::Queue(QueueId(0)));
        assert!(queue.is_some_and(|queue| queue.name == "faults"));
        assert_eq!(topology.incoming(NodeKey::Queue(QueueId(0))).len(), 2);
    }
}
