//! Clients on the wire, without a wire: octets in, octets out.

use std::collections::BTreeSet;

use leveret::amqp::{
    Configuration, Frame, FrameKind, Hand, Method, Peer, Server, SessionId, Unrecorded,
};
use leveret::broker::{Alarm, Micros, Name, Profile, Table, Value, Width};
use leveret::recording::Header;
use leveret::world::World;

pub(crate) use crate::frames::*;

/// A server with the users `guest` and `ann`, and time that a test lets pass.
pub(crate) struct Wire {
    pub(crate) server: Server<Unrecorded>,
    pub(crate) now: Micros,
}

/// A client's end.
pub(crate) struct Client {
    pub(crate) id: SessionId,
    /// What it got and has not looked at.
    got: Vec<u8>,
}

/// What a client hears.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Heard {
    Method(u16, Method),
    /// A content's size, and the octets of its header behind that.
    Header(u16, u64, Vec<u8>),
    Body(u16, Vec<u8>),
    Heartbeat,
}

pub(crate) fn consume(queue: &str, tag: &str) -> Method {
    Method::BasicConsume {
        ticket: 0,
        queue: queue.into(),
        consumer_tag: tag.into(),
        no_local: false,
        no_ack: false,
        exclusive: false,
        no_wait: false,
        arguments: Table::new(),
    }
}

pub(crate) fn tune_ok(channel_max: u16, frame_max: u32) -> Method {
    Method::ConnectionTuneOk {
        channel_max,
        frame_max,
        heartbeat: 0,
    }
}

pub(crate) fn header() -> Header {
    let vhosts = vec!["/".into(), "other".into()];
    Header::new(Profile::V4_2, vhosts, vec!["ann".into()], 0)
}

impl Wire {
    pub(crate) fn new() -> Self {
        Self::with(Configuration::default())
    }

    /// A server that has room for so much.
    pub(crate) fn with(configuration: Configuration) -> Self {
        let header = header();
        let worlds = header.vhosts.iter().map(|vhost| {
            let world = World::new(&header.setup(vhost)).unwrap();
            (vhost.clone(), Unrecorded::new(world))
        });
        let users = [("guest", "guest"), ("ann", "secret")];
        let users = users.map(|(name, password)| (Name::from(name), password.to_owned()));
        let configuration = Configuration {
            profile: Profile::V4_2,
            users: users.into(),
            ..configuration
        };
        Self {
            server: Server::new(configuration, worlds.collect::<Vec<_>>()),
            now: Micros::ZERO,
        }
    }

    pub(crate) fn connect(&mut self, is_local: bool) -> Client {
        let peer = Peer {
            address: "there".to_owned(),
            is_local,
        };
        let id = self.server.connect(self.now, peer);
        let got = Vec::new();
        Client { id, got }
    }

    pub(crate) fn send(&mut self, client: &Client, octets: &[u8]) {
        self.now += Micros(10);
        self.server.receive(self.now, client.id, octets);
    }

    /// Sends a method, and what the client hears then.
    pub(crate) fn say(&mut self, client: &mut Client, channel: u16, said: &Method) -> Vec<Heard> {
        self.send(client, &method(channel, said));
        self.hear(client)
    }

    /// A client on `/`, with channel 1 open.
    pub(crate) fn client(&mut self) -> Client {
        let mut client = self.tuned();
        self.say(&mut client, 0, &open("/"));
        self.say(&mut client, 1, &channel_open());
        client
    }

    /// A client on `/` that agreed to give a sign of life every so many seconds.
    pub(crate) fn beating(&mut self, heartbeat: u16) -> Client {
        let mut client = self.connect(true);
        self.send(&client, b"AMQP\x00\x00\x09\x01");
        self.say(&mut client, 0, &start_ok("PLAIN", b"\0guest\0guest"));
        let tune_ok = Method::ConnectionTuneOk {
            channel_max: 10,
            frame_max: 131_072,
            heartbeat,
        };
        self.say(&mut client, 0, &tune_ok);
        self.say(&mut client, 0, &open("/"));
        client
    }

    /// A client that has agreed on sizes.
    fn tuned(&mut self) -> Client {
        let mut client = self.connect(true);
        self.send(&client, b"AMQP\x00\x00\x09\x01");
        self.hear(&mut client);
        self.say(&mut client, 0, &start_ok("PLAIN", b"\0guest\0guest"));
        self.say(&mut client, 0, &tune_ok(2047, 131_072));
        client
    }

    /// All that was sent to a client, which has taken it then.
    /// Publishes a message with headers, as they are on the wire, and asks the queue `q` for one.
    fn published_with(
        &mut self,
        (exchange, key): (&str, &str),
        headers: &[u8],
        client: &mut Client,
    ) -> Vec<Heard> {
        let publish = Method::BasicPublish {
            ticket: 0,
            exchange: exchange.into(),
            routing_key: key.into(),
            mandatory: false,
            immediate: false,
        };
        let mut header = vec![0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x20, 0];
        header.extend((headers.len() as u32).to_be_bytes());
        header.extend(headers);
        let mut octets = method(1, &publish);
        octets.extend(frame(2, 1, &header));
        octets.extend(frame(3, 1, b"x"));
        self.send(client, &octets);
        let get = Method::BasicGet {
            ticket: 0,
            queue: "q".into(),
            no_ack: true,
        };
        self.say(client, 1, &get)
    }

