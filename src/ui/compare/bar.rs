//! What goes wrong on both sides by a click, and what can be turned.

use egui::{Align, Button, Layout, RichText, Slider, Stroke, Ui, WidgetInfo, vec2};

use crate::app::{Command, Comparing, Dial};
use crate::broker::{Micros, Name};
use crate::compare::FaultKind;
use crate::scene::measure::text_width;
use crate::scene::{Font, Ink};
use crate::t;
use crate::ui::window::Panels;
use crate::words::span;

const ROW: f32 = 40.0;
/// The room round the rows.
const ROUND: f32 = 16.0;
const MARGIN: f32 = 24.0;
/// A slider's width, at least and at most, and the room of its number.
const SLIDER_MIN: f32 = 40.0;
const SLIDER_MAX: f32 = 100.0;
const NUMBER: f32 = 46.0;

/// How much slower a slow service is, how often a failing one fails, and how many more come in a burst.
const SLOWER: f64 = 10.0;
const FAILING: f64 = 0.1;
const BURST: f64 = 5.0;

/// How high the bar is in a window of that width.
pub(super) fn height(width: f32, comparing: &Comparing) -> f32 {
    (1 + rows(width, comparing)) as f32 * ROW + ROUND
}

/// In how many rows the dials stand.
fn rows(width: f32, comparing: &Comparing) -> usize {
    let most = width - 2.0 * MARGIN;
    let least = words(&Dial::ALL, comparing) + Dial::ALL.len() as f32 * SLIDER_MIN;
    if least <= most { 1 } else { 2 }
}

/// How wide everything but the sliders is.
fn words(dials: &[Dial], comparing: &Comparing) -> f32 {
    let names = dials
        .iter()
        .map(|dial| told(*dial, 0.0, subject_name(comparing)).0);
    names
        .map(|name| text_width(&name, Font::Words, 13.0) + NUMBER + 30.0)
        .sum()
}

fn subject_name(comparing: &Comparing) -> &str {
    let service = comparing.comparison.services.get(comparing.subject);
    service.map_or("", |service| service.name.as_str())
}

pub(super) fn show(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing) {
    let rect = ui.max_rect();
    let line = Stroke::new(1.0, panels.color(Ink::Hairline));
    ui.painter().hline(rect.x_range(), rect.min.y, line);
    ui.painter().hline(rect.x_range(), rect.max.y - 0.5, line);
    ui.add_space(8.0);
    let row = |ui: &mut Ui, add: &mut dyn FnMut(&mut Ui)| {
        let size = vec2(ui.available_width(), ROW);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(MARGIN);
            add(ui);
        });
    };
    ui.spacing_mut().item_spacing.y = 0.0;
    row(ui, &mut |ui| breaks(ui, panels, comparing));
    let a_row = Dial::ALL.len() / rows(rect.width(), comparing);
    for some in Dial::ALL.chunks(a_row) {
        row(ui, &mut |ui| dials(ui, panels, comparing, some));
    }
}

/// What can go wrong, on both sides at once.
fn breaks(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing) {
    let label = RichText::new(t!("break-both"))
        .text_style(crate::ui::theme::label())
        .color(panels.color(Ink::Text));
    ui.label(label);
    ui.add_space(6.0);
    subject(ui, panels, comparing);
    let Some(service) = comparing.comparison.services.get(comparing.subject) else {
        return;
    };
    let name = service.name.clone();
    let kinds = [
        (t!("break-down"), FaultKind::Down(name.clone())),
        (t!("break-slow"), FaultKind::Slow(name.clone(), SLOWER)),
        (t!("break-failing"), FaultKind::Failing(name, FAILING)),
        (t!("break-broker"), FaultKind::BrokerDown),
        (t!("break-burst"), FaultKind::Surge(BURST)),
    ];
    let now = panels.state.run.moment.at;
    for (text, kind) in kinds {
        let on = comparing
            .faults_at(now)
            .find(|fault| alike(&fault.kind, &kind));
        let kind = on.map_or(kind, |fault| fault.kind.clone());
        toggle(ui, panels, text, kind, on.is_some());
    }
    if comparing.comparison != comparing.original {
        ui.add_space(6.0);
        if ui.button(t!("break-as-in-file")).clicked() {
            panels.emit(Command::AsInFile);
        }
    }
}

