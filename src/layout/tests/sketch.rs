//! A short way to write requests down, and to look at what became of them.

use std::fmt::Write as _;

use crate::broker::{BindingId, ConsumerId, ExchangeId, QueueId};
use crate::layout::{EdgeRequest, LabelSize, Layout, NodeSize, Request};
use crate::topology::{EdgeKey, NodeKey};

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
    NodeKey::Consumer(ConsumerId(index))
}

/// The usual size of such a node.
pub(super) fn size(key: NodeKey) -> NodeSize {
    let (width, height, above, below, caption) = match key {
        NodeKey::Publisher(_) => (128.0, 54.0, 0.0, 0.0, 0.0),
        NodeKey::Exchange(_) => (92.0, 92.0, 0.0, 44.0, 60.0),
        NodeKey::Queue(_) => (200.0, 60.0, 26.0, 0.0, 180.0),
        NodeKey::Consumer(_) => (112.0, 60.0, 26.0, 0.0, 70.0),
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

/// The layout as a picture.
pub(super) fn svg(request: &Request, layout: &Layout) -> String {
    let view = layout.bounds.expand(20.0);
    let mut out = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{}' height='{}' viewBox='{} {} {} {}'>\n\
         <rect x='{}' y='{}' width='100%' height='100%' fill='#FAF9F6'/>\n",
        view.width(),
        view.height(),
        view.min.x,
        view.min.y,
        view.width(),
        view.height(),
        view.min.x,
        view.min.y,
    );
    let rect = |out: &mut String, rect: &crate::geometry::Rect, radius: f32, style: &str| {
        let _ = writeln!(
            out,
            "<rect x='{}' y='{}' width='{}' height='{}' rx='{radius}' {style}/>",
            rect.min.x,
            rect.min.y,
            rect.width(),
            rect.height()
        );
    };
    for (key, size) in &request.nodes {
        if let Some(shape) = layout.nodes.get(key) {
            let full = size.with_captions(*key, shape);
            rect(&mut out, &full, 0.0, "fill='#eee'");
        }
    }
    for route in layout.edges.values() {
        let points: Vec<String> = route
            .points()
            .iter()
            .map(|point| format!("{},{}", point.x, point.y))
            .collect();
        let _ = writeln!(
            out,
            "<polyline points='{}' fill='none' stroke='#9AA3B0' stroke-width='1.6'/>",
            points.join(" ")
        );
    }
    for (key, shape) in &layout.nodes {
        let radius = match key {
            NodeKey::Exchange(_) => 46.0,
            NodeKey::Consumer(_) => 30.0,
            _ => 8.0,
        };
        rect(&mut out, shape, radius, "fill='white' stroke='#1E2430'");
        let _ = writeln!(
            out,
            "<text x='{}' y='{}' font-size='11' text-anchor='middle'>{key:?}</text>",
            shape.center().x,
            shape.center().y
        );
    }
    for (key, route) in &layout.edges {
        if let Some(label) = route.label {
            rect(&mut out, &label, 12.0, "fill='white' stroke='#0072B2'");
            if let EdgeKey::Binding(id) = key {
                let _ = writeln!(
                    out,
                    "<text x='{}' y='{}' font-size='11' text-anchor='middle'>{id}</text>",
                    label.center().x,
                    label.center().y + 4.0
                );
            }
        }
    }
    out.push_str("</svg>\n");
    out
}
