//! What the words say of what the rules bring about: deaths, refusals, closings, standings. Each sentence has its reason.

use leveret::broker::{
    ApplyTo, CopyId, ExchangeKind, ExchangeSpec, Method, Micros, Name, Operation, PolicySpec,
    Table, Target, Value,
};
use leveret::history::History;
use leveret::words::{Sign, coming, death_story, describe, right, settings, standing};
use leveret::world::{
    Act, BindingSetup, ConsumerSetup, Deed, EventKind, MessageSetup, PublisherSetup, QueueSetup,
    ServiceTime, Setup,
};

use crate::setups::AT_ONCE;

fn queue(name: &str, arguments: &[(&str, Value)]) -> QueueSetup {
    let mut queue = QueueSetup::new(name);
    let arguments = arguments.iter().cloned();
    queue.spec.arguments = arguments
        .map(|(name, value)| (Name::from(name), value))
        .collect();
    queue
}

/// A publisher to the default exchange, which sends a message to a queue every 100 ms.
fn publisher(queues: &[&str]) -> PublisherSetup {
    let messages = queues.iter().zip(0..).map(|(queue, at)| MessageSetup {
        at: Micros::from_millis(100 * at),
        key: (*queue).into(),
        ..MessageSetup::default()
    });
    PublisherSetup {
        name: "web".into(),
        messages: messages.collect(),
        ..PublisherSetup::default()
    }
}

fn consumer(name: &str, queue: &str) -> ConsumerSetup {
    ConsumerSetup {
        name: name.into(),
        queue: queue.into(),
        prefetch: 1,
        service: ServiceTime::Fixed(Micros::from_secs(5)),
        ..ConsumerSetup::default()
    }
}

fn act(at: u64, deed: Deed) -> Act {
    Act {
        at: Micros::from_millis(at),
        deed,
    }
}

fn call(at: u64, connection: &str, method: Method) -> Act {
    let connection = connection.into();
    act(at, Deed::Call { connection, method })
}

fn run(setup: &Setup, until: u64) -> History {
    let mut history = History::new(setup).unwrap_or_else(|error| panic!("{error}"));
    history.run_until(Micros::from_millis(until));
    history
}

/// The events that have one of these verbs.
fn told(history: &History, verbs: &[&str]) -> String {
    let lines = history
        .events()
        .iter()
        .map(|event| describe(event, history.head(), history));
    lines
        .filter(|line| verbs.contains(&line.verb.as_str()))
        .map(|line| format!("{:10} {}\n", line.verb, line.text))
        .collect()
}

fn with_dead_letters() -> Setup {
    let dead = ("x-dead-letter-exchange", Value::from("dlx"));
    let lost = ("x-dead-letter-exchange", Value::from("nowhere"));
    Setup {
        latency: AT_ONCE,
        exchanges: vec![ExchangeSpec::new("dlx", ExchangeKind::Fanout)],
        queues: vec![
            queue("dead", &[]),
            queue("brief", &[dead.clone(), ("x-message-ttl", 50.into())]),
            queue("short", &[lost, ("x-max-length", 1.into())]),
            queue("jobs", &[dead]),
        ],
        bindings: vec![BindingSetup {
            source: "dlx".into(),
            destination: Target::Queue("dead".into()),
            key: Name::default(),
            arguments: Table::new(),
            latency: None,
        }],
        publishers: vec![publisher(&["brief", "short", "short", "jobs"])],
        consumers: vec![ConsumerSetup {
            service: ServiceTime::Fixed(Micros::from_millis(10)),
            failure_rate: 1.0,
            on_failure: leveret::world::OnFailure::Reject,
            ..consumer("clerk", "jobs")
        }],
        ..Setup::default()
    }
}

