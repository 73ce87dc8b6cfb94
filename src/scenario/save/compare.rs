//! A comparison. What has its default value is left out, also where the default is that of the whole side.

use super::actors::takes;
use super::script::policy;
use super::text::{Fields, Section, duration, quoted, words};
use super::topology::Known;
use crate::broker::{Micros, Name, QueueKind};
use crate::compare::{
    Comparison, Fault, FaultKind, HttpSide, MessagingSide, ServiceChange, ServiceSpec, Side,
};
use crate::scenario::Lesson;
use crate::scenario::read::compare::{
    ARRIVALS, AT_ONCE, DEFAULT_DURING, NEVER, UNLIMITED, WHEN_FULL,
};
use crate::world::ServiceTime;
use crate::world::http::{Arrival, BackOff, BreakerSetup, RateLimit, Surge, Wave, WhenFull};

pub(super) fn lesson(lesson: &Lesson, file: &mut Section) {
    if !lesson.question.is_empty() {
        file.line("question", words(&lesson.question));
    }
    let predictions = lesson.predictions.iter().map(words);
    file.block("predictions", '[', predictions);
    if let Some(right) = lesson.right {
        file.line("right", right);
    }
    if !lesson.answer.is_empty() {
        file.line("answer", words(&lesson.answer));
    }
}

pub(super) fn comparison(comparison: &Comparison, file: &mut Section) {
    let usual = Comparison::new(1.0, Micros::ZERO, Vec::new());
    let mut block = file.within();
    block.line("users", users(comparison, &usual));
    if comparison.network != usual.network {
        block.line("network", duration(comparison.network));
    }
    if comparison.write != usual.write {
        block.line("write", duration(comparison.write));
    }
    block.block("services", '[', comparison.services.iter().map(service));
    let surges = comparison.workload.surges.iter().map(|surge| {
        let Surge {
            from,
            until,
            factor,
        } = *surge;
        let kind = FaultKind::Surge(factor);
        Fault { kind, from, until }
    });
    let faults = comparison.faults.iter().cloned().chain(surges);
    block.block("faults", '[', faults.map(|each| fault(&each)));
    if comparison.http != usual.http {
        let mut side = block.within();
        http(&comparison.http, &mut side);
        block.line("http", side.in_brackets());
    }
    if comparison.messaging != usual.messaging {
        let mut side = block.within();
        messaging(comparison, &mut side);
        block.line("messaging", side.in_brackets());
    }
    file.line("compare", block.in_brackets());
}

fn users(comparison: &Comparison, usual: &Comparison) -> String {
    let mut fields = Fields::default();
    if comparison.users != usual.users {
        fields.add("name", quoted(&comparison.users));
    }
    if comparison.request != usual.request {
        fields.add("ask", quoted(&comparison.request));
    }
    let workload = &comparison.workload;
    fields.add("rate", workload.rate);
    if workload.arrival != Arrival::Even {
        fields.add_some("arrivals", word(&ARRIVALS, &workload.arrival));
    }
    if workload.start != Micros::ZERO {
        fields.add("start", duration(workload.start));
    }
    let during = workload.until.since(workload.start);
    if during != DEFAULT_DURING {
        fields.add("during", duration(during));
    }
    fields.add_some("count", workload.count);
    if let Some(Wave { period, swing }) = workload.wave {
        let mut wave = Fields::default();
        wave.add("every", duration(period));
        wave.add("swing", swing);
        fields.add("wave", wave.in_brackets());
    }
    if workload.urgent != 0.0 {
        fields.add("urgent", workload.urgent);
    }
    if comparison.user_timeout != usual.user_timeout {
        fields.add("timeout", or_word(comparison.user_timeout, NEVER));
    }
    if comparison.user_retries != usual.user_retries {
        fields.add("retries", comparison.user_retries);
    }
    fields.add_some("deadline", comparison.deadline.map(duration));
    fields.in_brackets()
}

fn service(service: &ServiceSpec) -> String {
    let usual = ServiceSpec::new(service.name.clone());
    let mut fields = Fields::default();
    fields.add("name", quoted(&service.name));
    if service.workers != usual.workers {
        fields.add("workers", service.workers);
    }
    if service.time != ServiceTime::Fixed(Micros::ZERO) {
        fields.add("takes", takes(service.time));
    }
    if service.failure_rate != usual.failure_rate {
        fields.add("fails", service.failure_rate);
    }
    fields.add_flag("idempotent", service.idempotent);
    if !service.calls.is_empty() {
        fields.add("calls", super::list(&service.calls));
    }
    fields.in_brackets()
}

