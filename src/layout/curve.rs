//! Cubic Bézier curves that leave and arrive horizontally.

use crate::geometry::Point;

/// A cubic Bézier curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cubic {
    /// Where it begins.
    pub start: Point,
    /// The handle at the beginning.
    pub leave: Point,
    /// The handle at the end.
    pub arrive: Point,
    /// Where it ends.
    pub end: Point,
}

impl Cubic {
    /// A straight line.
    pub(super) fn line(start: Point, end: Point) -> Self {
        Self {
            start,
            leave: start.lerp(end, 1.0 / 3.0),
            arrive: start.lerp(end, 2.0 / 3.0),
            end,
        }
    }

    /// A curve that leaves to the right and arrives from the left, also where the end lies to the
    /// left of the beginning.
    pub(super) fn rightward(start: Point, end: Point) -> Self {
        let reach = (end.x - start.x) / 2.0;
        let handle = if reach > 0.0 {
            reach.max(SHORTEST_HANDLE.min((end.y - start.y).abs()))
        } else {
            (-reach).clamp(SHORTEST_HANDLE, LONGEST_HANDLE)
        };
        Self {
            start,
            leave: start + Point::new(handle, 0.0),
            arrive: end - Point::new(handle, 0.0),
            end,
        }
    }

    /// A quarter turn, with `corner` where the two straight continuations would meet.
    pub(super) fn turn(start: Point, corner: Point, end: Point) -> Self {
        Self {
            start,
            leave: start.lerp(corner, ROUND),
            arrive: end.lerp(corner, ROUND),
            end,
        }
    }

    /// The point at parameter `t`, from 0 to 1; the parameter does not advance evenly.
    #[must_use]
    pub fn at(&self, t: f32) -> Point {
        let a = self.start.lerp(self.leave, t);
        let b = self.leave.lerp(self.arrive, t);
        let c = self.arrive.lerp(self.end, t);
        a.lerp(b, t).lerp(b.lerp(c, t), t)
    }

    /// The two halves, met at a middle moved by `offset`; unmoved they are the same curve.
    pub(super) fn split_at_middle(&self, offset: Point) -> [Self; 2] {
        let a = self.start.lerp(self.leave, 0.5);
        let b = self.leave.lerp(self.arrive, 0.5);
        let c = self.arrive.lerp(self.end, 0.5);
        let (left, right) = (a.lerp(b, 0.5), b.lerp(c, 0.5));
        let middle = left.lerp(right, 0.5) + offset;
        [
            Self {
                start: self.start,
                leave: a,
                arrive: left + offset,
                end: middle,
            },
            Self {
                start: middle,
                leave: right + offset,
                arrive: c,
                end: self.end,
            },
        ]
    }

    /// Appends points along the curve, without its beginning.
    pub(super) fn flatten_into(&self, points: &mut Vec<Point>) {
        let chord = self.start.distance(self.end);
        let reach = self.start.distance(self.leave)
            + self.leave.distance(self.arrive)
            + self.arrive.distance(self.end);
        let is_straight = reach - chord < 0.01;
        let steps = if is_straight {
            1
        } else {
            ((reach / STEP).ceil() as usize).clamp(4, 48)
        };
        points.extend((1..=steps).map(|step| match step {
            last if last == steps => self.end,
            step => self.at(step as f32 / steps as f32),
        }));
    }
}

const SHORTEST_HANDLE: f32 = 48.0;
const LONGEST_HANDLE: f32 = 160.0;
/// The length of a flattened curve's pieces, about.
const STEP: f32 = 6.0;
/// Makes a quarter turn nearly a circle's.
const ROUND: f32 = 0.5523;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::point;

    #[test]
    fn unmoved_halves_are_the_whole() {
        let whole = Cubic::rightward(point(0.0, 0.0), point(100.0, 40.0));
        let [left, right] = whole.split_at_middle(Point::ZERO);
        assert!(left.at(0.5).distance(whole.at(0.25)) < 1e-3);
        assert!(right.at(0.5).distance(whole.at(0.75)) < 1e-3);
        assert_eq!(left.end, right.start);
    }

    #[test]
    fn a_curve_between_equal_heights_is_one_straight_piece() {
        let mut points = Vec::new();
        Cubic::rightward(point(0.0, 5.0), point(90.0, 5.0)).flatten_into(&mut points);
        assert_eq!(points, [point(90.0, 5.0)]);
    }
}
