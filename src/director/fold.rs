//! How an event changes the stage.

mod handing;

use std::collections::BTreeSet;

use crate::broker::{self, CopyId, EventId, MessageId, Micros, QueueKind, Queued};
use crate::topology::EdgeKey;
use crate::world::{Author, Event, EventKind, LinkId, WorkerId, World};

use super::flight::is_short;
use super::line::Bead;
use super::stage::at_index;
use super::{Cue, Echo, Ended, Flight, MIN_HOP, Presence, Stage, Terms, Waits, Work};

impl Stage {
    /// Shows an event. The world is asked only for what never changes in it.
    pub(super) fn show(&mut self, cue: &Cue, event: &Event, world: &World) {
        let now = cue.at;
        self.tidy(cue);
        self.echo(cue);
        self.tally.count(event, world);
        match &event.kind {
            EventKind::Broker(broker) => self.show_broker(cue, event, broker, world),
            EventKind::Published { by, message, .. } => {
                self.publish(*by, *message, cue, world);
            }
            EventKind::Waiting { message, .. } => {
                self.sent.remove(message);
                if let Some(link) = self.link(cue.link) {
                    link.waiting.push_back(*message);
                }
            }
            EventKind::Unsent { message, .. } => {
                self.take_message(*message, cue.link);
                self.fail(cue.author);
            }
            EventKind::Confirmed {
                publisher,
                messages,
                ack,
            } => {
                let edge = |flight: &Flight| flight.legs.first().map(|leg| leg.edge);
                self.land_loose(event.cause, |flight| {
                    matches!(edge(flight), Some(EdgeKey::Publish { publisher: to, .. }) if to == publisher.0)
                });
                if let Some(publisher) = self.publisher(*publisher) {
                    let count = messages.len() as u64;
                    if *ack {
                        publisher.confirmed += count;
                    } else {
                        publisher.nacked += count;
                    }
                }
                if let Some(link) = self.link(cue.link) {
                    for message in messages {
                        link.unconfirmed.remove(message);
                    }
                }
            }
            EventKind::Returned { publisher, .. } => {
                self.land_loose(event.cause, |_| true);
                if let Some(publisher) = self.publisher(*publisher) {
                    publisher.returned += 1;
                }
            }
            EventKind::Received { worker, queued } => {
                let key = (*worker, queued.copy);
                let flight = self.deliveries.get(&key);
                if flight.is_some_and(|flight| flight.event == event.cause) {
                    self.deliveries.remove(&key);
                } else {
                    self.land_loose(event.cause, |_| true);
                }
                if let Some(consumer) = self.consumer(Some(*worker)) {
                    consumer.waiting.push_back(*queued);
                }
            }
            EventKind::Asked { worker } => {
                if let Some(consumer) = self.consumer(Some(*worker)) {
                    consumer.asks = true;
                }
            }
            EventKind::Started {
                worker,
                queued,
                until,
            } => {
                if let Some(consumer) = self.consumer(Some(*worker)) {
                    let mut waiting = consumer.waiting.iter();
                    if let Some(at) = waiting.position(|waiting| waiting.copy == queued.copy) {
                        consumer.waiting.remove(at);
                    }
                    let held = |worker| consumer.working.iter().any(|it| it.worker == worker);
                    let free = (0..).find(|&worker| !held(worker));
                    consumer.working.push(Work {
                        queued: *queued,
                        worker: free.unwrap_or_default(),
                        since: now,
                        until: (*until).max(now),
                    });
                }
            }
            EventKind::Finished { worker, queued, .. } => {
                if let Some(consumer) = self.consumer(Some(*worker)) {
                    for work in consumer.working.extract_if(.., |it| it.queued == *queued) {
                        *at_index(&mut consumer.let_go, work.worker) = Some(now);
                    }
                }
                for (_, flight) in &cue.flights {
                    self.send_answer(*worker, *queued, flight.clone());
                }
            }
            EventKind::Http(what) => self.show_http(what, event.at, cue),
            EventKind::Changed { service, change } => {
                self.change(service, *change, event.at, world)
            }
            EventKind::Dismissed { .. } | EventKind::InVain { .. } => {}
            EventKind::Disconnected { .. } => self.disconnect(cue, world),
        }
        self.endings.extend(&cue.endings);
        self.refused.extend(cue.refused);
    }

