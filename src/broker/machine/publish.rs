//! Publishing (P1–P9), and what routing sends on its way.

use std::sync::Arc;

use crate::broker::death::closes_cycle;
use crate::broker::message::expiration;
use crate::broker::mix::mix;
use crate::broker::{
    ChannelId, ConnectionId, CopyId, Definitions, Event, EventId, ExchangeId, ExchangeKind, Keys,
    Loss, Message, Name, Outgoing, Outlet, Passing, Permission, Publication, QueueId, Queued,
    Refusal, Reply, ReplyCode, Resource, Route, RoutedCopy, Throttle, Transit, cc_keys,
};

use super::declare::REPLY_TO;
use super::passing::stays;
use super::{Broker, Letter, OnTheWay, Owed};
use crate::broker::transaction::HeldPublish;

/// What was found for a message, apart from the route itself.
pub(super) struct Found {
    /// The number of the first copy.
    pub(super) first: u64,
    pub(super) event: EventId,
}

impl Broker {
    pub(super) fn publish(
        &mut self,
        channel: ChannelId,
        mut message: Message,
        mandatory: bool,
        immediate: bool,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        if immediate {
            // P2
            return Err(Refusal::new(
                ReplyCode::NotImplemented,
                "P2",
                "immediate=true",
            ));
        }
        let exchange = self.permit_publish(channel, &message)?;
        self.prepare(channel, &mut message)?;
        let connection = self.channels[channel.index()].connection;
        if self.connections[connection.index()].throttle == Throttle::Blocking {
            self.throttle(connection, Throttle::Blocked, cause, out); // F3
            return Ok(Reply::NotRead);
        }
        let mut route = std::mem::take(&mut self.route);
        self.find_route(&message, exchange, &mut route);
        if let Err(refusal) = Self::refuse_failing(&route) {
            self.route = route;
            return Err(refusal);
        }
        if self.channels[channel.index()].transacts() {
            self.hold(channel, message, exchange, mandatory, &route, cause, out);
        } else {
            let found = self.tell_route(&message, None, exchange, &route, &[], cause, out);
            let copies = route.queues().zip(found.first..);
            let queues = route.queues().len();
            self.keep_back(&message, route.passing(), found.event, out);
            let settled_by = if queues == 0 && !is_unknown(&route) {
                self.unroutable(channel, &message, mandatory, found.event, out)
            } else {
                found.event
            };
            let owed = self.owe(channel, &message, queues, settled_by);
            if self.configuration.on_the_way {
                self.connections[connection.index()].spend(queues);
                for (index, (queue, copy)) in copies.enumerate() {
                    let path = route.path(index).into();
                    self.set_out(
                        queue,
                        CopyId(copy),
                        message.clone(),
                        path,
                        owed,
                        Some(connection),
                        found.event,
                        out,
                    );
                }
                if !self.connections[connection.index()].has_credit() {
                    self.throttle(connection, Throttle::Flow, found.event, out); // F1
                }
            } else {
                for (queue, copy) in copies {
                    let message = message.clone();
                    self.accept(queue, CopyId(copy), message, owed, found.event, out);
                }
            }
        }
        self.route = route;
        Ok(Reply::Done)
    }

    /// Whether the exchange is there, and whether this client may publish this to it.
    fn permit_publish(&self, channel: ChannelId, message: &Message) -> Result<ExchangeId, Refusal> {
        let publication = &message.publication;
        let name = &publication.exchange;
        self.permit(channel, Permission::Write, Resource::Exchange(name))?;
        let id = self.definitions.require_published_to(name)?; // P1
        let size = publication.body.as_bytes().len() as u64;
        let most = self.switches().max_message_size;
        if size > most {
            // P5
            return Err(Refusal::new(
                ReplyCode::PreconditionFailed,
                "P5",
                format!("message size {size} is larger than configured max size {most}"),
            ));
        }
        let connection = &self.connections[self.channels[channel.index()].connection.index()];
        if let Some(claimed) = &publication.properties.user_id
            && *claimed != connection.user
            && !self
                .users
                .get(&connection.user)
                .is_some_and(|user| user.has_tag("impersonator"))
        {
            // P4
            return Err(Refusal::new(
                ReplyCode::PreconditionFailed,
                "P4",
                format!(
                    "user_id property set to '{claimed}' but authenticated user was '{}'",
                    connection.user
                ),
            ));
        }
        if !connection.unrestricted
            && let Some(exchange) = self.definitions.exchange(id)
            && exchange.kind == ExchangeKind::Topic
        {
            let (cc, bcc) = cc_keys(&publication.properties.headers)?;
            for key in [&publication.routing_key]
                .into_iter()
                .chain(&cc)
                .chain(&bcc)
            {
                self.permit_key(channel, Permission::Write, name, key)?;
            }
        }
        if let Some(text) = &publication.properties.expiration {
            expiration(text)?; // Q20
        }
        Ok(id)
    }

