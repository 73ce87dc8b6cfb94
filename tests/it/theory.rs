//! The simulation against queueing theory: on both sides, over several seeds, within confidence intervals.
//!
//! The formulas are those of Kleinrock, Queueing Systems, volume 1 (1975): M/M/1 (section 3.2), M/M/c with Erlang's C
//! formula (3.5), M/G/1 with that of Pollaczek and Khinchine (5.6); and Little, A Proof for the Queuing Formula L = λW
//! (1961).

use std::collections::BTreeMap;

use leveret::broker::{Micros, Name};
use leveret::compare::{
    Comparison, Estimate, Fault, FaultKind, HttpSide, MessagingSide, Series, ServiceSpec, Side, run,
};
use leveret::world::http::{self, Arrival, BackOff, OrderId, Workload};
use leveret::world::{Event, EventKind, ServiceTime, World};

use crate::compare::{service, shop};

/// Student's t for 99 % over that for 95 %, with seven degrees of freedom.
const TO_99: f64 = 3.499 / 2.365;
const SEEDS: u64 = 8;

/// Orders for an entry that only calls one service, nothing being on its way for any time: what an order waits for is
/// that service.
fn one_queue(rate: f64, orders: u64, time: ServiceTime, workers: u32) -> Comparison {
    Comparison {
        workload: Workload {
            rate,
            count: Some(orders),
            until: Micros::from_secs(100_000),
            ..shop().workload
        },
        network: Micros::ZERO,
        write: Micros::ZERO,
        services: vec![
            service(
                "entry",
                10_000,
                ServiceTime::Fixed(Micros::ZERO),
                &["queue"],
            ),
            service("queue", workers, time, &[]),
        ],
        until: Micros::from_secs(100_000),
        user_timeout: None,
        http: patient(),
        messaging: MessagingSide {
            confirms: false,
            persistent: false,
            ..MessagingSide::default()
        },
        ..shop()
    }
}

/// Nobody gives up or is turned away.
fn patient() -> HttpSide {
    HttpSide {
        timeout: None,
        backlog: None,
        ..HttpSide::default()
    }
}

/// What was seen of the service `queue`, times in seconds.
struct Seen {
    wait: f64,
    sojourn: f64,
    /// Orders in the system, averaged over time.
    in_system: f64,
    /// Orders a second.
    rate: f64,
}

fn watch(comparison: &Comparison, side: Side) -> Seen {
    let mut world = World::new(&comparison.setup(side)).expect("it can be set up");
    let queue = Name::from("queue");
    let (mut orders, mut came) = (BTreeMap::new(), BTreeMap::new());
    let (mut wait, mut sojourn, mut area, mut left) = (0, 0, 0_i128, 0_u64);
    let mut events = Vec::new();
    while world.step(&mut events) {
        for event in events.drain(..) {
            let at = event.at.0;
            match &event.kind {
                EventKind::Http(http::Event::Ordered { order }) => {
                    came.insert(*order, at);
                }
                EventKind::Published {
                    message,
                    publication,
                    ..
                } => {
                    let id = publication
                        .properties
                        .message_id
                        .as_ref()
                        .expect("an order");
                    orders.insert(*message, OrderId(id.parse().expect("a number")));
                }
                _ => {}
            }
            if let Some((order, begins)) = work(&event, &world, &queue, &orders) {
                let since = at - came[&order];
                if begins {
                    wait += since;
                } else {
                    (sojourn, left) = (sojourn + since, left + 1);
                    area += i128::from(since);
                }
            }
        }
    }
    let whole = world.now().as_secs_f64();
    Seen {
        wait: wait as f64 / left as f64 / 1e6,
        sojourn: sojourn as f64 / left as f64 / 1e6,
        in_system: area as f64 / 1e6 / whole,
        rate: left as f64 / whole,
    }
}

/// The order that a service of that name begins to work on, or has worked on.
fn work(
    event: &Event,
    world: &World,
    name: &Name,
    orders: &BTreeMap<leveret::broker::MessageId, OrderId>,
) -> Option<(OrderId, bool)> {
    let called = |of: http::Of| {
        world
            .http()
            .service(of.service)
            .is_some_and(|it| it.name() == name)
    };
    match &event.kind {
        EventKind::Http(http::Event::Started { of, .. }) if called(*of) => Some((of.order, true)),
        EventKind::Http(http::Event::Worked { of }) if called(*of) => Some((of.order, false)),
        EventKind::Started { worker, queued, .. } | EventKind::Finished { worker, queued, .. } => {
            let worker = world.worker(*worker).filter(|it| it.name() == name);
            let begins = matches!(event.kind, EventKind::Started { .. });
            worker.map(|_| (orders[&queued.message], begins))
        }
        _ => None,
    }
}

