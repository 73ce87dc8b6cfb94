//! What would become of a message in a queue: what holds there, and where it would go if it died.

use std::io::Write;

use serde::Serialize;

use crate::broker::{
    Death, DeathReason, ExchangeId, Micros, Name, Overflow, Publication, Queue, QueueId, QueueKind,
    Settings, closes_cycle, dead_letter,
};
use crate::t;
use crate::words::{Setting, exchange_name, list, list_names, settings, shown};
use crate::world::World;

use super::journey::{Journey, Untold};

/// A queue that the message reaches.
#[derive(Serialize)]
pub(in crate::cli) struct Waits<'a> {
    queue: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    settings: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_letter: Option<DeadLetter<'a>>,
}

/// What holds for the queue; for people.
#[derive(Serialize)]
struct Row {
    what: String,
    value: String,
    origin: String,
}

/// Where the message would go if it died in the queue (D2, D3).
#[derive(Serialize)]
struct DeadLetter<'a> {
    exchange: &'a str,
    /// Whether there is such an exchange.
    exists: bool,
    /// The key it would go there with; without one, its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    /// All that it would go to for one reason or another.
    queues: Vec<&'a str>,
    deaths: Vec<Dying<'a>>,
    /// Whether the queue keeps it until another has it (D6).
    #[serde(skip)]
    keeps: bool,
}

/// Where it would go if it died for this reason: what its death adds to its headers tells the reason (D8), and where it
/// would go round for ever it does not go (D11).
#[derive(Serialize)]
struct Dying<'a> {
    reason: &'static str,
    queues: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cycles: Vec<&'a str>,
    /// Why it cannot be told where it would go (E47, E48).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    untold: Vec<Untold>,
}

/// The reasons for which a message without an expiration of its own can die in a queue (D1).
fn reasons(settings: &Settings) -> impl Iterator<Item = DeathReason> {
    let bounded = settings.max_length.is_some() || settings.max_bytes.is_some();
    let (expires, drops) = (
        settings.ttl.is_some(),
        bounded && settings.overflow != Overflow::RejectPublish,
    );
    let gives_up = settings.delivery_limit.is_some();
    DeathReason::ALL
        .into_iter()
        .filter(move |reason| match reason {
            DeathReason::Rejected => true,
            DeathReason::Expired => expires,
            DeathReason::MaxLen => drops,
            DeathReason::DeliveryLimit => gives_up,
        })
}

impl<'a> Waits<'a> {
    pub(in crate::cli) fn of(id: QueueId, message: &Publication, world: &'a World) -> Option<Self> {
        let queue = world.broker().queue(id)?;
        let rows = settings(queue.kind, &queue.settings).into_iter();
        Some(Self {
            queue: &queue.name,
            kind: queue.kind.as_str(),
            settings: rows
                .map(
                    |Setting {
                         what,
                         value,
                         origin,
                     }| Row {
                        what,
                        value,
                        origin,
                    },
                )
                .collect(),
            dead_letter: (queue.kind != QueueKind::Stream)
                .then(|| DeadLetter::of(queue, message, world))
                .flatten(),
        })
    }

    pub(super) fn has_more_to_say(&self) -> bool {
        !self.settings.is_empty()
    }

    pub(super) fn print(&self, out: &mut impl Write) -> anyhow::Result<()> {
        writeln!(
            out,
            "\n{}",
            t!("explain-queue", queue = shown(self.queue), kind = self.kind)
        )?;
        for row in &self.settings {
            let row = t!(
                "explain-setting",
                what = row.what.as_str(),
                value = row.value.as_str(),
                origin = row.origin.as_str()
            );
            writeln!(out, "  {row}")?;
        }
        if let Some(letter) = &self.dead_letter {
            for told in letter.told(|_| true) {
                writeln!(out, "  {told}")?;
            }
        }
        Ok(())
    }

    /// What is told of the deaths that take the message to no queue.
    pub(in crate::cli) fn dead_ends(&self) -> Vec<String> {
        let letter = self.dead_letter.iter();
        letter
            .flat_map(|letter| letter.told(|fate| fate.queues.is_empty() && fate.untold.is_empty()))
            .collect()
    }
}

