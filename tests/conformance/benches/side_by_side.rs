//! Leveret and a real RabbitMQ, one after the other and again, by the same client on the same machine.
//!
//! ```text
//! LEVERET_AMQP_REAL=amqp://127.0.0.1:5699/%2f LEVERET_AMQP_REAL_PID=$(tests/clients/rabbitmq pid 5699) \
//!     cargo bench -p leveret-conformance [-- ROUNDS [SECONDS]]
//! ```
//!
//! Each round measures each side in turn: Leveret, Leveret that records, RabbitMQ. So what the machine does besides is about
//! the same for all of them; the median of the rounds is told, and what is Leveret's divided by what is RabbitMQ's.
//!
//! - *messages a second*: one publisher with confirms, in batches of 1,000; one consumer that acknowledges each message; 100
//!   octets. All that was published, by the time until the last one was delivered.
//! - *processor time*: what the server's process took meanwhile, for one message, and what the client's did. Where there are
//!   two processors, no server reaches more than two seconds divided by the client's.
//! - *drained*: how many a second are consumed of a queue that is full, with acknowledgements one by one and a prefetch of
//!   200, and what the server's process takes for each.
//! - *p50* and *p99*: from when a message was published until it was delivered, at 1,000 a second. Publishing waits for
//!   nobody, so a server that is slow is not spared any.
//! - *memory*: what is resident with 1,000 connections that do nothing, and how much that is more than before.
//!
//! Without `LEVERET_AMQP_REAL` only Leveret is measured; without `LEVERET_AMQP_REAL_PID`, neither RabbitMQ's memory nor its
//! processor time. `SERVER` is
//! how Leveret is started; otherwise it is built first, with optimizations.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::StreamExt as _;
use lapin::options::{ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer};
use leveret_conformance::server::{self, Leveret};
use tokio::time::{MissedTickBehavior, interval, timeout};

const QUEUE: &str = "side-by-side";
const DRAINED: &str = "drained";
const OCTETS: usize = 100;
const BATCH: usize = 1_000;
const A_SECOND: u64 = 1_000;
/// How full a queue is for each second of a round that it is then drained in, and the prefetch of who drains it.
const FULL: usize = 10_000;
const PREFETCH: u16 = 200;
const IDLE: usize = 1_000;
/// How long a message may take until it is taken to be lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server that is measured.
struct Side {
    name: &'static str,
    address: String,
    process: Option<u32>,
    /// Held so that it goes on.
    _leveret: Option<Leveret>,
    rates: Vec<f64>,
    /// Microseconds a message, the server's and the client's.
    processor: Vec<f64>,
    client: Vec<f64>,
    /// Messages a second, and microseconds of the server's for each.
    drained: Vec<f64>,
    draining: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    memory: Option<Memory>,
}

/// What is resident, in MiB.
struct Memory {
    before: f64,
    idle: f64,
}

impl Side {
    fn new(
        name: &'static str,
        address: String,
        process: Option<u32>,
        leveret: Option<Leveret>,
    ) -> Self {
        Self {
            name,
            address,
            process,
            _leveret: leveret,
            rates: Vec::new(),
            processor: Vec::new(),
            client: Vec::new(),
            drained: Vec::new(),
            draining: Vec::new(),
            p50: Vec::new(),
            p99: Vec::new(),
            memory: None,
        }
    }

    fn leveret(name: &'static str, command: &[String], arguments: &[&str]) -> anyhow::Result<Self> {
        let leveret = Leveret::start(command, arguments)?;
        let (address, process) = (leveret.address().to_owned(), leveret.process());
        Ok(Self::new(name, address, Some(process), Some(leveret)))
    }

    /// What is resident now, where the process is known.
    fn resident(&self) -> anyhow::Result<Option<f64>> {
        let Some(process) = self.process else {
            return Ok(None);
        };
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        let kibibytes = kibibytes.context("the process does not say what is resident")?;
        Ok(Some(kibibytes / 1_024.0))
    }

