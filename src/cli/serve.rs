//! `leveret serve`: a broker for real clients, without a window.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;

use anyhow::Context as _;

use crate::amqp::{Configuration, Server, Unrecorded};
use crate::broker::{Name, Profile, UserSpec};
use crate::live::{Live, News};
use crate::t;
use crate::world::{GUEST, Latency, Setup, World};

use super::{Outcome, profiles};

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
}

fn user(text: &str) -> Result<(Name, String), String> {
    match text.split_once(':') {
        Some((name, password)) if !name.is_empty() => Ok((name.into(), password.to_owned())),
        _ => Err("write it as NAME:PASSWORD".to_owned()),
    }
}

pub(super) fn serve(args: &ServeArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let server = server(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context(t!("serve-no-threads"))?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(args.listen)
            .await
            .with_context(|| t!("serve-no-port", address = args.listen.to_string()))?;
        let address = listener.local_addr()?;
        writeln!(out, "{}", t!("serve-ready", address = address.to_string()))?;
        out.flush()?;
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        // Once nobody listens any more, there is nobody to be told.
        let live = Live::new(server, move |news| _ = tell.send(news));
        let listening = live.listen(listener, asked_to_stop());
        tokio::pin!(listening);
        loop {
            tokio::select! {
                ended = &mut listening => break ended?,
                Some(news) = told.recv() => {
                    writeln!(out, "{}", line(&news))?;
                    out.flush()?;
                }
            }
        }
        Ok(Outcome::Done)
    })
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
            Some(name) => t!("serve-closed", name = name.clone(), address = address.clone()),
            None => t!("serve-left", address = address.clone()),
        },
    }
}

/// A server as the arguments have it.
fn server(args: &ServeArgs) -> anyhow::Result<Server<Unrecorded>> {
    let mut vhosts = args.vhosts.clone();
    if vhosts.is_empty() {
        vhosts.push("/".into());
    }
    let worlds = vhosts.into_iter().map(|vhost| {
        let setup = Setup {
            profile: args.profile,
            vhost: vhost.clone(),
            latency: Latency::NONE,
            users: args
                .users
                .iter()
                .filter(|(name, _)| *name != GUEST)
                .map(|(name, _)| UserSpec::new(name.clone()))
                .collect(),
            live: true,
            ..Setup::default()
        };
        Ok((vhost, Unrecorded::new(World::new(&setup)?)))
    });
    let worlds = worlds.collect::<anyhow::Result<Vec<_>>>()?;
    let guest = (Name::from(GUEST), GUEST.to_owned());
    let users: BTreeMap<_, _> = [guest].into_iter().chain(args.users.clone()).collect();
    let profile = args.profile;
    Ok(Server::new(Configuration { profile, users }, worlds))
}

/// Ctrl-C, or what a service manager sends.
async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
