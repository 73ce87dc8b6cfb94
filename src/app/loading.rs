//! Opening a file, which may take a while: what is asked for, and what comes of it.

use std::path::{Path, PathBuf};

use crate::broker::Name;
use crate::scenario::{LoadError, Scenario, load_path_in};
use crate::words::{LANGUAGE, put_right, refused};

use super::{Comparing, Run};

/// A file that is being opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The file.
    pub path: PathBuf,
    /// Of several virtual hosts in it, the one that is meant.
    pub vhost: Option<Name>,
}

/// A scenario and its run, of which nothing has happened yet.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The scenario.
    pub scenario: Scenario,
    /// Its run.
    pub run: Run,
    /// The other side, if it compares two.
    pub comparing: Option<Comparing>,
}

impl From<PathBuf> for Opening {
    fn from(path: PathBuf) -> Self {
        Self { path, vhost: None }
    }
}

impl Opening {
    /// Reads the file and builds its world; of a large one this takes seconds.
    ///
    /// # Errors
    /// What is wrong with it, or which virtual hosts there are to choose from.
    pub fn load(&self) -> Result<Loaded, LoadError> {
        let scenario = load_path_in(&self.path, self.vhost.as_deref())?;
        Loaded::new(scenario)
    }

    /// The file's name without its folder.
    pub fn name(&self) -> String {
        let name = self.path.file_name().map(Path::new);
        name.unwrap_or(&self.path).display().to_string()
    }
}

impl Loaded {
    /// Builds a scenario's world.
    ///
    /// # Errors
    /// When no broker would accept its setup.
    pub fn new(scenario: Scenario) -> Result<Self, LoadError> {
        match Run::of(&scenario) {
            Ok((run, comparing)) => Ok(Self {
                scenario,
                run,
                comparing,
            }),
            Err(error) => Err(LoadError::Unreadable {
                file: scenario.title.get(LANGUAGE).to_owned(),
                what: refused(&error),
                hint: put_right(&error),
            }),
        }
    }
}
