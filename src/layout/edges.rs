//! The curves of the edges, and the pills of those that do not lead on.

use std::collections::BTreeMap;

use crate::geometry::{Point, Rect};
use crate::topology::{EdgeKey, NodeKey};

use super::curve::Cubic;
use super::labels;
use super::layers::{Chain, Layers};
use super::place::Places;
use super::request::{EdgeRequest, LabelSize, Request};
use super::route::Route;

/// Draws every edge whose two ends are there.
pub(super) fn draw(
    request: &Request,
    layers: &Layers,
    places: &Places,
    nodes: &BTreeMap<NodeKey, Rect>,
    pinned: &BTreeMap<NodeKey, Point>,
) -> BTreeMap<EdgeKey, Route> {
    let mut pen = Pen::new(request, layers, places, nodes);
    let (mut back, mut free) = (Vec::new(), Vec::new());
    let chains: BTreeMap<usize, &Chain> = layers
        .chains
        .iter()
        .map(|chain| (chain.edge, chain))
        .collect();
    let is_pinned = |key| pinned.contains_key(&key);
    for (index, edge) in request.edges.iter().enumerate() {
        let (Some(from), Some(to)) = (nodes.get(&edge.from), nodes.get(&edge.to)) else {
            continue;
        };
        if edge.from == edge.to {
            pen.draw_loop(index, edge, from);
        } else if is_pinned(edge.from) || is_pinned(edge.to) {
            free.push((edge, from, to));
        } else if let Some(chain) = chains.get(&index) {
            pen.draw_on(index, edge, &chain.vertices);
        } else if let (NodeKey::Queue(_), NodeKey::Consumer(_)) = (edge.from, edge.to) {
            pen.draw_on(index, edge, &[]);
        } else if layers.column_of.get(&edge.from) >= layers.column_of.get(&edge.to) {
            back.push((edge, from, to));
        } else {
            free.push((edge, from, to));
        }
    }
    for (turn, (edge, from, to)) in back.into_iter().enumerate() {
        pen.draw_back(turn, edge, from, to);
    }
    let parallels = labels::parallels(request);
    for (edge, from, to) in free {
        let is_parallel = parallels.get(&(edge.from, edge.to)) > Some(&1);
        pen.draw_free(edge, from, to, is_parallel);
    }
    pen.routes
}

/// The height of the lane of an edge without a pill.
const LANE: f32 = 12.0;
/// What an edge without a pill keeps free above and below its lane.
const LANE_MARGIN: f32 = 4.0;
/// How far an edge that leads back reaches out at the sides, and how much farther the next ones.
const BULGE: f32 = 16.0;
const WIDER: f32 = 6.0;
const LANES_BEFORE_REPEAT: usize = 4;
/// How many places a pill without a place of its own tries above and below its edge.
const TRIES: usize = 40;
/// What an edge without a pill takes of the room where its parallels cross it.
const BARE: LabelSize = LabelSize {
    width: 12.0,
    height: 12.0,
};

struct Pen<'a> {
    request: &'a Request,
    layers: &'a Layers,
    places: &'a Places,
    nodes: &'a BTreeMap<NodeKey, Rect>,
    routes: BTreeMap<EdgeKey, Route>,
    /// What a pill must not lie on: nodes with their captions, and pills.
    taken: Vec<Rect>,
}

impl<'a> Pen<'a> {
    fn new(
        request: &'a Request,
        layers: &'a Layers,
        places: &'a Places,
        nodes: &'a BTreeMap<NodeKey, Rect>,
    ) -> Self {
        let taken = nodes
            .iter()
            .filter_map(|(key, shape)| Some(layers.sizes.get(key)?.with_captions(*key, shape)))
            .collect();
        Self {
            request,
            layers,
            places,
            nodes,
            routes: BTreeMap::new(),
            taken,
        }
    }

    fn keep(&mut self, key: EdgeKey, curves: Vec<Cubic>, label: Option<Rect>) {
        self.taken.extend(label);
        self.routes.insert(key, Route::new(curves, label));
    }

    fn column(&self, column: usize) -> (f32, f32) {
        self.places.columns.get(column).copied().unwrap_or_default()
    }

    fn column_of(&self, key: NodeKey) -> usize {
        self.layers.column_of.get(&key).copied().unwrap_or_default()
    }

    /// From column to column: a curve in each gap, straight on across each column passed.
    fn draw_on(&mut self, index: usize, edge: &EdgeRequest, vertices: &[usize]) {
        let (Some(from), Some(to)) = (self.nodes.get(&edge.from), self.nodes.get(&edge.to)) else {
            return;
        };
        let first = self.column_of(edge.from);
        let bends = vertices.get(1..vertices.len().saturating_sub(1));
        let bends = bends.unwrap_or_default().iter();
        let stops = bends
            .map(|&bend| self.places.heights.get(bend).copied().unwrap_or_default())
            .chain(std::iter::once(to.center().y));
        let mut curves = Vec::new();
        let mut label = None;
        let mut at = from.right_center();
        for (column, height) in (first..).zip(stops) {
            let leave = Point::new(self.column(column).1, at.y);
            line_on(&mut curves, at, leave);
            at = Point::new(self.column(column + 1).0, height);
            let curve = Cubic::rightward(leave, at);
            match self.places.pills.get(&index) {
                Some(pill) if column == first => {
                    let middle = leave.lerp(at, 0.5);
                    let center = Point::new(middle.x, pill.height);
                    curves.extend(curve.split_at_middle(center - middle));
                    label = pill.size.map(|size| around_center(center, size));
                }
                _ => curves.push(curve),
            }
        }
        line_on(&mut curves, at, to.left_center());
        self.keep(edge.key, curves, label);
    }

