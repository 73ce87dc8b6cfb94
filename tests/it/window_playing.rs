//! Play, pause, step and seek, by key and by hand.

use std::time::Duration;

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use leveret::app::{Action, Command, Loaded, Playback, View, update};
use leveret::broker::{EventId, Micros};
use leveret::world::{Latency, MessageSetup, Pace, PublisherId, PublisherSetup, QueueSetup, Setup};

use crate::setups::digest;
use crate::window::{ms, open, paused, playing, seasoned, state};

const SIZE: [f32; 2] = [1_600.0, 1_000.0];

#[test]
fn paused_is_idle_at_the_beginning_and_in_the_middle() {
    let mut desk = open("topic");
    for at in [0, 12_345] {
        desk.send(Command::Seek(ms(at)));
        assert_eq!(desk.sleep(), Duration::MAX);
        let before = desk.moment();
        desk.0.run_steps(10);
        assert_eq!(desk.moment(), before);
    }
}

#[test]
fn playing_shows_later_and_later_moments() {
    let mut desk = playing(state("hello", seasoned()), SIZE);
    let mut last = desk.moment();
    for _ in 0..10 {
        desk.0.run_steps(4);
        let now = desk.moment();
        assert!(now.at > last.at && now.shown >= last.shown);
        last = now;
    }
    let sleep = desk.sleep();
    assert!(sleep < Duration::from_secs(1), "{sleep:?}");
}

#[test]
fn the_end_of_the_run_pauses_and_play_begins_again() {
    let mut desk = open("hello");
    let end = desk.state().end();
    desk.send(Command::Seek(Micros(end.0 - 300_000)));
    desk.0.key_press(Key::Space);
    desk.0.run_steps(30);
    assert!(!desk.is_playing());
    assert_eq!(desk.moment().at, end);
    desk.settle();
    desk.0.key_press(Key::Space);
    desk.0.run_steps(4);
    assert!(desk.is_playing());
    assert!(desk.moment().at < ms(1_000));
}

#[test]
fn ten_times_the_speed_goes_ten_times_as_far() {
    let went = |speed: f64| {
        let mut desk = open("hello");
        desk.send(Command::SetSpeed(speed));
        desk.0.key_press(Key::Space);
        desk.0.run_steps(12);
        desk.moment().at.as_secs_f64()
    };
    let (slow, fast) = (went(1.0), went(10.0));
    assert!((fast / slow - 10.0).abs() < 0.01, "{slow} {fast}");
}

#[test]
fn space_and_the_play_button_do_the_same() {
    let mut desk = open("hello");
    assert_eq!(desk.0.query_all_by_label("Pause").count(), 0);
    desk.0.key_press(Key::Space);
    desk.0.run_steps(3);
    assert!(desk.is_playing());
    desk.0.get_by_label("Pause").click();
    desk.0.run_steps(4);
    assert!(!desk.is_playing());
    desk.0.get_by_label("Play").click();
    desk.0.run_steps(4);
    assert!(desk.is_playing());
    desk.0.key_press(Key::Space);
    desk.settle();
    assert!(!desk.is_playing());
}

#[test]
fn each_key_does_what_its_button_does() {
    for (key, button) in [
        (Key::ArrowRight, "One event forward"),
        (Key::ArrowLeft, "One event back"),
        (Key::Home, "Back to the start"),
    ] {
        let (mut by_key, mut by_button) = (open("direct"), open("direct"));
        for _ in 0..3 {
            by_key.send(Command::Seek(ms(7_000)));
            by_button.send(Command::Seek(ms(7_000)));
            let before = by_key.moment();
            by_key.press(key);
            by_button.click(button);
            assert_eq!(by_key.moment(), by_button.moment(), "{button}");
            assert_ne!(by_key.moment(), before, "{button}");
        }
    }
}

#[test]
fn a_key_works_wherever_the_focus_is_and_leaves_it_there() {
    let mut desk = open("direct");
    desk.send(Command::Seek(ms(7_000)));
    for label in ["Play", "One event back", "queue north: 0 ready, 1 unacked"] {
        desk.0.get_by_label(label).focus();
        desk.settle();
        let before = desk.moment();
        desk.press(Key::ArrowRight);
        assert!(desk.moment() > before, "{label}");
        assert!(!desk.is_playing(), "{label}");
        let focused = desk.0.get_by(|node| node.is_focused());
        let focused = focused.accesskit_node().label().unwrap();
        // The counts in the label of a queue may be others now.
        assert_eq!(focused.split(':').next(), label.split(':').next());
        desk.send(Command::Seek(ms(7_000)));
    }
}

#[test]
fn space_acts_on_what_has_the_keyboard_and_otherwise_plays() {
    let mut desk = open("direct");
    desk.send(Command::Seek(ms(7_000)));
    desk.0
        .get_by_label("queue north: 0 ready, 1 unacked")
        .focus();
    desk.press(Key::Space);
    assert!(!desk.is_playing());
    assert!(desk.state().session.selected.is_some());
    desk.0.get_by_label("Play").focus();
    desk.settle();
    desk.0.key_press(Key::Space);
    desk.0.run_steps(2);
    assert!(desk.is_playing());
}

