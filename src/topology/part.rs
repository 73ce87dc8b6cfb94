//! What of a large graph is near one node: all that leads to it and all that it leads to, as far as it can be looked at.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::Direction;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::{NodeKey, Topology};

/// How many edges between the same two nodes are enough.
const PARALLEL: usize = 3;

/// Which part of a graph it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The node in the middle.
    pub center: NodeKey,
    /// How many nodes next to it there are in the part at the most.
    pub most: usize,
    /// How many nodes are next to it in the whole graph.
    pub next: usize,
    /// How many of them are in the part.
    pub shown: usize,
    /// How many edges between the nodes of the part are left out, since others beside them are there.
    pub beside: usize,
    /// How many exchanges there are in the whole.
    pub exchanges: usize,
    /// How many queues.
    pub queues: usize,
    /// How many edges.
    pub edges: usize,
}

impl Topology {
    /// What is near a node: from there against the edges and along them, the nearest first, at most so many next to it
    /// and half as many further on. Of a graph that has no such node, nothing.
    #[must_use]
    pub fn around(&self, center: NodeKey, most: usize) -> (Self, Part) {
        let center = self.drawn(center);
        let count =
            |is_it: fn(&NodeKey) -> bool| self.index.keys().filter(|&key| is_it(key)).count();
        let mut part = Part {
            center,
            most,
            next: 0,
            shown: 0,
            beside: 0,
            exchanges: count(|key| matches!(key, NodeKey::Exchange(_))),
            queues: count(|key| matches!(key, NodeKey::Queue(_))),
            edges: self.graph.edge_count(),
        };
        let Some(&middle) = self.index.get(&center) else {
            return (Self::new(), part);
        };
        let mut chosen = BTreeSet::from([middle]);
        let mut ahead = VecDeque::new();
        let mut next = BTreeSet::new();
        for direction in [Direction::Incoming, Direction::Outgoing] {
            let found = self.next_to(middle, direction);
            next.extend(found.iter().copied().filter(|&node| node != middle));
            ahead.extend(found.into_iter().map(|node| (node, direction)));
        }
        // Where few lead to it, and few it leads to, both are seen whole.
        let mut ahead = evenly(ahead);
        ahead.truncate(most);
        let most = 1 + most + most / 2;
        part.next = next.len();
        while let Some((node, direction)) = ahead.pop_front() {
            if chosen.len() >= most {
                break;
            }
            if chosen.insert(node) {
                let on = self.next_to(node, direction);
                let room = most.saturating_sub(chosen.len() + ahead.len());
                ahead.extend(on.into_iter().take(room).map(|node| (node, direction)));
            }
        }
        part.shown = next.intersection(&chosen).count();
        let topology = self.some(&chosen, Some(&mut part.beside));
        (topology, part)
    }

    /// The graph without some of its nodes, and without their edges.
    #[must_use]
    pub fn without(&self, absent: &BTreeSet<NodeKey>) -> Self {
        let here = self.index.iter().filter(|(key, _)| !absent.contains(key));
        let mut part = self.some(&here.map(|(_, &index)| index).collect(), None);
        part.again = self.again.clone();
        part.lives = self.lives.clone();
        part
    }

    /// The nodes to which a node's edges lead, or from which they come: those there are few of first.
    fn next_to(&self, node: NodeIndex, direction: Direction) -> Vec<NodeIndex> {
        let edges = self.graph.edges_directed(node, direction);
        let mut found: Vec<_> = edges
            .map(|edge| {
                let other = match direction {
                    Direction::Incoming => edge.source(),
                    Direction::Outgoing => edge.target(),
                };
                let key = self.graph.node_weight(other).map(|node| node.key);
                let many = matches!(key, Some(NodeKey::Queue(_)));
                (many, edge.id(), other)
            })
            .collect();
        found.sort_unstable();
        let mut seen = BTreeSet::new();
        let others = found.into_iter().map(|(_, _, other)| other);
        others.filter(|&other| seen.insert(other)).collect()
    }

    /// The graph of some of the nodes; with all of their edges or, if somebody counts those that are left out, without too
    /// many beside each other.
    fn some(&self, chosen: &BTreeSet<NodeIndex>, mut beside: Option<&mut usize>) -> Self {
        let mut part = Self::new();
        for &index in chosen {
            part.index.extend(self.graph.node_weight(index).map(|node| {
                let key = node.key;
                (key, part.graph.add_node(node.clone()))
            }));
        }
        let leaving = chosen.iter().flat_map(|&node| self.graph.edges(node));
        let mut edges: Vec<_> = leaving
            .filter(|edge| chosen.contains(&edge.target()))
            .map(|edge| (edge.id(), edge.source(), edge.target(), edge.weight()))
            .collect();
        edges.sort_unstable_by_key(|&(id, ..)| id);
        let mut parallel: BTreeMap<(NodeIndex, NodeIndex), usize> = BTreeMap::new();
        for (_, from, to, edge) in edges {
            let alike = parallel.entry((from, to)).or_default();
            *alike += 1;
            if let Some(beside) = beside.as_deref_mut().filter(|_| *alike > PARALLEL) {
                *beside += 1;
                continue;
            }
            part.add_edge(edge.clone());
            if self.joined.contains(&edge.key) {
                part.joined.insert(edge.key);
            }
        }
        // What was declared again is still the same thing.
        let is_here = |key: &NodeKey| part.index.contains_key(key);
        let again = self.again.iter().filter(|(_, first)| is_here(first));
        part.again = again.map(|(&later, &first)| (later, first)).collect();
        let lives = self.lives.iter().filter(|(first, _)| is_here(first));
        part.lives = lives.map(|(&first, all)| (first, all.clone())).collect();
        part.bound_again = self.bound_again.clone();
        part
    }
}

