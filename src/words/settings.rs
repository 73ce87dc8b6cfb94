//! What holds for a queue, and where each of it comes from, in words.

use crate::broker::{Micros, Origin, Overflow, QueueKind, RetryKind, Settings, Switches};
use crate::t;

use super::names::exchange_name;
use super::{shown, span};

/// Something that holds for a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What is set, such as "time to live".
    pub what: String,
    /// To what.
    pub value: String,
    /// Who set it: an argument, a policy, or the release itself.
    pub origin: String,
}

/// What holds for a queue, in the order a person would tell it. What nobody set, and what is no limit, is left out.
pub fn settings(kind: QueueKind, settings: &Settings) -> Vec<Setting> {
    let mut rows = Rows {
        settings,
        rows: Vec::new(),
    };
    rows.add("message-ttl", t!("setting-ttl"), settings.ttl.map(span));
    rows.add("expires", t!("setting-expires"), settings.expires.map(span));
    let messages = |count: u64| t!("limit-messages", count = count);
    let bytes = |count: u64| t!("limit-bytes", count = count);
    rows.add(
        "max-length",
        t!("setting-max-length"),
        settings.max_length.map(messages),
    );
    rows.add(
        "max-length-bytes",
        t!("setting-max-bytes"),
        settings.max_bytes.map(bytes),
    );
    let bounded = settings.max_length.or(settings.max_bytes).is_some();
    let overflow = (bounded && kind != QueueKind::Stream).then(|| match settings.passes_over_dlx {
        true => t!("overflow-not-dlx"),
        false => overflow(settings.overflow),
    });
    rows.add("overflow", t!("setting-overflow"), overflow);
    rows.add(
        "dead-letter-exchange",
        t!("setting-dead-letter"),
        settings.dead_letter_exchange.as_deref().map(exchange_name),
    );
    rows.add(
        "dead-letter-routing-key",
        t!("setting-dead-letter-key"),
        settings
            .dead_letter_key
            .as_deref()
            .map(|key| shown(key).into_owned()),
    );
    rows.add(
        "dead-letter-strategy",
        t!("setting-dead-letter-strategy"),
        settings.at_least_once.then(|| t!("setting-at-least-once")),
    );
    let limit = settings.delivery_limit;
    rows.add(
        "delivery-limit",
        t!("setting-delivery-limit"),
        limit.map(|count| t!("setting-returns", count = count)),
    );
    rows.add(
        "max-priority",
        t!("setting-max-priority"),
        settings.max_priority.map(|priority| priority.to_string()),
    );
    rows.add(
        "single-active-consumer",
        t!("setting-single-active"),
        settings.single_active.then(|| t!("setting-yes")),
    );
    rows.add("max-age", t!("setting-max-age"), settings.max_age.map(span));
    if let Some(retry) = settings.delayed_retry {
        let which = match retry.kind {
            RetryKind::All => t!("setting-retry-all"),
            RetryKind::Failed => t!("setting-retry-failed"),
            RetryKind::Returned => t!("setting-retry-returned"),
        };
        let value = match retry.max {
            Micros::MAX => t!("setting-retry", which = which, least = span(retry.min)),
            most => t!(
                "setting-retry-most",
                which = which,
                least = span(retry.min),
                most = span(most)
            ),
        };
        rows.add(
            "delayed-retry-type",
            t!("setting-delayed-retry"),
            Some(value),
        );
    }
    let timeout = Some(settings.ack_timeout).filter(|&span| span != Switches::ACK_TIMEOUT);
    rows.add(
        "consumer-timeout",
        t!("setting-ack-timeout"),
        timeout.map(span),
    );
    rows.rows
}

struct Rows<'a> {
    settings: &'a Settings,
    rows: Vec<Setting>,
}

impl Rows<'_> {
    /// Adds what a policy would set by `key`, if it is set.
    fn add(&mut self, key: &str, what: String, value: Option<String>) {
        if let Some(value) = value {
            let origin = origin(&self.settings.origin(key));
            self.rows.push(Setting {
                what,
                value,
                origin,
            });
        }
    }
}

/// Where a setting comes from.
pub fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Default => t!("origin-default"),
        Origin::Argument => t!("origin-argument"),
        Origin::Policy(name) => t!("origin-policy", policy = shown(name)),
        Origin::Operator(name) => t!("origin-operator", policy = shown(name)),
    }
}

/// What a full queue does (Q26–Q28).
pub(super) fn overflow(overflow: Overflow) -> String {
    match overflow {
        Overflow::DropHead => t!("overflow-drop-head"),
        Overflow::RejectPublish => t!("overflow-reject-publish"),
        Overflow::RejectPublishDlx => t!("overflow-reject-publish-dlx"),
    }
}
