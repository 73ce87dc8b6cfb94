//! The broker itself: commands in, replies, events and what is sent out.

mod audit;
mod confirm;
mod connections;
mod consumers;
mod death;
mod declare;
mod delete;
mod dispatch;
mod forget;
mod keep;
mod limits;
mod operate;
mod passing;
mod permit;
mod publish;
mod restart;
mod serve;
mod settle;
mod stream;
mod timers;
mod totals;
mod transact;
mod under_way;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

pub use audit::Broken;
pub use totals::Totals;

use super::channel::Channel;
use super::connection::Connection;
use super::consumer::Consumer;
use super::policy::PolicySet;
use super::queue::Queue;
use super::transaction::Settle;
use super::{
    Alarm, ChannelId, Command, ConnectionId, ConsumerId, CopyId, Definitions, EventId, ExchangeId,
    Message, MessageId, Method, Micros, Name, Outlet, Profile, Publication, QueueId, QueueKind,
    Queued, Refusal, Register, Reply, ReplyCode, Route, Switches, Users,
};

/// What a broker is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// Which RabbitMQ it behaves as.
    pub profile: Profile,
    /// Its one virtual host's name.
    pub vhost: Name,
    /// Where all chance comes from (E16).
    pub seed: u64,
    /// Whether copies and dead messages are on their way until [`Command::Arrive`] and [`Command::DeadLetter`] say that
    /// they are there, rather than there at once.
    pub on_the_way: bool,
    /// How long it takes until a persistent message in a durable queue is written (P7, R6).
    pub write_delay: Micros,
    /// After so many octets of deliveries a connection is sent no more until [`Command::Taken`] says that its client has
    /// taken them; without it, there is no end, as there is none to a network that is not real.
    pub window: Option<u64>,
    /// Where clients are real: when the broker's time began, in seconds since 1970. What it tells of times is true then,
    /// and the names it makes up look as RabbitMQ's do, which some clients count on.
    pub began: Option<u64>,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            vhost: "/".into(),
            seed: 0,
            on_the_way: false,
            write_delay: Micros::ZERO,
            window: None,
            began: None,
        }
    }
}

/// A broker with one virtual host.
///
/// A state machine: [`handle`](Self::handle) takes a command and changes the state; what the change brings about is
/// told to the [`Outlet`] before it returns. Between two commands nothing happens, except that time goes on:
/// [`next_due`](Self::next_due) says when [`Command::Tick`] has something to do. Definitions, policies, users and
/// messages are shared between clones.
#[derive(Clone, Debug)]
pub struct Broker {
    configuration: Configuration,
    now: Micros,
    up: bool,
    /// Whether it was shut down rather than crashed when it went down last.
    clean: bool,
    going_down: bool,
    alarms: BTreeSet<Alarm>,
    definitions: Arc<Definitions>,
    policies: Arc<PolicySet>,
    users: Arc<Users>,
    connections: Register<Connection>,
    channels: Register<Channel>,
    consumers: Register<Consumer>,
    gone: forget::Gone,
    queues: Vec<Queue>,
    on_the_way: BTreeMap<CopyId, OnTheWay>,
    letters: BTreeMap<CopyId, Letter>,
    /// Letters that go on at the end of the command, if nothing is on its way for long.
    letters_now: VecDeque<(CopyId, EventId)>,
    /// Dead messages that at-least-once dead-lettering keeps (D6).
    kept: BTreeMap<CopyId, Kept>,
    /// Those of them that wait from now on, not told yet.
    kept_now: Vec<(CopyId, EventId)>,
    /// Those that do so no longer since this command.
    released_now: Vec<(Queued, EventId)>,
    /// Copies in durable queues that are not written yet.
    unwritten: BTreeMap<CopyId, Unwritten>,
    due: BTreeSet<(Micros, Due)>,
    /// When deliveries are looked at that may have been unacked for too long (S15).
    ack_check: Option<Micros>,
    /// How many deliveries are unacked in all.
    unacked: usize,
    /// How many entries of streams are with readers that have not acknowledged them.
    reading: usize,
    /// Channels that have something to tell their publisher.
    confirming: BTreeMap<ChannelId, EventId>,
    /// Channels a committed publish of which a queue turned away (P11).
    partial: BTreeMap<ChannelId, EventId>,
    reply_addresses: u64,
    /// Messages that exchanges keep until their time has come (E45), in the order in which they came.
    waiting: BTreeMap<u64, passing::Waiting>,
    /// How many there have been.
    waited: u64,
    /// What exchanges remember, the oldest first (E44).
    histories: BTreeMap<ExchangeId, VecDeque<Message>>,
    totals: Totals,
    route: Route,
}

