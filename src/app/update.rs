//! The one place where the state changes.

use crate::broker::{self, EventId, Micros};
use crate::director::{Cue, Moment};
use crate::scenario::{self, LoadError};
use crate::scene::{PART, Show, Target, Theme};
use crate::topology::{EdgeKey, NodeKey};
use crate::world::{EventKind, Input};

use super::state::{SCALE_MAX, SCALE_MIN, SPEED_MAX, SPEED_MIN, SPEEDS, ZOOM_MAX, ZOOM_MIN};
use super::{
    Action, Camera, Command, Document, Draft, Find, Hint, Inspection, Loaded, Notices, Opening,
    Playback, Source, State, VhostChoice,
};

/// How long a step is seen to travel at most, in seconds of the clock.
const GLIDE_MAX: f64 = 0.45;

/// Does what a command says.
pub fn update(state: &mut State, command: Command) {
    match command {
        Command::Do(action) => act(state, action),
        Command::Tick(wall) => tick(state, wall),
        Command::Seek(at) => {
            let play = state.is_playing();
            seek(state, at, play);
        }
        Command::Seen(center, scale) => state.session.seen = Some((center, scale)),
        Command::GoTo(event) => go_to(state, event),
        Command::SetSpeed(speed) => set_speed(state, speed),
        Command::Select(target) => select(state, target),
        Command::SelectEvent(event) => select_event(state, event),
        Command::OpenBuiltin(name) => {
            if let Some(builtin) = scenario::builtin::find(name) {
                let loaded = scenario::load_str(builtin.name, builtin.text).and_then(Loaded::new);
                match loaded {
                    Ok(loaded) => open(state, loaded, Source::Builtin(builtin.name)),
                    Err(error) => state.session.problems = Some(error),
                }
            }
        }
        Command::OpenFile(opening) => state.session.opening = Some(opening),
        Command::Loaded(path, loaded) => {
            // One that was asked for later is still to come.
            let opening = &mut state.session.opening;
            opening.take_if(|opening| opening.path == path);
            match *loaded {
                Ok(loaded) => open(state, loaded, Source::File(path)),
                Err(LoadError::Undecided { vhosts, .. }) => {
                    state.session.vhosts = Some(VhostChoice { path, vhosts });
                }
                Err(error) => state.session.problems = Some(error),
            }
        }
        Command::ListVhosts => {
            let Document { source, vhosts, .. } = &state.document;
            if let (Source::File(path), false) = (source, vhosts.is_empty()) {
                state.session.vhosts = Some(VhostChoice {
                    path: path.clone(),
                    vhosts: vhosts.clone(),
                });
            }
        }
        Command::ChooseVhost(name) => {
            if let Some(VhostChoice { path, .. }) = state.session.vhosts.take() {
                let vhost = Some(name);
                state.session.opening = Some(Opening { path, vhost });
            }
        }
        Command::ShowNotices(notices) => state.session.notices = notices,
        Command::Find(find) => {
            if state.session.find.is_some() {
                state.session.find = Some(find);
            }
        }
        Command::LookAround(node) => look_around(state, node),
        Command::LookFurther => {
            let show = &mut state.run.show;
            if let Some(part) = show.plan.part() {
                show.look_around(part.center, 2 * part.most);
                state.view.camera = Camera::Fit;
            }
        }
        Command::DialogOpened => state.session.dialog = false,
        Command::Look(camera) => state.view.camera = camera,
        Command::Drag(node, to) => state.run.show.plan.pin(node, to),
        Command::Publish(publisher) => input(state, Input::Publish(publisher)),
        Command::Send {
            publisher,
            publication,
            mandatory,
        } => input(
            state,
            Input::Send {
                publisher,
                publication,
                mandatory,
            },
        ),
        Command::Operate(deed) => input(state, Input::Do(deed)),
        Command::Draft(draft) => state.session.draft = draft,
        Command::ShowAllRules(all) => state.session.all_rules = all,
        Command::HintDone(hint) => {
            state.view.hints_done.insert(hint);
        }
        Command::ShowInspector(open) => state.view.inspector = Some(open),
        Command::ShowEvents(open) => state.view.events = Some(open),
        Command::CloseOverlay => close_overlay(state),
        Command::Resized(width, height) => state.session.size = Some((width, height)),
    }
    inspect(state);
    state.run.look_anew();
}

