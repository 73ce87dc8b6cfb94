//! A virtual host of RabbitMQ's definitions as a scenario, and a scenario's topology as definitions.

use leveret::broker::{
    ExchangeKind, ExchangeSpec, PermissionsSpec, PolicySpec, Profile, QueueSpec, Target, UserSpec,
    Value,
};
use leveret::scenario::definitions::{Exported, read};
use leveret::scenario::{LoadError, Scenario, load_path_in, load_str};
use leveret::world::{BindingSetup, Pace, QueueSetup, Setup, World};
use serde_json::{Value as Json, json};

use crate::definitions::{LAB, parsed};

fn load(text: &str) -> Scenario {
    load_str("lab.json", text).unwrap_or_else(|error| panic!("{error}"))
}

/// One of several virtual hosts.
fn load_in(text: &str, vhost: &str) -> Scenario {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lab.json");
    std::fs::write(&path, text).expect("a file");
    load_path_in(&path, Some(vhost)).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str) -> LoadError {
    load_str("lab.json", text).expect_err("a mistake")
}

/// The document of a scenario's topology, as JSON, and what is said of the rest.
fn exported(scenario: &Scenario) -> (Json, Vec<String>) {
    let Exported { document, notices } = scenario.to_definitions();
    (parsed(&document.to_json()), notices)
}

/// A file that is read and written again, without a world made of it in between.
fn as_written(file: &Json) -> Json {
    let document = read("lab.json", &file.to_string()).unwrap_or_else(|error| panic!("{error}"));
    parsed(&document.to_json())
}

fn notice(scenario: &Scenario, wanted: &str) {
    let told = &scenario.notices;
    let count = told.iter().filter(|told| told.contains(wanted)).count();
    assert_eq!(count, 1, "{wanted:?} in {told:#?}");
}

// O10
#[test]
fn the_example_of_the_rules_is_a_world_to_publish_into() {
    let lab = load(LAB);
    let setup = &lab.setup;
    assert_eq!(lab.title.get("en"), "lab.json");
    assert_eq!(
        (setup.profile, setup.vhost.as_str()),
        (Profile::V4_2, "lab")
    );
    assert_eq!(
        setup.exchanges,
        [ExchangeSpec::new("news", ExchangeKind::Topic)]
    );
    let inbox = QueueSpec::new("tmp.inbox").with("x-queue-type", "classic");
    assert_eq!(
        setup.queues,
        [QueueSetup {
            spec: inbox,
            by: None
        }]
    );
    let [binding] = &setup.bindings[..] else {
        panic!("{:?}", setup.bindings);
    };
    assert_eq!(binding.destination, Target::Queue("tmp.inbox".into()));
    assert_eq!(
        (binding.source.as_str(), binding.key.as_str()),
        ("news", "sport.#")
    );
    assert_eq!(setup.policies.len(), 1);
    assert!(!setup.policies[0].operator);
    let [ann] = &setup.users[..] else {
        panic!("{:?}", setup.users);
    };
    let everything = ".*".to_owned();
    assert_eq!(
        ann.permissions,
        Some(PermissionsSpec {
            configure: everything.as_str().into(),
            write: everything.as_str().into(),
            read: everything.as_str().into(),
        })
    );
    let [you] = &setup.publishers[..] else {
        panic!("{:?}", setup.publishers);
    };
    assert_eq!((you.name.as_str(), you.exchange.as_str()), ("you", "news"));
    assert!(you.pace == Pace::Script && you.messages.is_empty());
    notice(&lab, "password hashes are kept");
    assert_eq!(lab.notices.len(), 1, "{:?}", lab.notices);
}

