//! The broker itself: commands in, replies, deliveries and events out.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::channel::{Channel, Consumer, Unacked};
use super::definitions::not_default;
use super::queue::{Entry, Queue};
use super::router::Route;
use super::{
    ChannelId, Command, ConsumerId, CopyId, Definitions, Delivery, Destination, Event, EventId,
    Message, MessageId, Name, Outlet, Publication, QueueId, Queued, Refusal, Reply, ReplyCode,
    RoutedCopy, Transit,
};

/// A broker with one virtual host.
///
/// A state machine: [`handle`](Self::handle) takes a command and changes the state; what the change brings about is
/// told to the [`Outlet`] before it returns. Nothing happens between two commands. Clones are cheap: definitions and
/// messages are shared.
#[derive(Clone, Debug)]
pub struct Broker {
    definitions: Arc<Definitions>,
    queues: Vec<Queue>,
    channels: Vec<Channel>,
    consumers: Vec<Consumer>,
    on_the_way: BTreeMap<CopyId, (QueueId, Message)>,
    totals: Totals,
    route: Route,
}

/// How many of each there have been since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Messages that got a number.
    pub messages: u64,
    /// Messages no queue matched.
    pub unroutable: u64,
    /// Copies made by routing.
    pub copies: u64,
    /// Copies handed to consumers, redeliveries included.
    pub delivered: u64,
    /// Copies acknowledged, those of `no_ack` consumers included.
    pub acked: u64,
    /// Copies returned to their queue.
    pub requeued: u64,
    /// Copies rejected without requeue.
    pub rejected: u64,
}

/// What a consumer wants done with its deliveries.
#[derive(Clone, Copy)]
enum Settle {
    Ack,
    Requeue,
    Reject,
}

impl Default for Broker {
    fn default() -> Self {
        Self::new()
    }
}

/// What there is.
impl Broker {
    /// A broker with the predeclared exchanges (E1) and nothing else.
    pub fn new() -> Self {
        Self {
            definitions: Arc::new(Definitions::new()),
            queues: Vec::new(),
            channels: Vec::new(),
            consumers: Vec::new(),
            on_the_way: BTreeMap::new(),
            totals: Totals::default(),
            route: Route::default(),
        }
    }

    /// Exchanges, bindings and the names of queues.
    pub fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// All queues, in the order of their declaration.
    pub fn queues(&self) -> &[Queue] {
        &self.queues
    }

    /// The queue with that number.
    pub fn queue(&self, id: QueueId) -> Option<&Queue> {
        self.queues.get(id.index())
    }

    /// All consumers there ever were, in the order they came.
    pub fn consumers(&self) -> &[Consumer] {
        &self.consumers
    }

    /// The consumer with that number.
    pub fn consumer(&self, id: ConsumerId) -> Option<&Consumer> {
        self.consumers.get(id.index())
    }

    /// Copies between an exchange and their queue, by number.
    pub fn on_the_way(&self) -> impl ExactSizeIterator<Item = (CopyId, QueueId)> + '_ {
        self.on_the_way
            .iter()
            .map(|(&copy, &(queue, _))| (copy, queue))
    }

    /// Copies delivered and not yet settled, each with who holds it.
    pub fn unacked(&self) -> impl Iterator<Item = (CopyId, QueueId, ConsumerId)> + '_ {
        self.channels
            .iter()
            .flat_map(Channel::unacked)
            .map(|unacked| (unacked.entry.copy, unacked.queue, unacked.consumer))
    }

    /// How many of each there have been.
    pub fn totals(&self) -> Totals {
        self.totals
    }
}

/// What changes it.
impl Broker {
    /// Gives a publication its number. It is not in the broker before [`Command::Publish`] or [`Command::Route`].
    pub fn take(&mut self, publication: Arc<Publication>) -> Message {
        self.totals.messages += 1;
        Message {
            id: MessageId(self.totals.messages),
            publication,
        }
    }