    /// What it has taken of the processors until now, in microseconds, where the process is known.
    fn processor_time(&self) -> anyhow::Result<Option<f64>> {
        self.process.map(processor_time).transpose()
    }

    async fn measure_idle(&mut self) -> anyhow::Result<()> {
        let Some(before) = self.resident()? else {
            return Ok(());
        };
        let mut connections = Vec::with_capacity(IDLE);
        for _ in 0..IDLE {
            connections.push(connect(&self.address).await?);
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        let idle = self.resident()?.context("it was there before")?;
        self.memory = Some(Memory { before, idle });
        for connection in connections {
            // Whether it ends in good order is not what is measured.
            let _ = connection.close(200, "".into()).await;
        }
        Ok(())
    }

    async fn measure_round(&mut self, time: Duration) -> anyhow::Result<()> {
        let before = self.processor_time()?;
        let client = processor_time(std::process::id())?;
        let (count, took) = throughput(&self.address, time).await?;
        self.rates.push(count as f64 / took.as_secs_f64());
        let client = processor_time(std::process::id())? - client;
        self.client.push(client / count as f64);
        if let (Some(before), Some(after)) = (before, self.processor_time()?) {
            self.processor.push((after - before) / count as f64);
        }
        let count = FULL * time.as_secs() as usize;
        let draining = fill(&self.address, count).await?;
        let before = self.processor_time()?;
        self.drained
            .push(count as f64 / drain(draining, count).await?.as_secs_f64());
        if let (Some(before), Some(after)) = (before, self.processor_time()?) {
            self.draining.push((after - before) / count as f64);
        }
        let mut delays = latency(&self.address, time).await?;
        delays.sort_by(f64::total_cmp);
        self.p50.push(delays[delays.len() / 2]);
        self.p99.push(delays[delays.len() * 99 / 100]);
        Ok(())
    }
}

/// What a process has taken of the processors until now, in microseconds.
fn processor_time(process: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // proc(5): the second field is a name in parentheses; the 14th and the 15th are counted in hundredths of a second.
    let (_, rest) = stat.rsplit_once(") ").context("a process has a name")?;
    let ticks = rest.split(' ').skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? * 10_000.0)
}

async fn connect(address: &str) -> lapin::Result<Connection> {
    Connection::connect(address, ConnectionProperties::default()).await
}

/// A publisher and a consumer, each with a connection of its own.
struct Clients {
    _publishing: Connection,
    _consuming: Connection,
    publisher: Channel,
    consumer: Consumer,
}

async fn clients(address: &str) -> lapin::Result<Clients> {
    let (publishing, consuming) = (connect(address).await?, connect(address).await?);
    let channel = consuming.create_channel().await?;
    let how = QueueDeclareOptions {
        durable: true,
        auto_delete: true,
        ..QueueDeclareOptions::default()
    };
    let none = FieldTable::default;
    channel.queue_declare(QUEUE.into(), how, none()).await?;
    channel.basic_qos(1_000, Default::default()).await?;
    let consumer = channel.basic_consume(QUEUE.into(), "".into(), Default::default(), none());
    let consumer = consumer.await?;
    let publisher = publishing.create_channel().await?;
    Ok(Clients {
        _publishing: publishing,
        _consuming: consuming,
        publisher,
        consumer,
    })
}

/// How many messages there were, and how long they took.
async fn throughput(address: &str, time: Duration) -> anyhow::Result<(usize, Duration)> {
    let Clients {
        publisher,
        mut consumer,
        _publishing,
        _consuming,
    } = clients(address).await?;
    publisher
        .confirm_select(ConfirmSelectOptions::default())
        .await?;
    let begun = Instant::now();
    let publish = async {
        let mut published = 0;
        while begun.elapsed() < time {
            publish_all(&publisher, QUEUE, BATCH).await?;
            published += BATCH;
        }
        anyhow::Ok(published)
    };
    let (sent, mut asked) = tokio::sync::oneshot::channel::<usize>();
    let consume = tokio::spawn(async move {
        let (mut got, mut all) = (0, None);
        while all.is_none_or(|all| got < all) {
            let Ok(Some(delivery)) = timeout(PATIENCE, consumer.next()).await else {
                anyhow::bail!("{got} messages came, and no more");
            };
            delivery?.ack(Default::default()).await?;
            got += 1;
            all = all.or_else(|| asked.try_recv().ok());
        }
        Ok(got)
    });
    let published: usize = publish.await?;
    // It may wait for a message that does not come, having had them all.
    let _ = sent.send(published);
    let last = publisher.basic_publish(
        "".into(),
        QUEUE.into(),
        Default::default(),
        &[7; OCTETS],
        BasicProperties::default(),
    );
    last.await?.await?;
    let got = consume.await??;
    Ok((got, begun.elapsed()))
}

