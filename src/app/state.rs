//! The program's state, in four parts that live for different lengths of time.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::broker::{EventId, Micros, Name};
use crate::compare::Side;
use crate::director::{MIN_HOP, Moment};
use crate::geometry::Point;
use crate::scenario::builtin::{self, Builtin};
use crate::scenario::definitions::VhostSize;
use crate::scenario::{LoadError, Scenario, Start};
use crate::scene::{Show, Target, Theme};
use crate::topology::EdgeKey;
use crate::world::{LinkId, Setup, SetupError};

use super::carrying::Carried;
use super::coming::Coming;
use super::{
    Action, Comparing, Conversations, Draft, FrameId, Inspection, Live, Opening, Seen, Standstill,
};

/// The slowest and the fastest a run can be played, times real time.
pub const SPEED_MIN: f64 = 0.02;
/// The fastest a run can be played, times real time.
pub const SPEED_MAX: f64 = 10.0;
/// The least and the most pixels to a unit of the canvas.
pub const SCALE_MIN: f32 = 0.02;
/// The most pixels to a unit of the canvas.
pub const SCALE_MAX: f32 = 5.0;
/// The speeds to choose from, times real time.
pub const SPEEDS: [f64; 10] = [0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0];
/// The smallest and the largest the whole window can be drawn.
pub const ZOOM_MIN: f32 = 0.75;
/// The largest the whole window can be drawn.
pub const ZOOM_MAX: f32 = 2.5;

/// All the program knows.
pub struct State {
    /// What is open.
    pub document: Document,
    /// What is made of it; of two sides, the one that a hand was on last.
    pub run: Run,
    /// How its moment moves.
    pub playback: Playback,
    /// Of what is compared: how long a hop is seen at least. So long eyes need, whatever the speed at which they look.
    pub echo: Micros,
    /// Whether so much happens that playing gets behind the clock.
    pub lags: bool,
    /// The other side, and what is said of both, where two are compared.
    pub comparing: Option<Comparing>,
    /// A server for real clients, if there is one.
    pub live: Option<Live>,
    /// How it is looked at; remembered from one start to the next.
    pub view: View,
    /// What is forgotten when the window closes.
    pub session: Session,
}

/// The scenario that is open.
#[derive(Debug)]
pub struct Document {
    /// The scenario.
    pub scenario: Scenario,
    /// Where it came from.
    pub source: Source,
    /// The virtual hosts of the definitions it was made from, if there are several to choose from.
    pub vhosts: Vec<VhostSize>,
}

impl Document {
    pub(super) fn new(scenario: Scenario, source: Source) -> Self {
        let definitions = scenario.definitions.as_ref();
        let mut vhosts = definitions.map_or_else(Vec::new, |document| document.vhost_sizes());
        if vhosts.len() < 2 {
            vhosts.clear();
        }
        Self {
            scenario,
            source,
            vhosts,
        }
    }
}

/// Where a scenario came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It came with the program.
    Builtin(&'static str),
    /// A file.
    File(PathBuf),
    /// Clients of the server beside the window.
    Live,
}

/// A run of the document; made from it, never saved in it.
#[derive(Clone, Debug)]
pub struct Run {
    /// The run and its picture.
    pub show: Show,
    /// The moment that is looked at.
    pub moment: Moment,
    /// What part of its picture is seen.
    pub camera: Camera,
    /// The point of the world in the middle of the canvas and the pixels to a unit, as last drawn.
    pub seen_from: Option<(Point, f32)>,
    /// What is known about the message that is selected.
    pub inspection: Option<Inspection>,
    /// What was said on the connections of real clients.
    pub traffic: Conversations,
    /// How often a hand made another run of it.
    pub(super) inputs: u64,
    /// While things slide to their places: which time that is, and since when, in seconds of the clock.
    pub(super) sliding: Option<(u64, f64)>,
    pub(super) seen: Seen,
    /// What comes next.
    pub(super) coming: Coming,
    /// The latest moment that was looked at.
    pub(super) reached: Micros,
    /// What a hand published, until it is at rest.
    pub(super) carried: Option<Carried>,
}

