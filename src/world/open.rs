//! How a connection is opened, at the start and again.

use std::sync::Arc;

use crate::broker::{
    Capabilities, ChannelId, Command, EventId, Method, Name, Refusal, Reply, Target,
};

use super::agenda::Due;
use super::link::{GUEST, Opening, Record, Sent};
use super::{BindingSetup, Event, LinkId, SetupError, SetupFault, World};

impl World {
    /// Opens a connection whose time has come, unless that was settled otherwise since.
    pub(super) fn open_due(&mut self, id: LinkId, cause: EventId, events: &mut Vec<Event>) {
        let Some(link) = self.links.get_mut(id.0 as usize) else {
            return;
        };
        let now = self.now;
        if link.leaving.is_some() {
            return; // A client waits until its last channel or connection is closed; that may not be read (F3).
        }
        let Some(opening) = link.opening.take_if(|opening| opening.at == now) else {
            return;
        };
        if link.channel.is_some() {
            return;
        }
        let opened = self.open(id, opening.everyone, cause, events);
        // A client whose login was refused waits until it hears so.
        if opened.is_err() && !self.link(id).is_some_and(|link| link.turned_away) {
            // The broker is down, or would not have it; or it closed the channel for what was said on it, and says so.
            self.open_again(id, false, cause);
        }
    }

    /// The broker has heard a client's last word on a channel, or never will: the client may open another.
    pub(super) fn left(&mut self, id: LinkId, channel: ChannelId, cause: EventId) {
        let now = self.now;
        let Some(link) = self.links.get_mut(id.0 as usize) else {
            return;
        };
        if link.leaving.take_if(|last| *last == channel).is_none() {
            return;
        }
        if let Some(opening) = &mut link.opening
            && opening.at <= now
        {
            opening.at = now;
            self.agenda.add(now, cause, Due::Open(id));
        }
    }

    /// Opens a connection as soon as what is due now is done.
    pub(super) fn open_now(&mut self, id: LinkId, cause: EventId) {
        let (at, everyone) = (self.now, true);
        if let Some(link) = self.links.get_mut(id.0 as usize) {
            link.opening = Some(Opening { at, everyone });
            self.agenda.add(at, cause, Due::Open(id));
        }
    }

    /// Puts another try on the agenda, if the client has no channel and tries again by itself. `wanted` if it was its
    /// own will to have none.
    pub(super) fn open_again(&mut self, id: LinkId, wanted: bool, cause: EventId) {
        let Some(link) = self.links.get_mut(id.0 as usize) else {
            return;
        };
        if let Some(span) = link.reconnect(wanted).filter(|_| link.channel.is_none()) {
            let at = self.now + span;
            let everyone = !link.opened;
            link.opening = Some(Opening { at, everyone });
            self.agenda.add(at, cause, Due::Open(id));
        }
    }

    /// Opens a connection, or only its channel if it still has the connection: declares what it declares, and lets its
    /// consumers begin.
    ///
    /// # Errors
    /// The first thing that is refused. What that closes is closed, and its client will hear of it.
    pub(super) fn open(
        &mut self,
        id: LinkId,
        everyone: bool,
        cause: EventId,
        events: &mut Vec<Event>,
    ) -> Result<(), SetupError> {
        let Some(link) = self.link(id) else {
            return Ok(());
        };
        let (name, plan) = (link.name.clone(), link.plan.clone());
        let error = |what, name: &Name| {
            let name = name.clone();
            move |refusal| SetupError {
                what,
                name,
                fault: SetupFault::from(refusal),
            }
        };
        let channel = self
            .open_channel(id, &name, cause, events)
            .map_err(error("connection", &name))?;
        let Some(channel) = channel else {
            self.open_again(id, false, cause);
            return Ok(());
        };
        let modes = [
            plan.confirms.then_some(Method::ConfirmSelect),
            plan.transactions.then_some(Method::TxSelect),
        ];
        for method in modes.into_iter().flatten() {
            self.say_first(id, channel, method, cause, events)
                .map_err(error("connection", &name))?;
        }
        for spec in &plan.queues {
            let declare = Method::DeclareQueue {
                spec: spec.clone(),
                passive: false,
            };
            self.say_first(id, channel, declare, cause, events)
                .map_err(error("queue", &spec.name))?;
        }
        for binding in &plan.bindings {
            let reply = self
                .say_first(id, channel, bind(binding), cause, events)
                .map_err(error("binding", &binding.source))?;
            self.measure(binding, &reply);
        }
        self.begin(id, channel, everyone, cause, events);
        Ok(())
    }

