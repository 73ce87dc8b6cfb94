//! To whom the broker says what happens, and what it sends.

use super::{
    ChannelId, ConnectionId, ConsumerId, CopyId, Event, EventId, ExchangeId, Message, Name,
    QueueId, Queued, Refusal, Table, Value, Via,
};

/// Who is told what happens, and carries what the broker sends. The broker does not know whether anybody keeps it.
pub trait Outlet {
    /// Takes an event and the event that caused it, and gives the event its number. Nobody needs the event's text if
    /// nobody keeps it, so it is made only on demand.
    fn event(&mut self, cause: EventId, event: impl FnOnce() -> Event) -> EventId;

    /// Carries something to a client, or on its way through the broker.
    fn send(&mut self, outgoing: Outgoing);
}

/// Something the broker sends.
#[derive(Clone, Debug)]
pub enum Outgoing {
    /// `basic.deliver`
    Delivery(Delivery),
    /// `basic.cancel` from the broker (S13).
    Cancel {
        /// The consumer that was removed.
        consumer: ConsumerId,
        /// The event that tells of it.
        event: EventId,
    },
    /// `basic.return` (P2).
    Return {
        /// The channel it was published on.
        channel: ChannelId,
        /// The message.
        message: Message,
        /// The event that tells of it.
        event: EventId,
    },
    /// `basic.ack` or `basic.nack` to a publisher (P7–P9).
    Confirm {
        /// The channel.
        channel: ChannelId,
        /// The sequence number.
        sequence: u64,
        /// Whether all up to that one are meant.
        multiple: bool,
        /// `basic.ack` rather than `basic.nack`.
        ack: bool,
        /// The event that tells of it.
        event: EventId,
    },
    /// `connection.blocked` with the reason, or `connection.unblocked` (F3, F4).
    Blocked {
        /// The connection.
        connection: ConnectionId,
        /// Why; none when it is over.
        reason: Option<&'static str>,
        /// The event that tells of it.
        event: EventId,
    },
    /// The connection is read again: what waited may be sent again.
    Readable {
        /// The connection.
        connection: ConnectionId,
        /// The event that tells of it.
        event: EventId,
    },
    /// `channel.close` from the broker.
    CloseChannel {
        /// The channel.
        channel: ChannelId,
        /// Why.
        refusal: Refusal,
        /// The event that tells of it.
        event: EventId,
    },
    /// `connection.close` from the broker, or the TCP connection just ended.
    CloseConnection {
        /// The connection.
        connection: ConnectionId,
        /// Why; none when it was just lost.
        refusal: Option<Refusal>,
        /// The event that tells of it.
        event: EventId,
    },
    /// A copy sets out from an exchange to its queue.
    Transit(Transit),
    /// A dead message sets out from its queue to the dead-letter exchange.
    Letter(Letter),
}

/// `basic.deliver`: what a consumer receives; also `basic.get-ok`.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The consumer; without, it was asked for with `basic.get`.
    pub consumer: Option<ConsumerId>,
    /// The channel it goes out on.
    pub channel: ChannelId,
    /// The delivery tag.
    pub tag: u64,
    /// Whether it may have been delivered before (S12).
    pub redelivered: bool,
    /// How often it was delivered and returned, as a quorum queue's delivery limit counts (Q44).
    pub returns: u32,
    /// How often it was delivered before, whatever became of it, where a quorum queue says so (Q45).
    pub acquired: u32,
    /// Its place in the stream it comes from (Q47).
    pub offset: Option<u64>,
    /// The copy.
    pub queued: Queued,
    /// The message itself.
    pub message: Message,
    /// The event that tells of it.
    pub event: EventId,
}

impl Delivery {
    /// Whether its queue adds headers.
    pub fn adds_headers(&self) -> bool {
        self.returns > 0 || self.acquired > 0 || self.offset.is_some()
    }

    /// The headers as the client sees them: the publisher's, and those its queue adds (Q45, Q47).
    pub fn headers(&self) -> Table {
        let mut headers = self.message.publication.properties.headers.clone();
        let counts = [
            ("x-delivery-count", self.returns),
            ("x-acquired-count", self.acquired),
        ];
        for (name, count) in counts.into_iter().filter(|&(_, count)| count > 0) {
            headers.insert(name.into(), Value::Int(count.into()));
        }
        if let Some(offset) = self.offset {
            let offset = i64::try_from(offset).unwrap_or(i64::MAX);
            headers.insert("x-stream-offset".into(), Value::Int(offset));
        }
        headers
    }
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
    /// The event that tells of the routing.
    pub event: EventId,
}

/// A dead message on its way to the dead-letter exchange.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The copy that died.
    pub copy: CopyId,
    /// The queue it died in.
    pub queue: QueueId,
    /// Where it goes.
    pub exchange: ExchangeId,
    /// The exchange's name.
    pub name: Name,
    /// The event that tells of the death.
    pub event: EventId,
}
