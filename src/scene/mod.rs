//! What is seen: a list of shapes that the window paints and the exports write.

mod build;
mod caption;
mod draw;
mod drawn;
pub mod fonts;
mod kept;
mod kerning;
pub mod measure;
mod motion;
pub mod palette;
mod plan;
mod present;
pub mod shape;
mod show;
pub mod sign;
pub mod token;
mod tokens;

pub use build::{Hit, Picture, Target, View, build};
pub use caption::{edge_words, node_words, pace, service, service_time};
pub use drawn::{PART, PART_MOST};
pub use palette::Theme;
pub use plan::Plan;
pub use shape::{Align, Dash, Fill, Font, Ink, Scene, Shape, Stroke, Text};
pub use show::{Foreseen, MAX_EVENTS, MAX_OCTETS, STEPS_AT_ONCE, Show};
pub use sign::Sign;
pub use token::{Form, Token, token_shapes};
pub use tokens::Tokens;
