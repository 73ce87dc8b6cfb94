//! One connection of a program: what is said on it, and what is heard.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use amq_protocol::frame::AMQPFrame;
use amq_protocol::protocol::basic::AMQPProperties;
use amq_protocol::protocol::{AMQPClass, basic, channel, confirm, connection, exchange, queue, tx};
use amq_protocol::types::ShortString;
use anyhow::{Context as _, bail};

use crate::programs::step::{Act, Settling, Which};
use crate::programs::wire::{Method, Wire};
use crate::words;

/// How long an answer may take that has to come.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// What basic.get says of an empty queue.
pub(super) const EMPTY: &str = "empty";

/// One of its connections.
#[derive(Default)]
pub(super) struct Link {
    pub(super) wire: Option<Wire>,
    pub(super) channels: BTreeMap<u16, Channel>,
    /// How it was ended by the server.
    pub(super) end: Option<String>,
    /// Queues of whose messages nothing is told: how many are in a stream, RabbitMQ sees only from time to time.
    pub(super) uncounted: BTreeSet<String>,
}

/// One of its channels.
#[derive(Default)]
pub(super) struct Channel {
    pub(super) open: bool,
    /// How many answers came.
    pub(super) answers: usize,
    /// How many questions that change nothing are not yet answered.
    pub(super) pings: usize,
    pub(super) unsettled: Vec<u64>,
    /// Settled in a transaction that is not committed.
    pub(super) undecided: Option<Vec<u64>>,
    /// What is confirmed next, if it confirms.
    pub(super) confirms: Option<u64>,
    pub(super) unconfirmed: BTreeSet<u64>,
    pub(super) without_acks: BTreeSet<String>,
    pub(super) gets_without_ack: bool,
    pub(super) content: Option<Content>,
    pub(super) heard: Heard,
}

/// A message that is coming in.
pub(super) struct Content {
    pub(super) what: What,
    pub(super) exchange: String,
    pub(super) key: String,
    pub(super) redelivered: bool,
    pub(super) properties: AMQPProperties,
    pub(super) size: usize,
    pub(super) body: Vec<u8>,
}

/// In what a message comes.
pub(super) enum What {
    Delivery { consumer: String, tag: u64 },
    Got { tag: u64, left: u32 },
    Return { code: u16, text: String },
}

/// What a channel heard since it was last asked.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) replies: Vec<String>,
    pub(super) deliveries: Vec<String>,
    pub(super) returns: Vec<String>,
    pub(super) acks: BTreeSet<u64>,
    pub(super) nacks: BTreeSet<u64>,
    pub(super) cancels: BTreeSet<String>,
    pub(super) end: Option<String>,
    pub(super) something: bool,
}

impl Link {
    pub(super) fn is_open(&self, number: u16) -> bool {
        self.channels.get(&number).is_some_and(|it| it.open)
    }

    pub(super) fn answers(&self, number: u16) -> usize {
        self.channels.get(&number).map_or(0, |it| it.answers)
    }

    pub(super) fn say(&mut self, number: u16, method: impl Into<Method>) {
        if let Some(wire) = &mut self.wire {
            wire.say(number, method);
        }
    }

    pub(super) fn open(&mut self, number: u16) -> anyhow::Result<()> {
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
    pub(super) fn ask(&mut self, number: u16, method: impl Into<Method>) -> anyhow::Result<()> {
        let before = self.answers(number);
        self.say(number, method);
        self.until(PATIENCE, |link| {
            !link.is_open(number) || link.answers(number) > before
        })
    }

    /// Asks what changes nothing on each channel, and waits until it is answered.
    pub(super) fn ping(&mut self) {
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
    pub(super) fn until(
        &mut self,
        patience: Duration,
        so: impl Fn(&Self) -> bool,
    ) -> anyhow::Result<()> {
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
    pub(super) fn leave(&mut self) {
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
    pub(super) fn settling(
        &mut self,
        number: u16,
        how: Settling,
        which: Which,
    ) -> Option<basic::AMQPMethod> {
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
    pub(super) fn changed_by(&mut self, number: u16, act: &Act) {
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

    pub(super) fn hear(&mut self, frame: AMQPFrame) -> anyhow::Result<()> {
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
    pub(super) fn answer(&mut self, text: impl Into<String>) {
        self.answers += 1;
        self.heard.replies.push(text.into());
        self.heard.something = true;
    }

    pub(super) fn hear(&mut self, method: AMQPClass) -> anyhow::Result<()> {
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

    pub(super) fn confirmed(&mut self, tag: u64, multiple: bool) -> BTreeSet<u64> {
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

    pub(super) fn comes(
        &mut self,
        what: What,
        exchange: &ShortString,
        key: &ShortString,
        redelivered: bool,
    ) {
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
    pub(super) fn came(&mut self) {
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
    pub(super) fn lines(self) -> Vec<String> {
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
