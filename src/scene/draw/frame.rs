//! Connections and channels: frames round those who use them.

use crate::broker::Throttle;
use crate::director::LinkStage;
use crate::geometry::{Point, Rect};
use crate::scene::build::Canvas;
use crate::scene::measure::elide;
use crate::scene::plan::KEY;
use crate::scene::{Dash, Font, Ink, Shape, Stroke, Text};
use crate::t;
use crate::topology::NodeKey;

/// How far a frame stands off its node: left and right, above (where the name is), and below.
const MARGIN: f32 = 13.0;
const ABOVE: f32 = 30.0;
const BELOW: f32 = 26.0;
/// How far the channel's frame stands inside the connection's.
const INSET: f32 = 4.0;

/// Frames every actor whose connection is to be seen: all of them if the view asks for it, and always one that has
/// ended.
pub(in crate::scene) fn frames(canvas: &mut Canvas) {
    let plan = canvas.plan;
    for (&key, &rect) in &plan.layout.nodes {
        let link = plan.nodes.get(&key).and_then(|node| node.link);
        let Some(link) = link.and_then(|link| {
            canvas
                .stage
                .links
                .get(link.0 as usize)
                .map(|stage| (link, stage))
        }) else {
            continue;
        };
        let (id, stage) = link;
        if canvas.view.connections {
            let name = canvas
                .history
                .head()
                .link(id)
                .map_or_else(String::new, |link| link.name.to_string());
            frame(canvas, key, rect, &name, stage);
        }
    }
}

fn frame(canvas: &mut Canvas, key: NodeKey, rect: Rect, name: &str, stage: &LinkStage) {
    let above = match key {
        NodeKey::Publisher(_) => MARGIN,
        _ => ABOVE,
    };
    let min = rect.min - Point::new(MARGIN, above);
    let max = rect.max + Point::new(MARGIN, BELOW);
    let outer = Rect::from_min_max(min, max);
    let (ink, dash) = match (stage.open, stage.throttle) {
        (false, _) => (Ink::Faint, Dash::Dashed),
        (true, Throttle::Blocked | Throttle::Flow) => (Ink::Warning, Dash::Solid),
        (true, _) => (Ink::Edge, Dash::Solid),
    };
    canvas.push(Shape::rect(
        outer,
        14.0,
        None,
        Stroke::new(ink, 1.2).dash(dash),
    ));
    if stage.channel {
        let inset = Point::new(INSET, INSET);
        let inner = Rect::from_min_max(min + inset, max - inset);
        let stroke = Stroke::new(Ink::Edge, 1.0).dash(Dash::Dotted);
        canvas.push(Shape::rect(inner, 11.0, None, stroke));
    }
    let text = t!("canvas-frame", name = name);
    let text = elide(&text, Font::Words, KEY, outer.width());
    let at = Point::new(min.x + 6.0, min.y - 9.0);
    canvas.push(Text::new(at, text.as_ref(), Font::Words, KEY, Ink::Soft));
}
