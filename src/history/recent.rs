//! A run of which nothing is kept but what is under way, so that it can be of any length.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::broker::{self, CopyId, EventId, MessageId, Micros, Publication, RoutedCopy};
use crate::world::http::{self, Caller, Of, RequestId};
use crate::world::{Event, EventKind, Setup, SetupError, World};

use super::{Made, Recall, Stay};

/// A run that goes on and knows no way back. What a sentence about the next event may need is kept, and no more: what is
/// over is swept out now and then.
#[derive(Clone, Debug)]
pub struct Recent {
    head: World,
    /// The events of the last step, in order.
    fresh: Vec<Event>,
    /// Those before that may have led to what comes.
    causes: BTreeMap<EventId, Event>,
    messages: BTreeMap<MessageId, Message>,
    copies: BTreeMap<CopyId, Copy>,
    requests: BTreeMap<RequestId, (Of, Caller)>,
    /// The last two times the broker came up: a step may have events before the last.
    started: [Option<(EventId, Micros)>; 2],
    /// How much there may be before what is over is swept out.
    room: usize,
    /// So much more than was left the last time.
    least_room: usize,
}

#[derive(Clone, Debug)]
struct Message {
    publication: Arc<Publication>,
    /// How many copies there were of it so far.
    copies: usize,
}

#[derive(Clone, Copy, Debug)]
struct Copy {
    made: Made,
    ready: Option<Ready>,
}

/// A copy in its queue.
#[derive(Clone, Copy, Debug)]
struct Ready {
    since: EventId,
    expires: Option<Micros>,
    returned: Option<Micros>,
}

/// Sweeping costs as much as there is under way, so there is room for as much again, and at least for this.
const ROOM: usize = 10_000;

impl Recent {
    /// A run of which nothing has happened yet.
    ///
    /// # Errors
    /// When no broker would accept the setup.
    pub fn new(setup: &Setup) -> Result<Self, SetupError> {
        Self::with_room(setup, ROOM)
    }

    /// The same, with room for so much that is over.
    ///
    /// # Errors
    /// When no broker would accept the setup.
    pub fn with_room(setup: &Setup, room: usize) -> Result<Self, SetupError> {
        Ok(Self {
            head: World::new(setup)?,
            fresh: Vec::new(),
            causes: BTreeMap::new(),
            messages: BTreeMap::new(),
            copies: BTreeMap::new(),
            requests: BTreeMap::new(),
            started: [None; 2],
            room,
            least_room: room,
        })
    }

    /// Lets the next thing happen; whether there was one.
    pub fn step(&mut self) -> bool {
        let before = self.fresh.drain(..);
        self.causes.extend(before.map(|event| (event.id, event)));
        if self.kept() > self.room {
            self.sweep();
        }
        let happened = self.head.step(&mut self.fresh);
        let fresh = std::mem::take(&mut self.fresh);
        for event in &fresh {
            self.note(event);
        }
        self.fresh = fresh;
        happened
    }

    /// The events of the last step, in order.
    pub fn told(&self) -> &[Event] {
        &self.fresh
    }

    /// How much is kept: events, messages, copies and requests.
    pub fn kept(&self) -> usize {
        let told = self.fresh.len() + self.causes.len() + self.requests.len();
        told + self.messages.len() + self.copies.len()
    }

    fn note(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Published {
                message,
                publication,
                ..
            } => {
                let (publication, copies) = (publication.clone(), 0);
                let message = (
                    *message,
                    Message {
                        publication,
                        copies,
                    },
                );
                self.messages.extend([message]);
            }
            EventKind::Http(
                http::Event::Requested { of, from, .. } | http::Event::Pooled { of, from },
            ) => {
                self.requests.insert(of.request, (*of, *from));
            }
            EventKind::Broker(what) => self.note_in_broker(event, what),
            _ => {}
        }
    }

    fn note_in_broker(&mut self, event: &Event, what: &broker::Event) {
        use broker::Event as E;
        match what {
            E::Routed {
                message, copies, ..
            } => self.make(*message, copies),
            E::Ready {
                queued, expires, ..
            } => {
                if let Some(copy) = self.copies.get_mut(&queued.copy) {
                    copy.ready = Some(Ready {
                        since: event.id,
                        expires: *expires,
                        returned: None,
                    });
                }
            }
            E::Requeued { queued, .. } => {
                let copy = self.copies.get_mut(&queued.copy);
                if let Some(ready) = copy.and_then(|copy| copy.ready.as_mut()) {
                    ready.returned = Some(event.at);
                }
            }
            E::Started { .. } => self.started = [Some((event.id, event.at)), self.started[0]],
            _ => {}
        }
    }

    fn make(&mut self, message: MessageId, copies: &[RoutedCopy]) {
        let known = self.messages.get_mut(&message);
        let before = known.map_or(0, |known| {
            let before = known.copies;
            known.copies += copies.len();
            before
        });
        let together = copies.len();
        for (place, routed) in copies.iter().enumerate() {
            let before = before + place;
            let made = Made {
                message,
                before,
                together,
            };
            self.copies.insert(routed.copy, Copy { made, ready: None });
        }
    }

    /// Forgets what is over.
    fn sweep(&mut self) {
        let under_way = self.head.under_way();
        self.causes.retain(|id, _| under_way.causes.contains(id));
        self.copies.retain(|id, _| under_way.copies.contains(id));
        let copied: BTreeSet<_> = self.copies.values().map(|copy| copy.made.message).collect();
        self.messages
            .retain(|id, _| under_way.messages.contains(id) || copied.contains(id));
        let http = self.head.http();
        let mut needed: BTreeSet<RequestId> = BTreeSet::new();
        for &id in self.requests.keys() {
            if http.request(id).is_some() || under_way.requests.contains(&id) {
                // And those on whose behalf it was made.
                let mut next = Some(id);
                while let Some(id) = next
                    && needed.insert(id)
                {
                    next = match self.requests.get(&id) {
                        Some((_, Caller::Service { request, .. })) => Some(*request),
                        _ => None,
                    };
                }
            }
        }
        self.requests.retain(|id, _| needed.contains(id));
        self.room = self.kept() * 2 + self.least_room;
    }
}

impl Recall for Recent {
    fn head(&self) -> &World {
        &self.head
    }

    fn event(&self, id: EventId) -> Option<&Event> {
        let place = self.fresh.binary_search_by_key(&id, |event| event.id);
        let fresh = place.ok().and_then(|place| self.fresh.get(place));
        fresh.or_else(|| self.causes.get(&id))
    }

    fn after(&self, id: EventId) -> &[Event] {
        let first = self.fresh.partition_point(|event| event.id <= id);
        &self.fresh[first..]
    }

    fn message(&self, id: MessageId) -> Option<&Arc<Publication>> {
        Some(&self.messages.get(&id)?.publication)
    }

    fn made(&self, copy: CopyId) -> Option<Made> {
        Some(self.copies.get(&copy)?.made)
    }

    fn request(&self, id: RequestId) -> Option<(Of, Caller)> {
        self.requests.get(&id).copied()
    }

    fn stay(&self, copy: CopyId, death: EventId) -> Option<Stay> {
        let ready = self.copies.get(&copy)?.ready?;
        let meanwhile = |(id, _): &(EventId, Micros)| (ready.since..death).contains(id);
        let mut started = self.started.into_iter().flatten();
        Some(Stay {
            due: ready.expires?,
            returned: ready.returned,
            started: started.find(meanwhile).map(|(_, at)| at),
        })
    }
}
