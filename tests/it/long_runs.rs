//! Runs of any length: what is kept of them is what is under way, and what is said of them is the same.

use leveret::broker::Micros;
use leveret::compare::Side;
use leveret::history::{History, Recall, Recent};
use leveret::scenario::{Scenario, builtin, load_str, parse_duration};
use leveret::scene::{Show, View};
use leveret::words::describe;
use leveret::world::{PATIENCE, Setup, Stop, World};
use proptest::prelude::*;

use crate::setups::setup;
use crate::support::cases;

/// What is said of a run up to a moment, and by whom it is remembered.
fn told_by_all(setup: &Setup, until: Micros) -> Vec<String> {
    let mut history = History::new(setup).unwrap();
    let mut lines = Vec::new();
    let mut told = 0;
    while history.head().next_at().is_some_and(|next| next <= until) && history.step() {
        for event in history.told().from(told) {
            lines.push(describe(event, history.head(), &history).text);
        }
        told = history.told().len();
    }
    lines
}

fn told_by_recent(setup: &Setup, until: Micros) -> (Vec<String>, usize) {
    let mut recent = Recent::with_room(setup, 0).unwrap();
    let (mut lines, mut most) = (Vec::new(), 0);
    while recent.head().next_at().is_some_and(|next| next <= until) && recent.step() {
        for event in recent.told() {
            lines.push(describe(event, recent.head(), &recent).text);
        }
        most = most.max(recent.kept());
    }
    (lines, most)
}

fn assert_alike(name: &str, setup: &Setup, until: Micros) {
    let (all, (recent, _)) = (told_by_all(setup, until), told_by_recent(setup, until));
    let differ = all.iter().zip(&recent).find(|(all, recent)| all != recent);
    assert_eq!((differ, all.len()), (None, recent.len()), "{name}");
}

/// Messages that come back in all ways, late ones, and a broker that restarts.
const MUCH: &str = r#"(
    until: "20s", profile: "4.3",
    exchanges: {"in": fanout, "dead": fanout, "slow": (type: "x-delayed-message", delayed_type: fanout),
        "last": "x-recent-history"},
    queues: {
        "retry": (ttl: "300ms", dead_letter: "in"),
        "work": (dead_letter: "dead", max_length: 5, overflow: reject_publish_dlx),
        "again": (type: quorum, delivery_limit: 3, dead_letter: (exchange: "dead", strategy: at_least_once),
            overflow: reject_publish, arguments: {"x-delayed-retry-type": "all", "x-delayed-retry-min": 50}),
        "late": (ttl: "1s"), "log": (type: stream), "waits": (ttl: "2s"),
    },
    bindings: [(from: "in", to: "work"), (from: "in", to: "again"), (from: "in", to: "late"), (from: "dead", to: "retry"),
        (from: "in", to: "log"), (from: "slow", to: "late"), (from: "last", to: "waits")],
    publishers: {
        "p": (to: "in", every: "150ms", keys: ["a", "b"], confirms: true, republish: true),
        "s": (to: "slow", every: "700ms", messages: [(key: "c", headers: {"x-delay": 900})]),
        "l": (to: "last", every: "900ms", keys: ["d"], mandatory: true, transaction: 3),
    },
    consumers: {
        "no": (queue: "work", takes: between("50ms", "300ms"), fails: 0.6, on_failure: reject, prefetch: 2),
        "back": (queue: "again", takes: "100ms", fails: 0.8, prefetch: 3),
        "crash": (queue: "late", takes: "1200ms", fails: 0.3, on_failure: crash, reconnect: "500ms", prefetch: 4),
        "auto": (queue: "late", takes: "2s", ack: auto, start: "3s", fails: 0.3, on_failure: crash, reconnect: "1s"),
        "reader": (queue: "log", offset: first, prefetch: 2, publishes: (to: "last")),
        "asks": (queue: "waits", polls: "400ms"),
    },
    script: [(at: "6s", alarm: memory), (at: "8s", clear_alarm: memory), (at: "10s", stop: clean), (at: "12s", start: ()),
        (at: "14s", purge: "late"), (at: "15s", bind: (from: "last", to: "log")), (at: "16s", delete_queue: "again")],
)"#;

