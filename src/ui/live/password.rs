//! A password for a lesson: easy to read from a wall, to say and to type on any keyboard.

use std::hash::{BuildHasher, RandomState};

/// Short words that are hard to take for each other. None has a letter that only some keyboards have.
const WORDS: [&str; 64] = [
    "acorn", "amber", "apple", "arrow", "badge", "bacon", "banjo", "basil", "beach", "berry",
    "birch", "bread", "brick", "brush", "cabin", "candle", "canoe", "cedar", "chalk", "cherry",
    "clover", "cobalt", "copper", "coral", "cotton", "crane", "daisy", "delta", "desk", "dove",
    "eagle", "ember", "fern", "flute", "forest", "fossil", "garden", "ginger", "glove", "grape",
    "harbor", "hazel", "heron", "ivory", "kettle", "lantern", "lemon", "lilac", "linen", "lotus",
    "magnet", "maple", "marble", "meadow", "melon", "mint", "olive", "otter", "panda", "pepper",
    "pollen", "raven", "river", "saddle",
];

/// Two words and a number, at random.
pub(super) fn password() -> String {
    // The standard library's hasher is seeded by the system, anew each time.
    let chance = RandomState::new().hash_one(0_u8);
    let word = |shift: u32| WORDS[(chance >> shift) as usize % WORDS.len()];
    format!("{}-{}-{}", word(0), word(16), 10 + (chance >> 32) % 90)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_two_words_and_a_number_and_another_each_time() {
        let first = password();
        let parts: Vec<_> = first.split('-').collect();
        assert_eq!(parts.len(), 3, "{first}");
        assert!(
            parts[..2].iter().all(|part| WORDS.contains(part)),
            "{first}"
        );
        assert!(parts[2].len() == 2 && parts[2].parse::<u8>().is_ok());
        assert!((0..20).any(|_| password() != first));
    }
}