    pub(crate) fn hear(&mut self, client: &mut Client) -> Vec<Heard> {
        loop {
            let octets = self.server.output(self.now, client.id);
            if octets.is_empty() {
                break;
            }
            client.got.extend(octets);
            self.server.sent(self.now, client.id);
        }
        let mut heard = Vec::new();
        let got = std::mem::take(&mut client.got);
        let mut left: &[u8] = match got.strip_prefix(b"AMQP") {
            Some(rest) => rest.get(4..).unwrap_or_default(),
            None => &got,
        };
        while let Some((frame, length)) = Frame::first(left, usize::MAX >> 1).unwrap() {
            heard.push(match frame.kind {
                FrameKind::Method => {
                    Heard::Method(frame.channel, Method::read(frame.payload).unwrap())
                }
                FrameKind::Header => {
                    let (size, rest) = frame.payload[4..].split_first_chunk().unwrap();
                    Heard::Header(frame.channel, u64::from_be_bytes(*size), rest.to_vec())
                }
                FrameKind::Body => Heard::Body(frame.channel, frame.payload.to_vec()),
                FrameKind::Heartbeat => Heard::Heartbeat,
            });
            left = &left[length..];
        }
        client.got = left.to_vec();
        heard
    }
}

/// The code and the text of a close, by whom, and the method that it names.
pub(crate) fn closed(heard: &[Heard]) -> Option<(u16, u16, &str, (u16, u16))> {
    heard.iter().find_map(|heard| match heard {
        Heard::Method(
            channel,
            Method::ConnectionClose {
                reply_code,
                reply_text,
                class_id,
                method_id,
            }
            | Method::ChannelClose {
                reply_code,
                reply_text,
                class_id,
                method_id,
            },
        ) => Some((
            *channel,
            *reply_code,
            &**reply_text,
            (*class_id, *method_id),
        )),
        _ => None,
    })
}

pub(crate) fn names(heard: &[Heard]) -> Vec<&'static str> {
    heard
        .iter()
        .map(|heard| match heard {
            Heard::Method(_, method) => method.name(),
            Heard::Header(..) => "header",
            Heard::Body(..) => "body",
            Heard::Heartbeat => "heartbeat",
        })
        .collect()
}

#[test]
fn a_connection_opens_step_by_step() {
    // C3, C4, C8
    let mut wire = Wire::new();
    let mut client = wire.connect(true);
    wire.send(&client, b"AMQP\x00\x00\x09\x01");
    let heard = wire.hear(&mut client);
    let [
        Heard::Method(
            0,
            Method::ConnectionStart {
                server_properties,
                mechanisms,
                ..
            },
        ),
    ] = heard.as_slice()
    else {
        panic!("{heard:?}");
    };
    assert_eq!(server_properties["product"], "RabbitMQ".into());
    assert_eq!(server_properties["platform"], "Leveret".into());
    let Value::Table(capabilities) = &server_properties["capabilities"] else {
        panic!("{server_properties:?}");
    };
    assert_eq!(capabilities.len(), 9);
    assert_eq!(mechanisms, b"PLAIN AMQPLAIN");
    let heard = wire.say(&mut client, 0, &start_ok("PLAIN", b"\0guest\0guest"));
    let tune = Method::ConnectionTune {
        channel_max: 2047,
        frame_max: 131_072,
        heartbeat: 60,
    };
    assert_eq!(heard, [Heard::Method(0, tune)]);
    assert_eq!(wire.say(&mut client, 0, &tune_ok(10, 65_536)), []);
    assert_eq!(
        names(&wire.say(&mut client, 0, &open("/"))),
        ["connection.open-ok"]
    );
    let heard = wire.say(&mut client, 1, &channel_open());
    assert_eq!(names(&heard), ["channel.open-ok"]);
}

#[test]
fn another_protocol_is_told_which_one_is_spoken_here() {
    // C3
    for header in [
        b"HTTP/1.1",
        b"AMQP\x03\x01\x00\x00",
        b"AMQP\x00\x00\x09\x02",
    ] {
        let mut wire = Wire::new();
        let client = wire.connect(true);
        wire.send(&client, header);
        assert_eq!(
            wire.server.output(wire.now, client.id),
            b"AMQP\x00\x00\x09\x01"
        );
        assert!(wire.server.is_over(client.id));
    }
    let mut wire = Wire::new();
    let mut client = wire.connect(true);
    wire.send(&client, b"AMQP\x01\x01\x00\x09"); // as early clients say it
    assert_eq!(names(&wire.hear(&mut client)), ["connection.start"]);
}

