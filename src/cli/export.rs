//! `leveret export`: a scenario's topology as another program reads it.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::scenario::definitions::Exported;

use super::{Outcome, VhostArg, note};

/// What `export` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// A scenario file, RabbitMQ's definitions, or the name of a built-in scenario.
    scenario: String,
    /// As RabbitMQ's definitions.json.
    #[arg(long, required = true)]
    definitions: bool,
    #[command(flatten)]
    vhost: VhostArg,
    /// The file to write; without it, standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn export(args: &ExportArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let scenario = args.vhost.open(&args.scenario)?;
    let Exported { document, notices } = scenario.to_definitions();
    let text = document.to_json();
    match &args.output {
        Some(file) => fs::write(file, text)
            .with_context(|| format!("{}: this file cannot be written", file.display()))?,
        None => out.write_all(text.as_bytes())?,
    }
    note(&args.scenario, &notices);
    Ok(Outcome::Done)
}
