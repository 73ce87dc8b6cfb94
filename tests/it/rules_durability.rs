//! What survives a restart of the broker, and what does not (R1–R8, S12).

use leveret::broker::{
    ChannelId, Closing, Command, Configuration, DeathReason, Departure, Event, ExchangeKind,
    ExchangeSpec, Hangup, Loss, Method, Micros, Operation, Outgoing, Profile, Properties,
    QueueSpec, Reply, ReplyCode, Table, Target,
};

use crate::lab::{Lab, consume, table};
use crate::lab_queues::policy;

const MS: fn(u64) -> Micros = Micros::from_millis;

fn persistent() -> Properties {
    Properties {
        delivery_mode: Some(2),
        ..Properties::default()
    }
}

fn transient(name: &str) -> QueueSpec {
    QueueSpec {
        durable: false,
        ..QueueSpec::new(name)
    }
}

fn stop(lab: &mut Lab, clean: bool) {
    let stop = Operation::Stop { clean };
    lab.operate(stop).expect("a broker that is up stops");
    assert!(!lab.broker.is_up());
}

fn start(lab: &mut Lab) {
    lab.operate(Operation::Start).expect("it starts");
    assert!(lab.broker.is_up());
}

fn restart(lab: &mut Lab, clean: bool) {
    stop(lab, clean);
    start(lab);
}

/// One persistent message, `p`, and one transient, `t`.
fn publish_both(lab: &mut Lab, channel: ChannelId, queue: &str) {
    lab.publish_with(channel, "", queue, "p", persistent());
    lab.publish(channel, "", queue, "t");
}

/// The bodies of a stream's entries.
fn log(lab: &Lab, stream: &str) -> Vec<String> {
    let id = lab.broker.definitions().queue_named(stream);
    let queue = id.and_then(|id| lab.broker.queue(id)).expect("a stream");
    let entries = queue.log().entries();
    let bodies = entries.map(|entry| entry.message.publication.body.to_string());
    bodies.collect()
}

fn lost(lab: &Lab) -> Vec<Loss> {
    lab.told(|event| match event {
        Event::Lost { why, .. } => Some(*why),
        _ => None,
    })
}

// R1, R2, R3: first column.
#[test]
fn a_durable_classic_queue_keeps_persistent_messages_and_loses_transient_ones() {
    for clean in [true, false] {
        let mut lab = Lab::new();
        let ch = lab.open();
        lab.queue(ch, "q");
        publish_both(&mut lab, ch, "q");
        restart(&mut lab, clean);
        assert_eq!(lab.ready("q"), ["p"]);
        assert_eq!(lost(&lab), [Loss::Restart]);
        assert_eq!(lab.broker.totals().lost, 1);
    }
}

// R1, R2, R3: second column.
#[test]
fn a_transient_queue_is_gone_after_a_restart_with_all_that_was_in_it() {
    for clean in [true, false] {
        let mut lab = Lab::new();
        let ch = lab.open();
        lab.declare(ch, transient("q"));
        publish_both(&mut lab, ch, "q");
        stop(&mut lab, clean);
        assert!(lab.exists("q"), "it is deleted at boot");
        start(&mut lab);
        assert!(!lab.exists("q"));
        let gone = lab.told(|event| match event {
            Event::QueueDeleted { why, copies, .. } => Some((*why, copies.len())),
            _ => None,
        });
        assert_eq!(gone, [(Departure::Restart, 2)]);
    }
}

// R1, R2, R3: third column; Q5.
#[test]
fn an_exclusive_queue_goes_with_its_connection_when_the_broker_goes_down() {
    for (clean, durable) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut lab = Lab::new();
        let ch = lab.open();
        let spec = QueueSpec {
            exclusive: true,
            durable,
            ..QueueSpec::new("q")
        };
        lab.declare(ch, spec);
        publish_both(&mut lab, ch, "q");
        restart(&mut lab, clean);
        assert!(!lab.exists("q"));
        let gone = lab.told(|event| match event {
            Event::QueueDeleted { why, .. } => Some(*why),
            _ => None,
        });
        assert_eq!(gone, [Departure::ConnectionEnded]);
    }
}

