//! What clients live through: crashes, confirms, blocked and closed connections, restarts, and what a script does.

use std::sync::Arc;

use leveret::broker::{
    Alarm, Body, Event as E, ExchangeKind, ExchangeSpec, Hangup, Message, MessageId, Method,
    Micros, Name, Operation, PolicySpec, Properties, Publication, QueueSpec, ReplyCode, Table,
    Target,
};
use leveret::history::History;
use leveret::words::refused;
use leveret::world::{
    Act, Answer, Author, BindingSetup, ConsumerSetup, Deed, Event, EventKind, Input, Latency,
    MessageSetup, OnFailure, Onward, PUBLISHER_RECONNECT, Pace, PublisherId, PublisherSetup,
    QueueSetup, ServiceTime, Setup, SetupFault, WorkerId, World,
};

pub fn ms(millis: u64) -> Micros {
    Micros::from_millis(millis)
}

/// Hops of different lengths, so that a time tells which hops it is made of.
pub fn setup() -> Setup {
    Setup {
        latency: Latency {
            publish: ms(10),
            route: ms(5),
            deliver: ms(3),
            ack: ms(2),
            confirm: ms(7),
            dead_letter: ms(4),
            write: Micros::ZERO,
            http: Micros::ZERO,
        },
        queues: vec![QueueSetup::new("q")],
        ..Setup::default()
    }
}

/// One who publishes messages with these routing keys to the default exchange, each at its time.
fn publisher<const N: usize>(name: &str, messages: [(u64, &str); N]) -> PublisherSetup {
    PublisherSetup {
        name: name.into(),
        messages: messages
            .map(|(at, key)| MessageSetup {
                at: ms(at),
                key: key.into(),
                ..MessageSetup::default()
            })
            .into(),
        ..PublisherSetup::default()
    }
}

fn consumer(name: &str, queue: &str) -> ConsumerSetup {
    ConsumerSetup {
        name: name.into(),
        queue: queue.into(),
        service: ServiceTime::Fixed(ms(20)),
        ..ConsumerSetup::default()
    }
}

fn act(at: u64, deed: Deed) -> Act {
    Act { at: ms(at), deed }
}

fn call(at: u64, connection: &str, method: Method) -> Act {
    let connection = connection.into();
    act(at, Deed::Call { connection, method })
}

fn disconnect(at: u64, connection: &str, how: Hangup) -> Act {
    let connection = connection.into();
    act(at, Deed::Disconnect { connection, how })
}

fn connect(at: u64, connection: &str) -> Act {
    let connection = connection.into();
    act(
        at,
        Deed::Connect {
            connection,
            user: None,
        },
    )
}

/// A run, with an audit after every step.
struct Run {
    world: World,
    events: Vec<Event>,
}

fn run(setup: &Setup, until: u64) -> Run {
    let mut run = Run {
        world: World::new(setup).unwrap(),
        events: Vec::new(),
    };
    run.go_on(until);
    run
}

impl Run {
    fn go_on(&mut self, until: u64) {
        while self.world.next_at().is_some_and(|at| at <= ms(until)) {
            self.world.step(&mut self.events);
            assert_eq!(self.world.broker().audit(), Ok(()));
        }
    }

    /// The times, in milliseconds, of the events that are wanted.
    fn at(&self, wanted: impl Fn(&EventKind) -> bool) -> Vec<u64> {
        let wanted = self.events.iter().filter(|event| wanted(&event.kind));
        wanted.map(|event| event.at.0 / 1_000).collect()
    }

    fn broker_at(&self, wanted: impl Fn(&E) -> bool) -> Vec<u64> {
        self.at(|kind| matches!(kind, EventKind::Broker(event) if wanted(event)))
    }

    /// What is wanted of each event, in order.
    fn told<T>(&self, wanted: impl Fn(&EventKind) -> Option<T>) -> Vec<T> {
        let events = self.events.iter();
        events.filter_map(|event| wanted(&event.kind)).collect()
    }

    fn published(&self) -> Vec<u64> {
        self.at(|kind| matches!(kind, EventKind::Published { .. }))
    }

    fn acked(&self) -> Vec<u64> {
        self.broker_at(|event| matches!(event, E::Acked { .. }))
    }

    fn disconnected(&self) -> Vec<u64> {
        self.at(|kind| matches!(kind, EventKind::Disconnected { .. }))
    }

    fn opened(&self) -> Vec<u64> {
        self.broker_at(|event| matches!(event, E::ConnectionOpened { .. }))
    }

