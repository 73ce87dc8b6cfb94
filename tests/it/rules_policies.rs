//! Policies, as they act on queues, exchanges and messages that are there (O1–O7).

use leveret::broker::{
    ApplyTo, DeathReason, Event, ExchangeKind, ExchangeSpec, Method, Micros, Name, Operation,
    Origin, Overflow, PolicySpec, Profile, QueueSpec, ReplyCode, Settings, Table, Value,
};

use crate::lab::{Lab, table};

const MS: fn(u64) -> Micros = Micros::from_millis;

fn policy(name: &str, pattern: &str, definition: Table) -> PolicySpec {
    PolicySpec {
        name: name.into(),
        pattern: pattern.into(),
        apply_to: ApplyTo::All,
        priority: 0,
        definition,
        operator: false,
    }
}

fn operator(name: &str, definition: Table) -> PolicySpec {
    PolicySpec {
        operator: true,
        ..policy(name, "", definition)
    }
}

fn set(lab: &mut Lab, spec: PolicySpec) {
    lab.operate(Operation::SetPolicy(spec)).expect("a policy");
}

fn clear(lab: &mut Lab, name: &str) {
    let (name, operator) = (name.into(), false);
    let clear = Operation::ClearPolicy { name, operator };
    lab.operate(clear).expect("clearing is never refused");
}

fn settings<'a>(lab: &'a Lab, queue: &str) -> &'a Settings {
    let id = lab.broker.definitions().queue_named(queue);
    let queue = id.and_then(|id| lab.broker.queue(id)).expect("a queue");
    &queue.settings
}

fn ttl(lab: &Lab, queue: &str) -> Option<Micros> {
    settings(lab, queue).ttl
}

/// Two settings.
fn both(one: (&str, Value), other: (&str, Value)) -> Table {
    Table::from([(one.0.into(), one.1), (other.0.into(), other.1)])
}

// O1: an unanchored regular expression.
#[test]
fn a_policy_applies_where_its_pattern_is_found_in_the_name() {
    let mut lab = Lab::new();
    let ch = lab.open();
    for queue in ["tmp", "my.tmp.queue", "temp"] {
        lab.queue(ch, queue);
    }
    set(&mut lab, policy("short", "tmp", table("message-ttl", 5)));
    let found = ["tmp", "my.tmp.queue", "temp"].map(|queue| ttl(&lab, queue));
    assert_eq!(found, [Some(MS(5)), Some(MS(5)), None]);
    set(&mut lab, policy("short", "^tmp$", table("message-ttl", 5)));
    let found = ["tmp", "my.tmp.queue"].map(|queue| ttl(&lab, queue));
    assert_eq!(found, [Some(MS(5)), None]);
}

// O1
#[test]
fn apply_to_chooses_among_queue_types_and_exchanges() {
    let mut lab = Lab::new();
    let ch = lab.open();
    for kind in ["classic", "quorum", "stream"] {
        lab.declare(ch, QueueSpec::new(kind).with("x-queue-type", kind));
    }
    let spec = ExchangeSpec::new("exchange", ExchangeKind::Fanout);
    lab.operate(Operation::DeclareExchange(spec)).expect("new");
    let applied = |lab: &Lab| {
        let queues = ["classic", "quorum", "stream"];
        let queues = queues.map(|queue| settings(lab, queue).policy.is_some());
        let definitions = lab.broker.definitions();
        let exchange = definitions.exchange_named("exchange").expect("there");
        (queues, exchange.alternate.is_some())
    };
    for (apply_to, queues, exchange) in [
        (ApplyTo::All, [true, true, true], true),
        (ApplyTo::Queues, [true, true, true], false),
        (ApplyTo::ClassicQueues, [true, false, false], false),
        (ApplyTo::QuorumQueues, [false, true, false], false),
        (ApplyTo::Streams, [false, false, true], false),
        (ApplyTo::Exchanges, [false, false, false], true),
    ] {
        let definition = both(
            ("alternate-exchange", "amq.fanout".into()),
            ("max-length-bytes", 1_000.into()),
        );
        let spec = policy("p", "", definition);
        set(&mut lab, PolicySpec { apply_to, ..spec });
        assert_eq!(applied(&lab), (queues, exchange), "{apply_to:?}");
    }
}

