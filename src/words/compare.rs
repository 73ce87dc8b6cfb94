//! What a comparison found, in words.

use crate::broker::Micros;
use crate::compare::{Comparison, Fault, FaultKind, Side, Summary};
use crate::t;

use super::{grouped, span};

/// Times that differ by less are as good as the same: by a tenth, or by a millisecond.
const ALIKE: f64 = 0.1;
const ALIKE_SPAN: Micros = Micros::from_millis(1);
/// One in so many is not worth telling of what is still under way at the end.
const FEW: u64 = 100;
/// An order that is done later than this, and so many times later than on the other side, is late.
const LATE: Micros = Micros::from_secs(1);
const TIMES_LATE: u64 = 2;

/// What a side is called.
#[must_use]
pub fn side(side: Side) -> String {
    match side {
        Side::Http => t!("side-http"),
        Side::Messaging => t!("side-messaging"),
    }
}

/// What goes wrong, and for how long up to a time: `mail down for 10 s`.
#[must_use]
pub fn fault(fault: &Fault, now: Micros) -> String {
    let percent = |rate: f64| (rate * 100.0).round() as u64;
    let lasts = rounded(fault.until.unwrap_or(now).min(now).since(fault.from));
    match &fault.kind {
        FaultKind::Down(name) => t!("fault-down", service = name.as_str(), span = lasts),
        FaultKind::Refusing(name) => t!("fault-refusing", service = name.as_str(), span = lasts),
        FaultKind::Slow(name, factor) => t!(
            "fault-slow",
            service = name.as_str(),
            factor = *factor,
            span = lasts
        ),
        FaultKind::Failing(name, rate) => t!(
            "fault-failing",
            service = name.as_str(),
            percent = percent(*rate),
            span = lasts
        ),
        FaultKind::Losing(name, rate) => t!(
            "fault-losing",
            service = name.as_str(),
            percent = percent(*rate),
            span = lasts
        ),
        FaultKind::BrokerDown => t!("fault-broker-down", span = lasts),
        FaultKind::Surge(factor) => t!("fault-surge", factor = *factor, span = lasts),
    }
}

/// What the numbers of HTTP and of messaging say at a moment, in up to three sentences: whom it failed, what else went wrong, and who
/// was quicker at what.
#[must_use]
pub fn verdict(comparison: &Comparison, sides: &[Summary; 2]) -> String {
    let mut sentences = vec![failures(comparison, sides)];
    let troubles: Vec<_> = troubles(sides);
    if !troubles.is_empty() {
        sentences.push(sentence(&troubles.join(&t!("verdict-clause-gap"))));
    }
    sentences.extend(times(sides));
    sentences.join(" ")
}

/// How many orders failed for their users.
fn failures(comparison: &Comparison, [http, messaging]: &[Summary; 2]) -> String {
    let sent = http.sent.max(messaging.sent);
    let text = match (http.failed, messaging.failed) {
        _ if sent == 0 => t!("verdict-no-orders"),
        (0, 0) => t!("verdict-none-failed", sent = number(sent)),
        (failed, other) if failed == other => t!(
            "verdict-failed-alike",
            failed = number(failed),
            sent = number(sent)
        ),
        (failed, other) => t!(
            "verdict-failed",
            http = none_or(failed),
            messaging = none_or(other),
            sent = number(sent)
        ),
    };
    let now = http.now.max(messaging.now);
    let faults = comparison.faults.iter().filter(|fault| fault.from < now);
    let faults: Vec<_> = faults.map(|it| fault(it, now)).collect();
    if faults.is_empty() {
        return sentence(&text);
    }
    let faults = faults.join(&t!("verdict-fault-gap"));
    sentence(&t!("verdict-with", faults = faults, text = text))
}

