//! Room for everybody: memory that is counted as it is used, and what is over that is forgotten.

use leveret::amqp::{Configuration, Host as _, Method, Record};
use leveret::broker::{Alarm, Micros, Name, Table, Value};
use leveret::scene::{MAX_OCTETS, Show};
use leveret::world::EventKind;

use crate::wire::{
    Client, Heard, Wire, channel_open, closed, consume, frame, method, open, publish,
    queue_declare, start_ok,
};

/// A server with room for so many octets.
fn with_memory(memory: u64) -> Wire {
    Wire::with(Configuration {
        memory,
        ..Configuration::default()
    })
}

fn is_short(wire: &mut Wire) -> bool {
    wire.now += Micros::from_millis(250);
    wire.server.tick(wire.now);
    let short = |vhost: &str| {
        let world = wire.server.host(vhost).unwrap().world();
        world.broker().alarms().contains(&Alarm::Memory)
    };
    assert_eq!(short("/"), short("other"), "F5: everywhere, or nowhere");
    short("/")
}

/// Arguments of so many octets.
fn large(octets: usize) -> Table {
    let text = "x".repeat(octets);
    [(Name::from("large"), Value::from(text.as_str()))].into()
}

fn publish_to(exchange: &str) -> Vec<u8> {
    let publish = Method::BasicPublish {
        ticket: 0,
        exchange: exchange.into(),
        routing_key: "q".into(),
        mandatory: false,
        immediate: false,
    };
    method(1, &publish)
}

/// The header of a message with a body of so many octets, and with so many headers that say nothing.
fn header_of(size: u64, headers: usize) -> Vec<u8> {
    let mut payload = vec![0, 60, 0, 0];
    payload.extend(size.to_be_bytes());
    payload.extend([0x20, 0]);
    let fields: Vec<u8> = (0..headers)
        .flat_map(|number| {
            let mut field = vec![5];
            field.extend(format!("{number:05}").bytes());
            field.push(b'V');
            field
        })
        .collect();
    payload.extend((fields.len() as u32).to_be_bytes());
    payload.extend(fields);
    frame(2, 1, &payload)
}

#[test]
fn whatever_takes_memory_raises_the_alarm_and_clears_it_when_it_is_gone() {
    // F2, F4
    type Fill = fn(&mut Wire, &mut Client);
    let fills: [(&str, Fill); 7] = [
        ("bodies", |wire, client| {
            wire.say(client, 1, &queue_declare("q"));
            for _ in 0..30 {
                wire.send(client, &publish(1, "q", &[1; 100_000]));
            }
            assert!(is_short(wire));
            let queue = "q".into();
            let purge = Method::QueuePurge {
                ticket: 0,
                queue,
                no_wait: false,
            };
            wire.say(client, 1, &purge);
        }),
        ("headers", |wire, client| {
            // 30,000 of two megabytes' worth of fields are little on the wire.
            wire.say(client, 1, &queue_declare("q"));
            for _ in 0..6 {
                wire.send(client, &publish_to(""));
                wire.send(client, &header_of(0, 5_000));
            }
            assert!(is_short(wire));
        }),
        ("a body that is not all there", |wire, client| {
            wire.send(client, &publish_to(""));
            wire.send(client, &header_of(16_000_000, 0));
            for _ in 0..30 {
                wire.send(client, &frame(3, 1, &[1; 100_000]));
            }
            assert!(is_short(wire));
        }),
        ("a transaction that is not committed", |wire, client| {
            wire.say(client, 1, &queue_declare("q"));
            wire.say(client, 1, &Method::TxSelect {});
            for _ in 0..30 {
                wire.send(client, &publish(1, "q", &[1; 100_000]));
            }
            assert!(is_short(wire));
        }),
        ("deliveries that are not settled", |wire, client| {
            wire.say(client, 1, &queue_declare("q"));
            wire.say(client, 1, &consume("q", "c"));
            for _ in 0..30 {
                wire.send(client, &publish(1, "q", &[1; 100_000]));
                wire.hear(client);
            }
            assert!(is_short(wire));
        }),
        ("arguments", |wire, client| {
            for number in 0..30 {
                let declare = Method::QueueDeclare {
                    ticket: 0,
                    queue: format!("q{number}").into(),
                    passive: false,
                    durable: false,
                    exclusive: true,
                    auto_delete: false,
                    no_wait: true,
                    arguments: large(100_000),
                };
                wire.say(client, 1, &declare);
            }
            assert!(is_short(wire));
        }),
        ("what a client says of itself", |wire, client| {
            let mut others = Vec::new();
            for _ in 0..100 {
                let mut other = wire.connect(true);
                wire.send(&other, b"AMQP\x00\x00\x09\x01");
                let Method::ConnectionStartOk {
                    mechanism,
                    response,
                    locale,
                    ..
                } = start_ok("PLAIN", b"\0guest\0guest")
                else {
                    unreachable!();
                };
                let large = Method::ConnectionStartOk {
                    client_properties: large(3_000),
                    mechanism,
                    response,
                    locale,
                };
                wire.say(&mut other, 0, &large);
                others.push(other);
            }
            wire.say(client, 1, &queue_declare("q"));
            for _ in 0..19 {
                wire.send(client, &publish(1, "q", &[1; 100_000]));
            }
            assert!(is_short(wire));
            for other in others {
                wire.server.disconnect(wire.now, other.id);
            }
        }),
    ];
    for (what, fill) in fills {
        let mut wire = with_memory(2_000_000);
        let mut client = wire.client();
        assert!(!is_short(&mut wire), "{what}");
        fill(&mut wire, &mut client);
        wire.server.disconnect(wire.now, client.id);
        let mut other = wire.client();
        let delete = Method::QueueDelete {
            ticket: 0,
            queue: "q".into(),
            if_unused: false,
            if_empty: false,
            no_wait: false,
        };
        wire.say(&mut other, 1, &delete);
        assert!(!is_short(&mut wire), "{what}: all of it is given back");
    }
}

