//! A consumer: a pill with a ring that fills while it works and a square for each prefetch slot.

use std::f32::consts::TAU;
use std::sync::Arc;

use crate::director::ConsumerStage;
use crate::geometry::{Point, Rect};
use crate::scene::build::{Canvas, token_of};
use crate::scene::caption::TRAIT_GAP;
use crate::scene::measure::text_width;
use crate::scene::plan::{KEY, NAME, NodePlan, SECOND};
use crate::scene::{Align, Dash, Fill, Font, Ink, Shape, Stroke, Text};
use crate::t;
use crate::topology::NodeKey;
use crate::words::conditions;
use crate::world::WorkerId;
use crate::world::http::Reach;

use super::service::{NAME_AT, WORKERS_AT, name_inside, workers_told};
use super::workers::{self, Holder, Square};

const RING: f32 = 17.0;
const SQUARE: f32 = 11.0;
/// More slots than this are told in numbers.
const SQUARES_MAX: u16 = 4;

pub(super) fn draw(canvas: &mut Canvas, id: WorkerId, rect: Rect, node: &NodePlan) {
    let stage = canvas.stage;
    // A client outside is known before anything of it is shown.
    let unknown = ConsumerStage::default();
    let consumer = stage.consumers.get(id.0 as usize).unwrap_or(&unknown);
    let mut stroke = super::outline(canvas, NodeKey::Consumer(id));
    if consumer.condition.reach != Reach::Up {
        stroke = Stroke::new(Ink::Warning, stroke.width.max(2.0)).dash(Dash::Dashed);
    } else if !consumer.consuming {
        stroke = stroke.dash(Dash::Dashed);
    }
    canvas.push(Shape::rect(
        rect,
        rect.height() / 2.0,
        Fill::new(Ink::Card),
        stroke,
    ));
    let link = node.link.and_then(|link| stage.links.get(link.0 as usize));
    let matters = conditions(&consumer.condition, consumer.changed);
    let mut ink = Ink::Soft;
    let subtitle: Arc<str> = if !matters.is_empty() {
        ink = Ink::Warning;
        matters.join(TRAIT_GAP).into()
    } else if !consumer.consuming && link.is_some_and(|link| !link.open) {
        t!("canvas-disconnected").into()
    } else if !consumer.consuming {
        t!("canvas-not-consuming").into()
    } else if node.is_narrow {
        workers_told(consumer.working.len(), node.workers).into()
    } else {
        let priority = consumer
            .terms
            .filter(|_| node.outside)
            .map_or(0, |it| it.priority);
        match priority {
            0 => node.subtitle.clone(),
            // S9
            priority => {
                let priority = t!("trait-consumer-priority", priority = priority.to_string());
                format!("{}{TRAIT_GAP}{priority}", node.subtitle).into()
            }
        }
    };
    if node.is_narrow {
        as_service(canvas, consumer, rect, node);
        if !super::outcome::is_ending(canvas, NodeKey::Consumer(id)) {
            let at = Point::new(rect.center().x, rect.max.y + 14.0);
            let text = Text::new(at, subtitle, Font::Words, SECOND, ink);
            canvas.push(text.align(Align::Center));
        }
        return;
    }
    super::name_above(canvas, rect, node);
    if consumer.active {
        let name = text_width(&node.title, Font::WordsStrong, NAME);
        let at = Point::new(rect.min.x + name + 16.0, rect.min.y - 16.0);
        crown(canvas, at);
    }
    if !super::outcome::is_ending(canvas, NodeKey::Consumer(id)) {
        let at = Point::new(rect.min.x, rect.max.y + 14.0);
        canvas.push(Text::new(at, subtitle, Font::Words, SECOND, ink));
    }

    let ring = Point::new(rect.min.x + 12.0 + RING, rect.center().y);
    canvas.push(Shape::circle(
        ring,
        RING,
        None,
        Stroke::new(Ink::Edge, 4.0).opacity(0.4),
    ));
    if let Some(work) = consumer.working.first() {
        let whole = work.until.since(work.since).0.max(1) as f32;
        let done = (canvas.at.since(work.since).0 as f32 / whole).min(1.0);
        canvas.push(Shape::Arc {
            center: ring,
            radius: RING,
            start: 0.0,
            sweep: TAU * done,
            stroke: Stroke::new(Ink::Good, 4.0),
        });
        canvas.token(work.queued.message, ring, 7.0, 1.0);
    }
    let at = Point::new(ring.x + RING + 12.0, ring.y);
    // A program may have come again on other terms; of ours, what the scenario says holds.
    let (no_ack, prefetch) = match consumer.terms.filter(|_| node.outside) {
        Some(terms) => (terms.no_ack, terms.prefetch),
        None => (node.no_ack, node.prefetch),
    };
    slots(canvas, consumer.unacked, (no_ack, prefetch), at);
}

/// As its service looks on the side where that is called: its name, and its workers.
fn as_service(canvas: &mut Canvas, consumer: &ConsumerStage, rect: Rect, node: &NodePlan) {
    let at = |below: f32| Point::new(rect.center().x, rect.min.y + below);
    let ink = match consumer.condition.reach {
        Reach::Up => Ink::Text,
        Reach::Silent | Reach::Refusing => Ink::Warning,
    };
    name_inside(canvas, at(NAME_AT), node, ink);
    let mut squares = vec![Square::default(); node.workers];
    for (square, &let_go) in squares.iter_mut().zip(&consumer.let_go) {
        square.let_go = let_go;
    }
    for work in &consumer.working {
        let (token, target) = token_of(canvas.plan, canvas.history, work.queued.message);
        if let Some(square) = squares.get_mut(work.worker) {
            let works = true;
            square.holder = Some(Holder {
                token,
                target,
                works,
            });
        }
    }
    workers::draw(canvas, &squares, at(WORKERS_AT));
}

/// The sign of a single active consumer (Q43).
fn crown(canvas: &mut Canvas, center: Point) {
    let corners = [
        (-8.0, 6.0),
        (-9.0, -4.0),
        (-4.0, 0.0),
        (0.0, -7.0),
        (4.0, 0.0),
        (9.0, -4.0),
        (8.0, 6.0),
    ];
    let corners = corners.map(|(x, y)| center + Point::new(x, y));
    canvas.push(Shape::polygon(corners, Fill::new(Ink::Accent), None));
}

/// What it holds: squares, or numbers where there are too many of them, or none.
fn slots(canvas: &mut Canvas, unacked: usize, (no_ack, prefetch): (bool, Option<u16>), at: Point) {
    let text = match prefetch {
        _ if no_ack => t!("canvas-auto-ack"),
        None => t!("canvas-held", count = unacked),
        Some(limit) if limit > SQUARES_MAX => {
            t!("canvas-held-of", count = unacked, limit = limit)
        }
        Some(limit) => {
            for slot in 0..usize::from(limit) {
                let min = at + Point::new(slot as f32 * (SQUARE + 3.0), -SQUARE / 2.0);
                let rect = Rect::from_min_size(min, SQUARE, SQUARE);
                let (fill, ink) = if slot < unacked {
                    (Some(Fill::new(Ink::Good)), Ink::Good)
                } else {
                    (None, Ink::Faint)
                };
                canvas.push(Shape::rect(rect, 2.5, fill, Stroke::new(ink, 1.2)));
            }
            return;
        }
    };
    canvas.push(Text::new(at, text, Font::Words, KEY, Ink::Soft).align(Align::Left));
}
