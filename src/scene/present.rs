//! What is drawn of a world whose clients come and go, and how what is there makes room for what comes.

use std::collections::BTreeSet;

use crate::broker::{Micros, PREDECLARED};
use crate::director::{Presence, Stage};
use crate::geometry::Rect;
use crate::topology::{NodeKey, Topology};
use crate::world::{LinkId, PublisherId, World};

use super::Plan;
use super::drawn::drawn;
use super::motion::ease;

impl Plan {
    /// Of a world whose clients come and go: what is not to be drawn at a moment that shows this, if that is not what is
    /// left out already.
    #[must_use]
    pub fn absent(&self, world: &World, stage: &Stage, at: Micros) -> Option<BTreeSet<NodeKey>> {
        let absent = absent(self.all.as_deref()?, stage, world, at);
        (absent != self.absent).then_some(absent)
    }

    /// Leaves that out. What was drawn before slides to its new place.
    pub fn leave_out(&mut self, absent: BTreeSet<NodeKey>, world: &World) {
        self.absent = absent;
        self.draw_anew(world);
    }

    /// Lays out what there is; what was there before slides to its new place.
    pub(super) fn draw_anew(&mut self, world: &World) {
        let Some(all) = self.all.clone() else {
            return;
        };
        let before = self.layout.clone();
        let mut plan = Self::made(
            world,
            drawn(all.without(&self.absent), self.part()),
            (self.made_of, std::mem::take(&mut self.by_hand)),
            std::mem::take(&mut self.pinned),
            Some(&before),
            std::mem::take(&mut self.room),
        );
        plan.absent = std::mem::take(&mut self.absent);
        plan.all = Some(all);
        let goal = plan.layout.clone();
        let moves = |(key, place): (&NodeKey, &Rect)| {
            let to = goal.nodes.get(key);
            to.is_some_and(|to| to.center() != place.center())
        };
        if before.nodes.iter().any(moves) || before.bounds != goal.bounds {
            plan.sliding = Some(Box::new((before, goal)));
            plan.slide(0.0);
        }
        plan.slides = self.slides + 1;
        *self = plan;
    }

    /// While things are on their way to their places: which time it is that they are.
    #[must_use]
    pub fn slides(&self) -> Option<u64> {
        self.sliding.as_ref().map(|_| self.slides)
    }

    /// Lets things be on their way to their places, of which a fraction from 0 to 1 is done.
    pub fn slide(&mut self, done: f32) {
        let Some(sliding) = self.sliding.take() else {
            return;
        };
        if done >= 1.0 {
            self.layout = sliding.1;
            return;
        }
        let (before, goal) = &*sliding;
        let topology = &self.topology;
        self.layout = goal.from_before(before, ease(done), |key| {
            let edge = topology.edge(key)?;
            Some((edge.from, edge.to))
        });
        self.sliding = Some(sliding);
    }
}

/// So long what has gone is still seen, and seen to be gone.
const LINGERING: Micros = Micros::from_secs(3);

/// What is not drawn of a world whose clients come and go: what is not there yet at a moment, and what has been gone for a
/// while.
pub(super) fn absent(
    topology: &Topology,
    stage: &Stage,
    world: &World,
    at: Micros,
) -> BTreeSet<NodeKey> {
    let is_absent = |presence: Presence| match presence {
        Presence::NotYet => true,
        Presence::Here => false,
        Presence::Gone { at: since, .. } => at >= since + LINGERING,
    };
    let link_is_absent = |link: Option<LinkId>| {
        let link = link.and_then(|link| stage.links.get(link.0 as usize));
        link.is_none_or(|link| {
            let ended = link.ended.as_ref().map(|ended| ended.at);
            !link.open && ended.is_none_or(|since| at >= since + LINGERING)
        })
    };
    let mut absent = BTreeSet::new();
    for node in topology.nodes() {
        let is = match node.key {
            NodeKey::Exchange(id) => {
                let now = stage.exchange_at(id, topology);
                let now = stage.exchanges.get(now.index());
                is_absent(now.map_or(Presence::NotYet, |it| it.presence))
            }
            NodeKey::Queue(id) => {
                let now = stage.queue_at(id, topology);
                let now = stage.queues.get(now.index());
                is_absent(now.map_or(Presence::NotYet, |it| it.presence))
            }
            NodeKey::Publisher(id) => {
                let now = stage.publishers.get(id as usize);
                let link = world.publisher(PublisherId(id)).map(|it| it.link);
                now.is_none_or(|it| it.published == 0) || link_is_absent(link)
            }
            NodeKey::Consumer(id) => {
                let now = stage.consumers.get(id.0 as usize);
                let takes = now.is_some_and(|it| {
                    let left = it.left.is_some_and(|since| at < since + LINGERING);
                    it.consuming || it.asks || it.unacked > 0 || left
                });
                !takes || link_is_absent(world.worker(id).map(|it| it.link))
            }
            NodeKey::Users | NodeKey::Service(_) => false,
        };
        if is {
            absent.insert(node.key);
        }
    }
    // Those that are always there are of interest while somebody uses them.
    for node in topology.nodes() {
        if let NodeKey::Exchange(id) = node.key
            && id.index() < PREDECLARED.len()
        {
            let used = topology.edges().any(|edge| {
                let other = match (edge.from == node.key, edge.to == node.key) {
                    (true, _) => edge.to,
                    (_, true) => edge.from,
                    _ => return false,
                };
                !absent.contains(&other)
            });
            if !used {
                absent.insert(node.key);
            }
        }
    }
    absent
}