    /// When deliveries were made, each with whether it was a redelivery.
    fn delivered(&self) -> Vec<(u64, bool)> {
        let delivered = self.events.iter().filter_map(|event| match event.kind {
            EventKind::Broker(E::Delivered { redelivered, .. } | E::Got { redelivered, .. }) => {
                Some((event.at.0 / 1_000, redelivered))
            }
            _ => None,
        });
        delivered.collect()
    }
}

#[test]
fn the_record_begins_with_the_run_and_not_with_its_connections() {
    let mut late = consumer("late", "q");
    late.start = ms(50);
    let setup = Setup {
        publishers: vec![publisher("p", [(0, "q")])],
        consumers: vec![consumer("c", "q"), late],
        ..setup()
    };
    let run = run(&setup, 60);
    let first = run.events.iter().take_while(|event| event.at < ms(10));
    let first: Vec<_> = first.map(|event| &event.kind).collect();
    assert!(
        matches!(
            first[..],
            [
                EventKind::Broker(E::Consuming { .. }),
                EventKind::Published { .. }
            ]
        ),
        "{first:?}"
    );
    // One that comes later is seen to connect.
    assert_eq!(run.opened(), [50]);
    let consuming = run.broker_at(|event| matches!(event, E::Consuming { .. }));
    assert_eq!(consuming, [0, 50]);
}

#[test]
fn what_a_crashed_consumer_held_is_redelivered() {
    // C12, C13, S12
    let crashing = ConsumerSetup {
        on_failure: OnFailure::Crash,
        fails_on: Some("*.bad".into()),
        ..consumer("c", "q")
    };
    let fanout = |name: &str| ExchangeSpec::new(name, ExchangeKind::Fanout);
    let setup = Setup {
        exchanges: vec![fanout("x")],
        bindings: vec![BindingSetup {
            source: "x".into(),
            destination: Target::Queue("q".into()),
            key: "".into(),
            arguments: Table::new(),
            latency: None,
        }],
        publishers: vec![PublisherSetup {
            exchange: "x".into(),
            ..publisher("p", [(0, "a.bad"), (1, "good")])
        }],
        consumers: vec![crashing],
        ..setup()
    };
    let mut again = setup.clone();

    // Without `reconnect` it stays away; both messages are in the queue again, in their order.
    let run_once = run(&setup, 5_000);
    assert_eq!(run_once.disconnected(), [38]);
    let requeued = run_once.broker_at(|event| matches!(event, E::Requeued { .. }));
    assert_eq!(requeued, [38, 38]);
    assert_eq!(run_once.delivered(), [(15, false), (16, false)]);
    assert_eq!(run_once.world.broker().queues()[0].ready_len(), 2);
    assert!(run_once.world.links()[1].connection.is_none());

    // With it, it comes back, and crashes for the same message for ever.
    again.consumers[0].reconnect = Some(ms(100));
    let run = run(&again, 300);
    assert_eq!(run.disconnected(), [38, 161, 284]);
    assert_eq!(run.opened(), [138, 261]);
    assert_eq!(
        run.delivered(),
        [
            (15, false),
            (16, false),
            (138, true),
            (138, true),
            (261, true),
            (261, true)
        ]
    );
    let crash = |kind: &EventKind| matches!(kind, EventKind::Finished { answer: Answer::Crash, worker, .. } if *worker == WorkerId(0));
    assert_eq!(run.at(crash), [38, 161, 284]);
    assert!(run.acked().is_empty());
}

#[test]
fn a_crash_while_nothing_reached_it_loses_no_message_and_one_under_way_is_not_received() {
    // C12: what was delivered and not yet received comes back all the same.
    let setup = Setup {
        publishers: vec![publisher("p", [(0, "q")])],
        consumers: vec![consumer("c", "q")],
        script: vec![disconnect(16, "c", Hangup::Lost), connect(30, "c")],
        ..setup()
    };
    let run = run(&setup, 100);
    assert_eq!(run.delivered(), [(15, false), (30, true)]);
    let received = run.at(|kind| matches!(kind, EventKind::Received { .. }));
    assert_eq!(received, [33]);
    assert_eq!(run.acked(), [55]);
}

