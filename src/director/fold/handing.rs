//! What passes between a queue and those who consume from it.

use crate::broker::{Place, QueueId, Queued};
use crate::world::World;

use crate::director::line::Bead;
use crate::director::{Cue, Stage};

impl Stage {
    pub(super) fn send_delivery(&mut self, queued: Queued, cue: &Cue) {
        if let Some(worker) = cue.worker {
            for (_, flight) in &cue.flights {
                let key = (worker, queued.copy);
                let before = self.deliveries.insert(key, flight.clone());
                self.loose.extend(before); // S14: it has been recovered on its way
            }
        }
    }

    pub(super) fn deliver(&mut self, queued: Queued, settled: bool, cue: &Cue, world: &World) {
        self.send_delivery(queued, cue);
        let queue = self.queue(queued.queue, world);
        let Some(bead) = queue.ready.serve(queued.copy) else {
            return;
        };
        queue.head_left = Some(cue.at);
        if settled {
            return;
        }
        queue.unacked.push_back(Bead {
            holder: cue.worker,
            ..bead
        });
        if let Some(consumer) = self.consumer(cue.worker) {
            consumer.unacked += 1;
        }
    }

    pub(super) fn requeue(
        &mut self,
        queued: Queued,
        (place, returns): (Place, u32),
        cue: &Cue,
        world: &World,
    ) {
        let held = self.settle(queued, cue);
        let queue = self.queue(queued.queue, world);
        let delayed = |bead: &Bead| bead.copy == queued.copy;
        let waited = queue.delayed.iter().position(delayed);
        let Some(bead) = held.or_else(|| Some(queue.delayed.remove(waited?))) else {
            return;
        };
        let bead = Bead {
            holder: None,
            redelivered: true,
            returns,
            delayed: None,
            ..bead
        };
        let line = &mut queue.ready;
        match place {
            Place::Original => line.put_back(bead),
            Place::Returned => line.put_returned(bead),
            Place::Tail => line.push(bead),
        }
    }

    pub(super) fn cancel(&mut self, queue: QueueId, cue: &Cue, world: &World) {
        let Some(worker) = cue.worker else { return };
        let stage = self.queue(queue, world);
        if stage.active == Some(worker) {
            stage.active = None;
        }
        let reader = stage.readers.remove(&worker);
        if reader.is_some() {
            // What it is done with is nobody's any more.
            let its = self
                .answers
                .extract_if(.., |&(other, _), _| other == worker);
            self.loose.extend(its.map(|(_, flight)| flight));
        }
        if let Some(consumer) = self.consumer(Some(worker)) {
            consumer.consuming = false;
            consumer.left = Some(cue.at);
            consumer.active = false;
            let credit = reader.map_or(0, |reader| reader.unacked);
            consumer.unacked = consumer.unacked.saturating_sub(credit);
        }
    }
}
