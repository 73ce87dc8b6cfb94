//! From a topology and measured sizes to places and curves, left to right.
//!
//! Columns: publishers, exchanges (a chain of exchange to exchange bindings takes several), queues,
//! consumers. The order within a column has few crossings and, where that leaves a choice, is the
//! order of declaration; what was there before keeps its order when something is added. The steps,
//! each a file: `rank` (which column), `layers` (a long edge gets a bend in each column it passes),
//! `order`, `place` (heights, then columns), `labels` (a pill for every key, in the gap behind its
//! source), `edges` (the curves).
//!
//! The same input gives the same layout, and no input makes it panic.

mod curve;
mod edges;
mod glide;
mod isotonic;
mod labels;
mod layers;
mod loops;
mod order;
mod place;
mod rank;
mod request;
mod route;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::geometry::{Point, Rect};
use crate::topology::{EdgeKey, NodeKey};

pub use curve::Cubic;
pub use request::{EdgeRequest, LabelSize, NodeSize, Request, Spacing};
pub use route::Route;

use layers::{Layers, Occupant};
use place::Places;

/// Where everything is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Each node's shape, without its captions.
    pub nodes: BTreeMap<NodeKey, Rect>,
    /// Each edge's way.
    pub edges: BTreeMap<EdgeKey, Route>,
    /// Around everything, captions and labels included.
    pub bounds: Rect,
    /// The places in each column, counted from the top, as if nothing were pinned.
    order: BTreeMap<Occupant, usize>,
}

/// Lays a request out.
///
/// `pinned` nodes have their shape's centre where it says; all others stand as if nothing were
/// pinned, so that dragging one moves no other. Nodes that are in `previous` keep their order
/// within their column.
///
/// No two nodes that are not pinned overlap, captions included, and no label of an edge between
/// them overlaps one of them or another label. A pinned node stands where the user put it, also
/// on top of another.
#[must_use]
pub fn layout(
    request: &Request,
    pinned: &BTreeMap<NodeKey, Point>,
    previous: Option<&Layout>,
) -> Layout {
    let request = request.tamed();
    let pinned: BTreeMap<NodeKey, Point> = pinned
        .iter()
        .filter(|(_, place)| place.x.is_finite() && place.y.is_finite())
        .map(|(&key, &place)| (key, place))
        .collect();
    let mut layers = Layers::new(&request);
    order::sort(&mut layers, previous.map(|layout| &layout.order));
    let places = Places::new(&request, &layers);
    let mut nodes = places.nodes.clone();
    for (key, shape) in &mut nodes {
        if let Some(&center) = pinned.get(key) {
            *shape = Rect::from_center_size(center, shape.width(), shape.height());
        }
    }
    let edges = edges::draw(&request, &layers, &places, &nodes, &pinned);
    let bounds = bounds(&request, &nodes, &edges);
    Layout {
        nodes,
        edges,
        bounds,
        order: places.order,
    }
}

fn bounds(
    request: &Request,
    nodes: &BTreeMap<NodeKey, Rect>,
    edges: &BTreeMap<EdgeKey, Route>,
) -> Rect {
    let boxes = request
        .nodes
        .iter()
        .filter_map(|(key, size)| Some(size.with_captions(*key, nodes.get(key)?)));
    let routes = edges.values().map(Route::bounds);
    let labels = edges.values().filter_map(|route| route.label);
    boxes
        .chain(routes)
        .chain(labels)
        .reduce(|all, one| all.union(&one))
        .unwrap_or_default()
}
