//! `leveret explain`: where a message would go and, for every binding of every exchange it visits, why or why not.

mod journey;
mod refused;
mod user;
mod waits;

use std::io::Write;
use std::sync::Arc;

use anyhow::Context as _;
use serde::Serialize;

use crate::broker::{
    Alternate, AlternateUse, Definitions, Effect, Exchange, ExchangeKind, Explanation, Micros,
    Name, Origin, Properties, Publication, QueueId, Refusal, ReplyCode, Table, Value, Verdict, Via,
    Visit, cc_keys,
};
use crate::t;
use crate::words::{binding_label, exchange_name, origin, shown, span, why};
use crate::world::World;

pub(super) use self::journey::Journey;
use self::journey::Untold;
use self::refused::Refused;
pub(super) use self::waits::Waits;
use super::record::destination_type;
use super::{ExplainArgs, Outcome, json_line};

pub(super) fn explain(args: &ExplainArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let mut scenario = args.vhost.open(&args.file)?;
    args.profile.choose(&mut scenario);
    let world = World::new(&scenario.setup).with_context(|| args.file.clone())?;
    let headers = headers(args)?;
    let answer = Answer::to(args, &headers, &world);
    if args.json {
        json_line(out, &answer)?;
    } else {
        answer.print(out)?;
    }
    Ok(Outcome::Done)
}

fn headers(args: &ExplainArgs) -> anyhow::Result<Table> {
    let mut headers = Table::new();
    let mut insert = |name: &Name, value: Value| match headers.insert(name.clone(), value) {
        None => Ok(()),
        Some(_) => anyhow::bail!("the header `{name}` is given twice; give it once"),
    };
    for (name, value) in &args.headers {
        insert(name, value.clone())?;
    }
    for (name, keys) in [("CC", &args.cc), ("BCC", &args.bcc)] {
        if !keys.is_empty() {
            let keys = keys.iter().map(|key| Value::from(key.as_str())).collect();
            insert(&name.into(), Value::Array(keys))?;
        }
    }
    Ok(headers)
}

/// The message as it is published.
fn publication(args: &ExplainArgs, headers: &Table) -> Publication {
    Publication {
        exchange: args.exchange.as_str().into(),
        routing_key: args.key.clone(),
        properties: Arc::new(Properties {
            headers: headers.clone(),
            message_id: args.message_id.clone(),
            correlation_id: args.correlation_id.clone(),
            timestamp: args.timestamp,
            ..Properties::default()
        }),
        ..Publication::default()
    }
}

/// The message as a queue would have it.
fn published(args: &ExplainArgs, headers: &Table) -> Publication {
    let message = publication(args, headers);
    // What is refused of CC and BCC was told before.
    message.clone().hide_bcc().unwrap_or(message)
}

/// Where the message goes. Its JSON form is promised stable in docs/commands.md.
#[derive(Serialize)]
struct Answer<'a> {
    exchange: &'a str,
    key: &'a str,
    headers: &'a Table,
    outcome: Fate,
    queues: Vec<&'a str>,
    visited: Vec<Visited<'a>>,
    /// What happens once exchanges that keep the message pass it on (E45).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    later: Vec<Later<'a>>,
    /// Why it cannot be told where it goes (E47, E48).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    untold: Vec<Untold>,
    /// Exchanges that take one of several by chance: the first stands for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    by_chance: Vec<Name>,
    /// What would become of it in each of the queues.
    waits: Vec<Waits<'a>>,
    /// Why it is refused, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Refused>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Fate {
    /// At least one queue gets a copy.
    Routed,
    /// No queue does.
    Unroutable,
    /// Where it goes, or whether it stays, is not only in this file (E47, E48).
    Untold,
    /// The broker would close the channel (P1), or the connection.
    Refused,
}

/// What an exchange does that kept the message for a while (E45).
#[derive(Serialize)]
struct Later<'a> {
    exchange: &'a str,
    after_ms: u64,
    queues: Vec<&'a str>,
    visited: Vec<Visited<'a>>,
}

#[derive(Serialize)]
struct Visited<'a> {
    exchange: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip)]
    rule: ExchangeKind,
    bindings: Vec<Row<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alternate: Option<Detour>,
}