#[test]
fn a_body_that_a_hundred_queues_share_takes_its_room_once() {
    // F2
    let mut wire = with_memory(10_000_000);
    let mut client = wire.client();
    for number in 0..100 {
        let queue = format!("q{number}");
        wire.say(&mut client, 1, &queue_declare(&queue));
        let bind = Method::QueueBind {
            ticket: 0,
            queue: queue.as_str().into(),
            exchange: "amq.fanout".into(),
            routing_key: Name::default(),
            no_wait: false,
            arguments: Table::new(),
        };
        wire.say(&mut client, 1, &bind);
    }
    for _ in 0..60 {
        wire.send(&client, &publish_to("amq.fanout"));
        wire.send(&client, &header_of(100_000, 0));
        wire.send(&client, &frame(3, 1, &[1; 100_000]));
    }
    assert!(!is_short(&mut wire), "six megabytes, in a hundred queues");
    for _ in 0..60 {
        wire.send(&client, &publish_to("amq.fanout"));
        wire.send(&client, &header_of(100_000, 0));
        wire.send(&client, &frame(3, 1, &[1; 100_000]));
    }
    assert!(is_short(&mut wire), "twelve");
}

#[test]
fn while_memory_is_short_a_message_that_has_begun_gets_no_longer() {
    // F3
    let mut wire = with_memory(2_000_000);
    let client = wire.client();
    let mut other = wire.client();
    wire.send(&client, &publish_to(""));
    wire.send(&client, &header_of(16_000_000, 0));
    for _ in 0..30 {
        wire.send(&client, &frame(3, 1, &[1; 100_000]));
    }
    assert!(is_short(&mut wire));
    let mut sent = 0;
    while wire.server.reads(client.id) {
        wire.send(&client, &frame(3, 1, &[1; 100_000]));
        sent += 1;
        assert!(sent < 10, "it is read on and on");
    }
    // Who does not publish is served as ever (F5).
    let heard = wire.say(&mut other, 1, &queue_declare("q"));
    assert!(matches!(
        heard.as_slice(),
        [Heard::Method(1, Method::QueueDeclareOk { .. })]
    ));
    // The rest of it is read when there is room again.
    wire.server.set_memory(20_000_000);
    assert!(!is_short(&mut wire));
    assert!(wire.server.reads(client.id));
    wire.server.disconnect(wire.now, client.id);
}

