//! The numbers of both sides at the moment. A click on one plots it.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align2, Galley, Rect, Role, ScrollArea, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::app::{Command, Comparing, Quantity};
use crate::broker::Micros;
use crate::compare::{Comparison, Side, Spread, Summary};
use crate::scene::{Font, Ink};
use crate::t;
use crate::ui::window::Panels;
use crate::ui::{fonts, theme};
use crate::words::{self, grouped, span_rounded};

use super::verdict::Card;
use super::{plot, verdict};

/// A line of the table, where there is room, and at least.
const ROW: f32 = 24.0;
const ROW_MIN: f32 = 17.5;
/// What the frame round the table leaves too little.
const LEFT: f32 = 4.0;
/// Between the verdict and what stands above it.
const ABOVE: f32 = 10.0;
const GAP: f32 = 28.0;
/// The table's width: of the window, and at least and at most.
const SHARE: f32 = 0.3;
const WIDTH_MIN: f32 = 432.0;
const WIDTH_MAX: f32 = 520.0;
/// The verdict's width, where it has a column of its own, and a plot's at least beside it.
const VERDICT: f32 = 372.0;
const PLOT_MIN: f32 = 320.0;
/// Less height is no plot's.
const PLOT_LOW: f32 = 90.0;

/// Of the table's width, where the first of its columns of numbers ends.
const FIRST_COLUMN: f32 = 0.655;
/// On either side of a point between two numbers.
const POINT_GAP: f32 = 1.5;
/// Who waits longer is told of.
const LONG: Micros = Micros::from_secs(1);
/// While more than one order in so many is under way, those that are over do not say how long one takes.
const FEW: u64 = 20;

/// Where everything is.
struct Places {
    table: Rect,
    /// None, where there is no room for it.
    plot: Option<Rect>,
    verdict: Rect,
    card: Card,
}

/// How many lines the table has, its head among them.
fn lines(comparison: &Comparison) -> f32 {
    (Quantity::of(comparison).count() + 1) as f32
}

impl Places {
    /// The verdict has a column of its own where there is room, else it stands beneath the table, else beneath the plot.
    fn new(ui: &Ui, panels: &Panels, comparing: &Comparing, whole: Rect) -> Self {
        let (table, rest) = halves(whole);
        if rest.width() >= PLOT_MIN + GAP + VERDICT {
            let (plot, verdict) = rest.split_left_right_at_x(rest.max.x - VERDICT);
            return Self {
                table,
                plot: Some(plot.with_max_x(plot.max.x - GAP)),
                verdict,
                card: Card::Column,
            };
        }
        let high = |width, card| verdict::height(ui, panels, comparing, width, card);
        let beneath = high(table.width(), Card::Wide);
        if lines(&comparing.comparison) * ROW_MIN + ABOVE + beneath <= whole.height() {
            let (table, verdict) = table.split_top_bottom_at_y(whole.max.y - beneath);
            return Self {
                table: table.with_max_y(table.max.y - ABOVE),
                plot: Some(rest),
                verdict,
                card: Card::Wide,
            };
        }
        let high = high(rest.width(), Card::Flat);
        let (plot, verdict) = rest.split_top_bottom_at_y(rest.max.y - high);
        let plot = plot.with_max_y(plot.max.y - ABOVE);
        let is_seen = plot.height() >= PLOT_LOW;
        Self {
            table,
            plot: is_seen.then_some(plot),
            verdict: if is_seen { verdict } else { rest },
            card: Card::Flat,
        }
    }
}

/// How high the table is at least, for nothing to be scrolled.
pub(super) fn least(comparing: &Comparing) -> f32 {
    lines(&comparing.comparison) * ROW_MIN + LEFT
}

/// The table's part, and the rest.
pub(super) fn halves(whole: Rect) -> (Rect, Rect) {
    let width = (whole.width() * SHARE).clamp(WIDTH_MIN, WIDTH_MAX);
    let (table, rest) = whole.split_left_right_at_x(whole.min.x + width);
    (table, rest.with_min_x(rest.min.x + GAP))
}

pub(super) fn show(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing) {
    let whole = ui.available_rect_before_wrap();
    let places = Places::new(ui, panels, comparing, whole);
    let mut within = |rect: Rect| {
        let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
        child.set_clip_rect(rect.intersect(child.clip_rect()));
        child
    };
    table(&mut within(places.table), panels, comparing);
    if let Some(plot) = places.plot {
        plot::show(&mut within(plot), panels, comparing);
    }
    let card = places.verdict;
    verdict::show(&mut within(card), panels, comparing, card, places.card);
    ui.advance_cursor_after_rect(whole);
}

/// What one side has in a line: numbers, each in its ink.
type Cell = Vec<(String, Ink)>;

/// The numbers, as high as there is room, or to be scrolled.
pub(super) fn table(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing) {
    let row = ui.available_height() / lines(&comparing.comparison);
    let row = row.clamp(ROW_MIN, ROW);
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| rows(ui, panels, comparing, row));
}

