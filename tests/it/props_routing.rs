//! The router against the rules, written out plainly; and the explanation against the router.

use std::collections::BTreeSet;

use leveret::broker::{
    Broker, Definitions, Destination, Effect, EventId, ExchangeId, ExchangeKind, Keys, QueueId,
    Route, Table, Value, Via, Why, words,
};
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::{Record, bind_queue, cases, declare_exchange, declare_queue, table};

/// A binding to make: between which, with which key and arguments.
#[derive(Clone, Debug)]
struct Bound {
    source: usize,
    /// Below the number of queues a queue, from there on an exchange.
    destination: usize,
    key: String,
    arguments: Table,
}

#[derive(Clone, Debug)]
struct Topology {
    kinds: Vec<ExchangeKind>,
    queues: usize,
    bindings: Vec<Bound>,
}

#[derive(Clone, Debug)]
struct Sent {
    exchange: usize,
    key: String,
    headers: Table,
}

/// So few words that they meet.
fn key() -> impl Strategy<Value = String> {
    prop::collection::vec(select(vec!["", "a", "b", "*", "#"]), 0..5)
        .prop_map(|words| words.join("."))
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

fn topology() -> impl Strategy<Value = Topology> {
    (
        prop::collection::vec(select(ExchangeKind::ALL[..4].to_vec()), 1..6),
        1..5_usize,
    )
        .prop_flat_map(|(kinds, queues)| {
            let binding = (0..kinds.len(), 0..queues + kinds.len(), key(), arguments()).prop_map(
                |(source, destination, key, arguments)| Bound {
                    source,
                    destination,
                    key,
                    arguments,
                },
            );
            prop::collection::vec(binding, 0..16).prop_map(move |bindings| Topology {
                kinds: kinds.clone(),
                queues,
                bindings,
            })
        })
}

fn sent() -> impl Strategy<Value = Sent> {
    (0..6_usize, key(), fields()).prop_map(|(exchange, key, headers)| Sent {
        exchange,
        key,
        headers,
    })
}

impl Topology {
    fn build(&self) -> Broker {
        let mut broker = Broker::new();
        let mut tell = |command| {
            broker
                .handle(command, EventId(0), &mut Record::default())
                .unwrap()
        };
        for (index, &kind) in self.kinds.iter().enumerate() {
            tell(declare_exchange(&format!("e{index}"), kind));
        }
        for index in 0..self.queues {
            tell(declare_queue(&format!("q{index}")));
        }
        for bound in &self.bindings {
            let source = format!("e{}", bound.source);
            tell(if bound.destination < self.queues {
                let queue = format!("q{}", bound.destination);
                bind_queue(&source, &queue, &bound.key, bound.arguments.clone())
            } else {
                leveret::broker::Command::BindExchange {
                    source: source.as_str().into(),
                    destination: format!("e{}", bound.destination - self.queues).into(),
                    key: bound.key.as_str().into(),
                    arguments: bound.arguments.clone(),
                }
            });
        }
        broker
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

fn matches(kind: ExchangeKind, key: &str, arguments: &Table, sent: &Sent) -> bool {
    match kind {
        ExchangeKind::Direct => key == sent.key, // E15
        ExchangeKind::Fanout => true,            // E15
        ExchangeKind::Topic => topic(&split(key), &split(&sent.key)),
        ExchangeKind::Headers => headers_match(arguments, &sent.headers),
        ExchangeKind::LocalRandom | ExchangeKind::ModulusHash => {
            unreachable!("these choose among their bindings")
        }
    }
}

/// The exchanges a message gets to and the queues that get a copy (E12): follow matching bindings until nothing is new.
fn brute_force(
    definitions: &Definitions,
    exchange: ExchangeId,
    sent: &Sent,
) -> (BTreeSet<ExchangeId>, BTreeSet<QueueId>) {
    let mut exchanges = BTreeSet::from([exchange]);
    let mut queues = BTreeSet::new();
    loop {
        let before = (exchanges.len(), queues.len());
        for binding in definitions.bindings() {
            let kind = definitions.exchange(binding.source).unwrap().kind;
            if exchanges.contains(&binding.source)
                && matches(kind, &binding.key, &binding.arguments, sent)
            {
                match binding.destination {
                    Destination::Queue(queue) => queues.insert(queue),
                    Destination::Exchange(exchange) => exchanges.insert(exchange),
                };
            }
        }
        if before == (exchanges.len(), queues.len()) {
            return (exchanges, queues);
        }
    }
}

/// A way leads from where the message was published, along bindings that match, to its queue.
fn check_path(
    definitions: &Definitions,
    exchange: ExchangeId,
    route: &Route,
    index: usize,
    queue: QueueId,
) -> Result<(), TestCaseError> {
    let mut at = Destination::Exchange(exchange);
    for via in route.path(index) {
        prop_assert!(route.matched().contains(&via));
        let Via::Binding(id) = via else {
            return Err(TestCaseError::fail("implicit"));
        };
        let binding = definitions.binding(id).unwrap();
        prop_assert_eq!(at, Destination::Exchange(binding.source));
        at = binding.destination;
    }
    prop_assert_eq!(at, Destination::Queue(queue));
    Ok(())
}

/// What a verdict says in words bears out what it says in short.
fn check_why(
    kind: ExchangeKind,
    matched: bool,
    key: &str,
    sent: &Sent,
    why: &Why,
) -> Result<(), TestCaseError> {
    match (kind, why) {
        (ExchangeKind::Direct, Why::Key) => prop_assert_eq!(matched, key == sent.key),
        (ExchangeKind::Fanout, Why::Always) => prop_assert!(matched),
        (ExchangeKind::Topic, Why::Topic { words: told, miss }) => {
            prop_assert_eq!(matched, miss.is_none());
            let pattern: Vec<_> = told.iter().map(|word| word.pattern.as_str()).collect();
            prop_assert_eq!(pattern, split(key), "every word of the pattern is there");
            let taken: Vec<_> = told
                .iter()
                .flat_map(|word| &word.took)
                .map(|word| word.as_str())
                .collect();
            let of_key = split(&sent.key);
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

fn check(
    definitions: &Definitions,
    sent: &Sent,
    kinds: usize,
    route: &mut Route,
) -> Result<(), TestCaseError> {
    let name = format!("e{}", sent.exchange % kinds);
    let exchange = definitions.exchange_named(&name).unwrap().id;
    let key = sent.key.as_str().into();
    definitions.route(exchange, Keys::only(&key), &sent.headers, 0, route);
    let routed: Vec<_> = route.queues().collect();

    let (exchanges, queues) = brute_force(definitions, exchange, sent);
    prop_assert_eq!(routed.iter().copied().collect::<BTreeSet<_>>(), queues);
    for (index, &queue) in routed.iter().enumerate() {
        prop_assert!(!routed[..index].contains(&queue), "one copy each");
        check_path(definitions, exchange, route, index, queue)?;
    }

    let told = definitions.explain(exchange, Keys::only(&key), &sent.headers, 0);
    prop_assert_eq!(&told.queues, &routed);
    let visited: Vec<_> = told.visits.iter().map(|visit| visit.exchange).collect();
    prop_assert_eq!(visited.len(), exchanges.len(), "each exchange once");
    prop_assert_eq!(visited.into_iter().collect::<BTreeSet<_>>(), exchanges);

    let mut matched = Vec::new();
    let mut passed = BTreeSet::from([Destination::Exchange(exchange)]);
    for visit in &told.visits {
        let source = definitions.exchange(visit.exchange).unwrap();
        prop_assert_eq!(visit.verdicts.len(), source.bindings.len(), "every binding");
        for (verdict, &id) in visit.verdicts.iter().zip(&source.bindings) {
            let binding = definitions.binding(id).unwrap();
            prop_assert_eq!(verdict.via, Via::Binding(id));
            prop_assert_eq!(verdict.destination, binding.destination);
            let expected = matches(source.kind, &binding.key, &binding.arguments, sent);
            prop_assert_eq!(verdict.matched(), expected, "{:?}", verdict);
            check_why(source.kind, expected, &binding.key, sent, &verdict.why)?;
            if expected {
                matched.push(verdict.via);
                let first = passed.insert(binding.destination);
                let effect = if first {
                    Effect::Passed
                } else {
                    Effect::Already
                };
                prop_assert_eq!(verdict.effect, effect);
            }
        }
    }
    prop_assert_eq!(route.matched(), matched);
    Ok(())
}

proptest! {
    #![proptest_config(cases(1_500))]

    // E12, E15, E20–E24, E30–E34
    #[test]
    fn the_router_and_its_explanation_agree_with_the_rules(
        topology in topology(),
        sent in prop::collection::vec(sent(), 1..6),
    ) {
        let broker = topology.build();
        let mut route = Route::default();
        for sent in &sent {
            check(broker.definitions(), sent, topology.kinds.len(), &mut route)?;
        }
    }

    // E20–E24, with longer keys and many patterns in one trie.
    #[test]
    fn one_trie_of_many_patterns_matches_as_each_alone(
        patterns in prop::collection::vec(key(), 1..40),
        keys in prop::collection::vec(prop::collection::vec(select(vec!["", "a", "b", "#"]), 0..8), 1..8),
    ) {
        let bindings = patterns.iter().map(|key| Bound {
            source: 0,
            destination: 0,
            key: key.clone(),
            arguments: table([]),
        });
        let topology = Topology {
            kinds: vec![ExchangeKind::Topic],
            queues: 1,
            bindings: bindings.collect(),
        };
        let broker = topology.build();
        let mut route = Route::default();
        for key in keys {
            let key = key.join(".");
            prop_assert_eq!(words(&key).collect::<Vec<_>>(), split(&key));
            let sent = Sent { exchange: 0, key, headers: table([]) };
            check(broker.definitions(), &sent, 1, &mut route)?;
        }
    }
}
