//! What people know from client libraries, AMQP's arguments and other notations is told what it is here.

use super::mistakes::told;

#[test]
fn in_what_other_tools_call_it() {
    let whole = |part: &str| {
        format!(
            "(exchanges: {{\"x\": direct, \"h\": headers}}, queues: {{\"q\": (), \"r\": ()}}, {part})"
        )
    };
    let cases = [
        (
            "bindings: [(from: \"x\", to: \"q\", routing_key: \"a\")]",
            "a binding has no field `routing_key`",
            "did you mean `key`?",
        ),
        (
            "bindings: [(from: \"x\", to: \"q\", bindingKey: \"a\")]",
            "no field `bindingKey`",
            "`key`",
        ),
        (
            "bindings: [(exchange: \"x\", to: \"q\", key: \"a\")]",
            "no field `exchange`",
            "`from`",
        ),
        (
            "bindings: [(source: \"x\", to: \"q\", key: \"a\")]",
            "no field `source`",
            "`from`",
        ),
        (
            "bindings: [(from: \"x\", destination: \"q\", key: \"a\")]",
            "no field `destination`",
            "`to`",
        ),
        (
            "bindings: [(from: \"x\", queue: \"q\", key: \"a\")]",
            "no field `queue`",
            "`to_queue`",
        ),
        (
            "bindings: [(from: \"h\", to: \"q\", args: {\"a\": 1})]",
            "no field `args`",
            "`arguments`",
        ),
        (
            "publishers: {\"p\": (exchange: \"x\", every: \"1s\", keys: [\"a\"])}",
            "a publisher has no field `exchange`",
            "`to`",
        ),
        (
            "publishers: {\"p\": (to: \"x\", interval: \"1s\", messages: [(key: \"a\", at: \"1s\")])}",
            "no field `interval`",
            "`every`",
        ),
        (
            "publishers: {\"p\": (every: \"1s\", messages: [(routingKey: \"q\")])}",
            "no field `routingKey`",
            "`key`",
        ),
        (
            "publishers: {\"p\": (every: \"1s\", messages: [(key: \"q\", payload: \"a\")])}",
            "no field `payload`",
            "`body`",
        ),
        (
            "publishers: {\"p\": (every: \"1s\", messages: [(key: \"q\", delivery_mode: 2)])}",
            "no field `delivery_mode`",
            "`persistent: true`",
        ),
        (
            "publishers: {\"p\": (every: \"1s\", messages: [(key: \"q\", expiration: 5s)])}",
            "expected milliseconds",
            "\"5000\"",
        ),
        (
            "publishers: {\"p\": (every: \"1s\", messages: [(key: \"q\", expiration: 700)])}",
            "expected milliseconds",
            "\"700\"",
        ),
        (
            "publishers: {\"p\": (every: \"1s\", messages: [(key: \"q\", headers: {\"a\": yes})])}",
            "found the word `yes`",
            "write true; or if a text is meant, \"yes\"",
        ),
        (
            "publishers: {\"p\": (every: \"1s\", messages: [(key: \"q\", headers: {\"a\": None})])}",
            "found the word `None`",
            "write ()",
        ),
        (
            "consumers: {\"c\": (queue_name: \"q\")}",
            "no field `queue_name`",
            "`queue`",
        ),
        (
            "consumers: {\"c\": (queue: \"q\", prefetch_count: 3)}",
            "no field `prefetch_count`",
            "`prefetch`",
        ),
        (
            "consumers: {\"c\": (queue: \"q\", no_ack: true)}",
            "no field `no_ack`",
            "`ack: auto`",
        ),
        (
            "consumers: {\"c\": (queue: \"q\", autoAck: true)}",
            "no field `autoAck`",
            "`ack: auto`",
        ),
        (
            "consumers: {\"c\": (queue: \"q\", exclusive: yes)}",
            "expected `true` or `false`, found the word `yes`",
            "write true",
        ),
        (
            "consumers: {\"c\": (queue: \"q\", exclusive: \"on\")}",
            "expected `true` or `false`",
            "write true",
        ),
        (
            "consumers: {\"c\": (queue: \"q\", exclusive: 0)}",
            "expected `true` or `false`",
            "write false",
        ),
        (
            "consumers: {\"c\": (queue: \"q\", takes: 1m)}",
            "`1m` has an unknown unit",
            "write \"1min\"",
        ),
        (
            "consumers: {\"c\": (queue: \"q\", takes: 400 ms)}",
            "found `ms`",
            "write \"400ms\"",
        ),
        (
            "exchanges: {\"y\": (exchange_type: topic)}",
            "no field `exchange_type`",
            "`type`",
        ),
    ];
    let other = |part: &str| match part.starts_with("exchanges") {
        true => format!("({part})"),
        false => whole(part),
    };
    told(other, &cases);
    let cases = [
        ("autoDelete: true", "no field `autoDelete`", "`auto_delete`"),
        ("durable: True", "found the word `True`", "write true"),
        ("durable: no", "found the word `no`", "write false"),
        ("x-message-ttl: 5000", "no field `x-message-ttl`", "`ttl`"),
        ("message_ttl: \"5s\"", "no field `message_ttl`", "`ttl`"),
        ("ttl: 5000", "`5000` has no unit", "\"5000ms\""),
        (
            "max_length_bytes: 5",
            "no field `max_length_bytes`",
            "`max_bytes`",
        ),
        ("dead_letter_exchange: \"x\"", "no field", "`dead_letter`"),
        (
            "dead_letter: (exchange: \"x\", routing_key: \"a\")",
            "no field `routing_key`",
            "`key`",
        ),
        (
            "single_active_consumer: true",
            "no field",
            "`single_active`",
        ),
        ("queue_type: quorum", "no field `queue_type`", "`type`"),
    ];
    told(
        |part| format!("(exchanges: {{\"x\": direct}}, queues: {{\"q\": ({part})}})"),
        &cases,
    );
}
