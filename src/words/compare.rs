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
/// What takes longer than this, and so many times as long as is usual, is late.
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

/// What the numbers of HTTP and of messaging say at a moment, in a few sentences: whom either failed, what else went wrong,
/// who was quicker at what, and how late the latest was.
#[must_use]
pub fn verdict(comparison: &Comparison, sides: &[Summary; 2]) -> String {
    let mut clauses = Vec::from_iter(in_time(comparison, sides));
    clauses.push(failures(sides));
    clauses[0] = with_faults(comparison, sides, &clauses[0]);
    clauses.extend(joined(&troubles(sides)));
    clauses.extend(times(sides));
    clauses.extend(joined(&worst(sides)));
    let sentences: Vec<_> = clauses.iter().map(|it| sentence(it)).collect();
    sentences.join(" ")
}

fn joined(clauses: &[String]) -> Option<String> {
    (!clauses.is_empty()).then(|| clauses.join(&t!("verdict-clause-gap")))
}

/// How many orders were of use, if there is a time after which one is not.
fn in_time(comparison: &Comparison, [http, messaging]: &[Summary; 2]) -> Option<String> {
    let deadline = comparison.deadline?;
    let sent = http.sent.max(messaging.sent);
    (sent > 0).then(|| {
        t!(
            "verdict-in-time",
            http = none_or(http.in_time.unwrap_or_default()),
            messaging = none_or(messaging.in_time.unwrap_or_default()),
            sent = number(sent),
            count = sent,
            deadline = rounded(deadline)
        )
    })
}

/// Says what went wrong up to now.
fn with_faults(comparison: &Comparison, [http, messaging]: &[Summary; 2], text: &str) -> String {
    let now = http.now.max(messaging.now);
    let faults = comparison.faults.iter().filter(|fault| fault.from < now);
    let faults: Vec<_> = faults.map(|it| fault(it, now)).collect();
    if faults.is_empty() {
        return text.to_owned();
    }
    let faults = faults.join(&t!("verdict-fault-gap"));
    t!("verdict-with", faults = faults, text = text)
}

/// How many orders failed for their users.
fn failures([http, messaging]: &[Summary; 2]) -> String {
    let sent = http.sent.max(messaging.sent);
    match (http.failed, messaging.failed) {
        _ if sent == 0 => t!("verdict-no-orders"),
        (0, 0) => t!("verdict-none-failed", sent = number(sent), count = sent),
        (failed, other) if failed == other => t!(
            "verdict-failed-alike",
            failed = number(failed),
            sent = number(sent),
            count = sent
        ),
        (failed, other) => t!(
            "verdict-failed",
            http = none_or(failed),
            messaging = none_or(other),
            sent = number(sent),
            count = sent
        ),
    }
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
            let oldest = it.longest_waiting.max(it.oldest_to_do);
            told.push(t!(
                "verdict-to-do",
                side = side(its),
                count = unfinished,
                grouped = grouped,
                oldest = rounded(oldest)
            ));
        }
    }
    told
}

/// Who answered sooner those whom it did not fail, and who had the work done sooner.
fn times(sides: &[Summary; 2]) -> Option<String> {
    let [http, messaging] = sides;
    if sides.iter().any(|it| it.answered == 0 || it.done == 0) {
        return None;
    }
    let wait = Quicker::of(http.answered_after.p50, messaging.answered_after.p50);
    let done = Quicker::of(http.done_after.p50, messaging.done_after.p50);
    let answered = match wait.side {
        // An order that messaging accepts is not done by that.
        Some(Side::Http) => t!("verdict-answered", short = wait.short(), long = wait.long()),
        Some(Side::Messaging) => t!("verdict-accepted", short = wait.short(), long = wait.long()),
        None => t!("verdict-answered-alike", both = wait.both()),
    };
    let worked = match done.side {
        Some(quick) => t!(
            "verdict-worked",
            quick = side(quick),
            short = done.short(),
            long = done.long()
        ),
        None => t!("verdict-worked-alike", both = done.both()),
    };
    Some(match (wait.side, done.side) {
        (Some(one), Some(another)) if one != another => {
            t!("verdict-but", one = answered, another = worked)
        }
        _ => t!("verdict-and", one = answered, another = worked),
    })
}

/// How long the longest took, where it is far from what is usual.
fn worst([http, messaging]: &[Summary; 2]) -> Vec<String> {
    let mut told = Vec::new();
    let longest = Quicker::of(http.user_wait.max, messaging.user_wait.max);
    if longest.is_far_from(http.user_wait.p50.max(messaging.user_wait.p50)) {
        told.push(t!("verdict-longest", both = longest.both()));
    }
    let slowest = Quicker::of(http.done_after.max, messaging.done_after.max);
    if slowest.is_far_from(http.done_after.p50.max(messaging.done_after.p50)) {
        told.push(t!("verdict-slowest", both = slowest.both()));
    }
    told
}

/// Which of two times is shorter.
struct Quicker {
    /// None, if they are as good as the same.
    side: Option<Side>,
    http: Micros,
    messaging: Micros,
}

impl Quicker {
    fn of(http: Micros, messaging: Micros) -> Self {
        let (short, long) = (http.min(messaging), http.max(messaging));
        let apart = long.since(short);
        let is_alike = apart < ALIKE_SPAN || apart.0 as f64 <= ALIKE * long.0 as f64;
        let side = match http <= messaging {
            true => Side::Http,
            false => Side::Messaging,
        };
        Self {
            side: (!is_alike).then_some(side),
            http,
            messaging,
        }
    }

    fn short(&self) -> String {
        rounded(self.http.min(self.messaging))
    }

    fn long(&self) -> String {
        rounded(self.http.max(self.messaging))
    }

    /// Either side's, or what is the same on both.
    fn both(&self) -> String {
        let (http, messaging) = (rounded(self.http), rounded(self.messaging));
        match http == messaging {
            true => http,
            false => t!("verdict-both", http = http, messaging = messaging),
        }
    }

    /// Whether the longer is late, and much longer than what is usual.
    fn is_far_from(&self, usual: Micros) -> bool {
        let longer = self.http.max(self.messaging);
        longer > LATE && longer.0 / TIMES_LATE > usual.0
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
        1_000_000..100_000_000 => 100_000,
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
