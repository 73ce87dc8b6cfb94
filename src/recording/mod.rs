//! What clients did, in a file: all that came from outside, with its time. A server that is told the same does the same, so
//! this is enough to run it again, to go back in it and to ask what would have happened.
//!
//! A file begins with a line of its own and a line of JSON; then comes one record after the other. What a broken end leaves
//! of a record is passed over. Passwords are not in it.

mod bytes;
mod replay;

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::amqp::Record;
use crate::broker::{Micros, Name, Profile};

pub use replay::Replayed;

/// How such a file begins.
const FIRST_LINE: &str = "LEVERET RECORDING 1\n";

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
    /// What is in it is no record.
    #[error("at octet {at}, there is no record")]
    Record {
        /// Where.
        at: usize,
    },
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
        let mut text = FIRST_LINE.to_owned();
        // Neither of the two can fail: it is all text, and it is written to memory.
        let header = serde_json::to_string(self).unwrap_or_default();
        let _ = writeln!(text, "{header}");
        text.into_bytes()
    }
}

/// Whether a file that begins so is a recording.
pub fn is_recording(beginning: &[u8]) -> bool {
    beginning.starts_with(FIRST_LINE.as_bytes())
}

/// Appends a record; `last` is the time of the one before.
pub fn append(out: &mut Vec<u8>, last: Micros, at: Micros, record: &Record) {
    bytes::write(out, at.since(last), record);
}

impl Recording {
    /// Reads a file. A record that is not all there ends it.
    ///
    /// # Errors
    /// When it is no recording, or something else stands in it.
    pub fn read(file: &[u8]) -> Result<Self, RecordingError> {
        let rest = file
            .strip_prefix(FIRST_LINE.as_bytes())
            .ok_or(RecordingError::NotOne)?;
        let end = rest.iter().position(|&octet| octet == b'\n');
        let (line, mut rest) = rest.split_at(end.ok_or(RecordingError::Header)? + 1);
        let header: Header = serde_json::from_slice(line).map_err(|_| RecordingError::Header)?;
        header.profile().ok_or(RecordingError::Profile)?;
        let mut records = Vec::new();
        let mut at = Micros::ZERO;
        while !rest.is_empty() {
            let here = file.len() - rest.len();
            match bytes::read(&mut rest) {
                Ok(Some((span, record))) => {
                    at += span;
                    records.push((at, record));
                }
                Ok(None) => break,
                Err(bytes::NoRecord) => return Err(RecordingError::Record { at: here }),
            }
        }
        Ok(Self { header, records })
    }
}
