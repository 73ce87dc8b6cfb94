//! What services do that call one another over HTTP, step by step: status codes as RFC 9110 and RFC 6585 have them, and
//! H2 and H3 of the broker's rules.

use leveret::broker::{Micros, Name};
use leveret::world::http::{
    Arrival, BackOff, BreakerSetup, Call, Change, Event, RateLimit, Reach, ServiceSetup,
    UsersSetup, WhenFull, Workload,
};
use leveret::world::{Act, Deed, EventKind, Latency, ServiceTime, Setup, World};

const fn ms(millis: u64) -> Micros {
    Micros::from_millis(millis)
}

/// Orders at these distances, each way 10 ms, users who wait for ever.
fn setup(every: u64, orders: u64, services: Vec<ServiceSetup>) -> Setup {
    Setup {
        latency: Latency {
            http: ms(10),
            ..Latency::default()
        },
        clients: Some(UsersSetup {
            name: "users".into(),
            request: "POST /orders".into(),
            workload: Workload {
                arrival: Arrival::Even,
                rate: 1e3 / every as f64,
                start: Micros::ZERO,
                until: Micros::from_secs(100),
                count: Some(orders),
                wave: None,
                surges: Vec::new(),
                urgent: 0.0,
            },
            call: Call::to(services[0].name.clone()),
        }),
        services,
        ..Setup::default()
    }
}

/// A service with one worker, of so many milliseconds.
fn service(name: &str, time: u64, calls: Vec<Call>) -> ServiceSetup {
    ServiceSetup {
        name: name.into(),
        time: ServiceTime::Fixed(ms(time)),
        calls,
        ..ServiceSetup::default()
    }
}

fn change(at: u64, service: &str, change: Change) -> Act {
    Act {
        at: ms(at),
        deed: Deed::Change {
            service: Name::from(service),
            change,
        },
    }
}

/// What happens to each user in the end: `1 200 OK at 40`.
fn told(setup: &Setup) -> Vec<String> {
    let told = all(setup)
        .into_iter()
        .filter_map(|(at, event)| match event {
            Event::Settled { order, outcome } => {
                let outcome = leveret::words::http_outcome(outcome);
                Some(format!("{} {outcome} at {}", order.0, at.0 / 1_000))
            }
            _ => None,
        });
    told.collect()
}

fn all(setup: &Setup) -> Vec<(Micros, Event)> {
    let mut world = World::new(setup).unwrap();
    let mut events = Vec::new();
    while world.step(&mut events) {}
    let http = events.into_iter().filter_map(|event| match event.kind {
        EventKind::Http(what) => Some((event.at, what)),
        _ => None,
    });
    http.collect()
}

fn when(setup: &Setup, is_it: impl Fn(&Event) -> bool) -> Vec<u64> {
    let events = all(setup).into_iter();
    let times = events.filter(|(_, event)| is_it(event));
    times.map(|(at, _)| at.0 / 1_000).collect()
}

#[test]
fn a_call_takes_both_ways_and_the_work_and_holds_its_worker_till_it_answers() {
    let shop = service("shop", 20, vec![Call::to("stock"), Call::to("mail")]);
    let setup = setup(
        1_000,
        1,
        vec![
            shop,
            service("stock", 30, vec![]),
            service("mail", 40, vec![]),
        ],
    );
    // 10 + 20 + (10 + 30 + 10) + (10 + 40 + 10) + 10
    assert_eq!(told(&setup), ["1 200 OK at 150"]);
    let mut at_once = setup;
    at_once.services[0].parallel = true;
    // 10 + 20 + (10 + 40 + 10) + 10
    assert_eq!(told(&at_once), ["1 200 OK at 100"]);
}

#[test]
fn who_finds_all_workers_held_waits_in_the_backlog_and_beyond_it_is_refused() {
    for (when_full, second) in [
        (WhenFull::Unavailable, "3 503 Service Unavailable at 22"),
        (WhenFull::TooMany, "3 429 Too Many Requests at 22"),
    ] {
        let mut shop = service("shop", 100, vec![]);
        (shop.backlog, shop.when_full) = (Some(1), when_full);
        let setup = setup(1, 3, vec![shop]);
        // The second waits for the first: it is done at 10 + 100 + 100.
        assert_eq!(told(&setup), [second, "1 200 OK at 120", "2 200 OK at 220"]);
    }
    let mut shop = service("shop", 100, vec![]);
    (shop.backlog, shop.when_full) = (Some(1), WhenFull::Silent);
    let silent = setup(1, 3, vec![shop]);
    assert_eq!(told(&silent), ["1 200 OK at 120", "2 200 OK at 220"]);
}

