//! A sample of each sign, of the shapes, inks and lines the canvas has it of.

use std::f32::consts::TAU;

use crate::broker::ReplyCode;
use crate::geometry::{Point, Rect};
use crate::scene::Sign as Rule;
use crate::scene::measure::{elide, text_width};
use crate::scene::sign::{badge_shapes, sign_shapes};
use crate::scene::{Align, Dash, Fill, Font, Ink, Shape, Stroke, Text, Token, token_shapes};
use crate::t;
use crate::words::Sign;

/// The room of a sample.
pub(super) const WIDTH: f32 = 164.0;
/// The room of a sample.
pub(super) const HEIGHT: f32 = 62.0;

const BEAD: f32 = 7.5;
const SLOT: f32 = 21.0;
const SMALL: f32 = 11.0;
/// The radius of an exchange.
const EXCHANGE: f32 = 22.0;
/// A token of those who wait.
const WAITING: f32 = 6.0;
/// The token of a response.
const ANSWER: f32 = 5.0;
/// How much is seen of the filling of a worker that is held and does not work.
const HELD: f32 = 0.45;

/// Draws a sample of a sign round a point.
pub(super) fn draw(sign: Sign, center: Point, out: &mut Vec<Shape>) {
    let mut pen = Pen { center, out };
    match sign {
        Sign::Ready => {
            pen.tray();
            (0..3).for_each(|place| pen.waiting(place));
        }
        Sign::Unacked => {
            pen.tray();
            pen.token(0, Point::new(41.0, 0.0), 0.6);
        }
        Sign::Redelivered => {
            pen.tray();
            pen.waiting(0);
            let dot = pen.at(slot(0) - Point::new(0.0, BEAD + 7.0));
            pen.push(Shape::circle(dot, 2.2, Fill::new(Ink::Warning), None));
        }
        Sign::Ttl => pen.clock(),
        Sign::Lanes => pen.lanes(),
        Sign::Fill => pen.fill_line(),
        Sign::Prefetch => {
            pen.pill();
            pen.squares();
        }
        Sign::Active => {
            pen.pill();
            pen.crown();
        }
        Sign::Matched => pen.line(Stroke::new(Ink::Accent, 3.0)),
        Sign::Unmatched => pen.line(Stroke::new(Ink::Warning, 1.6).dash(Dash::Dashed)),
        Sign::DeadLetter => pen.line(Stroke::new(Ink::Edge, 1.6).dash(Dash::DeadLetter)),
        Sign::Alternate => pen.line(Stroke::new(Ink::Edge, 1.6).dash(Dash::Alternate)),
        Sign::Delay => {
            pen.exchange(Rule::Delay);
            pen.token(0, Point::new(0.0, EXCHANGE), 1.0);
        }
        Sign::Unknown => pen.exchange(Rule::Unknown),
        Sign::Connection => pen.frame(false),
        Sign::Channel => pen.frame(true),
        Sign::Blocked => pen.publisher(t!("canvas-blocked")),
        Sign::Flow => pen.publisher(t!("canvas-flow")),
        Sign::Confirm => pen.answer(Ink::Good, t!("canvas-confirm"), None),
        Sign::Nack => pen.answer(Ink::Warning, t!("canvas-nack"), None),
        Sign::Return => pen.answer(Ink::Warning, t!("canvas-return"), Some(BEAD)),
        Sign::Ack => pen.answer(Ink::Good, t!("canvas-ack"), None),
        Sign::Requeue => pen.answer(Ink::Warning, t!("canvas-requeue"), Some(BEAD)),
        Sign::Reject => pen.answer(Ink::Warning, t!("canvas-reject"), None),
        Sign::Exclusive => pen.named(&t!("trait-exclusive")),
        Sign::AutoDelete => pen.named(&t!("trait-auto-delete")),
        Sign::Durable => pen.named(""),
        Sign::Transient => pen.named(&t!("trait-transient")),
        Sign::Quorum => pen.named(&t!("trait-quorum")),
        Sign::Stream => pen.log(false),
        Sign::Position => pen.log(true),
        Sign::Absent => {
            let ghost = Stroke::new(Ink::Faint, 1.4).dash(Dash::Dashed);
            let rect = pen.rect(112.0, 40.0);
            pen.push(Shape::rect(rect, 10.0, None, ghost));
        }
        Sign::Down => pen.banner(t!("canvas-down", how = "crash")),
        Sign::Alarm => pen.banner(t!("canvas-alarm", what = "memory")),
        Sign::Expired => pen.ended(t!("canvas-ended-expired")),
        Sign::Dropped => pen.ended(t!("canvas-ended-max-length")),
        Sign::Refused => pen.refused(),
        Sign::Users => pen.users(),
        Sign::Workers => {
            pen.service(Point::ZERO, 76.0);
            pen.workers(Point::ZERO, &[Some(1.0), Some(HELD), None]);
        }
        Sign::Backlog => {
            pen.service(Point::new(0.0, -10.0), 62.0);
            pen.workers(Point::new(0.0, -10.0), &[Some(1.0), Some(1.0)]);
            (0..3).for_each(|place| {
                pen.small(place, Point::new(f32::from(place) * 15.0 - 15.0, 18.0))
            });
        }
        Sign::Response => {
            let words = "200".to_owned();
            pen.answer(Ink::Good, words, Some(ANSWER));
        }
        Sign::Unanswered => pen.unanswered(),
        Sign::Echo => pen.echo(),
        Sign::Band => pen.band(),
    }
}

