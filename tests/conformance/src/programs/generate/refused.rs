//! What is likely refused.

use amq_protocol::protocol::{basic, exchange, queue};
use amq_protocol::types::{AMQPValue, FieldArray, FieldTable};

use super::{Maker, text};
use crate::programs::step::{Act, Line, Settling, Which};

impl Maker {
    /// Something that is likely refused.
    pub(super) fn error(&mut self, line: Line) {
        let queue = self.queue();
        let queue = queue.as_str();
        let act = match self.random.below(28) {
            0 => {
                let tag = self.random.of(&[0, 1, 7, 99]);
                Act::Settle(Settling::Ack(self.random.chance(40)), Which::Tag(tag))
            }
            1 => {
                let tag = self.random.of(&[0, 1, 7, 99]);
                Act::Settle(
                    Settling::Nack(true, self.random.chance(50)),
                    Which::Tag(tag),
                )
            }
            2 => Act::Settle(Settling::Reject(true), Which::Tag(5)),
            3 => Act::Consume(basic::Consume {
                queue: "q9".into(),
                consumer_tag: "c90".into(),
                ..basic::Consume::default()
            }),
            4 => match self.consumer() {
                Some((on, tag)) => {
                    let consume = basic::Consume {
                        queue: queue.into(),
                        consumer_tag: tag.as_str().into(),
                        ..basic::Consume::default()
                    };
                    return self.add(on, Act::Consume(consume));
                }
                None => Act::Cancel(basic::Cancel {
                    consumer_tag: "c91".into(),
                    nowait: false,
                }),
            },
            5 => {
                let mut publish = self.publish(1);
                if let Act::Publish { to, .. } = &mut publish {
                    to.exchange = "x9".into();
                }
                publish
            }
            6 => Act::DeclareQueue(queue::Declare {
                queue: "q9".into(),
                passive: true,
                ..queue::Declare::default()
            }),
            7 => Act::DeclareExchange(exchange::Declare {
                exchange: "x9".into(),
                kind: "direct".into(),
                passive: true,
                ..exchange::Declare::default()
            }),
            8 => Act::Purge(queue::Purge {
                queue: "q9".into(),
                nowait: false,
            }),
            9 => Act::Get(basic::Get {
                queue: "q9".into(),
                no_ack: false,
            }),
            10 => Act::Commit,
            11 => Act::Rollback,
            12 => Act::Recover(false),
            13 => {
                let priorities = [
                    text("high"),
                    AMQPValue::Boolean(true),
                    AMQPValue::Double(1.0),
                ];
                let mut arguments = FieldTable::default();
                arguments.insert("x-priority".into(), self.random.of(&priorities));
                Act::Consume(basic::Consume {
                    queue: queue.into(),
                    consumer_tag: "c92".into(),
                    arguments,
                    ..basic::Consume::default()
                })
            }
            14 | 15 => {
                // RabbitMQ trips over most of what is neither text nor a number, and 4.0 over some texts.
                let offsets = [
                    text("5"),
                    text("0h"),
                    text("1h"),
                    AMQPValue::LongInt(-1),
                    text("first"),
                ];
                let mut arguments = FieldTable::default();
                arguments.insert("x-stream-offset".into(), self.random.of(&offsets));
                Act::Consume(basic::Consume {
                    queue: queue.into(),
                    consumer_tag: "c93".into(),
                    no_ack: self.random.chance(30),
                    arguments,
                    ..basic::Consume::default()
                })
            }
            16 => Act::BindQueue(queue::Bind {
                queue: "q9".into(),
                exchange: "amq.direct".into(),
                routing_key: "k".into(),
                ..queue::Bind::default()
            }),
            17 => Act::BindQueue(queue::Bind {
                queue: queue.into(),
                exchange: self.random.of(&["x9", ""]).into(),
                routing_key: "k".into(),
                ..queue::Bind::default()
            }),
            18 => {
                let mut arguments = FieldTable::default();
                let ways = [text("some"), AMQPValue::LongInt(1)];
                arguments.insert("x-match".into(), self.random.of(&ways));
                Act::BindQueue(queue::Bind {
                    queue: queue.into(),
                    exchange: "amq.headers".into(),
                    routing_key: "".into(),
                    arguments,
                    nowait: false,
                })
            }
            19 => Act::DeclareExchange(exchange::Declare {
                exchange: "x8".into(),
                kind: self.random.of(&["odd", "", "Direct"]).into(),
                durable: true,
                ..exchange::Declare::default()
            }),
            20 => Act::DeclareExchange(exchange::Declare {
                exchange: self.random.of(&["amq.direct", "amq.odd", "", "x0"]).into(),
                kind: self.random.of(&["direct", "fanout"]).into(),
                durable: self.random.chance(70),
                ..exchange::Declare::default()
            }),
            21 => Act::DeleteExchange(exchange::Delete {
                exchange: self.random.of(&["amq.direct", "", "x9"]).into(),
                if_unused: false,
                nowait: false,
            }),
            22 => {
                let mut publish = self.publish(1);
                if let Act::Publish { properties, .. } = &mut publish {
                    let wrong = self.random.of(&["abc", "-1", "", "1.5", "5 "]);
                    **properties = (**properties).clone().with_expiration(wrong.into());
                }
                publish
            }
            23 => {
                let mut publish = self.publish(1);
                if let Act::Publish { properties, .. } = &mut publish {
                    let mut headers = FieldTable::default();
                    let name = self.random.of(&["CC", "BCC"]);
                    let wrong = [
                        text("q0"),
                        AMQPValue::LongInt(1),
                        AMQPValue::FieldArray(FieldArray::from(vec![AMQPValue::LongInt(1)])),
                    ];
                    headers.insert(name.into(), self.random.of(&wrong));
                    **properties = (**properties).clone().with_headers(headers);
                }
                publish
            }
            24 => {
                let mut publish = self.publish(1);
                if let Act::Publish { properties, .. } = &mut publish {
                    **properties = (**properties).clone().with_user_id("nobody".into());
                }
                publish
            }
            25 => Act::Consume(basic::Consume {
                queue: queue.into(),
                consumer_tag: "c94".into(),
                exclusive: true,
                ..basic::Consume::default()
            }),
            26 => {
                let (name, value) = self.argument();
                let mut arguments = FieldTable::default();
                arguments.insert(name.into(), value);
                Act::Consume(basic::Consume {
                    queue: queue.into(),
                    consumer_tag: "c95".into(),
                    arguments,
                    ..basic::Consume::default()
                })
            }
            _ => {
                return self.declare_again(line);
            }
        };
        self.add(line, act);
    }
}