fn rows(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing, row: f32) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let summaries = comparing.summaries();
    let sent = summaries.iter().map(|it| it.sent).max().unwrap_or(0);
    let head = TableLine {
        quantity: None,
        name: &t!(
            "number-sent",
            count = sent,
            grouped = grouped(sent as usize)
        ),
        cells: Side::ALL.map(|side| vec![(words::side(side), Ink::Text)]),
        font: Font::WordsStrong,
    };
    line(ui, panels, row, head);
    for quantity in Quantity::of(&comparing.comparison) {
        let told = TableLine {
            quantity: Some((quantity, comparing.quantity == quantity)),
            name: &name(quantity, &comparing.comparison),
            cells: told(quantity, summaries),
            font: Font::Mono,
        };
        line(ui, panels, row, told);
    }
}

/// What a quantity is called.
pub(super) fn name(quantity: Quantity, comparison: &Comparison) -> String {
    match quantity {
        Quantity::Answered => t!("number-answered"),
        Quantity::Failed => t!("number-failed"),
        Quantity::Lost => t!("number-lost"),
        Quantity::Waiting => t!("number-waiting"),
        Quantity::ToDo => t!("number-to-do"),
        Quantity::UserWait => t!("number-user-wait"),
        Quantity::DoneAfter => t!("number-done-after"),
        Quantity::Held => t!("number-held"),
        Quantity::Retries => t!("number-retries"),
        Quantity::Duplicates => t!("number-duplicates"),
        Quantity::InTime => {
            let deadline = comparison.deadline.unwrap_or_default();
            t!("number-in-time", deadline = words::span(deadline))
        }
        Quantity::Goodput => t!("number-goodput"),
    }
}

/// What it means.
fn meaning(quantity: Quantity) -> String {
    match quantity {
        Quantity::Answered => t!("number-answered-tip"),
        Quantity::Failed => t!("number-failed-tip"),
        Quantity::Lost => t!("number-lost-tip"),
        Quantity::Waiting => t!("number-waiting-tip"),
        Quantity::ToDo => t!("number-to-do-tip"),
        Quantity::UserWait => t!("number-user-wait-tip"),
        Quantity::DoneAfter => t!("number-done-after-tip"),
        Quantity::Held => t!("number-held-tip"),
        Quantity::Retries => t!("number-retries-tip"),
        Quantity::Duplicates => t!("number-duplicates-tip"),
        Quantity::InTime => t!("number-in-time-tip"),
        Quantity::Goodput => t!("number-goodput-tip"),
    }
}

/// The numbers of both sides.
fn told(quantity: Quantity, summaries: &[Summary; 2]) -> [Cell; 2] {
    let count = |of: fn(&Summary) -> u64| {
        let counts = summaries.each_ref().map(of);
        let texts = counts.map(|count| grouped(count as usize));
        beside(quantity, texts, counts.map(|count| count as f64))
    };
    let standing = |of: fn(&Summary) -> u64, longest: fn(&Summary) -> Micros| {
        let mut cells = count(of);
        for (cell, summary) in cells.iter_mut().zip(summaries) {
            if longest(summary) > LONG {
                cell.push((span_rounded(longest(summary)), Ink::Soft));
            }
        }
        cells
    };
    match quantity {
        Quantity::Answered => count(|it| it.answered),
        Quantity::Failed => count(|it| it.failed),
        Quantity::Lost => count(|it| it.lost),
        Quantity::Waiting => standing(|it| it.waiting, |it| it.longest_waiting),
        Quantity::ToDo => standing(|it| it.to_do, |it| it.oldest_to_do),
        Quantity::UserWait => percentiles(summaries, |it| it.user_wait, |it| it.waiting),
        Quantity::DoneAfter => {
            percentiles(summaries, |it| it.done_after, |it| it.waiting + it.to_do)
        }
        Quantity::Held => {
            let held = summaries.each_ref().map(|summary| {
                let entry = summary.services.first();
                entry.map_or((0.0, 0), |it| (it.held_mean, it.workers))
            });
            let texts =
                held.map(|(mean, all)| t!("number-of", mean = format!("{mean:.1}"), all = all));
            beside(quantity, texts, held.map(|(mean, _)| (mean * 10.0).round()))
        }
        Quantity::Retries => count(|it| it.retries),
        Quantity::Duplicates => count(|it| it.duplicates),
        Quantity::InTime => count(|it| it.in_time.unwrap_or_default()),
        Quantity::Goodput => {
            let rates = summaries.each_ref().map(|summary| summary.goodput);
            let texts = rates.map(|rate| t!("number-rate", rate = format!("{rate:.1}")));
            beside(quantity, texts, rates.map(|rate| (rate * 10.0).round()))
        }
    }
}

/// One number of either side; its ink says which is better.
fn beside(quantity: Quantity, texts: [String; 2], values: [f64; 2]) -> [Cell; 2] {
    let mut inks = inks(quantity.is_good(), values).into_iter();
    texts.map(|text| vec![(text, inks.next().unwrap_or(Ink::Text))])
}

/// How one number compares with the other.
fn inks(more_is_good: bool, [http, messaging]: [f64; 2]) -> [Ink; 2] {
    if http == messaging {
        return [Ink::Text, Ink::Text];
    }
    match (http > messaging) == more_is_good {
        true => [Ink::Good, Ink::Warning],
        false => [Ink::Warning, Ink::Good],
    }
}