// R1, R2, R3: fourth column.
#[test]
fn quorum_queues_and_streams_keep_transient_messages_too() {
    for clean in [true, false] {
        let mut lab = Lab::new();
        let ch = lab.open();
        for kind in ["quorum", "stream"] {
            lab.declare(ch, QueueSpec::new(kind).with("x-queue-type", kind));
            publish_both(&mut lab, ch, kind);
        }
        restart(&mut lab, clean);
        assert_eq!(lab.ready("quorum"), ["p", "t"]);
        assert_eq!(log(&lab, "stream"), ["p", "t"]);
        assert_eq!(lost(&lab), []);
    }
}

/// What is left of a durable exchange `d` and a transient one `t`, each bound to a durable queue.
fn exchanges_after_restart(profile: Profile) -> (bool, bool, Vec<String>) {
    let mut lab = Lab::with(profile);
    let ch = lab.open();
    lab.queue(ch, "q");
    for (name, durable) in [("d", true), ("t", false)] {
        let spec = ExchangeSpec {
            durable,
            ..ExchangeSpec::new(name, ExchangeKind::Fanout)
        };
        let passive = false;
        lab.ok(ch, Method::DeclareExchange { spec, passive });
        let bind = Method::BindQueue {
            queue: "q".into(),
            source: name.into(),
            key: "k".into(),
            arguments: Table::new(),
        };
        lab.ok(ch, bind);
    }
    restart(&mut lab, true);
    let definitions = lab.broker.definitions();
    let there = |name: &str| definitions.exchange_named(name).is_some();
    let bindings = definitions.bindings().iter();
    let left = bindings
        .filter(|binding| !binding.deleted)
        .map(|binding| definitions.exchange_name(binding.source).to_owned());
    (there("d"), there("t"), left.collect())
}

// R4
#[test]
fn durable_exchanges_and_their_bindings_survive_and_transient_ones_by_profile() {
    let d = || vec!["d".to_owned()];
    let both = || vec!["d".to_owned(), "t".to_owned()];
    assert_eq!(exchanges_after_restart(Profile::V3_13), (true, false, d()));
    assert_eq!(exchanges_after_restart(Profile::V4_2), (true, true, both()));
    assert_eq!(exchanges_after_restart(Profile::V4_3), (true, true, both()));
}

// R3, R4
#[test]
fn a_binding_goes_with_the_transient_queue_it_leads_to() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.queue(ch, "kept");
    lab.declare(ch, transient("gone"));
    for queue in ["kept", "gone"] {
        let bind = Operation::Bind {
            source: "amq.fanout".into(),
            destination: Target::Queue(queue.into()),
            key: "".into(),
            arguments: Table::new(),
        };
        lab.operate(bind).expect("both are there");
    }
    restart(&mut lab, false);
    let ch = lab.open();
    lab.publish(ch, "amq.fanout", "", "m");
    assert_eq!(lab.ready("kept"), ["m"]);
    assert_eq!(lab.broker.totals().copies, 1);
}

fn slow_disk() -> Lab {
    Lab::configured(Configuration {
        write_delay: MS(50),
        ..Configuration::default()
    })
}

// R5, R6, P7
#[test]
fn a_crash_loses_what_is_not_written_and_no_such_message_was_confirmed() {
    let mut lab = slow_disk();
    let ch = lab.open();
    lab.queue(ch, "q");
    lab.ok(ch, Method::ConfirmSelect);
    lab.publish_with(ch, "", "q", "early", persistent());
    lab.at(MS(30));
    lab.publish_with(ch, "", "q", "late", persistent());
    lab.at(MS(49));
    assert_eq!(lab.confirms(), []);
    lab.at(MS(50));
    assert_eq!(lab.confirms(), [(1, false, true)]);
    restart(&mut lab, false);
    assert_eq!(lab.ready("q"), ["early"]);
    lab.at(MS(200));
    assert_eq!(lab.confirms(), [(1, false, true)], "C12: never sent");
}

// R6
#[test]
fn a_shutdown_writes_what_is_not_written_yet() {
    let mut lab = slow_disk();
    let ch = lab.open();
    lab.queue(ch, "q");
    lab.publish_with(ch, "", "q", "m", persistent());
    restart(&mut lab, true);
    assert_eq!(lab.ready("q"), ["m"]);
    assert_eq!(lab.broker.next_due(), None);
}

