//! RabbitMQ's definitions.json (O10–O14): what is read of it, what is kept, and what is said where it is wrong.

use leveret::broker::{ApplyTo, ExchangeKind, Value};
use leveret::scenario::definitions::{Document, ExchangeType, read};
use leveret::scenario::{LoadError, Place};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::support::cases;

/// The example of the rules.
pub const LAB: &str = r#"{"rabbitmq_version":"4.2.9","vhosts":[{"name":"lab"}],
 "users":[{"name":"ann","password_hash":"","hashing_algorithm":"rabbit_password_hashing_sha256","tags":["administrator"],"limits":{}}],
 "permissions":[{"user":"ann","vhost":"lab","configure":".*","write":".*","read":".*"}],
 "topic_permissions":[],"parameters":[],"global_parameters":[],
 "policies":[{"vhost":"lab","name":"short","pattern":"^tmp\\.","apply-to":"queues","priority":1,"definition":{"message-ttl":5000}}],
 "exchanges":[{"name":"news","vhost":"lab","type":"topic","durable":true,"auto_delete":false,"internal":false,"arguments":{}}],
 "queues":[{"name":"tmp.inbox","vhost":"lab","durable":true,"auto_delete":false,"arguments":{"x-queue-type":"classic"}}],
 "bindings":[{"source":"news","vhost":"lab","destination":"tmp.inbox","destination_type":"queue","routing_key":"sport.#","arguments":{}}]}"#;

fn document(text: &str) -> Document {
    read("definitions.json", text).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str) -> LoadError {
    read("definitions.json", text).expect_err("a mistake")
}

/// The problems of a text: `line:column: what | hint`.
fn problems(text: &str) -> Vec<String> {
    let told = refused(text);
    let problems = told.problems().iter().map(|problem| {
        let Place { line, column } = problem.place;
        let hint = problem.hint.as_deref().unwrap_or_default();
        format!("{line}:{column}: {} | {hint}", problem.what)
    });
    problems.collect()
}

