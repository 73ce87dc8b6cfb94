//! The wiring by way of the broker: the first service publishes to an exchange, each service that it would call has a
//! queue there, and a service that would call others publishes to an exchange of its own when it has worked.

use crate::broker::{
    ExchangeKind, ExchangeSpec, Micros, Name, QueueKind, QueueSpec, Table, Target, Value,
};
use crate::world::http::{HandOver, ServiceSetup};
use crate::world::{
    BindingSetup, ConsumerSetup, OnFailure, Onward, PublisherSetup, QueueSetup, Setup,
};

use super::{Comparison, MessagingSide, ServiceChange, ServiceSpec, fault};

/// How long after its connection ended a service connects again.
const RECONNECT: Micros = Micros::from_millis(100);

pub(super) fn setup(comparison: &Comparison) -> Setup {
    let side = &comparison.messaging;
    let mut setup = comparison.common();
    let needed = comparison.needed();
    let services = comparison.services.iter().enumerate();
    for (place, service) in services.filter(|(place, _)| needed.contains(place)) {
        if !service.calls.is_empty() {
            let exchange = comparison.exchange_of(service);
            let spec = ExchangeSpec::new(exchange.clone(), ExchangeKind::Fanout);
            setup.exchanges.push(spec);
            let bindings = service.calls.iter().map(|callee| BindingSetup {
                source: exchange.clone(),
                destination: Target::Queue(queue_of(callee)),
                key: Name::default(),
                arguments: Table::new(),
                latency: None,
            });
            setup.bindings.extend(bindings);
        }
        if place == 0 {
            publish(comparison, service, &mut setup);
        } else {
            setup.queues.extend(queues(side, service));
            let consumer = consumer(comparison, service, place as u64);
            setup.consumers.push(consumer);
        }
    }
    for own in &side.exchanges {
        replace(&mut setup.exchanges, own, |spec| &spec.name);
    }
    for own in &side.own_queues {
        replace(&mut setup.queues, own, |queue| &queue.spec.name);
    }
    setup.bindings.extend(side.bindings.iter().cloned());
    setup.policies.clone_from(&side.policies);
    setup.script = fault::script(&comparison.faults, true);
    setup
}

/// Puts something in the place of what has the same name, or at the end.
fn replace<T: Clone>(all: &mut Vec<T>, own: &T, name: impl Fn(&T) -> &Name) {
    match all.iter_mut().find(|it| name(it) == name(own)) {
        Some(other) => *other = own.clone(),
        None => all.push(own.clone()),
    }
}

/// The queue a service consumes from.
fn queue_of(service: &Name) -> Name {
    format!("to-{service}").into()
}

/// The queue in which what a service failed on waits.
fn retry_queue_of(service: &Name) -> Name {
    format!("to-{service}-again").into()
}

/// The first service answers users, and hands orders over.
fn publish(comparison: &Comparison, service: &ServiceSpec, setup: &mut Setup) {
    let side = &comparison.messaging;
    // What nobody else is to work on is not handed over: it is done.
    let hands_over = !service.calls.is_empty();
    if hands_over {
        setup.publishers.push(PublisherSetup {
            name: service.name.clone(),
            exchange: comparison.exchange_of(service),
            confirms: side.confirms,
            ..PublisherSetup::default()
        });
    }
    let change = change(side, service);
    setup.services.push(ServiceSetup {
        name: service.name.clone(),
        workers: change.workers.unwrap_or(service.workers),
        backlog: change.backlog.unwrap_or(comparison.http.backlog),
        when_full: change.when_full.unwrap_or(comparison.http.when_full),
        limit: change.limit,
        time: service.time,
        failure_rate: service.failure_rate,
        luck: 0,
        idempotent: service.idempotent,
        hands_over: hands_over.then(|| HandOver {
            publisher: service.name.clone(),
            key: Name::default(),
            timeout: side.confirm_timeout,
            persistent: side.persistent,
        }),
        ..ServiceSetup::default()
    });
}

fn change(side: &MessagingSide, service: &ServiceSpec) -> ServiceChange {
    let change = side.changes.iter().find(|it| it.name == service.name);
    change.cloned().unwrap_or_default()
}

/// How long what a service failed on waits.
fn retry_after(side: &MessagingSide, service: &ServiceSpec) -> Option<Micros> {
    change(side, service)
        .retry_after
        .unwrap_or(side.retry_after)
}

fn queues(side: &MessagingSide, service: &ServiceSpec) -> Vec<QueueSetup> {
    let (own, again) = (queue_of(&service.name), retry_queue_of(&service.name));
    let mut spec = of_kind(own.clone(), side.queues);
    if let Some(most) = side.max_length {
        spec = spec.with("x-max-length", number(most));
        if side.reject_publish {
            spec = spec.with("x-overflow", "reject-publish");
        }
    }
    if let Some(priority) = side.max_priority {
        spec = spec.with("x-max-priority", number(priority.into()));
    }
    let Some(after) = retry_after(side, service) else {
        return vec![setup_of(spec)];
    };
    let dies_to = |spec: QueueSpec, queue: &Name| {
        spec.with("x-dead-letter-exchange", "")
            .with("x-dead-letter-routing-key", queue.as_str())
    };
    let waiting =
        of_kind(again.clone(), side.queues).with("x-message-ttl", number(after.0 / 1_000));
    vec![
        setup_of(dies_to(spec, &again)),
        setup_of(dies_to(waiting, &own)),
    ]
}

fn of_kind(name: Name, kind: QueueKind) -> QueueSpec {
    let spec = QueueSpec::new(name);
    match kind {
        QueueKind::Classic => spec,
        kind => spec.with("x-queue-type", kind.as_str()),
    }
}

fn number(number: u64) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

fn setup_of(spec: QueueSpec) -> QueueSetup {
    QueueSetup { spec, by: None }
}

fn consumer(comparison: &Comparison, service: &ServiceSpec, luck: u64) -> ConsumerSetup {
    let side = &comparison.messaging;
    let change = change(side, service);
    let workers = change.workers.unwrap_or(service.workers);
    let prefetch = change.prefetch.or(side.prefetch);
    let publishes = (!service.calls.is_empty()).then(|| Onward::To {
        exchange: comparison.exchange_of(service),
        key: None,
    });
    ConsumerSetup {
        name: service.name.clone(),
        queue: queue_of(&service.name),
        prefetch: prefetch.unwrap_or_else(|| u16::try_from(workers).unwrap_or(u16::MAX)),
        service: service.time,
        failure_rate: service.failure_rate,
        on_failure: match retry_after(side, service) {
            Some(_) => OnFailure::Reject,
            None => OnFailure::Requeue,
        },
        publishes,
        reconnect: Some(RECONNECT),
        workers,
        luck: Some(luck),
        idempotent: service.idempotent,
        ..ConsumerSetup::default()
    }
}
