//! How two sides of one comparison look in the window: what can be read, what is there, what is out of the way.

use egui::{Key, Rect};
use egui_kittest::kittest::{NodeT, Queryable};
use leveret::app::{Command, Quantity};
use leveret::compare::Side;
use leveret::scenario::builtin::{self, Builtin};
use leveret::scene::Target;
use leveret::topology::NodeKey;
use leveret::words::LANGUAGE;
use leveret::world::http::OrderId;

use crate::window::{Desk, ms, open, paused, seasoned, state};

/// A small projector, and a usual screen.
const SMALL: [f32; 2] = [1_280.0, 720.0];
const USUAL: [f32; 2] = [1_600.0, 1_000.0];

fn comparisons() -> impl Iterator<Item = &'static Builtin> {
    let all = builtin::ALL.iter();
    all.filter(|builtin| builtin.name.starts_with("http-"))
}

fn on(name: &str, size: [f32; 2]) -> Desk {
    paused(state(name, seasoned()), size)
}

/// Where the widgets are whose label begins so, from the left.
fn places(desk: &Desk, label: &str) -> Vec<Rect> {
    let found = desk.0.query_all(
        egui_kittest::kittest::By::new()
            .predicate(|node| node.label().is_some_and(|text| text.starts_with(label))),
    );
    let mut places: Vec<Rect> = found.map(|node| node.rect()).collect();
    places.sort_by(|a, b| a.min.x.total_cmp(&b.min.x));
    places
}

#[test]
fn both_canvases_of_every_comparison_can_be_read_on_a_small_projector() {
    for builtin in comparisons() {
        let desk = on(builtin.name, SMALL);
        let users = places(&desk, "users, users");
        assert_eq!(users.len(), 2, "{}", builtin.name);
        for (side, users) in Side::ALL.into_iter().zip(users) {
            // A name is 16 high, and this 64.
            let letters = users.height() / 4.0;
            assert!(letters >= 9.0, "{} {side:?}: {letters}", builtin.name);
        }
    }
}

#[test]
fn all_numbers_of_every_comparison_are_seen_on_a_small_projector() {
    for builtin in comparisons() {
        let desk = on(builtin.name, SMALL);
        let last = places(&desk, "goodput")[0];
        // Beneath them are the buttons to play and step by, 68 high.
        let end = SMALL[1] - 68.0;
        assert!(last.max.y <= end, "{}: {last:?} {end}", builtin.name);
    }
}

#[test]
fn every_prediction_is_seen_and_can_be_chosen() {
    for size in [SMALL, USUAL] {
        for builtin in comparisons() {
            let mut desk = on(builtin.name, size);
            let verdict = desk.rect("Verdict");
            let lesson = desk.state().document.scenario.lesson.clone();
            for (place, prediction) in lesson.predictions.iter().enumerate() {
                let text = prediction.get(LANGUAGE);
                let rect = places(&desk, text)[0];
                let name = builtin.name;
                assert!(rect.max.y <= verdict.min.y, "{name} {size:?}: {text}");
                desk.click(text);
                let chosen = desk.state().comparing.as_ref().unwrap().predicted;
                assert_eq!(chosen, Some(place), "{name}: {text}");
            }
        }
    }
}

#[test]
fn what_was_measured_is_told_with_the_verdict_and_not_before() {
    for builtin in comparisons() {
        let mut desk = on(builtin.name, USUAL);
        let lesson = desk.state().document.scenario.lesson.clone();
        let answer = lesson.answer.get(LANGUAGE);
        assert!(!answer.is_empty());
        // What is asked about has begun, and the run is not over.
        let after = desk.state().comparing.as_ref().unwrap().verdict_after();
        desk.send(Command::Seek(after.unwrap_or_default() + ms(10)));
        desk.settle();
        let is_told = |desk: &Desk| desk.0.query_by_label_contains(answer).is_some();
        desk.click("About");
        assert!(desk.state().inspector_open());
        assert!(!is_told(&desk), "{}", builtin.name);
        desk.click("About");
        assert!(!desk.state().inspector_open());
        desk.click("Verdict");
        assert!(!is_told(&desk), "{}: nobody predicted", builtin.name);
        desk.click("Hide");
        desk.click(lesson.predictions[0].get(LANGUAGE));
        desk.click("Verdict");
        assert!(is_told(&desk), "{}", builtin.name);
        desk.click("Why");
        assert!(is_told(&desk), "{}", builtin.name);
    }
}

#[test]
fn every_dial_can_be_reached_in_any_window() {
    for size in [[720.0, 480.0], SMALL, USUAL] {
        let mut desk = on("http-service-down", size);
        let dials = [
            "orders a second",
            "timeout",
            "retries",
            "prefetch",
            "time of mail",
            "workers of mail",
        ];
        let slider = |desk: &Desk, name: &str| {
            let sliders = desk.0.query_all_by_role(egui::accesskit::Role::Slider);
            let mut sliders =
                sliders.filter(|node| node.accesskit_node().label().as_deref() == Some(name));
            sliders.next().is_some()
        };
        if dials.iter().any(|name| !slider(&desk, name)) {
            desk.click("More …");
        }
        for name in dials {
            assert!(slider(&desk, name), "{size:?}: {name}");
        }
    }
}