/// The median, and what 95 and 99 of 100 are at most, in one unit; each against that of the other side, as long as few are
/// under way: how long those take nobody knows.
fn percentiles(
    summaries: &[Summary; 2],
    of: fn(&Summary) -> Spread,
    under_way: fn(&Summary) -> u64,
) -> [Cell; 2] {
    let spreads = summaries.each_ref().map(of);
    let is_known = spreads.iter().all(|spread| spread.count > 0)
        && summaries.iter().all(|it| under_way(it) * FEW <= it.sent);
    let ranks = [
        |it: Spread| it.p50,
        |it: Spread| it.p95,
        |it: Spread| it.p99,
    ];
    let mut cells = spreads.map(|spread| match spread.count {
        0 => vec![(t!("number-none"), Ink::Text)],
        _ => in_one_unit(ranks.map(|rank| rank(spread))),
    });
    if is_known {
        for (place, rank) in ranks.into_iter().enumerate() {
            let millis = spreads.map(|spread| (rank(spread).0 / 1_000) as f64);
            for (cell, ink) in cells.iter_mut().zip(inks(false, millis)) {
                cell[place].1 = ink;
            }
        }
    }
    cells
}

/// The last is the longest, and has the unit.
fn in_one_unit([p50, p95, p99]: [Micros; 3]) -> Cell {
    let in_seconds = p99 >= LONG;
    let digits = if p99 < Micros::from_secs(10) { 2 } else { 1 };
    let number = |span: Micros| match in_seconds {
        true => format!("{:.digits$}", span.as_secs_f64()),
        false => format!("{}", span.0 / 1_000),
    };
    let last = match in_seconds {
        true => t!("span-seconds", number = number(p99)),
        false => t!("span-millis", number = number(p99)),
    };
    [number(p50), number(p95), last]
        .map(|text| (text, Ink::Text))
        .into()
}

/// One line of the table; with a quantity, and whether that is plotted, a click plots it.
struct TableLine<'a> {
    quantity: Option<(Quantity, bool)>,
    name: &'a str,
    cells: [Cell; 2],
    font: Font,
}

fn line(ui: &mut Ui, panels: &mut Panels, row: f32, line: TableLine<'_>) {
    let TableLine {
        quantity,
        name,
        cells,
        font,
    } = line;
    let sense = if quantity.is_some() {
        Sense::click()
    } else {
        Sense::hover()
    };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), row), sense);
    let chosen = quantity.is_some_and(|(_, chosen)| chosen);
    if quantity.is_some() {
        response.widget_info(|| {
            let [http, messaging] = cells.each_ref().map(spoken);
            let label = format!("{name}: {http} · {messaging}");
            WidgetInfo::selected(Role::Button, true, chosen, label)
        });
    }
    if let Some((quantity, _)) = quantity
        && response.clicked()
    {
        panels.emit(Command::Plot(quantity));
    }
    let painter = ui.painter();
    if chosen || (quantity.is_some() && (response.hovered() || response.has_focus())) {
        let tint = theme::faded(
            Ink::Accent,
            if chosen { 0.14 } else { 0.07 },
            panels.theme(),
        );
        painter.rect_filled(rect, 4.0, tint);
    }
    let rule = Stroke::new(1.0, panels.color(Ink::Hairline));
    painter.hline(rect.x_range(), rect.max.y - 0.5, rule);
    let y = rect.center().y;
    let ink = if chosen { Ink::Accent } else { Ink::Soft };
    let at = pos2(rect.min.x + 6.0, y);
    painter.text(
        at,
        Align2::LEFT_CENTER,
        name,
        fonts::font_id(Font::Words, 13.0),
        panels.color(ink),
    );
    let columns = [rect.min.x + rect.width() * FIRST_COLUMN, rect.max.x - 8.0];
    for (cell, x) in cells.iter().zip(columns) {
        let galley = laid_out(ui, panels, cell, font);
        let at = pos2(x, y) - vec2(galley.size().x, galley.size().y / 2.0);
        ui.painter().galley(at, galley, panels.color(Ink::Text));
    }
    if let Some((quantity, _)) = quantity {
        let told = format!("{} {}", meaning(quantity), t!("number-tip"));
        response.on_hover_text(told);
    }
}

/// A cell as it is read.
fn spoken(cell: &Cell) -> String {
    let texts: Vec<_> = cell.iter().map(|(text, _)| text.as_str()).collect();
    texts.join("·")
}

fn laid_out(ui: &Ui, panels: &Panels, cell: &Cell, font: Font) -> Arc<Galley> {
    let format = |ink| TextFormat::simple(fonts::font_id(font, 12.5), panels.color(ink));
    let mut job = LayoutJob::default();
    for (place, (text, ink)) in cell.iter().enumerate() {
        let gap = if place > 0 { POINT_GAP } else { 0.0 };
        if place > 0 {
            job.append("·", gap, format(Ink::Soft));
        }
        job.append(text, gap, format(*ink));
    }
    ui.painter().layout_job(job)
}
