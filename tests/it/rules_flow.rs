//! When a connection is not read: publishers that are too fast, and alarms (F1–F5).

use leveret::broker::{
    Alarm, Capabilities, ChannelId, Command, Configuration, ConnectionId, Event, Hangup, Method,
    Operation, Outgoing, Profile, Properties, Reply, Throttle,
};

use crate::lab::Lab;

/// Copies a connection may have on their way, and after how many more it gets as many again (F1).
const CREDIT: usize = 400;
const MORE: usize = 200;

/// A broker in which copies are on their way until they are let arrive.
fn far() -> Lab {
    Lab::configured(Configuration {
        on_the_way: true,
        ..Configuration::default()
    })
}

/// Publishes so many messages, and says how many of them the broker read.
fn publish(lab: &mut Lab, channel: ChannelId, key: &str, count: usize) -> usize {
    let mut read = 0;
    for _ in 0..count {
        let publish = lab.publishing("", key, "m", Properties::default(), false);
        read += usize::from(matches!(lab.ok(channel, publish), Reply::Done));
    }
    read
}

/// Lets so many copies arrive, the oldest first.
fn arrive(lab: &mut Lab, count: usize) {
    let going: Vec<_> = lab.broker.on_the_way().take(count).collect();
    assert_eq!(going.len(), count);
    for (copy, _) in going {
        lab.tell(Command::Arrive { copy }).expect("it arrives");
    }
}

fn state(lab: &Lab, connection: ConnectionId) -> Throttle {
    lab.broker.connection(connection).expect("known").throttle
}

fn raise(lab: &mut Lab, alarm: Alarm) {
    let raise = Operation::RaiseAlarm(alarm);
    lab.operate(raise).expect("an alarm is no refusal");
}

fn clear(lab: &mut Lab, alarm: Alarm) {
    let clear = Operation::ClearAlarm(alarm);
    lab.operate(clear).expect("an alarm is no refusal");
}

/// What a connection was told by `connection.blocked`, the reason, and `connection.unblocked`, nothing.
fn told(lab: &Lab, of: ConnectionId) -> Vec<Option<&'static str>> {
    lab.sent(|sent| match *sent {
        Outgoing::Blocked {
            connection, reason, ..
        } if connection == of => Some(reason),
        _ => None,
    })
}

/// How often a connection's client could be sure that it is read again.
fn readable(lab: &Lab, of: ConnectionId) -> usize {
    let told = lab.sent(|sent| match *sent {
        Outgoing::Readable { connection, .. } if connection == of => Some(()),
        _ => None,
    });
    told.len()
}

// F1
#[test]
fn a_connection_is_not_read_once_its_credit_is_spent() {
    let mut lab = far();
    let ch = lab.open();
    let connection = lab.connection_of(ch);
    lab.queue(ch, "q");
    assert_eq!(publish(&mut lab, ch, "q", CREDIT - 1), CREDIT - 1);
    assert_eq!(state(&lab, connection), Throttle::Running);
    assert_eq!(publish(&mut lab, ch, "q", 3), 1);
    assert_eq!(state(&lab, connection), Throttle::Flow);
    assert_eq!(lab.broker.on_the_way().len(), CREDIT);
    assert_eq!(told(&lab, connection), [], "no method tells of it");
}

// F1
#[test]
fn every_two_hundred_that_arrive_give_credit_for_as_many() {
    let mut lab = far();
    let ch = lab.open();
    let connection = lab.connection_of(ch);
    lab.queue(ch, "q");
    publish(&mut lab, ch, "q", CREDIT);
    arrive(&mut lab, MORE - 1);
    assert_eq!(publish(&mut lab, ch, "q", 1), 0);
    assert_eq!(readable(&lab, connection), 0);
    arrive(&mut lab, 1);
    assert_eq!(state(&lab, connection), Throttle::Running);
    assert_eq!(readable(&lab, connection), 1);
    assert_eq!(publish(&mut lab, ch, "q", MORE + 5), MORE);
    assert_eq!(state(&lab, connection), Throttle::Flow);
}

// F1: nothing that comes on it is read, whatever it is.
#[test]
fn a_connection_in_flow_is_not_read_at_all_and_others_are() {
    let mut lab = far();
    let ch = lab.open();
    let connection = lab.connection_of(ch);
    let second = lab.channel(connection);
    lab.queue(ch, "q");
    lab.consume(ch, "q", "c");
    publish(&mut lab, ch, "q", CREDIT);
    arrive(&mut lab, 1);
    let (tag, multiple) = (1, false);
    let ack = Method::Ack { tag, multiple };
    assert!(matches!(lab.ok(ch, ack), Reply::NotRead));
    assert!(matches!(
        lab.ok(second, Method::ConfirmSelect),
        Reply::NotRead
    ));
    let number = None;
    let open = lab.tell(Command::OpenChannel { connection, number });
    assert!(matches!(open, Ok(Reply::NotRead)));
    assert_eq!(lab.unacked("q"), 1);

    let other = lab.open();
    assert_eq!(publish(&mut lab, other, "q", 1), 1);
}

