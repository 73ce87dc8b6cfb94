//! Scenario files: their notation, the loader that finds all that is wrong at once, and those that come with the program.
//!
//! A file goes through three hands: `syntax` makes a tree of it in which everything knows its place, `read` checks
//! the tree and builds the [`Scenario`], and `load` stands round both. docs/scenarios.md is the format's reference.

mod arguments;
pub mod builtin;
mod compared;
pub mod definitions;
mod duration;
mod error;
mod expect;
mod given_up;
mod lesson;
mod load;
mod measured;
pub(crate) mod nearest;
mod read;
mod reader;
mod record;
mod recorded;
mod remedy;
mod save;
mod source;
mod start;
mod syntax;
mod verify;
mod words;

#[cfg(test)]
mod tests;

pub use duration::{DurationError, parse_duration};
pub use error::{LoadError, Problem};
pub use expect::{Bounds, Claim, Expectation};
pub use given_up::told as given_up;
pub use lesson::Lesson;
pub use load::{
    holds_definitions, holds_recording, load_bytes, load_path, load_path_in, load_str, open,
    open_in,
};
pub use recorded::live;
pub use source::Place;
pub use start::Start;
pub use verify::{Failure, verify};
pub use words::Words;

use std::sync::Arc;

use crate::amqp::Spoken;
use crate::broker::Micros;
use crate::compare::Comparison;
use crate::world::Setup;

/// The format's version that this program writes, and the newest it reads.
pub const VERSION: u32 = 1;

/// A scenario: a world, the words about it, and what is expected of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The format's version the file was written in.
    pub version: u32,
    /// What it is called; without one, the file's name.
    pub title: Words,
    /// What it teaches, in a line.
    pub teaches: Words,
    /// What happens in it, in a few sentences.
    pub about: Words,
    /// When the run ends; in an open one, how far a command runs it that is not told.
    pub until: Micros,
    /// Whether it has no end of its own: nobody in it does anything unless a hand does, and no end is given.
    pub open: bool,
    /// The world; of a comparison, its messaging side.
    pub setup: Setup,
    /// The same orders both ways, if that is what the file is about.
    pub comparison: Option<Comparison>,
    /// What one is to find out by the comparison.
    pub lesson: Lesson,
    /// What must hold.
    pub expect: Vec<Expectation>,
    /// RabbitMQ's definitions that it was made from, with all that does not act here.
    pub definitions: Option<Arc<definitions::Document>>,
    /// What of them does not act here, or what of a recording could not be read, in words.
    pub notices: Vec<String>,
    /// Of a recording: what was said on the connections of its clients.
    pub traffic: Arc<Vec<Spoken>>,
}
