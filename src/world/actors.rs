//! What publishers, consumers and the script do.

use std::sync::Arc;

use crate::broker::{
    ChannelId, Command, Delivery, EventId, Hangup, MessageId, Method, Micros, Name, Publication,
};

use super::agenda::{Due, News};
use super::consumer::Worker;
use super::http::Status;
use super::link::{LEAST_PAUSE, Sent};
use super::settled::take_settled;
use super::{
    Answer, Author, Deed, Event, EventKind, Hindrance, LinkId, PublisherId, WorkerId, World,
};

/// Publishers.
impl World {
    /// A publisher sends what is next in its turn. Without a channel it has to wait for its next call.
    pub(super) fn publish_next(&mut self, id: PublisherId, events: &mut Vec<Event>) {
        let Some(publisher) = self.publishers.get_mut(id.0 as usize) else {
            return;
        };
        let link = self.links.get(publisher.link.0 as usize);
        if link.is_some_and(|link| link.channel.is_some())
            && let Some(publication) = publisher.take_turn()
        {
            self.publish(id, (publication, false), Micros::ZERO, EventId(0), events);
        }
    }

    /// A publisher sends a message, if it has a channel, and knows it by its number and the event then; it is on its way
    /// for at least so long. It is mandatory if either
    /// the message or the publisher says so.
    pub(super) fn publish(
        &mut self,
        id: PublisherId,
        (publication, mandatory): (Arc<Publication>, bool),
        least: Micros,
        cause: EventId,
        events: &mut Vec<Event>,
    ) -> Option<(MessageId, EventId)> {
        let publisher = self.publishers.get_mut(id.0 as usize)?;
        let (link, latency) = (publisher.link, publisher.latency.max(least));
        let channel = self.links.get(link.0 as usize)?.channel?;
        let mandatory = mandatory || publisher.mandatory;
        let commits = publisher.sends();
        let message = self.broker.take(publication.clone());
        let number = message.id;
        let by = Author::Publisher(id);
        let kind = EventKind::Published {
            by,
            message: message.id,
            publication,
        };
        let cause = self.log(cause, kind, events);
        let sent = Sent::Publish {
            by,
            message,
            mandatory,
        };
        self.send(link, channel, latency, sent, cause);
        if commits {
            let commit = Sent::Call(Box::new(Method::TxCommit));
            self.send(link, channel, latency, commit, cause);
        }
        Some((number, cause))
    }

    /// A publisher learns what the broker settled.
    fn confirmed(
        &mut self,
        id: LinkId,
        (sequence, multiple, ack): (u64, bool, bool),
        cause: EventId,
        events: &mut Vec<Event>,
    ) {
        let Some(link) = self.links.get_mut(id.0 as usize) else {
            return;
        };
        let settled = take_settled(&mut link.record.unconfirmed, sequence, multiple);
        for publisher in link.publishers.clone() {
            let own = |by| by == Author::Publisher(publisher);
            let own = settled.values().filter(|unconfirmed| own(unconfirmed.by));
            let messages: Box<_> = own.clone().map(|unconfirmed| unconfirmed.message).collect();
            if messages.is_empty() {
                continue;
            }
            let kind = EventKind::Confirmed {
                publisher,
                messages,
                ack,
            };
            let cause = self.log(cause, kind, events);
            let status = match ack {
                true => Status::Accepted,
                false => Status::ServiceUnavailable,
            };
            for unconfirmed in own.clone() {
                self.handed_over(unconfirmed.message, status, cause, events);
            }
            if !ack && self.publisher(publisher).is_some_and(|its| its.republish) {
                for unconfirmed in own {
                    let again = (unconfirmed.publication.clone(), unconfirmed.mandatory);
                    self.publish(publisher, again, LEAST_PAUSE, cause, events);
                }
            }
        }
    }
}

