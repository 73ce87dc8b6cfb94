//! The headers by which a message is kept by exchanges on its way (E44, E45).

use std::sync::Arc;

use crate::broker::{Micros, Publication, Table, Value, Width};

/// How long an `x-delayed-message` exchange keeps a message, in milliseconds; once it has, the same with a minus.
const DELAY: &str = "x-delay";
/// The longest delay, in milliseconds.
const MOST: i64 = 0xffff_ffff;
/// With `true`, an `x-recent-history` exchange does not remember the message.
const NO_STORE: &str = "x-recent-history-no-store";

/// How long a message is kept; none if it goes on at once.
pub(super) fn delay(headers: &Table) -> Option<Micros> {
    let millis = said(headers)?;
    (1..=MOST)
        .contains(&millis)
        .then(|| Micros::from_millis(millis.unsigned_abs()))
}

/// What `x-delay` says, in milliseconds; none where it says nothing that counts.
fn said(headers: &Table) -> Option<i64> {
    match headers.get(DELAY)? {
        Value::Sized(Width::I8, _) => None, // the plugin has forgotten it
        Value::Int(value) | Value::Sized(_, value) => Some(*value),
        Value::Text(text) | Value::Octets(text) => text.parse().ok(),
        Value::Float(value) => Some(*value as i64),
        Value::Double(value) => Some(*value as i64),
        _ => None,
    }
}

/// Whether RabbitMQ fails on what `x-delay` says: text that is no whole number, nothing, or a decimal.
pub(super) fn fails(headers: &Table) -> bool {
    match headers.get(DELAY) {
        Some(Value::Text(text) | Value::Octets(text)) => text.parse::<i128>().is_err(),
        Some(Value::Void | Value::Decimal(..)) => true,
        _ => false,
    }
}

/// A message that was kept for as long as it was to be: no other exchange keeps it again.
#[must_use]
pub fn delayed(publication: &Publication) -> Publication {
    let mut publication = publication.clone();
    if let Some(delay) = said(&publication.properties.headers) {
        let properties = Arc::make_mut(&mut publication.properties);
        let kept = Value::Sized(Width::I64, -delay);
        properties.headers.insert(DELAY.into(), kept);
    }
    publication
}

/// Whether an `x-recent-history` exchange remembers a message.
pub(super) fn is_stored(headers: &Table) -> bool {
    headers.get(NO_STORE) != Some(&Value::Bool(true))
}
