//! Which side of a comparison is meant.

use anyhow::bail;
use clap::ValueEnum;

use crate::compare::Side;
use crate::scenario::Scenario;
use crate::t;

/// Which side of a comparison is meant.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct SideArg {
    /// Of a comparison, the side that is meant; without it, messaging.
    #[arg(long, value_enum)]
    side: Option<SideName>,
}

/// A side, as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SideName {
    /// Services that call one another and wait.
    Http,
    /// Services that publish and consume.
    Messaging,
}

impl SideArg {
    /// Lets a scenario be about that side.
    ///
    /// # Errors
    /// When a side is asked for of a scenario that compares nothing.
    pub(super) fn choose(self, scenario: &mut Scenario) -> anyhow::Result<()> {
        let side = match self.side {
            None => return Ok(()),
            Some(SideName::Http) => Side::Http,
            Some(SideName::Messaging) => Side::Messaging,
        };
        let Some(comparison) = &scenario.comparison else {
            bail!(t!("side-of-nothing"));
        };
        scenario.setup = comparison.setup(side);
        Ok(())
    }
}
