//! What each thing and each actor shows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::broker::{
    Alarm, Closing, Consumer, CopyId, Departure, EventId, MessageId, Micros, Name, Queued,
    Settings, Throttle,
};
use crate::world::http::Condition;
use crate::world::{Author, WorkerId};

use super::line::{Bead, Line};

/// Whether a thing is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    /// It is not declared yet.
    #[default]
    NotYet,
    /// It is there.
    Here,
    /// It is gone.
    Gone {
        /// Since when.
        at: Micros,
        /// Why.
        why: Departure,
        /// The event that tells of it.
        event: EventId,
    },
}

impl Presence {
    /// Whether it is there.
    pub fn is_here(self) -> bool {
        self == Self::Here
    }
}

/// What the broker as a whole shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrokerStage {
    /// While it is down: since when, and whether it was shut down rather than crashed.
    pub down: Option<(Micros, bool)>,
    /// When it last came up again.
    pub came_up: Option<Micros>,
    /// What runs short (F2).
    pub alarms: BTreeSet<Alarm>,
}

/// What an exchange shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExchangeStage {
    /// Whether it is there.
    pub presence: Presence,
    /// How many messages reached it from a publisher or a queue; those from other exchanges are not counted.
    pub routed: u64,
    /// How many of these no queue took.
    pub unroutable: u64,
    /// How many came to it of which nobody can tell where they went (E47).
    pub untold: u64,
    /// Messages that wait there, in the order in which they go on (E45).
    pub waiting: Vec<Waits>,
    /// Its alternate exchange (E13).
    pub alternate: Option<Name>,
}

/// A message that waits at an exchange (E45).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// The message.
    pub message: MessageId,
    /// When it is seen to be there.
    pub since: Micros,
    /// When it goes on.
    pub until: Micros,
}

/// What a queue shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueStage {
    /// Whether it is there.
    pub presence: Presence,
    /// What holds for it, policies included (O2).
    pub settings: Arc<Settings>,
    /// What is ready, the head first; of a stream, all its entries, the oldest first.
    pub ready: Line,
    /// Delivered and not yet settled, in order of delivery; nothing of a stream.
    pub unacked: VecDeque<Bead>,
    /// Returned, and not ready again yet (Q46).
    pub delayed: Vec<Bead>,
    /// Dead, and kept until the queues they go to have taken them, with when they are tried again (D6).
    pub kept: BTreeMap<CopyId, (MessageId, Micros)>,
    /// The offset of a stream's oldest entry.
    pub first_offset: u64,
    /// A stream's readers.
    pub readers: BTreeMap<WorkerId, Reader>,
    /// The consumer that is served alone, if the queue has single active consumers (Q43).
    pub active: Option<WorkerId>,
    /// When the head last left, so that the rest can be seen to close up.
    pub head_left: Option<Micros>,
    /// How many copies died in it (D1).
    pub died: u64,
    /// How many it did not take, being full (Q27).
    pub turned_away: u64,
}

/// Where a stream's reader stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reader {
    /// The offset it is sent next; nothing was sent yet without one.
    pub next: Option<u64>,
    /// How many entries it was sent and has not acknowledged.
    pub unacked: usize,
}

/// What a publisher shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PublisherStage {
    /// How many messages left it.
    pub published: u64,
    /// How many it knows to be confirmed.
    pub confirmed: u64,
    /// How many it knows to be nacked.
    pub nacked: u64,
    /// How many came back to it.
    pub returned: u64,
    /// How many were refused, or never read, or rolled back.
    pub failed: u64,
}

/// What a consumer shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerStage {
    /// Whether it consumes.
    pub consuming: bool,
    /// On which terms it consumes, or last did.
    pub terms: Option<Terms>,
    /// Whether it ever asked for a message (S3).
    pub asks: bool,
    /// When it last ceased to consume.
    pub left: Option<Micros>,
    /// Whether it is its queue's single active consumer (Q43).
    pub active: bool,
    /// How many deliveries it holds unacked, those on their way included.
    pub unacked: usize,
    /// What it works on, in the order in which it began.
    pub working: Vec<Work>,
    /// When each of its workers was last let go, as far as one was.
    pub let_go: Vec<Option<Micros>>,
    /// Deliveries that reached it and wait.
    pub waiting: VecDeque<Queued>,
    /// How many messages it published.
    pub published: u64,
    /// What is the matter with it.
    pub condition: Condition,
    /// Since when in the run.
    pub changed: Micros,
}

/// What a consumer said when it began: a program that comes again may say something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Whether its deliveries count as acknowledged when they are sent.
    pub no_ack: bool,
    /// The most deliveries it may hold; none if it knows no limit (S7).
    pub prefetch: Option<u16>,
    /// Its priority (S9).
    pub priority: i32,
}

impl Terms {
    pub(super) fn of(consumer: &Consumer) -> Self {
        let prefetch = u16::try_from(consumer.prefetch).unwrap_or(u16::MAX);
        Self {
            no_ack: consumer.no_ack,
            prefetch: (prefetch > 0).then_some(prefetch),
            priority: consumer.priority,
        }
    }
}

/// What a consumer works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// The copy.
    pub queued: Queued,
    /// Which of the consumer's workers has it, counted from 0.
    pub worker: usize,
    /// When it is shown to begin.
    pub since: Micros,
    /// When it is shown to end.
    pub until: Micros,
}

/// What a connection of the actors' shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkStage {
    /// Whether the connection is open.
    pub open: bool,
    /// Whether its channel is.
    pub channel: bool,
    /// How it, or its channel, last ended; nothing once it is open again.
    pub ended: Option<Ended>,
    /// Whether it is read (F1, F3).
    pub throttle: Throttle,
    /// What reached the broker and waits in the socket, since it is not read.
    pub waiting: VecDeque<MessageId>,
    /// Publishes that wait for their transaction's commit (P10).
    pub held: VecDeque<MessageId>,
    /// What was published in confirm mode and its client has no confirm for, and who published it.
    pub unconfirmed: BTreeMap<MessageId, Author>,
}

impl LinkStage {
    /// How many messages of one author are not confirmed.
    pub fn unconfirmed_of(&self, author: Author) -> usize {
        let authors = self.unconfirmed.values();
        authors.filter(|&&by| by == author).count()
    }
}

/// How a connection or channel ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// When.
    pub at: Micros,
    /// Why.
    pub why: Closing,
    /// The event that tells of it.
    pub event: EventId,
    /// Whether its client knows.
    pub is_known: bool,
}
