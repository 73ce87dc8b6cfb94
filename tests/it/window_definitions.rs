//! RabbitMQ's definitions in the window: what does not act in them, which virtual host of several, and of those that
//! are too large to be drawn, a part.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use leveret::app::{Camera, Command, Notices, Source, State};
use leveret::scenario::Start;
use leveret::topology::NodeKey;
use leveret::words::LANGUAGE;
use tempfile::TempDir;

use crate::window::{Desk, ms, paused, seasoned, state};

fn file(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn desk() -> Desk {
    paused(state("topic", seasoned()), [1_280.0, 720.0])
}

/// A window that has opened this file.
fn opened(path: &Path) -> Desk {
    opened_in(path, [1_280.0, 720.0])
}

fn opened_in(path: &Path, size: [f32; 2]) -> Desk {
    let mut desk = paused(state("topic", seasoned()), size);
    desk.send(Command::OpenFile(path.to_path_buf().into()));
    desk
}

/// What is open, by its file's name.
fn title(desk: &Desk) -> &str {
    desk.state().document.scenario.title.get(LANGUAGE)
}

/// What has the keyboard's focus.
fn focused(desk: &Desk) -> String {
    let nodes = desk.0.root().children_recursive();
    let mut focused = nodes.filter(|node| node.accesskit_node().is_focused());
    let focused = focused.next().unwrap();
    focused.accesskit_node().label().unwrap_or_default()
}

const TWO: &str = r#"{
    "vhosts": [{"name": "orders"}, {"name": "stock"}, {"name": "void"}],
    "queues": [{"name": "a", "vhost": "orders"}, {"name": "b", "vhost": "stock"}, {"name": "c", "vhost": "stock"}],
    "exchanges": [{"name": "in", "vhost": "stock", "type": "fanout", "durable": true, "arguments": {}}]
}"#;

#[test]
fn of_several_virtual_hosts_one_is_chosen_with_the_keyboard() {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "two.json", TWO);
    let mut desk = opened(&path);
    assert!(desk.reads("Which virtual host?"));
    let rows = [
        "orders: 1 queue · 0 exchanges",
        "stock: 2 queues · 1 exchange",
        "void: 0 queues · 0 exchanges",
    ];
    for row in rows {
        assert_eq!(desk.count(row), 1, "{row}: {:#?}", desk.texts());
    }
    assert_eq!(focused(&desk), rows[0]);
    desk.press(Key::ArrowDown);
    assert_eq!(focused(&desk), rows[1]);
    desk.press(Key::Enter);
    assert!(!desk.reads("Which virtual host?"));
    assert_eq!(desk.state().document.source, Source::File(path));
    assert_eq!(desk.state().document.scenario.setup.vhost, "stock");
    assert_eq!(
        desk.buttons("queue "),
        ["queue b: 0 ready, 0 unacked", "queue c: 0 ready, 0 unacked"]
    );
}

#[test]
fn the_virtual_host_can_be_changed_later() {
    let folder = TempDir::new().unwrap();
    let mut desk = opened(&file(&folder, "two.json", TWO));
    desk.click("stock: 2 queues · 1 exchange");
    desk.click("vhost stock");
    assert_eq!(
        focused(&desk),
        "stock: 2 queues · 1 exchange",
        "the one that is shown"
    );
    desk.press(Key::ArrowUp);
    desk.press(Key::Enter);
    assert_eq!(desk.state().document.scenario.setup.vhost, "orders");
    assert_eq!(desk.count("vhost orders"), 1);
    // Not choosing leaves all as it is.
    desk.click("vhost orders");
    desk.press(Key::Escape);
    assert!(!desk.reads("Which virtual host?"));
    assert_eq!(desk.state().document.scenario.setup.vhost, "orders");
}

