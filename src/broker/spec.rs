//! What a declaration asks for.

use std::fmt;

use super::{ExchangeKind, Name, Table, Value};

/// A queue's type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueueKind {
    /// One node's own queue.
    #[default]
    Classic,
    /// A replicated queue, as one node shows it.
    Quorum,
    /// A log that readers pass over (Q47).
    Stream,
    /// The pseudo-queue of a direct reply-to address (S16). Nobody declares one.
    ReplyTo,
}

impl QueueKind {
    /// Those that can be declared.
    pub const ALL: [Self; 3] = [Self::Classic, Self::Quorum, Self::Stream];

    /// As the argument `x-queue-type` writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Quorum => "quorum",
            Self::Stream => "stream",
            Self::ReplyTo => "reply-to",
        }
    }
}

impl fmt::Display for QueueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An exchange to declare: `exchange.declare` without its name's existence being asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeSpec {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub kind: ExchangeKind,
    /// What the type is called, where it is [unknown](ExchangeKind::Unknown) (E47).
    pub plugin: Option<Name>,
    /// Whether its definition survives a restart (R4).
    pub durable: bool,
    /// Whether it goes when its last outgoing binding goes (E9).
    pub auto_delete: bool,
    /// Whether publishers may not publish to it (E8).
    pub internal: bool,
    /// The arguments, `alternate-exchange` among them (E13).
    pub arguments: Table,
}

impl ExchangeSpec {
    /// A durable exchange without arguments.
    pub fn new(name: impl Into<Name>, kind: ExchangeKind) -> Self {
        Self {
            name: name.into(),
            kind,
            plugin: None,
            durable: true,
            auto_delete: false,
            internal: false,
            arguments: Table::new(),
        }
    }

    /// A durable exchange of a plugin's type that is not known here (E47).
    pub fn of_plugin(name: impl Into<Name>, plugin: impl Into<Name>) -> Self {
        Self {
            plugin: Some(plugin.into()),
            ..Self::new(name, ExchangeKind::Unknown)
        }
    }

    /// What it compares messages by: its type, or the one that a delaying exchange wraps (E45).
    pub fn rule(&self) -> ExchangeKind {
        super::exchange::rule(self)
    }

    /// What its type is called.
    pub fn type_name(&self) -> &str {
        self.plugin.as_deref().unwrap_or(self.kind.as_str())
    }
}

/// A queue to declare: `queue.declare`.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueSpec {
    /// Its name; `""` asks the broker for one (Q1).
    pub name: Name,
    /// Whether it survives a restart (R1–R3).
    pub durable: bool,
    /// Whether only the connection that declares it may use it (Q5).
    pub exclusive: bool,
    /// Whether it goes when its last consumer goes (Q6).
    pub auto_delete: bool,
    /// The arguments, `x-queue-type` among them (Q4, Q12).
    pub arguments: Table,
}

impl QueueSpec {
    /// A durable classic queue without arguments.
    pub fn new(name: impl Into<Name>) -> Self {
        Self {
            name: name.into(),
            durable: true,
            exclusive: false,
            auto_delete: false,
            arguments: Table::new(),
        }
    }

    /// The same with one more argument.
    #[must_use]
    pub fn with(mut self, argument: &str, value: impl Into<Value>) -> Self {
        self.arguments.insert(argument.into(), value.into());
        self
    }
}
