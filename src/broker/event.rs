//! What the broker says happened, and to whom it says it.

use super::{
    ChannelId, ConsumerId, CopyId, EventId, ExchangeId, Message, MessageId, Name, QueueId, Via,
};

/// A copy of a message for one queue, as routing made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutedCopy {
    /// Its number.
    pub copy: CopyId,
    /// The queue it is for.
    pub queue: QueueId,
    /// The way there, from the exchange published to.
    pub path: Box<[Via]>,
}

/// A copy, its message and its queue: what events about a queued message name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued {
    /// The message.
    pub message: MessageId,
    /// The copy.
    pub copy: CopyId,
    /// The queue it is, or was, in.
    pub queue: QueueId,
}

/// Something that happened in the broker.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// An exchange decided: each queue that matches gets one copy (E12).
    Routed {
        /// The message.
        message: MessageId,
        /// The exchange it was published to.
        exchange: ExchangeId,
        /// The bindings that matched, of all exchanges visited, whether or not they made a copy.
        matched: Box<[Via]>,
        /// The copies, in order.
        copies: Box<[RoutedCopy]>,
    },
    /// No queue matched: the message ended.
    Unroutable {
        /// The message.
        message: MessageId,
        /// The exchange it was published to.
        exchange: ExchangeId,
        /// The bindings that matched, if they led to other exchanges only.
        matched: Box<[Via]>,
    },
    /// A copy is ready in its queue.
    Ready(Queued),
    /// A queue handed a copy to a consumer.
    Delivered {
        /// Which copy.
        queued: Queued,
        /// To whom.
        consumer: ConsumerId,
        /// The delivery tag, counted per channel (S5).
        tag: u64,
        /// Whether it may have been delivered before (S12).
        redelivered: bool,
        /// Whether the broker counts it as acknowledged already (`no_ack`).
        settled: bool,
    },
    /// A consumer acknowledged a copy; it ended.
    Acked {
        /// Which copy.
        queued: Queued,
        /// By whom.
        consumer: ConsumerId,
    },
    /// A delivery came back and is ready again, in its old place (S10).
    Requeued {
        /// Which copy.
        queued: Queued,
        /// From whom.
        consumer: ConsumerId,
    },
    /// A consumer rejected a copy without requeue; it ended.
    Rejected {
        /// Which copy.
        queued: Queued,
        /// By whom.
        consumer: ConsumerId,
    },
    /// A consumer was added to a queue.
    Consuming {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
    },
    /// A consumer was removed from its queue.
    Cancelled {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
    },
}

impl Event {
    /// The message it is about, if it is about one.
    pub fn message(&self) -> Option<MessageId> {
        match self {
            Self::Routed { message, .. } | Self::Unroutable { message, .. } => Some(*message),
            _ => self.queued().map(|queued| queued.message),
        }
    }

    /// The copy it is about, if it is about one.
    pub fn queued(&self) -> Option<Queued> {
        match self {
            Self::Ready(queued)
            | Self::Delivered { queued, .. }
            | Self::Acked { queued, .. }
            | Self::Requeued { queued, .. }
            | Self::Rejected { queued, .. } => Some(*queued),
            _ => None,
        }
    }
}

/// `basic.deliver`: what a consumer receives.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The consumer.
    pub consumer: ConsumerId,
    /// The channel it consumes on.
    pub channel: ChannelId,
    /// The delivery tag.
    pub tag: u64,
    /// Whether it may have been delivered before (S12).
    pub redelivered: bool,
    /// The copy.
    pub queued: Queued,
    /// The message itself.
    pub message: Message,
    /// The [`Event::Delivered`] that tells of it.
    pub event: EventId,
}

/// A copy that routing made and that is now on its way to its queue.
#[derive(Clone, Debug)]
pub struct Transit {
    /// The copy.
    pub copy: CopyId,
    /// Its queue.
    pub queue: QueueId,
    /// The way there.
    pub path: Box<[Via]>,
}

