//! The room as a whole: good files, bad files, and any bytes at all.

mod any;
mod comparison;
mod good;
mod mistakes;
mod mistakes_in_comparisons;
mod mistakes_of_habit;
mod refusals;

use super::*;

/// A good scenario that uses most of the format.
const EVERYTHING: &str = r##"
(
    title: {"en": "All", "it": "Tutto"}, teaches: "much", seed: 9, until: "5s", profile: 3.13, vhost: "lab",
    latency: (publish: "100ms", ack: "1us", dead_letter: "7ms", write: "2ms"),
    exchanges: {"logs": (type: topic, alternate: "errors"), "docs": (type: headers, durable: false), "errors": fanout,
        "inner": (type: direct, internal: true, auto_delete: true, arguments: {"x": 1})},
    queues: {"errors": (), "kernel": quorum, "mine": (exclusive: true, by: "shared", ttl: "5s", expires: "1min"),
        "work": (durable: false, auto_delete: true, max_length: 3, max_bytes: 1000, overflow: reject_publish,
            dead_letter: (exchange: "errors", key: "failed"), max_priority: 5, single_active: true),
        "retry": (type: quorum, delivery_limit: -1, dead_letter: "logs", arguments: {"x-anything": "goes"}),
        "log": (type: stream, max_age: "2min")},
    bindings: [
        (from: "logs", to_exchange: "errors", key: "*.error", latency: "5ms"),
        (from: "errors", to_queue: "errors"),
        (from: "amq.topic", to: "kernel", key: ""),
        (from: "docs", to: "kernel", match: any, headers: {"a": 1, "b": 1.5, "c": (), "d": [true, {"e": "f"}]}),
        (from: "docs", to: "kernel", arguments: {"x-match": "all-with-x"}),
    ],
    policies: {"short": (pattern: "^tmp", apply_to: queues, priority: 1, set: {"message-ttl": 5000})},
    operator_policies: {"long": (pattern: ".*", set: {"max-length": 9})},
    users: {"ann": (tags: ["administrator"], configure: "^a", read: ".*", topics: {"logs": (write: "^a")}), "bob": ()},
    publishers: {
        "steady": (to: "logs", every: "400ms", start: "1s", count: 3, keys: ["kern.error", "x"], transaction: 2),
        "chance": (to: "logs", every: random("2s"), latency: "0s", messages: ["a", (key: "b", to: "docs")],
            connection: "shared", user: "ann", confirms: true, republish: true, mandatory: true),
        "bursts": (every: burst(size: 5, gap: "50ms", every: "4s"), keys: ["kernel"]),
        "script": (messages: [(at: "1.2s", key: "kernel", body: "\"è\"\n\\", headers: {"k": "v"},
            persistent: true, priority: 9, timestamp: 1, type: "t", expiration: "10", app_id: "me")]),
    },
    consumers: {
        "pager": (queue: "errors", takes: between("500ms", "2s"), prefetch: 3, fails: 0.1, on_failure: reject),
        "disk": (queue: "kernel", takes: random("1s"), ack: auto, start: "1s", latency: "2ms"),
        "crasher": (queue: "errors", fails_on: "#.bad", on_failure: crash, reconnect: "2s", priority: 10,
            publishes: (to: "docs", key: "done")),
        "reader": (queue: "log", prefetch: 9, offset: first, arguments: {"x": "y"}),
        "poller": (queue: "errors", polls: "1s", replies: "pong", user: "bob"),
        "asker": (queue: "amq.rabbitmq.reply-to", ack: auto, connection: "shared", user: "ann", publishes: (to: "errors")),
        "alone": (queue: "mine", connection: "shared", exclusive: true, global_prefetch: true),
    },
    script: [
        (at: "1s", declare_queue: "late"), (at: "1s", declare_exchange: (name: "x", type: fanout, durable: false)),
        (at: "1s", bind: (from: "x", to: "late")), (at: "2s", unbind: (from: "x", to: "late")),
        (at: "2s", delete_queue: "late"), (at: "2s", delete_exchange: "x"), (at: "2s", purge: "errors"),
        (at: "2s", set_policy: (name: "p", pattern: "", operator: true, set: {"expires": 1})),
        (at: "2s", clear_policy: "short"), (at: "2s", set_user: (name: "eve")),
        (at: "2s", alarm: memory), (at: "3s", clear_alarm: memory), (at: "3s", stop: crash), (at: "4s", start: ()),
        (at: "4s", lose: "pager"), (at: "4s", close: "disk"), (at: "4s", kill: "shared"), (at: "5s", connect: "app"), (at: "6s", connect: "app", user: "bob"),
        (at: "5s", by: "app", declare_queue: (name: "", exclusive: true)),
        (at: "5s", by: "app", declare_queue: (name: "nowhere", passive: true)),
        (at: "5s", by: "app", bind: (from: "logs", to_queue: "", key: "a", arguments: {"x": 1})),
        (at: "5s", by: "app", bind: (from: "logs", to_queue: "errors", key: "a")),
        (at: "5s", by: "app", unbind: (from: "logs", to_exchange: "errors", key: "a")),
        (at: "5s", by: "app", delete_queue: (name: "work", if_empty: true, if_unused: true)),
        (at: "5s", by: "app", delete_exchange: (name: "docs", if_unused: true)),
        (at: "5s", by: "app", purge: ""), (at: "5s", by: "app", qos: 5),
        (at: "5s", by: "app", qos: (prefetch: 1, global: true, size: 3)),
        (at: "5s", by: "app", consume: (queue: "errors", tag: "t", ack: auto, exclusive: true, priority: -1)),
        (at: "5s", by: "app", cancel: "t"), (at: "5s", by: "app", get: "errors"),
        (at: "5s", by: "app", ack: 1), (at: "5s", by: "app", ack: (tag: 0, multiple: true)),
        (at: "5s", by: "app", nack: (tag: 2, multiple: true, requeue: false)), (at: "5s", by: "app", reject: 3),
        (at: "5s", by: "app", recover: ()), (at: "5s", by: "app", confirm: select), (at: "5s", by: "app", tx: rollback),
        (at: "5s", by: "app", flow: false),
        (at: "5s", by: "app", close_channel: ()),
    ],
    expect: [
        (publish: (to: "logs", key: "kern.error", headers: {"a": 1}), reaches: ["errors"]),
        (publish: (key: "nobody"), reaches: []),
        (at: "5s", queue: "errors", ready: 3, unacked: 1, turned_away: 0, consumers: 2),
        (at: "1s", consumer: "pager", acked: 4, delivered: 5, unacked: 1, redelivered: 1),
        (publisher: "steady", published: 12, confirmed: 1, nacked: 0, returned: 2),
        (unroutable: 2), (at: "2s", connection: "shared", state: flow), (connection: "poller", state: closed),
        (at: "2s", returned: 1, confirmed: 2, nacked: 3),
        (died: (queue: "work", reason: expired, count: 3)), (died: (queue: "work", count: 4)),
        (order: (queue: "errors", keys: ["a", "b"])), (at: "1s", order: (consumer: "pager", bodies: [])),
        (refused: (code: 406, count: 1)), (exists: "work"), (at: "3s", gone: "late"),
    ],
)
"##;

