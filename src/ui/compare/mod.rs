//! Two sides of one comparison: their canvases, what is broken and turned on both, their numbers.

mod bar;
mod dials;
mod numbers;
mod plot;
mod split;
mod verdict;

use egui::{Align, Layout, Panel, Rect, RichText, Stroke, Ui, UiBuilder, pos2, vec2};

use crate::app::Comparing;
use crate::compare::{Comparison, Side};
use crate::scene::Ink;
use crate::t;
use crate::words::{self, list};

use super::window::Panels;
use super::{canvas, events, inspector};

/// In a window that is lower than this everything has to do with less height.
const LOW: f32 = 880.0;
/// What stands above a canvas; in a low window it is one line.
const HEAD: f32 = 54.0;
const HEAD_LOW: f32 = 34.0;
const MARGIN: f32 = 24.0;
/// The inspector's width, at least.
const INSPECTOR: f32 = 280.0;
/// Of the height that canvases and numbers have, so much is the numbers'; and so much at least. In a low window they
/// have no more than they need.
const SHARE: f32 = 0.42;
const LEAST: f32 = 130.0;
const SHARE_LOW: f32 = 0.46;
/// Above and beneath the numbers.
const ABOVE: i8 = 12;
const ABOVE_LOW: i8 = 8;

/// In a window that is narrower than this the inspector stands among what is known, for the canvases to keep their width.
const NARROW: f32 = 1_400.0;

/// Whether the inspector has its place here, rather than beside everything.
pub(super) fn holds_inspector(ctx: &egui::Context) -> bool {
    ctx.content_rect().width() < NARROW
}

/// Whether all has to do with less height.
fn is_low(ui: &Ui) -> bool {
    ui.ctx().content_rect().height() < LOW
}

/// The bar in which things are broken and turned, and what is known beneath it.
pub(super) fn below(ui: &mut Ui, panels: &mut Panels) {
    let state = panels.state;
    let Some(comparing) = &state.comparing else {
        return;
    };
    let bar = bar::height(ui, panels, comparing);
    if state.view.numbers {
        let both = ui.available_height() - bar;
        let (height, above) = match is_low(ui) {
            true => (
                numbers::least(comparing) + 2.0 * f32::from(ABOVE_LOW),
                ABOVE_LOW,
            ),
            false => (both * SHARE, ABOVE),
        };
        let frame = egui::Frame::new().fill(panels.color(Ink::Panel));
        Panel::bottom("numbers")
            .exact_size(height.min(both * SHARE_LOW).max(LEAST))
            .frame(frame.inner_margin(egui::Margin::symmetric(MARGIN as i8, above)))
            .show(ui, |ui| {
                if panels.state.inspector_open() && holds_inspector(ui.ctx()) {
                    beside_inspector(ui, panels, comparing);
                } else if comparing.lists {
                    lists(ui, panels);
                } else {
                    numbers::show(ui, panels, comparing);
                }
            });
    }
    Panel::bottom("breaks")
        .exact_size(bar)
        .frame(egui::Frame::new().fill(panels.color(Ink::Canvas)))
        .show(ui, |ui| bar::show(ui, panels, comparing));
}

/// The inspector, and what there is room for beside it.
fn beside_inspector(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing) {
    let whole = ui.available_rect_before_wrap();
    let (left, right) = numbers::halves(whole);
    let (left, right) = match right.width() >= INSPECTOR {
        true => (Some(left), right),
        false => (None, whole),
    };
    let within = |ui: &mut Ui, rect: Rect| {
        let mut child = ui.new_child(UiBuilder::new().id_salt("beside").max_rect(rect));
        child.set_clip_rect(rect.intersect(child.clip_rect()));
        child
    };
    if let Some(left) = left {
        let mut ui = within(ui, left);
        match comparing.lists {
            true => lists(&mut ui, panels),
            false => numbers::table(&mut ui, panels, comparing),
        }
    }
    inspector::show(&mut within(ui, right), panels);
    ui.advance_cursor_after_rect(whole);
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
    let head = if is_low(ui) { HEAD_LOW } else { HEAD };
    let pictures = Side::ALL.map(|side| canvas::needed(state, state.side(side)));
    let room = vec2(whole.width(), whole.height() - head);
    let share = split::left_share(room, pictures, canvas::FIT_MAX);
    let middle = (whole.min.x + whole.width() * share).round();
    let (left, right) = (whole.with_max_x(middle), whole.with_min_x(middle));
    for (rect, side) in [left, right].into_iter().zip(Side::ALL) {
        let builder = UiBuilder::new().id_salt(side).max_rect(rect);
        let mut ui = ui.new_child(builder);
        ui.set_clip_rect(rect);
        let (above, below) = rect.split_top_bottom_at_y(rect.min.y + head);
        self::head(&mut ui, panels, comparing, side, above);
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
        pos2(rect.max.x - 12.0, rect.max.y),
    );
    // In a low window the second stands beside the first.
    let layout = match is_low(ui) {
        true => Layout::left_to_right(Align::Min),
        false => Layout::top_down(Align::Min),
    };
    let mut inner = ui.new_child(UiBuilder::new().max_rect(place).layout(layout));
    inner.spacing_mut().item_spacing = vec2(12.0, 2.0);
    let title = RichText::new(title)
        .heading()
        .color(panels.color(Ink::Text));
    inner.add(egui::Label::new(title).truncate());
    if is_low(ui) {
        let at = inner.cursor().min + vec2(0.0, 4.0); // both stand on one line
        inner = ui.new_child(UiBuilder::new().max_rect(place.with_min_x(at.x).with_min_y(at.y)));
    }
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
