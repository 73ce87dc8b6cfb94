//! One run: its world, its record.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::broker::{self, CopyId, EventId, MessageId, Micros, Publication, RoutedCopy};
use crate::world::http::{self, Caller, Of, RequestId};
use crate::world::{Event, EventKind, Input, Setup, SetupError, World};

use super::{Made, Recall, Snapshots, Stay, Tail};

/// A step of a run: one appointment of the agenda, or one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Micros,
    /// How many events there were after it.
    pub events: usize,
    /// How much of what clients outside said had been heard after it.
    pub heard: u64,
}

/// A run so far: its events, its inputs, and the world at its furthest point and at any earlier one.
#[derive(Clone, Debug)]
pub struct History {
    head: World,
    events: Tail<Event>,
    steps: Tail<Step>,
    /// Inputs, each with the number of the step it is.
    inputs: Vec<(usize, Micros, Input)>,
    snapshots: Snapshots<World>,
    messages: Tail<Known>,
    /// Messages published before all that is kept, and still somewhere in what is kept.
    survivors: BTreeMap<MessageId, Known>,
    /// HTTP requests, by their number less one; nothing of those that were not told of.
    requests: Vec<Option<(Of, Caller)>>,
    routings: Tail<Routing>,
    /// All that can happen up to here has happened.
    complete_to: Micros,
    /// The events of a step, until they are taken in.
    fresh: Vec<Event>,
}

/// A message of the run.
#[derive(Clone, Debug)]
struct Known {
    publication: Arc<Publication>,
    /// Its last routing, by its place in the list.
    routed: Option<usize>,
}

/// An event by which copies of a message were made.
#[derive(Clone, Copy, Debug)]
struct Routing {
    /// Its place among the events.
    at: usize,
    /// The message's routing before, when it was published or died the time before.
    before: Option<usize>,
    /// How many copies of the message there were before.
    copies: usize,
    /// How many there were after it.
    in_all: usize,
}

/// Steps between two snapshots, and the same where clients are real, who do more in a second than one goes back to.
const SPACING: usize = 256;
const LIVE_SPACING: usize = 1_024;

impl History {
    /// A run of which nothing has happened yet.
    ///
    /// # Errors
    /// When no broker would accept the setup.
    pub fn new(setup: &Setup) -> Result<Self, SetupError> {
        let head = World::new(setup)?;
        let spacing = match head.is_live() {
            true => LIVE_SPACING,
            false => SPACING,
        };
        Ok(Self {
            snapshots: Snapshots::new(head.clone(), spacing),
            head,
            events: Tail::default(),
            steps: Tail::default(),
            inputs: Vec::new(),
            messages: Tail::default(),
            survivors: BTreeMap::new(),
            requests: Vec::new(),
            routings: Tail::default(),
            complete_to: Micros::ZERO,
            fresh: Vec::new(),
        })
    }

    /// Lets everything happen that happens at or before `at`.
    pub fn run_until(&mut self, at: Micros) {
        while self.head.next_at().is_some_and(|next| next <= at) {
            self.step();
        }
        self.complete_to = self.complete_to.max(at);
    }

    /// Like [`run_until`](Self::run_until), but at most so many steps at once; whether it got there.
    pub fn run_toward(&mut self, at: Micros, steps: usize) -> bool {
        for _ in 0..steps {
            if self.head.next_at().is_none_or(|next| next > at) {
                self.complete_to = self.complete_to.max(at);
                return true;
            }
            self.step();
        }
        false
    }

    /// Lets the next thing happen; whether there was one.
    pub fn step(&mut self) -> bool {
        let happened = self.head.step(&mut self.fresh);
        if happened {
            self.record_step();
        }
        happened
    }

    /// Puts something from outside into the run at `at`. What had happened after that is undone: it is another run now.
    pub fn input(&mut self, at: Micros, input: Input) {
        self.fork(at);
        self.run_until(at);
        self.head.apply(at, &input, &mut self.fresh);
        self.inputs.push((self.steps.len(), at, input));
        self.record_step();
        self.run_until(at); // what it leads to at once
    }

