//! The still part of the picture: what stands where, and the words that do not change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::broker::{
    Definitions, ExchangeId, ExchangeKind, Micros, Name, Operation, QueueKind, Settings, Value,
};
use crate::director::Director;
use crate::geometry::{Point, Rect};
use crate::layout::{self, EdgeRequest, LabelSize, Layout, NodeSize, Request, Spacing};
use crate::t;
use crate::topology::{EdgeKey, LeftOut, Lines, NodeKey, Part, Topology, Ways};
use crate::words::{shown, span};
use crate::world::{Author, Deed, Due, LinkId, World};

use super::caption::{
    self, TRAIT_GAP, exchange_caption, pace, queue_caption, queue_title, said_at, service,
};
use super::draw::workers;
use super::drawn::{Drawn, PART_MOST, drawn};
use super::measure::{elide, text_width};
use super::{Font, Sign, Tokens};

/// Sizes of type, in world units.
pub(super) const NAME: f32 = 16.0;
pub(super) const SECOND: f32 = 12.5;
pub(super) const KEY: f32 = 12.0;

const EXCHANGE_RADIUS: f32 = 46.0;
const NARROW_EXCHANGE_RADIUS: f32 = 34.0;
const QUEUE_HEIGHT: f32 = 60.0;
const NARROW_QUEUE_HEIGHT: f32 = 52.0;
const SERVICE_HEIGHT: f32 = 64.0;
/// A place for one message in a queue.
pub(super) const SLOT: f32 = 21.0;
const NARROW_SLOT: f32 = 18.0;
/// The tray behind the dotted line, where the unacked stand.
const TRAY: f32 = 79.0;
const NARROW_TRAY: f32 = 66.0;
/// A pill of one line; each further line adds [`PILL_LINE`].
pub(super) const PILL_HEIGHT: f32 = 24.0;
pub(super) const PILL_LINE: f32 = 15.0;
/// What a pill is wider than its words.
pub(super) const PILL_SIDES: f32 = 24.0;
/// The room of what is said beneath an exchange's own words.
const NOTE: f32 = 16.0;
/// The room of a line beneath a node.
const CAPTION: f32 = 22.0;
const PILL_LINES_MAX: usize = 5;
/// Wider ones would make the picture of a lesson too wide for a small projector.
const PILL_WIDTH_MAX: f32 = 140.0;

/// What stands where, and the words that do not change while a scenario runs.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The graph that is drawn: all of it or, of one too large to be looked at, a part.
    pub topology: Topology,
    /// Where everything is.
    pub layout: Layout,
    /// The token of each message.
    pub tokens: Tokens,
    pub(super) nodes: BTreeMap<NodeKey, NodePlan>,
    pub(super) pills: BTreeMap<EdgeKey, Vec<Arc<str>>>,
    request: Request,
    pub(super) pinned: BTreeMap<NodeKey, Point>,
    /// What the definitions and the ways of the dead were when it was made.
    pub(super) made_of: MadeOf,
    /// Where messages went that nothing in the setup sends there: a hand did.
    pub(super) by_hand: BTreeSet<(Author, ExchangeId)>,
    /// All of the graph, and which part of it is drawn, where that is not all.
    part: Option<(Arc<Topology>, Part)>,
    /// What there is room for.
    pub(super) room: Room,
    /// What is not drawn of the lines of what is drawn.
    left_out: LeftOut,
    /// Of a world whose clients come and go: what is not drawn of it now, and all of its graph.
    pub(super) absent: BTreeSet<NodeKey>,
    pub(super) all: Option<Arc<Topology>>,
    /// While things slide to their places: where they were, and where they are going to be.
    pub(super) sliding: Option<Box<(Layout, Layout)>>,
    /// How often that began.
    pub(super) slides: u64,
}

/// What there is room for, whether it is seen now or not: a picture of another moment may show it.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    /// Above everything, for what is said of the broker as a whole, since a script will have it said.
    head: bool,
    /// Beneath queues of which a policy's words were ever said.
    words: BTreeSet<NodeKey>,
}

