//! A consumer's own side: what it has received, what it works on.

use std::collections::VecDeque;

use crate::broker::{ChannelId, ConsumerId, Delivery, Micros, Name, Queued};

use super::random::Dice;
use super::{Answer, ConsumerSetup, Latency, OnFailure, Service};

/// A consumer at work. It works on one message at a time, in the order they reach it.
#[derive(Clone, Debug)]
pub struct Worker {
    /// The number the broker knows it by.
    pub id: ConsumerId,
    /// How it was set up.
    pub setup: ConsumerSetup,
    /// What it works on, since when, until when.
    pub working: Option<Job>,
    /// How long a delivery is on its way.
    pub latency_deliver: Micros,
    /// How long an acknowledgement is on its way back.
    pub latency_ack: Micros,
    pub(super) channel: ChannelId,
    pub(super) inbox: VecDeque<Delivery>,
    dice: Dice,
}

/// What a consumer works on.
#[derive(Clone, Debug)]
pub struct Job {
    /// The copy.
    pub queued: Queued,
    /// When it began.
    pub since: Micros,
    /// When it will be done.
    pub until: Micros,
    pub(super) tag: u64,
}

impl Worker {
    pub(super) fn new(
        id: ConsumerId,
        setup: &ConsumerSetup,
        channel: ChannelId,
        latency: &Latency,
        dice: Dice,
    ) -> Self {
        Self {
            id,
            setup: setup.clone(),
            working: None,
            latency_deliver: setup.latency.unwrap_or(latency.deliver),
            latency_ack: setup.latency.unwrap_or(latency.ack),
            channel,
            inbox: VecDeque::new(),
            dice,
        }
    }

    /// Its name, also its consumer tag.
    pub fn name(&self) -> &Name {
        &self.setup.name
    }

    /// Deliveries that reached it and wait for it to be free.
    pub fn waiting(&self) -> usize {
        self.inbox.len()
    }

    /// Takes the next delivery from its inbox, if it is free and there is one.
    pub(super) fn start(&mut self, now: Micros) -> Option<(Delivery, Micros)> {
        if self.working.is_some() {
            return None;
        }
        let delivery = self.inbox.pop_front()?;
        let span = match self.setup.service {
            Service::Fixed(span) => span,
            Service::Between(least, most) => self.dice.between(least, most),
            Service::Random(mean) => self.dice.exponential(mean),
        };
        // At least a moment: work on what is requeued again and again must not stop time.
        let until = now + span.max(Micros(1));
        self.working = Some(Job {
            queued: delivery.queued,
            since: now,
            until,
            tag: delivery.tag,
        });
        Some((delivery, until))
    }

    /// Finishes what it works on.
    pub(super) fn finish(&mut self) -> Option<(Job, Answer)> {
        let job = self.working.take()?;
        let failed =
            self.setup.failure_rate > 0.0 && self.dice.fraction() < self.setup.failure_rate;
        let answer = match (self.setup.ack, failed, self.setup.on_failure) {
            (false, false, _) => Answer::Silent,
            (false, true, _) => Answer::Lost,
            (true, false, _) => Answer::Ack,
            (true, true, OnFailure::Requeue) => Answer::Requeue,
            (true, true, OnFailure::Reject) => Answer::Reject,
        };
        Some((job, answer))
    }
}
