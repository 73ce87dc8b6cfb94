//! A program that differs made as small as it can be and still differ.

use std::time::{Duration, Instant};

use super::hold::{Difference, Outcome, Pair};
use super::step::{Act, Program};

/// Leaves out what is not needed, for as long as that may take.
///
/// # Errors
/// When a server does not answer.
pub fn smallest(
    pair: &Pair,
    program: Program,
    difference: Difference,
    patience: Duration,
) -> anyhow::Result<(Program, Difference)> {
    let until = Instant::now() + patience;
    let mut best = (program, difference);
    // What comes after the first step that differs is left out at once, if it still differs then.
    let first = best
        .1
        .theirs
        .iter()
        .zip(&best.1.ours)
        .position(|(theirs, ours)| theirs != ours);
    if let Some(first) = first.filter(|first| first + 1 < best.0.steps.len()) {
        let mut less = best.0.clone();
        less.steps.truncate(first + 1);
        if let Outcome::Differs(difference) = pair.hold_soon(&less)? {
            best = (less, difference);
        }
    }
    let mut size = best.0.steps.len() / 2;
    while size > 0 {
        let mut at = 0;
        let mut smaller = false;
        while at < best.0.steps.len() {
            if Instant::now() > until {
                return Ok(best);
            }
            let mut less = best.0.clone();
            let end = (at + size).min(less.steps.len());
            less.steps.drain(at..end);
            match pair.hold_soon(&less)? {
                Outcome::Differs(difference) => {
                    best = (less, difference);
                    smaller = true;
                }
                Outcome::Same | Outcome::Undefined(_) => at += size,
            }
        }
        if size > 1 || !smaller {
            size /= 2;
        }
    }
    // Then each step is made simpler.
    let mut at = 0;
    while at < best.0.steps.len() {
        let simpler = simpler(&best.0.steps[at].act);
        let mut done = true;
        for act in simpler {
            if Instant::now() > until {
                return Ok(best);
            }
            let mut less = best.0.clone();
            less.steps[at].act = act;
            if let Outcome::Differs(difference) = pair.hold_soon(&less)? {
                best = (less, difference);
                done = false;
                break;
            }
        }
        at += usize::from(done);
    }
    Ok(best)
}

/// Acts that say less.
fn simpler(act: &Act) -> Vec<Act> {
    let mut all = Vec::new();
    match act {
        Act::DeclareQueue(it) => {
            for name in it.arguments.inner().keys() {
                let mut less = it.clone();
                let left = it.arguments.inner().iter().filter(|left| left.0 != name);
                less.arguments = left
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .fold(
                        Default::default(),
                        |mut table: amq_protocol::types::FieldTable, (name, value)| {
                            table.insert(name, value);
                            table
                        },
                    );
                all.push(Act::DeclareQueue(less));
            }
        }
        Act::Publish {
            to,
            properties,
            bodies,
        } => {
            let (to, properties, bodies) = (to.clone(), properties.clone(), bodies.clone());
            if bodies.len() > 1 {
                let bodies = bodies[..bodies.len() - 1].to_vec();
                let (to, properties) = (to.clone(), properties.clone());
                all.push(Act::Publish {
                    to,
                    properties,
                    bodies,
                });
            }
            if properties != Default::default() {
                let (to, bodies) = (to.clone(), bodies.clone());
                all.push(Act::Publish {
                    to,
                    properties: Default::default(),
                    bodies,
                });
            }
            if to.mandatory {
                let mut to = to;
                to.mandatory = false;
                all.push(Act::Publish {
                    to,
                    properties,
                    bodies,
                });
            }
        }
        Act::Consume(it) => {
            if !it.arguments.inner().is_empty() {
                let mut less = it.clone();
                less.arguments = Default::default();
                all.push(Act::Consume(less));
            }
            if it.no_ack {
                let mut less = it.clone();
                less.no_ack = false;
                all.push(Act::Consume(less));
            }
        }
        _ => {}
    }
    all
}
