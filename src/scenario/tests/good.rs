//! What is right is read, and can be saved.

use std::collections::BTreeSet;

use super::{COMPARISON, EVERYTHING, without_places};
use crate::broker::{
    ApplyTo, ExchangeKind, Keys, Method, Micros, Name, Profile, QueueSpec, Target, Value,
};
use crate::compare::Side;
use crate::scenario::{Claim, Expectation, Place, VERSION, builtin, load_str, open, verify};
use crate::world::{Deed, Latency, OnFailure, Onward, Pace, QueueSetup, ServiceTime, Setup, World};

#[test]
fn every_form_is_read() {
    let scenario = load_str("all.ron", EVERYTHING).unwrap();
    assert_eq!(scenario.title.get("it"), "Tutto");
    assert_eq!(scenario.setup.seed, 9);
    assert_eq!(scenario.setup.latency.publish, Micros::from_millis(100));
    assert_eq!(scenario.setup.latency.ack, Micros(1));
    let [direct, ..] = scenario.setup.exchanges.as_slice() else {
        panic!("no exchanges");
    };
    assert_eq!(direct.kind, ExchangeKind::Topic);
    let bindings = &scenario.setup.bindings;
    assert_eq!(bindings[0].destination, Target::Exchange("errors".into()));
    assert_eq!(bindings[1].destination, Target::Queue("errors".into()));
    assert_eq!(
        bindings[3].arguments.get("x-match"),
        Some(&Value::from("any"))
    );
    assert_eq!(bindings[3].arguments.get("c"), Some(&Value::Void));
    let paces: Vec<&Pace> = scenario
        .setup
        .publishers
        .iter()
        .map(|each| &each.pace)
        .collect();
    assert!(matches!(paces[0], Pace::Even { count: Some(3), .. }));
    assert!(matches!(paces[1], Pace::Random { .. }));
    assert!(matches!(paces[2], Pace::Burst { size: 5, .. }));
    assert_eq!(*paces[3], Pace::Script);
    assert_eq!(
        scenario.setup.publishers[3].messages[0].at,
        Micros::from_millis(1_200)
    );
    assert!(!scenario.setup.consumers[1].ack);
    assert_eq!(
        scenario.setup.consumers[1].service,
        ServiceTime::Random(Micros::from_secs(1))
    );
    assert_eq!(
        scenario.expect[2].place,
        Place {
            line: 68,
            column: 9
        }
    );
    let end = Claim::Broker {
        at: Micros::from_secs(5),
        unroutable: Some(2),
        returned: None,
        confirmed: None,
        nacked: None,
    };
    assert_eq!(scenario.expect[5].claim, end);
}

#[test]
fn short_names_are_what_amqp_has() {
    let Setup {
        profile,
        vhost,
        latency,
        exchanges,
        queues,
        policies,
        users,
        ..
    } = load_str("all.ron", EVERYTHING).unwrap().setup;
    assert_eq!((profile, vhost.as_str()), (Profile::V3_13, "lab"));
    assert_eq!(latency.dead_letter, Micros::from_millis(7));
    assert_eq!(latency.confirm, Latency::default().confirm);
    let alternate = exchanges[0].arguments.get("alternate-exchange");
    assert_eq!(alternate, Some(&Value::from("errors")));
    assert!(!exchanges[1].durable && exchanges[3].internal && exchanges[3].auto_delete);
    let queue = |name: &str| {
        let found = queues.iter().find(|queue| queue.spec.name == *name);
        found.unwrap_or_else(|| panic!("no {name}"))
    };
    assert_eq!(*queue("errors"), QueueSetup::new("errors"));
    let kernel = QueueSpec::new("kernel").with("x-queue-type", "quorum");
    assert_eq!(queue("kernel").spec, kernel);
    let mine = QueueSpec::new("mine")
        .with("x-message-ttl", 5_000)
        .with("x-expires", 60_000);
    assert_eq!(queue("mine").spec.arguments, mine.arguments);
    assert_eq!(queue("mine").by, Some("shared".into()));
    let work = QueueSpec::new("work")
        .with("x-max-length", 3)
        .with("x-max-length-bytes", 1_000)
        .with("x-overflow", "reject-publish")
        .with("x-dead-letter-exchange", "errors")
        .with("x-dead-letter-routing-key", "failed")
        .with("x-max-priority", 5)
        .with("x-single-active-consumer", true);
    assert_eq!(queue("work").spec.arguments, work.arguments);
    assert!(!queue("work").spec.durable && queue("work").spec.auto_delete);
    let log = QueueSpec::new("log")
        .with("x-queue-type", "stream")
        .with("x-max-age", "2m");
    assert_eq!(queue("log").spec, log);
    assert_eq!(policies[0].apply_to, ApplyTo::Queues);
    assert!(policies[1].operator && !policies[0].operator);
    let may = users[0].permissions.as_ref().unwrap();
    assert_eq!((may.configure.as_str(), may.write.as_str()), ("^a", "^$"));
    assert_eq!(users[1].permissions, None);
}

