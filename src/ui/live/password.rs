//! A password for a lesson: easy to read from a wall, to say and to type, and beyond guessing.

use std::hash::{BuildHasher, RandomState};

/// Sixteen consonants and four vowels: words that can be spoken, after "A Proposal for Proquints" (Wilkerson, 2009), without
/// `j`, which looks like `i` from afar, and `u`, which looks like `v`. A consonant is four bits, a vowel two.
const CONSONANTS: [char; 16] = [
    'b', 'd', 'f', 'g', 'h', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'w', 'z',
];
const VOWELS: [char; 4] = ['a', 'e', 'i', 'o'];
/// Each of the words is such a pattern: a consonant where it says so.
const WORD: [bool; 5] = [true, false, true, false, true];
const WORDS: usize = 4;

/// Four short words that can be spoken, at random.
pub(super) fn password() -> String {
    // The standard library's hasher is seeded by the system, with more than is taken from it here.
    spelled(RandomState::new().hash_one(0_u8))
}

fn spelled(mut chance: u64) -> String {
    let mut take = |letters: &[char]| {
        let count = letters.len() as u64;
        let letter = letters.get((chance % count) as usize);
        chance /= count;
        letter.copied().unwrap_or_default()
    };
    let words = (0..WORDS).map(|_| {
        let letters = WORD.map(|is_consonant| match is_consonant {
            true => take(&CONSONANTS),
            false => take(&VOWELS),
        });
        String::from_iter(letters)
    });
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::collections::BTreeSet;

    #[test]
    fn a_password_has_sixty_bits_of_chance_and_more() {
        let letters = WORD.map(|is_consonant| match is_consonant {
            true => CONSONANTS.iter().collect::<BTreeSet<_>>().len(),
            false => VOWELS.iter().collect::<BTreeSet<_>>().len(),
        });
        let word: f64 = letters.iter().map(|&count| (count as f64).log2()).sum();
        assert!(word * WORDS as f64 >= 60.0);
        // And all of what is spelled counts: each bit of chance makes another password.
        let bits = (0..64).map(|bit| spelled(1 << bit));
        assert_eq!(bits.chain([spelled(0)]).collect::<BTreeSet<_>>().len(), 65);
    }

    #[test]
    fn a_password_is_four_words_and_another_each_time() {
        assert_eq!(spelled(0), "babab-babab-babab-babab");
        assert_eq!(spelled(u64::MAX), "zozoz-zozoz-zozoz-zozoz");
        let many: BTreeSet<_> = (0..1_000).map(|_| password()).collect();
        assert_eq!(many.len(), 1_000);
        // At each place, all that there is.
        for (place, is_consonant) in WORD.into_iter().enumerate() {
            let there: BTreeSet<_> = many.iter().filter_map(|it| it.chars().nth(place)).collect();
            let all = if is_consonant { 16 } else { 4 };
            assert_eq!(there.len(), all, "at {place}");
        }
    }
}
