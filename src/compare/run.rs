//! A side run from its start to its end, for its numbers alone.

use thiserror::Error;

use crate::broker::Micros;
use crate::world::{SetupError, Stop, World};

use super::{Comparison, Measures, Side, Summary};

/// So many steps of a side are waited for. An order takes some dozens.
const MOST_STEPS: u64 = 100_000_000;

/// Why there are no numbers of a side.
#[derive(Clone, Debug, Error)]
pub enum RunError {
    /// It cannot be set up.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// It does not get to its end; the world says why.
    #[error("the run does not get to its end")]
    Stopped(Stop, Box<World>),
}

/// Runs one side of a comparison to its end. Nothing is kept of what is over.
///
/// # Errors
/// When the side cannot be set up, or does not get to its end.
pub fn run(comparison: &Comparison, side: Side) -> Result<Summary, RunError> {
    let mut world = World::new(&comparison.setup(side))?;
    let mut measures = Measures::new(comparison, side, &world);
    let until = world.until().unwrap_or(Micros::MAX);
    let ended = world.run_to(until, (&mut 0, MOST_STEPS), |event, _| {
        measures.read(&event);
    });
    match ended {
        Ok(()) => Ok(measures.summary(comparison.until)),
        Err(stop) => Err(RunError::Stopped(stop, Box::new(world))),
    }
}
