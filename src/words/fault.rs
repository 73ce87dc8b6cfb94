//! What goes wrong, as it is marked on a plot and written on a button.

use crate::compare::FaultKind;
use crate::t;

use super::shown;

fn number(number: f64) -> String {
    format!("{}", (number * 10.0).round() / 10.0)
}

fn percent(rate: f64) -> String {
    number(rate * 100.0)
}

/// What goes wrong, where it is known which service is meant.
#[must_use]
pub fn fault_button(kind: &FaultKind) -> String {
    match kind {
        FaultKind::Down(_) => t!("break-down"),
        FaultKind::Refusing(_) => t!("break-refusing"),
        FaultKind::Slow(_, factor) => t!("break-slow", factor = number(*factor)),
        FaultKind::Failing(_, 0.1) => t!("break-failing-tenth"),
        FaultKind::Failing(_, rate) => t!("break-failing", percent = percent(*rate)),
        FaultKind::Losing(_, rate) => t!("break-losing", percent = percent(*rate)),
        FaultKind::BrokerDown => t!("break-broker"),
        FaultKind::Surge(factor) => t!("break-burst", factor = number(*factor)),
    }
}

/// What goes wrong, in a word or two.
#[must_use]
pub fn fault_name(kind: &FaultKind) -> String {
    match kind {
        FaultKind::Down(service) => t!("mark-down", service = shown(service)),
        FaultKind::Refusing(service) => t!("mark-refusing", service = shown(service)),
        FaultKind::Slow(service, factor) => t!(
            "mark-slow",
            service = shown(service),
            factor = number(*factor)
        ),
        FaultKind::Failing(service, rate) => t!(
            "mark-failing",
            service = shown(service),
            percent = percent(*rate)
        ),
        FaultKind::Losing(service, rate) => t!(
            "mark-losing",
            service = shown(service),
            percent = percent(*rate)
        ),
        FaultKind::BrokerDown => t!("mark-broker"),
        FaultKind::Surge(factor) => t!("mark-surge", factor = number(*factor)),
    }
}
