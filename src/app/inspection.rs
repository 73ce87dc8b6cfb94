//! What is known about the message that is selected.

use crate::broker::{self, EventId, ExchangeId, Explanation, Keys, MessageId};
use crate::director::Moment;
use crate::history::History;
use crate::scene::Show;
use crate::world::EventKind;
use crate::world::http::{OrderId, order_of};

/// Whose story it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A message's.
    Message(MessageId),
    /// An order's: that of all requests and messages about it.
    Order(OrderId),
}

impl Subject {
    /// Whether an event of a run is about it.
    fn is_of(self, event: &EventKind, history: &History) -> bool {
        match self {
            Self::Message(message) => event.message() == Some(message),
            Self::Order(order) => match event {
                EventKind::Http(event) => event.order() == Some(order),
                event => event
                    .message()
                    .and_then(|message| order_of(history.message(message)?))
                    .is_some_and(|its| its == order),
            },
        }
    }
}

/// A message's, or an order's, story up to a moment.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// Whose story it is.
    pub subject: Subject,
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
    /// What is known of it at a moment. Takes over from `before` what still holds.
    pub fn new(subject: Subject, moment: Moment, show: &Show, before: Option<Self>) -> Self {
        let history = show.history();
        let cues = show.director().shown();
        let shown = moment.shown.min(cues.len());
        let before = before.filter(|before| before.subject == subject);
        let (mut places, known, read) = match before {
            Some(before) => (before.places, before.routing, before.shown),
            None => (Vec::new(), None, 0),
        };
        // Of what is known, what is still shown; and what is shown since.
        places.retain(|&place| (cues.first()..shown).contains(&place));
        places.extend((read.max(cues.first())..shown).filter(|&place| {
            let event = cues.get(place).and_then(|cue| history.event(cue.event));
            event.is_some_and(|event| subject.is_of(&event.kind, history))
        }));
        let told = places.iter().filter_map(|&place| cues.get(place));
        let story: Vec<_> = told.map(|cue| cue.event).collect();
        let Subject::Message(message) = subject else {
            return Self {
                subject,
                story,
                routing: None,
                places,
                shown,
            };
        };
        let routed = |at_once: bool| {
            story.iter().find_map(|&id| match &history.event(id)?.kind {
                EventKind::Broker(broker::Event::Routed {
                    exchange, copies, ..
                }) if at_once || !copies.is_empty() => Some((id, *exchange)),
                EventKind::Broker(broker::Event::Unroutable { exchange, .. }) => {
                    Some((id, *exchange))
                }
                _ => None,
            })
        };
        // What waited at an exchange is asked about where it went when it went on (E45).
        let routed = routed(false).or_else(|| routed(true));
        let routing = routed.and_then(|(event, exchange)| {
            if let Some(known) = known.filter(|known| known.event == event) {
                return Some(known);
            }
            let mut publication = history.message(message)?.clone();
            let cause = history.event(event).and_then(|it| history.event(it.cause));
            if let Some(EventKind::Broker(broker::Event::Resumed { .. })) =
                cause.map(|cause| &cause.kind)
            {
                publication = broker::delayed(&publication).into();
            }
            let world = history.seek_before(event);
            let explanation = world.definitions().explain(
                exchange,
                Keys::only(&publication.routing_key),
                &*publication.properties,
                message.0,
            );
            Some(Routing {
                event,
                exchange,
                explanation,
            })
        });
        Self {
            subject,
            story,
            routing,
            places,
            shown,
        }
    }
}
