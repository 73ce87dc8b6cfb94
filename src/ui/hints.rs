//! A strip above the canvas, on which nothing of the picture is covered: why a step led nowhere or, in the first minutes,
//! a hint. Each hint leaves when what it speaks of was used, and the next one comes.

use egui::{Align, Layout, Margin, Panel, RichText, Stroke, StrokeKind, Ui};

use crate::app::{Action, Command, Hint, State};
use crate::scene::{Ink, Sign};
use crate::t;

use super::button::{Look, sign_button};
use super::standstill;
use super::top_bar::keys;
use super::window::Panels;

const HEIGHT: f32 = 36.0;
/// A window lower than this has no room for hints.
const LOW: f32 = 540.0;

/// The hint whose turn it is, where there is room for one.
pub(super) fn due(state: &State) -> Option<Hint> {
    let low = state.session.size.is_some_and(|(_, height)| height < LOW);
    // Another line stands above the canvas then, or two pictures need the room.
    let part = state.run.show.plan.part().is_some();
    let taken = part || state.session.opening.is_some() || state.comparing.is_some();
    if low || taken || state.session.covered() || state.stands_still().is_some() {
        return None;
    }
    Hint::ALL.into_iter().find(|&hint| state.is_due(hint))
}

/// Marks what the hint speaks of, if it is this.
pub(super) fn mark(ui: &Ui, panels: &Panels, hint: Hint, of: &egui::Response) {
    if due(panels.state) == Some(hint) {
        let stroke = Stroke::new(2.0, panels.color(Ink::Accent));
        let radius = of.rect.height() / 2.0;
        let place = of.rect.expand(3.0);
        ui.painter()
            .rect_stroke(place, radius, stroke, StrokeKind::Inside);
    }
}

/// The strip, if there is something to be said.
pub(super) fn show(ui: &mut Ui, panels: &mut Panels) {
    let state = panels.state;
    let (text, hint) = if let Some(why) = state.stands_still() {
        (standstill::told(why, state), None)
    } else if let Some(hint) = due(state) {
        let text = match hint {
            Hint::Step => t!("hint-step"),
            Hint::Ask => t!("hint-ask"),
            Hint::Scenarios => t!("hint-scenarios", key = keys(ui, Action::Scenarios)),
        };
        (text, Some(hint))
    } else {
        return;
    };
    let (fill, ink) = match hint {
        Some(_) => (Ink::Accent, Ink::OnAccent),
        None => (Ink::Card, Ink::Text),
    };
    let frame = egui::Frame::new()
        .fill(panels.color(fill))
        .inner_margin(Margin::symmetric(16, 4));
    Panel::top("strip")
        .exact_size(HEIGHT)
        .frame(frame)
        .show(ui, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(hint) = hint {
                    let look = Look::On(Ink::OnAccent);
                    if sign_button(ui, Sign::Close, &t!("hint-close"), 20.0, look).clicked() {
                        panels.emit(Command::HintDone(hint));
                    }
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let words = RichText::new(text).small().color(panels.color(ink));
                    ui.add(egui::Label::new(words).truncate().selectable(false));
                });
            });
        });
}