// R6, P7
#[test]
fn an_unwritten_delivery_is_lost_too_and_an_acknowledged_one_needs_no_writing() {
    let mut lab = slow_disk();
    let ch = lab.open();
    lab.queue(ch, "q");
    lab.ok(ch, Method::ConfirmSelect);
    lab.consume(ch, "q", "c");
    lab.publish_with(ch, "", "q", "acked", persistent());
    lab.publish_with(ch, "", "q", "held", persistent());
    let (tag, multiple) = (1, false);
    lab.ok(ch, Method::Ack { tag, multiple });
    assert_eq!(lab.confirms(), [(1, false, true)]);
    restart(&mut lab, false);
    assert_eq!(lab.ready("q"), [""; 0]);
    assert_eq!(lost(&lab), [Loss::Restart]);
}

// R2, P7: nobody waits for what will not be written.
#[test]
fn a_transient_message_and_a_transient_queue_are_confirmed_at_once() {
    let mut lab = slow_disk();
    let ch = lab.open();
    lab.queue(ch, "durable");
    lab.declare(ch, transient("transient"));
    lab.ok(ch, Method::ConfirmSelect);
    lab.publish(ch, "", "durable", "t");
    lab.publish_with(ch, "", "transient", "p", persistent());
    assert_eq!(lab.confirms(), [(1, false, true), (2, false, true)]);
}

// P7, R6: a quorum queue writes everything, and keeps what it took.
#[test]
fn a_quorum_queue_confirms_a_transient_message_when_it_is_written() {
    let mut lab = slow_disk();
    let ch = lab.open();
    lab.declare(ch, QueueSpec::new("q").with("x-queue-type", "quorum"));
    lab.ok(ch, Method::ConfirmSelect);
    lab.publish(ch, "", "q", "t");
    assert_eq!(lab.confirms(), []);
    lab.at(MS(50));
    assert_eq!(lab.confirms(), [(1, false, true)]);
    restart(&mut lab, false);
    assert_eq!(lab.ready("q"), ["t"]);
}

// R7: the copy was acknowledged by its consumer, but the broker did not live to read it.
#[test]
fn an_ack_that_comes_after_the_crash_is_lost_and_the_message_is_delivered_again() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.queue(ch, "q");
    lab.publish_with(ch, "", "q", "m", persistent());
    lab.consume(ch, "q", "c");
    assert_eq!(lab.deliveries().len(), 1);
    stop(&mut lab, false);
    let (tag, multiple) = (1, false);
    let refusal = lab.call(ch, Method::Ack { tag, multiple }).unwrap_err();
    assert_eq!(refusal.code, ReplyCode::ConnectionForced);
    start(&mut lab);
    let ch = lab.open();
    lab.consume(ch, "q", "again");
    let (tag, body) = ("again".into(), "m".into());
    assert_eq!(lab.deliveries(), [(tag, 1, body, true)]); // S12
}

// R8, C12, C13
#[test]
fn connections_consumers_and_unacked_state_end_and_unacked_messages_are_ready_again() {
    for clean in [true, false] {
        let mut lab = Lab::new();
        let ch = lab.open();
        lab.queue(ch, "q");
        for body in ["1", "2", "3"] {
            lab.publish_with(ch, "", "q", body, persistent());
        }
        let prefetch = 2;
        let (prefetch_size, global) = (0, false);
        lab.ok(
            ch,
            Method::Qos {
                prefetch_size,
                prefetch,
                global,
            },
        );
        lab.consume(ch, "q", "c");
        assert_eq!(lab.unacked("q"), 2);
        restart(&mut lab, clean);
        assert_eq!(lab.closed(ch), (true, true));
        assert_eq!((lab.unacked("q"), lab.consumers("q")), (0, 0));
        assert_eq!(lab.ready("q"), ["1", "2", "3"]);
        let closings = lab.told(|event| match event {
            Event::ConnectionClosed { why, .. } => Some(match why {
                Closing::Refused(refusal) => Some(refusal.code),
                _ => None,
            }),
            _ => None,
        });
        let forced = clean.then_some(ReplyCode::ConnectionForced);
        assert_eq!(closings, [forced]);
        let told = lab.sent(|sent| match sent {
            Outgoing::CloseConnection { refusal, .. } => {
                Some(refusal.as_ref().map(|refusal| refusal.code))
            }
            _ => None,
        });
        assert_eq!(told, [forced]);
    }
}