/// How the moment moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Playback {
    /// Not at all.
    Paused,
    /// On, with the clock: at `wall` seconds of the clock it was at `at`.
    Playing {
        /// Seconds of the clock; none until the first tick.
        wall: Option<f64>,
        /// The moment then.
        at: Micros,
    },
    /// With what clients of the server beside the window do.
    Following,
    /// On, with the clock, until what a hand published while time stood still has come to rest.
    Carrying {
        /// Seconds of the clock; none until the first tick.
        wall: Option<f64>,
        /// The moment then.
        at: Micros,
    },
    /// As far as the run has been worked out, towards a moment that it has not reached yet.
    Seeking {
        /// Where to.
        to: Micros,
        /// Whether to play on from there.
        play: bool,
    },
    /// To the moment next door, so that tokens are seen to travel there.
    Gliding {
        /// Seconds of the clock when it began; none until the first tick.
        wall: Option<f64>,
        /// Where it began.
        from: Micros,
        /// Where it ends.
        to: Moment,
        /// Where it ends on the other side, if there is one.
        behind: Option<Moment>,
    },
}

impl Playback {
    /// From the beginning.
    pub(super) const START: Self = Self::Playing {
        wall: None,
        at: Micros::ZERO,
    };
}

/// How things are looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    /// Light or dark.
    pub theme: Theme,
    /// How large the whole window is drawn.
    pub zoom: f32,
    /// How fast a run is played, times real time.
    pub speed: f64,
    /// Whether the inspector is open; by default where there is room.
    pub inspector: Option<bool>,
    /// Whether the event list is open; by default where there is room.
    pub events: Option<bool>,
    /// Whether the numbers of what is compared are seen.
    pub numbers: bool,
    /// Whether tokens appear instead of travelling.
    pub reduced_motion: bool,
    /// Whether connections and channels are framed.
    pub connections: bool,
    /// Hints that were used or closed.
    pub hints_done: BTreeSet<Hint>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            theme: Theme::Light,
            zoom: 1.0,
            speed: 1.0,
            inspector: None,
            events: None,
            numbers: true,
            reduced_motion: false,
            connections: false,
            hints_done: BTreeSet::new(),
        }
    }
}

/// What part of the canvas is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Camera {
    /// All of it.
    #[default]
    Fit,
    /// What a hand chose.
    Free {
        /// The point of the world in the middle of the canvas.
        center: Point,
        /// Pixels to a unit.
        scale: f32,
    },
}

/// A hint for the first minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Hint {
    /// Pause and step.
    Step,
    /// Click to ask why.
    Ask,
    /// There are more scenarios.
    Scenarios,
}

impl Hint {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Step, Self::Ask, Self::Scenarios];
}

/// What is forgotten when the window closes.
#[derive(Default)]
pub struct Session {
    /// What is selected.
    pub selected: Option<Target>,
    /// The event that is selected.
    pub event: Option<EventId>,
    /// Whose frames are listed, if anybody's are.
    pub frames: Option<LinkId>,
    /// The frame that is selected.
    pub frame: Option<FrameId>,
    /// The edges that event is about.
    pub event_edges: Vec<EdgeKey>,
    /// Whether something was asked about, so that there must be a place for the answer.
    pub asked: bool,
    /// Whether the gallery is open.
    pub gallery: bool,
    /// Whether the list of keys is open.
    pub help: bool,
    /// Whether the legend is open.
    pub legend: bool,
    /// Whether the page of what is simplified is open.
    pub simplified: bool,
    /// Whether that page lists all rules, or only those that are not wholly modelled.
    pub all_rules: bool,
    /// Why a step led nowhere, and from which moment.
    pub standstill: Option<(Moment, Standstill)>,
    /// The message to publish by hand, as far as it is written.
    pub draft: Draft,
    /// A file that could not be opened, and why.
    pub problems: Option<LoadError>,
    /// A file that is being opened.
    pub opening: Option<Opening>,
    /// Virtual hosts to choose from.
    pub vhosts: Option<VhostChoice>,
    /// How much is seen of what does not act in the definitions that are open.
    pub notices: Notices,
    /// What is looked for by name, while it is.
    pub find: Option<Find>,
    /// Whether a file dialog is asked for.
    pub dialog: bool,
    /// Whether one is asked for in which to say where a recording goes.
    pub save_dialog: bool,
    /// Whether a server for real clients is asked for.
    pub wants_live: bool,
    /// Why there is none, until that was read.
    pub no_live: Option<String>,
    /// Whether it is seen large how other machines come in.
    pub lesson: bool,
    /// The window's size in points, once it is known.
    pub size: Option<(f32, f32)>,
}

