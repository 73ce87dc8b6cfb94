//! What comes of a message: it is decided about, or it ends.

use std::collections::BTreeMap;

use crate::broker::{ConsumerId, ExchangeId, MessageId, QueueId};
use crate::director::{Ending, EndingPlace};
use crate::geometry::Point;
use crate::scene::build::Canvas;
use crate::scene::measure::{elide, text_width};
use crate::scene::plan::KEY;
use crate::scene::sign::badge_shapes;
use crate::scene::{Align, Font, Ink, Text};
use crate::t;
use crate::topology::NodeKey;

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
    let ending = latest_endings(canvas);
    let mut decided = BTreeMap::new();
    for decision in deciding(canvas) {
        decided.insert(decision.exchange, decision.message);
    }
    for (exchange, message) in decided {
        if !ending.contains_key(&NodeKey::Exchange(exchange)) {
            let (_, label) = canvas.label(message);
            above_exchange(canvas, exchange, message, &label, None);
        }
    }
    for ending in ending.into_values() {
        let message = ending.message;
        match ending.place {
            EndingPlace::Unroutable(exchange) => {
                let (_, label) = canvas.label(message);
                let text = t!("canvas-unroutable", key = label.as_str());
                above_exchange(canvas, exchange, message, &text, Some(Ink::Warning));
            }
            EndingPlace::Rejected(queue) => below_queue(canvas, queue, message),
            EndingPlace::Lost(consumer) => below_consumer(canvas, consumer, message),
        }
    }
}

/// Whether a consumer's caption makes room for a message that it lost.
pub(super) fn is_losing(canvas: &Canvas, consumer: ConsumerId) -> bool {
    latest_endings(canvas).contains_key(&NodeKey::Consumer(consumer))
}

fn latest_endings(canvas: &Canvas) -> BTreeMap<NodeKey, Ending> {
    let at = canvas.at;
    let seen = canvas.stage.endings.iter();
    seen.filter(|ending| ending.from <= at && at < ending.until)
        .map(|ending| {
            let node = match ending.place {
                EndingPlace::Unroutable(exchange) => NodeKey::Exchange(exchange),
                EndingPlace::Rejected(queue) => NodeKey::Queue(queue),
                EndingPlace::Lost(consumer) => NodeKey::Consumer(consumer),
            };
            (node, *ending)
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

fn below_queue(canvas: &mut Canvas, queue: QueueId, message: MessageId) {
    let Some(rect) = canvas.plan.layout.nodes.get(&NodeKey::Queue(queue)) else {
        return;
    };
    let at = Point::new(rect.max.x - 12.0, rect.max.y + 13.0);
    token(canvas, message, at, 8.0, true);
    let at = at - Point::new(18.0, 0.0);
    let text = Text::new(at, t!("canvas-rejected"), Font::Words, KEY, Ink::Warning);
    canvas.push(text.align(Align::Right));
}

fn below_consumer(canvas: &mut Canvas, consumer: ConsumerId, message: MessageId) {
    let Some(rect) = canvas.plan.layout.nodes.get(&NodeKey::Consumer(consumer)) else {
        return;
    };
    let at = Point::new(rect.min.x + 8.0, rect.max.y + 14.0);
    token(canvas, message, at, 8.0, true);
    let at = at + Point::new(20.0, 0.0);
    let text = Text::new(at, t!("canvas-lost"), Font::Words, KEY, Ink::Warning);
    canvas.push(text);
}

fn token(canvas: &mut Canvas, message: MessageId, at: Point, radius: f32, ended: bool) {
    canvas.token(message, at, radius, if ended { ENDED } else { 1.0 });
    if ended {
        let corner = at + Point::new(radius, 0.8 * radius);
        badge_shapes(false, corner, 0.75 * radius, &mut canvas.shapes);
    }
}
