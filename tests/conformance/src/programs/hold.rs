//! A program held against a real RabbitMQ.

use super::order;
use super::play::{Player, Told, Transcript};
use super::step::Program;

/// What came of it.
#[derive(Debug)]
pub enum Outcome {
    /// Both told the same.
    Same,
    /// The real one does not tell the same each time, or orders by chance what it tells.
    Undefined(Difference),
    /// Leveret tells otherwise.
    Differs(Difference),
}

/// Two transcripts of one program.
#[derive(Clone, Debug)]
pub struct Difference {
    /// What the real one told.
    pub theirs: Transcript,
    /// What Leveret told; or the real one, another time.
    pub ours: Transcript,
}

/// Two servers that play the same programs.
#[derive(Debug)]
pub struct Pair {
    /// The one that is right.
    pub real: Player,
    /// The one that is to be like it.
    pub other: Player,
}

impl Pair {
    /// Plays a program on both.
    ///
    /// # Errors
    /// When one of them does not answer.
    pub fn hold(&self, program: &Program) -> anyhow::Result<Outcome> {
        let theirs = self.real.play(program, 1)?;
        if theirs == self.other.play(program, 1)? {
            return Ok(Outcome::Same);
        }
        // A machine that is busy may have told one step's end as the next one's.
        let theirs = self.real.play(program, 3)?;
        let ours = self.other.play(program, 2)?;
        let outcome = outcome(program, theirs, ours);
        let Outcome::Differs(difference) = outcome else {
            return Ok(outcome);
        };
        let otherwise = self.otherwise(program, &difference.theirs, 1)?;
        Ok(otherwise.map_or(Outcome::Differs(difference), Outcome::Undefined))
    }

    /// Plays a program on both, and takes less time for it: what differs may be undefined.
    ///
    /// # Errors
    /// When one of them does not answer.
    pub fn hold_soon(&self, program: &Program) -> anyhow::Result<Outcome> {
        let ours = self.other.play(program, 1)?;
        if self.real.play(program, 1)? == ours {
            return Ok(Outcome::Same);
        }
        Ok(outcome(program, self.real.play(program, 2)?, ours))
    }

    /// What the real one tells otherwise, of so many times more.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn otherwise(
        &self,
        program: &Program,
        theirs: &Transcript,
        times: usize,
    ) -> anyhow::Result<Option<Difference>> {
        for _ in 0..times {
            let again = self.real.play(program, 4)?;
            if *theirs != again {
                let theirs = theirs.clone();
                return Ok(Some(Difference {
                    theirs,
                    ours: again,
                }));
            }
        }
        Ok(None)
    }
}

/// What came of it, if the real one tells the same each time.
fn outcome(program: &Program, theirs: Transcript, ours: Transcript) -> Outcome {
    if theirs == ours {
        return Outcome::Same;
    }
    let undefined = order::is_undefined(program, &theirs, &ours);
    let difference = Difference { theirs, ours };
    match undefined {
        true => Outcome::Undefined(difference),
        false => Outcome::Differs(difference),
    }
}

impl Difference {
    /// The first step of which something else is told, and what.
    pub fn first(&self) -> String {
        let mut both = self.theirs.iter().zip(&self.ours);
        let Some((theirs, ours)) = both.find(|(theirs, ours)| theirs != ours) else {
            return "there are more steps in one than in the other".to_owned();
        };
        let text = |told: &Told, of: &Told| {
            let lines = told.lines.iter().filter(|line| !of.lines.contains(line));
            let lines: Vec<_> = lines.cloned().collect();
            if lines.is_empty() {
                "the same lines in another order, or fewer".to_owned()
            } else {
                lines.join("; ")
            }
        };
        format!(
            "{}: {} | {}",
            theirs.step,
            text(theirs, ours),
            text(ours, theirs)
        )
    }

    /// Both transcripts as one: what is told by one of them alone is marked.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let none = Told {
            step: String::new(),
            lines: Vec::new(),
        };
        for at in 0..self.theirs.len().max(self.ours.len()) {
            let theirs = self.theirs.get(at).unwrap_or(&none);
            let ours = self.ours.get(at).unwrap_or(&none);
            let step = if theirs.step.is_empty() {
                &ours.step
            } else {
                &theirs.step
            };
            text += &format!("{:3}. {step}\n", at + 1);
            if theirs == ours {
                for line in &ours.lines {
                    text += &format!("         {line}\n");
                }
                continue;
            }
            for line in &theirs.lines {
                let mark = if ours.lines.contains(line) {
                    "       "
                } else {
                    "RabbitMQ"
                };
                text += &format!("{mark:8} {line}\n");
            }
            for line in ours
                .lines
                .iter()
                .filter(|line| !theirs.lines.contains(line))
            {
                text += &format!("Leveret  {line}\n");
            }
            if theirs.lines.len() == ours.lines.len()
                && theirs.lines.iter().all(|line| ours.lines.contains(line))
            {
                text += "Leveret  says this in another order:\n";
                for line in &ours.lines {
                    text += &format!("           {line}\n");
                }
            }
        }
        text
    }
}