#[test]
fn who_never_finishes_the_handshake_makes_room_for_who_does() {
    // C3
    let mut wire = Wire::with(Configuration {
        most_connections: 10,
        ..Configuration::default()
    });
    let idle: Vec<_> = (0..35)
        .map(|number| {
            let client = wire.connect(true);
            if number % 2 == 0 {
                wire.send(&client, b"AMQP\x00\x00\x09\x01");
            }
            client
        })
        .collect();
    let left = idle.iter().filter(|it| !wire.server.is_over(it.id));
    assert_eq!(left.count(), 10, "those that came last");
    for client in &idle {
        if wire.server.is_over(client.id) {
            wire.server.disconnect(wire.now, client.id);
        }
    }
    let mut open: Vec<_> = (0..10).map(|_| wire.client()).collect();
    for client in &mut open {
        let heard = wire.say(client, 1, &queue_declare("q"));
        assert!(!heard.is_empty(), "who has come in is left alone");
    }
    let mut one_more = wire.connect(true);
    wire.send(&one_more, b"AMQP\x00\x00\x09\x01");
    wire.say(&mut one_more, 0, &start_ok("PLAIN", b"\0guest\0guest"));
    wire.say(&mut one_more, 0, &crate::wire::tune_ok(10, 131_072));
    let heard = wire.say(&mut one_more, 0, &open_root());
    assert_eq!(closed(&heard).map(|(_, code, ..)| code), Some(530), "C7");
}

fn open_root() -> Method {
    open("/")
}

#[test]
fn what_is_over_is_forgotten() {
    let mut wire = Wire::new();
    let mut client = wire.client();
    wire.say(&mut client, 1, &queue_declare("q"));
    for _ in 0..300 {
        wire.say(&mut client, 2, &channel_open());
        wire.say(&mut client, 2, &consume("q", "c"));
        wire.send(&client, &publish(2, "q", b"x"));
        wire.hear(&mut client);
        let cancel = Method::BasicCancel {
            consumer_tag: "c".into(),
            no_wait: false,
        };
        wire.say(&mut client, 2, &cancel);
        let close = Method::ChannelClose {
            reply_code: 200,
            reply_text: Name::default(),
            class_id: 0,
            method_id: 0,
        };
        wire.say(&mut client, 2, &close);
        let other = wire.client();
        wire.server.disconnect(wire.now, other.id);
        wire.now += Micros::from_millis(250);
        wire.server.tick(wire.now);
    }
    let broker = wire.server.host("/").unwrap().world().broker();
    assert_eq!(broker.audit(), Ok(()));
    assert_eq!(broker.channels().given(), 601);
    assert_eq!(broker.channels().iter().count(), 1);
    assert_eq!(broker.connections().iter().count(), 1);
    assert_eq!(broker.consumers().iter().count(), 0);
    let queue = broker.queues().iter().next().unwrap();
    assert_eq!(queue.ready_len(), 300, "what nobody settled is there");
}

#[test]
fn a_cancelled_consumer_is_kept_for_as_long_as_it_holds_something() {
    // S4
    let mut wire = Wire::new();
    let mut client = wire.client();
    wire.say(&mut client, 1, &queue_declare("q"));
    wire.say(&mut client, 1, &consume("q", "c"));
    wire.send(&client, &publish(1, "q", b"x"));
    wire.hear(&mut client);
    let cancel = Method::BasicCancel {
        consumer_tag: "c".into(),
        no_wait: false,
    };
    wire.say(&mut client, 1, &cancel);
    let consumers = |wire: &mut Wire| {
        wire.now += Micros::from_millis(250);
        wire.server.tick(wire.now);
        let broker = wire.server.host("/").unwrap().world().broker();
        assert_eq!(broker.audit(), Ok(()));
        broker.consumers().iter().count()
    };
    assert_eq!(consumers(&mut wire), 1);
    let ack = Method::BasicAck {
        delivery_tag: 1,
        multiple: false,
    };
    assert_eq!(wire.say(&mut client, 1, &ack), []);
    assert_eq!(consumers(&mut wire), 0);
}