#[test]
fn what_needs_no_acknowledgement_is_lost_with_the_channel_of_who_has_it() {
    // C12, S6: one it works on, and one that waits; the broker has neither any more.
    for ack in [true, false] {
        let setup = Setup {
            publishers: vec![publisher("p", [(0, "q"), (1, "q")])],
            consumers: vec![ConsumerSetup {
                ack,
                prefetch: 0,
                service: ServiceTime::Fixed(ms(100)),
                ..consumer("c", "q")
            }],
            script: vec![disconnect(50, "c", Hangup::Lost)],
            ..setup()
        };
        let run = run(&setup, 100);
        let abandoned: Vec<_> = run
            .events
            .iter()
            .filter_map(|event| match &event.kind {
                EventKind::Finished {
                    queued,
                    answer: Answer::Abandoned,
                    ..
                } => Some((event.at.0 / 1_000, queued.message.0)),
                _ => None,
            })
            .collect();
        let lost: &[_] = if ack { &[] } else { &[(50, 2), (50, 1)] };
        assert_eq!(abandoned, lost);
        let ready = run.world.broker().queues()[0].ready_len();
        assert_eq!(ready, if ack { 2 } else { 0 });
    }
}

#[test]
fn confirms_and_returns_reach_the_publisher_one_hop_later() {
    // P2, P3, P7
    let setup = Setup {
        publishers: vec![PublisherSetup {
            confirms: true,
            mandatory: true,
            ..publisher("p", [(0, "q"), (1, "nowhere")])
        }],
        ..setup()
    };
    let run = run(&setup, 100);
    let told: Vec<_> = run
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Returned { message, .. } => Some((event.at.0 / 1_000, "returned", *message)),
            EventKind::Confirmed { messages, ack, .. } => {
                assert!(ack, "an unroutable message is confirmed too"); // P3
                Some((event.at.0 / 1_000, "confirmed", messages[0]))
            }
            _ => None,
        })
        .collect();
    let (first, second) = (MessageId(1), MessageId(2));
    assert_eq!(
        told,
        [
            (18, "returned", second),
            (18, "confirmed", second),
            (22, "confirmed", first)
        ]
    );
    assert_eq!(run.world.links()[0].unconfirmed().count(), 0);
}

#[test]
fn a_publisher_publishes_again_what_was_nacked() {
    // P9, Q27
    let full = QueueSpec::new("q")
        .with("x-max-length", 1)
        .with("x-overflow", "reject-publish");
    let setup = Setup {
        queues: vec![QueueSetup {
            spec: full,
            by: None,
        }],
        publishers: vec![PublisherSetup {
            confirms: true,
            republish: true,
            ..publisher("p", [(0, "q"), (1, "q")])
        }],
        consumers: vec![ConsumerSetup {
            start: ms(50),
            ..consumer("c", "q")
        }],
        ..setup()
    };
    let run = run(&setup, 200);
    // Published, turned away a way of 15 ms later, told another 7 ms later; until there is room.
    assert_eq!(run.published(), [0, 1, 23, 45]);
    let confirmed = run.told(|kind| match kind {
        EventKind::Confirmed { messages, ack, .. } => Some((messages.to_vec(), *ack)),
        _ => None,
    });
    let [one, two, three, four] = [1, 2, 3, 4].map(|id| vec![MessageId(id)]);
    assert_eq!(
        confirmed,
        [(one, true), (two, false), (three, false), (four, true)]
    );
    // The new message is caused by the nack.
    for event in &run.events {
        if let EventKind::Published { message, .. } = event.kind
            && message.0 > 2
        {
            let cause = &run.events[event.cause.0 as usize - 1].kind;
            assert!(matches!(cause, EventKind::Confirmed { ack: false, .. }));
        }
    }
    assert_eq!(run.acked().len(), 2);
}

