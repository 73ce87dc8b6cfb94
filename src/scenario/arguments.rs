//! Short names for the arguments of declarations, and how their values are written.

use super::duration::parse_duration;
use super::read::LONGEST_NAME;
use super::save::quoted;
use crate::broker::{Micros, Table, Value};

/// An argument that a scenario writes shorter.
pub(super) struct Short {
    /// The field's name.
    pub name: &'static str,
    /// The argument's name.
    pub argument: &'static str,
    /// How its value is written.
    pub form: Form,
}

/// How an argument's value is written.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// A whole number, perhaps negative.
    Whole,
    /// `true` or `false`.
    Flag,
    /// One of these words; AMQP has the second of each pair.
    Word(&'static [(&'static str, &'static str)]),
    /// A duration; AMQP has milliseconds.
    Millis,
    /// A duration; AMQP has a text of whole hours, minutes or seconds.
    Age,
    /// Where to begin in a stream: a word, a number or a duration back from now.
    Offset,
    /// The name of an exchange.
    Exchange,
    /// Any text.
    Text,
}

const fn short(name: &'static str, argument: &'static str, form: Form) -> Short {
    Short {
        name,
        argument,
        form,
    }
}

/// The type of a queue, which may also stand alone.
pub(super) const QUEUE_TYPES: &[(&str, &str)] = &[
    ("classic", "classic"),
    ("quorum", "quorum"),
    ("stream", "stream"),
];

/// The argument for it.
pub(super) const QUEUE_TYPE: &str = "x-queue-type";

/// Those of `queue.declare`.
pub(super) const OF_QUEUES: &[Short] = &[
    short("type", QUEUE_TYPE, Form::Word(QUEUE_TYPES)),
    short("ttl", "x-message-ttl", Form::Millis),
    short("expires", "x-expires", Form::Millis),
    short("max_length", "x-max-length", Form::Whole),
    short("max_bytes", "x-max-length-bytes", Form::Whole),
    short(
        "overflow",
        "x-overflow",
        Form::Word(&[
            ("drop_head", "drop-head"),
            ("reject_publish", "reject-publish"),
            ("reject_publish_dlx", "reject-publish-dlx"),
        ]),
    ),
    short("delivery_limit", "x-delivery-limit", Form::Whole),
    short("max_priority", "x-max-priority", Form::Whole),
    short("single_active", "x-single-active-consumer", Form::Flag),
    short("max_age", "x-max-age", Form::Age),
];

/// Those that `dead_letter` has together.
pub(super) const OF_DEAD_LETTERS: &[Short] = &[
    short("exchange", "x-dead-letter-exchange", Form::Exchange),
    short("key", "x-dead-letter-routing-key", Form::Text),
    short(
        "strategy",
        "x-dead-letter-strategy",
        Form::Word(&[
            ("at_most_once", "at-most-once"),
            ("at_least_once", "at-least-once"),
        ]),
    ),
];

/// Those of `exchange.declare`.
pub(super) const OF_EXCHANGES: &[Short] = &[
    short("alternate", "alternate-exchange", Form::Exchange),
    short("hash_header", "hash-header", Form::Text),
    short("hash_property", "hash-property", Form::Text),
    short("history_length", "x-recent-history-length", Form::Whole),
    short("delayed_type", "x-delayed-type", Form::Word(WRAPPED)),
];

/// The types that an `x-delayed-message` exchange may wrap.
const WRAPPED: &[(&str, &str)] = &[
    ("direct", "direct"),
    ("fanout", "fanout"),
    ("topic", "topic"),
    ("headers", "headers"),
    ("x-local-random", "x-local-random"),
    ("x-modulus-hash", "x-modulus-hash"),
    ("x-consistent-hash", "x-consistent-hash"),
    ("x-random", "x-random"),
    ("x-recent-history", "x-recent-history"),
];

/// Those of `basic.consume`.
pub(super) const OF_CONSUMERS: &[Short] = &[
    short("priority", "x-priority", Form::Whole),
    short("offset", "x-stream-offset", Form::Offset),
];

/// The words a stream's offset may be.
pub(super) const OFFSETS: [&str; 3] = ["first", "last", "next"];

impl Form {
    /// The value as this form writes it, if it can: what it writes is read as the same value.
    pub fn write(self, value: &Value, is_exchange: impl Fn(&str) -> bool) -> Option<String> {
        match (self, value) {
            (Self::Whole, Value::Int(number) | Value::Sized(_, number)) => Some(number.to_string()),
            (Self::Flag, Value::Bool(flag)) => Some(flag.to_string()),
            (Self::Word(words), Value::Text(text)) => {
                let mut words = words.iter();
                let found = words.find(|(_, long)| *text == *long);
                found.map(|(word, _)| (*word).to_owned())
            }
            (Self::Millis, Value::Int(millis) | Value::Sized(_, millis)) => {
                let micros = u64::try_from(*millis).ok()?.checked_mul(1_000)?;
                Some(format!("\"{}\"", Micros(micros)))
            }
            (Self::Age, Value::Text(text)) => age_as_duration(text),
            (Self::Offset, Value::Int(number) | Value::Sized(_, number)) => {
                u64::try_from(*number).ok().map(|n| n.to_string())
            }
            (Self::Offset, Value::Text(text)) if OFFSETS.contains(&text.as_str()) => {
                Some(format!("\"{text}\""))
            }
            (Self::Offset, Value::Text(text)) => age_as_duration(text),
            (Self::Exchange, Value::Text(name)) if is_exchange(name) => Some(quoted(name)),
            (Self::Text, Value::Text(text)) if text.len() <= LONGEST_NAME => Some(quoted(text)),
            _ => None,
        }
    }
}

/// A span as `x-max-age` writes it, if it is one of whole seconds: `90s`, `2m`, `1h`.
pub(super) fn age(span: Micros) -> Option<String> {
    const SECOND: u64 = 1_000_000;
    let seconds = span.0.is_multiple_of(SECOND).then_some(span.0 / SECOND)?;
    Some(match seconds {
        0 => "0s".to_owned(),
        s if s.is_multiple_of(3_600) => format!("{}h", s / 3_600),
        s if s.is_multiple_of(60) => format!("{}m", s / 60),
        s => format!("{s}s"),
    })
}

fn age_as_duration(text: &str) -> Option<String> {
    let duration = match text.strip_suffix('m') {
        Some(minutes) => format!("{minutes}min"),
        None => text.to_owned(),
    };
    let span = parse_duration(&duration).ok()?;
    (age(span)? == text).then(|| format!("\"{duration}\""))
}

/// The arguments that have no short form, or a value that it cannot write.
pub(super) fn rest(table: &Table, written: &[&str]) -> Table {
    let rest = table.iter();
    let rest = rest.filter(|(name, _)| !written.contains(&name.as_str()));
    rest.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
