//! What a picture is made of: shapes in world units, one unit being one pixel
//! at zoom 1. Colours are meanings here ([`Ink`]); a theme turns them into light.

use std::borrow::Cow;
use std::sync::Arc;

use crate::broker::octets;
use crate::geometry::{Point, Rect};
use crate::words::acts;

/// What a colour stands for. [`Theme::color`](super::palette::Theme::color) says what it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// What the graph stands on.
    Canvas,
    /// Side and bottom panels.
    Panel,
    /// The inside of a node or of a card.
    Card,
    /// A line that parts one area from another.
    Hairline,
    /// Words, and the outlines of nodes.
    Text,
    /// Words that come second.
    Soft,
    /// Words that may be overlooked, and empty slots.
    Faint,
    /// A binding or a link at rest.
    Edge,
    /// What happens now, and what is selected.
    Accent,
    /// Done, acknowledged.
    Good,
    /// Refused, down, lost.
    Warning,
    /// Signs and words on [`Ink::Accent`], [`Ink::Good`] or [`Ink::Warning`].
    OnAccent,
    /// One of the seven message colours; counts round past the last.
    Message(u8),
    /// The outline that parts a message from what lies beneath it.
    MessageEdge(u8),
}

/// How an area is filled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fill {
    /// The colour's meaning.
    pub ink: Ink,
    /// From 0, unseen, to 1.
    pub opacity: f32,
}

impl Fill {
    /// A fill that hides what is beneath.
    #[must_use]
    pub const fn new(ink: Ink) -> Self {
        Self { ink, opacity: 1.0 }
    }

    /// The same fill, seen through.
    #[must_use]
    pub const fn opacity(self, opacity: f32) -> Self {
        Self { opacity, ..self }
    }
}

/// How a line is broken up, so that its kind is told without colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dash {
    /// Not at all.
    #[default]
    Solid,
    /// Round dots: acks, confirms and returns.
    Dotted,
    /// Short dashes: what was refused or is down.
    Dashed,
    /// Long and short by turns: the way to a dead-letter exchange.
    DeadLetter,
    /// Dashes in pairs: the way to an alternate exchange.
    Alternate,
}

impl Dash {
    /// Lengths of stroke and gap by turns, in widths of the line; empty if solid.
    #[must_use]
    pub const fn pattern(self) -> &'static [f32] {
        match self {
            Self::Solid => &[],
            Self::Dotted => &[0.0, 3.0],
            Self::Dashed => &[3.5, 2.5],
            Self::DeadLetter => &[8.0, 2.5, 2.0, 2.5],
            Self::Alternate => &[4.0, 1.5, 4.0, 5.0],
        }
    }
}

/// How a line is drawn: along the middle of the outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// The colour's meaning.
    pub ink: Ink,
    /// From 0, unseen, to 1.
    pub opacity: f32,
    /// In world units.
    pub width: f32,
    /// How it is broken up.
    pub dash: Dash,
}

impl Stroke {
    /// A whole line that hides what is beneath.
    #[must_use]
    pub const fn new(ink: Ink, width: f32) -> Self {
        Self {
            ink,
            opacity: 1.0,
            width,
            dash: Dash::Solid,
        }
    }

    /// The same line, seen through.
    #[must_use]
    pub const fn opacity(self, opacity: f32) -> Self {
        Self { opacity, ..self }
    }

    /// The same line, broken up.
    #[must_use]
    pub const fn dash(self, dash: Dash) -> Self {
        Self { dash, ..self }
    }
}

/// Where a text stands from its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// The text begins at the point.
    Left,
    /// The text's middle is the point.
    Center,
    /// The text ends at the point.
    Right,
}

/// The faces there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Font {
    /// Sentences.
    Words,
    /// Words a little heavier, for labels.
    WordsMedium,
    /// Names and titles.
    WordsStrong,
    /// Keys and numbers: every letter as wide as the next.
    Mono,
}

