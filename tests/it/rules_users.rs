//! Whom clients log in as, and what that lets them do: refused logins and refused methods as a run has them.

use leveret::broker::{
    Event as E, ExchangeKind, ExchangeSpec, Hangup, Method, Operation, PermissionsSpec, QueueSpec,
    Refusal, TopicPermissionSpec, UserSpec,
};
use leveret::world::{
    Act, ConsumerSetup, Deed, Event, EventKind, MessageSetup, PUBLISHER_RECONNECT, PublisherSetup,
    QueueSetup, ServiceTime, Setup, SetupError, SetupFault, World,
};

use crate::rules_world::{ms, setup as hops};

fn setup() -> Setup {
    Setup {
        exchanges: vec![ExchangeSpec::new("x", ExchangeKind::Topic)],
        ..hops()
    }
}

/// One who may configure, write and read what these patterns match.
fn user(name: &str, [configure, write, read]: [&str; 3]) -> UserSpec {
    UserSpec {
        permissions: Some(PermissionsSpec {
            configure: configure.into(),
            write: write.into(),
            read: read.into(),
        }),
        ..UserSpec::new(name)
    }
}

/// One who may not enter.
fn outsider(name: &str) -> UserSpec {
    UserSpec {
        permissions: None,
        ..UserSpec::new(name)
    }
}

/// Publishes to these exchanges with these keys, each at its time.
fn publisher<const N: usize>(name: &str, messages: [(u64, &str, &str); N]) -> PublisherSetup {
    PublisherSetup {
        name: name.into(),
        messages: messages
            .map(|(at, exchange, key)| MessageSetup {
                at: ms(at),
                exchange: Some(exchange.into()),
                key: key.into(),
                ..MessageSetup::default()
            })
            .into(),
        ..PublisherSetup::default()
    }
}

fn publisher_as<const N: usize>(
    user: &str,
    name: &str,
    messages: [(u64, &str, &str); N],
) -> PublisherSetup {
    PublisherSetup {
        user: Some(user.into()),
        ..publisher(name, messages)
    }
}

fn consumer_as(user: &str, name: &str, queue: &str) -> ConsumerSetup {
    ConsumerSetup {
        name: name.into(),
        queue: queue.into(),
        user: Some(user.into()),
        service: ServiceTime::Fixed(ms(20)),
        ..ConsumerSetup::default()
    }
}

fn grant(at: u64, spec: UserSpec) -> Act {
    Act {
        at: ms(at),
        deed: Deed::Operate(Operation::SetUser(spec)),
    }
}

fn act(at: u64, deed: Deed) -> Act {
    Act { at: ms(at), deed }
}

struct Run {
    world: World,
    events: Vec<Event>,
}

fn run(setup: &Setup, until: u64) -> Run {
    let mut run = Run {
        world: World::new(setup).expect("what a user may not do is no mistake of the setup"),
        events: Vec::new(),
    };
    while run.world.next_at().is_some_and(|at| at <= ms(until)) {
        run.world.step(&mut run.events);
        assert_eq!(run.world.broker().audit(), Ok(()));
    }
    run
}

impl Run {
    /// The times, in milliseconds, of what is wanted.
    fn at(&self, wanted: impl Fn(&E) -> bool) -> Vec<u64> {
        let wanted =
            |event: &&Event| matches!(&event.kind, EventKind::Broker(event) if wanted(event));
        let found = self.events.iter().filter(wanted);
        found.map(|event| event.at.0 / 1_000).collect()
    }

    /// What was refused: when, which method of whom, and the code.
    fn refused(&self) -> Vec<(u64, &str, &str, u16)> {
        let refused = self.events.iter().filter_map(|event| match &event.kind {
            EventKind::Broker(E::Refused {
                connection,
                method,
                refusal,
                ..
            }) => {
                let link = self.world.link_of_connection(*connection)?;
                let name = self.world.link(link)?.name.as_str();
                let at = event.at.0 / 1_000;
                Some((at, name, method.unwrap_or_default(), refusal.code.number()))
            }
            _ => None,
        });
        refused.collect()
    }