// O1
#[test]
fn of_several_policies_the_highest_applies_alone() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.queue(ch, "q");
    set(&mut lab, policy("low", "q", table("message-ttl", 5)));
    let high = PolicySpec {
        priority: 1,
        ..policy("high", "q", table("max-length", 3))
    };
    set(&mut lab, high);
    let now = settings(&lab, "q");
    assert_eq!(now.policy, Some("high".into()));
    assert_eq!((now.ttl, now.max_length), (None, Some(3)), "never merged");
    clear(&mut lab, "high");
    let now = settings(&lab, "q");
    assert_eq!((now.ttl, now.max_length), (Some(MS(5)), None));
}

// O1, O6
#[test]
fn an_operator_policy_applies_beside_a_policy() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.queue(ch, "q");
    set(&mut lab, policy("user", "q", table("message-ttl", 5)));
    set(&mut lab, operator("guard", table("max-length", 3)));
    let now = settings(&lab, "q");
    assert_eq!((now.ttl, now.max_length), (Some(MS(5)), Some(3)));
    assert_eq!(now.policy, Some("user".into()));
    assert_eq!(now.operator_policy, Some("guard".into()));
    assert_eq!(now.origin("message-ttl"), Origin::Policy("user".into()));
    assert_eq!(now.origin("max-length"), Origin::Operator("guard".into()));
}

// O2
#[test]
fn a_policy_applies_to_what_is_declared_later_and_ends_when_it_is_cleared() {
    let mut lab = Lab::new();
    let ch = lab.open();
    set(&mut lab, policy("short", "q", table("message-ttl", 5)));
    lab.queue(ch, "q");
    assert_eq!(ttl(&lab, "q"), Some(MS(5)));
    clear(&mut lab, "short");
    assert_eq!(ttl(&lab, "q"), None);
    clear(&mut lab, "short");
    let told = lab.told(|event| match event {
        Event::PolicySet { queues, .. } => Some(("set", queues.len())),
        Event::PolicyCleared { queues, .. } => Some(("cleared", queues.len())),
        _ => None,
    });
    assert_eq!(told, [("set", 0), ("cleared", 1)]);
}

// O2, Q26
#[test]
fn a_lower_limit_is_kept_at_once() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.queue(ch, "q");
    for body in ["1", "2", "3"] {
        lab.publish(ch, "", "q", body);
    }
    set(&mut lab, policy("small", "q", table("max-length", 1)));
    assert_eq!(lab.ready("q"), ["3"]);
    assert_eq!(lab.broker.totals().dropped, 2);
}

// O2, Q22: when a message expires is fixed when it comes.
#[test]
fn a_time_to_live_set_later_is_for_later_messages() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.queue(ch, "q");
    lab.publish(ch, "", "q", "before");
    set(&mut lab, policy("short", "q", table("message-ttl", 10)));
    lab.publish(ch, "", "q", "after");
    lab.at(MS(100));
    assert_eq!(lab.ready("q"), ["before", "after"], "Q21: behind the head");
    lab.get(ch, "q");
    assert_eq!(lab.ready("q"), [""; 0]);
    assert_eq!(lab.broker.totals().expired, 1);
}

// O2, D2: where the dead go is looked up when they die.
#[test]
fn a_dead_letter_exchange_set_later_is_for_messages_that_are_there() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.queue(ch, "dead");
    lab.declare(ch, QueueSpec::new("q").with("x-message-ttl", 10));
    lab.publish(ch, "", "q", "m");
    let definition = both(
        ("dead-letter-exchange", "".into()),
        ("dead-letter-routing-key", "dead".into()),
    );
    set(&mut lab, policy("dlx", "^q$", definition));
    lab.at(MS(10));
    assert_eq!(lab.ready("dead"), ["m"]);
}

// O2, Q24: a queue that is there gets its whole time.
#[test]
fn a_lease_set_later_begins_when_it_is_set() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.queue(ch, "q");
    lab.at(MS(40));
    set(&mut lab, policy("lease", "q", table("expires", 100)));
    lab.at(MS(139));
    assert!(lab.exists("q"));
    lab.at(MS(140));
    assert!(!lab.exists("q"));
}

