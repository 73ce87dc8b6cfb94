//! Each mistake in a comparison is told once, with what to do about it.

use super::mistakes::{problems, told};

/// A comparison with something besides.
fn with(part: &str) -> String {
    format!(
        r#"(compare: (users: (rate: 10), services: [(name: "shop", calls: ["mail"]), (name: "mail")], {part}))"#
    )
}

/// A comparison with these services.
fn of_services(services: &str) -> String {
    format!("(compare: (users: (rate: 10), services: [{services}]))")
}

#[test]
fn in_its_services() {
    let cases = [
        (
            r#"(name: "shop", calls: ["shop"])"#,
            "calls itself: shop → shop",
            "take one of these calls away",
        ),
        (
            r#"(name: "a", calls: ["b"]), (name: "b", calls: ["c"]), (name: "c", calls: ["b"])"#,
            "service `b` calls itself: b → c → b",
            "wait for one another",
        ),
        (
            r#"(name: "shop", calls: ["mial"]), (name: "mail")"#,
            "no service is named `mial`",
            "`mail`",
        ),
        (
            r#"(name: "shop", calls: ["b"]), (name: "b"), (name: "b")"#,
            "`b` stands here twice",
            "line 1",
        ),
        (
            r#"(name: "shop", calls: ["b", "b"]), (name: "b")"#,
            "`b` stands here twice",
            "line 1",
        ),
        (
            r#"(name: "shop", workers: 0, calls: ["b"]), (name: "b")"#,
            "from 1 to 10000",
            "",
        ),
        (
            r#"(name: "shop", workers: 1000000000, calls: ["b"]), (name: "b")"#,
            "from 1 to 10000",
            "",
        ),
        (
            r#"(name: "shop", takes: "-5ms", calls: ["b"]), (name: "b")"#,
            "`-5ms` is negative",
            "zero or more",
        ),
        (
            r#"(name: "shop", takes: "99h", calls: ["b"]), (name: "b")"#,
            "too long for a comparison",
            "24h",
        ),
        (
            r#"(name: "shop", fails: 1.5, calls: ["b"]), (name: "b")"#,
            "from 0 (never) to 1",
            "",
        ),
        (
            r#"(name: "shop", fail: 0.5, calls: ["b"]), (name: "b")"#,
            "no field `fail`",
            "`fails`",
        ),
        (
            r#"(name: "shop")"#,
            "`shop` calls nobody",
            "nothing for it to hand over",
        ),
        (
            r#"(name: "shop", calls: ["b"]), (name: "b"), (name: "c")"#,
            "nobody calls `c`",
            "take it out",
        ),
        (
            r#"(name: "shop", calls: ["b", "b-again"]), (name: "b"), (name: "b-again")"#,
            "what `b` fails on waits",
            "does not end in",
        ),
        (r#"(calls: ["b"]), (name: "b")"#, "needs `name`", "name:"),
        (
            r#"(name: "users", calls: ["b"]), (name: "b")"#,
            "`users` is the name of a service",
            "customers",
        ),
        ("", "there are no services", "users call the first"),
    ];
    told(of_services, &cases);
}

#[test]
fn in_its_users() {
    let cases = [
        ("rate: 0", "from 0.001 to 1000000", "nothing to compare"),
        ("rate: -3", "from 0.001 to 1000000", ""),
        ("rate: NaN", "from 0.001 to 1000000", ""),
        ("rate: \"10\"", "from 0.001 to 1000000, found a text", ""),
        ("arrivals: random", "needs `rate`", "rate: 10"),
        ("rate: 10, arrivals: rnadom", "`rnadom` is none", "`random`"),
        ("rate: 10, during: \"0s\"", "zero", ""),
        ("rate: 10, during: \"-1s\"", "negative", ""),
        (
            "rate: 100000, during: \"1h\"",
            "360000000 orders would come",
            "10000000",
        ),
        ("rate: 10, count: 0", "from 1 to 10000000", ""),
        (
            "rate: 10, ask: \"orders\"",
            "`orders` is no request",
            "POST /orders",
        ),
        (
            "rate: 10, ask: \"POST /amq.direct\"",
            "`amq.direct`: names that begin with",
            "ask for something else",
        ),
        ("rate: 10, timeout: \"0s\"", "zero", ""),
        ("rate: 10, retries: 21", "from 0 to 20", ""),
        ("rate: 10, wave: (every: \"0s\", swing: 0.5)", "zero", ""),
        (
            "rate: 10, wave: (every: \"1ms\", swing: 0.5)",
            "too short",
            "1s",
        ),
        (
            "rate: 10, wave: (every: \"9s\", swing: 2)",
            "from 0 to 1",
            "",
        ),
        ("rate: 10, urgent: 10", "from 0 (never) to 1", "0.1"),
        (
            "rate: 10, name: \"shop\"",
            "`shop` is the name of a service",
            "another",
        ),
    ];
    let file = |part: &str| {
        format!(
            r#"(compare: (users: ({part}), services: [(name: "shop", calls: ["mail"]), (name: "mail")]))"#
        )
    };
    told(file, &cases);
}

#[test]
fn in_its_faults() {
    let cases = [
        ("down: \"mial\"", "no service is named `mial`", "`mail`"),
        (
            "down: \"mail\", from: \"20s\", until: \"10s\"",
            "over at 10s, and begins only at 20s",
            "later `until`",
        ),
        ("slow: \"mail\"", "needs `times`", "times: 10"),
        ("slow: \"mail\", times: 0", "from 0.001 to 1000", ""),
        ("failing: \"mail\", share: 2", "from 0 (never) to 1", "0.02"),
        ("losing: \"mail\", share: -1", "from 0 (never) to 1", ""),
        ("surge: -1", "from 0 to 1000", "nobody comes"),
        ("surge: 1e400", "from 0 to 1000", ""),
        ("broker: up", "`up` is none", "`down`"),
        ("from: \"1s\"", "not clear what goes wrong", "broker: down"),
        ("dwon: \"mail\"", "no field `dwon`", "`down`"),
        (
            "down: \"mail\", slow: \"shop\", times: 2",
            "second fault",
            "its own brackets",
        ),
    ];
    told(|part| with(&format!("faults: [({part})]")), &cases);
}

#[test]
fn in_what_is_different_on_a_side() {
    let cases = [
        ("http: (timeout: \"0s\")", "zero", ""),
        ("http: (timeout: forever)", "or `never`", ""),
        ("http: (retries: 21)", "from 0 to 20", "tries multiply"),
        ("http: (when_full: 500)", "`500` is none", "`503`"),
        ("http: (when_full: silend)", "`silend` is none", "`silent`"),
        (
            "http: (back_off: (first: \"2s\", most: \"1s\"))",
            "2s is longer than 1s",
            "at least",
        ),
        (
            "http: (breaker: (failures: 0, open_for: \"1s\"))",
            "from 1 to",
            "",
        ),
        ("http: (breaker: (failures: 1))", "needs `open_for`", ""),
        ("http: (prefetch: 5)", "`http` has no field `prefetch`", ""),
        (
            "http: (services: [(name: \"mial\", workers: 1)])",
            "no service is named `mial`",
            "`mail`",
        ),
        (
            "http: (services: [(name: \"mail\", workers: 0)])",
            "from 1 to 10000",
            "",
        ),
        (
            "http: (services: [(name: \"mail\"), (name: \"mail\")])",
            "`mail` stands here twice",
            "line 1",
        ),
        (
            "http: (services: [(name: \"mail\", limit: (rate: 0))])",
            "from 0.001",
            "",
        ),
        ("messaging: (prefetch: 70000)", "from 0 to 65535", ""),
        (
            "messaging: (queue_type: stream)",
            "no queue type",
            "`classic`",
        ),
        (
            "messaging: (overflow: reject_publish)",
            "without `max_length`",
            "max_length: 100",
        ),
        (
            "messaging: (retry_after: \"1500us\")",
            "finer than a millisecond",
            "",
        ),
        (
            "messaging: (services: [(name: \"shop\", prefetch: 1)])",
            "no field `prefetch`",
            "",
        ),
        (
            "messaging: (services: [(name: \"mail\", limit: (rate: 1))])",
            "no field `limit`",
            "",
        ),
        (
            "messaging: (bindings: [(from: \"order\", to: \"to-mail\")])",
            "no exchange is named `order`",
            "`orders`",
        ),
        (
            "messaging: (queues: { \"to-mail\": (ttl: \"1.5ms\") })",
            "finer than a millisecond",
            "",
        ),
        ("messaging: (max_priority: 256)", "from 1 to 255", ""),
        (
            "messaging: (queue_type: quorum, max_priority: 5)",
            "quorum queues have no highest priority",
            "classic",
        ),
        ("network: \"-5ms\"", "negative", ""),
        ("newtork: \"5ms\"", "no field `newtork`", "`network`"),
    ];
    told(with, &cases);
}

#[test]
fn beside_it() {
    let cases = [
        (
            "queues: [\"q\"]",
            "`queues` does not go beside `compare`",
            "messaging: (queues: …)",
        ),
        ("latency: \"5ms\"", "does not go beside", "network: \"5ms\""),
        ("users: {}", "does not go beside", "users: (rate: 10)"),
        ("script: []", "does not go beside", "faults:"),
        ("until: \"999h\"", "too long for a comparison", "24h"),
        ("right: 1", "no predictions", "predictions:"),
        ("predictions: [\"a\"], right: 2", "from 1 to 1", ""),
        (
            "expect: [(queue: \"to-mial\", ready: 0)]",
            "no queue is named `to-mial`",
            "`to-mail`",
        ),
    ];
    let expected = [
        ("side: htp, sent: 1", "`htp` is none", "`http`"),
        ("side: http", "expects nothing", "`answered`"),
        ("side: http, snet: 1", "no field `snet`", "`sent`"),
        (
            "side: http, sent: (1, 2, 3)",
            "expected two numbers",
            "200, 230",
        ),
        (
            "side: http, sent: (3, 2)",
            "3 is more than 2",
            "smaller one first",
        ),
        (
            "side: http, wait_p50: (\"3s\", \"2s\")",
            "3s is more than 2s",
            "",
        ),
        ("side: http, wait_p50: 3", "has no unit", ""),
        (
            "side: http, service: \"mial\", worked: 1",
            "no service is named `mial`",
            "`mail`",
        ),
        ("side: http, sent: 1, at: \"999s\"", "after the end", ""),
    ];
    let file = |part: &str| with("").replacen('(', &format!("(expect: [({part})], "), 1);
    told(file, &expected);
    let beside = (
        "expect: [(side: http, sent: 1)]",
        "`side` belongs to a comparison",
        "compare",
    );
    told(|part| format!("({part})"), &[beside]);
    told(
        |part| with("").replacen('(', &format!("({part}, "), 1),
        &cases,
    );
    let cases = [(
        "question: \"Why?\"",
        "`question` belongs to a comparison",
        "compare",
    )];
    told(|part| format!("({part})"), &cases);
}

#[test]
fn what_would_never_end_is_bounded() {
    let many = (0..101).map(|n| format!(r#"(name: "s{n}", calls: ["t"]),"#));
    let many = many.collect::<String>();
    // Each of a layer calls both of the next.
    let layers = (0..12).map(|n| {
        let next = n + 1;
        format!(r#"(name: "a{n}", calls: ["a{next}", "b{next}"]), (name: "b{n}", calls: ["a{next}", "b{next}"]),"#)
    });
    let wide = format!(
        r#"(name: "shop", calls: ["a0", "b0"]), {} (name: "a12"), (name: "b12")"#,
        layers.collect::<String>()
    );
    let cases = [
        (many.as_str(), "there are 101 services", "64 at the most"),
        (wide.as_str(), "16383 requests", "1000 are followed"),
    ];
    told(of_services, &cases);
    let chain = r#"(name: "a", calls: ["b"]), (name: "b", calls: ["c"]), (name: "c", calls: ["d"]), (name: "d", calls: ["e"]), (name: "e")"#;
    told(
        |http| format!("(compare: (users: (rate: 1), services: [{chain}], http: ({http})))"),
        &[("retries: 20", "204205 requests", "fewer `retries`")],
    );
    let chain = r#"(name: "a", calls: ["b"]), (name: "b", calls: ["c"]), (name: "c")"#;
    let cases = [
        (
            "rate: 10000, during: \"100s\"",
            "463000000 requests",
            "fewer orders",
        ),
        (
            "rate: 10, ask: \"POST /b-done\"",
            "would be that of `b` too",
            "something else",
        ),
    ];
    told(
        |users| format!("(compare: (users: ({users}), services: [{chain}], http: (retries: 20)))"),
        &cases,
    );
}

#[test]
fn all_of_them_are_told_at_once_each_at_its_place() {
    let text = r#"(
    compare: (
        users: (rate: 0),
        services: [
            (name: "shop", calls: ["mial"]),
            (name: "mail", workers: 0),
        ],
        faults: [(down: "stock")],
    ),
)"#;
    assert_eq!(
        problems(text),
        [
            "3:23: expected a number from 0.001 to 1000000, found `0` | write how many orders come in a second: without any there is nothing to compare, and more than a million are too many to follow",
            "5:36: no service is named `mial` | did you mean `mail`?",
            "6:37: expected a whole number from 1 to 10000, found `0` | without workers a service never answers, and each of them takes room: write how many orders it works on at once",
            "8:25: no service is named `stock` | there are `shop`, `mail`",
        ]
    );
}
