//! Definitions with exchanges of plugins, shovels and upstreams: what of them is simulated, and what cannot be told.

use std::process::Command;

use leveret::broker::{ExchangeKind, Target};
use leveret::scenario::{Scenario, load_str};
use leveret::world::{MoverKind, World};
use serde_json::{Value as Json, json};

use crate::definitions::parsed;

fn load(file: &Json) -> Scenario {
    load_str("lab.json", &file.to_string()).unwrap_or_else(|error| panic!("{error}"))
}

/// What `explain` prints of a message in such a file, as JSON and as text.
fn explained(file: &Json, ask: &[&str]) -> (Json, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lab.json");
    std::fs::write(&path, file.to_string()).expect("a file");
    let print = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leveret"));
        command.arg("explain").arg(&path).args(ask).args(more);
        let done = command.output().expect("the program");
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{told}");
        String::from_utf8(done.stdout).expect("a text")
    };
    (parsed(&print(&["--json"])), print(&[]))
}

fn exchange(name: &str, kind: &str, arguments: Json) -> Json {
    json!({"name": name, "vhost": "/", "type": kind, "durable": true, "auto_delete": false, "internal": false,
        "arguments": arguments})
}

fn queue(name: &str, arguments: Json) -> Json {
    json!({"name": name, "vhost": "/", "durable": true, "auto_delete": false, "arguments": arguments})
}

fn binding(source: &str, to: &str, kind: &str, key: &str) -> Json {
    json!({"source": source, "vhost": "/", "destination": to, "destination_type": kind, "routing_key": key,
        "arguments": {}})
}

/// Saved as a scenario and opened again; who publishes by hand has no messages there, so nobody does.
fn saved(scenario: &Scenario) -> Scenario {
    let mut scenario = scenario.clone();
    scenario.setup.publishers.clear();
    load_str("lab.ron", &scenario.to_ron()).unwrap_or_else(|error| panic!("{error}"))
}

fn same_topology(written: &Json, file: &Json) {
    for list in ["exchanges", "queues", "bindings"] {
        assert_eq!(written[list], file[list]);
    }
}

/// An exchange of an unknown type: behind another, as alternate exchange, and as dead-letter exchange.
fn odd() -> Json {
    json!({
        "vhosts": [{"name": "/"}],
        "exchanges": [
            exchange("in", "direct", json!({"alternate-exchange": "odd"})),
            exchange("odd", "x-odd", json!({})),
        ],
        "queues": [queue("q", json!({"x-dead-letter-exchange": "odd"})), queue("far", json!({}))],
        "bindings": [
            binding("in", "q", "queue", "both"),
            binding("in", "odd", "exchange", "both"),
            binding("in", "odd", "exchange", "odd"),
            binding("in", "q", "queue", "sure"),
            binding("odd", "far", "queue", "k"),
        ],
    })
}

// E47
#[test]
fn behind_an_exchange_of_an_unknown_type_nothing_is_said_that_is_not_known() {
    let file = odd();
    for (ask, outcome, queues) in [
        (
            &["--exchange", "in", "--key", "both"],
            "untold",
            json!(["q"]),
        ),
        (&["--exchange", "in", "--key", "odd"], "untold", json!([])),
        (
            &["--exchange", "in", "--key", "sure"],
            "routed",
            json!(["q"]),
        ),
        // By the alternate exchange.
        (&["--exchange", "in", "--key", "none"], "untold", json!([])),
        (&["--exchange", "odd", "--key", "k"], "untold", json!([])),
    ] {
        let (told, text) = explained(&file, ask);
        assert_eq!(
            (&told["outcome"], &told["queues"]),
            (&json!(outcome), &queues),
            "{ask:?}"
        );
        for wrong in ["unroutable", "no bindings", "there is no exchange"] {
            assert!(!text.contains(wrong), "{ask:?}: {text}");
        }
        let untold = outcome == "untold";
        assert_eq!(text.starts_with("cannot be told"), untold, "{text}");
        let reason = "exchange odd: its type x-odd is a plugin’s and not known here";
        assert_eq!(
            text.lines().nth(1).unwrap_or_default().contains(reason),
            untold,
            "{text}"
        );
        if untold {
            let why = &told["untold"][0];
            assert_eq!(
                (&why["because"], &why["by"]),
                (&json!("type"), &json!("x-odd"))
            );
        }
    }
    let (told, text) = explained(&file, &["--exchange", "odd", "--key", "k"]);
    assert_eq!(told["visited"][0]["type"], "x-odd");
    assert_eq!(told["visited"][0]["bindings"][0]["matched"], Json::Null);
    assert!(text.contains("? k → far  cannot be told"), "{text}");
}

