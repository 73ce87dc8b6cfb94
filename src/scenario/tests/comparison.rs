//! What is right in a comparison is read.

use super::COMPARISON;
use crate::broker::{Micros, QueueKind};
use crate::compare::{Comparison, Fault, FaultKind, HttpSide, MessagingSide, Side};
use crate::scenario::{load_str, verify};
use crate::world::http::{Arrival, BackOff, WhenFull};
use crate::world::{ServiceTime, World};

/// A comparison of which only that is said which must be.
const SHORT: &str = r#"(compare: (
    users: (rate: 10),
    services: [(name: "shop", calls: ["mail"]), (name: "mail")],
))"#;

fn read(text: &str) -> Comparison {
    let scenario = load_str("compared.ron", text).unwrap_or_else(|error| panic!("{error}"));
    scenario.comparison.unwrap()
}

#[test]
fn little_has_to_be_said() {
    let scenario = load_str("short.ron", SHORT).unwrap();
    let comparison = scenario.comparison.unwrap();
    let usual = Comparison::new(10.0, Micros::from_secs(30), comparison.services.clone());
    assert_eq!(comparison, usual);
    assert_eq!(scenario.until, Micros::from_secs(60));
    assert_eq!(scenario.setup, usual.setup(Side::Messaging));
}

#[test]
fn all_of_it_can_be_said() {
    let comparison = read(COMPARISON);
    assert_eq!(
        (comparison.seed, comparison.until),
        (7, Micros::from_secs(90))
    );
    assert_eq!(
        (&*comparison.users, &*comparison.request),
        ("customers", "PUT /orders/today")
    );
    let workload = &comparison.workload;
    assert_eq!(workload.arrival, Arrival::Random);
    assert_eq!(
        (workload.start, workload.until),
        (Micros::from_secs(1), Micros::from_secs(41))
    );
    assert_eq!(comparison.deadline, Some(Micros::from_secs(2)));
    let stock = comparison.service("stock").unwrap();
    assert_eq!(stock.time, ServiceTime::Random(Micros::from_millis(50)));
    assert!(comparison.service("mail").unwrap().idempotent);
    let surge = Fault {
        kind: FaultKind::Surge(5.0),
        from: Micros::from_secs(3),
        until: Some(Micros::from_secs(4)),
    };
    assert_eq!(comparison.faults.len(), 7);
    assert_eq!(comparison.faults.last(), Some(&surge));
    let HttpSide {
        timeout,
        backlog,
        when_full,
        parallel,
        ref changes,
        ..
    } = comparison.http;
    assert_eq!(
        (timeout, backlog, when_full, parallel),
        (None, None, WhenFull::TooMany, true)
    );
    assert_eq!(changes[0].backlog, Some(Some(5)));
    assert_eq!(
        (changes[1].backlog, changes[1].timeout),
        (Some(None), Some(None))
    );
    let side = &comparison.messaging;
    assert_eq!((side.retry_after, side.queues), (None, QueueKind::Quorum));
    assert_eq!((side.max_length, side.reject_publish), (Some(100), true));
    assert_eq!(
        side.changes[0].retry_after,
        Some(Some(Micros::from_secs(3)))
    );
    assert_eq!(side.changes[1].limit.unwrap().burst, 1);
    for side in Side::ALL {
        assert!(World::new(&comparison.setup(side)).is_ok());
    }
}

#[test]
fn a_lesson_has_a_question_and_predictions_of_which_one_is_right() {
    let lesson = load_str("lesson.ron", COMPARISON).unwrap().lesson;
    assert_eq!(lesson.question.get("it"), "Quale?");
    assert_eq!((lesson.predictions.len(), lesson.right), (2, Some(2)));
    assert_eq!(lesson.answer.get("en"), "It was messaging.");
}

#[test]
fn a_pause_alone_is_the_first_and_doubles_as_usual() {
    let text = SHORT.replace("users:", "http: (back_off: \"20s\"), users:");
    let usual = BackOff::default();
    let first = Micros::from_secs(20);
    assert_eq!(
        read(&text).http.back_off,
        BackOff {
            first,
            most: first,
            ..usual
        }
    );
}

#[test]
fn an_own_queue_takes_the_place_of_the_one_that_is_made() {
    let queues =
        "messaging: (queues: { \"to-mail\": (max_length: 1, overflow: reject_publish) }), users:";
    let comparison = read(&SHORT.replace("users:", queues));
    let setup = comparison.setup(Side::Messaging);
    let mails = setup
        .queues
        .iter()
        .filter(|queue| queue.spec.name == *"to-mail");
    assert_eq!(
        mails.collect::<Vec<_>>(),
        [&comparison.messaging.own_queues[0]]
    );
}

#[test]
fn the_messaging_side_can_be_asked_as_any_scenario() {
    let expect = "expect: [(at: \"20s\", consumer: \"mail\", acked: 200), (queue: \"to-mail\", ready: 0)], compare:";
    let scenario = load_str("asked.ron", &SHORT.replace("compare:", expect)).unwrap();
    assert_eq!(verify(&scenario), []);
}

#[test]
fn urgent_orders_have_the_queues_highest_priority() {
    let comparison = read(&SHORT.replace("users:", "messaging: (max_priority: 5), users:"));
    assert_eq!(comparison.messaging.max_priority, Some(5));
}

#[test]
fn what_is_expected_of_the_sides_is_held_against_their_runs() {
    let claims = r#"expect: [
        (side: http, sent: 300, failed: 0, wait_p50: "20ms", in_time: 5),
        (side: messaging, messages: (300, 310), wait_max: ("1ms", "2ms"), held_mean: (0, 1)),
        (at: "10s", side: http, service: "mail", worked: 100),
        (at: "10s", side: http, service: "mail", worked: 99, held_mean: 1.5),
    ], compare:"#;
    let scenario = load_str("claimed.ron", &SHORT.replace("compare:", claims)).unwrap();
    let failures = verify(&scenario);
    let lines = failures
        .iter()
        .map(|it| format!("{}: {}", it.place.line, it.what));
    assert_eq!(
        lines.collect::<Vec<_>>(),
        [
            "2: at 60s HTTP has 300 sent, 0 failed, no in_time, 20ms wait_p50, expected 300 sent, 0 failed, 5 in_time, 20ms wait_p50",
            "3: at 60s messaging has 300 messages, 22ms wait_max, 0.06 held_mean, expected 300 to 310 messages, 1ms to 2ms wait_max, 0 to 1 held_mean",
            "5: at 10s HTTP, service `mail`, has 100 worked, 0 held_mean, expected 99 worked, 1.5 held_mean",
        ]
    );
}

#[test]
fn only_a_service_that_waits_to_try_again_has_a_queue_for_that() {
    let messaging = r#"messaging: (retry_after: at_once, services: [(name: "mail", retry_after: "2s")]), users:"#;
    let names = |text: &str| {
        let queues = read(text).setup(Side::Messaging).queues.into_iter();
        queues
            .map(|queue| queue.spec.name.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(&SHORT.replace("users:", messaging)),
        ["to-mail", "to-mail-again"]
    );
    assert_eq!(
        names(&SHORT.replace("users:", "messaging: (retry_after: at_once), users:")),
        ["to-mail"]
    );
}

#[test]
fn messaging_is_left_out_where_it_is_usual() {
    let comparison = read(SHORT);
    assert_eq!(comparison.messaging, MessagingSide::default());
    let saved = load_str("short.ron", SHORT).unwrap().to_ron();
    assert!(
        !saved.contains("messaging") && !saved.contains("http"),
        "{saved}"
    );
}