#[test]
fn who_does_not_finish_the_handshake_in_ten_seconds_is_let_go() {
    // C3
    let mut wire = Wire::new();
    let client = wire.connect(true);
    wire.send(&client, b"AMQP\x00\x00\x09\x01");
    wire.server.tick(Micros::from_secs(9));
    assert!(!wire.server.is_over(client.id));
    wire.server.tick(Micros::from_secs(11));
    assert!(wire.server.is_over(client.id));
}

#[test]
fn sizes_beyond_what_the_server_proposes_are_refused() {
    // C4: a client is not trusted yet, so it is told nothing.
    for (channels, frame, fine) in [
        (2047, 131_072, true),
        (1, 4096, true),
        (0, 131_072, false),
        (2048, 131_072, false),
        (10, 0, false),
        (10, 131_073, false),
        (10, 4095, false),
    ] {
        let mut wire = Wire::new();
        let mut client = wire.connect(true);
        wire.send(&client, b"AMQP\x00\x00\x09\x01");
        wire.say(&mut client, 0, &start_ok("PLAIN", b"\0guest\0guest"));
        let heard = wire.say(&mut client, 0, &tune_ok(channels, frame));
        assert_eq!(heard, []);
        assert_eq!(wire.server.is_over(client.id), !fine, "{channels} {frame}");
    }
}

#[test]
fn a_failed_login_is_told_to_whom_wants_to_know() {
    // C6
    let table = b"\x05LOGINS\0\0\0\x03ann\x08PASSWORDS\0\0\0\x06secret";
    for (mechanism, response, is_local, fine) in [
        ("PLAIN", &b"\0guest\0guest"[..], true, true),
        ("PLAIN", b"\0guest\0guest", false, false), // only from this machine
        ("PLAIN", b"\0ann\0secret", false, true),
        ("AMQPLAIN", table, false, true),
        ("PLAIN", b"\0ann\0wrong", true, false),
        ("PLAIN", b"\0nobody\0secret", true, false),
    ] {
        let mut wire = Wire::new();
        let mut client = wire.connect(is_local);
        wire.send(&client, b"AMQP\x00\x00\x09\x01");
        wire.hear(&mut client);
        let heard = wire.say(&mut client, 0, &start_ok(mechanism, response));
        if fine {
            assert_eq!(names(&heard), ["connection.tune"]);
        } else {
            let text = "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. \
                        For details see the broker logfile.";
            assert_eq!(closed(&heard), Some((0, 403, text, (0, 0))));
        }
    }
    let mut wire = Wire::new();
    let mut client = wire.connect(true);
    wire.send(&client, b"AMQP\x00\x00\x09\x01");
    wire.hear(&mut client);
    let said = Method::ConnectionStartOk {
        client_properties: Table::new(), // nothing of authentication_failure_close
        mechanism: "PLAIN".into(),
        response: b"\0ann\0wrong".to_vec(),
        locale: "en_US".into(),
    };
    assert_eq!(wire.say(&mut client, 0, &said), []);
    assert!(wire.server.is_over(client.id));
}

#[test]
fn a_virtual_host_is_there_or_it_is_not() {
    // C7
    let mut wire = Wire::new();
    let mut client = wire.tuned();
    let heard = wire.say(&mut client, 0, &open("nowhere"));
    let text = "NOT_ALLOWED - vhost nowhere not found";
    assert_eq!(closed(&heard), Some((0, 530, text, (10, 40))));
    let mut client = wire.tuned();
    wire.say(&mut client, 0, &open("other"));
    wire.say(&mut client, 1, &channel_open());
    wire.say(&mut client, 1, &queue_declare("q"));
    let count = |vhost| {
        let world = leveret::amqp::Host::world(wire.server.host(vhost).unwrap());
        world.broker().queues().len()
    };
    assert_eq!((count("/"), count("other")), (0, 1));
}