// E47
#[test]
fn a_dead_message_that_comes_to_an_unknown_type_is_not_said_to_end() {
    let (told, text) = explained(&odd(), &["--exchange", "in", "--key", "sure"]);
    let letter = &told["waits"][0]["dead_letter"];
    assert_eq!(
        (&letter["exists"], &letter["queues"]),
        (&json!(true), &json!([]))
    );
    assert_eq!(letter["deaths"][0]["untold"][0]["because"], "type");
    assert!(
        text.contains("if it dies there, it goes to odd; all else cannot be told"),
        "{text}"
    );
}

// E47, O12
#[test]
fn an_exchange_of_an_unknown_type_is_in_the_world_and_comes_out_as_it_was() {
    let loaded = load(&odd());
    let spec = loaded
        .setup
        .exchanges
        .iter()
        .find(|spec| spec.name == "odd")
        .expect("it is there");
    assert_eq!(
        (spec.kind, spec.type_name()),
        (ExchangeKind::Unknown, "x-odd")
    );
    World::new(&loaded.setup).expect("a world");
    let written = parsed(&loaded.to_definitions().document.to_json());
    same_topology(&written, &odd());
    let again = saved(&loaded);
    assert_eq!(again.setup.exchanges, loaded.setup.exchanges);
}

// E41, E43, E44, E45
#[test]
fn the_types_that_are_known_are_simulated() {
    let file = json!({
        "vhosts": [{"name": "/"}],
        "exchanges": [
            exchange("hash", "x-consistent-hash", json!({"hash-property": "message_id"})),
            exchange("later", "x-delayed-message", json!({"x-delayed-type": "topic"})),
            exchange("any", "x-random", json!({})),
            exchange("past", "x-recent-history", json!({"x-recent-history-length": 2})),
        ],
        "queues": [queue("c0", json!({})), queue("c1", json!({})), queue("c2", json!({})), queue("c3", json!({}))],
        "bindings": [
            binding("hash", "c0", "queue", "1"),
            binding("hash", "c1", "queue", "2"),
            binding("hash", "c2", "queue", "3"),
            binding("hash", "c3", "queue", "10"),
            binding("later", "c1", "queue", "a.*"),
            binding("any", "c0", "queue", ""),
            binding("any", "c1", "queue", ""),
            binding("past", "c2", "queue", "whatever"),
        ],
    });
    let loaded = load(&file);
    assert_eq!(loaded.notices, [""; 0]);
    same_topology(&parsed(&loaded.to_definitions().document.to_json()), &file);
    let again = saved(&loaded);
    let saved = (&again.setup.exchanges, &again.setup.bindings);
    assert_eq!(saved, (&loaded.setup.exchanges, &loaded.setup.bindings));

    let (told, _) = explained(&file, &["--exchange", "hash", "--message-id", "id2"]);
    assert_eq!(
        (&told["outcome"], &told["queues"]),
        (&json!("routed"), &json!(["c1"]))
    );
    let ask = [
        "--exchange",
        "later",
        "--key",
        "a.b",
        "--header",
        "x-delay=5000",
    ];
    let (told, text) = explained(&file, &ask);
    assert_eq!(
        (&told["outcome"], &told["queues"]),
        (&json!("routed"), &json!(["c1"]))
    );
    let later = &told["later"][0];
    assert_eq!(
        (&later["after_ms"], &later["queues"]),
        (&json!(5000), &json!(["c1"]))
    );
    assert!(
        text.contains("after 5 s, when later passes it on"),
        "{text}"
    );
    let (told, _) = explained(&file, &["--exchange", "later", "--header", "x-delay=soon"]);
    assert_eq!(
        (&told["outcome"], &told["refusal"]["code"]),
        (&json!("refused"), &json!(541))
    );
    let (told, _) = explained(&file, &["--exchange", "any"]);
    assert_eq!(told["by_chance"], json!(["any"]));
    let (told, _) = explained(&file, &["--exchange", "past"]);
    assert_eq!(told["queues"], json!(["c2"]));
}

