//! How much of a graph is drawn.

use std::sync::Arc;

use crate::topology::{EdgeKey, NodeKey, Part, Topology};

/// More nodes than this cannot be looked at together.
const MOST_NODES: usize = 1_000;
/// Nor can more edges.
const MOST_EDGES: usize = 3_000;

/// So many neighbours of a node can still be read.
pub const PART: usize = 10;
/// More of them cannot be looked at together.
pub const PART_MOST: usize = 160;

/// The graph that is drawn and, if that is a part, the whole.
pub(super) type Drawn = (Topology, Option<(Arc<Topology>, Part)>);

/// All of a graph or, of one that is too large, what is around a node: the one that was seen before or, if it is not
/// there, the one where it begins.
pub(super) fn drawn(topology: Topology, before: Option<Part>) -> Drawn {
    let is_small = topology.nodes().count() <= MOST_NODES && topology.edges().count() <= MOST_EDGES;
    if is_small && before.is_none() {
        return (topology, None);
    }
    let most = before.map_or(PART, |part| part.most);
    let before = before.map(|part| part.center);
    let before = before.filter(|&key| topology.node(key).is_some());
    let Some(center) = before.or_else(|| beginning(&topology)) else {
        return (topology, None);
    };
    let whole = Arc::new(topology);
    let (topology, part) = whole.around(center, most);
    (topology, Some((whole, part)))
}

/// Where one who looks at a graph begins: the exchange that is published to, else any exchange, else anything.
fn beginning(topology: &Topology) -> Option<NodeKey> {
    let is_publish = |key| matches!(key, EdgeKey::Publish { .. } | EdgeKey::Onward { .. });
    let mut edges = topology.edges();
    let published = edges.find(|edge| is_publish(edge.key)).map(|edge| edge.to);
    let keys = || topology.nodes().map(|node| node.key);
    let is_exchange = |key: &NodeKey| matches!(key, NodeKey::Exchange(_));
    let exchange = || keys().find(is_exchange);
    published.or_else(exchange).or_else(|| keys().next())
}
