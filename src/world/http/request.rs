//! A request, and what becomes of it.

use std::fmt;

use crate::broker::{EventId, Micros};

use super::{OrderId, RequestId, ServiceId};

/// A request under way.
#[derive(Clone, Debug)]
pub struct Request {
    /// The order it is about.
    pub order: OrderId,
    /// Who sent it.
    pub from: Caller,
    /// To whom.
    pub to: ServiceId,
    /// Since when its caller waits.
    pub since: Micros,
    /// How far it is.
    pub phase: Phase,
    /// Whether its caller still waits for the answer.
    pub awaited: bool,
    /// What is called for it, in the order of the service's setup; empty before it comes to that.
    pub calls: Vec<Try>,
    /// The event that tells of the beginning of its work, or of whatever it waits for.
    pub(super) step: EventId,
}

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Caller {
    /// A user, with an order.
    User(OrderId),
    /// A service, for a request that it works on.
    Service {
        /// That request.
        request: RequestId,
        /// Which of the service's calls it is.
        call: u32,
    },
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It waits for a connection at its caller.
    Pooled,
    /// On its way to the service.
    Travelling,
    /// It waits for a worker.
    Waiting,
    /// The service's own work is done on it.
    Working {
        /// Since when.
        since: Micros,
        /// Until when.
        until: Micros,
    },
    /// Its worker waits for services it calls.
    Calling,
    /// Its worker waits for the broker to confirm.
    HandingOver,
    /// Its answer is on its way back.
    Answered,
    /// Nobody works on it, and there will be no answer.
    Lost,
}

impl Phase {
    /// Whether it holds a worker.
    #[must_use]
    pub fn holds_worker(self) -> bool {
        matches!(
            self,
            Self::Working { .. } | Self::Calling | Self::HandingOver
        )
    }
}

/// A call of somebody's, over all its tries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Try {
    /// How often it was tried.
    pub made: u32,
    /// The request that is under way.
    pub pending: Option<RequestId>,
    /// What came of it in the end.
    pub outcome: Option<Outcome>,
}

/// An HTTP status code (RFC 9110, section 15; 429: RFC 6585).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// 200: all of it is done.
    Ok,
    /// 202: it will be done.
    Accepted,
    /// 429: too many requests in too short a time.
    TooManyRequests,
    /// 500: the service failed on it.
    InternalServerError,
    /// 503: the service cannot do it now.
    ServiceUnavailable,
    /// 504: the service waited in vain for another.
    GatewayTimeout,
}

impl Status {
    /// All of them, by code.
    pub const ALL: [Self; 6] = [
        Self::Ok,
        Self::Accepted,
        Self::TooManyRequests,
        Self::InternalServerError,
        Self::ServiceUnavailable,
        Self::GatewayTimeout,
    ];

    /// The code.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Ok => 200,
            Self::Accepted => 202,
            Self::TooManyRequests => 429,
            Self::InternalServerError => 500,
            Self::ServiceUnavailable => 503,
            Self::GatewayTimeout => 504,
        }
    }

    /// The reason phrase, as in a status line.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Accepted => "Accepted",
            Self::TooManyRequests => "Too Many Requests",
            Self::InternalServerError => "Internal Server Error",
            Self::ServiceUnavailable => "Service Unavailable",
            Self::GatewayTimeout => "Gateway Timeout",
        }
    }
}

/// As in a status line: `503 Service Unavailable`.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code(), self.reason())
    }
}

/// What came of a call, as its caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was answered.
    Status(Status),
    /// Nobody listens there: the connection was refused.
    Refused,
    /// The service ended while it had the request: the connection was reset.
    Reset,
    /// No answer came in time. What was asked for may be done, or be done yet, or never (H2).
    TimedOut,
    /// The circuit breaker is open: nobody was called.
    NotTried,
}

impl Outcome {
    /// Whether what was asked for is done, or will be.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self, Self::Status(Status::Ok | Status::Accepted))
    }

    /// What a service answers whose call came to this.
    #[must_use]
    pub fn passed_on(self) -> Status {
        match self {
            Self::Status(status @ (Status::Ok | Status::InternalServerError)) => status,
            // What it called has accepted it, and what it was asked is done as far as it goes.
            Self::Status(Status::Accepted) => Status::Ok,
            Self::TimedOut | Self::Status(Status::GatewayTimeout) => Status::GatewayTimeout,
            Self::Status(Status::TooManyRequests | Status::ServiceUnavailable)
            | Self::Refused
            | Self::Reset
            | Self::NotTried => Status::ServiceUnavailable,
        }
    }
}
