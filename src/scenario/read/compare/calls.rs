//! Who calls whom: what can only be said of all services together.

use super::service::Listed;
use crate::broker::Name;
use crate::compare::{Comparison, ServiceSpec, Side};
use crate::scenario::reader::Reader;
use crate::scenario::source::Span;
use crate::scenario::syntax::Entry;
use crate::t;
use crate::world::http::circle;

/// How many calls one order may lead to if all goes well.
const MOST_CALLS: u64 = 1_000;
/// How many requests one order may lead to at worst.
const MOST_REQUESTS: u64 = 100_000;
/// And all of them.
const MOST_IN_ALL: u64 = 300_000_000;

/// Checks the calls of services, each of which stands in the file where `listed` says.
pub(super) fn check(services: &[ServiceSpec], listed: &[Listed], reader: &mut Reader<'_>) {
    let mut all_found = listed.iter().all(|listed| listed.is_whole);
    for (callee, span) in listed.iter().flat_map(|listed| &listed.calls) {
        if !services.iter().any(|service| service.name == *callee) {
            let what = t!("file-calls-missing", name = callee.as_str());
            let known = services.iter().map(|service| service.name.as_str());
            reader.report_unknown(*span, what, callee, known);
            all_found = false;
        }
    }
    let ([entry, ..], [first, ..]) = (services, listed) else {
        return;
    };
    for (service, listed) in services.iter().zip(listed) {
        // What a service failed on waits in a queue of that name.
        let other = service.name.strip_suffix("-again");
        if let Some(other) = other.filter(|other| services.iter().any(|it| it.name == **other)) {
            let what = t!("file-again", name = service.name.as_str(), other = other);
            reader.report(listed.span, what, t!("file-again-hint"));
        }
    }
    if !all_found {
        return;
    }
    if entry.calls.is_empty() {
        let name = entry.name.as_str();
        let what = t!("file-calls-nobody", name = name);
        reader.report(first.span, what, t!("file-calls-nobody-hint", name = name));
        return;
    }
    let comparison = Comparison::new(1.0, super::LONGEST, services.to_vec());
    if let Some(circle) = circle(&comparison.setup(Side::Http).services) {
        report_circle(&circle, services, listed, reader);
        return;
    }
    let needed = comparison.needed();
    for (place, (service, listed)) in services.iter().zip(listed).enumerate() {
        if !needed.contains(&place) {
            let what = t!("file-uncalled", name = service.name.as_str());
            let hint = t!("file-uncalled-hint", first = entry.name.as_str());
            reader.report(listed.span, what, hint);
        }
    }
    let calls = requests(&comparison, |_| 0);
    if calls > MOST_CALLS {
        let what = t!("file-many-calls", count = calls.to_string());
        let hint = t!("file-many-calls-hint", most = MOST_CALLS.to_string());
        reader.report(first.span, what, hint);
    }
}

/// At the call that closes the circle.
fn report_circle(
    circle: &[Name],
    services: &[ServiceSpec],
    listed: &[Listed],
    reader: &mut Reader<'_>,
) {
    let ([.., last, first], path) = (circle, circle.join(" → ")) else {
        return;
    };
    let caller = services.iter().position(|service| service.name == *last);
    let calls = caller.and_then(|place| listed.get(place));
    let call = calls.and_then(|listed| listed.calls.iter().find(|(name, _)| name == first));
    let span = call.map_or(Span::at(0), |(_, span)| *span);
    let what = t!("refused-calls-itself", name = first.as_str(), path = path);
    reader.report(span, what, t!("refused-calls-itself-hint"));
}

/// Tries multiply from one service to the next; so there is a limit to what they may come to.
pub(super) fn check_tries(
    comparison: &Comparison,
    orders: Option<u64>,
    http: &Entry,
    reader: &mut Reader<'_>,
) {
    if !reader.is_clean() {
        return;
    }
    let side = &comparison.http;
    let retries = |service: &ServiceSpec| {
        let mut changes = side.changes.iter();
        let change = changes.find(|change| change.name == service.name);
        change
            .and_then(|change| change.retries)
            .unwrap_or(side.retries)
    };
    let most = requests(comparison, retries).saturating_mul(u64::from(comparison.user_retries) + 1);
    if most > MOST_REQUESTS {
        let what = t!("file-many-tries", count = most.to_string());
        let hint = t!("file-many-tries-hint", most = MOST_REQUESTS.to_string());
        reader.report(http.name_span, what, hint);
        return;
    }
    let all = orders.unwrap_or_default().saturating_mul(most);
    if all > MOST_IN_ALL {
        let what = t!("file-many-requests", count = all.to_string());
        let hint = t!("file-many-requests-hint", most = MOST_IN_ALL.to_string());
        reader.report(http.name_span, what, hint);
    }
}

/// How many requests a user's one may lead to, itself among them, if each service tries again so often. There is no
/// circle.
fn requests(comparison: &Comparison, retries: impl Fn(&ServiceSpec) -> u32) -> u64 {
    let mut known: Vec<Option<u64>> = vec![None; comparison.services.len()];
    // A service comes after those it calls once these are known; that takes as many rounds as there are services.
    for _ in 0..comparison.services.len() {
        for (place, service) in comparison.services.iter().enumerate() {
            let mut callees = service.calls.iter().map(|name| {
                let place = comparison.services.iter().position(|it| it.name == *name)?;
                known.get(place).copied().flatten()
            });
            let sum: Option<u64> =
                callees.try_fold(0, |sum: u64, each| Some(sum.saturating_add(each?)));
            let tries = u64::from(retries(service)) + 1;
            known[place] = sum.map(|sum| 1 + tries.saturating_mul(sum).min(u64::MAX - 1));
        }
    }
    known.first().copied().flatten().unwrap_or(u64::MAX)
}
