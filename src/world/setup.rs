//! What a world is made of, before anything happens in it. Names refer to names; [`World::new`](super::World::new) checks them.

use std::sync::Arc;

use crate::broker::{
    Body, ExchangeSpec, Hangup, Method, Micros, Name, Operation, PolicySpec, Profile, Properties,
    QueueSpec, Table, Target, UserSpec,
};

use super::Input;
use super::http::{Change, ServiceSetup, UsersSetup};
use super::random::Dice;

/// The topology, the actors, the script and the seed: all that decides a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// Which RabbitMQ is meant.
    pub profile: Profile,
    /// The virtual host's name.
    pub vhost: Name,
    /// Where all randomness of the run comes from.
    pub seed: u64,
    /// How long a hop takes where nothing nearer says otherwise.
    pub latency: Latency,
    /// Declared exchanges. Those of [`PREDECLARED`](crate::broker::PREDECLARED) exist without being listed.
    pub exchanges: Vec<ExchangeSpec>,
    /// Declared queues.
    pub queues: Vec<QueueSetup>,
    /// Bindings, from source to destination.
    pub bindings: Vec<BindingSetup>,
    /// Policies and operator policies, set before anything is declared.
    pub policies: Vec<PolicySpec>,
    /// What carries messages away from here: shovels, and links of federation.
    pub movers: Vec<MoverSetup>,
    /// Users beside `guest`, who may do everything.
    pub users: Vec<UserSpec>,
    /// Those who publish.
    pub publishers: Vec<PublisherSetup>,
    /// Those who consume.
    pub consumers: Vec<ConsumerSetup>,
    /// Services that talk HTTP.
    pub services: Vec<ServiceSetup>,
    /// Those who call the first of them.
    pub clients: Option<UsersSetup>,
    /// Nothing happens after this.
    pub until: Option<Micros>,
    /// What else is done, and when; in any order.
    pub script: Vec<Act>,
    /// Whether clients outside connect to the broker ([`Input::Wire`](super::Input::Wire)): between an exchange and a
    /// queue no time passes then, and nobody is sent more than it takes.
    pub live: bool,
    /// When time began for clients outside, in seconds since 1970.
    pub began: u64,
    /// What came from outside in a run that was recorded, in order.
    pub outside: Arc<Vec<(Micros, Input)>>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            vhost: "/".into(),
            seed: 0,
            latency: Latency::default(),
            exchanges: Vec::new(),
            queues: Vec::new(),
            bindings: Vec::new(),
            policies: Vec::new(),
            movers: Vec::new(),
            users: Vec::new(),
            publishers: Vec::new(),
            consumers: Vec::new(),
            services: Vec::new(),
            clients: None,
            until: None,
            script: Vec::new(),
            live: false,
            began: 0,
            outside: Arc::default(),
        }
    }
}

impl Setup {
    /// Whether anything is published or done in it without a hand.
    #[must_use]
    pub fn acts_by_itself(&self) -> bool {
        let publishes = |it: &PublisherSetup| it.pace != Pace::Script || !it.messages.is_empty();
        self.publishers.iter().any(publishes)
            || !self.script.is_empty()
            || self.clients.is_some()
            || !self.outside.is_empty()
            || self.live
    }
}

/// How long a message, or an acknowledgement, is on its way. Each is a full hop, one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// From a publisher to its exchange.
    pub publish: Micros,
    /// Along one binding.
    pub route: Micros,
    /// From a queue to a consumer.
    pub deliver: Micros,
    /// An acknowledgement, from a consumer back to its queue.
    pub ack: Micros,
    /// A confirm or a returned message, from the broker back to its publisher.
    pub confirm: Micros,
    /// A dead message, from its queue to the dead-letter exchange.
    pub dead_letter: Micros,
    /// Until a persistent message in a durable queue is written, and can be confirmed (P7, R6).
    pub write: Micros,
    /// An HTTP request, or its answer, from one service to another.
    pub http: Micros,
}

