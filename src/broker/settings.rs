//! What a queue is asked to be by its declaration, and what holds for it once policies have had their say.

use super::argument::{LOCATORS, MODES, OVERFLOWS, RETRIES, STRATEGIES, Takes, age, too_long};
use super::{
    Micros, Name, PolicySpec, QueueKind, QueueSpec, Refusal, ReplyCode, Switches, Table, Value,
};

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
/// The bytes of a stream's segment when nothing says otherwise.
const SEGMENT: u64 = 500_000_000;

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
    if present_kind != asked_kind {
        // Without the argument the virtual host's default type was filled in, unless that is classic.
        let of = |spec: &QueueSpec, kind: QueueKind| {
            let named = spec.arguments.contains_key("x-queue-type");
            (named || kind != QueueKind::Classic).then(|| Value::from(kind.as_str()))
        };
        let (received, current) = (of(asked, asked_kind), of(present, present_kind));
        let (received, current) = said(received.as_ref(), current.as_ref());
        return differs("x-queue-type", received, current);
    }
    ARGUMENTS
        .iter()
        .filter(|argument| argument.kinds.contains(&present_kind))
        .map(|argument| argument.name)
        .filter(|name| *name != "x-queue-type")
        .find_map(|name| {
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

/// A message's own time to live, from its property `expiration` (Q20).
pub fn expiration(text: &str) -> Result<Micros, Refusal> {
    let wrong = |reason: &str| {
        Err(Refusal::new(
            ReplyCode::PreconditionFailed,
            "Q20",
            format!("invalid expiration '{text}': {reason}"),
        ))
    };
    let (negative, unsigned) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let end = unsigned
        .find(|digit: char| !digit.is_ascii_digit())
        .unwrap_or(unsigned.len());
    let (digits, rest) = unsigned.split_at(end);
    if digits.is_empty() {
        return wrong("no_integer");
    }
    if !rest.is_empty() {
        return wrong(&format!("{{leftover_string,\"{rest}\"}}"));
    }
    // More digits than fit are too many in any case.
    let millis = digits.parse().unwrap_or(i64::MAX);
    if negative && millis > 0 {
        return wrong(&format!("{{value_negative,{text}}}"));
    }
    match too_long(millis) {
        None => Ok(Micros::from_millis(millis.unsigned_abs())),
        Some(_) => wrong(&format!("{{value_too_big,{digits}}}")),
    }
}

/// What a full queue does (Q26–Q28).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Overflow {
    /// Takes the new message and drops the oldest.
    #[default]
    DropHead,
    /// Refuses the new message.
    RejectPublish,
    /// Refuses the new message and dead-letters it.
    RejectPublishDlx,
}

impl Overflow {
    /// As the argument `x-overflow` writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DropHead => "drop-head",
            Self::RejectPublish => "reject-publish",
            Self::RejectPublishDlx => "reject-publish-dlx",
        }
    }
}

/// Which returned messages wait before they are delivered again (Q46).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RetryKind {
    /// All of them.
    All,
    /// Those whose delivery failed.
    Failed,
    /// Those whose delivery did not fail.
    Returned,
}

impl RetryKind {
    /// As the argument `x-delayed-retry-type` writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Failed => "failed",
            Self::Returned => "returned",
        }
    }
}

/// How long a quorum queue holds back a returned message (Q46).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DelayedRetry {
    /// Which messages.
    pub kind: RetryKind,
    /// How long after the first delivery; each further one adds as much.
    pub min: Micros,
    /// How long at most.
    pub max: Micros,
}

impl DelayedRetry {
    /// How long a message of that delivery count waits (Q46, W6).
    pub fn delay(&self, delivery_count: u32) -> Micros {
        let times = u64::from(delivery_count.max(1));
        Micros(self.min.0.saturating_mul(times)).min(self.max)
    }
}

/// Where a setting's value comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything, or what was said does not act.
    #[default]
    Default,
    /// An argument of the declaration.
    Argument,
    /// The policy of that name.
    Policy(Name),
    /// The operator policy of that name.
    Operator(Name),
}

/// What holds for a queue, of all that its arguments, its policy and its operator policy say (O3–O6). What does not act
/// for its type is not set.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How long a message may wait (Q20).
    pub ttl: Option<Micros>,
    /// After how long without use the queue goes (Q24).
    pub expires: Option<Micros>,
    /// The most ready messages (Q25).
    pub max_length: Option<u64>,
    /// The most bytes of ready messages; of a stream, the bytes it retains (Q25, Q47).
    pub max_bytes: Option<u64>,
    /// What it does when it is full.
    pub overflow: Overflow,
    /// Where its dead messages go (D2).
    pub dead_letter_exchange: Option<Name>,
    /// With what key they go there; without, with their own (D3).
    pub dead_letter_key: Option<Name>,
    /// Whether dead messages are kept until they are confirmed (D6).
    pub at_least_once: bool,
    /// How many returns of a message it allows (Q44).
    pub delivery_limit: Option<u32>,
    /// The highest priority (Q40).
    pub max_priority: Option<u8>,
    /// Whether one consumer at a time is served (Q43).
    pub single_active: bool,
    /// For how long a stream retains (Q47).
    pub max_age: Option<Micros>,
    /// The bytes of a stream's segment (Q47).
    pub segment_bytes: u64,
    /// How long a delivery may stay unacknowledged (S15).
    pub ack_timeout: Micros,
    /// How long returned messages are held back (Q46).
    pub delayed_retry: Option<DelayedRetry>,
    /// The policy that applies (O1).
    pub policy: Option<Name>,
    /// The operator policy that applies (O1).
    pub operator_policy: Option<Name>,
    /// Where the values come from, by policy key; those by default are left out.
    origins: Vec<(&'static str, Origin)>,
}

/// Those of a queue to which nobody said anything, in a broker without a delivery limit.
impl Default for Settings {
    fn default() -> Self {
        Self {
            ttl: None,
            expires: None,
            max_length: None,
            max_bytes: None,
            overflow: Overflow::default(),
            dead_letter_exchange: None,
            dead_letter_key: None,
            at_least_once: false,
            delivery_limit: None,
            max_priority: None,
            single_active: false,
            max_age: None,
            segment_bytes: SEGMENT,
            ack_timeout: Switches::ACK_TIMEOUT,
            delayed_retry: None,
            policy: None,
            operator_policy: None,
            origins: Vec::new(),
        }
    }
}

