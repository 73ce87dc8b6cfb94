//! Paints a scene under a camera: what is in sight, and text crisp at every zoom.

use egui::emath::TSTransform;
use egui::epaint::{CircleShape, PathShape, PathStroke, RectShape};
use egui::{Color32, CornerRadius, Painter, Pos2, Rect, Shape as Paint, StrokeKind, pos2, vec2};

use super::{dash, fonts, theme};
use crate::geometry;
use crate::scene::measure::baseline_drop;
use crate::scene::shape::on_circle;
use crate::scene::{Align, Dash, Fill, Scene, Shape, Stroke, Text, Theme};

/// Text under this many pixels of the screen cannot be read and is left out.
const SMALLEST_TEXT: f32 = 5.0;

/// Larger letters would fill the atlas of glyphs.
const LARGEST_TEXT: f32 = 256.0;

/// A line is never thinner than this, or the graph would vanish from afar.
const THINNEST_LINE: f32 = 0.6;

/// A dash pattern shorter than this is a blur; a pale line says the same.
const SHORTEST_PATTERN: f32 = 2.5;

/// Paints `scene` through `camera`, which takes the world to the screen.
pub fn paint(scene: &Scene, painter: &Painter, camera: TSTransform, theme: Theme) {
    paint_shapes(&scene.shapes, painter, camera, theme);
}

/// Paints `shapes` through `camera`; for signs on buttons the camera is the identity.
pub fn paint_shapes(shapes: &[Shape], painter: &Painter, camera: TSTransform, theme: Theme) {
    let mut brush = Brush {
        painter,
        camera,
        theme,
        sight: painter.clip_rect(),
        out: Vec::with_capacity(shapes.len() * 2),
    };
    for shape in shapes {
        brush.shape(shape);
    }
    painter.extend(brush.out);
}

struct Brush<'a> {
    painter: &'a Painter,
    camera: TSTransform,
    theme: Theme,
    sight: Rect,
    out: Vec<Paint>,
}