#[test]
fn who_does_not_choose_keeps_what_was_open() {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "two.json", TWO);
    for close in [
        |desk: &mut Desk| desk.press(Key::Escape),
        |desk: &mut Desk| desk.click("Close"),
    ] {
        let mut desk = opened(&path);
        // Nothing else answers meanwhile.
        desk.press(Key::S);
        assert!(!desk.state().session.gallery);
        close(&mut desk);
        assert!(!desk.reads("Which virtual host?"));
        assert_eq!(desk.state().document.source, Source::Builtin("topic"));
        assert_eq!(desk.buttons("vhost "), [""; 0]);
    }
}

#[test]
fn where_there_is_one_virtual_host_nothing_is_asked() {
    let folder = TempDir::new().unwrap();
    let one = r#"{"vhosts": [{"name": "only"}], "queues": [{"name": "a", "vhost": "only"}]}"#;
    let mut desk = opened(&file(&folder, "one.json", one));
    assert_eq!(title(&desk), "one.json");
    assert_eq!(desk.buttons("vhost "), [""; 0]);
    desk.send(Command::ListVhosts);
    assert!(!desk.reads("Which virtual host?"));
}

/// Definitions with so many bindings of queues that are not there, a notice for each.
fn lacking(bindings: usize) -> String {
    let mut text = String::from(
        r#"{"vhosts": [{"name": "/"}], "queues": [{"name": "q", "vhost": "/"}],
        "exchanges": [{"name": "x", "vhost": "/", "type": "direct", "durable": true, "arguments": {}}],
        "global_parameters": [{"name": "cluster_name", "value": "hare"}], "bindings": ["#,
    );
    for n in 0..bindings {
        let comma = if n == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}{{"source": "x", "vhost": "/", "destination": "missing-{n}", "destination_type": "queue", "routing_key": "", "arguments": {{}}}}"#
        )
        .unwrap();
    }
    text + "]}"
}

#[test]
fn what_does_not_act_is_told_by_a_badge_that_opens_a_list() {
    let folder = TempDir::new().unwrap();
    let mut desk = opened(&file(&folder, "some.json", &lacking(2)));
    let notices = desk.state().document.scenario.notices.clone();
    assert_eq!(notices.len(), 3);
    assert!(!desk.reads(&notices[0]), "not unasked");
    let badge = "3 notes on these definitions";
    let canvas = desk.canvas();
    let badges = desk.0.get_all_by_label(badge).map(|badge| badge.rect());
    let corner = badges
        .into_iter()
        .find(|badge| canvas.contains_rect(*badge));
    let corner = corner.unwrap();
    assert!(corner.min.y > canvas.center().y);
    desk.click_at(corner.center());
    for notice in &notices {
        assert_eq!(desk.count(notice), 1, "{notice}");
    }
    desk.press(Key::Escape);
    assert!(!desk.reads(&notices[0]));
    assert_eq!(desk.state().session.notices, Notices::Badge);
}

#[test]
fn the_badge_can_be_closed_and_the_inspector_still_leads_to_the_list() {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "some.json", &lacking(2));
    let mut desk = opened(&path);
    let badge = "3 notes on these definitions";
    assert_eq!(
        desk.buttons(badge).len(),
        2,
        "in the corner and in the inspector"
    );
    desk.click("Close this note");
    assert_eq!(desk.buttons(badge).len(), 1);
    desk.click(badge);
    assert_eq!(desk.state().session.notices, Notices::Open);
    desk.click("Close");
    // Another file has its own.
    desk.send(Command::OpenFile(path.into()));
    assert_eq!(desk.buttons(badge).len(), 2);
    desk.send(Command::OpenBuiltin("hello"));
    assert_eq!(desk.buttons(badge).len(), 0);
}

