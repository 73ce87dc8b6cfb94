//! Points and rectangles on the canvas, in `f32`, free of any toolkit.
//!
//! `x` grows to the right and `y` downwards, as on a screen.

mod point;
mod rect;

pub use point::{Point, point};
pub use rect::Rect;
