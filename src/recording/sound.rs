//! Which records can be so, one after the other. One that cannot would spoil what comes after it.

use std::collections::{BTreeMap, BTreeSet};

use crate::amqp::{Hand, Record, SessionId};
use crate::broker::Micros;

use super::frames::Found;
use super::{Header, LONGEST, LeftOut, Unsound};

/// The records that can be so, and what is left out.
pub(super) fn sound(header: &Header, found: Found) -> (Vec<(Micros, Record)>, Vec<LeftOut>) {
    let Found {
        records,
        mut left_out,
    } = found;
    let times: Vec<_> = records.iter().map(|&(_, at, _)| at).collect();
    let forward = forward(&times);
    let mut connected = BTreeSet::new();
    let mut unsound: BTreeMap<Unsound, (usize, usize)> = BTreeMap::new();
    let mut kept = Vec::with_capacity(records.len());
    for ((place, at, record), forward) in records.into_iter().zip(forward) {
        let fault = match forward {
            true => fault(&record, header, &connected),
            false => Some(Unsound::Time),
        };
        match fault {
            Some(fault) => unsound.entry(fault).or_insert((place, 0)).1 += 1,
            None => {
                if let Record::Connected { session, .. } = record {
                    connected.insert(session);
                }
                kept.push((at, record));
            }
        }
    }
    let unsound = unsound.into_iter();
    left_out.extend(unsound.map(|(why, (from, count))| LeftOut::Records { from, count, why }));
    left_out.sort_by_key(LeftOut::from);
    (kept, left_out)
}

/// Why a record cannot be so after those before it, if it cannot.
fn fault(record: &Record, header: &Header, connected: &BTreeSet<SessionId>) -> Option<Unsound> {
    match record {
        Record::Connected { session, .. } => {
            let is_new = session.0 > 0 && !connected.contains(session);
            (!is_new).then_some(Unsound::Again(*session))
        }
        Record::Login { session, .. }
        | Record::Octets { session, .. }
        | Record::Gone { session }
        | Record::Taken { session } => {
            let is_known = connected.contains(session);
            (!is_known).then_some(Unsound::Unknown(*session))
        }
        Record::Hand { vhost, .. } if !header.vhosts.contains(vhost) => {
            Some(Unsound::Vhost(vhost.clone()))
        }
        Record::Hand {
            hand: Hand::Delay { span },
            ..
        } => (*span > LONGEST).then_some(Unsound::Delay),
        Record::Hand { .. } | Record::ShutDown => None,
    }
}

/// Of these times, as many as can be that never go back, the earlier ones if there is a choice; and none of them later than
/// any server serves. So one that leaps ahead does not make all later ones wrong.
fn forward(times: &[Micros]) -> Vec<bool> {
    // For each number of times, the latest that such a row of times can begin with; from the last time to the first.
    let mut begins: Vec<Micros> = Vec::new();
    let mut rows = vec![0; times.len()];
    for (&at, row) in times.iter().zip(&mut rows).rev() {
        if at > LONGEST {
            continue;
        }
        let longer = begins.partition_point(|&begin| begin >= at);
        match begins.get_mut(longer) {
            Some(begin) => *begin = at,
            None => begins.push(at),
        }
        *row = longer + 1;
    }
    let (mut wanted, mut last) = (begins.len(), Micros::ZERO);
    let kept = times.iter().zip(rows).map(|(&at, row)| {
        let is_next = wanted > 0 && row == wanted && at >= last;
        if is_next {
            (wanted, last) = (wanted - 1, at);
        }
        is_next
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_leaps_or_goes_back_is_alone_in_being_wrong() {
        let kept = |times: &[u64]| {
            let times: Vec<_> = times.iter().copied().map(Micros).collect();
            let kept = forward(&times).into_iter().zip(times);
            let kept = kept.filter(|&(kept, _)| kept).map(|(_, at)| at.0);
            kept.collect::<Vec<_>>()
        };
        assert_eq!(kept(&[1, 1, 2, 5]), [1, 1, 2, 5]);
        assert_eq!(kept(&[1, 2, 9_000, 3, 4]), [1, 2, 3, 4]);
        assert_eq!(kept(&[10, 20, 3, 30]), [10, 20, 30]);
        assert_eq!(kept(&[10, 3, 20]), [10, 20]);
        assert_eq!(kept(&[1, 2, u64::MAX]), [1, 2]);
        assert_eq!(kept(&[]), [0; 0]);
    }
}
