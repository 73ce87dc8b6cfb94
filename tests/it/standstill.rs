//! What goes round while hardly any time passes is stopped and named; what only is much is not.

use std::fs;
use std::process::Command;

use leveret::broker::Micros;
use leveret::scenario::{Scenario, load_str, verify};
use leveret::world::{Circling, PATIENCE, Stop, World};
use tempfile::TempDir;

const ONE: &str = r#"publishers: {"p": (every: "1s", count: 1, keys: ["work"])}"#;

/// Worlds in which time stands still: the queue and the consumer that are named, if one is, and the rest of the file.
fn circles() -> [(&'static str, &'static str, String); 5] {
    [
        (
            "queue work",
            "consumer echo",
            format!(
                r#"queues: ["work"], {ONE},
                consumers: {{"echo": (queue: "work", takes: "0s", publishes: (to: ""))}}"#
            ),
        ),
        (
            "queue play",
            "consumer two",
            format!(
                r#"queues: ["work", "play"], {ONE},
                consumers: {{"one": (queue: "work", takes: "0s", publishes: (to: "", key: "play")),
                    "two": (queue: "play", takes: "0s", publishes: (to: "", key: "work"))}}"#
            ),
        ),
        (
            "queue work",
            "",
            format!(
                r#"queues: {{"work": (dead_letter: (exchange: "", key: "work"))}}, {ONE},
                consumers: {{"no": (queue: "work", takes: "0s", fails: 1, on_failure: reject)}}"#
            ),
        ),
        (
            "queue log",
            "consumer reader",
            r#"queues: {"log": stream}, publishers: {"p": (every: "1s", count: 1, keys: ["log"])},
                consumers: {"reader": (queue: "log", takes: "0s", publishes: (to: ""), prefetch: 9)}"#
                .to_owned(),
        ),
        // Five of them, in turn.
        (
            "queue work",
            "consumer echo",
            r#"queues: ["work"], publishers: {"p": (every: burst(size: 5, every: "1s"), count: 1, keys: ["work"])},
                consumers: {"echo": (queue: "work", takes: "0s", publishes: (to: ""))}"#
                .to_owned(),
        ),
    ]
}

fn scenario(body: &str) -> Scenario {
    let text = format!("(latency: \"0s\", until: \"60s\", {body})");
    load_str("x.ron", &text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn what_goes_round_in_no_time_is_stopped_and_named() {
    for (queue, consumer, body) in circles() {
        let scenario = scenario(&body);
        let mut world = World::new(&scenario.setup).unwrap();
        let mut events = Vec::new();
        let mut steps = 0;
        while world.step(&mut events) {
            events.clear();
            steps += 1;
            assert!(steps < 1_000_000, "{body}");
        }
        let standstill = world.standstill().unwrap();
        assert!(standstill.at < Micros::from_millis(1_200), "{standstill:?}");
        assert!(matches!(standstill.by, Circling::Message { .. }));
        assert_eq!(world.next_at(), None);
        let told = leveret::words::standstill(&standstill, &world);
        for part in [queue, consumer, "stops at", "latency"] {
            assert!(told.contains(part), "{told}");
        }
        let [failure] = &verify(&scenario)[..] else {
            panic!("{body}");
        };
        assert_eq!(failure.what, told);
    }
}

#[test]
fn an_expectation_behind_a_standstill_is_not_met_and_says_why() {
    let (_, _, body) = &circles()[0];
    let scenario = scenario(&format!(
        "{body}, expect: [(at: \"30s\", queue: \"work\", ready: 0), (at: \"1us\", queue: \"work\", ready: 0)]"
    ));
    let failures = verify(&scenario);
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(
        failures[0].what.contains("cannot be checked"),
        "{failures:?}"
    );
}

#[test]
fn much_at_once_and_slow_circles_go_on() {
    let queues: Vec<_> = (0..3_000).map(|at| format!("\"q{at}\"")).collect();
    let bindings = (0..3_000).map(|at| format!("(from: \"all\", to: \"q{at}\")"));
    let wide = format!(
        r#"exchanges: {{"all": fanout}}, queues: [{}], bindings: [{}],
        publishers: {{"p": (to: "all", every: "1s", count: 2, keys: [""])}}"#,
        queues.join(", "),
        bindings.collect::<Vec<_>>().join(", ")
    );
    let bodies = [
        // A long chain of causes, each message once.
        r#"queues: ["work"], publishers: {"p": (every: burst(size: 10000, every: "20s"), keys: ["work"])},
            consumers: {"c": (queue: "work", takes: "0s", prefetch: 1)}"#
            .to_owned(),
        // One message, many copies, and many deliveries.
        wide,
        // Back at once, with the millisecond that each return takes.
        format!(
            r#"queues: ["work"], {ONE}, consumers: {{"no": (queue: "work", takes: "0s", fails: 1)}}"#
        ),
        // Round and round, but not in no time.
        format!(
            r#"queues: ["work"], {ONE}, consumers: {{"echo": (queue: "work", takes: "20us", publishes: (to: ""))}}"#
        ),
        format!(
            r#"queues: {{"work": (type: quorum, arguments: {{"x-delayed-retry-type": "all", "x-delayed-retry-min": 1}})}},
            {ONE}, consumers: {{"no": (queue: "work", takes: "0s", fails: 1)}}"#
        ),
    ];
    for body in bodies {
        let mut world = World::new(&scenario(&body).setup).unwrap();
        let ended = world.run_to(Micros::from_secs(2), (&mut 0, 200_000), |_, _| {});
        let goes_on = matches!(ended, Ok(()) | Err(Stop::TooLong { .. }));
        assert!(goes_on, "{ended:?} {body}");
        assert_eq!(world.standstill(), None);
    }
    const { assert!(PATIENCE >= 200_000) };
}

#[test]
fn run_check_and_draw_say_what_goes_round() {
    let folder = TempDir::new().unwrap();
    let (queue, consumer, body) = &circles()[0];
    let file = folder.path().join("round.ron");
    fs::write(&file, format!("(latency: \"0s\", until: \"60s\", {body})")).unwrap();
    let picture = folder.path().join("round.svg");
    let (file, picture) = (file.to_str().unwrap(), picture.to_str().unwrap());
    for (arguments, status) in [
        (&["run", file][..], 2),
        (&["run", file, "--json"], 2),
        (&["check", file], 1),
        (&["draw", file, "-o", picture], 2),
        (&["draw", file, "--at", "59s", "-o", picture], 2),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leveret"));
        let output = command.args(arguments).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}");
        let told = said.lines().filter(|line| {
            line.contains(queue) && line.contains(consumer) && line.contains("stops at 3 ms")
        });
        assert_eq!(
            told.count(),
            1,
            "{arguments:?} {}",
            said.lines().last().unwrap()
        );
    }
    // Before that there is something to be drawn.
    let mut command = Command::new(env!("CARGO_BIN_EXE_leveret"));
    let status = command
        .args(["draw", file, "--at", "500us", "-o", picture])
        .status();
    assert!(status.unwrap().success());
}
