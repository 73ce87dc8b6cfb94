//! Exchanges that choose one of their bindings (E16, E43).

use std::hash::Hasher;

use super::Keys;
use crate::broker::mix::{Fnv, below, mix};
use crate::broker::{ExchangeId, ExchangeKind};

/// Which of so many bindings an exchange that chooses takes; none if there are none.
///
/// `x-local-random` and `x-random` go by `chance`, and so that two such exchanges on one way choose apart, by its own number too.
/// `x-modulus-hash` goes by the keys alone.
pub(in crate::broker) fn choose(
    kind: ExchangeKind,
    exchange: ExchangeId,
    count: usize,
    keys: Keys<'_>,
    chance: u64,
) -> Option<usize> {
    if count == 0 {
        return None;
    }
    Some(match kind {
        ExchangeKind::ModulusHash => {
            let mut hash = Fnv::default();
            for key in keys.iter() {
                hash.write(key.as_bytes());
                hash.write(&[0xff]); // no octet of a text: ["a", "b"] is not ["ab"]
            }
            (hash.finish() % count as u64) as usize
        }
        _ => below(count, mix(mix(chance) ^ u64::from(exchange.0))),
    })
}
