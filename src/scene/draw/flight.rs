//! What is on its way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::director::{Flight, FlightKind};
use crate::geometry::{Point, Rect};
use crate::layout::Route;
use crate::scene::build::Canvas;
use crate::scene::measure::{elide, text_width};
use crate::scene::motion::ease;
use crate::scene::plan::{KEY, SECOND};
use crate::scene::{Align, Dash, Fill, Font, Ink, Shape, Stroke, Text};
use crate::t;
use crate::topology::EdgeKey;

const RADIUS: f32 = 8.0;
/// More tokens than this on one edge are drawn as a flow.
const TOKENS_MAX: usize = 12;
/// So many tokens are drawn one by one however short their line is.
const ROOM_MIN: usize = 4;
/// More tokens than this on one edge go without their keys.
const LABELS_MAX: usize = 2;
/// So near each other two tokens look like one.
const STACKED: f32 = 4.0;
/// How far a label stays off publisher and exchange.
const LABEL_MARGIN: f32 = 4.0;
/// So near each other two labels would run together.
const LABEL_DISTANCE: f32 = 150.0;
/// With less room than this a label would say nothing.
const LABEL_ROOM_MIN: f32 = 30.0;
/// How far an answer's line stands off the line it answers.
const ANSWER_OFFSET: f32 = 26.0;

pub(in crate::scene) fn flights(canvas: &mut Canvas) {
    let stage = canvas.stage;
    let mut forward: BTreeMap<EdgeKey, Vec<(&Flight, f32)>> = BTreeMap::new();
    let topology = &canvas.plan.topology;
    for flight in stage.flights().filter(|it| !it.kind.is_backwards()) {
        let Some((edge, done)) = flight.place(canvas.at) else {
            continue;
        };
        let edge = topology.drawn_edge(edge);
        let here = forward.entry(edge).or_default();
        // Until its last exchange a message is one, however many copies it will be (E12).
        let same = |(other, at): &(&Flight, f32)| other.message == flight.message && *at == done;
        if !here.iter().any(same) {
            here.push((flight, done));
        }
    }
    for (edge, flights) in forward {
        let Some(route) = canvas.plan.layout.edges.get(&edge) else {
            continue;
        };
        // On a short line fewer would lie over each other.
        let room = (route.length() / RADIUS) as usize;
        if flights.len() > TOKENS_MAX.min(room.max(ROOM_MIN)) {
            flow(canvas, edge, route, &flights);
            continue;
        }
        let labelled = flights.len() <= LABELS_MAX && matches!(edge, EdgeKey::Publish { .. });
        let mut last_label: Option<Point> = None;
        let mut stacks: Vec<(Point, usize)> = Vec::new();
        for (flight, done) in flights {
            let center = route.point_at(travelled(canvas, done));
            canvas.token(flight.message, center, RADIUS, 1.0);
            match stacks.last_mut() {
                Some((at, count)) if at.distance(center) < STACKED => *count += 1,
                _ => stacks.push((center, 1)),
            }
            // Where lines meet at the exchange, so would their labels.
            let is_free = last_label.is_none_or(|last| last.distance(center) > LABEL_DISTANCE);
            if labelled && done < 0.75 && is_free {
                label(canvas, route, flight, center);
                last_label = Some(center);
            }
        }
        // Among many the numbers would run together.
        if stacks.len() <= LABELS_MAX {
            for (center, count) in stacks {
                stack(canvas, route, center, count);
            }
        }
    }
    let mut said = BTreeSet::new();
    for flight in stage.flights().filter(|it| it.kind.is_backwards()) {
        answer(canvas, flight, &mut said);
    }
}

/// How many tokens lie on each other, if several do; not where that would run into something.
fn stack(canvas: &mut Canvas, route: &Route, center: Point, count: usize) {
    if count < 2 {
        return;
    }
    let text = t!("canvas-stack", count = count);
    let width = text_width(&text, Font::Mono, KEY) + 4.0;
    let (at, plate) = above(route, center - Point::new(0.0, RADIUS + 10.0), width);
    let layout = &canvas.plan.layout;
    let pills = layout.edges.values().filter_map(|route| route.label);
    let mut boxes = layout.nodes.values().copied().chain(pills);
    if boxes.any(|other| other.intersects(&plate)) {
        return;
    }
    ground(canvas, plate);
    canvas.push(Text::new(at, text, Font::Mono, KEY, Ink::Text).align(Align::Center));
}