/// Whether two faults are of one kind and about the same service: then the file's own is meant, however bad it is.
fn alike(one: &FaultKind, other: &FaultKind) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other) && one.service() == other.service()
}

fn toggle(ui: &mut Ui, panels: &mut Panels, text: String, kind: FaultKind, on: bool) {
    let ink = if on { Ink::OnAccent } else { Ink::Text };
    let text = RichText::new(text).color(panels.color(ink));
    let (fill, edge) = match on {
        true => (Ink::Warning, Ink::Warning),
        false => (Ink::Panel, Ink::Hairline),
    };
    let button = Button::new(text)
        .fill(panels.color(fill))
        .stroke(Stroke::new(1.0, panels.color(edge)))
        .corner_radius(16.0)
        .min_size(vec2(84.0, 32.0));
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
        .width(92.0)
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

fn dials(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing, some: &[Dial]) {
    let service = subject_name(comparing);
    let words = words(some, comparing);
    let room = ui.available_width() - MARGIN;
    let accent = panels.color(Ink::Accent);
    let spacing = ui.spacing_mut();
    spacing.slider_width = ((room - words) / some.len() as f32).clamp(SLIDER_MIN, SLIDER_MAX);
    spacing.item_spacing.x = 6.0;
    spacing.interact_size.y = 20.0;
    let visuals = ui.visuals_mut();
    visuals.slider_trailing_fill = true;
    visuals.selection.bg_fill = accent;
    let card = panels.color(Ink::Card);
    for state in [
        &mut visuals.widgets.inactive,
        &mut visuals.widgets.hovered,
        &mut visuals.widgets.active,
    ] {
        state.fg_stroke = Stroke::new(2.5, accent);
        state.bg_fill = card;
    }
    visuals.widgets.inactive.bg_fill = panels.color(Ink::Hairline);
    for &dial in some {
        let Some(value) = dial.get(&comparing.comparison, comparing.subject) else {
            continue;
        };
        let (least, most) = dial.range();
        let (name, shown) = told(dial, value, service);
        let label = RichText::new(&name).small().color(panels.color(Ink::Soft));
        ui.label(label);
        let mut turned = value;
        let mut slider =
            Slider::new(&mut turned, least.min(value)..=most.max(value)).show_value(false);
        if dial.is_whole() {
            slider = slider.step_by(1.0);
        } else {
            slider = slider.logarithmic(true);
        }
        let response = ui.add(slider);
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(egui::Role::Slider, true, &name);
            info.value = Some(value);
            info
        });
        let text = RichText::new(shown)
            .text_style(crate::ui::theme::small_mono())
            .color(panels.color(Ink::Text));
        let size = vec2(NUMBER, 20.0);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(NUMBER);
            ui.label(text);
        });
        if turned != value {
            panels.emit(Command::Turn(dial, rounded(dial, turned)));
        }
        ui.add_space(4.0);
    }
}

/// Two significant digits are enough for a hand.
fn rounded(dial: Dial, value: f64) -> f64 {
    if dial.is_whole() || value <= 0.0 {
        return value.round();
    }
    let scale = 10_f64.powf(value.log10().floor() - 1.0);
    (value / scale).round() * scale
}

fn told(dial: Dial, value: f64, service: &str) -> (String, String) {
    let number = |value: f64| {
        let text = format!("{value:.1}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    match dial {
        Dial::Rate => (t!("dial-rate"), number(value)),
        Dial::Timeout => (t!("dial-timeout"), span(Micros::from_secs_f64(value))),
        Dial::Retries => (t!("dial-retries"), number(value)),
        Dial::Prefetch => (t!("dial-prefetch"), number(value)),
        Dial::Time => (
            t!("dial-time", service = service),
            span(Micros((value * 1e3) as u64)),
        ),
        Dial::Workers => (t!("dial-workers", service = service), number(value)),
    }
}