/// What is sent, and the code, the text and the method of the close that it leads to.
type Row = (Vec<u8>, u16, &'static str, (u16, u16));

#[test]
fn what_no_frame_may_be_closes_the_connection() {
    // C9: texts as a live RabbitMQ 4.0.5 gives them.
    let header = |class: u16, size: u64| {
        let mut payload = class.to_be_bytes().to_vec();
        payload.extend([0, 0]);
        payload.extend(size.to_be_bytes());
        payload.extend([0, 0]);
        frame(2, 1, &payload)
    };
    let mut bad_end = frame(1, 1, &[0, 90, 0, 10]);
    *bad_end.last_mut().unwrap() = 205;
    let mut too_large = frame(3, 1, &[]);
    too_large[3..7].copy_from_slice(&131_073_u32.to_be_bytes());
    let only = publish(1, "q", b"12345");
    let (start, _) = only.split_at(only.len() - 13 - 22);
    let rows: [Row; 11] = [
        (
            bad_end,
            501,
            "FRAME_ERROR - type 1, all octets = <<0,90,0,10>>: {invalid_frame_end_marker,205}",
            (0, 0),
        ),
        (
            too_large,
            501,
            "FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,131073,131064}",
            (0, 0),
        ),
        (
            frame(9, 1, b"abc"),
            501,
            "FRAME_ERROR - type 9, all octets = <<\"abc\">>: unknown_frame",
            (0, 0),
        ),
        (
            frame(8, 1, b""),
            505,
            "UNEXPECTED_FRAME - type 8, all octets = <<>>",
            (0, 0),
        ),
        (
            frame(1, 1, &[0, 10]),
            501,
            "FRAME_ERROR - type 1, all octets = <<0,10>>: unknown_frame",
            (0, 0),
        ),
        (
            frame(1, 1, &[0, 55, 0, 10]),
            503,
            "COMMAND_INVALID - unknown method 55.10 on channel 1",
            (0, 0),
        ),
        (
            frame(3, 1, b"x"),
            505,
            "UNEXPECTED_FRAME - expected method frame, got non method frame instead",
            (0, 0),
        ),
        (
            header(60, 1),
            505,
            "UNEXPECTED_FRAME - expected method frame, got non method frame instead",
            (0, 0),
        ),
        (
            [start, &header(50, 1)].concat(),
            505,
            "UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead",
            (60, 40),
        ),
        (
            [start, &frame(3, 1, b"x")].concat(),
            505,
            "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead",
            (60, 40),
        ),
        (
            [start, &header(60, 2), &frame(3, 1, b"xxx")].concat(),
            501,
            "FRAME_ERROR - a body of 3 octets, where the header says 2",
            (60, 40),
        ),
    ];
    for (octets, code, text, by) in rows {
        let mut wire = Wire::new();
        let mut client = wire.client();
        wire.send(&client, &octets);
        assert_eq!(closed(&wire.hear(&mut client)), Some((0, code, text, by)));
        // All but the end of it is passed over.
        wire.send(&client, &publish(1, "q", b"more"));
        assert_eq!(wire.hear(&mut client), []);
        assert!(!wire.server.is_over(client.id));
        wire.say(&mut client, 0, &Method::ConnectionCloseOk {});
        assert!(wire.server.is_over(client.id));
    }
}

#[test]
fn a_channel_that_is_not_open_closes_the_connection() {
    // C10
    let mut wire = Wire::new();
    let mut client = wire.client();
    let heard = wire.say(&mut client, 5, &queue_declare("q"));
    let text = "CHANNEL_ERROR - expected 'channel.open'";
    assert_eq!(closed(&heard), Some((0, 504, text, (50, 10))));
    let mut client = wire.client();
    let heard = wire.say(&mut client, 1, &channel_open());
    let text = "CHANNEL_ERROR - second 'channel.open' seen";
    assert_eq!(closed(&heard), Some((0, 504, text, (20, 10))));
}

// C10, C16
#[test]
fn a_method_for_the_last_queue_on_a_channel_that_is_not_open_finds_none() {
    let queue = Name::default;
    let methods = [
        Method::BasicGet {
            ticket: 0,
            queue: queue(),
            no_ack: true,
        },
        Method::QueuePurge {
            ticket: 0,
            queue: queue(),
            no_wait: false,
        },
        Method::QueueDelete {
            ticket: 0,
            queue: queue(),
            if_unused: false,
            if_empty: false,
            no_wait: false,
        },
    ];
    for asked in methods {
        let mut wire = Wire::new();
        let mut client = wire.client();
        let id = asked.id();
        let heard = wire.say(&mut client, 5, &asked);
        let text = "NOT_FOUND - no previously declared queue";
        assert_eq!(closed(&heard), Some((5, 404, text, (id.class, id.method))));
        // What else comes is passed over (C11), and the channel is not to be opened now.
        assert_eq!(wire.say(&mut client, 5, &queue_declare("q")), []);
        let mut other = wire.client();
        wire.say(&mut other, 5, &asked);
        let heard = wire.say(&mut other, 5, &channel_open());
        let text = "CHANNEL_ERROR - second 'channel.open' seen";
        assert_eq!(closed(&heard), Some((0, 504, text, (20, 10))));
        // Once the client knows, it is as any other.
        wire.say(&mut client, 5, &Method::ChannelCloseOk {});
        let heard = wire.say(&mut client, 5, &channel_open());
        assert_eq!(names(&heard), ["channel.open-ok"]);
    }
}

#[test]
fn as_many_channels_are_open_as_were_agreed_on() {
    // C10: it is their number that counts, not the numbers they have.
    let mut wire = Wire::new();
    let mut client = wire.connect(true);
    wire.send(&client, b"AMQP\x00\x00\x09\x01");
    wire.say(&mut client, 0, &start_ok("PLAIN", b"\0guest\0guest"));
    wire.say(&mut client, 0, &tune_ok(2, 131_072));
    wire.say(&mut client, 0, &open("/"));
    for number in [7, 8] {
        let heard = wire.say(&mut client, number, &channel_open());
        assert_eq!(names(&heard), ["channel.open-ok"]);
    }
    let heard = wire.say(&mut client, 1, &channel_open());
    let text =
        "NOT_ALLOWED - number of channels opened (2) has reached the negotiated channel_max (2)";
    assert_eq!(closed(&heard), Some((0, 530, text, (0, 0))));
}

#[test]
fn a_closed_channel_hears_nothing_until_its_client_knows() {
    // C11
    let mut wire = Wire::new();
    let mut client = wire.client();
    let passive = Method::QueuePurge {
        ticket: 0,
        queue: "none".into(),
        no_wait: true, // C15: an error is told all the same
    };
    let heard = wire.say(&mut client, 1, &passive);
    let text = "NOT_FOUND - no queue 'none' in vhost '/'";
    assert_eq!(closed(&heard), Some((1, 404, text, (50, 30))));
    wire.send(&client, &publish(1, "q", b"lost"));
    assert_eq!(wire.say(&mut client, 1, &queue_declare("q")), []);
    let close = Method::ChannelClose {
        reply_code: 200,
        reply_text: "bye".into(),
        class_id: 0,
        method_id: 0,
    };
    assert_eq!(
        names(&wire.say(&mut client, 1, &close)),
        ["channel.close-ok"]
    );
    assert_eq!(wire.say(&mut client, 1, &Method::ChannelCloseOk {}), []);
    assert_eq!(
        names(&wire.say(&mut client, 1, &channel_open())),
        ["channel.open-ok"]
    );
}

#[test]
fn nowait_leaves_out_the_answer() {
    // C15
    let mut wire = Wire::new();
    let mut client = wire.client();
    let Method::QueueDeclare {
        ticket,
        queue,
        passive,
        durable,
        exclusive,
        auto_delete,
        arguments,
        ..
    } = queue_declare("q")
    else {
        unreachable!("it is one");
    };
    let quiet = Method::QueueDeclare {
        no_wait: true,
        ticket,
        queue,
        passive,
        durable,
        exclusive,
        auto_delete,
        arguments,
    };
    assert_eq!(wire.say(&mut client, 1, &quiet), []);
    let heard = wire.say(&mut client, 1, &queue_declare("q"));
    assert_eq!(names(&heard), ["queue.declare-ok"]);
}

#[test]
fn a_message_comes_as_it_went() {
    let mut wire = Wire::new();
    let mut client = wire.client();
    wire.say(&mut client, 1, &queue_declare("q"));
    let entry = |kind: u8, octets: &[u8]| {
        let mut entry = vec![1, kind.to_ascii_lowercase(), kind];
        entry.extend(octets);
        entry
    };
    // Within a header, a table keeps the order of its fields, and what comes twice.
    let mut inner = b"F\0\0\0\x0c".to_vec();
    for (name, value) in [(b'z', 1), (b'a', 2), (b'z', 3)] {
        inner.extend([1, name, b't', value % 2]);
    }
    let mut array = vec![0, 0, 0, inner.len() as u8];
    array.extend(inner);
    // One header of each type, in the order in which they are sent back.
    let mut kinds: Vec<(u8, Vec<u8>)> = vec![
        (b'A', array),
        (b't', vec![1]),
        (b'b', vec![0xFF]),
        (b's', vec![0xFF, 0xFE]),
        (b'u', vec![0xFF, 0xFE]),
        (b'i', vec![0xFF; 4]),
        (b'l', vec![0xFF; 8]),
        (b'f', 1.5_f32.to_be_bytes().to_vec()),
        (b'd', 0.1_f64.to_be_bytes().to_vec()),
        (b'x', vec![0, 0, 0, 2, 0, 0xFF]),
    ];
    kinds.sort();
    let table: Vec<u8> = kinds
        .iter()
        .flat_map(|(kind, octets)| entry(*kind, octets))
        .collect();
    let mut properties = 0x2004_u16.to_be_bytes().to_vec(); // headers and cluster-id
    properties.extend((table.len() as u32).to_be_bytes());
    properties.extend(&table);
    properties.extend([2, b'c', 0xFF]); // not even UTF-8
    let body = vec![7; 300_000];
    let mut octets = publish(1, "q", b"");
    octets.truncate(octets.len() - 22);
    let mut header = vec![0, 60, 0, 0];
    header.extend((body.len() as u64).to_be_bytes());
    header.extend(&properties);
    octets.extend(frame(2, 1, &header));
    for piece in body.chunks(100_000) {
        octets.extend(frame(3, 1, piece));
    }
    // In whatever pieces it comes.
    for piece in octets.chunks(997) {
        wire.send(&client, piece);
    }
    let get = Method::BasicGet {
        ticket: 0,
        queue: "q".into(),
        no_ack: true,
    };
    let heard = wire.say(&mut client, 1, &get);
    assert_eq!(
        names(&heard),
        ["basic.get-ok", "header", "body", "body", "body"]
    );
    assert_eq!(heard[1], Heard::Header(1, 300_000, properties));
    let sizes: Vec<_> = heard[2..]
        .iter()
        .map(|heard| match heard {
            Heard::Body(_, octets) => octets.len(),
            _ => 0,
        })
        .collect();
    assert_eq!(sizes, [131_064, 131_064, 37_872]);
}

#[test]
fn consume_ok_comes_before_what_is_delivered_and_cancel_ok_after() {
    // S4
    let mut wire = Wire::new();
    let mut client = wire.client();
    wire.say(&mut client, 1, &queue_declare("q"));
    wire.send(&client, &publish(1, "q", b"one"));
    let heard = wire.say(&mut client, 1, &consume("q", "me"));
    let wanted = ["basic.consume-ok", "basic.deliver", "header", "body"];
    assert_eq!(names(&heard), wanted);
    let cancel = Method::BasicCancel {
        consumer_tag: "me".into(),
        no_wait: false,
    };
    assert_eq!(
        names(&wire.say(&mut client, 1, &cancel)),
        ["basic.cancel-ok"]
    );
}

#[test]
fn the_address_that_all_ask_for_replies_by_is_declared_and_no_queue() {
    // S16
    let mut wire = Wire::new();
    let mut client = wire.client();
    let there = Method::QueueDeclareOk {
        queue: "amq.rabbitmq.reply-to".into(),
        message_count: 0,
        consumer_count: 1,
    };
    assert_eq!(
        wire.say(&mut client, 1, &queue_declare("amq.rabbitmq.reply-to")),
        [Heard::Method(1, there)]
    );
}

#[test]
fn a_consumer_is_told_that_its_queue_is_gone() {
    // S13
    let mut wire = Wire::new();
    let mut client = wire.client();
    let mut other = wire.client();
    wire.say(&mut client, 1, &queue_declare("q"));
    wire.say(&mut client, 1, &consume("q", "me"));
    let delete = Method::QueueDelete {
        ticket: 0,
        queue: "q".into(),
        if_unused: false,
        if_empty: false,
        no_wait: false,
    };
    assert_eq!(
        names(&wire.say(&mut other, 1, &delete)),
        ["queue.delete-ok"]
    );
    let cancel = Method::BasicCancel {
        consumer_tag: "me".into(),
        no_wait: true,
    };
    assert_eq!(wire.hear(&mut client), [Heard::Method(1, cancel)]);
}

#[test]
fn acknowledgements_that_follow_each_other_are_one_but_none_overtakes_a_return() {
    // P3, P8
    let mut wire = Wire::new();
    let mut client = wire.client();
    wire.say(&mut client, 1, &queue_declare("q"));
    let select = Method::ConfirmSelect { no_wait: false };
    wire.say(&mut client, 1, &select);
    let mut octets = publish(1, "q", b"1").repeat(3);
    let mandatory = Method::BasicPublish {
        ticket: 0,
        exchange: Name::default(),
        routing_key: "nowhere".into(),
        mandatory: true,
        immediate: false,
    };
    octets.extend(method(1, &mandatory));
    octets.extend(&publish(1, "q", b"1")[method(1, &mandatory).len() - "nowhere".len() + 1..]);
    octets.extend(publish(1, "q", b"1"));
    wire.send(&client, &octets);
    let heard = wire.hear(&mut client);
    let acks: Vec<_> = heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::Method(
                _,
                Method::BasicAck {
                    delivery_tag,
                    multiple,
                },
            ) => Some((*delivery_tag, *multiple)),
            _ => None,
        })
        .collect();
    assert_eq!(acks, [(3, true), (5, true)]);
    let names = names(&heard);
    assert_eq!(
        names,
        ["basic.ack", "basic.return", "header", "body", "basic.ack"]
    );
}

