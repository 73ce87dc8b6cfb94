//! Exchange types.

use std::fmt;

use serde::{Deserialize, Serialize};

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
