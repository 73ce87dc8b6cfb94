//! What would become of a message in a queue: what holds there, and where it would go if it died.

use std::io::Write;

use serde::Serialize;

use crate::broker::{Keys, Name, QueueId, QueueKind, Settings, Table};
use crate::t;
use crate::words::{Setting, exchange_name, list, settings};
use crate::world::World;

/// A queue that the message reaches.
#[derive(Serialize)]
pub(super) struct Waits<'a> {
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
    queues: Vec<&'a str>,
}

impl<'a> Waits<'a> {
    pub(super) fn of(
        id: QueueId,
        keys: Keys<'_>,
        headers: &Table,
        world: &'a World,
    ) -> Option<Self> {
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
                .then(|| DeadLetter::of(&queue.settings, keys, headers, world))
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
            t!("explain-queue", queue = self.queue, kind = self.kind)
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
            writeln!(out, "  {}", letter.told())?;
        }
        Ok(())
    }
}

impl<'a> DeadLetter<'a> {
    fn of(
        settings: &'a Settings,
        keys: Keys<'_>,
        headers: &Table,
        world: &'a World,
    ) -> Option<Self> {
        let definitions = world.definitions();
        let exchange = settings.dead_letter_exchange.as_ref()?;
        let key = settings.dead_letter_key.as_ref();
        let there = definitions.exchange_named(exchange);
        let queues = there.map_or(Vec::new(), |there| {
            let keys = key.map_or(keys, Keys::only);
            let explanation = definitions.explain(there.id, keys, headers, 0);
            let queues = explanation.queues.iter();
            queues.map(|&queue| definitions.queue_name(queue)).collect()
        });
        Some(Self {
            exchange,
            exists: there.is_some(),
            key: key.map(Name::as_str),
            queues,
        })
    }

    fn told(&self) -> String {
        let exchange = exchange_name(self.exchange);
        match (self.exists, self.queues.is_empty()) {
            (false, _) => t!("explain-dead-no-exchange", exchange = exchange),
            (true, true) => t!("explain-dead-unroutable", exchange = exchange),
            (true, false) => t!(
                "explain-dead",
                exchange = exchange,
                queues = list(&self.queues)
            ),
        }
    }
}
