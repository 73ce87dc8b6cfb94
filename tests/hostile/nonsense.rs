//! Who speaks no AMQP, or wrong.

use std::io::Write as _;

use crate::frames::{frame, method, publish, queue_declare};
use crate::server::{Harmed, ends, greeting};

/// Numbers without a pattern, the same each time (Marsaglia's xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[test]
fn nonsense_ends_its_own_connection_and_no_other() {
    let server = Harmed::start(200);
    let mut numbers = Numbers(2_026);
    for round in 0..150 {
        let mut said = greeting(0);
        said.extend(method(1, &queue_declare("q")));
        said.extend(publish(1, "q", b"what is right"));
        // One octet is another, from anywhere in all of it; or there are frames of any kind.
        if round % 2 == 0 {
            let at = numbers.next() as usize % said.len();
            said[at] = numbers.next() as u8;
        } else {
            let payload: Vec<u8> = (0..numbers.next() % 300)
                .map(|_| numbers.next() as u8)
                .collect();
            said.extend(frame(
                numbers.next() as u8 % 10,
                numbers.next() as u16 % 4,
                &payload,
            ));
        }
        let mut socket = server.connect();
        // It may be let go in the middle.
        let _ = socket.write_all(&said);
        let _ = socket.shutdown(std::net::Shutdown::Write);
        assert!(ends(&mut socket), "round {round}");
    }
    assert!(server.serves());
    server.end();
}

#[test]
fn who_speaks_another_protocol_is_told_which_is_spoken_here() {
    let server = Harmed::start(200);
    for said in [
        &b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03",
    ] {
        let mut socket = server.connect();
        socket.write_all(said).unwrap();
        assert!(ends(&mut socket));
    }
    assert!(server.serves());
    server.end();
}