    fn disconnected(&self) -> Vec<u64> {
        let events = self.events.iter();
        let left = events.filter(|event| matches!(event.kind, EventKind::Disconnected { .. }));
        left.map(|event| event.at.0 / 1_000).collect()
    }

    fn opened(&self) -> Vec<u64> {
        self.at(|event| matches!(event, E::ConnectionOpened { .. }))
    }

    fn routed(&self) -> Vec<u64> {
        self.at(|event| matches!(event, E::Routed { .. }))
    }
}

// C6, C7: it is refused once, its connection is closed, its client hears so a hop later, and others go on.
#[test]
fn a_refused_login_closes_its_connection_and_a_publisher_does_not_try_again() {
    let setup = Setup {
        users: vec![outsider("ann")],
        publishers: vec![
            publisher_as("ann", "p", [(0, "", "q"), (3_000, "", "q")]),
            publisher_as("nobody", "n", [(0, "", "q")]),
            publisher("g", [(0, "", "q"), (3_000, "", "q")]),
        ],
        ..setup()
    };
    let run = run(&setup, 10_000);
    assert_eq!(
        run.refused(),
        [
            (0, "p", "connection.open", 530),
            (0, "n", "connection.start-ok", 403)
        ]
    );
    let closed = run.at(|event| matches!(event, E::ConnectionClosed { .. }));
    assert_eq!((closed, run.disconnected()), (vec![0, 0], vec![3, 3]));
    assert_eq!(run.opened(), [0; 0]);
    assert_eq!(run.routed(), [10, 3_010], "only those of guest");
    let open: Vec<_> = run
        .world
        .links()
        .iter()
        .map(|link| link.connection.is_some())
        .collect();
    assert_eq!(open, [false, false, true]);
    // The close is caused by the refusal.
    for event in &run.events {
        if let EventKind::Broker(E::ConnectionClosed { .. }) = event.kind {
            let cause = &run.events[event.cause.0 as usize - 1].kind;
            assert!(matches!(
                cause,
                EventKind::Broker(E::Refused { channel: None, .. })
            ));
        }
    }
}

// C7: a consumer that reconnects asks again, as slowly as it was told to, and is let in once it may enter.
#[test]
fn a_consumer_that_reconnects_is_let_in_once_it_may_enter() {
    let setup = Setup {
        users: vec![outsider("ann")],
        publishers: vec![publisher("g", [(0, "", "q")])],
        consumers: vec![ConsumerSetup {
            reconnect: Some(ms(100)),
            ..consumer_as("ann", "c", "q")
        }],
        script: vec![grant(250, UserSpec::new("ann"))],
        ..setup()
    };
    let run = run(&setup, 1_000);
    let times: Vec<_> = run.refused().iter().map(|refused| refused.0).collect();
    assert_eq!(times, [0, 103, 206]);
    assert_eq!(run.opened(), [309]);
    assert_eq!(run.at(|event| matches!(event, E::Acked { .. })), [334]);
    let connection = run.world.links()[1].connection.expect("it is open");
    let connection = run
        .world
        .broker()
        .connection(connection)
        .expect("it is there");
    assert_eq!(connection.user, "ann");
}

// C7: one who was turned away comes when the script says so, and then comes back by itself as others do.
#[test]
fn one_who_was_turned_away_can_be_told_to_connect() {
    let web = || "p".into();
    let setup = Setup {
        users: vec![outsider("ann")],
        publishers: vec![publisher_as("ann", "p", [(300, "", "q"), (2_000, "", "q")])],
        script: vec![
            act(
                100,
                Deed::Connect {
                    connection: web(),
                    user: None,
                },
            ),
            grant(150, UserSpec::new("ann")),
            act(
                200,
                Deed::Connect {
                    connection: web(),
                    user: None,
                },
            ),
            act(
                400,
                Deed::Disconnect {
                    connection: web(),
                    how: Hangup::Lost,
                },
            ),
        ],
        ..setup()
    };
    let run = run(&setup, 3_000);
    let times: Vec<_> = run.refused().iter().map(|refused| refused.0).collect();
    assert_eq!(times, [0, 100]);
    assert_eq!(run.opened(), [200, 400 + PUBLISHER_RECONNECT.0 / 1_000]);
    assert_eq!(run.routed(), [310, 2_010]);
}

