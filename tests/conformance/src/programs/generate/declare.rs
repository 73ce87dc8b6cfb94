//! Queues and exchanges, and their arguments.

use amq_protocol::protocol::{exchange, queue};
use amq_protocol::types::{AMQPValue, FieldTable};

use super::{LINES, Maker, text};
use crate::programs::step::{Act, Line};

impl Maker {
    pub(super) fn queues_and_exchanges(&mut self) {
        let kinds: &[&str] = match self.theme {
            "classic" | "routing" => &["classic", "classic", "classic"],
            "priorities" if self.random.chance(60) => &["classic"],
            "priorities" => &["quorum"],
            "quorum" => &["quorum", "quorum"],
            "streams" => &["stream", "classic"],
            "transactions" if self.random.chance(75) => &["classic", "classic"],
            "time" | "single active" | "prefetch" if self.random.chance(55) => {
                &["classic", "classic"]
            }
            "time" | "single active" | "prefetch" => &["quorum", "classic"],
            "deaths" => {
                let some: [&[&str]; 5] = [
                    &["classic", "classic", "classic"],
                    &["quorum", "classic"],
                    &["classic", "quorum"],
                    &["quorum", "quorum"],
                    &["classic", "quorum", "classic"],
                ];
                self.random.of(&some)
            }
            _ => {
                let some: [&[&str]; 4] = [
                    &["classic", "quorum"],
                    &["quorum", "classic"],
                    &["classic", "classic"],
                    &["classic", "stream"],
                ];
                self.random.of(&some)
            }
        };
        let exchanges = match self.theme {
            "routing" => 3,
            "deaths" | "classic" | "quorum" | "transactions" => 1,
            _ => usize::from(self.random.chance(30)),
        };
        for number in 0..exchanges {
            let types = ["direct", "fanout", "topic", "headers"];
            let kind = self.random.of(&types);
            let mut arguments = FieldTable::default();
            if self
                .random
                .chance(if self.theme == "routing" { 35 } else { 5 })
            {
                let other = format!("x{}", self.random.below(3));
                arguments.insert("alternate-exchange".into(), text(&other));
            }
            let declare = exchange::Declare {
                exchange: format!("x{number}").into(),
                kind: kind.into(),
                durable: self.random.chance(80),
                auto_delete: self.random.chance(8),
                internal: self.random.chance(4),
                arguments,
                ..exchange::Declare::default()
            };
            self.exchanges.push(declare.clone());
            self.add(LINES[0], Act::DeclareExchange(declare));
        }
        for (number, kind) in kinds.iter().enumerate() {
            let arguments = self.queue_arguments(number, kind, kinds.len());
            let plain = *kind == "classic" && self.theme != "deaths";
            let declare = queue::Declare {
                queue: format!("q{number}").into(),
                durable: true,
                exclusive: plain && self.random.chance(4),
                auto_delete: plain && self.random.chance(8),
                arguments,
                ..queue::Declare::default()
            };
            self.queues.push(declare.clone());
            self.add(LINES[0], Act::DeclareQueue(declare));
        }
        for _ in 0..exchanges {
            for _ in 0..1 + self.random.below(3) {
                self.bind();
            }
        }
        if self.random.chance(25) {
            let line = self.line();
            let act = if self.theme == "transactions" {
                Act::Select
            } else {
                Act::Confirm
            };
            self.add(line, act);
        }
    }

    /// Arguments that a queue of this type takes.
    pub(super) fn queue_arguments(&mut self, number: usize, kind: &str, of: usize) -> FieldTable {
        let mut all = FieldTable::default();
        if kind != "classic" || self.random.chance(20) {
            all.insert("x-queue-type".into(), text(kind));
        }
        if kind == "stream" {
            return all;
        }
        let quorum = kind == "quorum";
        let theme = self.theme;
        if self.random.chance(if theme == "deaths" { 50 } else { 22 }) {
            let most = self.random.below(4) as i64;
            let most = self.integer(most);
            all.insert("x-max-length".into(), most);
            if self.random.chance(50) {
                let mut ways = vec!["drop-head", "reject-publish"];
                if !quorum {
                    ways.push("reject-publish-dlx");
                }
                let way = self.random.of(&ways);
                all.insert("x-overflow".into(), text(way));
            }
        } else if self.random.chance(4) {
            let most = self.integer(5);
            all.insert("x-max-length-bytes".into(), most);
        }
        let dies = matches!(theme, "deaths" | "time");
        if of > 1 && self.random.chance(if dies { 85 } else { 25 }) {
            let other = format!("q{}", (number + 1) % of);
            if self.exchanges.is_empty() || self.random.chance(60) {
                all.insert("x-dead-letter-exchange".into(), text(""));
                all.insert("x-dead-letter-routing-key".into(), text(&other));
            } else {
                let exchange = self.exchange();
                all.insert("x-dead-letter-exchange".into(), text(&exchange));
                if self.random.chance(40) {
                    all.insert("x-dead-letter-routing-key".into(), text("k1"));
                }
            }
        }
        if theme == "time" && self.random.chance(50) {
            let millis = self.random.of(&[50, 100, 150]);
            let millis = self.integer(millis);
            all.insert("x-message-ttl".into(), millis);
        } else if self.random.chance(5) {
            let millis = self.random.of(&[0, 60_000]);
            all.insert("x-message-ttl".into(), AMQPValue::LongInt(millis));
        }
        if self
            .random
            .chance(if theme == "single active" { 85 } else { 4 })
        {
            all.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
        }
        if !quorum
            && self
                .random
                .chance(if theme == "priorities" { 90 } else { 6 })
        {
            let most = self.random.of(&[1, 3, 5, 10]);
            let most = self.integer(most);
            all.insert("x-max-priority".into(), most);
        }
        if quorum && self.random.chance(if dies { 40 } else { 15 }) {
            let most = self.random.below(4) as i64;
            let most = self.integer(most);
            all.insert("x-delivery-limit".into(), most);
        }
        all
    }

