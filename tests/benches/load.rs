//! How fast a broker's definitions are read: `cargo bench --no-default-features --bench load`. Of 100,000 queues and
//! 1,000,000 bindings.

use std::fmt::Write;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use leveret::scenario::definitions::read;
use leveret::scenario::load_str;
use leveret::world::World;

const EXCHANGES: usize = 1_000;
const QUEUES: usize = 100_000;
const BINDINGS: usize = 1_000_000;

fn list(text: &mut String, name: &str, count: usize, thing: impl Fn(usize) -> String) {
    for n in 0..count {
        let begin = if n == 0 { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = write!(text, "{begin}{}", thing(n));
    }
    let _ = write!(text, "],\"{name}\":[");
}

fn definitions() -> String {
    let mut text = String::from(
        "{\"rabbitmq_version\":\"4.2.0\",\"vhosts\":[{\"name\":\"/\"}],\"exchanges\":[",
    );
    list(&mut text, "queues", EXCHANGES, |n| {
        format!(
            "{{\"name\":\"exchange-{n}\",\"vhost\":\"/\",\"type\":\"{}\",\"durable\":true,\"auto_delete\":false,\"internal\":false,\"arguments\":{{}}}}",
            ["direct", "topic", "fanout"][n % 3]
        )
    });
    list(&mut text, "bindings", QUEUES, |n| {
        format!(
            "{{\"name\":\"queue-{n}\",\"vhost\":\"/\",\"durable\":true,\"auto_delete\":false,\"arguments\":{{\"x-queue-type\":\"classic\"}}}}"
        )
    });
    list(&mut text, "parameters", BINDINGS, |n| {
        format!(
            "{{\"source\":\"exchange-{}\",\"vhost\":\"/\",\"destination\":\"queue-{}\",\"destination_type\":\"queue\",\"routing_key\":\"key.{n}\",\"arguments\":{{}}}}",
            n % EXCHANGES,
            n % QUEUES
        )
    });
    text.push_str("]}");
    text
}

fn load(criterion: &mut Criterion) {
    let text = definitions();
    let mut group = criterion.benchmark_group("load");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(30))
        .throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("read", |bencher| {
        bencher.iter_with_large_drop(|| read("bench.json", black_box(&text)).expect("definitions"));
    });
    group.bench_function("scenario", |bencher| {
        bencher.iter_with_large_drop(|| {
            load_str("bench.json", black_box(&text)).expect("definitions")
        });
    });
    group.bench_function("scenario and world", |bencher| {
        bencher.iter_with_large_drop(|| {
            let scenario = load_str("bench.json", black_box(&text)).expect("definitions");
            let world = World::new(&scenario.setup).expect("a world");
            (scenario, world)
        });
    });
    let scenario = load_str("bench.json", &text).expect("definitions");
    group.bench_function("world", |bencher| {
        bencher.iter_with_large_drop(|| World::new(&scenario.setup).expect("a world"));
    });
    group.bench_function("export", |bencher| {
        bencher.iter_batched(
            || (),
            |()| scenario.to_definitions().document.to_json().len(),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, load);
criterion_main!(benches);