#[test]
fn plus_and_minus_change_the_speed_and_so_does_its_menu() {
    let mut desk = open("hello");
    let speed = |desk: &crate::window::Desk| desk.state().view.speed;
    for _ in 0..20 {
        desk.press(Key::Plus);
    }
    assert_eq!(speed(&desk), 10.0);
    for _ in 0..20 {
        desk.press(Key::Minus);
    }
    assert_eq!(speed(&desk), 0.02);
    desk.click("0.02×");
    desk.click("2×");
    assert_eq!(speed(&desk), 2.0);
    assert_eq!(
        desk.count("2×"),
        1,
        "the button says it, the menu is closed"
    );
}

#[test]
fn so_many_steps_back_lead_through_the_moments_of_as_many_forward() {
    let mut desk = open("topic");
    let mut there = vec![desk.moment()];
    for _ in 0..40 {
        desk.press(Key::ArrowRight);
        assert_eq!(desk.moment().shown, there.len(), "one event a step");
        there.push(desk.moment());
    }
    while let Some(moment) = there.pop() {
        assert_eq!(desk.moment(), moment);
        desk.press(Key::ArrowLeft);
    }
    assert_eq!(
        desk.moment().at,
        Micros::ZERO,
        "before the first is nothing"
    );
}

#[test]
fn a_step_past_the_end_does_nothing() {
    let mut desk = open("hello");
    desk.send(Command::Seek(desk.state().end()));
    let end = desk.moment();
    for _ in 0..3 {
        desk.press(Key::ArrowRight);
        assert_eq!(desk.moment(), end);
    }
    desk.press(Key::ArrowLeft);
    assert!(desk.moment() < end);
}

#[test]
fn a_step_while_another_is_seen_goes_on_from_where_that_one_leads() {
    let (mut quick, mut slow) = (open("direct"), open("direct"));
    for _ in 0..6 {
        quick.0.key_press(Key::ArrowRight);
    }
    quick.settle();
    for _ in 0..6 {
        slow.press(Key::ArrowRight);
    }
    assert_eq!(quick.moment(), slow.moment());
}

#[test]
fn a_step_is_seen_to_travel_unless_motion_is_reduced() {
    let step = |reduced_motion: bool| {
        let view = View {
            reduced_motion,
            ..seasoned()
        };
        let mut desk = paused(state("hello", view), SIZE);
        desk.send(Command::Seek(ms(1_000)));
        desk.0.key_press(Key::ArrowRight);
        desk.0.step();
        let at_once = desk.moment();
        let glides = matches!(desk.state().playback, Playback::Gliding { .. });
        desk.settle();
        (glides, at_once == desk.moment())
    };
    assert_eq!(step(false), (true, false));
    assert_eq!(step(true), (false, true));
}

#[test]
fn going_back_and_on_again_shows_the_same_events() {
    let mut desk = open("direct");
    desk.send(Command::Seek(ms(9_000)));
    for _ in 0..5 {
        desk.press(Key::ArrowRight);
    }
    let rows = desk.rows();
    assert!(rows.len() >= 5, "{rows:?}");
    for _ in 0..5 {
        desk.press(Key::ArrowLeft);
    }
    let fewer = desk.rows();
    assert_ne!(fewer.last(), rows.last());
    for _ in 0..5 {
        desk.press(Key::ArrowRight);
    }
    assert_eq!(desk.rows(), rows);
}

#[test]
fn the_slider_says_the_moment_and_sets_it_by_click_and_by_drag() {
    let mut desk = open("hello");
    desk.send(Command::Seek(ms(6_000)));
    let slider = desk.0.get_by_label("Moment of the run");
    assert_eq!(slider.accesskit_node().numeric_value(), Some(6.0));
    let rect = slider.rect();
    let at = |fraction: f32| {
        let track = rect.shrink2(egui::vec2(9.0, 0.0));
        egui::pos2(track.min.x + track.width() * fraction, rect.center().y)
    };
    let near = |moment: Micros, secs: f64| (moment.as_secs_f64() - secs).abs() < 0.05;
    desk.click_at(at(0.5));
    assert!(near(desk.moment().at, 15.0), "{}", desk.moment().at);
    desk.drag(at(0.5), at(0.2));
    assert!(near(desk.moment().at, 6.0), "{}", desk.moment().at);
    desk.drag(at(0.2), egui::pos2(1e4, rect.center().y));
    assert_eq!(desk.moment().at, desk.state().end());
    desk.drag(at(1.0), egui::pos2(-50.0, 0.0));
    assert_eq!(desk.moment().at, Micros::ZERO);
}

#[test]
fn a_click_on_the_slider_while_playing_plays_on_from_there() {
    let mut desk = playing(state("hello", seasoned()), SIZE);
    let middle = desk.rect("Moment of the run").center();
    desk.0.hover_at(middle);
    desk.0.drag_at(middle);
    desk.0.drop_at(middle);
    desk.0.run_steps(8);
    assert!(desk.is_playing());
    assert!(desk.moment().at > ms(14_900), "{}", desk.moment().at);
}