    /// Remembers for a while what sets out on ways too short to be seen.
    fn echo(&mut self, cue: &Cue) {
        let exchanged = self.exchanged(cue).map(Echo::Exchanged);
        let Some(echoes) = &mut self.echoes else {
            return;
        };
        echoes.retain(|echo| echo.spot(cue.at, MIN_HOP).is_some());
        let flights = cue.flights.iter();
        let flights = flights.map(|(_, flight)| Echo::Flight(flight.clone()));
        echoes.extend(flights.chain(exchanged).filter(|it| is_short(it.legs())));
    }

    /// What set out with an event, and nothing in the broker waits for, is there. It set out before most that is still on
    /// its way, so it is near the front.
    fn land_loose(&mut self, event: EventId, is_it: impl Fn(&Flight) -> bool) {
        let first = self.loose.iter().position(|flight| flight.event == event);
        let Some(mut place) = first else {
            return;
        };
        while let Some(flight) = self.loose.get(place)
            && flight.event == event
        {
            match is_it(flight) {
                true => _ = self.loose.remove(place),
                false => place += 1,
            }
        }
    }

    fn publish(&mut self, by: Author, message: MessageId, cue: &Cue, world: &World) {
        match by {
            Author::Publisher(publisher) => {
                if let Some(publisher) = self.publisher(publisher) {
                    publisher.published += 1;
                }
            }
            Author::Consumer(worker) => {
                if let Some(consumer) = self.consumer(Some(worker)) {
                    consumer.published += 1;
                }
            }
        }
        let flights = cue.flights.iter();
        self.sent
            .extend(flights.map(|(_, flight)| (message, flight.clone())));
        let Some(id) = cue.link else { return };
        let publishers = world
            .links()
            .get(id.0 as usize)
            .map(|link| &link.publishers);
        let confirms = publishers.is_some_and(|publishers| {
            let mut publishers = publishers.iter();
            publishers.any(|&id| world.publisher(id).is_some_and(|it| it.confirms))
        });
        if confirms && let Some(link) = self.link(Some(id)) {
            link.unconfirmed.insert(message, by);
        }
    }

    /// A message that was on its way to the broker, or waited there to be read or committed, does so no longer.
    fn take_message(&mut self, message: MessageId, link: Option<LinkId>) {
        self.sent.remove(&message);
        if let Some(link) = self.link(link) {
            // Mostly the first: what is sent on a connection is read in order.
            let place = link.waiting.iter().position(|&its| its == message);
            place.and_then(|place| link.waiting.remove(place));
            let place = link.held.iter().position(|&its| its == message);
            place.and_then(|place| link.held.remove(place));
        }
    }

    fn fail(&mut self, author: Option<Author>) {
        if let Some(Author::Publisher(id)) = author
            && let Some(publisher) = self.publisher(id)
        {
            publisher.failed += 1;
        }
    }

    /// An answer sets out; one that settles nothing any more is nobody's to wait for.
    fn send_answer(&mut self, worker: WorkerId, queued: Queued, flight: Flight) {
        let settles = self.queues.get(queued.queue.index()).is_some_and(|queue| {
            queue.readers.contains_key(&worker)
                || queue
                    .unacked
                    .iter()
                    .any(|bead| bead.copy == queued.copy && bead.holder == Some(worker))
        });
        if settles {
            self.answers.insert((worker, queued.copy), flight);
        } else {
            self.loose.push_back(flight);
        }
    }

    /// The client of a connection learns that it, or its channel, is gone: what it was working on is nobody's now.
    fn disconnect(&mut self, cue: &Cue, world: &World) {
        let Some(id) = cue.link else { return };
        if let Some(link) = self.link(Some(id)) {
            link.unconfirmed.clear();
            if let Some(ended) = &mut link.ended {
                ended.is_known = true;
            }
        }
        self.let_go(id, world);
        for worker in world.workers().iter().filter(|worker| worker.link == id) {
            if let Some(consumer) = self.consumer(Some(worker.id)) {
                consumer.working.clear();
                consumer.waiting.clear();
            }
        }
    }

    /// What is on its way on a connection that ended flies on, but nothing comes of it.
    fn let_go(&mut self, link: LinkId, world: &World) {
        let on_it = |worker: WorkerId| world.worker(worker).is_some_and(|it| it.link == link);
        for flights in [&mut self.deliveries, &mut self.answers] {
            let gone = flights.extract_if(.., |&(worker, _), _| on_it(worker));
            self.loose.extend(gone.map(|(_, flight)| flight));
        }
    }

