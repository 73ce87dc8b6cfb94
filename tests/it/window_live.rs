//! Real clients in the window: what is seen of them, and what a hand can do. A server without sockets stands for the one
//! beside the window.

use egui::Key;
use egui_kittest::kittest::Queryable;
use leveret::amqp::{Hand, Heard, Method, Speaker};
use leveret::app::{Action, Command, FrameId, LiveNews, Notices, Order, Playback, update};
use leveret::broker::{Event as BrokerEvent, EventId, Micros, Operation};
use leveret::recording;
use leveret::scene::Target;
use leveret::topology::NodeKey;
use leveret::world::{Deed, EventKind};

use crate::window::{Desk, ms, paused, playing, seasoned, state};
use crate::wire::{
    Client, Wire, channel_open, consume, header, method, open, publish, queue_declare, start_ok,
    tune_ok,
};

/// A window that serves, and the server beside it.
struct Live {
    desk: Desk,
    wire: Wire,
}

impl Live {
    fn new() -> Self {
        let mut desk = playing(state("hello", seasoned()), [1_600.0, 1_000.0]);
        let mut wire = Wire::new();
        wire.server.keep_traffic();
        wire.server.host_mut("/").unwrap().keep_heard();
        let address = "127.0.0.1:5672".to_owned();
        desk.0
            .state_mut()
            .send(Command::LiveNews(LiveNews::Started(address, 0)));
        Self { desk, wire }
    }

    /// Lets so much time pass, a picture at a time.
    fn pass(&mut self, span: Micros) {
        let end = self.wire.now + span;
        while self.wire.now < end {
            // As long as the window's own clock takes from one picture to the next.
            self.wire.now += ms(50);
            self.wire.server.tick(self.wire.now);
            self.tell();
        }
    }

    /// Tells the window what was heard, and lets it draw.
    fn tell(&mut self) {
        let heard = Heard {
            until: self.wire.now,
            inputs: self.wire.server.host_mut("/").unwrap().take_heard(),
            traffic: self.wire.server.take_traffic(),
        };
        let wall = self.desk.0.ctx.input(|input| input.time);
        let window = self.desk.0.state_mut();
        window.send(Command::Heard(Box::new(heard), wall));
        self.desk.0.step();
    }

    /// A client with a queue, on channel 1.
    fn client(&mut self, queue: &str) -> Client {
        let mut client = self.wire.client();
        self.wire.say(&mut client, 1, &queue_declare(queue));
        client
    }

    fn send(&mut self, command: Command) {
        self.desk.0.state_mut().send(command);
        self.desk.0.step();
    }

    /// The names of what is drawn.
    fn drawn(&self) -> Vec<String> {
        let topology = &self.desk.state().run.show.plan.topology;
        topology.nodes().map(|node| node.name.to_string()).collect()
    }

    fn first(&self, is_it: impl Fn(&EventKind) -> bool) -> EventId {
        let events = self.desk.state().run.show.history().events();
        events.iter().find(|event| is_it(&event.kind)).unwrap().id
    }
}

#[test]
fn programs_appear_as_they_come_and_are_seen_to_work() {
    let mut live = Live::new();
    live.pass(ms(100));
    assert_eq!(live.drawn(), [""; 0]);
    assert!(live.desk.reads("Waiting for programs"));
    assert!(
        live.desk
            .reads("It begins with the first program that connects")
    );
    let mut client = live.client("orders");
    live.wire.say(&mut client, 1, &consume("orders", "barista"));
    live.pass(ms(300));
    assert!(
        live.drawn().contains(&"orders".to_owned()),
        "{:?}",
        live.drawn()
    );
    assert!(live.drawn().contains(&"barista".to_owned()));
    assert!(!live.desk.reads("Waiting for programs"));
    live.wire.send(&client, &publish(1, "orders", b"espresso"));
    live.pass(ms(200));
    assert!(live.drawn().contains(&"tester".to_owned()), "who publishes");
    let stage = live.desk.state().run.stage();
    assert_eq!(
        stage.flights(live.desk.moment().at).count(),
        1,
        "its message"
    );
    live.pass(ms(2_000));
    let stage = live.desk.state().run.stage();
    assert_eq!(stage.queues[0].unacked.len(), 1);
    assert!(live.desk.state().is_following());
}

