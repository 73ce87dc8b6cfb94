//! Things that are not there yet, or are gone.

use crate::director::Presence;
use crate::geometry::Rect;
use crate::scene::build::Canvas;
use crate::scene::{Dash, Ink, Shape, Stroke};
use crate::t;

/// How a thing that is not there is called; nothing for one that is.
pub(super) fn absence(presence: Presence) -> Option<String> {
    match presence {
        Presence::Here => None,
        Presence::NotYet => Some(t!("canvas-not-yet")),
        Presence::Gone { .. } => Some(t!("canvas-gone")),
    }
}

/// The outline of what is not there.
pub(super) fn ghost() -> Stroke {
    Stroke::new(Ink::Faint, 1.4).dash(Dash::Dashed)
}

/// Veils what is in a box while the broker is down.
pub(super) fn veil(canvas: &mut Canvas, rect: Rect, radius: f32) {
    if super::broker::is_down(canvas) {
        let fill = crate::scene::Fill::new(Ink::Canvas).opacity(0.5);
        canvas.push(Shape::rect(rect, radius, fill, None));
    }
}
