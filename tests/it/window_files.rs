//! The gallery, the hints of the first start, and files good and bad.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use leveret::app::{Command, Source, View};
use leveret::scenario::{builtin, load_str};
use leveret::scene::Target;
use tempfile::TempDir;

use crate::window::{Desk, ms, open, paused, playing, seasoned, state};

const TITLES: [&str; 6] = [
    "Hello: a message finds its queue",
    "Direct exchange: the routing key as the address",
    "Fanout exchange: everyone hears everything",
    "Topic exchange: who hears which log line",
    "Headers exchange: all of them, or any",
    "Work queue: sharing out fairly",
];

#[test]
fn s_opens_a_gallery_of_six_scenarios_with_what_each_teaches() {
    for size in [[1_280.0, 720.0], [1_600.0, 1_000.0]] {
        let mut desk = paused(state("hello", seasoned()), size);
        desk.press(Key::S);
        for (title, builtin) in TITLES.iter().zip(builtin::ALL) {
            assert_eq!(desk.buttons(title), [*title]);
            let scenario = load_str(builtin.name, builtin.text).unwrap();
            assert!(desk.reads(scenario.teaches.get("en")), "{title}");
        }
        desk.press(Key::S);
        assert!(!desk.state().session.gallery);
    }
}

#[test]
fn the_gallery_closes_by_its_button_and_by_escape() {
    let mut desk = paused(state("hello", seasoned()), [1_280.0, 720.0]);
    desk.click("Scenarios");
    assert!(desk.state().session.gallery);
    desk.click_node("Close");
    assert!(!desk.state().session.gallery);
    desk.click("Scenarios");
    desk.press(Key::Escape);
    assert!(!desk.state().session.gallery);
}

#[test]
fn a_card_opens_its_scenario_from_the_beginning_and_playing() {
    let mut desk = open("hello");
    desk.click_node("queue hall");
    for (title, builtin) in TITLES.iter().zip(builtin::ALL).rev() {
        desk.press(Key::S);
        desk.0.get_by_role_and_label(Role::Button, title).click();
        desk.0.run_steps(6);
        let state = desk.state();
        assert_eq!(state.document.source, Source::Builtin(builtin.name));
        assert!(!state.session.gallery && state.is_playing());
        assert!(state.run.moment.at < ms(1_000));
        assert_eq!(state.session.selected, None);
        desk.press(Key::Space);
    }
}

const HINTS: [&str; 3] = [
    "Press Space to pause",
    "Click a message, or anything else",
    "there are more under Scenarios (S)",
];

/// The hints that are seen.
fn hints(desk: &Desk) -> Vec<&'static str> {
    let seen = HINTS.into_iter().filter(|hint| desk.reads(hint));
    seen.collect()
}

#[test]
fn the_first_start_shows_one_hint_after_the_other_while_the_run_is_moving() {
    let desk = playing(state("hello", View::default()), [1_280.0, 720.0]);
    assert!(desk.is_playing());
    assert_eq!(desk.count("Close this hint"), 1);
    assert_eq!(hints(&desk), [HINTS[0]]);
}

#[test]
fn a_hint_covers_nothing_of_the_picture() {
    for size in [[1_280.0, 720.0], [900.0, 600.0], [1_600.0, 1_000.0]] {
        let desk = playing(state("flow", View::default()), size);
        let hint = desk.rect("Close this hint");
        let canvas = desk.canvas();
        assert!(hint.max.y <= canvas.min.y, "{size:?}: {hint} {canvas}");
        assert!(canvas.contains(desk.rect("exchange").center()), "{size:?}");
    }
}

#[test]
fn hints_go_where_there_is_no_room_for_them() {
    let low = playing(state("hello", View::default()), [900.0, 500.0]);
    assert_eq!(low.count("Close this hint"), 0);
    let two = playing(state("http-burst", View::default()), [1_280.0, 720.0]);
    assert_eq!(two.count("Close this hint"), 0);
    // What a step says needs the room.
    let mut desk = paused(state("hello", View::default()), [1_280.0, 720.0]);
    desk.send(Command::Seek(desk.state().end()));
    assert_eq!(hints(&desk), [HINTS[1]]);
    desk.press(Key::ArrowRight);
    assert!(hints(&desk).is_empty() && desk.reads("The run is over"));
}

