//! A point, which also serves as the offset between two points.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use serde::{Deserialize, Serialize};

/// A place on the canvas, or an offset between two places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Grows to the right.
    pub x: f32,
    /// Grows downwards.
    pub y: f32,
}

/// Shorthand for [`Point::new`].
#[must_use]
pub const fn point(x: f32, y: f32) -> Point {
    Point::new(x, y)
}

impl Point {
    /// The origin.
    pub const ZERO: Point = Point::new(0.0, 0.0);

    /// The point at `x`, `y`.
    #[must_use]
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// This offset `factor` times as long.
    #[must_use]
    pub fn scale(self, factor: f32) -> Self {
        Self::new(self.x * factor, self.y * factor)
    }

    /// How far this offset reaches.
    #[must_use]
    pub fn length(self) -> f32 {
        self.x.hypot(self.y)
    }

    /// How far `other` is from here.
    #[must_use]
    pub fn distance(self, other: Point) -> f32 {
        (other - self).length()
    }

    /// The point `fraction` of the straight way from here to `other`.
    #[must_use]
    pub fn lerp(self, other: Point, fraction: f32) -> Self {
        self + (other - self).scale(fraction)
    }

    /// This offset with length one; zero stays zero.
    #[must_use]
    pub fn normalized(self) -> Self {
        let length = self.length();
        if length > 0.0 {
            self.scale(1.0 / length)
        } else {
            Self::ZERO
        }
    }

    /// This offset turned a quarter clockwise as seen on the screen.
    #[must_use]
    pub const fn perpendicular(self) -> Self {
        Self::new(-self.y, self.x)
    }
}

impl Add for Point {
    type Output = Point;

    fn add(self, other: Point) -> Point {
        Point::new(self.x + other.x, self.y + other.y)
    }
}

impl AddAssign for Point {
    fn add_assign(&mut self, other: Point) {
        *self = *self + other;
    }
}

impl Sub for Point {
    type Output = Point;

    fn sub(self, other: Point) -> Point {
        Point::new(self.x - other.x, self.y - other.y)
    }
}

impl SubAssign for Point {
    fn sub_assign(&mut self, other: Point) {
        *self = *self - other;
    }
}

impl Mul<f32> for Point {
    type Output = Point;

    fn mul(self, factor: f32) -> Point {
        self.scale(factor)
    }
}

impl Div<f32> for Point {
    type Output = Point;

    fn div(self, divisor: f32) -> Point {
        Point::new(self.x / divisor, self.y / divisor)
    }
}

impl Neg for Point {
    type Output = Point;

    fn neg(self) -> Point {
        Point::new(-self.x, -self.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_add_subtract_and_scale_by_coordinate() {
        assert_eq!(point(1.0, 2.0) + point(3.0, 5.0), point(4.0, 7.0));
        assert_eq!(point(1.0, 2.0) - point(3.0, 5.0), point(-2.0, -3.0));
        assert_eq!(point(1.0, 2.0) * 3.0, point(3.0, 6.0));
    }

    #[test]
    fn lerp_runs_from_one_end_to_the_other() {
        let (a, b) = (point(0.0, 0.0), point(3.0, 4.0));
        assert_eq!(a.lerp(b, 0.0), a);
        assert_eq!(a.lerp(b, 0.5), point(1.5, 2.0));
        assert_eq!(a.lerp(b, 1.0), b);
        assert_eq!(a.distance(b), 5.0);
    }

    #[test]
    fn the_zero_offset_has_no_direction() {
        assert_eq!(Point::ZERO.normalized(), Point::ZERO);
        assert_eq!(point(0.0, 7.0).normalized(), point(0.0, 1.0));
        assert_eq!(point(1.0, 0.0).perpendicular(), point(0.0, 1.0));
    }
}
