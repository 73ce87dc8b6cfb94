//! Holds what is expected of a comparison's sides against their runs.

use super::Expectation;
use super::expect::{Bounds, Claim};
use super::measured::{OF_SERVICES, OF_SIDES, Unit, found};
use super::verify::{Failure, not_reached};
use crate::broker::{Micros, Name};
use crate::compare::{Comparison, Measures, Side, Summary};
use crate::world::{SetupError, World};
use crate::{t, words};

/// What is expected of one side.
struct Expected<'e> {
    expectation: &'e Expectation,
    at: Micros,
    service: Option<&'e Name>,
    numbers: &'e [Bounds],
}

/// The expectations of the sides that do not hold.
pub(super) fn verify(comparison: &Comparison, expect: &[Expectation], most: u64) -> Vec<Failure> {
    let sides = Side::ALL.into_iter();
    let failures = sides.flat_map(|side| {
        let expected = expected(side, expect);
        let Some(first) = expected.first() else {
            return Vec::new();
        };
        let place = first.expectation.place;
        differences(comparison, side, &expected, most).unwrap_or_else(|error| {
            let what = t!("file-refused", error = words::refused(&error));
            vec![Failure { place, what }]
        })
    });
    failures.collect()
}

/// In the order in which the run comes by.
fn expected(of: Side, expect: &[Expectation]) -> Vec<Expected<'_>> {
    let expected = expect.iter().filter_map(|expectation| {
        let Claim::Side {
            at,
            side,
            service,
            numbers,
        } = &expectation.claim
        else {
            return None;
        };
        (*side == of).then_some(Expected {
            expectation,
            at: *at,
            service: service.as_ref(),
            numbers,
        })
    });
    let mut expected: Vec<_> = expected.collect();
    expected.sort_by_key(|it| it.at);
    expected
}

fn differences(
    comparison: &Comparison,
    side: Side,
    expected: &[Expected<'_>],
    most: u64,
) -> Result<Vec<Failure>, SetupError> {
    let mut world = World::new(&comparison.setup(side))?;
    let mut measures = Measures::new(comparison, side, &world);
    let (mut steps, mut failures) = (0, Vec::new());
    for it in expected {
        let went = world.run_to(it.at, (&mut steps, most), |event, _| {
            measures.read(&event);
        });
        let difference = match went {
            Ok(()) => difference(side, it, &measures.summary(it.at)),
            Err(stop) => Some(not_reached(&stop, &world)),
        };
        failures.extend(difference.map(|what| Failure {
            place: it.expectation.place,
            what,
        }));
    }
    Ok(failures)
}

/// How what was measured differs from what was expected, if it does.
fn difference(side: Side, expected: &Expected<'_>, summary: &Summary) -> Option<String> {
    let (at, side) = (expected.at.to_string(), words::side(side));
    let (subject, found) = match expected.service {
        None => {
            let subject = t!("claim-side", at = at, side = side);
            (subject, found(OF_SIDES, summary, expected.numbers))
        }
        Some(name) => {
            let subject = t!("claim-service", at = at, side = side, name = name.as_str());
            let mut services = summary.services.iter();
            let Some(service) = services.find(|it| it.name == *name) else {
                return Some(t!("claim-missing", subject = subject));
            };
            (subject, found(OF_SERVICES, service, expected.numbers))
        }
    };
    let fits = |bounds: &Bounds, number: Option<u64>| {
        number.is_some_and(|number| (bounds.least..=bounds.most).contains(&number))
    };
    if found
        .iter()
        .all(|(bounds, _, number)| fits(bounds, *number))
    {
        return None;
    }
    let number = |text: String, what: &str| t!("claim-number", count = text, what = what);
    let were = found.iter().map(|(bounds, unit, found)| {
        let found = found.map_or_else(|| t!("claim-not-measured"), |it| unit.write(it));
        number(found, bounds.name)
    });
    let wanted = found
        .iter()
        .map(|(bounds, unit, _)| number(in_words(bounds, *unit), bounds.name));
    Some(t!(
        "claim-differs",
        subject = subject,
        found = were.collect::<Vec<_>>().join(", "),
        expected = wanted.collect::<Vec<_>>().join(", ")
    ))
}

fn in_words(bounds: &Bounds, unit: Unit) -> String {
    let (least, most) = (unit.write(bounds.least), unit.write(bounds.most));
    match least == most {
        true => least,
        false => t!("claim-range", least = least, most = most),
    }
}
