//! What short text a message goes by, and what token.

use std::collections::BTreeMap;

use crate::broker::{ExchangeKind, Name, Publication, Table, Value};
use crate::world::World;

use super::Token;

/// The tokens of a run: one for each label, in the order in which publishers list them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tokens(BTreeMap<Name, Token>);

impl Tokens {
    /// The tokens of all messages that the publishers of a world may send.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let mut tokens = BTreeMap::new();
        let publishers = world.publishers().iter();
        for publication in publishers.flat_map(|publisher| publisher.publications()) {
            let next = tokens.len();
            let label = message_label(publication, world);
            tokens.entry(label).or_insert_with(|| Token::nth(next));
        }
        Self(tokens)
    }

    /// The token of a label.
    #[must_use]
    pub fn token(&self, label: &Name) -> Token {
        let unlisted = || Token::nth(self.0.len());
        self.0.get(label).copied().unwrap_or_else(unlisted)
    }
}

/// What a message is called in the picture: its routing key, or its headers where an exchange compares those.
#[must_use]
pub fn message_label(publication: &Publication, world: &World) -> Name {
    let exchange = world.definitions().exchange_named(&publication.exchange);
    let by_headers = exchange.is_some_and(|exchange| exchange.kind == ExchangeKind::Headers);
    let headers = &publication.properties.headers;
    if by_headers && !headers.is_empty() {
        Name::from(table_label(headers))
    } else {
        publication.routing_key.clone()
    }
}

/// A binding's pill: its key, or what it asks of the headers. None where there is nothing to compare.
#[must_use]
pub fn binding_label(kind: ExchangeKind, key: &Name, arguments: &Table) -> Option<String> {
    match kind {
        ExchangeKind::Fanout => None,
        ExchangeKind::Direct | ExchangeKind::Topic if key.is_empty() => Some("\"\"".into()),
        ExchangeKind::Direct | ExchangeKind::Topic => Some(key.to_string()),
        ExchangeKind::Headers => {
            let mode = match arguments.get("x-match") {
                Some(Value::Text(mode)) => mode.as_str(),
                _ => "all",
            };
            let wanted: Table = arguments
                .iter()
                .filter(|(name, _)| !name.starts_with("x-") || mode.ends_with("-with-x"))
                .filter(|(name, _)| *name != "x-match")
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            Some(format!("{mode}: {}", table_label(&wanted)))
        }
    }
}

fn table_label(table: &Table) -> String {
    let entries: Vec<_> = table
        .iter()
        .map(|(name, value)| match value {
            Value::Void => name.to_string(),
            Value::Text(text) => format!("{name}={text}"),
            other => format!("{name}={other}"),
        })
        .collect();
    entries.join(" ")
}
