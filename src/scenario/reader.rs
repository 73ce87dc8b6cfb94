//! Reading the tree: takes what is right, notes what is not, and goes on.

use std::collections::BTreeMap;

use super::error::Problem;
use super::nearest::nearest;
use super::remedy;
use super::source::{Source, Span};
use super::syntax::{Entry, Node, NodeKind};
use crate::t;

/// More problems than anyone reads at once; the rest is only counted.
const MOST_PROBLEMS: usize = 100;

/// Words for a problem, which are looked up only if there is one.
pub(super) type Phrase = fn() -> String;

/// Collects problems. Its methods return `None`, or less than was written, where they have noted one.
pub(super) struct Reader<'s> {
    source: &'s Source<'s>,
    problems: Vec<Problem>,
    left_out: usize,
}

impl<'s> Reader<'s> {
    pub fn new(source: &'s Source<'s>) -> Self {
        Self {
            source,
            problems: Vec::new(),
            left_out: 0,
        }
    }

    pub fn source(&self) -> &'s Source<'s> {
        self.source
    }

    /// The problems in the file's order, and how many there are besides.
    pub fn into_problems(mut self) -> (Vec<Problem>, usize) {
        self.problems.sort_by_key(|problem| problem.place);
        (self.problems, self.left_out)
    }

    /// Notes a problem; an empty hint is none.
    pub fn report(&mut self, span: Span, what: impl Into<String>, hint: impl Into<String>) {
        if self.is_full() {
            self.left_out += 1;
            return;
        }
        let hint = hint.into();
        self.problems.push(Problem {
            place: self.source.place(span.start),
            what: what.into(),
            hint: (!hint.is_empty()).then_some(hint),
            excerpt: self.source.excerpt(span),
        });
    }

    /// Notes that `wanted` is none of `candidates`, with the nearest of them, or all, as the hint.
    pub fn report_unknown<'c>(
        &mut self,
        span: Span,
        what: impl Into<String>,
        wanted: &str,
        candidates: impl Iterator<Item = &'c str> + Clone,
    ) {
        let hint = if self.is_full() {
            // Nobody will see it, and looking for it takes time.
            String::new()
        } else if let Some(near) = nearest(wanted, candidates.clone()) {
            t!("file-did-you-mean", name = near)
        } else {
            one_of(candidates)
        };
        self.report(span, what, hint);
    }

    /// Reads something, and says what to do about whatever is wrong with it, if the problem itself does not.
    pub fn hinting<T>(
        &mut self,
        hint: Phrase,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let before = self.problems.len();
        let found = read(self);
        for problem in self.problems.iter_mut().skip(before) {
            problem.hint.get_or_insert_with(hint);
        }
        found
    }

    /// Whether no problem was noted.
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    fn is_full(&self) -> bool {
        self.problems.len() >= MOST_PROBLEMS
    }

    /// Notes that something else than `wanted` was found.
    pub fn wrong_type(&mut self, node: &Node, wanted: impl FnOnce() -> String) {
        let hint = match &node.kind {
            NodeKind::Word(word) => t!("file-text-in-quotes", text = word.as_str()),
            _ => String::new(),
        };
        self.wrong(node, wanted, hint);
    }

    /// The same, with a hint of its own.
    pub fn wrong(&mut self, node: &Node, wanted: impl FnOnce() -> String, hint: String) {
        if self.is_full() {
            self.left_out += 1;
            return;
        }
        let found = match &node.kind {
            NodeKind::Bool(value) => format!("`{value}`"),
            NodeKind::Number(number) => t!("file-found-number", number = number.as_str()),
            NodeKind::Text(_) => t!("file-found-text"),
            NodeKind::Word(word) => t!("file-found-word", word = word.as_str()),
            NodeKind::List(_) => t!("file-found-list"),
            NodeKind::Group(items) if items.is_empty() => t!("file-found-nothing"),
            NodeKind::Group(_) => t!("file-found-values"),
            NodeKind::Map(_) => t!("file-found-names"),
            NodeKind::Call(word, _) => format!("`{word}(…)`"),
        };
        let what = t!("file-expected", wanted = wanted(), found = found);
        self.report(node.span, what, hint);
    }

    /// A map's entries, of which each name may stand once.
    pub fn entries<'t>(
        &mut self,
        node: &'t Node,
        wanted: impl FnOnce() -> String,
    ) -> Option<&'t [Entry]> {
        let entries = match &node.kind {
            NodeKind::Map(entries) => entries.as_slice(),
            NodeKind::Group(items) if items.is_empty() => &[],
            _ => {
                self.wrong_type(node, wanted);
                return None;
            }
        };
        let mut seen = BTreeMap::new();
        for entry in entries {
            if let Some(first) = seen.insert(entry.name.as_str(), entry.name_span) {
                let what = t!("file-twice", name = entry.name.as_str());
                self.report_twice(entry.name_span, what, first);
            }
        }
        Some(entries)
    }

    /// Notes that what is at `span` has stood at `first` already.
    pub fn report_twice(&mut self, span: Span, what: String, first: Span) {
        let line = self.source.line(first.start);
        self.report(span, what, t!("file-twice-hint", line = line));
    }

    /// The fields of `owner` ("a consumer"); what is missing among them is reported at `span`.
    pub fn fields<'t>(&mut self, node: &'t Node, owner: Phrase, span: Span) -> Option<Fields<'t>> {
        let wanted = || t!("file-wanted-fields", owner = owner());
        Some(Fields {
            entries: self.entries(node, wanted)?,
            known: Vec::new(),
            owner,
            span,
        })
    }

    /// A field that has to be there.
    pub fn required<'t>(
        &mut self,
        fields: &mut Fields<'t>,
        name: &'static str,
        example: &str,
    ) -> Option<&'t Node> {
        let found = fields.get(name);
        if found.is_none() && !fields.is_meant(name) {
            self.report(
                fields.span,
                t!("file-needs", owner = (fields.owner)(), field = name),
                t!("file-needs-hint", field = name, example = example),
            );
        }
        found
    }

    /// Notes the fields that nobody asked for. To be called when all were.
    pub fn finish(&mut self, fields: Fields<'_>) {
        for entry in fields.entries {
            if !fields.known.contains(&entry.name.as_str()) {
                let (owner, field) = ((fields.owner)(), entry.name.as_str());
                let what = t!("file-no-field", owner = owner, field = field);
                let known = fields.known.iter().copied();
                match remedy::field(field, known.clone()) {
                    Some(meant) => {
                        let meant = remedy::in_full(field, meant);
                        let hint = t!("file-did-you-mean", name = meant);
                        self.report(entry.name_span, what, hint);
                    }
                    None => self.report_unknown(entry.name_span, what, &entry.name, known),
                }
            }
        }
    }
}

