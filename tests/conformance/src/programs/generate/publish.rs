//! Bindings, and what is published.

use amq_protocol::protocol::basic::AMQPProperties;
use amq_protocol::protocol::{basic, exchange, queue};
use amq_protocol::types::{AMQPValue, FieldArray, FieldTable};

use super::{Maker, kind, text};
use crate::programs::step::Act;

impl Maker {
    pub(super) fn key(&mut self) -> String {
        let keys = [
            "k0", "k1", "k0.a", "k0.a.b", "k0.*", "#", "*.a", "k0.#", "a", "", "q0", "q1",
        ];
        self.random.of(&keys).to_owned()
    }

    pub(super) fn plain_key(&mut self) -> String {
        let keys = ["k0", "k1", "k0.a", "k0.a.b", "a", "", "q0", "q1", "q2"];
        self.random.of(&keys).to_owned()
    }

    pub(super) fn header(&mut self) -> (&'static str, AMQPValue) {
        let name = self.random.of(&["h0", "h1", "x-h"]);
        let values = [
            AMQPValue::LongInt(1),
            AMQPValue::LongLongInt(1),
            AMQPValue::LongInt(2),
            text("one"),
            AMQPValue::Boolean(true),
            AMQPValue::Double(1.0),
            AMQPValue::Void,
            AMQPValue::Timestamp(1),
            AMQPValue::ShortShortUInt(1),
        ];
        (name, self.random.of(&values))
    }

    pub(super) fn bind(&mut self) {
        if self.exchanges.is_empty() {
            return;
        }
        let exchange = self.exchange();
        let mut arguments = FieldTable::default();
        let headers = |it: &exchange::Declare| {
            it.exchange.as_str() == exchange && it.kind.as_str() == "headers"
        };
        if self.exchanges.iter().any(headers) || self.random.chance(3) {
            if self.random.chance(80) {
                let ways = ["all", "any", "all-with-x", "any-with-x"];
                let way = self.random.of(&ways);
                arguments.insert("x-match".into(), text(way));
            }
            for _ in 0..self.random.below(3) {
                let (name, value) = self.header();
                arguments.insert(name.into(), value);
            }
        }
        // What goes to several queues of which one lets it die into another arrives there by chance first or last.
        let queue = if self.theme == "routing" {
            self.queue()
        } else {
            let at = self
                .exchanges
                .iter()
                .position(|it| it.exchange.as_str() == exchange);
            let at = at.unwrap_or_default() % self.queues.len();
            self.queues[at].queue.to_string()
        };
        let line = self.line();
        let bind = queue::Bind {
            queue: queue.as_str().into(),
            exchange: exchange.as_str().into(),
            routing_key: self.key().as_str().into(),
            nowait: false,
            arguments,
        };
        self.bound.push((line, bind.clone()));
        self.add(line, Act::BindQueue(bind));
    }

    pub(super) fn publish(&mut self, count: usize) -> Act {
        let theme = self.theme;
        let through = if theme == "routing" { 85 } else { 25 };
        // Of messages that one after the other go to several queues, or to one that refuses only once it has said that it is
        // full, it is chance which is where first.
        let late = |it: &queue::Declare| {
            let overflow = it.arguments.inner().get("x-overflow");
            kind(it) == b"quorum" && overflow.is_some_and(|it| *it != text("drop-head"))
        };
        let count = if self.queues.iter().any(late) {
            1
        } else {
            count
        };
        let (exchange, key) =
            if count == 1 && !self.exchanges.is_empty() && self.random.chance(through) {
                (self.exchange(), self.plain_key())
            } else {
                (String::new(), self.queue())
            };
        let mut properties = AMQPProperties::default();
        if self.random.chance(20) {
            properties = properties.with_delivery_mode(self.random.of(&[1, 2]));
        }
        if self
            .random
            .chance(if theme == "priorities" { 85 } else { 8 })
        {
            properties = properties.with_priority(self.random.of(&[0, 1, 2, 3, 4, 5, 6, 9, 20]));
        }
        if theme == "time" && self.random.chance(45) {
            let millis = self.random.of(&["30", "100", "150", "60000", "0"]);
            properties = properties.with_expiration(millis.into());
        } else if self.random.chance(4) {
            let millis = self.random.of(&["0", "60000"]);
            properties = properties.with_expiration(millis.into());
        }
        let mut headers = FieldTable::default();
        if self.random.chance(if theme == "routing" { 50 } else { 5 }) {
            for _ in 0..1 + self.random.below(2) {
                let (name, value) = self.header();
                headers.insert(name.into(), value);
            }
        }
        if count == 1 && self.random.chance(if theme == "routing" { 15 } else { 3 }) {
            let name = self.random.of(&["CC", "BCC"]);
            let keys: Vec<_> = (0..1 + self.random.below(2))
                .map(|_| text(&self.plain_key()))
                .collect();
            headers.insert(name.into(), AMQPValue::FieldArray(FieldArray::from(keys)));
        }
        if !headers.inner().is_empty() || self.random.chance(4) {
            properties = properties.with_headers(headers);
        }
        let to = basic::Publish {
            exchange: exchange.as_str().into(),
            routing_key: key.as_str().into(),
            mandatory: self.random.chance(25),
            immediate: false,
        };
        let bodies = (0..count)
            .map(|more| format!("m{}", self.bodies + more))
            .collect();
        self.bodies += count;
        Act::Publish {
            to,
            properties: Box::new(properties),
            bodies,
        }
    }
}
