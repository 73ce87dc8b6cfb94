//! At-least-once dead-lettering: a quorum queue keeps its dead until all queues they go to have taken them (D6).

use std::collections::BTreeSet;

use crate::broker::{
    CopyId, DeathReason, Event, EventId, Loss, Message, Outlet, QueueId, Queued, Switches,
};

use super::{Broker, Due, Kept, Owed};

impl Broker {
    /// Keeps a copy that died. One whose exchange is missing waits at once.
    pub(super) fn keep(
        &mut self,
        queued: Queued,
        message: &Message,
        reason: DeathReason,
        waits: bool,
        cause: EventId,
    ) {
        let queue = &mut self.queues[queued.queue.index()];
        queue.kept += 1;
        queue.kept_bytes += message.publication.body.as_bytes().len() as u64;
        self.kept.insert(
            queued.copy,
            Kept {
                message: message.clone(),
                queue: queued.queue,
                reason,
                died: self.now,
                taken: BTreeSet::new(),
                waiting: 0,
                refused: false,
                again: None,
            },
        );
        if waits {
            self.keep_on(queued.copy, cause);
        }
    }

    /// Lets a kept message wait until it is tried again.
    pub(super) fn keep_on(&mut self, copy: CopyId, cause: EventId) {
        let until = self.now + Switches::DEAD_LETTER_RETRY;
        if let Some(kept) = self.kept.get_mut(&copy) {
            kept.again = Some(until);
            self.due.insert((until, Due::Kept(copy)));
            self.kept_now.push((copy, cause));
        }
    }

    /// Says which messages wait since this command, and which do no longer.
    pub(super) fn tell_kept(&mut self, out: &mut impl Outlet) {
        for (copy, cause) in std::mem::take(&mut self.kept_now) {
            let Some(kept) = self.kept.get(&copy) else {
                continue;
            };
            if let Some(until) = kept.again {
                let queued = kept.queued(copy);
                out.event(cause, || Event::Kept { queued, until });
            }
        }
        for (queued, cause) in std::mem::take(&mut self.released_now) {
            out.event(cause, || Event::Released { queued });
        }
    }

    /// Tries a kept message again, with the exchange and key its queue has now.
    pub(super) fn try_kept(&mut self, copy: CopyId, cause: EventId, out: &mut impl Outlet) {
        let Some(kept) = self.kept.get_mut(&copy) else {
            return;
        };
        kept.again = None;
        let (queued, message) = (kept.queued(copy), kept.message.clone());
        let death = (kept.reason, kept.died);
        let settings = &self.queues[queued.queue.index()].settings;
        let name = settings.dead_letter_exchange.as_ref();
        let exchange = name.and_then(|name| self.definitions.exchange_named(name));
        let Some(exchange) = exchange.map(|exchange| exchange.id) else {
            self.keep_on(copy, cause);
            return;
        };
        let event = out.event(cause, || Event::Resent { queued, exchange });
        self.post(queued, &message, death, exchange, event, out);
    }

    /// A queue took a kept message, or turned it away.
    pub(super) fn answer_kept(
        &mut self,
        copy: CopyId,
        queue: QueueId,
        accepted: bool,
        cause: EventId,
    ) {
        let Some(kept) = self.kept.get_mut(&copy) else {
            return;
        };
        if accepted {
            kept.taken.insert(queue);
        }
        kept.refused |= !accepted;
        kept.waiting = kept.waiting.saturating_sub(1);
        if kept.waiting > 0 {
            return;
        }
        if kept.refused {
            self.keep_on(copy, cause);
        } else {
            self.release_kept(copy, cause);
        }
    }

    /// All have taken it: its queue is done with it.
    pub(super) fn release_kept(&mut self, copy: CopyId, cause: EventId) {
        if let Some(kept) = self.kept.get(&copy) {
            self.released_now.push((kept.queued(copy), cause));
            self.let_kept_go(copy);
        }
    }

    fn let_kept_go(&mut self, copy: CopyId) {
        if let Some(kept) = self.kept.remove(&copy) {
            let queue = &mut self.queues[kept.queue.index()];
            queue.kept -= 1;
            queue.kept_bytes -= kept.message.publication.body.as_bytes().len() as u64;
            if let Some(at) = kept.again {
                self.due.remove(&(at, Due::Kept(copy)));
            }
        }
    }

    /// What a deleted queue keeps goes with it (Q10).
    pub(super) fn lose_kept(&mut self, id: QueueId, cause: EventId, out: &mut impl Outlet) {
        if self.queues[id.index()].kept == 0 {
            return;
        }
        let of_it = self.kept.iter().filter(|(_, kept)| kept.queue == id);
        let lost: Vec<_> = of_it.map(|(&copy, kept)| kept.queued(copy)).collect();
        for queued in lost {
            self.let_kept_go(queued.copy);
            self.letters.remove(&queued.copy);
            let why = Loss::QueueDeleted;
            out.event(cause, || Event::Lost { queued, why });
        }
    }

    /// After a restart everything kept is tried again; nobody knows what became of what was on its way (R7).
    pub(super) fn recover_kept(&mut self) {
        let now = self.now;
        for unwritten in self.unwritten.values_mut() {
            unwritten
                .owed
                .take_if(|owed| matches!(owed, Owed::Letter(..)));
        }
        for (&copy, kept) in &mut self.kept {
            if let Some(at) = kept.again.replace(now) {
                self.due.remove(&(at, Due::Kept(copy)));
            }
            (kept.waiting, kept.refused) = (0, false);
            self.due.insert((now, Due::Kept(copy)));
        }
    }
}

impl Kept {
    pub(super) fn queued(&self, copy: CopyId) -> Queued {
        Queued {
            message: self.message.id,
            copy,
            queue: self.queue,
        }
    }
}
