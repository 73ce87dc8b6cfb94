//! The broker in the window: the legend, what is simplified, breaking things by hand, publishing by hand, and what the
//! inspector says of connections, refusals and waiting messages.

use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{Key, vec2};
use egui_kittest::kittest::Queryable;
use leveret::app::{Action, Command, Loaded, Source, State, View};
use leveret::broker::{Event as BrokerEvent, Name};
use leveret::director::FlightKind;
use leveret::scenario::load_str;
use leveret::scene::{self, Shape, Target};
use leveret::topology::NodeKey;
use leveret::words::{Modelled, Sign, describe, fidelity};
use leveret::world::EventKind;

use crate::window::{Desk, ms, open, paused, seasoned, state};

/// A window so high that the inspector need not be scrolled.
fn tall(scenario: &str) -> Desk {
    paused(state(scenario, seasoned()), [1_600.0, 2_400.0])
}

/// A window on a scenario that a test wrote.
fn written(text: &str) -> Desk {
    let scenario = load_str("test.ron", text).unwrap_or_else(|error| panic!("{error}"));
    let source = Source::File(PathBuf::from("test.ron"));
    let state = State::new(scenario, source, seasoned()).unwrap();
    paused(state, [1_600.0, 2_400.0])
}

/// Whether the canvas says this.
fn canvas_says(desk: &Desk, what: &str) -> bool {
    let show = &desk.state().run.show;
    let picture = show.picture(desk.moment(), scene::View::default());
    picture.scene.shapes.iter().any(|shape| match shape {
        Shape::Text(text) => text.text.contains(what),
        _ => false,
    })
}

/// The first event of a kind, once the run has been played through.
fn first(desk: &mut Desk, is_it: impl Fn(&BrokerEvent) -> bool) -> leveret::broker::EventId {
    desk.send(Command::Seek(desk.state().end()));
    let mut events = desk.state().run.show.history().events().iter();
    let found = events.find(|event| match &event.kind {
        EventKind::Broker(event) => is_it(event),
        _ => false,
    });
    found.unwrap().id
}

/// Whether an event so far says this.
fn told(desk: &Desk, what: &str) -> bool {
    let history = desk.state().run.show.history();
    let mut events = history.events().iter();
    events.any(|event| describe(event, history.head(), history).text.contains(what))
}

fn ready(desk: &Desk, queue: usize) -> usize {
    let stage = desk.state().run.show.stage(desk.moment());
    stage.queues[queue].ready.len()
}

#[test]
fn the_legend_opens_by_key_and_by_menu_and_shows_every_sign() {
    for (size, theme_key) in [
        ([1_280.0, 720.0], None),
        ([1_600.0, 1_000.0], Some(Key::D)),
        ([720.0, 480.0], None),
    ] {
        let mut desk = paused(state("hello", seasoned()), size);
        if let Some(key) = theme_key {
            desk.press(key);
        }
        desk.press(Key::L);
        assert!(desk.state().session.legend);
        for sign in Sign::ALL {
            // The picture of it, and the sentence beside it.
            assert_eq!(desk.count(&sign.meaning()), 2, "{sign:?} at {size:?}");
        }
        let close = desk.0.get_by_role_and_label(Role::Button, "Close").rect();
        assert!(close.max.x < size[0] && close.min.y > 0.0, "{close:?}");
        desk.press(Key::L);
        assert!(!desk.state().session.legend);
    }
    let mut desk = open("hello");
    for menu in ["Help", "View"] {
        desk.click(menu);
        desk.click("Legend L");
        assert!(desk.state().session.legend, "{menu}");
        desk.press(Key::Escape);
        assert!(!desk.state().session.legend, "{menu}");
    }
}

#[test]
fn the_sign_and_its_sentence_stand_side_by_side() {
    let mut desk = paused(state("hello", seasoned()), [1_280.0, 720.0]);
    desk.press(Key::L);
    for sign in [Sign::Ready, Sign::Fill] {
        let meaning = sign.meaning();
        let picture = desk.rect(&meaning);
        let text = desk
            .0
            .get_by(|node| node.role() == Role::Label && node.value() == Some(meaning.clone()))
            .rect();
        assert!(text.min.x > picture.max.x, "{sign:?}");
        assert!(text.min.y < picture.max.y && text.max.y > picture.min.y);
    }
}

