//! What is drawn of a world's graph, and what is said of the rest: no binding is left out silently, no name is blank, and
//! what a policy says is said while it is so.

use std::collections::{BTreeMap, BTreeSet};

use leveret::broker::{Definitions, ExchangeKind, ExchangeSpec, Micros, QueueId, Target, Value};
use leveret::export::dot;
use leveret::geometry::Rect;
use leveret::scenario::load_str;
use leveret::scene::measure::text_width;
use leveret::scene::{PART_MOST, Shape, Show, View};
use leveret::topology::{EdgeKey, Lines, NodeKey};
use leveret::words::{binding_parts, shown};
use leveret::world::{
    BindingSetup, ConsumerSetup, MessageSetup, PublisherSetup, QueueSetup, Setup,
};
use proptest::prelude::*;
use proptest::sample::select;

/// What a picture says at a moment.
fn said(show: &Show, at: Micros) -> Vec<String> {
    let picture = show.picture(show.director().moment(at), View::default());
    let shapes = picture.scene.shapes.iter();
    let texts = shapes.filter_map(|shape| match shape {
        Shape::Text(text) => Some(text.line().to_string()),
        _ => None,
    });
    texts.collect()
}

fn opened(text: &str, until: Micros) -> Show {
    let scenario = load_str("drawn.ron", text).unwrap();
    let mut show = Show::new(&scenario.setup).unwrap();
    show.run_to(until);
    show
}

/// Keys and names that are hard to see, and some that are not.
const ODD: [&str; 9] = [
    "",
    " ",
    "a",
    "\u{200b}",
    "kern.*",
    "\"\"",
    "\u{7}",
    "x ",
    "a key that is far too long to stand in a pill beside its line",
];

fn consumer(name: &str, queue: &str) -> ConsumerSetup {
    ConsumerSetup {
        name: name.into(),
        queue: queue.into(),
        ..ConsumerSetup::default()
    }
}

fn binding(exchanges: usize, queues: usize) -> impl Strategy<Value = BindingSetup> {
    let to = (any::<bool>(), 0..exchanges, 0..queues);
    let headers = prop::collection::vec((select(&ODD[1..]), select(&ODD[..])), 0..7);
    (0..exchanges, to, select(&ODD[..]), headers).prop_map(
        |(source, (to_exchange, exchange, queue), key, headers)| BindingSetup {
            source: format!("e{source}").into(),
            destination: match to_exchange {
                true => Target::Exchange(format!("e{exchange}").into()),
                false => Target::Queue(format!("q{queue}").into()),
            },
            key: key.into(),
            arguments: headers
                .into_iter()
                .map(|(name, value)| (name.into(), Value::Text(value.into())))
                .collect(),
            latency: None,
        },
    )
}

/// Exchanges of several types, queues, and many bindings between few of them or few between many.
fn graph() -> impl Strategy<Value = Setup> {
    let kinds = [
        ExchangeKind::Direct,
        ExchangeKind::Fanout,
        ExchangeKind::Topic,
        ExchangeKind::Headers,
        ExchangeKind::Random,
    ];
    (1..6_usize, 1..16_usize).prop_flat_map(move |(exchanges, queues)| {
        let kinds = prop::collection::vec(select(kinds.to_vec()), exchanges);
        let bindings = prop::collection::vec(binding(exchanges, queues), 0..70);
        (kinds, bindings, any::<bool>()).prop_map(move |(kinds, bindings, by_default)| {
            let named = kinds.into_iter().enumerate();
            let exchange = |(index, kind)| ExchangeSpec::new(format!("e{index}"), kind);
            Setup {
                exchanges: named.map(exchange).collect(),
                queues: (0..queues)
                    .map(|id| QueueSetup::new(format!("q{id}")))
                    .collect(),
                bindings,
                publishers: vec![PublisherSetup {
                    exchange: if by_default { "" } else { "e0" }.into(),
                    messages: vec![MessageSetup::default()],
                    name: "you".into(),
                    ..PublisherSetup::default()
                }],
                consumers: vec![consumer("c", "q0")],
                ..Setup::default()
            }
        })
    })
}

