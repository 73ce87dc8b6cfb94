//! `leveret explain`: where a message would go and, for every binding of every exchange it visits, why or why not.

mod refused;
mod user;
mod waits;

use std::io::Write;
use std::sync::Arc;

use anyhow::Context as _;
use serde::Serialize;

use crate::broker::{
    Alternate, AlternateUse, Definitions, Effect, Exchange, ExchangeKind, Keys, Name, Origin,
    Properties, Publication, Table, Value, Verdict, Via, Visit, cc_keys,
};
use crate::scenario::Scenario;
use crate::t;
use crate::words::{binding_label, exchange_name, origin, why};
use crate::world::World;

use self::refused::Refused;
pub(super) use self::waits::Waits;
use super::record::destination_type;
use super::{ExplainArgs, Outcome, json_line};

pub(super) fn explain(args: &ExplainArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let mut scenario = args.vhost.open(&args.file)?;
    args.profile.choose(&mut scenario);
    let world = World::new(&scenario.setup).with_context(|| args.file.clone())?;
    if let Some(kind) = beyond(&scenario, &args.exchange, &world) {
        let name = exchange_name(&args.exchange);
        let told = t!("explain-plugin", exchange = name, kind = kind.as_str());
        anyhow::bail!("{}: {told}", args.file);
    }
    let headers = headers(args)?;
    let answer = Answer::to(args, &headers, &world);
    if args.json {
        json_line(out, &answer)?;
    } else {
        answer.print(out)?;
    }
    Ok(Outcome::Done)
}

/// The type of an exchange that the definitions have and the world has not, since it is a plugin's. What has a name of
/// the broker's own is left out by RabbitMQ as well (O12).
fn beyond(scenario: &Scenario, exchange: &str, world: &World) -> Option<Name> {
    let document = scenario.definitions.as_ref()?;
    if exchange.starts_with("amq.") || world.definitions().exchange_named(exchange).is_some() {
        return None;
    }
    document.exchange_type(&scenario.setup.vhost, exchange)
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
    /// The broker would close the channel (P1).
    Refused,
}

#[derive(Serialize)]
struct Visited<'a> {
    exchange: &'a str,
    #[serde(rename = "type")]
    kind: ExchangeKind,
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
    matched: bool,
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
    used: bool,
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
            waits: Vec::new(),
            refusal: None,
        };
        let permitted = args.user.as_deref().map_or(Ok(()), |user| {
            user::ask(&user.into(), publication(args, headers), world)
        });
        let asked = permitted
            .and_then(|()| definitions.require_published_to(&args.exchange))
            .and_then(|exchange| Ok((exchange, cc_keys(headers)?)));
        let (exchange, also) = match asked {
            Ok((exchange, (cc, bcc))) => (exchange, [cc, bcc].concat()),
            Err(refusal) => {
                answer.refusal = Some(Refused::new(&refusal, &args.exchange, definitions));
                return answer;
            }
        };
        let keys = Keys {
            key: &args.key,
            also: &also,
        };
        let message = published(args, headers);
        // Chance is not asked: of what it may choose, the first stands for all. BCC is no header any more.
        let explanation = definitions.explain(exchange, keys, &message.properties.headers, 0);
        let queues = explanation.queues.iter();
        answer.queues = queues.map(|&queue| definitions.queue_name(queue)).collect();
        answer.outcome = match answer.queues.is_empty() {
            true => Fate::Unroutable,
            false => Fate::Routed,
        };
        let visits = explanation.visits.iter();
        answer.visited = visits
            .filter_map(|visit| Visited::of(visit, &args.key, world))
            .collect();
        let waits = explanation.queues.iter();
        answer.waits = waits
            .filter_map(|&queue| Waits::of(queue, &message, world))
            .collect();
        answer
    }

    fn print(&self, out: &mut impl Write) -> anyhow::Result<()> {
        if let Some(refusal) = &self.refusal {
            return refusal.print(out);
        }
        if self.queues.is_empty() {
            writeln!(out, "{}", t!("explain-unroutable"))?;
        } else {
            let (queues, count) = (self.queues.join(", "), self.queues.len());
            writeln!(
                out,
                "{}",
                t!("explain-routed", queues = queues, count = count)
            )?;
        }
        for visited in &self.visited {
            let name = exchange_name(visited.exchange);
            writeln!(out, "\n{name} ({})", visited.kind)?;
            visited.print(out)?;
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
            kind: exchange.kind,
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
        if self.bindings.is_empty() {
            writeln!(out, "  {}", t!("explain-no-bindings"))?;
        }
        let labels: Vec<String> = self
            .bindings
            .iter()
            .map(|row| row.label(self.kind))
            .collect();
        let width = |texts: &mut dyn Iterator<Item = &str>| {
            texts.map(|text| text.chars().count()).max().unwrap_or(0)
        };
        let labelled = width(&mut labels.iter().map(String::as_str));
        let named = width(&mut self.bindings.iter().map(|row| row.destination));
        for (row, label) in self.bindings.iter().zip(labels) {
            let sign = if row.matched { '✓' } else { '✗' };
            writeln!(
                out,
                "  {sign} {label:labelled$} → {:named$}  {}",
                row.destination, row.why
            )?;
        }
        if let Some(detour) = &self.alternate {
            let sign = if detour.used { '✓' } else { '✗' };
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
            used: alternate.used == AlternateUse::Passed,
            why: match alternate.used {
                AlternateUse::Passed => t!("why-alternate-passed"),
                AlternateUse::Already => t!("why-alternate-already"),
                AlternateUse::NotNeeded => t!("why-alternate-not-needed"),
                AlternateUse::Missing => t!("why-alternate-missing"),
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
            matched: verdict.matched(),
            already: verdict.effect == Effect::Already,
            by: verdict.by.clone(),
            why: why(verdict, key, definitions),
        }
    }

    /// What the binding is called; a fanout exchange's, which compare nothing, by their keys.
    fn label(&self, kind: ExchangeKind) -> String {
        let none = Table::new();
        let arguments = self.arguments.unwrap_or(&none);
        binding_label(kind, &self.key, arguments).unwrap_or_else(|| match self.key.as_str() {
            "" => "\"\"".to_owned(),
            key => key.to_owned(),
        })
    }
}