#[test]
fn a_service_takes_so_many_in_a_time_and_answers_the_others_429() {
    let mut shop = service("shop", 1, vec![]);
    shop.limit = Some(RateLimit {
        rate: 1.0,
        burst: 2,
    });
    let setup = setup(100, 4, vec![shop]);
    assert_eq!(
        told(&setup),
        [
            "1 200 OK at 21",
            "2 200 OK at 121",
            "3 429 Too Many Requests at 220",
            "4 429 Too Many Requests at 320"
        ]
    );
}

#[test]
fn a_service_passes_on_what_came_of_its_call() {
    let call = || Call {
        timeout: Some(ms(200)),
        ..Call::to("stock")
    };
    let services = |stock: ServiceSetup| vec![service("shop", 0, vec![call()]), stock];
    let cases = [
        // (what is the matter with stock, what the user is told)
        (
            Some(Change::Reach(Reach::Silent)),
            "1 504 Gateway Timeout at 220",
        ),
        (
            Some(Change::Reach(Reach::Refusing)),
            "1 503 Service Unavailable at 40",
        ),
        (
            Some(Change::Failing(1.0)),
            "1 500 Internal Server Error at 50",
        ),
        (Some(Change::Slow(30.0)), "1 504 Gateway Timeout at 220"),
        (Some(Change::Losing(1.0)), "1 504 Gateway Timeout at 220"),
        (None, "1 200 OK at 50"),
    ];
    for (matter, right) in cases {
        let mut setup = setup(1_000, 1, services(service("stock", 10, vec![])));
        setup.script = matter
            .map(|matter| change(0, "stock", matter))
            .into_iter()
            .collect();
        assert_eq!(told(&setup), [right], "{matter:?}");
    }
}

#[test]
fn who_gives_up_is_not_heard_of_and_the_work_is_done_nevertheless() {
    // H2
    let call = Call {
        timeout: Some(ms(50)),
        ..Call::to("mail")
    };
    let setup = setup(
        1_000,
        1,
        vec![service("shop", 0, vec![call]), service("mail", 100, vec![])],
    );
    assert_eq!(told(&setup), ["1 504 Gateway Timeout at 70"]);
    let worked = when(
        &setup,
        |event| matches!(event, Event::Worked { of } if of.service.0 == 1),
    );
    assert_eq!(worked, [120], "mail does not know that nobody waits");
    let late = when(&setup, |event| {
        matches!(event, Event::Answered { late: true, .. })
    });
    assert_eq!(late, [130]);
}

#[test]
fn tries_are_made_after_pauses_that_double_up_to_the_longest() {
    let call = Call {
        retries: 4,
        back_off: BackOff {
            first: ms(100),
            most: ms(300),
            jitter: false,
        },
        ..Call::to("stock")
    };
    let mut setup = setup(
        1_000,
        1,
        vec![service("shop", 0, vec![call]), service("stock", 0, vec![])],
    );
    setup
        .script
        .push(change(0, "stock", Change::Reach(Reach::Refusing)));
    let tries = when(
        &setup,
        |event| matches!(event, Event::Requested { of, .. } if of.service.0 == 1),
    );
    // Each is refused after 20 ms; then 100, 200, 300 and 300 ms.
    assert_eq!(tries, [10, 130, 350, 670, 990]);
    assert_eq!(told(&setup), ["1 503 Service Unavailable at 1020"]);
}

#[test]
fn jitter_is_anything_up_to_the_pause_and_the_same_every_time() {
    let call = Call {
        retries: 1,
        back_off: BackOff {
            first: ms(1_000),
            most: ms(1_000),
            jitter: true,
        },
        ..Call::to("stock")
    };
    let mut setup = setup(
        5,
        40,
        vec![
            ServiceSetup {
                workers: 40,
                ..service("shop", 0, vec![call])
            },
            service("stock", 0, vec![]),
        ],
    );
    setup
        .script
        .push(change(0, "stock", Change::Reach(Reach::Refusing)));
    let pauses = |setup: &Setup| -> Vec<u64> {
        let events = all(setup).into_iter();
        let paused = events.filter_map(|(at, event)| match event {
            Event::BackedOff { until, .. } => Some(until.since(at).0 / 1_000),
            _ => None,
        });
        paused.collect()
    };
    let first = pauses(&setup);
    assert_eq!(first.len(), 40);
    assert!(first.iter().all(|pause| *pause <= 1_000));
    let mean = first.iter().sum::<u64>() / 40;
    assert!((350..650).contains(&mean), "{mean}");
    assert_eq!(first, pauses(&setup));
}

