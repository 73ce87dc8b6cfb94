//! `leveret draw`: the pictures of the built-in scenarios, held as text, and what is refused.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use leveret::scenario::builtin;

fn draw(arguments: &[&str], output: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_leveret"))
        .arg("draw")
        .args(arguments)
        .arg("-o")
        .arg(output)
        .output()
        .expect("the program starts")
}

/// What the file holds that a command which must succeed writes.
fn drawn(arguments: &[&str], name: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(name);
    let output = draw(arguments, &file);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.is_empty(), "{told}");
    fs::read(file).expect("the file is there")
}

fn drawn_text(arguments: &[&str], name: &str) -> String {
    String::from_utf8(drawn(arguments, name)).expect("text")
}

/// The one line that a command which must fail says.
fn refused(arguments: &[&str], output: &Path) -> String {
    let output = draw(arguments, output);
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).expect("text")
}

#[test]
fn every_built_in_scenario_is_drawn_so() {
    for builtin in builtin::ALL {
        let svg = drawn_text(&[builtin.name], "picture.svg");
        insta::assert_snapshot!(builtin.name, svg);
    }
}

#[test]
fn a_moment_is_drawn_the_same_each_time_and_another_differs() {
    let at = |time| drawn_text(&["topic", "--at", time], "picture.svg");
    assert_eq!(at("10s"), at("10000ms"));
    assert_ne!(at("10s"), at("10.1s"));
    assert_ne!(at("0s"), at("10s"));
}

#[test]
fn a_picture_has_the_scenarios_title_and_the_ground_of_the_theme() {
    let light = drawn_text(&["hello"], "a.svg");
    assert!(light.contains("<title>Hello: a message finds its queue</title>"));
    assert!(light.contains("#FAF9F6") && !light.contains("#14161B"));
    let dark = drawn_text(&["hello", "--theme", "dark"], "a.svg");
    assert!(dark.contains("#14161B") && !dark.contains("#FAF9F6"));
}

#[test]
fn a_png_grows_with_the_scale() {
    let width = |scale| {
        let png = drawn(&["hello", "--scale", scale], "picture.PNG");
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
        u32::from_be_bytes(png[16..20].try_into().expect("four bytes"))
    };
    // A last pixel that the picture fills only in part is one all the same.
    let twice = 2 * width("1");
    assert!((twice - 1..=twice).contains(&width("2")));
}

#[test]
fn a_dot_file_holds_the_graph() {
    let dot = drawn_text(&["fanout"], "graph.dot");
    assert!(dot.starts_with("digraph") && dot.contains("label=\"match\\nfanout\""));
}

/// A scenario in a file, with what a command that draws it says on standard error and writes.
fn drawn_of(text: &str, arguments: &[&str], name: &str) -> (String, Vec<u8>) {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = folder.path().join("scenario.ron");
    fs::write(&scenario, text).expect("a file");
    let file = folder.path().join(name);
    let scenario = scenario.to_str().expect("a path");
    let output = draw(&[&[scenario], arguments].concat(), &file);
    let told = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{told}");
    (told, fs::read(file).expect("the file is there"))
}

/// A topic exchange with so many queues, each bound to it twice.
fn broom(queues: usize) -> String {
    let names: Vec<_> = (0..queues).map(|id| format!("\"q{id}\"")).collect();
    let bindings = (0..queues).flat_map(|id| {
        ["a", "b"].map(|key| format!("(from: \"all\", to: \"q{id}\", key: \"{key}.{id}\")"))
    });
    format!(
        "(until: \"9s\", exchanges: {{ \"all\": topic }}, queues: [{}], bindings: [{}])",
        names.join(", "),
        bindings.collect::<Vec<_>>().join(", ")
    )
}

#[test]
fn what_is_not_drawn_around_something_is_said_and_how_it_can_be_seen() {
    let scenario = broom(40);
    for name in ["picture.svg", "graph.dot"] {
        let (told, drawn) = drawn_of(&scenario, &["--around", "all"], name);
        let drawn = String::from_utf8(drawn).expect("text");
        assert!(drawn.contains("60 of 80 bindings not drawn"), "{drawn}");
        for wanted in [
            "all with 10 of its 40 neighbours",
            "60 lines",
            "--neighbours",
            "--around",
            ".dot",
        ] {
            assert!(told.contains(wanted), "{wanted}: {told}");
        }
        assert_eq!(told.lines().count(), 1, "{told}");
        let (told, drawn) = drawn_of(&scenario, &["--around", "all", "--neighbours", "40"], name);
        let drawn = String::from_utf8(drawn).expect("text");
        assert!(told.is_empty() && !drawn.contains("not drawn"), "{told}");
        assert!(drawn.contains("b.39"));
    }
}

