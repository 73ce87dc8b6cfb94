//! A short way to write requests down, and to look at what became of them.

use crate::broker::{BindingId, ExchangeId, QueueId};
use crate::layout::{EdgeRequest, LabelSize, NodeSize, Request};
use crate::topology::{EdgeKey, NodeKey};
use crate::world::WorkerId;

pub(super) const fn p(index: u32) -> NodeKey {
    NodeKey::Publisher(index)
}

pub(super) const fn x(index: u32) -> NodeKey {
    NodeKey::Exchange(ExchangeId(index))
}

pub(super) const fn q(index: u32) -> NodeKey {
    NodeKey::Queue(QueueId(index))
}

pub(super) const fn c(index: u32) -> NodeKey {
    NodeKey::Consumer(WorkerId(index))
}

/// The usual size of such a node.
pub(super) fn size(key: NodeKey) -> NodeSize {
    let (width, height, above, below, caption) = match key {
        NodeKey::Publisher(_) => (128.0, 54.0, 0.0, 0.0, 0.0),
        NodeKey::Exchange(_) => (92.0, 92.0, 0.0, 44.0, 60.0),
        NodeKey::Queue(_) => (200.0, 60.0, 26.0, 0.0, 180.0),
        NodeKey::Consumer(_) => (112.0, 60.0, 26.0, 0.0, 70.0),
        NodeKey::Users => (96.0, 64.0, 0.0, 50.0, 140.0),
        NodeKey::Service(_) => (130.0, 64.0, 20.0, 40.0, 0.0),
    };
    NodeSize {
        width,
        height,
        above,
        below,
        caption,
    }
}

/// A pill around so many letters.
pub(super) fn label(letters: usize) -> LabelSize {
    LabelSize {
        width: 20.0 + 8.0 * letters as f32,
        height: 24.0,
    }
}

/// So many publishers, exchanges, queues and consumers, and edges by their ends; an edge between
/// exchanges or to a queue carries the key.
pub(super) fn request(counts: [u32; 4], edges: &[(NodeKey, NodeKey, &str)]) -> Request {
    let [publishers, exchanges, queues, consumers] = counts;
    let mut request = Request::default();
    let keys = (0..publishers)
        .map(p)
        .chain((0..exchanges).map(x))
        .chain((0..queues).map(q))
        .chain((0..consumers).map(c));
    request.nodes = keys.map(|key| (key, size(key))).collect();
    for (from, to, key) in edges {
        add(&mut request, *from, *to, key);
    }
    request
}

pub(super) fn add(request: &mut Request, from: NodeKey, to: NodeKey, key: &str) {
    let next = u32::try_from(request.edges.len()).unwrap_or(u32::MAX);
    let (edge, label) = match (from, to) {
        (NodeKey::Publisher(publisher), NodeKey::Exchange(exchange)) => {
            let edge = EdgeKey::Publish {
                publisher,
                exchange,
            };
            (edge, None)
        }
        (_, NodeKey::Consumer(consumer)) => (EdgeKey::Consume(consumer), None),
        _ => {
            let label = (!key.is_empty()).then(|| label(key.chars().count()));
            (EdgeKey::Binding(BindingId(next)), label)
        }
    };
    request.edges.push(EdgeRequest {
        key: edge,
        from,
        to,
        label,
    });
}
