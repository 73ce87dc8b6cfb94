//! Exchange types.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::router::{HASH_HEADER, HASH_PROPERTY, PROPERTIES};
use super::{ExchangeSpec, Name, Refusal, ReplyCode, Switches, Table, Value};

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
    /// To one of its destinations, by the hash of a message's key, header or property and by weights (E41).
    #[serde(rename = "x-consistent-hash")]
    ConsistentHash,
    /// To one of its destinations, by chance (E43).
    #[serde(rename = "x-random")]
    Random,
    /// As fanout; and what is newly bound gets the latest messages too (E44).
    #[serde(rename = "x-recent-history")]
    RecentHistory,
    /// As the type it wraps, when a message has waited for as long as its header `x-delay` says (E45).
    #[serde(rename = "x-delayed-message")]
    Delayed,
    /// A plugin's type of which nothing is known here, so that nothing can be told of where a message goes (E47).
    #[serde(rename = "unknown")]
    Unknown,
}

impl ExchangeKind {
    /// All that are known, in the order lessons take them.
    pub const ALL: [Self; 10] = [
        Self::Direct,
        Self::Fanout,
        Self::Topic,
        Self::Headers,
        Self::LocalRandom,
        Self::ModulusHash,
        Self::ConsistentHash,
        Self::Random,
        Self::RecentHistory,
        Self::Delayed,
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
            Self::ConsistentHash => "x-consistent-hash",
            Self::Random => "x-random",
            Self::RecentHistory => "x-recent-history",
            Self::Delayed => "x-delayed-message",
            Self::Unknown => "unknown",
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
    ///
    /// # Errors
    /// 406.
    pub fn require(self, switches: &Switches) -> Result<(), Refusal> {
        let there = match self {
            Self::Direct | Self::Fanout | Self::Topic | Self::Headers => true,
            // Plugins are taken to be enabled.
            Self::ConsistentHash | Self::Random | Self::RecentHistory | Self::Delayed => true,
            Self::Unknown => true,
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

/// The argument that says which type an `x-delayed-message` exchange wraps (E45).
const DELAYED_TYPE: &str = "x-delayed-type";
/// The argument that says how many messages an `x-recent-history` exchange remembers (E44).
const HISTORY_LENGTH: &str = "x-recent-history-length";
/// How many it remembers without it.
const HISTORY_DEFAULT: usize = 20;

/// What an exchange that is declared so compares messages by: its type, or the one it wraps.
pub(super) fn rule(spec: &ExchangeSpec) -> ExchangeKind {
    match spec.kind {
        ExchangeKind::Delayed => wrapped(&spec.arguments).unwrap_or(ExchangeKind::Unknown),
        kind => kind,
    }
}

/// The type that an `x-delayed-message` exchange wraps, if it is one that is known.
fn wrapped(arguments: &Table) -> Option<ExchangeKind> {
    let name = arguments.get(DELAYED_TYPE)?.text()?;
    ExchangeKind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == name.as_str() && *kind != ExchangeKind::Delayed)
}

/// Refuses arguments that an exchange's type does not take (E40, E44, E45).
pub(super) fn check(spec: &ExchangeSpec, switches: &Switches) -> Result<(), Refusal> {
    match spec.kind {
        ExchangeKind::Delayed => {
            let refused =
                |text: &str| Err(Refusal::new(ReplyCode::PreconditionFailed, "E45", text));
            let name = spec.arguments.get(DELAYED_TYPE).and_then(Value::text);
            match name {
                None => {
                    refused("Invalid argument, 'x-delayed-type' must be an existing exchange type")
                }
                Some(name) if name == ExchangeKind::Delayed.as_str() => refused(
                    "Invalid argument, 'x-delayed-message' can't be used for 'x-delayed-type'",
                ),
                Some(name) => {
                    let kind = ExchangeKind::from_name(name, switches)?;
                    check_arguments(kind, &spec.arguments)
                }
            }
        }
        kind => check_arguments(kind, &spec.arguments),
    }
}

fn check_arguments(kind: ExchangeKind, arguments: &Table) -> Result<(), Refusal> {
    match kind {
        ExchangeKind::ConsistentHash => check_hash(arguments),
        ExchangeKind::RecentHistory => match arguments.get(HISTORY_LENGTH) {
            Some(value) if value.as_int().is_none_or(|length| length < 1) => {
                let text = format!(
                    "Invalid argument {}, '{HISTORY_LENGTH}' must be a positive integer",
                    term(value)
                );
                Err(Refusal::new(ReplyCode::PreconditionFailed, "E44", text))
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// What an `x-consistent-hash` exchange hashes: one header, or one of three properties (E40).
fn check_hash(arguments: &Table) -> Result<(), Refusal> {
    let text = |name| match arguments.get(name) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text)),
        // RabbitMQ does not expect it, and says no more.
        Some(_) => Err(Refusal::new(ReplyCode::InternalError, "E40", "")),
    };
    let refused = |text: String| Err(Refusal::new(ReplyCode::PreconditionFailed, "E40", text));
    match (text(HASH_HEADER)?, text(HASH_PROPERTY)?) {
        (Some(_), Some(_)) => {
            refused("hash-header and hash-property are mutually exclusive".to_owned())
        }
        (None, Some(property)) if !PROPERTIES.contains(&property.as_str()) => {
            refused(format!("Unsupported property: {property}"))
        }
        _ => Ok(()),
    }
}

/// What weight a binding key is to an `x-consistent-hash` exchange (E40).
pub(super) fn weight(key: &Name, switches: &Switches) -> Result<u64, Refusal> {
    let refused = |text: String| Err(Refusal::new(ReplyCode::PreconditionFailed, "E40", text));
    let (negative, digits) = match key.strip_prefix(['+', '-']) {
        Some(rest) => (key.starts_with('-'), rest),
        None => (false, key.as_str()),
    };
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        let key = text_term(key);
        return refused(format!("The binding key must be an integer: {key}"));
    }
    // More digits than fit are too many in any case.
    let weight: u64 = digits.parse().unwrap_or(u64::MAX);
    match switches.most_weight {
        _ if negative || weight == 0 => {
            refused("The binding key must be greater than 0".to_owned())
        }
        Some(most) if weight > most => refused(format!("The binding key must not exceed {most}")),
        _ => Ok(weight.min(MOST_BUCKETS)),
    }
}

/// A field's value as RabbitMQ's texts write it.
fn term(value: &Value) -> String {
    match value {
        Value::Void => "undefined".to_owned(),
        Value::Text(text) | Value::Octets(text) => text_term(text),
        other => other.to_string(),
    }
}

fn text_term(text: &str) -> String {
    let utf8 = if text.is_ascii() { "" } else { "/utf8" };
    match text {
        "" => "<<>>".to_owned(),
        _ => format!("<<\"{text}\"{utf8}>>"),
    }
}

/// More buckets than a broker without a limit could keep.
const MOST_BUCKETS: u64 = 1 << 32;

/// How many messages an `x-recent-history` exchange remembers (E44).
pub(super) fn history_length(arguments: &Table) -> usize {
    let said = arguments.get(HISTORY_LENGTH).and_then(Value::as_int);
    said.and_then(|length| usize::try_from(length).ok())
        .unwrap_or(HISTORY_DEFAULT)
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