/// Publishes so many messages to a queue, and waits until all of them are confirmed.
async fn publish_all(channel: &Channel, queue: &str, count: usize) -> anyhow::Result<()> {
    let mut confirms = Vec::with_capacity(count);
    for _ in 0..count {
        let confirm = channel.basic_publish(
            "".into(),
            queue.into(),
            Default::default(),
            &[7; OCTETS],
            BasicProperties::default(),
        );
        confirms.push(confirm.await?);
    }
    for confirm in confirms {
        anyhow::ensure!(confirm.await?.is_ack(), "a message was turned away");
    }
    Ok(())
}

/// A queue with so many messages in it, and the connection that it is exclusive to.
async fn fill(address: &str, count: usize) -> anyhow::Result<(Connection, Channel)> {
    let connection = connect(address).await?;
    let channel = connection.create_channel().await?;
    let how = QueueDeclareOptions {
        exclusive: true,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare(DRAINED.into(), how, FieldTable::default())
        .await?;
    channel
        .confirm_select(ConfirmSelectOptions::default())
        .await?;
    for batch in (0..count).step_by(BATCH) {
        publish_all(&channel, DRAINED, BATCH.min(count - batch)).await?;
    }
    Ok((connection, channel))
}

/// How long it takes to consume all of it.
async fn drain(
    (connection, channel): (Connection, Channel),
    count: usize,
) -> anyhow::Result<Duration> {
    channel.basic_qos(PREFETCH, Default::default()).await?;
    let begun = Instant::now();
    let none = FieldTable::default();
    let consumer = channel.basic_consume(DRAINED.into(), "".into(), Default::default(), none);
    let mut consumer = consumer.await?;
    for got in 0..count {
        let Ok(Some(delivery)) = timeout(PATIENCE, consumer.next()).await else {
            anyhow::bail!("{got} of {count} messages came");
        };
        delivery?.ack(Default::default()).await?;
    }
    let took = begun.elapsed();
    connection.close(200, "".into()).await?;
    Ok(took)
}

/// How long each message took, in microseconds.
async fn latency(address: &str, time: Duration) -> anyhow::Result<Vec<f64>> {
    let Clients {
        publisher,
        mut consumer,
        _publishing,
        _consuming,
    } = clients(address).await?;
    let count = time.as_secs() * A_SECOND;
    let begun = Instant::now();
    let consume = tokio::spawn(async move {
        let mut delays = Vec::new();
        while (delays.len() as u64) < count {
            let Ok(Some(delivery)) = timeout(PATIENCE, consumer.next()).await else {
                anyhow::bail!("{} of {count} messages came", delays.len());
            };
            let delivery = delivery?;
            let came = begun.elapsed();
            let published = delivery.data.first_chunk().context("a body of another")?;
            let published = Duration::from_nanos(u64::from_le_bytes(*published));
            let delay = came.saturating_sub(published);
            delays.push(delay.as_secs_f64() * 1e6);
            delivery.ack(Default::default()).await?;
        }
        Ok(delays)
    });
    let mut ticks = interval(Duration::from_secs(1) / A_SECOND as u32);
    // Who is late publishes at once, so that there are as many.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for _ in 0..count {
        ticks.tick().await;
        let mut body = [7; OCTETS];
        let published = begun.elapsed().as_nanos() as u64;
        body[..8].copy_from_slice(&published.to_le_bytes());
        let publish = publisher.basic_publish(
            "".into(),
            QUEUE.into(),
            Default::default(),
            &body,
            BasicProperties::default(),
        );
        publish.await?;
    }
    consume.await?
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// One row: each side's number, and Leveret's divided by RabbitMQ's, which comes last.
fn row(what: &str, values: &[Option<f64>], has_real: bool) {
    let told = |value: &Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.1}"));
    let numbers: Vec<_> = values
        .iter()
        .map(|value| format!("{:>16}", told(value)))
        .collect();
    let mut line = format!("{what:<30}{}", numbers.concat());
    if has_real && let Some((Some(real), ours)) = values.split_last() {
        for ours in ours.iter().flatten() {
            line += &format!("{:>9.2}", ours / real);
        }
    }
    println!("{line}");
}

