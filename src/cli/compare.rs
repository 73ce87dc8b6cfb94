//! `leveret compare`: the same orders over HTTP and by way of the broker, and the numbers of both sides.

use std::io::Write;
use std::thread;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use crate::broker::Micros;
use crate::compare::{self, Comparison, Estimate, RunError, Side, Summary};
use crate::scenario::builtin;
use crate::t;
use crate::words::{grouped, http_outcome, list, refused, side, span, stopped, verdict};
use crate::world::http::{self, Status};

use super::{Outcome, ProfileArg, json_line, open};

/// What `compare` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct CompareArgs {
    /// A scenario file with a comparison in it, or the name of a built-in one.
    scenario: String,
    /// With how many seeds to run it: the scenario's own, and those that follow.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    seeds: u64,
    #[command(flatten)]
    profile: ProfileArg,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn compare(args: &CompareArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let mut scenario = open(&args.scenario)?;
    args.profile.choose(&mut scenario);
    let Some(mut comparison) = scenario.comparison else {
        return Err(nothing_to_compare(&args.scenario));
    };
    comparison.profile = scenario.setup.profile;
    let runs = run(&comparison, args.seeds).map_err(|error| {
        let why = match error {
            RunError::Setup(error) => refused(&error),
            RunError::Stopped(stop, world) => stopped(&stop, &world),
        };
        anyhow::anyhow!("{why}").context(args.scenario.clone())
    })?;
    if args.json {
        json_line(out, &record(&comparison, &runs)).context("the comparison")?;
    } else {
        table(&comparison, &runs, out)?;
    }
    Ok(Outcome::Done)
}

/// A scenario that is about something else; and where there is one about this.
fn nothing_to_compare(name: &str) -> anyhow::Error {
    let mut names = Vec::new();
    for builtin in builtin::ALL {
        if open(builtin.name).is_ok_and(|it| it.comparison.is_some()) {
            names.push(builtin.name);
        }
    }
    let hint = match names.len() {
        0 => t!("compare-none-hint"),
        count => t!("compare-built-in", names = list(&names), count = count),
    };
    anyhow::anyhow!("{}\n   {hint}", t!("compare-none", name = name))
}

/// Runs both sides with so many seeds, each side in a thread of its own.
fn run(comparison: &Comparison, seeds: u64) -> Result<Vec<[Summary; 2]>, RunError> {
    let first = comparison.seed;
    (0..seeds)
        .map(|more| {
            let comparison = Comparison {
                seed: first.wrapping_add(more),
                ..comparison.clone()
            };
            let on = |side| compare::run(&comparison, side);
            thread::scope(|scope| {
                let messaging = scope.spawn(|| on(Side::Messaging));
                let http = on(Side::Http)?;
                // Of a thread that could not end, the run is made here.
                let messaging = messaging.join().unwrap_or_else(|_| on(Side::Messaging))?;
                Ok([http, messaging])
            })
        })
        .collect()
}

/// How a number is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// So many.
    Count,
    /// So many in the mean, or for each second.
    Mean,
    /// A span of time, in microseconds.
    Span,
}

/// A number of a side's.
struct Row {
    /// Its field in JSON.
    field: &'static str,
    label: String,
    unit: Unit,
    /// The number; none if there is nothing to measure.
    of: fn(&Summary) -> Option<f64>,
}

