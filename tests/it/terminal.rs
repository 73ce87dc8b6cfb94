//! What clients call things never acts on the terminal of whoever reads it.

use std::fs;
use std::process::Command;

use leveret::amqp::Method;
use leveret::broker::{Name, Table, Value};
use leveret::recording;
use leveret::scenario;
use serde_json::Value as Json;

use crate::sources::rust_files;
use crate::wire::{Wire, channel_open, consume, header, method, publish, queue_declare};

/// Sets a title, clears the screen and turns the writing round. RabbitMQ takes ends of lines out of a queue's name.
const NAME: &[u8] = b"q\x1b]0;mine\x07\x1b[2J\xC2\x9b2J\xE2\x80\xAE\x7f";
/// Ends the line and begins another.
const LINE: &[u8] = b"a\r\n0.00  forged      line";
/// The same, with an octet that is no text.
const OCTETS: &[u8] = b"a\xFFb\r\n0.00  forged";
const FORGED: &str = "0.00  forged";

/// Whether a character does something to a terminal, or to how what follows is read.
fn acts(letter: char) -> bool {
    let turns = matches!(letter, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    turns || letter.is_control() && letter != '\n'
}

/// A recording of a client that calls all it can so.
fn recorded() -> Vec<u8> {
    let name = leveret::broker::octets::read(NAME);
    let (text, line) = (name.as_str(), std::str::from_utf8(LINE).unwrap());
    let mut wire = Wire::new();
    wire.server.keep_records();
    let mut client = wire.client();
    let exchange = Method::ExchangeDeclare {
        ticket: 0,
        exchange: name.clone(),
        kind: "topic".into(),
        passive: false,
        durable: false,
        auto_delete: false,
        internal: false,
        no_wait: false,
        arguments: Table::new(),
    };
    wire.say(&mut client, 1, &exchange);
    wire.say(&mut client, 1, &queue_declare(text));
    let arguments = [(name.clone(), Value::from(line))];
    let bind = Method::QueueBind {
        ticket: 0,
        queue: name.clone(),
        exchange: name.clone(),
        routing_key: line.into(),
        no_wait: false,
        arguments: arguments.into_iter().collect(),
    };
    wire.say(&mut client, 1, &bind);
    wire.send(&client, &publish(1, text, LINE));
    let said = Method::BasicPublish {
        ticket: 0,
        exchange: name.clone(),
        routing_key: leveret::broker::octets::read(OCTETS),
        mandatory: false,
        immediate: false,
    };
    let mut octets = publish(1, "", LINE);
    // The same message, to that exchange.
    let plain = method(
        1,
        &Method::BasicPublish {
            ticket: 0,
            exchange: Name::default(),
            routing_key: Name::default(),
            mandatory: false,
            immediate: false,
        },
    );
    octets.splice(..plain.len(), method(1, &said));
    wire.send(&client, &octets);
    wire.say(&mut client, 1, &consume(text, line));
    // What is refused names it too.
    wire.say(&mut client, 2, &channel_open());
    wire.send(&client, &method(2, &consume(line, "t")));
    wire.hear(&mut client);
    let mut file = header().to_bytes();
    for (at, record) in wire.server.take_records() {
        recording::append(&mut file, at, &record);
    }
    file
}

#[test]
fn no_name_of_a_client_acts_on_a_terminal_or_forges_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it.leveret");
    fs::write(&file, recorded()).unwrap();
    let file = file.display().to_string();
    let loaded = scenario::load_path(folder.path().join("it.leveret").as_path()).unwrap();
    assert!(loaded.setup.outside.len() > 6, "all of it was heard");
    let shown = r"q\u{1b}]0;mine\u{7}\u{1b}[2J\u{9b}2J\u{202e}\u{7f}";
    let name = String::from_utf8_lossy(NAME).into_owned();
    let svg = folder.path().join("it.svg").display().to_string();
    let commands: [(&[&str], Option<&str>); 10] = [
        (&["run", &file], Some(shown)),
        (&["run", &file], Some(r"a\xffb\r\n0.00  forged")),
        (&["run", &file, "--json"], None),
        (&["run", &file], Some(r"a\r\n0.00  forged      line")),
        (&["check", &file], None),
        (
            &["explain", &file, "--exchange", &name, "--key", &name],
            Some(r"\u001b]0;mine"),
        ),
        (&["explain", &file, "--exchange", &name, "--json"], None),
        (&["export", &file, "--definitions"], None),
        (
            &["draw", &file, "-o", &svg, "--around", &name],
            Some(r"\u{1b}]0;mine"),
        ),
        (
            &["run", "hello", "--until", &name],
            Some(r"q\u009b2J\u202e"),
        ),
    ];
    for (arguments, wanted) in commands {
        let output = Command::new(env!("CARGO_BIN_EXE_leveret"))
            .args(arguments)
            .output()
            .unwrap();
        for octets in [&output.stdout, &output.stderr] {
            let text = std::str::from_utf8(octets).unwrap();
            assert!(!text.contains(acts), "{arguments:?}: {text:?}");
            let mut lines = text.lines();
            assert!(!lines.any(|line| line.starts_with(FORGED)), "{text}");
        }
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert!(
            wanted.is_none_or(|wanted| said.contains(wanted)),
            "{arguments:?}: {said}"
        );
        if arguments.contains(&"--json") && arguments[0] == "run" {
            let rows = said.lines().map(|line| serde_json::from_str(line).unwrap());
            let rows: Vec<Json> = rows.collect();
            let key = leveret::broker::octets::read(OCTETS);
            let is_there = rows.iter().any(|row| row["key"] == key.as_str());
            assert!(is_there, "in JSON, it is what it is: {said}");
        }
    }
}