impl<'a> DeadLetter<'a> {
    fn of(queue: &'a Queue, message: &Publication, world: &'a World) -> Option<Self> {
        let settings = &queue.settings;
        let definitions = world.definitions();
        let exchange = settings.dead_letter_exchange.as_ref()?;
        let there = definitions.exchange_named(exchange);
        let deaths: Vec<_> = there.map_or_else(Vec::new, |there| {
            let dying = |reason| Dying::of(reason, queue, there.id, message, world);
            reasons(settings).map(dying).collect()
        });
        let mut queues = Vec::new();
        for &reached in deaths.iter().flat_map(|death| &death.queues) {
            if !queues.contains(&reached) {
                queues.push(reached);
            }
        }
        Some(Self {
            exchange,
            exists: there.is_some(),
            key: settings.dead_letter_key.as_ref().map(Name::as_str),
            queues,
            deaths,
            keeps: settings.at_least_once,
        })
    }

    /// A line for each fate that is asked for, with the reasons that lead to it where there are several.
    fn told(&self, wanted: impl Fn(&Dying<'_>) -> bool) -> Vec<String> {
        let exchange = exchange_name(self.exchange);
        if !self.exists {
            return vec![match self.keeps {
                true => t!("explain-dead-waits", exchange = exchange),
                false => t!("explain-dead-no-exchange", exchange = exchange),
            }];
        }
        let mut fates: Vec<(&Dying<'_>, Vec<String>)> = Vec::new();
        for death in &self.deaths {
            let reason = dying(death.reason);
            match fates.iter_mut().find(|(fate, _)| fate.is_as(death)) {
                Some((_, reasons)) => reasons.push(reason),
                None => fates.push((death, vec![reason])),
            }
        }
        let several = fates.len() > 1;
        let fates = fates.into_iter().filter(|(fate, _)| wanted(fate));
        fates
            .map(|(fate, reasons)| {
                let when = match several {
                    true => t!("explain-dead-when", reasons = list(&reasons)),
                    false => t!("explain-dead-any"),
                };
                fate.told(&when, &exchange, self.keeps)
            })
            .collect()
    }
}

impl<'a> Dying<'a> {
    fn of(
        reason: DeathReason,
        queue: &Queue,
        exchange: ExchangeId,
        message: &Publication,
        world: &'a World,
    ) -> Self {
        let definitions = world.definitions();
        let name: Name = definitions.exchange_name(exchange).into();
        let death = Death {
            reason,
            queue: &queue.name,
            at: Micros::ZERO,
            began: 0,
            exchange: &name,
            dead_letter_key: queue.settings.dead_letter_key.as_ref(),
        };
        let letter = dead_letter(message, &death, world.broker().switches());
        let journey = Journey::of(exchange, &letter, world);
        let reached = journey.queues.iter();
        let named = reached.filter_map(|&id| world.broker().queue(id).map(|queue| &queue.name));
        let (cycles, queues): (Vec<&Name>, Vec<&Name>) =
            named.partition(|name| closes_cycle(&letter, reason, name));
        let texts = |names: Vec<&'a Name>| names.into_iter().map(Name::as_str).collect();
        Self {
            reason: reason.as_str(),
            queues: texts(queues),
            cycles: texts(cycles),
            untold: journey.untold,
        }
    }

    fn is_as(&self, other: &Self) -> bool {
        let untold = self.untold == other.untold;
        untold && self.queues == other.queues && self.cycles == other.cycles
    }

    fn told(&self, when: &str, exchange: &str, keeps: bool) -> String {
        if !self.untold.is_empty() {
            let whys: Vec<String> = self.untold.iter().map(Untold::told).collect();
            return t!(
                "explain-dead-untold",
                when = when,
                exchange = exchange,
                count = self.queues.len(),
                queues = list_names(&self.queues),
                why = whys.join("; ")
            );
        }
        match (self.queues.is_empty(), self.cycles.is_empty()) {
            (false, true) => t!(
                "explain-dead",
                when = when,
                exchange = exchange,
                queues = list_names(&self.queues)
            ),
            (false, false) => t!(
                "explain-dead-but-cycle",
                when = when,
                exchange = exchange,
                queues = list_names(&self.queues),
                cycles = list_names(&self.cycles)
            ),
            (true, _) if keeps => t!("explain-dead-kept", when = when, exchange = exchange),
            (true, false) => t!(
                "explain-dead-cycle",
                when = when,
                exchange = exchange,
                cycles = list_names(&self.cycles)
            ),
            (true, true) => t!("explain-dead-unroutable", when = when, exchange = exchange),
        }
    }
}

/// A reason to die, as it follows "if".
fn dying(reason: &str) -> String {
    t!("explain-dead-reason", reason = reason)
}
