//! Policies (O1–O7).

use std::collections::BTreeMap;

use super::argument::{LOCATORS, MODES, OVERFLOWS, RETRIES, STRATEGIES, Takes};
use super::pattern::Pattern;
use super::{Name, QueueKind, Refusal, ReplyCode, Switches, Table, Value};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::Profile;

    fn policy(name: &str, pattern: &str, definition: &[(&str, Value)]) -> PolicySpec {
        PolicySpec {
            name: name.into(),
            pattern: pattern.into(),
            apply_to: ApplyTo::All,
            priority: 0,
            definition: definition
                .iter()
                .map(|(key, value)| (Name::from(*key), value.clone()))
                .collect(),
            operator: false,
        }
    }

    fn try_set(profile: Profile, operator: bool, key: &str, value: Value) -> Result<(), Refusal> {
        let spec = PolicySpec {
            operator,
            ..policy("p", ".*", &[(key, value)])
        };
        PolicySet::default().set(spec, profile.switches())
    }

    /// A set of policies, each with that name, pattern, kind and priority, that is not an operator's.
    fn set(policies: &[(&str, &str, ApplyTo, i64)]) -> PolicySet {
        let mut set = PolicySet::default();
        for (name, pattern, apply_to, priority) in policies {
            let spec = PolicySpec {
                apply_to: *apply_to,
                priority: *priority,
                ..policy(name, pattern, &[("max-length-bytes", 1.into())])
            };
            set.set(spec, Profile::default().switches()).unwrap();
        }
        set
    }

    fn applies(set: &PolicySet, queue: &str, kind: QueueKind) -> Option<String> {
        set.for_queue(queue, kind)
            .0
            .map(|policy| policy.name.to_string())
    }

    #[test]
    fn the_highest_priority_wins_and_nothing_is_merged() {
        // O1
        use ApplyTo::All;
        let set = set(&[
            ("low", "a", All, -1),
            ("b-tie", "a", All, 5),
            ("a-tie", "a", All, 5),
            ("high", "^aa", All, 9),
        ]);
        let of = |queue| applies(&set, queue, QueueKind::Classic);
        assert_eq!(of("aa").as_deref(), Some("high"));
        assert_eq!(of("xaa").as_deref(), Some("a-tie"));
        assert_eq!(of("b"), None);
        let exchange = set.for_exchange("aa").map(|policy| policy.name.as_str());
        assert_eq!(exchange, Some("high"));
    }

    #[test]
    fn a_policy_is_for_some_kinds_of_thing() {
        // O1
        for apply_to in ApplyTo::ALL {
            let set = set(&[("p", "^x$", apply_to, 0)]);
            let expected = match apply_to {
                ApplyTo::All => "exchange classic quorum stream",
                ApplyTo::Exchanges => "exchange",
                ApplyTo::Queues => "classic quorum stream",
                ApplyTo::ClassicQueues => "classic",
                ApplyTo::QuorumQueues => "quorum",
                ApplyTo::Streams => "stream",
            };
            let mut found = Vec::new();
            found.extend(set.for_exchange("x").map(|_| "exchange"));
            for kind in QueueKind::ALL {
                found.extend(applies(&set, "x", kind).map(|_| kind.as_str()));
                assert_eq!(applies(&set, "y", kind), None);
            }
            assert_eq!(found.join(" "), expected);
            assert_eq!(applies(&set, "x", QueueKind::ReplyTo), None);
        }
    }

    #[test]
    fn a_policy_with_a_key_a_queue_does_not_know_passes_it_by() {
        let mut set = set(&[("fallback", "", ApplyTo::All, 0)]);
        for (name, key, value) in [
            ("limit", "delivery-limit", Value::Int(3)),
            ("age", "max-age", "1h".into()),
            ("mode", "queue-mode", "lazy".into()),
            ("ttl", "message-ttl", 5.into()),
        ] {
            let spec = PolicySpec {
                priority: 1,
                ..policy(name, "^q$", &[(key, value), ("max-length-bytes", 9.into())])
            };
            set.set(spec, Profile::V4_2.switches()).unwrap();
            let of = |kind| applies(&set, "q", kind).unwrap();
            let found = QueueKind::ALL.map(of);
            let expected = match name {
                "limit" => ["fallback", "limit", "fallback"],
                "age" => ["fallback", "fallback", "age"],
                "mode" => ["mode", "fallback", "fallback"],
                _ => ["ttl", "ttl", "fallback"],
            };
            assert_eq!(found, expected);
            let spec = set.all().find(|spec| spec.name == name).unwrap();
            for (kind, applied) in QueueKind::ALL.into_iter().zip(expected) {
                assert_eq!(spec.suits(kind), applied == name);
                let unsuited = spec.unsuited(kind).map(Name::as_str);
                assert_eq!(unsuited, (applied != name).then_some(key));
            }
            assert!(set.clear(name, false));
        }
    }

    #[test]
    fn an_operator_policy_applies_beside_the_other() {
        // O1, O6
        let mut set = set(&[("same", "^q", ApplyTo::All, 0)]);
        let operator = PolicySpec {
            operator: true,
            ..policy("same", "q$", &[("expires", 9.into())])
        };
        set.set(operator, Profile::default().switches()).unwrap();
        let of = |queue| {
            let (policy, operator) = set.for_queue(queue, QueueKind::Classic);
            (policy.is_some(), operator.is_some())
        };
        assert_eq!(of("q"), (true, true));
        assert_eq!(of("qa"), (true, false));
        assert_eq!(of("aq"), (false, true));
        assert!(set.for_exchange("aq").is_none());
        let all: Vec<_> = set
            .all()
            .map(|spec| (spec.operator, spec.name.as_str()))
            .collect();
        assert_eq!(all, [(false, "same"), (true, "same")]);

        // O2: gone is gone.
        assert!(set.clear("same", false));
        assert!(!set.clear("same", false));
        let (policy, operator) = set.for_queue("q", QueueKind::Classic);
        assert!(policy.is_none() && operator.is_some());
    }

    #[test]
    fn a_policy_is_changed_by_setting_it_again() {
        // O2
        let mut set = set(&[("p", "^a$", ApplyTo::All, 0)]);
        let changed = policy("p", "^b$", &[("alternate-exchange", "spare".into())]);
        set.set(changed.clone(), Profile::default().switches())
            .unwrap();
        assert_eq!(set.all().collect::<Vec<_>>(), [&changed]);
        assert!(set.for_exchange("a").is_none());
        // E13
        assert_eq!(set.alternate_exchange("b").map(Name::as_str), Some("spare"));
        assert_eq!(set.alternate_exchange("a"), None);

        // What is refused changes nothing.
        let bad = policy("p", "^c$", &[("alternate-exchange", 1.into())]);
        set.set(bad, Profile::default().switches()).unwrap_err();
        assert_eq!(set.all().collect::<Vec<_>>(), [&changed]);
    }

    #[test]
    fn every_key_of_the_rule_is_known() {
        // O3
        for (key, value) in [
            ("message-ttl", Value::Int(0)),
            ("expires", 1.into()),
            ("max-length", 0.into()),
            ("max-length-bytes", 0.into()),
            ("overflow", "reject-publish-dlx".into()),
            ("dead-letter-exchange", "".into()),
            ("dead-letter-routing-key", "k".into()),
            ("dead-letter-strategy", "at-least-once".into()),
            ("delivery-limit", Value::Int(-1)),
            ("alternate-exchange", "x".into()),
            ("consumer-timeout", 60_000.into()),
            ("max-age", "7D".into()),
            ("stream-max-segment-size-bytes", 500.into()),
            ("queue-leader-locator", "balanced".into()),
            ("queue-mode", "lazy".into()),
            ("queue-version", 2.into()),
            ("federation-upstream", "up".into()),
            ("federation-upstream-set", "all".into()),
        ] {
            for profile in Profile::ALL {
                assert_eq!(try_set(profile, false, key, value.clone()), Ok(()), "{key}");
            }
        }
        for (key, value) in [
            ("delayed-retry-type", Value::from("failed")),
            ("delayed-retry-min", 1.into()),
            ("delayed-retry-max", 1.into()),
        ] {
            let known =
                Profile::ALL.map(|profile| try_set(profile, false, key, value.clone()).is_ok());
            assert_eq!(known, [false, false, true], "{key}");
        }
        for (key, value) in [
            ("ha-mode", Value::from("exactly")),
            ("ha-params", 2.into()),
            ("ha-sync-mode", "automatic".into()),
        ] {
            let known =
                Profile::ALL.map(|profile| try_set(profile, false, key, value.clone()).is_ok());
            assert_eq!(known, [true, false, false], "{key}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_one_that_was_meant() {
        // O3
        for (key, meant) in [
            ("max-lenght", Some("max-length")),
            ("mesage-ttl", Some("message-ttl")),
            ("message_ttl", Some("message-ttl")),
            ("x-message-ttl", Some("message-ttl")),
            ("Overflow", Some("overflow")),
            ("dead-letter-exchnage", Some("dead-letter-exchange")),
            ("deadletter-routing-key", Some("dead-letter-routing-key")),
            ("expire", Some("expires")),
            ("colour", None),
            ("", None),
        ] {
            let refusal = try_set(Profile::V4_2, false, key, Value::Void).unwrap_err();
            assert_eq!(refusal.rule, "O3");
            let hint = meant.map_or_else(String::new, |meant| format!("; did you mean '{meant}'?"));
            assert_eq!(
                refusal.to_string(),
                format!(
                    "406 PRECONDITION_FAILED - Validation failed for policy 'p': \
                     '{key}' is not a recognised policy setting{hint}"
                )
            );
        }
    }

    #[test]
    fn what_a_declaration_says_no_policy_says() {
        // O4
        for (key, value) in [
            ("queue-type", Value::from("quorum")),
            ("max-priority", 5.into()),
            ("single-active-consumer", true.into()),
            ("durable", true.into()),
            ("exclusive", true.into()),
        ] {
            for operator in [false, true] {
                let refusal = try_set(Profile::V4_2, operator, key, value.clone()).unwrap_err();
                assert_eq!(refusal.rule, "O4", "{key}");
                assert!(refusal.text.contains("only an argument"), "{refusal}");
            }
        }
    }

    #[test]
    fn operators_have_few_keys() {
        // O6
        for (key, value, allowed) in [
            ("expires", Value::Int(1), true),
            ("message-ttl", 1.into(), true),
            ("max-length", 1.into(), true),
            ("max-length-bytes", 1.into(), true),
            ("delivery-limit", 1.into(), true),
            ("overflow", "drop-head".into(), true),
            ("queue-version", 2.into(), true),
            ("dead-letter-exchange", "x".into(), false),
            ("alternate-exchange", "x".into(), false),
            ("max-age", "1D".into(), false),
            ("queue-mode", "lazy".into(), false),
        ] {
            let said = try_set(Profile::V4_2, true, key, value);
            assert_eq!(said.is_ok(), allowed, "{key}");
            if let Err(refusal) = said {
                assert_eq!(refusal.rule, "O6");
                assert_eq!(
                    refusal.text,
                    format!(
                        "Validation failed for operator policy 'p': '{key}' is not a recognised \
                         policy setting of an operator policy; a policy can set it"
                    )
                );
            }
        }
    }

    #[test]
    fn wrong_values_are_refused() {
        // O7
        for (key, value) in [
            ("message-ttl", Value::Int(-1)),
            ("message-ttl", "5".into()),
            ("message-ttl", Value::Double(5.0)),
            ("expires", Value::Int(0)),
            ("expires", Value::Int(-1)),
            ("max-length", Value::Int(-1)),
            ("max-length-bytes", true.into()),
            ("overflow", "drop-tail".into()),
            ("dead-letter-exchange", 1.into()),
            ("dead-letter-routing-key", Value::Void),
            ("dead-letter-strategy", "never".into()),
            ("delivery-limit", "20".into()),
            ("alternate-exchange", Value::Array(Vec::new())),
            ("max-age", "7".into()),
            ("queue-version", 3.into()),
            ("queue-version", 0.into()),
            ("queue-mode", "busy".into()),
            ("queue-leader-locator", "nearest".into()),
        ] {
            let refusal = try_set(Profile::V4_2, false, key, value.clone()).unwrap_err();
            assert_eq!(refusal.rule, "O7", "{key}: {value}");
            let start = format!("Validation failed for policy 'p': {key}: {value} is not a valid ");
            assert!(refusal.text.starts_with(&start), "{refusal}");
        }
    }

    #[test]
    fn a_pattern_that_cannot_be_read_is_refused_with_the_place() {
        // O1
        let bad = policy("p", "^tmp(", &[("expires", 1.into())]);
        let mut set = PolicySet::default();
        let refusal = set.set(bad, Profile::default().switches()).unwrap_err();
        assert_eq!(refusal.rule, "O1");
        assert!(
            refusal.text.starts_with(
                "Validation failed for policy 'p': not a valid regular expression: '^tmp(': "
            ),
            "{refusal}"
        );
        assert!(refusal.text.ends_with(" at the end"), "{refusal}");
        let nothing = policy("p", "", &[]);
        let refusal = set.set(nothing, Profile::default().switches()).unwrap_err();
        assert_eq!(
            refusal.text,
            "Validation failed for policy 'p': no policy provided"
        );
        assert_eq!(set.all().count(), 0);
    }
}
