//! What is too much to be seen one by one: a stream, and how many a second.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::geometry::{Point, Rect};
use crate::layout::Route;
use crate::scene::build::Canvas;
use crate::scene::measure::text_width;
use crate::scene::plan::KEY;
use crate::scene::{Align, Fill, Font, Ink, Shape, Stroke, Text};
use crate::t;
use crate::topology::EdgeKey;
use crate::words::grouped;

/// From so many a second on, tokens on an edge are drawn as a stream: with hops of a quarter of a second, twelve of them
/// would be on it at once.
const STREAM: u32 = 50;
/// How far the beads of a stream are apart, how large they are, and how far they come in a second.
const APART: f32 = 22.0;
const BEAD: f32 = 2.6;
const SPEED: f64 = 60.0;
/// How wide a stream is.
const WIDTH: f32 = 9.0;
/// How far its rate is from its middle.
const BESIDE: f32 = 18.0;

/// The drawn edges that are streams, forwards or backwards, each with how many set out on it in a second.
pub(in crate::scene) fn flows(canvas: &Canvas) -> BTreeMap<(EdgeKey, bool), u32> {
    let topology = &canvas.plan.topology;
    let mut flows: BTreeMap<_, u32> = BTreeMap::new();
    // What is compared has its own numbers.
    if canvas.stage.echoes.is_none() {
        for (edge, backwards, rate) in canvas.stage.rates(canvas.at) {
            *flows
                .entry((topology.drawn_edge(edge), backwards))
                .or_default() += rate;
        }
    }
    flows.retain(|_, rate| *rate >= STREAM);
    flows
}

/// A rate as it can be read while it changes: with two digits that count.
pub(super) fn rounded(rate: u32) -> u64 {
    let rate = u64::from(rate);
    let mut unit = 1;
    while rate / unit >= 100 {
        unit *= 10;
    }
    (rate + unit / 2) / unit * unit
}

/// How many a second there are in a stream, at the middle of its edge: above it, or below where answers run back above.
pub(super) fn told(canvas: &mut Canvas, edge: EdgeKey, route: &Route, rate: u64) {
    let text = match edge {
        EdgeKey::Call { .. } => t!("canvas-rate-requests", rate = grouped(rate as usize)),
        _ => t!("canvas-rate", rate = grouped(rate as usize)),
    };
    let width = text_width(&text, Font::Mono, KEY) + 8.0;
    let middle = route.point_at(0.5);
    let (at, plate) = match edge {
        EdgeKey::Publish { .. } | EdgeKey::Onward { .. } | EdgeKey::Consume(_) => {
            let at = middle + Point::new(0.0, BESIDE);
            (at, Rect::from_center_size(at, width, KEY + 4.0))
        }
        _ => super::flight::above(route, middle - Point::new(0.0, BESIDE), width),
    };
    let mut nodes = canvas.plan.layout.nodes.values();
    if nodes.any(|node| node.intersects(&plate)) {
        return; // on a short line the stream alone has to say it
    }
    super::flight::ground(canvas, plate);
    canvas.push(Text::new(at, text, Font::Mono, KEY, Ink::Accent).align(Align::Center));
}

/// A stream along an edge.
pub(super) fn band(canvas: &mut Canvas, route: &Route) {
    let points: Arc<[Point]> = route.points().into();
    let stroke = Stroke::new(Ink::Accent, WIDTH).opacity(0.45);
    canvas.push(Shape::polyline(points, stroke));
    beads(canvas, route);
}

/// Beads that say in which direction it goes.
fn beads(canvas: &mut Canvas, route: &Route) {
    let length = route.length();
    if length <= 0.0 {
        return;
    }
    let moved = match canvas.view.reduced_motion {
        true => 0.0,
        false => (canvas.at.as_secs_f64() * SPEED % f64::from(APART)) as f32,
    };
    let mut at = moved;
    while at < length {
        let center = route.point_at(at / length);
        let fill = Fill::new(Ink::Canvas).opacity(0.9);
        canvas.push(Shape::circle(center, BEAD, fill, None));
        at += APART;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_has_two_digits_that_count() {
        for (rate, shown) in [
            (50, 50),
            (99, 99),
            (104, 100),
            (1_249, 1_200),
            (9_960, 10_000),
        ] {
            assert_eq!(rounded(rate), shown, "{rate}");
        }
    }
}
