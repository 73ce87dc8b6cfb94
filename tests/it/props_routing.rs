//! The router against the rules, written out plainly; and the explanation against the router: over exchanges, queues
//! and bindings that come and go.

use std::collections::{BTreeMap, BTreeSet};

use leveret::broker::{
    AlternateUse, Binding, Definitions, Destination, Effect, ExchangeId, ExchangeKind,
    ExchangeSpec, Explanation, Keys, Name, Profile, QueueKind, QueueSpec, Removed, Route, Table,
    Value, Via, Why, words,
};
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::cases;

/// Something done to the definitions. Exchanges and queues are meant by number: `e0`, `q0` and so on.
#[derive(Clone, Debug)]
enum Deed {
    Exchange {
        exchange: usize,
        kind: ExchangeKind,
        durable: bool,
        auto_delete: bool,
        alternate: Option<&'static str>,
    },
    Queue(usize),
    Bind(Bound),
    /// The binding at that place among those there are.
    Unbind(usize),
    DeleteExchange(usize),
    DeleteQueue(usize),
    Policy(usize, Option<&'static str>),
    Restart(bool, usize),
}

/// A binding: between which, with which key and arguments.
#[derive(Clone, Debug, PartialEq)]
struct Bound {
    source: String,
    destination: To,
    key: String,
    arguments: Table,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum To {
    Queue(String),
    Exchange(String),
}

#[derive(Clone, Debug)]
struct Sent {
    exchange: usize,
    keys: Vec<String>,
    headers: Table,
    chance: u64,
}

const EXCHANGES: usize = 5;
const QUEUES: usize = 4;

/// So few words that they meet.
fn key() -> impl Strategy<Value = String> {
    prop::collection::vec(select(vec!["", "a", "b", "*", "#"]), 0..5)
        .prop_map(|words| words.join("."))
}

/// Keys, and now and then a queue's name.
fn keys() -> impl Strategy<Value = Vec<String>> {
    let key = prop_oneof![6 => key(), 1 => (0..QUEUES).prop_map(|queue| format!("q{queue}"))];
    prop_oneof![
        1 => prop::collection::vec(key.clone(), 1..2),
        1 => prop::collection::vec(key, 1..4),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    select(vec![
        Value::Void,
        1.into(),
        Value::Double(1.0),
        "1".into(),
        Value::Bool(true),
    ])
}

fn fields() -> impl Strategy<Value = Table> {
    prop::collection::btree_map(
        select(vec!["h", "i", "x-h"]).prop_map(Into::into),
        value(),
        0..3,
    )
}

fn arguments() -> impl Strategy<Value = Table> {
    let mode = select(vec![
        None,
        Some("all"),
        Some("any"),
        Some("all-with-x"),
        Some("any-with-x"),
    ]);
    (fields(), mode).prop_map(|(mut fields, mode)| {
        fields.extend(mode.map(|mode| ("x-match".into(), mode.into())));
        fields
    })
}

fn alternate() -> impl Strategy<Value = Option<&'static str>> {
    select(vec![
        None,
        None,
        Some("e0"),
        Some("e1"),
        Some("e2"),
        Some("e3"),
        Some(""),
        Some("missing"),
    ])
}

fn bound() -> impl Strategy<Value = Bound> {
    let to = prop_oneof![
        3 => (0..QUEUES).prop_map(|queue| To::Queue(format!("q{queue}"))),
        2 => (0..EXCHANGES).prop_map(|exchange| To::Exchange(format!("e{exchange}"))),
    ];
    (0..EXCHANGES, to, key(), arguments()).prop_map(|(source, destination, key, arguments)| Bound {
        source: format!("e{source}"),
        destination,
        key,
        arguments,
    })
}

fn declared() -> impl Strategy<Value = Deed> {
    // One that delays wraps another, which is what is compared.
    let kinds = ExchangeKind::ALL.into_iter();
    let kinds = kinds.filter(|kind| *kind != ExchangeKind::Delayed);
    let kind = select(kinds.collect::<Vec<_>>());
    (
        0..EXCHANGES,
        kind,
        any::<bool>(),
        any::<bool>(),
        alternate(),
    )
        .prop_map(
            |(exchange, kind, durable, auto_delete, alternate)| Deed::Exchange {
                exchange,
                kind,
                durable,
                auto_delete,
                alternate,
            },
        )
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => declared(),
        3 => (0..QUEUES).prop_map(Deed::Queue),
        24 => bound().prop_map(Deed::Bind),
        4 => (0..20_usize).prop_map(Deed::Unbind),
        1 => (0..EXCHANGES).prop_map(Deed::DeleteExchange),
        1 => (0..QUEUES).prop_map(Deed::DeleteQueue),
        2 => (0..EXCHANGES, alternate()).prop_map(|(exchange, to)| Deed::Policy(exchange, to)),
        1 => (any::<bool>(), 0..2 * QUEUES).prop_map(|(keeps, gone)| Deed::Restart(keeps, gone)),
    ]
}

/// Exchanges and queues first, so that there is something to bind.
fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let first = prop::collection::vec(declared(), 2..8);
    let then = prop::collection::vec(deed(), 0..50);
    (first, then).prop_map(|(mut deeds, then)| {
        deeds.extend((0..QUEUES - 1).map(Deed::Queue));
        deeds.extend(then);
        deeds
    })
}

