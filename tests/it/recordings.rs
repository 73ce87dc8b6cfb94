//! What clients did, recorded, and run again.

use std::sync::OnceLock;

use leveret::amqp::{Hand, Host as _, Method, Record};
use leveret::broker::{Alarm, Micros};
use leveret::history::History;
use leveret::recording::{self, LeftOut, Recording, RecordingError};
use leveret::scenario;
use leveret::world::EventKind;
use proptest::prelude::*;

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
        self.file_and_places().0
    }

    /// The file, and where in it each record ends.
    fn file_and_places(&mut self) -> (Vec<u8>, Vec<usize>) {
        let mut file = header().to_bytes();
        let mut places = vec![file.len()];
        for (at, record) in self.wire.server.take_records() {
            recording::append(&mut file, at, &record);
            places.push(file.len());
        }
        (file, places)
    }
}

/// Two clients of which one blocks, dies and comes back.
fn story() -> (Recorded, Vec<Client>) {
    story_with(100_000)
}

/// The same with bodies of another size, for what reads its file over and over.
fn story_with(body: usize) -> (Recorded, Vec<Client>) {
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
    wire.send(&ann, &publish(1, "q", &vec![0; body]).repeat(20));
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
    let (mut recorded, _) = story_with(50);
    let (file, places) = recorded.file_and_places();
    let whole = Recording::read(&file).unwrap();
    assert_eq!(whole.left_out, []);
    let first = header().to_bytes().len();
    for end in first..file.len() {
        let part = Recording::read(&file[..end]).unwrap();
        let count = places.iter().filter(|&&place| place <= end).count() - 1;
        assert_eq!(part.records, whole.records[..count]);
        assert_eq!(
            part.left_out.is_empty(),
            places.contains(&end),
            "it says so"
        );
    }
    assert_eq!(Recording::read(b"scenario"), Err(RecordingError::NotOne));
}

#[test]
fn what_comes_after_a_damaged_record_is_read_and_the_place_is_told() {
    let (mut recorded, _) = story_with(50);
    let (file, places) = recorded.file_and_places();
    let whole = Recording::read(&file).unwrap().records;
    for (number, ends) in places.windows(2).enumerate() {
        let (from, to) = (ends[0], ends[1]);
        for broken in from..to.min(from + 40) {
            let mut file = file.clone();
            file[broken] ^= 0x10;
            let read = Recording::read(&file).unwrap();
            assert_eq!(read.records[..number], whole[..number]);
            let after = number.checked_sub(1).map_or(Micros::ZERO, |it| whole[it].0);
            assert_eq!(read.left_out[0], LeftOut::Octets { from, to, after });
            let lost = &whole[number].1;
            if !matches!(lost, Record::Connected { .. }) {
                assert_eq!(read.records[number..], whole[number + 1..]);
                assert_eq!(read.left_out.len(), 1);
            } else {
                // Of this connection, nothing more can be; of the others, all.
                assert!(read.records.len() > number && read.left_out.len() == 2);
            }
        }
    }
}

#[test]
fn whoever_was_let_in_is_let_in_though_what_another_said_before_is_lost() {
    let (mut recorded, _) = story_with(50);
    let (file, places) = recorded.file_and_places();
    let whole = Recording::read(&file).unwrap().records;
    let mut logins = whole.iter().enumerate();
    let first = logins.position(|(_, (_, record))| matches!(record, Record::Login { .. }));
    // What ann said when she was turned away is lost, and that she was is not.
    let octets = first.unwrap() + 1;
    assert!(matches!(whole[octets].1, Record::Octets { .. }));
    let mut damaged = file.clone();
    damaged[places[octets] + 12] ^= 1;
    let totals = |file: &[u8]| {
        let recording = Recording::read(file).unwrap();
        let (_, replayed) = recording.replay().unwrap().remove(0);
        let mut history = History::new(&replayed.setup).unwrap();
        history.run_until(replayed.until);
        history.head().broker().totals()
    };
    assert_eq!(totals(&damaged), totals(&file));
    assert!(totals(&file).messages > 20);
}

/// Damages a file after its header: octets changed, put in or taken away at a place.
#[derive(Clone, Debug)]
enum Harm {
    Change(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Remove(prop::sample::Index, usize),
}

fn harm() -> impl Strategy<Value = Harm> {
    let place = any::<prop::sample::Index>;
    let some = prop::collection::vec(any::<u8>(), 1..20);
    prop_oneof![
        (place(), 1..=u8::MAX).prop_map(|(place, bits)| Harm::Change(place, bits)),
        (place(), some).prop_map(|(place, some)| Harm::Insert(place, some)),
        (place(), 1..3_000_usize).prop_map(|(place, count)| Harm::Remove(place, count)),
    ]
}

fn harmed(file: &mut Vec<u8>, header: usize, harm: &Harm) -> usize {
    let place =
        |index: &prop::sample::Index, file: &[u8]| header + index.index(file.len() - header);
    match harm {
        Harm::Change(index, bits) => {
            let at = place(index, file);
            file[at] ^= bits;
            at
        }
        Harm::Insert(index, some) => {
            let at = place(index, file);
            file.splice(at..at, some.iter().copied());
            at
        }
        Harm::Remove(index, count) => {
            let at = place(index, file);
            file.drain(at..(at + count).min(file.len()));
            at
        }
    }
}

/// The story's file, and where in it each record ends.
fn told() -> &'static (Vec<u8>, Vec<usize>) {
    static TOLD: OnceLock<(Vec<u8>, Vec<usize>)> = OnceLock::new();
    TOLD.get_or_init(|| story_with(50).0.file_and_places())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// However a file is damaged, what comes before the first place is kept, and all that is read can be run.
    #[test]
    fn what_comes_before_the_first_damage_is_always_kept(harms in prop::collection::vec(harm(), 1..5)) {
        let (file, places) = told();
        let whole = Recording::read(file).unwrap();
        let mut damaged = file.clone();
        let mut first = file.len();
        for harm in &harms {
            if damaged.len() == places[0] {
                break;
            }
            first = first.min(harmed(&mut damaged, places[0], harm));
        }
        let read = Recording::read(&damaged).unwrap();
        let kept = places.iter().filter(|&&place| place <= first).count() - 1;
        prop_assert_eq!(&read.records[..kept], &whole.records[..kept]);
        prop_assert!(read.records.len() <= whole.records.len());
        let scenario = scenario::load_bytes("it", &damaged).unwrap();
        prop_assert_eq!(scenario.notices.is_empty(), read.left_out.is_empty());
        let mut history = History::new(&scenario.setup).unwrap();
        history.run_until(scenario.until);
        prop_assert_eq!(history.head().broker().audit(), Ok(()));
    }

    /// Whatever stands in a record, be it sound or not, be it of the first edition or of this one.
    #[test]
    fn whatever_records_a_file_has_it_is_read_without_a_panic(
        octets in prop::collection::vec(any::<u8>(), 0..200),
        first in any::<bool>(),
    ) {
        let begins = String::from_utf8(header().to_bytes()).unwrap();
        let begins = if first { begins.replacen(" 2\n", " 1\n", 1) } else { begins };
        let file = [begins.as_bytes(), &octets].concat();
        let read = Recording::read(&file).unwrap();
        prop_assert!(read.records.len() <= octets.len());
        prop_assert!(read.replay().is_ok());
    }
}
