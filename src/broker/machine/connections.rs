//! Connections and channels, as they come and go (C6–C14).

use crate::broker::channel::Channel;
use crate::broker::connection::Connection;
use crate::broker::transaction::Settle;
use crate::broker::{
    Cancellation, Capabilities, ChannelId, Closing, ConnectionId, Departure, Event, EventId,
    Hangup, MessageId, Name, Outgoing, Outlet, Refusal, Reply, ReplyCode, Scope, Switches,
    Throttle,
};

use super::Broker;

impl Broker {
    pub(super) fn open_connection(
        &mut self,
        name: Name,
        user: &Name,
        capabilities: Capabilities,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let Some(known) = self.users.get(user) else {
            // C6
            return Err(Refusal::new(
                ReplyCode::AccessRefused,
                "C6",
                format!("login was refused: there is no user '{user}'"),
            ));
        };
        known.may_enter()?; // C7
        let id = ConnectionId(self.connections.given() as u32);
        let unrestricted = known.is_unrestricted();
        let connection = Connection::new(id, name, user.clone(), capabilities, unrestricted);
        self.connections.push(connection);
        let event = out.event(cause, || Event::ConnectionOpened { connection: id });
        if !self.alarms.is_empty() {
            self.throttle(id, Throttle::Blocking, event, out); // F3
        }
        Ok(Reply::Connection(id))
    }

    /// Tells that a login was refused, and closes the connection it came on.
    pub(super) fn refuse_login(
        &mut self,
        name: Name,
        user: Name,
        capabilities: Capabilities,
        refusal: &Refusal,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let id = ConnectionId(self.connections.given() as u32);
        let (known, unrestricted) = (self.users.get(&user).is_some(), false);
        let connection = Connection::new(id, name, user, capabilities, unrestricted);
        self.connections.push(connection);
        let method = match known {
            true => "connection.open",      // C7
            false => "connection.start-ok", // C6
        };
        self.close_connection_for(id, Some(method), refusal, cause, out);
    }

    pub(super) fn open_channel(
        &mut self,
        connection: ConnectionId,
        number: Option<u16>,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let id = ChannelId(self.channels.given() as u32);
        let there = self.open_connection_of(connection)?;
        if !there.is_read() {
            return Ok(Reply::NotRead); // F1, F3
        }
        let number = number.unwrap_or_else(|| {
            let taken = |number: &u16| there.channels.contains_key(number);
            (1..u16::MAX).find(|number| !taken(number)).unwrap_or(0)
        });
        let open = there.channels.len();
        let is_new = !there.channels.contains_key(&number);
        if number == 0 || (is_new && open >= Switches::CHANNEL_MAX.into()) {
            // C10
            return Err(Refusal::new(
                ReplyCode::NotAllowed,
                "C10",
                format!(
                    "number of channels opened ({open}) has reached the negotiated channel_max ({})",
                    Switches::CHANNEL_MAX
                ),
            ));
        }
        if there.channels.contains_key(&number) {
            return Err(Refusal::new(
                ReplyCode::ChannelError,
                "C10",
                "second 'channel.open' seen",
            ));
        }
        there.channels.insert(number, id);
        self.channels.push(Channel::new(id, connection, number));
        out.event(cause, || Event::ChannelOpened { channel: id });
        Ok(Reply::Channel(id))
    }

    /// All connections, to go through them while they change.
    pub(super) fn connection_ids(&self) -> Vec<ConnectionId> {
        self.connections.iter().map(|it| it.id).collect()
    }

    fn open_connection_of(&mut self, id: ConnectionId) -> Result<&mut Connection, Refusal> {
        self.connections
            .get_mut(id.index())
            .filter(|connection| !connection.closed)
            .ok_or_else(|| {
                Refusal::new(
                    ReplyCode::CommandInvalid,
                    "C3",
                    "expected 'connection.open'",
                )
            })
    }

    pub(super) fn hang_up(
        &mut self,
        connection: ConnectionId,
        how: Hangup,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        self.open_connection_of(connection)?;
        let why = match how {
            Hangup::ByClient => Closing::ByClient,
            Hangup::Lost => Closing::Lost,
            Hangup::ByOperator => Closing::Refused(Box::new(Refusal::new(
                ReplyCode::ConnectionForced,
                "C13",
                "Closed via management plugin",
            ))),
        };
        self.end_connection(connection, why, cause, out);
        Ok(Reply::Done)
    }

    /// Ends a connection: its channels end, its exclusive queues are deleted (C13, Q5).
    pub(super) fn end_connection(
        &mut self,
        id: ConnectionId,
        why: Closing,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let connection = &mut self.connections[id.index()];
        if std::mem::replace(&mut connection.closed, true) {
            return;
        }
        self.gone.connections.push(id);
        let channels: Vec<_> = connection.channels.values().copied().collect();
        let refusal = match &why {
            Closing::Refused(refusal) => Some((**refusal).clone()),
            _ => None,
        };
        let told = !matches!(why, Closing::ByClient);
        let event = out.event(cause, || Event::ConnectionClosed {
            connection: id,
            why,
        });
        if told {
            out.send(Outgoing::CloseConnection {
                connection: id,
                refusal,
                event,
            });
        }
        for channel in channels {
            self.end_channel(channel, Closing::WithConnection, event, out);
        }
        let connection = &mut self.connections[id.index()];
        for queue in std::mem::take(&mut connection.exclusives) {
            self.remove_queue(queue, Departure::ConnectionEnded, event, out);
        }
    }