/// What went wrong besides, on either side.
fn troubles(sides: &[Summary; 2]) -> Vec<String> {
    let [http, messaging] = sides;
    let mut told = Vec::new();
    for (its, it) in Side::ALL.into_iter().zip(sides) {
        let side = || side(its);
        if it.lost > 0 {
            told.push(t!(
                "verdict-lost",
                side = side(),
                count = it.lost,
                grouped = number(it.lost)
            ));
        }
        if it.partly_done > 0 {
            let (count, grouped) = (it.partly_done, number(it.partly_done));
            told.push(t!(
                "verdict-partly",
                side = side(),
                count = count,
                grouped = grouped
            ));
        }
        if it.done_though_failed > 0 {
            let (count, grouped) = (it.done_though_failed, number(it.done_though_failed));
            told.push(t!(
                "verdict-though-failed",
                side = side(),
                count = count,
                grouped = grouped
            ));
        }
    }
    if http.duplicates > 0 || messaging.duplicates > 0 {
        told.push(t!(
            "verdict-duplicates",
            http = none_or(http.duplicates),
            messaging = none_or(messaging.duplicates)
        ));
    }
    for (its, it) in Side::ALL.into_iter().zip(sides) {
        let unfinished = it.to_do + it.waiting;
        // Some always are when the run ends while orders still come.
        if unfinished * FEW > it.sent {
            let grouped = number(unfinished);
            told.push(t!(
                "verdict-to-do",
                side = side(its),
                count = unfinished,
                grouped = grouped
            ));
        }
    }
    for (its, late, other) in [
        (Side::Http, http, messaging),
        (Side::Messaging, messaging, http),
    ] {
        let (most, usual) = (late.done_after.max, other.done_after.max);
        if most > LATE && most.0 / TIMES_LATE > usual.0 && other.done > 0 {
            told.push(t!("verdict-late", side = side(its), span = rounded(most)));
        }
    }
    told
}

/// Who answered sooner, and who had the work done sooner.
fn times(sides: &[Summary; 2]) -> Option<String> {
    let [http, messaging] = sides;
    if sides
        .iter()
        .any(|it| it.user_wait.count == 0 || it.done == 0)
    {
        return None;
    }
    let wait = quicker(http.user_wait.p50, messaging.user_wait.p50);
    let done = quicker(http.done_after.p50, messaging.done_after.p50);
    let text = |quicker: &Quicker, by: &dyn Fn(&Quicker, Side) -> String, alike: String| {
        quicker.side.map_or(alike, |side| by(quicker, side))
    };
    let answered = text(
        &wait,
        &|it, quick| {
            let (short, long) = (rounded(it.short), rounded(it.long));
            // An order that messaging accepts is not done by that.
            match quick {
                Side::Http => t!("verdict-answered", short = short, long = long),
                Side::Messaging => t!("verdict-accepted", short = short, long = long),
            }
        },
        t!("verdict-answered-alike", span = rounded(wait.long)),
    );
    let worked = text(
        &done,
        &|it, quick| {
            t!(
                "verdict-worked",
                quick = side(quick),
                short = rounded(it.short),
                long = rounded(it.long)
            )
        },
        t!("verdict-worked-alike", span = rounded(done.long)),
    );
    let both = match (wait.side, done.side) {
        (None, None) => t!(
            "verdict-alike",
            wait = rounded(wait.long),
            done = rounded(done.long)
        ),
        (Some(one), Some(another)) if one != another => {
            t!("verdict-but", one = answered, another = worked)
        }
        _ => t!("verdict-and", one = answered, another = worked),
    };
    Some(sentence(&both))
}

/// Which of two times is shorter.
struct Quicker {
    /// None, if they are as good as the same.
    side: Option<Side>,
    short: Micros,
    long: Micros,
}

fn quicker(http: Micros, messaging: Micros) -> Quicker {
    let (short, long) = (http.min(messaging), http.max(messaging));
    let apart = long.since(short);
    let is_alike = apart < ALIKE_SPAN || apart.0 as f64 <= ALIKE * long.0 as f64;
    let side = match http <= messaging {
        true => Side::Http,
        false => Side::Messaging,
    };
    Quicker {
        side: (!is_alike).then_some(side),
        short,
        long,
    }
}

fn number(count: u64) -> String {
    grouped(usize::try_from(count).unwrap_or(usize::MAX))
}

fn none_or(count: u64) -> String {
    match count {
        0 => t!("verdict-none"),
        count => number(count),
    }
}

/// A span with no more digits than anybody wants to know.
fn rounded(time: Micros) -> String {
    let unit = match time.0 {
        0..10_000 => 100,
        10_000..1_000_000 => 1_000,
        1_000_000..10_000_000 => 100_000,
        _ => 1_000_000,
    };
    span(Micros((time.0 + unit / 2) / unit * unit))
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let text: String = first.chain(letters).collect();
    t!("verdict-sentence", text = text)
}
