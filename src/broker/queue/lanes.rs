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
        /// Whether each level's head expires (Q23, ≥4.3), rather than only what would be served next (Q40).
        each_expires: bool,
    },
    /// Two of the high level for each of the normal one (Q42).
    TwoToOne,
}

/// Of every three that a quorum queue serves by its two levels, the last is a normal one's turn (Q42).
pub const TURNS: u8 = 3;

impl Order {
    fn levels(self) -> usize {
        match self {
            Self::Fifo => 1,
            Self::Strict { highest, .. } => usize::from(highest) + 1,
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
    /// Requeued, and not in their places yet: many are merged at once.
    coming_back: Vec<Entry>,
    next_place: u64,
    len: usize,
    bytes: u64,
    /// Whose turn it is among [`TURNS`] (Q42).
    turn: u8,
}

impl Lanes {
    pub fn new(order: Order) -> Self {
        Self {
            order,
            returned: VecDeque::new(),
            lanes: vec![VecDeque::new(); order.levels()],
            coming_back: Vec::new(),
            next_place: 0,
            len: 0,
            bytes: 0,
            turn: 0,
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

    /// Puts a delivery back where it was (S10), once [`settle_back`](Self::settle_back) is called.
    pub fn put_back(&mut self, entry: Entry) {
        self.count_in(&entry);
        self.coming_back.push(entry);
    }

    /// Brings what was put back to its places. Taking the lane's head along costs as much as it has entries before the
    /// last of those that come back, however many these are. Whether there were any.
    pub fn settle_back(&mut self) -> bool {
        let any = !self.coming_back.is_empty();
        let mut back = std::mem::take(&mut self.coming_back);
        back.sort_by_key(|entry| (entry.level, entry.place));
        while let Some(last) = back.last() {
            let level = usize::from(last.level).min(self.lanes.len() - 1);
            let lane = &mut self.lanes[level];
            let before = lane.partition_point(|other| other.place < last.place);
            let level = last.level;
            let mut head: Vec<Entry> = lane.drain(..before).collect();
            head.extend(back.drain(back.partition_point(|entry| entry.level < level)..));
            head.sort_by_key(|entry| entry.place); // Two runs: one pass.
            for entry in head.into_iter().rev() {
                lane.push_front(entry);
            }
        }
        any
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
            self.turn = (self.turn + 1) % TURNS;
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
                let [normal, high] = [0, 1].map(|level| self.lanes[level].front());
                two_to_one(self.turn, normal.map(place), high.map(place))
            }
        }
    }

    /// Takes a message whose time is up, if one stands where it is looked at: at the very head (Q21, Q23, Q40), or, of a
    /// quorum queue from 4.3 on, at the head of a level (Q23).
    pub fn pop_expired(&mut self, now: Micros) -> Option<Entry> {
        if self.only_head_expires() {
            return if self.peek()?.has_expired(now) {
                self.pop()
            } else {
                None
            };
        }
        let entry = std::iter::once(&mut self.returned)
            .chain(self.lanes.iter_mut().rev())
            .find(|lane| lane.front().is_some_and(|head| head.has_expired(now)))?
            .pop_front()?;
        self.len -= 1;
        self.bytes -= entry.bytes();
        Some(entry)
    }

    fn only_head_expires(&self) -> bool {
        !matches!(
            self.order,
            Order::Strict {
                each_expires: true,
                ..
            }
        )
    }

    /// When the next message that is looked at expires.
    pub fn next_expiry(&self) -> Option<Micros> {
        if self.only_head_expires() {
            return self.peek()?.expiry();
        }
        let lanes = std::iter::once(&self.returned).chain(&self.lanes);
        let heads = lanes.filter_map(VecDeque::front);
        heads.filter_map(Entry::expiry).min()
    }

    /// All messages, in the order they would be served if nothing came in between.
    pub fn iter(&self) -> Box<dyn Iterator<Item = &Entry> + '_> {
        let returned = self.returned.iter();
        match self.order {
            Order::Fifo => Box::new(returned.chain(&self.lanes[0])),
            Order::Strict { .. } => Box::new(returned.chain(self.lanes.iter().rev().flatten())),
            Order::TwoToOne => {
                let mut normal = self.lanes[0].iter().peekable();
                let mut high = self.lanes[1].iter().peekable();
                let mut turn = self.turn;
                Box::new(returned.chain(std::iter::from_fn(move || {
                    let [normal_head, high_head] =
                        [&mut normal, &mut high].map(|lane| lane.peek().copied().map(place));
                    let level = two_to_one(turn, normal_head, high_head)?;
                    turn = (turn + 1) % TURNS;
                    if level == 1 {
                        high.next()
                    } else {
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
        self.coming_back.is_empty()
            && len == self.len
            && bytes == self.bytes
            && self.lanes.iter().all(ordered)
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

fn place(entry: &Entry) -> u64 {
    entry.place
}

/// Which of the two levels of a quorum queue is served at this turn, by the places of their heads: two of the high one
/// for each of the normal one, except that a high one that came before the normal one whose turn it is goes before it
/// (Q42).
pub fn two_to_one(turn: u8, normal: Option<u64>, high: Option<u64>) -> Option<usize> {
    match (normal, high) {
        (None, None) => None,
        (Some(normal), Some(high)) => Some(usize::from(turn != TURNS - 1 || normal > high)),
        (_, high) => Some(usize::from(high.is_some())),
    }
}