fn sent() -> impl Strategy<Value = Sent> {
    (0..=EXCHANGES, keys(), fields(), any::<u64>()).prop_map(|(exchange, keys, headers, chance)| {
        Sent {
            exchange,
            keys,
            headers,
            chance,
        }
    })
}

/// What there is, by name, kept as plainly as can be.
#[derive(Debug, Default)]
struct Model {
    exchanges: BTreeMap<String, Declared>,
    queues: BTreeSet<String>,
    bindings: Vec<Bound>,
}

#[derive(Debug)]
struct Declared {
    kind: ExchangeKind,
    durable: bool,
    auto_delete: bool,
    argued: Option<&'static str>,
    policy: Option<&'static str>,
}

impl Model {
    fn has(&self, to: &To) -> bool {
        match to {
            To::Queue(name) => self.queues.contains(name),
            To::Exchange(name) => self.exchanges.contains_key(name),
        }
    }

    /// Whether a binding is refused: E10, E16, E25.
    fn refuses(&self, bound: &Bound) -> bool {
        let Some(source) = self.exchanges.get(&bound.source) else {
            return true;
        };
        let hashes = split(&bound.key)
            .into_iter()
            .filter(|&word| word == "#")
            .count();
        !self.has(&bound.destination)
            || match source.kind {
                ExchangeKind::Topic => hashes > 2,
                ExchangeKind::ConsistentHash => true, // E40: none of the keys is a number
                ExchangeKind::LocalRandom => {
                    !bound.key.is_empty() || matches!(bound.destination, To::Exchange(_))
                }
                _ => false,
            }
    }

    /// Takes bindings out, and then the auto-delete exchanges that lost their last (E9).
    fn take(&mut self, gone: impl Fn(&Bound) -> bool) {
        let (gone, left) = std::mem::take(&mut self.bindings)
            .into_iter()
            .partition(gone);
        self.bindings = left;
        for bound in gone {
            let Bound { source, .. } = bound;
            let used = self.bindings.iter().any(|other| other.source == source);
            let goes = |exchange: &Declared| exchange.auto_delete && !used;
            if self.exchanges.get(&source).is_some_and(goes) {
                self.delete_exchange(&source);
            }
        }
    }

    fn delete_exchange(&mut self, name: &str) {
        if self.exchanges.remove(name).is_some() {
            let itself = To::Exchange(name.to_owned());
            self.take(|bound| bound.source == name || bound.destination == itself);
        }
    }

    fn delete_queue(&mut self, name: &str) {
        let itself = To::Queue(name.to_owned());
        if self.queues.remove(name) {
            self.take(|bound| bound.destination == itself);
        }
    }

    /// R4
    fn restart(&mut self, keeps: bool, gone: &str) {
        self.queues.remove(gone);
        self.exchanges
            .retain(|_, exchange| keeps || exchange.durable);
        let bindings = std::mem::take(&mut self.bindings);
        let stays = |bound: &Bound| {
            self.exchanges.contains_key(&bound.source) && self.has(&bound.destination)
        };
        self.bindings = bindings.into_iter().filter(stays).collect();
    }
}

/// The definitions and the model, told the same.
struct Both {
    definitions: Definitions,
    model: Model,
}

impl Both {
    fn new() -> Self {
        Self {
            definitions: Definitions::new("/".into(), None),
            model: Model::default(),
        }
    }

    fn id(&self, exchange: &str) -> Option<ExchangeId> {
        let exchange = self.definitions.exchange_named(exchange);
        exchange.map(|exchange| exchange.id)
    }

