//! Where the pills of edges that lead on stand: in the middle of the gap behind their source, one
//! below the other, each as near to its edge's straight course as the others allow.

use std::collections::BTreeMap;

use crate::topology::NodeKey;

use super::isotonic::{Slot, Wish, spread};
use super::request::{LabelSize, Request};

/// An edge's way through one gap between two columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passage {
    /// The edge's place in the request.
    pub edge: usize,
    /// The column the gap follows.
    pub gap: usize,
    /// Whether the gap is the one behind its source.
    pub is_first: bool,
    /// The height at which it enters the gap.
    pub enters: f32,
    /// The height at which it leaves the gap.
    pub leaves: f32,
}

/// A place in the middle of a gap which an edge is led through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pill {
    /// The height of its centre.
    pub height: f32,
    /// Its size; without one the edge only keeps apart from those parallel to it.
    pub size: Option<LabelSize>,
}

/// How far parallel edges without pills stand apart.
const PARALLEL: f32 = 18.0;

/// The pills by their edges' places in the request.
pub(super) fn pills(request: &Request, passages: &[Passage]) -> BTreeMap<usize, Pill> {
    let parallels = parallels(request);
    let mut gaps: BTreeMap<usize, Vec<(Passage, Option<LabelSize>)>> = BTreeMap::new();
    for passage in passages.iter().filter(|passage| passage.is_first) {
        let Some(edge) = request.edges.get(passage.edge) else {
            continue;
        };
        let is_parallel = parallels.get(&(edge.from, edge.to)) > Some(&1);
        if edge.label.is_some() || is_parallel {
            let gap = gaps.entry(passage.gap).or_default();
            gap.push((*passage, edge.label));
        }
    }
    let mut pills = BTreeMap::new();
    for mut gap in gaps.into_values() {
        gap.sort_by(|(a, _), (b, _)| a.middle().total_cmp(&b.middle()));
        let slots: Vec<Slot> = gap
            .iter()
            .map(|(passage, size)| {
                let height = size.map_or(PARALLEL, |size| size.height + request.spacing.label);
                Slot {
                    wish: Wish {
                        value: passage.middle(),
                        weight: 1.0,
                    },
                    above: height / 2.0,
                    below: height / 2.0,
                }
            })
            .collect();
        for ((passage, size), height) in gap.into_iter().zip(spread(&slots)) {
            pills.insert(passage.edge, Pill { height, size });
        }
    }
    pills
}

/// How many edges lead from one node to another.
pub(super) fn parallels(request: &Request) -> BTreeMap<(NodeKey, NodeKey), usize> {
    let mut parallels = BTreeMap::new();
    for edge in &request.edges {
        *parallels.entry((edge.from, edge.to)).or_default() += 1;
    }
    parallels
}

impl Passage {
    /// Where the edge would be in the middle of the gap.
    pub fn middle(&self) -> f32 {
        f32::midpoint(self.enters, self.leaves)
    }

    /// How far it climbs or falls.
    pub fn reach(&self) -> f32 {
        (self.enters - self.leaves).abs()
    }
}
