//! What is shown: after it happened and after its cause, never far behind, and in the end all of it.

use std::collections::{BTreeMap, BTreeSet};

use leveret::broker::{
    CopyId, Definitions, Destination, Event as BrokerEvent, EventId, MessageId, Micros, Queue,
    QueueId, QueueKind, Return, Throttle, Via,
};
use leveret::director::{Bead, Director, Flight, MAX_LAG, Moment, QueueStage, Stage};
use leveret::history::History;
use leveret::topology::EdgeKey;
use leveret::world::{Event, EventKind, LinkId, Setup, WorkerId, World};
use proptest::prelude::*;

use crate::lively::lively;
use crate::setups::{chain, digest, setup};
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

/// The beginning of a run that may have no end.
fn begun(setup: &Setup) -> Option<(History, Director)> {
    const STEPS: usize = 1_500;
    let mut history = History::new(setup).ok()?;
    let mut director = Director::new(&history);
    history.run_toward(Micros::from_millis(1_500), STEPS);
    director.read(&history);
    Some((history, director))
}

fn cue_order(director: &Director, history: &History) -> Result<(), TestCaseError> {
    let cues = director.cues();
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

/// Where a token is bound for: what it is told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    Sent(MessageId),
    Copy(CopyId),
    /// With a consumer: a stream's entry may be on its way to several.
    Held(WorkerId, CopyId),
    /// By the event it set out with: what is recovered is on its way twice (S14).
    Delivered(EventId),
    Letter(CopyId),
    Back(MessageId, EventId),
}

fn token(copy: Option<CopyId>, flight: &Flight) -> Token {
    let edge = flight.legs.first().map(|leg| leg.edge);
    match (copy, edge) {
        (Some(copy), Some(EdgeKey::Consume(worker))) => Token::Held(worker, copy),
        (Some(copy), Some(EdgeKey::DeadLetter { .. })) => Token::Letter(copy),
        (Some(copy), _) => Token::Copy(copy),
        (None, _) if flight.kind.is_backwards() => Token::Back(flight.message, flight.event),
        (None, _) => Token::Sent(flight.message),
    }
}

/// Whether an event may cut short what is on its way: it does not tell of an arrival.
fn cuts(event: &EventKind) -> bool {
    use BrokerEvent as E;
    match event {
        EventKind::Unsent { .. } | EventKind::Disconnected { .. } => true,
        EventKind::Broker(event) => match event {
            E::Requeued { why, .. } => !matches!(why, Return::Nacked | Return::Rejected),
            E::Lost { .. }
            | E::Died { .. }
            | E::QueueDeleted { .. }
            | E::ChannelClosed { .. }
            | E::ConnectionClosed { .. }
            | E::Cancelled { .. }
            | E::RolledBack { .. }
            | E::Stopped { .. } => true,
            _ => false,
        },
        _ => false,
    }
}

/// Whether an exchange keeps the message, or nobody knows what it does with it.
fn goes_on(event: &EventKind) -> bool {
    use BrokerEvent as E;
    matches!(
        event,
        EventKind::Broker(E::Postponed { .. } | E::Untold { .. })
    )
}

