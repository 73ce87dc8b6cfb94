//! The network: what clients send to the broker, and what the broker sends back, each for as long as it takes.

use crate::broker::{
    self, Broker, ChannelId, Command, ConsumerId, Delivery, EventId, Method, Micros, Outgoing,
    Outlet, Refusal, Reply, Transit,
};

use super::agenda::{Due, News};
use super::link::{Link, Sent, Unconfirmed, Waiting};
use super::{Answer, Author, Event, EventKind, LinkId, WorkerId, World};

/// What came out of one command: the events, numbered on, and what the broker sends.
pub(super) struct Outbox<'a> {
    at: Micros,
    quiet: bool,
    last_event: &'a mut EventId,
    events: &'a mut Vec<Event>,
    sent: Vec<Outgoing>,
}

impl Outlet for Outbox<'_> {
    fn event(&mut self, cause: EventId, event: impl FnOnce() -> broker::Event) -> EventId {
        if self.quiet {
            return EventId(0);
        }
        self.last_event.0 += 1;
        let id = *self.last_event;
        self.events.push(Event {
            id,
            at: self.at,
            cause,
            kind: EventKind::Broker(event()),
        });
        id
    }

    fn send(&mut self, outgoing: Outgoing) {
        self.sent.push(outgoing);
    }
}

impl World {
    pub(super) fn log(
        &mut self,
        cause: EventId,
        kind: EventKind,
        events: &mut Vec<Event>,
    ) -> EventId {
        if self.quiet {
            return EventId(0);
        }
        self.last_event.0 += 1;
        let id = self.last_event;
        events.push(Event {
            id,
            at: self.now,
            cause,
            kind,
        });
        id
    }

    /// Tells the broker something that no client says, and sends what it sends on its way. What is refused is not done.
    pub(super) fn tell(
        &mut self,
        command: Command,
        cause: EventId,
        events: &mut Vec<Event>,
    ) -> Option<Reply> {
        self.order(command, cause, events).ok()
    }

    /// The same, for one who wants to know what was refused.
    pub(super) fn order(
        &mut self,
        command: Command,
        cause: EventId,
        events: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let (answer, sent) = self.ask(events, |broker, now, out| {
            broker.handle(now, command, cause, out)
        });
        self.carry(sent, events);
        answer
    }

    /// Says a method to the broker as a client. A refusal closes what it closes.
    pub(super) fn serve(
        &mut self,
        channel: ChannelId,
        method: Method,
        cause: EventId,
        events: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let (answer, sent) = self.ask(events, |broker, now, out| {
            broker.serve(now, channel, method, cause, out)
        });
        self.carry(sent, events);
        answer
    }