impl Room {
    fn for_words(&mut self, key: NodeKey, plan: &mut NodePlan) {
        if !plan.subtitle.is_empty() || plan.left_out.is_some() {
            self.words.insert(key);
        }
        plan.has_caption = self.words.contains(&key);
    }
}

/// A node's unchanging words.
#[derive(Clone, Debug)]
pub(super) struct NodePlan {
    pub(super) title: Arc<str>,
    pub(super) subtitle: Arc<str>,
    pub(super) sign: Option<Sign>,
    /// A consumer's most unacked deliveries; none if it knows no limit.
    pub(super) prefetch: Option<u16>,
    pub(super) no_ack: bool,
    /// What held for a queue when it was given these words.
    pub(super) settings: Arc<Settings>,
    /// Whether there is room for a queue's words beneath it.
    has_caption: bool,
    /// What is not drawn of its lines.
    pub(super) left_out: Option<Lines>,
    /// Whether a queue is a stream.
    pub(super) is_stream: bool,
    /// The actor's connection.
    pub(super) link: Option<LinkId>,
    /// Whether it has to do with little room: what is compared shares the window.
    pub(super) is_narrow: bool,
    /// How many things a service or a consumer works on at once.
    pub(super) workers: usize,
    /// How many lines tell what a publisher was told of its messages.
    pub(super) told_lines: u8,
    /// Whether it is a program outside, which comes and goes as it likes.
    pub(super) outside: bool,
}

impl NodePlan {
    /// How wide a message's place in a queue is.
    pub(super) fn slot(&self) -> f32 {
        if self.is_narrow { NARROW_SLOT } else { SLOT }
    }

    /// How wide the tray of a queue is.
    pub(super) fn tray(&self) -> f32 {
        if self.is_narrow { NARROW_TRAY } else { TRAY }
    }
}

/// What a plan is made of, as far as that changes: definitions, the ways of the dead, who takes part, and where those
/// publish of whom nobody knew it beforehand.
pub(super) type MadeOf = (u64, usize, usize);

fn made_of(world: &World, ways: usize) -> MadeOf {
    let aims = world.publishers().iter().filter_map(|it| it.aims.as_ref());
    let aims = aims.map(|aims| aims.exchanges.len() + aims.queues.len());
    let cast = world.publishers().len() + world.workers().len() + world.links().len();
    (
        world.definitions().generation(),
        ways,
        cast + aims.sum::<usize>(),
    )
}

impl Plan {
    /// Around everything that is drawn, the frames of connections too if they are.
    pub fn bounds(&self, connections: bool) -> Rect {
        let room = if connections { FRAME_ROOM } else { 0.0 };
        self.layout.bounds.expand(room)
    }

    /// Lays a world out.
    #[must_use]
    pub fn new(world: &World) -> Self {
        let head = world
            .upcoming()
            .into_iter()
            .any(|coming| match &coming.due {
                Due::Do(deed) => matches!(
                    &**deed,
                    Deed::Operate(Operation::Stop { .. } | Operation::RaiseAlarm(_))
                ),
                _ => false,
            });
        let room = Room {
            head,
            ..Room::default()
        };
        let made_of = made_of(world, Ways::of(world).count());
        let ways = (made_of, BTreeSet::new());
        let topology = Topology::of(world);
        if world.is_live() {
            let all = Some(Arc::new(topology));
            let nothing = (Topology::new(), None);
            let mut plan = Self::made(world, nothing, ways, BTreeMap::new(), None, room);
            plan.all = all;
            return plan;
        }
        let (topology, part) = drawn(topology, None);
        Self::made(world, (topology, part), ways, BTreeMap::new(), None, room)
    }

