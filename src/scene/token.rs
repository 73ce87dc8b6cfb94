//! Messages as small shapes: form and colour together say which routing key.

use super::palette::MESSAGE_INKS;
use super::shape::{Fill, Ink, Shape, Stroke, on_circle};
use crate::geometry::{Point, Rect};

/// The outline of a token. All are told apart at 12 pixels and none bends inwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// ●
    Circle,
    /// ◆
    Diamond,
    /// ■
    Square,
    /// ▲
    Triangle,
    /// ⬢
    Hexagon,
    /// ▼
    Wedge,
    /// ◗ lying on its flat side
    Dome,
}

/// The form and colour that a routing key goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token {
    /// Its outline.
    pub form: Form,
    /// Which of the message colours.
    pub color: u8,
}

/// The first seven tokens: no form and no colour twice, the plainest first.
const FIRST: [(Form, u8); MESSAGE_INKS] = [
    (Form::Circle, 0),
    (Form::Diamond, 1),
    (Form::Square, 3),
    (Form::Triangle, 4),
    (Form::Hexagon, 2),
    (Form::Wedge, 5),
    (Form::Dome, 6),
];

/// How wide the outline is that parts a token from what lies beneath it.
const OUTLINE: f32 = 1.2;

impl Token {
    /// The token of the `n`th routing key in order of appearance. The first
    /// seven differ in both form and colour, the first 49 in one of the two.
    #[must_use]
    pub fn nth(n: usize) -> Self {
        let (place, shift) = (n % MESSAGE_INKS, n / MESSAGE_INKS);
        let (form, _) = FIRST[place];
        let (_, color) = FIRST[(place + shift) % MESSAGE_INKS];
        Self { form, color }
    }
}

/// Draws `token` about as large as a circle of `radius`, whatever its form.
pub fn token_shapes(token: Token, center: Point, radius: f32, opacity: f32, out: &mut Vec<Shape>) {
    let fill = Fill::new(Ink::Message(token.color)).opacity(opacity);
    let outline = Stroke::new(Ink::MessageEdge(token.color), OUTLINE).opacity(opacity);
    // Half of the outline covers the inside, so the shape gets as much more.
    let radius = radius + OUTLINE / 2.0;
    let polygon = |corners: usize, first: f32, radius: f32, drop: f32| {
        let middle = center + Point::new(0.0, radius * drop);
        let step = std::f32::consts::TAU / corners as f32;
        let points: Vec<Point> = (0..corners)
            .map(|corner| on_circle(middle, radius, first + step * corner as f32))
            .collect();
        Shape::polygon(points, fill, outline)
    };
    let half_turn = std::f32::consts::PI;
    // The factors give each form about the area of the circle; a triangle is
    // dropped a little, for its middle to be where the eye puts it.
    out.push(match token.form {
        Form::Circle => Shape::circle(center, radius, fill, outline),
        Form::Square => {
            let side = radius * 1.77;
            Shape::rect(
                Rect::from_center_size(center, side, side),
                1.0,
                fill,
                outline,
            )
        }
        Form::Diamond => polygon(4, 0.0, radius * 1.3, 0.0),
        Form::Triangle => polygon(3, 0.0, radius * 1.42, 0.14),
        Form::Wedge => polygon(3, half_turn, radius * 1.42, -0.14),
        Form::Hexagon => polygon(6, half_turn / 6.0, radius * 1.12, 0.0),
        Form::Dome => dome(center, radius * 1.3, fill, outline),
    });
}

/// Half a disc on its flat side.
fn dome(center: Point, radius: f32, fill: Fill, outline: Stroke) -> Shape {
    const STEPS: u8 = 12;
    let foot = center + Point::new(0.0, radius * 0.45);
    let quarter = std::f32::consts::FRAC_PI_2;
    let points: Vec<Point> = (0..=STEPS)
        .map(|step| {
            let angle = -quarter + f32::from(step) / f32::from(STEPS) * 2.0 * quarter;
            on_circle(foot, radius, angle)
        })
        .collect();
    Shape::polygon(points, fill, outline)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_first_seven_tokens_differ_in_form_and_in_colour() {
        let tokens: Vec<_> = (0..7).map(Token::nth).collect();
        let forms: BTreeSet<_> = tokens.iter().map(|token| token.form).collect();
        let colors: BTreeSet<_> = tokens.iter().map(|token| token.color).collect();
        assert_eq!((forms.len(), colors.len()), (7, 7));
    }

    #[test]
    fn forty_nine_tokens_differ_before_they_repeat() {
        let tokens: BTreeSet<_> = (0..49).map(Token::nth).collect();
        assert_eq!(tokens.len(), 49);
        assert_eq!(Token::nth(49), Token::nth(0));
        assert_ne!(Token::nth(usize::MAX), Token::nth(usize::MAX - 1));
    }

    #[test]
    fn every_form_covers_about_the_same_area() {
        let disc = std::f32::consts::PI * 7.6 * 7.6;
        for n in 0..7 {
            let mut shapes = Vec::new();
            token_shapes(Token::nth(n), Point::ZERO, 7.0, 1.0, &mut shapes);
            let area = match &shapes[0] {
                Shape::Polygon { points, .. } => {
                    let next = points.iter().cycle().skip(1);
                    let doubled: f32 = points
                        .iter()
                        .zip(next)
                        .map(|(a, b)| a.x * b.y - b.x * a.y)
                        .sum();
                    doubled.abs() / 2.0
                }
                Shape::Rect { rect, .. } => rect.width() * rect.height(),
                _ => disc,
            };
            assert!(
                (0.78..1.12).contains(&(area / disc)),
                "{n}: {}",
                area / disc
            );
        }
    }
}