    /// In its lane above the node.
    fn draw_loop(&mut self, index: usize, edge: &EdgeRequest, shape: &Rect) {
        let Some(&way) = self.places.loops.by_edge.get(&index) else {
            return;
        };
        let lane = shape.min.y - way.lift;
        let curves = around(shape.right_center(), shape.left_center(), lane, way.bulge);
        let center = Point::new(shape.center().x, lane);
        let label = way.label.map(|size| around_center(center, size));
        self.keep(edge.key, curves, label);
    }

    /// Back in a lane of its own: between two rows where there is room, else round below everything in between.
    fn draw_back(&mut self, turn: usize, edge: &EdgeRequest, from: &Rect, to: &Rect) {
        let bulge = BULGE + WIDER * (turn % LANES_BEFORE_REPEAT) as f32;
        let left = self.column(self.column_of(edge.to)).0.min(to.min.x);
        let right = self.column(self.column_of(edge.from)).1.max(from.max.x);
        let middle = f32::midpoint(left, right);
        let size = edge.label.unwrap_or_default();
        let half = ((right - left) / 2.0 + bulge).max(size.width / 2.0);
        let height = size.height.max(LANE);
        let margin = if edge.label.is_some() {
            self.request.spacing.label
        } else {
            LANE_MARGIN
        };
        let sides = (middle - half, middle + half);
        let lane = self.lane(sides, height / 2.0 + margin, from, to);
        let (start, end) = (
            Point::new(right, from.center().y),
            Point::new(left, to.center().y),
        );
        let mut curves = Vec::new();
        line_on(&mut curves, from.right_center(), start);
        curves.extend(around(start, end, lane, bulge));
        line_on(&mut curves, end, to.left_center());
        let center = Point::new(middle, lane);
        // The lane is taken in its whole width, also by an edge without a pill.
        self.taken
            .push(Rect::from_center_size(center, right - left, height));
        let label = edge.label.map(|size| around_center(center, size));
        self.keep(edge.key, curves, label);
    }

    /// The height of the free lane by which the way from one node to another is shortest. `sides` is how far it reaches
    /// to the left and right, `room` what it takes above and below.
    fn lane(&self, sides: (f32, f32), room: f32, from: &Rect, to: &Rect) -> f32 {
        let (start, end) = (from.center().y, to.center().y);
        let in_the_way = self.taken.iter();
        let mut rows: Vec<(f32, f32)> = in_the_way
            .filter(|taken| taken.max.x > sides.0 && taken.min.x < sides.1)
            .chain([from, to])
            .map(|taken| (taken.min.y, taken.max.y))
            .collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut floor = f32::MIN;
        let mut lanes = Vec::new();
        for (top, bottom) in rows {
            if floor > f32::MIN && top - floor >= 2.0 * room {
                // What leads down keeps to the upper side and what leads up to the lower, so that they need not cross.
                lanes.push(if end > start {
                    floor + room
                } else {
                    top - room
                });
            }
            floor = floor.max(bottom);
        }
        lanes.push(floor + room);
        let detour = |lane: &f32| (lane - start).abs() + (lane - end).abs();
        let shortest = |a: &f32, b: &f32| detour(a).total_cmp(&detour(b));
        lanes.into_iter().min_by(shortest).unwrap_or_default()
    }

    /// Straight from end to end wherever they are, bent where the pill finds room.
    fn draw_free(&mut self, edge: &EdgeRequest, from: &Rect, to: &Rect, is_parallel: bool) {
        let curve = Cubic::rightward(from.right_center(), to.left_center());
        let middle = curve.at(0.5);
        let Some(size) = edge.label.or(is_parallel.then_some(BARE)) else {
            self.keep(edge.key, vec![curve], None);
            return;
        };
        let step = size.height + self.request.spacing.label;
        let offset = (0..TRIES)
            .map(|i| i.div_ceil(2) as f32 * if i % 2 == 0 { step } else { -step })
            .find(|&offset| {
                let place = around_center(middle + Point::new(0.0, offset), size);
                self.taken.iter().all(|taken| !taken.intersects(&place))
            })
            .unwrap_or_default();
        let offset = Point::new(0.0, offset);
        let place = around_center(middle + offset, size);
        let curves = curve.split_at_middle(offset).to_vec();
        if edge.label.is_none() {
            self.taken.push(place);
        }
        self.keep(edge.key, curves, edge.label.map(|_| place));
    }
}

fn around_center(center: Point, size: LabelSize) -> Rect {
    Rect::from_center_size(center, size.width, size.height)
}

/// Adds a straight piece if there is any way to go.
fn line_on(curves: &mut Vec<Cubic>, from: Point, to: Point) {
    if from.distance(to) > 0.1 {
        curves.push(Cubic::line(from, to));
    }
}

/// Out to the right, to the lane's height, along the lane to the left, and back in from the left.
fn around(start: Point, end: Point, lane: f32, bulge: f32) -> Vec<Cubic> {
    let corners = [
        Point::new(start.x + bulge, start.y),
        Point::new(start.x + bulge, lane),
        Point::new(end.x - bulge, lane),
        Point::new(end.x - bulge, end.y),
    ];
    let mut curves = Vec::with_capacity(2 * corners.len());
    let mut at = start;
    for (i, &corner) in corners.iter().enumerate() {
        // A side between two corners is shared by their turns.
        let (next, share) = corners.get(i + 1).map_or((end, 1.0), |&next| (next, 0.5));
        let radius = at.distance(corner).min(corner.distance(next) * share);
        let radius = radius.min(bulge);
        let begin = corner + (at - corner).normalized() * radius;
        let done = corner + (next - corner).normalized() * radius;
        line_on(&mut curves, at, begin);
        curves.push(Cubic::turn(begin, corner, done));
        at = done;
    }
    line_on(&mut curves, at, end);
    curves
}