/// Virtual hosts to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VhostChoice {
    /// The file they are in.
    pub path: PathBuf,
    /// Those there are.
    pub vhosts: Vec<VhostSize>,
}

/// How much is seen of what does not act in the definitions that are open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notices {
    /// That there is something to be read.
    #[default]
    Badge,
    /// All of it.
    Open,
    /// Nothing; the inspector still leads to it.
    Dismissed,
}

/// What is looked for by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    /// A part of the name, as far as it is written.
    pub text: String,
    /// Which of those that are found is chosen, counted from the first.
    pub chosen: usize,
}

impl Session {
    /// Whether something lies over the window.
    pub fn covered(&self) -> bool {
        self.problems.is_some()
            || self.no_live.is_some()
            || self.lesson
            || self.vhosts.is_some()
            || self.notices == Notices::Open
            || self.overlay().is_some()
    }

    /// What lies over the window, by the action that opens and closes it: of several the one that closes first.
    pub fn overlay(&self) -> Option<Action> {
        let overlays = [
            (self.find.is_some(), Action::Find),
            (self.legend, Action::Legend),
            (self.simplified, Action::Simplified),
            (self.help, Action::Help),
            (self.gallery, Action::Scenarios),
        ];
        let open = overlays.into_iter().find(|&(is_open, _)| is_open);
        open.map(|(_, action)| action)
    }
}

impl State {
    /// The program as it starts. While the file is read that somebody asked for, the first scenario stands still.
    ///
    /// # Errors
    /// When no broker would accept the scenario's setup.
    pub fn on(start: Start) -> Result<Self, OpenError> {
        let view = View::default();
        match start {
            Start::First => Self::builtin(&builtin::ALL[0], view),
            Start::Scenario(name, scenario) => {
                let source = match builtin::find(&name) {
                    Some(builtin) => Source::Builtin(builtin.name),
                    None => Source::File(PathBuf::from(name)),
                };
                Self::new(*scenario, source, view)
            }
            Start::File { path, vhost } => {
                let mut state = Self::builtin(&builtin::ALL[0], view)?;
                state.playback = Playback::Paused;
                let vhost = vhost.map(Name::from);
                state.session.opening = Some(Opening { path, vhost });
                Ok(state)
            }
        }
    }

    /// A program that shows a built-in scenario, playing.
    ///
    /// # Errors
    /// When the scenario is broken.
    pub fn builtin(builtin: &Builtin, view: View) -> Result<Self, OpenError> {
        let scenario = crate::scenario::load_str(builtin.name, builtin.text)?;
        Self::new(scenario, Source::Builtin(builtin.name), view)
    }

    /// A program that shows a scenario, playing.
    ///
    /// # Errors
    /// When no broker would accept its setup.
    pub fn new(scenario: Scenario, source: Source, view: View) -> Result<Self, OpenError> {
        let (run, comparing) = Run::of(&scenario)?;
        Ok(Self {
            document: Document::new(scenario, source),
            run,
            playback: Playback::START,
            echo: MIN_HOP,
            lags: false,
            comparing,
            live: None,
            view,
            session: Session::default(),
        })
    }

    /// Where the slider ends: where the run does, or where it has been looked at beyond that.
    pub fn end(&self) -> Micros {
        let end = self.document.scenario.until.max(self.run.reached);
        self.going_on().map_or(end, |live| live.heard_to)
    }

    /// The latest moment that time goes on to by itself.
    pub fn limit(&self) -> Micros {
        match self.is_open() {
            true => Micros::MAX,
            false => self.end(),
        }
    }