#[test]
fn connections_are_taken_in_turn_and_the_time_out_counts_from_the_beginning_of_waiting() {
    let call = Call {
        connections: Some(1),
        timeout: Some(ms(250)),
        ..Call::to("stock")
    };
    let shop = ServiceSetup {
        workers: 3,
        ..service("shop", 0, vec![call])
    };
    let stock = ServiceSetup {
        workers: 3,
        ..service("stock", 80, vec![])
    };
    let setup = setup(1, 3, vec![shop, stock]);
    // One after the other, though stock has three workers: 100 ms each.
    assert_eq!(
        told(&setup),
        [
            "1 200 OK at 120",
            "2 200 OK at 220",
            "3 504 Gateway Timeout at 272"
        ]
    );
}

#[test]
fn an_open_circuit_breaker_calls_nobody_until_a_probe_succeeds() {
    let call = Call {
        breaker: Some(BreakerSetup {
            failures: 2,
            open_for: ms(350),
        }),
        ..Call::to("stock")
    };
    let mut setup = setup(
        100,
        9,
        vec![service("shop", 0, vec![call]), service("stock", 0, vec![])],
    );
    setup.script = vec![
        change(0, "stock", Change::Reach(Reach::Refusing)),
        change(450, "stock", Change::Reach(Reach::Up)),
    ];
    let changes = when(&setup, |event| matches!(event, Event::Breaker { .. }));
    // The second refusal at 130 opens it; the first call after 480 is a probe, and comes back well at 530.
    assert_eq!(changes, [130, 530]);
    let spared = when(&setup, |event| {
        matches!(event, Event::ShortCircuited { .. })
    });
    assert_eq!(spared, [210, 310, 410]);
    assert_eq!(told(&setup)[2], "3 503 Service Unavailable at 220");
    assert_eq!(told(&setup)[5], "6 200 OK at 540");
}

#[test]
fn what_a_service_was_doing_when_it_ended_is_gone_with_it() {
    for (reach, right) in [
        // Nobody says so; the caller waits as long as it would.
        (Reach::Silent, "1 504 Gateway Timeout at 520"),
        // Its machine closes the connection.
        (Reach::Refusing, "1 503 Service Unavailable at 80"),
    ] {
        let call = Call {
            timeout: Some(ms(500)),
            ..Call::to("stock")
        };
        let mut setup = setup(
            1_000,
            1,
            vec![
                service("shop", 0, vec![call]),
                service("stock", 200, vec![]),
            ],
        );
        setup.script = vec![
            change(60, "stock", Change::Reach(reach)),
            change(70, "stock", Change::Reach(Reach::Up)),
        ];
        assert_eq!(told(&setup), [right], "{reach:?}");
        let worked = when(
            &setup,
            |event| matches!(event, Event::Worked { of } if of.service.0 == 1),
        );
        assert!(worked.is_empty());
    }
}

#[test]
fn a_service_that_knows_an_order_does_not_work_on_it_again() {
    let call = Call {
        timeout: Some(ms(100)),
        retries: 1,
        back_off: BackOff {
            first: ms(10),
            most: ms(10),
            jitter: false,
        },
        ..Call::to("stock")
    };
    let stock = ServiceSetup {
        idempotent: true,
        ..service("stock", 30, vec![])
    };
    let mut setup = setup(1_000, 1, vec![service("shop", 0, vec![call]), stock]);
    setup.script = vec![
        change(0, "stock", Change::Losing(1.0)),
        change(100, "stock", Change::Losing(0.0)),
    ];
    let count = |of: fn(&Event) -> bool| when(&setup, of).len();
    assert_eq!(
        count(|event| matches!(event, Event::Worked { of } if of.service.0 == 1)),
        1
    );
    assert_eq!(count(|event| matches!(event, Event::Recognised { .. })), 1);
    // Lost, given up at 110, tried again at 120, recognised at once.
    assert_eq!(told(&setup), ["1 200 OK at 150"]);
}
