//! A program played on one server, and what its clients were told.
//!
//! After each step the player waits until the server has said all that it has to say of it, so what is told of a step depends
//! on no pace. What comes on one channel is told in the order in which it came, but for what RabbitMQ orders by chance: a
//! reply and a delivery come from processes of their own, and so do confirms, which it also gathers as it likes. So replies
//! stand first, then deliveries, returns, confirms by number, and what was cancelled.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::sleep;
use std::time::{Duration, Instant};

use amq_protocol::frame::AMQPFrame;
use amq_protocol::protocol::basic::AMQPProperties;
use amq_protocol::protocol::{AMQPClass, basic, channel, confirm, connection, exchange, queue, tx};
use amq_protocol::types::{AMQPValue, FieldArray, FieldTable, LongString, ShortString};
use anyhow::{Context as _, bail};

use super::step::{Act, Line, Program, Settling, Step, Which};
use super::wire::{Method, Wire};
use crate::words;

/// How long an answer may take that has to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// After this long, what a time to live is due to do in a timed program has been done.
const DUE: Duration = Duration::from_millis(400);
/// On how many connections a program runs.
const CONNECTIONS: usize = 2;
/// The watcher's channel that confirms.
const SENTINEL: u16 = 1;
/// The watcher's channel that takes what is left.
const DRAIN: u16 = 2;
/// The watcher's first channel that asks for a queue.
const ASKS: u16 = 10;

/// What was told of each step, in lines.
pub type Transcript = Vec<Told>;

/// What was told of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The step, in words.
    pub step: String,
    /// What came of it.
    pub lines: Vec<String>,
}

/// Plays programs on one server, one after the other.
#[derive(Debug)]
pub struct Player {
    address: String,
    /// What names begin with, so that several players share a server.
    prefix: String,
}

impl Player {
    /// A player on the server at `host:port`, among others with other names.
    pub fn new(address: &str, name: &str) -> Self {
        let (address, prefix) = (address.to_owned(), format!("{name}-"));
        Self { address, prefix }
    }

    /// A player on the server at an address such as `amqp://127.0.0.1:5672/%2f`.
    pub fn of(address: &str, name: &str) -> Self {
        Self::new(Self::host(address), name)
    }

    /// The host and port of such an address.
    pub fn host(address: &str) -> &str {
        let rest = address.strip_prefix("amqp://").unwrap_or(address);
        let rest = rest.rsplit_once('@').map_or(rest, |it| it.1);
        rest.split('/').next().unwrap_or(rest)
    }

    /// Plays a program. The more patience, the longer nothing has to come until nothing is taken to come.
    ///
    /// # Errors
    /// When the server is not there, or answers what no server may.
    pub fn play(&self, program: &Program, patience: u32) -> anyhow::Result<Transcript> {
        let mut stage = Stage::new(self, program, patience)?;
        let played = stage.play(program);
        let left = stage.clear_away();
        let told = played?;
        left?;
        Ok(told)
    }
}

/// A program on its way.
struct Stage<'a> {
    player: &'a Player,
    links: [Link; CONNECTIONS],
    watcher: Link,
    patience: u32,
    /// Whether some of its queues answer when their log is written, and not at once.
    slow: bool,
    timed: bool,
    queues: Vec<String>,
    streams: BTreeSet<String>,
    exchanges: BTreeSet<String>,
    /// What is known of each queue that was declared and is not gone.
    there: BTreeMap<String, Option<String>>,
    told_of: BTreeMap<String, String>,
}

/// One of its connections.
#[derive(Default)]
struct Link {
    wire: Option<Wire>,
    channels: BTreeMap<u16, Channel>,
    /// How it was ended by the server.
    end: Option<String>,
    /// Queues of whose messages nothing is told: how many are in a stream, RabbitMQ sees only from time to time.
    uncounted: BTreeSet<String>,
}

/// One of its channels.
#[derive(Default)]
struct Channel {
    open: bool,
    /// How many answers came.
    answers: usize,
    /// How many questions that change nothing are not yet answered.
    pings: usize,
    unsettled: Vec<u64>,
    /// Settled in a transaction that is not committed.
    undecided: Option<Vec<u64>>,
    /// What is confirmed next, if it confirms.
    confirms: Option<u64>,
    unconfirmed: BTreeSet<u64>,
    without_acks: BTreeSet<String>,
    gets_without_ack: bool,
    content: Option<Content>,
    heard: Heard,
}

/// A message that is coming in.
struct Content {
    what: What,
    exchange: String,
    key: String,
    redelivered: bool,
    properties: AMQPProperties,
    size: usize,
    body: Vec<u8>,
}

/// In what a message comes.
enum What {
    Delivery { consumer: String, tag: u64 },
    Got { tag: u64, left: u32 },
    Return { code: u16, text: String },
}

/// What a channel heard since it was last asked.
#[derive(Default)]
struct Heard {
    replies: Vec<String>,
    deliveries: Vec<String>,
    returns: Vec<String>,
    acks: BTreeSet<u64>,
    nacks: BTreeSet<u64>,
    cancels: BTreeSet<String>,
    end: Option<String>,
    something: bool,
}

