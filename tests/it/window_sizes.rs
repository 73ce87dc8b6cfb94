//! Windows and scenarios of odd sizes.

use egui::Key;
use leveret::app::{Action, Camera, Command, Source, State, View};
use leveret::broker::{self, ExchangeKind, ExchangeSpec, Micros, Name};
use leveret::scenario::{Scenario, builtin, load_str};
use leveret::scene::Target;
use leveret::world::{
    BindingSetup, ConsumerSetup, MessageSetup, Pace, PublisherSetup, QueueSetup, ServiceTime, Setup,
};

use crate::support::table;
use crate::window::{Desk, ms, playing, seasoned, state};

#[test]
fn every_lesson_lives_in_a_tiny_window_and_under_a_huge_zoom() {
    for builtin in builtin::ALL {
        for (size, zoom) in [
            ([720.0, 480.0], 1.0),
            ([720.0, 480.0], 2.5),
            ([1_600.0, 1_000.0], 2.5),
            ([200.0, 120.0], 2.5),
        ] {
            let view = View {
                zoom,
                inspector: Some(true),
                events: Some(true),
                ..View::default()
            };
            let mut desk = playing(state(builtin.name, view), size);
            desk.0.run_steps(6);
            desk.send_playing(Command::Seek(ms(9_000)));
            desk.send_playing(Command::Do(Action::Scenarios));
            desk.send_playing(Command::Do(Action::Help));
        }
    }
}

impl Desk {
    /// As [`Desk::send`], while things move.
    fn send_playing(&mut self, command: Command) {
        self.0.state_mut().send(command);
        self.0.run_steps(4);
    }
}

/// Names that nobody should choose.
fn odd_name(index: usize) -> Name {
    let name = match index % 6 {
        0 => "x".repeat(255),
        1 => format!("line\nbreak\ttab\0 {index}"),
        2 => format!("日本語 ñandú Ωмега 🐇 {index}"),
        3 => format!("\u{202e}right to left {index}"),
        4 => format!("{{ $brace }} <&> \" {index}"),
        _ => " ".repeat(index + 1),
    };
    format!("{name}{index}").as_str().into()
}

/// 300 queues under odd names, bound twice each, with publishers and consumers.
fn crowd() -> Scenario {
    let queues: Vec<Name> = (0..300).map(odd_name).collect();
    let bindings = queues.iter().flat_map(|queue| {
        [queue.clone(), "#".into()].map(|key| BindingSetup {
            source: "hub".into(),
            destination: broker::Target::Queue(queue.clone()),
            key,
            arguments: table([]),
            latency: None,
        })
    });
    let publisher = |index: usize| PublisherSetup {
        name: odd_name(index),
        exchange: "hub".into(),
        pace: Pace::Even {
            every: ms(500),
            start: Micros::ZERO,
            count: None,
        },
        messages: vec![MessageSetup {
            key: odd_name(index),
            ..MessageSetup::default()
        }],
        ..PublisherSetup::default()
    };
    let consumer = |(index, queue): (usize, &Name)| ConsumerSetup {
        name: odd_name(index),
        queue: queue.clone(),
        prefetch: 0,
        ack: index % 2 == 0,
        service: ServiceTime::Fixed(ms(300)),
        failure_rate: 0.3,
        ..ConsumerSetup::default()
    };
    let setup = Setup {
        exchanges: vec![ExchangeSpec::new("hub", ExchangeKind::Topic)],
        bindings: bindings.collect(),
        publishers: (0..12).map(publisher).collect(),
        consumers: queues.iter().enumerate().map(consumer).collect(),
        queues: queues.into_iter().map(QueueSetup::new).collect(),
        ..Setup::default()
    };
    let hello = &builtin::ALL[0];
    Scenario {
        setup,
        ..load_str(hello.name, hello.text).unwrap()
    }
}

#[test]
fn a_crowd_of_queues_with_odd_names_is_shown() {
    let source = Source::File("crowd.ron".into());
    let state = State::new(crowd(), source, seasoned()).unwrap();
    let mut desk = playing(state, [1_280.0, 720.0]);
    desk.0.run_steps(4);
    desk.send_playing(Command::Seek(ms(2_000)));
    desk.press(Key::Space);
    let history = desk.state().run.show.history();
    assert!(history.events().len() > 1_000);
    let topology = &desk.state().run.show.plan.topology;
    let nodes: Vec<_> = topology.nodes().map(|node| node.key).collect();
    for &node in nodes.iter().step_by(41) {
        desk.send(Command::Select(Some(Target::Node(node))));
    }
    for scale in [0.2, 5.0] {
        let center = desk.state().run.show.plan.layout.nodes[&nodes[30]].center();
        desk.send(Command::Look(Camera::Free { center, scale }));
    }
    let event = desk.state().run.show.director().cues()[20].event;
    desk.send(Command::SelectEvent(event));
    desk.press(Key::ArrowRight);
    desk.press(Key::ArrowLeft);
}
