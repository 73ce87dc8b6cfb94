//! A scene as a file: SVG to be edited, PNG to be shown anywhere. A graph as DOT.

pub mod dot;
pub mod png;
pub mod svg;

pub use dot::dot;
pub use png::{PngError, png};
pub use svg::svg;
