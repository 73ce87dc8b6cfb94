//! A server with a class before it: limits, the lesson's password, and what a hand does.

use leveret::amqp::{Configuration, Hand, Method, Server, Stage, Unrecorded};
use leveret::broker::{Micros, Name, Profile};
use leveret::history::History;
use leveret::world::{EventKind, World};

use crate::wire::{
    Client, Heard, Wire, channel_open, closed, consume, header, method, names, open, publish,
    queue_declare, start_ok, tune_ok,
};

/// A server whose configuration is as usual but for this.
fn with(change: impl FnOnce(&mut Configuration)) -> Wire {
    let header = header();
    let worlds = header.vhosts.iter().map(|vhost| {
        let world = World::new(&header.setup(vhost)).unwrap();
        (vhost.clone(), Unrecorded::new(world))
    });
    let mut configuration = Configuration {
        profile: Profile::V4_2,
        users: [(Name::from("guest"), "guest".to_owned())].into(),
        ..Configuration::default()
    };
    change(&mut configuration);
    Wire {
        server: Server::new(configuration, worlds.collect::<Vec<_>>()),
        now: Micros::ZERO,
    }
}

/// Somebody who says who they are, from another machine; what they hear.
fn enters(wire: &mut Wire, name: &str, password: &str) -> (Client, Vec<Heard>) {
    let mut client = wire.connect(false);
    wire.send(&client, b"AMQP\x00\x00\x09\x01");
    wire.hear(&mut client);
    let response = format!("\0{name}\0{password}");
    let mut heard = wire.say(&mut client, 0, &start_ok("PLAIN", response.as_bytes()));
    if closed(&heard).is_none() {
        wire.say(&mut client, 0, &tune_ok(10, 131_072));
        heard = wire.say(&mut client, 0, &open("/"));
    }
    (client, heard)
}

#[test]
fn whoever_knows_the_lessons_password_comes_in_under_a_name_of_their_own() {
    // C6
    let mut wire = with(|it| it.lesson = Some("maple-otter-17".to_owned()));
    for name in ["ada", "luís"] {
        let (client, heard) = enters(&mut wire, name, "maple-otter-17");
        assert_eq!(names(&heard), ["connection.open-ok"], "{name}");
        let (called, user, _) = wire.server.introduction(client.id).unwrap();
        assert_eq!((&*called, &*user), (&*format!("{name}: tester"), name));
    }
    // They may do as they like.
    let (mut ada, _) = enters(&mut wire, "ada", "maple-otter-17");
    wire.say(&mut ada, 1, &channel_open());
    let heard = wire.say(&mut ada, 1, &queue_declare("q"));
    assert_eq!(names(&heard), ["queue.declare-ok"]);
    let (_, heard) = enters(&mut wire, "bob", "maple-otter-18");
    assert_eq!(closed(&heard).unwrap().1, 403);
    // `guest` stays at home, whatever it knows.
    let (_, heard) = enters(&mut wire, "guest", "maple-otter-17");
    assert_eq!(closed(&heard).unwrap().1, 403);
    wire.server.set_lesson(None);
    let (_, heard) = enters(&mut wire, "eve", "maple-otter-17");
    assert_eq!(closed(&heard).unwrap().1, 403);
}

#[test]
fn no_more_connections_are_open_than_there_may_be() {
    // C7
    let mut wire = with(|it| it.most_connections = 2);
    let first = wire.client();
    let _second = wire.client();
    let mut third = wire.connect(true);
    wire.send(&third, b"AMQP\x00\x00\x09\x01");
    wire.say(&mut third, 0, &start_ok("PLAIN", b"\0guest\0guest"));
    wire.say(&mut third, 0, &tune_ok(10, 131_072));
    let heard = wire.say(&mut third, 0, &open("/"));
    let (_, code, text, _) = closed(&heard).unwrap();
    assert_eq!(code, 530);
    assert!(
        text.contains("node connection limit (2) is reached"),
        "{text}"
    );
    // One that leaves makes room.
    wire.server.disconnect(wire.now, first.id);
    let mut fourth = wire.client();
    let heard = wire.say(&mut fourth, 1, &queue_declare("q"));
    assert_eq!(names(&heard), ["queue.declare-ok"]);
}

