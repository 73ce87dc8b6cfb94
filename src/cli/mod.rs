//! The commands. Each writes to a [`Write`] and says how it ended; docs/commands.md is their reference.

mod check;
mod compare;
mod dead_ends;
mod draw;
mod explain;
mod export;
mod list;
mod record;
mod run;
#[cfg(feature = "live")]
mod serve;
mod side;
mod terminal;
mod window;

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};

use crate::broker::{Micros, Name, Profile, Value};
use crate::scenario::{self, parse_duration};
use crate::words::plain;

use terminal::{Terminal, complain};
pub use window::OpenWindow;

/// See messages find their way: a RabbitMQ-like broker you can watch, step through and question.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    /// What to open in the window: a scenario file, RabbitMQ's definitions, or the name of a built-in scenario.
    scenario: Option<String>,
    #[command(flatten)]
    vhost: VhostArg,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the built-in scenarios and what each teaches.
    List {
        /// As one JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Run a scenario and print what happens.
    Run(RunArgs),
    /// Check scenarios and what they expect of their runs.
    Check {
        /// Files, names of built-in scenarios, or folders with scenarios or RabbitMQ's definitions in them; without any, the
        /// built-in scenarios.
        paths: Vec<PathBuf>,
        #[command(flatten)]
        profile: ProfileArg,
    },
    /// Tell where a message would go and, for every binding, why or why not.
    Explain(ExplainArgs),
    /// Run the same orders over HTTP and by way of the broker, and print the numbers of both.
    Compare(compare::CompareArgs),
    /// Draw the picture of one moment, or the graph.
    Draw(draw::DrawArgs),
    /// Write a scenario's topology as another program reads it.
    Export(export::ExportArgs),
    /// Be the broker for real AMQP 0-9-1 clients, without a window.
    #[cfg(feature = "live")]
    Serve(serve::ServeArgs),
}

/// What `run` is asked.
#[derive(Debug, clap::Args)]
struct RunArgs {
    /// A scenario file, or the name of a built-in one.
    scenario: String,
    /// How long to run, such as 5s or 400ms; without it, as long as the scenario says.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    until: Option<Micros>,
    /// Where randomness comes from, instead of the scenario's own seed.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    side: side::SideArg,
    #[command(flatten)]
    profile: ProfileArg,
    #[command(flatten)]
    vhost: VhostArg,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// What `explain` is asked.
#[derive(Debug, clap::Args)]
struct ExplainArgs {
    /// A scenario file, RabbitMQ's definitions, or the name of a built-in scenario.
    file: String,
    /// The exchange to publish to; "" is the default exchange.
    #[arg(long, value_name = "NAME")]
    exchange: String,
    /// The routing key.
    #[arg(long, value_name = "KEY", default_value = "", value_parser = routing_key)]
    key: Name,
    /// A header; true, false and whole numbers are taken as such, all else as text.
    #[arg(long = "header", value_name = "NAME=VALUE", value_parser = header)]
    headers: Vec<(Name, Value)>,
    /// Its message id, which an x-consistent-hash exchange may hash.
    #[arg(long, value_name = "TEXT")]
    message_id: Option<Name>,
    /// Its correlation id, as above.
    #[arg(long, value_name = "TEXT")]
    correlation_id: Option<Name>,
    /// Its timestamp in seconds, as above.
    #[arg(long, value_name = "SECONDS")]
    timestamp: Option<u64>,
    /// A further routing key, in the header CC.
    #[arg(long, value_name = "KEY", value_parser = routing_key)]
    cc: Vec<Name>,
    /// A further routing key, in the header BCC.
    #[arg(long, value_name = "KEY", value_parser = routing_key)]
    bcc: Vec<Name>,
    /// Who publishes it; without it, somebody who may do everything.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    #[command(flatten)]
    profile: ProfileArg,
    #[command(flatten)]
    vhost: VhostArg,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

/// Which virtual host is meant.
#[derive(Clone, Debug, clap::Args)]
struct VhostArg {
    /// Of RabbitMQ's definitions of several virtual hosts, the one that is meant.
    #[arg(long, value_name = "NAME")]
    vhost: Option<String>,
}

impl VhostArg {
    /// Opens a scenario, named or in a file, and says on standard error what of it does not act.
    fn open(&self, name: &str) -> anyhow::Result<scenario::Scenario> {
        let scenario = scenario::open_in(name, self.vhost.as_deref())?;
        note(name, &scenario.notices);
        Ok(scenario)
    }
}

/// Says what is no complaint and yet to be known. Whoever does not read it loses nothing.
fn note(file: &str, notices: &[String]) {
    for notice in notices {
        complain(&format!("{}: {notice}", plain(file)));
    }
}

/// Which RabbitMQ is meant.
#[derive(Clone, Copy, Debug, clap::Args)]
struct ProfileArg {
    /// Behave as this release of RabbitMQ, instead of the scenario's own.
    #[arg(long, value_name = "RELEASE", value_parser = profiles())]
    profile: Option<Profile>,
}

impl ProfileArg {
    fn choose(self, scenario: &mut scenario::Scenario) {
        let chosen = self.profile.unwrap_or(scenario.setup.profile);
        scenario.setup.profile = chosen;
        if let Some(comparison) = &mut scenario.comparison {
            comparison.profile = chosen;
        }
    }
}

fn profiles() -> impl TypedValueParser<Value = Profile> {
    PossibleValuesParser::new(Profile::ALL.map(Profile::as_str)).map(|name| {
        let named = |profile: &Profile| profile.as_str() == name;
        // Only those names come here.
        Profile::ALL.into_iter().find(named).unwrap_or_default()
    })
}

/// How a command that was carried out ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// What was asked is done.
    Done,
    /// A check failed.
    CheckFailed,
    /// There was nothing to use.
    Unusable,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::CheckFailed => 1,
            Outcome::Unusable => 2,
        })
    }
}