#[test]
fn a_blocked_connection_keeps_its_acks_back_too() {
    // F3, F4, F5
    let shared = |consumer: ConsumerSetup| ConsumerSetup {
        connection: Some("app".into()),
        ..consumer
    };
    let setup = Setup {
        queues: vec![QueueSetup::new("q"), QueueSetup::new("r")],
        publishers: vec![
            PublisherSetup {
                connection: Some("app".into()),
                ..publisher("p", [(0, "q"), (22, "q")])
            },
            publisher("other", [(0, "r")]),
        ],
        consumers: vec![shared(consumer("c", "q")), consumer("d", "r")],
        script: vec![
            act(20, Deed::Operate(Operation::RaiseAlarm(Alarm::Memory))),
            act(300, Deed::Operate(Operation::ClearAlarm(Alarm::Memory))),
        ],
        ..setup()
    };
    let mut run = run(&setup, 200);
    // The second message blocks the connection at 32; the ack of the first arrives at 40 and waits behind it, while one
    // that only consumes is not touched.
    let waiting = run.at(|kind| matches!(kind, EventKind::Waiting { .. }));
    assert_eq!(waiting, [32]);
    assert_eq!(run.acked(), [40]);
    let app = &run.world.links()[2];
    assert_eq!(app.name, "app");
    assert_eq!(app.waiting().collect::<Vec<_>>(), [MessageId(3)]);
    assert_eq!(app.unread(), 2);
    run.go_on(600);
    let after: Vec<_> = run
        .events
        .iter()
        .filter(|event| event.at == ms(300))
        .filter_map(|event| match event.kind {
            EventKind::Broker(E::Routed { .. }) => Some("routed"),
            EventKind::Broker(E::Acked { .. }) => Some("acked"),
            _ => None,
        })
        .collect();
    assert_eq!(after, ["routed", "acked"], "in the order they were sent");
    assert_eq!(run.acked(), [40, 300, 330]);
    assert_eq!(run.world.links()[2].unread(), 0);
}

#[test]
fn what_a_blocked_connection_did_not_read_is_lost_with_it() {
    // F3, C13
    let setup = Setup {
        publishers: vec![publisher("p", [(0, "q"), (1, "q")])],
        script: vec![
            act(0, Deed::Operate(Operation::RaiseAlarm(Alarm::Disk))),
            disconnect(50, "p", Hangup::ByOperator),
        ],
        ..setup()
    };
    let run = run(&setup, 200);
    let unsent = run.told(|kind| match kind {
        EventKind::Unsent { message, .. } => Some(*message),
        _ => None,
    });
    assert_eq!(unsent, [MessageId(1), MessageId(2)]);
    // The client learns of it a hop later.
    assert_eq!(run.disconnected(), [53]);
    assert!(
        run.broker_at(|event| matches!(event, E::Routed { .. }))
            .is_empty()
    );
}

#[test]
fn clients_come_back_after_a_restart_and_find_what_survived() {
    // R1, R3, R8
    let persistent = |at: u64, persistent: bool| MessageSetup {
        at: ms(at),
        key: "q".into(),
        properties: Arc::new(Properties {
            delivery_mode: persistent.then_some(2),
            ..Properties::default()
        }),
        ..MessageSetup::default()
    };
    let messages = [0, 1]
        .map(|at| persistent(at, at == 0))
        .into_iter()
        .chain([150, 250, 1_150].map(|at| persistent(at, true)));
    let setup = Setup {
        publishers: vec![PublisherSetup {
            messages: messages.collect(),
            ..publisher("p", [])
        }],
        consumers: vec![ConsumerSetup {
            service: ServiceTime::Fixed(ms(500)),
            prefetch: 1,
            reconnect: Some(ms(50)),
            ..consumer("c", "q")
        }],
        script: vec![
            act(100, Deed::Operate(Operation::Stop { clean: true })),
            act(200, Deed::Operate(Operation::Start)),
        ],
        ..setup()
    };
    let run = run(&setup, 1_200);
    // Both hear of it a hop later. The consumer tries every 50 ms, the publisher after a second.
    assert_eq!(run.disconnected(), [103, 103]);
    assert_eq!(
        run.opened(),
        [203, 103 + PUBLISHER_RECONNECT.0 / 1_000],
        "at 153 the broker is down"
    );
    // In the meantime nothing is published.
    assert_eq!(run.published(), [0, 1, 1_150]);
    // The first was delivered before, was unacked, and is ready again (R8); the second was transient (R1).
    assert_eq!(run.delivered(), [(15, false), (203, true), (1_165, false)]);
}

