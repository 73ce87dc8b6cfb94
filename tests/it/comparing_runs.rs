//! The sides of the built-in comparisons as runs: recorded, gone back in, and seen.

use leveret::broker::Micros;
use leveret::compare::{Comparison, Side};
use leveret::director::MAX_LAG;
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
fn nothing_is_left_on_the_stage_when_all_is_over() {
    for (name, comparison) in comparisons() {
        for side in Side::ALL {
            let mut show = Show::new(&comparison.setup(side)).unwrap();
            let end = comparison.until + MAX_LAG;
            show.run_to(end);
            let stage = show.stage(show.director().moment(end));
            let world = show.history().head();
            let open = |held: usize, there: usize, what| {
                assert_eq!(held, there, "{name} {side:?}: {what}");
            };
            let waiting = world
                .http()
                .users
                .as_ref()
                .map_or(0, |users| users.waiting());
            open(stage.users.waiting.len(), waiting, "users who wait");
            for (seen, service) in stage.services.iter().zip(&world.http().services) {
                open(seen.held(), service.held() as usize, "workers held");
                open(
                    seen.waiting.len(),
                    service.waiting.len(),
                    "requests that wait",
                );
                open(seen.starting.len(), 0, "requests that start");
            }
        }
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
