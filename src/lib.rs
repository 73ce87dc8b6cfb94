//! Leveret: see messages find their way through a RabbitMQ-like broker.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod amqp;
#[cfg(feature = "gui")]
pub mod app;
pub mod broker;
pub mod cli;
pub mod compare;
pub mod director;
pub mod export;
pub mod geometry;
pub mod history;
pub mod layout;
#[cfg(feature = "live")]
pub mod live;
pub mod recording;
pub mod scenario;
pub mod scene;
pub mod topology;
#[cfg(feature = "gui")]
pub mod ui;
pub mod words;
pub mod world;
