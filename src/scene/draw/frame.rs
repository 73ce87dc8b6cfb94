//! Connections and channels: frames round those who use them.
//!
//! Actors that share a connection and stand side by side have one frame round them; where others stand between, each
//! group has its own part, and a line ties the parts together.

use std::collections::BTreeMap;

use super::publisher::LINE;
use crate::broker::Throttle;
use crate::director::LinkStage;
use crate::geometry::{Point, Rect};
use crate::scene::build::Canvas;
use crate::scene::measure::elide;
use crate::scene::plan::{KEY, Plan};
use crate::scene::{Dash, Font, Ink, Shape, Stroke, Text};
use crate::t;
use crate::topology::NodeKey;
use crate::words::shown;
use crate::world::LinkId;

/// How far a frame stands off its nodes: at the sides, above and below without a caption, and with one. Between two
/// frames there is just room for the name of the lower one.
const SIDE: f32 = 12.0;
const BARE: f32 = 5.0;
const ABOVE: f32 = 30.0;
const BELOW: f32 = 25.0;
/// How far the channel's frame stands inside the connection's.
const INSET: f32 = 2.5;
/// How far below everything the ties between the parts of a connection begin.
const FLOOR: f32 = 10.0;
/// From one tie to the next, and to what it runs along.
const TIE: f32 = 8.0;

/// Frames every actor by its connection, if the view asks for it.
pub(in crate::scene) fn frames(canvas: &mut Canvas) {
    if !canvas.view.connections {
        return;
    }
    let plan = canvas.plan;
    let mut of_links: BTreeMap<LinkId, Vec<NodeKey>> = BTreeMap::new();
    for (&key, node) in &plan.nodes {
        if let Some(link) = node.link {
            of_links.entry(link).or_default().push(key);
        }
    }
    let mut ties = 0;
    for (id, nodes) in of_links {
        let Some(stage) = canvas.stage.links.get(id.0 as usize) else {
            continue;
        };
        let link = canvas.history.head().link(id);
        let name = link.map_or_else(String::new, |link| shown(&link.name).into_owned());
        let parts = parts(&nodes, plan, stage);
        for pair in parts.windows(2) {
            ties += 1;
            let floor = plan.layout.bounds.max.y + FLOOR + TIE * ties as f32;
            let points = tie(pair[0], pair[1], floor);
            let stroke = stroke(stage, 1.0).dash(Dash::Dotted);
            canvas.push(Shape::polyline(points, stroke));
        }
        for rect in parts {
            frame(canvas, rect, &name, stage);
        }
    }
}

/// The frames of one connection, from the left and from the top.
fn parts(nodes: &[NodeKey], plan: &Plan, stage: &LinkStage) -> Vec<Rect> {
    let layout = &plan.layout;
    let waits = !stage.waiting.is_empty() || !stage.held.is_empty();
    let mut its: Vec<(bool, Rect)> = nodes
        .iter()
        .filter_map(|key| {
            let node = plan.nodes.get(key)?;
            let (above, below) = match (key, node.told_lines.max(waits.into())) {
                (NodeKey::Publisher(_), 0) => (BARE, BARE),
                (NodeKey::Publisher(_), 2..) => (BARE, BELOW + LINE),
                (NodeKey::Publisher(_), _) => (BARE, BELOW),
                // Its name is in it.
                _ if node.is_narrow => (BARE, BELOW),
                _ => (ABOVE, BELOW),
            };
            let rect = layout.nodes.get(key)?;
            let min = rect.min - Point::new(SIDE, above);
            let max = rect.max + Point::new(SIDE, below);
            let is_publisher = matches!(key, NodeKey::Publisher(_));
            Some((is_publisher, Rect::from_min_max(min, max)))
        })
        .collect();
    its.sort_by(|(publisher, a), (other, b)| {
        let by_height = a.min.y.total_cmp(&b.min.y);
        other.cmp(publisher).then(by_height)
    });
    let is_free = |room: &Rect| {
        let mut others = layout.nodes.iter().filter(|(key, _)| !nodes.contains(key));
        !others.any(|(_, rect)| rect.intersects(room))
    };
    let mut parts: Vec<(bool, Rect)> = Vec::new();
    for (is_publisher, rect) in its {
        if let Some((before, part)) = parts.last_mut()
            && *before == is_publisher
            && is_free(&part.union(&rect))
        {
            *part = part.union(&rect);
        } else {
            parts.push((is_publisher, rect));
        }
    }
    parts.into_iter().map(|(_, rect)| rect).collect()
}

/// A line from one part to the next: beside those that stand between in one column, otherwise between the columns and
/// below everything.
fn tie(from: Rect, to: Rect, floor: f32) -> Vec<Point> {
    if from.min.x < to.max.x && to.min.x < from.max.x {
        let side = from.min.x.min(to.min.x) - TIE;
        let (start, end) = (from.left_center(), to.left_center());
        return vec![
            start,
            Point::new(side, start.y),
            Point::new(side, end.y),
            end,
        ];
    }
    let (left, right) = (from.max.x, to.min.x);
    let low = |part: Rect| part.max.y - 2.0 * TIE;
    vec![
        Point::new(left, low(from)),
        Point::new(left + TIE, low(from)),
        Point::new(left + TIE, floor),
        Point::new(right - TIE, floor),
        Point::new(right - TIE, low(to)),
        Point::new(right, low(to)),
    ]
}

fn stroke(stage: &LinkStage, width: f32) -> Stroke {
    let ink = match (stage.open, stage.throttle) {
        (false, _) => Ink::Faint,
        (true, Throttle::Blocked | Throttle::Flow) => Ink::Warning,
        (true, _) => Ink::Edge,
    };
    Stroke::new(ink, width)
}

fn frame(canvas: &mut Canvas, outer: Rect, name: &str, stage: &LinkStage) {
    let dash = if stage.open {
        Dash::Solid
    } else {
        Dash::Dashed
    };
    let line = stroke(stage, 1.2).dash(dash);
    canvas.push(Shape::rect(outer, 14.0, None, line));
    if stage.channel {
        let inner = outer.expand(-INSET);
        let line = Stroke::new(Ink::Edge, 1.0).dash(Dash::Dotted);
        canvas.push(Shape::rect(inner, 11.0, None, line));
    }
    let text = t!("canvas-frame", name = name);
    let text = elide(&text, Font::Words, KEY, outer.width());
    let at = outer.min + Point::new(6.0, -8.0);
    canvas.push(Text::new(at, text.as_ref(), Font::Words, KEY, Ink::Soft));
}
