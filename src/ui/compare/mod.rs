//! Two sides of one comparison: their canvases, what is broken and turned on both, their numbers.

mod bar;
mod numbers;
mod plot;
mod verdict;

use egui::{Panel, Rect, RichText, Stroke, Ui, UiBuilder, pos2, vec2};

use crate::app::Comparing;
use crate::compare::{Comparison, Side};
use crate::scene::Ink;
use crate::t;
use crate::words::{self, list};

use super::window::Panels;
use super::{canvas, events};

/// What stands above a canvas.
const HEAD: f32 = 54.0;
const MARGIN: f32 = 24.0;
/// Of the room that canvases and numbers have, so much is the numbers'; and so much at least.
const SHARE: f32 = 0.48;
const LEAST: f32 = 150.0;

/// The bar in which things are broken and turned, and what is known beneath it.
pub(super) fn below(ui: &mut Ui, panels: &mut Panels) {
    let state = panels.state;
    let Some(comparing) = &state.comparing else {
        return;
    };
    let bar = bar::height(ui.available_width(), comparing);
    let height = (ui.available_height() - bar) * SHARE;
    let frame = egui::Frame::new().fill(panels.color(Ink::Panel));
    Panel::bottom("numbers")
        .exact_size(height.max(LEAST))
        .frame(frame.inner_margin(egui::Margin::symmetric(MARGIN as i8, 12)))
        .show(ui, |ui| {
            if comparing.lists {
                lists(ui, panels);
            } else {
                numbers::show(ui, panels, comparing);
            }
        });
    Panel::bottom("breaks")
        .exact_size(bar)
        .frame(egui::Frame::new().fill(panels.color(Ink::Canvas)))
        .show(ui, |ui| bar::show(ui, panels, comparing));
}

/// What happened on either side, side by side.
fn lists(ui: &mut Ui, panels: &mut Panels) {
    ui.columns(2, |columns| {
        for (ui, side) in columns.iter_mut().zip(Side::ALL) {
            ui.push_id(side, |ui| {
                let title = RichText::new(words::side(side)).text_style(super::theme::name());
                ui.label(title.color(panels.color(Ink::Text)));
                events::list(ui, panels, Some(side));
            });
        }
    });
}

/// Both canvases, HTTP's on the left.
pub(super) fn canvases(ui: &mut Ui, panels: &mut Panels) {
    let state = panels.state;
    let Some(comparing) = &state.comparing else {
        return;
    };
    let whole = ui.available_rect_before_wrap();
    let middle = whole.center().x;
    let (left, right) = (whole.with_max_x(middle), whole.with_min_x(middle));
    for (rect, side) in [left, right].into_iter().zip(Side::ALL) {
        let builder = UiBuilder::new().id_salt(side).max_rect(rect);
        let mut ui = ui.new_child(builder);
        ui.set_clip_rect(rect);
        head(&mut ui, panels, comparing, side, rect);
        let below = rect.with_min_y(rect.min.y + HEAD);
        canvas::show(&mut ui, panels, below, Some(side));
    }
    let line = Stroke::new(1.0, panels.color(Ink::Hairline));
    ui.painter().vline(middle, whole.y_range(), line);
}

fn head(ui: &mut Ui, panels: &Panels, comparing: &Comparing, side: Side, rect: Rect) {
    let (title, way) = match side {
        Side::Http => (t!("compare-http"), http_way(&comparing.comparison)),
        Side::Messaging => (
            t!("compare-messaging"),
            messaging_way(&comparing.comparison),
        ),
    };
    let place = Rect::from_min_max(
        rect.min + vec2(MARGIN, 9.0),
        pos2(rect.max.x - 12.0, rect.min.y + HEAD),
    );
    let mut inner = ui.new_child(UiBuilder::new().max_rect(place));
    inner.spacing_mut().item_spacing.y = 2.0;
    let title = RichText::new(title)
        .heading()
        .color(panels.color(Ink::Text));
    inner.add(egui::Label::new(title).truncate());
    let way = RichText::new(way).small().color(panels.color(Ink::Soft));
    inner.add(egui::Label::new(way).truncate());
}

/// How the first service goes about it over HTTP.
fn http_way(comparison: &Comparison) -> String {
    let Some(entry) = comparison.entry() else {
        return String::new();
    };
    let change = comparison.http.changes.iter();
    let change = change.clone().find(|it| it.name == entry.name);
    let parallel = change
        .and_then(|it| it.parallel)
        .unwrap_or(comparison.http.parallel);
    let calls: Vec<&str> = entry.calls.iter().map(|name| name.as_str()).collect();
    let entry = entry.name.as_str();
    match calls.len() {
        0 | 1 => t!("compare-http-one", entry = entry, calls = list(&calls)),
        _ if parallel => t!("compare-http-parallel", entry = entry, calls = list(&calls)),
        _ => t!(
            "compare-http-in-turn",
            entry = entry,
            calls = calls.join(&t!("compare-then"))
        ),
    }
}

fn messaging_way(comparison: &Comparison) -> String {
    let entry = comparison.entry().map_or("", |entry| entry.name.as_str());
    match comparison.messaging.confirms {
        true => t!("compare-messaging-way", entry = entry),
        false => t!("compare-messaging-unconfirmed", entry = entry),
    }
}