fn act(state: &mut State, action: Action) {
    match action {
        Action::PlayPause if state.is_playing() => {
            state.run.playback = Playback::Paused;
            done(state, Hint::Step);
        }
        Action::PlayPause => {
            if state.run.moment.at >= state.end() {
                state.run.moment = Moment::default();
            }
            play(state);
        }
        Action::StepForward => step(state, true),
        Action::StepBack => step(state, false),
        Action::Restart => {
            let playing = state.is_playing();
            state.run.playback = Playback::Paused;
            state.run.moment = Moment::default();
            if playing {
                play(state);
            }
        }
        Action::Faster => {
            let faster = SPEEDS
                .iter()
                .find(|&&speed| speed > state.view.speed + 1e-9);
            set_speed(state, faster.copied().unwrap_or(SPEED_MAX));
        }
        Action::Slower => {
            let slower = SPEEDS
                .iter()
                .rfind(|&&speed| speed < state.view.speed - 1e-9);
            set_speed(state, slower.copied().unwrap_or(SPEED_MIN));
        }
        Action::Scenarios => {
            state.session.gallery = !state.session.gallery;
            done(state, Hint::Scenarios);
        }
        Action::Open => state.session.dialog = true,
        Action::Find => {
            state.session.find = match state.session.find {
                None => Some(Find::default()),
                Some(_) => None,
            };
        }
        Action::Fit => state.view.camera = Camera::Fit,
        Action::ZoomIn => zoom_canvas(state, 1.25),
        Action::ZoomOut => zoom_canvas(state, 0.8),
        Action::ResetLayout => {
            state.run.show.plan.unpin_all();
            state.view.camera = Camera::Fit;
        }
        Action::Inspector => state.view.inspector = Some(!state.inspector_open()),
        Action::Events => state.view.events = Some(!state.events_open()),
        Action::Theme => {
            state.view.theme = match state.view.theme {
                Theme::Light => Theme::Dark,
                Theme::Dark => Theme::Light,
            };
        }
        Action::ReducedMotion => state.view.reduced_motion = !state.view.reduced_motion,
        Action::Connections => state.view.connections = !state.view.connections,
        Action::Larger => zoom(state, state.view.zoom + 0.125),
        Action::Smaller => zoom(state, state.view.zoom - 0.125),
        Action::ActualSize => zoom(state, 1.0),
        Action::Help => state.session.help = !state.session.help,
        Action::Legend => state.session.legend = !state.session.legend,
        Action::Simplified => state.session.simplified = !state.session.simplified,
    }
}

fn done(state: &mut State, hint: Hint) {
    state.view.hints_done.insert(hint);
}

fn zoom(state: &mut State, zoom: f32) {
    state.view.zoom = zoom.clamp(ZOOM_MIN, ZOOM_MAX);
}

fn zoom_canvas(state: &mut State, factor: f32) {
    if let Some((center, scale)) = state.session.seen {
        let scale = (scale * factor).clamp(SCALE_MIN, SCALE_MAX);
        state.view.camera = Camera::Free { center, scale };
    }
}

fn play(state: &mut State) {
    state.run.playback = Playback::Playing {
        wall: None,
        at: state.run.moment.at,
    };
}

fn set_speed(state: &mut State, speed: f64) {
    if speed.is_finite() {
        state.view.speed = speed.clamp(SPEED_MIN, SPEED_MAX);
    }
    if state.is_playing() {
        play(state);
    }
}

/// Moves the moment with the clock. Counted from where it began, so that two ticks of one time are as good as one.
fn tick(state: &mut State, now: f64) {
    match state.run.playback {
        Playback::Paused => {}
        Playback::Playing { wall: None, at } => {
            state.run.playback = Playback::Playing {
                wall: Some(now),
                at,
            };
        }
        Playback::Playing {
            wall: Some(wall),
            at,
        } => {
            let passed = Micros::from_secs_f64((now - wall) * state.view.speed);
            let to = (at + passed).min(state.end());
            let there = go(state, to);
            if !there {
                // The run is slower than the clock: go on from where it got to.
                play(state);
            } else if to >= state.end() || state.run.show.is_full() {
                state.run.playback = Playback::Paused;
            }
        }
        Playback::Seeking { to, play } => seek(state, to, play),
        Playback::Gliding {
            wall: None,
            from,
            to,
        } => {
            state.run.playback = Playback::Gliding {
                wall: Some(now),
                from,
                to,
            };
        }
        Playback::Gliding {
            wall: Some(wall),
            from,
            to,
        } => glide(state, now - wall, from, to),
    }
}

