//! The scenarios that come with the program, embedded so that it runs from any folder.

use super::nearest::nearest;
use crate::t;

/// A built-in scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin {
    /// What it is called by: its file's name without the ending.
    pub name: &'static str,
    /// Its file.
    pub text: &'static str,
}

/// All of them, in the order lessons take them.
pub const ALL: &[Builtin] = &[
    Builtin {
        name: "hello",
        text: include_str!("../../scenarios/hello.ron"),
    },
    Builtin {
        name: "direct",
        text: include_str!("../../scenarios/direct.ron"),
    },
    Builtin {
        name: "fanout",
        text: include_str!("../../scenarios/fanout.ron"),
    },
    Builtin {
        name: "topic",
        text: include_str!("../../scenarios/topic.ron"),
    },
    Builtin {
        name: "headers",
        text: include_str!("../../scenarios/headers.ron"),
    },
    Builtin {
        name: "work-queue",
        text: include_str!("../../scenarios/work-queue.ron"),
    },
    Builtin {
        name: "acks",
        text: include_str!("../../scenarios/acks.ron"),
    },
    Builtin {
        name: "prefetch",
        text: include_str!("../../scenarios/prefetch.ron"),
    },
    Builtin {
        name: "load-balancing",
        text: include_str!("../../scenarios/load-balancing.ron"),
    },
    Builtin {
        name: "consumer-priority",
        text: include_str!("../../scenarios/consumer-priority.ron"),
    },
    Builtin {
        name: "single-active",
        text: include_str!("../../scenarios/single-active.ron"),
    },
    Builtin {
        name: "exchange-to-exchange",
        text: include_str!("../../scenarios/exchange-to-exchange.ron"),
    },
    Builtin {
        name: "alternate",
        text: include_str!("../../scenarios/alternate.ron"),
    },
    Builtin {
        name: "confirms",
        text: include_str!("../../scenarios/confirms.ron"),
    },
    Builtin {
        name: "durability",
        text: include_str!("../../scenarios/durability.ron"),
    },
    Builtin {
        name: "exclusive",
        text: include_str!("../../scenarios/exclusive.ron"),
    },
    Builtin {
        name: "retry",
        text: include_str!("../../scenarios/retry.ron"),
    },
    Builtin {
        name: "poison",
        text: include_str!("../../scenarios/poison.ron"),
    },
    Builtin {
        name: "length-limit",
        text: include_str!("../../scenarios/length-limit.ron"),
    },
    Builtin {
        name: "priorities",
        text: include_str!("../../scenarios/priorities.ron"),
    },
    Builtin {
        name: "request-reply",
        text: include_str!("../../scenarios/request-reply.ron"),
    },
    Builtin {
        name: "pipeline",
        text: include_str!("../../scenarios/pipeline.ron"),
    },
    Builtin {
        name: "stream",
        text: include_str!("../../scenarios/stream.ron"),
    },
    Builtin {
        name: "flow",
        text: include_str!("../../scenarios/flow.ron"),
    },
    Builtin {
        name: "credit-flow",
        text: include_str!("../../scenarios/credit-flow.ron"),
    },
    Builtin {
        name: "policies",
        text: include_str!("../../scenarios/policies.ron"),
    },
    Builtin {
        name: "permissions",
        text: include_str!("../../scenarios/permissions.ron"),
    },
    Builtin {
        name: "http-latency",
        text: include_str!("../../scenarios/http-latency.ron"),
    },
    Builtin {
        name: "http-slow-service",
        text: include_str!("../../scenarios/http-slow-service.ron"),
    },
    Builtin {
        name: "http-service-down",
        text: include_str!("../../scenarios/http-service-down.ron"),
    },
    Builtin {
        name: "http-burst",
        text: include_str!("../../scenarios/http-burst.ron"),
    },
    Builtin {
        name: "http-chain",
        text: include_str!("../../scenarios/http-chain.ron"),
    },
    Builtin {
        name: "http-retry-storm",
        text: include_str!("../../scenarios/http-retry-storm.ron"),
    },
    Builtin {
        name: "http-fan-out",
        text: include_str!("../../scenarios/http-fan-out.ron"),
    },
    Builtin {
        name: "http-duplicates",
        text: include_str!("../../scenarios/http-duplicates.ron"),
    },
    Builtin {
        name: "http-query",
        text: include_str!("../../scenarios/http-query.ron"),
    },
    Builtin {
        name: "http-back-pressure",
        text: include_str!("../../scenarios/http-back-pressure.ron"),
    },
];

/// The built-in scenario of this name.
pub fn find(name: &str) -> Option<&'static Builtin> {
    ALL.iter().find(|builtin| builtin.name == name)
}

/// What to try instead of a name that is not found.
pub(super) fn suggestion(name: &str) -> String {
    let names = ALL.iter().map(|builtin| builtin.name);
    match nearest(name, names.clone()) {
        Some(near) => t!("file-did-you-mean", name = near),
        None => t!(
            "file-builtin-ones",
            names = names.collect::<Vec<_>>().join(", ")
        ),
    }
}
