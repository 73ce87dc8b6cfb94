//! A recording, run again.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::amqp::{Configuration, Server, Spoken, Unrecorded};
use crate::broker::{Micros, Name, UserSpec};
use crate::world::{GUEST, Latency, Setup, SetupError, World};

use super::{Header, Recording};

/// No server began after the year 9999.
const LATEST: u64 = 253_402_300_799;

/// A recording as a run's setup: what its server was, and what came from outside.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The virtual host's world.
    pub setup: Setup,
    /// When the last of it came.
    pub until: Micros,
    /// What was said on the connections that used it.
    pub traffic: Vec<Spoken>,
}

impl Header {
    /// A virtual host of such a server, as nobody has used it yet.
    pub fn setup(&self, vhost: &Name) -> Setup {
        Setup {
            profile: self.profile().unwrap_or_default(),
            vhost: vhost.clone(),
            latency: Latency::NONE,
            users: self
                .users
                .iter()
                .filter(|name| **name != GUEST)
                .map(|name| UserSpec::new(name.clone()))
                .collect(),
            live: true,
            began: self.began.min(LATEST),
            ..Setup::default()
        }
    }
}

impl Recording {
    /// The virtual hosts that somebody used, in order, each with how much came from outside.
    ///
    /// # Errors
    /// When no broker would have had such users.
    pub fn replay(&self) -> Result<Vec<(Name, Replayed)>, SetupError> {
        let setups = self
            .header
            .vhosts
            .iter()
            .map(|vhost| self.header.setup(vhost));
        let setups: Vec<_> = setups.collect();
        let mut hosts = Vec::new();
        for setup in &setups {
            let mut host = Unrecorded::new(World::new(setup)?);
            host.keep_heard();
            hosts.push((setup.vhost.clone(), host));
        }
        let configuration = Configuration {
            profile: self.header.profile().unwrap_or_default(),
            // Alarms are recorded, and so is who was let in.
            most_connections: usize::MAX,
            memory: u64::MAX,
            ..Configuration::default()
        };
        let mut server = Server::new(configuration, hosts);
        server.keep_traffic();
        for (at, record) in &self.records {
            server.replay(*at, record.clone());
        }
        let traffic = server.take_traffic();
        let until = self.records.last().map_or(Micros::ZERO, |&(at, _)| at);
        let heard = server.into_hosts().map(|(_, mut host)| host.take_heard());
        let replayed = setups.into_iter().zip(heard).map(|(setup, heard)| {
            let vhost = setup.vhost.clone();
            let setup = Setup {
                outside: Arc::new(heard),
                ..setup
            };
            let traffic = of_vhost(&traffic, &vhost);
            let replayed = Replayed {
                setup,
                until,
                traffic,
            };
            (vhost, replayed)
        });
        Ok(replayed.collect())
    }
}

/// What was said on the connections that used a virtual host, before they did too.
fn of_vhost(traffic: &[Spoken], vhost: &Name) -> Vec<Spoken> {
    let opened = traffic.iter().filter_map(|spoken| {
        let (its, _) = spoken.connection.as_ref()?;
        (its == vhost).then_some(spoken.session)
    });
    let sessions: BTreeSet<_> = opened.collect();
    let traffic = traffic.iter();
    traffic
        .filter(|spoken| sessions.contains(&spoken.session))
        .cloned()
        .collect()
}
