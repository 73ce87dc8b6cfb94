//! Answers that are kept: transcripts by the names of their cases, in a file that can be read.
//!
//! ```text
//! == queues::declared_again
//! the same: ok
//! ```

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::release::Release;

/// Transcripts by the names of their cases.
pub type Answers = BTreeMap<String, Vec<String>>;

const HEAD: &str = "== ";

fn path(release: Release) -> PathBuf {
    let file = format!("answers/{}.txt", release.as_str());
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file)
}

fn file(release: Release) -> anyhow::Result<Answers> {
    let path = path(release);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(read(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Answers::new()),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// What a release said; of one that does not decide, only what it said otherwise is written down.
///
/// # Errors
/// When a file cannot be read.
pub fn kept(release: Release) -> anyhow::Result<Answers> {
    let mut answers = file(Release::ALL[0])?;
    answers.extend(file(release)?);
    Ok(answers)
}

/// Keeps what a release said, beside what it said in other cases that are still there.
///
/// # Errors
/// When a file cannot be read or written.
pub fn keep(release: Release, said: Answers, cases: &[String]) -> anyhow::Result<()> {
    let mut all = file(release)?;
    all.extend(said);
    all.retain(|case, _| cases.contains(case));
    if release != Release::ALL[0] {
        let deciding = file(Release::ALL[0])?;
        all.retain(|case, lines| deciding.get(case) != Some(lines));
    }
    let path = path(release);
    std::fs::write(&path, written(&all)).with_context(|| path.display().to_string())
}

fn read(text: &str) -> Answers {
    let mut answers = Answers::new();
    let mut lines = None;
    for line in text.lines() {
        if let Some(case) = line.strip_prefix(HEAD) {
            lines = Some(answers.entry(case.to_owned()).or_default());
        } else if let Some(lines) = lines.as_mut().filter(|_| !line.is_empty()) {
            lines.push(line.to_owned());
        }
    }
    answers
}

fn written(answers: &Answers) -> String {
    let cases = answers.iter();
    let cases: Vec<_> = cases
        .map(|(case, lines)| format!("{HEAD}{case}\n{}\n", lines.join("\n")))
        .collect();
    cases.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut answers = Answers::new();
        answers.insert(
            "a::b".to_owned(),
            vec!["one".to_owned(), "  two".to_owned()],
        );
        answers.insert("a::c".to_owned(), vec!["three".to_owned()]);
        assert_eq!(read(&written(&answers)), answers);
    }
}
