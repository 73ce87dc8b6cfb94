//! Who may do what (C18).

use crate::broker::name::clean_name;
use crate::broker::{ChannelId, Name, Permission, QueueId, Refusal, ReplyCode, Resource};

use super::Broker;

impl Broker {
    /// Asks whether the channel's user may do something with a thing.
    pub(super) fn permit(
        &self,
        channel: ChannelId,
        permission: Permission,
        thing: Resource<'_>,
    ) -> Result<(), Refusal> {
        let connection = &self.connections[self.channels[channel.index()].connection.index()];
        if connection.unrestricted {
            return Ok(());
        }
        match self.users.get(&connection.user) {
            Some(user) => user.may(permission, thing),
            None => Ok(()),
        }
    }

    /// Asks whether the channel's user may use a key with a topic exchange.
    pub(super) fn permit_key(
        &self,
        channel: ChannelId,
        permission: Permission,
        exchange: &str,
        key: &str,
    ) -> Result<(), Refusal> {
        let connection = &self.connections[self.channels[channel.index()].connection.index()];
        if connection.unrestricted {
            return Ok(());
        }
        match self.users.get(&connection.user) {
            Some(user) => user.may_key(permission, exchange, key),
            None => Ok(()),
        }
    }

    /// The name a method means: an empty one is the last queue declared on the channel (C16).
    pub(super) fn queue_meant(&self, channel: ChannelId, name: &Name) -> Result<Name, Refusal> {
        if !name.is_empty() {
            return clean_name(name); // C17
        }
        self.channels[channel.index()]
            .last_queue
            .clone()
            .ok_or_else(|| Refusal::new(ReplyCode::NotFound, "C16", "no previously declared queue"))
    }

    /// The queue of that name, which this channel may use (S1, Q5).
    pub(super) fn usable_queue(&self, channel: ChannelId, name: &Name) -> Result<QueueId, Refusal> {
        let id = self.definitions.require_queue(name)?;
        self.check_owner(channel, id)?;
        Ok(id)
    }

    pub(super) fn check_owner(&self, channel: ChannelId, queue: QueueId) -> Result<(), Refusal> {
        let there = &self.queues[queue.index()];
        let connection = self.channels[channel.index()].connection;
        if there.owner.is_some_and(|owner| owner != connection) {
            return Err(Refusal::new(
                ReplyCode::ResourceLocked,
                "Q5",
                format!(
                    "cannot obtain exclusive access to locked queue '{}' in vhost '{}'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.",
                    there.name,
                    self.definitions.vhost()
                ),
            ));
        }
        Ok(())
    }
}