/// JSON with the fields of its objects in one order.
fn sorted(json: &Json) -> Json {
    match json {
        Json::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entries = entries.into_iter();
            Json::Object(
                entries
                    .map(|(key, value)| (key.clone(), sorted(value)))
                    .collect(),
            )
        }
        Json::Array(values) => Json::Array(values.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

pub fn parsed(text: &str) -> Json {
    sorted(&serde_json::from_str(text).expect("JSON"))
}

// O10
#[test]
fn the_example_of_the_rules_is_read() {
    let lab = document(LAB);
    assert_eq!(lab.head["rabbitmq_version"], "4.2.9");
    assert_eq!(lab.vhosts[0].item.name, "lab");
    assert_eq!(lab.users[0].item.tags, ["administrator"]);
    assert_eq!(lab.permissions[0].item.configure, ".*");
    let policy = &lab.policies[0].item;
    assert_eq!(policy.pattern, "^tmp\\.");
    assert_eq!((policy.apply_to, policy.priority), (ApplyTo::Queues, 1));
    assert_eq!(policy.definition["message-ttl"], Value::Int(5000));
    let exchange = &lab.exchanges[0];
    assert_eq!(exchange.vhost.as_deref(), Some("lab"));
    assert_eq!(exchange.item.kind, ExchangeType::Known(ExchangeKind::Topic));
    let queue = &lab.queues[0].item;
    assert_eq!(queue.arguments["x-queue-type"], Value::from("classic"));
    assert_eq!(lab.bindings[0].item.key, "sport.#");
    assert!(!lab.is_of_one_vhost());
}

// O10, O12: what is not known is kept, hashes and all.
#[test]
fn writing_it_again_loses_nothing() {
    let text = json!({
        "rabbit_version": "3.12.1",
        "explanation": "by hand",
        "more": {"deep": [1, 2.5, null]},
        "users": [{"name": "ann", "password_hash": "cmFiYml0", "hashing_algorithm": "rabbit_password_hashing_sha512",
            "tags": ["monitoring", "policymaker"], "limits": {"max-connections": 5}}],
        "vhosts": [
            {"name": "/", "metadata": {"description": "main", "tags": [], "default_queue_type": "quorum"}},
            {"name": "other", "default_queue_type": "classic", "limits": []},
        ],
        "permissions": [{"user": "ann", "vhost": "/", "configure": "^a", "write": "", "read": ".*"}],
        "topic_permissions": [{"user": "ann", "vhost": "/", "exchange": "news", "write": "a", "read": "b"}],
        "parameters": [{"vhost": "/", "component": "shovel", "name": "s", "value": {"src-uri": "amqp://", "big": 18446744073709551615_u64}}],
        "global_parameters": [{"name": "cluster_name", "value": "rabbit@here"}],
        "policies": [{"vhost": "/", "name": "ha", "pattern": ".*", "apply-to": "all", "priority": 0,
            "definition": {"ha-mode": "all"}, "origin": "unknown"}],
        "queues": [{"name": "q", "vhost": "/", "type": "quorum", "durable": true, "auto_delete": false,
            "arguments": {"x-queue-type": "quorum", "list": [1, true, null, {"a": "b"}]}, "unknown": 1}],
        "exchanges": [{"name": "later", "vhost": "other", "type": "x-delayed-message", "durable": false,
            "auto_delete": true, "internal": true, "arguments": {"x-delayed-type": "direct"}}],
        "bindings": [{"source": "a", "vhost": "other", "destination": "b", "destination_type": "exchange",
            "routing_key": "k", "arguments": {"x-match": "any", "n": -1.5}, "properties_key": "k"}],
    })
    .to_string();
    let first = document(&text);
    let written = first.to_json();
    assert_eq!(parsed(&written), parsed(&text));
    assert_eq!(document(&written), first);
    // RabbitMQ's order.
    let keys: Vec<_> = [
        "rabbit_version",
        "users",
        "vhosts",
        "policies",
        "queues",
        "exchanges",
        "bindings",
    ]
    .map(|key| written.find(&format!("\n  \"{key}\"")).expect("the key"))
    .into();
    assert!(keys.is_sorted(), "{keys:?}");
}

// O12
#[test]
fn what_may_be_left_out_has_rabbitmqs_defaults() {
    let text = r#"{"queues": [{"name": "q", "arguments": []}], "exchanges": [{"name": "e", "type": "fanout", "arguments": null}],
        "bindings": [{"source": "e", "destination": "q", "destination_type": "queue"}],
        "policies": [{"name": "p", "pattern": "", "definition": []}],
        "users": [{"name": "u", "tags": "administrator, monitoring"}], "parameters": null}"#;
    let read = document(text);
    let queue = &read.queues[0].item;
    assert!(queue.durable && !queue.auto_delete && queue.arguments.is_empty());
    let exchange = &read.exchanges[0].item;
    assert!(exchange.durable && !exchange.auto_delete && !exchange.internal);
    assert_eq!(read.bindings[0].item.key, "");
    let policy = &read.policies[0].item;
    assert_eq!((policy.apply_to, policy.priority), (ApplyTo::All, 0));
    assert_eq!(read.users[0].item.tags, ["administrator", "monitoring"]);
}

// O14
#[test]
fn a_file_of_one_virtual_host_names_none_and_is_written_so() {
    let text = r#"{"rabbitmq_definition_format": "single_virtual_host", "parameters": [], "policies": [],
        "queues": [{"name": "q", "durable": true, "auto_delete": false, "arguments": {}}], "exchanges": [], "bindings": []}"#;
    let read = document(text);
    assert!(read.is_of_one_vhost());
    assert_eq!(parsed(&read.to_json()), parsed(text));
}

// O14
#[test]
fn a_file_that_names_some_virtual_hosts_has_to_name_all() {
    let text =
        "{\n \"queues\": [\n  {\"name\": \"a\", \"vhost\": \"/\"},\n  {\"name\": \"b\"}\n ]\n}";
    assert_eq!(
        problems(text),
        [
            "4:3: queues[1].vhost: it does not say in which virtual host it is | add \"vhost\": \"/\", or the name of \
             another; only a file of one virtual host leaves it out, and then everywhere"
        ]
    );
}

