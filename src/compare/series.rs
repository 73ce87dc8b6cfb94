//! A side's numbers over time: the same as in a summary, of one step after another.

use crate::broker::Micros;
use crate::world::{Event, World};

use super::held::mean;
use super::order::Standing;
use super::reading::Reading;
use super::spread::Spans;
use super::{Comparison, Side, Spread};

/// One step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Its end.
    pub at: Micros,
    /// Orders whose users were told in it that they are done, or will be.
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
    /// Users who wait at its end.
    pub waiting: u64,
    /// Orders at its end that were accepted and on which there is work to do yet.
    pub to_do: u64,
    /// How many workers of all services were held in it, in the mean.
    pub held: f64,
    /// Orders a second in it that were done and whose users were told so.
    pub goodput: f64,
}

/// One point for each step of time.
#[derive(Clone, Debug)]
pub struct Series {
    reading: Reading,
    step: Micros,
    points: Vec<Point>,
    user_wait: Spans,
    done_after: Spans,
    before: Totals,
}

/// What grows, as it was at the end of the step before.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    answered: u64,
    failed: u64,
    lost: u64,
    done: u64,
    good: u64,
    held: i128,
}

impl Series {
    /// Of a side of which nothing is read yet, and of its world, at whatever moment. A step is at least a microsecond.
    #[must_use]
    pub fn new(comparison: &Comparison, _side: Side, world: &World, step: Micros) -> Self {
        Self {
            reading: Reading::new(comparison, world),
            step: step.max(Micros(1)),
            points: Vec::new(),
            user_wait: Spans::new(),
            done_after: Spans::new(),
            before: Totals::default(),
        }
    }

    /// Reads an event, in the order of happening. What happens at the very end of a step is of the next.
    pub fn read(&mut self, event: &Event) {
        self.close_to(event.at);
        let ended = self.reading.read(event);
        if let Some(waited) = ended.waited {
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
        let (before, now) = (
            self.before,
            Totals {
                answered: ledger.answered(),
                failed: ledger.failed(),
                lost: of(Standing::Lost),
                done: ledger.done,
                good: of(Standing::Done),
                held: self.reading.held(at),
            },
        );
        self.points.push(Point {
            at,
            answered: now.answered - before.answered,
            failed: now.failed - before.failed,
            // What seemed lost may yet turn out not to be.
            lost: now.lost.saturating_sub(before.lost),
            done: now.done - before.done,
            user_wait: self.user_wait.spread(),
            done_after: self.done_after.spread(),
            waiting: of(Standing::Waiting),
            to_do: of(Standing::ToDo),
            held: mean(now.held - before.held, self.step),
            goodput: super::a_second(now.good - before.good, self.step),
        });
        self.user_wait.clear();
        self.done_after.clear();
        self.before = now;
    }

    /// The steps that are closed, the first first.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }
}
