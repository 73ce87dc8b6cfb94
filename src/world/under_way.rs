//! What is still under way in a world, and so may yet be spoken of: the rest of a run's past can be forgotten.

use std::collections::BTreeSet;

use crate::broker::{CopyId, EventId, MessageId, Outgoing, Queued};

use super::http::{self, RequestId};
use super::{Due, News, Sent, World};

/// What a world may still tell of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnderWay {
    /// Messages of which there is anything.
    pub messages: BTreeSet<MessageId>,
    /// Copies that have not ended, or whose end somebody has not learnt yet.
    pub copies: BTreeSet<CopyId>,
    /// HTTP requests that are on the agenda. Others that are under way [`Http`](http::Http) knows.
    pub requests: BTreeSet<RequestId>,
    /// Events that will have led to something.
    pub causes: BTreeSet<EventId>,
}

impl UnderWay {
    fn queued(&mut self, queued: Queued) {
        self.messages.insert(queued.message);
        self.copies.insert(queued.copy);
    }

    fn due(&mut self, due: &Due) {
        match due {
            Due::ReachBroker { sent, .. } => self.messages.extend(sent.message()),
            Due::ReachQueue { copy, .. } => _ = self.copies.insert(*copy),
            Due::ReachDeadLetterExchange(letter) => _ = self.copies.insert(letter.copy),
            Due::ReachConsumer { delivery, .. } => self.queued(delivery.queued),
            Due::ReachClient { news, .. } => {
                if let News::Return { message, .. } = news {
                    self.messages.insert(*message);
                }
            }
            Due::Http(due) => self.requests.extend(request(*due)),
            Due::Publish(_)
            | Due::Read { .. }
            | Due::Open(_)
            | Due::Consume { .. }
            | Due::Poll { .. }
            | Due::Finish(_)
            | Due::Do(_) => {}
        }
    }
}

/// The request that something is about.
fn request(due: http::Due) -> Option<RequestId> {
    match due {
        http::Due::Order | http::Due::Retry(http::Caller::User(_)) => None,
        http::Due::ReachService(request)
        | http::Due::Worked(request)
        | http::Due::ReachCaller { request, .. }
        | http::Due::TimeOut(request)
        | http::Due::Retry(http::Caller::Service { request, .. })
        | http::Due::ConfirmTimeOut(request) => Some(request),
    }
}

impl World {
    /// What is still under way. It takes as long as there is of it.
    #[must_use]
    pub fn under_way(&self) -> UnderWay {
        let mut it = UnderWay::default();
        self.broker.tell_under_way(|message, copy| {
            it.messages.insert(message);
            it.copies.extend(copy);
        });
        for appointment in self.agenda.all() {
            it.causes.insert(appointment.cause);
            it.due(&appointment.due);
        }
        for link in &self.links {
            for waiting in link.sockets.values().flatten() {
                it.causes.insert(waiting.cause);
                it.messages.extend(Sent::message(&waiting.sent));
            }
            it.messages.extend(link.unconfirmed());
            let mandatory = link.record.mandatory.iter();
            it.messages.extend(mandatory.map(|&(message, _)| message));
        }
        for worker in &self.workers {
            for job in &worker.working {
                it.causes.insert(job.started);
                it.queued(job.queued);
            }
            worker.received().for_each(|queued| it.queued(queued));
        }
        self.wire.tell_under_way(&mut it);
        it
    }
}

impl super::wire::Wire {
    fn tell_under_way(&self, it: &mut UnderWay) {
        for (message, cause) in self.waiting() {
            it.messages.extend(message);
            it.causes.insert(cause);
        }
        for late in self.late() {
            if let Outgoing::Delivery(delivery) = late {
                it.queued(delivery.queued);
            }
        }
        self.cast.held().for_each(|queued| it.queued(queued));
        it.messages.extend(self.cast.unconfirmed());
    }
}