    /// Does to a message what a broker does before it routes it: remembers BCC keys and removes their header (E14), and
    /// gives a reply-to its address (S16).
    fn prepare(&self, channel: ChannelId, message: &mut Message) -> Result<(), Refusal> {
        if !message.publication.properties.headers.is_empty() {
            let headers = &message.publication.properties.headers;
            if headers.contains_key("BCC") || headers.contains_key("CC") {
                let publication = Arc::unwrap_or_clone(message.publication.clone());
                message.publication = Arc::new(publication.hide_bcc()?);
            }
        }
        let asks = |reply_to: &Name| *reply_to == REPLY_TO;
        if message
            .publication
            .properties
            .reply_to
            .as_ref()
            .is_some_and(asks)
        {
            let Some(queue) = self.channels[channel.index()].reply_to else {
                return Err(Refusal::new(
                    ReplyCode::PreconditionFailed,
                    "S16",
                    "fast reply consumer does not exist",
                ));
            };
            let name = self.queues[queue.index()].name.clone();
            let publication = Arc::make_mut(&mut message.publication);
            Arc::make_mut(&mut publication.properties).reply_to = Some(name);
        }
        Ok(())
    }

    /// Finds where a message goes.
    pub(super) fn find_route(&self, message: &Message, exchange: ExchangeId, route: &mut Route) {
        let publication = &message.publication;
        let also = further_keys(publication);
        let keys = Keys {
            key: &publication.routing_key,
            also: &also,
        };
        let chance = mix(self.configuration.seed ^ mix(message.id.0));
        self.definitions
            .route(exchange, keys, &*publication.properties, chance, route);
    }

    /// Numbers the copies, and tells of the decision.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn tell_route(
        &mut self,
        message: &Message,
        letter: Option<CopyId>,
        exchange: ExchangeId,
        route: &Route,
        cycles: &[QueueId],
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Found {
        let (message, first) = (message.id, self.totals.copies + 1);
        let queues = route.queues().len();
        self.totals.copies += queues as u64;
        let event = if queues == 0 && !stays(route.passing()) {
            self.totals.unroutable += 1;
            out.event(cause, || Event::Unroutable {
                message,
                letter,
                exchange,
                matched: route.matched().into(),
                cycles: cycles.into(),
            })
        } else {
            out.event(cause, || Event::Routed {
                message,
                letter,
                exchange,
                matched: route.matched().into(),
                copies: route
                    .queues()
                    .zip(first..)
                    .enumerate()
                    .map(|(index, (queue, copy))| RoutedCopy {
                        copy: CopyId(copy),
                        queue,
                        path: route.path(index).into(),
                    })
                    .collect(),
                cycles: cycles.into(),
            })
        };
        Found { first, event }
    }

