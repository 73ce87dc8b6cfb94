//! What a broker still has of messages, wherever it is.

use crate::broker::channel::Channel;
use crate::broker::confirms::Confirms;
use crate::broker::queue::Entry;
use crate::broker::{CopyId, Message, MessageId};

use super::Broker;

impl Broker {
    /// Tells of each message that there is anything of, and of each copy with its message: in queues and streams, with
    /// consumers, on the way, in transactions, not confirmed yet, and kept by exchanges. Some are told of twice.
    pub fn tell_under_way(&self, mut tell: impl FnMut(MessageId, Option<CopyId>)) {
        let mut copy = |message: &Message, copy: CopyId| tell(message.id, Some(copy));
        let mut entry = |its: &Entry| copy(&its.message, its.copy);
        for queue in self.queues.iter().filter(|queue| !queue.deleted) {
            queue.ready().for_each(&mut entry);
            queue.delayed().iter().for_each(|(_, its)| entry(its));
        }
        let held = self.channels.iter().flat_map(Channel::unacked);
        held.for_each(|unacked| entry(&unacked.entry));
        for its in self.queues.iter().flat_map(|queue| queue.log.entries()) {
            copy(&its.message, its.copy);
        }
        for (&id, its) in &self.on_the_way {
            copy(&its.message, id);
        }
        for (&id, its) in &self.letters {
            copy(&its.message, id);
        }
        for (&id, its) in &self.kept {
            copy(&its.message, id);
        }
        for channel in self.channels.iter() {
            let held = channel.transaction.iter().flat_map(|it| &it.publishes);
            held.for_each(|publish| tell(publish.message.id, None));
            let owed = channel.confirms.iter().flat_map(Confirms::messages);
            owed.for_each(|message| tell(message, None));
        }
        let waiting = self.waiting.values().map(super::passing::Waiting::message);
        for message in waiting.chain(self.histories.values().flatten()) {
            tell(message.id, None);
        }
    }
}
