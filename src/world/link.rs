//! A connection as its client has it: its channel, what was sent and is not read yet, what is not confirmed yet.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::broker::{
    ChannelId, ConnectionId, EventId, Message, MessageId, Method, Micros, Name, Publication,
    QueueSpec,
};

use super::{Answer, Author, BindingSetup, PublisherId, WorkerId};

/// The user that clients log in as who do not say: one who may do everything.
pub const GUEST: &str = "guest";

/// How long after its connection ended a publisher connects again, as client libraries do by themselves. One that
/// hung up itself does not, nor one whose login was refused: asking again would not change that.
pub const PUBLISHER_RECONNECT: Micros = Micros::from_secs(1);

/// No client tries again sooner than this, be it to connect, to publish, or to work on what returned to its queue: what is
/// refused at once must not stop time.
pub(super) const LEAST_PAUSE: Micros = Micros::from_millis(1);

/// A connection with one channel, of one actor or of several that share it.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its name: its only actor's, or the one by which actors share it.
    pub name: Name,
    /// The user its client logs in as (C6).
    pub user: Name,
    /// The broker's number for it while it is open, as far as its client knows.
    pub connection: Option<ConnectionId>,
    /// The broker's number for its channel while that is open, as far as its client knows.
    pub channel: Option<ChannelId>,
    /// Those who publish on it.
    pub publishers: Vec<PublisherId>,
    /// Those who consume on it.
    pub workers: Vec<WorkerId>,
    pub(super) plan: Arc<Plan>,
    /// What reached the broker and was not read, by channel: an old connection's may still wait when the next is open.
    pub(super) sockets: BTreeMap<ChannelId, VecDeque<Waiting>>,
    /// When the last of what was sent reaches the other side: on a connection nothing overtakes.
    pub(super) sent_until: Micros,
    pub(super) told_until: Micros,
    pub(super) record: Record,
    /// When it is opened, if it is going to be.
    pub(super) opening: Option<Opening>,
    /// The channel on which its client said its last word, until the broker hears it.
    pub(super) leaving: Option<ChannelId>,
    /// Whether it was ever open.
    pub(super) opened: bool,
    /// Whether its last login was refused (C6, C7).
    pub turned_away: bool,
    /// Whether its client is one outside, a program of its own.
    pub outside: bool,
    /// Whether its client is down, and opens nothing.
    pub(super) down: bool,
}

/// What a link does whenever it opens.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) queues: Vec<QueueSpec>,
    pub(super) bindings: Vec<BindingSetup>,
    pub(super) confirms: bool,
    pub(super) transactions: bool,
    /// The shortest time after which one of its consumers connects again.
    pub(super) reconnect: Option<Micros>,
}

/// A connection that is going to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) at: Micros,
    /// Whether all its consumers begin to consume, rather than those only that connect again by themselves.
    pub(super) everyone: bool,
}

/// What the client remembers of what was published on its channel.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// How many messages were published on it in confirm mode (P6).
    pub(super) sequence: u64,
    /// What was published and is not confirmed, by sequence number.
    pub(super) unconfirmed: BTreeMap<u64, Unconfirmed>,
    /// Mandatory messages that may still come back, with who published them.
    pub(super) mandatory: Vec<(MessageId, PublisherId)>,
}

/// A message its publisher has no confirm for.
#[derive(Clone, Debug)]
pub(super) struct Unconfirmed {
    pub(super) by: Author,
    pub(super) message: MessageId,
    pub(super) publication: Arc<Publication>,
    pub(super) mandatory: bool,
}

/// What a client sends.
#[derive(Clone, Debug)]
pub enum Sent {
    /// `basic.publish`
    Publish {
        /// Who publishes.
        by: Author,
        /// The message.
        message: Message,
        /// Whether it is mandatory.
        mandatory: bool,
    },
    /// `basic.ack`, `basic.nack` or `basic.reject`
    Answer {
        /// Who answers.
        worker: WorkerId,
        /// The delivery tag.
        tag: u64,
        /// The answer.
        answer: Answer,
    },
    /// `basic.qos` and `basic.consume`
    Consume(WorkerId),
    /// `basic.get`
    Get(WorkerId),
    /// Any other method.
    Call(Box<Method>),
    /// `connection.close`
    Close(ConnectionId),
}

/// Something that reached the broker and waits to be read (F1, F3).
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) sent: Sent,
    pub(super) cause: EventId,
}

impl Link {
    pub(super) fn new(name: Name) -> Self {
        Self {
            name,
            user: GUEST.into(),
            connection: None,
            channel: None,
            publishers: Vec::new(),
            workers: Vec::new(),
            plan: Arc::default(),
            sockets: BTreeMap::new(),
            sent_until: Micros::ZERO,
            told_until: Micros::ZERO,
            record: Record::default(),
            opening: None,
            leaving: None,
            opened: false,
            turned_away: false,
            outside: false,
            down: false,
        }
    }

    /// Messages that reached the broker and wait to be read, in order (F1, F3).
    pub fn waiting(&self) -> impl Iterator<Item = MessageId> + '_ {
        let waiting = self.sockets.values().flatten();
        waiting.filter_map(|waiting| waiting.sent.message())
    }

    /// How much reached the broker and waits to be read: messages, and all else that was sent behind them.
    pub fn unread(&self) -> usize {
        self.sockets.values().map(VecDeque::len).sum()
    }

    /// The messages published in confirm mode that its client has no confirm for, in order.
    pub fn unconfirmed(&self) -> impl Iterator<Item = MessageId> + '_ {
        self.record
            .unconfirmed
            .values()
            .map(|unconfirmed| unconfirmed.message)
    }

    /// Roughly how much there is to copy in a clone, in entries.
    pub(super) fn weight(&self) -> usize {
        1 + self.unread() + self.record.unconfirmed.len() + self.record.mandatory.len()
    }

    /// When it connects again, if it is going to.
    pub fn reconnects_at(&self) -> Option<Micros> {
        self.opening.map(|opening| opening.at)
    }

    /// How long after its end it connects again: `wanted` if its client hung up itself.
    pub(super) fn reconnect(&self, wanted: bool) -> Option<Micros> {
        if self.down {
            return None;
        }
        let own = !wanted && !self.turned_away && !self.publishers.is_empty();
        let own = own.then_some(PUBLISHER_RECONNECT);
        let spans = self.plan.reconnect.into_iter().chain(own);
        spans.min().map(|span| span.max(LEAST_PAUSE))
    }

    /// When what is sent now arrives, behind all that was sent before.
    pub(super) fn send_at(&mut self, at: Micros) -> Micros {
        self.sent_until = self.sent_until.max(at);
        self.sent_until
    }

    /// The same for what the broker sends.
    pub(super) fn tell_at(&mut self, at: Micros) -> Micros {
        self.told_until = self.told_until.max(at);
        self.told_until
    }
}

impl Sent {
    /// The message, if one is published.
    pub fn message(&self) -> Option<MessageId> {
        match self {
            Self::Publish { message, .. } => Some(message.id),
            _ => None,
        }
    }
}
