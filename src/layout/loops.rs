//! Edges that return to the node they leave, each in its own lane above the node.

use std::collections::BTreeMap;

use crate::topology::NodeKey;

use super::request::{LabelSize, Request};

/// An edge from a node to itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loop {
    /// How far above the shape's top it runs.
    pub lift: f32,
    /// How far it reaches out at the sides.
    pub bulge: f32,
    /// The pill in its lane.
    pub label: Option<LabelSize>,
}

/// All loops, and the room they take.
#[derive(Clone, Debug, Default)]
pub(super) struct Loops {
    /// By the edge's place in the request.
    pub by_edge: BTreeMap<usize, Loop>,
    room: BTreeMap<NodeKey, f32>,
    width: BTreeMap<NodeKey, f32>,
}

/// The height of a lane without a pill.
const LANE: f32 = 14.0;
const BULGE: f32 = 18.0;
const WIDER: f32 = 5.0;
const WIDEST: f32 = 38.0;

impl Loops {
    /// The loops of a request, the first nearest to its node.
    pub fn new(request: &Request) -> Self {
        let captions: BTreeMap<NodeKey, f32> = request
            .nodes
            .iter()
            .map(|(key, size)| (*key, size.above))
            .collect();
        let mut loops = Self::default();
        for (edge, asked) in request.edges.iter().enumerate() {
            let (true, Some(caption)) = (asked.from == asked.to, captions.get(&asked.from)) else {
                continue;
            };
            let label = asked.label.unwrap_or_default();
            let lane = label.height.max(LANE) + request.spacing.label;
            let room = loops.room.entry(asked.from).or_default();
            let bulge = (BULGE + *room / lane * WIDER).min(WIDEST);
            let lift = caption + *room + lane / 2.0;
            *room += lane;
            let width = loops.width.entry(asked.from).or_default();
            *width = width.max(label.width);
            loops.by_edge.insert(
                edge,
                Loop {
                    lift,
                    bulge,
                    label: asked.label,
                },
            );
        }
        loops
    }

    /// The height of a node's lanes together.
    pub fn room(&self, key: NodeKey) -> f32 {
        self.room.get(&key).copied().unwrap_or_default()
    }

    /// The widest pill of a node's loops.
    pub fn width(&self, key: NodeKey) -> f32 {
        self.width.get(&key).copied().unwrap_or_default()
    }
}