/// Everything a message does, one thing after the other: the legs of all flights of it and of each copy, unless its way
/// was cut short.
fn flights_never_overlap(director: &Director, history: &History) -> Result<(), TestCaseError> {
    let definitions = history.head().definitions();
    let mut landed: BTreeMap<Token, Micros> = BTreeMap::new();
    for cue in director.cues() {
        let event = &history.event(cue.event).unwrap().kind;
        for (copy, flight) in &cue.flights {
            prop_assert_eq!(flight.event, cue.event);
            let token = token(*copy, flight);
            let mut free = cue.at;
            for leg in &flight.legs {
                prop_assert!(leg.from >= free, "{:?} is elsewhere until {}", flight, free);
                prop_assert!(leg.until >= leg.from);
                free = leg.until;
                // An exchange decides when the message gets there. What goes on to one that keeps it was decided about
                // with the event before.
                if let (false, EdgeKey::Binding(id)) = (goes_on(event), leg.edge) {
                    let source = definitions.binding(id).unwrap().source;
                    let decision = cue
                        .decisions
                        .iter()
                        .find(|decision| decision.exchange == source);
                    let decision = decision.unwrap();
                    prop_assert_eq!(decision.from, leg.from, "{:?}", decision);
                    prop_assert!(decision.until >= leg.until);
                    prop_assert!(
                        !decision.spare.contains(&Via::Binding(id)),
                        "{:?}",
                        decision
                    );
                }
            }
            if !goes_on(event) {
                landed.insert(token, free);
            }
            if let Token::Held(..) = token {
                landed.insert(Token::Delivered(cue.event), free);
            }
        }
        for pair in cue.decisions.windows(2) {
            prop_assert!(pair[0].exchange != pair[1].exchange);
        }
        // E12: to each queue that gets a copy it goes along one of the bindings that matched; the others are spare.
        if let EventKind::Broker(BrokerEvent::Routed { copies, .. }) = event {
            let used: BTreeSet<Via> = copies.iter().flat_map(|copy| copy.path.clone()).collect();
            for decision in &cue.decisions {
                for &via in &decision.matched {
                    let Via::Binding(id) = via else { continue };
                    if let Destination::Queue(to) = definitions.binding(id).unwrap().destination
                        && copies.iter().any(|copy| copy.queue == to)
                    {
                        prop_assert_eq!(used.contains(&via), !decision.spare.contains(&via));
                    }
                }
            }
        }
        // What happens with a token happens after it arrived.
        if cuts(event) {
            continue;
        }
        let arriving = match (event, event.queued()) {
            (
                EventKind::Broker(BrokerEvent::Routed {
                    message, letter, ..
                }),
                _,
            )
            | (
                EventKind::Broker(BrokerEvent::Unroutable {
                    message, letter, ..
                }),
                _,
            ) => letter.map_or(Token::Sent(*message), Token::Letter),
            (EventKind::Waiting { message, .. }, _) => Token::Sent(*message),
            (EventKind::Broker(BrokerEvent::Ready { queued, .. }), _) => Token::Copy(queued.copy),
            (EventKind::Received { .. }, _) => {
                Token::Delivered(history.event(cue.event).unwrap().cause)
            }
            (EventKind::Broker(BrokerEvent::Acked { .. }), Some(queued)) => match cue.worker {
                Some(worker) => Token::Held(worker, queued.copy),
                None => continue,
            },
            (EventKind::Returned { message, .. }, _) => {
                Token::Back(*message, history.event(cue.event).unwrap().cause)
            }
            _ => continue,
        };
        let happened = history.event(cue.event).unwrap().at;
        if let Some(&arrived) = landed.get(&arriving) {
            // What happens without the way that is shown, such as a commit, need not be waited for beyond the lag.
            let is_far = arrived > happened + MAX_LAG;
            prop_assert!(arrived <= cue.at || is_far, "{} {:?}", arrived, cue);
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
                    EdgeKey::Alternate(of) => {
                        prop_assert_eq!(at, Destination::Exchange(of));
                        // Where it leads now need not be where it led.
                        let next = flight.legs.iter().position(|other| other == leg).unwrap() + 1;
                        match flight.legs[next].edge {
                            EdgeKey::Binding(id) => {
                                Destination::Exchange(definitions.binding(id).unwrap().source)
                            }
                            EdgeKey::Alternate(of) => Destination::Exchange(of),
                            _ => Destination::Exchange(Definitions::DEFAULT_EXCHANGE),
                        }
                    }
                    edge => return Err(TestCaseError::fail(format!("{edge:?}"))),
                };
            }
            prop_assert_eq!(at, Destination::Queue(routed.queue));
        }
    }
    Ok(())
}