    pub(super) fn ask(
        &mut self,
        events: &mut Vec<Event>,
        ask: impl FnOnce(&mut Broker, Micros, &mut Outbox<'_>) -> Result<Reply, Refusal>,
    ) -> (Result<Reply, Refusal>, Vec<Outgoing>) {
        self.bid(events, ask)
    }

    /// Lets the broker do something; what it answers, and what it sends.
    pub(super) fn bid<T>(
        &mut self,
        events: &mut Vec<Event>,
        bid: impl FnOnce(&mut Broker, Micros, &mut Outbox<'_>) -> T,
    ) -> (T, Vec<Outgoing>) {
        let mut out = Outbox {
            at: self.now,
            quiet: self.quiet,
            last_event: &mut self.last_event,
            events,
            sent: Vec::new(),
        };
        let answer = bid(&mut self.broker, self.now, &mut out);
        (answer, out.sent)
    }

    fn link_mut(&mut self, id: LinkId) -> Option<&mut Link> {
        self.links.get_mut(id.0 as usize)
    }

    /// Whether the broker still takes what is sent on a channel. It knows sooner than the client that it is closed, and
    /// later that the client hung up.
    fn hears(&self, channel: ChannelId) -> bool {
        let channel = self.broker.channel(channel);
        channel.is_some_and(|channel| !channel.closed)
    }
}

/// To the broker.
impl World {
    /// Sends something to the broker, behind all that was sent on the connection before.
    pub(super) fn send(
        &mut self,
        link: LinkId,
        channel: ChannelId,
        latency: Micros,
        sent: Sent,
        cause: EventId,
    ) {
        let at = self.now + latency;
        let Some(at) = self.link_mut(link).map(|link| link.send_at(at)) else {
            return;
        };
        let due = Due::ReachBroker {
            link,
            channel,
            sent,
        };
        self.agenda.add(at, cause, due);
    }

    pub(super) fn reach_broker(
        &mut self,
        id: LinkId,
        channel: ChannelId,
        sent: Sent,
        cause: EventId,
        events: &mut Vec<Event>,
    ) {
        let waits = self.waits(id, channel);
        if waits || !self.hear(id, channel, &sent, cause, events) {
            self.wait(id, channel, sent, cause, events);
        }
    }

    /// Keeps something in the socket, behind all that waits there.
    pub(super) fn wait(
        &mut self,
        id: LinkId,
        channel: ChannelId,
        sent: Sent,
        mut cause: EventId,
        events: &mut Vec<Event>,
    ) {
        if let Some(message) = sent.message() {
            let link = id;
            cause = self.log(cause, EventKind::Waiting { link, message }, events);
        }
        if let Some(link) = self.link_mut(id) {
            let socket = link.sockets.entry(channel).or_default();
            socket.push_back(Waiting { sent, cause });
        }
    }

    /// Whether something sent on a channel waits to be read.
    pub(super) fn waits(&self, id: LinkId, channel: ChannelId) -> bool {
        self.link(id)
            .is_some_and(|link| link.sockets.contains_key(&channel))
    }

    /// Reads one thing that waits in a socket.
    pub(super) fn read(&mut self, link: LinkId, channel: ChannelId, events: &mut Vec<Event>) {
        let Some(waiting) = self.take_waiting(link, channel) else {
            return;
        };
        let Waiting { sent, cause } = &waiting;
        if !self.hear(link, channel, sent, *cause, events) {
            if let Some(link) = self.link_mut(link) {
                let socket = link.sockets.entry(channel).or_default();
                socket.push_front(waiting);
            }
        } else if self.waits(link, channel) {
            let due = Due::Read { link, channel };
            self.agenda.add(self.now, waiting.cause, due);
        }
    }

    fn take_waiting(&mut self, id: LinkId, channel: ChannelId) -> Option<Waiting> {
        let sockets = &mut self.link_mut(id)?.sockets;
        let socket = sockets.get_mut(&channel)?;
        let waiting = socket.pop_front();
        if socket.is_empty() {
            sockets.remove(&channel);
        }
        waiting
    }

    /// Lets the broker hear something; whether it read it.
    fn hear(
        &mut self,
        id: LinkId,
        channel: ChannelId,
        sent: &Sent,
        cause: EventId,
        events: &mut Vec<Event>,
    ) -> bool {
        if let Sent::Close(connection) = *sent {
            let how = broker::Hangup::ByClient;
            self.tell(Command::CloseConnection { connection, how }, cause, events);
            self.left(id, channel, cause);
            return true;
        }
        if !self.hears(channel) {
            self.unsent(id, sent, cause, events);
            self.left(id, channel, cause);
            return true;
        }
        let reply = match sent {
            Sent::Publish {
                by,
                message,
                mandatory,
            } => {
                let publish = Method::Publish {
                    message: message.clone(),
                    mandatory: *mandatory,
                    immediate: false,
                };
                let (reply, outgoing) = self.ask(events, |broker, now, out| {
                    broker.serve(now, channel, publish, cause, out)
                });
                if matches!(reply, Ok(Reply::Done)) {
                    self.published(id, channel, *by, message, *mandatory);
                }
                self.carry(outgoing, events);
                reply
            }
            Sent::Consume(worker) => self.say_consume(*worker, channel, cause, events),
            Sent::Get(worker) => {
                let Some(consumer) = self.worker(*worker) else {
                    return true;
                };
                let get = Method::Get {
                    queue: consumer.setup.queue.clone(),
                    no_ack: !consumer.setup.ack,
                };
                let reply = self.serve(channel, get, cause, events);
                match reply {
                    Ok(Reply::Got { delivery, .. }) => {
                        self.deliver(*worker, *delivery);
                        return true;
                    }
                    Ok(Reply::Empty) => {
                        if let Some(worker) = self.workers.get_mut(worker.0 as usize) {
                            worker.empty();
                        }
                    }
                    _ => {}
                }
                reply
            }
            Sent::Answer { tag, answer, .. } => {
                let (tag, multiple) = (*tag, false);
                let method = match answer {
                    Answer::Ack | Answer::Known => Method::Ack { tag, multiple },
                    Answer::Requeue => Method::Nack {
                        tag,
                        multiple,
                        requeue: true,
                    },
                    Answer::RejectBack => Method::Reject { tag, requeue: true },
                    Answer::Reject => Method::Reject {
                        tag,
                        requeue: false,
                    },
                    Answer::Silent
                    | Answer::Lost
                    | Answer::Crash
                    | Answer::Unheard
                    | Answer::Abandoned => return true,
                };
                self.serve(channel, method, cause, events)
            }
            Sent::Call(method) => self.say(id, channel, method, cause, events),
            Sent::Close(_) => return true,
        };
        !matches!(reply, Ok(Reply::NotRead))
    }

    /// Remembers what the broker took, for what it may say of it later.
    fn published(
        &mut self,
        id: LinkId,
        channel: ChannelId,
        by: Author,
        message: &broker::Message,
        mandatory: bool,
    ) {
        let Some(state) = self.broker.channel(channel) else {
            return;
        };
        let (confirms, transacts) = (state.confirms(), state.transacts());
        let Some(link) = self.link_mut(id) else {
            return;
        };
        let record = &mut link.record;
        if confirms {
            record.sequence += 1;
            let unconfirmed = Unconfirmed {
                by,
                message: message.id,
                publication: message.publication.clone(),
                mandatory,
            };
            record.unconfirmed.insert(record.sequence, unconfirmed);
        }
        if mandatory && let Author::Publisher(publisher) = by {
            if !transacts {
                // What was published before has come back by now, or never will.
                record.mandatory.clear();
            }
            record.mandatory.push((message.id, publisher));
        }
    }

    fn say_consume(
        &mut self,
        id: WorkerId,
        channel: ChannelId,
        cause: EventId,
        events: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let Some(worker) = self.worker(id) else {
            return Ok(Reply::Done);
        };
        let setup = &worker.setup;
        let qos = Method::Qos {
            prefetch_size: 0,
            prefetch: setup.prefetch,
            global: setup.global_prefetch,
        };
        let consume = Method::Consume {
            queue: setup.queue.clone(),
            tag: setup.name.clone(),
            no_ack: !setup.ack,
            exclusive: setup.exclusive,
            arguments: setup.arguments.clone(),
        };
        let answer = self.serve(channel, qos, cause, events)?;
        if let Reply::NotRead = answer {
            return Ok(answer);
        }
        let (answer, sent) = self.ask(events, |broker, now, out| {
            broker.serve(now, channel, consume, cause, out)
        });
        if let Ok(Reply::Consumer { consumer, .. }) = &answer {
            self.hire(id, *consumer); // before its first deliveries are carried
        }
        self.carry(sent, events);
        answer
    }

    /// The broker knows a consumer by that number now.
    fn hire(&mut self, id: WorkerId, consumer: ConsumerId) {
        self.consumers.set(consumer.index(), id);
        if let Some(worker) = self.workers.get_mut(id.0 as usize) {
            worker.consumer = Some(consumer);
        }
    }

    /// A script's own method.
    fn say(
        &mut self,
        id: LinkId,
        channel: ChannelId,
        method: &Method,
        cause: EventId,
        events: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let (answer, sent) = self.ask(events, |broker, now, out| {
            broker.serve(now, channel, method.clone(), cause, out)
        });
        match (&answer, method) {
            // It may begin or end what an actor does: consuming by the actor's own name.
            (Ok(Reply::Consumer { consumer, tag }), _) => {
                if let Some(worker) = self.worker_on(id, tag) {
                    self.hire(worker, *consumer);
                }
            }
            (Ok(Reply::Done), Method::Close) => self.left(id, channel, cause),
            (Ok(Reply::Done), Method::Cancel { tag }) => {
                let worker = self.worker_on(id, tag);
                if let Some(worker) = worker.and_then(|id| self.workers.get_mut(id.0 as usize)) {
                    worker.consumer = None;
                }
            }
            _ => {}
        }
        self.carry(sent, events);
        if let (Ok(Reply::Done), Method::TxCommit | Method::TxRollback) = (&answer, method)
            && let Some(link) = self.link_mut(id)
        {
            link.record.mandatory.clear(); // what comes back has come back
        }
        answer
    }

    fn worker_on(&self, id: LinkId, name: &str) -> Option<WorkerId> {
        let workers = &self.link(id)?.workers;
        let mut named = workers.iter().copied();
        named.find(|&id| {
            self.worker(id)
                .is_some_and(|worker| worker.setup.name == *name)
        })
    }

    /// What was sent on a channel the broker does not take anything on is gone.
    fn unsent(&mut self, link: LinkId, sent: &Sent, cause: EventId, events: &mut Vec<Event>) {
        if let Some(message) = sent.message() {
            self.log(cause, EventKind::Unsent { link, message }, events);
        }
    }

    /// Drops what waits in a connection's sockets for channels that ended.
    pub(super) fn flush(&mut self, id: LinkId, cause: EventId, events: &mut Vec<Event>) {
        let Some(link) = self.link(id) else {
            return;
        };
        let ended = link.sockets.keys().copied();
        let ended: Vec<_> = ended.filter(|&channel| !self.hears(channel)).collect();
        for channel in ended {
            let socket = self
                .link_mut(id)
                .and_then(|link| link.sockets.remove(&channel));
            for Waiting { sent, .. } in socket.into_iter().flatten() {
                if let Sent::Close(_) = sent {
                    // The connection itself may still be to be closed.
                    self.hear(id, channel, &sent, cause, events);
                } else {
                    self.unsent(id, &sent, cause, events);
                }
            }
            self.left(id, channel, cause);
        }
    }
}

/// From the broker.
impl World {
    pub(super) fn carry(&mut self, sent: Vec<Outgoing>, events: &mut Vec<Event>) {
        for outgoing in sent {
            if self.is_outside(&outgoing) {
                self.carry_outside(outgoing, events);
                continue;
            }
            match outgoing {
                Outgoing::Delivery(delivery) => {
                    let consumer = delivery.consumer;
                    // A script's own consumer keeps what it gets to itself.
                    if let Some(worker) = consumer.and_then(|consumer| self.worker_of(consumer)) {
                        self.deliver(worker, delivery);
                    }
                }
                Outgoing::Transit(transit) => self.set_out(transit),
                Outgoing::Letter(letter) => {
                    let at = self.now + self.latency.dead_letter;
                    let cause = letter.event;
                    self.agenda
                        .add(at, cause, Due::ReachDeadLetterExchange(letter));
                }
                Outgoing::Confirm {
                    channel,
                    sequence,
                    multiple,
                    ack,
                    event,
                } => {
                    let news = News::Confirm {
                        channel,
                        sequence,
                        multiple,
                        ack,
                    };
                    let link = self.link_of_channel(channel);
                    self.inform(link, self.latency.confirm, news, event);
                }
                Outgoing::Return {
                    channel,
                    message,
                    event,
                } => {
                    let (link, message) = (self.link_of_channel(channel), message.id);
                    let publisher = link.and_then(|id| {
                        let mandatory = &self.link(id)?.record.mandatory;
                        let found = mandatory.iter().find(|(id, _)| *id == message);
                        found.map(|&(_, publisher)| publisher)
                    });
                    if let Some(publisher) = publisher {
                        let news = News::Return {
                            channel,
                            publisher,
                            message,
                        };
                        self.inform(link, self.latency.confirm, news, event);
                    }
                }
                Outgoing::Cancel { consumer, event } => {
                    let worker = self.worker_of(consumer);
                    if let Some(worker) = worker.and_then(|id| self.worker(id)) {
                        let (link, latency) = (worker.link, worker.latency_deliver);
                        let worker = worker.id;
                        self.inform(
                            Some(link),
                            latency,
                            News::Cancel { worker, consumer },
                            event,
                        );
                    }
                }
                Outgoing::CloseChannel { channel, event, .. } => {
                    let link = self.link_of_channel(channel);
                    self.close(link, News::CloseChannel(channel), event, events);
                }
                Outgoing::CloseConnection {
                    connection, event, ..
                } => {
                    let link = self.link_of_connection(connection);
                    self.close(link, News::CloseConnection(connection), event, events);
                }
                Outgoing::Readable { connection, event } => {
                    if let Some(id) = self.link_of_connection(connection)
                        && let Some(link) = self.links.get(id.0 as usize)
                    {
                        for &channel in link.sockets.keys() {
                            let due = Due::Read { link: id, channel };
                            self.agenda.add(self.now, event, due);
                        }
                    }
                }
                // The client waits anyway: what it sends is not read.
                Outgoing::Blocked { .. } => {}
            }
        }
    }

    fn close(&mut self, link: Option<LinkId>, news: News, cause: EventId, events: &mut Vec<Event>) {
        if let Some(link) = link {
            self.flush(link, cause, events);
        }
        self.inform(link, self.latency.deliver, news, cause);
    }

    /// Sends something to a client, behind all that was sent on the connection before.
    fn inform(&mut self, id: Option<LinkId>, latency: Micros, news: News, cause: EventId) {
        let at = self.now + latency;
        if let Some(link) = id
            && let Some(at) = self.link_mut(link).map(|link| link.tell_at(at))
        {
            self.agenda.add(at, cause, Due::ReachClient { link, news });
        }
    }

    fn deliver(&mut self, id: WorkerId, delivery: Delivery) {
        let Some(worker) = self.worker(id) else {
            return;
        };
        let (link, at) = (worker.link, self.now + worker.latency_deliver);
        if let Some(at) = self.link_mut(link).map(|link| link.tell_at(at)) {
            let (worker, cause) = (id, delivery.event);
            self.agenda
                .add(at, cause, Due::ReachConsumer { worker, delivery });
        }
    }

    fn set_out(&mut self, transit: Transit) {
        let Transit {
            copy,
            queue,
            path,
            event,
        } = transit;
        let mut at = self.now;
        for &via in &path {
            at += self.route_latency(via);
        }
        if queue.index() >= self.arrivals.len() {
            self.arrivals.resize(queue.index() + 1, Micros::ZERO);
        }
        let last = &mut self.arrivals[queue.index()];
        at = at.max(*last);
        *last = at;
        self.agenda.add(at, event, Due::ReachQueue { copy, queue });
    }
}
