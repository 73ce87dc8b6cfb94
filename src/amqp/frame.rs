//! Frames: octets cut into pieces, each with its kind and its channel.

use super::writer;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FrameKind {
    /// A method and its arguments.
    Method,
    /// A content header: what follows a method that has content.
    Header,
    /// A piece of a content's body.
    Body,
    /// A sign of life (C5).
    Heartbeat,
}

impl FrameKind {
    fn of(octet: u8) -> Option<Self> {
        Some(match octet {
            1 => Self::Method,
            2 => Self::Header,
            3 => Self::Body,
            8 => Self::Heartbeat,
            _ => return None,
        })
    }

    /// The octet that stands for it.
    pub fn octet(self) -> u8 {
        match self {
            Self::Method => 1,
            Self::Header => 2,
            Self::Body => 3,
            Self::Heartbeat => 8,
        }
    }
}

/// What stands before a frame's payload.
pub const BEFORE: usize = 7;
/// A frame's last octet.
const END: u8 = 0xCE;
/// What a frame has beside its payload.
pub const AROUND: usize = BEFORE + 1;

/// A frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What it holds.
    pub kind: FrameKind,
    /// The number of its channel; 0 is the connection's own.
    pub channel: u16,
    /// What is in it.
    pub payload: &'a [u8],
}

/// What is no frame (C9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoFrame {
    /// Its first octet is no kind of frame.
    Kind {
        /// The octet.
        kind: u8,
        /// What is in it.
        payload: Vec<u8>,
    },
    /// It is larger than was agreed.
    TooLarge {
        /// Its first octet.
        kind: u8,
        /// How large its payload is.
        size: u32,
    },
    /// Its last octet is not the one that ends a frame.
    End {
        /// Its first octet.
        kind: u8,
        /// What is in it.
        payload: Vec<u8>,
        /// The octet.
        end: u8,
    },
}

impl<'a> Frame<'a> {
    /// The first frame of `octets`, and how many of them it takes; none if it is not all there yet.
    ///
    /// # Errors
    /// What is no frame, or has a payload of more than `most` octets.
    pub fn first(octets: &'a [u8], most: usize) -> Result<Option<(Self, usize)>, NoFrame> {
        let Some((before, rest)) = octets.split_first_chunk::<BEFORE>() else {
            return Ok(None);
        };
        let [kind, c1, c2, s1, s2, s3, s4] = *before;
        let channel = u16::from_be_bytes([c1, c2]);
        let size = u32::from_be_bytes([s1, s2, s3, s4]);
        let length = size as usize;
        if length > most {
            return Err(NoFrame::TooLarge { kind, size });
        }
        let Some((payload, [end, ..])) = rest.split_at_checked(length) else {
            return Ok(None);
        };
        if *end != END {
            let (payload, end) = (payload.to_vec(), *end);
            return Err(NoFrame::End { kind, payload, end });
        }
        let Some(known) = FrameKind::of(kind) else {
            let payload = payload.to_vec();
            return Err(NoFrame::Kind { kind, payload });
        };
        let frame = Self {
            kind: known,
            channel,
            payload,
        };
        Ok(Some((frame, length + AROUND)))
    }
}

/// Appends a frame whose payload `write` appends.
pub fn write(out: &mut Vec<u8>, kind: FrameKind, channel: u16, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(kind.octet());
    writer::short(out, channel);
    writer::within(out, write);
    out.push(END);
}
