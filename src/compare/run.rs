//! A side run from its start to its end, for its numbers alone.

use crate::world::{SetupError, World};

use super::{Comparison, Measures, Side, Summary};

/// Runs one side of a comparison to its end. Nothing is kept of what is over.
///
/// # Errors
/// When the side cannot be set up.
pub fn run(comparison: &Comparison, side: Side) -> Result<Summary, SetupError> {
    let mut world = World::new(&comparison.setup(side))?;
    let mut measures = Measures::new(comparison, side, &world);
    let mut events = Vec::new();
    while world.step(&mut events) {
        for event in events.drain(..) {
            measures.read(&event);
        }
    }
    Ok(measures.summary(comparison.until))
}