/// The program: takes its arguments, the first of which is its own name, and its window if it has one, and gives its
/// exit status.
pub fn main(arguments: impl IntoIterator<Item = OsString>, window: Option<OpenWindow>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            if error.use_stderr() {
                // What was typed is in it.
                complain(error.render().to_string().trim_end());
                return Outcome::Unusable.into();
            }
            // Help that was asked for is no error. If nobody reads it, nothing is lost.
            let _ = error.print();
            return Outcome::Done.into();
        }
    };
    let mut out = BufWriter::new(Terminal::new(io::stdout().lock()));
    let ended = carry_out(cli, window, &mut out).and_then(|outcome| {
        out.flush()?;
        Ok(outcome)
    });
    match ended {
        Ok(outcome) => outcome.into(),
        // Whoever read the output has read enough.
        Err(error) if is_broken_pipe(&error) => Outcome::Done.into(),
        Err(error) => {
            complain(&format!("{error:#}"));
            Outcome::Unusable.into()
        }
    }
}

fn carry_out(
    cli: Cli,
    window: Option<OpenWindow>,
    out: &mut impl Write,
) -> anyhow::Result<Outcome> {
    match cli.command {
        None => window::open_window(cli.scenario, &cli.vhost, window).map(|()| Outcome::Done),
        Some(Command::List { json }) => list::list(json, out),
        Some(Command::Run(args)) => run::run(&args, out),
        Some(Command::Check { paths, profile }) => check::check(&paths, profile, out),
        Some(Command::Explain(args)) => explain::explain(&args, out),
        Some(Command::Compare(args)) => compare::compare(&args, out),
        Some(Command::Draw(args)) => draw::draw(&args),
        Some(Command::Export(args)) => export::export(&args, out),
        #[cfg(feature = "live")]
        Some(Command::Serve(args)) => serve::serve(&args, out),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        // serde_json passes the writer's error on as the kind of its own.
        let kind = cause
            .downcast_ref::<io::Error>()
            .map(io::Error::kind)
            .or_else(|| cause.downcast_ref::<serde_json::Error>()?.io_error_kind());
        kind == Some(io::ErrorKind::BrokenPipe)
    })
}

/// Writes a value as JSON on one line.
fn json_line(out: &mut impl Write, value: &impl serde::Serialize) -> anyhow::Result<()> {
    let line = serde_json::to_string(value).context("this cannot be written as JSON")?;
    Ok(writeln!(out, "{line}")?)
}

fn duration(text: &str) -> Result<Micros, String> {
    parse_duration(text).map_err(|error| format!("it {error}; {}", error.hint(text)))
}

/// AMQP's short strings have at most 255 octets.
fn routing_key(text: &str) -> Result<Name, String> {
    match text.len() {
        0..=255 => Ok(text.into()),
        octets => Err(format!(
            "a routing key has at most 255 octets, this has {octets}"
        )),
    }
}

fn header(text: &str) -> Result<(Name, Value), String> {
    let (name, value) = text
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or("write it as NAME=VALUE, such as format=pdf")?;
    Ok((name.into(), Value::from_line(value)))
}

/// Opens a scenario, named or in a file.
fn open(scenario: &str) -> anyhow::Result<scenario::Scenario> {
    Ok(scenario::open(scenario)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_well_defined() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn headers_are_numbers_truth_values_or_text() {
        let value = |text: &str| header(text).map(|(_, value)| value);
        assert_eq!(value("n=12"), Ok(Value::Int(12)));
        assert_eq!(value("n=-3"), Ok(Value::Int(-3)));
        assert_eq!(value("n=true"), Ok(Value::Bool(true)));
        assert_eq!(value("n=1.5"), Ok(Value::Double(1.5)));
        assert_eq!(value("n=1.0"), Ok(Value::Double(1.0)));
        assert_eq!(value("n=\"1.0\""), Ok("1.0".into()));
        assert_eq!(value("n=a=b"), Ok("a=b".into()));
        assert_eq!(value("n="), Ok("".into()));
        assert!(value("n").is_err() && value("=v").is_err());
    }
}
