//! What is on its way, what is decided, and what ends.

use crate::broker::{DeathReason, EventId, ExchangeId, Loss, MessageId, Micros, QueueId, Via};
use crate::topology::{EdgeKey, NodeKey};
use crate::world::{LinkId, PublisherId, WorkerId};

use super::{Exchanged, MIN_HOP};

/// A token on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Flight {
    /// The message; of a confirm, the last that it settles.
    pub message: MessageId,
    /// The event it set out with.
    pub event: EventId,
    /// What it carries.
    pub kind: FlightKind,
    /// The edges it takes, in order; each is left when the next begins. Edges are between things as the broker numbers
    /// them: [`drawn_edge`](crate::topology::Topology::drawn_edge) tells where they are drawn.
    pub legs: Vec<Leg>,
}

/// What is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlightKind {
    /// A message, forwards.
    Message,
    /// An acknowledgement, backwards; of a stream's reader, credit for another entry (Q47).
    Ack,
    /// A message coming back to its queue.
    Requeue,
    /// A rejection, backwards.
    Reject,
    /// A publisher confirm, backwards (P7–P9).
    Confirm {
        /// `basic.ack` rather than `basic.nack`.
        ack: bool,
        /// How many messages it settles on this edge.
        count: usize,
    },
    /// A returned message, backwards (P2).
    Return,
}

impl FlightKind {
    /// Whether it travels from an edge's end to its beginning.
    pub fn is_backwards(self) -> bool {
        self != Self::Message
    }
}

/// One edge of a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// The edge.
    pub edge: EdgeKey,
    /// When the token sets out on it.
    pub from: Micros,
    /// When it reaches the other end.
    pub until: Micros,
}

impl Leg {
    /// How long it takes.
    pub fn span(&self) -> Micros {
        self.until.since(self.from)
    }

    /// Where its token is at `at`; once that has arrived, at the end.
    pub fn spot(&self, at: Micros) -> Spot {
        Spot::on(self.edge, self.from, self.span(), at)
    }
}

/// Where on its way a token is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// The edge it is on.
    pub edge: EdgeKey,
    /// How much of that is done, from 0 to 1.
    pub done: f32,
    /// How long the edge takes it.
    pub span: Micros,
}

impl Spot {
    fn on(edge: EdgeKey, from: Micros, span: Micros, at: Micros) -> Self {
        let done = at.since(from).0 as f64 / span.0.max(1) as f64;
        Self {
            edge,
            done: done.min(1.0) as f32,
            span,
        }
    }
}

/// What set out on a way too short to be seen. It is seen longer than it was on its way, while what it led to has happened
/// already: see [`Stage::echoes`](super::Stage::echoes).
#[derive(Clone, Debug, PartialEq)]
pub enum Echo {
    /// Something of the broker's.
    Flight(Flight),
    /// A request, or the answer to one.
    Exchanged(Exchanged),
}

impl Echo {
    /// The edges it takes, in order.
    pub fn legs(&self) -> &[Leg] {
        match self {
            Self::Flight(flight) => &flight.legs,
            Self::Exchanged(exchanged) => std::slice::from_ref(&exchanged.leg),
        }
    }

    /// Where it is seen at `at` if each edge takes it so long at least; nothing once that is over.
    pub fn spot(&self, at: Micros, least: Micros) -> Option<Spot> {
        let mut free = Micros::ZERO;
        for leg in self.legs() {
            let (from, span) = (leg.from.max(free), leg.span().max(least));
            if at < from + span {
                return Some(Spot::on(leg.edge, from, span, at));
            }
            free = from + span;
        }
        None
    }
}

/// Whether a way is too short to be seen.
pub(super) fn is_short(legs: &[Leg]) -> bool {
    let whole = legs.iter().map(|leg| leg.span().0).sum();
    Micros(whole) < MIN_HOP
}

impl Flight {
    /// Where the token is at `at`. One that has arrived and is still there waits at the end.
    pub fn spot(&self, at: Micros) -> Option<Spot> {
        let leg = self
            .legs
            .iter()
            .find(|leg| at < leg.until)
            .or(self.legs.last())?;
        Some(leg.spot(at))
    }

