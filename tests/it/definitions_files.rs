//! RabbitMQ's definitions where a scenario's file is named: in the commands, and as files of any size.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use leveret::scenario::{builtin, load_bytes, load_path, load_str};
use leveret::world::World;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::definitions::{LAB, parsed};

fn leveret(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leveret"));
    command.args(arguments).output().expect("the program")
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).expect("a text")
}

/// What a command that ends well prints and notes.
fn done(arguments: &[&str]) -> (String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = leveret(arguments);
    let (out, err) = (text(&stdout), text(&stderr));
    assert!(status.success(), "{arguments:?}: {err}");
    (out, err)
}

fn file(folder: &TempDir, name: &str, content: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, content).expect("a file");
    path.display().to_string()
}

/// A broker's worth of definitions: every exchange is bound to many queues.
fn many(queues: usize, bindings: usize) -> String {
    let queue = |n| json!({"name": format!("queue-{n}"), "vhost": "/"});
    let binding = |n: usize| {
        json!({
            "source": format!("exchange-{}", n % 10), "vhost": "/", "destination": format!("queue-{}", n % queues),
            "destination_type": "queue", "routing_key": format!("key.{n}"), "arguments": {}
        })
    };
    let exchange = |n| json!({"name": format!("exchange-{n}"), "vhost": "/", "type": "topic"});
    json!({
        "bindings": (0..bindings).map(binding).collect::<Vec<_>>(),
        "queues": (0..queues).map(queue).collect::<Vec<_>>(),
        "exchanges": (0..10).map(exchange).collect::<Vec<_>>(),
    })
    .to_string()
}

#[test]
fn definitions_are_explained_drawn_and_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let lab = file(&folder, "definitions.json", LAB);
    let ask = [
        "explain",
        &lab,
        "--exchange",
        "news",
        "--key",
        "sport.ski",
        "--json",
    ];
    let (told, notes) = done(&ask);
    let told: Json = serde_json::from_str(&told).expect("JSON");
    assert_eq!(
        (&told["outcome"], &told["queues"]),
        (&json!("routed"), &json!(["tmp.inbox"]))
    );
    assert!(
        notes.contains("definitions.json: users’ password hashes are kept"),
        "{notes}"
    );
    let picture = folder.path().join("lab.svg").display().to_string();
    done(&["draw", &lab, "-o", &picture]);
    let drawn = fs::read_to_string(&picture).expect("a picture");
    for name in ["news", "tmp.inbox", "sport.#", "you"] {
        assert!(drawn.contains(name), "{name}");
    }
    done(&["run", &lab]);
}

// O11
#[test]
fn definitions_are_exported_as_they_came() {
    let folder = tempfile::tempdir().expect("a folder");
    let lab = file(&folder, "lab.json", LAB);
    let (out, _) = done(&["export", &lab, "--definitions"]);
    assert_eq!(parsed(&out), parsed(LAB));
    let written = folder.path().join("written.json").display().to_string();
    let (out, _) = done(&["export", &lab, "--definitions", "-o", &written]);
    assert_eq!(out, "");
    assert_eq!(
        parsed(&fs::read_to_string(&written).expect("a file")),
        parsed(LAB)
    );
    // What is to be written has to be said.
    assert_eq!(leveret(&["export", &lab]).status.code(), Some(2));
}

#[test]
fn every_built_in_scenario_comes_back_from_its_definitions_with_its_topology() {
    for builtin in builtin::ALL {
        let scenario =
            load_str(builtin.name, builtin.text).unwrap_or_else(|error| panic!("{error}"));
        let exported = scenario.to_definitions();
        let again = load_str("again.json", &exported.document.to_json());
        let again = again
            .unwrap_or_else(|error| panic!("{}: {error}", builtin.name))
            .setup;
        let setup = &scenario.setup;
        assert_eq!(again.profile, setup.profile, "{}", builtin.name);
        assert_eq!(
            again.policies.len(),
            setup.policies.len(),
            "{}",
            builtin.name
        );
        let shared = setup.queues.iter().filter(|queue| !queue.spec.exclusive);
        let shared: Vec<_> = shared.map(|queue| &queue.spec).collect();
        let queues: Vec<_> = again.queues.iter().map(|queue| &queue.spec).collect();
        assert_eq!(queues, shared, "{}", builtin.name);
        if exported.notices.is_empty() {
            assert_eq!(again.exchanges, setup.exchanges, "{}", builtin.name);
            assert_eq!(
                again.bindings.len(),
                setup.bindings.len(),
                "{}",
                builtin.name
            );
        }
        World::new(&again).unwrap_or_else(|error| panic!("{}: {error}", builtin.name));
    }
}

#[test]
fn one_of_several_virtual_hosts_is_chosen_on_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let two = r#"{"vhosts": [{"name": "one"}, {"name": "two"}],
        "queues": [{"name": "a", "vhost": "one"}, {"name": "b", "vhost": "two"}]}"#;
    let two = file(&folder, "two.json", two);
    let refused = leveret(&["explain", &two, "--exchange", "", "--key", "b"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused.stderr).contains("choose it on the command line, such as `--vhost NAME`")
    );
    let (told, notes) = done(&[
        "explain",
        &two,
        "--vhost",
        "two",
        "--exchange",
        "",
        "--key",
        "b",
    ]);
    assert!(
        told.contains('b') && notes.contains("other virtual hosts are kept and not shown: `one`"),
        "{told}{notes}"
    );
    let refused = leveret(&["explain", &two, "--vhost", "tow", "--exchange", ""]);
    assert!(
        text(&refused.stderr)
            .contains("no virtual host `tow` is in this file\n   did you mean `two`?")
    );
    let (both, _) = done(&["export", &two, "--vhost", "two", "--definitions"]);
    assert!(both.contains("\"a\"") && both.contains("\"b\""));
}