/// A token's key beneath it, in the gap between publisher and exchange, for it not to run into either.
fn label(canvas: &mut Canvas, route: &Route, flight: &Flight, token: Point) {
    let (from, to) = (route.point_at(0.0).x, route.point_at(1.0).x);
    let room = to - from - 2.0 * LABEL_MARGIN;
    if room < LABEL_ROOM_MIN {
        return;
    }
    let (_, label) = canvas.label(flight.message);
    let label = elide(&label, Font::Mono, KEY, room);
    let reach = text_width(&label, Font::Mono, KEY) / 2.0 + LABEL_MARGIN;
    // Not `clamp`, which does not like rounding errors where the label takes all of the room.
    let x = token.x.max(from + reach).min(to - reach);
    // Of two lines that run together, each has its labels on the outside.
    let end = route.point_at(1.0).y;
    let side = if route.point_at(0.0).y < end - 1.0 {
        -1.0
    } else {
        1.0
    };
    let at = Point::new(x, token.y + side * (RADIUS + 11.0));
    let plate = Rect::from_center_size(at, 2.0 * reach, KEY + 4.0);
    ground(canvas, plate);
    let text = Text::new(at, label.as_ref(), Font::Mono, KEY, Ink::Soft);
    canvas.push(text.align(Align::Center));
}

/// Lets what is written here be read, whatever runs behind it.
fn ground(canvas: &mut Canvas, rect: Rect) {
    let fill = Fill::new(Ink::Canvas).opacity(0.85);
    canvas.push(Shape::rect(rect, 4.0, fill, None));
}

/// Where a text of that width goes whose middle is to be here, and the room it takes: above the line's key, if that is in
/// its way.
fn above(route: &Route, mut at: Point, width: f32) -> (Point, Rect) {
    let height = KEY + 4.0;
    let plate = Rect::from_center_size(at, width, height);
    if let Some(pill) = route.label.filter(|pill| pill.intersects(&plate)) {
        at.y = pill.min.y - height / 2.0;
    }
    (at, Rect::from_center_size(at, width, height))
}

fn travelled(canvas: &Canvas, done: f32) -> f32 {
    if canvas.view.reduced_motion {
        0.5
    } else {
        ease(done)
    }
}

/// Too many tokens to tell apart: a band, and how many a second.
fn flow(canvas: &mut Canvas, edge: EdgeKey, route: &Route, flights: &[(&Flight, f32)]) {
    let points: Arc<[Point]> = route.points().into();
    canvas.push(Shape::polyline(
        points,
        Stroke::new(Ink::Accent, 9.0).opacity(0.45),
    ));
    let legs = flights.iter().flat_map(|(flight, _)| &flight.legs);
    let seconds = legs
        .filter(|leg| canvas.plan.topology.drawn_edge(leg.edge) == edge)
        .map(|leg| leg.until.since(leg.from).as_secs_f64())
        .fold(0.0, f64::max)
        .max(0.05);
    let rate = (flights.len() as f64 / seconds).round() as u64;
    let text = t!("canvas-rate", rate = rate);
    let width = text_width(&text, Font::Mono, KEY) + 2.0 * LABEL_MARGIN;
    let (at, plate) = above(route, route.point_at(0.5) - Point::new(0.0, 18.0), width);
    ground(canvas, plate);
    canvas.push(Text::new(at, text, Font::Mono, KEY, Ink::Accent).align(Align::Center));
}

/// An answer runs back beside the line it answers, dotted.
/// Of several on one line, the first alone says what it is.
fn answer(canvas: &mut Canvas, flight: &Flight, said: &mut BTreeSet<EdgeKey>) {
    let Some((edge, done)) = flight.place(canvas.at) else {
        return;
    };
    let edge = canvas.plan.topology.drawn_edge(edge);
    let Some(route) = canvas.plan.layout.edges.get(&edge) else {
        return;
    };
    let beside = |fraction: f32| {
        let lift = 4.0 * fraction * (1.0 - fraction) * ANSWER_OFFSET;
        route.point_at(1.0 - fraction) - Point::new(0.0, 4.0 + lift)
    };
    let (ink, word) = match flight.kind {
        FlightKind::Requeue => (Ink::Warning, t!("canvas-requeue")),
        FlightKind::Reject => (Ink::Warning, t!("canvas-reject")),
        FlightKind::Ack | FlightKind::Message => (Ink::Good, t!("canvas-ack")),
        FlightKind::Confirm { ack: true, .. } => (Ink::Good, t!("canvas-confirm")),
        FlightKind::Confirm { ack: false, .. } => (Ink::Warning, t!("canvas-nack")),
        FlightKind::Return => (Ink::Warning, t!("canvas-return")),
    };
    let line: Vec<Point> = (0..=24).map(|step| beside(step as f32 / 24.0)).collect();
    canvas.push(Shape::polyline(
        line,
        Stroke::new(ink, 1.8).dash(Dash::Dotted),
    ));
    let center = beside(travelled(canvas, done));
    if matches!(flight.kind, FlightKind::Requeue | FlightKind::Return) {
        canvas.token(flight.message, center, RADIUS, 1.0);
    } else {
        canvas.push(Shape::circle(center, 4.0, Fill::new(ink), None));
    }
    if !said.insert(edge) {
        return;
    }
    let at = beside(0.5) - Point::new(0.0, 11.0);
    canvas.push(Text::new(at, word, Font::Words, SECOND, ink).align(Align::Center));
}