#[test]
fn who_publishes_while_memory_is_short_is_not_read_until_it_is_not() {
    // F3, F4
    let mut wire = Wire::new();
    let mut client = wire.client();
    let mut reader = wire.client();
    wire.say(&mut client, 1, &queue_declare("q"));
    let alarm = |on| Hand::Alarm {
        alarm: Alarm::Memory,
        on,
    };
    wire.server.act(wire.now, "/", alarm(true));
    assert_eq!(wire.hear(&mut client), []);
    wire.send(&client, &publish(1, "q", b"waits"));
    wire.send(&client, &method(1, &queue_declare("q")));
    let reason = "low on memory".into();
    let blocked = Method::ConnectionBlocked { reason };
    assert_eq!(wire.hear(&mut client), [Heard::Method(0, blocked)]);
    // Who only consumes is served (F5).
    let heard = wire.say(&mut reader, 1, &consume("q", "me"));
    assert_eq!(names(&heard), ["basic.consume-ok"]);
    wire.server.act(wire.now, "/", alarm(false));
    let heard = wire.hear(&mut client);
    assert_eq!(names(&heard), ["connection.unblocked", "queue.declare-ok"]);
    let heard = wire.hear(&mut reader);
    assert_eq!(names(&heard), ["basic.deliver", "header", "body"]);
}