/// A copy between an exchange and its queue.
#[derive(Clone, Debug)]
struct OnTheWay {
    queue: QueueId,
    message: Message,
    owed: Option<Owed>,
    /// Who gets credit when it arrives (F1).
    connection: Option<ConnectionId>,
}

/// A dead message between its queue and the dead-letter exchange.
#[derive(Clone, Debug)]
struct Letter {
    message: Message,
    queue: QueueId,
    exchange: ExchangeId,
    reason: super::DeathReason,
}

/// A dead message that its queue keeps until every queue it goes to has taken it (D6).
#[derive(Clone, Debug)]
struct Kept {
    /// As it was when it died.
    message: Message,
    queue: QueueId,
    reason: super::DeathReason,
    died: Micros,
    /// Queues that have taken it.
    taken: BTreeSet<QueueId>,
    /// How many have not answered yet.
    waiting: usize,
    /// Whether one of them turned it away.
    refused: bool,
    /// When it is tried again, if it waits for that.
    again: Option<Micros>,
}

/// To whom a copy's fate is owed.
#[derive(Clone, Copy, Debug)]
enum Owed {
    /// To the publisher on that channel, for its publish of that number.
    Publish(ChannelId, u64),
    /// To the transaction that was committed on that channel (P11).
    Commit(ChannelId),
    /// To the queue that keeps that dead copy; it came to this queue.
    Letter(CopyId, QueueId),
}

/// A copy that is not written yet.
#[derive(Clone, Debug)]
struct Unwritten {
    at: Micros,
    owed: Option<Owed>,
}

/// What has its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// A queue's clocks: expiry, lease, delayed retries.
    Queue(QueueId),
    /// A copy is written.
    Written(CopyId),
    /// A kept dead message is tried again.
    Kept(CopyId),
    /// A message that waits at an exchange goes on.
    Waiting(u64),
}

impl Default for Broker {
    fn default() -> Self {
        Self::new(Configuration::default())
    }
}

/// What there is.
impl Broker {
    /// A broker with the predeclared exchanges (E1), the user `guest`, and nothing else.
    pub fn new(configuration: Configuration) -> Self {
        Self {
            now: Micros::ZERO,
            up: true,
            clean: true,
            going_down: false,
            alarms: BTreeSet::new(),
            definitions: Arc::new(Definitions::new(
                configuration.vhost.clone(),
                configuration.began,
            )),
            policies: Arc::default(),
            users: Arc::new(Users::new(configuration.vhost.clone())),
            connections: Register::default(),
            channels: Register::default(),
            consumers: Register::default(),
            gone: forget::Gone::default(),
            queues: Vec::new(),
            on_the_way: BTreeMap::new(),
            letters: BTreeMap::new(),
            letters_now: VecDeque::new(),
            kept: BTreeMap::new(),
            kept_now: Vec::new(),
            released_now: Vec::new(),
            unwritten: BTreeMap::new(),
            due: BTreeSet::new(),
            ack_check: None,
            unacked: 0,
            reading: 0,
            confirming: BTreeMap::new(),
            partial: BTreeMap::new(),
            reply_addresses: 0,
            waiting: BTreeMap::new(),
            waited: 0,
            histories: BTreeMap::new(),
            totals: Totals::default(),
            route: Route::default(),
            configuration,
        }
    }

