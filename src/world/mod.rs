//! The simulation round the broker: time, actors, the network and seeded randomness.

mod setup;

pub use setup::{
    BindingSetup, ConsumerSetup, DestinationSetup, ExchangeSetup, Latency, MessageSetup, OnFailure,
    Pace, PublisherSetup, QueueSetup, Service, Setup,
};
