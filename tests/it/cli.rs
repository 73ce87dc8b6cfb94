//! The commands, as a person or a script meets them.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn leveret() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leveret"));
    for display in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
        command.env_remove(display);
    }
    command
}

/// What a command printed, what it complained of, and its exit status.
struct Ran {
    out: String,
    err: String,
    status: i32,
}

fn ran(arguments: &[&str]) -> Ran {
    let output = leveret().args(arguments).output().unwrap();
    Ran {
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code().unwrap(),
    }
}

/// The output of a command that ends well.
pub fn done(arguments: &[&str]) -> String {
    let Ran { out, err, status } = ran(arguments);
    assert_eq!((status, err.as_str()), (0, ""), "{arguments:?}");
    out
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&done(arguments)).unwrap()
}

fn file(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    path.display().to_string()
}

const SMALL: &str = r#"(
    until: "2s",
    exchanges: { "logs": topic },
    queues: ["errors", "all"],
    bindings: [
        (from: "logs", to: "errors", key: "*.error"),
        (from: "logs", to: "all", key: "kern.#"),
    ],
    publishers: { "web": (to: "logs", every: "1s", messages: [(key: "kern.error"), (key: "cron")]) },
    consumers: { "pager": (queue: "errors", takes: "250ms", prefetch: 1) },
    expect: [
        (publish: (to: "logs", key: "a.error"), reaches: ["errors"]),
        (at: "800ms", queue: "errors", ready: 0, unacked: 1),
    ],
)"#;

#[test]
fn list_names_every_built_in_scenario_and_what_it_teaches() {
    let text = done(&["list"]);
    let rows = json(&["list", "--json"]);
    let rows = rows.as_array().unwrap();
    assert!(rows.len() >= 6);
    for row in rows {
        for field in ["name", "title", "teaches"] {
            let value = row[field].as_str().unwrap();
            assert!(!value.is_empty() && text.contains(value), "{row}");
        }
    }
}