#[test]
fn a_client_that_does_not_read_is_not_sent_without_end() {
    let mut wire = Wire::new();
    let mut client = wire.client();
    let mut slow = wire.client();
    wire.say(&mut client, 1, &queue_declare("q"));
    let body = vec![0; 10_000];
    for _ in 0..1000 {
        wire.send(&client, &publish(1, "q", &body));
    }
    wire.send(&slow, &method(1, &consume("q", "me")));
    let first = wire.server.output(wire.now, slow.id).len();
    assert!((1_000_000..1_200_000).contains(&first), "{first}");
    assert!(wire.server.output(wire.now, slow.id).is_empty());
    // Once it has taken that, more comes, until all is there.
    let mut there = first;
    loop {
        wire.server.sent(wire.now, slow.id);
        match wire.server.output(wire.now, slow.id).len() {
            0 => break,
            more => there += more,
        }
    }
    assert!(there > 1000 * 10_000, "{there}");
    slow.got.clear();
}

#[test]
fn a_message_that_is_too_large_is_refused_once_it_is_there() {
    // P5
    let mut wire = Wire::new();
    let mut client = wire.client();
    let mut octets = publish(1, "q", b"");
    let size = 16 * 1024 * 1024 + 1_u64;
    let at = octets.len() - 1 - 2 - 8;
    octets[at..at + 8].copy_from_slice(&size.to_be_bytes());
    wire.send(&client, &octets);
    let piece = vec![7; 128 * 1024];
    for _ in 0..128 {
        wire.send(&client, &frame(3, 1, &piece));
    }
    assert_eq!(wire.hear(&mut client), [], "its client is still speaking");
    wire.send(&client, &frame(3, 1, b"!"));
    let text =
        "PRECONDITION_FAILED - message size 16777217 is larger than configured max size 16777216";
    assert_eq!(
        closed(&wire.hear(&mut client)),
        Some((1, 406, text, (60, 40)))
    );
    wire.send(&client, &frame(3, 1, b"what still comes of it"));
    assert_eq!(wire.hear(&mut client), []);
}

