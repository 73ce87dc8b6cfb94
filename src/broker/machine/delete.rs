//! Deleting and purging (E7, E9, Q6, Q9–Q11).

use crate::broker::name::clean_name;
use crate::broker::{
    Cancellation, ChannelId, CopyId, Departure, Event, EventId, ExchangeId, Name, Outlet,
    Permission, QueueId, QueueKind, Refusal, Removed, Reply, ReplyCode, Resource,
};

use super::{Broker, Due};
use crate::broker::queue::Ring;

impl Broker {
    pub(super) fn delete_exchange_for(
        &mut self,
        channel: ChannelId,
        name: &Name,
        if_unused: bool,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let name = clean_name(name)?;
        self.definitions.refuse_predeclared(&name)?;
        self.permit(channel, Permission::Configure, Resource::Exchange(&name))?;
        if let Some(exchange) = self.definitions.exchange_named(&name) {
            let id = exchange.id;
            if if_unused {
                self.definitions.require_not_in_use(id)?;
            }
            self.remove_exchange(id, cause, out);
        }
        Ok(Reply::Done) // E7: missing is fine
    }

    pub(super) fn remove_exchange(
        &mut self,
        id: ExchangeId,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let removed = self.definitions_mut().delete_exchange(id);
        let event = out.event(cause, || Event::ExchangeDeleted {
            exchange: id,
            why: Departure::Deleted,
        });
        for &binding in &removed.bindings {
            out.event(event, || Event::Unbound {
                binding,
                why: Departure::EndGone,
            });
        }
        for &exchange in removed.exchanges.iter().filter(|&&other| other != id) {
            out.event(event, || Event::ExchangeDeleted {
                exchange,
                why: Departure::AutoDeleted,
            });
        }
    }

    /// Tells what went because something else did.
    pub(super) fn tell_removed(
        &self,
        removed: &Removed,
        why: Departure,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let mut cause = cause;
        for &binding in &removed.bindings {
            cause = out.event(cause, || Event::Unbound { binding, why });
        }
        for &exchange in &removed.exchanges {
            let why = if why == Departure::Restart {
                why
            } else {
                Departure::AutoDeleted
            };
            out.event(cause, || Event::ExchangeDeleted { exchange, why });
        }
    }

    pub(super) fn purge_for(
        &mut self,
        channel: ChannelId,
        name: &Name,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let name = self.queue_meant(channel, name)?;
        self.permit(channel, Permission::Read, Resource::Queue(&name))?;
        let id = self.usable_queue(channel, &name)?;
        self.purge(id, cause, out)
    }

    /// Drops what is ready (Q11).
    pub(super) fn purge(
        &mut self,
        id: QueueId,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let queue = &mut self.queues[id.index()];
        if queue.kind == QueueKind::Stream {
            return Err(Refusal::new(
                ReplyCode::NotImplemented,
                "Q11",
                format!(
                    "queue.purge not supported by stream queues queue '{}' in vhost '{}'",
                    queue.name,
                    self.definitions.vhost()
                ),
            ));
        }
        let gone = queue.lanes.take_all();
        self.totals.purged += gone.len() as u64;
        if !gone.is_empty() {
            let event = out.event(cause, || Event::Purged {
                queue: id,
                copies: gone.iter().map(|entry| entry.copy).collect(),
            });
            for entry in &gone {
                self.write_is_done(entry.copy, event);
            }
        }
        self.arm(id);
        Ok(Reply::Count(gone.len()))
    }

    pub(super) fn delete_queue_for(
        &mut self,
        channel: ChannelId,
        name: &Name,
        if_unused: bool,
        if_empty: bool,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let name = self.queue_meant(channel, name)?;
        self.permit(channel, Permission::Configure, Resource::Queue(&name))?;
        let Ok(id) = self.definitions.require_queue(&name) else {
            return Ok(Reply::Count(0)); // Q9
        };
        self.check_owner(channel, id)?;
        let queue = &self.queues[id.index()];
        let vhost = self.definitions.vhost();
        match queue.kind {
            QueueKind::Quorum if if_unused || if_empty => {
                let flag = if if_unused { "if-unused" } else { "if-empty" };
                return Err(Refusal::new(
                    ReplyCode::NotImplemented,
                    "Q9",
                    format!(
                        "cannot delete queue '{name}' in vhost '{vhost}'. queue.delete operations with {flag} flag set are not supported by quorum queues"
                    ),
                ));
            }
            QueueKind::Stream => {}
            _ if if_empty && queue.ready_len() > 0 => {
                return Err(Refusal::new(
                    ReplyCode::PreconditionFailed,
                    "Q9",
                    format!("queue '{name}' in vhost '{vhost}' not empty"),
                ));
            }
            _ if if_unused && !queue.consumers.is_empty() => {
                return Err(Refusal::new(
                    ReplyCode::PreconditionFailed,
                    "Q9",
                    format!("queue '{name}' in vhost '{vhost}' in use"),
                ));
            }
            _ => {}
        }
        let count = match queue.kind {
            QueueKind::Stream => 0, // Q9: not counted
            _ => queue.ready_len(),
        };
        self.remove_queue(id, Departure::Deleted, cause, out);
        Ok(Reply::Count(count))
    }

    /// Takes a queue away, with all that is in it; nothing is dead-lettered (Q10).
    pub(super) fn remove_queue(
        &mut self,
        id: QueueId,
        why: Departure,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        if self.queues[id.index()].deleted {
            return;
        }
        let mut copies: Vec<CopyId> = Vec::new();
        if self.queues[id.index()].unacked > 0 {
            let held = self.unacked().filter(|&(_, queue, _)| queue == id);
            copies.extend(held.map(|(copy, ..)| copy));
        }
        let queue = &mut self.queues[id.index()];
        queue.deleted = true;
        let owner = queue.owner.map(|owner| owner.index());
        self.unacked -= queue.unacked;
        queue.unacked = 0;
        let owner = owner.and_then(|owner| self.connections.get_mut(owner));
        if let Some(owner) = owner {
            owner.exclusives.remove(&id);
        }
        let ready = queue.lanes.take_all();
        let delayed = std::mem::take(&mut queue.delayed);
        let log = std::mem::take(&mut queue.log);
        let consumers = std::mem::take(&mut queue.consumers);
        queue.ring = Ring::default();
        queue.blocked = Ring::default();
        if let Some(at) = queue.armed.take() {
            self.due.remove(&(at, Due::Queue(id)));
        }
        copies.extend(ready.iter().map(|entry| entry.copy));
        copies.extend(delayed.iter().map(|(_, entry)| entry.copy));
        copies.extend(log.entries().map(|entry| entry.copy));
        self.totals.lost += copies.len() as u64;
        let removed = self.definitions_mut().remove_queue(id);
        let event = out.event(cause, || Event::QueueDeleted {
            queue: id,
            why,
            copies: copies.as_slice().into(),
        });
        for &copy in &copies {
            self.write_is_done(copy, event); // Q10: owed confirms become acks
        }
        self.lose_kept(id, event, out);
        for consumer in consumers {
            self.remove_consumer(consumer, Cancellation::QueueDeleted, event, out);
        }
        self.tell_removed(&removed, Departure::EndGone, event, out);
    }

    /// Takes an auto-delete queue away whose last consumer went (Q6).
    pub(super) fn auto_delete(&mut self, id: QueueId, cause: EventId, out: &mut impl Outlet) {
        let queue = &self.queues[id.index()];
        if queue.auto_delete && queue.had_consumer && queue.consumers.is_empty() {
            self.remove_queue(id, Departure::AutoDeleted, cause, out);
        }
    }
}
