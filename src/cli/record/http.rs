//! What happens between services.

use crate::world::http::{Caller, Event, Outcome, ServiceId};

use super::Namer;
use super::row::Record;

impl<'e> Namer<'e> {
    fn service(&self, id: ServiceId) -> &'e str {
        let service = self.0.http().service(id);
        service.map_or("", |service| service.name().as_str())
    }

    pub(super) fn http(&self, row: Record<'e>, event: &Event) -> Record<'e> {
        let row = row.named(name(event));
        let row = row.maybe("order", event.order().map(|order| order.0));
        let row = match event.of() {
            Some(of) => row
                .with("request", of.request.0)
                .with("service", self.service(of.service)),
            None => row,
        };
        match *event {
            Event::Requested { from, number, .. } => {
                from_caller(row, from).with("number", u64::from(number))
            }
            Event::Started { until, .. } => row.with("until_us", until.0),
            Event::Responded { outcome, .. } | Event::Settled { outcome, .. } => {
                with_outcome(row, outcome)
            }
            Event::Answered { outcome, late, .. } => with_outcome(row, outcome).with("late", late),
            Event::BackedOff {
                from,
                service,
                until,
                ..
            } => from_caller(row, from)
                .with("service", self.service(service))
                .with("until_us", until.0),
            Event::ShortCircuited { from, service, .. } => {
                from_caller(row, from).with("service", self.service(service))
            }
            Event::Breaker { of, service, open } => row
                .maybe("of", of.map(|of| self.service(of)))
                .with("service", self.service(service))
                .with("open", open),
            _ => row,
        }
    }
}

fn name(event: &Event) -> &'static str {
    match event {
        Event::Ordered { .. } => "ordered",
        Event::Requested { .. } => "requested",
        Event::Pooled { .. } => "pooled",
        Event::Queued { .. } => "request_queued",
        Event::Unanswered { .. } => "unanswered",
        Event::Started { .. } => "request_started",
        Event::Worked { .. } => "worked",
        Event::Recognised { .. } => "recognised",
        Event::Responded { .. } => "responded",
        Event::AnswerLost { .. } => "answer_lost",
        Event::Dropped { .. } => "request_dropped",
        Event::Answered { .. } => "answered",
        Event::TimedOut { .. } => "timed_out",
        Event::BackedOff { .. } => "backed_off",
        Event::ShortCircuited { .. } => "short_circuited",
        Event::Breaker { .. } => "breaker",
        Event::Settled { .. } => "settled",
    }
}

/// The request for which somebody calls, if it is not a user.
fn from_caller(row: Record<'_>, from: Caller) -> Record<'_> {
    match from {
        Caller::User(_) => row,
        Caller::Service { request, .. } => row.with("for_request", request.0),
    }
}

fn with_outcome(row: Record<'_>, outcome: Outcome) -> Record<'_> {
    match outcome {
        Outcome::Status(status) => row.with("status", u64::from(status.code())),
        Outcome::Refused => row.with("status", "refused"),
        Outcome::Reset => row.with("status", "reset"),
        Outcome::TimedOut => row.with("status", "timed_out"),
        Outcome::NotTried => row.with("status", "not_tried"),
    }
}
