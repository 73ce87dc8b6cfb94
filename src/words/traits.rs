//! What sets a queue or an exchange apart, in a few short words each: what stands in the picture beside its name.

use crate::broker::{Exchange, ExchangeKind, Overflow, QueueDefinition, QueueKind, Settings};
use crate::t;

use super::{shown, span};

/// What sets a queue apart from a durable classic one without arguments.
#[must_use]
pub fn queue_traits(definition: &QueueDefinition, settings: &Settings) -> Vec<String> {
    let mut traits = Vec::new();
    match definition.kind {
        QueueKind::Classic => {}
        QueueKind::Quorum => traits.push(t!("trait-quorum")),
        QueueKind::Stream => traits.push(t!("trait-stream")),
        QueueKind::ReplyTo => return vec![t!("trait-reply-to")],
    }
    if definition.exclusive {
        traits.push(t!("trait-exclusive"));
    } else if !definition.durable {
        traits.push(t!("trait-transient"));
    }
    if definition.auto_delete {
        traits.push(t!("trait-auto-delete"));
    }
    if settings.single_active {
        traits.push(t!("trait-single-active"));
    }
    if let Some(highest) = settings.max_priority {
        traits.push(t!("trait-priorities", highest = highest));
    }
    if let Some(ttl) = settings.ttl {
        traits.push(t!("trait-ttl", span = span(ttl)));
    }
    if let Some(lease) = settings.expires {
        traits.push(t!("trait-expires", span = span(lease)));
    }
    let policies = settings.policy.iter().chain(&settings.operator_policy);
    let policies: Vec<_> = policies
        .map(|name| t!("trait-policy", name = shown(name)))
        .collect();
    if definition.kind == QueueKind::Stream {
        traits.extend(policies);
        return traits;
    }
    if let Some(most) = settings.max_length {
        traits.push(t!("trait-max-length", count = most));
    }
    if let Some(most) = settings.max_bytes {
        traits.push(t!("trait-max-bytes", count = most));
    }
    let limited = settings.max_length.is_some() || settings.max_bytes.is_some();
    match settings.overflow {
        _ if !limited => {}
        Overflow::DropHead => traits.push(t!("trait-drop-head")),
        Overflow::RejectPublish => traits.push(t!("trait-reject-publish")),
        Overflow::RejectPublishDlx => traits.push(t!("trait-reject-publish-dlx")),
    }
    if let (QueueKind::Quorum, Some(limit)) = (definition.kind, settings.delivery_limit) {
        traits.push(t!("trait-delivery-limit", count = limit));
    }
    traits.extend(policies);
    traits
}

/// What sets an exchange apart from a durable one that everybody may publish to; its type first.
#[must_use]
pub fn exchange_traits(exchange: &Exchange) -> Vec<String> {
    let mut traits = vec![shown(exchange.type_name()).into_owned()];
    if exchange.kind != exchange.rule && exchange.rule != ExchangeKind::Unknown {
        traits.push(exchange.rule.to_string()); // what it wraps (E45)
    }
    if !exchange.durable {
        traits.push(t!("trait-transient"));
    }
    if exchange.auto_delete {
        traits.push(t!("trait-auto-delete"));
    }
    if exchange.internal {
        traits.push(t!("trait-internal"));
    }
    traits
}