impl<'a> Stage<'a> {
    fn new(player: &'a Player, program: &Program, patience: u32) -> anyhow::Result<Self> {
        let mut stage = Self {
            player,
            links: Default::default(),
            watcher: Link::default(),
            patience,
            slow: false,
            timed: program.timed,
            queues: Vec::new(),
            streams: BTreeSet::new(),
            exchanges: BTreeSet::new(),
            there: BTreeMap::new(),
            told_of: BTreeMap::new(),
        };
        for step in &program.steps {
            match &step.act {
                Act::DeclareQueue(it) => {
                    let name = it.queue.to_string();
                    let kind = it.arguments.inner().get("x-queue-type");
                    if let Some(AMQPValue::LongString(kind)) = kind {
                        stage.slow |= kind.as_bytes() != b"classic";
                        if kind.as_bytes() == b"stream" {
                            stage.streams.insert(name.clone());
                        }
                    }
                    if !stage.queues.contains(&name) {
                        stage.queues.push(name);
                    }
                }
                Act::DeclareExchange(it) => {
                    stage.exchanges.insert(it.exchange.to_string());
                }
                _ => {}
            }
        }
        stage.queues.sort();
        let streams = stage
            .streams
            .iter()
            .map(|it| format!("{}{it}", player.prefix));
        let uncounted: BTreeSet<_> = streams.collect();
        for link in stage.links.iter_mut().chain([&mut stage.watcher]) {
            link.uncounted = uncounted.clone();
        }
        stage.watcher.wire = Some(Wire::connect(&player.address)?);
        if stage.slow {
            stage.sentinel()?;
        }
        Ok(stage)
    }

    fn play(&mut self, program: &Program) -> anyhow::Result<Transcript> {
        let mut all = Vec::new();
        for step in &program.steps {
            let mut lines = self.step(step)?;
            self.settle()?;
            lines.extend(self.told(step.on));
            let step = step.to_string();
            all.push(Told { step, lines });
        }
        // Channels go one after the other: of those that go together, which is first is chance.
        for connection in 0..CONNECTIONS {
            let numbers: Vec<_> = self.links[connection].channels.keys().copied().collect();
            for number in numbers {
                let on = Line { connection, number };
                if !self.links[connection].is_open(number) {
                    continue;
                }
                self.close(on)?;
                self.settle()?;
                let step = format!("{on} is closed at the end");
                all.push(Told {
                    step,
                    lines: self.told(on),
                });
            }
            self.links[connection].leave();
        }
        self.settle()?;
        let on = Line {
            connection: 0,
            number: 1,
        };
        let (step, lines) = ("both connections end".to_owned(), self.told(on));
        all.push(Told { step, lines });
        for queue in self.queues.clone() {
            if self.there.contains_key(&queue) {
                let (step, lines) = (format!("what {queue} holds"), self.drained(&queue)?);
                all.push(Told { step, lines });
            }
        }
        Ok(all)
    }

    /// Does a step; tells what is to be said of it but for what the server says.
    fn step(&mut self, step: &Step) -> anyhow::Result<Vec<String>> {
        let on = step.on;
        let (link, number) = (on.connection, on.number);
        let mut lines = Vec::new();
        if let Act::Wait(millis) = step.act {
            sleep(Duration::from_millis(millis));
            return Ok(lines);
        }
        if let Act::CloseConnection = step.act {
            if self.links[link].wire.is_some() {
                // One after the other, as at the end.
                let numbers: Vec<_> = self.links[link].channels.keys().copied().collect();
                for number in numbers {
                    let on = Line { number, ..on };
                    if self.links[link].is_open(number) {
                        self.close(on)?;
                        self.settle()?;
                    }
                }
                self.links[link].leave();
            }
            return Ok(lines);
        }
        if let Act::CloseChannel = step.act {
            if self.links[link].is_open(number) {
                self.close(on)?;
            }
            return Ok(lines);
        }
        if self.links[link].wire.is_none() {
            self.links[link].wire = Some(Wire::connect(&self.player.address)?);
            self.links[link].end = None;
        }
        if !self.links[link].is_open(number) {
            self.links[link].open(number)?;
        }
        if let Act::DeclareQueue(it) = &step.act
            && !it.passive
        {
            self.there.entry(it.queue.to_string()).or_insert(None);
        }
        let prefix = self.player.prefix.clone();
        let own = Own(&prefix);
        let link = &mut self.links[link];
        match &step.act {
            Act::Publish {
                to,
                properties,
                bodies,
            } => {
                let mut to = to.clone();
                own.name(&mut to.exchange);
                own.name(&mut to.routing_key);
                let properties = own.properties(properties);
                for body in bodies {
                    if let Some(channel) = link.channels.get_mut(&number)
                        && let Some(next) = &mut channel.confirms
                    {
                        channel.unconfirmed.insert(*next);
                        *next += 1;
                    }
                    if let Some(wire) = &mut link.wire {
                        wire.publish(number, to.clone(), properties.clone(), body);
                    }
                }
            }
            Act::Settle(how, which) => {
                let Some(method) = link.settling(number, *how, *which) else {
                    lines.push("(nothing is unsettled)".to_owned());
                    return Ok(lines);
                };
                link.say(number, method);
            }
            act => {
                let Some(method) = own.method(act) else {
                    bail!("{act} is no method");
                };
                if let Act::Get(it) = act
                    && let Some(channel) = link.channels.get_mut(&number)
                {
                    channel.gets_without_ack = it.no_ack;
                }
                if let Act::Consume(it) = act
                    && let Some(channel) = link.channels.get_mut(&number)
                {
                    let tag = it.consumer_tag.to_string();
                    if it.no_ack {
                        channel.without_acks.insert(tag);
                    } else {
                        channel.without_acks.remove(&tag);
                    }
                }
                if let Act::Recover(true) = act
                    && let Some(channel) = link.channels.get_mut(&number)
                {
                    // What comes while the answer is awaited is new.
                    channel.unsettled.clear();
                }
                let end = link.ask(number, method);
                if end.is_err() {
                    lines.push("no answer".to_owned());
                }
                link.changed_by(number, act);
            }
        }
        Ok(lines)
    }

