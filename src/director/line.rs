//! Ready messages in the order in which a queue serves them.

use std::collections::VecDeque;

use crate::broker::{CopyId, EventId, MessageId, Micros, QuorumPriorities, TURNS, two_to_one};
use crate::world::WorkerId;

/// A message in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bead {
    /// The message.
    pub message: MessageId,
    /// The copy.
    pub copy: CopyId,
    /// Who holds it, if it is unacked and one of the setup's consumers does.
    pub holder: Option<WorkerId>,
    /// Whether it was delivered before.
    pub redelivered: bool,
    /// How often it came back, where the queue counts that (Q44).
    pub returns: u32,
    /// The lane it stands in where the queue orders by priority (Q40, Q42); higher is served first.
    pub level: u8,
    /// The event by which it came to the queue.
    pub event: EventId,
    /// When it was shown to come to the queue.
    pub since: Micros,
    /// Its time to live, if it has one (Q20).
    pub ttl: Option<Micros>,
    /// While it waits before it is ready again: until when (Q46).
    pub delayed: Option<Micros>,
    pub(super) place: u64,
}

/// How much of a clock is seen as long as it may run.
const SLIVER: f32 = 0.03;

impl Bead {
    /// How much of its time to live is left, from 1 to 0, if it is limited. The picture lags behind the run, so a
    /// clock that has run down keeps a sliver until the end of its message may be shown; one that stays on behind a
    /// longer-lived head has none (Q21).
    pub fn life(&self, at: Micros) -> Option<f32> {
        let ttl = self.ttl?;
        let passed = at.since(self.since);
        if passed > ttl + super::MAX_LAG {
            return Some(0.0);
        }
        let left = 1.0 - passed.0 as f32 / ttl.0.max(1) as f32;
        Some(left.max(SLIVER))
    }
}

/// What is ready in a queue, as the broker orders it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Served before all others, in the order of their return (S10).
    returned: VecDeque<Bead>,
    /// By level.
    lanes: Vec<VecDeque<Bead>>,
    next_place: u64,
    len: usize,
    /// Whether two of the high level are served for each normal one (Q42).
    two_to_one: bool,
    /// The level of what has no priority.
    usual: u8,
    /// Whose turn it is among [`TURNS`].
    turn: u8,
}

impl Line {
    /// A queue's, if quorum queues order by priority so and it is one (Q42).
    pub(super) fn new(quorum: Option<QuorumPriorities>) -> Self {
        Self {
            two_to_one: quorum == Some(QuorumPriorities::TwoToOne),
            usual: match quorum {
                Some(QuorumPriorities::Strict) => QuorumPriorities::USUAL,
                _ => 0,
            },
            ..Self::default()
        }
    }

    /// Whether anything stands in another lane than that of what has no priority.
    pub fn has_levels(&self) -> bool {
        self.lanes()
            .any(|(level, _)| level.is_some_and(|level| level != self.usual))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All, in the order in which they would be served if nothing came in between.
    pub fn iter(&self) -> Box<dyn Iterator<Item = &Bead> + '_> {
        let returned = self.returned.iter();
        let ([normal, high], true) = (self.two_lanes(), self.two_to_one) else {
            return Box::new(returned.chain(self.lanes.iter().rev().flatten()));
        };
        let (mut normal, mut high) = (normal.iter().peekable(), high.iter().peekable());
        let mut turn = self.turn;
        Box::new(returned.chain(std::iter::from_fn(move || {
            let place = |bead: &&Bead| bead.place;
            let level = two_to_one(turn, normal.peek().map(place), high.peek().map(place))?;
            turn = (turn + 1) % TURNS;
            if level == 1 {
                high.next()
            } else {
                normal.next()
            }
        })))
    }

    fn two_lanes(&self) -> [&VecDeque<Bead>; 2] {
        static EMPTY: VecDeque<Bead> = VecDeque::new();
        [0, 1].map(|level| self.lanes.get(level).unwrap_or(&EMPTY))
    }

    /// The lanes in which anything stands, the one that is served first first. Returned messages have a lane of their
    /// own, without a level, where they go before all others.
    pub fn lanes(&self) -> impl Iterator<Item = (Option<u8>, &VecDeque<Bead>)> {
        let by_level = (0..=u8::MAX).zip(&self.lanes).rev();
        std::iter::once((None, &self.returned))
            .chain(by_level.map(|(level, lane)| (Some(level), lane)))
            .filter(|(_, lane)| !lane.is_empty())
    }

    /// Puts one at the tail of its level.
    pub(super) fn push(&mut self, mut bead: Bead) {
        bead.place = self.next_place;
        self.next_place += 1;
        self.len += 1;
        self.lane(bead.level).push_back(bead);
    }

    /// Puts one back where it was.
    pub(super) fn put_back(&mut self, bead: Bead) {
        self.len += 1;
        let lane = self.lane(bead.level);
        let at = lane.partition_point(|other| other.place < bead.place);
        lane.insert(at, bead);
    }

    /// Puts one before all that was never delivered, behind what was returned before.
    pub(super) fn put_returned(&mut self, bead: Bead) {
        self.len += 1;
        self.returned.push_back(bead);
    }

    fn lane(&mut self, level: u8) -> &mut VecDeque<Bead> {
        let level = usize::from(level);
        if level >= self.lanes.len() {
            self.lanes.resize_with(level + 1, VecDeque::new);
        }
        &mut self.lanes[level]
    }

    /// Takes one out that was served, or went as if it had been.
    pub(super) fn serve(&mut self, copy: CopyId) -> Option<Bead> {
        let (bead, level) = self.take(copy)?;
        if level.is_some() {
            self.turn = (self.turn + 1) % TURNS;
        }
        Some(bead)
    }

    /// Takes one out that just went.
    pub(super) fn remove(&mut self, copy: CopyId) -> Option<Bead> {
        self.take(copy).map(|(bead, _)| bead)
    }

    fn take(&mut self, copy: CopyId) -> Option<(Bead, Option<usize>)> {
        let lanes = std::iter::once(&mut self.returned).chain(&mut self.lanes);
        for (index, lane) in lanes.enumerate() {
            // It is at the head nearly always, so the search is short.
            if let Some(at) = lane.iter().position(|bead| bead.copy == copy) {
                self.len -= 1;
                return Some((lane.remove(at)?, index.checked_sub(1)));
            }
        }
        None
    }

    pub(super) fn each(&mut self, mut change: impl FnMut(&mut Bead)) {
        let lanes = std::iter::once(&mut self.returned).chain(&mut self.lanes);
        lanes.flatten().for_each(&mut change);
    }

    /// Takes all out.
    pub(super) fn clear(&mut self) {
        self.returned.clear();
        self.lanes.iter_mut().for_each(VecDeque::clear);
        self.len = 0;
    }
}