/// Takes turns between what leads to a node and what it leads to, as long as there are both.
fn evenly(ahead: VecDeque<(NodeIndex, Direction)>) -> VecDeque<(NodeIndex, Direction)> {
    let (before, after): (VecDeque<_>, VecDeque<_>) = ahead
        .into_iter()
        .partition(|&(_, direction)| direction == Direction::Incoming);
    let (mut before, mut after) = (before.into_iter(), after.into_iter());
    let mut all = VecDeque::new();
    loop {
        let pair = (before.next(), after.next());
        if pair == (None, None) {
            return all;
        }
        all.extend(pair.0);
        all.extend(pair.1);
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{bind, logs, publish, q, x};
    use super::super::{Edge, EdgeKey, Node};
    use super::*;
    use crate::broker::{ExchangeId, ExchangeKind, Name, QueueId, QueueKind};

    /// Exchange 0 with so many queues, two bindings to each, fed by a publisher and by exchange 1; exchange 2 apart.
    fn broom(queues: u32) -> Topology {
        let mut topology = Topology::new();
        topology.add_node(Node::publisher(0, "you".into()));
        for id in 0..3 {
            let name = Name::from(format!("x{id}"));
            topology.add_node(Node::exchange(ExchangeId(id), name, ExchangeKind::Topic));
        }
        for id in 0..queues {
            let name = Name::from(format!("q{id}"));
            topology.add_node(Node::queue(QueueId(id), name, QueueKind::Classic));
            bind(&mut topology, 2 * id, x(0), q(id), "a");
            bind(&mut topology, 2 * id + 1, x(0), q(id), "b");
        }
        bind(&mut topology, 2 * queues, x(1), x(0), "#");
        publish(&mut topology, 0, 1);
        topology
    }

    fn keys(topology: &Topology) -> BTreeSet<NodeKey> {
        topology.nodes().map(|node| node.key).collect()
    }

    #[test]
    fn a_small_graph_is_shown_as_far_as_it_hangs_together() {
        let whole = broom(4);
        let (part, around) = whole.around(x(0), 30);
        let mut wanted = keys(&whole);
        wanted.remove(&x(2)); // nothing leads from or to it
        assert_eq!(keys(&part), wanted);
        assert_eq!(part.edges().count(), whole.edges().count());
        assert_eq!((around.next, around.shown), (5, 5));
        let edges = |topology: &Topology| topology.edges().map(|it| it.key).collect::<Vec<_>>();
        assert_eq!(edges(&part), edges(&whole), "in the same order");
    }

    #[test]
    fn of_a_large_one_there_is_as_much_as_can_be_looked_at() {
        let (part, around) = broom(5_000).around(x(0), 30);
        assert_eq!(around.next, 5_001);
        assert_eq!(around.shown, 30);
        assert_eq!(
            part.nodes().count(),
            1 + 30 + 1,
            "and who publishes to the exchange before it"
        );
        // What leads to it is not lost among what it leads to.
        assert!(keys(&part).is_superset(&[x(1), NodeKey::Publisher(0), q(0)].into()));
        for queue in part.nodes().filter(|node| node.queue.is_some()) {
            assert!(!part.incoming(queue.key).is_empty(), "{}", queue.name);
        }
    }

    #[test]
    fn a_queue_is_seen_with_what_leads_to_it_and_not_with_its_neighbours() {
        let (part, around) = broom(5_000).around(q(4_321), 30);
        let wanted = [q(4_321), x(0), x(1), NodeKey::Publisher(0)];
        assert_eq!(keys(&part), wanted.into());
        assert_eq!((around.next, around.shown), (1, 1));
    }

    #[test]
    fn parallel_bindings_do_not_crowd_others_out() {
        let mut topology = broom(40);
        for id in 0..400 {
            bind(&mut topology, 1_000 + id, x(0), q(0), "c");
        }
        let (part, around) = topology.around(x(0), 30);
        assert_eq!(around.beside, 402 - PARALLEL);
        let to_first = part.incoming(q(0));
        assert_eq!(to_first.len(), PARALLEL);
        for queue in part.nodes().filter(|node| node.queue.is_some()) {
            assert!(!part.incoming(queue.key).is_empty(), "{}", queue.name);
        }
    }

    #[test]
    fn cycles_end_and_nothing_is_around_nothing() {
        let mut topology = broom(1);
        bind(&mut topology, 90, x(0), x(1), "");
        bind(&mut topology, 91, x(0), x(0), "");
        let (part, around) = topology.around(x(0), 30);
        assert_eq!(part.edges().count(), topology.edges().count());
        assert_eq!(around.next, 2);
        let (nothing, around) = logs().around(q(77), 30);
        assert_eq!(nothing.nodes().count(), 0);
        assert_eq!(around.next, 0);
    }

    #[test]
    fn what_was_joined_once_is_joined_once_in_the_part_too() {
        let mut whole = broom(2);
        whole.joined.insert(EdgeKey::Implicit(QueueId(0)));
        whole.add_edge(Edge {
            key: EdgeKey::Implicit(QueueId(0)),
            from: x(0),
            to: q(0),
            label: "q0".into(),
        });
        let (part, _) = whole.around(x(0), 30);
        assert!(part.joined.contains(&EdgeKey::Implicit(QueueId(0))));
    }
}
