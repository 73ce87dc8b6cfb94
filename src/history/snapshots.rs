//! Copies of a state kept now and then, so that any earlier state is near one.

/// States by their position in a sequence of steps.
#[derive(Clone, Debug)]
pub struct Snapshots<S> {
    kept: Vec<(usize, S)>,
    /// Steps between two snapshots, at least.
    spacing: usize,
}

impl<S: Clone> Snapshots<S> {
    /// Begins with the state before the first step.
    pub fn new(start: S, spacing: usize) -> Self {
        Self {
            kept: vec![(0, start)],
            spacing: spacing.max(1),
        }
    }

    /// Keeps the state after `position` steps, unless one near it is kept already. A state of `weight` entries is
    /// kept no more often than it has entries, so that keeping costs no more than stepping.
    pub fn offer(&mut self, position: usize, weight: usize, state: impl FnOnce() -> S) {
        let last = self.kept.last().map_or(0, |&(position, _)| position);
        if position >= last + self.spacing.max(weight) {
            self.kept.push((position, state()));
        }
    }

    /// The last state kept at or before `position`, and its own position.
    pub fn nearest(&self, position: usize) -> (usize, S) {
        let after = self.kept.partition_point(|&(kept, _)| kept <= position);
        // The first is kept at 0, so there is always one.
        let (kept, state) = &self.kept[after.saturating_sub(1)];
        (*kept, state.clone())
    }

    /// Forgets what was kept after `position`.
    pub fn truncate(&mut self, position: usize) {
        let after = self.kept.partition_point(|&(kept, _)| kept <= position);
        self.kept.truncate(after.max(1));
    }
}
