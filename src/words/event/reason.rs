//! The reasons that belong to events, each a part of a sentence.

use crate::broker::{
    Cancellation, Closing, DeathReason, Departure, Fate, Limit, Queued, Return, Throttle,
};
use crate::broker::{ConsumerId, Event, Place};
use crate::t;
use crate::world::EventKind;

use super::super::names::exchange_name;
use super::Names;

/// What a limit allows.
pub(super) fn limit(limit: Limit) -> String {
    match limit {
        Limit::Messages(count) => t!("limit-messages", count = count),
        Limit::Bytes(count) => t!("limit-bytes", count = count),
    }
}

/// Where a returned delivery stands (S10).
fn place(place: Place) -> String {
    match place {
        Place::Original => t!("place-original"),
        Place::Returned => t!("place-returned"),
        Place::Tail => t!("place-tail"),
    }
}

/// Of what a thing is that is gone: it tells what auto-delete means there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gone {
    Exchange,
    Queue,
    Binding,
}

/// Why an exchange, a queue or a binding is gone.
pub(super) fn departure(why: Departure, of: Gone) -> String {
    match why {
        Departure::Deleted if of == Gone::Binding => t!("gone-unbound"),
        Departure::Deleted => t!("gone-deleted"),
        Departure::AutoDeleted if of == Gone::Queue => t!("gone-auto-queue"),
        Departure::AutoDeleted => t!("gone-auto-exchange"),
        Departure::ConnectionEnded => t!("gone-exclusive"),
        Departure::Expired => t!("gone-expired"),
        Departure::Restart => t!("gone-restart"),
        Departure::EndGone => t!("gone-end"),
        Departure::RequesterGone => t!("gone-requester"),
    }
}

/// Why a connection or channel ended. What its client did is told by the event that led to it.
pub(super) fn closing(why: &Closing, cause: Option<&EventKind>) -> String {
    match why {
        Closing::ByClient => t!("closed-by-client"),
        Closing::Lost => t!("closed-lost"),
        Closing::WithConnection => t!("closed-with-connection"),
        Closing::Refused(refusal) => match cause {
            Some(EventKind::Broker(Event::Refused {
                method: Some(method),
                ..
            })) => t!(
                "closed-refused-method",
                refusal = refusal.to_string(),
                method = *method
            ),
            _ => t!("closed-refused", refusal = refusal.to_string()),
        },
    }
}

