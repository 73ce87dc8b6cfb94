//! What is shown: after it happened and after its cause, never far behind, and in the end all of it.

use std::collections::{BTreeMap, BTreeSet};

use leveret::broker::{CopyId, Destination, Event as BrokerEvent, MessageId, Micros};
use leveret::director::{Bead, Director, Flight, FlightKind, MAX_LAG, Moment, Stage};
use leveret::history::History;
use leveret::topology::EdgeKey;
use leveret::world::{EventKind, Setup};
use proptest::prelude::*;

use crate::setups::{chain, setup};
use crate::support::cases;

/// A run of which all has happened, and all is shown.
fn finished(setup: &Setup) -> (History, Director) {
    let mut history = History::new(setup).unwrap();
    let mut director = Director::new(&history);
    while history.step() {}
    history.run_until(history.head().now() + Micros::from_secs(10));
    director.read(&history);
    (history, director)
}

fn cue_order(director: &Director, history: &History) -> Result<(), TestCaseError> {
    let cues = director.cues();
    prop_assert_eq!(cues.len(), history.events().len(), "all is shown");
    prop_assert!(cues.is_sorted_by_key(|cue| (cue.at, cue.event)));
    let mut shown = BTreeSet::new();
    for cue in cues {
        let event = history.event(cue.event).unwrap();
        prop_assert_eq!(director.shown_at(cue.event), Some(cue.at));
        prop_assert!(cue.at >= event.at, "not before it happened: {:?}", cue);
        prop_assert!(
            cue.at.since(event.at) <= MAX_LAG,
            "{} behind: {:?}",
            cue.at.since(event.at),
            cue
        );
        prop_assert!(
            event.cause.0 == 0 || shown.contains(&event.cause),
            "after its cause"
        );
        prop_assert!(shown.insert(cue.event), "once");
    }
    Ok(())
}

/// Everything a message does, one thing after the other: the legs of all flights of it and of each copy.
fn flights_never_overlap(director: &Director, history: &History) -> Result<(), TestCaseError> {
    let definitions = history.head().definitions();
    let mut sent: BTreeMap<MessageId, Micros> = BTreeMap::new();
    let mut copies: BTreeMap<CopyId, Micros> = BTreeMap::new();
    for cue in director.cues() {
        for (copy, flight) in &cue.flights {
            prop_assert_eq!(flight.event, cue.event);
            let before = match copy {
                None => sent.get(&flight.message),
                Some(copy) => copies.get(copy).or_else(|| sent.get(&flight.message)),
            };
            let mut free = before.copied().unwrap_or(Micros::ZERO);
            prop_assert!(!flight.legs.is_empty());
            prop_assert!(flight.legs[0].from >= cue.at);
            for leg in &flight.legs {
                prop_assert!(leg.from >= free, "{:?} is elsewhere until {}", flight, free);
                prop_assert!(leg.until >= leg.from);
                free = leg.until;
                // An exchange decides when the message gets there.
                if let EdgeKey::Binding(id) = leg.edge {
                    let source = definitions.binding(id).unwrap().source;
                    let decision = cue
                        .decisions
                        .iter()
                        .find(|decision| decision.exchange == source);
                    let decision = decision.unwrap();
                    prop_assert_eq!(decision.from, leg.from, "{:?}", decision);
                    prop_assert!(decision.until >= leg.until);
                }
            }
            match copy {
                None => sent.insert(flight.message, free),
                Some(copy) => copies.insert(*copy, free),
            };
        }
        for pair in cue.decisions.windows(2) {
            prop_assert!(pair[0].exchange != pair[1].exchange);
        }
        // What happens with a token happens after it arrived.
        let event = &history.event(cue.event).unwrap().kind;
        if cue.flights.is_empty() {
            let arrived = match event.queued() {
                Some(queued) => copies.get(&queued.copy),
                None => event.message().and_then(|message| sent.get(&message)),
            };
            prop_assert!(
                arrived.is_none_or(|&arrived| arrived <= cue.at),
                "{:?}",
                cue
            );
        }
    }
    Ok(())
}

