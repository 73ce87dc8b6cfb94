//! What is to be laid out.

use std::collections::BTreeSet;

use crate::geometry::{Point, Rect};
use crate::topology::{EdgeKey, NodeKey};

/// All that decides a layout but for pins and the layout before; equal requests give equal layouts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The nodes, in the order of declaration.
    pub nodes: Vec<(NodeKey, NodeSize)>,
    /// The edges, in the order of declaration. One with an unknown end is left out, and so is a node
    /// or an edge whose key was there before.
    pub edges: Vec<EdgeRequest>,
    /// How far things stand apart.
    pub spacing: Spacing,
}

/// How much room a node takes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NodeSize {
    /// The shape's width.
    pub width: f32,
    /// The shape's height.
    pub height: f32,
    /// Room for captions above the shape.
    pub above: f32,
    /// Room for captions below the shape.
    pub below: f32,
    /// How wide the widest caption is. An exchange's and a service's is centred, all others begin
    /// where the shape begins.
    pub caption: f32,
}

/// An edge to draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EdgeRequest {
    /// What it is.
    pub key: EdgeKey,
    /// Where it leaves.
    pub from: NodeKey,
    /// Where it arrives.
    pub to: NodeKey,
    /// The size of the pill it carries, if it carries one.
    pub label: Option<LabelSize>,
}

/// The size of a pill on an edge.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LabelSize {
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
}

/// How far things stand apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spacing {
    /// Between two nodes of a column, from caption to caption.
    pub row: f32,
    /// Between two consumers of one queue.
    pub stack: f32,
    /// The least between two columns.
    pub column: f32,
    /// The most by which steep curves may push two columns apart; a long label may push farther.
    pub steep_column: f32,
    /// Between two pills.
    pub label: f32,
    /// Between a pill and the columns at its sides, where its edge bends.
    pub bend: f32,
}

impl Default for Spacing {
    fn default() -> Self {
        Self {
            row: 36.0,
            stack: 18.0,
            column: 130.0,
            steep_column: 190.0,
            label: 8.0,
            bend: 48.0,
        }
    }
}

impl NodeSize {
    /// The shape and its captions.
    #[must_use]
    pub fn with_captions(&self, key: NodeKey, shape: &Rect) -> Rect {
        let wider = (self.caption - self.width).max(0.0);
        let left = if is_centred(key) { wider / 2.0 } else { 0.0 };
        Rect::from_min_max(
            shape.min - Point::new(left, self.above),
            shape.max + Point::new(wider - left, self.below),
        )
    }

    /// The width of shape and captions together.
    pub(super) fn full_width(&self) -> f32 {
        self.width.max(self.caption)
    }
}

/// Whether a node stands in the middle of its column; all others stand at its left.
pub(super) fn is_centred(key: NodeKey) -> bool {
    matches!(key, NodeKey::Exchange(_) | NodeKey::Service(_))
}

impl Request {
    /// The same without sizes that are no sizes and without what is there already.
    pub(super) fn tamed(&self) -> Self {
        let spacing = &self.spacing;
        let (mut nodes, mut edges) = (BTreeSet::new(), BTreeSet::new());
        Self {
            nodes: self
                .nodes
                .iter()
                .filter(|(key, _)| nodes.insert(*key))
                .map(|(key, size)| {
                    let size = NodeSize {
                        width: tame(size.width),
                        height: tame(size.height),
                        above: tame(size.above),
                        below: tame(size.below),
                        caption: tame(size.caption),
                    };
                    (*key, size)
                })
                .collect(),
            edges: self
                .edges
                .iter()
                .filter(|edge| edges.insert(edge.key))
                .map(|edge| EdgeRequest {
                    label: edge.label.map(|label| LabelSize {
                        width: tame(label.width),
                        height: tame(label.height),
                    }),
                    ..*edge
                })
                .collect(),
            spacing: Spacing {
                row: tame(spacing.row),
                stack: tame(spacing.stack),
                column: tame(spacing.column),
                steep_column: tame(spacing.steep_column),
                label: tame(spacing.label),
                bend: tame(spacing.bend),
            },
        }
    }
}

/// Nothing on a canvas is larger than this.
const LARGEST: f32 = 10_000.0;

fn tame(size: f32) -> f32 {
    if size.is_finite() {
        size.clamp(0.0, LARGEST)
    } else {
        0.0
    }
}