    /// What it was started with.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// What its release does its own way.
    pub fn switches(&self) -> &'static Switches {
        self.configuration.profile.switches()
    }

    /// The time of the last command.
    pub fn now(&self) -> Micros {
        self.now
    }

    /// Whether it is up.
    pub fn is_up(&self) -> bool {
        self.up
    }

    /// The alarms that are on (F2).
    pub fn alarms(&self) -> &BTreeSet<Alarm> {
        &self.alarms
    }

    /// Exchanges, bindings and what is declared of queues.
    pub fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// The policies.
    pub fn policies(&self) -> &PolicySet {
        &self.policies
    }

    /// The users.
    pub fn users(&self) -> &Users {
        &self.users
    }

    /// All queues there ever were, in the order of their declaration.
    pub fn queues(&self) -> &[Queue] {
        &self.queues
    }

    /// The queue with that number.
    pub fn queue(&self, id: QueueId) -> Option<&Queue> {
        self.queues.get(id.index())
    }

    /// All connections there ever were, but for those forgotten, in the order they were opened.
    pub fn connections(&self) -> &Register<Connection> {
        &self.connections
    }

    /// The connection with that number.
    pub fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        self.connections.get(id.index())
    }

    /// All channels there ever were, but for those forgotten, in the order they were opened.
    pub fn channels(&self) -> &Register<Channel> {
        &self.channels
    }

    /// The channel with that number in the broker.
    pub fn channel(&self, id: ChannelId) -> Option<&Channel> {
        self.channels.get(id.index())
    }

    /// All consumers there ever were, but for those forgotten, in the order they came.
    pub fn consumers(&self) -> &Register<Consumer> {
        &self.consumers
    }

    /// The consumer with that number.
    pub fn consumer(&self, id: ConsumerId) -> Option<&Consumer> {
        self.consumers.get(id.index())
    }

    /// Copies between an exchange and their queue, by number.
    pub fn on_the_way(&self) -> impl ExactSizeIterator<Item = (CopyId, QueueId)> + '_ {
        self.on_the_way
            .iter()
            .map(|(&copy, going)| (copy, going.queue))
    }

    /// Dead messages between their queue and the dead-letter exchange, by the copy that died.
    pub fn letters(&self) -> impl ExactSizeIterator<Item = (CopyId, QueueId, ExchangeId)> + '_ {
        self.letters
            .iter()
            .map(|(&copy, letter)| (copy, letter.queue, letter.exchange))
    }

    /// Dead messages that their queue keeps, by the copy that died, each with when it is tried again; without, it is on its
    /// way and not answered for yet (D6).
    pub fn kept(&self) -> impl ExactSizeIterator<Item = (CopyId, QueueId, Option<Micros>)> + '_ {
        self.kept
            .iter()
            .map(|(&copy, kept)| (copy, kept.queue, kept.again))
    }

    /// Copies delivered and not yet settled, each with the consumer that holds it, if it was not asked for (S3).
    pub fn unacked(&self) -> impl Iterator<Item = (CopyId, QueueId, Option<ConsumerId>)> + '_ {
        self.channels
            .iter()
            .flat_map(Channel::unacked)
            .filter(|unacked| !unacked.stays && !self.queues[unacked.queue.index()].deleted)
            .map(|unacked| (unacked.entry.copy, unacked.queue, unacked.consumer))
    }

    /// Whether any delivery waits for its acknowledgement, those of streams included.
    fn has_unacked(&self) -> bool {
        self.unacked + self.reading > 0
    }

    /// How many of each there have been.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Whether a consumer may be sent another delivery: by its own prefetch, by its channel's (S7, S8), and by what its
    /// client has taken.
    pub fn has_capacity(&self, consumer: &Consumer) -> bool {
        let channel = &self.channels[consumer.channel.index()];
        let classic = self.queues[consumer.queue.index()].kind == QueueKind::Classic;
        consumer.present
            && consumer.has_room()
            // One that does not acknowledge is held back by its channel too, as a live 4.0.5 has it.
            && (!classic || channel.limiter.has_room())
            && self.keeps_up(channel.connection)
    }

    /// Whether a connection is sent nothing more until its client has taken what it was ([`Command::Taken`]).
    pub fn waits_for(&self, connection: ConnectionId) -> bool {
        let there = self.connections.get(connection.index());
        there.is_some_and(|it| !it.closed) && !self.keeps_up(connection)
    }

    /// Whether a connection's client takes what it is sent.
    fn keeps_up(&self, connection: ConnectionId) -> bool {
        let untaken = self.connections[connection.index()].untaken;
        self.configuration
            .window
            .is_none_or(|window| untaken < window)
    }

    /// Roughly how much memory copies and definitions take, in octets. What was published is not in it: all copies share
    /// that, and whoever hands it over may count it ([`Gauge`](crate::broker::Gauge)).
    pub fn memory(&self) -> u64 {
        /// What is kept of a copy, roughly.
        const COPY: u64 = 100;
        let queues = self.queues.iter().filter(|queue| !queue.deleted);
        let queued = queues.map(|queue| queue.ready_len() + queue.kept + queue.delayed.len());
        let held = self.unacked + self.reading + self.on_the_way.len() + self.waiting.len();
        COPY * (queued.sum::<usize>() + held) as u64 + self.definitions.memory()
    }

    /// When [`Command::Tick`] has something to do next.
    pub fn next_due(&self) -> Option<Micros> {
        if !self.up {
            return None;
        }
        let check = self.ack_check.filter(|_| self.has_unacked());
        let due = self.due.first().map(|&(at, _)| at);
        due.into_iter().chain(check).min()
    }
}

