//! What is on its way.

use std::collections::{BTreeMap, BTreeSet};

use crate::broker::{MessageId, Micros};
use crate::director::{Exchanged, Flight, FlightKind, Spot};
use crate::geometry::{Point, Rect};
use crate::layout::Route;
use crate::scene::Plan;
use crate::scene::build::Canvas;
use crate::scene::measure::{elide, text_width};
use crate::scene::motion::ease;
use crate::scene::plan::{KEY, SECOND};
use crate::scene::{Align, Dash, Fill, Font, Ink, Shape, Stroke, Text};
use crate::t;
use crate::topology::{EdgeKey, NodeKey};
use crate::words::{http_outcome, span, span_rounded};
use crate::world::http::{OrderId, Outcome};

use super::flow;

const RADIUS: f32 = 8.0;
/// An answer is smaller than what it answers.
const ANSWER_RADIUS: f32 = 5.0;
/// More tokens than this on one edge are drawn as a flow.
const TOKENS_MAX: usize = 12;
/// So many tokens are drawn one by one however short their line is.
const ROOM_MIN: usize = 4;
/// More answers than this on one edge are not drawn: nobody could tell them apart.
const ANSWERS_MAX: usize = 100;
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
/// Nor does one of which fewer letters are left.
const LABEL_LETTERS_MIN: usize = 6;
/// How far an answer's line stands off the line it answers.
const ANSWER_OFFSET: f32 = 26.0;

/// What is on its way and seen by itself: where, and on which drawn edge. What is in a stream is not, but for one that goes
/// backwards and stands for all.
pub(in crate::scene) fn moving<'a>(canvas: &Canvas<'a>) -> Vec<(&'a Flight, Spot, EdgeKey)> {
    let (stage, topology) = (canvas.stage, &canvas.plan.topology);
    let mut streams = BTreeSet::new();
    let seen = stage.seen_flights(canvas.at, canvas.view.echo);
    let seen = seen.map(|(flight, spot)| (flight, spot, topology.drawn_edge(spot.edge)));
    let is_seen = |&(flight, _, edge): &(&Flight, Spot, EdgeKey)| {
        let way = (edge, flight.kind.is_backwards());
        !canvas.flows.contains_key(&way) || way.1 && streams.insert(edge)
    };
    seen.filter(is_seen).collect()
}

