//! An event's fields, and how they are written.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::broker::{Closing, CopyId, Limit, MessageId, Refusal, Table};
use crate::world::Event;

/// An event's fields, in order.
pub(in crate::cli) struct Record<'e>(Vec<(&'static str, Field<'e>)>);

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, field)| (name, field)))
    }
}

/// A field's value.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Field<'e> {
    Null,
    Flag(bool),
    Number(u64),
    Decimal(f64),
    Text(Cow<'e, str>),
    Table(&'e Table),
    Numbers(Vec<u64>),
    Texts(Vec<&'e str>),
    Bindings(Vec<Binding<'e>>),
    Copies(Vec<Copy<'e>>),
}

/// A binding by its ends.
#[derive(Serialize)]
pub(super) struct Binding<'e> {
    pub(super) source: &'e str,
    pub(super) destination: &'e str,
    pub(super) destination_type: &'static str,
    pub(super) key: &'e str,
}

#[derive(Serialize)]
pub(super) struct Copy<'e> {
    pub(super) copy: CopyId,
    pub(super) queue: &'e str,
}

impl From<bool> for Field<'_> {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<u64> for Field<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<f64> for Field<'_> {
    fn from(number: f64) -> Self {
        Self::Decimal(number)
    }
}

impl<'e> From<&'e str> for Field<'e> {
    fn from(text: &'e str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Field<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'e> Record<'e> {
    /// The fields that every event has.
    pub(super) fn begin(event: &Event) -> Self {
        let cause = Some(event.cause.0).filter(|&cause| cause != 0);
        Self(vec![
            ("id", Field::Number(event.id.0)),
            ("at_us", Field::Number(event.at.0)),
            ("cause", cause.map_or(Field::Null, Field::Number)),
        ])
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<Field<'e>>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    pub(super) fn maybe(self, name: &'static str, value: Option<impl Into<Field<'e>>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn named(self, event: &'static str) -> Self {
        self.with("event", event)
    }

    pub(super) fn message(self, id: MessageId) -> Self {
        self.with("message", id.0)
    }

    pub(super) fn messages(self, ids: &[MessageId]) -> Self {
        let ids = ids.iter().map(|id| id.0).collect();
        self.with("messages", Field::Numbers(ids))
    }

    pub(super) fn copies(self, ids: &[CopyId]) -> Self {
        let ids = ids.iter().map(|id| id.0).collect();
        self.with("copies", Field::Numbers(ids))
    }

    pub(super) fn limit(self, limit: Limit) -> Self {
        match limit {
            Limit::Messages(count) => self.with("limit_messages", count),
            Limit::Bytes(count) => self.with("limit_bytes", count),
        }
    }

    pub(super) fn refusal(self, refusal: &'e Refusal) -> Self {
        self.with("code", u64::from(refusal.code.number()))
            .with("name", refusal.code.name())
            .with("text", refusal.text.as_str())
            .with("rule", refusal.rule)
    }

    pub(super) fn closing(self, why: &'e Closing) -> Self {
        match why {
            Closing::ByClient => self.with("why", "client"),
            Closing::Lost => self.with("why", "lost"),
            Closing::WithConnection => self.with("why", "connection"),
            Closing::Refused(refusal) => self.with("why", "refused").refusal(refusal),
        }
    }
}
