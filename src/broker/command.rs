//! What can be asked of the broker, and what it answers.

use super::{
    BindingId, ChannelId, ConnectionId, ConsumerId, CopyId, Delivery, ExchangeId, ExchangeSpec,
    Message, Name, PolicySpec, QueueId, QueueSpec, Refusal, Table, UserSpec, Value,
};

/// Something asked of the broker.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A client logs in and opens a connection (C3, C7).
    OpenConnection {
        /// What the client calls it.
        name: Name,
        /// The user it logs in as.
        user: Name,
        /// What the client says it understands (C8).
        capabilities: Capabilities,
    },
    /// A connection ends (C13).
    CloseConnection {
        /// Which.
        connection: ConnectionId,
        /// How.
        how: Hangup,
    },
    /// `channel.open`
    OpenChannel {
        /// On which connection.
        connection: ConnectionId,
        /// The channel's number there; without one, the lowest free (C10).
        number: Option<u16>,
    },
    /// A method on a channel.
    Call {
        /// The channel.
        channel: ChannelId,
        /// The method.
        method: Method,
    },
    /// An operator does something, as with the management tools.
    Operate(Operation),
    /// A copy that was on its way comes to its queue.
    Arrive {
        /// The copy.
        copy: CopyId,
    },
    /// A dead message that was on its way comes to its dead-letter exchange.
    DeadLetter {
        /// The copy that died.
        copy: CopyId,
    },
    /// A connection's client has taken all that it was sent.
    Taken {
        /// The connection.
        connection: ConnectionId,
    },
    /// Time has gone on: what is due by now is done.
    Tick,
}

/// What a client did that no method can do: frames out of order, a method that is none (C9, C10).
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// On which connection.
    pub connection: ConnectionId,
    /// On which channel, if it is about one and closes no more than that.
    pub channel: Option<ChannelId>,
    /// The method it was about, if it was about one.
    pub method: Option<&'static str>,
    /// What is closed for it, and why.
    pub refusal: Refusal,
}

/// What a client announces that it understands (C8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// `consumer_cancel_notify`: it takes `basic.cancel` from the broker (S13).
    pub consumer_cancel_notify: bool,
    /// `connection.blocked`: it wants to be told (F3).
    pub connection_blocked: bool,
}

