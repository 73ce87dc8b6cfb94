//! The room as a whole: good files, bad files, and any bytes at all.

mod any;
mod good;
mod mistakes;
mod refusals;

use super::*;

/// A good scenario that uses most of the format.
const EVERYTHING: &str = r#"
(
    title: {"en": "All", "it": "Tutto"}, teaches: "much", seed: 9, until: "5s",
    latency: (publish: "100ms", ack: "1us"),
    exchanges: {"logs": topic, "docs": (type: headers), "errors": fanout},
    queues: ["errors", "kernel"],
    bindings: [
        (from: "logs", to_exchange: "errors", key: "*.error", latency: "5ms"),
        (from: "errors", to_queue: "errors"),
        (from: "amq.topic", to: "kernel", key: ""),
        (from: "docs", to: "kernel", match: any, headers: {"a": 1, "b": 1.5, "c": (), "d": [true, {"e": "f"}]}),
        (from: "docs", to: "kernel", arguments: {"x-match": "all-with-x"}),
    ],
    publishers: {
        "steady": (to: "logs", every: "400ms", start: "1s", count: 3, keys: ["kern.error", "x"]),
        "chance": (to: "logs", every: random("2s"), latency: "0s", messages: ["a", (key: "b", to: "docs")]),
        "bursts": (every: burst(size: 5, gap: "50ms", every: "4s"), keys: ["kernel"]),
        "script": (messages: [(at: "1.2s", key: "kernel", body: "\"è\"\n\\", headers: {"k": "v"},
            persistent: true, priority: 9, timestamp: 1, type: "t", expiration: "10", app_id: "me")]),
    },
    consumers: {
        "pager": (queue: "errors", takes: between("500ms", "2s"), prefetch: 3, fails: 0.1, on_failure: reject),
        "disk": (queue: "kernel", takes: random("1s"), ack: auto, start: "1s", latency: "2ms"),
    },
    expect: [
        (publish: (to: "logs", key: "kern.error", headers: {"a": 1}), reaches: ["errors"]),
        (publish: (key: "nobody"), reaches: []),
        (at: "5s", queue: "errors", ready: 3, unacked: 1),
        (at: "1s", consumer: "pager", acked: 4, delivered: 5, unacked: 1),
        (publisher: "steady", published: 12),
        (unroutable: 2),
    ],
)
"#;

fn without_places(mut scenario: Scenario) -> Scenario {
    for expectation in &mut scenario.expect {
        expectation.place = Place::default();
    }
    scenario
}