#[test]
fn an_exclusive_queue_goes_with_its_connection_and_comes_back_with_it() {
    // Q5, C13
    let own = QueueSpec {
        durable: false,
        exclusive: true,
        ..QueueSpec::new("own")
    };
    let setup = Setup {
        exchanges: vec![ExchangeSpec::new("x", ExchangeKind::Fanout)],
        queues: vec![QueueSetup {
            spec: own,
            by: Some("c".into()),
        }],
        bindings: vec![BindingSetup {
            source: "x".into(),
            destination: Target::Queue("own".into()),
            key: "".into(),
            arguments: Table::new(),
            latency: Some(ms(8)),
        }],
        publishers: vec![PublisherSetup {
            exchange: "x".into(),
            ..publisher("p", [(0, ""), (100, ""), (200, "")])
        }],
        consumers: vec![ConsumerSetup {
            reconnect: Some(ms(70)),
            ..consumer("c", "own")
        }],
        script: vec![disconnect(90, "c", Hangup::Lost)],
        ..setup()
    };
    let run = run(&setup, 300);
    let deleted = run.broker_at(|event| matches!(event, E::QueueDeleted { .. }));
    assert_eq!(deleted, [90]);
    let declared = run.broker_at(|event| matches!(event, E::QueueDeclared { .. }));
    assert_eq!(declared, [160]);
    let bound = run.broker_at(|event| matches!(event, E::Bound { .. }));
    assert_eq!(bound, [160]);
    // In between there is nowhere to go.
    let unroutable = run.broker_at(|event| matches!(event, E::Unroutable { .. }));
    assert_eq!(unroutable, [110]);
    // The binding is as long as the first time.
    assert_eq!(run.delivered(), [(18, false), (218, false)]);
}

#[test]
fn a_transaction_is_routed_at_its_commit() {
    // P10
    let setup = Setup {
        publishers: vec![PublisherSetup {
            transaction: 2,
            mandatory: true,
            ..publisher("p", [(0, "q"), (20, "nowhere"), (40, "q")])
        }],
        ..setup()
    };
    let run = run(&setup, 500);
    let held = run.broker_at(|event| matches!(event, E::Held { .. }));
    assert_eq!(held, [10, 30, 50]);
    let committed = run.broker_at(|event| matches!(event, E::Committed { publishes: 2, .. }));
    assert_eq!(committed, [30]);
    let ready = run.broker_at(|event| matches!(event, E::Ready { .. }));
    assert_eq!(ready, [35]);
    // What comes back comes back at the commit.
    let returned = run
        .at(|kind| matches!(kind, EventKind::Returned { message, .. } if *message == MessageId(2)));
    assert_eq!(returned, [37]);
}

#[test]
fn one_who_polls_asks_for_one_message_at_a_time() {
    // S3
    let setup = Setup {
        publishers: vec![publisher("p", [(10, "q"), (11, "q"), (12, "q")])],
        consumers: vec![ConsumerSetup {
            polls: Some(ms(50)),
            service: ServiceTime::Fixed(ms(60)),
            ..consumer("c", "q")
        }],
        ..setup()
    };
    let run = run(&setup, 320);
    let asked = run.at(|kind| matches!(kind, EventKind::Asked { .. }));
    // At 0 there is none; what is got at 52 is worked on from 55 to 115, so that it does not ask at 100.
    assert_eq!(asked, [0, 50, 150, 250]);
    assert_eq!(run.delivered(), [(52, false), (152, false), (252, false)]);
    assert_eq!(run.acked(), [117, 217, 317]);
    assert!(
        run.broker_at(|event| matches!(event, E::Consuming { .. }))
            .is_empty()
    );
}

#[test]
fn what_a_consumer_makes_of_a_message_reaches_the_broker_before_its_ack() {
    let setup = Setup {
        queues: vec![QueueSetup::new("q"), QueueSetup::new("out")],
        publishers: vec![publisher("p", [(0, "q"), (1, "q")])],
        consumers: vec![ConsumerSetup {
            publishes: Some(Onward::To {
                exchange: "".into(),
                key: Some("out".into()),
            }),
            fails_on: None,
            ..consumer("c", "q")
        }],
        ..setup()
    };
    let run = run(&setup, 200);
    let onward = |kind: &EventKind| matches!(kind, EventKind::Published { by, .. } if *by == Author::Consumer(WorkerId(0)));
    assert_eq!(run.at(onward), [38, 58]);
    let order = run.told(|kind| match kind {
        EventKind::Broker(E::Routed { message, .. }) => Some(("routed", message.0)),
        EventKind::Broker(E::Acked { queued, .. }) => Some(("acked", queued.message.0)),
        _ => None,
    });
    assert_eq!(
        order,
        [
            ("routed", 1),
            ("routed", 2),
            ("routed", 3),
            ("acked", 1),
            ("routed", 4),
            ("acked", 2)
        ]
    );
    // The ack does not overtake the message on the connection.
    assert_eq!(run.acked(), [48, 68]);
    assert_eq!(run.world.broker().queues()[1].ready_len(), 2);
}

