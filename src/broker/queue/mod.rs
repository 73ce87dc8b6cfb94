//! A queue: who waits, what waits.

mod entry;
mod lanes;
mod log;
mod ring;

pub use entry::Entry;
pub(super) use lanes::{Lanes, Order};
pub use lanes::{TURNS, two_to_one};
pub use log::{Log, LogEntry};
pub(super) use ring::Ring;

use std::collections::VecDeque;

use super::{
    ConnectionId, ConsumerId, Message, Micros, Name, QueueId, QueueKind, QuorumPriorities,
    Settings, Switches,
};

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its number.
    pub id: QueueId,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub kind: QueueKind,
    /// What holds for it, policies included.
    pub settings: Settings,
    /// The connection it is exclusive to (Q5).
    pub owner: Option<ConnectionId>,
    /// The consumer that is served alone, if the queue has single active consumers (Q43).
    pub active: Option<ConsumerId>,
    /// Whether it is gone; its number and name stay known.
    pub deleted: bool,
    pub(super) durable: bool,
    pub(super) auto_delete: bool,
    pub(super) lanes: Lanes,
    pub(super) log: Log,
    pub(super) unacked: usize,
    /// Returned deliveries that wait before they are ready again, with when that is, the next first (Q46).
    pub(super) delayed: VecDeque<(Micros, Entry)>,
    /// Dead messages it keeps, and the octets of their bodies (D6).
    pub(super) kept: usize,
    pub(super) kept_bytes: u64,
    /// Consumers with capacity.
    pub(super) ring: Ring,
    pub(super) consumers: Vec<ConsumerId>,
    /// Whether it ever had a consumer (Q6).
    pub(super) had_consumer: bool,
    /// Whether one of its consumers is exclusive (S1).
    pub(super) exclusive_consumer: bool,
    /// Whether the active consumer is to give way as soon as it holds nothing (Q43).
    pub(super) gives_way: bool,
    /// When it was last used, as `x-expires` counts (Q24).
    pub(super) used: Micros,
    /// When the machine will look at its clocks next.
    pub(super) armed: Option<Micros>,
}

impl Queue {
    pub(super) fn new(
        id: QueueId,
        name: Name,
        kind: QueueKind,
        settings: Settings,
        switches: &Switches,
    ) -> Self {
        let order = match (kind, settings.max_priority, switches.quorum_priorities) {
            (QueueKind::Classic, Some(highest), _) => Order::Strict {
                highest,
                each_expires: false,
            },
            (QueueKind::Quorum, _, QuorumPriorities::TwoToOne) => Order::TwoToOne,
            (QueueKind::Quorum, _, QuorumPriorities::Strict) => Order::Strict {
                highest: 31,
                each_expires: true,
            },
            _ => Order::Fifo,
        };
        Self {
            id,
            name,
            kind,
            settings,
            owner: None,
            active: None,
            deleted: false,
            durable: true,
            auto_delete: false,
            lanes: Lanes::new(order),
            log: Log::default(),
            unacked: 0,
            delayed: VecDeque::new(),
            kept: 0,
            kept_bytes: 0,
            ring: Ring::default(),
            consumers: Vec::new(),
            had_consumer: false,
            exclusive_consumer: false,
            gives_way: false,
            used: Micros::ZERO,
            armed: None,
        }
    }

    /// What is ready, in the order it would be served; nothing of a stream.
    pub fn ready(&self) -> impl Iterator<Item = &Entry> {
        self.lanes.iter()
    }

    /// How many are ready; of a stream, how many entries there are.
    pub fn ready_len(&self) -> usize {
        match self.kind {
            QueueKind::Stream => self.log.len(),
            _ => self.lanes.len(),
        }
    }

    /// The octets of the bodies that are ready (Q25).
    pub fn ready_bytes(&self) -> u64 {
        self.lanes.bytes()
    }

    /// A stream's entries.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Returned deliveries that wait before they are ready again, with when that is, the next first (Q46).
    pub fn delayed(&self) -> &VecDeque<(Micros, Entry)> {
        &self.delayed
    }

    /// How many dead messages it keeps until others have taken them (D6).
    pub fn kept(&self) -> usize {
        self.kept
    }

    /// How many copies are delivered and not yet settled.
    pub fn unacked(&self) -> usize {
        self.unacked
    }

    /// Its consumers, in the order they came.
    pub fn consumers(&self) -> &[ConsumerId] {
        &self.consumers
    }

    /// The lane a message belongs into (Q40, Q42).
    pub(super) fn level_of(&self, message: &Message, switches: &Switches) -> u8 {
        let priority = message.publication.properties.priority;
        match self.kind {
            QueueKind::Classic => self
                .settings
                .max_priority
                .map_or(0, |highest| priority.unwrap_or(0).min(highest)),
            QueueKind::Quorum => match switches.quorum_priorities {
                QuorumPriorities::None => 0,
                QuorumPriorities::TwoToOne => u8::from(priority.is_some_and(|level| level > 4)),
                QuorumPriorities::Strict => priority.unwrap_or(4).min(31),
            },
            QueueKind::Stream | QueueKind::ReplyTo => 0,
        }
    }

    /// When its clocks need looking at next.
    pub(super) fn next_due(&self) -> Option<Micros> {
        let expiry = self.lanes.next_expiry();
        let delayed = self.delayed.front().map(|&(until, _)| until);
        let lease = self
            .settings
            .expires
            .filter(|_| self.consumers.is_empty())
            .map(|span| self.used + span);
        expiry.into_iter().chain(delayed).chain(lease).min()
    }
}
