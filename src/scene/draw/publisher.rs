//! A publisher: a tag that points right.

use crate::broker::Throttle;
use crate::director::LinkStage;
use crate::geometry::{Point, Rect};
use crate::scene::build::Canvas;
use crate::scene::caption::TRAIT_GAP;
use crate::scene::plan::{NAME, NodePlan, SECOND};
use crate::scene::{Align, Dash, Fill, Font, Ink, Shape, Text};
use crate::t;
use crate::topology::NodeKey;
use crate::world::{Author, PublisherId};

/// From one line beneath a publisher to the next.
pub(super) const LINE: f32 = 18.0;

pub(super) fn draw(canvas: &mut Canvas, key: NodeKey, rect: Rect, node: &NodePlan) {
    let tip = rect.height() / 2.0;
    let shoulder = rect.max.x - tip * 0.9;
    let link = node
        .link
        .and_then(|link| canvas.stage.links.get(link.0 as usize));
    let mut stroke = super::outline(canvas, key);
    if link.is_some_and(|link| !link.open || !link.channel) {
        stroke = stroke.dash(Dash::Dashed);
    }
    canvas.push(Shape::polygon(
        [
            rect.min,
            Point::new(shoulder, rect.min.y),
            Point::new(rect.max.x, rect.center().y),
            Point::new(shoulder, rect.max.y),
            Point::new(rect.min.x, rect.max.y),
        ],
        Fill::new(Ink::Card),
        stroke,
    ));
    let middle = Point::new((rect.min.x + shoulder) / 2.0 + 4.0, rect.center().y);
    let above = middle - Point::new(0.0, 9.0);
    let name = Text::new(
        above,
        node.title.clone(),
        Font::WordsStrong,
        NAME,
        Ink::Text,
    );
    canvas.push(name.align(Align::Center));
    let below = middle + Point::new(0.0, 11.0);
    let (text, ink) = match link.and_then(hindrance) {
        // A program that is done has gone, and all is well.
        Some(text) if node.outside && link.is_some_and(|link| !link.open) => {
            (text.into(), Ink::Soft)
        }
        Some(text) => (text.into(), Ink::Warning),
        None => (node.subtitle.clone(), Ink::Soft),
    };
    canvas.push(Text::new(below, text, Font::Words, SECOND, ink).align(Align::Center));
    if let (NodeKey::Publisher(index), Some(link)) = (key, link)
        && !super::outcome::is_ending(canvas, key)
    {
        let mut at = Point::new(rect.min.x, rect.max.y + 14.0);
        for (text, ink) in told(canvas, index, link) {
            canvas.push(Text::new(at, text, Font::Words, SECOND, ink));
            at.y += LINE;
        }
    }
}

/// Why a publisher's messages do not get into the broker (F1, F3, C13).
fn hindrance(link: &LinkStage) -> Option<String> {
    if !link.open {
        return Some(t!("canvas-disconnected"));
    }
    if !link.channel {
        return Some(t!("canvas-no-channel")); // C1
    }
    match link.throttle {
        Throttle::Blocked => Some(t!("canvas-blocked")),
        Throttle::Flow => Some(t!("canvas-flow")),
        Throttle::Running | Throttle::Blocking => None,
    }
}

/// What waits of a publisher's messages; or what it was told of them: what was taken, and below it what was not.
fn told(canvas: &Canvas, index: u32, link: &LinkStage) -> Vec<(String, Ink)> {
    if !link.waiting.is_empty() {
        let text = t!("canvas-waiting", count = link.waiting.len());
        return vec![(text, Ink::Warning)];
    }
    if !link.held.is_empty() {
        let text = t!("canvas-held-publishes", count = link.held.len());
        return vec![(text, Ink::Soft)];
    }
    let Some(publisher) = canvas.stage.publishers.get(index as usize) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let open = link.unconfirmed_of(Author::Publisher(PublisherId(index)));
    if publisher.confirmed > 0 || open > 0 {
        let confirmed = publisher.confirmed;
        let text = t!("canvas-confirms", confirmed = confirmed, open = open);
        lines.push((text, Ink::Soft));
    }
    let mut back = Vec::new();
    if publisher.nacked > 0 {
        back.push(t!("canvas-nacked", count = publisher.nacked));
    }
    if publisher.returned > 0 {
        back.push(t!("canvas-returned", count = publisher.returned));
    }
    if !back.is_empty() {
        let ink = if publisher.nacked > 0 {
            Ink::Warning
        } else {
            Ink::Soft
        };
        lines.push((back.join(TRAIT_GAP), ink));
    }
    lines
}