/// Holds that each binding is drawn with what its exchange compares, or is counted at its ends.
fn nothing_is_missing(show: &Show) -> Result<(), TestCaseError> {
    let plan = &show.plan;
    let definitions = show.history().head().definitions();
    let texts = said(show, Micros::ZERO);
    for binding in definitions.bindings() {
        let edge = plan.whole().drawn_edge(EdgeKey::Binding(binding.id));
        prop_assert!(plan.whole().edge(edge).is_some());
        let is_drawn = plan.topology.edge(edge).is_some();
        if !is_drawn {
            continue;
        }
        let route = plan.layout.edges.get(&edge);
        let route = route.expect("a way for each line that is drawn");
        let kind = definitions.exchange(binding.source).unwrap().rule;
        let parts = binding_parts(kind, &binding.key, &binding.arguments);
        let words = plan.words_at(edge);
        prop_assert!(route.label.is_some() || parts.is_empty(), "{parts:?}");
        let is_whole = |word: &str, part: &str| match word.strip_suffix('…') {
            Some(begin) => part.starts_with(begin) && begin.len() > 5,
            None => word == part,
        };
        for (place, part) in parts.iter().enumerate() {
            let is_there = words.iter().any(|word| is_whole(word, part));
            // Of many headers the last are counted.
            let more = format!("+{}", parts.len().saturating_sub(4));
            let is_counted = place >= 4 && words.iter().any(|word| **word == *more);
            prop_assert!(is_there || is_counted, "{part:?} of {words:?}");
        }
        for word in words {
            prop_assert!(texts.iter().any(|text| **text == **word), "{word:?}");
        }
    }
    let mut hidden: BTreeMap<NodeKey, Lines> = BTreeMap::new();
    for edge in plan.whole().edges() {
        // What leads to a queue by its name is a binding too, which nobody made (E2).
        if !matches!(edge.key, EdgeKey::Binding(_) | EdgeKey::Implicit(_)) {
            continue;
        }
        for end in BTreeSet::from([edge.from, edge.to]) {
            let lines = hidden.entry(end).or_default();
            lines.of += 1;
            lines.bindings += usize::from(plan.topology.edge(edge.key).is_none());
        }
    }
    hidden.remove(&NodeKey::Exchange(Definitions::DEFAULT_EXCHANGE));
    for node in plan.topology.nodes() {
        let lines = hidden.get(&node.key).copied().unwrap_or_default();
        if lines.bindings == 0 {
            continue;
        }
        let counted = plan
            .left_out()
            .at
            .get(&node.key)
            .copied()
            .unwrap_or_default();
        prop_assert_eq!((counted.bindings, counted.of), (lines.bindings, lines.of));
        let note = format!("{} of {} binding", lines.bindings, lines.of);
        prop_assert!(
            texts.iter().any(|text| text.starts_with(&note)),
            "{note} in {texts:?}"
        );
    }
    // Between two nodes that are drawn there are as many lines as are drawn and counted there.
    let both = |key: EdgeKey| {
        let edge = plan.whole().edge(key).unwrap();
        plan.topology.node(edge.from).is_some() && plan.topology.node(edge.to).is_some()
    };
    let between = plan.whole().edges().filter(|edge| both(edge.key)).count();
    let drawn = plan.topology.edges().count();
    prop_assert_eq!(between, drawn + plan.left_out().beside());
    for (&edge, count) in &plan.left_out().beside {
        let note = format!("+{count} binding");
        let words = plan.words_at(edge);
        prop_assert!(
            words.iter().any(|word| word.starts_with(&note)),
            "{words:?}"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn each_binding_is_drawn_with_its_key_or_is_counted_where_it_would_be(
        setup in graph(),
        center in any::<prop::sample::Index>(),
        most in 1..PART_MOST,
    ) {
        let mut show = Show::new(&setup).unwrap();
        nothing_is_missing(&show)?;
        let nodes: Vec<_> = show.plan.whole().nodes().map(|node| node.key).collect();
        show.look_around(nodes[center.index(nodes.len())], most);
        nothing_is_missing(&show)?;
        show.look_around(nodes[center.index(nodes.len())], 2);
        nothing_is_missing(&show)?;
    }

    #[test]
    fn nothing_that_is_said_is_blank(names in prop::collection::vec("[ a\u{200b}\u{7}\u{a0}\u{feff}\"]{1,3}", 6)) {
        let [exchange, queue, publisher, consumer, key, header] = &names[..] else {
            unreachable!("six names")
        };
        let message = MessageSetup { key: key.as_str().into(), ..MessageSetup::default() };
        let setup = Setup {
            exchanges: vec![ExchangeSpec::new(exchange.as_str(), ExchangeKind::Headers)],
            queues: vec![QueueSetup::new(queue.as_str())],
            bindings: vec![BindingSetup {
                source: exchange.as_str().into(),
                destination: Target::Queue(queue.as_str().into()),
                key: "".into(),
                arguments: [(header.as_str().into(), Value::Text(key.as_str().into()))].into(),
                latency: None,
            }],
            publishers: vec![PublisherSetup {
                exchange: exchange.as_str().into(),
                messages: vec![message],
                name: publisher.as_str().into(),
                ..PublisherSetup::default()
            }],
            consumers: vec![self::consumer(consumer, queue)],
            ..Setup::default()
        };
        let mut show = Show::new(&setup).unwrap();
        show.run_to(Micros::from_secs(3));
        let marks = |text: &str| shown(text.trim()) == text.trim() && !text.trim().is_empty();
        for at in 0..30 {
            for text in said(&show, Micros::from_millis(100 * at)) {
                // What stands in quotes can be seen, and no letter of it hides.
                let bare: String = text.chars().filter(|letter| *letter != '"').collect();
                prop_assert!(text.contains('"') || marks(&text), "{text:?}");
                prop_assert!(!bare.contains(['\u{200b}', '\u{7}', '\u{a0}', '\u{feff}']), "{text:?}");
            }
        }
        let dot = dot(&show.plan.topology, show.plan.left_out(), show.history().head());
        prop_assert!(!dot.contains("label=\"\"") && !dot.contains(['\u{200b}', '\u{7}', '\u{a0}', '\u{feff}']), "{dot}");
    }
}

#[test]
fn of_ten_thousand_queues_a_part_says_what_it_leaves_out() {
    let queues = 10_000;
    let bindings = (0..queues).flat_map(|id| {
        let binding = |key: &str| BindingSetup {
            source: "all".into(),
            destination: Target::Queue(format!("q{id}").into()),
            key: key.into(),
            arguments: [].into(),
            latency: None,
        };
        [binding("a"), binding("")]
    });
    let setup = Setup {
        exchanges: vec![ExchangeSpec::new("all", ExchangeKind::Direct)],
        queues: (0..queues)
            .map(|id| QueueSetup::new(format!("q{id}")))
            .collect(),
        bindings: bindings.collect(),
        ..Setup::default()
    };
    let show = Show::new(&setup).unwrap();
    let drawn = show.plan.topology.edges().count();
    let note = "19,980 of 20,000 bindings not drawn".to_owned();
    assert_eq!(drawn, 20);
    let texts = said(&show, Micros::ZERO);
    assert!(texts.contains(&note), "{texts:?}");
    // No key lies on what is said.
    let at = show.director().moment(Micros::ZERO);
    for shape in &show.picture(at, View::default()).scene.shapes {
        let Shape::Text(text) = shape else { continue };
        if *text.text == *note {
            let width = text_width(&text.text, text.font, text.size);
            let place = Rect::from_center_size(text.at, width, text.size);
            let mut keys = show
                .plan
                .layout
                .edges
                .values()
                .filter_map(|route| route.label);
            assert!(!keys.any(|key| key.intersects(&place)));
        }
    }
    let told = show.plan.left_out();
    assert_eq!(told.lines, 19_980);
    let queue = NodeKey::Queue(QueueId(0));
    assert!(
        !told.at.contains_key(&queue),
        "both of its bindings are drawn"
    );
}

#[test]
fn what_the_default_exchange_leads_to_and_nobody_uses_is_counted() {
    let show = opened(
        r#"(
            queues: ["a", "b", "c"],
            publishers: { "you": (to: "", every: "1s", count: 1, keys: ["a"]) },
            consumers: {
                "answers": (queue: "a", publishes: (to: "", key: "b")),
            },
            exchanges: { "other": direct },
            bindings: [],
        )"#,
        Micros::from_secs(2),
    );
    let texts = said(&show, Micros::from_secs(1));
    let drawn = show.plan.topology.edges();
    let drawn = drawn
        .filter(|edge| matches!(edge.key, EdgeKey::Implicit(_)))
        .count();
    let note = format!("{} of 3 bindings not drawn", 3 - drawn);
    assert_eq!(texts.contains(&note), drawn < 3, "{drawn}: {texts:?}");
}

const POLICIES: &str = r#"(
    until: "20s",
    exchanges: { "mail": fanout, "dead": fanout, "rest": fanout },
    queues: ["inbox", "tmp"],
    bindings: [(from: "mail", to: "tmp"), (from: "dead", to: "inbox")],
    policies: {
        "short": (pattern: "^tmp", apply_to: queues, set: {"message-ttl": 3000}),
    },
    script: [
        (at: "4s", set_policy: (name: "long", pattern: "^tmp", apply_to: queues, priority: 9,
            set: {"message-ttl": 60000, "max-length": 4, "dead-letter-exchange": "dead", "dead-letter-routing-key": "late"})),
        (at: "6s", set_policy: (name: "ways", pattern: "^mail", apply_to: exchanges, set: {"alternate-exchange": "rest"})),
        (at: "8s", clear_policy: "long"),
        (at: "10s", clear_policy: "ways"),
        (at: "12s", clear_policy: "short"),
    ],
)"#;

