//! What goes wrong, on both sides alike.

use crate::broker::{Micros, Name, Operation};
use crate::world::http::{Change, Reach, Surge};
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

    /// What changes for the service by it, and what puts that right.
    fn change(&self) -> Option<(&Name, Change, Change)> {
        let up = Change::Reach(Reach::Up);
        Some(match self {
            Self::Down(name) => (name, Change::Reach(Reach::Silent), up),
            Self::Refusing(name) => (name, Change::Reach(Reach::Refusing), up),
            Self::Slow(name, factor) => (name, Change::Slow(*factor), Change::Slow(1.0)),
            Self::Failing(name, rate) => (name, Change::Failing(*rate), Change::Failing(0.0)),
            Self::Losing(name, rate) => (name, Change::Losing(*rate), Change::Losing(0.0)),
            Self::BrokerDown | Self::Surge(_) => return None,
        })
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

    /// What is done for it, on a side with a broker or without one.
    pub(super) fn acts(&self, broker: bool) -> Vec<Act> {
        let deeds = match (&self.kind, self.kind.change()) {
            (_, Some((service, begin, end))) => {
                let service = || service.clone();
                let change = |change| Deed::Change {
                    service: service(),
                    change,
                };
                Some((change(begin), change(end)))
            }
            (FaultKind::BrokerDown, None) if broker => Some((
                Deed::Operate(Operation::Stop { clean: false }),
                Deed::Operate(Operation::Start),
            )),
            _ => None,
        };
        let Some((begin, end)) = deeds else {
            return Vec::new();
        };
        let mut acts = vec![Act {
            at: self.from,
            deed: begin,
        }];
        acts.extend(self.until.map(|at| Act { at, deed: end }));
        acts
    }
}
