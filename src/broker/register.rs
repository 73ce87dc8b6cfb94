//! Things by their numbers, which are given once and never again, though the things themselves may be forgotten.

use std::ops::{Index, IndexMut};

/// So many things are kept together. What is left of them, once all are forgotten, is an empty list.
const TOGETHER: usize = 64;

/// A table of things by number. Looking one up takes the same time however many there were, and what is forgotten takes
/// next to no room.
#[derive(Clone, Debug)]
pub struct Register<T> {
    chunks: Vec<Vec<Option<T>>>,
    given: usize,
}

impl<T> Default for Register<T> {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            given: 0,
        }
    }
}

impl<T> Register<T> {
    /// How many numbers have been given, which is the next one that will be.
    pub fn given(&self) -> usize {
        self.given
    }

    /// The thing with that number, unless it was forgotten or never there.
    pub fn get(&self, number: usize) -> Option<&T> {
        let chunk = self.chunks.get(number / TOGETHER)?;
        chunk.get(number % TOGETHER)?.as_ref()
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, number: usize) -> Option<&mut T> {
        let chunk = self.chunks.get_mut(number / TOGETHER)?;
        chunk.get_mut(number % TOGETHER)?.as_mut()
    }

    /// Takes the next number for a thing.
    pub(super) fn push(&mut self, thing: T) {
        if self.given.is_multiple_of(TOGETHER) {
            self.chunks.push(Vec::new());
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push(Some(thing));
        }
        self.given += 1;
    }

    /// Forgets a thing. Its number is not given again.
    pub(super) fn forget(&mut self, number: usize) {
        let Some(chunk) = self.chunks.get_mut(number / TOGETHER) else {
            return;
        };
        if let Some(place) = chunk.get_mut(number % TOGETHER) {
            *place = None;
        }
        // Only a full one: the next number of another is its length.
        if chunk.len() == TOGETHER && chunk.iter().all(Option::is_none) {
            *chunk = Vec::new();
        }
    }

    /// All that is not forgotten, in the order of its numbers.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.chunks.iter().flatten().flatten()
    }

    /// The same, to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.chunks.iter_mut().flatten().flatten()
    }
}

/// For numbers whose things are known to be there.
impl<T> Index<usize> for Register<T> {
    type Output = T;

    fn index(&self, number: usize) -> &T {
        &self.chunks[number / TOGETHER][number % TOGETHER].as_slice()[0]
    }
}

impl<T> IndexMut<usize> for Register<T> {
    fn index_mut(&mut self, number: usize) -> &mut T {
        &mut self.chunks[number / TOGETHER][number % TOGETHER].as_mut_slice()[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_and_what_is_forgotten_takes_no_room() {
        let mut register = Register::default();
        for number in 0..1_000 {
            assert_eq!(register.given(), number);
            register.push(number);
        }
        for number in (0..1_000).filter(|it| it % 100 != 7) {
            register.forget(number);
        }
        let left: Vec<_> = register.iter().copied().collect();
        assert_eq!(left, (0..10).map(|it| it * 100 + 7).collect::<Vec<_>>());
        assert_eq!(register.get(107), Some(&107));
        assert_eq!(register.get(106), None);
        assert_eq!(register[907], 907);
        let kept: usize = register.chunks.iter().map(Vec::capacity).sum();
        assert!(kept <= 11 * TOGETHER, "{kept}");
        // The last chunk was not full when all in it were forgotten; the next number is still the next.
        assert_eq!(register.given(), 1_000);
        register.push(1_000);
        assert_eq!(register.get(1_000), Some(&1_000));
        register.forget(5_000);
    }
}
