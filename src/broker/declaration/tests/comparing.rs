//! Whether a queue that is there is the one that is asked for.

use super::*;

#[test]
fn each_type_of_queue_is_compared_in_an_order_of_its_own() {
    // Q3
    let asked = queue(&[("x-message-ttl", 5.into()), ("x-max-length", 5.into())]);
    for (kind, first) in [(Classic, "x-message-ttl"), (Quorum, "x-max-length")] {
        let typed = |spec: QueueSpec| spec.with("x-queue-type", kind.as_str());
        let refusal = same(&typed(queue(&[])), kind, &typed(asked.clone())).unwrap();
        assert!(refusal.text.contains(first), "{refusal}");
    }
}

#[test]
fn since_4_3_ages_are_compared_as_milliseconds() {
    // Q4
    let aged = |age: &str| queue(&[("x-max-age", age.into())]).with("x-queue-type", "stream");
    let none = queue(&[]).with("x-queue-type", "stream");
    for (profile, asked, told) in [
        (
            Profile::V4_2,
            aged("60m"),
            Some("received '60m' but current is '1h'"),
        ),
        (Profile::V4_3, aged("60m"), None),
        (
            Profile::V4_3,
            aged("2h"),
            Some("received '7200000' but current is '3600000'"),
        ),
        (
            Profile::V4_3,
            aged("1"),
            Some("received '1' but current is '3600000'"),
        ),
        (
            Profile::V4_3,
            none,
            Some("received none but current is the value '3600000' of type 'longstr'"),
        ),
    ] {
        let switches = profile.switches();
        let refusal = inequivalence(&aged("1h"), Stream, &asked, Classic, switches, "/");
        let text = refusal
            .as_ref()
            .and_then(|it| it.text.split_once("in vhost '/': "));
        assert_eq!(text.map(|it| it.1), told, "{profile}");
    }
}

/// Why a queue that is there is not the one that is asked for, where the virtual host's type is classic.
fn same(present: &QueueSpec, kind: QueueKind, asked: &QueueSpec) -> Option<Refusal> {
    inequivalence(present, kind, asked, Classic, Profile::V4_3.switches(), "/")
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
        assert_eq!(same(&present, Classic, &asked), None);
    }
    // Q5: an exclusive queue is not durable, whatever was asked for.
    let exclusive = |durable| QueueSpec {
        durable,
        exclusive: true,
        ..QueueSpec::new("q")
    };
    let said = same(&exclusive(true), Classic, &exclusive(false));
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
    for (present, kind, asked, rule, text) in [
        (
            plain(),
            Classic,
            transient.clone(),
            "Q3",
            "'durable': received 'false' but current is 'true'",
        ),
        (
            transient.clone(),
            Classic,
            plain(),
            "Q3",
            "'durable': received 'true' but current is 'false'",
        ),
        (
            transient.clone(),
            Classic,
            fleeting.clone(),
            "Q3",
            "'auto_delete': received 'true' but current is 'false'",
        ),
        // One after the other.
        (
            plain(),
            Classic,
            fleeting,
            "Q3",
            "'durable': received 'false' but current is 'true'",
        ),
        (
            ttl(5),
            Classic,
            ttl(6),
            "Q4",
            "'x-message-ttl': received '6' but current is '5'",
        ),
        (
            ttl(5),
            Classic,
            plain(),
            "Q4",
            "'x-message-ttl': received none but current is the value '5' of type 'signedint'",
        ),
        (
            typed("quorum"),
            Quorum,
            ttl(5).with("x-queue-type", "quorum"),
            "Q4",
            "'x-message-ttl': received the value '5' of type 'signedint' but current is none",
        ),
        (
            ttl(5),
            Classic,
            queue(&[("x-message-ttl", Value::Double(5.0))]),
            "Q4",
            "'x-message-ttl': received '5.0' but current is '5'",
        ),
        (
            dlx("a"),
            Classic,
            dlx("b"),
            "Q4",
            "'x-dead-letter-exchange': received 'b' but current is 'a'",
        ),
        (
            plain(),
            Classic,
            dlx(""),
            "Q4",
            "'x-dead-letter-exchange': received the value '' of type 'longstr' but current is none",
        ),
        (
            plain(),
            Classic,
            typed("quorum"),
            "Q4",
            "'x-queue-type': received 'quorum' but current is 'classic'",
        ),
        (
            typed("quorum"),
            Quorum,
            plain(),
            "Q4",
            "'x-queue-type': received 'classic' but current is 'quorum'",
        ),
        (
            typed("quorum"),
            Quorum,
            typed("classic"),
            "Q4",
            "'x-queue-type': received 'classic' but current is 'quorum'",
        ),
        (
            plain(),
            Quorum,
            typed("classic"),
            "Q4",
            "'x-queue-type': received 'classic' but current is 'quorum'",
        ),
    ] {
        let refusal = same(&present, kind, &asked).unwrap();
        assert_eq!(
            refusal.to_string(),
            text.replacen(": ", " for queue 'q' in vhost '/': ", 1)
                .replacen('\'', "406 PRECONDITION_FAILED - inequivalent arg '", 1)
        );
        assert_eq!(refusal.rule, rule);
    }
    // Q4: an integer is told by the type it came with, and that does not make it another.
    for (width, name) in WIDTHS {
        let sized = queue(&[("x-message-ttl", Value::Sized(width, 5))]);
        let refusal = |present: &QueueSpec, asked: &QueueSpec| {
            let refusal = same(present, Classic, asked)?;
            let (_, text) = refusal.text.split_once("in vhost '/': ")?;
            Some(text.to_owned())
        };
        assert_eq!(
            refusal(&plain(), &sized),
            Some(format!(
                "received the value '5' of type '{name}' but current is none"
            ))
        );
        assert_eq!(
            refusal(&sized, &plain()),
            Some(format!(
                "received none but current is the value '5' of type '{name}'"
            ))
        );
        assert_eq!(refusal(&sized, &ttl(5)), None);
        assert_eq!(
            refusal(&sized, &ttl(6)).as_deref(),
            Some("received '6' but current is '5'")
        );
    }
    // What live ones say, whatever the types are.
    for (value, received) in [
        (Value::Timestamp(5), None),
        (Value::Float(5.0), Some("'5.0'")),
        (Value::Void, Some("none")),
        (Value::Bool(true), Some("'true'")),
        (Value::from("5"), Some("'5'")),
        (Value::Octets("5".into()), Some("'5'")),
        (
            Value::Array(vec![Value::Sized(Width::I32, 5)]),
            Some("'[{signedint,5}]'"),
        ),
        (
            Value::Table(InnerTable::from([("a".into(), 5.into())])),
            Some("'[{<<\"a\">>,signedint,5}]'"),
        ),
    ] {
        let asked = queue(&[("x-message-ttl", value)]);
        let refusal = same(&ttl(5), Classic, &asked);
        let found = refusal
            .as_ref()
            .and_then(|refusal| refusal.text.split_once("received "));
        let expected = received.map(|received| format!("{received} but current is '5'"));
        assert_eq!(found.map(|(_, text)| text), expected.as_deref());
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
        let asked = queue(&[(name, 1.into())]).with("x-queue-type", kind.as_str());
        let refusal = same(&typed(kind.as_str()), kind, &asked).unwrap();
        let start = format!("inequivalent arg '{name}' for queue 'q' in vhost '/': ");
        assert!(refusal.text.starts_with(&start), "{refusal}");
    }
}
