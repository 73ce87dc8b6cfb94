//! One side's numbers at one moment.

use std::collections::BTreeMap;

use crate::broker::{Micros, Name};
use crate::world::http::Outcome;

use super::Spread;

/// How one side stands at a moment.
///
/// Every order that came is counted once by what its user knows: `sent = answered + failed + waiting`; and every one
/// that was accepted by what became of it: `answered = (done - done_though_failed - done_unheard) + to_do + lost`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The moment.
    pub now: Micros,
    /// Orders that came.
    pub sent: u64,
    /// Orders whose users were told that they are done, or will be (200, 202).
    pub answered: u64,
    /// Orders whose users were told an error, or gave up.
    pub failed: u64,
    /// What users were told in the end, good or bad, and how often.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Orders whose users wait.
    pub waiting: u64,
    /// How long the one of them who came first has waited.
    pub longest_waiting: Micros,
    /// Orders on which all services they need have worked, whatever their users were told.
    pub done: u64,
    /// Of those, the ones whose users still wait.
    pub done_unheard: u64,
    /// Of those, the ones whose users were told that they failed.
    pub done_though_failed: u64,
    /// Orders that were accepted, and on which there is work to do yet.
    pub to_do: u64,
    /// How long ago the oldest of them came.
    pub oldest_to_do: Micros,
    /// Orders that were accepted and never will be done: nothing of them is under way any more.
    pub lost: u64,
    /// Orders that failed for their users after some of the called services, not all, had worked on them; nothing of
    /// them is under way any more.
    pub partly_done: u64,
    /// How often a service did the work for an order once more.
    pub duplicates: u64,
    /// Orders that were done within the comparison's deadline and whose users were not told otherwise, if there is a
    /// deadline.
    pub in_time: Option<u64>,
    /// How long users waited for what they were told in the end.
    pub user_wait: Spread,
    /// How long those users waited who were told that all is well.
    pub answered_after: Spread,
    /// How long after their users came orders were done.
    pub done_after: Spread,
    /// When the first order was done.
    pub first_done: Option<Micros>,
    /// When the last one was done so far.
    pub last_done: Option<Micros>,
    /// Orders done whose users were told so, a second since the start; where there is a deadline, only those done
    /// within it.
    pub goodput: f64,
    /// HTTP requests, retries among them.
    pub requests: u64,
    /// Messages published.
    pub messages: u64,
    /// Deliveries to consumers, redeliveries among them.
    pub deliveries: u64,
    /// Tries after the first: requests sent again, and orders that a consumer began on again.
    pub retries: u64,
    /// The services, in the order of the comparison.
    pub services: Vec<ServiceSummary>,
}

/// How one service stands at a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceSummary {
    /// Its name.
    pub name: Name,
    /// How many workers it has on this side; none where nothing calls it.
    pub workers: u32,
    /// How many of them are held.
    pub held: u64,
    /// How many were held in the mean since the start.
    pub held_mean: f64,
    /// HTTP requests that wait for a worker. What waits for a consumer waits in the broker.
    pub waiting: u64,
    /// How often it did its work.
    pub worked: u64,
    /// How often its work failed.
    pub failed: u64,
    /// When it did its work last.
    pub last_worked: Option<Micros>,
}

impl Summary {
    /// How many workers of all services were held in the mean since the start.
    #[must_use]
    pub fn held_mean(&self) -> f64 {
        self.services.iter().map(|service| service.held_mean).sum()
    }
}