impl Brush<'_> {
    fn shape(&mut self, shape: &Shape) {
        match shape {
            Shape::Rect {
                rect,
                radius,
                fill,
                stroke,
            } => {
                let rect = Rect::from_min_max(self.place(rect.min), self.place(rect.max));
                self.rect(rect, radius * self.camera.scaling, *fill, *stroke);
            }
            Shape::Circle {
                center,
                radius,
                fill,
                stroke,
            } => self.circle(*center, *radius, *fill, *stroke),
            Shape::Polygon {
                points,
                fill,
                stroke,
            } => {
                let points: Vec<Pos2> = points.iter().map(|&point| self.place(point)).collect();
                if self.sees(Rect::from_points(&points), *stroke) {
                    self.outlined(points, *fill, *stroke);
                }
            }
            Shape::Polyline { points, stroke } => {
                let points: Vec<Pos2> = points.iter().map(|&point| self.place(point)).collect();
                if self.sees(Rect::from_points(&points), Some(*stroke)) {
                    self.line(points, false, *stroke);
                }
            }
            Shape::Arc {
                center,
                radius,
                start,
                sweep,
                stroke,
            } => self.arc(*center, *radius, *start, *sweep, *stroke),
            Shape::Text(text) => self.text(text),
        }
    }

    fn place(&self, point: geometry::Point) -> Pos2 {
        self.camera * pos2(point.x, point.y)
    }

    fn sees(&self, bounds: Rect, stroke: Option<Stroke>) -> bool {
        let reach = stroke.map_or(0.0, |stroke| stroke.width * self.camera.scaling);
        self.sight.intersects(bounds.expand(reach))
    }

    fn fill(&self, fill: Option<Fill>) -> Color32 {
        fill.map_or(Color32::TRANSPARENT, |fill| {
            theme::faded(fill.ink, fill.opacity, self.theme)
        })
    }

    /// The line of an outline that is not broken up; one that is comes after the fill.
    fn solid(&self, stroke: Option<Stroke>) -> egui::Stroke {
        match stroke {
            Some(stroke) if stroke.dash == Dash::Solid => self.stroke(stroke),
            _ => egui::Stroke::NONE,
        }
    }

    fn stroke(&self, stroke: Stroke) -> egui::Stroke {
        let mut line = theme::stroke(stroke, self.camera.scaling, self.theme);
        if line.width > 0.0 {
            line.width = line.width.max(THINNEST_LINE);
        }
        line
    }

    fn rect(&mut self, rect: Rect, radius: f32, fill: Option<Fill>, stroke: Option<Stroke>) {
        if !self.sees(rect, stroke) {
            return;
        }
        let radius = radius.min(rect.width() / 2.0).min(rect.height() / 2.0);
        // Rounded and, past 255, held by `as`.
        let corner = CornerRadius::same(radius.round() as u8);
        self.out.push(Paint::Rect(RectShape::new(
            rect,
            corner,
            self.fill(fill),
            self.solid(stroke),
            StrokeKind::Middle,
        )));
        if let Some(stroke) = broken(stroke) {
            self.line(rounded_outline(rect, radius), true, stroke);
        }
    }

    fn circle(
        &mut self,
        center: geometry::Point,
        radius: f32,
        fill: Option<Fill>,
        stroke: Option<Stroke>,
    ) {
        let (middle, reach) = (self.place(center), radius * self.camera.scaling);
        let bounds = Rect::from_center_size(middle, vec2(reach, reach) * 2.0);
        if !self.sees(bounds, stroke) {
            return;
        }
        self.out.push(Paint::Circle(CircleShape {
            center: middle,
            radius: reach,
            fill: self.fill(fill),
            stroke: self.solid(stroke),
        }));
        if let Some(stroke) = broken(stroke) {
            self.arc(center, radius, 0.0, std::f32::consts::TAU, stroke);
        }
    }

    fn arc(
        &mut self,
        center: geometry::Point,
        radius: f32,
        start: f32,
        sweep: f32,
        stroke: Stroke,
    ) {
        let (middle, reach) = (self.place(center), radius * self.camera.scaling);
        let bounds = Rect::from_center_size(middle, vec2(reach, reach) * 2.0);
        if !self.sees(bounds, Some(stroke)) {
            return;
        }
        let turn = std::f32::consts::TAU;
        let sweep = sweep.clamp(-turn, turn);
        let closed = sweep.abs() >= turn;
        // As many steps as leave no corner to be seen.
        let steps = (sweep.abs() * reach.max(1.0).sqrt() * 1.6)
            .ceil()
            .clamp(2.0, 256.0) as u16;
        // The last point of a closed line would be the first again.
        let last = if closed && stroke.dash == Dash::Solid {
            steps - 1
        } else {
            steps
        };
        let points = (0..=last)
            .map(|step| {
                let angle = start + sweep * f32::from(step) / f32::from(steps);
                self.place(on_circle(center, radius, angle))
            })
            .collect();
        self.line(points, closed, stroke);
    }

    fn outlined(&mut self, points: Vec<Pos2>, fill: Option<Fill>, stroke: Option<Stroke>) {
        let outline = broken(stroke).map(|stroke| (points.clone(), stroke));
        self.out.push(Paint::Path(PathShape {
            points,
            closed: true,
            fill: self.fill(fill),
            stroke: self.solid(stroke).into(),
        }));
        if let Some((points, stroke)) = outline {
            self.line(points, true, stroke);
        }
    }

    /// A line through `points`, back to the first if `closed`.
    fn line(&mut self, mut points: Vec<Pos2>, closed: bool, stroke: Stroke) {
        let mut line = self.stroke(stroke);
        let pattern = stroke.dash.pattern();
        let width = stroke.width * self.camera.scaling;
        let period = pattern.iter().sum::<f32>() * width;
        if pattern.is_empty() || period < SHORTEST_PATTERN {
            if !pattern.is_empty() {
                line.color = line.color.gamma_multiply(0.5);
            }
            self.out.push(Paint::Path(PathShape {
                points,
                closed,
                fill: Color32::TRANSPARENT,
                stroke: PathStroke::from(line),
            }));
            return;
        }
        if closed && let Some(&first) = points.first() {
            points.push(first);
        }
        let mut lengths = [0.0; 4];
        for (length, part) in lengths.iter_mut().zip(pattern) {
            *length = part * width;
        }
        let lengths = lengths.get(..pattern.len()).unwrap_or(&lengths);
        let sight = self.sight.expand(width);
        let seen = |from, to| sight.intersects(Rect::from_two_pos(from, to));
        let out = &mut self.out;
        dash::dashes(&points, lengths, seen, |dash| match dash {
            &[dot] => out.push(Paint::circle_filled(dot, line.width / 2.0, line.color)),
            &[from, to] => out.push(Paint::line_segment([from, to], line)),
            bent => out.push(Paint::line(bent.to_vec(), line)),
        });
    }

    fn text(&mut self, text: &Text) {
        let scale = self.camera.scaling;
        // Quarter points keep the atlas small while zooming.
        let size = (text.size * scale * 4.0).round() / 4.0;
        let pixels = size * self.painter.ctx().pixels_per_point();
        if pixels < SMALLEST_TEXT || size > LARGEST_TEXT || text.text.is_empty() {
            return;
        }
        let at = self.place(text.at);
        // No letter is wider than twice the size, so what this rules out is out of sight.
        let reach = vec2(text.text.len() as f32 * 2.0, 1.0) * size;
        if !self
            .sight
            .intersects(Rect::from_center_size(at, reach * 2.0))
        {
            return;
        }
        // The colour is left open, for a text that fades to be laid out once.
        let galley = self.painter.layout_no_wrap(
            text.line().into_owned(),
            fonts::font_id(text.font, size),
            Color32::PLACEHOLDER,
        );
        let Some((row, letter)) = galley
            .rows
            .first()
            .and_then(|row| Some((row, row.glyphs.first()?)))
        else {
            return;
        };
        let baseline = row.pos.y + letter.pos.y;
        let before = match text.align {
            Align::Left => 0.0,
            Align::Center => galley.rect.width() / 2.0,
            Align::Right => galley.rect.width(),
        };
        let top = at.y + baseline_drop(text.font, size) - baseline;
        let color = theme::faded(text.ink, text.opacity, self.theme);
        let corner = pos2(at.x - before, top);
        self.out.push(Paint::galley(corner, galley, color));
    }
}

