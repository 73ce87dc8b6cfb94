//! What can befall a recording while it is made.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use crate::broker::Micros;
use crate::t;
use crate::words::span;

/// Why a recording is not made, or not to its end.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// There is a file of that name.
    Exists,
    /// There is one, and it is no recording.
    NoRecording,
    /// It is a folder, or the like.
    NoFile,
    /// Another writes to it.
    InUse,
    /// It cannot be written.
    Unwritable(Arc<io::Error>),
    /// It takes nothing: a pipe that nobody reads from, or a drive that does not answer.
    Silent,
    /// It took nothing until too much waited.
    Overrun,
    /// It has become as large as it may.
    Large {
        /// So many octets.
        most: u64,
    },
}

/// What is told of a recording while it is made.
#[derive(Clone, Debug)]
pub enum RecorderNews {
    /// It takes nothing any more; what comes waits.
    Waits,
    /// It takes something again, and nothing is missing.
    GoesOn,
    /// It has ended before its time. What came up to then is in it.
    Ended(Trouble, Micros),
}

impl Trouble {
    pub(super) fn unwritable(error: io::Error) -> Self {
        Self::Unwritable(Arc::new(error))
    }

    /// Why nothing is recorded into a file, and what to do.
    #[must_use]
    pub fn told(&self, file: &str) -> String {
        match self {
            Self::Exists => t!("record-exists", file = file),
            Self::NoRecording => t!("record-no-recording", file = file),
            Self::NoFile => t!("record-no-file", file = file),
            Self::InUse => t!("record-in-use", file = file),
            Self::Unwritable(error) if is_full(error) => t!("record-full", file = file),
            Self::Unwritable(error) => {
                t!("record-unwritable", file = file, error = error.to_string())
            }
            Self::Silent | Self::Overrun => t!("record-silent", file = file),
            Self::Large { most } => t!("record-large", file = file, size = most / MEGABYTE),
        }
    }
}

impl RecorderNews {
    /// What is the matter with a file, and what to do.
    #[must_use]
    pub fn told(&self, file: &str) -> String {
        match self {
            Self::Waits => t!("record-waits", file = file, size = MOST_WAITING / MEGABYTE),
            Self::GoesOn => t!("record-goes-on", file = file),
            Self::Ended(why, until) => {
                t!("record-ended", why = why.told(file), until = span(*until))
            }
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded
    )
}

/// With more octets than this that wait to be written, a recording ends rather than fill the memory.
pub(super) const MOST_WAITING: u64 = 64 * MEGABYTE;
const MEGABYTE: u64 = 1024 * 1024;
