//! The list of keys.

use egui::{Context, Grid, Modal, RichText, ScrollArea, Ui, vec2};

use crate::app::{ACTIONS, Action, Command};
use crate::scene::Ink;
use crate::t;

use super::gallery::heading;
use super::window::Panels;

const WIDTH: f32 = 420.0;

pub(super) fn show(ctx: &Context, panels: &mut Panels) {
    if !panels.state.session.help {
        return;
    }
    let room = ctx.content_rect().height() - 150.0;
    let modal = Modal::new(egui::Id::unique("help"))
        .frame(panels.overlay(Ink::Hairline))
        .show(ctx, |ui| {
            ui.set_width(WIDTH);
            heading(ui, panels, &t!("help-title"), Action::Help);
            ui.add_space(4.0);
            ScrollArea::vertical()
                .max_height(room)
                // As high as what is in it, as long as there is room.
                .min_scrolled_height(room)
                .show(ui, |ui| keys(ui, panels));
        });
    if modal.should_close() {
        panels.emit(Command::CloseOverlay);
    }
}

fn keys(ui: &mut Ui, panels: &Panels) {
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
}