impl Names<'_> {
    /// Why a copy died, and what becomes of it: the verb and the sentence (D1, D2).
    pub(super) fn died(
        &self,
        queued: Queued,
        reason: DeathReason,
        over: Option<Limit>,
        consumer: Option<ConsumerId>,
        fate: &Fate,
    ) -> (String, String) {
        let (copy, queue, fate) = (self.copy(queued), self.queue(queued.queue), self.fate(fate));
        match (reason, consumer) {
            (DeathReason::Rejected, Some(consumer)) => (
                t!("verb-reject"),
                t!(
                    "event-reject",
                    consumer = self.consumer(consumer),
                    copy = copy,
                    fate = fate
                ),
            ),
            (DeathReason::Rejected, None) => (
                t!("verb-reject"),
                t!("event-reject-got", copy = copy, queue = queue, fate = fate),
            ),
            (DeathReason::Expired, _) => (
                t!("verb-expire"),
                t!("event-expire", copy = copy, queue = queue, fate = fate),
            ),
            (DeathReason::MaxLen, _) => {
                let over = over.map_or_else(|| t!("limit-unknown"), limit);
                (
                    t!("verb-drop"),
                    t!(
                        "event-drop",
                        copy = copy,
                        queue = queue,
                        limit = over,
                        fate = fate
                    ),
                )
            }
            (DeathReason::DeliveryLimit, _) => (
                t!("verb-exhaust"),
                t!("event-exhaust", copy = copy, queue = queue, fate = fate),
            ),
        }
    }

    /// A copy that expired later than its time to live allows: the verb and the sentence (Q21).
    pub(super) fn expired_late(&self, queued: Queued, late: &str, fate: &Fate) -> (String, String) {
        let text = t!(
            "event-expire-late",
            copy = self.copy(queued),
            queue = self.queue(queued.queue),
            late = late,
            fate = self.fate(fate)
        );
        (t!("verb-expire"), text)
    }

    /// A copy that a full queue did not take and dead-letters (Q28): the verb and the sentence.
    pub(super) fn turned_away_dead(
        &self,
        queued: Queued,
        over: Limit,
        fate: &Fate,
    ) -> (String, String) {
        (
            t!("verb-overflow"),
            t!(
                "event-overflow-dead",
                copy = self.copy(queued),
                queue = self.queue(queued.queue),
                limit = limit(over),
                fate = self.fate(fate)
            ),
        )
    }

    fn fate(&self, fate: &Fate) -> String {
        match fate {
            Fate::Dropped => t!("fate-dropped"),
            Fate::NoExchange(name) => {
                t!("fate-no-exchange", exchange = exchange_name(name))
            }
            Fate::Kept(name) => t!("fate-kept", exchange = exchange_name(name)),
            Fate::DeadLettered(id) => t!("fate-dead-lettered", exchange = self.exchange(*id)),
        }
    }

    /// A delivery that came back: from whom, why, and where it stands.
    pub(super) fn requeued(
        &self,
        queued: Queued,
        consumer: Option<ConsumerId>,
        (why, returns): (Return, u32),
        stands: Place,
    ) -> String {
        let by = consumer.map_or_else(|| t!("channel-that-got"), |id| self.consumer(id));
        let why = match why {
            Return::ChannelEnded if consumer.is_none() => t!("back-channel-itself-ended"),
            Return::Nacked => t!("back-nacked", consumer = by),
            Return::Rejected => t!("back-rejected", consumer = by),
            Return::Recovered => t!("back-recovered", consumer = by),
            Return::ChannelEnded => t!("back-channel-ended", consumer = by),
            Return::TimedOut => t!("back-timed-out", consumer = by),
            Return::Delayed => t!("back-delayed"),
            Return::Restarted => t!("back-restarted"),
        };
        let text = t!(
            "event-requeue",
            copy = self.copy(queued),
            queue = self.queue(queued.queue),
            place = place(stands),
            why = why
        );
        // Q44
        match returns {
            0 => text,
            _ => text + &t!("event-requeue-count", count = returns),
        }
    }

    /// Why a consumer consumes no more (S4, S13, S15, C12).
    pub(super) fn cancelled(&self, id: ConsumerId, queue: &str, why: Cancellation) -> String {
        let consumer = self.consumer(id);
        match why {
            Cancellation::ByClient => t!("event-cancel", consumer = consumer, queue = queue),
            Cancellation::ChannelEnded => {
                t!("event-cancel-channel", consumer = consumer, queue = queue)
            }
            Cancellation::QueueDeleted => {
                t!("event-cancel-queue", consumer = consumer, queue = queue)
            }
            Cancellation::TimedOut => {
                t!("event-cancel-timeout", consumer = consumer, queue = queue)
            }
        }
    }
}

/// Whether a connection is read, and why not: the verb and the sentence (F1, F3).
pub(super) fn throttle(state: Throttle, connection: String) -> (String, String) {
    match state {
        Throttle::Running => (
            t!("verb-unblock"),
            t!("event-running", connection = connection),
        ),
        Throttle::Blocking => (
            t!("verb-blocking"),
            t!("event-blocking", connection = connection),
        ),
        Throttle::Blocked => (
            t!("verb-block"),
            t!("event-blocked", connection = connection),
        ),
        Throttle::Flow => (t!("verb-flow"), t!("event-flow", connection = connection)),
    }
}
