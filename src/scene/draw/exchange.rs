//! An exchange: a circle with its rule as a sign, and what it decides.

use crate::broker::ExchangeId;
use crate::director::EndingPlace;
use crate::geometry::{Point, Rect};
use crate::scene::build::Canvas;
use crate::scene::measure::elide;
use crate::scene::plan::{EXCHANGE_RADIUS, KEY, NAME, NodePlan, SECOND};
use crate::scene::sign::{badge_shapes, sign_shapes};
use crate::scene::{Align, Fill, Font, Ink, Shape, Stroke, Text};
use crate::t;
use crate::topology::NodeKey;

pub(super) fn draw(canvas: &mut Canvas, id: ExchangeId, rect: Rect, node: &NodePlan) {
    let center = rect.center();
    let stroke = super::outline(canvas, NodeKey::Exchange(id));
    if is_deciding(canvas, id) {
        let halo = Stroke::new(Ink::Accent, 3.0).opacity(0.4);
        canvas.push(Shape::circle(center, EXCHANGE_RADIUS + 7.0, None, halo));
    }
    canvas.push(Shape::circle(
        center,
        EXCHANGE_RADIUS,
        Fill::new(Ink::Card),
        stroke,
    ));
    if let Some(sign) = node.sign {
        sign_shapes(sign, center, EXCHANGE_RADIUS, Ink::Text, &mut canvas.shapes);
    }
    let mut line = Point::new(center.x, rect.max.y + 20.0);
    let mut caption = |canvas: &mut Canvas, text: std::sync::Arc<str>, font, size, ink, step| {
        canvas.push(Text::new(line, text, font, size, ink).align(Align::Center));
        line.y += step;
    };
    caption(
        canvas,
        node.title.clone(),
        Font::WordsStrong,
        NAME,
        Ink::Text,
        19.0,
    );
    caption(
        canvas,
        node.subtitle.clone(),
        Font::Words,
        SECOND,
        Ink::Soft,
        18.0,
    );
    let lost = canvas
        .stage
        .unroutable
        .get(id.index())
        .copied()
        .unwrap_or(0);
    if lost > 0 {
        let text = t!("canvas-unroutable-count", count = lost);
        caption(canvas, text.into(), Font::Words, SECOND, Ink::Warning, 0.0);
    }
}

fn is_deciding(canvas: &Canvas, id: ExchangeId) -> bool {
    deciding(canvas).any(|decision| decision.exchange == id)
}

/// The decisions that are seen now.
pub(super) fn deciding<'a>(
    canvas: &'a Canvas<'_>,
) -> impl Iterator<Item = &'a crate::director::Decision> + use<'a> {
    let at = canvas.at;
    let decisions = canvas.stage.decisions.iter();
    decisions.filter(move |decision| decision.from <= at && at < decision.until)
}

/// The message an exchange decides about stands above it with its key, and so does one that ends there.
pub(in crate::scene) fn decisions(canvas: &mut Canvas) {
    let at = canvas.at;
    let endings: Vec<_> = canvas.stage.endings.clone();
    let ended = |message| endings.iter().any(|ending| ending.message == message);
    // Only the latest is named: two texts in one place could not be read.
    let mut latest = std::collections::BTreeMap::new();
    for decision in deciding(canvas) {
        if !ended(decision.message) {
            latest.insert(decision.exchange, decision.message);
        }
    }
    let mut fading = std::collections::BTreeMap::new();
    for ending in endings
        .iter()
        .filter(|ending| ending.from <= at && at < ending.until)
    {
        match ending.place {
            EndingPlace::Unroutable(exchange) => {
                fading.insert(exchange, *ending);
            }
            EndingPlace::Rejected(queue) => {
                let text = t!("canvas-rejected");
                end_at(canvas, NodeKey::Queue(queue), ending.message, &text);
            }
            EndingPlace::Lost(consumer) => {
                let text = t!("canvas-lost");
                end_at(canvas, NodeKey::Consumer(consumer), ending.message, &text);
            }
        }
    }
    for (exchange, message) in latest {
        if fading.contains_key(&exchange) {
            continue;
        }
        let (_, label) = canvas.label(message);
        announce(canvas, exchange, message, &label, Ink::Text, false);
    }
    for (exchange, ending) in fading {
        let (_, label) = canvas.label(ending.message);
        let text = t!("canvas-unroutable", key = label.as_str());
        announce(canvas, exchange, ending.message, &text, Ink::Warning, true);
    }
}

fn announce(
    canvas: &mut Canvas,
    exchange: ExchangeId,
    message: crate::broker::MessageId,
    text: &str,
    ink: Ink,
    ended: bool,
) {
    let Some(rect) = canvas.plan.layout.nodes.get(&NodeKey::Exchange(exchange)) else {
        return;
    };
    let top = Point::new(rect.center().x, rect.min.y - 15.0);
    canvas.token(message, top, 9.0, if ended { 0.5 } else { 1.0 });
    if ended {
        badge_shapes(false, top + Point::new(9.0, 7.0), 7.0, &mut canvas.shapes);
    }
    let text = elide(text, Font::Mono, KEY, 220.0);
    let text = Text::new(
        top - Point::new(0.0, 22.0),
        text.as_ref(),
        Font::Mono,
        KEY,
        ink,
    );
    canvas.push(text.align(Align::Center));
}

/// A message that ends at a queue or consumer: its token, crossed out, below.
fn end_at(canvas: &mut Canvas, node: NodeKey, message: crate::broker::MessageId, text: &str) {
    let Some(rect) = canvas.plan.layout.nodes.get(&node) else {
        return;
    };
    let at = Point::new(rect.max.x - 10.0, rect.max.y + 14.0);
    canvas.token(message, at, 8.0, 0.5);
    badge_shapes(false, at + Point::new(8.0, 6.0), 6.0, &mut canvas.shapes);
    let text = Text::new(
        at - Point::new(16.0, 0.0),
        text,
        Font::Words,
        KEY,
        Ink::Warning,
    );
    canvas.push(text.align(Align::Right));
}