/// What changes it.
impl Broker {
    /// Gives a publication its number. It is not in the broker before [`Method::Publish`].
    pub fn take(&mut self, publication: Arc<Publication>) -> Message {
        self.totals.messages += 1;
        Message {
            id: MessageId(self.totals.messages),
            publication,
            failures: 0,
        }
    }

    /// Carries a command out at a time, which is not before the last one's.
    ///
    /// # Errors
    /// A [`Refusal`] with RabbitMQ's reply code. Nothing has changed then, save for a `tx.commit` that a queue turned
    /// something of away (P11); see [`serve`](Self::serve) for what becomes of a client that is refused.
    pub fn handle(
        &mut self,
        now: Micros,
        command: Command,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        self.now = self.now.max(now);
        if !self.up && !matches!(command, Command::Operate(super::Operation::Start)) {
            return Err(Refusal::new(
                ReplyCode::ConnectionForced,
                "R8",
                "the broker is down",
            ));
        }
        let commits = match &command {
            Command::Call {
                channel,
                method: Method::TxCommit,
            } => Some(*channel),
            _ => None,
        };
        let reply = match command {
            Command::Call { channel, method } => self.call(channel, method, cause, out),
            Command::Arrive { copy } => {
                self.arrive(copy, cause, out);
                Ok(Reply::Done)
            }
            Command::DeadLetter { copy } => {
                self.route_letter(copy, cause, out);
                Ok(Reply::Done)
            }
            Command::OpenConnection {
                name,
                user,
                capabilities,
            } => self.open_connection(name, &user, capabilities, cause, out),
            Command::CloseConnection { connection, how } => {
                self.hang_up(connection, how, cause, out)
            }
            Command::OpenChannel { connection, number } => {
                self.open_channel(connection, number, cause, out)
            }
            Command::Taken { connection } => {
                self.taken(connection, cause, out);
                Ok(Reply::Done)
            }
            Command::Operate(operation) => self.operate(operation, cause, out),
            Command::Tick => {
                self.tick(cause, out);
                Ok(Reply::Done)
            }
        };
        self.finish(out);
        if self.partial.is_empty() {
            reply
        } else {
            self.tell_partial(commits, reply, out)
        }
    }

    /// Does what is left to the end of a command.
    fn finish(&mut self, out: &mut impl Outlet) {
        while let Some((copy, cause)) = self.letters_now.pop_front() {
            self.route_letter(copy, cause, out);
        }
        self.tell_kept(out);
        if !self.confirming.is_empty() {
            self.tell_confirms(out);
        }
    }