impl Latency {
    /// Everything is there at once.
    pub const NONE: Self = Self {
        publish: Micros::ZERO,
        route: Micros::ZERO,
        deliver: Micros::ZERO,
        ack: Micros::ZERO,
        confirm: Micros::ZERO,
        dead_letter: Micros::ZERO,
        write: Micros::ZERO,
        http: Micros::ZERO,
    };
}

impl Default for Latency {
    /// Slow enough to be watched at 1×.
    fn default() -> Self {
        Self {
            publish: Micros::from_millis(400),
            route: Micros::from_millis(400),
            deliver: Micros::from_millis(400),
            ack: Micros::from_millis(300),
            confirm: Micros::from_millis(300),
            dead_letter: Micros::from_millis(400),
            write: Micros::ZERO,
            http: Micros::from_millis(400),
        }
    }
}

/// A queue to declare.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueSetup {
    /// The queue.
    pub spec: QueueSpec,
    /// The connection that declares it, and the bindings that lead to it, whenever it opens; without one, it is there
    /// from the start. An exclusive queue needs one (Q5).
    pub by: Option<Name>,
}

impl QueueSetup {
    /// A durable classic queue that is there from the start.
    pub fn new(name: impl Into<Name>) -> Self {
        Self {
            spec: QueueSpec::new(name),
            by: None,
        }
    }
}

/// A binding to make.
#[derive(Clone, Debug, PartialEq)]
pub struct BindingSetup {
    /// The source exchange's name.
    pub source: Name,
    /// Where it leads.
    pub destination: Target,
    /// The binding key.
    pub key: Name,
    /// The arguments; a headers exchange compares them.
    pub arguments: Table,
    /// How long a copy is on its way along it, if not as [`Latency::route`] says.
    pub latency: Option<Micros>,
}

/// A shovel or a link of federation that reads a queue or an exchange. It is known to be there, and no more: what it does
/// with a message cannot be told (E48).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoverSetup {
    /// Which of the two it is.
    pub kind: MoverKind,
    /// The name of the shovel, or of the upstream.
    pub name: Name,
    /// The queue or the exchange that it reads.
    pub reads: Target,
    /// The key with which a shovel binds its own queue to an exchange.
    pub key: Name,
    /// Where it carries messages to, as far as that is known; else empty.
    pub to: Name,
}

/// What carries messages from one place to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoverKind {
    /// A shovel.
    Shovel,
    /// A link of federation, by an upstream.
    Federation,
}

/// One who publishes.
#[derive(Clone, Debug, PartialEq)]
pub struct PublisherSetup {
    /// Its name.
    pub name: Name,
    /// The exchange it publishes to where a message does not say otherwise.
    pub exchange: Name,
    /// When it publishes.
    pub pace: Pace,
    /// What it publishes, taken in turn and from the start again; with [`Pace::Script`], each once.
    pub messages: Vec<MessageSetup>,
    /// How long its messages are on their way, if not as [`Latency::publish`] says.
    pub latency: Option<Micros>,
    /// The connection it publishes on; without one, it has a connection of its own by its own name. Actors that name
    /// the same connection share it, and its channel.
    pub connection: Option<Name>,
    /// The user its connection logs in as; without one, whom others on that connection name, or `guest` (C6).
    pub user: Option<Name>,
    /// Whether it asks for confirms (P6).
    pub confirms: bool,
    /// Whether its messages are mandatory (P2).
    pub mandatory: bool,
    /// Publishes in transactions of so many messages; 0 is none (P10).
    pub transaction: u32,
    /// Whether it publishes again what was nacked, once it learns of it (P9).
    pub republish: bool,
}

impl Default for PublisherSetup {
    /// One that publishes nothing, to the default exchange.
    fn default() -> Self {
        Self {
            name: Name::default(),
            exchange: Name::default(),
            pace: Pace::Script,
            messages: Vec::new(),
            latency: None,
            connection: None,
            user: None,
            confirms: false,
            mandatory: false,
            transaction: 0,
            republish: false,
        }
    }
}

