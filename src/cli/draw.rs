//! `leveret draw`: the picture of one moment, as the window shows it, or the graph alone. What is left out of it is said.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use clap::ValueEnum;

use crate::broker::Micros;
use crate::director::Moment;
use crate::export::dot::dot;
use crate::export::png::{MAX_PIXELS, MAX_SIDE, fitting, png};
use crate::export::svg::svg;
use crate::scene::{PART, PART_MOST, Plan, Scene, Show, Theme, View};
use crate::t;
use crate::topology::{LeftOut, NodeKey};
use crate::words::{LANGUAGE, exchange_name, exchanges, grouped, queues, shown, span, stopped};
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
    /// Of what is drawn only in part: so many neighbours of what is in the middle.
    #[arg(long, value_name = "N", default_value_t = PART as u16,
        value_parser = clap::value_parser!(u16).range(1..=PART_MOST as i64))]
    neighbours: u16,
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
    let most = usize::from(args.neighbours);
    if let Some(name) = &args.around {
        look_around(&mut show, name, most)?;
    } else if let (Some(part), true) = (show.plan.part(), kind != Kind::Dot) {
        show.look_around(part.center, most);
        let told = t!(
            "draw-part",
            queues = queues(part.queues),
            exchanges = exchanges(part.exchanges),
            edges = grouped(part.edges),
            center = center(&show.plan)
        );
        note(&args.scenario, &[told]);
    }
    let theme = args.theme.into();
    let bytes = match kind {
        Kind::Dot => {
            if let Some(at) = args.at {
                let there = show.skip_to(at);
                there.map_err(|stop| cut_short(&stop, &show, args))?;
            }
            let (plan, world) = (&show.plan, show.history().head());
            match args.around {
                Some(_) => dot(&plan.topology, plan.left_out(), world),
                None => dot(plan.whole(), &LeftOut::default(), world),
            }
            .into_bytes()
        }
        Kind::Svg => {
            let scene = scene(&mut show, args, scenario.until)?;
            svg(&scene, theme, scenario.title.get(LANGUAGE)).into_bytes()
        }
        Kind::Png => {
            let scene = scene(&mut show, args, scenario.until)?;
            let scale = fitting(&scene, args.scale);
            if scale < args.scale {
                note(&args.scenario, &[smaller(&scene, args.scale, scale)]);
            }
            png(&scene, theme, scale)?
        }
    };
    let is_part = args.around.is_some() || kind != Kind::Dot;
    if let (true, Some(told)) = (is_part, left_out(&show.plan)) {
        note(&args.scenario, &[told]);
    }
    fs::write(file, bytes)
        .with_context(|| format!("{}: this file cannot be written", file.display()))?;
    Ok(Outcome::Done)
}

/// What is in the middle of a part.
fn center(plan: &Plan) -> String {
    let key = plan.part().map(|part| part.center);
    let node = key.and_then(|key| plan.whole().node(key));
    node.map_or_else(String::new, |node| match node.key {
        NodeKey::Exchange(_) => exchange_name(&node.name),
        _ => shown(&node.name).into_owned(),
    })
}

/// What is left out of a part, and how it can be seen; nothing if all that belongs to it is drawn.
fn left_out(plan: &Plan) -> Option<String> {
    let (part, lines) = (plan.part()?, plan.left_out().lines);
    (lines > 0).then(|| {
        t!(
            "draw-left-out",
            center = center(plan),
            shown = grouped(part.shown),
            next = part.next,
            grouped = grouped(part.next),
            lines = lines,
            count = grouped(lines),
            further = if part.shown < part.next { "yes" } else { "no" },
            most = PART_MOST
        )
    })
}

/// That a picture is drawn smaller than it was asked for, since it would be too large.
fn smaller(scene: &Scene, asked: f32, scale: f32) -> String {
    let pixels = |length: f32| grouped((length * asked).ceil() as usize);
    t!(
        "draw-smaller",
        asked = asked.to_string(),
        width = pixels(scene.bounds.width()),
        height = pixels(scene.bounds.height()),
        side = grouped(MAX_SIDE as usize),
        all = grouped(MAX_PIXELS as usize),
        scale = scale.to_string()
    )
}

/// Draws only what is around the exchange or, if there is none, the queue of a name, as it is or as it is shown.
fn look_around(show: &mut Show, name: &str, most: usize) -> anyhow::Result<()> {
    let named = |as_shown: bool| {
        let nodes = show.plan.whole().nodes();
        let named = nodes.filter(|node| match as_shown {
            true => *shown(&node.name) == *name,
            false => node.name == *name,
        });
        let (exchanges, others): (Vec<_>, Vec<_>) = named
            .map(|node| node.key)
            .partition(|key| matches!(key, NodeKey::Exchange(_)));
        let is_queue = |key: &NodeKey| matches!(key, NodeKey::Queue(_));
        let queue = others.into_iter().find(is_queue);
        exchanges.into_iter().next().or(queue)
    };
    let Some(key) = named(false).or_else(|| named(true)) else {
        bail!("{}", t!("draw-no-such", name = shown(name)));
    };
    show.look_around(key, most);
    Ok(())
}

/// That the run did not get where it was to.
fn cut_short(stop: &Stop, show: &Show, args: &DrawArgs) -> anyhow::Error {
    let why = stopped(stop, show.history().head());
    anyhow!("{}: {why}", args.scenario)
}

fn scene(show: &mut Show, args: &DrawArgs, until: Micros) -> anyhow::Result<Scene> {
    let moment = match args.at {
        Some(at) => show.skip_to(at).map(|()| show.director().moment(at)),
        None => telling(show, until),
    };
    let moment = moment.map_err(|stop| cut_short(&stop, show, args))?;
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
