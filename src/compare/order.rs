//! What is known of one order while anything of it is under way.

use crate::broker::Micros;
use crate::world::http::Outcome;

/// An order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    /// When its user came.
    pub came: Micros,
    /// What its user was told in the end.
    pub told: Option<Outcome>,
    /// The services that have worked on it, each a bit by its place.
    pub worked: u64,
    /// The consumers that have begun to work on it, likewise.
    pub begun: u64,
    /// When a service last worked on it.
    pub last_worked: Micros,
    /// When the last of those it needs had worked on it.
    pub done_at: Option<Micros>,
    /// How many requests, copies and jobs of it are under way. Where an end is seen before its beginning, this is below
    /// zero for that long.
    pub under_way: i64,
    /// Where it was counted last.
    pub standing: Standing,
}

impl Order {
    pub(super) fn new(came: Micros) -> Self {
        Self {
            came,
            told: None,
            worked: 0,
            begun: 0,
            last_worked: Micros::ZERO,
            done_at: None,
            under_way: 0,
            standing: Standing::Waiting,
        }
    }

    /// How it stands by what is known. `called` are the services beside the first.
    pub(super) fn stands(&self, called: u64) -> Standing {
        let is_under_way = self.under_way > 0;
        match self.told {
            None => Standing::Waiting,
            Some(told) if told.is_success() => match self.done_at {
                Some(_) => Standing::Done,
                None if is_under_way => Standing::ToDo,
                None => Standing::Lost,
            },
            Some(_) => match self.done_at {
                Some(_) => Standing::DoneThoughFailed,
                None if is_under_way => Standing::Failing,
                None if self.worked & called != 0 => Standing::PartlyDone,
                None => Standing::Failed,
            },
        }
    }
}

/// How an order stands. Each is counted as one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its user waits, whatever is done.
    Waiting,
    /// Its user was told that it is done, or will be: it is.
    Done,
    /// It is not yet.
    ToDo,
    /// It never will be: nothing of it is under way.
    Lost,
    /// Its user was told that it failed, and it did: no service that is called has worked on it.
    Failed,
    /// Some have.
    PartlyDone,
    /// Nobody knows yet: something of it is under way.
    Failing,
    /// It was done nevertheless.
    DoneThoughFailed,
}

/// How many orders stand how.
#[derive(Clone, Debug, Default)]
pub(super) struct Standings([u64; 8]);

impl Standings {
    pub(super) fn of(&self, standing: Standing) -> u64 {
        self.0[standing as usize]
    }

    pub(super) fn add(&mut self, standing: Standing) {
        self.0[standing as usize] += 1;
    }

    pub(super) fn shift(&mut self, from: Standing, to: Standing) {
        self.0[from as usize] -= 1;
        self.0[to as usize] += 1;
    }
}
