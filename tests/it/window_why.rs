//! What the inspector tells of a message, and that all of it stays in the inspector.

use egui_kittest::kittest::NodeT;
use leveret::app::{Command, Subject};
use leveret::broker::MessageId;
use leveret::scenario::builtin;
use leveret::scene::Target;
use leveret::world::http::OrderId;

use crate::window::{Desk, ms, paused, seasoned, state};
use crate::window_asking::{ask, tall};

#[test]
fn the_why_table_has_every_binding_of_the_exchange_matched_or_not() {
    for (scenario, key, matched, refused) in [
        ("topic", "kern.error", 3, 1),
        ("topic", "cron.info", 1, 3),
        ("direct", "palermo", 2, 2),
        ("direct", "oslo", 0, 4),
        ("fanout", "goal", 3, 0),
        ("headers", "contract", 2, 2),
        ("headers", "memo", 0, 4),
        ("hello", "hall", 1, 0),
    ] {
        let mut desk = tall(scenario);
        ask(&mut desk, key);
        let counts = (desk.count("matched"), desk.count("did not match"));
        assert_eq!(counts, (matched, refused), "{scenario} {key}");
    }
}

#[test]
fn the_why_table_gives_the_reasons() {
    for (scenario, key, reasons) in [
        (
            "topic",
            "auth.login.error",
            &["# takes any number of words", "“error” is not “login”"][..],
        ),
        ("direct", "milan", &["the keys are equal", "is not"]),
        ("fanout", "goal", &["a fanout exchange ignores the key"]),
        (
            "headers",
            "invoice",
            &[
                "all, and each agrees",
                "all needs every header",
                "language is",
            ],
        ),
    ] {
        let mut desk = tall(scenario);
        ask(&mut desk, key);
        for reason in reasons {
            assert!(desk.reads(reason), "{scenario} {key}: {reason}");
        }
    }
}

#[test]
fn a_topics_words_stand_in_boxes_with_what_each_took() {
    let mut desk = tall("topic");
    ask(&mut desk, "auth.login.error");
    // The patterns are *.error, kern.*, auth.# and #.
    for took in [
        "* takes auth",
        "* takes ·",
        "auth takes auth",
        "# takes login.error",
        "# takes auth.login.error",
    ] {
        assert_eq!(desk.count(took), 1, "{took}");
    }
}

#[test]
fn a_message_tells_its_properties_and_its_story() {
    let mut desk = tall("headers");
    let message = ask(&mut desk, "invoice");
    desk.send(Command::Seek(desk.state().end()));
    for text in [
        "routing key",
        "invoice",
        "three raincoats",
        "header format",
        "delivery mode",
        "Its story so far",
    ] {
        assert!(desk.reads(text), "{text}");
    }
    let inspection = desk.state().run.inspection.as_ref().unwrap();
    assert_eq!(inspection.subject, Subject::Message(message));
    let shown = desk.buttons("inkjet finished").len() + desk.buttons("inkjet acknowledged").len();
    assert_eq!(shown, 2);
}

#[test]
fn the_story_of_a_message_grows_with_the_moment() {
    let mut desk = tall("direct");
    let message = ask(&mut desk, "milan");
    let told = |desk: &Desk| {
        desk.state()
            .run
            .inspection
            .as_ref()
            .map(|known| known.story.len())
    };
    let early = told(&desk);
    desk.send(Command::Seek(desk.moment().at + ms(4_000)));
    assert!(told(&desk) > early);
    desk.send(Command::Seek(ms(100)));
    assert_eq!(
        desk.state().session.selected,
        Some(Target::Message(message))
    );
    assert!(told(&desk) < early);
}

/// Everything that can be read right of the canvas.
fn in_the_inspector(desk: &Desk) -> Vec<(String, egui::Rect)> {
    let canvas = desk.canvas();
    let nodes = desk.0.root().children_recursive();
    let read = nodes.filter_map(|node| {
        let shown = node.accesskit_node();
        let text = shown.value().or(shown.label())?;
        let rect = shown.bounding_box().map(|_| node.rect())?;
        (rect.center().x > canvas.max.x && rect.min.y > canvas.min.y).then_some((text, rect))
    });
    read.collect()
}

#[test]
fn nothing_sticks_out_of_the_inspector() {
    // In a window that is less wide, what is compared has it elsewhere.
    let width = 1_400.0;
    for builtin in builtin::ALL {
        let mut desk = paused(state(builtin.name, seasoned()), [width, 720.0]);
        desk.send(Command::Seek(ms(9_000)));
        let show = &desk.state().run.show;
        let nodes: Vec<_> = show.plan.layout.nodes.keys().copied().collect();
        let edges: Vec<_> = show.plan.layout.edges.keys().copied().collect();
        let nodes = nodes.into_iter().map(Target::Node);
        let edges = edges.into_iter().map(Target::Edge);
        let compares = desk.state().comparing.is_some();
        // What is compared is orders, not messages.
        let things = (1..=6).map(|number| match compares {
            true => Target::Order(OrderId(number)),
            false => Target::Message(MessageId(number)),
        });
        for target in nodes.chain(edges).chain(things) {
            desk.send(Command::Select(Some(target)));
            let wide = width - desk.canvas().max.x;
            assert_eq!(wide, 360.0, "{} {target:?} makes it wider", builtin.name);
            let read = in_the_inspector(&desk);
            assert!(read.len() >= 4, "{}: {read:?}", builtin.name);
            for (text, rect) in read {
                let inside = rect.min.x > desk.canvas().max.x && rect.max.x < width;
                assert!(inside, "{} {target:?}: {text:?} at {rect:?}", builtin.name);
            }
        }
    }
}
