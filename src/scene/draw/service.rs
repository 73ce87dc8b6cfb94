//! A service: a box with a square for each worker, filled while it is held. Users: a pill, and beneath it those who wait.

use crate::broker::Micros;
use crate::director::{Fading, Held, ServiceStage};
use crate::geometry::{Point, Rect};
use crate::scene::build::{Canvas, Hit, Target};
use crate::scene::plan::{KEY, NAME, NodePlan, SECOND, TRAIT_GAP};
use crate::scene::{Align, Dash, Fill, Font, Ink, Shape, Stroke, Text};
use crate::t;
use crate::topology::NodeKey;
use crate::words::{conditions, http_outcome, span_rounded};
use crate::world::http::{OrderId, Reach, ServiceId};

/// A worker's square, and the gap to the next.
pub(in crate::scene) const SQUARE: f32 = 14.0;
pub(in crate::scene) const SQUARE_GAP: f32 = 5.0;
/// So many squares stand in a row, and so many rows in a box; more workers are told by a bar.
pub(in crate::scene) const ROW: usize = 8;
const ROWS_MAX: usize = 2;
/// So many of those who wait are drawn.
const WAITING_MAX: usize = 9;
const WAITING: f32 = 6.0;
const WAITING_GAP: f32 = 15.0;
/// Who waits longer than this has reason to complain.
const LONG: Micros = Micros::from_secs(1);

pub(super) fn users(canvas: &mut Canvas, rect: Rect, node: &NodePlan) {
    let stage = canvas.stage;
    let stroke = super::outline(canvas, NodeKey::Users);
    let radius = rect.height() / 2.0;
    canvas.push(Shape::rect(rect, radius, Fill::new(Ink::Card), stroke));
    let above = rect.center() - Point::new(0.0, 9.0);
    name_inside(canvas, above, node, Ink::Text);
    let below = rect.center() + Point::new(0.0, 12.0);
    let asked = Text::new(below, node.subtitle.clone(), Font::Mono, KEY, Ink::Soft);
    canvas.push(asked.align(Align::Center));
    let waiting = &stage.users.waiting;
    let orders: Vec<_> = waiting.keys().copied().collect();
    let row = Point::new(rect.min.x + WAITING, rect.max.y + 16.0);
    line_up(canvas, row, &orders);
    let at = Point::new(rect.min.x, rect.max.y + 37.0);
    let first = waiting.values().min();
    let (text, ink) = match first {
        Some(&since) => {
            let longest = canvas.at.since(since);
            let text = t!(
                "canvas-users-waiting",
                count = waiting.len(),
                longest = span_rounded(longest)
            );
            let ink = if longest > LONG {
                Ink::Warning
            } else {
                Ink::Soft
            };
            (text, ink)
        }
        None => match stage.users.told {
            Some((_, outcome, waited)) => (
                t!(
                    "canvas-users-told",
                    outcome = http_outcome(outcome),
                    waited = span_rounded(waited)
                ),
                if outcome.is_success() {
                    Ink::Good
                } else {
                    Ink::Warning
                },
            ),
            None => return,
        },
    };
    canvas.push(Text::new(at, text, Font::Words, SECOND, ink));
}

/// Those who wait, in a row; how many more there are.
fn line_up(canvas: &mut Canvas, first: Point, orders: &[OrderId]) {
    let mut at = first;
    for &order in orders.iter().take(WAITING_MAX) {
        canvas.order(order, at, WAITING, 1.0);
        at.x += WAITING_GAP;
    }
    if let Some(more) = orders
        .len()
        .checked_sub(WAITING_MAX)
        .filter(|&more| more > 0)
    {
        let text = t!("canvas-more", count = more);
        canvas.push(Text::new(at, text, Font::Mono, SECOND, Ink::Soft));
    }
}

pub(super) fn draw(canvas: &mut Canvas, id: ServiceId, rect: Rect, node: &NodePlan) {
    let stage = canvas.stage;
    let Some(service) = stage.services.get(id.0 as usize) else {
        return;
    };
    let is_down = service.condition.reach != Reach::Up;
    let mut stroke = super::outline(canvas, NodeKey::Service(id));
    let mut ink = Ink::Text;
    if is_down {
        ink = Ink::Warning;
        stroke = Stroke::new(Ink::Warning, stroke.width.max(2.0)).dash(Dash::Dashed);
    }
    canvas.push(Shape::rect(rect, 10.0, Fill::new(Ink::Card), stroke));
    let top = Point::new(rect.center().x, rect.min.y + 20.0);
    name_inside(canvas, top, node, ink);
    squares(
        canvas,
        service,
        Point::new(rect.center().x, rect.min.y + 44.0),
    );
    let (text, ink) = caption(service);
    let at = Point::new(rect.center().x, rect.max.y + 13.0);
    canvas.push(Text::new(at, text, Font::Words, SECOND, ink).align(Align::Center));
    let orders: Vec<_> = service.waiting.iter().map(|&(_, order)| order).collect();
    if !orders.is_empty() {
        let shown = orders.len().min(WAITING_MAX) as f32;
        let half = (shown - 1.0) * WAITING_GAP / 2.0;
        let row = Point::new(rect.center().x - half, rect.max.y + 32.0);
        line_up(canvas, row, &orders);
    }
}

