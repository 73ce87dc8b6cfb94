//! What the broker says happened.

use std::sync::Arc;

use super::{
    Alarm, BindingId, ChannelId, ConnectionId, ConsumerId, CopyId, DeathReason, ExchangeId,
    MessageId, Micros, Name, PermissionsSpec, QueueId, Refusal, Settings, Via,
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

impl RoutedCopy {
    /// Copies for these queues along these ways, numbered from `first` on.
    pub(super) fn along(ways: &[(QueueId, Box<[Via]>)], first: u64) -> Box<[Self]> {
        let numbered = ways.iter().zip(first..);
        let copies = numbered.map(|((queue, path), copy)| Self {
            copy: CopyId(copy),
            queue: *queue,
            path: path.clone(),
        });
        copies.collect()
    }
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
    // Routing.
    /// An exchange decided: each queue that matches gets one copy (E12). There is no copy where the message waits at an
    /// exchange (E45), or where nobody can tell whether there is one (E47).
    Routed {
        /// The message.
        message: MessageId,
        /// The copy whose death brought it here, if it was dead-lettered.
        letter: Option<CopyId>,
        /// The exchange it came to.
        exchange: ExchangeId,
        /// The bindings that matched, of all exchanges visited, whether or not they made a copy.
        matched: Box<[Via]>,
        /// The copies, in order.
        copies: Box<[RoutedCopy]>,
        /// Queues that matched and got none, since the message would go round for ever (D11).
        cycles: Box<[QueueId]>,
    },
    /// No queue matched: the message ended.
    Unroutable {
        /// The message.
        message: MessageId,
        /// The copy whose death brought it here, if it was dead-lettered.
        letter: Option<CopyId>,
        /// The exchange it came to.
        exchange: ExchangeId,
        /// The bindings that matched, if they led to other exchanges only.
        matched: Box<[Via]>,
        /// Queues that matched and got none, since the message would go round for ever (D11).
        cycles: Box<[QueueId]>,
    },
    /// An unroutable mandatory message goes back to its publisher: `basic.return` (P2).
    Returned {
        /// The message.
        message: MessageId,
        /// The channel it was published on.
        channel: ChannelId,
    },
    /// An exchange keeps a message, and passes it on when its time has come (E45).
    Postponed {
        /// The message.
        message: MessageId,
        /// The exchange that keeps it.
        exchange: ExchangeId,
        /// When it goes on.
        until: Micros,
    },
    /// A message that waited at an exchange goes on: the time that its header says is over (E45).
    Resumed {
        /// The message.
        message: MessageId,
        /// The exchange that kept it.
        exchange: ExchangeId,
    },
    /// An exchange sends a message that it remembers along a new binding (E44).
    Recalled {
        /// The message.
        message: MessageId,
        /// The exchange that remembers it.
        exchange: ExchangeId,
        /// The binding that is new.
        binding: BindingId,
    },
    /// A message came to an exchange of a type that is not known here: where it goes from there cannot be told (E47).
    Untold {
        /// The message.
        message: MessageId,
        /// The exchange.
        exchange: ExchangeId,
    },
    /// A publish waits for its transaction's commit (P10).
    Held {
        /// The message.
        message: MessageId,
        /// The channel.
        channel: ChannelId,
    },

    // In a queue.
    /// A copy is ready in its queue; in a stream, it is the log's newest entry.
    Ready {
        /// Which copy.
        queued: Queued,
        /// The lane it stands in, where the queue orders by priority (Q40, Q42); higher is served first.
        level: u8,
        /// How often its delivery had failed when it died before, if its queue learns of that (D4).
        failures: u32,
        /// When it expires, if nothing takes it (Q20–Q22).
        expires: Option<Micros>,
    },
    /// A queue at its limit did not take a copy; it ended (Q27).
    TurnedAway {
        /// Which copy.
        queued: Queued,
        /// Which limit.
        limit: Limit,
    },
    /// A copy died in its queue (D1).
    Died {
        /// Which copy.
        queued: Queued,
        /// Why.
        reason: DeathReason,
        /// Which limit, if it was dropped for one.
        limit: Option<Limit>,
        /// The consumer that held it, if one did.
        consumer: Option<ConsumerId>,
        /// What becomes of it.
        fate: Fate,
    },
    /// A dead message waits in its queue, since not all queues it is to go to have taken it (D6).
    Kept {
        /// Which copy it was.
        queued: Queued,
        /// When it is tried again.
        until: Micros,
    },
    /// A dead message that waited in its queue goes to the dead-letter exchange again (D6).
    Resent {
        /// Which copy it was.
        queued: Queued,
        /// The exchange.
        exchange: ExchangeId,
    },
    /// All queues a dead message is to go to have taken it, so the queue it died in keeps it no longer (D6).
    Released {
        /// Which copy it was.
        queued: Queued,
    },
    /// Ready messages were purged (Q11).
    Purged {
        /// The queue.
        queue: QueueId,
        /// The copies that ended.
        copies: Box<[CopyId]>,
    },
    /// A copy ended without anybody's doing.
    Lost {
        /// Which copy.
        queued: Queued,
        /// Why.
        why: Loss,
    },
    /// A stream gave up its oldest entries (Q47).
    Truncated {
        /// The stream.
        queue: QueueId,
        /// The copies that ended.
        copies: Box<[CopyId]>,
    },

    // To consumers and back.
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
    /// A queue handed a copy to a channel that asked for one (S3).
    Got {
        /// Which copy.
        queued: Queued,
        /// Who asked.
        channel: ChannelId,
        /// The delivery tag.
        tag: u64,
        /// Whether it may have been delivered before (S12).
        redelivered: bool,
        /// Whether the broker counts it as acknowledged already (`no_ack`).
        settled: bool,
    },
    /// A stream sent a copy of an entry to a reader; the entry stays (Q47).
    Read {
        /// Which entry.
        queued: Queued,
        /// To whom.
        consumer: ConsumerId,
        /// The delivery tag.
        tag: u64,
        /// The entry's offset.
        offset: u64,
    },
    /// A copy was acknowledged; it ended.
    Acked {
        /// Which copy.
        queued: Queued,
        /// By whom; without, by a channel that had got it.
        consumer: Option<ConsumerId>,
    },
    /// A reader of a stream said that it may be sent another (Q47).
    Credited {
        /// The entry it is done with.
        queued: Queued,
        /// The reader.
        consumer: ConsumerId,
    },
    /// A delivery came back and is ready again.
    Requeued {
        /// Which copy.
        queued: Queued,
        /// From whom; without, from a channel that had got it.
        consumer: Option<ConsumerId>,
        /// Why.
        why: Return,
        /// Where it stands now.
        place: Place,
        /// How often it came back so far, as a quorum queue counts it (Q44); 0 where nobody counts.
        returns: u32,
    },
    /// A delivery came back and waits for a while before it is ready again (Q46).
    Delayed {
        /// Which copy.
        queued: Queued,
        /// From whom.
        consumer: Option<ConsumerId>,
        /// Until when.
        until: Micros,
        /// How often it came back so far (Q44).
        returns: u32,
    },

    // To publishers.
    /// The broker settled what was published on a channel in confirm mode (P7–P9).
    Confirmed {
        /// The channel.
        channel: ChannelId,
        /// The sequence number, counted per channel from 1 (P6).
        sequence: u64,
        /// Whether all up to that one are meant (P8).
        multiple: bool,
        /// `basic.ack` rather than `basic.nack`.
        ack: bool,
        /// The messages it settles, in order.
        messages: Box<[MessageId]>,
    },
    /// A transaction was committed (P10).
    Committed {
        /// The channel.
        channel: ChannelId,
        /// So many publishes.
        publishes: usize,
        /// So many settled deliveries.
        settlements: usize,
    },
    /// A transaction was rolled back (P11).
    RolledBack {
        /// The channel.
        channel: ChannelId,
        /// The publishes discarded.
        messages: Box<[MessageId]>,
        /// So many deliveries are unacked again.
        settlements: usize,
    },

    // Consumers.
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
        /// Why.
        why: Cancellation,
    },
    /// A consumer became the single active one of its queue (Q43).
    Activated {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
    },

    // What there is.
    /// An exchange came to be.
    ExchangeDeclared {
        /// The exchange.
        exchange: ExchangeId,
        /// Its alternate exchange, by an argument or a policy (E13).
        alternate: Option<Name>,
    },
    /// An exchange is gone.
    ExchangeDeleted {
        /// The exchange.
        exchange: ExchangeId,
        /// Why.
        why: Departure,
    },
    /// A queue came to be.
    QueueDeclared {
        /// The queue.
        queue: QueueId,
        /// What holds for it.
        settings: Arc<Settings>,
    },
    /// A queue is gone, and all that was in it (Q10).
    QueueDeleted {
        /// The queue.
        queue: QueueId,
        /// Why.
        why: Departure,
        /// The copies that ended: ready ones and those delivered and not settled.
        copies: Box<[CopyId]>,
    },
    /// A binding was made.
    Bound {
        /// The binding.
        binding: BindingId,
    },
    /// A binding is gone.
    Unbound {
        /// The binding.
        binding: BindingId,
        /// Why.
        why: Departure,
    },
    /// A policy was set, or changed.
    PolicySet {
        /// Its name.
        name: Name,
        /// Whether it is an operator policy.
        operator: bool,
        /// The queues for which something changed by it.
        queues: Box<[QueueId]>,
        /// What holds for each of them now.
        settings: Box<[Arc<Settings>]>,
        /// The exchanges for which something changed by it.
        exchanges: Box<[ExchangeId]>,
        /// The alternate exchange of each of them now.
        alternates: Box<[Option<Name>]>,
    },
    /// A policy was taken away.
    PolicyCleared {
        /// Its name.
        name: Name,
        /// Whether it was an operator policy.
        operator: bool,
        /// The queues for which something changed by it.
        queues: Box<[QueueId]>,
        /// What holds for each of them now.
        settings: Box<[Arc<Settings>]>,
        /// The exchanges for which something changed by it.
        exchanges: Box<[ExchangeId]>,
        /// The alternate exchange of each of them now.
        alternates: Box<[Option<Name>]>,
    },
    /// What a user may do was set, or changed.
    UserSet {
        /// The user's name.
        name: Name,
        /// What it may do; nothing, if it may not enter.
        permissions: Option<Box<PermissionsSpec>>,
    },
    /// What was done is allowed here and refused by a later release.
    Deprecated {
        /// What.
        feature: Deprecation,
    },

    // Connections.
    /// A connection was opened.
    ConnectionOpened {
        /// Which.
        connection: ConnectionId,
    },
    /// A connection ended.
    ConnectionClosed {
        /// Which.
        connection: ConnectionId,
        /// Why.
        why: Closing,
    },
    /// A channel was opened.
    ChannelOpened {
        /// Which.
        channel: ChannelId,
    },
    /// A channel ended.
    ChannelClosed {
        /// Which.
        channel: ChannelId,
        /// Why.
        why: Closing,
    },
    /// A method was refused, or the broker ends a channel by itself; what is closed is told after this.
    Refused {
        /// The connection it came on.
        connection: ConnectionId,
        /// The channel it came on, if it was one's.
        channel: Option<ChannelId>,
        /// The method's name; none if the client said nothing wrong, but did not say something in time (S15).
        method: Option<&'static str>,
        /// The message, if it was a publish.
        message: Option<MessageId>,
        /// How it was refused.
        refusal: Box<Refusal>,
    },
    /// A connection is no longer read, or is read again.
    Throttled {
        /// Which.
        connection: ConnectionId,
        /// Its state now.
        state: Throttle,
    },
    /// A resource runs short (F2).
    AlarmRaised {
        /// Which.
        alarm: Alarm,
    },
    /// A resource is there again (F4).
    AlarmCleared {
        /// Which.
        alarm: Alarm,
    },
    /// The broker went down.
    Stopped {
        /// Shut down rather than crashed.
        clean: bool,
    },
    /// The broker came up.
    Started {
        /// So many messages were recovered.
        recovered: u64,
    },
}

