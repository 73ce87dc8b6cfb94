//! Streams: appended to and read, never emptied (Q47).

use std::sync::Arc;

use crate::broker::channel::Unacked;
use crate::broker::queue::{Entry, LogEntry};
use crate::broker::{
    ConsumerId, CopyId, Delivery, Event, EventId, Message, Micros, Outgoing, Outlet, QueueId,
    Queued,
};

use super::{Broker, Owed};

impl Broker {
    pub(super) fn append(
        &mut self,
        id: QueueId,
        copy: CopyId,
        message: Message,
        owed: Option<Owed>,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let queued = Queued {
            message: message.id,
            copy,
            queue: id,
        };
        let now = self.now;
        let queue = &mut self.queues[id.index()];
        let entry = LogEntry {
            copy,
            message: as_kept(message),
            at: now,
        };
        let gone = queue.log.append(entry, &queue.settings);
        let event = out.event(cause, || Event::Ready {
            queued,
            level: 0,
            failures: 0,
            expires: None,
        });
        if self.configuration.write_delay > Micros::ZERO {
            self.write_later(copy, owed);
        } else {
            self.settle_owed(owed, true, event); // P7
        }
        self.tell_truncated(id, &gone, event, out);
        self.dispatch_log(id, event, out);
    }

    /// Gives up what a stream's limits do not allow now that they have changed (O2).
    pub(super) fn retain_log(&mut self, id: QueueId, cause: EventId, out: &mut impl Outlet) {
        let now = self.now;
        let queue = &mut self.queues[id.index()];
        let gone = queue.log.retain(now, &queue.settings);
        self.tell_truncated(id, &gone, cause, out);
    }

    fn tell_truncated(
        &mut self,
        id: QueueId,
        gone: &[LogEntry],
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        if gone.is_empty() {
            return;
        }
        self.totals.lost += gone.len() as u64;
        let event = out.event(cause, || Event::Truncated {
            queue: id,
            copies: gone.iter().map(|entry| entry.copy).collect(),
        });
        for entry in gone {
            self.write_is_done(entry.copy, event);
        }
    }

    /// Sends each reader what it has credit for, from where it is.
    pub(super) fn dispatch_log(&mut self, id: QueueId, cause: EventId, out: &mut impl Outlet) {
        let mut readers = self.queues[id.index()].consumers.clone();
        // As live ones do, a channel asks its readers from the last tag to the first.
        readers.sort_by(|a, b| {
            let [a, b] = [a, b].map(|reader| &self.consumers[reader.index()]);
            a.channel.cmp(&b.channel).then_with(|| b.tag.cmp(&a.tag))
        });
        let mut sent = true;
        while sent {
            sent = false;
            for &reader in &readers {
                sent |= self.read(id, reader, cause, out);
            }
        }
    }

    fn read(
        &mut self,
        id: QueueId,
        reader: ConsumerId,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> bool {
        if !self.has_capacity(&self.consumers[reader.index()]) {
            return false;
        }
        let queue = &self.queues[id.index()];
        if queue.settings.single_active && queue.active != Some(reader) {
            return false;
        }
        let consumer = &mut self.consumers[reader.index()];
        let offset = consumer.position.max(queue.log.first());
        let Some(entry) = queue.log.at(offset) else {
            return false;
        };
        let (copy, message) = (entry.copy, entry.message.clone());
        let queued = Queued {
            message: message.id,
            copy,
            queue: id,
        };
        consumer.position = offset + 1;
        consumer.unacked += 1;
        self.reading += 1;
        let timeout = queue.settings.ack_timeout;
        let of = consumer.channel;
        let channel = &mut self.channels[of.index()];
        let unacked = Unacked {
            consumer: Some(reader),
            queue: id,
            tag: channel.next_tag(),
            since: self.now,
            stays: true,
            entry: Entry {
                copy,
                message: message.clone(),
                place: offset,
                beside: 0,
                expires: Micros::MAX,
                returns: 0,
                acquired: 0,
                level: 0,
                redelivered: false,
            },
        };
        let tag = channel.deliver(Some(unacked));
        self.connections[channel.connection.index()].untaken += message.weight();
        self.watch_ack(timeout);
        self.totals.delivered += 1;
        let event = out.event(cause, || Event::Read {
            queued,
            consumer: reader,
            tag,
            offset,
        });
        out.send(Outgoing::Delivery(Delivery {
            consumer: Some(reader),
            channel: of,
            tag,
            redelivered: false,
            returns: 0,
            acquired: 0,
            offset: Some(offset),
            queued,
            message,
            event,
        }));
        true
    }
}

/// A message as a stream keeps it: in a form that always says whether it is persistent, so whoever reads it is told
/// (Q47).
fn as_kept(mut message: Message) -> Message {
    const TRANSIENT: u8 = 1;
    if message.publication.properties.delivery_mode.is_none() {
        let publication = Arc::make_mut(&mut message.publication);
        Arc::make_mut(&mut publication.properties).delivery_mode = Some(TRANSIENT);
    }
    message
}