fn name_inside(canvas: &mut Canvas, at: Point, node: &NodePlan, ink: Ink) {
    let text = Text::new(at, node.title.clone(), Font::WordsStrong, NAME, ink);
    canvas.push(text.align(Align::Center));
}

/// What is the matter with a service; or how many of its workers are held.
fn caption(service: &ServiceStage) -> (String, Ink) {
    let mut matters = conditions(&service.condition, service.since);
    if service.condition.reach != Reach::Up {
        return (matters.join(TRAIT_GAP), Ink::Warning);
    }
    if !service.pooled.is_empty() {
        matters.push(t!("canvas-pooled", count = service.pooled.len()));
    }
    if !service.broken.is_empty() {
        matters.push(t!("canvas-breaker"));
    }
    if !matters.is_empty() {
        // The squares say how many are held.
        return (matters.join(TRAIT_GAP), Ink::Warning);
    }
    let (held, all) = (service.held(), service.workers.len());
    let ink = if held == all { Ink::Warning } else { Ink::Soft };
    (t!("canvas-workers", held = held, all = all), ink)
}

/// The workers; too many of them are a bar.
fn squares(canvas: &mut Canvas, service: &ServiceStage, middle: Point) {
    let workers = &service.workers;
    if workers.len() > ROW * ROWS_MAX {
        let width = ROW as f32 * (SQUARE + SQUARE_GAP) - SQUARE_GAP;
        let whole = Rect::from_center_size(middle, width, SQUARE);
        let share = service.held() as f32 / workers.len() as f32;
        let filled = Rect::from_min_size(whole.min, width * share, SQUARE);
        canvas.push(Shape::rect(whole, 3.0, None, Stroke::new(Ink::Faint, 1.2)));
        if share > 0.0 {
            canvas.push(Shape::rect(filled, 3.0, Fill::new(Ink::Good), None));
        }
        return;
    }
    let rows = workers.chunks(ROW).count() as f32;
    let mut y = middle.y - (rows - 1.0) * (SQUARE + SQUARE_GAP) / 2.0;
    for row in workers.chunks(ROW) {
        let width = row.len() as f32 * (SQUARE + SQUARE_GAP) - SQUARE_GAP;
        let mut x = middle.x - width / 2.0 + SQUARE / 2.0;
        for worker in row {
            square(canvas, *worker, Point::new(x, y));
            x += SQUARE + SQUARE_GAP;
        }
        y += SQUARE + SQUARE_GAP;
    }
}

/// A worker: full while it works, half while it is held and waits for others.
fn square(canvas: &mut Canvas, held: Option<Held>, center: Point) {
    let rect = Rect::from_center_size(center, SQUARE, SQUARE);
    let Some(held) = held else {
        canvas.push(Shape::rect(rect, 3.0, None, Stroke::new(Ink::Faint, 1.2)));
        return;
    };
    let target = Target::Order(held.order);
    let (outline, width) = if canvas.is_selected(target) {
        (Ink::Accent, 3.0)
    } else {
        (Ink::Good, 1.4)
    };
    let opacity = if canvas.at < held.until { 1.0 } else { 0.45 };
    let fill = Fill::new(Ink::Good).opacity(opacity);
    canvas.push(Shape::rect(rect, 3.0, fill, Stroke::new(outline, width)));
    let (token, center, radius) = (canvas.plan.tokens.of_order(held.order), center, 3.6);
    crate::scene::token_shapes(token, center, radius, 1.0, &mut canvas.shapes);
    canvas.hits.push(Hit { target, rect });
}

/// What went wrong at services just now: beside the service, one a service.
pub(in crate::scene) fn fading(canvas: &mut Canvas) {
    let mut said = std::collections::BTreeMap::new();
    for faded in &canvas.stage.faded {
        if faded.from <= canvas.at && canvas.at < faded.until {
            said.insert(faded.service.0, *faded);
        }
    }
    for faded in said.into_values() {
        let Some(rect) = canvas
            .plan
            .layout
            .nodes
            .get(&NodeKey::Service(faded.service))
        else {
            continue;
        };
        let text = match faded.what {
            Fading::Dropped => t!("canvas-dropped"),
            Fading::AnswerLost => t!("canvas-answer-lost"),
            Fading::Late => t!("canvas-late"),
            Fading::TimedOut => t!("canvas-timed-out"),
        };
        let at = Point::new(rect.center().x + 8.0, rect.min.y - 12.0);
        let width = crate::scene::measure::text_width(&text, Font::Words, SECOND);
        canvas.order(
            faded.order,
            at - Point::new(width / 2.0 + 12.0, 0.0),
            WAITING,
            0.6,
        );
        let text = Text::new(at, text, Font::Words, SECOND, Ink::Warning);
        canvas.push(text.align(Align::Center));
    }
}
