//! The bar at the top: what is open, and the menus.

use egui::containers::menu::MenuButton;
use egui::{Align, Layout, RichText, Ui};

use crate::app::{ACTIONS, Action, Command, Hint, Source};
use crate::scene::{Ink, Sign};
use crate::t;
use crate::words::LANGUAGE;

use super::button::{Look, sign_button};
use super::window::Panels;
use super::{gallery, hints, live, operate};

pub(super) fn show(ui: &mut Ui, panels: &mut Panels) {
    ui.horizontal_centered(|ui| {
        ui.label(
            RichText::new(t!("app-name"))
                .heading()
                .color(panels.color(Ink::Text)),
        );
        ui.add_space(16.0);
        let vhost = vhost(panels);
        let mut right = if vhost.is_some() { 776.0 } else { 606.0 };
        if panels.state.live.is_some() {
            right += match super::live::has_room_for_address(ui) {
                true => 150.0,
                false => 40.0,
            };
        }
        let title = panels
            .state
            .document
            .scenario
            .title
            .get(LANGUAGE)
            .to_owned();
        ui.scope(|ui| {
            ui.set_max_width((ui.available_width() - right).max(40.0));
            let title = RichText::new(title).color(panels.color(Ink::Soft));
            ui.add(egui::Label::new(title).truncate());
        });
        if let Some(name) = vhost {
            ui.scope(|ui| {
                ui.set_max_width(160.0);
                let button = egui::Button::new(t!("vhosts-button", name = name)).truncate();
                if ui.add(button).on_hover_text(t!("vhosts-tip")).clicked() {
                    panels.emit(Command::ListVhosts);
                }
            });
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if sign_button(ui, Sign::Theme, &Action::Theme.name(), 32.0, Look::Bare).clicked() {
                panels.act(Action::Theme);
            }
            let help = [Action::Help, Action::Legend, Action::Simplified];
            menu(ui, panels, &t!("menu-help"), &help);
            let view = [
                Action::Find,
                Action::Fit,
                Action::ZoomIn,
                Action::ZoomOut,
                Action::ResetLayout,
                Action::Inspector,
                Action::Events,
                Action::Numbers,
                Action::Connections,
                Action::Legend,
                Action::Theme,
                Action::ReducedMotion,
                Action::Larger,
                Action::Smaller,
                Action::ActualSize,
            ];
            menu(ui, panels, &t!("menu-view"), &view);
            operate::menu(ui, panels);
            let open = bare(ui, &t!("menu-open"));
            if open.on_hover_text(keys(ui, Action::Open)).clicked() {
                panels.act(Action::Open);
            }
            live::switch(ui, panels);
            comparisons(ui, panels);
            let scenarios = bare(ui, &t!("menu-scenarios"));
            hints::mark(ui, panels, Hint::Scenarios, &scenarios);
            if scenarios
                .on_hover_text(keys(ui, Action::Scenarios))
                .clicked()
            {
                panels.act(Action::Scenarios);
            }
        });
    });
}

/// The virtual host that is shown, where it is one of several.
fn vhost(panels: &Panels) -> Option<String> {
    let document = &panels.state.document;
    (!document.vhosts.is_empty()).then(|| document.scenario.setup.vhost.to_string())
}

/// The built-in comparisons, to be opened.
fn comparisons(ui: &mut Ui, panels: &mut Panels) {
    let mut word = RichText::new(t!("menu-compare"));
    if panels.state.comparing.is_some() {
        word = word.color(panels.color(Ink::Accent));
    }
    let button = egui::Button::new(word).frame_when_inactive(false);
    MenuButton::from_button(button).ui(ui, |ui| {
        for card in gallery::comparisons() {
            let open = panels.state.document.source == Source::Builtin(card.name);
            if ui
                .add(egui::Button::new(&card.title).selected(open))
                .clicked()
            {
                panels.emit(Command::OpenBuiltin(card.name));
                ui.close();
            }
        }
    });
}

/// A button that is a word.
fn bare(ui: &mut Ui, word: &str) -> egui::Response {
    ui.add(egui::Button::new(word).frame_when_inactive(false))
}

/// The key of an action, as this system writes it.
pub(super) fn keys(ui: &Ui, action: Action) -> String {
    let shown = action.entry().keys.first();
    shown.map_or_else(String::new, |key| ui.ctx().format_shortcut(key))
}

fn menu(ui: &mut Ui, panels: &mut Panels, name: &str, actions: &[Action]) {
    let button = egui::Button::new(name).frame_when_inactive(false);
    MenuButton::from_button(button).ui(ui, |ui| {
        ui.set_min_width(240.0);
        for entry in ACTIONS
            .iter()
            .filter(|entry| actions.contains(&entry.action))
        {
            let mut button =
                egui::Button::new((entry.name)()).selected(is_on(panels, entry.action));
            if !entry.keys.is_empty() {
                button = button.shortcut_text(keys(ui, entry.action));
            }
            if ui.add(button).clicked() {
                panels.act(entry.action);
                ui.close();
            }
        }
    });
}

/// Whether an action is a switch that is on.
fn is_on(panels: &Panels, action: Action) -> bool {
    let state = panels.state;
    match action {
        Action::Inspector => state.inspector_open(),
        Action::Events => state.events_open(),
        Action::Numbers => state.view.numbers && state.comparing.is_some(),
        Action::ReducedMotion => state.view.reduced_motion,
        Action::Connections => state.view.connections,
        Action::Legend => state.session.legend,
        Action::Simplified => state.session.simplified,
        _ => false,
    }
}
