//! What can be turned on both sides: as many dials as there is room for, and the rest behind a button.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Align, Layout, PopupCloseBehavior, RichText, Slider, Stroke, Ui, WidgetInfo, vec2};

use crate::app::{Command, Comparing, Dial};
use crate::broker::Micros;
use crate::scene::measure::text_width;
use crate::scene::{Font, Ink};
use crate::t;
use crate::ui::theme;
use crate::ui::window::Panels;
use crate::words::span;

/// A slider's width, at least and at most.
const SLIDER_MIN: f32 = 56.0;
const SLIDER_MAX: f32 = 100.0;
/// The room of a dial's number, and what lies between its parts and after it.
const NUMBER: f32 = 46.0;
const GAPS: f32 = 22.0;
/// The room of the button behind which the others are.
pub(super) const MORE: f32 = 88.0;

/// What is said of a dial: its name, and where it stands.
struct Told {
    name: String,
    value: String,
}

/// How wide a dial is without its slider.
fn words(dial: Dial, comparing: &Comparing) -> f32 {
    let name = told(dial, 0.0, subject(comparing)).name;
    text_width(&name, Font::Words, 12.5) + NUMBER + GAPS
}

fn width_of(dials: &[Dial], comparing: &Comparing) -> f32 {
    let words = dials.iter().map(|&dial| words(dial, comparing));
    words.sum::<f32>() + dials.len() as f32 * SLIDER_MIN
}

/// Whether all dials fit.
pub(super) fn all_fit(width: f32, comparing: &Comparing) -> bool {
    width_of(&Dial::ALL, comparing) <= width
}

/// Draws dials in a row, as many as there is room for.
pub(super) fn row(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing) {
    let room = ui.available_width();
    let fits = |count: usize| width_of(&Dial::ALL[..count], comparing) <= room - MORE;
    let count = match all_fit(room, comparing) {
        true => Dial::ALL.len(),
        false => (0..Dial::ALL.len())
            .rev()
            .find(|&count| fits(count))
            .unwrap_or(0),
    };
    let (shown, others) = Dial::ALL.split_at(count);
    let rest = if others.is_empty() { 0.0 } else { MORE };
    let free = room - rest - width_of(shown, comparing);
    let slider = SLIDER_MIN + free / count.max(1) as f32;
    ui.spacing_mut().item_spacing.x = 6.0;
    for &dial in shown {
        show(
            ui,
            panels,
            comparing,
            dial,
            slider.clamp(SLIDER_MIN, SLIDER_MAX),
        );
        ui.add_space(4.0);
    }
    if others.is_empty() {
        return;
    }
    // A menu closes when something in it is clicked; a dial is to be turned more than once.
    let stays = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    MenuButton::new(t!("dials-more"))
        .config(stays)
        .ui(ui, |ui| {
            egui::Grid::new("dials").show(ui, |ui| {
                for &dial in others {
                    show(ui, panels, comparing, dial, SLIDER_MAX);
                    ui.end_row();
                }
            });
        });
}

fn subject(comparing: &Comparing) -> &str {
    let service = comparing.comparison.services.get(comparing.subject);
    service.map_or("", |service| service.name.as_str())
}

fn looks(ui: &mut Ui, panels: &Panels) {
    let accent = panels.color(Ink::Accent);
    ui.spacing_mut().interact_size.y = 20.0;
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
}

/// A dial: its name, its slider, its number.
fn show(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing, dial: Dial, width: f32) {
    let Some(value) = dial.get(&comparing.comparison, comparing.subject) else {
        return;
    };
    let Told { name, value: shown } = told(dial, value, subject(comparing));
    let label = RichText::new(&name).small().color(panels.color(Ink::Soft));
    ui.label(label);
    let (least, most) = dial.range();
    let mut turned = value;
    let slider = Slider::new(&mut turned, least.min(value)..=most.max(value)).show_value(false);
    let slider = match dial.is_whole() {
        true => slider.step_by(1.0),
        false => slider.logarithmic(true),
    };
    let response = ui
        .scope(|ui| {
            looks(ui, panels);
            ui.spacing_mut().slider_width = width;
            ui.add(slider)
        })
        .inner;
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(egui::Role::Slider, true, &name);
        info.value = Some(value);
        info
    });
    let text = RichText::new(shown).text_style(theme::small_mono());
    let size = vec2(NUMBER, 20.0);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_width(NUMBER);
        ui.label(text.color(panels.color(Ink::Text)));
    });
    if turned != value {
        panels.emit(Command::Turn(dial, rounded(dial, turned)));
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

fn told(dial: Dial, value: f64, service: &str) -> Told {
    let number = |value: f64| {
        let text = format!("{value:.1}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let (name, value) = match dial {
        Dial::Rate => (t!("dial-rate"), number(value)),
        Dial::Timeout => (t!("dial-timeout"), span(Micros::from_secs_f64(value))),
        Dial::Retries => (t!("dial-retries"), number(value)),
        Dial::Prefetch => (t!("dial-prefetch"), number(value)),
        Dial::Time => (
            t!("dial-time", service = service),
            span(Micros((value * 1e3) as u64)),
        ),
        Dial::Workers => (t!("dial-workers", service = service), number(value)),
    };
    Told { name, value }
}
