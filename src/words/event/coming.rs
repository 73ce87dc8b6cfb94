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
        Due::ReachQueue { copy, queue } => t!(
            "coming-queue",
            copy = copy_name(*copy, history),
            queue = names.queue(*queue)
        ),
        Due::Finish(id) => t!(
            "coming-finish",
            consumer = names.worker(*id),
            copy = names.copy(world.worker(*id)?.working.as_ref()?.queued)
        ),
        _ => return None,
    };
    Some(text)
}
