//! How fast both wirings of a comparison are run for their numbers: `cargo bench --no-default-features --bench compare`.
//! Ten minutes at a thousand orders a second.

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leveret::broker::{Micros, Profile};
use leveret::compare::{Comparison, HttpSide, MessagingSide, ServiceSpec, Side, run};
use leveret::world::ServiceTime;
use leveret::world::http::{Arrival, Workload};

const RATE: u64 = 1_000;
const MINUTES: u64 = 10;

fn service(name: &str, workers: u32, millis: u64, calls: &[&str]) -> ServiceSpec {
    ServiceSpec {
        workers,
        time: ServiceTime::Random(Micros::from_millis(millis)),
        calls: calls.iter().map(|&name| name.into()).collect(),
        ..ServiceSpec::new(name)
    }
}

/// An entry and two services that it calls, each three quarters busy or less.
fn comparison() -> Comparison {
    let until = Micros::from_secs(60 * MINUTES);
    Comparison {
        profile: Profile::default(),
        seed: 1,
        users: "users".into(),
        request: "POST /orders".into(),
        workload: Workload {
            arrival: Arrival::Random,
            rate: RATE as f64,
            start: Micros::ZERO,
            until,
            count: None,
            wave: None,
            surges: Vec::new(),
            urgent: 0.0,
        },
        user_timeout: Some(Micros::from_secs(30)),
        user_retries: 0,
        deadline: None,
        network: Micros::from_millis(1),
        write: Micros::from_millis(1),
        services: vec![
            service("entry", 64, 2, &["stock", "mail"]),
            service("stock", 16, 10, &[]),
            service("mail", 24, 15, &[]),
        ],
        faults: Vec::new(),
        until,
        http: HttpSide::default(),
        messaging: MessagingSide::default(),
    }
}

fn compare(criterion: &mut Criterion) {
    let comparison = comparison();
    let mut group = criterion.benchmark_group("compare");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(60))
        .throughput(Throughput::Elements(RATE * 60 * MINUTES));
    for (name, sides) in [
        ("http", &Side::ALL[..1]),
        ("messaging", &Side::ALL[1..]),
        ("both", &Side::ALL[..]),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for &side in sides {
                    let summary = run(&comparison, side).expect("it can be set up");
                    assert!(summary.done > 595_000, "{summary:?}");
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, compare);
criterion_main!(benches);