    /// Closes a channel.
    fn close(&mut self, on: Line) -> anyhow::Result<()> {
        let link = &mut self.links[on.connection];
        let close = channel::Close {
            reply_code: 200,
            reply_text: "".into(),
            class_id: 0,
            method_id: 0,
        };
        link.say(on.number, channel::AMQPMethod::Close(close));
        link.until(PATIENCE, |link| !link.is_open(on.number))
            .with_context(|| format!("{on} cannot be closed"))
    }

    /// Waits until the server has said all.
    fn settle(&mut self) -> anyhow::Result<()> {
        if self.timed {
            sleep(DUE);
        }
        let (times, gap) = if self.slow { (3, 12) } else { (2, 4) };
        let mut quiet = 0;
        for _ in 0..200 {
            let mut changed = false;
            if self.slow {
                self.sentinel()?;
            }
            for link in &mut self.links {
                link.ping();
                for channel in link.channels.values_mut() {
                    changed |= std::mem::take(&mut channel.heard.something);
                }
            }
            changed |= self.watch()?;
            quiet = if changed { 0 } else { quiet + 1 };
            if quiet >= times * self.patience {
                return Ok(());
            }
            sleep(Duration::from_millis(gap));
        }
        bail!("the server does not come to rest")
    }

    /// Waits until a quorum queue of our own has written something: what others were told before is then written too.
    fn sentinel(&mut self) -> anyhow::Result<()> {
        let name = format!("{}sentinel", self.player.prefix);
        let watcher = &mut self.watcher;
        if !watcher.is_open(SENTINEL) {
            watcher.open(SENTINEL)?;
            let mut arguments = FieldTable::default();
            let kind = AMQPValue::LongString("quorum".into());
            arguments.insert("x-queue-type".into(), kind);
            arguments.insert("x-max-length".into(), AMQPValue::LongInt(1));
            let declare = queue::Declare {
                queue: name.as_str().into(),
                durable: true,
                arguments,
                ..queue::Declare::default()
            };
            watcher.ask(SENTINEL, queue::AMQPMethod::Declare(declare))?;
            let select = confirm::Select { nowait: false };
            watcher.ask(SENTINEL, confirm::AMQPMethod::Select(select))?;
            if let Some(channel) = watcher.channels.get_mut(&SENTINEL) {
                channel.confirms = Some(1);
            }
        }
        let publish = basic::Publish {
            routing_key: name.as_str().into(),
            ..basic::Publish::default()
        };
        if let Some(channel) = watcher.channels.get_mut(&SENTINEL) {
            channel.unconfirmed.insert(0);
        }
        if let Some(wire) = &mut watcher.wire {
            wire.publish(SENTINEL, publish, AMQPProperties::default(), "s");
        }
        let confirmed = watcher.until(PATIENCE, |link| {
            link.channels
                .get(&SENTINEL)
                .is_none_or(|it| it.unconfirmed.is_empty())
        });
        confirmed.context("a quorum queue does not confirm")
    }

