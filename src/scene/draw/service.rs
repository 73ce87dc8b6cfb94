//! A service: a box with a square for each worker, filled while it is held. Users: a pill, and beneath it those who wait.

use crate::broker::Micros;
use crate::director::{Fading, ServiceStage};
use crate::geometry::{Point, Rect};
use crate::scene::build::{Canvas, Target};
use crate::scene::caption::TRAIT_GAP;
use crate::scene::plan::{KEY, NAME, NodePlan, SECOND};
use crate::scene::{Align, Dash, Fill, Font, Ink, Shape, Stroke, Text};
use crate::t;
use crate::topology::NodeKey;
use crate::words::{conditions, http_outcome, span_rounded};
use crate::world::http::{OrderId, Reach, ServiceId};

use super::workers::{self, Holder, Square};

/// From the top of a box to the middle of its name, and to its workers.
pub(super) const NAME_AT: f32 = 20.0;
pub(super) const WORKERS_AT: f32 = 37.0;
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
    let longest = waiting.values().min().map(|&since| canvas.at.since(since));
    let at = Point::new(rect.min.x, rect.max.y + 37.0);
    // Who waits no longer than a token is seen on its way would only flicker here.
    let (text, ink) = match (longest, stage.users.told) {
        (Some(longest), told) if longest > canvas.view.echo || told.is_none() => {
            let orders: Vec<_> = waiting.keys().copied().collect();
            let row = Point::new(rect.min.x + WAITING, rect.max.y + 16.0);
            line_up(canvas, row, &orders);
            let text = t!(
                "canvas-users-waiting",
                count = waiting.len(),
                longest = span_rounded(longest)
            );
            match longest > LONG {
                true => (text, Ink::Warning),
                false => (text, Ink::Soft),
            }
        }
        (_, Some((_, outcome, waited))) => {
            let text = t!(
                "canvas-users-told",
                outcome = http_outcome(outcome),
                waited = span_rounded(waited)
            );
            match outcome.is_success() {
                true => (text, Ink::Good),
                false => (text, Ink::Warning),
            }
        }
        _ => return,
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
    let at = |below: f32| Point::new(rect.center().x, rect.min.y + below);
    name_inside(canvas, at(NAME_AT), node, ink);
    let seen = service.workers.iter().map(|worker| Square {
        holder: worker.held.map(|held| Holder {
            token: canvas.plan.tokens.of_order(held.order),
            target: Target::Order(held.order),
            works: canvas.at < held.until,
        }),
        let_go: worker.let_go,
    });
    let seen: Vec<_> = seen.collect();
    workers::draw(canvas, &seen, at(WORKERS_AT));
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

pub(super) fn name_inside(canvas: &mut Canvas, at: Point, node: &NodePlan, ink: Ink) {
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
    let ink = match service.waiting.is_empty() {
        true => Ink::Soft,
        false => Ink::Warning,
    };
    (workers_told(service.held(), service.workers.len()), ink)
}

/// How many workers there are, and whether all are held. How many else the squares tell, which do not flicker.
pub(super) fn workers_told(held: usize, all: usize) -> String {
    match held == all {
        true => t!("canvas-workers-held", count = all),
        false => t!("canvas-workers", count = all),
    }
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
