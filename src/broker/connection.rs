//! Connections.

use std::collections::{BTreeMap, BTreeSet};

use super::{Capabilities, ChannelId, ConnectionId, Name, QueueId, Throttle};

/// Messages a connection may have on their way to queues before it is not read any more (F1).
const CREDIT: i64 = 400;
/// After so many have arrived, it is given credit for as many again (F1).
const MORE_CREDIT: i64 = 200;

/// A connection.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its number.
    pub id: ConnectionId,
    /// What its client calls it.
    pub name: Name,
    /// Who logged in.
    pub user: Name,
    /// What its client understands (C8).
    pub capabilities: Capabilities,
    /// Its channels, by the number they have on it.
    pub channels: BTreeMap<u16, ChannelId>,
    /// Whether it is read (F1, F3).
    pub throttle: Throttle,
    /// Whether it has ended.
    pub closed: bool,
    /// Whether its user may do everything, so that nothing needs to be looked up.
    pub(super) unrestricted: bool,
    /// The queues that are exclusive to it (Q5).
    pub(super) exclusives: BTreeSet<QueueId>,
    credit: i64,
    arrived: i64,
    /// Octets of deliveries that were sent since its client took all that had been.
    pub(super) untaken: u64,
}

impl Connection {
    pub(super) fn new(
        id: ConnectionId,
        name: Name,
        user: Name,
        capabilities: Capabilities,
        unrestricted: bool,
    ) -> Self {
        Self {
            id,
            name,
            user,
            capabilities,
            channels: BTreeMap::new(),
            throttle: Throttle::Running,
            closed: false,
            unrestricted,
            exclusives: BTreeSet::new(),
            credit: CREDIT,
            arrived: 0,
            untaken: 0,
        }
    }

    /// Whether what its client sends is read.
    pub fn is_read(&self) -> bool {
        matches!(self.throttle, Throttle::Running | Throttle::Blocking)
    }

    /// Spends credit for copies that set out.
    pub(super) fn spend(&mut self, copies: usize) {
        self.credit -= copies as i64;
    }

    /// Counts a copy that arrived.
    pub(super) fn earn(&mut self) {
        self.arrived += 1;
        if self.arrived == MORE_CREDIT {
            self.arrived = 0;
            self.credit += MORE_CREDIT;
        }
    }

    /// Whether its credit is what it got, but for copies that are on their way.
    pub(super) fn has_all_credit_but(&self, on_the_way: i64) -> bool {
        self.credit + self.arrived + on_the_way == CREDIT
    }

    pub(super) fn has_credit(&self) -> bool {
        self.credit > 0
    }
}
