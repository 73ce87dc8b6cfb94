//! What a program is made of: steps of a few channels on two connections.

use std::fmt;

use amq_protocol::protocol::basic::AMQPProperties;
use amq_protocol::protocol::{basic, exchange, queue};
use amq_protocol::types::FieldTable;

use crate::words;

/// A program: what some clients do, one after the other.
#[derive(Clone, Debug)]
pub struct Program {
    /// Where it came from.
    pub seed: u64,
    /// What it is mostly about.
    pub theme: &'static str,
    /// Whether times to live run out in it: then what is due is waited for after each step.
    pub timed: bool,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A channel, by its connection and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Which connection: 0 is `a`.
    pub connection: usize,
    /// Its number there.
    pub number: u16,
}

/// What one channel does.
#[derive(Clone, Debug)]
pub struct Step {
    /// On this channel. It is opened if it is not open.
    pub on: Line,
    /// What it does.
    pub act: Act,
}

/// What can be done.
#[derive(Clone, Debug)]
pub enum Act {
    /// exchange.declare
    DeclareExchange(exchange::Declare),
    /// exchange.delete
    DeleteExchange(exchange::Delete),
    /// exchange.bind
    BindExchange(exchange::Bind),
    /// exchange.unbind
    UnbindExchange(exchange::Unbind),
    /// queue.declare
    DeclareQueue(queue::Declare),
    /// queue.delete
    DeleteQueue(queue::Delete),
    /// queue.bind
    BindQueue(queue::Bind),
    /// queue.unbind
    UnbindQueue(queue::Unbind),
    /// queue.purge
    Purge(queue::Purge),
    /// basic.publish, several at once
    Publish {
        /// The method.
        to: basic::Publish,
        /// The same for all.
        properties: Box<AMQPProperties>,
        /// One for each message.
        bodies: Vec<String>,
    },
    /// confirm.select
    Confirm,
    /// basic.qos
    Qos(basic::Qos),
    /// basic.consume
    Consume(basic::Consume),
    /// basic.cancel
    Cancel(basic::Cancel),
    /// basic.get
    Get(basic::Get),
    /// basic.ack, basic.nack or basic.reject
    Settle(Settling, Which),
    /// basic.recover
    Recover(bool),
    /// tx.select
    Select,
    /// tx.commit
    Commit,
    /// tx.rollback
    Rollback,
    /// channel.close
    CloseChannel,
    /// connection.close
    CloseConnection,
    /// Nothing, for some time.
    Wait(u64),
}

/// How a delivery is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settling {
    /// basic.ack, and whether it is multiple
    Ack(bool),
    /// basic.nack: whether it is multiple, and whether to requeue
    Nack(bool, bool),
    /// basic.reject, and whether to requeue
    Reject(bool),
}

/// Which delivery is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// So many after the oldest that the channel has not settled, counted round.
    Unsettled(usize),
    /// This number, whatever it is.
    Tag(u64),
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = (b'a' + self.connection as u8) as char;
        write!(f, "{letter}{}", self.number)
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.steps.iter().enumerate() {
            writeln!(f, "{:3}. {step}", number + 1)?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.on, self.act)
    }
}

/// The words for what is so.
fn flags<const N: usize>(all: [(bool, &str); N]) -> String {
    let there = all.into_iter().filter(|it| it.0);
    there.map(|it| format!(" {}", it.1)).collect()
}

/// A table, unless it is empty.
fn table(it: &FieldTable) -> String {
    if it.inner().is_empty() {
        return String::new();
    }
    format!(" {}", words::table(it))
}

/// What stands for the default exchange, which has no name.
pub(super) const DEFAULT: &str = "(default)";

