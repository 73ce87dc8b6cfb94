//! What is owed to publishers (P6–P9), and when a message counts as written (R6).

use crate::broker::confirms::Confirms;
use crate::broker::{
    ChannelId, CopyId, Event, EventId, Message, Micros, Outgoing, Outlet, Refusal, Reply, ReplyCode,
};

use super::{Broker, Due, Owed, Unwritten};

impl Broker {
    pub(super) fn confirm_select(&mut self, channel: ChannelId) -> Result<Reply, Refusal> {
        let channel = self.open(channel)?;
        if channel.transacts() {
            return Err(Refusal::new(
                ReplyCode::PreconditionFailed,
                "P6",
                "cannot switch from tx to confirm mode",
            ));
        }
        channel.confirms.get_or_insert_default();
        Ok(Reply::Done)
    }

    /// Gives a publish its sequence number, if its channel counts.
    pub(super) fn owe(
        &mut self,
        id: ChannelId,
        message: &Message,
        queues: usize,
        cause: EventId,
    ) -> Option<Owed> {
        let confirms = self.channels[id.index()].confirms.as_mut()?;
        let sequence = confirms.publish(message.id, queues);
        if confirms.has_news() {
            self.confirming.insert(id, cause); // P3
        }
        Some(Owed::Publish(id, sequence))
    }

    /// A queue took what was owed, or turned it away.
    pub(super) fn settle_owed(&mut self, owed: Option<Owed>, accepted: bool, cause: EventId) {
        let (id, sequence) = match owed {
            None => return,
            Some(Owed::Publish(channel, sequence)) => (channel, sequence),
            Some(Owed::Commit(channel)) => {
                if !accepted {
                    self.partial.entry(channel).or_insert(cause); // P11
                }
                return;
            }
            Some(Owed::Letter(copy, queue)) => {
                self.answer_kept(copy, queue, accepted, cause);
                return;
            }
        };
        // Its channel may be gone and forgotten.
        let channel = self.channels.get_mut(id.index());
        if let Some(confirms) = channel.and_then(|it| it.confirms.as_mut()) {
            confirms.settle(sequence, accepted);
            if confirms.has_news() {
                self.confirming.insert(id, cause);
            }
        }
    }

    /// Tells publishers what was settled by this command (P8).
    pub(super) fn tell_confirms(&mut self, out: &mut impl Outlet) {
        for (id, cause) in std::mem::take(&mut self.confirming) {
            let confirms = self.channels[id.index()]
                .confirms
                .as_mut()
                .map(Confirms::take);
            for confirm in confirms.unwrap_or_default() {
                let count = confirm.messages.len() as u64;
                if confirm.ack {
                    self.totals.confirmed += count;
                } else {
                    self.totals.nacked += count;
                }
                let (sequence, multiple, ack) = (confirm.sequence, confirm.multiple, confirm.ack);
                let event = out.event(cause, || Event::Confirmed {
                    channel: id,
                    sequence,
                    multiple,
                    ack,
                    messages: confirm.messages.into(),
                });
                out.send(Outgoing::Confirm {
                    channel: id,
                    sequence,
                    multiple,
                    ack,
                    event,
                });
            }
        }
    }

    /// A persistent message in a durable queue is written after a while; until then it is owed (P7).
    pub(super) fn write_later(&mut self, copy: CopyId, owed: Option<Owed>) {
        let at = self.now + self.configuration.write_delay;
        self.unwritten.insert(copy, Unwritten { at, owed });
        self.due.insert((at, Due::Written(copy)));
    }

    /// A copy is written, or needs no writing any more since it ended (P7).
    pub(super) fn write_is_done(&mut self, copy: CopyId, cause: EventId) {
        if self.unwritten.is_empty() {
            return;
        }
        if let Some(Unwritten { at, owed }) = self.unwritten.remove(&copy) {
            self.due.remove(&(at, Due::Written(copy)));
            self.settle_owed(owed, true, cause);
        }
    }

    /// Whether a copy is not written yet, and when it will be.
    pub fn unwritten_until(&self, copy: CopyId) -> Option<Micros> {
        self.unwritten.get(&copy).map(|unwritten| unwritten.at)
    }
}
