//! `leveret compare`, as one who types it sees it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use leveret::compare::{Side, run};
use serde_json::Value;

const SCENARIO: &str = r#"(until: "20s", seed: 3, compare: (
    users: (rate: 20, arrivals: random, during: "10s", deadline: "1s"),
    services: [
        (name: "shop", workers: 8, takes: random("5ms"), calls: ["mail"]),
        (name: "mail", workers: 2, takes: random("20ms")),
    ],
    faults: [(down: "mail", from: "3s", until: "6s")],
))"#;

fn compare(folder: &tempfile::TempDir, arguments: &[&str]) -> Output {
    let file: PathBuf = folder.path().join("compared.ron");
    fs::write(&file, SCENARIO).unwrap();
    Command::new(env!("CARGO_BIN_EXE_leveret"))
        .arg("compare")
        .arg(&file)
        .args(arguments)
        .output()
        .unwrap()
}

fn told(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let output = compare(&folder, arguments);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(complaint, "");
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn it_prints_both_sides_with_intervals_and_what_they_say() {
    let table = told(&["--seeds", "3"]);
    let first = table.lines().next().unwrap();
    assert!(first.trim_start().starts_with("HTTP"), "{table}");
    let row = |label: &str| {
        let found = table.lines().find(|line| line.starts_with(label));
        found.unwrap_or_else(|| panic!("{label}: {table}"))
    };
    assert_eq!(row("orders").matches('±').count(), 2);
    assert!(row("mail: workers held").contains('±'));
    assert!(row("told 202 Accepted").contains('±'));
    assert!(
        table.contains("\n\nWith seed 3:\nWith mail down for 3 s, HTTP had "),
        "{table}"
    );
}

#[test]
fn with_one_seed_there_are_no_intervals_and_the_numbers_are_those_of_the_run() {
    let table = told(&["--seeds", "1"]);
    assert!(
        !table.contains('±') && !table.contains("With seed"),
        "{table}"
    );
    let json: Value = serde_json::from_str(&told(&["--seeds", "1", "--json"])).unwrap();
    let scenario = leveret::scenario::load_str("compared.ron", SCENARIO).unwrap();
    let comparison = scenario.comparison.unwrap();
    for (side, name) in Side::ALL.into_iter().zip(["http", "messaging"]) {
        let summary = run(&comparison, side).unwrap();
        let mean = |field: &str| json[name][field]["mean"].as_f64().unwrap();
        assert!((mean("failed") - summary.failed as f64).abs() < 1e-9);
        assert!((mean("wait_p95_us") - summary.user_wait.p95.0 as f64).abs() < 1e-9);
        assert!((mean("in_time") - summary.in_time.unwrap() as f64).abs() < 1e-9);
        assert!((mean("goodput") - summary.goodput).abs() < 1e-9);
        assert_eq!(json[name]["sent"].get("half_width"), None);
        let worked = &json[name]["services"][1]["worked"]["mean"];
        assert!((worked.as_f64().unwrap() - summary.services[1].worked as f64).abs() < 1e-9);
    }
}

/// docs/commands.md must name every field.
#[test]
fn the_reference_names_every_field() {
    let reference = include_str!("../../docs/commands.md");
    let json: Value = serde_json::from_str(&told(&["--seeds", "2", "--json"])).unwrap();
    let known = |object: &Value| {
        for field in object.as_object().unwrap().keys() {
            let is_code = field.parse::<u16>().is_ok();
            assert!(
                is_code || reference.contains(&format!("`{field}`")),
                "{field}"
            );
        }
    };
    known(&json);
    for side in ["http", "messaging"] {
        known(&json[side]);
        known(&json[side]["sent"]);
        known(&json[side]["outcomes"]);
        known(&json[side]["services"][0]);
    }
    assert_eq!(json["seeds"], serde_json::json!([3, 4]));
}

#[test]
fn a_scenario_that_compares_nothing_is_told_so() {
    let output = Command::new(env!("CARGO_BIN_EXE_leveret"))
        .args(["compare", "hello"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(
        complaint.starts_with("hello compares nothing"),
        "{complaint}"
    );
    assert_eq!(output.stdout, b"");
}

#[test]
fn as_many_seeds_as_are_asked_for_must_be_some() {
    let folder = tempfile::tempdir().unwrap();
    let output = compare(&folder, &["--seeds", "0"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn either_side_can_be_run_and_drawn_and_what_compares_nothing_has_none() {
    let leveret = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_leveret"))
            .args(arguments)
            .output()
            .unwrap()
    };
    let run = |side: &str| {
        let output = leveret(&["run", "http-latency", "--side", side]);
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run("http").contains("mail works on order 1"));
    assert!(run("messaging").contains("to-mail"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("http.svg");
    let name = file.to_str().unwrap();
    let drawn = leveret(&["draw", "http-latency", "--side", "http", "-o", name]);
    assert_eq!(drawn.status.code(), Some(0));
    assert!(fs::read_to_string(&file).unwrap().contains("mail"));
    let refused = leveret(&["run", "hello", "--side", "http"]);
    assert_eq!(refused.status.code(), Some(2));
    let complaint = String::from_utf8(refused.stderr).unwrap();
    assert!(complaint.contains("compares nothing"), "{complaint}");
}
