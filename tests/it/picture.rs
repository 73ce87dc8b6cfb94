//! The picture of a run: nothing in it covers a word, it fits the window, and a moment has one picture.

use std::collections::BTreeSet;

use leveret::broker::Micros;
use leveret::compare::Side;
use leveret::director::Moment;
use leveret::geometry::{Point, Rect};
use leveret::scenario::{Scenario, builtin, load_str};
use leveret::scene::measure::text_width;
use leveret::scene::{Align, Picture, Shape, Show, Target, Text, View};
use leveret::topology::EdgeKey;
use leveret::world::{MessageSetup, Pace, PublisherSetup, QueueSetup, Setup};

/// What may lie over another without being seen to.
const TOUCH: f32 = 1.0;
/// How many moments of a run are looked at.
const MOMENTS: u64 = 60;

fn scenarios() -> impl Iterator<Item = (&'static str, Scenario)> {
    builtin::ALL.iter().map(|builtin| {
        let scenario = load_str(builtin.name, builtin.text).unwrap();
        (builtin.name, scenario)
    })
}

/// A scenario's run to its end.
fn whole(scenario: &Scenario) -> Show {
    let mut show = Show::new(&scenario.setup).unwrap();
    show.run_to(scenario.until);
    show
}

/// Times all over a run, and one while each of its exchanges' first decisions is seen.
fn times(show: &Show, until: Micros) -> Vec<Micros> {
    let half = until.0 / (2 * MOMENTS);
    let evenly = (0..MOMENTS).map(|index| Micros(until.0 * index / MOMENTS + half));
    let cues = show.director().cues().iter();
    let deciding = cues.flat_map(|cue| &cue.decisions).take(MOMENTS as usize);
    evenly
        .chain(deciding.map(|decision| decision.from + Micros::from_millis(120)))
        .collect()
}

fn picture(show: &Show, at: Micros) -> Picture {
    show.picture(show.director().moment(at), View::default())
}

/// Looks at every built-in scenario at many times; of a comparison, at both sides.
fn everywhen(mut look: impl FnMut(&str, Micros, &Show, &Picture)) {
    for (name, scenario) in scenarios() {
        let mut shows = vec![(name.to_owned(), whole(&scenario))];
        if let Some(comparison) = &scenario.comparison {
            let mut show = Show::new(&comparison.setup(Side::Http)).unwrap();
            show.run_to(scenario.until);
            shows.push((format!("{name} over HTTP"), show));
        }
        for (name, show) in shows {
            for at in times(&show, scenario.until) {
                look(&name, at, &show, &picture(&show, at));
            }
        }
    }
}

/// The texts of a picture, and where their letters are.
fn texts(picture: &Picture) -> Vec<(&Text, Rect)> {
    let texts = picture.scene.shapes.iter().filter_map(|shape| match shape {
        Shape::Text(text) if !text.text.is_empty() => Some((text, place(text))),
        _ => None,
    });
    texts.collect()
}

/// Where a text's letters are, the tallest and the deepest of them counted.
fn place(text: &Text) -> Rect {
    let width = text_width(&text.line(), text.font, text.size);
    let left = match text.align {
        Align::Left => text.at.x,
        Align::Center => text.at.x - width / 2.0,
        Align::Right => text.at.x - width,
    };
    let top = text.at.y - 0.45 * text.size;
    Rect::from_min_size(Point::new(left, top), width, 0.95 * text.size)
}

/// Whether two things lie on each other so that it is seen.
fn collide(a: &Rect, b: &Rect) -> bool {
    let across = a.max.x.min(b.max.x) - a.min.x.max(b.min.x);
    let down = a.max.y.min(b.max.y) - a.min.y.max(b.min.y);
    across.min(down) > TOUCH
}

fn none_on_another(texts: &[(&Text, Rect)], name: &str, at: Micros) {
    for (index, (text, rect)) in texts.iter().enumerate() {
        for (other, place) in &texts[..index] {
            let (text, other) = (&text.text, &other.text);
            assert!(
                !collide(rect, place),
                "{name} at {at}: {text:?} on {other:?}"
            );
        }
    }
}

#[test]
fn no_text_lies_on_another() {
    everywhen(|name, at, _, picture| {
        none_on_another(&texts(picture), name, at);
    });
}

#[test]
fn a_text_is_inside_a_node_or_a_pill_or_clear_of_it() {
    everywhen(|name, at, show, picture| {
        let layout = &show.plan.layout;
        let nodes = layout.nodes.values().copied();
        let pills = layout.edges.values().filter_map(|route| route.label);
        let boxes: Vec<_> = nodes.chain(pills).collect();
        for (text, rect) in texts(picture) {
            for other in &boxes {
                assert!(
                    other.contains_rect(&rect) || !collide(&rect, other),
                    "{name} at {at}: {:?} at {rect:?} runs into {other:?}",
                    text.text
                );
            }
        }
    });
}

