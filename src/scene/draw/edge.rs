//! The lines: who publishes where, bindings with their keys, who consumes.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::broker::Via;
use crate::director::Decision;
use crate::geometry::{Point, Rect};
use crate::scene::build::{Canvas, Target};
use crate::scene::plan::{KEY, PILL_HEIGHT, PILL_LINE};
use crate::scene::{Align, Dash, Fill, Font, Ink, Shape, Stroke, Text};
use crate::topology::{EdgeKey, NodeKey};

/// How an edge stands to what an exchange decides now.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Still,
    Matched,
    Refused,
}

pub(in crate::scene) fn edges(canvas: &mut Canvas) {
    let plan = canvas.plan;
    let mut pills = Vec::new();
    let flights = canvas.stage.copies.values();
    let busy: BTreeSet<EdgeKey> = flights
        .filter_map(|flight| Some(flight.place(canvas.at)?.0))
        .collect();
    for edge in plan.topology.edges() {
        let Some(route) = plan.layout.edges.get(&edge.key) else {
            continue;
        };
        let state = state(canvas, edge.key, edge.from);
        let marked =
            canvas.is_selected(Target::Edge(edge.key)) || canvas.view.edges.contains(&edge.key);
        let stroke = match state {
            State::Matched => Stroke::new(Ink::Accent, 3.0),
            // What still travels here matched before; a line that refuses would belie it.
            State::Refused if !busy.contains(&edge.key) => {
                Stroke::new(Ink::Warning, 1.6).dash(Dash::Dashed)
            }
            State::Still if is_idle(canvas, edge.key) => {
                Stroke::new(Ink::Edge, 1.6).dash(Dash::Dashed)
            }
            State::Still | State::Refused => Stroke::new(Ink::Edge, 1.6),
        };
        let points = Arc::<[Point]>::from(route.points());
        if marked {
            let halo = Stroke::new(Ink::Accent, 9.0).opacity(0.3);
            canvas.push(Shape::polyline(points.clone(), halo));
        }
        canvas.push(Shape::polyline(points, stroke));
        if let (Some(rect), Some(lines)) = (route.label, plan.pills.get(&edge.key)) {
            pills.push((rect, lines, state, marked));
        }
    }
    for (rect, lines, state, marked) in pills {
        pill(canvas, rect, lines, state, marked);
    }
}

fn pill(canvas: &mut Canvas, rect: Rect, lines: &[Arc<str>], state: State, marked: bool) {
    let (outline, ink) = match state {
        State::Matched => (Ink::Accent, Ink::Accent),
        State::Refused => (Ink::Warning, Ink::Warning),
        State::Still if marked => (Ink::Accent, Ink::Accent),
        State::Still => (Ink::Edge, Ink::Soft),
    };
    let radius = PILL_HEIGHT / 2.0;
    let stroke = Stroke::new(outline, 1.4);
    canvas.push(Shape::rect(rect, radius, Fill::new(Ink::Canvas), stroke));
    let mut at = Point::new(rect.center().x, rect.min.y + PILL_HEIGHT / 2.0);
    for line in lines {
        let text = Text::new(at, line.clone(), Font::Mono, KEY, ink);
        canvas.push(text.align(Align::Center));
        at.y += PILL_LINE;
    }
}

/// What the latest decision of the exchange an edge leaves makes of it.
fn state(canvas: &Canvas, key: EdgeKey, from: NodeKey) -> State {
    let via = match key {
        EdgeKey::Binding(id) => Via::Binding(id),
        EdgeKey::Implicit(queue) => Via::Implicit(queue),
        EdgeKey::Alternate(exchange) => Via::Alternate(exchange),
        EdgeKey::Publish { .. } | EdgeKey::Consume(_) => return State::Still,
    };
    let here = |decision: &&Decision| NodeKey::Exchange(decision.exchange) == from;
    match super::exchange::deciding(canvas).filter(here).last() {
        None => State::Still,
        Some(decision) if decision.matched.contains(&via) => State::Matched,
        Some(_) => State::Refused,
    }
}

/// Whether an edge leads to a consumer that does not consume.
fn is_idle(canvas: &Canvas, key: EdgeKey) -> bool {
    match key {
        EdgeKey::Consume(id) => canvas
            .stage
            .consumers
            .get(id.index())
            .is_some_and(|consumer| !consumer.consuming),
        _ => false,
    }
}
