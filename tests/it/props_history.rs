//! Going back: `seek` is a fresh run, inputs fork the past, and the same setup is the same run.

use std::collections::BTreeMap;

use leveret::broker::{CopyId, Event as BrokerEvent, EventId, Micros};
use leveret::history::History;
use leveret::world::{EventKind, Input, Pace, PublisherId, Setup, World};
use proptest::prelude::*;

use crate::setups::{busy, digest, setup};
use crate::support::cases;

const END: Micros = Micros::from_millis(600);

fn run(setup: &Setup, to: Micros) -> History {
    let mut history = History::new(setup).unwrap();
    history.run_until(to);
    history
}

/// The moments at which something happened, and one beside each.
fn moments(history: &History) -> Vec<Micros> {
    let mut moments = vec![Micros::ZERO, history.complete_to()];
    for step in history.steps() {
        moments.extend([
            Micros(step.at.0.saturating_sub(1)),
            step.at,
            Micros(step.at.0 + 1),
        ]);
    }
    moments.retain(|&at| at <= history.complete_to());
    moments.sort();
    moments.dedup();
    moments
}

/// The record fits together.
fn check_record(history: &History) -> Result<(), TestCaseError> {
    let steps = history.steps();
    prop_assert!(steps.is_sorted_by_key(|step| step.at), "time goes on");
    prop_assert!(steps.is_sorted_by_key(|step| step.events));
    prop_assert_eq!(
        steps.last().map_or(0, |step| step.events),
        history.events().len()
    );
    for (index, event) in history.events().iter().enumerate() {
        prop_assert_eq!(event.id, EventId(index as u64 + 1));
        prop_assert!(event.cause < event.id);
        let cause = history
            .event(event.cause)
            .map_or(Micros::ZERO, |cause| cause.at);
        prop_assert!(cause <= event.at);
        prop_assert_eq!(history.event(event.id), Some(event));
        let step = steps.partition_point(|step| step.events <= index);
        prop_assert_eq!(steps[step].at, event.at);
    }
    // Copies are numbered as they are routed, and none overtakes another on its way to its queue.
    let mut last = BTreeMap::new();
    for event in history.events() {
        if let EventKind::Broker(BrokerEvent::Ready { queued, .. }) = event.kind {
            let before = last.insert(queued.queue, queued.copy);
            prop_assert!(before < Some(queued.copy), "{:?}", event);
        }
    }
    // Each copy is found by its number, and none that is not there.
    let mut copies = 0;
    for event in history.events() {
        if let EventKind::Broker(BrokerEvent::Routed {
            message,
            copies: made,
            ..
        }) = &event.kind
        {
            for routed in made {
                copies += 1;
                prop_assert_eq!(routed.copy, CopyId(copies));
                let found = history.routing_of(routed.copy);
                prop_assert_eq!(found, Some((*message, &made[..])));
            }
        }
    }
    prop_assert_eq!(history.routing_of(CopyId(0)), None);
    prop_assert_eq!(history.routing_of(CopyId(copies + 1)), None);
    check_complete(history)?;
    let messages = history.head().broker().totals().messages;
    prop_assert_eq!(
        history.message(leveret::broker::MessageId(messages + 1)),
        None
    );
    prop_assert_eq!(
        history
            .message(leveret::broker::MessageId(messages))
            .is_some(),
        messages > 0
    );
    Ok(())
}

