//! What of RabbitMQ's definitions is kept and does not act, or what of a recording could not be read: a badge in a corner
//! and, if it is asked for, the list.

use egui::{Align2, Context, Rect, RichText, Stroke, Ui, vec2};

use crate::app::{Command, Notices};
use crate::scenario::Scenario;
use crate::scene::{Ink, Sign};
use crate::t;

use super::button::{Look, sign_button};
use super::listing::Listing;
use super::theme;
use super::window::Panels;

/// How many there are to be read, in the canvas's corner.
pub(super) fn badge(ui: &mut Ui, panels: &mut Panels, canvas: Rect) {
    let count = panels.state.document.scenario.notices.len();
    if count == 0 || panels.state.session.notices == Notices::Dismissed {
        return;
    }
    let corner = canvas.left_bottom() + vec2(8.0, -4.0);
    let place = Align2::LEFT_BOTTOM.anchor_size(corner, vec2(240.0, 24.0));
    let builder = egui::UiBuilder::new()
        .max_rect(place)
        .layout(egui::Layout::left_to_right(egui::Align::Center));
    let mut corner = ui.new_child(builder);
    corner.spacing_mut().button_padding = vec2(6.0, 2.0);
    corner.spacing_mut().interact_size.y = 22.0;
    corner.spacing_mut().item_spacing.x = 2.0;
    let text = RichText::new(told(&panels.state.document.scenario));
    let text = text.small().color(panels.color(Ink::Soft));
    let fill = theme::faded(Ink::Canvas, 0.85, panels.theme());
    let button = egui::Button::new(text).fill(fill).stroke(Stroke::NONE);
    if corner.add(button).clicked() {
        panels.emit(Command::ShowNotices(Notices::Open));
    }
    let dismiss = t!("notices-dismiss");
    if sign_button(&mut corner, Sign::Close, &dismiss, 18.0, Look::Quiet).clicked() {
        panels.emit(Command::ShowNotices(Notices::Dismissed));
    }
}

/// How many notes there are, and on what.
pub(super) fn told(scenario: &Scenario) -> String {
    let count = scenario.notices.len();
    match is_recording(scenario) {
        true => t!("notices-recording-badge", count = count),
        false => t!("notices-badge", count = count),
    }
}

/// Of scenarios, only these and definitions have notes.
fn is_recording(scenario: &Scenario) -> bool {
    scenario.definitions.is_none()
}

/// The list.
pub(super) fn show(ctx: &Context, panels: &mut Panels) {
    if panels.state.session.notices != Notices::Open {
        return;
    }
    let (title, about) = match is_recording(&panels.state.document.scenario) {
        true => (t!("notices-recording-title"), t!("notices-recording-about")),
        false => (t!("notices-title"), t!("notices-about")),
    };
    let list = Listing {
        id: "notices",
        width: 680.0,
        title,
        about,
    };
    list.show(ctx, panels, |ui, panels| {
        for notice in &panels.state.document.scenario.notices {
            let text = RichText::new(notice).small();
            ui.add(egui::Label::new(text.color(panels.color(Ink::Text))).wrap());
            ui.add_space(4.0);
        }
    });
}