    /// A queue's reader, or holder, of a copy is done with it.
    fn release(&mut self, copy: CopyId, holder: Option<WorkerId>, now: Micros) {
        let Some(holder) = holder else { return };
        if let Some(consumer) = self.consumer(Some(holder)) {
            consumer.unacked = consumer.unacked.saturating_sub(1);
        }
        // An answer that comes too late flies on.
        let answer = self.answers.remove(&(holder, copy));
        let late = answer.filter(|flight| !flight.has_landed(now));
        self.loose.extend(late);
    }

    /// Takes a delivery out of its queue's unacked ones.
    fn settle(&mut self, queued: Queued, cue: &Cue) -> Option<Bead> {
        let queue = self.queues.get_mut(queued.queue.index())?;
        let held = |bead: &Bead| bead.copy == queued.copy;
        let at = queue.unacked.iter().position(held)?;
        let bead = queue.unacked.remove(at)?;
        self.release(queued.copy, bead.holder, cue.at);
        Some(bead)
    }
}

/// What the broker says.
impl Stage {
    fn show_broker(&mut self, cue: &Cue, event: &Event, what: &broker::Event, world: &World) {
        use broker::Event as E;
        let now = cue.at;
        match what {
            E::Routed {
                message,
                letter,
                exchange,
                ..
            }
            | E::Unroutable {
                message,
                letter,
                exchange,
                ..
            } => {
                let again = self.again.remove(&event.cause);
                match letter {
                    Some(copy) => _ = self.letters.remove(copy),
                    None if again => {}
                    None => self.take_message(*message, cue.link),
                }
                let stage = self.exchange(*exchange);
                stage.routed += u64::from(!again);
                stage.unroutable += u64::from(matches!(what, E::Unroutable { .. }));
                for (copy, flight) in &cue.flights {
                    self.copies.extend(copy.map(|copy| (copy, flight.clone())));
                }
                self.decisions.extend(cue.decisions.iter().cloned());
            }
            E::Postponed {
                message,
                exchange,
                until,
            } => {
                let arrival = cue.flights.iter().filter_map(|it| it.1.legs.last());
                let waits = Waits {
                    message: *message,
                    since: arrival.map(|leg| leg.until).max().unwrap_or(now),
                    until: *until,
                };
                self.loose.extend(cue.flights.iter().map(|it| it.1.clone()));
                let waiting = &mut self.exchange(*exchange).waiting;
                let place = waiting.partition_point(|other| other.until <= *until);
                waiting.insert(place, waits);
            }
            E::Resumed { message, exchange } => {
                let stage = self.exchange(*exchange);
                let mut waiting = stage.waiting.iter();
                if let Some(place) = waiting.position(|waits| waits.message == *message) {
                    stage.waiting.remove(place);
                }
                self.again.insert(event.id);
            }
            E::Recalled { .. } => _ = self.again.insert(event.id),
            E::Untold { exchange, .. } => {
                self.loose.extend(cue.flights.iter().map(|it| it.1.clone()));
                self.exchange(*exchange).untold += 1;
            }
            E::Returned { message, .. } => {
                // It did not end: it comes back.
                self.endings.retain(|ending| ending.message != *message);
                self.loose.extend(cue.flights.iter().map(|it| it.1.clone()));
            }
            E::Confirmed { .. } => {
                self.loose.extend(cue.flights.iter().map(|it| it.1.clone()));
            }
            E::Held { message, .. } => {
                self.take_message(*message, cue.link);
                if let Some(link) = self.link(cue.link) {
                    link.held.push_back(*message);
                }
            }
            E::RolledBack { messages, .. } => {
                if let Some(id) = cue.link {
                    self.let_go(id, world);
                }
                if let Some(link) = self.link(cue.link) {
                    let gone: BTreeSet<_> = messages.iter().collect();
                    link.held.retain(|held| !gone.contains(held));
                }
                for _ in messages {
                    self.fail(cue.author);
                }
            }
            E::Ready {
                queued,
                level,
                failures,
                expires,
            } => {
                self.copies.remove(&queued.copy);
                let queue = world.broker().queue(queued.queue);
                let counts = queue.is_some_and(|queue| queue.kind == QueueKind::Quorum);
                self.queue(queued.queue, world).ready.push(Bead {
                    message: queued.message,
                    copy: queued.copy,
                    holder: None,
                    redelivered: *failures > 0,
                    returns: if counts { *failures } else { 0 },
                    level: *level,
                    event: event.id,
                    since: now,
                    ttl: expires.map(|expires| expires.since(event.at)),
                    delayed: None,
                    place: 0,
                });
            }
            E::TurnedAway { queued, .. } => {
                self.copies.remove(&queued.copy);
                self.queue(queued.queue, world).turned_away += 1;
            }
            E::Died { queued, .. } => {
                self.copies.remove(&queued.copy);
                if self.settle(*queued, cue).is_none() {
                    let queue = self.queue(queued.queue, world);
                    if queue.ready.serve(queued.copy).is_some() {
                        queue.head_left = Some(now);
                    }
                    queue.delayed.retain(|bead| bead.copy != queued.copy);
                }
                self.queue(queued.queue, world).died += 1;
                for (_, flight) in &cue.flights {
                    self.letters.insert(queued.copy, flight.clone());
                }
            }
            E::Kept { queued, until } => {
                self.letters.remove(&queued.copy); // its exchange was gone when it came there
                let kept = &mut self.queue(queued.queue, world).kept;
                kept.insert(queued.copy, (queued.message, *until));
            }
            E::Released { queued } => {
                self.letters.remove(&queued.copy); // all that it still led to had it
            }
            E::Resent { queued, .. } => {
                self.queue(queued.queue, world).kept.remove(&queued.copy);
                for (_, flight) in &cue.flights {
                    self.letters.insert(queued.copy, flight.clone());
                }
            }
            E::Lost { queued, .. } => {
                self.queue(queued.queue, world).kept.remove(&queued.copy);
                self.copies.remove(&queued.copy);
                self.letters.remove(&queued.copy);
                self.settle(*queued, cue);
                let queue = self.queue(queued.queue, world);
                queue.ready.remove(queued.copy);
                queue.delayed.retain(|bead| bead.copy != queued.copy);
            }
            E::Purged { queue, copies } => {
                let queue = self.queue(*queue, world);
                for copy in copies {
                    queue.ready.serve(*copy);
                }
            }
            E::Truncated { queue, copies } => {
                let queue = self.queue(*queue, world);
                for copy in copies {
                    queue.ready.remove(*copy);
                }
                queue.first_offset += copies.len() as u64;
            }
            E::Delivered {
                queued, settled, ..
            }
            | E::Got {
                queued, settled, ..
            } => self.deliver(*queued, *settled, cue, world),
            E::Read { queued, offset, .. } => {
                self.send_delivery(*queued, cue);
                if let Some(worker) = cue.worker {
                    let readers = &mut self.queue(queued.queue, world).readers;
                    let reader = readers.entry(worker).or_default();
                    reader.next = Some(offset + 1);
                    reader.unacked += 1;
                    if let Some(consumer) = self.consumer(Some(worker)) {
                        consumer.unacked += 1;
                    }
                }
            }
            E::Credited { queued, .. } => {
                if let Some(worker) = cue.worker {
                    let readers = &mut self.queue(queued.queue, world).readers;
                    if let Some(reader) = readers.get_mut(&worker) {
                        reader.unacked = reader.unacked.saturating_sub(1);
                        self.release(queued.copy, Some(worker), now);
                    }
                }
            }
            E::Acked { queued, .. } => {
                self.settle(*queued, cue);
            }
            E::Requeued {
                queued,
                place,
                returns,
                ..
            } => self.requeue(*queued, (*place, *returns), cue, world),
            E::Delayed {
                queued,
                until,
                returns,
                ..
            } => {
                if let Some(bead) = self.settle(*queued, cue) {
                    self.queue(queued.queue, world).delayed.push(Bead {
                        holder: None,
                        redelivered: true,
                        returns: *returns,
                        delayed: Some(*until),
                        ..bead
                    });
                }
            }
            E::Consuming { queue, consumer } => {
                self.queue(*queue, world);
                let terms = world.broker().consumer(*consumer).map(Terms::of);
                if let Some(consumer) = self.consumer(cue.worker) {
                    consumer.terms = terms;
                    consumer.consuming = true;
                    consumer.left = None;
                }
                if let (Some(worker), Some(there)) = (cue.worker, world.broker().queue(*queue))
                    && there.kind == QueueKind::Stream
                {
                    let readers = &mut self.queue(*queue, world).readers;
                    readers.insert(worker, Default::default());
                }
            }
            E::Cancelled { queue, .. } => self.cancel(*queue, cue, world),
            E::Activated { queue, .. } => {
                let before = self.queue(*queue, world).active;
                self.queue(*queue, world).active = cue.worker;
                for (worker, active) in [(before, false), (cue.worker, true)] {
                    if let Some(consumer) = self.consumer(worker) {
                        consumer.active = active;
                    }
                }
            }
            E::ExchangeDeclared {
                exchange,
                alternate,
            } => {
                let stage = self.exchange(*exchange);
                stage.presence = Presence::Here;
                stage.alternate = alternate.clone();
            }
            E::ExchangeDeleted { exchange, why } => {
                self.exchange(*exchange).presence = Presence::Gone {
                    at: now,
                    why: *why,
                    event: event.id,
                };
            }
            E::QueueDeclared { queue, settings } => {
                let stage = self.queue(*queue, world);
                stage.presence = Presence::Here;
                stage.settings = settings.clone();
            }
            E::QueueDeleted { queue, why, .. } => {
                let stage = self.queue(*queue, world);
                stage.presence = Presence::Gone {
                    at: now,
                    why: *why,
                    event: event.id,
                };
                stage.ready.clear();
                stage.delayed.clear();
                stage.active = None;
                for bead in std::mem::take(&mut stage.unacked) {
                    self.release(bead.copy, bead.holder, now);
                }
            }
            E::Bound { binding } => *self.binding(binding.index()) = Presence::Here,
            E::Unbound { binding, why } => {
                *self.binding(binding.index()) = Presence::Gone {
                    at: now,
                    why: *why,
                    event: event.id,
                };
            }
            E::ConnectionOpened { .. } => {
                if let Some(link) = self.link(cue.link) {
                    link.open = true;
                    link.ended = None;
                }
            }
            E::ChannelOpened { .. } => {
                if let Some(link) = self.link(cue.link) {
                    link.channel = true;
                    link.ended = None;
                }
            }
            E::ConnectionClosed { why, .. } | E::ChannelClosed { why, .. } => {
                let ends_all = matches!(what, E::ConnectionClosed { .. });
                if let Some(id) = cue.link {
                    self.let_go(id, world);
                }
                if let Some(link) = self.link(cue.link) {
                    link.channel = false;
                    link.held.clear();
                    if ends_all {
                        link.open = false;
                        link.throttle = broker::Throttle::Running;
                    }
                    // Of a connection and its channel that end together, the connection's end says why.
                    if *why != broker::Closing::WithConnection {
                        link.ended = Some(Ended {
                            at: now,
                            why: why.clone(),
                            event: event.id,
                            is_known: false,
                        });
                    }
                }
            }
            E::Refused { message, .. } => {
                if let Some(message) = message {
                    self.take_message(*message, cue.link);
                    self.fail(cue.author);
                }
            }
            E::Throttled { state, .. } => {
                if let Some(link) = self.link(cue.link) {
                    link.throttle = *state;
                }
            }
            E::AlarmRaised { alarm } => _ = self.broker.alarms.insert(*alarm),
            E::AlarmCleared { alarm } => _ = self.broker.alarms.remove(alarm),
            E::Stopped { clean } => {
                self.broker.down = Some((now, *clean));
                // What a queue keeps is tried again; nobody tells of the way it was on (R7).
                self.loose
                    .extend(std::mem::take(&mut self.letters).into_values());
            }
            E::Started { .. } => {
                let crashed = self.broker.down.is_some_and(|(_, clean)| !clean);
                for (stage, queue) in self.queues.iter_mut().zip(world.broker().queues()) {
                    // S12
                    if crashed && queue.kind == QueueKind::Classic {
                        stage.ready.each(|bead| bead.redelivered = true);
                    }
                }
                self.broker.down = None;
                self.broker.came_up = Some(now);
            }
            E::PolicySet {
                queues,
                settings,
                exchanges,
                alternates,
                ..
            }
            | E::PolicyCleared {
                queues,
                settings,
                exchanges,
                alternates,
                ..
            } => {
                self.obey((queues, settings), (exchanges, alternates), world);
            }
            E::Committed { .. } | E::UserSet { .. } | E::Deprecated { .. } => {}
        }
    }
}
