//! Ready messages in the order they are served.

use std::collections::VecDeque;

use super::Entry;
use crate::broker::Micros;

/// How a queue chooses among the messages that are ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// In the order they came.
    Fifo,
    /// The highest level first, in the order they came within a level (Q40; ≥4.3 also Q42).
    Strict {
        /// The highest level.
        highest: u8,
    },
    /// Two of the high level for each of the normal one (Q42).
    TwoToOne,
}

impl Order {
    fn levels(self) -> usize {
        match self {
            Self::Fifo => 1,
            Self::Strict { highest } => usize::from(highest) + 1,
            Self::TwoToOne => 2,
        }
    }
}

/// What is ready in a queue.
#[derive(Clone, Debug)]
pub struct Lanes {
    order: Order,
    /// Returned messages that are served before all others, in the order of their return (S10, quorum).
    returned: VecDeque<Entry>,
    /// By level. Where a classic queue's requeue puts things back, a lane is ordered by place.
    lanes: Vec<VecDeque<Entry>>,
    next_place: u64,
    len: usize,
    bytes: u64,
    /// How many of the high level were served since a normal one was (Q42).
    high_served: u8,
}

/// Of the two levels of a quorum queue, so many high ones are served for each normal one (Q42).
const HIGH_IN_A_ROW: u8 = 2;

impl Lanes {
    pub fn new(order: Order) -> Self {
        Self {
            order,
            returned: VecDeque::new(),
            lanes: vec![VecDeque::new(); order.levels()],
            next_place: 0,
            len: 0,
            bytes: 0,
            high_served: 0,
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// The octets of all bodies.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Puts a message at the tail of its level.
    pub fn push(&mut self, mut entry: Entry) {
        entry.place = self.next_place;
        self.next_place += 1;
        self.count_in(&entry);
        let level = usize::from(entry.level).min(self.lanes.len() - 1);
        self.lanes[level].push_back(entry);
    }

    /// Puts a delivery back where it was (S10).
    pub fn put_back(&mut self, entry: Entry) {
        self.count_in(&entry);
        let level = usize::from(entry.level).min(self.lanes.len() - 1);
        let lane = &mut self.lanes[level];
        let at = lane.partition_point(|other| other.place < entry.place);
        lane.insert(at, entry);
    }

    /// Puts a delivery before all that was never delivered, behind what was returned before (S10).
    pub fn put_returned(&mut self, entry: Entry) {
        self.count_in(&entry);
        self.returned.push_back(entry);
    }

    fn count_in(&mut self, entry: &Entry) {
        self.len += 1;
        self.bytes += entry.bytes();
    }

    /// The message that is served next.
    pub fn peek(&self) -> Option<&Entry> {
        if let Some(entry) = self.returned.front() {
            return Some(entry);
        }
        self.lanes[self.next_level()?].front()
    }

    /// Takes the message that is served next.
    pub fn pop(&mut self) -> Option<Entry> {
        let entry = if let Some(entry) = self.returned.pop_front() {
            entry
        } else {
            let level = self.next_level()?;
            if self.order == Order::TwoToOne {
                self.high_served = if level == 1 { self.high_served + 1 } else { 0 };
            }
            self.lanes[level].pop_front()?
        };
        self.len -= 1;
        self.bytes -= entry.bytes();
        Some(entry)
    }

    fn next_level(&self) -> Option<usize> {
        match self.order {
            Order::Fifo => (!self.lanes[0].is_empty()).then_some(0),
            Order::Strict { .. } => self.lanes.iter().rposition(|lane| !lane.is_empty()),
            Order::TwoToOne => {
                let (normal, high) = (!self.lanes[0].is_empty(), !self.lanes[1].is_empty());
                match (normal, high) {
                    (false, false) => None,
                    (true, true) => Some(usize::from(self.high_served < HIGH_IN_A_ROW)),
                    (_, high) => Some(usize::from(high)),
                }
            }
        }
    }

    /// Takes a message whose time is up, if one stands where it is looked at: at the head of a level (Q21, Q40), or, of
    /// a quorum queue before 4.3, at the very head (Q23).
    pub fn pop_expired(&mut self, now: Micros) -> Option<Entry> {
        if self.order == Order::TwoToOne || !self.returned.is_empty() {
            return if self.peek()?.has_expired(now) {
                self.pop()
            } else {
                None
            };
        }
        let lane = self
            .lanes
            .iter_mut()
            .rev()
            .find(|lane| lane.front().is_some_and(|head| head.has_expired(now)))?;
        let entry = lane.pop_front()?;
        self.len -= 1;
        self.bytes -= entry.bytes();
        Some(entry)
    }

    /// When the next message that is looked at expires.
    pub fn next_expiry(&self) -> Option<Micros> {
        if self.order == Order::TwoToOne || !self.returned.is_empty() {
            return self.peek()?.expiry();
        }
        let heads = self.lanes.iter().filter_map(VecDeque::front);
        heads.filter_map(Entry::expiry).min()
    }

    /// All messages, in the order they would be served if nothing came in between.
    pub fn iter(&self) -> Box<dyn Iterator<Item = &Entry> + '_> {
        let returned = self.returned.iter();
        match self.order {
            Order::Fifo => Box::new(returned.chain(&self.lanes[0])),
            Order::Strict { .. } => Box::new(returned.chain(self.lanes.iter().rev().flatten())),
            Order::TwoToOne => {
                let (mut normal, mut high) = (self.lanes[0].iter(), self.lanes[1].iter());
                let mut served = self.high_served;
                Box::new(returned.chain(std::iter::from_fn(move || {
                    let wants_high = served < HIGH_IN_A_ROW || normal.len() == 0;
                    if wants_high && high.len() > 0 {
                        served = served.saturating_add(1);
                        high.next()
                    } else {
                        served = 0;
                        normal.next()
                    }
                })))
            }
        }
    }

    /// Whether each lane is ordered by place, and all counters are right.
    pub fn is_sound(&self) -> bool {
        let (mut len, mut bytes) = (0, 0);
        for entry in self.iter() {
            len += 1;
            bytes += entry.bytes();
        }
        let ordered = |lane: &VecDeque<Entry>| lane.iter().is_sorted_by(|a, b| a.place < b.place);
        len == self.len && bytes == self.bytes && self.lanes.iter().all(ordered)
    }

    /// Takes everything, in the order it would be served.
    pub fn take_all(&mut self) -> Vec<Entry> {
        std::iter::from_fn(|| self.pop()).collect()
    }

    /// Keeps what `keep` says, and lets it change what it keeps; gives back the rest.
    pub fn retain(&mut self, mut keep: impl FnMut(&mut Entry) -> bool) -> Vec<Entry> {
        let mut gone = Vec::new();
        for lane in std::iter::once(&mut self.returned).chain(&mut self.lanes) {
            for mut entry in std::mem::take(lane) {
                if keep(&mut entry) {
                    lane.push_back(entry);
                } else {
                    gone.push(entry);
                }
            }
        }
        self.len -= gone.len();
        self.bytes -= gone.iter().map(Entry::bytes).sum::<u64>();
        gone
    }
}