impl Settings {
    /// What holds for a queue with these arguments, which are valid, under these policies.
    pub fn effective(
        kind: QueueKind,
        arguments: &Table,
        policy: Option<&PolicySpec>,
        operator: Option<&PolicySpec>,
        switches: &Switches,
    ) -> Self {
        let mut said = Said {
            arguments,
            policy,
            operator,
            origins: Vec::new(),
        };
        let mut settings = match kind {
            QueueKind::Classic => Self::classic(&mut said),
            QueueKind::Quorum => Self::quorum(&mut said, switches),
            QueueKind::Stream => Self::stream(&mut said),
            QueueKind::ReplyTo => return Self::default(),
        };
        if let Some(timeout) = said.least("consumer-timeout") {
            settings.ack_timeout = Micros::from_millis(timeout);
        }
        settings.policy = policy.map(|policy| policy.name.clone());
        settings.operator_policy = operator.map(|operator| operator.name.clone());
        settings.origins = said.origins;
        settings
    }

    /// Where the value of a setting comes from, by its policy key, such as `message-ttl`.
    pub fn origin(&self, key: &str) -> Origin {
        self.origins
            .iter()
            .find(|(of, _)| *of == key)
            .map(|(_, origin)| origin.clone())
            .unwrap_or_default()
    }

    /// The settings somebody chose, by policy key, and who.
    pub fn origins(&self) -> impl Iterator<Item = (&'static str, &Origin)> {
        self.origins.iter().map(|(key, origin)| (*key, origin))
    }

    /// What classic and quorum queues have in common.
    fn queue(said: &mut Said<'_>) -> Self {
        let dead_letter_exchange = said.text("dead-letter-exchange", First::Argument);
        let dead_letter_key = match dead_letter_exchange {
            Some(_) => said.text("dead-letter-routing-key", First::Argument),
            None => None,
        };
        Self {
            ttl: said.least("message-ttl").map(Micros::from_millis),
            expires: said.least("expires").map(Micros::from_millis),
            max_length: said.least("max-length"),
            max_bytes: said.least("max-length-bytes"),
            dead_letter_exchange,
            dead_letter_key,
            single_active: said.argument("single-active-consumer") == Some(&Value::Bool(true)),
            ..Self::default()
        }
    }

    fn classic(said: &mut Said<'_>) -> Self {
        let priority = match said.argument("max-priority") {
            Some(Value::Int(number)) => u8::try_from(*number).ok(),
            _ => None,
        };
        let overflow = match said.text("overflow", First::Argument).as_deref() {
            Some("reject-publish") => Overflow::RejectPublish,
            Some("reject-publish-dlx") => Overflow::RejectPublishDlx,
            _ => Overflow::DropHead,
        };
        Self {
            overflow,
            max_priority: priority,
            ..Self::queue(said)
        }
    }

    fn quorum(said: &mut Said<'_>, switches: &Switches) -> Self {
        // A quorum queue's overflow is its policy's, unlike all else of it. It takes `reject-publish-dlx` and then does
        // not do it (Q28).
        let overflow = match said.text("overflow", First::Policy).as_deref() {
            Some("reject-publish") => Overflow::RejectPublish,
            _ => Overflow::DropHead,
        };
        let delivery_limit = match said.limit("delivery-limit") {
            None => switches.delivery_limit,
            Some(limit) => u32::try_from(limit).ok(),
        };
        let mut settings = Self {
            overflow,
            delivery_limit,
            ..Self::queue(said)
        };
        // D6
        if settings.dead_letter_exchange.is_some() && overflow == Overflow::RejectPublish {
            let strategy = said.text("dead-letter-strategy", First::Argument);
            settings.at_least_once = strategy.is_some_and(|strategy| strategy == "at-least-once");
        }
        if switches.delayed_retry {
            settings.delayed_retry = Self::retry(said);
        }
        settings
    }

    /// Q46
    fn retry(said: &mut Said<'_>) -> Option<DelayedRetry> {
        let kind = match said.text("delayed-retry-type", First::Argument)?.as_str() {
            "all" => RetryKind::All,
            "failed" => RetryKind::Failed,
            "returned" => RetryKind::Returned,
            _ => return None,
        };
        let min = said.least("delayed-retry-min")?;
        let max = said.least("delayed-retry-max");
        Some(DelayedRetry {
            kind,
            min: Micros::from_millis(min),
            max: max.map_or(Micros::MAX, Micros::from_millis),
        })
    }

    /// Q47: a stream has none of what makes messages leave a queue one by one.
    fn stream(said: &mut Said<'_>) -> Self {
        let max_age = said.text("max-age", First::Policy);
        Self {
            max_bytes: said.policy_number("max-length-bytes"),
            max_age: max_age.as_deref().and_then(age),
            segment_bytes: said
                .policy_number("stream-max-segment-size-bytes")
                .unwrap_or(SEGMENT),
            ..Self::default()
        }
    }
}

/// Who is heard first where an argument and a policy contradict each other (O5).
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    Argument,
    Policy,
}

/// What arguments and policies say, and who was heard.
struct Said<'a> {
    arguments: &'a Table,
    policy: Option<&'a PolicySpec>,
    operator: Option<&'a PolicySpec>,
    origins: Vec<(&'static str, Origin)>,
}

impl<'a> Said<'a> {
    fn argument_value(&self, key: &'static str) -> Option<(&'a Value, Origin)> {
        let value = self.arguments.get(format!("x-{key}").as_str())?;
        Some((value, Origin::Argument))
    }

    fn policy_value(&self, key: &'static str) -> Option<(&'a Value, Origin)> {
        let policy = self.policy?;
        let value = policy.definition.get(key)?;
        Some((value, Origin::Policy(policy.name.clone())))
    }

    fn operator_value(&self, key: &'static str) -> Option<(&'a Value, Origin)> {
        let operator = self.operator?;
        let value = operator.definition.get(key)?;
        Some((value, Origin::Operator(operator.name.clone())))
    }

    fn heard<T>(&mut self, key: &'static str, said: Option<(T, Origin)>) -> Option<T> {
        let (value, origin) = said?;
        self.origins.push((key, origin));
        Some(value)
    }

