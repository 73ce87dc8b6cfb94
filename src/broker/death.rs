//! Dead-lettering: what becomes of a message that dies in a queue (D3–D11).

use std::sync::Arc;

use super::{Micros, Name, Publication, Switches, Table, Value};

/// Why a message died in a queue (D1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeathReason {
    /// A consumer rejected it and did not want it requeued.
    Rejected,
    /// Its time to live ran out.
    Expired,
    /// The queue was full.
    MaxLen,
    /// It was returned once too often (Q44).
    DeliveryLimit,
}

impl DeathReason {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Rejected,
        Self::Expired,
        Self::MaxLen,
        Self::DeliveryLimit,
    ];

    /// As `x-death` writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::MaxLen => "maxlen",
            Self::DeliveryLimit => "delivery_limit",
        }
    }

    fn from_str(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// A message's death in a queue that has a dead-letter exchange.
#[derive(Clone, Copy, Debug)]
pub struct Death<'a> {
    /// Why.
    pub reason: DeathReason,
    /// The queue it died in.
    pub queue: &'a Name,
    /// When.
    pub at: Micros,
    /// The dead-letter exchange.
    pub exchange: &'a Name,
    /// The queue's dead-letter routing key.
    pub dead_letter_key: Option<&'a Name>,
}

/// One entry of `x-death`: all deaths of one message in one queue for one reason (D7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeathRecord {
    /// The queue it died in.
    pub queue: Name,
    /// Why.
    pub reason: DeathReason,
    /// How often.
    pub count: u64,
    /// When for the first time, in whole seconds.
    pub time: u64,
    /// The exchange it had been published to.
    pub exchange: Name,
    /// The keys it had been published with, those of `BCC` left out.
    pub routing_keys: Vec<Name>,
    /// The `expiration` it had, which is removed so that it does not expire again (D4).
    pub original_expiration: Option<Name>,
}

/// What is published to the dead-letter exchange when a message dies.
pub fn dead_letter(
    publication: &Publication,
    death: &Death<'_>,
    switches: &Switches,
) -> Publication {
    let mut properties = (*publication.properties).clone();
    // D4
    let expiration = properties.expiration.take();

    // D9
    let continued = publication.died || switches.continues_published_deaths;
    let mut records = if continued {
        recorded(&properties.headers)
    } else {
        Vec::new()
    };
    let first = records.is_empty();
    let known = records
        .iter()
        .position(|record| record.queue == *death.queue && record.reason == death.reason);
    // D7
    let record = match known {
        Some(at) => {
            let mut record = records.remove(at);
            record.count = record.count.saturating_add(1);
            record
        }
        None => DeathRecord {
            queue: death.queue.clone(),
            reason: death.reason,
            count: 1,
            time: death.at.0 / 1_000_000,
            exchange: publication.exchange.clone(),
            routing_keys: publication.shown_keys().cloned().collect(),
            original_expiration: expiration,
        },
    };
    records.insert(0, record);
    let entries = records.into_iter().map(DeathRecord::into_value).collect();
    let headers = &mut properties.headers;
    headers.insert("x-death".into(), Value::Array(entries));
    // D8
    let mut set = |which: &str, what: &str, value: Name| {
        headers.insert(format!("x-{which}-death-{what}").into(), value.into());
    };
    for which in if first {
        &["first", "last"][..]
    } else {
        &["last"]
    } {
        set(which, "reason", death.reason.as_str().into());
        set(which, "queue", death.queue.clone());
        set(which, "exchange", publication.exchange.clone());
    }

    // D3, D10: a key of the queue's own takes the place of all others, though the CC header stays to be seen.
    let rekeyed = death.dead_letter_key.is_some();
    Publication {
        exchange: death.exchange.clone(),
        routing_key: death
            .dead_letter_key
            .unwrap_or(&publication.routing_key)
            .clone(),
        properties: Arc::new(properties),
        body: publication.body.clone(),
        bcc: if rekeyed {
            Vec::new()
        } else {
            publication.bcc.clone()
        },
        rekeyed: publication.rekeyed || rekeyed,
        died: true,
    }
}

/// Whether a dead-lettered message would come to `target` in a circle that no consumer breaks, so that it is not to be
/// routed there (D11). `publication` is what [`dead_letter`] gave.
pub fn closes_cycle(publication: &Publication, reason: DeathReason, target: &Name) -> bool {
    if reason == DeathReason::Rejected {
        return false;
    }
    for record in deaths(publication) {
        if record.reason == DeathReason::Rejected {
            return false;
        }
        if record.queue == *target {
            return true;
        }
    }
    false
}

/// What the message died of up to now, the newest death first. An `x-death` header that no broker wrote is not believed.
pub fn deaths(publication: &Publication) -> Vec<DeathRecord> {
    if publication.died {
        recorded(&publication.properties.headers)
    } else {
        Vec::new()
    }
}

/// The entries of `x-death` that can be read. Anybody may have written them.
fn recorded(headers: &Table) -> Vec<DeathRecord> {
    match headers.get("x-death") {
        Some(Value::Array(entries)) => entries.iter().filter_map(DeathRecord::read).collect(),
        _ => Vec::new(),
    }
}

impl DeathRecord {
    fn into_value(self) -> Value {
        let keys = self.routing_keys.into_iter().map(Value::from).collect();
        let count = i64::try_from(self.count).unwrap_or(i64::MAX);
        let mut table = Table::from([
            ("count".into(), Value::Int(count)),
            ("reason".into(), self.reason.as_str().into()),
            ("queue".into(), self.queue.into()),
            ("time".into(), Value::Timestamp(self.time)),
            ("exchange".into(), self.exchange.into()),
            ("routing-keys".into(), Value::Array(keys)),
        ]);
        if let Some(expiration) = self.original_expiration {
            table.insert("original-expiration".into(), expiration.into());
        }
        Value::Table(table)
    }

    fn read(entry: &Value) -> Option<Self> {
        let Value::Table(entry) = entry else {
            return None;
        };
        let text = |key| match entry.get(key) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let number = |key| match entry.get(key) {
            Some(Value::Int(number)) => u64::try_from(*number).ok(),
            Some(Value::Timestamp(seconds)) => Some(*seconds),
            _ => None,
        };
        let keys = match entry.get("routing-keys") {
            Some(Value::Array(keys)) => keys.as_slice(),
            _ => &[],
        };
        Some(Self {
            queue: text("queue")?,
            reason: DeathReason::from_str(&text("reason")?)?,
            count: number("count").unwrap_or(1),
            time: number("time").unwrap_or(0),
            exchange: text("exchange").unwrap_or_default(),
            routing_keys: keys
                .iter()
                .filter_map(|key| match key {
                    Value::Text(key) => Some(key.clone()),
                    _ => None,
                })
                .collect(),
            original_expiration: text("original-expiration"),
        })
    }
}
