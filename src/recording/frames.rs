//! Records one after the other, so that what is damaged is known, and what follows it is found again.
//!
//! Each begins with a mark and how long it is, and ends with a sum over what is in between: its time since the server
//! began, and the record itself. The first edition of the format had none of these: there, a record came after the time
//! since the one before, and nobody knows where the next one after a damaged one begins.

use crate::amqp::Record;
use crate::broker::Micros;

use super::bytes;
use super::{LONGEST, LeftOut};

/// How a record begins. The first of the two is in no UTF-8.
const MARK: [u8; 2] = [0xF5, 0x1E];
/// The mark and the length.
const HEAD: usize = MARK.len() + size_of::<u32>();
const SUM: usize = size_of::<u32>();
/// What claims to be longer is no record. A server takes no more than a small part of this at once.
const MOST: usize = 16 * 1024 * 1024;
/// What is damaged may be full of marks. So much is summed up in vain for each octet of the file, and no more.
const PATIENCE: usize = 8;

/// What stands in a file: records, each with its place and its time, and what is none.
pub(super) struct Found {
    pub records: Vec<(usize, Micros, Record)>,
    pub left_out: Vec<LeftOut>,
}

pub(super) fn write(out: &mut Vec<u8>, at: Micros, record: &Record) {
    let start = out.len();
    out.extend_from_slice(&MARK);
    out.extend_from_slice(&[0; size_of::<u32>()]);
    bytes::number(out, at.0);
    bytes::write(out, record);
    let (length, sum) = {
        let body = out.get(start + HEAD..).unwrap_or_default();
        // What is longer than that is not read again anyway.
        (u32::try_from(body.len()).unwrap_or(u32::MAX), sum(body))
    };
    if let Some(place) = out.get_mut(start + MARK.len()..start + HEAD) {
        place.copy_from_slice(&length.to_le_bytes());
    }
    out.extend_from_slice(&sum.to_le_bytes());
}

/// What stands at the beginning.
enum Frame<'a> {
    /// A record's octets, and those that come after it.
    Whole(&'a [u8], &'a [u8]),
    /// What is none. So many octets were summed up to know it.
    None(usize),
}

fn frame(from: &[u8]) -> Frame<'_> {
    let parts = || {
        let rest = from.strip_prefix(&MARK)?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (body, rest) = (length <= MOST)
            .then(|| rest.split_at_checked(length))
            .flatten()?;
        let (told, rest) = rest.split_first_chunk::<SUM>()?;
        Some((body, u32::from_le_bytes(*told), rest))
    };
    match parts() {
        Some((body, told, rest)) if sum(body) == told => Frame::Whole(body, rest),
        Some((body, ..)) => Frame::None(body.len()),
        None => Frame::None(0),
    }
}

/// Reads what comes after the header, which ends at `start`.
pub(super) fn read(file: &[u8], start: usize) -> Found {
    let mut found = Found {
        records: Vec::new(),
        left_out: Vec::new(),
    };
    let place = |rest: &[u8]| file.len() - rest.len();
    let mut rest = file.get(start..).unwrap_or_default();
    let mut damaged: Option<usize> = None;
    let mut effort = 0_usize;
    while !rest.is_empty() {
        let here = place(rest);
        match frame(rest) {
            Frame::Whole(body, after) => {
                if let Some(from) = damaged.take() {
                    found.gap(from, here);
                }
                match record(body) {
                    Some((at, record)) => found.records.push((here, at, record)),
                    // It is sound, and of a kind that this program does not know.
                    None => found.gap(here, place(after)),
                }
                rest = after;
            }
            Frame::None(summed) => {
                damaged.get_or_insert(here);
                effort = effort.saturating_add(summed);
                if effort / PATIENCE > file.len() {
                    break;
                }
                let next = rest.iter().skip(1).position(|octet| *octet == MARK[0]);
                rest = next.map_or(&[][..], |next| rest.get(next + 1..).unwrap_or_default());
            }
        }
    }
    if let Some(from) = damaged {
        found.gap(from, file.len());
    }
    found
}

fn record(mut body: &[u8]) -> Option<(Micros, Record)> {
    let at = bytes::take_number(&mut body).ok()?;
    let record = bytes::read(&mut body).ok()?;
    body.is_empty().then_some((Micros(at), record))
}

/// The same of a file of the first edition. What comes after the first that is no record cannot be read.
pub(super) fn read_first_edition(file: &[u8], start: usize) -> Found {
    let mut found = Found {
        records: Vec::new(),
        left_out: Vec::new(),
    };
    let mut rest = file.get(start..).unwrap_or_default();
    let mut last = Micros::ZERO;
    while !rest.is_empty() {
        let here = file.len() - rest.len();
        let read = bytes::take_number(&mut rest)
            .and_then(|span| Ok((Micros(span), bytes::read(&mut rest)?)));
        let Ok((span, record)) = read else {
            found.gap(here, file.len());
            break;
        };
        let at = last + span;
        // A span that cannot be is not to make all later times impossible.
        if at <= LONGEST {
            last = at;
        }
        found.records.push((here, at, record));
    }
    found
}

impl Found {
    fn gap(&mut self, from: usize, to: usize) {
        let after = self.records.last().map_or(Micros::ZERO, |(_, at, _)| *at);
        self.left_out.push(LeftOut::Octets { from, to, after });
    }
}

/// CRC-32, as Ethernet and PNG have it.
fn sum(octets: &[u8]) -> u32 {
    let step = |sum: u32, octet: &u8| {
        let entry = usize::from((sum as u8) ^ octet);
        (sum >> 8) ^ TABLE.get(entry).copied().unwrap_or_default()
    };
    !octets.iter().fold(u32::MAX, step)
}

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut entry = 0;
    while entry < table.len() {
        let (mut value, mut bit) = (entry as u32, 0);
        while bit < 8 {
            value = (value >> 1) ^ if value & 1 == 1 { 0xEDB8_8320 } else { 0 };
            bit += 1;
        }
        table[entry] = value;
        entry += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amqp::SessionId;

    #[test]
    fn the_sum_is_that_of_ethernet() {
        assert_eq!(sum(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_file_full_of_marks_is_given_up_rather_than_read_for_ever() {
        // Each claims to be as long as the whole file.
        let claim = [MARK[0], MARK[1], 0, 0, 8, 0];
        let file = claim.repeat(200_000);
        let found = read(&file, 0);
        assert!(found.records.is_empty());
        let gap = LeftOut::Octets {
            from: 0,
            to: file.len(),
            after: Micros::ZERO,
        };
        assert_eq!(found.left_out, [gap]);
    }

    #[test]
    fn a_record_of_a_kind_that_is_not_known_is_passed_over_and_no_more() {
        let session = SessionId(1);
        let mut file = Vec::new();
        write(&mut file, Micros(5), &Record::Gone { session });
        let one = file.len();
        let body = [7, 200, 1, 2, 3];
        file.extend_from_slice(&MARK);
        file.extend_from_slice(&5_u32.to_le_bytes());
        file.extend_from_slice(&body);
        file.extend_from_slice(&sum(&body).to_le_bytes());
        let two = file.len();
        write(&mut file, Micros(9), &Record::Gone { session });
        let found = read(&file, 0);
        let times: Vec<_> = found.records.iter().map(|&(_, at, _)| at).collect();
        assert_eq!(times, [Micros(5), Micros(9)]);
        let after = Micros(5);
        let (from, to) = (one, two);
        assert_eq!(found.left_out, [LeftOut::Octets { from, to, after }]);
    }
}
