//! What things are called in the picture, and what stands beneath them and at their lines.

use std::borrow::Cow;

use crate::broker::{Definitions, ExchangeId, Micros, Name, QueueId, QueueKind, Settings, Target};
use crate::director::Stage;
use crate::t;
use crate::topology::{Edge, EdgeKey, LeftOut, Lines, Node, NodeKey, Topology};
use crate::words::{binding_parts, exchange_traits, grouped, queue_traits, shown, span};
use crate::world::{MoverKind, Pace, Publisher, ServiceTime, Worker, World};

use super::plan::plan_node;

/// Between what sets a thing apart.
pub(super) const TRAIT_GAP: &str = " · ";
/// What the name of every direct reply-to address begins with (S16).
const REPLY_TO: &str = "amq.rabbitmq.reply-to.";

/// A queue's name as it stands in the picture: of a direct reply-to address what it is, since its rest says nothing to
/// anybody.
pub(super) fn queue_title(name: &Name) -> Cow<'_, str> {
    if name.starts_with(REPLY_TO) {
        Cow::Borrowed("reply-to")
    } else {
        shown(name)
    }
}

/// What sets a queue apart, where these settings hold.
pub(super) fn queue_caption(id: QueueId, settings: &Settings, world: &World) -> String {
    let Some(definition) = world.definitions().queue(id) else {
        return String::new();
    };
    let mut traits = queue_traits(definition, settings);
    // What may happen to all of it is said first, where there is room.
    traits.splice(..0, read_by(&Target::Queue(definition.name.clone()), world));
    traits.join(TRAIT_GAP)
}

/// An exchange's type, and what else sets it apart.
pub(super) fn exchange_caption(id: ExchangeId, world: &World) -> String {
    let Some(exchange) = world.definitions().exchange(id) else {
        return String::new();
    };
    let mut traits = exchange_traits(exchange);
    traits.extend(read_by(&Target::Exchange(exchange.name.clone()), world));
    traits.join(TRAIT_GAP)
}

/// The shovels and links of federation that read a thing (E48).
fn read_by(thing: &Target, world: &World) -> Vec<String> {
    let movers = world.movers_of(thing);
    movers
        .map(|mover| {
            let name = shown(&mover.name);
            match mover.kind {
                MoverKind::Shovel => t!("trait-shovel", name = name),
                MoverKind::Federation => t!("trait-federation", name = name),
            }
        })
        .collect()
}

/// How much of a node's lines is not drawn; nothing if all of them are.
pub(super) fn left_out(lines: Lines) -> Option<String> {
    let mut parts = Vec::new();
    if lines.bindings > 0 {
        parts.push(t!(
            "canvas-left-out",
            hidden = grouped(lines.bindings),
            count = lines.of,
            all = grouped(lines.of)
        ));
    }
    if lines.others > 0 {
        parts.push(t!(
            "canvas-left-out-lines",
            count = lines.others,
            grouped = grouped(lines.others)
        ));
    }
    (!parts.is_empty()).then(|| parts.join(TRAIT_GAP))
}

/// The default exchange is bound to each queue (E2). Of those that are there, how many of these bindings are not drawn,
/// since nobody uses them.
pub(super) fn implicit(
    topology: &Topology,
    world: &World,
    is_there: impl Fn(QueueId) -> bool,
) -> Lines {
    let queues = world.definitions().queues().iter();
    let queues = queues.filter(|queue| queue.kind != QueueKind::ReplyTo && is_there(queue.id));
    let of = queues.count();
    let is_drawn = |edge: &&Edge| {
        let NodeKey::Queue(id) = edge.to else {
            return false;
        };
        let queue = world.definitions().queue(id);
        let is_named = queue.is_some_and(|queue| queue.kind != QueueKind::ReplyTo);
        let lives = topology.lives(edge.to);
        let mut lives = lives.iter();
        is_named && lives.any(|life| matches!(life, NodeKey::Queue(id) if is_there(*id)))
    };
    let implicit = topology.edges();
    let implicit = implicit.filter(|edge| matches!(edge.key, EdgeKey::Implicit(_)));
    let drawn = implicit.filter(is_drawn);
    Lines {
        bindings: of.saturating_sub(drawn.count()),
        of,
        others: 0,
    }
}

/// Whether a queue is declared in a world.
pub(super) fn is_declared(queue: QueueId, world: &World) -> bool {
    let queue = world.definitions().queue(queue);
    queue.is_some_and(|queue| !queue.deleted)
}

