//! What a frame of the window costs: `cargo bench --bench frame`.
//!
//! 60 nodes and about 300 tokens on their way, none of them drawn as a flow, in a window of 1600 × 1000 that is
//! playing: a pass of the whole window, and its triangles.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use egui::{Context, Pos2, RawInput, Rect, vec2};

use leveret::app::{Action, Command, Dial, Hint, Source, State, View};
use leveret::broker::{self, ExchangeKind, ExchangeSpec, MessageId, Micros, Name, Table};
use leveret::director::Moment;
use leveret::scenario::{Scenario, builtin, load_str};
use leveret::scene::{self, Shape, Show, Target};
use leveret::topology::EdgeKey;
use leveret::ui::{Window, install};
use leveret::world::{
    BindingSetup, ConsumerSetup, Latency, MessageSetup, Pace, PublisherSetup, QueueSetup,
    ServiceTime, Setup,
};

const PUBLISHERS: usize = 15;
const EXCHANGES: usize = 3;
const QUEUES: usize = 24;
const CONSUMERS: usize = 18;

/// By now as much sets out as arrives.
const BUSY: Micros = Micros::from_secs(10);

fn name(kind: &str, index: usize) -> Name {
    format!("{kind} {index}").as_str().into()
}

/// Publishers that share three fanout exchanges, each with its own queues.
fn setup() -> Setup {
    let publisher = |index: usize| PublisherSetup {
        name: name("publisher", index),
        exchange: name("exchange", index % EXCHANGES),
        pace: Pace::Even {
            every: Micros::from_millis(250),
            start: Micros::from_millis(17 * index as u64),
            count: None,
        },
        messages: ["kern.error", "auth.info", "cron.login.error"]
            .map(|key| MessageSetup {
                key: key.into(),
                ..MessageSetup::default()
            })
            .into(),
        ..PublisherSetup::default()
    };
    let binding = |index: usize| BindingSetup {
        source: name("exchange", index % EXCHANGES),
        destination: broker::Target::Queue(name("queue", index)),
        key: "".into(),
        arguments: Table::new(),
        latency: None,
    };
    let consumer = |index: usize| ConsumerSetup {
        name: name("consumer", index),
        queue: name("queue", index),
        prefetch: 3,
        ack: true,
        service: ServiceTime::Fixed(Micros::from_millis(600)),
        ..ConsumerSetup::default()
    };
    Setup {
        seed: 1,
        latency: Latency {
            publish: Micros::from_millis(1_800),
            ..Latency::default()
        },
        exchanges: (0..EXCHANGES)
            .map(|index| ExchangeSpec::new(name("exchange", index), ExchangeKind::Fanout))
            .collect(),
        queues: (0..QUEUES)
            .map(|index| QueueSetup::new(name("queue", index)))
            .collect(),
        bindings: (0..QUEUES).map(binding).collect(),
        publishers: (0..PUBLISHERS).map(publisher).collect(),
        consumers: (0..CONSUMERS).map(consumer).collect(),
        ..Setup::default()
    }
}

/// Holds that there is as much to draw as is said above.
fn count(show: &Show, moment: Moment) {
    assert_eq!(show.plan.layout.nodes.len(), 60);
    let stage = show.stage(moment);
    let forward = stage.sent.values().chain(stage.copies.values());
    let flights = forward.chain(stage.answers.values());
    let mut edges: BTreeMap<EdgeKey, usize> = BTreeMap::new();
    for edge in flights.filter_map(|flight| Some(flight.spot(moment.at)?.edge)) {
        *edges.entry(edge).or_default() += 1;
    }
    let tokens: usize = edges.values().sum();
    assert!((300..370).contains(&tokens), "{tokens} tokens");
    let picture = show.picture(moment, scene::View::default());
    let is_rate = |shape: &Shape| matches!(shape, Shape::Text(text) if text.text.ends_with("/s"));
    assert!(
        !picture.scene.shapes.iter().any(is_rate),
        "a flow: {edges:?}"
    );
}

/// The window, playing, at a busy moment.
fn window() -> Window {
    let hello = &builtin::ALL[0];
    let scenario = Scenario {
        setup: setup(),
        until: Micros::from_secs(60),
        ..load_str(hello.name, hello.text).expect("a built-in scenario")
    };
    let view = View {
        hints_done: Hint::ALL.into(),
        ..View::default()
    };
    let state = State::new(scenario, Source::File("bench.ron".into()), view);
    let mut window = Window::new(state.expect("a sound setup"));
    window.send(Command::Seek(BUSY));
    count(&window.state().run.show, window.state().run.moment);
    window
}

