//! What goes wrong on both sides by a click, and what can be turned.

use egui::{Align, Button, Layout, RichText, Stroke, Ui, WidgetInfo, vec2};

use crate::app::{Command, Comparing};
use crate::broker::Name;
use crate::compare::FaultKind;
use crate::scene::measure::text_width;
use crate::scene::{Font, Ink};
use crate::t;
use crate::ui::theme;
use crate::ui::window::Panels;
use crate::words::fault_button;

use super::{MARGIN, dials, is_low};

const ROW: f32 = 40.0;
/// The room round the rows.
const ROUND: f32 = 16.0;
/// A button's least width, and what it has beside its word.
const BUTTON: f32 = 64.0;
const BESIDE_WORD: f32 = 26.0;
const GAP: f32 = 8.0;
/// Between what is broken and what is turned.
const BETWEEN: f32 = 16.0;
/// The width of the choice of a service.
const SUBJECT: f32 = 92.0;

/// How much slower a slow service is, how often a failing one fails, and how many more come in a burst.
const SLOWER: f64 = 10.0;
const FAILING: f64 = 0.1;
const BURST: f64 = 5.0;

/// Where the bar's parts stand.
#[derive(Clone, Copy, PartialEq)]
enum Rows {
    /// What is broken and what is turned in one row.
    One,
    /// One beneath the other.
    Two,
}

fn rows(ui: &Ui, width: f32, panels: &Panels, comparing: &Comparing) -> Rows {
    let room = width - 2.0 * MARGIN - breaks_width(panels, comparing) - BETWEEN;
    match dials::all_fit(room, comparing) || is_low(ui) && dials::MORE <= room {
        true => Rows::One,
        false => Rows::Two,
    }
}

/// How high the bar is.
pub(super) fn height(ui: &Ui, panels: &Panels, comparing: &Comparing) -> f32 {
    let rows = match rows(ui, ui.available_width(), panels, comparing) {
        Rows::One => 1.0,
        Rows::Two => 2.0,
    };
    rows * ROW + ROUND
}

pub(super) fn show(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing) {
    let rect = ui.max_rect();
    let line = Stroke::new(1.0, panels.color(Ink::Hairline));
    ui.painter().hline(rect.x_range(), rect.min.y, line);
    ui.painter().hline(rect.x_range(), rect.max.y - 0.5, line);
    ui.add_space(ROUND / 2.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    // Who misses a slider does not want to mark words.
    ui.style_mut().interaction.selectable_labels = false;
    let row = |ui: &mut Ui, add: &mut dyn FnMut(&mut Ui)| {
        let size = vec2(ui.available_width() - MARGIN, ROW);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(MARGIN);
            add(ui);
        });
    };
    match rows(ui, rect.width(), panels, comparing) {
        Rows::One => row(ui, &mut |ui| {
            breaks(ui, panels, comparing);
            ui.add_space(BETWEEN);
            dials::row(ui, panels, comparing);
        }),
        Rows::Two => {
            row(ui, &mut |ui| breaks(ui, panels, comparing));
            row(ui, &mut |ui| dials::row(ui, panels, comparing));
        }
    }
}

/// What can go wrong, on both sides at once: what does now as it does, all else as a click would have it.
fn kinds(panels: &Panels, comparing: &Comparing) -> Vec<(FaultKind, bool)> {
    let service = comparing.comparison.services.get(comparing.subject);
    let Some(name) = service.map(|service| service.name.clone()) else {
        return Vec::new();
    };
    let now = panels.state.run.moment.at;
    let kinds = [
        FaultKind::Down(name.clone()),
        FaultKind::Slow(name.clone(), SLOWER),
        FaultKind::Failing(name, FAILING),
        FaultKind::BrokerDown,
        FaultKind::Surge(BURST),
    ];
    let kinds = kinds.into_iter().map(|kind| {
        let mut faults = comparing.faults_at(now);
        match faults.find(|fault| alike(&fault.kind, &kind)) {
            Some(fault) => (fault.kind.clone(), true),
            None => (kind, false),
        }
    });
    kinds.collect()
}

