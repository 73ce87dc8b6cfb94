//! What a queue is asked to be by its declaration, and whether it may be that.

use super::argument::{LOCATORS, MODES, OVERFLOWS, RETRIES, STRATEGIES, Takes};
use super::{QueueKind, QueueSpec, Refusal, ReplyCode, Switches, Value};

#[cfg(test)]
mod tests;

/// An argument of `queue.declare`.
struct Argument {
    name: &'static str,
    takes: Takes,
    kinds: &'static [QueueKind],
    /// The rule a wrong value breaks.
    rule: &'static str,
}

impl Argument {
    const fn new(name: &'static str, takes: Takes, kinds: &'static [QueueKind]) -> Self {
        Self {
            name,
            takes,
            kinds,
            rule: "Q12",
        }
    }

    const fn of(self, rule: &'static str) -> Self {
        Self { rule, ..self }
    }

    /// Whether a broker with these switches knows it at all.
    fn is_known(&self, switches: &Switches) -> bool {
        switches.delayed_retry || !self.name.starts_with("x-delayed-retry-")
    }
}

const CLASSIC: &[QueueKind] = &[QueueKind::Classic];
const QUORUM: &[QueueKind] = &[QueueKind::Quorum];
const STREAM: &[QueueKind] = &[QueueKind::Stream];
const NO_STREAM: &[QueueKind] = &[QueueKind::Classic, QueueKind::Quorum];
const ALL: &[QueueKind] = &QueueKind::ALL;

/// The arguments RabbitMQ knows, in the order in which it looks at them. All others are accepted and do nothing (Q4).
const ARGUMENTS: [Argument; 27] = [
    Argument::new("x-expires", Takes::Span(1), NO_STREAM),
    Argument::new("x-message-ttl", Takes::Span(0), NO_STREAM),
    Argument::new("x-dead-letter-exchange", Takes::Text, NO_STREAM),
    Argument::new("x-dead-letter-routing-key", Takes::Text, NO_STREAM),
    Argument::new("x-dead-letter-strategy", STRATEGIES, QUORUM).of("D6"),
    Argument::new("x-max-length", Takes::Count(0), NO_STREAM),
    Argument::new("x-max-length-bytes", Takes::Count(0), ALL),
    Argument::new("x-max-in-memory-length", Takes::Count(0), QUORUM),
    Argument::new("x-max-in-memory-bytes", Takes::Count(0), QUORUM),
    Argument::new("x-max-priority", Takes::Priority, CLASSIC).of("Q41"),
    Argument::new("x-overflow", OVERFLOWS, NO_STREAM),
    Argument::new("x-queue-mode", MODES, CLASSIC).of("Q13"),
    Argument::new("x-queue-version", Takes::Count(1), CLASSIC),
    Argument::new("x-queue-master-locator", Takes::Anything, CLASSIC),
    Argument::new("x-queue-leader-locator", LOCATORS, ALL),
    Argument::new("x-single-active-consumer", Takes::Bool, NO_STREAM),
    Argument::new("x-delivery-limit", Takes::Integer, QUORUM).of("Q44"),
    Argument::new("x-delayed-retry-type", RETRIES, QUORUM).of("Q46"),
    Argument::new("x-delayed-retry-min", Takes::Count(0), QUORUM).of("Q46"),
    Argument::new("x-delayed-retry-max", Takes::Count(0), QUORUM).of("Q46"),
    Argument::new("x-quorum-initial-group-size", Takes::Count(1), QUORUM),
    Argument::new("x-quorum-target-group-size", Takes::Count(1), QUORUM),
    Argument::new("x-max-age", Takes::Age, STREAM),
    Argument::new("x-stream-max-segment-size-bytes", Takes::Count(0), STREAM),
    Argument::new("x-stream-filter-size-bytes", Takes::Count(0), STREAM),
    Argument::new("x-initial-cluster-size", Takes::Count(1), STREAM),
    // Its value is read by `kind_of`, before anything else.
    Argument::new("x-queue-type", Takes::Text, ALL).of("Q4"),
];

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
            format!("\"unsupported queue type '{text}'\"")
        }
        Some(other) => format!("{{unacceptable_type,{}}}", other.type_name()),
    };
    Err(invalid(spec, vhost, "Q4", "x-queue-type", &wrong))
}