fn input(time: f64) -> RawInput {
    RawInput {
        screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(1_600.0, 1_000.0))),
        time: Some(time),
        ..RawInput::default()
    }
}

/// One pass, and its triangles.
fn frame(ctx: &Context, window: &mut Window, time: f64) {
    let mut output = ctx.run_ui(input(time), |ui| window.show(ui));
    // Nobody is there to take the textures.
    output.textures_delta.clear();
    black_box(ctx.tessellate(output.shapes, output.pixels_per_point));
}

fn window_frame(criterion: &mut Criterion) {
    let mut window = window();
    let ctx = Context::default();
    install(&ctx);
    let mut time = 0.0;
    let mut measure = |name: &str, window: &mut Window| {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                time += 1.0 / 60.0;
                if window.state().run.moment.at > BUSY + Micros::from_secs(2) {
                    window.send(Command::Seek(BUSY));
                }
                frame(&ctx, window, time);
            });
        });
        count(&window.state().run.show, window.state().run.moment);
    };
    measure("frame/all panels", &mut window);
    let message = Target::Message(MessageId(300));
    window.send(Command::Select(Some(message)));
    measure("frame/all panels, a message selected", &mut window);
    window.send(Command::ShowInspector(false));
    window.send(Command::ShowEvents(false));
    measure("frame/canvas only", &mut window);
}

fn picture(criterion: &mut Criterion) {
    let window = window();
    let run = &window.state().run;
    criterion.bench_function("frame/the picture alone", |bencher| {
        bencher.iter(|| {
            run.show
                .picture(black_box(run.moment), scene::View::default())
        });
    });
}

/// A slider is moved: both sides run again, and the picture is back at the same moment.
fn dial(criterion: &mut Criterion) {
    const AT: Micros = Micros::from_secs(30);
    let builtin = builtin::find("http-service-down");
    let builtin = builtin.expect("a built-in comparison");
    let state = State::builtin(builtin, View::default());
    let mut window = Window::new(state.expect("a sound comparison"));
    window.send(Command::Do(Action::PlayPause));
    window.send(Command::Seek(AT));
    let mut rate = 10.0;
    criterion.bench_function("frame/a dial of a comparison", |bencher| {
        bencher.iter(|| {
            rate = if rate == 10.0 { 11.0 } else { 10.0 };
            window.send(Command::Turn(Dial::Rate, rate));
            assert_eq!(window.state().run.moment.at, AT);
        });
    });
}

/// A publisher that publishes a million messages a second, with confirms, and a consumer.
const MILLION: &str = r#"(
    until: "60s", queues: ["work"],
    publishers: {"p": (every: "1us", keys: ["work"], confirms: true)},
    consumers: {"c": (queue: "work", takes: "1us", ack: auto)},
)"#;

/// A frame of a window that plays far more than it can keep up with: what is allowed for one picture is worked out, and
/// all that is on its way meanwhile is drawn. Once as much is kept as ever is, it begins anew.
fn million(criterion: &mut Criterion) {
    let ctx = Context::default();
    install(&ctx);
    let start = || {
        let scenario = load_str("bench.ron", MILLION).expect("a sound scenario");
        let view = View {
            hints_done: Hint::ALL.into(),
            ..View::default()
        };
        let state = State::new(scenario, Source::File("bench.ron".into()), view);
        Window::new(state.expect("a sound setup"))
    };
    let (mut window, mut time) = (start(), 0.0);
    let mut group = criterion.benchmark_group("frame");
    group.sample_size(10);
    group.bench_function("a million publishes a second", |bencher| {
        bencher.iter_custom(|frames| {
            let mut taken = Duration::ZERO;
            for _ in 0..frames {
                if window.state().run.show.is_full() {
                    window = start();
                }
                time += 1.0 / 60.0;
                let began = Instant::now();
                frame(&ctx, &mut window, time);
                taken += began.elapsed();
            }
            taken
        });
    });
}

criterion_group!(benches, window_frame, picture, dial, million);
criterion_main!(benches);