    /// A message that no queue takes: it comes back if it is mandatory (P2).
    pub(super) fn unroutable(
        &mut self,
        channel: ChannelId,
        message: &Message,
        mandatory: bool,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> EventId {
        let publication = &message.publication;
        // S16: whether a reply comes back whose requester is gone.
        let lost_reply = publication.exchange.is_empty()
            && publication.routing_key.starts_with(REPLY_TO)
            && !self.switches().returns_lost_replies;
        if !mandatory || lost_reply {
            return cause;
        }
        self.totals.returned += 1;
        let event = out.event(cause, || Event::Returned {
            message: message.id,
            channel,
        });
        out.send(Outgoing::Return {
            channel,
            message: message.clone(),
            event,
        });
        event
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn set_out(
        &mut self,
        queue: QueueId,
        copy: CopyId,
        message: Message,
        path: Box<[crate::broker::Via]>,
        owed: Option<Owed>,
        connection: Option<ConnectionId>,
        event: EventId,
        out: &mut impl Outlet,
    ) {
        self.on_the_way.insert(
            copy,
            OnTheWay {
                queue,
                message,
                owed,
                connection,
            },
        );
        out.send(Outgoing::Transit(Transit {
            copy,
            queue,
            path,
            event,
        }));
    }

    /// A copy that was on its way comes to its queue.
    pub(super) fn arrive(&mut self, copy: CopyId, cause: EventId, out: &mut impl Outlet) {
        let Some(going) = self.on_the_way.remove(&copy) else {
            return;
        };
        if let Some(id) = going.connection
            && let Some(connection) = self.connections.get_mut(id.index())
        {
            connection.earn();
            if connection.throttle == Throttle::Flow && connection.has_credit() {
                let state = if self.alarms.is_empty() {
                    Throttle::Running
                } else {
                    Throttle::Blocking
                };
                self.throttle(id, state, cause, out);
            }
        }
        self.accept(going.queue, copy, going.message, going.owed, cause, out);
    }

    /// A dead message comes to the dead-letter exchange.
    pub(super) fn route_letter(&mut self, copy: CopyId, cause: EventId, out: &mut impl Outlet) {
        let Some(letter) = self.letters.remove(&copy) else {
            return;
        };
        let Letter {
            message,
            queue,
            exchange,
            reason,
        } = letter;
        let gone = |definitions: &Definitions| {
            definitions
                .exchange(exchange)
                .is_none_or(|exchange| exchange.deleted)
        };
        if gone(&self.definitions) {
            let queued = Queued {
                message: message.id,
                copy,
                queue,
            };
            if self.kept.contains_key(&copy) {
                self.keep_on(copy, cause); // D6
                return;
            }
            let why = Loss::ExchangeDeleted;
            out.event(cause, || Event::Lost { queued, why });
            return;
        }
        let mut route = std::mem::take(&mut self.route);
        self.find_route(&message, exchange, &mut route);
        // D11
        let mut cycles = Vec::new();
        route.retain_queues(|queue| {
            let name = &self.queues[queue.index()].name;
            let cycle = closes_cycle(&message.publication, reason, name);
            if cycle {
                cycles.push(queue);
            }
            !cycle
        });
        let letter = copy;
        let keeps = match self.kept.get_mut(&letter) {
            Some(kept) => {
                let led = route.queues().len() > 0;
                route.retain_queues(|queue| !kept.taken.contains(&queue));
                (kept.waiting, kept.refused) = (route.queues().len(), false);
                if led && kept.waiting == 0 {
                    // All that are left have it already.
                    self.route = route;
                    self.release_kept(letter, cause);
                    return;
                }
                true
            }
            None => false,
        };
        let found = self.tell_route(
            &message,
            Some(letter),
            exchange,
            &route,
            &cycles,
            cause,
            out,
        );
        self.keep_back(&message, route.passing(), found.event, out);
        if keeps && route.queues().len() == 0 {
            self.keep_on(letter, found.event); // D6
        }
        for (index, (queue, copy)) in route.queues().zip(found.first..).enumerate() {
            let (copy, message) = (CopyId(copy), message.clone());
            let owed = keeps.then_some(Owed::Letter(letter, queue));
            if self.configuration.on_the_way {
                let path = route.path(index).into();
                self.set_out(queue, copy, message, path, owed, None, found.event, out);
            } else {
                self.accept(queue, copy, message, owed, found.event, out);
            }
        }
        self.route = route;
    }

    /// A publish in a transaction is routed at once, and waits (P10).
    #[allow(clippy::too_many_arguments)]
    fn hold(
        &mut self,
        channel: ChannelId,
        message: Message,
        exchange: ExchangeId,
        mandatory: bool,
        route: &Route,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let copies = route.queues().enumerate();
        let copies = copies
            .map(|(index, queue)| (queue, route.path(index).into()))
            .collect();
        let id = message.id;
        let kept = message.clone();
        if let Some(transaction) = &mut self.channels[channel.index()].transaction {
            transaction.publishes.push(HeldPublish {
                message,
                exchange,
                mandatory,
                matched: route.matched().into(),
                copies,
                passing: route.passing().into(),
            });
            let event = out.event(cause, || Event::Held {
                message: id,
                channel,
            });
            // What an exchange keeps, it keeps at once, and whether or not there is a commit.
            self.keep_back(&kept, route.passing(), event, out);
        }
    }

    /// A publish of a committed transaction goes to its queues, in the order it was published.
    pub(super) fn release(
        &mut self,
        channel: ChannelId,
        held: HeldPublish,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let HeldPublish {
            message,
            exchange,
            mandatory,
            matched,
            mut copies,
            passing,
        } = held;
        copies.retain(|&(queue, _)| !self.queues[queue.index()].deleted);
        let first = self.totals.copies + 1;
        self.totals.copies += copies.len() as u64;
        let id = message.id;
        if copies.is_empty() && !stays(&passing) {
            self.totals.unroutable += 1;
            let event = out.event(cause, || Event::Unroutable {
                message: id,
                letter: None,
                exchange,
                matched,
                cycles: [].into(),
            });
            self.unroutable(channel, &message, mandatory, event, out);
            return;
        }
        let event = out.event(cause, || Event::Routed {
            message: id,
            letter: None,
            exchange,
            matched,
            copies: RoutedCopy::along(&copies, first),
            cycles: [].into(),
        });
        if copies.is_empty() && !passing.iter().any(|it| matches!(it, Passing::Unknown(_))) {
            self.unroutable(channel, &message, mandatory, event, out);
        }
        let owed = Some(Owed::Commit(channel));
        for ((queue, path), copy) in copies.into_iter().zip(first..) {
            let (copy, message) = (CopyId(copy), message.clone());
            if self.configuration.on_the_way {
                self.set_out(queue, copy, message, path, owed, None, event, out);
            } else {
                self.accept(queue, copy, message, owed, event, out);
            }
        }
    }
}

/// Whether it cannot be told if a queue gets the message.
fn is_unknown(route: &Route) -> bool {
    let is_unknown = |passing: &Passing| matches!(passing, Passing::Unknown(_));
    route.passing().iter().any(is_unknown)
}

/// The keys a message is routed by beside its routing key: CC and BCC (E14).
fn further_keys(publication: &Publication) -> Vec<Name> {
    if publication.properties.headers.is_empty() && publication.bcc.is_empty() {
        return Vec::new(); // The common case allocates nothing.
    }
    publication.keys().skip(1).cloned().collect()
}