fn shovel(name: &str, value: Json) -> Json {
    json!({"vhost": "/", "component": "shovel", "name": name, "value": value})
}

/// Queues `q` and `other`, both bound to the topic exchange `in`, and these parameters.
fn moving(parameters: &[Json], policies: &[Json]) -> Json {
    json!({
        "vhosts": [{"name": "/"}],
        "parameters": parameters,
        "policies": policies,
        "exchanges": [exchange("in", "topic", json!({}))],
        "queues": [queue("q", json!({})), queue("other", json!({}))],
        "bindings": [
            binding("in", "q", "queue", "a.#"),
            binding("in", "other", "queue", "b.#"),
        ],
    })
}

// E48
#[test]
fn what_a_shovel_reads_may_go_on_elsewhere() {
    let away = shovel(
        "away",
        json!({"src-uri": "amqp://", "src-queue": "q",
        "dest-uri": "amqp://me:secret@far.example.org/x?heartbeat=5", "dest-queue": "there"}),
    );
    let file = moving(&[away], &[]);
    let (told, text) = explained(&file, &["--exchange", "in", "--key", "a.b"]);
    assert_eq!(
        (&told["outcome"], &told["queues"]),
        (&json!("untold"), &json!(["q"]))
    );
    let why = json!({"what": "queue", "name": "q", "because": "shovel", "by": "away",
        "why": "shovel away reads it and carries its messages to queue there at amqp://far.example.org/x"});
    assert_eq!(told["untold"], json!([why]));
    assert!(!text.contains("secret"), "{text}");
    let (told, _) = explained(&file, &["--exchange", "in", "--key", "b.b"]);
    assert_eq!(told["outcome"], "routed");
    let loaded = load(&file);
    let again = saved(&loaded);
    assert_eq!(again.setup.movers, loaded.setup.movers);
}

// E48
#[test]
fn a_shovel_that_reads_an_exchange_gets_what_its_key_matches() {
    let logs = shovel(
        "logs",
        json!({"src-uri": "amqp://localhost", "src-exchange": "in", "src-exchange-key": "a.*",
        "dest-uri": "amqp://far", "dest-exchange": "in"}),
    );
    let file = moving(&[logs], &[]);
    for (key, outcome) in [
        ("a.b", "untold"),
        ("a.b.c", "routed"),
        ("b.x", "routed"),
        ("c", "unroutable"),
    ] {
        let (told, _) = explained(&file, &["--exchange", "in", "--key", key]);
        assert_eq!(told["outcome"], outcome, "{key}");
    }
}

