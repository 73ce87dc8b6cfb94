//! What happened so far, and the way back: every input and event, and a snapshot of the world now and then.
//!
//! Going back is always the same: the nearest snapshot, then replay. Scrubbing, asking about the past and acting in it
//! use this one mechanism.

mod run;
mod snapshots;
mod tail;

pub use run::{History, Step};
pub use snapshots::Snapshots;
pub use tail::Tail;