/// Once all is shown, the stage is the broker's and the actors' own state.
fn stage_is_the_world(stage: &Stage, history: &History) -> Result<(), TestCaseError> {
    let (world, broker) = (history.head(), history.head().broker());
    let on_the_way: Vec<_> = broker.on_the_way().map(|(copy, _)| copy).collect();
    prop_assert_eq!(stage.copies.keys().copied().collect::<Vec<_>>(), on_the_way);
    let letters: Vec<_> = broker.letters().map(|(copy, ..)| copy).collect();
    prop_assert_eq!(stage.letters.keys().copied().collect::<Vec<_>>(), letters);
    prop_assert_eq!(stage.broker.down.is_some(), !broker.is_up());
    prop_assert_eq!(&stage.broker.alarms, broker.alarms());
    for queue in broker.queues() {
        queue_is_the_brokers(queue, &stage.queues[queue.id.index()], world)?;
    }
    let definitions = world.definitions();
    for exchange in definitions.exchanges() {
        let shown = &stage.exchanges[exchange.id.index()];
        prop_assert_eq!(
            shown.presence.is_here(),
            !exchange.deleted,
            "{}",
            exchange.name
        );
    }
    for binding in definitions.bindings() {
        let shown = stage.bindings[binding.id.index()];
        prop_assert_eq!(shown.is_here(), !binding.deleted, "{:?}", binding);
    }
    for (worker, shown) in world.workers().iter().zip(&stage.consumers) {
        let mut own = broker
            .consumers()
            .iter()
            .filter(|consumer| world.worker_of(consumer.id) == Some(worker.id));
        let present = own.find(|consumer| consumer.present);
        prop_assert_eq!(shown.consuming, present.is_some(), "{}", worker.name());
        let is_active = present.is_some_and(|consumer| {
            broker.queue(consumer.queue).unwrap().active == Some(consumer.id)
        });
        prop_assert_eq!(shown.active, is_active, "{}", worker.name());
        prop_assert_eq!(shown.waiting.len(), worker.waiting());
        prop_assert_eq!(
            shown
                .working
                .iter()
                .map(|work| work.queued)
                .collect::<Vec<_>>(),
            worker
                .working
                .iter()
                .map(|job| job.queued)
                .collect::<Vec<_>>()
        );
        prop_assert_eq!(shown.published, worker.published);
    }
    for (publisher, shown) in world.publishers().iter().zip(&stage.publishers) {
        prop_assert_eq!(shown.published, publisher.published);
    }
    for ((link, shown), id) in world.links().iter().zip(&stage.links).zip(0..) {
        let its = |of: Option<LinkId>| of == Some(LinkId(id));
        let connections = broker.connections().iter();
        let open = connections
            .filter(|connection| its(world.link_of_connection(connection.id)))
            .find(|connection| !connection.closed);
        prop_assert_eq!(shown.open, open.is_some(), "{}", link.name);
        let throttle = open.map_or(Throttle::Running, |connection| connection.throttle);
        prop_assert_eq!(shown.throttle, throttle, "{}", link.name);
        let mut channels = broker.channels().iter();
        let open =
            channels.any(|channel| its(world.link_of_channel(channel.id)) && !channel.closed);
        prop_assert_eq!(shown.channel, open, "{}", link.name);
        prop_assert_eq!(
            shown.waiting.iter().copied().collect::<Vec<_>>(),
            link.waiting().collect::<Vec<_>>()
        );
        if link.channel.is_some() && shown.channel {
            let taken = |message: &&MessageId| {
                !stage.sent.contains_key(message) && !shown.waiting.contains(message)
            };
            let unconfirmed: Vec<_> = shown.unconfirmed.keys().filter(taken).copied().collect();
            let mut expected: Vec<_> = link.unconfirmed().collect();
            expected.sort_unstable();
            prop_assert_eq!(unconfirmed, expected, "{}", link.name);
        }
    }
    Ok(())
}

fn queue_is_the_brokers(
    queue: &Queue,
    shown: &QueueStage,
    world: &World,
) -> Result<(), TestCaseError> {
    let broker = world.broker();
    let name = &queue.name;
    prop_assert_eq!(shown.presence.is_here(), !queue.deleted, "{}", name);
    prop_assert_eq!(shown.ready.len(), queue.ready_len(), "{}", name);
    if queue.kind == QueueKind::Stream {
        let log: Vec<_> = queue.log().entries().map(|entry| entry.copy).collect();
        let beads: Vec<_> = shown.ready.iter().map(|bead| bead.copy).collect();
        prop_assert_eq!(beads, log, "{}", name);
        prop_assert!(queue.deleted || shown.first_offset == queue.log().first());
    } else {
        let ready: Vec<_> = queue
            .ready()
            .map(|entry| (entry.copy, entry.message.id, entry.redelivered, entry.level))
            .collect();
        let beads: Vec<_> = shown
            .ready
            .iter()
            .map(|bead| (bead.copy, bead.message, bead.redelivered, bead.level))
            .collect();
        prop_assert_eq!(beads, ready, "{}", name);
        for (bead, entry) in shown.ready.iter().zip(queue.ready()) {
            prop_assert_eq!(bead.ttl.is_some(), entry.expiry().is_some(), "{}", name);
        }
    }
    prop_assert!(shown.ready.iter().all(|bead| bead.holder.is_none()));
    let delayed: Vec<_> = queue.delayed().iter().map(|(_, it)| it.copy).collect();
    let beads: Vec<_> = shown.delayed.iter().map(|bead| bead.copy).collect();
    prop_assert_eq!(beads, delayed, "{}", name);
    let kept: Vec<_> = broker
        .kept()
        .filter(|&(_, of, again)| of == queue.id && again.is_some_and(|at| at > world.now()))
        .map(|(copy, ..)| copy)
        .collect();
    let beads: Vec<_> = shown.kept.keys().copied().collect();
    prop_assert_eq!(beads, kept, "{}", name);
    let unacked: BTreeMap<_, _> = broker
        .unacked()
        .filter(|&(_, of, _)| of == queue.id)
        .map(|(copy, _, consumer)| (copy, consumer.and_then(|id| world.worker_of(id))))
        .collect();
    let beads: BTreeMap<_, _> = shown
        .unacked
        .iter()
        .map(|bead| (bead.copy, bead.holder))
        .collect();
    prop_assert_eq!(
        beads.keys().collect::<Vec<_>>(),
        unacked.keys().collect::<Vec<_>>(),
        "{}",
        name
    );
    for (copy, holder) in unacked {
        // Of one that was asked for the broker knows only the channel (S3).
        prop_assert!(holder.is_none() || beads[&copy] == holder, "{}", name);
    }
    let active = queue.active.and_then(|id| world.worker_of(id));
    prop_assert_eq!(shown.active, active, "{}", name);
    Ok(())
}

