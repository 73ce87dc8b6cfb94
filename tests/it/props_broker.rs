//! The broker keeps its promises through any program.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use leveret::broker::{
    Broker, ChannelId, Command, Configuration, CopyId, Event, EventId, Explanation, Keys, Loss,
    MessageId, Method, Micros, Outgoing, Publication, QueueId, Refusal, Reply, cc_keys,
};
use proptest::prelude::*;

use crate::program_scenario::scenario;
use crate::programs::{Done, Place, Program, Run, Tape, Watch, places, program};
use crate::support::cases;

/// Watches a broker, and leads another one the same way.
pub struct Watcher {
    /// Does the same, and must come to the same.
    twin: Broker,
    twins_tape: Tape,
    now: Micros,
    /// What is explained of each publish before it is made.
    explained: BTreeMap<MessageId, Explanation>,
    /// What is told of each copy.
    places: BTreeMap<CopyId, Place>,
    confirms: BTreeMap<ChannelId, Confirms>,
    last_tag: BTreeMap<ChannelId, u64>,
    pub steps: usize,
}

/// What a channel in confirm mode published, by sequence number, and whether it was settled.
type Confirms = Vec<(MessageId, bool)>;

impl Watcher {
    pub fn new(program: &Program) -> Self {
        Self {
            twin: Broker::new(Configuration {
                profile: program.profile,
                on_the_way: program.on_the_way,
                write_delay: program.write_delay,
                ..Configuration::default()
            }),
            twins_tape: Tape::default(),
            now: Micros::ZERO,
            explained: BTreeMap::new(),
            places: BTreeMap::new(),
            confirms: BTreeMap::new(),
            last_tag: BTreeMap::new(),
            steps: 0,
        }
    }
}

/// Where a publication would go, as it is told beforehand; the chance in it matters to no exchange of a program.
fn explain(broker: &Broker, publication: &Publication) -> Option<Explanation> {
    let definitions = broker.definitions();
    let exchange = definitions.exchange_named(&publication.exchange)?;
    let headers = &publication.properties.headers;
    let (cc, bcc) = cc_keys(headers).ok()?;
    let also: Vec<_> = cc.into_iter().chain(bcc).collect();
    let keys = Keys {
        key: &publication.routing_key,
        also: &also,
    };
    Some(definitions.explain(exchange.id, keys, headers, 0))
}

impl Watch for Watcher {
    type Error = TestCaseError;

    fn before(&mut self, broker: &Broker, at: Micros, done: &Done) -> Result<(), TestCaseError> {
        self.now = at;
        if let Done::Serve(_, Method::Publish { message, .. }) = done
            && let Some(explanation) = explain(broker, &message.publication)
        {
            self.explained.insert(message.id, explanation);
        }
        Ok(())
    }

    fn after(
        &mut self,
        broker: &Broker,
        done: &Done,
        reply: &Result<Reply, Refusal>,
        tape: &mut Tape,
    ) -> Result<(), TestCaseError> {
        self.steps += 1;
        prop_assert_eq!(broker.audit(), Ok(()), "after {:?}", done);
        self.follow_twin(broker, done, reply, tape)?;
        if let (Done::Serve(channel, Method::Publish { message, .. }), Ok(Reply::Done)) =
            (done, reply)
            && broker
                .channel(*channel)
                .is_some_and(|channel| channel.confirms())
        {
            let confirms = self.confirms.entry(*channel).or_default();
            confirms.push((message.id, false));
        }
        for (_, event) in &tape.events {
            self.follow_copies(event)?;
            self.follow_routing(broker, event)?;
            self.follow_confirms(event)?;
        }
        self.follow_deliveries(broker, reply, tape)?;
        // What was told stays told, so now and then is often enough.
        if self.steps.is_multiple_of(8) {
            self.compare(broker)?;
        }
        Ok(())
    }
}

impl Watcher {
    /// The broker holds what its events told.
    fn compare(&self, broker: &Broker) -> Result<(), TestCaseError> {
        let told = self.places.iter();
        let told = told.filter(|(_, place)| **place != Place::Ended);
        let told: BTreeMap<_, _> = told.map(|(&copy, &place)| (copy, place)).collect();
        prop_assert_eq!(places(broker), told);
        prop_assert_eq!(self.places.len() as u64, broker.totals().copies);
        Ok(())
    }