    /// Asks for each queue. Whether something is otherwise than before.
    fn watch(&mut self) -> anyhow::Result<bool> {
        let asked: Vec<_> = self.there.keys().cloned().collect();
        let mut asks = Vec::new();
        for queue in asked {
            let at = self.queues.iter().position(|it| *it == queue);
            let number = ASKS + at.context("a queue that is none of ours")? as u16;
            if !self.watcher.is_open(number) {
                self.watcher.open(number)?;
            }
            let declare = queue::Declare {
                queue: format!("{}{queue}", self.player.prefix).into(),
                passive: true,
                ..queue::Declare::default()
            };
            let before = self.watcher.answers(number);
            self.watcher
                .say(number, queue::AMQPMethod::Declare(declare));
            asks.push((queue, number, before));
        }
        let mut changed = false;
        for (queue, number, before) in asks {
            let answered = self.watcher.until(PATIENCE, |link| {
                !link.is_open(number) || link.answers(number) > before
            });
            answered.with_context(|| format!("nobody tells of {queue}"))?;
            let heard = self.watcher.channels.get_mut(&number);
            let heard = heard.map(|it| std::mem::take(&mut it.heard));
            let heard = heard.unwrap_or_default();
            let now = match heard.end {
                Some(end) if end.starts_with("404") => GONE.to_owned(),
                Some(end) if end.starts_with("405") => "is somebody's own".to_owned(),
                Some(end) => end,
                None => heard.replies.join(", "),
            };
            let before = self.there.get(&queue).cloned().flatten();
            if before.as_ref() != Some(&now) {
                changed = true;
                self.there.insert(queue, Some(now));
            }
        }
        Ok(changed)
    }

    /// What was heard, of whom does something first.
    fn told(&mut self, first: Line) -> Vec<String> {
        let mut lines = Vec::new();
        let mut all: Vec<_> = (0..CONNECTIONS)
            .flat_map(|connection| {
                let numbers = self.links[connection].channels.keys();
                numbers.map(move |number| Line {
                    connection,
                    number: *number,
                })
            })
            .collect();
        all.sort_by_key(|line| (*line != first, *line));
        for line in all {
            let link = &mut self.links[line.connection];
            if let Some(channel) = link.channels.get_mut(&line.number) {
                let heard = std::mem::take(&mut channel.heard).lines();
                lines.extend(heard.into_iter().map(|it| format!("{line} {it}")));
            }
        }
        for (at, link) in self.links.iter_mut().enumerate() {
            if let Some(end) = link.end.take() {
                let letter = (b'a' + at as u8) as char;
                lines.push(format!("connection {letter} is closed: {end}"));
                link.wire = None;
                link.channels.clear();
            }
        }
        // What was told of a queue is told again only when it is otherwise.
        for (queue, now) in &self.there {
            if let Some(now) = now
                && self.told_of.get(queue) != Some(now)
            {
                lines.push(format!("{queue} {now}"));
                self.told_of.insert(queue.clone(), now.clone());
            }
        }
        let told_of = &self.told_of;
        let is_gone = |queue: &String| told_of.get(queue).is_some_and(|it| it == GONE);
        self.there.retain(|queue, _| !is_gone(queue));
        let prefix = &self.player.prefix;
        lines
            .iter()
            .map(|line| line.replace(prefix.as_str(), ""))
            .collect()
    }

    /// Takes all that is in a queue.
    fn drained(&mut self, queue: &str) -> anyhow::Result<Vec<String>> {
        let watcher = &mut self.watcher;
        watcher.open(DRAIN)?;
        let name = ShortString::from(format!("{}{queue}", self.player.prefix));
        if self.streams.contains(queue) {
            let qos = basic::Qos {
                prefetch_count: 500,
                global: false,
            };
            watcher.ask(DRAIN, basic::AMQPMethod::Qos(qos))?;
            let mut arguments = FieldTable::default();
            let first = AMQPValue::LongString("first".into());
            arguments.insert("x-stream-offset".into(), first);
            let consume = basic::Consume {
                queue: name,
                consumer_tag: "all".into(),
                arguments,
                ..basic::Consume::default()
            };
            watcher.ask(DRAIN, basic::AMQPMethod::Consume(consume))?;
            for _ in 0..4 * self.patience {
                sleep(Duration::from_millis(20));
                watcher.ping();
            }
        } else {
            for _ in 0..500 {
                let get = basic::Get {
                    queue: name.clone(),
                    no_ack: true,
                };
                if let Some(channel) = watcher.channels.get_mut(&DRAIN) {
                    channel.gets_without_ack = true;
                }
                watcher.ask(DRAIN, basic::AMQPMethod::Get(get))?;
                let channel = watcher.channels.get(&DRAIN);
                let empty = |it: &Channel| it.heard.replies.iter().any(|it| it == EMPTY);
                if channel.is_none_or(|it| !it.open || empty(it)) {
                    break;
                }
            }
        }
        let heard = watcher.channels.remove(&DRAIN).unwrap_or_default();
        let lines = heard.heard.lines();
        if heard.open {
            let close = channel::Close {
                reply_code: 200,
                reply_text: "".into(),
                class_id: 0,
                method_id: 0,
            };
            watcher.channels.insert(
                DRAIN,
                Channel {
                    open: true,
                    ..Channel::default()
                },
            );
            watcher.say(DRAIN, channel::AMQPMethod::Close(close));
            watcher.until(PATIENCE, |link| !link.is_open(DRAIN))?;
        }
        let prefix = &self.player.prefix;
        let lines = lines.iter().filter(|it| *it != EMPTY);
        Ok(lines
            .map(|line| line.replace(prefix.as_str(), ""))
            .collect())
    }