/// Everything at once: two virtual hosts, plugins, parameters, limits, unknown fields, bindings of what is not there.
fn large() -> String {
    json!({
        "rabbit_version": "3.12.1", "rabbitmq_version": "3.12.1", "more": {"deep": [1]},
        "users": [
            {"name": "guest", "password_hash": "Z3Vlc3Q=", "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": "administrator"},
            {"name": "ann", "password_hash": "cmFiYml0", "hashing_algorithm": "rabbit_password_hashing_sha512", "tags": ["monitoring"], "limits": {"max-channels": 5}}],
        "vhosts": [{"name": "/", "metadata": {"description": "", "tags": [], "default_queue_type": "quorum"}}, {"name": "empty"}],
        "permissions": [
            {"user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"},
            {"user": "ann", "vhost": "/", "configure": "^a", "write": "", "read": ".*"},
            {"user": "ann", "vhost": "empty", "configure": "", "write": "", "read": ""}],
        "topic_permissions": [{"user": "ann", "vhost": "/", "exchange": "news", "write": "a", "read": "b"}],
        "parameters": [
            {"vhost": "/", "component": "shovel", "name": "s", "value": {"src-uri": "amqp://"}},
            {"vhost": "/", "component": "operator_policy", "name": "cap", "value": {"pattern": "", "apply-to": "queues", "definition": {"max-length": 10}}}],
        "global_parameters": [{"name": "cluster_name", "value": "rabbit@here"}],
        "policies": [{"vhost": "/", "name": "ha", "pattern": ".*", "apply-to": "all", "priority": 0,
            "definition": {"ha-mode": "all", "message-ttl": 7, "shovelled": true}}],
        "queues": [
            {"name": "a", "vhost": "/", "durable": true, "auto_delete": false, "arguments": {}, "durabel": true},
            {"name": "b", "vhost": "/", "type": "stream", "durable": true, "auto_delete": false, "arguments": {}},
            {"name": "c", "vhost": "/", "durable": false, "auto_delete": false, "arguments": {"x-max-priority": 3}},
            {"name": "odd", "vhost": "/", "type": "x-odd", "durable": true, "auto_delete": false, "arguments": {"x-queue-type": "x-odd"}},
            {"name": "amq.gen-1", "vhost": "/", "durable": false, "auto_delete": false, "arguments": {}}],
        "exchanges": [
            {"name": "later", "vhost": "/", "type": "x-delayed-message", "durable": true, "auto_delete": false, "internal": false, "arguments": {"x-delayed-type": "direct"}},
            {"name": "hash", "vhost": "/", "type": "x-consistent-hash", "durable": true, "auto_delete": false, "internal": false, "arguments": {}},
            {"name": "inside", "vhost": "/", "type": "fanout", "durable": true, "auto_delete": false, "internal": true, "arguments": {}},
            {"name": "amq.topic", "vhost": "/", "type": "topic", "durable": true, "auto_delete": false, "internal": false, "arguments": {}}],
        "bindings": [
            {"source": "later", "vhost": "/", "destination": "a", "destination_type": "queue", "routing_key": "a", "arguments": {}, "properties_key": "a"},
            {"source": "hash", "vhost": "/", "destination": "a", "destination_type": "queue", "routing_key": "1", "arguments": {}},
            {"source": "later", "vhost": "/", "destination": "odd", "destination_type": "queue", "routing_key": "", "arguments": {}},
            {"source": "later", "vhost": "/", "destination": "gone", "destination_type": "queue", "routing_key": "", "arguments": {}},
            {"source": "amq.topic", "vhost": "/", "destination": "inside", "destination_type": "exchange", "routing_key": "#", "arguments": {}},
            {"source": "lost", "vhost": "/", "destination": "a", "destination_type": "queue", "routing_key": "", "arguments": {}},
            {"source": "", "vhost": "/", "destination": "a", "destination_type": "queue", "routing_key": "a", "arguments": {}}]
    })
    .to_string()
}