// R8: nothing is handed from one client to the next while they all go.
#[test]
fn what_comes_back_when_the_broker_goes_down_is_delivered_to_nobody() {
    let mut lab = Lab::new();
    let spec = QueueSpec::new("q")
        .with("x-queue-type", "quorum")
        .with("x-delivery-limit", 1)
        .with("x-single-active-consumer", true);
    let clients: Vec<_> = (0..4).map(|_| lab.open()).collect();
    lab.declare(clients[0], spec);
    lab.publish(clients[0], "", "q", "m");
    for &client in &clients {
        lab.consume(client, "q", "c");
    }
    assert_eq!(lab.deliveries().len(), 1);
    restart(&mut lab, true);
    assert_eq!(lab.deliveries(), []);
    let activated = lab.told(|event| matches!(event, Event::Activated { .. }).then_some(()));
    assert_eq!(activated.len(), 1);
    assert_eq!(lab.ready("q"), ["m"], "it was returned once");
}

// R8, Q44
#[test]
fn what_a_crash_returns_once_too_often_dies_when_the_broker_is_up_again() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.queue(ch, "dead");
    let spec = QueueSpec::new("q")
        .with("x-queue-type", "quorum")
        .with("x-delivery-limit", 0)
        .with("x-dead-letter-exchange", "")
        .with("x-dead-letter-routing-key", "dead");
    lab.declare(ch, spec);
    lab.publish_with(ch, "", "q", "m", persistent());
    lab.consume(ch, "q", "c");
    stop(&mut lab, false);
    let died = |lab: &Lab| {
        lab.told(|event| match event {
            Event::Died { reason, .. } => Some(*reason),
            _ => None,
        })
    };
    assert_eq!(died(&lab), []);
    start(&mut lab);
    assert_eq!(died(&lab), [DeathReason::DeliveryLimit]);
    assert_eq!(lab.ready("dead"), ["m"]);
}

// R8, P10
#[test]
fn an_open_transaction_is_discarded_and_what_it_acknowledged_is_ready() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.queue(ch, "q");
    lab.publish_with(ch, "", "q", "old", persistent());
    lab.consume(ch, "q", "c");
    lab.ok(ch, Method::TxSelect);
    lab.publish_with(ch, "", "q", "new", persistent());
    let (tag, multiple) = (1, false);
    lab.ok(ch, Method::Ack { tag, multiple });
    restart(&mut lab, false);
    assert_eq!(lab.ready("q"), ["old"]);
}

// S12
#[test]
fn after_a_clean_restart_only_what_was_delivered_counts_as_redelivered() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.queue(ch, "q");
    for body in ["delivered", "waiting"] {
        lab.publish_with(ch, "", "q", body, persistent());
    }
    let (queue, no_ack) = ("q".into(), false);
    lab.ok(ch, Method::Get { queue, no_ack });
    let crashed = &mut lab.fork();
    restart(&mut lab, true);
    assert_eq!(lab.redelivered("q"), [true, false]);
    restart(crashed, false);
    assert_eq!(crashed.redelivered("q"), [true, true]);
}

// S12: a quorum queue knows what it delivered.
#[test]
fn a_quorum_queue_knows_after_a_crash_what_it_delivered() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.declare(ch, QueueSpec::new("q").with("x-queue-type", "quorum"));
    for body in ["delivered", "waiting"] {
        lab.publish(ch, "", "q", body);
    }
    let (queue, no_ack) = ("q".into(), false);
    lab.ok(ch, Method::Get { queue, no_ack });
    restart(&mut lab, false);
    assert_eq!(lab.redelivered("q"), [true, false]);
}

// R8, Q6: only a consumer that goes of itself takes the queue along.
#[test]
fn a_durable_auto_delete_queue_outlives_the_restart_that_ends_its_consumers() {
    let mut lab = Lab::new();
    let ch = lab.open();
    let spec = QueueSpec {
        auto_delete: true,
        ..QueueSpec::new("q")
    };
    lab.declare(ch, spec);
    lab.consume(ch, "q", "c");
    restart(&mut lab, false);
    assert!(lab.exists("q"));
    let ch = lab.open();
    lab.consume(ch, "q", "c");
    lab.ok(ch, Method::Cancel { tag: "c".into() });
    assert!(!lab.exists("q"));
}

