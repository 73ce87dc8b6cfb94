//! What is over and nobody asks for any more.
//!
//! Whoever keeps events needs the names of what has ended, so nothing is forgotten by itself. A server keeps none, and may
//! run for weeks.

use std::sync::Arc;

use crate::broker::{ChannelId, ConnectionId, ConsumerId};

use super::Broker;

/// What has ended since it was forgotten last.
#[derive(Clone, Debug, Default)]
pub(super) struct Gone {
    pub(super) connections: Vec<ConnectionId>,
    pub(super) channels: Vec<ChannelId>,
    pub(super) consumers: Vec<ConsumerId>,
}

impl Broker {
    /// Forgets connections, channels and consumers that have ended, and the arguments of what was deleted, once all that was sent on them has been carried away.
    /// The broker does the same afterwards; only their names and numbers lead to nothing any more.
    ///
    /// Whether connections were among it.
    pub fn forget_gone(&mut self) -> bool {
        let consumers = &mut self.consumers;
        self.gone.consumers.retain(|id| {
            // What a cancelled consumer was delivered is still its (S4).
            let holds = consumers.get(id.index()).is_some_and(|it| it.unacked > 0);
            if !holds {
                consumers.forget(id.index());
            }
            holds
        });
        for channel in self.gone.channels.drain(..) {
            self.channels.forget(channel.index());
        }
        let any = !self.gone.connections.is_empty();
        for connection in self.gone.connections.drain(..) {
            self.connections.forget(connection.index());
        }
        if self.definitions.has_gone() {
            Arc::make_mut(&mut self.definitions).forget_gone();
        }
        any
    }
}