    fn to(&self, to: &To) -> Option<Destination> {
        match to {
            To::Queue(name) => self.definitions.queue_named(name).map(Destination::Queue),
            To::Exchange(name) => self.id(name).map(Destination::Exchange),
        }
    }

    fn does(&mut self, deed: &Deed) -> Result<(), TestCaseError> {
        let switches = Profile::V4_3.switches();
        let before = self.gone();
        let mut removed = Removed::default();
        match deed {
            Deed::Exchange {
                exchange,
                kind,
                durable,
                auto_delete,
                alternate,
            } => {
                let name = format!("e{exchange}");
                let mut spec = ExchangeSpec::new(name.as_str(), *kind);
                spec.durable = *durable;
                spec.auto_delete = *auto_delete;
                let argument = alternate.map(|to| ("alternate-exchange".into(), to.into()));
                spec.arguments.extend(argument);
                let declared = self.definitions.declare_exchange(&spec, switches);
                if let Some(there) = self.model.exchanges.get(&name) {
                    // E5
                    let same = there.kind == *kind
                        && there.durable == *durable
                        && there.auto_delete == *auto_delete
                        && there.argued == *alternate;
                    prop_assert_eq!(declared.ok().map(|(_, new)| new), same.then_some(false));
                } else {
                    prop_assert!(declared.is_ok_and(|(_, new)| new));
                    let there = Declared {
                        kind: *kind,
                        durable: *durable,
                        auto_delete: *auto_delete,
                        argued: *alternate,
                        policy: None,
                    };
                    self.model.exchanges.insert(name, there);
                }
            }
            Deed::Queue(queue) => {
                let name = format!("q{queue}");
                if self.model.queues.insert(name.clone()) {
                    let spec = QueueSpec::new(name.as_str());
                    self.definitions.add_queue(&spec, QueueKind::Classic);
                }
            }
            Deed::Bind(bound) => {
                let Some(to) = self.to(&bound.destination) else {
                    return Ok(());
                };
                let (source, key) = (bound.source.as_str().into(), bound.key.as_str().into());
                let arguments = &bound.arguments;
                let done = self
                    .definitions
                    .bind(&source, to, &key, arguments, switches);
                prop_assert_eq!(done.is_err(), self.model.refuses(bound), "{:?}", bound);
                if let Ok((_, new)) = done {
                    // E11
                    prop_assert_eq!(new, !self.model.bindings.contains(bound));
                    if new {
                        self.model.bindings.push(bound.clone());
                    }
                }
            }
            Deed::Unbind(place) => {
                let count = self.model.bindings.len();
                let Some(bound) = (count > 0).then(|| self.model.bindings[place % count].clone())
                else {
                    return Ok(());
                };
                let to = self.to(&bound.destination).unwrap();
                let (source, key) = (bound.source.as_str().into(), bound.key.as_str().into());
                let unbound = self.definitions.unbind(&source, to, &key, &bound.arguments);
                removed = unbound.unwrap();
                self.model.take(|other| *other == bound);
            }
            Deed::DeleteExchange(exchange) => {
                let name = format!("e{exchange}");
                if let Some(id) = self.id(&name) {
                    removed = self.definitions.delete_exchange(id);
                }
                self.model.delete_exchange(&name);
            }
            Deed::DeleteQueue(queue) => {
                let name = format!("q{queue}");
                if let Some(id) = self.definitions.queue_named(&name) {
                    removed = self.definitions.remove_queue(id);
                }
                self.model.delete_queue(&name);
            }
            Deed::Policy(exchange, to) => {
                let name = format!("e{exchange}");
                if let Some(id) = self.id(&name) {
                    self.definitions
                        .set_policy_alternate(id, to.map(Name::from));
                }
                if let Some(there) = self.model.exchanges.get_mut(&name) {
                    there.policy = *to;
                }
            }
            Deed::Restart(keeps, gone) => {
                let name = format!("q{gone}");
                let gone: Vec<_> = self.definitions.queue_named(&name).into_iter().collect();
                removed = self.definitions.survive_restart(*keeps, &gone);
                self.model.restart(*keeps, &name);
            }
        }
        self.check_removed(&removed, &before)?;
        self.check_same()
    }

