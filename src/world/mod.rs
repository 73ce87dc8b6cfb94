//! The simulation round the broker: time, actors, the network and seeded randomness.
//!
//! A [`World`] is built from a [`Setup`] and goes on one [`step`](World::step) at a time. It knows no clock: time is
//! the time of what happens next on its agenda.

mod agenda;
mod consumer;
mod event;
mod publisher;
mod random;
mod setup;
mod simulation;
mod tally;

use serde::{Deserialize, Serialize};

pub use agenda::{Appointment, Due};
pub use consumer::{Job, Worker};
pub use event::{Answer, Event, EventKind};
pub use publisher::Publisher;
pub use setup::{
    BindingSetup, ConsumerSetup, DestinationSetup, ExchangeSetup, Latency, MessageSetup, OnFailure,
    Pace, PublisherSetup, QueueSetup, Service, Setup,
};
pub use simulation::{Input, SetupError, World};
pub use tally::Tally;

/// A publisher, by its place in the setup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublisherId(pub u32);
