//! What a client lives through: a refusal closes its channel or its connection (C1).

use crate::broker::{
    Capabilities, ChannelId, Command, ConnectionId, EventId, Method, Micros, Name, Outlet, Refusal,
    Reply, Violation,
};

use super::Broker;

impl Broker {
    /// Carries out a client's method, and does to the client what a refusal does: its channel, or its connection, is
    /// closed (C1).
    ///
    /// # Errors
    /// The refusal, after it was told and something was closed for it.
    pub fn serve(
        &mut self,
        now: Micros,
        channel: ChannelId,
        method: Method,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let name = method.name();
        let message = match &method {
            Method::Publish { message, .. } => Some(message.id),
            _ => None,
        };
        let reply = self.handle(now, Command::Call { channel, method }, cause, out);
        if let Err(refusal) = &reply
            && self.up
        {
            self.close_for(channel, Some(name), message, refusal, cause, out);
            self.finish(out);
        }
        reply
    }

    /// Opens a channel for a client. A refusal closes its connection, since it is about a channel that is not open (C10).
    ///
    /// # Errors
    /// The refusal, after it was told and the connection was closed for it.
    pub fn serve_open(
        &mut self,
        now: Micros,
        connection: ConnectionId,
        number: Option<u16>,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let reply = self.handle(now, Command::OpenChannel { connection, number }, cause, out);
        if let Err(refusal) = &reply
            && self.up
        {
            self.close_connection_for(connection, Some("channel.open"), refusal, cause, out);
        }
        reply
    }

    /// A client broke the protocol, in a way that no method can: its channel, or its connection, is closed for it (C9).
    pub fn serve_violation(
        &mut self,
        now: Micros,
        violation: &Violation,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        self.now = self.now.max(now);
        if !self.up {
            return;
        }
        let Violation {
            connection,
            channel,
            method,
            refusal,
        } = violation;
        match channel {
            Some(channel) => self.close_for(*channel, *method, None, refusal, cause, out),
            None => self.close_connection_for(*connection, *method, refusal, cause, out),
        }
        self.finish(out);
    }

    /// Logs a client in and opens its connection. One that is refused had a connection all the same, which is closed at
    /// once (C6, C7): it is the last of [`connections`](Self::connections).
    ///
    /// # Errors
    /// The refusal, after it was told and the connection was closed for it.
    pub fn serve_login(
        &mut self,
        now: Micros,
        name: Name,
        user: Name,
        capabilities: Capabilities,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let open = Command::OpenConnection {
            name: name.clone(),
            user: user.clone(),
            capabilities,
        };
        let reply = self.handle(now, open, cause, out);
        if let Err(refusal) = &reply
            && self.up
        {
            self.refuse_login(name, user, capabilities, refusal, cause, out);
        }
        reply
    }
}
