//! The simulation round the broker: time, actors, the network and seeded randomness.
//!
//! A [`World`] is built from a [`Setup`] and goes on one [`step`](World::step) at a time. It knows no clock: time is
//! the time of what happens next on its agenda.

mod actors;
mod agenda;
mod build;
mod carry;
mod circling;
mod consumer;
mod errand;
mod event;
pub mod http;
mod link;
mod open;
mod publisher;
mod random;
mod settled;
mod setup;
mod simulation;
mod tally;
mod under_way;
mod wire;

use serde::{Deserialize, Serialize};

pub use agenda::{Appointment, Due, News};
pub use build::{SetupError, SetupFault};
pub use circling::{Circling, Standstill};
pub use consumer::{Job, Worker};
pub use errand::{PATIENCE, Stop};
pub use event::{Answer, Event, EventKind, Hindrance};
pub use link::{GUEST, Link, PUBLISHER_RECONNECT, Sent};
pub use publisher::{Aims, Publisher};
pub use setup::{
    Act, BindingSetup, ConsumerSetup, Deed, Latency, MessageSetup, MoverKind, MoverSetup,
    OnFailure, Onward, Pace, PublisherSetup, QueueSetup, ServiceTime, Setup,
};
pub use simulation::{Input, World};
pub use tally::{Deliveries, Tally};
pub use under_way::UnderWay;
pub use wire::Said;

/// A publisher, by its place in the setup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublisherId(pub u32);

/// A consumer, by its place in the setup. Whenever it connects again it is another [`ConsumerId`] to the broker.
///
/// [`ConsumerId`]: crate::broker::ConsumerId
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkerId(pub u32);

/// A connection of the actors', by its place. Whenever it is opened again it is another [`ConnectionId`] to the broker.
///
/// [`ConnectionId`]: crate::broker::ConnectionId
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkId(pub u32);

/// Who publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Author {
    /// A publisher.
    Publisher(PublisherId),
    /// A consumer, with what it made of a message.
    Consumer(WorkerId),
}