fn glide(state: &mut State, passed: f64, from: Micros, to: Moment) {
    let distance = to.at.0.abs_diff(from.0) as f64 / 1e6;
    let whole = (distance / state.view.speed).min(GLIDE_MAX);
    if passed >= whole {
        state.run.moment = to;
        state.run.playback = Playback::Paused;
        return;
    }
    let fraction = passed / whole;
    let at = from.0 as f64 + (to.at.0 as f64 - from.0 as f64) * fraction;
    let at = Micros(at as u64);
    // Nothing that comes after the step may be shown on the way there, and nothing before it undone.
    let known = state.run.show.director().moment(at).shown;
    let shown = if to.at >= from {
        known.min(to.shown.saturating_sub(1))
    } else {
        known.max(to.shown)
    };
    state.run.moment = Moment { at, shown };
}

/// Shows the moment at `at` with all that is shown by then, or the furthest moment that is worked out so far; whether
/// that is all there will be.
fn go(state: &mut State, at: Micros) -> bool {
    let there = state.run.show.run_toward(at);
    let known = state.run.show.history().complete_to();
    state.run.moment = state.run.show.director().moment(at.min(known));
    there
}

fn seek(state: &mut State, to: Micros, play_on: bool) {
    let to = to.min(state.end());
    state.run.playback = if go(state, to) {
        Playback::Paused
    } else {
        Playback::Seeking { to, play: play_on }
    };
    if play_on && state.run.playback == Playback::Paused {
        play(state);
    }
}

fn step(state: &mut State, forward: bool) {
    done(state, Hint::Step);
    // A second step before the first has arrived goes on from where that leads.
    let moment = match state.run.playback {
        Playback::Gliding { to, .. } => to,
        _ => state.run.moment,
    };
    let end = state.end();
    let next = if forward {
        state.run.show.step_from(moment, end)
    } else {
        state.run.show.director().previous(moment)
    };
    let Some(to) = next else {
        state.run.moment = moment;
        state.run.playback = Playback::Paused;
        return;
    };
    if state.view.reduced_motion || to.at == moment.at {
        state.run.moment = to;
        state.run.playback = Playback::Paused;
    } else {
        state.run.playback = Playback::Gliding {
            wall: None,
            from: state.run.moment.at,
            to,
        };
    }
}

fn go_to(state: &mut State, event: EventId) {
    state.run.playback = Playback::Paused;
    if let Some(moment) = state.run.show.director().moment_of(event) {
        state.run.moment = moment;
    }
}

fn select(state: &mut State, target: Option<Target>) {
    state.session.selected = target;
    forget_event(state);
    if target.is_some() {
        done(state, Hint::Ask);
        state.session.asked = true;
        if state.view.inspector == Some(false) {
            state.view.inspector = None;
        }
    }
}

fn forget_event(state: &mut State) {
    state.session.event = None;
    state.session.event_edges.clear();
}

fn select_event(state: &mut State, id: EventId) {
    let show = &state.run.show;
    let Some(event) = show.history().event(id) else {
        return;
    };
    let cue = show.director().cue(id);
    let edges = edges_of(show, &event.kind, cue);
    let worker = cue.and_then(|cue| cue.worker);
    let target = match event.kind.message() {
        Some(message) => Some(Target::Message(message)),
        None => worker.map(|worker| Target::Node(NodeKey::Consumer(worker))),
    };
    select(state, target);
    state.session.asked = true;
    state.session.event = Some(id);
    state.session.event_edges = edges;
}

