//! `leveret serve`: a broker for real clients, without a window.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::mpsc;

use anyhow::{Context as _, anyhow};

use crate::amqp::{Configuration, Server, Unrecorded};
use crate::broker::{Name, Profile};
use crate::live::{Live, News, Recorder, RecorderNews, Target};
use crate::recording::Header;
use crate::t;
use crate::world::{GUEST, World};

use super::terminal::complain;
use super::{Outcome, profiles};

/// Lines that wait to be written, before some are left out.
const MOST_UNTOLD: usize = 1_000;

/// What `serve` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct ServeArgs {
    /// Where to listen.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:5672")]
    listen: SocketAddr,
    /// A virtual host; may be given several times. Without any, there is "/".
    #[arg(long = "vhost", value_name = "NAME")]
    vhosts: Vec<Name>,
    /// A user who may do everything; may be given several times. `guest`, with the password `guest`, is there in any case,
    /// for clients on this machine.
    #[arg(long = "user", value_name = "NAME:PASSWORD", value_parser = user)]
    users: Vec<(Name, String)>,
    /// Behave as this release of RabbitMQ.
    #[arg(long, value_name = "RELEASE", value_parser = profiles(), default_value = Profile::default().as_str())]
    profile: Profile,
    /// Write all that clients do into this file, which opens like a scenario.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Replace the recording that FILE is. Without it, a file that is there is left as it is.
    #[arg(long, requires = "record")]
    overwrite: bool,
}

fn user(text: &str) -> Result<(Name, String), String> {
    match text.split_once(':') {
        Some((name, password)) if !name.is_empty() => Ok((name.into(), password.to_owned())),
        _ => Err("write it as NAME:PASSWORD".to_owned()),
    }
}

pub(super) fn serve(args: &ServeArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let header = header(args);
    let server = server(args, &header)?;
    // Everybody waits for the one server; more threads would only hand it to each other.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Sockets are looked at often, so that one client who has much to say keeps nobody waiting.
        .event_interval(8)
        .build()
        .context(t!("serve-no-threads"))?;
    let recorder = runtime.block_on(async {
        // Whoever may not listen touches no file.
        let listener = tokio::net::TcpListener::bind(args.listen)
            .await
            .with_context(|| t!("serve-no-port", address = args.listen.to_string()))?;
        let recorder = record(args, &header)?;
        let address = listener.local_addr()?;
        let stop = asked_to_stop();
        writeln!(out, "{}", t!("serve-ready", address = address.to_string()))?;
        out.flush()?;
        let (tell, told) = mpsc::sync_channel(MOST_UNTOLD);
        std::thread::spawn(move || log(&told));
        // Clients do not wait for a log that nobody reads.
        let live = Live::new(server, recorder.as_ref(), move |news| {
            _ = tell.try_send(news)
        });
        live.listen(listener, stop).await?;
        anyhow::Ok(recorder)
    })?;
    if let Some((recorder, path)) = recorder.zip(args.record.as_ref()) {
        let file = path.display().to_string();
        let ended = |(why, until)| anyhow!(RecorderNews::Ended(why, until).told(&file));
        recorder.finish().map_err(ended)?;
        writeln!(out, "{}", t!("serve-recorded", file = file))?;
    }
    Ok(Outcome::Done)
}

/// Begins the recording, if one is wanted.
fn record(args: &ServeArgs, header: &Header) -> anyhow::Result<Option<Recorder>> {
    let Some(path) = args.record.clone() else {
        return Ok(None);
    };
    let file = path.display().to_string();
    let overwrite = args.overwrite;
    let told = file.clone();
    let tell = move |news: RecorderNews| complain(&news.told(&told));
    let recorder = Recorder::create(Target::Named { path, overwrite }, header, tell);
    recorder.map(Some).map_err(|why| anyhow!(why.told(&file)))
}

/// Writes what is told of connections to the standard error, until nothing more is.
fn log(told: &mpsc::Receiver<News>) {
    while let Ok(news) = told.recv() {
        complain(&line(&news));
    }
}

/// One line for each connection that comes or goes.
fn line(news: &News) -> String {
    match news {
        News::Opened {
            name,
            user,
            address,
        } => t!(
            "serve-opened",
            name = name.clone(),
            user = user.clone(),
            address = address.clone()
        ),
        News::Closed { name, address } => match name {
            Some(name) => t!(
                "serve-closed",
                name = name.clone(),
                address = address.clone()
            ),
            None => t!("serve-left", address = address.clone()),
        },
    }
}

/// What the server is.
fn header(args: &ServeArgs) -> Header {
    let mut vhosts = args.vhosts.clone();
    if vhosts.is_empty() {
        vhosts.push("/".into());
    }
    vhosts.sort_unstable();
    vhosts.dedup();
    let users: BTreeSet<_> = args.users.iter().map(|(name, _)| name.clone()).collect();
    let users = users.into_iter().collect();
    Header::new(args.profile, vhosts, users, crate::live::began())
}

/// A server that nobody has used yet.
fn server(args: &ServeArgs, header: &Header) -> anyhow::Result<Server<Unrecorded>> {
    let worlds = header.vhosts.iter().map(|vhost| {
        let world = World::new(&header.setup(vhost))?;
        Ok((vhost.clone(), Unrecorded::new(world)))
    });
    let worlds = worlds.collect::<anyhow::Result<Vec<_>>>()?;
    let guest = (Name::from(GUEST), GUEST.to_owned());
    let users: BTreeMap<_, _> = [guest].into_iter().chain(args.users.clone()).collect();
    let profile = args.profile;
    let configuration = Configuration {
        profile,
        users,
        ..Configuration::default()
    };
    Ok(Server::new(configuration, worlds))
}

/// Ctrl-C, or what a service manager sends, or that the terminal is closed; heard from now on.
#[cfg(unix)]
fn asked_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    // `nohup` is asked for by who wants it to outlive the terminal.
    let hangup = (!ignores_hangup()).then(SignalKind::hangup);
    let kinds = [
        Some(SignalKind::interrupt()),
        Some(SignalKind::terminate()),
        hangup,
    ];
    // One that cannot be heard ends the program, as it ends any other.
    let signals = kinds.into_iter().flatten().map(signal);
    let mut signals: Vec<_> = signals.filter_map(Result::ok).collect();
    std::future::poll_fn(move |context| {
        let mut came = signals.iter_mut().map(|it| it.poll_recv(context));
        match came.any(|it| it.is_ready()) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
}

/// Whether whoever started the program had it ignore that its terminal is closed. Only Linux tells.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & 1 == 1)
}

/// Ctrl-C.
#[cfg(not(unix))]
async fn asked_to_stop() {
    let _ = tokio::signal::ctrl_c().await;
}
