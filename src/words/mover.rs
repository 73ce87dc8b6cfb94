//! Shovels and links of federation in words.

use crate::broker::Target;
use crate::t;
use crate::world::{MoverKind, MoverSetup};

use super::names::exchange_name;
use super::shown;

/// What one of them does with what it reads.
#[must_use]
pub fn mover(mover: &MoverSetup) -> String {
    let kind = match mover.kind {
        MoverKind::Shovel => "shovel",
        MoverKind::Federation => "federation",
    };
    t!(
        "mover",
        kind = kind,
        name = shown(&mover.name),
        known = if mover.to.is_empty() { "no" } else { "yes" },
        to = shown(&mover.to)
    )
}

/// The same, with what it reads.
#[must_use]
pub fn told_mover(setup: &MoverSetup) -> String {
    let (kind, name) = match &setup.reads {
        Target::Queue(name) => ("queue", shown(name).into_owned()),
        Target::Exchange(name) => ("exchange", exchange_name(name)),
    };
    t!("mover-of", kind = kind, name = name, mover = mover(setup))
}
