//! How a copy dies, and what becomes of it (D1, D2).

use std::sync::Arc;

use crate::broker::death::{Death, dead_letter};
use crate::broker::queue::Entry;
use crate::broker::{
    ConsumerId, DeathReason, Event, EventId, FailuresTold, Fate, Limit, Message, Micros, Name,
    Outgoing, Outlet, QueueId, Queued,
};

use super::{Broker, Letter};

impl Broker {
    pub(super) fn expire(
        &mut self,
        id: QueueId,
        entry: Entry,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let queued = Queued {
            message: entry.message.id,
            copy: entry.copy,
            queue: id,
        };
        let reason = DeathReason::Expired;
        self.die(queued, entry, reason, None, None, cause, out);
    }

    /// Ends a copy, and sends it to the queue's dead-letter exchange as that is now (D2).
    #[allow(clippy::too_many_arguments)]
    pub(super) fn die(
        &mut self,
        queued: Queued,
        entry: Entry,
        reason: DeathReason,
        limit: Option<Limit>,
        consumer: Option<ConsumerId>,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> EventId {
        let mut message = entry.message;
        message.failures = match self.switches().failures_told {
            FailuresTold::Nothing => 0,
            // A classic queue passes on what it does not look at.
            FailuresTold::OfQuorumQueues => message.failures,
            FailuresTold::All => entry.returns,
        };
        self.end(queued, message, reason, limit, consumer, cause, out)
    }

    /// Ends a copy that is in no queue, or no more.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn end(
        &mut self,
        queued: Queued,
        message: Message,
        reason: DeathReason,
        limit: Option<Limit>,
        consumer: Option<ConsumerId>,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> EventId {
        self.totals.count_death(reason);
        let settings = &self.queues[queued.queue.index()].settings;
        let keeps = settings.at_least_once;
        let fate = match &settings.dead_letter_exchange {
            None => Fate::Dropped,
            Some(name) => match self.definitions.exchange_named(name) {
                Some(exchange) => Fate::DeadLettered(exchange.id),
                None if keeps => Fate::Kept(name.clone()), // D6
                None => Fate::NoExchange(name.clone()),    // D2
            },
        };
        let exchange = match fate {
            Fate::DeadLettered(exchange) => Some(exchange),
            _ => None,
        };
        let event = out.event(cause, || Event::Died {
            queued,
            reason,
            limit,
            consumer,
            fate,
        });
        self.write_is_done(queued.copy, event); // P7
        self.totals.dead_lettered += u64::from(keeps || exchange.is_some());
        if keeps {
            self.keep(queued, &message, reason, exchange.is_none(), event);
        }
        if let Some(exchange) = exchange {
            self.post(queued, &message, (reason, self.now), exchange, event, out);
        }
        event
    }

    /// Sends a dead message to an exchange.
    pub(super) fn post(
        &mut self,
        queued: Queued,
        message: &Message,
        (reason, at): (DeathReason, Micros),
        exchange: crate::broker::ExchangeId,
        event: EventId,
        out: &mut impl Outlet,
    ) {
        let queue = &self.queues[queued.queue.index()];
        let name: Name = self.definitions.exchange_name(exchange).into();
        let death = Death {
            reason,
            queue: &queue.name,
            at,
            began: self.configuration.began.unwrap_or_default(),
            exchange: &name,
            dead_letter_key: queue.settings.dead_letter_key.as_ref(),
        };
        let publication = dead_letter(&message.publication, &death, self.switches());
        let message = Message {
            id: message.id,
            publication: Arc::new(publication),
            failures: message.failures,
        };
        self.letters.insert(
            queued.copy,
            Letter {
                message,
                queue: queued.queue,
                exchange,
                reason,
            },
        );
        if self.configuration.on_the_way {
            out.send(Outgoing::Letter(crate::broker::Letter {
                copy: queued.copy,
                queue: queued.queue,
                exchange,
                name,
                event,
            }));
        } else {
            self.letters_now.push_back((queued.copy, event));
        }
    }
}