    /// Deletes what it made.
    fn clear_away(&mut self) -> anyhow::Result<()> {
        for link in &mut self.links {
            link.leave();
        }
        let prefix = self.player.prefix.clone();
        let mut queues = self.queues.clone();
        queues.push("sentinel".to_owned());
        for queue in queues {
            if !self.watcher.is_open(DRAIN) {
                self.watcher.open(DRAIN)?;
            }
            let delete = queue::Delete {
                queue: format!("{prefix}{queue}").into(),
                ..queue::Delete::default()
            };
            self.watcher.ask(DRAIN, queue::AMQPMethod::Delete(delete))?;
        }
        for exchange in &self.exchanges {
            if !exchange.starts_with('x') {
                continue;
            }
            if !self.watcher.is_open(DRAIN) {
                self.watcher.open(DRAIN)?;
            }
            let delete = exchange::Delete {
                exchange: format!("{prefix}{exchange}").into(),
                ..exchange::Delete::default()
            };
            self.watcher
                .ask(DRAIN, exchange::AMQPMethod::Delete(delete))?;
        }
        self.watcher.leave();
        Ok(())
    }
}

/// What is told of a queue that was there.
const GONE: &str = "is gone";
/// What basic.get says of an empty queue.
const EMPTY: &str = "empty";

impl Link {
    fn is_open(&self, number: u16) -> bool {
        self.channels.get(&number).is_some_and(|it| it.open)
    }

    fn answers(&self, number: u16) -> usize {
        self.channels.get(&number).map_or(0, |it| it.answers)
    }

    fn say(&mut self, number: u16, method: impl Into<Method>) {
        if let Some(wire) = &mut self.wire {
            wire.say(number, method);
        }
    }

    fn open(&mut self, number: u16) -> anyhow::Result<()> {
        let heard = self.channels.remove(&number).unwrap_or_default().heard;
        let new = Channel {
            heard,
            ..Channel::default()
        };
        self.channels.insert(number, new);
        self.say(number, channel::AMQPMethod::Open(channel::Open {}));
        self.until(PATIENCE, |link| link.is_open(number))
            .context("a channel cannot be opened")
    }

    /// Says something that is answered, and waits until it is, or the channel or the connection ends.
    fn ask(&mut self, number: u16, method: impl Into<Method>) -> anyhow::Result<()> {
        let before = self.answers(number);
        self.say(number, method);
        self.until(PATIENCE, |link| {
            !link.is_open(number) || link.answers(number) > before
        })
    }

    /// Asks what changes nothing on each channel, and waits until it is answered.
    fn ping(&mut self) {
        let open: Vec<_> = self
            .channels
            .iter()
            .filter(|it| it.1.open)
            .map(|it| *it.0)
            .collect();
        for number in &open {
            if let Some(channel) = self.channels.get_mut(number) {
                channel.pings += 1;
            }
            let flow = channel::Flow { active: true };
            self.say(*number, channel::AMQPMethod::Flow(flow));
        }
        let answered = self.until(PATIENCE, |link| {
            link.channels.values().all(|it| !it.open || it.pings == 0)
        });
        if answered.is_err() {
            self.end = Some("no answer".to_owned());
        }
    }

    /// Reads until something is so.
    fn until(&mut self, patience: Duration, so: impl Fn(&Self) -> bool) -> anyhow::Result<()> {
        let until = Instant::now() + patience;
        loop {
            if so(self) || self.end.is_some() || self.wire.is_none() {
                return Ok(());
            }
            let Some(wire) = &mut self.wire else {
                return Ok(());
            };
            match wire.next(until) {
                Some(frame) => self.hear(frame)?,
                None if wire.ended() => {
                    self.end = Some("the socket was closed".to_owned());
                }
                None => bail!("no answer in {} s", patience.as_secs()),
            }
        }
    }

    /// Ends the connection, and waits until the server says that it has.
    fn leave(&mut self) {
        if let Some(mut wire) = self.wire.take() {
            let close = connection::Close {
                reply_code: 200,
                reply_text: "".into(),
                class_id: 0,
                method_id: 0,
            };
            wire.say(0, connection::AMQPMethod::Close(close));
            let until = Instant::now() + PATIENCE;
            while let Some(frame) = wire.next(until) {
                let closed = connection::AMQPMethod::CloseOk(connection::CloseOk {});
                if frame == AMQPFrame::Method(0, AMQPClass::Connection(closed)) {
                    break;
                }
            }
        }
        for channel in self.channels.values_mut() {
            let heard = std::mem::take(&mut channel.heard);
            *channel = Channel {
                heard,
                ..Channel::default()
            };
        }
    }