/// The table's rows but for what users were told and what each service did, in order.
fn rows() -> Vec<Row> {
    let row = |unit, field, label, of| Row {
        field,
        label,
        unit,
        of,
    };
    let count = |field, label, of| row(Unit::Count, field, label, of);
    let time = |field, label, of| row(Unit::Span, field, label, of);
    let mean = |field, label, of| row(Unit::Mean, field, label, of);
    vec![
        count("sent", t!("compare-sent"), |it| some(it.sent)),
        count("answered", t!("compare-answered"), |it| some(it.answered)),
        count("failed", t!("compare-failed"), |it| some(it.failed)),
        count("waiting", t!("compare-waiting"), |it| some(it.waiting)),
        count("done", t!("compare-done"), |it| some(it.done)),
        count(
            "done_though_failed",
            t!("compare-done-though-failed"),
            |it| some(it.done_though_failed),
        ),
        count("partly_done", t!("compare-partly-done"), |it| {
            some(it.partly_done)
        }),
        count("to_do", t!("compare-to-do"), |it| some(it.to_do)),
        count("lost", t!("compare-lost"), |it| some(it.lost)),
        count("duplicates", t!("compare-duplicates"), |it| {
            some(it.duplicates)
        }),
        count("in_time", t!("compare-in-time"), |it| {
            it.in_time.and_then(some)
        }),
        time("wait_p50_us", t!("compare-wait-p50"), |it| {
            some(it.user_wait.p50.0)
        }),
        time("wait_p95_us", t!("compare-wait-p95"), |it| {
            some(it.user_wait.p95.0)
        }),
        time("wait_p99_us", t!("compare-wait-p99"), |it| {
            some(it.user_wait.p99.0)
        }),
        time("done_p50_us", t!("compare-done-p50"), |it| {
            some(it.done_after.p50.0)
        }),
        time("done_p95_us", t!("compare-done-p95"), |it| {
            some(it.done_after.p95.0)
        }),
        time("done_p99_us", t!("compare-done-p99"), |it| {
            some(it.done_after.p99.0)
        }),
        time("done_max_us", t!("compare-done-max"), |it| {
            some(it.done_after.max.0)
        }),
        mean("held_mean", t!("compare-held"), |it| Some(it.held_mean())),
        mean("goodput", t!("compare-goodput"), |it| Some(it.goodput)),
        count("requests", t!("compare-requests"), |it| some(it.requests)),
        count("messages", t!("compare-messages"), |it| some(it.messages)),
        count("deliveries", t!("compare-deliveries"), |it| {
            some(it.deliveries)
        }),
        count("retries", t!("compare-retries"), |it| some(it.retries)),
    ]
}

#[expect(clippy::unnecessary_wraps, reason = "as the rows have it")]
fn some(count: u64) -> Option<f64> {
    Some(count as f64)
}

/// What the runs of one side found, if there is anything to measure.
fn estimate(
    runs: &[[Summary; 2]],
    side: usize,
    of: impl Fn(&Summary) -> Option<f64>,
) -> Option<Estimate> {
    let found = runs.iter().filter_map(|run| run.get(side));
    let found: Vec<_> = found.filter_map(of).collect();
    (!found.is_empty()).then(|| Estimate::of(&found))
}

/// What users were told in any run.
fn outcomes(runs: &[[Summary; 2]]) -> Vec<http::Outcome> {
    let summaries = runs.iter().flatten();
    let mut told: Vec<_> = summaries
        .flat_map(|it| it.outcomes.keys().copied())
        .collect();
    told.sort_unstable();
    told.dedup();
    told
}

fn told(outcome: http::Outcome) -> impl Fn(&Summary) -> Option<f64> {
    move |it| some(it.outcomes.get(&outcome).copied().unwrap_or(0))
}

/// Writes the numbers of both sides beside one another, and what they say.
fn table(
    comparison: &Comparison,
    runs: &[[Summary; 2]],
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut lines = vec![[String::new(), side(Side::Http), side(Side::Messaging)]];
    let mut line = |label: String, unit, of: &dyn Fn(&Summary) -> Option<f64>| {
        let cell = |side| estimate(runs, side, of).map(|it| cell(it, unit));
        if let (Some(http), Some(messaging)) = (cell(0), cell(1)) {
            lines.push([label, http, messaging]);
        }
    };
    for row in rows() {
        line(row.label, row.unit, &row.of);
    }
    for outcome in outcomes(runs) {
        let label = t!("compare-told", outcome = http_outcome(outcome));
        line(label, Unit::Count, &told(outcome));
    }
    for (place, service) in comparison.services.iter().enumerate() {
        let name = service.name.as_str();
        let of = |part: fn(&compare::ServiceSummary) -> f64| {
            move |it: &Summary| it.services.get(place).map(part)
        };
        line(
            t!("compare-service-held", service = name),
            Unit::Mean,
            &of(|it| it.held_mean),
        );
        line(
            t!("compare-service-worked", service = name),
            Unit::Count,
            &of(|it| it.worked as f64),
        );
        line(
            t!("compare-service-failed", service = name),
            Unit::Count,
            &of(|it| it.failed as f64),
        );
    }
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let (labels, http, messaging) = (width(0), width(1), width(2));
    for [label, left, right] in &lines {
        writeln!(out, "{label:labels$}  {left:>http$}  {right:>messaging$}")?;
    }
    if let Some(first) = runs.first() {
        writeln!(out)?;
        if runs.len() > 1 {
            writeln!(out, "{}", t!("compare-seed", seed = comparison.seed))?;
        }
        writeln!(out, "{}", verdict(comparison, first))?;
    }
    Ok(())
}

