//! What a scenario expects of its own run. Here is only what was written; the one who runs it compares.

use std::collections::BTreeSet;

use super::source::Place;
use crate::broker::{Body, DeathReason, Micros, Name, Publication, ReplyCode, Throttle};
use crate::compare::Side;

/// An expectation, and where it stands in the file, so that one that fails can be found.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Where it stands.
    pub place: Place,
    /// What must hold.
    pub claim: Claim,
}

/// What must hold. Numbers that are left out are not compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// A publication would reach exactly these queues, whatever else happens; none means it is unroutable.
    Reaches {
        /// What would be published.
        publication: Publication,
        /// The queues, all of them.
        queues: BTreeSet<Name>,
    },
    /// How many messages a queue holds.
    Queue {
        /// When.
        at: Micros,
        /// Whose.
        queue: Name,
        /// Ready to be delivered.
        ready: Option<u64>,
        /// Delivered and not yet acknowledged.
        unacked: Option<u64>,
        /// Those it did not take so far, being at its limit (Q27).
        turned_away: Option<u64>,
        /// Consumers of it.
        consumers: Option<u64>,
    },
    /// How far a consumer has come.
    Consumer {
        /// When.
        at: Micros,
        /// Whose.
        consumer: Name,
        /// Deliveries to it so far.
        delivered: Option<u64>,
        /// Those of them that may have been delivered before (S12).
        redelivered: Option<u64>,
        /// Those it has acknowledged.
        acked: Option<u64>,
        /// Those it holds unacknowledged.
        unacked: Option<u64>,
    },
    /// How far a publisher has come.
    Publisher {
        /// When.
        at: Micros,
        /// Whose.
        publisher: Name,
        /// Messages it has sent so far.
        published: Option<u64>,
        /// Those of which it has learnt that they are confirmed (P7).
        confirmed: Option<u64>,
        /// Those of which it has learnt that they are nacked (P9).
        nacked: Option<u64>,
        /// Those that came back to it (P2).
        returned: Option<u64>,
    },
    /// How a connection stands.
    Connection {
        /// When.
        at: Micros,
        /// Whose.
        connection: Name,
        /// Whether it is read, as the broker has it (F1, F3); none if it is closed.
        state: Option<Throttle>,
    },
    /// What has become of messages in the broker as a whole.
    Broker {
        /// When.
        at: Micros,
        /// Those that have reached no queue.
        unroutable: Option<u64>,
        /// Those it has sent back (P2).
        returned: Option<u64>,
        /// Those it has confirmed (P7).
        confirmed: Option<u64>,
        /// Those it has nacked (P9).
        nacked: Option<u64>,
    },
    /// How many messages have died in a queue (D1).
    Died {
        /// When.
        at: Micros,
        /// Which queue.
        queue: Name,
        /// Only those that died for this.
        reason: Option<DeathReason>,
        /// How many so far.
        count: u64,
    },
    /// In which order messages came to a consumer, or stand ready in a queue; as many as are listed.
    Order {
        /// When.
        at: Micros,
        /// Whose.
        line: Line,
        /// The first of them.
        first: Signs,
    },
    /// How often the broker has refused something with this code.
    Refused {
        /// When.
        at: Micros,
        /// The code.
        code: ReplyCode,
        /// How often so far.
        count: u64,
    },
    /// What is measured of one side of a comparison, or of a service on it.
    Side {
        /// When.
        at: Micros,
        /// Which.
        side: Side,
        /// The service, if it is about one.
        service: Option<Name>,
        /// The numbers.
        numbers: Vec<Bounds>,
    },
    /// Whether there is a queue or an exchange of this name.
    Exists {
        /// When.
        at: Micros,
        /// The name.
        name: Name,
        /// Whether there is one, rather than none.
        exists: bool,
    },
}

/// From where to where a number may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// What is measured, as docs/scenarios.md names it.
    pub name: &'static str,
    /// The least it may be: a count, microseconds, or thousandths of a mean.
    pub least: u64,
    /// The most.
    pub most: u64,
}

/// Where messages stand in line.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// Ready in a queue, the next to be delivered first.
    Queue(Name),
    /// Received by a consumer, the first it received first.
    Consumer(Name),
}

/// By what messages are told from each other.
#[derive(Clone, Debug, PartialEq)]
pub enum Signs {
    /// By their routing keys.
    Keys(Vec<Name>),
    /// By their bodies.
    Bodies(Vec<Body>),
}

impl Signs {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Keys(keys) => keys.len(),
            Self::Bodies(bodies) => bodies.len(),
        }
    }
}

impl Claim {
    /// When it must hold; one that holds whatever happens has no time.
    pub fn at(&self) -> Option<Micros> {
        match self {
            Self::Reaches { .. } => None,
            Self::Queue { at, .. }
            | Self::Consumer { at, .. }
            | Self::Publisher { at, .. }
            | Self::Connection { at, .. }
            | Self::Broker { at, .. }
            | Self::Died { at, .. }
            | Self::Order { at, .. }
            | Self::Refused { at, .. }
            | Self::Side { at, .. }
            | Self::Exists { at, .. } => Some(*at),
        }
    }
}