#[test]
fn the_badge_leads_to_what_is_not_modelled_and_why() {
    let mut desk = open("hello");
    desk.click("RabbitMQ 4.3 · what is simplified");
    for rule in fidelity() {
        let listed = desk.reads(rule.words);
        assert_eq!(listed, rule.modelled != Modelled::Fully, "{}", rule.rule);
        if listed {
            assert!(desk.reads(rule.simplified), "{}", rule.rule);
        }
    }
    desk.click("Only what is not wholly modelled");
    for rule in fidelity() {
        assert!(desk.reads(rule.words), "{}", rule.rule);
    }
    desk.press(Key::Escape);
    assert!(!desk.state().session.simplified);
    desk.click("Help");
    desk.click("What is simplified");
    assert!(desk.state().session.simplified);
}

#[test]
fn no_other_key_acts_while_the_legend_lies_over_the_window() {
    let mut desk = open("hello");
    desk.press(Key::L);
    for key in [Key::S, Key::F1, Key::I, Key::ArrowRight] {
        let before = (desk.state().inspector_open(), desk.moment());
        desk.press(key);
        let session = &desk.state().session;
        assert!(session.legend && !session.gallery && !session.help);
        assert_eq!((desk.state().inspector_open(), desk.moment()), before);
    }
}

#[test]
fn a_broker_that_is_crashed_by_hand_is_down_until_it_is_started() {
    let mut desk = open("durability");
    desk.send(Command::Seek(ms(1_500)));
    assert!(!canvas_says(&desk, "The broker is down"));
    desk.click("Operate");
    assert_eq!(desk.count("Start the broker"), 0);
    desk.click("Crash the broker");
    assert!(told(&desk, "the broker crashed"));
    assert!(canvas_says(&desk, "The broker is down"));
    desk.click("Operate");
    assert_eq!(desk.count("Crash the broker"), 0);
    desk.click("Start the broker");
    assert!(told(&desk, "the broker is up"));
    assert!(!canvas_says(&desk, "The broker is down"));
}

#[test]
fn an_alarm_is_raised_and_ended_from_the_menu() {
    let mut desk = open("hello");
    desk.send(Command::Seek(ms(1_500)));
    desk.click("Operate");
    desk.click("Raise the memory alarm");
    assert!(canvas_says(&desk, "Alarm"));
    desk.send(Command::Seek(ms(8_000)));
    assert!(canvas_says(&desk, "blocked"));
    desk.click("Operate");
    assert_eq!(desk.count("Raise the memory alarm"), 0);
    desk.click("End the memory alarm");
    assert!(!canvas_says(&desk, "Alarm"));
}

const WAITING: &str = r#"(
    version: 1,
    title: "Waiting",
    until: "20s",
    queues: { "jobs": (max_length: 5, durable: true) },
    publishers: { "app": (every: "1s", keys: ["jobs"], confirms: true) },
)"#;

#[test]
fn a_queue_is_purged_and_deleted_from_the_inspector() {
    let mut desk = written(WAITING);
    desk.send(Command::Seek(ms(4_500)));
    assert!(ready(&desk, 0) > 0);
    desk.click_node("queue jobs");
    desk.click("Purge");
    assert_eq!(ready(&desk, 0), 0);
    assert!(told(&desk, "jobs was purged"));
    desk.send(Command::Seek(ms(8_500)));
    assert!(ready(&desk, 0) > 0, "the run goes on");
    desk.click("Delete");
    assert!(told(&desk, "queue jobs is gone"));
    assert!(canvas_says(&desk, "gone"));
    assert_eq!(desk.count("Purge"), 0, "nothing is left to purge");
}

#[test]
fn the_inspector_tells_a_queues_settings_and_who_made_them() {
    let mut desk = written(WAITING);
    desk.click_node("queue jobs");
    assert!(desk.reads("queue, classic"));
    assert!(desk.reads(&Sign::Durable.meaning()));
    assert!(desk.reads("5 messages ("));
}