#[test]
fn who_has_gone_makes_room_after_a_while_and_the_rest_slides() {
    let mut live = Live::new();
    let client = live.client("orders");
    live.wire.send(&client, &publish(1, "orders", b"espresso"));
    live.pass(ms(2_000));
    let place = |live: &Live, name: &str| {
        let key = live.desk.node(name);
        live.desk.state().run.show.plan.layout.nodes[&key].center()
    };
    let before = place(&live, "orders");
    live.wire.server.disconnect(live.wire.now, client.id);
    live.pass(ms(1_000));
    assert!(
        live.drawn().contains(&"tester".to_owned()),
        "it is still seen, and seen to be gone"
    );
    // Until it goes, nothing moves; then what is left slides, and does not jump.
    let mut last = before;
    let mut steps = 0;
    for _ in 0..160 {
        live.pass(ms(50));
        let now = place(&live, "orders");
        let step = now.distance(last);
        steps += usize::from(step > 0.0);
        assert!(step < 90.0, "{step}");
        last = now;
    }
    assert!(!live.drawn().contains(&"tester".to_owned()));
    assert!(steps > 3, "{steps}");
    assert!(
        live.drawn().contains(&"orders".to_owned()),
        "its queue stays"
    );
}

#[test]
fn the_past_is_gone_back_to_while_programs_go_on_and_a_key_leads_back_to_now() {
    let mut live = Live::new();
    let client = live.client("orders");
    live.wire.send(&client, &publish(1, "orders", b"one"));
    live.pass(ms(2_000));
    live.send(Command::Do(Action::PlayPause));
    let at = live.desk.moment().at;
    live.wire.send(&client, &publish(1, "orders", b"two"));
    live.pass(ms(2_000));
    assert_eq!(live.desk.moment().at, at, "it stands still");
    let ready = |live: &Live| live.desk.state().run.stage().queues[0].ready.len();
    assert_eq!(ready(&live), 1);
    assert_eq!(
        live.desk
            .state()
            .run
            .show
            .history()
            .head()
            .broker()
            .queues()[0]
            .ready_len(),
        2
    );
    assert!(
        live.desk.state().end() > at + ms(1_500),
        "and there is more to come"
    );
    live.send(Command::Do(Action::StepBack));
    live.send(Command::Seek(Micros(1)));
    live.desk.0.step();
    assert!(
        live.drawn().is_empty(),
        "nobody was there: {:?}",
        live.drawn()
    );
    live.desk.0.get_by_label("Back to now").click();
    live.desk.0.step();
    live.pass(ms(100));
    assert_eq!(ready(&live), 2);
    assert!(live.desk.state().is_following());
    assert!(live.desk.count("Back to now") == 0);
}

#[test]
fn playing_from_the_past_catches_up_and_stays_with_now() {
    let mut live = Live::new();
    let client = live.client("orders");
    live.wire.send(&client, &publish(1, "orders", b"one"));
    live.pass(ms(3_000));
    live.send(Command::SetSpeed(10.0));
    live.send(Command::Seek(ms(500)));
    live.send(Command::Do(Action::PlayPause));
    live.send(Command::Do(Action::PlayPause));
    assert!(
        matches!(live.desk.state().playback, Playback::Playing { .. }),
        "{:?}",
        live.desk.state().playback
    );
    live.pass(ms(1_000));
    assert!(live.desk.state().is_following());
}

#[test]
fn what_a_hand_does_is_done_by_the_server_and_forks_nothing() {
    let mut live = Live::new();
    let client = live.client("orders");
    live.wire.send(&client, &publish(1, "orders", b"one"));
    live.pass(ms(1_000));
    let events = live.desk.state().run.show.history().events().len();
    live.send(Command::Do(Action::PlayPause));
    live.send(Command::Seek(ms(500)));
    let stop = Deed::Operate(Operation::Stop { clean: true });
    live.desk.0.state_mut().send(Command::Operate(stop));
    let orders = live.desk.state().live.as_ref().unwrap().orders.clone();
    assert_eq!(orders, [Order::Act(Hand::Stop { clean: true })]);
    assert_eq!(live.desk.state().run.show.history().events().len(), events);
    assert!(live.desk.state().is_following(), "it is done now");
    let close = Deed::Disconnect {
        connection: "tester".into(),
        how: leveret::broker::Hangup::ByOperator,
    };
    live.desk.0.state_mut().send(Command::Operate(close));
    let told = Order::Disconnect {
        client: "tester".into(),
        told: true,
    };
    assert_eq!(live.desk.state().live.as_ref().unwrap().orders[1], told);
}

