//! Between two layouts: what was there before slides to where it is to be, and its edges go with it.

use crate::geometry::{Point, Rect};
use crate::topology::{EdgeKey, NodeKey};

use super::{Cubic, Layout, Route};

impl Layout {
    /// This layout on the way to it from another, of which a fraction from 0 to 1 is done. What was not there before stands
    /// where it is to be. `ends` says what an edge joins.
    #[must_use]
    pub fn from_before(
        &self,
        before: &Self,
        done: f32,
        ends: impl Fn(EdgeKey) -> Option<(NodeKey, NodeKey)>,
    ) -> Self {
        let left = 1.0 - done.clamp(0.0, 1.0);
        let offset = |key: NodeKey| {
            let (before, after) = (before.nodes.get(&key), self.nodes.get(&key));
            let ends = before.zip(after);
            let way = ends.map(|(before, after)| before.center() - after.center());
            way.unwrap_or(Point::ZERO) * left
        };
        let nodes = self.nodes.iter();
        let nodes = nodes.map(|(&key, &shape)| (key, moved(shape, offset(key))));
        let edges = self.edges.iter().map(|(&key, route)| {
            let ends = ends(key);
            let ends = ends.map(|(from, to)| (offset(from), offset(to)));
            (key, route.pulled(ends.unwrap_or_default()))
        });
        let corner = |before: Point, after: Point| after + (before - after) * left;
        let bounds = match before.nodes.is_empty() {
            true => self.bounds,
            false => Rect::from_min_max(
                corner(before.bounds.min, self.bounds.min),
                corner(before.bounds.max, self.bounds.max),
            ),
        };
        Self {
            nodes: nodes.collect(),
            edges: edges.collect(),
            bounds,
            order: self.order.clone(),
        }
    }
}

impl Route {
    /// The same way with its ends pulled elsewhere, and what is between them in proportion.
    fn pulled(&self, (start, end): (Point, Point)) -> Self {
        if (start, end) == (Point::ZERO, Point::ZERO) {
            return self.clone();
        }
        let count = self.curves().len().max(1) as f32;
        let curves = self.curves().iter().zip(0_u16..);
        let curves = curves.map(|(curve, index)| {
            let at = |within: f32| start.lerp(end, (f32::from(index) + within) / count);
            Cubic {
                start: curve.start + at(0.0),
                leave: curve.leave + at(1.0 / 3.0),
                arrive: curve.arrive + at(2.0 / 3.0),
                end: curve.end + at(1.0),
            }
        });
        let middle = start.lerp(end, 0.5);
        let label = self.label.map(|label| moved(label, middle));
        Self::new(curves.collect(), label)
    }
}

fn moved(rect: Rect, by: Point) -> Rect {
    Rect::from_min_max(rect.min + by, rect.max + by)
}
