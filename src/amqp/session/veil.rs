//! What is remembered of what a client said: everything but its secrets.

use crate::amqp::frame::{self, Frame, FrameKind};
use crate::amqp::method::Method;

/// What stands for a secret's octets.
const VEIL: u8 = b'*';

/// Appends a frame, in which a password is veiled.
pub(super) fn append(log: &mut Vec<u8>, octets: &[u8], frame_max: usize) {
    let method = match Frame::first(octets, frame_max) {
        Ok(Some((frame, _))) if frame.kind == FrameKind::Method && frame.channel == 0 => {
            Method::read(frame.payload).ok()
        }
        _ => None,
    };
    let method = match method {
        Some(Method::ConnectionStartOk {
            client_properties,
            mechanism,
            response,
            locale,
        }) => Method::ConnectionStartOk {
            response: veiled(&mechanism, &response),
            client_properties,
            mechanism,
            locale,
        },
        Some(Method::ConnectionUpdateSecret { new_secret, reason }) => {
            let new_secret = vec![VEIL; new_secret.len()];
            Method::ConnectionUpdateSecret { new_secret, reason }
        }
        _ => {
            log.extend_from_slice(octets);
            return;
        }
    };
    frame::write(log, FrameKind::Method, 0, |out| method.write(out));
}

/// A login's answer with its password veiled; of a mechanism that is none, all of it.
fn veiled(mechanism: &str, response: &[u8]) -> Vec<u8> {
    let mut response = response.to_vec();
    let end = response.len();
    let start = match mechanism {
        "PLAIN" => {
            let mut zeros = response
                .iter()
                .enumerate()
                .filter(|&(_, &octet)| octet == 0);
            zeros.nth(1).map_or(0, |(at, _)| at + 1)
        }
        _ => 0,
    };
    if mechanism == "AMQPLAIN" {
        let name = b"\x08PASSWORDS";
        let found = response.windows(name.len()).position(|at| at == name);
        if let Some(at) = found.map(|at| at + name.len())
            && let Some(length) = response.get(at..at + 4).and_then(|it| it.first_chunk())
        {
            let from = at + 4;
            let to = from
                .saturating_add(u32::from_be_bytes(*length) as usize)
                .min(end);
            response
                .get_mut(from..to)
                .into_iter()
                .for_each(|it| it.fill(VEIL));
            return response;
        }
    }
    response
        .get_mut(start..)
        .into_iter()
        .for_each(|it| it.fill(VEIL));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_veiled_and_the_user_is_not() {
        assert_eq!(veiled("PLAIN", b"\0ann\0secret"), b"\0ann\0******");
        let table = b"\x05LOGINS\0\0\0\x03ann\x08PASSWORDS\0\0\0\x02pw";
        let veil = b"\x05LOGINS\0\0\0\x03ann\x08PASSWORDS\0\0\0\x02**";
        assert_eq!(veiled("AMQPLAIN", table), veil);
        assert_eq!(veiled("PLAIN", b"no"), b"**");
        assert_eq!(veiled("AMQPLAIN", b"secret"), b"******");
    }
}
