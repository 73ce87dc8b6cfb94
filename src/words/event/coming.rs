//! What is going to happen, in one line each.

use crate::broker::{Alarm, Event, Hangup, Operation};
use crate::history::{History, Recall};
use crate::t;
use crate::world::{
    Answer, Appointment, Deed, Due, EventKind, Input, LinkId, News, Sent, WorkerId, World,
};

use super::super::names::{copy_name, exchange_name, new_message_name};
use super::super::shown;
use super::http::changed;
use super::{Names, describe};

/// Tells what an appointment of the agenda will bring, as things stand in `world`; nothing if nothing comes of it.
pub fn coming(appointment: &Appointment, world: &World, history: &dyn Recall) -> Option<String> {
    let names = Names { world, history };
    let cause = history.event(appointment.cause).map(|cause| &cause.kind);
    let text = match &appointment.due {
        Due::Publish(id) => {
            let publisher = world.publisher(*id)?;
            // Who was turned away comes back only when somebody says so.
            if world.link(publisher.link)?.turned_away {
                return None;
            }
            t!(
                "coming-publish",
                publisher = shown(&publisher.name),
                message = new_message_name(publisher.next()?, world)
            )
        }
        Due::ReachBroker { link, sent, .. } => return names.sent(*link, sent, cause),
        Due::ReachQueue { copy, queue } => t!(
            "coming-queue",
            copy = copy_name(*copy, history),
            queue = names.queue(*queue)
        ),
        Due::ReachDeadLetterExchange(letter) => t!(
            "coming-letter",
            copy = copy_name(letter.copy, history),
            exchange = exchange_name(&letter.name)
        ),
        Due::ReachConsumer { worker, delivery } => t!(
            "coming-consumer",
            copy = names.copy(delivery.queued),
            consumer = names.worker(*worker)
        ),
        Due::ReachClient { link, news } => return names.news(*link, news, cause),
        Due::Read { link, .. } => t!("coming-read", connection = names.link(*link)),
        // R8: nobody answers meanwhile.
        Due::Open(_) if !world.broker().is_up() => return None,
        Due::Open(link) => t!("coming-open", connection = names.link(*link)),
        Due::Consume { worker, .. } => t!(
            "coming-consume",
            consumer = names.worker(*worker),
            queue = names.queue_of(*worker)
        ),
        Due::Poll { worker, .. } => t!(
            "coming-poll",
            consumer = names.worker(*worker),
            queue = names.queue_of(*worker)
        ),
        Due::Finish(id) => t!(
            "coming-finish",
            consumer = names.worker(*id),
            copy = names.copy(world.worker(*id)?.job(appointment.cause)?.queued)
        ),
        Due::Http(due) => return names.http_coming(*due),
        Due::Do(deed) => done(deed),
    };
    Some(text)
}

/// Tells what a step of the run will bring, as things stand in `world` before it; nothing if nothing comes of it.
pub fn foretold(step: usize, world: &World, history: &History) -> Option<String> {
    let first = history.events_of(step).first()?;
    let names = Names { world, history };
    let told = match (history.input_of(step), world.next_appointment()) {
        (Some((_, Input::Do(deed))), _) => Some(done(deed)),
        (Some(_), _) => None,
        (None, Some(next)) => coming(next, world, history),
        (None, None) => names.due(&first.kind),
    };
    told.or_else(|| Some(describe(first, history.head(), history).text))
}

