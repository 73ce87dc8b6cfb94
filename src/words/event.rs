//! What happened, and what is going to, in one line of plain words each.

use std::collections::BTreeSet;

use crate::broker::{self, ConsumerId, Definitions, Destination, MessageId, Queued, Via};
use crate::history::History;
use crate::t;
use crate::world::{Answer, Appointment, Due, Event, EventKind, World};

use super::label::binding_label;
use super::names::{
    copy_name, exchange, exchange_name, list, message_name, new_message_name, short,
};

/// An event, told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// One short word for it.
    pub verb: String,
    /// The sentence.
    pub text: String,
}

/// Tells an event of a run. `world` is any moment of it: it is asked for names only.
pub fn describe(event: &Event, world: &World, history: &History) -> Line {
    let names = Names { world, history };
    match &event.kind {
        EventKind::Published {
            publisher,
            message,
            publication,
        } => Line {
            verb: t!("verb-publish"),
            text: t!(
                "event-publish",
                publisher = names.publisher(*publisher),
                message = names.message(*message),
                exchange = exchange_name(&publication.exchange)
            ),
        },
        EventKind::Broker(event) => names.broker_line(event),
        EventKind::Received { consumer, queued } => Line {
            verb: t!("verb-receive"),
            text: t!(
                "event-receive",
                consumer = names.consumer(*consumer),
                copy = names.copy(*queued)
            ),
        },
        EventKind::Started {
            consumer, queued, ..
        } => Line {
            verb: t!("verb-start"),
            text: t!(
                "event-start",
                consumer = names.consumer(*consumer),
                copy = names.copy(*queued)
            ),
        },
        EventKind::Finished {
            consumer,
            queued,
            answer,
        } => Line {
            verb: t!("verb-finish"),
            text: names.finished(*consumer, *queued, *answer),
        },
    }
}

/// Tells what an appointment of the agenda will bring, as things stand in `world`; nothing if nothing comes of it.
pub fn coming(appointment: &Appointment, world: &World, history: &History) -> Option<String> {
    let names = Names { world, history };
    let text = match &appointment.due {
        Due::Publish(id) => {
            let publisher = world.publisher(*id)?;
            t!(
                "coming-publish",
                publisher = publisher.name.as_str(),
                message = new_message_name(publisher.next()?, world)
            )
        }
        Due::ReachExchange { message } => t!(
            "coming-exchange",
            message = names.message(message.id),
            exchange = exchange_name(&message.publication.exchange)
        ),
        Due::ReachQueue { copy, queue } => t!(
            "coming-queue",
            copy = copy_name(*copy, history),
            queue = world.definitions().queue_name(*queue)
        ),
        Due::Consume(id) => t!(
            "coming-consume",
            consumer = names.consumer(*id),
            queue = world.worker(*id)?.setup.queue.as_str()
        ),
        Due::ReachConsumer(delivery) => t!(
            "coming-consumer",
            copy = names.copy(delivery.queued),
            consumer = names.consumer(delivery.consumer)
        ),
        Due::Finish(id) => t!(
            "coming-finish",
            consumer = names.consumer(*id),
            copy = names.copy(world.worker(*id)?.working.as_ref()?.queued)
        ),
        Due::ReachBroker {
            answer, consumer, ..
        } => {
            // Only a consumer that finished a delivery answers.
            let queued = history.event(appointment.cause)?.kind.queued()?;
            let (copy, queue) = (names.copy(queued), names.queue(queued));
            let consumer = names.consumer(*consumer);
            match answer {
                Answer::Ack => t!(
                    "coming-ack",
                    consumer = consumer,
                    copy = copy,
                    queue = queue
                ),
                Answer::Requeue => t!("coming-requeue", copy = copy, queue = queue),
                Answer::Reject => t!(
                    "coming-reject",
                    consumer = consumer,
                    copy = copy,
                    queue = queue
                ),
                Answer::Silent | Answer::Lost => return None,
            }
        }
    };
    Some(text)
}

struct Names<'a> {
    world: &'a World,
    history: &'a History,
}

