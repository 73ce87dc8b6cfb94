//! Answers in words, the same wherever and whenever they come.

use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Error, ErrorKind};

/// What a server makes up begins so.
const MADE_UP: [&str; 3] = ["amq.gen-", "amq.ctag-", "amq.rabbitmq.reply-to."];

/// A text without what the server made up.
pub(crate) fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for made_up in MADE_UP {
        let mut from = 0;
        while let Some(at) = text[from..].find(made_up) {
            let begin = from + at + made_up.len();
            let rest = &text[begin..];
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.+/=*".contains(c)));
            text.replace_range(begin..end.map_or(text.len(), |end| begin + end), "*");
            from = begin;
        }
    }
    text
}

/// What went wrong.
pub(crate) fn error(error: &Error) -> String {
    match error.kind() {
        ErrorKind::ProtocolError(error) => {
            plain(&format!("{} {}", error.get_id(), error.get_message()))
        }
        ErrorKind::IOError(_) => "the socket was closed".to_owned(),
        ErrorKind::InvalidChannelState(..) => "the channel is not open".to_owned(),
        ErrorKind::InvalidConnectionState(_) => "the connection is not open".to_owned(),
        other => format!("{other:?}"),
    }
}

/// A delivery: body, key, and whatever else is worth a word.
pub(crate) fn delivery(delivery: &Delivery) -> String {
    let it = delivery;
    let (exchange, key) = (it.exchange.as_str(), it.routing_key.as_str());
    message(&it.data, exchange, key, it.redelivered, &it.properties)
}

/// A message: body, key, and whatever else is worth a word.
pub(crate) fn message(
    body: &[u8],
    exchange: &str,
    key: &str,
    redelivered: bool,
    it: &BasicProperties,
) -> String {
    let body = String::from_utf8_lossy(body);
    let mut text = format!("{body:?}");
    if !exchange.is_empty() {
        text += &format!(" by {exchange}");
    }
    text += &format!(" key {:?}", plain(key));
    if redelivered {
        text += " redelivered";
    }
    text + &properties(it)
}

/// The properties that are there, each after a space.
pub(crate) fn properties(it: &BasicProperties) -> String {
    let text = |text: &lapin::types::ShortString| plain(text.as_str());
    let named = [
        ("content_type", it.content_type().as_ref().map(text)),
        ("content_encoding", it.content_encoding().as_ref().map(text)),
        ("delivery_mode", it.delivery_mode().map(|it| it.to_string())),
        ("priority", it.priority().map(|it| it.to_string())),
        ("correlation_id", it.correlation_id().as_ref().map(text)),
        ("reply_to", it.reply_to().as_ref().map(text)),
        ("expiration", it.expiration().as_ref().map(text)),
        ("message_id", it.message_id().as_ref().map(text)),
        ("timestamp", it.timestamp().map(|it| it.to_string())),
        ("type", it.kind().as_ref().map(text)),
        ("user_id", it.user_id().as_ref().map(text)),
        ("app_id", it.app_id().as_ref().map(text)),
        ("cluster_id", it.cluster_id().as_ref().map(text)),
        ("headers", it.headers().as_ref().map(table)),
    ];
    let there = named.into_iter().filter_map(|(name, it)| Some((name, it?)));
    there.map(|(name, it)| format!(" {name} {it}")).collect()
}

/// A table, by name.
pub(crate) fn table(it: &FieldTable) -> String {
    let entries = it.inner().iter();
    let entries: Vec<_> = entries
        .map(|(name, it)| format!("{name}: {}", value(it)))
        .collect();
    format!("{{{}}}", entries.join(", "))
}

/// A value. Its type is told where it is not the usual one.
fn value(it: &AMQPValue) -> String {
    match it {
        AMQPValue::Boolean(it) => it.to_string(),
        AMQPValue::LongInt(it) => it.to_string(),
        AMQPValue::LongLongInt(it) => format!("{it}l"),
        AMQPValue::ShortShortInt(it) => format!("{it}b"),
        AMQPValue::ShortShortUInt(it) => format!("{it}B"),
        AMQPValue::ShortInt(it) => format!("{it}s"),
        AMQPValue::ShortUInt(it) => format!("{it}u"),
        AMQPValue::LongUInt(it) => format!("{it}i"),
        AMQPValue::Float(it) => format!("{it}f"),
        AMQPValue::Double(it) => format!("{it}d"),
        AMQPValue::LongString(it) => {
            format!("{:?}", plain(&String::from_utf8_lossy(it.as_bytes())))
        }
        AMQPValue::FieldArray(it) => {
            let all: Vec<_> = it.as_slice().iter().map(value).collect();
            format!("[{}]", all.join(", "))
        }
        AMQPValue::FieldTable(it) => table(it),
        AMQPValue::Timestamp(_) => "(a time)".to_owned(),
        AMQPValue::Void => "void".to_owned(),
        other => format!("{other:?}"),
    }
}
