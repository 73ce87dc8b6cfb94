//! The broker as a whole: down, or short of something.

use crate::broker::Alarm;
use crate::geometry::{Point, Rect};
use crate::scene::build::Canvas;
use crate::scene::measure::text_width;
use crate::scene::plan::NAME;
use crate::scene::{Align, Fill, Font, Ink, Shape, Stroke, Text};
use crate::t;

const PADDING: f32 = 16.0;
const HEIGHT: f32 = 34.0;

/// Whether what is in the broker is seen as through a veil.
pub(super) fn is_down(canvas: &Canvas) -> bool {
    canvas.stage.broker.down.is_some()
}

/// Says, above everything, that the broker is down, or what it is short of.
pub(in crate::scene) fn broker(canvas: &mut Canvas) {
    let stage = &canvas.stage.broker;
    let text = if let Some((_, clean)) = stage.down {
        t!("canvas-down", how = if clean { "clean" } else { "crash" })
    } else if !stage.alarms.is_empty() {
        let has = |alarm| stage.alarms.contains(&alarm);
        let what = match (has(Alarm::Memory), has(Alarm::Disk)) {
            (true, false) => "memory",
            (false, true) => "disk",
            _ => "both",
        };
        t!("canvas-alarm", what = what)
    } else {
        return;
    };
    let bounds = canvas.plan.layout.bounds;
    let width = text_width(&text, Font::WordsMedium, NAME) + 2.0 * PADDING;
    let center = Point::new(bounds.center().x, bounds.min.y + HEIGHT / 2.0 + 6.0);
    let rect = Rect::from_center_size(center, width, HEIGHT);
    let stroke = Stroke::new(Ink::Warning, 1.6);
    canvas.push(Shape::rect(
        rect,
        HEIGHT / 2.0,
        Fill::new(Ink::Card),
        stroke,
    ));
    let text = Text::new(center, text, Font::WordsMedium, NAME, Ink::Warning);
    canvas.push(text.align(Align::Center));
}
