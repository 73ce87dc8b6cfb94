//! Random programs, played on a real RabbitMQ and on Leveret.
//!
//! ```text
//! LEVERET_AMQP_REAL=amqp://127.0.0.1:5699/%2f cargo test -p leveret-conformance --test programs -- [OPTIONS]
//! ```
//!
//! - `--seed N`: the first program's seed; the others count on. Otherwise it is a new one each time.
//! - `--count N`: so many programs; 200 if nothing is said, and 1 if a seed is.
//! - `--theme WORD`: only programs of this theme.
//! - `--at-once N`: so many at the same time.
//! - `--itself`: the real one is held against itself. What differs then is not defined.
//! - `--show`: the programs are shown, and not played.
//! - `--file FILE [--only NAME]`: the programs of a file (see `src/programs/kept.rs`) are played, and what both say is shown.
//!
//! `SERVER` is how Leveret is started; otherwise it is built first.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use leveret_conformance::programs::generate;
use leveret_conformance::programs::hold::{Difference, Outcome, Pair};
use leveret_conformance::programs::kept;
use leveret_conformance::programs::play::Player;
use leveret_conformance::programs::shrink;
use leveret_conformance::programs::step::Program;
use leveret_conformance::release::Release;
use leveret_conformance::server::{self, Leveret};

/// How long one program may be made smaller.
const SHRINK: Duration = Duration::from_secs(90);
/// So many are made smaller; of more than these only the seeds are told.
const SHRUNK: usize = 8;
/// So many of a hundred may be undefined: more of them, and the player does not wait long enough.
const UNDEFINED: usize = 5;
/// So many of a hundred new programs may differ. Each that does is told with its seed, and is to be looked into; but a find
/// of chance, such as a race that RabbitMQ seldom loses, is no reason to hold up all other work. A program that is asked for
/// by its seed has to agree.
const DIFFERENT: usize = 4;

struct Options {
    seed: Option<u64>,
    count: Option<usize>,
    theme: Option<String>,
    at_once: usize,
    itself: bool,
    show: bool,
    file: Option<String>,
    only: Option<String>,
}

impl Options {
    fn from_args() -> anyhow::Result<Self> {
        let mut options = Self {
            seed: None,
            count: None,
            theme: None,
            at_once: 8,
            itself: false,
            show: false,
            file: None,
            only: None,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut next = || words.next().with_context(|| format!("{word} of what?"));
            match word.as_str() {
                "--seed" => options.seed = Some(next()?.parse()?),
                "--count" => options.count = Some(next()?.parse()?),
                "--theme" => options.theme = Some(next()?),
                "--at-once" => options.at_once = next()?.parse()?,
                "--itself" => options.itself = true,
                "--show" => options.show = true,
                "--file" => options.file = Some(next()?),
                "--only" => options.only = Some(next()?),
                // The other tests' own.
                "--quiet" => {}
                other => bail!("{other}: no such option"),
            }
        }
        Ok(options)
    }
}