#[test]
fn a_ready_message_says_why_it_is_not_delivered() {
    let mut desk = written(WAITING);
    desk.send(Command::Seek(ms(6_500)));
    let stage = desk.state().run.show.stage(desk.moment());
    let beads: Vec<_> = stage.queues[0]
        .ready
        .iter()
        .map(|bead| bead.message)
        .collect();
    desk.send(Command::Select(Some(Target::Message(beads[0]))));
    assert!(desk.reads("nobody consumes from jobs"));
    desk.send(Command::Select(Some(Target::Message(beads[1]))));
    assert!(desk.reads("one message stands before it"));
}

#[test]
fn a_publisher_tells_its_confirms_and_loses_its_connection_by_hand() {
    let mut desk = written(WAITING);
    desk.send(Command::Seek(ms(5_500)));
    desk.click_node("publisher app");
    assert!(desk.reads("confirmed") && desk.reads("not confirmed yet"));
    assert_eq!(desk.count("Connect again"), 0);
    desk.click("Lose the connection");
    assert!(desk.reads("not connected") && desk.reads("the TCP connection is lost"));
    assert!(canvas_says(&desk, "not connected"));
    assert_eq!(desk.count("Lose the connection"), 0);
    desk.click("Connect again");
    desk.send(Command::Seek(desk.moment().at + ms(900)));
    assert_eq!(desk.count("Lose the connection"), 1, "it is open again");
}

#[test]
fn a_refusal_is_told_with_what_it_closes_and_what_would_be_right() {
    let mut desk = tall("exclusive");
    let refused = first(&mut desk, |event| {
        matches!(event, BrokerEvent::Refused { .. })
    });
    desk.send(Command::SelectEvent(refused));
    let event = desk.state().run.show.history().event(refused).unwrap();
    let EventKind::Broker(BrokerEvent::Refused {
        refusal, method, ..
    }) = &event.kind
    else {
        unreachable!("it was looked for");
    };
    assert!(desk.count(&refusal.code.to_string()) >= 1);
    assert_eq!(desk.count(method.unwrap()), 1);
    assert_eq!(desk.count(&refusal.text), 1);
    assert!(desk.reads("the channel"));
    let right = leveret::words::right(refusal).unwrap();
    assert_eq!(desk.count(&right), 1);
}

// C6, C7
#[test]
fn whom_an_actor_logs_in_as_is_told_and_that_it_was_turned_away() {
    let mut desk = tall("permissions");
    desk.send(Command::Seek(ms(300)));
    assert!(canvas_says(&desk, "530 NOT_ALLOWED") && canvas_says(&desk, "not connected"));
    desk.click_node("publisher stranger");
    assert!(desk.reads("logs in as") && desk.reads("refused for user 'stranger'"));
    desk.click_node("consumer cook");
    assert!(desk.reads("logs in as"));
    // What refuses a login closes the connection, which 403 elsewhere does not.
    let refused = first(&mut desk, |event| {
        matches!(event, BrokerEvent::Refused { channel: None, .. })
    });
    desk.send(Command::SelectEvent(refused));
    assert!(desk.reads("connection.open") && desk.reads("may enter this virtual host"));
    assert_eq!(desk.count("the connection"), 1);
    assert_eq!(desk.count("the channel"), 0);

    let mut everybody = tall("flow");
    everybody.click_node("publisher shop");
    assert!(!everybody.reads("logs in as"), "guest is not worth a word");
}

const DEFINITIONS: &str = r#"{
    "rabbitmq_version": "4.2.0",
    "vhosts": [{"name": "/"}],
    "exchanges": [{"name": "docs", "vhost": "/", "type": "headers", "durable": true,
                   "auto_delete": false, "internal": false, "arguments": {}}],
    "queues": [{"name": "pdfs", "vhost": "/", "durable": true, "auto_delete": false, "arguments": {}}],
    "bindings": [{"source": "docs", "vhost": "/", "destination": "pdfs", "destination_type": "queue",
                  "routing_key": "", "arguments": {"x-match": "all", "format": "pdf", "pages": 3}}]
}"#;

fn definitions() -> Desk {
    let scenario =
        load_str("definitions.json", DEFINITIONS).unwrap_or_else(|error| panic!("{error}"));
    let source = Source::File(PathBuf::from("definitions.json"));
    let view = View {
        events: Some(true),
        ..seasoned()
    };
    paused(
        State::new(scenario, source, view).unwrap(),
        [1_600.0, 1_600.0],
    )
}

