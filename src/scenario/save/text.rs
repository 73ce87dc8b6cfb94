//! Lines, fields and quoted text.

use std::fmt::{Display, Write};

use crate::broker::{Micros, Table, Value};
use crate::scenario::words::Words;

/// The most characters of one line, where there is a choice.
const WIDTH: usize = 100;

/// The fields of the scenario itself, or of a part of it, each on a line.
#[derive(Default)]
pub(super) struct Section {
    lines: String,
    /// How many brackets it stands in, besides the scenario's own.
    depth: usize,
}

impl Section {
    pub fn lines(&self) -> &str {
        &self.lines
    }

    /// The fields of a part of this one.
    pub fn within(&self) -> Self {
        Self {
            lines: String::new(),
            depth: self.depth + 1,
        }
    }

    /// The part, as it stands in its field.
    pub fn in_brackets(&self) -> String {
        let indent = "    ".repeat(self.depth);
        format!("(\n{}{indent})", self.lines)
    }

    pub fn line(&mut self, name: &str, value: impl Display) {
        // Writing to a string cannot fail.
        let indent = "    ".repeat(self.depth + 1);
        let _ = writeln!(self.lines, "{indent}{name}: {value},");
    }

    /// A list or a map: on one line if it is short, else one item a line; nothing if there are none.
    pub fn block(&mut self, name: &str, open: char, items: impl Iterator<Item = String>) {
        let items: Vec<String> = items.collect();
        let close = if open == '[' { ']' } else { '}' };
        let joined = items.join(", ");
        if items.is_empty() {
            return;
        }
        if joined.chars().count() <= WIDTH && !joined.contains('(') {
            self.line(name, format_args!("{open}{joined}{close}"));
        } else {
            let indent = "    ".repeat(self.depth + 1);
            let lines: String = items
                .iter()
                .map(|item| format!("{indent}    {item},\n"))
                .collect();
            self.line(name, format_args!("{open}\n{lines}{indent}{close}"));
        }
    }
}

/// `name: value, …` for the inside of a bracket, in the order they are added.
#[derive(Default)]
pub(super) struct Fields(Vec<String>);

impl Fields {
    pub fn add(&mut self, name: &str, value: impl Display) {
        self.0.push(format!("{name}: {value}"));
    }

    /// A flag that is off where nothing is said.
    pub fn add_flag(&mut self, name: &str, flag: bool) {
        if flag {
            self.add(name, true);
        }
    }

    pub fn add_some(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    pub fn in_brackets(self) -> String {
        format!("({})", self.0.join(", "))
    }
}

pub(super) fn words(words: &Words) -> String {
    if let Some(text) = words.alone() {
        return wrapped(text);
    }
    let texts = words.iter();
    let texts = texts.map(|(tag, text)| format!("        {}: {},\n", quoted(tag), wrapped(text)));
    format!("{{\n{}    }}", texts.collect::<String>())
}

/// Text for people, broken into lines, which means nothing in it.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let more = word.chars().count() + 1;
        if length > 0 {
            let full = length + more > WIDTH;
            lines.push_str(if full { "\n            " } else { " " });
            length = if full { 0 } else { length };
        }
        lines.push_str(&escaped(word));
        length += more;
    }
    format!("\"{lines}\"")
}

pub(super) fn duration(duration: Micros) -> String {
    format!("\"{duration}\"")
}

pub(super) fn table(table: &Table) -> String {
    Value::Table(table.clone().into()).to_string()
}

pub(in crate::scenario) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => escaped.extend(c.escape_unicode()),
            c => escaped.push(c),
        }
    }
    escaped
}
