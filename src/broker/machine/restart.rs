//! The broker goes down and comes up (R1–R8, S12).

use std::collections::BTreeSet;

use crate::broker::{
    ChannelId, Closing, CopyId, DeathReason, Departure, Event, EventId, Loss, Outlet, QueueId,
    QueueKind, Queued, Refusal, ReplyCode,
};

use super::{Broker, Due};

impl Broker {
    pub(super) fn stop(&mut self, clean: bool, cause: EventId, out: &mut impl Outlet) {
        self.going_down = true;
        let event = out.event(cause, || Event::Stopped { clean });
        // What is between an exchange and a queue is in memory only.
        for (copy, going) in std::mem::take(&mut self.on_the_way) {
            let queued = Queued {
                message: going.message.id,
                copy,
                queue: going.queue,
            };
            self.totals.lost += 1;
            let why = Loss::Restart;
            out.event(event, || Event::Lost { queued, why });
        }
        for (copy, letter) in std::mem::take(&mut self.letters) {
            if self.kept.contains_key(&copy) {
                continue; // Its queue has it still (D6).
            }
            let queued = Queued {
                message: letter.message.id,
                copy,
                queue: letter.queue,
            };
            let why = Loss::Restart;
            out.event(event, || Event::Lost { queued, why });
        }
        self.letters_now.clear();
        let kept: BTreeSet<QueueId> = self
            .queues
            .iter()
            .filter(|queue| queue.auto_delete)
            .map(|queue| queue.id)
            .collect();
        // A queue that is stopped does not delete itself because its consumers are stopped too.
        self.set_auto_delete(&kept, false);
        for id in self.connection_ids() {
            let why = if clean {
                // C13
                Closing::Refused(Box::new(Refusal::new(
                    ReplyCode::ConnectionForced,
                    "C13",
                    "broker forced connection closure with reason 'shutdown'",
                )))
            } else {
                Closing::Lost
            };
            self.end_connection(id, why, event, out);
        }
        self.set_auto_delete(&kept, true);
        self.confirming = std::collections::BTreeMap::<ChannelId, EventId>::new();
        if clean {
            // A shutdown writes everything.
            for (copy, unwritten) in std::mem::take(&mut self.unwritten) {
                self.due.remove(&(unwritten.at, Due::Written(copy)));
            }
        }
        self.going_down = false;
        self.up = false;
        self.clean = clean;
    }

    fn set_auto_delete(&mut self, queues: &BTreeSet<QueueId>, on: bool) {
        for &id in queues {
            self.queues[id.index()].auto_delete = on;
        }
    }

    pub(super) fn start(&mut self, cause: EventId, out: &mut impl Outlet) {
        if self.up {
            return;
        }
        self.up = true;
        let unclean = !self.clean;
        let mut lost: Vec<Queued> = Vec::new();
        let mut recovered = 0;
        let mut gone_queues = Vec::new();
        for queue in self.queues.iter_mut().filter(|queue| !queue.deleted) {
            if !queue.durable {
                gone_queues.push(queue.id);
                continue;
            }
            if queue.kind == QueueKind::Classic {
                let unwritten = &self.unwritten;
                let gone = queue.lanes.retain(|entry| {
                    entry.redelivered |= unclean; // S12
                    let persistent = entry.message.publication.properties.is_persistent();
                    persistent && !unwritten.contains_key(&entry.copy) // R2, R6
                });
                lost.extend(gone.into_iter().map(|entry| Queued {
                    message: entry.message.id,
                    copy: entry.copy,
                    queue: queue.id,
                }));
            }
            recovered += queue.ready_len() as u64;
        }
        let event = out.event(cause, || Event::Started { recovered });
        for queued in lost {
            self.totals.lost += 1;
            self.forget_write(queued.copy);
            let why = Loss::Restart;
            out.event(event, || Event::Lost { queued, why });
        }
        for &id in &gone_queues {
            self.remove_queue(id, Departure::Restart, event, out);
        }
        let keeps = self.switches().keeps_transient_exchanges;
        let removed = self.definitions_mut().survive_restart(keeps, &[]);
        self.tell_removed(&removed, Departure::Restart, event, out);
        self.forget_plugin_state();
        self.recover_kept();
        for at in 0..self.queues.len() {
            let id = QueueId(at as u32);
            if !self.queues[at].deleted {
                self.queues[at].used = self.now;
                self.queues[at].began = self.now;
                self.end_exhausted(id, event, out);
                self.enforce_limits(id, event, out);
                self.look_for_expired(id, event, out);
                self.arm(id);
            }
        }
    }

    /// Ends what was returned once too often when the broker went down (Q44).
    fn end_exhausted(&mut self, id: QueueId, cause: EventId, out: &mut impl Outlet) {
        let queue = &mut self.queues[id.index()];
        let Some(limit) = queue.settings.delivery_limit else {
            return;
        };
        for entry in queue.lanes.retain(|entry| entry.returns <= limit) {
            let queued = Queued {
                message: entry.message.id,
                copy: entry.copy,
                queue: id,
            };
            let reason = DeathReason::DeliveryLimit;
            self.die(queued, entry, reason, None, None, cause, out);
        }
    }

    fn forget_write(&mut self, copy: CopyId) {
        if let Some(unwritten) = self.unwritten.remove(&copy) {
            self.due.remove(&(unwritten.at, Due::Written(copy)));
        }
    }
}