impl<'a> Names<'a> {
    fn definitions(&self) -> &'a Definitions {
        self.world.definitions()
    }

    fn publisher(&self, id: crate::world::PublisherId) -> &'a str {
        self.world
            .publisher(id)
            .map_or("", |publisher| publisher.name.as_str())
    }

    fn consumer(&self, id: ConsumerId) -> &'a str {
        self.world
            .worker(id)
            .map_or("", |worker| worker.name().as_str())
    }

    fn queue(&self, queued: Queued) -> &'a str {
        self.definitions().queue_name(queued.queue)
    }

    fn copy(&self, queued: Queued) -> String {
        copy_name(queued.copy, self.history)
    }

    fn message(&self, id: MessageId) -> String {
        message_name(id, self.history)
    }

    fn broker_line(&self, event: &broker::Event) -> Line {
        use broker::Event;
        let (verb, text) = match event {
            Event::Routed {
                message,
                exchange,
                matched,
                copies,
            } => {
                let queues = copies.iter().map(|copy| copy.queue);
                let queues: Vec<_> = queues
                    .map(|queue| self.definitions().queue_name(queue))
                    .collect();
                let text = self.routed(*message, *exchange, matched, &list(&queues));
                (t!("verb-route"), text)
            }
            Event::Unroutable {
                message,
                exchange,
                matched,
            } => (
                t!("verb-unroutable"),
                self.unroutable(*message, *exchange, matched),
            ),
            Event::Ready(queued) => (
                t!("verb-ready"),
                t!(
                    "event-ready",
                    copy = self.copy(*queued),
                    queue = self.queue(*queued)
                ),
            ),
            Event::Delivered {
                queued,
                consumer,
                redelivered,
                settled,
                ..
            } => (
                t!("verb-deliver"),
                t!(
                    "event-deliver",
                    queue = self.queue(*queued),
                    copy = self.copy(*queued),
                    consumer = self.consumer(*consumer),
                    again = yes_or_no(*redelivered),
                    settled = yes_or_no(*settled)
                ),
            ),
            Event::Acked { queued, consumer } => (
                t!("verb-ack"),
                t!(
                    "event-ack",
                    consumer = self.consumer(*consumer),
                    copy = self.copy(*queued)
                ),
            ),
            Event::Requeued { queued, consumer } => (
                t!("verb-requeue"),
                t!(
                    "event-requeue",
                    copy = self.copy(*queued),
                    queue = self.queue(*queued),
                    consumer = self.consumer(*consumer)
                ),
            ),
            Event::Rejected { queued, consumer } => (
                t!("verb-reject"),
                t!(
                    "event-reject",
                    consumer = self.consumer(*consumer),
                    copy = self.copy(*queued)
                ),
            ),
            Event::Consuming { consumer, queue } => (
                t!("verb-consume"),
                t!(
                    "event-consume",
                    consumer = self.consumer(*consumer),
                    queue = self.definitions().queue_name(*queue)
                ),
            ),
            Event::Cancelled { consumer, queue } => (
                t!("verb-cancel"),
                t!(
                    "event-cancel",
                    consumer = self.consumer(*consumer),
                    queue = self.definitions().queue_name(*queue)
                ),
            ),
        };
        Line { verb, text }
    }

    fn routed(
        &self,
        message: MessageId,
        at: broker::ExchangeId,
        matched: &[Via],
        queues: &str,
    ) -> String {
        let exchange = exchange(at, self.definitions());
        let message = self.message(message);
        let refused = self.refused(at, matched);
        if refused.is_empty() {
            t!(
                "event-route",
                exchange = exchange,
                message = message,
                queues = queues
            )
        } else {
            t!(
                "event-route-refused",
                exchange = exchange,
                message = message,
                queues = queues,
                refused = list(&refused)
            )
        }
    }

    fn unroutable(&self, message: MessageId, at: broker::ExchangeId, matched: &[Via]) -> String {
        let name = self.message(message);
        if at == Definitions::DEFAULT_EXCHANGE {
            let publication = self.history.message(message);
            let key = publication.map_or("", |publication| publication.routing_key.as_str());
            return if key.is_empty() {
                t!("event-unroutable-unnamed", message = name)
            } else {
                t!("event-unroutable-name", key = short(key), message = name)
            };
        }
        let exchange = exchange(at, self.definitions());
        if matched.is_empty() {
            t!("event-unroutable", exchange = exchange, message = name)
        } else {
            t!(
                "event-unroutable-onward",
                exchange = exchange,
                message = name
            )
        }
    }

    /// The bindings that did not match, of all exchanges visited, as the canvas calls them. The default exchange's
    /// implicit ones (E2) are not worth naming.
    fn refused(&self, at: broker::ExchangeId, matched: &[Via]) -> Vec<String> {
        let definitions = self.definitions();
        let mut visited = vec![at];
        for via in matched {
            if let Via::Binding(id) = via
                && let Some(binding) = definitions.binding(*id)
                && let Destination::Exchange(next) = binding.destination
                && !visited.contains(&next)
            {
                visited.push(next);
            }
        }
        let mut refused = Vec::new();
        for exchange in visited.iter().filter_map(|&id| definitions.exchange(id)) {
            let bindings = exchange.bindings.iter();
            for id in bindings.filter(|&&id| !matched.contains(&Via::Binding(id))) {
                let label = definitions.binding(*id).and_then(|binding| {
                    binding_label(exchange.kind, &binding.key, &binding.arguments)
                });
                refused.extend(label.map(|label| short(&label)));
            }
        }
        let mut seen = BTreeSet::new();
        refused.retain(|label| seen.insert(label.clone()));
        refused
    }

    fn finished(&self, consumer: ConsumerId, queued: Queued, answer: Answer) -> String {
        let (consumer, copy) = (self.consumer(consumer), self.copy(queued));
        match answer {
            Answer::Silent => t!("event-finish", consumer = consumer, copy = copy),
            Answer::Ack => t!("event-finish-ack", consumer = consumer, copy = copy),
            Answer::Requeue => t!("event-finish-requeue", consumer = consumer, copy = copy),
            Answer::Reject => t!("event-finish-reject", consumer = consumer, copy = copy),
            Answer::Lost => t!("event-finish-lost", consumer = consumer, copy = copy),
        }
    }
}

/// For Fluent to choose by.
fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
