//! A stream: a log that readers pass over (Q47).

use std::collections::VecDeque;

use crate::broker::{CopyId, Message, Micros, Settings, Value};

/// An entry of a stream.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// The copy.
    pub copy: CopyId,
    /// Its message.
    pub message: Message,
    /// When it was appended.
    pub at: Micros,
}

/// Entries that are given up together.
#[derive(Clone, Debug)]
struct Segment {
    entries: usize,
    bytes: u64,
    newest: Micros,
}

/// A stream's entries.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: VecDeque<LogEntry>,
    first: u64,
    segments: VecDeque<Segment>,
    bytes: u64,
}

impl Log {
    /// Octets of all its bodies.
    pub fn octets(&self) -> u64 {
        self.bytes
    }

    /// The offset of the oldest entry.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The offset the next entry will have.
    pub fn next(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    /// How many entries there are.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entries, the oldest first.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &LogEntry> {
        self.entries.iter()
    }

    /// The entry at an offset.
    pub fn at(&self, offset: u64) -> Option<&LogEntry> {
        let index = offset.checked_sub(self.first)?;
        self.entries.get(usize::try_from(index).ok()?)
    }

    /// Appends an entry, and gives up the oldest segments that the limits do not allow; those entries.
    pub fn append(&mut self, entry: LogEntry, settings: &Settings) -> Vec<LogEntry> {
        let bytes = entry.message.publication.body.as_bytes().len() as u64;
        let at = entry.at;
        let full = |segment: &Segment| segment.bytes >= settings.segment_bytes;
        let rolls = self.segments.back().is_none_or(full);
        if rolls {
            self.segments.push_back(Segment {
                entries: 0,
                bytes: 0,
                newest: at,
            });
        }
        if let Some(segment) = self.segments.back_mut() {
            segment.entries += 1;
            segment.bytes += bytes;
            segment.newest = at;
        }
        self.bytes += bytes;
        self.entries.push_back(entry);
        if rolls {
            self.retain(at, settings)
        } else {
            Vec::new()
        }
    }

    /// Gives up the oldest segments that the limits do not allow; never the last, which is still written to. This is
    /// looked at when a segment is begun, and when the limits change.
    pub fn retain(&mut self, now: Micros, settings: &Settings) -> Vec<LogEntry> {
        let mut gone = Vec::new();
        while self.segments.len() > 1
            && let Some(oldest) = self.segments.front()
        {
            let too_large = settings.max_bytes.is_some_and(|most| self.bytes > most);
            let too_old = settings
                .max_age
                .is_some_and(|age| oldest.newest + age <= now);
            if !too_large && !too_old {
                break;
            }
            let entries = oldest.entries;
            self.bytes -= oldest.bytes;
            gone.extend(self.entries.drain(..entries));
            self.first += entries as u64;
            self.segments.pop_front();
        }
        gone
    }

    /// Whether its segments hold just its entries.
    pub(in crate::broker) fn is_sound(&self) -> bool {
        let bytes = |entry: &LogEntry| entry.message.publication.body.as_bytes().len() as u64;
        let (entries, octets) = self.segments.iter().fold((0, 0), |(entries, octets), one| {
            (entries + one.entries, octets + one.bytes)
        });
        let there: u64 = self.entries.iter().map(bytes).sum();
        entries == self.entries.len() && octets == there && self.bytes == there
    }

    /// Where a reader begins that asks for `offset`; none if that is no offset (Q47).
    pub fn start(&self, offset: Option<&Value>, now: Micros) -> Option<u64> {
        let since = |time: Micros| {
            let before = self.entries.partition_point(|entry| entry.at < time);
            self.first + before as u64
        };
        Some(match offset {
            None => self.next(),
            Some(Value::Int(offset) | Value::Sized(_, offset)) => {
                // One that is there no more is the first that is; for one that is not there yet it waits.
                u64::try_from(*offset).unwrap_or(0).max(self.first)
            }
            Some(Value::Timestamp(seconds)) => since(Micros::from_secs(*seconds)),
            Some(Value::Text(text)) => match text.as_str() {
                "first" => self.first,
                // The start of the last chunk: here each entry is one.
                "last" => self.next().saturating_sub(1).max(self.first),
                "next" => self.next(),
                interval => since(now.since(crate::broker::argument::age(interval)?)),
            },
            Some(_) => return None,
        })
    }
}
