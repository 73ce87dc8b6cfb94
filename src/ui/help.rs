//! The list of keys.

use egui::{Context, Frame, Grid, Margin, Modal, RichText, Stroke, vec2};

use crate::app::{ACTIONS, Action, Command};
use crate::scene::Ink;
use crate::t;

use super::gallery::heading;
use super::window::Panels;

pub(super) fn show(ctx: &Context, panels: &mut Panels) {
    if !panels.state.session.help {
        return;
    }
    let frame = Frame::new()
        .fill(panels.color(Ink::Panel))
        .stroke(Stroke::new(1.0, panels.color(Ink::Hairline)))
        .corner_radius(10.0)
        .inner_margin(Margin::same(20));
    let modal = Modal::new(egui::Id::unique("help"))
        .frame(frame)
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
            let mouse = RichText::new(t!("help-mouse")).color(panels.color(Ink::Soft));
            ui.add(egui::Label::new(mouse).wrap());
        });
    if modal.should_close() {
        panels.emit(Command::CloseOverlay);
    }
}
