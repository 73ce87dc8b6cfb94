//! What comes of a message: it is decided about, or it ends.

use std::collections::BTreeMap;

use crate::broker::{self, DeathReason, ExchangeId, MessageId};
use crate::director::{Ending, EndingPlace, Refused};
use crate::geometry::{Point, Rect};
use crate::scene::build::Canvas;
use crate::scene::measure::{elide, text_width};
use crate::scene::plan::KEY;
use crate::scene::sign::badge_shapes;
use crate::scene::{Align, Fill, Font, Ink, Shape, Text};
use crate::t;
use crate::topology::NodeKey;
use crate::world::EventKind;

use super::exchange::deciding;

/// How much is seen of a message that has ended.
const ENDED: f32 = 0.5;
/// The room above an exchange for what is said of a message, and how much of it is right of the middle: further right
/// stand the keys of its bindings.
const ROOM: f32 = 230.0;
const ROOM_RIGHT: f32 = 82.0;

/// Tells of the messages that are decided about or end now. At each place only of the latest: two texts in one place
/// could not be read.
pub(in crate::scene) fn outcomes(canvas: &mut Canvas) {
    let (ending, refused) = (latest_endings(canvas), latest_refusals(canvas));
    let mut decided = BTreeMap::new();
    for decision in deciding(canvas) {
        decided.insert(drawn(canvas, decision.exchange), decision.message);
    }
    // Where they come faster than eyes, none is told.
    for &(edge, backwards) in canvas.flows.keys() {
        let to = canvas.plan.topology.edge(edge).map(|edge| edge.to);
        if let (false, Some(NodeKey::Exchange(exchange))) = (backwards, to) {
            decided.remove(&exchange);
        }
    }
    for (exchange, message) in decided {
        let node = NodeKey::Exchange(exchange);
        if !ending.contains_key(&node) && !is_narrow(canvas, node) {
            let (_, label) = canvas.label(message);
            above_exchange(canvas, exchange, message, &label, None);
        }
    }
    for (&node, code) in &refused {
        let message = ending
            .get(&node)
            .filter(|ending| matches!(ending.place, EndingPlace::Refused(_)));
        let message = message.map(|ending| ending.message);
        below_left(canvas, node, message, code.clone());
    }
    for (node, ending) in ending {
        let message = ending.message;
        match node {
            NodeKey::Exchange(exchange) => {
                let (_, label) = canvas.label(message);
                match ending.place {
                    EndingPlace::Untold(_) => {
                        let text = t!("canvas-untold", key = label.as_str());
                        above_exchange(canvas, exchange, message, &text, None);
                    }
                    _ => {
                        let text = t!("canvas-unroutable", key = label.as_str());
                        above_exchange(canvas, exchange, message, &text, Some(Ink::Warning));
                    }
                }
            }
            NodeKey::Queue(_) => below_right(canvas, node, message, said(ending.place)),
            NodeKey::Consumer(_) | NodeKey::Publisher(_) | NodeKey::Users | NodeKey::Service(_) => {
                if !refused.contains_key(&node) {
                    below_left(canvas, node, Some(message), said(ending.place));
                }
            }
        }
    }
}

fn is_narrow(canvas: &Canvas, node: NodeKey) -> bool {
    let plan = canvas.plan.nodes.get(&node);
    plan.is_some_and(|plan| plan.is_narrow)
}

fn drawn(canvas: &Canvas, exchange: ExchangeId) -> ExchangeId {
    match canvas.plan.topology.drawn(NodeKey::Exchange(exchange)) {
        NodeKey::Exchange(drawn) => drawn,
        _ => exchange,
    }
}

/// Of what a message ended.
fn said(place: EndingPlace) -> String {
    match place {
        EndingPlace::Unroutable(_) => t!("canvas-ended-unroutable"),
        EndingPlace::Untold(_) => t!("canvas-ended-untold"),
        EndingPlace::Returned(_) => t!("canvas-ended-returned"),
        EndingPlace::Refused(_) => t!("canvas-ended-refused"),
        EndingPlace::Unsent(_) => t!("canvas-ended-unsent"),
        EndingPlace::RolledBack(_) => t!("canvas-ended-rolled-back"),
        EndingPlace::Died { reason, .. } => match reason {
            DeathReason::Rejected => t!("canvas-rejected"),
            DeathReason::Expired => t!("canvas-ended-expired"),
            DeathReason::MaxLen => t!("canvas-ended-max-length"),
            DeathReason::DeliveryLimit => t!("canvas-ended-delivery-limit"),
        },
        EndingPlace::TurnedAway(_) => t!("canvas-ended-turned-away"),
        EndingPlace::Cycle(_) => t!("canvas-ended-cycle"),
        EndingPlace::Purged(_) => t!("canvas-ended-purged"),
        EndingPlace::QueueDeleted(_) => t!("canvas-ended-queue-deleted"),
        EndingPlace::Truncated(_) => t!("canvas-ended-truncated"),
        EndingPlace::Lost { .. } => t!("canvas-ended-lost"),
        EndingPlace::LostBy(_) => t!("canvas-lost"),
    }
}