    /// What settles one of a channel's deliveries.
    fn settling(&mut self, number: u16, how: Settling, which: Which) -> Option<basic::AMQPMethod> {
        let channel = self.channels.get_mut(&number)?;
        let delivery_tag = match which {
            Which::Tag(tag) => tag,
            Which::Unsettled(_) if channel.unsettled.is_empty() => return None,
            Which::Unsettled(after) => channel.unsettled[after % channel.unsettled.len()],
        };
        let multiple = matches!(how, Settling::Ack(true) | Settling::Nack(true, _));
        let is_settled =
            |tag: u64| tag == delivery_tag || multiple && (tag < delivery_tag || delivery_tag == 0);
        let (settled, left) = channel.unsettled.iter().partition(|tag| is_settled(**tag));
        channel.unsettled = left;
        if let Some(undecided) = &mut channel.undecided {
            undecided.extend::<Vec<u64>>(settled);
        }
        Some(match how {
            Settling::Ack(multiple) => basic::AMQPMethod::Ack(basic::Ack {
                delivery_tag,
                multiple,
            }),
            Settling::Nack(multiple, requeue) => basic::AMQPMethod::Nack(basic::Nack {
                delivery_tag,
                multiple,
                requeue,
            }),
            Settling::Reject(requeue) => basic::AMQPMethod::Reject(basic::Reject {
                delivery_tag,
                requeue,
            }),
        })
    }

    /// Keeps in mind what an act that was answered changed.
    fn changed_by(&mut self, number: u16, act: &Act) {
        let Some(channel) = self.channels.get_mut(&number).filter(|it| it.open) else {
            return;
        };
        match act {
            Act::Confirm => {
                channel.confirms.get_or_insert(1);
            }
            Act::Select => {
                channel.undecided.get_or_insert_default();
            }
            Act::Commit => {
                if let Some(undecided) = &mut channel.undecided {
                    undecided.clear();
                }
            }
            Act::Rollback => {
                if let Some(undecided) = &mut channel.undecided {
                    channel.unsettled.append(undecided);
                    channel.unsettled.sort_unstable();
                }
            }
            _ => {}
        }
    }

    fn hear(&mut self, frame: AMQPFrame) -> anyhow::Result<()> {
        match frame {
            AMQPFrame::Method(0, AMQPClass::Connection(connection::AMQPMethod::Close(it))) => {
                self.end = Some(format!("{} {}", it.reply_code, it.reply_text));
                let closed = connection::AMQPMethod::CloseOk(connection::CloseOk {});
                self.say(0, closed);
            }
            AMQPFrame::Method(number, AMQPClass::Channel(channel::AMQPMethod::Close(it))) => {
                let closed = channel::AMQPMethod::CloseOk(channel::CloseOk {});
                self.say(number, closed);
                if let Some(channel) = self.channels.get_mut(&number) {
                    let mut heard = std::mem::take(&mut channel.heard);
                    heard.something = true;
                    heard.end = Some(format!("{} {}", it.reply_code, it.reply_text));
                    let answers = channel.answers;
                    *channel = Channel {
                        heard,
                        answers,
                        ..Channel::default()
                    };
                }
            }
            AMQPFrame::Method(number, method) => {
                let channel = self.channels.get_mut(&number);
                let channel = channel.context("what came is of no channel")?;
                match method {
                    AMQPClass::Queue(queue::AMQPMethod::DeclareOk(it))
                        if self.uncounted.contains(it.queue.as_str()) =>
                    {
                        channel.answer(format!("is a stream, {} consumers", it.consumer_count));
                    }
                    method => channel.hear(method)?,
                }
            }
            AMQPFrame::Header(number, header) => {
                let channel = self.channels.get_mut(&number);
                let channel = channel.context("what came is of no channel")?;
                if let Some(content) = &mut channel.content {
                    content.size = header.body_size as usize;
                    content.properties = header.properties;
                }
                channel.came();
            }
            AMQPFrame::Body(number, mut octets) => {
                let channel = self.channels.get_mut(&number);
                let channel = channel.context("what came is of no channel")?;
                if let Some(content) = &mut channel.content {
                    content.body.append(&mut octets);
                }
                channel.came();
            }
            AMQPFrame::Heartbeat
            | AMQPFrame::InvalidHeartbeat(_)
            | AMQPFrame::ProtocolHeader(_) => {}
        }
        Ok(())
    }
}

impl Channel {
    fn answer(&mut self, text: impl Into<String>) {
        self.answers += 1;
        self.heard.replies.push(text.into());
        self.heard.something = true;
    }