/// The edges an event is about: along which something set out, or arrived.
fn edges_of(show: &Show, kind: &EventKind, cue: Option<&Cue>) -> Vec<EdgeKey> {
    let mut edges = Vec::new();
    if let EventKind::Broker(broker::Event::Ready { queued, .. }) = kind {
        let routed = show.history().routing_of(queued.copy);
        let copies = routed.map_or(&[][..], |(_, copies)| copies);
        let copy = copies.iter().find(|copy| copy.copy == queued.copy);
        let last = copy.and_then(|copy| copy.path.last());
        edges.extend(last.map(|&via| EdgeKey::from(via)));
    }
    if let Some(cue) = cue {
        let flights = cue.flights.iter().flat_map(|(_, flight)| &flight.legs);
        edges.extend(flights.map(|leg| leg.edge));
        let decisions = cue.decisions.iter();
        edges.extend(
            decisions
                .flat_map(|it| &it.matched)
                .map(|&via| EdgeKey::from(via)),
        );
        edges.extend(cue.worker.map(EdgeKey::Consume));
    }
    for edge in &mut edges {
        *edge = show.plan.topology.drawn_edge(*edge);
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

fn open(state: &mut State, loaded: Loaded, source: Source) {
    let Loaded { scenario, run } = loaded;
    state.run = run;
    state.document = Document::new(scenario, source);
    state.session.opening = None;
    state.view.camera = Camera::Fit;
    state.session.selected = None;
    forget_event(state);
    state.session.problems = None;
    state.session.vhosts = None;
    state.session.notices = Notices::default();
    state.session.find = None;
    state.session.gallery = false;
    state.session.draft = Draft::default();
}

/// Selects a node and, where not all can be drawn, draws what is around it.
fn look_around(state: &mut State, node: NodeKey) {
    state.session.find = None;
    let show = &mut state.run.show;
    if show.plan.part().is_some() {
        show.look_around(node, PART);
        state.view.camera = Camera::Fit;
    } else if let (Camera::Free { scale, .. }, Some(place)) =
        (state.view.camera, show.plan.layout.nodes.get(&node))
    {
        let center = place.center();
        state.view.camera = Camera::Free { center, scale };
    }
    select(state, Some(Target::Node(node)));
    forget_what_is_gone(state);
}

/// Puts something into the run at the moment that is shown.
fn input(state: &mut State, input: Input) {
    let at = state.run.moment.at;
    // What was published after this moment belongs to another story now, and its number to another message.
    if let Some(inspection) = &state.run.inspection {
        let history = state.run.show.history();
        let published = inspection.story.first().and_then(|&id| history.event(id));
        if published.is_none_or(|event| event.at > at) {
            state.session.selected = None;
        }
    }
    state.run.inspection = None;
    forget_event(state);
    let playing = state.is_playing();
    state.run.show.input(at, input);
    state.run.inputs += 1;
    state.run.moment = state.run.show.director().moment(at);
    forget_what_is_gone(state);
    if playing {
        play(state);
    } else {
        state.run.playback = Playback::Paused;
    }
}

/// Unselects what the other story does not have.
fn forget_what_is_gone(state: &mut State) {
    let topology = &state.run.show.plan.topology;
    let is_there = match state.session.selected {
        Some(Target::Node(key)) => topology.node(key).is_some(),
        Some(Target::Edge(key)) => topology.edge(key).is_some(),
        Some(Target::Message(_)) | None => true,
    };
    if !is_there {
        state.session.selected = None;
    }
}

/// Closes what lies on top; where nothing does, unselects.
fn close_overlay(state: &mut State) {
    let session = &mut state.session;
    if session.problems.is_some() {
        session.problems = None;
    } else if session.vhosts.is_some() {
        session.vhosts = None;
    } else if session.notices == Notices::Open {
        session.notices = Notices::Badge;
    } else if let Some(overlay) = session.overlay() {
        act(state, overlay);
    } else {
        select(state, None);
    }
}

/// Keeps what is known about the selected message in step with the moment.
fn inspect(state: &mut State) {
    let message = match state.session.selected {
        Some(Target::Message(message)) => message,
        _ => {
            state.run.inspection = None;
            return;
        }
    };
    // A message that another story no longer has is forgotten.
    if state.run.show.history().message(message).is_none() {
        state.session.selected = None;
        state.run.inspection = None;
        return;
    }
    let before = state.run.inspection.take();
    let now = Inspection::new(message, state.run.moment, &state.run.show, before);
    state.run.inspection = Some(now);
}