/// Where all flights lead is where their message is bound for.
fn flights_lead_where_they_should(
    director: &Director,
    history: &History,
) -> Result<(), TestCaseError> {
    let definitions = history.head().definitions();
    for cue in director.cues() {
        let EventKind::Broker(BrokerEvent::Routed {
            exchange, copies, ..
        }) = &history.event(cue.event).unwrap().kind
        else {
            continue;
        };
        prop_assert_eq!(copies.len(), cue.flights.len());
        for (routed, (copy, flight)) in copies.iter().zip(&cue.flights) {
            prop_assert_eq!(Some(routed.copy), *copy);
            let mut at = Destination::Exchange(*exchange);
            for leg in &flight.legs {
                at = match leg.edge {
                    EdgeKey::Binding(id) => {
                        let binding = definitions.binding(id).unwrap();
                        prop_assert_eq!(at, Destination::Exchange(binding.source));
                        binding.destination
                    }
                    EdgeKey::Implicit(queue) => Destination::Queue(queue),
                    edge => return Err(TestCaseError::fail(format!("{edge:?}"))),
                };
            }
            prop_assert_eq!(at, Destination::Queue(routed.queue));
        }
    }
    Ok(())
}

/// At the end the stage is the broker's own state.
fn stage_is_the_world(stage: &Stage, history: &History) -> Result<(), TestCaseError> {
    let (world, broker) = (history.head(), history.head().broker());
    prop_assert!(stage.sent.is_empty());
    prop_assert!(stage.copies.is_empty());
    prop_assert!(stage.answers.is_empty());
    for (queue, shown) in broker.queues().iter().zip(&stage.queues) {
        let ready: Vec<_> = queue
            .ready()
            .map(|entry| (entry.copy, entry.message.id, entry.redelivered))
            .collect();
        let beads: Vec<_> = shown
            .ready
            .iter()
            .map(|bead| (bead.copy, bead.message, bead.redelivered))
            .collect();
        prop_assert_eq!(beads, ready);
        prop_assert!(shown.ready.iter().all(|bead| bead.holder.is_none()));
        let unacked: BTreeSet<_> = broker
            .unacked()
            .filter(|&(_, of, _)| of == queue.id)
            .map(|(copy, _, consumer)| (copy, Some(consumer)))
            .collect();
        let beads: BTreeSet<_> = shown
            .unacked
            .iter()
            .map(|bead| (bead.copy, bead.holder))
            .collect();
        prop_assert_eq!(beads, unacked);
        prop_assert_eq!(shown.unacked.len(), queue.unacked());
    }
    for (worker, shown) in world.workers().iter().zip(&stage.consumers) {
        let consumer = broker.consumer(worker.id).unwrap();
        prop_assert_eq!(shown.unacked, consumer.unacked);
        prop_assert_eq!(shown.consuming, consumer.active);
        prop_assert_eq!(shown.waiting.len(), worker.waiting());
        prop_assert_eq!(shown.working.is_some(), worker.working.is_some());
    }
    for (publisher, &shown) in world.publishers().iter().zip(&stage.published) {
        prop_assert_eq!(shown, publisher.published);
    }
    let totals = broker.totals();
    prop_assert_eq!(stage.routed.iter().sum::<u64>(), totals.messages);
    prop_assert_eq!(stage.unroutable.iter().sum::<u64>(), totals.unroutable);
    Ok(())
}

