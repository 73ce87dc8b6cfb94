//! The wiring over HTTP.

use crate::world::Setup;
use crate::world::http::{Call, ServiceSetup};

use super::{Comparison, HttpSide, ServiceChange, ServiceSpec, fault};

pub(super) fn setup(comparison: &Comparison) -> Setup {
    let side = &comparison.http;
    let mut setup = comparison.common();
    let services = comparison.services.iter().zip(0..);
    setup.services = services
        .map(|(service, luck)| wired(service, luck, side))
        .collect();
    setup.script = fault::script(&comparison.faults, false);
    setup
}

fn wired(service: &ServiceSpec, luck: u64, side: &HttpSide) -> ServiceSetup {
    let none = ServiceChange::default();
    let change = side.changes.iter().find(|it| it.name == service.name);
    let change = change.unwrap_or(&none);
    let call = |callee: &_| Call {
        timeout: change.timeout.unwrap_or(side.timeout),
        retries: change.retries.unwrap_or(side.retries),
        back_off: side.back_off,
        connections: side.connections,
        breaker: side.breaker,
        ..Call::to(Clone::clone(callee))
    };
    ServiceSetup {
        name: service.name.clone(),
        workers: change.workers.unwrap_or(service.workers),
        backlog: change.backlog.unwrap_or(side.backlog),
        when_full: change.when_full.unwrap_or(side.when_full),
        limit: change.limit,
        time: service.time,
        failure_rate: service.failure_rate,
        luck,
        idempotent: service.idempotent,
        calls: service.calls.iter().map(call).collect(),
        parallel: change.parallel.unwrap_or(side.parallel),
        hands_over: None,
    }
}
