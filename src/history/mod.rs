//! What happened so far, and the way back: every input and event, and a snapshot of the world now and then.
//!
//! Going back is always the same: the nearest snapshot, then replay. Scrubbing, asking about the past and acting in it
//! use this one mechanism.
//!
//! Who only wants to tell what happens, and never goes back, has [`Recent`], which keeps what is under way and no more.

mod recall;
mod recent;
mod run;
mod snapshots;
mod tail;

pub use recall::{Made, Recall, Stay};
pub use recent::Recent;
pub use run::{History, Step};
pub use snapshots::Snapshots;
pub use tail::Tail;
