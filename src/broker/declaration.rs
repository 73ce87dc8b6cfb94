//! What a queue is asked to be by its declaration, and whether it may be that.

use super::argument::{LOCATORS, MODES, OVERFLOWS, STRATEGIES, Takes, age};
use super::{Name, QueueKind, QueueSpec, Refusal, ReplyCode, Switches, Value};

#[cfg(test)]
mod tests;

/// What classic queues take, in the order in which RabbitMQ compares it (Q3).
const CLASSIC: &[&str] = &[
    "x-expires",
    "x-message-ttl",
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-max-length",
    "x-max-length-bytes",
    "x-max-priority",
    "x-overflow",
    "x-queue-mode",
    "x-queue-version",
    "x-single-active-consumer",
    "x-queue-type",
    "x-queue-master-locator",
    "x-queue-leader-locator",
];

/// What quorum queues take, in their order.
const QUORUM: &[&str] = &[
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-dead-letter-strategy",
    "x-expires",
    "x-max-length",
    "x-max-length-bytes",
    "x-max-in-memory-length",
    "x-max-in-memory-bytes",
    "x-overflow",
    "x-single-active-consumer",
    "x-queue-type",
    "x-quorum-initial-group-size",
    "x-delivery-limit",
    "x-message-ttl",
    "x-queue-leader-locator",
    "x-consumer-disconnected-timeout",
    "x-consumer-timeout",
    "x-delayed-retry-type",
    "x-delayed-retry-min",
    "x-delayed-retry-max",
];

/// What streams take, in their order.
const STREAM: &[&str] = &[
    "x-max-length-bytes",
    "x-queue-type",
    "x-max-age",
    "x-stream-max-segment-size-bytes",
    "x-stream-filter-size-bytes",
    "x-initial-cluster-size",
    "x-queue-leader-locator",
];

/// What queues of a type take in a release. All arguments that no type takes are accepted and do nothing (Q4).
fn taken_by(kind: QueueKind, switches: &Switches) -> impl Iterator<Item = &'static str> {
    let newer = switches.consumer_timeouts;
    let all = match kind {
        QueueKind::Classic => CLASSIC,
        QueueKind::Quorum => QUORUM,
        QueueKind::Stream => STREAM,
        QueueKind::ReplyTo => &[],
    };
    all.iter().copied().filter(move |name| match *name {
        "x-consumer-timeout" | "x-consumer-disconnected-timeout" | "x-stream-filter-size-bytes" => {
            newer
        }
        "x-delayed-retry-type" | "x-delayed-retry-min" | "x-delayed-retry-max" => newer,
        _ => true,
    })
}

/// The arguments whose values are looked at, in that order, each with what it takes and the rule that a wrong value breaks.
const VALUES: [(&str, Takes, &str); 22] = [
    ("x-expires", Takes::Span(1), "Q12"),
    ("x-message-ttl", Takes::Span(0), "Q12"),
    ("x-dead-letter-exchange", Takes::Text, "Q12"),
    ("x-dead-letter-routing-key", Takes::Text, "Q12"),
    ("x-dead-letter-strategy", STRATEGIES, "D6"),
    ("x-max-length", Takes::Count(0), "Q12"),
    ("x-max-length-bytes", Takes::Count(0), "Q12"),
    ("x-max-in-memory-length", Takes::Count(0), "Q12"),
    ("x-max-in-memory-bytes", Takes::Count(0), "Q12"),
    ("x-max-priority", Takes::Priority, "Q41"),
    ("x-overflow", OVERFLOWS, "Q12"),
    ("x-queue-mode", MODES, "Q13"),
    ("x-queue-version", Takes::Count(0), "Q12"),
    ("x-single-active-consumer", Takes::Bool, "Q12"),
    ("x-consumer-timeout", Takes::Count(0), "S15"),
    ("x-consumer-disconnected-timeout", Takes::Count(0), "S15"),
    ("x-quorum-initial-group-size", Takes::Count(1), "Q12"),
    ("x-max-age", Takes::Age, "Q12"),
    ("x-stream-max-segment-size-bytes", Takes::Count(0), "Q12"),
    ("x-stream-filter-size-bytes", Takes::Count(0), "Q12"),
    ("x-initial-cluster-size", Takes::Count(1), "Q12"),
    ("x-queue-leader-locator", LOCATORS, "Q12"),
];

/// Why an argument's value is wrong, in RabbitMQ's terms.
fn wrong(
    name: &str,
    takes: Takes,
    value: &Value,
    spec: &QueueSpec,
    switches: &Switches,
) -> Option<String> {
    if name == "x-queue-mode" && switches.any_queue_mode {
        return None; // Q13, W8
    }
    if let Some(wrong) = takes.wrong(value) {
        return Some(wrong);
    }
    match (name, value) {
        ("x-dead-letter-routing-key", _)
            if !spec.arguments.contains_key("x-dead-letter-exchange") =>
        {
            Some("routing_key_but_no_dlx_defined".to_owned())
        }
        ("x-queue-version", Value::Int(version) | Value::Sized(_, version))
            if !(switches.least_queue_version..=2).contains(version) =>
        {
            Some(format!("\"unsupported queue version '{version}'\""))
        }
        _ => None,
    }
}

