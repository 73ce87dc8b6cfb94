//! Why a run did not get where it was to go, and what to do.

use crate::t;
use crate::world::{Circling, Standstill, Stop, World};

use super::{grouped, span};

/// Why a run stopped before its end; `world` is that run's.
pub fn stopped(stop: &Stop, world: &World) -> String {
    match *stop {
        Stop::Standstill(standstill) => self::standstill(&standstill, world),
        Stop::TooLong { at, steps, to } => t!(
            "stopped-too-long",
            at = span(at),
            steps = grouped(usize::try_from(steps).unwrap_or(usize::MAX)),
            to = span(to)
        ),
    }
}

/// Why time stands still in a world.
pub fn standstill(standstill: &Standstill, world: &World) -> String {
    let at = span(standstill.at);
    let Circling::Message { queue, worker, .. } = standstill.by else {
        return t!("stopped-crowd", at = at);
    };
    let queue = world.definitions().queue_name(queue);
    match worker.and_then(|id| world.worker(id)) {
        Some(worker) => t!(
            "stopped-circling",
            at = at,
            queue = queue,
            consumer = worker.name().as_str()
        ),
        None => t!("stopped-circling-queue", at = at, queue = queue),
    }
}