/// What a stage must be at any moment: each copy in one place, nobody with more than its prefetch, numbers that add up.
fn stage_makes_sense(
    stage: &Stage,
    history: &History,
    counts: &Counts,
) -> Result<(), TestCaseError> {
    let mut queued = BTreeSet::new();
    let mut held: BTreeMap<WorkerId, usize> = BTreeMap::new();
    for (queue, id) in stage.queues.iter().zip(0..) {
        let setup = history.head().broker().queue(QueueId(id)).unwrap();
        let is_plain = setup.kind == QueueKind::Classic && setup.settings.max_priority.is_none();
        let in_place = |bead: &Bead| counts.came.get(&bead.copy);
        let in_order = queue.ready.iter().is_sorted_by_key(in_place);
        prop_assert!(in_order || !is_plain, "S10");
        let ready = queue.ready.iter();
        for bead in ready.chain(&queue.unacked).chain(&queue.delayed) {
            prop_assert!(queued.insert(bead.copy), "{:?} twice", bead);
            prop_assert!(!counts.ended.contains(&bead.copy), "{:?} has ended", bead);
        }
        for holder in queue.unacked.iter().filter_map(|bead| bead.holder) {
            *held.entry(holder).or_default() += 1;
        }
        for (&reader, at) in &queue.readers {
            *held.entry(reader).or_default() += at.unacked;
        }
    }
    for (worker, shown) in history.head().workers().iter().zip(&stage.consumers) {
        let prefetch = usize::from(worker.setup.prefetch);
        prop_assert!(
            prefetch == 0 || shown.unacked <= prefetch || worker.setup.polls.is_some(),
            "{} holds {} of {}",
            worker.name(),
            shown.unacked,
            prefetch
        );
        let held = held.get(&worker.id).copied().unwrap_or_default();
        prop_assert_eq!(shown.unacked, held, "{}", worker.name());
        let mut here = BTreeSet::new();
        let working = shown.working.iter().map(|work| &work.queued);
        let in_hand = shown.waiting.iter().chain(working);
        for queued in in_hand.filter(|queued| !counts.recovered.contains(&queued.copy)) {
            prop_assert!(here.insert(queued.copy), "{:?} twice", queued);
            let key = (worker.id, queued.copy);
            prop_assert!(!stage.deliveries.contains_key(&key), "{:?} is here", queued);
            prop_assert!(!stage.answers.contains_key(&key), "{:?} is here", queued);
        }
    }
    for copy in stage.copies.keys() {
        prop_assert!(!queued.contains(copy), "{:?} is in a queue", copy);
        prop_assert!(!counts.ended.contains(copy), "{:?} has ended", copy);
    }
    for copy in stage.letters.keys() {
        prop_assert!(counts.ended.contains(copy), "{:?} is dead", copy);
    }
    let all = counts.ended.len() + queued.len() + stage.copies.len();
    prop_assert_eq!(counts.copies, all);
    let links = stage.links.iter();
    let waiting: usize = links.map(|link| link.waiting.len() + link.held.len()).sum();
    let known = counts.decided + stage.sent.len() + waiting;
    // What a channel that closed discards of a transaction is not told one by one (C12).
    let transacts = history
        .head()
        .publishers()
        .iter()
        .any(|it| it.transaction > 0);
    prop_assert!(counts.published == known || (transacts && counts.published > known));
    Ok(())
}

