//! What is measured of a comparison's sides, by the names that expectations have for it.

use super::expect::Bounds;
use crate::broker::Micros;
use crate::compare::{ServiceSummary, Summary};

/// A number of a side's, or of a service's on it.
pub(super) struct Measure<S> {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub unit: Unit,
    /// The number; none if there is nothing to measure.
    pub of: fn(&S) -> Option<u64>,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// So many.
    Count,
    /// A span of time, in microseconds.
    Time,
    /// So many in the mean, in thousandths.
    Mean,
}

impl Unit {
    /// The number in this unit, for people.
    pub fn write(self, number: u64) -> String {
        match self {
            Self::Count => number.to_string(),
            Self::Time => Micros(number).to_string(),
            Self::Mean => (number as f64 / 1e3).to_string(),
        }
    }
}

/// A mean in thousandths.
pub(super) fn thousandths(mean: f64) -> u64 {
    (mean * 1e3).round() as u64
}

const fn count<S>(name: &'static str, of: fn(&S) -> Option<u64>) -> Measure<S> {
    let unit = Unit::Count;
    Measure { name, unit, of }
}

const fn time<S>(name: &'static str, of: fn(&S) -> Option<u64>) -> Measure<S> {
    let unit = Unit::Time;
    Measure { name, unit, of }
}

/// Those of a side.
pub(super) const OF_SIDES: &[Measure<Summary>] = &[
    count("sent", |it| Some(it.sent)),
    count("answered", |it| Some(it.answered)),
    count("failed", |it| Some(it.failed)),
    count("waiting", |it| Some(it.waiting)),
    count("done", |it| Some(it.done)),
    count("done_though_failed", |it| Some(it.done_though_failed)),
    count("partly_done", |it| Some(it.partly_done)),
    count("to_do", |it| Some(it.to_do)),
    count("lost", |it| Some(it.lost)),
    count("duplicates", |it| Some(it.duplicates)),
    count("in_time", |it| it.in_time),
    count("requests", |it| Some(it.requests)),
    count("messages", |it| Some(it.messages)),
    count("deliveries", |it| Some(it.deliveries)),
    count("retries", |it| Some(it.retries)),
    time("wait_mean", |it| Some(it.user_wait.mean.0)),
    time("wait_p50", |it| Some(it.user_wait.p50.0)),
    time("wait_p95", |it| Some(it.user_wait.p95.0)),
    time("wait_p99", |it| Some(it.user_wait.p99.0)),
    time("wait_max", |it| Some(it.user_wait.max.0)),
    time("done_mean", |it| Some(it.done_after.mean.0)),
    time("done_p50", |it| Some(it.done_after.p50.0)),
    time("done_p95", |it| Some(it.done_after.p95.0)),
    time("done_p99", |it| Some(it.done_after.p99.0)),
    time("done_max", |it| Some(it.done_after.max.0)),
    time("last_done", |it| it.last_done.map(|at| at.0)),
    Measure {
        name: "held_mean",
        unit: Unit::Mean,
        of: |it| Some(thousandths(it.held_mean())),
    },
];

/// Those of a service on a side.
pub(super) const OF_SERVICES: &[Measure<ServiceSummary>] = &[
    count("worked", |it| Some(it.worked)),
    count("failed", |it| Some(it.failed)),
    count("held", |it| Some(it.held)),
    count("waiting", |it| Some(it.waiting)),
    time("last_worked", |it| it.last_worked.map(|at| at.0)),
    Measure {
        name: "held_mean",
        unit: Unit::Mean,
        of: |it| Some(thousandths(it.held_mean)),
    },
];

/// How a number is written that has this name, of a service or of a side.
pub(super) fn unit(name: &str, of_service: bool) -> Unit {
    let found = match of_service {
        true => OF_SERVICES
            .iter()
            .find(|it| it.name == name)
            .map(|it| it.unit),
        false => OF_SIDES.iter().find(|it| it.name == name).map(|it| it.unit),
    };
    found.unwrap_or(Unit::Count)
}

/// What is claimed, each with what was found; none if there is nothing to measure.
pub(super) fn found<S>(
    measures: &[Measure<S>],
    summary: &S,
    claimed: &[Bounds],
) -> Vec<(Bounds, Unit, Option<u64>)> {
    let found = claimed.iter().filter_map(|bounds| {
        let measure = measures.iter().find(|it| it.name == bounds.name)?;
        Some((*bounds, measure.unit, (measure.of)(summary)))
    });
    found.collect()
}
