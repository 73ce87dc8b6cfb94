//! Copies of a state kept now and then, so that any earlier state is near one.

/// States by their position in a sequence of steps.
#[derive(Clone, Debug)]
pub struct Snapshots<S> {
    kept: Vec<(usize, S)>,
    /// Steps between two snapshots, at least.
    spacing: usize,
    /// Before this position there is nothing to be kept, so nothing needs to be weighed.
    due: usize,
    /// Whether the next state that is offered is kept, whatever it weighs.
    soon: bool,
}

impl<S: Clone> Snapshots<S> {
    /// Begins with the state before the first step.
    pub fn new(start: S, spacing: usize) -> Self {
        let spacing = spacing.max(1);
        Self {
            kept: vec![(0, start)],
            spacing,
            due: spacing,
            soon: false,
        }
    }

    /// Keeps the state after `position` steps, unless one near it is kept already. A state of `weight` entries is
    /// kept no more often than it has entries, so that keeping costs no more than stepping.
    pub fn offer(&mut self, position: usize, weight: usize, state: impl FnOnce() -> S) {
        self.offer_weighed(position, || weight, state);
    }

    /// The same for a state whose weight takes a while to find.
    pub fn offer_weighed(
        &mut self,
        position: usize,
        weigh: impl FnOnce() -> usize,
        state: impl FnOnce() -> S,
    ) {
        if std::mem::take(&mut self.soon) && position > self.last() {
            self.kept.push((position, state()));
            self.due = position + self.spacing;
            return;
        }
        if position < self.due {
            return;
        }
        self.due = self.last() + self.spacing.max(weigh());
        if position >= self.due {
            self.kept.push((position, state()));
            self.due = position + self.spacing;
        }
    }

    /// Keeps the next state that is offered.
    pub fn keep_soon(&mut self) {
        self.soon = true;
    }

    fn last(&self) -> usize {
        self.kept.last().map_or(0, |&(position, _)| position)
    }

    /// A state to begin from on the way to `position`, and its own position: the last one kept at or before it, or
    /// `earlier` if that is nearer, or so near that going on from there costs less than a copy.
    pub fn nearest(&self, position: usize, earlier: Option<(usize, S)>) -> (usize, S) {
        let after = self.kept.partition_point(|&(kept, _)| kept <= position);
        // There is always one: the first at 0 or, once the oldest are forgotten, the first that is left.
        let (kept, state) = &self.kept[after.saturating_sub(1)];
        let is_near = |at: usize| at >= *kept || position - at <= 2 * self.spacing;
        let nearer = earlier.filter(|&(at, _)| at <= position && is_near(at));
        nearer.unwrap_or_else(|| (*kept, state.clone()))
    }

    /// Forgets what is of no use on the way to `position` or any later one; the position of the first that is left.
    pub fn forget_before(&mut self, position: usize) -> usize {
        let after = self.kept.partition_point(|&(kept, _)| kept <= position);
        self.kept.drain(..after.saturating_sub(1));
        self.kept.first().map_or(0, |&(first, _)| first)
    }

    /// Forgets what was kept after `position`.
    pub fn truncate(&mut self, position: usize) {
        let after = self.kept.partition_point(|&(kept, _)| kept <= position);
        self.kept.truncate(after.max(1));
        self.due = self.last() + self.spacing;
    }
}