    /// Lays the world out anew if there is anything new in it; what was there before keeps its order, and stays where
    /// a hand put it.
    pub fn keep_up(&mut self, world: &World, director: &Director) {
        let ways = director.letters().count() + director.ways().count();
        let made_of = made_of(world, ways);
        let is_known = |&(author, exchange): &(Author, ExchangeId)| {
            let all = self.all.as_deref().unwrap_or(self.whole());
            self.by_hand.contains(&(author, exchange)) || all.is_publishing(author, exchange)
        };
        let went = director.sent_to().filter(|way| self.by_hand.contains(way));
        if self.made_of == made_of
            && director.sent_to().all(|way| is_known(&way))
            && went.count() == self.by_hand.len()
        {
            return;
        }
        let mut topology = Topology::with(world, director.ways());
        for (queue, exchange) in director.letters() {
            topology.add_letter(queue, exchange, Name::default());
        }
        let sent_to = director.sent_to();
        let by_hand = sent_to.filter(|&(author, to)| topology.add_publishing(author, to));
        let by_hand = by_hand.collect();
        if self.all.is_some() {
            self.all = Some(Arc::new(topology));
            (self.made_of, self.by_hand) = (made_of, by_hand);
            self.draw_anew(world);
            return;
        }
        let part = self.part();
        *self = Self::made(
            world,
            drawn(topology, part),
            (made_of, by_hand),
            std::mem::take(&mut self.pinned),
            Some(&self.layout),
            std::mem::take(&mut self.room),
        );
    }

    /// Draws what is around a node instead: so many of its neighbours.
    pub fn look_around(&mut self, center: NodeKey, most: usize, world: &World) {
        let whole = match &self.part {
            Some((whole, _)) => whole.clone(),
            None => Arc::new(self.topology.clone()),
        };
        let (topology, part) = whole.around(center, most.min(PART_MOST));
        let ways = (self.made_of, std::mem::take(&mut self.by_hand));
        let pinned = std::mem::take(&mut self.pinned);
        let room = std::mem::take(&mut self.room);
        let drawn = (topology, Some((whole, part)));
        *self = Self::made(world, drawn, ways, pinned, None, room);
    }

    /// All of the graph, drawn or not.
    #[must_use]
    pub fn whole(&self) -> &Topology {
        self.part
            .as_ref()
            .map_or(&self.topology, |(whole, _)| whole)
    }

    /// What is not drawn of the lines of what is drawn.
    #[must_use]
    pub fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// What is said at a line, in the lines in which it stands there.
    #[must_use]
    pub fn words_at(&self, edge: EdgeKey) -> &[Arc<str>] {
        self.pills.get(&edge).map_or(&[], |pill| pill)
    }

    /// Which part of the graph is drawn, if it is not all of it.
    #[must_use]
    pub fn part(&self) -> Option<Part> {
        self.part.as_ref().map(|&(_, part)| part)
    }