#[test]
fn a_reply_finds_the_one_who_asked() {
    // S16
    let asks = Properties {
        reply_to: Some("amq.rabbitmq.reply-to".into()),
        correlation_id: Some("17".into()),
        ..Properties::default()
    };
    let mut requester = publisher("client", [(1, "q")]);
    requester.connection = Some("rpc".into());
    requester.messages[0].properties = Arc::new(asks);
    let setup = Setup {
        publishers: vec![requester],
        consumers: vec![
            ConsumerSetup {
                ack: false,
                connection: Some("rpc".into()),
                ..consumer("answers", "amq.rabbitmq.reply-to")
            },
            ConsumerSetup {
                publishes: Some(Onward::Reply {
                    body: Body::from("42"),
                }),
                ..consumer("server", "q")
            },
        ],
        ..setup()
    };
    let run = run(&setup, 200);
    let received = run.told(|kind| match kind {
        EventKind::Received { worker, queued } => Some((worker.0, queued.message.0)),
        _ => None,
    });
    assert_eq!(received, [(1, 1), (0, 2)]);
    let reply = run.told(|kind| match kind {
        EventKind::Published {
            by: Author::Consumer(_),
            publication,
            ..
        } => Some(publication.clone()),
        _ => None,
    });
    assert_eq!(reply.len(), 1);
    assert_eq!(reply[0].properties.correlation_id, Some("17".into()));
    assert_eq!(reply[0].body, Body::from("42"));
}

#[test]
fn a_refused_method_closes_the_channel_and_its_publisher_comes_back() {
    // C1, C11, E4
    let missing = Method::DeclareQueue {
        spec: QueueSpec::new("missing"),
        passive: true,
    };
    let every = ms(100);
    let setup = Setup {
        publishers: vec![PublisherSetup {
            pace: Pace::Even {
                every,
                start: Micros::ZERO,
                count: None,
            },
            ..publisher("p", [(0, "q")])
        }],
        script: vec![call(295, "p", missing)],
        ..setup()
    };
    let run = run(&setup, 1_600);
    let refused = run.told(|kind| match kind {
        EventKind::Broker(E::Refused {
            refusal, method, ..
        }) => Some((refusal.code, *method)),
        _ => None,
    });
    assert_eq!(refused, [(ReplyCode::NotFound, Some("queue.declare"))]);
    assert_eq!(run.disconnected(), [298]);
    // The connection is still there, so only a channel is opened.
    assert!(run.opened().is_empty());
    let channels = run.broker_at(|event| matches!(event, E::ChannelOpened { .. }));
    assert_eq!(channels, [1_298]);
    assert_eq!(run.published(), [0, 100, 200, 1_300, 1_400, 1_500, 1_600]);
}

#[test]
fn what_is_sent_to_a_closed_channel_is_gone() {
    // C11: the broker closed it at 10, and the client learns of it at 13.
    let setup = Setup {
        publishers: vec![publisher("p", [(0, "q"), (5, "q"), (12, "q"), (14, "q")])],
        script: vec![call(
            10,
            "p",
            Method::Flow { active: false }, // C14
        )],
        ..setup()
    };
    let run = run(&setup, 100);
    let unsent = run.told(|kind| match kind {
        EventKind::Unsent { message, .. } => Some(*message),
        _ => None,
    });
    // A script's method is sent behind what is under way, so it came after the second message.
    assert_eq!(run.published(), [0, 5, 12, 14]);
    assert_eq!(unsent, [MessageId(3), MessageId(4)]);
    assert_eq!(run.disconnected(), [18]);
}

#[test]
fn one_that_hung_up_itself_stays_away_until_it_is_told() {
    // C13
    let setup = Setup {
        publishers: vec![publisher(
            "p",
            [(0, "q"), (5, "q"), (30, "q"), (3_100, "q")],
        )],
        script: vec![disconnect(7, "p", Hangup::ByClient), connect(3_000, "p")],
        ..setup()
    };
    let run = run(&setup, 4_000);
    // What it sent before is read before its end is.
    let routed = run.broker_at(|event| matches!(event, E::Routed { .. }));
    assert_eq!(routed, [10, 15, 3_110]);
    let closed = run.broker_at(|event| matches!(event, E::ConnectionClosed { .. }));
    assert_eq!(closed, [15]);
    assert_eq!(run.disconnected(), [7]);
    assert_eq!(run.opened(), [3_000]);
    assert_eq!(run.published(), [0, 5, 3_100]);
}