impl Names<'_> {
    /// What the broker does by itself, when its time has come.
    fn due(&self, event: &EventKind) -> Option<String> {
        let EventKind::Broker(event) = event else {
            return None;
        };
        Some(match event {
            Event::Died { queued, .. } => t!(
                "coming-expire",
                copy = self.copy(*queued),
                queue = self.queue(queued.queue)
            ),
            Event::QueueDeleted { queue, .. } => {
                t!("coming-unused", queue = self.queue(*queue))
            }
            Event::Requeued { queued, .. } => t!(
                "coming-ready-again",
                copy = self.copy(*queued),
                queue = self.queue(queued.queue)
            ),
            Event::Resumed { message, exchange } => t!(
                "coming-resume",
                message = self.message(*message),
                exchange = self.exchange(*exchange)
            ),
            Event::Resent { queued, exchange } => t!(
                "coming-resend",
                copy = self.copy(*queued),
                queue = self.queue(queued.queue),
                exchange = self.exchange(*exchange)
            ),
            Event::Truncated { queue, .. } => t!("coming-truncate", queue = self.queue(*queue)),
            Event::Confirmed {
                channel, messages, ..
            } => t!(
                "coming-written",
                messages = self.messages(messages),
                connection = self.channel(*channel)
            ),
            _ => return None,
        })
    }

    /// What a client sent, on its way to the broker.
    fn sent(&self, link: LinkId, sent: &Sent, cause: Option<&EventKind>) -> Option<String> {
        Some(match sent {
            Sent::Publish { message, .. } if self.is_unread(link) => t!(
                "coming-wait",
                message = self.message(message.id),
                connection = self.link(link)
            ),
            Sent::Publish { message, .. } => t!(
                "coming-exchange",
                message = self.message(message.id),
                exchange = exchange_name(&message.publication.exchange)
            ),
            Sent::Answer { worker, answer, .. } => return self.answer(*worker, *answer, cause),
            Sent::Consume(worker) => t!(
                "coming-consume-sent",
                consumer = self.worker(*worker),
                queue = self.queue_of(*worker)
            ),
            Sent::Get(worker) => t!(
                "coming-get-sent",
                consumer = self.worker(*worker),
                queue = self.queue_of(*worker)
            ),
            Sent::Call(method) => t!(
                "coming-call-sent",
                method = method.name(),
                connection = self.link(link)
            ),
            Sent::Close(_) => t!("coming-close-sent", connection = self.link(link)),
        })
    }

    /// Whether what comes on a connection waits in its socket (F1, F3).
    fn is_unread(&self, link: LinkId) -> bool {
        let connection = self.world.link(link).and_then(|link| link.connection);
        let connection = connection.and_then(|id| self.world.broker().connection(id));
        connection.is_some_and(|connection| !connection.is_read())
    }

    /// Only a consumer that finished a delivery answers.
    fn answer(&self, id: WorkerId, answer: Answer, cause: Option<&EventKind>) -> Option<String> {
        let queued = cause?.queued()?;
        let (copy, queue) = (self.copy(queued), self.queue(queued.queue));
        let consumer = self.worker(id);
        match answer {
            Answer::Ack | Answer::Known => Some(t!(
                "coming-ack",
                consumer = consumer,
                copy = copy,
                queue = queue
            )),
            Answer::Requeue | Answer::RejectBack => {
                Some(t!("coming-requeue", copy = copy, queue = queue))
            }
            Answer::Reject => Some(t!(
                "coming-reject",
                consumer = consumer,
                copy = copy,
                queue = queue
            )),
            Answer::Silent | Answer::Lost | Answer::Crash | Answer::Unheard | Answer::Abandoned => {
                None
            }
        }
    }

    /// What the broker tells a client, on its way there.
    fn news(&self, link: LinkId, news: &News, cause: Option<&EventKind>) -> Option<String> {
        let connection = self.link(link);
        Some(match news {
            News::Confirm { ack, .. } => {
                let Some(EventKind::Broker(Event::Confirmed { messages, .. })) = cause else {
                    return None;
                };
                let messages = self.messages(messages);
                match ack {
                    true => t!(
                        "coming-confirm",
                        messages = messages,
                        connection = connection
                    ),
                    false => t!("coming-nack", messages = messages, connection = connection),
                }
            }
            News::Return {
                publisher, message, ..
            } => t!(
                "coming-return",
                message = self.message(*message),
                publisher = self.publisher(*publisher)
            ),
            News::Cancel { worker, .. } => t!(
                "coming-dismissed",
                consumer = self.worker(*worker),
                queue = self.queue_of(*worker)
            ),
            News::CloseChannel(_) => t!("coming-channel-lost", connection = connection),
            News::CloseConnection(_) => t!("coming-connection-lost", connection = connection),
        })
    }
}

/// An act of the script.
pub(super) fn done(deed: &Deed) -> String {
    match deed {
        Deed::Operate(operation) => operated(operation),
        Deed::Call { connection, method } => t!(
            "coming-call",
            connection = shown(connection),
            method = method.name()
        ),
        Deed::Disconnect { connection, how } => {
            let connection = shown(connection);
            match how {
                Hangup::ByClient => t!("coming-hangup", connection = connection),
                Hangup::Lost => t!("coming-loss", connection = connection),
                Hangup::ByOperator => t!("coming-forced", connection = connection),
            }
        }
        Deed::Connect { connection, user } => {
            let connection = shown(connection);
            match user {
                Some(user) => t!(
                    "coming-open-as",
                    connection = connection,
                    user = shown(user)
                ),
                None => t!("coming-open", connection = connection),
            }
        }
        Deed::Change { service, change } => changed(service, *change),
    }
}

/// What an operator does.
fn operated(operation: &Operation) -> String {
    match operation {
        Operation::DeclareExchange(spec) => {
            t!(
                "operate-declare-exchange",
                exchange = exchange_name(&spec.name)
            )
        }
        Operation::DeleteExchange(name) => {
            t!("operate-delete-exchange", exchange = exchange_name(name))
        }
        Operation::DeclareQueue(spec) => t!("operate-declare-queue", queue = shown(&spec.name)),
        Operation::DeleteQueue(name) => t!("operate-delete-queue", queue = shown(name)),
        Operation::PurgeQueue(name) => t!("operate-purge-queue", queue = shown(name)),
        Operation::Bind { source, .. } => t!("operate-bind", exchange = exchange_name(source)),
        Operation::Unbind { source, .. } => t!("operate-unbind", exchange = exchange_name(source)),
        Operation::SetPolicy(spec) => t!("operate-policy", policy = shown(&spec.name)),
        Operation::ClearPolicy { name, .. } => {
            t!("operate-clear-policy", policy = shown(name))
        }
        Operation::SetUser(spec) => t!("operate-user", user = shown(&spec.name)),
        Operation::RaiseAlarm(Alarm::Memory) => t!("operate-memory-alarm"),
        Operation::RaiseAlarm(Alarm::Disk) => t!("operate-disk-alarm"),
        Operation::ClearAlarm(Alarm::Memory) => t!("operate-memory-over"),
        Operation::ClearAlarm(Alarm::Disk) => t!("operate-disk-over"),
        Operation::Stop { clean: true } => t!("operate-stop"),
        Operation::Stop { clean: false } => t!("operate-crash"),
        Operation::Start => t!("operate-start"),
    }
}
