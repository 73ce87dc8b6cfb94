//! What happens between services.

use crate::broker::Micros;

use super::{Caller, OrderId, Outcome, RequestId, ServiceId};

/// Which request: its number, the order it is about, and the service it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Of {
    /// The request.
    pub request: RequestId,
    /// The order.
    pub order: OrderId,
    /// The service.
    pub service: ServiceId,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A user came with an order.
    Ordered {
        /// The order.
        order: OrderId,
    },
    /// A request was sent. It reaches its service one hop later.
    Requested {
        /// The request.
        of: Of,
        /// Who sent it.
        from: Caller,
        /// Which try it is of that caller's, from 1.
        number: u32,
    },
    /// A request waits at its caller, all of whose connections are in use.
    Pooled {
        /// The request.
        of: Of,
        /// Who would send it.
        from: Caller,
    },
    /// A request reached a service all of whose workers are held, and waits.
    Queued {
        /// The request.
        of: Of,
    },
    /// A request reached nobody who could answer.
    Unanswered {
        /// The request.
        of: Of,
    },
    /// A worker began to work on a request.
    Started {
        /// The request.
        of: Of,
        /// When its own work will be done.
        until: Micros,
    },
    /// A service's own work for an order is done.
    Worked {
        /// The request.
        of: Of,
    },
    /// A service knew the order: its work is done already.
    Recognised {
        /// The request.
        of: Of,
    },
    /// A service answered, or its machine did for it. That reaches the caller one hop later.
    Responded {
        /// The request.
        of: Of,
        /// What it answered.
        outcome: Outcome,
        /// Whether a worker is free by that.
        held: bool,
    },
    /// A service answered, and its answer is lost on its way.
    AnswerLost {
        /// The request.
        of: Of,
    },
    /// A service ended, and what it was doing or keeping ended with it.
    Dropped {
        /// The request.
        of: Of,
        /// Whether it held a worker.
        held: bool,
    },
    /// An answer reached its caller.
    Answered {
        /// The request.
        of: Of,
        /// What.
        outcome: Outcome,
        /// Whether nobody waits for it any more.
        late: bool,
    },
    /// A caller waited as long as it would.
    TimedOut {
        /// The request.
        of: Of,
    },
    /// A caller waits before it tries again.
    BackedOff {
        /// Who.
        from: Caller,
        /// The order.
        order: OrderId,
        /// Whom it will call.
        service: ServiceId,
        /// Until when.
        until: Micros,
    },
    /// A caller did not call, since its circuit breaker is open.
    ShortCircuited {
        /// Who.
        from: Caller,
        /// The order.
        order: OrderId,
        /// Whom it would have called.
        service: ServiceId,
    },
    /// A circuit breaker opened, or closed.
    Breaker {
        /// Whose; the users' without one.
        of: Option<ServiceId>,
        /// For calls of this service.
        service: ServiceId,
        /// Whether it is open now.
        open: bool,
    },
    /// A user has the answer, or gave up.
    Settled {
        /// The order.
        order: OrderId,
        /// What the user was told.
        outcome: Outcome,
    },
}

impl Event {
    /// The order it is about, if it is about one.
    #[must_use]
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::Ordered { order }
            | Self::BackedOff { order, .. }
            | Self::ShortCircuited { order, .. }
            | Self::Settled { order, .. } => Some(*order),
            Self::Breaker { .. } => None,
            _ => self.of().map(|of| of.order),
        }
    }

    /// The request it is about, if it is about one.
    #[must_use]
    pub fn of(&self) -> Option<Of> {
        match self {
            Self::Requested { of, .. }
            | Self::Pooled { of, .. }
            | Self::Queued { of }
            | Self::Unanswered { of }
            | Self::Started { of, .. }
            | Self::Worked { of }
            | Self::Recognised { of }
            | Self::Responded { of, .. }
            | Self::AnswerLost { of }
            | Self::Dropped { of, .. }
            | Self::Answered { of, .. }
            | Self::TimedOut { of } => Some(*of),
            _ => None,
        }
    }
}
