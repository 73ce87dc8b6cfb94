use super::*;
use crate::broker::{ApplyTo, Profile, QueueSpec};
use QueueKind::{Classic, Quorum, Stream};

fn queue(arguments: &[(&str, Value)]) -> QueueSpec {
    let arguments = arguments.iter().cloned();
    arguments.fold(QueueSpec::new("q"), |spec, (name, value)| {
        spec.with(name, value)
    })
}

fn policy(name: &str, definition: &[(&str, Value)]) -> PolicySpec {
    PolicySpec {
        name: name.into(),
        pattern: "".into(),
        apply_to: ApplyTo::All,
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
    let retry = |arguments: &[(&str, Value)]| alone(Profile::V4_3, Quorum, arguments).delayed_retry;
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
