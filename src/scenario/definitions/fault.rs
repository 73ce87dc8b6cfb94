//! What is wrong in a definitions file, and where that is: by path while the file is read, as a place afterwards.
//!
//! A reader of JSON does not tell where a value began. So a fault keeps the path to it, and the text is walked again
//! for the few that there are.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;

use crate::scenario::error::Problem;
use crate::scenario::source::{Source, Span};

/// More problems than anyone reads at once; the rest is only counted.
const MOST: usize = 100;

/// The path to a value: `bindings[17].source`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Path {
    pub section: &'static str,
    pub index: Option<usize>,
    pub field: &'static str,
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.section)?;
        if let Some(index) = self.index {
            write!(f, "[{index}]")?;
        }
        if !self.field.is_empty() {
            write!(f, ".{}", self.field)?;
        }
        Ok(())
    }
}

/// One thing that is wrong.
struct Fault {
    path: Path,
    what: String,
    hint: String,
}

/// Where the reader is, and what it has found wrong.
#[derive(Default)]
pub(super) struct Faults {
    pub section: Cell<&'static str>,
    pub index: Cell<Option<usize>>,
    pub field: Cell<&'static str>,
    found: RefCell<Vec<Fault>>,
    left_out: Cell<usize>,
}

impl Faults {
    /// Where the reader is.
    pub fn path(&self) -> Path {
        Path {
            section: self.section.get(),
            index: self.index.get(),
            field: self.field.get(),
        }
    }

    /// Notes what is wrong with a field of the thing that is being read, or with the thing itself.
    pub fn report(&self, field: &'static str, what: String, hint: String) {
        let path = Path {
            field,
            ..self.path()
        };
        self.report_at(path, what, hint);
    }

    /// Notes what is wrong at a path; an empty hint is none.
    pub fn report_at(&self, path: Path, what: String, hint: String) {
        let mut found = self.found.borrow_mut();
        if found.len() < MOST {
            found.push(Fault { path, what, hint });
        } else {
            self.left_out.set(self.left_out.get() + 1);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// What was noted first, and the hint, without a place in a text.
    pub fn into_first(self) -> Option<(String, String)> {
        let first = self.found.into_inner().into_iter().next()?;
        let what = match first.path.field {
            "" => first.what,
            field => format!("{field}: {}", first.what),
        };
        Some((what, first.hint))
    }

    /// The problems in the file's order, and how many there are besides.
    pub fn into_problems(self, text: &str) -> (Vec<Problem>, usize) {
        let source = Source::new(text);
        let found = self.found.into_inner();
        let spans = locate(text, found.iter().map(|fault| fault.path));
        let mut problems: Vec<Problem> = found
            .into_iter()
            .map(|Fault { path, what, hint }| {
                let span = spans.get(&path).copied().unwrap_or(Span::at(0));
                Problem {
                    place: source.place(span.start),
                    what: match path.section {
                        "" => what,
                        _ => format!("{path}: {what}"),
                    },
                    hint: (!hint.is_empty()).then_some(hint),
                    excerpt: source.excerpt(span),
                }
            })
            .collect();
        problems.sort_by_key(|problem| problem.place);
        (problems, self.left_out.get())
    }
}

/// Where the values at some paths stand. For a field that is missing it is the start of what it is missing from.
pub(super) fn locate(text: &str, paths: impl Iterator<Item = Path>) -> BTreeMap<Path, Span> {
    let mut wanted: Vec<Path> = paths.collect();
    wanted.sort();
    wanted.dedup();
    let mut found = BTreeMap::new();
    let top = members(text, 0);
    let within = |span: Span| Span::at(span.start).to(Span::at(span.start + 1));
    let whole = Cursor::new(text, 0).value();
    for of_section in wanted.chunk_by(|a, b| a.section == b.section) {
        let Some(first) = of_section.first() else {
            continue;
        };
        // Of a key that stands twice, the last counts.
        let section = top.iter().rev().find(|(key, _)| *key == first.section);
        let Some((_, section)) = section else {
            found.extend(of_section.iter().map(|&path| (path, within(whole))));
            continue;
        };
        let mut elements = Elements::new(text, section.start);
        for of_index in of_section.chunk_by(|a, b| a.index == b.index) {
            let index = of_index.first().and_then(|path| path.index);
            let element = match index {
                None => Some(*section),
                Some(index) => elements.seek(index),
            };
            let element = element.unwrap_or(within(*section));
            let fields = members(text, element.start);
            for path in of_index {
                let field = fields.iter().rev().find(|(key, _)| *key == path.field);
                let span = match field {
                    _ if path.field.is_empty() => element,
                    Some((_, span)) => *span,
                    None => within(element),
                };
                found.insert(*path, span);
            }
        }
    }
    found
}

/// The keys and values of the object that begins at an offset; none if it is no object.
pub(super) fn members(text: &str, start: usize) -> Vec<(&str, Span)> {
    let mut cursor = Cursor::new(text, start);
    let mut members = Vec::new();
    if !cursor.takes(b'{') {
        return members;
    }
    loop {
        let key = cursor.value();
        if !cursor.takes(b':') {
            return members;
        }
        let value = cursor.value();
        let name = text.get(key.start + 1..key.end.saturating_sub(1));
        members.push((name.unwrap_or_default(), value));
        if value.end <= value.start || !cursor.takes(b',') {
            return members;
        }
    }
}

/// The elements of a list, one after the other.
struct Elements<'t> {
    cursor: Cursor<'t>,
    next: usize,
}

impl<'t> Elements<'t> {
    fn new(text: &'t str, start: usize) -> Self {
        let mut cursor = Cursor::new(text, start);
        cursor.takes(b'[');
        Self { cursor, next: 0 }
    }

