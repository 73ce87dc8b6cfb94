//! When each event is shown.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::broker::{ConsumerId, CopyId, EventId, ExchangeId, MessageId, Micros, Name, QueueId};
use crate::history::{History, Snapshots, Tail};
use crate::topology::{NodeKey, Ways};
use crate::world::http::ServiceId;
use crate::world::{Author, Event, LinkId, WorkerId, World};

use super::{Decision, Ending, EndingPlace, Exchanged, Flight, Refused, Stage};

/// How long a hop is seen at least, unless the picture is behind. Of what is compared it is an [`Echo`](super::Echo)
/// that is seen so long.
pub const MIN_HOP: Micros = Micros::from_millis(250);
/// How far the picture is behind the run at most.
pub const MAX_LAG: Micros = Micros::from_millis(1_500);
/// Events between two snapshots, and the same where clients are real, who do more in a second than one goes back to.
const SPACING: usize = 128;
const LIVE_SPACING: usize = 2_048;
/// How long the end of a message is seen.
pub(super) const ENDING: Micros = Micros::from_millis(1_400);
/// How long a refusal is seen.
pub(super) const REFUSED: Micros = Micros::from_millis(3_000);

/// An event, when it is shown, and what sets out with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Cue {
    /// When.
    pub at: Micros,
    /// Which event.
    pub event: EventId,
    /// Tokens that set out: copies by their number, or a message or answer.
    pub flights: Vec<(Option<CopyId>, Flight)>,
    /// A request or an answer that sets out.
    pub exchanged: Option<Box<Exchanged>>,
    /// The service that calls, if one does and that matters.
    pub caller: Option<ServiceId>,
    /// Exchanges that decide.
    pub decisions: Vec<Decision>,
    /// Messages that end.
    pub endings: Vec<Ending>,
    /// What is refused.
    pub refused: Option<Refused>,
    /// The consumer it is about, if it is one of the setup's.
    pub worker: Option<WorkerId>,
    /// The connection it is about, if it is one of the actors'.
    pub link: Option<LinkId>,
    /// Who published the message it is about, if it is a publish.
    pub author: Option<Author>,
}

/// A moment of the picture: a time, and how many events are shown by then. Events shown at one time can be told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The time.
    pub at: Micros,
    /// How many events are shown.
    pub shown: usize,
}

/// Decides when the events of one history are shown, and keeps the stage of every moment.
///
/// Call [`read`](Self::read) whenever the history has grown. Nothing it has decided changes by that.
#[derive(Clone, Debug)]
pub struct Director {
    /// Shown in this order.
    cues: Tail<Cue>,
    /// Shown later than what the history is complete to.
    pending: BinaryHeap<Reverse<Pending>>,
    read: usize,
    shown_at: Tail<Micros>,
    /// How long a hop is seen at least.
    least_hop: Micros,
    pub(super) clocks: Clocks,
    pub(super) landings: Landings,
    /// Who published each message, and to which exchange, by its number less one.
    pub(super) published: Tail<Option<(Author, Option<ExchangeId>)>>,
    /// The exchanges there are at the event that is read.
    pub(super) exchanges: BTreeMap<Name, ExchangeId>,
    /// Who asked for a copy and was given it (S3).
    pub(super) asked: BTreeMap<CopyId, WorkerId>,
    letters: BTreeSet<(QueueId, ExchangeId)>,
    /// The ways that the dead and the unroutable were ever to take.
    pub(super) ways: Ways,
    sent_to: BTreeSet<(Author, ExchangeId)>,
    head: Stage,
    snapshots: Snapshots<Stage>,
}

/// A cue that waits, with what it is ordered by beside it: many may wait, and they are moved about.
#[derive(Clone, Debug)]
struct Pending {
    at: Micros,
    event: EventId,
    cue: Box<Cue>,
}

impl Pending {
    fn rank(&self) -> (Micros, EventId) {
        (self.at, self.event)
    }
}

impl PartialEq for Pending {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Pending {}

impl PartialOrd for Pending {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pending {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}

/// When tokens land, by what they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Landings {
    pub(super) sent: BTreeMap<MessageId, Landing>,
    pub(super) copies: BTreeMap<CopyId, Landing>,
    pub(super) letters: BTreeMap<CopyId, Landing>,
    /// Deliveries, by the event they set out with: what is recovered is delivered again before the first has landed (S14).
    pub(super) deliveries: BTreeMap<EventId, Landing>,
    pub(super) answers: BTreeMap<(WorkerId, CopyId), Landing>,
    /// Confirms and returns, by the event they set out with.
    pub(super) back: BTreeMap<EventId, Landing>,
    /// Messages that wait at an exchange (E45).
    pub(super) waiting: BTreeMap<(MessageId, ExchangeId), Landing>,
}

/// When a token lands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Landing {
    /// When it is shown to set out.
    pub(super) since: Micros,
    /// When it lands in the run, if nothing comes in between.
    pub(super) due: Micros,
    /// When it is shown to land.
    pub(super) shown: Micros,
}