    fn record_step(&mut self) {
        let known = self.events.len();
        for (at, event) in self.fresh.iter().enumerate() {
            let at = known + at;
            if let EventKind::Published { publication, .. } = &event.kind {
                self.messages.push(Known {
                    publication: publication.clone(),
                    routed: None,
                });
            }
            if let EventKind::Http(
                http::Event::Requested { of, from, .. } | http::Event::Pooled { of, from },
            ) = event.kind
                && let Some(index) = usize::try_from(of.request.0)
                    .ok()
                    .and_then(|it| it.checked_sub(1))
            {
                if self.requests.len() <= index {
                    self.requests.resize(index + 1, None);
                }
                self.requests[index] = Some((of, from));
            }
            // Where a message only waits no copy is made of it.
            if let Some((message, made)) = routing(event)
                && !made.is_empty()
            {
                let place = match self.survivors.get_mut(&message) {
                    Some(known) => Some(known),
                    None => index(message).and_then(|index| self.messages.get_mut(index)),
                };
                let before = place.and_then(|known| known.routed.replace(self.routings.len()));
                let last = before.and_then(|before| self.routings.get(before));
                let copies = last.map_or(0, |last| last.in_all);
                let in_all = copies + made.len();
                self.routings.push(Routing {
                    at,
                    before,
                    copies,
                    in_all,
                });
            }
        }
        self.events.extend(self.fresh.drain(..));
        self.steps.push(Step {
            at: self.head.now(),
            events: self.events.len(),
            heard: self.head.heard(),
        });
        let now = self.head.now();
        if self.head.next_at().is_none_or(|next| next > now) {
            self.complete_to = self.complete_to.max(now);
        }
        let head = &self.head;
        self.snapshots
            .offer_weighed(self.steps.len(), || head.weight(), || head.clone());
    }

    /// Forgets what happened after `at`, be it that nothing did.
    fn fork(&mut self, at: Micros) {
        self.complete_to = self.complete_to.min(at);
        let steps = self.steps.partition_point(|step| step.at <= at);
        if steps == self.steps.len() {
            return;
        }
        self.head = self.world_after(steps);
        self.steps.truncate(steps);
        self.events
            .truncate(self.steps.last().map_or(0, |step| step.events));
        self.inputs.retain(|&(step, ..)| step < steps);
        self.snapshots.truncate(steps);
        let events = self.events.len();
        let routings = self.routings.partition_point(|routing| routing.at < events);
        let messages = self.head.broker().totals().messages as usize;
        self.messages.truncate(messages);
        self.requests
            .truncate(self.head.http().requests_made() as usize);
        for known in self.messages.kept_mut() {
            while let Some(last) = known.routed.filter(|&last| last >= routings) {
                known.routed = self.routings.get(last).and_then(|routing| routing.before);
            }
        }
        self.routings.truncate(routings);
    }

    /// Makes a place soon to which can be forgotten.
    pub fn keep_soon(&mut self) {
        self.snapshots.keep_soon();
    }

    /// Forgets what happened before an event, as far as nothing that is kept needs it; of the messages published before
    /// that, `needed` are still spoken of.
    pub fn forget_before(&mut self, event: EventId, needed: &BTreeSet<MessageId>) {
        let steps = self.snapshots.forget_before(self.steps_before(event));
        let Some(last) = steps.checked_sub(1).and_then(|place| self.steps.get(place)) else {
            return;
        };
        let events = last.events;
        let published = self.events.between(0, events).iter();
        let published = published.filter(|event| matches!(event.kind, EventKind::Published { .. }));
        let messages = self.messages.first() + published.count();
        let older = self.messages.between(0, messages).iter();
        let older = (self.messages.first() as u64 + 1..)
            .map(MessageId)
            .zip(older.cloned());
        self.survivors.extend(older);
        self.survivors.retain(|id, _| needed.contains(id));
        self.messages.forget_before(messages);
        // The last of what is forgotten tells where the rest begins.
        self.steps.forget_before(steps - 1);
        self.events.forget_before(events);
        self.inputs.retain(|&(step, ..)| step >= steps);
        let routings = self.routings.partition_point(|routing| routing.at < events);
        self.routings.forget_before(routings);
    }

