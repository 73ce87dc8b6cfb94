//! What `check` tells of dead letters that reach no queue, without a run.

use std::collections::BTreeMap;

use super::explain::{Journey, Waits};
use crate::broker::{ExchangeKind, Name, Publication, Queue, QueueId, QueueKind, cc_keys};
use crate::scenario::{Claim, Scenario};
use crate::t;
use crate::words::{list, quoted, shown};
use crate::world::World;

/// A line for each queue and each way in which what dies there reaches no queue. What is asked about are the messages
/// that the scenario's publishers send and its expectations publish; and, where it makes no difference which message it
/// is, every queue with a dead-letter exchange.
pub(super) fn dead_ends(scenario: &Scenario) -> Vec<String> {
    let Ok(world) = World::new(&scenario.setup) else {
        return Vec::new();
    };
    let mut found: BTreeMap<(QueueId, String), Vec<Name>> = BTreeMap::new();
    for message in messages(scenario) {
        for queue in reached(&message, &world) {
            let waits = Waits::of(queue, &message, &world);
            for told in waits.iter().flat_map(Waits::dead_ends) {
                let keys = found.entry((queue, told)).or_default();
                if !keys.contains(&message.routing_key) {
                    keys.push(message.routing_key.clone());
                }
            }
        }
    }
    for queue in world.broker().queues() {
        if !queue.deleted && is_same_for_all(queue, &world) {
            let waits = Waits::of(queue.id, &Publication::default(), &world);
            for told in waits.iter().flat_map(Waits::dead_ends) {
                found.insert((queue.id, told), Vec::new());
            }
        }
    }
    found
        .into_iter()
        .map(|((queue, told), keys)| {
            let queue = world.definitions().queue_name(queue);
            let keys: Vec<String> = keys.iter().map(|key| quoted(key)).collect();
            t!(
                "check-dead-end",
                queue = shown(queue),
                count = keys.len(),
                keys = list(&keys),
                what = told
            )
        })
        .collect()
}

/// What the scenario publishes, each kind of message once.
fn messages(scenario: &Scenario) -> Vec<Publication> {
    let setup = &scenario.setup;
    let published = setup.publishers.iter().flat_map(|publisher| {
        publisher.messages.iter().map(|message| Publication {
            exchange: message
                .exchange
                .as_ref()
                .unwrap_or(&publisher.exchange)
                .clone(),
            routing_key: message.key.clone(),
            properties: message.properties.clone(),
            ..Publication::default()
        })
    });
    let expected = scenario
        .expect
        .iter()
        .filter_map(|expected| match &expected.claim {
            Claim::Reaches { publication, .. } => Some(publication.clone()),
            _ => None,
        });
    let mut messages: Vec<Publication> = Vec::new();
    for message in published.chain(expected) {
        if !messages.contains(&message) {
            messages.push(message);
        }
    }
    messages
}

/// The queues that a message reaches.
fn reached(message: &Publication, world: &World) -> Vec<QueueId> {
    let definitions = world.definitions();
    let headers = &message.properties.headers;
    let (Some(exchange), Ok((cc, bcc))) = (
        definitions.exchange_named(&message.exchange),
        cc_keys(headers),
    ) else {
        return Vec::new();
    };
    let message = match cc.is_empty() && bcc.is_empty() {
        true => message.clone(),
        false => message.clone().hide_bcc().unwrap_or_default(),
    };
    Journey::of(exchange.id, &message, world).queues
}

/// Whether all messages that die in a queue fare the same: its dead-letter exchange is not there, leads nowhere, looks at
/// nothing of them, or at no more than a key that the queue gives them all.
fn is_same_for_all(queue: &Queue, world: &World) -> bool {
    let settings = &queue.settings;
    let Some(name) = settings
        .dead_letter_exchange
        .as_ref()
        .filter(|_| queue.kind != QueueKind::Stream)
    else {
        return false;
    };
    let Some(exchange) = world.definitions().exchange_named(name) else {
        return true;
    };
    match exchange.kind {
        ExchangeKind::Fanout => exchange.alternate.is_none(),
        ExchangeKind::Headers => exchange.bindings.is_empty() && exchange.alternate.is_none(),
        _ => {
            settings.dead_letter_key.is_some()
                || (!name.is_empty()
                    && exchange.bindings.is_empty()
                    && exchange.alternate.is_none())
        }
    }
}
