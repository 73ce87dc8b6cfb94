//! Two sides of one comparison in the window.

use std::time::Duration;

use egui::Key;
use egui_kittest::kittest::Queryable;
use leveret::app::{Command, Dial, Quantity};
use leveret::broker::Micros;
use leveret::compare::{self, FaultKind, Side};
use leveret::scene::Target;
use leveret::topology::NodeKey;
use leveret::world::http::{OrderId, ServiceId};

use crate::window::{Desk, ms, open};

fn comparing(desk: &Desk) -> &leveret::app::Comparing {
    desk.state().comparing.as_ref().unwrap()
}

/// Goes to a moment, however many slices that takes.
fn go(desk: &mut Desk, at: Micros) {
    desk.send(Command::Seek(at));
    desk.settle();
    assert_eq!(desk.moment().at, at);
}

#[test]
fn the_window_shows_the_numbers_of_the_command_for_every_built_in_comparison() {
    let named = |builtin: &&leveret::scenario::builtin::Builtin| builtin.name.starts_with("http-");
    let mut count = 0;
    for builtin in leveret::scenario::builtin::ALL.iter().filter(named) {
        count += 1;
        let mut desk = open(builtin.name);
        let end = desk.state().end();
        go(&mut desk, end);
        let shown = comparing(&desk).summaries();
        let comparison = &comparing(&desk).comparison;
        for (side, shown) in Side::ALL.into_iter().zip(shown) {
            let counted = compare::run(comparison, side).unwrap();
            assert_eq!(shown, &counted, "{} {side:?}", builtin.name);
        }
    }
    assert_eq!(count, 10);
}

#[test]
fn paused_two_sides_are_idle() {
    let mut desk = open("http-service-down");
    for at in [0, 12_345] {
        go(&mut desk, ms(at));
        assert_eq!(desk.sleep(), Duration::MAX);
    }
}

#[test]
fn both_sides_have_one_clock_and_the_same_orders() {
    let mut desk = open("http-fan-out");
    for at in [1_000, 7_777, 15_000] {
        go(&mut desk, ms(at));
        let state = desk.state();
        let [http, messaging] = Side::ALL.map(|side| state.side(side));
        assert_eq!(http.moment.at, messaging.moment.at);
        let [one, other] = comparing(&desk).summaries();
        assert!(one.sent > 0);
        assert_eq!(one.sent, other.sent);
    }
}

#[test]
fn a_step_goes_to_the_next_event_of_either_side_and_back_again() {
    let mut desk = open("http-latency");
    go(&mut desk, ms(900));
    let moments = |desk: &Desk| Side::ALL.map(|side| desk.state().side(side).moment);
    let mut been = vec![moments(&desk)];
    for _ in 0..40 {
        desk.0.key_press(Key::ArrowRight);
        desk.settle();
        let now = moments(&desk);
        let before = been.last().unwrap();
        let steps = |side: usize| now[side].shown - before[side].shown;
        assert_eq!(steps(0) + steps(1), 1, "one event, on one side");
        assert_eq!(now[0].at, now[1].at);
        been.push(now);
    }
    while let Some(last) = been.pop() {
        assert_eq!(moments(&desk).map(|it| it.shown), last.map(|it| it.shown));
        if !been.is_empty() {
            desk.0.key_press(Key::ArrowLeft);
            desk.settle();
        }
    }
}

#[test]
fn a_click_breaks_both_sides_from_now_on_and_another_puts_it_right() {
    let mut desk = open("http-service-down");
    let clean = {
        let comparing = comparing(&desk);
        comparing.comparison.faults.len()
    };
    go(&mut desk, ms(2_000));
    let before = comparing(&desk).summaries().clone();
    desk.0.get_by_label("10 × slower").click();
    desk.settle();
    assert_eq!(
        desk.moment().at,
        ms(2_000),
        "the picture is back at the same moment"
    );
    assert_eq!(
        comparing(&desk).summaries(),
        &before,
        "the past stays what it was"
    );
    assert_eq!(comparing(&desk).comparison.faults.len(), clean + 1);
    go(&mut desk, ms(4_000));
    for side in Side::ALL {
        let stage = desk.state().side(side).stage();
        let slow = stage.services.iter().map(|it| it.condition.slow);
        let consumers = stage.consumers.iter().map(|it| it.condition.slow);
        assert!(slow.chain(consumers).any(|slow| slow == 10.0), "{side:?}");
    }
    desk.0.get_by_label("10 × slower").click();
    desk.settle();
    let fault = comparing(&desk).comparison.faults.last().unwrap();
    assert_eq!((fault.from, fault.until), (ms(2_000), Some(ms(4_000))));
    desk.0.get_by_label("Reset").click();
    desk.settle();
    assert_eq!(comparing(&desk).comparison, comparing(&desk).original);
}

#[test]
fn the_broker_can_be_broken_too_and_then_messaging_fails() {
    let mut desk = open("http-fan-out");
    go(&mut desk, ms(1_000));
    desk.send(Command::Break(FaultKind::BrokerDown));
    go(&mut desk, ms(12_000));
    let [http, messaging] = comparing(&desk).summaries();
    assert!(messaging.failed > http.failed, "{messaging:?}");
}

