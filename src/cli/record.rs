//! An event as a line of JSON: numbers for messages and copies, names for all else. docs/commands.md promises it stable.

use serde::Serialize;

use crate::broker::{
    self, ConsumerId, CopyId, Destination, MessageId, QueueId, Queued, Table, Via,
};
use crate::world::{Answer, Event, EventKind, World};

/// An event with the fields every event has.
#[derive(Serialize)]
pub(super) struct Record<'e> {
    id: u64,
    at_us: u64,
    cause: Option<u64>,
    #[serde(flatten)]
    kind: Kind<'e>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Kind<'e> {
    Published {
        publisher: &'e str,
        message: MessageId,
        exchange: &'e str,
        key: &'e str,
        headers: &'e Table,
        body: String,
    },
    Routed {
        message: MessageId,
        exchange: &'e str,
        matched: Vec<Matched<'e>>,
        copies: Vec<Copy<'e>>,
    },
    Unroutable {
        message: MessageId,
        exchange: &'e str,
        matched: Vec<Matched<'e>>,
    },
    Ready {
        #[serde(flatten)]
        copy: QueuedCopy<'e>,
    },
    Delivered {
        #[serde(flatten)]
        copy: QueuedCopy<'e>,
        consumer: &'e str,
        delivery_tag: u64,
        redelivered: bool,
        settled: bool,
    },
    Received(AtConsumer<'e>),
    Started {
        #[serde(flatten)]
        at: AtConsumer<'e>,
        until_us: u64,
    },
    Finished {
        #[serde(flatten)]
        at: AtConsumer<'e>,
        answer: &'static str,
    },
    Acked(AtConsumer<'e>),
    Requeued(AtConsumer<'e>),
    Rejected(AtConsumer<'e>),
    Consuming {
        consumer: &'e str,
        queue: &'e str,
    },
    Cancelled {
        consumer: &'e str,
        queue: &'e str,
    },
}

/// A binding that matched.
#[derive(Serialize)]
struct Matched<'e> {
    source: &'e str,
    destination: &'e str,
    destination_type: &'static str,
    key: &'e str,
}

#[derive(Serialize)]
struct Copy<'e> {
    copy: CopyId,
    queue: &'e str,
}

#[derive(Serialize)]
struct QueuedCopy<'e> {
    message: MessageId,
    copy: CopyId,
    queue: &'e str,
}

#[derive(Serialize)]
struct AtConsumer<'e> {
    #[serde(flatten)]
    copy: QueuedCopy<'e>,
    consumer: &'e str,
}

impl<'e> Record<'e> {
    pub(super) fn of(event: &'e Event, world: &'e World) -> Self {
        Self {
            id: event.id.0,
            at_us: event.at.0,
            cause: (event.cause.0 != 0).then_some(event.cause.0),
            kind: Namer(world).kind(&event.kind),
        }
    }
}

struct Namer<'e>(&'e World);