    /// The events so far that are kept, in order.
    pub fn events(&self) -> &[Event] {
        self.events.kept()
    }

    /// The same, by how many there were before.
    pub fn told(&self) -> &Tail<Event> {
        &self.events
    }

    /// The event with that number.
    pub fn event(&self, id: EventId) -> Option<&Event> {
        self.events.get(usize::try_from(id.0.checked_sub(1)?).ok()?)
    }

    /// The message with that number, as it was published.
    pub fn message(&self, id: MessageId) -> Option<&Arc<Publication>> {
        Some(&self.known(id)?.publication)
    }

    fn known(&self, id: MessageId) -> Option<&Known> {
        let known = self.messages.get(index(id)?);
        known.or_else(|| self.survivors.get(&id))
    }

    /// Which HTTP request it is, and who sent it.
    pub fn request(&self, id: RequestId) -> Option<(Of, Caller)> {
        *self
            .requests
            .get(usize::try_from(id.0.checked_sub(1)?).ok()?)?
    }

    /// The message a copy is of, and the copies that were made together with it.
    pub fn routing_of(&self, copy: CopyId) -> Option<(MessageId, &[RoutedCopy])> {
        self.made_with(copy).map(|(_, found)| found)
    }

    /// The same, with what is remembered of it.
    fn made_with(&self, copy: CopyId) -> Option<(&Routing, (MessageId, &[RoutedCopy]))> {
        let made = |routing: &Routing| self.events.get(routing.at).and_then(self::routing);
        let first = |routing: &Routing| Some(made(routing)?.1.first()?.copy);
        // Copies are numbered in the order in which they are made.
        let later = self
            .routings
            .partition_point(|routing| first(routing).is_some_and(|first| first <= copy));
        let routing = self.routings.get(later.checked_sub(1)?)?;
        let (message, copies) = made(routing)?;
        let found = copies.iter().any(|routed| routed.copy == copy);
        found.then_some((routing, (message, copies)))
    }

    /// All copies there ever were of a message, in order: those of its publishing, and those made each time it was
    /// dead-lettered.
    pub fn copies_of(&self, message: MessageId) -> Vec<CopyId> {
        let mut place = self.known(message).and_then(|known| known.routed);
        let mut routings = Vec::new();
        while let Some(routing) = place.and_then(|place| self.routings.get(place)) {
            routings.push(routing);
            place = routing.before;
        }
        let made = routings.into_iter().rev();
        made.filter_map(|made| Some(routing(self.events.get(made.at)?)?.1))
            .flatten()
            .map(|routed| routed.copy)
            .collect()
    }

    /// The steps so far that are kept, in order.
    pub fn steps(&self) -> &[Step] {
        self.steps.kept()
    }

    /// How many steps there ever were.
    pub fn steps_taken(&self) -> usize {
        self.steps.len()
    }

    /// What came from outside so far: at which step, when, what.
    pub fn inputs(&self) -> &[(usize, Micros, Input)] {
        &self.inputs
    }

    /// The world at the run's furthest point.
    pub fn head(&self) -> &World {
        &self.head
    }

    /// Everything up to this moment has happened.
    pub fn complete_to(&self) -> Micros {
        self.complete_to
    }

    /// The world at `at`, after everything that happened at that moment. A moment later than
    /// [`complete_to`](Self::complete_to) gives the head.
    pub fn seek(&self, at: Micros) -> World {
        self.world_after(self.steps.partition_point(|step| step.at <= at))
    }

    /// The world just after the step in which an event happened.
    pub fn seek_after(&self, event: EventId) -> World {
        self.world_after(self.steps_to(event))
    }

    /// How many steps there were when an event had happened.
    pub fn steps_to(&self, event: EventId) -> usize {
        let events_to = usize::try_from(event.0).unwrap_or(usize::MAX);
        self.steps.partition_point(|step| step.events < events_to) + 1
    }

    /// The world just before the step in which an event happened.
    pub fn seek_before(&self, event: EventId) -> World {
        self.world_after(self.steps_before(event))
    }

