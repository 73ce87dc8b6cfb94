//! An exchange: a circle with its rule as a sign, and what it decides.

use std::f32::consts::TAU;

use crate::broker::{Definitions, ExchangeId};
use crate::director::Presence;
use crate::geometry::{Point, Rect};
use crate::scene::build::Canvas;
use crate::scene::caption::{TRAIT_GAP, exchange_caption, left_out, lines_at};
use crate::scene::plan::{NAME, NodePlan, SECOND};
use crate::scene::shape::on_circle;
use crate::scene::sign::sign_shapes;
use crate::scene::{Align, Fill, Font, Ink, Shape, Stroke, Text};
use crate::t;
use crate::topology::NodeKey;
use crate::words::span;

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
    let topology = &canvas.plan.topology;
    let world = canvas.history.head();
    let lines = lines_at(id, node.left_out, topology, canvas.stage, world);
    // Where there is little room, it is not said that each queue is bound to the default exchange (E2).
    let is_told = !node.is_narrow || id != Definitions::DEFAULT_EXCHANGE;
    let hidden = left_out(lines).filter(|_| is_told);
    let hidden = hidden.map(|text| (text, Ink::Soft));
    let waiting = waiting(canvas, now, center, radius);
    let unroutable = canvas.stage.exchanges.get(now.index());
    let unroutable = unroutable.map_or(0, |exchange| exchange.unroutable);
    let lost = (unroutable > 0).then(|| t!("canvas-unroutable-count", count = unroutable));
    let untold = canvas.stage.exchanges.get(now.index());
    let untold = untold.map_or(0, |exchange| exchange.untold);
    let untold = (untold > 0).then(|| t!("canvas-untold-count", count = untold));
    let lost = lost.map(|text| (text, Ink::Warning));
    let notes = [
        hidden,
        lost,
        waiting.map(|text| (text, Ink::Soft)),
        untold.map(|text| (text, Ink::Soft)),
    ];
    let mut notes = notes.into_iter().flatten();
    if node.is_narrow {
        let (text, ink) = match notes.next() {
            Some((note, ink)) => (format!("{}{TRAIT_GAP}{note}", node.title).into(), ink),
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
    let kind = match now == id {
        true => node.subtitle.clone(),
        // It was declared anew.
        false => exchange_caption(now, world).into(),
    };
    let name = node.title.clone();
    caption(name, Font::WordsStrong, NAME, Ink::Text, 19.0);
    caption(kind, Font::Words, SECOND, Ink::Soft, 18.0);
    for (note, ink) in notes {
        caption(note.into(), Font::Words, SECOND, ink, 16.0);
    }
}

/// The messages that wait there stand on the rim, the next to go on at the right; what is said of them (E45).
fn waiting(canvas: &mut Canvas, id: ExchangeId, center: Point, radius: f32) -> Option<String> {
    const TOKEN: f32 = 6.5;
    const SEEN: usize = 7;
    /// From one to the next, in parts of a turn.
    const STEP: f32 = TAU / 18.0;
    let now = canvas.at;
    let stage = canvas.stage.exchanges.get(id.index())?;
    let there = stage.waiting.iter().filter(|waits| waits.since <= now);
    let there: Vec<_> = there.copied().collect();
    let seen = there.len().min(SEEN);
    // In the middle of the rim's lower half.
    let first = TAU / 2.0 - STEP * (seen.saturating_sub(1) as f32) / 2.0;
    for (place, waits) in there.iter().take(seen).enumerate() {
        let at = on_circle(center, radius, first + STEP * place as f32);
        canvas.token(waits.message, at, TOKEN, 1.0);
    }
    let next = span(there.first()?.until);
    Some(t!("canvas-waits-until", count = there.len(), next = next))
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