#[test]
fn all_that_is_of_the_wrong_type_is_told_at_once_with_path_and_place() {
    let text = r#"{
 "queues": [{"name": 5}, "inbox", {"name": "q", "durable": "yes"}, {"durable": true}],
 "exchanges": {"logs": "topic"},
 "bindings": [
  {"source": "logs", "destination": "q", "destination_type": "queu", "routing_key": "", "arguments": [1]},
  {"source": ["logs"], "destination": "q", "destination_type": "queue", "routing_key": null}
 ],
 "policies": [{"name": "p", "pattern": "x", "apply-to": "everything", "priority": 1.5, "definition": 3}]
}"#;
    assert_eq!(
        problems(text),
        [
            "2:22: queues[0].name: expected a text, found the number `5` | ",
            "2:26: queues[1]: expected an object: {\"name\": value, …}, found a text | ",
            "2:60: queues[2].durable: expected `true` or `false`, found a text | ",
            "2:68: queues[3].name: this is missing | add \"name\": \"…\"",
            "3:15: exchanges: a list is wanted here | such as \"exchanges\": [ { … }, … ]",
            "5:62: bindings[0].destination_type: `queu` is not known here | did you mean `queue`?",
            "5:102: bindings[0].arguments: expected an object: {\"name\": value, …}, found a list | ",
            "6:14: bindings[1].source: expected a text, found a list | ",
            "8:57: policies[0].apply-to: `everything` is not known here | there are `all`, `exchanges`, `queues`, \
             `classic_queues`, `quorum_queues`, `streams`",
            "8:83: policies[0].priority: expected a whole number, found the number `1.5` | ",
            "8:102: policies[0].definition: expected an object: {\"name\": value, …}, found the number `3` | ",
        ]
    );
}

#[test]
fn names_are_amqps_short_strings() {
    let long = "é".repeat(128);
    let text = format!(r#"{{"queues": [{{"name": "{long}"}}]}}"#);
    let told = problems(&text);
    assert!(
        told[0].contains("queues[0].name: this text has 256 octets"),
        "{told:?}"
    );
}

#[test]
fn a_file_that_is_broken_in_the_middle_says_where() {
    let whole = document(LAB).to_json();
    let cut = &whole[..whole.find("sport").expect("the key")];
    let lines = cut.lines().count();
    let told = refused(cut);
    let [problem] = told.problems() else {
        panic!("{told}");
    };
    assert_eq!(problem.place.line, lines);
    assert_eq!(
        problem.what,
        "bindings[0].routing_key: the file ends in the middle"
    );
    assert!(
        problem.excerpt.contains("\"routing_key\": \""),
        "{}",
        problem.excerpt
    );

    let mistakes = [
        (
            "{\"queues\": [{\"name\": \"a\" \"durable\": true}]}",
            "1:26",
            "a `,` or a closing bracket is missing",
        ),
        (
            "{\"queues\": [{\"name\": \"a\"},]}",
            "1:27",
            "nothing follows the `,`",
        ),
        (
            "{\"queues\": []} {}",
            "1:16",
            "the definitions have already ended",
        ),
        (
            "{\"queues\": [{name: \"a\"}]}",
            "1:14",
            "a name in double quotes is missing",
        ),
        (
            "{\"queues\": [{\"name\" \"a\"}]}",
            "1:21",
            "a `:` is missing",
        ),
        (
            "{\"queues\": [{\"name\": a}]}",
            "1:22",
            "`a` is no value | text is written in double quotes: \"a\"",
        ),
        ("{\"queues\": [{\"name\": ?}]}", "1:22", "this is no value"),
        ("// mine\n{}", "1:1", "JSON has no comments | remove it"),
        ("/* mine */ {}", "1:1", "JSON has no comments"),
        ("{ // mine\n\"queues\": []}", "1:3", "JSON has no comments"),
        (
            "{\"queues\": [ /* none */ ]}",
            "1:14",
            "JSON has no comments",
        ),
        (
            "{\"queues\": [{\"name\": \"a\"} // mine\n]}",
            "1:27",
            "JSON has no comments",
        ),
        (
            "{\"queues\": [], # mine\n\"x\": 1}",
            "1:16",
            "JSON has no comments",
        ),
        ("{\"queues\": []} // mine", "1:16", "JSON has no comments"),
        ("{'queues': []}", "1:2", "straight double quotes"),
        (
            "{\"queues\": [{\"name\": 'a'}]}",
            "1:22",
            "straight double quotes",
        ),
        ("{“queues”: []}", "1:2", "straight double quotes"),
        (
            "{\"queues\": [{\"durable\": True}]}",
            "1:25",
            "`True` is no value | write true",
        ),
        ("{\"queues\": [{\"durable\": yes}]}", "1:25", "write true"),
        ("{\"queues\": [{\"durable\": off}]}", "1:25", "write false"),
        (
            "{\"queues\": [{\"arguments\": None}]}",
            "1:27",
            "write null",
        ),
        (
            "{\"queues\": [{\"arguments\": {\"x-message-ttl\": 400ms}}]}",
            "1:48",
            "`400ms` is no value: JSON’s numbers have no units | write the number alone (RabbitMQ counts times in milliseconds)",
        ),
        (
            "{\"queues\": [{durable: true}]}",
            "1:14",
            "a name in double quotes",
        ),
        (
            "{\"queues\": [{\"name\": \"a\nb\"}]}",
            "2:1",
            "goes on over the end of its line",
        ),
        (
            "{\"queues\": [{\"name\": \"\\q\"}]}",
            "1:24",
            "this escape is not known",
        ),
        ("{\"queues\": [{\"name\": 01}]}", "1:23", "this is no JSON"),
    ];
    for (text, place, what) in mistakes {
        let told = problems(text);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with(&format!("{place}: ")) && told[0].contains(what),
            "{text}\n{told:?}"
        );
    }
    let deep = format!("{{\"more\": {}", "[".repeat(100_000));
    assert!(problems(&deep)[0].contains("more than 127 brackets"));
}

