//! What goes wrong, on both sides alike.

use std::collections::{BTreeMap, BTreeSet};

use crate::broker::{Micros, Name, Operation};
use crate::world::http::{Change, Condition, Reach, Surge};
use crate::world::{Act, Deed};

/// Something that goes wrong for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What.
    pub kind: FaultKind,
    /// Since when.
    pub from: Micros,
    /// Until when; without it, to the end.
    pub until: Option<Micros>,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// Nothing answers at a service, as if its machine were gone.
    Down(Name),
    /// A service's process has ended; its machine refuses connections.
    Refusing(Name),
    /// A service's work takes so many times as long.
    Slow(Name, f64),
    /// A service fails on this share of its work, from 0 to 1.
    Failing(Name, f64),
    /// A service does its work, but this share of its answers is lost, from 0 to 1.
    Losing(Name, f64),
    /// The broker crashes, and starts again at the end. There is none over HTTP.
    BrokerDown,
    /// So many times as many orders come.
    Surge(f64),
}

impl FaultKind {
    /// The service it is about, if it is about one.
    #[must_use]
    pub fn service(&self) -> Option<&Name> {
        match self {
            Self::Down(name)
            | Self::Refusing(name)
            | Self::Slow(name, _)
            | Self::Failing(name, _)
            | Self::Losing(name, _) => Some(name),
            Self::BrokerDown | Self::Surge(_) => None,
        }
    }
}

impl Fault {
    /// Whether it goes wrong at a time.
    #[must_use]
    pub fn is_on(&self, at: Micros) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    /// The orders that come besides, or stay away, if it is about them.
    #[must_use]
    pub fn surge(&self) -> Option<Surge> {
        match self.kind {
            FaultKind::Surge(factor) => Some(Surge {
                from: self.from,
                until: self.until,
                factor,
            }),
            _ => None,
        }
    }
}

/// What is done for all of them, on a side with a broker or without one. They may overlap: what is the matter with a
/// service at a time is due to all that are on then.
pub(super) fn script(faults: &[Fault], broker: bool) -> Vec<Act> {
    let ends = faults.iter().filter_map(|fault| fault.until);
    let times: BTreeSet<_> = faults.iter().map(|it| it.from).chain(ends).collect();
    let services: BTreeSet<_> = faults.iter().filter_map(|it| it.kind.service()).collect();
    let mut before: BTreeMap<_, _> = services
        .iter()
        .map(|&name| (name, Condition::default()))
        .collect();
    let (mut was_down, mut acts) = (false, Vec::new());
    for at in times {
        let on: Vec<_> = faults.iter().filter(|it| it.is_on(at)).collect();
        let kinds = || on.iter().map(|fault| &fault.kind);
        let is_down = broker && kinds().any(|kind| *kind == FaultKind::BrokerDown);
        if is_down != was_down {
            was_down = is_down;
            let operation = match is_down {
                true => Operation::Stop { clean: false },
                false => Operation::Start,
            };
            let deed = Deed::Operate(operation);
            acts.push(Act { at, deed });
        }
        for (&name, condition) in &mut before {
            let now = condition_of(name, kinds());
            for change in changes(condition, &now) {
                let service = name.clone();
                let deed = Deed::Change { service, change };
                acts.push(Act { at, deed });
            }
            *condition = now;
        }
    }
    acts
}

/// What is the matter with a service when all these are on.
fn condition_of<'a>(name: &Name, kinds: impl Iterator<Item = &'a FaultKind>) -> Condition {
    let mut condition = Condition::default();
    let either = |one: f64, another: f64| 1.0 - (1.0 - one) * (1.0 - another);
    for kind in kinds.filter(|kind| kind.service() == Some(name)) {
        match kind {
            // Of a machine that is gone nobody learns that its process ended.
            FaultKind::Down(_) => condition.reach = Reach::Silent,
            FaultKind::Refusing(_) if condition.reach == Reach::Up => {
                condition.reach = Reach::Refusing;
            }
            FaultKind::Slow(_, factor) => condition.slow *= factor,
            FaultKind::Failing(_, rate) => condition.failing = either(condition.failing, *rate),
            FaultKind::Losing(_, rate) => condition.losing = either(condition.losing, *rate),
            FaultKind::Refusing(_) | FaultKind::BrokerDown | FaultKind::Surge(_) => {}
        }
    }
    condition
}

/// How one becomes the other.
fn changes(before: &Condition, now: &Condition) -> Vec<Change> {
    let mut changes = Vec::new();
    if before.reach != now.reach {
        changes.push(Change::Reach(now.reach));
    }
    for (before, now, change) in [
        (before.slow, now.slow, Change::Slow as fn(f64) -> Change),
        (before.failing, now.failing, Change::Failing),
        (before.losing, now.losing, Change::Losing),
    ] {
        if before != now {
            changes.push(change(now));
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: FaultKind, from: u64, until: u64) -> Fault {
        Fault {
            kind,
            from: Micros::from_secs(from),
            until: Some(Micros::from_secs(until)),
        }
    }

    /// The seconds at which something changes, and what.
    fn told(faults: &[Fault], broker: bool) -> Vec<(u64, Deed)> {
        let acts = script(faults, broker).into_iter();
        acts.map(|act| (act.at.0 / 1_000_000, act.deed)).collect()
    }

    fn change(change: Change) -> Deed {
        let service = "mail".into();
        Deed::Change { service, change }
    }

    #[test]
    fn a_fault_within_another_does_not_end_it() {
        let name = || Name::from("mail");
        let (down, refusing) = (Change::Reach(Reach::Silent), Change::Reach(Reach::Refusing));
        let (up, failing) = (Change::Reach(Reach::Up), Change::Failing);
        let (down, refusing, up) = (change(down), change(refusing), change(up));
        let longer = fault(FaultKind::Down(name()), 5, 20);
        let shorter = fault(FaultKind::Down(name()), 10, 12);
        let whole = [(5, down.clone()), (20, up.clone())];
        assert_eq!(told(&[longer.clone(), shorter.clone()], false), whole);
        assert_eq!(told(&[shorter, longer.clone()], true), whole);
        let ended = fault(FaultKind::Refusing(name()), 10, 30);
        let both = [(5, down), (20, refusing), (30, up)];
        assert_eq!(told(&[longer, ended], false), both);
        let rates = [
            fault(FaultKind::Failing(name(), 1.0), 5, 20),
            fault(FaultKind::Failing(name(), 0.5), 10, 30),
        ];
        let told_of = [(5, 1.0), (20, 0.5), (30, 0.0)];
        let told_of = told_of.map(|(at, rate)| (at, change(failing(rate))));
        assert_eq!(told(&rates, false), told_of);
    }

    #[test]
    fn faults_that_follow_one_another_are_one_whichever_stands_first() {
        let kind = || FaultKind::BrokerDown;
        let (first, second) = (fault(kind(), 10, 20), fault(kind(), 20, 30));
        let stopped = Deed::Operate(Operation::Stop { clean: false });
        let whole = [(10, stopped), (30, Deed::Operate(Operation::Start))];
        assert_eq!(told(&[first.clone(), second.clone()], true), whole);
        assert_eq!(told(&[second.clone(), first.clone()], true), whole);
        assert_eq!(told(&[first, second], false), []);
    }
}