#[test]
fn what_does_not_act_is_kept_and_told() {
    let text = large();
    let loaded = load(&text);
    let setup = &loaded.setup;
    assert_eq!(setup.profile, Profile::V3_13);
    let exchanges: Vec<_> = setup
        .exchanges
        .iter()
        .map(|spec| (&*spec.name, spec.kind))
        .collect();
    assert_eq!(
        exchanges,
        [
            ("later", ExchangeKind::Delayed),
            ("hash", ExchangeKind::ConsistentHash),
            ("inside", ExchangeKind::Fanout)
        ]
    );
    // Q4: a queue's own word, the virtual host's default, and what cannot be of it.
    let queues: Vec<_> = setup
        .queues
        .iter()
        .map(|queue| {
            (
                &*queue.spec.name,
                queue.spec.arguments.get("x-queue-type").cloned(),
            )
        })
        .collect();
    let of = |kind: &str| Some(Value::from(kind));
    assert_eq!(
        queues,
        [("a", of("quorum")), ("b", of("quorum")), ("c", None)]
    );
    let bindings: Vec<_> = setup
        .bindings
        .iter()
        .map(|binding| &*binding.source)
        .collect();
    assert_eq!(bindings, ["later", "hash", "amq.topic"]);
    // O3: 3.13 still knows mirroring; nobody knows `shovelled`.
    let keys: Vec<_> = setup.policies[0]
        .definition
        .keys()
        .map(|key| &**key)
        .collect();
    assert_eq!(keys, ["ha-mode", "message-ttl"]);
    assert!(setup.policies[1].operator);
    assert_eq!(setup.policies[1].definition["max-length"], Value::Int(10));
    assert_eq!(setup.users.len(), 1);
    assert_eq!(setup.users[0].topic_permissions[0].exchange, "news");

    for wanted in [
        "queue `b`: \"type\": \"stream\" says nothing to RabbitMQ when it imports the file: it becomes a quorum queue",
        "queue `odd`: its type x-odd",
        "topic_permissions[0].exchange: the file lists no exchange `news`; an import fails on it from RabbitMQ 4.3 on",
        "queue `amq.gen-1`: its name is the broker’s own, so RabbitMQ skips it too",
        "one binding of `odd` not shown",
        "bindings[3].destination: the file has no queue `gone`",
        "bindings[5].source: the file has no exchange `lost`",
        "policy `ha`: `ha-mode` is kept",
        "policy `ha`: `shovelled` is kept",
        "one parameter of `shovel` kept",
        "one global parameter kept",
        "password hashes",
        "limits of users",
        "knows them: `more`, `queues[].durabel`",
    ] {
        notice(&loaded, wanted);
    }
    assert_eq!(loaded.notices.len(), 14, "{:#?}", loaded.notices);
    let at = text.find("\"gone\"").expect("the name") + 1;
    notice(&loaded, &format!("line 1, column {at}: "));
}

#[test]
fn a_round_trip_through_the_world_loses_nothing() {
    let text = large();
    let (written, notices) = exported(&load(&text));
    let mut wanted = parsed(&text);
    // Tags are a list today.
    wanted["users"][0]["tags"] = json!(["administrator"]);
    assert_eq!(written, wanted);
    assert_eq!(notices, [""; 0]);
    assert_eq!(load(&written.to_string()).setup, load(&text).setup);
}

