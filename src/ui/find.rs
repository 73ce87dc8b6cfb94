//! Looking for an exchange or a queue by its name.

use egui::{Context, Id, Key, Modal, Modifiers, Response, RichText, Role, ScrollArea, Sense};
use egui::{TextEdit, Ui, WidgetInfo, vec2};

use crate::app::{Action, Command, Find};
use crate::scene::Ink;
use crate::t;
use crate::topology::{Node, NodeKey};
use crate::words::{exchange_name, shown};

use super::gallery::heading;
use super::theme;
use super::window::Panels;

/// More than this are counted, not listed.
const MOST: usize = 50;
const ROW: f32 = 26.0;

pub(super) fn show(ctx: &Context, panels: &mut Panels) {
    let Some(mut find) = panels.state.session.find.clone() else {
        return;
    };
    let room = ctx.content_rect().size();
    let (found, count) = search(panels, &find.text);
    let last = found.len().saturating_sub(1);
    find.chosen = find.chosen.min(last);
    let mut answer = None;
    // The field has the focus, and would take these keys for itself.
    ctx.input_mut(|input| {
        if input.consume_key(Modifiers::NONE, Key::ArrowDown) {
            find.chosen = (find.chosen + 1).min(last);
        }
        if input.consume_key(Modifiers::NONE, Key::ArrowUp) {
            find.chosen = find.chosen.saturating_sub(1);
        }
        if input.consume_key(Modifiers::NONE, Key::Enter) {
            answer = found.get(find.chosen).map(|(key, ..)| *key);
        }
    });
    let moved = Some(find.chosen) != panels.state.session.find.as_ref().map(|it| it.chosen);
    let modal = Modal::new(Id::unique("find"))
        .frame(panels.overlay(Ink::Hairline))
        .show(ctx, |ui| {
            ui.set_width((room.x - 120.0).clamp(280.0, 480.0));
            heading(ui, panels, &t!("find-title"), Action::Find);
            field(ui, &mut find);
            ui.add_space(4.0);
            let height = (room.y - 240.0).clamp(100.0, 420.0);
            ScrollArea::vertical()
                .max_height(height)
                .min_scrolled_height(height)
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 2.0;
                    for (index, (key, name, kind)) in found.iter().enumerate() {
                        let is_chosen = index == find.chosen;
                        let row = row(ui, panels, (name, kind), is_chosen);
                        if is_chosen && moved {
                            row.scroll_to_me(None);
                        }
                        if row.clicked() {
                            answer = Some(*key);
                        }
                    }
                });
            let told = match count {
                0 => t!("find-nothing"),
                _ if count > found.len() => t!("find-more", count = count, shown = found.len()),
                _ => t!("find-count", count = count),
            };
            ui.label(RichText::new(told).small().color(panels.color(Ink::Soft)));
        });
    if let Some(key) = answer {
        panels.emit(Command::LookAround(key));
    } else if modal.should_close() {
        panels.emit(Command::CloseOverlay);
    } else if Some(&find) != panels.state.session.find.as_ref() {
        panels.emit(Command::Find(find));
    }
}

fn field(ui: &mut Ui, find: &mut Find) {
    let edit = TextEdit::singleline(&mut find.text)
        .id(Id::unique("find-text"))
        .hint_text(t!("find-hint"))
        .align(egui::Align2::LEFT_CENTER)
        .desired_width(f32::INFINITY);
    let edit = ui.add(edit);
    edit.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, t!("find-hint")));
    if edit.changed() {
        find.chosen = 0;
    }
    if !edit.has_focus() {
        edit.request_focus();
    }
}

/// A thing that was found: what it is, its name, and its kind in words.
type Found = (NodeKey, String, String);

/// The first exchanges and queues with a text in their name, and how many there are in all. Those whose name begins so
/// come first.
fn search(panels: &Panels, text: &str) -> (Vec<Found>, usize) {
    let text = text.trim().to_lowercase();
    let (mut begin, mut contain, mut count) = (Vec::new(), Vec::new(), 0);
    for node in panels.state.run.show.plan.whole().nodes() {
        let Some((name, kind)) = named(node) else {
            continue;
        };
        let place = name.to_lowercase().find(&text);
        let list = match place {
            Some(0) => &mut begin,
            Some(_) => &mut contain,
            None => continue,
        };
        count += 1;
        if list.len() < MOST {
            list.push((node.key, name, kind));
        }
    }
    begin.extend(contain);
    begin.truncate(MOST);
    (begin, count)
}

/// What an exchange or a queue is called, and of which kind it is.
fn named(node: &Node) -> Option<(String, String)> {
    match node.key {
        NodeKey::Exchange(_) => {
            let kind = node.kind.map_or("", |kind| kind.as_str());
            Some((exchange_name(&node.name), t!("kind-exchange", kind = kind)))
        }
        NodeKey::Queue(_) => {
            let kind = node.queue.map_or("", |kind| kind.as_str());
            Some((
                shown(&node.name).into_owned(),
                t!("kind-queue", kind = kind),
            ))
        }
        NodeKey::Publisher(_) | NodeKey::Consumer(_) | NodeKey::Users | NodeKey::Service(_) => None,
    }
}

fn row(ui: &mut Ui, panels: &Panels, (name, kind): (&str, &str), is_chosen: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| {
        let label = t!("find-row", name = name, kind = kind);
        WidgetInfo::selected(Role::Button, true, is_chosen, label)
    });
    let tint = match (is_chosen, response.hovered()) {
        (true, _) => 0.2,
        (false, true) => 0.07,
        (false, false) => 0.0,
    };
    let tint = theme::faded(Ink::Accent, tint, panels.theme());
    ui.painter().rect_filled(rect, 4.0, tint);
    let kind = ui.painter().text(
        rect.right_center() - vec2(8.0, 0.0),
        egui::Align2::RIGHT_CENTER,
        kind,
        egui::TextStyle::Small.resolve(ui.style()),
        panels.color(Ink::Soft),
    );
    let room = rect.with_max_x(kind.min.x - 8.0).shrink2(vec2(8.0, 0.0));
    let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(room));
    inner.horizontal_centered(|ui| {
        let name = RichText::new(name).text_style(theme::small_mono());
        let name = egui::Label::new(name.color(panels.color(Ink::Text)));
        ui.add(name.selectable(false).truncate());
    });
    response
}