/// Consumers.
impl World {
    /// A consumer begins, if its channel is still there and it has not begun already.
    pub(super) fn consume(
        &mut self,
        id: WorkerId,
        channel: ChannelId,
        cause: EventId,
        events: &mut Vec<Event>,
    ) {
        let Some(worker) = self.worker(id) else {
            return;
        };
        let link = worker.link;
        if worker.consumer.is_some() || !self.uses(id, channel) {
            return;
        }
        if worker.setup.polls.is_some() {
            self.poll(id, channel, events);
        } else {
            self.reach_broker(link, channel, Sent::Consume(id), cause, events);
        }
    }

    /// A consumer asks for a message, if it is free, and will again.
    pub(super) fn poll(&mut self, id: WorkerId, channel: ChannelId, events: &mut Vec<Event>) {
        if !self.uses(id, channel) {
            return;
        }
        let Some(worker) = self.workers.get_mut(id.0 as usize) else {
            return;
        };
        let Some(every) = worker.setup.polls else {
            return;
        };
        let (link, latency) = (worker.link, worker.latency_ack);
        let asks = worker.ask();
        let next = self.now + every.max(Micros(1));
        let worker = id;
        self.agenda
            .add(next, EventId(0), Due::Poll { worker, channel });
        if asks {
            let cause = self.log(EventId(0), EventKind::Asked { worker }, events);
            self.send(link, channel, latency, Sent::Get(worker), cause);
        }
    }

    /// Whether a consumer still has that channel.
    pub(super) fn uses(&self, id: WorkerId, channel: ChannelId) -> bool {
        let link = self.worker(id).and_then(|worker| self.link(worker.link));
        link.is_some_and(|link| link.channel == Some(channel))
    }

    pub(super) fn reach_consumer(
        &mut self,
        id: WorkerId,
        delivery: Delivery,
        cause: EventId,
        events: &mut Vec<Event>,
    ) {
        if !self.uses(id, delivery.channel) {
            return; // its client is no longer there
        }
        let (worker, queued) = (id, delivery.queued);
        let cause = self.log(cause, EventKind::Received { worker, queued }, events);
        if let Some(worker) = self.workers.get_mut(id.0 as usize) {
            worker.receive(delivery);
        }
        self.start_work(id, cause, events);
    }

    /// Lets a consumer begin on what waits, as far as it can.
    fn start_work(&mut self, id: WorkerId, cause: EventId, events: &mut Vec<Event>) {
        let now = self.now;
        let start = |worker: &mut Worker| worker.start(now);
        while let Some((queued, until)) = self.workers.get_mut(id.0 as usize).and_then(start) {
            let kind = EventKind::Started {
                worker: id,
                queued,
                until,
            };
            let started = self.log(cause, kind, events);
            if let Some(worker) = self.workers.get_mut(id.0 as usize) {
                worker.started(started);
            }
            self.agenda.add(until, started, Due::Finish(id));
        }
    }

    /// A consumer finishes what it began with the event `started`.
    pub(super) fn finish(&mut self, id: WorkerId, started: EventId, events: &mut Vec<Event>) {
        let Some(worker) = self.workers.get_mut(id.0 as usize) else {
            return;
        };
        let (link, latency) = (worker.link, worker.latency_ack);
        let Some((job, answer)) = worker.finish(started) else {
            return;
        };
        let onward = match answer {
            // What it knows it may have failed to hand on.
            Answer::Silent | Answer::Ack | Answer::Unheard | Answer::Known => worker.onward(&job),
            _ => None,
        };
        let kind = EventKind::Finished {
            worker: id,
            queued: job.queued,
            answer,
        };
        let cause = self.log(started, kind, events);
        let Some(channel) = self.link(link).and_then(|link| link.channel) else {
            return;
        };
        if let Some(publication) = onward {
            self.publish_onward(id, channel, publication, cause, events);
        }
        if matches!(answer, Answer::Crash | Answer::Unheard) {
            self.hang_up(link, Hangup::Lost, cause, events);
            return;
        }
        if !matches!(answer, Answer::Silent | Answer::Lost | Answer::Abandoned) {
            let sent = Sent::Answer {
                worker: id,
                tag: job.tag,
                answer,
            };
            self.send(link, channel, latency, sent, cause);
        }
        self.start_work(id, cause, events);
    }