#[test]
fn too_much_in_the_queues_raises_the_memory_alarm_until_it_is_gone() {
    // F2, F4
    let mut wire = with(|it| it.memory = 10_000);
    let mut client = wire.client();
    wire.say(&mut client, 1, &queue_declare("q"));
    let body = [7; 3_000];
    wire.send(&client, &publish(1, "q", &body).repeat(4));
    wire.now += Micros(1_000);
    wire.server.tick(wire.now);
    // It is told once it publishes again (F3).
    wire.send(&client, &publish(1, "q", b"one more"));
    assert_eq!(names(&wire.hear(&mut client)), ["connection.blocked"]);
    let ready = |wire: &Wire| {
        let world = wire.server.host("/").unwrap();
        leveret::amqp::Host::world(world).broker().queues()[0].ready_len()
    };
    assert_eq!(ready(&wire), 4, "the fifth is not read");
    let purge = Hand::Purge { queue: "q".into() };
    wire.server.act(wire.now, "/", purge);
    wire.server.tick(wire.now);
    assert_eq!(names(&wire.hear(&mut client)), ["connection.unblocked"]);
    assert_eq!(ready(&wire), 1);
}

#[test]
fn many_small_messages_are_much_too() {
    // F2
    let mut wire = with(|it| it.memory = 10_000);
    let mut client = wire.client();
    wire.say(&mut client, 1, &queue_declare("q"));
    wire.send(&client, &publish(1, "q", b"").repeat(200));
    wire.now += Micros(1_000);
    wire.server.tick(wire.now);
    wire.send(&client, &publish(1, "q", b""));
    assert_eq!(names(&wire.hear(&mut client)), ["connection.blocked"]);
}

#[test]
fn who_closes_is_told_so_and_leaves_first() {
    // C2
    let mut wire = Wire::new();
    let mut client = wire.client();
    let close = Method::ConnectionClose {
        reply_code: 200,
        reply_text: "bye".into(),
        class_id: 0,
        method_id: 0,
    };
    let heard = wire.say(&mut client, 0, &close);
    assert_eq!(names(&heard), ["connection.close-ok"]);
    assert!(
        !wire.server.is_over(client.id),
        "the client closes the socket"
    );
    // Another thread of its may close too; anything else is not heard.
    let heard = wire.say(&mut client, 0, &close);
    assert_eq!(names(&heard), ["connection.close-ok"]);
    wire.send(&client, &publish(1, "q", b"late"));
    assert_eq!(wire.hear(&mut client), []);
    wire.now += Micros::from_secs(31);
    wire.server.tick(wire.now);
    assert!(wire.server.is_over(client.id), "but not for ever");
    assert_ne!(Stage::Parting, Stage::Closed);
}

#[test]
fn a_close_that_crosses_the_servers_own_is_answered() {
    // C13
    let mut wire = Wire::new();
    let mut client = wire.client();
    let session = client.id;
    wire.server.act(wire.now, "/", Hand::Close { session });
    assert_eq!(closed(&wire.hear(&mut client)).unwrap().1, 320);
    let close = Method::ConnectionClose {
        reply_code: 200,
        reply_text: "bye".into(),
        class_id: 0,
        method_id: 0,
    };
    let heard = wire.say(&mut client, 0, &close);
    assert_eq!(names(&heard), ["connection.close-ok"]);
    wire.say(&mut client, 0, &Method::ConnectionCloseOk {});
    assert!(wire.server.is_over(session));
}

#[test]
fn a_connection_that_is_cut_hears_nothing() {
    // C13
    let mut wire = Wire::new();
    let mut client = wire.client();
    let session = client.id;
    wire.server.act(wire.now, "/", Hand::Lose { session });
    assert!(wire.server.is_over(session));
    assert_eq!(wire.hear(&mut client), []);
}