#[test]
fn whom_actors_log_in_as_is_read() {
    let setup = load_str("all.ron", EVERYTHING).unwrap().setup;
    let publishers = setup.publishers.iter().map(|each| each.user.as_deref());
    assert!(publishers.eq([None, Some("ann"), None, None]));
    let consumers = setup.consumers.iter().map(|each| each.user.as_deref());
    let consumers: Vec<_> = consumers.collect();
    assert_eq!(consumers[4..], [Some("bob"), Some("ann"), None]);
    // Some may be added later; one of its own name is another connection than that of its namesake.
    let later = r#"(queues: ["q"],
        publishers: {"a": (every: "1s", keys: ["q"], user: "eve"), "b": (every: "1s", keys: ["q"], user: "guest")},
        consumers: {"a": (queue: "q", user: "guest"), "c": (queue: "q", connection: "a", user: "eve")},
        script: [(at: "1s", set_user: (name: "eve", read: ".*"))])"#;
    let setup = load_str("later.ron", later).unwrap().setup;
    let world = World::new(&setup).unwrap();
    let users = world.links().iter().map(|link| link.user.as_str());
    assert!(users.eq(["eve", "guest", "guest"]));
}

#[test]
fn what_actors_and_the_script_do_is_read() {
    let setup = load_str("all.ron", EVERYTHING).unwrap().setup;
    let chance = &setup.publishers[1];
    assert!(chance.confirms && chance.republish && chance.mandatory);
    assert_eq!(setup.publishers[0].transaction, 2);
    let crasher = &setup.consumers[2];
    assert_eq!(crasher.on_failure, OnFailure::Crash);
    assert_eq!(crasher.reconnect, Some(Micros::from_secs(2)));
    assert_eq!(
        crasher.arguments,
        [("x-priority".into(), Value::Int(10))].into()
    );
    let onward = Onward::To {
        exchange: "docs".into(),
        key: Some("done".into()),
    };
    assert_eq!(crasher.publishes, Some(onward));
    let offset = setup.consumers[3].arguments.get("x-stream-offset");
    assert_eq!(offset, Some(&Value::from("first")));
    let calls = setup.script.iter().filter_map(|act| match &act.deed {
        Deed::Call { method, .. } => Some(method),
        _ => None,
    });
    let calls: Vec<&Method> = calls.collect();
    let rejected = Method::Reject {
        tag: 3,
        requeue: false,
    };
    assert!(calls.contains(&&rejected));
    let all = Method::Ack {
        tag: 0,
        multiple: true,
    };
    assert!(calls.contains(&&all));
    assert!(calls.contains(&&Method::TxRollback));
}

#[test]
fn a_saved_scenario_means_the_same_and_stays_the_same() {
    let texts = builtin::ALL.iter().map(|builtin| builtin.text.to_owned());
    let all = [EVERYTHING, COMPARISON].map(str::to_owned);
    for text in texts.chain(all) {
        let scenario = load_str("any.ron", &text).unwrap();
        let saved = scenario.to_ron();
        let again =
            load_str("other.ron", &saved).unwrap_or_else(|error| panic!("{error}\n{saved}"));
        assert_eq!(without_places(again.clone()), without_places(scenario));
        assert_eq!(again.to_ron(), saved);
    }
}

#[test]
fn the_built_in_scenarios_have_words_and_expectations() {
    for builtin in builtin::ALL {
        let scenario = open(builtin.name).unwrap_or_else(|error| panic!("{error}"));
        for words in [&scenario.title, &scenario.teaches, &scenario.about] {
            assert!(!words.is_empty(), "{}", builtin.name);
        }
        assert!(!scenario.expect.is_empty(), "{}", builtin.name);
    }
}