    pub(super) fn declare_again(&mut self, line: Line) {
        let at = self.random.below(self.queues.len());
        let mut declare = self.queues[at].clone();
        match self.random.below(7) {
            0 => declare.passive = true,
            1 => declare.durable = !declare.durable,
            2 => declare.auto_delete = !declare.auto_delete,
            3 => declare.exclusive = !declare.exclusive,
            4 | 5 => {
                let (name, value) = self.argument();
                declare.arguments.insert(name.into(), value);
            }
            _ => {}
        }
        self.add(line, Act::DeclareQueue(declare));
    }

    /// A queue beside the others, with whatever arguments.
    pub(super) fn declare_new(&mut self, line: Line) {
        let kind = self.random.of(&["classic", "classic", "quorum", "stream"]);
        let mut arguments = FieldTable::default();
        if kind != "classic" || self.random.chance(30) {
            arguments.insert("x-queue-type".into(), text(kind));
        }
        for _ in 0..1 + self.random.below(3) {
            let (name, value) = self.argument();
            arguments.insert(name.into(), value);
        }
        let declare = queue::Declare {
            queue: format!("q{}", 3 + self.random.below(3)).into(),
            durable: self.random.chance(90),
            exclusive: self.random.chance(5),
            auto_delete: self.random.chance(8),
            arguments,
            ..queue::Declare::default()
        };
        self.add(line, Act::DeclareQueue(declare));
    }

    /// An argument that a queue may not take.
    pub(super) fn argument(&mut self) -> (&'static str, AMQPValue) {
        let names = [
            "x-max-length",
            "x-max-length-bytes",
            "x-message-ttl",
            "x-max-priority",
            "x-overflow",
            "x-dead-letter-exchange",
            "x-dead-letter-routing-key",
            "x-dead-letter-strategy",
            "x-delivery-limit",
            "x-single-active-consumer",
            "x-queue-mode",
            "x-queue-version",
            "x-queue-type",
            "x-max-age",
            "x-stream-max-segment-size-bytes",
            "x-quorum-initial-group-size",
            "x-queue-leader-locator",
            "x-max-in-memory-length",
            "x-consumer-timeout",
            "x-consumer-disconnected-timeout",
            "x-something",
        ];
        let name = self.random.of(&names);
        let right = match name {
            "x-overflow" => self.random.of(&[
                text("drop-head"),
                text("reject-publish"),
                text("reject-publish-dlx"),
            ]),
            "x-dead-letter-exchange" => self.random.of(&[text(""), text("x0")]),
            "x-dead-letter-routing-key" => text("k1"),
            "x-dead-letter-strategy" => self
                .random
                .of(&[text("at-most-once"), text("at-least-once")]),
            "x-single-active-consumer" => AMQPValue::Boolean(true),
            "x-queue-mode" => text("lazy"),
            "x-queue-version" => self.integer(2),
            "x-queue-type" => self
                .random
                .of(&[text("classic"), text("quorum"), text("stream")]),
            "x-max-age" => text("1h"),
            "x-queue-leader-locator" => self.random.of(&[text("client-local"), text("balanced")]),
            "x-message-ttl" => AMQPValue::LongInt(60_000),
            "x-max-priority" | "x-delivery-limit" => self.integer(5),
            "x-quorum-initial-group-size" => self.integer(1),
            "x-stream-max-segment-size-bytes" => AMQPValue::LongInt(100_000),
            _ => self.integer(7),
        };
        let wrong = [
            AMQPValue::LongInt(-1),
            AMQPValue::LongInt(0),
            AMQPValue::LongLongInt(-5),
            AMQPValue::LongInt(300),
            AMQPValue::LongLongInt(1 << 40),
            text("odd"),
            text(""),
            text("5"),
            AMQPValue::Boolean(false),
            AMQPValue::Boolean(true),
            AMQPValue::Double(1.5),
            AMQPValue::Void,
            AMQPValue::ShortShortUInt(3),
            AMQPValue::ShortInt(-3),
            AMQPValue::Timestamp(7),
            AMQPValue::FieldTable(FieldTable::default()),
        ];
        let wrong = self.random.of(&wrong);
        let value = if self.random.chance(55) { right } else { wrong };
        (name, value)
    }

    /// An integer, of whatever type.
    pub(super) fn integer(&mut self, it: i64) -> AMQPValue {
        match self.random.below(12) {
            0 => AMQPValue::LongLongInt(it),
            1 => AMQPValue::ShortInt(it as i16),
            2 if it >= 0 => AMQPValue::LongUInt(it as u32),
            3 if (-128..128).contains(&it) => AMQPValue::ShortShortInt(it as i8),
            4 if (0..256).contains(&it) => AMQPValue::ShortShortUInt(it as u8),
            5 if it >= 0 => AMQPValue::ShortUInt(it as u16),
            _ => AMQPValue::LongInt(it as i32),
        }
    }
}
