//! The list of keys.

use egui::{Context, Grid, Modal, RichText, vec2};

use crate::app::{ACTIONS, Action, Command};
use crate::scene::Ink;
use crate::t;

use super::gallery::heading;
use super::window::Panels;

pub(super) fn show(ctx: &Context, panels: &mut Panels) {
    if !panels.state.session.help {
        return;
    }
    let modal = Modal::new(egui::Id::unique("help"))
        .frame(panels.overlay(Ink::Hairline))
        .show(ctx, |ui| {
            ui.set_width(420.0);
            heading(ui, panels, &t!("help-title"), Action::Help);
            ui.add_space(4.0);
            Grid::new("keys").spacing(vec2(24.0, 6.0)).show(ui, |ui| {
                for entry in ACTIONS.iter().filter(|entry| !entry.keys.is_empty()) {
                    let keys: Vec<_> = entry
                        .keys
                        .iter()
                        .map(|key| ui.ctx().format_shortcut(key))
                        .collect();
                    let keys = keys.join(&t!("help-or"));
                    ui.label(
                        RichText::new(keys)
                            .monospace()
                            .color(panels.color(Ink::Text)),
                    );
                    ui.label(RichText::new((entry.name)()).color(panels.color(Ink::Soft)));
                    ui.end_row();
                }
            });
            ui.add_space(8.0);
            for text in [
                t!("help-mouse"),
                t!("help-queue"),
                t!("help-consumer"),
                t!("help-binding"),
            ] {
                let text = RichText::new(text).small().color(panels.color(Ink::Soft));
                ui.add(egui::Label::new(text).wrap());
            }
        });
    if modal.should_close() {
        panels.emit(Command::CloseOverlay);
    }
}