#[test]
fn a_dot_file_holds_what_is_around_something_or_all() {
    let scenario = broom(40);
    let dot = |arguments: &[&str]| {
        let (_, dot) = drawn_of(&scenario, arguments, "graph.dot");
        String::from_utf8(dot).expect("text")
    };
    let (part, whole) = (dot(&["--around", "q7"]), dot(&[]));
    assert!(
        part.contains("\"q7\"") && part.contains("label=\"b.7\""),
        "{part}"
    );
    assert!(!part.contains("\"q8\""), "{part}");
    assert!(whole.contains("label=\"b.39\"") && !whole.contains("not drawn"));
}

#[test]
fn a_dot_file_says_what_the_picture_says() {
    let scenario = r##"(
        profile: "3.13", until: "9s",
        exchanges: {
            "logs": (type: topic, alternate: "lost"), "lost": fanout, "docs": headers,
            "shards": x-consistent-hash, "dice": x-random,
        },
        queues: {
            "errors": classic,
            "all": (dead_letter: (exchange: "lost", key: "dead")),
            "sure": (type: quorum),
        },
        bindings: [
            (from: "logs", to: "errors", key: "kern.\"x\\N"),
            (from: "logs", to: "all", key: ""),
            (from: "docs", to: "all", match: any, headers: {"format": "pdf", "note": ""}),
            (from: "docs", to: "errors", match: all, headers: {"pages": 2, "seal": ()}),
            (from: "shards", to: "errors", key: "2"),
            (from: "dice", to: "sure", key: "unread"),
            (from: "lost", to: "sure"),
        ],
        publishers: {
            "web": (to: "logs", every: "1s", keys: ["a"]),
            "you": (to: "", every: "1s", keys: ["all"]),
        },
        consumers: { "pager": (queue: "errors", takes: "2s") },
    )"##;
    let (told, dot) = drawn_of(scenario, &[], "graph.dot");
    assert!(told.is_empty(), "{told}");
    insta::assert_snapshot!(String::from_utf8(dot).expect("text"));
}

#[test]
fn a_dot_file_is_of_its_moment() {
    let scenario = r#"(
        until: "9s",
        exchanges: { "x": direct },
        queues: ["q"],
        bindings: [],
        script: [
            (at: "2s", declare_queue: "late"),
            (at: "4s", set_policy: (name: "short", pattern: "^q", set: {"message-ttl": 3000})),
        ],
    )"#;
    let at = |time| {
        let (_, dot) = drawn_of(scenario, &["--at", time], "graph.dot");
        String::from_utf8(dot).expect("text")
    };
    assert!(!at("1s").contains("late") && at("3s").contains("late"));
    assert!(!at("3s").contains("short") && at("5s").contains("policy short"));
}

#[test]
fn a_picture_too_large_for_a_png_is_drawn_smaller_and_that_is_said() {
    let (told, png) = drawn_of(&broom(200), &["--scale", "20"], "picture.png");
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && side(20) > 15_000 && side(20) <= 16_384);
    for wanted in ["20 pixels to a unit", "16,384", ".svg", "--around"] {
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[test]
fn what_cannot_be_drawn_is_refused_in_a_line_that_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let picture = folder.path().join("a.svg");
    let told = refused(&["hello"], Path::new("picture.jpg"));
    assert_eq!(
        told,
        "picture.jpg: a picture's name ends in .svg, .png or .dot\n"
    );
    let told = refused(&["hello"], &folder.path().join("none/a.svg"));
    assert!(told.contains("a.svg: this file cannot be written: "));
    assert_eq!(told.lines().count(), 1);
    assert!(refused(&["hullo"], &picture).contains("did you mean `hello`?"));
    let told = refused(&["hello", "--scale", "0"], &folder.path().join("a.png"));
    assert!(told.contains("give a scale above 0"));
    assert!(refused(&["hello", "--at", "5"], &picture).contains("--at"));
    let told = refused(&["hello", "--at", "99999h"], &picture);
    assert!(told.contains("the run ends at 30 s"), "{told}");
    let told = refused(&["hello", "--around", " "], &picture);
    assert!(
        told.contains("there is no exchange or queue `\" \"`"),
        "{told}"
    );
    assert!(!picture.exists());
}
