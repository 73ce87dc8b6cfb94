//! Whatever a client sends: no panic, no memory without end, and the others are served.
//!
//! More cases: `LEVERET_WIRE_CASES=1000000 cargo test --release --test it wire_fuzz`.

use leveret::amqp::{Frame, Host as _, Method, NoMethod};
use leveret::recording::Recording;
use proptest::prelude::*;

use crate::wire::{
    Heard, Wire, channel_open, consume, frame, header, method, open, publish, queue_declare,
    start_ok, tune_ok,
};

/// Few in each run of all tests; once, a million.
fn cases(usual: u32) -> ProptestConfig {
    let told = std::env::var("LEVERET_WIRE_CASES").ok();
    let cases = told.and_then(|told| told.parse().ok()).unwrap_or(usual);
    ProptestConfig {
        cases,
        max_shrink_iters: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Something a client may well say, on a channel.
fn said() -> impl Strategy<Value = Vec<u8>> {
    let name = || prop::sample::select(&["", "q", "r", "amq.topic", "amq.rabbitmq.reply-to"][..]);
    let channel = 0..4_u16;
    prop_oneof![
        (channel.clone(), name()).prop_map(|(c, name)| method(c, &queue_declare(name))),
        (channel.clone(), name(), name()).prop_map(|(c, q, tag)| method(c, &consume(q, tag))),
        (channel.clone(), name(), 0..200_usize).prop_map(|(c, key, size)| publish(
            c,
            key,
            &vec![1; size]
        )),
        channel.clone().prop_map(|c| method(c, &channel_open())),
        (channel.clone(), 0..5_u64, any::<bool>()).prop_map(|(c, delivery_tag, multiple)| {
            method(
                c,
                &Method::BasicAck {
                    delivery_tag,
                    multiple,
                },
            )
        }),
        (channel.clone(), name(), any::<bool>()).prop_map(|(c, queue, no_ack)| {
            let (ticket, queue) = (0, queue.into());
            method(
                c,
                &Method::BasicGet {
                    ticket,
                    queue,
                    no_ack,
                },
            )
        }),
        (channel.clone(), any::<bool>())
            .prop_map(|(c, requeue)| method(c, &Method::BasicRecover { requeue })),
        channel
            .clone()
            .prop_map(|c| method(c, &Method::TxSelect {})),
        channel
            .clone()
            .prop_map(|c| method(c, &Method::TxCommit {})),
        channel
            .clone()
            .prop_map(|c| method(c, &Method::ConfirmSelect { no_wait: false })),
        channel
            .clone()
            .prop_map(|c| method(c, &Method::ChannelCloseOk {})),
        channel.clone().prop_map(|c| frame(8, c, b"")),
        (
            channel,
            prop::sample::select(&[1_u8, 2, 3, 9][..]),
            prop::collection::vec(any::<u8>(), 0..40)
        )
            .prop_map(|(c, kind, payload)| frame(kind, c, &payload)),
    ]
}

/// What is done to octets on their way.
#[derive(Clone, Debug)]
enum Harm {
    Change(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Insert(prop::sample::Index, u8),
}

fn harm() -> impl Strategy<Value = Harm> {
    let place = any::<prop::sample::Index>;
    prop_oneof![
        4 => (place(), any::<u8>()).prop_map(|(at, octet)| Harm::Change(at, octet)),
        1 => place().prop_map(Harm::Remove),
        1 => (place(), any::<u8>()).prop_map(|(at, octet)| Harm::Insert(at, octet)),
    ]
}

fn harmed(mut octets: Vec<u8>, harms: &[Harm]) -> Vec<u8> {
    for harm in harms {
        if octets.is_empty() {
            break;
        }
        match harm {
            Harm::Change(at, octet) => {
                let at = at.index(octets.len());
                octets[at] = *octet;
            }
            Harm::Remove(at) => _ = octets.remove(at.index(octets.len())),
            Harm::Insert(at, octet) => octets.insert(at.index(octets.len()), *octet),
        }
    }
    octets
}

/// A client's first words, up to a channel that is open.
fn greeting() -> Vec<u8> {
    let mut octets = b"AMQP\x00\x00\x09\x01".to_vec();
    octets.extend(method(0, &start_ok("PLAIN", b"\0guest\0guest")));
    octets.extend(method(0, &tune_ok(10, 65_536)));
    octets.extend(method(0, &open("/")));
    octets.extend(method(1, &channel_open()));
    octets
}

/// Sends it in pieces; then somebody else is served as ever, and the broker's counts add up.
fn survives(octets: &[u8], piece: usize) -> Result<(), TestCaseError> {
    let mut wire = Wire::new();
    let mut hostile = wire.connect(true);
    for piece in octets.chunks(piece.max(1)) {
        wire.send(&hostile, piece);
        let out = wire.server.output(wire.now, hostile.id);
        // What is answered is in proportion to what was said.
        prop_assert!(
            out.len() <= 1_000 + octets.len() * 64,
            "{} octets",
            out.len()
        );
    }
    wire.hear(&mut hostile);
    let mut other = wire.client();
    let heard = wire.say(&mut other, 1, &queue_declare("other"));
    let served = matches!(
        heard.as_slice(),
        [Heard::Method(1, Method::QueueDeclareOk { .. })]
    );
    prop_assert!(served, "{heard:?}");
    wire.server.disconnect(wire.now, hostile.id);
    wire.server.tick(wire.now);
    let world = wire.server.host("/").unwrap().world();
    prop_assert_eq!(world.broker().audit(), Ok(()));
    Ok(())
}

proptest! {
    #![proptest_config(cases(3_000))]

    // C9
    #[test]
    fn any_octets_are_survived(
        octets in prop::collection::vec(any::<u8>(), 0..300),
        greeted in any::<bool>(),
        piece in 1..100_usize,
    ) {
        let greeting = if greeted { greeting() } else { Vec::new() };
        survives(&[greeting, octets].concat(), piece)?;
    }

    // C9
    #[test]
    fn whatever_was_sent_can_be_taken_apart_and_looked_at(
        said in prop::collection::vec(said(), 0..20),
        harms in prop::collection::vec(harm(), 0..4),
    ) {
        let octets = harmed([greeting(), said.concat()].concat(), &harms);
        let mut rest = octets.as_slice();
        while !rest.is_empty() {
            let frame = leveret::amqp::first_frame(rest);
            prop_assert!(!frame.is_empty());
            let anatomy = leveret::amqp::Anatomy::of(frame);
            let _ = (anatomy.name(), anatomy.fields(), leveret::amqp::channel_of(frame));
            rest = &rest[frame.len()..];
        }
    }

    // C9
    #[test]
    fn a_session_that_went_wrong_on_its_way_is_survived(
        said in prop::collection::vec(said(), 0..20),
        harms in prop::collection::vec(harm(), 0..4),
        spare in any::<bool>(),
        piece in 1..1000_usize,
    ) {
        let (greeting, said) = (greeting(), said.concat());
        let octets = match spare {
            true => [greeting, harmed(said, &harms)].concat(),
            false => harmed([greeting, said].concat(), &harms),
        };
        survives(&octets, piece)?;
    }

    #[test]
    fn a_method_is_read_or_it_is_not(payload in prop::collection::vec(any::<u8>(), 0..80)) {
        match Method::read(&payload) {
            Ok(method) => {
                // What was read can be written, and is the same then.
                let mut written = Vec::new();
                method.write(&mut written);
                prop_assert_eq!(Method::read(&written), Ok(method));
            }
            Err(NoMethod::Unknown(id)) => prop_assert_eq!(id.name(), None),
            Err(NoMethod::Malformed(id, _)) => prop_assert!(id.name().is_some()),
            Err(NoMethod::Short) => prop_assert!(payload.len() < 4),
        }
    }

    #[test]
    fn a_frame_never_takes_more_than_there_is(octets in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(Some((frame, length))) = Frame::first(&octets, 20) {
            prop_assert!(length <= octets.len() && frame.payload.len() <= 20);
        }
    }

    #[test]
    fn a_recording_is_read_or_it_is_not(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let file = [header().to_bytes(), octets].concat();
        if let Ok(recording) = Recording::read(&file) {
            prop_assert!(recording.replay().is_ok());
        }
    }
}
