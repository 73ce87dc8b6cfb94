//! An exchange: a circle with its rule as a sign, and what it decides.

use crate::broker::ExchangeId;
use crate::director::Presence;
use crate::geometry::{Point, Rect};
use crate::scene::build::Canvas;
use crate::scene::plan::{EXCHANGE_RADIUS, NAME, NodePlan, SECOND};
use crate::scene::sign::sign_shapes;
use crate::scene::{Align, Fill, Font, Ink, Shape, Stroke, Text};
use crate::t;
use crate::topology::NodeKey;

use super::presence::{absence, ghost, veil};

pub(super) fn draw(canvas: &mut Canvas, id: ExchangeId, rect: Rect, node: &NodePlan) {
    let center = rect.center();
    let now = canvas.stage.exchange_at(id, &canvas.plan.topology);
    let presence = canvas
        .stage
        .exchanges
        .get(now.index())
        .map_or(Presence::NotYet, |exchange| exchange.presence);
    if let Some(absence) = absence(presence) {
        canvas.push(Shape::circle(center, EXCHANGE_RADIUS, None, ghost()));
        let at = Point::new(center.x, rect.max.y + 20.0);
        let name = Text::new(at, node.title.clone(), Font::WordsStrong, NAME, Ink::Faint);
        canvas.push(name.align(Align::Center));
        let at = at + Point::new(0.0, 19.0);
        let absence = Text::new(at, absence, Font::Words, SECOND, Ink::Soft);
        canvas.push(absence.align(Align::Center));
        return;
    }
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
    veil(canvas, rect, EXCHANGE_RADIUS);
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
    let id = canvas.stage.exchange_at(id, &canvas.plan.topology);
    let lost = canvas
        .stage
        .exchanges
        .get(id.index())
        .map_or(0, |exchange| exchange.unroutable);
    if lost > 0 {
        let text = t!("canvas-unroutable-count", count = lost);
        caption(canvas, text.into(), Font::Words, SECOND, Ink::Warning, 0.0);
    }
}

fn is_deciding(canvas: &Canvas, id: ExchangeId) -> bool {
    let topology = &canvas.plan.topology;
    let here = NodeKey::Exchange(id);
    deciding(canvas).any(|decision| topology.drawn(NodeKey::Exchange(decision.exchange)) == here)
}

/// The decisions that are seen now.
pub(super) fn deciding<'a>(
    canvas: &'a Canvas<'_>,
) -> impl Iterator<Item = &'a crate::director::Decision> + use<'a> {
    let at = canvas.at;
    let decisions = canvas.stage.decisions.iter();
    decisions.filter(move |decision| decision.from <= at && at < decision.until)
}
