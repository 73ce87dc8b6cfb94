//! What a world is made of, before anything happens in it. Names refer to names; [`World::new`](super::World::new) checks them.

use std::sync::Arc;

use crate::broker::{Body, ExchangeKind, Micros, Name, Properties, Table};

/// The topology, the actors and the seed: all that decides a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    /// Where all randomness of the run comes from.
    pub seed: u64,
    /// How long a hop takes where nothing nearer says otherwise.
    pub latency: Latency,
    /// Declared exchanges. Those of [`PREDECLARED`](crate::broker::PREDECLARED) exist without being listed.
    pub exchanges: Vec<ExchangeSetup>,
    /// Declared queues.
    pub queues: Vec<QueueSetup>,
    /// Bindings, from source to destination.
    pub bindings: Vec<BindingSetup>,
    /// Those who publish.
    pub publishers: Vec<PublisherSetup>,
    /// Those who consume.
    pub consumers: Vec<ConsumerSetup>,
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
}

impl Default for Latency {
    /// Slow enough to be watched at 1×.
    fn default() -> Self {
        Self {
            publish: Micros::from_millis(400),
            route: Micros::from_millis(400),
            deliver: Micros::from_millis(400),
            ack: Micros::from_millis(300),
        }
    }
}

/// An exchange to declare.
#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeSetup {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub kind: ExchangeKind,
}

/// A classic queue to declare.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueSetup {
    /// Its name.
    pub name: Name,
}

/// Where a binding leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DestinationSetup {
    /// A queue, by name.
    Queue(Name),
    /// An exchange, by name.
    Exchange(Name),
}

/// A binding to make.
#[derive(Clone, Debug, PartialEq)]
pub struct BindingSetup {
    /// The source exchange's name.
    pub source: Name,
    /// Where it leads.
    pub destination: DestinationSetup,
    /// The binding key.
    pub key: Name,
    /// The arguments; a headers exchange compares them.
    pub arguments: Table,
    /// How long a copy is on its way along it, if not as [`Latency::route`] says.
    pub latency: Option<Micros>,
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
    pub service: Service,
    /// How often it fails, from 0 (never) to 1 (always).
    pub failure_rate: f64,
    /// What it does with a message it failed on.
    pub on_failure: OnFailure,
    /// How long a delivery is on its way to it, if not as [`Latency::deliver`] says; an acknowledgement back takes as long then.
    pub latency: Option<Micros>,
    /// When it starts to consume.
    pub start: Micros,
}

/// How long a consumer works on one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Always as long.
    Fixed(Micros),
    /// Anything from the first to the second, evenly.
    Between(Micros, Micros),
    /// Exponentially distributed, with this mean.
    Random(Micros),
}

/// What a consumer does with a message it failed on. Without acknowledgements the message is just gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// `basic.nack` with requeue: the message returns to its place in the queue.
    #[default]
    Requeue,
    /// `basic.reject` without requeue: the message is dropped.
    Reject,
}