// O2, S15
#[test]
fn a_shorter_consumer_timeout_is_for_deliveries_that_are_out() {
    let mut lab = Lab::with(Profile::V4_2);
    let ch = lab.open();
    lab.queue(ch, "q");
    lab.publish(ch, "", "q", "m");
    lab.consume(ch, "q", "c");
    lab.at(Micros::from_secs(50));
    set(
        &mut lab,
        policy("quick", "q", table("consumer-timeout", 60_000)),
    );
    lab.at(Micros::from_secs(59));
    assert_eq!(lab.closed(ch), (false, false));
    lab.at(Micros::from_secs(120));
    assert_eq!(lab.closed(ch), (true, false));
    assert_eq!(lab.ready("q"), ["m"]);
}

// O2, E13
#[test]
fn an_alternate_exchange_comes_and_goes_with_its_policy() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.queue(ch, "q");
    lab.ok(
        ch,
        Method::BindQueue {
            queue: "q".into(),
            source: "amq.fanout".into(),
            key: "".into(),
            arguments: Table::new(),
        },
    );
    let alternate = table("alternate-exchange", "amq.fanout");
    set(&mut lab, policy("ae", "^amq.direct$", alternate));
    lab.publish(ch, "amq.direct", "unbound", "saved");
    clear(&mut lab, "ae");
    lab.publish(ch, "amq.direct", "unbound", "gone");
    assert_eq!(lab.ready("q"), ["saved"]);
    assert_eq!(lab.broker.totals().unroutable, 1);
}

/// How setting a policy is refused in a profile, if it is.
fn refusal(profile: Profile, spec: PolicySpec) -> Option<ReplyCode> {
    let mut lab = Lab::with(profile);
    let refused = lab.operate(Operation::SetPolicy(spec)).err();
    let events = lab.tape.events.len();
    assert_eq!(events, usize::from(refused.is_none()));
    assert_eq!(lab.broker.policies().all().count(), events);
    refused.map(|refusal| refusal.code)
}

// O3
#[test]
fn a_key_that_is_none_is_refused_and_mirroring_is_none_since_four() {
    let refused = Some(ReplyCode::PreconditionFailed);
    for profile in Profile::ALL {
        let unknown = policy("p", "", table("x-message-ttl", 5));
        assert_eq!(refusal(profile, unknown), refused);
        for key in ["federation-upstream", "queue-leader-locator"] {
            let known = policy("p", "", table(key, "client-local"));
            assert_eq!(refusal(profile, known), None, "{key}");
        }
    }
    let mirrored = || policy("p", "", table("ha-mode", "all"));
    assert_eq!(refusal(Profile::V3_13, mirrored()), None);
    assert_eq!(refusal(Profile::V4_2, mirrored()), refused);
    let retry = || policy("p", "", table("delayed-retry-type", "all"));
    assert_eq!(refusal(Profile::V4_2, retry()), refused);
    assert_eq!(refusal(Profile::V4_3, retry()), None);
}

// O4
#[test]
fn what_only_a_declaration_says_no_policy_can() {
    for (key, value) in [
        ("queue-type", Value::from("quorum")),
        ("max-priority", 5.into()),
        ("single-active-consumer", Value::Bool(true)),
        ("durable", Value::Bool(true)),
        ("exclusive", Value::Bool(true)),
    ] {
        let spec = policy("p", "", table(key, value));
        let refused = Some(ReplyCode::PreconditionFailed);
        assert_eq!(refusal(Profile::default(), spec), refused, "{key}");
    }
}

// O5
#[test]
fn of_an_argument_and_a_policy_the_smaller_number_holds_and_the_argument_s_text() {
    let mut lab = Lab::new();
    let ch = lab.open();
    let small = QueueSpec::new("small").with("x-max-length", 2);
    let large = QueueSpec::new("large").with("x-max-length", 9);
    let dlx = |spec: QueueSpec| spec.with("x-dead-letter-exchange", "own");
    lab.declare(ch, dlx(small));
    lab.declare(ch, dlx(large));
    let definition = both(
        ("max-length", 5.into()),
        ("dead-letter-exchange", "policy's".into()),
    );
    set(&mut lab, policy("p", "", definition));
    for (queue, length, origin) in [
        ("small", 2, Origin::Argument),
        ("large", 5, Origin::Policy("p".into())),
    ] {
        let now = settings(&lab, queue);
        assert_eq!(now.max_length, Some(length));
        assert_eq!(now.origin("max-length"), origin);
        assert_eq!(now.dead_letter_exchange, Some(Name::from("own")));
        assert_eq!(now.origin("dead-letter-exchange"), Origin::Argument);
    }
}