#[test]
fn only_definitions_may_be_large() {
    let folder = tempfile::tempdir().expect("a folder");
    let large = many(1_000, 35_000);
    assert!(large.len() > 4 * 1024 * 1024, "{}", large.len());
    // Its name does not say what it is.
    let path = file(&folder, "large", &large);
    let loaded = load_path(Path::new(&path)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        (loaded.setup.queues.len(), loaded.setup.bindings.len()),
        (1_000, 35_000)
    );
    let world = World::new(&loaded.setup).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(world.definitions().bindings().len(), 35_000);
    let path = file(&folder, "large.ron", &large.replacen('{', "(", 1));
    let told = load_path(Path::new(&path))
        .expect_err("too large")
        .to_string();
    assert!(
        told.contains("a scenario is a text of 4 MB at the most"),
        "{told}"
    );

    let huge = folder.path().join("huge.json");
    fs::write(&huge, "{").expect("a file");
    let open = fs::OpenOptions::new()
        .write(true)
        .open(&huge)
        .expect("the file");
    open.set_len(600 * 1024 * 1024).expect("a long file");
    let told = load_path(&huge).expect_err("too large").to_string();
    assert!(
        told.contains("600 MB") && told.contains("definitions of at most 512 MB"),
        "{told}"
    );
}

#[test]
fn a_large_file_that_is_broken_in_the_middle_says_where() {
    let large = many(1_000, 20_000);
    let at = large.find("\"key.15000\"").expect("the key");
    let broken = format!("{}{}", &large[..at], &large[at + 1..]);
    let told = load_str("large.json", &broken).expect_err("a mistake");
    let [problem] = told.problems() else {
        panic!("{told}");
    };
    assert_eq!((problem.place.line, problem.place.column), (1, at + 1));
    assert_eq!(
        problem.what,
        "bindings[15000].routing_key: `key.15000` is no value"
    );
    let latin = [&large.as_bytes()[..at], &[0xe8], &large.as_bytes()[at..]].concat();
    let told = load_bytes("large.json", &latin)
        .expect_err("not UTF-8")
        .to_string();
    assert!(told.starts_with(&format!("large.json:1:{}: this file is not UTF-8", at + 1)));
}

#[test]
fn of_what_is_too_large_a_part_is_drawn_and_said_to_be_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(&folder, "large.json", &many(2_000, 4_000));
    let picture = folder.path().join("part.svg").display().to_string();
    let (_, notes) = done(&["draw", &path, "-o", &picture]);
    assert!(
        notes.contains("2,000 queues, 10 exchanges and 4,001 lines are too many to be drawn"),
        "{notes}"
    );
    let drawn = std::fs::read_to_string(&picture).expect("a picture");
    assert!(drawn.len() < 200_000, "{} octets", drawn.len());
    let (_, notes) = done(&["draw", &path, "--around", "queue-1999", "-o", &picture]);
    assert!(
        !notes.contains("too many") && notes.contains("lines of what is drawn are left out"),
        "a part was asked for, and what it leaves out is said: {notes}"
    );
    let drawn = std::fs::read_to_string(&picture).expect("a picture");
    assert!(drawn.contains("queue-1999") && !drawn.contains("queue-1989"));
    let refused = leveret(&["draw", &path, "--around", "nobody", "-o", &picture]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("there is no exchange or queue `nobody`"));
}

#[test]
fn an_exchange_of_a_plugins_type_is_not_said_to_be_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let odd = json!({"exchanges": [{"name": "odd", "type": "x-odd"}], "queues": [{"name": "q"}]});
    let odd = file(&folder, "odd.json", &odd.to_string());
    for form in [&["--json"][..], &[]] {
        let ask = [&["explain", &odd, "--exchange", "odd", "--key", "x"], form].concat();
        let (told, _) = done(&ask);
        assert!(told.contains("its type x-odd is a plugin’s"), "{told}");
        assert!(!told.contains("404"), "{told}");
    }
    let (told, _) = done(&["explain", &odd, "--exchange", "none"]);
    assert!(told.contains("404 NOT_FOUND"), "{told}");
}

#[test]
fn a_scenario_has_no_virtual_hosts_to_choose_from() {
    for command in ["explain", "run"] {
        let more = ["--exchange", ""];
        let more = if command == "explain" { &more[..] } else { &[] };
        let asked = leveret(&[&[command, "hello", "--vhost", "foo"], more].concat());
        assert_eq!(asked.status.code(), Some(2));
        let told = text(&asked.stderr);
        assert!(
            told.starts_with("hello: there are no virtual hosts to choose from"),
            "{told}"
        );
    }
}

// O12
#[test]
fn a_binding_of_what_another_virtual_host_has_is_told_as_such() {
    let folder = tempfile::tempdir().expect("a folder");
    let two = json!({
        "vhosts": [{"name": "a"}, {"name": "b"}],
        "exchanges": [{"name": "e", "vhost": "a", "type": "fanout"}],
        "queues": [{"name": "q", "vhost": "b"}],
        "bindings": [
            {"source": "e", "vhost": "a", "destination": "q", "destination_type": "queue"},
            {"source": "e", "vhost": "a", "destination": "r", "destination_type": "queue"}],
    });
    let two = file(&folder, "two.json", &two.to_string());
    let (_, notes) = done(&["explain", &two, "--vhost", "a", "--exchange", "e"]);
    for wanted in [
        "bindings[0].destination: queue `q` is in another virtual host of the file; the binding is kept",
        "bindings[1].destination: the file has no queue `r`; the binding is kept",
    ] {
        assert!(notes.contains(wanted), "{notes}");
    }
}
