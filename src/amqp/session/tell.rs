//! What the broker sends, as frames.

use crate::broker::{Delivery, Message, Name, Refusal, Table};

use crate::amqp::frame::{self, FrameKind};
use crate::amqp::method::Method;
use crate::amqp::{properties, writer};

use super::{Confirmed, Session};

/// Where in a frame with `basic.ack` its tag stands, and behind it whether it means all up to that.
const TAG: usize = frame::BEFORE + 4;
const MULTIPLE: usize = TAG + 8;

impl Session {
    /// `basic.deliver`
    pub fn deliver(&mut self, channel: u16, tag: &Name, delivery: &Delivery) {
        let publication = &delivery.message.publication;
        let deliver = Method::BasicDeliver {
            consumer_tag: tag.clone(),
            delivery_tag: delivery.tag,
            redelivered: delivery.redelivered,
            exchange: publication.exchange.clone(),
            routing_key: publication.routing_key.clone(),
        };
        self.send_content(channel, &deliver, &delivery.message, Some(delivery));
    }

    /// `basic.get-ok`
    pub(super) fn got(&mut self, channel: u16, delivery: &Delivery, remaining: u32) {
        let publication = &delivery.message.publication;
        let got = Method::BasicGetOk {
            delivery_tag: delivery.tag,
            redelivered: delivery.redelivered,
            exchange: publication.exchange.clone(),
            routing_key: publication.routing_key.clone(),
            message_count: remaining,
        };
        self.send_content(channel, &got, &delivery.message, Some(delivery));
    }

    /// `basic.return` (P2)
    pub fn hand_back(&mut self, channel: u16, message: &Message) {
        let publication = &message.publication;
        let returned = Method::BasicReturn {
            reply_code: 312,
            reply_text: "NO_ROUTE".into(),
            exchange: publication.exchange.clone(),
            routing_key: publication.routing_key.clone(),
        };
        self.send_content(channel, &returned, message, None);
        if let Some(channel) = self.channels.get_mut(&channel) {
            channel.confirms.last = None; // It comes before its confirm (P3).
        }
    }

    fn send_content(
        &mut self,
        channel: u16,
        method: &Method,
        message: &Message,
        delivery: Option<&Delivery>,
    ) {
        self.send(channel, method);
        let publication = &message.publication;
        let body = publication.body.as_bytes();
        let added: Option<Table> = delivery
            .filter(|it| it.adds_headers())
            .map(Delivery::headers);
        let headers = added.as_ref().unwrap_or(&publication.properties.headers);
        frame::write(&mut self.out, FrameKind::Header, channel, |out| {
            writer::short(out, method.id().class);
            writer::short(out, 0);
            writer::long_long(out, body.len() as u64);
            properties::write(out, &publication.properties, headers);
        });
        for piece in body.chunks(self.frame_max - frame::AROUND) {
            frame::write(&mut self.out, FrameKind::Body, channel, |out| {
                out.extend_from_slice(piece);
            });
        }
    }

    /// `basic.ack` or `basic.nack` for what was published (P7–P9). Acknowledgements that follow each other are one, as long
    /// as nothing is on its way yet (P8).
    pub fn confirm(&mut self, number: u16, sequence: u64, multiple: bool, ack: bool) {
        let Some(channel) = self.channels.get_mut(&number) else {
            return;
        };
        let confirms = &mut channel.confirms;
        let follows = confirms.tell(sequence, multiple);
        if ack
            && follows
            && let Some(at) = confirms.last.filter(|&at| at >= self.told)
        {
            let tag = self.out.get_mut(at + TAG..at + MULTIPLE);
            if let Some(tag) = tag {
                tag.copy_from_slice(&sequence.to_be_bytes());
                self.out[at + MULTIPLE] = 1;
                return;
            }
        }
        confirms.last = ack.then_some(self.out.len());
        let confirm = match ack {
            true => Method::BasicAck {
                delivery_tag: sequence,
                multiple,
            },
            false => Method::BasicNack {
                delivery_tag: sequence,
                multiple,
                requeue: true, // which says nothing here; RabbitMQ sends it so
            },
        };
        self.send(number, &confirm);
    }

    /// `basic.cancel` (S13)
    pub fn cancel(&mut self, channel: u16, tag: &Name) {
        let cancel = Method::BasicCancel {
            consumer_tag: tag.clone(),
            no_wait: true,
        };
        self.send(channel, &cancel);
    }

    /// `connection.blocked`, or `connection.unblocked` (F3, F4)
    pub fn block(&mut self, reason: Option<&str>) {
        let told = match reason {
            Some(reason) => Method::ConnectionBlocked {
                reason: reason.into(),
            },
            None => Method::ConnectionUnblocked {},
        };
        self.send(0, &told);
    }

    /// `channel.close`; by what its client said just now, or by itself (C11)
    pub fn close_channel(&mut self, number: u16, refusal: &Refusal, by_method: bool) {
        if let Some(channel) = self.channels.get_mut(&number) {
            channel.closing = true;
            channel.content = None;
        }
        let method = match by_method {
            true => self.current,
            false => Default::default(),
        };
        let close = Method::ChannelClose {
            reply_code: refusal.code.number(),
            reply_text: refusal.reply_text().into(),
            class_id: method.class,
            method_id: method.method,
        };
        self.send(number, &close);
    }
}

impl Confirmed {
    /// Remembers what the publisher is told; whether it has been told of all up to this one then.
    fn tell(&mut self, sequence: u64, multiple: bool) -> bool {
        if multiple {
            self.to = self.to.max(sequence);
        } else {
            self.ahead.insert(sequence);
        }
        while self.ahead.remove(&(self.to + 1)) {
            self.to += 1;
        }
        while self.ahead.first().is_some_and(|&first| first <= self.to) {
            self.ahead.pop_first();
        }
        self.to >= sequence
    }
}
