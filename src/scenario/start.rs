//! What a window opens on.

use std::path::{Path, PathBuf};

use super::{LoadError, Scenario, builtin, load, open_in};

/// What a window opens on.
#[derive(Clone, Debug)]
pub enum Start {
    /// The first scenario that comes with the program.
    First,
    /// A scenario, and what it was called by: a built-in one's name, or a file's path.
    Scenario(String, Box<Scenario>),
    /// A file that is to be read once the window stands.
    File {
        /// The file.
        path: PathBuf,
        /// Of several virtual hosts in it, the one that is meant.
        vhost: Option<String>,
    },
}

impl Start {
    /// What somebody means who names a scenario or none. A large file would keep a window waiting, so it is left to the
    /// window; and so is the question which of several virtual hosts is meant.
    ///
    /// # Errors
    /// What is wrong with a file that is soon read: it is better told beside the command than in a window that shows
    /// something else.
    pub fn on(name: Option<&str>, vhost: Option<&str>) -> Result<Self, LoadError> {
        let Some(name) = name else {
            return Ok(Self::First);
        };
        let later = || Self::File {
            path: name.into(),
            vhost: vhost.map(str::to_owned),
        };
        if builtin::find(name).is_none() && load::is_large(Path::new(name)) {
            return Ok(later());
        }
        match open_in(name, vhost) {
            Ok(scenario) => Ok(Self::Scenario(name.to_owned(), Box::new(scenario))),
            Err(LoadError::Undecided { .. }) => Ok(later()),
            Err(error) => Err(error),
        }
    }
}
