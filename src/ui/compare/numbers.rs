//! The numbers of both sides at the moment. A click on one plots it.

use egui::{Align2, Rect, Role, ScrollArea, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::app::{Command, Comparing, Quantity};
use crate::broker::Micros;
use crate::compare::{Side, Spread, Summary};
use crate::scene::{Font, Ink};
use crate::t;
use crate::ui::window::Panels;
use crate::ui::{fonts, theme};
use crate::words::{self, grouped};

use super::verdict::Card;
use super::{plot, verdict};

/// A line of the table, where there is room, and at least.
const ROW: f32 = 24.0;
const ROW_MIN: f32 = 19.0;
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

/// Where everything is.
struct Places {
    table: Rect,
    plot: Rect,
    verdict: Rect,
    card: Card,
}

/// How many lines the table has, its head among them.
const LINES: f32 = (Quantity::ALL.len() + 2) as f32;

impl Places {
    /// The verdict has a column of its own where there is room, else it stands beneath the table, else beneath the plot.
    fn new(ui: &Ui, panels: &Panels, comparing: &Comparing, whole: Rect) -> Self {
        let width = (whole.width() * SHARE).clamp(WIDTH_MIN, WIDTH_MAX);
        let (table, rest) = whole.split_left_right_at_x(whole.min.x + width);
        let rest = rest.with_min_x(rest.min.x + GAP);
        if rest.width() >= PLOT_MIN + GAP + VERDICT {
            let (plot, verdict) = rest.split_left_right_at_x(rest.max.x - VERDICT);
            return Self {
                table,
                plot: plot.with_max_x(plot.max.x - GAP),
                verdict,
                card: Card::Column,
            };
        }
        let high = |width, card| verdict::height(ui, panels, comparing, width, card);
        let beneath = high(table.width(), Card::Wide);
        if LINES * ROW_MIN + ABOVE + beneath <= whole.height() {
            let (table, verdict) = table.split_top_bottom_at_y(whole.max.y - beneath);
            return Self {
                table: table.with_max_y(table.max.y - ABOVE),
                plot: rest,
                verdict,
                card: Card::Wide,
            };
        }
        let high = high(rest.width(), Card::Flat);
        let (plot, verdict) = rest.split_top_bottom_at_y(rest.max.y - high);
        Self {
            table,
            plot: plot.with_max_y(plot.max.y - ABOVE),
            verdict,
            card: Card::Flat,
        }
    }
}

pub(super) fn show(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing) {
    let whole = ui.available_rect_before_wrap();
    let places = Places::new(ui, panels, comparing, whole);
    let row = (places.table.height() / LINES).clamp(ROW_MIN, ROW);
    let mut within = |rect: Rect| {
        let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
        child.set_clip_rect(rect.intersect(child.clip_rect()));
        child
    };
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(&mut within(places.table), |ui| {
            table(ui, panels, comparing, row)
        });
    plot::show(&mut within(places.plot), panels, comparing);
    let card = places.verdict;
    verdict::show(&mut within(card), panels, comparing, card, places.card);
    ui.advance_cursor_after_rect(whole);
}

/// How one number compares with the other.
fn inks(quantity: Quantity, [http, messaging]: [f64; 2]) -> [Ink; 2] {
    if http == messaging {
        return [Ink::Text, Ink::Text];
    }
    match (http > messaging) == quantity.is_good() {
        true => [Ink::Good, Ink::Warning],
        false => [Ink::Warning, Ink::Good],
    }
}

fn table(ui: &mut Ui, panels: &mut Panels, comparing: &Comparing, row: f32) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let summaries = comparing.summaries();
    let heads = Side::ALL.map(words::side);
    let head = TableLine {
        quantity: None,
        name: "",
        texts: heads,
        inks: [Ink::Text; 2],
        font: Font::WordsStrong,
    };
    line(ui, panels, row, head);
    let sent = TableLine {
        quantity: None,
        name: &t!("number-sent"),
        texts: summaries
            .each_ref()
            .map(|summary| grouped(summary.sent as usize)),
        inks: [Ink::Text; 2],
        font: Font::Mono,
    };
    line(ui, panels, row, sent);
    for quantity in Quantity::ALL {
        let (texts, values) = told(quantity, summaries);
        let told = TableLine {
            quantity: Some((quantity, comparing.quantity == quantity)),
            name: &name(quantity),
            texts,
            inks: inks(quantity, values),
            font: Font::Mono,
        };
        line(ui, panels, row, told);
    }
}

