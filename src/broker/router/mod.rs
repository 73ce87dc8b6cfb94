//! Which queues a message goes to, fast. Why it goes there is told by [`explain`](super::explain).

use rustc_hash::FxHashMap;

mod choice;
mod content;
mod keys;
mod passing;
mod ring;
mod term;
mod topic;

pub(super) use choice::choose;
pub use content::Content;
pub(super) use keys::further;
pub use keys::{Keys, cc_keys};
pub(super) use ring::{HASH_HEADER, HASH_PROPERTY, PROPERTIES, Ring};
pub use topic::words;
use topic::{TopicScratch, TopicTrie};

use super::few::Few;
use super::headers::HeadersMatch;
use super::{
    BindingId, Definitions, Destination, Exchange, ExchangeId, ExchangeKind, Micros, Name, QueueId,
    Table,
};
pub use passing::delayed;
use passing::{delay, fails, is_stored};

/// An exchange's bindings in the form its type finds them fastest.
#[derive(Clone, Debug)]
pub(super) enum Matcher {
    Direct(FxHashMap<Name, Few>),
    /// Whatever the key and the headers (E15).
    Every,
    /// One of them (E16).
    Choice,
    Topic(TopicTrie),
    Headers(Vec<(BindingId, HeadersMatch)>),
    /// One of them, by weights (E41).
    Ring(Ring),
    /// Nobody knows which (E47).
    Unknown,
}

/// What a binding says beside its key, as its exchange's type reads it.
#[derive(Clone, Debug)]
pub(super) enum Terms {
    /// Nothing.
    Key,
    Headers(HeadersMatch),
    Weight(u64),
}

impl Matcher {
    /// That of an exchange with such arguments that compares messages so.
    pub(super) fn new(rule: ExchangeKind, arguments: &Table) -> Self {
        match rule {
            ExchangeKind::Direct => Self::Direct(FxHashMap::default()),
            ExchangeKind::Fanout | ExchangeKind::RecentHistory => Self::Every,
            ExchangeKind::LocalRandom | ExchangeKind::ModulusHash | ExchangeKind::Random => {
                Self::Choice
            }
            ExchangeKind::Topic => Self::Topic(TopicTrie::new()),
            ExchangeKind::Headers => Self::Headers(Vec::new()),
            ExchangeKind::ConsistentHash => Self::Ring(Ring::new(arguments)),
            ExchangeKind::Delayed | ExchangeKind::Unknown => Self::Unknown,
        }
    }

    pub(super) fn add(&mut self, id: BindingId, to: Destination, key: &Name, terms: Terms) {
        match (self, terms) {
            (Self::Direct(by_key), _) => by_key.entry(key.clone()).or_default().push(id),
            (Self::Topic(trie), _) => trie.add(key, id),
            (Self::Headers(all), Terms::Headers(headers)) => all.push((id, headers)),
            (Self::Ring(ring), Terms::Weight(weight)) => ring.add(id, to, weight),
            (Self::Every | Self::Choice | Self::Unknown, _)
            | (Self::Headers(_) | Self::Ring(_), _) => {}
        }
    }

    pub(super) fn remove(&mut self, id: BindingId, key: &Name) {
        match self {
            Self::Direct(by_key) => {
                if let Some(same) = by_key.get_mut(key) {
                    same.remove(id);
                    if same.is_empty() {
                        by_key.remove(key);
                    }
                }
            }
            Self::Every | Self::Choice | Self::Unknown => {}
            Self::Ring(ring) => ring.remove(id),
            Self::Topic(trie) => trie.remove(key, id),
            Self::Headers(all) => {
                if let Ok(at) = all.binary_search_by_key(&id, |&(id, _)| id) {
                    all.remove(at);
                }
            }
        }
    }
}

impl Exchange {
    /// Appends the bindings that match, in the order they were made.
    fn matches(
        &self,
        keys: Keys<'_>,
        content: Content<'_>,
        chance: u64,
        topic: &mut TopicScratch,
        found: &mut Vec<BindingId>,
    ) {
        match &self.matcher {
            Matcher::Direct(by_key) => {
                let mut take = |key: &Name| {
                    if let Some(same) = by_key.get(key) {
                        found.extend_from_slice(same.as_slice()); // E15
                    }
                };
                take(keys.key);
                if !keys.also.is_empty() {
                    keys.also.iter().for_each(take);
                    found.sort_unstable();
                    found.dedup(); // one key may be named twice
                }
            }
            Matcher::Every => found.extend_from_slice(&self.bindings),
            Matcher::Choice => {
                let count = self.bindings.len();
                let chosen = choose(self.rule, self.id, count, keys, chance);
                found.extend(chosen.and_then(|at| self.bindings.get(at)));
            }
            Matcher::Topic(trie) => {
                trie.matches(keys.key, topic, found);
                for key in keys.also {
                    trie.matches(key, topic, found);
                }
                found.sort_unstable();
                if !keys.also.is_empty() {
                    found.dedup();
                }
            }
            Matcher::Headers(all) => found.extend(
                all.iter()
                    .filter(|(_, binding)| binding.matches(content.headers))
                    .map(|(id, _)| id),
            ),
            Matcher::Ring(ring) => found.extend(ring.choose(keys, content)),
            Matcher::Unknown => {}
        }
    }
}