/// The named fields of one thing. It learns which there are from being asked for them.
pub(super) struct Fields<'t> {
    entries: &'t [Entry],
    known: Vec<&'static str>,
    owner: Phrase,
    pub span: Span,
}

impl<'t> Fields<'t> {
    /// The field's value, if it is written.
    pub fn get(&mut self, name: &'static str) -> Option<&'t Node> {
        self.entry(name).map(|entry| &entry.value)
    }

    /// Whether a field is written that other tools call so, and that is told of as that.
    pub fn is_meant(&self, name: &'static str) -> bool {
        let known = self.known.iter().copied();
        let mut entries = self.entries.iter();
        entries.any(|entry| {
            let written = entry.name.as_str();
            !self.known.contains(&written) && remedy::field(written, known.clone()) == Some(name)
        })
    }

    /// Whether a field is written that nobody has asked for yet.
    pub fn has_unknown(&self) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| !self.known.contains(&entry.name.as_str()))
    }

    /// The field, if it is written.
    pub fn entry(&mut self, name: &'static str) -> Option<&'t Entry> {
        self.known.push(name);
        self.entries.iter().find(|entry| entry.name == name)
    }
}

/// "there are `a`, `b`, …", as far as it is short enough to be read.
fn one_of<'c>(candidates: impl Iterator<Item = &'c str> + Clone) -> String {
    let quoted = |name: &str| format!("`{name}`");
    let shown: Vec<String> = candidates.clone().take(12).map(quoted).collect();
    let is_all = candidates.count() == shown.len();
    let names = shown.join(", ");
    match shown.as_slice() {
        [] => String::new(),
        [_] => t!("file-only", name = names),
        _ if is_all => t!("file-there-are", names = names),
        _ => t!("file-there-are-more", names = names),
    }
}