/// All of them, as clients of today announce.
impl Default for Capabilities {
    fn default() -> Self {
        Self {
            consumer_cancel_notify: true,
            connection_blocked: true,
        }
    }
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hangup {
    /// The client says `connection.close`.
    ByClient,
    /// The TCP connection is lost: a crash, a pulled cable, missed heartbeats (C5, C13).
    Lost,
    /// An operator closes it: 320 (C13).
    ByOperator,
}

/// A method of AMQP on a channel, with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub enum Method {
    /// `channel.close`
    Close,
    /// `channel.flow` (C14)
    Flow {
        /// Whether the broker may send.
        active: bool,
    },
    /// `exchange.declare`
    DeclareExchange {
        /// The exchange.
        spec: ExchangeSpec,
        /// Asks only whether it exists (E4).
        passive: bool,
    },
    /// `exchange.delete`
    DeleteExchange {
        /// Its name.
        exchange: Name,
        /// Only if it is the source of no binding (E7).
        if_unused: bool,
    },
    /// `exchange.bind`
    BindExchange {
        /// Where it leads.
        destination: Name,
        /// Where it comes from.
        source: Name,
        /// The binding key.
        key: Name,
        /// The arguments.
        arguments: Table,
    },
    /// `exchange.unbind`
    UnbindExchange {
        /// Where it leads.
        destination: Name,
        /// Where it comes from.
        source: Name,
        /// The binding key.
        key: Name,
        /// The arguments; they must be repeated (E11).
        arguments: Table,
    },
    /// `queue.declare`
    DeclareQueue {
        /// The queue; an empty name asks the broker for one (Q1).
        spec: QueueSpec,
        /// Asks only whether it exists (Q3).
        passive: bool,
    },
    /// `queue.bind`
    BindQueue {
        /// The queue; empty for the last declared on this channel (C16).
        queue: Name,
        /// Where it comes from.
        source: Name,
        /// The binding key.
        key: Name,
        /// The arguments.
        arguments: Table,
    },
    /// `queue.unbind`
    UnbindQueue {
        /// The queue, as for `BindQueue`.
        queue: Name,
        /// Where it comes from.
        source: Name,
        /// The binding key.
        key: Name,
        /// The arguments; they must be repeated (E11).
        arguments: Table,
    },
    /// `queue.purge` (Q11)
    PurgeQueue {
        /// The queue.
        queue: Name,
    },
    /// `queue.delete` (Q9)
    DeleteQueue {
        /// The queue.
        queue: Name,
        /// Only if it has no consumers.
        if_unused: bool,
        /// Only if it has no ready messages.
        if_empty: bool,
    },
    /// `basic.qos` (S7, S8)
    Qos {
        /// Must be 0.
        prefetch_size: u32,
        /// The most unacked deliveries; 0 is no limit.
        prefetch: u16,
        /// For the channel as a whole, rather than for each consumer started afterwards.
        global: bool,
    },
    /// `basic.consume`
    Consume {
        /// The queue; empty for the last declared on this channel (C16).
        queue: Name,
        /// The consumer tag; empty asks the broker for one (S2).
        tag: Name,
        /// Whether deliveries count as acknowledged when sent.
        no_ack: bool,
        /// Whether nobody else may consume (S1).
        exclusive: bool,
        /// `x-priority` (S9), `x-stream-offset` (Q47).
        arguments: Table,
    },
    /// `basic.cancel` (S4)
    Cancel {
        /// The consumer tag.
        tag: Name,
    },
    /// `basic.publish`
    Publish {
        /// The message; [`Broker::take`](super::Broker::take) gives it its number.
        message: Message,
        /// Whether it comes back if no queue takes it (P2).
        mandatory: bool,
        /// Not implemented (P2).
        immediate: bool,
    },
    /// `basic.get` (S3)
    Get {
        /// The queue; empty for the last declared on this channel (C16).
        queue: Name,
        /// Whether it counts as acknowledged when sent.
        no_ack: bool,
    },
    /// `basic.ack`
    Ack {
        /// The delivery tag.
        tag: u64,
        /// Whether all up to that one are meant (S6).
        multiple: bool,
    },
    /// `basic.reject`
    Reject {
        /// The delivery tag.
        tag: u64,
        /// Whether it returns to its queue rather than dying.
        requeue: bool,
    },
    /// `basic.nack`
    Nack {
        /// The delivery tag.
        tag: u64,
        /// Whether all up to that one are meant (S6).
        multiple: bool,
        /// Whether it returns to its queue rather than dying.
        requeue: bool,
    },
    /// `basic.recover` (S14)
    Recover {
        /// Must be true.
        requeue: bool,
    },
    /// `confirm.select` (P6)
    ConfirmSelect,
    /// `tx.select` (P10)
    TxSelect,
    /// `tx.commit`
    TxCommit,
    /// `tx.rollback` (P11)
    TxRollback,
}

impl Method {
    /// Roughly how much memory it takes, in octets.
    pub fn memory(&self) -> u64 {
        let arguments = match self {
            Self::DeclareExchange { spec, .. } => &spec.arguments,
            Self::DeclareQueue { spec, .. } => &spec.arguments,
            Self::BindExchange { arguments, .. }
            | Self::UnbindExchange { arguments, .. }
            | Self::BindQueue { arguments, .. }
            | Self::UnbindQueue { arguments, .. }
            | Self::Consume { arguments, .. } => arguments,
            _ => return size_of::<Self>() as u64,
        };
        size_of::<Self>() as u64 + Value::table_memory(arguments.iter())
    }