    /// Ends a channel: its consumers vanish, its unacked deliveries are requeued, an open transaction is discarded,
    /// owed confirms are never sent (C12).
    pub(super) fn end_channel(
        &mut self,
        id: ChannelId,
        why: Closing,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let channel = &mut self.channels[id.index()];
        if std::mem::replace(&mut channel.closed, true) {
            return;
        }
        channel.closed_by_broker = !matches!(why, Closing::ByClient);
        let number = channel.number;
        channel.confirms = None;
        self.gone.channels.push(id);
        self.confirming.remove(&id);
        if let Some(transaction) = channel.transaction.take() {
            for (_, settled) in transaction.settlements {
                channel.restore(settled);
            }
        }
        let consumers: Vec<_> = channel.consumers.values().copied().collect();
        let reply_to = channel.reply_to.take();
        let unacked = channel.take_where(|_| true);
        let connection = channel.connection;
        self.connections[connection.index()]
            .channels
            .remove(&number);
        let refused = match &why {
            Closing::Refused(refusal) => Some((**refusal).clone()),
            _ => None,
        };
        let event = out.event(cause, || Event::ChannelClosed { channel: id, why });
        if let Some(refusal) = refused {
            out.send(Outgoing::CloseChannel {
                channel: id,
                refusal,
                event,
            });
        }
        // The consumers go first, so that nothing is redelivered to them.
        let mut left = Vec::new();
        for consumer in consumers {
            left.push(self.consumers[consumer.index()].queue);
            self.remove_consumer(consumer, Cancellation::ChannelEnded, event, out);
        }
        let how = if self.going_down {
            Settle::Restart
        } else {
            Settle::ChannelEnded
        };
        self.give_back(unacked, how, event, out);
        left.sort_unstable();
        left.dedup();
        for queue in left {
            self.activate(queue, event, out);
            self.dispatch(queue, event, out);
            self.auto_delete(queue, event, out);
        }
        if let Some(queue) = reply_to {
            self.remove_queue(queue, Departure::RequesterGone, event, out);
        }
    }

    /// Tells a refusal and closes what it closes (C1).
    pub(super) fn close_for(
        &mut self,
        channel: ChannelId,
        method: Option<&'static str>,
        message: Option<MessageId>,
        refusal: &Refusal,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let Some(there) = self.channels.get(channel.index()) else {
            return;
        };
        let connection = there.connection;
        let gone = there.closed && refusal.scope() == Scope::Channel;
        if gone || self.connections[connection.index()].closed {
            return;
        }
        self.totals.refused += 1;
        let event = out.event(cause, || Event::Refused {
            connection,
            channel: Some(channel),
            method,
            message,
            refusal: Box::new(refusal.clone()),
        });
        let why = Closing::Refused(Box::new(refusal.clone()));
        match refusal.scope() {
            Scope::Channel => self.end_channel(channel, why, event, out),
            Scope::Connection => self.end_connection(connection, why, event, out),
        }
    }

    /// Tells what was refused on no open channel, and closes the connection (C2).
    pub(super) fn close_connection_for(
        &mut self,
        connection: ConnectionId,
        method: Option<&'static str>,
        refusal: &Refusal,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let there = self.connections.get(connection.index());
        if there.is_none_or(|connection| connection.closed) {
            return;
        }
        self.totals.refused += 1;
        let event = out.event(cause, || Event::Refused {
            connection,
            channel: None,
            method,
            message: None,
            refusal: Box::new(refusal.clone()),
        });
        let why = Closing::Refused(Box::new(refusal.clone()));
        self.end_connection(connection, why, event, out);
    }

    /// `channel.flow`: a client cannot stop the broker by it any more (C14).
    pub(super) fn flow(&self, active: bool) -> Result<Reply, Refusal> {
        if active {
            return Ok(Reply::Done);
        }
        Err(Refusal::new(
            ReplyCode::NotImplemented,
            "C14",
            "active=false",
        ))
    }

    /// A connection's client has taken all that it was sent: it may be sent more.
    pub(super) fn taken(&mut self, id: ConnectionId, cause: EventId, out: &mut impl Outlet) {
        let waits = self.waits_for(id);
        let Some(connection) = self.connections.get_mut(id.index()) else {
            return;
        };
        connection.untaken = 0;
        if !waits || connection.closed {
            return;
        }
        let channels = connection.channels.values();
        let consumers: Vec<_> = channels
            .flat_map(|channel| self.channels[channel.index()].consumers.values().copied())
            .collect();
        let mut queues = Vec::new();
        for consumer in consumers {
            let consumer = &self.consumers[consumer.index()];
            let (id, queue, channel) = (consumer.id, consumer.queue, consumer.channel);
            self.unblock(queue, channel);
            self.join_ring(id);
            queues.push(queue);
        }
        queues.sort_unstable();
        queues.dedup();
        for queue in queues {
            self.dispatch(queue, cause, out);
        }
    }

    /// Reads connections again that may be (F1, F4).
    pub(super) fn throttle(
        &mut self,
        id: ConnectionId,
        state: Throttle,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let connection = &mut self.connections[id.index()];
        if connection.closed || connection.throttle == state {
            return;
        }
        let before = std::mem::replace(&mut connection.throttle, state);
        let told = connection.capabilities.connection_blocked;
        let reason = self.alarms.first().map(|alarm| alarm.reason());
        let event = out.event(cause, || Event::Throttled {
            connection: id,
            state,
        });
        if told && state == Throttle::Blocked {
            out.send(Outgoing::Blocked {
                connection: id,
                reason,
                event,
            });
        }
        if told && before == Throttle::Blocked {
            out.send(Outgoing::Blocked {
                connection: id,
                reason: None,
                event,
            });
        }
        let read = |state| matches!(state, Throttle::Running | Throttle::Blocking);
        if !read(before) && read(state) {
            out.send(Outgoing::Readable {
                connection: id,
                event,
            });
        }
    }
}
