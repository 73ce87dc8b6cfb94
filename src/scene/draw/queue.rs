//! A queue: a box in which messages stand in line, the head at the right, the unacked behind a dotted line. A stream has
//! no such line: what is read stays.

use std::f32::consts::TAU;
use std::sync::Arc;

use crate::broker::{Micros, QueueId};
use crate::director::{Bead, QueueStage};
use crate::geometry::{Point, Rect};
use crate::scene::build::Canvas;
use crate::scene::caption::{TRAIT_GAP, left_out, queue_caption};
use crate::scene::measure::{elide, text_width};
use crate::scene::motion::ease;
use crate::scene::plan::{KEY, NAME, NodePlan, SECOND, SLOT};
use crate::scene::{Align, Dash, Fill, Font, Ink, Shape, Stroke, Text};
use crate::t;
use crate::topology::NodeKey;

use super::presence::{absence, ghost, veil};

const BEAD: f32 = 7.5;
/// How much of an unacked message is seen: less than of a ready one, but in the dark too.
const UNACKED: f32 = 0.6;
/// How long the line takes to close up when its head leaves.
const CLOSING_UP: Micros = Micros::from_millis(220);
/// Of a time to live, so little is left that it is seen as running out.
const RUNNING_OUT: f32 = 0.25;
const RADIUS: f32 = 10.0;
/// The size of a number over a message.
const COUNT: f32 = 11.0;

pub(super) fn draw(canvas: &mut Canvas, id: QueueId, rect: Rect, node: &NodePlan) {
    let stage = canvas.stage;
    let now = stage.queue_at(id, &canvas.plan.topology);
    let Some(queue) = stage.queues.get(now.index()) else {
        super::name_above(canvas, rect, node);
        canvas.push(Shape::rect(rect, RADIUS, None, ghost()));
        return;
    };
    if let Some(absence) = absence(queue.presence) {
        super::name_above(canvas, rect, node);
        canvas.push(Shape::rect(rect, RADIUS, None, ghost()));
        counts(canvas, rect, node, absence);
        return;
    }
    let stroke = super::outline(canvas, NodeKey::Queue(id));
    canvas.push(Shape::rect(rect, RADIUS, Fill::new(Ink::Card), stroke));
    super::name_above(canvas, rect, node);
    let caption = words(canvas, (id, now), queue, node);
    if !caption.is_empty() && !super::outcome::is_ending(canvas, NodeKey::Queue(id)) {
        let (at, align, room) = match node.is_narrow {
            // Beneath it stand the counts.
            true => {
                let name = text_width(&node.title, Font::WordsStrong, NAME) + 12.0;
                let at = Point::new(rect.max.x, rect.min.y - 14.0);
                (at, Align::Right, rect.width() - name)
            }
            false => {
                let at = Point::new(rect.min.x, rect.max.y + 14.0);
                (at, Align::Left, rect.width())
            }
        };
        let text = elide(&caption, Font::Words, SECOND, room);
        let text = Text::new(at, text.as_ref(), Font::Words, SECOND, Ink::Soft);
        canvas.push(text.align(align));
    }
    if node.is_stream {
        let readers = log(canvas, queue, rect, node);
        if !super::outcome::is_ending(canvas, NodeKey::Queue(id)) {
            name_readers(canvas, readers, rect, &caption);
        }
    } else {
        line(canvas, queue, rect, node);
    }
    veil(canvas, rect, RADIUS);
}

/// What is not drawn of its lines, and what sets it apart at the moment: a policy may have changed it (O2), or it was
/// declared anew.
fn words(
    canvas: &Canvas,
    (id, now): (QueueId, QueueId),
    queue: &QueueStage,
    node: &NodePlan,
) -> Arc<str> {
    let is_planned = id == now
        && (Arc::ptr_eq(&queue.settings, &node.settings) || queue.settings == node.settings);
    let caption = match is_planned {
        true => node.subtitle.clone(),
        false => queue_caption(now, &queue.settings, canvas.history.head()).into(),
    };
    let Some(hidden) = node.left_out.and_then(left_out) else {
        return caption;
    };
    match caption.is_empty() {
        true => hidden.into(),
        false => format!("{hidden}{TRAIT_GAP}{caption}").into(),
    }
}

fn counts(canvas: &mut Canvas, rect: Rect, node: &NodePlan, text: String) {
    let y = match node.is_narrow {
        true => rect.max.y + 14.0,
        false => rect.min.y - 15.0,
    };
    let at = Point::new(rect.max.x, y);
    canvas.push(Text::new(at, text, Font::Words, SECOND, Ink::Soft).align(Align::Right));
}

