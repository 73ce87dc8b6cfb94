//! A publisher: a tag that points right.

use crate::geometry::{Point, Rect};
use crate::scene::build::Canvas;
use crate::scene::plan::{NAME, NodePlan, SECOND};
use crate::scene::{Align, Fill, Font, Ink, Shape, Text};
use crate::topology::NodeKey;

pub(super) fn draw(canvas: &mut Canvas, key: NodeKey, rect: Rect, node: &NodePlan) {
    let tip = rect.height() / 2.0;
    let shoulder = rect.max.x - tip * 0.9;
    let stroke = super::outline(canvas, key);
    canvas.push(Shape::polygon(
        [
            rect.min,
            Point::new(shoulder, rect.min.y),
            Point::new(rect.max.x, rect.center().y),
            Point::new(shoulder, rect.max.y),
            Point::new(rect.min.x, rect.max.y),
        ],
        Fill::new(Ink::Card),
        stroke,
    ));
    let middle = Point::new((rect.min.x + shoulder) / 2.0 + 4.0, rect.center().y);
    let above = middle - Point::new(0.0, 9.0);
    let name = Text::new(
        above,
        node.title.clone(),
        Font::WordsStrong,
        NAME,
        Ink::Text,
    );
    canvas.push(name.align(Align::Center));
    let below = middle + Point::new(0.0, 11.0);
    let pace = Text::new(below, node.subtitle.clone(), Font::Words, SECOND, Ink::Soft);
    canvas.push(pace.align(Align::Center));
}
