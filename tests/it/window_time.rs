//! How time goes on in the window: without an end, with what a hand publishes, and what is said to come next.

use std::path::PathBuf;

use egui::Key;
use leveret::app::{Action, Command, Source, Standstill, State, update};
use leveret::broker::{Alarm, EventId, Hangup, Name, Operation};
use leveret::scenario::{builtin, load_str};
use leveret::world::{Deed, EventKind, PublisherId};

use crate::window::{Desk, ms, open, paused, seasoned, state};

const DEFINITIONS: &str = r##"{
    "rabbitmq_version": "4.1.0",
    "vhosts": [{"name": "/"}],
    "exchanges": [{"name": "docs", "vhost": "/", "type": "topic", "durable": true,
                   "auto_delete": false, "arguments": {}}],
    "queues": [{"name": "inbox", "vhost": "/", "durable": true, "auto_delete": false, "arguments": {}}],
    "bindings": [{"source": "docs", "vhost": "/", "destination": "inbox", "destination_type": "queue",
                  "routing_key": "#", "arguments": {}}]
}"##;

/// RabbitMQ's definitions, in which nobody publishes but a hand.
fn definitions() -> Desk {
    let scenario = load_str("definitions.json", DEFINITIONS).unwrap();
    let source = Source::File(PathBuf::from("definitions.json"));
    let state = State::new(scenario, source, seasoned()).unwrap();
    paused(state, [1_600.0, 1_000.0])
}

/// Plays with so many seconds of the clock.
fn play(state: &mut State, seconds: u32) {
    let first = 1_000.0;
    update(state, Command::Do(Action::PlayPause));
    for tick in 0..=10 * seconds {
        update(state, Command::Tick(first + f64::from(tick) / 10.0));
    }
}

fn ready(desk: &Desk) -> usize {
    let queues = &desk.state().run.stage().queues;
    queues.iter().map(|queue| queue.ready.len()).sum()
}

/// A hand publishes the publisher's next message.
fn publish(desk: &mut Desk) {
    desk.send(Command::Publish(PublisherId(0)));
}

/// A hand publishes into the definitions, as the form does.
fn write(desk: &mut Desk) {
    let publication = leveret::broker::Publication {
        exchange: "docs".into(),
        routing_key: "a.b".into(),
        ..Default::default()
    };
    desk.send(Command::Send {
        publisher: PublisherId(0),
        publication: publication.into(),
        mandatory: false,
    });
}

#[test]
fn where_nobody_publishes_time_goes_on_past_a_minute_and_the_slider_with_it() {
    let scenario = load_str("definitions.json", DEFINITIONS).unwrap();
    assert!(scenario.open);
    let source = Source::File(PathBuf::from("definitions.json"));
    let mut state = State::new(scenario, source, seasoned()).unwrap();
    state.view.speed = 10.0;
    update(&mut state, Command::Do(Action::PlayPause));
    play(&mut state, 9);
    assert!(state.is_playing());
    assert!(state.run.moment.at > ms(80_000), "{:?}", state.run.moment);
    assert_eq!(state.end(), state.run.moment.at);
    // What was can be gone back to, and playing goes on from wherever one is.
    update(&mut state, Command::Do(Action::PlayPause));
    let reached = state.end();
    update(&mut state, Command::Seek(ms(1_000)));
    assert_eq!(state.end(), reached);
    update(&mut state, Command::Seek(reached));
    play(&mut state, 1);
    assert!(state.run.moment.at > reached && state.is_playing());
}

#[test]
fn what_a_hand_publishes_while_time_stands_is_seen_on_its_way_until_it_rests() {
    let mut desk = definitions();
    for (at, count) in [(500, 1), (60_000, 2)] {
        desk.send(Command::Seek(ms(at)));
        let before = desk.moment().at;
        write(&mut desk);
        assert!(!desk.is_playing(), "time stands still again");
        assert!(desk.moment().at > before);
        assert_eq!(ready(&desk), count);
        // It stands where the last of it is shown, not later.
        let cues = desk.state().run.show.director().shown();
        assert_eq!(
            cues.get(desk.moment().shown - 1).unwrap().at,
            desk.moment().at
        );
    }
    assert!(desk.moment().at > ms(60_000));
}

#[test]
fn what_a_hand_publishes_at_the_end_of_a_run_is_seen_to_its_end() {
    for (name, publisher) in [("hello", 0), ("pipeline", 0)] {
        let mut desk = open(name);
        let until = desk.state().end();
        desk.send(Command::Seek(until));
        desk.send(Command::Publish(PublisherId(publisher)));
        let (state, at) = (desk.state(), desk.moment().at);
        assert!(!state.is_playing() && at > until, "{name}");
        assert_eq!(state.end(), at, "{name}");
        // All that is known of the message is shown, and nothing moves it any more.
        let history = state.run.show.history();
        let (step, ..) = history.inputs()[0];
        let message = history.events_of(step)[0].kind.message();
        let its = |event: &&leveret::world::Event| event.kind.message() == message;
        let told = history.events().iter().filter(its);
        let shown = |id: EventId| state.run.show.director().shown_at(id).unwrap();
        let last = told.map(|event| shown(event.id)).max().unwrap();
        assert!(last <= at, "{name}: {last} {at}");
        let acked = history.events().iter().filter(its).any(|event| {
            matches!(
                event.kind,
                EventKind::Broker(leveret::broker::Event::Acked { .. })
            )
        });
        let waits = state
            .run
            .stage()
            .queues
            .iter()
            .any(|queue| queue.ready.iter().any(|bead| Some(bead.message) == message));
        assert!(acked || waits, "{name}");
    }
}

