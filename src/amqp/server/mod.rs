//! All connections before one broker, and its virtual hosts.

mod entrance;
mod hands;
mod names;
mod room;
mod traffic;

use std::collections::{BTreeMap, BTreeSet};

use crate::broker::{
    ChannelId, ConnectionId, Gauge, Hangup, Micros, Name, Outgoing, Profile, Reply,
};
use crate::world::Said;

use super::host::Host;
use super::record::{Peer, Record, SessionId};
use super::session::{Request, Session, Stage};
use names::Names;
use traffic::Tap;
pub use traffic::{Speaker, Spoken};

/// Whom a server lets in, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// Which RabbitMQ it behaves as.
    pub profile: Profile,
    /// Each user's password.
    pub users: BTreeMap<Name, String>,
    /// The password with which anybody else comes in, under a name of their own.
    pub lesson: Option<String>,
    /// The most connections that are open at once, and the most besides that are on their way in or out.
    pub most_connections: usize,
    /// With more octets in use than this, memory runs short (F2).
    pub memory: u64,
}

impl Default for Configuration {
    /// Room for a class, and for half a gigabyte of messages.
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            users: BTreeMap::new(),
            lesson: None,
            most_connections: 1_000,
            memory: 512 * 1024 * 1024,
        }
    }
}

