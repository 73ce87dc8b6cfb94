//! What clients did, in a file: all that came from outside, with its time. A server that is told the same does the same, so
//! this is enough to run it again, to go back in it and to ask what would have happened.
//!
//! A file begins with a line of its own and a line of JSON; then comes one record after the other. What is damaged is left
//! out, and the rest is read. Passwords are not in it.

mod bytes;
mod frames;
mod replay;
mod sound;

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::amqp::{Record, SessionId};
use crate::broker::{Micros, Name, Profile};

pub use replay::Replayed;

/// How such a file begins; then comes the number of its edition.
const FIRST_WORDS: &str = "LEVERET RECORDING ";
/// The edition that is written. The first is read too.
const EDITION: u32 = 2;
/// No server serves for longer: ten years.
const LONGEST: Micros = Micros::from_secs(10 * 366 * 24 * 60 * 60);

/// What a server was when it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Which RabbitMQ it behaved as.
    profile: String,
    /// Its virtual hosts.
    pub vhosts: Vec<Name>,
    /// Its users, who could do everything.
    pub users: Vec<Name>,
    /// When it began, in seconds since 1970.
    #[serde(default)]
    pub began: u64,
}

/// All that came from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// What the server was.
    pub header: Header,
    /// What came, with its time, in order.
    pub records: Vec<(Micros, Record)>,
    /// What of the file could not be read, in order.
    pub left_out: Vec<LeftOut>,
}

/// What of a file is left out of what is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// Octets that are no record.
    Octets {
        /// Where they begin.
        from: usize,
        /// Where they end.
        to: usize,
        /// The time of the last record before.
        after: Micros,
    },
    /// Records that cannot be so.
    Records {
        /// Where the first is.
        from: usize,
        /// How many.
        count: usize,
        /// Why.
        why: Unsound,
    },
}

impl LeftOut {
    /// Where it begins.
    fn from(&self) -> usize {
        match self {
            Self::Octets { from, .. } | Self::Records { from, .. } => *from,
        }
    }
}

/// Why a record cannot be so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unsound {
    /// Time would go back, or leap.
    Time,
    /// It is of a connection of which it is not known that it was made.
    Unknown(SessionId),
    /// A connection is made that is there already.
    Again(SessionId),
    /// It is of a virtual host that the server had not.
    Vhost(Name),
    /// Deliveries would be on their way for ever.
    Delay,
}

/// A recording that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RecordingError {
    /// It does not begin as one.
    #[error("it is not a recording")]
    NotOne,
    /// What stands at its beginning cannot be read.
    #[error("its second line does not say what the server was")]
    Header,
    /// It is of an edition that is not known.
    #[error("it was written by a later Leveret than this one")]
    Edition,
    /// It was made by a server that this program cannot be.
    #[error("it is of a RabbitMQ that this program does not know")]
    Profile,
}

impl Header {
    /// Of a server that behaves so, and begins so many seconds after 1970.
    pub fn new(profile: Profile, vhosts: Vec<Name>, users: Vec<Name>, began: u64) -> Self {
        Self {
            profile: profile.as_str().to_owned(),
            vhosts,
            users,
            began,
        }
    }

    /// Which RabbitMQ the server behaved as, if this program knows it.
    pub fn profile(&self) -> Option<Profile> {
        let mut all = Profile::ALL.into_iter();
        all.find(|profile| profile.as_str() == self.profile)
    }

    /// How a file with such a header begins.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{FIRST_WORDS}{EDITION}\n");
        // Neither of the two can fail: it is all text, and it is written to memory.
        let header = serde_json::to_string(self).unwrap_or_default();
        let _ = writeln!(text, "{header}");
        text.into_bytes()
    }
}

/// Whether a file that begins so is a recording.
pub fn is_recording(beginning: &[u8]) -> bool {
    beginning.starts_with(FIRST_WORDS.as_bytes())
}

/// Appends a record.
pub fn append(out: &mut Vec<u8>, at: Micros, record: &Record) {
    frames::write(out, at, record);
}

impl Recording {
    /// Reads a file: all of it that can be.
    ///
    /// # Errors
    /// When it is no recording, or does not say what the server was.
    pub fn read(file: &[u8]) -> Result<Self, RecordingError> {
        let rest = file
            .strip_prefix(FIRST_WORDS.as_bytes())
            .ok_or(RecordingError::NotOne)?;
        let (edition, rest) = line(rest).ok_or(RecordingError::NotOne)?;
        let edition = std::str::from_utf8(edition).ok();
        let edition = edition.and_then(|number| number.parse().ok());
        let (header, rest) = line(rest).ok_or(RecordingError::Header)?;
        let start = file.len() - rest.len();
        let read = match edition {
            Some(1) => frames::read_first_edition,
            Some(EDITION) => frames::read,
            Some(_) => return Err(RecordingError::Edition),
            None => return Err(RecordingError::NotOne),
        };
        let header: Header = serde_json::from_slice(header).map_err(|_| RecordingError::Header)?;
        header.profile().ok_or(RecordingError::Profile)?;
        let (records, left_out) = sound::sound(&header, read(file, start));
        Ok(Self {
            header,
            records,
            left_out,
        })
    }
}

/// The first line, without its end, and what comes after it.
fn line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|&octet| octet == b'\n')?;
    let (line, rest) = text.split_at_checked(end)?;
    Some((line, rest.get(1..)?))
}

#[cfg(test)]
mod tests;
