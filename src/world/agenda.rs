//! What is going to happen, in order.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
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
///
/// Time-outs stand apart. They are many, since each stands there for as long as it is, long after what it is for was
/// over, and those of one length come due in the order in which they were set.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    heap: BinaryHeap<Reverse<Appointment>>,
    /// One for each length.
    time_outs: Vec<TimeOuts>,
    made: u64,
}

/// Time-outs of one length, in order.
#[derive(Clone, Debug)]
struct TimeOuts {
    span: Micros,
    waiting: VecDeque<Appointment>,
}

impl Agenda {
    pub(super) fn add(&mut self, at: Micros, cause: EventId, due: Due) {
        let appointment = self.appoint(at, cause, due);
        self.heap.push(Reverse(appointment));
    }

    /// Adds what is due so long after `now`, which is never earlier than it was the last time.
    pub(super) fn add_time_out(&mut self, now: Micros, span: Micros, cause: EventId, due: Due) {
        let appointment = self.appoint(now + span, cause, due);
        match self.time_outs.iter_mut().find(|it| it.span == span) {
            Some(lane) => lane.waiting.push_back(appointment),
            None => self.time_outs.push(TimeOuts {
                span,
                waiting: VecDeque::from([appointment]),
            }),
        }
    }

    fn appoint(&mut self, at: Micros, cause: EventId, due: Due) -> Appointment {
        let order = self.made;
        self.made += 1;
        Appointment {
            at,
            cause,
            due,
            order,
        }
    }

    /// The time-outs whose first is the first of all, and that one.
    fn first_time_out(&self) -> Option<(usize, &Appointment)> {
        let firsts = self.time_outs.iter().enumerate();
        let firsts = firsts.filter_map(|(lane, it)| Some((lane, it.waiting.front()?)));
        firsts.min_by_key(|(_, first)| first.rank())
    }

    pub(super) fn next_at(&self) -> Option<Micros> {
        let usual = self.heap.peek().map(|Reverse(next)| next.at);
        let time_out = self.first_time_out().map(|(_, first)| first.at);
        usual.into_iter().chain(time_out).min()
    }

    pub(super) fn take(&mut self) -> Option<Appointment> {
        let usual = self.heap.peek().map(|Reverse(next)| next.rank());
        if let Some((lane, first)) = self.first_time_out()
            && usual.is_none_or(|usual| first.rank() < usual)
        {
            return self.time_outs.get_mut(lane)?.waiting.pop_front();
        }
        self.heap.pop().map(|Reverse(next)| next)
    }

    pub(super) fn len(&self) -> usize {
        let waiting = self.time_outs.iter().map(|lane| lane.waiting.len());
        self.heap.len() + waiting.sum::<usize>()
    }

    /// The appointments in order.
    pub(super) fn upcoming(&self) -> Vec<&Appointment> {
        let time_outs = self.time_outs.iter().flat_map(|lane| &lane.waiting);
        let usual = self.heap.iter().map(|Reverse(next)| next);
        let mut all: Vec<_> = usual.chain(time_outs).collect();
        all.sort();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_outs_come_among_all_else_by_time_and_then_by_number() {
        let mut agenda = Agenda::default();
        let due = |number| Due::Publish(PublisherId(number));
        let cause = EventId(0);
        agenda.add_time_out(Micros(0), Micros(30), cause, due(1));
        agenda.add(Micros(30), cause, due(2));
        agenda.add(Micros(10), cause, due(3));
        agenda.add_time_out(Micros(5), Micros(5), cause, due(4));
        agenda.add_time_out(Micros(5), Micros(30), cause, due(5));
        assert_eq!((agenda.len(), agenda.next_at()), (5, Some(Micros(10))));
        let number = |it: &Appointment| match it.due {
            Due::Publish(id) => id.0,
            _ => 0,
        };
        let listed: Vec<_> = agenda.upcoming().into_iter().map(number).collect();
        let taken: Vec<_> = std::iter::from_fn(|| agenda.take())
            .map(|it| number(&it))
            .collect();
        assert_eq!(taken, [3, 4, 1, 2, 5]);
        assert_eq!(listed, taken);
        assert_eq!((agenda.len(), agenda.next_at()), (0, None));
    }
}