    /// Whether it has reached its end by `at`.
    pub fn has_landed(&self, at: Micros) -> bool {
        self.legs.last().is_none_or(|leg| leg.until <= at)
    }
}

/// An exchange that decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The exchange.
    pub exchange: ExchangeId,
    /// The message.
    pub message: MessageId,
    /// [`Routed`](crate::broker::Event::Routed) or [`Unroutable`](crate::broker::Event::Unroutable).
    pub event: EventId,
    /// Its ways on that the message takes; all its others it does not.
    pub matched: Vec<Via>,
    /// Those of them along which nothing goes, since the message is there already (E12).
    pub spare: Vec<Via>,
    /// When the message is there.
    pub from: Micros,
    /// How long it is seen.
    pub until: Micros,
}

/// A message that ended, or several in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The message; of several, the first.
    pub message: MessageId,
    /// How many ended with it.
    pub others: usize,
    /// The event that ended it.
    pub event: EventId,
    /// Where, and of what.
    pub place: EndingPlace,
    /// When it ended.
    pub from: Micros,
    /// How long it is seen.
    pub until: Micros,
}

/// Where a message ended, and of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndingPlace {
    /// At an exchange: no queue matched.
    Unroutable(ExchangeId),
    /// At an exchange of which nobody can tell where it passes messages on to (E47).
    Untold(ExchangeId),
    /// Back at its publisher (P2).
    Returned(PublisherId),
    /// At a publisher, or at a consumer that publishes: the broker refused it.
    Refused(NodeKey),
    /// On its way from there: the connection ended.
    Unsent(NodeKey),
    /// At a connection that rolled its transaction back (P11).
    RolledBack(LinkId),
    /// It died in a queue, and nobody takes the dead from there (D1, D2).
    Died {
        /// The queue.
        queue: QueueId,
        /// Why.
        reason: DeathReason,
        /// Whether the queue names a dead-letter exchange that is not there (D2).
        no_exchange: bool,
    },
    /// A queue at its limit did not take it (Q27).
    TurnedAway(QueueId),
    /// Before a queue it has been in: it would go round for ever (D11).
    Cycle(QueueId),
    /// Its queue was purged (Q11).
    Purged(QueueId),
    /// Its queue is gone (Q10).
    QueueDeleted(QueueId),
    /// A stream gave it up (Q47).
    Truncated(QueueId),
    /// It was lost, on its way to a queue, in it, or from it.
    Lost {
        /// The queue.
        queue: QueueId,
        /// Why.
        why: Loss,
    },
    /// Its consumer failed, or was gone, and consumed without acknowledgements.
    LostBy(WorkerId),
}

impl EndingPlace {
    /// The node it is at, if it is at one.
    pub fn node(self) -> Option<NodeKey> {
        match self {
            Self::Unroutable(exchange) | Self::Untold(exchange) => {
                Some(NodeKey::Exchange(exchange))
            }
            Self::Returned(publisher) => Some(NodeKey::Publisher(publisher.0)),
            Self::Refused(node) | Self::Unsent(node) => Some(node),
            Self::RolledBack(_) => None,
            Self::Died { queue, .. } | Self::Lost { queue, .. } => Some(NodeKey::Queue(queue)),
            Self::TurnedAway(queue)
            | Self::Cycle(queue)
            | Self::Purged(queue)
            | Self::QueueDeleted(queue)
            | Self::Truncated(queue) => Some(NodeKey::Queue(queue)),
            Self::LostBy(worker) => Some(NodeKey::Consumer(worker)),
        }
    }
}

/// That the broker refused something just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Who had asked, if it is one of the actors alone.
    pub node: Option<NodeKey>,
    /// The connection it came on, if it is one of the actors'.
    pub link: Option<LinkId>,
    /// The event, which tells what and why.
    pub event: EventId,
    /// When.
    pub from: Micros,
    /// How long it is seen.
    pub until: Micros,
}
