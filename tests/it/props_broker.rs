//! Random programs of commands: the broker keeps its promises after every one, and what it refuses changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use leveret::broker::{
    ChannelId, Command, ConsumerId, CopyId, Delivery, Event, ExchangeKind, Reply, ReplyCode, Table,
};
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::{
    Lab, ack, bind_exchange, bind_queue, cases, consume, declare_exchange, declare_queue, nack,
    publication,
};

/// What a program may do. Numbers are taken modulo what there is, so that most of it makes sense.
#[derive(Clone, Debug)]
enum Deed {
    Exchange(usize, ExchangeKind),
    Queue(usize),
    Bind(usize, usize, &'static str),
    BindExchange(usize, usize, &'static str),
    Open,
    Close(usize),
    Qos(usize, u16),
    Consume(usize, usize, usize, bool),
    Cancel(usize, usize),
    Publish(usize, &'static str),
    Route(usize, &'static str),
    Arrive(usize),
    /// Which channel, which delivery tag, multiple, and what to do.
    Settle(usize, Tag, bool, Verdict),
}

#[derive(Clone, Copy, Debug)]
enum Tag {
    /// One that is outstanding, if any is.
    Outstanding(usize),
    /// Any, most often wrong.
    Any(u64),
}

#[derive(Clone, Copy, Debug)]
enum Verdict {
    Ack,
    Requeue,
    Reject,
}

const EXCHANGES: [&str; 5] = ["", "amq.fanout", "x0", "x1", "missing"];
const QUEUES: [&str; 5] = ["q0", "q1", "q2", "", "amq.no"];
const TAGS: [&str; 4] = ["", "a", "b", "amq.ctag-3"];

fn deed() -> impl Strategy<Value = Deed> {
    let key = || select(vec!["q0", "q1", "q2", "#", "*", ""]);
    let tag = prop_oneof![
        6 => (0..40_usize).prop_map(Tag::Outstanding),
        1 => (0..12_u64).prop_map(Tag::Any),
        1 => Just(Tag::Any(0)),
    ];
    let verdict = select(vec![Verdict::Ack, Verdict::Requeue, Verdict::Reject]);
    prop_oneof![
        1 => (0..5_usize, select(ExchangeKind::ALL[..4].to_vec())).prop_map(|(x, kind)| Deed::Exchange(x, kind)),
        1 => (0..5_usize).prop_map(Deed::Queue),
        2 => (0..5_usize, 0..5_usize, key()).prop_map(|(x, q, key)| Deed::Bind(x, q, key)),
        1 => (0..5_usize, 0..5_usize, key()).prop_map(|(x, y, key)| Deed::BindExchange(x, y, key)),
        1 => Just(Deed::Open),
        1 => (0..8_usize).prop_map(Deed::Close),
        2 => (0..8_usize, 0..4_u16).prop_map(|(channel, prefetch)| Deed::Qos(channel, prefetch)),
        4 => (0..8_usize, 0..5_usize, 0..4_usize, prop::bool::weighted(0.2))
            .prop_map(|(channel, queue, tag, no_ack)| Deed::Consume(channel, queue, tag, no_ack)),
        1 => (0..8_usize, 0..4_usize).prop_map(|(channel, tag)| Deed::Cancel(channel, tag)),
        10 => (0..5_usize, key()).prop_map(|(x, key)| Deed::Publish(x, key)),
        4 => (0..5_usize, key()).prop_map(|(x, key)| Deed::Route(x, key)),
        5 => (0..40_usize).prop_map(Deed::Arrive),
        12 => (0..8_usize, tag, any::<bool>(), verdict)
            .prop_map(|(channel, tag, multiple, verdict)| Deed::Settle(channel, tag, multiple, verdict)),
    ]
}

/// Where a copy is, as the events tell it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    OnTheWay,
    Ready,
    Unacked(ConsumerId),
    Ended,
}

/// What the rules say there must be, kept beside the broker.
#[derive(Debug, Default)]
struct Program {
    lab: Lab,
    /// Whether each channel is open.
    open: Vec<bool>,
    /// Outstanding deliveries by channel and tag.
    outstanding: BTreeMap<(u32, u64), CopyId>,
    last_tag: BTreeMap<u32, u64>,
    places: BTreeMap<CopyId, Place>,
    /// Copies in the order in which they first came to a queue.
    came: BTreeMap<CopyId, usize>,
    read: usize,
}

impl Program {
    fn channel(&self, index: usize) -> ChannelId {
        // One more than there are, so that some were never opened.
        ChannelId((index % (self.open.len() + 1)) as u32)
    }

    fn is_open(&self, channel: ChannelId) -> bool {
        self.open.get(channel.index()).copied().unwrap_or(false)
    }

    fn on_channel(&self, channel: ChannelId) -> impl Iterator<Item = u64> + '_ {
        let tags = self
            .outstanding
            .range((channel.0, 0)..=(channel.0, u64::MAX));
        tags.map(|(&(_, tag), _)| tag)
    }

    fn tag(&self, channel: ChannelId, tag: Tag) -> u64 {
        match tag {
            Tag::Any(tag) => tag,
            Tag::Outstanding(index) => {
                let tags: Vec<_> = self.on_channel(channel).collect();
                tags.get(index % tags.len().max(1)).copied().unwrap_or(1)
            }
        }
    }

    /// The command, and the code it must be refused with, where the rules tell before it is tried.
    fn command(&mut self, deed: &Deed) -> (Command, Option<ReplyCode>) {
        let definitions = self.lab.broker.definitions();
        let no_exchange = |name: &str| definitions.exchange_named(name).is_none();
        let no_queue = |name: &str| definitions.queue_named(name).is_none();
        let closed = |channel| (!self.is_open(channel)).then_some(ReplyCode::ChannelError); // C10
        match *deed {
            Deed::Exchange(x, kind) => {
                let name = EXCHANGES[x];
                let refused = match definitions.exchange_named(name) {
                    _ if name.is_empty() => Some(ReplyCode::AccessRefused), // E2
                    Some(there) if there.kind != kind => Some(ReplyCode::PreconditionFailed), // E5
                    _ => None,
                };
                // One stays missing.
                if name == "missing" {
                    return (
                        declare_exchange("amq.new", kind),
                        Some(ReplyCode::AccessRefused),
                    ); // E3
                }
                (declare_exchange(name, kind), refused)
            }
            Deed::Queue(q) => {
                let refused = QUEUES[q].starts_with("amq.");
                (
                    declare_queue(QUEUES[q]),
                    refused.then_some(ReplyCode::AccessRefused),
                ) // Q1
            }
            Deed::Bind(x, q, key) => {
                let (source, queue) = (EXCHANGES[x], QUEUES[q]);
                let refused = if source.is_empty() {
                    Some(ReplyCode::AccessRefused) // E2
                } else {
                    (no_exchange(source) || no_queue(queue)).then_some(ReplyCode::NotFound) // E10
                };
                (bind_queue(source, queue, key, Table::new()), refused)
            }
            Deed::BindExchange(x, y, key) => {
                let (source, destination) = (EXCHANGES[x], EXCHANGES[y]);
                let refused = if source.is_empty() || destination.is_empty() {
                    Some(ReplyCode::AccessRefused) // E2
                } else {
                    (no_exchange(source) || no_exchange(destination)).then_some(ReplyCode::NotFound) // E10
                };
                (bind_exchange(source, destination, key), refused)
            }
            Deed::Open => (Command::OpenChannel, None),
            Deed::Close(channel) => {
                let channel = self.channel(channel);
                (Command::CloseChannel { channel }, closed(channel))
            }
            Deed::Qos(channel, prefetch) => {
                let channel = self.channel(channel);
                (Command::Qos { channel, prefetch }, closed(channel))
            }
            Deed::Consume(channel, queue, tag, no_ack) => {
                let channel = self.channel(channel);
                let taken = self.lab.broker.consumers().iter().any(|consumer| {
                    consumer.active && consumer.channel == channel && *consumer.tag == *TAGS[tag]
                });
                let refused = closed(channel)
                    .or(no_queue(QUEUES[queue]).then_some(ReplyCode::NotFound)) // S1
                    .or(taken.then_some(ReplyCode::NotAllowed)); // S2
                (consume(channel, QUEUES[queue], TAGS[tag], no_ack), refused)
            }
            Deed::Cancel(channel, tag) => {
                let channel = self.channel(channel);
                let tag = TAGS[tag].into();
                (Command::Cancel { channel, tag }, closed(channel))
            }
            Deed::Publish(x, key) | Deed::Route(x, key) => {
                let refused = no_exchange(EXCHANGES[x]).then_some(ReplyCode::NotFound); // P1
                let message = self
                    .lab
                    .broker
                    .take(publication(EXCHANGES[x], key, Table::new()));
                let command = match deed {
                    Deed::Route(..) => Command::Route { message },
                    _ => Command::Publish { message },
                };
                (command, refused)
            }
            Deed::Arrive(index) => {
                let on_the_way: Vec<_> = self.lab.broker.on_the_way().collect();
                let copy = on_the_way.get(index % on_the_way.len().max(1));
                let copy = copy.map_or(CopyId(0), |&(copy, _)| copy);
                (Command::Arrive { copy }, None)
            }
            Deed::Settle(channel, tag, multiple, verdict) => {
                let channel = self.channel(channel);
                let tag = self.tag(channel, tag);
                let known =
                    self.outstanding.contains_key(&(channel.0, tag)) || (multiple && tag == 0);
                let refused = closed(channel).or((!known).then_some(ReplyCode::PreconditionFailed)); // S6
                let command = match verdict {
                    Verdict::Ack => ack(channel, tag, multiple),
                    Verdict::Requeue => nack(channel, tag, multiple, true),
                    Verdict::Reject => nack(channel, tag, multiple, false),
                };
                (command, refused)
            }
        }
    }

    fn carry_out(&mut self, deed: &Deed) -> Result<(), TestCaseError> {
        let (command, refused) = self.command(deed);
        let settled: BTreeSet<CopyId> = self.to_be_settled(&command);
        let reply = self.lab.handle(command.clone());
        let code = reply.as_ref().err().map(|refusal| refusal.code);
        prop_assert_eq!(code, refused, "{:?}", &command);
        let Ok(reply) = reply else {
            return Ok(());
        };
        match (&command, &reply) {
            (Command::CloseChannel { channel }, _) => self.open[channel.index()] = false,
            (_, Reply::Channel(channel)) => {
                prop_assert_eq!(channel.index(), self.open.len());
                self.open.push(true);
            }
            _ => {}
        }
        let ended = self.follow_events()?;
        prop_assert_eq!(&ended, &settled, "{:?}", &command);
        self.outstanding.retain(|_, copy| !settled.contains(copy));
        for delivery in std::mem::take(&mut self.lab.record.deliveries) {
            self.follow_delivery(&delivery)?;
        }
        self.compare()
    }

    /// Which copies a command settles (S6, C12).
    fn to_be_settled(&self, command: &Command) -> BTreeSet<CopyId> {
        let (channel, tags) = match *command {
            Command::CloseChannel { channel } => (channel, 0..=u64::MAX),
            Command::Ack {
                channel,
                tag,
                multiple,
            }
            | Command::Nack {
                channel,
                tag,
                multiple,
                ..
            } => match (tag, multiple) {
                (0, true) => (channel, 0..=u64::MAX),
                (tag, true) => (channel, 0..=tag),
                (tag, false) => (channel, tag..=tag),
            },
            _ => return BTreeSet::new(),
        };
        self.outstanding
            .range((channel.0, *tags.start())..=(channel.0, *tags.end()))
            .map(|(_, &copy)| copy)
            .collect()
    }

    /// Moves each copy as the events say, and refuses what cannot follow what was before. Answers which were settled.
    fn follow_events(&mut self) -> Result<BTreeSet<CopyId>, TestCaseError> {
        let mut settled = BTreeSet::new();
        let events = &self.lab.record.events[self.read..];
        self.read += events.len();
        for (_, event) in events {
            let (copy, before, after) = match *event {
                Event::Routed { ref copies, .. } => {
                    for copy in copies {
                        let new = self.places.insert(copy.copy, Place::OnTheWay).is_none();
                        prop_assert!(new, "{:?}", copy);
                    }
                    continue;
                }
                Event::Ready(queued) => {
                    self.came.insert(queued.copy, self.came.len());
                    (queued.copy, Place::OnTheWay, Place::Ready)
                }
                Event::Delivered {
                    queued,
                    settled: true,
                    ..
                } => (queued.copy, Place::Ready, Place::Ended),
                Event::Delivered {
                    queued, consumer, ..
                } => (queued.copy, Place::Ready, Place::Unacked(consumer)),
                Event::Acked { queued, consumer } | Event::Rejected { queued, consumer } => {
                    settled.insert(queued.copy);
                    (queued.copy, Place::Unacked(consumer), Place::Ended)
                }
                Event::Requeued { queued, consumer } => {
                    settled.insert(queued.copy);
                    (queued.copy, Place::Unacked(consumer), Place::Ready)
                }
                Event::Unroutable { .. } | Event::Consuming { .. } | Event::Cancelled { .. } => {
                    continue;
                }
            };
            prop_assert_eq!(self.places.insert(copy, after), Some(before), "{:?}", event);
        }
        Ok(settled)
    }

    // S5
    fn follow_delivery(&mut self, delivery: &Delivery) -> Result<(), TestCaseError> {
        let last = self.last_tag.entry(delivery.channel.0).or_default();
        prop_assert_eq!(delivery.tag, *last + 1);
        *last = delivery.tag;
        let consumer = self.lab.broker.consumer(delivery.consumer).unwrap();
        prop_assert_eq!(consumer.channel, delivery.channel);
        if !consumer.no_ack {
            let key = (delivery.channel.0, delivery.tag);
            self.outstanding.insert(key, delivery.queued.copy);
        }
        Ok(())
    }

    /// What the broker shows of itself is what its events told.
    fn compare(&self) -> Result<(), TestCaseError> {
        let broker = &self.lab.broker;
        let mut found = BTreeMap::new();
        for queue in broker.queues() {
            let ready: Vec<_> = queue.ready().map(|entry| entry.copy).collect();
            prop_assert!(
                ready.is_sorted_by_key(|copy| self.came[copy]),
                "S10: {:?}",
                ready
            );
            found.extend(ready.into_iter().map(|copy| (copy, Place::Ready)));
        }
        found.extend(broker.on_the_way().map(|(copy, _)| (copy, Place::OnTheWay)));
        found.extend(
            broker
                .unacked()
                .map(|(copy, _, consumer)| (copy, Place::Unacked(consumer))),
        );
        let told: BTreeMap<_, _> = self
            .places
            .iter()
            .filter(|(_, place)| **place != Place::Ended)
            .map(|(&copy, &place)| (copy, place))
            .collect();
        prop_assert_eq!(found, told);
        let outstanding: BTreeSet<_> = self.outstanding.values().copied().collect();
        let unacked: BTreeSet<_> = broker.unacked().map(|(copy, ..)| copy).collect();
        prop_assert_eq!(outstanding, unacked);
        Ok(())
    }
}

/// The commands of a program, at most; half as many on average.
const STEPS: usize = 300;

proptest! {
    #![proptest_config(cases(200))]

    // C10, C12, E2, E3, E5, E10, P1, Q1, S1, S2, S4–S7, S10
    #[test]
    fn the_broker_keeps_its_promises_through_any_program(
        deeds in prop::collection::vec(deed(), 1..STEPS),
    ) {
        let mut program = Program::default();
        for queue in ["q0", "q1"] {
            program.carry_out(&Deed::Queue(QUEUES.iter().position(|name| *name == queue).unwrap()))?;
        }
        program.carry_out(&Deed::Open)?;
        for deed in &deeds {
            program.carry_out(deed)?;
        }
    }
}