// Q21, Q22
#[test]
fn a_message_that_expires_late_is_told_how_late_and_why() {
    let message = |at, millis: &str| MessageSetup {
        at: Micros::from_millis(at),
        key: "q".into(),
        properties: leveret::broker::Properties {
            expiration: Some(millis.into()),
            ..Default::default()
        }
        .into(),
        ..MessageSetup::default()
    };
    let behind = Setup {
        queues: vec![queue("q", &[])],
        publishers: vec![PublisherSetup {
            messages: vec![
                message(0, "10000"),
                message(100, "1000"),
                message(200, "30000"),
            ],
            ..publisher(&[])
        }],
        latency: AT_ONCE,
        ..Setup::default()
    };
    let history = run(&behind, 60_000);
    insta::assert_snapshot!(told(&history, &["expire"]), @r"
    expire     1 (q) expired in q, its time to live was over: the message ends
    expire     2 (q) expired in q, 8.9 s late: a message expires only at the head of its queue, and another was before it. Now the message ends
    expire     3 (q) expired in q, its time to live was over: the message ends
    ");
    let held = Setup {
        queues: vec![queue("q", &[("x-message-ttl", 1_000.into())])],
        publishers: vec![publisher(&["q"])],
        consumers: vec![ConsumerSetup {
            failure_rate: 1.0,
            ..consumer("clerk", "q")
        }],
        latency: AT_ONCE,
        ..Setup::default()
    };
    let history = run(&held, 60_000);
    insta::assert_snapshot!(told(&history, &["expire"]), @r"
    expire     1 (q) expired in q, 4 s late: a consumer held it when its time was over. Now the message ends
    ");
}

// D1, D2, D7
#[test]
fn a_death_is_told_with_its_reason_and_what_becomes_of_the_message() {
    let history = run(&with_dead_letters(), 1_000);
    insta::assert_snapshot!(told(&history, &["expire", "drop", "reject", "route"]), @r"
    route      the default exchange routed 1 (brief) → brief
    expire     1 (brief) expired in brief, its time to live was over: it goes to the dead-letter exchange, dlx
    route      dlx routed dead-lettered 1 (brief) → dead
    route      the default exchange routed 2 (short) → short
    route      the default exchange routed 3 (short) → short
    drop       short is over its limit (1 message), so it dropped 2 (short): its dead-letter exchange nowhere does not exist, so the message ends
    route      the default exchange routed 4 (jobs) → jobs
    reject     clerk rejected 4 (jobs): it goes to the dead-letter exchange, dlx
    route      dlx routed dead-lettered 4 (jobs) → dead
    ");
    let dead = history.head().definitions().queue_named("dead").unwrap();
    let dead = history.head().broker().queue(dead).unwrap();
    let stories: Vec<_> = dead
        .ready()
        .flat_map(|entry| death_story(&entry.message.publication))
        .collect();
    insta::assert_snapshot!(stories.join("\n"), @r"
    expired in brief, once; it had come by the default exchange with brief
    rejected in jobs, once; it had come by the default exchange with jobs
    ");
}

// C1, S6, Q5, Q6
#[test]
fn a_closing_is_told_with_the_reply_code_and_the_method() {
    let ack = Method::Ack {
        tag: 9,
        multiple: false,
    };
    let mut own = queue("own", &[]);
    own.spec.exclusive = true;
    own.by = Some("clerk".into());
    let mut passing = queue("passing", &[]);
    passing.spec.auto_delete = true;
    let cancel = Method::Cancel {
        tag: "guest".into(),
    };
    let setup = Setup {
        latency: AT_ONCE,
        queues: vec![own, passing],
        consumers: vec![consumer("clerk", "own"), consumer("guest", "passing")],
        script: vec![
            call(200, "guest", cancel),
            call(300, "clerk", ack),
            act(
                400,
                Deed::Disconnect {
                    connection: "clerk".into(),
                    how: leveret::broker::Hangup::Lost,
                },
            ),
        ],
        ..Setup::default()
    };
    let history = run(&setup, 1_000);
    let verbs = ["refuse", "close", "delete", "cancel", "learn"];
    insta::assert_snapshot!(told(&history, &verbs), @r"
    cancel     guest stopped consuming from passing
    delete     queue passing is gone: auto-delete, and its last consumer has gone
    refuse     basic.ack of clerk is refused: 406 PRECONDITION_FAILED - unknown delivery tag 9
    close      the channel of clerk is closed: 406 PRECONDITION_FAILED - unknown delivery tag 9 (in answer to basic.ack)
    cancel     clerk no longer consumes from own: its channel ended
    learn      clerk learned that its channel is closed
    learn      clerk learned that its connection is closed
    close      connection clerk is closed: the TCP connection is lost
    delete     queue own is gone: exclusive, and its connection has ended
    ");
    let refusal = history.events().iter().find_map(|event| match &event.kind {
        EventKind::Broker(leveret::broker::Event::Refused { refusal, .. }) => Some(refusal),
        _ => None,
    });
    assert_eq!(
        right(refusal.unwrap()).unwrap(),
        "Acknowledge each delivery once, on the channel it came on, and none that was sent with no_ack."
    );
}

// C6, C7, C18
#[test]
fn what_a_user_may_not_do_is_told_and_what_would_be_right() {
    use leveret::broker::{PermissionsSpec, UserSpec};
    let may = |read: &str| UserSpec {
        permissions: Some(PermissionsSpec {
            configure: "^$".into(),
            write: "^$".into(),
            read: read.into(),
        }),
        ..UserSpec::new("ann")
    };
    let outsider = || UserSpec {
        permissions: None,
        ..UserSpec::new("bob")
    };
    let logs_in = |name: &str, user: &str| ConsumerSetup {
        user: Some(user.into()),
        start: Micros::from_millis(10),
        ..consumer(name, "jobs")
    };
    let set = |at, user| act(at, Deed::Operate(Operation::SetUser(user)));
    let setup = Setup {
        latency: AT_ONCE,
        queues: vec![queue("jobs", &[])],
        users: vec![may("^own$"), outsider()],
        consumers: vec![
            logs_in("clerk", "ann"),
            logs_in("stranger", "bob"),
            logs_in("ghost", "eve"),
        ],
        script: vec![set(20, may("^jobs$")), set(30, outsider())],
        ..Setup::default()
    };
    let history = run(&setup, 100);
    let verbs = ["connect", "refuse", "close", "user"];
    insta::assert_snapshot!(told(&history, &verbs), @r"
    connect    connection clerk is open, logged in as ann
    refuse     basic.consume of clerk is refused: 403 ACCESS_REFUSED - read access to queue 'jobs' in vhost '/' refused for user 'ann'
    close      the channel of clerk is closed: 403 ACCESS_REFUSED - read access to queue 'jobs' in vhost '/' refused for user 'ann' (in answer to basic.consume)
    refuse     stranger may not log in as bob: 530 NOT_ALLOWED - access to vhost '/' refused for user 'bob'
    close      connection stranger is closed: 530 NOT_ALLOWED - access to vhost '/' refused for user 'bob' (in answer to connection.open)
    refuse     ghost may not log in as eve: 403 ACCESS_REFUSED - login was refused: there is no user 'eve'
    close      connection ghost is closed: 403 ACCESS_REFUSED - login was refused: there is no user 'eve' (in answer to connection.start-ok)
    user       user ann may configure `^$`, write `^$` and read `^jobs$`
    user       user bob may not enter the virtual host
    ");
    let refusals = history
        .events()
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Broker(leveret::broker::Event::Refused { refusal, .. }) => right(refusal),
            _ => None,
        });
    let refusals: Vec<_> = refusals.collect();
    assert!(refusals[1].contains("may enter") && refusals[2].contains("exists"));
}

#[test]
fn what_could_not_be_done_is_told_with_the_reason() {
    use leveret::broker::Hangup;
    let connection = || Name::from("desk");
    let purge = || Method::PurgeQueue {
        queue: "jobs".into(),
    };
    let close = || Deed::Disconnect {
        connection: connection(),
        how: Hangup::ByClient,
    };
    let connect = || Deed::Connect {
        connection: connection(),
        user: None,
    };
    let delete = |at| act(at, Deed::Operate(Operation::DeleteQueue("jobs".into())));
    let setup = Setup {
        latency: AT_ONCE,
        queues: vec![queue("jobs", &[])],
        script: vec![
            call(50, "desk", purge()),
            act(100, connect()),
            act(150, connect()),
            act(200, close()),
            act(300, close()),
            delete(400),
            delete(500),
            act(600, Deed::Operate(Operation::Stop { clean: true })),
            act(700, Deed::Operate(Operation::PurgeQueue("jobs".into()))),
        ],
        ..Setup::default()
    };
    insta::assert_snapshot!(told(&run(&setup, 1_000), &["in vain"]), @r"
    in vain    desk calls queue.purge; but it has no channel
    in vain    connection desk is opened; but it is open already
    in vain    the client of connection desk closes it; but it is not open
    in vain    an operator deletes queue jobs; but it is refused: 404 NOT_FOUND - no queue 'jobs' in vhost '/'
    in vain    an operator purges queue jobs; but it is refused: 320 CONNECTION_FORCED - the broker is down
    ");
}

// C6, F3, R8: what is announced is what is going to happen.
#[test]
fn what_waits_for_others_is_not_announced_as_if_it_came_through() {
    use leveret::broker::{Alarm::Memory, UserSpec};
    let outsider = UserSpec {
        permissions: None,
        ..UserSpec::new("bob")
    };
    let setup = Setup {
        queues: vec![queue("jobs", &[])],
        users: vec![outsider],
        publishers: vec![
            publisher(&["jobs"; 8]),
            PublisherSetup {
                name: "stranger".into(),
                user: Some("bob".into()),
                ..publisher(&["jobs"; 8])
            },
        ],
        script: vec![
            act(50, Deed::Operate(Operation::RaiseAlarm(Memory))),
            act(2_000, Deed::Operate(Operation::Stop { clean: false })),
            act(9_000, Deed::Operate(Operation::Start)),
        ],
        ..Setup::default()
    };
    let history = run(&setup, 9_000);
    let announced = |at| {
        let world = history.seek(Micros::from_millis(at));
        let upcoming = world.upcoming().into_iter();
        let lines = upcoming.filter_map(|next| coming(next, &world, &history));
        lines.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(announced(650), @r"
    4 (jobs) reaches the broker and waits: web is not read
    web publishes a message (jobs)
    5 (jobs) reaches the broker and waits: web is not read
    6 (jobs) reaches the broker and waits: web is not read
    7 (jobs) reaches the broker and waits: web is not read
    the broker crashes
    the broker comes up
    ");
    insta::assert_snapshot!(announced(4_000), @"the broker comes up");
}

// F3, R2, R8
#[test]
fn alarms_and_a_crash_are_told_with_what_they_do() {
    use leveret::broker::Alarm::Memory;
    let setup = Setup {
        latency: AT_ONCE,
        queues: vec![queue("jobs", &[])],
        publishers: vec![publisher(&["jobs", "jobs", "jobs"])],
        script: vec![
            act(50, Deed::Operate(Operation::RaiseAlarm(Memory))),
            act(150, Deed::Operate(Operation::ClearAlarm(Memory))),
            act(400, Deed::Operate(Operation::Stop { clean: false })),
            act(500, Deed::Operate(Operation::Start)),
        ],
        ..Setup::default()
    };
    let history = run(&setup, 600);
    let verbs = [
        "alarm", "block", "unblock", "warn", "wait", "crash", "lose", "up",
    ];
    insta::assert_snapshot!(told(&history, &verbs), @r"
    alarm      the broker is low on memory: connections that publish will be blocked
    warn       connection web is read until it publishes: an alarm is on
    block      connection web published during an alarm and is no longer read
    wait       2 (jobs) waits: connection web is not read now
    alarm      the broker has memory enough again
    unblock    connection web is read again
    crash      the broker crashed
    up         the broker is up: no message was recovered
    lose       1 (jobs) in jobs did not survive the restart, being transient or not yet written
    lose       2 (jobs) in jobs did not survive the restart, being transient or not yet written
    lose       3 (jobs) in jobs did not survive the restart, being transient or not yet written
    ");
}

// S7, Q43
#[test]
fn a_ready_message_says_why_it_is_not_delivered() {
    let single = ("x-single-active-consumer", Value::Bool(true));
    let setup = Setup {
        latency: AT_ONCE,
        queues: vec![
            queue("alone", &[]),
            queue("busy", &[]),
            queue("single", &[single]),
        ],
        publishers: vec![publisher(&[
            "alone", "alone", "busy", "busy", "busy", "single", "single",
        ])],
        consumers: vec![
            consumer("ann", "busy"),
            consumer("bob", "busy"),
            consumer("eve", "single"),
            consumer("joe", "single"),
        ],
        ..Setup::default()
    };
    let history = run(&setup, 1_000);
    let told: Vec<_> = (1..=7)
        .map(|copy| standing(CopyId(copy), history.head(), &history).unwrap())
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    nobody consumes from alone
    one message stands before it; the first, 1 (alone), waits: nobody consumes from alone
    ann has it and has not settled it
    bob has it and has not settled it
    ann, bob each hold as many unacked deliveries as their prefetch allows
    eve has it and has not settled it
    eve, the single active consumer of single, holds as many unacked deliveries as its prefetch allows, and the other one is not served meanwhile
    ");
    assert_eq!(standing(CopyId(99), history.head(), &history), None);
}

// O1, O5, O6
#[test]
fn what_holds_for_a_queue_is_told_with_who_set_it() {
    let policy = |name: &str, operator, definition: &[(&str, i64)]| PolicySpec {
        name: name.into(),
        pattern: "^j".into(),
        apply_to: ApplyTo::Queues,
        priority: 0,
        definition: definition
            .iter()
            .map(|&(key, value)| (Name::from(key), Value::Int(value)))
            .collect(),
        operator,
    };
    let setup = Setup {
        queues: vec![queue("jobs", &[("x-message-ttl", 5_000.into())])],
        policies: vec![
            policy("lengths", false, &[("max-length", 10)]),
            policy("lifetimes", true, &[("expires", 60_000)]),
        ],
        ..Setup::default()
    };
    let history = run(&setup, 0);
    let jobs = history.head().definitions().queue_named("jobs").unwrap();
    let jobs = history.head().broker().queue(jobs).unwrap();
    let rows: Vec<_> = settings(jobs.kind, &jobs.settings)
        .iter()
        .map(|row| format!("{}: {} ({})", row.what, row.value, row.origin))
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @r"
    time to live: 5 s (argument)
    goes when unused for: 60 s (operator policy lifetimes)
    at most: 10 messages (policy lengths)
    when full: drops its oldest message (drop-head) (by default)
    ");
}

#[test]
fn every_sign_of_the_legend_has_a_meaning_of_its_own() {
    let mut meanings: Vec<_> = Sign::ALL.map(Sign::meaning).into();
    assert!(meanings.iter().all(|meaning| meaning.ends_with('.')));
    meanings.sort();
    meanings.dedup();
    assert_eq!(meanings.len(), Sign::ALL.len());
}