/// The middle of a place in the line, the head's first.
fn slot(place: u8) -> Point {
    Point::new(5.5 - f32::from(place) * SLOT, 0.0)
}

struct Pen<'a> {
    center: Point,
    out: &'a mut Vec<Shape>,
}

impl Pen<'_> {
    /// An exchange with the sign of its rule.
    fn exchange(&mut self, rule: Rule) {
        let center = self.at(Point::ZERO);
        let stroke = Stroke::new(Ink::Hairline, 1.4);
        self.push(Shape::circle(
            center,
            EXCHANGE,
            Fill::new(Ink::Card),
            stroke,
        ));
        sign_shapes(rule, center, EXCHANGE, Ink::Text, self.out);
    }

    fn at(&self, offset: Point) -> Point {
        self.center + offset
    }

    fn push(&mut self, shape: impl Into<Shape>) {
        self.out.push(shape.into());
    }

    fn rect(&self, width: f32, height: f32) -> Rect {
        Rect::from_center_size(self.center, width, height)
    }

    fn token(&mut self, nth: usize, offset: Point, opacity: f32) {
        let at = self.at(offset);
        token_shapes(Token::nth(nth), at, BEAD, opacity, self.out);
    }

    fn waiting(&mut self, place: u8) {
        self.token(usize::from(place), slot(place), 1.0);
    }

    fn text(&mut self, offset: Point, text: impl Into<std::sync::Arc<str>>, ink: Ink) {
        let text = Text::new(self.at(offset), text, Font::Words, SMALL, ink);
        self.push(text.align(Align::Center));
    }

    fn card(&mut self, width: f32, height: f32) {
        let rect = self.rect(width, height);
        let stroke = Stroke::new(Ink::Text, 1.6);
        self.push(Shape::rect(rect, 10.0, Fill::new(Ink::Card), stroke));
    }

    /// A queue with its dotted line.
    fn tray(&mut self) {
        self.card(120.0, 44.0);
        let ends = [Point::new(22.0, -19.0), Point::new(22.0, 19.0)].map(|end| self.at(end));
        let stroke = Stroke::new(Ink::Faint, 1.4).dash(Dash::Dotted);
        self.push(Shape::polyline(ends, stroke));
    }

    fn clock(&mut self) {
        for (place, left, ink) in [(0, 0.15, Ink::Warning), (1, 0.7, Ink::Soft)] {
            let offset = slot(place) + Point::new(5.0, 0.0);
            self.token(usize::from(place), offset, 1.0);
            let arc = Shape::Arc {
                center: self.at(offset),
                radius: BEAD + 3.0,
                start: 0.0,
                sweep: TAU * left,
                stroke: Stroke::new(ink, 1.8),
            };
            self.push(arc);
        }
    }

    fn lanes(&mut self) {
        self.card(120.0, 56.0);
        for place in 0..4_u8 {
            let x = 40.0 - f32::from(place) * SLOT;
            self.token(usize::from(place / 2), Point::new(x, 6.0), 1.0);
            if place % 2 == 0 {
                let level = if place == 0 { "9" } else { "0" };
                let at = self.at(Point::new(x, -14.0));
                let text = Text::new(at, level, Font::Mono, 10.0, Ink::Soft);
                self.push(text.align(Align::Center));
            }
            if place == 2 {
                let x = x + SLOT / 2.0;
                let ends = [Point::new(x, -7.0), Point::new(x, 19.0)].map(|end| self.at(end));
                self.push(Shape::polyline(ends, Stroke::new(Ink::Hairline, 1.4)));
            }
        }
    }

    fn fill_line(&mut self) {
        self.tray();
        (0..2).for_each(|place| self.waiting(place));
        for (from, ink) in [(-50.0, Ink::Hairline), (-20.0, Ink::Soft)] {
            let ends = [Point::new(from, 15.0), Point::new(16.0, 15.0)].map(|end| self.at(end));
            self.push(Shape::polyline(ends, Stroke::new(ink, 3.0)));
        }
    }

    /// A consumer.
    fn pill(&mut self) {
        let rect = self.rect(112.0, 44.0);
        let stroke = Stroke::new(Ink::Text, 1.6);
        self.push(Shape::rect(rect, 22.0, Fill::new(Ink::Card), stroke));
        let ring = self.at(Point::new(-33.0, 0.0));
        self.push(Shape::circle(
            ring,
            13.0,
            None,
            Stroke::new(Ink::Hairline, 3.5),
        ));
    }

    fn squares(&mut self) {
        for slot in 0..3_u8 {
            let min = self.at(Point::new(-8.0 + f32::from(slot) * 14.0, -5.5));
            let (fill, ink) = if slot < 2 {
                (Some(Fill::new(Ink::Good)), Ink::Good)
            } else {
                (None, Ink::Faint)
            };
            let rect = Rect::from_min_size(min, 11.0, 11.0);
            self.push(Shape::rect(rect, 2.5, fill, Stroke::new(ink, 1.2)));
        }
    }

    fn crown(&mut self) {
        let corners = [
            (-8.0, 6.0),
            (-9.0, -4.0),
            (-4.0, 0.0),
            (0.0, -7.0),
            (4.0, 0.0),
            (9.0, -4.0),
            (8.0, 6.0),
        ];
        let corners = corners.map(|(x, y)| self.at(Point::new(14.0 + x, y)));
        self.push(Shape::polygon(corners, Fill::new(Ink::Accent), None));
    }

    fn line(&mut self, stroke: Stroke) {
        let points: Vec<Point> = (0..=24_u8)
            .map(|step| {
                let done = f32::from(step) / 24.0;
                let bent = done * done * (3.0 - 2.0 * done);
                self.at(Point::new(130.0 * done - 65.0, 16.0 - 32.0 * bent))
            })
            .collect();
        self.push(Shape::polyline(points, stroke));
    }

    fn frame(&mut self, channel: bool) {
        let rect = self.rect(76.0, 28.0);
        let stroke = Stroke::new(Ink::Text, 1.6);
        self.push(Shape::rect(rect, 14.0, Fill::new(Ink::Card), stroke));
        let outer = self.rect(112.0, 50.0);
        let dim = if channel { 0.4 } else { 1.0 };
        let stroke = Stroke::new(Ink::Edge, 1.2).opacity(dim);
        self.push(Shape::rect(outer, 14.0, None, stroke));
        if channel {
            let inner = self.rect(102.0, 40.0);
            let stroke = Stroke::new(Ink::Edge, 1.2).dash(Dash::Dotted);
            self.push(Shape::rect(inner, 11.0, None, stroke));
        }
    }

    fn publisher(&mut self, hindrance: String) {
        let (half, tip) = (70.0, 20.0);
        let outline = [
            Point::new(-half, -tip),
            Point::new(half - 18.0, -tip),
            Point::new(half, 0.0),
            Point::new(half - 18.0, tip),
            Point::new(-half, tip),
        ];
        let outline = outline.map(|corner| self.at(corner));
        let stroke = Stroke::new(Ink::Text, 1.6);
        self.push(Shape::polygon(outline, Fill::new(Ink::Card), stroke));
        self.text(Point::new(-5.0, 0.0), hindrance, Ink::Warning);
    }

    /// What travels back beside a line: a dot, or a token of that radius.
    fn answer(&mut self, ink: Ink, word: String, token: Option<f32>) {
        let ends = [Point::new(-65.0, 22.0), Point::new(65.0, 22.0)].map(|end| self.at(end));
        self.push(Shape::polyline(ends, Stroke::new(Ink::Edge, 1.6)));
        let beside = |fraction: f32| {
            let lift = 4.0 * fraction * (1.0 - fraction) * 22.0;
            Point::new(65.0 - 130.0 * fraction, 18.0 - lift)
        };
        let points: Vec<Point> = (0..=24_u8)
            .map(|step| self.at(beside(f32::from(step) / 24.0)))
            .collect();
        let stroke = Stroke::new(ink, 1.8).dash(Dash::Dotted);
        self.push(Shape::polyline(points, stroke));
        let at = self.at(beside(0.7));
        match token {
            Some(radius) => token_shapes(Token::nth(1), at, radius, 1.0, self.out),
            None => self.push(Shape::circle(at, 4.0, Fill::new(ink), None)),
        }
        self.text(Point::new(0.0, -16.0), word, ink);
    }

    /// A queue with what sets it apart beneath it.
    fn named(&mut self, what: &str) {
        let lift = if what.is_empty() { 0.0 } else { 9.0 };
        self.center.y -= lift;
        self.card(112.0, 32.0);
        self.center.y += lift;
        self.text(Point::new(0.0, 20.0), what, Ink::Soft);
    }

    /// A stream: entries over a rule, and perhaps a reader's mark.
    fn log(&mut self, reader: bool) {
        self.card(120.0, 50.0);
        for place in 0..4_u8 {
            let x = 42.0 - f32::from(place) * SLOT;
            self.token(usize::from(place % 3), Point::new(x, -8.0), 1.0);
        }
        let ends = [Point::new(-50.0, 8.0), Point::new(50.0, 8.0)].map(|end| self.at(end));
        self.push(Shape::polyline(ends, Stroke::new(Ink::Hairline, 1.4)));
        if reader {
            let tip = Point::new(0.0, 11.0);
            let corners = [Point::ZERO, Point::new(5.0, 9.0), Point::new(-5.0, 9.0)];
            let corners = corners.map(|corner| self.at(tip + corner));
            self.push(Shape::polygon(corners, Fill::new(Ink::Accent), None));
        }
    }

    fn banner(&mut self, text: String) {
        let mut size = SMALL;
        while text_width(&text, Font::WordsMedium, size) > WIDTH - 24.0 && size > 8.0 {
            size -= 0.5;
        }
        let text = elide(&text, Font::WordsMedium, size, WIDTH - 24.0);
        let rect = self.rect(text_width(&text, Font::WordsMedium, size) + 18.0, 26.0);
        let stroke = Stroke::new(Ink::Warning, 1.6);
        self.push(Shape::rect(rect, 13.0, Fill::new(Ink::Card), stroke));
        let text = Text::new(self.center, text, Font::WordsMedium, size, Ink::Warning);
        self.push(text.align(Align::Center));
    }

    /// A message that ended, and of what.
    fn ended(&mut self, of: String) {
        let at = Point::new(0.0, -10.0);
        self.token(1, at, 0.5);
        let corner = self.at(at + Point::new(BEAD, 0.8 * BEAD));
        badge_shapes(false, corner, 0.75 * BEAD, self.out);
        self.text(Point::new(0.0, 14.0), of, Ink::Warning);
    }

    fn refused(&mut self) {
        badge_shapes(false, self.at(Point::new(0.0, -10.0)), 6.5, self.out);
        let code = ReplyCode::PreconditionFailed.to_string();
        self.text(Point::new(0.0, 12.0), code, Ink::Warning);
    }

    fn small(&mut self, nth: u8, offset: Point) {
        let at = self.at(offset);
        token_shapes(Token::nth(usize::from(nth)), at, WAITING, 1.0, self.out);
    }

    /// Users, and who of them wait.
    fn users(&mut self) {
        let rect = Rect::from_center_size(self.at(Point::new(0.0, -9.0)), 84.0, 32.0);
        let stroke = Stroke::new(Ink::Text, 1.6);
        self.push(Shape::rect(rect, 16.0, Fill::new(Ink::Card), stroke));
        for place in 0..4_u8 {
            self.small(place, Point::new(f32::from(place) * 15.0 - 36.0, 19.0));
        }
    }

    fn service(&mut self, middle: Point, width: f32) {
        let rect = Rect::from_center_size(self.at(middle), width, 30.0);
        let stroke = Stroke::new(Ink::Text, 1.6);
        self.push(Shape::rect(rect, 10.0, Fill::new(Ink::Card), stroke));
    }

    /// Workers in a row; of those who are held, how full they are seen.
    fn workers(&mut self, middle: Point, workers: &[Option<f32>]) {
        for (place, held) in workers.iter().enumerate() {
            let x = (place as f32 - (workers.len() as f32 - 1.0) / 2.0) * 18.0;
            let center = self.at(middle + Point::new(x, 0.0));
            let rect = Rect::from_center_size(center, 14.0, 14.0);
            let Some(opacity) = *held else {
                self.push(Shape::rect(rect, 3.0, None, Stroke::new(Ink::Faint, 1.2)));
                continue;
            };
            let fill = Fill::new(Ink::Good).opacity(opacity);
            self.push(Shape::rect(rect, 3.0, fill, Stroke::new(Ink::Good, 1.4)));
            token_shapes(Token::nth(place), center, 3.6, 1.0, self.out);
        }
    }

    /// A level line, up to what is at its end.
    fn way(&mut self, end: f32, stroke: Stroke) {
        let ends = [Point::new(-70.0, 0.0), Point::new(end, 0.0)].map(|end| self.at(end));
        self.push(Shape::polyline(ends, stroke));
    }

    /// A service that is down, and who waits before it in vain.
    fn unanswered(&mut self) {
        self.way(18.0, Stroke::new(Ink::Edge, 1.6));
        let rect = Rect::from_center_size(self.at(Point::new(44.0, 0.0)), 52.0, 34.0);
        let stroke = Stroke::new(Ink::Warning, 2.0).dash(Dash::Dashed);
        self.push(Shape::rect(rect, 10.0, Fill::new(Ink::Card), stroke));
        self.token(0, Point::new(6.0, 0.0), 1.0);
        self.token(1, Point::new(-11.0, 0.0), 1.0);
    }

    /// A token on its way to where it is already.
    fn echo(&mut self) {
        self.way(18.0, Stroke::new(Ink::Edge, 1.6));
        self.service(Point::new(44.0, 0.0), 52.0);
        self.workers(Point::new(44.0, 0.0), &[Some(1.0)]);
        self.token(0, Point::new(-18.0, 0.0), 1.0);
    }

    fn band(&mut self) {
        self.way(70.0, Stroke::new(Ink::Accent, 9.0).opacity(0.45));
        let at = self.at(Point::new(0.0, -17.0));
        let text = Text::new(
            at,
            t!("canvas-rate", rate = 400),
            Font::Mono,
            SMALL,
            Ink::Accent,
        );
        self.push(text.align(Align::Center));
    }
}
