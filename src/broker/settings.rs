//! What holds for a queue once its arguments and policies have had their say.

use super::argument::age;
use super::{Micros, Name, PolicySpec, QueueKind, Switches, Table, Value};

#[cfg(test)]
mod tests;

/// The bytes of a stream's segment when nothing says otherwise.
const SEGMENT: u64 = 500_000_000;

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
    /// Whether it was told `reject-publish-dlx`, which is for classic queues only, and does not do it (Q28).
    pub passes_over_dlx: bool,
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
            passes_over_dlx: false,
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
        let priority = said.argument("max-priority").and_then(Value::as_int);
        let priority = priority.and_then(|number| u8::try_from(number).ok());
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
        let word = said.text("overflow", First::Policy);
        let overflow = match word.as_deref() {
            Some("reject-publish") => Overflow::RejectPublish,
            _ => Overflow::DropHead,
        };
        let passes_over_dlx = word.is_some_and(|word| word == "reject-publish-dlx");
        if passes_over_dlx {
            said.origins.retain(|(key, _)| *key != "overflow");
        }
        let argument = said.arguments.contains_key("x-delivery-limit");
        let delivery_limit = match said.limit("delivery-limit") {
            None if argument => None, // One that is no number is no limit.
            None => switches.delivery_limit,
            Some(limit) => u32::try_from(limit).ok(),
        };
        let mut settings = Self {
            overflow,
            passes_over_dlx,
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
    value.as_int().map(|number| (number, origin))
}
