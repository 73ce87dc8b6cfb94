//! Signs drawn as shapes, since no font has them all: the exchanges' rules, the
//! transport bar's buttons, ✓ and ✗ on a badge.

use std::f32::consts::{FRAC_PI_2, PI, TAU};
use std::sync::Arc;

use super::shape::{Align, Fill, Font, Ink, Shape, Stroke, Text, on_circle};
use crate::geometry::{Point, Rect, point};

/// A sign, to stand in a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Exchange: one arrow.
    Direct,
    /// Exchange: arrows spreading from one point.
    Fanout,
    /// Exchange: `*.#`.
    Topic,
    /// Exchange: `{ }`.
    Headers,
    /// Exchange: a die.
    Random,
    /// Exchange: a ring with places on it.
    Hash,
    /// Exchange: a clock that goes backwards.
    History,
    /// Exchange: an hourglass.
    Delay,
    /// Exchange: a question mark.
    Unknown,
    /// Exchange: an arrow to a name.
    Default,
    /// Transport: run.
    Play,
    /// Transport: stand still.
    Pause,
    /// Transport: one event on.
    StepForward,
    /// Transport: one event back.
    StepBack,
    /// Transport: from the beginning.
    Restart,
    /// The switch between light and dark: a disc half filled.
    Theme,
    /// ×
    Close,
    /// ✓
    Done,
    /// ✗
    Refused,
}

impl Sign {
    /// Every sign, exchanges first.
    pub const ALL: [Sign; 19] = [
        Self::Direct,
        Self::Fanout,
        Self::Topic,
        Self::Headers,
        Self::Random,
        Self::Hash,
        Self::History,
        Self::Delay,
        Self::Unknown,
        Self::Default,
        Self::Play,
        Self::Pause,
        Self::StepForward,
        Self::StepBack,
        Self::Restart,
        Self::Theme,
        Self::Close,
        Self::Done,
        Self::Refused,
    ];
}

/// Draws `sign` inside a circle of `radius` that someone else draws.
pub fn sign_shapes(sign: Sign, center: Point, radius: f32, ink: Ink, out: &mut Vec<Shape>) {
    Pen {
        center,
        unit: radius,
        ink,
        out,
    }
    .draw(sign);
}

/// A filled circle of `radius` with ✓ if `done`, else ✗.
pub fn badge_shapes(done: bool, center: Point, radius: f32, out: &mut Vec<Shape>) {
    let (ink, sign) = if done {
        (Ink::Good, Sign::Done)
    } else {
        (Ink::Warning, Sign::Refused)
    };
    out.push(Shape::circle(center, radius, Fill::new(ink), None));
    sign_shapes(sign, center, radius, Ink::OnAccent, out);
}

/// Draws in a square from -1 to 1 on both sides, `y` down.
struct Pen<'a> {
    center: Point,
    unit: f32,
    ink: Ink,
    out: &'a mut Vec<Shape>,
}