// F1: what no queue gets is on no way.
#[test]
fn unroutable_messages_cost_no_credit() {
    let mut lab = far();
    let ch = lab.open();
    assert_eq!(publish(&mut lab, ch, "nowhere", CREDIT + 1), CREDIT + 1);
}

// F1, C13
#[test]
fn what_arrives_after_its_connection_ended_changes_nothing_for_others() {
    let mut lab = far();
    let (ch, other) = (lab.open(), lab.open());
    lab.queue(ch, "q");
    publish(&mut lab, ch, "q", CREDIT);
    lab.hang_up(ch, Hangup::Lost);
    arrive(&mut lab, CREDIT);
    assert_eq!(lab.ready("q").len(), CREDIT);
    assert_eq!(publish(&mut lab, other, "q", CREDIT + 1), CREDIT);
}

// F2
#[test]
fn the_memory_watermark_is_each_profiles_own() {
    let watermarks = Profile::ALL.map(|profile| profile.switches().memory_watermark);
    assert_eq!(watermarks, [40, 60, 60]);
}

// F3
#[test]
fn an_alarm_blocks_a_connection_when_it_publishes_and_tells_it_once() {
    for (alarm, reason) in [
        (Alarm::Memory, "low on memory"),
        (Alarm::Disk, "low on disk"),
    ] {
        let mut lab = Lab::new();
        let ch = lab.open();
        let connection = lab.connection_of(ch);
        lab.queue(ch, "q");
        raise(&mut lab, alarm);
        raise(&mut lab, alarm);
        assert_eq!(state(&lab, connection), Throttle::Blocking);
        assert_eq!(told(&lab, connection), []);
        lab.queue(ch, "another"); // it is read still
        assert_eq!(publish(&mut lab, ch, "q", 2), 0);
        assert_eq!(state(&lab, connection), Throttle::Blocked);
        assert_eq!(told(&lab, connection), [Some(reason)]);
        assert_eq!(lab.ready("q"), [""; 0]);
        let raised = lab.told(|event| matches!(event, Event::AlarmRaised { .. }).then_some(()));
        assert_eq!(raised.len(), 1);
    }
}

// F3
#[test]
fn a_blocked_connection_is_not_read_its_acks_included() {
    let mut lab = Lab::new();
    let ch = lab.open();
    let connection = lab.connection_of(ch);
    lab.queue(ch, "q");
    lab.publish(ch, "", "q", "m");
    lab.consume(ch, "q", "c");
    raise(&mut lab, Alarm::Memory);
    publish(&mut lab, ch, "q", 1);
    let (tag, multiple) = (1, false);
    let ack = Method::Ack { tag, multiple };
    assert!(matches!(lab.ok(ch, ack.clone()), Reply::NotRead));
    assert!(matches!(lab.ok(ch, Method::Close), Reply::NotRead));
    let number = None;
    let open = lab.tell(Command::OpenChannel { connection, number });
    assert!(matches!(open, Ok(Reply::NotRead)));
    assert_eq!(lab.unacked("q"), 1);
    clear(&mut lab, Alarm::Memory);
    assert!(matches!(lab.ok(ch, ack), Reply::Done));
    assert_eq!(lab.unacked("q"), 0);
}

// F3: a publish in a transaction, or one that no queue gets, is one as well; one that is refused is refused.
#[test]
fn any_publish_blocks_but_one_that_is_refused() {
    let mut lab = Lab::new();
    let (ch, transacting, wrong) = (lab.open(), lab.open(), lab.open());
    lab.ok(transacting, Method::TxSelect);
    raise(&mut lab, Alarm::Disk);
    assert_eq!(publish(&mut lab, ch, "nowhere", 1), 0);
    assert_eq!(publish(&mut lab, transacting, "nowhere", 1), 0);
    for channel in [ch, transacting] {
        let connection = lab.connection_of(channel);
        assert_eq!(state(&lab, connection), Throttle::Blocked);
    }
    let missing = lab.publishing("missing", "", "m", Properties::default(), false);
    assert_eq!(lab.refused(wrong, missing).0, 404);
    let connection = lab.connection_of(wrong);
    assert_eq!(state(&lab, connection), Throttle::Blocking);
}

