//! How the moment moves: with the clock, to where a hand wants it, and from one event to the next.

use crate::broker::{EventId, Micros};
use crate::director::{MIN_HOP, Moment};

use super::carrying::{carry, carry_to, stand};
use super::live;
use super::state::{SPEED_MAX, SPEED_MIN};
use super::update::done;
use super::{Hint, Playback, Run, State};

/// How long a step is seen to travel at most, in seconds of the clock.
const GLIDE_MAX: f64 = 0.45;
/// The same at least, where hops are as short as in life.
const GLIDE_MIN: f64 = 0.25;

pub(super) fn play(state: &mut State) {
    state.playback = Playback::Playing {
        wall: None,
        at: state.run.moment.at,
    };
}

pub(super) fn set_speed(state: &mut State, speed: f64) {
    if speed.is_finite() {
        state.view.speed = speed.clamp(SPEED_MIN, SPEED_MAX);
    }
    go_on(state);
}

/// Goes on from the moment that is shown, if time goes on at all.
pub(super) fn go_on(state: &mut State) {
    match state.playback {
        Playback::Carrying { .. } => carry(state),
        _ if state.is_playing() => play(state),
        _ => {}
    }
}

/// Moves the moment with the clock. Counted from where it began, so that two ticks of one time are as good as one.
pub(super) fn tick(state: &mut State, now: f64) {
    let at_once = state.view.reduced_motion;
    state.run.slide(now, at_once);
    match state.playback {
        Playback::Paused => {}
        Playback::Following => live::keep_up(state, now),
        Playback::Playing { wall: None, at } => {
            state.playback = Playback::Playing {
                wall: Some(now),
                at,
            };
        }
        Playback::Playing {
            wall: Some(wall),
            at,
        } => {
            let passed = Micros::from_secs_f64((now - wall) * state.view.speed);
            state.echo = echo(state.view.speed);
            let to = (at + passed).min(state.limit());
            let there = go(state, to);
            state.lags = !there;
            if !there {
                // The run is slower than the clock: go on from where it got to.
                play(state);
            } else if to >= state.end() && state.going_on().is_some() {
                live::follow(state);
            } else if to >= state.limit() || state.runs_mut().any(|run| goes_no_further(run, to)) {
                stand(state);
            }
        }
        Playback::Carrying { wall: None, at } => {
            state.playback = Playback::Carrying {
                wall: Some(now),
                at,
            };
        }
        Playback::Carrying {
            wall: Some(wall),
            at,
        } => {
            let passed = Micros::from_secs_f64((now - wall) * state.view.speed);
            state.echo = echo(state.view.speed);
            carry_to(state, at + passed);
        }
        Playback::Seeking { to, play } => seek(state, to, play),
        Playback::Gliding {
            wall: None,
            from,
            to,
            behind,
        } => {
            state.playback = Playback::Gliding {
                wall: Some(now),
                from,
                to,
                behind,
            };
        }
        Playback::Gliding {
            wall: Some(wall),
            from,
            to,
            behind,
        } => glide(state, now - wall, from, (to, behind)),
    }
}

/// Whether there is nothing more of a run to be seen after `at`, though its end has not come.
fn goes_no_further(run: &Run, at: Micros) -> bool {
    let stands_still = run.show.standstill().is_some_and(|(_, shown)| at >= shown);
    stands_still || run.show.is_full()
}

/// How long a hop has to take in the run for eyes to see it, at a speed.
pub(super) fn echo(speed: f64) -> Micros {
    Micros::from_secs_f64(MIN_HOP.as_secs_f64() * speed.min(1.0))
}

pub(super) fn glide(state: &mut State, passed: f64, from: Micros, to: (Moment, Option<Moment>)) {
    let distance = to.0.at.0.abs_diff(from.0) as f64 / 1e6;
    let mut whole = (distance / state.view.speed).min(GLIDE_MAX);
    if state.comparing.is_some() {
        // Hops are as short as in life here, and are to be seen.
        whole = whole.max(GLIDE_MIN);
        state.echo = echo(distance / whole);
    }
    if passed >= whole {
        arrive(state, to);
        return;
    }
    let fraction = passed / whole;
    let at = from.0 as f64 + (to.0.at.0 as f64 - from.0 as f64) * fraction;
    let at = Micros(at as u64);
    let ends = std::iter::once(to.0).chain(to.1);
    for (run, to) in state.runs_mut().zip(ends) {
        // Nothing that comes after the step may be shown on the way there, and nothing before it undone.
        let known = run.show.director().moment(at).shown;
        let shown = if to.at >= from {
            known.min(to.shown.saturating_sub(1)).max(run.moment.shown)
        } else {
            known.max(to.shown)
        };
        run.moment = Moment { at, shown };
    }
}