#[test]
fn the_built_in_comparisons_ask_something_and_measure_the_answer() {
    let scenarios = builtin::ALL
        .iter()
        .map(|builtin| open(builtin.name).unwrap());
    let compared: Vec<_> = scenarios.filter(|it| it.comparison.is_some()).collect();
    assert_eq!(compared.len(), 10);
    for scenario in compared {
        let title = scenario.title.get("en");
        let lesson = &scenario.lesson;
        assert!(
            !lesson.question.is_empty() && !lesson.answer.is_empty(),
            "{title}"
        );
        assert!(
            lesson.predictions.len() > 1 && lesson.right.is_some(),
            "{title}"
        );
        for side in Side::ALL {
            let is_measured =
                |it: &Expectation| matches!(&it.claim, Claim::Side { side: of, .. } if *of == side);
            assert!(scenario.expect.iter().any(is_measured), "{title}");
        }
        assert_eq!(verify(&scenario), [], "{title}");
    }
}

#[test]
fn the_built_in_scenarios_reach_what_they_expect() {
    for builtin in builtin::ALL {
        let scenario = open(builtin.name).unwrap_or_else(|error| panic!("{error}"));
        let world = World::new(&scenario.setup).unwrap();
        let definitions = world.definitions();
        for expectation in scenario.expect {
            let Claim::Reaches {
                publication,
                queues,
            } = expectation.claim
            else {
                continue;
            };
            let exchange = definitions
                .exchange_named(&publication.exchange)
                .unwrap()
                .id;
            let headers = &publication.properties.headers;
            let told =
                definitions.explain(exchange, Keys::only(&publication.routing_key), headers, 0);
            let reached = told
                .queues
                .iter()
                .map(|queue| Name::from(definitions.queue_name(*queue)));
            assert_eq!(
                reached.collect::<BTreeSet<_>>(),
                queues,
                "{}: {:?}",
                builtin.name,
                expectation.place
            );
        }
    }
}

#[test]
fn every_example_in_the_reference_loads() {
    let page = include_str!("../../../docs/scenarios.md");
    let blocks = page.split("```ron\n").skip(1);
    let blocks: Vec<&str> = blocks
        .filter_map(|block| block.split("```").next())
        .collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        load_str("docs/scenarios.md", block).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn a_scenario_of_nothing_is_one_and_takes_its_files_name() {
    let scenario = load_str("lessons/empty one.ron", "()").unwrap();
    assert_eq!(scenario.title.get("en"), "empty one");
    assert_eq!(scenario.version, VERSION);
    assert!(scenario.setup.publishers.is_empty());
}

#[test]
fn a_client_may_be_shown_to_try_what_the_broker_refuses() {
    // E2
    let text = r#"(
        queues: ["q"],
        publishers: {"web": (every: "1s", keys: ["q"])},
        script: [(at: "1s", by: "web", bind: (from: "", to: "q", key: "k"))],
        expect: [(at: "2s", refused: (code: 403, count: 1))],
    )"#;
    let scenario = load_str("try.ron", text).unwrap();
    assert_eq!(verify(&scenario), []);
}

// C16
#[test]
fn an_empty_destination_is_the_queue_that_a_client_declared_last() {
    let text = r#"(
        queues: ["q"], publishers: { "web": (every: "1s", keys: ["q"]) },
        script: [
            (at: "1s", by: "web", bind: (from: "amq.direct", to: "", key: "")),
            (at: "1s", by: "web", bind: (from: "amq.direct", to_queue: "", key: "")),
            (at: "1s", by: "web", unbind: (from: "amq.direct", to: "", key: "")),
            (at: "1s", by: "web", bind: (from: "amq.direct", to_exchange: "", key: "")),
        ],
    )"#;
    let scenario = load_str("last.ron", text).unwrap();
    let methods = scenario.setup.script.iter().map(|act| match &act.deed {
        Deed::Call { method, .. } => method.name(),
        deed => panic!("{deed:?}"),
    });
    assert_eq!(
        methods.collect::<Vec<_>>(),
        ["queue.bind", "queue.bind", "queue.unbind", "exchange.bind"]
    );
}
