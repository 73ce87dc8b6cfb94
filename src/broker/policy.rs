//! Policies (O1–O7).

use super::{Name, Table};

/// A policy, or an operator policy, as it is set (O1).
#[derive(Clone, Debug, PartialEq)]
pub struct PolicySpec {
    /// Its name.
    pub name: Name,
    /// Which names it is for: an unanchored regular expression.
    pub pattern: Name,
    /// What kind of thing it is for.
    pub apply_to: ApplyTo,
    /// The highest wins.
    pub priority: i64,
    /// What it sets, by argument name without `x-` (O3).
    pub definition: Table,
    /// Whether it is an operator policy (O6).
    pub operator: bool,
}

/// What kind of thing a policy is for (O1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApplyTo {
    /// Exchanges and queues.
    #[default]
    All,
    /// Exchanges.
    Exchanges,
    /// Queues of every type.
    Queues,
    /// Classic queues.
    ClassicQueues,
    /// Quorum queues.
    QuorumQueues,
    /// Streams.
    Streams,
}

impl ApplyTo {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::All,
        Self::Exchanges,
        Self::Queues,
        Self::ClassicQueues,
        Self::QuorumQueues,
        Self::Streams,
    ];

    /// As a definitions file writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Exchanges => "exchanges",
            Self::Queues => "queues",
            Self::ClassicQueues => "classic_queues",
            Self::QuorumQueues => "quorum_queues",
            Self::Streams => "streams",
        }
    }
}
