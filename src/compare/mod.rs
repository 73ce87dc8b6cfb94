//! The same work twice: once by services that call one another over HTTP and wait, once by a service that publishes and
//! others that consume.
//!
//! A [`Comparison`] describes orders, services and faults once; [`Comparison::setup`] makes of it the setup of either
//! [`Side`]. Both have the same orders at the same times, the same service times and the same faults, so that what
//! differs is due to the wiring.

//!
//! What is measured is in [`Measures`], which reads a side's events one by one, and in [`Series`] step by step. Both know
//! what is under way by the `ledger` of orders; `reading` says what each event means to it.

mod estimate;
mod fault;
mod held;
mod http;
mod ledger;
mod measures;
mod messaging;
mod order;
mod reading;
mod run;
mod series;
mod spec;
mod spread;
mod summary;

use crate::broker::Micros;

pub use estimate::Estimate;
pub use fault::{Fault, FaultKind};
pub use measures::Measures;
pub use run::{RunError, run};
pub use series::{Point, Series};
pub use spec::{Comparison, HttpSide, MessagingSide, ServiceChange, ServiceSpec};
pub use spread::Spread;
pub use summary::{ServiceSummary, Summary};

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

/// How many a second so many in a span are.
fn a_second(count: u64, span: Micros) -> f64 {
    match span.0 {
        0 => 0.0,
        _ => count as f64 / span.as_secs_f64(),
    }
}