    fn call(
        &mut self,
        channel: ChannelId,
        method: Method,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        if let Some(there) = self.channels.get(channel.index())
            && there.closed_by_broker
        {
            return Ok(match method {
                Method::Close => Reply::Done, // It crosses the broker's own, and is answered.
                _ => Reply::Ignored,          // C11
            });
        }
        let connection = self.open(channel)?.connection;
        if !self.connections[connection.index()].is_read() {
            return Ok(Reply::NotRead); // F1, F3
        }
        match method {
            Method::Publish {
                message,
                mandatory,
                immediate,
            } => self.publish(channel, message, mandatory, immediate, cause, out),
            Method::Ack { tag, multiple } => {
                self.settle(channel, tag, multiple, Settle::Ack, cause, out)
            }
            Method::Reject { tag, requeue } => {
                let how = if requeue {
                    Settle::RejectBack
                } else {
                    Settle::RejectAway
                };
                self.settle(channel, tag, false, how, cause, out)
            }
            Method::Nack {
                tag,
                multiple,
                requeue,
            } => {
                let how = if requeue {
                    Settle::Nack
                } else {
                    Settle::NackAway
                };
                self.settle(channel, tag, multiple, how, cause, out)
            }
            Method::Recover { requeue } => self.recover(channel, requeue, cause, out),
            Method::Close => {
                self.end_channel(channel, super::Closing::ByClient, cause, out);
                Ok(Reply::Done)
            }
            Method::Flow { active } => self.flow(active),
            Method::DeclareExchange { spec, passive } => {
                self.declare_exchange(channel, &spec, passive, cause, out)
            }
            Method::DeleteExchange {
                exchange,
                if_unused,
            } => self.delete_exchange_for(channel, &exchange, if_unused, cause, out),
            Method::BindExchange {
                destination,
                source,
                key,
                arguments,
            } => self.bind_exchange(channel, &destination, &source, &key, &arguments, cause, out),
            Method::UnbindExchange {
                destination,
                source,
                key,
                arguments,
            } => self.unbind_exchange(channel, &destination, &source, &key, &arguments, cause, out),
            Method::DeclareQueue { spec, passive } => {
                self.declare_queue(channel, spec, passive, cause, out)
            }
            Method::BindQueue {
                queue,
                source,
                key,
                arguments,
            } => self.bind_queue(channel, &queue, &source, &key, &arguments, cause, out),
            Method::UnbindQueue {
                queue,
                source,
                key,
                arguments,
            } => self.unbind_queue(channel, &queue, &source, &key, &arguments, cause, out),
            Method::PurgeQueue { queue } => self.purge_for(channel, &queue, cause, out),
            Method::DeleteQueue {
                queue,
                if_unused,
                if_empty,
            } => self.delete_queue_for(channel, &queue, if_unused, if_empty, cause, out),
            Method::Qos {
                prefetch_size,
                prefetch,
                global,
            } => self.qos(channel, prefetch_size, prefetch, global, cause, out),
            Method::Consume {
                queue,
                tag,
                no_ack,
                exclusive,
                arguments,
            } => self.consume(
                channel, &queue, tag, no_ack, exclusive, &arguments, cause, out,
            ),
            Method::Cancel { tag } => self.cancel(channel, &tag, cause, out),
            Method::Get { queue, no_ack } => self.get(channel, &queue, no_ack, cause, out),
            Method::ConfirmSelect => self.confirm_select(channel),
            Method::TxSelect => self.tx_select(channel),
            Method::TxCommit => self.tx_commit(channel, cause, out),
            Method::TxRollback => self.tx_rollback(channel, cause, out),
        }
    }

    /// The channel, if it is open.
    fn open(&mut self, id: ChannelId) -> Result<&mut Channel, Refusal> {
        self.channels
            .get_mut(id.index())
            .filter(|channel| !channel.closed)
            .ok_or_else(|| {
                // C10
                Refusal::new(ReplyCode::ChannelError, "C10", "expected 'channel.open'")
            })
    }
}
