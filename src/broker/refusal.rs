//! How the broker says no.

use std::fmt;

use thiserror::Error;

macro_rules! reply_codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal $amqp:literal $scope:ident;)*) => {
        /// AMQP's reply codes (C1).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ReplyCode {
            $($(#[$doc])* $name,)*
        }

        impl ReplyCode {
            /// All of them, by number.
            pub const ALL: [Self; [$($number),*].len()] = [$(Self::$name),*];

            /// AMQP's number for it.
            pub fn number(self) -> u16 {
                match self { $(Self::$name => $number),* }
            }

            /// AMQP's name for it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $amqp),* }
            }

            /// What it closes.
            pub fn scope(self) -> Scope {
                match self { $(Self::$name => Scope::$scope),* }
            }
        }
    };
}

reply_codes! {
    /// The content is too large.
    ContentTooLarge = 311 "CONTENT_TOO_LARGE" Channel;
    /// Nothing to route to; also the code of a returned message (P2).
    NoRoute = 312 "NO_ROUTE" Channel;
    /// No consumer could take it.
    NoConsumers = 313 "NO_CONSUMERS" Channel;
    /// An operator, or a shutdown, closes the connection (C13).
    ConnectionForced = 320 "CONNECTION_FORCED" Connection;
    /// An unknown virtual host in the connection's address.
    InvalidPath = 402 "INVALID_PATH" Connection;
    /// Not allowed to do this to that thing.
    AccessRefused = 403 "ACCESS_REFUSED" Channel;
    /// No such exchange or queue.
    NotFound = 404 "NOT_FOUND" Channel;
    /// It belongs to another connection.
    ResourceLocked = 405 "RESOURCE_LOCKED" Channel;
    /// It exists otherwise, or a tag or argument is wrong.
    PreconditionFailed = 406 "PRECONDITION_FAILED" Channel;
    /// A frame that cannot be read.
    FrameError = 501 "FRAME_ERROR" Connection;
    /// A field that cannot be read.
    SyntaxError = 502 "SYNTAX_ERROR" Connection;
    /// An unknown method, or one out of order.
    CommandInvalid = 503 "COMMAND_INVALID" Connection;
    /// No such channel.
    ChannelError = 504 "CHANNEL_ERROR" Connection;
    /// A frame of another kind was expected.
    UnexpectedFrame = 505 "UNEXPECTED_FRAME" Connection;
    /// The broker has too little of something.
    ResourceError = 506 "RESOURCE_ERROR" Connection;
    /// Not allowed at all.
    NotAllowed = 530 "NOT_ALLOWED" Connection;
    /// Not implemented.
    NotImplemented = 540 "NOT_IMPLEMENTED" Connection;
    /// Something went wrong in the broker.
    InternalError = 541 "INTERNAL_ERROR" Connection;
}

/// What a refusal closes (C1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The channel it was said on.
    Channel,
    /// The whole connection.
    Connection,
}

impl fmt::Display for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.name())
    }
}

/// A command the broker refused. Nothing of what it asked for was done.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{code} - {text}")]
pub struct Refusal {
    /// The reply code.
    pub code: ReplyCode,
    /// The rule that says no, as the list of rules numbers it, such as `S6`. What would be right is told by rule.
    pub rule: &'static str,
    /// What was wrong, in RabbitMQ's way of saying it.
    pub text: String,
}

impl Refusal {
    /// One with that code, by that rule, for that reason.
    pub fn new(code: ReplyCode, rule: &'static str, text: impl Into<String>) -> Self {
        Self {
            code,
            rule,
            text: text.into(),
        }
    }

    /// What it closes.
    pub fn scope(&self) -> Scope {
        self.code.scope()
    }

    /// What the client is told: AMQP's name for the code and what was wrong, cut to what a short string holds (C2).
    pub fn reply_text(&self) -> String {
        const MOST: usize = 255;
        const CUT: &str = "...";
        let mut text = match self.text.as_str() {
            "" => self.code.name().to_owned(),
            text => format!("{} - {text}", self.code.name()),
        };
        if text.len() > MOST {
            text.truncate(text.floor_char_boundary(MOST - CUT.len()));
            text.push_str(CUT);
        }
        text
    }
}