/// When a publisher publishes.
#[derive(Clone, Debug, PartialEq)]
pub enum Pace {
    /// One message every `every`, the first at `start`.
    Even {
        /// From one to the next; more than zero.
        every: Micros,
        /// When the first is sent.
        start: Micros,
        /// How many in all; without it, for ever.
        count: Option<u64>,
    },
    /// Independent random times (a Poisson process) with mean distance `every`, from `start` on.
    Random {
        /// The mean from one to the next; more than zero.
        every: Micros,
        /// When it begins; the first message comes after a random wait.
        start: Micros,
        /// How many in all; without it, for ever.
        count: Option<u64>,
    },
    /// `size` messages `gap` apart, and again every `every`.
    Burst {
        /// From one burst's first message to the next burst's; more than zero.
        every: Micros,
        /// Messages in a burst; more than zero.
        size: u64,
        /// Between two messages of a burst.
        gap: Micros,
        /// When the first burst begins.
        start: Micros,
        /// How many bursts in all; without it, for ever.
        count: Option<u64>,
    },
    /// Each message at its own time, [`MessageSetup::at`].
    Script,
}

/// A message a publisher will send.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MessageSetup {
    /// When, with [`Pace::Script`]; ignored otherwise.
    pub at: Micros,
    /// The exchange, if not the publisher's.
    pub exchange: Option<Name>,
    /// The routing key.
    pub key: Name,
    /// The body.
    pub body: Body,
    /// The properties, headers among them.
    pub properties: Arc<Properties>,
}

/// One who consumes.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerSetup {
    /// Its name, also its consumer tag.
    pub name: Name,
    /// The queue it consumes from.
    pub queue: Name,
    /// The most deliveries it may hold unacknowledged; 0 is no limit (S7).
    pub prefetch: u16,
    /// Whether it acknowledges; if not, the broker counts a delivery as acknowledged when it is sent (`no_ack`).
    pub ack: bool,
    /// How long it works on one message.
    pub service: ServiceTime,
    /// How often it fails, from 0 (never) to 1 (always).
    pub failure_rate: f64,
    /// What it does with a message it failed on.
    pub on_failure: OnFailure,
    /// How long a delivery is on its way to it, if not as [`Latency::deliver`] says; an acknowledgement back takes as long then.
    pub latency: Option<Micros>,
    /// When it starts to consume.
    pub start: Micros,
    /// The connection it consumes on, as for a publisher.
    pub connection: Option<Name>,
    /// The user its connection logs in as, as for a publisher.
    pub user: Option<Name>,
    /// Whether nobody else may consume from the queue (S1).
    pub exclusive: bool,
    /// Whether its prefetch is its channel's as a whole (S8).
    pub global_prefetch: bool,
    /// The arguments of `basic.consume`: `x-priority` (S9), `x-stream-offset` (Q47).
    pub arguments: Table,
    /// Fails, whatever the failure rate, on messages whose routing key matches this topic pattern.
    pub fails_on: Option<Name>,
    /// Asks for one message at a time with `basic.get`, so often, instead of consuming (S3).
    pub polls: Option<Micros>,
    /// What it publishes when it has worked on a message, before it acknowledges.
    pub publishes: Option<Onward>,
    /// How long after its connection ended it connects again; without it, it does not.
    pub reconnect: Option<Micros>,
    /// How many deliveries it works on at once; more than zero.
    pub workers: u32,
    /// The number of its luck with orders ([`ServiceSetup::luck`]); without it, its luck follows its own deliveries.
    pub luck: Option<u64>,
    /// Whether it knows a message by its `message_id` that it worked on before, and only acknowledges it (H4).
    pub idempotent: bool,
}