    pub(super) fn made(
        world: &World,
        (topology, part): Drawn,
        (made_of, by_hand): (MadeOf, BTreeSet<(Author, ExchangeId)>),
        pinned: BTreeMap<NodeKey, Point>,
        before: Option<&Layout>,
        mut room: Room,
    ) -> Self {
        // Between rows there is room for the ways of the dead, and of what consumers publish.
        let leads_back = topology.edges().any(|edge| {
            matches!(
                edge.key,
                EdgeKey::DeadLetter { .. } | EdgeKey::Onward { .. }
            )
        });
        // Answers run beside the lines they answer, and say what they are.
        let is_call = |key| matches!(key, EdgeKey::Call { .. });
        let calls = topology.edges().filter(|edge| is_call(edge.key)).count();
        // Where there is a broker as well, it all has to fit half of the window.
        let calls_only = calls == topology.edges().count() && calls > 0;
        let column = match calls_only {
            true if topology.nodes().count() <= 4 => 110.0,
            true => 64.0,
            false if calls > 0 => 44.0,
            false => 84.0,
        };
        let left_out = match &part {
            Some((whole, _)) => whole.left_out_by(&topology),
            None => LeftOut::default(),
        };
        let mut nodes = BTreeMap::new();
        let mut request = Request {
            // Close enough that a lesson fits a small projector with letters that can be read.
            spacing: Spacing {
                row: match (leads_back, calls > 0) {
                    (true, false) => 48.0,
                    (true, true) => 14.0,
                    (false, true) => 12.0,
                    (false, false) => 26.0,
                },
                column,
                steep_column: column + 32.0,
                bend: if calls > 0 { 24.0 } else { 34.0 },
                label: if calls > 0 { 5.0 } else { 8.0 },
                ..Spacing::default()
            },
            ..Request::default()
        };
        for node in topology.nodes() {
            let mut plan = plan_node(node.key, &node.name, node.kind, world);
            plan.left_out = left_out.at.get(&node.key).copied();
            if let (NodeKey::Publisher(_) | NodeKey::Consumer(_), Some(lines)) =
                (node.key, plan.left_out)
            {
                let hidden = caption::left_out(lines).unwrap_or_default();
                plan.subtitle = format!("{}{TRAIT_GAP}{hidden}", plan.subtitle).into();
            }
            if node.key == NodeKey::Exchange(Definitions::DEFAULT_EXCHANGE) {
                let is_there = |queue| caption::is_declared(queue, world);
                let lines = caption::implicit(&topology, world, is_there);
                plan.left_out = plan.left_out.or((lines.bindings > 0).then_some(lines));
            }
            room.for_words(node.key, &mut plan);
            request.nodes.push((node.key, node_size(node.key, &plan)));
            nodes.insert(node.key, plan);
        }
        even_out(&mut request.nodes);
        let mut pills = BTreeMap::new();
        for edge in topology.edges() {
            let beside = left_out.beside.get(&edge.key).copied().unwrap_or_default();
            let pill = pill(edge.key, &edge.label, beside, world);
            request.edges.push(EdgeRequest {
                key: edge.key,
                from: edge.from,
                to: edge.to,
                label: pill_size(&pill),
            });
            pills.insert(edge.key, pill);
        }
        Self {
            layout: with_head_room(layout::layout(&request, &pinned, before), room.head),
            room,
            left_out,
            made_of,
            by_hand,
            part,
            tokens: Tokens::of(world),
            topology,
            nodes,
            pills,
            request,
            pinned,
            absent: BTreeSet::new(),
            all: None,
            sliding: None,
            slides: 0,
        }
    }

    /// Puts a node's middle where a hand dragged it; nothing else moves.
    pub fn pin(&mut self, node: NodeKey, at: Point) {
        self.pinned.insert(node, at);
        self.lay_out();
    }

    /// Puts every dragged node back where the layout has it.
    pub fn unpin_all(&mut self) {
        self.pinned.clear();
        self.lay_out();
    }

    /// Whether a hand moved anything.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        !self.pinned.is_empty()
    }

    fn lay_out(&mut self) {
        self.sliding = None;
        let layout = layout::layout(&self.request, &self.pinned, Some(&self.layout));
        self.layout = with_head_room(layout, self.room.head);
    }
}

/// The room round everything for what a frame and its name reach beyond it.
const FRAME_ROOM: f32 = 16.0;
/// The room above the canvas for what is said of the broker as a whole.
pub(super) const HEAD_ROOM: f32 = 46.0;

fn with_head_room(mut layout: Layout, wanted: bool) -> Layout {
    if wanted {
        layout.bounds.min.y -= HEAD_ROOM;
    }
    layout
}

