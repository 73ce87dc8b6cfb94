//! `leveret draw`: the picture of one moment, as the window shows it, or the graph alone.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use clap::ValueEnum;

use crate::broker::Micros;
use crate::director::Moment;
use crate::export::{png::png, svg::svg};
use crate::scene::{PART, Scene, Show, Theme, View};
use crate::t;
use crate::topology::{NodeKey, Topology, dot};
use crate::words::{LANGUAGE, exchanges, grouped, plain, queues, span, stopped};
use crate::world::Stop;

use super::side::SideArg;
use super::{Outcome, ProfileArg, VhostArg, duration, note};

/// What `draw` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct DrawArgs {
    /// A scenario file, or the name of a built-in one.
    scenario: String,
    /// The moment, such as 5s or 400ms; without it, a third of the way through the run, when next an exchange decides.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    at: Option<Micros>,
    /// Only what is around this exchange or queue.
    #[arg(long, value_name = "NAME")]
    around: Option<String>,
    /// On which ground.
    #[arg(long, value_enum, default_value_t = Look::Light)]
    theme: Look,
    /// Pixels to a unit, in a PNG.
    #[arg(long, value_name = "N", default_value_t = 2.0)]
    scale: f32,
    #[command(flatten)]
    side: SideArg,
    #[command(flatten)]
    profile: ProfileArg,
    #[command(flatten)]
    vhost: VhostArg,
    /// The file to write; its ending says which kind: .svg, .png, or .dot for the graph alone.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// A theme, as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Look {
    /// Dark ink on paper.
    Light,
    /// Light ink on slate.
    Dark,
}

impl From<Look> for Theme {
    fn from(look: Look) -> Self {
        match look {
            Look::Light => Self::Light,
            Look::Dark => Self::Dark,
        }
    }
}

/// What kind of file a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Svg,
    Png,
    Dot,
}

impl Kind {
    fn of(file: &Path) -> Option<Self> {
        let ending = file.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "svg" => Some(Self::Svg),
            "png" => Some(Self::Png),
            "dot" => Some(Self::Dot),
            _ => None,
        }
    }
}

/// Empty space round the picture, in its own units.
const MARGIN: f32 = 24.0;

pub(super) fn draw(args: &DrawArgs) -> anyhow::Result<Outcome> {
    let file = &args.output;
    let Some(kind) = Kind::of(file) else {
        bail!(
            "{}: a picture's name ends in .svg, .png or .dot",
            file.display()
        );
    };
    let mut scenario = args.vhost.open(&args.scenario)?;
    args.side
        .choose(&mut scenario)
        .with_context(|| args.scenario.clone())?;
    args.profile.choose(&mut scenario);
    if let Some(at) = args.at
        && at > scenario.until
        && !scenario.open
    {
        let (at, until) = (span(at), span(scenario.until));
        bail!(
            "{}: {}",
            args.scenario,
            t!("draw-after-end", at = at, until = until)
        );
    }
    let mut show = Show::new(&scenario.setup).with_context(|| args.scenario.clone())?;
    if let (Some(name), true) = (&args.around, kind != Kind::Dot) {
        look_around(&mut show, name)?;
    } else if let (Some(part), true) = (show.plan.part(), kind != Kind::Dot) {
        let center = show.plan.whole().node(part.center);
        let told = t!(
            "draw-part",
            queues = queues(part.queues),
            exchanges = exchanges(part.exchanges),
            edges = grouped(part.edges),
            center = center.map_or("", |node| node.name.as_str())
        );
        note(&args.scenario, &[told]);
    }
    let theme = args.theme.into();
    let bytes = match kind {
        Kind::Dot => dot(&Topology::of(show.history().head())).into_bytes(),
        Kind::Svg => {
            let scene = scene(&mut show, args, scenario.until)?;
            svg(&scene, theme, scenario.title.get(LANGUAGE)).into_bytes()
        }
        Kind::Png => {
            let scene = scene(&mut show, args, scenario.until)?;
            png(&scene, theme, args.scale)?
        }
    };
    fs::write(file, bytes)
        .with_context(|| format!("{}: this file cannot be written", file.display()))?;
    Ok(Outcome::Done)
}

/// Draws only what is around the exchange or, if there is none, the queue of a name.
fn look_around(show: &mut Show, name: &str) -> anyhow::Result<()> {
    let nodes = show.plan.whole().nodes();
    let named = nodes.filter(|node| node.name == *name).map(|node| node.key);
    let (exchanges, others): (Vec<_>, Vec<_>) =
        named.partition(|key| matches!(key, NodeKey::Exchange(_)));
    let is_queue = |key: &NodeKey| matches!(key, NodeKey::Queue(_));
    let found = exchanges
        .into_iter()
        .chain(others.into_iter().filter(is_queue))
        .next();
    let Some(key) = found else {
        bail!("there is no exchange or queue `{}`", plain(name));
    };
    show.look_around(key, PART);
    Ok(())
}

fn scene(show: &mut Show, args: &DrawArgs, until: Micros) -> anyhow::Result<Scene> {
    let moment = match args.at {
        Some(at) => show.skip_to(at).map(|()| show.director().moment(at)),
        None => telling(show, until),
    };
    let moment = moment.map_err(|stop| {
        let why = stopped(&stop, show.history().head());
        anyhow!("{}: {why}", args.scenario)
    })?;
    show.arrange(moment);
    let scene = show.picture(moment, View::default()).scene;
    Ok(Scene {
        bounds: scene.bounds.expand(MARGIN),
        ..scene
    })
}

/// The moment that tells most: late in the first decision after a third of the run, when the copies have left the
/// middle of their lines and the keys there can be read. A run in which no exchange decides any more is shown at that
/// third.
fn telling(show: &mut Show, until: Micros) -> Result<Moment, Stop> {
    let third = Micros(until.0 / 3);
    let whole = show.run_through(until);
    let director = show.director();
    let decision = director
        .cues()
        .iter()
        .flat_map(|cue| &cue.decisions)
        .find(|decision| decision.from >= third);
    let at = match (decision, whole) {
        (Some(decision), Ok(()) | Err(Stop::TooLong { .. })) => {
            let lasts = decision.until.since(decision.from);
            decision.from + Micros(lasts.0 / 4 * 3)
        }
        (None, Ok(())) => third,
        (_, Err(stop)) => return Err(stop),
    };
    Ok(director.moment(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_what_kind_of_file_it_is() {
        let kind = |name: &str| Kind::of(Path::new(name));
        assert_eq!(kind("a.svg"), Some(Kind::Svg));
        assert_eq!(kind("a.b.PNG"), Some(Kind::Png));
        assert_eq!(kind("folder.png/a.dot"), Some(Kind::Dot));
        for none in ["a", "a.jpg", "svg", ".svg", ""] {
            assert_eq!(kind(none), None, "{none}");
        }
    }
}