    fn publish_onward(
        &mut self,
        id: WorkerId,
        channel: ChannelId,
        publication: Publication,
        cause: EventId,
        events: &mut Vec<Event>,
    ) {
        let Some(worker) = self.workers.get_mut(id.0 as usize) else {
            return;
        };
        worker.published += 1;
        let (link, latency) = (worker.link, worker.latency_publish);
        let (by, publication) = (Author::Consumer(id), Arc::new(publication));
        let message = self.broker.take(publication.clone());
        let kind = EventKind::Published {
            by,
            message: message.id,
            publication,
        };
        let cause = self.log(cause, kind, events);
        let sent = Sent::Publish {
            by,
            message,
            mandatory: false,
        };
        self.send(link, channel, latency, sent, cause);
    }
}

/// What reaches clients, and what else they do.
impl World {
    pub(super) fn reach_client(
        &mut self,
        id: LinkId,
        news: News,
        cause: EventId,
        events: &mut Vec<Event>,
    ) {
        let Some(link) = self.link(id) else {
            return;
        };
        let (on_connection, on_channel) = (link.connection, link.channel);
        match news {
            News::Confirm {
                channel,
                sequence,
                multiple,
                ack,
            } if on_channel == Some(channel) => {
                self.confirmed(id, (sequence, multiple, ack), cause, events);
            }
            News::Return {
                channel,
                publisher,
                message,
            } if on_channel == Some(channel) => {
                let cause = self.log(cause, EventKind::Returned { publisher, message }, events);
                // It can be handed over to nobody.
                let status = Status::InternalServerError;
                self.handed_over(message, status, cause, events);
            }
            News::Cancel { worker, consumer } => {
                let dismissed = |worker: &mut Option<_>| worker.take_if(|its| *its == consumer);
                let its = self.workers.get_mut(worker.0 as usize);
                if its
                    .and_then(|worker| dismissed(&mut worker.consumer))
                    .is_some()
                {
                    self.log(cause, EventKind::Dismissed { worker }, events);
                }
            }
            News::CloseChannel(channel) if on_channel == Some(channel) => {
                self.end(id, End::Channel, false, cause, events);
            }
            News::CloseConnection(connection) if on_connection == Some(connection) => {
                self.end(id, End::Connection, false, cause, events);
            }
            // Of a channel or connection that the client has no longer.
            _ => {}
        }
    }

    /// Does a deed of the script, or of a hand; or tells why it cannot be done.
    pub(super) fn act(&mut self, deed: &Deed, cause: EventId, events: &mut Vec<Event>) {
        if let Err(why) = self.try_deed(deed, cause, events) {
            let deed = Arc::new(deed.clone());
            self.log(cause, EventKind::InVain { deed, why }, events);
        }
    }

    fn try_deed(
        &mut self,
        deed: &Deed,
        cause: EventId,
        events: &mut Vec<Event>,
    ) -> Result<(), Hindrance> {
        match deed {
            Deed::Operate(operation) => {
                let command = Command::Operate(operation.clone());
                self.order(command, cause, events)
                    .map(|_| ())
                    .map_err(|refusal| Hindrance::Refused(Box::new(refusal)))
            }
            Deed::Call { connection, method } => {
                let link = self
                    .link_named(connection)
                    .and_then(|id| Some((id, self.link(id)?.channel?)));
                let (id, channel) = link.ok_or(Hindrance::NoChannel)?;
                let sent = Sent::Call(Box::new(method.clone()));
                if *method == Method::Close {
                    let cause = self.end(id, End::Channel, true, cause, events);
                    self.say_goodbye(id, channel, sent, cause);
                } else {
                    self.send(id, channel, Micros::ZERO, sent, cause);
                }
                Ok(())
            }
            Deed::Disconnect { connection, how } => {
                let id = self.link_named(connection).ok_or(Hindrance::NotOpen)?;
                let is_open = self.link(id).is_some_and(|link| link.connection.is_some());
                // One that waits to open again does not any more.
                self.hang_up(id, *how, cause, events);
                if is_open {
                    Ok(())
                } else {
                    Err(Hindrance::NotOpen)
                }
            }
            Deed::Connect { connection, user } => {
                let id = self.link_named(connection).ok_or(Hindrance::NotOpen)?;
                let link = self.links.get_mut(id.0 as usize);
                let link = link.filter(|link| link.channel.is_none());
                let link = link.ok_or(Hindrance::Open)?;
                if let Some(user) = user
                    && link.connection.is_none()
                {
                    link.user = user.clone();
                }
                self.open_now(id, cause);
                Ok(())
            }
            Deed::Change { service, change } => self.change(service, *change, cause, events),
        }
    }

