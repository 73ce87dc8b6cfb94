//! A recording of what clients did, as a scenario: a run that happens again as it happened.

use std::path::Path;
use std::sync::Arc;

use crate::broker::Micros;
use crate::recording::{self, Header, LeftOut, Recording, Unsound};
use crate::t;
use crate::words::{refused, span};
use crate::world::Setup;

use super::{Lesson, LoadError, Scenario, VERSION, Words};

/// How long the run goes on after the last that came from outside.
const AFTER: Micros = Micros::from_secs(1);
/// Of a file that is damaged in more places than this, it is told in how many more.
const MOST_TOLD: usize = 8;

pub(super) use recording::is_recording;

/// Reads a recording; of several virtual hosts that were used, the one that is named.
pub(super) fn scenario(
    name: &str,
    file: &[u8],
    vhost: Option<&str>,
) -> Result<Scenario, LoadError> {
    let unreadable = |what: String, hint: String| LoadError::Unreadable {
        file: name.to_owned(),
        what,
        hint,
    };
    let broken = |what: String| unreadable(what, t!("recording-broken-hint"));
    let recording = Recording::read(file).map_err(|error| broken(error.to_string()))?;
    let replayed = recording
        .replay()
        .map_err(|error| broken(refused(&error)))?;
    let names = |all: bool| {
        let some = replayed.iter();
        let some = some.filter(|(_, it)| all || !it.setup.outside.is_empty());
        some.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let used = names(false);
    let wanted = match (vhost, used.as_slice()) {
        (Some(vhost), _) => vhost.into(),
        (None, [one]) => one.clone(),
        (None, []) => names(true).into_iter().next().unwrap_or_default(),
        (None, several) => {
            let names = several.iter().map(|name| format!("“{name}”"));
            let names = names.collect::<Vec<_>>().join(", ");
            return Err(unreadable(
                t!("recording-several-vhosts", names = names),
                t!("definitions-several-vhosts-hint"),
            ));
        }
    };
    let all = names(true).join(", ");
    let Some((_, replayed)) = replayed.into_iter().find(|(name, _)| *name == wanted) else {
        return Err(unreadable(
            t!("recording-no-vhost", name = wanted.to_string()),
            t!("recording-no-vhost-hint", names = all),
        ));
    };
    let stem = Path::new(name).file_stem().unwrap_or_default();
    let until = whole_second(replayed.until + AFTER);
    Ok(Scenario {
        traffic: Arc::new(replayed.traffic),
        notices: left_out(&recording.left_out, file.len()),
        ..scenario_of(&stem.to_string_lossy(), replayed.setup, until)
    })
}

/// What of a file that long is left out of the run.
fn left_out(all: &[LeftOut], length: usize) -> Vec<String> {
    let told = all.iter().take(MOST_TOLD).map(|left_out| match left_out {
        LeftOut::Octets { from, to, after } if *to == length => t!(
            "recording-broken-off",
            octet = from.to_string(),
            count = to - from,
            after = span(*after)
        ),
        LeftOut::Octets { from, to, after } => t!(
            "recording-damaged",
            octet = from.to_string(),
            count = to - from,
            after = span(*after)
        ),
        LeftOut::Records { from, count, why } => t!(
            "recording-unsound",
            octet = from.to_string(),
            count = *count,
            why = unsound(why)
        ),
    });
    let more = all.len().saturating_sub(MOST_TOLD);
    let more = (more > 0).then(|| t!("recording-more-left-out", count = more));
    told.chain(more).collect()
}

fn unsound(why: &Unsound) -> String {
    match why {
        Unsound::Time => t!("recording-unsound-time"),
        Unsound::Unknown(session) => {
            t!("recording-unsound-unknown", number = session.0.to_string())
        }
        Unsound::Again(session) => t!("recording-unsound-again", number = session.0.to_string()),
        Unsound::Vhost(name) => t!("recording-unsound-vhost", name = name.as_str()),
        Unsound::Delay => t!("recording-unsound-delay"),
    }
}

/// What clients do to a server from now on, as a scenario of which nothing has happened yet.
#[must_use]
pub fn live(header: &Header) -> Scenario {
    let vhost = header.vhosts.first().cloned().unwrap_or_default();
    Scenario {
        teaches: Words::from(t!("live-teaches").as_str()),
        about: Words::from(t!("live-about").as_str()),
        ..scenario_of(&t!("live-title"), header.setup(&vhost), Micros::ZERO)
    }
}

fn scenario_of(title: &str, setup: Setup, until: Micros) -> Scenario {
    Scenario {
        version: VERSION,
        title: Words::from(title),
        teaches: Words::from(t!("recording-teaches").as_str()),
        about: Words::from(t!("recording-about").as_str()),
        until,
        open: false,
        setup,
        comparison: None,
        lesson: Lesson::default(),
        expect: Vec::new(),
        definitions: None,
        notices: Vec::new(),
        traffic: Arc::default(),
    }
}

/// The second in which a moment is over.
fn whole_second(at: Micros) -> Micros {
    const SECOND: u64 = 1_000_000;
    Micros(at.0.div_ceil(SECOND).saturating_mul(SECOND))
}
