//! What is seen: a list of shapes that the window paints and the exports write.

pub mod fonts;
mod kerning;
pub mod measure;
pub mod palette;
pub mod shape;
pub mod sign;
pub mod token;

pub use palette::Theme;
pub use shape::{Align, Dash, Fill, Font, Ink, Scene, Shape, Stroke, Text};
pub use token::{Form, Token, token_shapes};
