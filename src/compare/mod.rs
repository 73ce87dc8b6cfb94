//! The same work twice: once by services that call one another over HTTP and wait, once by a service that publishes and
//! others that consume.
//!
//! A [`Comparison`] describes orders, services and faults once; [`Comparison::setup`] makes of it the setup of either
//! [`Side`]. Both have the same orders at the same times, the same service times and the same faults, so that what
//! differs is due to the wiring.

mod fault;
mod http;
mod messaging;
mod spec;

pub use fault::{Fault, FaultKind};
pub use spec::{Comparison, HttpSide, MessagingSide, ServiceChange, ServiceSpec};

/// A wiring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Services call one another over HTTP, and wait.
    Http,
    /// The first service publishes, the others consume.
    Messaging,
}

impl Side {
    /// Both, in the order in which they are shown.
    pub const ALL: [Self; 2] = [Self::Http, Self::Messaging];
}
