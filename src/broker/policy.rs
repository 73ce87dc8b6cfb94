//! Policies (O1–O7).

use std::collections::BTreeMap;

use super::argument::{LOCATORS, MODES, OVERFLOWS, RETRIES, STRATEGIES, Takes};
use super::pattern::Pattern;
use super::{Name, QueueKind, Refusal, ReplyCode, Switches, Table, Value};

#[cfg(test)]
mod tests;

/// A policy, or an operator policy, as it is set (O1).
#[derive(Clone, Debug, PartialEq)]
pub struct PolicySpec {
    /// Its name.
    pub name: Name,
    /// Which names it is for: an unanchored regular expression.
    pub pattern: Name,
    /// What kind of thing it is for.
    pub apply_to: ApplyTo,
    /// The highest wins.
    pub priority: i64,
    /// What it sets, by argument name without `x-` (O3).
    pub definition: Table,
    /// Whether it is an operator policy (O6).
    pub operator: bool,
}

/// What kind of thing a policy is for (O1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApplyTo {
    /// Exchanges and queues.
    #[default]
    All,
    /// Exchanges.
    Exchanges,
    /// Queues of every type.
    Queues,
    /// Classic queues.
    ClassicQueues,
    /// Quorum queues.
    QuorumQueues,
    /// Streams.
    Streams,
}

impl ApplyTo {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::All,
        Self::Exchanges,
        Self::Queues,
        Self::ClassicQueues,
        Self::QuorumQueues,
        Self::Streams,
    ];

    /// As a definitions file writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Exchanges => "exchanges",
            Self::Queues => "queues",
            Self::ClassicQueues => "classic_queues",
            Self::QuorumQueues => "quorum_queues",
            Self::Streams => "streams",
        }
    }
}

impl ApplyTo {
    fn takes_queue(self, kind: QueueKind) -> bool {
        match self {
            Self::All | Self::Queues => kind != QueueKind::ReplyTo,
            Self::Exchanges => false,
            Self::ClassicQueues => kind == QueueKind::Classic,
            Self::QuorumQueues => kind == QueueKind::Quorum,
            Self::Streams => kind == QueueKind::Stream,
        }
    }

    fn takes_exchange(self) -> bool {
        matches!(self, Self::All | Self::Exchanges)
    }
}

/// Something a policy can set (O3).
struct Key {
    name: &'static str,
    takes: Takes,
    /// What a wrong value is called.
    called: &'static str,
    /// Types of queue that do not know it.
    unknown_to: &'static [QueueKind],
    /// Whether an operator policy can set it too (O6).
    operator: bool,
    /// Whether a broker with these switches knows it.
    needs: fn(&Switches) -> bool,
}

impl Key {
    const fn new(
        name: &'static str,
        takes: Takes,
        called: &'static str,
        unknown_to: &'static [QueueKind],
    ) -> Self {
        Self {
            name,
            takes,
            called,
            unknown_to,
            operator: false,
            needs: |_| true,
        }
    }

    /// An operator policy can set it too.
    const fn operator(self) -> Self {
        Self {
            operator: true,
            ..self
        }
    }

    const fn needs(self, needs: fn(&Switches) -> bool) -> Self {
        Self { needs, ..self }
    }

    fn is_known(&self, operator: bool, switches: &Switches) -> bool {
        (self.operator || !operator) && (self.needs)(switches)
    }
}

const NONE: &[QueueKind] = &[];
const STREAM: &[QueueKind] = &[QueueKind::Stream];
const NOT_CLASSIC: &[QueueKind] = &[QueueKind::Quorum, QueueKind::Stream];
const NOT_QUORUM: &[QueueKind] = &[QueueKind::Classic, QueueKind::Stream];
const NOT_STREAM: &[QueueKind] = &[QueueKind::Classic, QueueKind::Quorum];

fn mirroring(switches: &Switches) -> bool {
    switches.mirroring
}

fn delayed_retry(switches: &Switches) -> bool {
    switches.delayed_retry
}