pub(super) fn plan_node(
    key: NodeKey,
    name: &Name,
    kind: Option<ExchangeKind>,
    world: &World,
) -> NodePlan {
    let mut plan = NodePlan {
        title: shown(name).as_ref().into(),
        subtitle: "".into(),
        sign: None,
        prefetch: None,
        no_ack: false,
        settings: Arc::default(),
        has_caption: false,
        left_out: None,
        is_stream: false,
        link: None,
        is_narrow: world.http().users.is_some(),
        workers: 0,
        told_lines: 0,
        outside: false,
    };
    let outside = |link| world.link(link).is_some_and(|link| link.outside);
    match key {
        NodeKey::Publisher(index) => {
            if let Some(publisher) = world.publishers().get(index as usize) {
                plan.outside = outside(publisher.link);
                plan.subtitle = match plan.outside {
                    true => t!("program-outside").into(),
                    false => pace(publisher).into(),
                };
                plan.link = Some(publisher.link);
                plan.told_lines = match (publisher.confirms, publisher.mandatory) {
                    (true, _) => 2, // what was not taken has a line of its own
                    (false, mandatory) => u8::from(mandatory),
                };
            }
        }
        NodeKey::Exchange(Definitions::DEFAULT_EXCHANGE) => {
            plan.title = t!("canvas-default-exchange").into();
            plan.subtitle = match plan.is_narrow {
                true => t!("canvas-default-exchange-narrow").into(),
                false => t!("canvas-default-exchange-kind").into(),
            };
            plan.sign = Some(Sign::Default);
        }
        NodeKey::Exchange(id) => {
            let kind = kind.unwrap_or(ExchangeKind::Direct);
            let caption = exchange_caption(id, world);
            plan.subtitle = match plan.is_narrow {
                true => format!("{}{TRAIT_GAP}{caption}", plan.title).into(),
                false => caption.into(),
            };
            plan.sign = Some(match kind {
                ExchangeKind::Direct => Sign::Direct,
                ExchangeKind::Fanout => Sign::Fanout,
                ExchangeKind::Topic => Sign::Topic,
                ExchangeKind::Headers => Sign::Headers,
                ExchangeKind::LocalRandom | ExchangeKind::Random => Sign::Random,
                ExchangeKind::ModulusHash | ExchangeKind::ConsistentHash => Sign::Hash,
                ExchangeKind::RecentHistory => Sign::History,
                ExchangeKind::Delayed => Sign::Delay,
                ExchangeKind::Unknown => Sign::Unknown,
            });
        }
        NodeKey::Queue(id) => {
            let definition = world.definitions().queue(id);
            if let (Some(definition), Some(queue)) = (definition, world.broker().queue(id)) {
                plan.title = queue_title(name).as_ref().into();
                plan.subtitle = queue_caption(id, &queue.settings, world).into();
                plan.settings = queue.settings.clone();
                plan.is_stream = definition.kind == QueueKind::Stream;
            }
        }
        NodeKey::Consumer(id) => {
            if let Some(worker) = world.worker(id) {
                plan.link = Some(worker.link);
                plan.workers = worker.setup.workers as usize;
                plan.outside = outside(worker.link);
                let mut traits = vec![match plan.outside {
                    true => t!("program-outside"),
                    false => service(worker),
                }];
                // S9
                let priority = worker.setup.arguments.get("x-priority");
                if let Some(priority) = priority.and_then(Value::as_int) {
                    let priority = priority.to_string();
                    traits.push(t!("trait-consumer-priority", priority = priority));
                }
                plan.subtitle = traits.join(TRAIT_GAP).into();
                plan.no_ack = !worker.setup.ack;
                plan.prefetch = (worker.setup.prefetch > 0).then_some(worker.setup.prefetch);
            }
        }
        NodeKey::Users => {
            if let Some(users) = &world.http().users {
                plan.subtitle = shown(&users.setup.request).as_ref().into();
            }
        }
        NodeKey::Service(id) => {
            let service = world.http().service(id);
            plan.workers = service.map_or(0, |service| service.workers.len());
        }
    }
    plan
}