impl Exchange {
    /// What it does with a message beside passing it on.
    pub(super) fn passing(&self, content: Content<'_>) -> Option<Passing> {
        if self.rule == ExchangeKind::Unknown {
            return Some(Passing::Unknown(self.id));
        }
        if self.kind == ExchangeKind::Delayed {
            if fails(content.headers) {
                return Some(Passing::Fails(self.id));
            }
            if let Some(delay) = delay(content.headers) {
                return Some(Passing::Delays(self.id, delay));
            }
        }
        let remembers = self.rule == ExchangeKind::RecentHistory && is_stored(content.headers);
        remembers.then_some(Passing::Remembers(self.id))
    }
}

/// How a message gets from an exchange to what it is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Via {
    /// Along a binding.
    Binding(BindingId),
    /// From the default exchange to the queue the key names (E2).
    Implicit(QueueId),
    /// From an exchange none of whose bindings matched to its alternate exchange (E13).
    Alternate(ExchangeId),
}

/// What [`Definitions::route`] found; kept from one message to the next so that its memory is used again.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// Exchanges visited, in order, each with how it was come to: from which visit, and how from there.
    visits: Vec<(ExchangeId, Option<(usize, Via)>)>,
    queues: Vec<(QueueId, usize, Via)>,
    matched: Vec<Via>,
    passing: Vec<Passing>,
    found: Vec<BindingId>,
    topic: TopicScratch,
    seen_exchanges: Seen,
    seen_queues: Seen,
}

/// An exchange on a message's way that does more than pass it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    /// It keeps the message for so long, and passes it on then (E45).
    Delays(ExchangeId, Micros),
    /// It remembers the message for what is bound to it later (E44).
    Remembers(ExchangeId),
    /// It fails on the message, and the connection that published it is closed (E45).
    Fails(ExchangeId),
    /// What it does with the message cannot be told (E47).
    Unknown(ExchangeId),
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
            while let Some((_, Some((from, via)))) = self.visits.get(at).copied() {
                path.push(via);
                at = from;
            }
        }
        path.reverse();
        path
    }

    /// Leaves queues out that get no copy after all (D11).
    pub(super) fn retain_queues(&mut self, mut keep: impl FnMut(QueueId) -> bool) {
        self.queues.retain(|&(queue, ..)| keep(queue));
    }

    /// All bindings that matched, whether or not they made a copy, and the alternate exchanges used.
    pub fn matched(&self) -> &[Via] {
        &self.matched
    }

    /// Exchanges on the way that do more than pass the message on, in order.
    pub fn passing(&self) -> &[Passing] {
        &self.passing
    }

    fn start(&mut self, exchange: ExchangeId) {
        self.visits.clear();
        self.passing.clear();
        self.queues.clear();
        self.matched.clear();
        self.seen_exchanges.clear();
        self.seen_queues.clear();
        self.seen_exchanges.add(exchange.index());
        self.visits.push((exchange, None));
    }

    fn add_queue(&mut self, queue: QueueId, visit: usize, via: Via) {
        self.matched.push(via);
        if self.seen_queues.add(queue.index()) {
            self.queues.push((queue, visit, via));
        }
    }

    fn add_exchange(&mut self, exchange: ExchangeId, visit: usize, via: Via) {
        self.matched.push(via);
        if self.seen_exchanges.add(exchange.index()) {
            self.visits.push((exchange, Some((visit, via))));
        }
    }
}

impl Definitions {
    /// Finds the queues that get a copy of a message: a work-list over exchanges, each visited once, each queue
    /// taken once (E12).
    ///
    /// `chance` is what an `x-local-random` exchange chooses by (E16), or an `x-random` one (E43).
    pub fn route<'a>(
        &self,
        exchange: ExchangeId,
        keys: Keys<'_>,
        content: impl Into<Content<'a>>,
        chance: u64,
        route: &mut Route,
    ) {
        let content = content.into();
        route.start(exchange);
        let mut found = std::mem::take(&mut route.found);
        let mut visit = 0;
        while let Some(&(at, _)) = route.visits.get(visit) {
            if at == Self::DEFAULT_EXCHANGE {
                self.route_default(keys, visit, route);
            } else if let Some(exchange) = self.exchange(at) {
                found.clear();
                let passing = exchange.passing(content);
                route.passing.extend(passing);
                // What waits is matched when it goes on (E45).
                if !matches!(passing, Some(Passing::Delays(..))) {
                    exchange.matches(keys, content, chance, &mut route.topic, &mut found);
                }
                for binding in found.iter().filter_map(|&id| self.binding(id)) {
                    let via = Via::Binding(binding.id);
                    match binding.destination {
                        Destination::Queue(queue) => route.add_queue(queue, visit, via),
                        Destination::Exchange(next) => route.add_exchange(next, visit, via),
                    }
                }
                // E13
                if found.is_empty()
                    && !matches!(passing, Some(Passing::Unknown(_)))
                    && let Some(alternate) = &exchange.alternate
                    && let Some(next) = self.exchange_named(alternate)
                {
                    route.add_exchange(next.id, visit, Via::Alternate(at));
                }
            }
            visit += 1;
        }
        route.found = found;
    }

    /// To the queues the keys name (E2), in the order of the queues' declaration.
    fn route_default(&self, keys: Keys<'_>, visit: usize, route: &mut Route) {
        if keys.also.is_empty() {
            if let Some(queue) = self.queue_named(keys.key) {
                route.add_queue(queue, visit, Via::Implicit(queue));
            }
            return;
        }
        let named = keys.iter().filter_map(|key| self.queue_named(key));
        let mut named: Vec<QueueId> = named.collect();
        named.sort_unstable();
        named.dedup();
        for queue in named {
            route.add_queue(queue, visit, Via::Implicit(queue));
        }
    }
}
