//! The orders, how each stands, and what of it is under way.
//!
//! What is under way of an order are requests until they are answered, messages until they are routed, copies until they
//! end, and what consumers work on. An order whose user was told and of which nothing is under way is forgotten, a little
//! later, since events may be read a little out of order.

use std::collections::{BTreeMap, VecDeque};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::broker::{CopyId, MessageId, Micros};
use crate::world::http::{OrderId, Outcome};

use super::order::{Order, Standing, Standings};

/// How much later what is over is forgotten: more than the picture lags behind the world.
const GRACE: Micros = Micros::from_secs(5);

/// Orders under way, and counts of all there were.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    /// The services an order needs, each a bit by its place.
    needed: u64,
    pub deadline: Option<Micros>,
    orders: FxHashMap<OrderId, Order>,
    messages: FxHashMap<MessageId, Sent>,
    copies: FxHashMap<CopyId, MessageId>,
    /// Copies whose end was told before their beginning.
    ended: FxHashSet<CopyId>,
    over: VecDeque<(Micros, Over)>,
    now: Micros,
    pub sent: u64,
    pub standings: Standings,
    pub outcomes: BTreeMap<Outcome, u64>,
    pub done: u64,
    pub in_time: u64,
    pub duplicates: u64,
    pub first_done: Option<Micros>,
    pub last_done: Option<Micros>,
}

/// A message of an order's.
#[derive(Clone, Copy, Debug)]
struct Sent {
    order: OrderId,
    /// How much of it is under way.
    under_way: i64,
}

/// Something that can be forgotten, if nothing of it is under way again by then.
#[derive(Clone, Copy, Debug)]
enum Over {
    Order(OrderId),
    Message(MessageId),
    Copy(CopyId),
}

impl Ledger {
    /// Of orders that need these services, each given by its place.
    pub(super) fn new(needed: &[usize], deadline: Option<Micros>) -> Self {
        Self {
            needed: needed.iter().fold(0, |all, &place| all | bit(place)),
            deadline,
            ..Self::default()
        }
    }

    /// It is that late: what has long been over is forgotten.
    pub(super) fn pass(&mut self, now: Micros) {
        self.now = self.now.max(now);
        while let Some(&(since, over)) = self.over.front()
            && since + GRACE < self.now
        {
            self.over.pop_front();
            match over {
                Over::Order(id) => {
                    let order = self.orders.get(&id);
                    if order.is_some_and(|it| it.told.is_some() && it.under_way == 0) {
                        self.orders.remove(&id);
                    }
                }
                Over::Message(id) => {
                    if self.messages.get(&id).is_some_and(|it| it.under_way == 0) {
                        self.messages.remove(&id);
                    }
                }
                Over::Copy(id) => {
                    self.ended.remove(&id);
                }
            }
        }
    }

    /// A user came.
    pub(super) fn come(&mut self, id: OrderId, at: Micros) {
        self.sent += 1;
        self.standings.add(Standing::Waiting);
        self.orders.insert(id, Order::new(at));
    }

    /// A user was told what came of the order; how long it waited for that.
    pub(super) fn tell(&mut self, id: OrderId, outcome: Outcome, at: Micros) -> Option<Micros> {
        *self.outcomes.entry(outcome).or_default() += 1;
        let order = self.orders.get_mut(&id)?;
        order.told = Some(outcome);
        let waited = at.since(order.came);
        self.review(id);
        Some(waited)
    }

    /// A consumer begins to work on an order; whether it did before.
    pub(super) fn begin_again(&mut self, id: OrderId, place: usize) -> bool {
        let Some(order) = self.orders.get_mut(&id) else {
            return false;
        };
        let again = order.begun & bit(place) != 0;
        order.begun |= bit(place);
        again
    }

    /// A service has worked on an order; how long after it came it is done, if it is by that.
    pub(super) fn work(&mut self, id: OrderId, place: usize, at: Micros) -> Option<Micros> {
        let needed = self.needed;
        let order = self.orders.get_mut(&id)?;
        if order.worked & bit(place) != 0 {
            self.duplicates += 1;
            return None;
        }
        order.worked |= bit(place);
        order.last_worked = order.last_worked.max(at);
        if order.done_at.is_some() || order.worked & needed != needed {
            return None;
        }
        // The last of its works is not always the last to be read.
        let at = order.last_worked;
        order.done_at = Some(at);
        let after = at.since(order.came);
        self.done += 1;
        self.first_done = Some(self.first_done.map_or(at, |first| first.min(at)));
        self.last_done = self.last_done.max(Some(at));
        self.review(id);
        Some(after)
    }