/// A limit on a queue's length (Q25).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// So many ready messages.
    Messages(u64),
    /// So many octets of ready bodies.
    Bytes(u64),
}

/// What becomes of a copy that died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The queue has no dead-letter exchange: it is gone.
    Dropped,
    /// The dead-letter exchange does not exist: it is gone (D2).
    NoExchange(Name),
    /// The dead-letter exchange does not exist: its queue keeps it until there is one (D6).
    Kept(Name),
    /// It goes to the dead-letter exchange.
    DeadLettered(ExchangeId),
}

/// Why a copy ended without anybody's doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// Its queue was deleted while it was on its way there, or while that queue kept it, dead (D6).
    QueueDeleted,
    /// The broker restarted, and it was transient, or not yet written (R1, R2, R6).
    Restart,
    /// Its dead-letter exchange was deleted while it was on its way there (D2).
    ExchangeDeleted,
}

/// Why a delivery came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Return {
    /// `basic.nack` with requeue.
    Nacked,
    /// `basic.reject` with requeue.
    Rejected,
    /// `basic.recover` (S14).
    Recovered,
    /// Its channel or connection ended (C12).
    ChannelEnded,
    /// Its consumer did not acknowledge in time (S15).
    TimedOut,
    /// The broker restarted (R8).
    Restarted,
    /// It had waited for its retry (Q46).
    Delayed,
}