fn line(canvas: &mut Canvas, queue: &QueueStage, rect: Rect, node: &NodePlan) {
    let mut text = t!(
        "canvas-queue-counts",
        ready = queue.ready.len(),
        unacked = queue.unacked.len(),
    );
    if !queue.delayed.is_empty() {
        text = t!("canvas-queue-delayed", count = queue.delayed.len());
    }
    counts(canvas, rect, node, text);

    let slot = node.slot();
    let line = rect.max.x - node.tray();
    canvas.push(Shape::polyline(
        [
            Point::new(line, rect.min.y + 3.0),
            Point::new(line, rect.max.y - 3.0),
        ],
        Stroke::new(Ink::Faint, 1.4).dash(Dash::Dotted),
    ));
    fill_line(
        canvas,
        queue,
        rect.min.x + 10.0,
        line - 6.0,
        rect.max.y - 7.0,
    );

    let head = Point::new(line - 6.0 - slot / 2.0, rect.center().y);
    let places = (((line - rect.min.x - 12.0) / slot) as usize).max(2);
    let closing = queue.head_left.map_or(0.0, |left| {
        let done = canvas.at.since(left).0 as f32 / CLOSING_UP.0 as f32;
        1.0 - ease(done.min(1.0))
    });
    ready(canvas, queue, (head, slot, places), closing);
    unacked(
        canvas,
        queue,
        node,
        Point::new(line + 6.0 + slot / 2.0, rect.center().y),
    );
}

/// Ready messages in line from the head to the left, one a slot, in the order they are served; what has no place is a
/// number. Where a level of priority ends there is a mark, with the level beneath.
fn ready(
    canvas: &mut Canvas,
    queue: &QueueStage,
    (head, slot, places): (Point, f32, usize),
    closing: f32,
) {
    let count = queue.ready.len();
    // The number takes the room of two.
    let shown = if count > places { places - 2 } else { count };
    let has_levels = queue.ready.has_levels();
    let mut above: Option<u8> = None;
    for (place, bead) in queue.ready.iter().take(shown).enumerate() {
        let offset = (place as f32 + closing) * slot;
        let center = head - Point::new(offset, 0.0);
        if has_levels && above != Some(bead.level) {
            level_mark(canvas, center, slot, bead.level, above.is_some());
            above = Some(bead.level);
        }
        canvas.token(bead.message, center, BEAD, 1.0);
        clock(canvas, bead, center);
        redelivered(canvas, bead, center);
    }
    if count > shown {
        // It gives way to a line that closes up.
        let at = head - Point::new((shown as f32 + 0.6 + 0.5 * closing) * slot, 0.0);
        more(canvas, count - shown, at);
    }
}

/// Where a lane begins: its level beneath, and a mark towards the one before.
fn level_mark(canvas: &mut Canvas, center: Point, slot: f32, level: u8, divides: bool) {
    if divides {
        let x = center.x + slot / 2.0;
        canvas.push(Shape::polyline(
            [
                Point::new(x, center.y - 13.0),
                Point::new(x, center.y + 13.0),
            ],
            Stroke::new(Ink::Faint, 1.4),
        ));
    }
    let at = center - Point::new(0.0, 20.0);
    let text = Text::new(at, level.to_string(), Font::Mono, COUNT, Ink::Soft);
    canvas.push(text.align(Align::Center));
}

/// A ring that runs down with the time to live.
fn clock(canvas: &mut Canvas, bead: &Bead, center: Point) {
    let Some(left) = bead.life(canvas.at) else {
        return;
    };
    let ink = if left < RUNNING_OUT {
        Ink::Warning
    } else {
        Ink::Soft
    };
    canvas.push(Shape::Arc {
        center,
        radius: BEAD + 3.0,
        start: 0.0,
        sweep: TAU * left,
        stroke: Stroke::new(ink, 1.8),
    });
}

/// A dot over what was delivered before; where the queue counts how often it came back, the number.
fn redelivered(canvas: &mut Canvas, bead: &Bead, center: Point) {
    if !bead.redelivered {
        return;
    }
    let at = center - Point::new(0.0, BEAD + 7.0);
    if bead.returns > 0 {
        let at = at - Point::new(0.0, 2.0);
        let number = bead.returns.to_string();
        let text = Text::new(at, number, Font::WordsStrong, COUNT, Ink::Warning);
        canvas.push(text.align(Align::Center));
        return;
    }
    canvas.push(Shape::circle(at, 2.2, Fill::new(Ink::Warning), None));
}

fn unacked(canvas: &mut Canvas, queue: &QueueStage, node: &NodePlan, first: Point) {
    let slot = node.slot();
    let tray = ((node.tray() - 12.0) / slot) as usize;
    let hidden = queue.unacked.len().saturating_sub(tray);
    let shown = if hidden > 0 { tray - 1 } else { tray };
    // The oldest delivery stands nearest to the consumer.
    for (place, bead) in queue.unacked.iter().take(shown).rev().enumerate() {
        let center = first + Point::new(place as f32 * slot, 0.0);
        canvas.token(bead.message, center, BEAD, UNACKED);
        redelivered(canvas, bead, center);
    }
    if queue.unacked.len() > shown {
        let at = first + Point::new(shown as f32 * slot, 0.0);
        more(canvas, queue.unacked.len() - shown, at);
    }
}

