//! A queue: a box in which messages stand in line, the head at the right, the unacked behind a dotted line.

use crate::broker::{Micros, QueueId};
use crate::geometry::{Point, Rect};
use crate::scene::build::Canvas;
use crate::scene::motion::ease;
use crate::scene::plan::{KEY, NodePlan, SECOND, SLOT, TRAY};
use crate::scene::{Align, Dash, Fill, Font, Ink, Shape, Stroke, Text};
use crate::t;
use crate::topology::NodeKey;

const BEAD: f32 = 7.5;
/// How much of an unacked message is seen: less than of a ready one, but in the dark too.
const UNACKED: f32 = 0.6;
/// How long the line takes to close up when its head leaves.
const CLOSING_UP: Micros = Micros::from_millis(220);

pub(super) fn draw(canvas: &mut Canvas, id: QueueId, rect: Rect, node: &NodePlan) {
    let stroke = super::outline(canvas, NodeKey::Queue(id));
    canvas.push(Shape::rect(rect, 10.0, Fill::new(Ink::Card), stroke));
    super::name_above(canvas, rect, node);
    let stage = canvas.stage;
    let id = stage.queue_at(id, &canvas.plan.topology);
    let Some(queue) = stage.queues.get(id.index()) else {
        return;
    };
    let counts = t!(
        "canvas-queue-counts",
        ready = queue.ready.len(),
        unacked = queue.unacked.len(),
    );
    let at = Point::new(rect.max.x, rect.min.y - 15.0);
    canvas.push(Text::new(at, counts, Font::Words, SECOND, Ink::Soft).align(Align::Right));

    let line = rect.max.x - TRAY;
    canvas.push(Shape::polyline(
        [
            Point::new(line, rect.min.y + 3.0),
            Point::new(line, rect.max.y - 3.0),
        ],
        Stroke::new(Ink::Faint, 1.4).dash(Dash::Dotted),
    ));

    let middle = rect.center().y;
    let head = Point::new(line - 6.0 - SLOT / 2.0, middle);
    let places = (((line - rect.min.x - 12.0) / SLOT) as usize).max(2);
    let closing = queue.head_left.map_or(0.0, |left| {
        let done = canvas.at.since(left).0 as f32 / CLOSING_UP.0 as f32;
        1.0 - ease(done.min(1.0))
    });
    row(
        canvas,
        queue.ready.len(),
        queue.ready.iter().map(|bead| bead.message),
        head,
        places,
        closing,
        1.0,
    );

    let first = Point::new(line + 6.0 + SLOT / 2.0, middle);
    let tray = ((TRAY - 12.0) / SLOT) as usize;
    let hidden = queue.unacked.len().saturating_sub(tray);
    let shown = if hidden > 0 { tray - 1 } else { tray };
    // The oldest delivery stands nearest to the consumer.
    for (place, bead) in queue.unacked.iter().take(shown).rev().enumerate() {
        let center = first + Point::new(place as f32 * SLOT, 0.0);
        canvas.token(bead.message, center, BEAD, UNACKED);
    }
    if queue.unacked.len() > shown {
        let at = first + Point::new(shown as f32 * SLOT, 0.0);
        more(canvas, queue.unacked.len() - shown, at);
    }
}

/// Messages in line from `head` to the left; what has no room is a number.
fn row(
    canvas: &mut Canvas,
    count: usize,
    messages: impl Iterator<Item = crate::broker::MessageId>,
    head: Point,
    places: usize,
    closing: f32,
    opacity: f32,
) {
    // The number takes the room of two.
    let shown = if count > places { places - 2 } else { count };
    for (place, message) in messages.take(shown).enumerate() {
        let offset = (place as f32 + closing) * SLOT;
        canvas.token(message, head - Point::new(offset, 0.0), BEAD, opacity);
    }
    if count > shown {
        let at = head - Point::new((shown as f32 + 0.6) * SLOT, 0.0);
        more(canvas, count - shown, at);
    }
}

fn more(canvas: &mut Canvas, count: usize, at: Point) {
    let text = t!("canvas-more", count = count);
    canvas.push(Text::new(at, text, Font::Mono, KEY, Ink::Soft).align(Align::Center));
}
