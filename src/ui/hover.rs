//! What is under the pointer, explained in place.

use crate::app::Run;
use crate::broker::{QueueKind, Throttle};
use crate::director::{LinkStage, Presence, QueueStage, Stage};
use crate::scene::{Show, Target, service_time};
use crate::t;
use crate::topology::{EdgeKey, NodeKey};
use crate::words::{
    Sign, binding_label, conditions, exchange_name, message_label, order_name, shown,
};
use crate::world::http::ServiceId;
use crate::world::{LinkId, PublisherId, WorkerId, World};

/// What a thing is and what its signs mean; nothing where there is nothing to add to what is seen.
pub(super) fn text(run: &Run, target: Target) -> Option<String> {
    let (show, stage) = (&run.show, run.stage());
    let world = show.history().head();
    let lines = match target {
        Target::Message(message) => {
            let label = message_label(show.history().message(message)?, world);
            vec![t!(
                "hover-message",
                number = message.0,
                label = label.as_str()
            )]
        }
        Target::Edge(edge) => edge_lines(show, stage, edge, world)?,
        Target::Node(NodeKey::Queue(id)) => {
            let id = stage.queue_at(id, &show.plan.topology);
            queue_lines(stage.queues.get(id.index())?, id, world)?
        }
        Target::Node(NodeKey::Exchange(id)) => {
            let id = stage.exchange_at(id, &show.plan.topology);
            let exchange = world.definitions().exchange(id)?;
            let now = stage.exchanges.get(id.index());
            let mut lines = absent(now.map(|it| it.presence).unwrap_or_default());
            if exchange.auto_delete {
                lines.push(Sign::AutoDelete.meaning());
            }
            if exchange.internal {
                lines.push(t!("hover-internal"));
            }
            if let Some(alternate) = now.and_then(|it| it.alternate.as_ref()) {
                lines.push(t!("hover-alternate", exchange = exchange_name(alternate)));
            }
            lines
        }
        Target::Node(NodeKey::Publisher(index)) => {
            let link = world.publisher(PublisherId(index))?.link;
            let mut lines = hindrances(stage, link);
            let waiting = link_stage(stage, link).map_or(0, |link| link.waiting.len());
            if waiting > 0 {
                lines.push(t!("hover-socket", count = waiting));
            }
            lines
        }
        Target::Node(NodeKey::Consumer(id)) => consumer_lines(stage, id, world)?,
        Target::Order(order) => vec![order_name(order)],
        Target::Node(NodeKey::Users) => {
            let waiting = stage.users.waiting.len();
            vec![t!("hover-users", waiting = waiting)]
        }
        Target::Node(NodeKey::Service(id)) => service_lines(stage, id, world)?,
    };
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn edge_lines(show: &Show, stage: &Stage, edge: EdgeKey, world: &World) -> Option<Vec<String>> {
    let topology = &show.plan.topology;
    let mut lines = match edge {
        EdgeKey::Binding(id) => {
            let definitions = world.definitions();
            let binding = definitions.binding(id)?;
            let kind = definitions.exchange(binding.source)?.rule;
            let label = binding_label(kind, &binding.key, &binding.arguments);
            label.into_iter().collect()
        }
        EdgeKey::DeadLetter { .. } => vec![Sign::DeadLetter.meaning()],
        EdgeKey::Alternate(_) => vec![Sign::Alternate.meaning()],
        EdgeKey::Onward { .. } => {
            let edge = topology.edge(edge)?;
            let name = |node| topology.node(node).map(|node| &*node.name);
            let from = shown(name(edge.from)?);
            let to = exchange_name(name(edge.to)?);
            vec![t!("edge-publish", from = from, to = to)]
        }
        EdgeKey::Call { .. } => {
            let edge = topology.edge(edge)?;
            let name = |node| topology.node(node).map(|node| shown(&node.name));
            vec![t!(
                "edge-call",
                from = name(edge.from)?,
                to = name(edge.to)?
            )]
        }
        EdgeKey::Publish { .. } | EdgeKey::Implicit(_) | EdgeKey::Consume(_) => Vec::new(),
    };
    if !stage.is_open(edge, topology) {
        lines.push(match edge {
            EdgeKey::Call { .. } => t!("hover-unreachable"),
            _ => t!("hover-closed"),
        });
    }
    Some(lines)
}

/// What a service's squares mean, and what is the matter with it.
fn service_lines(stage: &Stage, id: ServiceId, world: &World) -> Option<Vec<String>> {
    let service = stage.services.get(id.0 as usize)?;
    let setup = &world.http().service(id)?.setup;
    let mut lines = vec![t!(
        "hover-service",
        time = service_time(setup.time),
        held = service.held(),
        all = service.workers.len()
    )];
    lines.extend(conditions(&service.condition, service.since));
    if !service.waiting.is_empty() {
        lines.push(t!("hover-backlog", count = service.waiting.len()));
    }
    Some(lines)
}

fn queue_lines(
    stage: &QueueStage,
    id: crate::broker::QueueId,
    world: &World,
) -> Option<Vec<String>> {
    let definition = world.definitions().queue(id)?;
    let settings = &stage.settings;
    let mut lines = absent(stage.presence);
    let mut signs = Vec::new();
    match definition.kind {
        QueueKind::Quorum => signs.push(Sign::Quorum),
        QueueKind::Stream => {
            signs.push(Sign::Stream);
            if !stage.readers.is_empty() {
                signs.push(Sign::Position);
            }
        }
        QueueKind::Classic | QueueKind::ReplyTo => {}
    }
    if definition.exclusive {
        signs.push(Sign::Exclusive);
    } else if !definition.durable {
        signs.push(Sign::Transient);
    }
    if definition.auto_delete {
        signs.push(Sign::AutoDelete);
    }
    let limited = settings.max_length.or(settings.max_bytes).is_some();
    if limited && definition.kind != QueueKind::Stream {
        signs.push(Sign::Fill);
    }
    if settings.max_priority.is_some() {
        signs.push(Sign::Lanes);
    }
    if stage.ready.iter().any(|bead| bead.ttl.is_some()) {
        signs.push(Sign::Ttl);
    }
    if stage.ready.iter().any(|bead| bead.redelivered) {
        signs.push(Sign::Redelivered);
    }
    lines.extend(signs.into_iter().map(Sign::meaning));
    Some(lines)
}

fn consumer_lines(stage: &Stage, id: WorkerId, world: &World) -> Option<Vec<String>> {
    let worker = world.worker(id)?;
    let consumer = stage.consumers.get(id.0 as usize)?;
    let mut lines = hindrances(stage, worker.link);
    if consumer.active {
        lines.push(Sign::Active.meaning());
    } else if consumer.consuming && waits_its_turn(worker.setup.queue.as_str(), world) {
        lines.push(t!("hover-waits-its-turn"));
    }
    if worker.setup.ack && worker.setup.prefetch > 0 {
        lines.push(Sign::Prefetch.meaning());
    }
    Some(lines)
}

/// Whether a consumer that is not active waits: its queue has a single active one (Q43).
pub(super) fn waits_its_turn(queue: &str, world: &World) -> bool {
    let queue = world.definitions().queue_named(queue);
    let queue = queue.and_then(|id| world.broker().queue(id));
    queue.is_some_and(|queue| queue.settings.single_active)
}

fn absent(presence: Presence) -> Vec<String> {
    let here = presence.is_here();
    (!here)
        .then(|| Sign::Absent.meaning())
        .into_iter()
        .collect()
}

fn link_stage(stage: &Stage, link: LinkId) -> Option<&LinkStage> {
    stage.links.get(link.0 as usize)
}

/// Why an actor cannot do what it would.
fn hindrances(stage: &Stage, link: LinkId) -> Vec<String> {
    let Some(link) = link_stage(stage, link) else {
        return Vec::new();
    };
    if !link.open || !link.channel {
        return vec![t!("hover-disconnected")];
    }
    match link.throttle {
        Throttle::Running => Vec::new(),
        Throttle::Blocking => vec![t!("hover-blocking")],
        Throttle::Blocked => vec![Sign::Blocked.meaning()],
        Throttle::Flow => vec![Sign::Flow.meaning()],
    }
}