impl Pen<'_> {
    fn draw(&mut self, sign: Sign) {
        match sign {
            Sign::Direct => self.arrow(point(-0.5, 0.0), point(0.52, 0.0)),
            Sign::Fanout => {
                let origin = point(-0.48, 0.0);
                for (x, y) in [(0.4, -0.46), (0.52, 0.0), (0.4, 0.46)] {
                    self.arrow(origin, point(x, y));
                }
                self.disc(origin, 0.09);
            }
            Sign::Topic => self.word("*.#"),
            Sign::Headers => self.word("{ }"),
            Sign::Random => self.die(),
            Sign::Hash => self.ring(),
            Sign::History => self.history(),
            Sign::Delay => {
                for y in [-0.5, 0.5] {
                    self.line(&[(-0.36, y), (0.36, y)]);
                    self.line(&[(-0.28, y), (0.0, 0.0), (0.28, y)]);
                }
                // What has run through already.
                self.area(&[(-0.19, 0.44), (0.19, 0.44), (0.0, 0.22)]);
            }
            Sign::Unknown => self.word("?"),
            Sign::Default => {
                self.arrow(point(-0.68, 0.0), point(-0.04, 0.0));
                let label = [point(0.06, -0.2), point(0.68, 0.2)].map(|corner| self.at(corner));
                let (label, stroke) = (Rect::from_min_max(label[0], label[1]), self.stroke());
                self.out
                    .push(Shape::rect(label, self.unit * 0.1, None, stroke));
                self.line(&[(0.2, 0.0), (0.54, 0.0)]);
            }
            Sign::Play => self.area(&[(-0.3, -0.44), (0.46, 0.0), (-0.3, 0.44)]),
            Sign::Pause => {
                self.bar(-0.24, 0.2);
                self.bar(0.24, 0.2);
            }
            Sign::StepForward => {
                self.area(&[(-0.36, -0.4), (0.22, 0.0), (-0.36, 0.4)]);
                self.bar(0.34, 0.14);
            }
            Sign::StepBack => {
                self.area(&[(0.36, -0.4), (0.36, 0.4), (-0.22, 0.0)]);
                self.bar(-0.34, 0.14);
            }
            Sign::Restart => self.restart(),
            Sign::Theme => self.half_disc(),
            Sign::Close | Sign::Refused => {
                self.line(&[(-0.34, -0.34), (0.34, 0.34)]);
                self.line(&[(0.34, -0.34), (-0.34, 0.34)]);
            }
            Sign::Done => self.line(&[(-0.42, 0.02), (-0.12, 0.32), (0.44, -0.32)]),
        }
    }

    fn at(&self, place: Point) -> Point {
        self.center + place.scale(self.unit)
    }

    fn places(&self, places: &[(f32, f32)]) -> Vec<Point> {
        places.iter().map(|&(x, y)| self.at(point(x, y))).collect()
    }

    /// On a badge a line must be thicker to be seen than in an exchange.
    fn stroke(&self) -> Stroke {
        let width = if self.unit < 20.0 { 0.17 } else { 0.06 };
        Stroke::new(self.ink, self.unit * width)
    }

    fn line(&mut self, places: &[(f32, f32)]) {
        let line = Shape::polyline(self.places(places), self.stroke());
        self.out.push(line);
    }

    fn area(&mut self, corners: &[(f32, f32)]) {
        let area = Shape::polygon(self.places(corners), Fill::new(self.ink), None);
        self.out.push(area);
    }

    fn disc(&mut self, center: Point, radius: f32) {
        let disc = Shape::circle(
            self.at(center),
            radius * self.unit,
            Fill::new(self.ink),
            None,
        );
        self.out.push(disc);
    }

    /// An upright bar with its middle at `x`.
    fn bar(&mut self, x: f32, width: f32) {
        let bar =
            Rect::from_center_size(self.at(point(x, 0.0)), width * self.unit, 0.84 * self.unit);
        self.out.push(Shape::rect(
            bar,
            self.unit * 0.04,
            Fill::new(self.ink),
            None,
        ));
    }

    fn arrow(&mut self, from: Point, to: Point) {
        const HEAD: f32 = 0.24;
        let along = (to - from).normalized();
        let across = along.perpendicular().scale(HEAD * 0.6);
        let neck = to - along.scale(HEAD);
        // The line ends inside the head, lest its blunt end show at the tip.
        let end = to - along.scale(HEAD * 0.7);
        self.line(&[(from.x, from.y), (end.x, end.y)]);
        let (left, right) = (neck - across, neck + across);
        self.area(&[(to.x, to.y), (right.x, right.y), (left.x, left.y)]);
    }

    fn word(&mut self, word: &'static str) {
        let text: Arc<str> = Arc::from(word);
        let text = Text::new(self.center, text, Font::Mono, self.unit * 0.6, self.ink);
        self.out.push(text.align(Align::Center).into());
    }

    fn restart(&mut self) {
        const RADIUS: f32 = 0.46;
        const HEAD: f32 = 0.3;
        let gap = FRAC_PI_2 * 0.6;
        let stroke = self.stroke();
        self.out.push(Shape::Arc {
            center: self.center,
            radius: RADIUS * self.unit,
            start: gap,
            sweep: TAU - gap,
            stroke,
        });
        // The head points the way the arc runs: to the right at the top.
        self.area(&[
            (0.0, -RADIUS - HEAD),
            (HEAD * 1.15, -RADIUS),
            (0.0, -RADIUS + HEAD),
        ]);
    }

    /// A rounded square with a dot in each corner and one in the middle.
    fn die(&mut self) {
        const SIDE: f32 = 0.92;
        const CORNER: f32 = 0.23;
        let square = Rect::from_center_size(self.center, SIDE * self.unit, SIDE * self.unit);
        let stroke = self.stroke();
        self.out
            .push(Shape::rect(square, self.unit * 0.16, None, stroke));
        self.disc(point(0.0, 0.0), 0.08);
        for (x, y) in [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)] {
            self.disc(point(x * CORNER, y * CORNER), 0.08);
        }
    }

    /// A ring with three places, one of them larger.
    fn ring(&mut self) {
        const RADIUS: f32 = 0.46;
        let stroke = self.stroke();
        self.out
            .push(Shape::circle(self.center, RADIUS * self.unit, None, stroke));
        for (angle, size) in [(-FRAC_PI_2, 0.1), (0.5, 0.16), (PI - 0.35, 0.1)] {
            self.disc(on_circle(Point::ZERO, RADIUS, angle), size);
        }
    }

    /// A clock whose hand goes back.
    fn history(&mut self) {
        const RADIUS: f32 = 0.48;
        const HEAD: f32 = 0.2;
        let stroke = self.stroke();
        self.out.push(Shape::Arc {
            center: self.center,
            radius: RADIUS * self.unit,
            start: -FRAC_PI_2,
            sweep: TAU * 0.75,
            stroke,
        });
        // The head points back to the top, where the arc begins.
        self.area(&[
            (0.02 - HEAD * 1.1, -RADIUS),
            (0.02, -RADIUS - HEAD * 0.8),
            (0.02, -RADIUS + HEAD * 0.8),
        ]);
        self.line(&[(0.0, -0.26), (0.0, 0.02), (0.2, 0.14)]);
    }

    fn half_disc(&mut self) {
        const RADIUS: f32 = 0.62;
        const STEPS: u8 = 24;
        let outline = Stroke::new(self.ink, self.unit * 0.12);
        let radius = RADIUS * self.unit;
        self.out
            .push(Shape::circle(self.center, radius, None, outline));
        let half: Vec<Point> = (0..=STEPS)
            .map(|step| {
                let angle = PI * f32::from(step) / f32::from(STEPS);
                on_circle(self.center, radius, angle)
            })
            .collect();
        self.out
            .push(Shape::polygon(half, Fill::new(self.ink), None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_draws_something_inside_its_circle() {
        for sign in Sign::ALL {
            let mut shapes = Vec::new();
            sign_shapes(sign, Point::ZERO, 10.0, Ink::Text, &mut shapes);
            assert!(!shapes.is_empty(), "{sign:?}");
            for shape in &shapes {
                if let Shape::Polygon { points, .. } | Shape::Polyline { points, .. } = shape {
                    for point in points.iter() {
                        assert!(point.length() <= 8.0, "{sign:?} {point:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_badge_says_done_or_refused_by_form_as_well_as_colour() {
        let badge = |done| {
            let mut shapes = Vec::new();
            badge_shapes(done, Point::ZERO, 8.0, &mut shapes);
            shapes
        };
        assert_ne!(badge(true).len(), badge(false).len());
    }
}