#[derive(Serialize)]
struct Row<'a> {
    destination: &'a str,
    destination_type: &'static str,
    key: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a Table>,
    /// Nothing where nobody can tell (E47).
    matched: Option<bool>,
    /// It matched, but its destination has the message already (E12).
    already: bool,
    /// The key out of CC or BCC that made it match, if the routing key did not (E14).
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<Name>,
    why: String,
}

/// An exchange's alternate exchange (E13).
#[derive(Serialize)]
struct Detour {
    exchange: Name,
    /// The argument or the policy that says so.
    origin: String,
    /// Nothing where nobody can tell (E47).
    used: Option<bool>,
    why: String,
}

impl<'a> Answer<'a> {
    fn to(args: &'a ExplainArgs, headers: &'a Table, world: &'a World) -> Self {
        let definitions = world.definitions();
        let mut answer = Self {
            exchange: &args.exchange,
            key: &args.key,
            headers,
            outcome: Fate::Refused,
            queues: Vec::new(),
            visited: Vec::new(),
            later: Vec::new(),
            untold: Vec::new(),
            by_chance: Vec::new(),
            waits: Vec::new(),
            refusal: None,
        };
        let permitted = args.user.as_deref().map_or(Ok(()), |user| {
            user::ask(&user.into(), publication(args, headers), world)
        });
        let asked = permitted
            .and_then(|()| definitions.require_published_to(&args.exchange))
            .and_then(|exchange| Ok((exchange, cc_keys(headers)?)));
        let message = published(args, headers);
        let journey = asked.and_then(|(exchange, _)| {
            let journey = Journey::of(exchange, &message, world);
            match journey.fails {
                true => Err(Refusal::new(ReplyCode::InternalError, "E45", "")),
                false => Ok(journey),
            }
        });
        let journey = match journey {
            Ok(journey) => journey,
            Err(refusal) => {
                answer.refusal = Some(Refused::new(&refusal, &args.exchange, definitions));
                return answer;
            }
        };
        let names = |queues: &[QueueId]| {
            let queues = queues.iter();
            queues.map(|&queue| definitions.queue_name(queue)).collect()
        };
        let visited = |explanation: &Explanation| {
            let visits = explanation.visits.iter();
            visits
                .filter_map(|visit| Visited::of(visit, &args.key, world))
                .collect()
        };
        answer.queues = names(&journey.queues);
        answer.outcome = match (journey.untold.is_empty(), answer.queues.is_empty()) {
            (false, _) => Fate::Untold,
            (true, true) => Fate::Unroutable,
            (true, false) => Fate::Routed,
        };
        answer.visited = visited(&journey.now);
        let later = journey.later.iter().map(|(exchange, span, then)| Later {
            exchange: definitions.exchange_name(*exchange),
            after_ms: span.0 / 1_000,
            queues: names(&then.queues),
            visited: visited(then),
        });
        answer.later = later.collect();
        (answer.untold, answer.by_chance) = (journey.untold, journey.by_chance);
        let waits = journey.queues.iter();
        answer.waits = waits
            .filter_map(|&queue| Waits::of(queue, &message, world))
            .collect();
        answer
    }

    fn print(&self, out: &mut impl Write) -> anyhow::Result<()> {
        if let Some(refusal) = &self.refusal {
            return refusal.print(out);
        }
        let names: Vec<_> = self.queues.iter().map(|name| shown(name)).collect();
        let (queues, count) = (names.join(", "), names.len());
        let outcome = match self.outcome {
            Fate::Untold => t!("explain-untold", queues = queues, count = count),
            _ if self.queues.is_empty() => t!("explain-unroutable"),
            _ => t!("explain-routed", queues = queues, count = count),
        };
        writeln!(out, "{outcome}")?;
        for untold in &self.untold {
            writeln!(out, "  {}", untold.told())?;
        }
        for exchange in &self.by_chance {
            let exchange = exchange_name(exchange);
            writeln!(out, "  {}", t!("explain-by-chance", exchange = exchange))?;
        }
        for visited in &self.visited {
            visited.print(out)?;
        }
        for later in &self.later {
            let told = t!(
                "explain-later",
                exchange = exchange_name(later.exchange),
                span = span(Micros::from_millis(later.after_ms))
            );
            writeln!(out, "\n{told}")?;
            for visited in &later.visited {
                visited.print(out)?;
            }
        }
        // A queue of which there is nothing to say was named above.
        for waits in self.waits.iter().filter(|waits| waits.has_more_to_say()) {
            waits.print(out)?;
        }
        Ok(())
    }
}