#[test]
fn what_a_policy_says_is_said_for_as_long_as_it_is_there_wherever_the_run_has_got_to() {
    for until in [None, Some(20)] {
        for (at, wanted) in [
            (2, Some("TTL 3 s · policy short")),
            (5, Some("TTL 60 s · at most 4")),
            (9, Some("TTL 3 s · policy short")),
            (13, None),
        ] {
            let show = opened(POLICIES, Micros::from_secs(until.unwrap_or(at)));
            let texts = said(&show, Micros::from_secs(at));
            let words: Vec<_> = texts
                .iter()
                .filter(|text| text.contains("TTL") || text.contains("policy"))
                .collect();
            match wanted {
                None => assert!(words.is_empty(), "{at} s: {words:?}"),
                Some(wanted) => {
                    let is_said = words.len() == 1 && words[0].starts_with(wanted);
                    assert!(is_said, "{at} s: {texts:?}");
                }
            }
        }
    }
}

#[test]
fn the_ways_that_a_policy_opens_are_open_while_it_is_there() {
    let show = opened(POLICIES, Micros::from_secs(20));
    let topology = &show.plan.topology;
    let open = |at: u64, is_it: fn(EdgeKey) -> bool| {
        let moment = show.director().moment(Micros::from_secs(at));
        let edge = topology
            .edges()
            .find(|edge| is_it(edge.key))
            .expect("the way is drawn");
        show.stage(moment).is_open(edge.key, topology)
    };
    let letters = |key| matches!(key, EdgeKey::DeadLetter { .. });
    let alternate = |key| matches!(key, EdgeKey::Alternate(_));
    assert_eq!(
        [2, 5, 7, 9].map(|at| open(at, letters)),
        [false, true, true, false]
    );
    assert_eq!(
        [5, 7, 9, 11].map(|at| open(at, alternate)),
        [false, true, true, false]
    );
}

#[test]
fn a_thing_that_was_declared_anew_says_what_it_is_now() {
    let text = r#"(
        until: "20s",
        exchanges: { "x": direct },
        queues: { "q": (ttl: "7s") },
        bindings: [],
        publishers: { "you": (to: "x", every: "1s", count: 1, keys: ["k"]) },
        script: [
            (at: "3s", delete_queue: "q"),
            (at: "5s", declare_queue: (name: "q", ttl: "9s")),
        ],
    )"#;
    let show = opened(text, Micros::from_secs(20));
    let has = |at, words: &str| {
        let texts = said(&show, Micros::from_secs(at));
        texts.iter().any(|text| text.contains(words))
    };
    assert!(has(2, "TTL 7 s") && !has(2, "TTL 9 s"));
    assert!(has(7, "TTL 9 s") && !has(7, "TTL 7 s"));
}