/// Until when each place has been shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Clocks {
    nodes: BTreeMap<NodeKey, Micros>,
    links: BTreeMap<LinkId, Clock>,
    broker: Clock,
}

/// What happens to a whole waits for all that happened to its parts, and they wait for it.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    /// Nothing of it is shown before this.
    least: Micros,
    /// All of it so far is shown by then.
    all: Micros,
}

impl Director {
    /// A director for a history of which nothing is read yet.
    pub fn new(history: &History) -> Self {
        let start = history.seek_before(EventId(1));
        let head = Stage::new(&start);
        let exchanges = start.definitions().exchanges().iter();
        let spacing = match start.is_live() {
            true => LIVE_SPACING,
            false => SPACING,
        };
        Self {
            cues: Tail::default(),
            pending: BinaryHeap::new(),
            read: 0,
            shown_at: Tail::default(),
            least_hop: match start.http().users {
                // What is compared is compared by its times.
                Some(_) => Micros::ZERO,
                None => MIN_HOP,
            },
            clocks: Clocks::default(),
            landings: Landings::default(),
            published: Tail::default(),
            exchanges: exchanges
                .filter(|exchange| !exchange.deleted)
                .map(|exchange| (exchange.name.clone(), exchange.id))
                .collect(),
            asked: BTreeMap::new(),
            letters: BTreeSet::new(),
            ways: Ways::of(&start),
            sent_to: BTreeSet::new(),
            snapshots: Snapshots::new(head.clone(), spacing),
            head,
        }
    }

    /// Takes in what has happened since it was last called.
    pub fn read(&mut self, history: &History) {
        let world = history.head();
        for event in history.told().from(self.read) {
            let cue = self.schedule(event, history);
            self.shown_at.push(cue.at);
            self.pending.push(Reverse(Pending {
                at: cue.at,
                event: cue.event,
                cue: Box::new(cue),
            }));
        }
        self.read = history.told().len();
        // Whatever happens later is shown later, so up to here the order is final.
        let complete_to = history.complete_to();
        let is_final = |next: Option<Micros>| next.is_some_and(|at| at <= complete_to);
        while is_final(self.next_pending()) {
            let Some(Reverse(Pending { cue, .. })) = self.pending.pop() else {
                break;
            };
            if let Some(event) = history.event(cue.event) {
                self.head.show(&cue, event, world);
            }
            self.cues.push(*cue);
            let (shown, head) = (self.cues.len(), &self.head);
            self.snapshots
                .offer_weighed(shown, || head.weight(), || head.clone());
        }
    }

    /// Makes a place soon to which can be forgotten.
    pub fn keep_soon(&mut self) {
        self.snapshots.keep_soon();
    }

    /// Forgets what was shown before the last so many events, as far as nothing that is kept needs it. What the history
    /// can forget: all before an event but for some messages.
    pub fn forget(&mut self, keep: usize) -> (EventId, BTreeSet<MessageId>) {
        let first = self.cues.len().saturating_sub(keep);
        let first = self.snapshots.forget_before(first);
        self.cues.forget_before(first);
        let pending = self.pending.iter().map(|Reverse(pending)| pending.event);
        let shown = self.cues.kept().iter().map(|cue| cue.event);
        let oldest = shown.chain(pending).min();
        let oldest = oldest.unwrap_or(EventId(self.read as u64 + 1));
        self.shown_at.forget_before((oldest.0.max(1) - 1) as usize);
        self.landings.back.retain(|&event, _| event >= oldest);
        let (_, stage) = self.snapshots.nearest(first, None);
        let published = |message: &MessageId| message.0.saturating_sub(1) as usize;
        let needed = stage.messages();
        let first = needed.iter().next().map_or(self.published.len(), published);
        self.published.forget_before(first);
        (oldest, needed)
    }

    /// The events in the order they are shown, up to what the history is complete to, as far as they are kept.
    pub fn cues(&self) -> &[Cue] {
        self.cues.kept()
    }