/// Holds that what was found over the seeds agrees with what must be, and well enough to say so.
fn agrees(what: &str, found: &[f64], right: f64, within: f64) {
    let estimate = Estimate::of(found);
    let half = estimate.half_width.expect("several seeds") * TO_99;
    let mean = estimate.mean;
    assert!(
        (mean - right).abs() <= half.max(right * 1e-3),
        "{what}: {mean} ± {half}, theory {right}"
    );
    assert!(
        half <= within * right,
        "{what}: {mean} ± {half} says little"
    );
}

fn millis(millis: u64) -> Micros {
    Micros::from_millis(millis)
}

/// Mean waits by Erlang's C formula, in seconds.
fn erlang_c(rate: f64, mean: f64, workers: u32) -> f64 {
    let load = rate * mean;
    let busy = load / f64::from(workers);
    let (mut term, mut sum) = (1.0, 0.0);
    for k in 0..workers {
        sum += term;
        term *= load / f64::from(k + 1);
    }
    let all_busy = term / (1.0 - busy);
    let waits = all_busy / (sum + all_busy);
    waits * mean / (f64::from(workers) * (1.0 - busy))
}

/// Mean waits by Pollaczek's and Khinchine's formula, in seconds; `square` is the mean of the squared service time.
fn pollaczek_khinchine(rate: f64, mean: f64, square: f64) -> f64 {
    rate * square / (2.0 * (1.0 - rate * mean))
}

#[test]
fn waits_are_as_queueing_theory_has_them() {
    let mean = 0.01;
    let random = ServiceTime::Random(millis(10));
    let fixed = ServiceTime::Fixed(millis(10));
    let between = ServiceTime::Between(millis(5), millis(15));
    // Half of the square of the width is the variance of what is even, over twelve.
    let even = mean * mean + 0.01 * 0.01 / 12.0;
    let cases = [
        ("M/M/1 at 0.5", 50.0, random, 1, 0.5 / (100.0 - 50.0)),
        ("M/M/1 at 0.7", 70.0, random, 1, 0.7 / (100.0 - 70.0)),
        ("M/M/3 at 0.67", 200.0, random, 3, erlang_c(200.0, mean, 3)),
        ("M/M/8 at 0.75", 600.0, random, 8, erlang_c(600.0, mean, 8)),
        (
            "M/D/1 at 0.7",
            70.0,
            fixed,
            1,
            pollaczek_khinchine(70.0, mean, mean * mean),
        ),
        (
            "M/U/1 at 0.7",
            70.0,
            between,
            1,
            pollaczek_khinchine(70.0, mean, even),
        ),
    ];
    for (name, rate, time, workers, wait) in cases {
        for side in Side::ALL {
            let seen: Vec<_> = (1..=SEEDS)
                .map(|seed| {
                    let comparison = one_queue(rate, 30_000, time, workers);
                    watch(&Comparison { seed, ..comparison }, side)
                })
                .collect();
            let waits: Vec<_> = seen.iter().map(|it| it.wait).collect();
            let sojourns: Vec<_> = seen.iter().map(|it| it.sojourn).collect();
            agrees(&format!("{name}, wait, {side:?}"), &waits, wait, 0.15);
            agrees(
                &format!("{name}, sojourn, {side:?}"),
                &sojourns,
                wait + mean,
                0.1,
            );
            for it in seen {
                // Little, L = λW; here exactly, since nobody is left over.
                let product = it.rate * it.sojourn;
                assert!((it.in_system - product).abs() < 1e-6 * product, "{name}");
            }
        }
    }
}

#[test]
fn little_holds_between_measures_that_are_taken_apart() {
    // Workers held are averaged over time, service times over orders.
    for side in Side::ALL {
        let comparison = one_queue(200.0, 8_000, ServiceTime::Random(millis(10)), 3);
        let comparison = Comparison {
            until: Micros::from_secs(40),
            ..comparison
        };
        let summary = run(&comparison, side).expect("a run");
        let held = summary.services[1].held_mean;
        let load = summary.done as f64 / 40.0 * 0.01;
        assert!((held - load).abs() < 0.03 * load, "{held} {load}");
    }
}

