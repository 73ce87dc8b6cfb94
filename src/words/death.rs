//! A message's deaths in words, as its `x-death` header has them (D7).

use crate::broker::{DeathReason, DeathRecord, Publication, deaths};
use crate::t;

use super::names::{exchange_name, list_names};
use super::shown;

/// The deaths of a message, the newest first, each in a sentence; none if it never died.
pub fn death_story(publication: &Publication) -> Vec<String> {
    deaths(publication).iter().map(death).collect()
}

fn death(record: &DeathRecord) -> String {
    let times = t!("death-times", count = record.count);
    let exchange = exchange_name(&record.exchange);
    let (queue, keys) = (shown(&record.queue), list_names(&record.routing_keys));
    match record.reason {
        DeathReason::Rejected => t!(
            "death-rejected",
            queue = queue,
            times = times,
            exchange = exchange,
            keys = keys
        ),
        DeathReason::Expired => t!(
            "death-expired",
            queue = queue,
            times = times,
            exchange = exchange,
            keys = keys
        ),
        DeathReason::MaxLen => t!(
            "death-dropped",
            queue = queue,
            times = times,
            exchange = exchange,
            keys = keys
        ),
        DeathReason::DeliveryLimit => t!(
            "death-exhausted",
            queue = queue,
            times = times,
            exchange = exchange,
            keys = keys
        ),
    }
}
