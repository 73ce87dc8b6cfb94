//! What a part of a graph leaves out, counted where it would be seen: nothing is left out silently.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::visit::EdgeRef;

use super::{EdgeKey, NodeKey, Topology};

/// What a part leaves out of the lines of its nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Of each node of the part of which lines are left out.
    pub at: BTreeMap<NodeKey, Lines>,
    /// Beside a line that is there: how many more lead from and to the same two nodes.
    pub beside: BTreeMap<EdgeKey, usize>,
    /// How many lines are left out in all, of those that begin or end in the part.
    pub lines: usize,
}

/// Lines of one node that are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// How many bindings.
    pub bindings: usize,
    /// Of how many that it has, at either end.
    pub of: usize,
    /// How many other lines.
    pub others: usize,
}

impl LeftOut {
    /// How many lines beside others are left out.
    #[must_use]
    pub fn beside(&self) -> usize {
        self.beside.values().sum()
    }
}

impl Topology {
    /// What a part of this graph leaves out.
    #[must_use]
    pub fn left_out_by(&self, part: &Self) -> LeftOut {
        let mut left = LeftOut::default();
        let mut hidden = BTreeSet::new();
        for (&key, &index) in &self.index {
            if !part.index.contains_key(&key) {
                continue;
            }
            let mut here: BTreeMap<EdgeKey, NodeKey> = BTreeMap::new();
            for direction in [Direction::Outgoing, Direction::Incoming] {
                let edges = part.touching(key, direction);
                here.extend(edges.iter().map(|edge| (edge.key, edge.to)));
            }
            let mut lines = Lines::default();
            let leaving = self.graph.edges_directed(index, Direction::Outgoing);
            let arriving = self.graph.edges_directed(index, Direction::Incoming);
            // What leads back to where it began is met twice.
            let arriving = arriving.filter(|edge| edge.source() != index);
            for edge in leaving.chain(arriving).map(|edge| edge.weight()) {
                let is_here = here.contains_key(&edge.key);
                if !is_here {
                    hidden.insert(edge.key);
                }
                let is_binding = matches!(edge.key, EdgeKey::Binding(_) | EdgeKey::Implicit(_));
                match (is_binding, is_here) {
                    (true, true) => lines.of += 1,
                    (true, false) => {
                        lines.of += 1;
                        lines.bindings += 1;
                    }
                    (false, true) => {}
                    (false, false) => lines.others += 1,
                }
                if !is_here && edge.from == key && part.index.contains_key(&edge.to) {
                    let last = here.iter().rev().find(|&(_, &to)| to == edge.to);
                    if let Some((&last, _)) = last {
                        *left.beside.entry(last).or_default() += 1;
                    }
                }
            }
            if lines.bindings + lines.others > 0 {
                left.at.insert(key, lines);
            }
        }
        left.lines = hidden.len();
        left
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{bind, logs, publish, q, x};
    use super::super::{Node, Topology};
    use super::*;
    use crate::broker::{BindingId, ExchangeId, ExchangeKind, QueueId, QueueKind};

    #[test]
    fn all_of_a_graph_leaves_nothing_out() {
        let topology = logs();
        assert_eq!(topology.left_out_by(&topology), LeftOut::default());
    }

    #[test]
    fn what_leads_to_nodes_that_are_not_there_is_counted_where_it_begins() {
        let mut whole = Topology::new();
        whole.add_node(Node::publisher(0, "you".into()));
        for id in 0..2 {
            let name = format!("x{id}").into();
            whole.add_node(Node::exchange(ExchangeId(id), name, ExchangeKind::Topic));
        }
        for id in 0..40 {
            let name = format!("q{id}").into();
            whole.add_node(Node::queue(QueueId(id), name, QueueKind::Classic));
            bind(&mut whole, id, x(0), q(id), "a");
        }
        bind(&mut whole, 40, x(0), x(0), "itself");
        publish(&mut whole, 0, 1);
        let (part, _) = whole.around(x(0), 10);
        let left = whole.left_out_by(&part);
        let drawn = part.edges().count();
        let wanted = Lines {
            bindings: 41 - drawn,
            of: 41,
            others: 0,
        };
        assert_eq!(left.at, [(x(0), wanted)].into());
        assert!(left.beside.is_empty());
        assert_eq!(left.lines, 41 - drawn);
    }

    #[test]
    fn what_leads_beside_others_is_counted_at_the_last_of_these() {
        let mut whole = logs();
        for id in 10..20 {
            bind(&mut whole, id, x(7), q(0), "c");
        }
        let (part, around) = whole.around(x(7), 30);
        let left = whole.left_out_by(&part);
        assert_eq!((left.beside(), around.beside), (9, 9));
        let last = EdgeKey::Binding(BindingId(10));
        assert_eq!(left.beside, [(last, 9)].into());
        assert_eq!(left.at[&x(7)].bindings, 9);
        assert_eq!(
            left.at[&q(0)],
            Lines {
                bindings: 9,
                of: 12,
                others: 0
            }
        );
    }
}