#[test]
fn all_is_drawn_within_the_bounds_that_the_window_fits() {
    everywhen(|name, at, _, picture| {
        let bounds = picture.scene.bounds.expand(12.0);
        for (text, rect) in texts(picture) {
            let inside = bounds.contains_rect(&rect);
            assert!(inside, "{name} at {at}: {:?} at {rect:?}", text.text);
        }
        for hit in &picture.hits {
            assert!(
                bounds.contains_rect(&hit.rect),
                "{name} at {at}: {:?}",
                hit.target
            );
        }
    });
}

#[test]
fn every_text_can_be_read_where_the_whole_canvas_is_fitted_into_the_window() {
    // What 1280 × 720 leaves with the inspector open, and 1600 × 1000 with the event list too; less a margin.
    let rooms = [
        (920.0 - 48.0, 604.0 - 48.0),
        (1_240.0 - 48.0, 684.0_f32 - 48.0),
    ];
    // A comparison has no canvas to itself in the window; drawn as a slide it has all of one.
    let slide = [(1_600.0 - 48.0, 1_000.0_f32 - 48.0)];
    everywhen(|name, at, show, picture| {
        let bounds = picture.scene.bounds;
        let compares = show.history().head().http().users.is_some();
        let rooms = if compares { &slide[..] } else { &rooms[..] };
        for &(wide, high) in rooms {
            let scale = f32::min(wide / bounds.width(), high / bounds.height());
            for (text, _) in texts(picture) {
                let size = text.size * scale;
                assert!(
                    size >= 10.0,
                    "{name} at {at}: {:?} is {size:.1} in {wide} × {high}",
                    text.text
                );
            }
        }
    });
}

#[test]
fn a_moment_looks_the_same_however_it_was_reached() {
    for (name, scenario) in scenarios() {
        let run = whole(&scenario);
        let mut played = Show::new(&scenario.setup).unwrap();
        for at in times(&run, scenario.until)
            .into_iter()
            .take(MOMENTS as usize)
        {
            // A pass of the window every 16 ms.
            while played.history().complete_to() + Micros::from_millis(16) < at {
                played.run_to(played.history().complete_to() + Micros::from_millis(16));
            }
            played.run_to(at);
            let mut jumped = Show::new(&scenario.setup).unwrap();
            jumped.run_to(at);
            let back = picture(&run, at);
            for (way, other) in [
                ("played", picture(&played, at)),
                ("jumped", picture(&jumped, at)),
            ] {
                assert_eq!(other.scene, back.scene, "{name} at {at}, {way}");
                assert_eq!(other.hits, back.hits, "{name} at {at}, {way}");
            }
        }
    }
}

#[test]
fn one_event_after_the_other_shows_the_moments_that_playing_shows() {
    for (name, scenario) in scenarios() {
        let run = whole(&scenario);
        let mut stepped = Show::new(&scenario.setup).unwrap();
        let mut moment = Moment::default();
        for _ in 0..200 {
            let Some(next) = stepped.step_from(moment, scenario.until) else {
                break;
            };
            moment = next;
            let view = View::default();
            let (there, here) = (
                run.picture(moment, view.clone()),
                stepped.picture(moment, view),
            );
            assert_eq!(here.scene, there.scene, "{name} at {moment:?}");
        }
    }
}

#[test]
fn a_copy_on_its_way_to_a_queue_is_not_in_line_too() {
    for (name, scenario) in scenarios() {
        let show = whole(&scenario);
        for at in times(&show, scenario.until) {
            let stage = show.stage(show.director().moment(at));
            let ready = stage.queues.iter().flat_map(|queue| queue.ready.iter());
            for bead in ready {
                assert!(
                    !stage.copies.contains_key(&bead.copy),
                    "{name} at {at}: {bead:?}"
                );
                assert!(
                    !stage.sent.contains_key(&bead.message),
                    "{name} at {at}: {bead:?}"
                );
            }
        }
    }
}