/// What a connection is to the server.
#[derive(Debug)]
struct Client {
    session: Session,
    peer: Peer,
    /// The virtual host it uses, by its place.
    vhost: Option<usize>,
    /// What it is called, once its connection was open.
    name: Option<Name>,
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
    /// Those of them that use no virtual host: on their way in, or out; the oldest first.
    passing: BTreeSet<SessionId>,
    names: Names,
    /// The memory of what clients publish.
    gauge: Gauge,
    /// Whether memory ran short.
    is_short: bool,
    /// Those who came under a name of their own, which the broker did not know before.
    guests: BTreeSet<Name>,
    connected: u64,
    /// Those for whom there is something to be sent, or whose connection is over.
    touched: BTreeSet<SessionId>,
    /// Those that the broker reads again.
    resumed: Vec<SessionId>,
    /// What came from outside since it was asked for last, if anybody asks.
    records: Option<Vec<(Micros, Record)>>,
    /// What is said on the connections, if anybody listens.
    tap: Option<Tap>,
    /// Whether whoever logs in is let in, by what a record says rather than by a password.
    verdicts: Option<BTreeMap<SessionId, bool>>,
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
            passing: BTreeSet::new(),
            names: Names::default(),
            gauge: Gauge::default(),
            is_short: false,
            guests: BTreeSet::new(),
            connected: 0,
            touched: BTreeSet::new(),
            resumed: Vec::new(),
            records: None,
            tap: None,
            verdicts: None,
        }
    }

    /// Remembers from now on all that comes from outside.
    pub fn keep_records(&mut self) {
        self.records = Some(Vec::new());
    }

    /// What came from outside since this was asked for last, in order, if it is remembered.
    pub fn take_records(&mut self) -> Vec<(Micros, Record)> {
        self.records
            .as_mut()
            .map(std::mem::take)
            .unwrap_or_default()
    }

    /// Does once more what a record says.
    pub fn replay(&mut self, at: Micros, record: Record) {
        match record {
            Record::Connected { session, peer } => {
                self.connected = session.0.saturating_sub(1);
                self.connect(at, peer);
            }
            Record::Login { session, accepted } => {
                let verdicts = self.verdicts.get_or_insert_default();
                verdicts.insert(session, accepted);
            }
            Record::Octets { session, octets } => _ = self.receive(at, session, &octets),
            Record::Gone { session } => self.disconnect(at, session),
            Record::Taken { session } => self.take(at, session),
            Record::Hand { vhost, hand } => self.act(at, &vhost, hand),
            Record::ShutDown => self.shut_down(at),
        }
        self.overhear_answers(at);
        self.touched.clear();
        for client in self.clients.values_mut() {
            client.session.take_out(at);
            client.session.taken();
        }
    }

    pub(super) fn note(&mut self, at: Micros, record: impl FnOnce() -> Record) {
        if let Some(records) = &mut self.records {
            records.push((at, record()));
        }
    }

    /// Lets anybody in with this password, under a name of their own, or nobody any more. `guest` is not meant.
    pub fn set_lesson(&mut self, password: Option<String>) {
        self.configuration.lesson = password;
    }

    /// Gives the server so much memory from now on, in octets (F2).
    pub fn set_memory(&mut self, octets: u64) {
        self.configuration.memory = octets;
    }

    /// The connection of the client that is called so.
    pub fn session_named(&self, name: &str) -> Option<SessionId> {
        let mut clients = self.clients.iter();
        let named = |it: &&Client| it.vhost.is_some() && it.name.as_deref() == Some(name);
        Some(*clients.find(|(_, it)| named(it))?.0)
    }

    /// A virtual host's world, to be asked for what it heard.
    pub fn host_mut(&mut self, vhost: &str) -> Option<&mut H> {
        let mut named = self.vhosts.iter_mut().filter(|it| it.name == *vhost);
        Some(&mut named.next()?.host)
    }

    /// A virtual host's world.
    pub fn host(&self, vhost: &str) -> Option<&H> {
        let mut named = self.vhosts.iter().filter(|it| it.name == *vhost);
        Some(&named.next()?.host)
    }

    /// The virtual hosts' worlds, once nobody is served any more.
    pub fn into_hosts(self) -> impl Iterator<Item = (Name, H)> {
        self.vhosts
            .into_iter()
            .map(|vhost| (vhost.name, vhost.host))
    }

    /// How many are connected.
    pub fn connections(&self) -> usize {
        self.clients.len()
    }

    /// A client connects. Who uses nothing yet, and is here the longest, makes room if there is none.
    pub fn connect(&mut self, now: Micros, peer: Peer) -> SessionId {
        if self.passing.len() >= self.configuration.most_connections {
            self.make_room(now);
        }
        self.connected += 1;
        let id = SessionId(self.connected);
        let session = id;
        self.note(now, || Record::Connected {
            session,
            peer: peer.clone(),
        });
        let mut session = Session::new(self.configuration.profile, now, self.gauge.clone());
        session.hold_back(self.is_short);
        if self.records.is_some() || self.tap.is_some() {
            session.keep_log();
        }
        let client = Client {
            session,
            peer,
            vhost: None,
            name: None,
        };
        self.clients.insert(id, client);
        self.passing.insert(id);
        id
    }

    /// What a client sent; how much it asks for by that.
    pub fn receive(&mut self, now: Micros, id: SessionId, octets: &[u8]) -> u32 {
        if let Some(client) = self.clients.get_mut(&id) {
            client.session.take(octets, now);
        }
        let asked = self.go_on(now, id);
        self.go_on_with_others(now);
        asked
    }

    /// Reads on in what a client sent; how much it asks for by that.
    fn go_on(&mut self, now: Micros, id: SessionId) -> u32 {
        let (mut heard, mut asked) = (0, 0);
        while let Some(client) = self.clients.get_mut(&id) {
            let request = client.session.read_on();
            self.overhear(now, id, &mut heard, request.as_ref());
            let Some(client) = self.clients.get_mut(&id) else {
                break;
            };
            let Some(request) = request else {
                if !client.session.out.is_empty() || client.session.stage() == Stage::Closed {
                    self.touched.insert(id);
                }
                break;
            };
            asked += 1;
            match request {
                Request::Login(credentials) => self.login(now, id, &credentials),
                Request::Open(vhost) => self.open(now, id, &vhost),
                Request::Say(said) => self.say(now, id, said),
                Request::Close => {
                    self.hang_up(now, id, Hangup::ByClient);
                    if let Some(client) = self.clients.get_mut(&id) {
                        client.session.close_ok();
                    }
                }
            }
            self.overhear_answers(now);
        }
        self.overhear_answers(now);
        if let Some(client) = self.clients.get_mut(&id) {
            let octets = client.session.take_log();
            if !octets.is_empty() {
                let session = id;
                self.note(now, || Record::Octets { session, octets });
            }
        }
        asked
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
    pub(super) fn hang_up(&mut self, now: Micros, id: SessionId, how: Hangup) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let (Some(place), Some(connection)) = (client.vhost.take(), client.session.connection())
        else {
            return;
        };
        self.passing.insert(id);
        if let Some(name) = &client.name {
            self.names.give_back(name);
        }
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
        // That it was given up may be noted already.
        if !self.is_over(id) {
            let session = id;
            self.note(now, || Record::Gone { session });
        }
        self.hang_up(now, id, Hangup::Lost);
        self.clients.remove(&id);
        self.passing.remove(&id);
        self.touched.remove(&id);
        self.go_on_with_others(now);
    }

    /// Reads on in what those sent who are read again.
    pub(super) fn go_on_with_others(&mut self, now: Micros) {
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
            if let Some(vhost) = self.vhosts.get_mut(place) {
                vhost.host.forget_gone();
            }
        }
        self.watch_memory(now);
        let mut over = Vec::new();
        for (&id, client) in &mut self.clients {
            if !client.session.tick(now) {
                over.push(id);
            } else if !client.session.out.is_empty() {
                self.touched.insert(id);
            }
        }
        for id in over {
            self.give_up(now, id);
        }
        self.go_on_with_others(now);
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
        self.overhear_answers(now);
        let client = self.clients.get_mut(&id);
        client.map_or_else(Vec::new, |client| client.session.take_out(now))
    }

    /// A client takes what was to be sent, though not all of it yet.
    pub fn is_taking(&mut self, now: Micros, id: SessionId) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.session.takes(now);
        }
    }

    /// All that was to be sent has been taken by the client.
    pub fn sent(&mut self, now: Micros, id: SessionId) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.session.taken();
        }
        let waits = self.clients.get(&id).is_some_and(|client| {
            let broker = client
                .vhost
                .and_then(|place| Some(self.vhosts.get(place)?.host.world().broker()));
            let waits = broker.zip(client.session.connection());
            client.session.out.is_empty() && waits.is_some_and(|(broker, it)| broker.waits_for(it))
        });
        if waits {
            let session = id;
            self.note(now, || Record::Taken { session });
            self.take(now, id);
        }
        self.go_on(now, id);
        self.go_on_with_others(now);
    }

    fn take(&mut self, now: Micros, id: SessionId) {
        let client = self.clients.get(&id);
        let Some((place, connection)) = client.and_then(|it| it.vhost.zip(it.session.connection()))
        else {
            return;
        };
        if let Some(vhost) = self.vhosts.get_mut(place) {
            // A connection that is open takes what it is sent.
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
        let name = client.name.clone()?;
        let user = client.session.user().clone();
        Some((name, user, client.peer.address.clone()))
    }

    /// Writes what the broker sends to its clients. `speaker` is the one whose method is being carried out.
    pub(super) fn carry(&mut self, place: Option<usize>, speaker: Option<SessionId>) {
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
                Outgoing::Cancel { consumer: id, .. } => {
                    consumer(*id).and_then(|it| of(it.channel))
                }
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
                    self.passing.insert(id);
                    if let Some(name) = &client.name {
                        self.names.give_back(name);
                    }
                    session.close_connection(refusal.as_ref());
                }
                Outgoing::Transit(_) | Outgoing::Letter(_) => {}
            }
        }
    }
}
