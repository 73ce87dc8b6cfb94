//! What clients are called, each otherwise than all others.

use std::collections::{BTreeMap, BTreeSet};

use crate::broker::Name;

/// The names that are taken.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// What each client is called, with what it would be called if it were alone, and its number among those.
    taken: BTreeMap<Name, (Name, u64)>,
    /// The numbers that are taken, of each name that several would have.
    numbers: BTreeMap<Name, BTreeSet<u64>>,
}

impl Names {
    /// Takes a name; if it is taken, with the least number that is free, from 2.
    pub(super) fn take(&mut self, wanted: Name) -> Name {
        let numbers = self.numbers.entry(wanted.clone()).or_default();
        let mut number = 1;
        let name = loop {
            while numbers.contains(&number) {
                number += 1;
            }
            let name = match number {
                1 => wanted.clone(),
                _ => format!("{wanted} {number}").into(),
            };
            // Somebody may be called just so.
            if !self.taken.contains_key(&name) {
                break name;
            }
            number += 1;
        };
        numbers.insert(number);
        self.taken.insert(name.clone(), (wanted, number));
        name
    }

    /// Gives a name back, for others to take.
    pub(super) fn give_back(&mut self, name: &Name) {
        let Some((wanted, number)) = self.taken.remove(name) else {
            return;
        };
        if let Some(numbers) = self.numbers.get_mut(&wanted) {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.numbers.remove(&wanted);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_under_a_name_that_is_taken_has_the_least_free_number() {
        let mut names = Names::default();
        let mut take = |name: &str| names.take(name.into()).to_string();
        assert_eq!(take("ann"), "ann");
        assert_eq!(take("ann"), "ann 2");
        assert_eq!(take("ann 3"), "ann 3");
        assert_eq!(take("ann"), "ann 4");
        assert_eq!(take("ann 2"), "ann 2 2");
        names.give_back(&"ann 2".into());
        names.give_back(&"ann".into());
        let mut take = |name: &str| names.take(name.into()).to_string();
        assert_eq!(take("ann"), "ann");
        assert_eq!(take("ann"), "ann 2");
        for name in ["ann", "ann 2", "ann 3", "ann 4", "ann 2 2"] {
            names.give_back(&name.into());
        }
        assert!(names.taken.is_empty() && names.numbers.is_empty());
    }
}