    fn gone(&self) -> BTreeSet<Via> {
        let bindings = self.definitions.bindings().iter();
        let exchanges = self.definitions.exchanges().iter();
        let bindings = bindings.filter(|each| each.deleted);
        let exchanges = exchanges.filter(|each| each.deleted);
        bindings
            .map(|binding| Via::Binding(binding.id))
            .chain(exchanges.map(|exchange| Via::Alternate(exchange.id)))
            .collect()
    }

    /// What was told to be gone is what is gone, each once.
    fn check_removed(
        &self,
        removed: &Removed,
        before: &BTreeSet<Via>,
    ) -> Result<(), TestCaseError> {
        let bindings = removed.bindings.iter().map(|&id| Via::Binding(id));
        let exchanges = removed.exchanges.iter().map(|&id| Via::Alternate(id));
        let told: Vec<_> = bindings.chain(exchanges).collect();
        let gone: BTreeSet<_> = self.gone().difference(before).copied().collect();
        prop_assert_eq!(told.len(), gone.len(), "{:?}", removed);
        prop_assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), gone);
        Ok(())
    }

    /// What is there is what the model has, in its order, and is found from both ends.
    fn check_same(&self) -> Result<(), TestCaseError> {
        let definitions = &self.definitions;
        let exchanges: BTreeSet<_> = definitions
            .exchanges()
            .iter()
            .filter(|exchange| !exchange.deleted && exchange.name.starts_with('e'))
            .map(|exchange| exchange.name.to_string())
            .collect();
        let modelled: BTreeSet<_> = self.model.exchanges.keys().cloned().collect();
        prop_assert_eq!(exchanges, modelled);
        let queues = definitions.queues().iter().filter(|queue| !queue.deleted);
        let queues: BTreeSet<_> = queues.map(|queue| queue.name.to_string()).collect();
        prop_assert_eq!(&queues, &self.model.queues);
        let live = || definitions.bindings().iter().filter(|each| !each.deleted);
        let bindings: Vec<_> = live().map(|binding| self.bound(binding)).collect();
        prop_assert_eq!(&bindings, &self.model.bindings);
        for exchange in definitions.exchanges() {
            let from = live().filter(|binding| binding.source == exchange.id);
            let from: Vec<_> = from.map(|binding| binding.id).collect();
            prop_assert_eq!(&exchange.bindings, &from);
        }
        let queues = definitions.queues().iter();
        let exchanges = definitions.exchanges().iter();
        let ends = queues
            .map(|queue| Destination::Queue(queue.id))
            .chain(exchanges.map(|exchange| Destination::Exchange(exchange.id)));
        for end in ends {
            let to = live().filter(|binding| binding.destination == end);
            let to: Vec<_> = to.map(|binding| binding.id).collect();
            prop_assert_eq!(definitions.bindings_to(end), to);
        }
        Ok(())
    }

    fn bound(&self, binding: &Binding) -> Bound {
        let name = self.definitions.destination_name(binding.destination);
        Bound {
            source: self.definitions.exchange_name(binding.source).to_owned(),
            destination: match binding.destination {
                Destination::Queue(_) => To::Queue(name.to_owned()),
                Destination::Exchange(_) => To::Exchange(name.to_owned()),
            },
            key: binding.key.to_string(),
            arguments: binding.arguments.clone(),
        }
    }
}

// E20
fn split(key: &str) -> Vec<&str> {
    if key.is_empty() {
        Vec::new()
    } else {
        key.split('.').collect()
    }
}

// E20–E24
fn topic(pattern: &[&str], key: &[&str]) -> bool {
    match pattern {
        [] => key.is_empty(),
        ["#", rest @ ..] => (0..=key.len()).any(|taken| topic(rest, &key[taken..])),
        ["*", rest @ ..] => !key.is_empty() && topic(rest, &key[1..]),
        [word, rest @ ..] => key.first() == Some(word) && topic(rest, &key[1..]),
    }
}

// E30–E34
fn headers_match(arguments: &Table, headers: &Table) -> bool {
    let mode = match arguments.get("x-match") {
        Some(Value::Text(mode)) => mode.as_str(),
        _ => "all",
    };
    let counts = |name: &str| match mode {
        "all" | "any" => !name.starts_with("x-"),
        _ => name != "x-match",
    };
    let mut agreements = arguments
        .iter()
        .filter(|(name, _)| counts(name))
        .map(|(name, wanted)| match headers.get(name) {
            None => false,
            Some(got) => *wanted == Value::Void || got == wanted,
        });
    if mode.starts_with("all") {
        agreements.all(|agrees| agrees)
    } else {
        agreements.any(|agrees| agrees)
    }
}

