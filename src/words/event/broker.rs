//! The broker's events in words.

use crate::broker::{self, BindingId, DeathReason, Deprecation, Event};
use crate::t;
use crate::world::{Event as Told, EventKind};

use super::super::label::binding_label;
use super::super::names::{destination_name, list, short};
use super::super::shown;
use super::super::span;
use super::Names;
use super::people::yes_or_no;
use super::reason::{Gone, closing, departure, limit, throttle};
use super::routing::Decided;

/// The verb and the sentence of an event; `cause` is what led to it, and `told` what it is in the record.
pub(super) fn tell(
    names: &Names<'_>,
    event: &Event,
    cause: Option<&EventKind>,
    told: &Told,
) -> (String, String) {
    match event {
        Event::Routed {
            message,
            letter,
            exchange,
            matched,
            copies,
            cycles,
        } => {
            let decided = Decided {
                message: *message,
                letter: *letter,
                exchange: *exchange,
                matched,
                cycles,
            };
            let sentence = match copies.is_empty() && cycles.is_empty() {
                true => names.routed_to_none(&decided),
                false => names.routed(&decided, copies),
            };
            (t!("verb-route"), sentence)
        }
        Event::Unroutable {
            message,
            letter,
            exchange,
            matched,
            cycles,
        } => {
            let decided = Decided {
                message: *message,
                letter: *letter,
                exchange: *exchange,
                matched,
                cycles,
            };
            let kept = letter.is_some_and(|letter| names.is_kept_after(told, letter));
            (t!("verb-unroutable"), names.unroutable(&decided, kept))
        }
        Event::Returned { message, channel } => (
            t!("verb-return"),
            t!(
                "event-return",
                message = names.message(*message),
                connection = names.channel(*channel)
            ),
        ),
        Event::Postponed {
            message,
            exchange,
            until,
        } => (
            t!("verb-postpone"),
            t!(
                "event-postpone",
                message = names.message(*message),
                exchange = names.exchange(*exchange),
                until = span(*until)
            ),
        ),
        Event::Resumed { message, exchange } => (
            t!("verb-resume"),
            t!(
                "event-resume",
                message = names.message(*message),
                exchange = names.exchange(*exchange)
            ),
        ),
        Event::Recalled {
            message,
            exchange,
            binding,
        } => (
            t!("verb-recall"),
            t!(
                "event-recall",
                message = names.message(*message),
                exchange = names.exchange(*exchange),
                binding = binding_name(names, *binding)
            ),
        ),
        Event::Untold { message, exchange } => {
            let there = names.definitions().exchange(*exchange);
            (
                t!("verb-untold"),
                t!(
                    "event-untold",
                    message = names.message(*message),
                    exchange = names.exchange(*exchange),
                    kind = there.map_or("".into(), |there| shown(there.type_name()))
                ),
            )
        }
        Event::Held { message, channel } => (
            t!("verb-hold"),
            t!(
                "event-hold",
                message = names.message(*message),
                connection = names.channel(*channel)
            ),
        ),

        Event::Ready { queued, .. } => (
            t!("verb-ready"),
            t!(
                "event-ready",
                copy = names.copy(*queued),
                queue = names.queue(queued.queue)
            ),
        ),
        Event::TurnedAway {
            queued,
            limit: full,
        } => (
            t!("verb-overflow"),
            t!(
                "event-overflow",
                copy = names.copy(*queued),
                queue = names.queue(queued.queue),
                limit = limit(*full)
            ),
        ),
        Event::Died {
            queued,
            reason,
            limit,
            consumer,
            fate,
        } => {
            // What comes straight from its exchange was not taken; all else was in the queue before.
            let fresh = matches!(cause, Some(EventKind::Broker(Event::Routed { .. })));
            let away = limit.filter(|_| fresh && *reason == DeathReason::MaxLen);
            let late = (*reason == DeathReason::Expired)
                .then(|| names.lateness(told, *queued))
                .flatten();
            match (away, late) {
                (Some(limit), _) => names.turned_away_dead(*queued, limit, fate),
                (None, Some(late)) => names.expired_late(*queued, &late, fate),
                (None, None) => names.died(*queued, *reason, *limit, *consumer, fate),
            }
        }
        Event::Purged { queue, copies } => (
            t!("verb-purge"),
            t!(
                "event-purge",
                queue = names.queue(*queue),
                count = copies.len()
            ),
        ),
        Event::Lost { queued, why } => (t!("verb-lose"), lost(names, *queued, *why)),
        Event::Truncated { queue, copies } => (
            t!("verb-truncate"),
            t!(
                "event-truncate",
                queue = names.queue(*queue),
                count = copies.len()
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
                queue = names.queue(queued.queue),
                copy = names.copy(*queued),
                consumer = names.consumer(*consumer),
                again = yes_or_no(*redelivered),
                settled = yes_or_no(*settled)
            ),
        ),
        Event::Got {
            queued,
            channel,
            redelivered,
            settled,
            ..
        } => (
            t!("verb-get"),
            t!(
                "event-get",
                queue = names.queue(queued.queue),
                copy = names.copy(*queued),
                connection = names.channel(*channel),
                again = yes_or_no(*redelivered),
                settled = yes_or_no(*settled)
            ),
        ),
        Event::Read {
            queued,
            consumer,
            offset,
            ..
        } => (
            t!("verb-read"),
            t!(
                "event-read",
                queue = names.queue(queued.queue),
                copy = names.copy(*queued),
                consumer = names.consumer(*consumer),
                offset = offset.to_string()
            ),
        ),
        Event::Acked { queued, consumer } => {
            let copy = names.copy(*queued);
            let text = match consumer {
                Some(consumer) => t!(
                    "event-ack",
                    consumer = names.consumer(*consumer),
                    copy = copy
                ),
                None => t!(
                    "event-ack-got",
                    copy = copy,
                    queue = names.queue(queued.queue)
                ),
            };
            (t!("verb-ack"), text)
        }
        Event::Credited { queued, consumer } => (
            t!("verb-credit"),
            t!(
                "event-credit",
                consumer = names.consumer(*consumer),
                copy = names.copy(*queued),
                queue = names.queue(queued.queue)
            ),
        ),
        Event::Requeued {
            queued,
            consumer,
            why,
            place,
            returns,
        } => (
            t!("verb-requeue"),
            names.requeued(*queued, *consumer, (*why, *returns), *place),
        ),
        Event::Kept { queued, until } => (
            t!("verb-keep"),
            t!(
                "event-keep",
                copy = names.copy(*queued),
                queue = names.queue(queued.queue),
                until = span(*until)
            ),
        ),
        Event::Released { queued } => (
            t!("verb-release"),
            t!(
                "event-release",
                copy = names.copy(*queued),
                queue = names.queue(queued.queue)
            ),
        ),
        Event::Resent { queued, exchange } => (
            t!("verb-resend"),
            t!(
                "event-resend",
                copy = names.copy(*queued),
                queue = names.queue(queued.queue),
                exchange = names.exchange(*exchange)
            ),
        ),
        Event::Delayed { queued, until, .. } => (
            t!("verb-delay"),
            t!(
                "event-delay",
                copy = names.copy(*queued),
                queue = names.queue(queued.queue),
                until = span(*until)
            ),
        ),

        Event::Confirmed {
            channel,
            ack,
            messages,
            ..
        } => {
            let connection = names.channel(*channel);
            let messages = names.messages(messages);
            match ack {
                true => (
                    t!("verb-confirm"),
                    t!(
                        "event-confirm",
                        messages = messages,
                        connection = connection
                    ),
                ),
                false => (
                    t!("verb-nack"),
                    t!("event-nack", messages = messages, connection = connection),
                ),
            }
        }
        Event::Committed {
            channel,
            publishes,
            settlements,
        } => (
            t!("verb-commit"),
            t!(
                "event-commit",
                connection = names.channel(*channel),
                publishes = *publishes,
                settlements = *settlements
            ),
        ),
        Event::RolledBack {
            channel,
            messages,
            settlements,
        } => (
            t!("verb-rollback"),
            t!(
                "event-rollback",
                connection = names.channel(*channel),
                publishes = messages.len(),
                settlements = *settlements
            ),
        ),

        Event::Consuming { consumer, queue } => (
            t!("verb-consume"),
            t!(
                "event-consume",
                consumer = names.consumer(*consumer),
                queue = names.queue(*queue)
            ),
        ),
        Event::Cancelled {
            consumer,
            queue,
            why,
        } => (
            t!("verb-cancel"),
            names.cancelled(*consumer, &names.queue(*queue), *why),
        ),
        Event::Activated { consumer, queue } => (
            t!("verb-activate"),
            t!(
                "event-activate",
                consumer = names.consumer(*consumer),
                queue = names.queue(*queue)
            ),
        ),

        Event::ExchangeDeclared { exchange, .. } => (
            t!("verb-declare"),
            t!(
                "event-declare-exchange",
                exchange = names.exchange(*exchange)
            ),
        ),
        Event::ExchangeDeleted { exchange, why } => (
            t!("verb-delete"),
            t!(
                "event-delete-exchange",
                exchange = names.exchange(*exchange),
                why = departure(*why, Gone::Exchange)
            ),
        ),
        Event::QueueDeclared { queue, .. } => (
            t!("verb-declare"),
            t!("event-declare-queue", queue = names.queue(*queue)),
        ),
        Event::QueueDeleted { queue, why, copies } => (
            t!("verb-delete"),
            t!(
                "event-delete-queue",
                queue = names.queue(*queue),
                why = departure(*why, Gone::Queue),
                count = copies.len()
            ),
        ),
        Event::Bound { binding } => (t!("verb-bind"), bound(names, *binding)),
        Event::Unbound { binding, why } => (
            t!("verb-unbind"),
            t!(
                "event-unbind",
                binding = binding_name(names, *binding),
                why = departure(*why, Gone::Binding)
            ),
        ),
        Event::PolicySet {
            name,
            operator,
            queues,
            exchanges,
            ..
        } => (
            t!("verb-policy"),
            t!(
                "event-policy",
                policy = shown(name),
                operator = yes_or_no(*operator),
                count = queues.len() + exchanges.len(),
                changed = changed(names, queues, exchanges)
            ),
        ),
        Event::PolicyCleared {
            name,
            operator,
            queues,
            exchanges,
            ..
        } => (
            t!("verb-policy"),
            t!(
                "event-policy-cleared",
                policy = shown(name),
                operator = yes_or_no(*operator),
                count = queues.len() + exchanges.len(),
                changed = changed(names, queues, exchanges)
            ),
        ),
        Event::UserSet { name, permissions } => (
            t!("verb-user"),
            match permissions {
                Some(may) => t!(
                    "event-user",
                    user = shown(name),
                    configure = shown(&may.configure),
                    write = shown(&may.write),
                    read = shown(&may.read)
                ),
                None => t!("event-user-outside", user = shown(name)),
            },
        ),
        Event::Deprecated { feature } => (
            t!("verb-deprecated"),
            match feature {
                Deprecation::TransientQueue => t!("event-deprecated-transient"),
                Deprecation::GlobalPrefetch => t!("event-deprecated-global"),
            },
        ),

        Event::ConnectionOpened { connection } => (
            t!("verb-connect"),
            match names.user(*connection) {
                Some(user) => t!(
                    "event-connect-as",
                    connection = names.connection(*connection),
                    user = user
                ),
                None => t!("event-connect", connection = names.connection(*connection)),
            },
        ),
        Event::ConnectionClosed { connection, why } => (
            t!("verb-close"),
            t!(
                "event-close-connection",
                connection = names.connection(*connection),
                why = closing(why, cause)
            ),
        ),
        Event::ChannelOpened { channel } => (
            t!("verb-open"),
            t!("event-open-channel", connection = names.channel(*channel)),
        ),
        Event::ChannelClosed { channel, why } => (
            t!("verb-close"),
            t!(
                "event-close-channel",
                connection = names.channel(*channel),
                why = closing(why, cause)
            ),
        ),
        Event::Refused {
            connection,
            method,
            message,
            refusal,
            ..
        } => {
            let login = names.user(*connection);
            let login =
                login.filter(|_| method.is_some_and(|name| name.starts_with("connection.")));
            let connection = names.connection(*connection);
            let refusal = refusal.to_string();
            let text = match (message, login, method) {
                (Some(message), ..) => t!(
                    "event-refuse-publish",
                    connection = connection,
                    message = names.message(*message),
                    refusal = refusal
                ),
                (None, Some(user), _) => t!(
                    "event-refuse-login",
                    connection = connection,
                    user = user,
                    refusal = refusal
                ),
                (None, None, None) => t!(
                    "event-refuse-itself",
                    connection = connection,
                    refusal = refusal
                ),
                (None, None, Some(method)) => t!(
                    "event-refuse",
                    connection = connection,
                    method = *method,
                    refusal = refusal
                ),
            };
            (t!("verb-refuse"), text)
        }
        Event::Throttled { connection, state } => throttle(*state, names.connection(*connection)),
        Event::AlarmRaised { alarm } => (
            t!("verb-alarm"),
            match alarm {
                broker::Alarm::Memory => t!("event-alarm-memory"),
                broker::Alarm::Disk => t!("event-alarm-disk"),
            },
        ),
        Event::AlarmCleared { alarm } => (
            t!("verb-alarm"),
            match alarm {
                broker::Alarm::Memory => t!("event-alarm-memory-over"),
                broker::Alarm::Disk => t!("event-alarm-disk-over"),
            },
        ),
        Event::Stopped { clean: true } => (t!("verb-stop"), t!("event-stop")),
        Event::Stopped { clean: false } => (t!("verb-crash"), t!("event-crash")),
        Event::Started { recovered } => (t!("verb-up"), t!("event-up", count = *recovered)),
    }
}

