//! What happens in a world.

use std::sync::Arc;

use crate::broker::{self, ConsumerId, EventId, MessageId, Micros, Publication, Queued};
use crate::world::PublisherId;

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
        publisher: PublisherId,
        /// The message's number.
        message: MessageId,
        /// The message itself.
        publication: Arc<Publication>,
    },
    /// Something in the broker.
    Broker(broker::Event),
    /// A delivery reached its consumer.
    Received {
        /// The consumer.
        consumer: ConsumerId,
        /// The copy.
        queued: Queued,
    },
    /// A consumer began to work on a delivery.
    Started {
        /// The consumer.
        consumer: ConsumerId,
        /// The copy.
        queued: Queued,
        /// When it will be done.
        until: Micros,
    },
    /// A consumer finished, and sent its verdict if it gives one. That reaches the broker one hop later.
    Finished {
        /// The consumer.
        consumer: ConsumerId,
        /// The copy.
        queued: Queued,
        /// What it answers.
        answer: Answer,
    },
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
    /// `basic.reject` without requeue.
    Reject,
}

impl EventKind {
    /// The message it is about, if it is about one.
    pub fn message(&self) -> Option<MessageId> {
        match self {
            Self::Published { message, .. } => Some(*message),
            Self::Broker(event) => event.message(),
            Self::Received { queued, .. }
            | Self::Started { queued, .. }
            | Self::Finished { queued, .. } => Some(queued.message),
        }
    }

    /// The copy it is about, if it is about one.
    pub fn queued(&self) -> Option<Queued> {
        match self {
            Self::Published { .. } => None,
            Self::Broker(event) => event.queued(),
            Self::Received { queued, .. }
            | Self::Started { queued, .. }
            | Self::Finished { queued, .. } => Some(*queued),
        }
    }
}