    /// AMQP's name for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Close => "channel.close",
            Self::Flow { .. } => "channel.flow",
            Self::DeclareExchange { .. } => "exchange.declare",
            Self::DeleteExchange { .. } => "exchange.delete",
            Self::BindExchange { .. } => "exchange.bind",
            Self::UnbindExchange { .. } => "exchange.unbind",
            Self::DeclareQueue { .. } => "queue.declare",
            Self::BindQueue { .. } => "queue.bind",
            Self::UnbindQueue { .. } => "queue.unbind",
            Self::PurgeQueue { .. } => "queue.purge",
            Self::DeleteQueue { .. } => "queue.delete",
            Self::Qos { .. } => "basic.qos",
            Self::Consume { .. } => "basic.consume",
            Self::Cancel { .. } => "basic.cancel",
            Self::Publish { .. } => "basic.publish",
            Self::Get { .. } => "basic.get",
            Self::Ack { .. } => "basic.ack",
            Self::Reject { .. } => "basic.reject",
            Self::Nack { .. } => "basic.nack",
            Self::Recover { .. } => "basic.recover",
            Self::ConfirmSelect => "confirm.select",
            Self::TxSelect => "tx.select",
            Self::TxCommit => "tx.commit",
            Self::TxRollback => "tx.rollback",
        }
    }
}

/// What an operator can do.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Declares an exchange; nobody's permission is asked for, as with all of these.
    DeclareExchange(ExchangeSpec),
    /// Deletes an exchange, in use or not.
    DeleteExchange(Name),
    /// Declares a queue.
    DeclareQueue(QueueSpec),
    /// Deletes a queue, whatever is in it (Q10).
    DeleteQueue(Name),
    /// Drops a queue's ready messages (Q11).
    PurgeQueue(Name),
    /// Makes a binding.
    Bind {
        /// Where it comes from.
        source: Name,
        /// Where it leads.
        destination: Target,
        /// The binding key.
        key: Name,
        /// The arguments.
        arguments: Table,
    },
    /// Takes a binding away.
    Unbind {
        /// Where it comes from.
        source: Name,
        /// Where it leads.
        destination: Target,
        /// The binding key.
        key: Name,
        /// The arguments.
        arguments: Table,
    },
    /// Sets a policy, or an operator policy (O1).
    SetPolicy(PolicySpec),
    /// Takes one away.
    ClearPolicy {
        /// Its name.
        name: Name,
        /// Whether it is an operator policy.
        operator: bool,
    },
    /// Adds a user, or changes what it may do (C18).
    SetUser(UserSpec),
    /// A resource runs short (F2).
    RaiseAlarm(Alarm),
    /// It is there again (F4).
    ClearAlarm(Alarm),
    /// The broker goes down: shut down, or crashed (R1–R8).
    Stop {
        /// Shut down rather than crashed.
        clean: bool,
    },
    /// It comes up again.
    Start,
}

/// A resource that runs short (F2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alarm {
    /// Memory above the watermark.
    Memory,
    /// Too little free disk.
    Disk,
}

impl Alarm {
    /// What `connection.blocked` says (F3).
    pub fn reason(self) -> &'static str {
        match self {
            Self::Memory => "low on memory",
            Self::Disk => "low on disk",
        }
    }
}

/// Where a binding leads, by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A queue.
    Queue(Name),
    /// An exchange.
    Exchange(Name),
}

/// What a command that was not refused answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Done; there is nothing to say.
    Done,
    /// The connection opened.
    Connection(ConnectionId),
    /// The channel opened.
    Channel(ChannelId),
    /// The exchange declared.
    Exchange(ExchangeId),
    /// `queue.declare-ok` (Q2)
    Queue {
        /// The queue declared.
        queue: QueueId,
        /// Its name, which the broker may have given.
        name: Name,
        /// Ready messages.
        ready: usize,
        /// Consumers.
        consumers: usize,
    },
    /// The binding made.
    Binding(BindingId),
    /// `queue.purge-ok`, `queue.delete-ok`: so many messages went.
    Count(usize),
    /// The consumer added.
    Consumer {
        /// Its number.
        consumer: ConsumerId,
        /// Its tag, which the broker may have given.
        tag: Name,
    },
    /// `basic.get-ok`
    Got {
        /// The message.
        delivery: Box<Delivery>,
        /// Ready messages that remain (S3).
        remaining: usize,
    },
    /// `basic.get-empty`
    Empty,
    /// Not looked at: the broker has closed the channel, and the client said this before it knew (C11).
    Ignored,
    /// Not done yet: the connection is not being read. It is to be asked again when it is (F1, F3).
    NotRead,
}
