//! One quantity of both sides over time, up to now, with what went wrong.

use egui::{RichText, Ui};
use egui_plot::{
    Corner, GridInput, GridMark, Legend, Line, LineStyle, Plot, PlotPoint, PlotPoints, Span, VLine,
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

/// The room of what stands above it.
const TITLE: f32 = 24.0;
/// The room of a mark's name.
const MARK: f32 = 150.0;
/// A legend takes so much.
const LEGEND: f32 = 190.0;

/// A line of the plot: what it is called, its side, how it is drawn, and its values.
struct Curve {
    name: String,
    side: Side,
    style: LineStyle,
    width: f32,
    /// Its value at a point, of points so many seconds apart.
    of: fn(&Point, f64) -> Option<f64>,
}

pub(super) fn show(ui: &mut Ui, panels: &Panels, comparing: &Comparing) {
    let height = ui.available_height();
    let quantity = comparing.quantity;
    let title = RichText::new(numbers::name(quantity))
        .text_style(theme::label())
        .color(panels.color(Ink::Text));
    ui.label(title);
    let now = panels.state.run.moment.at.min(comparing.comparison.until);
    let end = comparing.comparison.until.as_secs_f64();
    let unit = unit(quantity);
    let soft = panels.color(Ink::Hairline);
    let plot = Plot::new("over-time")
        .height((height - TITLE).max(60.0))
        .width(ui.available_width().max(120.0))
        .include_x(0.0)
        .include_x(end)
        .include_y(0.0)
        .include_y(least_top(quantity))
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .show_crosshair(false)
        .show_grid([false, true])
        .grid_color(soft)
        .y_grid_spacer(uniform_grid_spacer(steps))
        .y_axis_min_width(52.0)
        .set_margin_fraction(egui::vec2(0.0, 0.06))
        .x_axis_formatter(|mark, _| t!("plot-seconds", number = short(mark)))
        .y_axis_formatter(move |mark, _| format!("{}{unit}", short(mark)));
    let has_legend = height >= LEGEND;
    let plot = match has_legend {
        true => plot.legend(
            Legend::default()
                .position(Corner::RightTop)
                .follow_insertion_order(true)
                .text_style(egui::TextStyle::Small)
                .background_alpha(0.7),
        ),
        false => plot,
    };
    let faults = comparing.comparison.faults.clone();
    let (warning, text) = (panels.color(Ink::Warning), panels.color(Ink::Text));
    let curves = curves(quantity);
    let shown = plot.show(ui, |plot| {
        let (mut marks, mut ends) = (Vec::new(), Vec::new());
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
        for curve in curves {
            let points = comparing.series(curve.side).points();
            // The first ends one step after the start.
            let apart = points.first().map_or(1.0, |first| first.at.as_secs_f64());
            let known = points.partition_point(|point| point.at <= now);
            let points: Vec<_> = points[..known]
                .iter()
                .filter_map(|point| Some([point.at.as_secs_f64(), (curve.of)(point, apart)?]))
                .collect();
            let ink = ink(curve.side);
            if let Some(&end) = points.last() {
                ends.push((curve.side, end));
            }
            plot.line(
                Line::new(curve.name, PlotPoints::from(points))
                    .color(panels.color(ink))
                    .width(curve.width)
                    .style(curve.style),
            );
        }
        let cursor = VLine::new("", now.as_secs_f64())
            .color(text)
            .width(1.2)
            .style(LineStyle::dotted_dense());
        plot.vline(cursor.allow_hover(false));
        (marks, ends)
    });
    let (marks, mut ends) = shown.inner;
    // Beside the plot's own items, which would stretch it.
    let font = fonts::font_id(Font::Words, 12.0);
    let frame = shown.response.rect;
    let mut written: Vec<f32> = Vec::new();
    for (from, name) in marks {
        let x = shown.transform.position_from_point_x(from) + 6.0;
        // What begins near another is written beneath it.
        let near = written.iter().filter(|other| (*other - x).abs() < MARK);
        let y = frame.min.y + 6.0 + near.count() as f32 * 15.0;
        let at = egui::pos2(x, y);
        ui.painter_at(frame)
            .text(at, egui::Align2::LEFT_TOP, name, font.clone(), warning);
        written.push(x);
    }
    if !has_legend {
        // Where there is no room for one, the last line of each side says whose it is.
        ends.reverse();
        ends.dedup_by_key(|(side, _)| *side);
        for (side, [x, y]) in ends {
            let at = shown.transform.position_from_point(&PlotPoint::new(x, y));
            let at = at + egui::vec2(8.0, -2.0);
            let color = panels.color(ink(side));
            ui.painter_at(frame).text(
                at,
                egui::Align2::LEFT_BOTTOM,
                crate::words::side(side),
                font.clone(),
                color,
            );
        }
    }
}

fn ink(side: Side) -> Ink {
    match side {
        Side::Http => Ink::Warning,
        Side::Messaging => Ink::Accent,
    }
}

/// Four lines or so, at round numbers.
fn steps(input: GridInput) -> [f64; 3] {
    let (from, to) = input.bounds;
    let rough = ((to - from) / 4.0).max(1e-6);
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
        Quantity::Answered | Quantity::Failed | Quantity::Goodput => t!("plot-unit-rate"),
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
    let mut curves = Vec::new();
    for side in Side::ALL {
        let name = crate::words::side(side);
        let mut add = |name: String, style, width, of| {
            curves.push(Curve {
                name,
                side,
                style,
                width,
                of,
            });
        };
        let mut spread = |of: [fn(&Point, f64) -> Option<f64>; 3]| {
            let styles = [
                (t!("plot-p50", side = name.as_str()), LineStyle::Solid, 1.2),
                (
                    t!("plot-p95", side = name.as_str()),
                    LineStyle::dashed_dense(),
                    1.4,
                ),
                (t!("plot-p99", side = name.as_str()), LineStyle::Solid, 2.4),
            ];
            for ((name, style, width), of) in styles.into_iter().zip(of) {
                add(name, style, width, of);
            }
        };
        match quantity {
            Quantity::UserWait => spread([
                |point, _| seconds(point.user_wait, |it| it.p50),
                |point, _| seconds(point.user_wait, |it| it.p95),
                |point, _| seconds(point.user_wait, |it| it.p99),
            ]),
            Quantity::DoneAfter => spread([
                |point, _| seconds(point.done_after, |it| it.p50),
                |point, _| seconds(point.done_after, |it| it.p95),
                |point, _| seconds(point.done_after, |it| it.p99),
            ]),
            Quantity::Answered => add(name, LineStyle::Solid, 2.2, |point, apart| {
                Some(point.answered as f64 / apart)
            }),
            Quantity::Failed => add(name, LineStyle::Solid, 2.2, |point, apart| {
                Some(point.failed as f64 / apart)
            }),
            Quantity::Lost => add(name, LineStyle::Solid, 2.2, |point, _| {
                Some(point.lost as f64)
            }),
            Quantity::Waiting => add(name, LineStyle::Solid, 2.2, |point, _| {
                Some(point.waiting as f64)
            }),
            Quantity::ToDo => add(name, LineStyle::Solid, 2.2, |point, _| {
                Some(point.to_do as f64)
            }),
            Quantity::Held => add(name, LineStyle::Solid, 2.2, |point, _| Some(point.held)),
            Quantity::Goodput => add(name, LineStyle::Solid, 2.2, |point, _| Some(point.goodput)),
        }
    }
    curves
}

/// A percentile in seconds; nothing where nobody waited.
fn seconds(spread: Spread, of: fn(Spread) -> Micros) -> Option<f64> {
    (spread.count > 0).then(|| of(spread).as_secs_f64())
}
