//! Channels, and what is delivered on them and not yet settled.

use std::collections::{BTreeMap, VecDeque};

use super::confirms::Confirms;
use super::limiter::Limiter;
use super::queue::Entry;
use super::transaction::Transaction;
use super::{ChannelId, ConnectionId, ConsumerId, Micros, Name, QueueId, Refusal, ReplyCode};

/// A channel.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its number in the broker.
    pub id: ChannelId,
    /// Its connection.
    pub connection: ConnectionId,
    /// Its number on the connection.
    pub number: u16,
    /// Whether it has ended.
    pub closed: bool,
    /// Whether that was not its client's doing: what the client said before it knew is ignored (C11).
    pub(super) closed_by_broker: bool,
    /// The prefetch of consumers started from now on (S8); 0 is no limit.
    pub prefetch: u16,
    /// Its consumers, by tag.
    pub consumers: BTreeMap<Name, ConsumerId>,
    /// The queue declared on it last (C16).
    pub last_queue: Option<Name>,
    /// The pseudo-queue of its direct reply-to consumer (S16).
    pub reply_to: Option<QueueId>,
    /// Once it is in confirm mode (P6).
    pub(super) confirms: Option<Confirms>,
    /// Once it is in transaction mode (P10).
    pub(super) transaction: Option<Transaction>,
    /// The prefetch of the channel as a whole (S8).
    pub(super) limiter: Limiter,
    /// The tag of the first row of `unacked`, less one.
    settled_to: u64,
    /// One row a tag since, empty once settled. Tags mostly settle in order, so this stays short.
    unacked: VecDeque<Option<Unacked>>,
}

/// A delivery that waits for its acknowledgement.
#[derive(Clone, Debug)]
pub(super) struct Unacked {
    /// Who holds it; none if the channel asked for it (S3).
    pub(super) consumer: Option<ConsumerId>,
    pub(super) queue: QueueId,
    pub(super) tag: u64,
    /// When it was delivered (S15).
    pub(super) since: Micros,
    /// Of a stream the entry stays where it is (Q47).
    pub(super) stays: bool,
    pub(super) entry: Entry,
}

impl Channel {
    pub(super) fn new(id: ChannelId, connection: ConnectionId, number: u16) -> Self {
        Self {
            id,
            connection,
            number,
            closed: false,
            closed_by_broker: false,
            prefetch: 0,
            consumers: BTreeMap::new(),
            last_queue: None,
            reply_to: None,
            confirms: None,
            transaction: None,
            limiter: Limiter::default(),
            settled_to: 0,
            unacked: VecDeque::new(),
        }
    }

    /// Whether it is in confirm mode (P6).
    pub fn confirms(&self) -> bool {
        self.confirms.is_some()
    }

    /// How many publishes are not confirmed or nacked yet.
    pub fn unconfirmed(&self) -> usize {
        self.confirms.as_ref().map_or(0, Confirms::owed)
    }

    /// Whether it is in transaction mode (P10).
    pub fn transacts(&self) -> bool {
        self.transaction.is_some()
    }

    /// The prefetch of the channel as a whole (S8); 0 is no limit.
    pub fn global_prefetch(&self) -> u16 {
        self.limiter.most()
    }

    /// The tag the next delivery will have (S5).
    pub(super) fn next_tag(&self) -> u64 {
        self.settled_to + self.unacked.len() as u64 + 1
    }

    /// Spends the next delivery tag (S5); a `no_ack` delivery leaves nothing to settle.
    pub(super) fn deliver(&mut self, unacked: Option<Unacked>) -> u64 {
        self.unacked.push_back(unacked);
        let tag = self.settled_to + self.unacked.len() as u64;
        self.forget_settled();
        tag
    }

    /// What is delivered and not settled, transactions' included.
    pub(super) fn unacked(&self) -> impl Iterator<Item = &Unacked> {
        let pending = self.transaction.iter().flat_map(Transaction::settled);
        self.unacked.iter().flatten().chain(pending)
    }

    /// What is delivered and has not been answered.
    pub(super) fn unanswered(&self) -> impl Iterator<Item = &Unacked> {
        self.unacked.iter().flatten()
    }

    /// Takes one delivery out, by its tag.
    ///
    /// # Errors
    /// 406 when the tag is unknown or settled (S6); nothing is taken then.
    pub(super) fn settle_one(&mut self, tag: u64) -> Result<Unacked, Refusal> {
        let row = tag.checked_sub(self.settled_to + 1);
        let unacked = row
            .and_then(|row| self.unacked.get_mut(usize::try_from(row).ok()?))
            .and_then(Option::take)
            .ok_or_else(|| unknown_tag(tag))?;
        self.forget_settled();
        Ok(unacked)
    }

    /// Takes all deliveries up to a tag out, in order; tag 0 means all there are.
    ///
    /// # Errors
    /// 406 when that tag itself is not outstanding (S6); nothing is taken then.
    pub(super) fn settle_up_to(&mut self, tag: u64) -> Result<Vec<Unacked>, Refusal> {
        let rows = if tag == 0 {
            self.unacked.len()
        } else {
            let row = tag
                .checked_sub(self.settled_to + 1)
                .and_then(|row| usize::try_from(row).ok())
                .filter(|&row| matches!(self.unacked.get(row), Some(Some(_))))
                .ok_or_else(|| unknown_tag(tag))?;
            row + 1
        };
        let taken = self.unacked.drain(..rows).flatten().collect();
        self.settled_to += rows as u64;
        self.forget_settled();
        Ok(taken)
    }

    /// Takes out what `wanted` says, in order.
    pub(super) fn take_where(&mut self, wanted: impl Fn(&Unacked) -> bool) -> Vec<Unacked> {
        let mut taken = Vec::new();
        for row in &mut self.unacked {
            taken.extend(row.take_if(|unacked| wanted(unacked)));
        }
        self.forget_settled();
        taken
    }

    /// Puts deliveries back that a transaction had settled, and is rolled back (P11).
    pub(super) fn restore(&mut self, settled: Vec<Unacked>) {
        for unacked in settled {
            while unacked.tag <= self.settled_to {
                self.unacked.push_front(None);
                self.settled_to -= 1;
            }
            let row = (unacked.tag - self.settled_to - 1) as usize;
            if let Some(place) = self.unacked.get_mut(row) {
                *place = Some(unacked);
            }
        }
    }

    fn forget_settled(&mut self) {
        while let Some(None) = self.unacked.front() {
            self.unacked.pop_front();
            self.settled_to += 1;
        }
    }
}

fn unknown_tag(tag: u64) -> Refusal {
    Refusal::new(
        ReplyCode::PreconditionFailed,
        "S6",
        format!("unknown delivery tag {tag}"),
    )
}
