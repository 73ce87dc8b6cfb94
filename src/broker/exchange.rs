//! Exchange types.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Refusal, ReplyCode, Switches};

/// How an exchange compares a message with its bindings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExchangeKind {
    /// The binding key equals the routing key (E15).
    Direct,
    /// Every binding matches (E15).
    Fanout,
    /// Word by word, with `*` and `#` (E20–E24).
    Topic,
    /// By the message's headers (E30–E34).
    Headers,
    /// To one of its classic queues, by chance (E16).
    #[serde(rename = "x-local-random")]
    LocalRandom,
    /// To one of its destinations, by the hash of the routing key (E16).
    #[serde(rename = "x-modulus-hash")]
    ModulusHash,
}

impl ExchangeKind {
    /// All of them, in the order lessons take them.
    pub const ALL: [Self; 6] = [
        Self::Direct,
        Self::Fanout,
        Self::Topic,
        Self::Headers,
        Self::LocalRandom,
        Self::ModulusHash,
    ];

    /// AMQP's name for the type.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Fanout => "fanout",
            Self::Topic => "topic",
            Self::Headers => "headers",
            Self::LocalRandom => "x-local-random",
            Self::ModulusHash => "x-modulus-hash",
        }
    }

    /// The type of that name.
    ///
    /// # Errors
    /// 406 when this release has none (E6).
    pub fn from_name(name: &str, switches: &Switches) -> Result<Self, Refusal> {
        let kind = Self::ALL.into_iter().find(|kind| kind.as_str() == name);
        match kind {
            Some(kind) => kind.require(switches).map(|()| kind),
            None => Err(unknown(name)),
        }
    }

    /// Refuses a type that this release has not (E6, E16).
    pub(super) fn require(self, switches: &Switches) -> Result<(), Refusal> {
        let there = match self {
            Self::Direct | Self::Fanout | Self::Topic | Self::Headers => true,
            Self::LocalRandom => switches.local_random,
            Self::ModulusHash => switches.modulus_hash,
        };
        if there {
            Ok(())
        } else {
            Err(unknown(self.as_str()))
        }
    }
}

fn unknown(name: &str) -> Refusal {
    Refusal::new(
        ReplyCode::PreconditionFailed,
        "E6",
        match name {
            "" => "invalid exchange type ''".to_owned(),
            _ => format!("unknown exchange type '{name}'"),
        },
    )
}

impl fmt::Display for ExchangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The exchanges every virtual host has from the start (E1); all are durable.
pub const PREDECLARED: [(&str, ExchangeKind); 7] = [
    ("", ExchangeKind::Direct),
    ("amq.direct", ExchangeKind::Direct),
    ("amq.fanout", ExchangeKind::Fanout),
    ("amq.headers", ExchangeKind::Headers),
    ("amq.match", ExchangeKind::Headers),
    ("amq.rabbitmq.trace", ExchangeKind::Topic),
    ("amq.topic", ExchangeKind::Topic),
];

/// The one exchange of these that nobody publishes to (E1, E8).
pub(super) const INTERNAL: &str = "amq.rabbitmq.trace";