/// Where a returned delivery stands (S10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Where it was.
    Original,
    /// Before all that was never delivered, behind what was returned before.
    Returned,
    /// At the tail.
    Tail,
}

/// Why a consumer was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cancellation {
    /// It asked for it (S4).
    ByClient,
    /// Its channel or connection ended (C12).
    ChannelEnded,
    /// Its queue is gone (S13).
    QueueDeleted,
    /// It did not acknowledge in time (S15).
    TimedOut,
}

/// Why an exchange, a queue or a binding is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Departure {
    /// Somebody deleted it.
    Deleted,
    /// Auto-delete: its last consumer, or its last binding, went (E9, Q6).
    AutoDeleted,
    /// Exclusive: its connection ended (Q5).
    ConnectionEnded,
    /// Nobody used it for as long as `x-expires` says (Q24).
    Expired,
    /// It does not survive a restart (R3, R4).
    Restart,
    /// What it came from, or led to, is gone.
    EndGone,
    /// A direct reply-to address: its requester is gone (S16).
    RequesterGone,
}

/// Why a connection or channel ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closing {
    /// The client closed it.
    ByClient,
    /// The TCP connection was lost.
    Lost,
    /// The broker closed it, for this.
    Refused(Box<Refusal>),
    /// Its connection ended.
    WithConnection,
}