#[test]
fn another_scenario_can_be_looked_at_while_programs_go_on() {
    let mut live = Live::new();
    let client = live.client("orders");
    live.pass(ms(500));
    live.send(Command::OpenBuiltin("topic"));
    assert!(live.desk.state().live().is_none());
    assert!(live.drawn().len() > 3);
    live.wire.send(&client, &publish(1, "orders", b"meanwhile"));
    live.pass(ms(500));
    live.send(Command::Do(Action::Live));
    live.pass(ms(1_500));
    assert!(live.desk.state().live().is_some() && live.desk.state().is_following());
    assert_eq!(live.desk.state().run.stage().queues[0].ready.len(), 1);
}

#[test]
fn a_server_that_stopped_leaves_its_run_to_be_looked_at() {
    let mut live = Live::new();
    let client = live.client("orders");
    live.wire.send(&client, &publish(1, "orders", b"one"));
    live.pass(ms(1_500));
    live.send(Command::LiveNews(LiveNews::Stopped));
    let state = live.desk.state();
    assert_eq!(state.playback, Playback::Paused);
    assert!(state.going_on().is_none() && state.live().is_some());
    assert_eq!(state.end(), state.live().unwrap().heard_to);
    live.send(Command::Seek(ms(300)));
    live.send(Command::Do(Action::PlayPause));
    assert!(live.desk.is_playing());
}

#[test]
fn a_frame_leads_to_its_event_and_an_event_to_its_frame() {
    let mut live = Live::new();
    let mut client = live.client("orders");
    live.wire.say(&mut client, 1, &consume("orders", "barista"));
    live.wire
        .send(&client, &publish(1, "orders", b"one").repeat(2));
    live.wire.hear(&mut client);
    let ack = Method::BasicAck {
        delivery_tag: 2,
        multiple: false,
    };
    live.wire.say(&mut client, 1, &ack);
    live.pass(ms(3_000));
    let run = &live.desk.state().run;
    let (history, traffic) = (run.show.history(), &run.traffic);
    let link = history
        .head()
        .links()
        .first()
        .map(|_| leveret::world::LinkId(0))
        .unwrap();
    let (session, conversation) = traffic.of_link(link, history.head()).next().unwrap();
    let mut linked = Vec::new();
    for place in 0..conversation.frames.len() {
        let id = FrameId { session, place };
        let frame = traffic.frame(id).unwrap();
        let name = leveret::amqp::Anatomy::of(&frame.octets).name();
        let event = traffic
            .event_of(id, history)
            .and_then(|it| history.event(it));
        let what = event.map(|event| match &event.kind {
            EventKind::Published { message, .. } => format!("published {message}"),
            EventKind::Finished { queued, .. } => format!("finished {}", queued.message),
            EventKind::Broker(BrokerEvent::Delivered { queued, .. }) => {
                format!("delivered {}", queued.message)
            }
            EventKind::Broker(BrokerEvent::QueueDeclared { .. }) => "declared".to_owned(),
            EventKind::Broker(BrokerEvent::Consuming { .. }) => "consuming".to_owned(),
            EventKind::Broker(BrokerEvent::ChannelOpened { .. }) => "channel".to_owned(),
            EventKind::Broker(BrokerEvent::ConnectionOpened { .. }) => "connection".to_owned(),
            other => format!("{other:?}"),
        });
        let way = if frame.by == Speaker::Client {
            '>'
        } else {
            '<'
        };
        linked.push(format!("{way} {name}: {}", what.unwrap_or_default()));
        // And back again, from whatever begins something.
        if let Some(event) = event
            && !leveret::amqp::Anatomy::of(&frame.octets).is_content()
        {
            let back = traffic.frame_of(event.id, history).unwrap();
            let same = traffic.event_of(back, history);
            assert_eq!(same, Some(event.id), "{name}");
        }
    }
    insta::assert_snapshot!(linked.join("\n"));
}

#[test]
fn the_list_of_frames_is_read_and_what_is_selected_is_shown_with_its_octets() {
    let mut live = Live::new();
    let client = live.client("orders");
    live.wire.send(&client, &publish(1, "orders", b"espresso"));
    live.pass(ms(1_500));
    let publisher = live.desk.node("tester");
    live.send(Command::Select(Some(Target::Node(publisher))));
    live.desk.0.step();
    live.desk.0.get_by_label("Frames").click();
    live.desk.0.step();
    live.pass(ms(100));
    assert!(live.desk.reads("Frames of tester"));
    let row = live.desk.0.get_by_label("The client says basic.publish");
    row.click();
    live.desk.0.step();
    live.pass(ms(100));
    let published = live.first(|kind| matches!(kind, EventKind::Published { .. }));
    assert_eq!(live.desk.state().session.event, Some(published));
    for text in ["basic.publish", "routing_key", "orders", "0000  01 00 01"] {
        assert!(live.desk.reads(text), "{text}");
    }
    // The other way round.
    let declared =
        live.first(|kind| matches!(kind, EventKind::Broker(BrokerEvent::QueueDeclared { .. })));
    live.send(Command::SelectEvent(declared));
    let frame = live.desk.state().session.frame.unwrap();
    let frame = live.desk.state().run.traffic.frame(frame).unwrap();
    assert!(
        leveret::amqp::Anatomy::of(&frame.octets)
            .name()
            .starts_with("queue.declare")
    );
}

