//! Where Leveret is known to answer otherwise, and why.
//!
//! Its profiles are 3.13 and 4.2, and what can be had to compare it with is 3.10.8 and 4.0.5: most differences are between
//! these releases.

use crate::release::Release;

/// One place where Leveret answers otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    /// Otherwise than this release.
    pub release: Release,
    /// In this case.
    pub case: &'static str,
    /// What RabbitMQ says: lines that follow each other in its transcript, wherever they do.
    pub theirs: &'static [&'static str],
    /// What Leveret says in their place.
    pub ours: &'static [&'static str],
    /// Why that is so, and may be.
    pub because: &'static str,
}

/// All of them.
pub const KNOWN: &[Difference] = &[];

/// What Leveret has to answer: as RabbitMQ did, but for what is known.
///
/// # Errors
/// When RabbitMQ's answer is not the one that the difference speaks of.
pub fn expected(release: Release, case: &str, theirs: &[String]) -> Result<Vec<String>, String> {
    let mut lines = theirs.to_vec();
    for known in KNOWN
        .iter()
        .filter(|it| it.release == release && it.case == case)
    {
        let windows = lines.windows(known.theirs.len());
        let at = windows
            .enumerate()
            .find(|(_, lines)| *lines == known.theirs);
        let Some((at, _)) = at else {
            return Err(format!("RabbitMQ does not say {:?} any more", known.theirs));
        };
        let ours = known.ours.iter().map(|&line| line.to_owned());
        lines.splice(at..at + known.theirs.len(), ours);
    }
    Ok(lines)
}
