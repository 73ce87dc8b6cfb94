//! What the window looks like, held against pictures of it: `cargo test --features pixels --test pixels`.
//!
//! They need a Vulkan driver; Mesa's lavapipe, which needs no graphics card, is the one they were made with.
//! `UPDATE_SNAPSHOTS=1` makes them anew.

use egui_kittest::{Harness, SnapshotOptions};
use leveret::app::{Action, Command, Hint, State, View};
use leveret::broker::{Event, Micros};
use leveret::scenario::builtin;
use leveret::scene::{Target, Theme};
use leveret::ui::{Window, install};
use leveret::world::EventKind;

/// A window of 1280 × 720 on a built-in scenario, paused at the beginning.
fn window(scenario: &str, view: View) -> Harness<'static, Window> {
    let builtin = builtin::find(scenario).unwrap();
    let mut window = Window::new(State::builtin(builtin, view).unwrap());
    window.send(Command::Do(Action::PlayPause));
    // Another driver smooths edges and letters a little differently.
    let options = SnapshotOptions::new()
        .threshold(2.0)
        .max_failed_pixels(60)
        .output_path("tests/pixels/snapshots");
    Harness::builder()
        .with_size([1_280.0, 720.0])
        .with_max_steps(20)
        .with_options(options)
        .with_context_setup(install)
        .build_eframe(|_| window)
}

fn seasoned(theme: Theme) -> View {
    View {
        theme,
        hints_done: Hint::ALL.into(),
        ..View::default()
    }
}

/// The first message after `from` that its exchange sends to two queues or more, selected while that is decided.
fn decide(harness: &mut Harness<'static, Window>, from: Micros) {
    let window = harness.state_mut();
    window.send(Command::Seek(from + Micros::from_secs(10)));
    let show = &window.state().run.show;
    let found = show.director().cues().iter().find_map(|cue| {
        match &show.history().event(cue.event)?.kind {
            EventKind::Broker(Event::Routed {
                message, copies, ..
            }) if cue.at >= from && copies.len() > 1 => Some((cue.at, *message)),
            _ => None,
        }
    });
    let (at, message) = found.unwrap();
    window.send(Command::Seek(at + Micros::from_millis(180)));
    window.send(Command::Select(Some(Target::Message(message))));
    harness.run();
}

#[test]
fn a_topic_exchange_decides_by_day() {
    let mut harness = window("topic", seasoned(Theme::Light));
    decide(&mut harness, Micros::from_secs(9));
    harness.snapshot("decision-light");
}

#[test]
fn a_topic_exchange_decides_by_night() {
    let mut harness = window("topic", seasoned(Theme::Dark));
    decide(&mut harness, Micros::from_secs(9));
    harness.snapshot("decision-dark");
}

#[test]
fn the_gallery_lies_over_the_window() {
    let mut harness = window("hello", seasoned(Theme::Light));
    harness.state_mut().send(Command::Do(Action::Scenarios));
    harness.run();
    harness.snapshot("gallery");
}

#[test]
fn the_first_start_shows_a_hint_above_the_canvas() {
    let mut harness = window("hello", View::default());
    harness
        .state_mut()
        .send(Command::Seek(Micros::from_millis(900)));
    harness.run();
    harness.snapshot("hints");
}

#[test]
fn two_sides_are_compared_by_day() {
    let mut harness = window("http-service-down", seasoned(Theme::Light));
    let at = Micros::from_millis(15_120);
    harness.state_mut().send(Command::Seek(at));
    harness.run();
    harness.snapshot("compare-light");
}

#[test]
fn two_sides_are_compared_by_night() {
    let mut harness = window("http-fan-out", seasoned(Theme::Dark));
    let at = Micros::from_millis(12_120);
    harness.state_mut().send(Command::Seek(at));
    harness.state_mut().send(Command::Reveal(true));
    harness.run();
    harness.snapshot("compare-dark");
}
