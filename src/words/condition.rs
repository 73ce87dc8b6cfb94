//! What is the matter with a service, in a few words.

use super::span_rounded;
use crate::broker::Micros;
use crate::t;
use crate::world::http::{Condition, Reach};

/// All that is the matter; nothing if all is well. `since` is when it last changed.
#[must_use]
pub fn conditions(condition: &Condition, since: Micros) -> Vec<String> {
    let percent = |rate: f64| format!("{}", (rate * 1_000.0).round() / 10.0);
    let since = span_rounded(since);
    match condition.reach {
        Reach::Up => {}
        Reach::Silent => return vec![t!("condition-down", since = since)],
        Reach::Refusing => return vec![t!("condition-refusing", since = since)],
    }
    let mut matters = Vec::new();
    if condition.slow != 1.0 {
        let factor = format!("{}", (condition.slow * 10.0).round() / 10.0);
        matters.push(t!("condition-slow", factor = factor));
    }
    if condition.failing > 0.0 {
        matters.push(t!(
            "condition-failing",
            percent = percent(condition.failing)
        ));
    }
    if condition.losing > 0.0 {
        matters.push(t!("condition-losing", percent = percent(condition.losing)));
    }
    matters
}
