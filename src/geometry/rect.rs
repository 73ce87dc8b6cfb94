//! An upright rectangle.

use serde::{Deserialize, Serialize};

use super::Point;

/// An upright rectangle from its top left to its bottom right corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// The top left corner.
    pub min: Point,
    /// The bottom right corner.
    pub max: Point,
}

impl Rect {
    /// The rectangle between two corners.
    #[must_use]
    pub const fn from_min_max(min: Point, max: Point) -> Self {
        Self { min, max }
    }

    /// The rectangle of this size whose top left corner is `min`.
    #[must_use]
    pub fn from_min_size(min: Point, width: f32, height: f32) -> Self {
        Self::from_min_max(min, min + Point::new(width, height))
    }

    /// The rectangle of this size around `center`.
    #[must_use]
    pub fn from_center_size(center: Point, width: f32, height: f32) -> Self {
        Self::from_min_size(
            center - Point::new(width / 2.0, height / 2.0),
            width,
            height,
        )
    }

    /// The middle.
    #[must_use]
    pub fn center(&self) -> Point {
        self.min.lerp(self.max, 0.5)
    }

    /// From the left side to the right.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.max.x - self.min.x
    }

    /// From the top side to the bottom.
    #[must_use]
    pub fn height(&self) -> f32 {
        self.max.y - self.min.y
    }

    /// The middle of the left side, where edges arrive.
    #[must_use]
    pub fn left_center(&self) -> Point {
        Point::new(self.min.x, self.center().y)
    }

    /// The middle of the right side, where edges leave.
    #[must_use]
    pub fn right_center(&self) -> Point {
        Point::new(self.max.x, self.center().y)
    }

    /// Whether `place` lies inside or on the border.
    #[must_use]
    pub fn contains(&self, place: Point) -> bool {
        self.min.x <= place.x
            && place.x <= self.max.x
            && self.min.y <= place.y
            && place.y <= self.max.y
    }

    /// Whether `other` lies wholly inside; touching borders are allowed.
    #[must_use]
    pub fn contains_rect(&self, other: &Rect) -> bool {
        self.contains(other.min) && self.contains(other.max)
    }

    /// Whether the two share more than their borders.
    #[must_use]
    pub fn intersects(&self, other: &Rect) -> bool {
        self.min.x < other.max.x
            && other.min.x < self.max.x
            && self.min.y < other.max.y
            && other.min.y < self.max.y
    }

    /// This rectangle grown by `margin` on every side.
    #[must_use]
    pub fn expand(&self, margin: f32) -> Self {
        let margin = Point::new(margin, margin);
        Self::from_min_max(self.min - margin, self.max + margin)
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn union(&self, other: &Rect) -> Self {
        Self::from_min_max(
            Point::new(self.min.x.min(other.min.x), self.min.y.min(other.min.y)),
            Point::new(self.max.x.max(other.max.x), self.max.y.max(other.max.y)),
        )
    }

    /// This rectangle moved by `offset`.
    #[must_use]
    pub fn translate(&self, offset: Point) -> Self {
        Self::from_min_max(self.min + offset, self.max + offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::point;

    fn rect(x0: f32, y0: f32, x1: f32, y1: f32) -> Rect {
        Rect::from_min_max(point(x0, y0), point(x1, y1))
    }

    #[test]
    fn a_rectangle_around_a_centre_has_its_size() {
        let around = Rect::from_center_size(point(10.0, 20.0), 4.0, 6.0);
        assert_eq!(around, rect(8.0, 17.0, 12.0, 23.0));
        assert_eq!(around.center(), point(10.0, 20.0));
        assert_eq!((around.width(), around.height()), (4.0, 6.0));
        assert_eq!(around.left_center(), point(8.0, 20.0));
        assert_eq!(around.right_center(), point(12.0, 20.0));
    }

    #[test]
    fn touching_rectangles_do_not_intersect() {
        let left = rect(0.0, 0.0, 2.0, 2.0);
        assert!(!left.intersects(&rect(2.0, 0.0, 4.0, 2.0)));
        assert!(left.intersects(&rect(1.9, 0.0, 4.0, 2.0)));
    }

    #[test]
    fn a_union_contains_both() {
        let (a, b) = (rect(0.0, 0.0, 1.0, 1.0), rect(5.0, -3.0, 6.0, 0.5));
        let both = a.union(&b);
        assert!(both.contains_rect(&a) && both.contains_rect(&b));
        assert_eq!(both, rect(0.0, -3.0, 6.0, 1.0));
    }

    #[test]
    fn expanding_and_translating_keep_the_rest() {
        let unit = rect(0.0, 0.0, 1.0, 1.0);
        assert_eq!(unit.expand(2.0), rect(-2.0, -2.0, 3.0, 3.0));
        assert_eq!(unit.translate(point(3.0, 4.0)), rect(3.0, 4.0, 4.0, 5.0));
    }
}