    /// What only an argument can say (O4).
    fn argument(&mut self, key: &'static str) -> Option<&'a Value> {
        let said = self.argument_value(key);
        self.heard(key, said)
    }

    /// The least of the numbers said (O5, O6); of equal ones the argument's.
    fn limit(&mut self, key: &'static str) -> Option<i64> {
        let said = [
            self.argument_value(key),
            self.policy_value(key),
            self.operator_value(key),
        ];
        let least = said
            .into_iter()
            .flatten()
            .filter_map(number)
            // What is negative sets no limit, and any limit is less (Q44).
            .min_by_key(|(number, _)| if *number < 0 { i64::MAX } else { *number });
        self.heard(key, least)
    }

    fn least(&mut self, key: &'static str) -> Option<u64> {
        self.limit(key)
            .and_then(|number| u64::try_from(number).ok())
    }

    /// A number of a stream, for which policies outweigh arguments (O5). Between policies it is the least (O6).
    fn policy_number(&mut self, key: &'static str) -> Option<u64> {
        let policies = [self.policy_value(key), self.operator_value(key)];
        let least = policies
            .into_iter()
            .flatten()
            .filter_map(number)
            .min_by_key(|(number, _)| *number);
        let said = least.or_else(|| self.argument_value(key).and_then(number));
        self.heard(key, said)
            .and_then(|number| u64::try_from(number).ok())
    }

    /// A text. An operator's outweighs the other policy's (O6).
    fn text(&mut self, key: &'static str, first: First) -> Option<Name> {
        let policies = self.operator_value(key).or_else(|| self.policy_value(key));
        let argument = self.argument_value(key);
        let said = match first {
            First::Argument => argument.or(policies),
            First::Policy => policies.or(argument),
        };
        match said {
            Some((Value::Text(text), origin)) => self.heard(key, Some((text.clone(), origin))),
            _ => None,
        }
    }
}

fn number((value, origin): (&Value, Origin)) -> Option<(i64, Origin)> {
    match value {
        Value::Int(number) => Some((*number, origin)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::Profile;
    use QueueKind::{Classic, Quorum, Stream};

    fn queue(arguments: &[(&str, Value)]) -> QueueSpec {
        let arguments = arguments.iter().cloned();
        arguments.fold(QueueSpec::new("q"), |spec, (name, value)| {
            spec.with(name, value)
        })
    }

    fn try_declare(kind: QueueKind, arguments: &[(&str, Value)]) -> Result<(), Refusal> {
        validate(&queue(arguments), kind, Profile::V4_3.switches(), "/")
    }

    fn policy(name: &str, definition: &[(&str, Value)]) -> PolicySpec {
        PolicySpec {
            name: name.into(),
            pattern: "".into(),
            apply_to: crate::broker::ApplyTo::All,
            priority: 0,
            definition: definition
                .iter()
                .map(|(key, value)| (Name::from(*key), value.clone()))
                .collect(),
            operator: false,
        }
    }

    fn alone(profile: Profile, kind: QueueKind, arguments: &[(&str, Value)]) -> Settings {
        let arguments = queue(arguments).arguments;
        Settings::effective(kind, &arguments, None, None, profile.switches())
    }

    /// With an argument, a policy called `p` and an operator policy called `o`, each if it says something.
    fn contradicting(
        kind: QueueKind,
        key: &str,
        [argument, policied, operated]: [Option<Value>; 3],
    ) -> Settings {
        let name = format!("x-{key}");
        let arguments = argument.map(|value| (name.as_str(), value));
        let said = |name, value: Option<Value>| value.map(|value| policy(name, &[(key, value)]));
        let (policy, operator) = (said("p", policied), said("o", operated));
        Settings::effective(
            kind,
            &queue(arguments.as_slice()).arguments,
            policy.as_ref(),
            operator.as_ref(),
            Profile::V4_2.switches(),
        )
    }

    fn ms(millis: u64) -> Option<Micros> {
        Some(Micros::from_millis(millis))
    }

    #[test]
    fn the_type_is_the_arguments_or_the_default() {
        // Q4
        for default in QueueKind::ALL {
            assert_eq!(kind_of(&queue(&[]), default, "/"), Ok(default));
            for kind in QueueKind::ALL {
                let spec = queue(&[("x-queue-type", kind.as_str().into())]);
                assert_eq!(kind_of(&spec, default, "/"), Ok(kind));
            }
        }
        for (value, wrong) in [
            (Value::from("lazy"), "\"unsupported queue type 'lazy'\""),
            ("Quorum".into(), "\"unsupported queue type 'Quorum'\""),
            ("reply-to".into(), "\"unsupported queue type 'reply-to'\""),
            ("".into(), "\"unsupported queue type ''\""),
            (1.into(), "{unacceptable_type,signedint}"),
            (Value::Void, "{unacceptable_type,void}"),
        ] {
            let refusal = kind_of(&queue(&[("x-queue-type", value)]), Classic, "lab").unwrap_err();
            assert_eq!(refusal.rule, "Q4");
            assert_eq!(
                refusal.to_string(),
                format!(
                    "406 PRECONDITION_FAILED - invalid arg 'x-queue-type' for queue 'q' in vhost 'lab': {wrong}"
                )
            );
        }
    }

    #[test]
    fn valid_arguments_are_accepted() {
        // Q12, Q41, Q44
        const YEARS: i64 = 315_360_000_000;
        for (kind, name, value) in [
            (Classic, "x-expires", Value::Int(1)),
            (Classic, "x-expires", YEARS.into()),
            (Classic, "x-message-ttl", 0.into()),
            (Quorum, "x-message-ttl", YEARS.into()),
            (Classic, "x-max-length", 0.into()),
            (Quorum, "x-max-length-bytes", 0.into()),
            (Stream, "x-max-length-bytes", i64::MAX.into()),
            (Classic, "x-max-priority", 0.into()),
            (Classic, "x-max-priority", 255.into()),
            (Classic, "x-overflow", "drop-head".into()),
            (Classic, "x-overflow", "reject-publish".into()),
            (Classic, "x-overflow", "reject-publish-dlx".into()),
            (Quorum, "x-overflow", "reject-publish".into()),
            (Classic, "x-dead-letter-exchange", "".into()),
            (Quorum, "x-dead-letter-strategy", "at-least-once".into()),
            (Quorum, "x-dead-letter-strategy", "at-most-once".into()),
            (Quorum, "x-delivery-limit", Value::Int(-1)),
            (Quorum, "x-delivery-limit", 0.into()),
            (Classic, "x-single-active-consumer", true.into()),
            (Quorum, "x-single-active-consumer", false.into()),
            (Classic, "x-queue-mode", "lazy".into()),
            (Classic, "x-queue-version", 2.into()),
            (Stream, "x-max-age", "7D".into()),
            (
                Stream,
                "x-stream-max-segment-size-bytes",
                3_000_000_000_i64.into(),
            ),
            (Stream, "x-stream-filter-size-bytes", 16.into()),
            (Stream, "x-initial-cluster-size", 3.into()),
            (Quorum, "x-quorum-initial-group-size", 5.into()),
            (Quorum, "x-queue-leader-locator", "client-local".into()),
            (Quorum, "x-delayed-retry-type", "returned".into()),
            (Quorum, "x-delayed-retry-min", 0.into()),
            (Classic, "x-queue-type", "classic".into()),
        ] {
            let said = try_declare(kind, &[(name, value.clone())]);
            assert_eq!(said, Ok(()), "{kind} {name} {value}");
        }
        // Q4: what nobody knows is accepted, whatever it says.
        for name in ["x-colour", "ttl", "message-ttl", "", "x-consumer-timeout"] {
            for kind in QueueKind::ALL {
                assert_eq!(try_declare(kind, &[(name, Value::Void)]), Ok(()));
            }
        }
    }

    #[test]
    fn wrong_values_are_refused() {
        // Q12, Q41, Q44, Q46
        for (kind, name, value, rule, wrong) in [
            (Classic, "x-expires", Value::Int(0), "Q12", "{value_zero,0}"),
            (
                Classic,
                "x-expires",
                Value::Int(-1),
                "Q12",
                "{value_negative,-1}",
            ),
            (
                Quorum,
                "x-expires",
                Value::Int(315_360_000_001),
                "Q12",
                "{value_too_big,315360000001}",
            ),
            (
                Classic,
                "x-expires",
                "60".into(),
                "Q12",
                "\"expected integer, got longstr\"",
            ),
            (
                Classic,
                "x-message-ttl",
                Value::Int(-1),
                "Q12",
                "{value_negative,-1}",
            ),
            (
                Classic,
                "x-message-ttl",
                Value::Int(315_360_000_001),
                "Q12",
                "{value_too_big,315360000001}",
            ),
            (
                Classic,
                "x-message-ttl",
                Value::Double(1.0),
                "Q12",
                "\"expected integer, got double\"",
            ),
            (
                Classic,
                "x-max-length",
                Value::Int(-1),
                "Q12",
                "{value_negative,-1}",
            ),
            (
                Stream,
                "x-max-length-bytes",
                Value::Int(-5),
                "Q12",
                "{value_negative,-5}",
            ),
            (
                Classic,
                "x-max-length",
                Value::Void,
                "Q12",
                "\"expected integer, got void\"",
            ),
            (
                Classic,
                "x-max-priority",
                3000.into(),
                "Q41",
                "{max_value_exceeded,3000}",
            ),
            (
                Classic,
                "x-max-priority",
                256.into(),
                "Q41",
                "{max_value_exceeded,256}",
            ),
            (
                Classic,
                "x-max-priority",
                Value::Int(-10),
                "Q41",
                "{value_negative,-10}",
            ),
            (
                Classic,
                "x-max-priority",
                "3".into(),
                "Q41",
                "\"expected integer, got longstr\"",
            ),
            (
                Classic,
                "x-overflow",
                "drop-tail".into(),
                "Q12",
                "invalid_overflow",
            ),
            (
                Quorum,
                "x-overflow",
                true.into(),
                "Q12",
                "{unacceptable_type,bool}",
            ),
            (
                Classic,
                "x-dead-letter-exchange",
                1.into(),
                "Q12",
                "{unacceptable_type,signedint}",
            ),
            (
                Classic,
                "x-dead-letter-routing-key",
                "k".into(),
                "Q12",
                "routing_key_but_no_dlx_defined",
            ),
            (
                Classic,
                "x-dead-letter-routing-key",
                true.into(),
                "Q12",
                "{unacceptable_type,bool}",
            ),
            (
                Quorum,
                "x-dead-letter-strategy",
                "never".into(),
                "D6",
                "invalid_dlx_strategy",
            ),
            (
                Classic,
                "x-single-active-consumer",
                "true".into(),
                "Q12",
                "{unacceptable_type,longstr}",
            ),
            (
                Quorum,
                "x-single-active-consumer",
                1.into(),
                "Q12",
                "{unacceptable_type,signedint}",
            ),
            (
                Quorum,
                "x-delivery-limit",
                "3".into(),
                "Q44",
                "\"expected integer, got longstr\"",
            ),
            (Stream, "x-max-age", "7".into(), "Q12", "invalid_max_age"),
            (Stream, "x-max-age", "7w".into(), "Q12", "invalid_max_age"),
            (
                Stream,
                "x-max-age",
                7.into(),
                "Q12",
                "{unacceptable_type,signedint}",
            ),
            (
                Stream,
                "x-initial-cluster-size",
                0.into(),
                "Q12",
                "{value_zero,0}",
            ),
            (
                Quorum,
                "x-delayed-retry-type",
                "some".into(),
                "Q46",
                "invalid_delayed_retry_type",
            ),
            (
                Quorum,
                "x-delayed-retry-min",
                Value::Int(-1),
                "Q46",
                "{value_negative,-1}",
            ),
            (
                Classic,
                "x-queue-version",
                3.into(),
                "Q12",
                "\"unsupported queue version '3'\"",
            ),
        ] {
            let refusal = try_declare(kind, &[(name, value.clone())]).unwrap_err();
            assert_eq!(
                refusal.to_string(),
                format!(
                    "406 PRECONDITION_FAILED - invalid arg '{name}' for queue 'q' in vhost '/': {wrong}"
                )
            );
            assert_eq!(refusal.rule, rule, "{name} {value}");
        }
        for (name, value, text) in [
            (
                "x-stream-max-segment-size-bytes",
                3_000_000_001_i64,
                "Exceeded max value for x-stream-max-segment-size-bytes",
            ),
            (
                "x-stream-filter-size-bytes",
                15,
                "Invalid value for x-stream-filter-size-bytes",
            ),
            (
                "x-stream-filter-size-bytes",
                256,
                "Invalid value for x-stream-filter-size-bytes",
            ),
        ] {
            assert_eq!(
                try_declare(Stream, &[(name, value.into())])
                    .unwrap_err()
                    .text,
                text
            );
        }
        let both = [
            ("x-dead-letter-exchange", Value::from("")),
            ("x-dead-letter-routing-key", "k".into()),
        ];
        assert_eq!(try_declare(Classic, &both), Ok(()));
    }

    #[test]
    fn an_argument_of_another_type_of_queue_is_refused() {
        // Q4, W1
        for (name, value, fits) in [
            ("x-max-priority", Value::Int(3), &[Classic][..]),
            ("x-queue-mode", "lazy".into(), &[Classic]),
            ("x-queue-version", 2.into(), &[Classic]),
            ("x-delivery-limit", 3.into(), &[Quorum]),
            ("x-dead-letter-strategy", "at-most-once".into(), &[Quorum]),
            ("x-quorum-initial-group-size", 3.into(), &[Quorum]),
            ("x-delayed-retry-type", "all".into(), &[Quorum]),
            ("x-max-age", "1D".into(), &[Stream]),
            ("x-stream-max-segment-size-bytes", 1.into(), &[Stream]),
            ("x-initial-cluster-size", 1.into(), &[Stream]),
            ("x-message-ttl", 1.into(), &[Classic, Quorum]),
            ("x-expires", 1.into(), &[Classic, Quorum]),
            ("x-max-length", 1.into(), &[Classic, Quorum]),
            ("x-overflow", "drop-head".into(), &[Classic, Quorum]),
            ("x-dead-letter-exchange", "".into(), &[Classic, Quorum]),
            ("x-single-active-consumer", true.into(), &[Classic, Quorum]),
            ("x-max-length-bytes", 1.into(), &[Classic, Quorum, Stream]),
        ] {
            for kind in QueueKind::ALL {
                let said = try_declare(kind, &[(name, value.clone())]);
                assert_eq!(said.is_ok(), fits.contains(&kind), "{kind} {name}");
                let Err(refusal) = said else { continue };
                assert_eq!(
                    refusal.to_string(),
                    format!(
                        "406 PRECONDITION_FAILED - invalid arg '{name}' for queue 'q' in vhost '/' \
                         of queue type rabbit_{kind}_queue"
                    )
                );
                let w1 = kind == Quorum && name == "x-max-priority";
                assert_eq!(refusal.rule, if w1 { "W1" } else { "Q4" });
            }
        }
        // Its value does not matter, and a wrong value of an own argument is told before it.
        let refusal = try_declare(Quorum, &[("x-max-priority", "?".into())]).unwrap_err();
        assert_eq!(refusal.rule, "W1");
        let both = [("x-max-priority", Value::Int(1)), ("x-expires", 0.into())];
        assert_eq!(try_declare(Quorum, &both).unwrap_err().rule, "Q12");
    }

    #[test]
    fn delayed_retry_is_unknown_before_it_came() {
        // Q4, Q46
        let spec = queue(&[
            ("x-delayed-retry-type", "nonsense".into()),
            ("x-delayed-retry-min", Value::Void),
        ]);
        for profile in Profile::ALL {
            for kind in QueueKind::ALL {
                let said = validate(&spec, kind, profile.switches(), "/");
                assert_eq!(
                    said.is_ok(),
                    !profile.switches().delayed_retry,
                    "{profile} {kind}"
                );
            }
        }
    }

    #[test]
    fn quorum_queues_and_streams_are_durable_shared_and_stay() {
        // Q8
        for kind in QueueKind::ALL {
            for (durable, exclusive, auto_delete, property) in [
                (true, false, false, None),
                (false, false, false, Some("non-durable")),
                (true, true, false, Some("exclusive-owner")),
                (true, false, true, Some("auto-delete")),
                (false, true, true, Some("auto-delete")),
            ] {
                let spec = QueueSpec {
                    durable,
                    exclusive,
                    auto_delete,
                    ..QueueSpec::new("q")
                };
                let said = validate(&spec, kind, Profile::V4_2.switches(), "/");
                let Some(property) = property.filter(|_| kind != Classic) else {
                    assert_eq!(said, Ok(()));
                    continue;
                };
                let refusal = said.unwrap_err();
                assert_eq!(refusal.rule, "Q8");
                assert_eq!(
                    refusal.to_string(),
                    format!(
                        "406 PRECONDITION_FAILED - invalid property '{property}' for queue 'q' in vhost '/'"
                    )
                );
            }
        }
    }

    #[test]
    fn a_transient_queue_must_be_exclusive_where_the_release_says_so() {
        // Q7
        for profile in Profile::ALL {
            for (durable, exclusive, refused) in [
                (true, false, false),
                (true, true, false),
                (false, true, false),
                (false, false, profile == Profile::V4_3),
            ] {
                let spec = QueueSpec {
                    durable,
                    exclusive,
                    ..QueueSpec::new("q")
                };
                let said = check_transient(&spec, Classic, profile.switches());
                assert_eq!(said.is_err(), refused, "{profile} {durable} {exclusive}");
                if let Err(refusal) = said {
                    assert_eq!(refusal.code, ReplyCode::InternalError);
                    assert_eq!(refusal.rule, "Q7");
                }
                // Others are refused for another cause (Q8).
                assert_eq!(check_transient(&spec, Quorum, profile.switches()), Ok(()));
            }
        }
    }

    #[test]
    fn an_expiration_is_digits() {
        // Q20, Q12
        for (text, millis) in [
            ("0", 0),
            ("1", 1),
            ("60000", 60_000),
            ("007", 7),
            ("+5", 5),
            ("-0", 0),
            ("315360000000", 315_360_000_000),
        ] {
            assert_eq!(expiration(text).ok(), ms(millis), "{text}");
        }
        for (text, reason) in [
            ("", "no_integer"),
            ("x", "no_integer"),
            (" 5", "no_integer"),
            ("-", "no_integer"),
            ("+-5", "no_integer"),
            (".5", "no_integer"),
            ("٣", "no_integer"),
            ("1.5", "{leftover_string,\".5\"}"),
            ("5 ", "{leftover_string,\" \"}"),
            ("5s", "{leftover_string,\"s\"}"),
            ("-1", "{value_negative,-1}"),
            (
                "-99999999999999999999",
                "{value_negative,-99999999999999999999}",
            ),
            ("315360000001", "{value_too_big,315360000001}"),
            (
                "99999999999999999999",
                "{value_too_big,99999999999999999999}",
            ),
        ] {
            let refusal = expiration(text).unwrap_err();
            assert_eq!(refusal.rule, "Q20");
            assert_eq!(
                refusal.to_string(),
                format!("406 PRECONDITION_FAILED - invalid expiration '{text}': {reason}")
            );
        }
    }

    #[test]
    fn the_same_declaration_is_equivalent() {
        // Q3, Q4
        let present = queue(&[("x-message-ttl", 5.into()), ("x-colour", "red".into())]);
        for asked in [
            present.clone(),
            queue(&[("x-message-ttl", 5.into())]),
            // What nobody knows is not compared; what is not said is the type there is.
            queue(&[("x-message-ttl", 5.into()), ("x-colour", "blue".into())]),
            queue(&[
                ("x-message-ttl", 5.into()),
                ("x-queue-type", "classic".into()),
            ]),
        ] {
            assert_eq!(inequivalence(&present, Classic, &asked, Classic, "/"), None);
        }
        // Q5: an exclusive queue is not durable, whatever was asked for.
        let exclusive = |durable| QueueSpec {
            durable,
            exclusive: true,
            ..QueueSpec::new("q")
        };
        let said = inequivalence(&exclusive(true), Classic, &exclusive(false), Classic, "/");
        assert_eq!(said, None);
    }

    #[test]
    fn a_declaration_that_differs_is_told_in_what() {
        // Q3, Q4
        let plain = || QueueSpec::new("q");
        let transient = QueueSpec {
            durable: false,
            ..plain()
        };
        let fleeting = QueueSpec {
            auto_delete: true,
            durable: false,
            ..plain()
        };
        let ttl = |millis: i64| queue(&[("x-message-ttl", millis.into())]);
        let dlx = |name: &str| queue(&[("x-dead-letter-exchange", name.into())]);
        let typed = |kind: &str| queue(&[("x-queue-type", kind.into())]);
        for (present, kind, asked, asked_kind, rule, text) in [
            (
                plain(),
                Classic,
                transient.clone(),
                Classic,
                "Q3",
                "'durable': received 'false' but current is 'true'",
            ),
            (
                transient.clone(),
                Classic,
                plain(),
                Classic,
                "Q3",
                "'durable': received 'true' but current is 'false'",
            ),
            (
                transient.clone(),
                Classic,
                fleeting.clone(),
                Classic,
                "Q3",
                "'auto_delete': received 'true' but current is 'false'",
            ),
            // One after the other.
            (
                plain(),
                Classic,
                fleeting,
                Classic,
                "Q3",
                "'durable': received 'false' but current is 'true'",
            ),
            (
                ttl(5),
                Classic,
                ttl(6),
                Classic,
                "Q4",
                "'x-message-ttl': received '6' but current is '5'",
            ),
            (
                ttl(5),
                Classic,
                plain(),
                Classic,
                "Q4",
                "'x-message-ttl': received none but current is the value '5' of type 'signedint'",
            ),
            (
                plain(),
                Quorum,
                ttl(5),
                Quorum,
                "Q4",
                "'x-message-ttl': received the value '5' of type 'signedint' but current is none",
            ),
            (
                ttl(5),
                Classic,
                queue(&[("x-message-ttl", Value::Double(5.0))]),
                Classic,
                "Q4",
                "'x-message-ttl': received '5.0' but current is '5'",
            ),
            (
                dlx("a"),
                Classic,
                dlx("b"),
                Classic,
                "Q4",
                "'x-dead-letter-exchange': received 'b' but current is 'a'",
            ),
            (
                plain(),
                Classic,
                dlx(""),
                Classic,
                "Q4",
                "'x-dead-letter-exchange': received the value '' of type 'longstr' but current is none",
            ),
            (
                plain(),
                Classic,
                typed("quorum"),
                Quorum,
                "Q4",
                "'x-queue-type': received the value 'quorum' of type 'longstr' but current is none",
            ),
            (
                typed("quorum"),
                Quorum,
                plain(),
                Classic,
                "Q4",
                "'x-queue-type': received none but current is the value 'quorum' of type 'longstr'",
            ),
            (
                typed("quorum"),
                Quorum,
                typed("classic"),
                Classic,
                "Q4",
                "'x-queue-type': received 'classic' but current is 'quorum'",
            ),
            (
                plain(),
                Quorum,
                typed("classic"),
                Classic,
                "Q4",
                "'x-queue-type': received 'classic' but current is 'quorum'",
            ),
        ] {
            let refusal = inequivalence(&present, kind, &asked, asked_kind, "/").unwrap();
            assert_eq!(
                refusal.to_string(),
                text.replacen(": ", " for queue 'q' in vhost '/': ", 1)
                    .replacen('\'', "406 PRECONDITION_FAILED - inequivalent arg '", 1)
            );
            assert_eq!(refusal.rule, rule);
        }
        // All that a type of queue knows is compared, and nothing else.
        for (kind, name) in [
            (Classic, "x-expires"),
            (Classic, "x-max-length"),
            (Classic, "x-max-length-bytes"),
            (Classic, "x-max-priority"),
            (Classic, "x-overflow"),
            (Classic, "x-dead-letter-routing-key"),
            (Classic, "x-single-active-consumer"),
            (Quorum, "x-delivery-limit"),
            (Quorum, "x-dead-letter-strategy"),
            (Stream, "x-max-age"),
        ] {
            let asked = queue(&[(name, 1.into())]);
            let refusal = inequivalence(&plain(), kind, &asked, kind, "lab").unwrap();
            let start = format!("inequivalent arg '{name}' for queue 'q' in vhost 'lab': ");
            assert!(refusal.text.starts_with(&start), "{refusal}");
        }
    }

    #[test]
    fn nothing_said_is_the_default() {
        for profile in Profile::ALL {
            assert_eq!(alone(profile, Classic, &[]), Settings::default());
            assert_eq!(alone(profile, Stream, &[]), Settings::default());
            // Q44
            let expected = Settings {
                delivery_limit: (profile != Profile::V3_13).then_some(20),
                ..Settings::default()
            };
            assert_eq!(alone(profile, Quorum, &[]), expected, "{profile}");
        }
        let settings = Settings::default();
        assert_eq!(settings.segment_bytes, 500_000_000);
        // S15, W9
        assert_eq!(settings.ack_timeout, Micros::from_secs(1800));
        assert_eq!(settings.origin("message-ttl"), Origin::Default);
        assert_eq!(settings.origins().count(), 0);
    }

    #[test]
    fn arguments_set_what_they_say() {
        let settings = alone(
            Profile::V4_2,
            Classic,
            &[
                ("x-message-ttl", 5.into()),
                ("x-expires", 6.into()),
                ("x-max-length", 7.into()),
                ("x-max-length-bytes", 8.into()),
                ("x-overflow", "reject-publish-dlx".into()),
                ("x-dead-letter-exchange", "dlx".into()),
                ("x-dead-letter-routing-key", "dead".into()),
                ("x-max-priority", 9.into()),
                ("x-single-active-consumer", true.into()),
                ("x-consumer-timeout", 10.into()),
            ],
        );
        for (key, origin) in settings.origins() {
            assert_eq!(*origin, Origin::Argument, "{key}");
        }
        assert_eq!(settings.origins().count(), 10);
        assert_eq!(
            Settings {
                origins: Vec::new(),
                ..settings
            },
            Settings {
                ttl: ms(5),
                expires: ms(6),
                max_length: Some(7),
                max_bytes: Some(8),
                overflow: Overflow::RejectPublishDlx,
                dead_letter_exchange: Some("dlx".into()),
                dead_letter_key: Some("dead".into()),
                max_priority: Some(9),
                single_active: true,
                ack_timeout: Micros::from_millis(10),
                ..Settings::default()
            }
        );
        let settings = alone(
            Profile::V4_2,
            Stream,
            &[
                ("x-max-age", "2h".into()),
                ("x-max-length-bytes", 8.into()),
                ("x-stream-max-segment-size-bytes", 9.into()),
            ],
        );
        assert_eq!(settings.max_age, Some(Micros::from_secs(7200)));
        assert_eq!((settings.max_bytes, settings.segment_bytes), (Some(8), 9));
    }

    #[test]
    fn the_least_number_holds() {
        // O5, O6
        let some = |number: i64| Some(Value::Int(number));
        let policy = || Origin::Policy("p".into());
        let operator = || Origin::Operator("o".into());
        for (said, expected, origin) in [
            ([some(5), None, None], 5, Origin::Argument),
            ([None, some(5), None], 5, policy()),
            ([None, None, some(5)], 5, operator()),
            ([some(5), some(4), None], 4, policy()),
            ([some(4), some(5), None], 4, Origin::Argument),
            ([some(5), some(4), some(3)], 3, operator()),
            ([some(5), some(3), some(4)], 3, policy()),
            ([some(3), some(5), some(4)], 3, Origin::Argument),
            ([None, some(3), some(4)], 3, policy()),
            ([None, some(4), some(3)], 3, operator()),
            ([some(3), some(3), some(3)], 3, Origin::Argument),
            ([some(0), some(3), None], 0, Origin::Argument),
        ] {
            for kind in [Classic, Quorum] {
                for key in ["message-ttl", "expires", "max-length", "max-length-bytes"] {
                    let settings = contradicting(kind, key, said.clone());
                    let found = match key {
                        "message-ttl" => settings.ttl.map(|ttl| ttl.0 / 1000),
                        "expires" => settings.expires.map(|expires| expires.0 / 1000),
                        "max-length" => settings.max_length,
                        _ => settings.max_bytes,
                    };
                    assert_eq!(found, Some(expected), "{kind} {key} {said:?}");
                    assert_eq!(settings.origin(key), origin, "{kind} {key} {said:?}");
                }
            }
        }
    }

    #[test]
    fn a_limit_of_deliveries_can_be_none() {
        // Q44: −1 is no limit, and any limit is less than none.
        let some = |number: i64| Some(Value::Int(number));
        for (said, expected) in [
            ([None, None, None], Some(20)),
            ([some(-1), None, None], None),
            ([None, some(-1), None], None),
            ([some(-1), some(5), None], Some(5)),
            ([some(5), some(-1), None], Some(5)),
            ([some(30), None, None], Some(30)),
            ([some(30), some(25), None], Some(25)),
            ([None, some(30), some(0)], Some(0)),
        ] {
            let settings = contradicting(Quorum, "delivery-limit", said.clone());
            assert_eq!(settings.delivery_limit, expected, "{said:?}");
        }
    }

    #[test]
    fn an_arguments_text_wins() {
        // O5
        let text = |text: &str| Some(Value::from(text));
        for kind in [Classic, Quorum] {
            for (said, expected, origin) in [
                ([text("a"), text("b"), None], "a", Origin::Argument),
                ([None, text("b"), None], "b", Origin::Policy("p".into())),
                ([text(""), text("b"), None], "", Origin::Argument),
            ] {
                let settings = contradicting(kind, "dead-letter-exchange", said);
                assert_eq!(settings.dead_letter_exchange.as_deref(), Some(expected));
                assert_eq!(settings.origin("dead-letter-exchange"), origin);
            }
        }
    }

    #[test]
    fn overflow_is_the_operators_before_the_policys() {
        // O5, O6: a classic queue's argument wins over both, a quorum queue's over neither.
        use Overflow::{DropHead, RejectPublish, RejectPublishDlx};
        let text = |text: &str| Some(Value::from(text));
        let (drop, reject, dlx) = ("drop-head", "reject-publish", "reject-publish-dlx");
        for (said, classic, quorum) in [
            ([None, None, None], DropHead, DropHead),
            ([text(reject), None, None], RejectPublish, RejectPublish),
            ([text(drop), text(reject), None], DropHead, RejectPublish),
            ([text(reject), text(drop), None], RejectPublish, DropHead),
            (
                [None, text(drop), text(reject)],
                RejectPublish,
                RejectPublish,
            ),
            ([None, text(reject), text(drop)], DropHead, DropHead),
            // Q28
            ([text(dlx), None, None], RejectPublishDlx, DropHead),
            ([None, text(dlx), None], RejectPublishDlx, DropHead),
        ] {
            let of = |kind| contradicting(kind, "overflow", said.clone()).overflow;
            assert_eq!((of(Classic), of(Quorum)), (classic, quorum), "{said:?}");
        }
        assert_eq!(
            [DropHead, RejectPublish, RejectPublishDlx].map(Overflow::as_str),
            [drop, reject, dlx]
        );
    }

    #[test]
    fn a_streams_policy_wins() {
        // O5, O6
        let some = |number: i64| Some(Value::Int(number));
        for (said, expected, origin) in [
            ([some(5), None, None], 5, Origin::Argument),
            ([some(5), some(9), None], 9, Origin::Policy("p".into())),
            ([some(5), some(9), some(8)], 8, Origin::Operator("o".into())),
            ([some(5), None, some(8)], 8, Origin::Operator("o".into())),
        ] {
            let settings = contradicting(Stream, "max-length-bytes", said);
            assert_eq!(settings.max_bytes, Some(expected));
            assert_eq!(settings.origin("max-length-bytes"), origin);
        }
        let ages = [Some("1h".into()), Some("2h".into()), None];
        let settings = contradicting(Stream, "max-age", ages);
        assert_eq!(settings.max_age, Some(Micros::from_secs(7200)));
    }

    #[test]
    fn what_does_not_act_for_a_queue_is_not_set() {
        // Q47, O4
        let all = policy(
            "p",
            &[
                ("message-ttl", 1.into()),
                ("expires", 1.into()),
                ("max-length", 1.into()),
                ("overflow", "reject-publish".into()),
                ("dead-letter-exchange", "dlx".into()),
                ("dead-letter-routing-key", "k".into()),
                ("dead-letter-strategy", "at-least-once".into()),
                ("delivery-limit", 1.into()),
                ("max-priority", 1.into()),
                ("single-active-consumer", true.into()),
                ("delayed-retry-type", "all".into()),
                ("delayed-retry-min", 1.into()),
            ],
        );
        let of = |profile: Profile, kind| {
            Settings::effective(kind, &Table::new(), Some(&all), None, profile.switches())
        };
        let stream = of(Profile::V4_3, Stream);
        let expected = Settings {
            policy: Some("p".into()),
            ..Settings::default()
        };
        assert_eq!(stream, expected);
        let reply = of(Profile::V4_3, QueueKind::ReplyTo);
        assert_eq!(reply, Settings::default());
        let classic = of(Profile::V4_3, Classic);
        assert!(!classic.at_least_once && classic.delivery_limit.is_none());
        assert!(classic.delayed_retry.is_none());
        for kind in [Classic, Quorum] {
            let settings = of(Profile::V4_3, kind);
            assert_eq!(
                (settings.max_priority, settings.single_active),
                (None, false)
            );
        }
        assert!(of(Profile::V4_2, Quorum).delayed_retry.is_none());
        assert!(of(Profile::V4_3, Quorum).delayed_retry.is_some());
        // A key without an exchange leads nowhere.
        let lonely = policy("p", &[("dead-letter-routing-key", "k".into())]);
        let settings = Settings::effective(
            Classic,
            &Table::new(),
            Some(&lonely),
            None,
            Profile::V4_2.switches(),
        );
        assert_eq!(settings.dead_letter_key, None);
        assert_eq!(settings.origin("dead-letter-routing-key"), Origin::Default);
    }

    #[test]
    fn at_least_once_needs_to_reject_publishes() {
        // D6
        let dlx = ("x-dead-letter-exchange", Value::from("dlx"));
        let strategy = |value: &str| ("x-dead-letter-strategy", Value::from(value));
        let overflow = |value: &str| ("x-overflow", Value::from(value));
        for (arguments, expected) in [
            (
                vec![
                    dlx.clone(),
                    strategy("at-least-once"),
                    overflow("reject-publish"),
                ],
                true,
            ),
            (
                vec![
                    dlx.clone(),
                    strategy("at-most-once"),
                    overflow("reject-publish"),
                ],
                false,
            ),
            (
                vec![
                    dlx.clone(),
                    strategy("at-least-once"),
                    overflow("drop-head"),
                ],
                false,
            ),
            (vec![dlx.clone(), strategy("at-least-once")], false),
            (vec![dlx, overflow("reject-publish")], false),
            (
                vec![strategy("at-least-once"), overflow("reject-publish")],
                false,
            ),
        ] {
            let settings = alone(Profile::V4_2, Quorum, &arguments);
            assert_eq!(settings.at_least_once, expected, "{arguments:?}");
        }
    }

    #[test]
    fn a_delayed_retry_grows_with_each_delivery() {
        // Q46, W6
        let retry =
            |arguments: &[(&str, Value)]| alone(Profile::V4_3, Quorum, arguments).delayed_retry;
        let kind = |kind: &str| ("x-delayed-retry-type", Value::from(kind));
        let (min, max) = (
            ("x-delayed-retry-min", Value::Int(1000)),
            ("x-delayed-retry-max", Value::Int(3500)),
        );
        for (text, expected) in [
            ("all", Some(RetryKind::All)),
            ("failed", Some(RetryKind::Failed)),
            ("returned", Some(RetryKind::Returned)),
            ("disabled", None),
        ] {
            let found = retry(&[kind(text), min.clone()]).map(|retry| retry.kind);
            assert_eq!(found, expected);
            assert!(expected.is_none_or(|kind| kind.as_str() == text));
        }
        assert_eq!(retry(std::slice::from_ref(&min)), None);
        assert_eq!(retry(&[kind("all")]), None);
        let delays = |retry: Option<DelayedRetry>| {
            [0, 1, 2, 3, 4, u32::MAX].map(|count| retry.unwrap().delay(count).0 / 1000)
        };
        assert_eq!(
            delays(retry(&[kind("all"), min.clone(), max])),
            [1000, 1000, 2000, 3000, 3500, 3500]
        );
        let unbounded = delays(retry(&[kind("all"), min]));
        assert_eq!(unbounded[4..], [4000, 4_294_967_295_000]);
    }

    #[test]
    fn the_least_time_to_acknowledge_holds() {
        // S15, O5
        let some = |number: i64| Some(Value::Int(number));
        for kind in QueueKind::ALL {
            for (said, expected) in [
                ([some(5_000), some(6_000), None], 5_000),
                ([some(5_000), some(4_000), None], 4_000),
                // More than the default is more.
                ([None, some(3_600_000), None], 3_600_000),
            ] {
                let settings = contradicting(kind, "consumer-timeout", said);
                assert_eq!(settings.ack_timeout, Micros::from_millis(expected));
            }
        }
    }
}
