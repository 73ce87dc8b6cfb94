//! What exchanges of plugins keep: messages that wait there for their time (E45), and messages that are remembered for
//! what is bound later (E44).

use std::collections::VecDeque;

use crate::broker::exchange::history_length;
use crate::broker::router::delayed;
use crate::broker::{
    BindingId, CopyId, Destination, Event, EventId, ExchangeId, ExchangeKind, Message, MessageId,
    Micros, Name, Outlet, Passing, QueueId, Refusal, ReplyCode, Route, RoutedCopy, Via,
};

use super::{Broker, Due};

/// A message that an exchange keeps until its time has come.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    message: Message,
    exchange: ExchangeId,
    /// By its name the exchange is found again, be it another one by then.
    name: Name,
    pub(super) until: Micros,
}

impl Waiting {
    pub(super) fn message(&self) -> &Message {
        &self.message
    }
}

impl Broker {
    /// The messages that an exchange keeps until their time has come, in the order in which they came, each with when it
    /// goes on (E45).
    pub fn waiting_at(&self, exchange: ExchangeId) -> impl Iterator<Item = (&Message, Micros)> {
        let waiting = self.waiting.values();
        let here = waiting.filter(move |waiting| waiting.exchange == exchange);
        here.map(|waiting| (&waiting.message, waiting.until))
    }

    /// The messages that an exchange remembers, the oldest first (E44).
    pub fn remembered_by(&self, exchange: ExchangeId) -> impl Iterator<Item = &Message> {
        self.histories.get(&exchange).into_iter().flatten()
    }

    /// Whether an exchange remembers a message.
    pub fn remembers(&self, message: MessageId) -> bool {
        let mut remembered = self.histories.values().flatten();
        remembered.any(|its| its.id == message)
    }

    /// Refuses a message on which an exchange on its way fails (E45).
    pub(super) fn refuse_failing(route: &Route) -> Result<(), Refusal> {
        let fails = |passing: &Passing| matches!(passing, Passing::Fails(_));
        match route.passing().iter().any(fails) {
            true => Err(Refusal::new(ReplyCode::InternalError, "E45", "")),
            false => Ok(()),
        }
    }

    /// Lets a message wait at the exchanges on its way that keep it, lets those remember it that do, and tells of those of
    /// which nothing can be told.
    pub(super) fn keep_back(
        &mut self,
        message: &Message,
        passing: &[Passing],
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        for &passing in passing {
            match passing {
                Passing::Delays(exchange, delay) => {
                    self.postpone(message.clone(), exchange, delay, cause, out);
                }
                Passing::Remembers(exchange) => self.remember(message.clone(), exchange),
                Passing::Unknown(exchange) => {
                    let message = message.id;
                    out.event(cause, || Event::Untold { message, exchange });
                }
                Passing::Fails(_) => {}
            }
        }
    }

    fn postpone(
        &mut self,
        message: Message,
        exchange: ExchangeId,
        delay: Micros,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let Some(name) = self
            .definitions
            .exchange(exchange)
            .map(|it| it.name.clone())
        else {
            return;
        };
        let until = self.now + delay;
        let id = message.id;
        out.event(cause, || Event::Postponed {
            message: id,
            exchange,
            until,
        });
        self.waited += 1;
        self.due.insert((until, Due::Waiting(self.waited)));
        let waiting = Waiting {
            message,
            exchange,
            name,
            until,
        };
        self.waiting.insert(self.waited, waiting);
    }

    fn remember(&mut self, message: Message, exchange: ExchangeId) {
        let Some(there) = self.definitions.exchange(exchange) else {
            return;
        };
        let most = history_length(&there.arguments);
        let definitions = &self.definitions;
        if !self.histories.contains_key(&exchange) {
            // What has gone is remembered by nobody.
            self.histories
                .retain(|&id, _| definitions.exchange(id).is_some_and(|it| !it.deleted));
        }
        let history = self.histories.entry(exchange).or_default();
        history.push_back(message);
        while history.len() > most {
            history.pop_front();
        }
    }

