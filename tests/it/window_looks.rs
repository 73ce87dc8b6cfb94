//! Panels, theme, zoom, keyboard, camera, and windows and scenarios of odd sizes.

use std::collections::BTreeSet;
use std::path::PathBuf;

use egui::accesskit::{Action as Access, Role};
use egui::{Key, Modifiers, Pos2, Rect, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use leveret::app::{Action, Camera, Command, View};
use leveret::scene::{Ink, Target, Theme};
use leveret::ui::theme;

use crate::window::{Desk, ms, open, paused, playing, seasoned, state};

#[test]
fn the_theme_changes_by_key_and_by_button() {
    let mut desk = open("hello");
    let shown = |desk: &Desk| desk.0.ctx.global_style().visuals.panel_fill;
    assert_eq!(shown(&desk), theme::color(Ink::Panel, Theme::Light));
    desk.press(Key::D);
    assert_eq!(desk.state().view.theme, Theme::Dark);
    assert_eq!(shown(&desk), theme::color(Ink::Panel, Theme::Dark));
    desk.click("Light or dark");
    assert_eq!(shown(&desk), theme::color(Ink::Panel, Theme::Light));
}

#[test]
fn a_changed_theme_is_whole_in_the_first_picture() {
    let mut desk = open("hello");
    desk.0.state_mut().send(Command::Do(Action::Theme));
    desk.0.step();
    let first = desk.0.output().shapes.clone();
    desk.0.step();
    assert!(first == desk.0.output().shapes);
}

#[test]
fn the_whole_interface_grows_and_shrinks() {
    let mut desk = open("hello");
    let zoom = |desk: &Desk| (desk.state().view.zoom, desk.0.ctx.zoom_factor());
    desk.press_with(Modifiers::COMMAND, Key::Plus);
    desk.press_with(Modifiers::COMMAND, Key::Equals);
    assert_eq!(zoom(&desk), (1.25, 1.25));
    desk.press_with(Modifiers::COMMAND, Key::Minus);
    assert_eq!(zoom(&desk), (1.125, 1.125));
    for _ in 0..20 {
        desk.press_with(Modifiers::COMMAND, Key::Plus);
    }
    assert_eq!(zoom(&desk), (2.5, 2.5));
    desk.press_with(Modifiers::COMMAND, Key::Num0);
    assert_eq!(zoom(&desk), (1.0, 1.0));
}

#[test]
fn reduced_motion_is_in_the_view_menu() {
    let mut desk = open("hello");
    desk.click("View");
    desk.click("Reduced motion");
    assert!(desk.state().view.reduced_motion);
}

#[test]
fn escape_closes_an_open_menu_and_nothing_else() {
    let mut desk = open("hello");
    desk.click_node("queue hall");
    desk.click("View");
    assert_eq!(desk.count("Reduced motion"), 1);
    desk.press(Key::Escape);
    assert_eq!(desk.count("Reduced motion"), 0);
    assert!(desk.state().session.selected.is_some());
    desk.press(Key::Escape);
    assert!(desk.state().session.selected.is_none());
}

#[test]
fn the_panels_open_and_close_by_key_and_by_button() {
    let mut desk = open("hello");
    let is_open = |desk: &Desk| (desk.reads("Coming next"), desk.reads("What happened"));
    assert_eq!(is_open(&desk), (true, true));
    desk.press(Key::I);
    assert_eq!(is_open(&desk), (false, true));
    desk.press(Key::E);
    assert_eq!(is_open(&desk), (false, false));
    desk.press(Key::E);
    desk.press(Key::I);
    assert_eq!(is_open(&desk), (true, true));
    desk.click("Close the inspector");
    desk.click("Close the event list");
    assert_eq!(is_open(&desk), (false, false));
    desk.click("View");
    desk.click("Inspector I");
    assert_eq!(is_open(&desk), (true, false));
}

#[test]
fn the_canvas_keeps_most_of_a_small_window_and_a_large_one_has_all_panels() {
    let share = |desk: &Desk, size: [f32; 2]| desk.canvas().area() / (size[0] * size[1]);
    let small = [1_280.0, 720.0];
    let desk = paused(state("topic", seasoned()), small);
    assert!(!desk.state().events_open() && desk.state().inspector_open());
    assert!(share(&desk, small) >= 0.6, "{}", share(&desk, small));
    let desk = open("topic");
    assert!(desk.state().events_open() && desk.state().inspector_open());
    let desk = paused(state("topic", seasoned()), [1_000.0, 700.0]);
    assert!(!desk.state().events_open() && !desk.state().inspector_open());
}

#[test]
fn the_help_lists_the_keys() {
    let mut desk = open("hello");
    desk.press(Key::F1);
    assert!(desk.reads("One event forward") && desk.reads("Drag the canvas to move it"));
    desk.press(Key::Escape);
    assert!(!desk.reads("Drag the canvas to move it"));
}

/// Presses Tab until the focus is where it was, and gives the labels of all it was on.
fn tabbed(desk: &mut Desk) -> Vec<String> {
    let mut order: Vec<(egui::accesskit::NodeId, String)> = Vec::new();
    for _ in 0..200 {
        desk.press(Key::Tab);
        let focused = desk.0.query_by(|node| node.is_focused());
        let Some(focused) = focused.map(|node| node.accesskit_node()) else {
            continue;
        };
        let (id, _) = focused.locate();
        if order.iter().any(|&(known, _)| known == id) {
            break;
        }
        order.push((id, focused.label().unwrap_or_default()));
    }
    order.into_iter().map(|(_, label)| label).collect()
}

#[test]
fn tab_reaches_every_node_and_every_button() {
    let mut desk = open("topic");
    desk.send(Command::Seek(ms(3_000)));
    let reached: BTreeSet<_> = tabbed(&mut desk).into_iter().collect();
    for button in desk.buttons("") {
        assert!(reached.contains(&button), "{button}: {reached:#?}");
    }
    for (kind, count) in [
        ("publisher ", 2),
        ("exchange ", 1),
        ("queue ", 4),
        ("consumer ", 4),
    ] {
        let nodes = reached.iter().filter(|label| label.starts_with(kind));
        // As the labels of nodes go: with a count or a type.
        let nodes = nodes.filter(|label| label.contains(':') || label.contains(", topic"));
        assert_eq!(nodes.count(), count, "{kind}");
    }
    assert!(reached.contains("Moment of the run"));
}

#[test]
fn everything_that_can_be_focused_or_clicked_has_a_label() {
    let nameless = |desk: &Desk| {
        let nodes = desk.0.root().children_recursive();
        let nodes = nodes.map(|node| node.accesskit_node()).filter(|node| {
            let data = node.data();
            // egui's own, which a screen reader does not name.
            let bar = node.role() == Role::ScrollBar;
            let acts = data.supports_action(Access::Focus) || data.supports_action(Access::Click);
            let named = match node.role() {
                Role::Label => node.value(),
                _ => node.label(),
            };
            !bar && acts && named.is_none_or(|name| name.trim().is_empty())
        });
        nodes
            .map(|node| format!("{:?} at {:?}", node.role(), node.raw_bounds()))
            .collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    let mut desk = open("topic");
    desk.send(Command::Seek(ms(5_000)));
    assert_eq!(nameless(&desk), none);
    for label in [
        "publisher web",
        "exchange logs",
        "queue all",
        "consumer disk",
    ] {
        desk.click_node(label);
        assert_eq!(nameless(&desk), none, "{label}");
    }
    let row = desk.rows()[1].clone();
    desk.click(&row);
    assert_eq!(nameless(&desk), none, "message");
    for key in [Key::S, Key::F1] {
        desk.press(key);
        assert_eq!(nameless(&desk), none, "{key:?}");
        desk.press(key);
    }
    desk.send(Command::OpenFile(PathBuf::from("nowhere.ron").into()));
    assert_eq!(nameless(&desk), none, "problems");
    let desk = playing(state("hello", View::default()), [1_280.0, 720.0]);
    assert_eq!(nameless(&desk), none, "hints");
}

#[test]
fn enter_on_a_node_selects_it() {
    let mut desk = open("topic");
    for (label, name) in [("queue kernel", "kernel"), ("publisher cron", "cron")] {
        let found = desk.buttons(label).remove(0);
        desk.0.get_by_label(&found).focus();
        desk.settle();
        desk.press(Key::Enter);
        let node = desk.node(name);
        assert_eq!(desk.state().session.selected, Some(Target::Node(node)));
    }
}

/// Where some of the nodes are.
fn places(desk: &Desk) -> Vec<Rect> {
    let labels = [
        "publisher web",
        "exchange logs",
        "queue errors",
        "queue all",
    ];
    labels.iter().map(|label| desk.rect(label)).collect()
}

/// A place of the canvas where nothing is.
fn free(desk: &Desk) -> Pos2 {
    desk.canvas().left_top() + vec2(20.0, 20.0)
}

fn near(a: &[Rect], b: &[Rect]) -> bool {
    let apart = |(a, b): (&Rect, &Rect)| a.min.distance(b.min).max(a.max.distance(b.max));
    a.iter().zip(b).map(apart).fold(0.0, f32::max) < 1.5
}

#[test]
fn the_background_drags_the_canvas_and_f_fits_it_again() {
    let mut desk = open("topic");
    let before = places(&desk);
    let from = free(&desk);
    desk.drag(from, from + vec2(60.0, 40.0));
    let moved: Vec<_> = before
        .iter()
        .map(|rect| rect.translate(vec2(60.0, 40.0)))
        .collect();
    assert!(near(&places(&desk), &moved), "{:?}", places(&desk));
    assert!(matches!(desk.state().run.camera, Camera::Free { .. }));
    desk.press(Key::F);
    assert!(near(&places(&desk), &before));
    assert_eq!(desk.state().session.selected, None, "a drag is no click");
}

#[test]
fn the_wheel_zooms_about_the_pointer() {
    let mut desk = open("topic");
    let before = desk.rect("queue kernel");
    let pointer = desk.rect("exchange logs").center();
    desk.0.hover_at(pointer);
    desk.0.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        source: egui::MouseWheelSource::Unknown,
        delta: vec2(0.0, 100.0),
        phase: egui::TouchPhase::Move,
        modifiers: Modifiers::NONE,
    });
    desk.settle();
    let after = desk.rect("queue kernel");
    let factor = after.width() / before.width();
    assert!(factor > 1.2, "{factor}");
    let exchange = desk.rect("exchange logs").center();
    assert!(exchange.distance(pointer) < 1.5, "{exchange} {pointer}");
    let wanted = pointer + (before.left_center() - pointer) * factor;
    assert!(after.left_center().distance(wanted) < 2.0);
}

#[test]
fn a_dragged_node_moves_and_nothing_else_until_it_is_put_back() {
    let mut desk = open("topic");
    let before = places(&desk);
    let from = desk.rect("queue errors").center();
    desk.drag(from, from + vec2(30.0, -20.0));
    let mut wanted = before.clone();
    wanted[2] = wanted[2].translate(vec2(30.0, -20.0));
    assert!(
        near(&places(&desk), &wanted),
        "{:?} {wanted:?}",
        places(&desk)
    );
    assert!(desk.state().run.show.plan.is_pinned());
    assert_eq!(desk.state().session.selected, None, "a drag is no click");
    desk.click("View");
    desk.click("Put moved things back");
    assert!(near(&places(&desk), &before));
    assert!(!desk.state().run.show.plan.is_pinned());
}