/// The line of an outline that is broken up.
fn broken(stroke: Option<Stroke>) -> Option<Stroke> {
    stroke.filter(|stroke| stroke.dash != Dash::Solid)
}

/// The outline of a rectangle with round corners, clockwise from its top left.
fn rounded_outline(rect: Rect, radius: f32) -> Vec<Pos2> {
    const STEPS: u8 = 8;
    let inner = rect.shrink(radius);
    let quarter = std::f32::consts::FRAC_PI_2;
    [
        (inner.left_top(), -quarter),
        (inner.right_top(), 0.0),
        (inner.right_bottom(), quarter),
        (inner.left_bottom(), 2.0 * quarter),
    ]
    .into_iter()
    .flat_map(|(corner, start)| {
        (0..=STEPS).map(move |step| {
            let angle = start + quarter * f32::from(step) / f32::from(STEPS);
            let center = geometry::Point::new(corner.x, corner.y);
            let place = on_circle(center, radius, angle);
            pos2(place.x, place.y)
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Point, Rect as WorldRect, point};
    use crate::scene::{Font, Ink};
    use crate::ui::testing::{context, pass};

    /// What `shapes` come to on a screen of 800 × 600.
    fn painted(shapes: &[Shape], camera: TSTransform) -> Vec<Paint> {
        pass(&context(), |ui| {
            paint_shapes(shapes, ui.painter(), camera, Theme::Light);
        })
        .into_iter()
        .map(|clipped| clipped.shape)
        .collect()
    }

    fn zoom(scaling: f32) -> TSTransform {
        TSTransform::from_scaling(scaling)
    }

    fn text(at: Point, size: f32) -> Shape {
        Text::new(at, "kern.error", Font::Mono, size, Ink::Text).into()
    }

    #[test]
    fn what_is_out_of_sight_is_not_painted() {
        let square = |x| {
            let rect = WorldRect::from_min_size(point(x, 10.0), 20.0, 20.0);
            Shape::rect(rect, 2.0, Fill::new(Ink::Card), None)
        };
        let far = [
            square(900.0),
            Shape::circle(point(-50.0, 0.0), 20.0, Fill::new(Ink::Card), None),
            text(point(100.0, 900.0), 12.0),
            Shape::polyline(
                [point(0.0, 700.0), point(800.0, 900.0)],
                Stroke::new(Ink::Edge, 1.6),
            ),
        ];
        let nothing = painted(&[], zoom(1.0)).len();
        assert_eq!(painted(&far, zoom(1.0)).len(), nothing);
        assert_eq!(painted(&[square(700.0)], zoom(1.0)).len(), nothing + 1);
        assert_eq!(painted(&[square(700.0)], zoom(2.0)).len(), nothing);
    }

    #[test]
    fn text_grows_with_the_zoom_and_vanishes_when_too_small() {
        let texts = |scaling| {
            painted(&[text(point(50.0, 50.0), 12.0)], zoom(scaling))
                .into_iter()
                .filter_map(|shape| match shape {
                    Paint::Text(text) => Some(text.galley.job.sections[0].format.font_id.size),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(1.0), [12.0]);
        assert_eq!(texts(1.51), [18.0]);
        assert_eq!(texts(0.3), [] as [f32; 0]);
    }

    #[test]
    fn capitals_stand_in_the_middle_of_their_point() {
        let shapes = painted(&[text(point(50.0, 50.0), 16.0)], zoom(2.0));
        let corner = shapes.iter().find_map(|shape| match shape {
            Paint::Text(text) => Some((text.pos, text.galley.rows[0].glyphs[0].pos.y)),
            _ => None,
        });
        let (corner, baseline) = corner.expect("a text");
        let drop = corner.y + baseline - 100.0;
        assert!((drop - 0.73 * 32.0 / 2.0).abs() < 0.1, "{drop}");
    }

    #[test]
    fn a_broken_line_turns_whole_where_its_pattern_would_blur() {
        let line = Shape::polyline(
            [point(0.0, 50.0), point(100.0, 50.0)],
            Stroke::new(Ink::Good, 1.6).dash(Dash::Dotted),
        );
        let nothing = painted(&[], zoom(1.0)).len();
        let count = |scaling| painted(std::slice::from_ref(&line), zoom(scaling)).len() - nothing;
        assert_eq!(count(1.0), 21);
        assert_eq!(count(0.25), 1);
    }
}