    /// Promise 1: the same program has the same run. And what is refused changes nothing: the twin is asked twice then.
    fn follow_twin(
        &mut self,
        broker: &Broker,
        done: &Done,
        reply: &Result<Reply, Refusal>,
        tape: &Tape,
    ) -> Result<(), TestCaseError> {
        let (twin, twins, now) = (&mut self.twin, &mut self.twins_tape, self.now);
        twins.events.clear();
        twins.sent.clear();
        if let Done::Serve(_, Method::Publish { message, .. }) = done {
            let taken = twin.take(message.publication.clone());
            prop_assert_eq!(taken.id, message.id);
        }
        let cause = EventId(0);
        let answer = match done.clone() {
            Done::Command(command) => twin.handle(now, command, cause, twins),
            Done::Serve(channel, method) => {
                // A commit may fail half-way (P11).
                if reply.is_err() && method != Method::TxCommit {
                    let call = Command::Call {
                        channel,
                        method: method.clone(),
                    };
                    let refused = twin.handle(now, call, cause, twins);
                    prop_assert_eq!(refused.as_ref().err(), reply.as_ref().err());
                    prop_assert!(
                        twins.events.is_empty() && twins.sent.is_empty(),
                        "{:?}",
                        done
                    );
                }
                twin.serve(now, channel, method, cause, twins)
            }
        };
        prop_assert_eq!(answer.as_ref().err(), reply.as_ref().err());
        prop_assert_eq!(&twins.events, &tape.events, "after {:?}", done);
        prop_assert_eq!(twins.sent.len(), tape.sent.len());
        prop_assert_eq!(twin.totals(), broker.totals());
        prop_assert_eq!(twin.next_due(), broker.next_due());
        Ok(())
    }