#[test]
fn what_changed_in_the_world_changes_in_the_file() {
    let mut loaded = load(&large());
    let setup = &mut loaded.setup;
    setup.queues.retain(|queue| queue.spec.name != "b");
    setup.queues[0].spec.auto_delete = true;
    setup.queues.push(QueueSetup::new("new"));
    setup.bindings.remove(0);
    setup.users[0].tags.clear();
    setup.users[0].permissions = None;
    setup.policies[1]
        .definition
        .insert("max-length".into(), Value::Int(20));
    setup.exchanges[2].durable = false;
    let (written, _) = exported(&loaded);
    let names = |list: &str| -> Vec<String> {
        let list = written[list].as_array().expect("a list").iter();
        list.map(|entry| entry["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(names("queues"), ["a", "c", "odd", "amq.gen-1", "new"]);
    assert_eq!(written["queues"][0]["auto_delete"], true);
    assert_eq!(written["queues"][0]["durabel"], true);
    assert_eq!(written["queues"][4]["vhost"], "/");
    assert_eq!(written["bindings"].as_array().map(Vec::len), Some(6));
    assert_eq!(written["users"][1]["password_hash"], "cmFiYml0");
    assert_eq!(written["users"][1]["tags"], json!([]));
    let permissions = written["permissions"].as_array().expect("a list");
    let of: Vec<_> = permissions
        .iter()
        .map(|entry| (&entry["user"], &entry["vhost"]))
        .collect();
    assert_eq!(
        of,
        [
            (&json!("guest"), &json!("/")),
            (&json!("ann"), &json!("empty"))
        ]
    );
    assert_eq!(
        written["parameters"][1]["value"]["definition"]["max-length"],
        20
    );
    assert_eq!(written["exchanges"][2]["durable"], false);
    assert_eq!(written["exchanges"][2]["internal"], true);
}

fn topology() -> Scenario {
    let mut scenario = load("{}");
    scenario.definitions = None;
    let exclusive = QueueSpec {
        exclusive: true,
        ..QueueSpec::new("mine")
    };
    let inside = ExchangeSpec {
        internal: true,
        ..ExchangeSpec::new("inside", ExchangeKind::Fanout)
    };
    let binding = |source: &str, destination| BindingSetup {
        source: source.into(),
        destination,
        key: "k".into(),
        arguments: [].into(),
        latency: Some(leveret::broker::Micros(5)),
    };
    let queue = |name: &str| Target::Queue(name.into());
    scenario.setup = Setup {
        profile: Profile::V4_3,
        vhost: "shop".into(),
        exchanges: vec![ExchangeSpec::new("orders", ExchangeKind::Headers), inside],
        queues: vec![
            QueueSetup::new("bills"),
            QueueSetup {
                spec: exclusive,
                by: Some("client".into()),
            },
        ],
        bindings: vec![
            binding("orders", queue("bills")),
            binding("orders", queue("mine")),
            binding("orders", Target::Exchange("inside".into())),
            binding("amq.fanout", queue("bills")),
        ],
        policies: vec![PolicySpec {
            name: "cap".into(),
            pattern: "^b".into(),
            apply_to: leveret::broker::ApplyTo::ClassicQueues,
            priority: 3,
            definition: [("max-length".into(), Value::Int(5))].into(),
            operator: true,
        }],
        users: vec![UserSpec {
            name: "ann".into(),
            tags: vec!["monitoring".into()],
            permissions: Some(PermissionsSpec {
                configure: "".into(),
                write: "o".into(),
                read: "b".into(),
            }),
            topic_permissions: Vec::new(),
        }],
        ..Setup::default()
    };
    scenario
}

// O11
#[test]
fn a_scenarios_topology_is_written_as_rabbitmq_would() {
    let (written, notices) = exported(&topology());
    let wanted = json!({
        "rabbitmq_version": "4.3",
        "users": [{"name": "ann", "tags": ["monitoring"], "password_hash": "", "hashing_algorithm": "rabbit_password_hashing_sha256"}],
        "vhosts": [{"name": "shop"}],
        "permissions": [{"user": "ann", "vhost": "shop", "configure": "", "write": "o", "read": "b"}],
        "topic_permissions": [],
        "parameters": [{"vhost": "shop", "component": "operator_policy", "name": "cap",
            "value": {"pattern": "^b", "apply-to": "classic_queues", "priority": 3, "definition": {"max-length": 5}}}],
        "global_parameters": [],
        "policies": [],
        "queues": [{"name": "bills", "vhost": "shop", "durable": true, "auto_delete": false, "arguments": {}}],
        "exchanges": [{"name": "orders", "vhost": "shop", "type": "headers", "durable": true, "auto_delete": false, "internal": false, "arguments": {}}],
        "bindings": [
            {"source": "orders", "vhost": "shop", "destination": "bills", "destination_type": "queue", "routing_key": "k", "arguments": {}},
            {"source": "amq.fanout", "vhost": "shop", "destination": "bills", "destination_type": "queue", "routing_key": "k", "arguments": {}}],
    });
    assert_eq!(written, parsed(&wanted.to_string()));
    let told = notices.join("\n");
    for wanted in [
        "exchange `inside` is internal",
        "queue `mine`",
        "2 bindings left out",
        "`ann` is written without a password",
    ] {
        assert!(told.contains(wanted), "{told}");
    }
    // And it comes back as it was, but for what is not in it.
    let again = load(&written.to_string());
    assert_eq!(
        (again.setup.profile, &*again.setup.vhost),
        (Profile::V4_3, "shop")
    );
    assert_eq!(again.setup.policies, topology().setup.policies);
    assert_eq!(again.setup.users, topology().setup.users);
    assert_eq!(again.setup.bindings.len(), 2);
}

#[test]
fn of_several_virtual_hosts_one_is_to_be_chosen() {
    let two = r#"{"vhosts": [{"name": "one"}, {"name": "two"}, {"name": "none"}],
        "queues": [{"name": "a", "vhost": "one"}, {"name": "b", "vhost": "two"}]}"#;
    let told = refused(two).to_string();
    assert!(
        told.contains("several virtual hosts are in this file: `one`, `two`")
            && told.contains("--vhost"),
        "{told}"
    );
    let one = two.replace(r#", {"name": "b", "vhost": "two"}"#, "");
    assert_eq!(load(&one).setup.vhost, "one");
    // O14
    let unnamed = load(r#"{"queues": [{"name": "a"}]}"#);
    assert_eq!(unnamed.setup.vhost, "/");
    let (written, _) = exported(&unnamed);
    assert!(written.get("vhosts").is_none() && written["queues"][0].get("vhost").is_none());
}

// E13, E25, E30, Q4, Q8, Q12, O1, O7, C18
#[test]
fn what_the_broker_would_refuse_is_told_with_its_place() {
    let text = r##"{"rabbitmq_version": "4.3.5",
"exchanges": [{"name": "h", "type": "headers"}, {"name": "t", "type": "topic", "arguments": {"alternate-exchange": 5}}],
"queues": [{"name": "q", "arguments": {"x-message-ttl": -1}}, {"name": "r", "auto_delete": true, "arguments": {"x-queue-type": "quorum"}},
{"name": "s", "arguments": {"x-max-age": "1h"}}],
"bindings": [
{"source": "h", "destination": "q", "destination_type": "queue", "arguments": {"x-match": "some"}},
{"source": "t", "destination": "q", "destination_type": "queue", "routing_key": "#.#.a.#"}],
"policies": [{"name": "p", "pattern": "(", "definition": {"expires": 5}},
{"name": "o", "pattern": "", "definition": {"expires": 0}}],
"users": [{"name": "ann"}],
"permissions": [{"user": "ann", "configure": "[", "write": "", "read": ""}],
"parameters": [{"component": "operator_policy", "name": "p", "value": {"pattern": 5, "definition": {}}}]}"##;
    let told = refused(text);
    let places = told.problems().iter().map(|problem| {
        let path = problem.what.split(": ").next().unwrap_or_default();
        let code = problem.what.split("accepts this: ").nth(1);
        let code = code.and_then(|said| said.split(' ').next());
        (problem.place.line, path, code.unwrap_or_default())
    });
    assert_eq!(
        places.collect::<Vec<_>>(),
        [
            (2, "exchanges[1].arguments", "406"),
            (3, "queues[0].arguments", "406"),
            (3, "queues[1].auto_delete", "406"),
            (4, "queues[2].arguments", "406"),
            (6, "bindings[0].arguments", "406"),
            (7, "bindings[1].routing_key", "406"),
            (8, "policies[0].pattern", "406"),
            (9, "policies[1].definition", "406"),
            (11, "permissions[0].configure", "406"),
            (12, "parameters[0].value", ""),
        ]
    );
    let told = told.to_string();
    assert!(
        told.contains("parameters[0].value: pattern: expected a text, found the number `5`"),
        "{told}"
    );
    // The same text without what is refused is loaded.
    let right = text
        .replace(
            "\"arguments\": {\"alternate-exchange\": 5}",
            "\"arguments\": {}",
        )
        .replace("-1", "1")
        .replace("\"auto_delete\": true, ", "")
        .replace("{\"x-max-age\": \"1h\"}", "{}")
        .replace("some", "any")
        .replace("#.#.a.#", "#.a.#")
        .replace("\"(\"", "\"a\"")
        .replace("\"expires\": 0", "\"expires\": 1")
        .replace("\"[\"", "\"\"")
        .replace(
            "{\"pattern\": 5, \"definition\": {}}",
            "{\"pattern\": \"5\", \"definition\": {\"expires\": 9}}",
        );
    assert_eq!(load(&right).setup.profile, Profile::V4_3);
}

#[test]
fn you_publish_where_messages_come_in() {
    let entrance = |exchanges: &[&str], bindings: &[(&str, &str, &str)]| {
        let exchanges: Vec<_> = exchanges
            .iter()
            .map(|name| json!({"name": name, "type": "fanout", "internal": name.starts_with("internal")}))
            .collect();
        let bindings: Vec<_> = bindings
            .iter()
            .map(|(source, kind, destination)| {
                json!({"source": source, "destination_type": kind, "destination": destination})
            })
            .collect();
        let text = json!({"exchanges": exchanges, "queues": [{"name": "q"}], "bindings": bindings});
        load(&text.to_string()).setup.publishers[0]
            .exchange
            .to_string()
    };
    assert_eq!(entrance(&[], &[]), "");
    assert_eq!(entrance(&["idle"], &[]), "");
    let chain = [
        ("inner", "queue", "q"),
        ("outer", "exchange", "inner"),
        ("internal", "queue", "q"),
    ];
    assert_eq!(
        entrance(&["internal", "idle", "inner", "outer"], &chain),
        "outer"
    );
    assert_eq!(entrance(&["a"], &[("a", "exchange", "a")]), "a");
}

// Q4, O14
#[test]
fn the_default_queue_type_of_a_file_of_one_virtual_host_acts() {
    let queues = json!([{"name": "a"}, {"name": "b", "arguments": {"x-queue-type": "classic"}}]);
    for file in [
        json!({"metadata": {"default_queue_type": "quorum"}, "queues": queues}),
        json!({"default_queue_type": "quorum", "queues": queues}),
    ] {
        let loaded = load(&file.to_string());
        let kinds = loaded.setup.queues.iter();
        let kinds: Vec<_> = kinds
            .map(|queue| queue.spec.arguments.get("x-queue-type").cloned())
            .collect();
        assert_eq!(kinds, [Some("quorum".into()), Some("classic".into())]);
        assert_eq!(exported(&loaded).0, as_written(&file));
    }
    let undefined = json!({"default_queue_type": "undefined", "queues": queues});
    let undefined = load(&undefined.to_string());
    assert!(undefined.setup.queues[0].spec.arguments.is_empty());
}

// C17
#[test]
fn names_in_a_file_lose_their_line_breaks_wherever_they_stand() {
    let file = json!({
        "exchanges": [
            {"name": "e\nf", "type": "fanout", "arguments": {"alternate-exchange": "g\r\nh"}},
            {"name": "g\r\nh", "type": "topic"}],
        "queues": [{"name": "a\r\nb", "arguments": {"x-dead-letter-exchange": "e\nf"}}],
        "bindings": [
            {"source": "e\nf", "destination": "a\r\nb", "destination_type": "queue"},
            {"source": "e\nf", "destination": "g\r\nh", "destination_type": "exchange"}],
        "policies": [{"name": "p", "pattern": "^e", "definition": {"alternate-exchange": "g\nh"}}],
        "users": [{"name": "ann"}],
        "permissions": [{"user": "ann", "configure": "", "write": "", "read": ""}],
        "topic_permissions": [{"user": "ann", "exchange": "g\nh", "write": "a", "read": "b"}],
    });
    let loaded = load(&file.to_string());
    let setup = &loaded.setup;
    assert_eq!(setup.exchanges[0].name, "ef");
    assert_eq!(
        setup.exchanges[0].arguments["alternate-exchange"],
        Value::from("gh")
    );
    assert_eq!(setup.queues[0].spec.name, "ab");
    assert_eq!(
        setup.queues[0].spec.arguments["x-dead-letter-exchange"],
        Value::from("ef")
    );
    let to_queue = Target::Queue("ab".into());
    let to_exchange = Target::Exchange("gh".into());
    let ways = setup.bindings.iter();
    let ways: Vec<_> = ways
        .map(|binding| (&*binding.source, &binding.destination))
        .collect();
    assert_eq!(ways, [("ef", &to_queue), ("ef", &to_exchange)]);
    assert_eq!(
        setup.policies[0].definition["alternate-exchange"],
        Value::from("gh")
    );
    assert_eq!(setup.users[0].topic_permissions[0].exchange, "gh");
    assert_eq!(setup.publishers[0].exchange, "ef");
    World::new(setup).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loaded.notices, [""; 0]);
    assert_eq!(exported(&loaded).0, as_written(&file));
}

// O12
#[test]
fn a_name_of_the_brokers_own_is_told_as_skipped_and_not_as_missing() {
    let file = json!({
        "exchanges": [{"name": "amq.direct", "type": "fanout"}, {"name": "amq.mine", "type": "direct"}],
        "queues": [{"name": "q"}, {"name": "amq.gen-x"}],
        "bindings": [
            {"source": "amq.mine", "destination": "q", "destination_type": "queue"},
            {"source": "amq.fanout", "destination": "amq.gen-x", "destination_type": "queue"}],
    });
    let loaded = load(&file.to_string());
    for wanted in [
        "exchange `amq.mine`: its name is the broker’s own, so RabbitMQ skips it too",
        "queue `amq.gen-x`: its name is the broker’s own, so RabbitMQ skips it too",
        "one binding of `amq.mine` not shown",
        "one binding of `amq.gen-x` not shown",
    ] {
        notice(&loaded, wanted);
    }
    assert_eq!(loaded.notices.len(), 4, "{:#?}", loaded.notices);
}

// O6
#[test]
fn a_policys_key_that_does_not_act_there_is_told() {
    let policy = |definition: Json| json!({"pattern": ".*", "definition": definition});
    let file = json!({
        "rabbitmq_version": "4.2.1",
        "policies": [{"name": "p", "pattern": ".*", "definition": {"delayed-retry-type": "all", "max-length": 1}}],
        "parameters": [{"component": "operator_policy", "name": "o", "value": policy(json!({"dead-letter-exchange": "x"}))}],
    });
    let loaded = load(&file.to_string());
    notice(
        &loaded,
        "operator policy `o`: `dead-letter-exchange` is for policies only",
    );
    notice(
        &loaded,
        "policy `p`: RabbitMQ 4.2 does not know `delayed-retry-type`",
    );
    assert_eq!(loaded.notices.len(), 2, "{:#?}", loaded.notices);
}

// Q8, Q12, D6, O1, O7, C18
#[test]
fn what_is_refused_is_marked_at_its_field_and_has_a_hint_of_its_own() {
    let queue = |durable: bool, arguments: Json| json!({"queues": [{"name": "q", "durable": durable, "arguments": arguments}]});
    let policy = |pattern: &str, definition: Json| json!({"policies": [{"name": "p", "pattern": pattern, "definition": definition}]});
    let permission = |write: &str| json!({"permissions": [{"user": "u", "configure": "", "write": write, "read": ""}]});
    let cases = [
        (
            queue(false, json!({"x-queue-type": "quorum"})),
            "queues[0].durable",
            "durable",
        ),
        (
            queue(true, json!({"x-queue-type": "stream", "x-max-age": "7X"})),
            "queues[0].arguments",
            "such as \"7D\"",
        ),
        (
            queue(true, json!({"x-dead-letter-routing-key": "a"})),
            "queues[0].arguments",
            "together with the exchange",
        ),
        (
            policy("(", json!({"max-length": 5})),
            "policies[0].pattern",
            "regular expression",
        ),
        (
            policy("a", json!({})),
            "policies[0].definition",
            "set something",
        ),
        (
            policy("a", json!({"dead-letter-exchange": 5})),
            "policies[0].definition",
            "as texts",
        ),
        (
            policy("a", json!({"max-age": "7X"})),
            "policies[0].definition",
            "such as \"7D\"",
        ),
        (
            permission("*"),
            "permissions[0].write",
            "as a regular expression",
        ),
    ];
    for (file, path, hint) in cases {
        let told = refused(&file.to_string());
        let [problem] = told.problems() else {
            panic!("{told}");
        };
        assert!(problem.what.starts_with(&format!("{path}: ")), "{told}");
        let advice = problem.hint.as_deref().unwrap_or_default();
        assert!(advice.contains(hint), "{told}");
        assert!(!advice.contains("administrator"), "{told}");
    }
}

// Q4: what live ones of 4.0.5 and 4.3.6 made of such a file.
#[test]
fn the_type_of_a_queue_is_what_its_arguments_say_or_else_the_virtual_hosts_default() {
    let queue = |name: &str, vhost: &str, kind: Json, arguments: Json| json!({"name": name, "vhost": vhost, "type": kind, "arguments": arguments});
    let file = json!({
    "vhosts": [{"name": "/"}, {"name": "v", "metadata": {"default_queue_type": "quorum"}}, {"name": "w", "default_queue_type": "quorum"}],
    "queues": [
        queue("s1", "/", "stream".into(), json!({})),
        queue("s3", "/", "classic".into(), json!({"x-queue-type": "stream"})),
        queue("bogus", "/", "bogus".into(), json!({})),
        queue("plain", "/", "classic".into(), json!({})),
        queue("v1", "v", "stream".into(), json!({})),
        queue("v2", "v", "quorum".into(), json!({})),
        queue("w1", "w", "quorum".into(), json!({})),
    ]});
    for (vhost, kinds, told) in [
        (
            "/",
            &["classic", "stream", "classic", "classic"][..],
            &[
                "`s1`: \"type\": \"stream\" says nothing to RabbitMQ when it imports the file: it becomes a classic queue",
                "`s3`: \"type\": \"classic\" says nothing to RabbitMQ when it imports the file: it becomes a stream queue",
                "`bogus`: \"type\": \"bogus\"",
            ][..],
        ),
        ("v", &["quorum", "quorum"], &["`v1`: \"type\": \"stream\""]),
        (
            "w",
            &["classic"],
            &[
                "virtual host `w`: RabbitMQ does not read \"default_queue_type\": \"quorum\" here",
                "`w1`: \"type\": \"quorum\"",
            ],
        ),
    ] {
        let loaded = load_in(&file.to_string(), vhost);
        let world = World::new(&loaded.setup).unwrap();
        let queues = world.broker().queues().iter();
        assert_eq!(
            queues.map(|queue| queue.kind.as_str()).collect::<Vec<_>>(),
            kinds
        );
        for wanted in told {
            notice(&loaded, wanted);
        }
        let of_types = loaded.notices.iter().filter(|told| told.contains("\": \""));
        assert_eq!(of_types.count(), told.len(), "{:#?}", loaded.notices);
    }
}

// O6: what `rabbitmqctl export_definitions` of a live 4.0.5 wrote, which neither it nor 4.3.6 imported.
#[test]
fn an_operator_policy_in_pairs_is_read_told_and_written_as_it_has_to_be() {
    let with = |definition: Json| {
        json!({"rabbitmq_version": "4.0.5", "vhosts": [{"name": "/"}], "queues": [{"name": "q", "vhost": "/"}],
            "parameters": [{"vhost": "/", "component": "operator_policy", "name": "limits", "value":
                {"apply-to": "queues", "definition": definition, "pattern": ".*", "priority": 3}}]})
    };
    let loaded = load(
        &with(json!([
            ["max-length", 5000],
            ["overflow", "reject-publish"]
        ]))
        .to_string(),
    );
    let policy = &loaded.setup.policies[0];
    assert!(policy.operator && policy.priority == 3);
    assert_eq!(policy.definition["max-length"], Value::Int(5000));
    assert_eq!(policy.definition["overflow"], Value::from("reject-publish"));
    notice(
        &loaded,
        "operator policy `limits`: its definition is a list of pairs",
    );
    assert_eq!(loaded.notices.len(), 1, "{:#?}", loaded.notices);
    let mended = with(json!({"max-length": 5000, "overflow": "reject-publish"}));
    let written = exported(&loaded).0["parameters"].clone();
    assert_eq!(written, as_written(&mended)["parameters"]);
    // What is neither is no policy.
    for wrong in [
        json!([["max-length", 1, 2]]),
        json!([1]),
        json!(["max-length", 5]),
    ] {
        let error = refused(&with(wrong).to_string());
        assert!(error.to_string().contains("parameters[0].value"), "{error}");
    }
}

// O13: a live 4.0.5 and 4.3.6 refuse each of these, as far as the broker has not got it already.
#[test]
fn what_a_file_speaks_of_and_does_not_list_is_told() {
    let permission = |user: &str, vhost: &str| json!({"user": user, "vhost": vhost, "configure": "", "write": "", "read": ""});
    let topic = |user: &str, vhost: &str, exchange: &str| json!({"user": user, "vhost": vhost, "exchange": exchange, "write": "", "read": ""});
    let file = json!({
        "users": [{"name": "bob", "tags": []}],
        "vhosts": [{"name": "v"}],
        "permissions": [permission("bob", "v"), permission("guest", "/"), permission("ann", "v"), permission("ann", "nowhere")],
        "topic_permissions": [topic("eve", "v", "amq.topic"), topic("bob", "v", "gone"), topic("bob", "v", "x")],
        "queues": [{"name": "q", "vhost": "v"}, {"name": "q", "vhost": "elsewhere"}, {"name": "r", "vhost": "elsewhere"}],
        "exchanges": [{"name": "x", "vhost": "v", "type": "topic"}],
        "policies": [{"name": "p", "vhost": "third", "pattern": "", "definition": {"max-length": 5}}],
        "bindings": []
    });
    let text = serde_json::to_string_pretty(&file).unwrap();
    for vhost in ["v", "elsewhere"] {
        let loaded = load_in(&text, vhost);
        let told: Vec<_> = loaded
            .notices
            .iter()
            .filter(|told| told.contains("lists no"))
            .collect();
        assert_eq!(told.len(), 6, "{told:#?}");
        for wanted in [
            "permissions[2].user: the file lists no user `ann`, of which it speaks once more; an import fails on it, unless the broker has that user already",
            "topic_permissions[0].user: the file lists no user `eve`; an import fails",
            "topic_permissions[1].exchange: the file lists no exchange `gone`; an import fails on it from RabbitMQ 4.3 on, unless the broker has that exchange",
            "permissions[3].vhost: the file lists no virtual host `nowhere`",
            "queues[1].vhost: the file lists no virtual host `elsewhere`, of which it speaks once more",
            "policies[0].vhost: the file lists no virtual host `third`",
        ] {
            notice(&loaded, wanted);
        }
        let line = text
            .lines()
            .position(|line| line.contains("\"nowhere\""))
            .unwrap()
            + 1;
        notice(&loaded, &format!("line {line}, column"));
    }
    // What every broker begins with.
    let own =
        json!({"permissions": [permission("guest", "/")], "queues": [{"name": "q", "vhost": "/"}]});
    assert_eq!(load(&own.to_string()).notices, Vec::<String>::new());
    let missing =
        json!({"bindings": [{"source": "x", "destination": "q", "destination_type": "queue"}]});
    notice(
        &load(&missing.to_string()),
        "an import fails on it, unless the broker has the exchange already",
    );
}