/// How near the queue is to its limit.
fn fill_line(canvas: &mut Canvas, queue: &QueueStage, left: f32, right: f32, y: f32) {
    let bytes = |canvas: &Canvas| -> u64 {
        let bodies = queue.ready.iter().filter_map(|bead| {
            let publication = canvas.history.message(bead.message)?;
            Some(publication.body.as_bytes().len() as u64)
        });
        bodies.sum()
    };
    let settings = &queue.settings;
    let by_count = settings
        .max_length
        .map(|most| queue.ready.len() as f32 / most.max(1) as f32);
    let by_bytes = settings
        .max_bytes
        .map(|most| bytes(canvas) as f32 / most.max(1) as f32);
    let Some(full) = by_count.into_iter().chain(by_bytes).reduce(f32::max) else {
        return;
    };
    let ends = |from: f32, to: f32| [Point::new(from, y), Point::new(to, y)];
    canvas.push(Shape::polyline(
        ends(left, right),
        Stroke::new(Ink::Hairline, 3.0),
    ));
    if full > 0.0 {
        let ink = if full >= 1.0 { Ink::Warning } else { Ink::Soft };
        // Like the messages, it grows from the head.
        let from = right - (right - left) * full.min(1.0);
        canvas.push(Shape::polyline(ends(from, right), Stroke::new(ink, 3.0)));
    }
}

/// A stream: its entries, the oldest at the right, and a mark under the entry that each reader gets next. Returns where
/// the marks are, with their readers' names.
fn log(
    canvas: &mut Canvas,
    queue: &QueueStage,
    rect: Rect,
    node: &NodePlan,
) -> Vec<(f32, Arc<str>)> {
    counts(
        canvas,
        rect,
        node,
        t!("canvas-stream-counts", entries = queue.ready.len()),
    );
    let middle = rect.center().y - 6.0;
    let head = Point::new(rect.max.x - 12.0 - SLOT / 2.0, middle);
    let places = (((rect.width() - 24.0) / SLOT) as usize).max(3);
    let count = queue.ready.len();
    // What is newest is seen, and where the readers are; older entries are a number at the right.
    let hidden = count.saturating_sub(places);
    let hidden = if hidden > 0 { hidden + 2 } else { 0 };
    let rule = rect.max.y - 17.0;
    canvas.push(Shape::polyline(
        [
            Point::new(rect.min.x + 10.0, rule),
            Point::new(rect.max.x - 10.0, rule),
        ],
        Stroke::new(Ink::Hairline, 1.4),
    ));
    let shift = if hidden > 0 { 2 } else { 0 };
    if hidden > 0 {
        more(canvas, hidden, head - Point::new(0.5 * SLOT, 0.0));
    }
    let at = |index: usize| {
        let place = (index + shift).saturating_sub(hidden) as f32;
        Point::new(head.x - place * SLOT, middle)
    };
    for (index, bead) in queue.ready.iter().enumerate().skip(hidden) {
        canvas.token(bead.message, at(index), BEAD, 1.0);
    }
    let mut named = Vec::new();
    for (order, (&worker, reader)) in queue.readers.iter().enumerate() {
        let next = reader.next.unwrap_or(queue.first_offset + count as u64);
        let index = next.saturating_sub(queue.first_offset) as usize;
        let x = at(index.max(hidden)).x + (order as f32 - 0.5) * 7.0;
        let tip = Point::new(x, rule + 3.0);
        canvas.push(Shape::polygon(
            [tip, tip + Point::new(5.0, 9.0), tip + Point::new(-5.0, 9.0)],
            Fill::new(Ink::Accent),
            None,
        ));
        if let Some(reader) = canvas.plan.nodes.get(&NodeKey::Consumer(worker)) {
            named.push((tip.x, reader.title.clone()));
        }
    }
    named
}

/// The readers' names beneath their marks; where two would touch, one after the other.
fn name_readers(canvas: &mut Canvas, mut named: Vec<(f32, Arc<str>)>, rect: Rect, caption: &str) {
    named.sort_by(|a, b| a.0.total_cmp(&b.0));
    let width = |text: &str| text_width(text, Font::Words, SECOND);
    let mut from = rect.min.x + width(caption) + 12.0;
    let mut groups: Vec<(f32, String)> = Vec::new();
    let mut end = f32::NEG_INFINITY;
    for (x, name) in named {
        match groups.last_mut() {
            Some((_, names)) if x - width(&name) / 2.0 < end + 8.0 => {
                *names = format!("{names}, {name}");
            }
            _ => groups.push((x, name.to_string())),
        }
        if let Some((x, names)) = groups.last() {
            end = x + width(names) / 2.0;
        }
    }
    for (x, names) in groups {
        let half = width(&names) / 2.0;
        let x = x.min(rect.max.x - half).max(from + half);
        from = x + half + 8.0;
        let at = Point::new(x, rect.max.y + 14.0);
        let text = Text::new(at, names, Font::Words, SECOND, Ink::Accent);
        canvas.push(text.align(Align::Center));
    }
}

fn more(canvas: &mut Canvas, count: usize, at: Point) {
    let text = t!("canvas-more", count = count);
    canvas.push(Text::new(at, text, Font::Mono, KEY, Ink::Soft).align(Align::Center));
}
