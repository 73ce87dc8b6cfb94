//! `leveret run`: a scenario's run, event by event, and how things stand at its end.

use std::io::Write;

use anyhow::{Context as _, bail};
use serde::Serialize;

use crate::broker::{Micros, Name};
use crate::history::{Recall as _, Recent};
use crate::scenario::Scenario;
use crate::t;
use crate::words::{self, describe, shown};
use crate::world::{Tally, World};

use super::record::record;
use super::{Outcome, RunArgs, json_line};

pub(super) fn run(args: &RunArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let mut scenario = args.vhost.open(&args.scenario)?;
    args.side
        .choose(&mut scenario)
        .with_context(|| args.scenario.clone())?;
    scenario.setup.seed = args.seed.unwrap_or(scenario.setup.seed);
    scenario.until = args.until.unwrap_or(scenario.until);
    args.profile.choose(&mut scenario);
    print_run(scenario, args.json, out).with_context(|| args.scenario.clone())?;
    Ok(Outcome::Done)
}

fn print_run(mut scenario: Scenario, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let mut run = Recent::new(&scenario.setup)?;
    let mut tally = Tally::default();
    let whole = whole_digits(scenario.until);
    let mut printed = 0;
    // Printed as it happens, so that a long run is seen to go on, and nothing of it is kept but what is under way.
    while run
        .head()
        .next_at()
        .is_some_and(|next| next <= scenario.until)
        && run.step()
    {
        for event in run.told() {
            tally.count(event, run.head());
            if json {
                json_line(out, &record(event, run.head()))?;
            } else {
                let line = describe(event, run.head(), &run);
                let at = seconds(event.at, whole);
                writeln!(out, "{at}  {:10}  {}", line.verb, line.text)?;
            }
        }
        printed += run.told().len();
    }
    let world = run.head();
    let standstill = world.standstill();
    if let Some(standstill) = standstill {
        scenario.until = standstill.at;
    }
    let summary = Summary::of(&scenario, world, &tally, printed);
    if json {
        json_line(out, &serde_json::json!({ "summary": summary }))?;
    } else {
        summary.print(out)?;
    }
    match standstill {
        Some(standstill) => bail!("{}", words::standstill(&standstill, world)),
        None => Ok(()),
    }
}

/// How many digits the whole seconds of a run have.
fn whole_digits(until: Micros) -> usize {
    (until.0 / 1_000_000).to_string().len()
}

/// Seconds with two decimals, or three where they differ; as wide as any other of the run.
fn seconds(at: Micros, whole: usize) -> String {
    let (seconds, millis) = (at.0 / 1_000_000, at.0 / 1_000 % 1_000);
    match millis % 10 {
        0 => format!("{seconds:whole$}.{:02} ", millis / 10),
        _ => format!("{seconds:whole$}.{millis:03}"),
    }
}

/// How things stand at the end of a run.
#[derive(Serialize)]
struct Summary<'w> {
    until_us: u64,
    seed: u64,
    profile: &'static str,
    events: usize,
    published: u64,
    unroutable: u64,
    copies: u64,
    delivered: u64,
    acked: u64,
    requeued: u64,
    rejected: u64,
    returned: u64,
    confirmed: u64,
    nacked: u64,
    expired: u64,
    dropped: u64,
    exhausted: u64,
    turned_away: u64,
    dead_lettered: u64,
    purged: u64,
    lost: u64,
    refused: u64,
    on_the_way: usize,
    queues: Vec<QueueRow<'w>>,
    consumers: Vec<ConsumerRow<'w>>,
}

#[derive(Serialize)]
struct QueueRow<'w> {
    name: &'w Name,
    ready: usize,
    unacked: usize,
}

#[derive(Serialize)]
struct ConsumerRow<'w> {
    name: &'w Name,
    queue: &'w Name,
    delivered: u64,
    finished: u64,
    failed: u64,
    requeued: u64,
    lost: u64,
    under_way: u64,
    acked: u64,
    unacked: usize,
}

