//! What is known about the message that is selected.

use crate::broker::{self, EventId, ExchangeId, Explanation, MessageId};
use crate::director::Moment;
use crate::scene::Show;
use crate::world::EventKind;

/// A message's story up to a moment.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The message.
    pub message: MessageId,
    /// The events about it that are shown, in the order they are shown.
    pub story: Vec<EventId>,
    /// How it was routed, once that is shown.
    pub routing: Option<Routing>,
    shown: usize,
}

/// How a message was routed: the event, and why.
#[derive(Clone, Debug)]
pub struct Routing {
    /// [`broker::Event::Routed`] or [`broker::Event::Unroutable`].
    pub event: EventId,
    /// The exchange it was published to.
    pub exchange: ExchangeId,
    /// Every binding, with its reason, as they were at that moment.
    pub explanation: Explanation,
}

impl Inspection {
    /// What is known of a message at a moment. Takes over from `before` what still holds.
    pub fn new(message: MessageId, moment: Moment, show: &Show, before: Option<Self>) -> Self {
        let before = match before {
            Some(before) if before.message == message && before.shown == moment.shown => {
                return before;
            }
            other => other,
        };
        let history = show.history();
        let cues = &show.director().cues()[..moment.shown.min(show.director().cues().len())];
        let story: Vec<_> = cues
            .iter()
            .filter_map(|cue| history.event(cue.event))
            .filter(|event| event.kind.message() == Some(message))
            .map(|event| event.id)
            .collect();
        let routed = story.iter().find_map(|&id| match &history.event(id)?.kind {
            EventKind::Broker(
                broker::Event::Routed { exchange, .. } | broker::Event::Unroutable { exchange, .. },
            ) => Some((id, *exchange)),
            _ => None,
        });
        let known = before
            .filter(|before| before.message == message)
            .and_then(|before| before.routing);
        let routing = routed.and_then(|(event, exchange)| {
            if let Some(known) = known.filter(|known| known.event == event) {
                return Some(known);
            }
            let publication = history.message(message)?;
            let world = history.seek_before(event);
            let explanation = world.definitions().explain(
                exchange,
                &publication.routing_key,
                &publication.properties.headers,
            );
            Some(Routing {
                event,
                exchange,
                explanation,
            })
        });
        Self {
            message,
            story,
            routing,
            shown: moment.shown,
        }
    }
}
