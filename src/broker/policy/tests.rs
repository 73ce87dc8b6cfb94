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
        let known = Profile::ALL.map(|profile| try_set(profile, false, key, value.clone()).is_ok());
        assert_eq!(known, [false, false, true], "{key}");
    }
    for (key, value) in [
        ("ha-mode", Value::from("exactly")),
        ("ha-params", 2.into()),
        ("ha-sync-mode", "automatic".into()),
    ] {
        let known = Profile::ALL.map(|profile| try_set(profile, false, key, value.clone()).is_ok());
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
