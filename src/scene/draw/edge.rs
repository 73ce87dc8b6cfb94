//! The lines: who publishes where, bindings with their keys, who consumes.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::director::Decision;
use crate::geometry::{Point, Rect};
use crate::scene::build::{Canvas, Target};
use crate::scene::measure::elide;
use crate::scene::plan::{KEY, PILL_HEIGHT, PILL_LINE, PILL_SIDES};
use crate::scene::{Align, Dash, Fill, Font, Ink, Shape, Stroke, Text};
use crate::topology::{EdgeKey, NodeKey};
use crate::words::shown;

use super::flow;

/// How an edge stands to what an exchange decides now.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Still,
    Matched,
    /// It matched, and the message is there already (E12).
    Spare,
    Refused,
}

pub(in crate::scene) fn edges(canvas: &mut Canvas) {
    let plan = canvas.plan;
    let mut pills = Vec::new();
    let busy: BTreeSet<EdgeKey> = canvas.moving.iter().map(|&(.., edge)| edge).collect();
    for edge in plan.topology.edges() {
        let Some(route) = plan.layout.edges.get(&edge.key) else {
            continue;
        };
        let state = match canvas.flows.contains_key(&(edge.key, false)) {
            // Of more decisions than eyes can follow none is told.
            true => State::Still,
            false => state(canvas, edge.key, edge.from),
        };
        let marked =
            canvas.is_selected(Target::Edge(edge.key)) || canvas.view.edges.contains(&edge.key);
        let stroke = match state {
            State::Matched => Stroke::new(Ink::Accent, 3.0),
            State::Spare => Stroke::new(Ink::Accent, 3.0).dash(Dash::Dotted),
            // What still travels here matched before; a line that refuses would belie it.
            State::Refused if !busy.contains(&edge.key) => {
                Stroke::new(Ink::Warning, 1.6).dash(Dash::Dashed)
            }
            State::Still if is_idle(canvas, edge.key) => match edge.key {
                EdgeKey::Call { .. } => Stroke::new(Ink::Warning, 1.8).dash(Dash::Dotted),
                _ => Stroke::new(Ink::Faint, 1.2).dash(Dash::Dashed),
            },
            State::Still | State::Refused => {
                let style = match edge.key {
                    EdgeKey::DeadLetter { .. } => Dash::DeadLetter,
                    EdgeKey::Alternate(_) => Dash::Alternate,
                    _ => Dash::Solid,
                };
                Stroke::new(Ink::Edge, 1.6).dash(style)
            }
        };
        let points = Arc::<[Point]>::from(route.points());
        if marked {
            let halo = Stroke::new(Ink::Accent, 9.0).opacity(0.3);
            canvas.push(Shape::polyline(points.clone(), halo));
        }
        canvas.push(Shape::polyline(points, stroke));
        if canvas.flows.contains_key(&(edge.key, false)) {
            flow::band(canvas, route);
        }
        if let (Some(rect), Some(lines)) = (route.label, plan.pills.get(&edge.key)) {
            pills.push((rect, words(canvas, edge.key, rect, lines), state, marked));
        }
    }
    for (rect, lines, state, marked) in pills {
        if !lines.is_empty() {
            pill(canvas, rect, &lines, state, marked);
        }
    }
}

/// What a pill says at the moment. The key that dead messages get may be a policy's, which comes and goes (O2).
fn words(canvas: &Canvas, edge: EdgeKey, rect: Rect, planned: &[Arc<str>]) -> Vec<Arc<str>> {
    let EdgeKey::DeadLetter { queue, .. } = edge else {
        return planned.to_vec();
    };
    let (stage, topology) = (canvas.stage, &canvas.plan.topology);
    let queue = stage.queues.get(stage.queue_at(queue, topology).index());
    let Some(queue) = queue.filter(|_| stage.is_open(edge, topology)) else {
        return planned.to_vec();
    };
    // What just fits is not to be cut for how numbers are rounded.
    let room = rect.width() - PILL_SIDES + 0.5;
    let key = queue.settings.dead_letter_key.as_deref();
    key.iter()
        .map(|key| elide(&shown(key), Font::Mono, KEY, room).as_ref().into())
        .collect()
}

fn pill(canvas: &mut Canvas, rect: Rect, lines: &[Arc<str>], state: State, marked: bool) {
    let (outline, ink) = match state {
        State::Matched | State::Spare => (Ink::Accent, Ink::Accent),
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
    let is_binding = matches!(key, EdgeKey::Binding(_) | EdgeKey::Implicit(_));
    if !is_binding && !matches!(key, EdgeKey::Alternate(_)) {
        return State::Still;
    }
    let topology = &canvas.plan.topology;
    let here = |decision: &&Decision| topology.drawn(NodeKey::Exchange(decision.exchange)) == from;
    let Some(decision) = super::exchange::deciding(canvas).filter(here).last() else {
        return State::Still;
    };
    let ways = decision.matched.iter();
    let mut taken = ways.filter(|&&via| topology.drawn_edge(via.into()) == key);
    let is_spare = |via| decision.spare.contains(via);
    match taken.next() {
        // An edge may stand for several bindings; it is spare if all of those that matched are.
        Some(via) if is_spare(via) && taken.all(is_spare) => State::Spare,
        Some(_) => State::Matched,
        // The alternate exchange is asked only if no binding matches (E13).
        None if is_binding => State::Refused,
        None => State::Still,
    }
}

/// Whether nothing can travel along an edge now.
fn is_idle(canvas: &Canvas, key: EdgeKey) -> bool {
    !canvas.stage.is_open(key, &canvas.plan.topology)
}
