//! What goes wrong, and when.

use super::{field, listed, service_name, span};
use crate::compare::{Fault, FaultKind, ServiceSpec};
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::syntax::{Entry, Node};
use crate::t;

/// How many times as slow, or as many.
const MOST_TIMES: f64 = 1_000.0;
const LEAST_TIMES: f64 = 0.001;

/// What may go wrong.
const KINDS: [&str; 7] = [
    "down", "refusing", "slow", "failing", "losing", "broker", "surge",
];

/// `[(down: "mail", from: "20s", until: "30s"), (slow: "stock", times: 10), …]`.
pub(super) fn faults(node: &Node, services: &[ServiceSpec], reader: &mut Reader<'_>) -> Vec<Fault> {
    let wanted = || t!("file-wanted-faults");
    let all = listed(node, || t!("file-owner-fault"), wanted, reader);
    let faults = all.into_iter().filter_map(|mut fields| {
        let kind = kind(&mut fields, services, reader);
        let from = field(&mut fields, "from", reader, span).unwrap_or_default();
        let until = fields.get("until");
        let end = until.and_then(|node| span(node, reader));
        if let (Some(node), Some(end)) = (until, end)
            && end <= from
        {
            let what = t!(
                "file-fault-until",
                until = end.to_string(),
                from = from.to_string()
            );
            reader.report(node.span, what, t!("file-fault-until-hint"));
        }
        reader.finish(fields);
        let (kind, until) = (kind?, end);
        Some(Fault { kind, from, until })
    });
    faults.collect()
}

fn kind(
    fields: &mut Fields<'_>,
    services: &[ServiceSpec],
    reader: &mut Reader<'_>,
) -> Option<FaultKind> {
    let written: Vec<&Entry> = KINDS.iter().filter_map(|name| fields.entry(name)).collect();
    let entry = match written.as_slice() {
        [entry] => *entry,
        // A kind that is misspelt is told as an unknown field.
        [] if has_unknown(fields) => return None,
        [] => {
            reader.report(fields.span, t!("file-no-fault"), t!("file-no-fault-hint"));
            return None;
        }
        [_, second, ..] => {
            has_unknown(fields); // what else is written belongs to the second
            let hint = t!("file-two-faults-hint");
            reader.report(second.name_span, t!("file-two-faults"), hint);
            return None;
        }
    };
    let node = &entry.value;
    match entry.name.as_str() {
        "broker" => {
            let words = [("down", FaultKind::BrokerDown)];
            let found = words.each_ref().map(|(word, _)| (*word, ()));
            reader.choice(node, &found, |found| t!("file-no-choice", found = found))?;
            Some(FaultKind::BrokerDown)
        }
        "surge" => {
            let hint = || t!("file-surge-hint");
            let times = reader.hinting(hint, |reader| reader.quantity(node, 0.0..=MOST_TIMES));
            times.map(FaultKind::Surge)
        }
        "slow" => {
            let times = reader.required(fields, "times", "10");
            let times = times.and_then(|node| {
                let hint = || t!("file-slow-hint");
                reader.hinting(hint, |reader| {
                    reader.quantity(node, LEAST_TIMES..=MOST_TIMES)
                })
            });
            Some(FaultKind::Slow(
                service_name(node, services, reader)?,
                times?,
            ))
        }
        kind @ ("failing" | "losing") => {
            let share = reader.required(fields, "share", "0.1");
            let share = share.and_then(|node| reader.share(node));
            let (name, share) = (service_name(node, services, reader)?, share?);
            Some(match kind {
                "failing" => FaultKind::Failing(name, share),
                _ => FaultKind::Losing(name, share),
            })
        }
        kind => {
            let name = service_name(node, services, reader)?;
            Some(match kind {
                "refusing" => FaultKind::Refusing(name),
                _ => FaultKind::Down(name),
            })
        }
    }
}

/// Whether something is written that no fault has.
fn has_unknown(fields: &mut Fields<'_>) -> bool {
    for name in ["from", "until", "times", "share"] {
        fields.get(name);
    }
    fields.has_unknown()
}