/// The most bytes of a stream's segment.
const LARGEST_SEGMENT: i64 = 3_000_000_000;

/// What type of queue a declaration asks for (Q4); `default` is the virtual host's.
pub fn kind_of(spec: &QueueSpec, default: QueueKind, vhost: &str) -> Result<QueueKind, Refusal> {
    let wrong = match spec.arguments.get("x-queue-type") {
        None => return Ok(default),
        Some(Value::Text(text)) => {
            if let Some(kind) = QueueKind::ALL
                .into_iter()
                .find(|kind| *text == kind.as_str())
            {
                return Ok(kind);
            }
            if spec.name.is_empty() {
                // A name is not made up for it.
                let text = format!("unknown queue type '{text}'");
                return Err(Refusal::new(ReplyCode::PreconditionFailed, "Q4", text));
            }
            format!("\"unsupported queue type '{text}'\"")
        }
        Some(other) => format!("{{unacceptable_type,{}}}", other.type_name()),
    };
    Err(invalid(spec, vhost, "Q4", "x-queue-type", &wrong))
}

/// Whether the dead-letter exchange is named by a text: that is looked at before all else, and told in words of its own
/// (Q12).
pub fn check_dead_letter_exchange(spec: &QueueSpec, vhost: &str) -> Result<(), Refusal> {
    match spec.arguments.get("x-dead-letter-exchange") {
        Some(value) if !matches!(value, Value::Text(_)) => Err(Refusal::new(
            ReplyCode::PreconditionFailed,
            "Q12",
            format!(
                "invalid type '{}' for arg 'x-dead-letter-exchange' in queue '{}' in vhost '{vhost}'",
                value.type_name(),
                spec.name
            ),
        )),
        _ => Ok(()),
    }
}

/// Whether a queue of this type may be declared so (Q4, Q8, Q12): values first, then what is for other types.
pub fn validate(
    spec: &QueueSpec,
    kind: QueueKind,
    switches: &'static Switches,
    vhost: &str,
) -> Result<(), Refusal> {
    let takes = |name: &str| taken_by(kind, switches).any(|taken| taken == name);
    for (name, values, rule) in VALUES {
        if let Some(value) = spec.arguments.get(name).filter(|_| takes(name))
            && let Some(wrong) = wrong(name, values, value, spec, switches)
        {
            return Err(invalid(spec, vhost, rule, name, &wrong));
        }
    }
    let foreign = |name: &Name| {
        let mut others = QueueKind::ALL.into_iter();
        !takes(name) && others.any(|other| taken_by(other, switches).any(|it| *name == it))
    };
    if let Some(name) = spec.arguments.keys().find(|name| foreign(name)) {
        let rule = if *name == "x-max-priority" && kind == QueueKind::Quorum {
            "W1"
        } else {
            "Q4"
        };
        return Err(Refusal::new(
            ReplyCode::PreconditionFailed,
            rule,
            format!(
                "invalid arg '{name}' for queue '{}' in vhost '{vhost}' of queue type rabbit_{kind}_queue",
                spec.name
            ),
        ));
    }
    check_deprecated(spec, kind, switches)?;
    if kind == QueueKind::Stream {
        check_stream(spec)?;
    }
    check_properties(spec, kind, vhost)
}

/// Bounds that a stream looks at on its own.
fn check_stream(spec: &QueueSpec) -> Result<(), Refusal> {
    let int = |name| spec.arguments.get(name).and_then(Value::as_int);
    let refuse = |text| Err(Refusal::new(ReplyCode::PreconditionFailed, "Q12", text));
    let segment = int("x-stream-max-segment-size-bytes");
    if segment.is_some_and(|bytes| bytes > LARGEST_SEGMENT) {
        return refuse("Exceeded max value for x-stream-max-segment-size-bytes");
    }
    let filter = int("x-stream-filter-size-bytes");
    if filter.is_some_and(|bytes| !(16..=255).contains(&bytes)) {
        return refuse("Invalid value for x-stream-filter-size-bytes");
    }
    Ok(())
}

/// Quorum queues and streams are durable, shared and stay (Q8).
fn check_properties(spec: &QueueSpec, kind: QueueKind, vhost: &str) -> Result<(), Refusal> {
    if kind == QueueKind::Classic {
        return Ok(());
    }
    let broken = [
        (spec.auto_delete, "auto-delete"),
        (spec.exclusive, "exclusive-owner"),
        (!spec.durable, "non-durable"),
    ];
    match broken.into_iter().find(|(broken, _)| *broken) {
        None => Ok(()),
        Some((_, property)) => Err(Refusal::new(
            ReplyCode::PreconditionFailed,
            "Q8",
            format!(
                "invalid property '{property}' for queue '{}' in vhost '{vhost}'",
                spec.name
            ),
        )),
    }
}

