//! `leveret check`: whether scenarios can be read, and whether what they expect holds.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::scenario::{
    LoadError, Scenario, builtin, given_up, holds_definitions, holds_recording, load_path,
    load_path_in, load_str, open, verify,
};
use crate::t;

use super::dead_ends::dead_ends;
use super::{Outcome, ProfileArg};

pub(super) fn check(
    paths: &[PathBuf],
    profile: ProfileArg,
    out: &mut impl Write,
) -> anyhow::Result<Outcome> {
    let mut checking = Checking {
        profile,
        ok: 0,
        failed: 0,
        nothing_there: false,
    };
    if paths.is_empty() {
        for builtin in builtin::ALL {
            checking.scenario(builtin.name, load_str(builtin.name, builtin.text), out)?;
        }
    }
    for path in paths {
        checking.path(path, out)?;
    }
    let Checking { ok, failed, .. } = checking;
    writeln!(out, "{}", t!("check-summary", ok = ok, failed = failed))?;
    Ok(checking.outcome())
}

struct Checking {
    profile: ProfileArg,
    ok: usize,
    failed: usize,
    /// Something that was named is not there to be checked.
    nothing_there: bool,
}

impl Checking {
    /// Nothing to check weighs more than a check that failed.
    fn outcome(&self) -> Outcome {
        match self {
            Self {
                nothing_there: true,
                ..
            } => Outcome::Unusable,
            Self { failed: 0, .. } => Outcome::Done,
            _ => Outcome::CheckFailed,
        }
    }

    fn path(&mut self, path: &Path, out: &mut impl Write) -> io::Result<()> {
        if !path.is_dir() {
            let name = path.to_str().unwrap_or_default();
            self.nothing_there |= !path.exists() && builtin::find(name).is_none();
            return self.named(path, out);
        }
        let mut found = Found::default();
        found.search(path);
        for (folder, error) in &found.closed {
            self.failed += 1;
            let what = t!("check-closed-folder", error = error.to_string());
            writeln!(out, "{}: {what}", folder.display())?;
        }
        if found.files.is_empty() {
            self.nothing_there = true;
            self.failed += usize::from(found.closed.is_empty());
            writeln!(out, "{}: {}", path.display(), t!("check-empty-folder"))?;
        }
        for file in &found.files {
            self.file(file, out)?;
        }
        Ok(())
    }

    /// Checks what the other commands would take by that name: a built-in scenario, or else a file.
    fn named(&mut self, path: &Path, out: &mut impl Write) -> io::Result<()> {
        match path.to_str() {
            Some(name) => self.loaded(path, open(name), out),
            None => self.file(path, out),
        }
    }

    fn file(&mut self, path: &Path, out: &mut impl Write) -> io::Result<()> {
        self.loaded(path, load_path(path), out)
    }

    /// Of definitions of several virtual hosts, each of these.
    fn loaded(
        &mut self,
        path: &Path,
        loaded: Result<Scenario, LoadError>,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let name = path.display();
        match loaded {
            Err(LoadError::Undecided { vhosts, .. }) => {
                for vhost in vhosts.iter().filter(|vhost| !vhost.is_empty()) {
                    let loaded = load_path_in(path, Some(&vhost.name));
                    let file = t!(
                        "check-vhost",
                        file = name.to_string(),
                        vhost = vhost.name.as_str()
                    );
                    self.scenario(&file, loaded, out)?;
                }
                Ok(())
            }
            loaded => self.scenario(&name.to_string(), loaded, out),
        }
    }

    fn scenario(
        &mut self,
        file: &str,
        loaded: Result<Scenario, LoadError>,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let mut scenario = match loaded {
            Ok(scenario) => scenario,
            Err(error) => {
                self.failed += 1;
                return writeln!(out, "{error}");
            }
        };
        self.profile.choose(&mut scenario);
        let (failures, given_up) = (verify(&scenario), given_up(&scenario.setup));
        for failure in &failures {
            let place = failure.place;
            writeln!(
                out,
                "{file}:{}:{}: {}",
                place.line, place.column, failure.what
            )?;
        }
        // Of definitions, much is kept that does not act; of a recording, all is to be there.
        if scenario.definitions.is_none() {
            for notice in &scenario.notices {
                writeln!(out, "{file}: {notice}")?;
            }
        }
        for told in &given_up {
            writeln!(out, "{file}: {told}")?;
        }
        // No mistake of a file: a scenario may be about just that.
        for told in dead_ends(&scenario) {
            writeln!(out, "{file}: {told}")?;
        }
        if failures.is_empty() {
            self.ok += 1;
            let count = scenario.expect.len();
            writeln!(out, "{file}: {}", t!("check-ok", count = count))
        } else {
            self.failed += 1;
            Ok(())
        }
    }
}

/// What a folder holds.
#[derive(Default)]
struct Found {
    files: Vec<PathBuf>,
    /// Folders that could not be read.
    closed: Vec<(PathBuf, io::Error)>,
}

impl Found {
    /// Finds the .ron files, the RabbitMQ definitions and the recordings in a folder and in those in it, by name. Links to folders are
    /// not followed: they may lead round in a circle.
    fn search(&mut self, folder: &Path) {
        let listed: io::Result<Vec<_>> = fs::read_dir(folder).and_then(Iterator::collect);
        let mut entries = match listed {
            Ok(entries) => entries,
            Err(error) => {
                self.closed.push((folder.to_owned(), error));
                return;
            }
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.search(&path);
            } else if !path.is_dir() {
                // There are many other .json files, and a recording may be called anything.
                let is_one = match path.extension().and_then(OsStr::to_str) {
                    Some("ron") => true,
                    Some("json") => holds_definitions(&path),
                    _ => holds_recording(&path),
                };
                self.files.extend(is_one.then_some(path));
            }
        }
    }
}