    fn hear(&mut self, method: AMQPClass) -> anyhow::Result<()> {
        match method {
            AMQPClass::Channel(channel::AMQPMethod::OpenOk(_)) => self.open = true,
            AMQPClass::Channel(channel::AMQPMethod::FlowOk(_)) => {
                self.pings = self.pings.saturating_sub(1);
            }
            AMQPClass::Channel(channel::AMQPMethod::CloseOk(_)) => {
                let mut heard = std::mem::take(&mut self.heard);
                heard.something = true;
                *self = Self {
                    heard,
                    ..Self::default()
                };
            }
            AMQPClass::Exchange(
                exchange::AMQPMethod::DeclareOk(_)
                | exchange::AMQPMethod::DeleteOk(_)
                | exchange::AMQPMethod::BindOk(_)
                | exchange::AMQPMethod::UnbindOk(_),
            )
            | AMQPClass::Queue(queue::AMQPMethod::BindOk(_) | queue::AMQPMethod::UnbindOk(_))
            | AMQPClass::Confirm(confirm::AMQPMethod::SelectOk(_))
            | AMQPClass::Tx(
                tx::AMQPMethod::SelectOk(_)
                | tx::AMQPMethod::CommitOk(_)
                | tx::AMQPMethod::RollbackOk(_),
            )
            | AMQPClass::Basic(basic::AMQPMethod::QosOk(_)) => self.answer("ok"),
            AMQPClass::Basic(basic::AMQPMethod::RecoverOk(_)) => self.answer("ok"),
            AMQPClass::Queue(queue::AMQPMethod::DeclareOk(it)) => self.answer(format!(
                "has {} ready, {} consumers",
                it.message_count, it.consumer_count
            )),
            AMQPClass::Queue(queue::AMQPMethod::PurgeOk(it)) => {
                self.answer(format!("purged {}", it.message_count));
            }
            AMQPClass::Queue(queue::AMQPMethod::DeleteOk(it)) => {
                self.answer(format!("deleted with {}", it.message_count));
            }
            AMQPClass::Basic(basic::AMQPMethod::ConsumeOk(_)) => self.answer("consumes"),
            AMQPClass::Basic(basic::AMQPMethod::CancelOk(_)) => self.answer("cancelled"),
            AMQPClass::Basic(basic::AMQPMethod::GetEmpty(_)) => self.answer(EMPTY),
            AMQPClass::Basic(basic::AMQPMethod::Cancel(it)) => {
                self.heard.something = true;
                self.heard.cancels.insert(it.consumer_tag.to_string());
            }
            AMQPClass::Basic(basic::AMQPMethod::Ack(it)) => {
                let those = self.confirmed(it.delivery_tag, it.multiple);
                self.heard.acks.extend(those);
            }
            AMQPClass::Basic(basic::AMQPMethod::Nack(it)) => {
                let those = self.confirmed(it.delivery_tag, it.multiple);
                self.heard.nacks.extend(those);
            }
            AMQPClass::Basic(basic::AMQPMethod::Deliver(it)) => {
                let what = What::Delivery {
                    consumer: it.consumer_tag.to_string(),
                    tag: it.delivery_tag,
                };
                self.comes(what, &it.exchange, &it.routing_key, it.redelivered);
            }
            AMQPClass::Basic(basic::AMQPMethod::GetOk(it)) => {
                let what = What::Got {
                    tag: it.delivery_tag,
                    left: it.message_count,
                };
                self.comes(what, &it.exchange, &it.routing_key, it.redelivered);
            }
            AMQPClass::Basic(basic::AMQPMethod::Return(it)) => {
                let what = What::Return {
                    code: it.reply_code,
                    text: it.reply_text.to_string(),
                };
                self.comes(what, &it.exchange, &it.routing_key, false);
            }
            other => bail!("a server does not say {other:?}"),
        }
        Ok(())
    }

    fn confirmed(&mut self, tag: u64, multiple: bool) -> BTreeSet<u64> {
        self.heard.something = true;
        // The sentinel's are not told apart.
        if self.unconfirmed.remove(&0) {
            return BTreeSet::new();
        }
        if !multiple {
            self.unconfirmed.remove(&tag);
            return BTreeSet::from([tag]);
        }
        let later = self.unconfirmed.split_off(&(tag + 1));
        std::mem::replace(&mut self.unconfirmed, later)
    }

    fn comes(&mut self, what: What, exchange: &ShortString, key: &ShortString, redelivered: bool) {
        self.content = Some(Content {
            what,
            exchange: exchange.to_string(),
            key: key.to_string(),
            redelivered,
            properties: AMQPProperties::default(),
            size: 0,
            body: Vec::new(),
        });
    }

    /// Tells of a message that came, if it came whole.
    fn came(&mut self) {
        let whole = |it: &mut Content| it.body.len() >= it.size;
        let Some(it) = self.content.take_if(|it| whole(it)) else {
            return;
        };
        self.heard.something = true;
        let text = words::message(
            &it.body,
            &it.exchange,
            &it.key,
            it.redelivered,
            &it.properties,
        );
        match it.what {
            What::Delivery { consumer, tag } => {
                if !self.without_acks.contains(&consumer) {
                    self.unsettled.push(tag);
                }
                self.heard
                    .deliveries
                    .push(format!("{consumer} gets #{tag} {text}"));
            }
            What::Got { tag, left } => {
                if !self.gets_without_ack {
                    self.unsettled.push(tag);
                }
                self.answer(format!("gets #{tag} {text}, {left} left"));
            }
            What::Return { code, text: why } => {
                self.heard
                    .returns
                    .push(format!("returned {code} {why} {text}"));
            }
        }
    }
}

impl Heard {
    fn lines(self) -> Vec<String> {
        let mut lines = self.replies;
        lines.extend(self.deliveries);
        lines.extend(self.returns);
        for (what, all) in [("confirmed", self.acks), ("refused", self.nacks)] {
            if !all.is_empty() {
                let all: Vec<_> = all.iter().map(u64::to_string).collect();
                lines.push(format!("{what} {}", all.join(" ")));
            }
        }
        lines.extend(self.cancels.iter().map(|it| format!("{it} is cancelled")));
        lines.extend(self.end.map(|it| format!("is closed: {it}")));
        lines
    }
}

