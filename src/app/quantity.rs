//! What can be plotted over time.

use crate::compare::Comparison;

/// A number of both sides that is plotted over time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantity {
    /// Users who were told that all is well, a second.
    Answered,
    /// Users who were told that it is not, or gave up, a second.
    Failed,
    /// Orders that were accepted and will never be done.
    Lost,
    /// Users who wait.
    Waiting,
    /// Orders that are accepted and not done yet.
    ToDo,
    /// How long users wait: the median, and what 95 and 99 of 100 wait at most.
    #[default]
    UserWait,
    /// After how long orders are really done, in the same way.
    DoneAfter,
    /// How many workers of the first service are held.
    Held,
    /// What was tried again, a second: requests, and deliveries.
    Retries,
    /// Work that was done once more, a second.
    Duplicates,
    /// Orders that were done within the deadline, a second.
    InTime,
    /// Orders done a second whose users were not told that they failed; with a deadline, in time.
    Goodput,
}

impl Quantity {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 12] = [
        Self::InTime,
        Self::Answered,
        Self::Failed,
        Self::Lost,
        Self::Waiting,
        Self::ToDo,
        Self::UserWait,
        Self::DoneAfter,
        Self::Held,
        Self::Retries,
        Self::Duplicates,
        Self::Goodput,
    ];

    /// Those that a comparison has.
    pub fn of(comparison: &Comparison) -> impl Iterator<Item = Self> {
        let has_deadline = comparison.deadline.is_some();
        let all = Self::ALL.into_iter();
        all.filter(move |&quantity| quantity != Self::InTime || has_deadline)
    }

    /// Whether more of it is better, or less.
    #[must_use]
    pub fn is_good(self) -> bool {
        matches!(self, Self::Answered | Self::InTime | Self::Goodput)
    }
}
