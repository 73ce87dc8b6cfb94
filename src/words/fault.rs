//! What goes wrong, as it is marked on a plot.

use crate::compare::FaultKind;
use crate::t;

/// What goes wrong, in a word or two.
#[must_use]
pub fn fault_name(kind: &FaultKind) -> String {
    let number = |number: f64| format!("{}", (number * 10.0).round() / 10.0);
    let percent = |rate: f64| number(rate * 100.0);
    match kind {
        FaultKind::Down(service) => t!("mark-down", service = service.as_str()),
        FaultKind::Refusing(service) => t!("mark-refusing", service = service.as_str()),
        FaultKind::Slow(service, factor) => t!(
            "mark-slow",
            service = service.as_str(),
            factor = number(*factor)
        ),
        FaultKind::Failing(service, rate) => t!(
            "mark-failing",
            service = service.as_str(),
            percent = percent(*rate)
        ),
        FaultKind::Losing(service, rate) => t!(
            "mark-losing",
            service = service.as_str(),
            percent = percent(*rate)
        ),
        FaultKind::BrokerDown => t!("mark-broker"),
        FaultKind::Surge(factor) => t!("mark-surge", factor = number(*factor)),
    }
}
