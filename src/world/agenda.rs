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

/// By time, and of one time by the order they were made.
type Rank = (Micros, u64);

impl Appointment {
    fn rank(&self) -> Rank {
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
/// Most are made as long ahead as others before them: hops of one latency, time-outs of one length. Those come due in
/// the order in which they are made, so they wait in a lane, which costs nothing however long it is: time-outs are many,
/// since each stands there long after what it is for was over.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    heap: BinaryHeap<Reverse<Appointment>>,
    /// None of them is empty.
    lanes: Vec<Lane>,
    /// How far ahead some of the last appointments were that got no lane, each in the place that [`place`] gives it.
    spans: [Micros; SPANS],
    /// When the last that was taken was due.
    now: Micros,
    made: u64,
}

/// More lanes than this cost more to look at than they save.
const LANES: usize = 16;
const SPANS: usize = 32;

/// Appointments that were made equally far ahead, in order.
#[derive(Clone, Debug)]
struct Lane {
    span: Micros,
    /// The rank of the first, which is asked for more often than anything waits.
    first: Rank,
    waiting: VecDeque<Appointment>,
}

impl Lane {
    /// Whether what is due then is in order behind all that waits.
    fn takes(&self, span: Micros, at: Micros) -> bool {
        self.span == span && self.waiting.back().is_none_or(|last| last.at <= at)
    }
}

/// What comes first, and where it waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Next {
    /// When.
    pub at: Micros,
    /// Its lane, if it waits in one.
    lane: Option<usize>,
}

fn place(span: Micros) -> usize {
    (span.0 % SPANS as u64) as usize
}

impl Agenda {
    pub(super) fn add(&mut self, at: Micros, cause: EventId, due: Due) {
        let order = self.made;
        self.made += 1;
        let appointment = Appointment {
            at,
            cause,
            due,
            order,
        };
        let span = at.since(self.now);
        if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.takes(span, at)) {
            lane.waiting.push_back(appointment);
            return;
        }
        // Who comes a second time will come again.
        let before = std::mem::replace(&mut self.spans[place(span)], span);
        if before == span && self.lanes.len() < LANES {
            self.lanes.push(Lane {
                span,
                first: appointment.rank(),
                waiting: VecDeque::from([appointment]),
            });
        } else {
            self.heap.push(Reverse(appointment));
        }
    }

    /// What comes first.
    pub(super) fn next(&self) -> Option<Next> {
        let mut first = self.heap.peek().map(|Reverse(next)| (next.rank(), None));
        for (place, lane) in self.lanes.iter().enumerate() {
            if first.is_none_or(|(rank, _)| lane.first < rank) {
                first = Some((lane.first, Some(place)));
            }
        }
        let ((at, _), lane) = first?;
        Some(Next { at, lane })
    }

    /// What that is.
    pub(super) fn first(&self, next: Next) -> Option<&Appointment> {
        match next.lane {
            Some(place) => self.lanes.get(place)?.waiting.front(),
            None => self.heap.peek().map(|Reverse(first)| first),
        }
    }

    /// Takes what comes first.
    pub(super) fn take(&mut self, next: Next) -> Option<Appointment> {
        self.now = next.at;
        let Some(place) = next.lane else {
            return self.heap.pop().map(|Reverse(first)| first);
        };
        let lane = self.lanes.get_mut(place)?;
        let first = lane.waiting.pop_front();
        match lane.waiting.front() {
            Some(second) => lane.first = second.rank(),
            None => _ = self.lanes.swap_remove(place),
        }
        first
    }

    pub(super) fn len(&self) -> usize {
        let waiting = self.lanes.iter().map(|lane| lane.waiting.len());
        self.heap.len() + waiting.sum::<usize>()
    }

    /// The appointments, in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Appointment> {
        let in_lanes = self.lanes.iter().flat_map(|lane| &lane.waiting);
        let in_heap = self.heap.iter().map(|Reverse(next)| next);
        in_heap.chain(in_lanes)
    }

    /// The appointments in order.
    pub(super) fn upcoming(&self) -> Vec<&Appointment> {
        let mut all: Vec<_> = self.all().collect();
        all.sort();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    fn number(appointment: &Appointment) -> u32 {
        match appointment.due {
            Due::Publish(id) => id.0,
            _ => u32::MAX,
        }
    }

    /// Makes appointments so far ahead, and takes one after every third; how they come, by number.
    fn taken(spans: &[u64]) -> (Vec<u32>, Agenda) {
        let mut agenda = Agenda::default();
        let mut taken = Vec::new();
        for (made, &span) in spans.iter().enumerate() {
            let at = agenda.now + Micros(span);
            agenda.add(at, EventId(0), Due::Publish(PublisherId(made as u32)));
            if made % 3 == 2 {
                let first = agenda.upcoming().first().copied().map(number);
                let next = agenda.next().and_then(|next| agenda.take(next));
                let next = next.as_ref().map(number);
                assert_eq!(next, first);
                taken.extend(next);
            }
        }
        (taken, agenda)
    }

    #[test]
    fn what_is_made_equally_far_ahead_waits_in_a_lane() {
        let (_, agenda) = taken(&[30; 100]);
        assert_eq!((agenda.lanes.len(), agenda.heap.len()), (1, 0));
        let (_, agenda) = taken(&[30_000, 5, 7, 30_000, 5, 9].repeat(50));
        assert!(
            agenda.lanes.len() <= 4 && agenda.heap.len() <= 3,
            "{agenda:?}"
        );
    }

    proptest! {
        /// By time, and those of one time in the order they were made, whatever waits in a lane.
        #[test]
        fn appointments_come_in_order(
            spans in prop::collection::vec(
                prop_oneof![Just(0_u64), Just(5), Just(1_000), 0..20_u64, 0..5_000_u64],
                0..300,
            ),
        ) {
            let (mut came, mut agenda) = taken(&spans);
            let listed: Vec<u32> = agenda.upcoming().into_iter().map(number).collect();
            prop_assert_eq!(agenda.len(), listed.len());
            prop_assert!(agenda.lanes.iter().all(|lane| !lane.waiting.is_empty()));
            let mut left = Vec::new();
            let mut last = (Micros::ZERO, 0);
            while let Some(next) = agenda.next() {
                let taken = agenda.take(next).expect("there is one");
                prop_assert_eq!(taken.at, next.at);
                prop_assert!(taken.rank() >= last);
                last = taken.rank();
                left.push(number(&taken));
            }
            prop_assert_eq!(&left, &listed);
            came.extend(left);
            came.sort_unstable();
            prop_assert_eq!(came, (0..spans.len() as u32).collect::<Vec<_>>());
        }
    }
}