fn node_size(key: NodeKey, plan: &NodePlan) -> NodeSize {
    let title = text_width(&plan.title, Font::WordsStrong, NAME);
    let subtitle = text_width(&plan.subtitle, Font::Words, SECOND);
    let left_out = plan.left_out.and_then(caption::left_out);
    let left_out = left_out.map_or(0.0, |text| text_width(&text, Font::Words, SECOND));
    match key {
        NodeKey::Publisher(_) => NodeSize {
            width: (title.max(subtitle) + 52.0).max(120.0),
            height: 56.0,
            below: CAPTION * f32::from(plan.told_lines),
            ..NodeSize::default()
        },
        NodeKey::Exchange(_) if plan.is_narrow => NodeSize {
            width: 2.0 * NARROW_EXCHANGE_RADIUS,
            height: 2.0 * NARROW_EXCHANGE_RADIUS,
            above: 6.0,
            below: CAPTION,
            caption: subtitle,
        },
        NodeKey::Exchange(_) => NodeSize {
            width: 2.0 * EXCHANGE_RADIUS,
            height: 2.0 * EXCHANGE_RADIUS,
            above: 46.0,
            below: match plan.left_out {
                Some(_) => 66.0 + NOTE,
                None => 66.0,
            },
            caption: title.max(subtitle).max(left_out).max(110.0),
        },
        NodeKey::Queue(_) => {
            let counts = t!("canvas-queue-counts", ready = 888, unacked = 88);
            let counts = text_width(&counts, Font::Words, SECOND);
            // Name and counts stand side by side where there is room, else the counts beneath.
            if plan.is_narrow {
                let caption = title.max(counts);
                return NodeSize {
                    width: caption.max(180.0),
                    height: NARROW_QUEUE_HEIGHT,
                    above: CAPTION,
                    below: CAPTION,
                    caption,
                };
            }
            let caption = title + 20.0 + counts;
            NodeSize {
                width: caption.max(212.0),
                height: QUEUE_HEIGHT,
                above: 28.0,
                below: if plan.has_caption { CAPTION } else { 0.0 },
                caption,
            }
        }
        NodeKey::Consumer(_) if plan.is_narrow => service_size(plan, 4.0, CAPTION),
        NodeKey::Consumer(_) => NodeSize {
            width: 124.0,
            height: QUEUE_HEIGHT,
            above: 28.0,
            below: 22.0,
            caption: title.max(subtitle),
        },
        NodeKey::Users => NodeSize {
            width: (title.max(text_width(&plan.subtitle, Font::Mono, KEY)) + 36.0).max(96.0),
            height: SERVICE_HEIGHT,
            below: 50.0,
            caption: 150.0,
            ..NodeSize::default()
        },
        NodeKey::Service(_) => {
            let told = t!(
                "canvas-try",
                timeout = span(Micros::from_secs(2)),
                number = 1
            );
            NodeSize {
                caption: text_width(&told, Font::Words, SECOND),
                ..service_size(plan, 10.0, 40.0)
            }
        }
    }
}

/// A service, on either side, with so much room above and below.
fn service_size(plan: &NodePlan, above: f32, below: f32) -> NodeSize {
    let title = text_width(&plan.title, Font::WordsStrong, NAME);
    let (width, height) = workers::size(plan.workers);
    let (_, one) = workers::size(1);
    NodeSize {
        width: (title + 40.0).max(width + 32.0).max(112.0),
        height: SERVICE_HEIGHT + height - one,
        above,
        below,
        ..NodeSize::default()
    }
}

/// Makes all publishers as wide as the widest, and all queues: a column of one kind reads as one.
fn even_out(nodes: &mut [(NodeKey, NodeSize)]) {
    for kind in [
        |key: NodeKey| matches!(key, NodeKey::Publisher(_)),
        |key: NodeKey| matches!(key, NodeKey::Queue(_)),
    ] {
        let of_kind = nodes.iter().filter(|(key, _)| kind(*key));
        let widest = of_kind.map(|(_, size)| size.width).fold(0.0, f32::max);
        for (_, size) in nodes.iter_mut().filter(|(key, _)| kind(*key)) {
            size.width = widest;
        }
    }
}

/// The lines of an edge's pill, with how many more bindings lead beside it; none where there is nothing to say.
fn pill(key: EdgeKey, label: &Name, beside: usize, world: &World) -> Vec<Arc<str>> {
    let mut lines = said_at(key, label, world);
    if lines.len() > PILL_LINES_MAX {
        let more = lines.len() - (PILL_LINES_MAX - 1);
        lines.truncate(PILL_LINES_MAX - 1);
        lines.push(t!("canvas-more", count = more));
    }
    if beside > 0 {
        lines.push(caption::beside(beside));
    }
    lines
        .iter()
        .map(|line| elide(line, Font::Mono, KEY, PILL_WIDTH_MAX).as_ref().into())
        .collect()
}

fn pill_size(lines: &[Arc<str>]) -> Option<LabelSize> {
    let width = |line: &Arc<str>| text_width(line, Font::Mono, KEY);
    let widest = lines.iter().map(width).reduce(f32::max)?;
    Some(LabelSize {
        width: widest + PILL_SIDES,
        height: PILL_HEIGHT + PILL_LINE * (lines.len() - 1) as f32,
    })
}