    /// How many steps there were before the one in which an event happened.
    pub fn steps_before(&self, event: EventId) -> usize {
        let events_before = usize::try_from(event.0.saturating_sub(1)).unwrap_or(usize::MAX);
        self.steps
            .partition_point(|step| step.events <= events_before)
    }

    fn world_after(&self, steps: usize) -> World {
        self.world_on(None, steps)
    }

    /// The world after so many steps. One of this run after fewer steps shortens the way there.
    pub fn world_on(&self, earlier: Option<(usize, World)>, steps: usize) -> World {
        if steps >= self.steps.len() {
            return self.head.clone();
        }
        let (mut position, mut world) = self.snapshots.nearest(steps, earlier);
        let mut events = Vec::new();
        let steps = steps.max(position); // before that, all is forgotten
        while position < steps {
            self.replay(position, &mut world, &mut events);
            events.clear();
            position += 1;
        }
        world
    }

    /// Takes a world of this run one step further: it is where so many steps had led.
    pub fn replay(&self, position: usize, world: &mut World, events: &mut Vec<Event>) {
        match self.input_of(position) {
            Some((at, input)) => world.apply(at, input, events),
            None => _ = world.step(events),
        }
    }

    /// What came from outside with the step of that number, if that was one from outside.
    pub fn input_of(&self, step: usize) -> Option<(Micros, &Input)> {
        let place = self.inputs.binary_search_by_key(&step, |&(step, ..)| step);
        let (_, at, input) = self.inputs.get(place.ok()?)?;
        Some((*at, input))
    }

    /// The events of the step of that number, counted from 0.
    pub fn events_of(&self, step: usize) -> &[Event] {
        let events = |step: usize| self.steps.get(step).map(|step| step.events);
        let before = step.checked_sub(1).map_or(Some(0), events);
        match before.zip(events(step)) {
            Some((before, after)) => self.events.between(before, after),
            None => &[],
        }
    }

    /// How many steps there were so far.
    pub fn steps_made(&self) -> usize {
        self.steps.len()
    }
}

impl Recall for History {
    fn head(&self) -> &World {
        self.head()
    }

    fn event(&self, id: EventId) -> Option<&Event> {
        self.event(id)
    }

    fn after(&self, id: EventId) -> &[Event] {
        self.events
            .from(usize::try_from(id.0).unwrap_or(usize::MAX))
    }

    fn message(&self, id: MessageId) -> Option<&Arc<Publication>> {
        self.message(id)
    }

    fn made(&self, copy: CopyId) -> Option<Made> {
        let (routing, (message, copies)) = self.made_with(copy)?;
        let place = copies.iter().position(|routed| routed.copy == copy)?;
        Some(Made {
            message,
            before: routing.copies + place,
            together: copies.len(),
        })
    }

    fn request(&self, id: RequestId) -> Option<(Of, Caller)> {
        self.request(id)
    }

    fn stay(&self, copy: CopyId, death: EventId) -> Option<Stay> {
        let place = usize::try_from(death.0).ok()?.checked_sub(1)?;
        let (mut returned, mut started) = (None, None);
        for event in self.events.between(0, place).iter().rev() {
            let EventKind::Broker(what) = &event.kind else {
                continue;
            };
            match what {
                broker::Event::Requeued { queued, .. } if queued.copy == copy => {
                    returned = returned.or(Some(event.at));
                }
                broker::Event::Started { .. } => started = started.or(Some(event.at)),
                broker::Event::Ready {
                    queued, expires, ..
                } if queued.copy == copy => {
                    let due = (*expires)?;
                    return Some(Stay {
                        due,
                        returned,
                        started,
                    });
                }
                _ => {}
            }
        }
        None
    }
}

/// Where a message stands in a list of all of them.
fn index(id: MessageId) -> Option<usize> {
    usize::try_from(id.0.checked_sub(1)?).ok()
}

/// The message and the copies of an event that made some.
fn routing(event: &Event) -> Option<(MessageId, &[RoutedCopy])> {
    match &event.kind {
        EventKind::Broker(broker::Event::Routed {
            message, copies, ..
        }) => Some((*message, copies)),
        _ => None,
    }
}