    /// The connection of that name, or of the actor of that name.
    pub(super) fn link_named(&self, name: &Name) -> Option<LinkId> {
        let ids = (0..).map(LinkId);
        let link = self
            .links
            .iter()
            .zip(ids)
            .find(|(link, _)| link.name == *name);
        let publisher = || {
            let mut all = self.publishers.iter();
            Some(all.find(|publisher| publisher.name == *name)?.link)
        };
        let worker = || {
            let mut all = self.workers.iter();
            Some(all.find(|worker| worker.setup.name == *name)?.link)
        };
        link.map(|(_, id)| id).or_else(publisher).or_else(worker)
    }

    /// A connection ends.
    pub(super) fn hang_up(
        &mut self,
        id: LinkId,
        how: Hangup,
        cause: EventId,
        events: &mut Vec<Event>,
    ) {
        let Some(link) = self.link(id) else {
            return;
        };
        let (Some(connection), channel) = (link.connection, link.channel) else {
            return;
        };
        let close = Command::CloseConnection { connection, how };
        match how {
            Hangup::ByOperator => {
                self.tell(close, cause, events);
            }
            Hangup::Lost => {
                let cause = self.end(id, End::Connection, false, cause, events);
                self.tell(close, cause, events);
                self.flush(id, cause, events);
            }
            Hangup::ByClient => {
                let cause = self.end(id, End::Connection, true, cause, events);
                let sent = Sent::Close(connection);
                match channel {
                    Some(channel) => {
                        self.say_goodbye(id, channel, sent, cause);
                    }
                    None => {
                        self.tell(close, cause, events);
                    }
                }
            }
        }
    }

    /// Sends a client's last word on a channel. It opens no other until the broker has heard it.
    fn say_goodbye(&mut self, id: LinkId, channel: ChannelId, sent: Sent, cause: EventId) {
        if let Some(link) = self.links.get_mut(id.0 as usize) {
            link.leaving = Some(channel);
        }
        self.send(id, channel, Micros::ZERO, sent, cause);
    }

    /// A client knows that its channel, or its connection as a whole, is no more. `wanted` if that was its own will.
    fn end(
        &mut self,
        id: LinkId,
        what: End,
        wanted: bool,
        cause: EventId,
        events: &mut Vec<Event>,
    ) -> EventId {
        let cause = self.log(cause, EventKind::Disconnected { link: id }, events);
        let Some(link) = self.links.get_mut(id.0 as usize) else {
            return cause;
        };
        (link.channel, link.opening) = (None, None);
        let publishers = link.publishers.clone();
        if what == End::Connection {
            link.connection = None;
        }
        for id in link.workers.clone() {
            let worker = self.workers.get_mut(id.0 as usize);
            for queued in worker.map(Worker::abandon).unwrap_or_default() {
                let (worker, answer) = (id, Answer::Abandoned);
                let kind = EventKind::Finished {
                    worker,
                    queued,
                    answer,
                };
                self.log(cause, kind, events);
            }
        }
        for publisher in publishers {
            self.never_confirmed(publisher, cause, events);
        }
        self.open_again(id, wanted, cause);
        cause
    }
}

/// What a client is without.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Channel,
    Connection,
}