/// What a stage must be at any moment: each copy in one place, nobody with more than its prefetch, numbers that add up.
fn stage_makes_sense(
    stage: &Stage,
    history: &History,
    counts: &Counts,
) -> Result<(), TestCaseError> {
    let mut queued = BTreeSet::new();
    let mut unacked = BTreeMap::new();
    for queue in &stage.queues {
        let in_place = |bead: &Bead| counts.came.get(&bead.copy);
        prop_assert!(queue.ready.iter().is_sorted_by_key(in_place), "S10");
        for bead in &queue.ready {
            prop_assert!(queued.insert(bead.copy), "{:?} twice", bead);
        }
        for bead in &queue.unacked {
            prop_assert!(queued.insert(bead.copy), "{:?} twice", bead);
            unacked.insert(bead.copy, bead.holder);
        }
    }
    let mut at_consumers = BTreeSet::new();
    for (worker, shown) in history.head().workers().iter().zip(&stage.consumers) {
        let prefetch = usize::from(worker.setup.prefetch);
        prop_assert!(
            prefetch == 0 || shown.unacked <= prefetch,
            "{} holds {} of {}",
            worker.name(),
            shown.unacked,
            prefetch
        );
        let held = unacked
            .values()
            .filter(|&&holder| holder == Some(worker.id))
            .count();
        prop_assert_eq!(shown.unacked, held);
        for copy in shown
            .waiting
            .iter()
            .chain(shown.working.iter().map(|work| &work.queued))
        {
            prop_assert!(at_consumers.insert(copy.copy), "{:?} twice", copy);
            let holder = unacked.get(&copy.copy);
            let expected = worker.setup.ack.then_some(Some(worker.id));
            prop_assert_eq!(holder.copied(), expected, "unacked while it is worked on");
        }
    }
    let mut to_queue = 0;
    for (copy, flight) in &stage.copies {
        prop_assert!(
            !at_consumers.contains(copy),
            "{:?} is at a consumer",
            flight
        );
        prop_assert_eq!(flight.kind, FlightKind::Message);
        match flight.legs.last().map(|leg| leg.edge) {
            // On its way to a consumer it is unacked; not even that without acknowledgements.
            Some(EdgeKey::Consume(consumer)) => {
                let worker = history.head().worker(consumer).unwrap();
                let expected = worker.setup.ack.then_some(Some(consumer));
                prop_assert_eq!(unacked.get(copy).copied(), expected);
            }
            _ => {
                to_queue += 1;
                prop_assert!(!queued.contains(copy), "{:?} is in a queue", flight);
            }
        }
        prop_assert!(!stage.sent.contains_key(&flight.message));
    }
    for (copy, flight) in &stage.answers {
        prop_assert!(unacked.contains_key(copy), "{:?} is unacked", flight);
        prop_assert!(!stage.copies.contains_key(copy));
        prop_assert!(!at_consumers.contains(copy));
    }
    prop_assert_eq!(counts.copies, counts.ended + queued.len() + to_queue);
    prop_assert_eq!(counts.published, counts.decided + stage.sent.len());
    Ok(())
}

/// Counted from the events shown, apart from the stage.
#[derive(Default)]
struct Counts {
    published: usize,
    decided: usize,
    copies: usize,
    ended: usize,
    /// Copies in the order in which they first came to a queue.
    came: BTreeMap<CopyId, usize>,
}

impl Counts {
    fn add(&mut self, event: &EventKind) {
        match event {
            EventKind::Published { .. } => self.published += 1,
            EventKind::Broker(BrokerEvent::Routed { copies, .. }) => {
                self.decided += 1;
                self.copies += copies.len();
            }
            EventKind::Broker(BrokerEvent::Unroutable { .. }) => self.decided += 1,
            EventKind::Broker(BrokerEvent::Ready(queued)) => {
                self.came.insert(queued.copy, self.came.len());
            }
            EventKind::Broker(
                BrokerEvent::Acked { .. }
                | BrokerEvent::Rejected { .. }
                | BrokerEvent::Delivered { settled: true, .. },
            ) => self.ended += 1,
            _ => {}
        }
    }
}

/// A token leaves the stage when it has arrived, not before.
fn flights_arrive(before: &Stage, after: &Stage, at: Micros) -> Result<(), TestCaseError> {
    let arrived = |flight: &Flight| flight.legs.last().is_none_or(|leg| leg.until <= at);
    for (message, flight) in &before.sent {
        prop_assert!(after.sent.get(message) == Some(flight) || arrived(flight));
    }
    for (copy, flight) in &before.copies {
        prop_assert!(after.copies.get(copy) == Some(flight) || arrived(flight));
    }
    for (copy, flight) in &before.answers {
        prop_assert!(after.answers.get(copy) == Some(flight) || arrived(flight));
    }
    Ok(())
}

