//! The switch in the bar at the top, and the way back to now.

use egui::containers::menu::MenuButton;
use egui::{RichText, Sense, Ui, vec2};

use crate::app::{Action, Command, Live, Order};
use crate::scene::Ink;
use crate::t;
use crate::ui::top_bar::keys;
use crate::ui::window::Panels;

/// Whether the bar shows the address. Where there is little room, it is on the empty canvas and in the menu's tip.
pub(in crate::ui) fn has_room_for_address(ui: &Ui) -> bool {
    ui.ctx().content_rect().width() >= 960.0
}

/// The switch: what is live and where, or that something can be.
pub(in crate::ui) fn switch(ui: &mut Ui, panels: &mut Panels) {
    let state = panels.state;
    let Some(live) = state.live.as_ref().filter(|live| live.is_on) else {
        let button = ui.add(egui::Button::new(t!("live")).frame_when_inactive(false));
        let tip = t!("live-tip", key = keys(ui, Action::Live));
        if button.on_hover_text(tip).clicked() {
            panels.act(Action::Live);
        }
        return;
    };
    let looked_at = state.live().is_some();
    let text = RichText::new(match has_room_for_address(ui) {
        true => t!("live-at", address = live.address.clone()),
        false => t!("live"),
    });
    let text = text.color(panels.color(Ink::Accent));
    let button = egui::Button::new(text).frame_when_inactive(false);
    let (shown, _) = MenuButton::from_button(button).ui(ui, |ui| {
        ui.set_min_width(260.0);
        menu(ui, panels, live, looked_at);
    });
    let tip = t!("live-on-tip", address = live.address.clone());
    shown.on_hover_text(tip);
    dot(ui, panels);
}

fn menu(ui: &mut Ui, panels: &mut Panels, live: &Live, looked_at: bool) {
    let mut line = |ui: &mut Ui, name: String, key: String, command: Command| {
        if ui.add(egui::Button::new(name).shortcut_text(key)).clicked() {
            panels.emit(command);
            ui.close();
        }
    };
    match looked_at {
        false => {
            let key = keys(ui, Action::Live);
            line(ui, t!("live-look"), key, Command::Do(Action::Live));
        }
        true => {
            let key = keys(ui, Action::Now);
            line(ui, t!("action-now"), key, Command::Do(Action::Now));
            let key = keys(ui, Action::SaveRecording);
            let save = Command::Do(Action::SaveRecording);
            line(ui, t!("action-save-recording"), key, save);
        }
    }
    let none = String::new;
    match &live.lesson {
        None => line(
            ui,
            t!("live-network"),
            none(),
            Command::Order(Order::Network(true)),
        ),
        Some(_) => {
            line(ui, t!("live-lesson"), none(), Command::ShowLesson(true));
            let close = Command::Order(Order::Network(false));
            line(ui, t!("live-network-close"), none(), close);
        }
    }
    line(ui, t!("live-stop"), none(), Command::Order(Order::Stop));
}

/// The sign that something is live.
fn dot(ui: &mut Ui, panels: &Panels) {
    let (rect, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
    let ink = panels.color(Ink::Warning);
    ui.painter().circle_filled(rect.center(), 4.5, ink);
}

/// Beside the clock: that it keeps up with now, or the way back there.
pub(in crate::ui) fn now(ui: &mut Ui, panels: &mut Panels) {
    if panels.state.going_on().is_none() {
        return;
    }
    if panels.state.is_following() {
        ui.label(RichText::new(t!("live-now")).color(panels.color(Ink::Soft)));
        dot(ui, panels);
        return;
    }
    let text = RichText::new(t!("live-to-now")).strong();
    let button = ui.add(egui::Button::new(text));
    let button = button.on_hover_text(keys(ui, Action::Now));
    if button.clicked() {
        panels.act(Action::Now);
    }
}