#[test]
fn many_notices_are_scrolled_within_the_window() {
    let folder = TempDir::new().unwrap();
    let mut desk = opened(&file(&folder, "many.json", &lacking(60)));
    let notices = desk.state().document.scenario.notices.clone();
    assert!(notices.len() > 20);
    desk.send(Command::ShowNotices(Notices::Open));
    let close = desk.0.get_by_role_and_label(Role::Button, "Close").rect();
    assert!(close.min.y > 0.0 && close.max.y < 720.0, "{close:?}");
    let place = |desk: &Desk, text: &str| {
        let found = desk.0.get_by(|node| {
            node.role() == Role::Label && node.value().is_some_and(|value| value == text)
        });
        found.rect()
    };
    let last = notices.last().unwrap();
    assert!(
        place(&desk, last).min.y > 720.0,
        "there is more than there is room for"
    );
    let inside = egui::pos2(640.0, 400.0);
    desk.0.hover_at(inside);
    for _ in 0..40 {
        desk.0.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            source: egui::MouseWheelSource::Unknown,
            delta: egui::vec2(0.0, -200.0),
            phase: egui::TouchPhase::Move,
            modifiers: Modifiers::NONE,
        });
        desk.0.step();
    }
    desk.settle();
    assert!(place(&desk, last).max.y < 720.0, "and it can be got to");
}

/// A file that is there only when somebody has written it.
#[cfg(unix)]
#[test]
fn while_a_file_is_read_the_window_goes_on_and_says_so() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("slow.json");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    let mut desk = desk();
    desk.0
        .state_mut()
        .send(Command::OpenFile(path.clone().into()));
    desk.0.run_steps(2);
    assert!(!desk.reads("Opening"), "most files are there at once");
    desk.0.run_steps(10);
    assert!(desk.reads("Opening slow.json …"));
    assert_eq!(desk.state().document.source, Source::Builtin("topic"));
    desk.0.key_press(Key::L);
    desk.0.run_steps(2);
    assert!(desk.state().session.legend, "all else works meanwhile");
    fs::write(&path, r#"{"queues": [{"name": "late", "vhost": "/"}]}"#).unwrap();
    desk.settle();
    assert!(!desk.reads("Opening"));
    assert_eq!(desk.buttons("queue ").len(), 1);
    assert_eq!(title(&desk), "slow.json");
}

#[test]
fn what_is_large_or_asks_a_question_is_opened_when_the_window_stands() {
    let folder = TempDir::new().unwrap();
    let large = large(50, 8_000, 40_000);
    assert!(large.len() > 4 << 20, "{} octets", large.len());
    let large = file(&folder, "large.json", &large);
    let two = file(&folder, "two.json", TWO);
    let start = |path: &Path, vhost| Start::on(path.to_str(), vhost).unwrap();
    let stands = |path, vhost| {
        let state = State::on(start(path, vhost)).unwrap();
        assert_eq!(state.document.source, Source::Builtin("hello"));
        assert!(!state.is_playing(), "what nobody asked for stands still");
        let mut desk = paused(state, [1_280.0, 720.0]);
        desk.settle();
        desk
    };
    assert_eq!(title(&stands(&large, None)), "large.json");
    let asked = stands(&two, None);
    assert!(asked.reads("Which virtual host?"));
    let told = State::on(start(&two, Some("stock"))).unwrap();
    assert!(told.is_playing());
    assert_eq!(told.document.source, Source::File(two));
    // What is small and broken is told beside the command.
    let broken = file(&folder, "broken.json", "{");
    assert!(Start::on(broken.to_str(), None).is_err());
    let first = State::on(Start::on(None, None).unwrap()).unwrap();
    assert_eq!(first.document.source, Source::Builtin("hello"));
}

