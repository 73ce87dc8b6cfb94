//! A file that could not be opened: what is wrong, where, and what to do. What was open stays open.

use egui::{Context, Modal, RichText, ScrollArea};

use crate::app::Command;
use crate::scenario::LoadError;
use crate::scene::Ink;
use crate::t;
use crate::words::LANGUAGE;

use super::window::Panels;

pub(super) fn show(ctx: &Context, panels: &mut Panels) {
    let Some(error) = &panels.state.session.problems else {
        return;
    };
    let room = ctx.content_rect().size();
    let modal = Modal::new(egui::Id::unique("problems"))
        .frame(panels.overlay(Ink::Warning))
        .show(ctx, |ui| {
            ui.set_width((room.x - 120.0).clamp(280.0, 760.0));
            let title = t!("problems-title", file = error.file());
            ui.label(
                RichText::new(title)
                    .heading()
                    .color(panels.color(Ink::Text)),
            );
            ScrollArea::vertical()
                .max_height(room.y - 220.0)
                .show(ui, |ui| match error {
                    // The window asks which one is meant.
                    LoadError::Undecided { .. } => {}
                    LoadError::Unreadable { what, hint, .. } => {
                        ui.label(RichText::new(what).color(panels.color(Ink::Warning)));
                        if !hint.is_empty() {
                            ui.label(RichText::new(hint).color(panels.color(Ink::Text)));
                        }
                    }
                    LoadError::Faulty {
                        problems, left_out, ..
                    } => {
                        for problem in problems {
                            let place = problem.place;
                            let text = t!(
                                "problems-line",
                                line = place.line.to_string(),
                                column = place.column.to_string(),
                                what = problem.what.as_str()
                            );
                            ui.label(RichText::new(text).color(panels.color(Ink::Warning)));
                            ui.label(RichText::new(&problem.excerpt).monospace());
                            if let Some(hint) = &problem.hint {
                                ui.label(RichText::new(hint).color(panels.color(Ink::Text)));
                            }
                            ui.add_space(8.0);
                        }
                        if *left_out > 0 {
                            ui.label(t!("problems-more", count = *left_out));
                        }
                    }
                });
            ui.add_space(8.0);
            let title = panels
                .state
                .document
                .scenario
                .title
                .get(LANGUAGE)
                .to_owned();
            ui.label(RichText::new(t!("problems-stays", title = title)).small());
            if ui.button(t!("problems-close")).clicked() {
                panels.commands.push(Command::CloseOverlay);
            }
        });
    if modal.should_close() {
        panels.emit(Command::CloseOverlay);
    }
}
