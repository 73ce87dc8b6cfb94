//! Click anything and read about it; why a message went where it went.

use egui::Key;
use egui::accesskit::Toggled;
use egui_kittest::kittest::{NodeT, Queryable};
use leveret::app::Command;
use leveret::broker::{Event as BrokerEvent, MessageId, Micros};
use leveret::scene::Target;
use leveret::topology::EdgeKey;
use leveret::world::EventKind;

use crate::window::{Desk, ms, open, paused, seasoned, state};

/// A window so high that the inspector need not be scrolled.
pub fn tall(scenario: &str) -> Desk {
    paused(state(scenario, seasoned()), [1_600.0, 2_400.0])
}

/// The first message with this routing key, and when its exchange has decided.
fn routed(desk: &Desk, key: &str) -> (MessageId, Micros) {
    let show = &desk.state().run.show;
    let found = show.director().cues().iter().find_map(|cue| {
        let (BrokerEvent::Routed { message, .. } | BrokerEvent::Unroutable { message, .. }) =
            (match &show.history().event(cue.event)?.kind {
                EventKind::Broker(event) => event,
                _ => return None,
            })
        else {
            return None;
        };
        let publication = show.history().message(*message)?;
        (publication.routing_key.as_str() == key).then_some((*message, cue.at))
    });
    found.unwrap()
}

/// Selects the first message with this key, just after its exchange decided.
pub fn ask(desk: &mut Desk, key: &str) -> MessageId {
    desk.send(Command::Seek(desk.state().end()));
    let (message, at) = routed(desk, key);
    desk.send(Command::Seek(at + ms(50)));
    desk.send(Command::Select(Some(Target::Message(message))));
    message
}

#[test]
fn a_click_on_a_node_opens_the_inspector_with_its_facts() {
    let mut desk = tall("topic");
    desk.send(Command::ShowInspector(false));
    for (label, name, kind, facts) in [
        (
            "publisher web",
            "web",
            "publisher",
            vec!["every 1.6 s", "Publish the next one now", "disk is full"],
        ),
        (
            "exchange logs",
            "logs",
            "exchange, topic",
            vec!["Its bindings", "kern.*", "→ security"],
        ),
        (
            "queue errors",
            "errors",
            "queue, classic",
            vec!["Bound to", "*.error", "No message waits."],
        ),
        (
            "consumer dashboard",
            "dashboard",
            "consumer",
            vec!["prefetch", "takes 1 s", "when it is done"],
        ),
    ] {
        assert!(!desk.state().inspector_open());
        desk.click_node(label);
        let node = desk.node(name);
        assert_eq!(desk.state().session.selected, Some(Target::Node(node)));
        assert!(desk.state().inspector_open());
        assert_eq!(desk.count(kind), 1, "{label}");
        for fact in facts {
            assert!(desk.reads(fact), "{label}: {fact}");
        }
        desk.click("Close the inspector");
    }
}

#[test]
fn a_nodes_counts_are_those_of_the_moment() {
    let mut desk = open("direct");
    desk.click_node("queue south");
    desk.send(Command::Seek(ms(20_000)));
    let stage = desk.state().run.show.stage(desk.moment());
    let queue = &stage.queues[1];
    let label = format!(
        "queue south: {} ready, {} unacked",
        queue.ready.len(),
        queue.unacked.len()
    );
    assert_eq!(desk.count(&label), 1);
    assert!(queue.ready.len() + queue.unacked.len() > 0);
}

#[test]
fn a_click_on_a_line_tells_about_the_binding() {
    let mut desk = open("topic");
    let edge = desk
        .state()
        .run
        .show
        .plan
        .topology
        .edges()
        .find_map(|edge| {
            matches!(edge.key, EdgeKey::Binding(_)).then(|| (edge.key, edge.label.clone()))
        });
    let (key, label) = edge.unwrap();
    assert_eq!(label.as_str(), "*.error");
    // Near its end, where no other line is.
    let place = desk.state().run.show.plan.layout.edges[&key].point_at(0.93);
    let node = desk.node("errors");
    let at = desk.on_screen(place, node, "queue errors");
    desk.click_at(at);
    assert_eq!(desk.state().session.selected, Some(Target::Edge(key)));
    assert_eq!(desk.count("logs → errors"), 1);
    assert_eq!(desk.count("binding"), 1);
    assert!(desk.reads("Matches word by word"));
}

#[test]
fn a_click_on_a_message_in_its_queue_selects_the_message() {
    let mut desk = open("direct");
    desk.send(Command::Seek(ms(30_000)));
    let picture = (desk.state().run.show).picture(desk.moment(), Default::default());
    let found = picture.hits.iter().find_map(|hit| match hit.target {
        Target::Message(message) => {
            let nodes = &desk.state().run.show.plan.layout.nodes;
            let queue = nodes[&desk.node("south")];
            queue
                .contains_rect(&hit.rect)
                .then_some((message, hit.rect))
        }
        _ => None,
    });
    let (message, rect) = found.unwrap();
    let at = desk.on_screen(rect.center(), desk.node("south"), "queue south");
    desk.click_at(at);
    let selected = desk.state().session.selected;
    assert_eq!(selected, Some(Target::Message(message)));
    assert_eq!(desk.count(&format!("message {}", message.0)), 1);
}