/// The events and steps of two histories, and their worlds at every moment, are the same.
fn check_same(one: &History, other: &History) -> Result<(), TestCaseError> {
    prop_assert_eq!(one.events(), other.events());
    prop_assert_eq!(one.steps(), other.steps());
    prop_assert_eq!(one.inputs(), other.inputs());
    for at in moments(one) {
        prop_assert_eq!(digest(&one.seek(at)), digest(&other.seek(at)), "at {}", at);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn seek_equals_a_fresh_run_to_every_moment(setup in setup(None)) {
        let history = run(&setup, END);
        check_record(&history)?;
        let mut fresh = World::new(&setup).unwrap();
        let mut events = Vec::new();
        for at in moments(&history) {
            while fresh.next_at().is_some_and(|next| next <= at) {
                fresh.step(&mut events);
            }
            prop_assert_eq!(digest(&history.seek(at)), digest(&fresh), "at {}", at);
        }
        prop_assert_eq!(history.events(), &events[..]);
    }

    #[test]
    fn a_run_to_an_earlier_moment_is_the_beginning_of_a_longer_one(
        setup in setup(None), to in 0..600_000_u64,
    ) {
        let (long, short) = (run(&setup, END), run(&setup, Micros(to)));
        prop_assert!(long.events().starts_with(short.events()));
        prop_assert!(long.steps().starts_with(short.steps()));
        prop_assert_eq!(digest(&long.seek(Micros(to))), digest(short.head()));
        prop_assert_eq!(short.complete_to(), Micros(to));
    }

    #[test]
    fn a_run_taken_step_by_step_is_the_same_run_and_keeps_the_brokers_promises(setup in setup(None)) {
        let whole = run(&setup, END);
        let mut stepped = History::new(&setup).unwrap();
        while stepped.head().next_at().is_some_and(|next| next <= END) {
            let before = stepped.complete_to();
            prop_assert!(stepped.step());
            prop_assert!(stepped.complete_to() >= before);
            check_complete(&stepped)?;
            prop_assert_eq!(stepped.head().broker().audit(), Ok(()));
        }
        stepped.run_until(END);
        check_same(&whole, &stepped)?;
    }

    #[test]
    fn seek_before_an_event_is_the_world_in_which_it_had_not_happened(setup in setup(None)) {
        let history = run(&setup, END);
        let mut fresh = World::new(&setup).unwrap();
        let mut events = Vec::new();
        for step in history.steps() {
            let before = digest(&fresh);
            let first = events.len();
            fresh.step(&mut events);
            prop_assert_eq!(step.events, events.len());
            for event in &events[first..] {
                prop_assert_eq!(&digest(&history.seek_before(event.id)), &before);
            }
        }
    }

    #[test]
    fn inputs_fork_the_past_and_the_run_is_as_if_they_had_come_in_order(
        setup in setup(None),
        hands in prop::collection::vec((0..600_u64, 0..3_u32, prop::option::of(0..900_u64)), 1..8),
    ) {
        let mut history = History::new(&setup).unwrap();
        let mut kept: Vec<(Micros, Input)> = Vec::new();
        for (at, publisher, ahead) in hands {
            if let Some(ahead) = ahead {
                history.run_until(Micros::from_millis(ahead));
            }
            let (at, input) = (Micros::from_millis(at), Input::Publish(PublisherId(publisher)));
            kept.retain(|&(before, _)| before <= at);
            kept.push((at, input.clone()));
            history.input(at, input);
            prop_assert_eq!(history.complete_to(), at, "what came after is undone");
            check_record(&history)?;
        }
        history.run_until(Micros::from_millis(900));
        check_record(&history)?;

        let mut fresh = History::new(&setup).unwrap();
        for (at, input) in kept {
            fresh.input(at, input);
        }
        fresh.run_until(Micros::from_millis(900));
        check_same(&history, &fresh)?;
    }
}

/// Nothing that is still to happen belongs to the time said to be complete.
fn check_complete(history: &History) -> Result<(), TestCaseError> {
    let next = history.head().next_at();
    prop_assert!(
        // Before anything happened, not even the start is complete.
        next.is_none_or(|next| next > history.complete_to() || next == Micros::ZERO),
        "complete to {}, yet next is {:?}",
        history.complete_to(),
        next
    );
    Ok(())
}

#[test]
fn seek_equals_a_fresh_run_across_many_snapshots() {
    let setup = busy();
    let mut history = run(&setup, Micros::MAX);
    let steps = history.steps().to_vec();
    assert!(steps.len() > 8_000, "{}", steps.len());
    let mut fresh = World::new(&setup).unwrap();
    let mut events = Vec::new();
    let mut done = 0;
    for (index, step) in steps.iter().enumerate() {
        // Every so often, and all about the places where snapshots are.
        if index % 37 != 0 && !(255..=257).contains(&(index % 512)) {
            continue;
        }
        while fresh.next_at().is_some_and(|next| next <= step.at) {
            fresh.step(&mut events);
            done += 1;
        }
        assert_eq!(
            digest(&history.seek(step.at)),
            digest(&fresh),
            "after {done} steps"
        );
    }

    // Act in the past, far behind the last snapshot.
    let at = steps[steps.len() / 2].at;
    history.input(at, Input::Publish(PublisherId(0)));
    history.run_until(Micros::MAX);
    let mut other = History::new(&setup).unwrap();
    other.input(at, Input::Publish(PublisherId(0)));
    other.run_until(Micros::MAX);
    assert_eq!(history.events(), other.events());
    for step in other.steps().iter().step_by(211) {
        assert_eq!(digest(&history.seek(step.at)), digest(&other.seek(step.at)));
    }
}

#[test]
fn bursts_that_overlap_do_not_turn_time_back() {
    let mut setup = busy();
    setup.publishers[0].pace = Pace::Burst {
        every: Micros::from_millis(10),
        size: 3,
        gap: Micros::from_millis(20),
        start: Micros::ZERO,
        count: Some(4),
    };
    let history = run(&setup, Micros::MAX);
    assert!(history.steps().is_sorted_by_key(|step| step.at));
    assert_eq!(history.head().publishers()[0].published, 12);
}

#[test]
fn a_setup_whose_actors_name_what_they_cannot_use_is_refused() {
    let publisher = |setup: &mut Setup| setup.publishers[0].exchange = "missing".into();
    let message = |setup: &mut Setup| {
        setup.publishers[0].messages[0].exchange = Some("missing".into());
    };
    let consumer = |setup: &mut Setup| setup.consumers[1].queue = "missing".into();
    let internal = |setup: &mut Setup| {
        setup.publishers[0].exchange = "amq.rabbitmq.trace".into();
    };
    type Change = fn(&mut Setup);
    let changes: [(&str, Change, &str); 4] = [
        ("publisher `p`", publisher, "404"),
        ("publisher `p`", message, "404"),
        ("consumer `c`", consumer, "404"),
        ("publisher `p`", internal, "403"),
    ];
    for (what, change, code) in changes {
        let mut setup = busy();
        change(&mut setup);
        let error = World::new(&setup).unwrap_err().to_string();
        assert!(error.starts_with(what) && error.contains(code), "{error}");
    }
}
