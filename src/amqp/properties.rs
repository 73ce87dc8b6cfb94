//! The content header: a message's size and properties.

use crate::broker::{Name, Properties, Table, Value};

use super::reader::{Malformed, Reader};
use super::writer;

/// Which properties are there: one bit each, from the first to the last.
mod flag {
    pub const CONTENT_TYPE: u16 = 1 << 15;
    pub const CONTENT_ENCODING: u16 = 1 << 14;
    pub const HEADERS: u16 = 1 << 13;
    pub const DELIVERY_MODE: u16 = 1 << 12;
    pub const PRIORITY: u16 = 1 << 11;
    pub const CORRELATION_ID: u16 = 1 << 10;
    pub const REPLY_TO: u16 = 1 << 9;
    pub const EXPIRATION: u16 = 1 << 8;
    pub const MESSAGE_ID: u16 = 1 << 7;
    pub const TIMESTAMP: u16 = 1 << 6;
    pub const KIND: u16 = 1 << 5;
    pub const USER_ID: u16 = 1 << 4;
    pub const APP_ID: u16 = 1 << 3;
    pub const CLUSTER_ID: u16 = 1 << 2;
}

/// Reads the flags and the properties.
///
/// # Errors
/// When they are none.
pub fn read(reader: &mut Reader<'_>) -> Result<Properties, Malformed> {
    let flags = reader.short()?;
    let has = |flag: u16| flags & flag != 0;
    let text = |flag: u16, reader: &mut Reader<'_>| -> Result<Option<Name>, Malformed> {
        has(flag).then(|| reader.short_string()).transpose()
    };
    let content_type = text(flag::CONTENT_TYPE, reader)?;
    let content_encoding = text(flag::CONTENT_ENCODING, reader)?;
    let headers = match has(flag::HEADERS) {
        true => reader.table()?,
        false => Table::new(),
    };
    Ok(Properties {
        content_type,
        content_encoding,
        empty_headers: has(flag::HEADERS) && headers.is_empty(),
        headers,
        delivery_mode: has(flag::DELIVERY_MODE)
            .then(|| reader.octet())
            .transpose()?,
        priority: has(flag::PRIORITY).then(|| reader.octet()).transpose()?,
        correlation_id: text(flag::CORRELATION_ID, reader)?,
        reply_to: text(flag::REPLY_TO, reader)?,
        expiration: text(flag::EXPIRATION, reader)?,
        message_id: text(flag::MESSAGE_ID, reader)?,
        timestamp: has(flag::TIMESTAMP)
            .then(|| reader.long_long())
            .transpose()?,
        kind: text(flag::KIND, reader)?,
        user_id: text(flag::USER_ID, reader)?,
        app_id: text(flag::APP_ID, reader)?,
        cluster_id: text(flag::CLUSTER_ID, reader)?,
    })
}

/// The properties that are there, by AMQP's names, in order.
pub fn fields(properties: &Properties) -> Vec<(&'static str, Value)> {
    let text = |text: &Option<Name>| text.clone().map(Value::Text);
    let octet = |octet: Option<u8>| octet.map(|octet| Value::Int(octet.into()));
    let has_headers = properties.empty_headers || !properties.headers.is_empty();
    let headers = has_headers.then(|| Value::Table(properties.headers.clone().into()));
    let fields = [
        ("content_type", text(&properties.content_type)),
        ("content_encoding", text(&properties.content_encoding)),
        ("headers", headers),
        ("delivery_mode", octet(properties.delivery_mode)),
        ("priority", octet(properties.priority)),
        ("correlation_id", text(&properties.correlation_id)),
        ("reply_to", text(&properties.reply_to)),
        ("expiration", text(&properties.expiration)),
        ("message_id", text(&properties.message_id)),
        ("timestamp", properties.timestamp.map(Value::Timestamp)),
        ("type", text(&properties.kind)),
        ("user_id", text(&properties.user_id)),
        ("app_id", text(&properties.app_id)),
        ("cluster_id", text(&properties.cluster_id)),
    ];
    let there = fields.into_iter();
    there
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// Appends the flags and the properties, with these headers.
pub fn write(out: &mut Vec<u8>, properties: &Properties, headers: &Table) {
    let has_headers = properties.empty_headers || !headers.is_empty();
    let there = [
        (flag::CONTENT_TYPE, properties.content_type.is_some()),
        (
            flag::CONTENT_ENCODING,
            properties.content_encoding.is_some(),
        ),
        (flag::HEADERS, has_headers),
        (flag::DELIVERY_MODE, properties.delivery_mode.is_some()),
        (flag::PRIORITY, properties.priority.is_some()),
        (flag::CORRELATION_ID, properties.correlation_id.is_some()),
        (flag::REPLY_TO, properties.reply_to.is_some()),
        (flag::EXPIRATION, properties.expiration.is_some()),
        (flag::MESSAGE_ID, properties.message_id.is_some()),
        (flag::TIMESTAMP, properties.timestamp.is_some()),
        (flag::KIND, properties.kind.is_some()),
        (flag::USER_ID, properties.user_id.is_some()),
        (flag::APP_ID, properties.app_id.is_some()),
        (flag::CLUSTER_ID, properties.cluster_id.is_some()),
    ];
    let flags = there.into_iter().filter(|&(_, there)| there);
    writer::short(out, flags.fold(0, |flags, (flag, _)| flags | flag));
    let text = |out: &mut Vec<u8>, text: &Option<Name>| {
        if let Some(text) = text {
            writer::short_string(out, text);
        }
    };
    text(out, &properties.content_type);
    text(out, &properties.content_encoding);
    if has_headers {
        writer::table(out, headers);
    }
    out.extend(properties.delivery_mode);
    out.extend(properties.priority);
    text(out, &properties.correlation_id);
    text(out, &properties.reply_to);
    text(out, &properties.expiration);
    text(out, &properties.message_id);
    if let Some(seconds) = properties.timestamp {
        writer::long_long(out, seconds);
    }
    text(out, &properties.kind);
    text(out, &properties.user_id);
    text(out, &properties.app_id);
    text(out, &properties.cluster_id);
}