/// Counted from the events shown, apart from the stage.
#[derive(Default)]
struct Counts {
    /// What goes on after it waited, or is remembered, is decided about again (E44, E45).
    again: BTreeSet<EventId>,
    published: usize,
    decided: usize,
    copies: usize,
    ended: BTreeSet<CopyId>,
    /// Copies that their consumer may have twice (S14).
    recovered: BTreeSet<CopyId>,
    /// Copies in the order in which they first came to a queue.
    came: BTreeMap<CopyId, usize>,
}

impl Counts {
    fn add(&mut self, event: &Event) {
        use BrokerEvent as E;
        let again = self.again.remove(&event.cause);
        if let EventKind::Broker(E::Resumed { .. } | E::Recalled { .. }) = event.kind {
            self.again.insert(event.id);
        }
        let event = match &event.kind {
            EventKind::Published { .. } => {
                self.published += 1;
                return;
            }
            EventKind::Unsent { .. } => {
                self.decided += 1;
                return;
            }
            EventKind::Broker(event) => event,
            _ => return,
        };
        match event {
            E::Routed { copies, letter, .. } => {
                self.decided += usize::from(letter.is_none() && !again);
                self.copies += copies.len();
            }
            E::Unroutable { letter, .. } => {
                self.decided += usize::from(letter.is_none() && !again);
            }
            E::Refused { message, .. } => self.decided += usize::from(message.is_some()),
            E::RolledBack { messages, .. } => self.decided += messages.len(),
            E::Ready { queued, .. } => {
                self.came.insert(queued.copy, self.came.len());
            }
            E::Acked { queued, .. }
            | E::Died { queued, .. }
            | E::TurnedAway { queued, .. }
            | E::Lost { queued, .. }
            | E::Got {
                queued,
                settled: true,
                ..
            }
            | E::Delivered {
                queued,
                settled: true,
                ..
            } => {
                self.ended.insert(queued.copy);
            }
            E::Requeued {
                queued,
                why: Return::Recovered,
                ..
            } => {
                self.recovered.insert(queued.copy);
            }
            E::Purged { copies, .. }
            | E::QueueDeleted { copies, .. }
            | E::Truncated { copies, .. } => self.ended.extend(copies),
            _ => {}
        }
    }
}

/// A token leaves the stage when it has arrived, not before, unless its way is cut short.
fn flights_arrive(before: &Stage, after: &Stage, event: &Event) -> Result<(), TestCaseError> {
    if cuts(&event.kind) {
        return Ok(());
    }
    fn stay<K: Ord + std::fmt::Debug>(
        before: &BTreeMap<K, Flight>,
        after: &BTreeMap<K, Flight>,
        at: Micros,
    ) -> Result<(), TestCaseError> {
        for (key, flight) in before {
            let is_there = after.get(key) == Some(flight);
            prop_assert!(is_there || flight.has_landed(at), "{:?} {:?}", key, flight);
        }
        Ok(())
    }
    // Nothing is waited for longer than the lag.
    let at = event.at + MAX_LAG;
    stay(&before.sent, &after.sent, at)?;
    stay(&before.copies, &after.copies, at)?;
    stay(&before.letters, &after.letters, at)?;
    stay(&before.deliveries, &after.deliveries, at)?;
    stay(&before.answers, &after.answers, at)
}

fn check(setup: &Setup) -> Result<(), TestCaseError> {
    let (history, director) = finished(setup);
    prop_assert_eq!(
        director.cues().len(),
        history.events().len(),
        "all is shown"
    );
    let stage = check_moments(&history, &director)?;
    prop_assert!(stage.sent.is_empty());
    prop_assert!(stage.deliveries.is_empty());
    prop_assert!(stage.answers.is_empty());
    stage_is_the_world(&stage, &history)
}

