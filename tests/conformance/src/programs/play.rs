//! A program played on one server, and what its clients were told.
//!
//! After each step the player waits until the server has said all that it has to say of it, so what is told of a step depends
//! on no pace. What comes on one channel is told in the order in which it came, but for what RabbitMQ orders by chance: a
//! reply and a delivery come from processes of their own, and so do confirms, which it also gathers as it likes. So replies
//! stand first, then deliveries, returns, confirms by number, and what was cancelled.

mod link;
mod names;

use std::collections::{BTreeMap, BTreeSet};
use std::thread::sleep;
use std::time::Duration;

use amq_protocol::protocol::basic::AMQPProperties;
use amq_protocol::protocol::{basic, channel, confirm, exchange, queue};
use amq_protocol::types::{AMQPValue, FieldTable, ShortString};
use anyhow::{Context as _, bail};

use self::link::{Channel, EMPTY, Link, PATIENCE};
use self::names::Own;
use super::step::{Act, Line, Program, Step};
use super::wire::Wire;

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

impl Player {
    /// A line without what this player's names begin with, and in one line.
    fn plain(&self, line: &str) -> String {
        line.replace(&self.prefix, "").replace('\n', "\\n")
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
            // Clients answer at once: what a closed channel holds of a consumer that was cancelled comes back only then.
            for link in &mut self.links {
                link.ping();
            }
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
        lines.iter().map(|line| self.player.plain(line)).collect()
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
        let lines = lines.iter().filter(|it| *it != EMPTY);
        Ok(lines.map(|line| self.player.plain(line)).collect())
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
