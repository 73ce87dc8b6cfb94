//! The inspector: all there is to know about what is selected, and what comes next.

mod compose;
mod consumer;
mod edge;
mod message;
mod node;
mod order;
mod publisher;
mod refusal;
mod scenario;
mod service;
mod why;

use egui::{Align, Layout, Margin, Panel, RichText, ScrollArea, TextWrapMode, Ui};

use crate::app::{Action, COMING};
use crate::scene::{Ink, Sign, Target};
use crate::t;
use crate::world::World;

use super::button::{Look, sign_button};
use super::time::seconds;
use super::window::Panels;
use super::{standstill, theme};

/// The height of all that is told of what comes next.
const COMING_HEIGHT: f32 = 156.0;

pub(super) fn show(ui: &mut Ui, panels: &mut Panels) {
    let state = panels.state;
    // What programs are going to do nobody knows.
    let is_known = state.going_on().is_none();
    let now = match (is_known, state.session.selected) {
        // Where nobody asks, the way to the world of this moment is not taken: programs may do much.
        (false, None) => state.run.show.history().head(),
        _ => state.run.world(),
    };
    let margin = Margin {
        left: 20,
        right: 14,
        top: 12,
        bottom: 12,
    };
    let frame = egui::Frame::new()
        .inner_margin(margin)
        .fill(panels.color(Ink::Panel));
    if is_known && ui.available_height() >= 2.0 * COMING_HEIGHT {
        Panel::bottom("coming-next")
            .frame(frame)
            // As high as it ever gets, for nothing to jump while the run goes on.
            .exact_size(COMING_HEIGHT)
            .show(ui, |ui| coming_next(ui, panels));
    }
    egui::CentralPanel::no_frame().frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            let name = RichText::new(t!("inspector-title")).small();
            ui.label(name.color(panels.color(Ink::Soft)));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let close = t!("inspector-close");
                if sign_button(ui, Sign::Close, &close, 26.0, Look::Quiet).clicked() {
                    panels.act(Action::Inspector);
                }
            });
        });
        ui.add_space(6.0);
        ScrollArea::vertical()
            .id_salt(("inspector", panels.state.session.selected))
            .auto_shrink([false, false])
            .show(ui, |ui| selected(ui, panels, now));
    });
}

fn selected(ui: &mut Ui, panels: &mut Panels, now: &World) {
    refusal::show(ui, panels);
    match panels.state.session.selected {
        None => scenario::show(ui, panels),
        Some(Target::Message(message)) => message::show(ui, panels, message, now),
        Some(Target::Order(order)) => order::show(ui, panels, order),
        Some(Target::Node(key)) => node::show(ui, panels, key, now),
        Some(Target::Edge(key)) => edge::show(ui, panels, key),
    }
}

/// What is going to happen after the moment, or why nothing is, and the run's end.
fn coming_next(ui: &mut Ui, panels: &mut Panels) {
    section(ui, panels, &t!("inspector-coming"));
    let state = panels.state;
    let moment = state.run.moment.at;
    ui.spacing_mut().item_spacing.y = 4.0;
    let coming = state.coming();
    if coming.is_empty() {
        sentence(ui, panels, &standstill::told(state.standstill(), state));
    }
    let end = (!state.is_open() && coming.len() < COMING && !state.run.show.is_full())
        .then(|| (state.end(), t!("inspector-end")));
    let coming = coming
        .iter()
        .map(|next| (next.at.max(moment), next.text.clone()));
    for (at, text) in coming.chain(end) {
        ui.scope(|ui| {
            ui.style_mut().wrap_mode = Some(TextWrapMode::Truncate);
            timed(ui, panels, &seconds(at), &text);
        });
    }
}

/// A heading inside the inspector.
fn section(ui: &mut Ui, panels: &Panels, title: &str) {
    let title = RichText::new(title).font(egui::FontId::new(14.0, super::fonts::strong()));
    ui.label(title.color(panels.color(Ink::Text)));
}

/// A name at the top of the inspector, with what kind of thing it is.
fn title(ui: &mut Ui, panels: &Panels, name: &str, kind: &str) {
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(name).heading().color(panels.color(Ink::Text)));
        ui.label(RichText::new(kind).color(panels.color(Ink::Soft)));
    });
}

/// A sentence.
fn sentence(ui: &mut Ui, panels: &Panels, text: &str) {
    let text = RichText::new(text).small().color(panels.color(Ink::Soft));
    ui.add(egui::Label::new(text).wrap());
}

/// A name and its value.
fn fact(ui: &mut Ui, panels: &Panels, name: &str, value: &str) {
    ui.horizontal_top(|ui| {
        ui.allocate_ui(egui::vec2(116.0, 18.0), |ui| {
            ui.set_width(116.0);
            ui.label(RichText::new(name).small().color(panels.color(Ink::Soft)));
        });
        let value = RichText::new(value).text_style(theme::small_mono());
        ui.add(egui::Label::new(value.color(panels.color(Ink::Text))).wrap());
    });
}

/// A time and what happens then.
fn timed(ui: &mut Ui, panels: &Panels, time: &str, text: &str) {
    ui.horizontal_top(|ui| {
        ui.allocate_ui(egui::vec2(48.0, 18.0), |ui| {
            ui.set_width(48.0);
            let time = RichText::new(time).text_style(theme::small_mono());
            ui.label(time.color(panels.color(Ink::Soft)));
        });
        let text = RichText::new(text).small().color(panels.color(Ink::Text));
        let mode = ui.style().wrap_mode.unwrap_or(TextWrapMode::Wrap);
        ui.add(egui::Label::new(text).wrap_mode(mode));
    });
}