impl Model {
    /// Where the bindings of an exchange lead, each with whether it matches. Of an exchange that chooses, `chosen` says
    /// which it took.
    fn matches(
        &self,
        exchange: &str,
        sent: &Sent,
        chosen: &BTreeMap<String, usize>,
    ) -> Vec<(To, bool)> {
        if exchange.is_empty() {
            // E2
            let queue = |name: &String| (To::Queue(name.clone()), sent.keys.contains(name));
            return self.queues.iter().map(queue).collect();
        }
        let kind = self.exchanges[exchange].kind;
        let bindings = self.bindings.iter().filter(|each| each.source == exchange);
        bindings
            .enumerate()
            .map(|(place, bound)| {
                let mut keys = sent.keys.iter();
                let matches = match kind {
                    ExchangeKind::Direct => sent.keys.contains(&bound.key), // E14, E15
                    ExchangeKind::Fanout | ExchangeKind::RecentHistory => true, // E15, E44
                    ExchangeKind::Topic => keys.any(|key| topic(&split(&bound.key), &split(key))),
                    ExchangeKind::Headers => headers_match(&bound.arguments, &sent.headers),
                    ExchangeKind::LocalRandom
                    | ExchangeKind::ModulusHash
                    | ExchangeKind::Random => {
                        chosen.get(exchange) == Some(&place) // E16, E43
                    }
                    ExchangeKind::ConsistentHash
                    | ExchangeKind::Delayed
                    | ExchangeKind::Unknown => false,
                };
                (bound.destination.clone(), matches)
            })
            .collect()
    }

    /// The effective alternate exchange, if it is there (E13).
    fn alternate(&self, exchange: &str) -> Option<&'static str> {
        let there = self.exchanges.get(exchange)?;
        let name = there.argued.or(there.policy)?;
        (name.is_empty() || self.exchanges.contains_key(name)).then_some(name)
    }

    /// The exchanges a message gets to and the queues that get a copy (E12): follow matching bindings, or alternate
    /// exchanges where none matches (E13), until nothing is new.
    fn reach(
        &self,
        exchange: &str,
        sent: &Sent,
        chosen: &BTreeMap<String, usize>,
    ) -> (BTreeSet<String>, BTreeSet<String>) {
        let mut exchanges = BTreeSet::from([exchange.to_owned()]);
        let mut queues = BTreeSet::new();
        loop {
            let before = (exchanges.len(), queues.len());
            for exchange in exchanges.clone() {
                let matches = self.matches(&exchange, sent, chosen);
                let matching = || matches.iter().filter(|(_, matched)| *matched);
                for (to, _) in matching() {
                    match to {
                        To::Queue(name) => queues.insert(name.clone()),
                        To::Exchange(name) => exchanges.insert(name.clone()),
                    };
                }
                if matching().next().is_none() {
                    exchanges.extend(self.alternate(&exchange).map(str::to_owned));
                }
            }
            if before == (exchanges.len(), queues.len()) {
                return (exchanges, queues);
            }
        }
    }
}

/// A way leads from where the message was published, along what matched, to its queue.
fn check_path(
    definitions: &Definitions,
    exchange: ExchangeId,
    route: &Route,
    index: usize,
    queue: Destination,
) -> Result<(), TestCaseError> {
    let mut at = Destination::Exchange(exchange);
    for via in route.path(index) {
        prop_assert!(route.matched().contains(&via));
        let (from, to) = match via {
            Via::Binding(id) => {
                let binding = definitions.binding(id).unwrap();
                (binding.source, binding.destination)
            }
            Via::Implicit(queue) => (Definitions::DEFAULT_EXCHANGE, Destination::Queue(queue)),
            Via::Alternate(from) => {
                let to = definitions.alternate(from).unwrap();
                (from, Destination::Exchange(to))
            }
        };
        prop_assert_eq!(at, Destination::Exchange(from));
        at = to;
    }
    prop_assert_eq!(at, queue);
    Ok(())
}

