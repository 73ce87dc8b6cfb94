//! What happens between services.

use std::borrow::Cow;

use crate::broker::Name;
use crate::t;
use crate::words::{shown, span};
use crate::world::http::{
    Caller, Change, Due, Event, OrderId, Outcome, Reach, RequestId, ServiceId,
};

use super::Names;

impl<'a> Names<'a> {
    pub(in crate::words) fn service(&self, id: ServiceId) -> Cow<'a, str> {
        let service = self.world.http().service(id);
        service.map_or(Cow::Borrowed(""), |service| shown(service.name()))
    }

    fn users(&self) -> Cow<'a, str> {
        let users = self.world.http().users.as_ref();
        users.map_or(Cow::Borrowed(""), |users| shown(&users.setup.name))
    }

    /// Who called. A request that is over is known by the history alone.
    fn caller(&self, from: Caller) -> Cow<'a, str> {
        match from {
            Caller::User(_) => self.users(),
            Caller::Service { request, .. } => self.service_of(request),
        }
    }

    /// The service a request is for.
    fn service_of(&self, request: RequestId) -> Cow<'a, str> {
        let known = self.history.request(request);
        known.map_or(Cow::Borrowed(""), |(of, _)| self.service(of.service))
    }

    /// Who sent a request.
    fn caller_of(&self, request: RequestId) -> Cow<'a, str> {
        let known = self.history.request(request);
        known.map_or(Cow::Borrowed(""), |(_, from)| self.caller(from))
    }

    /// What happened between services: the verb and the sentence.
    pub(super) fn http(&self, event: &Event) -> (String, String) {
        let order = event.order().map_or(0, |order: OrderId| order.0);
        let service = event
            .of()
            .map_or(Cow::Borrowed(""), |of| self.service(of.service));
        let caller = event
            .of()
            .map_or(Cow::Borrowed(""), |of| self.caller_of(of.request));
        match event {
            Event::Ordered { .. } => (
                t!("verb-order"),
                t!("http-ordered", users = self.users(), order = order),
            ),
            Event::Requested { from, number, .. } => (
                t!("verb-call"),
                t!(
                    "http-requested",
                    caller = self.caller(*from),
                    service = service,
                    order = order,
                    number = *number
                ),
            ),
            Event::Pooled { .. } => (
                t!("verb-wait"),
                t!(
                    "http-pooled",
                    caller = caller,
                    service = service,
                    order = order
                ),
            ),
            Event::Queued { .. } => (
                t!("verb-wait"),
                t!("http-queued", service = service, order = order),
            ),
            Event::Unanswered { .. } => (
                t!("verb-lose"),
                t!("http-unanswered", service = service, order = order),
            ),
            Event::Started { .. } => (
                t!("verb-start"),
                t!("http-started", service = service, order = order),
            ),
            Event::Worked { .. } => (
                t!("verb-finish"),
                t!("http-worked", service = service, order = order),
            ),
            Event::Recognised { .. } => (
                t!("verb-finish"),
                t!("http-recognised", service = service, order = order),
            ),
            Event::Responded {
                outcome: Outcome::Refused,
                ..
            } => (
                t!("verb-refuse"),
                t!("http-refused", service = service, order = order),
            ),
            Event::Responded { outcome, .. } => (
                t!("verb-answer"),
                t!(
                    "http-responded",
                    service = service,
                    order = order,
                    outcome = http_outcome(*outcome)
                ),
            ),
            Event::AnswerLost { .. } => (
                t!("verb-lose"),
                t!("http-answer-lost", service = service, order = order),
            ),
            Event::Dropped { .. } => (
                t!("verb-lose"),
                t!("http-dropped", service = service, order = order),
            ),
            Event::Answered { outcome, late, .. } => {
                let outcome = http_outcome(*outcome);
                let text = match late {
                    true => t!(
                        "http-answered-late",
                        caller = caller,
                        service = service,
                        order = order,
                        outcome = outcome
                    ),
                    false => t!(
                        "http-answered",
                        caller = caller,
                        service = service,
                        order = order,
                        outcome = outcome
                    ),
                };
                (t!("verb-receive"), text)
            }
            Event::TimedOut { .. } => (
                t!("verb-time-out"),
                t!(
                    "http-timed-out",
                    caller = caller,
                    service = service,
                    order = order
                ),
            ),
            Event::BackedOff {
                from,
                service,
                until,
                ..
            } => (
                t!("verb-back-off"),
                t!(
                    "http-backed-off",
                    caller = self.caller(*from),
                    service = self.service(*service),
                    order = order,
                    until = span(*until)
                ),
            ),
            Event::ShortCircuited { from, service, .. } => (
                t!("verb-skip"),
                t!(
                    "http-short-circuited",
                    caller = self.caller(*from),
                    service = self.service(*service),
                    order = order
                ),
            ),
            Event::Breaker { of, service, open } => {
                let caller = of.map_or_else(|| self.users(), |of| self.service(of));
                let service = self.service(*service);
                let text = match open {
                    true => t!("http-breaker-open", caller = caller, service = service),
                    false => t!("http-breaker-closed", caller = caller, service = service),
                };
                (t!("verb-breaker"), text)
            }
            Event::Settled { outcome, .. } => {
                let verb = match outcome.is_success() {
                    true => t!("verb-answered"),
                    false => t!("verb-failed"),
                };
                let text = t!(
                    "http-settled",
                    order = order,
                    outcome = http_outcome(*outcome)
                );
                (verb, text)
            }
        }
    }

    /// What is going to happen between services, if it is worth telling.
    pub(super) fn http_coming(&self, due: Due) -> Option<String> {
        let http = self.world.http();
        let order = |request| http.request(request).map(|it: &_| it.order.0);
        Some(match due {
            Due::Order => t!("coming-order", users = self.users()),
            Due::ReachService(request) => t!(
                "coming-request",
                order = order(request)?,
                service = self.service(http.request(request)?.to)
            ),
            Due::Worked(request) => t!(
                "coming-worked",
                order = order(request)?,
                service = self.service(http.request(request)?.to)
            ),
            Due::ReachCaller { request, outcome } => t!(
                "coming-answer",
                order = order(request)?,
                outcome = http_outcome(outcome),
                caller = self.caller_of(request)
            ),
            Due::TimeOut(request) => {
                let it = http.request(request).filter(|it| it.awaited)?;
                t!(
                    "coming-time-out",
                    order = it.order.0,
                    caller = self.caller_of(request),
                    service = self.service(it.to)
                )
            }
            Due::Retry(from) => t!("coming-retry", caller = self.caller(from)),
            Due::ConfirmTimeOut(request) => t!(
                "coming-confirm-time-out",
                order = order(request)?,
                service = self.service(http.request(request)?.to)
            ),
        })
    }
}

/// What came of a call.
#[must_use]
pub fn http_outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::Status(status) => status.to_string(),
        Outcome::Refused => t!("outcome-refused"),
        Outcome::Reset => t!("outcome-reset"),
        Outcome::TimedOut => t!("outcome-timed-out"),
        Outcome::NotTried => t!("outcome-not-tried"),
    }
}

/// What changes for a service.
pub(super) fn changed(service: &Name, change: Change) -> String {
    let service = shown(service);
    let percent = |rate: f64| (rate * 100.0).round() as u64;
    match change {
        Change::Reach(Reach::Up) => t!("change-up", service = service),
        Change::Reach(Reach::Silent) => t!("change-silent", service = service),
        Change::Reach(Reach::Refusing) => t!("change-refusing", service = service),
        Change::Slow(1.0) => t!("change-as-fast", service = service),
        Change::Slow(factor) => t!("change-slow", service = service, factor = factor),
        Change::Failing(0.0) => t!("change-sound", service = service),
        Change::Failing(rate) => t!("change-failing", service = service, percent = percent(rate)),
        Change::Losing(0.0) => t!("change-heard", service = service),
        Change::Losing(rate) => t!("change-losing", service = service, percent = percent(rate)),
    }
}
