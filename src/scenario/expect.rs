//! What a scenario expects of its own run. Here is only what was written; the one who runs it compares.

use std::collections::BTreeSet;

use super::source::Place;
use crate::broker::{Micros, Name, Publication};

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
    },
    /// How far a consumer has come.
    Consumer {
        /// When.
        at: Micros,
        /// Whose.
        consumer: Name,
        /// Deliveries to it so far.
        delivered: Option<u64>,
        /// Those it has acknowledged.
        acked: Option<u64>,
        /// Those it holds unacknowledged.
        unacked: Option<u64>,
    },
    /// How many messages a publisher has sent.
    Publisher {
        /// When.
        at: Micros,
        /// Whose.
        publisher: Name,
        /// Messages so far.
        published: u64,
    },
    /// How many messages have reached no queue.
    Unroutable {
        /// When.
        at: Micros,
        /// Messages so far.
        count: u64,
    },
}