/// All keys (O3), and which of them an operator policy can have (O6).
const KEYS: [Key; 35] = [
    Key::new(
        "alternate-exchange",
        Takes::Text,
        "alternate exchange name",
        NONE,
    ),
    Key::new(
        "dead-letter-exchange",
        Takes::Text,
        "dead letter exchange name",
        STREAM,
    ),
    Key::new(
        "dead-letter-routing-key",
        Takes::Text,
        "dead letter routing key",
        STREAM,
    ),
    Key::new(
        "dead-letter-strategy",
        STRATEGIES,
        "dead letter strategy",
        NOT_QUORUM,
    ),
    Key::new("message-ttl", Takes::Span(0), "message TTL", STREAM).operator(),
    Key::new("expires", Takes::Span(1), "queue expiry", STREAM).operator(),
    Key::new("max-length", Takes::Count(0), "maximum length", STREAM).operator(),
    Key::new(
        "max-length-bytes",
        Takes::Count(0),
        "maximum length in bytes",
        NONE,
    )
    .operator(),
    Key::new(
        "max-in-memory-length",
        Takes::Count(0),
        "maximum memory in bytes",
        NOT_QUORUM,
    )
    .operator(),
    Key::new(
        "max-in-memory-bytes",
        Takes::Count(0),
        "maximum memory in bytes",
        NOT_QUORUM,
    )
    .operator(),
    Key::new("overflow", OVERFLOWS, "overflow value", STREAM).operator(),
    Key::new(
        "delivery-limit",
        Takes::Integer,
        "delivery limit",
        NOT_QUORUM,
    )
    .operator(),
    Key::new(
        "consumer-timeout",
        Takes::Count(0),
        "consumer timeout",
        NONE,
    ),
    Key::new("max-age", Takes::Age, "max age", NOT_STREAM),
    Key::new(
        "stream-max-segment-size-bytes",
        Takes::Count(0),
        "segment size",
        NOT_STREAM,
    ),
    Key::new(
        "stream-filter-size-bytes",
        Takes::Count(16),
        "filter size",
        NOT_STREAM,
    ),
    Key::new(
        "initial-cluster-size",
        Takes::Count(0),
        "cluster size",
        NOT_STREAM,
    ),
    Key::new(
        "target-group-size",
        Takes::Count(1),
        "qq target count value",
        NOT_QUORUM,
    )
    .operator(),
    Key::new(
        "queue-leader-locator",
        LOCATORS,
        "queue leader locator value",
        NONE,
    ),
    Key::new(
        "queue-master-locator",
        Takes::Text,
        "queue master locator value",
        NOT_CLASSIC,
    ),
    Key::new("queue-mode", MODES, "queue-mode value", NOT_CLASSIC),
    Key::new("queue-version", Takes::Count(1), "queue version", NONE).operator(),
    Key::new(
        "delayed-retry-type",
        RETRIES,
        "delayed retry type",
        NOT_QUORUM,
    )
    .needs(delayed_retry),
    Key::new(
        "delayed-retry-min",
        Takes::Count(0),
        "delayed retry span",
        NOT_QUORUM,
    )
    .needs(delayed_retry),
    Key::new(
        "delayed-retry-max",
        Takes::Count(0),
        "delayed retry span",
        NOT_QUORUM,
    )
    .needs(delayed_retry),
    Key::new(
        "consumer-disconnected-timeout",
        Takes::Count(0),
        "consumer timeout",
        NOT_QUORUM,
    )
    .needs(delayed_retry),
    Key::new(
        "federation-upstream",
        Takes::Text,
        "federation upstream name",
        NONE,
    ),
    Key::new(
        "federation-upstream-set",
        Takes::Text,
        "federation upstream set name",
        NONE,
    ),
    Key::new(
        "federation-upstream-pattern",
        Takes::Text,
        "federation upstream pattern",
        NONE,
    ),
    Key::new("ha-mode", Takes::Text, "ha mode", NOT_CLASSIC)
        .operator()
        .needs(mirroring),
    Key::new("ha-params", Takes::Anything, "ha parameter", NOT_CLASSIC)
        .operator()
        .needs(mirroring),
    Key::new("ha-sync-mode", Takes::Text, "ha sync mode", NOT_CLASSIC)
        .operator()
        .needs(mirroring),
    Key::new(
        "ha-sync-batch-size",
        Takes::Count(0),
        "ha batch size",
        NOT_CLASSIC,
    )
    .needs(mirroring),
    Key::new(
        "ha-promote-on-shutdown",
        Takes::Text,
        "ha promotion",
        NOT_CLASSIC,
    )
    .needs(mirroring),
    Key::new(
        "ha-promote-on-failure",
        Takes::Text,
        "ha promotion",
        NOT_CLASSIC,
    )
    .needs(mirroring),
];