/// Which binding each exchange that chooses took: exactly one, if it has any (E16).
fn choices(
    definitions: &Definitions,
    told: &Explanation,
) -> Result<BTreeMap<String, usize>, TestCaseError> {
    let mut chosen = BTreeMap::new();
    for visit in &told.visits {
        let exchange = definitions.exchange(visit.exchange).unwrap();
        if matches!(
            exchange.kind,
            ExchangeKind::LocalRandom | ExchangeKind::ModulusHash | ExchangeKind::Random
        ) {
            let mut taken = visit.verdicts.iter().map(|verdict| verdict.matched());
            let place = taken.position(|taken| taken);
            prop_assert_eq!(place.is_none(), exchange.bindings.is_empty());
            prop_assert!(!taken.any(|taken| taken), "one only");
            chosen.extend(place.map(|place| (exchange.name.to_string(), place)));
        }
    }
    Ok(chosen)
}

/// What a verdict says in words bears out what it says in short.
fn check_why(
    kind: ExchangeKind,
    matched: bool,
    key: &str,
    sent: &str,
    headers: &Table,
    why: &Why,
) -> Result<(), TestCaseError> {
    match (kind, why) {
        (ExchangeKind::Direct, Why::Key) => prop_assert_eq!(matched, key == sent),
        (ExchangeKind::Direct, Why::QueueName) => prop_assert_eq!(matched, key == sent), // E2
        (ExchangeKind::Fanout, Why::Always) => prop_assert!(matched),
        (ExchangeKind::RecentHistory, Why::History) => prop_assert!(matched), // E44
        (ExchangeKind::LocalRandom | ExchangeKind::Random, Why::Chance { chosen })
        | (ExchangeKind::ModulusHash, Why::Hash { chosen }) => prop_assert_eq!(matched, *chosen),
        (ExchangeKind::Topic, Why::Topic { words: told, miss }) => {
            prop_assert_eq!(matched, miss.is_none());
            let pattern: Vec<_> = told.iter().map(|word| word.pattern.as_str()).collect();
            prop_assert_eq!(pattern, split(key), "every word of the pattern is there");
            let taken: Vec<_> = told
                .iter()
                .flat_map(|word| &word.took)
                .map(|word| word.as_str())
                .collect();
            let of_key = split(sent);
            prop_assert!(of_key.starts_with(&taken), "words are taken in order");
            for word in told.iter().filter(|word| !word.took.is_empty()) {
                let took: Vec<_> = word.took.iter().map(|word| word.as_str()).collect();
                prop_assert!(topic(&[&word.pattern], &took), "{:?}", word);
            }
            if matched {
                prop_assert_eq!(taken, of_key, "no word of the key is left");
                prop_assert!(
                    told.iter()
                        .all(|word| *word.pattern == *"#" || word.took.len() == 1)
                );
            }
        }
        (
            ExchangeKind::Headers,
            Why::Headers {
                mode,
                checks,
                decisive,
            },
        ) => {
            for check in checks {
                prop_assert_eq!(headers.get(&check.name), check.got.as_ref());
            }
            let agreeing = checks.iter().filter(|check| check.agrees).count();
            let expected = if mode.wants_all() {
                agreeing == checks.len()
            } else {
                agreeing > 0
            };
            prop_assert_eq!(matched, expected);
            if let Some(decisive) = decisive {
                prop_assert_eq!(checks[*decisive].agrees, matched);
            }
        }
        (kind, why) => return Err(TestCaseError::fail(format!("{kind}: {why:?}"))),
    }
    Ok(())
}