    /// The same, by how many are shown before.
    pub fn shown(&self) -> &Tail<Cue> {
        &self.cues
    }

    /// When an event that was read is shown.
    pub fn shown_at(&self, event: EventId) -> Option<Micros> {
        self.shown_at
            .get(usize::try_from(event.0.checked_sub(1)?).ok()?)
            .copied()
    }

    /// The ways that dead messages took, whatever the queues' settings are now.
    pub fn letters(&self) -> impl Iterator<Item = (QueueId, ExchangeId)> + '_ {
        self.letters.iter().copied()
    }

    /// The ways that dead messages, and those that no binding takes, were ever to take.
    pub fn ways(&self) -> &Ways {
        &self.ways
    }

    /// Who published where, be it that a hand made them.
    pub fn sent_to(&self) -> impl Iterator<Item = (Author, ExchangeId)> + '_ {
        self.sent_to.iter().copied()
    }

    /// The moment at `at` with all that is shown by then.
    pub fn moment(&self, at: Micros) -> Moment {
        Moment {
            at,
            shown: self.cues.partition_point(|cue| cue.at <= at),
        }
    }

    /// The moment just after an event is shown, and nothing after it.
    pub fn moment_of(&self, event: EventId) -> Option<Moment> {
        let at = self.shown_at(event)?;
        let first = self.cues.partition_point(|cue| cue.at < at);
        let index = self
            .cues
            .from(first)
            .iter()
            .position(|cue| cue.event == event)?;
        Some(Moment {
            at,
            shown: first + index + 1,
        })
    }

    /// How an event is shown, if it is up to what the history is complete to.
    pub fn cue(&self, event: EventId) -> Option<&Cue> {
        let shown = self.moment_of(event)?.shown;
        self.cues.get(shown.checked_sub(1)?)
    }

    /// The moment one event further, if that event is known.
    pub fn next(&self, moment: Moment) -> Option<Moment> {
        self.cues.get(moment.shown).map(|cue| Moment {
            at: cue.at.max(moment.at),
            shown: moment.shown + 1,
        })
    }

    /// The moment one event back. From between two events, the moment of the earlier one.
    pub fn previous(&self, moment: Moment) -> Option<Moment> {
        let last = self.cues.get(moment.shown.checked_sub(1)?)?;
        if last.at < moment.at {
            return Some(Moment {
                at: last.at,
                shown: moment.shown,
            });
        }
        let shown = moment.shown - 1;
        let at = shown
            .checked_sub(1)
            .and_then(|index| self.cues.get(index))
            .map_or(Micros::ZERO, |cue| cue.at);
        Some(Moment { at, shown })
    }

    /// What is shown at a moment.
    pub fn stage(&self, moment: Moment, history: &History) -> Stage {
        self.stage_on(None, moment, history)
    }

    /// The same. What was shown when fewer events were, of the same run, shortens the way there.
    pub fn stage_on(
        &self,
        earlier: Option<(usize, Stage)>,
        moment: Moment,
        history: &History,
    ) -> Stage {
        let shown = moment.shown.min(self.cues.len());
        if shown == self.cues.len() {
            // Where only a little has come, to go on is less work than a copy of all.
            let near = |&(at, _): &(usize, Stage)| {
                (shown.saturating_sub(self.head.weight())..=shown).contains(&at)
            };
            return match earlier.filter(near) {
                Some(earlier) => self.lead_on(earlier, shown, history),
                None => self.head.clone(),
            };
        }
        self.lead_on(self.snapshots.nearest(shown, earlier), shown, history)
    }

    fn lead_on(&self, (kept, mut stage): (usize, Stage), shown: usize, history: &History) -> Stage {
        for cue in self.cues.between(kept, shown) {
            if let Some(event) = history.event(cue.event) {
                stage.show(cue, event, history.head());
            }
        }
        stage
    }

    /// What is shown once all that has happened is shown, and nothing after it.
    pub fn settled(&self, history: &History) -> Stage {
        let mut pending: Vec<_> = self.pending.iter().map(|Reverse(cue)| cue).collect();
        pending.sort();
        let mut stage = self.head.clone();
        for Pending { cue, .. } in pending {
            if let Some(event) = history.event(cue.event) {
                stage.show(cue, event, history.head());
            }
        }
        stage
    }

    /// When the next event is shown that has happened, but is to be shown later than what the history is complete to.
    pub fn next_pending(&self) -> Option<Micros> {
        self.pending.peek().map(|Reverse(pending)| pending.at)
    }

    /// How long a hop is seen that takes `latency` in the world, when the picture is `lag` behind.
    pub(super) fn visible(&self, latency: Micros, lag: Micros) -> Micros {
        let missing = self.least_hop.since(latency).0;
        let room = MAX_LAG.since(lag).0;
        Micros(latency.0 + missing * room / MAX_LAG.0)
    }

    pub(super) fn took_letter(&mut self, queue: QueueId, exchange: ExchangeId) {
        self.letters.insert((queue, exchange));
    }

    pub(super) fn sent(&mut self, author: Author, exchange: ExchangeId) {
        self.sent_to.insert((author, exchange));
    }

    /// Lets a cue wait for what is shown at a node before it, and what comes after wait for it.
    pub(super) fn meet(&mut self, cue: &mut Cue, node: NodeKey) {
        let clock = self.clocks.nodes.entry(node).or_default();
        cue.at = cue.at.max(*clock);
        *clock = cue.at;
    }

    /// Lets a cue that is about an end of a connection wait for what happened to the connection as a whole.
    pub(super) fn use_link(&mut self, cue: &mut Cue) {
        let mut least = self.clocks.broker.least;
        if let Some(link) = cue.link {
            least = least.max(self.clocks.links.entry(link).or_default().least);
        }
        cue.at = cue.at.max(least);
    }

    /// Notes when a cue is shown, for what happens later to its connection, or to the broker, as a whole.
    pub(super) fn note(&mut self, cue: &Cue) {
        let broker = &mut self.clocks.broker;
        broker.all = broker.all.max(cue.at);
        if let Some(link) = cue.link {
            let clock = self.clocks.links.entry(link).or_default();
            clock.all = clock.all.max(cue.at);
        }
    }

    /// Lets a cue that is about a connection as a whole wait for all that happened on it, and what comes after wait for
    /// it.
    pub(super) fn meet_link(&mut self, cue: &mut Cue) {
        if let Some(link) = cue.link {
            let clock = self.clocks.links.entry(link).or_default();
            cue.at = cue.at.max(clock.all);
            clock.least = cue.at;
            clock.all = cue.at;
        }
    }

    /// The same for the broker as a whole.
    pub(super) fn meet_all(&mut self, cue: &mut Cue) {
        let clock = &mut self.clocks.broker;
        cue.at = cue.at.max(clock.all);
        clock.least = cue.at;
        clock.all = cue.at;
    }

    /// Lets what a token was on its way for wait until it has landed, unless the picture would be too far behind then.
    pub(super) fn land(&self, cue: &mut Cue, event: &Event, landing: Option<Landing>) {
        if let Some(landing) = landing {
            let is_near = landing.shown <= event.at + MAX_LAG;
            cue.at = cue.at.max(if is_near {
                landing.shown
            } else {
                landing.since
            });
        }
    }

    /// Lets what may have cut a token's way short wait for it to land if it should have landed by then, and to have
    /// set out in any case.
    pub(super) fn cut(&self, cue: &mut Cue, event: &Event, landing: Option<Landing>) {
        if let Some(landing) = landing {
            let has_landed = landing.due <= event.at;
            cue.at = cue.at.max(if has_landed {
                landing.shown
            } else {
                landing.since
            });
        }
    }

    pub(super) fn end(&self, cue: &mut Cue, message: MessageId, place: EndingPlace, from: Micros) {
        cue.endings.push(Ending {
            message,
            others: 0,
            event: cue.event,
            place,
            from,
            until: from + ENDING,
        });
    }

    /// Ends several in one place.
    pub(super) fn end_all(
        &self,
        cue: &mut Cue,
        copies: &[CopyId],
        place: EndingPlace,
        history: &History,
    ) {
        let first = copies.iter().find_map(|&copy| history.routing_of(copy));
        if let Some((message, _)) = first {
            let from = cue.at;
            self.end(cue, message, place, from);
            if let Some(ending) = cue.endings.last_mut() {
                ending.others = copies.len() - 1;
            }
        }
    }

    /// The consumer of the setup that a consumer of the broker is.
    pub(super) fn worker(&self, world: &World, consumer: Option<ConsumerId>) -> Option<WorkerId> {
        world.worker_of(consumer?)
    }

    pub(super) fn published(&self, message: MessageId) -> Option<(Author, Option<ExchangeId>)> {
        let index = usize::try_from(message.0.checked_sub(1)?).ok()?;
        self.published.get(index).copied().flatten()
    }
}
