//! What exchanges and bindings are declared, found and deleted: rules C17, E1–E17, E25 and R4, by the definitions alone.

use std::collections::BTreeMap;

use leveret::broker::ExchangeKind::{
    self, Direct, Fanout, Headers, LocalRandom, ModulusHash, Topic,
};
use leveret::broker::{
    Alternate, AlternateUse, BindingId, Definitions, Destination, ExchangeId, ExchangeSpec, Keys,
    Name, Profile, QueueId, QueueKind, QueueSpec, Refusal, Removed, ReplyCode, Route, Switches,
    Table, Value, Via, Why, cc_keys,
};

use crate::support::table;

/// Definitions, told what to do by names.
struct Desk {
    definitions: Definitions,
    switches: &'static Switches,
}

fn desk(profile: Profile) -> Desk {
    Desk {
        definitions: Definitions::new("/".into(), None),
        switches: profile.switches(),
    }
}

fn newest() -> Desk {
    desk(Profile::V4_3)
}

fn spec(name: &str, kind: ExchangeKind) -> ExchangeSpec {
    ExchangeSpec::new(name, kind)
}

fn auto_delete(name: &str) -> ExchangeSpec {
    ExchangeSpec {
        auto_delete: true,
        ..spec(name, Fanout)
    }
}

fn with_alternate(name: &str, kind: ExchangeKind, alternate: &str) -> ExchangeSpec {
    ExchangeSpec {
        arguments: table([("alternate-exchange", alternate.into())]),
        ..spec(name, kind)
    }
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> String {
    let refusal = outcome.unwrap_err();
    format!("{} {refusal}", refusal.rule)
}

impl Desk {
    fn declare(&mut self, spec: &ExchangeSpec) -> Result<(ExchangeId, bool), Refusal> {
        self.definitions.declare_exchange(spec, self.switches)
    }

    fn exchange(&mut self, name: &str, kind: ExchangeKind) -> ExchangeId {
        self.declare(&spec(name, kind)).unwrap().0
    }

    fn queue(&mut self, name: &str) -> QueueId {
        self.definitions
            .add_queue(&QueueSpec::new(name), QueueKind::Classic)
    }

    /// A queue if there is one of that name, else an exchange.
    fn to(&self, name: &str) -> Destination {
        match self.definitions.queue_named(name) {
            Some(queue) => Destination::Queue(queue),
            None => Destination::Exchange(self.id(name)),
        }
    }

    fn id(&self, exchange: &str) -> ExchangeId {
        self.definitions.exchange_named(exchange).unwrap().id
    }

    fn try_bind(
        &mut self,
        source: &str,
        to: Destination,
        key: &str,
        arguments: &Table,
    ) -> Result<(BindingId, bool), Refusal> {
        let (source, key) = (source.into(), key.into());
        self.definitions
            .bind(&source, to, &key, arguments, self.switches)
    }

    fn bind(&mut self, source: &str, to: &str, key: &str) -> BindingId {
        let to = self.to(to);
        self.try_bind(source, to, key, &Table::new()).unwrap().0
    }

    fn unbind(&mut self, source: &str, to: &str, key: &str, arguments: &Table) -> Removed {
        let to = self.to(to);
        self.definitions
            .unbind(&source.into(), to, &key.into(), arguments)
            .unwrap()
    }

    /// What is left of the exchanges that were declared.
    fn left(&self) -> String {
        let declared = self.definitions.exchanges().iter().skip(7);
        let left: Vec<_> = declared
            .filter(|exchange| !exchange.deleted)
            .map(|exchange| exchange.name.as_str())
            .collect();
        left.join(" ")
    }

    fn names(&self, exchanges: &[ExchangeId]) -> String {
        let names: Vec<_> = exchanges
            .iter()
            .map(|&id| self.definitions.exchange_name(id))
            .collect();
        names.join(" ")
    }

    /// The queues a message goes to; its explanation must say the same.
    fn route_with(&self, exchange: &str, keys: &[&str], headers: &Table, chance: u64) -> String {
        let keys: Vec<Name> = keys.iter().map(|&key| key.into()).collect();
        let keys = Keys {
            key: &keys[0],
            also: &keys[1..],
        };
        let mut route = Route::default();
        let source = self.id(exchange);
        self.definitions
            .route(source, keys, headers, chance, &mut route);
        let queues: Vec<_> = route.queues().collect();
        let told = self.definitions.explain(source, keys, headers, chance);
        assert_eq!(told.queues, queues);
        assert_eq!(told.matched().collect::<Vec<_>>(), route.matched());
        let names: Vec<_> = queues
            .iter()
            .map(|&queue| self.definitions.queue_name(queue))
            .collect();
        names.join(" ")
    }

    fn route(&self, exchange: &str, key: &str) -> String {
        self.route_with(exchange, &[key], &Table::new(), 0)
    }

    fn alternate(&self, exchange: &str, key: &str) -> Option<Alternate> {
        let key = key.into();
        let told = self
            .definitions
            .explain(self.id(exchange), Keys::only(&key), &Table::new(), 0);
        told.visits[0].alternate.clone()
    }
}

// E1
#[test]
fn the_predeclared_exchanges_are_durable_and_one_is_internal() {
    let desk = newest();
    let there: Vec<_> = desk
        .definitions
        .exchanges()
        .iter()
        .map(|exchange| {
            assert!(exchange.durable && !exchange.auto_delete && !exchange.deleted);
            let internal = if exchange.internal { " internal" } else { "" };
            format!("{} {}{internal}", exchange.name, exchange.kind)
        })
        .collect();
    assert_eq!(
        there,
        [
            " direct",
            "amq.direct direct",
            "amq.fanout fanout",
            "amq.headers headers",
            "amq.match headers",
            "amq.rabbitmq.trace topic internal",
            "amq.topic topic",
        ]
    );
}

// E2
#[test]
fn the_default_exchange_is_not_declared_deleted_bound_or_unbound() {
    let mut desk = newest();
    desk.queue("q");
    let q = desk.to("q");
    let none = Table::new();
    let default = Destination::Exchange(Definitions::DEFAULT_EXCHANGE);
    let expected = "E2 403 ACCESS_REFUSED - operation not permitted on the default exchange";
    let source: Name = "amq.fanout".into();
    for outcome in [
        refusal(desk.declare(&spec("", Direct))),
        refusal(desk.definitions.refuse_predeclared(&"".into())),
        refusal(desk.try_bind("", q, "q", &none)),
        refusal(desk.try_bind("amq.fanout", default, "", &none)),
        refusal(desk.definitions.unbind(&"".into(), q, &"q".into(), &none)),
        refusal(desk.definitions.unbind(&source, default, &"".into(), &none)),
    ] {
        assert_eq!(outcome, expected);
    }
}

// E3
#[test]
fn reserved_exchanges_are_neither_made_nor_deleted_but_may_be_declared_again() {
    let mut desk = newest();
    assert_eq!(
        refusal(desk.declare(&spec("amq.mine", Direct))),
        "E3 403 ACCESS_REFUSED - exchange name 'amq.mine' contains reserved prefix 'amq.*'"
    );
    let topic = desk.id("amq.topic");
    assert_eq!(desk.declare(&spec("amq.topic", Topic)), Ok((topic, false)));
    for name in ["amq.topic", "amq.nothing"] {
        let refused = desk.definitions.refuse_predeclared(&name.into());
        assert_eq!(
            refusal(refused),
            format!(
                "E3 403 ACCESS_REFUSED - deletion of system exchange '{name}' in vhost '/' not allowed"
            )
        );
    }
    assert_eq!(desk.definitions.refuse_predeclared(&"mine".into()), Ok(()));
}

// E5
#[test]
fn an_exchange_declared_again_must_be_the_same_in_what_counts() {
    let mut desk = newest();
    let first = with_alternate("x", Direct, "ae");
    let (x, new) = desk.declare(&first).unwrap();
    assert!(new);
    assert_eq!(desk.declare(&first), Ok((x, false)));
    let mut other_arguments = first.clone();
    other_arguments.arguments.insert("any".into(), 1.into());
    assert_eq!(desk.declare(&other_arguments), Ok((x, false)));
    let generation = desk.definitions.generation();
    let not_durable = ExchangeSpec {
        durable: false,
        ..first.clone()
    };
    let auto_delete = ExchangeSpec {
        auto_delete: true,
        ..first.clone()
    };
    let internal = ExchangeSpec {
        internal: true,
        ..first
    };
    for (spec, differs) in [
        (
            with_alternate("x", Fanout, "ae"),
            "'type' for exchange 'x' in vhost '/': received 'fanout' but current is 'direct'",
        ),
        (
            not_durable,
            "'durable' for exchange 'x' in vhost '/': received 'false' but current is 'true'",
        ),
        (
            auto_delete,
            "'auto_delete' for exchange 'x' in vhost '/': received 'true' but current is 'false'",
        ),
        (
            internal,
            "'internal' for exchange 'x' in vhost '/': received 'true' but current is 'false'",
        ),
        (
            spec("x", Direct),
            "'alternate-exchange' for exchange 'x' in vhost '/': received none but current is the value 'ae' of type 'longstr'",
        ),
        (
            with_alternate("x", Direct, "other"),
            "'alternate-exchange' for exchange 'x' in vhost '/': received 'other' but current is 'ae'",
        ),
    ] {
        assert_eq!(
            refusal(desk.declare(&spec)),
            format!("E5 406 PRECONDITION_FAILED - inequivalent arg {differs}")
        );
    }
    assert_eq!(desk.definitions.generation(), generation);
}

// E6, E16
#[test]
fn a_type_is_known_where_the_release_has_it() {
    for (profile, known) in [
        (Profile::V3_13, [true, true, true, true, false, false]),
        (Profile::V4_2, [true, true, true, true, true, false]),
        (Profile::V4_3, [true; 6]),
    ] {
        for (kind, known) in ExchangeKind::ALL.into_iter().zip(known) {
            let mut desk = desk(profile);
            let read = ExchangeKind::from_name(kind.as_str(), desk.switches);
            let declared = desk.declare(&spec("x", kind));
            if known {
                assert_eq!(read, Ok(kind));
                assert!(declared.unwrap().1);
            } else {
                let expected =
                    format!("E6 406 PRECONDITION_FAILED - unknown exchange type '{kind}'");
                assert_eq!(refusal(read), expected);
                assert_eq!(refusal(declared), expected);
            }
        }
    }
    let none = ExchangeKind::from_name("Direct", newest().switches);
    assert_eq!(
        refusal(none),
        "E6 406 PRECONDITION_FAILED - unknown exchange type 'Direct'"
    );
}

// E7
#[test]
fn an_exchange_is_in_use_as_a_source_and_not_as_a_destination() {
    let mut desk = newest();
    let (source, to) = (desk.exchange("source", Fanout), desk.exchange("to", Fanout));
    desk.bind("source", "to", "");
    assert_eq!(
        refusal(desk.definitions.require_not_in_use(source)),
        "E7 406 PRECONDITION_FAILED - exchange 'source' in vhost '/' in use"
    );
    assert_eq!(desk.definitions.require_not_in_use(to), Ok(()));
    let binding = desk.bind("source", "to", "");
    let removed = desk.definitions.delete_exchange(to);
    assert_eq!(removed.bindings, [binding]);
    assert_eq!(desk.definitions.require_not_in_use(source), Ok(()));
    assert!(desk.definitions.delete_exchange(to).is_empty(), "once");
}

// E8
#[test]
fn an_internal_exchange_is_not_published_to_but_passes_on() {
    let mut desk = newest();
    let inner = ExchangeSpec {
        internal: true,
        ..spec("inner", Fanout)
    };
    desk.declare(&inner).unwrap();
    desk.declare(&with_alternate("other", Direct, "inner"))
        .unwrap();
    desk.exchange("outer", Fanout);
    desk.queue("q");
    desk.bind("outer", "inner", "");
    desk.bind("inner", "q", "");
    assert_eq!(
        refusal(desk.definitions.require_published_to("inner")),
        "E8 403 ACCESS_REFUSED - cannot publish to internal exchange 'inner' in vhost '/'"
    );
    assert_eq!(desk.route("outer", "k"), "q");
    assert_eq!(desk.route("other", "k"), "q");
    assert_eq!(
        refusal(desk.definitions.require_published_to("missing")),
        "E4 404 NOT_FOUND - no exchange 'missing' in vhost '/'"
    );
}

/// A → B → C → D, all auto-delete, and D to a queue.
fn chain() -> Desk {
    let mut desk = newest();
    desk.queue("q");
    for name in ["a", "b", "c", "d"] {
        desk.declare(&auto_delete(name)).unwrap();
    }
    for (source, to) in [("a", "b"), ("b", "c"), ("c", "d"), ("d", "q")] {
        desk.bind(source, to, "");
    }
    desk
}

// E9
#[test]
fn auto_delete_exchanges_go_upstream_with_their_last_binding() {
    let mut desk = chain();
    let d = desk.id("d");
    let removed = desk.definitions.delete_exchange(d);
    assert_eq!(desk.names(&removed.exchanges), "d c b a");
    assert_eq!(removed.bindings, [3, 2, 1, 0].map(BindingId));
    assert_eq!(desk.left(), "");

    let mut desk = chain();
    let q = desk.definitions.queue_named("q").unwrap();
    let removed = desk.definitions.remove_queue(q);
    assert_eq!(desk.names(&removed.exchanges), "d c b a");
    assert_eq!(removed.bindings, [3, 2, 1, 0].map(BindingId));

    let mut desk = chain();
    desk.queue("r");
    let kept = desk.bind("b", "r", "");
    let removed = desk.unbind("d", "q", "", &Table::new());
    assert_eq!(desk.names(&removed.exchanges), "d c");
    assert_eq!(removed.bindings, [3, 2, 1].map(BindingId));
    assert_eq!(desk.left(), "a b", "b has another binding");
    assert_eq!(desk.route("a", ""), "r");
    assert!(!desk.definitions.binding(kept).unwrap().deleted);
}

// E9
#[test]
fn an_exchange_never_bound_or_only_a_destination_stays() {
    let mut desk = newest();
    for name in ["never", "to"] {
        desk.declare(&auto_delete(name)).unwrap();
    }
    desk.exchange("source", Fanout);
    desk.bind("source", "to", "");
    desk.unbind("source", "to", "", &Table::new());
    assert_eq!(desk.left(), "never to source");
}

// E9
#[test]
fn a_ring_of_auto_delete_exchanges_goes_once() {
    let mut desk = newest();
    for name in ["a", "b"] {
        desk.declare(&auto_delete(name)).unwrap();
    }
    for (source, to) in [("a", "b"), ("b", "a"), ("a", "a")] {
        desk.bind(source, to, "");
    }
    let a = desk.id("a");
    let removed = desk.definitions.delete_exchange(a);
    assert_eq!(desk.names(&removed.exchanges), "a b");
    assert_eq!(removed.bindings, [0, 2, 1].map(BindingId));
    assert_eq!(desk.left(), "");
}

// E10
#[test]
fn what_is_missing_is_not_bound_and_is_unbound_already() {
    let mut desk = newest();
    let q = desk.queue("q");
    let x = desk.exchange("x", Fanout);
    let none = Table::new();
    let missing = desk.try_bind("missing", Destination::Queue(q), "", &none);
    assert_eq!(
        refusal(missing),
        "E4 404 NOT_FOUND - no exchange 'missing' in vhost '/'"
    );
    desk.definitions.remove_queue(q);
    desk.definitions.delete_exchange(x);
    for (to, name) in [
        (Destination::Queue(q), "queue 'q'"),
        (Destination::Exchange(x), "exchange 'x'"),
    ] {
        assert_eq!(
            refusal(desk.try_bind("amq.direct", to, "", &none)),
            format!("E10 404 NOT_FOUND - no {name} in vhost '/'")
        );
        for source in ["amq.direct", "missing"] {
            let removed = desk
                .definitions
                .unbind(&source.into(), to, &"".into(), &none);
            assert_eq!(removed, Ok(Removed::default()));
        }
    }
}

// E11
#[test]
fn unbinding_repeats_the_arguments_and_leaves_the_other_binding() {
    let mut desk = newest();
    desk.queue("q");
    for (source, kind) in [("d", Direct), ("t", Topic), ("h", Headers), ("f", Fanout)] {
        desk.exchange(source, kind);
        let to = desk.to("q");
        let (one, two) = (table([("n", 1.into())]), table([("n", 2.into())]));
        let (first, _) = desk.try_bind(source, to, "k", &one).unwrap();
        let (second, _) = desk.try_bind(source, to, "k", &two).unwrap();
        assert_eq!(desk.try_bind(source, to, "k", &one), Ok((first, false)));
        assert!(desk.unbind(source, "q", "k", &Table::new()).is_empty());
        assert!(desk.unbind(source, "q", "other", &one).is_empty());
        let headers = two.clone();
        let removed = desk.unbind(source, "q", "k", &one);
        assert_eq!(removed.bindings, [first]);
        assert_eq!(desk.route_with(source, &["k"], &headers, 0), "q", "{kind}");
        assert_eq!(desk.definitions.bindings_to(to).last(), Some(&second));
        let (again, new) = desk.try_bind(source, to, "k", &one).unwrap();
        assert!(new && again > second, "a new number, at the end");
        let id = desk.id(source);
        let bindings = &desk.definitions.exchange(id).unwrap().bindings;
        assert_eq!(*bindings, [second, again]);
        desk.unbind(source, "q", "k", &two);
        desk.unbind(source, "q", "k", &one);
        assert_eq!(desk.route_with(source, &["k"], &headers, 0), "", "{kind}");
    }
}

// E13
#[test]
fn an_alternate_exchange_is_used_when_nothing_matches() {
    let mut desk = newest();
    for queue in ["known", "rest"] {
        desk.queue(queue);
    }
    let x = desk.declare(&with_alternate("x", Direct, "ae")).unwrap().0;
    assert_eq!(desk.route("x", "k"), "", "a missing one is ignored");
    let alternate = |used, exchange| {
        Some(Alternate {
            name: "ae".into(),
            exchange,
            argued: true,
            used,
        })
    };
    assert_eq!(
        desk.alternate("x", "k"),
        alternate(AlternateUse::Missing, None)
    );
    let ae = desk.exchange("ae", Fanout);
    desk.bind("ae", "rest", "");
    desk.bind("x", "known", "known");
    assert_eq!(desk.route("x", "k"), "rest");
    assert_eq!(desk.route("x", "known"), "known");
    assert_eq!(
        desk.alternate("x", "k"),
        alternate(AlternateUse::Passed, Some(ae))
    );
    assert_eq!(
        desk.alternate("x", "known"),
        alternate(AlternateUse::NotNeeded, Some(ae))
    );
    let mut route = Route::default();
    let key = "k".into();
    let keys = Keys::only(&key);
    desk.definitions
        .route(x, keys, &Table::new(), 0, &mut route);
    let way = [Via::Alternate(x), Via::Binding(BindingId(0))];
    assert_eq!(route.matched(), way);
    assert_eq!(route.path(0), way);
}

// E13: a match that leads nowhere is a match.
#[test]
fn a_match_to_an_exchange_that_leads_nowhere_keeps_the_alternate_out() {
    let mut desk = newest();
    desk.queue("rest");
    desk.declare(&with_alternate("x", Fanout, "ae")).unwrap();
    desk.exchange("ae", Fanout);
    desk.exchange("nowhere", Fanout);
    desk.bind("ae", "rest", "");
    desk.bind("x", "nowhere", "");
    assert_eq!(desk.route("x", "k"), "");
}

// E13
#[test]
fn alternate_exchanges_form_chains_and_cycles() {
    let mut desk = newest();
    desk.queue("rest");
    for (name, alternate) in [("a", "b"), ("b", "c"), ("c", "a")] {
        desk.declare(&with_alternate(name, Direct, alternate))
            .unwrap();
    }
    assert_eq!(desk.route("a", "k"), "", "a cycle ends");
    assert_eq!(desk.route("a", "k"), desk.route("b", "k"));
    desk.bind("c", "rest", "k");
    assert_eq!(desk.route("a", "k"), "rest");
    assert_eq!(desk.route("c", "k"), "rest");
    desk.declare(&with_alternate("own", Direct, "own")).unwrap();
    assert_eq!(
        desk.alternate("own", "k").unwrap().used,
        AlternateUse::Already
    );
    desk.declare(&with_alternate("last", Direct, "")).unwrap();
    assert_eq!(desk.route("last", "rest"), "rest", "E2");
}

// E13
#[test]
fn an_argument_overrides_a_policy_and_must_be_a_name() {
    let mut desk = newest();
    for name in ["argued", "policy"] {
        desk.queue(&format!("q-{name}"));
        desk.exchange(name, Fanout);
        desk.bind(name, &format!("q-{name}"), "");
    }
    let x = desk.exchange("x", Direct);
    let y = desk
        .declare(&with_alternate("y", Direct, "argued"))
        .unwrap()
        .0;
    for id in [x, y] {
        desk.definitions
            .set_policy_alternate(id, Some("policy".into()));
    }
    assert_eq!(desk.route("x", "k"), "q-policy");
    assert_eq!(desk.route("y", "k"), "q-argued");
    for id in [x, y] {
        desk.definitions.set_policy_alternate(id, None);
    }
    assert_eq!(desk.route("x", "k"), "");
    assert_eq!(desk.route("y", "k"), "q-argued");
    let number = ExchangeSpec {
        arguments: table([("alternate-exchange", 1.into())]),
        ..spec("z", Direct)
    };
    assert_eq!(
        refusal(desk.declare(&number)),
        "E13 406 PRECONDITION_FAILED - invalid type 'signedint' for arg 'alternate-exchange' in exchange 'z' in vhost '/'"
    );
}

// E14
#[test]
fn further_keys_come_from_arrays_of_text() {
    let array = |values: &[Value]| Value::Array(values.to_vec());
    let headers = table([
        ("CC", array(&["a".into(), 1.into(), "b".into()])),
        ("BCC", array(&["c".into(), Value::Void])),
        ("cc", "not looked at".into()),
    ]);
    let names = |keys: &[&str]| keys.iter().map(|&key| key.into()).collect::<Vec<Name>>();
    assert_eq!(cc_keys(&headers), Ok((names(&["a", "b"]), names(&["c"]))));
    assert_eq!(cc_keys(&Table::new()), Ok((names(&[]), names(&[]))));
    for header in ["CC", "BCC"] {
        let refused = cc_keys(&table([(header, "a".into())]));
        assert_eq!(
            refusal(refused),
            format!(
                "E14 406 PRECONDITION_FAILED - invalid message: {{unacceptable_type_in_header,\"{header}\",longstr}}"
            )
        );
    }
}

// E12, E14
#[test]
fn any_key_matches_and_a_queue_gets_one_copy() {
    let mut desk = newest();
    for queue in ["a", "b", "c"] {
        desk.queue(queue);
    }
    desk.exchange("d", Direct);
    desk.exchange("t", Topic);
    for (queue, key) in [("c", "c.x"), ("b", "b.x"), ("a", "a.x"), ("a", "b.x")] {
        desk.bind("d", queue, key);
        desk.bind("t", queue, key);
    }
    desk.bind("t", "b", "*.x");
    let none = Table::new();
    for (exchange, keys, expected) in [
        ("d", &["a.x", "c.x"][..], "c a"),
        ("d", &["none", "b.x", "b.x"], "b a"),
        ("d", &["b.x", "a.x"], "b a"),
        ("t", &["c.x", "none"], "c b"),
        ("t", &["none", "a.x"], "a b"),
        ("", &["c", "a", "none", "c"], "a c"),
        ("", &["none", "b"], "b"),
    ] {
        let routed = desk.route_with(exchange, keys, &none, 0);
        assert_eq!(routed, expected, "{exchange} {keys:?}");
    }
    let (key, also) = ("a.x".into(), ["c.x".into()]);
    let keys = Keys {
        key: &key,
        also: &also,
    };
    let told = desk.definitions.explain(desk.id("d"), keys, &none, 0);
    let by: Vec<_> = told.visits[0]
        .verdicts
        .iter()
        .map(|verdict| (verdict.matched(), verdict.by.as_deref()))
        .collect();
    assert_eq!(
        by,
        [
            (true, Some("c.x")),
            (false, None),
            (true, None),
            (false, None)
        ]
    );
}

// E16
#[test]
fn a_random_exchange_takes_classic_queues_bound_without_a_key() {
    let mut desk = newest();
    desk.queue("q");
    let quorum = desk
        .definitions
        .add_queue(&QueueSpec::new("quorum"), QueueKind::Quorum);
    desk.exchange("x", LocalRandom);
    let none = Table::new();
    let to = desk.to("q");
    for (outcome, expected) in [
        (
            desk.try_bind("x", to, "k", &none),
            "Non empty binding 'k' key not permitted",
        ),
        (
            desk.try_bind("x", Destination::Queue(quorum), "", &none),
            "Queue type quorum not valid for this exchange type",
        ),
        (
            desk.try_bind("x", Destination::Exchange(ExchangeId(1)), "", &none),
            "Destination not found",
        ),
    ] {
        assert_eq!(
            refusal(outcome),
            format!("E16 406 PRECONDITION_FAILED - {expected}")
        );
    }
    desk.bind("x", "q", "");
    assert_eq!(desk.route("x", "whatever the key"), "q");
}

// E16
#[test]
fn a_random_exchange_takes_each_of_its_queues_about_equally_often() {
    let mut desk = newest();
    desk.declare(&with_alternate("x", LocalRandom, "amq.fanout"))
        .unwrap();
    desk.queue("rest");
    desk.bind("amq.fanout", "rest", "");
    assert_eq!(desk.route("x", "k"), "rest", "E13: nothing to choose from");
    for queue in ["a", "b", "c"] {
        desk.queue(queue);
        desk.bind("x", queue, "");
    }
    let none = Table::new();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for chance in 0..3_000 {
        let taken = desk.route_with("x", &["k"], &none, chance);
        assert_eq!(desk.route_with("x", &["other"], &none, chance), taken);
        *counts.entry(taken).or_default() += 1;
    }
    assert_eq!(counts.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert!(
        counts.values().all(|count| (900..1_100).contains(count)),
        "{counts:?}"
    );
    let key = "k".into();
    let told = desk
        .definitions
        .explain(desk.id("x"), Keys::only(&key), &none, 1);
    let chosen = told.visits[0].verdicts.iter().map(|verdict| {
        let Why::Chance { chosen } = verdict.why else {
            panic!("{verdict:?}");
        };
        assert_eq!(chosen, verdict.matched());
        usize::from(chosen)
    });
    assert_eq!(chosen.sum::<usize>(), 1);
}

// E16
#[test]
fn a_hashing_exchange_takes_the_same_binding_for_the_same_keys() {
    let mut desk = newest();
    desk.exchange("x", ModulusHash);
    assert_eq!(desk.route("x", "k"), "");
    for queue in ["a", "b", "c"] {
        desk.queue(queue);
        desk.bind("x", queue, "ignored");
    }
    let none = Table::new();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for number in 0..3_000 {
        let key = format!("key-{number}");
        let taken = desk.route_with("x", &[&key], &none, 0);
        assert_eq!(desk.route_with("x", &[&key], &none, number), taken);
        *counts.entry(taken).or_default() += 1;
    }
    assert!(
        counts.len() == 3 && counts.values().all(|count| (900..1_100).contains(count)),
        "{counts:?}"
    );
}

// E17, E10
#[test]
fn a_reply_to_address_is_not_bound() {
    let name: Name = "amq.rabbitmq.reply-to.g1h2".into();
    for (profile, refused) in [
        (Profile::V3_13, false),
        (Profile::V4_2, false),
        (Profile::V4_3, true),
    ] {
        let mut desk = desk(profile);
        let outcome = desk.definitions.refuse_reply_to(&name, desk.switches);
        assert_eq!(outcome.is_err(), refused);
        if let Err(refusal) = outcome {
            assert_eq!(
                (refusal.code, refusal.rule),
                (ReplyCode::AccessRefused, "E17")
            );
        }
        let address = desk
            .definitions
            .add_queue(&QueueSpec::new(name.clone()), QueueKind::ReplyTo);
        let to = Destination::Queue(address);
        let bound = desk.try_bind("amq.fanout", to, "", &Table::new());
        assert_eq!(bound.unwrap_err().code, ReplyCode::NotFound);
        assert_eq!(desk.route("", &name), *name);
    }
    let desk = newest();
    let other = desk.definitions.refuse_reply_to(&"q".into(), desk.switches);
    assert_eq!(other, Ok(()));
}

// E25
#[test]
fn a_pattern_has_at_most_two_hashes_where_the_release_says_so() {
    let mut desk = newest();
    desk.queue("q");
    let to = desk.to("q");
    let none = Table::new();
    let too_long = vec!["#"; 128].join(".");
    for pattern in [
        "", "a.b.c", "*.*.*", "#", "a.#", "#.#", "#.a.#", "a#b", "##.##.##",
    ] {
        assert!(desk.try_bind("amq.topic", to, pattern, &none).is_ok());
    }
    for pattern in ["#.#.#", "#.*.#.*.#", "a.#.b.#.c.#", "#.#.#.#", &too_long] {
        let refused = desk.try_bind("amq.topic", to, pattern, &none).unwrap_err();
        assert_eq!(
            (refused.code, refused.rule),
            (ReplyCode::PreconditionFailed, "E25")
        );
        assert!(
            desk.unbind("amq.topic", "q", pattern, &none).is_empty(),
            "unbinding is allowed"
        );
        assert!(desk.try_bind("amq.direct", to, pattern, &none).is_ok());
        for profile in [Profile::V3_13, Profile::V4_2] {
            desk.switches = profile.switches();
            assert!(desk.try_bind("amq.topic", to, pattern, &none).is_ok());
            assert!(!desk.unbind("amq.topic", "q", pattern, &none).is_empty());
        }
        desk.switches = Profile::V4_3.switches();
    }
}

// C17
#[test]
fn names_lose_their_line_breaks_and_have_an_end() {
    let mut desk = newest();
    desk.queue("q");
    let x = desk.exchange("a\r\nb\n", Fanout);
    assert_eq!(desk.definitions.exchange_name(x), "ab");
    assert_eq!(desk.declare(&spec("\nab", Fanout)), Ok((x, false)));
    desk.bind("a\nb", "q", "");
    assert_eq!(desk.route("ab", ""), "q");
    assert!(!desk.unbind("ab\r", "q", "", &Table::new()).is_empty());
    assert_eq!(
        desk.declare(&spec("\n", Fanout)).unwrap_err().rule,
        "E2",
        "nothing is left"
    );
    let longest = "ä".repeat(127) + "x";
    assert!(desk.declare(&spec(&longest, Fanout)).is_ok());
    let refused = desk.declare(&spec(&(longest + "x"), Fanout)).unwrap_err();
    assert_eq!(
        (refused.code, refused.rule),
        (ReplyCode::SyntaxError, "C17")
    );
}

// E7, E10: what is gone keeps its number and its name, and its name is free.
#[test]
fn a_name_is_used_again_with_a_new_number() {
    let mut desk = newest();
    let (x, q) = (desk.exchange("x", Fanout), desk.queue("q"));
    let old = desk.bind("x", "q", "");
    desk.definitions.delete_exchange(x);
    desk.definitions.remove_queue(q);
    assert!(desk.definitions.exchange_named("x").is_none());
    assert_eq!(desk.definitions.queue_named("q"), None);
    let (again, r) = (desk.exchange("x", Direct), desk.queue("q"));
    assert!(again > x && r > q);
    assert_eq!(desk.route("x", ""), "", "no binding came back");
    assert_eq!(desk.route("", "q"), "q");
    let new = desk.bind("x", "q", "");
    assert!(new > old);
    let definitions = &desk.definitions;
    assert!(definitions.exchange(x).unwrap().deleted);
    assert!(definitions.queue(q).unwrap().deleted);
    assert!(definitions.binding(old).unwrap().deleted);
    assert_eq!(definitions.exchange_name(x), "x");
    assert_eq!(definitions.queue_name(q), "q");
    assert_eq!(definitions.exchange(x).unwrap().kind, Fanout);
}

// Q1
#[test]
fn a_server_name_is_nobodys() {
    let mut desk = newest();
    let first = desk.definitions.take_server_name();
    desk.queue("amq.gen-1");
    let second = desk.definitions.take_server_name();
    assert!(first.starts_with("amq.gen-") && second.starts_with("amq.gen-"));
    assert!(first != second && second != *"amq.gen-1");
}

// R4
#[test]
fn a_restart_keeps_what_is_durable() {
    for keeps in [false, true] {
        let mut desk = newest();
        let transient = ExchangeSpec {
            durable: false,
            ..spec("transient", Fanout)
        };
        desk.declare(&transient).unwrap();
        desk.declare(&auto_delete("leaving")).unwrap();
        desk.exchange("durable", Fanout);
        let gone = desk.queue("gone");
        desk.queue("kept");
        for (source, to) in [
            ("durable", "gone"),
            ("durable", "kept"),
            ("durable", "transient"),
            ("transient", "kept"),
            ("transient", "gone"),
            ("leaving", "gone"),
        ] {
            desk.bind(source, to, "");
        }
        let generation = desk.definitions.generation();
        let removed = desk.definitions.survive_restart(keeps, &[gone]);
        assert!(desk.definitions.generation() > generation);
        let expected: &[u32] = if keeps { &[0, 4, 5] } else { &[0, 2, 3, 4, 5] };
        let bindings: Vec<_> = removed.bindings.iter().map(|id| id.0).collect();
        assert_eq!(bindings, expected);
        assert_eq!(
            desk.names(&removed.exchanges),
            if keeps { "" } else { "transient" }
        );
        assert_eq!(
            desk.left(),
            if keeps {
                "transient leaving durable"
            } else {
                "leaving durable"
            },
            "no exchange goes with its binding"
        );
        assert_eq!(desk.route("durable", ""), "kept");
        assert_eq!(desk.definitions.queue_named("gone"), None);
    }
}

/// Each change is told by the number, and nothing else is.
#[test]
fn the_generation_grows_with_every_change() {
    let mut desk = newest();
    let mut last = desk.definitions.generation();
    let mut changed = |desk: &Desk| {
        let now = desk.definitions.generation();
        let changed = now > last;
        last = now;
        changed
    };
    let x = desk.exchange("x", Fanout);
    assert!(changed(&desk));
    desk.exchange("x", Fanout);
    assert!(!changed(&desk));
    let q = desk.queue("q");
    assert!(changed(&desk));
    desk.bind("x", "q", "");
    assert!(changed(&desk));
    desk.bind("x", "q", "");
    assert!(!changed(&desk));
    desk.definitions.set_policy_alternate(x, Some("ae".into()));
    assert!(changed(&desk));
    desk.definitions.set_policy_alternate(x, Some("ae".into()));
    assert!(!changed(&desk));
    desk.unbind("x", "q", "", &Table::new());
    assert!(changed(&desk));
    desk.unbind("x", "q", "", &Table::new());
    assert!(!changed(&desk));
    desk.definitions.remove_queue(q);
    assert!(changed(&desk));
    desk.definitions.remove_queue(q);
    assert!(!changed(&desk));
    desk.definitions.delete_exchange(x);
    assert!(changed(&desk));
}