    /// The element of that number, which is no less than the last that was asked for.
    fn seek(&mut self, index: usize) -> Option<Span> {
        loop {
            let span = self.cursor.value();
            let is_it = self.next == index;
            self.next += 1;
            if is_it || !self.cursor.takes(b',') {
                self.cursor.takes(b',');
                return is_it.then_some(span);
            }
        }
    }
}

/// Passes over JSON that has been read before, or may be.
struct Cursor<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str, at: usize) -> Self {
        let bytes = text.as_bytes();
        Self { bytes, at }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn takes(&mut self, wanted: u8) -> bool {
        self.space();
        let takes = self.peek() == Some(wanted);
        self.at += usize::from(takes);
        takes
    }

    /// Passes over a value, and says where it stood.
    fn value(&mut self) -> Span {
        self.space();
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.string(),
                b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                }
                b']' | b'}' | b',' | b':' if depth == 0 => break,
                b']' | b'}' => {
                    depth -= 1;
                    self.at += 1;
                }
                byte if depth == 0 && byte.is_ascii_whitespace() => break,
                _ => self.at += 1,
            }
            if depth == 0 && matches!(byte, b'"' | b']' | b'}') {
                break;
            }
        }
        Span {
            start,
            end: self.at,
        }
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        self.at = self.at.min(self.bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, section: &'static str, index: usize, field: &'static str) -> String {
        let path = Path {
            section,
            index: Some(index),
            field,
        };
        let span = locate(text, [path].into_iter())[&path];
        text[span.start..span.end].to_owned()
    }

    #[test]
    fn a_path_is_found_in_the_text() {
        let text = r#" {"a": {"b": [1, "]}"]}, "queues": [ {"name": "x\"}"}, {"durable" : 5 , "name":"y"} ]}"#;
        assert_eq!(at(text, "queues", 0, "name"), r#""x\"}""#);
        assert_eq!(at(text, "queues", 1, "name"), r#""y""#);
        assert_eq!(at(text, "queues", 1, "durable"), "5");
        assert_eq!(at(text, "queues", 1, "type"), "{");
        assert_eq!(at(text, "queues", 0, ""), r#"{"name": "x\"}"}"#);
        assert_eq!(at(text, "queues", 2, "name"), "[");
        assert_eq!(at(text, "bindings", 0, "name"), "{");
    }

    #[test]
    fn a_path_is_written_as_code_would() {
        let path = Path {
            section: "bindings",
            index: Some(17),
            field: "source",
        };
        assert_eq!(path.to_string(), "bindings[17].source");
        assert_eq!(Path { field: "", ..path }.to_string(), "bindings[17]");
    }
}