/// What came of all programs.
#[derive(Default)]
struct Score {
    played: usize,
    undefined: Vec<u64>,
    differ: Vec<u64>,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::from_args()?;
    let real = std::env::var("LEVERET_AMQP_REAL").ok();
    if let Some(file) = &options.file {
        let addresses = real.as_deref().unwrap_or_default().split(',');
        let addresses = addresses.filter(|address| !address.is_empty());
        for address in addresses {
            shown(&options, file, address)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let new = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as u64 % 1_000_000_000;
    let seed = options.seed.unwrap_or(new);
    let count = options
        .count
        .unwrap_or(if options.seed.is_some() { 1 } else { 200 });
    let theme = options.theme.as_deref();
    let programs = (seed..)
        .map(generate::program)
        .filter(|it| theme.is_none_or(|theme| it.theme == theme));
    let programs: Vec<_> = programs.take(count).collect();
    if options.show {
        for program in programs {
            println!("{} ({})\n{program}", program.seed, program.theme);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let Some(real) = real else {
        println!(
            "programs: no RabbitMQ to hold them against (LEVERET_AMQP_REAL is not set): none is played"
        );
        return Ok(ExitCode::SUCCESS);
    };
    let mut well = true;
    for address in real.split(',') {
        well &= all_well(&options, &programs, seed, address)?;
    }
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Plays the programs of a file on one server and on Leveret, and shows what both say.
fn shown(options: &Options, file: &str, address: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let release = runtime.block_on(Release::of(address))?;
    let leveret = Leveret::start(&server::command(false)?, &["--profile", release.profile()])?;
    let real = Player::of(address, "file");
    let other = Player::of(leveret.address(), "file");
    for kept in kept::file(file.as_ref())? {
        if options
            .only
            .as_ref()
            .is_some_and(|only| !kept.name.contains(only))
        {
            continue;
        }
        let theirs = real.play(&kept.program, 2)?;
        let ours = other.play(&kept.program, 1)?;
        let word = if theirs == ours {
            "the same"
        } else {
            "DIFFERENT"
        };
        println!("== RabbitMQ {}, {}: {word}", release.as_str(), kept.name);
        println!("{}", Difference { theirs, ours }.text());
    }
    Ok(())
}

/// Plays all programs on one server and on Leveret. Whether they agree.
fn all_well(
    options: &Options,
    programs: &[Program],
    seed: u64,
    address: &str,
) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let release = runtime.block_on(Release::of(address))?;
    let begun = Instant::now();
    let profile = release.profile();
    let release = release.as_str();
    println!(
        "programs: {} from seed {seed}, RabbitMQ {release}",
        programs.len()
    );
    let leveret = if options.itself {
        None
    } else {
        Some(Leveret::start(
            &server::command(false)?,
            &["--profile", profile],
        )?)
    };
    let other = leveret.as_ref().map_or(address, Leveret::address);
    let next = AtomicUsize::new(0);
    let shrunk = AtomicU64::new(0);
    let score = Mutex::new(Score::default());
    let failed = Mutex::new(None);
    std::thread::scope(|scope| {
        for lane in 0..options.at_once.min(programs.len()) {
            let (next, shrunk, score, failed) = (&next, &shrunk, &score, &failed);
            scope.spawn(move || {
                let name = format!("p{lane:02}");
                // Its names are its own where both are the same server.
                let pair = Pair {
                    real: Player::of(address, &name),
                    other: Player::of(other, &name),
                };
                while let Some(program) = programs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let end = one(&pair, program, release, shrunk, score);
                    if let Err(error) = end {
                        let seed = program.seed;
                        let error = error.context(format!("the program of seed {seed}"));
                        println!("programs: {error:#}");
                        *failed.lock().unwrap() = Some(error);
                    }
                }
            });
        }
    });
    let score = score.into_inner().unwrap();
    println!(
        "programs: {} played, {} undefined {:?}, {} differ {:?}, {} s, RabbitMQ {release}, seed {seed}",
        score.played,
        score.undefined.len(),
        score.undefined,
        score.differ.len(),
        score.differ,
        begun.elapsed().as_secs(),
    );
    let failed = failed.into_inner().unwrap();
    let too_many = score.undefined.len() * 100 > programs.len().max(20) * UNDEFINED;
    let differ = score.differ.len();
    let agrees = match options.seed {
        Some(_) => differ == 0,
        None => differ * 100 <= programs.len() * DIFFERENT,
    };
    if agrees && differ > 0 {
        println!(
            "programs: NOT THE SAME, TO BE LOOKED INTO: {:?}",
            score.differ
        );
    }
    Ok(failed.is_none() && agrees && !too_many)
}

/// Plays one program, and tells if the two differ.
fn one(
    pair: &Pair,
    program: &Program,
    release: &str,
    shrunk: &AtomicU64,
    score: &Mutex<Score>,
) -> anyhow::Result<()> {
    let mut differs = None;
    let mut undefined = None;
    match pair.hold(program)? {
        Outcome::Same => {}
        Outcome::Undefined(both) => undefined = Some(both),
        Outcome::Differs(difference) => {
            let mut smallest = (program.clone(), difference);
            if shrunk.fetch_add(1, Ordering::Relaxed) < SHRUNK as u64 {
                smallest = shrink::smallest(pair, smallest.0, smallest.1, SHRINK)?;
            }
            undefined = pair.otherwise(&smallest.0, &smallest.1.theirs, 3)?;
            differs = Some(smallest);
        }
    }
    let (seed, theme) = (program.seed, program.theme);
    let mut score = score.lock().unwrap();
    score.played += 1;
    if let Some(both) = undefined {
        println!(
            "programs: seed {seed} ({theme}) is not defined on RabbitMQ {release}: {}",
            both.first()
        );
        score.undefined.push(seed);
    } else if let Some((program, difference)) = differs {
        println!(
            "\n== RabbitMQ {release}, seed {seed} ({theme}), {} steps\n{}\n   again: \
             LEVERET_AMQP_REAL=… cargo test -p leveret-conformance --test programs -- --seed {seed}\n",
            program.steps.len(),
            difference.text(),
        );
        score.differ.push(seed);
    }
    Ok(())
}