fn scenario(text: &str) -> Scenario {
    load_str("x.ron", text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn what_is_kept_of_a_run_is_enough_to_tell_of_it_as_if_all_were_kept() {
    let much = scenario(MUCH);
    assert_alike("much", &much.setup, much.until);
    for builtin in builtin::ALL {
        let scenario = load_str(builtin.name, builtin.text).unwrap();
        let until = scenario.until.min(Micros::from_secs(15));
        assert_alike(builtin.name, &scenario.setup, until);
        if let Some(comparison) = &scenario.comparison {
            assert_alike(builtin.name, &comparison.setup(Side::Http), until);
        }
    }
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn any_run_is_told_the_same_by_what_is_kept_of_it(setup in setup(Some(20))) {
        let until = Micros::from_millis(400);
        prop_assert_eq!(told_by_all(&setup, until), told_by_recent(&setup, until).0);
    }
}

#[test]
fn a_long_run_keeps_no_more_than_a_short_one() {
    let text = r#"(queues: {"q": (), "r": (ttl: "500ms", dead_letter: (exchange: "", key: "q"))},
        publishers: {"p": (every: "1s", keys: ["q"])},
        consumers: {"c": (queue: "q", takes: "100ms", fails: 0.3), "d": (queue: "r", start: "999999s")})"#;
    let setup = scenario(text).setup;
    let most = |seconds| {
        let mut run = Recent::new(&setup).unwrap();
        let (mut most, mut told) = (0, 0);
        while run.head().now() < Micros::from_secs(seconds) && run.step() {
            most = most.max(run.kept());
            told += run.told().len();
        }
        (most, told)
    };
    let (short, long) = (most(100), most(10_000));
    assert!(long.1 > 90 * short.1);
    // Between two times that what is over is swept out there are some ten thousand.
    assert!(long.0 <= 11_000, "{long:?}");
    let (_, least) = told_by_recent(&setup, Micros::from_secs(100));
    let (_, same) = told_by_recent(&setup, Micros::from_secs(1_000));
    assert!(same <= least + 5 && least < 60, "{least} {same}");
}

#[test]
fn a_message_that_comes_back_every_millisecond_is_told_of_to_the_end() {
    let text = r#"(latency: "0s", until: "3s",
        queues: {"work": (dead_letter: (exchange: "", key: "wait")), "wait": (ttl: "1ms", dead_letter: (exchange: "", key: "work"))},
        publishers: {"p": (every: "1s", count: 1, keys: ["work"])},
        consumers: {"no": (queue: "work", takes: "0s", fails: 1, on_failure: reject)})"#;
    let scenario = scenario(text);
    let (lines, most) = told_by_recent(&scenario.setup, scenario.until);
    assert!(lines.len() > 15_000 && most < 20, "{} {most}", lines.len());
    assert!(lines.last().unwrap().contains("1"), "{:?}", lines.last());
}

#[test]
fn a_run_that_takes_more_steps_than_anybody_waits_for_says_how_far_it_got() {
    let text =
        r#"(until: "999999999s", queues: ["q"], publishers: {"p": (every: "100ms", keys: ["q"])})"#;
    let scenario = scenario(text);
    let mut world = World::new(&scenario.setup).unwrap();
    let stop = world.run_to(scenario.until, (&mut 0, 1_000), |_, _| {});
    let stop = stop.unwrap_err();
    let Stop::TooLong { at, steps, to } = stop else {
        panic!("{stop:?}");
    };
    assert_eq!((steps, to), (1_000, scenario.until));
    assert!(at > Micros::from_secs(20) && at < Micros::from_secs(60));
    let told = leveret::words::stopped(&stop, &world);
    assert!(
        told.contains("1,000 steps") && told.contains("before it reached 999999999 s"),
        "{told}"
    );
    // From there it goes on.
    let to = at + Micros::from_secs(1);
    assert_eq!(world.run_to(to, (&mut 0, 1_000), |_, _| {}), Ok(()));
}

#[test]
fn times_at_the_end_of_all_time_do_no_harm() {
    let end = "18446744073709551615us";
    assert_eq!(parse_duration(end), Ok(Micros::MAX));
    let text = format!(
        r#"(until: "{end}", latency: "{end}", queues: {{"q": (), "r": ()}},
        publishers: {{"p": (every: "{end}", keys: ["q"]), "s": (every: random("{end}"), start: "{end}", keys: ["q"]),
            "b": (every: burst(size: 3, gap: "1us", every: "{end}"), keys: ["r"])}},
        consumers: {{"c": (queue: "q", takes: between("1us", "{end}"), start: "{end}"),
            "d": (queue: "r", takes: between("18446744073709551614us", "{end}"), latency: "0s", reconnect: "{end}")}})"#
    );
    let scenario = scenario(&text);
    let mut history = History::new(&scenario.setup).unwrap();
    history.run_toward(scenario.until, 2_000);
    assert!(!history.events().is_empty());
    for consumer in &scenario.setup.consumers {
        assert!(consumer.service.mean() > Micros::from_secs(1));
    }
}

fn drawn(show: &mut Show, at: Micros) -> String {
    let moment = show.director().moment(at);
    show.arrange(moment);
    format!("{:?}", show.picture(moment, View::default()).scene)
}

#[test]
fn a_moment_is_drawn_the_same_whether_all_before_it_is_kept_or_not() {
    for builtin in builtin::ALL {
        let scenario = load_str(builtin.name, builtin.text).unwrap();
        let at = scenario.until.min(Micros::from_secs(25));
        let mut whole = Show::new(&scenario.setup).unwrap();
        whole.run_to(at);
        let mut skipped = Show::new(&scenario.setup).unwrap();
        skipped.skip_within(at, (PATIENCE, 300), 100).unwrap();
        assert_eq!(
            drawn(&mut skipped, at),
            drawn(&mut whole, at),
            "{}",
            builtin.name
        );
    }
}

#[test]
fn on_the_way_to_a_moment_no_more_is_kept_however_far_it_is() {
    let text = r#"(until: "4000s", queues: ["q"], publishers: {"p": (every: "1s", keys: ["q"])},
        consumers: {"c": (queue: "q", takes: "100ms")})"#;
    let setup = scenario(text).setup;
    let kept = |at: u64| {
        let mut show = Show::new(&setup).unwrap();
        let at = Micros::from_secs(at);
        show.skip_within(at, (PATIENCE, 100), 200).unwrap();
        assert_eq!(show.history().complete_to(), at);
        show.history().events().len()
    };
    let (near, far) = (kept(400), kept(4_000));
    assert!(far <= near + 1_000, "{near} {far}");
    let mut show = Show::new(&setup).unwrap();
    let at = Micros::from_secs(4_000);
    let stop = show.skip_within(at, (1_000, 100), 200).unwrap_err();
    assert!(
        matches!(stop, Stop::TooLong { at: got, steps, to } if got < at && steps > 1_000 && to == at)
    );
}