#[test]
fn a_message_of_one_copy_is_drawn_once_while_it_is_ready() {
    let (_, scenario) = scenarios().next().unwrap();
    let show = whole(&scenario);
    let mut seen = 0;
    for at in times(&show, scenario.until) {
        let stage = show.stage(show.director().moment(at));
        let picture = picture(&show, at);
        for bead in stage.queues.iter().flat_map(|queue| queue.ready.iter()) {
            let drawn = Target::Message(bead.message);
            let count = picture.hits.iter().filter(|hit| hit.target == drawn);
            assert_eq!(count.count(), 1, "{:?} at {at}", bead.message);
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}

/// One publisher of one burst, which goes to one queue of which nobody consumes.
fn burst(size: u64) -> Show {
    let setup = Setup {
        queues: vec![QueueSetup::new("q")],
        publishers: vec![PublisherSetup {
            name: "p".into(),
            pace: Pace::Burst {
                every: Micros::from_secs(60),
                size,
                gap: Micros::from_millis(5),
                start: Micros::ZERO,
                count: Some(1),
            },
            messages: vec![MessageSetup {
                key: "q".into(),
                ..MessageSetup::default()
            }],
            ..PublisherSetup::default()
        }],
        ..Setup::default()
    };
    let mut show = Show::new(&setup).unwrap();
    show.run_to(Micros::from_secs(5));
    show
}

/// When all of the burst is between its publisher and the exchange.
const FLYING: Micros = Micros::from_millis(200);

/// The tokens that are drawn as tokens, and the texts that are seen.
fn drawn(show: &Show) -> (BTreeSet<Target>, Vec<String>) {
    let picture = picture(show, FLYING);
    let tokens = picture.hits.iter().map(|hit| hit.target);
    let words = texts(&picture)
        .into_iter()
        .map(|(text, _)| text.text.to_string());
    (
        tokens
            .filter(|target| matches!(target, Target::Message(_)))
            .collect(),
        words.collect(),
    )
}

#[test]
fn twelve_tokens_on_an_edge_are_tokens_and_thirteen_are_a_flow_with_its_rate() {
    for (size, is_flow) in [(12, false), (13, true), (30, true)] {
        let show = burst(size);
        let stage = show.stage(show.director().moment(FLYING));
        assert_eq!(stage.sent.len() as u64, size);
        assert!(stage.sent.values().all(|flight| {
            let spot = flight.spot(FLYING);
            spot.is_some_and(|spot| matches!(spot.edge, EdgeKey::Publish { .. }))
        }));
        let (tokens, words) = drawn(&show);
        let rates: Vec<_> = words
            .iter()
            .filter(|text| text.ends_with("msg/s"))
            .collect();
        if is_flow {
            assert!(tokens.is_empty());
            assert_eq!(rates.len(), 1, "{words:?}");
        } else {
            assert_eq!(tokens.len() as u64, size);
            assert!(rates.is_empty(), "{words:?}");
        }
    }
}

/// A moment with connections and channels framed.
fn framed(show: &Show, at: Micros) -> Picture {
    let view = View {
        connections: true,
        ..View::default()
    };
    show.picture(show.director().moment(at), view)
}

/// The frames of connections, which have rounder corners than anything else.
fn frames(picture: &Picture) -> impl Iterator<Item = Rect> {
    picture.scene.shapes.iter().filter_map(|shape| match shape {
        Shape::Rect {
            rect,
            radius,
            fill: None,
            ..
        } if *radius == 14.0 => Some(*rect),
        _ => None,
    })
}

#[test]
fn the_frames_of_connections_lie_on_no_text_and_within_the_bounds() {
    for (name, scenario) in scenarios() {
        let show = whole(&scenario);
        for quarter in 1..4 {
            let at = Micros(scenario.until.0 * quarter / 4);
            let picture = framed(&show, at);
            let texts = texts(&picture);
            let bounds = picture.scene.bounds.expand(12.0);
            let frames: Vec<_> = frames(&picture).collect();
            none_on_another(&texts, name, at);
            for (text, rect) in &texts {
                let inside = bounds.contains_rect(rect);
                assert!(inside, "{name} at {at}: {:?} at {rect:?}", text.text);
                if text.text.starts_with("connection ") {
                    let alone = frames.iter().all(|frame| !collide(rect, frame));
                    assert!(alone, "{name} at {at}: {:?} is in a frame", text.text);
                }
            }
        }
    }
}

#[test]
fn those_who_share_a_connection_are_in_one_frame_and_its_parts_are_tied() {
    let text = r#"(
        queues: ["a", "b"],
        publishers: {
            "p1": (connection: "office", every: "1s", keys: ["a"]),
            "p2": (connection: "office", every: "1s", keys: ["b"]),
        },
        consumers: {
            "c1": (connection: "office", queue: "a"),
            "c2": (queue: "b"),
        },
    )"#;
    let scenario = load_str("shared.ron", text).unwrap();
    let mut show = Show::new(&scenario.setup).unwrap();
    show.run_to(Micros::from_secs(1));
    let at = Micros::from_secs(1);
    let (bare, picture) = (picture(&show, at), framed(&show, at));
    let names: Vec<_> = texts(&picture)
        .iter()
        .map(|(text, _)| text.text.to_string())
        .filter(|text| text.starts_with("connection "))
        .collect();
    let all = ["connection c2", "connection office", "connection office"];
    assert_eq!(names, all, "one for both publishers, and two more");
    let lines = |picture: &Picture| {
        let shapes = picture.scene.shapes.iter();
        shapes
            .filter(|shape| matches!(shape, Shape::Polyline { .. }))
            .count()
    };
    assert_eq!(lines(&picture), lines(&bare) + 1, "the tie");
}
