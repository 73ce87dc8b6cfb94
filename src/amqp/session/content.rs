//! A message that comes in pieces: its method, its header, its body (C9).

use std::sync::Arc;

use crate::broker::{Body, Held, Name, Properties, Publication, Refusal, ReplyCode};
use crate::world::Said;

use crate::amqp::frame::{Frame, FrameKind};
use crate::amqp::method::MethodId;
use crate::amqp::properties;
use crate::amqp::reader::Reader;

use super::say::Answer;
use super::{Breach, Read, Request, Session};

const PUBLISH: MethodId = MethodId {
    class: 60,
    method: 40,
};

/// Before more of a body is there, no more room is kept for it than this, whatever its header says.
const FIRST_ROOM: u64 = 64 * 1024;

/// A message that is not all there yet.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) exchange: Name,
    pub(super) routing_key: Name,
    pub(super) mandatory: bool,
    pub(super) immediate: bool,
    /// Its size and its properties, once they are there.
    pub(super) header: Option<(u64, Properties)>,
    /// How many octets of its body have come.
    pub(super) there: u64,
    /// The body so far; of one that is too large, nothing.
    pub(super) body: Vec<u8>,
    /// The memory of all that.
    pub(super) held: Held,
}

impl Session {
    /// A header or a piece of a body.
    pub(super) fn content(&mut self, frame: Frame<'_>) -> Result<Read, Breach> {
        let most = self.profile.switches().max_message_size;
        let number = frame.channel;
        let Some(channel) = self.channels.get_mut(&number) else {
            let text = "expected method frame, got non method frame instead";
            return Err(Breach::new(ReplyCode::UnexpectedFrame, "C9", text));
        };
        if channel.closing {
            return Ok(Read::On); // C11
        }
        let Some(content) = &mut channel.content else {
            let text = "expected method frame, got non method frame instead";
            return Err(Breach::new(ReplyCode::UnexpectedFrame, "C9", text));
        };
        match (&mut content.header, frame.kind) {
            (None, FrameKind::Header) => {
                let (size, properties) = header(frame.payload)?;
                content.body.reserve(size.min(FIRST_ROOM) as usize);
                content.held.grow(properties.memory());
                content.header = Some((size, properties));
            }
            (Some((size, _)), FrameKind::Body) => {
                content.there += frame.payload.len() as u64;
                let there = content.there;
                if there > *size {
                    let text = format!("a body of {there} octets, where the header says {size}");
                    return Err(Breach::new(ReplyCode::FrameError, "C9", text).of(PUBLISH));
                }
                if *size <= most {
                    content.body.extend_from_slice(frame.payload);
                    content.held.grow(frame.payload.len() as u64);
                }
            }
            (None, _) => {
                let text =
                    "expected content header for class 60, got non content header frame instead";
                return Err(Breach::new(ReplyCode::UnexpectedFrame, "C9", text).of(PUBLISH));
            }
            (Some(_), _) => {
                let text = "expected content body, got non content body frame instead";
                return Err(Breach::new(ReplyCode::UnexpectedFrame, "C9", text).of(PUBLISH));
            }
        }
        self.complete(number, most)
    }

    /// Publishes what is all there, unless it has more octets than a message may have (P5).
    fn complete(&mut self, number: u16, most: u64) -> Result<Read, Breach> {
        let Some(channel) = self.channels.get_mut(&number) else {
            return Ok(Read::On);
        };
        let whole = |content: &mut Content| {
            let size = content.header.as_ref().map(|&(size, _)| size);
            size == Some(content.there)
        };
        let id = channel.id;
        let Some(content) = channel.content.take_if(whole) else {
            return Ok(Read::On);
        };
        let Content {
            exchange,
            routing_key,
            mandatory,
            immediate,
            header,
            body,
            there: size,
            held,
        } = content;
        if size > most {
            let text = format!("message size {size} is larger than configured max size {most}");
            return Err(Breach {
                channel: Some(number),
                method: PUBLISH,
                refusal: Refusal::new(ReplyCode::PreconditionFailed, "P5", text),
            });
        }
        let (_, properties) = header.unwrap_or_default();
        self.current = PUBLISH;
        self.answer = Answer::None;
        Ok(Read::Ask(Request::Say(Said::Publish {
            channel: id,
            publication: Arc::new(Publication {
                exchange,
                routing_key,
                properties: Arc::new(properties),
                body: Body::from(body),
                held,
                ..Publication::default()
            }),
            mandatory,
            immediate,
        })))
    }
}

/// Reads a content header: the class it is of, the body's size, the properties.
fn header(payload: &[u8]) -> Result<(u64, Properties), Breach> {
    let mut reader = Reader::new(payload);
    let class = reader.short();
    if class.is_ok_and(|class| class != PUBLISH.class) {
        let text = format!(
            "expected content header for class {}, got one for class {} instead",
            PUBLISH.class,
            class.unwrap_or_default()
        );
        return Err(Breach::new(ReplyCode::UnexpectedFrame, "C9", text).of(PUBLISH));
    }
    let (Ok(weight), Ok(size)) = (reader.short(), reader.long_long()) else {
        return Err(Breach::unknown_frame(FrameKind::Header.octet(), payload));
    };
    if weight != 0 {
        let text = "expected content header for class 60, got non content header frame instead";
        return Err(Breach::new(ReplyCode::UnexpectedFrame, "C9", text).of(PUBLISH));
    }
    properties::read(&mut reader)
        .and_then(|properties| reader.end().map(|()| (size, properties)))
        .map_err(|_| Breach::new(ReplyCode::InternalError, "C9", ""))
}
