//! Whatever is in a file, it loads or there is an error: nothing panics.

use proptest::prelude::*;

use super::{COMPARISON, EVERYTHING, without_places};
use crate::compare::Side;
use crate::scenario::{load_bytes, load_str};
use crate::world::World;

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    for text in [EVERYTHING, COMPARISON] {
        let text = text.trim_end();
        for (offset, _) in text.char_indices() {
            assert!(load_str("cut.ron", &text[..offset]).is_err(), "at {offset}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = load_bytes("any", &bytes).map_err(|error| error.to_string());
    }

    #[test]
    fn no_signs_make_it_panic(text in "[(){}\\[\\]:,\"\\\\/*a-c0-9.r#è \n-]{0,80}") {
        let _ = load_str("any", &text).map_err(|error| error.to_string());
    }

    /// Pieces of a good file dropped, doubled or put elsewhere: an error has its place, and what loads makes a world and can be saved.
    #[test]
    fn a_mutilated_file_is_refused_or_saved(
        text in prop::sample::select(&[EVERYTHING, COMPARISON][..]),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, any::<prop::sample::Index>(), any::<bool>()), 1..4),
    ) {
        let mut signs: Vec<char> = text.chars().collect();
        for (from, length, to, keep) in cuts {
            let start = from.index(signs.len());
            let end = (start + length).min(signs.len());
            let piece: Vec<char> = signs[start..end].to_vec();
            if !keep {
                signs.drain(start..end);
            }
            let to = to.index(signs.len());
            signs.splice(to..to, piece);
        }
        let text: String = signs.into_iter().collect();
        match load_str("mutilated", &text) {
            Ok(scenario) => {
                prop_assert!(World::new(&scenario.setup).is_ok());
                let http = scenario.comparison.as_ref().map(|it| World::new(&it.setup(Side::Http)).is_ok());
                prop_assert_ne!(http, Some(false));
                let again = load_str("mutilated", &scenario.to_ron()).map_err(|error| error.to_string());
                prop_assert_eq!(again.map(without_places), Ok(without_places(scenario)));
            }
            Err(error) => {
                prop_assert!(!error.problems().is_empty());
                prop_assert!(error.to_string().starts_with("mutilated:"));
            }
        }
    }
}
