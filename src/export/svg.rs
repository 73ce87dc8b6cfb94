//! A scene as SVG: the same text for the same scene, words kept as words.

use std::fmt::{self, Write};

use crate::geometry::{Point, Rect};
use crate::scene::measure::baseline_drop;
use crate::scene::shape::on_circle;
use crate::scene::{Align, Dash, Fill, Font, Ink, Scene, Shape, Stroke, Text, Theme};

/// Writes `scene` as one SVG document with `title` as its name.
#[must_use]
pub fn svg(scene: &Scene, theme: Theme, title: &str) -> String {
    let mut writer = Writer {
        out: String::with_capacity(256 + scene.shapes.len() * 128),
        theme,
    };
    // A `String` takes everything that is written to it.
    let _ = writer.document(scene, title);
    writer.out
}

struct Writer {
    out: String,
    theme: Theme,
}

impl Writer {
    fn document(&mut self, scene: &Scene, title: &str) -> fmt::Result {
        let Rect { min, .. } = scene.bounds;
        let (width, height) = (scene.bounds.width(), scene.bounds.height());
        writeln!(
            self.out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"{x} {y} {w} {h}\">",
            x = Number(min.x),
            y = Number(min.y),
            w = Number(width),
            h = Number(height),
        )?;
        writeln!(self.out, "<title>{}</title>", Escaped(title))?;
        let ground = Shape::rect(scene.bounds, 0.0, Fill::new(Ink::Canvas), None);
        self.shape(&ground)?;
        for shape in &scene.shapes {
            self.shape(shape)?;
        }
        self.out.write_str("</svg>\n")
    }

    fn shape(&mut self, shape: &Shape) -> fmt::Result {
        match shape {
            Shape::Rect {
                rect,
                radius,
                fill,
                stroke,
            } => {
                write!(
                    self.out,
                    "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
                    Number(rect.min.x),
                    Number(rect.min.y),
                    Number(rect.width()),
                    Number(rect.height()),
                )?;
                if *radius > 0.0 {
                    // SVG itself keeps to half a side, but for each side apart.
                    let radius = radius.min(rect.width() / 2.0).min(rect.height() / 2.0);
                    write!(self.out, " rx=\"{}\"", Number(radius))?;
                }
                self.finish(*fill, *stroke)
            }
            Shape::Circle {
                center,
                radius,
                fill,
                stroke,
            } => {
                self.circle(*center, *radius)?;
                self.finish(*fill, *stroke)
            }
            Shape::Polygon {
                points,
                fill,
                stroke,
            } => {
                self.points("polygon", points)?;
                self.finish(*fill, *stroke)
            }
            Shape::Polyline { points, stroke } => {
                self.points("polyline", points)?;
                self.finish(None, Some(*stroke))
            }
            Shape::Arc {
                center,
                radius,
                start,
                sweep,
                stroke,
            } => {
                self.arc(*center, *radius, *start, *sweep)?;
                self.finish(None, Some(*stroke))
            }
            Shape::Text(text) => self.text(text),
        }
    }

    fn circle(&mut self, center: Point, radius: f32) -> fmt::Result {
        write!(
            self.out,
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"",
            Number(center.x),
            Number(center.y),
            Number(radius),
        )
    }

    fn points(&mut self, name: &str, points: &[Point]) -> fmt::Result {
        write!(self.out, "<{name} points=\"")?;
        for (index, point) in points.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(self.out, "{space}{},{}", Number(point.x), Number(point.y))?;
        }
        self.out.write_char('"')
    }

    fn arc(&mut self, center: Point, radius: f32, start: f32, sweep: f32) -> fmt::Result {
        use std::f32::consts::{PI, TAU};
        if sweep.abs() >= TAU {
            // An arc that ends where it begins would not be drawn at all.
            return self.circle(center, radius);
        }
        let (from, to) = (
            on_circle(center, radius, start),
            on_circle(center, radius, start + sweep),
        );
        write!(
            self.out,
            "<path d=\"M{} {}A{r} {r} 0 {} {} {} {}\"",
            Number(from.x),
            Number(from.y),
            u8::from(sweep.abs() > PI),
            u8::from(sweep > 0.0),
            Number(to.x),
            Number(to.y),
            r = Number(radius),
        )
    }

    fn text(&mut self, text: &Text) -> fmt::Result {
        let baseline = text.at.y + baseline_drop(text.font, text.size);
        let (family, weight) = match text.font {
            Font::Words => (WORDS, 400),
            Font::WordsMedium => (WORDS, 500),
            Font::WordsStrong => (WORDS, 600),
            Font::Mono => (MONO, 400),
        };
        write!(
            self.out,
            "<text x=\"{}\" y=\"{}\" font-family=\"{family}\" font-size=\"{}\"",
            Number(text.at.x),
            Number(baseline),
            Number(text.size),
        )?;
        if weight != 400 {
            write!(self.out, " font-weight=\"{weight}\"")?;
        }
        match text.align {
            Align::Left => {}
            Align::Center => self.out.write_str(" text-anchor=\"middle\"")?,
            Align::Right => self.out.write_str(" text-anchor=\"end\"")?,
        }
        self.paint("fill", text.ink, text.opacity)?;
        // Without it runs of spaces would shrink to one.
        self.out.write_str(" xml:space=\"preserve\">")?;
        writeln!(self.out, "{}</text>", Escaped(&text.line()))
    }

    /// Fill and stroke, and the end of the element.
    fn finish(&mut self, fill: Option<Fill>, stroke: Option<Stroke>) -> fmt::Result {
        match fill {
            Some(fill) => self.paint("fill", fill.ink, fill.opacity)?,
            None => self.out.write_str(" fill=\"none\"")?,
        }
        if let Some(stroke) = stroke {
            self.paint("stroke", stroke.ink, stroke.opacity)?;
            write!(self.out, " stroke-width=\"{}\"", Number(stroke.width))?;
            if stroke.dash != Dash::Solid {
                self.out.write_str(" stroke-dasharray=\"")?;
                for (index, length) in stroke.dash.pattern().iter().enumerate() {
                    let space = if index == 0 { "" } else { " " };
                    write!(self.out, "{space}{}", Number(length * stroke.width))?;
                }
                self.out.write_char('"')?;
            }
            if stroke.dash == Dash::Dotted {
                // A stroke of no length has only its round ends: a dot.
                self.out.write_str(" stroke-linecap=\"round\"")?;
            }
        }
        self.out.write_str("/>\n")
    }

    fn paint(&mut self, name: &str, ink: Ink, opacity: f32) -> fmt::Result {
        let [red, green, blue] = self.theme.color(ink);
        write!(self.out, " {name}=\"#{red:02X}{green:02X}{blue:02X}\"")?;
        if opacity < 1.0 {
            write!(self.out, " {name}-opacity=\"{}\"", Number(opacity.max(0.0)))?;
        }
        Ok(())
    }
}

