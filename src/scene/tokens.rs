//! Which token the messages of a label go by.

use std::collections::BTreeMap;

use crate::broker::Name;
use crate::words::{message_label, shown_name};
use crate::world::http::OrderId;
use crate::world::{Onward, World};

use super::Token;

/// The tokens of a run: one for each label, in the order in which publishers list them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tokens(BTreeMap<Name, Token>);

impl Tokens {
    /// The tokens of all messages that the publishers of a world may send, and then its consumers, as far as their keys
    /// are known beforehand.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let mut tokens = BTreeMap::new();
        let publishers = world.publishers().iter();
        for publication in publishers.flat_map(|publisher| publisher.publications()) {
            let next = tokens.len();
            let label = message_label(publication, world);
            tokens.entry(label).or_insert_with(|| Token::nth(next));
        }
        for worker in world.workers() {
            if let Some(Onward::To { key: Some(key), .. }) = &worker.setup.publishes {
                let next = tokens.len();
                tokens
                    .entry(shown_name(key))
                    .or_insert_with(|| Token::nth(next));
            }
        }
        Self(tokens)
    }

    /// The token of an order, the same wherever it is.
    #[must_use]
    pub fn of_order(&self, order: OrderId) -> Token {
        Token::nth(usize::try_from(order.0.saturating_sub(1)).unwrap_or_default())
    }

    /// The token of a label.
    #[must_use]
    pub fn token(&self, label: &Name) -> Token {
        let unlisted = || Token::nth(self.0.len());
        self.0.get(label).copied().unwrap_or_else(unlisted)
    }
}
