//! What the broker would refuse of a publish, and what to do instead.

use std::io::Write;

use serde::Serialize;

use crate::broker::{Definitions, PREDECLARED, Refusal, ReplyCode};
use crate::scenario::nearest::nearest;
use crate::t;
use crate::words::{list_names, right, shown};

/// A refusal, with what would be right.
#[derive(Serialize)]
pub(super) struct Refused {
    what: String,
    code: u16,
    name: &'static str,
    text: String,
    rule: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    right: Option<String>,
    /// What was meant, if that can be guessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Refused {
    pub(super) fn new(refusal: &Refusal, exchange: &str, definitions: &Definitions) -> Self {
        let missing = refusal.code == ReplyCode::NotFound;
        Self {
            what: refusal.to_string().trim_end_matches(" - ").to_owned(),
            code: refusal.code.number(),
            name: refusal.code.name(),
            text: refusal.text.clone(),
            rule: refusal.rule,
            right: right(refusal),
            hint: missing.then(|| no_exchange(exchange, definitions)),
        }
    }

    pub(super) fn print(&self, out: &mut impl Write) -> anyhow::Result<()> {
        writeln!(out, "{}", t!("explain-refused", what = self.what.as_str()))?;
        // What was meant says more than what would be right.
        if let Some(advice) = self.hint.as_ref().or(self.right.as_ref()) {
            writeln!(out, "{advice}")?;
        }
        Ok(())
    }
}

/// What to write instead of the name of an exchange that is not there.
fn no_exchange(name: &str, definitions: &Definitions) -> String {
    let there = definitions.exchanges().iter();
    let there = there.filter(|exchange| !exchange.deleted && !exchange.internal);
    let names: Vec<&str> = there.map(|exchange| exchange.name.as_str()).collect();
    // Those that every broker has are seldom meant, and the default exchange has no name to list.
    let (predeclared, declared): (Vec<&str>, Vec<&str>) = names
        .iter()
        .partition(|name| PREDECLARED.iter().any(|(known, _)| known == *name));
    match nearest(name, declared.iter().chain(&predeclared).copied()) {
        Some(near) => t!("explain-did-you-mean", name = shown(near)),
        None if declared.is_empty() => t!("explain-only-default"),
        None => t!("explain-exchanges", names = list_names(&declared)),
    }
}
