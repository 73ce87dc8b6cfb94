//! What was said on the connections of real clients, frame by frame, and which event each frame led to or came of.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::amqp::{Anatomy, SessionId, Speaker, Spoken, channel_of, first_frame};
use crate::broker::{self, ConnectionId, EventId, Micros};
use crate::history::{History, Tail};
use crate::world::{Event, EventKind, LinkId, World};

/// With more octets than this in all, the oldest are forgotten.
const MOST_OCTETS: usize = 48 * 1024 * 1024;

/// All that was said, by connection.
#[derive(Clone, Debug, Default)]
pub struct Conversations {
    all: BTreeMap<SessionId, Conversation>,
    octets: usize,
}

/// What was said on one connection.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// The broker's number for it, once it was open.
    pub connection: Option<ConnectionId>,
    /// The frames, the oldest of which may be forgotten.
    pub frames: Tail<Said>,
}

/// A frame that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// When.
    pub at: Micros,
    /// By whom.
    pub by: Speaker,
    /// Its octets, all of them; a password is veiled.
    pub octets: Arc<[u8]>,
    /// The number, among all that the broker heard, of what it led to or came of.
    pub heard: Option<u64>,
}

/// A frame, by its connection and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId {
    /// The connection.
    pub session: SessionId,
    /// How many frames there were before it.
    pub place: usize,
}

impl Conversations {
    /// What a recording has of them.
    pub(super) fn of(traffic: &[Spoken]) -> Self {
        let mut conversations = Self::default();
        conversations.hear(traffic.iter().cloned());
        conversations
    }

    /// Takes in what was said.
    pub(super) fn hear(&mut self, traffic: impl IntoIterator<Item = Spoken>) {
        for spoken in traffic {
            let conversation = self.all.entry(spoken.session).or_default();
            if let Some((_, connection)) = &spoken.connection {
                conversation.connection = Some(*connection);
            }
            let mut rest = spoken.octets.as_slice();
            while !rest.is_empty() {
                let octets = first_frame(rest);
                rest = rest.get(octets.len()..).unwrap_or_default();
                self.octets += octets.len();
                conversation.frames.push(Said {
                    at: spoken.at,
                    by: spoken.by,
                    octets: octets.into(),
                    heard: spoken.heard,
                });
            }
        }
        if self.octets > MOST_OCTETS {
            self.forget();
        }
    }

    /// Forgets the older half of what was said on each connection.
    fn forget(&mut self) {
        for conversation in self.all.values_mut() {
            let frames = &mut conversation.frames;
            frames.forget_before(frames.first() + frames.kept().len() / 2);
        }
        let kept = self.all.values().flat_map(|it| it.frames.kept());
        self.octets = kept.map(|frame| frame.octets.len()).sum();
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The connections that a program had, one after the other, each with what was said on it.
    pub fn of_link<'a>(
        &'a self,
        link: LinkId,
        world: &'a World,
    ) -> impl Iterator<Item = (SessionId, &'a Conversation)> {
        let its = move |it: &&Conversation| {
            let connection = it.connection;
            connection.and_then(|it| world.link_of_connection(it)) == Some(link)
        };
        let all = self.all.iter().filter(move |(_, it)| its(it));
        all.map(|(&session, conversation)| (session, conversation))
    }

    /// A frame.
    pub fn frame(&self, id: FrameId) -> Option<&Said> {
        self.all.get(&id.session)?.frames.get(id.place)
    }

    /// The program on whose connection a frame was sent.
    pub fn link(&self, id: FrameId, world: &World) -> Option<LinkId> {
        world.link_of_connection(self.all.get(&id.session)?.connection?)
    }

    /// The event that a frame led to, or came of.
    pub fn event_of(&self, id: FrameId, history: &History) -> Option<EventId> {
        let conversation = self.all.get(&id.session)?;
        let (place, frame) = conversation.whole(id.place)?;
        let events = events_of(frame.heard?, history);
        let world = history.head();
        let link = world.link_of_connection(conversation.connection?);
        let anatomy = Anatomy::of(&frame.octets);
        let name = anatomy.name();
        let fits = |event: &&Event| {
            is_about(name, frame.by, &event.kind)
                && link_of(&event.kind, history).is_none_or(|its| Some(its) == link)
        };
        let mut fitting = events.iter().filter(fits);
        // Of several that the same thing led to, the first is of the first, and so on.
        let alike = |other: &&Said| {
            let same = (other.heard, other.by) == (frame.heard, frame.by);
            same && Anatomy::of(&other.octets).name() == name
        };
        let before = conversation.frames.between(0, place).iter().rev();
        let before = before.take_while(|other| other.at == frame.at);
        let number = match frame.by {
            Speaker::Server => before.filter(alike).count(),
            Speaker::Client => 0,
        };
        let found = fitting.nth(number).map(|event| event.id);
        // What a client says leads to something, whatever it is.
        found.or_else(|| (frame.by == Speaker::Client).then(|| Some(events.first()?.id))?)
    }

