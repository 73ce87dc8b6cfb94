//! The one place where the state changes.

use crate::broker::{self, EventId};
use crate::director::Cue;
use crate::scenario::{self, LoadError};
use crate::scene::{PART, Show, Target, Theme};
use crate::topology::{EdgeKey, NodeKey};
use crate::world::{EventKind, Input};

use super::carrying::carry;
use super::live;
use super::playing::{go_on, go_to, play, rewind, seek, set_speed, step, tick};
use super::state::{SCALE_MAX, SCALE_MIN, SPEED_MAX, SPEED_MIN, SPEEDS, ZOOM_MAX, ZOOM_MIN};
use super::{
    Action, Camera, Command, Comparing, Document, Draft, Find, Hint, Inspection, Loaded, Notices,
    Opening, Playback, Source, State, Subject, VhostChoice,
};

/// Does what a command says.
pub fn update(state: &mut State, command: Command) {
    match command {
        Command::Do(action) => act(state, action),
        Command::Tick(wall) => tick(state, wall),
        Command::Seek(at) => {
            let carries = matches!(state.playback, Playback::Carrying { .. });
            let play = state.is_playing() && !carries;
            seek(state, at, play);
        }
        Command::Seen(center, scale) => state.run.seen_from = Some((center, scale)),
        Command::GoTo(event) => go_to(state, event),
        Command::SetSpeed(speed) => set_speed(state, speed),
        Command::Select(target) => select(state, target),
        Command::SelectEvent(event) => select_event(state, event),
        Command::ShowFrames(link) => {
            state.session.frames = link;
            state.session.frame = None;
        }
        Command::SelectFrame(frame) => {
            let history = state.run.show.history();
            match state.run.traffic.event_of(frame, history) {
                Some(event) => select_event(state, event),
                None => forget_event(state),
            }
            state.session.frame = Some(frame);
        }
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
                state.run.camera = Camera::Fit;
            }
        }
        Command::DialogOpened => state.session.dialog = false,
        Command::Look(camera) => state.run.camera = camera,
        Command::Face(side) => {
            if let Some(comparing) = &mut state.comparing {
                comparing.face(&mut state.run, side);
                if matches!(
                    state.session.selected,
                    Some(Target::Node(_) | Target::Edge(_) | Target::Message(_))
                ) {
                    state.session.selected = None;
                }
                forget_event(state);
            }
        }
        Command::Break(kind) => {
            let now = state.run.moment.at;
            rerun(state, |comparing| comparing.toggle(kind, now));
        }
        Command::Turn(dial, value) => rerun(state, |comparing| comparing.turn(dial, value)),
        Command::Subject(place) => {
            if let Some(comparing) = &mut state.comparing {
                comparing.subject = place;
            }
        }
        Command::AsInFile => rerun(state, |comparing| {
            comparing.comparison = comparing.original.clone();
        }),
        Command::Plot(quantity) => {
            if let Some(comparing) = &mut state.comparing {
                comparing.quantity = quantity;
            }
        }
        Command::Predict(place) => {
            if let Some(comparing) = &mut state.comparing {
                comparing.predicted = Some(place);
            }
        }
        Command::About => {
            if let Some(comparing) = &mut state.comparing {
                // What is selected would be told of instead.
                let selected = state.session.selected.take();
                comparing.about = !comparing.about || selected.is_some();
                forget_event(state);
            }
        }
        Command::Reveal(revealed) => {
            let at = state.run.moment.at;
            if let Some(comparing) = &mut state.comparing {
                comparing.revealed = revealed && comparing.has_verdict(at);
            }
        }
        Command::Drag(node, to) => state.run.show.plan.pin(node, to),
        // A program outside publishes when it likes.
        Command::Publish(_) | Command::Send { .. } if state.going_on().is_some() => {}
        Command::Operate(deed) if state.going_on().is_some() => live::operate(state, &deed),
        Command::LiveNews(news) => live::hear_news(state, news),
        Command::Heard(heard, wall) => live::hear(state, *heard, wall),
        Command::Order(order) => live::order(state, order),
        Command::OrdersTaken => {
            if let Some(live) = &mut state.live {
                live.orders.clear();
            }
        }
        Command::SaveDialogOpened => state.session.save_dialog = false,
        Command::HeardOut => {
            state.session.no_live = None;
            if let Some(live) = &mut state.live {
                live.said = None;
            }
        }
        Command::ShowLesson(shown) => state.session.lesson = shown,
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
    for run in state.runs_mut() {
        run.look_anew();
        run.arrange();
        run.reached = run.reached.max(run.moment.at);
    }
    state.foresee();
    if let Some(comparing) = &mut state.comparing {
        comparing.keep_up(&state.run);
    }
}

/// Changes a comparison and runs both sides of it from the start, with the picture back at the same moment.
fn rerun(state: &mut State, change: impl FnOnce(&mut Comparing)) {
    let playing = state.is_playing();
    let at = state.run.moment.at;
    let Some(comparing) = &mut state.comparing else {
        return;
    };
    let before = comparing.comparison.clone();
    change(comparing);
    if comparing.comparison == before {
        return;
    }
    if comparing.rerun(&mut state.run).is_err() {
        comparing.comparison = before; // no dial can do that
        return;
    }
    forget_event(state);
    seek(state, at, playing);
}