// R8, Q26: what comes back meets the limit when the queue is recovered.
#[test]
fn a_recovered_queue_keeps_its_limit() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.declare(ch, QueueSpec::new("q").with("x-max-length", 1));
    lab.publish_with(ch, "", "q", "held", persistent());
    let (queue, no_ack) = ("q".into(), false);
    lab.ok(ch, Method::Get { queue, no_ack });
    lab.publish_with(ch, "", "q", "ready", persistent());
    restart(&mut lab, false);
    assert_eq!(lab.ready("q"), ["ready"]);
}

// R1, Q22: the time it waits goes on while the broker is down.
#[test]
fn what_expires_while_the_broker_is_down_is_gone_when_it_is_up() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.declare(ch, QueueSpec::new("q").with("x-message-ttl", 100));
    lab.publish_with(ch, "", "q", "m", persistent());
    stop(&mut lab, true);
    assert_eq!(lab.broker.next_due(), None);
    lab.at(MS(100));
    start(&mut lab);
    assert_eq!(lab.ready("q"), [""; 0]);
    assert_eq!(lab.broker.totals().expired, 1);
}

// Q24: the lease begins anew.
#[test]
fn a_queue_that_expires_is_given_its_whole_time_after_a_restart() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.declare(ch, QueueSpec::new("q").with("x-expires", 100));
    lab.at(MS(60));
    stop(&mut lab, true);
    lab.at(MS(300));
    start(&mut lab);
    lab.at(MS(399));
    assert!(lab.exists("q"));
    lab.at(MS(400));
    assert!(!lab.exists("q"));
}

// R8, D6
#[test]
fn what_is_between_exchange_and_queue_or_dead_and_on_its_way_is_lost() {
    let mut lab = Lab::configured(Configuration {
        on_the_way: true,
        ..Configuration::default()
    });
    let ch = lab.open();
    lab.queue(ch, "q");
    let spec = QueueSpec::new("d")
        .with("x-message-ttl", 0)
        .with("x-dead-letter-exchange", "amq.fanout");
    lab.declare(ch, spec);
    lab.publish_with(ch, "", "d", "dead", persistent());
    lab.arrive_all();
    lab.publish_with(ch, "", "q", "going", persistent());
    assert_eq!(
        (lab.broker.letters().len(), lab.broker.on_the_way().len()),
        (1, 1)
    );
    stop(&mut lab, true);
    assert_eq!(
        (lab.broker.letters().len(), lab.broker.on_the_way().len()),
        (0, 0)
    );
    start(&mut lab);
    assert_eq!(lab.ready("q"), [""; 0]);
    assert_eq!(lost(&lab), [Loss::Restart, Loss::Restart]);
}

// R8: while it is down nobody gets in, and starting it twice is starting it once.
#[test]
fn a_broker_that_is_down_takes_nothing_but_its_start() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.queue(ch, "q");
    stop(&mut lab, true);
    let events = lab.tape.events.len();
    for command in [
        Command::Call {
            channel: ch,
            method: consume("q", "c"),
        },
        Command::Operate(Operation::PurgeQueue("q".into())),
        Command::CloseConnection {
            connection: lab.connection_of(ch),
            how: Hangup::Lost,
        },
        Command::Tick,
    ] {
        let refusal = lab.tell(command).unwrap_err();
        assert_eq!(refusal.code, ReplyCode::ConnectionForced);
    }
    assert!(lab.connect_as("guest").is_err());
    assert_eq!(lab.tape.events.len(), events);
    start(&mut lab);
    let again = lab.operate(Operation::Start);
    assert!(matches!(again, Ok(Reply::Done)));
    let started = lab.told(|event| match event {
        Event::Started { recovered } => Some(*recovered),
        _ => None,
    });
    assert_eq!(started, [0]);
    lab.connect();
}

// R3, O2: policies and their effect outlive a restart.
#[test]
fn arguments_and_policies_hold_after_a_restart() {
    let mut lab = Lab::new();
    let ch = lab.open();
    lab.declare(ch, QueueSpec::new("q").with("x-max-length", 2));
    lab.operate(policy("short", table("message-ttl", 100)))
        .expect("a policy");
    restart(&mut lab, true);
    let id = lab.broker.definitions().queue_named("q").expect("kept");
    let settings = &lab.broker.queue(id).expect("kept").settings;
    assert_eq!(settings.max_length, Some(2));
    assert_eq!(settings.ttl, Some(MS(100)));
}