// F3
#[test]
fn a_client_without_the_capability_is_blocked_and_not_told() {
    let mut lab = Lab::new();
    let capabilities = Capabilities {
        connection_blocked: false,
        ..Capabilities::default()
    };
    let connection = lab.connect_with("guest", capabilities).expect("guest");
    let ch = lab.channel(connection);
    raise(&mut lab, Alarm::Memory);
    assert_eq!(publish(&mut lab, ch, "q", 1), 0);
    assert_eq!(state(&lab, connection), Throttle::Blocked);
    clear(&mut lab, Alarm::Memory);
    assert_eq!(told(&lab, connection), []);
    assert_eq!(readable(&lab, connection), 1);
}

// F3, F5: alarms are the whole broker's.
#[test]
fn a_connection_that_is_opened_under_an_alarm_is_blocking_too() {
    let mut lab = Lab::new();
    raise(&mut lab, Alarm::Memory);
    let ch = lab.open();
    let connection = lab.connection_of(ch);
    assert_eq!(state(&lab, connection), Throttle::Blocking);
    assert_eq!(publish(&mut lab, ch, "q", 1), 0);
    assert_eq!(told(&lab, connection), [Some("low on memory")]);
}

// F4
#[test]
fn connections_are_unblocked_when_all_alarms_are_cleared() {
    let mut lab = Lab::new();
    let (publisher, idle) = (lab.open(), lab.open());
    let (blocked, blocking) = (lab.connection_of(publisher), lab.connection_of(idle));
    lab.queue(publisher, "q");
    raise(&mut lab, Alarm::Memory);
    publish(&mut lab, publisher, "q", 1);
    raise(&mut lab, Alarm::Disk);
    clear(&mut lab, Alarm::Memory);
    assert_eq!(state(&lab, blocked), Throttle::Blocked);
    assert_eq!(state(&lab, blocking), Throttle::Blocking);
    assert_eq!(told(&lab, blocked), [Some("low on memory")], "once");
    clear(&mut lab, Alarm::Disk);
    assert_eq!(state(&lab, blocked), Throttle::Running);
    assert_eq!(state(&lab, blocking), Throttle::Running);
    assert_eq!(told(&lab, blocked), [Some("low on memory"), None]);
    assert_eq!(told(&lab, blocking), [], "it was never blocked");
    assert_eq!((readable(&lab, blocked), readable(&lab, blocking)), (1, 0));
    assert_eq!(publish(&mut lab, publisher, "q", 1), 1);
    clear(&mut lab, Alarm::Disk);
    assert_eq!(told(&lab, blocked).len(), 2, "it is cleared once");
}

// F5
#[test]
fn connections_that_only_consume_go_on_under_an_alarm() {
    let mut lab = Lab::new();
    let (publisher, consumer) = (lab.open(), lab.open());
    lab.queue(publisher, "q");
    for body in ["1", "2"] {
        lab.publish(publisher, "", "q", body);
    }
    raise(&mut lab, Alarm::Memory);
    publish(&mut lab, publisher, "q", 1);
    lab.consume(consumer, "q", "c");
    let (tag, multiple) = (2, true);
    assert!(matches!(
        lab.ok(consumer, Method::Ack { tag, multiple }),
        Reply::Done
    ));
    let (c, body) = ("c".to_owned(), |body: &str| body.to_owned());
    assert_eq!(lab.delivered(), [(c.clone(), body("1")), (c, body("2"))]);
    assert_eq!(lab.broker.totals().acked, 2);
    let connection = lab.connection_of(consumer);
    assert_eq!(state(&lab, connection), Throttle::Blocking);
}

// F1, F3: whoever is not read for one reason is looked at for the other when that is over.
#[test]
fn flow_that_ends_under_an_alarm_leaves_the_connection_blocking() {
    let mut lab = far();
    let ch = lab.open();
    let connection = lab.connection_of(ch);
    lab.queue(ch, "q");
    publish(&mut lab, ch, "q", CREDIT);
    raise(&mut lab, Alarm::Memory);
    assert_eq!(state(&lab, connection), Throttle::Flow);
    arrive(&mut lab, MORE);
    assert_eq!(state(&lab, connection), Throttle::Blocking);
    assert_eq!(readable(&lab, connection), 1);
    assert_eq!(publish(&mut lab, ch, "q", 1), 0);
    assert_eq!(state(&lab, connection), Throttle::Blocked);
    clear(&mut lab, Alarm::Memory);
    assert_eq!(publish(&mut lab, ch, "q", 1), 1);
}

// F1, F4
#[test]
fn an_alarm_that_ends_leaves_a_connection_in_flow_as_it_is() {
    let mut lab = far();
    let ch = lab.open();
    let connection = lab.connection_of(ch);
    lab.queue(ch, "q");
    publish(&mut lab, ch, "q", CREDIT);
    raise(&mut lab, Alarm::Memory);
    clear(&mut lab, Alarm::Memory);
    assert_eq!(state(&lab, connection), Throttle::Flow);
    assert_eq!(readable(&lab, connection), 0);
    assert_eq!(publish(&mut lab, ch, "q", 1), 0);
}
