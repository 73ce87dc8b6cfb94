//! Leveret: see messages find their way through a RabbitMQ-like broker.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod broker;
pub mod geometry;
pub mod layout;
pub mod topology;
pub mod world;