    /// Whether the run has no end: nobody in it does anything unless a hand does.
    pub fn is_open(&self) -> bool {
        self.document.scenario.open && self.going_on().is_none()
    }

    /// The earliest moment there is to be gone back to.
    pub fn start(&self) -> Micros {
        self.run.show.start().at
    }

    /// The run of a side; where there are no sides, the one there is.
    pub fn side(&self, side: Side) -> &Run {
        match &self.comparing {
            Some(comparing) if comparing.front != side => &comparing.behind,
            _ => &self.run,
        }
    }

    /// All runs there are, the one in front first.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        let behind = self.comparing.as_ref().map(|it| &it.behind);
        std::iter::once(&self.run).chain(behind)
    }

    /// The same, to be changed.
    pub(super) fn runs_mut(&mut self) -> impl Iterator<Item = &mut Run> {
        let behind = self.comparing.as_mut().map(|it| &mut it.behind);
        std::iter::once(&mut self.run).chain(behind)
    }

    /// Whether the picture moves by itself.
    pub fn is_moving(&self) -> bool {
        self.playback != Playback::Paused || self.run.show.plan.slides().is_some()
    }

    /// Whether the run is being played.
    pub fn is_playing(&self) -> bool {
        matches!(
            self.playback,
            Playback::Playing { .. }
                | Playback::Following
                | Playback::Carrying { .. }
                | Playback::Seeking { play: true, .. }
        )
    }

    /// Whether a hint is still to be shown.
    pub fn is_due(&self, hint: Hint) -> bool {
        !self.view.hints_done.contains(&hint)
    }

    /// Whether the inspector is open: as somebody chose or, before that, where the canvas keeps enough room.
    pub fn inspector_open(&self) -> bool {
        if let Some(comparing) = &self.comparing {
            // Two canvases and their numbers need the room until something is asked.
            let selected = self.session.selected.is_some();
            return comparing.about || selected && self.view.inspector.unwrap_or(true);
        }
        let roomy = self.session.size.is_none_or(|(width, _)| width >= 1_100.0);
        self.view.inspector.unwrap_or(roomy || self.session.asked)
    }

    /// Whether the event list is open: as somebody chose or, before that, where the canvas keeps enough room.
    pub fn events_open(&self) -> bool {
        if let Some(comparing) = &self.comparing {
            return comparing.lists && self.view.numbers;
        }
        let roomy = self.session.size.is_none_or(|(_, height)| height >= 840.0);
        self.view.events.unwrap_or(roomy)
    }
}

impl Run {
    /// A scenario's run; of a comparison, both.
    pub(super) fn of(scenario: &Scenario) -> Result<(Self, Option<Comparing>), SetupError> {
        match &scenario.comparison {
            None => {
                let traffic = Conversations::of(&scenario.traffic);
                let run = Self {
                    traffic,
                    ..Self::new(&scenario.setup)?
                };
                Ok((run, None))
            }
            Some(comparison) => {
                let (run, comparing) = Comparing::new(comparison.clone())?;
                Ok((run, Some(comparing)))
            }
        }
    }

    /// Begins again with another setup; it is looked at from where it was.
    pub(super) fn again(&mut self, setup: &Setup) -> Result<(), SetupError> {
        let (moment, camera) = (self.moment, self.camera);
        let (inputs, seen_from) = (self.inputs + 1, self.seen_from);
        *self = Self {
            moment,
            camera,
            inputs,
            seen_from,
            ..Self::new(setup)?
        };
        Ok(())
    }

    pub(super) fn new(setup: &Setup) -> Result<Self, SetupError> {
        Ok(Self {
            show: Show::new(setup)?,
            moment: Moment::default(),
            camera: Camera::Fit,
            seen_from: None,
            inspection: None,
            traffic: Conversations::default(),
            inputs: 0,
            sliding: None,
            seen: Seen::default(),
            coming: Coming::default(),
            reached: Micros::ZERO,
            carried: None,
        })
    }
}

/// Why a scenario could not be shown.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OpenError {
    /// The file is unreadable or faulty.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// No broker would accept its setup.
    #[error(transparent)]
    Setup(#[from] SetupError),
}