#[test]
fn a_message_that_is_never_at_rest_moves_until_somebody_pauses() {
    let text = r#"(
        queues: ["jobs"],
        publishers: { "app": (messages: [(at: "1s", key: "jobs")]) },
        consumers: { "c": (queue: "jobs", takes: "100ms", fails: 1.0, on_failure: requeue) },
    )"#;
    let scenario = load_str("round", text).unwrap();
    let mut state = State::new(scenario, Source::Builtin("hello"), seasoned()).unwrap();
    update(&mut state, Command::Do(Action::PlayPause));
    update(&mut state, Command::Publish(PublisherId(0)));
    for tick in 0..200 {
        update(&mut state, Command::Tick(f64::from(tick) / 10.0));
    }
    assert!(state.is_playing());
    assert!(state.run.moment.at > ms(15_000), "{:?}", state.run.moment);
    update(&mut state, Command::Do(Action::PlayPause));
    assert!(!state.is_playing());
}

#[test]
fn where_nothing_could_be_published_time_stands() {
    let mut desk = open("hello");
    desk.send(Command::Seek(ms(2_000)));
    let connection = Name::from("doorbell");
    let how = Hangup::Lost;
    desk.send(Command::Operate(Deed::Disconnect { connection, how }));
    publish(&mut desk);
    assert_eq!(desk.moment().at, ms(2_000));
    assert!(!desk.is_playing());
}