/// Whether a connection is read (F1, F3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Throttle {
    /// It is read.
    #[default]
    Running,
    /// An alarm is on; it is read until it publishes.
    Blocking,
    /// An alarm is on, and it published: it is not read.
    Blocked,
    /// It published faster than queues take: it is not read until they have caught up.
    Flow,
}

/// What a later release refuses (V4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deprecation {
    /// A transient queue that is not exclusive (Q7).
    TransientQueue,
    /// `basic.qos` with global=true (S8).
    GlobalPrefetch,
}

impl Event {
    /// The message it is about, if it is about one.
    pub fn message(&self) -> Option<MessageId> {
        match self {
            Self::Routed { message, .. }
            | Self::Unroutable { message, .. }
            | Self::Returned { message, .. }
            | Self::Postponed { message, .. }
            | Self::Resumed { message, .. }
            | Self::Recalled { message, .. }
            | Self::Untold { message, .. }
            | Self::Held { message, .. } => Some(*message),
            Self::Refused { message, .. } => *message,
            Self::Confirmed { messages, .. } => messages.last().copied(),
            _ => self.queued().map(|queued| queued.message),
        }
    }

    /// The copy it is about, if it is about one.
    pub fn queued(&self) -> Option<Queued> {
        match self {
            Self::Ready { queued, .. }
            | Self::TurnedAway { queued, .. }
            | Self::Died { queued, .. }
            | Self::Kept { queued, .. }
            | Self::Resent { queued, .. }
            | Self::Released { queued }
            | Self::Lost { queued, .. }
            | Self::Delivered { queued, .. }
            | Self::Got { queued, .. }
            | Self::Read { queued, .. }
            | Self::Acked { queued, .. }
            | Self::Credited { queued, .. }
            | Self::Requeued { queued, .. }
            | Self::Delayed { queued, .. } => Some(*queued),
            _ => None,
        }
    }
}
