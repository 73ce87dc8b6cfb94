//! Leveret: see messages find their way through a RabbitMQ-like broker.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod broker;
pub mod export;
pub mod geometry;
pub mod scene;
#[cfg(feature = "gui")]
pub mod ui;
pub mod world;