/// A client that is to give a sign of life every second.
fn beating(wire: &mut Wire) -> Client {
    let mut client = wire.beating(1);
    wire.say(&mut client, 1, &channel_open());
    client
}

#[test]
fn that_a_client_is_gone_is_recorded_once() {
    let mut wire = Wire::new();
    wire.server.keep_records();
    let client = beating(&mut wire);
    let mut gone = 0;
    for _ in 0..40 {
        wire.now += Micros::from_millis(250);
        wire.server.tick(wire.now);
        let records = wire.server.take_records().into_iter();
        gone += records
            .filter(|it| it.1 == Record::Gone { session: client.id })
            .count();
    }
    assert!(wire.server.is_over(client.id));
    wire.server.disconnect(wire.now, client.id);
    let left = wire.server.take_records();
    assert_eq!((gone, left.len()), (1, 0), "{left:?}");
}

#[test]
fn who_takes_nothing_is_let_go_though_it_gives_signs_of_life() {
    let mut wire = Wire::new();
    let client = beating(&mut wire);
    let mut taking = beating(&mut wire);
    for (second, over) in [(100, false), (200, true)] {
        while wire.now < Micros::from_secs(second) {
            wire.now += Micros::from_millis(500);
            for client in [&client, &taking] {
                wire.send(client, &frame(8, 0, b""));
            }
            wire.server.tick(wire.now);
            // It is on its way to both, and only one of them takes it.
            wire.server.output(wire.now, client.id);
            wire.hear(&mut taking);
        }
        assert_eq!(wire.server.is_over(client.id), over, "{second}");
    }
    assert!(!wire.server.is_over(taking.id));
}

#[test]
fn no_more_is_kept_for_who_takes_nothing_than_fits_a_frame_or_two() {
    let mut wire = Wire::new();
    let client = wire.client();
    wire.server.output(wire.now, client.id);
    let mandatory = Method::BasicPublish {
        ticket: 0,
        exchange: Name::default(),
        routing_key: "nowhere".into(),
        mandatory: true,
        immediate: false,
    };
    let mut unroutable = method(1, &mandatory);
    unroutable.extend(header_of(100_000, 0));
    unroutable.extend(frame(3, 1, &[1; 100_000]));
    let mut waiting = 0;
    for _ in 0..100 {
        if !wire.server.reads(client.id) {
            break;
        }
        wire.send(&client, &unroutable);
        waiting += wire.server.output(wire.now, client.id).len();
    }
    assert!(!wire.server.reads(client.id));
    assert!(waiting < 500_000, "{waiting} octets");
}

#[test]
fn a_run_without_an_end_keeps_no_more_than_so_many_octets() {
    let mut wire = Wire::new();
    wire.server.host_mut("/").unwrap().keep_heard();
    let client = wire.client();
    let mut show = Show::new(&crate::wire::header().setup(&"/".into())).unwrap();
    let kept = |show: &Show| {
        let events = show.history().events().iter();
        let published = events.filter_map(|event| match &event.kind {
            EventKind::Published { publication, .. } => Some(publication.memory()),
            _ => None,
        });
        published.sum::<u64>()
    };
    let mut most = 0;
    for number in 0..400 {
        wire.now += Micros::from_millis(50);
        // Nobody takes it.
        wire.send(&client, &publish_to("amq.fanout"));
        wire.send(&client, &header_of(1_000_000, 0));
        for _ in 0..10 {
            wire.send(&client, &frame(3, 1, &[1; 100_000]));
        }
        let heard = wire.server.host_mut("/").unwrap().take_heard();
        show.hear(heard, wire.now, false);
        most = most.max(kept(&show));
        let whole = number < 100 && kept(&show) < (number + 1) * 1_000_000;
        assert!(!whole, "all is kept for as long as there is room");
    }
    assert!(most <= MAX_OCTETS + 40_000_000, "{most}");
    // What is kept can be gone back to.
    let start = show.start();
    assert!(start.shown > 0);
    assert_eq!(show.history().seek(start.at).broker().audit(), Ok(()));
}