    /// The frame that led to an event, or came of it.
    pub fn frame_of(&self, event: EventId, history: &History) -> Option<FrameId> {
        let at = history.event(event)?.at;
        let mut near = Vec::new();
        for (&session, conversation) in &self.all {
            let frames = &conversation.frames;
            let first = frames.partition_point(|frame| frame.at < at);
            let last = frames.partition_point(|frame| frame.at <= at);
            near.extend((first..last).map(|place| FrameId { session, place }));
        }
        let is_content = |id: &FrameId| {
            let frame = self.frame(*id);
            frame.is_some_and(|frame| Anatomy::of(&frame.octets).is_content())
        };
        near.retain(|id| !is_content(id));
        let is_it = |id: &&FrameId| self.event_of(**id, history) == Some(event);
        near.iter().find(is_it).copied()
    }
}

impl Conversation {
    /// The frame at a place or, of a piece of a message, the method that it belongs to.
    fn whole(&self, place: usize) -> Option<(usize, &Said)> {
        let frame = self.frames.get(place)?;
        if !Anatomy::of(&frame.octets).is_content() {
            return Some((place, frame));
        }
        let channel = channel_of(&frame.octets);
        let before = (self.frames.first()..place).rev();
        let mut before = before.filter_map(|place| Some((place, self.frames.get(place)?)));
        let (at, method) = before.find(|(_, other)| {
            let same = (other.by, channel_of(&other.octets)) == (frame.by, channel);
            same && !Anatomy::of(&other.octets).is_content()
        })?;
        // Of what a client sends in pieces only the last is heard.
        let heard = method.heard.or(frame.heard).or_else(|| {
            let mut later = self.frames.from(place).iter();
            later.find(|later| later.by == frame.by)?.heard
        });
        match heard == method.heard {
            true => Some((at, method)),
            false => Some((place, frame)),
        }
    }
}

/// What happened when the broker heard what has that number among all that it heard.
fn events_of(heard: u64, history: &History) -> &[Event] {
    let steps = history.steps();
    let first = steps.partition_point(|step| step.heard < heard);
    let after = steps.partition_point(|step| step.heard <= heard);
    let before = first.checked_sub(1).and_then(|place| steps.get(place));
    let from = before.map_or(0, |step| step.events);
    let to = after.checked_sub(1).and_then(|place| steps.get(place));
    let to = to.map_or(from, |step| step.events);
    history.told().between(from, to)
}

/// Whether an event is what a method says, or leads to.
fn is_about(method: &str, by: Speaker, event: &EventKind) -> bool {
    use broker::Event as E;
    let EventKind::Broker(what) = event else {
        return match event {
            EventKind::Published { .. } => method == "basic.publish",
            EventKind::Finished { .. } => {
                by == Speaker::Client
                    && matches!(method, "basic.ack" | "basic.nack" | "basic.reject")
            }
            EventKind::Asked { .. } => method == "basic.get",
            _ => false,
        };
    };
    match what {
        E::ConnectionOpened { .. } => {
            matches!(method, "connection.open" | "connection.open-ok")
        }
        E::ConnectionClosed { .. } => method.starts_with("connection.close"),
        E::ChannelOpened { .. } => method.starts_with("channel.open"),
        E::ChannelClosed { .. } => method.starts_with("channel.close"),
        E::Refused { .. } => {
            by == Speaker::Server && matches!(method, "channel.close" | "connection.close")
        }
        E::ExchangeDeclared { .. } => method.starts_with("exchange.declare"),
        E::ExchangeDeleted { .. } => method.starts_with("exchange.delete"),
        E::QueueDeclared { .. } => method.starts_with("queue.declare"),
        E::QueueDeleted { .. } => method.starts_with("queue.delete"),
        E::Purged { .. } => method.starts_with("queue.purge"),
        E::Bound { .. } => method.starts_with("queue.bind") || method.starts_with("exchange.bind"),
        E::Unbound { .. } => {
            method.starts_with("queue.unbind") || method.starts_with("exchange.unbind")
        }
        E::Consuming { .. } => method.starts_with("basic.consume"),
        E::Cancelled { .. } => method.starts_with("basic.cancel"),
        E::Delivered { .. } | E::Read { .. } => method == "basic.deliver",
        E::Got { .. } => method == "basic.get-ok",
        E::Returned { .. } => method == "basic.return",
        E::Confirmed { .. } => {
            by == Speaker::Server && matches!(method, "basic.ack" | "basic.nack")
        }
        E::Throttled { .. } => {
            matches!(method, "connection.blocked" | "connection.unblocked")
        }
        _ => false,
    }
}

/// The connection an event is about, if it is about one.
fn link_of(event: &EventKind, history: &History) -> Option<LinkId> {
    use broker::Event as E;
    let world = history.head();
    let EventKind::Broker(what) = event else {
        return None;
    };
    match what {
        E::ConnectionOpened { connection }
        | E::ConnectionClosed { connection, .. }
        | E::Throttled { connection, .. } => world.link_of_connection(*connection),
        E::ChannelOpened { channel }
        | E::ChannelClosed { channel, .. }
        | E::Confirmed { channel, .. } => world.link_of_channel(*channel),
        E::Delivered { consumer, .. } | E::Read { consumer, .. } => {
            let consumer = world.broker().consumer(*consumer)?;
            world.link_of_channel(consumer.channel)
        }
        _ => None,
    }
}