/// An exchange's name.
fn exchange(name: &impl ToString) -> String {
    let name = name.to_string();
    if name.is_empty() {
        DEFAULT.to_owned()
    } else {
        name
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DeclareExchange(it) => {
                let flags = flags([
                    (it.passive, "passive"),
                    (it.durable, "durable"),
                    (it.auto_delete, "auto-delete"),
                    (it.internal, "internal"),
                ]);
                let (name, arguments) = (exchange(&it.exchange), table(&it.arguments));
                write!(f, "exchange.declare {name} {}{flags}{arguments}", it.kind)
            }
            Self::DeleteExchange(it) => {
                let flags = flags([(it.if_unused, "if-unused")]);
                write!(f, "exchange.delete {}{flags}", exchange(&it.exchange))
            }
            Self::BindExchange(it) => {
                let (to, key, arguments) = (&it.destination, &it.routing_key, table(&it.arguments));
                let from = exchange(&it.source);
                write!(
                    f,
                    "exchange.bind {to} to {from} key {:?}{arguments}",
                    key.as_str()
                )
            }
            Self::UnbindExchange(it) => {
                let (to, key, arguments) = (&it.destination, &it.routing_key, table(&it.arguments));
                let from = exchange(&it.source);
                write!(
                    f,
                    "exchange.unbind {to} from {from} key {:?}{arguments}",
                    key.as_str()
                )
            }
            Self::DeclareQueue(it) => {
                let flags = flags([
                    (it.passive, "passive"),
                    (it.durable, "durable"),
                    (it.exclusive, "exclusive"),
                    (it.auto_delete, "auto-delete"),
                ]);
                write!(
                    f,
                    "queue.declare {}{flags}{}",
                    it.queue,
                    table(&it.arguments)
                )
            }
            Self::DeleteQueue(it) => {
                let flags = flags([(it.if_unused, "if-unused"), (it.if_empty, "if-empty")]);
                write!(f, "queue.delete {}{flags}", it.queue)
            }
            Self::BindQueue(it) => {
                let (queue, key, arguments) = (&it.queue, &it.routing_key, table(&it.arguments));
                let from = exchange(&it.exchange);
                write!(
                    f,
                    "queue.bind {queue} to {from} key {:?}{arguments}",
                    key.as_str()
                )
            }
            Self::UnbindQueue(it) => {
                let (queue, key, arguments) = (&it.queue, &it.routing_key, table(&it.arguments));
                let from = exchange(&it.exchange);
                write!(
                    f,
                    "queue.unbind {queue} from {from} key {:?}{arguments}",
                    key.as_str()
                )
            }
            Self::Purge(it) => write!(f, "queue.purge {}", it.queue),
            Self::Publish {
                to,
                properties,
                bodies,
            } => {
                let (key, flags) = (
                    to.routing_key.as_str(),
                    flags([(to.mandatory, "mandatory")]),
                );
                let properties = words::properties(properties);
                let (exchange, bodies) = (exchange(&to.exchange), bodies.join(" "));
                write!(
                    f,
                    "basic.publish {bodies} to {exchange} key {key:?}{flags}{properties}"
                )
            }
            Self::Confirm => write!(f, "confirm.select"),
            Self::Qos(it) => {
                let flags = flags([(it.global, "global")]);
                write!(f, "basic.qos {}{flags}", it.prefetch_count)
            }
            Self::Consume(it) => {
                let flags = flags([(it.no_ack, "no-ack"), (it.exclusive, "exclusive")]);
                let (queue, tag, arguments) = (&it.queue, &it.consumer_tag, table(&it.arguments));
                write!(f, "basic.consume {queue} as {tag}{flags}{arguments}")
            }
            Self::Cancel(it) => write!(f, "basic.cancel {}", it.consumer_tag),
            Self::Get(it) => {
                let flags = flags([(it.no_ack, "no-ack")]);
                write!(f, "basic.get {}{flags}", it.queue)
            }
            Self::Settle(how, which) => write!(f, "{how} {which}"),
            Self::Recover(requeue) => write!(f, "basic.recover{}", flags([(*requeue, "requeue")])),
            Self::Select => write!(f, "tx.select"),
            Self::Commit => write!(f, "tx.commit"),
            Self::Rollback => write!(f, "tx.rollback"),
            Self::CloseChannel => write!(f, "channel.close"),
            Self::CloseConnection => write!(f, "connection.close"),
            Self::Wait(millis) => write!(f, "waits {millis} ms"),
        }
    }
}

impl fmt::Display for Settling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (method, multiple, requeue) = match *self {
            Self::Ack(multiple) => ("basic.ack", multiple, false),
            Self::Nack(multiple, requeue) => ("basic.nack", multiple, requeue),
            Self::Reject(requeue) => ("basic.reject", false, requeue),
        };
        let flags = flags([(multiple, "multiple"), (requeue, "requeue")]);
        write!(f, "{method}{flags}")
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsettled(after) => write!(f, "unsettled {after}"),
            Self::Tag(tag) => write!(f, "#{tag}"),
        }
    }
}
