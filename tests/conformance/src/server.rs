//! `leveret serve` as a process.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};

/// The variable that says how Leveret is started, such as `target/debug/leveret serve`. Without it, it is built.
pub const SERVER: &str = "SERVER";

/// A Leveret that serves until this is dropped.
#[derive(Debug)]
pub struct Leveret {
    process: Child,
    address: String,
}

impl Leveret {
    /// Starts a program with these arguments, and waits until it says where it listens.
    ///
    /// # Errors
    /// When it cannot be started, or says something else.
    pub fn start(command: &[String], arguments: &[&str]) -> anyhow::Result<Self> {
        let (program, before) = command.split_first().context("no program was named")?;
        let mut process = Command::new(program)
            .args(before)
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{program} cannot be started"))?;
        let mut line = String::new();
        let said = process.stdout.take().context("it has no output")?;
        BufReader::new(said).read_line(&mut line)?;
        let at = line
            .split_whitespace()
            .find(|it| it.starts_with("127.0.0.1:"));
        let Some(at) = at.map(|it| it.trim_end_matches(|c: char| !c.is_ascii_digit())) else {
            let _ = process.kill();
            anyhow::bail!("{program} does not serve, it says {line:?}");
        };
        let address = format!("amqp://{at}/%2f");
        Ok(Self { process, address })
    }

    /// Where it listens, as a client is told.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Leveret {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How Leveret is started: as the variable says, or built as `cargo build` builds it.
///
/// # Errors
/// When it cannot be built.
pub fn command(release: bool) -> anyhow::Result<Vec<String>> {
    if let Ok(command) = std::env::var(SERVER) {
        let mut words: Vec<_> = command.split_whitespace().map(str::to_owned).collect();
        // The port is our own affair.
        if let Some(at) = words.iter().position(|word| word == "--listen") {
            words.drain(at..(at + 2).min(words.len()));
        }
        return Ok(words);
    }
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut build = Command::new(env!("CARGO"));
    build
        .current_dir(&root)
        .args(["build", "--locked", "--bin", "leveret"]);
    if release {
        build.arg("--release");
    }
    ensure!(build.status()?.success(), "leveret cannot be built");
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| root.join("target"));
    let program = target
        .join(if release { "release" } else { "debug" })
        .join("leveret");
    Ok(vec![program.display().to_string(), "serve".to_owned()])
}