// E48
#[test]
fn which_broker_a_shovel_reads_from_is_told_by_its_address() {
    for (source, reads) in [
        (json!("amqp://"), true),
        (json!("amqp:///%2F"), true),
        (json!("amqp:///other"), false),
        (json!("amqp://far.example.org/other"), false),
        // This broker may be called so.
        (json!("amqp://far.example.org"), true),
        (json!(["amqp:///other", "amqp://localhost:5672"]), true),
        (json!("encrypted:abc"), true),
    ] {
        let value = json!({"src-uri": source, "src-queue": "q", "dest-uri": "amqp://far", "dest-queue": "x"});
        let found = load(&moving(&[shovel("s", value)], &[])).setup.movers;
        assert_eq!(!found.is_empty(), reads, "{source}");
    }
    // From a queue of the same name elsewhere to the one here.
    let value = json!({"src-uri": "amqp://far", "src-queue": "q", "dest-uri": "amqp://", "dest-queue": "q"});
    assert_eq!(load(&moving(&[shovel("s", value)], &[])).setup.movers, []);
    // AMQP 1.0 has addresses.
    let value = json!({"src-protocol": "amqp10", "src-uri": "amqp://localhost", "src-address": "/queues/q",
        "dest-uri": "amqp://far", "dest-address": "/queues/x"});
    let found = load(&moving(&[shovel("s", value)], &[])).setup.movers;
    assert_eq!(found[0].reads, Target::Queue("q".into()));
}

// E48
#[test]
fn what_is_federated_may_be_read_by_another_broker() {
    let up = json!({"vhost": "/", "component": "federation-upstream", "name": "up", "value": {"uri": "amqp://far"}});
    let set = json!({"vhost": "/", "component": "federation-upstream-set", "name": "some",
        "value": [{"upstream": "up"}]});
    let policy = |definition: Json, priority: i64| {
        json!({"vhost": "/", "name": format!("p{priority}"), "pattern": "^(in|q)$", "apply-to": "all",
            "priority": priority, "definition": definition})
    };
    for definition in [
        json!({"federation-upstream": "up"}),
        json!({"federation-upstream-set": "all"}),
        json!({"federation-upstream-set": "some"}),
    ] {
        let file = moving(&[up.clone(), set.clone()], &[policy(definition.clone(), 0)]);
        let found = load(&file).setup.movers;
        let reads: Vec<_> = found.iter().map(|mover| mover.reads.clone()).collect();
        let wanted = [Target::Exchange("in".into()), Target::Queue("q".into())];
        assert_eq!(reads, wanted, "{definition}");
        assert!(
            found
                .iter()
                .all(|mover| mover.kind == MoverKind::Federation)
        );
        let (told, _) = explained(&file, &["--exchange", "in", "--key", "b.x"]);
        assert_eq!(
            (&told["outcome"], &told["queues"]),
            (&json!("untold"), &json!(["other"]))
        );
        assert_eq!(told["untold"][0]["because"], "federation");
    }
    // Another policy comes first, and federates nothing.
    let policies = [
        policy(json!({"federation-upstream": "up"}), 0),
        policy(json!({"max-length": 5}), 1),
    ];
    assert_eq!(load(&moving(&[up], &policies)).setup.movers, []);
}

// E48
#[test]
fn another_virtual_host_of_the_file_may_federate_from_this_one() {
    let mut file = moving(&[], &[]);
    file["vhosts"] = json!([{"name": "/"}, {"name": "b"}]);
    file["parameters"] = json!([{"vhost": "b", "component": "federation-upstream", "name": "home",
        "value": {"uri": "amqp:///%2F"}}]);
    file["policies"] = json!([{"vhost": "b", "name": "p", "pattern": "^in$", "apply-to": "exchanges", "priority": 0,
        "definition": {"federation-upstream": "home"}}]);
    let mut there = exchange("in", "topic", json!({}));
    there["vhost"] = json!("b");
    file["exchanges"]
        .as_array_mut()
        .expect("a list")
        .push(there);
    let text = file.to_string();
    let loaded = leveret::scenario::definitions::read("lab.json", &text).expect("a document");
    assert_eq!(loaded.exchanges.len(), 2);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lab.json");
    std::fs::write(&path, &text).expect("a file");
    let path = path.display().to_string();
    let scenario =
        leveret::scenario::open_in(&path, Some("/")).unwrap_or_else(|error| panic!("{error}"));
    let [mover] = &scenario.setup.movers[..] else {
        panic!("{:?}", scenario.setup.movers);
    };
    assert_eq!(mover.reads, Target::Exchange("in".into()));
    assert_eq!(&*mover.to, "exchange in in virtual host b");
}