/// One line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Across, the place that `align` speaks of; down, the middle of a capital letter.
    pub at: Point,
    /// Where the text stands from `at`.
    pub align: Align,
    /// What it says; painters show [`Text::line`].
    pub text: Arc<str>,
    /// Its face.
    pub font: Font,
    /// The font's size in world units.
    pub size: f32,
    /// The colour's meaning.
    pub ink: Ink,
    /// From 0, unseen, to 1.
    pub opacity: f32,
}

impl Text {
    /// Text that begins at `at`.
    #[must_use]
    pub fn new(at: Point, text: impl Into<Arc<str>>, font: Font, size: f32, ink: Ink) -> Self {
        Self {
            at,
            align: Align::Left,
            text: text.into(),
            font,
            size,
            ink,
            opacity: 1.0,
        }
    }

    /// The same text, standing otherwise from its point.
    #[must_use]
    pub fn align(self, align: Align) -> Self {
        Self { align, ..self }
    }

    /// The same text, seen through.
    #[must_use]
    pub fn opacity(self, opacity: f32) -> Self {
        Self { opacity, ..self }
    }

    /// What is shown: one line, in which line breaks and tabs count as spaces
    /// and what no font can show (nor XML carry), or what turns the writing round, is `\u{FFFD}`.
    #[must_use]
    pub fn line(&self) -> Cow<'_, str> {
        let unseen = |letter: char| {
            acts(letter)
                || octets::octet(letter).is_some()
                || matches!(letter, '\u{FFFE}' | '\u{FFFF}')
        };
        if !self.text.contains(unseen) {
            return Cow::Borrowed(&self.text);
        }
        let shown = self.text.chars().map(|letter| match letter {
            '\n' | '\r' | '\t' => ' ',
            letter if unseen(letter) => char::REPLACEMENT_CHARACTER,
            letter => letter,
        });
        Cow::Owned(shown.collect())
    }
}

/// A thing to be seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A rectangle with round corners.
    Rect {
        /// Its outline.
        rect: Rect,
        /// How round the corners are; more than half a side counts as half a side.
        radius: f32,
        /// Its inside.
        fill: Option<Fill>,
        /// Its outline's line.
        stroke: Option<Stroke>,
    },
    /// A circle.
    Circle {
        /// Its middle.
        center: Point,
        /// From the middle to the outline.
        radius: f32,
        /// Its inside.
        fill: Option<Fill>,
        /// Its outline's line.
        stroke: Option<Stroke>,
    },
    /// A closed outline that nowhere bends inwards (painters rely on it).
    Polygon {
        /// The corners in order.
        points: Arc<[Point]>,
        /// Its inside.
        fill: Option<Fill>,
        /// Its outline's line.
        stroke: Option<Stroke>,
    },
    /// A line through points; curves come as many short steps.
    Polyline {
        /// The points in order.
        points: Arc<[Point]>,
        /// Its line.
        stroke: Stroke,
    },
    /// A part of a circle's outline, as of a ring that fills.
    Arc {
        /// The circle's middle.
        center: Point,
        /// The circle's radius.
        radius: f32,
        /// Where it begins: radians clockwise from the top.
        start: f32,
        /// How far it goes: radians clockwise; a whole turn closes it.
        sweep: f32,
        /// Its line.
        stroke: Stroke,
    },
    /// A line of text.
    Text(Text),
}

impl Shape {
    /// A rectangle.
    #[must_use]
    pub fn rect(
        rect: Rect,
        radius: f32,
        fill: impl Into<Option<Fill>>,
        stroke: impl Into<Option<Stroke>>,
    ) -> Self {
        Self::Rect {
            rect,
            radius,
            fill: fill.into(),
            stroke: stroke.into(),
        }
    }

    /// A circle.
    #[must_use]
    pub fn circle(
        center: Point,
        radius: f32,
        fill: impl Into<Option<Fill>>,
        stroke: impl Into<Option<Stroke>>,
    ) -> Self {
        Self::Circle {
            center,
            radius,
            fill: fill.into(),
            stroke: stroke.into(),
        }
    }