    /// Carries a command out.
    ///
    /// # Errors
    /// A [`Refusal`] with RabbitMQ's reply code; the state is unchanged then.
    pub fn handle(
        &mut self,
        command: Command,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        match command {
            Command::DeclareExchange { name, kind } => Arc::make_mut(&mut self.definitions)
                .declare_exchange(&name, kind)
                .map(Reply::Exchange),
            Command::DeclareQueue { name } => self.declare_queue(&name),
            Command::BindQueue {
                source,
                queue,
                key,
                arguments,
            } => {
                not_default(&source)?; // E2, whatever else is missing
                let queue = self.definitions.require_queue(&queue)?;
                Arc::make_mut(&mut self.definitions)
                    .bind(&source, Destination::Queue(queue), &key, &arguments)
                    .map(Reply::Binding)
            }
            Command::BindExchange {
                source,
                destination,
                key,
                arguments,
            } => {
                not_default(&source)?; // E2, whatever else is missing
                not_default(&destination)?;
                let to = self.definitions.require_exchange(&destination)?;
                Arc::make_mut(&mut self.definitions)
                    .bind(&source, Destination::Exchange(to), &key, &arguments)
                    .map(Reply::Binding)
            }
            Command::OpenChannel => {
                self.channels.push(Channel::default());
                Ok(Reply::Channel(ChannelId(self.channels.len() as u32 - 1)))
            }
            Command::CloseChannel { channel } => self.close_channel(channel, cause, out),
            Command::Qos { channel, prefetch } => {
                self.channel(channel)?.prefetch = prefetch;
                Ok(Reply::Done)
            }
            Command::Consume {
                channel,
                queue,
                tag,
                no_ack,
            } => self.consume(channel, &queue, tag, no_ack, cause, out),
            Command::Cancel { channel, tag } => self.cancel(channel, &tag, cause, out),
            Command::Publish { message } => self.publish(message, cause, out),
            Command::Route { message } => self.route(message, cause, out),
            Command::Arrive { copy } => {
                if let Some((queue, message)) = self.on_the_way.remove(&copy) {
                    self.enqueue(queue, copy, message, cause, out);
                }
                Ok(Reply::Done)
            }
            Command::Ack {
                channel,
                tag,
                multiple,
            } => self.settle(channel, tag, multiple, Settle::Ack, cause, out),
            Command::Nack {
                channel,
                tag,
                multiple,
                requeue,
            } => {
                let settle = if requeue {
                    Settle::Requeue
                } else {
                    Settle::Reject
                };
                self.settle(channel, tag, multiple, settle, cause, out)
            }
        }
    }

    fn channel(&mut self, id: ChannelId) -> Result<&mut Channel, Refusal> {
        self.channels
            .get_mut(id.index())
            .filter(|channel| !channel.closed)
            .ok_or_else(|| Refusal::new(ReplyCode::ChannelError, "C10", "expected 'channel.open'")) // C10
    }

    fn declare_queue(&mut self, name: &Name) -> Result<Reply, Refusal> {
        let id = Arc::make_mut(&mut self.definitions).declare_queue(name)?;
        if id.index() == self.queues.len() {
            let name = self.definitions.queue_name(id).into();
            self.queues.push(Queue::new(id, name));
        }
        Ok(Reply::Queue(id))
    }

    fn publish(
        &mut self,
        message: Message,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let mut route = std::mem::take(&mut self.route);
        let outcome = self.find_route(&message, &mut route, cause, out);
        if let Ok((first, event)) = outcome {
            for (queue, copy) in route.queues().zip(first..) {
                self.enqueue(queue, CopyId(copy), message.clone(), event, out);
            }
        }
        self.route = route;
        outcome.map(|_| Reply::Done)
    }

    fn route(
        &mut self,
        message: Message,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let mut route = std::mem::take(&mut self.route);
        let outcome = self.find_route(&message, &mut route, cause, out);
        let reply = outcome.map(|(first, event)| {
            let mut copies = Vec::with_capacity(route.queues().len());
            for (index, (queue, copy)) in route.queues().zip(first..).enumerate() {
                let copy = CopyId(copy);
                self.on_the_way.insert(copy, (queue, message.clone()));
                copies.push(Transit {
                    copy,
                    queue,
                    path: route.path(index).into(),
                });
            }
            Reply::Routed { copies, event }
        });
        self.route = route;
        reply
    }

