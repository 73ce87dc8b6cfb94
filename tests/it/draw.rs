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
    assert!(!picture.exists());
}