/// Whether what a queue is asked to be is still permitted.
fn check_deprecated(spec: &QueueSpec, kind: QueueKind, switches: &Switches) -> Result<(), Refusal> {
    let locator =
        kind == QueueKind::Classic && spec.arguments.contains_key("x-queue-master-locator");
    if switches.master_locator || !locator {
        return Ok(());
    }
    Err(Refusal::new(
        ReplyCode::InternalError,
        "Q12",
        MASTER_LOCATOR,
    ))
}

/// What 4.3 says of it.
const MASTER_LOCATOR: &str = "Feature `queue_master_locator` is deprecated.\n\
    By default, this feature is not permitted anymore.\n\
    The feature will be removed from a future major RabbitMQ version, regardless of the configuration; \
    actual version to be determined.\n\
    To continue using this feature when it is not permitted by default, set the following parameter in your configuration:\n    \
    \"deprecated_features.permit.queue_master_locator = true\"";

fn invalid(
    spec: &QueueSpec,
    vhost: &str,
    rule: &'static str,
    argument: &str,
    wrong: &str,
) -> Refusal {
    Refusal::new(
        ReplyCode::PreconditionFailed,
        rule,
        format!(
            "invalid arg '{argument}' for queue '{}' in vhost '{vhost}': {wrong}",
            spec.name
        ),
    )
}

/// Why a queue that exists is not the one that is asked for (Q3, Q4); `default` is the virtual host's type. Whose it is, is
/// another question (Q5), and nobody asks whether what differs makes sense.
pub fn inequivalence(
    present: &QueueSpec,
    present_kind: QueueKind,
    asked: &QueueSpec,
    default: QueueKind,
    switches: &'static Switches,
    vhost: &str,
) -> Option<Refusal> {
    let differs = |what: &str, received: String, current: String| {
        Some(Refusal::new(
            ReplyCode::PreconditionFailed,
            if what.starts_with("x-") { "Q4" } else { "Q3" },
            format!(
                "inequivalent arg '{what}' for queue '{}' in vhost '{vhost}': \
                 received {received} but current is {current}",
                present.name
            ),
        ))
    };
    // An exclusive queue is not durable in effect (Q5).
    let durable = |spec: &QueueSpec| spec.durable && !spec.exclusive;
    if durable(present) != durable(asked) {
        let (received, current) = (durable(asked), durable(present));
        return differs("durable", format!("'{received}'"), format!("'{current}'"));
    }
    if present.auto_delete != asked.auto_delete {
        let (received, current) = (asked.auto_delete, present.auto_delete);
        return differs(
            "auto_delete",
            format!("'{received}'"),
            format!("'{current}'"),
        );
    }
    taken_by(present_kind, switches).find_map(|name| {
        let (received, current) = (asked.arguments.get(name), present.arguments.get(name));
        if name == "x-queue-type" {
            // Without the argument the virtual host's default type was filled in.
            let received = received.map_or(format!("'{default}'"), bare);
            let current = format!("'{present_kind}'");
            return differs(name, received.clone(), current.clone())
                .filter(|_| received != current);
        }
        if name == "x-max-age" && switches.compares_ages {
            let [received, current] = [received, current].map(|value| value.map(in_millis));
            let (received, current) = differing(received.as_ref(), current.as_ref())?;
            return differs(name, received, current);
        }
        let (received, current) = differing(received, current)?;
        differs(name, received, current)
    })
}

/// An age as 4.3 keeps it: a text of milliseconds. What is no age stays.
fn in_millis(value: &Value) -> Value {
    let span = match value {
        Value::Text(text) => age(text),
        _ => None,
    };
    match span {
        Some(span) => (span.0 / 1000).to_string().as_str().into(),
        None => value.clone(),
    }
}

fn bare(value: &Value) -> String {
    match value {
        Value::Void => "none".to_owned(),
        Value::Text(text) | Value::Octets(text) => format!("'{text}'"),
        other => format!("'{}'", other.as_term()),
    }
}

/// How RabbitMQ names two arguments, where they are not the same (Q4, E5).
pub(super) fn differing(
    received: Option<&Value>,
    current: Option<&Value>,
) -> Option<(String, String)> {
    let whole = |value: Option<&Value>| match value {
        None => "none".to_owned(),
        Some(Value::Void) => "the value 'undefined' of type 'void'".to_owned(),
        Some(value) => format!("the value {} of type '{}'", bare(value), value.type_name()),
    };
    match (received, current) {
        (None, None) => None,
        (Some(received), Some(current)) => {
            (!received.is_same(current)).then(|| (bare(received), bare(current)))
        }
        _ => Some((whole(received), whole(current))),
    }
}
