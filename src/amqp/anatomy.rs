//! What is in a frame, by name and field: for who looks at it.

use crate::broker::Value;

use super::frame::{Frame, FrameKind};
use super::method::Method;
use super::properties;
use super::reader::Reader;

/// With what a client begins (C3).
const PROTOCOL: &[u8] = b"AMQP";
/// How long that is.
const PROTOCOL_LENGTH: usize = 8;

/// What is in one frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Anatomy {
    /// No frame: which protocol the client speaks.
    Protocol {
        /// Its version, from the most significant number on.
        version: [u8; 4],
    },
    /// A method and its arguments.
    Method(Method),
    /// A content header.
    Header {
        /// The class its method is of.
        class: u16,
        /// How many octets the body has.
        size: u64,
        /// The properties that are there, by AMQP's names.
        properties: Vec<(&'static str, Value)>,
    },
    /// A piece of a body.
    Body(Vec<u8>),
    /// A sign of life.
    Heartbeat,
    /// What cannot be read.
    Unreadable,
}

/// The octets of the first frame, or of the word of protocol, that `octets` begin with; all of them, if that is neither.
#[must_use]
pub fn first_frame(octets: &[u8]) -> &[u8] {
    let length = match octets.strip_prefix(PROTOCOL) {
        Some(_) => PROTOCOL_LENGTH,
        None => match Frame::first(octets, usize::MAX) {
            Ok(Some((_, length))) => length,
            _ => octets.len(),
        },
    };
    octets.get(..length).unwrap_or(octets)
}

/// The number of the channel that a frame is on.
#[must_use]
pub fn channel_of(octets: &[u8]) -> u16 {
    match (octets.starts_with(PROTOCOL), octets) {
        (false, [_, high, low, ..]) => u16::from_be_bytes([*high, *low]),
        _ => 0,
    }
}

impl Anatomy {
    /// What is in a frame of which these are all octets.
    #[must_use]
    pub fn of(octets: &[u8]) -> Self {
        if let Some(&[a, b, c, d]) = octets.strip_prefix(PROTOCOL) {
            return Self::Protocol {
                version: [a, b, c, d],
            };
        }
        let Ok(Some((frame, _))) = Frame::first(octets, usize::MAX) else {
            return Self::Unreadable;
        };
        match frame.kind {
            FrameKind::Method => Method::read(frame.payload).map_or(Self::Unreadable, Self::Method),
            FrameKind::Header => header(frame.payload).unwrap_or(Self::Unreadable),
            FrameKind::Body => Self::Body(frame.payload.to_vec()),
            FrameKind::Heartbeat => Self::Heartbeat,
        }
    }

    /// What AMQP calls it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Protocol { .. } => "protocol header",
            Self::Method(method) => method.name(),
            Self::Header { .. } => "content header",
            Self::Body(_) => "content body",
            Self::Heartbeat => "heartbeat",
            Self::Unreadable => "?",
        }
    }

    /// Its fields by name, in order.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Protocol { version } => {
                let numbers = version.map(|number| number.to_string());
                vec![("version", Value::from(numbers.join(".").as_str()))]
            }
            Self::Method(method) => method.arguments(),
            Self::Header {
                class,
                size,
                properties,
            } => {
                let size = i64::try_from(*size).unwrap_or(i64::MAX);
                let mut fields = vec![
                    ("class_id", Value::Int((*class).into())),
                    ("body_size", Value::Int(size)),
                ];
                fields.extend(properties.iter().cloned());
                fields
            }
            Self::Body(octets) => vec![("body", Value::Text(crate::broker::octets::read(octets)))],
            Self::Heartbeat | Self::Unreadable => Vec::new(),
        }
    }

    /// Whether it is a piece of what a method began.
    #[must_use]
    pub fn is_content(&self) -> bool {
        matches!(self, Self::Header { .. } | Self::Body(_))
    }
}

fn header(payload: &[u8]) -> Option<Anatomy> {
    let mut reader = Reader::new(payload);
    let class = reader.short().ok()?;
    reader.short().ok()?; // the weight, which is not used
    let size = reader.long_long().ok()?;
    let properties = properties::read(&mut reader).ok()?;
    Some(Anatomy::Header {
        class,
        size,
        properties: properties::fields(&properties),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amqp::frame;

    #[test]
    fn octets_are_taken_apart_frame_by_frame() {
        let mut octets = b"AMQP\x00\x00\x09\x01".to_vec();
        frame::write(&mut octets, FrameKind::Heartbeat, 0, |_| {});
        frame::write(&mut octets, FrameKind::Body, 3, |out| out.extend(b"hi"));
        let mut rest = octets.as_slice();
        let mut seen = Vec::new();
        while !rest.is_empty() {
            let first = first_frame(rest);
            seen.push((channel_of(first), Anatomy::of(first).name()));
            rest = &rest[first.len()..];
        }
        assert_eq!(
            seen,
            [
                (0, "protocol header"),
                (0, "heartbeat"),
                (3, "content body")
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_is_still_something() {
        for octets in [&b""[..], b"\x01", b"\x09\x00\x00\x00\x00\x00\x00\x00"] {
            assert_eq!(first_frame(octets), octets);
            assert_eq!(Anatomy::of(octets), Anatomy::Unreadable);
        }
    }
}
