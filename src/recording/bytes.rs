//! A record as octets: what it is, and what belongs to it. Numbers take as many octets as they need, seven bits in each.

use crate::amqp::{Hand, Peer, Record, SessionId};
use crate::broker::{Alarm, Micros};

const CONNECTED: u8 = 0;
const ACCEPTED: u8 = 1;
const REFUSED: u8 = 2;
const OCTETS: u8 = 3;
const GONE: u8 = 4;
const TAKEN: u8 = 5;
const HAND: u8 = 6;
const SHUT_DOWN: u8 = 7;

const HAND_ALARM: u8 = 0;
const HAND_STOP: u8 = 1;
const HAND_START: u8 = 2;
const HAND_CLOSE: u8 = 3;
const HAND_LOSE: u8 = 4;
const HAND_PURGE: u8 = 5;
const HAND_DELETE: u8 = 6;
const HAND_DELAY: u8 = 7;

/// There is no record, or it is not all there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoRecord;

pub(super) fn write(out: &mut Vec<u8>, record: &Record) {
    match record {
        Record::Connected { session, peer } => {
            out.push(CONNECTED);
            number(out, session.0);
            octets(out, peer.address.as_bytes());
            out.push(peer.is_local.into());
        }
        Record::Login { session, accepted } => {
            out.push(if *accepted { ACCEPTED } else { REFUSED });
            number(out, session.0);
        }
        Record::Octets {
            session,
            octets: sent,
        } => {
            out.push(OCTETS);
            number(out, session.0);
            octets(out, sent);
        }
        Record::Gone { session } => {
            out.push(GONE);
            number(out, session.0);
        }
        Record::Taken { session } => {
            out.push(TAKEN);
            number(out, session.0);
        }
        Record::Hand { vhost, hand } => {
            out.push(HAND);
            octets(out, vhost.as_bytes());
            match hand {
                Hand::Alarm { alarm, on } => {
                    out.push(HAND_ALARM);
                    out.push(u8::from(*alarm == Alarm::Disk));
                    out.push((*on).into());
                }
                Hand::Stop { clean } => out.extend_from_slice(&[HAND_STOP, (*clean).into()]),
                Hand::Start => out.push(HAND_START),
                Hand::Close { session } => {
                    out.push(HAND_CLOSE);
                    number(out, session.0);
                }
                Hand::Lose { session } => {
                    out.push(HAND_LOSE);
                    number(out, session.0);
                }
                Hand::Purge { queue } => {
                    out.push(HAND_PURGE);
                    octets(out, queue.as_bytes());
                }
                Hand::Delete { queue } => {
                    out.push(HAND_DELETE);
                    octets(out, queue.as_bytes());
                }
                Hand::Delay { span } => {
                    out.push(HAND_DELAY);
                    number(out, span.0);
                }
            }
        }
        Record::ShutDown => out.push(SHUT_DOWN),
    }
}

pub(super) fn number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn octets(out: &mut Vec<u8>, octets: &[u8]) {
    number(out, octets.len() as u64);
    out.extend_from_slice(octets);
}

/// Takes the record at the beginning.
pub(super) fn read(from: &mut &[u8]) -> Result<Record, NoRecord> {
    Ok(match octet(from)? {
        CONNECTED => Record::Connected {
            session: session(from)?,
            peer: Peer {
                address: text(from)?,
                is_local: octet(from)? != 0,
            },
        },
        kind @ (ACCEPTED | REFUSED) => Record::Login {
            session: session(from)?,
            accepted: kind == ACCEPTED,
        },
        OCTETS => Record::Octets {
            session: session(from)?,
            octets: take_octets(from)?.to_vec(),
        },
        GONE => Record::Gone {
            session: session(from)?,
        },
        TAKEN => Record::Taken {
            session: session(from)?,
        },
        HAND => Record::Hand {
            vhost: text(from)?.into(),
            hand: match octet(from)? {
                HAND_ALARM => Hand::Alarm {
                    alarm: match octet(from)? {
                        0 => Alarm::Memory,
                        _ => Alarm::Disk,
                    },
                    on: octet(from)? != 0,
                },
                HAND_STOP => Hand::Stop {
                    clean: octet(from)? != 0,
                },
                HAND_START => Hand::Start,
                HAND_CLOSE => Hand::Close {
                    session: session(from)?,
                },
                HAND_LOSE => Hand::Lose {
                    session: session(from)?,
                },
                HAND_PURGE => Hand::Purge {
                    queue: text(from)?.into(),
                },
                HAND_DELETE => Hand::Delete {
                    queue: text(from)?.into(),
                },
                HAND_DELAY => Hand::Delay {
                    span: Micros(take_number(from)?),
                },
                _ => return Err(NoRecord),
            },
        },
        SHUT_DOWN => Record::ShutDown,
        _ => return Err(NoRecord),
    })
}

fn session(from: &mut &[u8]) -> Result<SessionId, NoRecord> {
    take_number(from).map(SessionId)
}

fn octet(from: &mut &[u8]) -> Result<u8, NoRecord> {
    let (first, rest) = from.split_first().ok_or(NoRecord)?;
    *from = rest;
    Ok(*first)
}

/// Takes the number at the beginning.
pub(super) fn take_number(from: &mut &[u8]) -> Result<u64, NoRecord> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let octet = octet(from)?;
        value |= u64::from(octet & 0x7F) << shift;
        if octet & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(NoRecord)
}

fn take_octets<'a>(from: &mut &'a [u8]) -> Result<&'a [u8], NoRecord> {
    let length = usize::try_from(take_number(from)?).map_err(|_| NoRecord)?;
    let (taken, rest) = from.split_at_checked(length).ok_or(NoRecord)?;
    *from = rest;
    Ok(taken)
}

fn text(from: &mut &[u8]) -> Result<String, NoRecord> {
    let octets = take_octets(from)?;
    String::from_utf8(octets.to_vec()).map_err(|_| NoRecord)
}