#[test]
fn a_file_that_is_broken_in_the_middle_says_where_and_what_was_open_stays() {
    let folder = TempDir::new().unwrap();
    let whole = large(20, 200, 400);
    // In the middle of a line, where a value is wanted.
    let at = whole.find("\"queue-100\"").unwrap();
    let broken = format!("{}?{}", &whole[..at], &whole[at..]);
    let line = whole[..at].matches('\n').count() + 1;
    let column = at - whole[..at].rfind('\n').unwrap();
    for (name, text) in [
        ("broken.json", broken),
        ("cut.json", whole[..at].to_owned()),
    ] {
        let mut desk = desk();
        desk.send(Command::Seek(ms(7_000)));
        desk.send(Command::OpenFile(file(&folder, name, &text).into()));
        assert!(desk.reads(&format!("{name} could not be opened")));
        let place = format!(
            "line {line}, column {}",
            if name == "cut.json" {
                column - 1
            } else {
                column
            }
        );
        assert!(desk.reads(&place), "{place}: {:#?}", desk.texts());
        assert_eq!(desk.state().document.source, Source::Builtin("topic"));
        assert_eq!(desk.moment().at, ms(7_000));
    }
}

/// Definitions with so many exchanges, queues and bindings, a thing a line.
fn large(exchanges: usize, queues: usize, bindings: usize) -> String {
    let list = |count: usize, thing: &dyn Fn(usize) -> String| {
        (0..count).map(thing).collect::<Vec<_>>().join(",\n")
    };
    let exchange = |n| {
        format!(
            r#"{{"name": "exchange-{n}", "vhost": "/", "type": "direct", "durable": true, "arguments": {{}}}}"#
        )
    };
    let queue =
        |n| format!(r#"{{"name": "queue-{n}", "vhost": "/", "durable": true, "arguments": {{}}}}"#);
    let binding = |n| {
        let (from, to) = (n % exchanges, n % queues);
        format!(
            r#"{{"source": "exchange-{from}", "vhost": "/", "destination": "queue-{to}", "destination_type": "queue", "routing_key": "key.{n}", "arguments": {{}}}}"#
        )
    };
    format!(
        "{{\"vhosts\": [{{\"name\": \"/\"}}],\n\"exchanges\": [\n{}],\n\"queues\": [\n{}],\n\"bindings\": [\n{}]}}",
        list(exchanges, &exchange),
        list(queues, &queue),
        list(bindings, &binding),
    )
}

/// A window on a graph too large to be drawn whole.
fn vast() -> Desk {
    let folder = TempDir::new().unwrap();
    opened(&file(&folder, "vast.json", &large(10, 2_000, 4_000)))
}

fn drawn(desk: &Desk) -> usize {
    desk.state().run.show.plan.layout.nodes.len()
}

#[test]
fn of_a_graph_too_large_to_be_drawn_a_part_is_and_its_size_is_told() {
    let mut desk = vast();
    assert!(drawn(&desk) <= 16, "{}", drawn(&desk));
    let hidden = desk.state().run.show.plan.left_out().lines;
    assert!(hidden > 300, "{hidden}");
    assert!(desk.reads(&format!(
        "exchange-0 with 10 of its 201 neighbours. {hidden} of their lines are not drawn. \
         In all there are 2,000 queues, 10 exchanges and 4,001 lines."
    )));
    assert_eq!(desk.buttons("publisher you").len(), 1);
    desk.click("More");
    assert!(desk.reads("exchange-0 with 20 of its 201 neighbours"));
    for _ in 0..3 {
        desk.click("More");
    }
    assert!(desk.reads("exchange-0 with 160 of its 201 neighbours"));
    assert_eq!(desk.buttons("More"), [""; 0], "more cannot be looked at");
}

#[test]
fn a_small_graph_is_drawn_whole_and_says_nothing_of_its_size() {
    let folder = TempDir::new().unwrap();
    let desk = opened(&file(&folder, "small.json", &large(3, 60, 120)));
    assert_eq!(drawn(&desk), 64);
    assert!(!desk.reads("neighbours"));
}

/// Writes into the field of what is looked for.
fn look_for(desk: &mut Desk, text: &str) {
    desk.press_with(Modifiers::COMMAND, Key::F);
    assert!(desk.reads("Find an exchange or a queue"));
    desk.0.get_by_role(Role::TextInput).type_text(text);
    desk.settle();
}

#[test]
fn a_queue_is_found_by_its_name_and_shown_with_what_is_around_it() {
    let mut desk = vast();
    look_for(&mut desk, "UEUE-19");
    assert!(desk.reads("The first 50 of 111; write more of the name to see others."));
    look_for_more(&mut desk, "99");
    assert!(desk.reads("1 found"), "{:#?}", desk.texts());
    desk.press(Key::Enter);
    assert!(!desk.reads("Find an exchange or a queue"));
    let queue = desk.node("queue-1999");
    assert_eq!(
        desk.state().session.selected,
        Some(leveret::scene::Target::Node(queue))
    );
    assert_eq!(desk.state().run.camera, Camera::Fit);
    // The two bindings are of one exchange, to which nobody publishes.
    let hidden = desk.state().run.show.plan.left_out().lines;
    assert!(
        hidden > 300,
        "the other bindings of that exchange: {hidden}"
    );
    assert!(desk.reads(&format!(
        "queue-1999 with its one neighbour. {hidden} of their lines are not drawn. In all"
    )));
    assert_eq!(drawn(&desk), 2);
    // From there to the next.
    desk.click_node("exchange exchange-9");
    desk.click("Show what is around it");
    assert!(desk.reads("exchange-9 with 10 of its 200 neighbours"));
}

fn look_for_more(desk: &mut Desk, text: &str) {
    desk.0.get_by_role(Role::TextInput).type_text(text);
    desk.settle();
}

#[test]
fn the_arrows_choose_among_what_is_found() {
    let mut desk = desk();
    look_for(&mut desk, "e");
    let chosen = |desk: &Desk| desk.state().session.find.as_ref().map(|find| find.chosen);
    assert_eq!(chosen(&desk), Some(0));
    for (key, place) in [
        (Key::ArrowUp, 0),
        (Key::ArrowDown, 1),
        (Key::ArrowDown, 2),
        (Key::ArrowUp, 1),
    ] {
        desk.press(key);
        assert_eq!(chosen(&desk), Some(place));
    }
    let mut rows = desk.buttons("");
    rows.retain(|row| row.ends_with(", queue, classic"));
    desk.press(Key::Enter);
    let wanted = desk.node(rows[1].split(',').next().unwrap());
    let selected = Some(leveret::scene::Target::Node(wanted));
    assert_eq!(desk.state().session.selected, selected);
    look_for(&mut desk, "no such thing");
    assert!(desk.reads("Nothing here has that in its name."));
    desk.press(Key::Enter);
    desk.press(Key::Escape);
    assert!(!desk.reads("Find an exchange or a queue"));
}

#[test]
fn what_is_published_by_hand_into_a_part_is_seen_there() {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "vast.json", &large(10, 2_000, 4_000));
    // So high that the inspector need not be scrolled.
    let mut desk = opened_in(&path, [1_280.0, 2_000.0]);
    look_for(&mut desk, "exchange-7");
    desk.press(Key::Enter);
    assert!(desk.reads("and 370 more"), "of its 400 bindings");
    let exchange = desk.node("exchange-7");
    let is_drawn = |desk: &Desk, key| desk.state().run.show.plan.layout.nodes.contains_key(&key);
    assert!(!is_drawn(&desk, NodeKey::Publisher(0)));
    desk.send(Command::Draft(leveret::app::Draft {
        key: "key.7".into(),
        ..leveret::app::Draft::default()
    }));
    desk.click("Publish");
    assert!(is_drawn(&desk, NodeKey::Publisher(0)) && is_drawn(&desk, exchange));
    let topology = &desk.state().run.show.plan.topology;
    let edges = topology.outgoing(NodeKey::Publisher(0));
    assert_eq!(
        edges.iter().map(|edge| edge.to).collect::<Vec<_>>(),
        [exchange]
    );
    assert!(desk.reads("exchange-7 with 10 of its 201 neighbours"));
}
