//! Who connects, and comes no further.

use std::io::Write as _;

use crate::server::Harmed;

#[test]
fn handshakes_that_never_end_lock_nobody_out() {
    // More of them than the server may have files open.
    let server = Harmed::start(120);
    let begun: Vec<_> = (0..400)
        .map(|number| {
            let mut socket = server.connect();
            let header: &[u8] = b"AMQP\x00\x00\x09\x01";
            // Nothing, a part, or all of the first words; it may be let go already.
            let _ = socket.write_all(header.get(..number % 9).unwrap_or(header));
            socket
        })
        .collect();
    // Long before their time of ten seconds is over.
    assert!(server.serves());
    assert!(server.serves());
    drop(begun);
    server.end();
}

#[test]
fn who_says_one_octet_after_the_other_keeps_nobody_waiting() {
    let server = Harmed::start(200);
    let mut slow: Vec<_> = (0..50).map(|_| server.connect()).collect();
    for octet in b"AMQP\x00\x00\x09" {
        for socket in &mut slow {
            let _ = socket.write_all(&[*octet]);
        }
        assert!(server.serves());
    }
    server.end();
}
