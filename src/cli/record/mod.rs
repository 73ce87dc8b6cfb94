//! An event as a line of JSON: numbers for messages and copies, names for all else. docs/commands.md promises it stable.

mod http;
mod row;

use crate::broker::{
    self, Alarm, BindingId, Cancellation, ChannelId, ConnectionId, ConsumerId, CopyId, DeathReason,
    Departure, Deprecation, Destination, ExchangeId, Fate, Loss, Place, QueueId, Queued, Return,
    Throttle, Via,
};
use crate::world::http::{Change, Reach};
use crate::world::{
    Answer, Author, Deed, Event, EventKind, GUEST, Hindrance, LinkId, WorkerId, World,
};

use row::{Binding, Copy, Field, Record};

/// The line of an event; `world` is asked for names only.
pub(super) fn record<'e>(event: &'e Event, world: &'e World) -> Record<'e> {
    Namer(world).happened(Record::begin(event), &event.kind)
}

struct Namer<'e>(&'e World);

impl<'e> Namer<'e> {
    fn happened(&self, row: Record<'e>, kind: &'e EventKind) -> Record<'e> {
        match kind {
            EventKind::Published {
                by,
                message,
                publication,
            } => row
                .named("published")
                .with("publisher", self.author(*by))
                .message(*message)
                .with("exchange", publication.exchange.as_str())
                .with("key", publication.routing_key.as_str())
                .with("headers", Field::Table(&publication.properties.headers))
                .with("body", publication.body.to_string()),
            EventKind::Waiting { link, message } => row
                .named("waiting")
                .with("connection", self.link(*link))
                .message(*message),
            EventKind::Unsent { link, message } => row
                .named("unsent")
                .with("connection", self.link(*link))
                .message(*message),
            EventKind::Broker(event) => self.broker(row, event),
            EventKind::Confirmed {
                publisher,
                messages,
                ack,
            } => row
                .named("confirm_received")
                .with("publisher", self.author(Author::Publisher(*publisher)))
                .messages(messages)
                .with("ack", *ack),
            EventKind::Returned { publisher, message } => row
                .named("return_received")
                .with("publisher", self.author(Author::Publisher(*publisher)))
                .message(*message),
            EventKind::Received { worker, queued } => {
                self.at_worker(row.named("received"), *queued, *worker)
            }
            EventKind::Asked { worker } => self.worker_and_queue(row.named("asked"), *worker),
            EventKind::Started {
                worker,
                queued,
                until,
            } => self
                .at_worker(row.named("started"), *queued, *worker)
                .with("until_us", until.0),
            EventKind::Finished {
                worker,
                queued,
                answer,
            } => self
                .at_worker(row.named("finished"), *queued, *worker)
                .with("answer", answered(*answer)),
            EventKind::Dismissed { worker } => {
                self.worker_and_queue(row.named("dismissed"), *worker)
            }
            EventKind::Disconnected { link } => row
                .named("disconnected")
                .with("connection", self.link(*link)),
            EventKind::Http(event) => self.http(row, event),
            EventKind::Changed { service, change } => {
                let row = row.named("changed").with("service", service.as_str());
                match *change {
                    Change::Reach(Reach::Up) => row.with("change", "up"),
                    Change::Reach(Reach::Silent) => row.with("change", "silent"),
                    Change::Reach(Reach::Refusing) => row.with("change", "refusing"),
                    Change::Slow(factor) => row.with("change", "slow").with("factor", factor),
                    Change::Failing(rate) => row.with("change", "failing").with("rate", rate),
                    Change::Losing(rate) => row.with("change", "losing").with("rate", rate),
                }
            }
            EventKind::InVain { deed, why } => {
                let row = row.named("in_vain");
                let row = match &**deed {
                    Deed::Operate(_) => row,
                    Deed::Call { connection, method } => row
                        .with("connection", connection.as_str())
                        .with("method", method.name()),
                    Deed::Disconnect { connection, .. } | Deed::Connect { connection, .. } => {
                        row.with("connection", connection.as_str())
                    }
                    Deed::Change { service, .. } => row.with("service", service.as_str()),
                };
                match why {
                    Hindrance::Refused(refusal) => row.with("why", "refused").refusal(refusal),
                    Hindrance::NoChannel => row.with("why", "no_channel"),
                    Hindrance::NotOpen => row.with("why", "not_open"),
                    Hindrance::Open => row.with("why", "open"),
                    Hindrance::NoService => row.with("why", "no_service"),
                }
            }
        }
    }

    fn broker(&self, row: Record<'e>, event: &'e broker::Event) -> Record<'e> {
        use broker::Event;
        match event {
            Event::Routed {
                message,
                letter,
                exchange,
                matched,
                copies,
                cycles,
            } => {
                let copies = copies.iter().map(|routed| Copy {
                    copy: routed.copy,
                    queue: self.queue(routed.queue),
                });
                let copies = copies.collect();
                let row = row.named("routed").message(*message);
                self.decided(row, *letter, *exchange, matched)
                    .with("copies", Field::Copies(copies))
                    .maybe("cycles", self.some_queues(cycles))
            }
            Event::Unroutable {
                message,
                letter,
                exchange,
                matched,
                cycles,
            } => {
                let row = row.named("unroutable").message(*message);
                self.decided(row, *letter, *exchange, matched)
                    .maybe("cycles", self.some_queues(cycles))
            }
            Event::Returned { message, channel } => row
                .named("returned")
                .message(*message)
                .with("connection", self.channel(*channel)),
            Event::Postponed {
                message,
                exchange,
                until,
            } => row
                .named("postponed")
                .message(*message)
                .with("exchange", self.exchange(*exchange))
                .with("until_us", until.0),
            Event::Resumed { message, exchange } => row
                .named("resumed")
                .message(*message)
                .with("exchange", self.exchange(*exchange)),
            Event::Recalled {
                message,
                exchange,
                binding,
            } => self.binding_of(
                row.named("recalled")
                    .message(*message)
                    .with("exchange", self.exchange(*exchange)),
                *binding,
            ),
            Event::Untold { message, exchange } => row
                .named("untold")
                .message(*message)
                .with("exchange", self.exchange(*exchange))
                .with(
                    "type",
                    self.0
                        .definitions()
                        .exchange(*exchange)
                        .map_or("", broker::Exchange::type_name),
                ),
            Event::Held { message, channel } => row
                .named("held")
                .message(*message)
                .with("connection", self.channel(*channel)),

            Event::Ready {
                queued,
                level,
                expires,
                failures,
            } => self
                .copy(row.named("ready"), *queued)
                .maybe("level", Some(u64::from(*level)).filter(|&level| level > 0))
                .maybe("expires_us", expires.map(|at| at.0))
                .maybe("failures", Some(u64::from(*failures)).filter(|&it| it > 0)),
            Event::TurnedAway { queued, limit } => {
                self.copy(row.named("turned_away"), *queued).limit(*limit)
            }
            Event::Died {
                queued,
                reason,
                limit,
                consumer,
                fate,
            } => {
                let row = self.of(row.named(death(*reason)), *queued, *consumer);
                let row = match limit {
                    Some(limit) => row.limit(*limit),
                    None => row,
                };
                self.fate(row, fate)
            }
            Event::Purged { queue, copies } => row
                .named("purged")
                .with("queue", self.queue(*queue))
                .copies(copies),
            Event::Lost { queued, why } => self.copy(row.named("lost"), *queued).with(
                "why",
                match why {
                    Loss::QueueDeleted => "queue_deleted",
                    Loss::Restart => "restart",
                    Loss::ExchangeDeleted => "exchange_deleted",
                },
            ),
            Event::Truncated { queue, copies } => row
                .named("truncated")
                .with("queue", self.queue(*queue))
                .copies(copies),

            Event::Delivered {
                queued,
                consumer,
                tag,
                redelivered,
                settled,
            } => self
                .of(row.named("delivered"), *queued, Some(*consumer))
                .with("delivery_tag", *tag)
                .with("redelivered", *redelivered)
                .with("settled", *settled),
            Event::Got {
                queued,
                channel,
                tag,
                redelivered,
                settled,
            } => self
                .copy(row.named("got"), *queued)
                .with("connection", self.channel(*channel))
                .with("delivery_tag", *tag)
                .with("redelivered", *redelivered)
                .with("settled", *settled),
            Event::Read {
                queued,
                consumer,
                tag,
                offset,
            } => self
                .of(row.named("read"), *queued, Some(*consumer))
                .with("delivery_tag", *tag)
                .with("offset", *offset),
            Event::Acked { queued, consumer } => self.of(row.named("acked"), *queued, *consumer),
            Event::Credited { queued, consumer } => {
                self.of(row.named("credited"), *queued, Some(*consumer))
            }
            Event::Requeued {
                queued,
                consumer,
                why,
                place,
                returns,
            } => self
                .of(row.named("requeued"), *queued, *consumer)
                .with("why", returned(*why))
                .with(
                    "place",
                    match place {
                        Place::Original => "original",
                        Place::Returned => "returned",
                        Place::Tail => "tail",
                    },
                )
                .maybe("returns", (*returns > 0).then(|| u64::from(*returns))),
            Event::Kept { queued, until } => self
                .of(row.named("kept"), *queued, None)
                .with("until_us", until.0),
            Event::Released { queued } => self.of(row.named("released"), *queued, None),
            Event::Resent { queued, exchange } => self
                .of(row.named("resent"), *queued, None)
                .with("dead_letter_exchange", self.exchange(*exchange)),
            Event::Delayed {
                queued,
                consumer,
                until,
                returns,
            } => self
                .of(row.named("delayed"), *queued, *consumer)
                .with("until_us", until.0)
                .with("returns", u64::from(*returns)),

            Event::Confirmed {
                channel,
                sequence,
                multiple,
                ack,
                messages,
            } => row
                .named(if *ack { "confirmed" } else { "nacked" })
                .with("connection", self.channel(*channel))
                .with("sequence", *sequence)
                .with("multiple", *multiple)
                .messages(messages),
            Event::Committed {
                channel,
                publishes,
                settlements,
            } => row
                .named("committed")
                .with("connection", self.channel(*channel))
                .with("publishes", *publishes as u64)
                .with("settlements", *settlements as u64),
            Event::RolledBack {
                channel,
                messages,
                settlements,
            } => row
                .named("rolled_back")
                .with("connection", self.channel(*channel))
                .messages(messages)
                .with("settlements", *settlements as u64),

            Event::Consuming { consumer, queue } => row
                .named("consuming")
                .with("consumer", self.consumer(*consumer))
                .with("queue", self.queue(*queue)),
            Event::Cancelled {
                consumer,
                queue,
                why,
            } => row
                .named("cancelled")
                .with("consumer", self.consumer(*consumer))
                .with("queue", self.queue(*queue))
                .with(
                    "why",
                    match why {
                        Cancellation::ByClient => "client",
                        Cancellation::ChannelEnded => "channel_ended",
                        Cancellation::QueueDeleted => "queue_deleted",
                        Cancellation::TimedOut => "timed_out",
                    },
                ),
            Event::Activated { consumer, queue } => row
                .named("activated")
                .with("consumer", self.consumer(*consumer))
                .with("queue", self.queue(*queue)),

            Event::ExchangeDeclared { exchange, .. } => row
                .named("exchange_declared")
                .with("exchange", self.exchange(*exchange)),
            Event::ExchangeDeleted { exchange, why } => row
                .named("exchange_deleted")
                .with("exchange", self.exchange(*exchange))
                .with("why", departed(*why)),
            Event::QueueDeclared { queue, .. } => row
                .named("queue_declared")
                .with("queue", self.queue(*queue)),
            Event::QueueDeleted { queue, why, copies } => row
                .named("queue_deleted")
                .with("queue", self.queue(*queue))
                .with("why", departed(*why))
                .copies(copies),
            Event::Bound { binding } => self.binding_of(row.named("bound"), *binding),
            Event::Unbound { binding, why } => self
                .binding_of(row.named("unbound"), *binding)
                .with("why", departed(*why)),
            Event::PolicySet {
                name,
                operator,
                queues,
                exchanges,
                ..
            } => self
                .affected(row.named("policy_set"), queues, exchanges)
                .with("policy", name.as_str())
                .with("operator", *operator),
            Event::PolicyCleared {
                name,
                operator,
                queues,
                exchanges,
                ..
            } => self
                .affected(row.named("policy_cleared"), queues, exchanges)
                .with("policy", name.as_str())
                .with("operator", *operator),
            Event::UserSet { name, permissions } => {
                let row = row.named("user_set").with("user", name.as_str());
                let permissions = permissions.as_deref();
                row.maybe("configure", permissions.map(|may| may.configure.as_str()))
                    .maybe("write", permissions.map(|may| may.write.as_str()))
                    .maybe("read", permissions.map(|may| may.read.as_str()))
            }
            Event::Deprecated { feature } => row.named("deprecated").with(
                "feature",
                match feature {
                    Deprecation::TransientQueue => "transient_queue",
                    Deprecation::GlobalPrefetch => "global_prefetch",
                },
            ),

            Event::ConnectionOpened { connection } => row
                .named("connection_opened")
                .with("connection", self.connection(*connection))
                .maybe("user", self.user(*connection)),
            Event::ConnectionClosed { connection, why } => row
                .named("connection_closed")
                .with("connection", self.connection(*connection))
                .closing(why),
            Event::ChannelOpened { channel } => row
                .named("channel_opened")
                .with("connection", self.channel(*channel)),
            Event::ChannelClosed { channel, why } => row
                .named("channel_closed")
                .with("connection", self.channel(*channel))
                .closing(why),
            Event::Refused {
                connection,
                method,
                message,
                refusal,
                ..
            } => row
                .named("refused")
                .with("connection", self.connection(*connection))
                .maybe("method", *method)
                .maybe("message", message.map(|id| id.0))
                .refusal(refusal),
            Event::Throttled { connection, state } => row
                .named("throttled")
                .with("connection", self.connection(*connection))
                .with(
                    "state",
                    match state {
                        Throttle::Running => "running",
                        Throttle::Blocking => "blocking",
                        Throttle::Blocked => "blocked",
                        Throttle::Flow => "flow",
                    },
                ),
            Event::AlarmRaised { alarm } => {
                row.named("alarm_raised").with("alarm", resource(*alarm))
            }
            Event::AlarmCleared { alarm } => {
                row.named("alarm_cleared").with("alarm", resource(*alarm))
            }
            Event::Stopped { clean } => row.named("broker_stopped").with("clean", *clean),
            Event::Started { recovered } => {
                row.named("broker_started").with("recovered", *recovered)
            }
        }
    }

    /// What an exchange decided on, and which ways it found.
    fn decided(
        &self,
        row: Record<'e>,
        letter: Option<CopyId>,
        exchange: ExchangeId,
        matched: &'e [Via],
    ) -> Record<'e> {
        let bindings = matched.iter().filter_map(|&via| self.binding(via));
        let bindings = Field::Bindings(bindings.collect());
        row.maybe("letter", letter.map(|copy| copy.0))
            .with("exchange", self.exchange(exchange))
            .with("matched", bindings)
    }

    fn fate(&self, row: Record<'e>, fate: &'e Fate) -> Record<'e> {
        match fate {
            Fate::Dropped => row.with("fate", "dropped"),
            Fate::NoExchange(name) => row
                .with("fate", "no_exchange")
                .with("dead_letter_exchange", name.as_str()),
            Fate::Kept(name) => row
                .with("fate", "kept")
                .with("dead_letter_exchange", name.as_str()),
            Fate::DeadLettered(exchange) => row
                .with("fate", "dead_lettered")
                .with("dead_letter_exchange", self.exchange(*exchange)),
        }
    }

    fn affected(
        &self,
        row: Record<'e>,
        queues: &'e [QueueId],
        exchanges: &'e [ExchangeId],
    ) -> Record<'e> {
        let exchanges = exchanges.iter().map(|&id| self.exchange(id)).collect();
        row.with("queues", self.queues(queues))
            .with("exchanges", Field::Texts(exchanges))
    }

    fn exchange(&self, id: ExchangeId) -> &'e str {
        self.0.definitions().exchange_name(id)
    }

    fn queue(&self, id: QueueId) -> &'e str {
        self.0.definitions().queue_name(id)
    }

    fn queues(&self, ids: &[QueueId]) -> Field<'e> {
        Field::Texts(ids.iter().map(|&id| self.queue(id)).collect())
    }

    fn some_queues(&self, ids: &[QueueId]) -> Option<Field<'e>> {
        (!ids.is_empty()).then(|| self.queues(ids))
    }

    fn link(&self, id: LinkId) -> &'e str {
        self.0.link(id).map_or("", |link| link.name.as_str())
    }

    fn connection(&self, id: ConnectionId) -> &'e str {
        let link = self.0.link_of_connection(id);
        link.map_or("", |link| self.link(link))
    }

    /// Whom a connection logged in as, if not as everybody does.
    fn user(&self, id: ConnectionId) -> Option<&'e str> {
        let connection = self.0.broker().connection(id)?;
        (connection.user != *GUEST).then_some(connection.user.as_str())
    }

    /// A channel goes by its connection's name: each of ours has one.
    fn channel(&self, id: ChannelId) -> &'e str {
        let link = self.0.link_of_channel(id);
        link.map_or("", |link| self.link(link))
    }

    fn author(&self, by: Author) -> &'e str {
        match by {
            Author::Publisher(id) => self.0.publisher(id).map_or("", |publisher| &publisher.name),
            Author::Consumer(id) => self.worker(id),
        }
    }

    fn worker(&self, id: WorkerId) -> &'e str {
        self.0.worker(id).map_or("", |worker| worker.name())
    }

    /// A consumer's name: its worker's, or its tag if a script made it.
    fn consumer(&self, id: ConsumerId) -> &'e str {
        match self.0.worker_of(id) {
            Some(worker) => self.worker(worker),
            None => {
                let consumer = self.0.broker().consumer(id);
                consumer.map_or("", |consumer| consumer.tag.as_str())
            }
        }
    }

    fn copy(&self, row: Record<'e>, queued: Queued) -> Record<'e> {
        row.message(queued.message)
            .with("copy", queued.copy.0)
            .with("queue", self.queue(queued.queue))
    }

    fn of(&self, row: Record<'e>, queued: Queued, consumer: Option<ConsumerId>) -> Record<'e> {
        self.copy(row, queued)
            .maybe("consumer", consumer.map(|id| self.consumer(id)))
    }

    fn at_worker(&self, row: Record<'e>, queued: Queued, worker: WorkerId) -> Record<'e> {
        self.copy(row, queued).with("consumer", self.worker(worker))
    }

    fn worker_and_queue(&self, row: Record<'e>, id: WorkerId) -> Record<'e> {
        let queue = self.0.worker(id).map(|worker| worker.setup.queue.as_str());
        row.with("consumer", self.worker(id)).maybe("queue", queue)
    }

    fn binding(&self, via: Via) -> Option<Binding<'e>> {
        let definitions = self.0.definitions();
        match via {
            Via::Implicit(queue) => Some(Binding {
                source: "",
                destination: self.queue(queue),
                destination_type: "queue",
                key: self.queue(queue),
            }),
            Via::Alternate(from) => {
                let alternate = definitions.exchange(from)?.alternate.as_ref()?;
                Some(Binding {
                    source: self.exchange(from),
                    destination: alternate,
                    destination_type: "exchange",
                    key: "",
                })
            }
            Via::Binding(id) => definitions.binding(id).map(|binding| Binding {
                source: self.exchange(binding.source),
                destination: definitions.destination_name(binding.destination),
                destination_type: destination_type(binding.destination),
                key: &binding.key,
            }),
        }
    }

    fn binding_of(&self, row: Record<'e>, id: BindingId) -> Record<'e> {
        match self.binding(Via::Binding(id)) {
            Some(binding) => row
                .with("source", binding.source)
                .with("destination", binding.destination)
                .with("destination_type", binding.destination_type)
                .with("key", binding.key),
            None => row,
        }
    }
}

fn answered(answer: Answer) -> &'static str {
    match answer {
        Answer::Silent => "none",
        Answer::Lost => "lost",
        Answer::Ack => "ack",
        Answer::Requeue => "requeue",
        Answer::RejectBack => "reject_requeue",
        Answer::Reject => "reject",
        Answer::Crash => "crash",
        Answer::Unheard => "unheard",
        Answer::Known => "known",
        Answer::Abandoned => "abandoned",
    }
}

fn death(reason: DeathReason) -> &'static str {
    match reason {
        DeathReason::Rejected => "rejected",
        DeathReason::Expired => "expired",
        DeathReason::MaxLen => "dropped",
        DeathReason::DeliveryLimit => "exhausted",
    }
}

fn returned(why: Return) -> &'static str {
    match why {
        Return::Nacked => "nacked",
        Return::Rejected => "rejected",
        Return::Recovered => "recovered",
        Return::ChannelEnded => "channel_ended",
        Return::TimedOut => "timed_out",
        Return::Delayed => "delayed",
        Return::Restarted => "restarted",
    }
}

fn departed(why: Departure) -> &'static str {
    match why {
        Departure::Deleted => "deleted",
        Departure::AutoDeleted => "auto_deleted",
        Departure::ConnectionEnded => "connection_ended",
        Departure::Expired => "expired",
        Departure::Restart => "restart",
        Departure::EndGone => "end_gone",
        Departure::RequesterGone => "requester_gone",
    }
}

fn resource(alarm: Alarm) -> &'static str {
    match alarm {
        Alarm::Memory => "memory",
        Alarm::Disk => "disk",
    }
}

/// RabbitMQ's word for what a binding leads to, as its definitions files have it.
pub(super) fn destination_type(destination: Destination) -> &'static str {
    match destination {
        Destination::Queue(_) => "queue",
        Destination::Exchange(_) => "exchange",
    }
}