    /// More of an order is under way, or less.
    pub(super) fn move_on(&mut self, id: OrderId, by: i64) {
        if let Some(order) = self.orders.get_mut(&id) {
            order.under_way += by;
            self.review(id);
        }
    }

    /// Counts an order as it stands now.
    fn review(&mut self, id: OrderId) {
        let Some(order) = self.orders.get_mut(&id) else {
            return;
        };
        // The first place is the entry's, whose own work is not half an order.
        let standing = order.stands(self.needed & !bit(0));
        if standing != order.standing {
            self.standings.shift(order.standing, standing);
            order.standing = standing;
            if standing == Standing::Done {
                let after = order.done_at.map(|at| at.since(order.came));
                let in_time = after.zip(self.deadline);
                self.in_time += u64::from(in_time.is_some_and(|(after, most)| after <= most));
            }
        }
        if order.told.is_some() && order.under_way == 0 {
            self.over.push_back((self.now, Over::Order(id)));
        }
    }

    /// Orders whose users were told that they are done, or will be.
    pub(super) fn answered(&self) -> u64 {
        self.count([Standing::Done, Standing::ToDo, Standing::Lost])
    }

    /// Orders whose users were told an error, or gave up.
    pub(super) fn failed(&self) -> u64 {
        use Standing as S;
        self.count([S::Failed, S::PartlyDone, S::Failing, S::DoneThoughFailed])
    }

    /// Orders that were of use: done in time, if there is one, and their users not told otherwise.
    pub(super) fn good(&self) -> u64 {
        match self.deadline {
            Some(_) => self.in_time,
            None => self.standings.of(Standing::Done),
        }
    }

    /// When the oldest order came that stands so, and of which something is under way or waited for.
    pub(super) fn oldest(&self, standing: Standing) -> Option<Micros> {
        let orders = self.orders.values();
        let such = orders.filter(|order| order.standing == standing);
        such.map(|order| order.came).min()
    }

    fn count<const N: usize>(&self, standings: [Standing; N]) -> u64 {
        standings.map(|it| self.standings.of(it)).iter().sum()
    }

    /// The order a message is about.
    pub(super) fn order_of(&self, message: MessageId) -> Option<OrderId> {
        self.messages.get(&message).map(|sent| sent.order)
    }

    /// A message of an order's is on its way to the broker.
    pub(super) fn publish(&mut self, message: MessageId, order: OrderId) {
        let sent = Sent {
            order,
            under_way: 0,
        };
        self.messages.insert(message, sent);
        self.carry(message, 1);
    }

    /// More of a message is under way, or less.
    pub(super) fn carry(&mut self, message: MessageId, by: i64) {
        let Some(sent) = self.messages.get_mut(&message) else {
            return;
        };
        sent.under_way += by;
        let Sent { order, under_way } = *sent;
        if under_way == 0 {
            self.over.push_back((self.now, Over::Message(message)));
        }
        self.move_on(order, by);
    }

    /// There is a copy, if there was not already.
    pub(super) fn copy(&mut self, copy: CopyId, message: MessageId) {
        if self.ended.remove(&copy) || self.copies.contains_key(&copy) {
            return;
        }
        self.copies.insert(copy, message);
        self.carry(message, 1);
    }

    /// A copy ended.
    pub(super) fn end(&mut self, copy: CopyId) {
        match self.copies.remove(&copy) {
            Some(message) => self.carry(message, -1),
            None => {
                self.ended.insert(copy);
                self.over.push_back((self.now, Over::Copy(copy)));
            }
        }
    }

    /// Roughly how much there is to copy in a clone, in entries.
    pub(super) fn weight(&self) -> usize {
        let known = self.orders.len() + self.messages.len() + self.copies.len();
        known + self.ended.len() + self.over.len()
    }
}

/// A service's bit. Of more services than there are bits, the last count for nothing.
fn bit(place: usize) -> u64 {
    u32::try_from(place).map_or(0, |place| 1_u64.checked_shl(place).unwrap_or(0))
}
