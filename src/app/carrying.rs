//! What a hand published while time stood still: time goes on until that message, and what comes of it, has come to rest.

use std::collections::BTreeSet;

use crate::broker::{self, EventId, MessageId, Micros};
use crate::history::History;
use crate::world::{Author, EventKind};

use super::playing::go;
use super::{Playback, Run, State};

/// So far ahead of what is seen it is looked for the moment of rest: what is never at rest must not be run for ever.
const AHEAD: Micros = Micros::from_secs(2);
/// Looks for that at once, so that a picture is not held up.
const LOOKS: usize = 64;

/// Messages whose way is to be seen to its end.
#[derive(Clone, Debug, Default)]
pub(super) struct Carried {
    /// What a hand published.
    published: BTreeSet<MessageId>,
    /// The same, and what consumers published in turn when they had worked on it.
    messages: BTreeSet<MessageId>,
    /// How many events were looked at for that.
    read: usize,
    /// When the last event about them is shown, as far as is known.
    last: Micros,
    /// When all of them are at rest, once that is known.
    rests_at: Option<Micros>,
}

impl Carried {
    /// Whether an event is about one of them.
    fn is_about(&self, kind: &EventKind) -> bool {
        match kind {
            EventKind::Broker(broker::Event::Confirmed { messages, .. })
            | EventKind::Confirmed { messages, .. } => {
                messages.iter().any(|it| self.messages.contains(it))
            }
            kind => kind.message().is_some_and(|it| self.messages.contains(&it)),
        }
    }

    /// Whether what an event leads to is about one of them: the nearest event before it that is about messages says so.
    fn leads_on(&self, cause: EventId, history: &History) -> bool {
        let mut cause = history.event(cause);
        while let Some(event) = cause {
            if event.kind.message().is_some() {
                return self.is_about(&event.kind);
            }
            cause = history.event(event.cause);
        }
        false
    }

    /// When something is due next that moves one of them, as things stand at the run's end.
    fn next(&self, history: &History) -> Option<Micros> {
        let upcoming = history.head().upcoming();
        let mut its = upcoming
            .iter()
            .filter(|it| self.leads_on(it.cause, history));
        its.next().map(|next| next.at)
    }
}

impl Run {
    /// Follows what the last input published, if it published anything; and what earlier ones did, if that still moves.
    pub(super) fn carry(&mut self) {
        let history = self.show.history();
        let Some(&(step, ..)) = history.inputs().last() else {
            return;
        };
        let sent = history
            .events_of(step)
            .iter()
            .find_map(|event| match event.kind {
                EventKind::Published {
                    by: Author::Publisher(_),
                    message,
                    ..
                } => Some(message),
                _ => None,
            });
        let mut carried = self.carried.take().unwrap_or_default();
        carried.published.extend(sent);
        // What came of them may be another story now.
        carried
            .published
            .retain(|&it| history.message(it).is_some());
        if carried.published.is_empty() {
            return;
        }
        carried.messages = carried.published.clone();
        (carried.read, carried.last, carried.rests_at) = (0, Micros::ZERO, None);
        self.carried = Some(carried);
        // From here on the run may be ahead of what is seen.
        self.rests_at();
    }

    /// When all that is carried is at rest, once that is known; it is worked out a little ahead of what is seen.
    fn rests_at(&mut self) -> Option<Micros> {
        let Some(carried) = &mut self.carried else {
            return Some(self.moment.at);
        };
        let show = &mut self.show;
        for _ in 0..LOOKS {
            if carried.rests_at.is_some() {
                break;
            }
            let history = show.history();
            for event in history.told().from(carried.read) {
                let is_its = match event.kind {
                    EventKind::Published {
                        by: Author::Consumer(_),
                        message,
                        ..
                    } if carried.leads_on(event.cause, history) => carried.messages.insert(message),
                    ref kind => carried.is_about(kind),
                };
                if is_its {
                    let shown = show.director().shown_at(event.id);
                    carried.last = carried.last.max(shown.unwrap_or(event.at));
                }
            }
            carried.read = history.told().len();
            match carried.next(history) {
                None => carried.rests_at = Some(carried.last),
                Some(at) if at > self.moment.at + AHEAD => break,
                Some(at) => {
                    if show.is_full() || !show.run_toward(at) {
                        break;
                    }
                }
            }
        }
        carried.rests_at
    }
}

/// Lets time go on with what a hand published.
pub(super) fn carry(state: &mut State) {
    state.playback = Playback::Carrying {
        wall: None,
        at: state.run.moment.at,
    };
}

/// Moves the moment to `to`, or to where all that a hand published is at rest: there time stands still again.
pub(super) fn carry_to(state: &mut State, to: Micros) {
    let rest = state.run.rests_at();
    let to = rest.map_or(to, |rest| to.min(rest.max(state.run.moment.at)));
    let there = go(state, to);
    if !there {
        carry(state);
    } else if rest.is_some_and(|rest| to >= rest) || state.run.show.is_full() {
        state.run.carried = None;
        state.playback = Playback::Paused;
    }
}

/// Stands still where the run ends, unless something that a hand published is still to be seen on its way.
pub(super) fn stand(state: &mut State) {
    let at = state.run.moment.at;
    let moves = |run: &mut Run| run.rests_at().is_none_or(|rest| rest > at);
    if state.run.carried.is_some() && !state.run.show.is_full() && moves(&mut state.run) {
        carry(state);
    } else {
        state.run.carried = None;
        state.playback = Playback::Paused;
    }
}