/// Whether a queue of this type may be declared so (Q4, Q8, Q12).
pub fn validate(
    spec: &QueueSpec,
    kind: QueueKind,
    switches: &Switches,
    vhost: &str,
) -> Result<(), Refusal> {
    // Q12: looked at before all else, and told in its own words.
    if let Some(value) = spec.arguments.get("x-dead-letter-exchange")
        && value.text().is_none()
    {
        return Err(Refusal::new(
            ReplyCode::PreconditionFailed,
            "Q12",
            format!(
                "invalid type '{}' for arg 'x-dead-letter-exchange' in queue '{}' in vhost '{vhost}'",
                value.type_name(),
                spec.name
            ),
        ));
    }
    let known = || {
        ARGUMENTS
            .iter()
            .filter(|argument| argument.is_known(switches))
            .filter_map(|argument| Some((argument, spec.arguments.get(argument.name)?)))
    };
    for (argument, value) in known().filter(|(argument, _)| argument.kinds.contains(&kind)) {
        if let Some(wrong) = argument.takes.wrong(value) {
            return Err(invalid(spec, vhost, argument.rule, argument.name, &wrong));
        }
        let alone = argument.name == "x-dead-letter-routing-key"
            && !spec.arguments.contains_key("x-dead-letter-exchange");
        if alone {
            let wrong = "routing_key_but_no_dlx_defined";
            return Err(invalid(spec, vhost, "Q12", argument.name, wrong));
        }
    }
    if let Some((foreign, _)) = known().find(|(argument, _)| !argument.kinds.contains(&kind)) {
        let rule = if foreign.name == "x-max-priority" && kind == QueueKind::Quorum {
            "W1"
        } else {
            "Q4"
        };
        return Err(Refusal::new(
            ReplyCode::PreconditionFailed,
            rule,
            format!(
                "invalid arg '{}' for queue '{}' in vhost '{vhost}' of queue type rabbit_{kind}_queue",
                foreign.name, spec.name
            ),
        ));
    }
    check_values(spec, vhost)?;
    check_properties(spec, kind, vhost)
}

/// Bounds that RabbitMQ looks at on its own.
fn check_values(spec: &QueueSpec, vhost: &str) -> Result<(), Refusal> {
    let int = |name| match spec.arguments.get(name) {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    };
    let name = "x-queue-version";
    if let Some(version) = int(name).filter(|version| !(1..=2).contains(version)) {
        let wrong = format!("\"unsupported queue version '{version}'\"");
        return Err(invalid(spec, vhost, "Q12", name, &wrong));
    }
    let segment = int("x-stream-max-segment-size-bytes");
    if segment.is_some_and(|bytes| bytes > LARGEST_SEGMENT) {
        return Err(Refusal::new(
            ReplyCode::PreconditionFailed,
            "Q12",
            "Exceeded max value for x-stream-max-segment-size-bytes",
        ));
    }
    let filter = int("x-stream-filter-size-bytes");
    if filter.is_some_and(|bytes| !(16..=255).contains(&bytes)) {
        return Err(Refusal::new(
            ReplyCode::PreconditionFailed,
            "Q12",
            "Invalid value for x-stream-filter-size-bytes",
        ));
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

/// Whether a transient queue that is not exclusive may be declared at all (Q7).
pub fn check_transient(
    spec: &QueueSpec,
    kind: QueueKind,
    switches: &Switches,
) -> Result<(), Refusal> {
    let transient = kind == QueueKind::Classic && !spec.durable && !spec.exclusive;
    if switches.transient_queues || !transient {
        return Ok(());
    }
    Err(Refusal::new(
        ReplyCode::InternalError,
        "Q7",
        "Feature `transient_nonexcl_queues` is deprecated. By default, this feature is not permitted anymore.",
    ))
}

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

/// Why a queue that exists is not the one that is asked for (Q3, Q4). Whose it is, is another question (Q5).
pub fn inequivalence(
    present: &QueueSpec,
    present_kind: QueueKind,
    asked: &QueueSpec,
    asked_kind: QueueKind,
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
    ARGUMENTS
        .iter()
        .filter(|argument| argument.kinds.contains(&present_kind))
        .map(|argument| argument.name)
        .find_map(|name| {
            if name == "x-queue-type" {
                // Without the argument the virtual host's default type was filled in.
                let received = format!("'{asked_kind}'");
                let differ = present_kind != asked_kind;
                return differs(name, received, format!("'{present_kind}'")).filter(|_| differ);
            }
            let (received, current) = (asked.arguments.get(name), present.arguments.get(name));
            if received == current {
                return None;
            }
            let (received, current) = said(received, current);
            differs(name, received, current)
        })
}

/// How RabbitMQ names two values that differ.
fn said(received: Option<&Value>, current: Option<&Value>) -> (String, String) {
    let bare = |value: &Value| match value {
        Value::Text(text) => format!("'{text}'"),
        other => format!("'{other}'"),
    };
    let whole = |value: Option<&Value>| match value {
        None => "none".to_owned(),
        Some(value) => format!("the value {} of type '{}'", bare(value), value.type_name()),
    };
    match (received, current) {
        (Some(received), Some(current)) => (bare(received), bare(current)),
        _ => (whole(received), whole(current)),
    }
}