#[test]
fn two_ticks_of_one_time_are_as_good_as_one() {
    let played = |ticks: &[f64]| {
        let mut state = state("direct", seasoned());
        for &tick in ticks {
            update(&mut state, Command::Tick(tick));
        }
        state.run.moment
    };
    let once = played(&[3.0, 9.5]);
    assert_eq!(once.at, ms(6_500));
    assert_eq!(played(&[3.0, 3.0, 9.5, 9.5, 9.5]), once);
    assert_eq!(played(&[3.0, 4.1, 4.2, 7.77, 9.5]), once);
}

#[test]
fn a_step_is_over_at_the_same_time_however_many_pictures_are_made_of_it() {
    let stepped = |ticks: &[f64]| {
        let mut state = state("direct", seasoned());
        update(&mut state, Command::Seek(ms(7_000)));
        update(&mut state, Command::Do(Action::PlayPause));
        update(&mut state, Command::Do(Action::PlayPause));
        update(&mut state, Command::Do(Action::StepForward));
        for &tick in ticks {
            update(&mut state, Command::Tick(tick));
        }
        (state.run.moment, state.playback)
    };
    assert_eq!(
        stepped(&[1.0, 1.2]),
        stepped(&[1.0, 1.05, 1.05, 1.1, 1.2, 1.2])
    );
    assert_eq!(stepped(&[1.0, 2.0]), stepped(&[1.0, 1.3, 1.46]));
}

#[test]
fn keys_with_a_modifier_do_not_also_do_what_the_plain_key_does() {
    let mut desk = open("hello");
    let speed = desk.state().view.speed;
    desk.press_with(Modifiers::COMMAND, Key::Plus);
    desk.press_with(Modifiers::COMMAND, Key::Minus);
    desk.press_with(Modifiers::COMMAND, Key::Minus);
    assert_eq!(desk.state().view.speed, speed);
}

#[test]
fn a_leap_over_a_long_run_is_made_in_slices_and_can_be_seen_on_its_way() {
    let mut state = state("hello", seasoned());
    let setup = Setup {
        queues: vec![QueueSetup::new("q")],
        publishers: vec![PublisherSetup {
            name: "p".into(),
            pace: Pace::Even {
                every: ms(1),
                start: ms(0),
                count: None,
            },
            messages: vec![MessageSetup {
                key: "q".into(),
                ..MessageSetup::default()
            }],
            latency: Some(ms(0)),
            ..PublisherSetup::default()
        }],
        // Fewer on their way than would stop the publisher (F1).
        latency: Latency {
            route: ms(150),
            ..Latency::default()
        },
        ..Setup::default()
    };
    let mut scenario = state.document.scenario.clone();
    (scenario.setup, scenario.until) = (setup, ms(20_000));
    let loaded = Command::Loaded("long.ron".into(), Box::new(Loaded::new(scenario)));
    update(&mut state, loaded);
    update(&mut state, Command::Do(Action::PlayPause));
    update(&mut state, Command::Seek(ms(20_000)));
    let seeking = Playback::Seeking {
        to: ms(20_000),
        play: false,
    };
    assert_eq!(state.playback, seeking);
    let on_the_way = state.run.moment;
    assert!(on_the_way.shown > 0 && on_the_way.at < ms(20_000));
    for tick in 0..100 {
        update(&mut state, Command::Tick(f64::from(tick) / 60.0));
    }
    assert_eq!(state.playback, Playback::Paused);
    assert_eq!(state.run.moment.at, ms(20_000));
    // All were published and routed; those of the last 150 ms are not in the queue yet.
    let events = state.run.show.history().events();
    assert_eq!(events.len(), 20_001 + 20_001 + 19_851);
}

#[test]
fn what_is_seen_is_the_same_however_one_got_there() {
    let mut state = state("acks", seasoned());
    let seek = |at: u64| Command::Seek(ms(at));
    let on = || (0..40).map(|frame| seek(2_000 + 150 * frame));
    let step = |_| Command::Do(Action::StepForward);
    let commands = std::iter::once(seek(0))
        .chain(on())
        .chain([seek(500), seek(19_000), Command::Do(Action::StepBack)])
        .chain(on())
        .chain([Command::Publish(PublisherId(0))])
        .chain((0..30).map(step))
        .chain([seek(1_000), Command::Publish(PublisherId(0))])
        .chain(on());
    for command in commands {
        update(&mut state, command);
        let run = &state.run;
        assert_eq!(*run.stage(), run.show.stage(run.moment), "{:?}", run.moment);
        let history = run.show.history();
        let cues = run.show.director().cues();
        let last = run.moment.shown.checked_sub(1).and_then(|at| cues.get(at));
        let world = last.map_or_else(
            || history.seek_before(EventId(1)),
            |cue| history.seek_after(cue.event),
        );
        assert_eq!(digest(run.world()), digest(&world), "{:?}", run.moment);
    }
}