/// Writes into the field with this label.
fn write(desk: &mut Desk, field: &str, text: &str) {
    let found = desk.0.get_by(|node| {
        let edits = matches!(node.role(), Role::TextInput | Role::MultilineTextInput);
        edits && node.label().is_some_and(|label| label == field)
    });
    found.focus();
    desk.settle();
    let found = desk.0.get_by(|node| {
        let edits = matches!(node.role(), Role::TextInput | Role::MultilineTextInput);
        edits && node.label().is_some_and(|label| label == field)
    });
    found.type_text(text);
    desk.settle();
}

#[test]
fn a_message_written_by_hand_is_routed_into_a_definitions_file() {
    let mut desk = definitions();
    desk.send(Command::Seek(ms(500)));
    desk.click_node("exchange docs");
    write(&mut desk, "routing key", "any");
    write(&mut desk, "headers, name=value", "format=pdf\npages=3");
    write(&mut desk, "body", "hello");
    desk.click("Publish");
    assert!(told(&desk, "you published"));
    desk.send(Command::Seek(ms(5_000)));
    assert_eq!(ready(&desk, 0), 1);
    let stage = desk.state().run.show.stage(desk.moment());
    let message = stage.queues[0].ready.iter().next().unwrap().message;
    let publication = desk.state().run.show.history().message(message).unwrap();
    assert_eq!(publication.routing_key, Name::from("any"));
    assert_eq!(publication.body.to_string(), "hello");
}

// P2
#[test]
fn a_mandatory_message_by_hand_comes_back_and_is_counted() {
    let mut desk = definitions();
    desk.send(Command::Seek(ms(500)));
    desk.click_node("exchange docs");
    let tip = "the broker sends it back to you (basic.return)";
    assert!(!desk.reads(tip));
    let switch = desk
        .0
        .get_by_role_and_label(Role::CheckBox, "mandatory")
        .rect();
    desk.0.hover_at(switch.center());
    desk.0.run_steps(30);
    assert!(desk.reads(tip));
    let came_back = |desk: &Desk| {
        let stage = desk.state().run.show.stage(desk.moment());
        stage.publishers[0].returned
    };
    // What is not mandatory is dropped.
    desk.click("Publish");
    desk.send(Command::Seek(ms(5_000)));
    assert!(told(&desk, "you published"));
    assert_eq!(came_back(&desk), 0);
    desk.send(Command::Seek(ms(500)));
    desk.click("mandatory");
    assert!(desk.state().session.draft.mandatory);
    desk.click("Publish");
    let returned = first(&mut desk, |event| {
        matches!(event, BrokerEvent::Returned { .. })
    });
    let at = desk.state().run.show.director().shown_at(returned).unwrap();
    desk.send(Command::Seek(at + ms(60)));
    let stage = desk.state().run.show.stage(desk.moment());
    let back = stage
        .flights(desk.moment().at)
        .find(|flight| flight.kind == FlightKind::Return);
    let edge = back.unwrap().spot(desk.moment().at).unwrap().edge;
    assert!(
        desk.state().run.show.plan.layout.edges.contains_key(&edge),
        "it is seen on its way"
    );
    assert!(canvas_says(&desk, "return"));
    desk.send(Command::Seek(ms(5_000)));
    assert_eq!(came_back(&desk), 1);
    assert!(told(&desk, "you got"));
    assert!(canvas_says(&desk, "1 returned"));
    desk.click_node("publisher you");
    assert!(desk.reads("came back"));
}

#[test]
fn a_way_that_only_a_hand_takes_is_drawn_and_goes_with_its_story() {
    let mut desk = tall("topic");
    let other = r#"(version: 1, title: "t", until: "9s", exchanges: {
        "used": (type: fanout), "other": (type: fanout) }, queues: { "q": () },
        bindings: [(from: "used", to: "q"), (from: "other", to: "q")],
        publishers: { "app": (to: "used", every: "1s", keys: ["k"]) })"#;
    let scenario = load_str("t.ron", other).unwrap_or_else(|error| panic!("{error}"));
    let loaded = Loaded::new(scenario);
    desk.send(Command::Loaded("t.ron".into(), Box::new(loaded)));
    desk.send(Command::Do(Action::PlayPause));
    let exchange = desk.node("other");
    let leads_there = |desk: &Desk| {
        let topology = &desk.state().run.show.plan.topology;
        let ways = topology.incoming(exchange);
        ways.iter().map(|edge| edge.from).collect::<Vec<_>>()
    };
    desk.send(Command::Seek(ms(2_500)));
    assert_eq!(leads_there(&desk), []);
    desk.click_node("exchange other");
    desk.click("Publish");
    assert_eq!(leads_there(&desk), [NodeKey::Publisher(0)]);
    // Another story from before that.
    desk.send(Command::Seek(ms(500)));
    desk.click_node("publisher app");
    desk.click("Publish");
    assert_eq!(leads_there(&desk), []);
}