impl<'w> Summary<'w> {
    fn of(scenario: &Scenario, world: &'w World, tally: &Tally, events: usize) -> Self {
        let broker = world.broker();
        let totals = broker.totals();
        let queues = broker.queues().iter().filter(|queue| !queue.deleted);
        let queues = queues.map(|queue| QueueRow {
            name: &queue.name,
            ready: queue.ready_len(),
            unacked: queue.unacked(),
        });
        let consumers = world.workers().iter().map(|worker| {
            let done = tally.of(worker.id);
            let consumer = worker.consumer.and_then(|id| broker.consumer(id));
            ConsumerRow {
                name: worker.name(),
                queue: &worker.setup.queue,
                delivered: done.delivered,
                finished: done.finished,
                failed: done.failed,
                requeued: done.requeued,
                lost: done.lost,
                under_way: done.under_way(),
                acked: done.acked,
                unacked: consumer.map_or(0, |consumer| consumer.unacked),
            }
        });
        Self {
            until_us: scenario.until.0,
            seed: scenario.setup.seed,
            profile: scenario.setup.profile.as_str(),
            events,
            published: totals.messages,
            unroutable: totals.unroutable,
            copies: totals.copies,
            delivered: totals.delivered,
            acked: totals.acked,
            requeued: totals.requeued,
            rejected: totals.rejected,
            returned: totals.returned,
            confirmed: totals.confirmed,
            nacked: totals.nacked,
            expired: totals.expired,
            dropped: totals.dropped,
            exhausted: totals.exhausted,
            turned_away: totals.turned_away,
            dead_lettered: totals.dead_lettered,
            purged: totals.purged,
            lost: totals.lost,
            refused: totals.refused,
            on_the_way: broker.on_the_way().len(),
            queues: queues.collect(),
            consumers: consumers.collect(),
        }
    }

    /// What happened besides what every run has.
    fn rarer(&self) -> Vec<String> {
        let counts = [
            (
                self.confirmed,
                t!("count-confirmed", count = self.confirmed),
            ),
            (self.nacked, t!("count-nacked", count = self.nacked)),
            (self.returned, t!("count-returned", count = self.returned)),
            (self.expired, t!("count-expired", count = self.expired)),
            (self.dropped, t!("count-dropped", count = self.dropped)),
            (
                self.exhausted,
                t!("count-exhausted", count = self.exhausted),
            ),
            (
                self.turned_away,
                t!("count-turned-away", count = self.turned_away),
            ),
            (
                self.dead_lettered,
                t!("count-dead-lettered", count = self.dead_lettered),
            ),
            (self.purged, t!("count-purged", count = self.purged)),
            (self.lost, t!("count-lost", count = self.lost)),
            (self.refused, t!("count-refused", count = self.refused)),
        ];
        let there = counts.into_iter().filter(|(count, _)| *count > 0);
        there.map(|(_, told)| told).collect()
    }

    fn print(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let until = Micros(self.until_us).to_string();
        writeln!(
            out,
            "\n{}",
            t!(
                "run-summary",
                until = until,
                published = self.published,
                unroutable = self.unroutable,
                delivered = self.delivered,
                acked = self.acked,
                requeued = self.requeued,
                rejected = self.rejected
            )
        )?;
        let rarer = self.rarer();
        if !rarer.is_empty() {
            writeln!(out, "{}", t!("run-summary-more", counts = rarer.join(", ")))?;
        }
        let queues = self.queues.iter().map(|queue| {
            [
                shown(queue.name).into_owned(),
                queue.ready.to_string(),
                queue.unacked.to_string(),
            ]
        });
        let head = [t!("table-queue"), t!("table-ready"), t!("table-unacked")];
        table(head, queues.collect(), out)?;
        let consumers = self.consumers.iter().map(|consumer| {
            [
                shown(consumer.name).into_owned(),
                consumer.delivered.to_string(),
                consumer.finished.to_string(),
                consumer.failed.to_string(),
                consumer.requeued.to_string(),
                consumer.lost.to_string(),
                consumer.under_way.to_string(),
                consumer.acked.to_string(),
                consumer.unacked.to_string(),
            ]
        });
        let head = [
            t!("table-consumer"),
            t!("table-delivered"),
            t!("table-finished"),
            t!("table-failed"),
            t!("table-requeued"),
            t!("table-lost"),
            t!("table-under-way"),
            t!("table-acked"),
            t!("table-unacked"),
        ];
        table(head, consumers.collect(), out)
    }
}

/// A table with its first column to the left and numbers to the right; none if it has no rows.
fn table<const N: usize>(
    head: [String; N],
    rows: Vec<[String; N]>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let all = || std::iter::once(&head).chain(&rows);
    let widths: Vec<usize> = (0..N)
        .map(|column| {
            let cells = all().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    writeln!(out)?;
    for row in all() {
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            match column {
                0 => write!(out, "{cell:width$}")?,
                _ => write!(out, "  {cell:>width$}")?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stand_under_each_other() {
        assert_eq!(seconds(Micros(1_200_000), 2), " 1.20 ");
        assert_eq!(seconds(Micros(12_345_678), 2), "12.345");
        assert_eq!(seconds(Micros(0), 1), "0.00 ");
    }
}
