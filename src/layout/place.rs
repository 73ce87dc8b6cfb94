//! Heights within the columns, then the columns from left to right.

use std::collections::BTreeMap;

use crate::geometry::{Point, Rect};
use crate::topology::NodeKey;

use super::isotonic::{Slot, Wish, spread};
use super::labels::{self, Passage, Pill};
use super::layers::{Layers, Occupant};
use super::loops::Loops;
use super::request::{Request, Spacing, is_centred};

/// How often the columns are fitted to their neighbours; they hardly move after a few times.
const SWEEPS: usize = 8;
/// The room around an edge that passes a column.
const BEND_ROOM: f32 = 9.0;
/// The part of its height that a steep curve wants as width.
const STEEPNESS: f32 = 0.8;
/// What the wish of a node without neighbours counts against one with.
const INDIFFERENT: f32 = 0.01;

/// Where nodes, columns and pills are, all as if nothing were pinned.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// Each node's shape.
    pub nodes: BTreeMap<NodeKey, Rect>,
    /// The places in each column, counted from the top; consumers count with the queues.
    pub order: BTreeMap<Occupant, usize>,
    /// Each vertex's height.
    pub heights: Vec<f32>,
    /// Each column's left and right side; the consumers' is the last.
    pub columns: Vec<(f32, f32)>,
    /// The pills of edges that lead on.
    pub pills: BTreeMap<usize, Pill>,
    /// The edges that return to where they began.
    pub loops: Loops,
}

impl Places {
    /// Places for columns whose order is settled.
    pub fn new(request: &Request, layers: &Layers) -> Self {
        let loops = Loops::new(request);
        let blocks: Vec<Block> = layers
            .occupants
            .iter()
            .map(|occupant| Block::new(*occupant, layers, &loops, &request.spacing))
            .collect();
        let heights = heights(layers, &blocks);
        let mut places = Self {
            heights,
            loops,
            ..Self::default()
        };
        let centers = places.centers(layers, &blocks);
        let passages = passages(request, layers, &places.heights, &centers);
        places.pills = labels::pills(request, &passages);
        places.columns = columns(request, layers, &places, &passages);
        for (key, height) in centers {
            let (Some(size), Some(&column)) = (layers.sizes.get(&key), layers.column_of.get(&key))
            else {
                continue;
            };
            let (left, right) = places.columns.get(column).copied().unwrap_or_default();
            let x = if is_centred(key) {
                f32::midpoint(left, right)
            } else {
                left + size.width / 2.0
            };
            let shape = Rect::from_center_size(Point::new(x, height), size.width, size.height);
            places.nodes.insert(key, shape);
        }
        places
    }

    /// The height of every node's centre; notes the order of the columns by the way.
    fn centers(&mut self, layers: &Layers, blocks: &[Block]) -> Vec<(NodeKey, f32)> {
        let mut centers = Vec::new();
        for column in &layers.columns {
            let mut place = 0;
            let mut note = |occupant| {
                self.order.insert(occupant, place);
                place += 1;
            };
            for &vertex in column {
                let height = self.heights[vertex];
                let occupant = layers.occupants[vertex];
                note(occupant);
                match occupant {
                    Occupant::Node(NodeKey::Consumer(_)) | Occupant::Bend(..) => {}
                    Occupant::Node(key) => centers.push((key, height)),
                }
                for &(consumer, offset) in &blocks[vertex].seats {
                    note(Occupant::Node(consumer));
                    centers.push((consumer, height + offset));
                }
            }
        }
        centers
    }
}

/// The room a vertex takes above and below its height.
struct Block {
    above: f32,
    below: f32,
    /// A queue's consumers and their heights seen from the queue's.
    seats: Vec<(NodeKey, f32)>,
}

impl Block {
    fn new(occupant: Occupant, layers: &Layers, loops: &Loops, spacing: &Spacing) -> Self {
        let Occupant::Node(key) = occupant else {
            return Self {
                above: BEND_ROOM,
                below: BEND_ROOM,
                seats: Vec::new(),
            };
        };
        let room = |key: NodeKey| {
            let size = layers.sizes.get(&key).copied().unwrap_or_default();
            (
                size.height / 2.0 + size.above + loops.room(key),
                size.height / 2.0 + size.below,
            )
        };
        let consumers = layers.consumers.get(&key).map_or(&[][..], Vec::as_slice);
        let mut seats: Vec<(NodeKey, f32)> = Vec::with_capacity(consumers.len());
        for &consumer in consumers {
            let offset = seats.last().map_or(0.0, |&(last, offset)| {
                offset + room(last).1 + spacing.stack + room(consumer).0
            });
            seats.push((consumer, offset));
        }
        let middle = seats.last().map_or(0.0, |(_, offset)| offset / 2.0);
        let (mut above, mut below) = room(key);
        for (consumer, offset) in &mut seats {
            *offset -= middle;
            let (up, down) = room(*consumer);
            above = above.max(up - *offset);
            below = below.max(down + *offset);
        }
        Self {
            above: above + spacing.row / 2.0,
            below: below + spacing.row / 2.0,
            seats,
        }
    }
}