// C6: a connection of which only the script speaks logs in as whom the script says, and as another the next time.
#[test]
fn a_connection_of_the_script_logs_in_as_whom_the_script_says() {
    let connect = |at, user: Option<&str>| {
        let (connection, user) = ("desk".into(), user.map(Into::into));
        act(at, Deed::Connect { connection, user })
    };
    let purge = |at| {
        let (connection, method) = ("desk".into(), Method::PurgeQueue { queue: "q".into() });
        act(at, Deed::Call { connection, method })
    };
    let close = |at| {
        let (connection, how) = ("desk".into(), Hangup::ByClient);
        act(at, Deed::Disconnect { connection, how })
    };
    let setup = Setup {
        users: vec![
            outsider("eve"),
            user("ann", ["", "", ".*"]),
            user("bob", [".*", "", ""]),
        ],
        script: vec![
            connect(100, Some("eve")),
            connect(200, Some("ann")),
            purge(300),
            close(400),
            connect(500, Some("bob")),
            purge(600),
            close(700),
            connect(800, None),
            purge(900),
        ],
        ..setup()
    };
    let run = run(&setup, 2_000);
    let refused: Vec<_> = run
        .refused()
        .iter()
        .map(|refused| (refused.0, refused.3))
        .collect();
    assert_eq!(refused, [(100, 530), (600, 403), (900, 403)]);
    assert_eq!(run.opened(), [200, 500, 800]);
}

// C7, R8: a broker that is down is no reason to ask no more.
#[test]
fn one_who_was_turned_away_asks_again_when_the_broker_is_back() {
    let operate = |at, operation| act(at, Deed::Operate(operation));
    let setup = Setup {
        users: vec![outsider("ann")],
        consumers: vec![ConsumerSetup {
            reconnect: Some(ms(100)),
            ..consumer_as("ann", "c", "q")
        }],
        script: vec![
            operate(150, Operation::Stop { clean: true }),
            operate(350, Operation::Start),
        ],
        ..setup()
    };
    let run = run(&setup, 420);
    let times: Vec<_> = run.refused().iter().map(|refused| refused.0).collect();
    assert_eq!(times, [0, 103, 406]);
}

// C18, C1: what may not be written closes the channel; its connection stays, and so do others.
#[test]
fn what_a_user_may_not_write_closes_its_channel_only() {
    let mut ann = user("ann", ["", "^x$", ""]);
    ann.topic_permissions = vec![TopicPermissionSpec {
        exchange: "x".into(),
        write: "^ann\\.".into(),
        read: "".into(),
    }];
    let setup = Setup {
        users: vec![ann],
        publishers: vec![
            publisher_as(
                "ann",
                "p",
                [
                    (0, "x", "ann.a"),
                    (100, "x", "bob.a"),
                    (2_000, "", "q"),
                    (4_000, "x", "ann.b"),
                ],
            ),
            publisher("g", [(105, "", "q"), (2_005, "x", "bob.a")]),
        ],
        ..setup()
    };
    let run = run(&setup, 5_000);
    assert_eq!(
        run.refused(),
        [
            (110, "p", "basic.publish", 403),
            (2_010, "p", "basic.publish", 403)
        ]
    );
    let closed = run.at(|event| matches!(event, E::ChannelClosed { .. }));
    assert_eq!(closed, [110, 2_010]);
    assert!(
        run.at(|event| matches!(event, E::ConnectionClosed { .. }))
            .is_empty()
    );
    let opened = run.at(|event| matches!(event, E::ChannelOpened { .. }));
    assert_eq!(opened, [1_113, 3_013]);
    let unroutable = run.at(|event| matches!(event, E::Unroutable { .. }));
    assert_eq!(unroutable, [10, 2_015, 4_010], "nothing is bound to x");
    assert_eq!(run.routed(), [115]);
}