#[test]
fn a_consumer_learns_that_its_queue_is_gone() {
    // S13, Q10
    let setup = Setup {
        publishers: vec![publisher("p", [(0, "q")])],
        consumers: vec![consumer("c", "q")],
        script: vec![act(20, Deed::Operate(Operation::DeleteQueue("q".into())))],
        ..setup()
    };
    let run = run(&setup, 100);
    let dismissed = run.at(|kind| matches!(kind, EventKind::Dismissed { .. }));
    assert_eq!(dismissed, [23]);
    // What it works on it finishes, and its late ack does no harm.
    let finished = run.at(|kind| matches!(kind, EventKind::Finished { .. }));
    assert_eq!(finished, [38]);
    assert!(run.disconnected().is_empty());
    assert_eq!(run.world.workers()[0].consumer, None);
}

#[test]
fn a_script_can_end_and_begin_what_an_actor_does() {
    // S4
    let consume = Method::Consume {
        queue: "q".into(),
        tag: "c".into(),
        no_ack: false,
        exclusive: false,
        arguments: Table::new(),
    };
    let setup = Setup {
        publishers: vec![publisher("p", [(0, "q"), (50, "q"), (100, "q")])],
        consumers: vec![consumer("c", "q")],
        script: vec![
            call(40, "c", Method::Cancel { tag: "c".into() }),
            call(90, "c", consume),
        ],
        ..setup()
    };
    let run = run(&setup, 200);
    assert_eq!(run.delivered(), [(15, false), (90, false), (115, false)]);
    assert_eq!(run.acked(), [40, 115, 140]);
}

#[test]
fn a_hand_can_send_any_message_and_do_any_deed() {
    let setup = Setup {
        queues: vec![QueueSetup::new("q"), QueueSetup::new("r")],
        publishers: vec![publisher("p", [(0, "q")])],
        ..setup()
    };
    let mut history = History::new(&setup).unwrap();
    let publication = Publication {
        routing_key: "r".into(),
        ..Publication::default()
    };
    let send = Input::Send {
        publisher: PublisherId(0),
        publication: Arc::new(publication),
        mandatory: false,
    };
    history.input(ms(5), send);
    let purge = Operation::PurgeQueue("q".into());
    history.input(ms(30), Input::Do(Deed::Operate(purge)));
    history.run_until(ms(50));
    let world = history.head();
    let ready: Vec<_> = world
        .broker()
        .queues()
        .iter()
        .map(|q| q.ready_len())
        .collect();
    assert_eq!(ready, [0, 1]);
    assert_eq!(world.publishers()[0].published, 2);
    // Going back before the deeds undoes them.
    assert_eq!(history.seek(ms(20)).broker().queues()[0].ready_len(), 1);
}

// P2
#[test]
fn a_hand_makes_a_message_mandatory_and_going_back_does_not_forget_it() {
    let setup = Setup {
        publishers: vec![publisher("p", [])],
        ..setup()
    };
    let send = |mandatory| Input::Send {
        publisher: PublisherId(0),
        publication: Arc::new(Publication {
            routing_key: "nowhere".into(),
            ..Publication::default()
        }),
        mandatory,
    };
    let returned = |events: &[Event]| {
        let is_it = |event: &&Event| {
            let publisher = PublisherId(0);
            matches!(&event.kind, EventKind::Returned { publisher: to, .. } if *to == publisher)
        };
        events
            .iter()
            .filter(is_it)
            .map(|event| event.at)
            .collect::<Vec<_>>()
    };
    let mut history = History::new(&setup).unwrap();
    history.input(ms(5), send(true));
    history.input(ms(40), send(false));
    history.input(ms(80), send(true));
    history.run_until(ms(200));
    // There in 10 ms, back in 7; what is not mandatory is dropped.
    assert_eq!(returned(history.events()), [ms(22), ms(97)]);
    // A world that is replayed to a moment at which the last is on its way goes on in the same way.
    let mut world = history.seek(ms(85));
    let mut events = Vec::new();
    while world.step(&mut events) {}
    assert_eq!(returned(&events), [ms(97)]);
}