/// Whether a node's caption makes room for a message that ends there, or for a refusal.
pub(super) fn is_ending(canvas: &Canvas, node: NodeKey) -> bool {
    latest_endings(canvas).contains_key(&node)
        || refusals(canvas).any(|refused| refused.node == Some(node))
}

/// The refusals that are seen now.
fn refusals<'a>(canvas: &'a Canvas<'_>) -> impl Iterator<Item = &'a Refused> + use<'a> {
    let at = canvas.at;
    let refused = canvas.stage.refused.iter();
    refused.filter(move |refused| refused.from <= at && at < refused.until)
}

/// What is said at who asked for what the broker refused: the reply code and its name.
fn latest_refusals(canvas: &Canvas) -> BTreeMap<NodeKey, String> {
    let told = refusals(canvas).filter_map(|refused| {
        let event = canvas.history.event(refused.event)?;
        let EventKind::Broker(broker::Event::Refused { refusal, .. }) = &event.kind else {
            return None;
        };
        Some((refused.node?, refusal.code.to_string()))
    });
    told.collect()
}

fn latest_endings(canvas: &Canvas) -> BTreeMap<NodeKey, Ending> {
    let at = canvas.at;
    let seen = canvas.stage.endings.iter();
    seen.filter(|ending| ending.from <= at && at < ending.until)
        .filter_map(|ending| {
            let node = canvas.plan.topology.drawn(ending.place.node()?);
            Some((node, *ending))
        })
        .collect()
}

/// The message stands above the exchange with a text; crossed out, and in that ink, if it ended.
fn above_exchange(
    canvas: &mut Canvas,
    exchange: ExchangeId,
    message: MessageId,
    text: &str,
    ended: Option<Ink>,
) {
    let Some(rect) = canvas.plan.layout.nodes.get(&NodeKey::Exchange(exchange)) else {
        return;
    };
    let top = Point::new(rect.center().x, rect.min.y - 15.0);
    token(canvas, message, top, 9.0, ended.is_some());
    let text = elide(text, Font::Mono, KEY, ROOM);
    let half = text_width(&text, Font::Mono, KEY) / 2.0;
    let at = top - Point::new((half - ROOM_RIGHT).max(0.0), 22.0);
    let ink = ended.unwrap_or(Ink::Text);
    let text = Text::new(at, text.as_ref(), Font::Mono, KEY, ink);
    canvas.push(text.align(Align::Center));
}

fn below_right(canvas: &mut Canvas, node: NodeKey, message: MessageId, text: String) {
    let Some(rect) = canvas.plan.layout.nodes.get(&node) else {
        return;
    };
    // Beneath what is narrow stand its counts.
    let line = if is_narrow(canvas, node) { 31.0 } else { 13.0 };
    let at = Point::new(rect.max.x - 12.0, rect.max.y + line);
    token(canvas, message, at, 8.0, true);
    let at = at - Point::new(18.0, 0.0);
    let text = Text::new(at, text, Font::Words, KEY, Ink::Warning);
    canvas.push(text.align(Align::Right));
}

/// What is said of a message that ended at an actor, or, without one, of what an actor was refused.
fn below_left(canvas: &mut Canvas, node: NodeKey, message: Option<MessageId>, text: String) {
    let Some(rect) = canvas.plan.layout.nodes.get(&node) else {
        return;
    };
    let gap = if message.is_some() { 20.0 } else { 14.0 };
    let mut at = Point::new(rect.min.x + 8.0, rect.max.y + 14.0);
    // Beneath the last column it begins further left, to be seen whole; and beneath the first, where lines leave at the
    // right, as far as there is room.
    let bounds = canvas.plan.layout.bounds;
    let end = at.x + gap + text_width(&text, Font::Words, KEY);
    let most = match node {
        NodeKey::Publisher(_) => rect.max.x,
        _ => bounds.max.x,
    };
    at.x = (at.x - (end - most).max(0.0)).max(bounds.min.x.min(rect.min.x) + 8.0);
    match message {
        Some(message) => token(canvas, message, at, 8.0, true),
        None => badge_shapes(false, at, 6.5, &mut canvas.shapes),
    }
    at.x += gap;
    // A line that leaves a publisher may pass here.
    let plate = Rect::from_min_size(
        at - Point::new(3.0, 7.0),
        text_width(&text, Font::Words, KEY) + 6.0,
        14.0,
    );
    canvas.push(Shape::rect(plate, 3.0, Fill::new(Ink::Canvas), None));
    let text = Text::new(at, text, Font::Words, KEY, Ink::Warning);
    canvas.push(text);
}

fn token(canvas: &mut Canvas, message: MessageId, at: Point, radius: f32, ended: bool) {
    canvas.token(message, at, radius, if ended { ENDED } else { 1.0 });
    if ended {
        let corner = at + Point::new(radius, 0.8 * radius);
        badge_shapes(false, corner, 0.75 * radius, &mut canvas.shapes);
    }
}