/// What is not drawn of an exchange's lines at a moment: of one but the default exchange, what the plan leaves out.
pub(super) fn lines_at(
    id: ExchangeId,
    planned: Option<Lines>,
    topology: &Topology,
    stage: &Stage,
    world: &World,
) -> Lines {
    let planned = planned.unwrap_or_default();
    if id != Definitions::DEFAULT_EXCHANGE {
        return planned;
    }
    let is_there = |queue: QueueId| {
        let queue = stage.queues.get(queue.index());
        queue.is_some_and(|queue| queue.presence.is_here())
    };
    Lines {
        others: planned.others,
        ..implicit(topology, world, is_there)
    }
}

/// What is said at a line: of a binding, what its exchange compares messages by.
pub(super) fn said_at(key: EdgeKey, label: &Name, world: &World) -> Vec<String> {
    let definitions = world.definitions();
    match key {
        EdgeKey::Implicit(_) => vec![queue_title(label).into_owned()],
        EdgeKey::Binding(id) => definitions
            .binding(id)
            .and_then(|binding| {
                let kind = definitions.exchange(binding.source)?.rule;
                Some(binding_parts(kind, &binding.key, &binding.arguments))
            })
            .unwrap_or_default(),
        EdgeKey::DeadLetter { .. } if !label.is_empty() => vec![shown(label).into_owned()],
        // An empty key is a key (D3).
        EdgeKey::DeadLetter { queue, .. } => {
            let queue = world.broker().queue(queue);
            let key = queue.and_then(|queue| queue.settings.dead_letter_key.as_deref());
            key.iter().map(|key| shown(key).into_owned()).collect()
        }
        EdgeKey::Publish { .. }
        | EdgeKey::Consume(_)
        | EdgeKey::Alternate(_)
        | EdgeKey::Onward { .. }
        | EdgeKey::Call { .. } => Vec::new(),
    }
}

/// How many bindings lead beside the one at which this stands.
pub(super) fn beside(count: usize) -> String {
    t!(
        "canvas-more-bindings",
        count = count,
        grouped = grouped(count)
    )
}

/// What is said at a line where there is no picture to tell its kind.
#[must_use]
pub fn edge_words(edge: &Edge, left_out: &LeftOut, world: &World) -> Vec<String> {
    let mut words = match edge.key {
        EdgeKey::DeadLetter { .. } => vec![t!("dot-dead-letter")],
        EdgeKey::Alternate(_) => vec![t!("dot-alternate")],
        _ => Vec::new(),
    };
    words.extend(said_at(edge.key, &edge.label, world));
    let more = left_out.beside.get(&edge.key);
    words.extend(more.map(|&count| beside(count)));
    words
}

/// What stands at a node in the picture: its name, what sets it apart, and what is left out of its lines.
#[must_use]
pub fn node_words(
    node: &Node,
    topology: &Topology,
    left_out: &LeftOut,
    world: &World,
) -> Vec<String> {
    // Of what was declared anew, what it is now.
    let lives = topology.lives(node.key);
    let now = lives.last().copied().unwrap_or(node.key);
    let plan = plan_node(now, &node.name, node.kind, world);
    let mut lines = left_out.at.get(&node.key).copied().unwrap_or_default();
    if node.key == NodeKey::Exchange(Definitions::DEFAULT_EXCHANGE) {
        lines = Lines {
            others: lines.others,
            ..implicit(topology, world, |id| is_declared(id, world))
        };
    }
    let words = [plan.title.to_string(), plan.subtitle.to_string()];
    let words = words.into_iter().chain(self::left_out(lines));
    words.filter(|words| !words.is_empty()).collect()
}

/// When a publisher publishes, in words.
#[must_use]
pub fn pace(publisher: &Publisher) -> String {
    match &publisher.pace {
        _ if publisher.publications().is_empty() => t!("pace-hand"),
        Pace::Even { every, .. } => t!("pace-even", every = span(*every)),
        Pace::Random { every, .. } => t!("pace-random", every = span(*every)),
        Pace::Burst {
            every,
            size,
            gap: Micros::ZERO,
            ..
        } => t!("pace-burst", size = *size, every = span(*every)),
        Pace::Burst { every, size, .. } => {
            t!("pace-burst-row", size = *size, every = span(*every))
        }
        Pace::Script => t!("pace-script"),
    }
}

/// How long a consumer works on a message, in words.
#[must_use]
pub fn service(worker: &Worker) -> String {
    service_time(worker.setup.service)
}

/// How long work takes, in words.
#[must_use]
pub fn service_time(time: ServiceTime) -> String {
    match time {
        ServiceTime::Fixed(time) => t!("service-fixed", span = span(time)),
        ServiceTime::Between(least, most) => {
            t!("service-between", least = span(least), most = span(most))
        }
        ServiceTime::Random(mean) => t!("service-random", mean = span(mean)),
    }
}
