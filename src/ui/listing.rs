//! A list over the window, with a title and a word about it; it scrolls where there is no room.

use egui::{Context, Modal, Painter, Rect, Response, RichText, ScrollArea, Ui};

use crate::app::Command;
use crate::scene::Ink;

use super::gallery::headed;
use super::theme;
use super::window::Panels;

/// The ground of a row in a list: tinted while it is selected, or a hand or the keyboard is on it.
pub(super) fn row_ground(
    painter: &Painter,
    rect: Rect,
    panels: &Panels,
    selected: bool,
    response: &Response,
) {
    if selected || response.hovered() || response.has_focus() {
        let (ink, strength) = match selected {
            true => (Ink::Accent, 0.16),
            false => (Ink::Faint, 0.12),
        };
        let tint = theme::faded(ink, strength, panels.theme());
        painter.rect_filled(rect, 6.0, tint);
    }
}

pub(super) struct Listing {
    pub id: &'static str,
    /// In points, where the window has room.
    pub width: f32,
    pub title: String,
    pub about: String,
}

impl Listing {
    pub fn show(self, ctx: &Context, panels: &mut Panels, rows: impl FnOnce(&mut Ui, &mut Panels)) {
        let room = ctx.content_rect().size();
        let modal = Modal::new(egui::Id::unique(self.id))
            .frame(panels.overlay(Ink::Hairline))
            .show(ctx, |ui| {
                ui.set_width((room.x - 120.0).clamp(280.0, self.width));
                headed(ui, panels, &self.title, Command::CloseOverlay);
                let about = RichText::new(self.about).small();
                ui.add(egui::Label::new(about.color(panels.color(Ink::Soft))).wrap());
                ui.add_space(4.0);
                ScrollArea::vertical()
                    .max_height(room.y - 220.0)
                    // As high as what is in it, as long as there is room.
                    .min_scrolled_height(room.y - 220.0)
                    .auto_shrink([false, true])
                    .show(ui, |ui| rows(ui, panels));
            });
        if modal.should_close() {
            panels.emit(Command::CloseOverlay);
        }
    }
}
