//! Who comes and goes without an end.

use std::io::Write as _;

use leveret::amqp::Method;
use leveret::broker::Name;

use crate::frames::{channel_open, method, queue_declare};
use crate::server::{Harmed, hears};

fn channel_close() -> Method {
    Method::ChannelClose {
        reply_code: 200,
        reply_text: Name::default(),
        class_id: 0,
        method_id: 0,
    }
}

#[test]
fn channels_that_come_and_go_leave_no_memory_behind() {
    let server = Harmed::start(200);
    let mut client = server.client(0);
    let mut turn = method(2, &channel_open());
    turn.extend(method(2, &channel_close()));
    let turns = turn.repeat(2_000);
    let churn = |client: &mut std::net::TcpStream, name: &str| {
        let mut reader = client.try_clone().unwrap();
        let said = method(1, &queue_declare(name));
        let name = name.to_owned();
        let heard = std::thread::spawn(move || hears(&mut reader, &name));
        for _ in 0..10 {
            client.write_all(&turns).unwrap();
        }
        client.write_all(&said).unwrap();
        assert!(heard.join().unwrap());
    };
    churn(&mut client, "the first time");
    let before = server.resident();
    // Sixty thousand, of which each would keep 224 octets.
    for time in ["the second time", "the third time", "the fourth time"] {
        churn(&mut client, time);
    }
    if let (Some(before), Some(after)) = (before, server.resident()) {
        assert!(after < before + 6_000, "{before} KiB became {after} KiB");
    }
    assert!(server.serves());
    server.end();
}

#[test]
fn many_connections_of_one_name_are_all_let_in() {
    let server = Harmed::start(600);
    let clients: Vec<_> = (0..400).map(|_| server.client(0)).collect();
    let mut named: Vec<_> = server.lines(400);
    named.sort();
    named.dedup();
    assert_eq!(named.len(), 400);
    for first in ["tester is connected", "tester 400 is connected"] {
        assert!(named.iter().any(|it| it.starts_with(first)), "{first}");
    }
    assert!(server.serves());
    drop(clients);
    server.end();
}