#[test]
fn json_that_is_something_else_is_not_taken_for_definitions() {
    let told = problems("{\"dependencies\": {\"leveret\": \"1\"}}");
    assert!(
        told[0].starts_with("1:1: this is JSON, but none of RabbitMQ’s definitions"),
        "{told:?}"
    );
    assert_eq!(document("{}"), Document::default());
    document("{\"rabbit_version\": \"4.2.0\"}");
}

#[test]
fn a_flood_of_problems_is_cut_short() {
    let queues: Vec<_> = (0..5_000).map(|n| format!("{{\"name\": {n}}}")).collect();
    let error = refused(&format!("{{\"queues\": [{}]}}", queues.join(",")));
    assert_eq!(error.problems().len(), 100);
    assert!(error.to_string().ends_with("and 4900 more"));
}

// Bad input gives an error that says where.
#[test]
fn a_file_cut_off_anywhere_gives_an_error_with_its_place() {
    let text = LAB.replace("sport", "spört");
    for end in (1..text.len()).filter(|&end| text.is_char_boundary(end)) {
        let told = refused(&text[..end]);
        let problem = &told.problems()[0];
        let last = text[..end].lines().count();
        assert!(
            problem.place.line == last || problem.place.line == last + 1,
            "cut at {end}: {told}"
        );
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn no_change_to_a_file_panics(at in 0..LAB.len(), count in 0_usize..40, what in ".{0,5}") {
        let end = (at + count).min(LAB.len());
        let text = format!("{}{what}{}", &LAB[..at], &LAB[end..]);
        match read("definitions.json", &text) {
            Ok(document) => prop_assert_eq!(read("again", &document.to_json()), Ok(document)),
            Err(error) => {
                let problems = error.problems();
                prop_assert!(!problems.is_empty());
                let lines = text.matches('\n').count() + 1;
                prop_assert!(problems.iter().all(|problem| problem.place.line <= lines));
            }
        }
    }
}