/// Who is told what happens. The broker does not know whether anybody keeps it.
pub trait Outlet {
    /// Takes an event and the event that caused it, and gives the event its number. Nobody needs the event's text if
    /// nobody keeps it, so it is made only on demand.
    fn event(&mut self, cause: EventId, event: impl FnOnce() -> Event) -> EventId;

    /// Carries a delivery to its consumer.
    fn deliver(&mut self, delivery: Delivery);
}

/// A command to the broker: a method of AMQP with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// `exchange.declare`
    DeclareExchange {
        /// Its name.
        name: Name,
        /// Its type.
        kind: super::ExchangeKind,
    },
    /// `queue.declare`, of a classic queue; `""` asks the broker for a name (Q1).
    DeclareQueue {
        /// Its name.
        name: Name,
    },
    /// `queue.bind`
    BindQueue {
        /// The source exchange.
        source: Name,
        /// The queue.
        queue: Name,
        /// The binding key.
        key: Name,
        /// The arguments.
        arguments: super::Table,
    },
    /// `exchange.bind`
    BindExchange {
        /// The source exchange.
        source: Name,
        /// The destination exchange.
        destination: Name,
        /// The binding key.
        key: Name,
        /// The arguments.
        arguments: super::Table,
    },
    /// `channel.open`
    OpenChannel,
    /// `channel.close`, or the channel's end for another cause: its consumers vanish, its unacked are requeued (C12).
    CloseChannel {
        /// The channel.
        channel: ChannelId,
    },
    /// `basic.qos` with global=false: the prefetch of consumers started afterwards (S8).
    Qos {
        /// The channel.
        channel: ChannelId,
        /// The most unacked deliveries a consumer may hold; 0 is no limit (S7).
        prefetch: u16,
    },
    /// `basic.consume`
    Consume {
        /// The channel.
        channel: ChannelId,
        /// The queue.
        queue: Name,
        /// The consumer tag; `""` asks the broker for one (S2).
        tag: Name,
        /// Whether deliveries count as acknowledged when sent.
        no_ack: bool,
    },
    /// `basic.cancel`
    Cancel {
        /// The channel.
        channel: ChannelId,
        /// The consumer tag.
        tag: Name,
    },
    /// `basic.publish`: routes, and puts the copies into their queues at once.
    Publish {
        /// The message; [`Broker::take`](super::Broker::take) gives it its number.
        message: Message,
    },
    /// `basic.publish`, its first half: routes, and answers with the copies, which are now on their way.
    Route {
        /// The message.
        message: Message,
    },
    /// The second half: a copy that [`Command::Route`] made comes to its queue.
    Arrive {
        /// The copy.
        copy: CopyId,
    },
    /// `basic.ack`
    Ack {
        /// The channel.
        channel: ChannelId,
        /// The delivery tag.
        tag: u64,
        /// Whether all up to that one are meant (S6).
        multiple: bool,
    },
    /// `basic.nack`, and `basic.reject` with `multiple` false.
    Nack {
        /// The channel.
        channel: ChannelId,
        /// The delivery tag.
        tag: u64,
        /// Whether all up to that one are meant (S6).
        multiple: bool,
        /// Whether it returns to its queue rather than ending.
        requeue: bool,
    },
}

/// What a command that was not refused answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Done; there is nothing to say.
    Done,
    /// The exchange declared.
    Exchange(ExchangeId),
    /// The queue declared.
    Queue(QueueId),
    /// The binding made.
    Binding(super::BindingId),
    /// The channel opened.
    Channel(ChannelId),
    /// The consumer added.
    Consumer(ConsumerId),
    /// The copies that are on their way, and the event that tells of the routing.
    Routed {
        /// One for each queue.
        copies: Vec<Transit>,
        /// [`Event::Routed`] or [`Event::Unroutable`].
        event: EventId,
    },
}
