//! Leveret: see messages find their way through a RabbitMQ-like broker.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod broker;

pub mod director;
pub mod geometry;
pub mod history;
pub mod scenario;
pub mod topology;
pub mod words;
pub mod world;