#[test]
fn only_what_has_no_end_and_in_which_nobody_acts_is_open() {
    let open = |text: &str| {
        let scenario = load_str("x", text).unwrap();
        let again = load_str("x", &scenario.to_ron()).unwrap();
        assert_eq!(scenario.open, again.open, "{text}");
        scenario.open
    };
    assert!(open(r#"(queues: ["q"])"#));
    assert!(open(r#"(queues: ["q"], consumers: {"c": (queue: "q")})"#));
    assert!(!open(r#"(queues: ["q"], until: "60s")"#));
    assert!(!open(r#"(queues: ["q"], until: "9s")"#));
    assert!(!open(
        r#"(queues: ["q"], publishers: {"p": (every: "1s", keys: ["q"])})"#
    ));
    assert!(!open(
        r#"(queues: ["q"], script: [(at: "1s", stop: crash)])"#
    ));
}

/// Steps on until that leads nowhere.
fn step_to_the_end(desk: &mut Desk) {
    for _ in 0..5_000 {
        let before = desk.moment();
        let promised = !desk.state().coming().is_empty();
        desk.0.state_mut().send(Command::Do(Action::StepForward));
        desk.0.state_mut().send(Command::Tick(0.0));
        desk.0.state_mut().send(Command::Tick(10.0));
        let moved = desk.moment() != before;
        assert_eq!(promised, moved, "{before:?}: {:?}", desk.state().coming());
        if !moved {
            desk.settle();
            return;
        }
    }
    panic!("it goes on for ever");
}

#[test]
fn after_a_crash_nothing_is_promised_and_the_list_and_the_step_say_why() {
    let mut desk = open("work-queue");
    desk.send(Command::Seek(ms(20_000)));
    assert_eq!(desk.state().coming().len(), 4);
    let crash = Operation::Stop { clean: false };
    desk.send(Command::Operate(Deed::Operate(crash)));
    step_to_the_end(&mut desk);
    assert!(desk.moment().at < ms(25_000));
    assert_eq!(desk.state().coming(), []);
    assert_eq!(desk.state().stands_still(), Some(Standstill::BrokerDown));
    // In the list of what comes next, and above the canvas.
    let why = "The broker is down; nothing will happen until it starts";
    let told = desk.texts().iter().filter(|it| it.starts_with(why)).count();
    assert_eq!(told, 2, "{:#?}", desk.texts());
    desk.send(Command::Operate(Deed::Operate(Operation::Start)));
    assert_eq!(desk.state().stands_still(), None);
}

#[test]
fn why_nothing_comes_any_more_is_told_of_every_kind() {
    let operate = |operation| Command::Operate(Deed::Operate(operation));
    let lose = |name: &str| {
        let (connection, how) = (Name::from(name), Hangup::Lost);
        Command::Operate(Deed::Disconnect { connection, how })
    };
    let of = |text: &str| {
        let scenario = load_str("few", text).unwrap();
        let state = State::new(scenario, Source::Builtin("hello"), seasoned()).unwrap();
        paused(state, [1_600.0, 1_000.0])
    };
    let few = || {
        of(r#"(
            until: "30s",
            queues: ["q"],
            publishers: {"p": (every: "1s", count: 3, keys: ["q"])},
        )"#)
    };
    // A consumer that does not come again.
    let once = || of(r#"(until: "30s", queues: ["q"], consumers: {"c": (queue: "q")})"#);
    let cases = [
        (
            few(),
            vec![operate(Operation::Stop { clean: true })],
            Standstill::BrokerDown,
        ),
        (
            once(),
            vec![Command::Seek(ms(500)), lose("c")],
            Standstill::NoConnection,
        ),
        (
            few(),
            vec![
                Command::Seek(ms(5_000)),
                operate(Operation::RaiseAlarm(Alarm::Memory)),
            ],
            Standstill::Alarm,
        ),
        (few(), vec![Command::Seek(ms(5_000))], Standstill::Nothing),
        (few(), vec![Command::Seek(ms(30_000))], Standstill::End),
        (definitions(), vec![], Standstill::Nobody),
    ];
    for (mut desk, commands, why) in cases {
        for command in commands {
            desk.send(command);
        }
        step_to_the_end(&mut desk);
        assert_eq!(desk.state().stands_still(), Some(why));
        assert_eq!(desk.state().standstill(), why);
    }
}

#[test]
fn what_is_said_to_come_next_is_what_steps_lead_to() {
    for builtin in builtin::ALL
        .iter()
        .filter(|it| !it.name.starts_with("http-"))
    {
        let mut state = state(builtin.name, seasoned());
        update(&mut state, Command::Do(Action::PlayPause));
        for at in [0, 3_333, 9_000] {
            update(&mut state, Command::Seek(ms(at)));
            let coming = state.coming().to_vec();
            assert!(coming.windows(2).all(|two| two[0].at <= two[1].at));
            for next in coming {
                let mut run = state.run.show.clone();
                run.run_to(next.at);
                let mut cues = run.director().cues().iter();
                assert!(
                    cues.any(|cue| cue.at == next.at),
                    "{}: {next:?}",
                    builtin.name
                );
            }
        }
    }
}

#[test]
fn a_step_that_leads_nowhere_says_so_until_time_goes_on() {
    let mut desk = open("hello");
    desk.send(Command::Seek(desk.state().end()));
    assert_eq!(desk.state().stands_still(), None);
    desk.press(Key::ArrowRight);
    assert_eq!(desk.state().stands_still(), Some(Standstill::End));
    assert!(desk.reads("The run is over at 30 s"), "{:#?}", desk.texts());
    desk.press(Key::ArrowLeft);
    assert_eq!(desk.state().stands_still(), None);
}

/// What the inspector says of a consumer at the end.
fn inspected(scenario: &str, consumer: &str) -> [u64; 4] {
    let mut desk = open(scenario);
    desk.send(Command::Seek(desk.state().end()));
    desk.click_node(&format!("consumer {consumer}"));
    let texts = desk.texts();
    ["finished", "failed", "lost", "requeued"].map(|name| {
        let place = texts.iter().position(|text| text == name);
        let value = place.and_then(|place| texts.get(place + 1));
        value.map_or(0, |value| value.parse().unwrap())
    })
}

#[test]
fn what_became_of_the_work_is_counted_apart_and_alike_in_the_inspector_and_by_run() {
    // finished, failed, lost, requeued
    let expected = [("with acks", [6, 0, 0, 1]), ("without acks", [5, 0, 1, 0])];
    let printed = crate::cli::done(&["run", "acks", "--json"]);
    let summary = printed.lines().last().unwrap();
    let summary: serde_json::Value = serde_json::from_str(summary).unwrap();
    for (place, (name, counts)) in expected.into_iter().enumerate() {
        assert_eq!(inspected("acks", name), counts, "{name}");
        let row = &summary["summary"]["consumers"][place];
        assert_eq!(row["name"], name);
        let told = ["finished", "failed", "lost", "requeued"].map(|it| row[it].as_u64().unwrap());
        assert_eq!(told, counts, "{name}");
        let all: u64 = counts.iter().sum();
        assert_eq!(
            row["delivered"].as_u64(),
            Some(all + row["under_way"].as_u64().unwrap())
        );
    }
}

#[test]
fn what_the_broker_does_by_itself_is_foreseen_too() {
    let text = r#"(
        until: "30s",
        queues: { "q": (ttl: "2s", durable: true), "unused": (expires: "9s") },
        publishers: { "p": (every: "1s", count: 1, keys: ["q"]) },
    )"#;
    let scenario = load_str("x", text).unwrap();
    let mut state = State::new(scenario, Source::Builtin("hello"), seasoned()).unwrap();
    update(&mut state, Command::Do(Action::PlayPause));
    update(&mut state, Command::Seek(ms(1_500)));
    let told: Vec<_> = state
        .coming()
        .iter()
        .map(|next| next.text.as_str())
        .collect();
    assert_eq!(
        told,
        [
            "1 (q) expires in q",
            "unused is deleted, since nobody uses it"
        ]
    );
}
