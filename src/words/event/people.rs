//! What the things and people of a run are called, by their numbers.

use std::borrow::Cow;

use crate::broker::{
    ChannelId, ConnectionId, ConsumerId, Definitions, ExchangeId, MessageId, QueueId, Queued,
};
use crate::history::Recall;
use crate::t;
use crate::world::{Author, GUEST, LinkId, PublisherId, WorkerId, World};

use super::super::names::{copy_name, exchange, list, message_name};
use super::super::shown;

/// Looks names up: those of people in the world, those of messages in the history.
pub(in crate::words) struct Names<'a> {
    pub(in crate::words) world: &'a World,
    pub(in crate::words) history: &'a dyn Recall,
}

impl<'a> Names<'a> {
    pub(super) fn definitions(&self) -> &'a Definitions {
        self.world.definitions()
    }

    pub(super) fn publisher(&self, id: PublisherId) -> Cow<'a, str> {
        let publisher = self.world.publisher(id);
        publisher.map_or(Cow::Borrowed(""), |publisher| shown(&publisher.name))
    }

    pub(super) fn worker(&self, id: WorkerId) -> Cow<'a, str> {
        let worker = self.world.worker(id);
        worker.map_or(Cow::Borrowed(""), |worker| shown(worker.name()))
    }

    pub(super) fn author(&self, by: Author) -> Cow<'a, str> {
        match by {
            Author::Publisher(id) => self.publisher(id),
            Author::Consumer(id) => self.worker(id),
        }
    }

    /// The queue a worker consumes from.
    pub(super) fn queue_of(&self, id: WorkerId) -> Cow<'a, str> {
        let worker = self.world.worker(id);
        worker.map_or(Cow::Borrowed(""), |worker| shown(&worker.setup.queue))
    }

    /// A consumer's name: its worker's, or its tag if a script made it.
    pub(in crate::words) fn consumer(&self, id: ConsumerId) -> String {
        if let Some(worker) = self.world.worker_of(id) {
            return self.worker(worker).into_owned();
        }
        match self.world.broker().consumer(id) {
            Some(consumer) => shown(&consumer.tag).into_owned(),
            None => t!("consumer-gone"),
        }
    }

    pub(super) fn link(&self, id: LinkId) -> String {
        match self.world.link(id) {
            Some(link) => shown(&link.name).into_owned(),
            None => t!("connection-unnamed"),
        }
    }

    pub(in crate::words) fn connection(&self, id: ConnectionId) -> String {
        match self.world.link_of_connection(id) {
            Some(link) => self.link(link),
            None => t!("connection-unnamed"),
        }
    }

    /// Whom a connection logged in as, if not as everybody does.
    pub(super) fn user(&self, id: ConnectionId) -> Option<Cow<'a, str>> {
        let connection = self.world.broker().connection(id)?;
        (connection.user != *GUEST).then(|| shown(&connection.user))
    }

    /// A channel goes by its connection's name: each of ours has one.
    pub(in crate::words) fn channel(&self, id: ChannelId) -> String {
        match self.world.link_of_channel(id) {
            Some(link) => self.link(link),
            None => t!("connection-unnamed"),
        }
    }

    pub(in crate::words) fn queue(&self, id: QueueId) -> Cow<'a, str> {
        shown(self.definitions().queue_name(id))
    }

    pub(super) fn queues(&self, ids: impl IntoIterator<Item = QueueId>) -> String {
        let names: Vec<_> = ids.into_iter().map(|id| self.queue(id)).collect();
        list(&names)
    }

    pub(super) fn exchange(&self, id: ExchangeId) -> String {
        exchange(id, self.definitions())
    }

    pub(super) fn copy(&self, queued: Queued) -> String {
        copy_name(queued.copy, self.history)
    }

    pub(super) fn message(&self, id: MessageId) -> String {
        message_name(id, self.history)
    }

    pub(super) fn messages(&self, ids: &[MessageId]) -> String {
        let names: Vec<_> = ids.iter().map(|&id| self.message(id)).collect();
        list(&names)
    }
}

/// For Fluent to choose by.
pub(super) fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
