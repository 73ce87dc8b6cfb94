//! `(side: http, failed: (200, 230), wait_p99: ("2s", "2.1s"))`: what is expected of one side of a comparison.

use crate::broker::Micros;
use crate::compare::{Comparison, Side};
use crate::scenario::expect::{Bounds, Claim};
use crate::scenario::measured::{OF_SERVICES, OF_SIDES, Unit, thousandths};
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::syntax::{Entry, Node, NodeKind};
use crate::t;

/// The words for the sides.
pub(in crate::scenario) const SIDES: [(&str, Side); 2] =
    [("http", Side::Http), ("messaging", Side::Messaging)];

/// More workers than there can be.
const MOST_HELD: f64 = 1e9;

pub(super) fn claim(
    entry: &Entry,
    fields: &mut Fields<'_>,
    at: Micros,
    comparison: Option<&Comparison>,
    reader: &mut Reader<'_>,
) -> Option<Claim> {
    let service = fields.get("service");
    let measures: Vec<(&'static str, Unit)> = match service {
        None => OF_SIDES.iter().map(|it| (it.name, it.unit)).collect(),
        Some(_) => OF_SERVICES.iter().map(|it| (it.name, it.unit)).collect(),
    };
    let written: Vec<(&'static str, Unit, &Node)> = measures
        .iter()
        .filter_map(|&(name, unit)| Some((name, unit, fields.get(name)?)))
        .collect();
    let Some(comparison) = comparison else {
        let what = t!("file-without-comparison", field = "side");
        reader.report(entry.name_span, what, t!("file-without-comparison-hint"));
        return None;
    };
    let side = reader.choice(&entry.value, &SIDES, |found| {
        t!("file-no-choice", found = found)
    });
    if written.is_empty() && !fields.has_unknown() {
        let known: Vec<String> = measures
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        let hint = t!("file-expects-nothing-hint", fields = known.join(", "));
        reader.report(fields.span, t!("file-expects-nothing"), hint);
    }
    let service = match service {
        None => None,
        Some(node) => Some(super::compare::service_name(
            node,
            &comparison.services,
            reader,
        )?),
    };
    let numbers = written.into_iter().filter_map(|(name, unit, node)| {
        let (least, most) = bounds(node, unit, reader)?;
        Some(Bounds { name, least, most })
    });
    Some(Claim::Side {
        at,
        numbers: numbers.collect(),
        side: side?,
        service,
    })
}

/// A number, or the least and the most it may be.
fn bounds(node: &Node, unit: Unit, reader: &mut Reader<'_>) -> Option<(u64, u64)> {
    let NodeKind::Group(items) = &node.kind else {
        let number = number(node, unit, reader)?;
        return Some((number, number));
    };
    let [least, most] = items.as_slice() else {
        let hint = t!("file-bounds-hint");
        reader.report(node.span, t!("file-bounds"), hint);
        return None;
    };
    let (least, most) = (number(least, unit, reader), number(most, unit, reader));
    let (least, most) = (least?, most?);
    if least > most {
        let (from, to) = (unit.write(least), unit.write(most));
        let what = t!("file-bounds-turned", from = from, to = to);
        reader.report(node.span, what, t!("file-bounds-turned-hint"));
        return None;
    }
    Some((least, most))
}

fn number(node: &Node, unit: Unit, reader: &mut Reader<'_>) -> Option<u64> {
    match unit {
        Unit::Count => reader.whole(node, 0..=u64::MAX),
        Unit::Time => reader.duration(node).map(|span| span.0),
        Unit::Mean => reader.quantity(node, 0.0..=MOST_HELD).map(thousandths),
    }
}
