//! What happened, in one line of plain words each: the world's own events here, the broker's beside it.

mod broker;
mod coming;
mod http;
mod late;
mod people;
mod reason;
mod routing;

use crate::broker::Event as BrokerEvent;
use crate::history::Recall;
use crate::t;
use crate::world::{Answer, Event, EventKind, Hindrance, World};

pub use coming::{coming, foretold};
pub use http::http_outcome;
pub(super) use people::Names;

/// An event, told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// One short word for it.
    pub verb: String,
    /// The sentence.
    pub text: String,
}

/// Tells an event of a run. `world` is any moment of it: it is asked for names only.
pub fn describe(event: &Event, world: &World, history: &dyn Recall) -> Line {
    let names = Names { world, history };
    // What led to it may belong to its reason.
    let cause = history.event(event.cause).map(|cause| &cause.kind);
    let told = event;
    let (verb, text) = match &event.kind {
        EventKind::Published {
            by,
            message,
            publication,
        } => (
            t!("verb-publish"),
            t!(
                "event-publish",
                publisher = names.author(*by),
                message = names.message(*message),
                exchange = super::exchange_name(&publication.exchange)
            ),
        ),
        EventKind::Waiting { link, message } => (
            t!("verb-wait"),
            t!(
                "event-wait",
                message = names.message(*message),
                connection = names.link(*link)
            ),
        ),
        EventKind::Unsent { link, message } => (
            t!("verb-unsent"),
            t!(
                "event-unsent",
                message = names.message(*message),
                connection = names.link(*link)
            ),
        ),
        EventKind::Broker(event) => broker::tell(&names, event, cause, told),
        EventKind::Confirmed {
            publisher,
            messages,
            ack,
        } => {
            let (publisher, messages) = (names.publisher(*publisher), names.messages(messages));
            let text = match ack {
                true => t!(
                    "event-confirm-received",
                    publisher = publisher,
                    messages = messages
                ),
                false => t!(
                    "event-nack-received",
                    publisher = publisher,
                    messages = messages
                ),
            };
            (t!("verb-receive"), text)
        }
        EventKind::Returned { publisher, message } => (
            t!("verb-receive"),
            t!(
                "event-return-received",
                publisher = names.publisher(*publisher),
                message = names.message(*message)
            ),
        ),
        EventKind::Received { worker, queued } => (
            t!("verb-receive"),
            t!(
                "event-receive",
                consumer = names.worker(*worker),
                copy = names.copy(*queued)
            ),
        ),
        EventKind::Asked { worker } => (
            t!("verb-ask"),
            t!(
                "event-ask",
                consumer = names.worker(*worker),
                queue = names.queue_of(*worker)
            ),
        ),
        EventKind::Started { worker, queued, .. } => (
            t!("verb-start"),
            t!(
                "event-start",
                consumer = names.worker(*worker),
                copy = names.copy(*queued)
            ),
        ),
        EventKind::Finished {
            worker,
            queued,
            answer,
        } => {
            let (consumer, copy) = (names.worker(*worker), names.copy(*queued));
            (t!("verb-finish"), finished(&consumer, copy, *answer))
        }
        EventKind::Dismissed { worker } => (
            t!("verb-receive"),
            t!(
                "event-dismissed",
                consumer = names.worker(*worker),
                queue = names.queue_of(*worker)
            ),
        ),
        EventKind::Http(event) => names.http(event),
        EventKind::Changed { service, change } => {
            (t!("verb-change"), http::changed(service, *change))
        }
        EventKind::InVain { deed, why } => {
            let why = match why {
                Hindrance::Refused(refusal) => {
                    t!("hindrance-refused", refusal = refusal.to_string())
                }
                Hindrance::NoChannel => t!("hindrance-no-channel"),
                Hindrance::NotOpen => t!("hindrance-not-open"),
                Hindrance::Open => t!("hindrance-open"),
                Hindrance::NoService => t!("hindrance-no-service"),
            };
            let deed = coming::done(deed);
            (
                t!("verb-in-vain"),
                t!("event-in-vain", deed = deed, why = why),
            )
        }
        EventKind::Disconnected { link } => {
            let connection = names.link(*link);
            let channel_only = matches!(
                cause,
                Some(EventKind::Broker(BrokerEvent::ChannelClosed { .. }))
            );
            let text = match channel_only {
                true => t!("event-channel-lost", connection = connection),
                false => t!("event-connection-lost", connection = connection),
            };
            (t!("verb-learn"), text)
        }
    };
    Line { verb, text }
}

fn finished(consumer: &str, copy: String, answer: Answer) -> String {
    match answer {
        Answer::Silent => t!("event-finish", consumer = consumer, copy = copy),
        Answer::Ack => t!("event-finish-ack", consumer = consumer, copy = copy),
        Answer::Requeue => t!("event-finish-requeue", consumer = consumer, copy = copy),
        Answer::RejectBack => t!(
            "event-finish-reject-requeue",
            consumer = consumer,
            copy = copy
        ),
        Answer::Reject => t!("event-finish-reject", consumer = consumer, copy = copy),
        Answer::Lost => t!("event-finish-lost", consumer = consumer, copy = copy),
        Answer::Crash => t!("event-finish-crash", consumer = consumer, copy = copy),
        Answer::Unheard => t!("event-finish-unheard", consumer = consumer, copy = copy),
        Answer::Known => t!("event-finish-known", consumer = consumer, copy = copy),
        Answer::Abandoned => t!("event-finish-abandoned", consumer = consumer, copy = copy),
    }
}
