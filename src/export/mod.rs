//! A scene as a file: SVG to be edited, PNG to be shown anywhere.

pub mod png;
pub mod svg;

pub use png::{PngError, png};
pub use svg::svg;