// O5
#[test]
fn of_a_stream_the_policy_s_number_holds() {
    let mut lab = Lab::new();
    let ch = lab.open();
    let spec = QueueSpec::new("s")
        .with("x-queue-type", "stream")
        .with("x-max-length-bytes", 100);
    lab.declare(ch, spec);
    set(&mut lab, policy("p", "", table("max-length-bytes", 500)));
    let now = settings(&lab, "s");
    assert_eq!(now.max_bytes, Some(500));
    clear(&mut lab, "p");
    assert_eq!(settings(&lab, "s").max_bytes, Some(100));
}

// O6
#[test]
fn an_operator_s_numbers_are_limits_and_its_overflow_holds() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.declare(ch, QueueSpec::new("q").with("x-message-ttl", 50));
    let definition = both(("max-length", 1.into()), ("overflow", "drop-head".into()));
    set(&mut lab, policy("user", "q", definition));
    let guard = Table::from([
        ("max-length".into(), 2.into()),
        ("message-ttl".into(), 20.into()),
        ("overflow".into(), "reject-publish".into()),
    ]);
    set(&mut lab, operator("guard", guard));
    let now = settings(&lab, "q");
    assert_eq!(now.max_length, Some(1));
    assert_eq!(now.ttl, Some(MS(20)));
    assert_eq!(now.overflow, Overflow::RejectPublish);
    for body in ["1", "2"] {
        lab.publish(ch, "", "q", body);
    }
    assert_eq!(lab.ready("q"), ["1"]);
    assert_eq!(lab.broker.totals().turned_away, 1);
}

// O6
#[test]
fn an_operator_policy_takes_only_its_own_keys() {
    let takes = |key: &str, value: Value| {
        refusal(Profile::default(), operator("guard", table(key, value))).is_none()
    };
    for key in [
        "expires",
        "message-ttl",
        "max-length",
        "max-length-bytes",
        "delivery-limit",
        "queue-version",
    ] {
        assert!(takes(key, 1.into()), "{key}");
    }
    assert!(takes("overflow", "reject-publish".into()));
    for key in ["dead-letter-exchange", "alternate-exchange"] {
        assert!(!takes(key, "x".into()), "{key}");
    }
    assert!(!takes("consumer-timeout", 60_000.into()));
}

// O7
#[test]
fn values_that_make_no_sense_are_refused_and_the_policy_before_stays() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.queue(ch, "q");
    set(&mut lab, policy("p", "q", table("message-ttl", 0)));
    for (key, value) in [
        ("message-ttl", Value::from(-1)),
        ("expires", 0.into()),
        ("max-length", (-1).into()),
        ("message-ttl", "5".into()),
        ("overflow", "drop-tail".into()),
    ] {
        let spec = policy("p", "q", table(key, value));
        let refused = lab.operate(Operation::SetPolicy(spec)).unwrap_err();
        assert_eq!(refused.code, ReplyCode::PreconditionFailed, "{key}");
    }
    let wrong = policy("p", "[", table("message-ttl", 5));
    assert!(lab.operate(Operation::SetPolicy(wrong)).is_err());
    let empty = policy("p", "q", Table::new());
    assert!(lab.operate(Operation::SetPolicy(empty)).is_err());
    assert_eq!(ttl(&lab, "q"), Some(Micros::ZERO));
}

// O2, Q44
#[test]
fn a_delivery_limit_by_policy_ends_what_comes_back_too_often() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.declare(ch, QueueSpec::new("q").with("x-queue-type", "quorum"));
    lab.publish(ch, "", "q", "m");
    set(&mut lab, policy("once", "q", table("delivery-limit", 0)));
    lab.consume(ch, "q", "c");
    let (tag, requeue) = (1, true);
    lab.ok(ch, Method::Reject { tag, requeue });
    let died = lab.told(|event| match event {
        Event::Died { reason, .. } => Some(*reason),
        _ => None,
    });
    assert_eq!(died, [DeathReason::DeliveryLimit]);
    assert_eq!(lab.ready("q"), [""; 0]);
}
