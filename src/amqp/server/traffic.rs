//! What is said on connections, octet by octet, for whoever wants to look.

use crate::broker::{ConnectionId, Micros, Name};

use super::super::host::Host;
use super::super::record::SessionId;
use super::super::session::Request;
use super::{Client, Server, Vhost};

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Speaker {
    /// The client.
    Client,
    /// The server.
    Server,
}

/// What was said on a connection at a time: one frame or several that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// When it was heard, or was to be sent.
    pub at: Micros,
    /// On which connection.
    pub session: SessionId,
    /// The virtual host it uses and the broker's number for it, once it is open.
    pub connection: Option<(Name, ConnectionId)>,
    /// Who said it.
    pub by: Speaker,
    /// What was said; passwords are not in it.
    pub octets: Vec<u8>,
    /// Of all that the connection's broker hears ([`World::heard`](crate::world::World::heard)), the number of what this
    /// led to or, of the server, of what led to this; none if it is nothing that the broker hears.
    pub heard: Option<u64>,
}

/// What has been said since it was asked for last.
#[derive(Debug, Default)]
pub(super) struct Tap(Vec<Spoken>);

impl Client {
    /// The virtual host it uses and the broker's number for its connection, once that is open.
    fn connection<H>(&self, vhost: Option<&Vhost<H>>) -> Option<(Name, ConnectionId)> {
        Some((vhost?.name.clone(), self.session.connection()?))
    }
}

impl<H: Host> Server<H> {
    /// Remembers from now on what is said on connections that come.
    pub fn keep_traffic(&mut self) {
        self.tap = Some(Tap::default());
    }

    /// What was said since this was asked for last, in order, if it is remembered.
    pub fn take_traffic(&mut self) -> Vec<Spoken> {
        let tap = self.tap.as_mut();
        tap.map(|tap| std::mem::take(&mut tap.0))
            .unwrap_or_default()
    }

    /// What a client said just now, and what it asks for by that. `known` is how much of it was noted already.
    pub(super) fn overhear(
        &mut self,
        at: Micros,
        session: SessionId,
        known: &mut usize,
        request: Option<&Request>,
    ) {
        let (Some(tap), Some(client)) = (&mut self.tap, self.clients.get_mut(&session)) else {
            return;
        };
        let octets = client.session.log_from(*known).to_vec();
        *known += octets.len();
        if octets.is_empty() {
            return;
        }
        let vhost = client.vhost.and_then(|place| self.vhosts.get(place));
        let heard = match request {
            Some(Request::Say(_)) => vhost.map(|vhost| vhost.host.world().heard() + 1),
            _ => None,
        };
        tap.0.push(Spoken {
            at,
            session,
            connection: client.connection(vhost),
            by: Speaker::Client,
            octets,
            heard,
        });
    }

    /// What the server said just now, to anybody.
    pub(super) fn overhear_answers(&mut self, at: Micros) {
        let Some(tap) = &mut self.tap else {
            return;
        };
        for &session in &self.touched {
            let Some(client) = self.clients.get_mut(&session) else {
                continue;
            };
            let octets = client.session.tell();
            if octets.is_empty() {
                continue;
            }
            let vhost = client.vhost.and_then(|place| self.vhosts.get(place));
            tap.0.push(Spoken {
                at,
                session,
                connection: client.connection(vhost),
                by: Speaker::Server,
                heard: vhost.map(|vhost| vhost.host.world().heard()),
                octets,
            });
        }
    }
}