fn act(state: &mut State, action: Action) {
    match action {
        Action::PlayPause if state.is_playing() => {
            state.playback = Playback::Paused;
            done(state, Hint::Step);
        }
        Action::PlayPause => {
            if state.run.moment.at >= state.limit() && state.going_on().is_none() {
                rewind(state);
            }
            play(state);
        }
        Action::StepForward => step(state, true),
        Action::StepBack => step(state, false),
        Action::Restart => {
            let playing = state.is_playing();
            state.playback = Playback::Paused;
            rewind(state);
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
        Action::Live => live::go_live(state),
        Action::Now => live::follow(state),
        Action::SaveRecording => state.session.save_dialog = state.live().is_some(),
        Action::Find => {
            state.session.find = match state.session.find {
                None => Some(Find::default()),
                Some(_) => None,
            };
        }
        Action::Fit => state.run.camera = Camera::Fit,
        Action::ZoomIn => zoom_canvas(state, 1.25),
        Action::ZoomOut => zoom_canvas(state, 0.8),
        Action::ResetLayout => {
            state.run.show.plan.unpin_all();
            state.run.camera = Camera::Fit;
        }
        Action::Inspector => {
            let open = !state.inspector_open();
            state.view.inspector = Some(open);
            if let Some(comparing) = &mut state.comparing {
                comparing.about = open;
            }
        }
        Action::Numbers => state.view.numbers = !state.view.numbers,
        Action::Events => match &mut state.comparing {
            Some(comparing) => {
                comparing.lists = !(comparing.lists && state.view.numbers);
                state.view.numbers = true;
            }
            None => state.view.events = Some(!state.events_open()),
        },
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

pub(super) fn done(state: &mut State, hint: Hint) {
    state.view.hints_done.insert(hint);
}

fn zoom(state: &mut State, zoom: f32) {
    state.view.zoom = zoom.clamp(ZOOM_MIN, ZOOM_MAX);
}

fn zoom_canvas(state: &mut State, factor: f32) {
    if let Some((center, scale)) = state.run.seen_from {
        let scale = (scale * factor).clamp(SCALE_MIN, SCALE_MAX);
        state.run.camera = Camera::Free { center, scale };
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

pub(super) fn forget_event(state: &mut State) {
    state.session.event = None;
    state.session.frame = None;
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
    let order = match &event.kind {
        EventKind::Http(event) => event.order().map(Target::Order),
        _ => None,
    };
    let target = match event.kind.message() {
        Some(message) => Some(show.token_of(message).1),
        None if order.is_some() => order,
        None => worker.map(|worker| Target::Node(NodeKey::Consumer(worker))),
    };
    select(state, target);
    state.session.asked = true;
    state.session.event = Some(id);
    state.session.event_edges = edges;
    let (traffic, history) = (&state.run.traffic, state.run.show.history());
    if !traffic.is_empty() {
        state.session.frame = traffic.frame_of(id, history);
        // Whose frames are listed follows what is selected.
        if let (Some(_), Some(frame)) = (state.session.frames, state.session.frame) {
            state.session.frames = traffic.link(frame, history.head());
        }
    }
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
    let Loaded {
        scenario,
        run,
        comparing,
    } = loaded;
    live::put_aside(state, Document::new(scenario, source), run);
    state.comparing = comparing;
    state.playback = Playback::START;
    state.session.opening = None;
    forget_selection(state);
}

/// Forgets what was asked about what is no longer looked at.
pub(super) fn forget_selection(state: &mut State) {
    state.session.selected = None;
    state.session.frames = None;
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
        state.run.camera = Camera::Fit;
    } else if let (Camera::Free { scale, .. }, Some(place)) =
        (state.run.camera, show.plan.layout.nodes.get(&node))
    {
        let center = place.center();
        state.run.camera = Camera::Free { center, scale };
    }
    select(state, Some(Target::Node(node)));
    forget_what_is_gone(state);
}

/// Puts something into the run at the moment that is shown.
fn input(state: &mut State, input: Input) {
    let at = state.run.moment.at;
    // What was published after this moment belongs to another story now, and its number to another message.
    if let Some(inspection) = &state.run.inspection
        && matches!(inspection.subject, Subject::Message(_))
    {
        let history = state.run.show.history();
        let published = inspection.story.first().and_then(|&id| history.event(id));
        if published.is_none_or(|event| event.at > at) {
            state.session.selected = None;
        }
    }
    state.run.inspection = None;
    forget_event(state);
    let publishes = matches!(input, Input::Publish(_) | Input::Send { .. });
    state.run.show.input(at, input);
    state.run.inputs += 1;
    state.run.reached = at;
    state.run.moment = state.run.show.director().moment(at);
    state.run.carry();
    forget_what_is_gone(state);
    if state.is_playing() {
        go_on(state);
    } else if publishes && state.run.carried.is_some() {
        // Who publishes wants to see where it goes, also where time stands still.
        carry(state);
    } else {
        state.playback = Playback::Paused;
    }
}

/// Unselects what the other story does not have.
fn forget_what_is_gone(state: &mut State) {
    let topology = &state.run.show.plan.topology;
    let is_there = match state.session.selected {
        Some(Target::Node(key)) => topology.node(key).is_some(),
        Some(Target::Edge(key)) => topology.edge(key).is_some(),
        Some(Target::Message(_) | Target::Order(_)) | None => true,
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
    } else if session.no_live.is_some() {
        session.no_live = None;
    } else if session.lesson {
        session.lesson = false;
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

/// Keeps what is known about the selected message, or order, in step with the moment.
fn inspect(state: &mut State) {
    let subject = match state.session.selected {
        Some(Target::Message(message)) => Some(Subject::Message(message)),
        Some(Target::Order(order)) => Some(Subject::Order(order)),
        _ => None,
    };
    // A message that another story no longer has is forgotten.
    if let Some(Subject::Message(message)) = subject
        && state.run.show.history().message(message).is_none()
    {
        state.session.selected = None;
        state.run.inspection = None;
        return;
    }
    for run in state.runs_mut() {
        let before = run.inspection.take();
        run.inspection =
            subject.map(|subject| Inspection::new(subject, run.moment, &run.show, before));
    }
}
