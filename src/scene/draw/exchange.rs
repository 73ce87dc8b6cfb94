//! An exchange: a circle with its rule as a sign, and what it decides.

use crate::broker::ExchangeId;
use crate::director::Presence;
use crate::geometry::{Point, Rect};
use crate::scene::build::Canvas;
use crate::scene::plan::{NAME, NodePlan, SECOND, TRAIT_GAP};
use crate::scene::sign::sign_shapes;
use crate::scene::{Align, Fill, Font, Ink, Shape, Stroke, Text};
use crate::t;
use crate::topology::NodeKey;

use super::presence::{absence, ghost, veil};

pub(super) fn draw(canvas: &mut Canvas, id: ExchangeId, rect: Rect, node: &NodePlan) {
    let (center, radius) = (rect.center(), rect.width() / 2.0);
    let now = canvas.stage.exchange_at(id, &canvas.plan.topology);
    let presence = canvas
        .stage
        .exchanges
        .get(now.index())
        .map_or(Presence::NotYet, |exchange| exchange.presence);
    if let Some(absence) = absence(presence) {
        canvas.push(Shape::circle(center, radius, None, ghost()));
        let at = Point::new(center.x, rect.max.y + 20.0);
        let name = Text::new(at, node.title.clone(), Font::WordsStrong, NAME, Ink::Faint);
        canvas.push(name.align(Align::Center));
        let at = at + Point::new(0.0, 19.0);
        let absence = Text::new(at, absence, Font::Words, SECOND, Ink::Soft);
        canvas.push(absence.align(Align::Center));
        return;
    }
    let stroke = super::outline(canvas, NodeKey::Exchange(id));
    if is_deciding(canvas, id) && !node.is_narrow {
        let halo = Stroke::new(Ink::Accent, 3.0).opacity(0.4);
        canvas.push(Shape::circle(center, radius + 7.0, None, halo));
    }
    canvas.push(Shape::circle(center, radius, Fill::new(Ink::Card), stroke));
    if let Some(sign) = node.sign {
        sign_shapes(sign, center, radius, Ink::Text, &mut canvas.shapes);
    }
    veil(canvas, rect, radius);
    let unroutable = canvas.stage.exchanges.get(now.index());
    let unroutable = unroutable.map_or(0, |exchange| exchange.unroutable);
    let lost = (unroutable > 0).then(|| t!("canvas-unroutable-count", count = unroutable));
    if node.is_narrow {
        let (text, ink) = match lost {
            Some(lost) => (
                format!("{}{TRAIT_GAP}{lost}", node.title).into(),
                Ink::Warning,
            ),
            None => (node.subtitle.clone(), Ink::Soft),
        };
        let at = Point::new(center.x, rect.max.y + 14.0);
        canvas.push(Text::new(at, text, Font::Words, SECOND, ink).align(Align::Center));
        return;
    }
    let mut line = Point::new(center.x, rect.max.y + 20.0);
    let mut caption = |text: std::sync::Arc<str>, font, size, ink, step| {
        canvas.push(Text::new(line, text, font, size, ink).align(Align::Center));
        line.y += step;
    };
    let (name, kind) = (node.title.clone(), node.subtitle.clone());
    caption(name, Font::WordsStrong, NAME, Ink::Text, 19.0);
    caption(kind, Font::Words, SECOND, Ink::Soft, 18.0);
    if let Some(lost) = lost {
        caption(lost.into(), Font::Words, SECOND, Ink::Warning, 0.0);
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
    // What is compared is seen no longer than its echo.
    let longest = canvas.stage.echoes.as_ref().map(|_| canvas.view.echo);
    let decisions = canvas.stage.decisions.iter();
    decisions.filter(move |decision| {
        let until = longest.map_or(decision.until, |longest| decision.from + longest);
        decision.from <= at && at < until
    })
}