#[test]
fn a_button_tells_what_goes_wrong_as_the_file_has_it() {
    for (name, told) in [
        ("http-service-down", "down"),
        ("http-slow-service", "20 × slower"),
        ("http-retry-storm", "100 % fail"),
        ("http-fan-out", "refuses"),
        ("http-burst", "burst × 5"),
        ("http-query", "burst × 4"),
    ] {
        let mut desk = open(name);
        desk.send(Command::Seek(ms(12_000)));
        desk.click(told);
        let comparing = desk.state().comparing.as_ref().unwrap();
        let ended = comparing.comparison.faults[0].until;
        assert_eq!(ended, Some(ms(12_000)), "{name}: a click puts it right");
    }
}

#[test]
fn the_numbers_can_be_hidden_so_that_the_canvases_have_the_room() {
    let mut desk = on("http-fan-out", SMALL);
    let height = |desk: &Desk| places(desk, "users, users")[0].height();
    let before = height(&desk);
    desk.press(Key::N);
    assert!(places(&desk, "Verdict").is_empty());
    assert!(height(&desk) > before);
    desk.press(Key::E);
    assert!(desk.state().events_open(), "asked for, the lists are there");
    desk.press(Key::E);
    assert_eq!(places(&desk, "Verdict").len(), 1);
    assert_eq!(height(&desk), before);
}

/// In slow motion, and from one event to the next, a hop is seen as long as it takes.
#[test]
fn a_hop_is_drawn_out_only_as_far_as_eyes_need() {
    let mut desk = on("http-service-down", USUAL);
    desk.send(Command::Seek(ms(2_000)));
    assert_eq!(desk.state().echo, ms(250));
    desk.send(Command::SetSpeed(0.1));
    desk.send(Command::Seek(ms(2_500)));
    assert_eq!(desk.state().echo, ms(25));
    desk.send(Command::SetSpeed(1.0));
    let before = desk.moment().at;
    desk.press(Key::ArrowRight);
    let step = desk.moment().at.since(before);
    assert!(step > ms(0));
    assert!(desk.state().echo <= step, "{} of {step}", desk.state().echo);
}

#[test]
fn about_leaves_and_a_selection_is_told_of_instead() {
    let mut desk = open("http-fan-out");
    desk.send(Command::Seek(ms(6_000)));
    desk.press(Key::I);
    let teaches = desk
        .state()
        .document
        .scenario
        .teaches
        .get(LANGUAGE)
        .to_owned();
    assert!(desk.0.query_by_label(&teaches).is_some());
    desk.send(Command::Select(Some(Target::Order(OrderId(3)))));
    assert!(desk.0.query_by_label(&teaches).is_none());
    assert!(desk.0.query_by_label("order 3").is_some());
    desk.press(Key::Escape);
    assert!(desk.0.query_by_label(&teaches).is_some());
    desk.send(Command::Select(Some(Target::Order(OrderId(3)))));
    desk.click("About");
    assert!(desk.0.query_by_label(&teaches).is_some());
    desk.press(Key::I);
    assert!(!desk.state().inspector_open());
}

#[test]
fn every_quantity_can_be_plotted() {
    let mut desk = on("http-service-down", SMALL);
    desk.send(Command::Seek(ms(22_000)));
    for quantity in Quantity::ALL {
        desk.send(Command::Plot(quantity));
        assert_eq!(desk.state().comparing.as_ref().unwrap().quantity, quantity);
    }
}

#[test]
fn what_is_selected_is_selected_on_both_sides_and_told_of_in_any_window() {
    for size in [[720.0, 480.0], SMALL, USUAL] {
        let mut desk = on("http-service-down", size);
        let before: Vec<_> = desk
            .0
            .query_all_by_role(egui::accesskit::Role::Canvas)
            .map(|it| it.rect())
            .collect();
        let state = desk.state();
        let comparing = state.comparing.as_ref().unwrap();
        let world = state.run.show.history().head();
        let mail = world.http().named(&"mail".into()).unwrap();
        let target = Target::Node(NodeKey::Service(mail));
        let other = comparing.counterpart(&state.run, target);
        let consumer = comparing.behind.show.history().head().workers();
        let consumer = consumer.iter().find(|it| *it.name() == "mail").unwrap();
        let node = NodeKey::Consumer(consumer.id);
        assert_eq!(other, Some(Target::Node(node)));
        desk.send(Command::Select(Some(target)));
        let told = desk.0.get_by_label("its own work").rect();
        assert!(
            told.max.x <= size[0] && told.max.y <= size[1],
            "{size:?}: {told:?}"
        );
        if size[0] < 1_400.0 {
            let after: Vec<_> = desk
                .0
                .query_all_by_role(egui::accesskit::Role::Canvas)
                .map(|it| it.rect())
                .collect();
            assert_eq!(before, after, "{size:?}");
        }
    }
}
