//! Services that call one another over HTTP, and the users who call the first of them.
//!
//! A user comes with an order and sends a request. A service has so many workers; a request holds one from its start
//! until its answer is sent, also while that worker waits for the services it calls in turn. Who does not want to wait
//! any longer gives up and may try again, and the one it called knows nothing of that.
//!
//! `setup` says what there is, `arrivals` when users come, `luck` how long work takes; `service` is one service's own
//! state, `request` a request's. What happens is in `serve` (a request at a service), `call` (at its caller) and
//! `hand_over` (when a service publishes instead of calling), and `condition` breaks it all.

mod arrivals;
mod breaker;
mod build;
mod call;
mod condition;
mod event;
mod hand_over;
mod luck;
mod request;
mod serve;
mod service;
mod setup;
mod state;

use serde::{Deserialize, Serialize};

pub use arrivals::Arrivals;
pub use breaker::Breaker;
pub use build::circle;
pub use condition::{Change, Condition, Reach};
pub use event::{Event, Of};
pub(super) use luck::{Chance, Luck};
pub use luck::{Seen, order_of};
pub use request::{Caller, Outcome, Phase, Request, Status, Try};
pub use service::{Dependency, Service};
pub use setup::{
    Arrival, BackOff, BreakerSetup, Call, HandOver, RateLimit, ServiceSetup, Surge, UsersSetup,
    Wave, WhenFull, Workload,
};
pub use state::{Due, Http, OpenOrder, Users};

/// What a user wants, and all that is done for it. Numbered from 1 in the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderId(pub u64);

/// A request, numbered from 1 in the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub u64);

/// A service, by its place in the setup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServiceId(pub u32);