/// All that can be said of a comparison.
const COMPARISON: &str = r##"(
    title: "Both ways", profile: "4.3", seed: 7, until: "90s",
    question: {"en": "Which one?", "it": "Quale?"},
    predictions: ["HTTP", "messaging (of course)"],
    right: 2,
    answer: "It was messaging.",
    compare: (
        users: (name: "customers", ask: "PUT /orders/today", rate: 12.5, arrivals: random, start: "1s", during: "40s",
            count: 400, wave: (every: "20s", swing: 0.5), urgent: 0.1, timeout: "4s", retries: 1, deadline: "2s"),
        network: "7ms", write: "1ms",
        services: [
            (name: "shop", workers: 6, takes: "5ms", calls: ["stock", "mail"]),
            (name: "stock", workers: 4, takes: random("50ms"), calls: ["invoice"]),
            (name: "mail", takes: between("80ms", "120ms"), fails: 0.01, idempotent: true),
            (name: "invoice"),
        ],
        faults: [
            (down: "mail", from: "20s", until: "30s"), (refusing: "stock", until: "1s"), (slow: "stock", times: 10),
            (failing: "invoice", share: 0.1), (losing: "mail", share: 1), (broker: down, from: "25s"),
            (surge: 5, from: "3s", until: "4s"),
        ],
        http: (
            timeout: never, retries: 3, 
            back_off: (first: "50ms", most: "1s", jitter: false), connections: 20,
            breaker: (failures: 5, open_for: "10s"), backlog: unlimited, when_full: 429, parallel: true,
            services: [
                (name: "shop", workers: 12, timeout: "3s", retries: 0, backlog: 5, when_full: silent, parallel: false),
                (name: "stock", limit: (rate: 2.5, burst: 3), backlog: unlimited, timeout: never),
            ],
        ),
        messaging: (
            prefetch: 10, confirms: false, confirm_timeout: never, persistent: false, queue_type: quorum,
            retry_after: at_once, max_length: 100, overflow: reject_publish,
            exchanges: { "today": fanout, "audit": topic },
            queues: { "to-mail": (ttl: "5s", dead_letter: "audit"), "log": () },
            bindings: [(from: "today", to: "log"), (from: "audit", to: "log", key: "#")],
            policies: { "short": (pattern: "^log", set: {"max-length": 5}) },
            operator_policies: { "all": (pattern: "", set: {"max-length": 50}) },
            services: [(name: "mail", workers: 2, prefetch: 0, retry_after: "3s"), (name: "shop", when_full: 503, limit: (rate: 5))],
        ),
    ),
    expect: [
        (side: http, failed: (200, 230), wait_p99: ("2s", "2.1s"), held_mean: 5.25, in_time: 3),
        (at: "29s", side: messaging, service: "mail", worked: 7, held_mean: (0, 0.125), last_worked: "28s"),
        (at: "29s", queue: "to-mail", ready: 3), (consumer: "stock", acked: 4), (publisher: "shop", published: 9),
        (publish: (to: "today"), reaches: ["to-mail", "to-stock", "log"]),
    ],
)"##;

fn without_places(mut scenario: Scenario) -> Scenario {
    for expectation in &mut scenario.expect {
        expectation.place = Place::default();
    }
    scenario
}