/// What only a declaration can say (O4).
const DECLARED: [&str; 7] = [
    "queue-type",
    "max-priority",
    "single-active-consumer",
    "durable",
    "exclusive",
    "auto-delete",
    "internal",
];

/// All policies and operator policies.
#[derive(Clone, Debug, Default)]
pub struct PolicySet {
    /// By whether it is an operator policy, and name: the two do not know of each other.
    policies: BTreeMap<(bool, Name), Policy>,
}

#[derive(Clone, Debug)]
struct Policy {
    spec: PolicySpec,
    pattern: Pattern,
}

impl PolicySet {
    /// Adds a policy, or changes the one of that name. What it changes for queues and exchanges that are there is for the
    /// caller to see to (O2).
    pub fn set(&mut self, spec: PolicySpec, switches: &Switches) -> Result<(), Refusal> {
        let pattern = Pattern::new(&spec.pattern).map_err(|wrong| {
            let text = format!(
                "not a valid regular expression: '{}': {wrong}",
                spec.pattern
            );
            refused(&spec, "O1", &text)
        })?;
        if spec.definition.is_empty() {
            return Err(refused(&spec, "O1", "no policy provided"));
        }
        for (key, value) in &spec.definition {
            check(&spec, key, value, switches)?;
        }
        let key = (spec.operator, spec.name.clone());
        self.policies.insert(key, Policy { spec, pattern });
        Ok(())
    }

    /// Takes a policy away; whether there was one.
    pub fn clear(&mut self, name: &str, operator: bool) -> bool {
        self.policies
            .remove(&(operator, Name::from(name)))
            .is_some()
    }

    /// All of them: first the policies by name, then the operator policies by name.
    pub fn all(&self) -> impl Iterator<Item = &PolicySpec> {
        self.policies.values().map(|policy| &policy.spec)
    }

    /// The policy and the operator policy that apply to a queue (O1).
    pub fn for_queue(
        &self,
        name: &str,
        kind: QueueKind,
    ) -> (Option<&PolicySpec>, Option<&PolicySpec>) {
        let of = |operator| {
            self.highest(|policy| {
                policy.spec.operator == operator
                    && policy.spec.apply_to.takes_queue(kind)
                    && policy.spec.suits(kind)
                    && policy.pattern.matches(name)
            })
        };
        (of(false), of(true))
    }

    /// The policy that applies to an exchange (O1). No operator policy says anything of exchanges (O6).
    pub fn for_exchange(&self, name: &str) -> Option<&PolicySpec> {
        self.highest(|policy| {
            !policy.spec.operator
                && policy.spec.apply_to.takes_exchange()
                && policy.pattern.matches(name)
        })
    }

    /// The alternate exchange that a policy gives an exchange. An argument of its own outweighs it (E13).
    pub fn alternate_exchange(&self, name: &str) -> Option<&Name> {
        match self
            .for_exchange(name)?
            .definition
            .get("alternate-exchange")
        {
            Some(Value::Text(alternate)) => Some(alternate),
            _ => None,
        }
    }

