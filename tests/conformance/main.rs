//! Cases run against Leveret, and held against what RabbitMQ answered.
//!
//! What RabbitMQ answered is kept in `answers`, so no RabbitMQ is needed:
//!
//! ```text
//! cargo test -p leveret-conformance [WORD]    # only the cases with WORD in their name
//! ```
//!
//! These variables change what is done:
//!
//! - `LEVERET_AMQP_REAL`, such as `amqp://127.0.0.1:5699/%2f`: a real RabbitMQ, 4.3.6, 4.0.5 or 3.10.8, that is asked as
//!   well; or several of them, with commas between. All three have to agree: it, what is kept of its release, and Leveret.
//!   `tests/clients/rabbitmq` starts one.
//! - `LEVERET_AMQP_RECORD=1`: what the real one answers is kept, and compared with nothing.
//! - `SERVER`, such as `target/debug/leveret serve`: how Leveret is started. Otherwise it is built first.
//!
//! Where Leveret answers otherwise and is known to, `differences` says so and why; a difference that is no more fails too.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use leveret_conformance::answers::{self, Answers};
use leveret_conformance::release::Release;
use leveret_conformance::server::{self, Leveret};
use leveret_conformance::{Case, cases, differences};
use libtest_mimic::{Arguments, Failed, Trial};
use similar::TextDiff;
use tokio::runtime::Runtime;

/// How long a case may take.
const MOST: Duration = Duration::from_secs(30);
/// Most of what cases do is to wait.
const AT_ONCE: usize = 8;

/// A server that is asked, and what is kept of its release.
struct Asked {
    release: Release,
    kept: Answers,
    leveret: Option<Leveret>,
    real: Option<String>,
    /// What the real one said, if that is to be kept.
    record: Option<Mutex<Answers>>,
    runtime: Arc<Runtime>,
}

impl Asked {
    fn run(&self, case: &'static Case, address: &str) -> Result<Vec<String>, Failed> {
        let told = async { tokio::time::timeout(MOST, case.told(address)).await };
        let told = self.runtime.block_on(told);
        told.map_err(|_| format!("not over after {} s, with {address}", MOST.as_secs()).into())
    }

    /// Holds a case's answers against each other.
    fn hold(&self, case: &'static Case) -> Result<(), Failed> {
        let name = case.full_name();
        let release = self.release.as_str();
        let kept = self.kept.get(&name);
        if let Some(address) = &self.real {
            let real = self.run(case, address)?;
            if let Some(record) = &self.record {
                let mut record = record.lock().map_err(|_| "another case failed")?;
                record.insert(name, real);
                return Ok(());
            }
            let kept = kept.map_or(&[][..], Vec::as_slice);
            same(kept, &real, &format!("kept of {release}"), "the real one")?;
        }
        let Some(leveret) = &self.leveret else {
            return Ok(());
        };
        let kept = kept.ok_or_else(|| format!("nothing is kept of what {release} answered"))?;
        let expected = differences::expected(self.release, &name, kept)?;
        let ours = self.run(case, leveret.address())?;
        let ours = differences::compared(self.release, &name, &ours);
        same(&expected, &ours, &format!("RabbitMQ {release}"), "Leveret")
    }
}

/// Whether two transcripts are the same.
fn same(left: &[String], right: &[String], of: &str, and: &str) -> Result<(), Failed> {
    if left == right {
        return Ok(());
    }
    let (left, right) = (left.join("\n") + "\n", right.join("\n") + "\n");
    let diff = TextDiff::from_lines(&left, &right);
    let diff = diff
        .unified_diff()
        .context_radius(20)
        .header(of, and)
        .to_string();
    Err(diff.into())
}

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = Arc::new(runtime?);
    let real = std::env::var("LEVERET_AMQP_REAL").unwrap_or_default();
    let real = real.split(',').filter(|address| !address.is_empty());
    let real = real.map(|address| {
        let release = runtime.block_on(Release::of(address))?;
        anyhow::Ok((release, address.to_owned()))
    });
    let real: BTreeMap<_, _> = real.collect::<anyhow::Result<_>>()?;
    let records = std::env::var("LEVERET_AMQP_RECORD").is_ok_and(|it| it == "1");
    let mut asked = Vec::new();
    for release in Release::ALL {
        let real = real.get(&release).cloned();
        if records && real.is_none() {
            continue;
        }
        let leveret = (!arguments.list && !records)
            .then(|| Leveret::start(&server::command(false)?, &["--profile", release.profile()]));
        asked.push(Arc::new(Asked {
            release,
            kept: answers::kept(release)?,
            leveret: leveret.transpose()?,
            real,
            record: records.then(Mutex::default),
            runtime: Arc::clone(&runtime),
        }));
    }
    let trials = asked.iter().flat_map(|asked| {
        let of_it = cases::all().filter(|case| case.is_for(asked.release));
        of_it.map(|case| {
            let asked = Arc::clone(asked);
            let name = format!("{} {}", asked.release.as_str(), case.full_name());
            Trial::test(name, move || asked.hold(case)).with_kind(case.rules)
        })
    });
    let end = libtest_mimic::run(&arguments, trials.collect());
    for asked in asked {
        let Some(record) = &asked.record else {
            continue;
        };
        let said = std::mem::take(&mut *record.lock().ok().context("a case failed")?);
        let cases: Vec<_> = cases::all().map(Case::full_name).collect();
        answers::keep(asked.release, said, &cases)?;
    }
    Ok(end.exit_code())
}
