//! What is known about the message that is selected.

use crate::broker::{self, EventId, ExchangeId, Explanation, Keys, MessageId};
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
    /// The places of the story's events among those shown.
    places: Vec<usize>,
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
        let history = show.history();
        let cues = show.director().cues();
        let shown = moment.shown.min(cues.len());
        let before = before.filter(|before| before.message == message);
        let (mut places, known, read) = match before {
            Some(before) => (before.places, before.routing, before.shown),
            None => (Vec::new(), None, 0),
        };
        // Of what is known, what is still shown; and what is shown since.
        places.retain(|&place| place < shown);
        places.extend((read..shown).filter(|&place| {
            let event = history.event(cues[place].event);
            event.is_some_and(|event| event.kind.message() == Some(message))
        }));
        let story: Vec<_> = places.iter().map(|&place| cues[place].event).collect();
        let routed = story.iter().find_map(|&id| match &history.event(id)?.kind {
            EventKind::Broker(
                broker::Event::Routed { exchange, .. } | broker::Event::Unroutable { exchange, .. },
            ) => Some((id, *exchange)),
            _ => None,
        });
        let routing = routed.and_then(|(event, exchange)| {
            if let Some(known) = known.filter(|known| known.event == event) {
                return Some(known);
            }
            let publication = history.message(message)?;
            let world = history.seek_before(event);
            let explanation = world.definitions().explain(
                exchange,
                Keys::only(&publication.routing_key),
                &publication.properties.headers,
                message.0,
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
            places,
            shown,
        }
    }
}
