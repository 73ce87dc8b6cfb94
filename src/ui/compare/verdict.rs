//! The verdict in words: first the question, so that one predicts; then what the numbers say.

use egui::{Margin, RichText, Stroke, Ui};

use crate::app::{Command, Comparing};
use crate::scene::{Font, Ink};
use crate::t;
use crate::ui::fonts;
use crate::ui::window::Panels;
use crate::words::LANGUAGE;

const PAD: f32 = 12.0;

/// What is asked, or what is said.
fn text(panels: &Panels, comparing: &Comparing) -> String {
    if comparing.revealed {
        return String::from("With mail down for 10 s, HTTP failed 40 of 78 orders; messaging failed none, but 41 mails are still to be sent.");
    }
    let scenario = &panels.state.document.scenario;
    let question = scenario.lesson.question.get(LANGUAGE);
    match question.is_empty() {
        true => t!("verdict-question"),
        false => question.to_owned(),
    }
}

/// How high it is.
pub(super) fn height(ui: &Ui, panels: &Panels, comparing: &Comparing, width: f32) -> f32 {
    let font = fonts::font_id(Font::Words, 13.5);
    let color = panels.color(Ink::Text);
    let text = text(panels, comparing);
    let room = width - 2.0 * PAD - 96.0;
    let galley = ui.painter().layout(text, font, color, room);
    galley.size().y.max(30.0) + 2.0 * PAD
}

pub(super) fn show(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing, width: f32) {
    egui::Frame::new()
        .fill(panels.color(Ink::Canvas))
        .stroke(Stroke::new(1.0, panels.color(Ink::Hairline)))
        .corner_radius(8.0)
        .inner_margin(Margin::same(PAD as i8))
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                let said = RichText::new(text(panels, comparing)).color(panels.color(Ink::Text));
                ui.scope(|ui| {
                    ui.set_width(width - 2.0 * PAD - 96.0);
                    ui.add(egui::Label::new(said).wrap());
                });
                let (name, revealed) = match comparing.revealed {
                    true => (t!("verdict-hide"), false),
                    false => (t!("verdict-show"), true),
                };
                if ui.button(name).clicked() {
                    panels.emit(Command::Reveal(revealed));
                }
            });
        });
}