#[test]
fn names_that_come_later_are_known_and_those_that_never_come_are_not() {
    let named = |queue: &str, exchange: &str| Setup {
        publishers: vec![PublisherSetup {
            exchange: exchange.into(),
            ..publisher("p", [])
        }],
        consumers: vec![ConsumerSetup {
            start: ms(100),
            ..consumer("c", queue)
        }],
        ..setup()
    };
    let error = World::new(&named("missing", "")).unwrap_err();
    assert_eq!((error.what, error.name), ("consumer", Name::from("c")));
    let error = World::new(&named("q", "missing")).unwrap_err();
    assert_eq!((error.what, error.name), ("publisher", Name::from("p")));

    let mut later = named("later", "later");
    let queue = Operation::DeclareQueue(QueueSpec::new("later"));
    let exchange = ExchangeSpec::new("later", ExchangeKind::Fanout);
    let exchange = Operation::DeclareExchange(exchange);
    later.script = vec![
        act(1, Deed::Operate(queue)),
        act(2, Deed::Operate(exchange)),
    ];
    assert!(World::new(&later).is_ok());

    // What a connection will declare is tried before the run.
    let mut wrong = named("own", "");
    wrong.queues.push(QueueSetup {
        spec: QueueSpec::new("own").with("x-max-length", -1),
        by: Some("c".into()),
    });
    let error = World::new(&wrong).unwrap_err();
    assert_eq!((error.what, error.name), ("queue", Name::from("own")));

    // So is what the script will set.
    let mut wrong = named("q", "");
    let policy = PolicySpec {
        name: "short".into(),
        pattern: ".*".into(),
        apply_to: Default::default(),
        priority: 0,
        definition: Table::from([("message-ttl".into(), (-1).into())]),
        operator: false,
    };
    wrong.script = vec![act(1, Deed::Operate(Operation::SetPolicy(policy)))];
    let error = World::new(&wrong).unwrap_err();
    assert_eq!((error.what, error.name), ("script", Name::from("short")));
}

#[test]
fn a_script_that_publishes_is_told_in_its_own_words_and_without_a_reply_code() {
    let publish = Method::Publish {
        message: Message {
            id: MessageId(0),
            publication: Arc::default(),
            failures: 0,
        },
        mandatory: false,
        immediate: false,
    };
    let setup = Setup {
        script: vec![act(
            1,
            Deed::Call {
                connection: "c".into(),
                method: publish,
            },
        )],
        ..setup()
    };
    let error = World::new(&setup).unwrap_err();
    assert_eq!(error.fault, SetupFault::NoPublisher);
    assert_eq!(
        refused(&error),
        "the script publishes on the connection `c`, but only publishers publish"
    );
}

#[test]
fn all_copies_of_a_message_are_known_from_one_death_to_the_next() {
    // D1, E12
    let dying = |name: &str, next: &str, ttl: i64| QueueSetup {
        spec: QueueSpec::new(name)
            .with("x-message-ttl", ttl)
            .with("x-dead-letter-exchange", "")
            .with("x-dead-letter-routing-key", next),
        by: None,
    };
    let setup = Setup {
        queues: vec![
            dying("q", "r", 20),
            dying("r", "end", 30),
            QueueSetup::new("end"),
        ],
        publishers: vec![publisher("p", [(0, "q"), (1, "q")])],
        ..setup()
    };
    let mut history = History::new(&setup).unwrap();
    history.run_until(ms(200));
    let [first, second] = [MessageId(1), MessageId(2)];
    let ids = |history: &History, message| {
        let copies = history.copies_of(message).into_iter();
        copies.map(|copy| copy.0).collect::<Vec<_>>()
    };
    assert_eq!(ids(&history, first), [1, 3, 5]);
    assert_eq!(ids(&history, second), [2, 4, 6]);
    for copy in history.copies_of(first) {
        assert_eq!(
            history.routing_of(copy).map(|(message, _)| message),
            Some(first)
        );
    }
    // A hop of 15 ms, a life of 20 ms, two hops of 4 and 5 ms, a life of 30 ms, and those hops again.
    let ready = history.events().iter().filter(|event| {
        matches!(event.kind, EventKind::Broker(E::Ready { queued, .. }) if queued.message == first)
    });
    let ready: Vec<_> = ready.map(|event| event.at).collect();
    assert_eq!(ready, [ms(15), ms(44), ms(83)]);
    // Another run forgets what is not to be.
    let again = Input::Publish(PublisherId(0));
    history.input(ms(50), again);
    assert_eq!(ids(&history, first), [1, 3]);
    history.run_until(ms(200));
    assert_eq!(ids(&history, first), [1, 3, 5]);
    assert_eq!(ids(&history, MessageId(4)), [0_u64; 0]);
    assert_eq!(ids(&history, MessageId(0)), [0_u64; 0]);
}