#[test]
fn passwords_are_in_no_frame() {
    let mut live = Live::new();
    live.wire.client();
    live.pass(ms(100));
    let run = &live.desk.state().run;
    let world = run.show.history().head();
    let all = run.traffic.of_link(leveret::world::LinkId(0), world);
    let frames: Vec<_> = all.flat_map(|(_, it)| it.frames.kept()).collect();
    let has = |octets: &[u8]| {
        let mut frames = frames.iter();
        frames.any(|frame| frame.octets.windows(octets.len()).any(|it| it == octets))
    };
    assert!(has(b"\0guest\0*****") && !has(b"\0guest\0guest"));
}

#[test]
fn more_than_eyes_can_follow_is_a_stream_with_its_rate() {
    let mut live = Live::new();
    let mut client = live.client("orders");
    live.wire.say(&mut client, 1, &consume("orders", "barista"));
    for _ in 0..150 {
        live.wire
            .send(&client, &publish(1, "orders", b"x").repeat(10));
        live.wire.hear(&mut client);
        live.pass(ms(50));
    }
    let state = live.desk.state();
    let show = &state.run.show;
    let picture = show.picture(state.run.moment, Default::default());
    let rates = picture.scene.shapes.iter().filter_map(|shape| match shape {
        leveret::scene::Shape::Text(text) => text.text.strip_suffix(" msg/s")?.parse::<u32>().ok(),
        _ => None,
    });
    let rates: Vec<_> = rates.collect();
    assert_eq!(
        rates.len(),
        3,
        "to the exchange, to the queue, to the consumer"
    );
    let about = 180..=220; // ten each 50 ms
    assert!(rates.iter().all(|rate| about.contains(rate)), "{rates:?}");
    // It is at most so far behind.
    let last = show.history().complete_to();
    assert!(last.since(state.run.moment.at) < ms(200));
    let queue = state.run.stage().queues[0].unacked.len() as u64;
    assert!(queue > 900, "{queue} of 1,500 are seen to be delivered");
}

#[test]
fn a_lesson_is_read_from_the_last_row() {
    let mut live = Live::new();
    live.pass(ms(100));
    live.send(Command::Order(Order::Network(true)));
    let lesson = leveret::app::Lesson {
        address: "192.168.7.20:5672".to_owned(),
        password: "lusab-babad-gutih-tugad".to_owned(),
    };
    live.send(Command::LiveNews(LiveNews::Network(Some(lesson))));
    live.desk.0.step();
    for text in [
        "192.168.7.20",
        "lusab-babad-gutih-tugad",
        "take your own name",
    ] {
        assert!(live.desk.reads(text), "{text}");
    }
    live.desk.0.key_press(Key::Escape);
    live.desk.0.step();
    live.desk.0.step();
    assert!(!live.desk.state().session.lesson);
    live.send(Command::ShowLesson(true));
    live.desk.0.step();
    assert!(
        live.desk.reads("lusab-babad-gutih-tugad"),
        "it can be seen again"
    );
}

#[test]
fn that_nothing_can_be_served_is_told_and_the_window_goes_on() {
    let mut desk = crate::window::open("hello");
    desk.0
        .state_mut()
        .send(Command::LiveNews(LiveNews::Failed("no port".to_owned())));
    desk.settle();
    assert!(desk.reads("That did not work: no port"));
    desk.click("Close");
    assert!(!desk.reads("That did not work"));
    assert!(desk.state().live.is_none());
}

#[test]
fn a_damaged_recording_is_opened_and_what_is_left_out_of_it_is_told() {
    let mut wire = Wire::new();
    wire.server.keep_records();
    let mut client = wire.client();
    wire.say(&mut client, 1, &queue_declare("orders"));
    wire.send(&client, &publish(1, "orders", b"espresso"));
    let mut file = header().to_bytes();
    for (at, record) in wire.server.take_records() {
        recording::append(&mut file, at, &record);
    }
    file.extend(b"what was never written");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lesson.leveret");
    std::fs::write(&path, file).unwrap();
    let mut desk = paused(state("hello", seasoned()), [1_280.0, 720.0]);
    desk.send(Command::OpenFile(path.into()));
    desk.wait_for_file();
    let badge = "The recording is damaged in 1 place";
    assert!(desk.reads(badge), "{:?}", desk.texts());
    desk.send(Command::ShowNotices(Notices::Open));
    desk.settle();
    assert!(desk.reads("the last 22 octets cannot be read"));
    assert!(desk.reads("Left out of this recording"));
}

