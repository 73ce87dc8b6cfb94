//! What happens in a world.

use std::sync::Arc;

use crate::broker::{self, EventId, MessageId, Micros, Name, Publication, Queued};

use super::http;
use super::{Author, Deed, LinkId, PublisherId, WorkerId};

/// Something that happened: when, and because of what.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its number; events are numbered in the order they happen.
    pub id: EventId,
    /// When.
    pub at: Micros,
    /// The event that led to it; 0 if none did.
    pub cause: EventId,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// A message left its publisher. It reaches the broker one hop later.
    Published {
        /// Who sent it.
        by: Author,
        /// The message's number.
        message: MessageId,
        /// The message itself.
        publication: Arc<Publication>,
    },
    /// A message reached the broker and waits in the socket, since its connection is not read (F1, F3).
    Waiting {
        /// The connection.
        link: LinkId,
        /// The message.
        message: MessageId,
    },
    /// What was sent is gone, since its channel ended before the broker read it, alone (C1) or with its connection.
    Unsent {
        /// The connection.
        link: LinkId,
        /// The message.
        message: MessageId,
    },
    /// Something in the broker.
    Broker(broker::Event),
    /// A confirm reached its publisher (P7).
    Confirmed {
        /// The publisher.
        publisher: PublisherId,
        /// The messages it settles.
        messages: Box<[MessageId]>,
        /// `basic.ack` rather than `basic.nack`.
        ack: bool,
    },
    /// A returned message reached its publisher (P2).
    Returned {
        /// The publisher.
        publisher: PublisherId,
        /// The message.
        message: MessageId,
    },
    /// A delivery reached its consumer.
    Received {
        /// The consumer.
        worker: WorkerId,
        /// The copy.
        queued: Queued,
    },
    /// A consumer asked for a message with `basic.get` (S3).
    Asked {
        /// The consumer.
        worker: WorkerId,
    },
    /// A consumer began to work on a delivery.
    Started {
        /// The consumer.
        worker: WorkerId,
        /// The copy.
        queued: Queued,
        /// When it will be done.
        until: Micros,
    },
    /// A consumer finished, and sent its verdict if it gives one. That reaches the broker one hop later.
    Finished {
        /// The consumer.
        worker: WorkerId,
        /// The copy.
        queued: Queued,
        /// What it answers.
        answer: Answer,
    },
    /// A consumer learnt that it is one no longer: `basic.cancel` from the broker (S13).
    Dismissed {
        /// The consumer.
        worker: WorkerId,
    },
    /// A connection's client learnt that it, or its channel, is closed.
    Disconnected {
        /// The connection.
        link: LinkId,
    },
    /// Something between services.
    Http(http::Event),
    /// Something changed for a service, be it called or consuming.
    Changed {
        /// The service, or the consumer.
        service: Name,
        /// What.
        change: http::Change,
    },
    /// The script or a hand wanted something done that could not be done; nothing changed.
    InVain {
        /// What.
        deed: Arc<Deed>,
        /// Why not.
        why: Hindrance,
    },
}

/// Why something could not be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Hindrance {
    /// The broker refused it.
    Refused(Box<broker::Refusal>),
    /// A connection without a channel cannot call a method.
    NoChannel,
    /// What is to be closed is not open.
    NotOpen,
    /// What is to be opened is open.
    Open,
    /// No service or consumer has that name.
    NoService,
}

/// What a consumer answers when it has finished with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// Nothing: it consumes without acknowledgements, and it worked out.
    Silent,
    /// Nothing, though it failed: the message is gone.
    Lost,
    /// `basic.ack`
    Ack,
    /// `basic.nack` with requeue.
    Requeue,
    /// `basic.reject` with requeue.
    RejectBack,
    /// `basic.reject` without requeue.
    Reject,
    /// Nothing: it crashed, and its connection with it.
    Crash,
    /// Nothing: its work is done, but its connection was lost before it could say so (H4).
    Unheard,
    /// `basic.ack`, at once: it knew the message, and has worked on it before (H4).
    Known,
    /// Nothing: its channel ended first, and the broker, which waits for no acknowledgement, has the message no more.
    Abandoned,
}

impl EventKind {
    /// The message it is about, if it is about one.
    pub fn message(&self) -> Option<MessageId> {
        match self {
            Self::Published { message, .. }
            | Self::Waiting { message, .. }
            | Self::Unsent { message, .. }
            | Self::Returned { message, .. } => Some(*message),
            Self::Broker(event) => event.message(),
            Self::Confirmed { messages, .. } => messages.last().copied(),
            _ => self.queued().map(|queued| queued.message),
        }
    }

    /// The copy it is about, if it is about one.
    pub fn queued(&self) -> Option<Queued> {
        match self {
            Self::Broker(event) => event.queued(),
            Self::Received { queued, .. }
            | Self::Started { queued, .. }
            | Self::Finished { queued, .. } => Some(*queued),
            _ => None,
        }
    }
}
