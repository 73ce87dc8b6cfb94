//! What clients did, recorded, and run again.

use leveret::amqp::{Hand, Host as _, Method};
use leveret::broker::{Alarm, Micros};
use leveret::history::History;
use leveret::recording::{self, Recording, RecordingError};
use leveret::world::EventKind;

use crate::wire::{
    Client, Wire, channel_open, consume, header, method, open, publish, queue_declare, start_ok,
    tune_ok,
};

/// A wire that is recorded, and what became of it.
struct Recorded {
    wire: Wire,
}

impl Recorded {
    fn new() -> Self {
        let mut wire = Wire::new();
        wire.server.keep_records();
        Self { wire }
    }

    fn file(&mut self) -> Vec<u8> {
        let (mut file, mut last) = (header().to_bytes(), Micros::ZERO);
        for (at, record) in self.wire.server.take_records() {
            recording::append(&mut file, last, at, &record);
            last = at;
        }
        file
    }
}

/// Two clients of which one blocks, dies and comes back.
fn story() -> (Recorded, Vec<Client>) {
    let mut recorded = Recorded::new();
    let wire = &mut recorded.wire;
    let mut ann = wire.connect(false);
    wire.send(&ann, b"AMQP\x00\x00\x09\x01");
    wire.say(&mut ann, 0, &start_ok("PLAIN", b"\0ann\0wrong"));
    wire.server.disconnect(wire.now, ann.id);
    let mut ann = wire.connect(false);
    wire.send(&ann, b"AMQP\x00\x00\x09\x01");
    wire.say(&mut ann, 0, &start_ok("PLAIN", b"\0ann\0secret"));
    wire.say(&mut ann, 0, &tune_ok(10, 131_072));
    wire.say(&mut ann, 0, &open("/"));
    wire.say(&mut ann, 1, &channel_open());
    wire.say(&mut ann, 1, &queue_declare("q"));
    let mut bob = wire.client();
    wire.say(&mut bob, 1, &consume("q", "bob"));
    wire.send(&ann, &publish(1, "q", b"one").repeat(3));
    let ack = Method::BasicAck {
        delivery_tag: 2,
        multiple: true,
    };
    wire.say(&mut bob, 1, &ack);
    let alarm = |on| Hand::Alarm {
        alarm: Alarm::Memory,
        on,
    };
    wire.server.act(wire.now, "/", alarm(true));
    wire.send(&ann, &publish(1, "q", b"blocked"));
    wire.send(&ann, &method(1, &queue_declare("later")));
    wire.server.disconnect(wire.now, bob.id);
    wire.server.act(wire.now, "/", alarm(false));
    wire.send(&ann, &publish(1, "q", &[0; 100_000]).repeat(20));
    let mut carol = wire.client();
    wire.send(&carol, &method(1, &consume("q", "carol")));
    wire.hear(&mut carol); // taken window by window
    wire.server.shut_down(wire.now);
    (recorded, vec![ann, carol])
}

#[test]
fn a_recording_is_the_run_again() {
    let (mut recorded, _) = story();
    let file = recorded.file();
    let recording = Recording::read(&file).unwrap();
    assert_eq!(recording.header, header());
    let worlds = recording.replay().unwrap();
    let (_, replayed) = worlds.into_iter().next().unwrap();
    let mut history = History::new(&replayed.setup).unwrap();
    history.run_until(replayed.until);
    let (then, now) = (
        recorded.wire.server.host("/").unwrap().world(),
        history.head(),
    );
    assert_eq!(now.broker().totals(), then.broker().totals());
    let queues = |world: &leveret::world::World| {
        let queues = world.broker().queues().iter();
        queues
            .map(|queue| (queue.name.clone(), queue.ready_len(), queue.unacked()))
            .collect::<Vec<_>>()
    };
    assert_eq!(queues(now), queues(then));
    assert_eq!(now.broker().audit(), Ok(()));
    let names: Vec<_> = now
        .broker()
        .connections()
        .iter()
        .map(|it| it.name.to_string())
        .collect();
    assert_eq!(names, ["tester", "tester 2", "tester 2"]);
}

#[test]
fn going_back_in_a_recording_is_a_fresh_run_to_that_time() {
    let (mut recorded, _) = story();
    let recording = Recording::read(&recorded.file()).unwrap();
    let (_, replayed) = recording.replay().unwrap().remove(0);
    let mut whole = History::new(&replayed.setup).unwrap();
    whole.run_until(replayed.until);
    for at in (0..=replayed.until.0).step_by(7).map(Micros) {
        let mut fresh = History::new(&replayed.setup).unwrap();
        fresh.run_until(at);
        let (back, there) = (whole.seek(at), fresh.head());
        assert_eq!(back.broker().totals(), there.broker().totals(), "{at}");
        assert_eq!(back.next_at(), there.next_at(), "{at}");
        assert_eq!(fresh.events(), &whole.events()[..fresh.events().len()]);
    }
}

#[test]
fn what_a_client_did_is_seen_with_its_causes() {
    let (mut recorded, _) = story();
    let recording = Recording::read(&recorded.file()).unwrap();
    let (_, replayed) = recording.replay().unwrap().remove(0);
    let mut history = History::new(&replayed.setup).unwrap();
    history.run_until(replayed.until);
    let count = |wanted: fn(&EventKind) -> bool| {
        let events = history.events().iter();
        events.filter(|event| wanted(&event.kind)).count()
    };
    assert_eq!(
        count(|kind| matches!(kind, EventKind::Published { .. })),
        24
    );
    assert_eq!(count(|kind| matches!(kind, EventKind::Waiting { .. })), 1);
    assert_eq!(count(|kind| matches!(kind, EventKind::Finished { .. })), 2);
    let world = history.head();
    let publishers: Vec<_> = world
        .publishers()
        .iter()
        .map(|it| it.name.to_string())
        .collect();
    assert_eq!(publishers, ["tester"]);
    let consumers: Vec<_> = world
        .workers()
        .iter()
        .map(|it| it.name().to_string())
        .collect();
    assert_eq!(consumers, ["bob"], "carol is the same connection again");
}

#[test]
fn no_password_is_in_a_recording() {
    let (mut recorded, _) = story();
    let file = recorded.file();
    for secret in [&b"secret"[..], b"wrong", b"\0guest\0guest"] {
        assert!(!file.windows(secret.len()).any(|octets| octets == secret));
    }
}

#[test]
fn a_recording_that_breaks_off_is_what_there_is_of_it() {
    let (mut recorded, _) = story();
    let file = recorded.file();
    let whole = Recording::read(&file).unwrap();
    let first = header().to_bytes().len();
    for end in first..file.len() {
        let part = Recording::read(&file[..end]).unwrap();
        assert!(part.records.len() < whole.records.len());
        assert_eq!(part.records, whole.records[..part.records.len()]);
    }
    assert_eq!(Recording::read(b"scenario"), Err(RecordingError::NotOne));
    let mut broken = file[..first].to_vec();
    broken.extend([0, 99]);
    assert_eq!(
        Recording::read(&broken),
        Err(RecordingError::Record { at: first })
    );
}
