//! What things are called in a sentence.

use std::ops::Deref;

use crate::broker::{CopyId, Definitions, Destination, ExchangeId, MessageId, Name, Publication};
use crate::history::{Made, Recall};
use crate::t;
use crate::world::World;

use super::label::message_label;
use super::shown;

/// More names than this in a row are counted rather than listed.
const MOST_NAMES: usize = 6;

/// No label in a sentence has more characters than this.
const LONGEST_LABEL: usize = 40;

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

/// Names of queues, keys and the like, as they are shown.
pub fn list_names<S: Deref<Target = str>>(names: &[S]) -> String {
    let names: Vec<_> = names.iter().map(|name| shown(name)).collect();
    list(&names)
}

/// An exchange's name; the default exchange's own is empty (E2), so it is called what it is.
pub fn exchange_name(name: &str) -> String {
    if name.is_empty() {
        t!("default-exchange")
    } else {
        shown(name).into_owned()
    }
}

/// What a binding leads to.
pub fn destination_name(to: Destination, definitions: &Definitions) -> String {
    let name = definitions.destination_name(to);
    match to {
        Destination::Queue(_) => shown(name).into_owned(),
        Destination::Exchange(_) => exchange_name(name),
    }
}

pub(super) fn exchange(id: ExchangeId, definitions: &Definitions) -> String {
    exchange_name(definitions.exchange_name(id))
}

/// What a message is called: its number and its label, as in `3 (kern.error)`.
pub(super) fn message_name(id: MessageId, history: &dyn Recall) -> String {
    let label = label(id, history);
    named(&id.to_string(), &label)
}

/// What a message is called that is yet to be published: it has no number.
pub(super) fn new_message_name(publication: &Publication, world: &World) -> String {
    named(&t!("message-new"), &message_label(publication, world))
}

/// What a copy is called: as its message, and with a letter if it has sisters before or beside it, as in
/// `3b (kern.error)`. What happens later, such as that it dies and is routed again, does not change its name.
pub fn copy_name(copy: CopyId, history: &dyn Recall) -> String {
    let Some(made) = history.made(copy) else {
        return "?".to_owned();
    };
    let Made {
        message,
        before,
        together,
    } = made;
    let label = label(message, history);
    if before == 0 && together == 1 {
        return named(&message.to_string(), &label);
    }
    named(&format!("{message}{}", letters(before)), &label)
}

fn label(message: MessageId, history: &dyn Recall) -> Name {
    let publication = history.message(message);
    publication.map_or_else(Name::default, |publication| {
        message_label(publication, history.head())
    })
}

fn named(number: &str, label: &str) -> String {
    // That there is no label need not be said beside a number.
    if label.is_empty() || *label == *shown("") {
        number.to_owned()
    } else {
        t!("message-named", number = number, label = short(label))
    }
}

/// A label for a sentence, cut if it is long.
pub(super) fn short(label: &str) -> String {
    if label.chars().count() <= LONGEST_LABEL {
        return label.to_owned();
    }
    let kept: String = label.chars().take(LONGEST_LABEL - 1).collect();
    format!("{}…", kept.trim_end())
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
    fn a_long_label_is_cut_and_an_empty_one_left_out() {
        assert_eq!(named("3", "kern.error"), "3 (kern.error)");
        assert_eq!(named("3", ""), "3");
        assert_eq!(named("3", &shown("")), "3");
        assert_eq!(short(&"ä".repeat(40)), "ä".repeat(40));
        assert_eq!(short(&"ä".repeat(41)), format!("{}…", "ä".repeat(39)));
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