#[test]
fn deliveries_can_be_made_to_take_a_while_and_none_overtakes_another() {
    let mut wire = Wire::new();
    let mut client = wire.client();
    wire.say(&mut client, 1, &queue_declare("q"));
    wire.say(&mut client, 1, &consume("q", "slow"));
    let delay = |span| Hand::Delay { span };
    wire.server
        .act(wire.now, "/", delay(Micros::from_millis(500)));
    wire.send(&client, &publish(1, "q", b"first"));
    wire.server.act(wire.now, "/", delay(Micros::ZERO));
    wire.send(&client, &publish(1, "q", b"second"));
    assert_eq!(wire.hear(&mut client), [], "it waits for the first");
    assert!(wire.server.next_at().is_some());
    wire.now += Micros::from_millis(500);
    wire.server.tick(wire.now);
    let bodies = wire.hear(&mut client).into_iter();
    let bodies: Vec<_> = bodies
        .filter_map(|heard| match heard {
            Heard::Body(_, body) => Some(body),
            _ => None,
        })
        .collect();
    assert_eq!(bodies, [b"first".to_vec(), b"second".to_vec()]);
    wire.send(&client, &publish(1, "q", b"third"));
    assert!(!wire.hear(&mut client).is_empty(), "at once again");
}

#[test]
fn what_is_on_its_way_to_a_consumer_comes_before_the_word_that_it_is_cancelled() {
    // S4
    let mut wire = Wire::new();
    let (mut client, mut other) = (wire.client(), wire.client());
    wire.say(&mut client, 1, &queue_declare("q"));
    wire.say(&mut client, 1, &consume("q", "slow"));
    wire.say(&mut other, 1, &queue_declare("p"));
    wire.say(&mut other, 1, &consume("p", "slow"));
    let span = Micros::from_secs(5);
    wire.server.act(wire.now, "/", Hand::Delay { span });
    wire.send(&client, &publish(1, "p", b"for the other"));
    wire.send(&client, &publish(1, "q", b"on its way"));
    let delete = Hand::Delete { queue: "q".into() };
    wire.server.act(wire.now, "/", delete);
    let heard = names(&wire.hear(&mut client));
    assert_eq!(heard, ["basic.deliver", "header", "body", "basic.cancel"]);
    assert_eq!(
        wire.hear(&mut other),
        [],
        "what others wait for goes on waiting"
    );
}

#[test]
fn a_window_that_is_told_what_was_heard_sees_what_the_server_did() {
    let mut wire = Wire::new();
    wire.server.host_mut("/").unwrap().keep_heard();
    let mut client = wire.client();
    wire.say(&mut client, 1, &queue_declare("q"));
    wire.say(&mut client, 1, &consume("q", "me"));
    let span = Micros::from_millis(20);
    wire.server.act(wire.now, "/", Hand::Delay { span });
    for _ in 0..20 {
        wire.send(&client, &publish(1, "q", b"x"));
        wire.now += Micros::from_millis(3);
        wire.server.tick(wire.now);
    }
    wire.send(
        &client,
        &method(
            1,
            &Method::BasicAck {
                delivery_tag: 4,
                multiple: true,
            },
        ),
    );
    wire.server.tick(wire.now);
    let mut history = History::new(&header().setup(&"/".into())).unwrap();
    for (at, input) in wire.server.host_mut("/").unwrap().take_heard() {
        history.input(at, input);
    }
    history.run_until(wire.now);
    let served = leveret::amqp::Host::world(wire.server.host("/").unwrap());
    let seen = history.head();
    assert_eq!(seen.heard(), served.heard());
    let counts = |world: &World| {
        let queue = &world.broker().queues()[0];
        (queue.ready_len(), queue.unacked())
    };
    assert_eq!(counts(seen), counts(served));
    let received = history.events().iter();
    let received = received.filter(|event| matches!(event.kind, EventKind::Received { .. }));
    assert!((5..20).contains(&received.count()), "some are on their way");
}
