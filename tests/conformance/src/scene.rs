//! What cases are written with: a client's steps, each of which says what was answered.
//!
//! Steps that only prepare something (`queue`, `bind`, `put`, …) say nothing unless they fail; then the case is over, and the
//! failure is its last line. The others add a line.

mod arguments;
mod steps;

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt as _;
use lapin::options::{
    ChannelFlowOptions, ConfirmSelectOptions, ExchangeDeleteOptions, QueueDeleteOptions,
};
use lapin::types::FieldTable;
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties, Consumer};

use crate::words;

pub(crate) use steps::{ACKS, NO_ACK};

pub use arguments::{IntoValue, Published, Queued};

/// How long an answer may take that has to come.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// How long nothing has to come until nothing is taken to come.
pub const SILENCE: Duration = Duration::from_millis(150);

/// How a case ends that cannot go on.
pub type Steps<T = ()> = Result<T, lapin::Error>;

/// A case on its way, against one server.
#[derive(Debug)]
pub struct Scene {
    address: String,
    case: &'static str,
    connection: Option<Connection>,
    names: BTreeSet<String>,
    lines: Vec<String>,
}

impl Scene {
    /// A case that has not begun.
    pub fn new(address: &str, case: &'static str) -> Self {
        Self {
            address: address.to_owned(),
            case,
            connection: None,
            names: BTreeSet::new(),
            lines: Vec::new(),
        }
    }

    /// Where the server is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where the server is, to be changed.
    pub fn uri(&self) -> AMQPUri {
        self.address.parse().unwrap_or_default()
    }

    /// What was answered, after all is cleared away.
    pub async fn end(mut self, how: Steps) -> Vec<String> {
        if let Err(error) = how {
            self.say(format!("and no further: {}", words::error(&error)));
        }
        let left = tokio::time::timeout(PATIENCE, self.clear_away()).await;
        match left {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.say(format!("left behind: {}", words::error(&error))),
            Err(_) => self.say("left behind: no answer in time"),
        }
        self.lines
    }

    /// Deletes what had names of this case, from a connection of its own.
    async fn clear_away(&mut self) -> Steps {
        if let Some(connection) = self.connection.take() {
            close(connection).await;
        }
        let connection = self.connect().await?;
        for name in std::mem::take(&mut self.names) {
            // What was exclusive goes with its connection, which may still be on its way out.
            while let Err(error) = delete(&connection, &name).await {
                if !connection.status().connected() {
                    return Err(error);
                }
                self.wait(20).await;
            }
        }
        close(connection).await;
        Ok(())
    }

    /// Adds a line.
    pub fn say(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// Adds what was answered to something.
    pub fn tell<T: Answer>(&mut self, what: &str, answer: Steps<T>) -> Option<T> {
        match answer {
            Ok(answer) => {
                self.say(format!("{what}: {}", answer.words()));
                Some(answer)
            }
            Err(error) => {
                self.say(format!("{what}: {}", words::error(&error)));
                None
            }
        }
    }

    /// The name of a queue or an exchange of this case's own.
    pub fn name(&mut self, name: &str) -> String {
        let name = format!("{}.{name}", self.case);
        self.names.insert(name.clone());
        name
    }

    /// A connection beside the case's own.
    pub async fn connect(&self) -> Steps<Connection> {
        Connection::connect(&self.address, ConnectionProperties::default()).await
    }

    /// A channel on the case's own connection, which is opened if there is none.
    pub async fn channel(&mut self) -> Steps<Channel> {
        if !self
            .connection
            .as_ref()
            .is_some_and(|it| it.status().connected())
        {
            self.connection = Some(self.connect().await?);
        }
        match &self.connection {
            Some(connection) => connection.create_channel().await,
            None => unreachable!("it was opened"),
        }
    }

    /// A channel on which what is published is confirmed.
    pub async fn confirming(&mut self) -> Steps<Channel> {
        let channel = self.channel().await?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        Ok(channel)
    }

    /// Does something that is not answered, and tells whether its channel survives it.
    pub async fn dare<T>(
        &mut self,
        what: &str,
        channel: &Channel,
        act: impl Future<Output = Steps<T>>,
    ) -> Steps {
        let mut witness = self.witness(channel).await?;
        act.await?;
        let answer = match ping(channel).await {
            Ok(_) => "nothing".to_owned(),
            Err(_) => end_of(&mut witness, PATIENCE).await,
        };
        self.say(format!("{what}: {answer}"));
        Ok(())
    }

    /// A consumer that gets nothing but the reason why its channel was closed. Who asks on a channel that is closed already
    /// is not told why.
    async fn witness(&self, channel: &Channel) -> Steps<Consumer> {
        let none = FieldTable::default;
        let queue = self
            .declared(channel, "", Queued::EXCLUSIVE, none())
            .await?;
        self.consume(channel, queue.name().as_str(), "").await
    }

    /// Waits for so long.
    pub async fn wait(&self, millis: u64) {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

/// What a witness says of the end of its channel, if that comes in time.
async fn end_of(witness: &mut Consumer, patience: Duration) -> String {
    match tokio::time::timeout(patience, witness.next()).await {
        Ok(Some(Err(error))) => words::error(&error),
        Ok(Some(Ok(_))) => "a delivery that is nobody's".to_owned(),
        Ok(None) => "an end without a reason".to_owned(),
        Err(_) => "nothing".to_owned(),
    }
}

/// Deletes the queue and the exchange of this name.
async fn delete(connection: &Connection, name: &str) -> Steps {
    let channel = connection.create_channel().await?;
    let queue = QueueDeleteOptions::default();
    channel.queue_delete(name.into(), queue).await?;
    let exchange = ExchangeDeleteOptions::default();
    channel.exchange_delete(name.into(), exchange).await
}

/// Ends a connection, if it has not ended, and waits until it has.
pub(crate) async fn close(connection: Connection) {
    // What it says of channels that end at the same time is of no interest.
    let end = connection.close(200, "".into());
    let _ = tokio::time::timeout(Duration::from_secs(1), end).await;
    for _ in 0..100 {
        let status = connection.status();
        if status.closed() || status.errored() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A question that changes nothing, and that comes after all that was said on a channel before.
pub(crate) async fn ping(channel: &Channel) -> Steps<bool> {
    channel
        .channel_flow(ChannelFlowOptions { active: true })
        .await
}

/// What an answer is in words.
pub trait Answer {
    /// Its words.
    fn words(&self) -> String;
}

impl Answer for () {
    fn words(&self) -> String {
        "ok".to_owned()
    }
}

impl Answer for u32 {
    fn words(&self) -> String {
        format!("ok, {self} messages")
    }
}

impl Answer for bool {
    fn words(&self) -> String {
        format!("ok, {self}")
    }
}

impl Answer for lapin::Queue {
    fn words(&self) -> String {
        let name = words::plain(self.name().as_str());
        format!(
            "{name} with {} messages, {} consumers",
            self.message_count(),
            self.consumer_count()
        )
    }
}

impl Answer for Consumer {
    fn words(&self) -> String {
        format!("consumer {}", words::plain(self.tag().as_str()))
    }
}

impl Answer for Channel {
    fn words(&self) -> String {
        "channel".to_owned()
    }
}

impl Answer for Connection {
    fn words(&self) -> String {
        "connection".to_owned()
    }
}