#[test]
fn escape_and_a_click_on_nothing_unselect() {
    let mut desk = open("topic");
    desk.click_node("queue errors");
    desk.press(Key::Escape);
    assert_eq!(desk.state().session.selected, None);
    assert!(desk.reads("What it teaches"));
    desk.click_node("queue errors");
    let corner = desk.canvas().left_top() + egui::vec2(8.0, 8.0);
    desk.click_at(corner);
    assert_eq!(desk.state().session.selected, None);
}

#[test]
fn an_event_in_the_list_selects_its_message_and_its_line() {
    let mut desk = tall("topic");
    desk.send(Command::Seek(ms(300)));
    let rows = desk.rows();
    let row = rows.iter().find(|row| row.contains(" published ")).unwrap();
    desk.click(row);
    let session = &desk.state().session;
    let Some(Target::Message(message)) = session.selected else {
        panic!("{:?}", session.selected);
    };
    let event = session.event.unwrap();
    assert!(matches!(session.event_edges[..], [EdgeKey::Publish { .. }]));
    let history = desk.state().run.show.history();
    assert_eq!(history.event(event).unwrap().kind.message(), Some(message));
    assert_eq!(desk.count(&format!("message {}", message.0)), 1);
    let selected = desk.0.get_by_label(row);
    assert_eq!(selected.accesskit_node().toggled(), Some(Toggled::True));
}

#[test]
fn an_event_of_a_message_that_ended_early_selects_it_too() {
    let mut desk = open("direct");
    desk.send(Command::Seek(desk.state().end()));
    let (message, at) = routed(&desk, "oslo");
    desk.send(Command::Seek(at));
    let rows = desk.rows();
    let row = rows
        .iter()
        .find(|row| row.contains("the message ends"))
        .unwrap();
    desk.click(row);
    assert_eq!(
        desk.state().session.selected,
        Some(Target::Message(message))
    );
}

#[test]
fn a_double_click_on_an_event_goes_to_its_moment() {
    let mut desk = open("direct");
    desk.send(Command::Seek(ms(9_000)));
    let rows = desk.rows();
    let row = &rows[rows.len() - 4];
    let at = desk.0.get_by_label(row).rect().center();
    for _ in 0..2 {
        desk.0.hover_at(at);
        desk.0.drag_at(at);
        desk.0.event(egui::Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed: false,
            modifiers: egui::Modifiers::NONE,
        });
    }
    desk.settle();
    let show = &desk.state().run.show;
    let event = desk.state().session.event.unwrap();
    assert_eq!(Some(desk.moment()), show.director().moment_of(event));
    assert_eq!(desk.rows().last(), Some(row), "it is the newest now");
}

#[test]
fn publish_now_puts_a_message_in_at_this_moment() {
    let mut desk = open("direct");
    desk.click_node("publisher shop");
    desk.send(Command::Seek(ms(5_500)));
    let before = desk.state().run.show.stage(desk.moment()).publishers[0].published;
    desk.click("Publish the next one now");
    // Time goes on with it for a while.
    assert!(desk.moment().at > ms(5_500));
    let moment = desk.state().run.show.director().moment(ms(5_500));
    let after = desk.state().run.show.stage(moment).publishers[0].published;
    assert_eq!(after, before + 1);
    let inputs = desk.state().run.show.history().inputs();
    assert_eq!(inputs.len(), 1);
    assert_eq!(inputs[0].1, ms(5_500));
}

#[test]
fn another_story_from_here_drops_what_had_happened_later() {
    let mut desk = open("direct");
    desk.click_node("publisher shop");
    desk.send(Command::Seek(ms(20_000)));
    desk.send(Command::Seek(ms(5_500)));
    let later = |desk: &Desk| {
        let events = desk.state().run.show.history().events();
        events.iter().filter(|event| event.at > ms(5_500)).count()
    };
    assert!(later(&desk) > 10);
    desk.click("Publish the next one now");
    let known = desk.state().run.show.history().complete_to();
    assert!(known < ms(10_000), "{known}");
    desk.send(Command::Seek(ms(20_000)));
    assert!(later(&desk) > 10);
    desk.send(Command::Seek(ms(5_500)));
    desk.press(Key::ArrowLeft);
    desk.press(Key::ArrowRight);
    assert!(
        desk.rows()
            .last()
            .unwrap()
            .starts_with("5.50 shop published")
    );
}

#[test]
fn a_message_that_the_new_story_does_not_have_is_no_longer_selected() {
    let mut desk = open("direct");
    desk.send(Command::Seek(ms(20_000)));
    let (latest, _) = (desk.state().run.show.history().events().iter().rev())
        .find_map(|event| Some((event.kind.message()?, event.at)))
        .unwrap();
    desk.send(Command::Select(Some(Target::Message(latest))));
    desk.send(Command::Seek(ms(2_000)));
    desk.send(Command::Publish(leveret::world::PublisherId(0)));
    assert_eq!(desk.state().session.selected, None);
}
