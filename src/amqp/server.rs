//! All connections before one broker, and its virtual hosts.

use std::collections::{BTreeMap, BTreeSet};

use crate::broker::{
    ChannelId, ConnectionId, Hangup, Micros, Name, Outgoing, Profile, Refusal, Reply, ReplyCode,
};
use crate::world::{Input, Said};

use super::host::Host;
use super::session::{Credentials, Request, Session, Stage};

/// Whom a server lets in, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// Which RabbitMQ it behaves as.
    pub profile: Profile,
    /// Each user's password.
    pub users: BTreeMap<Name, String>,
}

/// A connection of the server's, by the order in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// Where a client is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address, to be shown.
    pub address: String,
    /// Whether it is on the same machine (C6).
    pub is_local: bool,
}

/// One who may only come from the same machine (C6).
const LOCAL_USER: &str = "guest";

/// What a connection is to the server.
#[derive(Debug)]
struct Client {
    session: Session,
    peer: Peer,
    /// The virtual host it uses, by its place.
    vhost: Option<usize>,
}

/// A virtual host.
#[derive(Debug)]
struct Vhost<H> {
    name: Name,
    host: H,
    /// Whose each connection of the broker's is.
    clients: BTreeMap<ConnectionId, SessionId>,
}

/// A server. It knows no socket: whoever has one tells it what came ([`receive`](Self::receive)), and takes what is to be
/// sent ([`output`](Self::output)).
#[derive(Debug)]
pub struct Server<H> {
    configuration: Configuration,
    vhosts: Vec<Vhost<H>>,
    clients: BTreeMap<SessionId, Client>,
    connected: u64,
    /// Those for whom there is something to be sent, or whose connection is over.
    touched: BTreeSet<SessionId>,
    /// Those that the broker reads again.
    resumed: Vec<SessionId>,
}

impl<H: Host> Server<H> {
    /// A server of these virtual hosts, nobody being connected.
    pub fn new(configuration: Configuration, vhosts: impl IntoIterator<Item = (Name, H)>) -> Self {
        let vhosts = vhosts.into_iter().map(|(name, host)| Vhost {
            name,
            host,
            clients: BTreeMap::new(),
        });
        Self {
            configuration,
            vhosts: vhosts.collect(),
            clients: BTreeMap::new(),
            connected: 0,
            touched: BTreeSet::new(),
            resumed: Vec::new(),
        }
    }

    /// A virtual host's world.
    pub fn host(&self, vhost: &str) -> Option<&H> {
        let mut named = self.vhosts.iter().filter(|it| it.name == *vhost);
        Some(&named.next()?.host)
    }

    /// How many are connected.
    pub fn connections(&self) -> usize {
        self.clients.len()
    }

    /// A client connects.
    pub fn connect(&mut self, now: Micros, peer: Peer) -> SessionId {
        self.connected += 1;
        let id = SessionId(self.connected);
        let client = Client {
            session: Session::new(self.configuration.profile, now),
            peer,
            vhost: None,
        };
        self.clients.insert(id, client);
        id
    }

