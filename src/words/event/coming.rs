//! What is going to happen, in one line each.

use crate::history::History;
use crate::t;
use crate::world::{Answer, Appointment, Due, World};

use super::super::names::{copy_name, exchange_name, new_message_name};
use super::Names;

/// Tells what an appointment of the agenda will bring, as things stand in `world`; nothing if nothing comes of it.
pub fn coming(appointment: &Appointment, world: &World, history: &History) -> Option<String> {
    let names = Names { world, history };
    let text = match &appointment.due {
        Due::Publish(id) => {
            let publisher = world.publisher(*id)?;
            t!(
                "coming-publish",
                publisher = publisher.name.as_str(),
                message = new_message_name(publisher.next()?, world)
            )
        }
        Due::ReachExchange { message } => t!(
            "coming-exchange",
            message = names.message(message.id),
            exchange = exchange_name(&message.publication.exchange)
        ),
        Due::ReachQueue { copy, queue } => t!(
            "coming-queue",
            copy = copy_name(*copy, history),
            queue = names.queue(*queue)
        ),
        Due::Consume(id) => t!(
            "coming-consume",
            consumer = names.worker(*id),
            queue = names.queue_of(*id)
        ),
        Due::ReachConsumer(delivery) => t!(
            "coming-consumer",
            copy = names.copy(delivery.queued),
            consumer = names.consumer(delivery.consumer?)
        ),
        Due::Finish(id) => t!(
            "coming-finish",
            consumer = names.worker(*id),
            copy = names.copy(world.worker(*id)?.working.as_ref()?.queued)
        ),
        Due::ReachBroker {
            answer, consumer, ..
        } => {
            // Only a consumer that finished a delivery answers.
            let queued = history.event(appointment.cause)?.kind.queued()?;
            let (copy, queue) = (names.copy(queued), names.queue(queued.queue));
            let consumer = names.worker(*consumer);
            match answer {
                Answer::Ack => t!(
                    "coming-ack",
                    consumer = consumer,
                    copy = copy,
                    queue = queue
                ),
                Answer::Requeue => t!("coming-requeue", copy = copy, queue = queue),
                Answer::Reject => t!(
                    "coming-reject",
                    consumer = consumer,
                    copy = copy,
                    queue = queue
                ),
                Answer::Silent | Answer::Lost | Answer::Crash => return None,
            }
        }
    };
    Some(text)
}