    /// Routes a message; answers with the number of the first copy and the event that tells of it.
    fn find_route(
        &mut self,
        message: &Message,
        route: &mut Route,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<(u64, EventId), Refusal> {
        let publication = &message.publication;
        let exchange = self
            .definitions
            .require_published_to(&publication.exchange)?;
        let headers = &publication.properties.headers;
        self.definitions
            .route(exchange, &publication.routing_key, headers, route);
        let (message, first) = (message.id, self.totals.copies + 1);
        self.totals.copies += route.queues().len() as u64;
        let event = if route.queues().len() == 0 {
            self.totals.unroutable += 1;
            out.event(cause, || Event::Unroutable {
                message,
                exchange,
                matched: route.matched().into(),
            })
        } else {
            out.event(cause, || Event::Routed {
                message,
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
            })
        };
        Ok((first, event))
    }

    fn enqueue(
        &mut self,
        queue: QueueId,
        copy: CopyId,
        message: Message,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let queued = Queued {
            message: message.id,
            copy,
            queue,
        };
        self.queues[queue.index()].push(copy, message);
        let event = out.event(cause, || Event::Ready(queued));
        self.dispatch(queue, event, out);
    }

    /// Hands ready messages to consumers with capacity, in turn (S9).
    fn dispatch(&mut self, queue: QueueId, cause: EventId, out: &mut impl Outlet) {
        let queue = &mut self.queues[queue.index()];
        while !queue.ready.is_empty() {
            let Some(id) = queue.ring.pop_front() else {
                break;
            };
            let Some(entry) = queue.ready.pop_front() else {
                break;
            };
            let consumer = &mut self.consumers[id.index()];
            let channel = &mut self.channels[consumer.channel.index()];
            let queued = Queued {
                message: entry.message.id,
                copy: entry.copy,
                queue: queue.id,
            };
            let (message, redelivered) = (entry.message.clone(), entry.redelivered);
            let settled = consumer.no_ack;
            let unacked = (!settled).then_some(Unacked {
                consumer: id,
                queue: queue.id,
                entry,
            });
            let tag = channel.deliver(unacked);
            self.totals.delivered += 1;
            if settled {
                self.totals.acked += 1;
            } else {
                queue.unacked += 1;
                consumer.unacked += 1;
            }
            if consumer.has_capacity() {
                queue.ring.push_back(id);
            }
            let event = out.event(cause, || Event::Delivered {
                queued,
                consumer: id,
                tag,
                redelivered,
                settled,
            });
            out.deliver(Delivery {
                consumer: id,
                channel: consumer.channel,
                tag,
                redelivered,
                queued,
                message,
                event,
            });
        }
    }

    fn consume(
        &mut self,
        channel: ChannelId,
        queue: &Name,
        tag: Name,
        no_ack: bool,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let prefetch = self.channel(channel)?.prefetch;
        let queue = self.definitions.require_queue(queue)?; // S1
        let id = ConsumerId(self.consumers.len() as u32);
        let tag = if tag.is_empty() {
            // S2: one that no client took.
            (id.0..)
                .map(|number| Name::from(format!("amq.ctag-{number}")))
                .find(|tag| self.consumer_on(channel, tag).is_none())
                .unwrap_or_default()
        } else {
            tag
        };
        if self.consumer_on(channel, &tag).is_some() {
            // S2
            return Err(Refusal::new(
                ReplyCode::NotAllowed,
                "S2",
                format!("attempt to reuse consumer tag '{tag}'"),
            ));
        }
        self.consumers.push(Consumer {
            id,
            tag,
            channel,
            queue,
            no_ack,
            prefetch,
            unacked: 0,
            active: true,
        });
        let there = &mut self.queues[queue.index()];
        there.consumers.push(id);
        there.ring.push_back(id);
        let event = out.event(cause, || Event::Consuming {
            consumer: id,
            queue,
        });
        self.dispatch(queue, event, out);
        Ok(Reply::Consumer(id))
    }

    fn consumer_on(&self, channel: ChannelId, tag: &Name) -> Option<ConsumerId> {
        self.consumers
            .iter()
            .find(|consumer| consumer.active && consumer.channel == channel && consumer.tag == *tag)
            .map(|consumer| consumer.id)
    }

    /// Its deliveries stay unacked (S4).
    fn cancel(
        &mut self,
        channel: ChannelId,
        tag: &Name,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        self.channel(channel)?;
        if let Some(id) = self.consumer_on(channel, tag) {
            self.remove_consumer(id, cause, out);
        }
        Ok(Reply::Done)
    }

    fn remove_consumer(&mut self, id: ConsumerId, cause: EventId, out: &mut impl Outlet) {
        let consumer = &mut self.consumers[id.index()];
        consumer.active = false;
        let queue = &mut self.queues[consumer.queue.index()];
        queue.consumers.retain(|&other| other != id);
        queue.ring.retain(|&other| other != id);
        let queue = queue.id;
        out.event(cause, || Event::Cancelled {
            consumer: id,
            queue,
        });
    }

    fn close_channel(
        &mut self,
        id: ChannelId,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        // C12. The consumers go first, so that nothing is redelivered to them.
        self.channel(id)?.closed = true;
        let consumers: Vec<_> = self
            .consumers
            .iter()
            .filter(|consumer| consumer.active && consumer.channel == id)
            .map(|consumer| consumer.id)
            .collect();
        for consumer in consumers {
            self.remove_consumer(consumer, cause, out);
        }
        let unacked = self.channels[id.index()].settle_up_to(0)?;
        self.settle_all(unacked, Settle::Requeue, cause, out);
        Ok(Reply::Done)
    }

    fn settle(
        &mut self,
        channel: ChannelId,
        tag: u64,
        multiple: bool,
        how: Settle,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let channel = self.channel(channel)?;
        if multiple {
            let unacked = channel.settle_up_to(tag)?;
            self.settle_all(unacked, how, cause, out);
        } else {
            let Unacked {
                consumer,
                queue,
                entry,
            } = channel.settle_one(tag)?;
            let event = self.settle_entry(consumer, queue, entry, how, cause, out);
            self.dispatch(queue, event, out);
        }
        Ok(Reply::Done)
    }

    /// Settles all before anything is handed out again, so that what is requeued stands in order first (S10, S11).
    fn settle_all(
        &mut self,
        unacked: Vec<Unacked>,
        how: Settle,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let mut queues: BTreeMap<QueueId, EventId> = BTreeMap::new();
        for Unacked {
            consumer,
            queue,
            entry,
        } in unacked
        {
            let event = self.settle_entry(consumer, queue, entry, how, cause, out);
            queues.insert(queue, event);
        }
        for (queue, event) in queues {
            self.dispatch(queue, event, out);
        }
    }

    fn settle_entry(
        &mut self,
        consumer: ConsumerId,
        queue: QueueId,
        entry: Entry,
        how: Settle,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> EventId {
        let holder = &mut self.consumers[consumer.index()];
        let there = &mut self.queues[queue.index()];
        let was_full = !holder.has_capacity();
        holder.unacked -= 1;
        if was_full && holder.has_capacity() {
            there.ring.push_back(consumer); // S9
        }
        let queued = Queued {
            message: entry.message.id,
            copy: entry.copy,
            queue,
        };
        match how {
            Settle::Ack => {
                there.unacked -= 1;
                self.totals.acked += 1;
                out.event(cause, || Event::Acked { queued, consumer })
            }
            Settle::Requeue => {
                there.requeue(entry);
                self.totals.requeued += 1;
                out.event(cause, || Event::Requeued { queued, consumer })
            }
            Settle::Reject => {
                there.unacked -= 1;
                self.totals.rejected += 1;
                out.event(cause, || Event::Rejected { queued, consumer })
            }
        }
    }
}
