//! Who does not read what it is sent.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::Duration;

use leveret::amqp::Method;
use leveret::broker::Name;

use crate::frames::{frame, method};
use crate::server::{Harmed, ends};

/// A message that comes back, with a body of so many octets.
fn unroutable(size: usize) -> Vec<u8> {
    let publish = Method::BasicPublish {
        ticket: 0,
        exchange: Name::default(),
        routing_key: "nowhere".into(),
        mandatory: true,
        immediate: false,
    };
    let mut octets = method(1, &publish);
    let mut header = vec![0, 60, 0, 0];
    header.extend((size as u64).to_be_bytes());
    header.extend([0, 0]);
    octets.extend(frame(2, 1, &header));
    octets.extend(frame(3, 1, &vec![1; size]));
    octets
}

#[test]
fn who_does_not_read_is_let_go_and_leaves_nothing_behind() {
    const COUNT: usize = 40;
    let server = Harmed::start(200);
    let message = unroutable(100_000);
    let sockets: Vec<_> = (0..COUNT)
        .map(|_| {
            // With a heartbeat of one second, it has two to give a sign of life.
            let mut socket = server.client(1);
            let patience = Some(Duration::from_millis(100));
            socket.set_write_timeout(patience).unwrap();
            // Until neither end has room for more.
            for _ in 0..500 {
                if socket.write_all(&message).is_err() {
                    break;
                }
            }
            socket
        })
        .collect();
    assert!(server.serves(), "while they are there");
    let addresses = sockets
        .iter()
        .map(|it| it.local_addr().unwrap().to_string());
    let mut addresses: BTreeSet<_> = addresses.collect();
    while !addresses.is_empty() {
        let [line] = server.lines(1).try_into().unwrap();
        if line.contains("is gone") {
            addresses.retain(|address| !line.contains(address.as_str()));
        }
    }
    for mut socket in sockets {
        assert!(ends(&mut socket), "a socket stays open");
    }
    if let Some(resident) = server.resident() {
        assert!(resident < 200_000, "{resident} KiB");
    }
    server.end();
}