#[test]
fn heartbeats_go_both_ways() {
    // C5
    let mut wire = Wire::new();
    let mut client = wire.beating(10);
    let at = |wire: &mut Wire, client: &mut Client, seconds| {
        wire.now = Micros::from_secs(seconds);
        wire.server.tick(wire.now);
        wire.hear(client)
    };
    assert_eq!(at(&mut wire, &mut client, 4), []);
    assert_eq!(at(&mut wire, &mut client, 6), [Heard::Heartbeat]);
    wire.send(&client, &frame(8, 0, b""));
    assert_eq!(at(&mut wire, &mut client, 25), [Heard::Heartbeat]);
    assert!(!wire.server.is_over(client.id));
    at(&mut wire, &mut client, 27);
    assert!(wire.server.is_over(client.id));
}

#[test]
fn a_lost_connection_gives_back_what_it_held() {
    // C12, C13
    let mut wire = Wire::new();
    let mut client = wire.client();
    let mut other = wire.client();
    wire.say(&mut client, 1, &queue_declare("q"));
    wire.send(&client, &publish(1, "q", b"one"));
    wire.say(&mut client, 1, &consume("q", "me"));
    wire.server.disconnect(wire.now, client.id);
    let get = Method::BasicGet {
        ticket: 0,
        queue: "q".into(),
        no_ack: true,
    };
    let heard = wire.say(&mut other, 1, &get);
    let Heard::Method(1, Method::BasicGetOk { redelivered, .. }) = heard[0] else {
        panic!("{heard:?}");
    };
    assert!(redelivered);
}

#[test]
fn an_operator_closes_a_connection_and_a_shutdown_closes_all() {
    // C13
    let mut wire = Wire::new();
    let mut client = wire.client();
    let mut other = wire.client();
    let session = client.id;
    wire.server.act(wire.now, "/", Hand::Close { session });
    let text = "CONNECTION_FORCED - Closed via management plugin";
    assert_eq!(
        closed(&wire.hear(&mut client)),
        Some((0, 320, text, (0, 0)))
    );
    wire.server.shut_down(wire.now);
    let text = "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'";
    assert_eq!(closed(&wire.hear(&mut other)), Some((0, 320, text, (0, 0))));
}

#[test]
fn every_method_is_written_as_it_is_read() {
    let mut seen = BTreeSet::new();
    for class in 0..100_u16 {
        for number in 0..130_u16 {
            // Zeros are arguments of every method: no text, an empty table, nothing.
            let mut payload = [class.to_be_bytes(), number.to_be_bytes()].concat();
            let read = (0..60).find_map(|zeros| {
                payload.truncate(4);
                payload.resize(4 + zeros, 0);
                Method::read(&payload).ok()
            });
            if let Some(read) = read {
                let mut written = Vec::new();
                read.write(&mut written);
                assert_eq!(written, payload, "{read:?}");
                seen.insert((class, number));
            }
        }
    }
    assert_eq!(seen.len(), 66);
}

