//! Which column an exchange stands in.

use std::collections::BTreeMap;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::DfsPostOrder;

use crate::topology::{EdgeKey, NodeKey};

use super::request::Request;

/// For each service, how many services at most a request may have passed before it. No service calls itself.
pub(super) fn service_ranks(request: &Request) -> BTreeMap<NodeKey, usize> {
    let calls: Vec<_> = request
        .edges
        .iter()
        .filter(|edge| matches!(edge.key, EdgeKey::Call { .. }))
        .collect();
    let services = request.nodes.iter().map(|(key, _)| *key);
    let services = services.filter(|key| matches!(key, NodeKey::Service(_)));
    let mut ranks: BTreeMap<_, _> = services.map(|key| (key, 0)).collect();
    // Each round puts the next services right; more rounds than services no path needs.
    for _ in 0..ranks.len() {
        for call in &calls {
            if let Some(next) = ranks.get(&call.from).map(|rank| rank + 1)
                && let Some(rank) = ranks.get_mut(&call.to)
            {
                *rank = next.max(*rank);
            }
        }
    }
    ranks
}

/// For each exchange, how many exchanges at most a message may have passed before it. Bindings that
/// close a cycle do not count.
pub(super) fn exchange_ranks(request: &Request) -> BTreeMap<NodeKey, usize> {
    let mut graph: DiGraph<NodeKey, ()> = DiGraph::new();
    let mut index: BTreeMap<NodeKey, NodeIndex> = BTreeMap::new();
    for (key, _) in &request.nodes {
        if matches!(key, NodeKey::Exchange(_)) {
            index.entry(*key).or_insert_with(|| graph.add_node(*key));
        }
    }
    let mut published_to = Vec::new();
    for edge in &request.edges {
        match (index.get(&edge.from), index.get(&edge.to)) {
            (Some(&from), Some(&to)) => {
                graph.add_edge(from, to, ());
            }
            (None, Some(&to)) => published_to.push(to),
            _ => {}
        }
    }
    // A cycle is entered where messages enter it, so that the binding which closes it points back.
    let sources = graph.externals(petgraph::Direction::Incoming);
    let roots = sources.chain(published_to).chain(graph.node_indices());
    let mut search = DfsPostOrder::empty(&graph);
    let mut finished = Vec::with_capacity(graph.node_count());
    for root in roots {
        search.move_to(root);
        while let Some(index) = search.next(&graph) {
            finished.push(index);
        }
    }
    finished.reverse();
    let turn: BTreeMap<NodeIndex, usize> =
        finished.iter().enumerate().map(|(i, &x)| (x, i)).collect();
    let mut ranks: BTreeMap<NodeIndex, usize> = BTreeMap::new();
    for &from in &finished {
        let next = ranks.entry(from).or_default().saturating_add(1);
        for to in graph.neighbors(from) {
            // In this order every edge leads on, but for those that close a cycle.
            if turn.get(&to) > turn.get(&from) {
                let rank = ranks.entry(to).or_default();
                *rank = next.max(*rank);
            }
        }
    }
    index
        .into_iter()
        .map(|(key, index)| (key, ranks.get(&index).copied().unwrap_or_default()))
        .collect()
}
