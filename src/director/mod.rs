//! From events to motions: which token travels along which edge, from when to when.
//!
//! A hop in the world may take no time at all; a hop in the picture takes long enough to be seen. So each event has a
//! moment at which it is *shown*, at or after the moment it happened:
//!
//! - after the event that caused it is shown,
//! - after its own message has arrived where it happens,
//! - after what happened before at the same publisher, exchange, queue or consumer is shown.
//!
//! Every picture is therefore a state the run could have been seen in: nothing arrives before it left, and no counter
//! runs ahead of its tokens. What is shown lags behind what happened by [`MAX_LAG`] at most: the further behind, the
//! shorter the hops.
//!
//! What is compared ([`compare`](crate::compare)) is shown when it happens, not a moment later: the times are what it
//! is compared by, and hops drawn out would hold workers and users that are free. A hop too short to be seen leaves an
//! [`Echo`] instead, which nothing waits for.
//!
//! [`Stage`] is what is shown at one moment, folded from the events shown so far.

mod flight;
mod fold;
mod http;
mod line;
mod meter;
mod parts;
mod read;
mod schedule;
mod stage;
mod ways;

pub use flight::{Decision, Echo, Ending, EndingPlace, Flight, FlightKind, Leg, Refused, Spot};
pub use http::{Exchanged, Faded, Fading, Held, ServiceStage, ServiceWorker, UsersStage, Vain};
pub use line::{Bead, Line};
pub use parts::{
    BrokerStage, ConsumerStage, Ended, ExchangeStage, LinkStage, Presence, PublisherStage,
    QueueStage, Reader, Terms, Waits, Work,
};
pub use schedule::{Cue, Director, MAX_LAG, MIN_HOP, Moment};
pub use stage::Stage;
