//! How the broker says no.

use std::fmt;

use thiserror::Error;

/// AMQP's reply codes, those the broker uses (C1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReplyCode {
    /// 403: not allowed to do this to that thing.
    AccessRefused,
    /// 404: no such exchange or queue.
    NotFound,
    /// 406: it exists otherwise, or a tag or argument is wrong.
    PreconditionFailed,
    /// 504: no such channel.
    ChannelError,
    /// 530: not allowed at all.
    NotAllowed,
}

impl ReplyCode {
    /// AMQP's number for it.
    pub fn number(self) -> u16 {
        match self {
            Self::AccessRefused => 403,
            Self::NotFound => 404,
            Self::PreconditionFailed => 406,
            Self::ChannelError => 504,
            Self::NotAllowed => 530,
        }
    }

    /// AMQP's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AccessRefused => "ACCESS_REFUSED",
            Self::NotFound => "NOT_FOUND",
            Self::PreconditionFailed => "PRECONDITION_FAILED",
            Self::ChannelError => "CHANNEL_ERROR",
            Self::NotAllowed => "NOT_ALLOWED",
        }
    }
}

impl fmt::Display for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.name())
    }
}

/// A command the broker refused. Its state is as before.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{code} - {text}")]
pub struct Refusal {
    /// The reply code.
    pub code: ReplyCode,
    /// What was wrong, in RabbitMQ's way of saying it.
    pub text: String,
}

impl Refusal {
    pub(super) fn new(code: ReplyCode, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }
}
