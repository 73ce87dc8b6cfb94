//! The window while more happens than it can keep up with: each picture has its share of work, and what is wrong is said.

use egui_kittest::kittest::Queryable;
use leveret::app::{Action, Command, Source, State};
use leveret::broker::Micros;
use leveret::scenario::load_str;
use leveret::scene::{STEPS_AT_ONCE, Scene, Show, View};

use crate::window::{Desk, paused, playing, seasoned};

const MILLION: &str = r#"(
    until: "60s", latency: "10ms", queues: ["work"],
    publishers: {"p": (every: "1us", keys: ["work"], confirms: true)},
    consumers: {"c": (queue: "work", takes: "1us", ack: auto)},
)"#;

const ROUND: &str = r#"(
    until: "60s", latency: "0s", queues: ["work"],
    publishers: {"p": (every: "1s", count: 1, start: "100ms", keys: ["work"])},
    consumers: {"echo": (queue: "work", takes: "0s", publishes: (to: ""))},
)"#;

fn state(text: &str) -> State {
    let scenario = load_str("x.ron", text).unwrap();
    State::new(scenario, Source::File("x.ron".into()), seasoned()).unwrap()
}

fn steps(desk: &Desk) -> usize {
    desk.state().run.show.history().steps_taken()
}

#[test]
fn a_million_messages_a_second_take_no_more_steps_a_picture_than_are_allowed() {
    let mut desk = playing(state(MILLION), [1_280.0, 720.0]);
    let slow = "Slower than the chosen speed: too much happens at once.";
    let (mut last, mut moment) = (steps(&desk), Micros::ZERO);
    for pass in 0..12 {
        // Each pass of the window ends with this.
        desk.0
            .state_mut()
            .send(Command::Tick(1_000.0 + f64::from(pass)));
        let now = steps(&desk);
        assert!(now - last <= STEPS_AT_ONCE, "{} steps", now - last);
        assert!(desk.moment().at >= moment);
        (last, moment) = (now, desk.moment().at);
    }
    desk.0.step();
    assert!(moment > Micros::ZERO && desk.is_playing());
    desk.0.get_by_label(slow);
    desk.send(Command::Do(Action::PlayPause));
    assert!(desk.0.query_by_label(slow).is_none());
}

/// The picture of a moment.
fn drawn(show: &mut Show, at: Micros) -> Scene {
    let moment = show.director().moment(at);
    show.picture(moment, View::default()).scene
}

#[test]
fn a_picture_has_no_more_shapes_however_much_is_on_its_way() {
    let scenario = load_str("x.ron", MILLION).unwrap();
    let mut show = Show::new(&scenario.setup).unwrap();
    let mut at = Micros::ZERO;
    // By then thousands are on each line, forwards and backwards.
    for _ in 0..12 {
        show.run_toward(scenario.until);
        at = show
            .history()
            .complete_to()
            .max(show.history().head().now());
        let shapes = drawn(&mut show, at).shapes.len();
        assert!(shapes < 2_000, "{shapes} shapes at {at}");
    }
    assert!(at > Micros::from_millis(5));
}

#[test]
fn three_thousand_answers_at_once_are_not_drawn_one_by_one() {
    let text = r#"(until: "9s", latency: "300ms", queues: ["work"],
        publishers: {"p": (every: burst(size: 3000, every: "60s"), keys: ["work"], confirms: true)},
        consumers: {"c": (queue: "work", takes: "1us")})"#;
    let scenario = load_str("x.ron", text).unwrap();
    let mut show = Show::new(&scenario.setup).unwrap();
    show.run_to(scenario.until);
    let mut most = 0;
    for millis in (0..4_000).step_by(40) {
        most = most.max(drawn(&mut show, Micros::from_millis(millis)).shapes.len());
    }
    assert!((50..1_000).contains(&most), "{most} shapes");
}

#[test]
fn playing_stops_where_time_stands_still_and_says_what_goes_round() {
    let mut desk = playing(state(ROUND), [1_280.0, 720.0]);
    for _ in 0..200 {
        desk.0.step();
        if !desk.is_playing() {
            break;
        }
    }
    assert!(!desk.is_playing() && desk.moment().at < Micros::from_secs(3));
    let told = |desk: &Desk| {
        let found = desk.0.query_all_by_label_contains("goes round and round");
        found.count()
    };
    assert!(told(&desk) >= 1);
    // Going back is as ever, and what goes round lies ahead again.
    desk.send(Command::Seek(Micros::from_millis(50)));
    assert_eq!(desk.moment().at, Micros::from_millis(50));
    desk.send(Command::ShowInspector(false));
    assert_eq!(told(&desk), 0);
}

#[test]
fn a_step_from_a_moment_at_which_time_stands_still_comes_back() {
    let mut desk = paused(state(ROUND), [1_280.0, 720.0]);
    for _ in 0..3 {
        desk.send(Command::Do(Action::StepForward));
    }
    assert!(desk.moment().shown >= 1);
    desk.send(Command::Seek(Micros::from_secs(50)));
    let before = desk.moment();
    desk.send(Command::Do(Action::StepForward));
    assert_eq!(desk.moment(), before);
}
