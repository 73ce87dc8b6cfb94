//! An edge's way over the canvas, and where on it something is.

use crate::geometry::{Point, Rect};

use super::curve::Cubic;

/// The way of an edge from its source to its destination.
///
/// The curve is kept as a polyline with the length up to each corner too, so that a place on it is
/// found by a binary search.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Where the edge's pill is, if it carries one.
    pub label: Option<Rect>,
    curves: Vec<Cubic>,
    points: Vec<Point>,
    lengths: Vec<f32>,
}

impl Route {
    pub(super) fn new(curves: Vec<Cubic>, label: Option<Rect>) -> Self {
        let mut points: Vec<Point> = curves
            .first()
            .map(|curve| curve.start)
            .into_iter()
            .collect();
        for curve in &curves {
            curve.flatten_into(&mut points);
        }
        let mut length = 0.0;
        let mut last = points.first().copied().unwrap_or_default();
        let lengths = points
            .iter()
            .map(|&point| {
                length += last.distance(point);
                last = point;
                length
            })
            .collect();
        Self {
            label,
            curves,
            points,
            lengths,
        }
    }

    /// The curve, piece after piece.
    #[must_use]
    pub fn curves(&self) -> &[Cubic] {
        &self.curves
    }

    /// The curve as a polyline fine enough to be drawn.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// How long it is.
    #[must_use]
    pub fn length(&self) -> f32 {
        self.lengths.last().copied().unwrap_or_default()
    }

    /// The place after this fraction of the way, measured along the curve. Before 0 and after 1
    /// are the ends.
    #[must_use]
    pub fn point_at(&self, fraction: f32) -> Point {
        let (from, to, within) = self.piece_at(fraction);
        from.lerp(to, within)
    }

    /// The direction after this fraction of the way, of length one.
    #[must_use]
    pub fn tangent(&self, fraction: f32) -> Point {
        let (from, to, _) = self.piece_at(fraction);
        let direction = (to - from).normalized();
        if direction == Point::ZERO {
            Point::new(1.0, 0.0)
        } else {
            direction
        }
    }

    /// The part between two fractions of the way, as a polyline.
    #[must_use]
    pub fn between(&self, from: f32, to: f32) -> Vec<Point> {
        let (start, end) = (self.length() * from, self.length() * to);
        let inner = self
            .points
            .iter()
            .zip(&self.lengths)
            .filter(|(_, length)| start < **length && **length < end)
            .map(|(point, _)| *point);
        std::iter::once(self.point_at(from))
            .chain(inner)
            .chain(std::iter::once(self.point_at(to)))
            .collect()
    }

    /// Around the curve, without the pill.
    #[must_use]
    pub fn bounds(&self) -> Rect {
        let first = self.points.first().copied().unwrap_or_default();
        let start = Rect::from_min_max(first, first);
        self.points.iter().fold(start, |bounds, &point| {
            bounds.union(&Rect::from_min_max(point, point))
        })
    }

    /// The piece of the polyline at a fraction of the way, and the fraction within it.
    fn piece_at(&self, fraction: f32) -> (Point, Point, f32) {
        // What is no number counts as the beginning.
        let fraction = if fraction.is_nan() { 0.0 } else { fraction };
        let wanted = self.length() * fraction.clamp(0.0, 1.0);
        let next = self
            .lengths
            .partition_point(|&length| length <= wanted)
            .clamp(1, self.points.len().saturating_sub(1).max(1));
        let corner = |at: usize| {
            let last = self.points.last().copied().unwrap_or_default();
            self.points.get(at).copied().unwrap_or(last)
        };
        let length = |at: usize| self.lengths.get(at).copied().unwrap_or(self.length());
        let (before, after) = (length(next - 1), length(next));
        let within = if after > before {
            (wanted - before) / (after - before)
        } else {
            0.0
        };
        (corner(next - 1), corner(next), within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::point;

    fn bent() -> Route {
        Route::new(
            vec![
                Cubic::line(point(0.0, 0.0), point(30.0, 0.0)),
                Cubic::line(point(30.0, 0.0), point(30.0, 10.0)),
            ],
            None,
        )
    }

    #[test]
    fn places_are_measured_along_the_way() {
        let route = bent();
        assert_eq!(route.length(), 40.0);
        assert_eq!(route.point_at(0.0), point(0.0, 0.0));
        assert_eq!(route.point_at(0.5), point(20.0, 0.0));
        assert_eq!(route.point_at(0.875), point(30.0, 5.0));
        assert_eq!(route.point_at(1.0), point(30.0, 10.0));
        assert_eq!(route.tangent(0.1), point(1.0, 0.0));
        assert_eq!(route.tangent(1.0), point(0.0, 1.0));
    }

    #[test]
    fn beyond_the_ends_are_the_ends() {
        let route = bent();
        assert_eq!(route.point_at(-3.0), route.point_at(0.0));
        assert_eq!(route.point_at(3.0), route.point_at(1.0));
        assert_eq!(route.point_at(f32::NAN), route.point_at(0.0));
    }

    #[test]
    fn a_part_begins_and_ends_where_it_is_told() {
        assert_eq!(
            bent().between(0.5, 0.875),
            [point(20.0, 0.0), point(30.0, 0.0), point(30.0, 5.0)]
        );
    }

    #[test]
    fn steps_along_a_curve_are_even() {
        let curve = Cubic::rightward(point(0.0, 0.0), point(150.0, 200.0));
        let route = Route::new(vec![curve], None);
        let step = route.length() / 100.0;
        for i in 0..100 {
            let (a, b) = (i as f32 / 100.0, (i + 1) as f32 / 100.0);
            let far = route.point_at(a).distance(route.point_at(b));
            assert!((far - step).abs() < step * 0.05, "{far} {step}");
        }
    }

    #[test]
    fn a_route_of_nothing_has_a_place_and_a_direction() {
        let nothing = Route::new(Vec::new(), None);
        assert_eq!(nothing.point_at(0.5), Point::ZERO);
        assert_eq!(nothing.tangent(0.5), point(1.0, 0.0));
        let dot = Route::new(vec![Cubic::line(point(2.0, 3.0), point(2.0, 3.0))], None);
        assert_eq!(dot.point_at(0.5), point(2.0, 3.0));
        assert_eq!(dot.length(), 0.0);
    }
}