    /// Each copy goes from place to place, and ends once.
    fn follow_copies(&mut self, event: &Event) -> Result<(), TestCaseError> {
        use Place::{Ended, OnTheWay, Unacked, Waiting};
        let places = &mut self.places;
        let mut goes = |copy: CopyId, from: &[Place], to: Place| {
            let before = places.insert(copy, to);
            prop_assert!(
                before.is_some_and(|before| from.contains(&before)),
                "{:?}: {:?}",
                before,
                event
            );
            Ok(())
        };
        match event {
            Event::Routed { copies, .. } => {
                for copy in copies {
                    let new = places.insert(copy.copy, OnTheWay).is_none();
                    prop_assert!(new, "{:?}", copy);
                }
            }
            Event::Ready { queued, .. } => goes(queued.copy, &[OnTheWay], Waiting)?,
            Event::TurnedAway { queued, .. } => goes(queued.copy, &[OnTheWay], Ended)?,
            Event::Died { queued, .. } => {
                goes(queued.copy, &[OnTheWay, Waiting, Unacked], Ended)?;
            }
            Event::Delivered {
                queued, settled, ..
            }
            | Event::Got {
                queued, settled, ..
            } => {
                goes(
                    queued.copy,
                    &[Waiting],
                    if *settled { Ended } else { Unacked },
                )?;
            }
            Event::Acked { queued, .. } => goes(queued.copy, &[Unacked], Ended)?,
            Event::Requeued { queued, .. } => goes(queued.copy, &[Unacked, Waiting], Waiting)?,
            Event::Delayed { queued, .. } => goes(queued.copy, &[Unacked], Waiting)?,
            // A dead message may be lost on its way to the dead-letter exchange.
            Event::Lost { queued, why } => {
                let from: &[Place] = match why {
                    Loss::QueueDeleted => &[OnTheWay, Ended],
                    Loss::Restart => &[OnTheWay, Waiting, Ended],
                    Loss::ExchangeDeleted => &[Ended],
                };
                goes(queued.copy, from, Ended)?;
            }
            Event::Purged { copies, .. } | Event::Truncated { copies, .. } => {
                for &copy in copies {
                    goes(copy, &[Waiting], Ended)?;
                }
            }
            Event::QueueDeleted { copies, .. } => {
                for &copy in copies {
                    goes(copy, &[Waiting, Unacked], Ended)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Promise 4: what is explained beforehand is what routing does. A transaction's messages are routed when they are
    /// published; queues that went since get none (P10).
    fn follow_routing(&mut self, broker: &Broker, event: &Event) -> Result<(), TestCaseError> {
        let (message, matched, queues): (_, _, Vec<QueueId>) = match event {
            Event::Routed {
                message,
                letter: None,
                matched,
                copies,
                ..
            } => (
                message,
                matched,
                copies.iter().map(|copy| copy.queue).collect(),
            ),
            Event::Unroutable {
                message,
                letter: None,
                matched,
                ..
            } => (message, matched, Vec::new()),
            _ => return Ok(()),
        };
        let explained = self.explained.remove(message);
        prop_assert!(explained.is_some(), "{:?} was not published", event);
        if let Some(explained) = explained {
            let there = |queue: &QueueId| broker.queue(*queue).is_some_and(|queue| !queue.deleted);
            let alive: Vec<_> = explained.queues.iter().copied().filter(there).collect();
            prop_assert!(queues == explained.queues || queues == alive, "{:?}", event);
            let told: Vec<_> = explained.matched().collect();
            prop_assert_eq!(&matched[..], &told[..]);
        }
        Ok(())
    }

    /// Each number is settled at most once, and the messages named are those of the numbers (P8).
    fn follow_confirms(&mut self, event: &Event) -> Result<(), TestCaseError> {
        let Event::Confirmed {
            channel,
            sequence,
            multiple,
            messages,
            ..
        } = event
        else {
            return Ok(());
        };
        let confirms = self.confirms.entry(*channel).or_default();
        let last = *sequence as usize;
        prop_assert!((1..=confirms.len()).contains(&last), "{:?}", event);
        let first = if *multiple { 1 } else { last };
        let mut meant = Vec::new();
        for (message, settled) in &mut confirms[first - 1..last] {
            if !std::mem::replace(settled, true) {
                meant.push(*message);
            }
        }
        prop_assert_eq!(&messages[..], &meant[..], "{:?}", event);
        prop_assert!(messages.last() == confirms.get(last - 1).map(|(message, _)| message));
        Ok(())
    }

    /// Tags count up by one on each channel (S5), and what is sent is sent on open channels of consumers that were there.
    fn follow_deliveries(
        &mut self,
        broker: &Broker,
        reply: &Result<Reply, Refusal>,
        tape: &Tape,
    ) -> Result<(), TestCaseError> {
        let got = match reply {
            Ok(Reply::Got { delivery, .. }) => Some(&**delivery),
            _ => None,
        };
        let sent = tape.sent.iter().filter_map(|sent| match sent {
            Outgoing::Delivery(delivery) => Some(delivery),
            _ => None,
        });
        for delivery in got.into_iter().chain(sent) {
            let last = self.last_tag.entry(delivery.channel).or_default();
            prop_assert_eq!(delivery.tag, *last + 1);
            *last = delivery.tag;
            let consumer = delivery.consumer.and_then(|id| broker.consumer(id));
            if let Some(consumer) = consumer {
                prop_assert_eq!(consumer.channel, delivery.channel);
                prop_assert_eq!(consumer.queue, delivery.queued.queue);
            }
        }
        Ok(())
    }
}

/// Leads a broker through a program and watches it.
pub fn keeps_its_promises(program: &Program) -> Result<(), TestCaseError> {
    let mut run = Run::new(program, Watcher::new(program))?;
    for deed in &program.deeds {
        run.carry_out(deed)?;
    }
    run.watch.compare(&run.broker)
}

/// The deeds of a program, at most; half as many on average.
const DEEDS: usize = 200;

proptest! {
    // More than 100,000 commands in all.
    #![proptest_config(cases(1_100))]

    // Promises 1–4; C12, E12, P7–P11, Q10, Q21–Q29, Q43, S5–S10, F1, F3, F4, R1–R8, O2
    #[test]
    fn the_broker_keeps_its_promises_through_any_program(program in program(DEEDS)) {
        let kept = catch_unwind(AssertUnwindSafe(|| keeps_its_promises(&program)));
        let broken = match kept {
            Ok(Ok(())) => None,
            Ok(Err(broken)) => Some(broken.to_string()),
            Err(_) => Some("the broker fell over".to_owned()),
        };
        if let Some(broken) = broken {
            let scenario = scenario(&program).to_ron();
            prop_assert!(false, "{}\n\nAs a scenario:\n{}", broken, scenario);
        }
    }
}
