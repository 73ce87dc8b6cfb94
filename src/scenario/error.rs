//! What is wrong with a scenario, told so that it can be put right.

use std::fmt;

use super::definitions::{VhostSize, quoted};
use super::source::Place;
use crate::t;
use crate::words::plain;

/// One thing that is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it begins.
    pub place: Place,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The line of the file and, under it, carets; for a monospaced face.
    pub excerpt: String,
}

/// Why a scenario was not loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The file could not be read at all.
    #[error("{}: {what}\n   {hint}", plain(file))]
    Unreadable {
        /// The file, as it was asked for.
        file: String,
        /// What is wrong with it.
        what: String,
        /// What to do about it.
        hint: String,
    },
    /// The file was read, and all that is wrong in it was found.
    #[error("{}", Listing { file, problems, left_out: *left_out })]
    Faulty {
        /// The file.
        file: String,
        /// What is wrong, in the file's order.
        problems: Vec<Problem>,
        /// How many more problems there are than are listed.
        left_out: usize,
    },
    /// The file is of several virtual hosts, and a world is one of them.
    #[error("{}: {}\n   {}", plain(file), t!("definitions-several-vhosts", names = used(vhosts)), t!("definitions-several-vhosts-hint"))]
    Undecided {
        /// The file.
        file: String,
        /// Those there are.
        vhosts: Vec<VhostSize>,
    },
}

/// The names of the virtual hosts in which something is declared.
fn used(vhosts: &[VhostSize]) -> String {
    let used = vhosts.iter().filter(|vhost| !vhost.is_empty());
    quoted(used.map(|vhost| &vhost.name))
}

impl LoadError {
    /// The file, as it was asked for.
    pub fn file(&self) -> &str {
        match self {
            Self::Unreadable { file, .. }
            | Self::Faulty { file, .. }
            | Self::Undecided { file, .. } => file,
        }
    }

    /// What is wrong inside the file; empty if it could not be read.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Unreadable { .. } | Self::Undecided { .. } => &[],
            Self::Faulty { problems, .. } => problems,
        }
    }
}

/// All problems, each as `file:line:column: what`, its excerpt and its hint.
struct Listing<'e> {
    file: &'e str,
    problems: &'e [Problem],
    left_out: usize,
}

impl fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let Place { line, column } = problem.place;
            let gap = if index == 0 { "" } else { "\n\n" };
            let file = plain(self.file);
            write!(f, "{gap}{file}:{line}:{column}: {}", problem.what)?;
            write!(f, "\n{}", problem.excerpt)?;
            if let Some(hint) = &problem.hint {
                write!(f, "\n   {hint}")?;
            }
        }
        match self.left_out {
            0 => Ok(()),
            more => write!(f, "\n\n{}", t!("file-more", file = self.file, count = more)),
        }
    }
}
