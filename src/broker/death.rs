//! Dead-lettering: what becomes of a message that dies in a queue (D3–D11).

use std::sync::Arc;

use super::{InnerTable, Micros, Name, Publication, Switches, Table, Value, Width};

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
    /// When time began, in seconds since 1970.
    pub began: u64,
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
    /// When for the first time, in whole seconds; with clients that are real, since 1970.
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
            time: death.began + death.at.0 / 1_000_000,
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
        held: publication.held.clone(),
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
        // In RabbitMQ's order.
        let mut table = InnerTable::default();
        if let Some(expiration) = self.original_expiration {
            table.push("original-expiration".into(), expiration.into());
        }
        // Clients take it for 64 bits, as RabbitMQ writes it.
        table.push("count".into(), Value::Sized(Width::I64, count));
        table.push("reason".into(), self.reason.as_str().into());
        table.push("queue".into(), self.queue.into());
        table.push("time".into(), Value::Timestamp(self.time));
        table.push("exchange".into(), self.exchange.into());
        table.push("routing-keys".into(), Value::Array(keys));
        Value::Table(table)
    }

    /// An entry that lacks something is none: RabbitMQ passes over it as well.
    fn read(entry: &Value) -> Option<Self> {
        let Value::Table(entry) = entry else {
            return None;
        };
        let text = |key| match entry.get(key) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let number = |key| match entry.get(key) {
            Some(Value::Timestamp(seconds)) => Some(*seconds),
            other => u64::try_from(other?.as_int()?).ok(),
        };
        let Some(Value::Array(keys)) = entry.get("routing-keys") else {
            return None;
        };
        Some(Self {
            queue: text("queue")?,
            reason: DeathReason::from_str(&text("reason")?)?,
            count: number("count")?,
            time: number("time")?,
            exchange: text("exchange")?,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::{Body, Profile, Properties};

    const NEWEST: Profile = Profile::V4_3;

    fn message(key: &str, headers: &[(&str, Value)]) -> Publication {
        let headers = headers.iter();
        Publication {
            exchange: "shop".into(),
            routing_key: key.into(),
            properties: Arc::new(Properties {
                headers: headers
                    .map(|(name, value)| (Name::from(*name), value.clone()))
                    .collect(),
                delivery_mode: Some(2),
                priority: Some(3),
                message_id: Some("m-1".into()),
                ..Properties::default()
            }),
            body: Body::from("text"),
            ..Publication::default()
        }
    }

    fn array(texts: &[&str]) -> Value {
        Value::Array(texts.iter().map(|text| Value::from(*text)).collect())
    }

    /// The message after dying in `queue`, `at` that second, under the profile; the dead-letter exchange is `dlx`.
    fn died_under(
        profile: Profile,
        publication: &Publication,
        (queue, reason, at): (&str, DeathReason, u64),
        key: Option<&str>,
    ) -> Publication {
        let (queue, exchange, key) = (Name::from(queue), Name::from("dlx"), key.map(Name::from));
        let death = Death {
            reason,
            queue: &queue,
            at: Micros::from_secs(at),
            began: 0,
            exchange: &exchange,
            dead_letter_key: key.as_ref(),
        };
        dead_letter(publication, &death, profile.switches())
    }

    fn died(publication: &Publication, queue: &str, reason: DeathReason, at: u64) -> Publication {
        died_under(NEWEST, publication, (queue, reason, at), None)
    }

    fn keys(publication: &Publication) -> Vec<&str> {
        publication.keys().map(Name::as_str).collect()
    }

    fn header<'a>(publication: &'a Publication, name: &str) -> Option<&'a str> {
        match publication.properties.headers.get(name) {
            Some(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        }
    }

    /// Queue, reason, count and time of each entry.
    fn history(publication: &Publication) -> Vec<(String, &'static str, u64, u64)> {
        deaths(publication)
            .into_iter()
            .map(|record| {
                let queue = record.queue.to_string();
                (queue, record.reason.as_str(), record.count, record.time)
            })
            .collect()
    }

    fn entry(queue: &str, reason: &str, count: i64) -> Value {
        Value::Table(InnerTable::from([
            ("queue".into(), queue.into()),
            ("reason".into(), reason.into()),
            ("count".into(), Value::Sized(Width::I64, count)),
            ("exchange".into(), "earlier".into()),
            ("time".into(), Value::Timestamp(2)),
            ("routing-keys".into(), array(&["k"])),
        ]))
    }

    #[test]
    fn the_reasons_are_called_as_rabbitmq_calls_them() {
        // D1
        let names = DeathReason::ALL.map(DeathReason::as_str);
        assert_eq!(names, ["rejected", "expired", "maxlen", "delivery_limit"]);
        for reason in DeathReason::ALL {
            assert_eq!(DeathReason::from_str(reason.as_str()), Some(reason));
        }
        assert_eq!(DeathReason::from_str("Rejected"), None);
    }

    #[test]
    fn without_a_key_of_the_queue_all_keys_stay() {
        // D3
        let published = message("a", &[("CC", array(&["b"])), ("BCC", array(&["c"]))]);
        let published = published.hide_bcc().unwrap();
        let dead = died(&published, "q", DeathReason::Rejected, 1);
        assert_eq!(dead.exchange, "dlx");
        assert_eq!(dead.routing_key, "a");
        assert_eq!(keys(&dead), ["a", "b", "c"]);
        // D7: what a consumer reads of them leaves the hidden ones out.
        assert_eq!(deaths(&dead)[0].routing_keys, ["a", "b"]);
        assert!(!dead.properties.headers.contains_key("BCC"));
        // Once more: they are still there.
        let dead = died(&dead, "r", DeathReason::Rejected, 2);
        assert_eq!(keys(&dead), ["a", "b", "c"]);
    }

    #[test]
    fn a_key_of_the_queue_replaces_all_keys_but_the_header_is_kept() {
        // D3, D10, W3
        let published = message("a", &[("CC", array(&["b"])), ("BCC", array(&["c"]))]);
        let published = published.hide_bcc().unwrap();
        for profile in Profile::ALL {
            let death = ("q", DeathReason::Rejected, 1);
            let dead = died_under(profile, &published, death, Some("dead"));
            assert_eq!(keys(&dead), ["dead"]);
            assert_eq!(dead.properties.headers.get("CC"), Some(&array(&["b"])));
            assert_eq!(deaths(&dead)[0].routing_keys, ["a", "b"]);
            // The next death without a key of the queue goes by the key it came with.
            let dead = died_under(profile, &dead, ("r", DeathReason::Rejected, 2), None);
            assert_eq!(keys(&dead), ["dead"]);
            assert_eq!(deaths(&dead)[0].routing_keys, ["dead"]);
        }
        // An empty key is a key.
        let dead = died_under(
            NEWEST,
            &published,
            ("q", DeathReason::Rejected, 1),
            Some(""),
        );
        assert_eq!(keys(&dead), [""]);
    }

    #[test]
    fn the_expiration_is_taken_away_and_all_else_kept() {
        // D4
        let mut published = message("a", &[("h", Value::Int(1))]);
        Arc::make_mut(&mut published.properties).expiration = Some("5000".into());
        let dead = died(&published, "q", DeathReason::Expired, 5);
        assert_eq!(
            deaths(&dead)[0].original_expiration.as_deref(),
            Some("5000")
        );
        let (mut before, mut after) = (published.properties.clone(), dead.properties.clone());
        assert_eq!(after.expiration, None);
        assert_eq!(after.headers.get("h"), Some(&Value::Int(1)));
        Arc::make_mut(&mut before).expiration = None;
        Arc::make_mut(&mut before).headers.clear();
        Arc::make_mut(&mut after).headers.clear();
        assert_eq!(before, after);
        assert_eq!(dead.body, published.body);
        // It did not have one the second time.
        let dead = died(&dead, "r", DeathReason::Expired, 6);
        assert_eq!(deaths(&dead)[0].original_expiration, None);
        assert_eq!(
            deaths(&dead)[1].original_expiration.as_deref(),
            Some("5000")
        );
    }

    #[test]
    fn the_header_has_the_fields_that_rabbitmq_writes() {
        // D7
        let mut published = message("a", &[]);
        Arc::make_mut(&mut published.properties).expiration = Some("70".into());
        let dead = died(&published, "q", DeathReason::MaxLen, 12);
        let expected = Value::Array(vec![Value::Table(InnerTable::from([
            ("original-expiration".into(), "70".into()),
            ("count".into(), Value::Sized(Width::I64, 1)),
            ("reason".into(), "maxlen".into()),
            ("queue".into(), "q".into()),
            ("time".into(), Value::Timestamp(12)),
            ("exchange".into(), "shop".into()),
            ("routing-keys".into(), array(&["a"])),
        ]))]);
        assert_eq!(dead.properties.headers.get("x-death"), Some(&expected));
        let dead = died(&message("a", &[]), "q", DeathReason::MaxLen, 12);
        let headers = dead.properties.headers["x-death"].to_string();
        assert!(!headers.contains("original-expiration"), "{headers}");
    }

    #[test]
    fn a_death_that_comes_again_is_counted_and_moves_to_the_front() {
        // D7
        use DeathReason::{Expired, MaxLen, Rejected};
        let mut message = message("a", &[]);
        let mut expected = Vec::new();
        for (queue, reason, at) in [
            ("work", Rejected, 1),
            ("wait", Expired, 2),
            ("work", Rejected, 3),
            ("work", MaxLen, 4),
            ("wait", Expired, 5),
            ("work", Rejected, 6),
        ] {
            message = died(&message, queue, reason, at);
            expected.push(history(&message));
        }
        let entry = |queue: &str, reason, count, time| (queue.to_owned(), reason, count, time);
        assert_eq!(
            expected.last().unwrap(),
            &[
                entry("work", "rejected", 3, 1),
                entry("wait", "expired", 2, 2),
                entry("work", "maxlen", 1, 4),
            ]
        );
        assert_eq!(
            expected[2],
            [
                entry("work", "rejected", 2, 1),
                entry("wait", "expired", 1, 2)
            ]
        );
        // The other fields are those of the first time.
        assert_eq!(deaths(&message)[0].exchange, "shop");
        assert_eq!(deaths(&message)[1].exchange, "dlx");
    }

    #[test]
    fn first_and_last_death_stand_beside() {
        // D8
        for profile in Profile::ALL {
            let once = died_under(
                profile,
                &message("a", &[("x-first-death-queue", "a lie".into())]),
                ("q", DeathReason::Rejected, 1),
                None,
            );
            let twice = died_under(profile, &once, ("r", DeathReason::Expired, 2), None);
            for (publication, which, wanted) in [
                (&once, "first", ["rejected", "q", "shop"]),
                (&once, "last", ["rejected", "q", "shop"]),
                (&twice, "first", ["rejected", "q", "shop"]),
                (&twice, "last", ["expired", "r", "dlx"]),
            ] {
                let said = ["reason", "queue", "exchange"]
                    .map(|what| header(publication, &format!("x-{which}-death-{what}")).unwrap());
                assert_eq!(said, wanted, "{profile} {which}");
            }
        }
    }

    #[test]
    fn a_published_history_is_continued_or_not() {
        // D9
        let published = message(
            "a",
            &[("x-death", Value::Array(vec![entry("q", "rejected", 7)]))],
        );
        assert_eq!(deaths(&published), []);
        for (profile, count) in [(Profile::V3_13, 8), (Profile::V4_2, 1), (Profile::V4_3, 1)] {
            let dead = died_under(profile, &published, ("q", DeathReason::Rejected, 9), None);
            assert_eq!(deaths(&dead).len(), 1, "{profile}");
            assert_eq!(deaths(&dead)[0].count, count, "{profile}");
            // What the broker itself wrote, it goes on with.
            let dead = died_under(profile, &dead, ("q", DeathReason::Rejected, 9), None);
            assert_eq!(deaths(&dead)[0].count, count + 1, "{profile}");
            // A client that consumes and publishes it anew is a publisher.
            let again = Publication {
                died: false,
                ..dead
            };
            let dead = died_under(profile, &again, ("q", DeathReason::Rejected, 9), None);
            let expected = if profile == Profile::V3_13 {
                count + 2
            } else {
                1
            };
            assert_eq!(deaths(&dead)[0].count, expected, "{profile}");
        }
    }

    #[test]
    fn whatever_a_publisher_calls_a_history_does_no_harm() {
        // D9
        for nonsense in [
            Value::Void,
            Value::from("x-death"),
            Value::Array(vec![Value::Int(1), Value::Table(InnerTable::default())]),
            Value::Array(vec![entry("q", "boredom", 1)]),
            Value::Array(vec![Value::Table(InnerTable::from([(
                "queue".into(),
                1.into(),
            )]))]),
        ] {
            let published = message("a", &[("x-death", nonsense)]);
            let dead = died_under(
                Profile::V3_13,
                &published,
                ("q", DeathReason::Expired, 1),
                None,
            );
            assert_eq!(history(&dead), [("q".to_owned(), "expired", 1, 1)]);
        }
        let most = Value::Array(vec![entry("q", "expired", i64::MAX)]);
        let published = message("a", &[("x-death", most)]);
        let dead = died_under(
            Profile::V3_13,
            &published,
            ("q", DeathReason::Expired, 1),
            None,
        );
        let dead = died_under(Profile::V3_13, &dead, ("q", DeathReason::Expired, 1), None);
        assert_eq!(deaths(&dead)[0].count, i64::MAX.unsigned_abs());
    }

    #[test]
    fn a_circle_without_a_rejection_is_closed() {
        // D11
        use DeathReason::{DeliveryLimit, Expired, MaxLen, Rejected};
        for (history, reason, target, cycle) in [
            (&[("q", Expired)][..], Expired, "q", true),
            (&[("q", Expired)], Expired, "r", false),
            (&[("q", MaxLen)], MaxLen, "q", true),
            (&[("q", DeliveryLimit)], DeliveryLimit, "q", true),
            // Rejections are never looked at: such a loop runs for ever.
            (&[("q", Rejected)], Rejected, "q", false),
            (&[("q", Expired), ("q", Rejected)], Rejected, "q", false),
            // Retry with a waiting queue: work rejects, wait expires back to work.
            (
                &[("work", Rejected), ("wait", Expired)],
                Expired,
                "work",
                false,
            ),
            (
                &[("work", Expired), ("wait", Expired)],
                Expired,
                "work",
                true,
            ),
            // A rejection between the target and now breaks the circle.
            (
                &[("a", Expired), ("b", Rejected), ("c", Expired)],
                Expired,
                "a",
                false,
            ),
            (
                &[("a", Expired), ("b", Rejected), ("c", Expired)],
                Expired,
                "c",
                true,
            ),
            // One that lies further back than the target does not.
            (
                &[("b", Rejected), ("a", Expired), ("c", Expired)],
                Expired,
                "a",
                true,
            ),
            // The newest entry of the target counts.
            (&[("a", Rejected), ("a", Expired)], Expired, "a", true),
            (
                &[("a", Expired), ("a", Rejected), ("b", Expired)],
                Expired,
                "a",
                false,
            ),
        ] {
            let mut message = message("k", &[]);
            for (at, (queue, reason)) in (1..).zip(history) {
                message = died(&message, queue, *reason, at);
            }
            assert_eq!(
                closes_cycle(&message, reason, &target.into()),
                cycle,
                "{history:?} to {target}"
            );
        }
    }

    #[test]
    fn a_message_that_never_died_closes_nothing() {
        // D9, D11
        let header = Value::Array(vec![entry("q", "expired", 1)]);
        let published = message("k", &[("x-death", header)]);
        assert!(!closes_cycle(&published, DeathReason::Expired, &"q".into()));
        let dead = died_under(
            Profile::V3_13,
            &published,
            ("r", DeathReason::Expired, 1),
            None,
        );
        assert!(closes_cycle(&dead, DeathReason::Expired, &"q".into()));
        let dead = died_under(
            Profile::V4_2,
            &published,
            ("r", DeathReason::Expired, 1),
            None,
        );
        assert!(!closes_cycle(&dead, DeathReason::Expired, &"q".into()));
    }
}