/// Holds every moment against the promises; gives back the last stage.
fn check_moments(history: &History, director: &Director) -> Result<Stage, TestCaseError> {
    cue_order(director, history)?;
    flights_never_overlap(director, history)?;
    flights_lead_where_they_should(director, history)?;

    let mut moment = Moment::default();
    let mut stage = director.stage(moment, history);
    let mut counts = Counts::default();
    stage_makes_sense(&stage, history, &counts)?;
    while let Some(next) = director.next(moment) {
        let event = director.cues()[moment.shown].event;
        prop_assert_eq!(director.moment_of(event), Some(next));
        let event = history.event(event).unwrap();
        counts.add(event);
        let after = director.stage(next, history);
        stage_makes_sense(&after, history, &counts)
            .map_err(|wrong| TestCaseError::fail(format!("{wrong} after {event:?}")))?;
        flights_arrive(&stage, &after, event)
            .map_err(|wrong| TestCaseError::fail(format!("{wrong} after {event:?}")))?;
        (moment, stage) = (next, after);
    }
    Ok(stage)
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
    fn so_it_is_when_all_goes_wrong(setup in lively()) {
        let Some((history, director)) = begun(&setup) else {
            return Err(TestCaseError::reject("no broker accepts it"));
        };
        check_moments(&history, &director)?;
        stage_is_the_world(&director.settled(&history), &history)?;
    }

    #[test]
    fn what_goes_wrong_is_shown_alike_however_it_is_read(
        setup in lively(), pieces in prop::collection::vec(1..40_usize, 1..20),
    ) {
        let Some((history, whole)) = begun(&setup) else {
            return Err(TestCaseError::reject("no broker accepts it"));
        };
        let mut growing = History::new(&setup).unwrap();
        let mut director = Director::new(&growing);
        let mut pieces = pieces.into_iter().cycle();
        while growing.steps().len() < history.steps().len() {
            let left = history.steps().len() - growing.steps().len();
            for _ in 0..pieces.next().unwrap_or(1).min(left) {
                growing.step();
            }
            director.read(&growing);
            prop_assert!(whole.cues().starts_with(director.cues()));
            let moment = Moment { at: growing.complete_to(), shown: director.cues().len() };
            prop_assert_eq!(director.stage(moment, &growing), whole.stage(moment, &history));
        }
        prop_assert_eq!(director.settled(&growing), whole.settled(&history));
        // A director that begins late sees the same.
        let mut late = Director::new(&history);
        late.read(&history);
        prop_assert_eq!(late.cues(), whole.cues());
        prop_assert_eq!(late.settled(&history), whole.settled(&history));
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

/// A built-in scenario's run to its end, and its director.
fn whole(name: &str) -> (History, Director) {
    let scenario = leveret::scenario::open(name).unwrap();
    let mut history = History::new(&scenario.setup).unwrap();
    history.run_until(scenario.until);
    let mut director = Director::new(&history);
    director.read(&history);
    (history, director)
}

#[test]
fn what_is_kept_when_the_oldest_is_forgotten_stays_as_it_was() {
    let mut forgot = 0;
    for name in [
        "work-queue",
        "poison",
        "retry",
        "stream",
        "length-limit",
        "pipeline",
    ] {
        let (history, director) = whole(name);
        for keep in [40, 400] {
            let (mut short, mut late) = (history.clone(), director.clone());
            let (oldest, needed) = late.forget(keep);
            short.forget_before(oldest, &needed);
            let first = late.shown().first();
            forgot += first;
            assert!(
                first + keep <= director.cues().len() || first == 0,
                "{name}"
            );
            assert!(short.told().first() < oldest.0 as usize);
            for shown in first..=director.cues().len() {
                let at = director
                    .moment(director.cues()[shown.saturating_sub(1)].at)
                    .at;
                let moment = Moment { at, shown };
                let (here, there) = (late.stage(moment, &short), director.stage(moment, &history));
                assert_eq!(here, there, "{name} at {shown}");
            }
            for event in short.events() {
                assert_eq!(history.event(event.id), Some(event));
                assert_eq!(late.shown_at(event.id).is_some(), event.id >= oldest);
            }
            for event in short.events().iter().skip(1).step_by(7) {
                let (here, there) = (short.seek_before(event.id), history.seek_before(event.id));
                assert_eq!(
                    digest(&here),
                    digest(&there),
                    "{name} before {:?}",
                    event.id
                );
            }
            for message in needed {
                assert_eq!(short.message(message), history.message(message), "{name}");
            }
            // It goes on as it would have.
            let (mut longer, mut whole) = (short, history.clone());
            let later = whole.complete_to() + Micros::from_secs(5);
            longer.run_until(later);
            whole.run_until(later);
            late.read(&longer);
            assert_eq!(longer.head().now(), whole.head().now());
            assert_eq!(longer.told().len(), whole.told().len());
        }
    }
    assert!(forgot > 0, "something is forgotten");
}