/// A number with its interval, if it has one.
fn cell(estimate: Estimate, unit: Unit) -> String {
    let mean = written(estimate.mean, unit);
    match estimate.half_width {
        Some(half) => format!("{mean} ± {}", written(half, unit)),
        None => mean,
    }
}

fn written(number: f64, unit: Unit) -> String {
    match unit {
        // A float-to-integer `as` saturates.
        Unit::Count => grouped(number.round() as usize),
        Unit::Mean => format!("{number:.2}"),
        Unit::Span => {
            let unit = match number {
                ..10_000.0 => 10.0,
                ..1_000_000.0 => 100.0,
                _ => 10_000.0,
            };
            span(Micros(((number / unit).round() * unit) as u64))
        }
    }
}

/// The comparison as one JSON object.
fn record(comparison: &Comparison, runs: &[[Summary; 2]]) -> Value {
    let seeds: Vec<_> = (0..runs.len() as u64)
        .map(|more| comparison.seed.wrapping_add(more))
        .collect();
    let verdict = runs.first().map(|first| verdict(comparison, first));
    json!({
        "until_us": comparison.until.0,
        "profile": comparison.profile.as_str(),
        "seeds": seeds,
        "http": side_record(comparison, runs, 0),
        "messaging": side_record(comparison, runs, 1),
        "what": verdict,
    })
}

fn side_record(comparison: &Comparison, runs: &[[Summary; 2]], side: usize) -> Value {
    let number = |unit, of: &dyn Fn(&Summary) -> Option<f64>| {
        estimate(runs, side, of).map(|it| number(it, unit))
    };
    let mut fields = Map::new();
    for row in rows() {
        if let Some(found) = number(row.unit, &row.of) {
            fields.insert(row.field.to_owned(), found);
        }
    }
    let mut outcomes_told = Map::new();
    for outcome in outcomes(runs) {
        if let Some(found) = number(Unit::Count, &told(outcome)) {
            outcomes_told.insert(outcome_name(outcome), found);
        }
    }
    fields.insert("outcomes".to_owned(), Value::Object(outcomes_told));
    let services = comparison.services.iter().enumerate();
    let services = services.map(|(place, service)| {
        let of = |part: fn(&compare::ServiceSummary) -> f64| {
            move |it: &Summary| it.services.get(place).map(part)
        };
        json!({
            "name": service.name,
            "workers": runs.first().and_then(|run| Some(run.get(side)?.services.get(place)?.workers)),
            "held_mean": number(Unit::Mean, &of(|it| it.held_mean)),
            "worked": number(Unit::Count, &of(|it| it.worked as f64)),
            "failed": number(Unit::Count, &of(|it| it.failed as f64)),
        })
    });
    fields.insert("services".to_owned(), services.collect());
    Value::Object(fields)
}

/// A mean and, of several seeds, half its interval; times in whole microseconds.
fn number(estimate: Estimate, unit: Unit) -> Value {
    let number = |number: f64| match unit {
        Unit::Span => json!(number.round() as u64),
        Unit::Count | Unit::Mean => json!(number),
    };
    let mut fields = Map::new();
    fields.insert("mean".to_owned(), number(estimate.mean));
    if let Some(half) = estimate.half_width {
        fields.insert("half_width".to_owned(), number(half));
    }
    Value::Object(fields)
}

fn outcome_name(outcome: http::Outcome) -> String {
    let name = match outcome {
        http::Outcome::Status(status) => return Status::code(status).to_string(),
        http::Outcome::Refused => "refused",
        http::Outcome::Reset => "reset",
        http::Outcome::TimedOut => "timed_out",
        http::Outcome::NotTried => "not_tried",
    };
    name.to_owned()
}