fn lost(names: &Names<'_>, queued: broker::Queued, why: broker::Loss) -> String {
    let (copy, queue) = (names.copy(queued), names.queue(queued.queue));
    match why {
        broker::Loss::QueueDeleted => t!("event-lose-queue", copy = copy, queue = queue),
        broker::Loss::Restart => t!("event-lose-restart", copy = copy, queue = queue),
        broker::Loss::ExchangeDeleted => t!("event-lose-exchange", copy = copy, queue = queue),
    }
}

/// A binding by its ends and what it asks for.
fn binding_name(names: &Names<'_>, id: BindingId) -> String {
    let definitions = names.definitions();
    let Some(binding) = definitions.binding(id) else {
        return String::new();
    };
    let exchange = definitions.exchange(binding.source);
    let label = exchange
        .and_then(|exchange| binding_label(exchange.rule, &binding.key, &binding.arguments));
    let (source, destination) = (
        names.exchange(binding.source),
        destination_name(binding.destination, definitions),
    );
    match label {
        Some(label) => t!(
            "binding-labelled",
            source = source,
            destination = destination,
            label = short(&label)
        ),
        None => t!(
            "binding-unlabelled",
            source = source,
            destination = destination
        ),
    }
}

fn bound(names: &Names<'_>, id: BindingId) -> String {
    t!("event-bind", binding = binding_name(names, id))
}

fn changed(
    names: &Names<'_>,
    queues: &[broker::QueueId],
    exchanges: &[broker::ExchangeId],
) -> String {
    let queues = queues.iter().map(|&id| names.queue(id).into_owned());
    let exchanges = exchanges.iter().map(|&id| names.exchange(id));
    list(&exchanges.chain(queues).collect::<Vec<_>>())
}
