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
use std::sync::Arc;

use super::{
    ConnectionId, ConsumerId, FailuresTold, Message, Micros, Name, QueueId, QueueKind,
    QuorumPriorities, Settings, Switches,
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
    pub settings: Arc<Settings>,
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
    /// Who is asked next whether it takes a message (S9).
    pub(super) ring: Ring,
    /// Of a classic queue: who was asked in vain, the first first.
    pub(super) blocked: Ring,
    pub(super) consumers: Vec<ConsumerId>,
    /// Whether it ever had a consumer (Q6).
    pub(super) had_consumer: bool,
    /// Whether one of its consumers is exclusive (S1).
    pub(super) exclusive_consumer: bool,
    /// Whether the active consumer is to give way as soon as it holds nothing (Q43).
    pub(super) gives_way: bool,
    /// When it was last used, as `x-expires` counts (Q24).
    pub(super) used: Micros,
    /// When its clock was started: when it was declared, or the broker came up.
    pub(super) began: Micros,
    /// Of a classic queue with priorities: when it looks next whether its head has expired (Q40).
    pub(super) head_watched: Option<Micros>,
    /// When the machine will look at its clocks next.
    pub(super) armed: Option<Micros>,
}

impl Queue {
    pub(super) fn new(
        id: QueueId,
        name: Name,
        kind: QueueKind,
        settings: Arc<Settings>,
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
            blocked: Ring::default(),
            consumers: Vec::new(),
            had_consumer: false,
            exclusive_consumer: false,
            gives_way: false,
            used: Micros::ZERO,
            began: Micros::ZERO,
            head_watched: None,
            armed: None,
        }
    }

    /// Whether it looks only now and then whether its head has expired. A classic queue looks when its first message
    /// comes, when one is taken or comes back, and when the head that it saw last expires. Where nothing can come before
    /// the head, that is as good as always; in one with priorities it is not (Q40).
    pub(super) fn looks_seldom(&self) -> bool {
        self.kind == QueueKind::Classic && self.settings.max_priority.is_some()
    }

    /// Looks at the head: it is looked at again when that expires, if that is sooner than it would have been.
    pub(super) fn watch_head(&mut self) {
        let seen = self.lanes.next_expiry().filter(|_| self.looks_seldom());
        let sooner = |&at: &Micros| {
            let margin = Micros::from_millis(1);
            self.head_watched
                .is_none_or(|watched| at + margin < watched)
        };
        self.head_watched = seen.filter(sooner).or(self.head_watched);
    }

    /// When a message expires next, as far as it knows.
    pub(super) fn next_expiry(&self) -> Option<Micros> {
        match self.looks_seldom() {
            true => self.head_watched,
            false => self.lanes.next_expiry(),
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

    /// How often a delivery of an entry failed, and how often it was delivered, as who gets it is told (Q45, D4).
    pub(super) fn counts_told(&self, entry: &Entry, switches: &Switches) -> (u32, u32) {
        if self.kind != QueueKind::Quorum {
            return (0, 0);
        }
        let own = |count: u32, before: u32| if count > 0 { count } else { before };
        match switches.failures_told {
            FailuresTold::All => (entry.returns, own(entry.acquired, entry.returns)),
            _ => (own(entry.returns, entry.message.failures), entry.acquired),
        }
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
                QuorumPriorities::Strict => priority.unwrap_or(QuorumPriorities::USUAL).min(31),
            },
            QueueKind::Stream | QueueKind::ReplyTo => 0,
        }
    }

    /// When its clocks need looking at next.
    pub(super) fn next_due(&self) -> Option<Micros> {
        let expiry = self.next_expiry();
        let delayed = self.delayed.front().map(|&(until, _)| until);
        let lease = self.lease_ends();
        expiry.into_iter().chain(delayed).chain(lease).min()
    }

    /// When it goes, if nobody uses it until then (Q24). A quorum queue looks at that each [`Switches::TICK`], and is in use
    /// as long as anybody holds something of it.
    pub(super) fn lease_ends(&self) -> Option<Micros> {
        let span = self.settings.expires?;
        if !self.consumers.is_empty() {
            return None;
        }
        let ends = self.used + span;
        match self.kind {
            QueueKind::Quorum if self.unacked > 0 => None,
            QueueKind::Quorum => {
                let ticks = ends.since(self.began).0 / Switches::TICK.0 + 1;
                let ticks = Micros(ticks.saturating_mul(Switches::TICK.0));
                Some(self.began + ticks)
            }
            _ => Some(ends),
        }
    }
}
