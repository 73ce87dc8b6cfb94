//! A side's numbers over time: the same as in a summary, of what was just before one moment after another.

use std::collections::VecDeque;

use crate::broker::Micros;
use crate::world::{Event, World};

use super::held::mean;
use super::order::Standing;
use super::reading::Reading;
use super::{Comparison, Spread};

/// A moment, and the time before it: as many steps as the series looks back.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// The moment.
    pub at: Micros,
    /// How long the time before it is.
    pub span: Micros,
    /// Orders whose users were told in that time that they are done, or will be.
    pub answered: u64,
    /// Orders whose users were told in it an error, or gave up.
    pub failed: u64,
    /// Orders that were accepted and of which the last that was under way ended in it, undone.
    pub lost: u64,
    /// Orders that were done in it.
    pub done: u64,
    /// How long users waited whose waiting ended in it.
    pub user_wait: Spread,
    /// How long after their users came those orders were done that were done in it.
    pub done_after: Spread,
    /// Users who wait at the moment.
    pub waiting: u64,
    /// Orders at the moment that were accepted and on which there is work to do yet.
    pub to_do: u64,
    /// How many workers of the first service were held in that time, in the mean.
    pub held: f64,
    /// Orders a second in it that were done, in time if there is one, and whose users were told so.
    pub goodput: f64,
    /// Orders of it that were done within the deadline and whose users were told so.
    pub in_time: u64,
    /// Tries in it after the first.
    pub retries: u64,
    /// How often in it a service did the work for an order once more.
    pub duplicates: u64,
}

/// One point for each step of time.
#[derive(Clone, Debug)]
pub struct Series {
    reading: Reading,
    step: Micros,
    /// How many steps a point looks back.
    back: usize,
    points: Vec<Point>,
    user_wait: Recent,
    done_after: Recent,
    /// What grows, as it was at the end of the last steps, the oldest first.
    before: VecDeque<Totals>,
}

/// What grows.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    at: Micros,
    answered: u64,
    failed: u64,
    lost: u64,
    done: u64,
    good: u64,
    in_time: u64,
    retries: u64,
    duplicates: u64,
    held: i128,
}

/// The spans of the last steps, that of now among them.
#[derive(Clone, Debug)]
struct Recent {
    steps: VecDeque<Vec<Micros>>,
    back: usize,
}

impl Recent {
    fn new(back: usize) -> Self {
        Self {
            steps: VecDeque::from([Vec::new()]),
            back,
        }
    }

    fn add(&mut self, span: Micros) {
        if let Some(now) = self.steps.back_mut() {
            now.push(span);
        }
    }

    /// What they are; then the next step begins.
    fn close(&mut self) -> Spread {
        let mut spans: Vec<_> = self.steps.iter().flatten().copied().collect();
        if self.steps.len() == self.back {
            self.steps.pop_front();
        }
        self.steps.push_back(Vec::new());
        Spread::of(&mut spans)
    }
}

impl Series {
    /// Of a side of which nothing is read yet, and of its world, at whatever moment. A step is at least a microsecond,
    /// and a point looks back at least one step.
    #[must_use]
    pub fn new(comparison: &Comparison, world: &World, step: Micros, back: usize) -> Self {
        let back = back.max(1);
        Self {
            reading: Reading::new(comparison, world),
            step: step.max(Micros(1)),
            back,
            points: Vec::new(),
            user_wait: Recent::new(back),
            done_after: Recent::new(back),
            before: VecDeque::from([Totals::default()]),
        }
    }

    /// Reads an event, in the order of happening. What happens at the very end of a step is of the next.
    pub fn read(&mut self, event: &Event) {
        self.close_to(event.at);
        let ended = self.reading.read(event);
        if let Some((waited, _)) = ended.waited {
            self.user_wait.add(waited);
        }
        if let Some(after) = ended.done {
            self.done_after.add(after);
        }
    }

    /// Closes all steps that end until a time; nothing before it will be read any more.
    pub fn close_to(&mut self, time: Micros) {
        while let Some(end) = self.end().filter(|&end| end <= time) {
            self.close(end);
        }
    }

    /// When the step that is open ends.
    fn end(&self) -> Option<Micros> {
        let closed = self.points.len() as u64;
        self.step.0.checked_mul(closed + 1).map(Micros)
    }

    fn close(&mut self, at: Micros) {
        let ledger = &self.reading.ledger;
        let of = |standing| ledger.standings.of(standing);
        let before = self.before.front().copied().unwrap_or_default();
        let now = Totals {
            at,
            answered: ledger.answered(),
            failed: ledger.failed(),
            lost: of(Standing::Lost),
            done: ledger.done,
            good: ledger.good(),
            in_time: ledger.in_time,
            retries: self.reading.retries,
            duplicates: ledger.duplicates,
            held: self.reading.held(at),
        };
        let span = at.since(before.at);
        self.points.push(Point {
            at,
            span,
            answered: now.answered - before.answered,
            failed: now.failed - before.failed,
            // What seemed lost may yet turn out not to be.
            lost: now.lost.saturating_sub(before.lost),
            done: now.done - before.done,
            user_wait: self.user_wait.close(),
            done_after: self.done_after.close(),
            waiting: of(Standing::Waiting),
            to_do: of(Standing::ToDo),
            held: mean(now.held - before.held, span),
            goodput: super::a_second(now.good - before.good, span),
            in_time: now.in_time - before.in_time,
            retries: now.retries - before.retries,
            duplicates: now.duplicates - before.duplicates,
        });
        if self.before.len() == self.back {
            self.before.pop_front();
        }
        self.before.push_back(now);
    }

    /// The points there are, the first first.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }
}
