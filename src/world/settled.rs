//! What an acknowledgement settles, be it a client's or the broker's.

use std::collections::BTreeMap;

/// Takes what an acknowledgement of that number settles: all up to it if it is for several, otherwise it alone.
pub(super) fn take_settled<T>(
    open: &mut BTreeMap<u64, T>,
    number: u64,
    multiple: bool,
) -> BTreeMap<u64, T> {
    if !multiple {
        return open.remove_entry(&number).into_iter().collect();
    }
    let later = open.split_off(&number.saturating_add(1));
    std::mem::replace(open, later)
}