#[test]
fn an_order_takes_the_same_service_time_on_both_sides() {
    let spans = |side| {
        let mut world = World::new(&shop().setup(side)).expect("it can be set up");
        let (mut orders, mut spans) = (BTreeMap::new(), BTreeMap::new());
        let mut events = Vec::new();
        while world.step(&mut events) {
            for event in events.drain(..) {
                let (order, name, until) = match &event.kind {
                    EventKind::Published {
                        message,
                        publication,
                        ..
                    } => {
                        let id = publication
                            .properties
                            .message_id
                            .as_ref()
                            .expect("an order");
                        orders.insert(*message, id.parse().expect("a number"));
                        continue;
                    }
                    EventKind::Http(http::Event::Started { of, until }) => {
                        let service = world.http().service(of.service).expect("a service");
                        (of.order.0, service.name().clone(), *until)
                    }
                    EventKind::Started {
                        worker,
                        queued,
                        until,
                    } => {
                        let worker = world.worker(*worker).expect("a consumer");
                        (orders[&queued.message], worker.name().clone(), *until)
                    }
                    _ => continue,
                };
                spans.insert((order, name), until.since(event.at));
            }
        }
        spans
    };
    let [http, messaging] = Side::ALL.map(spans);
    assert!(http.len() > 2_900);
    assert_eq!(http, messaging);
}

#[test]
fn availabilities_multiply_over_http_and_not_by_way_of_a_broker() {
    // Three services in a chain, each of which fails on one order in a hundred: 0.99³.
    let chain = |seed| {
        let instant = ServiceTime::Fixed(Micros::ZERO);
        let mut services = vec![
            service("entry", 100, instant, &["second"]),
            service("second", 100, instant, &["third"]),
            service("third", 100, instant, &[]),
        ];
        for service in &mut services {
            service.failure_rate = 0.01;
        }
        Comparison {
            seed,
            services,
            until: Micros::from_secs(1_000),
            ..one_queue(100.0, 5_000, instant, 1)
        }
    };
    for (side, right) in [(Side::Http, 0.99_f64.powi(3)), (Side::Messaging, 0.99)] {
        let found: Vec<_> = (1..=SEEDS)
            .map(|seed| {
                let summary = run(&chain(seed), side).expect("a run");
                assert_eq!(summary.to_do + summary.lost, 0);
                summary.answered as f64 / summary.sent as f64
            })
            .collect();
        agrees(&format!("availability, {side:?}"), &found, right, 0.005);
    }
}

#[test]
fn tries_at_each_of_several_layers_multiply() {
    // n tries at each of k layers are nᵏ requests at the bottom.
    for (tries, layers) in [(2_u32, 2_usize), (3, 2), (3, 3), (4, 3), (2, 5)] {
        let name = |layer: usize| format!("s{layer}");
        let mut services: Vec<ServiceSpec> = (1..=layers)
            .map(|layer| {
                let callee = name(layer + 1);
                let calls: &[&str] = if layer < layers { &[&callee] } else { &[] };
                service(&name(layer), 1_000, ServiceTime::Fixed(millis(1)), calls)
            })
            .collect();
        services[layers - 1].failure_rate = 1.0;
        let comparison = Comparison {
            services,
            user_retries: tries - 1,
            http: HttpSide {
                retries: tries - 1,
                back_off: BackOff {
                    first: millis(1),
                    ..BackOff::default()
                },
                ..patient()
            },
            ..one_queue(50.0, 40, ServiceTime::Fixed(Micros::ZERO), 1)
        };
        let summary = run(&comparison, Side::Http).expect("a run");
        let bottom = summary.services[layers - 1].failed;
        assert_eq!(bottom, 40 * u64::from(tries).pow(layers as u32));
        assert_eq!(summary.failed, 40);
    }
}

#[test]
fn a_backlog_drains_at_what_is_left_of_the_rate() {
    // For ten seconds 200 a second come to one who does 100 a second: a backlog of 1,000. Then 50 come: it is gone after
    // 1,000 / (100 - 50) seconds.
    let comparison = one_queue(50.0, 5_000, ServiceTime::Fixed(millis(10)), 1);
    let comparison = Comparison {
        workload: Workload {
            arrival: Arrival::Even,
            until: Micros::from_secs(60),
            ..comparison.workload
        },
        faults: vec![Fault {
            kind: FaultKind::Surge(4.0),
            from: Micros::from_secs(10),
            until: Some(Micros::from_secs(20)),
        }],
        until: Micros::from_secs(70),
        ..comparison
    };
    for side in Side::ALL {
        let mut world = World::new(&comparison.setup(side)).expect("it can be set up");
        let mut series = Series::new(&comparison, &world, millis(100), 1);
        let mut events = Vec::new();
        while world.step(&mut events) {
            events.drain(..).for_each(|event| series.read(&event));
        }
        let backlog = |at: u64| {
            let point = &series.points()[(at / 100) as usize - 1];
            point.waiting + point.to_do
        };
        assert!(backlog(20_000).abs_diff(1_000) <= 3, "{}", backlog(20_000));
        assert!(backlog(30_000).abs_diff(500) <= 3, "{}", backlog(30_000));
        let drained = (201..700)
            .map(|step| step * 100)
            .find(|&at| backlog(at) <= 1);
        let drained = drained.expect("it drains");
        assert!(drained.abs_diff(40_000) <= 100, "{drained}");
    }
}