#[test]
fn who_asks_for_more_than_it_takes_is_heard_no_further() {
    let mut wire = Wire::new();
    let client = wire.client();
    wire.send(&client, &method(1, &queue_declare("q")));
    wire.send(&client, &publish(1, "q", &vec![0; 100_000]));
    let get = Method::BasicGet {
        ticket: 0,
        queue: "q".into(),
        no_ack: false,
    };
    let back = Method::BasicRecover { requeue: true };
    let ask = [method(1, &get), method(1, &back)].concat();
    wire.send(&client, &ask.repeat(100));
    let (mut most, mut all) = (0, 0);
    loop {
        let there = wire.server.output(wire.now, client.id).len();
        if there == 0 {
            break;
        }
        (most, all) = (most.max(there), all + there);
        wire.server.sent(wire.now, client.id);
    }
    assert!(most < 1_300_000, "{most}");
    assert!(all > 100 * 100_000, "{all}");
}

/// A declaration with one argument.
fn declared_with(queue: &str, name: &str, value: Value) -> Method {
    let mut method = queue_declare(queue);
    if let Method::QueueDeclare { arguments, .. } = &mut method {
        arguments.insert(name.into(), value);
    }
    method
}

// Q4, E30, E13
#[test]
fn a_refusal_names_the_type_that_an_integer_came_with() {
    let text = |methods: &[Method]| {
        let mut wire = Wire::new();
        let mut client = wire.client();
        let heard = methods.iter().map(|said| wire.say(&mut client, 1, said));
        closed(&heard.last()?).map(|(_, _, text, _)| text.to_owned())
    };
    for (width, name) in [
        (Width::I8, "byte"),
        (Width::U16, "unsignedshort"),
        (Width::I32, "signedint"),
        (Width::U32, "unsignedint"),
        (Width::I64, "long"),
    ] {
        let five = || Value::Sized(width, 5);
        let ttl = || declared_with("q", "x-message-ttl", five());
        assert_eq!(text(&[ttl()]), None);
        assert_eq!(
            text(&[ttl(), queue_declare("q")]).unwrap(),
            format!(
                "PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/': \
                 received none but current is the value '5' of type '{name}'"
            )
        );
        let other = declared_with("q", "x-message-ttl", Value::Sized(Width::I16, 5));
        assert_eq!(text(&[ttl(), other]), None);
        let alternate = Method::ExchangeDeclare {
            ticket: 0,
            exchange: "x".into(),
            kind: "direct".into(),
            passive: false,
            durable: false,
            auto_delete: false,
            internal: false,
            no_wait: false,
            arguments: [("alternate-exchange".into(), five())].into(),
        };
        assert_eq!(
            text(&[alternate]).unwrap(),
            format!(
                "PRECONDITION_FAILED - invalid type '{name}' for arg 'alternate-exchange' in exchange 'x' in vhost '/'"
            )
        );
        let bind = Method::QueueBind {
            ticket: 0,
            queue: "q".into(),
            exchange: "amq.headers".into(),
            routing_key: Name::default(),
            no_wait: false,
            arguments: [("x-match".into(), five())].into(),
        };
        assert_eq!(
            text(&[queue_declare("q"), bind]).unwrap(),
            format!(
                "PRECONDITION_FAILED - Invalid x-match field type {name} (value 5); expected longstr"
            )
        );
    }
}

// E11: bindings that differ in the type of an argument alone are two, as a live 4.0.5 and 4.3.6 have it.
#[test]
fn bindings_whose_arguments_differ_in_their_type_alone_are_two() {
    let mut wire = Wire::new();
    let mut client = wire.client();
    wire.say(&mut client, 1, &queue_declare("q"));
    let arguments = |width| [("h".into(), Value::Sized(width, 5))].into();
    for width in [Width::I8, Width::I64] {
        let bind = Method::QueueBind {
            ticket: 0,
            queue: "q".into(),
            exchange: "amq.headers".into(),
            routing_key: Name::default(),
            no_wait: false,
            arguments: arguments(width),
        };
        wire.say(&mut client, 1, &bind);
    }
    let unbind = Method::QueueUnbind {
        ticket: 0,
        queue: "q".into(),
        exchange: "amq.headers".into(),
        routing_key: Name::default(),
        arguments: arguments(Width::I8),
    };
    wire.say(&mut client, 1, &unbind);
    let heard = wire.published_with(("amq.headers", ""), b"\x01hI\0\0\0\x05", &mut client);
    assert_eq!(names(&heard), ["basic.get-ok", "header", "body"]);
}

// E14: as a live 4.0.5 and 4.3.6 have it.
#[test]
fn headers_that_hold_nothing_but_bcc_are_passed_on_empty() {
    let mut wire = Wire::new();
    let mut client = wire.client();
    wire.say(&mut client, 1, &queue_declare("q"));
    let heard = wire.published_with(("", "q"), b"\x03BCCA\0\0\0\0", &mut client);
    let empty_headers = vec![0x20, 0, 0, 0, 0, 0];
    assert_eq!(heard[1], Heard::Header(1, 1, empty_headers));
}
