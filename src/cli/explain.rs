//! `leveret explain`: where a message would go and, for every binding of every exchange it visits, why or why not.

use std::io::Write;

use anyhow::Context as _;
use serde::Serialize;

use crate::broker::{
    Definitions, Effect, ExchangeKind, Keys, Name, PREDECLARED, ReplyCode, Table, Value, Verdict,
    Via,
};
use crate::scenario::nearest::nearest;
use crate::t;
use crate::words::{binding_label, exchange_name, list, why};
use crate::world::World;

use super::record::destination_type;
use super::{ExplainArgs, Outcome, json_line, open};

pub(super) fn explain(args: &ExplainArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let scenario = open(&args.file)?;
    let world = World::new(&scenario.setup).with_context(|| args.file.clone())?;
    let headers = headers(&args.headers)?;
    let answer = Answer::to(args, &headers, world.definitions());
    if args.json {
        json_line(out, &answer)?;
    } else {
        answer.print(out)?;
    }
    Ok(Outcome::Done)
}

fn headers(given: &[(Name, Value)]) -> anyhow::Result<Table> {
    let mut headers = Table::new();
    for (name, value) in given {
        if headers.insert(name.clone(), value.clone()).is_some() {
            anyhow::bail!("the header `{name}` is given twice; give it once");
        }
    }
    Ok(headers)
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
    /// Why it is refused, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Refusal>,
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
struct Refusal {
    what: String,
    hint: String,
}

#[derive(Serialize)]
struct Visited<'a> {
    exchange: &'a str,
    #[serde(rename = "type")]
    kind: ExchangeKind,
    bindings: Vec<Row<'a>>,
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
    why: String,
}

impl<'a> Answer<'a> {
    fn to(args: &'a ExplainArgs, headers: &'a Table, definitions: &'a Definitions) -> Self {
        let mut answer = Self {
            exchange: &args.exchange,
            key: &args.key,
            headers,
            outcome: Fate::Refused,
            queues: Vec::new(),
            visited: Vec::new(),
            refusal: None,
        };
        let Some(source) = definitions.exchange_named(&args.exchange) else {
            answer.refusal = Some(no_exchange(&args.exchange, definitions));
            return answer;
        };
        let explanation = definitions.explain(source.id, Keys::only(&args.key), headers, 0);
        let queues = explanation.queues.iter();
        answer.queues = queues.map(|&queue| definitions.queue_name(queue)).collect();
        answer.outcome = match answer.queues.is_empty() {
            true => Fate::Unroutable,
            false => Fate::Routed,
        };
        answer.visited = explanation
            .visits
            .iter()
            .filter_map(|visit| {
                let exchange = definitions.exchange(visit.exchange)?;
                let rows = visit.verdicts.iter();
                Some(Visited {
                    exchange: &exchange.name,
                    kind: exchange.kind,
                    bindings: rows
                        .map(|verdict| Row::of(verdict, &args.key, definitions))
                        .collect(),
                })
            })
            .collect();
        answer
    }

    fn print(&self, out: &mut impl Write) -> anyhow::Result<()> {
        if let Some(refusal) = &self.refusal {
            writeln!(
                out,
                "{}",
                t!("explain-refused", what = refusal.what.as_str())
            )?;
            writeln!(out, "{}", refusal.hint)?;
            return Ok(());
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
        Ok(())
    }
}

impl Visited<'_> {
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
        Ok(())
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

/// The broker's own words (P1), and what to write instead.
fn no_exchange(name: &str, definitions: &Definitions) -> Refusal {
    let there = definitions.exchanges().iter();
    let there = there.filter(|exchange| !exchange.deleted);
    let names: Vec<&str> = there.map(|exchange| exchange.name.as_str()).collect();
    // Those that every broker has are seldom meant, and the default exchange has no name to list.
    let (predeclared, declared): (Vec<&str>, Vec<&str>) = names
        .iter()
        .partition(|name| PREDECLARED.iter().any(|(known, _)| known == *name));
    let hint = match nearest(name, declared.iter().chain(&predeclared).copied()) {
        Some(near) => t!("explain-did-you-mean", name = near),
        None if declared.is_empty() => t!("explain-only-default"),
        None => t!("explain-exchanges", names = list(&declared)),
    };
    Refusal {
        what: format!(
            "{} - no exchange '{name}' in vhost '/'",
            ReplyCode::NotFound
        ),
        hint,
    }
}
