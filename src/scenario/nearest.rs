//! "Did you mean …?"

/// Longer names are not compared: nobody mistypes them in only a letter or two, and comparing costs their product.
const LONGEST: usize = 64;

/// The candidate that was most likely meant by `wanted`, if one is near enough.
pub(crate) fn nearest<'c>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let wanted: Vec<char> = lowercase(wanted);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let letters = lowercase(candidate);
            let longer = letters.len().max(wanted.len());
            // One slip in a short word, more in a long one.
            let allowed = (longer / 3).clamp(1, 4);
            if longer > LONGEST || letters.len().abs_diff(wanted.len()) > allowed {
                return None;
            }
            let distance = distance(&wanted, &letters);
            // "a" and "b" are one letter apart and yet nothing alike.
            (distance <= allowed && distance < letters.len()).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

fn lowercase(word: &str) -> Vec<char> {
    word.chars().flat_map(char::to_lowercase).collect()
}

/// Letters to insert, drop, change or swap with their neighbour to get from one word to the other.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in b.iter().enumerate() {
            let changed = last[j] + usize::from(letter != other);
            let mut best = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == b[j - 1] && a[i - 1] == *other {
                best = best.min(before_last[j - 1] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_another_word_does_not() {
        let names = ["errors", "kernel", "all", ""];
        assert_eq!(nearest("error", names), Some("errors"));
        assert_eq!(nearest("kenrel", names), Some("kernel"));
        assert_eq!(nearest("Errors", names), Some("errors"));
        assert_eq!(nearest("al", names), Some("all"));
        assert_eq!(nearest("security", names), None);
        assert_eq!(nearest("a", ["b"]), None);
        assert_eq!(nearest("", names), None);
    }
}