    /// A closed outline that nowhere bends inwards.
    #[must_use]
    pub fn polygon(
        points: impl Into<Arc<[Point]>>,
        fill: impl Into<Option<Fill>>,
        stroke: impl Into<Option<Stroke>>,
    ) -> Self {
        Self::Polygon {
            points: points.into(),
            fill: fill.into(),
            stroke: stroke.into(),
        }
    }

    /// A line through points.
    #[must_use]
    pub fn polyline(points: impl Into<Arc<[Point]>>, stroke: Stroke) -> Self {
        Self::Polyline {
            points: points.into(),
            stroke,
        }
    }
}

impl From<Text> for Shape {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

/// The point of a circle at `angle`: radians clockwise from the top.
#[must_use]
pub fn on_circle(center: Point, radius: f32, angle: f32) -> Point {
    let (sin, cos) = angle.sin_cos();
    center + Point::new(sin, -cos).scale(radius)
}

/// A closed outline through `corners`, each rounded by its own radius.
#[must_use]
pub fn rounded(corners: &[(Point, f32)]) -> Vec<Point> {
    const STEPS: u8 = 6;
    let mut outline = Vec::with_capacity(corners.len() * (usize::from(STEPS) + 1));
    let before = corners.iter().cycle().skip(corners.len().saturating_sub(1));
    let after = corners.iter().cycle().skip(1);
    for ((&(corner, radius), &(before, _)), &(after, _)) in corners.iter().zip(before).zip(after) {
        if radius <= 0.0 {
            outline.push(corner);
            continue;
        }
        // A quadratic curve from one side to the other, held by the corner.
        let side = |end: Point| {
            let reach = radius.min(corner.distance(end) / 2.0);
            corner + (end - corner).normalized().scale(reach)
        };
        let (from, to) = (side(before), side(after));
        outline.extend((0..=STEPS).map(|step| {
            let t = f32::from(step) / f32::from(STEPS);
            from.lerp(corner, t).lerp(corner.lerp(to, t), t)
        }));
    }
    outline
}

/// A whole picture: what is painted first lies beneath.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// The part of the world that is worth showing.
    pub bounds: Rect,
    /// The shapes, lowest first.
    pub shapes: Vec<Shape>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_run_clockwise_from_the_top() {
        let at = |angle| on_circle(Point::ZERO, 2.0, angle);
        assert!(at(0.0).distance(Point::new(0.0, -2.0)) < 1e-5);
        assert!(at(std::f32::consts::FRAC_PI_2).distance(Point::new(2.0, 0.0)) < 1e-5);
    }

    #[test]
    fn rounding_keeps_sharp_corners_and_cuts_the_others() {
        let corners = [
            (Point::ZERO, 2.0),
            (Point::new(10.0, 0.0), 0.0),
            (Point::new(10.0, 10.0), 100.0),
        ];
        let outline = rounded(&corners);
        assert!(!outline.contains(&corners[0].0) && outline.contains(&corners[1].0));
        assert!(outline.contains(&Point::new(2.0, 0.0)));
        assert!(outline.contains(&Point::new(10.0, 5.0)));
        assert!(rounded(&[]).is_empty());
    }

    #[test]
    fn text_is_one_line_without_control_characters() {
        let text = |text: &str| Text::new(Point::ZERO, text, Font::Mono, 12.0, Ink::Text);
        assert_eq!(text("a\nb\tc\0\u{1b}").line(), "a b c\u{FFFD}\u{FFFD}");
        assert!(matches!(text("plain é").line(), Cow::Borrowed("plain é")));
    }

    #[test]
    fn every_dash_pattern_pairs_a_stroke_with_a_gap() {
        for dash in [
            Dash::Solid,
            Dash::Dotted,
            Dash::Dashed,
            Dash::DeadLetter,
            Dash::Alternate,
        ] {
            assert_eq!(dash.pattern().len() % 2, 0, "{dash:?}");
        }
    }
}