    /// A channel for a connection; none if the broker does not read what the client says.
    fn open_channel(
        &mut self,
        id: LinkId,
        name: &Name,
        cause: EventId,
        events: &mut Vec<Event>,
    ) -> Result<Option<ChannelId>, Refusal> {
        let connection = match self.link(id).and_then(|link| link.connection) {
            Some(connection) => connection,
            None => {
                let Reply::Connection(connection) = self.log_in(id, name, cause, events)? else {
                    return Ok(None);
                };
                connection
            }
        };
        let number = None;
        let command = Command::OpenChannel { connection, number };
        let Reply::Channel(channel) = self.order(command, cause, events)? else {
            return Ok(None);
        };
        self.channels.set(channel.index(), id);
        if let Some(link) = self.links.get_mut(id.0 as usize) {
            link.channel = Some(channel);
            link.record = Record::default();
            link.opened = true;
        }
        Ok(Some(channel))
    }

    /// Logs a client in, and remembers its connection: one that is refused has one too, until it hears so (C6, C7).
    fn log_in(
        &mut self,
        id: LinkId,
        name: &Name,
        cause: EventId,
        events: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let user = self
            .link(id)
            .map_or_else(|| GUEST.into(), |link| link.user.clone());
        let next = self.broker.connections().given();
        let (answer, sent) = self.ask(events, |broker, now, out| {
            let capabilities = Capabilities::default();
            broker.serve_login(now, name.clone(), user, capabilities, cause, out)
        });
        let connection = self.broker.connections().get(next).map(|new| new.id);
        if let Some(link) = self.links.get_mut(id.0 as usize) {
            // A broker that is down turns nobody away (R8).
            link.turned_away = connection.is_some() && answer.is_err();
            link.connection = connection.or(link.connection);
        }
        if let Some(connection) = connection {
            self.connections.set(connection.index(), id);
        }
        self.carry(sent, events);
        answer
    }

    /// Says a method before anybody else uses the channel.
    fn say_first(
        &mut self,
        id: LinkId,
        channel: ChannelId,
        method: Method,
        cause: EventId,
        events: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        if !self.waits(id, channel) {
            let answer = self.serve(channel, method.clone(), cause, events)?;
            if !matches!(answer, Reply::NotRead) {
                return Ok(answer);
            }
        }
        let sent = Sent::Call(Box::new(method));
        self.wait(id, channel, sent, cause, events);
        Ok(Reply::NotRead)
    }

    /// Lets the actors of a connection begin on its channel.
    fn begin(
        &mut self,
        id: LinkId,
        channel: ChannelId,
        everyone: bool,
        cause: EventId,
        events: &mut Vec<Event>,
    ) {
        let Some(link) = self.link(id) else {
            return;
        };
        let (publishers, workers) = (link.publishers.clone(), link.workers.clone());
        for id in publishers {
            if let Some(publisher) = self.publishers.get_mut(id.0 as usize) {
                publisher.begin();
            }
        }
        for worker in workers {
            let Some(setup) = self.worker(worker).map(|worker| &worker.setup) else {
                continue;
            };
            let (start, again) = (setup.start, setup.reconnect.is_some());
            // Before the run begins nobody consumes, so that everybody is seen to begin.
            if start > self.now || self.quiet {
                let due = Due::Consume { worker, channel };
                self.agenda.add(start, EventId(0), due);
            } else if everyone || again {
                self.consume(worker, channel, cause, events);
            }
        }
    }

    /// Remembers how long a binding is. One that is made twice is one (E11), and the first one's latency holds.
    pub(super) fn measure(&mut self, binding: &BindingSetup, reply: &Reply) {
        if let Reply::Binding(id) = reply
            && id.index() >= self.routes.len()
        {
            let usual = self.latency.route;
            let routes = Arc::make_mut(&mut self.routes);
            routes.resize(id.index(), usual);
            routes.push(binding.latency.unwrap_or(usual));
        }
    }
}

/// The method that makes a binding.
fn bind(binding: &BindingSetup) -> Method {
    let (source, key) = (binding.source.clone(), binding.key.clone());
    let arguments = binding.arguments.clone();
    match binding.destination.clone() {
        Target::Queue(queue) => Method::BindQueue {
            queue,
            source,
            key,
            arguments,
        },
        Target::Exchange(destination) => Method::BindExchange {
            destination,
            source,
            key,
            arguments,
        },
    }
}