/// What a quantity is called.
pub(super) fn name(quantity: Quantity) -> String {
    match quantity {
        Quantity::Answered => t!("number-answered"),
        Quantity::Failed => t!("number-failed"),
        Quantity::Lost => t!("number-lost"),
        Quantity::Waiting => t!("number-waiting"),
        Quantity::ToDo => t!("number-to-do"),
        Quantity::UserWait => t!("number-user-wait"),
        Quantity::DoneAfter => t!("number-done-after"),
        Quantity::Held => t!("number-held"),
        Quantity::Goodput => t!("number-goodput"),
    }
}

/// The numbers of both sides in words, and what they are compared by.
fn told(quantity: Quantity, summaries: &[Summary; 2]) -> ([String; 2], [f64; 2]) {
    let count = |of: fn(&Summary) -> u64| {
        let counts = summaries.each_ref().map(of);
        (
            counts.map(|count| grouped(count as usize)),
            counts.map(|count| count as f64),
        )
    };
    let spread = |of: fn(&Summary) -> Spread| {
        let spreads = summaries.each_ref().map(of);
        (
            spreads.map(percentiles),
            spreads.map(|spread| (spread.p99.0 / 1_000) as f64),
        )
    };
    match quantity {
        Quantity::Answered => count(|it| it.answered),
        Quantity::Failed => count(|it| it.failed),
        Quantity::Lost => count(|it| it.lost),
        Quantity::Waiting => count(|it| it.waiting),
        Quantity::ToDo => count(|it| it.to_do),
        Quantity::UserWait => spread(|it| it.user_wait),
        Quantity::DoneAfter => spread(|it| it.done_after),
        Quantity::Held => {
            let held = summaries.each_ref().map(|summary| {
                let entry = summary.services.first();
                entry.map_or((0.0, 0), |it| (it.held_mean, it.workers))
            });
            (
                held.map(|(mean, all)| t!("number-of", mean = format!("{mean:.1}"), all = all)),
                held.map(|(mean, _)| (mean * 10.0).round()),
            )
        }
        Quantity::Goodput => {
            let rates = summaries
                .each_ref()
                .map(|summary| (summary.goodput * 10.0).round() / 10.0);
            (
                rates.map(|rate| t!("number-rate", rate = format!("{rate:.1}"))),
                rates,
            )
        }
    }
}

/// The median, and what 95 and 99 of 100 are at most, in one unit.
fn percentiles(spread: Spread) -> String {
    if spread.count == 0 {
        return t!("number-none");
    }
    let all = [spread.p50, spread.p95, spread.p99];
    let in_seconds = spread.p99 >= Micros::from_secs(1);
    let digits = if spread.p99 < Micros::from_secs(10) {
        2
    } else {
        1
    };
    let texts = all.map(|span| match in_seconds {
        true => format!("{:.digits$}", span.as_secs_f64()),
        false => format!("{}", span.0 / 1_000),
    });
    let joined = texts.join("·");
    match in_seconds {
        true => t!("span-seconds", number = joined),
        false => t!("span-millis", number = joined),
    }
}

/// One line of the table; with a quantity, and whether that is plotted, a click plots it.
struct TableLine<'a> {
    quantity: Option<(Quantity, bool)>,
    name: &'a str,
    texts: [String; 2],
    inks: [Ink; 2],
    font: Font,
}

fn line(ui: &mut Ui, panels: &mut Panels, row: f32, line: TableLine<'_>) {
    let TableLine {
        quantity,
        name,
        texts,
        inks,
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
            let label = format!("{name}: {} · {}", texts[0], texts[1]);
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
    let columns = [rect.min.x + rect.width() * 0.685, rect.max.x - 8.0];
    for ((text, ink), x) in texts.into_iter().zip(inks).zip(columns) {
        let color = panels.color(ink);
        painter.text(
            pos2(x, y),
            Align2::RIGHT_CENTER,
            text,
            fonts::font_id(font, 12.5),
            color,
        );
    }
    if quantity.is_some() {
        response.on_hover_text(t!("number-tip"));
    }
}