/// The height of every vertex: near to its neighbours on both sides, those after it most.
fn heights(layers: &Layers, blocks: &[Block]) -> Vec<f32> {
    let mut heights = vec![0.0; blocks.len()];
    let fit = |column: &[usize], neighbours: &[Vec<usize>], heights: &mut Vec<f32>| {
        let slots: Vec<Slot> = column
            .iter()
            .map(|&vertex| {
                let near = &neighbours[vertex];
                let wish = if near.is_empty() {
                    Wish {
                        value: heights[vertex],
                        weight: INDIFFERENT,
                    }
                } else {
                    let sum: f32 = near.iter().map(|&other| heights[other]).sum();
                    Wish {
                        value: sum / near.len() as f32,
                        weight: 1.0,
                    }
                };
                Slot {
                    wish,
                    above: blocks[vertex].above,
                    below: blocks[vertex].below,
                }
            })
            .collect();
        for (&vertex, place) in column.iter().zip(spread(&slots)) {
            heights[vertex] = place;
        }
    };
    let alone = vec![Vec::new(); blocks.len()];
    for column in &layers.columns {
        fit(column, &alone, &mut heights);
    }
    for _ in 0..SWEEPS {
        for column in layers.columns.iter().skip(1) {
            fit(column, &layers.before, &mut heights);
        }
        for column in layers.columns.iter().rev().skip(1) {
            fit(column, &layers.after, &mut heights);
        }
    }
    let top = heights
        .iter()
        .zip(blocks)
        .map(|(height, block)| height - block.above)
        .reduce(f32::min)
        .unwrap_or_default();
    for height in &mut heights {
        *height -= top;
    }
    heights
}

/// Every edge's way through every gap it passes.
fn passages(
    request: &Request,
    layers: &Layers,
    heights: &[f32],
    centers: &[(NodeKey, f32)],
) -> Vec<Passage> {
    let centers: BTreeMap<NodeKey, f32> = centers.iter().copied().collect();
    let mut passages = Vec::new();
    for chain in &layers.chains {
        let from = request.edges.get(chain.edge).map(|edge| edge.from);
        let first = from
            .and_then(|from| layers.column_of.get(&from))
            .copied()
            .unwrap_or_default();
        for (gap, pair) in (first..).zip(chain.vertices.windows(2)) {
            if let [left, right] = *pair {
                passages.push(Passage {
                    edge: chain.edge,
                    gap,
                    is_first: gap == first,
                    enters: heights[left],
                    leaves: heights[right],
                });
            }
        }
    }
    for (edge, asked) in request.edges.iter().enumerate() {
        if let (NodeKey::Queue(_), NodeKey::Consumer(_)) = (asked.from, asked.to)
            && let (Some(&enters), Some(&leaves), Some(&gap)) = (
                centers.get(&asked.from),
                centers.get(&asked.to),
                layers.column_of.get(&asked.from),
            )
        {
            passages.push(Passage {
                edge,
                gap,
                is_first: true,
                enters,
                leaves,
            });
        }
    }
    passages
}

/// The columns' sides. One in which nothing stands takes no room.
fn columns(
    request: &Request,
    layers: &Layers,
    places: &Places,
    passages: &[Passage],
) -> Vec<(f32, f32)> {
    let count = layers.columns.len() + 1;
    let mut widths: Vec<Option<f32>> = layers
        .columns
        .iter()
        .map(|column| (!column.is_empty()).then_some(0.0))
        .collect();
    widths.push(None);
    for (&key, &column) in &layers.column_of {
        let size = layers.sizes.get(&key).copied().unwrap_or_default();
        let width = size.full_width().max(places.loops.width(key));
        if let Some(widest) = widths.get_mut(column) {
            *widest = Some(widest.unwrap_or_default().max(width));
        }
    }
    let spacing = &request.spacing;
    let mut gaps = vec![spacing.column; count];
    for passage in passages {
        let steep = (passage.reach() * STEEPNESS).min(spacing.steep_column);
        let label = request
            .edges
            .get(passage.edge)
            .filter(|_| passage.is_first)
            .and_then(|edge| edge.label)
            .map_or(0.0, |label| label.width + 2.0 * spacing.bend);
        if let Some(gap) = gaps.get_mut(passage.gap) {
            *gap = gap.max(steep).max(label);
        }
    }
    let mut columns = Vec::with_capacity(count);
    let mut x = 0.0;
    for (width, gap) in widths.into_iter().zip(gaps) {
        columns.push((x, x + width.unwrap_or_default()));
        x += width.map_or(0.0, |width| width + gap);
    }
    columns
}
