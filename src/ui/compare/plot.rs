//! One quantity of both sides over time, up to now, with what went wrong.

use egui::{Align, Layout, RichText, Sense, Ui, vec2};
use egui_plot::{
    AxisHints, GridInput, GridMark, HoverPosition, Line, LineStyle, Plot, PlotPoints, Span, VLine,
    uniform_grid_spacer,
};

use crate::app::{Comparing, Quantity};
use crate::broker::Micros;
use crate::compare::{Point, Side, Spread};
use crate::scene::{Font, Ink};
use crate::t;
use crate::ui::window::Panels;
use crate::ui::{fonts, theme};
use crate::words::fault_name;

use super::numbers;

/// With so much width there is room to say which line is which percentile.
const TELLING: f32 = 420.0;
/// The room of what stands above it.
const TITLE: f32 = 24.0;
/// The room of a mark's name, and its height.
const MARK: f32 = 150.0;
const MARK_LINE: f32 = 15.0;

/// The height of a line across.
const LINE: f32 = 48.0;
/// What is left free above the lines, for the names of the marks.
const HEADROOM: f64 = 0.2;

/// A line of the plot.
struct Curve {
    side: Side,
    /// How strong it is: of several percentiles the highest is the strongest.
    strength: f32,
    width: f32,
    /// Its value at a point.
    of: fn(&Point) -> Option<f64>,
}

pub(super) fn show(ui: &mut Ui, panels: &Panels, comparing: &Comparing) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let quantity = comparing.quantity;
    let name = numbers::name(quantity, &comparing.comparison);
    let title = match quantity {
        Quantity::UserWait | Quantity::DoneAfter if ui.available_width() >= TELLING => {
            t!("plot-percentiles", name = name)
        }
        _ => name,
    };
    head(ui, panels, title);
    let height = ui.available_height();
    let now = panels.state.run.moment.at.min(comparing.comparison.until);
    let end = comparing.comparison.until.as_secs_f64();
    let unit = unit(quantity);
    let unit_read = unit.clone();
    let (line, soft) = (panels.color(Ink::Hairline), panels.color(Ink::Soft));
    let axis = |axis: AxisHints<'static>| {
        let font = fonts::font_id(Font::Mono, 12.0);
        axis.tick_label_color(soft).tick_label_font(font)
    };
    let curves = curves(quantity);
    let lines = curves.iter().map(|curve| {
        let known = comparing.series(curve.side).points().iter();
        let known = known.take_while(|point| point.at <= now);
        let values = known.filter_map(|point| Some([point.at.as_secs_f64(), (curve.of)(point)?]));
        (curve, values.collect::<Vec<_>>())
    });
    let lines: Vec<_> = lines.collect();
    let values = lines
        .iter()
        .flat_map(|(_, line)| line.iter().map(|at| at[1]));
    let top = values.fold(least_top(quantity), f64::max) * (1.0 + HEADROOM);
    let across = (height / LINE).max(2.0) as f64;
    let plot = Plot::new("over-time")
        .height(height.max(60.0))
        .width(ui.available_width().max(120.0))
        .include_x(0.0)
        .include_x(end)
        .include_y(0.0)
        .include_y(top)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .show_crosshair(false)
        .label_formatter(move |hovered| match hovered {
            HoverPosition::NearDataPoint {
                plot_name,
                position,
                ..
            } if !plot_name.is_empty() => Some(t!(
                "plot-read",
                side = *plot_name,
                value = format!("{:.2}{unit_read}", position.y),
                at = format!("{:.1}", position.x)
            )),
            _ => None,
        })
        .show_grid([false, true])
        .grid_color(line)
        .y_grid_spacer(uniform_grid_spacer(move |input| steps(input, across)))
        .set_margin_fraction(egui::vec2(0.0, 0.02))
        .custom_x_axes(vec![axis(AxisHints::new_x()).formatter(
            |mark, _| match mark.value {
                0.0 => String::new(), // beside that of the other axis
                _ => t!("plot-seconds", number = short(mark)),
            },
        )])
        .custom_y_axes(vec![
            axis(AxisHints::new_y())
                .min_thickness(52.0)
                .label_spacing(14.0..=15.0)
                .formatter(move |mark, _| format!("{}{unit}", short(mark))),
        ]);
    let faults = comparing.comparison.faults.clone();
    let (warning, text) = (panels.color(Ink::Warning), panels.color(Ink::Text));
    let shown = plot.show(ui, |plot| {
        let mut marks = Vec::new();
        for fault in &faults {
            let from = fault.from.min(comparing.comparison.until);
            if from > now {
                continue; // nobody knows of it yet
            }
            let until = fault.until.unwrap_or(comparing.comparison.until).min(now);
            let range = from.as_secs_f64()..=until.as_secs_f64();
            let span = Span::new("", range)
                .fill(theme::faded(Ink::Warning, 0.12, panels.theme()))
                .border(egui::Stroke::new(1.0, warning.gamma_multiply(0.4)));
            plot.add(span);
            marks.push((from.as_secs_f64(), fault_name(&fault.kind)));
        }
        for (curve, line) in lines {
            plot.line(
                Line::new(crate::words::side(curve.side), PlotPoints::from(line))
                    .color(theme::faded(
                        ink(curve.side),
                        curve.strength,
                        panels.theme(),
                    ))
                    .width(curve.width),
            );
        }
        let cursor = VLine::new("", now.as_secs_f64())
            .color(text)
            .width(1.2)
            .style(LineStyle::dotted_dense());
        plot.vline(cursor.allow_hover(false));
        marks
    });
    // Beside the plot's own items, which would stretch it.
    let font = fonts::font_id(Font::Words, 12.0);
    let frame = shown.response.rect;
    let mut written: Vec<f32> = Vec::new();
    for (from, name) in shown.inner {
        let x = shown.transform.position_from_point_x(from) + 6.0;
        // What begins near another is written beneath it.
        let near = written.iter().filter(|other| (*other - x).abs() < MARK);
        let y = frame.min.y + 6.0 + near.count() as f32 * MARK_LINE;
        let at = egui::pos2(x, y);
        ui.painter_at(frame)
            .text(at, egui::Align2::LEFT_TOP, name, font.clone(), warning);
        written.push(x);
    }
}