/// Stands still at a moment, on both sides if there are two.
pub(super) fn arrive(state: &mut State, to: (Moment, Option<Moment>)) {
    state.run.moment = to.0;
    if let (Some(comparing), Some(behind)) = (&mut state.comparing, to.1) {
        comparing.behind.moment = behind;
    }
    state.playback = Playback::Paused;
}

pub(super) fn rewind(state: &mut State) {
    for run in state.runs_mut() {
        run.moment = run.show.start();
    }
}

/// Shows the moment at `at` with all that is shown by then, or the furthest moment that is worked out so far; whether
/// that is all there will be.
pub(super) fn go(state: &mut State, at: Micros) -> bool {
    let (mut there, mut known) = (true, at);
    for run in state.runs_mut() {
        there &= run.show.run_toward(at);
        known = known.min(run.show.history().complete_to());
    }
    for run in state.runs_mut() {
        run.moment = run.show.director().moment(known);
    }
    there
}

pub(super) fn seek(state: &mut State, to: Micros, play_on: bool) {
    let to = to.min(state.end());
    state.echo = echo(state.view.speed);
    state.playback = if go(state, to) {
        Playback::Paused
    } else {
        Playback::Seeking { to, play: play_on }
    };
    if play_on && state.playback == Playback::Paused {
        play(state);
    }
}

pub(super) fn step(state: &mut State, forward: bool) {
    done(state, Hint::Step);
    // A second step before the first has arrived goes on from where that leads.
    if let Playback::Gliding { to, behind, .. } = state.playback {
        arrive(state, (to, behind));
    }
    state.playback = Playback::Paused;
    let from = state.run.moment.at;
    let to = if forward {
        next(state)
    } else {
        previous(state)
    };
    let Some(to) = to else {
        if forward {
            state.session.standstill = Some((state.run.moment, state.standstill()));
        }
        return;
    };
    if state.view.reduced_motion || to.0.at == from {
        arrive(state, to);
    } else {
        let (to, behind) = to;
        state.playback = Playback::Gliding {
            wall: None,
            from,
            to,
            behind,
        };
    }
}

/// The moment of the next event, on whichever side it is.
pub(super) fn next(state: &mut State) -> Option<(Moment, Option<Moment>)> {
    let end = state.foreseen_to();
    let step = |run: &mut Run| run.show.step_from(run.moment, end);
    let (now, front) = (state.run.moment, step(&mut state.run));
    let Some(comparing) = &mut state.comparing else {
        return Some((front?, None));
    };
    let (then, behind) = (comparing.behind.moment, step(&mut comparing.behind));
    // What the other side shows stays, while its time goes on.
    let stays = |moment: Moment, at| Moment { at, ..moment };
    match (front, behind) {
        (Some(front), Some(behind)) if behind.at < front.at => {
            Some((stays(now, behind.at), Some(behind)))
        }
        (Some(front), _) => Some((front, Some(stays(then, front.at)))),
        (None, Some(behind)) => Some((stays(now, behind.at), Some(behind))),
        (None, None) => None,
    }
}

/// The moment one event back, on whichever side it is. From between two events, the moment of the earlier one.
pub(super) fn previous(state: &State) -> Option<(Moment, Option<Moment>)> {
    let Some(comparing) = &state.comparing else {
        return Some((state.run.show.director().previous(state.run.moment)?, None));
    };
    let runs = [&state.run, &comparing.behind];
    let mut shown = runs.map(|run| run.moment.shown);
    let shown_at = |side: usize, shown: usize| {
        let cues = runs[side].show.director().shown();
        Some(cues.get(shown.checked_sub(1)?)?.at)
    };
    let last = |shown: [usize; 2]| shown_at(0, shown[0]).max(shown_at(1, shown[1]));
    let latest = last(shown)?;
    if latest >= state.run.moment.at {
        // The one behind is the later of two at one time, as it is on the way forward.
        let side = usize::from(shown_at(1, shown[1]) == Some(latest));
        shown[side] -= 1;
    }
    let at = last(shown).unwrap_or_default();
    let [front, behind] = shown.map(|shown| Moment { at, shown });
    Some((front, Some(behind)))
}

pub(super) fn go_to(state: &mut State, event: EventId) {
    state.playback = Playback::Paused;
    if let Some(moment) = state.run.show.director().moment_of(event) {
        for run in state.runs_mut() {
            run.moment = run.show.director().moment(moment.at);
        }
        state.run.moment = moment;
    }
}