#[test]
fn a_dial_runs_both_sides_again_and_comes_back_to_the_moment() {
    let mut desk = open("http-fan-out");
    go(&mut desk, ms(9_000));
    let before = comparing(&desk).summaries().clone();
    desk.send(Command::Turn(Dial::Rate, 10.0));
    desk.settle();
    assert_eq!(desk.moment().at, ms(9_000));
    let [one, other] = comparing(&desk).summaries();
    assert!(one.sent > before[0].sent);
    assert_eq!(one.sent, other.sent);
    for dial in Dial::ALL {
        let (least, most) = dial.range();
        for value in [least, most, f64::NAN, -1.0] {
            desk.send(Command::Turn(dial, value));
            desk.settle();
            let comparing = comparing(&desk);
            let stands = dial.get(&comparing.comparison, comparing.subject).unwrap();
            assert!(
                (least..=most).contains(&stands),
                "{dial:?} {value} {stands}"
            );
        }
    }
}

#[test]
fn an_order_that_is_selected_is_told_of_on_both_sides() {
    let mut desk = open("http-fan-out");
    go(&mut desk, ms(6_000));
    let order = OrderId(3);
    desk.send(Command::Select(Some(Target::Order(order))));
    desk.settle();
    for side in Side::ALL {
        let run = desk.state().side(side);
        let inspection = run.inspection.as_ref().unwrap();
        assert!(inspection.story.len() > 5, "{side:?}");
    }
    assert!(desk.state().inspector_open());
    assert!(desk.0.query_by_label("order 3").is_some());
    let tokens = Side::ALL.map(|side| {
        let show = &desk.state().side(side).show;
        show.plan.tokens.of_order(order)
    });
    assert_eq!(tokens[0], tokens[1], "the same order has the same token");
}

#[test]
fn a_node_that_is_clicked_brings_its_side_to_the_front() {
    let mut desk = open("http-service-down");
    go(&mut desk, ms(3_000));
    assert_eq!(comparing(&desk).front, Side::Http);
    desk.0.get_by_label_contains("queue to-mail:").click();
    desk.settle();
    assert_eq!(comparing(&desk).front, Side::Messaging);
    let shop = NodeKey::Service(ServiceId(0));
    desk.send(Command::Face(Side::Http));
    desk.send(Command::Select(Some(Target::Node(shop))));
    desk.settle();
    assert!(desk.0.query_by_label("service").is_some());
}

#[test]
fn the_lists_of_events_of_both_sides_take_the_place_of_the_numbers() {
    let mut desk = open("http-latency");
    go(&mut desk, ms(2_500));
    assert!(
        desk.0.query_by_label_contains("orders sent").is_none(),
        "painted, not a widget"
    );
    desk.0.key_press(Key::E);
    desk.settle();
    assert!(comparing(&desk).lists);
    assert!(
        desk.0
            .query_all_by_label_contains("works on order 1")
            .count()
            > 0
    );
    assert!(desk.0.query_all_by_label_contains("confirm").count() > 0);
}

#[test]
fn a_number_that_is_clicked_is_plotted() {
    let mut desk = open("http-burst");
    go(&mut desk, ms(5_000));
    desk.0.get_by_label_contains("goodput:").click();
    desk.settle();
    assert_eq!(comparing(&desk).quantity, Quantity::Goodput);
}

#[test]
fn the_verdict_is_hidden_until_somebody_asks_and_tells_how_the_prediction_came_out() {
    let mut desk = open("http-service-down");
    let end = desk.state().end();
    go(&mut desk, end);
    let verdict = {
        let comparing = comparing(&desk);
        leveret::words::verdict(&comparing.comparison, comparing.summaries())
    };
    assert!(desk.0.query_by_label(&verdict).is_none());
    desk.send(Command::Predict(0));
    desk.0.get_by_label("Verdict").click();
    desk.settle();
    assert!(desk.0.query_by_label(&verdict).is_some(), "{verdict}");
    assert!(desk.0.query_by_label_contains("You predicted").is_some());
}

#[test]
fn there_is_no_verdict_before_the_fault_it_asks_about() {
    let mut desk = open("http-service-down");
    let first = comparing(&desk).verdict_after().unwrap();
    let not_yet = |at: Micros| {
        let at = leveret::words::span(at);
        format!("The verdict comes after the fault at {at}.")
    };
    for at in [Micros::ZERO, Micros(first.0 / 2), first] {
        go(&mut desk, at);
        desk.send(Command::Predict(0));
        let after = format!("Verdict\nafter {}", leveret::words::span(first));
        desk.click(&after);
        desk.send(Command::Reveal(true));
        assert!(!comparing(&desk).is_revealed(at), "{at}");
        assert!(desk.reads(&not_yet(first)), "{at}: {:#?}", desk.texts());
        assert!(!desk.reads("You predicted") && !desk.reads("As the file has it"));
    }
    let after = first + ms(1_000);
    go(&mut desk, after);
    assert!(!desk.reads("The verdict comes after"));
    desk.0.get_by_label("Verdict").click();
    desk.settle();
    assert!(desk.reads("You predicted"));
    // Who goes back before it sees what was known then.
    go(&mut desk, Micros(first.0 / 2));
    assert!(!desk.reads("You predicted") && desk.reads(&not_yet(first)));
    // What a hand lets go wrong later counts too.
    go(&mut desk, after);
    desk.send(Command::Break(FaultKind::BrokerDown));
    assert!(!desk.reads("You predicted"));
    let told = leveret::words::span(after);
    assert!(desk.reads(&format!(
        "The verdict comes after the last fault, at {told}."
    )));
    go(&mut desk, after + ms(1));
    assert!(desk.reads("You predicted"));
}

#[test]
fn where_nothing_goes_wrong_there_is_always_a_verdict() {
    let mut desk = open("http-latency");
    assert_eq!(comparing(&desk).verdict_after(), None);
    go(&mut desk, ms(2_000));
    desk.0.get_by_label("Verdict").click();
    desk.settle();
    assert!(comparing(&desk).is_revealed(desk.moment().at));
}
