//! Questions asked of a topology.

use std::collections::BTreeSet;

use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::visit::Dfs;

use crate::broker::{ExchangeId, QueueId};

use super::{NodeKey, Topology};

impl Topology {
    /// Everything that can be reached from a node along the edges, itself included.
    #[must_use]
    pub fn reachable(&self, from: NodeKey) -> BTreeSet<NodeKey> {
        let mut found = BTreeSet::new();
        if let Some(&start) = self.index.get(&from) {
            let mut search = Dfs::new(&self.graph, start);
            while let Some(index) = search.next(&self.graph) {
                found.extend(self.graph.node_weight(index).map(|node| node.key));
            }
        }
        found
    }

    /// The queues a message may come to from a node, whatever its routing key.
    #[must_use]
    pub fn queues_reachable(&self, from: NodeKey) -> Vec<QueueId> {
        self.reachable(from).into_iter().filter_map(queue).collect()
    }

    /// The exchanges that lead back to themselves without a queue in between, each cycle's together; a message visits
    /// each of them once all the same.
    #[must_use]
    pub fn exchange_cycles(&self) -> Vec<Vec<ExchangeId>> {
        // By way of a queue a message begins anew, be it that it died there or that a consumer published it again.
        let exchanges = self.graph.filter_map(
            |_, node| exchange(node.key).map(|_| node),
            |_, edge| Some(edge.key),
        );
        let mut cycles: Vec<Vec<ExchangeId>> = tarjan_scc(&exchanges)
            .into_iter()
            .filter(|component| match component[..] {
                [single] => exchanges.contains_edge(single, single),
                _ => true,
            })
            .map(|component| {
                let mut members: Vec<_> = component
                    .into_iter()
                    .filter_map(|index| exchanges.node_weight(index))
                    .filter_map(|node| exchange(node.key))
                    .collect();
                members.sort_unstable();
                members
            })
            .filter(|members| !members.is_empty())
            .collect();
        cycles.sort_unstable();
        cycles
    }

    /// Whether an exchange leads back to itself without a queue in between.
    #[must_use]
    pub fn is_in_cycle(&self, exchange: ExchangeId) -> bool {
        let start = NodeKey::Exchange(exchange);
        let (mut found, mut ahead) = (BTreeSet::new(), vec![start]);
        while let Some(key) = ahead.pop() {
            let Some(&index) = self.index.get(&key) else {
                continue;
            };
            let next = self.graph.neighbors(index);
            let next = next.filter_map(|index| Some(self.graph.node_weight(index)?.key));
            for next in next.filter(|key| matches!(key, NodeKey::Exchange(_))) {
                if next == start {
                    return true;
                }
                if found.insert(next) {
                    ahead.push(next);
                }
            }
        }
        false
    }

    /// Exchanges nothing is bound to: whatever is published there goes nowhere.
    #[must_use]
    pub fn unbound_exchanges(&self) -> Vec<ExchangeId> {
        let all = self.index.keys().filter_map(|&key| exchange(key));
        all.filter(|&id| self.is_unbound(id)).collect()
    }

    /// Whether nothing is bound to an exchange.
    #[must_use]
    pub fn is_unbound(&self, exchange: ExchangeId) -> bool {
        self.is_end(NodeKey::Exchange(exchange), Direction::Outgoing)
    }

    /// Whether there is such a node, and no edge leaves it, or reaches it.
    fn is_end(&self, key: NodeKey, direction: Direction) -> bool {
        let node = self.index.get(&key);
        node.is_some_and(|&node| self.graph.edges_directed(node, direction).next().is_none())
    }

    /// Queues nobody consumes from.
    #[must_use]
    pub fn unconsumed_queues(&self) -> Vec<QueueId> {
        let all = self.index.keys().filter_map(|&key| queue(key));
        all.filter(|&id| !self.is_consumed(id)).collect()
    }

    /// Whether anybody consumes from a queue.
    #[must_use]
    pub fn is_consumed(&self, queue: QueueId) -> bool {
        let leaving = self.outgoing(NodeKey::Queue(queue));
        leaving
            .iter()
            .any(|edge| matches!(edge.to, NodeKey::Consumer(_)))
    }

    /// Queues no edge leads to.
    #[must_use]
    pub fn unfed_queues(&self) -> Vec<QueueId> {
        let all = self.index.keys().filter_map(|&key| queue(key));
        all.filter(|&id| self.is_unfed(id)).collect()
    }

    /// Whether no edge leads to a queue.
    #[must_use]
    pub fn is_unfed(&self, queue: QueueId) -> bool {
        self.is_end(NodeKey::Queue(queue), Direction::Incoming)
    }
}

fn queue(key: NodeKey) -> Option<QueueId> {
    match key {
        NodeKey::Queue(id) => Some(id),
        _ => None,
    }
}

fn exchange(key: NodeKey) -> Option<ExchangeId> {
    match key {
        NodeKey::Exchange(id) => Some(id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{bind, logs, q, x};
    use super::super::{Node, Topology};
    use super::*;
    use crate::broker::{ExchangeKind, QueueKind};
    use crate::world::WorkerId;

    fn exchanges(count: u32) -> Topology {
        let mut topology = Topology::new();
        for id in 0..count {
            let name = format!("x{id}").into();
            topology.add_node(Node::exchange(ExchangeId(id), name, ExchangeKind::Fanout));
        }
        topology
    }

    #[test]
    fn a_publisher_reaches_what_its_exchange_leads_to() {
        let topology = logs();
        let from = NodeKey::Publisher(0);
        assert_eq!(topology.queues_reachable(from), [QueueId(0), QueueId(1)]);
        assert!(topology.reachable(from).contains(&from));
        assert!(
            topology
                .reachable(q(0))
                .contains(&NodeKey::Consumer(WorkerId(0)))
        );
        assert!(topology.reachable(q(77)).is_empty());
    }

    #[test]
    fn cycles_are_found_and_chains_are_not() {
        let mut topology = exchanges(5);
        bind(&mut topology, 0, x(3), x(1), "");
        bind(&mut topology, 1, x(1), x(3), "");
        bind(&mut topology, 2, x(0), x(1), "");
        bind(&mut topology, 3, x(4), x(4), "");
        assert_eq!(
            topology.exchange_cycles(),
            [vec![ExchangeId(1), ExchangeId(3)], vec![ExchangeId(4)]]
        );
        let on = (0..5).filter(|&id| topology.is_in_cycle(ExchangeId(id)));
        assert_eq!(on.collect::<Vec<_>>(), [1, 3, 4]);
    }

    #[test]
    fn loose_ends_are_named() {
        let mut topology = logs();
        topology.add_node(Node::exchange(
            ExchangeId(8),
            "x".into(),
            ExchangeKind::Fanout,
        ));
        topology.add_node(Node::queue(QueueId(2), "lost".into(), QueueKind::Classic));
        assert_eq!(topology.unbound_exchanges(), [ExchangeId(8)]);
        assert_eq!(topology.unconsumed_queues(), [QueueId(1), QueueId(2)]);
        assert_eq!(topology.unfed_queues(), [QueueId(2)]);
    }

    #[test]
    fn a_graph_of_nothing_answers_with_nothing() {
        let empty = Topology::new();
        assert!(empty.exchange_cycles().is_empty());
        assert!(empty.unbound_exchanges().is_empty());
        assert!(empty.unfed_queues().is_empty());
    }
}
