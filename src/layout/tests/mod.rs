//! What holds for whole layouts.

mod promises;
mod shapes;
mod sketch;