// C18: the world is built all the same, and `basic.consume` is seen to be refused.
#[test]
fn whoever_may_not_read_a_queue_asks_in_vain_until_it_may() {
    let setup = Setup {
        users: vec![user("ann", ["", "", "^other$"])],
        publishers: vec![publisher("g", [(0, "", "q")])],
        consumers: vec![
            ConsumerSetup {
                reconnect: Some(ms(100)),
                ..consumer_as("ann", "c", "q")
            },
            consumer_as("ann", "once", "q"),
        ],
        script: vec![grant(150, user("ann", ["", "", "^q$"]))],
        ..setup()
    };
    let run = run(&setup, 1_000);
    assert_eq!(
        run.refused(),
        [
            (0, "c", "basic.consume", 403),
            (0, "once", "basic.consume", 403),
            (103, "c", "basic.consume", 403),
        ]
    );
    // Its connection was there before the run, and stays.
    assert_eq!(run.opened(), [0; 0]);
    let consuming = run.at(|event| matches!(event, E::Consuming { .. }));
    assert_eq!(consuming, [206]);
}

// C18, Q8: what a connection declares is judged as if its user might; whether it may is for the run.
#[test]
fn a_declaration_that_nobody_could_make_is_a_mistake_and_one_that_a_user_may_not_is_not() {
    let own = |spec: QueueSpec| Setup {
        users: vec![user("ann", ["", "", ".*"])],
        queues: vec![
            QueueSetup::new("q"),
            QueueSetup {
                spec,
                by: Some("c".into()),
            },
        ],
        consumers: vec![consumer_as("ann", "c", "own")],
        ..setup()
    };
    let mut exclusive = QueueSpec::new("own");
    (exclusive.exclusive, exclusive.durable) = (true, false);
    let run = run(&own(exclusive), 500);
    assert_eq!(run.refused(), [(0, "c", "queue.declare", 403)]);

    let mut transient = QueueSpec::new("own").with("x-queue-type", "quorum");
    transient.durable = false;
    let error = World::new(&own(transient)).expect_err("there are no such queues");
    assert_eq!((error.what, refusal(&error).rule), ("queue", "Q8"));
}

// C6: a connection logs in once, for all who are on it.
#[test]
fn actors_on_one_connection_log_in_as_one_user() {
    let shared = |name: &str, user: Option<&str>| PublisherSetup {
        connection: Some("app".into()),
        user: user.map(Into::into),
        ..publisher(name, [(0, "", "q")])
    };
    let setup = |users: [Option<&str>; 2]| Setup {
        users: vec![UserSpec::new("ann"), UserSpec::new("bob")],
        publishers: vec![shared("p", users[0]), shared("r", users[1])],
        ..setup()
    };
    for users in [
        [Some("ann"), None],
        [None, Some("ann")],
        [Some("ann"), Some("ann")],
    ] {
        let world = World::new(&setup(users)).expect("they agree");
        assert_eq!(world.links()[0].user, "ann");
        assert_eq!(world.broker().connections()[0].user, "ann");
    }
    let world = World::new(&setup([None, None])).expect("they agree");
    assert_eq!(world.links()[0].user, "guest");
    let error = World::new(&setup([Some("ann"), Some("bob")])).expect_err("they do not");
    assert_eq!((error.what, error.name.as_str()), ("connection", "app"));
    let text = &refusal(&error).text;
    assert!(text.contains("'ann'") && text.contains("'bob'"));
}

/// What the broker refuses of a setup.
fn refusal(error: &SetupError) -> &Refusal {
    match &error.fault {
        SetupFault::Refused(refusal) => refusal,
        _ => panic!("{error}"),
    }
}
