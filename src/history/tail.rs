//! A list whose oldest entries can be forgotten.

/// A list that grows at its end and may forget its beginning. An entry's place counts all there ever were, so it stays
/// the same.
#[derive(Clone, Debug)]
pub struct Tail<T> {
    first: usize,
    kept: Vec<T>,
}

impl<T> Default for Tail<T> {
    fn default() -> Self {
        Self {
            first: 0,
            kept: Vec::new(),
        }
    }
}

impl<T> Tail<T> {
    /// How many there ever were: the place of the next.
    pub fn len(&self) -> usize {
        self.first + self.kept.len()
    }

    /// Whether there never were any.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of the oldest that is kept.
    pub fn first(&self) -> usize {
        self.first
    }

    /// The one at a place, if it is kept.
    pub fn get(&self, place: usize) -> Option<&T> {
        self.kept.get(place.checked_sub(self.first)?)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        self.kept.get_mut(place.checked_sub(self.first)?)
    }

    /// The latest, if it is kept.
    pub fn last(&self) -> Option<&T> {
        self.kept.last()
    }

    /// All that are kept.
    pub fn kept(&self) -> &[T] {
        &self.kept
    }

    /// All that are kept, to be changed.
    pub fn kept_mut(&mut self) -> &mut [T] {
        &mut self.kept
    }

    /// Those that are kept from a place on.
    pub fn from(&self, place: usize) -> &[T] {
        let start = place.saturating_sub(self.first).min(self.kept.len());
        &self.kept[start..]
    }

    /// Those that are kept from one place to another, the latter not included.
    pub fn between(&self, from: usize, to: usize) -> &[T] {
        let rest = self.from(from);
        let count = to.saturating_sub(from.max(self.first)).min(rest.len());
        &rest[..count]
    }

    /// Appends one.
    pub fn push(&mut self, entry: T) {
        self.kept.push(entry);
    }

    /// Appends several.
    pub fn extend(&mut self, entries: impl IntoIterator<Item = T>) {
        self.kept.extend(entries);
    }

    /// The first place at which a predicate does not hold, if those for which it does come first. What is forgotten is
    /// taken to be among them.
    pub fn partition_point(&self, predicate: impl FnMut(&T) -> bool) -> usize {
        self.first + self.kept.partition_point(predicate)
    }

    /// Takes back all from a place on.
    pub fn truncate(&mut self, len: usize) {
        self.kept.truncate(len.saturating_sub(self.first));
    }

    /// Forgets all before a place.
    pub fn forget_before(&mut self, place: usize) {
        let count = place.saturating_sub(self.first).min(self.kept.len());
        self.kept.drain(..count);
        self.first += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_keeps_its_place() {
        let mut tail = Tail::default();
        tail.extend(0..10);
        tail.forget_before(4);
        assert_eq!((tail.first(), tail.len()), (4, 10));
        assert!(tail.get(3).is_none());
        assert_eq!(tail.get(4), Some(&4));
        assert_eq!(tail.from(8), [8, 9]);
        assert_eq!(tail.from(0), [4, 5, 6, 7, 8, 9]);
        assert!(tail.from(99).is_empty());
        assert_eq!(tail.between(2, 6), [4, 5]);
        assert_eq!(tail.partition_point(|&it| it < 7), 7);
        assert_eq!(tail.partition_point(|&it| it < 2), 4);
        tail.truncate(6);
        tail.push(60);
        assert_eq!(tail.kept(), [4, 5, 60]);
        tail.truncate(2);
        assert_eq!((tail.len(), tail.kept().len()), (4, 0));
    }
}
