//! How each thing is drawn.

mod broker;
mod consumer;
mod edge;
mod exchange;
mod flight;
mod flow;
mod frame;
mod outcome;
mod presence;
mod publisher;
mod queue;
pub(super) mod service;
pub(super) mod workers;

use crate::geometry::Rect;
use crate::topology::NodeKey;

use super::build::{Canvas, Hit, Target};
use super::plan::NodePlan;
use super::{Ink, Stroke};

pub(super) use broker::broker;
pub(super) use edge::edges;
pub(super) use flight::{flights, moving};
pub(super) use flow::flows;
pub(super) use frame::frames;
pub(super) use outcome::outcomes;
pub(super) use service::fading;

/// Draws every node in its place.
pub(super) fn nodes(canvas: &mut Canvas) {
    let plan = canvas.plan;
    for (&key, &rect) in &plan.layout.nodes {
        let Some(node) = plan.nodes.get(&key) else {
            continue;
        };
        canvas.hits.push(Hit {
            target: Target::Node(key),
            rect,
        });
        match key {
            NodeKey::Publisher(_) => publisher::draw(canvas, key, rect, node),
            NodeKey::Exchange(id) => exchange::draw(canvas, id, rect, node),
            NodeKey::Queue(id) => queue::draw(canvas, id, rect, node),
            NodeKey::Consumer(id) => consumer::draw(canvas, id, rect, node),
            NodeKey::Users => service::users(canvas, rect, node),
            NodeKey::Service(id) => service::draw(canvas, id, rect, node),
        }
    }
}

/// The outline of a node: heavier and in the accent while it is selected.
fn outline(canvas: &Canvas, key: NodeKey) -> Stroke {
    if canvas.is_selected(Target::Node(key)) {
        Stroke::new(Ink::Accent, 3.0)
    } else {
        Stroke::new(Ink::Text, 1.6)
    }
}

/// A node's name above its left corner.
fn name_above(canvas: &mut Canvas, rect: Rect, node: &NodePlan) {
    use super::plan::NAME;
    use super::{Font, Text};
    let at = crate::geometry::Point::new(rect.min.x, rect.min.y - 15.0);
    canvas.push(Text::new(
        at,
        node.title.clone(),
        Font::WordsStrong,
        NAME,
        Ink::Text,
    ));
}
