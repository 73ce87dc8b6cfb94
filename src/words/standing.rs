//! Why a message is where it is: in particular, why one that is ready is not delivered.

use crate::broker::{CopyId, QueueId, Standing};
use crate::history::History;
use crate::t;
use crate::world::World;

use super::event::Names;
use super::names::{copy_name, list};
use super::span;

/// Why a copy is where it is, or nothing if it has ended. `world` is the moment that is asked about.
pub fn standing(copy: CopyId, world: &World, history: &History) -> Option<String> {
    let standing = world.broker().standing(copy)?;
    let names = Names { world, history };
    let queue = history.routing_of(copy).and_then(|(_, copies)| {
        let routed = copies.iter().find(|routed| routed.copy == copy)?;
        Some(routed.queue)
    })?;
    Some(names.standing(&standing, queue))
}

impl Names<'_> {
    fn standing(&self, standing: &Standing, queue: QueueId) -> String {
        let queue_name = self.queue(queue);
        match standing {
            Standing::OnTheWay { .. } => t!("standing-on-the-way", queue = queue_name),
            Standing::DeadLetter => t!("standing-dead-letter", queue = queue_name),
            Standing::Kept { queue, until: None } => {
                t!("standing-kept-sent", queue = self.queue(*queue))
            }
            Standing::Kept {
                queue,
                until: Some(until),
            } => t!(
                "standing-kept",
                queue = self.queue(*queue),
                until = span(*until)
            ),
            Standing::Unacked {
                consumer: Some(consumer),
                ..
            } => t!("standing-unacked", consumer = self.consumer(*consumer)),
            Standing::Unacked {
                consumer: None,
                channel,
            } => t!("standing-got", connection = self.channel(*channel)),
            Standing::InStream => t!("standing-stream", queue = queue_name),
            Standing::Delayed { until } => t!("standing-delayed", until = span(*until)),
            Standing::Behind {
                head,
                ahead,
                head_waits,
            } => t!(
                "standing-behind",
                count = *ahead,
                head = copy_name(*head, self.history),
                why = self.standing(head_waits, queue)
            ),
            Standing::NoConsumer => t!("standing-no-consumer", queue = queue_name),
            Standing::PrefetchFull { consumers } => {
                let names: Vec<_> = consumers.iter().map(|&id| self.consumer(id)).collect();
                t!(
                    "standing-prefetch",
                    count = names.len(),
                    consumers = list(&names)
                )
            }
            Standing::ActiveFull { active, others } => t!(
                "standing-active",
                consumer = self.consumer(*active),
                queue = queue_name,
                count = others.len()
            ),
            Standing::GivingWay { active } => t!(
                "standing-giving-way",
                consumer = self.consumer(*active),
                queue = queue_name
            ),
            Standing::BrokerDown => t!("standing-down"),
        }
    }
}
