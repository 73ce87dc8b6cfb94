//! Octets in text: AMQP's strings may hold any, while names and texts here are Unicode.
//!
//! What is UTF-8 is itself. Any other octet is a character of its own, from `FIRST` on, in a place that Unicode leaves to
//! private use; so is each octet of such a character, were it to come in. So two strings are one text only if they are the
//! same octets, and the octets can be had back.

use std::borrow::Cow;

use super::Name;

/// The character of octet 0.
const FIRST: u32 = 0x0010_FE00;

/// Octets as text.
pub fn read(octets: &[u8]) -> Name {
    match std::str::from_utf8(octets) {
        Ok(text) if is_text(text) => text.into(),
        _ => spelled(octets).into(),
    }
}

fn spelled(octets: &[u8]) -> String {
    let mut text = String::new();
    let spell = |octets: &[u8], text: &mut String| {
        text.extend(
            octets
                .iter()
                .filter_map(|&octet| char::from_u32(FIRST + u32::from(octet))),
        );
    };
    for chunk in octets.utf8_chunks() {
        for character in chunk.valid().chars() {
            match octet(character) {
                None => text.push(character),
                Some(_) => spell(character.encode_utf8(&mut [0; 4]).as_bytes(), &mut text),
            }
        }
        spell(chunk.invalid(), &mut text);
    }
    text
}

/// The octets of a text.
pub fn write(text: &str) -> Cow<'_, [u8]> {
    // Such a character begins with this octet, and hardly anything else does.
    if !text.as_bytes().contains(&0xF4) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut octets = Vec::with_capacity(text.len());
    for character in text.chars() {
        match octet(character) {
            Some(octet) => octets.push(octet),
            None => octets.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Cow::Owned(octets)
}

/// Whether a text is no more than what it says: no character in it stands for another octet.
pub fn is_text(text: &str) -> bool {
    !text.as_bytes().contains(&0xF4) || !text.chars().any(|it| octet(it).is_some())
}

/// The octet that a character stands for, if it stands for one that is no text.
pub fn octet(character: char) -> Option<u8> {
    u8::try_from(u32::from(character).checked_sub(FIRST)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    #[test]
    fn text_is_itself_and_other_octets_are_characters_of_their_own() {
        assert_eq!(read("caffè".as_bytes()), "caffè");
        let name = read(b"a\xFFb");
        assert_eq!(name.chars().count(), 3);
        assert_eq!(*write(&name), *b"a\xFFb");
    }

    proptest! {
        #[test]
        fn octets_come_back(octets in prop::collection::vec(any::<u8>(), 0..40)) {
            let text = read(&octets);
            prop_assert_eq!(&*write(&text), &octets);
        }

        /// Be it that an application uses the very characters that stand for octets.
        #[test]
        fn so_does_any_text(text in "[a\u{10FE00}-\u{10FFFF}é]{0,8}") {
            let read = read(text.as_bytes());
            prop_assert_eq!(&*write(&read), text.as_bytes());
        }
    }
}
