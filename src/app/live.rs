//! A server for real clients beside the window, as the state knows it. The server itself is the window's: the state says
//! what is wanted of it ([`Live::orders`]), and is told what came of that.

use std::path::PathBuf;

use crate::amqp::{Hand, Heard};
use crate::broker::{Hangup, Micros, Name, Operation, Profile};
use crate::director::Moment;
use crate::recording::Header;
use crate::scenario;
use crate::world::{Deed, SetupError};

use super::state::{Document, Playback, Run, Source, State};

/// So far the picture stays behind what was heard last, so that it never has to wait for the next.
const BEHIND: Micros = Micros::from_millis(80);
/// The virtual host that clients find.
const VHOST: &str = "/";

/// What is wanted of the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// That it does something.
    Act(Hand),
    /// That a client's connection ends.
    Disconnect {
        /// What the client is called.
        client: Name,
        /// Whether it is told, rather than cut off.
        told: bool,
    },
    /// That other machines are let in, or no more.
    Network(bool),
    /// That all that came so far is written to a file.
    Save(PathBuf),
    /// That it ends.
    Stop,
}

/// What came of what was wanted.
#[derive(Clone, Debug)]
pub enum LiveNews {
    /// It is heard at this address, and began so many seconds after 1970.
    Started(String, u64),
    /// There is no server, or it could not do as it was told, for this reason.
    Failed(String),
    /// Other machines find it, or no more.
    Network(Option<Lesson>),
    /// The recording was written; if it ended before, up to then.
    Saved(PathBuf, Option<Micros>),
    /// Something befell the recording while it is made, in words.
    Recording(String),
    /// It serves nobody any more.
    Stopped,
}

/// What the server has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// That a file was written; if the recording ended before, up to then.
    Saved(PathBuf, Option<Micros>),
    /// What could not be done, and why.
    Failed(String),
    /// What befell the recording.
    Recording(String),
}

/// How other machines come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// The address.
    pub address: String,
    /// The password for the lesson, with which everybody comes in under a name of their own.
    pub password: String,
}

/// A server beside the window.
#[derive(Debug)]
pub struct Live {
    /// Where it is heard on this machine.
    pub address: String,
    /// How other machines come in, if they do.
    pub lesson: Option<Lesson>,
    /// Whether it still serves.
    pub is_on: bool,
    /// What is wanted of it and not done yet.
    pub orders: Vec<Order>,
    /// The last that it had to say, until it was read.
    pub said: Option<Told>,
    /// All up to here is known.
    pub heard_to: Micros,
    /// How far its clock is ahead of the window's, in seconds.
    ahead: Option<f64>,
    /// Its run, while something else is looked at.
    away: Option<Box<(Document, Run)>>,
}

impl Live {
    /// The moment that is now, when the window's clock says so many seconds.
    fn now(&self, wall: f64) -> Micros {
        let now = self.ahead.map_or(0.0, |ahead| wall + ahead);
        let now = Micros::from_secs_f64(now.max(0.0));
        Micros(now.0.saturating_sub(BEHIND.0)).min(self.heard_to)
    }
}

impl State {
    /// The server, if its run is what is looked at.
    #[must_use]
    pub fn live(&self) -> Option<&Live> {
        self.live.as_ref().filter(|live| live.away.is_none())
    }

    /// The server, if its run is what is looked at and still goes on.
    #[must_use]
    pub fn going_on(&self) -> Option<&Live> {
        self.live().filter(|live| live.is_on)
    }

    /// Whether nothing is to be seen moving though time goes on, since nobody does anything.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        /// All that is seen of an event is over by then.
        const LONGEST: Micros = Micros::from_millis(3_500);
        let last = self.run.show.director().cues().last();
        let over = last.is_none_or(|cue| cue.at + LONGEST < self.run.moment.at);
        let pending = self.run.show.director().next_pending();
        let waits = self.is_following()
            || self.is_open() && matches!(self.playback, Playback::Playing { .. });
        waits && over && pending.is_none() && self.run.show.plan.slides().is_none()
    }

    /// Whether the picture keeps up with what clients do.
    #[must_use]
    pub fn is_following(&self) -> bool {
        self.playback == Playback::Following
    }
}

/// A document for what clients are going to do.
fn blank(began: u64) -> Result<(Document, Run), SetupError> {
    let header = header(began);
    let scenario = scenario::live(&header);
    let run = Run::new(&scenario.setup)?;
    Ok((Document::new(scenario, Source::Live), run))
}

/// What the server of the window is, if it begins so many seconds after 1970.
#[must_use]
pub fn header(began: u64) -> Header {
    Header::new(Profile::default(), vec![VHOST.into()], Vec::new(), began)
}

/// Wants a server or, where there is one, looks at it again.
pub(super) fn go_live(state: &mut State) {
    match &mut state.live {
        Some(live) if live.is_on || live.away.is_some() => back(state),
        _ => state.session.wants_live = true,
    }
}

/// Looks at the server's run again, as it is now.
fn back(state: &mut State) {
    if let Some(live) = &mut state.live
        && let Some(away) = live.away.take()
    {
        (state.document, state.run) = *away;
        state.comparing = None;
        super::update::forget_selection(state);
    }
    follow(state);
}

