//! Who comes in, and what they are called.

use crate::broker::{Micros, Name, Operation, Refusal, Reply, ReplyCode, UserSpec};
use crate::world::{Deed, Input, Said};

use super::super::host::Host;
use super::super::record::{Record, SessionId};
use super::super::session::Credentials;
use super::{Client, Configuration, Server};

/// One who may only come from the same machine (C6).
const LOCAL_USER: &str = "guest";

impl Configuration {
    /// Whether somebody with these credentials may come in.
    fn lets_in(&self, credentials: &Credentials, is_local: bool) -> bool {
        let Credentials { user, password } = credentials;
        let is = |right: &String| right.as_bytes() == password;
        match self.users.get(user.as_str()) {
            Some(right) => is(right) && (user != LOCAL_USER || is_local),
            None => user != LOCAL_USER && !user.is_empty() && self.lesson.as_ref().is_some_and(is),
        }
    }
}

impl<H: Host> Server<H> {
    pub(super) fn login(&mut self, now: Micros, id: SessionId, credentials: &Credentials) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let may = match &mut self.verdicts {
            Some(verdicts) => verdicts.remove(&id).unwrap_or_default(),
            None => self
                .configuration
                .lets_in(credentials, client.peer.is_local),
        };
        match may {
            true => client.session.let_in(credentials.user.as_str().into()),
            false => client.session.turn_away(),
        }
        let (session, accepted) = (id, may);
        self.note(now, || Record::Login { session, accepted });
    }

    pub(super) fn open(&mut self, now: Micros, id: SessionId, vhost: &str) {
        let place = self.vhosts.iter().position(|it| it.name == *vhost);
        let Some(client) = self.clients.get(&id) else {
            return;
        };
        let user = client.session.user();
        let there = place.and_then(|place| self.vhosts.get(place));
        let users = there.map(|vhost| vhost.host.world().broker().users());
        if users.is_some_and(|users| users.get(user).is_none()) {
            // One who came with the lesson's password.
            self.guests.insert(user.clone());
        }
        let most = self.configuration.most_connections;
        let open: usize = self.vhosts.iter().map(|it| it.clients.len()).sum();
        if open >= most {
            let text = format!("connection refused: node connection limit ({most}) is reached");
            let refusal = Refusal::new(ReplyCode::NotAllowed, "C7", text);
            if let Some(client) = self.clients.get_mut(&id) {
                client.session.close_connection(Some(&refusal));
            }
            return;
        }
        let user = client.session.user().clone();
        let name = self.names.take(self.wanted_name(client));
        let said = Said::Connect {
            name: name.clone(),
            user: user.clone(),
            capabilities: client.session.client().capabilities,
        };
        let opened = match place.and_then(|place| Some((place, self.vhosts.get_mut(place)?))) {
            Some((place, vhost)) => {
                if vhost.host.world().broker().users().get(&user).is_none() {
                    let user = Operation::SetUser(UserSpec::new(user));
                    vhost.host.apply(now, Input::Do(Deed::Operate(user)));
                }
                let opened = vhost.host.hear(now, said);
                if let Ok(Reply::Connection(connection)) = opened {
                    vhost.clients.insert(connection, id);
                }
                opened.map(|reply| (reply, place))
            }
            None => Err(Refusal::new(
                ReplyCode::NotAllowed,
                "C7",
                format!("vhost {vhost} not found"),
            )),
        };
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        match opened {
            Ok((Reply::Connection(connection), place)) => {
                client.vhost = Some(place);
                self.passing.remove(&id);
                client.name = Some(name);
                client.session.opened(connection);
            }
            refused => {
                client.session.close_connection(refused.err().as_ref());
                self.names.give_back(&name);
            }
        }
        self.carry(place, None);
    }

    /// What a client is called if nobody else is called so: as it says, or after the program that it is.
    fn wanted_name(&self, client: &Client) -> Name {
        let said = |name: &str| {
            let properties = &client.session.client().properties;
            let text = properties.get(name)?.text()?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let product = || Some(said("product")?.split(' ').next()?.to_owned());
        let user = client.session.user().to_string();
        // Who came under a name of their own is seen under it.
        let is_guest = self.guests.contains(user.as_str());
        let own = is_guest.then(|| user.clone());
        match (own, said("connection_name")) {
            (Some(own), Some(name)) if own != name => format!("{own}: {name}"),
            (Some(own), _) => own,
            (None, name) => name.or_else(product).unwrap_or(user),
        }
        .into()
    }
}
