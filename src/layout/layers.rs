//! The columns, and what stands in them before it has a height.

use std::collections::BTreeMap;

use crate::topology::{EdgeKey, NodeKey};

use super::rank;
use super::request::{NodeSize, Request};

/// What takes a place in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Occupant {
    /// A publisher, an exchange, or a queue together with its consumers.
    Node(NodeKey),
    /// An edge that passes on its way to a farther column, and the how many-th column that is.
    Bend(EdgeKey, usize),
}

/// An edge from a column to a later one, by the vertices it touches, one a column.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// The edge's place in the request.
    pub edge: usize,
    /// From source to destination.
    pub vertices: Vec<usize>,
}

/// All columns but the consumers', who stand beside their queues.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    /// What each vertex is.
    pub occupants: Vec<Occupant>,
    /// The vertices of each column, from the top.
    pub columns: Vec<Vec<usize>>,
    /// The edges that lead on.
    pub chains: Vec<Chain>,
    /// For each vertex, its neighbours in the column before.
    pub before: Vec<Vec<usize>>,
    /// For each vertex, its neighbours in the column after.
    pub after: Vec<Vec<usize>>,
    /// Each queue's consumers in the order of declaration; those of no queue stand under their own
    /// key.
    pub consumers: BTreeMap<NodeKey, Vec<NodeKey>>,
    /// Every node's column; the consumers' is the last.
    pub column_of: BTreeMap<NodeKey, usize>,
    /// Every node's size.
    pub sizes: BTreeMap<NodeKey, NodeSize>,
}

impl Layers {
    /// The columns in the order of declaration.
    pub fn new(request: &Request) -> Self {
        let sizes: BTreeMap<NodeKey, NodeSize> = request.nodes.iter().copied().collect();
        let ranks = rank::exchange_ranks(request);
        let services = rank::service_ranks(request);
        // Users and services stand before all that is the broker's.
        let publishers = services.values().map(|rank| rank + 1).max().unwrap_or(0);
        let exchanges = publishers + 1;
        let queues = exchanges + ranks.values().map(|rank| rank + 1).max().unwrap_or(0);
        let column_of = |key: &NodeKey| match key {
            NodeKey::Users => 0,
            NodeKey::Service(_) => 1 + services.get(key).copied().unwrap_or_default(),
            NodeKey::Publisher(_) => publishers,
            NodeKey::Exchange(_) => exchanges + ranks.get(key).copied().unwrap_or_default(),
            NodeKey::Queue(_) => queues,
            NodeKey::Consumer(_) => queues + 1,
        };
        let mut layers = Self {
            columns: vec![Vec::new(); queues + 1],
            column_of: sizes.keys().map(|key| (*key, column_of(key))).collect(),
            sizes,
            ..Self::default()
        };
        layers.seat_consumers(request);
        let vertices = layers.add_nodes(request);
        for (edge, asked) in request.edges.iter().enumerate() {
            let ends = (vertices.get(&asked.from), vertices.get(&asked.to));
            if let (Some(&from), Some(&to)) = ends {
                layers.add_chain(edge, asked.key, from, to);
            }
        }
        layers
    }

    /// Each consumer beside the first queue that leads to it.
    fn seat_consumers(&mut self, request: &Request) {
        let mut queue_of: BTreeMap<NodeKey, NodeKey> = BTreeMap::new();
        for edge in &request.edges {
            if let (NodeKey::Queue(_), NodeKey::Consumer(_)) = (edge.from, edge.to)
                && self.sizes.contains_key(&edge.from)
            {
                queue_of.entry(edge.to).or_insert(edge.from);
            }
        }
        for (key, _) in &request.nodes {
            if let NodeKey::Consumer(_) = key {
                let host = queue_of.get(key).copied().unwrap_or(*key);
                self.consumers.entry(host).or_default().push(*key);
            }
        }
    }

    /// A vertex for each node that does not stand beside another.
    fn add_nodes(&mut self, request: &Request) -> BTreeMap<NodeKey, (usize, usize)> {
        let last = self.columns.len() - 1;
        let mut vertices = BTreeMap::new();
        for (key, _) in &request.nodes {
            // A consumer of no queue stands where its queue would be beside it.
            let is_consumer = matches!(key, NodeKey::Consumer(_));
            if is_consumer && !self.consumers.contains_key(key) {
                continue;
            }
            let column = self.column_of.get(key).copied().unwrap_or(last).min(last);
            let vertex = self.add_vertex(column, Occupant::Node(*key));
            vertices.insert(*key, (vertex, column));
        }
        vertices
    }

    fn add_vertex(&mut self, column: usize, occupant: Occupant) -> usize {
        let vertex = self.occupants.len();
        self.occupants.push(occupant);
        self.before.push(Vec::new());
        self.after.push(Vec::new());
        if let Some(column) = self.columns.get_mut(column) {
            column.push(vertex);
        }
        vertex
    }

    /// An edge that leads on, with a bend in each column it passes.
    fn add_chain(&mut self, edge: usize, key: EdgeKey, from: (usize, usize), to: (usize, usize)) {
        if from.1 >= to.1 {
            return;
        }
        let mut vertices = vec![from.0];
        for (nth, column) in (from.1 + 1..to.1).enumerate() {
            vertices.push(self.add_vertex(column, Occupant::Bend(key, nth)));
        }
        vertices.push(to.0);
        for pair in vertices.windows(2) {
            if let [left, right] = *pair {
                self.after[left].push(right);
                self.before[right].push(left);
            }
        }
        self.chains.push(Chain { edge, vertices });
    }
}
