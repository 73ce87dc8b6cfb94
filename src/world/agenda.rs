//! What is going to happen, in order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use crate::broker::{
    ChannelId, ConnectionId, ConsumerId, CopyId, Delivery, EventId, Letter, MessageId, Micros,
    QueueId,
};

use super::http;
use super::link::Sent;
use super::{Deed, LinkId, PublisherId, WorkerId};

/// Something that is going to happen.
#[derive(Clone, Debug)]
pub enum Due {
    /// A publisher's pace calls it.
    Publish(PublisherId),
    /// What a client sent reaches the broker.
    ReachBroker {
        /// The connection.
        link: LinkId,
        /// The channel it was sent on.
        channel: ChannelId,
        /// What was sent.
        sent: Sent,
    },
    /// A copy reaches its queue.
    ReachQueue {
        /// The copy.
        copy: CopyId,
        /// The queue.
        queue: QueueId,
    },
    /// A dead message reaches the dead-letter exchange.
    ReachDeadLetterExchange(Letter),
    /// A delivery reaches its consumer.
    ReachConsumer {
        /// The consumer.
        worker: WorkerId,
        /// The delivery.
        delivery: Delivery,
    },
    /// Something else the broker sent reaches a client.
    ReachClient {
        /// The connection.
        link: LinkId,
        /// What.
        news: News,
    },
    /// What waits in a connection's socket is read.
    Read {
        /// The connection.
        link: LinkId,
        /// The channel it was sent on.
        channel: ChannelId,
    },
    /// A connection is opened.
    Open(LinkId),
    /// A consumer begins to consume.
    Consume {
        /// The consumer.
        worker: WorkerId,
        /// The channel it is meant to consume on; if that is gone, so is this.
        channel: ChannelId,
    },
    /// A consumer asks for a message, if it is free.
    Poll {
        /// The consumer.
        worker: WorkerId,
        /// The channel it asks on; if that is gone, so is this.
        channel: ChannelId,
    },
    /// A consumer has finished what it began with the event that led here.
    Finish(WorkerId),
    /// Something between services.
    Http(http::Due),
    /// An act of the script.
    Do(Arc<Deed>),
}

/// What a client is told, besides deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// `basic.ack` or `basic.nack` for what was published.
    Confirm {
        /// The channel.
        channel: ChannelId,
        /// The sequence number.
        sequence: u64,
        /// Whether all up to that one are meant.
        multiple: bool,
        /// `basic.ack` rather than `basic.nack`.
        ack: bool,
    },
    /// `basic.return`
    Return {
        /// The channel.
        channel: ChannelId,
        /// Whose message it is.
        publisher: PublisherId,
        /// The message.
        message: MessageId,
    },
    /// `basic.cancel`
    Cancel {
        /// The consumer.
        worker: WorkerId,
        /// The broker's number for it.
        consumer: ConsumerId,
    },
    /// `channel.close`
    CloseChannel(ChannelId),
    /// `connection.close`, or the end of the TCP connection.
    CloseConnection(ConnectionId),
}

/// An entry of the agenda.
#[derive(Clone, Debug)]
pub struct Appointment {
    /// When.
    pub at: Micros,
    /// What leads to it.
    pub cause: EventId,
    /// What.
    pub due: Due,
    order: u64,
}

impl Appointment {
    fn rank(&self) -> (Micros, u64) {
        (self.at, self.order)
    }
}

impl PartialEq for Appointment {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Appointment {}

impl PartialOrd for Appointment {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Appointment {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}

/// Appointments by time; those of one time in the order they were made.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    heap: BinaryHeap<Reverse<Appointment>>,
    made: u64,
}

impl Agenda {
    pub(super) fn add(&mut self, at: Micros, cause: EventId, due: Due) {
        let order = self.made;
        self.made += 1;
        self.heap.push(Reverse(Appointment {
            at,
            cause,
            due,
            order,
        }));
    }

    pub(super) fn next_at(&self) -> Option<Micros> {
        self.heap.peek().map(|Reverse(next)| next.at)
    }

    pub(super) fn take(&mut self) -> Option<Appointment> {
        self.heap.pop().map(|Reverse(next)| next)
    }

    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }

    /// The appointments in order.
    pub(super) fn upcoming(&self) -> Vec<&Appointment> {
        let mut all: Vec<_> = self.heap.iter().map(|Reverse(next)| next).collect();
        all.sort();
        all
    }
}