const WORDS: &str = "Inter, 'Helvetica Neue', Arial, sans-serif";
const MONO: &str = "'JetBrains Mono', Menlo, Consolas, monospace";

/// A number with at most two decimals, the same on every platform.
struct Number(f32);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is not a number has no place; `as` keeps huge ones in range.
        let hundredths = (f64::from(self.0) * 100.0).round() as i64;
        if hundredths < 0 {
            f.write_char('-')?;
        }
        let (whole, rest) = (
            hundredths.unsigned_abs() / 100,
            hundredths.unsigned_abs() % 100,
        );
        write!(f, "{whole}")?;
        match rest {
            0 => Ok(()),
            tens if tens % 10 == 0 => write!(f, ".{}", tens / 10),
            rest => write!(f, ".{rest:02}"),
        }
    }
}

/// Text that XML can carry.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\n' | '\r' | '\t' => f.write_char(' ')?,
                // XML 1.0 forbids them, even as references.
                '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {
                    f.write_char(char::REPLACEMENT_CHARACTER)?;
                }
                letter => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::point;
    use crate::scene::{Token, token_shapes};

    fn scene() -> Scene {
        let bounds = Rect::from_min_max(point(-10.0, 0.0), point(110.0, 60.5));
        let mut shapes = vec![
            Shape::polyline(
                [point(0.0, 0.0), point(50.125, 20.0), point(100.0, 20.0)],
                Stroke::new(Ink::Warning, 1.6).dash(Dash::Dotted),
            ),
            Shape::rect(
                Rect::from_min_size(point(10.0, 10.0), 40.0, 20.0),
                10.0,
                Fill::new(Ink::Card),
                Stroke::new(Ink::Text, 1.6),
            ),
            Shape::Arc {
                center: point(30.0, 20.0),
                radius: 8.0,
                start: 0.0,
                sweep: 4.0,
                stroke: Stroke::new(Ink::Good, 3.0),
            },
            Text::new(
                point(60.0, 40.0),
                "a<b & \"c\"\0",
                Font::WordsStrong,
                16.0,
                Ink::Text,
            )
            .align(Align::Center)
            .into(),
        ];
        token_shapes(Token::nth(1), point(80.0, 20.0), 7.0, 0.5, &mut shapes);
        Scene { bounds, shapes }
    }

    #[test]
    fn a_small_scene_reads_so() {
        insta::assert_snapshot!(svg(&scene(), Theme::Light, "A <small> scene"));
    }

    #[test]
    fn numbers_are_short_and_never_minus_nought() {
        let number = |value| Number(value).to_string();
        assert_eq!(number(1.0), "1");
        assert_eq!(number(-1.5), "-1.5");
        assert_eq!(number(0.126), "0.13");
        assert_eq!(number(2.05), "2.05");
        assert_eq!(number(-0.001), "0");
        assert_eq!(number(f32::NAN), "0");
        assert_eq!(number(f32::INFINITY), "92233720368547758.07");
    }

    #[test]
    fn a_whole_turn_is_a_circle() {
        let shape = Shape::Arc {
            center: Point::ZERO,
            radius: 5.0,
            start: 1.0,
            sweep: std::f32::consts::TAU,
            stroke: Stroke::new(Ink::Good, 3.0),
        };
        let scene = Scene {
            bounds: Rect::from_min_size(Point::ZERO, 10.0, 10.0),
            shapes: vec![shape],
        };
        assert!(svg(&scene, Theme::Dark, "").contains("<circle"));
    }
}
