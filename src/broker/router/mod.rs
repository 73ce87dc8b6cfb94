//! Which queues a message goes to, fast. Why it goes there is told by [`explain`](super::explain).

mod topic;

use std::collections::HashMap;

pub use topic::words;
use topic::{TopicScratch, TopicTrie};

use super::headers::HeadersMatch;
use super::{BindingId, Definitions, Destination, ExchangeId, ExchangeKind, Name, QueueId, Table};

/// An exchange's bindings in the form its type finds them fastest.
#[derive(Clone, Debug)]
pub(super) enum Matcher {
    Direct(HashMap<Name, Vec<BindingId>>),
    Fanout(Vec<BindingId>),
    Topic(TopicTrie),
    Headers(Vec<(BindingId, HeadersMatch)>),
}

impl Matcher {
    pub(super) fn new(kind: ExchangeKind) -> Self {
        match kind {
            ExchangeKind::Direct => Self::Direct(HashMap::new()),
            ExchangeKind::LocalRandom | ExchangeKind::ModulusHash => Self::Fanout(Vec::new()),
            ExchangeKind::Fanout => Self::Fanout(Vec::new()),
            ExchangeKind::Topic => Self::Topic(TopicTrie::new()),
            ExchangeKind::Headers => Self::Headers(Vec::new()),
        }
    }

    pub(super) fn add(&mut self, id: BindingId, key: &Name, headers: Option<HeadersMatch>) {
        match self {
            Self::Direct(by_key) => by_key.entry(key.clone()).or_default().push(id),
            Self::Fanout(all) => all.push(id),
            Self::Topic(trie) => trie.add(key, id),
            Self::Headers(all) => all.extend(headers.map(|headers| (id, headers))),
        }
    }

    /// Appends the matching bindings, in the order they were made.
    fn matches(
        &self,
        key: &str,
        headers: &Table,
        topic: &mut TopicScratch,
        found: &mut Vec<BindingId>,
    ) {
        match self {
            Self::Direct(by_key) => found.extend(by_key.get(key).into_iter().flatten()), // E15
            Self::Fanout(all) => found.extend_from_slice(all),                           // E15
            Self::Topic(trie) => {
                trie.matches(key, topic, found);
                found.sort_unstable();
            }
            Self::Headers(all) => found.extend(
                all.iter()
                    .filter(|(_, binding)| binding.matches(headers))
                    .map(|(id, _)| id),
            ),
        }
    }
}

/// How a message gets from an exchange to what it is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Via {
    /// Along a binding.
    Binding(BindingId),
    /// From the default exchange to the queue the key names (E2).
    Implicit(QueueId),
}

/// What [`Definitions::route`] found; kept from one message to the next so that its memory is used again.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// Exchanges visited, in order, each with how it was come to: from which visit, along which binding.
    visits: Vec<(ExchangeId, Option<(usize, BindingId)>)>,
    queues: Vec<(QueueId, usize, Via)>,
    matched: Vec<Via>,
    found: Vec<BindingId>,
    topic: TopicScratch,
    seen_exchanges: Seen,
    seen_queues: Seen,
}

/// A set of small numbers that is emptied in no time.
#[derive(Clone, Debug, Default)]
struct Seen {
    round: u32,
    rounds: Vec<u32>,
}

impl Seen {
    fn clear(&mut self) {
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.rounds.clear();
            self.round = 1;
        }
    }

    /// Adds a number; whether it is new.
    fn add(&mut self, number: usize) -> bool {
        if number >= self.rounds.len() {
            self.rounds.resize(number + 1, 0);
        }
        std::mem::replace(&mut self.rounds[number], self.round) != self.round
    }
}

impl Route {
    /// The queues that get a copy, in order, each once (E12).
    pub fn queues(&self) -> impl ExactSizeIterator<Item = QueueId> + '_ {
        self.queues.iter().map(|&(queue, ..)| queue)
    }

    /// The way to the `index`th of [`queues`](Self::queues), from the exchange published to.
    pub fn path(&self, index: usize) -> Vec<Via> {
        let mut path = Vec::new();
        if let Some(&(_, visit, via)) = self.queues.get(index) {
            path.push(via);
            let mut at = visit;
            while let Some((_, Some((from, binding)))) = self.visits.get(at).copied() {
                path.push(Via::Binding(binding));
                at = from;
            }
        }
        path.reverse();
        path
    }

    /// All bindings that matched, whether or not they made a copy.
    pub fn matched(&self) -> &[Via] {
        &self.matched
    }

    fn add(&mut self, queue: QueueId, visit: usize, via: Via) {
        self.matched.push(via);
        if self.seen_queues.add(queue.index()) {
            self.queues.push((queue, visit, via));
        }
    }
}

impl Definitions {
    /// Finds the queues that get a copy of a message: a work-list over exchanges, each visited once, each queue
    /// taken once (E12).
    pub fn route(&self, exchange: ExchangeId, key: &str, headers: &Table, route: &mut Route) {
        route.visits.clear();
        route.queues.clear();
        route.matched.clear();
        route.seen_exchanges.clear();
        route.seen_queues.clear();
        route.seen_exchanges.add(exchange.index());
        route.visits.push((exchange, None));
        let mut visit = 0;
        while let Some(&(at, _)) = route.visits.get(visit) {
            if at == Self::DEFAULT_EXCHANGE {
                // E2
                if let Some(queue) = self.queue_named(key) {
                    route.add(queue, visit, Via::Implicit(queue));
                }
            } else if let Some(exchange) = self.exchange(at) {
                let mut found = std::mem::take(&mut route.found);
                found.clear();
                exchange
                    .matcher
                    .matches(key, headers, &mut route.topic, &mut found);
                for binding in found.iter().filter_map(|&id| self.binding(id)) {
                    match binding.destination {
                        Destination::Queue(queue) => {
                            route.add(queue, visit, Via::Binding(binding.id));
                        }
                        Destination::Exchange(next) => {
                            route.matched.push(Via::Binding(binding.id));
                            if route.seen_exchanges.add(next.index()) {
                                route.visits.push((next, Some((visit, binding.id))));
                            }
                        }
                    }
                }
                route.found = found;
            }
            visit += 1;
        }
    }
}