pub(in crate::scene) fn flights(canvas: &mut Canvas) {
    let stage = canvas.stage;
    let mut forward: BTreeMap<EdgeKey, Vec<Moving>> = BTreeMap::new();
    let (at, least) = (canvas.at, canvas.view.echo);
    for ((edge, backwards), rate) in canvas.flows.clone() {
        if let (false, Some(route)) = (backwards, canvas.plan.layout.edges.get(&edge)) {
            flow::told(canvas, edge, route, flow::rounded(rate));
        }
    }
    // Until its last exchange a message is one, however many copies it will be (E12).
    let mut met = BTreeSet::new();
    for &(flight, spot, edge) in &canvas.moving {
        let what = Moved::Message(flight.message);
        if flight.kind.is_backwards() || !met.insert((edge, what, spot.done.to_bits())) {
            continue;
        }
        forward.entry(edge).or_default().push(Moving {
            what,
            done: spot.done,
            span: spot.span,
        });
    }
    for (request, spot) in stage.seen_exchanged(at, least) {
        if request.outcome.is_none() {
            forward.entry(spot.edge).or_default().push(Moving {
                what: Moved::Order(request.order),
                done: spot.done,
                span: spot.span,
            });
        }
    }
    for (edge, flights) in forward {
        let Some(route) = canvas.plan.layout.edges.get(&edge) else {
            continue;
        };
        // On a short line fewer would lie over each other.
        let room = (route.length() / RADIUS) as usize;
        if flights.len() > TOKENS_MAX.min(room.max(ROOM_MIN)) {
            flow::band(canvas, route);
            flow::told(canvas, edge, route, rate(&flights));
            continue;
        }
        // An order is known by its token.
        let is_compared = stage.echoes.is_some();
        let labelled =
            !is_compared && flights.len() <= LABELS_MAX && matches!(edge, EdgeKey::Publish { .. });
        let mut last_label: Option<Point> = None;
        let mut stacks: Vec<(Point, usize)> = Vec::new();
        for Moving { what, done, .. } in flights {
            let center = route.point_at(travelled(canvas, done));
            match what {
                Moved::Message(message) => canvas.token(message, center, RADIUS, 1.0),
                Moved::Order(order) => canvas.order(order, center, RADIUS, 1.0),
            }
            match stacks.last_mut() {
                Some((at, count)) if at.distance(center) < STACKED => *count += 1,
                _ => stacks.push((center, 1)),
            }
            // Where lines meet at the exchange, so would their labels.
            let is_free = last_label.is_none_or(|last| last.distance(center) > LABEL_DISTANCE);
            if labelled
                && done < 0.75
                && is_free
                && let Moved::Message(message) = what
            {
                label(canvas, route, message, center);
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
    let moving = std::mem::take(&mut canvas.moving);
    let mut back: BTreeMap<EdgeKey, usize> = BTreeMap::new();
    for (flight, spot, edge) in moving {
        if flight.kind.is_backwards() && has_room(back.entry(edge).or_default()) {
            answer(canvas, flight, spot, &mut said);
        }
    }
    let mut responses: BTreeMap<EdgeKey, Vec<(&Exchanged, Outcome, Spot)>> = BTreeMap::new();
    for (response, spot) in stage.seen_exchanged(at, least) {
        if let Some(outcome) = response.outcome {
            let here = responses.entry(spot.edge).or_default();
            here.push((response, outcome, spot));
        }
    }
    let codes: Vec<_> = responses
        .into_values()
        .filter_map(|mut here| {
            here.sort_by_key(|(response, ..)| response.leg.from);
            respond(canvas, &here)
        })
        .collect();
    for code in codes {
        ground(canvas, plate(&code));
        canvas.push(code);
    }
    in_vain(canvas);
}

/// Counts an answer on an edge; whether it is drawn.
fn has_room(answers: &mut usize) -> bool {
    *answers += 1;
    *answers <= ANSWERS_MAX
}

/// A token on its way forwards.
#[derive(Clone, Copy)]
struct Moving {
    what: Moved,
    /// How much of the line is done.
    done: f32,
    /// How long the line takes it.
    span: Micros,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moved {
    Message(MessageId),
    Order(OrderId),
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
fn label(canvas: &mut Canvas, route: &Route, message: MessageId, token: Point) {
    let (from, to) = (route.point_at(0.0).x, route.point_at(1.0).x);
    let room = to - from - 2.0 * LABEL_MARGIN;
    if room < LABEL_ROOM_MIN {
        return;
    }
    let (_, label) = canvas.label(message);
    let label = elide(&label, Font::Mono, KEY, room);
    if label.chars().count() < LABEL_LETTERS_MIN && label.ends_with('…') {
        return;
    }
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
pub(super) fn ground(canvas: &mut Canvas, rect: Rect) {
    let fill = Fill::new(Ink::Canvas).opacity(0.85);
    canvas.push(Shape::rect(rect, 4.0, fill, None));
}

/// Where a text of that width goes whose middle is to be here, and the room it takes: above the line's key, if that is in
/// its way.
pub(super) fn above(route: &Route, mut at: Point, width: f32) -> (Point, Rect) {
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

/// How many a second are on an edge, by those that are on it now.
fn rate(flights: &[Moving]) -> u64 {
    let longest = flights.iter().map(|moving| moving.span).max();
    let seconds = longest.unwrap_or_default().as_secs_f64().max(0.05);
    (flights.len() as f64 / seconds).round() as u64
}

/// An answer runs back beside the line it answers, dotted.
/// Of several on one line, the first alone says what it is.
fn answer(canvas: &mut Canvas, flight: &Flight, spot: Spot, said: &mut BTreeSet<EdgeKey>) {
    let edge = canvas.plan.topology.drawn_edge(spot.edge);
    let Some(route) = canvas.plan.layout.edges.get(&edge) else {
        return;
    };
    let (ink, word) = match flight.kind {
        FlightKind::Requeue => (Ink::Warning, t!("canvas-requeue")),
        FlightKind::Reject => (Ink::Warning, t!("canvas-reject")),
        FlightKind::Ack | FlightKind::Message => (Ink::Good, t!("canvas-ack")),
        FlightKind::Confirm { ack: true, .. } => (Ink::Good, t!("canvas-confirm")),
        FlightKind::Confirm { ack: false, .. } => (Ink::Warning, t!("canvas-nack")),
        FlightKind::Return => (Ink::Warning, t!("canvas-return")),
    };
    way_back(canvas, route, ink);
    let center = beside(route, travelled(canvas, spot.done));
    if matches!(flight.kind, FlightKind::Requeue | FlightKind::Return) {
        canvas.token(flight.message, center, RADIUS, 1.0);
    } else {
        canvas.push(Shape::circle(center, 4.0, Fill::new(ink), None));
    }
    // What is longer than its line would run into what stands at its ends.
    let fits = text_width(&word, Font::Words, SECOND) <= route.length();
    if fits && said.insert(edge) {
        let at = beside(route, 0.5) - Point::new(0.0, 11.0);
        canvas.push(Text::new(at, word, Font::Words, SECOND, ink).align(Align::Center));
    }
}

/// A point of the way back, beside the line it answers.
fn beside(route: &Route, fraction: f32) -> Point {
    let lift = 4.0 * fraction * (1.0 - fraction) * ANSWER_OFFSET;
    route.point_at(1.0 - fraction) - Point::new(0.0, 4.0 + lift)
}

fn way_back(canvas: &mut Canvas, route: &Route, ink: Ink) {
    let line: Vec<Point> = (0..=24)
        .map(|step| beside(route, step as f32 / 24.0))
        .collect();
    canvas.push(Shape::polyline(
        line,
        Stroke::new(ink, 1.8).dash(Dash::Dotted),
    ));
}

/// Draws the answers to requests on one edge, the last to set out last: of them, that one alone says what it is. Its
/// status code is to stand beside it and, where it goes to a user, how long that user waited.
fn respond(canvas: &mut Canvas, responses: &[(&Exchanged, Outcome, Spot)]) -> Option<Text> {
    let &(response, outcome, spot) = responses.last()?;
    let plan = canvas.plan;
    let route = plan.layout.edges.get(&spot.edge)?;
    let ink = match outcome.is_success() {
        true => Ink::Good,
        false => Ink::Warning,
    };
    way_back(canvas, route, ink);
    for (response, _, spot) in responses.iter().rev().take(ANSWERS_MAX).rev() {
        let center = beside(route, travelled(canvas, spot.done));
        canvas.order(response.order, center, ANSWER_RADIUS, 1.0);
    }
    let code = match outcome {
        Outcome::Status(status) => status.code().to_string(),
        other => http_outcome(other),
    };
    let text = match response.since {
        Some(since) => {
            let waited = response.leg.until.since(since);
            t!("canvas-answer", code = code, waited = span_rounded(waited))
        }
        None => code,
    };
    let at = beside(route, 0.5) - Point::new(0.0, 14.0);
    let code = Text::new(at, text, Font::Mono, KEY, ink).align(Align::Center);
    let mut nodes = plan.layout.nodes.values();
    // On a short line the ink alone has to say it.
    let is_free = !nodes.any(|node| node.intersects(&plate(&code)));
    is_free.then_some(code)
}

/// Where a text is whose middle is where it stands.
fn plate(text: &Text) -> Rect {
    Rect::from_center_size(
        text.at,
        text_width(&text.text, text.font, text.size),
        text.size,
    )
}

/// Those that wait for an answer that will not come stand before who does not give it.
fn in_vain(canvas: &mut Canvas) {
    let stage = canvas.stage;
    let mut last: BTreeMap<EdgeKey, (usize, u32)> = BTreeMap::new();
    for vain in stage.vain.values() {
        let plan = canvas.plan;
        let Some(route) = plan.layout.edges.get(&vain.edge) else {
            continue;
        };
        let (count, number) = last.entry(vain.edge).or_default();
        let place = 0.93 - *count as f32 * 2.2 * RADIUS / route.length().max(1.0);
        (*count, *number) = (*count + 1, vain.number);
        if place > 0.25 {
            canvas.order(vain.order, route.point_at(place), RADIUS, 1.0);
        }
    }
    for (edge, (_, number)) in last {
        let plan = canvas.plan;
        let Some(timeout) = timeout(canvas, edge) else {
            continue;
        };
        let text = match timeout {
            Some(timeout) => t!("canvas-try", timeout = span(timeout), number = number),
            None => t!("canvas-try-only", number = number),
        };
        // Beneath who does not answer: there is no caption of those who wait for a worker of its.
        let Some(at) = second_line_below(plan, edge) else {
            continue;
        };
        canvas.push(Text::new(at, text, Font::Words, SECOND, Ink::Warning).align(Align::Center));
    }
}

/// The second line beneath the service that is called.
fn second_line_below(plan: &Plan, edge: EdgeKey) -> Option<Point> {
    let EdgeKey::Call { to, .. } = edge else {
        return None;
    };
    let rect = plan.layout.nodes.get(&NodeKey::Service(to))?;
    Some(Point::new(rect.center().x, rect.max.y + 31.0))
}

/// How long who calls along an edge waits.
fn timeout(canvas: &Canvas, edge: EdgeKey) -> Option<Option<Micros>> {
    let EdgeKey::Call { from, to } = edge else {
        return None;
    };
    let http = canvas.history.head().http();
    match from {
        None => Some(http.users.as_ref()?.setup.call.timeout),
        Some(from) => {
            let callee = http.service(to)?.name();
            let calls = &http.service(from)?.setup.calls;
            let call = calls.iter().find(|call| call.service == *callee)?;
            Some(call.timeout)
        }
    }
}