/// What is plotted and, at the other end of the line, whose the lines are: in the plot a legend would lie over them.
fn head(ui: &mut Ui, panels: &Panels, title: String) {
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), TITLE),
        Layout::right_to_left(Align::Center),
        |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            for side in Side::ALL.into_iter().rev() {
                let name = RichText::new(crate::words::side(side)).small();
                ui.label(name.color(panels.color(Ink::Text)));
                let (dot, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
                ui.painter()
                    .circle_filled(dot.center(), 4.5, panels.color(ink(side)));
                ui.add_space(10.0);
            }
            let title = RichText::new(title)
                .text_style(theme::label())
                .color(panels.color(Ink::Text));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(egui::Label::new(title).truncate());
            });
        },
    );
}

fn ink(side: Side) -> Ink {
    match side {
        Side::Http => Ink::Warning,
        Side::Messaging => Ink::Accent,
    }
}

/// So many lines or fewer, at round numbers.
fn steps(input: GridInput, lines: f64) -> [f64; 3] {
    let (from, to) = input.bounds;
    let rough = ((to - from) / lines).max(1e-6);
    let power = 10_f64.powf(rough.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].map(|times| times * power);
    let step = round.into_iter().find(|step| *step >= rough);
    let step = step.unwrap_or(rough);
    [step, step * 10.0, step * 100.0]
}

fn short(mark: GridMark) -> String {
    let text = format!("{:.2}", mark.value);
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    text.to_owned()
}

/// What the height means.
fn unit(quantity: Quantity) -> String {
    match quantity {
        Quantity::UserWait | Quantity::DoneAfter => t!("plot-unit-seconds"),
        Quantity::Answered
        | Quantity::Failed
        | Quantity::Retries
        | Quantity::Duplicates
        | Quantity::InTime
        | Quantity::Goodput => t!("plot-unit-rate"),
        Quantity::Lost | Quantity::Waiting | Quantity::ToDo | Quantity::Held => String::new(),
    }
}

/// So high the plot is at least, so that next to nothing does not look like a mountain.
fn least_top(quantity: Quantity) -> f64 {
    match quantity {
        Quantity::UserWait | Quantity::DoneAfter => 0.1,
        _ => 2.0,
    }
}

fn curves(quantity: Quantity) -> Vec<Curve> {
    let one = |of: fn(&Point) -> Option<f64>| vec![(1.0, 2.2, of)];
    let spread = |[p50, p95, p99]: [fn(&Point) -> Option<f64>; 3]| {
        vec![(0.4, 1.6, p50), (0.65, 1.8, p95), (1.0, 2.4, p99)]
    };
    let lines = match quantity {
        Quantity::UserWait => spread([
            |point| seconds(point.user_wait, |it| it.p50),
            |point| seconds(point.user_wait, |it| it.p95),
            |point| seconds(point.user_wait, |it| it.p99),
        ]),
        Quantity::DoneAfter => spread([
            |point| seconds(point.done_after, |it| it.p50),
            |point| seconds(point.done_after, |it| it.p95),
            |point| seconds(point.done_after, |it| it.p99),
        ]),
        Quantity::Answered => one(|point| Some(a_second(point.answered, point))),
        Quantity::Failed => one(|point| Some(a_second(point.failed, point))),
        Quantity::Lost => one(|point| Some(point.lost as f64)),
        Quantity::Waiting => one(|point| Some(point.waiting as f64)),
        Quantity::ToDo => one(|point| Some(point.to_do as f64)),
        Quantity::Held => one(|point| Some(point.held)),
        Quantity::Retries => one(|point| Some(a_second(point.retries, point))),
        Quantity::Duplicates => one(|point| Some(a_second(point.duplicates, point))),
        Quantity::InTime => one(|point| Some(a_second(point.in_time, point))),
        Quantity::Goodput => one(|point| Some(point.goodput)),
    };
    let sides = Side::ALL.into_iter().flat_map(|side| {
        let lines = lines.iter();
        lines.map(move |&(strength, width, of)| Curve {
            side,
            strength,
            width,
            of,
        })
    });
    sides.collect()
}

fn a_second(count: u64, point: &Point) -> f64 {
    count as f64 / point.span.as_secs_f64().max(1e-6)
}

/// A percentile in seconds; nothing where nobody waited.
fn seconds(spread: Spread, of: fn(Spread) -> Micros) -> Option<f64> {
    (spread.count > 0).then(|| of(spread).as_secs_f64())
}