/// Goes to what happens now, and stays with it.
pub(super) fn follow(state: &mut State) {
    if state.going_on().is_some() {
        state.playback = Playback::Following;
    }
}

/// Puts the server's run aside before something else is opened.
pub(super) fn put_aside(state: &mut State, document: Document, run: Run) {
    let (document, run) = (
        std::mem::replace(&mut state.document, document),
        std::mem::replace(&mut state.run, run),
    );
    if let Some(live) = state.live.as_mut().filter(|live| live.away.is_none()) {
        match live.is_on {
            true => live.away = Some(Box::new((document, run))),
            false => state.live = None,
        }
    }
}

/// Is told by the server.
pub(super) fn hear_news(state: &mut State, news: LiveNews) {
    let is_answer = !matches!(news, LiveNews::Saved(..) | LiveNews::Recording(_));
    state.session.wants_live &= !is_answer;
    match news {
        LiveNews::Started(address, began) => {
            let Ok((document, run)) = blank(began) else {
                return; // A setup without anything in it is sound.
            };
            put_aside(state, document, run);
            state.comparing = None;
            state.live = Some(Live {
                address,
                lesson: None,
                is_on: true,
                orders: Vec::new(),
                said: None,
                heard_to: Micros::ZERO,
                ahead: None,
                away: None,
            });
            super::update::forget_selection(state);
            state.playback = Playback::Following;
        }
        LiveNews::Failed(why) => match &mut state.live {
            Some(live) if live.is_on => live.said = Some(Told::Failed(why)),
            _ => state.session.no_live = Some(why),
        },
        LiveNews::Network(lesson) => {
            if let Some(live) = &mut state.live {
                state.session.lesson = lesson.is_some();
                live.lesson = lesson;
            }
        }
        LiveNews::Saved(path, until) => {
            if let Some(live) = &mut state.live {
                live.said = Some(Told::Saved(path, until));
            }
        }
        LiveNews::Recording(what) => {
            if let Some(live) = &mut state.live {
                live.said = Some(Told::Recording(what));
            }
        }
        LiveNews::Stopped => stop(state),
    }
}

/// The server has ended: what was seen of it stays, and has an end now.
fn stop(state: &mut State) {
    state.session.lesson = false;
    let Some(live) = &mut state.live else {
        return;
    };
    live.is_on = false;
    live.lesson = None;
    let until = live.heard_to;
    if let Some(away) = &mut live.away {
        away.0.scenario.until = until;
    } else {
        state.document.scenario.until = until;
        if state.playback == Playback::Following {
            state.playback = Playback::Paused;
        }
    }
}

/// Takes in what clients did, at `wall` seconds of the window's clock.
pub(super) fn hear(state: &mut State, heard: Heard, wall: f64) {
    let is_following = state.is_following();
    let Some(live) = &mut state.live else {
        return;
    };
    let ahead = heard.until.as_secs_f64() - wall;
    live.ahead = Some(live.ahead.map_or(ahead, |known| known.max(ahead)));
    live.heard_to = live.heard_to.max(heard.until);
    let run = match &mut live.away {
        Some(away) => &mut away.1,
        None => &mut state.run,
    };
    run.traffic.hear(heard.traffic);
    run.show.hear(heard.inputs, heard.until, !is_following);
    let start = run.show.start();
    run.moment = run.moment.max(start);
}

/// Keeps up with what clients do.
pub(super) fn keep_up(state: &mut State, wall: f64) {
    let Some(live) = state.live() else {
        return;
    };
    let at = live.now(wall).max(state.run.moment.at);
    state.run.moment = moment(&state.run, at);
}

fn moment(run: &Run, at: Micros) -> Moment {
    let known = run.show.history().complete_to();
    run.show.director().moment(at.min(known))
}

/// Has a hand's deed done by the server, where the deed is one that it can do.
pub(super) fn operate(state: &mut State, deed: &Deed) {
    let order = match deed {
        Deed::Operate(operation) => match operation {
            Operation::Stop { clean } => Hand::Stop { clean: *clean },
            Operation::Start => Hand::Start,
            Operation::RaiseAlarm(alarm) => Hand::Alarm {
                alarm: *alarm,
                on: true,
            },
            Operation::ClearAlarm(alarm) => Hand::Alarm {
                alarm: *alarm,
                on: false,
            },
            Operation::PurgeQueue(queue) => Hand::Purge {
                queue: queue.clone(),
            },
            Operation::DeleteQueue(queue) => Hand::Delete {
                queue: queue.clone(),
            },
            _ => return,
        },
        Deed::Disconnect { connection, how } => {
            let told = *how != Hangup::Lost;
            let client = connection.clone();
            return order(state, Order::Disconnect { client, told });
        }
        _ => return,
    };
    self::order(state, Order::Act(order));
}

/// Wants something of the server. It is done now, so now is what is looked at.
pub(super) fn order(state: &mut State, order: Order) {
    if let Some(live) = state
        .live
        .as_mut()
        .filter(|live| live.is_on || matches!(order, Order::Save(_)))
    {
        live.orders.push(order);
        if live.away.is_none() {
            follow(state);
        }
    }
}