fn check(both: &Both, sent: &Sent, route: &mut Route) -> Result<(), TestCaseError> {
    let Both { definitions, model } = both;
    let name = match sent.exchange {
        0 => String::new(),
        number => format!("e{}", number - 1),
    };
    let Some(exchange) = both.id(&name) else {
        return Ok(());
    };
    let names: Vec<Name> = sent.keys.iter().map(|key| key.as_str().into()).collect();
    let keys = Keys {
        key: &names[0],
        also: &names[1..],
    };
    let (headers, chance) = (&sent.headers, sent.chance);
    definitions.route(exchange, keys, headers, chance, route);
    let routed: Vec<_> = route.queues().collect();
    let told = definitions.explain(exchange, keys, headers, chance);
    prop_assert_eq!(&told.queues, &routed);
    prop_assert_eq!(told.matched().collect::<Vec<_>>(), route.matched());

    let chosen = choices(definitions, &told)?;
    let (exchanges, queues) = model.reach(&name, sent, &chosen);
    let named = |&queue| definitions.queue_name(queue).to_owned();
    prop_assert_eq!(routed.iter().map(named).collect::<BTreeSet<_>>(), queues);
    for (index, &queue) in routed.iter().enumerate() {
        prop_assert!(!routed[..index].contains(&queue), "one copy each");
        check_path(
            definitions,
            exchange,
            route,
            index,
            Destination::Queue(queue),
        )?;
    }
    prop_assert_eq!(told.visits.len(), exchanges.len(), "each exchange once");
    let visited = told.visits.iter();
    let visited = visited.map(|visit| definitions.exchange_name(visit.exchange).to_owned());
    prop_assert_eq!(visited.collect::<BTreeSet<_>>(), exchanges);

    let mut passed = BTreeSet::from([Destination::Exchange(exchange)]);
    for visit in &told.visits {
        let source = definitions.exchange(visit.exchange).unwrap();
        let mut expected = model.matches(&source.name, sent, &chosen);
        if source.name.is_empty() {
            // The model has queues by name, the broker by number.
            let number = |to: &To| both.to(to);
            expected.sort_by_key(|(to, _)| number(to));
        }
        prop_assert_eq!(visit.verdicts.len(), expected.len(), "every binding");
        for (verdict, (to, matched)) in visit.verdicts.iter().zip(&expected) {
            prop_assert_eq!(Some(verdict.destination), both.to(to));
            prop_assert_eq!(verdict.matched(), *matched, "{:?}", verdict);
            if *matched {
                let first = passed.insert(verdict.destination);
                let effect = if first {
                    Effect::Passed
                } else {
                    Effect::Already
                };
                prop_assert_eq!(verdict.effect, effect);
            }
            let by = verdict.by.as_deref().unwrap_or(&sent.keys[0]);
            prop_assert!(sent.keys.iter().any(|key| key == by));
            check_why(
                source.kind,
                *matched,
                &verdict.key,
                by,
                headers,
                &verdict.why,
            )?;
        }
        let alternate = model.alternate(&source.name);
        let told = visit.alternate.as_ref();
        prop_assert_eq!(
            told.and_then(|told| told.exchange),
            alternate.and_then(|name| both.id(name))
        );
        if let Some(told) = told {
            let used = match told.exchange {
                _ if expected.iter().any(|(_, matched)| *matched) => AlternateUse::NotNeeded,
                None => AlternateUse::Missing,
                Some(to) if passed.insert(Destination::Exchange(to)) => AlternateUse::Passed,
                Some(_) => AlternateUse::Already,
            };
            prop_assert_eq!(told.used, used);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(1_500))]

    // E2, E5, E9–E16, E20–E25, E30–E34, R4
    #[test]
    fn the_router_and_its_explanation_agree_with_the_rules(
        deeds in deeds(),
        sent in prop::collection::vec(sent(), 1..12),
    ) {
        let mut both = Both::new();
        let mut route = Route::default();
        for (deed, count) in deeds.iter().zip(0..) {
            both.does(deed)?;
            if count % 8 == 7 {
                check(&both, &sent[count % sent.len()], &mut route)?;
            }
        }
        for sent in &sent {
            check(&both, sent, &mut route)?;
        }
    }

    // E20–E24, with longer keys and many patterns in one trie, of which some are taken out again.
    #[test]
    fn one_trie_of_many_patterns_matches_as_each_alone(
        patterns in prop::collection::vec(key(), 1..40),
        gone in prop::collection::vec(0..40_usize, 0..20),
        keys in prop::collection::vec(prop::collection::vec(select(vec!["", "a", "b", "#"]), 0..8), 1..8),
    ) {
        let mut both = Both::new();
        let exchange = Deed::Exchange {
            exchange: 0,
            kind: ExchangeKind::Topic,
            durable: true,
            auto_delete: false,
            alternate: None,
        };
        both.does(&exchange)?;
        both.does(&Deed::Queue(0))?;
        for key in &patterns {
            let bound = Bound {
                source: "e0".to_owned(),
                destination: To::Queue("q0".to_owned()),
                key: key.clone(),
                arguments: Table::new(),
            };
            both.does(&Deed::Bind(bound))?;
        }
        for place in gone {
            both.does(&Deed::Unbind(place))?;
        }
        let mut route = Route::default();
        for key in keys {
            let key = key.join(".");
            prop_assert_eq!(words(&key).collect::<Vec<_>>(), split(&key));
            let sent = Sent { exchange: 1, keys: vec![key], headers: Table::new(), chance: 0 };
            check(&both, &sent, &mut route)?;
        }
    }
}