fn check(setup: &Setup) -> Result<(), TestCaseError> {
    let (history, director) = finished(setup);
    cue_order(&director, &history)?;
    flights_never_overlap(&director, &history)?;
    flights_lead_where_they_should(&director, &history)?;

    let mut moment = Moment::default();
    let mut stage = director.stage(moment, &history);
    let mut counts = Counts::default();
    stage_makes_sense(&stage, &history, &counts)?;
    while let Some(next) = director.next(moment) {
        let event = director.cues()[moment.shown].event;
        prop_assert_eq!(director.moment_of(event), Some(next));
        counts.add(&history.event(event).unwrap().kind);
        let after = director.stage(next, &history);
        stage_makes_sense(&after, &history, &counts)?;
        flights_arrive(&stage, &after, next.at)?;
        (moment, stage) = (next, after);
    }
    stage_is_the_world(&stage, &history)
}

/// The setups with an end.
fn ending() -> impl Strategy<Value = Setup> {
    setup(Some(16))
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn every_moment_is_one_the_run_could_have_been_seen_in(setup in ending()) {
        check(&setup)?;
    }

    #[test]
    fn so_it_is_through_chains_of_exchanges(setup in ending(), exchanges in 1..14_usize) {
        check(&chain(setup, exchanges))?;
    }

    #[test]
    fn next_and_previous_are_each_others_way_back(setup in ending(), at in 0..3_000_000_u64) {
        let (_, director) = finished(&setup);
        let mut way = vec![Moment::default()];
        while let Some(next) = director.next(way[way.len() - 1]) {
            way.push(next);
        }
        prop_assert_eq!(way.len(), director.cues().len() + 1);
        for pair in way.windows(2) {
            prop_assert!(pair[0] < pair[1]);
            prop_assert_eq!(director.previous(pair[1]), Some(pair[0]));
        }
        prop_assert_eq!(director.previous(way[0]), None);

        // From anywhere between, one back is where the last event was shown, one on is where the next is.
        let between = director.moment(Micros(at));
        if let Some(back) = director.previous(between) {
            prop_assert!(way.contains(&back));
            prop_assert!(back <= between);
        }
        if let Some(on) = director.next(between) {
            prop_assert!(way.contains(&on));
            prop_assert!(on > between);
        }
    }

    #[test]
    fn a_history_read_in_pieces_is_shown_alike_and_what_was_shown_stays(
        setup in ending(), pieces in prop::collection::vec(1..40_usize, 1..20),
    ) {
        let (history, whole) = finished(&setup);
        let mut growing = History::new(&setup).unwrap();
        let mut director = Director::new(&growing);
        let mut pieces = pieces.into_iter().cycle();
        let mut more = true;
        while more {
            for _ in 0..pieces.next().unwrap_or(1) {
                more = growing.step();
            }
            if !more {
                growing.run_until(growing.head().now() + Micros::from_secs(10));
            }
            director.read(&growing);
            let shown = director.cues().len();
            prop_assert!(whole.cues().starts_with(director.cues()));
            // The stage here is folded event by event; there it comes from a snapshot.
            let moment = Moment { at: growing.complete_to(), shown };
            prop_assert_eq!(director.stage(moment, &growing), whole.stage(moment, &history));
            // Whatever is shown by now is shown by then; before anything happened, not even the start is complete.
            let now = growing.complete_to();
            if now > Micros::ZERO {
                prop_assert_eq!(director.moment(now), whole.moment(now));
            }
        }
        prop_assert_eq!(whole.cues(), director.cues());
    }
}

#[test]
fn stages_far_apart_come_from_snapshots_and_are_the_same() {
    let setup = crate::setups::busy();
    let (history, director) = finished(&setup);
    assert!(director.cues().len() > 3_000, "{}", director.cues().len());
    let mut growing = History::new(&setup).unwrap();
    let mut folded = Director::new(&growing);
    while growing.step() {
        folded.read(&growing);
        let moment = Moment {
            at: growing.complete_to(),
            shown: folded.cues().len(),
        };
        assert_eq!(
            folded.stage(moment, &growing),
            director.stage(moment, &history),
            "{moment:?}"
        );
    }
    check(&setup).unwrap();
}
