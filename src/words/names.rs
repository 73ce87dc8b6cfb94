//! What things are called in a sentence.

use crate::broker::{CopyId, Definitions, ExchangeId, MessageId, Publication};
use crate::history::History;
use crate::t;

/// More names than this in a row are counted rather than listed.
const MOST_NAMES: usize = 6;

/// Names with commas between them; of many, the first few and how many more there are.
pub fn list<S: AsRef<str>>(names: &[S]) -> String {
    // "and 1 more" would be no shorter than the name.
    let shown = if names.len() > MOST_NAMES + 1 {
        MOST_NAMES
    } else {
        names.len()
    };
    let (shown, more) = names.split_at(shown);
    let joined = shown
        .iter()
        .map(AsRef::as_ref)
        .collect::<Vec<_>>()
        .join(", ");
    if more.is_empty() {
        joined
    } else {
        t!("list-more", names = joined, count = more.len())
    }
}

/// An exchange's name; the default exchange's own is empty (E2), so it is called what it is.
pub fn exchange_name(name: &str) -> String {
    if name.is_empty() {
        t!("default-exchange")
    } else {
        name.to_owned()
    }
}

pub(super) fn exchange(id: ExchangeId, definitions: &Definitions) -> String {
    exchange_name(definitions.exchange_name(id))
}

/// What a message is called: its routing key or, where that is empty, its number.
pub fn message_name(id: MessageId, history: &History) -> String {
    match history.message(id) {
        Some(publication) => published_name(id, publication),
        None => t!("message-number", number = id.0),
    }
}

pub(super) fn published_name(id: MessageId, publication: &Publication) -> String {
    if publication.routing_key.is_empty() {
        t!("message-number", number = id.0)
    } else {
        publication.routing_key.to_string()
    }
}

/// What a copy is called: its message's number and, if the message has several copies, a letter for each.
pub fn copy_name(copy: CopyId, history: &History) -> String {
    let Some((message, copies)) = history.routing_of(copy) else {
        return "?".to_owned();
    };
    match copies.iter().position(|routed| routed.copy == copy) {
        Some(place) if copies.len() > 1 => format!("{message}{}", letters(place)),
        _ => message.to_string(),
    }
}

/// `a` to `z`, then `aa`, `ab` and so on.
fn letters(mut place: usize) -> String {
    let mut reversed = Vec::new();
    loop {
        // Less than 26, so it fits.
        reversed.push(char::from(b'a' + (place % 26) as u8));
        match (place / 26).checked_sub(1) {
            Some(rest) => place = rest,
            None => return reversed.into_iter().rev().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_after_z() {
        let named: Vec<_> = [0, 1, 25, 26, 27, 51, 52, 701, 702]
            .map(letters)
            .into_iter()
            .collect();
        assert_eq!(named, ["a", "b", "z", "aa", "ab", "az", "ba", "zz", "aaa"]);
    }

    #[test]
    fn a_long_list_is_cut_and_counted() {
        assert_eq!(list(&["a", "b"]), "a, b");
        assert_eq!(
            list(&["a", "b", "c", "d", "e", "f", "g"]),
            "a, b, c, d, e, f, g"
        );
        assert_eq!(
            list(&["a", "b", "c", "d", "e", "f", "g", "h"]),
            "a, b, c, d, e, f and 2 more"
        );
    }
}
