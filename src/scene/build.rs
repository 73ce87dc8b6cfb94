//! The picture of one moment.

use std::collections::BTreeMap;

use crate::broker::{MessageId, Micros, Name};
use crate::director::{Flight, MIN_HOP, Moment, Spot, Stage};
use crate::geometry::{Point, Rect};
use crate::history::History;
use crate::topology::{EdgeKey, NodeKey};
use crate::words::message_label;
use crate::world::http::{OrderId, order_of};

use super::draw;
use super::plan::Plan;
use super::{Scene, Shape, Token};

/// Something in the picture that can be pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A publisher, exchange, queue or consumer.
    Node(NodeKey),
    /// A line.
    Edge(EdgeKey),
    /// A message.
    Message(MessageId),
    /// An order, wherever something of it is.
    Order(OrderId),
}

/// Where something can be pointed at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// What.
    pub target: Target,
    /// Where, in world units.
    pub rect: Rect,
}

/// What is to be drawn apart.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// What is selected.
    pub selected: Option<Target>,
    /// Edges to mark besides: those an event is about.
    pub edges: Vec<EdgeKey>,
    /// Tokens appear half-way instead of travelling.
    pub reduced_motion: bool,
    /// Connections and channels are framed.
    pub connections: bool,
    /// Of what is compared: how long a hop is seen at least.
    pub echo: Micros,
}

impl Default for View {
    /// Nothing is drawn apart, and tokens travel as they do where time passes as in life.
    fn default() -> Self {
        Self {
            selected: None,
            edges: Vec::new(),
            reduced_motion: false,
            connections: false,
            echo: MIN_HOP,
        }
    }
}

/// A scene, and where in it things can be pointed at.
#[derive(Clone, Debug)]
pub struct Picture {
    /// What is seen.
    pub scene: Scene,
    /// What can be pointed at, the topmost last.
    pub hits: Vec<Hit>,
}

impl Picture {
    /// What is at a point, the topmost first; edges count within a few units of their line.
    #[must_use]
    pub fn at(&self, plan: &Plan, point: Point) -> Option<Target> {
        let hit = self.hits.iter().rev().find(|hit| hit.rect.contains(point));
        hit.map(|hit| hit.target)
            .or_else(|| edge_at(plan, point).map(Target::Edge))
    }
}

fn edge_at(plan: &Plan, point: Point) -> Option<EdgeKey> {
    const NEAR: f32 = 7.0;
    let distance = |points: &[Point]| {
        points
            .windows(2)
            .map(|pair| distance_to_segment(point, pair[0], pair[1]))
            .fold(f32::INFINITY, f32::min)
    };
    let routes = plan.layout.edges.iter();
    routes
        .map(|(&key, route)| {
            let on_pill = route.label.is_some_and(|label| label.contains(point));
            (
                key,
                if on_pill {
                    0.0
                } else {
                    distance(route.points())
                },
            )
        })
        .filter(|&(_, distance)| distance <= NEAR)
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(key, _)| key)
}

fn distance_to_segment(point: Point, from: Point, to: Point) -> f32 {
    let along = to - from;
    let length = along.length();
    if length == 0.0 {
        return point.distance(from);
    }
    let offset = point - from;
    let fraction = (offset.x * along.x + offset.y * along.y) / (length * length);
    point.distance(from.lerp(to, fraction.clamp(0.0, 1.0)))
}

/// All that drawing looks at.
pub(super) struct Canvas<'a> {
    pub(super) plan: &'a Plan,
    pub(super) stage: &'a Stage,
    pub(super) history: &'a History,
    pub(super) at: Micros,
    pub(super) view: View,
    /// The drawn edges that are streams, forwards or backwards, each with how many set out on it in a second.
    pub(super) flows: BTreeMap<(EdgeKey, bool), u32>,
    /// What is on its way and seen by itself: where, and on which drawn edge. Of a stream backwards, one stands for all.
    pub(super) moving: Vec<(&'a Flight, Spot, EdgeKey)>,
    pub(super) shapes: Vec<Shape>,
    pub(super) hits: Vec<Hit>,
}

impl Canvas<'_> {
    pub(super) fn push(&mut self, shape: impl Into<Shape>) {
        self.shapes.push(shape.into());
    }

    /// A message's token and what it is called.
    pub(super) fn label(&self, message: MessageId) -> (Token, Name) {
        let (token, _) = token_of(self.plan, self.history, message);
        (token, label(self.history, message))
    }

    pub(super) fn is_selected(&self, target: Target) -> bool {
        self.view.selected == Some(target)
    }

    /// Draws a message's token, with a ring round it if the message is selected.
    pub(super) fn token(&mut self, message: MessageId, center: Point, radius: f32, opacity: f32) {
        let (token, target) = token_of(self.plan, self.history, message);
        self.pointed(token, target, center, radius, opacity);
    }

    /// Draws an order's token in the same way.
    pub(super) fn order(&mut self, order: OrderId, center: Point, radius: f32, opacity: f32) {
        let token = self.plan.tokens.of_order(order);
        self.pointed(token, Target::Order(order), center, radius, opacity);
    }

    fn pointed(&mut self, token: Token, target: Target, center: Point, radius: f32, opacity: f32) {
        if self.is_selected(target) {
            let ring = super::Stroke::new(super::Ink::Accent, 2.0);
            self.push(Shape::circle(center, radius + 5.0, None, ring));
        }
        super::token_shapes(token, center, radius, opacity, &mut self.shapes);
        self.hits.push(Hit {
            target,
            rect: Rect::from_center_size(center, 2.0 * radius + 4.0, 2.0 * radius + 4.0),
        });
    }
}

fn label(history: &History, message: MessageId) -> Name {
    let publication = history.message(message);
    let label = publication.map(|publication| message_label(publication, history.head()));
    label.unwrap_or_default()
}

/// The token a message is drawn as, and what is selected with it: its order, where users come with orders.
pub(super) fn token_of(plan: &Plan, history: &History, message: MessageId) -> (Token, Target) {
    let users = history.head().http().users.as_ref();
    let order = users.and_then(|_| order_of(history.message(message)?));
    match order {
        Some(order) => (plan.tokens.of_order(order), Target::Order(order)),
        None => {
            let label = label(history, message);
            (plan.tokens.token(&label), Target::Message(message))
        }
    }
}

/// Draws a moment. The same moment of the same history always gives the same picture.
#[must_use]
pub fn build(plan: &Plan, stage: &Stage, history: &History, moment: Moment, view: View) -> Picture {
    let mut canvas = Canvas {
        plan,
        stage,
        history,
        at: moment.at,
        view,
        flows: BTreeMap::new(),
        moving: Vec::new(),
        shapes: Vec::with_capacity(512),
        hits: Vec::with_capacity(128),
    };
    canvas.flows = draw::flows(&canvas);
    canvas.moving = draw::moving(&canvas);
    draw::edges(&mut canvas);
    draw::frames(&mut canvas);
    draw::nodes(&mut canvas);
    draw::flights(&mut canvas);
    draw::outcomes(&mut canvas);
    draw::fading(&mut canvas);
    draw::broker(&mut canvas);
    Picture {
        scene: Scene {
            bounds: plan.bounds(canvas.view.connections),
            shapes: canvas.shapes,
        },
        hits: canvas.hits,
    }
}