    /// A message that waited at an exchange goes on (E45).
    pub(super) fn go_on(&mut self, number: u64, cause: EventId, out: &mut impl Outlet) {
        let Some(waiting) = self.waiting.remove(&number) else {
            return;
        };
        let message = Message {
            id: waiting.message.id,
            publication: delayed(&waiting.message.publication).into(),
            failures: waiting.message.failures,
        };
        let id = message.id;
        let kept_by = waiting.exchange;
        let event = out.event(cause, || Event::Resumed {
            message: id,
            exchange: kept_by,
        });
        let there = self.definitions.exchange_named(&waiting.name);
        let Some(exchange) = there.map(|exchange| exchange.id) else {
            self.totals.unroutable += 1;
            out.event(event, || Event::Unroutable {
                message: id,
                letter: None,
                exchange: kept_by,
                matched: [].into(),
                cycles: [].into(),
            });
            return;
        };
        let mut route = std::mem::take(&mut self.route);
        self.find_route(&message, exchange, &mut route);
        let found = self.tell_route(&message, None, exchange, &route, &[], event, out);
        self.keep_back(&message, route.passing(), found.event, out);
        for (index, (queue, copy)) in route.queues().zip(found.first..).enumerate() {
            let path = route.path(index).into();
            self.bring(queue, CopyId(copy), &message, path, found.event, out);
        }
        self.route = route;
    }

    /// What an exchange remembers goes along a new binding (E44): to a queue the oldest first and, as RabbitMQ has it, to an
    /// exchange the newest first.
    pub(super) fn recall(&mut self, binding: BindingId, cause: EventId, out: &mut impl Outlet) {
        let Some(bound) = self.definitions.binding(binding) else {
            return;
        };
        let (exchange, destination) = (bound.source, bound.destination);
        let remembers = self.definitions.exchange(exchange);
        if remembers.is_none_or(|it| it.rule != ExchangeKind::RecentHistory) {
            return;
        }
        let mut messages: Vec<Message> = self.remembered_by(exchange).cloned().collect();
        if matches!(destination, Destination::Exchange(_)) {
            messages.reverse();
        }
        for message in messages {
            let id = message.id;
            let event = out.event(cause, || Event::Recalled {
                message: id,
                exchange,
                binding,
            });
            self.send_along(message, exchange, binding, destination, event, out);
        }
    }

    fn send_along(
        &mut self,
        message: Message,
        exchange: ExchangeId,
        binding: BindingId,
        destination: Destination,
        cause: EventId,
        out: &mut impl Outlet,
    ) {
        let along = Via::Binding(binding);
        let mut matched = vec![along];
        let mut ways: Vec<(QueueId, Box<[Via]>)> = Vec::new();
        let mut passing = Vec::new();
        match destination {
            Destination::Queue(queue) => ways.push((queue, [along].into())),
            Destination::Exchange(next) => {
                let mut route = std::mem::take(&mut self.route);
                self.find_route(&message, next, &mut route);
                matched.extend_from_slice(route.matched());
                for (index, queue) in route.queues().enumerate() {
                    let way = [along].into_iter().chain(route.path(index));
                    ways.push((queue, way.collect()));
                }
                passing.extend_from_slice(route.passing());
                self.route = route;
            }
        }
        let first = self.totals.copies + 1;
        self.totals.copies += ways.len() as u64;
        let (id, matched) = (message.id, matched.into_boxed_slice());
        let event = if ways.is_empty() && !stays(&passing) {
            self.totals.unroutable += 1;
            out.event(cause, || Event::Unroutable {
                message: id,
                letter: None,
                exchange,
                matched,
                cycles: [].into(),
            })
        } else {
            out.event(cause, || Event::Routed {
                message: id,
                letter: None,
                exchange,
                matched,
                copies: RoutedCopy::along(&ways, first),
                cycles: [].into(),
            })
        };
        self.keep_back(&message, &passing, event, out);
        for ((queue, path), copy) in ways.into_iter().zip(first..) {
            self.bring(queue, CopyId(copy), &message, path, event, out);
        }
    }

    /// A copy for which nobody waits comes to its queue, or sets out to it.
    fn bring(
        &mut self,
        queue: QueueId,
        copy: CopyId,
        message: &Message,
        path: Box<[Via]>,
        event: EventId,
        out: &mut impl Outlet,
    ) {
        let message = message.clone();
        if self.configuration.on_the_way {
            self.set_out(queue, copy, message, path, None, None, event, out);
        } else {
            self.accept(queue, copy, message, None, event, out);
        }
    }

    /// A restart, where what exchanges of plugins keep is in memory only (E42, E44).
    pub(super) fn forget_plugin_state(&mut self) {
        if !self.switches().keeps_plugin_state {
            self.histories = std::collections::BTreeMap::<ExchangeId, VecDeque<Message>>::new();
            self.definitions_mut().make_rings_anew();
        }
    }
}

/// Whether a message that no queue gets has not ended: it waits, or nobody knows.
pub(super) fn stays(passing: &[Passing]) -> bool {
    let stays = |passing: &Passing| matches!(passing, Passing::Delays(..) | Passing::Unknown(_));
    passing.iter().any(stays)
}