#[test]
fn run_prints_the_events_and_how_things_stand() {
    let folder = TempDir::new().unwrap();
    let small = file(&folder, "small.ron", SMALL);
    insta::assert_snapshot!(done(&["run", &small, "--until", "1500ms"]), @r"
    0.00   consume     pager consumes from errors
    0.00   publish     web published 1 (kern.error) to logs
    0.40   route       logs routed 1 (kern.error) → errors, all
    0.80   ready       1a (kern.error) ready in errors
    0.80   deliver     errors delivered 1a (kern.error) to pager
    0.80   ready       1b (kern.error) ready in all
    1.00   publish     web published 2 (cron) to logs
    1.20   receive     pager received 1a (kern.error)
    1.20   start       pager started on 1a (kern.error)
    1.40   unroutable  no binding of logs matched 2 (cron): the message ends
    1.45   finish      pager finished 1a (kern.error) and sent its ack

    until 1500ms: 2 published, 1 unroutable, 1 delivered, 0 acknowledged, 0 requeued, 0 rejected

    queue   ready  unacked
    errors      0        1
    all         1        0

    consumer  delivered  finished  failed  requeued  lost  under way  acked  unacked
    pager             1         1       0         0     0          0      0        1
    ");
}

#[test]
fn run_as_json_is_one_object_a_line_with_names() {
    let folder = TempDir::new().unwrap();
    let small = file(&folder, "small.ron", SMALL);
    insta::assert_snapshot!(done(&["run", &small, "--json"]), @r#"
    {"id":1,"at_us":0,"cause":null,"event":"consuming","consumer":"pager","queue":"errors"}
    {"id":2,"at_us":0,"cause":null,"event":"published","publisher":"web","message":1,"exchange":"logs","key":"kern.error","headers":{},"body":""}
    {"id":3,"at_us":400000,"cause":2,"event":"routed","message":1,"exchange":"logs","matched":[{"source":"logs","destination":"errors","destination_type":"queue","key":"*.error"},{"source":"logs","destination":"all","destination_type":"queue","key":"kern.#"}],"copies":[{"copy":1,"queue":"errors"},{"copy":2,"queue":"all"}]}
    {"id":4,"at_us":800000,"cause":3,"event":"ready","message":1,"copy":1,"queue":"errors"}
    {"id":5,"at_us":800000,"cause":4,"event":"delivered","message":1,"copy":1,"queue":"errors","consumer":"pager","delivery_tag":1,"redelivered":false,"settled":false}
    {"id":6,"at_us":800000,"cause":3,"event":"ready","message":1,"copy":2,"queue":"all"}
    {"id":7,"at_us":1000000,"cause":null,"event":"published","publisher":"web","message":2,"exchange":"logs","key":"cron","headers":{},"body":""}
    {"id":8,"at_us":1200000,"cause":5,"event":"received","message":1,"copy":1,"queue":"errors","consumer":"pager"}
    {"id":9,"at_us":1200000,"cause":8,"event":"started","message":1,"copy":1,"queue":"errors","consumer":"pager","until_us":1450000}
    {"id":10,"at_us":1400000,"cause":7,"event":"unroutable","message":2,"exchange":"logs","matched":[]}
    {"id":11,"at_us":1450000,"cause":9,"event":"finished","message":1,"copy":1,"queue":"errors","consumer":"pager","answer":"ack"}
    {"id":12,"at_us":1750000,"cause":11,"event":"acked","message":1,"copy":1,"queue":"errors","consumer":"pager"}
    {"id":13,"at_us":2000000,"cause":null,"event":"published","publisher":"web","message":3,"exchange":"logs","key":"kern.error","headers":{},"body":""}
    {"summary":{"until_us":2000000,"seed":0,"profile":"4.3","events":13,"published":3,"unroutable":1,"copies":2,"delivered":1,"acked":1,"requeued":0,"rejected":0,"returned":0,"confirmed":0,"nacked":0,"expired":0,"dropped":0,"exhausted":0,"turned_away":0,"dead_lettered":0,"purged":0,"lost":0,"refused":0,"on_the_way":0,"queues":[{"name":"errors","ready":0,"unacked":0},{"name":"all","ready":1,"unacked":0}],"consumers":[{"name":"pager","queue":"errors","delivered":1,"finished":1,"failed":0,"requeued":0,"lost":0,"under_way":0,"acked":1,"unacked":0}]}}
    "#);
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let run = |seed| done(&["run", "topic", "--until", "20s", "--seed", seed]);
    assert_eq!(run("1"), run("1"));
    assert_ne!(run("1"), run("2"));
}

#[test]
fn explain_tells_every_binding_and_why() {
    insta::assert_snapshot!(done(&["explain", "topic", "--exchange", "logs", "--key", "kern.error"]), @r"
    routed to 3 queues: errors, kernel, all

    logs (topic)
      ✓ *.error → errors    * takes one word
      ✓ kern.*  → kernel    * takes one word
      ✗ auth.#  → security  “auth” is not “kern”
      ✓ #       → all       # takes any number of words
    ");
}

#[test]
fn explain_as_json_has_queues_outcome_and_visited() {
    let folder = TempDir::new().unwrap();
    let small = file(&folder, "small.ron", SMALL);
    let explain = |key| {
        json(&[
            "explain",
            &small,
            "--exchange",
            "logs",
            "--key",
            key,
            "--json",
        ])
    };
    insta::assert_snapshot!(serde_json::to_string_pretty(&explain("a.error")).unwrap(), @r#"
    {
      "exchange": "logs",
      "key": "a.error",
      "headers": {},
      "outcome": "routed",
      "queues": [
        "errors"
      ],
      "visited": [
        {
          "exchange": "logs",
          "type": "topic",
          "bindings": [
            {
              "destination": "errors",
              "destination_type": "queue",
              "key": "*.error",
              "matched": true,
              "already": false,
              "why": "* takes one word"
            },
            {
              "destination": "all",
              "destination_type": "queue",
              "key": "kern.#",
              "matched": false,
              "already": false,
              "why": "“kern” is not “a”"
            }
          ]
        }
      ],
      "waits": [
        {
          "queue": "errors",
          "type": "classic",
          "settings": []
        }
      ]
    }
    "#);
    let unroutable = explain("cron");
    assert_eq!(unroutable["outcome"], "unroutable");
    assert_eq!(unroutable["queues"], Value::Array(Vec::new()));
}

// C6, C7, C18
#[test]
fn explain_tells_what_a_user_may_not_publish() {
    let asked = |user: &str, exchange: &str, key: &str| {
        let arguments = [
            "permissions",
            "--exchange",
            exchange,
            "--key",
            key,
            "--user",
            user,
        ];
        done(&[&["explain"], &arguments[..]].concat())
    };
    assert!(asked("waiter", "orders", "table.4").starts_with("routed"));
    let refused = |user: &str, exchange: &str, key: &str| {
        let told = asked(user, exchange, key);
        told.lines().next().unwrap_or_default().to_owned()
    };
    insta::assert_snapshot!(refused("waiter", "orders", "till.close"), @"refused: 403 ACCESS_REFUSED - write access to topic 'till.close' in exchange 'orders' in vhost '/' refused for user 'waiter'");
    insta::assert_snapshot!(refused("waiter", "ledger", "table.4"), @"refused: 403 ACCESS_REFUSED - write access to exchange 'ledger' in vhost '/' refused for user 'waiter'");
    insta::assert_snapshot!(refused("stranger", "orders", "table.4"), @"refused: 530 NOT_ALLOWED - access to vhost '/' refused for user 'stranger'");
    insta::assert_snapshot!(refused("nobody", "orders", "table.4"), @"refused: 403 ACCESS_REFUSED - login was refused: there is no user 'nobody'");
}

#[test]
fn explain_takes_headers_with_their_types() {
    let explain = |pages| {
        let arguments = ["explain", "headers", "--exchange", "documents", "--json"];
        let headers = ["--header", "format=pdf", "--header", pages];
        json(&[&arguments[..], &headers[..]].concat())["queues"].clone()
    };
    assert_eq!(explain("pages=2"), serde_json::json!(["printer"]));
    assert_eq!(explain("pages=two"), serde_json::json!([]));
    insta::assert_snapshot!(done(&["explain", "headers", "--exchange", "documents"]), @r"
    unroutable: no queue gets a copy

    documents (headers)
      ✗ all: format=pdf pages=2         → printer      all needs every header: format is missing
      ✗ any: language=it translate=true → translation  any needs one, and none agrees: language is missing, translate is missing
      ✗ all: deadline                   → urgent       all needs every header: deadline is missing
      ✗ all: format=pdf language=it     → review       all needs every header: format is missing
    ");
    let twice = ran(&[
        "explain",
        "headers",
        "--exchange",
        "documents",
        "--header",
        "a=1",
        "--header",
        "a=2",
    ]);
    assert_eq!(twice.status, 2);
    assert!(twice.err.contains("given twice"), "{}", twice.err);
}

#[test]
fn publishing_to_no_exchange_is_refused_and_says_what_was_meant() {
    insta::assert_snapshot!(done(&["explain", "topic", "--exchange", "log", "--key", "a"]), @r"
    refused: 404 NOT_FOUND - no exchange 'log' in vhost '/'
    did you mean “logs”?
    ");
    let refused = json(&["explain", "topic", "--exchange", "log", "--json"]);
    assert_eq!(refused["outcome"], "refused");
    assert_eq!(refused["refusal"]["hint"], "did you mean “logs”?");
    let far = done(&["explain", "hello", "--exchange", "nowhere"]);
    assert!(far.contains("only the default exchange is there"), "{far}");
}

#[test]
fn check_of_the_built_in_scenarios_holds() {
    let Ran { out, status, .. } = ran(&["check"]);
    assert_eq!(status, 0, "{out}");
    assert!(out.ends_with(" ok, 0 failed\n"), "{out}");
}

/// A recording of a server that nobody came to.
fn recorded() -> Vec<u8> {
    crate::wire::header().to_bytes()
}

#[test]
fn check_of_a_folder_reports_every_file() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("inner")).unwrap();
    file(&folder, "a.ron", SMALL);
    file(&folder, "b.ron", SMALL.replace("unacked: 1", "unacked: 3"));
    file(
        &folder,
        "inner/c.ron",
        SMALL.replace("[\"errors\", \"all\"]", "[\"errors\"]"),
    );
    file(&folder, "notes.txt", "no scenario");
    file(&folder, "z.recording", recorded());
    file(&folder, "zz", &recorded()[..30]);
    let root = folder.path().display().to_string();
    let Ran { out, err, status } = ran(&["check", &root]);
    assert_eq!((status, err.as_str()), (1, ""));
    insta::assert_snapshot!(out.replace(&root, "…").replace('\\', "/"), @r#"
    …/a.ron: ok, all 2 expectations hold
    …/b.ron:13:9: at 800ms queue `errors` has 0 ready, 1 unacked, expected 0 ready, 3 unacked
    …/inner/c.ron:7:28: no queue or exchange is named `all`
     7 |         (from: "logs", to: "all", key: "kern.#"),
       |                            ^^^^^
       there are `errors`, `logs`
    …/z.recording: ok, but it expects nothing
    …/zz: its second line does not say what the server was
       make it again with: leveret serve --record FILE
    2 ok, 3 failed
    "#);
}

#[test]
fn check_of_a_folder_takes_definitions_and_no_other_json() {
    let folder = TempDir::new().unwrap();
    file(
        &folder,
        "package.json",
        r#"{"name": "hare", "version": "1.0.0"}"#,
    );
    file(
        &folder,
        "shop.json",
        r#"{"rabbitmq_version": "4.2.0", "vhosts": [{"name": "a"}, {"name": "b"}, {"name": "void"}],
            "queues": [{"name": "q", "vhost": "a"}, {"name": "r", "vhost": "b"}]}"#,
    );
    file(
        &folder,
        "typo.json",
        r#"{"queues": [{"name": 7, "vhost": "/"}]}"#,
    );
    let root = folder.path().display().to_string();
    let Ran { out, err, status } = ran(&["check", &root]);
    assert_eq!((status, err.as_str()), (1, ""));
    let out = out.replace(&root, "…").replace('\\', "/");
    assert!(
        out.contains("…/shop.json (a): ok") && out.contains("…/shop.json (b): ok"),
        "{out}"
    );
    assert!(!out.contains("void") && !out.contains("package"), "{out}");
    assert!(out.contains("…/typo.json:1:22: queues[0].name"), "{out}");
    assert!(out.ends_with("2 ok, 1 failed\n"), "{out}");
}

#[test]
fn check_with_nothing_to_check_is_not_a_success() {
    let folder = TempDir::new().unwrap();
    let empty = folder.path().display().to_string();
    for path in [&empty[..], "no-such-file.ron"] {
        let Ran { out, status, .. } = ran(&["check", path]);
        assert_eq!(status, 2, "{out}");
        assert!(out.contains(path), "{out}");
    }
}

/// Every kind of file that cannot be used, with a word its error must have.
fn unusable(folder: &TempDir) -> Vec<(String, &'static str)> {
    let big = folder.path().join("big.ron");
    File::create(&big).unwrap().set_len(50 << 20).unwrap();
    vec![
        (
            file(folder, "cut-off.ron", &SMALL[..SMALL.len() / 2]),
            "cut-off.ron:",
        ),
        (file(folder, "latin.ron", b"(title: \"caf\xe9\")"), "UTF-8"),
        (file(folder, "empty.ron", ""), "empty.ron:"),
        (big.display().to_string(), "too large"),
        (
            file(folder, "unknown.ron", SMALL.replace("until", "untill")),
            "`until`",
        ),
    ]
}

#[test]
fn unusable_files_are_told_once_and_end_with_2() {
    let folder = TempDir::new().unwrap();
    let mut files = unusable(&folder);
    files.push((folder.path().display().to_string(), "folder"));
    files.push(("no-such-file.ron".to_owned(), "no such file"));
    files.push(("topik".to_owned(), "did you mean `topic`?"));
    for (path, word) in &files {
        for arguments in [
            &["run", path][..],
            &["explain", path, "--exchange", ""],
            &[path],
        ] {
            let Ran { out, err, status } = ran(arguments);
            assert_eq!((status, out.as_str()), (2, ""), "{arguments:?}: {err}");
            assert!(err.contains(word), "{arguments:?}: {err}");
            assert!(err.starts_with(path.as_str()), "{arguments:?}: {err}");
            assert!(!err.contains("panicked"), "{err}");
        }
    }
}

#[test]
fn check_tells_unusable_files_among_the_others_and_ends_with_1() {
    let folder = TempDir::new().unwrap();
    let files = unusable(&folder);
    file(&folder, "good.ron", SMALL);
    let Ran { out, status, .. } = ran(&["check", &folder.path().display().to_string()]);
    assert_eq!(status, 1, "{out}");
    for (path, word) in &files {
        assert!(out.contains(path.as_str()) && out.contains(word), "{out}");
    }
    assert!(
        out.ends_with(&format!("1 ok, {} failed\n", files.len())),
        "{out}"
    );
}

#[test]
fn wrong_arguments_end_with_2_and_help_with_0() {
    for arguments in [
        &["run"][..],
        &["run", "hello", "--until", "5"],
        &["run", "hello", "--until", "-5s"],
        &["run", "hello", "--seed", "x"],
        &["explain", "hello"],
        &["explain", "hello", "--exchange", "", "--header", "k"],
        &["--nonsense"],
    ] {
        let Ran { err, status, .. } = ran(arguments);
        assert_eq!(status, 2, "{arguments:?}");
        assert!(!err.is_empty(), "{arguments:?}");
    }
    let long = "k".repeat(256);
    assert_eq!(
        ran(&["explain", "hello", "--exchange", "", "--key", &long]).status,
        2
    );
    assert!(done(&["--help"]).contains("explain"));
    assert!(done(&["--version"]).contains(env!("CARGO_PKG_VERSION")));
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_display_one_line_names_the_commands_that_need_none() {
    let Ran { out, err, status } = ran(&[]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert_eq!(err.lines().count(), 1, "{err}");
    for command in ["list", "run", "check", "explain"] {
        assert!(err.contains(command), "{err}");
    }
}

#[test]
fn a_reader_who_has_read_enough_is_no_failure() {
    let mut child = leveret()
        .args(["run", "work-queue", "--until", "10min"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut first).unwrap();
    drop(out);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

/// docs/commands.md must name every command and every event that `run --json` prints.
#[test]
fn the_reference_names_every_command_and_field() {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
    let reference = fs::read_to_string(reference).unwrap();
    let help = done(&["--help"]);
    let commands = help.lines().filter_map(|line| line.strip_prefix("  "));
    for command in commands.filter_map(|line| line.split(' ').next()) {
        let known = command.is_empty() || command.starts_with('-') || command == "help";
        assert!(
            known || reference.contains(&format!("`leveret {command}")),
            "{command}"
        );
    }
    for line in done(&["run", "topic", "--json"]).lines() {
        let object: Value = serde_json::from_str(line).unwrap();
        for (field, value) in object.as_object().unwrap() {
            assert!(reference.contains(&format!("`{field}`")), "{field}");
            if field == "event" {
                let event = value.as_str().unwrap();
                assert!(reference.contains(&format!("`{event}`")), "{event}");
            }
        }
    }
}

#[test]
fn check_takes_the_names_of_built_in_scenarios() {
    let told = done(&["check", "hello", "topic"]);
    assert!(told.starts_with("hello: ok, "), "{told}");
    assert!(told.ends_with("2 ok, 0 failed\n"), "{told}");
    let Ran { out, status, .. } = ran(&["check", "helo"]);
    assert_eq!(status, 2, "{out}");
    assert!(out.contains("did you mean `hello`?"), "{out}");
}

/// Queues that let messages die, each in its own way.
const DYING: &str = r#"(
    exchanges: { "h": headers },
    queues: {
        "expired": (), "dropped": (), "any": (),
        "w": (dead_letter: "h", ttl: "1s", max_length: 9),
        "self": (dead_letter: "", ttl: "1s"),
        "there": (dead_letter: (exchange: "", key: "back"), ttl: "1s"),
        "back": (dead_letter: (exchange: "", key: "there"), ttl: "1s"),
        "full": (dead_letter: "h", max_length: 1, overflow: reject_publish),
        "keeps": (type: quorum, delivery_limit: 2, overflow: reject_publish, max_length: 1,
            dead_letter: (exchange: "h", key: "k", strategy: at_least_once)),
    },
    bindings: [
        (from: "h", to: "expired", match: "all-with-x", headers: {"x-first-death-reason": "expired"}),
        (from: "h", to: "dropped", match: "all-with-x", headers: {"x-last-death-reason": "maxlen"}),
    ],
    publishers: { "p": (messages: [(at: "0s", key: "w"), (at: "0s", key: "self"), (at: "0s", key: "there")]) },
    expect: [
        (at: "10s", queue: "expired", ready: 1),
        (at: "10s", died: (queue: "self", reason: expired, count: 1)),
        (at: "10s", died: (queue: "there", reason: expired, count: 1)),
        (at: "10s", died: (queue: "back", reason: expired, count: 1)),
    ],
)"#;

// D3, D6, D8, D11
#[test]
fn explain_tells_where_a_dead_message_goes_by_the_reason_of_its_death() {
    let folder = TempDir::new().unwrap();
    let dying = file(&folder, "dying.ron", DYING);
    let checked = done(&["check", &dying]);
    assert!(checked.ends_with("1 ok, 0 failed\n"), "{checked}");
    let lines = |key: &str| -> Vec<String> {
        let told = done(&["explain", &dying, "--exchange", "", "--key", key]);
        let lines = told.lines().map(str::trim);
        let fates = lines.filter(|line| line.starts_with("if it"));
        fates.map(str::to_owned).collect()
    };
    assert_eq!(
        lines("w"),
        [
            "if it is rejected there, it goes to h, which leads it to no queue",
            "if it expires there, it goes to h → expired",
            "if it is dropped there for a length limit, it goes to h → dropped",
        ]
    );
    assert_eq!(
        lines("self"),
        [
            "if it is rejected there, it goes to the default exchange → self",
            "if it expires there, it ends: the default exchange would lead it back to self, and it would go round for ever",
        ]
    );
    assert_eq!(
        lines("there"),
        ["if it dies there, it goes to the default exchange → back"]
    );
    assert_eq!(
        lines("full"),
        ["if it dies there, it goes to h, which leads it to no queue"]
    );
    assert_eq!(
        lines("keeps"),
        [
            "if it dies there, it goes to h, which leads it to no queue, so it is kept until one takes it"
        ]
    );
    let told = json(&[
        "explain",
        &dying,
        "--exchange",
        "",
        "--key",
        "self",
        "--json",
    ]);
    let letter = &told["waits"][0]["dead_letter"];
    assert_eq!(letter["queues"], serde_json::json!(["self"]));
    assert_eq!(
        letter["deaths"],
        serde_json::json!([
            {"reason": "rejected", "queues": ["self"]},
            {"reason": "expired", "queues": [], "cycles": ["self"]},
        ])
    );
}

// Q28
#[test]
fn explain_says_that_a_quorum_queue_passes_over_an_overflow_of_classic_queues() {
    let folder = TempDir::new().unwrap();
    let text = r#"(queues: {"g": (type: quorum, max_length: 2, overflow: reject_publish_dlx)})"#;
    let told = file(&folder, "g.ron", text);
    let told = done(&["explain", &told, "--exchange", "", "--key", "g"]);
    let wanted = "when full: drops its oldest message (drop-head), since reject-publish-dlx is for classic queues only \
                  (by default)";
    assert!(told.contains(wanted), "{told}");
}

/// The lines of `explain` about bindings and alternates, without what stands before the reason.
fn reasons(file: &str, arguments: &[&str]) -> Vec<String> {
    let told = done(&[&["explain", file], arguments].concat());
    let lines = told
        .lines()
        .filter(|line| line.starts_with("  ✓") || line.starts_with("  ✗"));
    let reason = |line: &str| line.rsplit_once("  ").unwrap().1.to_owned();
    lines.map(reason).collect()
}

const OVERLOOKED: &str = r##"(
    exchanges: {
        "d": (type: direct, alternate: "f"), "f": fanout, "t": topic, "h": (type: headers, alternate: "f"), "p": direct,
    },
    queues: ["q", "r"],
    bindings: [
        (from: "d", to: "q", key: "k", arguments: {"x-match": "any", "format": "pdf"}),
        (from: "d", to: "r", key: "task.#"),
        (from: "f", to: "q", arguments: {"a": 1}),
        (from: "t", to: "q", key: "a.#"),
        (from: "t", to: "r", key: "a.b."),
        (from: "t", to: "q", key: "#.a.#", arguments: {"x": 1}),
        (from: "h", to: "q", key: "k", match: any, headers: {"x-kind": "a", "n": 1.0}),
        (from: "h", to: "r", match: any-with-x, headers: {"x-kind": "a"}),
    ],
    policies: { "rest": (pattern: "^p$", apply_to: exchanges, set: {"alternate-exchange": "f"}) },
)"##;

// E13, E15, E20, E22, E31, E33
#[test]
fn explain_names_what_is_passed_over() {
    let folder = TempDir::new().unwrap();
    let file = file(&folder, "overlooked.ron", OVERLOOKED);
    let of = |exchange: &str, more: &[&str]| {
        reasons(&file, &[&["--exchange", exchange], more].concat()).join("\n")
    };
    insta::assert_snapshot!(of("d", &["--key", "k"]), @r"
    the keys are equal; its arguments format, x-match are ignored: only a headers exchange compares arguments
    “task.#” is not “k”; * and # are no wildcards here: a direct exchange compares keys as they are
    a binding matched, so it is not needed
    ");
    insta::assert_snapshot!(of("d", &["--key", "task.a"]), @r"
    “k” is not “task.a”; its arguments format, x-match are ignored: only a headers exchange compares arguments
    “task.#” is not “task.a”; * and # are no wildcards here: a direct exchange compares keys as they are
    no binding matched
    a fanout exchange ignores the key; its argument a is ignored: only a headers exchange compares arguments
    ");
    insta::assert_snapshot!(of("p", &["--key", "k"]), @r"
    no binding matched
    a fanout exchange ignores the key; its argument a is ignored: only a headers exchange compares arguments
    ");
    insta::assert_snapshot!(of("t", &["--key", "a"]), @r"
    # takes any number of words; here # took no word
    the key has no word left for “b”; the pattern “a.b.” ends in a dot, so its last word is empty
    matched too, but q has its copy already (one copy for each queue); here # took no word; its argument x is ignored: only a headers exchange compares arguments
    ");
    insta::assert_snapshot!(of("t", &["--key", "a.b."]), @r"
    # takes any number of words; the key “a.b.” ends in a dot, so its last word is empty
    every word is equal; the pattern “a.b.” ends in a dot, so its last word is empty; the key “a.b.” ends in a dot, so its last word is empty
    matched too, but q has its copy already (one copy for each queue); of the #s, number 1 took no word; the key “a.b.” ends in a dot, so its last word is empty; its argument x is ignored: only a headers exchange compares arguments
    ");
    insta::assert_snapshot!(of("t", &["--key", "x.*"]), @r"
    “a” is not “x”; * and # in a routing key are words like any other
    “a” is not “x”; the pattern “a.b.” ends in a dot, so its last word is empty; * and # in a routing key are words like any other
    “a” is not “*”; * and # in a routing key are words like any other; its argument x is ignored: only a headers exchange compares arguments
    ");
    insta::assert_snapshot!(of("h", &["--header", "x-kind=a", "--header", "n=1.0"]), @r"
    any needs one: n is 1.0; its key “k” is ignored: this type of exchange compares no keys; x-kind is skipped: any compares no headers that begin with x-, any-with-x does
    any-with-x needs one: x-kind is “a”
    a binding matched, so it is not needed
    ");
    insta::assert_snapshot!(of("h", &["--header", "n=1"]), @r"
    any needs one, and none agrees: n is 1, not 1.0; its key “k” is ignored: this type of exchange compares no keys; x-kind is skipped: any compares no headers that begin with x-, any-with-x does
    any-with-x needs one, and none agrees: x-kind is missing
    no binding matched
    a fanout exchange ignores the key; its argument a is ignored: only a headers exchange compares arguments
    ");
    let alternate = |exchange| {
        json(&[
            "explain",
            &file,
            "--exchange",
            exchange,
            "--key",
            "z",
            "--json",
        ])["visited"][0]["alternate"]
            .clone()
    };
    assert_eq!(alternate("p")["origin"], "policy rest");
    assert_eq!(alternate("d")["origin"], "argument");
    let headers = json(&[
        "explain",
        &file,
        "--exchange",
        "h",
        "--header",
        "n=1.0",
        "--json",
    ]);
    assert_eq!(headers["headers"]["n"], 1.0);
    assert_eq!(headers["queues"], serde_json::json!(["q"]));
}

// E14: what is taken away before a message is routed is no header any more.
#[test]
fn explain_compares_no_bcc_header() {
    let folder = TempDir::new().unwrap();
    let file = file(
        &folder,
        "bcc.ron",
        r#"(exchanges: {"h": headers}, queues: ["bcc", "cc"],
            bindings: [(from: "h", to: "bcc", headers: {"BCC": ()}), (from: "h", to: "cc", headers: {"CC": ()})])"#,
    );
    let told = json(&[
        "explain",
        &file,
        "--exchange",
        "h",
        "--cc",
        "a",
        "--bcc",
        "b",
        "--json",
    ]);
    assert_eq!(told["queues"], serde_json::json!(["cc"]));
}

// D2, D3
#[test]
fn check_tells_of_dead_letters_that_reach_no_queue() {
    let folder = TempDir::new().unwrap();
    let file = file(
        &folder,
        "dying.ron",
        r#"(
    exchanges: { "dlx": topic, "empty": fanout, "in": fanout, "full": fanout },
    queues: {
        "own": (dead_letter: "dlx", ttl: "1s"), "keyed": (dead_letter: (exchange: "dlx", key: "nowhere")),
        "void": (dead_letter: "empty"), "fine": (dead_letter: "full"), "dead": (), "plain": (),
        "missing": (arguments: {"x-dead-letter-exchange": "gone"}),
        "self": (dead_letter: (exchange: "", key: "self"), ttl: "1s"),
    },
    bindings: [(from: "dlx", to: "dead", key: "good.#"), (from: "in", to: "own"), (from: "full", to: "dead")],
    publishers: { "web": (to: "in", every: "1s", keys: ["good.a", "bad", "worse"], count: 3) },
    until: "5s",
)"#,
    );
    let Ran { out, status, .. } = ran(&["check", &file]);
    assert_eq!(status, 0, "{out}");
    insta::assert_snapshot!(out.replace(&file, "…"), @r"
    …: a message with one of the keys “bad”, “worse” in own: if it dies there, it goes to dlx, which leads it to no queue
    …: a message in keyed: if it dies there, it goes to dlx, which leads it to no queue
    …: a message in void: if it dies there, it goes to empty, which leads it to no queue
    …: a message in missing: if it dies there, it ends: there is no exchange gone
    …: a message in self: if it expires there, it ends: the default exchange would lead it back to self, and it would go round for ever
    …: ok, but it expects nothing
    1 ok, 0 failed
    ");
}
