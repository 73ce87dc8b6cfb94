//! What a queue may be asked to be.

mod comparing;

use super::*;
use crate::broker::{InnerTable, Profile, Width};
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
        // Nobody looks at what these say.
        (Quorum, "x-delivery-limit", Value::Octets("x".into())),
        (Quorum, "x-delayed-retry-type", "some".into()),
        (Quorum, "x-delayed-retry-min", Value::Int(-1)),
        (Quorum, "x-consumer-timeout", 0.into()),
        (Classic, "x-single-active-consumer", true.into()),
        (Quorum, "x-single-active-consumer", false.into()),
        (Classic, "x-queue-mode", "lazy".into()),
        (Classic, "x-queue-mode", "odd".into()),
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
    for name in [
        "x-colour",
        "ttl",
        "message-ttl",
        "",
        "x-quorum-target-group-size",
    ] {
        for kind in QueueKind::ALL {
            assert_eq!(try_declare(kind, &[(name, Value::Void)]), Ok(()));
        }
    }
}

#[test]
fn a_dead_letter_exchange_is_a_name_and_looked_at_before_all_else() {
    // Q12
    let arguments = [
        ("x-expires", 0.into()),
        ("x-dead-letter-exchange", 1.into()),
    ];
    let refusal = check_dead_letter_exchange(&queue(&arguments), "/").unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "406 PRECONDITION_FAILED - invalid type 'signedint' for arg 'x-dead-letter-exchange' in queue 'q' in vhost '/'"
    );
}

/// AMQP's names of the integer types.
const WIDTHS: [(Width, &str); 7] = [
    (Width::I8, "byte"),
    (Width::U8, "unsignedbyte"),
    (Width::I16, "short"),
    (Width::U16, "unsignedshort"),
    (Width::I32, "signedint"),
    (Width::U32, "unsignedint"),
    (Width::I64, "long"),
];

#[test]
fn an_integer_is_told_by_the_type_it_came_with() {
    // Q4, Q12
    for (width, name) in WIDTHS {
        let five = Value::Sized(width, 5);
        for (argument, wrong) in [
            (
                "x-single-active-consumer",
                format!("{{unacceptable_type,{name}}}"),
            ),
            ("x-overflow", format!("{{unacceptable_type,{name}}}")),
        ] {
            let refusal = try_declare(Classic, &[(argument, five.clone())]).unwrap_err();
            assert!(refusal.text.ends_with(&wrong), "{argument}: {refusal}");
        }
        let typed = queue(&[("x-queue-type", five.clone())]);
        let refusal = kind_of(&typed, Classic, "/").unwrap_err();
        let wrong = format!("{{unacceptable_type,{name}}}");
        assert!(refusal.text.ends_with(&wrong), "{refusal}");
        let dlx = queue(&[("x-dead-letter-exchange", five.clone())]);
        let dlx = check_dead_letter_exchange(&dlx, "/");
        let start = format!("invalid type '{name}' for arg 'x-dead-letter-exchange'");
        assert!(dlx.unwrap_err().text.starts_with(&start));
        for argument in [
            "x-message-ttl",
            "x-expires",
            "x-max-length",
            "x-max-priority",
        ] {
            assert_eq!(try_declare(Classic, &[(argument, five.clone())]), Ok(()));
        }
    }
    let octets = [("x-dead-letter-exchange", Value::Octets("dlx".into()))];
    let refusal = check_dead_letter_exchange(&queue(&octets), "/").unwrap_err();
    assert!(
        refusal.text.starts_with("invalid type 'binary'"),
        "{refusal}"
    );
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
            "{value_too_large,315360000001}",
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
            "{value_too_large,315360000001}",
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
            "x-consumer-timeout",
            Value::Int(-1),
            "S15",
            "{value_negative,-1}",
        ),
        (
            Quorum,
            "x-consumer-disconnected-timeout",
            "5".into(),
            "S15",
            "\"expected integer, got longstr\"",
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
        ("x-consumer-timeout", 3.into(), &[Quorum]),
        ("x-consumer-disconnected-timeout", 3.into(), &[Quorum]),
        ("x-stream-filter-size-bytes", 16.into(), &[Stream]),
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
                kind == Quorum || !profile.switches().delayed_retry,
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
fn releases_differ_in_what_they_still_take() {
    // Q12, Q13, W8, S15: seen on live 4.0.5 and 4.3.6.
    let newer = |profile| profile == Profile::V4_3;
    for profile in Profile::ALL {
        let taken = |kind, name: &str, value: Value| {
            validate(&queue(&[(name, value)]), kind, profile.switches(), "/")
        };
        let ok = |kind, name: &str, value: Value| taken(kind, name, value).is_ok();
        assert_eq!(ok(Classic, "x-queue-mode", "odd".into()), newer(profile));
        assert_eq!(ok(Classic, "x-queue-version", 1.into()), !newer(profile));
        assert!(ok(Classic, "x-queue-version", 2.into()));
        assert_eq!(ok(Classic, "x-consumer-timeout", 1.into()), !newer(profile));
        let locator = taken(Classic, "x-queue-master-locator", "client-local".into());
        assert_eq!(locator.is_err(), newer(profile));
        if let Err(refusal) = locator {
            assert_eq!(refusal.code, ReplyCode::InternalError);
            assert!(
                refusal
                    .text
                    .starts_with("Feature `queue_master_locator` is deprecated.\n")
            );
        }
    }
}

#[test]
fn values_are_looked_at_in_rabbitmqs_order_and_before_what_is_for_other_types() {
    // Q12, Q4
    for (kind, arguments, first) in [
        (Classic, &["x-max-length", "x-expires"][..], "x-expires"),
        (
            Classic,
            &["x-dead-letter-routing-key", "x-message-ttl"],
            "x-message-ttl",
        ),
        (Quorum, &["x-max-age", "x-max-length"], "x-max-length"),
        (Quorum, &["x-max-age", "x-max-priority"], "x-max-age"),
    ] {
        let arguments: Vec<_> = arguments.iter().map(|&name| (name, Value::Void)).collect();
        let text = try_declare(kind, &arguments).unwrap_err().text;
        assert!(
            text.starts_with(&format!("invalid arg '{first}'")),
            "{text}"
        );
    }
}
