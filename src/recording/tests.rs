use super::*;

use crate::amqp::Peer;
use crate::broker::Profile;

fn header() -> Header {
    Header::new(Profile::V4_2, vec!["/".into()], Vec::new(), 0)
}

fn connected(session: u64) -> Record {
    Record::Connected {
        session: SessionId(session),
        peer: Peer {
            address: "here".to_owned(),
            is_local: true,
        },
    }
}

fn taken(session: u64) -> Record {
    let session = SessionId(session);
    Record::Taken { session }
}

fn file(records: &[(u64, Record)]) -> Vec<u8> {
    let mut file = header().to_bytes();
    for (at, record) in records {
        append(&mut file, Micros(*at), record);
    }
    file
}

#[test]
fn a_recording_of_the_first_edition_is_read_up_to_what_is_no_record() {
    let second = String::from_utf8(header().to_bytes()).unwrap();
    let mut old = second.replacen(" 2\n", " 1\n", 1).into_bytes();
    // A client connects at 5 µs, has taken something 300 µs later, and at once again.
    old.extend(b"\x05\x00\x01\x04here\x01");
    old.extend([0xAC, 0x02, 5, 1]);
    old.extend([0, 5, 1]);
    let end = old.len();
    let whole = vec![
        (Micros(5), connected(1)),
        (Micros(305), taken(1)),
        (Micros(305), taken(1)),
    ];
    let read = Recording::read(&old).unwrap();
    assert_eq!(read.records, whole);
    assert_eq!(read.left_out, []);
    old.extend([0, 99, 0, 5, 1]);
    let read = Recording::read(&old).unwrap();
    assert_eq!(read.records, whole);
    let gap = LeftOut::Octets {
        from: end,
        to: old.len(),
        after: Micros(305),
    };
    assert_eq!(read.left_out, [gap]);
}

#[test]
fn in_the_first_edition_a_span_that_cannot_be_does_not_move_all_that_follows() {
    let second = String::from_utf8(header().to_bytes()).unwrap();
    let mut old = second.replacen(" 2\n", " 1\n", 1).into_bytes();
    old.extend(b"\x05\x00\x01\x04here\x01");
    let place = old.len();
    bytes::number(&mut old, u64::MAX);
    old.extend([5, 1]);
    old.extend([7, 5, 1]);
    let read = Recording::read(&old).unwrap();
    assert_eq!(
        read.records,
        [(Micros(5), connected(1)), (Micros(12), taken(1))]
    );
    let out = LeftOut::Records {
        from: place,
        count: 1,
        why: Unsound::Time,
    };
    assert_eq!(read.left_out, [out]);
}

#[test]
fn a_record_that_cannot_be_so_is_left_out_and_spoils_nothing() {
    let hand = |vhost: &str, hand| Record::Hand {
        vhost: vhost.into(),
        hand,
    };
    let login = |session| Record::Login {
        session: SessionId(session),
        accepted: true,
    };
    let start = crate::amqp::Hand::Start;
    let delay = crate::amqp::Hand::Delay { span: Micros::MAX };
    let sound = [
        (10, connected(1)),
        (20, taken(1)),
        (30, hand("/", start.clone())),
        (40, taken(1)),
    ];
    let wrong = [
        ((15, login(7)), Unsound::Unknown(SessionId(7))),
        ((15, connected(1)), Unsound::Again(SessionId(1))),
        (
            (15, hand("elsewhere", start)),
            Unsound::Vhost("elsewhere".into()),
        ),
        ((15, hand("/", delay)), Unsound::Delay),
        ((u64::MAX, taken(1)), Unsound::Time),
        ((35, taken(1)), Unsound::Time),
        ((3, taken(1)), Unsound::Time),
    ];
    for (record, why) in wrong {
        let mut records = sound.to_vec();
        records.insert(1, record);
        let read = Recording::read(&file(&records)).unwrap();
        let times: Vec<_> = read.records.iter().map(|(at, _)| at.0).collect();
        assert_eq!(times, [10, 20, 30, 40], "{why:?}");
        let (from, count) = (file(&sound[..1]).len(), 1);
        assert_eq!(read.left_out, [LeftOut::Records { from, count, why }]);
    }
}

#[test]
fn what_a_later_leveret_wrote_is_said_to_be_so() {
    let text = String::from_utf8(header().to_bytes()).unwrap();
    let later = text.replacen(" 2\n", " 3\n", 1);
    assert!(is_recording(later.as_bytes()));
    assert_eq!(
        Recording::read(later.as_bytes()),
        Err(RecordingError::Edition)
    );
}

#[test]
fn a_server_that_began_at_the_end_of_time_is_taken_to_have_begun_before() {
    let header = Header::new(Profile::V4_2, vec!["/".into()], Vec::new(), u64::MAX);
    let setup = header.setup(&"/".into());
    assert!(setup.began.checked_add(LONGEST.0).is_some());
}
