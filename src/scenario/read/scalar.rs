//! Single values: texts, names, numbers, durations, tables.

use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::broker::{InnerTable, Micros, Name, Table, Value};
use crate::scenario::duration::parse_duration;
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::remedy::{nothing, truth};
use crate::scenario::source::Span;
use crate::scenario::syntax::{Entry, Node, NodeKind};
use crate::scenario::words::Words;
use crate::t;

/// The most octets of an AMQP short string (C17).
pub(in crate::scenario) const LONGEST_NAME: usize = 255;

impl Reader<'_> {
    pub fn text<'t>(&mut self, node: &'t Node, wanted: impl FnOnce() -> String) -> Option<&'t str> {
        match &node.kind {
            NodeKind::Text(text) => Some(text),
            _ => {
                self.wrong_type(node, wanted);
                None
            }
        }
    }

    /// A short string: a key, a property.
    pub fn name(&mut self, node: &Node, wanted: impl FnOnce() -> String) -> Option<Name> {
        let text = self.text(node, wanted)?;
        self.short(text, node.span)
    }

    fn short(&mut self, text: &str, span: Span) -> Option<Name> {
        if text.len() > LONGEST_NAME {
            self.report(
                span,
                t!("file-too-long", octets = text.len()),
                t!("file-too-long-hint", most = LONGEST_NAME),
            );
            return None;
        }
        Some(text.into())
    }

    /// The name of something that is declared: not empty, and on one line (C17).
    pub fn declared(&mut self, text: &str, span: Span) -> Option<Name> {
        if text.is_empty() || text.contains(char::is_control) {
            let what = match text.is_empty() {
                true => t!("file-empty-name"),
                false => t!("file-broken-name"),
            };
            self.report(span, what, t!("file-bad-name-hint"));
            return None;
        }
        self.short(text, span)
    }

    /// A map's entries with their names as names of declared things.
    pub fn declarations<'t>(
        &mut self,
        node: &'t Node,
        wanted: impl FnOnce() -> String,
    ) -> Vec<(Name, &'t Entry)> {
        let entries = self.entries(node, wanted).unwrap_or_default();
        let named = entries.iter().filter_map(|entry| {
            let name = self.declared(&entry.name, entry.name_span)?;
            Some((name, entry))
        });
        named.collect()
    }

    pub fn duration(&mut self, node: &Node) -> Option<Micros> {
        let (NodeKind::Text(text) | NodeKind::Number(text)) = &node.kind else {
            self.wrong_type(node, || t!("file-wanted-duration"));
            return None;
        };
        match parse_duration(text) {
            Ok(duration) => Some(duration),
            Err(error) => {
                let what = t!(
                    "file-duration-wrong",
                    text = text.as_str(),
                    error = error.to_string()
                );
                self.report(node.span, what, error.hint(text));
                None
            }
        }
    }

    /// A duration that must take some time.
    pub fn positive_duration(&mut self, node: &Node) -> Option<Micros> {
        let duration = self.duration(node)?;
        if duration == Micros::ZERO {
            self.report(
                node.span,
                t!("file-duration-zero"),
                t!("file-duration-zero-hint"),
            );
            return None;
        }
        Some(duration)
    }

    pub fn whole(&mut self, node: &Node, range: RangeInclusive<u64>) -> Option<u64> {
        let wanted = || {
            let least = range.start().to_string();
            match *range.end() {
                u64::MAX => t!("file-wanted-at-least", least = least),
                most => t!("file-wanted-range", least = least, most = most.to_string()),
            }
        };
        self.within(node, &range, wanted)
    }

    /// A number within a range, or a word of what was wanted.
    fn within<T: FromStr + PartialOrd>(
        &mut self,
        node: &Node,
        range: &RangeInclusive<T>,
        wanted: impl Fn() -> String,
    ) -> Option<T> {
        let NodeKind::Number(number) = &node.kind else {
            self.wrong_type(node, wanted);
            return None;
        };
        let found = number.replace('_', "").parse::<T>().ok();
        let found = found.filter(|number| range.contains(number));
        if found.is_none() {
            let found = format!("`{number}`");
            let what = t!("file-expected", wanted = wanted(), found = found);
            self.report(node.span, what, "");
        }
        found
    }

    /// A number from 0 to 1.
    pub fn share(&mut self, node: &Node) -> Option<f64> {
        let NodeKind::Number(number) = &node.kind else {
            self.wrong_type(node, || t!("file-wanted-share"));
            return None;
        };
        let found = number.parse().ok();
        let found = found.filter(|share| (0.0..=1.0).contains(share));
        if found.is_none() {
            let hint = match number.parse::<f64>() {
                Ok(percent) if (1.0..=100.0).contains(&percent) => {
                    t!(
                        "file-percent",
                        percent = percent.to_string(),
                        share = format!("{:.4}", percent / 100.0).trim_end_matches('0')
                    )
                }
                _ => String::new(),
            };
            let (wanted, found) = (t!("file-wanted-share"), format!("`{number}`"));
            let what = t!("file-expected", wanted = wanted, found = found);
            self.report(node.span, what, hint);
        }
        found
    }

    /// A number, with or without a point.
    pub fn quantity(&mut self, node: &Node, range: RangeInclusive<f64>) -> Option<f64> {
        let wanted = || {
            let (least, most) = (range.start().to_string(), range.end().to_string());
            t!("file-wanted-quantity", least = least, most = most)
        };
        self.within(node, &range, wanted)
    }

    pub fn flag(&mut self, node: &Node) -> Option<bool> {
        let meant = match &node.kind {
            NodeKind::Bool(value) => return Some(*value),
            NodeKind::Word(word) | NodeKind::Text(word) | NodeKind::Number(word) => truth(word),
            _ => None,
        };
        match meant {
            Some(meant) => {
                let hint = t!("file-write", text = meant);
                self.wrong(node, || t!("file-wanted-flag"), hint);
            }
            None => self.wrong_type(node, || t!("file-wanted-flag")),
        }
        None
    }

    /// A field that is `true` or `false`, and `false` if it is not written.
    pub fn flag_in(&mut self, fields: &mut Fields<'_>, name: &'static str) -> bool {
        let node = fields.get(name);
        node.and_then(|node| self.flag(node)).unwrap_or_default()
    }

    /// A whole number of either sign.
    pub fn signed(&mut self, node: &Node) -> Option<i64> {
        let NodeKind::Number(number) = &node.kind else {
            self.wrong_type(node, || t!("file-wanted-whole"));
            return None;
        };
        let found = number.replace('_', "").parse().ok();
        if found.is_none() {
            let (wanted, found) = (t!("file-wanted-whole"), format!("`{number}`"));
            self.report(
                node.span,
                t!("file-expected", wanted = wanted, found = found),
                "",
            );
        }
        found
    }

    /// One of several words, in quotes or not; `unknown` says that the one that is found is none of them.
    pub fn choice<T: Copy>(
        &mut self,
        node: &Node,
        choices: &[(&str, T)],
        unknown: impl FnOnce(&str) -> String,
    ) -> Option<T> {
        let words = choices.iter().map(|(word, _)| *word);
        let (NodeKind::Word(found) | NodeKind::Text(found)) = &node.kind else {
            let all: Vec<String> = words.map(|word| format!("`{word}`")).collect();
            self.wrong_type(node, || all.join(&t!("file-or")));
            return None;
        };
        let chosen = choices.iter().find(|(word, _)| word == found);
        if chosen.is_none() {
            self.report_unknown(node.span, unknown(found), found, words);
        }
        chosen.map(|(_, value)| *value)
    }

    pub fn list<'t>(&mut self, node: &'t Node, wanted: impl FnOnce() -> String) -> &'t [Node] {
        match &node.kind {
            NodeKind::List(items) => items,
            _ => {
                self.wrong_type(node, wanted);
                &[]
            }
        }
    }

    /// Text for people, in one language or by language.
    pub fn words(&mut self, node: &Node) -> Option<Words> {
        if let NodeKind::Text(text) = &node.kind {
            return Some(text.as_str().into());
        }
        let mut texts = Vec::new();
        for entry in self.entries(node, || t!("file-wanted-words"))? {
            let tag = &entry.name;
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
            if !tag.starts_with(|c: char| c.is_ascii_alphabetic()) || !tag.chars().all(fits) {
                self.report(
                    entry.name_span,
                    t!("file-no-language", tag = tag.as_str()),
                    t!("file-no-language-hint"),
                );
            } else if let Some(text) = self.text(&entry.value, || t!("file-wanted-text")) {
                texts.push((tag.clone(), text.to_owned()));
            }
        }
        Some(Words::by_language(texts))
    }

    /// Headers or arguments.
    pub fn table(&mut self, node: &Node) -> Option<Table> {
        Some(self.inner_table(node)?.into())
    }

    fn inner_table(&mut self, node: &Node) -> Option<InnerTable> {
        let entries = self.entries(node, || t!("file-wanted-table"))?;
        let fields = entries.iter().filter_map(|entry| {
            let name = self.short(&entry.name, entry.name_span);
            Some((name?, self.value(&entry.value)?))
        });
        Some(fields.collect())
    }

    /// A field's value. It cannot be nested deeper than the file's brackets.
    fn value(&mut self, node: &Node) -> Option<Value> {
        match &node.kind {
            NodeKind::Bool(value) => Some(Value::Bool(*value)),
            NodeKind::Text(text) => Some(Value::Text(text.as_str().into())),
            NodeKind::Number(number) => self.number(node, number),
            NodeKind::Group(items) if items.is_empty() => Some(Value::Void),
            NodeKind::List(items) => {
                let values = items.iter().filter_map(|item| self.value(item));
                Some(Value::Array(values.collect()))
            }
            NodeKind::Map(_) => self.inner_table(node).map(Value::Table),
            NodeKind::Word(word) if truth(word).is_some() || nothing(word) => {
                let meant = truth(word).unwrap_or("()");
                let hint = t!("file-write-or-text", meant = meant, text = word.as_str());
                self.wrong(node, || t!("file-wanted-field-value"), hint);
                None
            }
            NodeKind::Word(_) | NodeKind::Group(_) | NodeKind::Call(..) => {
                self.wrong_type(node, || t!("file-wanted-field-value"));
                None
            }
        }
    }

    fn number(&mut self, node: &Node, number: &str) -> Option<Value> {
        let digits = number.replace('_', "");
        if let Ok(whole) = digits.parse() {
            return Some(Value::Int(whole));
        }
        let fractional = digits.contains(['.', 'e', 'E']);
        match digits.parse::<f64>() {
            Ok(double) if fractional && double.is_finite() => Some(Value::Double(double)),
            Ok(_) => {
                self.report(node.span, t!("file-large-number", number = number), "");
                None
            }
            Err(_) => {
                let hint = t!("file-no-number-hint", text = number);
                self.report(node.span, t!("file-no-number", text = number), hint);
                None
            }
        }
    }
}
