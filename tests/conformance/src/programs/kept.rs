//! Programs that are kept as text, in `kept/*.txt`: each shows one thing that was wrong once, or may be.
//!
//! ```text
//! == full_consumers_keep_their_turn: S9
//! a1 queue.declare q0 durable
//! a1 basic.publish m0 to (default) key "q0"
//! ```
//!
//! A line that begins with `#` is a remark. Words after the rules: `timed`, times to live run out in it, so each step takes
//! longer; `since-4`, releases before 4.0 are not asked, since what it is about is not in them or was otherwise in 3.10.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::parse;
use super::play::Told;
use super::step::Program;

/// A program that is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The file that it is in.
    pub room: String,
    /// Its own name.
    pub name: String,
    /// The rules that it shows.
    pub rules: String,
    /// Whether releases before 4.0 are not asked.
    pub since_4: bool,
    /// The program.
    pub program: Program,
}

/// The word that says that times to live run out.
const TIMED: &str = "timed";
/// The word that says that releases before 4.0 are not asked.
const SINCE_4: &str = "since-4";

/// All programs that are kept.
///
/// # Errors
/// When one cannot be read.
pub fn all() -> anyhow::Result<Vec<Kept>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("kept");
    let files = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let files = files.map(|file| file.map(|file| file.path()));
    let mut files: Vec<_> = files.collect::<Result<_, _>>()?;
    files.sort();
    let mut all = Vec::new();
    for path in files {
        all.extend(file(&path)?);
    }
    Ok(all)
}

/// The programs of one file.
///
/// # Errors
/// When it cannot be read.
pub fn file(path: &Path) -> anyhow::Result<Vec<Kept>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let room = path.file_stem().unwrap_or_default().to_string_lossy();
    read(&room, &text).with_context(|| path.display().to_string())
}

fn read(room: &str, text: &str) -> anyhow::Result<Vec<Kept>> {
    let mut all: Vec<Kept> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(head) = line.strip_prefix("== ") {
            let (name, rules) = head.split_once(':').unwrap_or((head, ""));
            let (mut timed, mut since_4) = (false, false);
            let mut of = Vec::new();
            for word in rules.split_whitespace() {
                match word {
                    TIMED => timed = true,
                    SINCE_4 => since_4 = true,
                    rule => of.push(rule),
                }
            }
            all.push(Kept {
                room: room.to_owned(),
                name: name.trim().to_owned(),
                rules: of.join(" "),
                since_4,
                program: Program {
                    seed: 0,
                    theme: "kept",
                    timed,
                    steps: Vec::new(),
                },
            });
            continue;
        }
        let Some(last) = all.last_mut() else {
            bail!("line {}: a program begins with == and its name", at + 1);
        };
        // Numbers before steps, as programs are shown, are no part of them.
        let number = line
            .split_once(". ")
            .filter(|it| it.0.parse::<usize>().is_ok());
        let step = number.map_or(line, |it| it.1);
        let step = parse::step(step).with_context(|| format!("line {}", at + 1))?;
        last.program.steps.push(step);
    }
    Ok(all)
}

/// What was told of a program, in lines.
pub fn lines(told: &[Told]) -> Vec<String> {
    let mut lines = Vec::new();
    for told in told {
        lines.push(told.step.clone());
        lines.extend(told.lines.iter().map(|line| format!("  {line}")));
    }
    lines
}