#[test]
fn what_befalls_the_recording_is_told_when_it_does_and_again_when_it_is_saved() {
    let mut live = Live::new();
    live.pass(ms(100));
    let told = "there is no room left to write the temporary file of this recording";
    live.send(Command::LiveNews(LiveNews::Recording(told.to_owned())));
    live.desk.0.step();
    assert!(live.desk.reads(told));
    assert!(
        live.desk.state().going_on().is_some(),
        "programs are served"
    );
    let saved = LiveNews::Saved("mine.leveret".into(), Some(ms(2_500)));
    live.send(Command::LiveNews(saved));
    live.desk.0.step();
    assert!(
        live.desk
            .reads("What programs did up to 2.5 s is in mine.leveret")
    );
    assert!(live.desk.reads("The recording ended there"));
    let whole = LiveNews::Saved("mine.leveret".into(), None);
    live.send(Command::LiveNews(whole));
    live.desk.0.step();
    assert!(
        live.desk
            .reads("All that programs did so far is in mine.leveret")
    );
}

#[test]
fn an_endless_run_forgets_its_oldest_and_goes_on() {
    let mut state = state("hello", seasoned());
    let address = "127.0.0.1:5672".to_owned();
    update(&mut state, Command::LiveNews(LiveNews::Started(address, 0)));
    let mut wire = Wire::new();
    wire.server.host_mut("/").unwrap().keep_heard();
    let mut client = wire.client();
    wire.say(&mut client, 1, &queue_declare("orders"));
    wire.say(&mut client, 1, &consume("orders", "barista"));
    let mut tag = 0;
    while state.start() == Micros::ZERO {
        wire.send(&client, &publish(1, "orders", b"x").repeat(2_000));
        while !wire.hear(&mut client).is_empty() {}
        tag += 2_000;
        let ack = Method::BasicAck {
            delivery_tag: tag,
            multiple: true,
        };
        wire.send(&client, &method(1, &ack));
        wire.now += ms(100);
        wire.server.tick(wire.now);
        let heard = Heard {
            until: wire.now,
            inputs: wire.server.host_mut("/").unwrap().take_heard(),
            traffic: Vec::new(),
        };
        let wall = wire.now.as_secs_f64();
        update(&mut state, Command::Heard(Box::new(heard), wall));
        update(&mut state, Command::Tick(wall));
        assert!(wire.now < Micros::from_secs(60), "it never forgets");
    }
    let show = &state.run.show;
    assert!(show.director().cues().len() <= 400_000);
    assert!(state.run.moment >= show.start());
    // Whoever goes back finds the earliest that is left.
    update(&mut state, Command::Do(Action::PlayPause));
    update(&mut state, Command::Do(Action::Restart));
    assert_eq!(state.run.moment, state.run.show.start());
    let stage = state.run.stage().clone();
    assert_eq!(stage.queues[0].presence, leveret::director::Presence::Here);
    update(&mut state, Command::Do(Action::StepForward));
    assert!(matches!(
        state.run.show.plan.topology.nodes().next().map(|it| it.key),
        Some(NodeKey::Exchange(_) | NodeKey::Publisher(_) | NodeKey::Queue(_))
    ));
}

#[test]
fn a_lesson_begins_with_whoever_opens_a_connection() {
    // What is said before a connection is open belongs to it as well.
    let mut live = Live::new();
    let mut client = live.wire.connect(true);
    live.wire.send(&client, b"AMQP\x00\x00\x09\x01");
    live.wire
        .say(&mut client, 0, &start_ok("PLAIN", b"\0guest\0guest"));
    live.wire.say(&mut client, 0, &tune_ok(10, 131_072));
    live.wire.say(&mut client, 0, &open("/"));
    live.wire.say(&mut client, 1, &channel_open());
    live.pass(ms(100));
    let run = &live.desk.state().run;
    let world = run.show.history().head();
    let (_, conversation) = run
        .traffic
        .of_link(leveret::world::LinkId(0), world)
        .next()
        .unwrap();
    let first = &conversation.frames.kept()[0];
    assert_eq!(
        leveret::amqp::Anatomy::of(&first.octets).name(),
        "protocol header"
    );
}