impl<'e> Namer<'e> {
    fn kind(&self, kind: &'e EventKind) -> Kind<'e> {
        match kind {
            EventKind::Published {
                publisher,
                message,
                publication,
            } => Kind::Published {
                publisher: self
                    .0
                    .publisher(*publisher)
                    .map_or("", |publisher| &publisher.name),
                message: *message,
                exchange: &publication.exchange,
                key: &publication.routing_key,
                headers: &publication.properties.headers,
                body: publication.body.to_string(),
            },
            EventKind::Broker(event) => self.broker(event),
            EventKind::Received { consumer, queued } => {
                Kind::Received(self.at_consumer(*consumer, *queued))
            }
            EventKind::Started {
                consumer,
                queued,
                until,
            } => Kind::Started {
                at: self.at_consumer(*consumer, *queued),
                until_us: until.0,
            },
            EventKind::Finished {
                consumer,
                queued,
                answer,
            } => Kind::Finished {
                at: self.at_consumer(*consumer, *queued),
                answer: match answer {
                    Answer::Silent => "none",
                    Answer::Lost => "lost",
                    Answer::Ack => "ack",
                    Answer::Requeue => "requeue",
                    Answer::Reject => "reject",
                },
            },
        }
    }

    fn broker(&self, event: &'e broker::Event) -> Kind<'e> {
        use broker::Event;
        match event {
            Event::Routed {
                message,
                exchange,
                matched,
                copies,
            } => Kind::Routed {
                message: *message,
                exchange: self.exchange(*exchange),
                matched: self.matched(matched),
                copies: copies
                    .iter()
                    .map(|routed| Copy {
                        copy: routed.copy,
                        queue: self.queue(routed.queue),
                    })
                    .collect(),
            },
            Event::Unroutable {
                message,
                exchange,
                matched,
            } => Kind::Unroutable {
                message: *message,
                exchange: self.exchange(*exchange),
                matched: self.matched(matched),
            },
            Event::Ready(queued) => Kind::Ready {
                copy: self.copy(*queued),
            },
            Event::Delivered {
                queued,
                consumer,
                tag,
                redelivered,
                settled,
            } => Kind::Delivered {
                copy: self.copy(*queued),
                consumer: self.consumer(*consumer),
                delivery_tag: *tag,
                redelivered: *redelivered,
                settled: *settled,
            },
            Event::Acked { queued, consumer } => Kind::Acked(self.at_consumer(*consumer, *queued)),
            Event::Requeued { queued, consumer } => {
                Kind::Requeued(self.at_consumer(*consumer, *queued))
            }
            Event::Rejected { queued, consumer } => {
                Kind::Rejected(self.at_consumer(*consumer, *queued))
            }
            Event::Consuming { consumer, queue } => Kind::Consuming {
                consumer: self.consumer(*consumer),
                queue: self.queue(*queue),
            },
            Event::Cancelled { consumer, queue } => Kind::Cancelled {
                consumer: self.consumer(*consumer),
                queue: self.queue(*queue),
            },
        }
    }

    fn exchange(&self, id: broker::ExchangeId) -> &'e str {
        self.0.definitions().exchange_name(id)
    }

    fn queue(&self, id: QueueId) -> &'e str {
        self.0.definitions().queue_name(id)
    }

    fn consumer(&self, id: ConsumerId) -> &'e str {
        self.0.worker(id).map_or("", |worker| worker.name())
    }

    fn copy(&self, queued: Queued) -> QueuedCopy<'e> {
        QueuedCopy {
            message: queued.message,
            copy: queued.copy,
            queue: self.queue(queued.queue),
        }
    }

    fn at_consumer(&self, consumer: ConsumerId, queued: Queued) -> AtConsumer<'e> {
        AtConsumer {
            copy: self.copy(queued),
            consumer: self.consumer(consumer),
        }
    }

    fn matched(&self, matched: &[Via]) -> Vec<Matched<'e>> {
        let definitions = self.0.definitions();
        matched
            .iter()
            .filter_map(|via| match via {
                Via::Implicit(queue) => Some(Matched {
                    source: "",
                    destination: self.queue(*queue),
                    destination_type: "queue",
                    key: self.queue(*queue),
                }),
                Via::Alternate(from) => {
                    let alternate = definitions.exchange(*from)?.alternate.as_ref()?;
                    Some(Matched {
                        source: self.exchange(*from),
                        destination: alternate,
                        destination_type: "exchange",
                        key: "",
                    })
                }
                Via::Binding(id) => definitions.binding(*id).map(|binding| Matched {
                    source: self.exchange(binding.source),
                    destination: definitions.destination_name(binding.destination),
                    destination_type: destination_type(binding.destination),
                    key: &binding.key,
                }),
            })
            .collect()
    }
}

/// RabbitMQ's word for what a binding leads to, as its definitions files have it.
pub(super) fn destination_type(destination: Destination) -> &'static str {
    match destination {
        Destination::Queue(_) => "queue",
        Destination::Exchange(_) => "exchange",
    }
}
