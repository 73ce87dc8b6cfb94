//! What a channel in transaction mode has gathered for its commit (P10, P11).

use super::channel::Unacked;
use super::{ExchangeId, Message, Passing, QueueId, Via};

/// What is done with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settle {
    Ack,
    /// `basic.nack` with requeue.
    Nack,
    /// `basic.reject` with requeue.
    RejectBack,
    /// `basic.reject` without requeue: it dies (D1).
    RejectAway,
    /// `basic.nack` without requeue: it dies too, but its delivery did not fail (D4).
    NackAway,
    /// `basic.recover` (S14).
    Recover,
    /// Its channel ended (C12).
    ChannelEnded,
    /// It took too long (S15).
    TimedOut,
    /// The broker restarts (R8).
    Restart,
}

/// A publish that was routed, and waits for the commit.
#[derive(Clone, Debug)]
pub(super) struct HeldPublish {
    pub(super) message: Message,
    pub(super) exchange: ExchangeId,
    pub(super) mandatory: bool,
    pub(super) matched: Box<[Via]>,
    pub(super) copies: Vec<(QueueId, Box<[Via]>)>,
    pub(super) passing: Box<[Passing]>,
}

/// What waits for the commit.
#[derive(Clone, Debug, Default)]
pub(super) struct Transaction {
    pub(super) publishes: Vec<HeldPublish>,
    pub(super) settlements: Vec<(Settle, Vec<Unacked>)>,
}

impl Transaction {
    /// Settles deliveries once it is committed. What is done alike one after the other is done as one.
    pub(super) fn settle(&mut self, how: Settle, unacked: Vec<Unacked>) {
        match self.settlements.last_mut() {
            Some((last, gathered)) if *last == how => gathered.extend(unacked),
            _ => self.settlements.push((how, unacked)),
        }
    }

    /// Deliveries that are settled once it is committed.
    pub(super) fn settled(&self) -> impl Iterator<Item = &Unacked> {
        self.settlements.iter().flat_map(|(_, unacked)| unacked)
    }
}
