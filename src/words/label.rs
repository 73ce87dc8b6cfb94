//! What messages and bindings are called by what they carry, on the canvas and in sentences.

use std::borrow::Cow;

use crate::broker::{ExchangeKind, Name, Publication, Table, Value};
use crate::t;
use crate::world::World;
use crate::world::http::{OrderId, order_of};

use super::shown;

/// What an order is called.
#[must_use]
pub fn order_name(order: OrderId) -> String {
    t!("order-name", order = order.0.to_string())
}

/// What a message is called: its order, where users come with orders; else its routing key, or its headers where an
/// exchange compares those, as they are shown.
#[must_use]
pub fn message_label(publication: &Publication, world: &World) -> Name {
    if world.http().users.is_some()
        && let Some(order) = order_of(publication)
    {
        return order_name(order).into();
    }
    let exchange = world.definitions().exchange_named(&publication.exchange);
    let by_headers = exchange.is_some_and(|exchange| exchange.rule == ExchangeKind::Headers);
    let headers = &publication.properties.headers;
    if by_headers && !headers.is_empty() {
        Name::from(table_label(headers))
    } else {
        shown_name(&publication.routing_key)
    }
}

/// A key as a label.
#[must_use]
pub fn shown_name(key: &Name) -> Name {
    match shown(key) {
        Cow::Borrowed(_) => key.clone(),
        Cow::Owned(shown) => shown.into(),
    }
}

/// What a binding is called by what its exchange compares messages by: its key, what it asks of the headers, or its weight.
/// None where there is nothing to compare.
#[must_use]
pub fn binding_label(kind: ExchangeKind, key: &Name, arguments: &Table) -> Option<String> {
    let parts = binding_parts(kind, key, arguments);
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// The parts of a binding's label, which may stand below each other: the key, or the mode and each header it asks for.
#[must_use]
pub fn binding_parts(kind: ExchangeKind, key: &Name, arguments: &Table) -> Vec<String> {
    match kind {
        ExchangeKind::Fanout
        | ExchangeKind::LocalRandom
        | ExchangeKind::ModulusHash
        | ExchangeKind::Random
        | ExchangeKind::RecentHistory => Vec::new(),
        // Whatever such a type makes of it.
        ExchangeKind::Unknown | ExchangeKind::Delayed if key.is_empty() => Vec::new(),
        ExchangeKind::Unknown | ExchangeKind::Delayed => vec![shown(key).into_owned()],
        ExchangeKind::ConsistentHash => vec![t!("binding-weight", weight = shown(key))],
        ExchangeKind::Direct | ExchangeKind::Topic => vec![shown(key).into_owned()],
        ExchangeKind::Headers => {
            let mode = match arguments.get("x-match") {
                Some(Value::Text(mode)) => mode.as_str(),
                _ => "all",
            };
            let wanted = arguments
                .iter()
                .filter(|(name, _)| !name.starts_with("x-") || mode.ends_with("-with-x"))
                .filter(|(name, _)| *name != "x-match");
            let mut parts = vec![format!("{}:", shown(mode))];
            parts.extend(wanted.map(header_label));
            parts
        }
    }
}

fn table_label(table: &Table) -> String {
    let entries: Vec<_> = table.iter().map(header_label).collect();
    entries.join(" ")
}

fn header_label((name, value): (&Name, &Value)) -> String {
    match value {
        Value::Void => shown(name).into_owned(),
        Value::Text(text) => format!("{}={}", shown(name), shown(text)),
        other => format!("{}={other}", shown(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(entries: &[(&str, Value)]) -> Table {
        let entries = entries.iter().cloned();
        entries
            .map(|(name, value)| (Name::from(name), value))
            .collect()
    }

    #[test]
    fn a_binding_is_called_by_what_its_exchange_compares() {
        let label = |kind, key: &str| binding_label(kind, &key.into(), &Table::new());
        assert_eq!(label(ExchangeKind::Topic, "kern.#").unwrap(), "kern.#");
        assert_eq!(label(ExchangeKind::Direct, "").unwrap(), "\"\"");
        assert_eq!(label(ExchangeKind::Fanout, "k"), None);
    }

    #[test]
    fn a_headers_binding_is_called_by_its_mode_and_the_headers_it_compares() {
        let label = |entries: &[_]| {
            let arguments = arguments(entries);
            binding_label(ExchangeKind::Headers, &"ignored".into(), &arguments).unwrap()
        };
        let asked = [
            ("format", "pdf".into()),
            ("pages", Value::Void),
            ("x-size", Value::Int(2)),
        ];
        assert_eq!(label(&asked), "all: format=pdf pages");
        let [format, pages, size] = asked;
        let mode = ("x-match", "any-with-x".into());
        assert_eq!(
            label(&[format, pages, size, mode]),
            "any-with-x: format=pdf pages x-size=2"
        );
    }
}
