//! What a sentence about an event asks of the run before it.

use std::sync::Arc;

use crate::broker::{CopyId, EventId, MessageId, Micros, Publication};
use crate::world::http::{Caller, Of, RequestId};
use crate::world::{Event, World};

/// A run that remembers, all of it or at least what is still under way.
pub trait Recall {
    /// The world at the run's furthest point.
    fn head(&self) -> &World;

    /// The event with that number.
    fn event(&self, id: EventId) -> Option<&Event>;

    /// What happened after an event, at least in the same step.
    fn after(&self, id: EventId) -> &[Event];

    /// The message with that number, as it was published.
    fn message(&self, id: MessageId) -> Option<&Arc<Publication>>;

    /// How a copy came about.
    fn made(&self, copy: CopyId) -> Option<Made>;

    /// Which HTTP request it is, and who sent it.
    fn request(&self, id: RequestId) -> Option<(Of, Caller)>;

    /// How a copy that died with that event had lain in its queue, if its message had a time to live.
    fn stay(&self, copy: CopyId, death: EventId) -> Option<Stay>;
}

/// How a copy came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// What it is a copy of.
    pub message: MessageId,
    /// How many copies of that message there were before it.
    pub before: usize,
    /// How many were made together with it, itself among them.
    pub together: usize,
}

/// How a copy lay in its queue since it came there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// When its time to live was over.
    pub due: Micros,
    /// When it came back last from one who held it.
    pub returned: Option<Micros>,
    /// When the broker came up last meanwhile.
    pub started: Option<Micros>,
}