fn fault(fault: &Fault) -> String {
    let mut fields = Fields::default();
    let mut about = |kind: &str, name: &Name, more: Option<(&str, f64)>| {
        fields.add(kind, quoted(name));
        if let Some((name, number)) = more {
            fields.add(name, number);
        }
    };
    match &fault.kind {
        FaultKind::Down(name) => about("down", name, None),
        FaultKind::Refusing(name) => about("refusing", name, None),
        FaultKind::Slow(name, times) => about("slow", name, Some(("times", *times))),
        FaultKind::Failing(name, share) => about("failing", name, Some(("share", *share))),
        FaultKind::Losing(name, share) => about("losing", name, Some(("share", *share))),
        FaultKind::BrokerDown => fields.add("broker", "down"),
        FaultKind::Surge(times) => fields.add("surge", times),
    }
    if fault.from != Micros::ZERO {
        fields.add("from", duration(fault.from));
    }
    fields.add_some("until", fault.until.map(duration));
    fields.in_brackets()
}

fn http(side: &HttpSide, block: &mut Section) {
    let usual = HttpSide::default();
    if side.timeout != usual.timeout {
        block.line("timeout", or_word(side.timeout, NEVER));
    }
    if side.retries != usual.retries {
        block.line("retries", side.retries);
    }
    if side.back_off != usual.back_off {
        block.line("back_off", back_off(side.back_off));
    }
    if let Some(connections) = side.connections {
        block.line("connections", connections);
    }
    if let Some(BreakerSetup { failures, open_for }) = side.breaker {
        let mut breaker = Fields::default();
        breaker.add("failures", failures);
        breaker.add("open_for", duration(open_for));
        block.line("breaker", breaker.in_brackets());
    }
    if side.backlog != usual.backlog {
        block.line("backlog", backlog(side.backlog));
    }
    if side.when_full != usual.when_full {
        block.line("when_full", when_full(side.when_full));
    }
    if side.parallel {
        block.line("parallel", true);
    }
    block.block("services", '[', side.changes.iter().map(change));
}

fn messaging(comparison: &Comparison, block: &mut Section) {
    let (side, usual) = (&comparison.messaging, MessagingSide::default());
    if let Some(prefetch) = side.prefetch {
        block.line("prefetch", prefetch);
    }
    if side.confirms != usual.confirms {
        block.line("confirms", side.confirms);
    }
    if side.confirm_timeout != usual.confirm_timeout {
        block.line("confirm_timeout", or_word(side.confirm_timeout, NEVER));
    }
    if side.persistent != usual.persistent {
        block.line("persistent", side.persistent);
    }
    if side.queues != QueueKind::Classic {
        block.line("queue_type", side.queues.as_str());
    }
    if side.retry_after != usual.retry_after {
        block.line("retry_after", or_word(side.retry_after, AT_ONCE));
    }
    if let Some(most) = side.max_length {
        block.line("max_length", most);
        if side.reject_publish {
            block.line("overflow", "reject_publish");
        }
    }
    if let Some(priority) = side.max_priority {
        block.line("max_priority", priority);
    }
    let all = comparison.setup(Side::Messaging);
    let known = Known::of(&all);
    known.exchanges_in(&side.exchanges, block);
    known.queues_in(&side.own_queues, block);
    known.bindings_in(&side.bindings, block);
    for (name, operator) in [("policies", false), ("operator_policies", true)] {
        let policies = side.policies.iter();
        let policies = policies.filter(|policy| policy.operator == operator);
        block.block(name, '{', policies.map(policy));
    }
    block.block("services", '[', side.changes.iter().map(change));
}

fn change(change: &ServiceChange) -> String {
    let mut fields = Fields::default();
    fields.add("name", quoted(&change.name));
    fields.add_some("workers", change.workers);
    fields.add_some("timeout", change.timeout.map(|it| or_word(it, NEVER)));
    fields.add_some("retries", change.retries);
    fields.add_some("backlog", change.backlog.map(backlog));
    fields.add_some("when_full", change.when_full.map(when_full));
    if let Some(RateLimit { rate, burst }) = change.limit {
        let mut limit = Fields::default();
        limit.add("rate", rate);
        limit.add("burst", burst);
        fields.add("limit", limit.in_brackets());
    }
    fields.add_some("parallel", change.parallel);
    fields.add_some("prefetch", change.prefetch);
    fields.add_some(
        "retry_after",
        change.retry_after.map(|it| or_word(it, AT_ONCE)),
    );
    fields.in_brackets()
}

fn back_off(pause: BackOff) -> String {
    let mut fields = Fields::default();
    fields.add("first", duration(pause.first));
    fields.add("most", duration(pause.most));
    if !pause.jitter {
        fields.add("jitter", false);
    }
    fields.in_brackets()
}

fn or_word(span: Option<Micros>, word: &str) -> String {
    span.map_or_else(|| word.to_owned(), duration)
}

fn backlog(most: Option<u32>) -> String {
    most.map_or_else(|| UNLIMITED.to_owned(), |most| most.to_string())
}

fn when_full(when_full: WhenFull) -> &'static str {
    word(&WHEN_FULL, &when_full).unwrap_or("503")
}

fn word<T: PartialEq>(words: &[(&'static str, T)], meant: &T) -> Option<&'static str> {
    let found = words.iter().find(|(_, one)| one == meant);
    found.map(|(word, _)| *word)
}