/// Gives names their prefix.
struct Own<'a>(&'a str);

impl Own<'_> {
    /// A name of ours is a letter and a digit.
    fn is_ours(text: &[u8]) -> bool {
        matches!(text, [b'q' | b'x', digit] if digit.is_ascii_digit())
    }

    fn name(&self, name: &mut ShortString) {
        if Self::is_ours(name.as_str().as_bytes()) {
            *name = format!("{}{name}", self.0).into();
        }
    }

    fn value(&self, value: &AMQPValue) -> AMQPValue {
        match value {
            AMQPValue::LongString(it) if Self::is_ours(it.as_bytes()) => {
                let name = String::from_utf8_lossy(it.as_bytes());
                AMQPValue::LongString(LongString::from(format!("{}{name}", self.0)))
            }
            AMQPValue::FieldArray(all) => {
                let all: Vec<_> = all.as_slice().iter().map(|it| self.value(it)).collect();
                AMQPValue::FieldArray(FieldArray::from(all))
            }
            AMQPValue::FieldTable(it) => AMQPValue::FieldTable(self.table(it)),
            other => other.clone(),
        }
    }

    fn table(&self, table: &FieldTable) -> FieldTable {
        let mut own = FieldTable::default();
        for (name, value) in table.inner() {
            own.insert(name.clone(), self.value(value));
        }
        own
    }

    fn properties(&self, properties: &AMQPProperties) -> AMQPProperties {
        let headers = properties.headers().as_ref().map(|it| self.table(it));
        match headers {
            Some(headers) => properties.clone().with_headers(headers),
            None => properties.clone(),
        }
    }

    /// The method of an act that is one method and is answered.
    fn method(&self, act: &Act) -> Option<Method> {
        Some(match act {
            Act::DeclareExchange(it) => {
                let mut it = it.clone();
                self.name(&mut it.exchange);
                it.arguments = self.table(&it.arguments);
                exchange::AMQPMethod::Declare(it).into()
            }
            Act::DeleteExchange(it) => {
                let mut it = it.clone();
                self.name(&mut it.exchange);
                exchange::AMQPMethod::Delete(it).into()
            }
            Act::BindExchange(it) => {
                let mut it = it.clone();
                self.name(&mut it.destination);
                self.name(&mut it.source);
                self.name(&mut it.routing_key);
                exchange::AMQPMethod::Bind(it).into()
            }
            Act::UnbindExchange(it) => {
                let mut it = it.clone();
                self.name(&mut it.destination);
                self.name(&mut it.source);
                self.name(&mut it.routing_key);
                exchange::AMQPMethod::Unbind(it).into()
            }
            Act::DeclareQueue(it) => {
                let mut it = it.clone();
                self.name(&mut it.queue);
                it.arguments = self.table(&it.arguments);
                queue::AMQPMethod::Declare(it).into()
            }
            Act::DeleteQueue(it) => {
                let mut it = it.clone();
                self.name(&mut it.queue);
                queue::AMQPMethod::Delete(it).into()
            }
            Act::BindQueue(it) => {
                let mut it = it.clone();
                self.name(&mut it.queue);
                self.name(&mut it.exchange);
                self.name(&mut it.routing_key);
                queue::AMQPMethod::Bind(it).into()
            }
            Act::UnbindQueue(it) => {
                let mut it = it.clone();
                self.name(&mut it.queue);
                self.name(&mut it.exchange);
                self.name(&mut it.routing_key);
                queue::AMQPMethod::Unbind(it).into()
            }
            Act::Purge(it) => {
                let mut it = it.clone();
                self.name(&mut it.queue);
                queue::AMQPMethod::Purge(it).into()
            }
            Act::Confirm => confirm::AMQPMethod::Select(confirm::Select { nowait: false }).into(),
            Act::Qos(it) => basic::AMQPMethod::Qos(it.clone()).into(),
            Act::Consume(it) => {
                let mut it = it.clone();
                self.name(&mut it.queue);
                basic::AMQPMethod::Consume(it).into()
            }
            Act::Cancel(it) => basic::AMQPMethod::Cancel(it.clone()).into(),
            Act::Get(it) => {
                let mut it = it.clone();
                self.name(&mut it.queue);
                basic::AMQPMethod::Get(it).into()
            }
            Act::Recover(requeue) => {
                basic::AMQPMethod::Recover(basic::Recover { requeue: *requeue }).into()
            }
            Act::Select => tx::AMQPMethod::Select(tx::Select {}).into(),
            Act::Commit => tx::AMQPMethod::Commit(tx::Commit {}).into(),
            Act::Rollback => tx::AMQPMethod::Rollback(tx::Rollback {}).into(),
            Act::Publish { .. }
            | Act::Settle(..)
            | Act::CloseChannel
            | Act::CloseConnection
            | Act::Wait(_) => return None,
        })
    }
}
