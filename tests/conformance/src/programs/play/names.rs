//! Names that are one player's own.

use amq_protocol::protocol::basic::AMQPProperties;
use amq_protocol::protocol::{basic, confirm, exchange, queue, tx};
use amq_protocol::types::{AMQPValue, FieldArray, FieldTable, LongString, ShortString};

use crate::programs::step::Act;
use crate::programs::wire::Method;

/// Gives names their prefix.
pub(super) struct Own<'a>(pub(super) &'a str);

impl Own<'_> {
    /// A name of ours is a letter and a digit.
    fn is_ours(text: &[u8]) -> bool {
        matches!(text, [b'q' | b'x', digit] if digit.is_ascii_digit())
    }

    pub(super) fn name(&self, name: &mut ShortString) {
        if Self::is_ours(name.as_str().as_bytes()) {
            *name = format!("{}{name}", self.0).into();
        }
    }

    fn value(&self, value: &AMQPValue) -> AMQPValue {
        match value {
            AMQPValue::LongString(it) if Self::is_ours(it.as_bytes()) => {
                let name = String::from_utf8_lossy(it.as_bytes());
                AMQPValue::LongString(LongString::from(format!("{}{name}", self.0)))
            }
            AMQPValue::FieldArray(all) => {
                let all: Vec<_> = all.as_slice().iter().map(|it| self.value(it)).collect();
                AMQPValue::FieldArray(FieldArray::from(all))
            }
            AMQPValue::FieldTable(it) => AMQPValue::FieldTable(self.table(it)),
            other => other.clone(),
        }
    }

    fn table(&self, table: &FieldTable) -> FieldTable {
        let mut own = FieldTable::default();
        for (name, value) in table.inner() {
            own.insert(name.clone(), self.value(value));
        }
        own
    }

    pub(super) fn properties(&self, properties: &AMQPProperties) -> AMQPProperties {
        let headers = properties.headers().as_ref().map(|it| self.table(it));
        match headers {
            Some(headers) => properties.clone().with_headers(headers),
            None => properties.clone(),
        }
    }

    /// The method of an act that is one method and is answered.
    pub(super) fn method(&self, act: &Act) -> Option<Method> {
        Some(match act {
            Act::DeclareExchange(it) => {
                let mut it = it.clone();
                self.name(&mut it.exchange);
                it.arguments = self.table(&it.arguments);
                exchange::AMQPMethod::Declare(it).into()
            }
            Act::DeleteExchange(it) => {
                let mut it = it.clone();
                self.name(&mut it.exchange);
                exchange::AMQPMethod::Delete(it).into()
            }
            Act::BindExchange(it) => {
                let mut it = it.clone();
                self.name(&mut it.destination);
                self.name(&mut it.source);
                self.name(&mut it.routing_key);
                exchange::AMQPMethod::Bind(it).into()
            }
            Act::UnbindExchange(it) => {
                let mut it = it.clone();
                self.name(&mut it.destination);
                self.name(&mut it.source);
                self.name(&mut it.routing_key);
                exchange::AMQPMethod::Unbind(it).into()
            }
            Act::DeclareQueue(it) => {
                let mut it = it.clone();
                self.name(&mut it.queue);
                it.arguments = self.table(&it.arguments);
                queue::AMQPMethod::Declare(it).into()
            }
            Act::DeleteQueue(it) => {
                let mut it = it.clone();
                self.name(&mut it.queue);
                queue::AMQPMethod::Delete(it).into()
            }
            Act::BindQueue(it) => {
                let mut it = it.clone();
                self.name(&mut it.queue);
                self.name(&mut it.exchange);
                self.name(&mut it.routing_key);
                queue::AMQPMethod::Bind(it).into()
            }
            Act::UnbindQueue(it) => {
                let mut it = it.clone();
                self.name(&mut it.queue);
                self.name(&mut it.exchange);
                self.name(&mut it.routing_key);
                queue::AMQPMethod::Unbind(it).into()
            }
            Act::Purge(it) => {
                let mut it = it.clone();
                self.name(&mut it.queue);
                queue::AMQPMethod::Purge(it).into()
            }
            Act::Confirm => confirm::AMQPMethod::Select(confirm::Select { nowait: false }).into(),
            Act::Qos(it) => basic::AMQPMethod::Qos(it.clone()).into(),
            Act::Consume(it) => {
                let mut it = it.clone();
                self.name(&mut it.queue);
                basic::AMQPMethod::Consume(it).into()
            }
            Act::Cancel(it) => basic::AMQPMethod::Cancel(it.clone()).into(),
            Act::Get(it) => {
                let mut it = it.clone();
                self.name(&mut it.queue);
                basic::AMQPMethod::Get(it).into()
            }
            Act::Recover(requeue) => {
                basic::AMQPMethod::Recover(basic::Recover { requeue: *requeue }).into()
            }
            Act::Select => tx::AMQPMethod::Select(tx::Select {}).into(),
            Act::Commit => tx::AMQPMethod::Commit(tx::Commit {}).into(),
            Act::Rollback => tx::AMQPMethod::Rollback(tx::Rollback {}).into(),
            Act::Publish { .. }
            | Act::Settle(..)
            | Act::CloseChannel
            | Act::CloseConnection
            | Act::Wait(_) => return None,
        })
    }
}
