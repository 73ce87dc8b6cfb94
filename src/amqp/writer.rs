//! Writing AMQP's fields as octets.

use crate::broker::{Name, Value, Width, octets};

/// Appends `octet`.
pub fn octet(out: &mut Vec<u8>, value: u8) {
    out.push(value);
}

/// Appends `short`.
pub fn short(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Appends `long`.
pub fn long(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Appends `longlong`.
pub fn long_long(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Appends `shortstr`, cut to what it holds.
pub fn short_string(out: &mut Vec<u8>, text: &str) {
    let octets = octets::write(text);
    let length = u8::try_from(octets.len()).unwrap_or(u8::MAX);
    out.push(length);
    out.extend_from_slice(&octets[..length.into()]);
}

/// Appends `longstr`.
pub fn long_string(out: &mut Vec<u8>, octets: &[u8]) {
    within(out, |out| out.extend_from_slice(octets));
}

/// Appends `table`.
pub fn table<'a>(out: &mut Vec<u8>, fields: impl IntoIterator<Item = (&'a Name, &'a Value)>) {
    within(out, |out| {
        for (name, value) in fields {
            short_string(out, name);
            self::value(out, value);
        }
    });
}

/// What `write` appends, behind its length.
pub fn within(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    long(out, 0);
    write(out);
    let length = (out.len() - start - 4) as u32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

fn value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Void => out.push(b'V'),
        Value::Bool(value) => out.extend_from_slice(&[b't', (*value).into()]),
        // D7, Q45, Q47: what the broker counts, RabbitMQ writes in 64 bits.
        Value::Int(value) => integer(out, Width::I64, *value),
        Value::Sized(width, value) => integer(out, *width, *value),
        Value::Float(value) => {
            out.push(b'f');
            out.extend_from_slice(&value.to_be_bytes());
        }
        Value::Double(value) => {
            out.push(b'd');
            out.extend_from_slice(&value.to_be_bytes());
        }
        Value::Decimal(places, digits) => {
            out.extend_from_slice(&[b'D', *places]);
            long(out, *digits);
        }
        Value::Text(text) => {
            out.push(b'S');
            long_string(out, &octets::write(text));
        }
        Value::Octets(text) => {
            out.push(b'x');
            long_string(out, &octets::write(text));
        }
        Value::Timestamp(seconds) => {
            out.push(b'T');
            long_long(out, *seconds);
        }
        Value::Array(values) => {
            out.push(b'A');
            within(out, |out| {
                for value in values {
                    self::value(out, value);
                }
            });
        }
        Value::Table(inner) => {
            out.push(b'F');
            table(out, inner.iter());
        }
    }
}

/// An integer in two's complement, of which a narrow width has the last octets.
fn integer(out: &mut Vec<u8>, width: Width, value: i64) {
    let (kind, count) = match width {
        Width::I8 => (b'b', 1),
        Width::U8 => (b'B', 1),
        Width::I16 => (b's', 2),
        Width::U16 => (b'u', 2),
        Width::I32 => (b'I', 4),
        Width::U32 => (b'i', 4),
        Width::I64 => (b'l', 8),
    };
    out.push(kind);
    out.extend_from_slice(&value.to_be_bytes()[8 - count..]);
}