impl<'a> Visited<'a> {
    fn of(visit: &Visit, key: &str, world: &'a World) -> Option<Self> {
        let definitions = world.definitions();
        let exchange = definitions.exchange(visit.exchange)?;
        let rows = visit.verdicts.iter();
        Some(Self {
            exchange: &exchange.name,
            kind: exchange.type_name(),
            rule: exchange.rule,
            bindings: rows
                .map(|verdict| Row::of(verdict, key, definitions))
                .collect(),
            alternate: visit
                .alternate
                .as_ref()
                .map(|alternate| Detour::of(alternate, exchange, world)),
        })
    }

    fn print(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let name = exchange_name(self.exchange);
        writeln!(out, "\n{name} ({})", shown(self.kind))?;
        if self.bindings.is_empty() {
            writeln!(out, "  {}", t!("explain-no-bindings"))?;
        }
        let rows = self.bindings.iter();
        let rows = rows.map(|row| {
            let label = row.label(self.rule);
            (row, label, row.destination())
        });
        let rows: Vec<_> = rows.collect();
        let width = |texts: &mut dyn Iterator<Item = &str>| {
            texts.map(|text| text.chars().count()).max().unwrap_or(0)
        };
        let labelled = width(&mut rows.iter().map(|(_, label, _)| label.as_str()));
        let named = width(&mut rows.iter().map(|(.., to)| to.as_str()));
        for (row, label, to) in &rows {
            let sign = match row.matched {
                Some(true) => '✓',
                Some(false) => '✗',
                None => '?',
            };
            writeln!(out, "  {sign} {label:labelled$} → {to:named$}  {}", row.why)?;
        }
        if let Some(detour) = &self.alternate {
            let sign = match detour.used {
                Some(true) => '✓',
                Some(false) => '✗',
                None => '?',
            };
            let alternate = t!(
                "explain-alternate",
                exchange = exchange_name(&detour.exchange),
                origin = detour.origin.as_str()
            );
            writeln!(out, "  {sign} {alternate}  {}", detour.why)?;
        }
        Ok(())
    }
}

impl Detour {
    fn of(alternate: &Alternate, exchange: &Exchange, world: &World) -> Self {
        let policies = world.broker().policies();
        let origin_of = match policies.for_exchange(&exchange.name) {
            Some(policy) if !alternate.argued => Origin::Policy(policy.name.clone()),
            _ => Origin::Argument,
        };
        Self {
            exchange: alternate.name.clone(),
            origin: origin(&origin_of),
            used: (alternate.used != AlternateUse::Unknown)
                .then_some(alternate.used == AlternateUse::Passed),
            why: match alternate.used {
                AlternateUse::Passed => t!("why-alternate-passed"),
                AlternateUse::Already => t!("why-alternate-already"),
                AlternateUse::NotNeeded => t!("why-alternate-not-needed"),
                AlternateUse::Missing => t!("why-alternate-missing"),
                AlternateUse::Unknown => t!("why-alternate-unknown"),
            },
        }
    }
}

impl<'a> Row<'a> {
    fn of(verdict: &Verdict, key: &str, definitions: &'a Definitions) -> Self {
        let arguments = match verdict.via {
            Via::Binding(id) => definitions.binding(id).map(|binding| &binding.arguments),
            Via::Implicit(_) | Via::Alternate(_) => None,
        };
        Self {
            destination: definitions.destination_name(verdict.destination),
            destination_type: destination_type(verdict.destination),
            key: verdict.key.clone(),
            arguments: arguments.filter(|arguments| !arguments.is_empty()),
            matched: (verdict.effect != Effect::Unknown).then_some(verdict.matched()),
            already: verdict.effect == Effect::Already,
            by: verdict.by.clone(),
            why: why(verdict, key, definitions),
        }
    }

    /// What it leads to.
    fn destination(&self) -> String {
        match self.destination_type {
            "exchange" => exchange_name(self.destination),
            _ => shown(self.destination).into_owned(),
        }
    }

    /// What the binding is called; a fanout exchange's, which compare nothing, by their keys.
    fn label(&self, kind: ExchangeKind) -> String {
        let none = Table::new();
        let arguments = self.arguments.unwrap_or(&none);
        let label = binding_label(kind, &self.key, arguments);
        label.unwrap_or_else(|| shown(&self.key).into_owned())
    }
}