    /// What a client sent.
    pub fn receive(&mut self, now: Micros, id: SessionId, octets: &[u8]) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.session.take(octets, now);
        }
        self.go_on(now, id);
        while let Some(next) = self.resumed.pop() {
            self.go_on(now, next);
        }
    }

    /// Reads on in what a client sent.
    fn go_on(&mut self, now: Micros, id: SessionId) {
        while let Some(client) = self.clients.get_mut(&id) {
            let request = client.session.next();
            self.touched.insert(id);
            match request {
                None => break,
                Some(Request::Login(credentials)) => self.login(id, &credentials),
                Some(Request::Open(vhost)) => self.open(now, id, &vhost),
                Some(Request::Say(said)) => self.say(now, id, said),
                Some(Request::Close) => {
                    self.hang_up(now, id, Hangup::ByClient);
                    if let Some(client) = self.clients.get_mut(&id) {
                        client.session.close_ok();
                    }
                }
            }
        }
    }

    fn login(&mut self, id: SessionId, credentials: &Credentials) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let Credentials { user, password } = credentials;
        let known = self.configuration.users.get(user.as_str());
        let may = known.is_some_and(|right| right.as_bytes() == password)
            && (user != LOCAL_USER || client.peer.is_local);
        match may {
            true => client.session.let_in(user.as_str().into()),
            false => client.session.turn_away(),
        }
    }

    fn open(&mut self, now: Micros, id: SessionId, vhost: &str) {
        let Some(client) = self.clients.get(&id) else {
            return;
        };
        let said = Said::Connect {
            name: self.name(client),
            user: client.session.user().clone(),
            capabilities: client.session.client().capabilities,
        };
        let place = self.vhosts.iter().position(|it| it.name == *vhost);
        let opened = match place.and_then(|place| Some((place, self.vhosts.get_mut(place)?))) {
            Some((place, vhost)) => {
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
                client.session.opened(connection);
            }
            Ok(_) => client.session.close_connection(None),
            Err(refusal) => client.session.close_connection(Some(&refusal)),
        }
        self.carry(place, None);
    }

    /// What a client is called: as it says, or after the program that it is, with a number where there are several.
    fn name(&self, client: &Client) -> Name {
        let said = |name: &str| {
            let properties = &client.session.client().properties;
            let text = properties.get(name)?.text()?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let product = || Some(said("product")?.split(' ').next()?.to_owned());
        let name = said("connection_name")
            .or_else(product)
            .unwrap_or_else(|| client.session.user().to_string());
        let taken = |name: &str| {
            let mut others = self.clients.values().filter(|it| it.vhost.is_some());
            others.any(|other| self.name_of(other).is_some_and(|its| *its == *name))
        };
        let numbered = (2..).map(|number| format!("{name} {number}"));
        let mut names = std::iter::once(name.clone()).chain(numbered);
        names.find(|name| !taken(name)).unwrap_or(name).into()
    }

    fn name_of(&self, client: &Client) -> Option<&Name> {
        let broker = self.vhosts.get(client.vhost?)?.host.world().broker();
        Some(&broker.connection(client.session.connection()?)?.name)
    }

    fn say(&mut self, now: Micros, id: SessionId, said: Said) {
        let Some(place) = self.clients.get(&id).and_then(|client| client.vhost) else {
            return;
        };
        let Some(vhost) = self.vhosts.get_mut(place) else {
            return;
        };
        let answer = vhost.host.hear(now, said);
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let last = client.session.answers_last();
        match &answer {
            Ok(Reply::NotRead) => client.session.pause(),
            Ok(reply) if !last => client.session.answered(reply),
            _ => {}
        }
        self.carry(Some(place), Some(id));
        if let (Ok(reply), true, Some(client)) = (&answer, last, self.clients.get_mut(&id)) {
            client.session.answered(reply);
        }
    }

    /// Ends a connection, of whose end its client knows.
    fn hang_up(&mut self, now: Micros, id: SessionId, how: Hangup) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let (Some(place), Some(connection)) = (client.vhost.take(), client.session.connection())
        else {
            return;
        };
        if let Some(vhost) = self.vhosts.get_mut(place)
            && vhost.clients.remove(&connection).is_some()
        {
            // It may have been closed already.
            let _ = vhost.host.hear(now, Said::Hangup { connection, how });
            self.carry(Some(place), Some(id));
        }
    }

    /// A client's connection is gone.
    pub fn disconnect(&mut self, now: Micros, id: SessionId) {
        self.hang_up(now, id, Hangup::Lost);
        self.clients.remove(&id);
        self.touched.remove(&id);
        while let Some(next) = self.resumed.pop() {
            self.go_on(now, next);
        }
    }

    /// Closes all connections, since the server ends (C13).
    pub fn shut_down(&mut self, now: Micros) {
        let text = "broker forced connection closure with reason 'shutdown'";
        let refusal = Refusal::new(ReplyCode::ConnectionForced, "C13", text);
        let ids: Vec<_> = self.clients.keys().copied().collect();
        for id in ids {
            self.hang_up(now, id, Hangup::Lost);
            if let Some(client) = self.clients.get_mut(&id) {
                client.session.nothing_said();
                client.session.close_connection(Some(&refusal));
                client.session.give_up();
                self.touched.insert(id);
            }
        }
    }

    /// A hand does something to a virtual host.
    pub fn apply(&mut self, now: Micros, vhost: &str, input: Input) {
        let place = self.vhosts.iter().position(|it| it.name == *vhost);
        if let Some(vhost) = place.and_then(|place| self.vhosts.get_mut(place)) {
            vhost.host.apply(now, input);
        }
        self.carry(place, None);
        while let Some(next) = self.resumed.pop() {
            self.go_on(now, next);
        }
    }

    /// Lets what is due by now happen. Connections whose time is over are closed.
    pub fn tick(&mut self, now: Micros) {
        for place in 0..self.vhosts.len() {
            if let Some(vhost) = self.vhosts.get_mut(place) {
                vhost.host.run_until(now);
            }
            self.carry(Some(place), None);
        }
        let mut over = Vec::new();
        for (&id, client) in &mut self.clients {
            if !client.session.tick(now) {
                over.push(id);
            } else if !client.session.out.is_empty() {
                self.touched.insert(id);
            }
        }
        for id in over {
            self.hang_up(now, id, Hangup::Lost);
            if let Some(client) = self.clients.get_mut(&id) {
                client.session.close_connection(None);
                client.session.give_up();
                self.touched.insert(id);
            }
        }
        while let Some(next) = self.resumed.pop() {
            self.go_on(now, next);
        }
    }

    /// When [`tick`](Self::tick) has something to do for a broker.
    pub fn next_at(&self) -> Option<Micros> {
        let hosts = self.vhosts.iter();
        hosts.filter_map(|it| it.host.world().next_at()).min()
    }

    /// Those for whom there is something to be sent, or whose connection is over, since this was asked last.
    pub fn take_touched(&mut self) -> BTreeSet<SessionId> {
        std::mem::take(&mut self.touched)
    }

    /// What is to be sent to a client; whoever asks has it, and says [`sent`](Self::sent) when the client has.
    pub fn output(&mut self, now: Micros, id: SessionId) -> Vec<u8> {
        let client = self.clients.get_mut(&id);
        client.map_or_else(Vec::new, |client| client.session.take_out(now))
    }

    /// All that was to be sent has been taken by the client.
    pub fn sent(&mut self, now: Micros, id: SessionId) {
        let Some(client) = self.clients.get(&id) else {
            return;
        };
        let (Some(place), Some(connection)) = (client.vhost, client.session.connection()) else {
            return;
        };
        if let Some(vhost) = self.vhosts.get_mut(place)
            && client.session.out.is_empty()
            && vhost.host.world().broker().waits_for(connection)
        {
            let _ = vhost.host.hear(now, Said::Taken(connection));
            self.carry(Some(place), None);
        }
    }

    /// Whether a client's connection is over once all is sent.
    pub fn is_over(&self, id: SessionId) -> bool {
        let client = self.clients.get(&id);
        client.is_none_or(|client| client.session.stage() == Stage::Closed)
    }

    /// Whether more of what a client sends can be taken.
    pub fn reads(&self, id: SessionId) -> bool {
        let client = self.clients.get(&id);
        client.is_some_and(|client| client.session.reads())
    }

    /// What a client is called, its user and its address, once its connection is open.
    pub fn introduction(&self, id: SessionId) -> Option<(Name, Name, String)> {
        let client = self.clients.get(&id)?;
        let name = self.name_of(client)?.clone();
        let user = client.session.user().clone();
        Some((name, user, client.peer.address.clone()))
    }

    /// Writes what the broker sends to its clients. `speaker` is the one whose method is being carried out.
    fn carry(&mut self, place: Option<usize>, speaker: Option<SessionId>) {
        let Some(vhost) = place.and_then(|place| self.vhosts.get_mut(place)) else {
            return;
        };
        for outgoing in vhost.host.take_sent() {
            let broker = vhost.host.world().broker();
            let of = |id: ChannelId| {
                let channel = broker.channel(id)?;
                Some((channel.connection, channel.number))
            };
            let consumer = |id| broker.consumer(id);
            let to = match &outgoing {
                Outgoing::Delivery(delivery) => of(delivery.channel),
                Outgoing::Cancel { consumer: id, .. } => consumer(*id).and_then(|it| of(it.channel)),
                Outgoing::Return { channel, .. }
                | Outgoing::Confirm { channel, .. }
                | Outgoing::CloseChannel { channel, .. } => of(*channel),
                Outgoing::Blocked { connection, .. }
                | Outgoing::Readable { connection, .. }
                | Outgoing::CloseConnection { connection, .. } => Some((*connection, 0)),
                Outgoing::Transit(_) | Outgoing::Letter(_) => None,
            };
            let Some((connection, number)) = to else {
                continue;
            };
            let Some(&id) = vhost.clients.get(&connection) else {
                continue;
            };
            let Some(client) = self.clients.get_mut(&id) else {
                continue;
            };
            self.touched.insert(id);
            let session = &mut client.session;
            match outgoing {
                Outgoing::Delivery(delivery) => {
                    if let Some(consumer) = delivery.consumer.and_then(consumer) {
                        session.deliver(number, &consumer.tag, &delivery);
                    }
                }
                Outgoing::Cancel { consumer: id, .. } => {
                    if let Some(consumer) = consumer(id) {
                        session.cancel(number, &consumer.tag);
                    }
                }
                Outgoing::Return { message, .. } => session.hand_back(number, &message),
                Outgoing::Confirm {
                    sequence,
                    multiple,
                    ack,
                    ..
                } => session.confirm(number, sequence, multiple, ack),
                Outgoing::CloseChannel { refusal, .. } => {
                    session.close_channel(number, &refusal, speaker == Some(id));
                }
                Outgoing::Blocked { reason, .. } => session.block(reason),
                Outgoing::Readable { .. } => {
                    session.resume();
                    self.resumed.push(id);
                }
                Outgoing::CloseConnection { refusal, .. } => {
                    if speaker != Some(id) {
                        session.nothing_said();
                    }
                    vhost.clients.remove(&connection);
                    client.vhost = None;
                    session.close_connection(refusal.as_ref());
                }
                Outgoing::Transit(_) | Outgoing::Letter(_) => {}
            }
        }
    }
}