impl Default for ConsumerSetup {
    /// One that acknowledges at once, never fails, and has no prefetch.
    fn default() -> Self {
        Self {
            name: Name::default(),
            queue: Name::default(),
            prefetch: 0,
            ack: true,
            service: ServiceTime::Fixed(Micros::ZERO),
            failure_rate: 0.0,
            on_failure: OnFailure::default(),
            latency: None,
            start: Micros::ZERO,
            connection: None,
            user: None,
            exclusive: false,
            global_prefetch: false,
            arguments: Table::new(),
            fails_on: None,
            polls: None,
            publishes: None,
            reconnect: None,
            workers: 1,
            luck: None,
            idempotent: false,
        }
    }
}

/// What a consumer publishes when it has worked on a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Onward {
    /// The same content, to this exchange with this routing key; without one, with the message's own.
    To {
        /// The exchange.
        exchange: Name,
        /// The routing key.
        key: Option<Name>,
    },
    /// A reply: to the default exchange, with `reply_to` as the routing key and the same `correlation_id` (S16).
    Reply {
        /// The reply's body.
        body: Body,
    },
}

/// Something that is done at its time: by an operator, or by one of the connections.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// When.
    pub at: Micros,
    /// What.
    pub deed: Deed,
}

/// What can be done besides publishing and consuming.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// An operator does it, as with the management tools.
    Operate(Operation),
    /// A connection calls a method on its channel; what is refused closes what it closes.
    Call {
        /// The connection, or the actor whose own it is.
        connection: Name,
        /// The method.
        method: Method,
    },
    /// A connection ends.
    Disconnect {
        /// The connection, or the actor whose own it is.
        connection: Name,
        /// How.
        how: Hangup,
    },
    /// A connection that has ended, or one that was not there yet, is opened.
    Connect {
        /// The connection.
        connection: Name,
        /// Whom it logs in as from now on, if as somebody else than before (C6).
        user: Option<Name>,
    },
    /// Something changes for a service, be it called or consuming.
    Change {
        /// The service, or the consumer.
        service: Name,
        /// What.
        change: Change,
    },
}

/// How long a consumer works on one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceTime {
    /// Always as long.
    Fixed(Micros),
    /// Anything from the first to the second, evenly.
    Between(Micros, Micros),
    /// Exponentially distributed, with this mean.
    Random(Micros),
}

impl ServiceTime {
    /// How long it takes this time.
    pub(super) fn roll(self, dice: &mut Dice) -> Micros {
        match self {
            Self::Fixed(span) => span,
            Self::Between(least, most) => dice.between(least, most),
            Self::Random(mean) => dice.exponential(mean),
        }
    }

    /// The mean.
    #[must_use]
    pub fn mean(self) -> Micros {
        match self {
            Self::Fixed(mean) | Self::Random(mean) => mean,
            Self::Between(least, most) => Micros(least.0.midpoint(most.0)),
        }
    }

    /// The same law with another mean.
    #[must_use]
    pub fn with_mean(self, mean: Micros) -> Self {
        match self.mean() {
            Micros::ZERO => Self::Fixed(mean),
            now => self.times(mean.0 as f64 / now.0 as f64),
        }
    }

    /// The same law, so many times as long.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        let scale = |span: Micros| Micros((span.0 as f64 * factor) as u64);
        match self {
            Self::Fixed(span) => Self::Fixed(scale(span)),
            Self::Between(least, most) => Self::Between(scale(least), scale(most)),
            Self::Random(mean) => Self::Random(scale(mean)),
        }
    }
}

/// What a consumer does with a message it failed on. Without acknowledgements the message is just gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// `basic.nack` with requeue: the message returns to its place in the queue.
    #[default]
    Requeue,
    /// `basic.reject` with requeue: the message returns, and counts as one whose delivery failed (Q44).
    RejectBack,
    /// `basic.reject` without requeue: the message dies (D1).
    Reject,
    /// It crashes: its connection is lost (C12, C13).
    Crash,
}