/// Whether two faults share a button: then the file's own is meant, however bad it is.
fn alike(one: &FaultKind, other: &FaultKind) -> bool {
    let button = |kind: &FaultKind| match kind {
        FaultKind::Down(_) | FaultKind::Refusing(_) => 0,
        FaultKind::Slow(..) => 1,
        FaultKind::Failing(..) | FaultKind::Losing(..) => 2,
        FaultKind::BrokerDown => 3,
        FaultKind::Surge(_) => 4,
    };
    button(one) == button(other) && one.service() == other.service()
}

fn is_changed(comparing: &Comparing) -> bool {
    comparing.comparison != comparing.original
}

/// How wide the row of what can go wrong is.
fn breaks_width(panels: &Panels, comparing: &Comparing) -> f32 {
    let button = |word: &str| {
        let word = text_width(word, Font::Words, 14.0) * 1.04; // it is a little heavier
        (word + BESIDE_WORD).max(BUTTON) + GAP
    };
    let label = text_width(&t!("break-both"), Font::WordsStrong, 14.0) + 2.0 * GAP;
    let kinds = kinds(panels, comparing);
    let toggles = kinds.iter().map(|(kind, _)| button(&fault_button(kind)));
    let undo = button(&t!("break-reset"));
    label + SUBJECT + 2.0 * GAP + toggles.sum::<f32>() + undo
}

fn breaks(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing) {
    ui.spacing_mut().item_spacing.x = GAP;
    if breaks_width(panels, comparing) <= ui.available_width() {
        let label = RichText::new(t!("break-both")).text_style(theme::label());
        ui.label(label.color(panels.color(Ink::Text)));
    }
    subject(ui, panels, comparing);
    for (kind, on) in kinds(panels, comparing) {
        toggle(ui, panels, kind, on);
    }
    // It is always there, so that nothing moves when it is first of use.
    let reset = Button::new(t!("break-reset")).min_size(vec2(BUTTON, 32.0));
    let reset = ui.add_enabled(is_changed(comparing), reset);
    if reset.on_hover_text(t!("break-reset-tip")).clicked() {
        panels.emit(Command::AsInFile);
    }
}

fn toggle(ui: &mut Ui, panels: &mut Panels, kind: FaultKind, on: bool) {
    let ink = if on { Ink::OnAccent } else { Ink::Text };
    let text = RichText::new(fault_button(&kind)).color(panels.color(ink));
    let (fill, edge) = match on {
        true => (Ink::Warning, Ink::Warning),
        false => (Ink::Panel, Ink::Hairline),
    };
    let button = Button::new(text)
        .fill(panels.color(fill))
        .stroke(Stroke::new(1.0, panels.color(edge)))
        .corner_radius(16.0)
        .min_size(vec2(BUTTON, 32.0));
    let response = ui.add(button.selected(on));
    if response.on_hover_text(t!("break-tip")).clicked() {
        panels.emit(Command::Break(kind));
    }
}

/// Which service is meant by what is broken and turned.
fn subject(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing) {
    let services = &comparing.comparison.services;
    let name = |place: usize| services.get(place).map(|it| it.name.clone());
    let shown = name(comparing.subject).unwrap_or_else(Name::default);
    let combo = egui::ComboBox::from_id_salt("subject")
        .selected_text(shown.as_str())
        .width(SUBJECT)
        .truncate()
        .show_ui(ui, |ui| {
            for place in 0..services.len() {
                let chosen = place == comparing.subject;
                let name = name(place).unwrap_or_default();
                if ui.selectable_label(chosen, name.as_str()).clicked() {
                    panels.emit(Command::Subject(place));
                }
            }
        });
    let label = t!("break-subject", service = shown.as_str());
    let info = || WidgetInfo::labeled(egui::Role::ComboBox, true, &label);
    combo.response.widget_info(info);
}
