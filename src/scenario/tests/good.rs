//! What is right is read, and can be saved.

use std::collections::BTreeSet;

use super::{EVERYTHING, without_places};
use crate::broker::{ExchangeKind, Method, Profile, QueueSpec, Target, Keys, Micros, Name, Value};
use crate::scenario::{Claim, Place, VERSION, builtin, load_str, open};
use crate::world::{Deed, OnFailure, Onward, Pace, Service, World};

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
    assert_eq!(
        bindings[0].destination,
        Target::Exchange("errors".into())
    );
    assert_eq!(
        bindings[1].destination,
        Target::Queue("errors".into())
    );
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
        Service::Random(Micros::from_secs(1))
    );
    assert_eq!(
        scenario.expect[2].place,
        Place {
            line: 28,
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
fn a_saved_scenario_means_the_same_and_stays_the_same() {
    let texts = builtin::ALL.iter().map(|builtin| builtin.text.to_owned());
    for text in texts.chain([EVERYTHING.to_owned()]) {
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