#[test]
fn a_header_that_is_none_is_told_and_nothing_can_be_published() {
    let mut desk = definitions();
    desk.click_node("exchange docs");
    write(&mut desk, "headers, name=value", "format");
    assert!(desk.reads("“format” is none"));
    let before = desk.state().run.show.history().events().len();
    desk.click("Publish");
    assert_eq!(desk.state().run.show.history().events().len(), before);
}

#[test]
fn where_nobody_publishes_the_form_says_so() {
    let mut desk = written(
        r#"(version: 1, title: "Nobody", until: "5s", exchanges: { "in": (type: direct) }, queues: { "q": () })"#,
    );
    desk.click_node("exchange in");
    assert!(desk.reads("Nobody here publishes"));
    assert_eq!(desk.count("Publish"), 0);
}

#[test]
fn hovering_a_queue_explains_its_signs_beside_it() {
    let mut desk = written(WAITING);
    let queue = desk.rect("queue jobs");
    assert!(!desk.reads(&Sign::Fill.meaning()));
    desk.0.hover_at(queue.left_center() + vec2(14.0, 0.0));
    desk.0.run_steps(30);
    assert!(desk.reads(&Sign::Fill.meaning()));
}

#[test]
fn what_a_name_or_a_key_says_can_be_seen_though_it_is_empty_or_hides() {
    let mut desk = written(
        r##"(
            until: "20s",
            exchanges: { "logs": topic },
            queues: { " ": (), "b\u{200b}": () },
            bindings: [(from: "logs", to: " ", key: ""), (from: "logs", to: "b\u{200b}", key: "#")],
            publishers: { "web": (to: "logs", every: "1s", keys: [""]) },
        )"##,
    );
    desk.send(Command::Seek(desk.state().end()));
    let nodes: Vec<_> = desk
        .state()
        .run
        .show
        .plan
        .topology
        .nodes()
        .cloned()
        .collect();
    for node in nodes {
        desk.send(Command::Select(Some(Target::Node(node.key))));
        for text in desk.texts() {
            assert!(!text.contains('\u{200b}'), "{text:?}");
        }
    }
    assert!(desk.reads(r#""b\u{200b}""#) && canvas_says(&desk, r#"" ""#));
    let edges: Vec<_> = desk
        .state()
        .run
        .show
        .plan
        .topology
        .edges()
        .cloned()
        .collect();
    let bound = edges
        .iter()
        .find(|edge| edge.label.is_empty() && matches!(edge.to, NodeKey::Queue(_)));
    desk.send(Command::Select(Some(Target::Edge(bound.unwrap().key))));
    assert!(
        desk.count(r#""""#) >= 1,
        "the binding key: {:?}",
        desk.texts()
    );
    desk.send(Command::Do(Action::Find));
    assert!(desk.reads(r#"" ""#));
}

#[test]
fn the_inspector_tells_what_an_exchange_was_at_the_moment() {
    let mut desk = written(
        r#"(
            until: "20s",
            exchanges: { "logs": topic },
            queues: ["a", "b"],
            bindings: [(from: "logs", to: "a", key: "always")],
            script: [
                (at: "4s", bind: (from: "logs", to: "b", key: "later")),
            ],
        )"#,
    );
    desk.send(Command::Seek(desk.state().end()));
    let node = desk
        .state()
        .run
        .show
        .plan
        .topology
        .nodes()
        .find(|node| node.name == *"logs");
    let node = node.unwrap().key;
    desk.send(Command::Select(Some(Target::Node(node))));
    assert!(desk.count("later") == 1 && desk.count("always") == 1);
    desk.send(Command::Seek(ms(2_000)));
    assert!(desk.count("later") == 0 && desk.count("always") == 1);
}