#[test]
fn each_hint_leaves_when_what_it_speaks_of_was_used() {
    let mut desk = playing(state("hello", View::default()), [1_600.0, 1_000.0]);
    assert_eq!(hints(&desk), [HINTS[0]]);
    desk.press(Key::Space);
    assert_eq!(hints(&desk), [HINTS[1]]);
    desk.click_node("queue hall");
    assert_eq!(hints(&desk), [HINTS[2]]);
    desk.click("Scenarios");
    desk.press(Key::Escape);
    assert_eq!(desk.count("Close this hint"), 0);
}

#[test]
fn each_hint_can_be_closed_and_does_not_come_back() {
    let mut desk = playing(state("hello", View::default()), [1_600.0, 1_000.0]);
    for left in [1, 1, 0] {
        let close = desk.0.get_all_by_label("Close this hint").next().unwrap();
        close.click();
        desk.0.run_steps(4);
        assert_eq!(desk.count("Close this hint"), left);
    }
    assert!(desk.is_playing(), "closing a hint does nothing else");
    let view = desk.state().view.clone();
    let again = playing(state("hello", view), [1_600.0, 1_000.0]);
    assert_eq!(again.count("Close this hint"), 0);
}

fn written(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// What was open is open still, untouched.
fn holds(desk: &Desk, words: &[&str]) {
    for word in words {
        assert!(desk.reads(word), "{word}: {:#?}", desk.texts());
    }
    assert!(desk.reads(&format!("“{}” stays open.", TITLES[3])));
    assert_eq!(desk.state().document.source, Source::Builtin("topic"));
    assert_eq!(desk.moment().at, ms(7_000));
}

#[test]
fn a_file_that_cannot_be_opened_shows_why_and_what_was_open_stays() {
    let folder = TempDir::new().unwrap();
    let good = builtin::find("direct").unwrap().text;
    let cases = [
        (
            written(
                &folder,
                "missing-queue.ron",
                good.replace("to: \"north\"", "to: \"nort\""),
            ),
            vec![
                "missing-queue.ron could not be opened",
                "line 15, column 31",
                "nort",
                "north",
            ],
        ),
        (
            written(&folder, "cut.ron", &good[..good.len() / 2]),
            vec!["cut.ron could not be opened", "line ", "column "],
        ),
        (
            written(&folder, "latin.ron", [b'(', 0xE9, 0xFF, b')']),
            vec!["latin.ron could not be opened", "UTF-8"],
        ),
        (
            folder.path().to_path_buf(),
            vec!["could not be opened", "folder"],
        ),
        (
            folder.path().join("nowhere.ron"),
            vec!["nowhere.ron could not be opened"],
        ),
    ];
    let mut desk = open("topic");
    desk.send(Command::Seek(ms(7_000)));
    for (index, (path, words)) in cases.into_iter().enumerate() {
        desk.send(Command::OpenFile(path.into()));
        holds(&desk, &words);
        if index % 2 == 0 {
            desk.click("Close");
        } else {
            desk.press(Key::Escape);
        }
        assert!(desk.state().session.problems.is_none());
        assert!(!desk.reads("could not be opened"));
    }
}

#[test]
fn all_of_a_files_problems_are_shown_at_once() {
    let folder = TempDir::new().unwrap();
    let text = "(\n  version: 1,\n  title: \"t\",\n  queus: [\"a\"],\n  until: \"-5s\",\n)";
    let path = written(&folder, "two.ron", text);
    let mut desk = open("topic");
    desk.send(Command::Seek(ms(7_000)));
    desk.send(Command::OpenFile(path.into()));
    holds(&desk, &["line 4, column 3", "line 5, column", "queues"]);
}

/// A file as the system gives it when it is dropped.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("nobody asks".into())
    }
}

#[test]
fn a_file_dropped_on_the_window_is_opened() {
    let folder = TempDir::new().unwrap();
    let good = builtin::find("direct").unwrap().text;
    let path = written(&folder, "mine.ron", good.replace("parcels", "letters"));
    let mut desk = open("topic");
    desk.click_node("queue errors");
    let file = Arc::new(Dropped(path.clone()));
    desk.0.input_mut().dropped_files.push(file);
    desk.0.run_steps(2);
    desk.wait_for_file();
    desk.0.run_steps(2);
    assert_eq!(desk.state().document.source, Source::File(path));
    assert_eq!(
        desk.buttons("exchange letters"),
        ["exchange letters, direct"]
    );
    assert!(desk.is_playing());
    assert_eq!(desk.state().session.selected, None::<Target>);
}
