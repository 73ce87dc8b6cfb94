//! A service that publishes what others are to do, and answers as soon as the broker has it.

use std::sync::Arc;

use crate::broker::{EventId, MessageId, Micros, Properties, Publication};
use crate::world::{Event as Happened, PublisherId, World};

use super::{Due, OrderId, Outcome, Phase, RequestId, Status};

/// The priority of an urgent order; a queue lowers it to its own highest.
const URGENT: u8 = 9;

impl World {
    /// A service publishes an order. Where nothing is confirmed, it has done with it.
    pub(super) fn hand_over(&mut self, id: RequestId, cause: EventId, events: &mut Vec<Happened>) {
        let Some(of) = self.of(id) else {
            return;
        };
        let service = self.http.service(of.service);
        let Some((publisher, setup)) =
            service.and_then(|it| Some((it.publisher?, it.setup.clone())))
        else {
            return;
        };
        let (Some(hand_over), Some(by)) = (&setup.hands_over, self.publisher(publisher)) else {
            return;
        };
        let (confirms, exchange) = (by.confirms, by.exchange.clone());
        let publication = Publication {
            exchange,
            routing_key: hand_over.key.clone(),
            properties: Arc::new(Properties {
                message_id: Some(of.order.0.to_string().into()),
                delivery_mode: hand_over.persistent.then_some(2),
                priority: self.is_urgent(of.order).then_some(URGENT),
                ..Properties::default()
            }),
            ..Publication::default()
        };
        let message = (Arc::new(publication), false);
        let message = self.publish(publisher, message, Micros::ZERO, cause, events);
        let Some((message, cause)) = message else {
            let status = Outcome::Status(Status::ServiceUnavailable);
            self.respond(id, status, cause, events); // there is no broker
            return;
        };
        if !confirms {
            let status = Outcome::Status(Status::Accepted);
            self.respond(id, status, cause, events);
            return;
        }
        self.http.handed_over.insert(message, id);
        if let Some(request) = self.http.requests.get_mut(&id) {
            request.phase = Phase::HandingOver;
            request.step = cause;
        }
        if let Some(timeout) = hand_over.timeout {
            self.appoint(self.now + timeout, cause, Due::ConfirmTimeOut(id));
        }
    }

    fn is_urgent(&self, order: OrderId) -> bool {
        let users = self.http.users.as_ref();
        users.is_some_and(|it| it.luck.is_of(order, it.setup.workload.urgent))
    }

    /// The broker has a message of a service's, or would not have it.
    pub(in crate::world) fn handed_over(
        &mut self,
        message: MessageId,
        status: Status,
        cause: EventId,
        events: &mut Vec<Happened>,
    ) {
        if let Some(id) = self.http.handed_over.remove(&message) {
            self.respond(id, Outcome::Status(status), cause, events);
        }
    }

    /// A publisher's channel is gone: what is not confirmed may be there or not, and nobody will say.
    pub(in crate::world) fn never_confirmed(
        &mut self,
        publisher: PublisherId,
        cause: EventId,
        events: &mut Vec<Happened>,
    ) {
        let services = &self.http.services;
        let its = |id: &RequestId| {
            let request = self.http.request(*id)?;
            services.get(request.to.0 as usize)?.publisher
        };
        let handed_over = self.http.handed_over.iter();
        let mut lost: Vec<_> = handed_over
            .filter(|(_, id)| its(id) == Some(publisher))
            .map(|(&message, _)| message)
            .collect();
        lost.sort_unstable();
        for message in lost {
            self.handed_over(message, Status::ServiceUnavailable, cause, events);
        }
    }

    /// A service waits for a confirm no longer, if it still does. The message may be there nevertheless.
    pub(super) fn confirm_time_out(&mut self, id: RequestId, events: &mut Vec<Happened>) {
        let Some(request) = self.http.request(id) else {
            return;
        };
        if request.phase == Phase::HandingOver {
            let step = request.step;
            self.http.handed_over.retain(|_, other| *other != id);
            let status = Outcome::Status(Status::GatewayTimeout);
            self.respond(id, status, step, events);
        }
    }
}