#[test]
fn a_picture_of_such_names_is_sound_and_has_nothing_in_it_that_acts() {
    let folder = tempfile::tempdir().unwrap();
    let (file, svg) = (
        folder.path().join("it.leveret"),
        folder.path().join("it.svg"),
    );
    fs::write(&file, recorded()).unwrap();
    let drawn = Command::new(env!("CARGO_BIN_EXE_leveret"))
        .arg("draw")
        .arg(&file)
        .arg("-o")
        .arg(&svg)
        .status()
        .unwrap();
    assert!(drawn.success());
    let text = fs::read_to_string(&svg).unwrap();
    assert!(text.contains(r"q\u{1b}]0"), "the name is in it");
    assert!(!text.contains(acts));
    let private = |letter: char| u32::from(letter) >= 0x10_FE00;
    assert!(!text.contains(private));
    // An SVG that is no XML cannot be made a picture of.
    let png = folder.path().join("it.png");
    let drawn = Command::new(env!("CARGO_BIN_EXE_leveret"))
        .arg("draw")
        .arg(&file)
        .arg("-o")
        .arg(&png)
        .status()
        .unwrap();
    assert!(drawn.success() && png.exists());
}

#[test]
fn there_is_one_way_to_the_terminal() {
    let mut found = Vec::new();
    for file in rust_files("src") {
        let ways = [
            "io::stdout()",
            "io::stderr()",
            "println!",
            "print!",
            "dbg!",
            ".print()",
        ];
        for (line, number) in file.code.lines().zip(1..) {
            if ways.iter().any(|way| line.contains(way)) {
                found.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    let known = [
        ("src/cli/mod.rs", "error.print()"),
        ("src/cli/mod.rs", "Terminal::new(io::stdout().lock())"),
        ("src/cli/terminal.rs", "io::stderr().write_all(&whole.out)"),
    ];
    let is_known = |found: &String| {
        let mut known = known.iter();
        known.any(|(file, way)| found.starts_with(file) && found.contains(way))
    };
    found.retain(|found| !is_known(found));
    assert_eq!(found, [""; 0], "what is printed goes through cli::terminal");
}
