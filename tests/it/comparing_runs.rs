//! The sides of the built-in comparisons as runs: recorded, gone back in, and seen.

use leveret::broker::Micros;
use leveret::compare::{Comparison, Side};
use leveret::director::MIN_HOP;
use leveret::history::History;
use leveret::scenario::{builtin, load_str};
use leveret::scene::Show;

fn comparisons() -> Vec<(&'static str, Comparison)> {
    let scenarios = builtin::ALL.iter();
    let comparisons = scenarios.filter_map(|builtin| {
        let scenario = load_str(builtin.name, builtin.text).unwrap();
        Some((builtin.name, scenario.comparison?))
    });
    comparisons.collect()
}

#[test]
fn who_goes_back_finds_the_world_that_was_and_the_same_future() {
    for (name, comparison) in comparisons() {
        for side in Side::ALL {
            let mut history = History::new(&comparison.setup(side)).unwrap();
            history.run_until(comparison.until);
            for part in [0, 1, 3, 7] {
                let at = Micros(comparison.until.0 * part / 9);
                let mut world = history.seek(at);
                let mut later = Vec::new();
                while world.step(&mut later) {}
                let known = history.events().partition_point(|event| event.at <= at);
                assert_eq!(
                    later,
                    history.events()[known..],
                    "{name} {side:?} from {at}"
                );
            }
        }
    }
}

#[test]
fn what_is_compared_is_shown_when_it_happens_and_the_stage_holds_what_the_world_holds() {
    for (name, comparison) in comparisons() {
        for side in Side::ALL {
            let mut show = Show::new(&comparison.setup(side)).unwrap();
            show.run_to(comparison.until);
            let events = show.history().events();
            let cues = show.director().cues();
            assert_eq!(cues.len(), events.len());
            for (cue, event) in cues.iter().zip(events) {
                assert_eq!((cue.event, cue.at), (event.id, event.at), "{name} {side:?}");
            }
            for part in 1..=40 {
                let at = Micros(comparison.until.0 * part / 40);
                let stage = show.stage(show.director().moment(at));
                let world = show.history().seek(at);
                let seen = |seen: usize, there: usize, what| {
                    assert_eq!(seen, there, "{name} {side:?} at {at}: {what}");
                };
                let users = world.http().users.as_ref().unwrap();
                seen(stage.users.waiting.len(), users.waiting(), "users who wait");
                for (shown, service) in stage.services.iter().zip(&world.http().services) {
                    seen(shown.held(), service.held() as usize, "workers held");
                    let waiting = service.waiting.len();
                    seen(shown.waiting.len(), waiting, "requests that wait");
                }
                for (shown, worker) in stage.consumers.iter().zip(world.workers()) {
                    seen(shown.working.len(), worker.working(), "workers that work");
                }
                for (shown, queue) in stage.queues.iter().zip(world.broker().queues()) {
                    seen(shown.ready.len(), queue.ready_len(), "ready");
                    seen(shown.unacked.len(), queue.unacked(), "unacked");
                }
            }
        }
    }
}

/// A token is on its way for as long as eyes need, from where it set out to where it is; what it leads to does not wait.
#[test]
fn a_hop_too_short_to_be_seen_leaves_an_echo() {
    let (_, comparison) = &comparisons()[2];
    for side in Side::ALL {
        let mut show = Show::new(&comparison.setup(side)).unwrap();
        show.run_to(comparison.until);
        let sent = show
            .director()
            .cues()
            .iter()
            .find(|cue| cue.exchanged.is_some());
        let leg = sent.unwrap().exchanged.as_ref().unwrap().leg;
        assert!(leg.span() < MIN_HOP);
        let done = |after: u64, least: Micros| {
            let at = leg.from + Micros::from_millis(after);
            let stage = show.stage(show.director().moment(at));
            let mut seen = stage.seen_exchanged(at, least).filter(|it| it.0.leg == leg);
            seen.next().map(|(_, spot)| (spot.done * 100.0).round())
        };
        assert_eq!(done(0, MIN_HOP), Some(0.0));
        assert_eq!(done(125, MIN_HOP), Some(50.0), "long after it got there");
        assert_eq!(done(250, MIN_HOP), None);
        // Who looks in slow motion sees it as it is.
        assert_eq!(done(2, leg.span()), Some(40.0));
        assert_eq!(done(5, leg.span()), None);
    }
}

#[test]
fn orders_come_and_are_seen_to_come_at_the_same_times_on_both_sides() {
    for (name, comparison) in comparisons() {
        let came = Side::ALL.map(|side| {
            let mut show = Show::new(&comparison.setup(side)).unwrap();
            show.run_to(comparison.until);
            let events = show.history().events().iter();
            let orders = events.filter(|event| {
                use leveret::world::EventKind::Http;
                matches!(
                    event.kind,
                    Http(leveret::world::http::Event::Ordered { .. })
                )
            });
            let seen = orders.map(|event| {
                let shown = show.director().shown_at(event.id);
                assert_eq!(shown, Some(event.at), "{name} {side:?}");
                event.at
            });
            seen.collect::<Vec<_>>()
        });
        assert!(!came[0].is_empty());
        assert_eq!(came[0], came[1], "{name}");
    }
}