    /// Those whose pattern is given up on the name of a queue or an exchange, since it goes back and forth in it too often.
    /// They do not apply to it.
    pub fn given_up<'p>(
        &'p self,
        name: &'p str,
        is_exchange: bool,
    ) -> impl Iterator<Item = &'p PolicySpec> {
        let policies = self.policies.values().filter(move |policy| {
            let asked = match is_exchange {
                true => policy.spec.apply_to.takes_exchange(),
                false => policy.spec.apply_to != ApplyTo::Exchanges,
            };
            asked && policy.pattern.is_given_up(name)
        });
        policies.map(|policy| &policy.spec)
    }

    /// The one of highest priority. RabbitMQ leaves open which of equals it is; here it is the first by name.
    fn highest(&self, applies: impl Fn(&Policy) -> bool) -> Option<&PolicySpec> {
        let mut highest: Option<&PolicySpec> = None;
        for policy in self.policies.values() {
            let higher = highest.is_none_or(|highest| policy.spec.priority > highest.priority);
            if higher && applies(policy) {
                highest = Some(&policy.spec);
            }
        }
        highest
    }
}

impl PolicySpec {
    /// Whether a policy, or an operator policy, of this release may have the key at all (O3, O6).
    pub fn may_have(key: &str, operator: bool, switches: &Switches) -> bool {
        let mut known = KEYS.iter().filter(|known| known.name == key);
        known.any(|known| known.is_known(operator, switches))
    }

    /// Whether a queue of this type knows all the policy's keys. One it does not know, and the policy as a whole passes it
    /// by; another of lower priority may then apply.
    pub fn suits(&self, kind: QueueKind) -> bool {
        self.unsuited(kind).is_none()
    }

    /// The first key that a queue of this type does not know.
    pub fn unsuited(&self, kind: QueueKind) -> Option<&Name> {
        self.definition.keys().find(|name| {
            KEYS.iter()
                .any(|key| **name == key.name && key.unknown_to.contains(&kind))
        })
    }
}

/// Whether a policy may have this key, with this value (O3, O4, O6, O7).
fn check(spec: &PolicySpec, name: &str, value: &Value, switches: &Switches) -> Result<(), Refusal> {
    let known = || {
        KEYS.iter()
            .filter(|key| key.is_known(spec.operator, switches))
    };
    let Some(key) = known().find(|key| key.name == name) else {
        let (rule, why) = if DECLARED.contains(&name) {
            (
                "O4",
                "; only an argument of the declaration can set it".to_owned(),
            )
        } else if spec.operator && KEYS.iter().any(|key| key.name == name) {
            (
                "O6",
                " of an operator policy; a policy can set it".to_owned(),
            )
        } else {
            let near = nearest(name, known().map(|key| key.name));
            (
                "O3",
                near.map_or_else(String::new, |near| format!("; did you mean '{near}'?")),
            )
        };
        let text = format!("'{name}' is not a recognised policy setting{why}");
        return Err(refused(spec, rule, &text));
    };
    // The one value that the bounds of its kind do not say.
    let version = key.name == "queue-version" && !matches!(value, Value::Int(1 | 2));
    if version || key.takes.wrong(value).is_some() {
        let text = format!("{name}: {value} is not a valid {}", key.called);
        return Err(refused(spec, "O7", &text));
    }
    Ok(())
}

fn refused(spec: &PolicySpec, rule: &'static str, text: &str) -> Refusal {
    let kind = if spec.operator {
        "operator policy"
    } else {
        "policy"
    };
    Refusal::new(
        ReplyCode::PreconditionFailed,
        rule,
        format!("Validation failed for {kind} '{}': {text}", spec.name),
    )
}

/// The key most likely meant: the one that begins and ends as `wanted` does for the most of their length.
fn nearest<'k>(wanted: &str, keys: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let wanted = wanted.to_ascii_lowercase().replace('_', "-");
    let wanted = wanted.strip_prefix("x-").unwrap_or(&wanted);
    let same = |a: &mut dyn Iterator<Item = u8>, b: &mut dyn Iterator<Item = u8>| {
        a.zip(b).take_while(|(a, b)| a == b).count()
    };
    keys.filter_map(|key| {
        let longer = key.len().max(wanted.len());
        let ends = same(&mut key.bytes(), &mut wanted.bytes())
            + same(&mut key.bytes().rev(), &mut wanted.bytes().rev());
        let alike = ends.min(longer);
        (alike * 3 >= longer * 2).then_some((alike * 100 / longer.max(1), key))
    })
    .max_by_key(|(alike, key)| (*alike, std::cmp::Reverse(*key)))
    .map(|(_, key)| key)
}