fn main() -> anyhow::Result<()> {
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse::<u64>().ok());
    let (rounds, seconds) = (
        numbers.next().unwrap_or(5).max(1),
        numbers.next().unwrap_or(5).max(1),
    );
    let command = server::command(true)?;
    let folder = std::env::temp_dir().join(format!("leveret-side-by-side-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let record = folder.join("recording");
    let record = record.to_str().context("a folder that has no name")?;
    let mut sides = vec![
        Side::leveret("Leveret", &command, &[])?,
        Side::leveret("recording", &command, &["--record", record])?,
    ];
    let real = std::env::var("LEVERET_AMQP_REAL").ok();
    let process = std::env::var("LEVERET_AMQP_REAL_PID").ok();
    let process = process.map(|it| it.trim().parse()).transpose()?;
    let has_real = real.is_some();
    sides.extend(real.map(|address| Side::new("RabbitMQ", address, process, None)));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let measured = runtime.block_on(async {
        // Before anything was published, so that nothing but connections is there.
        for side in &mut sides {
            side.measure_idle().await.with_context(|| side.name)?;
        }
        for round in 1..=rounds {
            for side in &mut sides {
                side.measure_round(Duration::from_secs(seconds))
                    .await
                    .with_context(|| side.name)?;
            }
            let rates = sides.iter().filter_map(|side| side.rates.last());
            let rates: Vec<_> = rates.map(|rate| format!("{rate:.0}")).collect();
            eprintln!("round {round} of {rounds}: {}", rates.join(", "));
        }
        anyhow::Ok(())
    });
    let names: Vec<_> = sides
        .iter()
        .map(|side| format!("{:>16}", side.name))
        .collect();
    println!(
        "{:<30}{}{}",
        "",
        names.concat(),
        if has_real { "   ratios" } else { "" }
    );
    let all = |of: fn(&Side) -> Option<f64>| sides.iter().map(of).collect::<Vec<_>>();
    if measured.is_ok() {
        row(
            "messages a second",
            &all(|side| Some(median(&side.rates))),
            has_real,
        );
        let processor = |side: &Side| (!side.processor.is_empty()).then(|| median(&side.processor));
        row("processor time a message, µs", &all(processor), has_real);
        let client = |side: &Side| Some(median(&side.client));
        row("  the client's, µs", &all(client), has_real);
        row(
            "drained a second",
            &all(|side| Some(median(&side.drained))),
            has_real,
        );
        let draining = |side: &Side| (!side.draining.is_empty()).then(|| median(&side.draining));
        row("processor time for each, µs", &all(draining), has_real);
        row(
            "p50 at 1,000 a second, µs",
            &all(|side| Some(median(&side.p50))),
            has_real,
        );
        row(
            "p99 at 1,000 a second, µs",
            &all(|side| Some(median(&side.p99))),
            has_real,
        );
        let memory = |side: &Side| side.memory.as_ref().map(|memory| memory.idle);
        row("memory, 1,000 idle, MiB", &all(memory), has_real);
        let more = |side: &Side| {
            side.memory
                .as_ref()
                .map(|memory| memory.idle - memory.before)
        };
        row("more than before, MiB", &all(more), has_real);
    }
    drop(sides);
    std::fs::remove_dir_all(&folder)?;
    measured
}
